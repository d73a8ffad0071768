/*
** Building a schema, and the facts about it that everybody asks for.
** A fault while building is remembered and reported by finish, so that builders need not ask.
*/
#include "core/schema/tree.h"

#include "core/base/error.h"

#include <limits.h>
#include <math.h>

static const char *const node_names[] = {
#define INST_X(name, text) text,
    INST_NODES(INST_X)
#undef INST_X
};

enum { TAKES_NUMBER, TAKES_TEXT, TAKES_CODE, TAKES_NOTHING };
static const struct {
  const char *name;
  unsigned char argument;
} checks[] = {
#define INST_X(name, text, argument) {text, TAKES_##argument},
    INST_CHECKS(INST_X)
#undef INST_X
};

/* What a kind is made of.  All kinds take rules, a message and metadata. */
static const struct {
  unsigned char inner; /* inner nodes it needs */
  bool fields, values, code;
} takes[INST_NODE_COUNT] = {
    [INST_NODE_LITERAL] = {.values = true},
    [INST_NODE_ENUM] = {.values = true},
    [INST_NODE_OBJECT] = {.fields = true},
    [INST_NODE_ARRAY] = {.inner = 1},
    [INST_NODE_OPTIONAL] = {.inner = 1},
    [INST_NODE_NULLABLE] = {.inner = 1},
    [INST_NODE_DEFAULT] = {.inner = 1, .values = true, .code = true},
    [INST_NODE_PIPE] = {.inner = 2},
    [INST_NODE_TRANSFORM] = {.code = true},
};

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

void inst_schema_inner(inst_schema *schema, inst_node outer, inst_node inner) {
  inst_tnode *node = open_node(schema, outer);
  if (node == NULL || open_node(schema, inner) == NULL) return;
  if (node->inner_count == takes[node->kind].inner) {
    inst_error_set(&schema->fault, INST_E_USAGE, "node %u: %s takes no more than %u inner nodes",
                   (unsigned)outer, node_names[node->kind], node->inner_count);
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

/* What 'node' takes in, when the node inside takes in 'inner'. */
static inst_intake intake_of(const inst_tnode *node, inst_intake inner) {
  switch (node->kind) {
  case INST_NODE_OPTIONAL:
    if (inner.absence == INST_MUST_BE_THERE) inner.absence = INST_MAY_BE_MISSING;
    return inner;
  case INST_NODE_NULLABLE: return (inst_intake){inner.absence, true};
  case INST_NODE_DEFAULT: return (inst_intake){INST_IS_FILLED_IN, inner.null};
  case INST_NODE_PIPE: return inner;
  case INST_NODE_TRANSFORM: return (inst_intake){INST_MAY_BE_MISSING, true};
  case INST_NODE_LITERAL:
  case INST_NODE_ENUM: return (inst_intake){INST_MUST_BE_THERE, has_null_among(node->values)};
  case INST_NODE_NULL:
  case INST_NODE_ANY:
  case INST_NODE_UNKNOWN: return (inst_intake){INST_MUST_BE_THERE, true};
  default: return (inst_intake){INST_MUST_BE_THERE, false};
  }
}

inst_node inst_tree_asked(const inst_schema *schema, const inst_tnode *pipe) {
  bool code_first = schema->nodes[pipe->inner[0]].kind == INST_NODE_TRANSFORM;
  return pipe->inner[code_first ? 1 : 0];
}

/* The structural answers of one node, from those of the nodes inside (or of "no node"). */
static void work_out(inst_schema *schema, inst_tnode *node) {
  bool pipe = node->kind == INST_NODE_PIPE;
  const inst_tnode *first = &schema->nodes[node->inner[0]];
  const inst_tnode *last = pipe ? &schema->nodes[node->inner[1]] : first;
  const inst_tnode *asked = pipe ? &schema->nodes[inst_tree_asked(schema, node)] : first;
  node->in = intake_of(node, first->in);
  node->asked = intake_of(node, asked->asked);
  if (node->kind == INST_NODE_OPTIONAL) node->out_optional = true;
  if (node->kind == INST_NODE_NULLABLE || pipe) node->out_optional = last->out_optional;
}

#define OPEN UINT_MAX /* the height of a node on the path: what is below it is being worked out */

/* A step of the path. */
typedef struct visit {
  inst_tnode *node;
  unsigned inner;          /* the next of its inner nodes */
  const inst_field *field; /* the next of its fields */
} visit;

static visit visit_of(inst_tnode *node) {
  node->height = OPEN;
  return (visit){node, 0, node->fields};
}

/* The next node directly below; 0: there is no other. */
static inst_node next_below(visit *v) {
  if (v->inner < v->node->inner_count) return v->node->inner[v->inner++];
  const inst_field *field = v->field;
  if (field == NULL) return 0;
  v->field = field->next;
  return field->node;
}

/* All below 'node' is worked out: so is it now. */
static int close_node(inst_schema *schema, inst_tnode *node) {
  unsigned height = 0;
  visit v = visit_of(node);
  node->transforms = node->kind == INST_NODE_TRANSFORM;
  for (inst_node number = next_below(&v); number != 0; number = next_below(&v)) {
    const inst_tnode *below = &schema->nodes[number];
    if (below->height > height) height = below->height;
    node->transforms = node->transforms || below->transforms;
  }
  work_out(schema, node);
  node->height = height + 1;
  return height < INST_MAX_SCHEMA_HEIGHT ? 0 : -1;
}

/* Works out 'node' and all below it, with a path where others recurse.  Non-zero: the fault is
** noted. */
static int work_out_from(inst_schema *schema, inst_tnode *node) {
  visit path[INST_MAX_SCHEMA_HEIGHT];
  size_t depth = 0;
  bool too_high = false;
  for (path[depth++] = visit_of(node); depth > 0 && !too_high;) {
    inst_node below = next_below(&path[depth - 1]);
    inst_tnode *next = &schema->nodes[below];
    if (below == 0)
      too_high = close_node(schema, path[--depth].node) != 0;
    else if (next->height == OPEN)
      return inst_error_set(&schema->fault, INST_E_USAGE, "the schema contains itself");
    else if (next->height == 0 && depth == INST_MAX_SCHEMA_HEIGHT)
      too_high = true;
    else if (next->height == 0)
      path[depth++] = visit_of(next);
  }
  if (!too_high) return 0;
  return inst_error_set(&schema->fault, INST_E_USAGE, "the schema has more than %d levels",
                        INST_MAX_SCHEMA_HEIGHT);
}

static bool is_length(inst_check_kind kind) {
  return kind == INST_CHECK_MIN || kind == INST_CHECK_MAX || kind == INST_CHECK_LENGTH;
}

/* Can a check of that kind say anything about what such a node lets pass? */
static bool suits(inst_check_kind kind, inst_node_kind node) {
  if (checks[kind].argument == TAKES_CODE) return true;
  switch (node) {
  case INST_NODE_STRING: return is_length(kind) || kind >= INST_CHECK_REGEX;
  case INST_NODE_NUMBER: return kind < INST_CHECK_REGEX && kind != INST_CHECK_LENGTH;
  case INST_NODE_ARRAY: return is_length(kind);
  default: return false;
  }
}

/* What is wrong with a check's argument, or NULL. */
static const char *argument_fault(const inst_check *check, inst_node_kind node) {
  double n = check->number;
  switch (checks[check->kind].argument) {
  case TAKES_CODE: return check->code == 0 ? "takes a function" : NULL;
  case TAKES_TEXT: return check->text.p == NULL ? "takes a text" : NULL;
  case TAKES_NUMBER:
    if (!isfinite(n)) return "takes a finite number";
    if (node != INST_NODE_NUMBER) return n < 0 || floor(n) != n ? "takes a count" : NULL;
    return check->kind == INST_CHECK_MULTIPLE_OF && n == 0 ? "takes a number that is not 0" : NULL;
  default: return NULL;
  }
}

static int check_rule(const inst_rule *rule, inst_node_kind node, unsigned number,
                      inst_error *fault) {
  inst_check_kind kind = rule->check.kind;
  if (kind >= INST_CHECK_COUNT)
    return inst_error_set(fault, INST_E_USAGE, "node %u: there is no check %d", number, (int)kind);
  if (!suits(kind, node))
    return inst_error_set(fault, INST_E_USAGE, "node %u: %s does not take the check %s", number,
                          node_names[node], checks[kind].name);
  const char *wrong = argument_fault(&rule->check, node);
  if (wrong == NULL) return 0;
  return inst_error_set(fault, INST_E_USAGE, "node %u: the check %s %s", number, checks[kind].name,
                        wrong);
}

/* Does the field stand a second time behind itself? */
static bool is_repeated(const inst_field *field) {
  for (const inst_field *f = field->next; f != NULL; f = f->next)
    if (inst_str_is(f->key, field->key)) return true;
  return false;
}

static int check_fields(const inst_tnode *node, unsigned number, inst_error *fault) {
  for (const inst_field *f = node->fields; f != NULL; f = f->next)
    if (is_repeated(f))
      return inst_error_set(fault, INST_E_USAGE, "node %u: the field %.*s stands twice", number,
                            (int)(f->key.n < INST_QUOTE_MAX ? f->key.n : INST_QUOTE_MAX), f->key.p);
  return 0;
}

/* What a node lacks, or has and must not have; NULL: it is well. */
static const char *parts_fault(const inst_tnode *node) {
  inst_node_kind kind = node->kind;
  bool values = inst_value_count(node->values) > 0;
  if (node->inner_count < takes[kind].inner) return "lacks an inner node";
  if (node->fields != NULL && !takes[kind].fields) return "takes no fields";
  if (values && !takes[kind].values) return "takes no values";
  if (node->code != 0 && !takes[kind].code) return "takes no function";
  if (takes[kind].values && !values && node->code == 0) return "lacks a value";
  return kind == INST_NODE_TRANSFORM && node->code == 0 ? "lacks a function" : NULL;
}

static int check_node(const inst_tnode *node, unsigned number, inst_error *fault) {
  const char *wrong = parts_fault(node);
  if (wrong != NULL)
    return inst_error_set(fault, INST_E_USAGE, "node %u: %s %s", number, node_names[node->kind],
                          wrong);
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next)
    if (check_rule(rule, node->kind, number, fault) != 0) return -1;
  return check_fields(node, number, fault);
}

static int check_all(inst_schema *schema, inst_node root) {
  inst_error *fault = &schema->fault;
  if (fault->code != INST_E_NONE) return -1;
  if (schema->finished)
    return inst_error_set(fault, INST_E_USAGE, "the schema is finished already");
  if (root == 0 || root >= schema->count)
    return inst_error_set(fault, INST_E_USAGE, "the schema has no root");
  for (uint32_t i = 1; i < schema->count; i++)
    if (check_node(&schema->nodes[i], (unsigned)i, fault) != 0) return -1;
  for (uint32_t i = 1; i < schema->count; i++)
    if (schema->nodes[i].height == 0 && work_out_from(schema, &schema->nodes[i]) != 0) return -1;
  return 0;
}

int inst_schema_finish(inst_schema *schema, inst_node root, inst_error *error) {
  if (check_all(schema, root) != 0) {
    if (error != NULL) *error = schema->fault;
    return -1;
  }
  schema->root = root;
  schema->finished = true;
  return 0;
}

const inst_tnode *inst_tree_node(const inst_schema *schema, inst_node node) {
  return &schema->nodes[node];
}
