#include "agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *reply_to(struct child *child, const char *marker, size_t *length) {
    const char *reply;
    do {
        reply = child_receive(child, length);
    } while (!memmem(reply, *length, marker, strlen(marker)) || memmem(reply, *length, "\"method\":", 9));
    return reply;
}

void session_create(struct child *child, char *id) {
    child_send(child,
               "{\"jsonrpc\":\"2.0\",\"id\":7776,\"method\":\"session.create\","
               "\"params\":{\"driver\":\"fake-agent\"}}");
    size_t length;
    const char *reply = reply_to(child, "\"id\":7776", &length);
    const char *found = memmem(reply, length, "\"sess_", 6);
    if (!found || sscanf(found, "\"%63[^\"]", id) != 1) fail("session.create: %.*s", (int)length, reply);
}

void task_send(struct child *child, const char *session, const char *script) {
    char request[8000];
    snprintf(request, sizeof request,
             "{\"jsonrpc\":\"2.0\",\"id\":7777,\"method\":\"task.execute\",\"params\":{\"session_id\":\"%s\","
             "\"recursion_limit\":2000,\"prompt\":\"%s\"}}",
             session, script);
    child_send(child, request);
}

void task_finish(struct child *child) {
    size_t length;
    const char *reply = reply_to(child, "\"id\":7777", &length);
    if (!memmem(reply, length, "\"status\":\"completed\"", 20)) fail("task.execute: %.*s", (int)length, reply);
}
