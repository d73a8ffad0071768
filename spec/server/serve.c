/*
** The poll loop.  In: options.  Out: when a connection can read, write or go on.  It accepts,
** waits and tells the time; what is done with a connection stands in its own room.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/serve.h"
#include "spec/server/connection.h"
#include "spec/server/signals.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Places in the poll set; two for each connection follow. */
enum { AT_SIGNAL, AT_STDIN, AT_LISTENER, AT_CONNECTIONS };

typedef struct server {
  fault_stage stage;
  fault_connection **connections;
  size_t count;
  size_t accepted; /* connections so far: the last one's number */
  struct pollfd *polled;
  int signals;           /* where signals arrive */
  int listener;          /* -1: none */
  bool stdio, until_eof; /* as the options say */
  bool over;             /* time to go */
} server;

/* The receive buffer must be set before connections come: they inherit it. */
int fault_listen(int *port, int receive_buffer) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (receive_buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, SOMAXCONN) ||
      getsockname(fd, (struct sockaddr *)&address, &size))
    fault_die("port %d: %s", *port, strerror(errno));
  fcntl(fd, F_SETFL, O_NONBLOCK);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  *port = ntohs(address.sin_port);
  return fd;
}

/* Numbers run through, closed connections included. */
static void add_connection(server *s, int in, int out) {
  s->connections = fault_resize(s->connections, s->count + 1, sizeof *s->connections);
  s->connections[s->count++] = fault_connection_new(in, out, ++s->accepted, &s->stage);
}

/* Takes all that are waiting. */
static void accept_all(server *s) {
  int fd;
  while ((fd = accept(s->listener, NULL, NULL)) >= 0) add_connection(s, fd, fd);
  if (errno == EMFILE || errno == ENFILE) fault_die("too many connections");
}

/* Lets every connection go on and forgets those that have ended. */
static void move_all(server *s) {
  size_t kept = 0;
  for (size_t i = 0; i < s->count; i++) {
    fault_connection *c = s->connections[i];
    fault_connection_move(c, &s->stage, fault_clock());
    if (c->state == FAULT_ENDED)
      fault_connection_free(c);
    else
      s->connections[kept++] = c;
  }
  s->count = kept;
  if (s->stdio && !s->count) s->over = true;
}

/* ---- waiting ----------------------------------------------------------------------------------- */

/* When the first of the resting connections goes on. */
static int64_t next_due(const server *s) {
  int64_t due = INT64_MAX;
  for (size_t i = 0; i < s->count; i++) {
    const fault_connection *c = s->connections[i];
    if (c->state == FAULT_ACTING && c->due && !c->blocked && c->due < due) due = c->due;
  }
  return due;
}

/* How long to poll.  Less than a millisecond is rested here, since poll knows no less. */
static int time_to_poll(const server *s) {
  int64_t due = next_due(s);
  if (due == INT64_MAX) return -1;
  int64_t left = due - fault_clock();
  if (left >= 1000) return left / 1000 > 60000 ? 60000 : (int)(left / 1000);
  if (left > 0) nanosleep(&(struct timespec){.tv_nsec = (long)left * 1000}, NULL);
  return 0;
}

/* Two places each, since a connection may be two pipes; an unused place has descriptor -1. */
static nfds_t fill_poll_set(server *s) {
  size_t n = AT_CONNECTIONS + 2 * s->count;
  s->polled = fault_resize(s->polled, n, sizeof *s->polled);
  s->polled[AT_SIGNAL] = (struct pollfd){.fd = s->signals, .events = POLLIN};
  s->polled[AT_STDIN] = (struct pollfd){.fd = s->until_eof ? 0 : -1, .events = POLLIN};
  s->polled[AT_LISTENER] = (struct pollfd){.fd = s->listener, .events = POLLIN};
  struct pollfd *p = s->polled + AT_CONNECTIONS;
  for (size_t i = 0; i < s->count; i++) {
    const fault_connection *c = s->connections[i];
    *p++ = (struct pollfd){.fd = c->in, .events = c->deaf ? 0 : POLLIN};
    *p++ = (struct pollfd){.fd = c->blocked ? c->out : -1, .events = POLLOUT};
  }
  return (nfds_t)n;
}

/* Its end is the only news; what is written there is dropped. */
static void look_at_stdin(server *s) {
  char block[256];
  if (read(0, block, sizeof block) == 0) s->over = true;
}

/* Tells each connection what poll saw.  A deaf one only hears that its peer has gone. */
static void tell_connections(server *s) {
  for (size_t i = 0; i < s->count; i++) {
    fault_connection *c = s->connections[i];
    short seen = s->polled[AT_CONNECTIONS + 2 * i].revents;
    if (seen && !c->deaf)
      fault_connection_read(c, &s->stage);
    else if (seen)
      fault_connection_lose(c, &s->stage);
  }
}

/* Waits once, tells who must know, lets all go on. */
static void turn(server *s) {
  nfds_t n = fill_poll_set(s);
  int timeout = time_to_poll(s);
  int seen = poll(s->polled, n, timeout);
  if (seen > 0) {
    if (s->polled[AT_SIGNAL].revents && fault_signals_next() == SIGTERM) s->over = true;
    if (s->polled[AT_STDIN].revents) look_at_stdin(s);
    tell_connections(s);
    if (s->polled[AT_LISTENER].revents) accept_all(s);
  }
  move_all(s);
}

/* ---- the server -------------------------------------------------------------------------------- */

/* The port is printed last: whoever reads it can connect. */
static void open_server(server *s, const fault_serve_options *options) {
  static const int caught[] = {SIGTERM};
  *s = (server){.listener = -1, .stdio = options->stdio, .until_eof = options->until_eof};
  fault_script_init(&s->stage.script, options->script);
  fault_journal_open(&s->stage.journal, options->journal);
  s->signals = fault_signals_open(caught, 1);
  if (options->stdio) {
    add_connection(s, 0, 1);
    return;
  }
  int port = options->port;
  s->listener = fault_listen(&port, options->receive_buffer);
  printf("%d\n", port);
  fflush(stdout);
}

/* Frees everything, so that a leak checker has nothing to say. */
static void close_server(server *s) {
  for (size_t i = 0; i < s->count; i++) fault_connection_free(s->connections[i]);
  free(s->connections);
  free(s->polled);
  if (s->listener >= 0) close(s->listener);
  fault_journal_close(&s->stage.journal);
  fault_script_clear(&s->stage.script);
}

int fault_serve(const fault_serve_options *options) {
  server s;
  open_server(&s, options);
  while (!s.over) turn(&s);
  close_server(&s);
  return 0;
}
