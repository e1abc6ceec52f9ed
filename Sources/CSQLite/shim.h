#include <sqlite3.h>

// sqlite3_db_config takes a variable number of arguments, which Swift cannot pass. Sets one of its on-off options.
static inline int csqlite_set_option(sqlite3 *database, int option, int is_on) {
    return sqlite3_db_config(database, option, is_on, (int *)0);
}

// What stands between a connection and the file of its write-ahead log, and is told before the log is synchronised.
struct csqlite_gate {
    sqlite3_io_methods methods;  // first: these are what the file names
    const sqlite3_io_methods *original;
    void (*synchronizing)(void *context);
    void *context;
};

static inline int csqlite_gate_sync(sqlite3_file *file, int flags) {
    const struct csqlite_gate *gate = (const struct csqlite_gate *)file->pMethods;
    gate->synchronizing(gate->context);
    return gate->original->xSync(file, flags);
}

// The file must be open; the gate must stay where it is until the connection is closed.
static inline int csqlite_install_gate(sqlite3 *database, struct csqlite_gate *gate) {
    sqlite3_file *file = 0;
    int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    if (code != SQLITE_OK) return code;
    if (!file || !file->pMethods) return SQLITE_MISUSE;
    gate->original = file->pMethods;
    gate->methods = *file->pMethods;
    gate->methods.xSync = csqlite_gate_sync;
    file->pMethods = &gate->methods;
    return SQLITE_OK;
}

// SQLITE_FCNTL_FILE_POINTER for the database, SQLITE_FCNTL_JOURNAL_POINTER for its log. Nothing when it is not open.
static inline int csqlite_synchronize(sqlite3 *database, int which) {
    sqlite3_file *file = 0;
    int code = sqlite3_file_control(database, "main", which, &file);
    if (code != SQLITE_OK || !file || !file->pMethods) return code;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}
