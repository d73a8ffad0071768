/* Finding the JSON of an answer among thoughts, prose and fences. */
#include "core/wire/fence.h"

#include "spec/core/check.h"

static void parts_are(const char *text, const char *first, const char *second) {
  inst_str parts[INST_FENCE_MAX];
  size_t count = inst_fence_find(inst_str_of(text), parts);
  size_t wanted = first == NULL ? 0 : second == NULL ? 1 : 2;
  assert_int_equal(count, wanted);
  if (wanted > 0) assert_true(inst_str_is(parts[0], inst_str_of(first)));
  if (wanted > 1) assert_true(inst_str_is(parts[1], inst_str_of(second)));
}

static void thoughts_are(const char *text, const char *thoughts, const char *rest) {
  inst_str found, left = inst_fence_thoughts(inst_str_of(text), &found);
  assert_true(inst_str_is(left, inst_str_of(rest)));
  if (thoughts == NULL)
    assert_null(found.p);
  else
    assert_true(inst_str_is(found, inst_str_of(thoughts)));
}

static void a_text_that_begins_as_json_is_the_only_part(void **state) {
  (void)state;
  parts_are(" {\"code\":\"```py\\nx\\n```\"} ", "{\"code\":\"```py\\nx\\n```\"}", NULL);
  parts_are("[1]\n```\n{}\n```", "[1]\n```\n{}\n```", NULL);
}

static void a_fence_may_name_a_language_or_none(void **state) {
  (void)state;
  parts_are("Here:\n```json\n{}\n```\nWell?", "{}", NULL);
  parts_are("```\n{}\n```", "{}", NULL);
  parts_are("```JSON\r\n{}\r\n```", "{}", NULL);
}

static void the_last_block_comes_first(void **state) {
  (void)state;
  parts_are("```\n1\n```\n```\n2\n```", "2", "1");
}

static void a_fence_ends_with_as_many_backticks_or_more(void **state) {
  (void)state;
  parts_are("````\n```\n````", "```", NULL);
  parts_are("```\n{}\n`````", "{}", NULL);
  parts_are("~~~\n```\n~~~", "```", NULL);
  parts_are("~~~json\n{}\n```\n~~~", "{}\n```", NULL);
}

static void a_fence_that_was_cut_off_reaches_to_the_end(void **state) {
  (void)state;
  parts_are("```json\n{\"a\":1}", "{\"a\":1}", NULL);
}

static void prose_and_empty_blocks_are_no_part(void **state) {
  (void)state;
  parts_are("", NULL, NULL);
  parts_are("He is 30.", NULL, NULL);
  parts_are("```\n```", NULL, NULL);
  parts_are("a ```{}``` b", NULL, NULL);
}

static void only_so_many_blocks_are_looked_at(void **state) {
  char text[64 * 10];
  inst_str parts[INST_FENCE_MAX];
  size_t n = 0;
  (void)state;
  for (int i = 0; i < 20; i++)
    n += (size_t)snprintf(text + n, sizeof text - n, "```\n%d\n```\n", i);
  assert_int_equal(inst_fence_find((inst_str){text, n}, parts), INST_FENCE_MAX);
  assert_true(inst_str_is(parts[0], INST_LIT("19")));
}

static void thoughts_are_taken_off_the_start(void **state) {
  (void)state;
  thoughts_are("<think>hm {</think>\n{}", "hm {", "{}");
  thoughts_are("<THINKING> a </thinking>b", "a", "b");
  thoughts_are("{} <think>late</think>", NULL, "{} <think>late</think>");
  thoughts_are("<think>never closed", NULL, "<think>never closed");
  thoughts_are("", NULL, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_text_that_begins_as_json_is_the_only_part),
      cmocka_unit_test(a_fence_may_name_a_language_or_none),
      cmocka_unit_test(the_last_block_comes_first),
      cmocka_unit_test(a_fence_ends_with_as_many_backticks_or_more),
      cmocka_unit_test(a_fence_that_was_cut_off_reaches_to_the_end),
      cmocka_unit_test(prose_and_empty_blocks_are_no_part),
      cmocka_unit_test(only_so_many_blocks_are_looked_at),
      cmocka_unit_test(thoughts_are_taken_off_the_start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
