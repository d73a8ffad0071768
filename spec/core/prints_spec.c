/*
** Calls that share what is made of their options: they send the bytes they would send alone, in every
** mode and to every provider, and what was made for something else is of no use.
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

/* ---- one client, many calls ------------------------------------------------------------------ */

/* All of a first request, or why there is none. */
static inst_str first_request(stage *s, inst_prints *prints) {
  inst_buf all;
  inst_buf_init(&all, (inst_alloc){NULL, NULL});
  s->options.prints = prints;
  s->call = inst_call_new(&s->options, &s->error);
  if (s->call == NULL) {
    inst_buf_addf(&all, "no call: %s", s->error.text);
  } else if (inst_call_next(s->call, s->now) == INST_WANT_SEND) {
    const inst_request *request = inst_call_request(s->call);
    inst_buf_addf(&all, "%s %s\n", request->method, request->url);
    for (size_t i = 0; i < request->header_count; i++) {
      inst_buf_add(&all, request->headers[i].name);
      inst_buf_addf(&all, ": ");
      inst_buf_add(&all, request->headers[i].value);
      inst_buf_byte(&all, '\n');
    }
    inst_buf_add(&all, request->body);
  } else {
    inst_buf_addf(&all, "failed: %s", inst_call_error(s->call)->text);
  }
  end_call(s);
  return inst_buf_take(&all, s->texts);
}

static const inst_header extra[] = {{{"X-Trace", 7}, {"1", 1}}, {{"Accept", 6}, {NULL, 0}}};
static const inst_header other[] = {{{"X-Trace", 7}, {"2", 1}}, {{"Accept", 6}, {"", 0}}};
static const inst_header broken[] = {{{"X-Trace", 7}, {"a\nb", 3}}};

/* The ways in which a call may differ from the one before it. */
static void vary(stage *s, int way) {
  inst_call_options *o = &s->options;
  switch (way) {
  case 1: o->base_url = INST_LIT("http://localhost/v1/?a=b#c"); break;
  case 2: o->base_url = INST_LIT("http://localhost/v1//?a=c"); break;
  case 3: o->base_url = INST_LIT(""); break;
  case 4: o->base_url = INST_LIT("no url"); break;
  case 5: o->api_key = INST_LIT("another"); break;
  case 6: o->api_key = (inst_str){NULL, 0}; break;
  case 7: o->headers = extra, o->header_count = 2; break;
  case 8: o->headers = other, o->header_count = 2; break;
  case 9: o->headers = extra, o->header_count = 1; break;
  case 10: o->headers = broken, o->header_count = 1; break;
  case 11: o->name = INST_LIT("Other"); break;
  case 12: o->description = INST_LIT("Somebody."); break;
  case 13: o->mode = INST_MODE_JSON_SCHEMA; break;
  case 14: o->provider = inst_provider_find(INST_LIT("anyscale")); break;
  case 15: o->stream = true; break;
  case 16: o->schema = NULL; break;
  default: break;
  }
}

enum { WAYS = 17 };

/* Whatever the call before was like, that filled the prints. */
static void a_call_is_what_its_own_options_say(void **state) {
  (void)state;
  stage *s = set_stage();
  const inst_call_options plain = s->options;
  for (int first = 0; first < WAYS; first++) {
    inst_prints *prints = prints_of(s);
    for (int way = 0; way < 2 * WAYS; way++) {
      s->options = plain;
      vary(s, way == 0 ? first : way % WAYS);
      inst_str alone = first_request(s, NULL);
      check_text_at(first_request(s, prints), alone, __FILE__, __LINE__);
    }
    inst_prints_free(prints);
  }
  clear_stage(s);
}

/* Asks again after an answer that is no use; the bodies of both requests, and the URL. */
static inst_str asked_again(stage *s, inst_prints *prints) {
  inst_buf all;
  inst_buf_init(&all, (inst_alloc){NULL, NULL});
  s->options.prints = prints;
  s->options.max_retries = 1;
  begin_script(s, says(s, "no"), calls_tool(s, "{\"name\":\"x\",\"age\":1}"));
  assert_done(s, "{\"name\":\"x\",\"age\":1}");
  inst_buf_addf(&all, "%s\n%s\n", s->sent[0].p, s->sent[1].p);
  inst_buf_addf(&all, "%s", inst_call_request(s->call)->url);
  end_call(s);
  return inst_buf_take(&all, s->texts);
}

static void asking_again_changes_nothing_that_is_shared(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_prints *prints = prints_of(s);
  inst_str alone = asked_again(s, NULL);
  for (int i = 0; i < 3; i++) check_text_at(asked_again(s, prints), alone, __FILE__, __LINE__);
  inst_prints_free(prints);
  clear_stage(s);
}

/* The texts of the options are the caller's again once the call is made. */
static void options_may_be_overwritten_when_the_call_is_made(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_prints *prints = prints_of(s);
  for (int i = 0; i < 4; i++) {
    char url[] = "http://localhost/v1", key[] = "key", name[] = "Name", about[] = "About.";
    char header[] = "X-A", value[] = "b";
    inst_header own = {INST_LIT(header), INST_LIT(value)};
    s->options.base_url = INST_LIT(url), s->options.api_key = INST_LIT(key);
    s->options.name = INST_LIT(name), s->options.description = INST_LIT(about);
    s->options.headers = &own, s->options.header_count = 1;
    inst_str expected = first_request(s, NULL);
    s->options.prints = i < 2 ? NULL : prints;
    inst_call *call = inst_call_new(&s->options, &s->error);
    assert_non_null(call);
    memset(url, '!', sizeof url), memset(key, '!', sizeof key), memset(name, '!', sizeof name);
    memset(about, '!', sizeof about), memset(header, '!', 3), memset(value, '!', 1);
    own = (inst_header){INST_LIT("Z"), INST_LIT("z")};
    assert_int_equal(inst_call_next(call, s->now), INST_WANT_SEND);
    const inst_request *request = inst_call_request(call);
    assert_holds(expected, request->url);
    assert_holds(expected, request->body.p);
    assert_int_equal(request->header_count, 4);
    assert_string_equal(request->headers[2].value.p, "Bearer key");
    assert_string_equal(request->headers[3].value.p, "b");
    inst_call_free(call);
  }
  inst_prints_free(prints);
  clear_stage(s);
}

/* A call that is under way keeps what it has, whatever the next ones are like. */
static void calls_side_by_side_do_not_meet(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_prints *prints = s->options.prints = prints_of(s);
  inst_call *calls[WAYS] = {NULL};
  const inst_call_options plain = s->options;
  for (int way = 0; way < WAYS; way++) {
    s->options = plain;
    vary(s, way);
    calls[way] = inst_call_new(&s->options, &s->error);
  }
  for (int way = WAYS - 1; way >= 0; way--) {
    if (calls[way] == NULL || way == 10) continue;
    s->options = plain;
    vary(s, way);
    inst_str expected = first_request(s, NULL);
    assert_int_equal(inst_call_next(calls[way], s->now), INST_WANT_SEND);
    assert_holds(expected, inst_call_request(calls[way])->url);
    assert_holds(expected, inst_call_request(calls[way])->body.p);
  }
  for (int way = 0; way < WAYS; way++) inst_call_free(calls[way]);
  inst_prints_free(prints);
  clear_stage(s);
}

/* What a row adds goes beneath the user's own objects, and not into them. */
static void what_a_row_adds_does_not_get_into_the_parameters(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_provider row = *inst_provider_find(INST_LIT("openai"));
  inst_error error = {.code = INST_E_NONE};
  row.extra_body = "{\"provider\":{\"strict\":true,\"only\":1}}";
  s->options.provider = &row;
  s->options.params = inst_json_parse(
      s->texts, INST_LIT("{\"messages\":\"Hi\",\"provider\":{\"only\":2}}"), 9, &error);
  inst_prints *prints = prints_of(s);
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  s->options.arena = arena; /* so that the parameters are not copied first */
  s->options.alloc = (inst_alloc){NULL, NULL};
  for (int i = 0; i < 2; i++)
    assert_holds(first_request(s, prints), "\"provider\":{\"only\":2,\"strict\":true}");
  check_json_at(s->options.params, "{\"messages\":\"Hi\",\"provider\":{\"only\":2}}", __FILE__,
                __LINE__);
  inst_prints_free(prints);
  inst_arena_free(arena);
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
  inst_provider row = *s->options.provider;
  assert_true(check_every_failure(call_twice, s) > 5);
  row.extra_body = "{\"tool_choice\":{\"only\":true},\"seed\":1}";
  s->options.provider = &row;
  assert_true(check_every_failure(call_twice, s) > 5);
  clear_stage(s);
}

/* Whichever request for memory is the one that fails: a call with the same prints that begins after it
** sends what it would send alone. */
static void prints_that_lacked_memory_serve_the_next_call(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_str expected = first_body(s, NULL);
  inst_error error;
  for (size_t n = 2;; n++) { /* the first is for the prints themselves */
    check_memory memory = {.fail_at = n};
    inst_call_options options = s->options;
    options.alloc = check_alloc(&memory);
    options.prints = inst_prints_new(options.alloc);
    int lost = 0;
    for (int i = 0; i < 3; i++) {
      inst_call *call = inst_call_new(&options, &error);
      bool sent = call != NULL && inst_call_next(call, s->now) == INST_WANT_SEND;
      if (sent) check_text_at(inst_call_request(call)->body, expected, __FILE__, __LINE__);
      lost += !sent;
      inst_call_free(call);
    }
    inst_prints_free(options.prints);
    check_no_leaks(&memory);
    assert_true(lost <= 1);
    if (memory.requests < n) break;
  }
  clear_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_bytes_are_sent_with_prints_and_without),
      cmocka_unit_test(prints_of_another_mode_or_schema_are_left_alone),
      cmocka_unit_test(a_root_that_is_wrapped_is_unwrapped_by_every_call),
      cmocka_unit_test(a_call_is_what_its_own_options_say),
      cmocka_unit_test(asking_again_changes_nothing_that_is_shared),
      cmocka_unit_test(options_may_be_overwritten_when_the_call_is_made),
      cmocka_unit_test(calls_side_by_side_do_not_meet),
      cmocka_unit_test(what_a_row_adds_does_not_get_into_the_parameters),
      cmocka_unit_test(lost_memory_leaves_no_half_of_a_print),
      cmocka_unit_test(prints_that_lacked_memory_serve_the_next_call),
  };
  return cmocka_run_group_tests_name("prints", tests, NULL, NULL);
}
