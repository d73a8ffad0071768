/*
** How long an exchange may take.
** In: the times its request allows.  Out: how long may be waited, and whose time is over.
** libcurl could count them itself, but with a timer of its own for each exchange: a place in a tree,
** and the clock read several times over, which a small answer from near by feels.
** Rule: a limit is a safety net, so it may come some milliseconds early or late.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/net/curl_parts.h"

#include <float.h>
#include <time.h>

#define NEVER DBL_MAX

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

static double first_limit(const inst_curl_exchange *x) {
  return x->connect_by < x->over_by ? x->connect_by : x->over_by;
}

/* A redirect that was followed has all its time to connect, but no more in all. */
static void begin(inst_curl_exchange *x, double now) {
  x->is_new = false;
  x->connect_by = limit(now, x->connect_timeout);
  if (x->hops == 0) x->over_by = limit(now, x->total_timeout);
}

/* (Those that are new stand before the others.) */
void inst_curl_limits_begin(inst_curl_engine *e) {
  if (e->busy == NULL || !e->busy->is_new) return;
  const double now = clock_now();
  for (inst_curl_exchange *x = e->busy; x != NULL && x->is_new; x = x->next) {
    begin(x, now);
    if (first_limit(x) < e->next_limit) e->next_limit = first_limit(x);
  }
}

/* It sends again what was lost with a connection that was kept too long. */
void inst_curl_limits_connecting(inst_curl_exchange *x) {
  inst_curl_engine *e = x->engine;
  if (!inst_curl_is_connected(x)) return;
  x->sent_before = sending_time(x);
  x->connect_by = limit(clock_now(), x->connect_timeout);
  if (x->connect_by < e->next_limit) e->next_limit = x->connect_by;
}

void inst_curl_limits_open(inst_curl_engine *e) {
  e->next_limit = NEVER;
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

inst_curl_exchange *inst_curl_limits_late(inst_curl_engine *e) {
  if (e->next_limit >= NEVER) return NULL;
  const double now = clock_now();
  if (now < e->next_limit) return NULL;
  double next = NEVER;
  for (inst_curl_exchange *x = e->busy; x != NULL; x = x->next) {
    if (x->is_new) continue;
    if (is_late(x, now)) return x;
    if (first_limit(x) < next) next = first_limit(x);
  }
  e->next_limit = next;
  return NULL;
}
