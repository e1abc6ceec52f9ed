// What programs in Python measure: this one prints their figures as every other bar.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measures.h"
#include "peer.h"
#include "table.h"

// A line is "head", "own" (with a bar of at least), "most" (of at most), "base", "peer" or "note", and the arguments of
// that row, apart by tabs; or "text" and a line that is printed as it is.
static void print_line(char *line) {
    char *words[4] = {"", "", "", ""};
    for (int count = 0; count < 4 && line; count++) words[count] = strsep(&line, "\t");
    double value = strtod(words[2], NULL);
    if (strcmp(words[0], "head") == 0) table_head(words[1], words[2]);
    if (strcmp(words[0], "own") == 0) table_own(words[1], value, AT_LEAST, strtod(words[3], NULL), words[3]);
    if (strcmp(words[0], "most") == 0) table_own(words[1], value, AT_MOST, strtod(words[3], NULL), words[3]);
    if (strcmp(words[0], "base") == 0) table_base(words[1], value);
    if (strcmp(words[0], "peer") == 0) table_peer(words[1], value);
    if (strcmp(words[0], "note") == 0) table_note(words[1], words[2]);
    if (strcmp(words[0], "text") == 0) printf("%s\n", words[1]);
}

// The figures of bench/NAME/measure.py.
static void print_figures(const char *python, const char *name) {
    char command[2048], *line = NULL;
    size_t room = 0;
    snprintf(command, sizeof command, "'%s' bench/%s/measure.py '%s/%s'", python, name, getenv("BENCH_FOLDER"), name);
    FILE *figures = popen(command, "r");
    if (!figures) fail("%s cannot start", python);
    while (getline(&line, &room, figures) > 0) {
        line[strcspn(line, "\n")] = 0;
        print_line(line);
    }
    free(line);
    if (pclose(figures) != 0) fail("bench/%s/measure.py failed", name);
}

void measure_recall_quality(const struct peer *peers) {
    (void)peers;
    const char *python = getenv("BENCH_PYTHON");
    if (python) return print_figures(python, "quality");
    table_head("recall quality", "");
    table_note("Python and its packages", "not here");
}

// They need nothing but Python itself.
void measure_drivers(const struct peer *peers) {
    (void)peers;
    print_figures("python3", "drivers");
}

void measure_plans(const struct peer *peers) {
    (void)peers;
    print_figures("python3", "plans");
}
