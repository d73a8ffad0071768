/*
** From nodes to steps: each node by itself, in one round over all of them.
*/
#include "core/schema/plan.h"

#include <math.h>

#include "core/json/quoted.h"

/* Wrappers around one value.  So few that a parse never runs out of frames where we say yes:
** INST_MAX_DEPTH levels of them are less than its stack. */
#define MOST_WRAPPERS 24

const inst_step inst_step_any = {
    .kind = INST_NODE_ANY, .null = true, .object = true, .array = true};

/* A plan in the making. */
typedef struct maker {
  const inst_schema *schema;
  inst_arena *arena;
  inst_plan *plan;
  inst_step *steps; /* by number of the node */
} maker;

/* ---- wrappers -------------------------------------------------------------------------------- */

/* The node within the wrappers; NULL: there are too many. */
static const inst_tnode *unwrap(const inst_schema *schema, const inst_tnode *node, bool *null) {
  for (unsigned n = 0; n <= MOST_WRAPPERS; n++) {
    if (!inst_tree_is_wrapper(node)) return node;
    if (node->kind == INST_NODE_NULLABLE) *null = true;
    node = inst_tree_inner(schema, node, 0);
  }
  return NULL;
}

/* What a missing value comes to: nothing (true, NULL), a value, or something else (false). */
static bool when_missing(const inst_schema *schema, const inst_tnode *node,
                         const inst_value **filled) {
  *filled = NULL;
  if (node->in.absence == INST_MUST_BE_THERE) return false;
  for (unsigned n = 0; n <= MOST_WRAPPERS; n++) {
    const inst_tnode *inner = inst_tree_inner(schema, node, 0);
    switch (node->kind) {
    case INST_NODE_OPTIONAL:
      if (inner->in.absence != INST_IS_FILLED_IN) return true;
      break;
    case INST_NODE_NULLABLE:
    case INST_NODE_READONLY:
    case INST_NODE_LAZY: break;
    case INST_NODE_DEFAULT: *filled = inst_value_first(node->values); return *filled != NULL;
    default: return false;
    }
    node = inner;
  }
  return false;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The number of names that the schema can need. */
static size_t count_names(const inst_schema *schema) {
  size_t n = 0;
  for (uint32_t i = 1; i < schema->count; i++) {
    for (const inst_field *f = schema->nodes[i].fields; f != NULL; f = f->next) n++;
    n += inst_value_count(schema->nodes[i].values);
  }
  return n;
}

static uint32_t add_name(maker *m, inst_str name) {
  m->plan->names[m->plan->name_count++] = name;
  return m->plan->name_count;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static bool is_list(const inst_value *v) {
  return inst_value_kind_of(v) == INST_ARRAY || inst_value_kind_of(v) == INST_OBJECT;
}

/* Every choice gets a number, so that the i-th is found; those that are no texts have no name. */
static bool plan_choice(maker *m, inst_step *step) {
  const inst_value *v = inst_value_first(step->node->values);
  step->name = m->plan->name_count + 1;
  step->choices = &m->plan->names[m->plan->name_count];
  for (; v != NULL; v = inst_value_next(v), step->choice_count++) {
    if (is_list(v)) return false;
    add_name(m, inst_value_text(v));
  }
  return true;
}

/* The key as models write it: in quotes, the colon behind it, in whole words. */
static bool plan_likely(const maker *m, inst_slot *slot) {
  const size_t word = sizeof *slot->likely;
  size_t size = slot->key.n + sizeof "\"\":" - 1, words = (size + word - 1) / word;
  uint64_t *likely = inst_arena_get(m->arena, words * word);
  if (likely == NULL) return false;
  char *p = (char *)likely, *mask = (char *)&slot->mask;
  memset(likely, 0, words * word);
  memcpy(p + 1, slot->key.p, slot->key.n);
  p[0] = p[size - 2] = '"';
  p[size - 1] = ':';
  memset(mask, 0xFF, size - (words - 1) * word);
  slot->likely = likely;
  slot->words = (uint32_t)words;
  slot->size = (uint32_t)size;
  return true;
}

#define LONG_KEY 1000 /* a key that is longer is not foretold */

static bool plan_field(maker *m, inst_step *step, inst_slot *slot, const inst_field *field) {
  uint64_t bit = UINT64_C(1) << step->slot_count++;
  bool wide;
  *slot = (inst_slot){.key = field->key, .step = &m->steps[field->node]};
  bool as_it_stands = inst_quoted_span(field->key, &wide) == field->key.n;
  if (as_it_stands && field->key.n <= LONG_KEY && !plan_likely(m, slot)) return false;
  slot->name = add_name(m, field->key);
  const inst_tnode *node = inst_tree_node(m->schema, field->node);
  if (!when_missing(m->schema, node, &slot->filled))
    step->must |= bit;
  else if (slot->filled != NULL)
    step->filled |= bit;
  return true;
}

/* A rest that nothing fits refuses what is not declared. */
static void plan_undeclared(const maker *m, inst_step *step) {
  const inst_tnode *node = step->node;
  step->item = node->rest != 0 ? &m->steps[node->rest] : &inst_step_any;
  if (node->rest == 0)
    step->undeclared = node->unknown_keys == INST_KEYS_STRIP    ? INST_DROPPED
                       : node->unknown_keys == INST_KEYS_STRICT ? INST_REFUSED
                                                                : INST_READ;
  else if (inst_tree_node(m->schema, node->rest)->kind == INST_NODE_NEVER)
    step->undeclared = INST_REFUSED;
  else
    step->undeclared = INST_READ;
}

static bool plan_object(maker *m, inst_step *step) {
  size_t count = 0;
  for (const inst_field *f = step->node->fields; f != NULL; f = f->next) count++;
  inst_slot *slots = inst_arena_get(m->arena, count * sizeof *slots);
  if (slots == NULL || count > INST_PLAN_FIELDS) return false;
  step->slots = slots;
  plan_undeclared(m, step);
  for (const inst_field *f = step->node->fields; f != NULL; f = f->next)
    if (!plan_field(m, step, slots++, f)) return false;
  return true;
}

static bool plan_tuple(const maker *m, inst_step *step) {
  const inst_tnode *node = step->node;
  const inst_step **places = inst_arena_get(m->arena, node->inner_count * sizeof *places);
  if (places == NULL) return false;
  for (unsigned i = 0; i < node->inner_count; i++) places[i] = &m->steps[node->inner[i]];
  step->places = places;
  step->place_count = node->inner_count;
  step->item = node->rest != 0 ? &m->steps[node->rest] : NULL;
  return true;
}

/* Any key, and under it values that are alike. */
static bool plan_record(const maker *m, inst_step *step) {
  const inst_tnode *key = inst_tree_inner(m->schema, step->node, 0);
  bool any_key =
      key->kind == INST_NODE_STRING || key->kind == INST_NODE_ANY || key->kind == INST_NODE_UNKNOWN;
  step->item = &m->steps[step->node->inner[1]];
  step->undeclared = INST_READ;
  return any_key && key->rules == NULL && step->node->keys == NULL && step->node->traits == 0;
}

/* Narrows 'b' by one rule.  (What is above a number begins at the double that follows it.) */
static void add_bound(inst_bounds *b, const inst_check *check, bool number) {
  inst_check_kind kind = check->kind;
  double least = -INFINITY, most = INFINITY;
  if (kind == INST_CHECK_MIN || (kind == INST_CHECK_LENGTH && !number)) least = check->number;
  if (kind == INST_CHECK_MAX || (kind == INST_CHECK_LENGTH && !number)) most = check->number;
  if (kind == INST_CHECK_GT && number) least = nextafter(check->number, INFINITY);
  if (kind == INST_CHECK_LT && number) most = nextafter(check->number, -INFINITY);
  bool whole = kind == INST_CHECK_INT && number;
  if (isnan(least) || isnan(most) || (!whole && least == -INFINITY && most == INFINITY))
    b->told = false;
  b->whole = b->whole || whole;
  if (least > b->least) b->least = least;
  if (most < b->most) b->most = most;
}

static inst_bounds bounds_of(const inst_tnode *node) {
  inst_bounds bounds = {.told = true, .least = -INFINITY, .most = INFINITY};
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next)
    add_bound(&bounds, &rule->check, node->kind == INST_NODE_NUMBER);
  return bounds;
}

/* What may stand at a place of that kind. */
static void plan_shape(inst_step *step) {
  bool any = step->kind == INST_NODE_ANY || step->kind == INST_NODE_UNKNOWN;
  step->object = any || step->kind == INST_NODE_OBJECT || step->kind == INST_NODE_RECORD;
  step->array = any || step->kind == INST_NODE_ARRAY || step->kind == INST_NODE_TUPLE;
  step->bounds = bounds_of(step->node);
}

static bool plan_kind(maker *m, inst_step *step) {
  plan_shape(step);
  switch (step->kind) {
  case INST_NODE_ANY:
  case INST_NODE_UNKNOWN:
  case INST_NODE_NULL:
  case INST_NODE_BOOLEAN:
  case INST_NODE_NUMBER:
  case INST_NODE_STRING:
  case INST_NODE_NEVER: return true;
  case INST_NODE_LITERAL:
  case INST_NODE_ENUM: return plan_choice(m, step);
  case INST_NODE_OBJECT: return plan_object(m, step);
  case INST_NODE_ARRAY: step->item = &m->steps[step->node->inner[0]]; return true;
  case INST_NODE_TUPLE: return plan_tuple(m, step);
  case INST_NODE_RECORD: return plan_record(m, step);
  default: return false;
  }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool has_code(const inst_tnode *node) {
  const inst_rule *rule = node->rules;
  while (rule != NULL && rule->check.code == 0) rule = rule->next;
  return node->code != 0 || rule != NULL;
}

/* The step of one node.  A wrapper has the parts of what it wraps once more: few are shared. */
static bool plan_node(maker *m, const inst_tnode *node, inst_step *step) {
  bool null = false;
  const inst_tnode *within = unwrap(m->schema, node, &null);
  if (within == NULL || has_code(node) || inst_tree_has(node, INST_TRAIT_COERCE)) return false;
  *step = (inst_step){.node = within, .kind = within->kind, .null = null};
  if (within == node) return plan_kind(m, step);
  return true;
}

/* Wrappers take over the parts of what they wrap, which has its step by now. */
static void fold(maker *m, const inst_tnode *node, inst_step *step) {
  bool null = step->null;
  if (step->node == node) return;
  *step = m->steps[step->node - m->schema->nodes];
  step->null = null;
}

/* Nodes that nothing leads to are looked at as well, and do no more harm than to say no. */
bool inst_plan_make(inst_plan *plan, const inst_schema *schema, inst_arena *arena) {
  maker m = {schema, arena, plan, inst_arena_get(arena, schema->count * sizeof *m.steps)};
  *plan = (inst_plan){.names = inst_arena_get(arena, count_names(schema) * sizeof *plan->names)};
  if (m.steps == NULL || plan->names == NULL) return false;
  for (uint32_t i = 1; i < schema->count; i++)
    if (!plan_node(&m, &schema->nodes[i], &m.steps[i])) return false;
  for (uint32_t i = 1; i < schema->count; i++) fold(&m, &schema->nodes[i], &m.steps[i]);
  plan->root = &m.steps[schema->root];
  return !inst_arena_failed(arena);
}
