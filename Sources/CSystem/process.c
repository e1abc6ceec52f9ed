// Clocks, random bytes and the memory of this process.
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/random.h>
#else
#include <mach/mach.h>
#endif

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t cs_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
uint64_t cs_thread_cpu_ns(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

uint64_t cs_monotonic_ms(void) { return cs_monotonic_ns() / 1000000; }

int64_t cs_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void cs_random(void *bytes, size_t count) {
#ifdef __linux__
    char *next = bytes;
    while (count > 0) {
        ssize_t got = getrandom(next, count, 0);
        if (got < 0 && errno == EINTR) continue;
        // Ids and secrets made from anything weaker would be guessed.
        if (got <= 0) abort();
        next += got;
        count -= (size_t)got;
    }
#else
    arc4random_buf(bytes, count);
#endif
}

int64_t cs_resident_bytes(void) {
#ifdef __linux__
    char text[128];
    int descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -errno;
    ssize_t count = read(descriptor, text, sizeof text - 1);
    int error = errno;
    close(descriptor);
    if (count < 0) return -error;
    text[count] = 0;
    char *rest;
    strtoll(text, &rest, 10);
    return strtoll(rest, NULL, 10) * sysconf(_SC_PAGESIZE);
#else
    struct mach_task_basic_info info;
    mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
    if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&info, &count) != KERN_SUCCESS) return -EIO;
    return (int64_t)info.resident_size;
#endif
}
