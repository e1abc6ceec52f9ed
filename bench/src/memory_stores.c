#include "memory_stores.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct store_peer stores[STORES] = {
    {.name = "agenthost, in process"}, {.name = "FTS5, in process"},        {.name = "tantivy, in process"},
    {.name = "PostgreSQL, a server"},  {.name = "LangGraph's SqliteStore"},
};
char folder[512];
long memories;

enum { EXTRA = 200000 };
static const char *const scripts[STORES] = {NULL, "fts5", "tantivy", "postgres", "langgraph"};

static void run(const char *format, ...) {
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (system(command) != 0) fail("failed: %s", command);
}

bool here(int store) { return stores[store].program.arguments[0] != NULL; }

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

void stores_prepare(long count) {
    memories = count;
    const char *kept = getenv("BENCH_MEMORY_FOLDER");
    snprintf(folder, sizeof folder, "%s/memories-%ld", kept && *kept ? kept : getenv("BENCH_FOLDER"), memories);
    run("mkdir -p '%s'", folder);
    char path[1024];
    snprintf(path, sizeof path, "%s/long-typo.txt", folder);
    struct stat status;
    find_stores();
    if (stat(path, &status) == 0) return;
    const char *generator = getenv("BENCH_GENERATOR"), *python = getenv("BENCH_PYTHON");
    run("'%s' %ld 1 > '%s/all.jsonl'", generator, memories, folder);
    run("'%s' %d 1 %ld > '%s/more.jsonl'", generator, EXTRA, memories, folder);
    run("'%s' bench/generators/queries.py '%s/all.jsonl' '%s'", python, folder, folder);
}

void stores_row(int store, struct samples *samples, double percent, double scale) {
    const char *name = stores[store].name;
    if (!here(store)) table_note(name, "not here");
    else if (samples->count == 0) table_note(name, "cannot");
    else if (store == OURS) table_base(name, percentile(samples, percent) * scale);
    else table_peer(name, percentile(samples, percent) * scale);
}

void stores_table(const char *what, struct samples *samples, struct samples *through_wire, double percent,
                  double limit) {
    char head[128], text[32];
    snprintf(head, sizeof head, "%s, p%.0f", what, percent);
    table_head(head, "ms");
    for (int s = 0; s < STORES; s++) {
        if (s == OURS && samples[s].count > 0 && limit > 0 && memories == 1000000) {
            snprintf(text, sizeof text, "%g ms", limit);
            table_own(stores[s].name, percentile(&samples[s], percent) / 1000, AT_MOST, limit, text);
        } else if (s != LANGGRAPH || samples[s].count > 0) {
            stores_row(s, &samples[s], percent, 0.001);
        }
        if (s == OURS && through_wire && through_wire->count > 0)
            table_peer("agenthost, through standard input", percentile(through_wire, percent) / 1000);
    }
}

static void show_built(struct samples built[STORES]) {
    for (int part = 0; part < 2; part++) {
        table_head(part == 0 ? "taking them all in" : "stored for them", part == 0 ? "s" : "MB");
        for (int s = 0; s < STORES; s++) {
            struct samples one = {.values = built[s].values ? built[s].values + part : NULL,
                                  .count = built[s].count > 0};
            stores_row(s, &one, 50, part == 0 ? 1 : 1e-6);
        }
    }
}

void stores_build(void) {
    struct samples built[STORES] = {0};
    for (int s = 0; s < STORES; s++) {
        if (!here(s)) continue;
        char mark[1100];
        snprintf(mark, sizeof mark, "%s/built", stores[s].folder);
        FILE *file = fopen(mark, "r");
        if (file) {
            double seconds, bytes;
            if (fscanf(file, "%lf %lf", &seconds, &bytes) == 2) sample(&built[s], seconds), sample(&built[s], bytes);
            fclose(file);
            continue;
        }
        fprintf(stderr, "bench: %s takes %ld memories\n", stores[s].name, memories);
        // What an earlier run has not ended.
        run("rm -rf '%s' && mkdir '%s'", stores[s].folder, stores[s].folder);
        store_start(&stores[s]);
        store_ask(&stores[s].child, "build %s/all.jsonl", folder);
        store_answer(&stores[s].child, &built[s]);
        child_finish(&stores[s].child);
        if (!(file = fopen(mark, "w"))) fail("%s cannot be written", mark);
        for (size_t i = 0; i < built[s].count; i++) fprintf(file, "%f ", built[s].values[i]);
        fclose(file);
    }
    show_built(built);
}

void stores_start(void) {
    const char *postgres = getenv("BENCH_POSTGRES_DATA");
    run("find '%s' '%s' -type f -exec cat {} + >/dev/null", folder, postgres ? postgres : folder);
    for (int s = 0; s < STORES; s++)
        if (here(s)) store_start(&stores[s]);
}

void stores_stop(void) {
    for (int s = 0; s < STORES; s++)
        if (here(s)) child_stop(&stores[s].child);
}

const char *agenthost_on_store(void) {
    const char *agenthost = getenv("BENCH_AGENTHOST");
    if (!here(OURS) || !agenthost || !*agenthost) return NULL;
    setenv("AGENTHOST_HOME", stores[OURS].folder, 1);
    return agenthost;
}

void each_line(const char *file, long first, long count, void (*take)(char *, void *), void *context) {
    char path[1024], *line = NULL;
    size_t room = 0;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *input = fopen(path, "r");
    if (!input) fail("%s cannot be read", path);
    for (long number = 0; number < first + count && getline(&line, &room, input) > 0; number++) {
        if (number < first) continue;
        line[strcspn(line, "\n")] = 0;
        take(line, context);
    }
    free(line);
    fclose(input);
}
