// One function for each bar. All take the same array of peers; one without a program is skipped with a note.
#ifndef MEASURES_H
#define MEASURES_H

#include "peer.h"

enum { AGENTHOST, ECHO, MCP, SOURCEKIT_LSP, PEERS };

// latency.c
void measure_start(const struct peer *peers);
void measure_ping(const struct peer *peers);
void measure_pings(const struct peer *peers);
// resident.c
void measure_resident(const struct peer *peers);
void measure_stall(const struct peer *peers);
// storage.c
void measure_create(const struct peer *peers);
void measure_turns(const struct peer *peers);
// checkpoints.c
void measure_checkpoints(const struct peer *peers);
// recall.c
void measure_memory(const struct peer *peers);
// figures.c
void measure_recall_quality(const struct peer *peers);
void measure_drivers(const struct peer *peers);
void measure_plans(const struct peer *peers);

#endif
