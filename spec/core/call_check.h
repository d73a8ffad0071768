/*
** A stage for one call: it plays the transport, the server, the clock and the host, from a script.
** In: the answers a server gives, one after the other.  Out: what was asked, when, and how it ended.
** Rule: no socket and no real time; a second passes when the stage says so.
*/
#ifndef SPEC_CORE_CALL_CHECK_H
#define SPEC_CORE_CALL_CHECK_H

#include "spec/core/check.h"

#include "core/base/error.h"

#define FAKE_KEY "sk-fake-0123456789abcdef"

enum { ASKED_MAX = 16 };

/* One answer of the server's. */
typedef struct step {
  int status; /* 0: no head comes */
  inst_header headers[3];
  inst_str body;
  bool stalls;      /* nothing comes after the body, not even an end */
  inst_code broken; /* the exchange ends with this fault, if it is one */
  bool unsent;      /* it cannot even begin: 'broken' is told instead of "sent" */
} step;

typedef struct stage {
  check_memory memory; /* the call's and the schema's */
  inst_arena *texts;   /* of the script */
  inst_schema *schema;
  inst_call_options options;
  inst_error error; /* why there is no call */
  inst_call *call;
  double now;
  const step *steps; /* the script */
  size_t count, asked;
  inst_str sent[ASKED_MAX]; /* bodies, in the order of asking */
  double sent_at[ASKED_MAX];
  size_t dropped;
} stage;

/* ---- schemas --------------------------------------------------------------------------------- */

/* {name = string, age = number}, called User. */
static inline inst_node user_node(inst_schema *schema) {
  inst_node user = inst_schema_node(schema, INST_NODE_OBJECT);
  inst_schema_field(schema, user, INST_LIT("name"), inst_schema_node(schema, INST_NODE_STRING));
  inst_schema_field(schema, user, INST_LIT("age"), inst_schema_node(schema, INST_NODE_NUMBER));
  return user;
}

static inline inst_schema *finish_schema(inst_schema *schema, inst_node root) {
  inst_error error = {.code = INST_E_NONE};
  if (inst_schema_finish(schema, root, &error) != 0) fail_msg("finish: %s", error.text);
  return schema;
}

/* ---- what the server says -------------------------------------------------------------------- */

static inline inst_str text_of(stage *s, const char *format, ...) INST_PRINTF(2, 3);
static inline inst_str text_of(stage *s, const char *format, ...) {
  char buffer[4096];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  assert_true(n >= 0 && n < (int)sizeof buffer);
  return inst_value_text(inst_string(s->texts, (inst_str){buffer, (size_t)n}));
}

/* 'text' as a JSON string. */
static inline const char *quoted(stage *s, const char *text) {
  return inst_json_text(s->texts, inst_string(s->texts, inst_str_of(text))).p;
}

static inline step plain_step(int status, inst_str body) {
  return (step){.status = status, .body = body};
}

/* A completion whose one choice is 'message', which cost 10 tokens in and 5 out. */
static inline step completion(stage *s, const char *message, const char *finish) {
  return plain_step(200, text_of(s,
                                 "{\"id\":\"c1\",\"model\":\"fake-1\",\"choices\":[{\"index\":0,"
                                 "\"message\":%s,\"finish_reason\":\"%s\"}],\"usage\":{"
                                 "\"prompt_tokens\":10,\"completion_tokens\":5,"
                                 "\"total_tokens\":15}}",
                                 message, finish));
}

static inline step says(stage *s, const char *content) {
  return completion(s, text_of(s, "{\"role\":\"assistant\",\"content\":%s}", quoted(s, content)).p,
                    "stop");
}

static inline step calls_tool(stage *s, const char *arguments) {
  return completion(s,
                    text_of(s,
                            "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{"
                            "\"id\":\"call_1\",\"type\":\"function\",\"function\":{"
                            "\"name\":\"User\",\"arguments\":%s}}]}",
                            quoted(s, arguments))
                        .p,
                    "stop");
}

static inline step calls_function(stage *s, const char *arguments) {
  return completion(s,
                    text_of(s,
                            "{\"role\":\"assistant\",\"content\":null,\"function_call\":{"
                            "\"name\":\"User\",\"arguments\":%s}}",
                            quoted(s, arguments))
                        .p,
                    "stop");
}

static inline step with_header(step one, const char *name, const char *value) {
  size_t i = 0;
  while (one.headers[i].name.p != NULL) i++;
  one.headers[i] = (inst_header){inst_str_of(name), inst_str_of(value)};
  return one;
}

/* ---- the stage ------------------------------------------------------------------------------- */

static inline double no_jitter(void *ctx) {
  (void)ctx;
  return 0;
}

static inline inst_value *user_params(inst_arena *arena) {
  inst_error error = {.code = INST_E_NONE};
  return inst_json_parse(arena,
                         INST_LIT("{\"model\":\"fake-1\",\"messages\":[{\"role\":\"user\","
                                  "\"content\":\"Jason Liu is 30 years old\"}]}"),
                         16, &error);
}

/* A stage with everything but a call: options may still be changed. */
static inline stage *set_stage(void) {
  stage *s = calloc(1, sizeof *s);
  assert_non_null(s);
  s->texts = inst_arena_new((inst_alloc){NULL, NULL});
  s->schema = inst_schema_new(check_alloc(&s->memory));
  finish_schema(s->schema, user_node(s->schema));
  inst_call_defaults(&s->options);
  s->options.alloc = check_alloc(&s->memory);
  s->options.provider = inst_provider_find(INST_LIT("openai"));
  s->options.mode = INST_MODE_TOOLS;
  s->options.schema = s->schema;
  s->options.name = INST_LIT("User");
  s->options.api_key = INST_LIT(FAKE_KEY);
  s->options.params = user_params(s->texts);
  s->options.random = no_jitter;
  s->now = 1000;
  return s;
}

/* Another schema in the place of User. */
static inline void use_schema(stage *s, inst_schema *schema) {
  inst_schema_free(s->schema);
  s->options.schema = s->schema = schema;
}

static inline void begin(stage *s, const step *steps, size_t count) {
  s->steps = steps;
  s->count = count;
  s->call = inst_call_new(&s->options, &s->error);
  if (s->call == NULL) fail_msg("no call: %s", s->error.text);
}

#define begin_script(s, ...)                                                                       \
  begin((s), (step[]){__VA_ARGS__}, sizeof((step[]){__VA_ARGS__}) / sizeof(step))

static inline void play_step(stage *s, const step *one) {
  inst_sink sink = inst_call_sink(s->call);
  if (one->status != 0) sink.head(sink.ctx, one->status);
  for (size_t i = 0; i < CHECK_COUNT(one->headers) && one->headers[i].name.p != NULL; i++)
    sink.header(sink.ctx, one->headers[i].name, one->headers[i].value);
  if (one->body.n > 0) sink.body(sink.ctx, one->body);
  inst_error fault = {.code = one->broken, .retryable = true, .text = "the connection broke"};
  if (!one->stalls) sink.end(sink.ctx, one->broken != INST_E_NONE ? &fault : NULL);
}

static inline void play_send(stage *s) {
  const inst_request *request = inst_call_request(s->call);
  if (s->asked == s->count) fail_msg("request %zu is one too many", s->asked + 1);
  const step *one = &s->steps[s->asked];
  s->sent[s->asked] = inst_value_text(inst_string(s->texts, request->body));
  s->sent_at[s->asked++] = s->now;
  inst_error fault = {.code = one->broken, .retryable = true, .text = "no connection"};
  inst_call_sent(s->call, one->unsent ? &fault : NULL);
  if (!one->unsent) play_step(s, one);
}

/* Plays on until the call is over or wants the host, or 'stop' is wanted (which is then not done). */
static inline inst_want play_until(stage *s, inst_want stop) {
  for (int i = 0; i < 1000; i++) {
    inst_want want = inst_call_next(s->call, s->now);
    if (want == stop) return want;
    switch (want) {
    case INST_WANT_SEND: play_send(s); break;
    case INST_WANT_BYTES:
    case INST_WANT_WAIT: s->now = inst_call_wake(s->call); break;
    case INST_WANT_DROP:
      s->dropped++;
      inst_call_dropped(s->call);
      break;
    default: return want;
    }
  }
  fail_msg("the call never ends");
  return INST_WANT_COUNT;
}

static inline inst_want play(stage *s) {
  return play_until(s, INST_WANT_COUNT);
}

/* The call is gone, and so is every byte of it; the stage may begin another. */
static inline void end_call(stage *s) {
  inst_call_free(s->call);
  s->call = NULL;
  s->asked = s->dropped = 0;
}

static inline void clear_stage(stage *s) {
  end_call(s);
  inst_schema_free(s->schema);
  check_no_leaks(&s->memory);
  inst_arena_free(s->texts);
  free(s);
}

/* ---- looking --------------------------------------------------------------------------------- */

static inline void check_done_at(stage *s, const char *json, int line) {
  inst_want want = play(s);
  if (want != INST_WANT_DONE)
    fail_msg("line %d: %s: %s", line, inst_want_name(want), inst_call_error(s->call)->text);
  check_json_at(inst_call_value(s->call), json, __FILE__, line);
  assert_int_equal(inst_call_error(s->call)->code, INST_E_NONE);
}

static inline void check_failed_at(stage *s, inst_code code, int line) {
  inst_want want = play(s);
  const inst_error *error = inst_call_error(s->call);
  if (want != INST_WANT_FAILED || error->code != code)
    fail_msg("line %d: %s, %s: %s", line, inst_want_name(want), inst_code_name(error->code),
             error->text);
  assert_string_not_equal(error->text, "");
  assert_null(inst_call_value(s->call));
}

#define assert_done(s, json) check_done_at((s), (json), __LINE__)
#define assert_failed(s, code) check_failed_at((s), (code), __LINE__)

/* The request 'i' (from 0), read back. */
static inline inst_value *request_value(stage *s, size_t i) {
  inst_error error = {.code = INST_E_NONE};
  assert_true(i < s->asked);
  inst_value *v = inst_json_parse(s->texts, s->sent[i], 64, &error);
  assert_non_null(v);
  return v;
}

static inline inst_value *at(const inst_value *list, size_t i) {
  inst_value *v = inst_value_first(list);
  while (v != NULL && i-- > 0) v = inst_value_next(v);
  return v;
}

/* The message 'i' of the request 'asked'. */
static inline inst_value *message_at(stage *s, size_t asked, size_t i) {
  return at(inst_find(request_value(s, asked), "messages"), i);
}

static inline size_t message_count(stage *s, size_t asked) {
  return inst_value_count(inst_find(request_value(s, asked), "messages"));
}

static inline bool holds(inst_str text, const char *part) {
  size_t n = strlen(part);
  for (size_t i = 0; i + n <= text.n; i++)
    if (memcmp(text.p + i, part, n) == 0) return true;
  return false;
}

#define assert_holds(text, part)                                                                   \
  do {                                                                                             \
    if (!holds((text), (part))) fail_msg("'%s' is not in: %.*s", (part), (int)(text).n, (text).p); \
  } while (0)

static inline const inst_attempt *attempt_at(stage *s, size_t i) {
  const inst_attempt *attempt = inst_call_attempts(s->call);
  while (attempt != NULL && i-- > 0) attempt = attempt->next;
  assert_non_null(attempt);
  return attempt;
}

static inline size_t attempt_count(stage *s) {
  size_t n = 0;
  for (const inst_attempt *a = inst_call_attempts(s->call); a != NULL; a = a->next) n++;
  return n;
}

#endif
