/*
** Entering a node and taking back what its members gave, kind by kind.
** A value that comes in is never changed: what comes out is a new head over it.
*/
#include "core/schema/kinds.h"

#include "core/base/error.h"

/* ---- what several kinds do ------------------------------------------------------------------- */

static void accept(inst_parse *p, inst_frame *f) {
  f->out = f->in != NULL ? inst_value_alias(p->arena, f->in) : NULL;
  if (f->in != NULL && f->out == NULL) inst_machine_fail(p);
  f->phase = INST_PHASE_RULES;
}

/* The value is kept, for checks of lengths still look at it. */
static void refuse(inst_parse *p, inst_frame *f, inst_issue_code code, const inst_value *details) {
  accept(p, f);
  inst_machine_issue(
      p, &(inst_fault){.code = code, .details = details, .input = f->in, .node = f->node});
  f->state |= INST_HAS_HARD | INST_HAS_ABORT;
}

static void wrong_type(inst_parse *p, inst_frame *f, const char *type) {
  refuse(p, f, INST_ISSUE_INVALID_TYPE, inst_machine_types(p, type, f->in));
}

/* The node inside, on the same value. */
static void enter_inner(inst_parse *p, inst_frame *f) {
  f->phase = INST_PHASE_INNER;
  inst_machine_push(p, f->node->inner[0], f->in);
}

static void resume_inner(inst_parse *p, inst_frame *f, const inst_frame *child) {
  (void)p;
  f->state |= child->state;
  f->out = child->out;
  f->phase = INST_PHASE_RULES;
}

/* ---- scalars --------------------------------------------------------------------------------- */

static void enter_never(inst_parse *p, inst_frame *f) {
  wrong_type(p, f, "never");
}

static void enter_scalar(inst_parse *p, inst_frame *f, bool fits, const char *type) {
  if (fits)
    accept(p, f);
  else
    wrong_type(p, f, type);
}

static void enter_null(inst_parse *p, inst_frame *f) {
  enter_scalar(p, f, inst_machine_is(f->in, INST_NULL), "null");
}

static void enter_boolean(inst_parse *p, inst_frame *f) {
  enter_scalar(p, f, inst_machine_is(f->in, INST_BOOL), "boolean");
}

static void enter_number(inst_parse *p, inst_frame *f) {
  enter_scalar(p, f, inst_value_is_number(f->in), "number");
}

static void enter_string(inst_parse *p, inst_frame *f) {
  enter_scalar(p, f, inst_machine_is(f->in, INST_STRING), "string");
}

static void enter_choice(inst_parse *p, inst_frame *f) {
  const inst_value *v = inst_value_first(f->node->values);
  while (v != NULL && !inst_value_equal(v, f->in)) v = inst_value_next(v);
  if (v != NULL) {
    accept(p, f);
    return;
  }
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("values"), inst_value_copy(p->arena, f->node->values));
  refuse(p, f, INST_ISSUE_INVALID_VALUE, details);
}

/* ---- wrappers -------------------------------------------------------------------------------- */

static void enter_optional(inst_parse *p, inst_frame *f) {
  inst_intake inner = inst_tree_node(p->schema, f->node->inner[0])->in;
  if (f->in == NULL && inner.absence != INST_IS_FILLED_IN)
    accept(p, f);
  else
    enter_inner(p, f);
}

static void enter_nullable(inst_parse *p, inst_frame *f) {
  if (inst_machine_is(f->in, INST_NULL))
    accept(p, f);
  else
    enter_inner(p, f);
}

/* The default itself: a copy, since code may change the result. */
static void use_default(inst_parse *p, inst_frame *f) {
  f->phase = INST_PHASE_RULES;
  if (f->node->code != 0) {
    inst_machine_ask(p, INST_TASK_DEFAULT, f->node->code);
    return;
  }
  f->out = inst_value_copy(p->arena, inst_value_first(f->node->values));
  if (f->out == NULL) inst_machine_fail(p);
}

static void enter_default(inst_parse *p, inst_frame *f) {
  if (f->in == NULL)
    use_default(p, f);
  else
    enter_inner(p, f);
}

static void resume_default(inst_parse *p, inst_frame *f, const inst_frame *child) {
  resume_inner(p, f, child);
  if (child->out == NULL && child->state == 0) use_default(p, f);
}

static void enter_transform(inst_parse *p, inst_frame *f) {
  accept(p, f);
  inst_machine_ask(p, INST_TASK_TRANSFORM, f->node->code);
}

static void resume_pipe(inst_parse *p, inst_frame *f, const inst_frame *child) {
  bool ended = f->right;
  resume_inner(p, f, child);
  if (ended) return;
  if ((child->state & (INST_HAS_HARD | INST_HAS_STOPPED)) != 0) {
    f->state |= INST_HAS_STOPPED;
    return;
  }
  f->right = true;
  f->phase = INST_PHASE_INNER;
  inst_machine_push(p, f->node->inner[1], child->out);
}

/* ---- objects --------------------------------------------------------------------------------- */

static bool is_declared(const inst_tnode *node, inst_str key) {
  for (const inst_field *f = node->fields; f != NULL; f = f->next)
    if (inst_str_is(f->key, key)) return true;
  return false;
}

static void reject_unknown(inst_parse *p, inst_frame *f) {
  inst_value *keys = NULL;
  for (const inst_value *v = inst_value_first(f->in); v != NULL; v = inst_value_next(v)) {
    if (is_declared(f->node, v->key)) continue;
    if (keys == NULL) keys = inst_array(p->arena);
    inst_push(keys, inst_string(p->arena, v->key));
  }
  if (keys == NULL) return;
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("keys"), keys);
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_UNRECOGNIZED_KEYS,
                                      .details = details,
                                      .input = f->in,
                                      .node = f->node});
}

static void keep_unknown(inst_parse *p, inst_frame *f) {
  for (const inst_value *v = inst_value_first(f->in); v != NULL; v = inst_value_next(v))
    if (!is_declared(f->node, v->key)) inst_put_kept(f->out, v->key, inst_value_alias(p->arena, v));
}

static void enter_object(inst_parse *p, inst_frame *f) {
  if (!inst_machine_is(f->in, INST_OBJECT)) {
    wrong_type(p, f, "object");
    return;
  }
  f->out = inst_object(p->arena);
  if (f->out == NULL) inst_machine_fail(p);
  f->field = f->node->fields;
  f->phase = INST_PHASE_INNER;
}

static void end_fields(inst_parse *p, inst_frame *f) {
  f->phase = INST_PHASE_RULES;
  if (f->node->unknown_keys == INST_KEYS_STRICT) reject_unknown(p, f);
  if (f->node->unknown_keys == INST_KEYS_PASS) keep_unknown(p, f);
}

/* Does the schema itself say "or null"?  (Whatever takes anything does not.) */
static bool is_nullable(const inst_tnode *node) {
  bool anything = node->kind == INST_NODE_ANY || node->kind == INST_NODE_UNKNOWN ||
                  node->kind == INST_NODE_TRANSFORM;
  return node->in.null && !anything && node->in.absence == INST_MUST_BE_THERE;
}

static void next_field(inst_parse *p, inst_frame *f) {
  const inst_field *field = f->field;
  const inst_value *in = inst_value_find(f->in, field->key);
  if (in == NULL && p->options.nil_is_null && is_nullable(inst_tree_node(p->schema, field->node))) {
    f->field = field->next;
    return;
  }
  inst_intake asked = inst_tree_node(p->schema, field->node)->asked;
  bool null_means_absent = p->options.null_is_absent && inst_machine_is(in, INST_NULL) &&
                           asked.absence != INST_MUST_BE_THERE && !asked.null;
  inst_machine_push_member(p, field->node, null_means_absent ? NULL : in,
                           (inst_segment){field->key, 0});
}

static void forget_issues_after(inst_parse *p, inst_issue *mark) {
  p->issues.last = mark;
  if (mark != NULL)
    mark->next = NULL;
  else
    p->issues.first = NULL;
}

/* A member its schema wants is missing, though the schema found nothing wrong with that. */
static void miss_member(inst_parse *p, inst_frame *f, const inst_frame *child) {
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_INVALID_TYPE,
                                      .details = inst_machine_types(p, "nonoptional", NULL),
                                      .path = &child->segment,
                                      .path_count = 1,
                                      .node = child->node});
  f->state |= INST_HAS_HARD | INST_HAS_ABORT;
}

static void store_member(inst_frame *f, const inst_frame *child) {
  if (child->out == NULL) return;
  child->out->is_field = true;
  inst_put_kept(f->out, child->segment.key, child->out);
}

/* What is wrong with a member that is missing and may be, is forgiven; one that is missing and must
** not be is wrong whatever its schema made of it. */
static void resume_object(inst_parse *p, inst_frame *f, const inst_frame *child) {
  bool may_miss = child->node->in.absence != INST_MUST_BE_THERE;
  bool missing = child->in == NULL, found = p->issues.last != child->mark;
  f->field = f->field->next;
  if (missing && found && may_miss && child->node->out_optional) {
    forget_issues_after(p, child->mark);
    return;
  }
  f->state |= child->state & (unsigned char)~INST_HAS_STOPPED;
  if (!missing || may_miss)
    store_member(f, child);
  else if (!found)
    miss_member(p, f, child);
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* Too long by its leading checks: said once, and its items are not looked at. */
static void refuse_oversize(inst_parse *p, inst_frame *f, const inst_rule *rule) {
  inst_finding finding;
  inst_value *value = (inst_value *)f->in; /* a check of lengths leaves it alone */
  f->phase = INST_PHASE_LEAVE;
  if (inst_check_run(rule, f->node, &value, p->arena, &finding, &p->error) != 0) return;
  inst_machine_report(p, f, rule, &finding);
  f->state |= INST_HAS_ABORT;
}

static void enter_array(inst_parse *p, inst_frame *f) {
  bool either = inst_machine_is(f->in, INST_OBJECT) && f->in->either;
  if (!either && !inst_machine_is(f->in, INST_ARRAY)) {
    wrong_type(p, f, "array");
    return;
  }
  const inst_rule *rule = inst_check_oversize(f->node, inst_value_count(f->in));
  if (rule != NULL) {
    refuse_oversize(p, f, rule);
    return;
  }
  f->out = inst_array(p->arena);
  if (f->out == NULL) inst_machine_fail(p);
  f->item = inst_value_first(f->in);
  f->phase = INST_PHASE_INNER;
}

static void next_item(inst_parse *p, inst_frame *f) {
  inst_segment segment = {{NULL, 0}, inst_value_count(f->out)};
  inst_machine_push_member(p, f->node->inner[0], f->item, segment);
}

/* A list has no holes: an item that came to nothing is null. */
static void resume_array(inst_parse *p, inst_frame *f, const inst_frame *child) {
  f->state |= child->state & (unsigned char)~INST_HAS_STOPPED;
  inst_push(f->out, child->out != NULL ? child->out : inst_null(p->arena));
  f->item = inst_value_next(f->item);
}

/* ---- the lists ------------------------------------------------------------------------------- */

static void (*const enter[INST_NODE_COUNT])(inst_parse *, inst_frame *) = {
    [INST_NODE_ANY] = accept,
    [INST_NODE_UNKNOWN] = accept,
    [INST_NODE_NEVER] = enter_never,
    [INST_NODE_NULL] = enter_null,
    [INST_NODE_BOOLEAN] = enter_boolean,
    [INST_NODE_NUMBER] = enter_number,
    [INST_NODE_STRING] = enter_string,
    [INST_NODE_LITERAL] = enter_choice,
    [INST_NODE_ENUM] = enter_choice,
    [INST_NODE_OBJECT] = enter_object,
    [INST_NODE_ARRAY] = enter_array,
    [INST_NODE_OPTIONAL] = enter_optional,
    [INST_NODE_NULLABLE] = enter_nullable,
    [INST_NODE_DEFAULT] = enter_default,
    [INST_NODE_PIPE] = enter_inner,
    [INST_NODE_TRANSFORM] = enter_transform,
};

static void (*const resume[INST_NODE_COUNT])(inst_parse *, inst_frame *, const inst_frame *) = {
    [INST_NODE_OBJECT] = resume_object,   [INST_NODE_ARRAY] = resume_array,
    [INST_NODE_OPTIONAL] = resume_inner,  [INST_NODE_NULLABLE] = resume_inner,
    [INST_NODE_DEFAULT] = resume_default, [INST_NODE_PIPE] = resume_pipe,
};

void inst_kinds_enter(inst_parse *p, inst_frame *f) {
  f->rule = f->node->rules;
  enter[f->node->kind](p, f);
}

void inst_kinds_turn(inst_parse *p, inst_frame *f) {
  bool object = f->node->kind == INST_NODE_OBJECT;
  if (object && f->field == NULL)
    end_fields(p, f);
  else if (object)
    next_field(p, f);
  else if (f->item == NULL)
    f->phase = INST_PHASE_RULES;
  else
    next_item(p, f);
}

void inst_kinds_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  resume[f->node->kind](p, f, child);
}
