// Measures AgentHost beside its peers in one run and prints ratios. What is there to measure comes in by environment
// variables that bench/run sets: BENCH_AGENTHOST, BENCH_ECHO, BENCH_PYTHON, BENCH_MCP_SERVER, BENCH_SOURCEKIT_LSP,
// BENCH_LANGGRAPH, BENCH_CHECKPOINTS, BENCH_CONFIGURATION (with a driver fake-agent), BENCH_FOLDER (empty, for stores),
// and for the bars of memory BENCH_MEMORY_BENCH, BENCH_GENERATOR, BENCH_POSTGRES, BENCH_MEMORIES (how many: "100000
// 1000000").
// usage: bench [NAME ...]
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measures.h"
#include "table.h"

static struct peer peers[PEERS] = {
    {.name = "agenthost",
     .hello = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"session.list\"}",
     .ping = "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"host.ping\"}"},
    {.name = "C echo (the floor)",
     .hello = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"host.ping\"}",
     .ping = "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"host.ping\"}"},
    {.name = "MCP server (Python SDK)",
     .hello = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
              "\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}",
     .after_hello = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
     .ping = "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"ping\"}",
     .slow = true},
    // It has no ping: a request that it refuses at once is the nearest thing.
    {.name = "SourceKit-LSP",
     .framing = HEADERS,
     .hello = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"processId\":null,"
              "\"rootUri\":null,\"capabilities\":{}}}",
     .after_hello = "{\"jsonrpc\":\"2.0\",\"method\":\"initialized\",\"params\":{}}",
     .ping = "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"bench/ping\",\"params\":{}}",
     .slow = true},
};

// NULL for a variable that is not set or empty.
static const char *given(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static void find_programs(void) {
    peers[AGENTHOST].arguments[0] = given("BENCH_AGENTHOST");
    peers[AGENTHOST].arguments[1] = "serve";
    peers[AGENTHOST].arguments[2] = "--config";
    peers[AGENTHOST].arguments[3] = given("BENCH_CONFIGURATION");
    peers[ECHO].arguments[0] = given("BENCH_ECHO");
    peers[MCP].arguments[0] = given("BENCH_PYTHON");
    peers[MCP].arguments[1] = given("BENCH_MCP_SERVER");
    peers[SOURCEKIT_LSP].arguments[0] = given("BENCH_SOURCEKIT_LSP");
}

static const struct {
    const char *name;
    const char *what;
    void (*measure)(const struct peer *peers);
} measures[] = {
    {"start", "spawn to the first reply, with the store open", measure_start},
    {"resident", "resident memory when idle", measure_resident},
    {"ping", "one ping at a time", measure_ping},
    {"pings", "pings in a pipeline", measure_pings},
    {"create", "a durable session.create beside a bare SQLite commit", measure_create},
    {"turns", "bytes stored for a session of 1,000 turns", measure_turns},
    {"checkpoints", "what checkpoints take, and how long they take to save and to read", measure_checkpoints},
    {"stall", "memory while a client does not read", measure_stall},
    {"memory", "remembering and recalling among 100,000 and 1,000,000 memories", measure_memory},
    {"drivers", "what the host adds to an agent, warm turns, 200 agents at once", measure_drivers},
    {"plans", "plans of several files, resumed against fresh sessions", measure_plans},
    {"recall-quality", "what is found, on Cranfield and in long conversations", measure_recall_quality},
};

enum { MEASURES = sizeof measures / sizeof measures[0] };

static bool wanted(const char *name, int count, char **names) {
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return count == 0;
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i < count; i++) {
        bool known = false;
        for (int m = 0; m < MEASURES; m++) known |= strcmp(arguments[i], measures[m].name) == 0;
        if (known) continue;
        for (int m = 0; m < MEASURES; m++) fprintf(stderr, "  %-15s %s\n", measures[m].name, measures[m].what);
        return strcmp(arguments[i], "--help") == 0 ? 0 : 64;
    }
    find_programs();
    for (int m = 0; m < MEASURES; m++)
        if (wanted(measures[m].name, count - 1, arguments + 1)) measures[m].measure(peers);
    if (bars_missed()) printf("\n%d of the bars did not hold\n", bars_missed());
    return bars_missed() ? 2 : 0;
}
