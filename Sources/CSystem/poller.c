// Readiness of descriptors, wakers, and signals as bytes.
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#else
#include <sys/event.h>
#include <sys/time.h>
#endif

enum { READY_MAX = 256 };

#ifdef __linux__

// What was asked for travels in the upper half of the event's data, so that a hang-up can be told as readiness too.
enum { WANTS_READ = 1, WANTS_WRITE = 2 };

int cs_poller_open(void) {
    int poller = epoll_create1(EPOLL_CLOEXEC);
    return poller < 0 ? -errno : poller;
}

int cs_poller_set(int poller, int descriptor, bool readable, bool writable) {
    uint64_t wanted = (readable ? WANTS_READ : 0) | (writable ? WANTS_WRITE : 0);
    struct epoll_event event = {
        .events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u),
        .data.u64 = wanted << 32 | (uint32_t)descriptor,
    };
    if (epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
    if (errno != ENOENT) return -errno;
    return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

int cs_poller_remove(int poller, int descriptor) {
    return epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, NULL) == 0 ? 0 : -errno;
}

int cs_poller_wait(int poller, struct cs_ready *ready, int max, int timeout_ms) {
    struct epoll_event events[READY_MAX];
    if (max <= 0) return -EINVAL;
    int count = epoll_wait(poller, events, max < READY_MAX ? max : READY_MAX, timeout_ms);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        uint32_t what = events[i].events;
        uint64_t wanted = events[i].data.u64 >> 32;
        bool ended = (what & (EPOLLHUP | EPOLLERR)) != 0;
        ready[i] = (struct cs_ready){
            .descriptor = (int)(uint32_t)events[i].data.u64,
            .readable = (what & EPOLLIN) != 0 || (ended && (wanted & WANTS_READ) != 0),
            .writable = (what & EPOLLOUT) != 0 || (ended && (wanted & WANTS_WRITE) != 0),
            .hung_up = ended,
        };
    }
    return count;
}

bool cs_is_pollable(int descriptor) {
    int poller = cs_poller_open();
    if (poller < 0) return false;
    bool can = cs_poller_set(poller, descriptor, true, false) == 0;
    close(poller);
    return can;
}

int cs_waker_open(int descriptors[2]) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0) return -errno;
    descriptors[0] = descriptors[1] = descriptor;
    return 0;
}

#else

int cs_poller_open(void) {
    int poller = kqueue();
    if (poller < 0) return -errno;
    fcntl(poller, F_SETFD, FD_CLOEXEC);
    return poller;
}

static int change_filter(int poller, int descriptor, int16_t filter, uint16_t flags) {
    struct kevent change;
    EV_SET(&change, descriptor, filter, flags, 0, 0, NULL);
    if (kevent(poller, &change, 1, NULL, 0, NULL) == 0) return 0;
    return (flags & EV_DELETE) != 0 && errno == ENOENT ? 0 : -errno;
}

int cs_poller_set(int poller, int descriptor, bool readable, bool writable) {
    int mode = fcntl(descriptor, F_GETFL);
    if (mode < 0) return -errno;
    // With nothing wanted the filter stays for its EV_EOF; EV_CLEAR keeps unread bytes from waking for ever.
    bool only_end = !readable && !writable;
    bool is_write_only = (mode & O_ACCMODE) == O_WRONLY;
    uint16_t add = EV_ADD | (only_end ? EV_CLEAR : 0);
    int result = change_filter(poller, descriptor, EVFILT_READ, EV_DELETE);
    if (result == 0) result = change_filter(poller, descriptor, EVFILT_WRITE, EV_DELETE);
    if (result == 0 && (readable || (only_end && !is_write_only)))
        result = change_filter(poller, descriptor, EVFILT_READ, add);
    if (result == 0 && (writable || (only_end && is_write_only)))
        result = change_filter(poller, descriptor, EVFILT_WRITE, add);
    return result;
}

int cs_poller_remove(int poller, int descriptor) {
    int result = change_filter(poller, descriptor, EVFILT_READ, EV_DELETE);
    int other = change_filter(poller, descriptor, EVFILT_WRITE, EV_DELETE);
    return result < 0 ? result : other;
}

int cs_poller_wait(int poller, struct cs_ready *ready, int max, int timeout_ms) {
    struct kevent events[READY_MAX];
    struct timespec timeout = {timeout_ms / 1000, (timeout_ms % 1000) * 1000000L};
    if (max <= 0) return -EINVAL;
    int count = kevent(
        poller, NULL, 0, events, max < READY_MAX ? max : READY_MAX, timeout_ms < 0 ? NULL : &timeout);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    int filled = 0;
    for (int i = 0; i < count; i++) {
        bool ended = (events[i].flags & EV_EOF) != 0, is_watched_for_end = (events[i].flags & EV_CLEAR) != 0;
        if (is_watched_for_end && !ended) continue;
        int place = 0;
        while (place < filled && ready[place].descriptor != (int)events[i].ident) place++;
        if (place == filled) ready[filled++] = (struct cs_ready){.descriptor = (int)events[i].ident};
        if (!is_watched_for_end) {
            ready[place].readable |= events[i].filter == EVFILT_READ;
            ready[place].writable |= events[i].filter == EVFILT_WRITE;
        }
        ready[place].hung_up |= ended;
    }
    return filled;
}

bool cs_is_pollable(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

int cs_waker_open(int descriptors[2]) {
    int result = cs_pipe(descriptors);
    if (result < 0) return result;
    cs_set_nonblocking(descriptors[0], true);
    cs_set_nonblocking(descriptors[1], true);
    return 0;
}

#endif

void cs_waker_wake(int descriptor) {
    int error = errno;
    uint64_t one = 1;
    // A full one has woken already.
    while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR) {}
    errno = error;
}

void cs_waker_clear(int descriptor) {
    char bytes[512];
    ssize_t count;
    do count = read(descriptor, bytes, sizeof bytes);
    while (count == sizeof bytes || (count < 0 && errno == EINTR));
}

int cs_set_nonblocking(int descriptor, bool wanted) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    int changed = wanted ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return changed == flags || fcntl(descriptor, F_SETFL, changed) == 0 ? 0 : -errno;
}

int cs_pipe(int descriptors[2]) {
#ifdef __linux__
    return pipe2(descriptors, O_CLOEXEC) == 0 ? 0 : -errno;
#else
    if (pipe(descriptors) != 0) return -errno;
    fcntl(descriptors[0], F_SETFD, FD_CLOEXEC);
    fcntl(descriptors[1], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}

// One more than the descriptor of each signal, so that zero means none.
static _Atomic int signal_targets[NSIG];

static void forward(int signal) {
    int error = errno;
    int descriptor = atomic_load_explicit(&signal_targets[signal], memory_order_relaxed) - 1;
    char byte = (char)signal;
    if (descriptor >= 0) (void)!write(descriptor, &byte, 1);
    errno = error;
}

int cs_forward_signal(int signal, int descriptor) {
    if (signal <= 0 || signal >= NSIG) return -EINVAL;
    atomic_store(&signal_targets[signal], descriptor + 1);
    struct sigaction action = {.sa_handler = forward, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, NULL) == 0 ? 0 : -errno;
}

void cs_ignore_sigpipe(void) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, NULL);
}
