/*
** A parse in which the host's code is not asked: refinements pass, and where code gives a value the
** issues of that place do not count.
*/
#include "core/schema/fit.h"

/* A place whose value is not known. */
typedef struct place {
  const inst_segment *path;
  size_t count;
  struct place *next;
} place;

static size_t depth_of(const inst_parse *p) {
  size_t n = 0;
  for (size_t i = 0; i < p->depth; i++) n += p->frames[i].has_segment;
  return n;
}

/* The place the parse is at.  NULL: no memory. */
static place *place_at(const inst_parse *p, place *next) {
  place *here = inst_arena_get(p->arena, sizeof *here);
  inst_segment *path = inst_arena_get(p->arena, depth_of(p) * sizeof *path);
  if (here == NULL || path == NULL) return NULL;
  *here = (place){.path = path, .next = next};
  for (size_t i = 0; i < p->depth; i++)
    if (p->frames[i].has_segment) path[here->count++] = p->frames[i].segment;
  return here;
}

static bool same_step(inst_segment a, inst_segment b) {
  if (a.key.p == NULL || b.key.p == NULL)
    return a.key.p == NULL && b.key.p == NULL && a.index == b.index;
  return inst_str_is(a.key, b.key);
}

/* Is the shorter of two paths the beginning of the longer? */
static bool share(const inst_issue *issue, const place *here, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!same_step(issue->path[i], here->path[i])) return false;
  return true;
}

/* An issue at a place that is not known, or inside it, tells nothing; that of a union tells nothing
** either if such a place stands below it. */
static bool counts(const inst_issue *issue, const place *here) {
  for (; here != NULL; here = here->next) {
    bool inside = issue->path_count >= here->count && share(issue, here, here->count);
    bool above = issue->code == INST_ISSUE_INVALID_UNION && issue->path_count < here->count &&
                 share(issue, here, issue->path_count);
    if (inside || above) return false;
  }
  return true;
}

/* Answers for the host, as if all were well. */
static void answer(inst_parse *p) {
  const inst_value *subject = inst_parse_subject(p);
  switch (inst_parse_task(p)) {
  case INST_TASK_MESSAGE: inst_parse_answer(p, NULL); break;
  case INST_TASK_REFINE: inst_parse_answer(p, inst_bool(p->arena, true)); break;
  case INST_TASK_OVERWRITE:
  case INST_TASK_TRANSFORM:
    inst_parse_answer(p, subject != NULL ? inst_value_alias(p->arena, subject) : NULL);
    break;
  default: inst_parse_answer(p, inst_null(p->arena));
  }
}

/* Does the host's code give a value that is not known here? */
static bool is_unknown(const inst_parse *p) {
  inst_task task = inst_parse_task(p);
  return task == INST_TASK_TRANSFORM || task == INST_TASK_DEFAULT || task == INST_TASK_CATCH;
}

/* Those of 'issues' that count. */
static const inst_issue *gather(const inst_issue *issues, const place *unknown, inst_arena *arena) {
  inst_issue_list list = {NULL, NULL};
  for (; issues != NULL; issues = issues->next)
    if (counts(issues, unknown)) inst_issue_add(&list, issues, arena);
  if (list.last != NULL) list.last->next = NULL;
  return list.first;
}

const inst_issue *inst_fit_issues(const inst_fitting *fitting, const inst_value *value) {
  static const inst_issue beyond = {.code = INST_ISSUE_CUSTOM};
  inst_parse *p = inst_parse_new(fitting->schema, value, &fitting->options, fitting->arena);
  place *unknown = NULL;
  if (p == NULL) return NULL;
  while (inst_parse_next(p) == INST_PARSE_CODE) {
    if (is_unknown(p)) unknown = place_at(p, unknown);
    answer(p);
  }
  if (inst_parse_error(p)->code == INST_E_MEMORY) fitting->arena->failed = true;
  if (inst_parse_error(p)->code == INST_E_LIMIT) return &beyond;
  return gather(inst_parse_issues(p), unknown, fitting->arena);
}
