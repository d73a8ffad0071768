/*
** Reading a request: the schema stands in one of five places, and where it stands says in which
** form the answer has to come.
*/
#include "examples/sandbox/ask.h"

#include "core/base/error.h"
#include "examples/sandbox/shape.h"

#define MOST_BRACES 64 /* places in a prompt where a schema may begin */

static bool is_kind(const inst_value *v, inst_value_kind kind) {
  return v != NULL && inst_value_kind_of(v) == kind;
}

static const inst_value *object_at(const inst_value *v, const char *key) {
  const inst_value *m = is_kind(v, INST_OBJECT) ? inst_find(v, key) : NULL;
  return is_kind(m, INST_OBJECT) ? m : NULL;
}

static inst_str text_at(const inst_value *v, const char *key) {
  const inst_value *m = is_kind(v, INST_OBJECT) ? inst_find(v, key) : NULL;
  return is_kind(m, INST_STRING) ? inst_value_text(m) : (inst_str){NULL, 0};
}

static bool is_text(const inst_value *v, const char *text) {
  return is_kind(v, INST_STRING) && inst_str_is(inst_value_text(v), inst_str_of(text));
}

static bool is_true_at(const inst_value *v, const char *key) {
  const inst_value *m = is_kind(v, INST_OBJECT) ? inst_find(v, key) : NULL;
  return is_kind(m, INST_BOOL) && inst_value_bool(m);
}

/* ---- messages -------------------------------------------------------------------------------- */

static bool has_role(const inst_value *message, const char *role) {
  const inst_value *m = is_kind(message, INST_OBJECT) ? inst_find(message, "role") : NULL;
  return is_text(m, role);
}

static void add_line(inst_buf *buf, inst_str text) {
  if (text.p == NULL) return;
  if (buf->n > 0) inst_buf_byte(buf, '\n');
  inst_buf_add(buf, text);
}

/* The text of a message: a string, or the text parts of a list. */
static void add_message(inst_buf *buf, const inst_value *message) {
  const inst_value *content = inst_find(message, "content");
  if (is_kind(content, INST_STRING)) add_line(buf, inst_value_text(content));
  if (!is_kind(content, INST_ARRAY)) return;
  for (const inst_value *v = inst_value_first(content); v != NULL; v = inst_value_next(v)) {
    add_line(buf, text_at(v, "text"));
  }
}

/* The text of all messages of these roles up to the first answer that follows a user's message. */
static inst_str texts_of(const inst_value *messages, const char *role, const char *other_role,
                         inst_arena *arena) {
  inst_buf buf;
  bool asked = false;
  inst_buf_init(&buf, arena->alloc);
  for (const inst_value *m = inst_value_first(messages); m != NULL; m = inst_value_next(m)) {
    if (asked && has_role(m, "assistant")) break;
    if (has_role(m, "user")) asked = true;
    if (has_role(m, role) || has_role(m, other_role)) add_message(&buf, m);
  }
  inst_str text = inst_buf_take(&buf, arena);
  return text.p != NULL ? text : INST_LIT("");
}

/* Has anybody answered in this conversation? */
static bool was_answered(const inst_value *messages) {
  for (const inst_value *m = inst_value_first(messages); m != NULL; m = inst_value_next(m)) {
    if (has_role(m, "assistant")) return true;
  }
  return false;
}

/* ---- a schema in the prompt ------------------------------------------------------------------ */

/* The end of the object that begins at 'at', or 0 when it has none. */
static size_t object_end(inst_str text, size_t at) {
  size_t depth = 0;
  bool string = false;
  for (size_t i = at; i < text.n; i++) {
    char c = text.p[i];
    if (string && c == '\\')
      i++;
    else if (c == '"')
      string = !string;
    else if (!string && c == '{')
      depth++;
    else if (!string && c == '}' && --depth == 0)
      return i + 1;
  }
  return 0;
}

/* The schema 'v' is, or holds under one of the usual names. */
static const inst_value *schema_in(const inst_value *v) {
  static const char *const names[] = {"schema", "json_schema", "parameters", "input_schema"};
  if (v == NULL || box_shape_is_schema(v)) return v;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const inst_value *inner = object_at(v, names[i]);
    if (inner != NULL && box_shape_is_schema(inner)) return inner;
  }
  return NULL;
}

/* The first schema in 'text', and where it stands. */
static const inst_value *embedded(inst_str text, inst_arena *arena, size_t *from, size_t *to) {
  size_t at = 0;
  for (int tries = 0; tries < MOST_BRACES && at < text.n; tries++) {
    const char *brace = memchr(text.p + at, '{', text.n - at);
    if (brace == NULL) return NULL;
    *from = (size_t)(brace - text.p);
    *to = object_end(text, *from);
    inst_error error = {0};
    inst_str object = {brace, *to > *from ? *to - *from : 0};
    inst_value *v = object.n > 0 ? inst_json_parse(arena, object, INST_MAX_DEPTH, &error) : NULL;
    const inst_value *schema = schema_in(v);
    if (schema != NULL) return schema;
    at = v != NULL ? *to : *from + 1;
  }
  return NULL;
}

static bool mentions(inst_str text, inst_str word) {
  for (size_t i = 0; i + word.n <= text.n; i++) {
    if (inst_str_is_nocase((inst_str){text.p + i, word.n}, word)) return true;
  }
  return false;
}

/* Looks into the system's text, then into the user's, where the schema is cut out. */
static void look_in_prompt(box_ask *ask, inst_str system, inst_arena *arena) {
  size_t from, to;
  ask->schema = embedded(system, arena, &from, &to);
  if (ask->schema == NULL) {
    ask->schema = embedded(ask->text, arena, &from, &to);
    if (ask->schema != NULL) {
      inst_buf rest;
      inst_buf_init(&rest, arena->alloc);
      inst_buf_add(&rest, (inst_str){ask->text.p, from});
      inst_buf_byte(&rest, '\n');
      inst_buf_add(&rest, (inst_str){ask->text.p + to, ask->text.n - to});
      ask->text = inst_buf_take(&rest, arena);
    }
  }
  ask->thinks = mentions(system, INST_LIT("<think")) || mentions(system, INST_LIT("think tag"));
}

/* ---- a schema in the body -------------------------------------------------------------------- */

/* The definition of that name in 'list', whose entries hold it under 'inside' (NULL: themselves);
** the first one, when 'name' is none. */
static const inst_value *definition(const inst_value *list, const char *inside, inst_str name) {
  if (!is_kind(list, INST_ARRAY)) return NULL;
  for (const inst_value *v = inst_value_first(list); v != NULL; v = inst_value_next(v)) {
    const inst_value *entry = inside != NULL ? object_at(v, inside) : v;
    if (!is_kind(entry, INST_OBJECT)) continue;
    if (name.p == NULL || inst_str_is(text_at(entry, "name"), name)) return entry;
  }
  return NULL;
}

/* Takes the definition as what is asked for; one without parameters takes none. */
static bool take_definition(box_ask *ask, const inst_value *entry, box_form form,
                            inst_arena *arena) {
  if (entry == NULL) return false;
  ask->schema = object_at(entry, "parameters");
  if (ask->schema == NULL) {
    inst_value *none = inst_object(arena);
    inst_put(arena, none, INST_LIT("type"), inst_string(arena, INST_LIT("object")));
    ask->schema = none;
  }
  ask->name = text_at(entry, "name");
  if (ask->name.p == NULL) ask->name = INST_LIT("");
  ask->form = form;
  return true;
}

/* Must a tool be called, rather than may?  'forced' is the name it has to be, or p NULL. */
static bool is_forced(const inst_value *choice, inst_str *forced) {
  *forced = text_at(object_at(choice, "function"), "name");
  return forced->p != NULL || is_text(choice, "required");
}

/* 'may': also when the tool is only allowed to be called. */
static bool look_in_tools(box_ask *ask, const inst_value *body, bool may, inst_arena *arena) {
  const inst_value *choice = inst_find(body, "tool_choice"), *list = inst_find(body, "tools");
  const inst_value *allowed = object_at(choice, "allowed_tools");
  inst_str name;
  bool forced = is_forced(choice, &name);
  if (is_text(choice, "none") || (!forced && !may)) return false;
  if (allowed != NULL) {
    const inst_value *first = definition(inst_find(allowed, "tools"), "function", name);
    name = text_at(first, "name");
  }
  return take_definition(ask, definition(list, "function", name), BOX_FORM_TOOL, arena);
}

static bool look_in_functions(box_ask *ask, const inst_value *body, bool may, inst_arena *arena) {
  const inst_value *choice = inst_find(body, "function_call");
  inst_str name = text_at(choice, "name");
  if (is_text(choice, "none") || (name.p == NULL && !may)) return false;
  return take_definition(ask, definition(inst_find(body, "functions"), NULL, name),
                         BOX_FORM_FUNCTION, arena);
}

/* {json_schema = {schema}} as OpenAI has it, or {schema} as Anyscale does. */
static bool look_in_format(box_ask *ask, const inst_value *format) {
  const inst_value *wrapped = object_at(format, "json_schema");
  const inst_value *schema = object_at(format, "schema");
  if (wrapped != NULL) {
    const inst_value *inner = object_at(wrapped, "schema");
    ask->name = text_at(wrapped, "name");
    schema = inner != NULL ? inner : wrapped;
  }
  if (ask->name.p == NULL) ask->name = INST_LIT("");
  ask->schema = schema;
  if (schema != NULL) ask->form = BOX_FORM_JSON;
  return schema != NULL;
}

/* A tool that must be called comes first, then the format, then a tool that may be called. */
static void look_for_schema(box_ask *ask, const inst_value *body, inst_str system,
                            inst_arena *arena) {
  const inst_value *format = object_at(body, "response_format");
  ask->name = INST_LIT("");
  if (look_in_tools(ask, body, false, arena)) return;
  if (look_in_functions(ask, body, false, arena)) return;
  if (look_in_format(ask, format)) return;
  if (look_in_tools(ask, body, true, arena)) return;
  if (look_in_functions(ask, body, true, arena)) return;
  look_in_prompt(ask, system, arena);
  bool json = is_text(format != NULL ? inst_find(format, "type") : NULL, "json_object");
  ask->form = json ? BOX_FORM_JSON : ask->schema != NULL ? BOX_FORM_FENCE : BOX_FORM_TEXT;
}

int box_ask_read(box_ask *ask, const inst_value *body, inst_arena *arena, const char **param,
                 inst_error *error) {
  *ask = (box_ask){.form = BOX_FORM_TEXT};
  *param = NULL;
  if (!is_kind(body, INST_OBJECT))
    return inst_error_set(error, INST_E_USAGE, "The body must be an object.");
  const inst_value *messages = inst_find(body, "messages");
  *param = "messages";
  if (!is_kind(messages, INST_ARRAY) || inst_value_count(messages) == 0) {
    return inst_error_set(error, INST_E_USAGE,
                          "'messages' must be a list with at least one message.");
  }
  for (const inst_value *m = inst_value_first(messages); m != NULL; m = inst_value_next(m)) {
    if (is_kind(m, INST_OBJECT) && text_at(m, "role").p != NULL) continue;
    return inst_error_set(error, INST_E_USAGE, "Each message must be an object with a 'role'.");
  }
  *param = NULL;
  inst_str system = texts_of(messages, "system", "developer", arena);
  ask->text = texts_of(messages, "user", "user", arena);
  ask->model = text_at(body, "model");
  if (ask->model.p == NULL) ask->model = INST_LIT("sandbox");
  ask->stream = is_true_at(body, "stream");
  ask->usage = is_true_at(object_at(body, "stream_options"), "include_usage");
  ask->first = !was_answered(messages);
  look_for_schema(ask, body, system, arena);
  return inst_arena_failed(arena) ? inst_error_memory(error) : 0;
}
