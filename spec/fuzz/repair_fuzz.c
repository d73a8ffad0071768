/* Strict JSON is not touched; what is mended reads strictly, and mended again it stays as it is; every
** edit lies in the text.  With a schema a value is changed only where an edit says so, and only if
** then all fits. */
#include "core/base/error.h"
#include "core/call/reading.h"
#include "core/wire/candidate.h"
#include "spec/fuzz/judged.h"
#include "spec/fuzz/letters.h"

enum { MAX_DEPTH = 48, MORE_DEPTH = 64 };

/* An input is a line of letters for the schema, and behind it the text. */
typedef struct task {
  inst_str letters, text;
  inst_alloc alloc;
  inst_arena arena;
  inst_buf *log;
} task;

/* ---- texts ----------------------------------------------------------------------------------- */

/* May a text that was mended be refused for its characters alone? */
static bool has_doubtful_characters(inst_str text) {
  if (inst_utf8_span(text) < text.n) return true;
  for (size_t i = 0; i + 1 < text.n; i++)
    if (text.p[i] == '\\' && text.p[i + 1] == 'u') return true; /* half of a surrogate pair */
  return false;
}

/* False: memory ran out. */
static bool mend_again(inst_str text, inst_arena *arena) {
  const inst_mending how = {.max_depth = MAX_DEPTH};
  inst_mended again;
  inst_mend_result result = inst_mend(text, &how, arena, &again);
  if (result == INST_MEND_NO_MEMORY) return false;
  FUZZ_CHECK(result == INST_MENDED && again.edits == NULL);
  FUZZ_CHECK(inst_str_is(again.text, text));
  return true;
}

static bool check_mended(task *t, inst_str mended, const inst_edit *edits) {
  inst_error error = {.code = INST_E_NONE};
  const inst_value *v = inst_json_parse(&t->arena, mended, MAX_DEPTH, &error);
  if (error.code == INST_E_MEMORY) return false;
  FUZZ_CHECK(v != NULL || has_doubtful_characters(mended));
  inst_buf_add(t->log, mended);
  for (; edits != NULL; edits = edits->next) {
    FUZZ_CHECK(edits->offset <= t->text.n);
    inst_buf_addf(t->log, " %s@%zu", inst_edit_name(edits->what), edits->offset);
  }
  return mend_again(mended, &t->arena);
}

static bool mend(task *t, const inst_value *strict) {
  const inst_mending how = {.max_depth = MAX_DEPTH};
  inst_mended mended;
  inst_mend_result result = inst_mend(t->text, &how, &t->arena, &mended);
  if (result == INST_MEND_NO_MEMORY) return false;
  if (strict != NULL) FUZZ_CHECK(result == INST_MENDED && mended.edits == NULL);
  if (result != INST_MENDED) return true;
  FUZZ_CHECK(mended.used <= t->text.n);
  return check_mended(t, mended.text, mended.edits);
}

static bool find(task *t) {
  const inst_search search = {.max_depth = MAX_DEPTH};
  inst_candidate list[INST_MAX_CANDIDATES];
  inst_str thoughts;
  size_t count = inst_candidates(t->text, &search, &t->arena, list, &thoughts);
  if (inst_arena_failed(&t->arena)) return false;
  FUZZ_CHECK(count <= INST_MAX_CANDIDATES);
  for (size_t i = 0; i < count; i++)
    if (!check_mended(t, list[i].text, list[i].edits)) return false;
  return true;
}

/* ---- what was changed ------------------------------------------------------------------------ */

typedef struct walk {
  const inst_edit *edits;
  inst_segment path[MORE_DEPTH];
  size_t count;
} walk;

static bool same_path(const inst_edit *edit, const walk *w) {
  if (edit->path == NULL || edit->path_count != w->count) return false;
  for (size_t i = 0; i < w->count; i++)
    if (!inst_str_is(edit->path[i].key, w->path[i].key) || edit->path[i].index != w->path[i].index)
      return false;
  return true;
}

static bool is_told(const walk *w) {
  const inst_edit *edit = w->edits;
  while (edit != NULL && !same_path(edit, w)) edit = edit->next;
  return edit != NULL;
}

/* All that is not the same is told by an edit of its place.  (As deep as MAX_DEPTH.) */
static void check_changes(walk *w, const inst_value *before, const inst_value *after) {
  inst_value_kind kind = inst_value_kind_of(before);
  if (is_told(w)) return;
  FUZZ_CHECK(kind == inst_value_kind_of(after));
  if (kind != INST_ARRAY && kind != INST_OBJECT) {
    FUZZ_CHECK(inst_value_equal(before, after));
    return;
  }
  const inst_value *a = inst_value_first(before), *b = inst_value_first(after);
  FUZZ_CHECK(inst_value_count(before) == inst_value_count(after) && w->count < MORE_DEPTH);
  for (size_t i = 0; a != NULL; a = inst_value_next(a), b = inst_value_next(b)) {
    FUZZ_CHECK(inst_str_is(inst_value_key(a), inst_value_key(b)));
    w->path[w->count++] = (inst_segment){inst_value_key(a), kind == INST_ARRAY ? i++ : 0};
    check_changes(w, a, b);
    w->count--;
  }
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool has_changes(const inst_reading *r) {
  const inst_edit *edit = r->edits.first;
  while (edit != NULL && edit->path == NULL) edit = edit->next;
  return edit != NULL;
}

static void check_edits(const task *t, const inst_reading *r) {
  const inst_edit *edit = r->edits.first;
  FUZZ_CHECK(edit == NULL || r->fitting.level != INST_REPAIR_NONE);
  for (; edit != NULL; edit = edit->next) {
    bool coerced = edit->what >= INST_EDIT_NUMBER_FROM_STRING;
    FUZZ_CHECK(!coerced || (edit->path != NULL && r->fitting.level == INST_REPAIR_COERCE));
    FUZZ_CHECK(edit->path != NULL || edit->offset <= t->text.n);
    inst_buf_addf(t->log, " %s@%zu/%zu", inst_edit_name(edit->what), edit->offset,
                  edit->path_count);
  }
}

/* To fit is to be valid, where no code has a say. */
static bool check_fit(task *t, const inst_reading *r, bool *fits) {
  const inst_schema *schema = r->fitting.schema;
  *fits = inst_fit_issues(&r->fitting, r->value) == NULL;
  if (inst_arena_failed(&t->arena)) return false;
  FUZZ_CHECK(*fits || !has_changes(r));
  if (inst_tree_node(schema, schema->root)->collects) return true;
  fuzz_judged judged = fuzz_judge(schema, r->value, &r->fitting.options, &t->arena);
  if (judged.lost) return false;
  if (judged.verdict == INST_PARSE_INVALID) fuzz_explain(judged.issues, &t->arena, t->log);
  FUZZ_CHECK(judged.verdict == INST_PARSE_FAILED || (judged.verdict == INST_PARSE_VALID) == *fits);
  return !inst_arena_failed(&t->arena);
}

/* False: memory ran out.  'is_read' says whether there is a value. */
static bool read(inst_reading *r, inst_str text, bool *is_read) {
  *is_read = inst_reading_text(r, text) == 0;
  if (*is_read && r->edits.first == NULL) inst_reading_mend(r);
  FUZZ_CHECK(*is_read || r->error.code != INST_E_NONE);
  return !inst_arena_failed(r->fitting.arena) && (*is_read || r->error.code != INST_E_MEMORY);
}

/* What fits is taken as it is, when it comes again. */
static bool read_again(task *t, const inst_reading *first) {
  inst_reading r = {.fitting = first->fitting};
  inst_str text = inst_json_text(&t->arena, first->value);
  bool is_read;
  r.fitting.max_depth = MORE_DEPTH;
  if (text.p == NULL || !read(&r, text, &is_read)) return false;
  FUZZ_CHECK(is_read && r.edits.first == NULL && r.value != NULL &&
             inst_value_equal(r.value, first->value));
  return true;
}

static bool check_value(task *t, const inst_reading *r, const inst_value *strict) {
  bool fits;
  if (!check_fit(t, r, &fits)) return false;
  if (r->value == NULL) return true;
  if (strict != NULL) {
    walk w = {.edits = r->edits.first};
    const inst_value *inner = r->inside ? inst_value_find(strict, INST_LIT("value")) : strict;
    check_changes(&w, inner, r->value);
  }
  inst_str text = inst_json_text(&t->arena, r->value);
  inst_buf_add(t->log, text);
  return text.p != NULL && (!fits || r->wrapped || read_again(t, r));
}

/* ---- levels ---------------------------------------------------------------------------------- */

enum { WRAPPED = 1, NULL_IS_ABSENT = 2, FENCE_ASKED = 4, THOUGHTS_ASKED = 8, ALL_OPTIONS = 16 };

static inst_reading reading_of(task *t, const inst_schema *schema, inst_repair_level level,
                               unsigned options) {
  return (inst_reading){.fitting = {.schema = schema,
                                    .options = {.null_is_absent = (options & NULL_IS_ABSENT) != 0},
                                    .level = level,
                                    .max_depth = MAX_DEPTH,
                                    .arena = &t->arena},
                        .wrapped = (options & WRAPPED) != 0,
                        .fence_asked = (options & FENCE_ASKED) != 0,
                        .thoughts_asked = (options & THOUGHTS_ASKED) != 0};
}

/* What is strict is read at every level, and what is mended is so at the next one too.  (Where a fence
** ends is looked at more closely where something may be mended.) */
static bool read_levels(task *t, const inst_schema *schema, const inst_value *strict,
                        unsigned options) {
  bool done = true, is_read = false;
  for (int level = INST_REPAIR_NONE; done && level <= INST_REPAIR_COERCE; level++) {
    inst_reading r = reading_of(t, schema, (inst_repair_level)level, options);
    bool must_read = strict != NULL || (is_read && level == INST_REPAIR_COERCE);
    if (!read(&r, t->text, &is_read)) return false;
    FUZZ_CHECK(is_read || !must_read);
    inst_buf_addf(t->log, "\n%d %s", level, is_read ? "" : r.error.text);
    if (is_read) check_edits(t, &r);
    if (is_read) done = check_value(t, &r, strict);
  }
  return done;
}

static bool contains(inst_str text, const char *part) {
  inst_str word = inst_str_of(part);
  for (size_t i = 0; i + word.n <= text.n; i++)
    if (memcmp(text.p + i, word.p, word.n) == 0) return true;
  return false;
}

/* The options that may make a difference. */
static unsigned options_of(inst_str text) {
  unsigned options = 0;
  if (contains(text, "\"value\"")) options |= WRAPPED;
  if (contains(text, "null")) options |= NULL_IS_ABSENT;
  if (contains(text, "```")) options |= FENCE_ASKED;
  if (contains(text, "<think")) options |= THOUGHTS_ASKED;
  return options;
}

static bool read_with_schema(task *t, const inst_value *strict) {
  inst_error error = {.code = INST_E_NONE};
  unsigned useful = options_of(t->text);
  inst_schema *schema = inst_schema_new(t->alloc);
  if (schema == NULL) return false;
  inst_node root = fuzz_letters(schema, t->letters);
  bool done = inst_schema_finish(schema, root, &error) == 0;
  for (unsigned options = 0; done && options < ALL_OPTIONS; options++)
    if ((options & ~useful) == 0) done = read_levels(t, schema, strict, options);
  inst_schema_free(schema);
  return done || error.code == INST_E_USAGE;
}

/* ---- the job --------------------------------------------------------------------------------- */

static bool repair(inst_str input, fuzz_way way, inst_alloc alloc, inst_buf *log) {
  task t = {.alloc = alloc, .log = log};
  inst_error error;
  (void)way;
  fuzz_letters_split(input, &t.letters, &t.text);
  inst_arena_init(&t.arena, alloc);
  const inst_value *strict = inst_json_parse(&t.arena, t.text, MAX_DEPTH, &error);
  bool done = error.code != INST_E_MEMORY;
  done = done && mend(&t, strict) && find(&t) && read_with_schema(&t, strict);
  inst_arena_clear(&t.arena);
  return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_run_whole(repair, (inst_str){(const char *)data, size});
  return 0;
}
