/*
** A call, a transport and a clock: the engine over a transport that plays a script.
** Real time passes here, in milliseconds.
*/
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "spec/core/call_check.h"

#include <time.h>

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"
#define WRONG "{\"name\":\"Jason Liu\",\"age\":\"thirty\"}"

enum { EXCHANGES = 4 };

/* One exchange of the fake transport's. */
typedef struct exchange {
  inst_sink sink;
  const step *answer;
  bool alive;
} exchange;

/* What the transport does, and what was done with it. */
typedef struct fake {
  const step *steps;
  size_t starts, cancels, closes, pumps;
  int fail_starts, fail_pumps; /* so many fail, first */
  bool mute;                   /* nothing arrives */
  inst_error fault;            /* what it fails with */
  double longest;              /* seconds a pump was allowed */
  exchange exchanges[EXCHANGES];
} fake;

static fake world;

static void rest(double seconds) {
  struct timespec t = {0, (long)(seconds * 1e9)};
  nanosleep(&t, NULL);
}

static int fake_open(const inst_transport_options *options, inst_alloc alloc, void **engine,
                     inst_error *error) {
  (void)alloc;
  if (options != NULL && options->proxy != NULL) {
    *error = world.fault;
    return -1;
  }
  *engine = &world;
  return 0;
}

static void fake_close(void *engine) {
  (void)engine;
  world.closes++;
}

static int fake_start(void *engine, const inst_request *request, const inst_sink *sink, void **out,
                      inst_error *error) {
  fake *f = engine;
  assert_non_null(request->url);
  if (f->fail_starts > 0) {
    f->fail_starts--;
    *error = f->fault;
    return -1;
  }
  exchange *x = &f->exchanges[f->starts % EXCHANGES];
  assert_false(x->alive);
  *x = (exchange){*sink, &f->steps[f->starts++], true};
  *out = x;
  return 0;
}

static void fake_cancel(void *engine, void *started) {
  exchange *x = started;
  (void)engine;
  assert_true(x->alive);
  x->alive = false;
  world.cancels++;
}

static void deliver(exchange *x) {
  const step *one = x->answer;
  if (one->status != 0) x->sink.head(x->sink.ctx, one->status);
  x->sink.body(x->sink.ctx, one->body);
  if (one->stalls) return;
  x->alive = false;
  x->sink.end(x->sink.ctx, NULL);
}

static int fake_pump(void *engine, double seconds, inst_error *error) {
  fake *f = engine;
  bool happened = false;
  f->pumps++;
  if (seconds > f->longest) f->longest = seconds;
  if (f->fail_pumps > 0) {
    f->fail_pumps--;
    *error = f->fault;
    return -1;
  }
  for (size_t i = 0; i < EXCHANGES && !f->mute; i++) {
    if (!f->exchanges[i].alive) continue;
    deliver(&f->exchanges[i]);
    happened = true;
  }
  if (!happened) rest(seconds < 0.005 ? seconds : 0.005);
  return 0;
}

static const inst_transport transport = {
    INST_TRANSPORT_ABI, "fake", fake_open, fake_close, fake_start, fake_cancel, fake_pump,
};

/* ---- the stage with an engine ---------------------------------------------------------------- */

static stage *set_up(const step *steps) {
  stage *s = set_stage();
  memset(&world, 0, sizeof world);
  world.steps = steps;
  s->options.http_backoff = (inst_backoff){0.001, 1, 0.001, 0, false};
  return s;
}

static inst_engine *open_engine(stage *s) {
  inst_engine *engine = inst_engine_new(&transport, NULL, check_alloc(&s->memory), &s->error);
  assert_non_null(engine);
  s->call = inst_call_new(&s->options, &s->error);
  assert_non_null(s->call);
  return engine;
}

static void close_engine(stage *s, inst_engine *engine) {
  inst_engine_drop(engine, s->call);
  end_call(s);
  inst_engine_free(engine);
  for (size_t i = 0; i < EXCHANGES; i++) assert_false(world.exchanges[i].alive);
  assert_int_equal(world.closes, 1);
  clear_stage(s);
}

/* ---- engines --------------------------------------------------------------------------------- */

static void a_transport_of_another_version_is_refused(void **state) {
  (void)state;
  inst_error error = {.code = INST_E_LIMIT, .text = "old"};
  inst_transport other = transport;
  other.abi = INST_TRANSPORT_ABI + 1;
  assert_null(inst_engine_new(&other, NULL, (inst_alloc){NULL, NULL}, &error));
  assert_int_equal(error.code, INST_E_USAGE);
  assert_null(inst_engine_new(&other, NULL, (inst_alloc){NULL, NULL}, NULL));
  inst_engine_free(NULL);
}

static void a_transport_that_does_not_open_says_why_or_we_do(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_error error = {.code = INST_E_NONE};
  const inst_transport_options options = {.proxy = "refused"};
  memset(&world, 0, sizeof world);
  assert_null(inst_engine_new(&transport, &options, check_alloc(&memory), &error));
  assert_int_equal(error.code, INST_E_NETWORK);
  assert_string_not_equal(error.text, "");
  world.fault = (inst_error){.code = INST_E_USAGE, .text = "no such proxy"};
  assert_null(inst_engine_new(&transport, &options, check_alloc(&memory), &error));
  assert_int_equal(error.code, INST_E_USAGE);
  assert_int_equal(world.closes, 0);
  memory.fail_at = memory.requests + 1;
  assert_null(inst_engine_new(&transport, NULL, check_alloc(&memory), &error));
  assert_int_equal(error.code, INST_E_MEMORY);
  check_no_leaks(&memory);
}

/* ---- driving --------------------------------------------------------------------------------- */

static void a_call_is_driven_to_its_end(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {plain_step(503, INST_LIT("{}")), calls_tool(s, WRONG),
                        calls_tool(s, RIGHT)};
  world.steps = steps;
  s->options.max_retries = 1;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_DONE);
  assert_json(inst_call_value(s->call), RIGHT);
  assert_int_equal(world.starts, 3);
  assert_int_equal(world.cancels, 0);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_DONE); /* and stays there */
  close_engine(s, engine);
}

static void an_exchange_that_cannot_start_is_tried_again(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {calls_tool(s, RIGHT)};
  world.steps = steps;
  world.fail_starts = 2;
  world.fault = (inst_error){.code = INST_E_NETWORK, .retryable = true, .text = "no route"};
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_DONE);
  assert_int_equal(attempt_count(s), 3);
  assert_text(attempt_at(s, 0)->message, "no route");
  close_engine(s, engine);
}

static void a_start_that_fails_without_a_reason_is_a_lost_connection(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  world.fail_starts = 1;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_FAILED);
  assert_int_equal(inst_call_error(s->call)->code, INST_E_NETWORK);
  close_engine(s, engine);
}

static void a_pump_that_fails_has_lost_the_exchange(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {calls_tool(s, WRONG), calls_tool(s, RIGHT)};
  world.steps = steps;
  world.fail_pumps = 1;
  world.fault = (inst_error){.code = INST_E_NETWORK, .retryable = true, .text = "poll failed"};
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_DONE);
  assert_int_equal(world.cancels, 1);
  assert_text(attempt_at(s, 0)->message, "poll failed");
  close_engine(s, engine);
}

static void a_pump_that_fails_while_the_call_rests_is_not_called_in_a_hurry(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {plain_step(503, INST_LIT("{}")), calls_tool(s, RIGHT)};
  world.steps = steps;
  s->options.http_backoff.initial = s->options.http_backoff.max = 0.5;
  inst_engine *engine = open_engine(s);
  while (world.starts == 0 || world.exchanges[0].alive) inst_engine_drive(engine, s->call, 0);
  world.fail_pumps = 1000000;
  assert_int_equal(inst_engine_drive(engine, s->call, 0.01), INST_WANT_WAIT);
  assert_int_equal(inst_engine_drive(engine, s->call, 0.01), INST_WANT_WAIT);
  assert_true(1000000 - world.fail_pumps < 20);
  world.fail_pumps = 0;
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_DONE);
  close_engine(s, engine);
}

static void a_silent_server_is_dropped(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {{.status = 200, .stalls = true}, {.status = 200, .stalls = true}};
  world.steps = steps;
  world.mute = true;
  s->options.first_byte_timeout = 0.01;
  s->options.http_retries = 1;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_FAILED);
  assert_int_equal(inst_call_error(s->call)->code, INST_E_TIMEOUT);
  assert_int_equal(world.starts, 2);
  assert_int_equal(world.cancels, 2);
  close_engine(s, engine);
}

static void what_is_under_way_is_cancelled_with_the_call(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {{.stalls = true}};
  world.steps = steps;
  world.mute = true;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 0), INST_WANT_WAIT);
  assert_int_equal(world.starts, 1);
  inst_engine_drop(engine, s->call);
  inst_engine_drop(engine, s->call); /* there is nothing left to drop */
  assert_int_equal(world.cancels, 1);
  close_engine(s, engine);
}

static void a_cancelled_call_leaves_nothing_with_the_transport(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {{.stalls = true}};
  world.steps = steps;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 0), INST_WANT_WAIT);
  inst_call_cancel(s->call);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_FAILED);
  assert_int_equal(inst_call_error(s->call)->code, INST_E_CANCELLED);
  assert_int_equal(world.cancels, 1);
  close_engine(s, engine);
}

/* ---- slices ---------------------------------------------------------------------------------- */

static void the_host_is_back_when_its_time_is_over(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {{.stalls = true}};
  world.steps = steps;
  world.mute = true;
  inst_engine *engine = open_engine(s);
  double before = inst_clock();
  assert_int_equal(inst_engine_drive(engine, s->call, 0.03), INST_WANT_WAIT);
  double took = inst_clock() - before;
  assert_true(took >= 0.03 && took < 5);
  assert_true(world.longest <= 0.03 + 1e-6); /* a clock that has long been running is rounded */
  close_engine(s, engine);
}

static void a_host_that_only_looks_in_moves_bytes_all_the_same(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {calls_tool(s, RIGHT)};
  world.steps = steps;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 0), INST_WANT_WAIT);
  assert_int_equal(inst_engine_drive(engine, s->call, 0), INST_WANT_DONE);
  assert_true(world.longest == 0);
  close_engine(s, engine);
}

static void a_host_that_was_away_does_not_make_the_server_look_silent(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {calls_tool(s, RIGHT)};
  world.steps = steps;
  s->options.first_byte_timeout = 0.2;
  s->options.http_retries = 0;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 0), INST_WANT_WAIT);
  rest(0.3); /* the answer has come meanwhile */
  assert_int_equal(inst_engine_drive(engine, s->call, 0), INST_WANT_DONE);
  close_engine(s, engine);
}

static void the_hosts_part_is_handed_over(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  inst_schema *schema = inst_schema_new(check_alloc(&s->memory));
  inst_node user = user_node(schema);
  inst_check refine = {.kind = INST_CHECK_REFINE, .code = 1};
  inst_schema_check(schema, user, &refine);
  use_schema(s, finish_schema(schema, user));
  const step steps[] = {plain_step(500, INST_LIT("{}")), calls_tool(s, RIGHT)};
  world.steps = steps;
  s->options.http_backoff.host = true;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_BACKOFF);
  inst_call_rest(s->call, 0.001);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_CODE);
  inst_parse_answer(inst_call_parse(s->call), inst_bool(inst_call_arena(s->call), true));
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_DONE);
  close_engine(s, engine);
}

static void one_engine_serves_many_calls(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {calls_tool(s, RIGHT), calls_tool(s, WRONG), calls_tool(s, RIGHT)};
  world.steps = steps;
  world.mute = true;
  inst_engine *engine = open_engine(s);
  inst_call *calls[] = {inst_call_new(&s->options, NULL), inst_call_new(&s->options, NULL)};
  assert_int_equal(inst_engine_drive(engine, s->call, 0), INST_WANT_WAIT);
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(inst_engine_drive(engine, calls[i], 0), INST_WANT_WAIT);
  assert_int_equal(world.starts, 3);
  world.mute = false; /* all three answers come, whichever call is driven */
  assert_int_equal(inst_engine_drive(engine, calls[1], 10), INST_WANT_DONE);
  size_t pumps = world.pumps;
  assert_int_equal(inst_engine_drive(engine, calls[0], 10), INST_WANT_FAILED);
  assert_int_equal(inst_engine_drive(engine, s->call, 10), INST_WANT_DONE);
  assert_int_equal(world.pumps, pumps);
  for (size_t i = 0; i < 2; i++) inst_call_free(calls[i]);
  close_engine(s, engine);
}

static void a_pump_alone_moves_the_bytes_of_all_calls(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {calls_tool(s, RIGHT)};
  world.steps = steps;
  world.mute = true;
  inst_engine *engine = open_engine(s);
  inst_error error = {.code = INST_E_NONE};
  assert_int_equal(inst_engine_drive(engine, s->call, 0), INST_WANT_WAIT);
  world.mute = false;
  assert_int_equal(inst_engine_pump(engine, -1, &error), 0); /* no time: it only looks */
  size_t pumps = world.pumps;
  assert_true(inst_call_is_ready(s->call, inst_clock()));
  assert_int_equal(inst_call_next(s->call, inst_clock()), INST_WANT_DONE);
  assert_int_equal(world.pumps, pumps);
  close_engine(s, engine);
}

/* Between two pumps a call is stepped: nothing moves, and what came is told by its tag, once. */
static void a_stepped_call_is_told_of_by_its_tag(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {calls_tool(s, RIGHT)};
  world.steps = steps;
  inst_engine *engine = open_engine(s);
  inst_error error = {.code = INST_E_NONE};
  assert_int_equal(inst_engine_step(engine, s->call, 7), INST_WANT_WAIT);
  assert_int_equal(inst_engine_step(engine, s->call, 7), INST_WANT_WAIT);
  assert_int_equal(world.starts, 1);
  assert_int_equal(world.pumps, 0);
  assert_int_equal(inst_engine_news(engine), 0);
  assert_int_equal(inst_engine_pump(engine, 1, &error), 0);
  assert_int_equal(inst_engine_news(engine), 7);
  assert_int_equal(inst_engine_news(engine), 0);
  assert_int_equal(inst_engine_step(engine, s->call, 7), INST_WANT_DONE);
  close_engine(s, engine);
}

/* A host that was away looks at the server before it looks at the clock. */
static void a_call_whose_time_is_over_moves_bytes_when_it_is_stepped(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  s->options.first_byte_timeout = 0.01;
  const step steps[] = {calls_tool(s, RIGHT)};
  world.steps = steps;
  inst_engine *engine = open_engine(s);
  assert_int_equal(inst_engine_step(engine, s->call, 1), INST_WANT_WAIT);
  rest(0.02);
  assert_int_equal(inst_engine_step(engine, s->call, 1), INST_WANT_DONE);
  close_engine(s, engine);
}

static void news_of_a_call_that_is_gone_is_none(void **state) {
  (void)state;
  stage *s = set_up(NULL);
  const step steps[] = {calls_tool(s, RIGHT)};
  world.steps = steps;
  inst_engine *engine = open_engine(s);
  inst_error error = {.code = INST_E_NONE};
  inst_engine_step(engine, s->call, 7);
  assert_int_equal(inst_engine_pump(engine, 1, &error), 0);
  end_call(s);
  assert_int_equal(inst_engine_news(engine), 0);
  s->call = inst_call_new(&s->options, &s->error);
  close_engine(s, engine);
}

static void the_clock_runs_forward(void **state) {
  (void)state;
  double before = inst_clock();
  rest(0.002);
  assert_true(inst_clock() > before + 0.001);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_transport_of_another_version_is_refused),
      cmocka_unit_test(a_transport_that_does_not_open_says_why_or_we_do),
      cmocka_unit_test(a_call_is_driven_to_its_end),
      cmocka_unit_test(an_exchange_that_cannot_start_is_tried_again),
      cmocka_unit_test(a_start_that_fails_without_a_reason_is_a_lost_connection),
      cmocka_unit_test(a_pump_that_fails_has_lost_the_exchange),
      cmocka_unit_test(a_pump_that_fails_while_the_call_rests_is_not_called_in_a_hurry),
      cmocka_unit_test(a_silent_server_is_dropped),
      cmocka_unit_test(what_is_under_way_is_cancelled_with_the_call),
      cmocka_unit_test(a_cancelled_call_leaves_nothing_with_the_transport),
      cmocka_unit_test(the_host_is_back_when_its_time_is_over),
      cmocka_unit_test(a_host_that_only_looks_in_moves_bytes_all_the_same),
      cmocka_unit_test(a_host_that_was_away_does_not_make_the_server_look_silent),
      cmocka_unit_test(the_hosts_part_is_handed_over),
      cmocka_unit_test(one_engine_serves_many_calls),
      cmocka_unit_test(a_pump_alone_moves_the_bytes_of_all_calls),
      cmocka_unit_test(a_stepped_call_is_told_of_by_its_tag),
      cmocka_unit_test(a_call_whose_time_is_over_moves_bytes_when_it_is_stepped),
      cmocka_unit_test(news_of_a_call_that_is_gone_is_none),
      cmocka_unit_test(the_clock_runs_forward),
  };
  return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
