/*
** A value against a schema, as a machine with an explicit stack that pauses for the host's code.
** In: a finished schema, a value, the host's answers.  Out: the result, or issues in Zod's order.
** Rule 1: no recursion, so nesting is bounded by a number and not by the C stack.
** Rule 2: a function of the host's runs between two calls of inst_parse_next, never below one.
** Rule 3: success makes no issue and no path; both are built when something is wrong.
*/
#include "core/base/error.h"
#include "core/schema/check.h"
#include "core/schema/issue.h"

#define MAX_FRAMES 4096 /* schemas nest wrappers as well as values */

/* What has gone wrong in a frame or below it. */
enum {
  HAS_HARD = 1,  /* an issue other than unrecognised keys: a pipe stops here */
  HAS_ABORT = 2, /* an issue that later checks would only repeat */
  HAS_FINAL = 4, /* an issue that says: nothing more */
};

typedef enum phase {
  ENTER, /* test the type, begin */
  INNER, /* objects and arrays: turn to the next member; wrappers never stand here on top */
  RULES, /* run the next check */
  LEAVE  /* hand the result down */
} phase;

/* One node at work on one value. */
typedef struct frame {
  const inst_tnode *node;
  const inst_value *in;    /* NULL: absent */
  inst_value *out;         /* NULL: absent */
  const inst_field *field; /* OBJECT: the field whose turn it is */
  const inst_value *item;  /* ARRAY: the item whose turn it is */
  const inst_rule *rule;   /* RULES: the next one */
  inst_issue *mark;        /* the last issue when it began */
  inst_segment segment;    /* its place in its parent… */
  bool has_segment;        /* …if it has one */
  unsigned char phase;
  unsigned char state; /* HAS_… */
} frame;

struct inst_parse {
  const inst_schema *schema;
  inst_arena *arena;
  inst_parse_options options;
  frame *frames;
  size_t depth, room;
  inst_issue_list issues;
  inst_value *result;
  inst_error error;
  inst_task task;   /* CODE: what is asked… */
  uint32_t code;    /* …of which function; 0: nothing is asked */
  inst_issue *hand; /* MESSAGE: the issue to be worded */
  uint32_t hand_code;
};

static const char *const task_names[] = {
#define INST_X(name, text) text,
    INST_TASKS(INST_X)
#undef INST_X
};

const char *inst_task_name(inst_task task) {
  return task < INST_TASK_COUNT ? task_names[task] : "unknown";
}

static frame *top(inst_parse *p) {
  return &p->frames[p->depth - 1];
}

static void fail_memory(inst_parse *p) {
  inst_error_memory(&p->error);
}

/* ---- the stack ------------------------------------------------------------------------------- */

static bool grow(inst_parse *p) {
  if (p->depth < p->room) return true;
  if (p->depth >= MAX_FRAMES) {
    inst_error_set(&p->error, INST_E_LIMIT, "the value and its schema are nested too deeply");
    return false;
  }
  size_t room = p->room ? p->room * 2 : 16;
  frame *frames = inst_arena_get(p->arena, room * sizeof *frames);
  if (frames == NULL) return fail_memory(p), false;
  if (p->depth > 0) memcpy(frames, p->frames, p->depth * sizeof *frames);
  p->frames = frames;
  p->room = room;
  return true;
}

/* Puts 'node' to work on 'in'; the frame below may move, so pointers to it end here. */
static frame *push(inst_parse *p, inst_node node, const inst_value *in) {
  if (!grow(p)) return NULL;
  frame *f = &p->frames[p->depth++];
  *f = (frame){.node = inst_tree_node(p->schema, node), .in = in, .mark = p->issues.last};
  return f;
}

static void push_member(inst_parse *p, inst_node node, const inst_value *in, inst_segment segment) {
  frame *f = push(p, node, in);
  if (f == NULL) return;
  f->segment = segment;
  f->has_segment = true;
}

static void ask(inst_parse *p, inst_task task, uint32_t code) {
  p->task = task;
  p->code = code;
}

/* ---- issues ---------------------------------------------------------------------------------- */

/* The path of the frame on top, then 'more'. */
static const inst_segment *path_here(inst_parse *p, const inst_segment *more, size_t count,
                                     size_t *total) {
  size_t n = count;
  for (size_t i = 0; i < p->depth; i++) n += p->frames[i].has_segment;
  *total = n;
  inst_segment *path = inst_arena_get(p->arena, (n ? n : 1) * sizeof *path);
  if (path == NULL) return NULL;
  n = 0;
  for (size_t i = 0; i < p->depth; i++)
    if (p->frames[i].has_segment) path[n++] = p->frames[i].segment;
  for (size_t i = 0; i < count; i++) path[n++] = more[i];
  return path;
}

static inst_issue *add_issue(inst_parse *p, inst_issue_code code, const inst_value *details,
                             const inst_segment *more, size_t count) {
  size_t total;
  const inst_segment *path = path_here(p, more, count, &total);
  const frame *f = top(p);
  inst_issue *issue = path == NULL ? NULL
                                   : inst_issue_add(&p->issues, code, path, total, details,
                                                    f->out ? f->out : f->in, p->arena);
  if (issue == NULL) fail_memory(p);
  return issue;
}

/* Gives 'issue' its message: the check's, the node's, the host's word, or ours. */
static void word_issue(inst_parse *p, inst_issue *issue, const inst_tnode *node,
                       const inst_check *check) {
  inst_str message = check && check->message.p ? check->message : (inst_str){NULL, 0};
  uint32_t code = check ? check->message_code : 0;
  if (message.p == NULL && code == 0) {
    message = node->message;
    code = node->message_code;
  }
  issue->custom = message.p != NULL;
  issue->message = message;
  if (!issue->custom) inst_issue_word(issue, p->arena);
  if (issue->message.p == NULL) fail_memory(p);
  if (!issue->custom && code != 0) {
    p->hand = issue;
    p->hand_code = code;
  }
}

static inst_value *expected(inst_parse *p, const char *type) {
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("expected"), inst_string(p->arena, inst_str_of(type)));
  return details;
}

/* The value at hand has the wrong type: the frame keeps it and its checks are not run. */
static void wrong_type(inst_parse *p, frame *f, const char *type) {
  inst_value *details = expected(p, type);
  inst_put(p->arena, details, INST_LIT("received"),
           inst_string(p->arena, inst_str_of(inst_value_kind_name(f->in))));
  f->out = f->in ? inst_value_alias(p->arena, f->in) : NULL;
  inst_issue *issue = add_issue(p, INST_ISSUE_INVALID_TYPE, details, NULL, 0);
  if (issue == NULL) return;
  word_issue(p, issue, f->node, NULL);
  f->state |= HAS_HARD | HAS_ABORT;
  f->phase = RULES;
}

/* ---- entering a node ------------------------------------------------------------------------- */

static void accept(inst_parse *p, frame *f) {
  f->out = f->in ? inst_value_alias(p->arena, f->in) : NULL;
  if (f->in != NULL && f->out == NULL) fail_memory(p);
  f->phase = RULES;
}

static bool is_kind(const inst_value *v, inst_value_kind kind) {
  return v != NULL && inst_value_kind_of(v) == kind;
}

static void enter_any(inst_parse *p, frame *f) {
  accept(p, f);
}

static void enter_never(inst_parse *p, frame *f) {
  wrong_type(p, f, "never");
}

static void enter_scalar(inst_parse *p, frame *f, bool fits, const char *type) {
  if (fits)
    accept(p, f);
  else
    wrong_type(p, f, type);
}

static void enter_null(inst_parse *p, frame *f) {
  enter_scalar(p, f, is_kind(f->in, INST_NULL), "null");
}

static void enter_boolean(inst_parse *p, frame *f) {
  enter_scalar(p, f, is_kind(f->in, INST_BOOL), "boolean");
}

static void enter_number(inst_parse *p, frame *f) {
  bool whole = false;
  for (const inst_rule *rule = f->node->rules; rule != NULL; rule = rule->next)
    whole = whole || rule->check.kind == INST_CHECK_INT;
  enter_scalar(p, f, f->in != NULL && inst_value_is_number(f->in), whole ? "int" : "number");
}

static void enter_string(inst_parse *p, frame *f) {
  enter_scalar(p, f, is_kind(f->in, INST_STRING), "string");
}

static void enter_choice(inst_parse *p, frame *f) {
  const inst_value *v = inst_value_first(f->node->values);
  while (v != NULL && !(f->in != NULL && inst_value_equal(v, f->in))) v = inst_value_next(v);
  accept(p, f);
  if (v != NULL) return;
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("values"), inst_value_copy(p->arena, f->node->values));
  inst_issue *issue = add_issue(p, INST_ISSUE_INVALID_VALUE, details, NULL, 0);
  if (issue != NULL) word_issue(p, issue, f->node, NULL);
  f->state |= HAS_HARD | HAS_ABORT;
}

static void enter_optional(inst_parse *p, frame *f) {
  bool filled = inst_tree_node(p->schema, f->node->inner[0])->in == INST_IS_FILLED_IN;
  f->phase = INNER;
  if (f->in == NULL && !filled)
    f->phase = RULES;
  else
    push(p, f->node->inner[0], f->in);
}

static void enter_nullable(inst_parse *p, frame *f) {
  if (is_kind(f->in, INST_NULL)) {
    accept(p, f);
    return;
  }
  f->phase = INNER;
  push(p, f->node->inner[0], f->in);
}

/* The default itself: a copy, since the result may be changed by code. */
static void use_default(inst_parse *p, frame *f) {
  f->phase = RULES;
  if (f->node->code != 0) {
    ask(p, INST_TASK_DEFAULT, f->node->code);
    return;
  }
  f->out = inst_value_copy(p->arena, inst_value_first(f->node->values));
  if (f->out == NULL) fail_memory(p);
}

static void enter_default(inst_parse *p, frame *f) {
  if (f->in == NULL) {
    use_default(p, f);
    return;
  }
  f->phase = INNER;
  push(p, f->node->inner[0], f->in);
}

static void enter_pipe(inst_parse *p, frame *f) {
  f->phase = INNER;
  push(p, f->node->inner[0], f->in);
}

static void enter_transform(inst_parse *p, frame *f) {
  accept(p, f);
  if (p->error.code == INST_E_NONE) ask(p, INST_TASK_TRANSFORM, f->node->code);
}

/* ---- objects --------------------------------------------------------------------------------- */

static bool is_declared(const inst_tnode *node, inst_str key) {
  for (const inst_field *f = node->fields; f != NULL; f = f->next)
    if (inst_str_is(f->key, key)) return true;
  return false;
}

static void reject_unknown(inst_parse *p, frame *f) {
  inst_value *keys = NULL;
  for (const inst_value *v = inst_value_first(f->in); v != NULL; v = inst_value_next(v)) {
    if (is_declared(f->node, v->key)) continue;
    if (keys == NULL) keys = inst_array(p->arena);
    if (keys != NULL) inst_push(keys, inst_string(p->arena, v->key));
  }
  if (keys == NULL) return;
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("keys"), keys);
  inst_issue *issue = add_issue(p, INST_ISSUE_UNRECOGNIZED_KEYS, details, NULL, 0);
  if (issue != NULL) word_issue(p, issue, f->node, NULL);
}

static void keep_unknown(inst_parse *p, frame *f) {
  for (const inst_value *v = inst_value_first(f->in); v != NULL; v = inst_value_next(v))
    if (!is_declared(f->node, v->key)) inst_put_kept(f->out, v->key, inst_value_alias(p->arena, v));
}

/* Turns to the field whose turn it is, or ends the object. */
static void next_field(inst_parse *p, frame *f) {
  if (f->field == NULL) {
    f->phase = RULES;
    if (f->node->unknown_keys == INST_KEYS_STRICT) reject_unknown(p, f);
    if (f->node->unknown_keys == INST_KEYS_PASS) keep_unknown(p, f);
    return;
  }
  const inst_field *field = f->field;
  const inst_tnode *node = inst_tree_node(p->schema, field->node);
  const inst_value *in = inst_value_find(f->in, field->key);
  bool null_means_absent = p->options.null_is_absent && is_kind(in, INST_NULL) &&
                           node->in != INST_MUST_BE_THERE && !node->takes_null;
  push_member(p, field->node, null_means_absent ? NULL : in, (inst_segment){field->key, 0});
}

static void enter_object(inst_parse *p, frame *f) {
  if (!is_kind(f->in, INST_OBJECT)) {
    wrong_type(p, f, "object");
    return;
  }
  f->out = inst_object(p->arena);
  if (f->out == NULL) {
    fail_memory(p);
    return;
  }
  f->field = f->node->fields;
  f->phase = INNER;
}

static void forget_issues_after(inst_parse *p, inst_issue *mark) {
  p->issues.last = mark;
  if (mark != NULL)
    mark->next = NULL;
  else
    p->issues.first = NULL;
}

/* A missing member that gave no issue and no value, though its schema wants something there. */
static void miss_member(inst_parse *p, frame *f, const frame *child) {
  size_t total;
  const inst_segment *path = path_here(p, &child->segment, 1, &total);
  inst_issue *issue = path ? inst_issue_add(&p->issues, INST_ISSUE_INVALID_TYPE, path, total,
                                            expected(p, "nonoptional"), NULL, p->arena)
                           : NULL;
  if (issue == NULL) {
    fail_memory(p);
    return;
  }
  word_issue(p, issue, child->node, NULL);
  f->state |= HAS_HARD | HAS_ABORT;
}

static void resume_object(inst_parse *p, frame *f, const frame *child) {
  const inst_tnode *node = child->node;
  bool lenient = child->in == NULL && node->in != INST_MUST_BE_THERE && node->out_optional;
  if (lenient && p->issues.last != child->mark)
    forget_issues_after(p, child->mark);
  else
    f->state |= child->state;
  if (child->in == NULL && child->out == NULL && node->in == INST_MUST_BE_THERE &&
      p->issues.last == child->mark)
    miss_member(p, f, child);
  if (child->out != NULL) {
    child->out->is_field = true;
    inst_put_kept(f->out, child->segment.key, child->out);
  }
  f->field = f->field->next;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static void report(inst_parse *p, frame *f, const inst_rule *rule, const inst_finding *finding) {
  inst_issue *issue = add_issue(p, finding->code, finding->details, NULL, 0);
  if (issue != NULL) word_issue(p, issue, f->node, &rule->check);
  f->state |= HAS_HARD | (finding->final ? HAS_FINAL | HAS_ABORT : 0);
}

static void next_item(inst_parse *p, frame *f) {
  if (f->item == NULL) {
    f->phase = RULES;
    return;
  }
  inst_segment segment = {{NULL, 0}, inst_value_count(f->out)};
  push_member(p, f->node->inner[0], f->item, segment);
}

/* Too long by its leading checks: said once, and its items are not looked at. */
static bool refuse_oversize(inst_parse *p, frame *f) {
  const inst_rule *rule = inst_check_oversize(f->node, inst_value_count(f->in));
  inst_finding finding;
  inst_value *value = (inst_value *)f->in;
  if (rule == NULL) return false;
  if (inst_check_run(rule, f->node, &value, p->arena, &finding, &p->error) != 0) return true;
  report(p, f, rule, &finding);
  f->state |= HAS_ABORT;
  f->phase = LEAVE;
  return true;
}

static void enter_array(inst_parse *p, frame *f) {
  if (!is_kind(f->in, INST_ARRAY) && !(is_kind(f->in, INST_OBJECT) && f->in->either)) {
    wrong_type(p, f, "array");
    return;
  }
  f->out = inst_array(p->arena);
  if (f->out == NULL) {
    fail_memory(p);
    return;
  }
  if (refuse_oversize(p, f)) return;
  f->item = inst_value_first(f->in);
  f->phase = INNER;
}

static void resume_array(inst_parse *p, frame *f, const frame *child) {
  f->state |= child->state;
  inst_value *out = child->out ? child->out : inst_null(p->arena); /* a list has no holes */
  if (out == NULL)
    fail_memory(p);
  else
    inst_push(f->out, out);
  f->item = inst_value_next(f->item);
}

/* ---- wrappers -------------------------------------------------------------------------------- */

static void resume_wrapper(inst_parse *p, frame *f, const frame *child) {
  (void)p;
  f->state |= child->state;
  f->out = child->out;
  f->phase = RULES;
}

static void resume_default(inst_parse *p, frame *f, const frame *child) {
  f->state |= child->state;
  f->out = child->out;
  f->phase = RULES;
  if (child->out == NULL && child->state == 0) use_default(p, f);
}

static void resume_pipe(inst_parse *p, frame *f, const frame *child) {
  bool left = child->node == inst_tree_node(p->schema, f->node->inner[0]) && f->item == NULL;
  f->state |= child->state;
  f->out = child->out;
  if (!left || (child->state & HAS_HARD) != 0) {
    f->phase = RULES;
    return;
  }
  f->item = f->node->values; /* unused by a pipe otherwise */
  f->phase = INNER;
  push(p, f->node->inner[1], child->out);
}

/* ---- the lists ------------------------------------------------------------------------------- */

static void (*const enter[INST_NODE_COUNT])(inst_parse *, frame *) = {
    [INST_NODE_ANY] = enter_any,           [INST_NODE_UNKNOWN] = enter_any,
    [INST_NODE_NEVER] = enter_never,       [INST_NODE_NULL] = enter_null,
    [INST_NODE_BOOLEAN] = enter_boolean,   [INST_NODE_NUMBER] = enter_number,
    [INST_NODE_STRING] = enter_string,     [INST_NODE_LITERAL] = enter_choice,
    [INST_NODE_ENUM] = enter_choice,       [INST_NODE_OBJECT] = enter_object,
    [INST_NODE_ARRAY] = enter_array,       [INST_NODE_OPTIONAL] = enter_optional,
    [INST_NODE_NULLABLE] = enter_nullable, [INST_NODE_DEFAULT] = enter_default,
    [INST_NODE_PIPE] = enter_pipe,         [INST_NODE_TRANSFORM] = enter_transform,
};

/* What a node with inner nodes does when one of them has ended. */
static void (*const resume[INST_NODE_COUNT])(inst_parse *, frame *, const frame *) = {
    [INST_NODE_OBJECT] = resume_object,    [INST_NODE_ARRAY] = resume_array,
    [INST_NODE_OPTIONAL] = resume_wrapper, [INST_NODE_NULLABLE] = resume_wrapper,
    [INST_NODE_DEFAULT] = resume_default,  [INST_NODE_PIPE] = resume_pipe,
};

/* ---- checks ---------------------------------------------------------------------------------- */

static bool is_code(const inst_rule *rule) {
  return rule->check.kind == INST_CHECK_REFINE || rule->check.kind == INST_CHECK_OVERWRITE;
}

static bool is_skipped(const frame *f, const inst_rule *rule) {
  if ((f->state & HAS_FINAL) != 0) return true;
  if (is_code(rule)) return (f->state & HAS_ABORT) != 0;
  if (!inst_check_applies(rule, f->node, f->out)) return true;
  return (f->state & HAS_ABORT) != 0 && !inst_check_is_length(rule, f->node);
}

static void run_rule(inst_parse *p, frame *f) {
  const inst_rule *rule = f->rule;
  inst_finding finding;
  if (is_skipped(f, rule)) {
    f->rule = rule->next;
  } else if (rule->check.kind == INST_CHECK_REFINE) {
    ask(p, INST_TASK_REFINE, rule->check.code);
  } else if (rule->check.kind == INST_CHECK_OVERWRITE) {
    ask(p, INST_TASK_OVERWRITE, rule->check.code);
  } else {
    f->rule = rule->next;
    int answer = inst_check_run(rule, f->node, &f->out, p->arena, &finding, &p->error);
    if (answer == 0) report(p, f, rule, &finding);
  }
}

/* ---- the machine ----------------------------------------------------------------------------- */

static void leave(inst_parse *p) {
  frame child = *top(p);
  p->depth--;
  if (p->depth == 0)
    p->result = child.out;
  else
    resume[top(p)->node->kind](p, top(p), &child);
}

static void step(inst_parse *p) {
  frame *f = top(p);
  switch ((phase)f->phase) {
  case ENTER:
    f->rule = f->node->rules;
    enter[f->node->kind](p, f);
    break;
  case RULES:
    if (f->rule == NULL)
      f->phase = LEAVE;
    else
      run_rule(p, f);
    break;
  case INNER:
    if (f->node->kind == INST_NODE_OBJECT)
      next_field(p, f);
    else
      next_item(p, f);
    break;
  case LEAVE: leave(p); break;
  }
}

inst_parse *inst_parse_new(const inst_schema *schema, const inst_value *value,
                           const inst_parse_options *options, inst_arena *arena) {
  inst_parse *p = inst_arena_get(arena, sizeof *p);
  if (p == NULL) return NULL;
  memset(p, 0, sizeof *p);
  p->schema = schema;
  p->arena = arena;
  if (options != NULL) p->options = *options;
  return push(p, schema->root, value) ? p : NULL;
}

inst_verdict inst_parse_next(inst_parse *p) {
  while (p->error.code == INST_E_NONE) {
    if (p->hand != NULL || p->code != 0) return INST_PARSE_CODE;
    if (p->depth == 0) return p->issues.first ? INST_PARSE_INVALID : INST_PARSE_VALID;
    step(p);
    if (inst_arena_failed(p->arena)) fail_memory(p);
  }
  return INST_PARSE_FAILED;
}

inst_task inst_parse_task(const inst_parse *p) {
  return p->hand != NULL ? INST_TASK_MESSAGE : p->task;
}

uint32_t inst_parse_code(const inst_parse *p) {
  return p->hand != NULL ? p->hand_code : p->code;
}

const inst_value *inst_parse_subject(const inst_parse *p) {
  if (p->hand != NULL) return p->hand->input;
  const frame *f = &p->frames[p->depth - 1];
  return p->task == INST_TASK_DEFAULT ? NULL : f->out;
}

const inst_issue *inst_parse_issue_at_hand(const inst_parse *p) {
  return p->hand;
}

/* ---- the host's answers ---------------------------------------------------------------------- */

static void answer_message(inst_parse *p, const inst_value *answer) {
  inst_issue *issue = p->hand;
  p->hand = NULL;
  if (!is_kind(answer, INST_STRING)) return;
  issue->message = inst_value_text(answer);
  issue->custom = true;
}

static void answer_refine(inst_parse *p, frame *f, const inst_value *answer) {
  const inst_rule *rule = f->rule;
  f->rule = rule->next;
  if (answer != NULL && inst_value_kind_of(answer) == INST_BOOL && inst_value_bool(answer)) return;
  inst_issue *issue =
      add_issue(p, INST_ISSUE_CUSTOM, NULL, rule->check.path, rule->check.path_count);
  if (issue != NULL) word_issue(p, issue, f->node, &rule->check);
  f->state |= HAS_HARD | (rule->check.abort ? HAS_FINAL | HAS_ABORT : 0);
}

void inst_parse_answer(inst_parse *p, inst_value *answer) {
  if (p->hand != NULL) {
    answer_message(p, answer);
    return;
  }
  frame *f = top(p);
  p->code = 0;
  switch (p->task) {
  case INST_TASK_REFINE: answer_refine(p, f, answer); break;
  case INST_TASK_OVERWRITE:
    f->rule = f->rule->next;
    f->out = answer;
    break;
  default: f->out = answer; break;
  }
}

void inst_parse_object(inst_parse *p, inst_str message, const inst_segment *path, size_t path_count,
                       bool fatal) {
  inst_issue *issue = add_issue(p, INST_ISSUE_CUSTOM, NULL, path, path_count);
  if (issue == NULL) return;
  issue->custom = message.p != NULL;
  issue->message = inst_arena_copy(p->arena, message);
  if (!issue->custom) inst_issue_word(issue, p->arena);
  if (issue->message.p == NULL) fail_memory(p);
  top(p)->state |= (unsigned char)(HAS_HARD | (fatal ? HAS_FINAL | HAS_ABORT : 0));
}

const inst_value *inst_parse_value(const inst_parse *p) {
  return p->result;
}
const inst_issue *inst_parse_issues(const inst_parse *p) {
  return p->issues.first;
}
const inst_error *inst_parse_error(const inst_parse *p) {
  return &p->error;
}
