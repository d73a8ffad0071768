/*
** OpenAI's chat completions, spoken by most others too: what is sent.
** In: an ask.  Out: a body, the turns of a re-ask.  Answers are read in openai_answer.c.
** What each mode adds to a request stands in its offer and its write_… function, one a mode.
*/
#include "core/wire/openai_chat.h"

#include "core/json/write.h"
#include "core/wire/openai_answer.h"
#include "core/wire/openai_stream.h"

static inst_value *text(inst_arena *arena, inst_str s) {
  return inst_string(arena, s);
}

/* Here and below a 'const char *' is a literal, which needs no copy. */
static inst_value *literal(inst_arena *arena, const char *s) {
  return inst_string_kept(arena, inst_str_of(s));
}

static void put(inst_value *object, const char *key, inst_value *value) {
  inst_put_kept(object, inst_str_of(key), value);
}

static inst_value *message(inst_arena *arena, const char *role, inst_value *content) {
  inst_value *out = inst_object(arena);
  put(out, "role", literal(arena, role));
  put(out, "content", content);
  return out;
}

static inst_value *named(inst_arena *arena, inst_str name) {
  inst_value *out = inst_object(arena);
  put(out, "name", text(arena, name));
  return out;
}

static inst_value *of_type(inst_arena *arena, const char *type) {
  inst_value *out = inst_object(arena);
  put(out, "type", literal(arena, type));
  return out;
}

/* ---- what every body of a question holds ----------------------------------------------------- */

/* The schema, whose text may be at hand. */
static inst_value *schema_of(const inst_ask *ask, inst_arena *arena) {
  if (ask->schema_text.p != NULL) return inst_printed(arena, ask->schema_text);
  return inst_value_alias(arena, ask->schema);
}

/* {name, description, parameters}, as tools and functions both have it. */
static inst_value *definition(const inst_ask *ask, inst_arena *arena) {
  inst_value *out = named(arena, ask->name);
  put(out, "description", text(arena, ask->description));
  put(out, "parameters", schema_of(ask, arena));
  return out;
}

static inst_value *of_type_function(inst_arena *arena, inst_value *function) {
  inst_value *out = inst_object(arena);
  put(out, "type", literal(arena, "function"));
  put(out, "function", function);
  return out;
}

/* {type = "json_object", schema = …}, as Anyscale reads it. */
static inst_value *json_object_envelope(const inst_ask *ask, inst_arena *arena) {
  inst_value *format = of_type(arena, "json_object");
  put(format, "schema", schema_of(ask, arena));
  return format;
}

/* {type = "json_schema", json_schema = {name, schema, strict}}, as OpenAI reads it. */
static inst_value *json_schema_envelope(const inst_ask *ask, inst_arena *arena) {
  inst_value *format = of_type(arena, "json_schema"), *inner = named(arena, ask->name);
  if (ask->description.n > 0) put(inner, "description", text(arena, ask->description));
  put(inner, "schema", schema_of(ask, arena));
  if (ask->strict) put(inner, "strict", inst_bool(arena, true));
  put(format, "json_schema", inner);
  return format;
}

/* {type = "json_schema", json_schema = {schema}}, as Perplexity reads it. */
static inst_value *bare_schema_envelope(const inst_ask *ask, inst_arena *arena) {
  inst_value *format = of_type(arena, "json_schema"), *inner = inst_object(arena);
  put(inner, "schema", schema_of(ask, arena));
  put(format, "json_schema", inner);
  return format;
}

static inst_value *(*const write_envelope[INST_ENVELOPE_COUNT])(const inst_ask *, inst_arena *) = {
    [INST_ENVELOPE_JSON_SCHEMA] = json_schema_envelope,
    [INST_ENVELOPE_BARE_SCHEMA] = bare_schema_envelope,
    [INST_ENVELOPE_JSON_OBJECT] = json_object_envelope,
};

static inst_value *offer_tool(const inst_ask *ask, inst_arena *arena) {
  return of_type_function(arena, definition(ask, arena));
}

static inst_value *offer_schema(const inst_ask *ask, inst_arena *arena) {
  return write_envelope[ask->provider->envelope](ask, arena);
}

static inst_value *offer_json(const inst_ask *ask, inst_arena *arena) {
  (void)ask;
  return of_type(arena, "json_object");
}

static inst_value *choose_tool(const inst_ask *ask, inst_arena *arena) {
  return of_type_function(arena, named(arena, ask->name));
}

static inst_value *choose_function(const inst_ask *ask, inst_arena *arena) {
  return named(arena, ask->name);
}

/* NULL: nothing.  What the prompt asks for is all there is then. */
static const struct {
  inst_value *(*offer)(const inst_ask *, inst_arena *);
  inst_value *(*choice)(const inst_ask *, inst_arena *);
} parts[INST_MODE_COUNT] = {
    [INST_MODE_TOOLS] = {offer_tool, choose_tool},
    [INST_MODE_FUNCTIONS] = {definition, choose_function},
    [INST_MODE_JSON_SCHEMA] = {offer_schema, NULL},
    [INST_MODE_JSON] = {offer_json, NULL},
};

static void prepare(inst_ask *ask, inst_arena *arena) {
  inst_arena scratch;
  inst_arena_init(&scratch, arena->alloc);
  if (parts[ask->mode].offer != NULL)
    ask->offer = inst_json_text(arena, parts[ask->mode].offer(ask, &scratch));
  if (parts[ask->mode].choice != NULL)
    ask->choice = inst_json_text(arena, parts[ask->mode].choice(ask, &scratch));
  if (inst_arena_failed(&scratch)) arena->failed = true;
  inst_arena_clear(&scratch);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* In the place of what stands there, or at the end. */
static void set(inst_value *object, const char *key, inst_value *value) {
  inst_replace_kept(object, inst_str_of(key), value);
}

static void push_all(inst_arena *arena, inst_value *array, const inst_value *from) {
  if (from == NULL || inst_value_kind_of(from) != INST_ARRAY) return;
  for (const inst_value *v = inst_value_first(from); v != NULL; v = inst_value_next(v))
    inst_push(array, inst_value_alias(arena, v));
}

/* The conversation: our system message, the user's messages (one text is one user's turn), ours.
** Where nothing is added to a list it stays as it is. */
static void write_messages(const inst_ask *ask, const inst_value *turns, inst_value *body,
                           inst_arena *arena) {
  const inst_value *given = inst_find(ask->params, "messages");
  inst_str system = ask->prompt;
  bool added = system.p != NULL || inst_value_count(turns) > 0;
  if (!added && (given == NULL || inst_value_kind_of(given) == INST_ARRAY)) return;
  if (given != NULL && !inst_ask_is_conversation(given)) return; /* for the provider to judge */
  inst_value *list = inst_array(arena);
  if (system.p != NULL) inst_push(list, message(arena, "system", inst_string_kept(arena, system)));
  if (given != NULL && inst_value_kind_of(given) == INST_STRING)
    inst_push(list, message(arena, "user", inst_value_alias(arena, given)));
  push_all(arena, list, given);
  push_all(arena, list, turns);
  set(body, "messages", list);
}

/* Offer and choice, as text.  Where the row has members to add, which may go into them, they are made
** as objects again. */
static inst_value *offer_of(const inst_ask *ask, inst_arena *arena) {
  bool open = ask->provider->extra_body != NULL;
  return open ? parts[ask->mode].offer(ask, arena) : inst_printed(arena, ask->offer);
}

static inst_value *choice_of(const inst_ask *ask, inst_arena *arena) {
  bool open = ask->provider->extra_body != NULL;
  return open ? parts[ask->mode].choice(ask, arena) : inst_printed(arena, ask->choice);
}

/* By its name, or in the one word that the provider knows. */
static inst_value *tool_choice(const inst_ask *ask, bool alone, inst_arena *arena) {
  inst_choice choice = ask->provider->tool_choice;
  if (choice == INST_CHOICE_REQUIRED) return literal(arena, "required");
  if (choice == INST_CHOICE_ANY && alone) return literal(arena, "any");
  return choice_of(ask, arena);
}

/* Our tool stands first, the user's own follow as they are. */
static void write_tools(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  const inst_value *own = inst_find(ask->params, "tools");
  inst_value *tools = inst_array(arena);
  inst_push(tools, inst_printed(arena, ask->offer));
  push_all(arena, tools, own);
  set(body, "tools", tools);
  set(body, "tool_choice", tool_choice(ask, inst_value_count(own) == 0, arena));
}

/* The user's functions stand first, ours is last. */
static void write_functions(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  inst_value *functions = inst_array(arena);
  push_all(arena, functions, inst_find(ask->params, "functions"));
  inst_push(functions, inst_printed(arena, ask->offer));
  set(body, "functions", functions);
  set(body, "function_call", choice_of(ask, arena));
}

static void write_format(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  set(body, "response_format", offer_of(ask, arena));
}

static void write_nothing(const inst_ask *ask, inst_value *body, inst_arena *arena) {
  (void)ask, (void)body, (void)arena;
}

static void (*const write_mode[INST_MODE_COUNT])(const inst_ask *, inst_value *, inst_arena *) = {
    [INST_MODE_TOOLS] = write_tools,        [INST_MODE_FUNCTIONS] = write_functions,
    [INST_MODE_JSON_SCHEMA] = write_format, [INST_MODE_JSON] = write_format,
    [INST_MODE_MD_JSON] = write_nothing,    [INST_MODE_THINKING_MD_JSON] = write_nothing,
};

/* A stream tells its cost only when asked to. */
static void ask_usage(inst_value *body, inst_arena *arena) {
  if (inst_find(body, "stream_options") != NULL) return;
  inst_value *options = inst_object(arena);
  put(options, "include_usage", inst_bool(arena, true));
  put(body, "stream_options", options);
}

/* What stands in 'from' and not in 'to' is added; 'deep': so are the members of its objects, which
** are the user's and so are copied before. */
static void add_missing(inst_value *to, const inst_value *from, bool deep, inst_arena *arena) {
  for (const inst_value *v = inst_value_first(from); v != NULL; v = inst_value_next(v)) {
    inst_value *there = inst_value_find(to, inst_value_key(v));
    bool objects = there != NULL && inst_value_kind_of(there) == INST_OBJECT &&
                   inst_value_kind_of(v) == INST_OBJECT;
    if (there == NULL)
      inst_put(arena, to, inst_value_key(v), inst_value_copy(arena, v));
    else if (objects && deep) {
      inst_replace_kept(to, inst_value_key(v), there = inst_value_copy(arena, there));
      add_missing(there, v, false, arena);
    }
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

/* The user's parameters in a list of our own. */
static inst_value *copy_params(const inst_ask *ask, inst_arena *arena) {
  inst_value *body = inst_object(arena);
  for (const inst_value *v = inst_value_first(ask->params); v != NULL; v = inst_value_next(v))
    inst_put_kept(body, inst_value_key(v), inst_value_alias(arena, v));
  return body;
}

static inst_value *write_body(const inst_ask *ask, const inst_value *turns, inst_arena *arena) {
  inst_value *body = copy_params(ask, arena);
  write_messages(ask, turns, body, arena);
  if (ask->schema != NULL) {
    write_mode[ask->mode](ask, body, arena);
    write_extra(ask, body, arena);
    set(body, "stream", inst_bool(arena, ask->stream));
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
  if (calls != NULL) put(out, "tool_calls", inst_value_copy(arena, calls));
  if (function != NULL) put(out, "function_call", inst_value_copy(arena, function));
  return out;
}

/* Every call is answered: the provider refuses a conversation in which one is not. */
static void answer_calls(const inst_value *calls, inst_str correction, inst_value *turns,
                         inst_arena *arena) {
  for (const inst_value *c = inst_value_first(calls); c != NULL; c = inst_value_next(c)) {
    const inst_value *id = inst_find(c, "id");
    inst_value *reply = message(arena, "tool", text(arena, correction));
    if (id != NULL) put(reply, "tool_call_id", inst_value_copy(arena, id));
    inst_push(turns, reply);
  }
}

static void answer_function(const inst_value *function, inst_str correction, inst_value *turns,
                            inst_arena *arena) {
  inst_value *reply = message(arena, "function", text(arena, correction));
  put(reply, "name", text(arena, inst_find_text(function, "name")));
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
    .prepare = prepare,
    .write = write_body,
    .read = inst_openai_answer_read,
    .reask = reask,
    .take = inst_openai_take,
    .complete = inst_openai_completion,
    .read_usage = inst_openai_usage_read,
    .read_error = inst_complaint_read,
};
