/*
** Which sockets libcurl waits for, and until when.
** In: what libcurl's socket callback tells, and its next time.  Out: libcurl called for the sockets
** that have something and for the times that are over, so that a turn costs what it moves, however
** many exchanges rest.
** Rule 1: libcurl itself looks at all of them where the system has no epoll, or refuses it, and as
** long as there was never more than one exchange at once: that is quickest for it.
** Rule 2: this room knows no exchange.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/net/curl_parts.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__) && !defined(INST_NO_EPOLL)
#include <sys/epoll.h>
#define HAS_EPOLL 1
#else
#define HAS_EPOLL 0
#endif

/* Milliseconds, rounded up: a wait that is cut short might never reach its time. */
static int millis(double seconds) {
  const double ms = seconds * 1000;
  if (!(ms > 0)) return 0;
  if (ms >= (double)INT_MAX) return INT_MAX;
  const int whole = (int)ms;
  return (double)whole < ms ? whole + 1 : whole;
}

/* ---- libcurl looks at all of them ------------------------------------------------------------ */

static CURLMcode look_at_all(inst_curl_engine *e) {
  int running = 0;
  inst_curl_guard_enter(&e->guard);
  e->inside = true;
  const CURLMcode result = curl_multi_perform(e->multi, &running);
  e->inside = false;
  inst_curl_guard_leave(&e->guard);
  return result;
}

static CURLMcode wait_for_all(inst_curl_engine *e, double seconds) {
  if (!(seconds > 0)) return CURLM_OK;
  const CURLMcode result = curl_multi_poll(e->multi, NULL, 0, millis(seconds), NULL);
  return result == CURLM_OK ? look_at_all(e) : result;
}

#if HAS_EPOLL

/* ---- what libcurl tells ---------------------------------------------------------------------- */

enum {
  BATCH = 128,     /* sockets told of at once */
  BATCHES_MAX = 64 /* in a turn: what never runs dry must not keep it from ending */
};

/* How often this process is a child of the one that began to count. */
static unsigned forks;
static bool forks_are_counted;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void count_fork(void) {
  forks++;
}

/* The C library forgets the function when our code is unloaded. */
static void count_forks(void) {
  forks_are_counted = pthread_atfork(NULL, NULL, count_fork) == 0;
}

/* A process that was forked off shares the list of sockets with its parent: it leaves it alone, and
** has libcurl look at all of its own. */
static bool is_ours(inst_curl_engine *e) {
  if (e->blind || e->forks == forks) return !e->blind;
  (void)close(e->epoll);
  e->epoll = -1;
  e->blind = true;
  return false;
}

/* ---- the sockets that are watched ------------------------------------------------------------ */

/* What a socket's mark says: what it is watched for, and… */
enum {
  FOR_IN = 1,
  FOR_OUT = 2,
  PARKED = 4, /* …that libcurl does not wait for it now… */
  OURS = 8    /* …that it is a connection's, of whose end we are told */
};
enum { FIRST_MARKS = 64 };

/* Room for marks up to that of 'fd'. */
static bool make_room(inst_curl_engine *e, int fd) {
  size_t room = e->mark_room > 0 ? e->mark_room : FIRST_MARKS;
  while (room <= (size_t)fd) room *= 2;
  if (room == e->mark_room) return true;
  unsigned char *grown = e->alloc.fn(e->alloc.ctx, e->marks, e->mark_room, room);
  if (grown == NULL) return false;
  memset(grown + e->mark_room, 0, room - e->mark_room);
  e->marks = grown;
  e->mark_room = room;
  return true;
}

/* The mark of 'fd'; 0: there is none. */
static unsigned mark_of(const inst_curl_engine *e, int fd) {
  return (size_t)fd < e->mark_room ? e->marks[fd] : 0;
}

static void unwatch(inst_curl_engine *e, int fd) {
  struct epoll_event none = {.data.fd = fd};
  (void)epoll_ctl(e->epoll, EPOLL_CTL_DEL, fd, &none);
  if ((size_t)fd < e->mark_room) e->marks[fd] &= OURS;
}

/* Most answers are waited for on a connection that was waited on before: it stays in the list, and
** costs no system call then.  Only for those whose end we hear of: a number may be given again. */
static void park(inst_curl_engine *e, int fd) {
  if ((mark_of(e, fd) & OURS) != 0)
    e->marks[fd] |= PARKED;
  else
    unwatch(e, fd);
}

static bool watch(inst_curl_engine *e, int fd, unsigned wanted) {
  if (!make_room(e, fd)) return false;
  const unsigned mark = e->marks[fd], now = mark & (FOR_IN | FOR_OUT);
  struct epoll_event event = {.data.fd = fd};
  e->marks[fd] = (unsigned char)((mark & OURS) | wanted);
  if (now == wanted) return true;
  if ((wanted & FOR_IN) != 0) event.events |= EPOLLIN;
  if ((wanted & FOR_OUT) != 0) event.events |= EPOLLOUT;
  const int what = now != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  const int other = now != 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(e->epoll, what, fd, &event) == 0) return true;
  return (errno == EEXIST || errno == ENOENT) && epoll_ctl(e->epoll, other, fd, &event) == 0;
}

/* Where one cannot be watched, libcurl looks at all of them from now on. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *engine, void *known) {
  inst_curl_engine *e = engine;
  unsigned wanted = 0;
  (void)easy;
  (void)known;
  if (!is_ours(e)) return 0;
  if (what == CURL_POLL_REMOVE) {
    park(e, fd);
    return 0;
  }
  if ((what & CURL_POLL_IN) != 0) wanted |= FOR_IN;
  if ((what & CURL_POLL_OUT) != 0) wanted |= FOR_OUT;
  if (!watch(e, fd, wanted)) e->blind = true;
  return 0;
}

void inst_curl_wait_opened(inst_curl_engine *e, curl_socket_t fd) {
  if (make_room(e, fd)) e->marks[fd] = OURS;
}

void inst_curl_wait_closing(inst_curl_engine *e, curl_socket_t fd) {
  if (mark_of(e, fd) == 0) return;
  if (is_ours(e) && e->marks[fd] != OURS) unwatch(e, fd);
  e->marks[fd] = 0;
}

/* ---- libcurl is told ------------------------------------------------------------------------- */

/* libcurl's own account of its sockets is not to be trusted, nor asked, once it lacked memory. */
static CURLMcode tell(inst_curl_engine *e, curl_socket_t fd, int bits) {
  int running = 0;
  e->inside = true;
  const CURLMcode result = curl_multi_socket_action(e->multi, fd, bits, &running);
  e->inside = false;
  if (result != CURLM_OK) e->blind = true;
  return result;
}

/* Milliseconds until libcurl wants to be called, whatever comes; below 0: it does not. */
static long until_time(inst_curl_engine *e) {
  long ms = -1;
  if (e->added) return 0;
  return curl_multi_timeout(e->multi, &ms) == CURLM_OK ? ms : 0;
}

/* Has what is due by libcurl's own clock done. */
static CURLMcode tell_time(inst_curl_engine *e) {
  if (until_time(e) != 0) return CURLM_OK;
  e->added = false;
  inst_curl_guard_enter(&e->guard);
  const CURLMcode result = tell(e, CURL_SOCKET_TIMEOUT, 0);
  inst_curl_guard_leave(&e->guard);
  return result;
}

static int bits_of(uint32_t events) {
  int bits = 0;
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) bits |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) bits |= CURL_CSELECT_OUT;
  if ((events & EPOLLERR) != 0) bits |= CURL_CSELECT_ERR;
  return bits;
}

/* Something came on a connection that nobody waits for: mostly the server has closed it.  libcurl finds
** that out by itself before it uses it; until then it would be told again and again. */
static CURLMcode tell_event(inst_curl_engine *e, const struct epoll_event *event) {
  const int fd = event->data.fd;
  if ((mark_of(e, fd) & PARKED) == 0) return tell(e, fd, bits_of(event->events));
  unwatch(e, fd);
  return CURLM_OK;
}

static CURLMcode tell_events(inst_curl_engine *e, const struct epoll_event *events, int n) {
  CURLMcode result = CURLM_OK;
  inst_curl_guard_enter(&e->guard);
  for (int i = 0; i < n && result == CURLM_OK; i++) result = tell_event(e, &events[i]);
  inst_curl_guard_leave(&e->guard);
  return result;
}

/* Waits at most 'ms' for the first; a signal ends the wait. */
static CURLMcode tell_sockets(inst_curl_engine *e, int ms) {
  struct epoll_event events[BATCH];
  CURLMcode result = CURLM_OK;
  int n = BATCH;
  for (int i = 0; i < BATCHES_MAX && n == BATCH && result == CURLM_OK; i++, ms = 0) {
    n = epoll_wait(e->epoll, events, BATCH, ms);
    if (n > 0) result = tell_events(e, events, n);
    if (n < 0 && errno != EINTR) e->blind = true; /* the host has closed what is not his */
  }
  return result;
}

/* Has libcurl look at all of them, and tell us what changed with their sockets.  (Those who call this at
** every turn are told to use something better.) */
static CURLMcode tell_all(inst_curl_engine *e) {
  int running = 0;
  inst_curl_guard_enter(&e->guard);
  e->inside = true;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const CURLMcode result = curl_multi_socket_all(e->multi, &running);
#pragma GCC diagnostic pop
  e->inside = e->added = false;
  inst_curl_guard_leave(&e->guard);
  if (result != CURLM_OK) e->blind = true;
  return result;
}

/* Tries it once. */
static CURLMcode begin_to_watch(inst_curl_engine *e) {
  e->may_watch = false;
  if (pthread_once(&once, count_forks) == 0 && forks_are_counted)
    e->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (e->epoll < 0) return look_at_all(e);
  e->forks = forks;
  e->blind = false;
  curl_multi_setopt(e->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(e->multi, CURLMOPT_SOCKETDATA, e);
  return tell_all(e);
}

CURLMcode inst_curl_wait_act(inst_curl_engine *e, bool crowded) {
  const bool slow = e->slow;
  e->slow = false;
  if (crowded && e->may_watch) return begin_to_watch(e);
  if (!is_ours(e)) return look_at_all(e);
  return slow ? tell_all(e) : tell_time(e);
}

CURLMcode inst_curl_wait_for(inst_curl_engine *e, double seconds) {
  if (!is_ours(e)) return wait_for_all(e, seconds);
  const long due = until_time(e);
  const int ms = millis(seconds);
  const CURLMcode result = tell_sockets(e, due >= 0 && due < ms ? (int)due : ms);
  return result == CURLM_OK ? tell_time(e) : result;
}

/* ---- open and close -------------------------------------------------------------------------- */

void inst_curl_wait_open(inst_curl_engine *e) {
  e->may_watch = e->blind = true;
  e->epoll = -1;
}

void inst_curl_wait_close(inst_curl_engine *e) {
  if (e->epoll >= 0) (void)close(e->epoll);
  if (e->marks != NULL) e->alloc.fn(e->alloc.ctx, e->marks, e->mark_room, 0);
}

#else

CURLMcode inst_curl_wait_act(inst_curl_engine *e, bool crowded) {
  (void)crowded;
  return look_at_all(e);
}

CURLMcode inst_curl_wait_for(inst_curl_engine *e, double seconds) {
  return wait_for_all(e, seconds);
}

void inst_curl_wait_open(inst_curl_engine *e) {
  e->blind = true;
  e->epoll = -1;
}

void inst_curl_wait_close(inst_curl_engine *e) {
  (void)e;
}

void inst_curl_wait_opened(inst_curl_engine *e, curl_socket_t fd) {
  (void)e;
  (void)fd;
}

void inst_curl_wait_closing(inst_curl_engine *e, curl_socket_t fd) {
  (void)e;
  (void)fd;
}

#endif
