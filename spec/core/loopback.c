/*
** The server's thread: one poll loop over a listening socket, its connections, and a pipe whose
** closing ends it.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A spec whose server cannot be set up has nothing to say. */
static void need(bool well, const char *what) {
  if (well) return;
  perror(what);
  exit(99);
}

static void hang_up(loopback_peer *peer, bool rudely) {
  const struct linger at_once = {1, 0};
  if (rudely) (void)setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(peer->fd);
  free(peer->p);
  *peer = (loopback_peer){.fd = -1};
}

/* False: the other side is gone. */
static bool say(int fd, const loopback_turn *turn) {
  const struct timespec moment = {0, 200 * 1000};
  const size_t step = turn->drip ? 1 : turn->n;
  for (size_t at = 0; at < turn->n;) {
    const size_t n = turn->n - at < step ? turn->n - at : step;
    const ssize_t sent = send(fd, turn->text + at, n, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    at += (size_t)sent;
    if (turn->drip) nanosleep(&moment, NULL);
  }
  return true;
}

static void answer(loopback *server, loopback_peer *peer) {
  static const loopback_turn none = {"", 0, LOOPBACK_CLOSE, false};
  const loopback_turn *turn =
      server->turn < server->turn_count ? &server->turns[server->turn++] : &none;
  peer->waiting = false;
  const bool heard = say(peer->fd, turn);
  if (!heard || turn->then == LOOPBACK_CLOSE || turn->then == LOOPBACK_RESET)
    hang_up(peer, turn->then == LOOPBACK_RESET);
  else
    peer->stalled = turn->then == LOOPBACK_STALL;
}

static void answer_all(loopback *server) {
  size_t waiting = 0;
  for (size_t i = 0; i < LOOPBACK_ROOM; i++) waiting += server->peers[i].waiting ? 1 : 0;
  if (waiting < server->together) return;
  server->together = 0;
  for (size_t i = 0; i < LOOPBACK_ROOM; i++)
    if (server->peers[i].waiting) answer(server, &server->peers[i]);
}

/* Bytes of the request at the front of what 'peer' sent; 0: it is not whole. */
static size_t measure(const loopback *server, const loopback_peer *peer) {
  if (server->raw) return peer->n;
  const char *end = strstr(peer->p, "\r\n\r\n");
  if (end == NULL) return 0;
  size_t length = 0;
  for (const char *line = strstr(peer->p, "\r\n"); line < end; line = strstr(line + 2, "\r\n"))
    if (strncasecmp(line + 2, "content-length:", 15) == 0) length = strtoul(line + 17, NULL, 10);
  const size_t whole = (size_t)(end - peer->p) + 4 + length;
  return whole <= peer->n ? whole : 0;
}

static void record(loopback *server, loopback_peer *peer, size_t n) {
  const int number = server->asked;
  need(number < LOOPBACK_ROOM, "too many requests");
  loopback_request *request = &server->requests[number];
  *request = (loopback_request){malloc(n + 1), n, peer->number};
  need(request->p != NULL, "malloc");
  memcpy(request->p, peer->p, n);
  request->p[n] = '\0';
  peer->n -= n;
  memmove(peer->p, peer->p + n, peer->n + 1);
  peer->waiting = true;
  server->asked++;
}

static void hear(loopback *server, loopback_peer *peer) {
  char piece[16384];
  const ssize_t got = recv(peer->fd, piece, sizeof piece, 0);
  if (got <= 0) {
    if (peer->stalled) server->hung_up++;
    hang_up(peer, false);
    return;
  }
  const size_t n = (size_t)got;
  if (peer->room - peer->n <= n) {
    peer->room = (peer->n + n) * 2 + 1;
    peer->p = realloc(peer->p, peer->room);
    need(peer->p != NULL, "realloc");
  }
  memcpy(peer->p + peer->n, piece, n);
  peer->n += n;
  peer->p[peer->n] = '\0';
  const size_t whole = peer->waiting || peer->stalled ? 0 : measure(server, peer);
  if (whole > 0) record(server, peer, whole);
}

static void welcome(loopback *server) {
  const int yes = 1;
  const int fd = accept(server->listener, NULL, NULL);
  if (fd < 0) return;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  size_t i = 0;
  while (i < LOOPBACK_ROOM && server->peers[i].fd >= 0) i++;
  need(i < LOOPBACK_ROOM, "too many connections");
  server->peers[i] = (loopback_peer){.fd = fd, .number = server->accepted++};
}

static void *serve(void *ctx) {
  loopback *server = ctx;
  for (;;) {
    struct pollfd fds[LOOPBACK_ROOM + 2];
    for (size_t i = 0; i < LOOPBACK_ROOM; i++)
      fds[i] = (struct pollfd){server->peers[i].fd, POLLIN, 0};
    fds[LOOPBACK_ROOM] = (struct pollfd){server->listener, POLLIN, 0};
    fds[LOOPBACK_ROOM + 1] = (struct pollfd){server->stop[0], POLLIN, 0};
    if (poll(fds, LOOPBACK_ROOM + 2, -1) < 0) continue;
    for (size_t i = 0; i < LOOPBACK_ROOM; i++)
      if (fds[i].fd >= 0 && fds[i].revents != 0) hear(server, &server->peers[i]);
    if (fds[LOOPBACK_ROOM].revents != 0) welcome(server);
    answer_all(server);
    if (fds[LOOPBACK_ROOM + 1].revents != 0) return NULL;
  }
}

void loopback_start(loopback *server) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof at;
  sigset_t all, before;
  const int yes = 1;
  server->listener = socket(AF_INET, SOCK_STREAM, 0);
  need(server->listener >= 0, "socket");
  /* Another may have the port at once, when this one is gone. */
  setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  need(bind(server->listener, (struct sockaddr *)&at, size) == 0, "bind");
  need(listen(server->listener, LOOPBACK_ROOM) == 0, "listen");
  need(getsockname(server->listener, (struct sockaddr *)&at, &size) == 0, "getsockname");
  server->port = ntohs(at.sin_port);
  need(pipe(server->stop) == 0, "pipe");
  for (size_t i = 0; i < LOOPBACK_ROOM; i++) server->peers[i].fd = -1;
  sigfillset(&all); /* signals are the spec's own */
  pthread_sigmask(SIG_BLOCK, &all, &before);
  need(pthread_create(&server->thread, NULL, serve, server) == 0, "pthread_create");
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void loopback_stop(loopback *server) {
  if (server->stop[1] == 0) return;
  close(server->stop[1]);
  pthread_join(server->thread, NULL);
  close(server->stop[0]);
  close(server->listener);
  server->stop[1] = 0;
  for (size_t i = 0; i < LOOPBACK_ROOM; i++)
    if (server->peers[i].fd >= 0) hang_up(&server->peers[i], false);
}

void loopback_clear(loopback *server) {
  loopback_stop(server);
  for (size_t i = 0; i < LOOPBACK_ROOM; i++) free(server->requests[i].p);
  memset(server->requests, 0, sizeof server->requests);
}
