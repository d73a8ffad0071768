/*
** OpenAI's chat completions, spoken by most others too: what is sent.
** In: an ask.  Out: a body, the turns of a re-ask.  Answers are read in openai_answer.c.
** What each mode adds to a request stands in its write_… function, one a mode.
*/
#include "core/wire/openai_chat.h"

#include "core/wire/openai_answer.h"
#include "core/wire/openai_stream.h"

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

/* The schema, whose text may be at hand. */
static inst_value *schema_of(const inst_ask *ask, inst_arena *arena) {
  if (ask->schema_text.p != NULL) return inst_printed(arena, ask->schema_text);
  return inst_value_alias(arena, ask->schema);
}

/* {name, description, parameters}, as tools and functions both have it. */
static inst_value *definition(const inst_ask *ask, inst_arena *arena) {
  inst_value *out = named(arena, ask->name);
  put(arena, out, "description", text(arena, ask->description));
  put(arena, out, "parameters", schema_of(ask, arena));
  return out;
}

static inst_value *of_type_function(inst_arena *arena, inst_value *function) {
  inst_value *out = inst_object(arena);
  put(arena, out, "type", literal(arena, "function"));
  put(arena, out, "function", function);
  return out;
}

/* By its name, or in the one word that the provider knows. */
static inst_value *tool_choice(const inst_ask *ask, inst_arena *arena) {
  inst_choice choice = ask->provider->tool_choice;
  bool alone = inst_value_count(inst_find(ask->params, "tools")) == 0;
  if (choice == INST_CHOICE_REQUIRED) return literal(arena, "required");
  if (choice == INST_CHOICE_ANY && alone) return literal(arena, "any");
  return of_type_function(arena, named(arena, ask->name));
}

/* Our tool stands first, the user's own follow as they are. */
static void write_tools(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  inst_value *tools = inst_array(arena);
  if (tools == NULL) return;
  inst_push(tools, of_type_function(arena, definition(ask, arena)));
  push_all(arena, tools, inst_find(ask->params, "tools"));
  set(arena, body, "tools", tools);
  set(arena, body, "tool_choice", tool_choice(ask, arena));
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

static inst_value *of_type(inst_arena *arena, const char *type) {
  inst_value *out = inst_object(arena);
  put(arena, out, "type", literal(arena, type));
  return out;
}

/* {type = "json_object", schema = …}, as Anyscale reads it. */
static inst_value *json_object_envelope(const inst_ask *ask, inst_arena *arena) {
  inst_value *format = of_type(arena, "json_object");
  put(arena, format, "schema", schema_of(ask, arena));
  return format;
}

/* {type = "json_schema", json_schema = {name, schema, strict}}, as OpenAI reads it. */
static inst_value *json_schema_envelope(const inst_ask *ask, inst_arena *arena) {
  inst_value *format = of_type(arena, "json_schema"), *inner = named(arena, ask->name);
  if (ask->description.n > 0) put(arena, inner, "description", text(arena, ask->description));
  put(arena, inner, "schema", schema_of(ask, arena));
  if (ask->strict) put(arena, inner, "strict", inst_bool(arena, true));
  put(arena, format, "json_schema", inner);
  return format;
}

/* {type = "json_schema", json_schema = {schema}}, as Perplexity reads it. */
static inst_value *bare_schema_envelope(const inst_ask *ask, inst_arena *arena) {
  inst_value *format = of_type(arena, "json_schema"), *inner = inst_object(arena);
  put(arena, inner, "schema", schema_of(ask, arena));
  put(arena, format, "json_schema", inner);
  return format;
}

static inst_value *(*const write_envelope[INST_ENVELOPE_COUNT])(const inst_ask *, inst_arena *) = {
    [INST_ENVELOPE_JSON_SCHEMA] = json_schema_envelope,
    [INST_ENVELOPE_BARE_SCHEMA] = bare_schema_envelope,
    [INST_ENVELOPE_JSON_OBJECT] = json_object_envelope,
};

static void write_json_schema(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  set(arena, body, "response_format", write_envelope[ask->provider->envelope](ask, arena));
}

static void write_json(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  (void)ask;
  set(arena, body, "response_format", of_type(arena, "json_object"));
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

/* A stream tells its cost only when asked to. */
static void ask_usage(inst_value *body, inst_arena *arena) {
  if (inst_find(body, "stream_options") != NULL) return;
  inst_value *options = inst_object(arena);
  put(arena, options, "include_usage", inst_bool(arena, true));
  put(arena, body, "stream_options", options);
}

/* What stands in 'from' and not in 'to' is added; 'deep': so are the members of its objects. */
static void add_missing(inst_value *to, const inst_value *from, bool deep, inst_arena *arena) {
  for (const inst_value *v = inst_value_first(from); v != NULL; v = inst_value_next(v)) {
    inst_value *there = inst_value_find(to, inst_value_key(v));
    bool objects = there != NULL && inst_value_kind_of(there) == INST_OBJECT &&
                   inst_value_kind_of(v) == INST_OBJECT;
    if (there == NULL)
      inst_put(arena, to, inst_value_key(v), inst_value_copy(arena, v));
    else if (objects && deep)
      add_missing(there, v, false, arena);
  }
}

/* What the row has to add, beneath what the user says himself. */
static void write_extra(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  const char *extra = ask->provider->extra_body;
  if (extra == NULL || write_mode[ask->mode] == write_nothing) return;
  inst_error error = {.code = INST_E_NONE};
  const inst_value *v = inst_json_parse(arena, inst_str_of(extra), INST_MAX_DEPTH, &error);
  if (error.code == INST_E_MEMORY) arena->failed = true;
  if (v != NULL && inst_value_kind_of(v) == INST_OBJECT) add_missing(body, v, true, arena);
}

static inst_value *write_body(const inst_ask *ask, const inst_value *turns, inst_arena *arena) {
  inst_value *body = inst_value_copy(arena, ask->params);
  inst_str system = {NULL, 0};
  if (body == NULL) return NULL;
  if (ask->schema != NULL) system = inst_ask_prompt(ask, arena);
  write_messages(ask, system, turns, body, arena);
  if (ask->schema != NULL) {
    write_mode[ask->mode](ask, body, arena);
    write_extra(ask, body, arena);
    set(arena, body, "stream", inst_bool(arena, ask->stream));
  }
  if (ask->stream && ask->schema != NULL) ask_usage(body, arena);
  return inst_arena_failed(arena) ? NULL : body;
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

/* The assistant's turn; where the provider refused the model's text, a turn of that text. */
static const inst_value *turn_of(const inst_answer *answer, inst_arena *arena) {
  bool refused = answer->message == NULL && answer->text.n > 0;
  return refused ? message(arena, "assistant", text(arena, answer->text)) : answer->message;
}

/* A turn in which nothing was said is not sent back. */
static void reask(const inst_ask *ask, const inst_answer *answer, inst_str correction,
                  inst_value *turns, inst_arena *arena) {
  (void)ask;
  const inst_value *turn = turn_of(answer, arena);
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
    .read = inst_openai_answer_read,
    .reask = reask,
    .take = inst_openai_take,
    .complete = inst_openai_completion,
    .read_usage = inst_openai_usage_read,
    .read_error = inst_complaint_read,
};
