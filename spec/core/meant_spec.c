/*
** Which option of a union a wrong value was meant for, and how that is told to models and people.
*/
#include "spec/core/kinds_check.h"

static inst_node animal(bench *b, const char *tag, const char *title, const char *own) {
  inst_node object = object_of(b, "kind", literal(b, tag));
  field(b, object, "name", text(b));
  field(b, object, own, number(b));
  return title != NULL ? meta(b, object, "title", title) : object;
}

static inst_node cat_or_dog(bench *b) {
  return either_of(b, animal(b, "\"cat\"", "\"Cat\"", "lives"),
                   animal(b, "\"dog\"", "\"Dog\"", "tricks"));
}

static const inst_issue *issues_of(bench *b, const char *in) {
  inst_parse *parse = parse_of(b, in);
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  return inst_parse_issues(parse);
}

/* Which branch is the nearest, from 1 on; 0: none. */
static unsigned nearest(const inst_issue *issue) {
  unsigned number = 1;
  assert_int_equal(issue->code, INST_ISSUE_INVALID_UNION);
  if (issue->nearest == NULL) return 0;
  for (const inst_branch *b = issue->branches; b != issue->nearest; b = b->next) number++;
  return number;
}

#define assert_nearest(b, in, number) assert_int_equal(nearest(issues_of((b), (in))), (number))

/* ---- which ----------------------------------------------------------------------------------- */

static void a_field_with_a_fixed_value_tells_best(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, cat_or_dog(b));
  assert_nearest(b, "{\"kind\":\"cat\"}", 1);
  assert_nearest(b, "{\"kind\":\"dog\"}", 2);
  assert_nearest(b, "{\"kind\":\"dog\",\"name\":1,\"lives\":9}", 2);
  assert_text(issues_of(b, "{\"kind\":\"cat\"}")->nearest->name, "Cat");
  clear_bench(b);
}

static void else_the_option_more_of_whose_fields_are_there_and_well(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, cat_or_dog(b));
  assert_nearest(b, "{\"name\":\"Tom\",\"lives\":9}", 1);
  assert_nearest(b, "{\"kind\":\"cow\",\"name\":\"Rex\",\"tricks\":1}", 2);
  assert_nearest(b, "{\"name\":\"Rex\",\"tricks\":\"many\"}", 2); /* there at least */
  assert_nearest(b, "{\"name\":\"Rex\"}", 0);
  assert_nearest(b, "{}", 0);
  clear_bench(b);
}

static void the_right_kind_of_value_tells(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, row_of(b, KIND(UNION), wrap(b, KIND(ARRAY), text(b)), object_of(b, "a", text(b)),
                   number(b), 0));
  assert_nearest(b, "[1]", 1);
  assert_nearest(b, "{\"a\":1}", 2);
  assert_nearest(b, "true", 0);
  assert_nearest(b, NULL, 0);
  clear_bench(b);
}

static void a_union_among_the_options_is_of_the_wrong_kind_where_all_of_its_own_are(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node object = object_of(b, "a", text(b));
  field(b, object, "b", text(b));
  finish(b, either_of(b, either_of(b, text(b), number(b)), object));
  assert_nearest(b, "{}", 2); /* though two things are wrong with it */
  clear_bench(b);
}

static void the_fewest_faults_and_the_deepest_tell_next(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node list = wrap(b, KIND(ARRAY), text(b)),
            lists = wrap(b, KIND(ARRAY), wrap(b, KIND(ARRAY), text(b)));
  finish(b, either_of(b, list, lists));
  assert_nearest(b, "[\"a\",\"b\",3]", 1);
  assert_nearest(b, "[[\"a\"],[1]]", 2);
  assert_nearest(b, "[[1]]", 2); /* one fault each, but there it is deeper */
  clear_bench(b);
}

static void options_are_seen_through_what_stands_around_them(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node lazy = wrap(b, KIND(LAZY), animal(b, "\"cat\"", NULL, "lives"));
  inst_node dog = wrap(b, KIND(READONLY), animal(b, "\"dog\"", NULL, "tricks"));
  inst_node named = wrap(b, KIND(NULLABLE), meta(b, dog, "id", "\"a-dog\""));
  finish(b, either_of(b, meta(b, lazy, "id", "\"a-cat\""), named));
  assert_text(issues_of(b, "{\"kind\":\"cat\"}")->nearest->name, "a-cat");
  assert_text(issues_of(b, "{\"kind\":\"dog\"}")->nearest->name, "a-dog");
  clear_bench(b);
}

/* ---- for models ------------------------------------------------------------------------------ */

#define assert_lines(b, in, lines)                                                                 \
  assert_text(inst_issues_for_model(issues_of((b), (in)), (b)->arena), (lines))

static void a_model_reads_what_was_wrong_in_the_option_that_was_meant(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "pets", wrap(b, KIND(ARRAY), cat_or_dog(b))));
  assert_lines(
      b, "{\"pets\":[{\"kind\":\"cat\",\"name\":\"Tom\",\"lives\":\"nine\"}]}",
      "\n- pets[0]: Invalid input: no option fits, the nearest is Cat"
      "\n  - pets[0].lives: Invalid input: expected number, received string (got \"nine\")");
  assert_lines(b, "{\"pets\":[{\"kind\":\"dog\"},7]}",
               "\n- pets[0]: Invalid input: no option fits, the nearest is Dog"
               "\n  - pets[0].name: Invalid input: expected string, received nothing"
               "\n  - pets[0].tricks: Invalid input: expected number, received nothing"
               "\n- pets[1]: Invalid input: expected Cat or Dog, received number (got 7)");
  clear_bench(b);
}

static void a_model_reads_what_the_options_want_where_none_was_meant(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node cat = animal(b, "\"cat\"", "\"Cat\"", "lives");
  finish(b, row_of(b, KIND(UNION), text(b), cat, choice(b, KIND(LITERAL), "[1,2]"),
                   node(b, KIND(OBJECT))));
  assert_lines(
      b, "true",
      "\n- Invalid input: expected string or Cat or 1|2 or object, received boolean (got true)");
  assert_lines(b, NULL,
               "\n- Invalid input: expected string or Cat or 1|2 or object, received nothing");
  start_over(b);
  finish(b, cat_or_dog(b));
  assert_lines(b, "{\"name\":\"Rex\"}",
               "\n- Invalid input: no option fits"
               "\n  - option 1: kind: Invalid input: expected \"cat\""
               "\n  - option 2: kind: Invalid input: expected \"dog\"");
  clear_bench(b);
}

static void unions_in_unions_are_told_of_to_some_depth(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node inner = text(b);
  for (int i = 0; i < 6; i++) inner = either_of(b, object_of(b, "a", inner), number(b));
  finish(b, inner);
  assert_lines(b, "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}",
               "\n- Invalid input: no option fits, the nearest is option 1"
               "\n  - a: Invalid input: no option fits, the nearest is option 1"
               "\n    - a.a: Invalid input: no option fits, the nearest is option 1"
               "\n      - a.a.a: Invalid input: no option fits, the nearest is option 1");
  clear_bench(b);
}

static void a_custom_message_says_all(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node both = cat_or_dog(b);
  inst_schema_message(b->schema, both, INST_LIT("A cat or a dog, please."), 0);
  finish(b, object_of(b, "pet", both));
  assert_lines(b, "{\"pet\":{\"kind\":\"cat\"}}",
               "\n- pet: A cat or a dog, please. (got {\"kind\":\"cat\"})");
  clear_bench(b);
}

static void lines_stay_few_however_many_options_there_are(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node many = node(b, KIND(UNION));
  for (int i = 0; i < 40; i++) {
    char key[16];
    snprintf(key, sizeof key, "k%d", i);
    inst_schema_inner(b->schema, many, object_of(b, key, text(b)));
  }
  finish(b, wrap(b, KIND(ARRAY), many));
  inst_str lines = inst_issues_for_model(issues_of(b, "[{},{},{}]"), b->arena);
  size_t count = 0;
  for (size_t i = 0; i < lines.n; i++) count += lines.p[i] == '\n';
  assert_int_equal(count, 21);
  assert_true(strstr(lines.p, "\n- and 2 more") != NULL);
  start_over(b);
  many = node(b, KIND(UNION));
  for (int i = 0; i < 40; i++) {
    char value[16];
    snprintf(value, sizeof value, "\"v%d\"", i);
    inst_schema_inner(b->schema, many, literal(b, value));
  }
  finish(b, many);
  assert_lines(
      b, "1",
      "\n- Invalid input: expected \"v0\" or \"v1\" or \"v2\" or \"v3\" or \"v4\" or \"v5\" "
      "or \"v6\" or \"v7\" or \"v8\" or \"v9\" or others, received number (got 1)");
  clear_bench(b);
}

/* ---- for people ------------------------------------------------------------------------------ */

static void people_read_one_sentence_with_paths_from_1(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, object_of(b, "pets", wrap(b, KIND(ARRAY), cat_or_dog(b))));
  const inst_issue *issue = issues_of(b, "{\"pets\":[{\"kind\":\"dog\"}]}");
  assert_text(issue->message, "Invalid input");
  assert_text(inst_issue_explain(issue, b->arena),
              "Invalid input: no option fits, the nearest is Dog: "
              "pets[1].name: Invalid input: expected string, received nil; "
              "pets[1].tricks: Invalid input: expected number, received nil");
  issue = issues_of(b, "{\"pets\":[7]}");
  assert_text(inst_issue_explain(issue, b->arena),
              "Invalid input: expected Cat or Dog, received number");
  issue = issues_of(b, "{\"pets\":[{}]}");
  assert_text(inst_issue_explain(issue, b->arena),
              "Invalid input: no option fits: "
              "option 1: pets[1].kind: Invalid input: expected \"cat\"; "
              "option 2: pets[1].kind: Invalid input: expected \"dog\"");
  issue = issues_of(b, "{}");
  assert_text(inst_issue_explain(issue, b->arena), "Invalid input: expected array, received nil");
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_field_with_a_fixed_value_tells_best),
      cmocka_unit_test(else_the_option_more_of_whose_fields_are_there_and_well),
      cmocka_unit_test(the_right_kind_of_value_tells),
      cmocka_unit_test(a_union_among_the_options_is_of_the_wrong_kind_where_all_of_its_own_are),
      cmocka_unit_test(the_fewest_faults_and_the_deepest_tell_next),
      cmocka_unit_test(options_are_seen_through_what_stands_around_them),
      cmocka_unit_test(a_model_reads_what_was_wrong_in_the_option_that_was_meant),
      cmocka_unit_test(a_model_reads_what_the_options_want_where_none_was_meant),
      cmocka_unit_test(unions_in_unions_are_told_of_to_some_depth),
      cmocka_unit_test(a_custom_message_says_all),
      cmocka_unit_test(lines_stay_few_however_many_options_there_are),
      cmocka_unit_test(people_read_one_sentence_with_paths_from_1),
  };
  return cmocka_run_group_tests_name("meant", tests, NULL, NULL);
}
