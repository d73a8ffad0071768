/*
** Values changed where issues stand, in a few rounds, until all fits.
*/
#include "core/schema/fit.h"

#include "core/base/number.h"
#include "core/json/read.h"

enum { MAX_ROUNDS = 4 }; /* a list of one, of JSON in a string, of a number in a string… */

/* A copy that is being changed. */
typedef struct work {
  const inst_fitting *fitting;
  inst_value *root;
  inst_edit_list *list;
  size_t changes;
} work;

/* ---- what might help --------------------------------------------------------------------------- */

static bool expects(const inst_issue *issue, const char *type) {
  return issue->code == INST_ISSUE_INVALID_TYPE &&
         inst_str_is(inst_find_text(issue->details, "expected"), inst_str_of(type));
}

/* A string that begins as the list does which is expected. */
static bool is_nested(const inst_issue *issue, const inst_value *v) {
  if (!inst_machine_is(v, INST_STRING)) return false;
  inst_str text = inst_str_trim(v->u.s);
  if (text.n == 0) return false;
  if (*text.p == '{') return expects(issue, "object") || expects(issue, "record");
  return *text.p == '[' && (expects(issue, "array") || expects(issue, "tuple"));
}

/* One of a few words was expected. */
static bool is_choice(const inst_issue *issue) {
  bool tag =
      issue->code == INST_ISSUE_INVALID_UNION && inst_find(issue->details, "options") != NULL;
  return tag || issue->code == INST_ISSUE_INVALID_VALUE;
}

/* INST_EDIT_COUNT: nothing. */
static inst_edit_kind remedy(inst_repair_level level, const inst_issue *issue,
                             const inst_value *v) {
  bool text = inst_machine_is(v, INST_STRING);
  if (is_nested(issue, v)) return INST_EDIT_NESTED_JSON;
  if (level != INST_REPAIR_COERCE || v == NULL || v->kind == INST_NULL) return INST_EDIT_COUNT;
  if (expects(issue, "array") && v->kind != INST_ARRAY) return INST_EDIT_LIST_OF_ONE;
  if (text && expects(issue, "number")) return INST_EDIT_NUMBER_FROM_STRING;
  if (text && expects(issue, "boolean")) return INST_EDIT_BOOLEAN_FROM_STRING;
  if (text && is_choice(issue)) return INST_EDIT_ENUM_SPELLING;
  return INST_EDIT_COUNT;
}

/* The same for an option of a union, where no other tells which was meant.  Any value would make a
** list of one. */
static inst_edit_kind remedy_of_option(inst_repair_level level, const inst_branch *option,
                                       const inst_value *v) {
  const inst_issue *issue = option->issues;
  if (issue == NULL || issue->next != NULL || issue->path_count > 0) return INST_EDIT_COUNT;
  inst_edit_kind what = remedy(level, issue, v);
  return what != INST_EDIT_LIST_OF_ONE ? what : INST_EDIT_COUNT;
}

static bool may_help_union(inst_repair_level level, const inst_issue *issue) {
  const inst_branch *option = issue->branches;
  if (issue->nearest != NULL) {
    const inst_issue *inner = issue->nearest->issues;
    while (inner != NULL && remedy(level, inner, inner->input) != INST_EDIT_COUNT)
      inner = inner->next;
    return inner == NULL;
  }
  while (option != NULL && remedy_of_option(level, option, issue->input) == INST_EDIT_COUNT)
    option = option->next;
  return option != NULL;
}

bool inst_fit_may_help(inst_repair_level level, const inst_issue *issues) {
  if (level == INST_REPAIR_NONE) return false;
  for (; issues != NULL; issues = issues->next) {
    if (remedy(level, issues, issues->input) != INST_EDIT_COUNT) continue;
    if (issues->code != INST_ISSUE_INVALID_UNION || !may_help_union(level, issues)) return false;
  }
  return true;
}

/* ---- changes ----------------------------------------------------------------------------------- */

static void note(work *w, const inst_edit *edit) {
  inst_edit_add(w->list, edit, w->fitting->arena);
}

/* 'with' in the place of 'v', under its key. */
static void replace(inst_value *v, const inst_value *with) {
  inst_str key = v->key;
  inst_value *next = v->next;
  *v = *with;
  v->key = key;
  v->next = next;
}

static const inst_value *number_of(const work *w, inst_str text) {
  int64_t i;
  double d;
  switch (inst_number_read(inst_str_trim(text), &i, &d)) {
  case INST_NUMBER_INT: return inst_int(w->fitting->arena, i);
  case INST_NUMBER_REAL: return inst_real(w->fitting->arena, d);
  default: return NULL;
  }
}

static const inst_value *boolean_of(const work *w, inst_str text) {
  text = inst_str_trim(text);
  bool yes = inst_str_is_nocase(text, INST_LIT("true"));
  if (!yes && !inst_str_is_nocase(text, INST_LIT("false"))) return NULL;
  return inst_bool(w->fitting->arena, yes);
}

static const inst_value *list_of(const work *w, const inst_value *v) {
  inst_value *list = inst_array(w->fitting->arena);
  inst_value *item = inst_value_alias(w->fitting->arena, v);
  if (list == NULL || item == NULL) return NULL;
  inst_push(list, item);
  return list;
}

/* ---- choices ----------------------------------------------------------------------------------- */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Does the byte at 'at' only part words?  Signs have a meaning of their own (c++, >5, -1). */
static bool is_punctuation(inst_str text, size_t at) {
  static const char marks[] = ".,;:!?'\"`()[]{}_/\\*-";
  char c = text.p[at];
  bool minus = c == '-' && at + 1 < text.n && is_digit(text.p[at + 1]);
  bool inside =
      at > 0 && (unsigned char)text.p[at - 1] > ' ' && strchr(marks, text.p[at - 1]) == NULL;
  return (unsigned char)c <= ' ' || (strchr(marks, c) != NULL && (!minus || inside));
}

/* The word from '*at' on, which is passed; n 0: there is none. */
static inst_str take_word(inst_str text, size_t *at) {
  while (*at < text.n && is_punctuation(text, *at)) ++*at;
  size_t from = *at;
  while (*at < text.n && !is_punctuation(text, *at)) ++*at;
  return (inst_str){text.p + from, *at - from};
}

/* The same words, whatever their case and what stands between them. */
static bool same_words(inst_str a, inst_str b) {
  size_t i = 0, k = 0;
  inst_str first = take_word(a, &i), second = take_word(b, &k);
  bool any = first.n > 0;
  while (first.n > 0 && inst_str_is_nocase(first, second)) {
    first = take_word(a, &i);
    second = take_word(b, &k);
  }
  return any && first.n == 0 && second.n == 0;
}

/* The one choice that 'text' spells; NULL: there is none, or more than one. */
static const inst_value *choice_of(const inst_issue *issue, inst_str text) {
  const inst_value *found = NULL;
  bool tag = issue->code == INST_ISSUE_INVALID_UNION;
  const inst_value *v = inst_value_first(inst_find(issue->details, tag ? "options" : "values"));
  for (; v != NULL; v = inst_value_next(v)) {
    if (v->kind != INST_STRING || !same_words(v->u.s, text)) continue;
    if (found != NULL) return NULL;
    found = v;
  }
  return found;
}

/* ---- JSON in a string -------------------------------------------------------------------------- */

/* The edits of the text inside, under the path of the string. */
static void note_nested(work *w, const inst_edit *place, const inst_edit *edits) {
  note(w, place);
  for (; edits != NULL; edits = edits->next) {
    inst_edit edit = *edits;
    edit.path = place->path;
    edit.path_count = place->path_count;
    note(w, &edit);
  }
}

static const inst_value *nested_of(work *w, inst_str whole, const inst_edit *place) {
  const inst_fitting *f = w->fitting;
  inst_str text = inst_str_trim(whole);
  inst_mended mended = {.text = text};
  inst_error error = {.code = INST_E_NONE};
  if (place->path_count >= f->max_depth) return NULL;
  inst_mending how = {.offset = (size_t)(text.p - whole.p),
                      .max_depth = f->max_depth - (unsigned)place->path_count};
  const inst_value *v = inst_json_parse(f->arena, text, how.max_depth, &error);
  if (v == NULL && error.code == INST_E_JSON) {
    inst_mend_result result = inst_mend(text, &how, f->arena, &mended);
    if (result == INST_MEND_NO_MEMORY) f->arena->failed = true;
    if (result != INST_MENDED || mended.used < text.n) return NULL;
    v = inst_json_parse(f->arena, mended.text, how.max_depth, &error);
  }
  if (error.code == INST_E_MEMORY) f->arena->failed = true;
  if (v != NULL) note_nested(w, place, mended.edits);
  return v;
}

/* ---- issues ------------------------------------------------------------------------------------ */

/* What stands at the path, below 'v'; NULL: nothing. */
static inst_value *find(inst_value *v, const inst_segment *path, size_t count) {
  for (size_t i = 0; v != NULL && i < count; i++) {
    if (path[i].key.p != NULL) {
      v = v->kind == INST_OBJECT ? inst_value_find(v, path[i].key) : NULL;
      continue;
    }
    size_t index = path[i].index;
    for (v = v->kind == INST_ARRAY ? inst_value_first(v) : NULL; v != NULL && index > 0; index--)
      v = inst_value_next(v);
  }
  return v;
}

static const inst_value *remedied(work *w, const inst_issue *issue, const inst_value *v,
                                  const inst_edit *edit) {
  switch (edit->what) {
  case INST_EDIT_NESTED_JSON: return nested_of(w, v->u.s, edit);
  case INST_EDIT_NUMBER_FROM_STRING: return number_of(w, v->u.s);
  case INST_EDIT_BOOLEAN_FROM_STRING: return boolean_of(w, v->u.s);
  case INST_EDIT_LIST_OF_ONE: return list_of(w, v);
  default: return choice_of(issue, v->u.s);
  }
}

static void take(work *w, inst_value *v, const inst_value *with, const inst_edit *edit) {
  replace(v, with);
  w->changes++;
  if (edit->what != INST_EDIT_NESTED_JSON) note(w, edit);
}

/* Helps where 'issue' stands, below 'base'.  Where several stand at one place the first is enough. */
static void help(work *w, const inst_issue *issue, const inst_segment *path, size_t count) {
  inst_value *v = find(w->root, path, count);
  inst_edit edit = {.what = remedy(w->fitting->level, issue, v), .path = path, .path_count = count};
  if (edit.what == INST_EDIT_COUNT) return;
  const inst_value *with = remedied(w, issue, v, &edit);
  if (with != NULL && !inst_value_equal(v, with)) take(w, v, with, &edit);
}

/* The branch of a union that was meant: its paths begin at the union's. */
static void help_branch(work *w, const inst_issue *above) {
  const inst_issue *issue = above->nearest->issues;
  for (; issue != NULL; issue = issue->next) {
    size_t count = above->path_count + issue->path_count;
    inst_segment *path = inst_arena_get(w->fitting->arena, count * sizeof *path);
    if (path == NULL) return;
    memcpy(path, above->path, above->path_count * sizeof *path);
    memcpy(path + above->path_count, issue->path, issue->path_count * sizeof *path);
    help(w, issue, path, count);
  }
}

/* No option is nearer than the others: what helps one of them, or the same for all it helps. */
static void help_any(work *w, const inst_issue *issue) {
  inst_value *v = find(w->root, issue->path, issue->path_count);
  const inst_value *with = NULL;
  inst_edit edit = {.path = issue->path, .path_count = issue->path_count}, chosen = edit;
  for (const inst_branch *option = issue->branches; option != NULL; option = option->next) {
    edit.what = remedy_of_option(w->fitting->level, option, v);
    if (edit.what == INST_EDIT_COUNT) continue;
    const inst_value *other = remedied(w, option->issues, v, &edit);
    if (other == NULL) continue;
    if (with != NULL && !inst_value_equal(with, other)) return;
    with = other;
    chosen = edit;
    if (edit.what == INST_EDIT_NESTED_JSON) break;
  }
  if (with != NULL) take(w, v, with, &chosen);
}

static void help_all(work *w, const inst_issue *issue) {
  for (; issue != NULL; issue = issue->next)
    if (issue->code != INST_ISSUE_INVALID_UNION || is_choice(issue))
      help(w, issue, issue->path, issue->path_count);
    else if (issue->nearest != NULL)
      help_branch(w, issue);
    else
      help_any(w, issue);
}

/* Helps in the copy until it fits or nothing helps. */
static bool help_on(work *w, const inst_issue *issues) {
  for (int round = 0; round < MAX_ROUNDS && issues != NULL; round++) {
    w->changes = 0;
    help_all(w, issues);
    if (w->changes == 0 || inst_arena_failed(w->fitting->arena)) return false;
    issues = inst_fit_issues(w->fitting, w->root);
  }
  return issues == NULL && !inst_arena_failed(w->fitting->arena);
}

bool inst_fit(const inst_fitting *fitting, const inst_value **value, inst_edit_list *list) {
  const inst_issue *issues = inst_fit_issues(fitting, *value);
  inst_edit_list edits = {NULL, NULL, 0};
  if (issues == NULL) return !inst_arena_failed(fitting->arena);
  if (*value == NULL || fitting->level == INST_REPAIR_NONE) return false;
  inst_value *root = inst_value_copy(fitting->arena, *value);
  work w = {.fitting = fitting, .root = root, .list = &edits};
  if (root == NULL || !help_on(&w, issues)) return false;
  if (edits.count > 0 && list->count + edits.count >= INST_MAX_REPAIRS) return false;
  *value = root;
  for (const inst_edit *edit = edits.first; edit != NULL; edit = edit->next)
    inst_edit_add(list, edit, fitting->arena);
  return true;
}
