/*
** Which row of providers a URL or a name leads to: a key follows the row, so the host must be exact.
*/
#include "spec/core/check.h"

static const char *row_of(const char *url) {
  return inst_provider_for_url(inst_str_of(url))->name;
}

static void a_row_is_found_by_its_exact_host(void **state) {
  (void)state;
  static const char *const openai[] = {
      "https://api.openai.com/v1",           "https://api.openai.com",
      "HTTPS://API.OpenAI.com/v1",           "https://api.openai.com:443/v1",
      "https://api.openai.com:8443?x=1",     "http://api.openai.com/v1",
      "https://user:fake@api.openai.com/v1", "https://evil.example@api.openai.com/",
      "https://api.openai.com#part",
  };
  for (size_t i = 0; i < CHECK_COUNT(openai); i++)
    if (strcmp(row_of(openai[i]), "openai") != 0) fail_msg("%s is not found", openai[i]);
  assert_string_equal(row_of("https://api.endpoints.anyscale.com/v1"), "anyscale");
}

static void a_host_that_only_looks_like_it_is_another(void **state) {
  (void)state;
  static const char *const others[] = {
      "https://api.openai.com.evil.example/v1",
      "https://evil.example/api.openai.com",
      "https://evil.example/https://api.openai.com/v1",
      "https://user@evil.example",
      "https://api.openai.com@evil.example/v1",
      "https://api.openai.com:fake@evil.example/v1",
      "https://evil.example?@api.openai.com/v1",
      "https://evil.example#@api.openai.com/v1",
      "https://evil.example\\@api.openai.com/v1",
      "https://api.openai.com\\.evil.example/v1",
      "https:/evil.example//api.openai.com/v1",
      "https:evil.example//api.openai.com/v1",
      "https:///api.openai.com/v1",
      "evil.example//api.openai.com/v1",
      "evil.example/://api.openai.com/v1",
      "//api.openai.com/v1",
      "://api.openai.com/v1",
      "api.openai.com/v1",
      "xapi.openai.com",
      "https://xapi.openai.com/v1",
      "https://api.openai.co",
      "https://api.openai.com./v1",
      "https://openai.com/v1",
      "http://127.0.0.1:8080/v1",
      "http://[::1]:8080/v1",
      "http://localhost",
      "https://",
      "",
  };
  for (size_t i = 0; i < CHECK_COUNT(others); i++)
    if (strcmp(row_of(others[i]), "compatible") != 0)
      fail_msg("%s is taken for %s", others[i], row_of(others[i]));
  assert_string_equal(inst_provider_for_url((inst_str){NULL, 0})->name, "compatible");
  assert_string_equal(
      inst_provider_for_url(INST_LIT("https://api.openai.com\0.evil.example"))->name, "compatible");
}

static void a_row_is_found_by_name_in_any_case(void **state) {
  (void)state;
  assert_string_equal(inst_provider_find(INST_LIT("OpenAI"))->name, "openai");
  assert_null(inst_provider_find(INST_LIT("openai ")));
  assert_null(inst_provider_find(INST_LIT("")));
  assert_null(inst_provider_find((inst_str){NULL, 0}));
}

static void every_row_is_whole(void **state) {
  (void)state;
  size_t n = 0;
  for (const inst_provider *row; (row = inst_provider_at(n)) != NULL; n++) {
    assert_non_null(row->name);
    assert_true((row->modes & 1u << row->default_mode) != 0);
    assert_true(row->modes < 1u << INST_MODE_COUNT);
    assert_ptr_equal(inst_provider_find(inst_str_of(row->name)), row);
    if (row->key_env == NULL) continue;
    assert_ptr_equal(inst_provider_for_url(inst_str_of(row->base_url)), row);
    assert_true(inst_str_starts(inst_str_of(row->base_url), INST_LIT("https://")));
  }
  assert_true(n >= 3);
  assert_null(inst_provider_at(n));
  assert_null(inst_provider_at((size_t)-1));
}

static void a_host_anyone_may_have_belongs_to_no_row(void **state) {
  (void)state;
  for (size_t i = 0; inst_provider_at(i) != NULL; i++) {
    const inst_provider *row = inst_provider_at(i);
    if (row->base_url == NULL || row->key_env != NULL) continue;
    assert_string_equal(row_of(row->base_url), "compatible");
  }
  assert_null(inst_provider_find(INST_LIT("compatible"))->base_url);
  assert_null(inst_provider_find(INST_LIT("compatible"))->key_env); /* no key goes anywhere */
}

static void modes_are_found_in_any_letter_case(void **state) {
  (void)state;
  assert_int_equal(inst_mode_find(INST_LIT("tools")), INST_MODE_TOOLS);
  assert_int_equal(inst_mode_find(INST_LIT("Json_Schema")), INST_MODE_JSON_SCHEMA);
  assert_int_equal(inst_mode_find(INST_LIT("TOOL")), INST_MODE_COUNT);
  assert_int_equal(inst_mode_find((inst_str){NULL, 0}), INST_MODE_COUNT);
  for (int mode = 0; mode < INST_MODE_COUNT; mode++) {
    const char *name = inst_mode_name((inst_mode)mode);
    assert_int_equal(inst_mode_find(inst_str_of(name)), mode);
  }
  assert_string_equal(inst_mode_name(INST_MODE_COUNT), "unknown");
  assert_string_equal(inst_mode_name((inst_mode)-1), "unknown");
}

static void a_row_knows_its_own_hosts(void **state) {
  (void)state;
  const inst_provider *together = inst_provider_find(INST_LIT("together"));
  assert_true(inst_provider_is_host(together, INST_LIT("https://api.together.xyz/v1")));
  assert_true(inst_provider_is_host(together, INST_LIT("https://API.together.ai:443")));
  assert_false(inst_provider_is_host(together, INST_LIT("https://api.openai.com/v1")));
  assert_false(inst_provider_is_host(together, INST_LIT("https://127.0.0.1/v1")));
  assert_false(inst_provider_is_host(together, (inst_str){NULL, 0}));
}

static void headers_that_hold_secrets_are_known_by_name(void **state) {
  (void)state;
  static const char *const secret[] = {"Authorization", "api-key",        "X-Auth",
                                       "Set-Cookie",    "x-goog-api-KEY", "My-Token"};
  for (size_t i = 0; i < CHECK_COUNT(secret); i++)
    if (!inst_header_is_secret(inst_str_of(secret[i]))) fail_msg("%s is shown", secret[i]);
  assert_false(inst_header_is_secret(INST_LIT("Content-Type")));
  assert_false(inst_header_is_secret(INST_LIT("ke")));
  assert_false(inst_header_is_secret((inst_str){NULL, 0}));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_row_is_found_by_its_exact_host),
      cmocka_unit_test(a_host_that_only_looks_like_it_is_another),
      cmocka_unit_test(a_row_is_found_by_name_in_any_case),
      cmocka_unit_test(every_row_is_whole),
      cmocka_unit_test(a_host_anyone_may_have_belongs_to_no_row),
      cmocka_unit_test(modes_are_found_in_any_letter_case),
      cmocka_unit_test(a_row_knows_its_own_hosts),
      cmocka_unit_test(headers_that_hold_secrets_are_known_by_name),
  };
  return cmocka_run_group_tests_name("providers", tests, NULL, NULL);
}
