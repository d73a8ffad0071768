/*
** One connection as a small machine: READING takes requests out of the input and steps out of
** the script, ACTING performs a step, DRAINING waits for the peer to leave.  The poll loop tells
** it what is possible; it never waits.  The journal is told before anything is done.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void make_nonblocking(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* An eager step is taken before the peer can say anything. */
fault_connection *fault_connection_new(int in, int out, size_t number, fault_stage *stage) {
  fault_connection *c = fault_resize(NULL, 1, sizeof *c);
  *c = (fault_connection){.in = in, .out = out, .place = {.connection = number}};
  make_nonblocking(in);
  make_nonblocking(out);
  int on = 1; /* fails on a pipe, which does not hold bytes back anyway */
  setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (fault_script_is_eager(&stage->script)) {
    c->step = fault_script_take(&stage->script, &c->place.index, &c->place.over);
    c->state = FAULT_ACTING;
  }
  fault_journal_accept(&stage->journal, c->place);
  return c;
}

/* May be called again. */
static void shut(fault_connection *c) {
  if (c->state == FAULT_ENDED) return;
  close(c->in);
  if (c->out != c->in) close(c->out);
  c->state = FAULT_ENDED;
}

void fault_connection_free(fault_connection *connection) {
  shut(connection);
  fault_bytes_clear(&connection->input);
  fault_request_clear(&connection->request);
  free(connection);
}

/* The journal hears of a request that never became whole, since its step is used up. */
void fault_connection_lose(fault_connection *connection, fault_stage *stage) {
  fault_connection *c = connection;
  if (c->state == FAULT_READING && c->step) /* it went away in mid-request */
    fault_journal_request(&stage->journal, c->place, &c->request, &c->input);
  if (c->step) fault_journal_gone(&stage->journal, c->place, c->sent);
  c->step = NULL;
  shut(c);
}

/* One read: poll tells when there is more. */
void fault_connection_read(fault_connection *connection, fault_stage *stage) {
  char block[65536];
  ssize_t n = read(connection->in, block, sizeof block);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    fault_connection_lose(connection, stage);
  } else if (connection->state != FAULT_DRAINING) {
    fault_bytes_add(&connection->input, block, (size_t)n);
    connection->unread = true;
  }
}

/* Writes some of it.  0: not now, or the peer has gone (and 'c' has ended). */
static size_t put(fault_connection *c, fault_stage *stage, const char *p, size_t n) {
  ssize_t k = write(c->out, p, n);
  if (k >= 0) {
    c->sent += (uint64_t)k;
    return (size_t)k;
  }
  c->blocked = errno == EAGAIN;
  if (!c->blocked && errno != EINTR) fault_connection_lose(c, stage);
  return 0;
}

/* ---- actions ----------------------------------------------------------------------------------- */

/* Performs what can be performed now.  True: the action is over. */
typedef bool act(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now);

/* The journal hears that the step is over; it is forgotten. */
static void note_done(fault_connection *c, fault_stage *stage) {
  fault_journal_done(&stage->journal, c->place, c->sent);
  c->step = NULL;
}

/* All the bytes, as many at a time as go out. */
static bool act_send(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  (void)now;
  while (c->progress < a->text.n) {
    size_t n = put(c, stage, a->text.p + c->progress, a->text.n - (size_t)c->progress);
    if (!n) return false;
    c->progress += n;
  }
  return true;
}

/* One byte, then a rest, even if the kernel would take more. */
static bool act_drip(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  while (c->progress < a->text.n) {
    if (now < c->due || !put(c, stage, a->text.p + c->progress, 1)) return false;
    c->progress++;
    c->due = now + (int64_t)a->number;
  }
  return true;
}

/* Goes round and round in the text, which is a block of whole copies. */
static bool act_fill(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  (void)now;
  while (c->progress < a->number) {
    size_t at = (size_t)(c->progress % a->text.n);
    uint64_t left = a->number - c->progress;
    size_t n = a->text.n - at;
    n = put(c, stage, a->text.p + at, left < n ? (size_t)left : n);
    if (!n) return false;
    c->progress += n;
  }
  return true;
}

/* The first call sets the time, later ones look at it. */
static bool act_sleep(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  (void)stage;
  if (!c->progress) c->due = now + (int64_t)a->number * 1000;
  c->progress = 1;
  return now >= c->due;
}

/* From now on the kernel's buffers fill up and the peer has to wait. */
static bool act_deaf(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  (void)stage, (void)a, (void)now;
  c->deaf = true;
  return true;
}

/* Never over; only fault_connection_lose ends it. */
static bool act_stall(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  (void)c, (void)stage, (void)a, (void)now;
  return false;
}

/* Sends FIN without losing what is under way: closing a socket with unread input sends RST. */
static bool act_close(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  (void)a, (void)now;
  note_done(c, stage);
  if (shutdown(c->out, SHUT_WR) == 0)
    c->state = FAULT_DRAINING;
  else
    shut(c); /* a pipe, or a peer that has gone */
  return false;
}

/* Leaves what follows to the kernel: RST for bytes that were not read or still come. */
static bool act_drop(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  (void)a, (void)now;
  note_done(c, stage);
  shut(c);
  return false;
}

/* Lingering for no time makes close send RST and forget what is under way. */
static bool act_reset(fault_connection *c, fault_stage *stage, const fault_action *a, int64_t now) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(c->out, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  return act_drop(c, stage, a, now);
}

static act *const acts[FAULT_WORD_COUNT] = {
    [FAULT_SEND] = act_send,   [FAULT_DRIP] = act_drip, [FAULT_FILL] = act_fill,
    [FAULT_SLEEP] = act_sleep, [FAULT_DEAF] = act_deaf, [FAULT_STALL] = act_stall,
    [FAULT_CLOSE] = act_close, [FAULT_DROP] = act_drop, [FAULT_RESET] = act_reset,
};

/* ---- steps ------------------------------------------------------------------------------------- */

/* Makes room for the next request on this connection. */
static void forget_request(fault_connection *c) {
  fault_bytes_drop(&c->input, c->request.used);
  fault_request_clear(&c->request);
  c->spent = false;
  c->unread = c->input.n > 0;
}

/* The connection goes on with the next request, unless this one asked to be the last. */
static void end_step(fault_connection *c, fault_stage *stage, int64_t now) {
  if (c->request.closes && c->in == c->out) { /* two pipes outlive their clients */
    act_close(c, stage, NULL, now);
    return;
  }
  note_done(c, stage);
  c->state = FAULT_READING;
  if (c->request.phase == FAULT_WHOLE)
    forget_request(c);
  else
    c->spent = c->request.head > 0;
  c->unread = c->input.n > 0;
}

/* Each of these does one thing and tells whether there may be more to do at once. */
static bool acting(fault_connection *c, fault_stage *stage, int64_t now) {
  if (c->action == c->step->count) {
    end_step(c, stage, now);
    return true;
  }
  const fault_action *a = &c->step->actions[c->action];
  c->blocked = false;
  if (!acts[a->word](c, stage, a, now)) return false;
  c->action++;
  c->progress = 0;
  c->due = 0;
  return true;
}

/* From its first action on. */
static void begin_step(fault_connection *c) {
  c->state = FAULT_ACTING;
  c->action = 0;
  c->progress = 0;
  c->due = 0;
}

/* What follows bytes that are no request cannot be told apart: the answer ends with FIN. */
static void refuse(fault_connection *c, fault_stage *stage) {
  fault_journal_bad(&stage->journal, c->place, &c->input);
  c->step = &stage->script.bad;
  begin_step(c);
}

/* The head is complete: the request takes its step, or is told to send its body. */
static void take_step(fault_connection *c, fault_stage *stage) {
  c->step = fault_script_take(&stage->script, &c->place.index, &c->place.over);
  static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  if (c->request.phase == FAULT_WHOLE || !c->request.expects) return;
  if (c->step->moment == FAULT_ON_REQUEST) put(c, stage, go_on, sizeof go_on - 1);
  c->blocked = false; /* a peer that waits for this has left room for it */
}

/* Reads on in the input; begins a step when what it waits for is there. */
static bool reading(fault_connection *c, fault_stage *stage, int64_t now) {
  (void)now;
  if (!c->unread) return false;
  c->unread = false;
  fault_phase phase = fault_request_read(&c->request, &c->input);
  if (phase == FAULT_BAD) {
    refuse(c, stage);
  } else if (c->spent) {
    if (phase != FAULT_WHOLE) return false;
    forget_request(c);
  } else if (phase != FAULT_IN_HEAD) {
    if (!c->step) take_step(c, stage);
    if (c->state == FAULT_ENDED) return false;
    if (phase != FAULT_WHOLE && c->step->moment == FAULT_ON_REQUEST) return false;
    fault_journal_request(&stage->journal, c->place, &c->request, &c->input);
    begin_step(c);
  }
  return c->state == FAULT_ACTING || c->unread;
}

void fault_connection_move(fault_connection *connection, fault_stage *stage, int64_t now) {
  bool more = true;
  while (more) {
    if (connection->state == FAULT_READING)
      more = reading(connection, stage, now);
    else if (connection->state == FAULT_ACTING)
      more = acting(connection, stage, now);
    else
      more = false;
  }
}
