/*
** Foreign words quoted: what of them must not be shown, is not.
*/
#include "spec/core/arena_check.h"

#include "core/base/quote.h"
#include "core/base/text.h"

/* Stars over every place where 'secret' stands in 'text', from the left on. */
static void star_out_slowly(char *text, size_t n, inst_str secret) {
  for (size_t at = 0; at + secret.n <= n;) {
    bool found = true;
    for (size_t i = 0; i < secret.n; i++) found = found && text[at + i] == secret.p[i];
    if (found) memset(text + at, '*', secret.n);
    at += found ? secret.n : 1;
  }
}

/* All texts of twelve letters out of two. */
static void a_secret_is_found_wherever_it_stands(void **state) {
  (void)state;
  static const char *const secrets[] = {"aaaa", "abab", "aabb", "abbbbb", "bbbbbbbbbbbb"};
  for (size_t k = 0; k < CHECK_COUNT(secrets); k++)
    for (unsigned bits = 0; bits < 1u << 12; bits++) {
      char text[13] = {0}, expected[13];
      inst_str secret = inst_str_of(secrets[k]);
      for (unsigned i = 0; i < 12; i++) text[i] = (bits >> i & 1) != 0 ? 'a' : 'b';
      memcpy(expected, text, sizeof text);
      star_out_slowly(expected, 12, secret);
      inst_str shown = inst_quote_mask((inst_str){text, 12}, (inst_secrets){&secret, 1}, &scratch);
      assert_text(shown, expected);
      inst_arena_reset(&scratch);
    }
}

static void a_text_shorter_than_every_secret_is_quoted_as_it_is(void **state) {
  (void)state;
  inst_str secret = INST_LIT("sk-0123456789");
  inst_str text = inst_quote(INST_LIT("req_1"), (inst_secrets){&secret, 1}, &scratch);
  assert_text(text, "req_1");
  assert_string_equal(text.p, "req_1");
  assert_text(inst_quote(INST_LIT(""), (inst_secrets){&secret, 1}, &scratch), "");
  assert_no_text(inst_quote((inst_str){NULL, 0}, (inst_secrets){&secret, 1}, &scratch));
}

static void a_secret_is_starred_out_before_a_text_is_cut(void **state) {
  (void)state;
  inst_str secret = INST_LIT("0123456789");
  inst_secrets secrets = {&secret, 1};
  assert_text(inst_quote_upto(INST_LIT("key 0123456789"), 8, secrets, &scratch),
              "key ****\xE2\x80\xA6");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_secret_is_found_wherever_it_stands, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_text_shorter_than_every_secret_is_quoted_as_it_is, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_secret_is_starred_out_before_a_text_is_cut, set_up,
                                      tear_down),
  };
  return cmocka_run_group_tests_name("quote", tests, NULL, NULL);
}
