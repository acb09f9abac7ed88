// floor: the yardstick. Godwit's CPU per delivery is stated as a multiple of what this relay needs in the same run.
//
// It does what no broker can leave out, parse, look up the exact topic and copy, in plain C on one thread. There are no sessions, limits,
// wildcards or persistence, QoS 2 does not exist, and it trusts its peer and checks nothing: it is a measuring instrument and no example.
// Messages go out at the QoS and in the protocol version in which they came. Built and run by compare.sh; alone:
//   gcc -O2 -o floor floor.c && ./floor PORT        (binds 127.0.0.1)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUCKETS 65536
#define MAX_FD (1 << 17)
#define LARGE (64 * 1024) // an incomplete packet of at least this size is received in a buffer of its own

typedef uint8_t u8;
typedef struct conn conn;

typedef struct topic {
    struct topic *next;
    uint32_t hash;
    int length;
    u8 *name;
    conn **subscribers;
    int count;
} topic;

struct conn {
    int fd, is_queued, wants_out, is_v5;
    u8 *out;
    int out_length, out_sent, out_capacity;
    u8 *part; // an incomplete packet: its bytes so far, and its whole length if that is large
    int part_length, large;
    topic *last;
    uint16_t packet_id;
    topic **subscribed;
    int subscribed_count;
};

static conn *conns[MAX_FD], *dirty[MAX_FD];
static int dirty_count, ep;
static topic *buckets[BUCKETS];

static uint32_t hash_of(const u8 *s, int n) {
    uint64_t h = 0x9E3779B97F4A7C15ull ^ n, v;
    for (; n >= 8; s += 8, n -= 8) {
        memcpy(&v, s, 8);
        h = (h ^ v) * 0xff51afd7ed558ccdull;
        h ^= h >> 32;
    }
    while (n-- > 0) h = (h ^ *s++) * 0xff51afd7ed558ccdull;
    return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

static topic *find(const u8 *name, int n) {
    uint32_t h = hash_of(name, n);
    for (topic *t = buckets[h % BUCKETS]; t; t = t->next)
        if (t->hash == h && t->length == n && !memcmp(t->name, name, n)) return t;
    return NULL;
}

static topic *find_or_add(const u8 *name, int n) {
    topic *t = find(name, n);
    if (t) return t;
    t = calloc(1, sizeof *t);
    t->name = malloc(n);
    memcpy(t->name, name, n);
    t->length = n;
    t->hash = hash_of(name, n);
    t->next = buckets[t->hash % BUCKETS];
    return buckets[t->hash % BUCKETS] = t;
}

// ---- output: everything that a turn appends to a connection leaves in one send ----

static u8 *append(conn *c, const void *bytes, int n) {
    if (c->out_length + n > c->out_capacity) {
        int capacity = c->out_capacity ? c->out_capacity : 1024;
        while (capacity < c->out_length + n) capacity *= 2;
        c->out = realloc(c->out, capacity);
        c->out_capacity = capacity;
    }
    u8 *place = c->out + c->out_length;
    memcpy(place, bytes, n);
    c->out_length += n;
    if (!c->is_queued) {
        c->is_queued = 1;
        dirty[dirty_count++] = c;
    }
    return place;
}

static void watch(conn *c, int operation, int wants_out) {
    struct epoll_event e = { EPOLLIN | (wants_out ? EPOLLOUT : 0), { .fd = c->fd } };
    epoll_ctl(ep, operation, c->fd, &e);
    c->wants_out = wants_out;
}

static void flush(conn *c) {
    while (c->out_sent < c->out_length) {
        ssize_t n = send(c->fd, c->out + c->out_sent, c->out_length - c->out_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            if (!c->wants_out) watch(c, EPOLL_CTL_MOD, 1);
            return;
        }
        if (n < 0) break;
        c->out_sent += n;
    }
    c->out_sent = c->out_length = 0;
    if (c->wants_out) watch(c, EPOLL_CTL_MOD, 0);
}

// ---- packets: b is the packet, k the length of its fixed header, n its whole length ----

static void relay(conn *c, const u8 *b, int k, int n) {
    int qos = b[0] >> 1 & 3, length = b[k] << 8 | b[k + 1], id = k + 2 + length;
    topic *t = c->last;
    if (!t || t->length != length || memcmp(t->name, b + k + 2, length)) t = c->last = find(b + k + 2, length);
    for (int i = 0; t && i < t->count; i++) {
        conn *to = t->subscribers[i];
        u8 *copy = append(to, b, n);
        if (!qos) continue;
        if (!++to->packet_id) to->packet_id = 1;
        copy[id] = to->packet_id >> 8;
        copy[id + 1] = to->packet_id & 255;
    }
    if (qos) append(c, (u8[]){ 0x40, 2, b[id], b[id + 1] }, 4);
}

static void subscribe(conn *c, const u8 *b, int k) {
    const u8 *filter = b + k + 2 + c->is_v5;
    int length = filter[0] << 8 | filter[1];
    u8 qos = filter[2 + length];
    topic *t = find_or_add(filter + 2, length);
    t->subscribers = realloc(t->subscribers, sizeof(conn *) * (t->count + 1));
    t->subscribers[t->count++] = c;
    c->subscribed = realloc(c->subscribed, sizeof(topic *) * (c->subscribed_count + 1));
    c->subscribed[c->subscribed_count++] = t;
    if (c->is_v5) append(c, (u8[]){ 0x90, 4, b[k], b[k + 1], 0, qos }, 6);
    else append(c, (u8[]){ 0x90, 3, b[k], b[k + 1], qos }, 5);
}

// Handles the complete packets in b; says how many bytes those were, or -1 at a goodbye.
static int handle(conn *c, const u8 *b, int n) {
    int done = 0;
    c->large = 0;
    while (n - done >= 2) {
        const u8 *p = b + done;
        int rest = 0, k = 1, shift = 0;
        do {
            if (k >= n - done) return done;
            rest |= (p[k] & 127) << shift;
            shift += 7;
        } while (p[k++] & 128);
        if (n - done < k + rest) {
            c->large = rest > LARGE ? k + rest : 0;
            return done;
        }
        switch (p[0] >> 4) {
        case 3: relay(c, p, k, k + rest); break;
        case 4: break;
        case 1:
            c->is_v5 = p[k + 6] == 5;
            append(c, (u8[]){ 0x20, 2 + c->is_v5, 0, 0, 0 }, 4 + c->is_v5);
            break;
        case 8: subscribe(c, p, k); break;
        case 12: append(c, (u8[]){ 0xd0, 0 }, 2); break;
        default: return -1;
        }
        done += k + rest;
    }
    return done;
}

static void end(conn *c) {
    for (int i = 0; i < c->subscribed_count; i++) {
        topic *t = c->subscribed[i];
        for (int j = 0; j < t->count; j++)
            if (t->subscribers[j] == c) t->subscribers[j--] = t->subscribers[--t->count];
    }
    conns[c->fd] = NULL; // the rest is left: an output queue may still name it
    close(c->fd);
}

static void receive(conn *c) {
    static u8 buffer[256 * 1024];
    u8 *to = c->large ? c->part : buffer;
    int capacity = c->large ? c->large : (int)sizeof buffer;
    if (!c->large && c->part_length) memcpy(buffer, c->part, c->part_length);
    ssize_t n = recv(c->fd, to + c->part_length, capacity - c->part_length, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { end(c); return; }
    int have = c->part_length + n;
    if (c->large && have < c->large) {
        c->part_length = have;
        return;
    }
    int done = handle(c, to, have);
    if (done < 0) { end(c); return; }
    c->part_length = have - done;
    if (c->part_length) {
        c->part = realloc(c->part, c->large ? c->large : c->part_length);
        memcpy(c->part, to + done, c->part_length);
    }
}

static void accept_all(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        conns[fd] = calloc(1, sizeof(conn));
        conns[fd]->fd = fd;
        watch(conns[fd], EPOLL_CTL_ADD, 0);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) {
        perror("floor");
        return 1;
    }
    ep = epoll_create1(0);
    struct epoll_event e = { EPOLLIN, { .fd = listener } };
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    static struct epoll_event events[512];
    for (;;) {
        int n = epoll_wait(ep, events, 512, -1);
        for (int i = 0; i < n; i++) {
            conn *c = conns[events[i].data.fd];
            if (events[i].data.fd == listener) accept_all(listener);
            if (!c) continue;
            if (events[i].events & EPOLLOUT) flush(c);
            if (events[i].events & ~EPOLLOUT) receive(c);
        }
        for (int i = 0; i < dirty_count; i++) {
            dirty[i]->is_queued = 0;
            if (conns[dirty[i]->fd] == dirty[i]) flush(dirty[i]);
        }
        dirty_count = 0;
    }
}
