#ifndef HOLDS_H
#define HOLDS_H

#include "store_peer.h"

// How long AgentHost's own processes keep each other from writing while they remember 100,000 of a folder's memories.
void measure_holds(const struct store_peer *store, const char *folder);

#endif
