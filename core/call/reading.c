/*
** Strictly; else the candidates of the text, of which the schema chooses.
*/
#include "core/call/reading.h"

#include "core/base/error.h"
#include "core/json/read.h"
#include "core/wire/candidate.h"
#include "core/wire/fence.h"

/* ---- the root ---------------------------------------------------------------------------------- */

/* May the root be missing?  Then an empty wrapper, and a null that a strict schema made the model
** send, say that it is. */
static const inst_value *unwrap(inst_reading *r, const inst_value *v) {
  const inst_schema *schema = r->fitting.schema;
  inst_intake root = inst_tree_node(schema, schema->root)->asked;
  bool may_miss = root.absence != INST_MUST_BE_THERE;
  bool object = r->wrapped && inst_value_kind_of(v) == INST_OBJECT;
  const inst_value *inner = object ? inst_value_find(v, INST_WRAPPER_KEY) : NULL;
  r->inside = false;
  if (object && may_miss && inst_value_count(v) == 0) return NULL;
  r->inside = inner != NULL && inst_value_count(v) == 1;
  if (!r->inside) return v;
  bool null = r->fitting.options.null_is_absent && inst_value_kind_of(inner) == INST_NULL;
  return null && may_miss && !root.null ? NULL : inner;
}

/* Mends what does not fit, if it then fits.  The value may be a text that held wrapper and all. */
static bool fit(inst_reading *r, inst_repair_level level) {
  inst_fitting how = r->fitting;
  const inst_value *before = r->value;
  how.level = level;
  if (inst_fit(&how, &r->value, &r->edits)) return true;
  r->value = before;
  return false;
}

/* Where code has its part in judging, it shall not be run on what is dropped. */
static bool has_code(const inst_reading *r) {
  return inst_tree_node(r->fitting.schema, r->fitting.schema->root)->collects;
}

void inst_reading_value(inst_reading *r, const inst_value *value) {
  r->value = unwrap(r, value);
  if (r->fitting.level != INST_REPAIR_NONE && has_code(r)) fit(r, r->fitting.level);
}

bool inst_reading_mend(inst_reading *r) {
  const inst_value *before = r->value;
  if (r->fitting.level == INST_REPAIR_NONE || has_code(r) || r->value == NULL) return false;
  return fit(r, r->fitting.level) && r->value != before;
}

/* ---- candidates -------------------------------------------------------------------------------- */

static void add_edits(inst_reading *r, const inst_edit *edit) {
  for (; edit != NULL; edit = edit->next) inst_edit_add(&r->edits, edit, r->fitting.arena);
}

/* A value as it stands in the text, or NULL. */
static const inst_value *value_of(inst_reading *r, const inst_candidate *one) {
  inst_error error = {.code = INST_E_NONE};
  const inst_value *v = inst_json_parse(r->fitting.arena, one->text, r->fitting.max_depth, &error);
  if (v == NULL && error.code == INST_E_MEMORY) r->fitting.arena->failed = true;
  return v;
}

/* Takes candidate 'v' if it fits. */
static bool take_if_fit(inst_reading *r, const inst_value *v, const inst_candidate *one,
                        inst_repair_level level) {
  inst_edit_list none = {NULL, NULL, 0};
  r->edits = none;
  add_edits(r, one->edits);
  r->value = unwrap(r, v);
  return fit(r, level);
}

/* One of several values made a list of its own: then the others were items, too, and would be lost. */
static bool is_one_of_many(const inst_reading *r, const inst_candidate *list, size_t count,
                           size_t i) {
  const inst_edit *edit = r->edits.first;
  size_t alike = 0;
  while (edit != NULL && !(edit->what == INST_EDIT_LIST_OF_ONE && edit->path_count == 0))
    edit = edit->next;
  for (size_t k = 0; k < count; k++) alike += list[k].fenced == list[i].fenced;
  return edit != NULL && alike > 1;
}

/* Fenced ones before others; and of each kind the last first. */
static bool choose(inst_reading *r, const inst_candidate *list, const inst_value *const *values,
                   size_t count) {
  for (int fenced = 1; fenced >= 0; fenced--)
    for (size_t i = count; i-- > 0;)
      if (values[i] != NULL && list[i].fenced == (fenced != 0) &&
          take_if_fit(r, values[i], &list[i], r->fitting.level) &&
          !is_one_of_many(r, list, count, i))
        return true;
  return false;
}

/* How much it looks like what was meant, though it does not fit. */
static size_t likeness(const inst_reading *r, const inst_candidate *one, const inst_value *v) {
  const inst_schema *schema = r->fitting.schema;
  inst_node_kind kind = inst_tree_node(schema, schema->root)->kind;
  bool array = inst_value_kind_of(v) == INST_ARRAY;
  size_t size = one->size < SIZE_MAX / 4 ? one->size : SIZE_MAX / 4;
  if (one->fenced) size += SIZE_MAX / 2;
  return size + (array == (kind == INST_NODE_ARRAY) ? SIZE_MAX / 4 : 0);
}

/* None fits: the likeliest is what the model is told about. */
static bool take_likeliest(inst_reading *r, const inst_candidate *list,
                           const inst_value *const *values, size_t count) {
  size_t best = count;
  for (size_t i = 0; i < count; i++)
    if (values[i] != NULL && (best == count || likeness(r, &list[i], values[i]) >=
                                                   likeness(r, &list[best], values[best])))
      best = i;
  if (best == count) return false;
  take_if_fit(r, values[best], &list[best], INST_REPAIR_NONE);
  return true;
}

static bool read_candidates(inst_reading *r, inst_str text) {
  inst_candidate list[INST_MAX_CANDIDATES];
  const inst_value *values[INST_MAX_CANDIDATES];
  const inst_search search = {.max_depth = r->fitting.max_depth,
                              .fence_asked = r->fence_asked,
                              .thoughts_asked = r->thoughts_asked};
  size_t count = inst_candidates(text, &search, r->fitting.arena, list, &r->thoughts);
  for (size_t i = 0; i < count; i++) values[i] = value_of(r, &list[i]);
  if (choose(r, list, values, count)) return true;
  return take_likeliest(r, list, values, count);
}

/* ---- texts ------------------------------------------------------------------------------------- */

/* What stands in the fence that was asked for, strictly.  'fault' becomes that of the likeliest. */
static const inst_value *read_fences(inst_reading *r, inst_str text, inst_error *fault) {
  inst_str parts[INST_FENCE_MAX];
  const inst_value *value = NULL;
  size_t count = inst_fence_find(inst_fence_thoughts(text, &r->thoughts), parts);
  for (size_t i = 0; i < count && value == NULL && fault->code == INST_E_JSON; i++) {
    inst_error broken = {.code = INST_E_NONE};
    value = inst_json_parse(r->fitting.arena, parts[i], r->fitting.max_depth, &broken);
    if (value != NULL || (i > 0 && broken.code == INST_E_JSON)) continue;
    *fault = broken;
    fault->offset += (size_t)(parts[i].p - text.p);
  }
  return value;
}

int inst_reading_text(inst_reading *r, inst_str text) {
  bool strict = r->fitting.level == INST_REPAIR_NONE;
  const inst_value *v = inst_json_parse(r->fitting.arena, text, r->fitting.max_depth, &r->error);
  bool repaired = v == NULL && r->error.code == INST_E_JSON && !strict && read_candidates(r, text);
  if (v == NULL && r->error.code == INST_E_JSON && !repaired) {
    const inst_value *fenced = read_fences(r, text, &r->error);
    if (strict && (r->fence_asked || r->thoughts_asked)) v = fenced;
  }
  if (inst_arena_failed(r->fitting.arena)) {
    inst_error_clear(&r->error);
    return inst_error_memory(&r->error);
  }
  if (v != NULL) inst_reading_value(r, v);
  return v != NULL || repaired ? 0 : -1;
}

const inst_value *inst_repair(const inst_schema *schema, inst_str text,
                              const inst_repair_options *options, inst_arena *arena,
                              const inst_edit **edits, inst_error *error) {
  inst_reading r = {.fitting = {.schema = schema,
                                .level = options->level,
                                .max_depth = options->max_depth,
                                .arena = arena}};
  int failed = inst_reading_text(&r, text);
  if (failed == 0 && r.edits.first == NULL) inst_reading_mend(&r);
  if (edits != NULL) *edits = r.edits.first;
  if (failed != 0 && error != NULL) *error = r.error;
  return failed == 0 ? r.value : NULL;
}

const inst_value *inst_repair_value(const inst_schema *schema, const inst_value *value,
                                    const inst_parse_options *how,
                                    const inst_repair_options *options, inst_arena *arena,
                                    const inst_edit **edits) {
  inst_reading r = {.fitting = {.schema = schema,
                                .options = *how,
                                .level = options->level,
                                .max_depth = options->max_depth,
                                .arena = arena},
                    .value = value};
  if (value != NULL && options->level != INST_REPAIR_NONE) fit(&r, options->level);
  *edits = r.edits.first;
  return r.value;
}
