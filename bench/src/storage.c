// What it costs to make something durable, in time and in bytes.
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent.h"
#include "measures.h"
#include "table.h"

// A database with the settings of the store, and one table.
static sqlite3 *open_bare(void) {
    char path[1024];
    snprintf(path, sizeof path, "%s/bare.db", getenv("BENCH_FOLDER"));
    sqlite3 *database;
    const char *setup =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=0;"
        "CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, body TEXT NOT NULL);";
    if (sqlite3_open(path, &database) || sqlite3_exec(database, setup, NULL, NULL, NULL))
        fail("%s: %s", path, sqlite3_errmsg(database));
    return database;
}

// One row of 600 bytes in a transaction of its own. Returns the microseconds that it took.
static double commit_bare(sqlite3 *database, sqlite3_stmt *insert, long id) {
    char key[64], body[600];
    snprintf(key, sizeof key, "sess_%ld_%f", id, now_us());
    memset(body, 'x', sizeof body);
    double begin = now_us();
    sqlite3_bind_text(insert, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, body, sizeof body, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) fail("insert: %s", sqlite3_errmsg(database));
    sqlite3_reset(insert);
    return now_us() - begin;
}

// One session.create. Returns the microseconds until its reply.
static double create(struct child *child, long id) {
    char request[256], marker[32];
    size_t length;
    snprintf(request, sizeof request,
             "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"session.create\",\"params\":{\"title\":\"bench %ld\"}}", id,
             id);
    int marked = snprintf(marker, sizeof marker, "\"id\":%ld", id);
    double begin = now_us();
    child_send(child, request);
    const char *reply;
    do {
        reply = child_receive(child, &length);
    } while (!memmem(reply, length, marker, (size_t)marked));
    double time = now_us() - begin;
    if (memmem(reply, length, "\"error\"", 7)) fail("session.create: %.*s", (int)length, reply);
    return time;
}

void measure_create(const struct peer *peers) {
    enum { ROUNDS = 20, EACH = 50 };
    sqlite3 *database = open_bare();
    sqlite3_stmt *insert;
    sqlite3_prepare_v2(database, "INSERT INTO session VALUES (?, ?)", -1, &insert, NULL);
    struct samples created = {0}, committed = {0};
    struct child child;
    bool here = peers[AGENTHOST].arguments[0] != NULL;
    if (here) child_greet(&child, &peers[AGENTHOST]);
    for (long round = 0; round <= ROUNDS; round++)
        for (long id = 1; id <= EACH; id++) {
            double commit = commit_bare(database, insert, round * EACH + id);
            double call = here ? create(&child, 1000 + round * EACH + id) : 0;
            if (round == 0) continue;
            sample(&committed, commit);
            sample(&created, call);
        }
    if (here) child_stop(&child);
    sqlite3_finalize(insert);
    sqlite3_close(database);

    double bare = percentile(&committed, 50);
    table_head("durable session.create, p50 of 1,000", "us");
    if (here)
        table_own("agenthost", percentile(&created, 50), AT_MOST, 1.3 * bare, "1.3 of the bare commit");
    else
        table_note("agenthost", "not here");
    table_peer("SQLite, a bare commit with FULL", bare);
}

enum { TURNS = 1000, TURN_BYTES = 1000 };

static double folder_bytes;

static int add_file(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)path, (void)walk;
    if (kind == FTW_F) folder_bytes += (double)status->st_size;
    return 0;
}

// The bytes of all files below AgentHost's folder, the WAL among them.
static double stored_bytes(void) {
    folder_bytes = 0;
    nftw(getenv("AGENTHOST_HOME"), add_file, 16, FTW_PHYS);
    return folder_bytes;
}

enum { TURN_SESSIONS = 4 };

// Tasks in which the agent takes 1,000 turns and says 1,000 bytes in each. Returns the bytes stored for one on average:
// the WAL is written back now and then, so that one session alone may look free and the next one dear.
static double store_turns(const struct peer *agenthost) {
    char text[TURN_BYTES + 1], script[2000], session[64];
    memset(text, 'x', TURN_BYTES);
    text[TURN_BYTES] = 0;
    snprintf(script, sizeof script,
             "{\\\"repeat\\\":%d,\\\"steps\\\":[{\\\"say\\\":\\\"%s\\\"},{\\\"turn\\\":1}]}\\n"
             "{\\\"result\\\":{\\\"output\\\":\\\"done\\\"}}",
             TURNS, text);
    struct child child;
    double before = 0;
    // The first one is not counted: the WAL has found its size by then, which does not grow with what is stored.
    for (int round = 0; round <= TURN_SESSIONS; round++) {
        if (round == 1) before = stored_bytes();
        child_greet(&child, agenthost);
        session_create(&child, session);
        task_send(&child, session, script);
        task_finish(&child);
        child_finish(&child);
    }
    return (stored_bytes() - before) / TURN_SESSIONS;
}

static double store_turns_langgraph(void) {
    const char *python = getenv("BENCH_PYTHON"), *script = getenv("BENCH_LANGGRAPH");
    double stored = 0;
    if (!python || !script) return 0;
    char command[4096];
    snprintf(command, sizeof command, "'%s' '%s' '%s/langgraph.db' %d %d", python, script, getenv("BENCH_FOLDER"),
             TURNS, TURN_BYTES);
    FILE *output = popen(command, "r");
    if (!output || fscanf(output, "%lf %*f", &stored) != 1) stored = 0;
    if (output) pclose(output);
    return stored;
}

void measure_turns(const struct peer *peers) {
    const double payload = (double)TURNS * TURN_BYTES;
    table_head("stored for 1,000 turns of 1,000 bytes", "x payload");
    if (peers[AGENTHOST].arguments[0])
        table_own("agenthost", store_turns(&peers[AGENTHOST]) / payload, AT_MOST, 1.5, "1.5 times the payload");
    else
        table_note("agenthost", "not here");
    double langgraph = store_turns_langgraph();
    if (langgraph > 0)
        table_peer("LangGraph's SqliteSaver", langgraph / payload);
    else
        table_note("LangGraph's SqliteSaver", "not here");
}
