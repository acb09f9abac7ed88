// Purpose: the load generator behind every figure in docs/performance.md. It knows nothing about any broker, checks order and loss of every
// message, and reads the broker's CPU clock around the measured phase. Built and run by compare.sh and latency.sh.
//
// mqload - neutral MQTT 3.1.1 and 5.0 load generator (single file, single thread, epoll, no dependencies).
//   gcc -O2 -o mqload mqload.c
// See README.md for the scenarios, the options and the meaning of each output field.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t u64; typedef uint32_t u32; typedef uint16_t u16; typedef uint8_t u8;

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#define RBUF (512 * 1024)
#define LARGE (64 * 1024)      // an incomplete packet of at least this size is received in a buffer of its own
#define MINPAY 16              // u64 timestamp, u32 sequence, u32 publisher (24 bits) and phase (8 bits)
#define MAXPAY (64 << 20)
#define PORTS_PER_ADDR 25000   // connections opened per loopback source address

enum { SC_P2P, SC_FANIN, SC_FANOUT, SC_CONNECT, SC_IDLE };
enum { ST_CLOSED, ST_CONNECTING, ST_WAIT_CONNACK, ST_WAIT_SUBACK, ST_READY };
enum { R_PUB, R_SUB, R_IDLE };

typedef struct conn {
  int fd; u8 state, role, dirty, want_out; u32 idx;
  u8 *out; u32 outlen, outoff, outcap;      // bytes waiting to be written
  u8 *part; u32 partlen, partcap, large;    // an incomplete packet left by the last read; its size if that is large
  u64 t_open;
} conn;

typedef struct pub {
  conn *c; u8 *tmpl; u32 tmpl_len, pid_off, pay_off;
  u32 quota, sent, acked, next_ack, delivered; // sequence numbers of the current phase
  u16 *ring; u32 ringmask;                     // deliveries seen of each message inside the window
} pub;

static struct {
  const char *host; int port, scenario, version, qos, payload, wildcards, window, batch, ackonly, reasons, persistent, offline, conc, keepalive, hold;
  u64 messages, warmup, rate; int pairs, subs, pubs, pid; double seconds, warmup_seconds, stall;
} O = { "127.0.0.1", 1883, SC_P2P, 4, 0, 64, 0, 16, 1, 0, 0, 0, 0, 256, 60, 10, 100000, 0, 0, -1, -1, -1, 0, 0, 0, 10 };

static int ep; static conn *C; static u32 nC; static pub *P; static u32 nP, nS, D; // D: deliveries per message
static u32 *expect_seq; static u32 pubs_per_sub;
static u32 phase, runid, nready, nopen, ndead;
static u64 planned, sent, received, acked, order_err, bad_msg, dup_flag, bytes_in, ack_disorder, refused;
static u64 nsend_calls, nrecv_calls;
static u8 rb[RBUF + 64];
static conn **dirtyq; static u32 ndirty;
static u32 *fillq; static u8 *fillmark; static u32 nfill;
static char errtxt[200];

static u64 now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (u64)t.tv_sec * 1000000000ull + t.tv_nsec; }
static void die(const char *f, ...) { va_list a; va_start(a, f); vfprintf(stderr, f, a); va_end(a); fputc('\n', stderr); exit(2); }

// ---- latency histogram: log-linear, 128 steps per power of two (error below 0.8 %) ----
#define HSUB 7
static u64 hist[64 << HSUB], hcount, hmax;
static inline void hadd(u64 v) {
  u32 i; if (v < (1u << HSUB)) i = v; else { int e = 63 - __builtin_clzll(v) - HSUB; i = ((e + 1) << HSUB) + (u32)((v >> e) & ((1u << HSUB) - 1)); }
  hist[i]++; hcount++; if (v > hmax) hmax = v;
}
static double hpct(double q) {
  if (!hcount) return 0; u64 want = (u64)(q * hcount + 0.9999999), acc = 0; if (want < 1) want = 1;
  for (u32 i = 0; i < (64u << HSUB); i++) { acc += hist[i]; if (acc >= want) {
    u64 v = i < (1u << HSUB) ? i : (((u64)(i & ((1u << HSUB) - 1)) | (1u << HSUB)) << ((i >> HSUB) - 1)); return (v > hmax ? hmax : v) / 1000.0; } }
  return hmax / 1000.0;
}

// ---- the broker's CPU time and memory ----
typedef struct { double cpu_us, utime_us, stime_us, rss_mb; } pstat;
static double clk_us(clockid_t c) { struct timespec t; if (clock_gettime(c, &t)) return 0; return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }
static pstat pid_stat(int pid) {
  pstat r = {0}; if (pid <= 0) return r;
  char p[64], b[2048]; snprintf(p, sizeof p, "/proc/%d/stat", pid); FILE *f = fopen(p, "r"); if (!f) return r;
  size_t n = fread(b, 1, sizeof b - 1, f); fclose(f); b[n] = 0; char *q = strrchr(b, ')'); if (!q) return r;
  unsigned long ut = 0, st = 0; long rss = 0;
  sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u %*u %ld", &ut, &st, &rss);
  double tick = 1e6 / sysconf(_SC_CLK_TCK); r.utime_us = ut * tick; r.stime_us = st * tick; r.cpu_us = r.utime_us + r.stime_us;
  clockid_t ck; if (!clock_getcpuclockid(pid, &ck)) { double v = clk_us(ck); if (v > 0) r.cpu_us = v; } // same sum, in ns instead of ticks
  r.rss_mb = rss * (double)sysconf(_SC_PAGESIZE) / 1048576.0; return r;
}

// ---- output buffering ----
static void need(conn *c, u32 n) {
  if (c->outoff && c->outoff == c->outlen) c->outoff = c->outlen = 0;
  if (c->outlen + n > c->outcap) {
    if (c->outoff) { memmove(c->out, c->out + c->outoff, c->outlen - c->outoff); c->outlen -= c->outoff; c->outoff = 0; }
    if (c->outlen + n > c->outcap) { u32 k = c->outcap ? c->outcap : 256; while (k < c->outlen + n) k *= 2; c->out = realloc(c->out, k); c->outcap = k; if (!c->out) die("out of memory"); }
  }
}
static inline void mark_dirty(conn *c) { if (!c->dirty) { c->dirty = 1; dirtyq[ndirty++] = c; } }
static inline void put(conn *c, const void *b, u32 n) { need(c, n); memcpy(c->out + c->outlen, b, n); c->outlen += n; mark_dirty(c); }
static void put_ack(conn *c, u8 type, u16 pid) { // with --reasons in the long form that MQTT 5 allows: reason code and property length, both 0
  u8 b[6] = { type, O.reasons ? 4 : 2, pid >> 8, pid & 255, 0, 0 }; put(c, b, 2 + b[1]);
}

static void conn_dead(conn *c, const char *why) {
  if (c->state == ST_CLOSED) return;
  if (!errtxt[0]) snprintf(errtxt, sizeof errtxt, "%s (connection %u, state %d, errno %d)", why, (u32)(c - C), c->state, errno);
  if (c->state == ST_READY) nready--;
  close(c->fd); c->fd = -1; c->state = ST_CLOSED; nopen--; ndead++;
}
static void flush_conn(conn *c) {
  if (c->state == ST_CLOSED || c->state == ST_CONNECTING) return;
  while (c->outoff < c->outlen) {
    nsend_calls++; ssize_t n = send(c->fd, c->out + c->outoff, c->outlen - c->outoff, MSG_NOSIGNAL);
    if (n > 0) { c->outoff += n; continue; }
    if (errno == EAGAIN) { if (!c->want_out) { c->want_out = 1; struct epoll_event e = { EPOLLIN | EPOLLOUT, { .ptr = c } }; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); } return; }
    if (errno == EINTR) continue;
    conn_dead(c, "send failed"); return;
  }
  c->outoff = c->outlen = 0;
  if (c->want_out) { c->want_out = 0; struct epoll_event e = { EPOLLIN, { .ptr = c } }; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); }
}
static void flush_all(void) { for (u32 i = 0; i < ndirty; i++) { dirtyq[i]->dirty = 0; flush_conn(dirtyq[i]); } ndirty = 0; }

// ---- connecting ----
static u64 opened_total;
static void conn_open(conn *c) {
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); if (c->fd < 0) die("socket: %s", strerror(errno));
  int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(O.port) }; if (inet_pton(AF_INET, O.host, &a.sin_addr) != 1) die("host must be an IPv4 address");
  u64 k = opened_total++; u32 addr = O.scenario == SC_CONNECT ? k % 64 : k / PORTS_PER_ADDR;
  if (addr && (ntohl(a.sin_addr.s_addr) >> 24) == 127) { // more than one loopback source address, to have enough ports
    struct sockaddr_in s = { .sin_family = AF_INET }; s.sin_addr.s_addr = htonl(0x7f000001 + addr);
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(c->fd, (void *)&s, sizeof s)) die("bind: %s", strerror(errno));
  }
  c->t_open = now_ns(); c->state = ST_CONNECTING; c->outlen = c->outoff = c->partlen = c->large = 0; c->want_out = 1; nopen++;
  if (connect(c->fd, (void *)&a, sizeof a) && errno != EINPROGRESS) die("connect: %s", strerror(errno));
  struct epoll_event e = { EPOLLIN | EPOLLOUT, { .ptr = c } }; if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e)) die("epoll_ctl: %s", strerror(errno));
}
static void put_connect(conn *c) {
  char id[24]; int n = snprintf(id, sizeof id, "ml%04x%c%07u", runid & 0xffff, "psi"[c->role], (u32)(c - C));
  int kept = O.persistent && c->role == R_SUB; // a session that outlives the connection: CleanSession 0, in MQTT 5 with an expiry too
  u8 b[64] = { 0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', O.version, kept ? 0 : 2, O.keepalive >> 8, O.keepalive & 255 }; int o = 12;
  if (O.version == 5) { b[o++] = kept ? 5 : 0; if (kept) { b[o++] = 0x11; for (int i = 0; i < 4; i++) b[o++] = 0xff; } } // properties
  b[o++] = 0; b[o++] = n; memcpy(b + o, id, n); b[1] = o + n - 2; put(c, b, o + n);
}
static int topic_of(char *b, u32 i) { // the topic publisher i uses
  if (O.scenario == SC_P2P || (O.scenario == SC_FANIN && O.wildcards)) return sprintf(b, "bench/r%04x/dev%05u/data", runid & 0xffff, i);
  return sprintf(b, "bench/r%04x/all00000/data", runid & 0xffff);
}
static void put_subscribe(conn *c) {
  char t[96]; int n;
  if (!O.wildcards) n = topic_of(t, c->idx);
  else if (O.scenario == SC_P2P) n = c->idx & 1 ? sprintf(t, "bench/+/dev%05u/#", c->idx) : sprintf(t, "+/r%04x/dev%05u/+", runid & 0xffff, c->idx);
  else if (O.scenario == SC_FANIN) n = c->idx & 1 ? sprintf(t, "bench/r%04x/#", runid & 0xffff) : sprintf(t, "bench/r%04x/+/data", runid & 0xffff);
  else n = c->idx & 1 ? sprintf(t, "bench/r%04x/#", runid & 0xffff) : sprintf(t, "bench/r%04x/+/data", runid & 0xffff);
  u8 b[128] = { 0x82, 0, 0, 1 }; int o = 4; if (O.version == 5) b[o++] = 0; // property length
  b[o++] = 0; b[o++] = n; memcpy(b + o, t, n); o += n; b[o++] = O.qos; b[1] = o - 2; put(c, b, o);
}

// ---- publishing ----
static void pub_init(pub *p, conn *c, u32 i) {
  char t[96]; int tl = topic_of(t, i); u32 rem = 2 + tl + (O.qos ? 2 : 0) + (O.version == 5) + O.payload; u8 *b = calloc(1, rem + 8); u32 n = 0;
  b[n++] = 0x30 | (O.qos << 1); u32 r = rem; do { u8 d = r & 127; r >>= 7; b[n++] = d | (r ? 128 : 0); } while (r);
  b[n++] = 0; b[n++] = tl; memcpy(b + n, t, tl); n += tl; p->pid_off = n; if (O.qos) n += 2; if (O.version == 5) b[n++] = 0; p->pay_off = n;
  for (int k = 0; k < O.payload; k++) b[n + k] = 'a' + k % 26;
  p->tmpl = b; p->tmpl_len = n + O.payload; p->c = c;
  u32 s = 2; while (s < (u32)O.window + 1) s *= 2; p->ring = calloc(s, sizeof(u16)); p->ringmask = s - 1;
}
static inline void publish(pub *p, u32 i, u64 ts) {
  conn *c = p->c; need(c, p->tmpl_len); u8 *b = c->out + c->outlen; memcpy(b, p->tmpl, p->tmpl_len);
  u32 seq = p->sent++; if (O.qos) { u16 id = seq % 65535 + 1; b[p->pid_off] = id >> 8; b[p->pid_off + 1] = id & 255; }
  u8 *y = b + p->pay_off; u32 tag = i | phase << 24; memcpy(y, &ts, 8); memcpy(y + 8, &seq, 4); memcpy(y + 12, &tag, 4);
  c->outlen += p->tmpl_len; mark_dirty(c); sent++;
}
static inline void want_fill(u32 i) { if (!fillmark[i]) { fillmark[i] = 1; fillq[nfill++] = i; } }
static void fill_all(void) { // closed loop: top every publisher up to its window
  if (!nfill) return; u64 t = now_ns(); u32 n = nfill; nfill = 0;
  for (u32 k = 0; k < n; k++) {
    u32 i = fillq[k]; fillmark[i] = 0; pub *p = &P[i]; if (p->c->state != ST_READY) continue;
    u32 done = O.ackonly ? p->acked : p->delivered; if (O.qos && p->acked < done) done = p->acked;
    u32 room = O.window - (p->sent - done), left = p->quota - p->sent; if ((u32)O.batch > room && left > room) continue;
    if (room > left) room = left; for (; room; room--) publish(p, i, t);
  }
}

// ---- receiving ----
static inline void on_publish(conn *c, u8 h, const u8 *b, u32 n, u64 t) {
  int q = (h >> 1) & 3; if (n < 2) { bad_msg++; return; } u32 tl = b[0] << 8 | b[1]; u32 o = 2 + tl; u16 pid = 0;
  if (q) { if (o + 2 > n) { bad_msg++; return; } pid = b[o] << 8 | b[o + 1]; o += 2; put_ack(c, q == 1 ? 0x40 : 0x50, pid); }
  if (h & 8) dup_flag++;
  if (O.version == 5) { u32 pl = 0; int sh = 0; u8 d; do { if (o >= n || sh > 21) { bad_msg++; return; } d = b[o++]; pl |= (u32)(d & 127) << sh; sh += 7; } while (d & 128); o += pl; if (o > n) { bad_msg++; return; } }
  if (n - o != (u32)O.payload || q != O.qos) { bad_msg++; return; }
  u64 ts; u32 seq, tag; memcpy(&ts, b + o, 8); memcpy(&seq, b + o + 8, 4); memcpy(&tag, b + o + 12, 4); u32 pi = tag & 0xffffff, ph = tag >> 24;
  if (ph != phase || pi >= nP || c->role != R_SUB || (O.scenario == SC_P2P && pi != c->idx)) { bad_msg++; return; }
  u32 *e = &expect_seq[c->idx * pubs_per_sub + (pubs_per_sub > 1 ? pi : 0)]; if (*e != seq) order_err++; *e = seq + 1;
  received++; bytes_in += n; hadd(t > ts ? t - ts : 0);
  if (!O.rate) { pub *p = &P[pi]; p->ring[seq & p->ringmask]++;
    u32 d0 = p->delivered; while (p->delivered < p->sent && p->ring[p->delivered & p->ringmask] == D) { p->ring[p->delivered & p->ringmask] = 0; p->delivered++; }
    if (p->delivered != d0) want_fill(pi); }
}
static void on_ack(conn *c, u16 id) { pub *p = &P[c->idx]; if (id != p->next_ack % 65535 + 1) ack_disorder++; p->next_ack++; p->acked++; acked++; if (!O.rate) want_fill(c->idx); }
static void on_ready(conn *c) { c->state = ST_READY; nready++; }
static void on_connack(conn *c, const u8 *b, u32 n, u64 t) {
  if (n < 2 || b[1]) { refused++; conn_dead(c, "CONNACK refused"); return; }
  if (O.scenario == SC_CONNECT || O.scenario == SC_IDLE) hadd(t - c->t_open);
  if (c->role == R_SUB) { put_subscribe(c); c->state = ST_WAIT_SUBACK; } else on_ready(c);
}
static void on_packet(conn *c, u8 h, const u8 *b, u32 n, u64 t) {
  if (O.version == 5 && h >> 4 >= 4 && h >> 4 <= 7 && n >= 3 && b[2] >= 0x80) bad_msg++; // an acknowledgement that refuses
  switch (h >> 4) {
  case 3: on_publish(c, h, b, n, t); break;
  case 4: if (n >= 2) on_ack(c, b[0] << 8 | b[1]); break;                     // PUBACK
  case 5: if (n >= 2) put_ack(c, 0x62, b[0] << 8 | b[1]); break;              // PUBREC -> PUBREL
  case 6: if (n >= 2) put_ack(c, 0x70, b[0] << 8 | b[1]); break;              // PUBREL -> PUBCOMP
  case 7: if (n >= 2) on_ack(c, b[0] << 8 | b[1]); break;                     // PUBCOMP
  case 2: on_connack(c, b, n, t); break;
  case 9: if (n < 3 || b[n - 1] > 2) { refused++; conn_dead(c, "SUBACK refused"); } else if (c->state == ST_WAIT_SUBACK) on_ready(c); break;
  case 13: break;
  default: bad_msg++;
  }
}
static void on_large(conn *c) {
  nrecv_calls++; ssize_t r = recv(c->fd, c->part + c->partlen, c->large - c->partlen, 0);
  if (r <= 0) { if (r < 0 && (errno == EAGAIN || errno == EINTR)) return; conn_dead(c, r ? "recv failed" : "closed by the broker"); return; }
  c->partlen += r; if (c->partlen < c->large) return;
  u32 k = 1; while (c->part[k++] & 128); u32 n = c->large; c->large = c->partlen = 0; on_packet(c, c->part[0], c->part + k, n - k, now_ns());
}
static void on_readable(conn *c) {
  if (c->large) { on_large(c); return; }
  if (c->partlen) memcpy(rb, c->part, c->partlen);
  nrecv_calls++; ssize_t r = recv(c->fd, rb + c->partlen, RBUF - c->partlen, 0);
  if (r <= 0) { if (r < 0 && (errno == EAGAIN || errno == EINTR)) return; conn_dead(c, r ? "recv failed" : "closed by the broker"); return; }
  u64 t = now_ns(); u32 have = c->partlen + r, o = 0; c->partlen = 0;
  while (have - o >= 2) {
    u32 rl = 0, k = 1, sh = 0; u8 d; do { if (o + k >= have) goto out; d = rb[o + k++]; rl |= (u32)(d & 127) << sh; sh += 7; } while (d & 128 && k < 5);
    if (have - o < k + rl) { if (rl > LARGE) c->large = k + rl; break; }
    on_packet(c, rb[o], rb + o + k, rl, t); o += k + rl; if (c->state == ST_CLOSED) return;
  }
out:
  if (o < have) { u32 n = have - o, cap = c->large ? c->large : n; if (cap > c->partcap) { c->partcap = cap + 256; c->part = realloc(c->part, c->partcap); } memcpy(c->part, rb + o, n); c->partlen = n; }
}
static int poll_once(int64_t timeout_ns) {
  static struct epoll_event ev[1024]; struct timespec ts = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
  int n = epoll_pwait2(ep, ev, 1024, timeout_ns < 0 ? NULL : &ts, NULL);
  if (n < 0 && errno == ENOSYS) n = epoll_wait(ep, ev, 1024, (int)((timeout_ns + 999999) / 1000000));
  for (int i = 0; i < n; i++) {
    conn *c = ev[i].data.ptr; if (c->state == ST_CLOSED) continue;
    if (c->state == ST_CONNECTING) {
      int e = 0; socklen_t l = sizeof e; getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &l); if (e) { errno = e; conn_dead(c, "connect failed"); continue; }
      if (!(ev[i].events & EPOLLOUT)) continue;
      c->state = ST_WAIT_CONNACK; put_connect(c); continue;
    }
    if (ev[i].events & EPOLLOUT) mark_dirty(c);
    if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(c);
  }
  return n;
}
static void open_all(void) { // connect (and subscribe) every connection, a limited number at a time
  u32 next = 0; u64 last = now_ns(); u32 lastr = 0;
  while (nready + ndead < nC) {
    while (next < nC && next - nready - ndead < (u32)O.conc) conn_open(&C[next++]);
    poll_once(100000000); flush_all();
    u64 t = now_ns(); if (nready != lastr) { lastr = nready; last = t; } else if (t - last > O.stall * 1e9) die("set-up stalled: %u of %u connections ready; %s", nready, nC, errtxt);
  }
  if (ndead) die("set-up: %u connections failed; %s", ndead, errtxt);
}

// ---- one publishing phase (warm-up or measurement): a number of messages, or as many as fit into a time ----
static double run_phase(u64 total, double seconds, pstat *s0, pstat *s1, double *gen_cpu) {
  int timed = seconds > 0 && !O.rate; if (seconds > 0) total = O.rate ? (u64)(O.rate * seconds) : (u64)nP << 32;
  phase++; sent = received = acked = order_err = dup_flag = bytes_in = 0; nsend_calls = nrecv_calls = 0; memset(hist, 0, sizeof hist); hcount = hmax = 0;
  memset(expect_seq, 0, sizeof(u32) * nS * pubs_per_sub);
  for (u32 i = 0; i < nP; i++) { pub *p = &P[i]; p->quota = timed ? UINT32_MAX : total / nP + (i < total % nP); p->sent = p->acked = p->next_ack = p->delivered = 0; memset(p->ring, 0, sizeof(u16) * (p->ringmask + 1)); }
  *s0 = pid_stat(O.pid); double g0 = clk_us(CLOCK_PROCESS_CPUTIME_ID); u64 t0 = now_ns(), tlast = t0, lastr = 0, lasta = 0, sched = 0;
  if (!O.rate) { for (u32 i = 0; i < nP; i++) want_fill(i); fill_all(); flush_all(); }
  u64 t = t0;
  while ((!O.offline && received < total * D) || (O.qos && acked < total)) {
    int64_t wait = 200000000;
    if (O.rate) { // open loop: the payload carries the time at which the message should have left; with --batch several leave together
      t = now_ns();
      while (sched < total) { u64 due = t0 + (u64)((double)(sched - sched % O.batch) * 1e9 / O.rate); if (due > t) { wait = due - t; break; }
        u32 i = sched / O.batch % nP; if (O.qos && P[i].sent - P[i].acked >= 65000) break; publish(&P[i], i, due); sched++; }
      flush_all();
    }
    poll_once(wait);
    if (timed && now_ns() - t0 >= seconds * 1e9) { timed = 0; total = sent; for (u32 i = 0; i < nP; i++) P[i].quota = P[i].sent; }
    if (!O.rate) fill_all();
    flush_all();
    if (received != lastr || acked != lasta) { lastr = received; lasta = acked; tlast = 0; }
    else { t = now_ns(); if (!tlast) tlast = t; if (t - tlast > O.stall * 1e9) break; }
    if (ndead) { u64 a = now_ns(); if (!tlast) tlast = a; if (ndead > nC / 2) break; }
  }
  planned = timed ? sent : total;
  u64 t1 = now_ns(); *gen_cpu = clk_us(CLOCK_PROCESS_CPUTIME_ID) - g0; *s1 = pid_stat(O.pid);
  return (t1 - t0) / 1e9;
}

static const char *scn[] = { "p2p", "fanin", "fanout", "connect", "idle" };
static void usage(void) {
  fputs("mqload --scenario p2p|fanin|fanout|connect|idle [--host IP] [--port N] [--qos 0|1|2] [--payload BYTES] [--messages TOTAL] [--warmup N]\n"
        "  [--seconds S] [--warmup-seconds S] [--mqtt 4|5] [--reasons] [--persistent] [--offline]\n"
        "  [--pairs N] [--pubs N] [--subs N] [--window W] [--batch B] [--ack-only] [--rate MSGS_PER_S] [--wildcards] [--broker-pid P]\n"
        "  [--conns N] [--concurrency N] [--keepalive S] [--hold S] [--stall S]\n", stderr); exit(2);
}
int main(int argc, char **argv) {
  static struct option L[] = { {"host",1,0,'h'},{"port",1,0,'p'},{"scenario",1,0,'s'},{"qos",1,0,'q'},{"payload",1,0,'l'},{"messages",1,0,'m'},{"warmup",1,0,'w'},{"pairs",1,0,'N'},{"conns",1,0,'N'},
    {"pubs",1,0,'P'},{"subs",1,0,'S'},{"window",1,0,'W'},{"batch",1,0,'B'},{"ack-only",0,0,'A'},{"rate",1,0,'R'},{"wildcards",0,0,'x'},{"broker-pid",1,0,'b'},{"concurrency",1,0,'c'},{"keepalive",1,0,'k'},{"hold",1,0,'H'},{"stall",1,0,'T'},
    {"seconds",1,0,'d'},{"warmup-seconds",1,0,'D'},{"mqtt",1,0,'v'},{"reasons",0,0,'r'},{"persistent",0,0,'o'},{"offline",0,0,'O'},{0,0,0,0} };
  int o; while ((o = getopt_long(argc, argv, "", L, 0)) != -1) switch (o) {
    case 'h': O.host = optarg; break; case 'p': O.port = atoi(optarg); break; case 'q': O.qos = atoi(optarg); break; case 'l': O.payload = atoi(optarg); break;
    case 's': O.scenario = -1; for (int i = 0; i < 5; i++) if (!strcmp(optarg, scn[i])) O.scenario = i; if (O.scenario < 0) usage(); break;
    case 'm': O.messages = strtoull(optarg, 0, 10); break; case 'w': O.warmup = strtoull(optarg, 0, 10); break; case 'N': O.pairs = atoi(optarg); break;
    case 'P': O.pubs = atoi(optarg); break; case 'S': O.subs = atoi(optarg); break; case 'W': O.window = atoi(optarg); break; case 'B': O.batch = atoi(optarg); break;
    case 'A': O.ackonly = 1; break; case 'R': O.rate = strtoull(optarg, 0, 10); break; case 'x': O.wildcards = 1; break; case 'b': O.pid = atoi(optarg); break;
    case 'c': O.conc = atoi(optarg); break; case 'k': O.keepalive = atoi(optarg); break; case 'H': O.hold = atoi(optarg); break; case 'T': O.stall = atof(optarg); break;
    case 'd': O.seconds = atof(optarg); break; case 'D': O.warmup_seconds = atof(optarg); break; case 'v': O.version = atoi(optarg); break; case 'r': O.reasons = 1; break; case 'o': O.persistent = 1; break;
    case 'O': O.persistent = O.offline = O.ackonly = 1; break; default: usage(); }
  if (O.payload < MINPAY) O.payload = MINPAY; if (O.payload > MAXPAY) die("payload too large"); if (O.window < 1) O.window = 1; if (O.window > 60000) O.window = 60000;
  if (O.batch > O.window) O.batch = O.window; if (O.batch < 1) O.batch = 1; if (O.qos < 0 || O.qos > 2 || !O.messages || (O.version != 4 && O.version != 5)) usage();
  if (!O.qos) O.ackonly = O.offline = 0; if (O.pid > 0 && kill(O.pid, 0)) die("no process %d", O.pid);
  signal(SIGPIPE, SIG_IGN); prctl(PR_SET_TIMERSLACK, 1000ul, 0, 0, 0);
  struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
  runid = (u32)getpid() ^ (u32)(now_ns() >> 20); ep = epoll_create1(EPOLL_CLOEXEC);

  if (O.scenario == SC_CONNECT || O.scenario == SC_IDLE) {
    nC = O.scenario == SC_IDLE ? (O.pairs > 0 ? O.pairs : 10000) : (u32)(O.conc < (int)O.messages ? O.conc : (int)O.messages);
    C = calloc(nC, sizeof *C); dirtyq = calloc(nC + 1, sizeof *dirtyq); for (u32 i = 0; i < nC; i++) { C[i].role = R_IDLE; C[i].idx = i; C[i].fd = -1; }
    pstat s0 = pid_stat(O.pid); double g0 = clk_us(CLOCK_PROCESS_CPUTIME_ID); u64 t0 = now_ns(); u64 done = 0;
    if (O.scenario == SC_IDLE) {
      open_all(); double el = (now_ns() - t0) / 1e9; pstat s1 = pid_stat(O.pid); u64 end = now_ns() + (u64)O.hold * 1000000000ull, ping = now_ns(); const u8 pr[2] = { 0xc0, 0 };
      while (now_ns() < end) { poll_once(100000000); if (now_ns() - ping > O.keepalive * 500000000ull) { ping = now_ns(); for (u32 i = 0; i < nC; i++) if (C[i].state == ST_READY) put(&C[i], pr, 2); } flush_all(); }
      pstat s2 = pid_stat(O.pid);
      printf("{\"scenario\":\"idle\",\"connections\":%u,\"alive\":%u,\"open_s\":%.3f,\"conn_per_s\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,\"lost\":%u,\"broker_cpu_us_per_conn\":%.2f,\"idle_cpu_pct\":%.2f,\"rss_before_mb\":%.1f,\"rss_open_mb\":%.1f,\"rss_mb\":%.1f,\"rss_bytes_per_conn\":%.0f}\n",
        nC, nready, el, nC / el, hpct(.5), hpct(.99), hmax / 1e3, nC - nready, (s1.cpu_us - s0.cpu_us) / nC, O.hold ? (s2.cpu_us - s1.cpu_us) / (O.hold * 1e4) : 0, s0.rss_mb, s1.rss_mb, s2.rss_mb, (s2.rss_mb - s0.rss_mb) * 1048576 / nC);
      return nready == nC ? 0 : 1;
    }
    u64 started = 0, last = t0; for (u32 i = 0; i < nC; i++) { conn_open(&C[i]); started++; }
    while (done + ndead < O.messages) {
      poll_once(100000000); flush_all(); const u8 dc[2] = { 0xe0, 0 };
      u64 d0 = done;
      for (u32 i = 0; i < nC && nready; i++) if (C[i].state == ST_READY) {
        conn *c = &C[i]; put(c, dc, 2); c->dirty = 0; ndirty = 0; flush_conn(c); if (c->state == ST_READY) { nready--; close(c->fd); c->state = ST_CLOSED; nopen--; done++; }
        if (started < O.messages) { conn_open(c); started++; } }
      u64 t = now_ns(); if (done != d0) last = t; else if (t - last > O.stall * 1e9) break;
    }
    double el = (now_ns() - t0) / 1e9, g = clk_us(CLOCK_PROCESS_CPUTIME_ID) - g0; pstat s1 = pid_stat(O.pid);
    printf("{\"scenario\":\"connect\",\"connections\":%llu,\"elapsed_s\":%.3f,\"conn_per_s\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"lost\":%llu,\"gen_cpu_us_per_conn\":%.2f,\"broker_cpu_us_per_conn\":%.2f,\"rss_mb\":%.1f}\n",
      (unsigned long long)done, el, done / el, hpct(.5), hpct(.99), hpct(.999), hmax / 1e3, (unsigned long long)(O.messages - done), g / (done ? done : 1), (s1.cpu_us - s0.cpu_us) / (done ? done : 1), s1.rss_mb);
    return done == O.messages ? 0 : 1;
  }

  if (O.scenario == SC_P2P) { nP = nS = O.pairs > 0 ? O.pairs : 100; D = 1; pubs_per_sub = 1; }
  else if (O.scenario == SC_FANIN) { nP = O.pubs > 0 ? O.pubs : 200; nS = O.subs > 0 ? O.subs : 1; D = nS; pubs_per_sub = nP; }
  else { nP = O.pubs > 0 ? O.pubs : 1; nS = O.subs > 0 ? O.subs : 500; D = nS; pubs_per_sub = nP; }
  if (D > 65000) die("too many subscribers");
  nC = nP + nS; C = calloc(nC, sizeof *C); dirtyq = calloc(nC + 1, sizeof *dirtyq); P = calloc(nP, sizeof *P); fillq = calloc(nP, sizeof *fillq); fillmark = calloc(nP, 1);
  expect_seq = calloc((size_t)nS * pubs_per_sub, sizeof(u32));
  for (u32 i = 0; i < nC; i++) { C[i].fd = -1; if (i < nS) { C[i].role = R_SUB; C[i].idx = i; } else { C[i].role = R_PUB; C[i].idx = i - nS; pub_init(&P[i - nS], &C[i], i - nS); } }
  open_all();
  if (O.offline) for (u32 i = 0; i < nS; i++) { // their sessions stay, and what is published waits for them
    const u8 dc[2] = { 0xe0, 0 }; if (C[i].state == ST_READY && send(C[i].fd, dc, 2, 0) == 2) { close(C[i].fd); C[i].state = ST_CLOSED; nopen--; } }
  pstat s0, s1; double g; u64 wlost = 0;
  if (O.warmup || O.warmup_seconds > 0) { run_phase(O.warmup, O.warmup_seconds, &s0, &s1, &g); wlost = planned * D - (O.offline ? acked * D : received); usleep(50000); }
  double el = run_phase(O.messages, O.seconds, &s0, &s1, &g);
  if (O.offline) received = acked * D;
  u64 want = planned * D, lost = want - received; double n = received ? received : 1;
  printf("{\"scenario\":\"%s\",\"mqtt\":%d,\"qos\":%d,\"payload\":%d,\"pubs\":%u,\"subs\":%u,\"window\":%d,\"batch\":%d,\"rate\":%llu,\"wildcards\":%d,\"sent\":%llu,\"received\":%llu,\"elapsed_s\":%.3f,\"msgs_per_s\":%.0f,\"sent_per_s\":%.0f,"
         "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"lost\":%lld,\"warmup_lost\":%llu,\"order_errors\":%llu,\"dup\":%llu,\"bad\":%llu,\"unacked\":%llu,\"ack_disorder\":%llu,\"disconnects\":%u,\"gen_cpu_us_per_msg\":%.3f,\"gen_msgs_per_send\":%.2f,\"gen_msgs_per_recv\":%.2f",
    scn[O.scenario], O.version, O.qos, O.payload, nP, nS, O.window, O.batch, (unsigned long long)O.rate, O.wildcards, (unsigned long long)sent, (unsigned long long)received, el, received / el, sent / el,
    hpct(.5), hpct(.99), hpct(.999), hmax / 1e3, (long long)lost, (unsigned long long)wlost, (unsigned long long)order_err, (unsigned long long)dup_flag, (unsigned long long)bad_msg,
    (unsigned long long)(O.qos ? planned - acked : 0), (unsigned long long)ack_disorder, ndead, g / n, nsend_calls ? sent / (double)nsend_calls : 0, nrecv_calls ? received / (double)nrecv_calls : 0);
  if (O.pid > 0) printf(",\"broker_cpu_us_per_msg\":%.3f,\"broker_user_us_per_msg\":%.3f,\"broker_sys_us_per_msg\":%.3f,\"broker_cpu_pct\":%.0f,\"rss_mb\":%.1f", (s1.cpu_us - s0.cpu_us) / n, (s1.utime_us - s0.utime_us) / n, (s1.stime_us - s0.stime_us) / n, (s1.cpu_us - s0.cpu_us) / (el * 1e4), s1.rss_mb);
  if (errtxt[0]) printf(",\"error\":\"%s\"", errtxt);
  puts("}");
  return lost || order_err || bad_msg ? 1 : 0;
}
