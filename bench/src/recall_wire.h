// AgentHost from outside: its memory asked through standard input and output, and by a command that ends at once.
#ifndef RECALL_WIRE_H
#define RECALL_WIRE_H

#include "store_peer.h"

struct wire {
    struct peer program;
    struct child child;
    bool open;
    long last_id;
};

// Serves the store of the one that is measured in its own process; not open when there is none.
void wire_open(struct wire *wire, const struct store_peer *store);
void wire_close(struct wire *wire);
// Asks so many lines of a file of questions from a line on; adds the microseconds of each call to the samples.
void wire_recall(struct wire *wire, const char *folder, const char *file, int first, int count, struct samples *into);
// Remembers so many lines of the file "more".
void wire_remember(struct wire *wire, const char *folder, long first, int count, struct samples *into);
// Prints what a process that recalls once takes, in time and in memory, beside the sqlite3 tool with FTS5.
void wire_process(const struct wire *wire, const char *folder, long memories, int rounds);

#endif
