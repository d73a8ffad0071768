/*
** Ending the building of a schema: what must hold is checked, what everybody asks for worked out.
** In: a tree as it was built.  Out: an immutable one, with its structural answers, or the fault.
** Rule: no path of nodes is walked by recursion.
*/
#include "core/base/error.h"
#include "core/schema/finite.h"

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

#define ANY_NUMBER 255
/* Traits of any kind: they say when a value is shown, not what it is. */
#define SHOWN_TRAITS (1u << INST_TRAIT_WHEN_WHOLE | 1u << INST_TRAIT_WITHHOLD)

/* What a kind is made of.  All kinds take rules, a message and metadata. */
static const struct {
  unsigned char inner; /* inner nodes it needs */
  bool fields, values, code, rest;
  unsigned char traits; /* bit 1 << INST_TRAIT_… */
} takes[INST_NODE_COUNT] = {
    [INST_NODE_NUMBER] = {.traits = 1 << INST_TRAIT_COERCE},
    [INST_NODE_STRING] = {.traits = 1 << INST_TRAIT_COERCE},
    [INST_NODE_BOOLEAN] = {.traits = 1 << INST_TRAIT_COERCE},
    [INST_NODE_LITERAL] = {.values = true},
    [INST_NODE_ENUM] = {.values = true},
    [INST_NODE_OBJECT] = {.fields = true, .rest = true},
    [INST_NODE_ARRAY] = {.inner = 1},
    [INST_NODE_TUPLE] = {.inner = ANY_NUMBER, .rest = true},
    [INST_NODE_RECORD] = {.inner = 2, .traits = 1 << INST_TRAIT_PARTIAL | 1 << INST_TRAIT_LOOSE},
    [INST_NODE_UNION] = {.inner = ANY_NUMBER,
                         .traits = 1 << INST_TRAIT_EXCLUSIVE | 1 << INST_TRAIT_FALLBACK},
    [INST_NODE_INTERSECTION] = {.inner = 2},
    [INST_NODE_OPTIONAL] = {.inner = 1},
    [INST_NODE_NULLABLE] = {.inner = 1},
    [INST_NODE_NONOPTIONAL] = {.inner = 1},
    [INST_NODE_READONLY] = {.inner = 1},
    [INST_NODE_DEFAULT] = {.inner = 1, .values = true, .code = true},
    [INST_NODE_PREFAULT] = {.inner = 1, .values = true, .code = true},
    [INST_NODE_CATCH] = {.inner = 1, .values = true, .code = true},
    [INST_NODE_PIPE] = {.inner = 2},
    [INST_NODE_LAZY] = {.inner = 1},
    [INST_NODE_TRANSFORM] = {.code = true},
};

/* ---- finishing ------------------------------------------------------------------------------- */

static bool has_null_among(const inst_value *values) {
  for (const inst_value *v = inst_value_first(values); v != NULL; v = inst_value_next(v))
    if (inst_value_kind_of(v) == INST_NULL) return true;
  return false;
}

/* The stronger of what two options take in. */
static inst_intake either(inst_intake a, inst_intake b) {
  return (inst_intake){a.absence > b.absence ? a.absence : b.absence, a.null || b.null};
}

static inst_intake may_be_missing(inst_intake in) {
  if (in.absence == INST_MUST_BE_THERE) in.absence = INST_MAY_BE_MISSING;
  return in;
}

/* What 'node' takes in, when the nodes inside take in 'inner' and (the last) 'last'. */
static inst_intake intake_of(const inst_tnode *node, inst_intake inner, inst_intake last) {
  switch (node->kind) {
  case INST_NODE_OPTIONAL: return may_be_missing(inner);
  case INST_NODE_CATCH: return (inst_intake){may_be_missing(inner).absence, true};
  case INST_NODE_NULLABLE: return (inst_intake){inner.absence, true};
  case INST_NODE_NONOPTIONAL: return (inst_intake){INST_MUST_BE_THERE, inner.null};
  case INST_NODE_DEFAULT:
  case INST_NODE_PREFAULT: return (inst_intake){INST_IS_FILLED_IN, inner.null};
  case INST_NODE_READONLY:
  case INST_NODE_LAZY:
  case INST_NODE_PIPE: return inner;
  case INST_NODE_INTERSECTION: return (inst_intake){INST_MUST_BE_THERE, inner.null && last.null};
  case INST_NODE_TRANSFORM: return (inst_intake){INST_MAY_BE_MISSING, true};
  case INST_NODE_LITERAL:
  case INST_NODE_ENUM: return (inst_intake){INST_MUST_BE_THERE, has_null_among(node->values)};
  case INST_NODE_NULL: return (inst_intake){INST_MUST_BE_THERE, true};
  case INST_NODE_ANY:
  case INST_NODE_UNKNOWN: return (inst_intake){INST_MUST_BE_THERE, true};
  default: return (inst_intake){INST_MUST_BE_THERE, false};
  }
}

static inst_intake union_intake(const inst_schema *schema, const inst_tnode *node, bool asked) {
  inst_intake all = {INST_MUST_BE_THERE, false};
  for (unsigned i = 0; i < node->inner_count; i++) {
    const inst_tnode *option = inst_tree_inner(schema, node, i);
    all = either(all, asked ? option->asked : option->in);
  }
  return all;
}

static bool may_come_out_missing(const inst_schema *schema, const inst_tnode *node) {
  unsigned last = node->inner_count > 0 ? node->inner_count - 1 : 0;
  switch (node->kind) {
  case INST_NODE_OPTIONAL: return true;
  case INST_NODE_NULLABLE:
  case INST_NODE_READONLY:
  case INST_NODE_LAZY:
  case INST_NODE_CATCH:
  case INST_NODE_PIPE: return inst_tree_inner(schema, node, last)->out_optional;
  case INST_NODE_UNION:
    for (unsigned i = 0; i < node->inner_count; i++)
      if (inst_tree_inner(schema, node, i)->out_optional) return true;
    return false;
  default: return false;
  }
}

/* Does it take null as it takes whatever comes? */
static bool takes_anything(const inst_schema *schema, const inst_tnode *node) {
  const inst_tnode *first = inst_tree_inner(schema, node, 0);
  switch (node->kind) {
  case INST_NODE_ANY:
  case INST_NODE_UNKNOWN:
  case INST_NODE_TRANSFORM:
  case INST_NODE_CATCH: return true;
  case INST_NODE_INTERSECTION: return first->anything && inst_tree_inner(schema, node, 1)->anything;
  case INST_NODE_UNION:
    for (unsigned i = 0; i < node->inner_count; i++)
      if (inst_tree_inner(schema, node, i)->anything) return true;
    return false;
  case INST_NODE_NULLABLE:
  case INST_NODE_ARRAY:
  case INST_NODE_TUPLE:
  case INST_NODE_RECORD: return false;
  default: return first->anything;
  }
}

/* The structural answers of one node, from those of the nodes inside (or of "no node"). */
static void work_out(const inst_schema *schema, inst_tnode *node) {
  const inst_tnode *first = inst_tree_inner(schema, node, 0);
  const inst_tnode *last = inst_tree_inner(schema, node, 1), *asked = first;
  node->out_optional = may_come_out_missing(schema, node);
  node->anything = takes_anything(schema, node);
  if (node->kind == INST_NODE_UNION) {
    node->in = union_intake(schema, node, false);
    node->asked = union_intake(schema, node, true);
    return;
  }
  if (node->kind == INST_NODE_PIPE) asked = &schema->nodes[inst_tree_asked(schema, node)];
  node->in = intake_of(node, first->in, last->in);
  node->asked = intake_of(node, asked->asked, last->asked);
  if (node->kind == INST_NODE_CATCH) node->asked = first->asked;
}

#define OPEN UINT_MAX /* the height of a node on the path: what is below it is being worked out */

/* A step of the path. */
typedef struct visit {
  inst_tnode *node;
  unsigned inner;          /* the next of its inner nodes */
  const inst_field *field; /* the next of its fields */
  inst_node rest;          /* what is left beside them, or 0 */
} visit;

static visit visit_of(inst_tnode *node) {
  node->height = OPEN;
  return (visit){node, 0, node->fields, node->rest};
}

/* The next node directly below; 0: there is no other.  A path ends at LAZY: what is behind it may
** lead back. */
static inst_node next_below(visit *v) {
  if (v->node->kind == INST_NODE_LAZY) return 0;
  if (v->inner < v->node->inner_count) return v->node->inner[v->inner++];
  const inst_field *field = v->field;
  if (field != NULL) {
    v->field = field->next;
    return field->node;
  }
  inst_node rest = v->rest;
  v->rest = 0;
  return rest;
}

/* Must a value be run through 'node' but once, whatever stands below? */
static bool is_run_once(const inst_tnode *node) {
  bool code = node->code != 0 || node->kind == INST_NODE_INTERSECTION;
  for (const inst_rule *rule = node->rules; rule != NULL && !code; rule = rule->next)
    code = checks[rule->check.kind].argument == TAKES_CODE;
  return code;
}

/* All below 'node' is worked out: so is it now. */
static int close_node(inst_schema *schema, inst_tnode *node) {
  unsigned height = 0;
  visit v = visit_of(node);
  node->transforms = node->kind == INST_NODE_TRANSFORM;
  node->collects = is_run_once(node);
  for (inst_node number = next_below(&v); number != 0; number = next_below(&v)) {
    const inst_tnode *below = &schema->nodes[number];
    if (below->height > height) height = below->height;
    node->transforms = node->transforms || below->transforms;
    node->collects = node->collects || below->collects;
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
      return inst_error_set(&schema->fault, INST_E_USAGE,
                            "the schema contains itself; what does goes through a lazy node");
    else if (next->height == 0 && depth == INST_MAX_SCHEMA_HEIGHT)
      too_high = true;
    else if (next->height == 0)
      path[depth++] = visit_of(next);
  }
  if (!too_high) return 0;
  return inst_error_set(&schema->fault, INST_E_USAGE, "the schema has more than %d levels",
                        INST_MAX_SCHEMA_HEIGHT);
}

/* ---- what goes through LAZY ------------------------------------------------------------------ */

static bool same_intake(inst_intake a, inst_intake b) {
  return a.absence == b.absence && a.null == b.null;
}

static bool is_same(const inst_tnode *a, const inst_tnode *b) {
  return a->anything == b->anything && same_intake(a->in, b->in) &&
         same_intake(a->asked, b->asked) && a->out_optional == b->out_optional &&
         a->transforms == b->transforms && a->collects == b->collects;
}

/* One more look at 'node', now that more is known of the nodes inside.  Has anything changed? */
static bool look_again(const inst_schema *schema, inst_tnode *node) {
  inst_tnode before = *node;
  visit v = {node, 0, node->fields, node->rest};
  inst_node below = node->kind == INST_NODE_LAZY ? node->inner[0] : next_below(&v);
  for (; below != 0; below = next_below(&v)) {
    node->transforms = node->transforms || schema->nodes[below].transforms;
    node->collects = node->collects || schema->nodes[below].collects;
  }
  work_out(schema, node);
  return !is_same(&before, node);
}

/* The answers of nodes that lead back to themselves: they only grow, so that the rounds end. */
static void work_out_lazy(const inst_schema *schema) {
  bool changed = false;
  for (uint32_t i = 1; i < schema->count; i++)
    changed = changed || schema->nodes[i].kind == INST_NODE_LAZY;
  while (changed) {
    changed = false;
    for (uint32_t i = 1; i < schema->count; i++)
      if (look_again(schema, &schema->nodes[i])) changed = true;
  }
}

/* Does 'node' hand what it is given to its first 'n' inner nodes as it is?  (0: it does not.) */
static unsigned hands_on(const inst_tnode *node) {
  switch (node->kind) {
  case INST_NODE_OBJECT:
  case INST_NODE_ARRAY:
  case INST_NODE_TUPLE:
  case INST_NODE_RECORD: return 0;
  case INST_NODE_PIPE: return 1;
  default: return node->inner_count;
  }
}

/* Has 'node', seen from here, an end? */
static bool is_grounded(const inst_schema *schema, const inst_tnode *node) {
  for (unsigned i = 0; i < hands_on(node); i++)
    if (!inst_tree_inner(schema, node, i)->grounded) return false;
  return true;
}

/* A value is handed round for ever where a node leads back to itself and nothing on the way takes it
** apart. */
static int check_grounds(inst_schema *schema) {
  uint32_t left = schema->count - 1, before = 0;
  while (left != before) {
    before = left;
    for (uint32_t i = 1; i < schema->count; i++) {
      inst_tnode *node = &schema->nodes[i];
      if (node->grounded || !is_grounded(schema, node)) continue;
      node->grounded = true;
      left--;
    }
  }
  if (left == 0) return 0;
  return inst_error_set(&schema->fault, INST_E_USAGE, "the schema is nothing but itself");
}

/* ---- what must hold -------------------------------------------------------------------------- */

static bool is_length(inst_check_kind kind) {
  return kind == INST_CHECK_MIN || kind == INST_CHECK_MAX || kind == INST_CHECK_LENGTH;
}

/* Can a check of that kind say anything about what such a node lets pass? */
static bool suits(inst_check_kind kind, inst_node_kind node) {
  if (checks[kind].argument == TAKES_CODE) return true;
  switch (node) {
  case INST_NODE_STRING: return is_length(kind) || kind >= INST_CHECK_REGEX;
  case INST_NODE_NUMBER: return kind < INST_CHECK_REGEX && kind != INST_CHECK_LENGTH;
  case INST_NODE_ARRAY:
  case INST_NODE_TUPLE: return is_length(kind);
  default: return false;
  }
}

/* What is wrong with a check's argument, or NULL. */
static const char *argument_fault(const inst_check *check, inst_node_kind node) {
  double n = check->number;
  switch (checks[check->kind].argument) {
  case TAKES_CODE: return check->code == 0 ? "takes a function" : NULL;
  case TAKES_TEXT:
    if (check->text.p == NULL) return "takes a text";
    return !(n >= 0) || floor(n) != n ? "takes a count" : NULL;
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
  bool counted = takes[kind].inner != ANY_NUMBER;
  if (counted && node->inner_count < takes[kind].inner) return "lacks an inner node";
  if (counted && node->inner_count > takes[kind].inner) return "takes fewer inner nodes";
  if (node->rest != 0 && !takes[kind].rest) return "takes no rest";
  if ((node->traits & ~(takes[kind].traits | SHOWN_TRAITS)) != 0) return "does not take that trait";
  if (node->discriminator.p != NULL && kind != INST_NODE_UNION) return "takes no discriminator";
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
  work_out_lazy(schema);
  return check_grounds(schema) != 0 ? -1 : inst_finite_work_out(schema);
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
