#include "recall_wire.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void wire_open(struct wire *wire, const struct store_peer *store) {
    memset(wire, 0, sizeof *wire);
    const char *agenthost = getenv("BENCH_AGENTHOST");
    if (!store->program.arguments[0] || !agenthost || !*agenthost) return;
    setenv("AGENTHOST_HOME", store->folder, 1);
    wire->program = (struct peer){.name = "agenthost", .arguments = {agenthost, "serve"}};
    child_start(&wire->child, &wire->program);
    wire->open = true;
}

void wire_close(struct wire *wire) {
    if (wire->open) child_finish(&wire->child);
    wire->open = false;
}

// Returns the microseconds of one call. The parameters are JSON.
static double call(struct wire *wire, const char *method, const char *parameters) {
    char request[8000], marker[32];
    size_t length;
    long id = ++wire->last_id;
    snprintf(request, sizeof request, "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"%s\",\"params\":%s}", id, method,
             parameters);
    int marked = snprintf(marker, sizeof marker, "\"id\":%ld,", id);
    double begin = now_us();
    child_send(&wire->child, request);
    const char *reply;
    do {
        reply = child_receive(&wire->child, &length);
    } while (!memmem(reply, length, marker, (size_t)marked));
    double time = now_us() - begin;
    if (!memmem(reply, length, "\"result\"", 8)) fail("%s: %.*s", method, (int)length, reply);
    return time;
}

// Reads so many lines of a file from a line on, each without its end.
static void each_line(const char *folder, const char *file, long first, long count, void (*take)(char *, void *),
                      void *context) {
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

struct asking {
    struct wire *wire;
    struct samples *into;
};

static void recall_line(char *line, void *context) {
    struct asking *asking = context;
    char parameters[4096];
    // The words of the generator need no escapes.
    snprintf(parameters, sizeof parameters, "{\"query\":\"%s\",\"limit\":10}", line);
    sample(asking->into, call(asking->wire, "memory.recall", parameters));
}

void wire_recall(struct wire *wire, const char *folder, const char *file, int first, int count, struct samples *into) {
    each_line(folder, file, first, count, recall_line, &(struct asking){wire, into});
}

static void remember_line(char *line, void *context) {
    struct asking *asking = context;
    sample(asking->into, call(asking->wire, "memory.remember", line));
}

void wire_remember(struct wire *wire, const char *folder, long first, int count, struct samples *into) {
    each_line(folder, "more.jsonl", first, count, remember_line, &(struct asking){wire, into});
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
    struct samples times[2], sizes[2];
};

static void run_line(char *line, void *context) {
    struct runs *runs = context;
    double size;
    const char *recall[] = {runs->agenthost, "recall", line, NULL};
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
    sample(&runs->times[1], run_once(select, &size));
    sample(&runs->sizes[1], size);
}

void wire_process(const struct wire *wire, const char *folder, long memories, int rounds) {
    if (!wire->open) return;
    char database[1024];
    snprintf(database, sizeof database, "%s/fts5/fts5.db", folder);
    const char *sqlite3 = access(database, R_OK) == 0 ? getenv("BENCH_SQLITE3") : NULL;
    struct runs runs = {.agenthost = wire->program.arguments[0], .sqlite3 = sqlite3, .database = database};
    each_line(folder, "short.txt", 0, rounds, run_line, &runs);
    bool bars = memories == 1000000;
    double time = percentile(&runs.times[0], 50), size = percentile(&runs.sizes[0], 50);
    table_head("a process that recalls once, spawn to end, p50", "ms");
    bars ? table_own("agenthost recall", time, AT_MOST, 10, "10 ms") : table_base("agenthost recall", time);
    if (sqlite3) table_peer("the sqlite3 tool with FTS5", percentile(&runs.times[1], 50));
    table_head("its memory at most, p50", "MB");
    bars ? table_own("agenthost recall", size, AT_MOST, 25, "25 MB") : table_base("agenthost recall", size);
    if (sqlite3) table_peer("the sqlite3 tool with FTS5", percentile(&runs.sizes[1], 50));
}
