/*
** Walks the nodes that hand a value on as it is, down to literals, enums and null.
** Rule: no recursion; a node is looked at once a walk, so that walks end however nodes are shared.
*/
#include "core/schema/finite.h"

#include "core/base/error.h"

/* A walk over nodes yet to be looked at. */
typedef struct walk {
  inst_schema *schema;
  uint32_t *pending; /* node * 2, + 1 where "missing" does not count */
  size_t count;
  unsigned stamp; /* what has been seen by this walk bears it */
} walk;

static void push(walk *w, inst_node node, uint32_t not_missing) {
  inst_tnode *next = &w->schema->nodes[node];
  if (next->seen == w->stamp) return;
  next->seen = w->stamp;
  w->pending[w->count++] = node * 2 + not_missing;
}

static void push_all(walk *w, const inst_tnode *node, uint32_t not_missing) {
  for (unsigned i = node->inner_count; i > 0; i--) push(w, node->inner[i - 1], not_missing);
}

/* What a value is told to; false: stop. */
typedef bool take_value(void *to, const inst_value *value);

static bool take_all(const inst_tnode *node, take_value *take, void *to) {
  const inst_value *v = inst_value_first(node->values);
  while (v != NULL && take(to, v)) v = inst_value_next(v);
  return v == NULL;
}

static const inst_value null_value = {.kind = INST_NULL};

/* One node of the way down to values.  False: its values cannot be counted, or 'take' said stop. */
static bool look_at(walk *w, const inst_tnode *node, uint32_t not_missing, take_value *take,
                    void *to) {
  switch (node->kind) {
  case INST_NODE_LITERAL:
  case INST_NODE_ENUM: return take_all(node, take, to);
  case INST_NODE_NULL: return take(to, &null_value);
  case INST_NODE_UNION: push_all(w, node, not_missing); return true;
  case INST_NODE_NULLABLE: push(w, node->inner[0], not_missing); return take(to, &null_value);
  case INST_NODE_OPTIONAL:
    push(w, node->inner[0], not_missing);
    return not_missing != 0 || take(to, NULL);
  case INST_NODE_NONOPTIONAL: push(w, node->inner[0], 1); return true;
  case INST_NODE_DEFAULT:
  case INST_NODE_PREFAULT:
  case INST_NODE_CATCH:
  case INST_NODE_READONLY:
  case INST_NODE_LAZY:
  case INST_NODE_PIPE: push(w, node->inner[0], not_missing); return true;
  default: return false;
  }
}

static void begin(walk *w) {
  w->stamp++;
  w->count = 0;
}

/* Tells 'take' all values of 'node', NULL for "missing".  False: they cannot be counted. */
static bool each_value(walk *w, inst_node node, take_value *take, void *to) {
  begin(w);
  for (push(w, node, 0); w->count > 0;) {
    uint32_t next = w->pending[--w->count];
    if (!look_at(w, &w->schema->nodes[next / 2], next % 2, take, to)) return false;
  }
  return true;
}

/* ---- keys ------------------------------------------------------------------------------------ */

typedef struct key_list {
  inst_arena *arena;
  inst_value *keys;
} key_list;

static bool has_key(const inst_value *keys, inst_str key) {
  const inst_value *v = inst_value_first(keys);
  while (v != NULL && !inst_str_is(inst_value_text(v), key)) v = inst_value_next(v);
  return v != NULL;
}

/* Numbers are keys too, as they are written; what is neither is never met. */
static bool take_key(void *to, const inst_value *value) {
  key_list *list = to;
  inst_str key = {NULL, 0};
  if (value != NULL && inst_value_kind_of(value) == INST_STRING) key = inst_value_text(value);
  if (inst_value_is_number(value)) key = inst_json_text(list->arena, value);
  if (key.p != NULL && !has_key(list->keys, key))
    inst_push(list->keys, inst_string(list->arena, key));
  return true;
}

static void find_keys(walk *w, inst_tnode *record) {
  key_list list = {&w->schema->arena, inst_array(&w->schema->arena)};
  if (list.keys != NULL && each_value(w, record->inner[0], take_key, &list))
    record->keys = list.keys;
}

/* ---- discriminators -------------------------------------------------------------------------- */

typedef struct case_list {
  walk *walk;
  inst_tnode *node; /* the union */
  unsigned option;
  inst_case *last;
  bool twice;
} case_list;

static bool same(const inst_value *a, const inst_value *b) {
  return a == NULL || b == NULL ? a == b : inst_value_equal(a, b);
}

static bool take_case(void *to, const inst_value *value) {
  case_list *list = to;
  const inst_case *old = list->node->cases;
  while (old != NULL && !same(old->value, value)) old = old->next;
  list->twice = old != NULL && old->option != list->option;
  if (old != NULL) return !list->twice;
  inst_case *made = inst_arena_get(&list->walk->schema->arena, sizeof *made);
  if (made == NULL) return false;
  *made = (inst_case){value, list->option, NULL};
  if (list->last != NULL)
    list->last->next = made;
  else
    list->node->cases = made;
  list->last = made;
  return true;
}

/* The nodes of an option whose field the discriminator is; they are few, for only unions fork. */
static bool push_objects(walk *w, inst_node option, inst_node *objects, size_t *count) {
  begin(w);
  for (push(w, option, 0); w->count > 0;) {
    inst_node number = w->pending[--w->count] / 2;
    const inst_tnode *node = &w->schema->nodes[number];
    switch (node->kind) {
    case INST_NODE_OBJECT: objects[(*count)++] = number; break;
    case INST_NODE_UNION: push_all(w, node, 0); break;
    case INST_NODE_READONLY:
    case INST_NODE_LAZY:
    case INST_NODE_NONOPTIONAL:
    case INST_NODE_PIPE: push(w, node->inner[0], 0); break;
    default: return false;
    }
  }
  return true;
}

static inst_node field_of(const inst_tnode *object, inst_str key) {
  for (const inst_field *f = object->fields; f != NULL; f = f->next)
    if (inst_str_is(f->key, key)) return f->node;
  return 0;
}

/* All values the discriminator has in the option.  False: it has none that can be counted, or one
** that another option has. */
static bool add_option(case_list *list, inst_node *objects) {
  size_t count = 0;
  const inst_tnode *node = list->node;
  walk *w = list->walk;
  if (!push_objects(w, node->inner[list->option], objects, &count)) return false;
  for (size_t i = 0; i < count; i++) {
    inst_node field = field_of(&w->schema->nodes[objects[i]], node->discriminator);
    if (field == 0 || !each_value(w, field, take_case, list)) return false;
  }
  return true;
}

static int find_cases(walk *w, inst_node number, inst_node *objects) {
  inst_schema *schema = w->schema;
  inst_tnode *node = &schema->nodes[number];
  inst_str key = node->discriminator;
  case_list list = {.walk = w, .node = node};
  for (; list.option < node->inner_count; list.option++) {
    if (add_option(&list, objects)) continue;
    if (inst_arena_failed(&schema->arena)) return inst_error_memory(&schema->fault);
    return inst_error_set(&schema->fault, INST_E_USAGE, "node %u: the discriminator %.*s %s %u",
                          (unsigned)number, (int)(key.n < INST_QUOTE_MAX ? key.n : INST_QUOTE_MAX),
                          key.p,
                          list.twice ? "has a value of an earlier option again in option"
                                     : "has no fixed values in option",
                          list.option + 1);
  }
  return 0;
}

int inst_finite_work_out(inst_schema *schema) {
  inst_arena *arena = &schema->arena;
  bool needed = false;
  for (uint32_t i = 1; i < schema->count; i++)
    needed = needed || schema->nodes[i].kind == INST_NODE_RECORD ||
             schema->nodes[i].discriminator.p != NULL;
  if (!needed) return 0;
  inst_node *objects = inst_arena_get(arena, schema->count * sizeof *objects);
  walk w = {.schema = schema, .pending = inst_arena_get(arena, schema->count * sizeof(uint32_t))};
  for (uint32_t i = 1; i < schema->count && !inst_arena_failed(arena); i++) {
    inst_tnode *node = &schema->nodes[i];
    if (node->kind == INST_NODE_RECORD) find_keys(&w, node);
    if (node->discriminator.p != NULL && find_cases(&w, i, objects) != 0) return -1;
  }
  return inst_arena_failed(arena) ? inst_error_memory(&schema->fault) : 0;
}
