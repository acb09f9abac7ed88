// Purpose: the yardstick. Godwit's CPU per delivery is stated as a multiple of what this relay needs in the same run (QoS 0 and 1 only).
// Dense on purpose, as it is a measuring instrument and no example: it trusts its peer and checks nothing. Built and run by compare.sh.
//
// floor.c: a relay that only parses, routes by exact topic and copies, in plain C on one thread: the lowest CPU per message that
// a broker can have on this machine. No sessions, limits, wildcards or persistence. gcc -O2 -o floor floor.c; ./floor PORT (binds 127.0.0.1)
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <errno.h>
#include <unistd.h>
#include <stdint.h>
typedef uint8_t u8; typedef struct conn conn; typedef struct ent { struct ent *next; uint32_t h; int tl; u8 *t; conn **subs; u8 *q; int n; } ent;
struct conn { int fd, queued, wantout; u8 *o; int on, oo, oc; u8 *part; int pn; ent *last; uint16_t pid; };
static conn *C[1<<17]; static ent *B[65536]; static conn **dq; static int dn; static int ep;
static uint32_t H(const u8 *s, int n) { uint64_t h = 0x9E3779B97F4A7C15ull ^ n; while (n >= 8) { uint64_t v; memcpy(&v, s, 8); h = (h ^ v) * 0xff51afd7ed558ccdull; h ^= h >> 32; s += 8; n -= 8; } while (n-- > 0) h = (h ^ *s++) * 0xff51afd7ed558ccdull; return (uint32_t)(h >> 32) ^ (uint32_t)h; }
static ent *find(const u8 *t, int n) { uint32_t h = H(t, n); for (ent *e = B[h & 65535]; e; e = e->next) if (e->h == h && e->tl == n && !memcmp(e->t, t, n)) return e; return 0; }
static u8 *app(conn *c, const void *p, int n) { if (c->on + n > c->oc) { int k = c->oc ? c->oc : 1024; while (k < c->on + n) k *= 2; c->o = realloc(c->o, k); c->oc = k; } u8 *r = c->o + c->on; memcpy(r, p, n); c->on += n; if (!c->queued) { c->queued = 1; dq[dn++] = c; } return r; }
static void flush(conn *c) { while (c->oo < c->on) { ssize_t r = send(c->fd, c->o + c->oo, c->on - c->oo, MSG_NOSIGNAL); if (r < 0) { if (errno == EAGAIN) { if (!c->wantout) { c->wantout = 1; struct epoll_event e = { EPOLLIN | EPOLLOUT, { .fd = c->fd } }; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); } return; } break; } c->oo += r; } c->oo = c->on = 0; c->queued = 0; if (c->wantout) { c->wantout = 0; struct epoll_event e = { EPOLLIN, { .fd = c->fd } }; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); } }
static int parse(conn *c, u8 *b, int n) { int o = 0; while (n - o >= 2) { int rl = 0, k = 1, sh = 0; u8 x; do { if (o + k >= n) return o; x = b[o + k++]; rl |= (x & 127) << sh; sh += 7; } while (x & 128); if (n - o < k + rl) break; u8 *p = b + o; int L = k + rl; o += L;
  switch (p[0] >> 4) { case 3: { int q = (p[0] >> 1) & 3, tl = p[k] << 8 | p[k+1]; ent *e = c->last; if (!e || e->tl != tl || memcmp(e->t, p + k + 2, tl)) e = c->last = find(p + k + 2, tl);
      if (e) for (int i = 0; i < e->n; i++) { conn *s = e->subs[i]; u8 *w = app(s, p, L); if (q) { if (!++s->pid) s->pid = 1; w[k+2+tl] = s->pid >> 8; w[k+3+tl] = s->pid; } }
      if (q) { u8 a[4] = { 0x40, 2, p[k+2+tl], p[k+3+tl] }; app(c, a, 4); } break; }
    case 4: break; case 1: { u8 a[4] = { 0x20, 2, 0, 0 }; app(c, a, 4); break; } case 12: { u8 a[2] = { 0xd0, 0 }; app(c, a, 2); break; }
    case 8: { int tl = p[k+2] << 8 | p[k+3]; ent *e = find(p + k + 4, tl); if (!e) { e = calloc(1, sizeof *e); e->t = malloc(tl); memcpy(e->t, p + k + 4, tl); e->tl = tl; e->h = H(e->t, tl); e->next = B[e->h & 65535]; B[e->h & 65535] = e; } e->subs = realloc(e->subs, sizeof(conn *) * (e->n + 1)); e->subs[e->n++] = c; u8 a[5] = { 0x90, 3, p[k], p[k+1], p[k+4+tl] }; app(c, a, 5); break; }
    default: return -1; } } return o; }
static void kill_conn(conn *c) { for (int i = 0; i < 65536; i++) for (ent *e = B[i]; e; e = e->next) for (int j = 0; j < e->n; j++) if (e->subs[j] == c) e->subs[j--] = e->subs[--e->n]; C[c->fd] = 0; close(c->fd); }
int main(int ac, char **av) { int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1; setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 4); struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(atoi(av[1])) }; a.sin_addr.s_addr = htonl(0x7f000001); if (bind(s, (void *)&a, sizeof a) || listen(s, 4096)) return 1; (void)ac;
  ep = epoll_create1(0); struct epoll_event e = { EPOLLIN, { .fd = s } }; epoll_ctl(ep, EPOLL_CTL_ADD, s, &e); dq = calloc(1 << 17, sizeof *dq); static u8 rb[262144]; static struct epoll_event ev[512];
  for (;;) { int n = epoll_wait(ep, ev, 512, -1); for (int i = 0; i < n; i++) { int fd = ev[i].data.fd; if (fd == s) { int f; while ((f = accept4(s, 0, 0, SOCK_NONBLOCK)) >= 0) { setsockopt(f, IPPROTO_TCP, TCP_NODELAY, &one, 4); C[f] = calloc(1, sizeof(conn)); C[f]->fd = f; struct epoll_event q = { EPOLLIN, { .fd = f } }; epoll_ctl(ep, EPOLL_CTL_ADD, f, &q); } continue; }
      conn *c = C[fd]; if (!c) continue; if (ev[i].events & EPOLLOUT) flush(c); if (!(ev[i].events & ~EPOLLOUT)) continue; if (c->pn) memcpy(rb, c->part, c->pn); ssize_t r = recv(fd, rb + c->pn, sizeof rb - c->pn, 0); if (r <= 0) { if (r < 0 && errno == EAGAIN) continue; kill_conn(c); continue; }
      int have = c->pn + r, u = parse(c, rb, have); if (u < 0) { kill_conn(c); continue; } c->pn = have - u; if (c->pn) { c->part = realloc(c->part, c->pn); memcpy(c->part, rb + u, c->pn); } }
    for (int i = 0; i < dn; i++) { dq[i]->queued = 0; if (C[dq[i]->fd] == dq[i]) flush(dq[i]); } dn = 0; } }
