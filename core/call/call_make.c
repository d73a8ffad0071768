/*
** Making a call: the options copied, the question prepared, everything else at rest.
*/
#include "core/base/error.h"
#include "core/call/call_parts.h"
#include "core/wire/dialects.h"

/* Bytes of a call's arena, when it asks once and little is said.  A stream waits long for its end,
** often with many others: it takes what judging needs when it gets there. */
#define USUAL_SIZE 12000
#define STREAM_SIZE 6000

void inst_call_defaults(inst_call_options *options) {
  memset(options, 0, sizeof *options);
  options->http_retries = INST_HTTP_RETRIES;
  options->http_backoff = (inst_backoff){INST_BACKOFF_INITIAL, INST_BACKOFF_FACTOR,
                                         INST_BACKOFF_MAX, INST_BACKOFF_JITTER, false};
  options->reask_backoff = (inst_backoff){0, 1, 0, 0, false};
  options->connect_timeout = INST_CONNECT_TIMEOUT;
  options->first_byte_timeout = INST_FIRST_BYTE_TIMEOUT;
  options->idle_timeout = INST_IDLE_TIMEOUT;
  options->deadline = INST_TOTAL_TIMEOUT;
  options->max_answer = INST_MAX_ANSWER;
  options->max_depth = INST_MAX_DEPTH;
  options->open_strings = options->early_stop = true;
  options->repair = INST_REPAIR_TEXT;
}

/* Texts are those of the address, which has its own. */
static void copy_options(inst_call *call, const inst_call_options *given) {
  inst_call_options *options = &call->options;
  const inst_address *address = call->address;
  *options = *given;
  options->base_url = address->base_url;
  options->api_key = address->api_key;
  options->headers = address->given;
  options->name = options->description = (inst_str){NULL, 0}; /* the question has them */
  options->params = NULL;                                     /* and these */
  bool lifted = !options->exact_http_retries && options->http_retries < options->max_retries;
  if (lifted) options->http_retries = options->max_retries;
}

/* An empty call in the arena of the options, or in a new one.  NULL: no memory. */
static inst_call *new_call(const inst_call_options *options) {
  inst_arena *given = options->arena, *arena = given;
  if (arena == NULL) arena = inst_arena_new(options->alloc);
  if (arena == NULL) return NULL;
  if (options->stream)
    inst_arena_reserve(arena, STREAM_SIZE);
  else if (given == NULL)
    inst_arena_reserve(arena, USUAL_SIZE);
  inst_call *call = inst_arena_get(arena, sizeof *call);
  if (call == NULL) {
    if (given == NULL) inst_arena_free(arena);
    return NULL;
  }
  memset(call, 0, offsetof(inst_call, exchange));
  inst_error_clear(&call->error);
  call->arena = arena;
  call->owns_arena = given == NULL;
  return call;
}

/* What is asked, and where.  Non-zero: USAGE; whether memory lasted, the arena knows. */
static int prepare(inst_call *call, const inst_call_options *given, inst_error *error) {
  call->dialect = inst_dialect_of(given->provider);
  call->address = inst_prints_address(given, call->dialect, call->arena, error);
  if (call->address == NULL || inst_arena_failed(call->arena)) return -1;
  copy_options(call, given);
  if (inst_question_check_model(given, error) != 0) return -1;
  if (inst_prints_question(&call->question, given, call->dialect, call->arena, error) != 0)
    return -1;
  inst_question_put(&call->question, given, call->address->secrets, call->arena);
  return 0;
}

inst_call *inst_call_new(const inst_call_options *options, inst_error *error) {
  inst_error ignored;
  error = error != NULL ? error : &ignored;
  inst_error_clear(error);
  if (inst_question_check(options, error) != 0) return NULL;
  inst_call *call = new_call(options);
  if (call == NULL) return inst_error_memory(error), NULL;
  int unfit = prepare(call, options, error);
  inst_exchange_init(&call->exchange, call->arena, options->max_answer);
  call->exchange.keeps_headers = options->watched;
  call->exchange.keeps_events = options->watched && options->keeps_events;
  inst_watch_init(&call->watch, options->watched, call->arena);
  inst_flow_init(&call->flow, &call->options, call->dialect, &call->question, call->arena);
  call->turns = inst_array(call->arena);
  call->state = INST_S_ASKING;
  call->random = (uint64_t)(uintptr_t)call ^ UINT64_C(0x9E3779B97F4A7C15);
  if (!inst_arena_failed(call->arena) && unfit == 0) return call;
  inst_error_memory(error); /* unless it was refused */
  inst_call_free(call);
  return NULL;
}

inst_judge *inst_call_judge(inst_call *call) {
  const inst_call_options *options = &call->options;
  if (call->judge != NULL) return call->judge;
  call->judge = inst_arena_get(call->arena, sizeof *call->judge);
  if (call->judge == NULL) return NULL;
  memset(call->judge, 0, offsetof(inst_judge, answer));
  call->judge->dialect = call->dialect;
  call->judge->question = &call->question;
  call->judge->schema = options->schema;
  call->judge->straight = options->straight;
  call->judge->narrow = options->narrow;
  call->judge->unjudged = options->unjudged;
  call->judge->max_depth = options->max_depth;
  call->judge->repair = options->repair;
  call->judge->arena = call->arena;
  inst_judge_forget(call->judge);
  return call->judge;
}

void inst_call_free(inst_call *call) {
  if (call == NULL) return;
  inst_arena *arena = call->owns_arena ? call->arena : NULL;
  inst_exchange_clear(&call->exchange);
  inst_flow_clear(&call->flow);
  inst_arena_free(arena); /* and the call with it */
}
