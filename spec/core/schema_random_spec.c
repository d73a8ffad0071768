/*
** Random schemas against random values: whatever both are, a parse ends and changes nothing that came
** in; to ask whether a value fits gives what a whole parse gives; printing and writing end as well.
*/
#include "spec/core/kinds_check.h"

#include "core/schema/machine.h"
#include "core/schema/print.h"

#define ROUNDS 10000
#define VALUES 12  /* tried against each schema */
#define HEIGHT 5   /* of a schema, and of a value */
#define PAUSES 200 /* of one parse, until all is answered alike */

/* One schema being made.  The same 'random' makes the same. */
typedef struct maker {
  bench *b;
  uint64_t random;
  bool code;      /* may it have functions, and intersections? */
  inst_node lazy; /* leads back to the root, or 0 */
} maker;

static unsigned draw(maker *m, unsigned below) {
  return (unsigned)(check_random(&m->random) >> 33) % below;
}

/* ---- values ---------------------------------------------------------------------------------- */

static const char *const keys[] = {"a", "b", "op", " a", "7"};
static const char *const plain[] = {
    "null",        "true",  "false", "0",          "7",
    "-2.5",        "1e300", "\"\"",  "\"a\"",      "\" b \"",
    "\"7\"",       "[]",    "{}",    "\"x@y.zz\"", "9007199254740993",
    "\"\\u0000\"",
};

static const char *any_key(maker *m) {
  return keys[draw(m, CHECK_COUNT(keys))];
}

static inst_value *any_plain(maker *m) {
  return json(m->b, plain[draw(m, CHECK_COUNT(plain))]);
}

static inst_value *any_value(maker *m, int height) {
  unsigned form = draw(m, 3), count = draw(m, 4);
  if (height == 0 || form == 0) return any_plain(m);
  inst_value *out = form == 1 ? inst_object(m->b->arena) : inst_array(m->b->arena);
  for (unsigned i = 0; i < count; i++) {
    inst_value *inner = any_value(m, height - 1);
    const char *key = any_key(m);
    if (form == 2)
      inst_push(out, inner);
    else if (inst_find(out, key) == NULL)
      inst_put(m->b->arena, out, inst_str_of(key), inner);
  }
  return out;
}

/* ---- schemas --------------------------------------------------------------------------------- */

static inst_node any_node(maker *m, int height);

static void any_rule(maker *m, inst_node target, inst_node_kind kind) {
  static const inst_check_kind of_text[] = {CHECK(MIN),  CHECK(MAX),      CHECK(LENGTH),
                                            CHECK(TRIM), CHECK(TO_UPPER), CHECK(LOWERCASE)};
  static const inst_check_kind of_number[] = {CHECK(MIN), CHECK(LT), CHECK(INT),
                                              CHECK(MULTIPLE_OF)};
  double bound = 1 + draw(m, 3);
  if (m->code && draw(m, 4) == 0) with_code(m->b, target, CHECK(REFINE), 1 + draw(m, 3));
  if (draw(m, 2) == 0) return;
  if (kind == KIND(STRING)) with_number(m->b, target, of_text[draw(m, 6)], bound);
  if (kind == KIND(NUMBER)) with_number(m->b, target, of_number[draw(m, 4)], bound);
  if (kind == KIND(ARRAY)) with_number(m->b, target, of_text[draw(m, 3)], bound);
  if (kind == KIND(STRING) && draw(m, 4) == 0)
    with_text(m->b, target, draw(m, 2) ? CHECK(FORMAT) : CHECK(STARTS_WITH),
              draw(m, 2) ? "email" : "date");
}

static inst_node any_scalar(maker *m) {
  static const inst_node_kind kinds[] = {KIND(ANY),     KIND(UNKNOWN), KIND(NEVER),   KIND(NULL),
                                         KIND(NUMBER),  KIND(STRING),  KIND(BOOLEAN), KIND(STRING),
                                         KIND(LITERAL), KIND(ENUM)};
  inst_node_kind kind = kinds[draw(m, CHECK_COUNT(kinds))];
  inst_node made = node(m->b, kind);
  bool choice = kind == KIND(LITERAL) || kind == KIND(ENUM);
  for (unsigned i = choice ? 1 + draw(m, 2) : 0; i > 0; i--)
    inst_schema_value(m->b->schema, made, any_plain(m));
  bool coerced = kind == KIND(NUMBER) || kind == KIND(STRING) || kind == KIND(BOOLEAN);
  if (coerced && draw(m, 5) == 0) with_trait(m->b, made, INST_TRAIT_COERCE);
  any_rule(m, made, kind);
  return made;
}

static inst_node any_object(maker *m, int height) {
  inst_node made = node(m->b, KIND(OBJECT));
  for (unsigned i = draw(m, 3); i < CHECK_COUNT(keys); i += 1 + draw(m, 3))
    field(m->b, made, keys[i], any_node(m, height));
  inst_schema_unknown_keys(m->b->schema, made, (inst_unknown_keys)draw(m, 3));
  if (draw(m, 4) == 0) with_rest(m->b, made, any_node(m, height));
  return made;
}

static inst_node any_row(maker *m, inst_node_kind kind, int height) {
  inst_node made = node(m->b, kind);
  for (unsigned i = draw(m, 4); i > 0; i--)
    inst_schema_inner(m->b->schema, made, any_node(m, height));
  if (kind == KIND(TUPLE) && draw(m, 2) == 0) with_rest(m->b, made, any_node(m, height));
  if (kind == KIND(UNION) && draw(m, 5) == 0) with_trait(m->b, made, INST_TRAIT_EXCLUSIVE);
  return made;
}

static inst_node any_record(maker *m, int height) {
  inst_node key = draw(m, 2) ? any_scalar(m) : with(m->b, text(m->b), CHECK(TRIM));
  inst_node made = pair_of(m->b, KIND(RECORD), key, any_node(m, height));
  if (draw(m, 3) == 0) with_trait(m->b, made, INST_TRAIT_LOOSE);
  if (draw(m, 3) == 0) with_trait(m->b, made, INST_TRAIT_PARTIAL);
  return made;
}

/* A wrapper that takes a value or a function. */
static inst_node any_filled(maker *m, inst_node_kind kind, int height) {
  inst_node inner = any_node(m, height);
  if (m->code && draw(m, 2) == 0) return by_code(m->b, kind, inner, 1 + draw(m, 3));
  inst_node made = wrap(m->b, kind, inner);
  inst_schema_value(m->b->schema, made, any_value(m, 1));
  return made;
}

static inst_node any_pair(maker *m, int height) {
  inst_node left = any_node(m, height);
  if (!m->code) return pipe_of(m->b, left, any_node(m, height));
  if (draw(m, 2) == 0) return pipe_of(m->b, left, transform(m->b, 1 + draw(m, 3)));
  return pair_of(m->b, KIND(INTERSECTION), left, any_node(m, height));
}

static inst_node any_node(maker *m, int height) {
  static const inst_node_kind wrappers[] = {KIND(OPTIONAL), KIND(NULLABLE), KIND(NONOPTIONAL),
                                            KIND(READONLY)};
  static const inst_node_kind fillers[] = {KIND(DEFAULT), KIND(PREFAULT), KIND(CATCH)};
  unsigned form = height > 0 ? draw(m, 12) : 0;
  if (form < 3) return any_scalar(m);
  if (form < 5) return any_object(m, height - 1);
  if (form == 5) return wrap(m->b, KIND(ARRAY), any_node(m, height - 1));
  if (form == 6) return any_row(m, draw(m, 3) ? KIND(UNION) : KIND(TUPLE), height - 1);
  if (form == 7) return any_record(m, height - 1);
  if (form == 8) return wrap(m->b, wrappers[draw(m, 4)], any_node(m, height - 1));
  if (form == 9) return any_filled(m, fillers[draw(m, 3)], height - 1);
  if (form == 10) return any_pair(m, height - 1);
  if (m->lazy == 0) m->lazy = node(m->b, KIND(LAZY));
  return m->lazy;
}

/* What stands around the same random node. */
typedef enum dress { BARE, CAUGHT, OPTION, DRESSES } dress;

/* False: there is no such schema, as where it is nothing but itself. */
static bool make_schema(maker *m, dress around) {
  start_over(m->b);
  m->lazy = 0;
  inst_node inner = any_node(m, HEIGHT), root = inner;
  if (m->lazy != 0) inst_schema_inner(m->b->schema, m->lazy, inner);
  if (around == CAUGHT) root = with_value(m->b, KIND(CATCH), inner, "\"caught\"");
  if (around == OPTION) root = either_of(m->b, node(m->b, KIND(NEVER)), inner);
  if (inst_schema_finish(m->b->schema, root, &m->b->error) == 0) return true;
  assert_int_equal(m->b->error.code, INST_E_USAGE);
  return false;
}

/* ---- what must hold -------------------------------------------------------------------------- */

/* Answers at random, then always alike, so that it ends. */
static inst_verdict drive(maker *m, inst_parse *parse) {
  inst_verdict verdict;
  for (int i = 0; (verdict = inst_parse_next(parse)) == INST_PARSE_CODE; i++) {
    if (i < PAUSES && draw(m, 8) == 0)
      inst_parse_object(parse, INST_LIT("no"), NULL, 0, draw(m, 2) == 0);
    if (inst_parse_task(parse) == INST_TASK_REFINE)
      say(m->b, parse, draw(m, 4) > 0);
    else
      inst_parse_answer(parse, i < PAUSES && draw(m, 5) > 0 ? any_value(m, 2) : NULL);
  }
  return verdict;
}

/* Issues are worded for all who ask. */
static void check_issues(maker *m, const inst_parse *parse) {
  assert_non_null(inst_parse_issues(parse));
  assert_non_null(inst_issues_for_model(inst_parse_issues(parse), m->b->arena).p);
  for (const inst_issue *i = inst_parse_issues(parse); i != NULL; i = i->next) {
    assert_non_null(i->message.p);
    assert_non_null(inst_issue_explain(i, m->b->arena).p);
  }
}

/* What is written is JSON, and written the same again. */
static void check_written(maker *m, const inst_value *v) {
  inst_error error = {.code = INST_E_NONE};
  inst_str text = inst_schema_write(m->b->schema, v, m->b->arena);
  inst_value *back = inst_json_parse(m->b->arena, text, 1000, &error);
  if (back == NULL) fail_msg("%s: %.*s", error.text, (int)text.n, text.p);
  inst_str again = inst_schema_write(m->b->schema, back, m->b->arena);
  check_text_at(again, text, __FILE__, __LINE__);
}

/* What came of 'in': JSON text, or how it failed. */
static inst_str outcome(maker *m, const inst_value *in) {
  inst_parse *parse = inst_parse_new(m->b->schema, in, NULL, m->b->arena);
  inst_str before = inst_json_text(m->b->arena, in);
  inst_verdict verdict = drive(m, parse);
  /* Issues that were taken back count no more, or good values would seem to have too many. */
  if (verdict != INST_PARSE_FAILED)
    assert_int_equal(parse->issue_count, inst_issue_count(inst_parse_issues(parse)));
  check_text_at(inst_json_text(m->b->arena, in), before, __FILE__, __LINE__);
  if (verdict == INST_PARSE_FAILED) {
    assert_int_equal(inst_parse_error(parse)->code, INST_E_LIMIT);
    return INST_LIT("failed");
  }
  if (verdict == INST_PARSE_INVALID) {
    check_issues(m, parse);
    return INST_LIT("invalid");
  }
  if (inst_parse_value(parse) == NULL) return INST_LIT("missing");
  check_written(m, inst_parse_value(parse));
  return inst_json_text(m->b->arena, inst_parse_value(parse));
}

static void check_printed(maker *m) {
  for (int strict_rules = 0; strict_rules < 2; strict_rules++) {
    inst_profile profile = {.strict = strict_rules != 0};
    inst_error error = {.code = INST_E_NONE};
    inst_value *out = inst_schema_print(m->b->schema, &profile, m->b->arena, &error);
    if (out == NULL) assert_int_equal(error.code, INST_E_USAGE);
    if (out != NULL) assert_non_null(inst_json_text(m->b->arena, out).p);
  }
}

/* ---- the rounds ------------------------------------------------------------------------------ */

static uint64_t seed_of(unsigned round) {
  return (round + 1) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Tries the schema of that round in one dress; the outcomes go to 'told'.  False: there is none. */
static bool run_round(bench *b, unsigned round, dress around, bool code, inst_str told[VALUES]) {
  maker m = {.b = b, .random = seed_of(round), .code = code};
  if (!make_schema(&m, around)) return false;
  if (around == BARE) check_printed(&m);
  m.random = seed_of(round + ROUNDS);
  for (int i = 0; i < VALUES; i++) told[i] = outcome(&m, any_value(&m, HEIGHT));
  return true;
}

static void asking_tells_the_same_as_explaining(void **state) {
  unsigned made = 0, valid = 0, invalid = 0;
  (void)state;
  for (unsigned round = 0; round < ROUNDS; round++) {
    bench *b = set_bench();
    inst_str told[DRESSES][VALUES];
    bool all = true;
    for (dress d = BARE; d < DRESSES; d++) all = run_round(b, round, d, false, told[d]) && all;
    for (int i = 0; i < VALUES && all; i++) {
      /* What is filled in may lead back without end, where a fault found first is the end. */
      if (inst_str_is(told[BARE][i], INST_LIT("failed"))) continue;
      bool wrong = inst_str_is(told[BARE][i], INST_LIT("invalid"));
      inst_str caught = wrong ? INST_LIT("\"caught\"") : told[BARE][i];
      check_text_at(told[OPTION][i], told[BARE][i], __FILE__, __LINE__);
      check_text_at(told[CAUGHT][i], caught, __FILE__, __LINE__);
      valid += !wrong;
      invalid += wrong;
    }
    made += all;
    clear_bench(b);
  }
  assert_true(made > ROUNDS / 2 && valid > ROUNDS && invalid > ROUNDS);
}

static void code_that_answers_anything_ends_too(void **state) {
  unsigned made = 0;
  (void)state;
  for (unsigned round = 0; round < ROUNDS; round++) {
    bench *b = set_bench();
    inst_str told[VALUES];
    made += run_round(b, round, BARE, true, told);
    clear_bench(b);
  }
  assert_true(made > ROUNDS / 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(asking_tells_the_same_as_explaining),
      cmocka_unit_test(code_that_answers_anything_ends_too),
  };
  return cmocka_run_group_tests_name("schema random", tests, NULL, NULL);
}
