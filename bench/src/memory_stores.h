// The stores of memories that are measured beside each other, and the memories and questions that all of them take.
#ifndef MEMORY_STORES_H
#define MEMORY_STORES_H

#include <stdbool.h>

#include "store_peer.h"
#include "table.h"

enum { OURS, FTS5, TANTIVY, POSTGRESQL, LANGGRAPH, STORES };

extern struct store_peer stores[STORES];
extern char folder[512];  // of the memories, the questions and the stores of one size
extern long memories;     // how many

// Makes so many memories and the questions, and finds the stores. The functions below are for that size.
void stores_prepare(long count);
bool here(int store);
// Has each take the memories, and shows how long it took. Those that BENCH_MEMORY_FOLDER keeps have them already.
void stores_build(void);
// A process for each, once all files are in the page cache.
void stores_start(void);
void stores_stop(void);

// AgentHost, which will open the store of this size, or NULL.
const char *agenthost_on_store(void);
// Reads so many lines of a file of this size from a line on, each without its end.
void each_line(const char *file, long first, long count, void (*take)(char *, void *), void *context);

// A row of the table for one store; a scale of 0.001 makes milliseconds.
void stores_row(int store, struct samples *samples, double percent, double scale);
// A table of microseconds, in milliseconds. AgentHost is in it once more where there are samples through its wire. A
// limit in milliseconds holds for the million that it was set for; 0 is none.
void stores_table(const char *what, struct samples *samples, struct samples *through_wire, double percent,
                  double limit);

#endif
