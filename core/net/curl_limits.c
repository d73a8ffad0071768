/*
** How long an exchange may take.
** In: the times its request allows.  Out: how long may be waited, and whose time is over.
** libcurl could count them itself, but with a timer of its own for each exchange: a place in a tree,
** and the clock read several times over, which a small answer from near by feels.
** And it sees to it that none is forgotten before it is connected: libcurl 7.88 sets no time at which it
** would go on from one address of a server to the next, once somebody else watches its sockets.
** Rule: a limit is a safety net, so it may come some milliseconds early or late.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/net/curl_parts.h"

#include <float.h>
#include <time.h>

#define NEVER DBL_MAX
#define LOOK 0.25 /* seconds between two looks at one that is connecting */

/* The clock that costs least. */
#if defined(CLOCK_MONOTONIC_COARSE)
#define CLOCK CLOCK_MONOTONIC_COARSE
#else
#define CLOCK CLOCK_MONOTONIC
#endif

static double clock_now(void) {
  struct timespec now;
  clock_gettime(CLOCK, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* 'seconds' from 'now' on; not above 0: there is no limit. */
static double limit(double now, double seconds) {
  return seconds > 0 ? now + seconds : NEVER;
}

/* Seconds from its start until libcurl had sent the request, all its tries together. */
static double sending_time(const inst_curl_exchange *x) {
  double seconds = 0;
  (void)curl_easy_getinfo(x->easy, CURLINFO_PRETRANSFER_TIME, &seconds);
  return seconds;
}

/* (libcurl's time changes when it is.) */
bool inst_curl_is_connected(const inst_curl_exchange *x) {
  const double seconds = sending_time(x);
  return seconds < x->sent_before || seconds > x->sent_before;
}

static double earlier(double a, double b) {
  return a < b ? a : b;
}

static double first_limit(const inst_curl_exchange *x) {
  return earlier(x->connect_by, x->over_by);
}

/* The limits of 'x', which begins to connect, count from now on. */
static void count_in(inst_curl_exchange *x, double now) {
  inst_curl_engine *e = x->engine;
  e->look_by = earlier(e->look_by, now + LOOK);
  e->next_limit = earlier(e->next_limit, earlier(e->look_by, first_limit(x)));
}

/* A redirect that was followed has all its time to connect, but no more in all. */
static void begin(inst_curl_exchange *x, double now) {
  x->is_new = false;
  x->connect_by = limit(now, x->connect_timeout);
  if (x->hops == 0) x->over_by = limit(now, x->total_timeout);
  count_in(x, now);
}

/* (Those that are new stand before the others.) */
void inst_curl_limits_begin(inst_curl_engine *e) {
  if (e->busy == NULL || !e->busy->is_new) return;
  const double now = clock_now();
  for (inst_curl_exchange *x = e->busy; x != NULL && x->is_new; x = x->next) begin(x, now);
}

/* It sends again what was lost with a connection that was kept too long. */
void inst_curl_limits_connecting(inst_curl_exchange *x) {
  if (!inst_curl_is_connected(x)) return;
  const double now = clock_now();
  x->sent_before = sending_time(x);
  x->connect_by = limit(now, x->connect_timeout);
  count_in(x, now);
}

void inst_curl_limits_open(inst_curl_engine *e) {
  e->next_limit = e->look_by = NEVER;
}

double inst_curl_limits_patience(const inst_curl_engine *e, double seconds) {
  if (e->next_limit >= NEVER || !(seconds > 0)) return seconds;
  const double left = e->next_limit - clock_now();
  return left < seconds ? left : seconds;
}

/* (One that is connected has that limit no more.) */
static bool is_late(inst_curl_exchange *x, double now) {
  if (now >= x->connect_by && inst_curl_is_connected(x)) x->connect_by = NEVER;
  return now >= first_limit(x);
}

static bool is_any_connecting(const inst_curl_engine *e) {
  const inst_curl_exchange *x = e->busy;
  while (x != NULL && inst_curl_is_connected(x)) x = x->next;
  return x != NULL;
}

/* All that are connecting are looked at together: looking at one costs as much. */
static void look(inst_curl_engine *e, double now) {
  e->slow = is_any_connecting(e);
  e->look_by = e->slow ? now + LOOK : NEVER;
}

inst_curl_exchange *inst_curl_limits_late(inst_curl_engine *e) {
  if (e->next_limit >= NEVER) return NULL;
  const double now = clock_now();
  if (now < e->next_limit) return NULL;
  if (now >= e->look_by) look(e, now);
  double next = e->look_by;
  for (inst_curl_exchange *x = e->busy; x != NULL; x = x->next) {
    if (x->is_new) continue;
    if (is_late(x, now)) return x;
    next = earlier(next, first_limit(x));
  }
  e->next_limit = next;
  return NULL;
}
