// How long remembering keeps other processes from writing: in a store of its own, one process, then two at once; and
// the same where a process before them was killed in a phase of upkeep.
#include "holds.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

// TRIED memories are enough to come to any phase twice; AFTER_KILL follow.
enum { REMEMBERED = 100000, TRIED = 6000, AFTER_KILL = 2000, PROCESSES_MAX = 2 };
// What the command `hold` answers of each kind of hold, and the kinds in their order.
enum { WALL, OWN, COUNT, OVER_BOUND, FIGURES };
enum { COMMITS, UPKEEP, WRITE_BACKS, KINDS };

static const char *const kinds[KINDS] = {"commits, each waits for the disk", "steps of the index's upkeep",
                                         "writing the log back"};
static const double bound_ms = 5;

// Where a process is killed: the work of upkeep and how far it has come, as the store tells it.
static const char *const phases[] = {
    "fold began", "fold removeTail", "fold insertSegment", "fold putPosts", "fold bumpGeneration", "fold committed",
    "merge began", "merge insertSegment", "merge expect", "merge markTombs", "merge clearPosts", "merge putPosts",
    "merge advance", "merge setDead", "merge bumpGeneration", "merge committed", "dropTombs began",
    "dropTombs dropTombs", "dropTombs committed", "sweep began", "sweep sweep", "sweep committed", "words began",
    "words committed",
};

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

static void tables(double sums[KINDS][FIGURES], int processes, bool killed) {
    char head[128];
    const char *ending = processes > 1 ? "es" : "";
    const char *whose = killed ? "after a kill" : "of the store";
    snprintf(head, sizeof head, "longest hold %s, %d process%s", whose, processes, ending);
    table_head(head, "ms");
    table_own(kinds[UPKEEP], sums[UPKEEP][WALL] / 1000, AT_MOST, bound_ms, "5 ms");
    table_peer("  what its thread computed", sums[UPKEEP][OWN] / 1000);
    for (int kind = 0; kind < KINDS; kind++)
        if (kind != UPKEEP) table_peer(kinds[kind], sums[kind][WALL] / 1000);
    snprintf(head, sizeof head, "holds over %g ms %s, %d process%s", bound_ms, whose, processes, ending);
    table_head(head, "per cent");
    table_base(kinds[UPKEEP], 100 * sums[UPKEEP][OVER_BOUND] / sums[UPKEEP][COUNT]);
    for (int kind = 0; kind < KINDS; kind++)
        if (kind != UPKEEP) table_peer(kinds[kind], 100 * sums[kind][OVER_BOUND] / sums[kind][COUNT]);
}

static void run(const char *command) {
    if (system(command) != 0) fail("failed: %s", command);
}

static void empty(const char *place) {
    char command[2100];
    snprintf(command, sizeof command, "rm -rf '%s' && mkdir -p '%s'", place, place);
    run(command);
}

// Remembers lines of the folder's memories, so many in all, and adds what they tell of their holds.
static void remember(const struct store_peer *store, const char *place, const char *folder, int processes, int first,
                     int count, double sums[KINDS][FIGURES]) {
    struct store_peer remembering[PROCESSES_MAX];
    for (int p = 0; p < processes; p++) {
        remembering[p] = *store;
        remembering[p].program.arguments[1] = place;
        store_start(&remembering[p]);
        int share = count / processes;
        store_ask(&remembering[p].child, "hold %s/all.jsonl %d %d", folder, first + p * share, share);
    }
    for (int p = 0; p < processes; p++) {
        struct samples answer = {0};
        store_answer(&remembering[p].child, &answer);
        add(sums, &answer);
        free(answer.values);
        child_stop(&remembering[p].child);
    }
}

// Has a process remember until upkeep of its index reaches a phase, in which it kills itself.
static void kill_in(const char *phase, const struct store_peer *store, const char *place, const char *folder,
                    int first) {
    char command[4096];
    snprintf(command, sizeof command, "(echo 'die %s/all.jsonl %d %d %s' | '%s' '%s') >/dev/null 2>&1", folder, first,
             TRIED, phase, store->program.arguments[0], place);
    int status = system(command);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 128 + SIGKILL)
        fail("upkeep did not come to %s in %d memories", phase, TRIED);
}

static void measure_after_kills(const struct store_peer *store, const char *place, const char *folder, int processes) {
    double sums[KINDS][FIGURES] = {0};
    const char *worst = "";
    empty(place);
    for (size_t phase = 0; phase < sizeof phases / sizeof *phases; phase++) {
        // Each phase has lines of its own, as far as there are any.
        int first = (int)phase * (TRIED + AFTER_KILL) % (REMEMBERED - TRIED - AFTER_KILL);
        double before = sums[UPKEEP][WALL];
        kill_in(phases[phase], store, place, folder, first);
        remember(store, place, folder, processes, first + TRIED, AFTER_KILL, sums);
        if (sums[UPKEEP][WALL] > before) worst = phases[phase];
    }
    tables(sums, processes, true);
    table_note("the longest step was after a kill in", worst);
}

void measure_holds(const struct store_peer *store, const char *folder) {
    char place[1024];
    if (snprintf(place, sizeof place, "%s/holds", folder) >= (int)sizeof place) fail("%s is too long", folder);
    for (int processes = 1; processes <= PROCESSES_MAX; processes++) {
        double sums[KINDS][FIGURES] = {0};
        empty(place);
        remember(store, place, folder, processes, 0, REMEMBERED, sums);
        tables(sums, processes, false);
    }
    for (int processes = 1; processes <= PROCESSES_MAX; processes++)
        measure_after_kills(store, place, folder, processes);
}
