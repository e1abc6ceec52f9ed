// Finding processes: by their environment, by their parents.
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CSystem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __APPLE__
#include <libproc.h>
#include <sys/sysctl.h>
#endif

struct process { pid_t pid, parent; };
struct buffer { char *bytes; size_t size; };

// Whether one of the NUL-ended texts in `bytes` is `wanted`.
static bool has_text(const char *bytes, size_t count, const char *wanted) {
    size_t length = strlen(wanted);
    for (size_t start = 0; start < count;) {
        const char *end = memchr(bytes + start, 0, count - start);
        size_t here = (end == NULL ? bytes + count : end) - (bytes + start);
        if (here == length && memcmp(bytes + start, wanted, length) == 0) return true;
        start += here + 1;
    }
    return false;
}

#ifdef __linux__

// The whole of a file in /proc, whose size nothing tells beforehand. Returns its length or a negated errno.
static ssize_t read_whole(int folder, const char *name, struct buffer *buffer) {
    int descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -errno;
    size_t length = 0;
    ssize_t count = 0;
    for (;;) {
        if (buffer->size - length < 4096) {
            size_t size = buffer->size == 0 ? 64 * 1024 : buffer->size * 2;
            char *bytes = realloc(buffer->bytes, size);
            if (bytes == NULL) {
                count = -1;
                errno = ENOMEM;
                break;
            }
            *buffer = (struct buffer){bytes, size};
        }
        count = read(descriptor, buffer->bytes + length, buffer->size - length - 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        length += (size_t)count;
    }
    int error = errno;
    close(descriptor);
    if (count < 0) return -error;
    buffer->bytes[length] = 0;
    return (ssize_t)length;
}

// Field `number` (from 4 on, as in proc(5)) of the text of /proc/PID/stat; the second one may hold any character.
static unsigned long long stat_field(const char *text, int number) {
    const char *place = strrchr(text, ')');
    for (int field = 2; place != NULL && field < number; field++) place = strchr(place + 1, ' ');
    return place == NULL ? 0 : strtoull(place + 1, NULL, 10);
}

// Whether a process is within exec: it has its program already, and its environment (field 51: env_end) not yet.
static bool is_being_started(int folder, pid_t pid, struct buffer *buffer) {
    char name[32], program[1];
    snprintf(name, sizeof name, "%d/exe", pid);
    if (readlinkat(folder, name, program, sizeof program) <= 0) return false;
    snprintf(name, sizeof name, "%d/stat", pid);
    return read_whole(folder, name, buffer) > 0 && stat_field(buffer->bytes, 51) == 0;
}

int cs_find_by_environment(const char *assignment, pid_t *pids, int max) {
    DIR *folder = opendir("/proc");
    if (folder == NULL) return -errno;
    struct buffer buffer = {0};
    int found = 0;
    struct dirent *entry;
    while (found < max && (entry = readdir(folder)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        struct stat status;
        char name[32];
        if (pid <= 0 || pid == getpid()) continue;
        if (fstatat(dirfd(folder), entry->d_name, &status, 0) != 0 || status.st_uid != geteuid()) continue;
        snprintf(name, sizeof name, "%d/environ", pid);
        ssize_t length = read_whole(dirfd(folder), name, &buffer);
        for (int look = 0; length == 0 && look < 100; look++) {
            bool again = is_being_started(dirfd(folder), pid, &buffer);
            length = read_whole(dirfd(folder), name, &buffer);
            if (!again) break;
            if (length == 0) usleep(100);
        }
        if (length > 0 && has_text(buffer.bytes, (size_t)length, assignment)) pids[found++] = pid;
    }
    free(buffer.bytes);
    closedir(folder);
    return found;
}

// Every process with its parent. Returns how many, in memory the caller frees.
static int list_processes(struct process **list) {
    DIR *folder = opendir("/proc");
    if (folder == NULL) return -errno;
    struct buffer buffer = {0};
    int count = 0, room = 0, result = 0;
    struct dirent *entry;
    *list = NULL;
    while ((entry = readdir(folder)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        char name[32];
        snprintf(name, sizeof name, "%d/stat", pid);
        if (pid <= 0 || read_whole(dirfd(folder), name, &buffer) <= 0) continue;
        if (count == room) {
            room = room == 0 ? 256 : room * 2;
            struct process *grown = realloc(*list, (size_t)room * sizeof **list);
            if (grown == NULL) {
                result = -ENOMEM;
                break;
            }
            *list = grown;
        }
        (*list)[count++] = (struct process){pid, (pid_t)stat_field(buffer.bytes, 4)};
    }
    free(buffer.bytes);
    closedir(folder);
    return result < 0 ? result : count;
}

uint64_t cs_start_time(pid_t pid) {
    struct buffer buffer = {0};
    char name[32];
    snprintf(name, sizeof name, "/proc/%d/stat", pid);
    uint64_t ticks = read_whole(AT_FDCWD, name, &buffer) > 0 ? stat_field(buffer.bytes, 22) : 0;
    free(buffer.bytes);
    return ticks;
}

#else

static int list_pids(pid_t **pids) {
    // More may start between the two calls.
    int room = proc_listallpids(NULL, 0) + 256;
    *pids = malloc((size_t)room * sizeof **pids);
    if (*pids == NULL) return -ENOMEM;
    int count = proc_listallpids(*pids, room * (int)sizeof **pids);
    if (count < 0) {
        int error = errno;
        free(*pids);
        *pids = NULL;
        return -error;
    }
    return count;
}

// KERN_PROCARGS2: the number of arguments, the program's path, NULs, the arguments, the environment.
static bool has_assignment(pid_t pid, const char *assignment, struct buffer *buffer) {
    int name[3] = {CTL_KERN, KERN_PROCARGS2, pid};
    size_t length = buffer->size;
    int arguments;
    if (sysctl(name, 3, buffer->bytes, &length, NULL, 0) != 0 || length < sizeof arguments) return false;
    memcpy(&arguments, buffer->bytes, sizeof arguments);
    size_t start = sizeof arguments;
    while (start < length && buffer->bytes[start] != 0) start++;
    while (start < length && buffer->bytes[start] == 0) start++;
    for (int i = 0; i < arguments && start < length; i++) {
        while (start < length && buffer->bytes[start] != 0) start++;
        start++;
    }
    return start < length && has_text(buffer->bytes + start, length - start, assignment);
}

int cs_find_by_environment(const char *assignment, pid_t *pids, int max) {
    int name[2] = {CTL_KERN, KERN_ARGMAX}, argument_bytes_max = 0;
    size_t size = sizeof argument_bytes_max;
    if (sysctl(name, 2, &argument_bytes_max, &size, NULL, 0) != 0) return -errno;
    struct buffer buffer = {malloc((size_t)argument_bytes_max), (size_t)argument_bytes_max};
    pid_t *all;
    int count = list_pids(&all), found = 0;
    for (int i = 0; i < count && found < max && buffer.bytes != NULL; i++) {
        struct proc_bsdinfo info;
        if (all[i] == getpid()) continue;
        if (proc_pidinfo(all[i], PROC_PIDTBSDINFO, 0, &info, sizeof info) != sizeof info) continue;
        if (info.pbi_uid == geteuid() && has_assignment(all[i], assignment, &buffer)) pids[found++] = all[i];
    }
    bool is_short = buffer.bytes == NULL;
    free(buffer.bytes);
    free(all);
    return count < 0 ? count : is_short ? -ENOMEM : found;
}

static int list_processes(struct process **list) {
    pid_t *all;
    int count = list_pids(&all), known = 0;
    *list = count < 0 ? NULL : malloc((size_t)(count + 1) * sizeof **list);
    for (int i = 0; i < count && *list != NULL; i++) {
        struct proc_bsdinfo info;
        if (proc_pidinfo(all[i], PROC_PIDTBSDINFO, 0, &info, sizeof info) != sizeof info) continue;
        (*list)[known++] = (struct process){all[i], (pid_t)info.pbi_ppid};
    }
    free(all);
    return count < 0 ? count : *list == NULL ? -ENOMEM : known;
}

// In microseconds since 1970, which serves the same comparison.
uint64_t cs_start_time(pid_t pid) {
    struct proc_bsdinfo info;
    if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &info, sizeof info) != sizeof info) return 0;
    return info.pbi_start_tvsec * 1000000 + info.pbi_start_tvusec;
}

#endif

int cs_descendants(pid_t pid, pid_t *pids, int max) {
    struct process *list;
    int count = list_processes(&list), found = 0;
    // `pids` is the queue as well: the children of what is in it are appended until there are no more.
    for (int next = -1; next < found && count > 0; next++) {
        pid_t parent = next < 0 ? pid : pids[next];
        for (int i = 0; i < count && found < max; i++) {
            if (list[i].parent != parent || list[i].pid == pid) continue;
            pids[found++] = list[i].pid;
            // Each is taken once, so that a pid used again while the list was read makes no circle.
            list[i].parent = -1;
        }
    }
    free(list);
    return count < 0 ? count : found;
}
