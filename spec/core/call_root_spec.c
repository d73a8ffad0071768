/*
** What becomes of the schema in a call: roots that are no objects, strict nulls, the host's code;
** calls without a schema; and the key, which no error ever tells.
*/
#include "spec/core/call_check.h"

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"

static inst_node wrap(inst_schema *schema, inst_node_kind kind, inst_node inner) {
  inst_node outer = inst_schema_node(schema, kind);
  inst_schema_inner(schema, outer, inner);
  return outer;
}

static inst_schema *fresh(stage *s) {
  return inst_schema_new(check_alloc(&s->memory));
}

/* The schema that was asked for. */
static const inst_value *asked_schema(stage *s) {
  const inst_value *request = request_value(s, 0);
  if (s->options.mode == INST_MODE_JSON_SCHEMA)
    return inst_find(inst_find(inst_find(request, "response_format"), "json_schema"), "schema");
  return inst_find(inst_find(at(inst_find(request, "tools"), 0), "function"), "parameters");
}

/* ---- roots ----------------------------------------------------------------------------------- */

static void a_root_that_is_no_object_is_asked_for_inside_one(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_schema *schema = fresh(s);
  use_schema(s, finish_schema(schema, wrap(schema, INST_NODE_ARRAY, user_node(schema))));
  begin_script(s, calls_tool(s, "{\"value\":[" RIGHT "]}"));
  assert_done(s, "[" RIGHT "]");
  assert_json(inst_find(asked_schema(s), "required"), "[\"value\"]");
  assert_json(inst_find(asked_schema(s), "additionalProperties"), "false");
  end_call(s);
  begin_script(s, calls_tool(s, "[" RIGHT "]")); /* a model that does not wrap is understood */
  assert_done(s, "[" RIGHT "]");
  clear_stage(s);
}

static void scalars_and_choices_can_be_roots(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_schema *schema = fresh(s);
  use_schema(s, finish_schema(schema, inst_schema_node(schema, INST_NODE_BOOLEAN)));
  begin_script(s, calls_tool(s, "{\"value\":false}"));
  assert_done(s, "false");
  end_call(s);
  begin_script(s, says(s, "true"));
  assert_done(s, "true");
  end_call(s);
  schema = fresh(s);
  use_schema(s, finish_schema(schema, wrap(schema, INST_NODE_NULLABLE, user_node(schema))));
  begin_script(s, calls_tool(s, "{\"value\":null}"));
  assert_done(s, "null");
  end_call(s);
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  clear_stage(s);
}

static void what_a_strict_provider_cannot_be_asked_for_is_refused_before_it_is(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_schema *schema = fresh(s);
  inst_node user = user_node(schema);
  inst_node record = wrap(schema, INST_NODE_RECORD, inst_schema_node(schema, INST_NODE_STRING));
  inst_schema_inner(schema, record, inst_schema_node(schema, INST_NODE_NUMBER));
  inst_schema_field(schema, user, INST_LIT("scores"), record);
  use_schema(s, finish_schema(schema, wrap(schema, INST_NODE_ARRAY, user)));
  s->options.mode = INST_MODE_JSON_SCHEMA;
  assert_null(inst_call_new(&s->options, &s->error));
  assert_int_equal(s->error.code, INST_E_USAGE);
  assert_string_equal(s->error.text,
                      "a strict schema cannot express the record at [].scores, and openai takes no "
                      "other: take the mode TOOLS");
  s->options.mode = INST_MODE_TOOLS;
  begin(s, NULL, 0);
  assert_non_null(s->call);
  clear_stage(s);
}

static void what_is_wrong_inside_is_told_by_the_path_the_model_wrote(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_schema *schema = fresh(s);
  use_schema(s, finish_schema(schema, wrap(schema, INST_NODE_ARRAY, user_node(schema))));
  s->options.max_retries = 2;
  begin_script(s, calls_tool(s, "{\"value\":[{\"name\":1,\"age\":1}]}"),
               calls_tool(s, "[{\"name\":1,\"age\":1}]"), calls_tool(s, "{\"value\":[]}"));
  assert_done(s, "[]");
  assert_holds(inst_find_text(message_at(s, 1, 2), "content"), "- value[0].name: ");
  assert_holds(inst_find_text(message_at(s, 2, 4), "content"), "- [0].name: ");
  const inst_issue *issue = attempt_at(s, 0)->issues; /* the user's path is the value's own */
  assert_int_equal(issue->path_count, 2);
  assert_int_equal(issue->path[0].index, 0);
  assert_text(issue->path[1].key, "name");
  clear_stage(s);
}

static void a_root_that_may_be_missing_may_be(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_schema *schema = fresh(s);
  inst_node number = inst_schema_node(schema, INST_NODE_NUMBER);
  use_schema(s, finish_schema(schema, wrap(schema, INST_NODE_OPTIONAL, number)));
  begin_script(s, calls_tool(s, "{}"));
  assert_done(s, "(no value)");
  assert_null(inst_find(asked_schema(s), "required"));
  end_call(s);
  begin_script(s, calls_tool(s, "{\"value\":3}"));
  assert_done(s, "3");
  end_call(s);
  begin_script(s, calls_tool(s, "{\"value\":null}")); /* nobody made the model send it */
  assert_failed(s, INST_E_VALIDATION);
  end_call(s);
  s->options.mode = INST_MODE_JSON_SCHEMA;
  begin_script(s, says(s, "{\"value\":null}"));
  assert_done(s, "(no value)");
  assert_json(inst_find(inst_find(inst_find(asked_schema(s), "properties"), "value"), "type"),
              "[\"number\",\"null\"]");
  clear_stage(s);
}

static void a_null_that_a_strict_schema_made_the_model_send_is_absent(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_schema *schema = fresh(s);
  inst_node object = inst_schema_node(schema, INST_NODE_OBJECT);
  inst_node text = inst_schema_node(schema, INST_NODE_STRING);
  inst_node five = wrap(schema, INST_NODE_DEFAULT, inst_schema_node(schema, INST_NODE_NUMBER));
  inst_schema_value(schema, five, inst_int(s->texts, 5));
  inst_schema_field(schema, object, INST_LIT("a"), wrap(schema, INST_NODE_OPTIONAL, text));
  inst_schema_field(schema, object, INST_LIT("b"), five);
  inst_schema_field(schema, object, INST_LIT("c"), wrap(schema, INST_NODE_NULLABLE, text));
  use_schema(s, finish_schema(schema, object));
  s->options.mode = INST_MODE_JSON_SCHEMA;
  begin_script(s, says(s, "{\"a\":null,\"b\":null,\"c\":null}"));
  assert_done(s, "{\"b\":5,\"c\":null}");
  assert_json(inst_find(asked_schema(s), "required"), "[\"a\",\"b\",\"c\"]");
  end_call(s);
  s->options.mode = INST_MODE_TOOLS;
  begin_script(s, calls_tool(s, "{\"a\":null,\"b\":null,\"c\":null}"));
  assert_failed(s, INST_E_VALIDATION); /* nobody made the model send these */
  clear_stage(s);
}

/* ---- the host's code ------------------------------------------------------------------------- */

static void code_is_asked_for_between_two_looks_and_its_issues_are_sent(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_schema *schema = fresh(s);
  inst_node user = user_node(schema);
  inst_check refine = {.kind = INST_CHECK_REFINE, .code = 7};
  inst_schema_check(schema, user, &refine);
  use_schema(s, finish_schema(schema, user));
  s->options.max_retries = 1;
  begin_script(s, calls_tool(s, RIGHT), calls_tool(s, RIGHT));
  assert_int_equal(play(s), INST_WANT_CODE);
  inst_parse *parse = inst_call_parse(s->call);
  assert_int_equal(inst_parse_code(parse), 7);
  assert_json(inst_parse_subject(parse), RIGHT);
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_CODE); /* still */
  inst_segment path = {INST_LIT("age"), 0};
  inst_parse_object(parse, INST_LIT("too young"), &path, 1, false);
  inst_parse_answer(parse, inst_bool(inst_call_arena(s->call), true));
  assert_int_equal(play(s), INST_WANT_CODE); /* of the second answer */
  assert_holds(inst_find_text(message_at(s, 1, 2), "content"), "\n- age: too young");
  inst_parse_answer(inst_call_parse(s->call), inst_bool(inst_call_arena(s->call), true));
  assert_done(s, RIGHT);
  clear_stage(s);
}

/* ---- without a schema ------------------------------------------------------------------------ */

static void a_call_without_a_schema_hands_over_the_completion(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.schema = NULL;
  s->options.max_retries = 3;
  begin_script(s, plain_step(503, INST_LIT("{}")), says(s, "hello"));
  assert_int_equal(play(s), INST_WANT_DONE);
  assert_text(inst_find_text(inst_call_value(s->call), "id"), "c1");
  assert_json(request_value(s, 0), inst_json_text(s->texts, s->options.params).p);
  assert_int_equal(inst_call_usage(s->call).total_tokens, 15);
  end_call(s);
  begin_script(s, plain_step(200, INST_LIT("{\"anything\":[]}")));
  assert_done(s, "{\"anything\":[]}");
  end_call(s);
  begin_script(s, plain_step(200, INST_LIT("no JSON")));
  assert_failed(s, INST_E_PROTOCOL);
  end_call(s);
  begin_script(s, plain_step(200, INST_LIT("{\"error\":\"no\"}")));
  assert_failed(s, INST_E_PROTOCOL);
  clear_stage(s);
}

static void without_a_schema_strange_messages_are_the_providers_business(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_value *params = inst_object(s->texts);
  inst_put(s->texts, params, INST_LIT("messages"), inst_int(s->texts, 7));
  s->options.schema = NULL;
  s->options.params = params;
  begin_script(s, plain_step(400, INST_LIT("{\"message\":\"messages must be an array\"}")));
  assert_failed(s, INST_E_HTTP);
  assert_json(request_value(s, 0), "{\"messages\":7}");
  assert_non_null(strstr(inst_call_error(s->call)->text, "messages must be an array"));
  clear_stage(s);
}

/* ---- the key --------------------------------------------------------------------------------- */

static bool tells(stage *s, const char *secret) {
  const inst_error *error = inst_call_error(s->call);
  if (strstr(error->text, secret) != NULL || strstr(error->reason, secret) != NULL) return true;
  for (const inst_attempt *a = inst_call_attempts(s->call); a != NULL; a = a->next)
    if (holds(a->message, secret) || (a->request_id.p != NULL && holds(a->request_id, secret)))
      return true;
  return false;
}

static void no_error_tells_the_key_though_a_server_repeats_it(void **state) {
  (void)state;
  stage *s = set_stage();
  const char *key = FAKE_KEY;
  char padding[180];
  memset(padding, 'x', sizeof padding);
  padding[sizeof padding - 1] = '\0'; /* the quote ends within the key */
  const step repeats[] = {
      plain_step(401, text_of(s, "{\"error\":{\"message\":\"Incorrect key: %s\",\"code\":\"%s\"}}",
                              key, key)),
      plain_step(401, text_of(s, "Incorrect key: %s, %s", key, key)),
      plain_step(401, text_of(s, "%s %s", padding, key)),
      plain_step(200, text_of(s, "key %s is no good", key)),
      plain_step(200, text_of(s, "{\"error\":{\"message\":\"key %s\",\"type\":\"%s\"}}", key, key)),
      with_header(plain_step(302, INST_LIT("")), "Location",
                  text_of(s, "https://elsewhere.example/?key=%s", key).p),
      with_header(plain_step(500, INST_LIT("{}")), "x-request-id", key),
      completion(s, text_of(s, "{\"refusal\":\"not for %s\"}", key).p, "stop"),
  };
  s->options.http_retries = 0;
  for (size_t i = 0; i < CHECK_COUNT(repeats); i++) {
    begin(s, &repeats[i], 1);
    assert_int_equal(play(s), INST_WANT_FAILED);
    assert_false(tells(s, FAKE_KEY));
    assert_false(tells(s, "sk-fake-0123456"));
    end_call(s);
  }
  clear_stage(s);
}

static void secrets_in_the_users_headers_and_words_of_the_transport_are_hidden_too(void **state) {
  (void)state;
  stage *s = set_stage();
  const inst_header headers[] = {{INST_LIT("api-key"), INST_LIT("fake-azure-key")},
                                 {INST_LIT("X-Auth"), INST_LIT("Basic ZmFrZTpmYWtl")},
                                 {INST_LIT("X-Auth-None"), {NULL, 0}},
                                 {INST_LIT("X-Plain"), INST_LIT("visible")}};
  s->options.headers = headers;
  s->options.header_count = 4;
  begin_script(s, plain_step(400, INST_LIT("fake-azure-key ZmFrZTpmYWtl visible")));
  assert_failed(s, INST_E_HTTP);
  assert_false(tells(s, "fake-azure-key") || tells(s, "ZmFrZTpmYWtl"));
  assert_true(tells(s, "visible"));
  end_call(s);
  begin_script(s, (step){.unsent = true});
  play_until(s, INST_WANT_SEND);
  inst_error fault = {.code = INST_E_NETWORK, .text = "no host in https://" FAKE_KEY "/"};
  inst_call_sent(s->call, &fault);
  assert_failed(s, INST_E_NETWORK);
  assert_false(tells(s, FAKE_KEY));
  clear_stage(s);
}

static void secrets_in_the_url_and_other_spellings_are_hidden_too(void **state) {
  (void)state;
  static const char *const hidden[] = {"fake sig/42",     "fake%20sig%2F42",    "fake%20sig%2f42",
                                       "sk/fake+secret",  "sk%2Ffake%2Bsecret", "fake=token=9",
                                       "fake%3Dtoken%3D9"};
  stage *s = set_stage();
  const inst_header cookie = {INST_LIT("Cookie"), INST_LIT("a=fake-one; b=fake-two")};
  s->options.api_key = INST_LIT("sk/fake+secret");
  s->options.headers = &cookie;
  s->options.header_count = 1;
  s->options.base_url = INST_LIT("https://models.example/v1?sig=fake%20sig%2f42&api-version=2024-"
                                 "10-21&x-token=fake=token=9&top_p#key=fake");
  s->options.http_retries = 0;
  for (size_t i = 0; i < CHECK_COUNT(hidden); i++) {
    begin_script(s, plain_step(400, text_of(s, "no good: %s, 2024-10-21", hidden[i])));
    assert_failed(s, INST_E_HTTP);
    if (tells(s, hidden[i])) fail_msg("%s is told", hidden[i]);
    assert_true(tells(s, "2024-10-21"));
    end_call(s);
  }
  begin_script(s, plain_step(400, INST_LIT("a=fake-one; b=fake-two")));
  assert_failed(s, INST_E_HTTP);
  assert_false(tells(s, "fake-one"));
  clear_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_root_that_is_no_object_is_asked_for_inside_one),
      cmocka_unit_test(scalars_and_choices_can_be_roots),
      cmocka_unit_test(what_a_strict_provider_cannot_be_asked_for_is_refused_before_it_is),
      cmocka_unit_test(what_is_wrong_inside_is_told_by_the_path_the_model_wrote),
      cmocka_unit_test(a_root_that_may_be_missing_may_be),
      cmocka_unit_test(a_null_that_a_strict_schema_made_the_model_send_is_absent),
      cmocka_unit_test(code_is_asked_for_between_two_looks_and_its_issues_are_sent),
      cmocka_unit_test(a_call_without_a_schema_hands_over_the_completion),
      cmocka_unit_test(without_a_schema_strange_messages_are_the_providers_business),
      cmocka_unit_test(no_error_tells_the_key_though_a_server_repeats_it),
      cmocka_unit_test(secrets_in_the_users_headers_and_words_of_the_transport_are_hidden_too),
      cmocka_unit_test(secrets_in_the_url_and_other_spellings_are_hidden_too),
  };
  return cmocka_run_group_tests_name("call_root", tests, NULL, NULL);
}
