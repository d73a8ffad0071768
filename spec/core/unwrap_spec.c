/* The JSON of an answer that is still arriving. */
#include "core/wire/unwrap.h"

#include "spec/core/check.h"

typedef struct looker {
  inst_unwrap unwrap;
  inst_buf seen;
  const char *wanted;
} looker;

static void begin(void *ctx) {
  looker *l = ctx;
  inst_unwrap_init(&l->unwrap);
  inst_buf_init(&l->seen, (inst_alloc){NULL, NULL});
}

static void feed(void *ctx, inst_str piece) {
  looker *l = ctx;
  inst_buf_add(&l->seen, inst_unwrap_take(&l->unwrap, piece));
}

static void end(void *ctx) {
  looker *l = ctx;
  inst_str seen = l->seen.n > 0 ? inst_buf_text(&l->seen) : INST_LIT("");
  check_text_at(seen, inst_str_of(l->wanted), __FILE__, __LINE__);
  inst_buf_clear(&l->seen);
}

static void json_is(const char *text, const char *wanted) {
  looker l = {.wanted = wanted};
  check_feeder feeder = {begin, feed, end, &l};
  check_feed_all_ways(&feeder, inst_str_of(text));
}

static void a_text_that_begins_as_json_is_taken_as_it_is(void **state) {
  (void)state;
  json_is("{\"a\":1}", "{\"a\":1}");
  json_is(" \n[1, 2]\n", "[1, 2]\n");
  json_is("", "");
}

static void thoughts_are_passed_over(void **state) {
  (void)state;
  json_is("<think>{\"no\":1} </thin </think>\n{\"a\":1}", "{\"a\":1}");
  json_is("<Thinking>\n```\n{}\n```\n</THINKING>[]", "[]");
  json_is("<think>for ever {", "");
  json_is("<b>{", "");
}

static void a_fence_at_the_start_of_a_line_is_opened(void **state) {
  (void)state;
  json_is("```json\n{\"a\":1}\n```", "{\"a\":1}\n```");
  json_is("Here it is:\n```\n{\"a\":1}", "{\"a\":1}");
  json_is("Here:\n\n````json\r\n  {\"a\":1}", "{\"a\":1}");
  json_is("<think>x</think>\n\n```json\n{}", "{}");
  json_is("Here:\n~~~json\n{}\n~~~", "{}\n~~~");
  json_is("``~\n{}", "");
  json_is("~~``\n{}", "");
}

static void prose_is_no_json(void **state) {
  (void)state;
  json_is("He is {30}.", "");
  json_is("a ```{}``` b\nc ` d\n`e`\n``\nf", "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_text_that_begins_as_json_is_taken_as_it_is),
      cmocka_unit_test(thoughts_are_passed_over),
      cmocka_unit_test(a_fence_at_the_start_of_a_line_is_opened),
      cmocka_unit_test(prose_is_no_json),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
