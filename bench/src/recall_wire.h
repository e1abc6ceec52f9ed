// AgentHost from outside: its memory asked through standard input and output.
#ifndef RECALL_WIRE_H
#define RECALL_WIRE_H

#include "peer.h"
#include "table.h"

struct wire {
    struct peer program;
    struct child child;
    bool open;
    long last_id;
};

// Serves the store of the size that is measured; not open when there is none.
void wire_open(struct wire *wire);
void wire_close(struct wire *wire);
// Asks so many lines of a file of questions from a line on; adds the microseconds of each call to the samples.
void wire_recall(struct wire *wire, const char *file, int first, int count, struct samples *into);
// Remembers so many lines of the file "more".
void wire_remember(struct wire *wire, long first, int count, struct samples *into);

#endif
