// Start, one ping at a time, and pings in a pipeline.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "measures.h"
#include "table.h"

static void print(const struct peer *peers, const double values[PEERS], enum bar bar, double limit, const char *text) {
    for (int p = 0; p < PEERS; p++) {
        if (!peers[p].arguments[0])
            table_note(peers[p].name, "not here");
        else if (p == AGENTHOST)
            table_own(peers[p].name, values[p], bar, limit, text);
        else
            table_peer(peers[p].name, values[p]);
    }
}

void measure_start(const struct peer *peers) {
    enum { ROUNDS = 15 };
    struct samples samples[PEERS] = {0};
    for (int round = 0; round <= ROUNDS; round++)
        for (int p = 0; p < PEERS; p++) {
            if (!peers[p].arguments[0]) continue;
            struct child child;
            size_t length;
            double begin = now_us();
            child_start(&child, &peers[p]);
            child_send(&child, peers[p].hello);
            child_receive(&child, &length);
            // The first round warms the disk's cache, and makes the store.
            if (round > 0) sample(&samples[p], (now_us() - begin) / 1e3);
            child_stop(&child);
        }
    double p50[PEERS];
    for (int p = 0; p < PEERS; p++) p50[p] = percentile(&samples[p], 50);
    table_head("spawn to first reply, p50 of 15", "ms");
    print(peers, p50, AT_MOST, 5, "5 ms");
}

// This process, and what it starts from now on, on one core, or on all again.
static void share_one_core(bool one) {
#ifdef __linux__
    static cpu_set_t all;
    if (one) sched_getaffinity(0, sizeof all, &all);
    cpu_set_t first;
    CPU_ZERO(&first);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&first) == 0; core++)
        if (CPU_ISSET(core, &all)) CPU_SET(core, &first);
    sched_setaffinity(0, sizeof all, one ? &first : &all);
#else
    (void)one;
#endif
}

void measure_ping(const struct peer *peers) {
    enum { ROUNDS = 6 };
    struct samples samples[PEERS] = {0};
    struct child children[PEERS];
    share_one_core(true);
    for (int p = 0; p < PEERS; p++)
        if (peers[p].arguments[0]) child_greet(&children[p], &peers[p]);
    for (int round = 0; round < ROUNDS; round++)
        for (int p = 0; p < PEERS; p++) {
            if (!peers[p].arguments[0]) continue;
            long count = peers[p].slow ? 300 : 5000;
            for (long id = 1; id <= count; id++) {
                double time = child_ping(&children[p], 1000 + id);
                if (round > 0) sample(&samples[p], time);
            }
        }
    double p50[PEERS], p99[PEERS];
    for (int p = 0; p < PEERS; p++) {
        p50[p] = percentile(&samples[p], 50);
        p99[p] = percentile(&samples[p], 99);
        if (peers[p].arguments[0]) child_stop(&children[p]);
    }
    share_one_core(false);
    table_head("one ping at a time on one core, p50", "us");
    print(peers, p50, AT_MOST, 15, "15 us");
    table_head("the same, p99", "us");
    for (int p = 0; p < PEERS; p++)
        if (peers[p].arguments[0]) table_peer(peers[p].name, p99[p]);
}

// Sends so many pings as fast as they are taken, and reads every reply. Returns pings a second.
static double pipeline(struct child *child, long count) {
    char *requests = malloc((size_t)count * 256);
    size_t total = 0, sent = 0, length;
    for (long id = 1; id <= count; id++) total += ping_write(requests + total, child->peer, 100000 + id);
    fcntl(child->input, F_SETFL, O_NONBLOCK);
    double begin = now_us();
    for (long replies = 0; replies < count;) {
        struct pollfd ready[2] = {{.fd = child->output, .events = POLLIN},
                                  {.fd = sent < total ? child->input : -1, .events = POLLOUT}};
        if (poll(ready, 2, 30000) == 0) fail("%s is silent after %ld replies", child->peer->name, replies);
        if (ready[1].revents) {
            ssize_t written = write(child->input, requests + sent, total - sent);
            if (written < 0 && errno != EAGAIN) fail("%s reads no more", child->peer->name);
            if (written > 0) sent += (size_t)written;
        }
        if (!ready[0].revents) continue;
        child_fill(child);
        const char *reply;
        while ((reply = child_take(child, &length))) {
            // SourceKit-LSP's replies are errors by intention, and the echo's are the requests.
            if (child->peer->framing == LINES && memmem(reply, length, "\"error\"", 7))
                fail("%s answered %.*s", child->peer->name, (int)length, reply);
            replies += memmem(reply, length, "\"id\":1", 6) != NULL;
        }
    }
    double seconds = (now_us() - begin) / 1e6;
    fcntl(child->input, F_SETFL, 0);
    free(requests);
    return (double)count / seconds;
}

void measure_pings(const struct peer *peers) {
    enum { ROUNDS = 5 };
    struct samples samples[PEERS] = {0};
    struct child children[PEERS];
    for (int p = 0; p < PEERS; p++)
        if (peers[p].arguments[0]) child_greet(&children[p], &peers[p]);
    for (int round = 0; round <= ROUNDS; round++)
        for (int p = 0; p < PEERS; p++) {
            if (!peers[p].arguments[0]) continue;
            double rate = pipeline(&children[p], peers[p].slow ? 1000 : 90000);
            if (round > 0) sample(&samples[p], rate);
        }
    double rates[PEERS];
    for (int p = 0; p < PEERS; p++) {
        rates[p] = percentile(&samples[p], 50);
        if (peers[p].arguments[0]) child_stop(&children[p]);
    }
    table_head("pings in a pipeline, p50 of 5", "per second");
    print(peers, rates, AT_LEAST, 300000, "300,000");
}
