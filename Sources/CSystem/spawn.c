// Starting, watching and signalling child processes.
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#else
#include <sys/event.h>
#endif

// What the child is told and, in `error`, tells: it shares this memory until exec (Linux), or has a pipe (macOS).
struct child {
    const struct cs_spawn_options *options;
    pid_t parent;
    volatile int error;
};

// Nothing above its own memory may change in a child that borrows the parent's: no sanitizer may look in.
#if defined(__has_attribute) && __has_attribute(disable_sanitizer_instrumentation)
#define UNWATCHED __attribute__((disable_sanitizer_instrumentation))
#else
#define UNWATCHED
#endif

#ifdef __linux__
// System calls without their C functions, which a sanitizer may intercept and take for the parent's.
#define RAW_DUP_ABOVE(fd) ((int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3))
#define RAW_DUP_TO(fd, target) ((int)syscall(SYS_dup3, fd, target, 0))
#define RAW_CLOSE(fd) ((int)syscall(SYS_close, fd))
#else
#define RAW_DUP_ABOVE(fd) fcntl(fd, F_DUPFD_CLOEXEC, 3)
#define RAW_DUP_TO(fd, target) dup2(fd, target)
#define RAW_CLOSE(fd) close(fd)
#endif

UNWATCHED static void reset_signals(void) {
#ifdef __linux__
    // All zeros is SIG_DFL without flags or mask, whatever the layout of the kernel's structure is.
    static const char kernel_default[64] = {0};
    static const char kernel_empty_mask[8] = {0};
    for (int signal = 1; signal <= 64; signal++) syscall(SYS_rt_sigaction, signal, kernel_default, NULL, 8);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, kernel_empty_mask, NULL, 8);
#else
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
#endif
}

// Makes `sources` the descriptors 0, 1 and 2, whichever numbers they have.
UNWATCHED static int place_descriptors(const int sources[3]) {
    int above[3];
    for (int i = 0; i < 3; i++) {
        above[i] = RAW_DUP_ABOVE(sources[i]);
        if (above[i] < 0) return errno;
    }
    for (int i = 0; i < 3; i++) {
        if (RAW_DUP_TO(above[i], i) < 0) return errno;
    }
    return 0;
}

// Closes every descriptor from 3 on but `kept`.
UNWATCHED static void close_others(int kept) {
#ifdef __linux__
    (void)kept;
    if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0) return;
#endif
    struct rlimit limit;
    int end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1 << 20 ? (int)limit.rlim_cur : 1 << 20;
    for (int descriptor = 3; descriptor < end; descriptor++) {
        if (descriptor != kept) RAW_CLOSE(descriptor);
    }
}

UNWATCHED static int limit_resource(int resource, uint64_t most) {
    struct rlimit limit;
    if (most == 0) return 0;
    if (getrlimit(resource, &limit) != 0) return errno;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most) limit.rlim_max = most;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

UNWATCHED static int limit_resources(const struct cs_spawn_options *options) {
    int error = limit_resource(RLIMIT_CPU, options->cpu_seconds_max);
    if (error == 0) error = limit_resource(RLIMIT_FSIZE, options->file_bytes_max);
    if (error == 0) error = limit_resource(RLIMIT_AS, options->memory_bytes_max);
    return error;
}

// Runs in the child and returns only when it could not become the program: with the errno.
UNWATCHED static int become_program(const struct child *child, int kept) {
    const struct cs_spawn_options *options = child->options;
    reset_signals();
    if (setsid() < 0) return errno;
#ifdef __linux__
    if (options->dies_with_parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
        // The parent may have ended before the line above; then nothing would ever tell this process.
        if (getppid() != child->parent) return ESRCH;
    }
#endif
    int error = place_descriptors((const int[3]){options->input, options->output, options->error});
    if (error != 0) return error;
    close_others(kept);
    if (options->working_directory != NULL && chdir(options->working_directory) != 0) return errno;
    error = limit_resources(options);
    if (error != 0) return error;
    execve(options->path, (char *const *)options->arguments, (char *const *)options->environment);
    return errno;
}

#ifdef __linux__

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The thread sanitizer replaces `clone` by one that cannot share memory; this is the same function of the C library.
extern int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);
#define clone __clone
#endif
#endif

UNWATCHED static int run_child(void *argument) {
    struct child *child = argument;
    child->error = become_program(child, -1);
    for (;;) syscall(SYS_exit_group, 127);
}

// The child borrows this process's memory (as vfork does, on a stack of its own), so nothing is copied.
static pid_t start_child(struct child *child) {
    _Alignas(16) char stack[32 * 1024];
    pid_t pid = clone(run_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, child);
    return pid < 0 ? -errno : pid;
}

#else

// The child is a copy and tells its error through a pipe, which exec closes.
static pid_t start_child(struct child *child) {
    int ends[2];
    int result = cs_pipe(ends);
    if (result < 0) return result;
    pid_t pid = fork();
    if (pid == 0) {
        // The pipe must lie above what place_descriptors fills.
        int kept = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
        int error = kept < 0 ? errno : become_program(child, kept);
        (void)!write(kept < 0 ? ends[1] : kept, &error, sizeof error);
        _exit(127);
    }
    int error = errno;
    close(ends[1]);
    if (pid > 0) {
        ssize_t count;
        do count = read(ends[0], &error, sizeof error);
        while (count < 0 && errno == EINTR);
        child->error = count == sizeof error ? error : 0;
    }
    close(ends[0]);
    return pid < 0 ? -error : pid;
}

#endif

int cs_spawn(const struct cs_spawn_options *options, pid_t *pid) {
    struct child child = {.options = options, .parent = getpid(), .error = 0};
    if (options->path == NULL || options->path[0] != '/') return -EINVAL;
    // No handler of the parent may run in a child that shares its memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t started = start_child(&child);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started < 0) return started;
    if (child.error != 0) {
        while (waitpid(started, NULL, 0) < 0 && errno == EINTR) {}
        return -child.error;
    }
    *pid = started;
    return 0;
}

int cs_exit_descriptor(pid_t pid) {
#ifdef __linux__
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    return descriptor < 0 ? -errno : descriptor;
#else
    int queue = kqueue();
    if (queue < 0) return -errno;
    fcntl(queue, F_SETFD, FD_CLOEXEC);
    struct kevent change;
    EV_SET(&change, pid, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
    int error = kevent(queue, &change, 1, NULL, 0, NULL) == 0 ? 0 : errno;
    // One that has ended already can no longer be watched: any other event makes the queue readable as well.
    if (error == ESRCH && kill(pid, 0) == 0) {
        EV_SET(&change, 1, EVFILT_USER, EV_ADD, NOTE_TRIGGER, 0, NULL);
        error = kevent(queue, &change, 1, NULL, 0, NULL) == 0 ? 0 : errno;
        EV_SET(&change, 1, EVFILT_USER, 0, NOTE_TRIGGER, 0, NULL);
        if (error == 0 && kevent(queue, &change, 1, NULL, 0, NULL) != 0) error = errno;
    }
    if (error != 0) {
        close(queue);
        return -error;
    }
    return queue;
#endif
}

int cs_reap(pid_t pid, int *status) {
    int raw = 0;
    pid_t ended;
    do ended = waitpid(pid, &raw, WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return -errno;
    if (ended == 0) return 0;
    *status = WIFSIGNALED(raw) ? -WTERMSIG(raw) : WEXITSTATUS(raw);
    return 1;
}

int cs_signal_group(pid_t pid, int signal) {
    // -1 would mean every process there is, 0 the caller's own group.
    if (pid <= 1) return -EINVAL;
    return kill(-pid, signal) == 0 ? 0 : -errno;
}
