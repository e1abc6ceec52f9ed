// How long remembering keeps other processes from writing: in a store of its own, one process, then two at once.
#include "holds.h"

#include <stdio.h>
#include <stdlib.h>

enum { REMEMBERED = 100000, PROCESSES_MAX = 2 };
// What the command `hold` answers of each kind of hold, and the kinds in their order.
enum { WALL, OWN, COUNT, OVER_BOUND, FIGURES };
enum { COMMITS, UPKEEP, WRITE_BACKS, KINDS };

static const char *const kinds[KINDS] = {"commits, each waits for the disk", "steps of the index's upkeep",
                                         "writing the log back"};
static const double bound_ms = 5;

static void add(double sums[KINDS][FIGURES], const struct samples *answer) {
    if (answer->count != KINDS * FIGURES) fail("memory-bench answers %zu figures of holds", answer->count);
    for (int kind = 0; kind < KINDS; kind++) {
        const double *figures = answer->values + kind * FIGURES;
        for (int longest = WALL; longest <= OWN; longest++)
            if (figures[longest] > sums[kind][longest]) sums[kind][longest] = figures[longest];
        sums[kind][COUNT] += figures[COUNT];
        sums[kind][OVER_BOUND] += figures[OVER_BOUND];
    }
}

static void tables(double sums[KINDS][FIGURES], int processes) {
    char head[128];
    const char *ending = processes > 1 ? "es" : "";
    snprintf(head, sizeof head, "longest hold of the store, %d process%s", processes, ending);
    table_head(head, "ms");
    table_own(kinds[UPKEEP], sums[UPKEEP][WALL] / 1000, AT_MOST, bound_ms, "5 ms");
    table_peer("  what its thread computed", sums[UPKEEP][OWN] / 1000);
    for (int kind = 0; kind < KINDS; kind++)
        if (kind != UPKEEP) table_peer(kinds[kind], sums[kind][WALL] / 1000);
    snprintf(head, sizeof head, "holds over %g ms, %d process%s", bound_ms, processes, ending);
    table_head(head, "per cent");
    table_base(kinds[UPKEEP], 100 * sums[UPKEEP][OVER_BOUND] / sums[UPKEEP][COUNT]);
    for (int kind = 0; kind < KINDS; kind++)
        if (kind != UPKEEP) table_peer(kinds[kind], 100 * sums[kind][OVER_BOUND] / sums[kind][COUNT]);
}

void measure_holds(const struct store_peer *store, const char *folder) {
    for (int processes = 1; processes <= PROCESSES_MAX; processes++) {
        struct store_peer remembering[PROCESSES_MAX];
        char place[1024];
        if (snprintf(place, sizeof place, "%s/holds", folder) >= (int)sizeof place) fail("%s is too long", folder);
        char command[2100];
        snprintf(command, sizeof command, "rm -rf '%s' && mkdir -p '%s'", place, place);
        if (system(command) != 0) fail("failed: %s", command);
        for (int p = 0; p < processes; p++) {
            remembering[p] = *store;
            remembering[p].program.arguments[1] = place;
            store_start(&remembering[p]);
            int count = REMEMBERED / processes;
            store_ask(&remembering[p].child, "hold %s/all.jsonl %d %d", folder, p * count, count);
        }
        double sums[KINDS][FIGURES] = {0};
        for (int p = 0; p < processes; p++) {
            struct samples answer = {0};
            store_answer(&remembering[p].child, &answer);
            add(sums, &answer);
            free(answer.values);
            child_stop(&remembering[p].child);
        }
        tables(sums, processes);
    }
}
