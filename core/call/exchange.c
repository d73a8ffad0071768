/*
** Collecting an answer.
*/
#include "core/call/exchange.h"

#include "core/base/error.h"

void inst_exchange_init(inst_exchange *x, inst_arena *arena, size_t max_body) {
  memset(x, 0, sizeof *x);
  x->arena = arena;
  x->max_body = max_body;
  inst_buf_init(&x->body, arena->alloc);
}

void inst_exchange_clear(inst_exchange *x) {
  inst_buf_clear(&x->body);
}

void inst_exchange_reset(inst_exchange *x) {
  inst_arena *arena = x->arena;
  size_t max_body = x->max_body;
  inst_exchange_clear(x);
  inst_exchange_init(x, arena, max_body);
}

/* A head that comes again (after a 100-continue) makes the one before it void. */
static void on_head(void *ctx, int status) {
  inst_exchange *x = ctx;
  x->touched = x->any_byte = true;
  x->status = status;
  x->hints = (inst_retry_hints){{NULL, 0}, {NULL, 0}, {NULL, 0}};
  x->request_id = x->location = x->content_type = (inst_str){NULL, 0};
}

static void on_header(void *ctx, inst_str name, inst_str value) {
  inst_exchange *x = ctx;
  const struct {
    const char *name;
    inst_str *place;
  } wanted[] = {
      {"x-should-retry", &x->hints.should_retry},
      {"retry-after", &x->hints.retry_after},
      {"retry-after-ms", &x->hints.retry_after_ms},
      {"x-request-id", &x->request_id},
      {"request-id", &x->request_id},
      {"location", &x->location},
      {"content-type", &x->content_type},
  };
  x->touched = true;
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    if (!inst_str_is_nocase(name, inst_str_of(wanted[i].name))) continue;
    *wanted[i].place = inst_arena_copy(x->arena, value);
    if (wanted[i].place->p == NULL) inst_error_memory(&x->error);
  }
}

static int on_body(void *ctx, inst_str bytes) {
  inst_exchange *x = ctx;
  x->touched = x->any_byte = true;
  if (bytes.n > x->max_body - x->body.n)
    return inst_error_set(&x->error, INST_E_LIMIT, "the answer is longer than %zu bytes",
                          x->max_body);
  inst_buf_add(&x->body, bytes);
  return x->body.failed ? inst_error_memory(&x->error) : 0;
}

/* Our own reason to stop, if we had one, comes before what the transport made of it. */
static void on_end(void *ctx, const inst_error *error) {
  inst_exchange *x = ctx;
  x->touched = x->ended = true;
  if (error != NULL && x->error.code == INST_E_NONE) x->error = *error;
}

inst_sink inst_exchange_sink(inst_exchange *x) {
  return (inst_sink){x, on_head, on_header, on_body, on_end};
}
