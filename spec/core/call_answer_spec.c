/*
** Each mode's question, what is read from an answer, and how a model is asked again.
*/
#include "spec/core/call_check.h"

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"
#define WRONG "{\"name\":\"Jason Liu\",\"age\":\"thirty\"}"
#define USER_SCHEMA                                                                                \
  "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"age\":{\"type\":"         \
  "\"number\"}},\"required\":[\"name\",\"age\"],\"additionalProperties\":false}"

/* What the model is told about WRONG, in any mode. */
#define AGE_LINE "- age: Invalid input: expected number, received string (got \"thirty\")"

static const inst_value *below(const inst_value *v, const char *a, const char *b) {
  v = inst_find(v, a);
  return b != NULL ? inst_find(v, b) : v;
}

static inst_str content_of(const inst_value *message) {
  return inst_find_text(message, "content");
}

static void assert_role(const inst_value *message, const char *role) {
  assert_text(inst_find_text(message, "role"), role);
}

/* ---- questions ------------------------------------------------------------------------------- */

static void tools_mode_asks_for_one_tool_by_name(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.description = INST_LIT("A person.");
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  const inst_value *request = request_value(s, 0);
  assert_json(inst_find(request, "tools"),
              "[{\"type\":\"function\",\"function\":{\"name\":\"User\",\"description\":\"A "
              "person.\",\"parameters\":" USER_SCHEMA "}}]");
  assert_json(inst_find(request, "tool_choice"),
              "{\"type\":\"function\",\"function\":{\"name\":\"User\"}}");
  assert_json(inst_find(request, "stream"), "false");
  assert_json(inst_find(request, "model"), "\"fake-1\"");
  assert_int_equal(message_count(s, 0), 1);
  clear_stage(s);
}

static void functions_mode_asks_for_one_function_by_name(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.mode = INST_MODE_FUNCTIONS;
  begin_script(s, calls_function(s, RIGHT));
  assert_done(s, RIGHT);
  const inst_value *request = request_value(s, 0);
  assert_json(inst_find(request, "functions"),
              "[{\"name\":\"User\",\"description\":\"\",\"parameters\":" USER_SCHEMA "}]");
  assert_json(inst_find(request, "function_call"), "{\"name\":\"User\"}");
  assert_null(inst_find(request, "tools"));
  clear_stage(s);
}

static void json_schema_mode_sends_the_schema_in_the_providers_envelope(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.mode = INST_MODE_JSON_SCHEMA;
  begin_script(s, says(s, RIGHT));
  assert_done(s, RIGHT);
  assert_json(inst_find(request_value(s, 0), "response_format"),
              "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"User\",\"schema\":" USER_SCHEMA
              ",\"strict\":true}}");
  assert_role(message_at(s, 0, 0), "system");
  assert_role(message_at(s, 0, 1), "user");
  end_call(s);
  s->options.provider = inst_provider_find(INST_LIT("anyscale"));
  begin_script(s, says(s, RIGHT));
  assert_done(s, RIGHT);
  const inst_value *format = inst_find(request_value(s, 0), "response_format");
  assert_json(inst_find(format, "type"), "\"json_object\"");
  assert_json(inst_find(inst_find(format, "schema"), "required"), "[\"name\",\"age\"]");
  assert_null(inst_find(inst_find(format, "schema"), "additionalProperties"));
  clear_stage(s);
}

static void modes_that_ask_in_words_put_the_schema_into_the_prompt(void **state) {
  (void)state;
  static const struct {
    inst_mode mode;
    const char *format, *says;
  } modes[] = {
      {INST_MODE_JSON, "{\"type\":\"json_object\"}", "no code fence"},
      {INST_MODE_MD_JSON, "(no value)", "```json"},
      {INST_MODE_THINKING_MD_JSON, "(no value)", "<think>"},
  };
  for (size_t i = 0; i < CHECK_COUNT(modes); i++) {
    stage *s = set_stage();
    s->options.mode = modes[i].mode;
    begin_script(s, says(s, "<think>Hm, {}.</think>\nHere:\n```json\n" RIGHT "\n```"));
    assert_done(s, RIGHT);
    assert_json(inst_find(request_value(s, 0), "response_format"), modes[i].format);
    assert_role(message_at(s, 0, 0), "system");
    assert_holds(content_of(message_at(s, 0, 0)), USER_SCHEMA);
    assert_holds(content_of(message_at(s, 0, 0)), modes[i].says);
    assert_text(attempt_at(s, 0)->reasoning, "Hm, {}.");
    clear_stage(s);
  }
}

static void the_users_own_tools_and_functions_stay(void **state) {
  (void)state;
  inst_error error = {.code = INST_E_NONE};
  stage *s = set_stage();
  s->options.params = inst_json_parse(
      s->texts,
      INST_LIT("{\"messages\":\"hello\",\"tools\":[1],\"functions\":[2],\"stream\":true}"), 9,
      &error);
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  const inst_value *request = request_value(s, 0);
  assert_int_equal(inst_value_count(inst_find(request, "tools")), 2);
  assert_json(at(inst_find(request, "tools"), 1), "1");
  assert_json(inst_find(request, "functions"), "[2]");
  assert_json(inst_find(request, "messages"), "[{\"role\":\"user\",\"content\":\"hello\"}]");
  assert_json(inst_find(request, "stream"), "false");
  end_call(s);
  s->options.mode = INST_MODE_FUNCTIONS;
  begin_script(s, calls_function(s, RIGHT));
  assert_done(s, RIGHT);
  assert_json(at(inst_find(request_value(s, 0), "functions"), 0), "2");
  clear_stage(s);
}

static void messages_are_a_list_or_a_text(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_value *params = inst_object(s->texts);
  inst_put(s->texts, params, INST_LIT("messages"), inst_int(s->texts, 1));
  s->options.params = params;
  assert_null(inst_call_new(&s->options, &s->error));
  assert_int_equal(s->error.code, INST_E_USAGE);
  inst_replace(s->texts, params, INST_LIT("messages"), inst_either(s->texts));
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_json(inst_find(request_value(s, 0), "messages"), "[]");
  clear_stage(s);
}

static void the_name_is_the_models_the_schemas_or_response(void **state) {
  (void)state;
  stage *s = set_stage();
  static const struct {
    const char *name, *title, *id, *wanted;
  } cases[] = {
      {"My User", "Title", "id1", "My_User"},
      {"", "A Title", "id1", "A_Title"},
      {"", NULL, "id1", "id1"},
      {"", NULL, NULL, "Response"},
      {"\xC3\xA9t\xC3\xA9", NULL, NULL, "_t_"},
      {"0123456789012345678901234567890123456789012345678901234567890123456789", NULL, NULL,
       "0123456789012345678901234567890123456789012345678901234567890123"},
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    inst_schema *schema = inst_schema_new(check_alloc(&s->memory));
    inst_node user = user_node(schema);
    if (cases[i].title != NULL)
      inst_schema_meta(schema, user, INST_LIT("title"),
                       inst_string(s->texts, inst_str_of(cases[i].title)));
    if (cases[i].id != NULL)
      inst_schema_meta(schema, user, INST_LIT("id"),
                       inst_string(s->texts, inst_str_of(cases[i].id)));
    use_schema(s, finish_schema(schema, user));
    s->options.name = inst_str_of(cases[i].name);
    begin_script(s, says(s, RIGHT));
    assert_done(s, RIGHT);
    const inst_value *tool = at(inst_find(request_value(s, 0), "tools"), 0);
    assert_text(inst_find_text(inst_find(tool, "function"), "name"), cases[i].wanted);
    end_call(s);
  }
  clear_stage(s);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void an_answer_is_read_wherever_the_model_put_it(void **state) {
  (void)state;
  stage *s = set_stage();
  const char *parts = "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"{\\\"name"
                      "\\\":\\\"Jason Liu\\\",\"},{\"type\":\"image\"},{\"type\":\"text\","
                      "\"text\":\"\\\"age\\\":30}\"}]}";
  const char *as_value =
      "{\"tool_calls\":[{\"function\":{\"name\":\"User\",\"arguments\":" RIGHT "}}]}";
  const step ways[] = {
      calls_tool(s, RIGHT),
      calls_function(s, RIGHT),              /* the older spelling */
      says(s, "\n " RIGHT " "),              /* text instead of a call */
      completion(s, parts, "stop"),          /* text in parts */
      completion(s, as_value, "tool_calls"), /* arguments that are no text */
  };
  for (size_t i = 0; i < CHECK_COUNT(ways); i++) {
    begin(s, &ways[i], 1);
    assert_done(s, RIGHT);
    assert_true(attempt_at(s, 0)->text.n > 0);
    end_call(s);
  }
  clear_stage(s);
}

static void a_call_is_found_by_its_name_not_its_place(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(
      s, completion(s,
                    "{\"content\":\"no JSON\",\"tool_calls\":[7,{\"id\":\"a\",\"function\":{"
                    "\"name\":\"search\",\"arguments\":\"{}\"}},{\"id\":\"b\",\"function\":{"
                    "\"name\":\"User\",\"arguments\":\"{\\\"name\\\":\\\"Jason Liu\\\",\\\"age\\\":"
                    "30}\"}}]}",
                    "tool_calls"));
  assert_done(s, RIGHT);
  clear_stage(s);
}

static void every_unusable_answer_has_its_documented_code(void **state) {
  (void)state;
  stage *s = set_stage();
  const struct {
    step answer;
    inst_code code;
    const char *reason;
  } cases[] = {
      {completion(s, "{\"content\":null,\"refusal\":\"I cannot\"}", "stop"), INST_E_REFUSAL, ""},
      {completion(s, "{\"content\":\"{\\\"name\\\":\\\"Ja\"}", "length"), INST_E_INCOMPLETE,
       "length"},
      {completion(s,
                  "{\"content\":\""
                  "{}"
                  "\"}",
                  "content_filter"),
       INST_E_CONTENT_FILTER, ""},
      {completion(s, "{\"content\":\"  \"}", "stop"), INST_E_NO_ANSWER, ""},
      {completion(s, "{\"content\":null}", "stop"), INST_E_NO_ANSWER, ""},
      {completion(s, "null", "stop"), INST_E_NO_ANSWER, ""},
      {plain_step(200, INST_LIT("{\"choices\":[]}")), INST_E_NO_ANSWER, ""},
      {plain_step(200, INST_LIT("{\"choices\":[7]}")), INST_E_NO_ANSWER, ""},
      {says(s, "Jason is thirty"), INST_E_JSON, ""},
      {calls_tool(s, "{\"name\":"), INST_E_JSON, ""},
      {calls_tool(s, WRONG), INST_E_VALIDATION, ""},
      {plain_step(200, INST_LIT("<html>Welcome</html>")), INST_E_PROTOCOL, ""},
      {plain_step(200, INST_LIT("")), INST_E_PROTOCOL, ""},
      {plain_step(204, INST_LIT("")), INST_E_PROTOCOL, ""},
      {plain_step(200, INST_LIT("[1]")), INST_E_PROTOCOL, ""},
      {plain_step(200, INST_LIT("{\"choices\":{}}")), INST_E_PROTOCOL, ""},
      {plain_step(200, INST_LIT("{\"error\":{\"message\":\"m\",\"code\":\"bad_thing\"}}")),
       INST_E_PROTOCOL, "bad_thing"},
      {plain_step(200, INST_LIT("{\"error\":\"overloaded\"}")), INST_E_PROTOCOL, ""},
      {plain_step(404, INST_LIT("{\"error\":{\"message\":\"m\",\"code\":\"no_model\"}}")),
       INST_E_HTTP, "no_model"},
      {plain_step(400, INST_LIT("{\"error\":{\"type\":\"invalid\",\"code\":null}}")), INST_E_HTTP,
       "invalid"},
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    begin(s, &cases[i].answer, 1);
    assert_failed(s, cases[i].code);
    const inst_error *error = inst_call_error(s->call);
    assert_string_equal(error->reason, cases[i].reason);
    assert_int_equal(error->status, cases[i].answer.status);
    assert_int_equal(attempt_at(s, 0)->code, cases[i].code);
    assert_text(attempt_at(s, 0)->message, error->text);
    end_call(s);
  }
  clear_stage(s);
}

static void a_models_mistake_is_asked_about_again_and_its_refusal_is_not(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  const step again[] = {says(s, "prose"), says(s, " "), calls_tool(s, WRONG), calls_tool(s, "[")};
  const step never[] = {
      completion(s, "{\"refusal\":\"no\"}", "stop"), completion(s, "{\"content\":\"{\"}", "length"),
      completion(s, "{\"content\":\"{\"}", "content_filter"), plain_step(200, INST_LIT("<html>"))};
  for (size_t i = 0; i < CHECK_COUNT(again); i++) {
    begin_script(s, again[i], calls_tool(s, RIGHT));
    assert_done(s, RIGHT);
    assert_int_equal(s->asked, 2);
    end_call(s);
  }
  for (size_t i = 0; i < CHECK_COUNT(never); i++) {
    begin_script(s, never[i]);
    assert_int_equal(play(s), INST_WANT_FAILED);
    assert_int_equal(s->asked, 1);
    end_call(s);
  }
  clear_stage(s);
}

static void an_error_hidden_in_a_200_is_tried_again_where_its_code_says_so(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, plain_step(200, INST_LIT("{\"error\":{\"message\":\"upstream\",\"code\":502}}")),
               plain_step(200, INST_LIT("{\"error\":{\"message\":\"upstream\",\"code\":429}}")),
               calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_false(attempt_at(s, 1)->reask);
  assert_true(inst_str_is(s->sent[0], s->sent[2]));
  clear_stage(s);
}

static void a_deep_answer_is_a_limit(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  s->options.max_depth = 8;
  begin_script(s, calls_tool(s, "[[[[[[[[[1]]]]]]]]]"));
  assert_failed(s, INST_E_LIMIT);
  end_call(s);
  begin_script(s, plain_step(200, INST_LIT("[[[[[[[[[1]]]]]]]]]")));
  assert_failed(s, INST_E_LIMIT);
  clear_stage(s);
}

static void strange_counts_of_tokens_do_not_upset_the_sum(void **state) {
  (void)state;
  stage *s = set_stage();
  static const struct {
    const char *usage;
    int64_t in, total;
    bool known;
  } cases[] = {
      {"{\"prompt_tokens\":3,\"completion_tokens\":4}", 3, 7, true},
      {"{\"prompt_tokens\":1e300,\"total_tokens\":9223372036854775807}", 0, INT64_C(1) << 53, true},
      {"{\"prompt_tokens\":3.0,\"completion_tokens\":4,\"total_tokens\":\"9\"}", 3, 7, true},
      {"{\"prompt_tokens\":0}", 0, 0, true},
      {"{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":0}", 3, 7, true},
      {"{\"prompt_tokens\":-5,\"total_tokens\":\"9\"}", 0, 0, false},
      {"{\"prompt_tokens\":2.5,\"total_tokens\":null}", 0, 0, false},
      {"{\"prompt_tokens\":{},\"completion_tokens\":[4],\"total_tokens\":true}", 0, 0, false},
      {"{}", 0, 0, false},
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    begin_script(s, plain_step(200, text_of(s,
                                            "{\"choices\":[{\"message\":{\"content\":%s}}],"
                                            "\"usage\":%s}",
                                            quoted(s, RIGHT), cases[i].usage)));
    assert_done(s, RIGHT);
    assert_true(inst_call_usage(s->call).input_tokens == cases[i].in);
    assert_true(inst_call_usage(s->call).total_tokens == cases[i].total);
    assert_true(inst_call_usage(s->call).known == cases[i].known);
    end_call(s);
  }
  begin_script(s, plain_step(200, text_of(s,
                                          "{\"choices\":[{\"message\":{\"content\":%s}}],"
                                          "\"usage\":[]}",
                                          quoted(s, RIGHT))));
  assert_done(s, RIGHT);
  assert_false(inst_call_usage(s->call).known);
  clear_stage(s);
}

/* ---- asking again ---------------------------------------------------------------------------- */

static void every_tool_call_is_answered_with_its_id(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  begin_script(s,
               completion(s,
                          "{\"role\":\"assistant\",\"content\":null,\"refusal\":null,\"tool_calls\""
                          ":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"User\","
                          "\"arguments\":\"{}\"}},{\"id\":\"b\",\"type\":\"function\","
                          "\"function\":{\"name\":\"search\",\"arguments\":\"{}\"}}]}",
                          "tool_calls"),
               calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_int_equal(message_count(s, 1), 4);
  const inst_value *turn = message_at(s, 1, 1);
  assert_role(turn, "assistant");
  assert_int_equal(inst_value_count(inst_find(turn, "tool_calls")), 2);
  assert_null(inst_find(turn, "refusal")); /* servers refuse to take that back */
  for (size_t i = 0; i < 2; i++) {
    const inst_value *reply = message_at(s, 1, 2 + i);
    assert_role(reply, "tool");
    assert_text(inst_find_text(reply, "tool_call_id"), i == 0 ? "a" : "b");
    assert_holds(content_of(reply), "- name: Invalid input: expected string, received nothing");
    assert_holds(content_of(reply), "Call the tool User with corrected arguments.");
  }
  clear_stage(s);
}

static void a_function_call_is_answered_by_a_function_message(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.mode = INST_MODE_FUNCTIONS;
  s->options.max_retries = 1;
  begin_script(s, calls_function(s, WRONG), calls_function(s, RIGHT));
  assert_done(s, RIGHT);
  assert_json(below(message_at(s, 1, 1), "function_call", "name"), "\"User\"");
  assert_role(message_at(s, 1, 2), "function");
  assert_text(inst_find_text(message_at(s, 1, 2), "name"), "User");
  assert_holds(content_of(message_at(s, 1, 2)), AGE_LINE);
  assert_holds(content_of(message_at(s, 1, 2)), "Call the function User with corrected arguments.");
  clear_stage(s);
}

static void text_is_answered_by_the_user_in_every_mode(void **state) {
  (void)state;
  for (inst_mode mode = INST_MODE_TOOLS; mode < INST_MODE_COUNT; mode++) {
    stage *s = set_stage();
    s->options.mode = mode;
    s->options.max_retries = 1;
    begin_script(s, says(s, WRONG), says(s, RIGHT));
    assert_done(s, RIGHT);
    size_t n = message_count(s, 1);
    assert_role(message_at(s, 1, n - 2), "assistant");
    assert_text(content_of(message_at(s, 1, n - 2)), WRONG);
    assert_role(message_at(s, 1, n - 1), "user");
    assert_holds(content_of(message_at(s, 1, n - 1)), AGE_LINE);
    clear_stage(s);
  }
}

static void broken_json_is_told_with_its_place(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.mode = INST_MODE_JSON_SCHEMA;
  s->options.max_retries = 1;
  begin_script(s, says(s, "{\"name\":}"), says(s, RIGHT));
  assert_done(s, RIGHT);
  assert_holds(content_of(message_at(s, 1, 3)), "- it is not JSON: ");
  assert_int_equal(attempt_at(s, 0)->code, INST_E_JSON);
  clear_stage(s);
}

static void each_mode_is_told_how_to_answer_this_time(void **state) {
  (void)state;
  static const char *const words[INST_MODE_COUNT] = {
      [INST_MODE_TOOLS] = "Call the tool User with corrected arguments.",
      [INST_MODE_FUNCTIONS] = "Call the function User with corrected arguments.",
      [INST_MODE_JSON_SCHEMA] = "nothing else: no prose, no code fence.",
      [INST_MODE_JSON] = "nothing else: no prose, no code fence.",
      [INST_MODE_MD_JSON] = "in one fenced block that begins with ```json",
      [INST_MODE_THINKING_MD_JSON] = "Think again, inside one <think> tag. Then answer",
  };
  for (inst_mode mode = INST_MODE_TOOLS; mode < INST_MODE_COUNT; mode++) {
    stage *s = set_stage();
    s->options.mode = mode;
    s->options.max_retries = 1;
    begin_script(s, says(s, WRONG), says(s, RIGHT));
    assert_done(s, RIGHT);
    assert_holds(content_of(message_at(s, 1, message_count(s, 1) - 1)), words[mode]);
    clear_stage(s);
  }
}

static void who_called_another_tool_is_told_that_ours_was_not_called(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  begin_script(s,
               completion(s,
                          "{\"content\":null,\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\","
                          "\"function\":{\"name\":\"search\",\"arguments\":\"{}\"}}]}",
                          "tool_calls"),
               calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_holds(content_of(message_at(s, 1, 2)),
               "there was no answer: the tool User was not called\nCall the tool User");
  assert_holds(inst_call_attempts(s->call)->message, "called something else");
  clear_stage(s);
}

static void a_turn_in_which_nothing_was_said_is_not_sent_back(void **state) {
  (void)state;
  static const char *const silent[] = {
      "{\"content\":null}",
      "{\"content\":\"\"}",
      "{\"content\":null,\"tool_calls\":[]}",
      "{\"content\":null,\"tool_calls\":null,\"function_call\":null}",
  };
  stage *s = set_stage();
  s->options.max_retries = 1;
  for (size_t i = 0; i < CHECK_COUNT(silent); i++) {
    begin_script(s, completion(s, silent[i], "stop"), calls_tool(s, RIGHT));
    assert_done(s, RIGHT);
    assert_int_equal(message_count(s, 1), 2);
    assert_role(message_at(s, 1, 1), "user");
    assert_holds(content_of(message_at(s, 1, 1)), "there was no answer");
    end_call(s);
  }
  clear_stage(s);
}

static void what_servers_refuse_to_take_back_is_left_out(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  begin_script(s,
               completion(s,
                          "{\"role\":\"model\",\"content\":\"prose\",\"tool_calls\":[],"
                          "\"annotations\":[],\"audio\":null}",
                          "stop"),
               calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_json(message_at(s, 1, 1), "{\"role\":\"assistant\",\"content\":\"prose\"}");
  end_call(s);
  begin_script(s,
               completion(s, "{\"tool_calls\":[{\"id\":7,\"function\":{\"name\":\"x\"}}]}", "stop"),
               calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_json(message_at(s, 1, 1), "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{"
                                   "\"id\":7,\"function\":{\"name\":\"x\"}}]}");
  assert_json(inst_find(message_at(s, 1, 2), "tool_call_id"), "7");
  clear_stage(s);
}

static void later_asks_keep_what_was_said_before(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 2;
  begin_script(s, calls_tool(s, WRONG), says(s, "{}"), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_int_equal(message_count(s, 1), 3);
  assert_int_equal(message_count(s, 2), 5);
  for (size_t i = 0; i < 3; i++)
    assert_true(inst_value_equal(message_at(s, 1, i), message_at(s, 2, i)));
  clear_stage(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tools_mode_asks_for_one_tool_by_name),
      cmocka_unit_test(functions_mode_asks_for_one_function_by_name),
      cmocka_unit_test(json_schema_mode_sends_the_schema_in_the_providers_envelope),
      cmocka_unit_test(modes_that_ask_in_words_put_the_schema_into_the_prompt),
      cmocka_unit_test(the_users_own_tools_and_functions_stay),
      cmocka_unit_test(messages_are_a_list_or_a_text),
      cmocka_unit_test(the_name_is_the_models_the_schemas_or_response),
      cmocka_unit_test(an_answer_is_read_wherever_the_model_put_it),
      cmocka_unit_test(a_call_is_found_by_its_name_not_its_place),
      cmocka_unit_test(every_unusable_answer_has_its_documented_code),
      cmocka_unit_test(a_models_mistake_is_asked_about_again_and_its_refusal_is_not),
      cmocka_unit_test(an_error_hidden_in_a_200_is_tried_again_where_its_code_says_so),
      cmocka_unit_test(a_deep_answer_is_a_limit),
      cmocka_unit_test(strange_counts_of_tokens_do_not_upset_the_sum),
      cmocka_unit_test(every_tool_call_is_answered_with_its_id),
      cmocka_unit_test(a_function_call_is_answered_by_a_function_message),
      cmocka_unit_test(text_is_answered_by_the_user_in_every_mode),
      cmocka_unit_test(broken_json_is_told_with_its_place),
      cmocka_unit_test(each_mode_is_told_how_to_answer_this_time),
      cmocka_unit_test(who_called_another_tool_is_told_that_ours_was_not_called),
      cmocka_unit_test(a_turn_in_which_nothing_was_said_is_not_sent_back),
      cmocka_unit_test(what_servers_refuse_to_take_back_is_left_out),
      cmocka_unit_test(later_asks_keep_what_was_said_before),
  };
  return cmocka_run_group_tests_name("call_answer", tests, NULL, NULL);
}
