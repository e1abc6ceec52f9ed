// Writes memories as JSON Lines, the same ones for the same seed on every machine: lines that memory.import takes.
// usage: memories COUNT [SEED [FIRST]]
//
// A memory has 15 to 45 words. The words follow the law of Zipf and Mandelbrot, 1 / (rank + 2.7), over 100,000: English
// function words, words of ordinary work, then pronounceable ones that a table of syllables makes, longer the rarer
// they are. One word in four after the function words is inflected. FIRST skips so many memories (their words differ
// from those of the ones before, being drawn from the memory's own number).
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum { VOCABULARY = 100000, WORD_BYTES = 24, NAMESPACES = 8, SLOTS = 1 << 18, GUIDES = 1 << 16 };

static char words[VOCABULARY][WORD_BYTES];
static double shares[VOCABULARY];  // the share of all words that this one and the more frequent ones have
static int guide[GUIDES + 1];      // the first word whose share reaches so many parts of GUIDES
static int slots[SLOTS];           // the place of each word plus one, by its hash
static const int functions = COUNT_OF(function_words);

// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
static uint64_t next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint64_t below(uint64_t *state, uint64_t limit) { return (next(state) >> 32) * limit >> 32; }

// Whether the word was new.
static int add_word(int place, const char *word) {
    uint32_t hash = 2166136261;
    for (const char *byte = word; *byte; byte++) hash = (hash ^ (uint8_t)*byte) * 16777619;
    for (uint32_t slot = hash;; slot++) {
        int *found = &slots[slot % SLOTS];
        if (*found == 0) {
            *found = place + 1;
            strcpy(words[place], word);
            return 1;
        }
        if (strcmp(words[*found - 1], word) == 0) return 0;
    }
}

static void make_word(uint64_t *state, int syllables, char *word) {
    static const char *const onsets[] = {"b",  "c",  "d",  "f",  "g",  "h",  "l",  "m",  "n",  "p",  "r",  "s",
                                         "t",  "v",  "w",  "k",  "j",  "br", "cr", "dr", "fl", "gr", "pl", "pr",
                                         "sh", "st", "th", "tr", "ch", "cl", "sp", "sl", "qu", "",   "",   "z"};
    static const char *const nuclei[] = {"a", "e",  "i",  "o",  "u",  "a",  "e", "i",
                                         "o", "ea", "ou", "ai", "ee", "oo", "y"};
    static const char *const codas[] = {"",  "",  "",   "",   "n",  "r",  "l",  "t",
                                        "s", "m", "nd", "st", "ck", "rd", "nt", "p"};
    *word = 0;
    for (int syllable = 0; syllable < syllables; syllable++) {
        strcat(word, onsets[below(state, COUNT_OF(onsets))]);
        strcat(word, nuclei[below(state, COUNT_OF(nuclei))]);
        if (syllable == syllables - 1 || below(state, 3) == 0) strcat(word, codas[below(state, COUNT_OF(codas))]);
    }
}

static void make_vocabulary(void) {
    uint64_t state = 1;
    int place = 0;
    for (size_t i = 0; i < COUNT_OF(function_words); i++) place += add_word(place, function_words[i]);
    for (size_t i = 0; i < COUNT_OF(work_words); i++) place += add_word(place, work_words[i]);
    while (place < VOCABULARY) {
        char word[64];
        int syllables = place < 2000 ? 1 + (int)below(&state, 2) : place < 20000 ? 2 : 2 + (int)below(&state, 2);
        make_word(&state, syllables, word);
        size_t length = strlen(word);
        if (length >= 3 && length < 15) place += add_word(place, word);
    }
    double sum = 0;
    for (int i = 0; i < VOCABULARY; i++) shares[i] = sum += 1 / (i + 3.7);
    for (int i = 0; i < VOCABULARY; i++) shares[i] /= sum;
    for (int part = 0, i = 0; part <= GUIDES; part++) {
        while (i < VOCABULARY - 1 && shares[i] < (double)part / GUIDES) i++;
        guide[part] = i;
    }
}

static int draw(uint64_t *state) {
    double share = (double)(next(state) >> 11) * 0x1p-53;
    int place = guide[(int)(share * GUIDES)];
    while (place < VOCABULARY - 1 && shares[place] < share) place++;
    return place;
}

// Appends the word in the form that its place in a text asks for.
static char *append(uint64_t *state, char *to, int place) {
    static const char *const endings[] = {"s", "s", "ed", "ing"};
    const char *word = words[place];
    to = stpcpy(to, word);
    size_t length = strlen(word);
    int plain = place < functions || length < 4 || strchr("aeiouysxz", word[length - 1]) || below(state, 4);
    return plain ? to : stpcpy(to, endings[below(state, COUNT_OF(endings))]);
}

static void write_memory(uint64_t seed, uint64_t number) {
    uint64_t state = seed * 0xd1342543de82ef95 + number;
    char line[4096], *end = line;
    end += sprintf(end, "{\"namespace\":\"n%d\",\"importance\":0.%02d,\"value\":\"", (int)below(&state, NAMESPACES),
                   (int)below(&state, 100));
    for (int left = 15 + (int)below(&state, 31); left > 0; left--) {
        end = append(&state, end, draw(&state));
        if (left > 1) *end++ = ' ';
    }
    end = stpcpy(end, ".\"}\n");
    fwrite(line, 1, (size_t)(end - line), stdout);
}

int main(int count, char **arguments) {
    if (count < 2) return fprintf(stderr, "usage: memories COUNT [SEED [FIRST]]\n"), 64;
    uint64_t total = strtoull(arguments[1], NULL, 10);
    uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    uint64_t first = count > 3 ? strtoull(arguments[3], NULL, 10) : 0;
    make_vocabulary();
    for (uint64_t number = first; number < first + total; number++) write_memory(seed, number);
    return fflush(stdout) == 0 ? 0 : 1;
}
