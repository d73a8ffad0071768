/*
** One thread and one call of poll().
** A connection reads until a request is whole, writes the answer, and only then reads on: a client
** that asks faster than it listens waits.  A refused client is sent its answer, and what it still
** sends is thrown away for a while, so that the answer is not lost with a reset.
*/
#define _POSIX_C_SOURCE 200809L

#include "examples/sandbox/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/memory.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing, main ignores SIGPIPE */
#endif

#define PIECE 16384 /* bytes read at once */
#define FIXED 3     /* descriptors polled besides the connections */

typedef struct connection {
  int fd; /* -1: free */
  box_http http;
  inst_buf rest;   /* read, and not yet taken by 'http' */
  inst_buf out;    /* the answer */
  size_t sent;     /* of it */
  size_t gate;     /* of it may be sent before 'open_at' */
  double open_at;  /* when the next event may be sent */
  double deadline; /* when silence ends the connection */
  bool keep;       /* read on when the answer is sent */
  bool events;     /* the answer is sent event by event */
  bool lingers;    /* the answer is sent; what still comes is thrown away */
} connection;

struct box_server {
  inst_alloc alloc;
  box_handler handler;
  void *ctx;
  int listener;
  unsigned port;
  double pace; /* seconds between events */
  connection connections[BOX_SERVE_CONNECTIONS];
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool set_flags(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
         fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static int listen_on(box_server *server, unsigned port, inst_error *error) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  socklen_t size = sizeof address;
  int yes = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server->listener = socket(AF_INET, SOCK_STREAM, 0);
  bool well = server->listener >= 0 && set_flags(server->listener) &&
              setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
              bind(server->listener, (struct sockaddr *)&address, size) == 0 &&
              listen(server->listener, SOMAXCONN) == 0 &&
              getsockname(server->listener, (struct sockaddr *)&address, &size) == 0;
  if (!well) {
    return inst_error_set(error, INST_E_NETWORK, "cannot listen on 127.0.0.1:%u: %s", port,
                          strerror(errno));
  }
  server->port = ntohs(address.sin_port);
  return 0;
}

box_server *box_server_new(unsigned port, box_handler handler, void *ctx, inst_alloc alloc,
                           inst_error *error) {
  box_server *server = inst_resize(alloc, NULL, 0, sizeof *server);
  if (server == NULL) {
    inst_error_memory(error);
    return NULL;
  }
  *server = (box_server){.alloc = alloc, .handler = handler, .ctx = ctx, .listener = -1};
  for (size_t i = 0; i < BOX_SERVE_CONNECTIONS; i++) server->connections[i].fd = -1;
  if (listen_on(server, port, error) == 0) return server;
  box_server_free(server);
  return NULL;
}

/* Closes the connection and forgets it; its place is free again. */
static void drop(connection *c) {
  if (c->fd < 0) return;
  close(c->fd);
  c->fd = -1;
  box_http_clear(&c->http);
  inst_buf_clear(&c->rest);
  inst_buf_clear(&c->out);
}

void box_server_free(box_server *server) {
  if (server == NULL) return;
  for (size_t i = 0; i < BOX_SERVE_CONNECTIONS; i++) drop(&server->connections[i]);
  if (server->listener >= 0) close(server->listener);
  inst_resize(server->alloc, server, sizeof *server, 0);
}

unsigned box_server_port(const box_server *server) {
  return server->port;
}

void box_server_set_pace(box_server *server, unsigned milliseconds) {
  server->pace = milliseconds / 1e3;
}

/* ---- connections ----------------------------------------------------------------------------- */

static connection *free_place(box_server *server) {
  for (size_t i = 0; i < BOX_SERVE_CONNECTIONS; i++) {
    if (server->connections[i].fd < 0) return &server->connections[i];
  }
  return NULL;
}

/* Takes in one client; false: none waits, or there is no room. */
static bool accept_one(box_server *server) {
  int yes = 1;
  connection *c = free_place(server);
  int fd = c != NULL ? accept(server->listener, NULL, NULL) : -1;
  if (fd < 0) return false;
  if (!set_flags(fd)) {
    close(fd);
    return true;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  *c = (connection){.fd = fd, .deadline = now() + BOX_SERVE_IDLE};
  box_http_init(&c->http, server->alloc);
  inst_buf_init(&c->rest, server->alloc);
  inst_buf_init(&c->out, server->alloc);
  return true;
}

/* Has the request answered, and the answer ready to be sent. */
static void answer(box_server *server, connection *c) {
  box_reply reply;
  box_reply_init(&reply, server->alloc);
  server->handler(server->ctx, &c->http, &reply);
  bool whole = !reply.events || c->http.chunks; /* else only closing tells the end */
  c->keep = c->http.keep && whole;
  c->events = reply.events && server->pace > 0;
  box_reply_write(&reply, &c->http, c->keep, &c->out);
  c->sent = 0;
  c->gate = c->events ? 0 : c->out.n;
  c->open_at = 0;
  if (reply.body.failed || c->out.failed) drop(c);
  box_reply_clear(&reply);
}

/* Lets the reader take what there is; answers when a request is whole. */
static void advance(box_server *server, connection *c) {
  size_t used = box_http_feed(&c->http, inst_buf_text(&c->rest));
  memmove(c->rest.p, c->rest.p + used, c->rest.n - used);
  c->rest.n -= used;
  bool body = c->http.state == BOX_HTTP_LENGTH || c->http.state == BOX_HTTP_SIZE;
  if (body && c->http.expects) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    c->http.expects = false;
    if (send(c->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL) < 0) drop(c);
  } else if (c->http.state >= BOX_HTTP_READY) {
    answer(server, c);
  }
}

/* Reads once; from a client that was refused, only to throw it away. */
static void read_some(box_server *server, connection *c) {
  char piece[PIECE];
  ssize_t n = recv(c->fd, piece, sizeof piece, 0);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (n <= 0) {
    drop(c);
    return;
  }
  if (c->lingers) return;
  c->deadline = now() + BOX_SERVE_IDLE;
  inst_buf_add(&c->rest, (inst_str){piece, (size_t)n});
  if (c->rest.failed)
    drop(c);
  else
    advance(server, c);
}

/* The answer is sent.  What the client sent after it may hold the next request. */
static void finish(box_server *server, connection *c) {
  inst_buf_clear(&c->out);
  c->sent = c->gate = 0;
  if (c->keep) {
    box_http_next(&c->http);
    if (c->rest.n > 0) advance(server, c);
    return;
  }
  shutdown(c->fd, SHUT_WR); /* the client reads the answer before it meets a reset */
  c->lingers = true;
  c->deadline = now() + BOX_SERVE_LINGER;
}

/* Sends what the client takes; of a paced stream, one event after the other. */
static void write_some(box_server *server, connection *c) {
  if (c->sent == c->gate && c->events) {
    c->gate = box_reply_event_end(inst_buf_text(&c->out), c->sent);
    c->open_at = now() + server->pace;
  }
  ssize_t n = send(c->fd, c->out.p + c->sent, c->gate - c->sent, MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (n < 0) {
    drop(c);
    return;
  }
  c->deadline = now() + BOX_SERVE_IDLE;
  c->sent += (size_t)n;
  if (c->sent == c->out.n) finish(server, c);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Does the connection rest between two events? */
static bool rests(const connection *c, double time) {
  return c->out.n > 0 && c->sent == c->gate && c->open_at > time;
}

/* What is waited for: a connection with an answer under way is not read. */
static short wants(const connection *c, double time) {
  if (c->out.n == 0) return POLLIN;
  return rests(c, time) ? 0 : POLLOUT;
}

/* Milliseconds until something is due. */
static int patience(const box_server *server, double time) {
  double next = time + BOX_SERVE_IDLE;
  for (size_t i = 0; i < BOX_SERVE_CONNECTIONS; i++) {
    const connection *c = &server->connections[i];
    if (c->fd < 0) continue;
    double due = rests(c, time) ? c->open_at : c->deadline;
    if (due < next) next = due;
  }
  return next > time ? (int)((next - time) * 1000) + 1 : 0;
}

static void serve_one(box_server *server, connection *c, short events, double time) {
  bool late = c->deadline < time && (events == 0 || c->lingers);
  if (late || (events & (POLLERR | POLLNVAL)) != 0)
    drop(c);
  else if ((events & POLLOUT) != 0)
    write_some(server, c);
  else if ((events & POLLIN) != 0)
    read_some(server, c);
  else if ((events & POLLHUP) != 0)
    drop(c);
}

static void fill_polls(const box_server *server, const int stops[2], struct pollfd *polls) {
  double time = now();
  bool room = false;
  for (size_t i = 0; i < BOX_SERVE_CONNECTIONS; i++) {
    const connection *c = &server->connections[i];
    polls[FIXED + i] = (struct pollfd){.fd = c->fd, .events = c->fd < 0 ? 0 : wants(c, time)};
    if (c->fd < 0) room = true;
  }
  polls[0] = (struct pollfd){.fd = stops[0], .events = POLLIN};
  polls[1] = (struct pollfd){.fd = stops[1], .events = POLLIN};
  polls[2] = (struct pollfd){.fd = room ? server->listener : -1, .events = POLLIN};
}

/* Has the stream ended?  Bytes on it say nothing. */
static bool is_over(const struct pollfd *polled) {
  char bytes[64];
  if (polled->fd < 0 || polled->revents == 0) return false;
  if ((polled->revents & POLLIN) == 0) return true;
  return read(polled->fd, bytes, sizeof bytes) <= 0;
}

void box_server_run(box_server *server, int stop, int stream) {
  struct pollfd polls[FIXED + BOX_SERVE_CONNECTIONS];
  const int stops[2] = {stop, stream};
  for (;;) {
    fill_polls(server, stops, polls);
    int n = poll(polls, FIXED + BOX_SERVE_CONNECTIONS, patience(server, now()));
    if (n < 0 && errno != EINTR) return;
    if (n < 0) continue;
    if (polls[0].revents != 0 || is_over(&polls[1])) return;
    double time = now();
    for (size_t i = 0; i < BOX_SERVE_CONNECTIONS; i++) {
      connection *c = &server->connections[i];
      if (c->fd >= 0) serve_one(server, c, polls[FIXED + i].revents, time);
    }
    while ((polls[2].revents & POLLIN) != 0 && accept_one(server)) continue;
  }
}
