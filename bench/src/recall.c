// Remembering and recalling among many memories, beside stores that search texts and one that does not.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "measures.h"
#include "recall_wire.h"
#include "store_peer.h"
#include "table.h"

enum { OURS, FTS5, TANTIVY, POSTGRESQL, LANGGRAPH, STORES };
enum { ROUNDS = 4, EACH = 250, INSERTS = 500, EXTRA = 200000, FIRSTS = 11 };

static struct store_peer stores[STORES] = {
    {.name = "agenthost, in process"}, {.name = "FTS5, in process"},        {.name = "tantivy, in process"},
    {.name = "PostgreSQL, a server"},  {.name = "LangGraph's SqliteStore"},
};
static const char *const scripts[STORES] = {NULL, "fts5", "tantivy", "postgres", "langgraph"};

static char folder[512];  // of the memories, the questions and the stores of one size
static long memories;     // how many
static long inserted;     // how many more have been stored since, of the file "more"
static struct wire wire;  // AgentHost again, through its standard input and output

static void run(const char *format, ...) {
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (system(command) != 0) fail("failed: %s", command);
}

static bool here(int store) { return stores[store].program.arguments[0] != NULL; }

// The programs and folders of the stores, as bench/run has named them.
static void find_stores(void) {
    const char *python = getenv("BENCH_PYTHON");
    static char paths[STORES][1024];
    for (int s = 0; s < STORES; s++) {
        struct store_peer *store = &stores[s];
        const char **arguments = store->program.arguments;
        store->program.name = store->name;
        snprintf(store->folder, sizeof store->folder, "%s/%s", folder, scripts[s] ? scripts[s] : "agenthost");
        snprintf(paths[s], sizeof paths[s], "bench/peers/memory_%s.py", scripts[s] ? scripts[s] : "");
        arguments[0] = scripts[s] ? python : getenv("BENCH_MEMORY_BENCH");
        if (s == POSTGRESQL && !getenv("BENCH_POSTGRES")) arguments[0] = NULL;
        arguments[1] = scripts[s] ? paths[s] : store->folder;
        arguments[2] = scripts[s] ? store->folder : NULL;
        if (arguments[0]) run("mkdir -p '%s'", store->folder);
    }
}

static void prepare(void) {
    const char *kept = getenv("BENCH_MEMORY_FOLDER");
    snprintf(folder, sizeof folder, "%s/memories-%ld", kept && *kept ? kept : getenv("BENCH_FOLDER"), memories);
    run("mkdir -p '%s'", folder);
    char path[1024];
    snprintf(path, sizeof path, "%s/long-typo.txt", folder);
    struct stat status;
    if (stat(path, &status) == 0) return;
    const char *generator = getenv("BENCH_GENERATOR"), *python = getenv("BENCH_PYTHON");
    run("'%s' %ld 1 > '%s/all.jsonl'", generator, memories, folder);
    run("'%s' %d 1 %ld > '%s/more.jsonl'", generator, EXTRA, memories, folder);
    run("'%s' bench/generators/queries.py '%s/all.jsonl' '%s'", python, folder, folder);
}

static void row(int store, struct samples *samples, double percent, double scale) {
    const char *name = stores[store].name;
    if (!here(store)) table_note(name, "not here");
    else if (samples->count == 0) table_note(name, "cannot");
    else if (store == OURS) table_base(name, percentile(samples, percent) * scale);
    else table_peer(name, percentile(samples, percent) * scale);
}

// A limit holds for the million that it was set for; 0 is none.
static void table(const char *what, struct samples *samples, struct samples *through_wire, double percent,
                  double limit) {
    char head[128], text[32];
    snprintf(head, sizeof head, "%s, p%.0f", what, percent);
    table_head(head, "ms");
    for (int s = 0; s < STORES; s++) {
        if (s == OURS && samples[s].count > 0 && limit > 0 && memories == 1000000) {
            snprintf(text, sizeof text, "%g ms", limit);
            table_own(stores[s].name, percentile(&samples[s], percent) / 1000, AT_MOST, limit, text);
        } else if (s != LANGGRAPH || samples[s].count > 0) {
            row(s, &samples[s], percent, 0.001);
        }
        if (s == OURS && through_wire && through_wire->count > 0)
            table_peer("agenthost, through standard input", percentile(through_wire, percent) / 1000);
    }
}

// The folders hold what was built before when BENCH_MEMORY_FOLDER keeps them.
static void build(void) {
    struct samples built[STORES] = {0};
    for (int s = 0; s < STORES; s++) {
        if (!here(s)) continue;
        char mark[1100];
        snprintf(mark, sizeof mark, "%s/built", stores[s].folder);
        store_start(&stores[s]);
        FILE *file = s == POSTGRESQL ? NULL : fopen(mark, "r");
        if (file) {
            double seconds, bytes;
            if (fscanf(file, "%lf %lf", &seconds, &bytes) == 2) sample(&built[s], seconds), sample(&built[s], bytes);
            fclose(file);
            continue;
        }
        fprintf(stderr, "bench: %s takes %ld memories\n", stores[s].name, memories);
        store_ask(&stores[s].child, "build %s/all.jsonl", folder);
        store_answer(&stores[s].child, &built[s]);
        if (!(file = fopen(mark, "w"))) fail("%s cannot be written", mark);
        for (size_t i = 0; i < built[s].count; i++) fprintf(file, "%f ", built[s].values[i]);
        fclose(file);
    }
    for (int part = 0; part < 2; part++) {
        table_head(part == 0 ? "taking them all in" : "stored for them", part == 0 ? "s" : "MB");
        for (int s = 0; s < STORES; s++) {
            struct samples one = {.values = built[s].values ? built[s].values + part : NULL,
                                  .count = built[s].count > 0};
            row(s, &one, 50, part == 0 ? 1 : 1e-6);
        }
    }
}

// Asks each store in turn for so many lines of a file, and leaves the first round out.
static void measure(const char *command, const char *file, int each, struct samples *samples, struct samples *wired) {
    for (int round = 0; round <= ROUNDS; round++) {
        struct samples warm[STORES + 1] = {0};
        for (int s = 0; s < STORES; s++) {
            if (!here(s)) continue;
            store_ask(&stores[s].child, "%s %s/%s %d %d", command, folder, file, round * each, each);
            store_answer(&stores[s].child, round > 0 ? &samples[s] : &warm[s]);
        }
        if (wired && wire.open) wire_recall(&wire, folder, file, round * each, each, round > 0 ? wired : &warm[STORES]);
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
        table(kinds[kind].what, samples, &wired, 50, kinds[kind].p50);
        table(kinds[kind].what, samples, &wired, 99, kinds[kind].p99);
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
        row(s, &shares, 50, 100);
    }
}

// A process that is new each time. Its own time from opening the store to its ten memories.
static void measure_first(void) {
    struct samples samples[STORES] = {0};
    for (int round = 0; round < FIRSTS; round++)
        for (int s = 0; s < STORES; s++) {
            if (!here(s)) continue;
            struct store_peer fresh = stores[s];
            store_start(&fresh);
            store_ask(&fresh.child, "first %s/short.txt %d 1", folder, round);
            store_answer(&fresh.child, &samples[s]);
            child_stop(&fresh.child);
        }
    table("first recall of a process, store opened", samples, NULL, 50, 0);
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
        if (wire.open) wire_remember(&wire, folder, inserted, INSERTS, &wired);
        inserted += INSERTS;
    }
    table("one durable memory", samples, &wired, 50, 0.25);
    table("one durable memory", samples, &wired, 99, 5);
}

// One process asks for as long as another has something to do: to insert or to recall so many lines of a file.
static void measure_beside(const char *what, const char *other, const char *file, int count) {
    bool inserts = strcmp(other, "insert") == 0;
    struct samples samples[STORES] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        for (int s = 0; s < STORES; s++) {
            if (!here(s) || s == LANGGRAPH) continue;
            struct store_peer beside = stores[s];
            struct samples theirs = {0};
            store_start(&beside);
            store_ask(&beside.child, "%s %s/%s %ld %d", other, folder, file, inserts ? inserted : 0L, count);
            do {
                store_ask(&stores[s].child, "recall %s/short.txt %d %d", folder, round * EACH, EACH);
                store_answer(&stores[s].child, &samples[s]);
            } while (store_answered(&beside.child, &theirs) < 0);
            child_stop(&beside.child);
        }
        if (inserts) inserted += count;
    }
    table(what, samples, NULL, 50, 0);
    table(what, samples, NULL, 99, 0);
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
        row(OURS, &samples[OURS], 50, 0.001);
        row(LANGGRAPH, &samples[LANGGRAPH], 50, 0.001);
    }
}

static void measure_size(void) {
    printf("\n--- %ld memories ---\n", memories);
    prepare();
    find_stores();
    inserted = 0;
    build();
    wire_open(&wire, &stores[OURS]);
    measure_warm();
    measure_agreement("of the ten, found with a misspelt word of 2-3", "short");
    measure_agreement("of the ten, found with one misspelt of 8", "long");
    measure_first();
    wire_process(&wire, folder, memories, FIRSTS);
    measure_inserts();
    measure_keyed();
    measure_beside("recall of 2-3 words, another process writes", "insert", "more.jsonl", 20000);
    measure_beside("recall of 2-3 words, another recalls too", "recall", "short.txt", 2000);
    wire_close(&wire);
    for (int s = 0; s < STORES; s++)
        if (here(s)) child_stop(&stores[s].child);
}

void measure_memory(const struct peer *peers) {
    (void)peers;
    child_patience_ms = 3600 * 1000;
    const char *sizes = getenv("BENCH_MEMORIES");
    if (!sizes || !*sizes) sizes = "100000 1000000";
    for (char *after; (memories = strtol(sizes, &after, 10)) > 0; sizes = after) measure_size();
    child_patience_ms = 30000;
}
