/*
** One create, as a machine that does no I/O.
** In: reports of a transport, the host's code, the time.  Out: what it wants done next.
** Rule 1: every change of state goes through state.c.
** Rule 2: this room knows no socket, no clock, no Lua.
** Rule 3: a re-ask always says more than the ask before it; a retry sends the very same bytes.
*/
#include "core/call/call.h"

#include "core/base/error.h"
#include "core/base/number.h"
#include "core/call/account.h"
#include "core/call/request.h"
#include "core/call/state.h"
#include "core/call/watch.h"
#include "core/wire/dialects.h"

#include <math.h>

#define NOTHING_YET INST_WANT_COUNT /* a state moved on: look again */
#define USUAL_SIZE 12000 /* bytes of a call's arena, when it asks once and little is said */
#define BACKSTOP 1.0     /* seconds past the deadline until the transport gives up itself */

struct inst_call {
  inst_arena arena; /* all of the call's memory but the answer's bytes */
  inst_call_options options;
  const inst_dialect *dialect;
  inst_question question;
  inst_value *turns; /* what was said after the user's messages: answers and corrections */
  inst_request request;
  bool request_ready;
  bool send_wanted; /* ASKING: has SEND been said? */
  inst_exchange exchange;
  inst_judge judge;
  bool judging; /* JUDGING: has the judge begun? */
  inst_account account;
  inst_watch watch;
  inst_state state;
  inst_event after_drop; /* DROPPING: what happens once the exchange is gone */
  inst_error error;      /* FAILED: why; before: what the last attempt died of */
  bool started;          /* has the time been told yet? */
  bool cancelled;
  int reasks, http_retries; /* how many of each were used */
  bool next_is_reask;
  double now, start, sent_at, active_at;
  double rest_until, rested; /* RESTING: until when; how long that is */
  bool held;                 /* ASKING: at the gate */
  double held_from;          /* since when */
  bool rest_unknown;         /* RESTING: the host says how long */
  uint64_t random;
  void *slot;
};

/* ---- options --------------------------------------------------------------------------------- */

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
}

static const inst_header *copy_headers(const inst_call_options *options, inst_arena *arena) {
  size_t n = options->header_count;
  inst_header *copy = inst_arena_get(arena, (n + 1) * sizeof *copy);
  for (size_t i = 0; copy != NULL && i < n; i++)
    copy[i] = (inst_header){inst_arena_copy(arena, options->headers[i].name),
                            inst_arena_copy(arena, options->headers[i].value)};
  return copy;
}

static void copy_options(inst_call *call, const inst_call_options *given) {
  inst_call_options *options = &call->options;
  inst_arena *arena = &call->arena;
  *options = *given;
  options->base_url = inst_arena_copy(arena, given->base_url);
  options->api_key = inst_arena_copy(arena, given->api_key);
  options->headers = copy_headers(given, arena);
  if (options->http_retries < options->max_retries) options->http_retries = options->max_retries;
}

inst_call *inst_call_new(const inst_call_options *options, inst_error *error) {
  inst_error ignored;
  error = error != NULL ? error : &ignored;
  inst_error_clear(error);
  if (inst_question_check(options, error) != 0) return NULL;
  inst_alloc alloc = inst_alloc_fill(options->alloc);
  inst_call *call = inst_resize(alloc, NULL, 0, sizeof *call);
  if (call == NULL) return inst_error_memory(error), NULL;
  memset(call, 0, sizeof *call);
  inst_arena_init(&call->arena, alloc);
  inst_arena_reserve(&call->arena, USUAL_SIZE);
  copy_options(call, options);
  inst_exchange_init(&call->exchange, &call->arena, options->max_answer);
  call->exchange.keeps_headers = call->watch.on = options->watched;
  int unfit = inst_question_prepare(&call->question, &call->options, &call->arena, error);
  call->options.params = NULL; /* the caller's: the question has a copy */
  call->dialect = inst_dialect_of(options->provider);
  call->turns = inst_array(&call->arena);
  call->judge = (inst_judge){.dialect = call->dialect,
                             .question = &call->question,
                             .schema = options->schema,
                             .max_depth = options->max_depth,
                             .arena = &call->arena};
  call->state = INST_S_ASKING;
  call->random = (uint64_t)(uintptr_t)call ^ UINT64_C(0x9E3779B97F4A7C15);
  if (!inst_arena_failed(&call->arena) && unfit == 0) return call;
  inst_error_memory(error); /* unless the question was refused */
  inst_call_free(call);
  return NULL;
}

void inst_call_free(inst_call *call) {
  if (call == NULL) return;
  inst_alloc alloc = call->arena.alloc;
  inst_exchange_clear(&call->exchange);
  inst_arena_clear(&call->arena);
  inst_resize(alloc, call, sizeof *call, 0);
}

/* Seconds as text, to the millisecond, in no locale. */
static const char *write_seconds(double seconds, char out[INST_NUMBER_ROOM]) {
  if (seconds > -1e9 && seconds < 1e9) seconds = round(seconds * 1000) / 1000;
  out[inst_number_write_js(seconds, out)] = '\0';
  return out;
}

/* ---- moving ---------------------------------------------------------------------------------- */

static bool is_over(const inst_call *call) {
  return call->state == INST_S_DONE || call->state == INST_S_FAILED;
}

bool inst_call_is_under_way(const inst_call *call) {
  return (call->state == INST_S_READING || call->state == INST_S_DROPPING) && !call->exchange.ended;
}

static void move(inst_call *call, inst_event event) {
  inst_state next = inst_state_next(call->state, event);
  if (next == INST_S_NONE) {
    inst_error_clear(&call->error);
    inst_error_set(&call->error, INST_E_USAGE, "a call that is %s was told it is %s",
                   inst_state_name(call->state), inst_event_name(event));
    next = INST_S_FAILED;
  }
  call->state = next;
}

/* Seconds since 1970; 0: nobody said. */
static double wall(const inst_call *call) {
  double start = call->options.wall_clock;
  return start > 0 ? start + (call->now - call->start) : 0;
}

/* The account of the attempt under way, if there is one, is closed with 'error' (NULL: all is
** well). */
static void close_attempt(inst_call *call, const inst_judge *judge, const inst_error *error) {
  inst_attempt *open = call->account.open;
  if (open != NULL) {
    open->retry_after = inst_retry_asked(&call->exchange.hints, wall(call));
    inst_watch_received(&call->watch, &call->exchange, error);
    inst_watch_judged(&call->watch);
  }
  inst_account_close(&call->account, &call->exchange, judge, error, call->now - call->sent_at,
                     call->question.ask.secrets, &call->arena);
}

/* What a transport said may hold a secret, as when a URL does: none is ever shown. */
static void take_error(inst_call *call, const inst_error *error) {
  inst_str text =
      inst_quote_mask(inst_str_of(error->text), call->question.ask.secrets, &call->arena);
  call->error = *error;
  if (text.p != NULL) {
    memcpy(call->error.text, text.p, text.n);
  } else {
    inst_error_clear(&call->error);
    inst_error_memory(&call->error);
  }
}

/* The end: 'call->error' says why.  An exchange under way is dropped first. */
static void spend(inst_call *call) {
  call->after_drop = INST_EV_SPENT;
  if (call->state == INST_S_DROPPING) return;
  move(call, inst_call_is_under_way(call) ? INST_EV_STOPPED : INST_EV_SPENT);
}

/* The end, for a reason of our own, whatever the call is at.  An answer that was read is paid for,
** used or not. */
static void end_with(inst_call *call, const inst_error *why) {
  bool read = call->state == INST_S_JUDGING && call->judging;
  call->error = *why;
  call->error.status = call->exchange.status;
  close_attempt(call, read ? &call->judge : NULL, &call->error);
  spend(call);
}

/* A report that does not fit: the driver is wrong, and nothing it says can be trusted. */
static void end_misused(inst_call *call, inst_event event) {
  inst_error why = {.code = INST_E_NONE};
  if (is_over(call)) return;
  inst_error_set(&why, INST_E_USAGE, "a call that is %s was told it is %s",
                 inst_state_name(call->state), inst_event_name(event));
  end_with(call, &why);
}

static double time_left(const inst_call *call) {
  return call->start + call->options.deadline - call->now;
}

/* The time of day; 0: nobody knows. */
/* ---- the gate, shared with other calls -------------------------------------------------------- */

/* Has the server asked one of us to wait beyond 'now'? */
static bool is_held(const inst_call *call, double now) {
  const inst_gate *gate = call->options.gate;
  return call->state == INST_S_ASKING && gate != NULL && gate->shut && now < gate->until;
}

/* A rest that the server asked for holds for all who share the gate, even if this call is over. */
static void heed_server(inst_call *call) {
  inst_gate *gate = call->options.gate;
  int status = call->exchange.status;
  if (gate == NULL || (status != 429 && status < 500)) return;
  double asked = inst_retry_after(&call->exchange.hints, wall(call));
  if (asked < 0 || (gate->shut && call->now + asked <= gate->until)) return;
  *gate = (inst_gate){true, call->now + asked};
}

/* Waits at the gate; that is no retry.  The time spent there counts as rested, and what was reported
** meanwhile belongs to no exchange. */
static bool wait_at_gate(inst_call *call) {
  bool held = is_held(call, call->now);
  if (held && !call->held) call->held_from = call->now;
  if (!held && call->held) {
    call->rested += call->now - call->held_from;
    inst_exchange_reset(&call->exchange);
  }
  call->held = held;
  return held;
}

/* ---- resting --------------------------------------------------------------------------------- */

static double draw(inst_call *call) {
  if (call->options.random != NULL) return call->options.random(call->options.random_ctx);
  call->random ^= call->random << 13; /* xorshift64 */
  call->random ^= call->random >> 7;
  call->random ^= call->random << 17;
  return (double)(call->random >> 11) / 9007199254740992.0;
}

/* Rests 'seconds', or gives up at once where the deadline would pass meanwhile. */
static void rest_for(inst_call *call, double seconds) {
  call->rest_unknown = false;
  call->rested = seconds > 0 ? seconds : 0;
  call->rest_until = call->now + call->rested;
  if (call->rested <= 0 || call->rested < time_left(call)) {
    inst_watch_again(&call->watch, call->rested, call->next_is_reask);
    return;
  }
  inst_error late = {.code = INST_E_NONE, .status = call->error.status};
  char deadline[INST_NUMBER_ROOM], wait[INST_NUMBER_ROOM];
  inst_error_set(&late, INST_E_TIMEOUT,
                 "no time is left of the deadline of %s s to wait %s s and try again; before: %s",
                 write_seconds(call->options.deadline, deadline), write_seconds(call->rested, wait),
                 call->error.text);
  call->error = late;
  spend(call);
}

/* The same request again: the server's wish first, then the back-off. */
static void rest_for_retry(inst_call *call, inst_event event) {
  const inst_backoff *backoff = &call->options.http_backoff;
  double asked = inst_retry_after(&call->exchange.hints, wall(call));
  unsigned n = (unsigned)call->http_retries++;
  call->next_is_reask = false;
  move(call, event);
  if (asked >= 0)
    rest_for(call, asked);
  else if (backoff->host)
    call->rest_unknown = true;
  else
    rest_for(call, inst_retry_backoff(backoff, n, draw(call)));
}

/* A new question. */
static void rest_for_reask(inst_call *call) {
  const inst_backoff *backoff = &call->options.reask_backoff;
  unsigned n = (unsigned)call->reasks++;
  call->next_is_reask = true;
  call->request_ready = false;
  move(call, INST_EV_UNSOUND);
  if (backoff->host)
    call->rest_unknown = true;
  else
    rest_for(call, inst_retry_backoff(backoff, n, draw(call)));
}

/* The request failed, not the answer: again, if that may help and is allowed. */
static void break_off(inst_call *call) {
  bool again = call->error.retryable && call->http_retries < call->options.http_retries;
  if (!again) {
    spend(call);
  } else if (inst_call_is_under_way(call)) {
    call->after_drop = INST_EV_BROKEN;
    move(call, INST_EV_STOPPED);
  } else {
    rest_for_retry(call, INST_EV_BROKEN);
  }
}

/* ---- one function a state -------------------------------------------------------------------- */

static inst_want look_asking(inst_call *call) {
  inst_error fault = {.code = INST_E_NONE};
  if (wait_at_gate(call)) return INST_WANT_WAIT;
  if (!call->request_ready &&
      inst_request_build(&call->request, &call->options, call->dialect, &call->question.ask,
                         call->turns, &call->arena, &fault) != 0) {
    take_error(call, &fault);
    spend(call);
    return NOTHING_YET;
  }
  call->request_ready = true;
  if (inst_watch_sending(&call->watch)) return NOTHING_YET;
  call->request.total_timeout = time_left(call) + BACKSTOP; /* the deadline is ours to tell */
  call->send_wanted = true;
  return INST_WANT_SEND;
}

/* How long the server may be silent now. */
static double patience(const inst_call *call) {
  return call->exchange.any_byte ? call->options.idle_timeout : call->options.first_byte_timeout;
}

/* No more is wanted of the exchange under way. */
static inst_want stop_reading(inst_call *call, const inst_error *why) {
  take_error(call, why);
  heed_server(call);
  call->error.status = call->exchange.status;
  close_attempt(call, NULL, &call->error);
  break_off(call);
  return NOTHING_YET;
}

static void note_activity(inst_call *call) {
  inst_attempt *attempt = call->account.open;
  call->active_at = call->now;
  call->exchange.touched = false;
  if (attempt != NULL && attempt->first_byte < 0 && call->exchange.any_byte)
    attempt->first_byte = call->now - call->sent_at;
}

static inst_want look_reading(inst_call *call) {
  const inst_exchange *x = &call->exchange;
  if (x->touched) note_activity(call);
  if (x->ended) {
    inst_watch_received(&call->watch, x, x->error.code != INST_E_NONE ? &x->error : NULL);
    move(call, INST_EV_WHOLE);
    call->judging = false;
    return NOTHING_YET;
  }
  if (x->error.code != INST_E_NONE) return stop_reading(call, &x->error);
  if (call->now < call->active_at + patience(call)) return INST_WANT_BYTES;
  inst_error slow = {.code = INST_E_NONE, .retryable = true};
  char seconds[INST_NUMBER_ROOM];
  inst_error_set(&slow, INST_E_TIMEOUT, "the server %s for %s s",
                 x->any_byte ? "sent nothing more" : "did not answer",
                 write_seconds(patience(call), seconds));
  return stop_reading(call, &slow);
}

/* The model is asked again, if that is still allowed. */
static void ask_again(inst_call *call) {
  if (call->reasks >= call->options.max_retries) {
    spend(call);
    return;
  }
  call->dialect->reask(&call->question.ask, &call->judge.answer, call->judge.correction,
                       call->turns, &call->arena);
  rest_for_reask(call);
}

/* Lost memory shows first: what was found without it is not to be trusted. */
static inst_want look_judging(inst_call *call) {
  inst_judge *judge = &call->judge;
  inst_finding_kind found =
      call->judging ? inst_judge_go_on(judge) : inst_judge_begin(judge, &call->exchange);
  call->judging = true;
  if (inst_arena_failed(&call->arena)) return NOTHING_YET;
  if (found == INST_JUDGED_CODE) return INST_WANT_CODE;
  inst_error_clear(&call->error);
  if (found != INST_JUDGED_SOUND) {
    take_error(call, &judge->error);
    if (call->exchange.status != 0) call->error.status = call->exchange.status;
    heed_server(call);
  }
  close_attempt(call, judge, found == INST_JUDGED_SOUND ? NULL : &call->error);
  if (inst_arena_failed(&call->arena)) return NOTHING_YET;
  if (found == INST_JUDGED_SOUND)
    move(call, INST_EV_SOUND);
  else if (found == INST_JUDGED_UNSOUND)
    ask_again(call);
  else
    break_off(call);
  return NOTHING_YET;
}

static inst_want look_resting(inst_call *call) {
  if (call->rest_unknown) return INST_WANT_BACKOFF;
  if (call->now < call->rest_until) return INST_WANT_WAIT;
  inst_exchange_reset(&call->exchange);
  move(call, INST_EV_RESTED);
  return NOTHING_YET;
}

static inst_want look(inst_call *call) {
  switch (call->state) {
  case INST_S_ASKING: return look_asking(call);
  case INST_S_READING: return look_reading(call);
  case INST_S_DROPPING: return INST_WANT_DROP;
  case INST_S_JUDGING: return look_judging(call);
  case INST_S_RESTING: return look_resting(call);
  case INST_S_DONE: return INST_WANT_DONE;
  default: return INST_WANT_FAILED;
  }
}

/* ---- what can come from outside at any time -------------------------------------------------- */

static void end_late(inst_call *call) {
  inst_error late = {.code = INST_E_NONE};
  char deadline[INST_NUMBER_ROOM];
  inst_error_set(&late, INST_E_TIMEOUT, "the deadline of %s s has passed%s",
                 write_seconds(call->options.deadline, deadline),
                 call->held ? " while the server had asked for a rest" : "");
  end_with(call, &late);
}

/* Cancelled, late, or out of memory: nothing more is begun.  An answer that is here is judged. */
static void check_limits(inst_call *call) {
  inst_error why = {.code = INST_E_NONE};
  if (is_over(call) || call->state == INST_S_DROPPING) return;
  bool answered =
      call->state == INST_S_JUDGING || (call->state == INST_S_READING && call->exchange.ended);
  if (call->cancelled)
    inst_error_set(&why, INST_E_CANCELLED, "the call was cancelled");
  else if (inst_arena_failed(&call->arena))
    inst_error_memory(&why);
  else if (!answered && time_left(call) <= 0)
    end_late(call);
  if (why.code != INST_E_NONE) end_with(call, &why);
}

/* An exchange that is to be dropped may still grow: until then nothing is told of it. */
static bool has_note(inst_call *call) {
  return call->state != INST_S_DROPPING && inst_watch_next(&call->watch);
}

inst_want inst_call_next(inst_call *call, double now) {
  if (!call->started) call->start = call->active_at = now;
  call->started = true;
  call->now = now;
  for (;;) {
    check_limits(call);
    if (has_note(call)) return INST_WANT_NOTE;
    inst_want want = look(call);
    if (want != NOTHING_YET) return want;
  }
}

/* ---- what the driver reports ----------------------------------------------------------------- */

const inst_request *inst_call_request(const inst_call *call) {
  return &call->request;
}

bool inst_call_hides(const inst_call *call, inst_str header) {
  const char *own = call->options.provider->key_header;
  return inst_header_is_secret(header) || inst_str_is_nocase(header, inst_str_of(own));
}

inst_sink inst_call_sink(inst_call *call) {
  return inst_exchange_sink(&call->exchange);
}

void inst_call_sent(inst_call *call, const inst_error *error) {
  if (call->state != INST_S_ASKING || !call->send_wanted || call->held) {
    end_misused(call, INST_EV_SENT);
    return;
  }
  call->send_wanted = false;
  inst_account_open(&call->account, call->next_is_reask, call->rested, &call->arena);
  call->sent_at = call->active_at = call->now;
  if (error == NULL) {
    move(call, INST_EV_SENT);
    return;
  }
  inst_error fault = inst_exchange_fault(error);
  call->exchange.ended = true;
  take_error(call, &fault);
  close_attempt(call, NULL, &call->error);
  break_off(call);
}

double inst_call_wake(const inst_call *call) {
  double wake = call->start + call->options.deadline, other = wake;
  if (call->state == INST_S_RESTING && !call->rest_unknown) other = call->rest_until;
  if (call->state == INST_S_READING) other = call->active_at + patience(call);
  if (is_held(call, call->now)) other = call->options.gate->until;
  return other < wake ? other : wake;
}

bool inst_call_is_ready(const inst_call *call, double now) {
  if (call->state == INST_S_RESTING && call->rest_unknown) return true;
  bool waits = call->state == INST_S_READING || call->state == INST_S_RESTING;
  if (!waits && !is_held(call, now)) return true;
  return call->cancelled || call->exchange.touched || now >= inst_call_wake(call);
}

void inst_call_rest(inst_call *call, double seconds) {
  if (call->state == INST_S_RESTING && call->rest_unknown) rest_for(call, seconds);
}

inst_parse *inst_call_parse(inst_call *call) {
  return call->judge.parse;
}

void inst_call_dropped(inst_call *call) {
  if (call->state != INST_S_DROPPING) return;
  call->exchange.ended = true;
  if (call->after_drop == INST_EV_BROKEN)
    rest_for_retry(call, INST_EV_BROKEN);
  else
    move(call, call->after_drop);
}

void inst_call_cancel(inst_call *call) {
  call->cancelled = true;
}

/* ---- what came of it ------------------------------------------------------------------------- */

const inst_value *inst_call_value(const inst_call *call) {
  return call->state == INST_S_DONE ? call->judge.value : NULL;
}
const inst_error *inst_call_error(const inst_call *call) {
  return &call->error;
}
const inst_issue *inst_call_issues(const inst_call *call) {
  return call->judge.issues;
}
const inst_note *inst_call_note(const inst_call *call) {
  return &call->watch.note;
}
const inst_attempt *inst_call_attempts(const inst_call *call) {
  return call->account.first;
}
inst_usage inst_call_usage(const inst_call *call) {
  return call->account.usage;
}
inst_str inst_call_body(const inst_call *call) {
  return inst_buf_text(&call->exchange.body);
}
inst_arena *inst_call_arena(inst_call *call) {
  return &call->arena;
}
void **inst_call_slot(inst_call *call) {
  return &call->slot;
}
const char *inst_call_state(const inst_call *call) {
  return inst_state_name(call->state);
}

static const char *const want_names[] = {
#define INST_X(name, text) text,
    INST_WANTS(INST_X)
#undef INST_X
};

const char *inst_want_name(inst_want want) {
  return (unsigned)want < INST_WANT_COUNT ? want_names[want] : "unknown";
}
