// Samples, and the table that they end in.
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

struct samples {
    double *values;
    size_t count, capacity;
};

void sample(struct samples *samples, double value);
// The value that so many per cent of the samples stay below; 0 without samples.
double percentile(struct samples *samples, double percent);

enum bar { AT_MOST, AT_LEAST };

// usage: table_head, then table_row for AgentHost, then for each peer.
void table_head(const char *what, const char *unit);
// Prints AgentHost's figure with its bar, and remembers it for the ratios. Counts bars that do not hold.
void table_own(const char *name, double value, enum bar bar, double limit, const char *limit_text);
// The same for a figure without a bar.
void table_base(const char *name, double value);
void table_peer(const char *name, double value);
void table_note(const char *name, const char *note);
// How many bars did not hold.
int bars_missed(void);

#endif
