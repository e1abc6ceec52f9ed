// What stays resident.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "measures.h"
#include "table.h"

void measure_resident(const struct peer *peers) {
    table_head("resident memory, idle", "MB");
    for (int p = 0; p < PEERS; p++) {
        if (!peers[p].arguments[0]) {
            table_note(peers[p].name, "not here");
            continue;
        }
        struct child child;
        child_greet(&child, &peers[p]);
        for (long id = 2; id < 100; id++) child_ping(&child, id);
        usleep(500000);
        double megabytes = (double)child_resident_kb(&child) / 1000;
        child_stop(&child);
        if (p == AGENTHOST)
            table_own(peers[p].name, megabytes, AT_MOST, 15, "15 MB");
        else
            table_peer(peers[p].name, megabytes);
    }
}

void measure_stall(const struct peer *peers) {
    enum { MILLISECONDS = 5000, EACH = 20 };
    table_head("most memory while a client does not read", "MB");
    if (!peers[AGENTHOST].arguments[0]) return table_note("agenthost", "not here");
    // 200 MB of deltas in 2,000 messages.
    char text[1001], script[2000], session[64];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    snprintf(script, sizeof script,
             "{\\\"repeat\\\":2000,\\\"steps\\\":[{\\\"delta\\\":\\\"%s\\\",\\\"times\\\":100}]}", text);
    struct child child;
    child_greet(&child, &peers[AGENTHOST]);
    session_create(&child, session);
    task_send(&child, session, script);
    long most = 0;
    for (int waited = 0; waited < MILLISECONDS; waited += EACH) {
        usleep(EACH * 1000);
        long now = child_resident_kb(&child);
        if (now > most) most = now;
    }
    child_stop(&child);
    table_own("agenthost, 5 s of a flood of 200 MB", (double)most / 1000, AT_MOST, 64, "64 MB");
}
