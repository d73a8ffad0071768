/*
** A value against a schema, as a machine with an explicit stack that pauses for the host's code.
** In: a finished schema, a value, the host's answers.  Out: the result, or issues in Zod's order.
** Rule 1: no recursion, so nesting is bounded by a number and not by the C stack.
** Rule 2: a function of the host's runs between two calls of inst_parse_next, never below one.
** Rule 3: success makes no issue and no path; both are built when something is wrong.
*/
#include "core/schema/kinds.h"

#include "core/base/error.h"

static const char *const task_names[] = {
#define INST_X(name, text) text,
    INST_TASKS(INST_X)
#undef INST_X
};

const char *inst_task_name(inst_task task) {
  return (unsigned)task < INST_TASK_COUNT ? task_names[task] : "unknown";
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool is_code(const inst_rule *rule) {
  return rule->check.kind == INST_CHECK_REFINE || rule->check.kind == INST_CHECK_OVERWRITE;
}

/* A wrong type stops the checks, but for those of lengths; an issue that says so stops them all. */
static bool is_skipped(const inst_frame *f, const inst_rule *rule) {
  bool wrong = (f->state & (INST_HAS_ABORT | INST_HAS_STOPPED)) != 0;
  if ((f->state & INST_HAS_FINAL) != 0) return true;
  if (is_code(rule)) return wrong;
  if (!inst_check_applies(rule, f->node, f->out)) return true;
  return wrong && !inst_check_is_length(rule, f->node);
}

static void run_rule(inst_parse *p, inst_frame *f) {
  const inst_rule *rule = f->rule;
  inst_finding finding;
  if (is_skipped(f, rule)) {
    f->rule = rule->next;
  } else if (rule->check.kind == INST_CHECK_REFINE) {
    inst_machine_ask(p, INST_TASK_REFINE, rule->check.code);
  } else if (rule->check.kind == INST_CHECK_OVERWRITE) {
    inst_machine_ask(p, INST_TASK_OVERWRITE, rule->check.code);
  } else {
    f->rule = rule->next;
    if (inst_check_run(rule, f->node, &f->out, p->arena, &finding, &p->error) == 0)
      inst_machine_report(p, f, rule, &finding);
  }
}

/* ---- the machine ----------------------------------------------------------------------------- */

/* The frame that ends still stands above the stack: until another is pushed, nothing moves it. */
static void leave(inst_parse *p) {
  const inst_frame *child = inst_machine_top(p);
  p->depth--;
  if (p->depth == 0)
    p->result = child->out;
  else
    inst_kinds_resume(p, inst_machine_top(p), child);
}

static void step(inst_parse *p) {
  inst_frame *f = inst_machine_top(p);
  switch ((inst_phase)f->phase) {
  case INST_PHASE_ENTER: inst_kinds_enter(p, f); break;
  case INST_PHASE_INNER: inst_kinds_turn(p, f); break;
  case INST_PHASE_RULES:
    if (f->rule == NULL)
      f->phase = INST_PHASE_LEAVE;
    else
      run_rule(p, f);
    break;
  case INST_PHASE_LEAVE: leave(p); break;
  }
}

inst_parse *inst_parse_new(const inst_schema *schema, const inst_value *value,
                           const inst_parse_options *options, inst_arena *arena) {
  return inst_parse_part(schema, schema->root, value, options, arena);
}

inst_parse *inst_parse_part(const inst_schema *schema, inst_node node, const inst_value *value,
                            const inst_parse_options *options, inst_arena *arena) {
  inst_parse *p = inst_arena_get(arena, sizeof *p);
  if (p == NULL) return NULL;
  memset(p, 0, sizeof *p);
  p->schema = schema;
  p->arena = arena;
  if (options != NULL) p->options = *options;
  inst_machine_push(p, node, value);
  return p->depth > 0 ? p : NULL;
}

/* Enough was found to say no. */
static void stop(inst_parse *p) {
  p->depth = 0;
  p->code = 0;
}

/* What stands on top need not go on: something is wrong and nobody asks what, or too much is.  The
** next one below that has another way takes it; where nobody has, that is the end. */
static void unwind(inst_parse *p) {
  bool asked = p->refused;
  p->refused = p->full = false;
  while (p->depth > 1) {
    inst_frame child = *inst_machine_top(p);
    p->depth--;
    if (asked && child.node->kind == INST_NODE_LAZY)
      inst_memo_note(&p->memo, p->arena, child.node, child.in, NULL);
    if (!inst_kinds_absorbs(inst_machine_top(p), &child)) continue;
    child.state |= INST_HAS_HARD | INST_HAS_ABORT | INST_HAS_REFUSED;
    child.out = NULL;
    inst_kinds_resume(p, inst_machine_top(p), &child);
    return;
  }
  stop(p);
}

static void run(inst_parse *p) {
  while (p->error.code == INST_E_NONE && p->code == 0 && p->depth > 0) {
    step(p);
    if (p->arena->failed) inst_machine_fail(p);
    while (p->refused || p->full) unwind(p); /* whoever takes it may have no other way either */
  }
}

/* ---- issues that the host words -------------------------------------------------------------- */

/* Lists in the order they are looked at: those of branches after the one their union stands in. */
typedef struct line {
  inst_noted_issue **unworded; /* where the next one goes */
  inst_noted_issue **outer;    /* the same for those with branches */
} line;

static void line_up(line *l, const inst_issue *issues) {
  for (; issues != NULL; issues = issues->next) {
    inst_noted_issue *noted = inst_issue_noted((inst_issue *)issues);
    noted->next_unworded = noted->next_outer = NULL;
    if (noted->code != 0) {
      *l->unworded = noted;
      l->unworded = &noted->next_unworded;
    }
    if (issues->branches != NULL) {
      *l->outer = noted;
      l->outer = &noted->next_outer;
    }
  }
}

/* The issues of 'list' and of all branches below that a function of the host's is to word. */
static void find_unworded(inst_parse *p, const inst_issue *list) {
  inst_noted_issue *outer = NULL;
  line l = {&p->hand, &outer};
  p->hand = NULL;
  p->looked = true;
  line_up(&l, list);
  for (; outer != NULL; outer = outer->next_outer)
    for (const inst_branch *b = outer->issue.branches; b != NULL; b = b->next)
      line_up(&l, b->issues);
}

/* Is there one to word?  Before a function hears what was caught, and at the end. */
static bool wants_words(inst_parse *p) {
  bool catches = p->code != 0 && p->task == INST_TASK_CATCH;
  if (!p->looked && (catches || p->depth == 0))
    find_unworded(p, p->depth == 0 ? p->issues.first : p->caught);
  while (p->hand != NULL && p->hand->code == 0) p->hand = p->hand->next_unworded;
  return p->hand != NULL;
}

inst_verdict inst_parse_next(inst_parse *p) {
  run(p);
  if (p->error.code != INST_E_NONE) return INST_PARSE_FAILED;
  if (wants_words(p) || p->depth > 0) return INST_PARSE_CODE;
  return p->issues.first != NULL ? INST_PARSE_INVALID : INST_PARSE_VALID;
}

/* ---- what the host is asked ------------------------------------------------------------------ */

/* Does the host owe an answer? */
static bool is_waiting(const inst_parse *p) {
  return p->error.code == INST_E_NONE && (p->code != 0 || p->hand != NULL);
}

inst_task inst_parse_task(const inst_parse *p) {
  return p->hand != NULL ? INST_TASK_MESSAGE : p->task;
}

uint32_t inst_parse_code(const inst_parse *p) {
  return p->hand != NULL ? p->hand->code : p->code;
}

const inst_value *inst_parse_subject(const inst_parse *p) {
  if (p->hand != NULL) return p->hand->issue.input;
  if (!is_waiting(p) || p->task == INST_TASK_DEFAULT) return NULL;
  const inst_frame *f = &p->frames[p->depth - 1];
  return p->task == INST_TASK_CATCH ? f->in : f->out;
}

const inst_issue *inst_parse_issue_at_hand(const inst_parse *p) {
  return p->hand != NULL ? &p->hand->issue : NULL;
}

const inst_issue *inst_parse_caught(const inst_parse *p) {
  return is_waiting(p) && p->task == INST_TASK_CATCH ? p->caught : NULL;
}

/* ---- what the host answers ------------------------------------------------------------------- */

static void answer_message(inst_noted_issue *issue, const inst_value *answer) {
  if (inst_machine_is(answer, INST_STRING))
    inst_machine_set_message(issue, inst_value_text(answer));
  else
    inst_machine_word_on(issue);
}

static void answer_refine(inst_parse *p, inst_frame *f, const inst_value *answer) {
  const inst_check *check = &f->rule->check;
  f->rule = f->rule->next;
  if (inst_machine_is(answer, INST_BOOL) && inst_value_bool(answer)) return;
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_CUSTOM,
                                      .input = f->out,
                                      .path = check->path,
                                      .path_count = check->path_count,
                                      .node = f->node,
                                      .check = check});
  f->state |= INST_HAS_HARD | (check->abort ? INST_HAS_FINAL | INST_HAS_ABORT : 0);
}

/* The host's value may stand in a list of its own, or come twice: ours is a new head over it. */
static void answer_value(inst_parse *p, inst_frame *f, const inst_value *answer) {
  f->out = answer != NULL ? inst_value_alias(p->arena, answer) : NULL;
  if (answer != NULL && f->out == NULL) inst_machine_fail(p);
  if (!inst_effort_add(&p->effort, p->schema, answer, p->arena->alloc)) inst_machine_fail(p);
  if (p->task == INST_TASK_OVERWRITE) f->rule = f->rule->next;
}

void inst_parse_answer(inst_parse *p, inst_value *answer) {
  if (!is_waiting(p)) return;
  if (p->hand != NULL) {
    answer_message(p->hand, answer);
    return;
  }
  p->code = 0;
  p->looked = false;
  if (p->task == INST_TASK_REFINE)
    answer_refine(p, inst_machine_top(p), answer);
  else
    answer_value(p, inst_machine_top(p), answer);
}

static const inst_segment *copy_path(inst_arena *arena, const inst_segment *path, size_t count) {
  inst_segment *copy = inst_arena_get(arena, count * sizeof *copy);
  for (size_t i = 0; copy != NULL && i < count; i++)
    copy[i] = (inst_segment){inst_arena_copy(arena, path[i].key), path[i].index};
  return copy;
}

void inst_parse_object(inst_parse *p, inst_str message, const inst_segment *path, size_t path_count,
                       bool fatal) {
  if (!is_waiting(p) || p->hand != NULL) return;
  inst_frame *f = inst_machine_top(p);
  inst_fault fault = {.code = INST_ISSUE_CUSTOM,
                      .input = f->out,
                      .path = copy_path(p->arena, path, path_count),
                      .path_count = path_count,
                      .node = f->node,
                      .check = p->task == INST_TASK_REFINE ? &f->rule->check : NULL};
  inst_noted_issue *issue = fault.path != NULL ? inst_machine_issue(p, &fault) : NULL;
  inst_str words = inst_arena_copy(p->arena, message);
  if (issue != NULL && words.p != NULL) inst_machine_set_message(issue, words);
  if (inst_arena_failed(p->arena)) inst_machine_fail(p);
  f->state |= (unsigned char)(INST_HAS_HARD | (fatal ? INST_HAS_FINAL | INST_HAS_ABORT : 0));
}

/* ---- what came of it ------------------------------------------------------------------------- */

const inst_value *inst_parse_value(const inst_parse *p) {
  return p->result;
}
const inst_issue *inst_parse_issues(const inst_parse *p) {
  return p->issues.first;
}
const inst_error *inst_parse_error(const inst_parse *p) {
  return &p->error;
}
