/*
** A call, a transport and a clock: the roof of the C library.
** In: calls.  Out: the steps their caller has a part in; all else is done here.
** Rule: waits at most as long as the caller allows, so that a host stays responsive.
*/
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/call/call.h"
#include "core/call/exchange.h"

#include <string.h>
#include <time.h>

#define NAP 0.1 /* seconds between two looks where the transport cannot wait itself */

struct inst_engine {
  inst_alloc alloc;
  const inst_transport *transport;
  void *handle;   /* the transport's own engine */
  inst_news news; /* of the calls that are stepped */
};

double inst_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

inst_engine *inst_engine_new(const inst_transport *transport, const inst_transport_options *options,
                             inst_alloc alloc, inst_error *error) {
  inst_error ignored;
  error = error != NULL ? error : &ignored;
  inst_error_clear(error);
  alloc = inst_alloc_fill(alloc);
  if (transport->abi != INST_TRANSPORT_ABI) {
    inst_error_set(error, INST_E_USAGE, "the transport is of version %u, not %u", transport->abi,
                   INST_TRANSPORT_ABI);
    return NULL;
  }
  inst_engine *engine = inst_resize(alloc, NULL, 0, sizeof *engine);
  if (engine == NULL) return inst_error_memory(error), NULL;
  *engine = (inst_engine){alloc, transport, NULL, {NULL}};
  if (transport->open(options, alloc, &engine->handle, error) == 0) return engine;
  inst_error_set(error, INST_E_NETWORK, "the transport could not be opened");
  inst_resize(alloc, engine, sizeof *engine, 0);
  return NULL;
}

void inst_engine_free(inst_engine *engine) {
  if (engine == NULL) return;
  engine->transport->close(engine->handle);
  inst_news_clear(&engine->news);
  inst_resize(engine->alloc, engine, sizeof *engine, 0);
}

void inst_engine_drop(inst_engine *engine, inst_call *call) {
  void **slot = inst_call_slot(call);
  if (*slot != NULL && inst_call_is_under_way(call))
    engine->transport->cancel(engine->handle, *slot);
  *slot = NULL;
}

static void send(inst_engine *engine, inst_call *call) {
  inst_error error;
  inst_sink sink = inst_call_sink(call);
  void **slot = inst_call_slot(call);
  *slot = NULL;
  inst_error_clear(&error);
  int failed =
      engine->transport->start(engine->handle, inst_call_request(call), &sink, slot, &error);
  inst_call_sent(call, failed ? &error : NULL);
}

/* Rests where the transport cannot. */
static void nap(double seconds) {
  struct timespec t = {.tv_sec = (time_t)seconds};
  t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
  nanosleep(&t, NULL);
}

/* Moves bytes, or rests, for at most 'seconds'.  A transport that cannot go on has lost the call's
** exchange, if it had one. */
static void pump(inst_engine *engine, inst_call *call, double seconds) {
  inst_error error;
  inst_error_clear(&error);
  if (engine->transport->pump(engine->handle, seconds, &error) == 0) return;
  if (!inst_call_is_under_way(call)) {
    nap(seconds < NAP ? seconds : NAP);
    return;
  }
  inst_sink sink = inst_call_sink(call);
  inst_engine_drop(engine, call);
  sink.end(sink.ctx, &error);
}

/* How long the call may rest from 'now' on: until it must be looked at, or the caller's time is
** over. */
static double patience(const inst_call *call, double now, double until) {
  double wake = inst_call_wake(call), end = wake < until ? wake : until;
  return end > now ? end - now : 0;
}

int inst_engine_pump(inst_engine *engine, double seconds, inst_error *error) {
  return engine->transport->pump(engine->handle, seconds > 0 ? seconds : 0, error);
}

static void drop(inst_engine *engine, inst_call *call) {
  inst_engine_drop(engine, call);
  inst_call_dropped(call);
}

inst_want inst_engine_step(inst_engine *engine, inst_call *call, uint64_t tag) {
  double now = inst_clock();
  inst_call_list(call, tag != 0 ? &engine->news : NULL, tag);
  if (inst_call_is_under_way(call) && now >= inst_call_wake(call)) {
    pump(engine, call, 0);
    now = inst_clock();
  }
  for (;;) {
    inst_want want = inst_call_next(call, now);
    if (want == INST_WANT_SEND)
      send(engine, call);
    else if (want == INST_WANT_DROP)
      drop(engine, call);
    else
      return want == INST_WANT_BYTES ? INST_WANT_WAIT : want;
  }
}

uint64_t inst_engine_news(inst_engine *engine) {
  return inst_news_take(&engine->news);
}

/* What came while nobody looked is taken in before the time is told: a caller who was away must not
** look like a server that was silent.  Sending and dropping wait for nothing: only a pump does. */
inst_want inst_engine_drive(inst_engine *engine, inst_call *call, double seconds) {
  if (inst_call_is_under_way(call)) pump(engine, call, 0);
  double now = inst_clock(), until = now + seconds;
  for (;;) {
    inst_want want = inst_call_next(call, now);
    switch (want) {
    case INST_WANT_SEND: send(engine, call); break;
    case INST_WANT_DROP: drop(engine, call); break;
    case INST_WANT_BYTES:
    case INST_WANT_WAIT:
      if (now >= until) return INST_WANT_WAIT;
      pump(engine, call, patience(call, now, until));
      now = inst_clock();
      break;
    default: return want;
    }
  }
}
