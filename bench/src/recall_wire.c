#include "recall_wire.h"

#include <stdio.h>
#include <string.h>

#include "memory_stores.h"

void wire_open(struct wire *wire) {
    memset(wire, 0, sizeof *wire);
    const char *agenthost = agenthost_on_store();
    if (!agenthost) return;
    wire->program = (struct peer){.name = "agenthost", .arguments = {agenthost, "serve"}};
    child_start(&wire->child, &wire->program);
    wire->open = true;
}

void wire_close(struct wire *wire) {
    if (wire->open) child_finish(&wire->child);
    wire->open = false;
}

// Returns the microseconds of one call until it is answered: on a machine with much else to do a query can take too
// long, and is asked again. The parameters are JSON.
static double call(struct wire *wire, const char *method, const char *parameters) {
    char request[8000], marker[32];
    const char *reply;
    size_t length;
    double begin = now_us();
    for (int tries = 1;; tries++) {
        long id = ++wire->last_id;
        snprintf(request, sizeof request, "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"%s\",\"params\":%s}", id,
                 method, parameters);
        int marked = snprintf(marker, sizeof marker, "\"id\":%ld,", id);
        child_send(&wire->child, request);
        do {
            reply = child_receive(&wire->child, &length);
        } while (!memmem(reply, length, marker, (size_t)marked));
        if (memmem(reply, length, "\"result\"", 8)) return now_us() - begin;
        if (tries == 100 || !memmem(reply, length, "\"retryable\":true", 16))
            fail("%s: %.*s", method, (int)length, reply);
    }
}

struct asking {
    struct wire *wire;
    struct samples *into;
};

static void recall_line(char *line, void *context) {
    struct asking *asking = context;
    char parameters[4096];
    // The words of the generator need no escapes.
    snprintf(parameters, sizeof parameters, "{\"query\":\"%s\",\"limit\":10}", line);
    sample(asking->into, call(asking->wire, "memory.recall", parameters));
}

void wire_recall(struct wire *wire, const char *file, int first, int count, struct samples *into) {
    each_line(file, first, count, recall_line, &(struct asking){wire, into});
}

static void remember_line(char *line, void *context) {
    struct asking *asking = context;
    sample(asking->into, call(asking->wire, "memory.remember", line));
}

void wire_remember(struct wire *wire, long first, int count, struct samples *into) {
    each_line("more.jsonl", first, count, remember_line, &(struct asking){wire, into});
}
