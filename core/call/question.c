/*
** Checking what was given, printing the schema, finding the words.
*/
#include "core/call/question.h"

#include "core/base/error.h"
#include "core/schema/print.h"
#include "core/schema/tree.h"
#include "core/wire/subset.h"

#include <stdio.h>

/* ---- checking -------------------------------------------------------------------------------- */

static bool is_object(const inst_value *v) {
  return v != NULL && inst_value_kind_of(v) == INST_OBJECT;
}

/* What the provider would take without heeding it, or cannot be told. */
static int check_params(const inst_call_options *options, inst_error *error) {
  const inst_provider *row = options->provider;
  const inst_value *tools = inst_find(options->params, "tools");
  bool choose = options->mode == INST_MODE_TOOLS && row->tool_choice == INST_CHOICE_REQUIRED;
  for (size_t i = 0; row->ignores != NULL && row->ignores[i] != NULL; i++)
    if (inst_find(options->params, row->ignores[i]) != NULL)
      return inst_error_set(
          error, INST_E_USAGE,
          "%s ignores the parameter %s in silence: leave it out, the mode sees to "
          "the schema",
          row->name, row->ignores[i]);
  if (choose && inst_value_count(tools) > 0)
    return inst_error_set(error, INST_E_USAGE,
                          "%s cannot be made to call one tool among several: leave tools out, or "
                          "take the mode JSON_SCHEMA",
                          row->name);
  return 0;
}

static int check_model(const inst_call_options *options, inst_error *error) {
  const inst_provider *provider = options->provider;
  const inst_value *messages = inst_find(options->params, "messages");
  bool known = (unsigned)options->mode < INST_MODE_COUNT;
  if (!known || (provider->modes & 1u << options->mode) == 0)
    return inst_error_set(error, INST_E_USAGE, "%s does not take the mode %s", provider->name,
                          inst_mode_name(options->mode));
  if (!options->schema->finished)
    return inst_error_set(error, INST_E_USAGE, "the schema is not finished");
  if (messages != NULL && !inst_ask_is_conversation(messages))
    return inst_error_set(error, INST_E_USAGE,
                          "messages must be a list of objects with role and content, or a text");
  return check_params(options, error);
}

int inst_question_check(const inst_call_options *options, inst_error *error) {
  if (options->provider == NULL || !is_object(options->params))
    return inst_error_set(error, INST_E_USAGE, "a call needs a provider and its parameters");
  return 0;
}

int inst_question_check_model(const inst_call_options *options, inst_error *error) {
  return options->schema != NULL ? check_model(options, error) : 0;
}

/* ---- printing -------------------------------------------------------------------------------- */

/* 'schema' without a member. */
static inst_value *without(const inst_value *schema, inst_str key, inst_arena *arena) {
  inst_value *out = inst_object(arena);
  for (const inst_value *v = inst_value_first(schema); v != NULL; v = inst_value_next(v))
    if (!inst_str_is(inst_value_key(v), key))
      inst_put(arena, out, inst_value_key(v), inst_value_alias(arena, v));
  return out;
}

/* Providers want an object at the root: anything else is asked for as {value = …}. */
static inst_value *print_object(inst_question *q, const inst_call_options *options, bool strict,
                                inst_arena *arena, inst_error *error) {
  inst_profile profile = {.strict = strict};
  inst_value *printed = inst_schema_print(options->schema, &profile, arena, error);
  q->ask.strict = q->null_is_absent = strict;
  q->wrapped = !inst_str_is(inst_find_text(printed, "type"), INST_LIT("object"));
  if (printed == NULL || !q->wrapped) return printed;
  return inst_schema_print_inside(options->schema, &profile, INST_WRAPPER_KEY, arena, error);
}

/* Ends what the printer refused with a way out. */
static void add_way_out(inst_error *error, const inst_provider *row) {
  size_t n = strlen(error->text);
  const char *mode = (row->modes & 1u << INST_MODE_TOOLS) != 0 ? "TOOLS" : "MD_JSON";
  if (error->code == INST_E_USAGE)
    snprintf(error->text + n, sizeof error->text - n, ", and %s takes no other: take the mode %s",
             row->name, mode);
}

/* The schema printed, and whether the row takes it so; NULL: it does not, as 'error' says. */
static inst_value *print_held(inst_question *q, const inst_call_options *options, bool strict,
                              inst_arena *arena, inst_error *error) {
  const inst_str none = {NULL, 0};
  inst_value *printed = print_object(q, options, strict, arena, error);
  inst_str skip = q->wrapped ? INST_WRAPPER_KEY : none;
  if (printed == NULL && strict) add_way_out(error, options->provider);
  if (printed == NULL) return NULL;
  return inst_subset_fit(printed, options->provider, strict, skip, arena, error) == 0 ? printed
                                                                                      : NULL;
}

/* Strict where the row says so; where it says "if possible", the plain schema is the way out. */
static inst_value *print_fit(inst_question *q, const inst_call_options *options, inst_arena *arena,
                             inst_error *error) {
  const inst_provider *row = options->provider;
  bool strict = row->envelope == INST_ENVELOPE_JSON_SCHEMA && row->strict != INST_STRICT_NEVER;
  inst_error unfit = {.code = INST_E_NONE};
  if (options->mode != INST_MODE_JSON_SCHEMA) return print_object(q, options, false, arena, error);
  if (!strict || row->strict == INST_STRICT_ALWAYS)
    return print_held(q, options, strict, arena, error);
  inst_value *printed = print_held(q, options, true, arena, &unfit);
  if (printed == NULL && unfit.code == INST_E_USAGE)
    return print_held(q, options, false, arena, error);
  if (printed == NULL) *error = unfit;
  return printed;
}

int inst_question_print(inst_question *q, const inst_call_options *options, inst_arena *arena,
                        inst_error *error) {
  inst_value *printed = print_fit(q, options, arena, error);
  bool read_by_provider =
      options->mode == INST_MODE_TOOLS || options->mode == INST_MODE_JSON_SCHEMA;
  if (printed != NULL && options->provider->bare_root && read_by_provider)
    printed = without(printed, INST_LIT("additionalProperties"), arena);
  q->ask.schema = printed;
  return printed != NULL || inst_arena_failed(arena) ? 0 : -1;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* What the response model is called: as it says, or its schema does. */
static inst_str name_of(const inst_call_options *options) {
  static const char *const keys[] = {"title", "id"};
  if (options->name.n > 0) return options->name;
  for (size_t i = 0; options->schema != NULL && i < sizeof keys / sizeof *keys; i++) {
    const inst_tnode *root = inst_tree_node(options->schema, options->schema->root);
    inst_str said = inst_find_text(root->meta, keys[i]);
    if (said.n > 0) return said;
  }
  return INST_LIT("Response");
}

/* What the response model is about: as its schema says, or else the model itself. */
static inst_str description_of(const inst_question *q, const inst_call_options *options) {
  const inst_value *schema = q->ask.schema;
  if (q->wrapped) schema = inst_value_find(inst_find(schema, "properties"), INST_WRAPPER_KEY);
  inst_str said = inst_find_text(schema, "description");
  if (said.n > 0) return said;
  return options->description.p != NULL ? options->description : INST_LIT("");
}

void inst_question_word(inst_question *q, const inst_call_options *options,
                        const inst_dialect *dialect, inst_arena *arena) {
  q->ask.name = inst_ask_name(name_of(options), arena);
  q->ask.description = inst_arena_copy(arena, description_of(q, options));
  if (options->schema == NULL || inst_arena_failed(arena)) return;
  q->ask.prompt = inst_ask_prompt(&q->ask, arena);
  dialect->prepare(&q->ask, arena);
}

/* ---- the call's own -------------------------------------------------------------------------- */

/* What lies in the call's arena already needs no copy. */
void inst_question_put(inst_question *q, const inst_call_options *options, inst_secrets secrets,
                       inst_arena *arena) {
  q->ask.params = options->params;
  if (options->arena != arena) q->ask.params = inst_value_copy(arena, options->params);
  q->ask.stream = options->stream;
  q->ask.secrets = secrets;
}
