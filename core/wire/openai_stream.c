/*
** Chunks of a chat completion to an assembly, and an assembly to a completion.
** Quirks of those who speak this dialect stand here: usage under another name, calls without a
** number, arguments as a value, errors in many shapes.
*/
#include "core/wire/openai_stream.h"

#include "core/base/error.h"
#include "core/json/write.h"

/* ---- texts ----------------------------------------------------------------------------------- */

static void add_parts(inst_buf *buf, const inst_value *parts);

/* A text, or a list of parts that hold one. */
static void add_text(inst_buf *buf, const inst_value *v) {
  if (v == NULL) return;
  if (inst_value_kind_of(v) == INST_STRING) inst_buf_add(buf, inst_value_text(v));
  if (inst_value_kind_of(v) == INST_ARRAY) add_parts(buf, v);
}

static void add_parts(inst_buf *buf, const inst_value *parts) {
  for (const inst_value *part = inst_value_first(parts); part; part = inst_value_next(part))
    inst_buf_add(buf, inst_find_text(part, "text"));
}

/* Parts of thought stand among the parts of content. */
static void add_content(inst_strand *strand, const inst_value *content) {
  bool list = content != NULL && inst_value_kind_of(content) == INST_ARRAY;
  for (const inst_value *part = list ? inst_value_first(content) : NULL; part;
       part = inst_value_next(part))
    add_text(&strand->reasoning, inst_find(part, "thinking"));
  add_text(&strand->content, content);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* Fragments of a text, or (from some servers) the whole value. */
static void add_arguments(inst_called *call, const inst_value *arguments) {
  if (call == NULL || arguments == NULL) return;
  inst_value_kind kind = inst_value_kind_of(arguments);
  if (kind == INST_STRING) inst_buf_add(&call->arguments, inst_value_text(arguments));
  if (kind == INST_OBJECT || kind == INST_ARRAY) inst_json_write(&call->arguments, arguments);
}

static void take_call(inst_assembly *a, inst_strand *strand, const inst_value *fragment) {
  const inst_value *number = inst_find(fragment, "index");
  const inst_value *function = inst_find(fragment, "function");
  int64_t index =
      number != NULL && inst_value_kind_of(number) == INST_INT ? inst_value_int(number) : -1;
  inst_called *call = inst_assembly_call(a, strand, index, inst_find_text(fragment, "id"),
                                         inst_find_text(function, "name"));
  add_arguments(call, inst_find(function, "arguments"));
}

static void take_calls(inst_assembly *a, inst_strand *strand, const inst_value *calls) {
  bool list = calls != NULL && inst_value_kind_of(calls) == INST_ARRAY;
  for (const inst_value *c = list ? inst_value_first(calls) : NULL; c; c = inst_value_next(c))
    take_call(a, strand, c);
}

static void take_function(inst_assembly *a, inst_strand *strand, const inst_value *fragment) {
  if (fragment == NULL || inst_value_kind_of(fragment) != INST_OBJECT) return;
  inst_called *call = inst_assembly_function(a, strand);
  if (call == NULL) return;
  if (call->name.n == 0) call->name = inst_arena_copy(a->arena, inst_find_text(fragment, "name"));
  add_arguments(call, inst_find(fragment, "arguments"));
}

/* ---- chunks ---------------------------------------------------------------------------------- */

static void take_delta(inst_assembly *a, inst_strand *strand, const inst_value *delta) {
  const inst_value *thoughts = inst_find(delta, "reasoning_content");
  add_content(strand, inst_find(delta, "content"));
  add_text(&strand->reasoning, thoughts != NULL ? thoughts : inst_find(delta, "reasoning"));
  add_text(&strand->refusal, inst_find(delta, "refusal"));
  take_calls(a, strand, inst_find(delta, "tool_calls"));
  take_function(a, strand, inst_find(delta, "function_call"));
}

static void take_choice(inst_assembly *a, const inst_value *choice) {
  inst_strand *strand = inst_assembly_strand(a, inst_value_int(inst_find(choice, "index")));
  inst_str finish = inst_find_text(choice, "finish_reason");
  if (strand == NULL) return;
  take_delta(a, strand, inst_find(choice, "delta"));
  if (finish.n > 0) strand->finish = inst_arena_copy(a->arena, finish);
}

static const inst_value *object_at(const inst_value *object, const char *key) {
  const inst_value *v = inst_find(object, key);
  return v != NULL && inst_value_kind_of(v) == INST_OBJECT ? v : NULL;
}

/* What is told of the cost holds for the whole stream up to here: the last word counts. */
static void take_usage(inst_assembly *a, const inst_value *chunk) {
  const inst_value *usage = object_at(chunk, "usage");
  if (usage == NULL) usage = object_at(object_at(chunk, "x_groq"), "usage");
  if (usage != NULL) a->usage = inst_value_copy(a->arena, usage);
}

static bool is_head(inst_str key) {
  static const char *const others[] = {"choices", "usage", "object", "obfuscation", "x_groq"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (inst_str_is(key, inst_str_of(others[i]))) return false;
  return true;
}

/* null, false, "" and {} say nothing. */
static bool says_something(const inst_value *error) {
  if (error == NULL) return false;
  switch (inst_value_kind_of(error)) {
  case INST_NULL: return false;
  case INST_BOOL: return inst_value_bool(error);
  case INST_STRING: return inst_value_text(error).n > 0;
  case INST_ARRAY:
  case INST_OBJECT: return inst_value_count(error) > 0;
  default: return true;
  }
}

/* Is the chunk an error, in one of the shapes there are: {error = …} that says something,
** {object = "error"}, {type = "error"}? */
static bool is_fault(const inst_value *chunk) {
  const inst_value *error = inst_find(chunk, "error");
  if (error == NULL) error = inst_find(inst_find(chunk, "x_groq"), "error");
  if (says_something(error)) return true;
  return inst_str_is(inst_find_text(chunk, "object"), INST_LIT("error")) ||
         inst_str_is(inst_find_text(chunk, "type"), INST_LIT("error"));
}

/* The error alone, as a body would have it: without the piece of an answer it may stand beside. */
static inst_value *fault_of(inst_assembly *a, const inst_value *chunk) {
  inst_value *fault = inst_object(a->arena);
  const inst_value *hidden = inst_find(inst_find(chunk, "x_groq"), "error");
  for (const inst_value *m = inst_value_first(chunk); m && fault; m = inst_value_next(m))
    if (!inst_str_is(inst_value_key(m), INST_LIT("choices")))
      inst_put(a->arena, fault, inst_value_key(m), inst_value_copy(a->arena, m));
  if (inst_find(chunk, "error") == NULL && hidden != NULL && fault != NULL)
    inst_put(a->arena, fault, INST_LIT("error"), inst_value_copy(a->arena, hidden));
  return fault;
}

static void take_chunk(inst_assembly *a, const inst_value *chunk) {
  const inst_value *choices = inst_find(chunk, "choices");
  bool list = choices != NULL && inst_value_kind_of(choices) == INST_ARRAY;
  if (is_fault(chunk)) a->fault = fault_of(a, chunk);
  for (const inst_value *m = inst_value_first(chunk); m && !a->fault; m = inst_value_next(m))
    if (is_head(inst_value_key(m))) inst_assembly_note(a, m);
  take_usage(a, chunk);
  for (const inst_value *c = list ? inst_value_first(choices) : NULL; c; c = inst_value_next(c))
    take_choice(a, c);
}

/* An event named "error" holds the error itself. */
static void take_error(inst_assembly *a, const inst_value *error) {
  inst_value *fault = inst_object(a->arena);
  if (is_fault(error))
    fault = fault_of(a, error);
  else if (fault != NULL)
    inst_put(a->arena, fault, INST_LIT("error"), inst_value_copy(a->arena, error));
  a->fault = fault;
}

int inst_openai_take(inst_assembly *a, const inst_sse_event *event, unsigned max_depth,
                     inst_error *error) {
  inst_str data = inst_str_trim(event->data);
  if (a->closed || a->fault != NULL || data.n == 0) return 0;
  a->any = true;
  if (inst_str_starts(data, INST_LIT("[DONE]"))) {
    a->closed = true;
    return 0;
  }
  inst_arena_reset(&a->scratch);
  const inst_value *chunk = inst_json_parse(&a->scratch, data, max_depth, error);
  if (chunk == NULL) return -1;
  if (inst_str_is(event->name, INST_LIT("error")))
    take_error(a, chunk);
  else if (inst_value_kind_of(chunk) == INST_OBJECT)
    take_chunk(a, chunk);
  if (inst_assembly_is_full(a))
    return inst_error_set(error, INST_E_LIMIT, "the stream has more than %d answers and calls",
                          INST_MAX_STRANDS);
  bool lost = inst_assembly_failed(a) || inst_arena_failed(a->arena);
  return lost ? inst_error_memory(error) : 0;
}

/* ---- the completion -------------------------------------------------------------------------- */

static void put(inst_arena *arena, inst_value *object, const char *key, inst_value *value) {
  if (object != NULL) inst_put(arena, object, inst_str_of(key), value);
}

static void put_text(inst_arena *arena, inst_value *object, const char *key, inst_str text) {
  if (text.n > 0) put(arena, object, key, inst_string(arena, text));
}

static inst_value *function_of(const inst_called *call, inst_arena *arena) {
  inst_value *out = inst_object(arena);
  put(arena, out, "name", inst_string(arena, call->name.p ? call->name : INST_LIT("")));
  put(arena, out, "arguments", inst_string(arena, inst_buf_text(&call->arguments)));
  return out;
}

static inst_value *calls_of(const inst_strand *strand, inst_arena *arena) {
  inst_value *list = inst_array(arena);
  for (const inst_called *call = strand->calls; call != NULL; call = call->next) {
    inst_value *out = inst_object(arena);
    put_text(arena, out, "id", call->id);
    put(arena, out, "type", inst_string(arena, INST_LIT("function")));
    put(arena, out, "function", function_of(call, arena));
    inst_push(list, out);
  }
  return list;
}

static inst_value *message_of(const inst_strand *strand, inst_arena *arena) {
  inst_value *out = inst_object(arena);
  inst_str content = inst_buf_text(&strand->content);
  bool said = content.n > 0 || (strand->calls == NULL && strand->function == NULL);
  put(arena, out, "role", inst_string(arena, INST_LIT("assistant")));
  put(arena, out, "content", said ? inst_string(arena, content) : inst_null(arena));
  put_text(arena, out, "reasoning_content", inst_buf_text(&strand->reasoning));
  put_text(arena, out, "refusal", inst_buf_text(&strand->refusal));
  if (strand->calls != NULL) put(arena, out, "tool_calls", calls_of(strand, arena));
  if (strand->function != NULL)
    put(arena, out, "function_call", function_of(strand->function, arena));
  return out;
}

static inst_value *choice_of(const inst_strand *strand, inst_arena *arena) {
  inst_value *out = inst_object(arena);
  bool ended = strand->finish.p != NULL;
  put(arena, out, "index", inst_int(arena, strand->number));
  put(arena, out, "message", message_of(strand, arena));
  put(arena, out, "finish_reason", ended ? inst_string(arena, strand->finish) : inst_null(arena));
  return out;
}

inst_value *inst_openai_completion(const inst_assembly *a, inst_arena *arena) {
  inst_value *out = inst_object(arena), *choices = inst_array(arena);
  for (const inst_value *m = inst_value_first(a->head); m != NULL; m = inst_value_next(m))
    if (out != NULL) inst_put(arena, out, inst_value_key(m), inst_value_copy(arena, m));
  put(arena, out, "object", inst_string(arena, INST_LIT("chat.completion")));
  for (const inst_strand *strand = a->strands; strand != NULL; strand = strand->next)
    inst_push(choices, choice_of(strand, arena));
  put(arena, out, "choices", choices);
  if (a->usage != NULL) put(arena, out, "usage", inst_value_copy(arena, a->usage));
  return out;
}
