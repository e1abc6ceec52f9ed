// What recall finds: a program measures it, this one prints its figures as every other bar.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measures.h"
#include "peer.h"
#include "table.h"

// A line is "head", "own", "base", "peer" or "note", and the arguments of that row, apart by tabs.
static void print_line(char *line) {
    char *words[4] = {"", "", "", ""};
    for (int count = 0; count < 4 && line; count++) words[count] = strsep(&line, "\t");
    double value = strtod(words[2], NULL);
    if (strcmp(words[0], "head") == 0) table_head(words[1], words[2]);
    if (strcmp(words[0], "own") == 0) table_own(words[1], value, AT_LEAST, strtod(words[3], NULL), words[3]);
    if (strcmp(words[0], "base") == 0) table_base(words[1], value);
    if (strcmp(words[0], "peer") == 0) table_peer(words[1], value);
    if (strcmp(words[0], "note") == 0) table_note(words[1], words[2]);
}

void measure_recall_quality(const struct peer *peers) {
    (void)peers;
    const char *python = getenv("BENCH_PYTHON");
    if (!python) {
        table_head("recall quality", "");
        return table_note("Python and its packages", "not here");
    }
    char command[2048], *line = NULL;
    size_t room = 0;
    snprintf(command, sizeof command, "'%s' bench/quality/measure.py '%s/quality'", python, getenv("BENCH_FOLDER"));
    FILE *figures = popen(command, "r");
    if (!figures) fail("%s cannot start", python);
    while (getline(&line, &room, figures) > 0) {
        line[strcspn(line, "\n")] = 0;
        print_line(line);
    }
    free(line);
    if (pclose(figures) != 0) fail("bench/quality/measure.py failed");
}
