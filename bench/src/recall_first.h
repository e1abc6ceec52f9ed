// The first recall of a process, alone and from its spawn to its end.
#ifndef RECALL_FIRST_H
#define RECALL_FIRST_H

// With everything in the page cache.
void measure_first(void);
// With nothing of the stores in the page cache: their files are dropped from it before each recall, so no process may
// have one open. Programs stay cached.
void measure_cold(void);

#endif
