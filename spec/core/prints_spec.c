/*
** Calls that share what is printed of a schema: they send the bytes they would send alone, in every
** mode and to every provider, and what was printed for something else is of no use.
*/
#include "spec/core/call_check.h"

/* The body of a first request. */
static inst_str first_body(stage *s, inst_prints *prints) {
  s->options.prints = prints;
  begin(s, NULL, 0);
  if (inst_call_next(s->call, s->now) != INST_WANT_SEND) fail_msg("nothing is sent");
  inst_str body = inst_value_text(inst_string(s->texts, inst_call_request(s->call)->body));
  end_call(s);
  return body;
}

static inst_prints *prints_of(stage *s) {
  inst_prints *prints = inst_prints_new(check_alloc(&s->memory));
  assert_non_null(prints);
  return prints;
}

static void equal_bytes_are_sent_with_prints_and_without(void **state) {
  (void)state;
  static const char *const rows[] = {"openai", "anyscale", "perplexity", "mistral", "compatible"};
  stage *s = set_stage();
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) {
    s->options.provider = inst_provider_find(inst_str_of(rows[i]));
    s->options.base_url = INST_LIT("http://localhost/v1");
    for (int mode = 0; mode < INST_MODE_COUNT; mode++) {
      if ((s->options.provider->modes & 1u << mode) == 0) continue;
      s->options.mode = (inst_mode)mode;
      inst_prints *prints = prints_of(s);
      inst_str alone = first_body(s, NULL);
      check_text_at(first_body(s, prints), alone, __FILE__, __LINE__);
      check_text_at(first_body(s, prints), alone, __FILE__, __LINE__);
      inst_prints_free(prints);
    }
  }
  clear_stage(s);
}

static void prints_of_another_mode_or_schema_are_left_alone(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_prints *prints = prints_of(s);
  inst_str tools = first_body(s, prints);
  s->options.mode = INST_MODE_JSON_SCHEMA;
  check_text_at(first_body(s, prints), first_body(s, NULL), __FILE__, __LINE__);
  s->options.mode = INST_MODE_TOOLS;
  inst_schema *other = inst_schema_new(check_alloc(&s->memory));
  s->options.schema = finish_schema(other, inst_schema_node(other, INST_NODE_STRING));
  check_text_at(first_body(s, prints), first_body(s, NULL), __FILE__, __LINE__);
  s->options.schema = s->schema;
  check_text_at(first_body(s, prints), tools, __FILE__, __LINE__);
  inst_schema_free(other);
  inst_prints_free(prints);
  clear_stage(s);
}

static void a_root_that_is_wrapped_is_unwrapped_by_every_call(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_schema *list = inst_schema_new(check_alloc(&s->memory));
  inst_node array = inst_schema_node(list, INST_NODE_ARRAY);
  inst_schema_inner(list, array, inst_schema_node(list, INST_NODE_NUMBER));
  use_schema(s, finish_schema(list, array));
  inst_prints *prints = s->options.prints = prints_of(s);
  for (int i = 0; i < 2; i++) {
    begin_script(s, calls_tool(s, "{\"value\":[1,2]}"));
    assert_done(s, "[1,2]");
    end_call(s);
  }
  inst_prints_free(prints);
  clear_stage(s);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Two calls that share prints; false: one lacked memory. */
static bool call_twice(inst_alloc alloc, void *ctx) {
  stage *s = ctx;
  inst_error error;
  inst_call_options options = s->options;
  options.alloc = alloc;
  options.prints = inst_prints_new(alloc);
  bool done = options.prints != NULL;
  for (int i = 0; i < 2 && done; i++) {
    inst_call *call = inst_call_new(&options, &error);
    done = call != NULL && inst_call_next(call, s->now) == INST_WANT_SEND;
    if (call == NULL) assert_int_equal(error.code, INST_E_MEMORY);
    inst_call_free(call);
  }
  inst_prints_free(options.prints);
  return done;
}

static void lost_memory_leaves_no_half_of_a_print(void **state) {
  (void)state;
  stage *s = set_stage();
  assert_true(check_every_failure(call_twice, s) > 5);
  clear_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_bytes_are_sent_with_prints_and_without),
      cmocka_unit_test(prints_of_another_mode_or_schema_are_left_alone),
      cmocka_unit_test(a_root_that_is_wrapped_is_unwrapped_by_every_call),
      cmocka_unit_test(lost_memory_leaves_no_half_of_a_print),
  };
  return cmocka_run_group_tests_name("prints", tests, NULL, NULL);
}
