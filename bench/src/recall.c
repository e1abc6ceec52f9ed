// Remembering and recalling among many memories, beside stores that search texts and one that does not.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "holds.h"
#include "measures.h"
#include "memory_stores.h"
#include "recall_first.h"
#include "recall_wire.h"

enum { ROUNDS = 4, EACH = 250, INSERTS = 500 };

static long inserted;     // how many more have been stored since, of the file "more"
static struct wire wire;  // AgentHost again, through its standard input and output

// Asks each store in turn for so many lines of a file, and leaves the first round out.
static void measure(const char *command, const char *file, int each, struct samples *samples, struct samples *wired) {
    for (int round = 0; round <= ROUNDS; round++) {
        struct samples warm[STORES + 1] = {0};
        for (int s = 0; s < STORES; s++) {
            if (!here(s)) continue;
            store_ask(&stores[s].child, "%s %s/%s %d %d", command, folder, file, round * each, each);
            store_answer(&stores[s].child, round > 0 ? &samples[s] : &warm[s]);
        }
        if (wired && wire.open) wire_recall(&wire, file, round * each, each, round > 0 ? wired : &warm[STORES]);
    }
}

static void measure_warm(void) {
    static const struct {
        const char *what, *command, *file;
        double p50, p99;
    } kinds[] = {
        {"recall of 2-3 words", "recall", "short.txt", 0.2, 1.0},
        {"their numbers only", "find", "short.txt", 0, 0},
        {"recall for 8-word questions", "recall", "long.txt", 0, 10},
        {"recall of 2-3 words, one misspelt", "recall", "short-typo.txt", 0, 0},
        {"recall for 8 words, one misspelt", "recall", "long-typo.txt", 0, 0},
    };
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        struct samples samples[STORES] = {0}, wired = {0};
        bool recalls = strcmp(kinds[kind].command, "recall") == 0;
        measure(kinds[kind].command, kinds[kind].file, EACH, samples, recalls ? &wired : NULL);
        stores_table(kinds[kind].what, samples, &wired, 50, kinds[kind].p50);
        stores_table(kinds[kind].what, samples, &wired, 99, kinds[kind].p99);
    }
}

// Of what the right words find, how much the misspelt ones find too.
static void measure_agreement(const char *what, const char *file) {
    table_head(what, "per cent");
    for (int s = 0; s < STORES; s++) {
        struct samples shares = {0};
        if (s == LANGGRAPH || !here(s)) continue;
        store_ask(&stores[s].child, "agree %s/%s.txt %s/%s-typo.txt 500", folder, file, folder, file);
        store_answer(&stores[s].child, &shares);
        stores_row(s, &shares, 50, 100);
    }
}

static void measure_inserts(void) {
    struct samples samples[STORES] = {0}, wired = {0};
    for (int round = 0; round < ROUNDS; round++) {
        for (int s = 0; s < STORES; s++) {
            if (!here(s)) continue;
            store_ask(&stores[s].child, "insert %s/more.jsonl %ld %d", folder, inserted, INSERTS);
            store_answer(&stores[s].child, &samples[s]);
        }
        inserted += INSERTS;
        if (wire.open) wire_remember(&wire, inserted, INSERTS, &wired);
        inserted += INSERTS;
    }
    stores_table("one durable memory", samples, &wired, 50, 0.25);
    stores_table("one durable memory", samples, &wired, 99, 5);
}

static const char *file_of(const char *command) {
    return strcmp(command, "insert") == 0 ? "more.jsonl" : "short.txt";
}

// One process has something to do for as long as another has: to recall or to insert so many lines of a file.
static void measure_beside(const char *what, const char *command, const char *other, int count) {
    bool inserts = strcmp(command, "insert") == 0, other_inserts = strcmp(other, "insert") == 0;
    struct samples samples[STORES] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        long first = inserts ? inserted + count : round * EACH;
        for (int s = 0; s < STORES; s++) {
            // Only one process may have a writer of tantivy's.
            if (!here(s) || s == LANGGRAPH || (s == TANTIVY && inserts && other_inserts)) continue;
            struct store_peer beside = stores[s];
            struct samples theirs = {0};
            store_start(&beside);
            store_ask(&beside.child, "%s %s/%s %ld %d", other, folder, file_of(other), other_inserts ? inserted : 0L,
                      count);
            do {
                store_ask(&stores[s].child, "%s %s/%s %ld %d", command, folder, file_of(command), first, EACH);
                store_answer(&stores[s].child, &samples[s]);
            } while (store_answered(&beside.child, &theirs) < 0);
            child_stop(&beside.child);
        }
        if (other_inserts) inserted += count;
        if (inserts) inserted += EACH;
    }
    stores_table(what, samples, NULL, 50, 0);
    stores_table(what, samples, NULL, 99, 0);
}

static void measure_keyed(void) {
    static const char *const kinds[][2] = {
        {"put", "a memory under its key"}, {"get", "the memory of a key"}, {"list", "ten of a namespace"}};
    for (int kind = 0; kind < 3; kind++) {
        struct samples samples[STORES] = {0};
        for (int round = 0; round < ROUNDS; round++)
            for (int s = OURS; s < STORES; s += LANGGRAPH) {
                if (!here(s)) continue;
                store_ask(&stores[s].child, "%s %s/all.jsonl %d 100", kinds[kind][0], folder, round * 100);
                store_answer(&stores[s].child, &samples[s]);
            }
        table_head(kinds[kind][1], "ms, p50");
        stores_row(OURS, &samples[OURS], 50, 0.001);
        stores_row(LANGGRAPH, &samples[LANGGRAPH], 50, 0.001);
    }
}

static void measure_size(long count) {
    printf("\n--- %ld memories ---\n", count);
    stores_prepare(count);
    inserted = 0;
    stores_build();
    measure_cold();
    stores_start();
    wire_open(&wire);
    measure_warm();
    measure_agreement("of the ten, found with a misspelt word of 2-3", "short");
    measure_agreement("of the ten, found with one misspelt of 8", "long");
    measure_first();
    measure_inserts();
    measure_keyed();
    measure_beside("recall of 2-3 words, another process writes", "recall", "insert", 20000);
    measure_beside("recall of 2-3 words, another recalls too", "recall", "recall", 2000);
    measure_beside("one durable memory, another process writes", "insert", "insert", 10000);
    wire_close(&wire);
    stores_stop();
    if (here(OURS) && memories == 100000) measure_holds(&stores[OURS], folder);
}

void measure_memory(const struct peer *peers) {
    (void)peers;
    child_patience_ms = 3600 * 1000;
    const char *sizes = getenv("BENCH_MEMORIES");
    if (!sizes || !*sizes) sizes = "100000 1000000";
    long count;
    for (char *after; (count = strtol(sizes, &after, 10)) > 0; sizes = after) measure_size(count);
    child_patience_ms = 30000;
}
