// What Swift cannot say to the kernel: processes, readiness, locks, confinement, libraries loaded at run time.
// Every function returns 0 (or a count or descriptor >= 0) or a negated errno; none keeps what it is given.
#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// --- Processes (spawn.c) ---

struct cs_spawn_options {
    const char *path;            // absolute
    const char *const *arguments;    // NULL-ended, argv[0] included
    const char *const *environment;  // NULL-ended, the whole of it
    const char *working_directory;   // or NULL
    int input, output, error;    // descriptors that become 0, 1, 2
    bool dies_with_parent;       // SIGKILL when the spawning thread ends (Linux)
    uint64_t memory_bytes_max;   // 0: no limit (RLIMIT_AS)
    uint64_t cpu_seconds_max;    // 0: no limit
    uint64_t file_bytes_max;     // 0: no limit
};

// Starts a program in a session of its own, with default signals, an empty mask and no descriptor but 0, 1, 2.
// Does not return before exec has succeeded or failed. Its cost does not grow with the host's memory.
int cs_spawn(const struct cs_spawn_options *options, pid_t *pid);
// A descriptor that becomes readable when the process ends (pidfd; a kqueue on macOS).
int cs_exit_descriptor(pid_t pid);
// Reaps it without waiting. 0: still runs; 1: ended, with *status its exit code or the negated signal number.
int cs_reap(pid_t pid, int *status);
// kill(-pid): the whole group.
int cs_signal_group(pid_t pid, int signal);

// The processes that have NAME=VALUE (given as one text) in their environment. At most `max` are written.
int cs_find_by_environment(const char *assignment, pid_t *pids, int max);
// The descendants of a process, children before grandchildren.
int cs_descendants(pid_t pid, pid_t *pids, int max);
// Start time of a process in clock ticks since boot (0 when gone): a pid with another start time is another process.
uint64_t cs_start_time(pid_t pid);

// --- Readiness (poller.c): epoll, kqueue ---

struct cs_ready { int descriptor; bool readable, writable, hung_up; };

int cs_poller_open(void);
// Level-triggered. With neither readable nor writable only the end of the other side is told (hung_up).
int cs_poller_set(int poller, int descriptor, bool readable, bool writable);
int cs_poller_remove(int poller, int descriptor);
// timeout_ms < 0 waits for ever. Returns how many of `ready` were filled; 0 after EINTR too.
int cs_poller_wait(int poller, struct cs_ready *ready, int max, int timeout_ms);
// A descriptor that another thread or a signal handler makes readable.
int cs_waker_open(int descriptors[2]);   // [0] is polled, [1] is written; may be the same
void cs_waker_wake(int descriptor);
void cs_waker_clear(int descriptor);

int cs_set_nonblocking(int descriptor, bool wanted);
int cs_pipe(int descriptors[2]);         // close-on-exec both
// Whether epoll can watch it: a regular file cannot be, and is always ready.
bool cs_is_pollable(int descriptor);

// Writes `signal` as one byte to `descriptor` when it comes; SIGPIPE is ignored by cs_ignore_sigpipe.
int cs_forward_signal(int signal, int descriptor);
void cs_ignore_sigpipe(void);

// --- Time ---
uint64_t cs_monotonic_ms(void);
uint64_t cs_monotonic_ns(void);
// What the calling thread has computed itself, without what it waited for or others took.
uint64_t cs_thread_cpu_ns(void);
int64_t cs_wall_ms(void);
void cs_random(void *bytes, size_t count);

// --- Kernel locks (lock.c) ---
// Opens (0600) and locks a file of ours for the life of the descriptor (flock). -EWOULDBLOCK when another holds it.
int cs_lock_file(const char *path, bool exclusive, bool wait);
// Gives the lock up and closes its descriptor. A process that is being started may hold a copy of that for a moment:
// closing alone would leave it locked for as long.
void cs_unlock_file(int descriptor);

// --- Files without a name (unnamed.c) ---
// A file in a folder that is gone with its last descriptor unless it gets a name; for writing, mode 0600. -ENOTSUP
// where the system or the file system knows no such files.
int cs_open_unnamed(const char *folder);
// Gives it its name, which nothing may have yet.
int cs_name_file(int descriptor, const char *path);

// --- File systems (filesystem.c) ---
// What a folder is on: the magic number of statfs(2), and as text what the number does not tell: on Linux the mount's
// type where it is FUSE, on macOS the file system's where it is not local; else empty.
int cs_file_system(const char *path, uint32_t *magic, char *type, size_t type_max);

// --- Memory of this process ---
int64_t cs_resident_bytes(void);

// --- Confinement (confine.c) ---
struct cs_confinement {
    const char *const *readable;   // NULL-ended paths that may be read (files or folders)
    const char *const *writable;   // NULL-ended paths that may be read and written
    bool network;                  // whether TCP may be used
};
// From now on this process sees only these paths, where the kernel has Landlock. 1: enforced; 0: the kernel has none.
int cs_confine(const struct cs_confinement *confinement);

// --- Libraries loaded at run time (library.c) ---
void *cs_library_open(const char *const *names);   // the first that loads, or NULL
void *cs_library_symbol(void *library, const char *name);

// Functions of libcurl that take a variable number of arguments, which only C can call (curl_easy_setopt and
// curl_easy_getinfo, looked up as `function`). They return what libcurl returns.
int cs_curl_set_number(void *function, void *easy, int option, long value);
int cs_curl_set_pointer(void *function, void *easy, int option, const void *value);
int cs_curl_set_writer(
    void *function, void *easy, int option, size_t (*write)(char *bytes, size_t size, size_t count, void *context));
int cs_curl_get_number(void *function, void *easy, int info, long *value);

// --- Hashing (sha256.c) ---
struct cs_sha256 {
    uint32_t state[8];
    uint64_t length;   // bytes added
    uint8_t block[64];
};

void cs_sha256_begin(struct cs_sha256 *hash);
void cs_sha256_add(struct cs_sha256 *hash, const void *bytes, size_t count);
void cs_sha256_end(struct cs_sha256 *hash, uint8_t digest[32]);

#endif
