/*
** Collecting an answer.
*/
#include "core/call/exchange.h"

#include "core/base/error.h"

#include <stdio.h>

void inst_exchange_init(inst_exchange *x, inst_arena *arena, size_t max_body) {
  INST_ZERO_TO_ERROR(x);
  x->arena = arena;
  x->max_body = max_body;
  inst_buf_init(&x->body, arena->alloc);
  inst_buf_init(&x->let_go, arena->alloc);
}

/* ---- news ------------------------------------------------------------------------------------ */

void inst_exchange_list(inst_exchange *x, inst_news *news, uint64_t tag) {
  x->news = news;
  x->tag = tag;
}

static void unlist(inst_exchange *x) {
  if (x->link == NULL) return;
  *x->link = x->next;
  if (x->next != NULL) x->next->link = x->link;
  x->next = NULL;
  x->link = NULL;
}

uint64_t inst_news_take(inst_news *news) {
  inst_exchange *x = news->first;
  if (x == NULL) return 0;
  unlist(x);
  return x->tag;
}

void inst_news_clear(inst_news *news) {
  while (news->first != NULL) unlist(news->first);
}

/* Something came. */
static void touch(inst_exchange *x) {
  x->touched = true;
  if (x->news == NULL || x->link != NULL) return;
  x->next = x->news->first;
  x->link = &x->news->first;
  if (x->next != NULL) x->next->link = &x->next;
  x->news->first = x;
}

/* ---- an answer begins anew ------------------------------------------------------------------- */

void inst_exchange_clear(inst_exchange *x) {
  unlist(x);
  inst_buf_clear(&x->body);
  inst_buf_clear(&x->let_go);
}

void inst_exchange_reset(inst_exchange *x) {
  inst_arena *arena = x->arena;
  size_t max_body = x->max_body;
  bool keeps_headers = x->keeps_headers, keeps_events = x->keeps_events;
  inst_news *news = x->news;
  uint64_t tag = x->tag;
  inst_exchange_clear(x);
  inst_exchange_init(x, arena, max_body);
  inst_exchange_list(x, news, tag);
  x->keeps_headers = keeps_headers;
  x->keeps_events = keeps_events;
}

void inst_exchange_used(inst_exchange *x) {
  if (x->keeps_events) inst_buf_add(&x->let_go, inst_buf_text(&x->body));
  x->used += x->body.n;
  x->body.n = 0;
}

/* ---- what a transport reports ---------------------------------------------------------------- */

static void on_alive(void *ctx) {
  inst_exchange *x = ctx;
  x->any_byte = true;
  touch(x);
}

inst_error inst_exchange_fault(const inst_error *told) {
  inst_error fault = *told;
  if (fault.code == INST_E_NONE) fault.code = INST_E_NETWORK;
  if (fault.text[0] == '\0')
    snprintf(fault.text, sizeof fault.text, "the transport failed and did not say why");
  return fault;
}

/* A head that comes again (after a 100-continue) makes what came before it void. */
static void on_head(void *ctx, int status) {
  inst_exchange *x = ctx;
  if (x->ended) return;
  x->any_byte = true;
  touch(x);
  x->status = status;
  x->hints = (inst_retry_hints){{NULL, 0}, {NULL, 0}, {NULL, 0}};
  x->request_id = x->location = (inst_str){NULL, 0};
  x->header_count = 0;
  x->body.n = x->used = x->let_go.n = 0;
}

static void keep_header(inst_exchange *x, inst_str name, inst_str value) {
  if (x->header_count == x->header_room) {
    size_t room = x->header_room > 0 ? 2 * x->header_room : 16;
    inst_header *grown = inst_arena_get(x->arena, room * sizeof *grown);
    if (grown == NULL) return;
    if (x->header_count > 0) memcpy(grown, x->headers, x->header_count * sizeof *grown);
    x->headers = grown;
    x->header_room = room;
  }
  x->headers[x->header_count++] =
      (inst_header){inst_arena_copy(x->arena, name), inst_arena_copy(x->arena, value)};
}

/* The headers that are read, and where they go. */
#define HEADERS(X)                                                                                 \
  X("x-should-retry", hints.should_retry)                                                          \
  X("retry-after", hints.retry_after)                                                              \
  X("retry-after-ms", hints.retry_after_ms)                                                        \
  X("x-request-id", request_id)                                                                    \
  X("request-id", request_id)                                                                      \
  X("location", location)

/* Where the header 'name' goes; NULL: nobody reads it. */
static inst_str *place_of(inst_exchange *x, inst_str name) {
#define X(wanted, place)                                                                           \
  if (inst_str_is_nocase(name, INST_LIT(wanted))) return &x->place;
  HEADERS(X)
#undef X
  return NULL;
}

static void on_header(void *ctx, inst_str name, inst_str value) {
  inst_exchange *x = ctx;
  if (x->ended) return;
  touch(x);
  if (x->keeps_headers) keep_header(x, name, value);
  inst_str *place = place_of(x, name);
  if (place != NULL) *place = inst_arena_copy(x->arena, value);
}

static int on_body(void *ctx, inst_str bytes) {
  inst_exchange *x = ctx;
  if (x->ended) return -1;
  x->any_byte = true;
  touch(x);
  if (bytes.n > x->max_body - x->used - x->body.n)
    return inst_error_set(&x->error, INST_E_LIMIT, "the answer is longer than %zu bytes",
                          x->max_body);
  inst_buf_add(&x->body, bytes);
  return x->body.failed ? inst_error_memory(&x->error) : 0;
}

/* Our own reason to stop, if we had one, comes before what the transport made of it. */
static void on_end(void *ctx, const inst_error *error) {
  inst_exchange *x = ctx;
  if (x->ended) return;
  x->ended = true;
  touch(x);
  if (x->error.code != INST_E_NONE) return;
  if (error != NULL)
    x->error = inst_exchange_fault(error);
  else if (x->status == 0)
    inst_error_set(&x->error, INST_E_NETWORK, "the transport ended without an answer");
}

inst_sink inst_exchange_sink(inst_exchange *x) {
  return (inst_sink){x, on_alive, on_head, on_header, on_body, on_end};
}
