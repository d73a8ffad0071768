/* However a text is cut its changes rebuild its value; what is wrong early is wrong in the end; asking
** and explaining agree, and so do the straight way and the long way.  So for any schema. */
#include "core/base/error.h"
#include "core/json/read.h"
#include "spec/core/marks.h"
#include "spec/fuzz/judged.h"
#include "spec/fuzz/letters.h"
#include "spec/fuzz/shown.h"

enum { MAX_DEPTH = 24, MOST_RENEWALS = 16 };

typedef struct task {
  inst_str letters, text;
  inst_stream_options options;
  inst_alloc alloc;
  inst_arena arena;
  inst_schema *schema;
  inst_buf *log;
  bool early; /* was something called wrong before the end? */
  bool lost;  /* memory ran out, and that was said */
} task;

static void split(task *t, inst_str input, bool wrapped, bool null_is_absent) {
  fuzz_letters_split(input, &t->letters, &t->text);
  t->options = (inst_stream_options){.open_strings = fuzz_hash(input) % 4 != 0,
                                     .check = true,
                                     .wrapped = wrapped,
                                     .null_is_absent = null_is_absent,
                                     .max_depth = MAX_DEPTH};
}

/* ---- the schema ------------------------------------------------------------------------------ */

/* 'asked': the root stands in a union, which only asks whether it fits.  NULL: it is none. */
static inst_schema *new_schema(task *t, bool asked) {
  inst_error error = {.code = INST_E_NONE};
  inst_schema *schema = inst_schema_new(t->alloc);
  t->lost = t->lost || schema == NULL;
  if (schema == NULL) return NULL;
  inst_node root = fuzz_letters(schema, t->letters);
  if (asked) {
    inst_node either = inst_schema_node(schema, INST_NODE_UNION);
    inst_schema_inner(schema, either, root);
    inst_schema_inner(schema, either, inst_schema_node(schema, INST_NODE_NEVER));
    root = either;
  }
  if (inst_schema_finish(schema, root, &error) == 0) return schema;
  FUZZ_CHECK(error.code == INST_E_MEMORY || error.code == INST_E_USAGE);
  t->lost = t->lost || error.code == INST_E_MEMORY;
  inst_schema_free(schema);
  return NULL;
}

/* ---- the stream ------------------------------------------------------------------------------ */

static void look(task *t, inst_stream *stream, fuzz_shown *shown) {
  inst_change change;
  size_t count;
  while (inst_stream_next(stream, &change)) fuzz_shown_take(shown, &change);
  inst_stream_path(stream, &count);
  t->early = t->early || inst_stream_issues(stream) != NULL;
}

/* Members that came again, and whether a wrapper turned out to be none: then nothing is promised of
** what was shown or called wrong before. */
static bool is_certain(const task *t, size_t *renewals) {
  inst_arena arena;
  inst_arena_init(&arena, fuzz_plain());
  inst_reader *reader = inst_reader_new(&arena, MAX_DEPTH);
  inst_reader_feed(reader, t->text);
  const inst_value *root = inst_reader_finish(reader);
  const inst_value *first = root != NULL ? inst_value_first(root) : NULL;
  *renewals = inst_reader_renewals(reader);
  bool wrapper = t->options.wrapped && first != NULL && inst_value_count(root) > 1 &&
                 inst_str_is(inst_value_key(first), INST_LIT("value"));
  inst_reader_free(reader);
  inst_arena_clear(&arena);
  return !wrapper;
}

static void compare(const inst_value *shown, const inst_value *whole) {
  inst_arena arena;
  inst_arena_init(&arena, fuzz_plain());
  FUZZ_CHECK(shown != NULL);
  FUZZ_CHECK(inst_str_is(inst_json_text(&arena, shown), inst_json_text(&arena, whole)));
  inst_arena_clear(&arena);
}

/* Reads all that was said early.  (A value that came in one piece is left to the end.) */
static void read_issues(task *t, const inst_stream *stream) {
  inst_buf said;
  if (inst_stream_issues(stream) == NULL) return;
  inst_buf_init(&said, fuzz_plain());
  fuzz_explain(inst_stream_issues(stream), &t->arena, &said);
  inst_buf_clear(&said);
}

/* The value, copied; NULL: the text is no JSON, or memory ran out. */
static const inst_value *read_stream(task *t, fuzz_way way) {
  size_t renewals;
  fuzz_shown shown;
  inst_stream *stream = inst_stream_new(t->schema, &t->options);
  t->lost = t->lost || stream == NULL;
  if (stream == NULL) return NULL;
  fuzz_shown_init(&shown);
  fuzz_cut cut = fuzz_cut_of(t->text, way);
  for (inst_str piece; fuzz_cut_next(&cut, &piece);) {
    inst_stream_feed(stream, piece);
    look(t, stream, &shown);
  }
  const inst_value *whole = inst_stream_finish(stream);
  look(t, stream, &shown);
  const inst_error *error = inst_stream_error(stream);
  inst_buf_addf(t->log, "%s at %zu: %s\n", inst_code_name(error->code), error->offset, error->text);
  t->lost = t->lost || error->code == INST_E_MEMORY;
  if (whole != NULL && !t->lost && is_certain(t, &renewals) && renewals <= MOST_RENEWALS)
    compare(shown.root, whole);
  read_issues(t, stream);
  if (whole != NULL) whole = inst_value_copy(&t->arena, whole);
  fuzz_shown_clear(&shown);
  inst_stream_free(stream);
  return whole;
}

/* ---- judging --------------------------------------------------------------------------------- */

static inst_verdict judge_value(task *t, const inst_schema *schema, const inst_value *value,
                                inst_str *result) {
  inst_parse_options options = {.null_is_absent = t->options.null_is_absent};
  fuzz_judged judged = fuzz_judge(schema, value, &options, &t->arena);
  t->lost = t->lost || judged.lost;
  if (judged.verdict == INST_PARSE_INVALID) fuzz_explain(judged.issues, &t->arena, t->log);
  *result = judged.value != NULL ? inst_json_text(&t->arena, judged.value) : INST_LIT("nothing");
  return judged.verdict;
}

/* With the root inside a union: the two must agree. */
static void check_asking(task *t, const inst_value *value, inst_verdict verdict, inst_str result) {
  inst_str again = INST_LIT("");
  inst_schema *schema = new_schema(t, true);
  if (schema == NULL) return;
  inst_verdict asked = judge_value(t, schema, value, &again);
  bool well =
      !inst_arena_failed(&t->arena) && verdict != INST_PARSE_FAILED && asked != INST_PARSE_FAILED;
  if (well) FUZZ_CHECK(asked == verdict && inst_str_is(again, result));
  inst_schema_free(schema);
}

/* A text's value, where it fits; of memory that does not run out. */
static const inst_value *read_the_long_way(const inst_schema *schema, inst_str text,
                                           inst_arena *arena) {
  inst_parse_options options = {.null_is_absent = false};
  const inst_value *value = inst_json_parse(arena, text, INST_MAX_DEPTH, NULL);
  return value != NULL ? fuzz_judge(schema, value, &options, arena).value : NULL;
}

/* Where the straight way says yes, the long way says the same. */
static void check_straight(const task *t) {
  inst_error error;
  inst_arena arena;
  inst_straight *straight = inst_straight_new(t->schema, t->alloc, &error);
  if (straight == NULL) return;
  inst_arena_init(&arena, fuzz_plain());
  const inst_mark *mark = inst_straight_read(straight, t->text, false);
  if (mark != NULL) {
    const inst_value *value = marked(&arena, straight, &mark);
    FUZZ_CHECK(is_the_same(value, read_the_long_way(t->schema, t->text, &arena)));
  }
  inst_straight_done(straight);
  inst_straight_free(straight);
  inst_arena_clear(&arena);
}

/* What the schema writes is JSON, whether the value fits or not. */
static void write(task *t, const inst_value *value) {
  inst_error error = {.code = INST_E_NONE};
  inst_str text = inst_schema_write(t->schema, value, &t->arena);
  if (text.p == NULL) return;
  inst_value *again = inst_json_parse(&t->arena, text, 2 * MAX_DEPTH, &error);
  FUZZ_CHECK(again != NULL || error.code == INST_E_MEMORY);
}

static void judge_whole(task *t, const inst_value *value) {
  size_t renewals;
  inst_str result = INST_LIT("");
  inst_verdict verdict = judge_value(t, t->schema, value, &result);
  inst_buf_addf(t->log, "%d ", (int)verdict);
  inst_buf_add(t->log, result);
  bool certain = is_certain(t, &renewals) && renewals == 0;
  if (verdict == INST_PARSE_FAILED) return; /* at its limit, which took long enough */
  if (t->early && certain) FUZZ_CHECK(verdict == INST_PARSE_INVALID);
  check_asking(t, value, verdict, result);
  write(t, value);
}

/* ---- the job --------------------------------------------------------------------------------- */

static bool stream_with(inst_str input, fuzz_way way, inst_alloc alloc, inst_buf *log,
                        unsigned options) {
  task t = {.alloc = alloc, .log = log};
  split(&t, input, (options & 1) != 0, (options & 2) != 0);
  t.options.alloc = alloc;
  inst_arena_init(&t.arena, alloc);
  t.schema = new_schema(&t, false);
  if (t.schema != NULL) {
    const inst_value *whole = read_stream(&t, way);
    if (whole != NULL && !t.lost) judge_whole(&t, whole);
    if (options == 0 && way == FUZZ_PIECES) check_straight(&t);
  }
  bool lost = t.lost || inst_arena_failed(&t.arena);
  inst_schema_free(t.schema);
  inst_arena_clear(&t.arena);
  return !lost;
}

static bool contains(inst_str text, inst_str part) {
  for (size_t i = 0; i + part.n <= text.n; i++)
    if (memcmp(text.p + i, part.p, part.n) == 0) return true;
  return false;
}

/* With each set of options that may make a difference. */
static bool stream_text(inst_str input, fuzz_way way, inst_alloc alloc, inst_buf *log) {
  bool wrapper = contains(input, INST_LIT("\"value\"")), null = contains(input, INST_LIT("null"));
  for (unsigned options = 0; options < 4; options++) {
    if (((options & 1) != 0 && !wrapper) || ((options & 2) != 0 && !null)) continue;
    if (!stream_with(input, way, alloc, log, options)) return false;
  }
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_run(stream_text, (inst_str){(const char *)data, size});
  return 0;
}
