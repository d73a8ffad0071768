/*
** The first sweep: whole creates over recorded answers, from building the schema to freeing the call,
** with every request for memory refused in turn.  Each time the failure is MEMORY and nothing leaks;
** a call that is done has lost nothing on the way.
*/
#include "spec/core/check.h"

#include "core/call/call.h"

/* A create: how it asks, and what it is answered. */
typedef struct recording {
  inst_mode mode;
  const char *provider;
  bool list;  /* the root is a list */
  bool plain; /* no schema: the call is passed through */
  bool picky; /* the host's code finds fault with the first value that fits */
  const char *answers[6];
  int statuses[6];
  inst_want end;
  bool streams; /* the answers are asked for piece by piece */
} recording;

#define USAGE ",\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}"
#define TOOL(arguments)                                                                            \
  "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"   \
  "\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"Order\",\"arguments\":\"" arguments   \
  "\"}}]},\"finish_reason\":\"stop\"}]" USAGE
#define FUNCTION(arguments)                                                                        \
  "{\"choices\":[{\"message\":{\"function_call\":{\"name\":\"Order\",\"arguments\":\"" arguments   \
  "\"}}}]" USAGE
#define TEXT(content) "{\"choices\":[{\"message\":{\"content\":\"" content "\"}}]" USAGE
#define BUSY "{\"error\":{\"message\":\"The server is busy\",\"code\":\"overloaded\"}}"
#define WRONG "{\\\"id\\\":\\\"7\\\",\\\"lines\\\":[1,{\\\"n\\\":0.5}],\\\"note\\\":null}"
#define RIGHT "{\\\"id\\\":\\\"A-7\\\",\\\"lines\\\":[{\\\"n\\\":2}]}"
#define STRICT                                                                                     \
  "{\\\"id\\\":\\\"A-7\\\",\\\"lines\\\":[{\\\"n\\\":2}],\\\"note\\\":null,\\\"size\\\":null}"
#define STRICT_LIST "{\\\"value\\\":[" STRICT "]}"
#define PARTS                                                                                      \
  "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"text\":"       \
  "\"hm\"}]},"                                                                                     \
  "{\"type\":\"text\",\"text\":\"" RIGHT "\"}]}}]" USAGE

#define DELTA(delta, finish)                                                                       \
  "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" delta                 \
  ",\"finish_reason\":" finish "}]}\n\n"
#define PIECE(text)                                                                                \
  DELTA("{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"function\":{\"name\":\"Order\","        \
        "\"arguments\":\"" text "\"}}]}",                                                          \
        "null")
#define FINISH DELTA("{}", "\"stop\"") "data: {\"choices\":[]" USAGE "\n\ndata: [DONE]\n\n"

static const recording recordings[] = {
    {INST_MODE_TOOLS,
     "openai",
     false,
     false,
     true,
     {"data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n",
      PIECE("{\\\"id\\\":\\\"7\\\",\\\"lines\\\":[{") PIECE("\\\"n\\\":0.5}],\\\"note") FINISH,
      PIECE("{\\\"id\\\":\\\"A-") PIECE("7\\\",\\\"lines\\\":[{\\\"n\\\":2}]}") FINISH,
      PIECE(RIGHT) FINISH},
     {200, 200, 200, 200},
     INST_WANT_DONE,
     true},
    {INST_MODE_MD_JSON,
     "openai",
     true,
     false,
     false,
     {DELTA("{\"content\":\"<think>hm</think>``\"}", "null")
          DELTA("{\"content\":\"`json\\n[" RIGHT "]\\n```\"}", "null") FINISH},
     {200},
     INST_WANT_DONE,
     true},
    {INST_MODE_TOOLS,
     "openai",
     false,
     true,
     false,
     {DELTA("{\"content\":\"he\"}", "null") DELTA("{\"content\":\"llo\"}", "null") FINISH},
     {200},
     INST_WANT_DONE,
     true},
    {INST_MODE_TOOLS,
     "openai",
     false,
     false,
     true,
     {BUSY, "<html>busy</html>", TOOL(WRONG), TEXT("no JSON"), TOOL(RIGHT), TOOL(RIGHT)},
     {503, 502, 200, 200, 200, 200},
     INST_WANT_DONE,
     false},
    {INST_MODE_FUNCTIONS,
     "anyscale",
     true,
     false,
     false,
     {FUNCTION("{\\\"value\\\":[" WRONG "]}"), FUNCTION("{\\\"value\\\":[" RIGHT "]}")},
     {200, 200},
     INST_WANT_DONE,
     false},
    {INST_MODE_JSON_SCHEMA,
     "openai",
     false,
     false,
     false,
     {TEXT("{\\\"id\\\":"), TEXT(STRICT)},
     {200, 200},
     INST_WANT_DONE,
     false},
    {INST_MODE_JSON_SCHEMA,
     "anyscale",
     false,
     false,
     false,
     {TEXT(RIGHT)},
     {200},
     INST_WANT_DONE,
     false},
    {INST_MODE_THINKING_MD_JSON,
     "openai",
     false,
     false,
     false,
     {TEXT("<think>Hm.</think>```json\\n{\\\"id\\\":\\n```"), TEXT("```json\\n" RIGHT "\\n```")},
     {200, 200},
     INST_WANT_DONE,
     false},
    {INST_MODE_TOOLS, "openai", false, true, false, {TEXT("hello")}, {200}, INST_WANT_DONE, false},
    {INST_MODE_TOOLS, "openai", false, false, false, {BUSY}, {401}, INST_WANT_FAILED, false},
    {INST_MODE_TOOLS, "openai", false, false, false, {BUSY}, {200}, INST_WANT_FAILED, false},
    {INST_MODE_TOOLS,
     "openrouter",
     false,
     false,
     false,
     {"{\"detail\":[{\"loc\":[\"body\",\"n\"],\"msg\":\"once\"},{\"msg\":\"more\"}]}",
      "{\"error\":{\"message\":\"refused\",\"failed_generation\":\"{\\\"id\\\"\"}}",
      "{\"choices\":[{\"finish_reason\":\"error\",\"error\":{\"code\":502,\"message\":\"m\"}}]}",
      PARTS},
     {503, 400, 200, 200},
     INST_WANT_DONE,
     false},
    {INST_MODE_JSON_SCHEMA,
     "compatible",
     true,
     false,
     false,
     {TEXT(STRICT_LIST)},
     {200},
     INST_WANT_DONE,
     false},
    {INST_MODE_JSON_SCHEMA,
     "perplexity",
     false,
     false,
     false,
     {TEXT(RIGHT)},
     {200},
     INST_WANT_DONE,
     false},
    {INST_MODE_TOOLS,
     "openai",
     false,
     false,
     false,
     {"{\"choices\":[{\"message\":{\"refusal\":\"I cannot do that\"}}]" USAGE},
     {200},
     INST_WANT_FAILED,
     false},
};

/* ---- the schema ------------------------------------------------------------------------------ */

static inst_node around(inst_schema *schema, inst_node_kind kind, inst_node inner) {
  inst_node outer = inst_schema_node(schema, kind);
  inst_schema_inner(schema, outer, inner);
  return outer;
}

static inst_node order_node(inst_schema *schema, inst_value *size) {
  inst_node order = inst_schema_node(schema, INST_NODE_OBJECT);
  inst_node id = inst_schema_node(schema, INST_NODE_STRING);
  inst_node line = inst_schema_node(schema, INST_NODE_OBJECT);
  inst_node n = inst_schema_node(schema, INST_NODE_NUMBER);
  inst_node note = around(schema, INST_NODE_OPTIONAL, id);
  inst_node sized = around(schema, INST_NODE_DEFAULT, n);
  inst_segment path = {INST_LIT("id"), 0};
  inst_check regex = {.kind = INST_CHECK_REGEX, .text = INST_LIT("^[A-Z]-\\d+$")};
  inst_check whole = {.kind = INST_CHECK_INT};
  inst_check judge = {.kind = INST_CHECK_REFINE, .code = 1, .path = &path, .path_count = 1};
  inst_schema_check(schema, id, &regex);
  inst_schema_check(schema, n, &whole);
  inst_schema_check(schema, order, &judge);
  inst_schema_value(schema, sized, size);
  inst_schema_meta(schema, order, INST_LIT("description"), size);
  inst_schema_message(schema, line, INST_LIT("a line, please"), 0);
  inst_schema_field(schema, line, INST_LIT("n"), n);
  inst_schema_field(schema, order, INST_LIT("id"), id);
  inst_schema_field(schema, order, INST_LIT("lines"), around(schema, INST_NODE_ARRAY, line));
  inst_schema_field(schema, order, INST_LIT("note"), note);
  inst_schema_field(schema, order, INST_LIT("size"), sized);
  inst_schema_unknown_keys(schema, order, INST_KEYS_STRICT);
  return order;
}

/* NULL: memory ran out, and that was said. */
static inst_schema *make_schema(inst_alloc alloc, bool list, inst_value *size) {
  inst_error error = {.code = INST_E_NONE};
  inst_schema *schema = inst_schema_new(alloc);
  if (schema == NULL) return NULL;
  inst_node root = order_node(schema, size);
  if (list) root = around(schema, INST_NODE_ARRAY, root);
  if (inst_schema_finish(schema, root, &error) == 0) return schema;
  if (error.code != INST_E_MEMORY) fail_msg("%s", error.text);
  inst_schema_free(schema);
  return NULL;
}

/* ---- playing --------------------------------------------------------------------------------- */

static void answer(inst_call *call, const recording *r, size_t i) {
  inst_sink sink = inst_call_sink(call);
  inst_str body = inst_str_of(r->answers[i]);
  inst_call_sent(call, NULL);
  sink.head(sink.ctx, r->statuses[i]);
  sink.header(sink.ctx, INST_LIT("x-request-id"), INST_LIT("req-1"));
  for (size_t at = 0; at < body.n; at += 100)
    if (sink.body(sink.ctx, (inst_str){body.p + at, body.n - at < 100 ? body.n - at : 100}) != 0)
      break;
  sink.end(sink.ctx, NULL);
}

/* Takes all that a stream shows. */
static void look(inst_call *call) {
  inst_stream *live = inst_call_live(call);
  inst_change change;
  size_t count;
  if (live != NULL) inst_stream_path(live, &count);
  while (live != NULL && inst_stream_next(live, &change)) assert_non_null(change.value);
  while (live == NULL && inst_call_event(call).p != NULL) {
  }
}

static void run_code(inst_call *call, bool finds_fault) {
  inst_parse *parse = inst_call_parse(call);
  if (finds_fault) inst_parse_object(parse, INST_LIT("noted by code"), NULL, 0, false);
  inst_parse_answer(parse, inst_bool(inst_call_arena(call), !finds_fault));
}

static inst_want play(inst_call *call, const recording *r) {
  size_t asked = 0, judged = 0;
  double now = 0;
  for (;;) {
    inst_want want = inst_call_next(call, now);
    switch (want) {
    case INST_WANT_SEND:
      assert_true(asked < CHECK_COUNT(r->answers) && r->answers[asked] != NULL);
      answer(call, r, asked++);
      break;
    case INST_WANT_CODE: run_code(call, r->picky && judged++ == 0); break;
    case INST_WANT_PARTIAL: look(call); break;
    case INST_WANT_DROP: inst_call_dropped(call); break;
    case INST_WANT_NOTE: break;
    case INST_WANT_DONE:
    case INST_WANT_FAILED: return want;
    default: now = inst_call_wake(call); break;
    }
  }
}

static bool judge_end(inst_call *call, const recording *r, inst_want want) {
  const inst_error *error = inst_call_error(call);
  if (want == INST_WANT_FAILED && error->code == INST_E_MEMORY) {
    assert_string_not_equal(error->text, "");
    return false;
  }
  if (want != r->end) fail_msg("%s: %s", inst_want_name(want), error->text);
  return true;
}

static bool create(inst_alloc alloc, void *ctx) {
  const recording *r = ctx;
  const check_memory *memory = alloc.ctx;
  inst_error error = {.code = INST_E_NONE};
  inst_arena *texts = inst_arena_new((inst_alloc){NULL, NULL});
  inst_schema *schema = make_schema(alloc, r->list, inst_int(texts, 3));
  inst_call_options options;
  inst_call_defaults(&options);
  options.alloc = alloc;
  options.provider = inst_provider_find(inst_str_of(r->provider));
  options.mode = r->mode;
  options.schema = r->plain ? NULL : schema;
  options.name = INST_LIT("Order");
  options.api_key = INST_LIT("sk-fake-0123456789");
  options.base_url = INST_LIT("https://any.example/v1");
  options.max_retries = 5;
  options.watched = !r->list;
  options.stream = options.early_stop = options.open_strings = r->streams;
  options.params =
      inst_json_parse(texts, INST_LIT("{\"model\":\"m\",\"messages\":\"an order\"}"), 9, &error);
  inst_call *call = schema != NULL ? inst_call_new(&options, &error) : NULL;
  if (schema != NULL && call == NULL) assert_int_equal(error.code, INST_E_MEMORY);
  bool done = call != NULL && judge_end(call, r, play(call, r));
  if (done && memory->fail_at != 0) assert_true(memory->requests < memory->fail_at);
  inst_call_free(call);
  inst_schema_free(schema);
  inst_arena_free(texts);
  return done;
}

static void a_create_that_loses_memory_fails_cleanly_wherever_it_is(void **state) {
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(recordings); i++) {
    recording r = recordings[i];
    assert_true(check_every_failure(create, &r) > 10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_create_that_loses_memory_fails_cleanly_wherever_it_is),
  };
  return cmocka_run_group_tests_name("memory_sweep", tests, NULL, NULL);
}
