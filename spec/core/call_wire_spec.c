/*
** The wire of the providers that speak OpenAI's dialect, as a call sees it: where each puts thoughts,
** refusals, usage and errors, how its answers end, and what its row changes in a request.
*/
#include "spec/core/call_check.h"

#define RIGHT "{\"name\":\"Jason Liu\",\"age\":30}"
#define QUOTED_RIGHT "\"{\\\"name\\\":\\\"Jason Liu\\\",\\\"age\\\":30}\""

static inst_provider row_like(const char *name) {
  return *inst_provider_find(inst_str_of(name));
}

/* ---- answers --------------------------------------------------------------------------------- */

static void thoughts_are_found_under_every_name(void **state) {
  (void)state;
  stage *s = set_stage();
  static const char *const messages[] = {
      "{\"content\":" QUOTED_RIGHT ",\"reasoning_content\":\"hm\"}",
      "{\"content\":" QUOTED_RIGHT ",\"reasoning\":\"hm\"}",
      "{\"content\":" QUOTED_RIGHT ",\"reasoning\":null,\"reasoning_details\":[{\"type\":"
      "\"reasoning.text\",\"text\":\"h\"},{\"type\":\"reasoning.encrypted\",\"data\":\"x\"},"
      "{\"type\":\"reasoning.text\",\"text\":\"m\"}]}",
      "{\"content\":" QUOTED_RIGHT ",\"reasoning_details\":[{\"type\":\"reasoning.summary\","
      "\"summary\":\"hm\"}]}",
      "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},"
      "{\"type\":\"text\",\"text\":" QUOTED_RIGHT "}]}",
      "{\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},{\"type\":\"text\","
      "\"text\":" QUOTED_RIGHT "}]}",
  };
  for (size_t i = 0; i < CHECK_COUNT(messages); i++) {
    begin_script(s, completion(s, messages[i], "stop"));
    assert_done(s, RIGHT);
    assert_text(attempt_at(s, 0)->reasoning, "hm");
    end_call(s);
  }
  clear_stage(s);
}

static void a_refusal_is_found_as_a_member_or_a_part(void **state) {
  (void)state;
  stage *s = set_stage();
  static const char *const messages[] = {
      "{\"content\":null,\"refusal\":\"I cannot\"}",
      "{\"content\":[{\"type\":\"refusal\",\"refusal\":\"I cannot\"}]}",
  };
  for (size_t i = 0; i < CHECK_COUNT(messages); i++) {
    begin_script(s, completion(s, messages[i], "stop"));
    assert_failed(s, INST_E_REFUSAL);
    assert_text(attempt_at(s, 0)->refusal, "I cannot");
    assert_int_equal(attempt_at(s, 0)->outcome, INST_OUTCOME_REFUSAL);
    end_call(s);
  }
  clear_stage(s);
}

static void every_ending_has_its_outcome_and_its_code(void **state) {
  (void)state;
  stage *s = set_stage();
  static const struct {
    const char *finish;
    inst_outcome outcome;
    inst_code code;
  } cases[] = {
      {"stop", INST_OUTCOME_STOP, INST_E_NONE},
      {"eos", INST_OUTCOME_STOP, INST_E_NONE},
      {"something new", INST_OUTCOME_STOP, INST_E_NONE},
      {"tool_calls", INST_OUTCOME_STOP, INST_E_NONE}, /* what is there decides */
      {"length", INST_OUTCOME_LENGTH, INST_E_INCOMPLETE},
      {"model_length", INST_OUTCOME_LENGTH, INST_E_INCOMPLETE},
      {"MAX_TOKENS", INST_OUTCOME_LENGTH, INST_E_INCOMPLETE},
      {"content_filter", INST_OUTCOME_CONTENT_FILTER, INST_E_CONTENT_FILTER},
      {"SAFETY", INST_OUTCOME_CONTENT_FILTER, INST_E_CONTENT_FILTER},
      {"error", INST_OUTCOME_ERROR, INST_E_PROTOCOL},
      {"insufficient_system_resource", INST_OUTCOME_ERROR, INST_E_PROTOCOL},
  };
  s->options.http_retries = 0;
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    begin_script(s, completion(s, "{\"content\":" QUOTED_RIGHT "}", cases[i].finish));
    play(s);
    assert_int_equal(inst_call_error(s->call)->code, cases[i].code);
    assert_int_equal(attempt_at(s, 0)->outcome, cases[i].outcome);
    assert_text(attempt_at(s, 0)->finish_reason, cases[i].finish);
    end_call(s);
  }
  assert_string_equal(inst_outcome_name(INST_OUTCOME_LENGTH), "length");
  assert_string_equal(inst_outcome_name(INST_OUTCOME_COUNT), "unknown");
  clear_stage(s);
}

static void a_forced_call_that_ends_with_stop_is_a_call(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_int_equal(attempt_at(s, 0)->outcome, INST_OUTCOME_TOOL_CALLS);
  clear_stage(s);
}

static void a_provider_that_breaks_off_is_asked_the_same_again(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, completion(s, "{\"content\":\"ha\"}", "insufficient_system_resource"),
               plain_step(200, INST_LIT("{\"choices\":[{\"message\":{\"content\":\"h\"},"
                                        "\"finish_reason\":\"error\",\"error\":{\"code\":502,"
                                        "\"message\":\"upstream\"}}]}")),
               calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_true(inst_str_is(s->sent[0], s->sent[2]));
  assert_text(attempt_at(s, 1)->complaint.message, "upstream");
  assert_int_equal(attempt_at(s, 1)->complaint.error_class, INST_CLASS_SERVER);
  end_call(s);
  begin_script(s, plain_step(200, INST_LIT("{\"choices\":[{\"message\":{\"content\":\"h\"},"
                                           "\"finish_reason\":\"error\"}],\"error\":{\"code\":402,"
                                           "\"message\":\"no money\"}}")));
  assert_failed(s, INST_E_PROTOCOL);
  assert_int_equal(attempt_at(s, 0)->complaint.error_class, INST_CLASS_PAYMENT_REQUIRED);
  clear_stage(s);
}

static void usage_is_found_under_every_name(void **state) {
  (void)state;
  stage *s = set_stage();
  static const struct {
    const char *members;
    int64_t in, out, total, cached, thinking;
  } cases[] = {
      {"\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,\"total_tokens\":8,"
       "\"prompt_tokens_details\":{\"cached_tokens\":4},\"completion_tokens_details\":{"
       "\"reasoning_tokens\":2}}",
       5, 3, 8, 4, 2},
      {"\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,\"total_tokens\":8,"
       "\"prompt_cache_hit_tokens\":4,\"prompt_cache_miss_tokens\":1,\"reasoning_tokens\":2}",
       5, 3, 8, 4, 2},
      {"\"usage\":{\"input_tokens\":5,\"output_tokens\":3}", 5, 3, 8, 0, 0},
      {"\"usage\":null,\"x_groq\":{\"id\":\"g\",\"usage\":{\"prompt_tokens\":5,"
       "\"completion_tokens\":3,\"total_tokens\":8}}",
       5, 3, 8, 0, 0},
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    begin_script(s, plain_step(200, text_of(s, "{\"choices\":[{\"message\":{\"content\":%s}}],%s}",
                                            QUOTED_RIGHT, cases[i].members)));
    assert_done(s, RIGHT);
    inst_usage usage = inst_call_usage(s->call);
    assert_int_equal(usage.input_tokens, cases[i].in);
    assert_int_equal(usage.output_tokens, cases[i].out);
    assert_int_equal(usage.total_tokens, cases[i].total);
    assert_int_equal(usage.cached_tokens, cases[i].cached);
    assert_int_equal(usage.reasoning_tokens, cases[i].thinking);
    end_call(s);
  }
  clear_stage(s);
}

static void a_call_without_arguments_is_one_of_an_empty_object(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  begin_script(s, calls_tool(s, ""), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_int_equal(attempt_at(s, 0)->code, INST_E_NO_ANSWER);
  assert_holds(inst_find_text(message_at(s, 1, 2), "content"), "name");
  end_call(s);
  inst_schema *empty = inst_schema_new(check_alloc(&s->memory));
  finish_schema(empty, inst_schema_node(empty, INST_NODE_OBJECT));
  use_schema(s, empty);
  begin_script(s, calls_tool(s, ""));
  assert_done(s, "{}");
  clear_stage(s);
}

static void a_call_that_is_passed_through_tells_how_it_ended(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.schema = NULL;
  begin_script(s, completion(s, "{\"content\":\"ab\",\"reasoning\":\"hm\"}", "length"));
  assert_int_equal(play(s), INST_WANT_DONE);
  assert_int_equal(attempt_at(s, 0)->outcome, INST_OUTCOME_LENGTH);
  assert_text(attempt_at(s, 0)->text, "ab");
  assert_text(attempt_at(s, 0)->reasoning, "hm");
  clear_stage(s);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void a_fault_that_comes_with_something_to_show_is_told_after_it(void **state) {
  stage *s = set_stage();
  size_t shown = 0;
  (void)state;
  s->options.schema = NULL;
  s->options.stream = true;
  s->options.http_retries = 0;
  begin_script(s,
               plain_step(200, INST_LIT("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n"
                                        "data: {\"choi\n\ndata: [DONE]\n\n")));
  while (play_until(s, INST_WANT_PARTIAL) == INST_WANT_PARTIAL)
    while (inst_call_event(s->call).p != NULL) shown++;
  assert_int_equal(shown, 1);
  assert_int_equal(inst_call_error(s->call)->code, INST_E_PROTOCOL);
  clear_stage(s);
}

/* A thousand streams may be open at once: one that waits holds what it has found and no more. */
static void a_stream_that_waits_holds_little_memory(void **state) {
  stage *s = set_stage();
  (void)state;
  s->options.stream = true;
  s->options.prints = inst_prints_new(check_alloc(&s->memory));
  inst_call_free(inst_call_new(&s->options, &s->error)); /* the schema is printed once */
  size_t before = s->memory.bytes;
  step some =
      plain_step(200, INST_LIT("data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{"
                               "\"index\":0,\"id\":\"call_1\",\"function\":{\"name\":\"User\","
                               "\"arguments\":\"{\\\"name\\\":\\\"Jason Liu\\\",\"}}]}}]}\n\n"));
  some.stalls = true;
  begin_script(s, some);
  assert_int_equal(play_until(s, INST_WANT_PARTIAL), INST_WANT_PARTIAL);
  inst_change change;
  while (inst_stream_next(inst_call_live(s->call), &change)) {
  }
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_BYTES);
  if (s->memory.bytes - before > 12000) fail_msg("%zu bytes", s->memory.bytes - before);
  end_call(s);
  inst_prints_free(s->options.prints);
  clear_stage(s);
}

static void what_a_provider_said_is_kept_with_the_attempt(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.http_retries = 0;
  begin_script(s, with_header(plain_step(400, INST_LIT("{\"error\":{\"message\":\"no " FAKE_KEY
                                                       " here\",\"type\":\"t\",\"param\":\"p\","
                                                       "\"code\":\"c\"}}")),
                              "x-request-id", "req-1"));
  assert_failed(s, INST_E_HTTP);
  const inst_complaint *said = &attempt_at(s, 0)->complaint;
  assert_int_equal(said->error_class, INST_CLASS_BAD_REQUEST);
  assert_false(holds(said->message, FAKE_KEY));
  assert_holds(said->message, "no *");
  assert_text(said->type, "t");
  assert_text(said->param, "p");
  assert_text(said->code, "c");
  clear_stage(s);
}

static void a_body_that_is_no_json_is_what_was_said(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.http_retries = 0;
  begin_script(s, plain_step(404, INST_LIT(" <h1>Gone</h1>\n")));
  assert_failed(s, INST_E_HTTP);
  assert_text(attempt_at(s, 0)->complaint.message, "<h1>Gone</h1>");
  assert_false(
      holds(inst_str_of(inst_call_error(s->call)->text), "<h1>")); /* no page in a sentence */
  end_call(s);
  begin_script(s, plain_step(404, INST_LIT("{\"oops\":1}")));
  assert_failed(s, INST_E_HTTP);
  assert_text(attempt_at(s, 0)->complaint.message, "{\"oops\":1}");
  end_call(s);
  begin_script(s, plain_step(404, INST_LIT("")));
  assert_failed(s, INST_E_HTTP);
  assert_int_equal(attempt_at(s, 0)->complaint.message.n, 0);
  clear_stage(s);
}

static void a_prompt_that_a_filter_stops_is_filtered_whatever_the_status(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, plain_step(400, INST_LIT("{\"error\":{\"message\":\"filtered\",\"code\":"
                                           "\"content_filter\",\"param\":\"prompt\"}}")));
  assert_failed(s, INST_E_CONTENT_FILTER);
  assert_int_equal(inst_call_error(s->call)->status, 400);
  assert_string_equal(inst_call_error(s->call)->reason, "content_filter");
  clear_stage(s);
}

#define REFUSED                                                                                    \
  INST_LIT("{\"error\":{\"message\":\"Failed to call a function.\",\"code\":\"tool_use_failed\","  \
           "\"failed_generation\":\"<function=User>{\\\"name\\\": 3}\"}}")

static void a_text_that_the_provider_refused_is_asked_for_again(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.max_retries = 1;
  begin_script(s, plain_step(400, REFUSED), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  assert_text(inst_find_text(message_at(s, 1, 1), "role"), "assistant");
  assert_text(inst_find_text(message_at(s, 1, 1), "content"), "<function=User>{\"name\": 3}");
  assert_text(inst_find_text(message_at(s, 1, 2), "role"), "user");
  assert_holds(inst_find_text(message_at(s, 1, 2), "content"), "Failed to call a function.");
  assert_int_equal(attempt_at(s, 0)->status, 400);
  assert_true(attempt_at(s, 1)->reask);
  clear_stage(s);
}

static void what_the_provider_says_of_a_refused_text_is_masked_and_cut_short(void **state) {
  (void)state;
  stage *s = set_stage();
  char body[8000];
  s->options.max_retries = 1;
  s->options.api_key = INST_LIT("fake-key-of-nobody");
  int n = snprintf(body, sizeof body, "{\"error\":{\"message\":\"for fake-key-of-nobody: ");
  n += snprintf(body + n, sizeof body - (size_t)n, "%5000s", "!");
  n += snprintf(body + n, sizeof body - (size_t)n, "\",\"failed_generation\":\"x\"}}");
  begin_script(s, plain_step(400, (inst_str){body, (size_t)n}), calls_tool(s, RIGHT));
  assert_done(s, RIGHT);
  inst_str told = inst_find_text(message_at(s, 1, 2), "content");
  assert_holds(told, "- it was refused: for ******************: ");
  assert_true(told.n < INST_SAID_MAX + 300);
  clear_stage(s);
}

static void a_secret_that_begins_another_leaves_no_end_of_it(void **state) {
  (void)state;
  stage *s = set_stage();
  const inst_header own = {INST_LIT("X-Api-Key"), INST_LIT("fake-key-of-nobody-but-longer")};
  s->options.api_key = INST_LIT("fake-key-of-nobody");
  s->options.headers = &own;
  s->options.header_count = 1;
  begin_script(s, plain_step(400, INST_LIT("{\"error\":{\"message\":"
                                           "\"bad fake-key-of-nobody-but-longer\"}}")));
  assert_failed(s, INST_E_HTTP);
  assert_string_equal(inst_call_error(s->call)->text,
                      "HTTP 400: bad *****************************");
  clear_stage(s);
}

static void or_is_an_error_like_any_other_where_no_re_ask_is_left(void **state) {
  (void)state;
  stage *s = set_stage();
  begin_script(s, plain_step(400, REFUSED));
  assert_failed(s, INST_E_HTTP);
  assert_string_equal(inst_call_error(s->call)->reason, "tool_use_failed");
  assert_text(attempt_at(s, 0)->complaint.failed_generation, "<function=User>{\"name\": 3}");
  clear_stage(s);
}

static void the_wait_a_server_asks_for_is_told_however_long(void **state) {
  (void)state;
  stage *s = set_stage();
  static const struct {
    const char *name, *value;
    double seconds;
  } cases[] = {
      {"retry-after", "7.5", 7.5},     {"retry-after-ms", "1500", 1.5},
      {"retry-after", "86400", 86400}, {"retry-after", "Thu, 01 Jan 1970 00:10:00 GMT", 500},
      {"retry-after", "soon", -1},     {"x-other", "9", -1},
  };
  s->options.http_retries = 0;
  s->options.wall_clock = 100;
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    begin_script(s, with_header(plain_step(429, INST_LIT("{}")), cases[i].name, cases[i].value));
    assert_failed(s, INST_E_HTTP);
    assert_float_equal(attempt_at(s, 0)->retry_after, cases[i].seconds, 0.001);
    end_call(s);
  }
  clear_stage(s);
}

static void a_request_id_in_the_body_counts_where_no_header_says_one(void **state) {
  (void)state;
  stage *s = set_stage();
  s->options.http_retries = 0;
  begin_script(s,
               plain_step(401, INST_LIT("{\"error\":{\"message\":\"m\"},\"request_id\":\"b\"}")));
  assert_failed(s, INST_E_HTTP);
  assert_text(attempt_at(s, 0)->request_id, "b");
  end_call(s);
  begin_script(s, plain_step(200, INST_LIT("{\"x_groq\":{\"id\":\"g\"},\"choices\":[{\"message\":{"
                                           "\"content\":" QUOTED_RIGHT "}}]}")));
  assert_done(s, RIGHT);
  assert_text(attempt_at(s, 0)->request_id, "g");
  clear_stage(s);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void a_row_of_the_hosts_own_is_as_good_as_ours(void **state) {
  (void)state;
  stage *s = set_stage();
  const inst_provider own = {.name = "acme",
                             .base_url = "https://llm.acme.example/v1",
                             .modes = 1u << INST_MODE_JSON_SCHEMA,
                             .default_mode = INST_MODE_JSON_SCHEMA,
                             .envelope = INST_ENVELOPE_BARE_SCHEMA,
                             .key_header = "X-Pass",
                             .schema_in_prompt = true,
                             .extra_body = "{\"tier\":\"batch\",\"model\":\"theirs\"}"};
  assert_int_equal(inst_provider_check(&own, s->texts, NULL), 0);
  s->options.provider = &own;
  s->options.mode = INST_MODE_JSON_SCHEMA;
  begin_script(s, says(s, RIGHT));
  assert_int_equal(inst_call_next(s->call, s->now), INST_WANT_SEND);
  const inst_request *request = inst_call_request(s->call);
  assert_string_equal(request->url, "https://llm.acme.example/v1/chat/completions");
  assert_text(request->headers[2].name, "X-Pass");
  assert_text(request->headers[2].value, FAKE_KEY);
  assert_true(inst_call_hides(s->call, INST_LIT("x-pass")));
  assert_true(inst_call_hides(s->call, INST_LIT("Cookie")));
  assert_false(inst_call_hides(s->call, INST_LIT("Accept")));
  assert_done(s, RIGHT);
  const inst_value *body = request_value(s, 0);
  assert_json(inst_find(body, "tier"), "\"batch\"");
  assert_json(inst_find(body, "model"), "\"fake-1\""); /* the user's own word counts */
  assert_int_equal(inst_value_count(inst_find(inst_find(body, "response_format"), "json_schema")),
                   1);
  assert_holds(inst_find_text(message_at(s, 0, 0), "content"), "\"properties\"");
  clear_stage(s);
}

static void a_key_header_of_the_users_own_wins_and_is_a_secret(void **state) {
  (void)state;
  stage *s = set_stage();
  inst_provider own = row_like("openai");
  const inst_header mine = {INST_LIT("x-pass"), INST_LIT("fake-pass-123456")};
  own.key_header = "X-Pass";
  s->options.provider = &own;
  s->options.headers = &mine;
  s->options.header_count = 1;
  s->options.http_retries = 0;
  begin_script(s, plain_step(401, INST_LIT("{\"error\":\"no such key: fake-pass-123456\"}")));
  assert_failed(s, INST_E_HTTP);
  assert_false(holds(inst_str_of(inst_call_error(s->call)->text), "fake-pass"));
  assert_false(holds(attempt_at(s, 0)->complaint.message, "fake-pass"));
  clear_stage(s);
}

static void what_is_wrong_with_a_row_is_said(void **state) {
  (void)state;
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_provider bad[12];
  const char *words[12] = {"no name",
                           "no name",
                           "modes",
                           "modes",
                           "default mode",
                           "base_url is no URL",
                           "begins with https",
                           "key_env needs",
                           "envelope",
                           "strict is none",
                           "tool_choice",
                           "extra_body"};
  for (size_t i = 0; i < CHECK_COUNT(bad); i++) bad[i] = row_like("openai");
  bad[0].name = NULL;
  bad[1].name = "";
  bad[2].modes = 0;
  bad[3].modes = 1u << INST_MODE_COUNT;
  bad[4].modes = 1u << INST_MODE_JSON;
  bad[5].base_url = "api.openai.com";
  bad[6].base_url = "http://api.openai.com/v1";
  bad[7].base_url = NULL;
  bad[8].envelope = INST_ENVELOPE_COUNT;
  bad[9].strict = INST_STRICT_COUNT;
  bad[10].tool_choice = INST_CHOICE_COUNT;
  bad[11].extra_body = "[1]";
  for (size_t i = 0; i < CHECK_COUNT(bad); i++) {
    inst_error error = {.code = INST_E_NONE};
    assert_int_equal(inst_provider_check(&bad[i], arena, &error), -1);
    assert_int_equal(error.code, INST_E_USAGE);
    assert_holds(inst_str_of(error.text), words[i]);
  }
  for (size_t i = 0; inst_provider_at(i) != NULL; i++)
    assert_int_equal(inst_provider_check(inst_provider_at(i), arena, NULL), 0);
  inst_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(thoughts_are_found_under_every_name),
      cmocka_unit_test(a_refusal_is_found_as_a_member_or_a_part),
      cmocka_unit_test(every_ending_has_its_outcome_and_its_code),
      cmocka_unit_test(a_forced_call_that_ends_with_stop_is_a_call),
      cmocka_unit_test(a_provider_that_breaks_off_is_asked_the_same_again),
      cmocka_unit_test(usage_is_found_under_every_name),
      cmocka_unit_test(a_call_without_arguments_is_one_of_an_empty_object),
      cmocka_unit_test(a_call_that_is_passed_through_tells_how_it_ended),
      cmocka_unit_test(a_fault_that_comes_with_something_to_show_is_told_after_it),
      cmocka_unit_test(a_stream_that_waits_holds_little_memory),
      cmocka_unit_test(what_a_provider_said_is_kept_with_the_attempt),
      cmocka_unit_test(a_body_that_is_no_json_is_what_was_said),
      cmocka_unit_test(a_prompt_that_a_filter_stops_is_filtered_whatever_the_status),
      cmocka_unit_test(a_text_that_the_provider_refused_is_asked_for_again),
      cmocka_unit_test(what_the_provider_says_of_a_refused_text_is_masked_and_cut_short),
      cmocka_unit_test(a_secret_that_begins_another_leaves_no_end_of_it),
      cmocka_unit_test(or_is_an_error_like_any_other_where_no_re_ask_is_left),
      cmocka_unit_test(the_wait_a_server_asks_for_is_told_however_long),
      cmocka_unit_test(a_request_id_in_the_body_counts_where_no_header_says_one),
      cmocka_unit_test(a_row_of_the_hosts_own_is_as_good_as_ours),
      cmocka_unit_test(a_key_header_of_the_users_own_wins_and_is_a_secret),
      cmocka_unit_test(what_is_wrong_with_a_row_is_said),
  };
  return cmocka_run_group_tests_name("call_wire", tests, NULL, NULL);
}
