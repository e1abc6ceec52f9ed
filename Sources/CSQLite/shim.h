#include <sqlite3.h>

// sqlite3_db_config takes a variable number of arguments, which Swift cannot pass. Sets one of its on-off options.
static inline int csqlite_set_option(sqlite3 *database, int option, int is_on) {
    return sqlite3_db_config(database, option, is_on, (int *)0);
}
