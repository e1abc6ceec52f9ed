// What it costs to make something durable, in time and in bytes.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
             "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"session.create\",\"params\":{\"title\":\"bench %ld\"}}", id, id);
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
