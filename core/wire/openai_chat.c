/*
** OpenAI's chat completions, spoken by most others too.
** In: an ask, an envelope.  Out: a body, an answer, the turns of a re-ask.
** What each mode adds to a request stands in its write_… function, one a mode.
*/
#include "core/wire/openai_chat.h"

#include "core/base/error.h"

static inst_value *text(inst_arena *arena, inst_str s) {
  return inst_string(arena, s);
}

static inst_value *literal(inst_arena *arena, const char *s) {
  return inst_string(arena, inst_str_of(s));
}

static void put(inst_arena *arena, inst_value *object, const char *key, inst_value *value) {
  if (object != NULL) inst_put(arena, object, inst_str_of(key), value);
}

static void set(inst_arena *arena, inst_value *object, const char *key, inst_value *value) {
  if (object != NULL && value != NULL) inst_replace(arena, object, inst_str_of(key), value);
}

static inst_value *message(inst_arena *arena, const char *role, inst_value *content) {
  inst_value *out = inst_object(arena);
  put(arena, out, "role", literal(arena, role));
  put(arena, out, "content", content);
  return out;
}

static inst_value *named(inst_arena *arena, inst_str name) {
  inst_value *out = inst_object(arena);
  put(arena, out, "name", text(arena, name));
  return out;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void push_all(inst_arena *arena, inst_value *array, const inst_value *from) {
  if (from == NULL || inst_value_kind_of(from) != INST_ARRAY) return;
  for (const inst_value *v = inst_value_first(from); v != NULL; v = inst_value_next(v))
    inst_push(array, inst_value_alias(arena, v));
}

/* The conversation: our system message, the user's messages (one text is one user's turn), ours. */
static void write_messages(const inst_ask *ask, inst_str system, const inst_value *turns,
                           inst_value *body, inst_arena *arena) {
  const inst_value *given = inst_find(ask->params, "messages");
  if (given == NULL && system.p == NULL && inst_value_count(turns) == 0) return;
  if (given != NULL && !inst_ask_is_conversation(given)) return; /* for the provider to judge */
  inst_value *list = inst_array(arena);
  if (system.p != NULL) inst_push(list, message(arena, "system", text(arena, system)));
  if (given != NULL && inst_value_kind_of(given) == INST_STRING)
    inst_push(list, message(arena, "user", inst_value_alias(arena, given)));
  push_all(arena, list, given);
  push_all(arena, list, turns);
  set(arena, body, "messages", list);
}

/* {name, description, parameters}, as tools and functions both have it. */
static inst_value *definition(const inst_ask *ask, inst_arena *arena) {
  inst_value *out = named(arena, ask->name);
  put(arena, out, "description", text(arena, ask->description));
  put(arena, out, "parameters", inst_value_alias(arena, ask->schema));
  return out;
}

static inst_value *of_type_function(inst_arena *arena, inst_value *function) {
  inst_value *out = inst_object(arena);
  put(arena, out, "type", literal(arena, "function"));
  put(arena, out, "function", function);
  return out;
}

/* Our tool stands first, the user's own follow as they are. */
static void write_tools(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  inst_value *tools = inst_array(arena);
  if (tools == NULL) return;
  inst_push(tools, of_type_function(arena, definition(ask, arena)));
  push_all(arena, tools, inst_find(ask->params, "tools"));
  set(arena, body, "tools", tools);
  set(arena, body, "tool_choice", of_type_function(arena, named(arena, ask->name)));
}

/* The user's functions stand first, ours is last. */
static void write_functions(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  inst_value *functions = inst_array(arena);
  if (functions == NULL) return;
  push_all(arena, functions, inst_find(ask->params, "functions"));
  inst_push(functions, definition(ask, arena));
  set(arena, body, "functions", functions);
  set(arena, body, "function_call", named(arena, ask->name));
}

/* {type = "json_object", schema = …}, as Anyscale reads it. */
static inst_value *json_object_envelope(const inst_ask *ask, inst_arena *arena) {
  inst_value *format = inst_object(arena);
  put(arena, format, "type", literal(arena, "json_object"));
  put(arena, format, "schema", inst_value_alias(arena, ask->schema));
  return format;
}

/* {type = "json_schema", json_schema = {name, schema, strict}}, as OpenAI reads it. */
static inst_value *json_schema_envelope(const inst_ask *ask, inst_arena *arena) {
  inst_value *format = inst_object(arena), *inner = named(arena, ask->name);
  if (ask->description.n > 0) put(arena, inner, "description", text(arena, ask->description));
  put(arena, inner, "schema", inst_value_alias(arena, ask->schema));
  put(arena, inner, "strict", inst_bool(arena, true));
  put(arena, format, "type", literal(arena, "json_schema"));
  put(arena, format, "json_schema", inner);
  return format;
}

static void write_json_schema(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  bool object = ask->provider->envelope == INST_ENVELOPE_JSON_OBJECT;
  set(arena, body, "response_format",
      object ? json_object_envelope(ask, arena) : json_schema_envelope(ask, arena));
}

static void write_json(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  (void)ask;
  inst_value *format = inst_object(arena);
  put(arena, format, "type", literal(arena, "json_object"));
  set(arena, body, "response_format", format);
}

/* What the prompt asks for is all there is. */
static void write_nothing(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  (void)ask, (void)body, (void)arena;
}

static void (*const write_mode[INST_MODE_COUNT])(const inst_ask *, inst_value *, inst_arena *) = {
    [INST_MODE_TOOLS] = write_tools,
    [INST_MODE_FUNCTIONS] = write_functions,
    [INST_MODE_JSON_SCHEMA] = write_json_schema,
    [INST_MODE_JSON] = write_json,
    [INST_MODE_MD_JSON] = write_nothing,
    [INST_MODE_THINKING_MD_JSON] = write_nothing,
};

static inst_value *write_body(const inst_ask *ask, const inst_value *turns, inst_arena *arena) {
  inst_value *body = inst_value_copy(arena, ask->params);
  inst_str system = {NULL, 0};
  if (body == NULL) return NULL;
  if (ask->schema != NULL) system = inst_ask_prompt(ask, arena);
  write_messages(ask, system, turns, body, arena);
  if (ask->schema != NULL) {
    write_mode[ask->mode](ask, body, arena);
    set(arena, body, "stream", inst_bool(arena, false));
  }
  return inst_arena_failed(arena) ? NULL : body;
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* The error's words and code, in the shapes this dialect's speakers use: {error = {message, code,
** type}}, {error = "text"}, or the members at the top. */
static void read_error(const inst_value *body, inst_str *words, inst_str *code) {
  const inst_value *error = inst_find(body, "error");
  bool plain = error != NULL && inst_value_kind_of(error) == INST_STRING;
  *words = plain ? inst_value_text(error) : inst_find_text(error, "message");
  if (words->p == NULL) *words = inst_find_text(body, "message");
  *code = inst_find_text(error, "code");
  if (code->p == NULL) *code = inst_find_text(body, "code");
  if (code->p == NULL) *code = inst_find_text(error, "type");
}

/* ---- reading --------------------------------------------------------------------------------- */

#define COUNT_MAX (INT64_C(1) << 53) /* tokens; more is nonsense, and sums must not overflow */

/* A count of tokens; 0 where there is none. */
static int64_t count(const inst_value *object, const char *key) {
  int64_t n = inst_value_int(inst_find(object, key));
  return n < 0 ? 0 : n > COUNT_MAX ? COUNT_MAX : n;
}

static void read_usage(const inst_value *envelope, inst_usage *usage) {
  const inst_value *u = inst_find(envelope, "usage");
  if (u == NULL || inst_value_kind_of(u) != INST_OBJECT) return;
  const inst_value *in = inst_find(u, "prompt_tokens_details");
  const inst_value *out = inst_find(u, "completion_tokens_details");
  *usage = (inst_usage){.input_tokens = count(u, "prompt_tokens"),
                        .output_tokens = count(u, "completion_tokens"),
                        .total_tokens = count(u, "total_tokens"),
                        .cached_tokens = count(in, "cached_tokens"),
                        .cache_write_tokens = count(in, "cache_write_tokens"),
                        .reasoning_tokens = count(out, "reasoning_tokens"),
                        .known = true};
  if (inst_find(u, "total_tokens") == NULL)
    usage->total_tokens = usage->input_tokens + usage->output_tokens;
}

/* Arguments are a JSON text; some servers send the value itself. */
static bool take_arguments(const inst_value *function, inst_answer *answer) {
  const inst_value *arguments = inst_find(function, "arguments");
  if (arguments == NULL || inst_value_kind_of(arguments) == INST_NULL) return false;
  if (inst_value_kind_of(arguments) == INST_STRING)
    answer->text = inst_value_text(arguments);
  else
    answer->value = arguments;
  return answer->value != NULL || inst_str_trim(answer->text).n > 0;
}

static bool is_called(const inst_value *function, inst_str name) {
  return inst_str_is(inst_find_text(function, "name"), name);
}

/* The call of our tool, by name; never just the first. */
static bool take_call(const inst_ask *ask, const inst_value *turn, inst_answer *answer) {
  const inst_value *calls = inst_find(turn, "tool_calls");
  bool list = calls != NULL && inst_value_kind_of(calls) == INST_ARRAY;
  for (const inst_value *c = list ? inst_value_first(calls) : NULL; c != NULL;
       c = inst_value_next(c)) {
    const inst_value *function = inst_find(c, "function");
    if (is_called(function, ask->name) && take_arguments(function, answer)) return true;
  }
  const inst_value *function = inst_find(turn, "function_call");
  return is_called(function, ask->name) && take_arguments(function, answer);
}

/* Text content, whether it is one text or a list of parts. */
static inst_str content_text(const inst_value *turn, inst_arena *arena) {
  const inst_value *content = inst_find(turn, "content");
  if (content == NULL) return (inst_str){NULL, 0};
  if (inst_value_kind_of(content) == INST_STRING) return inst_value_text(content);
  if (inst_value_kind_of(content) != INST_ARRAY) return (inst_str){NULL, 0};
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  for (const inst_value *part = inst_value_first(content); part; part = inst_value_next(part))
    if (inst_str_is(inst_find_text(part, "type"), INST_LIT("text")))
      inst_buf_add(&buf, inst_find_text(part, "text"));
  return inst_buf_take(&buf, arena);
}

static void no_answer(inst_answer *answer, inst_code code, const char *why) {
  inst_error_clear(&answer->error);
  inst_error_set(&answer->error, code, "%s", why);
  answer->code = code;
}

/* How the answer ended, where that alone decides.  The spellings of all who speak this dialect. */
static bool read_finish(inst_str finish, inst_answer *answer) {
  if (inst_str_is(finish, INST_LIT("length")) || inst_str_is(finish, INST_LIT("model_length")))
    no_answer(answer, INST_E_INCOMPLETE,
              "the answer was cut off at the token limit (raise max_tokens)");
  else if (inst_str_is(finish, INST_LIT("content_filter")))
    no_answer(answer, INST_E_CONTENT_FILTER, "a content filter stopped the answer");
  else
    return false;
  if (answer->code == INST_E_INCOMPLETE) memcpy(answer->error.reason, "length", sizeof "length");
  return true;
}

static void read_refusal(const inst_ask *ask, inst_str words, inst_answer *answer,
                         inst_arena *arena) {
  no_answer(answer, INST_E_REFUSAL, "the model refused");
  inst_quote_add(&answer->error, words, ask->secrets, arena);
}

static void read_choice(const inst_ask *ask, const inst_value *choice, inst_answer *answer,
                        inst_arena *arena) {
  const inst_value *turn = inst_find(choice, "message");
  inst_str refusal = inst_find_text(turn, "refusal");
  answer->message = turn;
  answer->reasoning = inst_find_text(turn, "reasoning_content");
  if (answer->reasoning.p == NULL) answer->reasoning = inst_find_text(turn, "reasoning");
  bool called = take_call(ask, turn, answer);
  if (!called) answer->text = content_text(turn, arena);
  if (read_finish(inst_find_text(choice, "finish_reason"), answer)) return;
  if (refusal.n > 0)
    read_refusal(ask, refusal, answer, arena);
  else if (!called && inst_str_trim(answer->text).n == 0)
    no_answer(answer, INST_E_NO_ANSWER, "the model gave neither a call nor a text");
}

/* A 200 that carries an error object instead of an answer. */
static bool read_hidden_error(const inst_ask *ask, const inst_value *envelope, inst_answer *answer,
                              inst_arena *arena) {
  const inst_value *error = inst_find(envelope, "error");
  inst_str words, code;
  if (error == NULL || inst_value_kind_of(error) == INST_NULL) return false;
  no_answer(answer, INST_E_PROTOCOL, "the server answered 200 with an error");
  read_error(envelope, &words, &code);
  inst_quote_add(&answer->error, words, ask->secrets, arena);
  inst_quote_reason(&answer->error, code, ask->secrets, arena);
  int64_t status = count(error, "code");
  answer->error.retryable = status == 408 || status == 409 || status == 429 || status >= 500;
  return true;
}

static void read_answer(const inst_ask *ask, const inst_value *envelope, inst_answer *answer,
                        inst_arena *arena) {
  const inst_value *choices = inst_find(envelope, "choices");
  memset(answer, 0, sizeof *answer);
  read_usage(envelope, &answer->usage);
  if (answer->usage.known) answer->raw_usage = inst_find(envelope, "usage");
  answer->model = inst_find_text(envelope, "model");
  bool list = choices != NULL && inst_value_kind_of(choices) == INST_ARRAY;
  const inst_value *choice = list ? inst_value_first(choices) : NULL;
  if (choice == NULL && read_hidden_error(ask, envelope, answer, arena)) return;
  if (ask->schema == NULL) return;
  if (!list)
    no_answer(answer, INST_E_PROTOCOL, "the answer is JSON but no chat completion");
  else if (choice == NULL)
    no_answer(answer, INST_E_NO_ANSWER, "the answer has no choices");
  else
    read_choice(ask, choice, answer, arena);
}

/* ---- asking again ---------------------------------------------------------------------------- */

/* The calls of a turn, where there are any. */
static const inst_value *calls_of(const inst_value *turn) {
  const inst_value *calls = inst_find(turn, "tool_calls");
  bool some = calls != NULL && inst_value_kind_of(calls) == INST_ARRAY;
  return some && inst_value_count(calls) > 0 ? calls : NULL;
}

/* The older spelling of a call; where both stand, the newer one counts. */
static const inst_value *function_of(const inst_value *turn) {
  const inst_value *function = inst_find(turn, "function_call");
  bool some = function != NULL && inst_value_kind_of(function) == INST_OBJECT;
  return some && calls_of(turn) == NULL ? function : NULL;
}

/* The assistant's turn as received, less what servers refuse to take back: members of their own, an
** empty list of calls, a null content where nothing was called. */
static inst_value *echo(const inst_value *turn, inst_arena *arena) {
  const inst_value *calls = calls_of(turn), *function = function_of(turn);
  const inst_value *content = inst_find(turn, "content");
  bool silent = content == NULL || inst_value_kind_of(content) == INST_NULL;
  inst_value *said = silent ? literal(arena, "") : inst_value_copy(arena, content);
  if (content != NULL && silent && (calls != NULL || function != NULL)) said = inst_null(arena);
  inst_value *out = message(arena, "assistant", said);
  if (calls != NULL) put(arena, out, "tool_calls", inst_value_copy(arena, calls));
  if (function != NULL) put(arena, out, "function_call", inst_value_copy(arena, function));
  return out;
}

/* Every call is answered: the provider refuses a conversation in which one is not. */
static void answer_calls(const inst_value *calls, inst_str correction, inst_value *turns,
                         inst_arena *arena) {
  for (const inst_value *c = inst_value_first(calls); c != NULL; c = inst_value_next(c)) {
    const inst_value *id = inst_find(c, "id");
    inst_value *reply = message(arena, "tool", text(arena, correction));
    if (id != NULL) put(arena, reply, "tool_call_id", inst_value_copy(arena, id));
    inst_push(turns, reply);
  }
}

static void answer_function(const inst_value *function, inst_str correction, inst_value *turns,
                            inst_arena *arena) {
  inst_value *reply = message(arena, "function", text(arena, correction));
  put(arena, reply, "name", text(arena, inst_find_text(function, "name")));
  inst_push(turns, reply);
}

/* A turn in which nothing was said is not sent back. */
static void reask(const inst_ask *ask, const inst_answer *answer, inst_str correction,
                  inst_value *turns, inst_arena *arena) {
  (void)ask;
  const inst_value *turn = answer->message;
  const inst_value *calls = calls_of(turn), *function = function_of(turn);
  bool called = calls != NULL || function != NULL;
  bool said = turn != NULL && inst_value_kind_of(turn) == INST_OBJECT;
  if (said && (called || answer->code != INST_E_NO_ANSWER)) inst_push(turns, echo(turn, arena));
  if (calls != NULL)
    answer_calls(calls, correction, turns, arena);
  else if (function != NULL)
    answer_function(function, correction, turns, arena);
  else
    inst_push(turns, message(arena, "user", text(arena, correction)));
}

const inst_dialect inst_openai_chat = {
    .name = "openai_chat",
    .path = "/chat/completions",
    .write = write_body,
    .read = read_answer,
    .reask = reask,
    .read_error = read_error,
};
