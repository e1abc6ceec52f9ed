#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double own;
static int missed;

void sample(struct samples *samples, double value) {
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? samples->capacity * 2 : 256;
        samples->values = realloc(samples->values, samples->capacity * sizeof *samples->values);
    }
    samples->values[samples->count++] = value;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double percentile(struct samples *samples, double percent) {
    if (samples->count == 0) return 0;
    qsort(samples->values, samples->count, sizeof *samples->values, ascending);
    size_t place = (size_t)(percent / 100 * (double)(samples->count - 1) + 0.5);
    return samples->values[place];
}

void table_head(const char *what, const char *unit) {
    printf("\n%-50s %12s %9s   %s\n", what, unit, "ratio", "bar");
    own = 0;
}

static void print_value(const char *name, double value) {
    printf("  %-48s %12.*f", name, value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0, value);
}

void table_own(const char *name, double value, enum bar bar, double limit, const char *limit_text) {
    own = value;
    print_value(name, value);
    int holds = bar == AT_MOST ? value <= limit : value >= limit;
    missed += !holds;
    printf(" %9s   %s %s: %s\n", "1", bar == AT_MOST ? "at most" : "at least", limit_text, holds ? "holds" : "MISSED");
    fflush(stdout);
}

void table_base(const char *name, double value) {
    own = value;
    print_value(name, value);
    printf(" %9s\n", "1");
    fflush(stdout);
}

void table_peer(const char *name, double value) {
    print_value(name, value);
    if (own > 0) printf(" %9.3g", value / own);
    printf("\n");
    fflush(stdout);
}

void table_note(const char *name, const char *note) { printf("  %-48s %12s\n", name, note); }

int bars_missed(void) { return missed; }
