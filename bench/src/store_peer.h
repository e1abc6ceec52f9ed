// A store of memories that is measured in its own process and told what to do in lines: peers/memory_peer.py.
#ifndef STORE_PEER_H
#define STORE_PEER_H

#include "peer.h"
#include "table.h"

struct store_peer {
    const char *name;
    struct peer program;  // its arguments end in `folder`
    char folder[1024];
    struct child child;
};

void store_start(struct store_peer *store);
// Sends a command: its name and its arguments, as in printf.
void store_ask(struct child *child, const char *format, ...);
// Waits for the answer and adds its numbers to the samples. False when the peer cannot do this.
bool store_answer(struct child *child, struct samples *into);
// The same when the answer is there already; -1 when it is not.
int store_answered(struct child *child, struct samples *into);

#endif
