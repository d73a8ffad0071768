/*
** Intersections: both sides on the same value, the issues of both, and one result.
*/
#include "core/schema/rooms.h"

#include "core/schema/merge.h"

/* What is kept of the left side while the right has its turn. */
typedef struct work {
  inst_value *out;
  inst_issue *mark; /* the last issue of the left side */
} work;

void inst_intersection_enter(inst_parse *p, inst_frame *f) {
  f->work = inst_arena_get(p->arena, sizeof(work));
  if (f->work != NULL) inst_machine_enter_inner(p, f, f->node->inner[0]);
}

/* ---- keys that one side does not know -------------------------------------------------------- */

static inst_issue *first_after(inst_parse *p, const inst_issue *mark) {
  return mark != NULL ? mark->next : p->issues.first;
}

static bool same_path(const inst_issue *a, const inst_issue *b) {
  if (a->path_count != b->path_count) return false;
  for (size_t i = 0; i < a->path_count; i++) {
    const inst_segment *s = &a->path[i], *t = &b->path[i];
    if ((s->key.p == NULL) != (t->key.p == NULL)) return false;
    if (s->key.p != NULL ? !inst_str_is(s->key, t->key) : s->index != t->index) return false;
  }
  return true;
}

/* Where the list names 'key': mostly at 'guess'; NULL: nowhere. */
static const inst_value *find_name(const inst_value *list, const inst_value *guess, inst_str key) {
  if (guess != NULL && inst_str_is(inst_value_text(guess), key)) return guess;
  const inst_value *v = inst_value_first(list);
  while (v != NULL && !inst_str_is(inst_value_text(v), key)) v = inst_value_next(v);
  return v;
}

/* The keys of 'issue' that 'other' names too; NULL: there are none.  Both list them in the order of
** the one value. */
static inst_value *common_keys(inst_parse *p, const inst_issue *issue, const inst_issue *other) {
  inst_value *keys = NULL;
  const inst_value *list = inst_find(other->details, "keys"), *guess = inst_value_first(list);
  const inst_value *v = inst_value_first(inst_find(issue->details, "keys"));
  for (; v != NULL; v = inst_value_next(v)) {
    const inst_value *found = find_name(list, guess, inst_value_text(v));
    if (found == NULL) continue;
    guess = inst_value_next(found);
    if (keys == NULL) keys = inst_array(p->arena);
    inst_push(keys, inst_value_alias(p->arena, v));
  }
  return keys;
}

/* What both sides say of one place, as one issue at the end of the list. */
static void pool(inst_parse *p, inst_issue *issue, const inst_issue *others) {
  for (; others != NULL; others = others->next) {
    if (others->code != INST_ISSUE_UNRECOGNIZED_KEYS || !same_path(issue, others)) continue;
    inst_value *keys = common_keys(p, issue, others), *details = inst_object(p->arena);
    if (keys == NULL) continue;
    inst_put(p->arena, details, INST_LIT("keys"), keys);
    issue->details = details;
    if (!issue->custom) inst_issue_word(issue, p->arena);
    inst_machine_put_back(p, issue);
    return;
  }
  p->issue_count -= inst_issue_count(issue);
}

/* Takes the issues about unknown keys off a list. */
static inst_issue *take_unknown(inst_issue **list) {
  inst_issue *taken = NULL, **end = &taken;
  while (*list != NULL) {
    inst_issue *issue = *list;
    if (issue->code != INST_ISSUE_UNRECOGNIZED_KEYS) {
      list = &issue->next;
      continue;
    }
    *list = issue->next;
    issue->next = NULL;
    *end = issue;
    end = &issue->next;
  }
  return taken;
}

/* A key is unknown where both sides say so. */
static void pool_unknown_keys(inst_parse *p, const inst_frame *f, const work *w) {
  inst_issue *right = inst_machine_take(p, w->mark), *left = inst_machine_take(p, f->mark);
  inst_issue *unknown = take_unknown(&left), *others = take_unknown(&right);
  inst_machine_put_back(p, left);
  inst_machine_put_back(p, right);
  while (unknown != NULL) {
    inst_issue *issue = unknown;
    unknown = issue->next;
    issue->next = NULL;
    pool(p, issue, others);
  }
  p->issue_count -= inst_issue_count(others);
}

static bool has_unknown_keys(inst_parse *p, const inst_frame *f) {
  const inst_issue *issue = first_after(p, f->mark);
  while (issue != NULL && issue->code != INST_ISSUE_UNRECOGNIZED_KEYS) issue = issue->next;
  return issue != NULL;
}

/* ---- results --------------------------------------------------------------------------------- */

static void refuse_merge(inst_parse *p, inst_frame *f, const inst_segment *path, size_t count) {
  inst_value *details = inst_object(p->arena);
  inst_put(p->arena, details, INST_LIT("note"),
           inst_string(p->arena, INST_LIT("Unmergeable intersection")));
  inst_machine_issue(p, &(inst_fault){.code = INST_ISSUE_CUSTOM,
                                      .details = details,
                                      .input = f->in,
                                      .path = path,
                                      .path_count = count,
                                      .node = f->node});
  f->state |= INST_HAS_HARD | INST_HAS_ABORT;
}

static void merge(inst_parse *p, inst_frame *f, const inst_value *left, const inst_value *right) {
  inst_segment *path = NULL;
  size_t count = 0;
  bool both = left != NULL && right != NULL;
  f->out = both ? inst_merge(p->arena, left, right, &path, &count) : NULL;
  if (left == NULL && right == NULL) return;
  if (f->out != NULL || inst_arena_failed(p->arena)) return;
  bool told = p->issues.last != f->mark;
  inst_machine_accept(p, f);
  if (!told) refuse_merge(p, f, path, count);
}

void inst_intersection_resume(inst_parse *p, inst_frame *f, const inst_frame *child) {
  work *w = f->work;
  inst_machine_join(f, child);
  if (f->turn++ == 0) {
    *w = (work){child->out, p->issues.last};
    inst_machine_enter_inner(p, f, f->node->inner[1]);
    return;
  }
  f->phase = INST_PHASE_RULES;
  if (has_unknown_keys(p, f)) pool_unknown_keys(p, f, w);
  f->out = w->out;
  if ((f->state & INST_HAS_ABORT) == 0) merge(p, f, w->out, child->out);
}
