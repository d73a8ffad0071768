/*
** The call machine under hosts, servers, clocks and allocators that do anything at any time.
** Whatever happens: it ends; it never asks the same twice nor retries something else; usage adds up;
** nothing leaks; no exchange is left with the transport.
** A failure names its seed: "call_random_spec <seed>" plays that one again.
*/
#include "spec/core/check.h"

#include "core/call/call.h"

#include <math.h>

enum { GAMES = 40000, STEPS_MAX = 4000, SENDS_MAX = 64 };

/* What a server may say; pieces of it, too. */
static const char *const answers[] = {
    "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"User\","
    "\"arguments\":\"{\\\"name\\\":\\\"J\\\",\\\"age\\\":30}\"}}]},\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}",
    "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"User\","
    "\"arguments\":\"{\\\"name\\\":1,\\\"age\\\":\\\"x\\\"}\"}},{\"id\":\"b\",\"function\":{}}]},"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":9}}",
    "{\"choices\":[{\"message\":{\"function_call\":{\"name\":\"User\",\"arguments\":{\"name\":"
    "\"J\","
    "\"age\":30}}}}],\"usage\":{\"prompt_tokens\":9e99,\"total_tokens\":9223372036854775807}}",
    "{\"choices\":[{\"message\":{\"content\":\"{\\\"value\\\":[1,2]}\"}}],\"usage\":{}}",
    "{\"choices\":[{\"message\":{\"content\":\"{}\"}}],\"usage\":{\"prompt_tokens\":1}}",
    "{\"choices\":[{\"message\":{\"content\":\"prose\"}}],\"usage\":{\"total_tokens\":4}}",
    "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[]}}]}",
    "{\"choices\":[{\"message\":{\"refusal\":\"no\"}}],\"usage\":{\"total_tokens\":2}}",
    "{\"choices\":[{\"message\":{\"content\":\"{\"},\"finish_reason\":\"length\"}]}",
    "{\"choices\":[{\"message\":{\"content\":\"{\"},\"finish_reason\":\"content_filter\"}]}",
    "{\"choices\":[]}",
    "{\"error\":{\"message\":\"busy\",\"code\":503}}",
    "{\"error\":{\"message\":\"bad\",\"code\":\"bad\"}}",
    "<html>a page</html>",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    "\xff\xfe\x00",
    "",
};

/* Events a streaming server may send, in any order. */
#define DELTA(delta) "data: {\"choices\":[{\"index\":0,\"delta\":" delta "}]}\n\n"
#define ARGUMENTS(text)                                                                            \
  DELTA("{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"User\","              \
        "\"arguments\":\"" text "\"}}]}")
#define ENDED(why) "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"" why "\"}]}\n\n"
#define COST "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"total_tokens\":9}}\n\n"
static const char *const events[] = {
    ARGUMENTS("{\\\"name\\\":\\\"J\\\",\\\"age\\\":30}") ENDED("stop") COST "data: [DONE]\n\n",
    ARGUMENTS("{\\\"name\\\":\\\"J"),
    ARGUMENTS("\\\",\\\"age\\\":30}"),
    ARGUMENTS("{\\\"name\\\":1,\\\"age\\\":2}"),
    ARGUMENTS("{\\\"value\\\":[{\\\"name\\\":2,"),
    DELTA("{\"function_call\":{\"name\":\"User\",\"arguments\":\"{\\\"name\\\":3,\"}}"),
    DELTA("{\"content\":\"<think>{</think>```json\\n{\\\"name\\\":\"}"),
    DELTA("{\"content\":\"{\\\"name\\\":\\\"J\\\",\\\"age\\\":1}\"}"),
    DELTA("{\"refusal\":\"no\"}"),
    ENDED("stop"),
    ENDED("length"),
    COST,
    "data: [DONE]\n\n",
    "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n",
    "data: {\"choices\":[{\"ind",
    ": nothing\n\n",
    "event: error\ndata: {\"message\":\"bad\"}\n\n",
    "data: [[[[[[[[[[\n\n",
};

static const char *const header_names[] = {"Retry-After",
                                           "retry-after-ms",
                                           "X-Should-Retry",
                                           "X-Request-Id",
                                           "Location",
                                           "Content-Type",
                                           ""};
static const char *const header_values[] = {
    "1", "0", "-1", "1e308", "true", "false", "soon", "", "Sun, 06 Nov 1994 08:49:37 GMT", "60000"};
static const int statuses[] = {200, 200, 200, 200, 200, 204, 302, 400, 401, 429, 500, 503, 0, -7};

typedef struct game {
  uint64_t seed, random;
  check_memory memory;
  inst_call *call;
  inst_call_options options;
  inst_gate gate; /* shared with calls that are not here */
  double now;
  bool under_way; /* is an exchange in the transport's hands? */
  unsigned told;  /* notes of the attempt under way, as bits */
  bool early_end; /* was its end told before it was said to be sent? */
  size_t sends;   /* that were wanted */
  inst_str bodies[SENDS_MAX];
  inst_arena *texts;
} game;

#define hold(g, what)                                                                              \
  do {                                                                                             \
    if (!(what)) fail_msg("seed %llu: %s", (unsigned long long)(g)->seed, #what);                  \
  } while (0)

static size_t draw(game *g, size_t below) {
  return (size_t)(check_random(&g->random) % below);
}

static bool chance(game *g, size_t one_in) {
  return draw(g, one_in) == 0;
}

/* ---- schemas --------------------------------------------------------------------------------- */

enum { SCHEMAS = 5 };
static inst_schema *schemas[SCHEMAS];
static bool may_be_absent[SCHEMAS];

static inst_node user_of(inst_schema *schema, bool code) {
  inst_node user = inst_schema_node(schema, INST_NODE_OBJECT);
  inst_node name = inst_schema_node(schema, INST_NODE_STRING);
  inst_node age = inst_schema_node(schema, INST_NODE_NUMBER);
  inst_schema_field(schema, user, INST_LIT("name"), name);
  if (code) {
    inst_check overwrite = {.kind = INST_CHECK_OVERWRITE, .code = 2};
    inst_check refine = {.kind = INST_CHECK_REFINE, .code = 3, .message_code = 4};
    inst_node pipe = inst_schema_node(schema, INST_NODE_PIPE);
    inst_node transform = inst_schema_node(schema, INST_NODE_TRANSFORM);
    inst_node filled = inst_schema_node(schema, INST_NODE_DEFAULT);
    inst_schema_code(schema, transform, 5);
    inst_schema_code(schema, filled, 6);
    inst_schema_check(schema, name, &overwrite);
    inst_schema_check(schema, user, &refine);
    inst_schema_message(schema, name, (inst_str){NULL, 0}, 7);
    inst_schema_inner(schema, pipe, age);
    inst_schema_inner(schema, pipe, transform);
    inst_schema_inner(schema, filled, pipe);
    age = filled;
  }
  inst_schema_field(schema, user, INST_LIT("age"), age);
  return user;
}

static inst_node around(inst_schema *schema, inst_node_kind kind, inst_node inner) {
  inst_node outer = inst_schema_node(schema, kind);
  inst_schema_inner(schema, outer, inner);
  return outer;
}

static void make_schemas(void) {
  for (size_t i = 1; i < SCHEMAS; i++) {
    inst_schema *schema = schemas[i] = inst_schema_new((inst_alloc){NULL, NULL});
    inst_node root = user_of(schema, i == 2);
    inst_error error = {.code = INST_E_NONE};
    if (i == 3) root = around(schema, INST_NODE_ARRAY, root);
    if (i == 4) root = around(schema, INST_NODE_OPTIONAL, root);
    may_be_absent[i] = i == 4;
    assert_int_equal(inst_schema_finish(schema, root, &error), 0);
  }
}

/* ---- what can happen ------------------------------------------------------------------------- */

static inst_error some_error(game *g) {
  inst_error error = {.code = INST_E_NETWORK, .retryable = !chance(g, 3)};
  if (chance(g, 4)) error.code = (inst_code)draw(g, INST_CODE_COUNT);
  if (chance(g, 2)) memcpy(error.text, "told by the transport", 22);
  return error;
}

static inst_str some_body(game *g) {
  if (g->options.stream && !chance(g, 4))
    return inst_str_of(events[draw(g, chance(g, 3) ? 1 : CHECK_COUNT(events))]);
  const char *answer = answers[draw(g, chance(g, 3) ? CHECK_COUNT(answers) : 6)];
  size_t n = strlen(answer);
  return (inst_str){answer, chance(g, 8) ? draw(g, n + 1) : n};
}

static inst_value *some_value(game *g) {
  inst_arena *arena = inst_call_arena(g->call);
  switch (draw(g, 8)) {
  case 0: return NULL;
  case 1: return inst_bool(arena, false);
  case 2: return inst_string(arena, INST_LIT("text"));
  case 3: return inst_array(arena);
  case 4: return inst_opaque(arena, 7, "function");
  case 5: return inst_real(arena, NAN);
  default: return inst_bool(arena, true);
  }
}

static double some_seconds(game *g) {
  static const double seconds[] = {0, 0.1, 1, 5, 100, 1e9, -1, NAN, INFINITY, -INFINITY};
  return seconds[draw(g, CHECK_COUNT(seconds))];
}

static void sink_end(game *g, const inst_error *error) {
  inst_sink sink = inst_call_sink(g->call);
  sink.end(sink.ctx, error);
  g->under_way = false;
  g->early_end = true;
}

/* One report of a transport's. */
static void report(game *g) {
  inst_sink sink = inst_call_sink(g->call);
  inst_error error = some_error(g);
  switch (draw(g, 7)) {
  case 0: sink.head(sink.ctx, statuses[draw(g, CHECK_COUNT(statuses))]); break;
  case 1:
    sink.header(sink.ctx, inst_str_of(header_names[draw(g, CHECK_COUNT(header_names))]),
                inst_str_of(header_values[draw(g, CHECK_COUNT(header_values))]));
    break;
  case 2: sink.body(sink.ctx, some_body(g)); break;
  case 3: sink.alive(sink.ctx); break;
  case 4: sink_end(g, chance(g, 3) ? &error : NULL); break;
  default: /* a whole answer at once */
    sink.head(sink.ctx, chance(g, 3) ? statuses[draw(g, CHECK_COUNT(statuses))] : 200);
    if (chance(g, 3))
      sink.header(sink.ctx, inst_str_of(header_names[draw(g, 3)]),
                  inst_str_of(header_values[draw(g, CHECK_COUNT(header_values))]));
    sink.body(sink.ctx, some_body(g));
    sink_end(g, NULL);
    break;
  }
}

static void answer_code(game *g, inst_parse *parse) {
  inst_segment path[2] = {{INST_LIT("somewhere"), 0}, {{NULL, 0}, 3}};
  if (chance(g, 4))
    inst_parse_object(parse, chance(g, 2) ? INST_LIT("an issue") : (inst_str){NULL, 0}, path,
                      draw(g, 3), chance(g, 2));
  if (!chance(g, 8)) inst_parse_answer(parse, some_value(g));
}

/* Takes what a stream shows, or some of it. */
static void look(game *g) {
  inst_stream *live = inst_call_live(g->call);
  inst_change change;
  size_t count;
  hold(g, g->options.stream && (live == NULL) == (g->options.schema == NULL));
  if (chance(g, 20)) inst_call_commit(g->call);
  if (live != NULL) inst_stream_path(live, &count);
  while (!chance(g, 10) && live != NULL && inst_stream_next(live, &change)) {
    hold(g, change.value != NULL);
  }
  while (!chance(g, 10) && live == NULL && inst_call_event(g->call).p != NULL) {
  }
}

static void begin_exchange(game *g) {
  inst_error error = some_error(g);
  const inst_request *request = inst_call_request(g->call);
  hold(g, g->sends < SENDS_MAX && !g->under_way);
  g->bodies[g->sends++] = inst_value_text(inst_string(g->texts, request->body));
  bool begun = !chance(g, 8);
  inst_call_sent(g->call, begun ? NULL : &error);
  g->under_way = begun && !g->early_end;
}

/* Each note comes once an attempt, and none before those it follows from. */
static void take_note(game *g) {
  const inst_note *note = inst_call_note(g->call);
  hold(g, g->options.watched && note->kind < INST_NOTE_COUNT);
  if (note->kind == INST_NOTE_SENDING) g->told = 0;
  hold(g, (g->told >> note->kind) == 0);
  hold(g, note->kind == INST_NOTE_SENDING || (g->told & 1u << (note->kind - 1)) != 0);
  hold(g, note->kind != INST_NOTE_AGAIN || note->wait >= 0);
  g->told |= 1u << note->kind;
}

/* What was wanted is done. */
static void obey(game *g, inst_want want) {
  switch (want) {
  case INST_WANT_SEND: begin_exchange(g); break;
  case INST_WANT_BYTES:
    if (chance(g, 12))
      g->now = inst_call_wake(g->call);
    else
      report(g);
    break;
  case INST_WANT_WAIT: g->now = inst_call_wake(g->call); break;
  case INST_WANT_PARTIAL: look(g); break;
  case INST_WANT_BACKOFF: inst_call_rest(g->call, some_seconds(g)); break;
  case INST_WANT_CODE: answer_code(g, inst_call_parse(g->call)); break;
  case INST_WANT_DROP:
    inst_call_dropped(g->call);
    g->under_way = false;
    break;
  default: break;
  }
}

/* Something nobody wanted. */
static void meddle(game *g, inst_want want) {
  inst_error error = some_error(g);
  inst_parse *parse = inst_call_parse(g->call);
  switch (draw(g, 7)) {
  case 0:
    if (want != INST_WANT_SEND) inst_call_sent(g->call, chance(g, 2) ? NULL : &error);
    break;
  case 1:
    if (want != INST_WANT_DROP) inst_call_dropped(g->call);
    break;
  case 2: inst_call_rest(g->call, some_seconds(g)); break;
  case 3: inst_call_cancel(g->call); break;
  case 4:
    if (want != INST_WANT_DROP) report(g);
    break;
  case 5:
    if (parse != NULL && want != INST_WANT_NOTE) answer_code(g, parse); /* it may be over */
    break;
  default: g->now += (double)draw(g, 100); break;
  }
}

/* ---- what must hold -------------------------------------------------------------------------- */

static void check_usage(game *g) {
  inst_usage sum = {0}, told = inst_call_usage(g->call);
  for (const inst_attempt *a = inst_call_attempts(g->call); a != NULL; a = a->next) {
    sum.input_tokens += a->usage.input_tokens;
    sum.output_tokens += a->usage.output_tokens;
    sum.total_tokens += a->usage.total_tokens;
    sum.known = sum.known || a->usage.known;
  }
  hold(g, sum.input_tokens == told.input_tokens && sum.output_tokens == told.output_tokens);
  hold(g, sum.total_tokens == told.total_tokens && sum.known == told.known);
}

static void check_attempts(game *g) {
  size_t n = 0;
  for (const inst_attempt *a = inst_call_attempts(g->call); a != NULL; a = a->next, n++) {
    hold(g, n < g->sends);
    hold(g, n == 0 ? !a->reask : a->reask != inst_str_is(g->bodies[n], g->bodies[n - 1]));
    hold(g, a->seconds >= 0 && a->waited >= 0);
    hold(g, (a->code == INST_E_NONE) == (a->message.p == NULL) ||
                inst_arena_failed(inst_call_arena(g->call)));
  }
  hold(g, n == g->sends || inst_arena_failed(inst_call_arena(g->call)));
  int retries = g->options.http_retries;
  if (retries < g->options.max_retries) retries = g->options.max_retries;
  hold(g, (int)g->sends <= 1 + g->options.max_retries + retries);
}

static void check_end(game *g, inst_want want, bool may_be_nothing) {
  const inst_error *error = inst_call_error(g->call);
  hold(g, !g->under_way);
  hold(g, memchr(error->text, '\0', sizeof error->text) != NULL);
  hold(g, memchr(error->reason, '\0', sizeof error->reason) != NULL);
  if (want == INST_WANT_DONE) {
    hold(g, error->code == INST_E_NONE && !inst_arena_failed(inst_call_arena(g->call)));
    hold(g, inst_call_value(g->call) != NULL || may_be_nothing);
  } else {
    hold(g, error->code != INST_E_NONE && error->text[0] != '\0');
    hold(g, inst_call_value(g->call) == NULL);
  }
  check_usage(g);
  check_attempts(g);
}

/* ---- a game ---------------------------------------------------------------------------------- */

static double random_for_call(void *ctx) {
  return (double)draw(ctx, 1000) / 1000;
}

static void choose_options(game *g, size_t schema, const inst_value *params) {
  inst_call_options *o = &g->options;
  inst_call_defaults(o);
  o->alloc = check_alloc(&g->memory);
  o->provider = inst_provider_at(draw(g, 2));
  do o->mode = (inst_mode)draw(g, INST_MODE_COUNT);
  while ((o->provider->modes & 1u << o->mode) == 0);
  o->schema = schemas[schema];
  o->name = INST_LIT("User");
  o->api_key = INST_LIT("sk-fake-0123456789");
  o->params = params;
  o->max_retries = (int)draw(g, 4);
  o->http_retries = (int)draw(g, 4);
  o->http_backoff.host = chance(g, 4);
  o->reask_backoff.host = chance(g, 4);
  o->wall_clock = chance(g, 2) ? 784111770 : 0;
  o->random = random_for_call;
  o->random_ctx = g;
  o->watched = chance(g, 2);
  o->stream = chance(g, 2);
  o->open_strings = chance(g, 2);
  o->early_stop = chance(g, 2);
  o->unjudged = chance(g, 8);
  if (chance(g, 4)) o->deadline = (double)draw(g, 30);
  if (chance(g, 3)) o->gate = &g->gate;
  if (chance(g, 8)) o->max_answer = draw(g, 400);
  if (chance(g, 8)) o->max_depth = (unsigned)draw(g, 12);
  if (chance(g, 4)) g->memory.fail_at = 1 + draw(g, 60);
  g->memory.for_good = chance(g, 2);
}

static bool is_new_exchange(const game *g, inst_want want, inst_want before) {
  if (!g->options.watched) return want == INST_WANT_SEND && before != want;
  return want == INST_WANT_NOTE && inst_call_note(g->call)->kind == INST_NOTE_SENDING;
}

static inst_want play(game *g) {
  size_t trouble = chance(g, 4) ? 4 : chance(g, 2) ? 30 : 1000000;
  inst_want want = INST_WANT_WAIT;
  for (size_t i = 0; want != INST_WANT_DONE && want != INST_WANT_FAILED; i++) {
    hold(g, i < STEPS_MAX);
    inst_want before = want;
    want = inst_call_next(g->call, g->now);
    if (is_new_exchange(g, want, before)) g->early_end = false;
    if (want == INST_WANT_WAIT || want == INST_WANT_BYTES)
      hold(g, inst_call_wake(g->call) > g->now);
    if (want == INST_WANT_NOTE) take_note(g);
    if (want == INST_WANT_SEND && g->options.gate != NULL)
      hold(g, !g->gate.shut || g->now >= g->gate.until);
    if (chance(g, 12)) g->gate = (inst_gate){chance(g, 2), g->now + (double)draw(g, 40)};
    if (chance(g, trouble))
      meddle(g, want);
    else
      obey(g, want);
  }
  return want;
}

static void one_game(uint64_t seed, inst_arena *texts, const inst_value *params) {
  game g = {.seed = seed, .random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1, .texts = texts};
  inst_error error = {.code = INST_E_NONE};
  size_t schema = draw(&g, SCHEMAS);
  choose_options(&g, schema, params);
  g.now = (double)draw(&g, 1000) - 500;
  g.call = inst_call_new(&g.options, &error);
  if (g.call == NULL) {
    if (error.code != INST_E_MEMORY)
      fail_msg("seed %llu: %s", (unsigned long long)seed, error.text);
  } else {
    inst_want want = play(&g);
    check_end(&g, want, may_be_absent[schema]);
    g.memory.fail_at = 0; /* what is misused now asks for memory of its own */
    for (int i = 0; i < 5; i++) meddle(&g, INST_WANT_SEND); /* what is over stays so */
    hold(&g, inst_call_next(g.call, g.now) == want);
    g.under_way = false;
    check_end(&g, want, may_be_absent[schema]);
    inst_call_free(g.call);
  }
  if (g.memory.blocks != 0) fail_msg("seed %llu leaks", (unsigned long long)seed);
}

static uint64_t only; /* this seed alone, or 0 */

static void a_call_ends_well_whatever_happens(void **state) {
  (void)state;
  make_schemas();
  for (uint64_t seed = 1; seed <= GAMES; seed++) {
    if (only != 0 && seed != only) continue;
    inst_arena *texts = inst_arena_new((inst_alloc){NULL, NULL});
    inst_error error = {.code = INST_E_NONE};
    const inst_value *params =
        inst_json_parse(texts, INST_LIT("{\"model\":\"m\",\"messages\":\"hello\"}"), 8, &error);
    one_game(seed, texts, params);
    inst_arena_free(texts);
  }
  for (size_t i = 0; i < SCHEMAS; i++) inst_schema_free(schemas[i]);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_call_ends_well_whatever_happens)};
  if (argc > 1) only = strtoull(argv[1], NULL, 10);
  return cmocka_run_group_tests_name("call_random", tests, NULL, NULL);
}
