// Sessions on AgentHost whose agent is fake-agent: the prompt is its script.
#ifndef AGENT_H
#define AGENT_H

#include "peer.h"

// A new session; its id is written to `id`, which has room for 64 bytes.
void session_create(struct child *child, char *id);
// Sends task.execute with request id 7777 and returns at once. The script's quotes are escaped already.
void task_send(struct child *child, const char *session, const char *script);
// Reads until the reply to that request. Ends the program when the task did not complete.
void task_finish(struct child *child);

#endif
