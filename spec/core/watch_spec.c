/*
** A watched call tells of each step, in order, to whoever drives it; one that is not watched says
** nothing.  And what an attempt's account holds beside its verdict.
*/
#include "spec/core/call_check.h"

enum { TOLD_MAX = 64 };

/* What was told: a letter a note, and '.' for each other want. */
typedef struct log {
  char told[TOLD_MAX];
  size_t n;
  inst_str bodies[TOLD_MAX];
  inst_code faults[TOLD_MAX];
  char words[TOLD_MAX][64];
  size_t received;
  double wait;
  bool reask;
} log;

static void take_received(stage *s, log *l, const inst_note *note) {
  l->faults[l->received] = note->fault != NULL ? note->fault->code : INST_E_NONE;
  if (note->fault != NULL) snprintf(l->words[l->received], 64, "%.63s", note->fault->text);
  l->bodies[l->received++] = inst_value_text(inst_string(s->texts, note->body));
}

static void take(stage *s, log *l) {
  const inst_note *note = inst_call_note(s->call);
  assert_true(l->n + 1 < TOLD_MAX);
  l->told[l->n++] = "srja"[note->kind];
  if (note->kind == INST_NOTE_RECEIVED) take_received(s, l, note);
  if (note->kind == INST_NOTE_AGAIN) {
    l->wait = note->wait;
    l->reask = note->reask;
  }
}

static inst_want play_watched(stage *s, log *l) {
  inst_want want;
  memset(l, 0, sizeof *l);
  while ((want = play(s)) == INST_WANT_NOTE) take(s, l);
  return want;
}

static stage *watched_stage(void) {
  stage *s = set_stage();
  s->options.watched = true;
  return s;
}

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"
#define UNFIT "{\"name\":\"Jason Liu\",\"age\":\"x\"}"

/* ---- notes ----------------------------------------------------------------------------------- */

static void a_call_that_is_not_watched_tells_nothing(void **state) {
  (void)state;
  stage *s = set_stage();
  log l;
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(play_watched(s, &l), INST_WANT_DONE);
  assert_string_equal(l.told, "");
  clear_stage(s);
}

static void an_answer_that_fits_is_told_as_sending_received_judged(void **state) {
  (void)state;
  stage *s = watched_stage();
  log l;
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(play_watched(s, &l), INST_WANT_DONE);
  assert_string_equal(l.told, "srj");
  assert_true(inst_str_is(l.bodies[0], s->steps[0].body));
  assert_int_equal(l.faults[0], INST_E_NONE);
  clear_stage(s);
}

static void the_request_can_be_read_before_it_is_sent(void **state) {
  (void)state;
  stage *s = watched_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_NOTE);
  assert_int_equal(inst_call_note(s->call)->kind, INST_NOTE_SENDING);
  assert_holds(inst_call_request(s->call)->body, "Jason Liu");
  assert_int_equal(s->asked, 0);
  clear_stage(s);
}

static void all_headers_of_an_answer_are_told(void **state) {
  (void)state;
  stage *s = watched_stage();
  step one = with_header(calls_tool(s, RIGHT), "X-Some", "thing");
  begin_script(s, with_header(one, "Set-Cookie", "a=b"));
  while (play(s) == INST_WANT_NOTE)
    if (inst_call_note(s->call)->kind == INST_NOTE_RECEIVED) break;
  const inst_note *note = inst_call_note(s->call);
  assert_int_equal(note->status, 200);
  assert_int_equal(note->header_count, 2);
  assert_true(inst_str_is(note->headers[0].name, INST_LIT("X-Some")));
  assert_true(inst_str_is(note->headers[1].value, INST_LIT("a=b")));
  clear_stage(s);
}

static void more_headers_than_there_was_room_for_are_all_kept(void **state) {
  (void)state;
  stage *s = watched_stage();
  begin_script(s, (step){.stalls = true});
  while (inst_call_next(s->call, s->now) != INST_WANT_SEND) continue;
  inst_call_sent(s->call, NULL);
  inst_sink sink = inst_call_sink(s->call);
  sink.head(sink.ctx, 100);
  sink.header(sink.ctx, INST_LIT("X-Void"), INST_LIT("forgotten"));
  sink.head(sink.ctx, 500);
  for (int i = 0; i < 100; i++) {
    char value[] = {(char)('0' + i / 10), (char)('0' + i % 10)};
    sink.header(sink.ctx, INST_LIT("X-Many"), (inst_str){value, 2});
  }
  sink.end(sink.ctx, NULL);
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_NOTE);
  const inst_note *note = inst_call_note(s->call);
  assert_int_equal(note->header_count, 100);
  assert_true(inst_str_is(note->headers[0].value, INST_LIT("00")));
  assert_true(inst_str_is(note->headers[99].value, INST_LIT("99")));
  clear_stage(s);
}

static void a_reask_and_a_retry_are_told_with_their_waits(void **state) {
  (void)state;
  stage *s = watched_stage();
  log l;
  s->options.max_retries = 1;
  s->options.reask_backoff = (inst_backoff){3, 1, 3, 0, false};
  begin_script(s, calls_tool(s, UNFIT), calls_tool(s, RIGHT));
  assert_int_equal(play_watched(s, &l), INST_WANT_DONE);
  assert_string_equal(l.told, "srjasrj");
  assert_true(l.reask && l.wait == 3);
  end_call(s);
  begin_script(s, with_header(plain_step(429, INST_LIT("{}")), "Retry-After", "7"),
               calls_tool(s, RIGHT));
  assert_int_equal(play_watched(s, &l), INST_WANT_DONE);
  assert_string_equal(l.told, "srjasrj");
  assert_true(!l.reask && l.wait == 7);
  clear_stage(s);
}

static void an_exchange_that_breaks_is_told_with_its_fault(void **state) {
  (void)state;
  stage *s = watched_stage();
  log l;
  s->options.http_retries = 1;
  begin_script(s, {.broken = INST_E_NETWORK, .unsent = true}, {.broken = INST_E_NETWORK});
  assert_int_equal(play_watched(s, &l), INST_WANT_FAILED);
  assert_string_equal(l.told, "srjasrj");
  assert_int_equal(l.faults[0], INST_E_NETWORK);
  assert_string_equal(l.words[0], "no connection");
  assert_string_equal(l.words[1], "the connection broke");
  clear_stage(s);
}

static void a_server_that_is_silent_is_told_of_when_its_exchange_is_dropped(void **state) {
  (void)state;
  stage *s = watched_stage();
  log l;
  s->options.http_retries = 0;
  begin_script(s, {.stalls = true});
  assert_int_equal(play_watched(s, &l), INST_WANT_FAILED);
  assert_string_equal(l.told, "srj");
  assert_int_equal(l.faults[0], INST_E_TIMEOUT);
  assert_int_equal(s->dropped, 1);
  clear_stage(s);
}

static void a_cancelled_call_tells_of_the_attempt_under_way(void **state) {
  (void)state;
  stage *s = watched_stage();
  log l;
  begin_script(s, {.stalls = true});
  while (play_until(s, INST_WANT_BYTES) == INST_WANT_NOTE) continue;
  inst_call_cancel(s->call);
  assert_int_equal(play_watched(s, &l), INST_WANT_FAILED);
  assert_string_equal(l.told, "rj");
  assert_int_equal(l.faults[0], INST_E_CANCELLED);
  clear_stage(s);
}

#define ONE_EVENT "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"

/* An event that comes, and is looked at. */
static void show_event(stage *s) {
  inst_sink sink = inst_call_sink(s->call);
  sink.body(sink.ctx, INST_LIT(ONE_EVENT));
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_BYTES);
}

static void a_stream_that_is_cancelled_is_told_as_far_as_it_was_looked_at(void **state) {
  (void)state;
  stage *s = watched_stage();
  s->options.stream = s->options.keeps_events = true;
  begin_script(s, (step){.stalls = true});
  while (inst_call_next(s->call, s->now) != INST_WANT_SEND) continue;
  inst_call_sent(s->call, NULL);
  inst_sink sink = inst_call_sink(s->call);
  sink.head(sink.ctx, 200);
  show_event(s);
  show_event(s);
  sink.body(sink.ctx, INST_LIT(ONE_EVENT));
  inst_call_cancel(s->call);
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_DROP);
  inst_call_dropped(s->call);
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_NOTE);
  const inst_note *note = inst_call_note(s->call);
  assert_int_equal(note->kind, INST_NOTE_RECEIVED);
  assert_true(inst_str_is(note->events, INST_LIT(ONE_EVENT ONE_EVENT)));
  assert_int_equal(note->fault->code, INST_E_CANCELLED);
  clear_stage(s);
}

static void a_wait_that_the_deadline_forbids_is_no_other_attempt(void **state) {
  (void)state;
  stage *s = watched_stage();
  log l;
  s->options.deadline = 5;
  begin_script(s, with_header(plain_step(429, INST_LIT("{}")), "Retry-After", "30"));
  assert_int_equal(play_watched(s, &l), INST_WANT_FAILED);
  assert_string_equal(l.told, "srj");
  clear_stage(s);
}

/* ---- the account ----------------------------------------------------------------------------- */

static void an_attempt_knows_its_model_and_the_raw_usage(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_DONE);
  const inst_attempt *attempt = attempt_at(s, 0);
  assert_true(inst_str_is(attempt->model, INST_LIT("fake-1")));
  check_json_at(attempt->raw_usage,
                "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}", __FILE__,
                __LINE__);
  clear_stage(s);
}

static void an_attempt_knows_when_its_first_byte_came(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, (step){.stalls = true});
  assert_int_equal(play_until(s, INST_WANT_BYTES), INST_WANT_BYTES);
  inst_sink sink = inst_call_sink(s->call);
  inst_call_next(s->call, s->now + 1);
  sink.head(sink.ctx, 200);
  inst_call_next(s->call, s->now + 2);
  sink.body(sink.ctx, INST_LIT("{}"));
  inst_call_next(s->call, s->now + 3);
  sink.end(sink.ctx, NULL);
  inst_call_next(s->call, s->now + 4);
  assert_true(attempt_at(s, 0)->first_byte == 2);
  assert_true(attempt_at(s, 0)->seconds == 4);
  clear_stage(s);
}

static void an_attempt_without_an_answer_has_no_first_byte(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.http_retries = 0;
  begin_script(s, {.broken = INST_E_NETWORK});
  assert_int_equal(play(s), INST_WANT_FAILED);
  assert_true(attempt_at(s, 0)->first_byte < 0);
  assert_null(attempt_at(s, 0)->raw_usage);
  assert_null(attempt_at(s, 0)->model.p);
  clear_stage(s);
}

static void notes_have_names(void **state) {
  (void)state;
  assert_string_equal(inst_note_name(INST_NOTE_RECEIVED), "received");
  assert_string_equal(inst_note_name(INST_NOTE_COUNT), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_call_that_is_not_watched_tells_nothing),
      cmocka_unit_test(an_answer_that_fits_is_told_as_sending_received_judged),
      cmocka_unit_test(the_request_can_be_read_before_it_is_sent),
      cmocka_unit_test(all_headers_of_an_answer_are_told),
      cmocka_unit_test(more_headers_than_there_was_room_for_are_all_kept),
      cmocka_unit_test(a_reask_and_a_retry_are_told_with_their_waits),
      cmocka_unit_test(an_exchange_that_breaks_is_told_with_its_fault),
      cmocka_unit_test(a_server_that_is_silent_is_told_of_when_its_exchange_is_dropped),
      cmocka_unit_test(a_cancelled_call_tells_of_the_attempt_under_way),
      cmocka_unit_test(a_stream_that_is_cancelled_is_told_as_far_as_it_was_looked_at),
      cmocka_unit_test(a_wait_that_the_deadline_forbids_is_no_other_attempt),
      cmocka_unit_test(an_attempt_knows_its_model_and_the_raw_usage),
      cmocka_unit_test(an_attempt_knows_when_its_first_byte_came),
      cmocka_unit_test(an_attempt_without_an_answer_has_no_first_byte),
      cmocka_unit_test(notes_have_names),
  };
  return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
