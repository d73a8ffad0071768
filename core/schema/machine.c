/*
** The stack of a parse, and the issues found on it.
*/
#include "core/schema/machine.h"

#include "core/base/error.h"

void inst_machine_fail(inst_parse *p) {
  inst_error_memory(&p->error);
}

/* ---- the stack ------------------------------------------------------------------------------- */

static bool grow(inst_parse *p) {
  if (p->depth < p->room) return true;
  if (p->depth >= INST_MAX_FRAMES) {
    inst_error_set(&p->error, INST_E_LIMIT, "the value and its schema are nested too deeply");
    return false;
  }
  size_t room = p->room ? p->room * 2 : 16;
  inst_frame *frames = inst_arena_get(p->arena, room * sizeof *frames);
  if (frames == NULL) return inst_machine_fail(p), false;
  if (p->depth > 0) memcpy(frames, p->frames, p->depth * sizeof *frames);
  p->frames = frames;
  p->room = room;
  return true;
}

void inst_machine_push(inst_parse *p, inst_node node, const inst_value *in) {
  const inst_value *root = p->depth > 0 ? p->frames[0].in : in;
  if (!inst_effort_spend(&p->effort, p->schema, root, p->arena->alloc, &p->error)) return;
  if (!grow(p)) return;
  p->frames[p->depth++] =
      (inst_frame){.node = inst_tree_node(p->schema, node), .in = in, .mark = p->issues.last};
}

void inst_machine_push_member(inst_parse *p, inst_node node, const inst_value *in,
                              inst_segment segment) {
  size_t depth = p->depth;
  inst_machine_push(p, node, in);
  if (p->depth == depth) return;
  inst_machine_top(p)->segment = segment;
  inst_machine_top(p)->has_segment = true;
}

void inst_machine_ask(inst_parse *p, inst_task task, uint32_t code) {
  p->task = task;
  p->code = code;
}

/* ---- issues ---------------------------------------------------------------------------------- */

/* The path of the frame on top, then the fault's own.  The count is of both; NULL: no memory. */
static const inst_segment *path_of(inst_parse *p, const inst_fault *fault, size_t *count) {
  size_t n = fault->path_count;
  for (size_t i = 0; i < p->depth; i++) n += p->frames[i].has_segment;
  inst_segment *path = inst_arena_get(p->arena, n * sizeof *path);
  if (path == NULL) return NULL;
  *count = n;
  n = 0;
  for (size_t i = 0; i < p->depth; i++)
    if (p->frames[i].has_segment) path[n++] = p->frames[i].segment;
  for (size_t i = 0; i < fault->path_count; i++) path[n++] = fault->path[i];
  return path;
}

void inst_machine_set_message(inst_noted_issue *issue, inst_str message) {
  issue->issue.message = message;
  issue->issue.custom = true;
  issue->code = 0;
}

/* By its text at once, by its function at the end. */
static void word_by_node(inst_noted_issue *issue, const inst_tnode *node) {
  issue->next_to_word = NULL;
  issue->code = node->message_code;
  if (node->message.p != NULL) inst_machine_set_message(issue, node->message);
}

void inst_machine_word_on(inst_noted_issue *issue) {
  issue->code = 0;
  if (issue->next_to_word != NULL) word_by_node(issue, issue->next_to_word);
}

/* Gives 'issue' its message: the check's, the node's, or ours.  Functions are asked at the end, for
** an issue may yet be forgotten. */
static void word_issue(inst_parse *p, inst_noted_issue *issue, const inst_tnode *node,
                       const inst_check *check) {
  inst_issue_word(&issue->issue, p->arena);
  if (issue->issue.message.p == NULL) inst_machine_fail(p);
  if (check != NULL && check->message.p != NULL) {
    inst_machine_set_message(issue, check->message);
  } else if (check != NULL && check->message_code != 0) {
    issue->code = check->message_code;
    issue->next_to_word = node;
  } else {
    word_by_node(issue, node);
  }
}

bool inst_machine_hush(inst_parse *p) {
  if (p->asking > 0) p->refused = true;
  return p->asking > 0;
}

inst_noted_issue *inst_machine_issue(inst_parse *p, const inst_fault *fault) {
  if (inst_machine_hush(p)) return NULL;
  inst_issue issue = {.code = fault->code,
                      .details = fault->details,
                      .input = fault->input,
                      .branches = fault->branches,
                      .nearest = fault->nearest};
  issue.path = path_of(p, fault, &issue.path_count);
  inst_noted_issue *noted =
      issue.path != NULL ? inst_issue_add(&p->issues, &issue, p->arena) : NULL;
  if (noted == NULL)
    inst_machine_fail(p);
  else
    word_issue(p, noted, fault->node, fault->check);
  /* A small text can hold a million faults. */
  if (++p->issue_count >= INST_MAX_ISSUES) p->full = true;
  return noted;
}

inst_issue *inst_machine_take(inst_parse *p, inst_issue *mark) {
  inst_issue *taken = mark != NULL ? mark->next : p->issues.first;
  p->issues.last = mark;
  if (mark != NULL)
    mark->next = NULL;
  else
    p->issues.first = NULL;
  return taken;
}

void inst_machine_forget(inst_parse *p, inst_issue *mark) {
  if (p->issues.last == mark) return;
  p->issue_count -= inst_issue_count(inst_machine_take(p, mark));
}

void inst_machine_put_back(inst_parse *p, inst_issue *issues) {
  if (issues == NULL) return;
  if (p->issues.last != NULL)
    p->issues.last->next = issues;
  else
    p->issues.first = issues;
  while (issues->next != NULL) issues = issues->next;
  p->issues.last = issues;
}

void inst_machine_trim(inst_parse *p, inst_issue *issues, size_t keep) {
  while (issues != NULL && keep > 1) issues = issues->next, keep--;
  if (issues == NULL) return;
  p->issue_count -= inst_issue_count(issues->next);
  issues->next = NULL;
}

void inst_machine_shorten(inst_parse *p, inst_issue *issues, size_t more) {
  size_t n = more;
  for (size_t i = 0; i < p->depth; i++) n += p->frames[i].has_segment;
  for (; issues != NULL; issues = issues->next) {
    issues->path += n;
    issues->path_count -= n;
  }
}

/* ---- what kinds have in common --------------------------------------------------------------- */

const inst_value *inst_machine_types(inst_parse *p, const char *expected,
                                     const inst_value *received) {
  const char *got = inst_value_kind_name(received);
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("expected"), inst_string(p->arena, inst_str_of(expected)));
  inst_put(p->arena, details, INST_LIT("received"), inst_string(p->arena, inst_str_of(got)));
  return details;
}

void inst_machine_report(inst_parse *p, inst_frame *f, const inst_rule *rule,
                         const inst_finding *finding) {
  inst_machine_issue(p, &(inst_fault){.code = finding->code,
                                      .details = finding->details,
                                      .input = f->out != NULL ? f->out : f->in,
                                      .node = f->node,
                                      .check = &rule->check});
  f->state |= INST_HAS_HARD | (finding->final ? INST_HAS_FINAL | INST_HAS_ABORT : 0);
}

void inst_machine_refuse(inst_parse *p, inst_frame *f, inst_issue_code code,
                         const inst_value *details) {
  inst_machine_accept(p, f);
  inst_machine_issue(
      p, &(inst_fault){.code = code, .details = details, .input = f->in, .node = f->node});
  f->state |= INST_HAS_HARD | INST_HAS_ABORT;
}

void inst_machine_wrong_type(inst_parse *p, inst_frame *f, const char *expected) {
  if (inst_machine_hush(p)) return;
  inst_machine_refuse(p, f, INST_ISSUE_INVALID_TYPE, inst_machine_types(p, expected, f->in));
}

void inst_machine_begin(inst_parse *p, inst_frame *f, inst_value *out) {
  if (out == NULL) inst_machine_fail(p);
  f->out = out;
  f->item = inst_value_first(f->in);
  f->phase = INST_PHASE_INNER;
}

void inst_machine_enter_inner(inst_parse *p, inst_frame *f, inst_node inner) {
  f->phase = INST_PHASE_INNER;
  inst_machine_push(p, inner, f->in);
}

void inst_machine_resume_inner(inst_parse *p, inst_frame *f, const inst_frame *child) {
  (void)p;
  f->state |= child->state;
  f->out = child->out;
  f->phase = INST_PHASE_RULES;
}

bool inst_machine_found(const inst_parse *p, const inst_frame *child) {
  return p->issues.last != child->mark || (child->state & INST_HAS_REFUSED) != 0;
}

void inst_machine_join(inst_frame *f, const inst_frame *child) {
  f->state |= child->state & (unsigned char)~INST_HAS_STOPPED;
}
