/*
** Building a schema, node by node.
** A fault while building is remembered and reported by finish, so that builders need not ask.
*/
#include "core/schema/tree.h"

#include "core/base/error.h"

inst_schema *inst_schema_new(inst_alloc alloc) {
  alloc = inst_alloc_fill(alloc);
  inst_schema *schema = inst_resize(alloc, NULL, 0, sizeof *schema);
  if (schema == NULL) return NULL;
  memset(schema, 0, sizeof *schema);
  inst_arena_init(&schema->arena, alloc);
  schema->count = 1;
  return schema;
}

static void clear_rules(inst_tnode *node) {
  for (inst_rule *rule = node->rules; rule != NULL; rule = rule->next) {
    inst_regex_free(rule->regex);
    inst_format_clear(rule->format);
  }
}

void inst_schema_free(inst_schema *schema) {
  if (schema == NULL) return;
  inst_alloc alloc = schema->arena.alloc;
  if (schema->nodes != NULL)
    for (uint32_t i = 1; i < schema->count; i++) clear_rules(&schema->nodes[i]);
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
  if (schema->room == 0) memset(nodes, 0, sizeof *nodes); /* "no node" has answers too: none */
  schema->nodes = nodes;
  schema->room = room;
  return true;
}

inst_node inst_schema_node(inst_schema *schema, inst_node_kind kind) {
  if (schema->finished || kind >= INST_NODE_COUNT) {
    inst_error_set(&schema->fault, INST_E_USAGE,
                   schema->finished ? "a finished schema cannot be changed"
                                    : "there is no such kind of node");
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
    if (key.p == NULL) key = INST_LIT("");
    *made = (inst_field){inst_arena_copy(&schema->arena, key), field, NULL};
    if (node->last_field != NULL)
      node->last_field->next = made;
    else
      node->fields = made;
    node->last_field = made;
  }
  note_lost_memory(schema);
}

static bool make_inner_room(inst_schema *schema, inst_tnode *node) {
  if (node->inner_count < node->inner_room) return true;
  unsigned room = node->inner_room ? node->inner_room * 2 : 2;
  inst_node *inner = inst_arena_get(&schema->arena, room * sizeof *inner);
  note_lost_memory(schema);
  if (inner == NULL) return false;
  if (node->inner_count > 0) memcpy(inner, node->inner, node->inner_count * sizeof *inner);
  node->inner = inner;
  node->inner_room = room;
  return true;
}

void inst_schema_inner(inst_schema *schema, inst_node outer, inst_node inner) {
  inst_tnode *node = open_node(schema, outer);
  if (node == NULL || open_node(schema, inner) == NULL) return;
  if (make_inner_room(schema, node)) node->inner[node->inner_count++] = inner;
}

void inst_schema_rest(inst_schema *schema, inst_node outer, inst_node rest) {
  inst_tnode *node = open_node(schema, outer);
  if (node != NULL && open_node(schema, rest) != NULL) node->rest = rest;
}

void inst_schema_discriminator(inst_schema *schema, inst_node target, inst_str key) {
  inst_tnode *node = open_node(schema, target);
  if (node == NULL) return;
  node->discriminator = inst_arena_copy(&schema->arena, key);
  note_lost_memory(schema);
}

void inst_schema_trait(inst_schema *schema, inst_node target, inst_trait trait) {
  inst_tnode *node = open_node(schema, target);
  if (node != NULL && (unsigned)trait < INST_TRAIT_COUNT) node->traits |= 1u << trait;
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
    *rule = (inst_rule){.check = *check};
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
    if (check->kind == INST_CHECK_FORMAT && schema->fault.code == INST_E_NONE)
      rule->format = inst_format_new(arena, check->text, check->extra, &schema->fault);
  }
  note_lost_memory(schema);
}

/* ---- asking ---------------------------------------------------------------------------------- */

const inst_tnode *inst_tree_node(const inst_schema *schema, inst_node node) {
  return &schema->nodes[node];
}

const inst_tnode *inst_tree_inner(const inst_schema *schema, const inst_tnode *node, unsigned i) {
  return &schema->nodes[i < node->inner_count ? node->inner[i] : 0];
}

bool inst_tree_has(const inst_tnode *node, inst_trait trait) {
  return (node->traits & 1u << trait) != 0;
}

bool inst_tree_is_wrapper(const inst_tnode *node) {
  switch (node->kind) {
  case INST_NODE_OPTIONAL:
  case INST_NODE_NULLABLE:
  case INST_NODE_NONOPTIONAL:
  case INST_NODE_READONLY:
  case INST_NODE_DEFAULT:
  case INST_NODE_PREFAULT:
  case INST_NODE_CATCH:
  case INST_NODE_LAZY: return true;
  default: return false;
  }
}

inst_node inst_tree_asked(const inst_schema *schema, const inst_tnode *pipe) {
  bool code_first = schema->nodes[pipe->inner[0]].kind == INST_NODE_TRANSFORM;
  return pipe->inner[code_first ? 1 : 0];
}
