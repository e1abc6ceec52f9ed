#include "store_peer.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void store_start(struct store_peer *store) { child_start(&store->child, &store->program); }

void store_ask(struct child *child, const char *format, ...) {
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    child_send(child, command);
}

static bool add_numbers(const char *line, size_t length, struct samples *into) {
    if (length >= 4 && memcmp(line, "none", 4) == 0) return false;
    for (const char *end = line + length; line < end;) {
        char *after;
        double value = strtod(line, &after);
        if (after == line || after > end) break;
        sample(into, value);
        line = after;
    }
    return true;
}

bool store_answer(struct child *child, struct samples *into) {
    size_t length;
    const char *line = child_receive(child, &length);
    return add_numbers(line, length, into);
}

int store_answered(struct child *child, struct samples *into) {
    struct pollfd ready = {.fd = child->output, .events = POLLIN};
    if (poll(&ready, 1, 0) > 0) child_fill(child);
    size_t length;
    const char *line = child_take(child, &length);
    return line ? add_numbers(line, length, into) : -1;
}
