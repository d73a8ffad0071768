/* What is read from the body of a provider's error, whatever its shape. */
#include "core/wire/complaint.h"

#include "spec/core/check.h"

static inst_complaint complaint_of(inst_arena *arena, const char *json) {
  inst_error error = {.code = INST_E_NONE};
  inst_complaint out;
  const inst_value *body = inst_json_parse(arena, inst_str_of(json), 64, &error);
  if (body == NULL) fail_msg("%s: %s", json, error.text);
  inst_complaint_read(body, &out, arena);
  return out;
}

static void is_text(const char *json, const char *what, inst_str got, const char *wanted) {
  bool same = wanted == NULL ? got.p == NULL : inst_str_is(got, inst_str_of(wanted));
  if (!same)
    fail_msg("%s of %s is %.*s, not %s", what, json, (int)got.n, got.p ? got.p : "",
             wanted ? wanted : "missing");
}

static void words_and_code_are_found_in_every_shape(void **state) {
  (void)state;
  static const struct {
    const char *body, *message, *code, *type, *param;
    int status;
  } shapes[] = {
      {"{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":\"p\",\"code\":\"c\"}}", "m", "c",
       "t", "p", 0},
      {"{\"error\":{\"message\":\"m\",\"type\":null,\"param\":null,\"code\":null}}", "m", NULL,
       NULL, NULL, 0},
      {"{\"error\":{\"code\":502,\"message\":\"m\",\"metadata\":{}},\"user_id\":\"u\"}", "m", "502",
       NULL, NULL, 502},
      {"{\"error\":{\"message\":\"m\"},\"status_code\":429}", "m", NULL, NULL, NULL, 429},
      {"{\"error\":\"m\"}", "m", NULL, NULL, NULL, 0},
      {"{\"code\":\"c\",\"error\":\"m\"}", "m", "c", NULL, NULL, 0},
      {"{\"message\":\"m\",\"type\":\"t\",\"param\":\"p\",\"code\":\"1500\"}", "m", "1500", "t",
       "p", 0},
      {"{\"object\":\"error\",\"message\":\"m\",\"type\":\"t\",\"code\":400}", "m", "400", "t",
       NULL, 400},
      {"{\"detail\":\"m\"}", "m", NULL, NULL, NULL, 0},
      {"{\"detail\":{\"message\":\"m\",\"code\":\"c\"}}", "m", "c", NULL, NULL, 0},
      {"{\"detail\":[{\"loc\":[\"body\",\"messages\",0,\"role\"],\"msg\":\"m\",\"type\":\"enum\"}]"
       "}",
       "body.messages.0.role: m", NULL, NULL, NULL, 0},
      {"{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"m\"},{\"msg\":\"n\"},\"o\",7]}",
       "body: m; n; o; 7", NULL, NULL, NULL, 0},
      {"{\"errors\":[{\"message\":\"m\",\"code\":7003}],\"success\":false}", "m", "7003", NULL,
       NULL, 0},
      {"{\"errors\":[\"m\",\"n\"]}", "m; n", NULL, NULL, NULL, 0},
      {"[{\"error\":{\"message\":\"m\",\"code\":503}}]", "m", "503", NULL, NULL, 503},
      {"{\"statusCode\":401,\"message\":\"m\"}", "m", NULL, NULL, NULL, 0},
      {"{\"error\":{\"message\":7,\"code\":{},\"type\":[]}}", NULL, NULL, NULL, NULL, 0},
      {"{\"error\":null}", NULL, NULL, NULL, NULL, 0},
      {"{\"detail\":[]}", "", NULL, NULL, NULL, 0},
      {"[]", NULL, NULL, NULL, NULL, 0},
      {"{}", NULL, NULL, NULL, NULL, 0},
      {"\"m\"", NULL, NULL, NULL, NULL, 0},
      {"null", NULL, NULL, NULL, NULL, 0},
  };
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  for (size_t i = 0; i < CHECK_COUNT(shapes); i++) {
    const char *body = shapes[i].body;
    inst_complaint got = complaint_of(arena, body);
    is_text(body, "the message", got.message, shapes[i].message);
    is_text(body, "the code", got.code, shapes[i].code);
    is_text(body, "the type", got.type, shapes[i].type);
    is_text(body, "the param", got.param, shapes[i].param);
    if (got.status != shapes[i].status) fail_msg("the status of %s is %d", body, got.status);
  }
  inst_arena_free(arena);
}

static void what_else_a_body_tells_is_kept(void **state) {
  (void)state;
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_complaint got = complaint_of(arena, "{\"error\":{\"message\":\"m\",\"failed_generation\":"
                                           "\"{\\\"a\\\": \"},\"request_id\":\"req-1\"}");
  assert_text(got.failed_generation, "{\"a\": ");
  assert_text(got.request_id, "req-1");
  assert_text(complaint_of(arena, "{\"error\":{},\"x_groq\":{\"id\":\"g\"}}").request_id, "g");
  inst_arena_free(arena);
}

static void programs_go_by_the_code_or_else_the_type(void **state) {
  (void)state;
  static const struct {
    const char *body, *key;
  } cases[] = {
      {"{\"code\":\"c\",\"type\":\"t\"}", "c"},   {"{\"code\":400,\"type\":\"t\"}", "t"},
      {"{\"code\":null,\"type\":\"t\"}", "t"},    {"{\"code\":400}", "400"},
      {"{\"code\":7003,\"type\":\"t\"}", "7003"}, {"{\"code\":\"1500\",\"type\":\"t\"}", "1500"},
  };
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    inst_complaint got = complaint_of(arena, cases[i].body);
    is_text(cases[i].body, "the key", inst_complaint_key(&got), cases[i].key);
  }
  inst_arena_free(arena);
}

static void each_status_has_its_class(void **state) {
  (void)state;
  static const struct {
    int status;
    const char *body, *name;
  } cases[] = {
      {400, "{}", "bad_request"},
      {401, "{}", "authentication"},
      {402, "{}", "payment_required"},
      {403, "{}", "permission_denied"},
      {404, "{}", "not_found"},
      {408, "{}", "timeout"},
      {409, "{}", "conflict"},
      {413, "{}", "too_large"},
      {418, "{}", "bad_request"},
      {422, "{}", "unprocessable"},
      {429, "{}", "rate_limit"},
      {500, "{}", "server"},
      {529, "{}", "overloaded"},
      {599, "{}", "server"},
      {400, "{\"error\":{\"code\":\"content_filter\"}}", "content_filter"},
      {503, "{\"error\":{\"code\":\"content_filter\"}}", "server"},
      {200, "{}", "none"},
      {200, "{\"error\":{\"message\":\"m\",\"code\":429}}", "rate_limit"},
      {200, "{\"error\":\"m\"}", "server"},
      {304, "{\"error\":\"m\"}", "none"},
  };
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  for (size_t i = 0; i < CHECK_COUNT(cases); i++) {
    inst_complaint got = complaint_of(arena, cases[i].body);
    const char *name = inst_class_name(inst_complaint_class(&got, cases[i].status));
    if (strcmp(name, cases[i].name) != 0)
      fail_msg("%d %s is %s", cases[i].status, cases[i].body, name);
  }
  assert_string_equal(inst_class_name(INST_CLASS_COUNT), "unknown");
  inst_arena_free(arena);
}

static void nothing_is_shown_that_is_secret_and_no_words_without_end(void **state) {
  (void)state;
  const inst_str key = INST_LIT("sk-fake-0123456789");
  char longest[3 * INST_SAID_MAX];
  memset(longest, 'x', sizeof longest);
  inst_complaint said = {.message = {longest, sizeof longest},
                         .code = key,
                         .type = INST_LIT("with sk-fake-0123456789 in it"),
                         .param = key,
                         .failed_generation = key,
                         .request_id = key};
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_complaint shown = inst_complaint_shown(&said, (inst_secrets){&key, 1}, arena);
  assert_true(shown.message.n <= INST_SAID_MAX + 8 && shown.message.n > INST_SAID_MAX - 8);
  assert_text(shown.type, "with ****************** in it");
  const inst_str texts[] = {shown.code, shown.param, shown.failed_generation, shown.request_id};
  for (size_t i = 0; i < CHECK_COUNT(texts); i++) assert_text(texts[i], "******************");
  inst_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words_and_code_are_found_in_every_shape),
      cmocka_unit_test(what_else_a_body_tells_is_kept),
      cmocka_unit_test(programs_go_by_the_code_or_else_the_type),
      cmocka_unit_test(each_status_has_its_class),
      cmocka_unit_test(nothing_is_shown_that_is_secret_and_no_words_without_end),
  };
  return cmocka_run_group_tests_name("complaint", tests, NULL, NULL);
}
