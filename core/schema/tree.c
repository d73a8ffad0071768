/*
** Building a schema, and the facts about it that everybody asks for.
** A fault while building is remembered and reported by finish, so that builders need not ask.
*/
#include "core/schema/tree.h"

#include "core/base/error.h"

static const char *const node_names[] = {
#define INST_X(name, text) text,
    INST_NODES(INST_X)
#undef INST_X
};

enum { TAKES_NUMBER, TAKES_TEXT, TAKES_CODE, TAKES_NOTHING };
static const unsigned char check_takes[] = {
#define INST_X(name, text, takes) TAKES_##takes,
    INST_CHECKS(INST_X)
#undef INST_X
};

/* How many inner nodes a kind needs. */
static unsigned inner_needed(inst_node_kind kind) {
  switch (kind) {
  case INST_NODE_ARRAY:
  case INST_NODE_OPTIONAL:
  case INST_NODE_NULLABLE:
  case INST_NODE_DEFAULT: return 1;
  case INST_NODE_PIPE: return 2;
  default: return 0;
  }
}

inst_schema *inst_schema_new(inst_alloc alloc) {
  alloc = inst_alloc_fill(alloc);
  inst_schema *schema = inst_resize(alloc, NULL, 0, sizeof *schema);
  if (schema == NULL) return NULL;
  memset(schema, 0, sizeof *schema);
  inst_arena_init(&schema->arena, alloc);
  schema->count = 1;
  return schema;
}

static void free_regexes(inst_tnode *node) {
  for (inst_rule *rule = node->rules; rule != NULL; rule = rule->next) inst_regex_free(rule->regex);
}

void inst_schema_free(inst_schema *schema) {
  if (schema == NULL) return;
  inst_alloc alloc = schema->arena.alloc;
  if (schema->nodes != NULL)
    for (uint32_t i = 1; i < schema->count; i++) free_regexes(&schema->nodes[i]);
  inst_resize(alloc, schema->nodes, schema->room * sizeof *schema->nodes, 0);
  inst_arena_clear(&schema->arena);
  inst_resize(alloc, schema, sizeof *schema, 0);
}

static bool make_room(inst_schema *schema) {
  if (schema->count < schema->room) return true;
  uint32_t room = schema->room ? schema->room * 2 : 16;
  inst_tnode *nodes = inst_resize(schema->arena.alloc, schema->nodes, schema->room * sizeof *nodes,
                                  room * sizeof *nodes);
  if (nodes == NULL) {
    inst_error_memory(&schema->fault);
    return false;
  }
  schema->nodes = nodes;
  schema->room = room;
  return true;
}

inst_node inst_schema_node(inst_schema *schema, inst_node_kind kind) {
  if (schema->finished || kind >= INST_NODE_COUNT) {
    inst_error_set(&schema->fault, INST_E_USAGE, "a node was added to a finished schema");
    return 0;
  }
  if (!make_room(schema)) return 0;
  inst_tnode *node = &schema->nodes[schema->count];
  memset(node, 0, sizeof *node);
  node->kind = kind;
  return schema->count++;
}

/* The node to change; NULL, with the fault noted, where there is none or it may not change. */
static inst_tnode *open_node(inst_schema *schema, inst_node node) {
  if (schema->finished) {
    inst_error_set(&schema->fault, INST_E_USAGE, "a finished schema cannot be changed");
    return NULL;
  }
  if (node == 0) return NULL;
  if (node < schema->count) return &schema->nodes[node];
  inst_error_set(&schema->fault, INST_E_USAGE, "there is no node %u in this schema",
                 (unsigned)node);
  return NULL;
}

static void note_lost_memory(inst_schema *schema) {
  if (inst_arena_failed(&schema->arena)) inst_error_memory(&schema->fault);
}

void inst_schema_field(inst_schema *schema, inst_node object, inst_str key, inst_node field) {
  inst_tnode *node = open_node(schema, object);
  if (node == NULL || open_node(schema, field) == NULL) return;
  inst_field *made = inst_arena_get(&schema->arena, sizeof *made);
  if (made != NULL) {
    *made = (inst_field){inst_arena_copy(&schema->arena, key), field, NULL};
    if (node->last_field != NULL)
      node->last_field->next = made;
    else
      node->fields = made;
    node->last_field = made;
  }
  note_lost_memory(schema);
}

void inst_schema_inner(inst_schema *schema, inst_node outer, inst_node inner) {
  inst_tnode *node = open_node(schema, outer);
  if (node == NULL || open_node(schema, inner) == NULL) return;
  if (node->inner_count == inner_needed(node->kind)) {
    inst_error_set(&schema->fault, INST_E_USAGE, "%s takes no more than %u inner nodes",
                   node_names[node->kind], node->inner_count);
    return;
  }
  node->inner[node->inner_count++] = inner;
}

void inst_schema_value(inst_schema *schema, inst_node target, const inst_value *value) {
  inst_tnode *node = open_node(schema, target);
  if (node == NULL || value == NULL) return;
  if (node->values == NULL) node->values = inst_array(&schema->arena);
  if (node->values != NULL) inst_push(node->values, inst_value_copy(&schema->arena, value));
  note_lost_memory(schema);
}

void inst_schema_code(inst_schema *schema, inst_node target, uint32_t code) {
  inst_tnode *node = open_node(schema, target);
  if (node != NULL) node->code = code;
}

void inst_schema_unknown_keys(inst_schema *schema, inst_node object, inst_unknown_keys policy) {
  inst_tnode *node = open_node(schema, object);
  if (node != NULL) node->unknown_keys = policy;
}

void inst_schema_message(inst_schema *schema, inst_node target, inst_str message,
                         uint32_t message_code) {
  inst_tnode *node = open_node(schema, target);
  if (node == NULL) return;
  node->message = inst_arena_copy(&schema->arena, message);
  node->message_code = message_code;
  note_lost_memory(schema);
}

void inst_schema_meta(inst_schema *schema, inst_node target, inst_str key,
                      const inst_value *value) {
  inst_tnode *node = open_node(schema, target);
  if (node == NULL || value == NULL) return;
  if (node->meta == NULL) node->meta = inst_object(&schema->arena);
  inst_value *copy = inst_value_copy(&schema->arena, value);
  if (node->meta != NULL && copy != NULL) inst_replace(&schema->arena, node->meta, key, copy);
  note_lost_memory(schema);
}

static const inst_segment *copy_path(inst_arena *arena, const inst_segment *path, size_t count) {
  if (count == 0) return NULL;
  inst_segment *copy = inst_arena_get(arena, count * sizeof *copy);
  for (size_t i = 0; copy != NULL && i < count; i++)
    copy[i] = (inst_segment){inst_arena_copy(arena, path[i].key), path[i].index};
  return copy;
}

void inst_schema_check(inst_schema *schema, inst_node target, const inst_check *check) {
  inst_tnode *node = open_node(schema, target);
  if (node == NULL) return;
  inst_arena *arena = &schema->arena;
  inst_rule *rule = inst_arena_get(arena, sizeof *rule);
  if (rule != NULL) {
    *rule = (inst_rule){*check, NULL, NULL};
    rule->check.text = inst_arena_copy(arena, check->text);
    rule->check.extra = inst_arena_copy(arena, check->extra);
    rule->check.message = inst_arena_copy(arena, check->message);
    rule->check.path = copy_path(arena, check->path, check->path_count);
    if (node->last_rule != NULL)
      node->last_rule->next = rule;
    else
      node->rules = rule;
    node->last_rule = rule;
    if (check->kind == INST_CHECK_REGEX && schema->fault.code == INST_E_NONE)
      rule->regex = inst_regex_new(arena->alloc, check->text, check->extra, &schema->fault);
  }
  note_lost_memory(schema);
}

/* ---- finishing ------------------------------------------------------------------------------- */

static bool has_null_among(const inst_value *values) {
  for (const inst_value *v = inst_value_first(values); v != NULL; v = inst_value_next(v))
    if (inst_value_kind_of(v) == INST_NULL) return true;
  return false;
}

/* The structural answers of one node, from those of the nodes below it. */
static void work_out(inst_schema *schema, inst_tnode *node) {
  const inst_tnode *a = &schema->nodes[node->inner[0]], *b = &schema->nodes[node->inner[1]];
  switch (node->kind) {
  case INST_NODE_OPTIONAL:
    node->in = a->in == INST_IS_FILLED_IN ? a->in : INST_MAY_BE_MISSING;
    node->out_optional = true;
    node->takes_null = a->takes_null;
    break;
  case INST_NODE_NULLABLE:
    node->in = a->in;
    node->out_optional = a->out_optional;
    node->takes_null = true;
    break;
  case INST_NODE_DEFAULT:
    node->in = INST_IS_FILLED_IN;
    node->takes_null = a->takes_null;
    break;
  case INST_NODE_PIPE:
    node->in = a->in;
    node->out_optional = b->out_optional;
    node->takes_null = a->takes_null;
    break;
  case INST_NODE_TRANSFORM:
    node->in = INST_MAY_BE_MISSING;
    node->takes_null = true;
    break;
  case INST_NODE_LITERAL:
  case INST_NODE_ENUM: node->takes_null = has_null_among(node->values); break;
  case INST_NODE_NULL:
  case INST_NODE_ANY:
  case INST_NODE_UNKNOWN: node->takes_null = true; break;
  default: break;
  }
}

static unsigned higher(unsigned a, unsigned b) {
  return a > b ? a : b;
}

/* The height of the highest node below 'node'; 0 with 'open' set where one is not worked out. */
static unsigned height_below(const inst_schema *schema, const inst_tnode *node, bool *open) {
  unsigned height = 0;
  for (unsigned i = 0; i < node->inner_count; i++) {
    unsigned h = schema->nodes[node->inner[i]].height;
    *open = *open || h == 0;
    height = higher(height, h);
  }
  for (const inst_field *f = node->fields; f != NULL; f = f->next) {
    unsigned h = schema->nodes[f->node].height;
    *open = *open || h == 0;
    height = higher(height, h);
  }
  return height;
}

static bool work_out_when_ready(inst_schema *schema, inst_tnode *node) {
  bool open = false;
  unsigned height = height_below(schema, node, &open);
  if (node->height > 0 || open) return false;
  work_out(schema, node);
  node->height = height + 1;
  if (node->height > INST_MAX_SCHEMA_HEIGHT)
    inst_error_set(&schema->fault, INST_E_USAGE, "the schema has more than %d levels",
                   INST_MAX_SCHEMA_HEIGHT);
  return true;
}

/* Works out every node after the nodes below it; what is left over contains itself. */
static void work_out_all(inst_schema *schema) {
  uint32_t left = schema->count - 1;
  bool moved = true;
  while (left > 0 && moved) {
    moved = false;
    for (uint32_t i = 1; i < schema->count; i++) {
      if (!work_out_when_ready(schema, &schema->nodes[i])) continue;
      moved = true;
      left--;
    }
  }
  if (left > 0) inst_error_set(&schema->fault, INST_E_USAGE, "the schema contains itself");
}

static int check_rule(const inst_rule *rule, inst_error *fault) {
  const inst_check *check = &rule->check;
  unsigned takes = check->kind < INST_CHECK_COUNT ? check_takes[check->kind] : TAKES_NOTHING;
  if (check->kind >= INST_CHECK_COUNT)
    return inst_error_set(fault, INST_E_USAGE, "there is no check %d", (int)check->kind);
  if (takes == TAKES_CODE && check->code == 0)
    return inst_error_set(fault, INST_E_USAGE, "a check by code has no function");
  if (takes == TAKES_TEXT && check->text.p == NULL)
    return inst_error_set(fault, INST_E_USAGE, "a check of text has no text");
  if (check->kind == INST_CHECK_MULTIPLE_OF && !(check->number > 0 || check->number < 0))
    return inst_error_set(fault, INST_E_USAGE, "multiple_of takes a number that is not 0");
  return 0;
}

static int check_node(const inst_tnode *node, inst_error *fault) {
  const char *name = node_names[node->kind];
  size_t values = node->values ? inst_value_count(node->values) : 0;
  if (node->inner_count != inner_needed(node->kind))
    return inst_error_set(fault, INST_E_USAGE, "%s has %u inner nodes and needs %u", name,
                          node->inner_count, inner_needed(node->kind));
  if ((node->kind == INST_NODE_LITERAL || node->kind == INST_NODE_ENUM) && values == 0)
    return inst_error_set(fault, INST_E_USAGE, "%s has no values", name);
  if (node->kind == INST_NODE_DEFAULT && values == 0 && node->code == 0)
    return inst_error_set(fault, INST_E_USAGE, "default has no value");
  if (node->kind == INST_NODE_TRANSFORM && node->code == 0)
    return inst_error_set(fault, INST_E_USAGE, "transform has no function");
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next)
    if (check_rule(rule, fault) != 0) return -1;
  return 0;
}

int inst_schema_finish(inst_schema *schema, inst_node root, inst_error *error) {
  inst_error *fault = &schema->fault;
  if (fault->code == INST_E_NONE && (root == 0 || root >= schema->count))
    inst_error_set(fault, INST_E_USAGE, "the schema has no root");
  for (uint32_t i = 1; fault->code == INST_E_NONE && i < schema->count; i++)
    check_node(&schema->nodes[i], fault);
  if (fault->code == INST_E_NONE) work_out_all(schema);
  if (fault->code != INST_E_NONE) {
    if (error != NULL) *error = *fault;
    return -1;
  }
  schema->root = root;
  schema->finished = true;
  return 0;
}

const inst_tnode *inst_tree_node(const inst_schema *schema, inst_node node) {
  return &schema->nodes[node];
}

const inst_value *inst_tree_meta(const inst_tnode *node, const char *key) {
  return inst_find(node->meta, key);
}
