// A program that is measured: how it is started, and how messages reach it and come back.
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum framing {
    LINES,   // one JSON object a line
    HEADERS  // Content-Length, as in the Language Server Protocol
};

struct peer {
    const char *name;
    const char *arguments[8];  // NULL-ended; the first is NULL when the program is not there
    enum framing framing;
    const char *hello;        // the first request
    const char *after_hello;  // a notification that must follow its reply, or NULL
    const char *ping;         // its cheapest request, with %ld for the id
    bool slow;                // fewer rounds are enough, and patience allows no more
};

struct child {
    const struct peer *peer;
    pid_t pid;
    int input, output;
    char *buffer;
    size_t start, end, capacity;
};

// How long a child may be silent; 30 s unless set otherwise.
extern int child_patience_ms;

// Every function below ends the program with a message when the child is gone or silent for longer.

void child_start(struct child *child, const struct peer *peer);
// The same, with the hello and its reply behind it.
void child_greet(struct child *child, const struct peer *peer);
void child_send(struct child *child, const char *message);
// The next message, valid until the next call. Waits for it.
const char *child_receive(struct child *child, size_t *length);
// The next message that has arrived already, or NULL.
const char *child_take(struct child *child, size_t *length);
// Reads what has arrived; waits for at least one byte.
void child_fill(struct child *child);
// One ping and its reply. Returns the microseconds that it took.
double child_ping(struct child *child, long id);
// Appends one framed ping to a buffer with room for 256 bytes and returns how many it took.
size_t ping_write(char *to, const struct peer *peer, long id);
long child_resident_kb(const struct child *child);
// Kills it.
void child_stop(struct child *child);
// Ends its input, and waits for it to end by itself.
void child_finish(struct child *child);

double now_us(void);
void fail(const char *format, ...);

#endif
