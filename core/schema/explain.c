/*
** A union's issue says little by itself: the option that was meant, and what was wrong inside it, is
** told below it; or what the options want, where none seems meant.
** Rule: what is told is bounded, in lines and in depth, for it goes into prompts.
*/
#include "core/schema/explain.h"

#include "core/json/write.h"

#define MODEL_LINES 20  /* shown to a model; the rest of the issues is counted */
#define MODEL_QUOTE 80  /* bytes of the value quoted in a line */
#define PEOPLE_FAULTS 3 /* told of one issue */
#define OPTIONS 10      /* named of a union */
#define DEPTH 4         /* unions in unions that are told of */

/* ---- issues and what stands below them ------------------------------------------------------- */

/* Issues of one list, or the first issue of each branch. */
typedef struct level {
  const inst_issue *next;
  const inst_branch *branch; /* the one whose turn it is, or NULL: a list */
  unsigned number;           /* of the branch */
  const inst_issue *of;      /* what the list stands below; NULL: nothing */
} level;

typedef struct walk {
  level levels[DEPTH];
  size_t depth;
  unsigned option; /* which branch the issue told last is of; 0: it stands in a list */
} walk;

/* Does nobody seem meant because the value is nothing that any option wants? */
static bool all_wrong_at_root(const inst_issue *issue) {
  for (const inst_branch *b = issue->branches; b != NULL; b = b->next) {
    bool type =
        b->issues != NULL && b->issues->path_count == 0 &&
        (b->issues->code == INST_ISSUE_INVALID_TYPE || b->issues->code == INST_ISSUE_INVALID_VALUE);
    if (!type) return false;
  }
  return true;
}

static const inst_branch *skip_silent(const inst_branch *b, unsigned *number) {
  for (; b != NULL && b->issues == NULL; b = b->next) ++*number;
  return b;
}

static void go_below(walk *w, const inst_issue *issue) {
  if (issue->custom || issue->branches == NULL || w->depth == DEPTH) return;
  level *below = &w->levels[w->depth];
  *below = (level){.of = issue, .number = 1};
  if (issue->nearest != NULL)
    below->next = issue->nearest->issues;
  else if (!all_wrong_at_root(issue))
    below->branch = skip_silent(issue->branches, &below->number);
  if (below->next != NULL || below->branch != NULL) w->depth++;
}

/* The next issue to tell; NULL: all are told.  'depth' was its depth. */
static const inst_issue *next_issue(walk *w, size_t *depth) {
  while (w->depth > 0 && w->levels[w->depth - 1].next == NULL &&
         w->levels[w->depth - 1].branch == NULL)
    w->depth--;
  if (w->depth == 0) return NULL;
  level *top = &w->levels[w->depth - 1];
  const inst_issue *issue = top->next;
  *depth = w->depth - 1;
  w->option = 0;
  if (issue != NULL) {
    top->next = issue->next;
  } else {
    issue = top->branch->issues;
    w->option = top->number++;
    top->branch = skip_silent(top->branch->next, &top->number);
  }
  go_below(w, issue);
  return issue;
}

/* ---- sentences ------------------------------------------------------------------------------- */

static void say_option(inst_buf *buf, const inst_issue *issue, const inst_branch *branch) {
  unsigned number = 1;
  for (const inst_branch *b = issue->branches; b != NULL && b != branch; b = b->next) number++;
  if (branch->name.p != NULL)
    inst_buf_quote(buf, branch->name, MODEL_QUOTE);
  else
    inst_buf_addf(buf, "option %u", number);
}

/* What an option that is wrong at its root wants; p NULL: it lists values. */
static inst_str wanted(const inst_branch *b) {
  return b->name.p != NULL ? b->name : inst_find_text(b->issues->details, "expected");
}

static bool is_said(const inst_branch *first, const inst_branch *b) {
  for (const inst_branch *before = first; before != b; before = before->next)
    if (wanted(before).p != NULL && wanted(b).p != NULL && inst_str_is(wanted(before), wanted(b)))
      return true;
  return false;
}

static void say_values(inst_buf *buf, const inst_value *values) {
  for (const inst_value *v = inst_value_first(values); v != NULL; v = inst_value_next(v)) {
    if (v != inst_value_first(values)) inst_buf_byte(buf, '|');
    inst_json_write(buf, v);
  }
}

/* "expected string or number or Cat" */
static void say_wanted(inst_buf *buf, const inst_issue *issue, bool for_model) {
  size_t said = 0;
  inst_buf_addf(buf, "Invalid input: expected ");
  for (const inst_branch *b = issue->branches; b != NULL; b = b->next) {
    if (is_said(issue->branches, b)) continue;
    if (said > 0) inst_buf_addf(buf, " or ");
    if (said++ == OPTIONS) {
      inst_buf_addf(buf, "others");
      break;
    }
    if (wanted(b).p != NULL)
      inst_buf_quote(buf, wanted(b), MODEL_QUOTE);
    else
      say_values(buf, inst_find(b->issues->details, "values"));
  }
  const char *missing = for_model ? "nothing" : "nil";
  inst_buf_addf(buf, ", received %s", issue->input ? inst_value_kind_name(issue->input) : missing);
}

static void say(inst_buf *buf, const inst_issue *issue, bool for_model) {
  if (issue->custom) {
    inst_buf_add(buf, issue->message);
  } else if (issue->code != INST_ISSUE_INVALID_UNION || issue->branches == NULL) {
    inst_issue_say(buf, issue, for_model);
  } else if (issue->nearest != NULL) {
    inst_buf_addf(buf, "Invalid input: no option fits, the nearest is ");
    say_option(buf, issue, issue->nearest);
  } else if (all_wrong_at_root(issue)) {
    say_wanted(buf, issue, for_model);
  } else {
    inst_buf_addf(buf, "Invalid input: no option fits");
  }
}

/* The path of an issue that was just told, below those it stands in; false: it is empty. */
static bool write_path(inst_buf *buf, const walk *w, size_t depth, const inst_issue *issue,
                       const inst_segment *root, size_t base) {
  bool first = true;
  if (root != NULL) {
    inst_path_go_on(buf, root, 1, base, true);
    first = false;
  }
  for (size_t i = 1; i <= depth; i++) {
    const inst_issue *of = w->levels[i].of;
    inst_path_go_on(buf, of->path, of->path_count, base, first);
    first = first && of->path_count == 0;
  }
  inst_path_go_on(buf, issue->path, issue->path_count, base, first);
  return !first || issue->path_count > 0;
}

/* ---- for a model ----------------------------------------------------------------------------- */

/* What was got, cut short.  What stands below says it better, and keys that should not be there were
** named already. */
static void add_got(inst_buf *buf, const inst_issue *issue, inst_alloc alloc) {
  bool below = issue->branches != NULL && !all_wrong_at_root(issue) && !issue->custom;
  if (issue->input == NULL || issue->code == INST_ISSUE_UNRECOGNIZED_KEYS || below) return;
  inst_buf text;
  inst_buf_init(&text, alloc);
  inst_json_write(&text, issue->input);
  inst_buf_addf(buf, " (got ");
  inst_buf_quote(buf, inst_buf_text(&text), MODEL_QUOTE);
  inst_buf_byte(buf, ')');
  if (text.failed) buf->failed = true;
  inst_buf_clear(&text);
}

static void add_line(inst_buf *buf, const walk *w, size_t depth, const inst_issue *issue,
                     const inst_segment *root) {
  inst_buf_byte(buf, '\n');
  for (size_t i = 0; i < depth; i++) inst_buf_addf(buf, "  ");
  inst_buf_addf(buf, "- ");
  if (w->option > 0) inst_buf_addf(buf, "option %u: ", w->option);
  if (write_path(buf, w, depth, issue, root, 0)) inst_buf_addf(buf, ": ");
  say(buf, issue, true);
  add_got(buf, issue, buf->alloc);
}

inst_str inst_issue_lines(const inst_issue *issues, const inst_segment *root, inst_arena *arena) {
  walk w = {.levels = {{.next = issues}}, .depth = 1};
  const inst_issue *issue;
  inst_buf buf;
  size_t left = 0, depth;
  inst_buf_init(&buf, arena->alloc);
  for (size_t shown = 0; shown < MODEL_LINES; shown++) {
    if ((issue = next_issue(&w, &depth)) == NULL) break;
    add_line(&buf, &w, depth, issue, root);
  }
  for (issue = w.levels[0].next; issue != NULL && w.depth > 0; issue = issue->next) left++;
  if (left > 0) inst_buf_addf(&buf, "\n- and %zu more", left);
  return inst_buf_take(&buf, arena);
}

inst_str inst_issues_for_model(const inst_issue *issues, inst_arena *arena) {
  return inst_issue_lines(issues, NULL, arena);
}

/* ---- for people ------------------------------------------------------------------------------ */

inst_str inst_issue_explain(const inst_issue *issue, inst_arena *arena) {
  walk w = {.levels = {{.next = issue}}, .depth = 1};
  inst_buf buf;
  size_t depth;
  inst_buf_init(&buf, arena->alloc);
  say(&buf, next_issue(&w, &depth), false);
  w.levels[0].next = NULL;
  for (size_t told = 0; told < PEOPLE_FAULTS; told++) {
    const inst_issue *below = next_issue(&w, &depth);
    if (below == NULL) break;
    inst_buf_addf(&buf, told == 0 ? ": " : "; ");
    if (w.option > 0) inst_buf_addf(&buf, "option %u: ", w.option);
    if (write_path(&buf, &w, depth, below, NULL, 1)) inst_buf_addf(&buf, ": ");
    say(&buf, below, false);
  }
  return inst_buf_take(&buf, arena);
}
