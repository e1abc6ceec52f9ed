// What checkpoints cost: bytes, the time to save one as the conversation grows, the time to read the latest.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measures.h"
#include "table.h"

struct figures {
    double stored, payload, first_us, last_us, read_us;
};

// A client in Python takes the times: some tens of microseconds a call are its own, on either side.
static bool ask(const char *which, struct figures *figures) {
    const char *python = getenv("BENCH_PYTHON"), *script = getenv("BENCH_CHECKPOINTS");
    if (!python || !script) return false;
    char command[4096];
    snprintf(command, sizeof command, "'%s' '%s' %s '%s'", python, script, which, getenv("BENCH_FOLDER"));
    FILE *output = popen(command, "r");
    if (!output) return false;
    int count = fscanf(output, "%lf %lf %lf %lf %lf", &figures->stored, &figures->payload, &figures->first_us,
                       &figures->last_us, &figures->read_us);
    return pclose(output) == 0 && count == 5;
}

static const char *const peer_name = "LangGraph's SqliteSaver";

static void peer_row(bool here, double value) {
    if (here)
        table_peer(peer_name, value);
    else
        table_note(peer_name, "not here");
}

void measure_checkpoints(const struct peer *peers) {
    struct figures own, peer;
    bool here = peers[AGENTHOST].arguments[0] && ask("agenthost", &own);
    bool peer_here = ask("langgraph", &peer);
    if (!here) {
        table_head("checkpoints", "");
        table_note("agenthost", "not here");
        return;
    }
    table_head("stored for 1,000 turns of 1,000 bytes, a checkpoint each", "x payload");
    table_own("agenthost", own.stored / own.payload, AT_MOST, 1.5, "1.5 times the payload");
    peer_row(peer_here, peer.stored / peer.payload);

    table_head("a turn with its checkpoint, of the last 100 of 1,000", "us");
    table_own("agenthost", own.last_us, AT_MOST, 1.5 * own.first_us, "1.5 of the first 100");
    table_note("", "of the first 100");
    table_peer("agenthost", own.first_us);
    peer_row(peer_here, peer.last_us);

    table_head("the latest state read at 10,000 checkpoints, p50", "us");
    table_own("agenthost", own.read_us, AT_MOST, 1000, "1 ms");
    peer_row(peer_here, peer.read_us);
}
