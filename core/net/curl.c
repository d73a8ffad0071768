/*
** The transport over libcurl: the table of functions inst_curl gives.
** In: requests.  Out: answers, told to sinks while the caller pumps; connections live on in the
** engine and serve the next request to the same server.
** Rule 1: sinks are called inside pump only, and may start and cancel exchanges there.  libcurl
** must not be called from its own callbacks, so what they ask for waits in 'later'.
** Rule 2: an exchange is in exactly one list: busy, later or idle.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/net/curl_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
  IDLE_MAX = 64,       /* easy handles kept for the next exchanges */
  CONNECTIONS_MAX = 64 /* connections kept; libcurl's own limit sinks as exchanges end */
};

/* ---- lists ----------------------------------------------------------------------------------- */

/* 'x' may be in no list. */
static void unlink_from_list(inst_curl_exchange *x) {
  if (x->link == NULL) return;
  *x->link = x->next;
  if (x->next != NULL) x->next->link = x->link;
  x->next = NULL;
  x->link = NULL;
}

static void move_to(inst_curl_exchange *x, inst_curl_exchange **list) {
  unlink_from_list(x);
  x->next = *list;
  x->link = list;
  if (x->next != NULL) x->next->link = &x->next;
  *list = x;
}

/* ---- exchanges: made, kept for the next, freed ----------------------------------------------- */

/* For a host that injects no allocator. */
static void *default_alloc(void *ctx, void *p, size_t old_size, size_t size) {
  (void)ctx;
  (void)old_size;
  if (size > 0) return realloc(p, size);
  free(p);
  return NULL;
}

static void release(inst_curl_engine *e, void *p, size_t size) {
  if (p != NULL) e->alloc.fn(e->alloc.ctx, p, size, 0);
}

/* Forgets the answer and how it ended. */
static void clear(inst_curl_exchange *x) {
  inst_curl_answer_clear(x);
  inst_curl_lines_clear(x);
  x->hops = 0;
  x->stop = INST_CURL_NO_STOP;
  x->state = INST_CURL_IDLE;
}

/* The easy handle goes first: its options point into what is freed after it.  It may write a last
** word of TLS to its connection, hence the guard. */
static void exchange_free(inst_curl_exchange *x) {
  inst_curl_guard *guard = &x->engine->guard;
  unlink_from_list(x);
  inst_curl_guard_enter(guard);
  curl_easy_cleanup(x->easy);
  inst_curl_guard_leave(guard);
  x->easy = NULL;
  clear(x);
  inst_curl_undress(x);
  release(x->engine, x, sizeof *x);
}

/* In no list yet.  NULL: no memory, ours or libcurl's. */
static inst_curl_exchange *exchange_new(inst_curl_engine *e) {
  inst_curl_exchange *x = e->alloc.fn(e->alloc.ctx, NULL, 0, sizeof *x);
  if (x == NULL) return NULL;
  memset(x, 0, sizeof *x);
  x->engine = e;
  x->easy = curl_easy_init();
  if (x->easy != NULL) return x;
  release(e, x, sizeof *x);
  return NULL;
}

/* One from the pool, or a new one; in no list.  NULL: no memory. */
static inst_curl_exchange *exchange_take(inst_curl_engine *e) {
  inst_curl_exchange *x = e->idle;
  if (x == NULL) return exchange_new(e);
  unlink_from_list(x);
  e->idle_count--;
  return x;
}

/* 'x' has left libcurl's hands and nobody will hear of it again.  Its easy handle is worth keeping
** as it is: most requests of a client differ in their body alone. */
static void recycle(inst_curl_exchange *x) {
  inst_curl_engine *e = x->engine;
  if (e->idle_count >= IDLE_MAX || x->spoilt) {
    exchange_free(x);
    return;
  }
  if (x->hops > 0) inst_curl_undress(x);
  clear(x);
  move_to(x, &e->idle);
  e->idle_count++;
}

/* ---- into libcurl's hands and out of them ---------------------------------------------------- */

/* From here on sinks are called.  Not to be used while libcurl is on the stack. */
static CURLMcode attach(inst_curl_exchange *x) {
  const CURLMcode result = curl_multi_add_handle(x->engine->multi, x->easy);
  if (result != CURLM_OK) return result;
  x->engine->added = x->is_new = true;
  x->sent_before = 0;
  x->state = INST_CURL_RUNNING;
  move_to(x, &x->engine->busy);
  return CURLM_OK;
}

/* What is to be known when the handle is used again.  One that never came to send is not: after a name
** that was not found libcurl does not take all options any more. */
static void look_back(inst_curl_exchange *x, bool whole) {
  long made = 0;
  x->at_hand =
      whole && curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &made) == CURLE_OK && made == 0;
  x->spoilt = !whole && !inst_curl_is_connected(x);
}

/* Takes 'x' back, of whose answer all is there or not; a connection in the middle of it is closed.
** 'x->state' must be one that keeps the sink quiet. */
static void detach(inst_curl_exchange *x, bool whole) {
  look_back(x, whole);
  inst_curl_guard_enter(&x->engine->guard);
  curl_multi_remove_handle(x->engine->multi, x->easy);
  inst_curl_guard_leave(&x->engine->guard);
}

static int fail_multi(CURLMcode result, inst_error *error) {
  if (result == CURLM_OUT_OF_MEMORY) return inst_curl_fail_memory(error);
  return inst_curl_fail(error, INST_E_NETWORK, false, "libcurl failed: %s",
                        curl_multi_strerror(result));
}

/* The one place that calls 'end'.  The sink may start and cancel what it likes. */
static void tell_end(inst_curl_exchange *x, const inst_error *error) {
  unlink_from_list(x); /* in no list, so that nothing the sink does can reach it */
  x->state = INST_CURL_ENDED;
  x->engine->happened = true;
  x->sink.end(x->sink.ctx, error);
  recycle(x);
}

/* What cannot be given to libcurl after all ends at once, with the reason. */
static void launch(inst_curl_exchange *x) {
  inst_error error;
  const CURLMcode result = attach(x);
  if (result == CURLM_OK) return;
  fail_multi(result, &error);
  tell_end(x, &error);
}

/* Sends the same request to where the redirect leads, which is the same server. */
static void follow(inst_curl_exchange *x) {
  inst_error error;
  curl_url_cleanup(x->url);
  x->url = x->next_url;
  x->next_url = NULL;
  x->hops++;
  inst_curl_answer_clear(x);
  if (inst_curl_aim(x) == CURLE_OK) {
    launch(x);
    return;
  }
  inst_curl_fail_memory(&error); /* nothing else can be wrong with a URL that was resolved */
  tell_end(x, &error);
}

/* libcurl is through with 'x', or has no more time for it. */
static void settle(inst_curl_exchange *x, CURLcode result) {
  inst_error error;
  /* To libcurl a connection that closes in the middle of the head is a whole answer. */
  if (result == CURLE_OK && !x->has_head) result = CURLE_PARTIAL_FILE;
  /* We broke off a redirect's body that was too long: that is no failure. */
  const bool redirected = x->next_url != NULL && x->stop == INST_CURL_NO_STOP &&
                          (result == CURLE_OK || result == CURLE_WRITE_ERROR);
  const bool whole = result == CURLE_OK && x->stop == INST_CURL_NO_STOP;
  if (!redirected && !whole) inst_curl_fault(x, result, &error);
  x->state = INST_CURL_ENDED; /* keeps the sink quiet */
  detach(x, whole);
  if (redirected)
    follow(x);
  else
    tell_end(x, whole ? NULL : &error);
}

/* ---- the pump -------------------------------------------------------------------------------- */

/* Does what callbacks asked for while libcurl was on the stack. */
static void catch_up(inst_curl_engine *e) {
  inst_curl_exchange *x;
  while ((x = e->later) != NULL) {
    if (x->state == INST_CURL_WAITING) {
      launch(x);
    } else {
      detach(x, false);
      recycle(x);
    }
  }
}

/* Tells the ends libcurl has to tell.  Each sink may change what is left of them. */
static void tell_ends(inst_curl_engine *e) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(e->multi, &left)) != NULL) {
    char *x = NULL;
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result; /* gone once the handle is removed */
    if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x) == CURLE_OK && x != NULL)
      settle((inst_curl_exchange *)(void *)x, result);
  }
}

/* What libcurl has done is followed up.  What the callbacks left to do comes before the ends, so
** that an exchange they cancelled has no end to tell. */
static int follow_up(inst_curl_engine *e, CURLMcode result, inst_error *error) {
  catch_up(e);
  tell_ends(e);
  return result == CURLM_OK ? 0 : fail_multi(result, error);
}

/* What has come by now counts, however late it is. */
static void end_late(inst_curl_engine *e) {
  inst_curl_exchange *x;
  while ((x = inst_curl_limits_late(e)) != NULL) settle(x, CURLE_OPERATION_TIMEDOUT);
}

/* Waits only if nothing could be told at once; what the wait brought is told before it returns. */
static int engine_pump(void *engine, double seconds, inst_error *error) {
  inst_curl_engine *e = engine;
  if (e->pumping)
    return inst_curl_fail(error, INST_E_USAGE, false, "pump was called from inside a sink");
  e->pumping = true;
  e->happened = false;
  inst_curl_limits_begin(e);
  const bool crowded = e->busy != NULL && e->busy->next != NULL;
  int result = follow_up(e, inst_curl_wait_act(e, crowded), error);
  seconds = e->happened ? 0 : inst_curl_limits_patience(e, seconds);
  if (result == 0) result = follow_up(e, inst_curl_wait_for(e, seconds), error);
  end_late(e);
  e->pumping = false;
  return result;
}

/* ---- start and cancel ------------------------------------------------------------------------ */

/* The sink hears nothing before the next pump, not even when the server refuses at once. */
static int engine_start(void *engine, const inst_request *request, const inst_sink *sink,
                        void **exchange, inst_error *error) {
  inst_curl_engine *e = engine;
  inst_curl_exchange *x = exchange_take(e);
  *exchange = NULL;
  if (x == NULL) return inst_curl_fail_memory(error);
  x->sink = *sink;
  if (inst_curl_dress(x, request, error) != 0) {
    recycle(x);
    return -1;
  }
  if (e->inside) {
    x->state = INST_CURL_WAITING;
    move_to(x, &e->later);
  } else {
    const CURLMcode result = attach(x);
    if (result != CURLM_OK) {
      recycle(x);
      return fail_multi(result, error);
    }
  }
  x->ticket = ++e->tickets;
  *exchange = (void *)x->ticket;
  return 0;
}

static inst_curl_exchange *find(inst_curl_exchange *list, uintptr_t ticket) {
  while (list != NULL && list->ticket != ticket) list = list->next;
  return list;
}

/* Inside a callback libcurl cannot give 'x' back yet: until then its state keeps the sink quiet. */
static void drop(inst_curl_exchange *x) {
  inst_curl_engine *e = x->engine;
  const bool running = x->state == INST_CURL_RUNNING;
  x->state = INST_CURL_CANCELLED;
  if (running && e->inside) {
    move_to(x, &e->later);
    return;
  }
  unlink_from_list(x);
  if (running) detach(x, false);
  recycle(x);
}

/* Whoever still holds the ticket of an exchange that has ended does no harm: it finds nothing. */
static void engine_cancel(void *engine, void *exchange) {
  inst_curl_engine *e = engine;
  const uintptr_t ticket = (uintptr_t)exchange;
  inst_curl_exchange *x = find(e->busy, ticket);
  if (x == NULL) x = find(e->later, ticket);
  if (x != NULL && x->state != INST_CURL_CANCELLED) drop(x);
}

/* ---- open and close -------------------------------------------------------------------------- */

static void free_list(inst_curl_exchange **list) {
  while (*list != NULL) exchange_free(*list);
}

/* Accepts an engine that 'fill' left half done. */
static void engine_close(void *engine) {
  inst_curl_engine *e = engine;
  if (e == NULL) return;
  while (e->busy != NULL) drop(e->busy);
  free_list(&e->later);
  free_list(&e->idle);
  inst_curl_guard_enter(&e->guard);
  if (e->multi != NULL) curl_multi_cleanup(e->multi);
  inst_curl_guard_leave(&e->guard);
  inst_curl_wait_close(e);
  inst_curl_spare_clear(e);
  release(e, e->option_text, e->option_size);
  release(e, e, sizeof *e);
}

/* Copies every text of 'from' into one block.  -1: no memory. */
static int copy_options(inst_curl_engine *e, const inst_transport_options *from) {
  inst_transport_options *to = &e->options;
  const char *const texts[] = {from->proxy, from->ca_file, from->cert_file, from->key_file,
                               from->user_agent};
  const char **const places[] = {&to->proxy, &to->ca_file, &to->cert_file, &to->key_file,
                                 &to->user_agent};
  enum { COUNT = sizeof texts / sizeof *texts };
  size_t size = 0;
  for (size_t i = 0; i < COUNT; i++) size += texts[i] != NULL ? strlen(texts[i]) + 1 : 0;
  if (size == 0) return 0;
  char *at = e->alloc.fn(e->alloc.ctx, NULL, 0, size);
  if (at == NULL) return -1;
  e->option_text = at;
  e->option_size = size;
  for (size_t i = 0; i < COUNT; i++) {
    if (texts[i] == NULL) continue;
    const size_t n = strlen(texts[i]) + 1;
    *places[i] = memcpy(at, texts[i], n);
    at += n;
  }
  return 0;
}

/* Does the environment name any?  libcurl would look for each of these at every request. */
static bool is_proxy_named(void) {
  static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                      "ALL_PROXY"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (getenv(names[i]) != NULL) return true;
  return false;
}

/* The user agent is checked here because libcurl would send it as it is. */
static int fill(inst_curl_engine *e, const inst_transport_options *options, inst_error *error) {
  inst_transport_options all = options != NULL ? *options : (inst_transport_options){0};
  if (all.user_agent == NULL) all.user_agent = "instructor-lua/" INST_VERSION;
  if (!inst_curl_is_one_line((inst_str){all.user_agent, strlen(all.user_agent)}))
    return inst_curl_fail(error, INST_E_USAGE, false, "user_agent holds a line break");
  if (all.proxy == NULL && !is_proxy_named()) all.proxy = "";
  if (copy_options(e, &all) != 0) return inst_curl_fail_memory(error);
  e->multi = curl_multi_init();
  if (e->multi == NULL) return inst_curl_fail_memory(error);
  curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
  return 0;
}

static int engine_open(const inst_transport_options *options, inst_alloc alloc, void **engine,
                       inst_error *error) {
  *engine = NULL;
  const CURLcode ready = inst_curl_process_init();
  if (ready != CURLE_OK)
    return inst_curl_fail(error, INST_E_NETWORK, false, "libcurl could not be set up: %s",
                          curl_easy_strerror(ready));
  if (alloc.fn == NULL) alloc.fn = default_alloc;
  inst_curl_engine *e = alloc.fn(alloc.ctx, NULL, 0, sizeof *e);
  if (e == NULL) return inst_curl_fail_memory(error);
  memset(e, 0, sizeof *e);
  e->alloc = alloc;
  inst_curl_wait_open(e);
  inst_curl_limits_open(e);
  if (fill(e, options, error) != 0) {
    engine_close(e);
    return -1;
  }
  *engine = e;
  return 0;
}

const inst_transport *inst_curl(void) {
  static const inst_transport transport = {
      .abi = INST_TRANSPORT_ABI,
      .name = "curl",
      .open = engine_open,
      .close = engine_close,
      .start = engine_start,
      .cancel = engine_cancel,
      .pump = engine_pump,
  };
  return &transport;
}
