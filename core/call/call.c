/*
** One create, as a machine that does no I/O.
** In: reports of a transport, the host's code, the time.  Out: what it wants done next.
** Rule 1: every change of state goes through state.c.
** Rule 2: this room knows no socket, no clock, no Lua.
** Rule 3: a re-ask always says more than the ask before it; a retry sends the very same bytes.
*/
#include "core/base/error.h"
#include "core/base/number.h"
#include "core/call/call_parts.h"

#include <math.h>

#define NOTHING_YET INST_WANT_COUNT /* a state moved on: look again */
#define LINGER 0.5   /* seconds a stream that is over may take to end: so its connection is kept */
#define BACKSTOP 1.0 /* seconds past the deadline until the transport gives up itself */

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
                     call->question.ask.secrets, call->arena);
}

/* What a transport said may hold a secret, as when a URL does: none is ever shown. */
static void take_error(inst_call *call, const inst_error *error) {
  inst_str text =
      inst_quote_mask(inst_str_of(error->text), call->question.ask.secrets, call->arena);
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
  close_attempt(call, read ? call->judge : NULL, &call->error);
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

/* ---- the gate, shared with other calls ------------------------------------------------------- */

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
    bool lost = inst_arena_failed(call->arena); /* then the call ends before it is tried again */
    if (!lost) inst_watch_again(&call->watch, call->rested, call->next_is_reask);
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

/* Events that were handed out as they came cannot be taken back. */
static bool is_handed_out(const inst_call *call) {
  if (call->committed) return true;
  return call->options.stream && call->options.schema == NULL && call->flow.assembly.any;
}

/* The request failed, not the answer: again, if that may help and is allowed. */
static void break_off(inst_call *call) {
  bool again = call->error.retryable && call->http_retries < call->options.http_retries &&
               !is_handed_out(call);
  if (!again) {
    spend(call);
  } else if (inst_call_is_under_way(call)) {
    call->after_drop = INST_EV_BROKEN;
    move(call, INST_EV_STOPPED);
  } else {
    rest_for_retry(call, INST_EV_BROKEN);
  }
}

/* The model is asked again, if that is still allowed. */
static void ask_again(inst_call *call) {
  if (call->reasks >= call->options.max_retries || call->committed) {
    spend(call);
    return;
  }
  call->dialect->reask(&call->question.ask, &call->judge->answer, call->judge->correction,
                       call->turns, call->arena);
  rest_for_reask(call);
}

/* ---- one function a state -------------------------------------------------------------------- */

/* False: there can be none, and the call ends. */
static bool build_request(inst_call *call) {
  inst_error fault;
  inst_error_clear(&fault);
  if (inst_request_build(&call->request, &call->options, call->address, call->dialect,
                         &call->question.ask, call->turns, call->arena, &fault) == 0)
    return call->request_ready = true;
  take_error(call, &fault);
  spend(call);
  return false;
}

static inst_want look_asking(inst_call *call) {
  if (wait_at_gate(call)) return INST_WANT_WAIT;
  if (!call->request_ready && !build_request(call)) return NOTHING_YET;
  if (inst_watch_sending(&call->watch)) return NOTHING_YET;
  call->request.total_timeout = time_left(call) + BACKSTOP; /* the deadline is ours to tell */
  call->send_wanted = true;
  return INST_WANT_SEND;
}

/* Has the stream said that it is over? */
static bool is_told_all(const inst_call *call) {
  return call->options.stream && inst_flow_is_over(&call->flow);
}

/* How long the server may be silent now. */
static double patience(const inst_call *call) {
  if (is_told_all(call)) return LINGER;
  return call->exchange.any_byte ? call->options.idle_timeout : call->options.first_byte_timeout;
}

/* The server let us wait too long. */
static inst_error silence(const inst_call *call) {
  inst_error slow = {.code = INST_E_NONE, .retryable = true};
  char seconds[INST_NUMBER_ROOM];
  inst_error_set(&slow, INST_E_TIMEOUT, "the server %s for %s s",
                 call->exchange.any_byte ? "sent nothing more" : "did not answer",
                 write_seconds(patience(call), seconds));
  return slow;
}

/* What a stream gave before it broke; NULL: nothing. */
static const inst_judge *judge_partial(inst_call *call) {
  inst_str text = call->options.stream ? inst_flow_text(&call->flow) : (inst_str){NULL, 0};
  inst_judge *judge = inst_call_judge(call);
  if (judge == NULL) return NULL;
  judge->partial = inst_arena_copy(call->arena, text);
  judge->spent = inst_flow_usage(&call->flow);
  if (text.p == NULL) return NULL;
  judge->issues = NULL;
  judge->reading.edits = (inst_edit_list){NULL, NULL, 0};
  INST_ZERO_TO_ERROR(&judge->answer);
  judge->answer.text = judge->partial;
  judge->answer.usage = judge->spent;
  return judge;
}

/* No more is wanted of the exchange under way. */
static inst_want stop_reading(inst_call *call, const inst_error *why) {
  take_error(call, why);
  heed_server(call);
  call->error.status = call->exchange.status;
  close_attempt(call, judge_partial(call), &call->error);
  break_off(call);
  return NOTHING_YET;
}

/* The answer, which is still coming, can no longer be right: the rest of it is not waited for. */
static inst_want stop_early(inst_call *call, const inst_issue *issues) {
  inst_judge *judge = inst_call_judge(call);
  if (judge == NULL) return NOTHING_YET;
  judge_partial(call);
  inst_finding_kind found = inst_judge_stopped(judge, issues);
  take_error(call, &judge->error);
  call->error.status = call->exchange.status;
  if (call->account.open != NULL) call->account.open->stopped = true;
  close_attempt(call, judge, &call->error);
  if (found != INST_JUDGED_UNSOUND) {
    spend(call);
  } else {
    call->after_drop = INST_EV_UNSOUND;
    move(call, INST_EV_STOPPED);
  }
  return NOTHING_YET;
}

static void end_stream(inst_call *call) {
  inst_exchange *x = &call->exchange;
  inst_error fault = {.code = INST_E_NONE};
  bool well = x->error.code == INST_E_NONE;
  if (well && inst_flow_end(&call->flow, x, &fault) != 0) x->error = fault;
  judge_partial(call);
}

/* The answer is here, or what there is of it. */
static inst_want end_reading(inst_call *call) {
  inst_exchange *x = &call->exchange;
  if (call->options.stream) end_stream(call);
  inst_watch_received(&call->watch, x, x->error.code != INST_E_NONE ? &x->error : NULL);
  move(call, INST_EV_WHOLE);
  call->judging = false;
  return NOTHING_YET;
}

/* All has been said, but the exchange does not end. */
static inst_want leave_stream(inst_call *call) {
  call->after_drop = INST_EV_WHOLE;
  move(call, INST_EV_STOPPED);
  return NOTHING_YET;
}

/* What becomes of the connection of a stream that has said all is of no interest. */
static void forgive(inst_exchange *x) {
  if (x->error.code != INST_E_MEMORY) inst_error_clear(&x->error);
}

/* Takes in what came of a stream.  NOTHING_YET: there is nothing new for the host. */
static inst_want look_at_stream(inst_call *call) {
  inst_error fault = {.code = INST_E_NONE};
  bool broken = inst_flow_take(&call->flow, &call->exchange, &fault) != 0;
  const inst_issue *issues = inst_flow_issues(&call->flow);
  if (broken) call->exchange.error = fault; /* told once what came before it was looked at */
  if (call->flow.fresh) {
    call->flow.fresh = false;
    return INST_WANT_PARTIAL;
  }
  bool well = call->exchange.error.code == INST_E_NONE;
  bool more = inst_call_is_under_way(call) && !inst_flow_is_over(&call->flow);
  bool hopeless = issues != NULL && !inst_fit_may_help(call->options.repair, issues);
  if (hopeless && well && more) stop_early(call, issues);
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
  if (call->options.stream) {
    inst_want want = look_at_stream(call);
    if (want != NOTHING_YET || call->state != INST_S_READING) return want;
  }
  if (is_told_all(call)) forgive(&call->exchange);
  if (x->ended) return end_reading(call);
  if (x->error.code != INST_E_NONE) return stop_reading(call, &x->error);
  if (call->now < call->active_at + patience(call)) return INST_WANT_BYTES;
  if (is_told_all(call)) return leave_stream(call);
  inst_error slow = silence(call);
  return stop_reading(call, &slow);
}

/* Lost memory shows first: what was found without it is not to be trusted. */
static inst_want look_judging(inst_call *call) {
  inst_judge *judge = inst_call_judge(call);
  if (judge == NULL) return NOTHING_YET;
  inst_finding_kind found =
      call->judging ? inst_judge_go_on(judge) : inst_judge_begin(judge, &call->exchange);
  call->judging = true;
  if (inst_arena_failed(call->arena)) return NOTHING_YET;
  if (found == INST_JUDGED_CODE) return INST_WANT_CODE;
  inst_error_clear(&call->error);
  if (found != INST_JUDGED_SOUND) {
    take_error(call, &judge->error);
    if (call->exchange.status != 0) call->error.status = call->exchange.status;
    heed_server(call);
  }
  close_attempt(call, judge, found == INST_JUDGED_SOUND ? NULL : &call->error);
  if (inst_arena_failed(call->arena)) return NOTHING_YET;
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

/* Cancelled, or out of memory. */
static void end_broken(inst_call *call) {
  inst_error why = {.code = INST_E_NONE};
  if (call->cancelled)
    inst_error_set(&why, INST_E_CANCELLED, "the call was cancelled");
  else
    inst_error_memory(&why);
  end_with(call, &why);
}

/* Cancelled, late, or out of memory: nothing more is begun.  An answer that is here is judged. */
static void check_limits(inst_call *call) {
  if (is_over(call) || call->state == INST_S_DROPPING) return;
  bool answered =
      call->state == INST_S_JUDGING || (call->state == INST_S_READING && call->exchange.ended);
  if (call->cancelled || inst_arena_failed(call->arena))
    end_broken(call);
  else if (!answered && time_left(call) <= 0)
    end_late(call);
}

/* An exchange that is to be dropped may still grow: until then nothing is told of it. */
static bool has_note(inst_call *call) {
  if (call->watch.due == 0 || call->state == INST_S_DROPPING) return false;
  return inst_watch_next(&call->watch);
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
  inst_account_open(&call->account, call->next_is_reask, call->rested, call->arena);
  call->sent_at = call->active_at = call->now;
  if (error == NULL) {
    move(call, INST_EV_SENT);
    if (call->options.stream && inst_flow_begin(&call->flow) != 0) call->arena->failed = true;
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

inst_stream *inst_call_live(inst_call *call) {
  return call->flow.live;
}
inst_str inst_call_event(inst_call *call) {
  return inst_flow_event(&call->flow);
}
void inst_call_commit(inst_call *call) {
  call->committed = true;
}
size_t inst_call_attempt(const inst_call *call) {
  return call->account.count;
}

inst_parse *inst_call_parse(inst_call *call) {
  return call->judge != NULL ? call->judge->parse : NULL;
}

void inst_call_dropped(inst_call *call) {
  if (call->state != INST_S_DROPPING) return;
  call->exchange.ended = true;
  if (call->after_drop == INST_EV_BROKEN)
    rest_for_retry(call, INST_EV_BROKEN);
  else if (call->after_drop == INST_EV_UNSOUND)
    ask_again(call);
  else if (call->after_drop == INST_EV_WHOLE)
    end_reading(call);
  else
    move(call, call->after_drop);
}

void inst_call_cancel(inst_call *call) {
  call->cancelled = true;
}
