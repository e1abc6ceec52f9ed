#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

int child_patience_ms = 30000;

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "bench: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}

double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void pipe_closed_on_exec(int ends[2]) {
    if (pipe(ends) != 0) fail("pipe: %s", strerror(errno));
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
}

void child_start(struct child *child, const struct peer *peer) {
    int in[2], out[2];
    pipe_closed_on_exec(in);
    pipe_closed_on_exec(out);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    if (!getenv("BENCH_VERBOSE")) posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int error = posix_spawn(&child->pid, peer->arguments[0], &actions, NULL, (char **)peer->arguments, environ);
    if (error) fail("%s: %s", peer->arguments[0], strerror(error));
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    child->peer = peer;
    child->input = in[1];
    child->output = out[0];
    child->capacity = 1 << 20;
    child->buffer = malloc(child->capacity);
    child->start = child->end = 0;
}

static void write_all(struct child *child, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(child->input, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail("%s reads no more", child->peer->name);
        bytes += written;
        count -= (size_t)written;
    }
}

void child_send(struct child *child, const char *message) {
    char frame[8192];
    int count = child->peer->framing == LINES
                    ? snprintf(frame, sizeof frame, "%s\n", message)
                    : snprintf(frame, sizeof frame, "Content-Length: %zu\r\n\r\n%s", strlen(message), message);
    if ((size_t)count >= sizeof frame) fail("a message of %d bytes is too long", count);
    write_all(child, frame, (size_t)count);
}

void child_fill(struct child *child) {
    if (child->start == child->end) child->start = child->end = 0;
    if (child->end == child->capacity && child->start > 0) {
        memmove(child->buffer, child->buffer + child->start, child->end - child->start);
        child->end -= child->start;
        child->start = 0;
    }
    if (child->end == child->capacity) {
        child->capacity *= 2;
        child->buffer = realloc(child->buffer, child->capacity);
    }
    struct pollfd ready = {.fd = child->output, .events = POLLIN};
    if (poll(&ready, 1, child_patience_ms) == 0) fail("%s is silent", child->peer->name);
    ssize_t count = read(child->output, child->buffer + child->end, child->capacity - child->end);
    if (count <= 0) fail("%s has ended", child->peer->name);
    child->end += (size_t)count;
}

static const char *take_line(struct child *child, size_t *length) {
    const char *first = child->buffer + child->start;
    const char *end = memchr(first, '\n', child->end - child->start);
    if (!end) return NULL;
    *length = (size_t)(end - first);
    child->start += *length + 1;
    return first;
}

static const char *take_framed(struct child *child, size_t *length) {
    const char *first = child->buffer + child->start;
    const char *blank = memmem(first, child->end - child->start, "\r\n\r\n", 4);
    const char *header = memmem(first, child->end - child->start, "Content-Length:", 15);
    if (!blank || !header || header > blank) return NULL;
    *length = strtoul(header + 15, NULL, 10);
    size_t whole = (size_t)(blank + 4 - first) + *length;
    if (child->end - child->start < whole) return NULL;
    child->start += whole;
    return blank + 4;
}

const char *child_take(struct child *child, size_t *length) {
    return child->peer->framing == LINES ? take_line(child, length) : take_framed(child, length);
}

const char *child_receive(struct child *child, size_t *length) {
    const char *message;
    while (!(message = child_take(child, length))) child_fill(child);
    return message;
}

void child_greet(struct child *child, const struct peer *peer) {
    size_t length;
    child_start(child, peer);
    child_send(child, peer->hello);
    child_receive(child, &length);
    if (peer->after_hello) child_send(child, peer->after_hello);
    // Notifications that the greeting caused may come late: what answers the first ping ends them.
    child_ping(child, 1);
}

size_t ping_write(char *to, const struct peer *peer, long id) {
    char message[200];
    int count = snprintf(message, sizeof message, peer->ping, id);
    if (peer->framing == LINES) return (size_t)snprintf(to, 256, "%s\n", message);
    return (size_t)snprintf(to, 256, "Content-Length: %d\r\n\r\n%s", count, message);
}

double child_ping(struct child *child, long id) {
    char frame[256], marker[32];
    size_t count = ping_write(frame, child->peer, id), length;
    int marked = snprintf(marker, sizeof marker, "\"id\":%ld", id);
    double begin = now_us();
    write_all(child, frame, count);
    const char *reply;
    do {
        reply = child_receive(child, &length);
    } while (!memmem(reply, length, marker, (size_t)marked));
    return now_us() - begin;
}

long child_resident_kb(const struct child *child) {
    char text[64];
    long pages = 0, kb = 0;
    snprintf(text, sizeof text, "/proc/%d/statm", child->pid);
    FILE *file = fopen(text, "r");
    if (file) {
        if (fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
        fclose(file);
        return pages * sysconf(_SC_PAGESIZE) / 1024;
    }
    snprintf(text, sizeof text, "ps -o rss= -p %d", child->pid);
    if (!(file = popen(text, "r"))) return 0;
    if (fscanf(file, "%ld", &kb) != 1) kb = 0;
    pclose(file);
    return kb;
}

void child_stop(struct child *child) {
    kill(child->pid, SIGKILL);
    close(child->input);
    close(child->output);
    waitpid(child->pid, NULL, 0);
    free(child->buffer);
}

void child_finish(struct child *child) {
    int status;
    close(child->input);
    while (read(child->output, child->buffer, child->capacity) > 0) continue;
    waitpid(child->pid, &status, 0);
    if (status != 0) fail("%s ended with status %d", child->peer->name, status);
    close(child->output);
    free(child->buffer);
}
