#include "recall_first.h"

#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory_stores.h"

enum { ROUNDS = 11 };

extern char **environ;

#ifdef POSIX_FADV_DONTNEED
static int chill_file(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)place;
    int file = kind == FTW_F ? open(path, O_RDONLY) : -1;
    if (file < 0) return 0;
    // What is not on the disk yet would stay.
    if (fsync(file) != 0 || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0) fail("%s stays warm", path);
    close(file);
    return 0;
}

// Has the system forget what it keeps of the files of a store that no process has open; a server starts anew.
static void chill(int store) {
    const char *chilled = stores[store].folder;
    if (store == POSTGRESQL) {
        char ready[1024];
        snprintf(ready, sizeof ready, "%s/ready", getenv("BENCH_POSTGRES"));
        if (remove(ready) != 0 || write(atoi(getenv("BENCH_POSTGRES_INPUT")), "\n", 1) != 1) fail("no PostgreSQL");
        for (int tries = 0; access(ready, R_OK) != 0; tries++) {
            if (tries == 6000) fail("PostgreSQL does not start again");
            usleep(10000);
        }
        chilled = getenv("BENCH_POSTGRES_DATA");
    }
    nftw(chilled, chill_file, 16, FTW_PHYS);
}
#endif

// Its own time from opening the store to its ten memories.
static void first_recalls(struct samples samples[STORES], void (*before)(int store)) {
    for (int round = 0; round < ROUNDS; round++)
        for (int s = 0; s < STORES; s++) {
            if (!here(s) || s == LANGGRAPH) continue;
            struct store_peer fresh = stores[s];
            if (before) before(s);
            store_start(&fresh);
            store_ask(&fresh.child, "first %s/short.txt %d 1", folder, round);
            store_answer(&fresh.child, &samples[s]);
            child_stop(&fresh.child);
        }
}

// Runs a program to its end without its output. Returns the milliseconds and sets the megabytes that it took at most.
static double run_once(const char *const *arguments, double *megabytes) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int status;
    struct rusage usage;
    double begin = now_us();
    if (posix_spawn(&pid, arguments[0], &actions, NULL, (char **)arguments, environ))
        fail("%s: cannot start", arguments[0]);
    if (wait4(pid, &status, 0, &usage) != pid || status != 0) fail("%s recall ended with %d", arguments[0], status);
    double time = (now_us() - begin) / 1000;
    posix_spawn_file_actions_destroy(&actions);
#ifdef __APPLE__
    *megabytes = (double)usage.ru_maxrss / 1e6;
#else
    *megabytes = (double)usage.ru_maxrss / 1e3;
#endif
    return time;
}

struct runs {
    const char *agenthost, *sqlite3, *database;
    void (*before)(int store);
    struct samples times[2], sizes[2];
};

static void run_line(char *line, void *context) {
    struct runs *runs = context;
    double size;
    const char *recall[] = {runs->agenthost, "recall", line, NULL};
    if (runs->before) runs->before(OURS);
    sample(&runs->times[0], run_once(recall, &size));
    sample(&runs->sizes[0], size);
    if (!runs->sqlite3) return;
    char query[4096] = "", *word = strtok(line, " ");
    for (const char *between = ""; word; word = strtok(NULL, " "), between = " OR ")
        snprintf(query + strlen(query), sizeof query - strlen(query), "%s\"%s\"", between, word);
    char statement[8000];
    snprintf(statement, sizeof statement, "SELECT content FROM memory WHERE memory MATCH '%s' ORDER BY rank LIMIT 10",
             query);
    const char *select[] = {runs->sqlite3, "-readonly", runs->database, statement, NULL};
    if (runs->before) runs->before(FTS5);
    sample(&runs->times[1], run_once(select, &size));
    sample(&runs->sizes[1], size);
}

static void show_runs(const char *what, const char *unit, struct samples samples[2], double limit) {
    char bar[32];
    double own = percentile(&samples[0], 50);
    snprintf(bar, sizeof bar, "%g %s", limit, unit);
    table_head(what, unit);
    limit > 0 ? table_own("agenthost recall", own, AT_MOST, limit, bar) : table_base("agenthost recall", own);
    if (samples[1].count > 0) table_peer("the sqlite3 tool with FTS5", percentile(&samples[1], 50));
}

// A whole process, beside the sqlite3 tool with FTS5.
static void run_processes(struct runs *runs, void (*before)(int store)) {
    static char database[1100];
    snprintf(database, sizeof database, "%s/fts5.db", stores[FTS5].folder);
    *runs = (struct runs){.agenthost = agenthost_on_store(), .database = database, .before = before};
    if (access(database, R_OK) == 0) runs->sqlite3 = getenv("BENCH_SQLITE3");
    if (runs->agenthost) each_line("short.txt", 0, ROUNDS, run_line, runs);
}

void measure_first(void) {
    bool bars = memories == 1000000;
    struct samples samples[STORES] = {0};
    struct runs runs;
    first_recalls(samples, NULL);
    stores_table("first recall of a process, store opened", samples, NULL, 50, 0);
    run_processes(&runs, NULL);
    if (!runs.agenthost) return;
    show_runs("a process that recalls once, spawn to end, p50", "ms", runs.times, bars ? 10 : 0);
    show_runs("its memory at most, p50", "MB", runs.sizes, bars ? 25 : 0);
}

void measure_cold(void) {
#ifdef POSIX_FADV_DONTNEED
    struct samples samples[STORES] = {0};
    struct runs runs;
    first_recalls(samples, chill);
    stores_table("cold: first recall of a process", samples, NULL, 50, 0);
    run_processes(&runs, chill);
    if (runs.agenthost) show_runs("cold: a process that recalls once, p50", "ms", runs.times, 0);
#else
    table_head("cold: first recall of a process", "ms");
    table_note("this system does not say how", "not here");
#endif
}
