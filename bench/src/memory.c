// What stays resident.
#include <unistd.h>

#include "measures.h"
#include "table.h"

void measure_memory(const struct peer *peers) {
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
