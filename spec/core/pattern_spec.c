/*
** The translation of patterns: what is written for PCRE2, word for word; what is refused, with
** which words and where; which captures both remember alike; limits; memory that runs out.
*/
#include "spec/core/check.h"

#include "core/base/error.h"
#include "core/schema/pattern.h"

/* ---- helpers --------------------------------------------------------------------------------- */

/* The translation, ended by '\0'; 'out' keeps it. */
static const char *translate(inst_str source, const char *flags, inst_buf *out) {
  inst_error error = {0};
  inst_buf_init(out, (inst_alloc){0});
  if (inst_pattern_translate(source, inst_str_of(flags), out, &error) != 0)
    fail_msg("%s", error.text);
  inst_buf_byte(out, '\0');
  return out->p;
}

static void assert_translates(inst_str source, const char *flags, const char *expected) {
  inst_buf out;
  assert_string_equal(translate(source, flags, &out), expected);
  inst_buf_clear(&out);
}

static void refuse(inst_str source, const char *flags, inst_error *error) {
  inst_buf out;
  *error = (inst_error){0};
  inst_buf_init(&out, (inst_alloc){0});
  if (inst_pattern_translate(source, inst_str_of(flags), &out, error) != -1)
    fail_msg("%.*s was not refused", (int)source.n, source.p);
  assert_int_equal(error->code, INST_E_USAGE);
  inst_buf_clear(&out);
}

/* 'text' is the message without 'regex "...": '. */
static void assert_refused(const char *source, const char *flags, const char *text, size_t at) {
  inst_error error;
  char expected[sizeof error.text];
  bool is_flag = strncmp(text, "regex flag", 10) == 0;
  snprintf(expected, sizeof expected, is_flag ? "%.0s%s" : "regex \"%s\": %s", source, text);
  refuse(inst_str_of(source), flags, &error);
  assert_string_equal(error.text, expected);
  assert_int_equal(error.offset, at);
}

static void assert_remembered_alike(const char *source, bool expected) {
  inst_error error = {0};
  inst_buf out;
  inst_buf_init(&out, (inst_alloc){0});
  int fault = inst_pattern_translate(inst_str_of(source), INST_LIT(""), &out, &error);
  if ((fault == 0) != expected) fail_msg("%s: %s", source, fault == 0 ? "accepted" : error.text);
  if (fault != 0) assert_non_null(strstr(error.text, "cannot be honoured: a repeat may"));
  inst_buf_clear(&out);
}

/* ---- what is written ------------------------------------------------------------------------- */

static const struct {
  const char *source, *flags, *translation;
} translations[] = {
    {"", "", "(?s)"},
    {"abc_1", "", "(?s)abc_1"},
    {"a b#é😀", "", "(?s)a\\x{20}b\\x{23}\\x{E9}\\x{1F600}"},
    {".", "", "(?s)[^\\x{A}\\x{D}\\x{2028}\\x{2029}]"},
    {".", "s", "(?s)."},
    {"^a$", "", "(?s)\\Aa\\z"},
    {"^a$", "m",
     "(?s)(?<![^\\x{A}\\x{D}\\x{2028}\\x{2029}])a(?![^\\x{A}\\x{D}\\x{2028}\\x{2029}])"},
    {"\\b\\B", "", "(?s)\\b\\B"},
    {"\\b", "i", "(?si)(?:(?<=[0-9A-Z_a-z])(?![0-9A-Z_a-z])|(?<![0-9A-Z_a-z])(?=[0-9A-Z_a-z]))"},
    {"\\B", "i", "(?si)(?:(?<=[0-9A-Z_a-z])(?=[0-9A-Z_a-z])|(?<![0-9A-Z_a-z])(?![0-9A-Z_a-z]))"},
    {"\\d\\D", "", "(?s)[0-9][^0-9]"},
    {"\\w\\W", "", "(?s)[0-9A-Z_a-z][^0-9A-Z_a-z]"},
    {"\\w\\W", "i", "(?si)[0-9A-Z_a-z\\x{17F}\\x{212A}][^0-9A-Z_a-z\\x{17F}\\x{212A}]"},
    {"\\s\\S", "",
     "(?s)[\\x{9}-\\x{D}\\x{20}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}-\\x{2029}\\x{202F}\\x{"
     "205F}\\x{3000}\\x{FEFF}][^\\x{9}-\\x{D}\\x{20}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}-"
     "\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}]"},
    {"[\\D\\w-]", "", "(?s)[\\x{0}-\\x{2F}\\x{3A}-\\x{10FFFF}0-9A-Z_a-z\\x{2D}]"},
    {"[\\W]", "i",
     "(?si)[\\x{0}-\\x{2F}\\x{3A}-\\x{40}\\x{5B}-\\x{5E}\\x{60}\\x{7B}-\\x{17E}\\x{180}-\\x{2129}"
     "\\x{212B}-\\x{10FFFF}]"},
    {"[a-z&&^]", "", "(?s)[a-z\\x{26}\\x{26}\\x{5E}]"},
    {"[^\\]\\\\[:^-]", "", "(?s)[^\\x{5D}\\x{5C}\\x{5B}\\x{3A}\\x{5E}\\x{2D}]"},
    {"[]a[^]", "", "(?s)[^\\x{0}-\\x{10FFFF}]a."},
    {"[\\uD800-\\uDFFF]", "", "(?s)[^\\x{0}-\\x{10FFFF}]"},
    {"[^\\uD800-\\uDFFF]", "", "(?s)."},
    {"[\\u{D000}-\\uE001]", "", "(?s)[\\x{D000}-\\x{E001}]"},
    {"\\uD83D\\uDE00\\uD83D", "", "(?s)\\x{1F600}[^\\x{0}-\\x{10FFFF}]"},
    {"\\x41\\u0042\\u{43}\\cJ\\0\\/\\-\\t", "", "(?s)ABC\\x{A}\\x{0}\\x{2F}\\x{2D}\\x{9}"},
    {"[\\b\\x41-\\u{43}]", "", "(?s)[\\x{8}A-C]"},
    {"(?:a)(b)(?<c>d)(?=e)(?!f)(?<=g)(?<!h)|i", "",
     "(?s)(?:a)(b)(d)(?=(?:)e)(?!f)(?<=g)(?<!h)|(?C0)i"},
    {"a*b+?c{2}d{2,}e{2,3}?", "",
     "(?s)(?C1)a{0,}(?C2)(?C1)b{1,}?(?C2)c{2,2}(?C1)d{2,}(?C2)e{2,3}?(?C0)"},
    {"a{0,16}b{0,17}(?:c){0,99}", "", "(?s)a{0,16}(?C0)(?C1)b{0,17}(?C2)(?:c(?C0)){0,99}"},
    {"[ab]+?\\d*", "", "(?s)(?C1)[ab]{1,}?(?C2)(?C1)[0-9]{0,}(?C2)"},
    {"(a)\\1{2}\\1", "", "(?s)(a)(?C4)\\g{1}{2,2}(?C4)\\g{1}"},
    {"(?<n>a)\\k<n>", "", "(?s)(a)(?C4)\\g{1}"},
    {"\\k<n>\\1(?<n>a\\1)", "", "(?s)(?:)(?:)(a(?:))"},
    {"(?:(a)|\\1)(?!(b))\\2", "", "(?s)(?:(a)|(?C0)(?:))(?!(b))(?:)"},
    {"a{b{2{2,}}]{,", "", "(?s)a\\x{7B}b\\x{7B}(?C1)2{2,}(?C2)\\x{7D}\\x{5D}\\x{7B}\\x{2C}"},
    {"\\p{L}\\P{Lu}[^\\p{gc=Nd}]", "", "(?s)\\p{L}\\P{Lu}[^\\p{Nd}]"},
    {"\\p{L}\\P{Emoji}", "i", "(?si)[\\p{L}\\x{345}][\\P{Emoji}\\x{24C2}]"},
    {"\\p{Script=Greek}\\p{scx=Grek}\\P{Assigned}", "", "(?s)\\p{sc:Greek}\\p{scx:Grek}\\p{Cn}"},
    {"\\p{sc=Greek}", "i", "(?si)[\\p{sc:Greek}\\x{B5}\\x{345}]"},
};

static void each_construct_is_written_so_that_it_means_the_same(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof translations / sizeof *translations; i++)
    assert_translates(inst_str_of(translations[i].source), translations[i].flags,
                      translations[i].translation);
}

static void no_character_keeps_a_meaning_of_pcre2(void **state) {
  (void)state;
  for (uint32_t c = 1; c < 0x80; c++) {
    char source[4] = "[\\ ", expected[32];
    bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (is_word) continue; /* after a backslash these mean something or are refused */
    source[2] = (char)c;
    snprintf(expected, sizeof expected, c == '_' ? "(?s)_" : "(?s)\\x{%X}", (unsigned)c);
    assert_translates((inst_str){source + 1, 2}, "", expected);
  }
}

static void a_zero_byte_is_a_character(void **state) {
  (void)state;
  assert_translates((inst_str){"a\0[\0]", 5}, "", "(?s)a\\x{0}[\\x{0}]");
}

static void no_source_is_the_empty_pattern(void **state) {
  (void)state;
  assert_translates((inst_str){NULL, 0}, "", "(?s)");
}

static void the_translation_is_appended(void **state) {
  (void)state;
  inst_buf out;
  inst_buf_init(&out, (inst_alloc){0});
  inst_buf_add(&out, INST_LIT("before "));
  assert_int_equal(inst_pattern_translate(INST_LIT("a+"), INST_LIT(""), &out, NULL), 0);
  assert_int_equal(inst_pattern_translate(INST_LIT("b"), INST_LIT("i"), &out, NULL), 0);
  inst_str text = inst_buf_text(&out);
  assert_true(inst_str_is(text, INST_LIT("before (?s)(?C1)a{1,}(?C2)(?si)b")));
  inst_buf_clear(&out);
}

static void a_reference_to_a_far_group_has_the_last_callout(void **state) {
  (void)state;
  inst_buf source, out;
  inst_buf_init(&source, (inst_alloc){0});
  for (int i = 0; i < 300; i++) inst_buf_add(&source, INST_LIT("(a)"));
  inst_buf_add(&source, INST_LIT("\\251\\252\\300"));
  const char *text = translate(inst_buf_text(&source), "", &out);
  assert_non_null(strstr(text, "(a)(?C254)\\g{251}(?C255)\\g{252}(?C255)\\g{300}"));
  inst_buf_clear(&out);
  inst_buf_clear(&source);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static const struct {
  const char *source, *flags, *text;
  size_t at;
} refusals[] = {
    {"(?<=a+)b", "", "lookbehind of unbounded length at 0 cannot be honoured", 0},
    {"(?<=a*)b", "", "lookbehind of unbounded length at 0 cannot be honoured", 0},
    {"x(?<!ab{2,})c", "", "lookbehind of unbounded length at 1 cannot be honoured", 1},
    {"(?<=ab?)c", "", "lookbehind of varying length at 0 cannot be honoured", 0},
    {"(?<=a(?:b|cd))e", "", "lookbehind of varying length at 0 cannot be honoured", 0},
    {"(?<=(?:a|bc))d", "", "lookbehind of varying length at 0 cannot be honoured", 0},
    {"(?<=a|b{1,3})c", "", "lookbehind of varying length at 0 cannot be honoured", 0},
    {"(?<!.{65535}.)a", "", "lookbehind of more than 65535 characters at 0 cannot be honoured", 0},
    {"(a)(?<=\\1)b", "", "\"\\1\" at 7 inside a lookbehind cannot be honoured", 7},
    {"(a)(?<=(?=\\1))b", "", "\"\\1\" at 10 inside a lookbehind cannot be honoured", 10},
    {"(?<=(a)\\1)b", "", "\"\\1\" at 7 inside a lookbehind cannot be honoured", 7},
    {"(?<=(\\w){2})\\1", "",
     "\"\\1\" at 12 cannot be honoured: a repeat may skip or empty its group", 12},
    {"(?:(a)|b)*\\1", "", "\"\\1\" at 10 cannot be honoured: a repeat may skip or empty its group",
     10},
    {"(?:(a)?b)+\\1", "", "\"\\1\" at 10 cannot be honoured: a repeat may skip or empty its group",
     10},
    {"(a?)*\\1", "", "\"\\1\" at 5 cannot be honoured: a repeat may skip or empty its group", 5},
    {"(?:(?=(a)))?\\1", "",
     "\"\\1\" at 12 cannot be honoured: a repeat may skip or empty its group", 12},
    {"(?:(?=(a))\\w*)*\\1", "",
     "\"\\1\" at 15 cannot be honoured: a repeat may skip or empty its group", 15},
    {"(?:(?:(a)|b)\\1)*", "",
     "\"\\1\" at 12 cannot be honoured: a repeat may skip or empty its group", 12},
    {"(?:(a)?\\1)+", "", "\"\\1\" at 7 cannot be honoured: a repeat may skip or empty its group",
     7},
    {"(?:(?:x(a)|b)+\\1)", "",
     "\"\\1\" at 14 cannot be honoured: a repeat may skip or empty its group", 14},
    {"a++", "", "\"+\" at 2 has nothing to repeat", 2},
    {"a*+", "", "\"+\" at 2 has nothing to repeat", 2},
    {"a?+", "", "\"+\" at 2 has nothing to repeat", 2},
    {"a**", "", "\"*\" at 2 has nothing to repeat", 2},
    {"a{2}{3}", "", "\"{3}\" at 4 has nothing to repeat", 4},
    {"a?\??", "", "\"?\" at 3 has nothing to repeat", 3},
    {"*a", "", "\"*\" at 0 has nothing to repeat", 0},
    {"+a", "", "\"+\" at 0 has nothing to repeat", 0},
    {"?a", "", "\"?\" at 0 has nothing to repeat", 0},
    {"{2}a", "", "\"{2}\" at 0 has nothing to repeat", 0},
    {"a|*", "", "\"*\" at 2 has nothing to repeat", 2},
    {"(*)", "", "\"*\" at 1 has nothing to repeat", 1},
    {"(?:+)", "", "\"+\" at 3 has nothing to repeat", 3},
    {"(*ACCEPT)", "", "\"*\" at 1 has nothing to repeat", 1},
    {"(*UTF)a", "", "\"*\" at 1 has nothing to repeat", 1},
    {"^*", "", "\"*\" at 1 has nothing to repeat", 1},
    {"$+", "", "\"+\" at 1 has nothing to repeat", 1},
    {"\\b?", "", "\"?\" at 2 has nothing to repeat", 2},
    {"\\B{2}", "", "\"{2}\" at 2 has nothing to repeat", 2},
    {"(?=a)*", "", "\"*\" at 5 has nothing to repeat", 5},
    {"(?!a)+", "", "\"+\" at 5 has nothing to repeat", 5},
    {"(?<=a)?", "", "\"?\" at 6 has nothing to repeat", 6},
    {"a{,5}", "", "\"{,5}\" at 1 wants its lower bound", 1},
    {"a{65536}", "", "\"{65536}\" at 1 counts beyond 65535", 1},
    {"a{0,99999999999999999999}", "", "\"{0,99999999999999999999}\" at 1 counts beyond 65535", 1},
    {"a{3,2}", "", "\"{3,2}\" at 1 has its bounds the wrong way round", 1},
    {"(a", "", "\"(\" at 0 is never closed", 0},
    {"a)", "", "\")\" at 1 closes no group", 1},
    {"(?:a", "", "\"(\" at 0 is never closed", 0},
    {"(?=a", "", "\"(\" at 0 is never closed", 0},
    {"a(b(c)", "", "\"(\" at 1 is never closed", 1},
    {")", "", "\")\" at 0 closes no group", 0},
    {"[a", "", "\"[\" at 0 is never closed", 0},
    {"[^a", "", "\"[\" at 0 is never closed", 0},
    {"[a-", "", "\"[\" at 0 is never closed", 0},
    {"[", "", "\"[\" at 0 is never closed", 0},
    {"[\\]", "", "\"[\" at 0 is never closed", 0},
    {"[b-a]", "", "\"b-a\" at 1 is a range that runs backwards", 1},
    {"[\\d-\\u{0}x-a]", "", "\"x-a\" at 9 is a range that runs backwards", 9},
    {"[[:alpha:]]", "", "\"[:alpha:]\" at 1 is a class of POSIX, not of ECMAScript", 1},
    {"[^[:^digit:]_]", "", "\"[:^digit:]\" at 2 is a class of POSIX, not of ECMAScript", 2},
    {"[a[:space:]]", "", "\"[:space:]\" at 2 is a class of POSIX, not of ECMAScript", 2},
    {"(?i)a", "", "\"(?i\" at 0 opens no group known here", 0},
    {"(?i:a)", "", "\"(?i\" at 0 opens no group known here", 0},
    {"(?-i)a", "", "\"(?-\" at 0 opens no group known here", 0},
    {"(?#x)", "", "\"(?#\" at 0 opens no group known here", 0},
    {"(?>a)", "", "\"(?>\" at 0 opens no group known here", 0},
    {"(?R)", "", "\"(?R\" at 0 opens no group known here", 0},
    {"(?1)", "", "\"(?1\" at 0 opens no group known here", 0},
    {"(?|a)", "", "\"(?|\" at 0 opens no group known here", 0},
    {"(?P<n>a)", "", "\"(?P\" at 0 opens no group known here", 0},
    {"(?P=n)", "", "\"(?P\" at 0 opens no group known here", 0},
    {"(?'n'a)", "", "\"(?'\" at 0 opens no group known here", 0},
    {"(?&n)", "", "\"(?&\" at 0 opens no group known here", 0},
    {"(?(1)a)", "", "\"(?(\" at 0 opens no group known here", 0},
    {"(?C1)a", "", "\"(?C\" at 0 opens no group known here", 0},
    {"(?", "", "\"(?\" at 0 opens no group known here", 0},
    {"(?)", "", "\"(?)\" at 0 opens no group known here", 0},
    {"(?<n", "", "\"(?<\" at 0 wants a group's name and \">\"", 0},
    {"(?<1a>b)", "", "\"(?<\" at 0 wants a group's name and \">\"", 0},
    {"(?<>b)", "", "\"(?<\" at 0 wants a group's name and \">\"", 0},
    {"(?<a-b>c)", "", "\"(?<\" at 0 wants a group's name and \">\"", 0},
    {"(?<a\\u0062>c)", "", "\"(?<\" at 0 wants a group's name and \">\"", 0},
    {"(?<n>a)(?<n>b)", "", "\"(?<n>\" at 7 takes the name of another group", 7},
    {"(?<n>a)|(?<n>b)", "", "\"(?<n>\" at 8 takes the name of another group", 8},
    {"\\1", "", "\"\\1\" at 0 refers to a group there is not", 0},
    {"(a)\\2", "", "\"\\2\" at 3 refers to a group there is not", 3},
    {"(?:a)\\1", "", "\"\\1\" at 5 refers to a group there is not", 5},
    {"(a)\\99999999999", "", "\"\\99999999999\" at 3 refers to a group there is not", 3},
    {"\\8", "", "\"\\8\" at 0 refers to a group there is not", 0},
    {"\\k<n>", "", "\"\\k<n>\" at 0 refers to a group there is not", 0},
    {"(?<n>a)\\k<m>", "", "\"\\k<m>\" at 7 refers to a group there is not", 7},
    {"(?<n>a)\\k", "", "\"\\k\" at 7 wants a group's name in \"<>\"", 7},
    {"(?<n>a)\\k<n", "", "\"\\k<\" at 7 wants a group's name and \">\"", 7},
    {"(?<n>a)\\k{n}", "", "\"\\k\" at 7 wants a group's name in \"<>\"", 7},
    {"(?<n>a)\\k'n'", "", "\"\\k\" at 7 wants a group's name in \"<>\"", 7},
    {"\\A", "", "\"\\A\" at 0 is no escape in ECMAScript", 0},
    {"\\Z", "", "\"\\Z\" at 0 is no escape in ECMAScript", 0},
    {"\\z", "", "\"\\z\" at 0 is no escape in ECMAScript", 0},
    {"\\G", "", "\"\\G\" at 0 is no escape in ECMAScript", 0},
    {"\\K", "", "\"\\K\" at 0 is no escape in ECMAScript", 0},
    {"\\Q", "", "\"\\Q\" at 0 is no escape in ECMAScript", 0},
    {"\\E", "", "\"\\E\" at 0 is no escape in ECMAScript", 0},
    {"\\R", "", "\"\\R\" at 0 is no escape in ECMAScript", 0},
    {"\\X", "", "\"\\X\" at 0 is no escape in ECMAScript", 0},
    {"\\N", "", "\"\\N\" at 0 is no escape in ECMAScript", 0},
    {"\\C", "", "\"\\C\" at 0 is no escape in ECMAScript", 0},
    {"\\h", "", "\"\\h\" at 0 is no escape in ECMAScript", 0},
    {"\\H", "", "\"\\H\" at 0 is no escape in ECMAScript", 0},
    {"\\V", "", "\"\\V\" at 0 is no escape in ECMAScript", 0},
    {"\\a", "", "\"\\a\" at 0 is no escape in ECMAScript", 0},
    {"\\e", "", "\"\\e\" at 0 is no escape in ECMAScript", 0},
    {"\\g{1}", "", "\"\\g\" at 0 is no escape in ECMAScript", 0},
    {"\\g1", "", "\"\\g\" at 0 is no escape in ECMAScript", 0},
    {"\\o{12}", "", "\"\\o\" at 0 is no escape in ECMAScript", 0},
    {"\\i", "", "\"\\i\" at 0 is no escape in ECMAScript", 0},
    {"\\y", "", "\"\\y\" at 0 is no escape in ECMAScript", 0},
    {"\\L", "", "\"\\L\" at 0 is no escape in ECMAScript", 0},
    {"[\\A]", "", "\"\\A\" at 1 is no escape of a class in ECMAScript", 1},
    {"[\\B]", "", "\"\\B\" at 1 is no escape of a class in ECMAScript", 1},
    {"[\\h]", "", "\"\\h\" at 1 is no escape of a class in ECMAScript", 1},
    {"[\\k]", "", "\"\\k\" at 1 is no escape of a class in ECMAScript", 1},
    {"[\\1]", "", "\"\\1\" at 1 is no escape of a class in ECMAScript", 1},
    {"[\\8]", "", "\"\\8\" at 1 is no escape of a class in ECMAScript", 1},
    {"[\\N]", "", "\"\\N\" at 1 is no escape of a class in ECMAScript", 1},
    {"[\\X]", "", "\"\\X\" at 1 is no escape of a class in ECMAScript", 1},
    {"[\\E]", "", "\"\\E\" at 1 is no escape of a class in ECMAScript", 1},
    {"\\01", "", "\"\\01\" at 0 is an octal escape, which ECMAScript forbids", 0},
    {"\\00", "", "\"\\00\" at 0 is an octal escape, which ECMAScript forbids", 0},
    {"[\\07]", "", "\"\\07\" at 1 is an octal escape, which ECMAScript forbids", 1},
    {"\\x", "", "\"\\x\" at 0 wants two hexadecimal digits", 0},
    {"\\x4", "", "\"\\x\" at 0 wants two hexadecimal digits", 0},
    {"\\x{41}", "", "\"\\x\" at 0 wants two hexadecimal digits", 0},
    {"\\xg1", "", "\"\\x\" at 0 wants two hexadecimal digits", 0},
    {"[\\x]", "", "\"\\x\" at 1 wants two hexadecimal digits", 1},
    {"\\u", "", "\"\\u\" at 0 wants four hexadecimal digits", 0},
    {"\\u12", "", "\"\\u\" at 0 wants four hexadecimal digits", 0},
    {"\\u{}", "", "\"\\u{\" at 0 wants a code point up to 10FFFF and \"}\"", 0},
    {"\\u{110000}", "", "\"\\u{\" at 0 wants a code point up to 10FFFF and \"}\"", 0},
    {"\\u{41", "", "\"\\u{\" at 0 wants a code point up to 10FFFF and \"}\"", 0},
    {"\\u{ 41}", "", "\"\\u{\" at 0 wants a code point up to 10FFFF and \"}\"", 0},
    {"\\u{00000000000000110000}", "", "\"\\u{\" at 0 wants a code point up to 10FFFF and \"}\"", 0},
    {"\\c", "", "\"\\c\" at 0 wants a letter", 0},
    {"\\c1", "", "\"\\c\" at 0 wants a letter", 0},
    {"\\c_", "", "\"\\c\" at 0 wants a letter", 0},
    {"[\\c]", "", "\"\\c\" at 1 wants a letter", 1},
    {"a\\", "", "\"\\\" at 1 escapes nothing", 1},
    {"[a\\", "", "\"\\\" at 2 escapes nothing", 2},
    {"\\p", "", "\"\\p\" at 0 wants a property's name in braces", 0},
    {"\\pL", "", "\"\\p\" at 0 wants a property's name in braces", 0},
    {"\\p{", "", "\"\\p\" at 0 wants a property's name in braces", 0},
    {"\\p{}", "", "\"\\p{}\" at 0 is no property known here", 0},
    {"\\p{Foo}", "", "\"\\p{Foo}\" at 0 is no property known here", 0},
    {"\\p{greek}", "", "\"\\p{greek}\" at 0 is no property known here", 0},
    {"\\p{Greek}", "", "\"\\p{Greek}\" at 0 is no property known here", 0},
    {"\\p{lu}", "", "\"\\p{lu}\" at 0 is no property known here", 0},
    {"\\p{L&}", "", "\"\\p{L&}\" at 0 is no property known here", 0},
    {"\\p{^L}", "", "\"\\p{^L}\" at 0 is no property known here", 0},
    {"\\p{ L}", "", "\"\\p{ L}\" at 0 is no property known here", 0},
    {"\\p{Letter=L}", "", "\"\\p{Letter=L}\" at 0 is no property known here", 0},
    {"\\p{gc=Foo}", "", "\"\\p{gc=Foo}\" at 0 is no property known here", 0},
    {"\\p{sc=}", "", "\"\\p{sc=}\" at 0 is no property known here", 0},
    {"\\p{sc=A-B}", "", "\"\\p{sc=A-B}\" at 0 is no property known here", 0},
    {"\\p{=L}", "", "\"\\p{=L}\" at 0 is no property known here", 0},
    {"\\p{L=}", "", "\"\\p{L=}\" at 0 is no property known here", 0},
    {"\\p{IsAlpha}", "", "\"\\p{IsAlpha}\" at 0 is no property known here", 0},
    {"\\p{InGreek}", "", "\"\\p{InGreek}\" at 0 is no property known here", 0},
    {"\\p{Xan}", "", "\"\\p{Xan}\" at 0 is no property known here", 0},
    {"\\p{Block=Latin}", "", "\"\\p{Block=Latin}\" at 0 is no property known here", 0},
    {"\\p{Changes_When_NFKC_Casefolded}", "",
     "\"\\p{Changes_When_NFKC_Casefolded}\" at 0 is no property known here", 0},
    {"\\p{RGI_Emoji}", "", "\"\\p{RGI_Emoji}\" at 0 is no property known here", 0},
    {"[\\p]", "", "\"\\p\" at 1 wants a property's name in braces", 1},
    {"[\\P{Nope}]", "", "\"\\P{Nope}\" at 1 is no property known here", 1},
    {"a", "y", "regex flag \"y\" cannot be honoured: a search is not sticky", 0},
    {"a", "v", "regex flag \"v\" cannot be honoured: sets of strings are not supported", 0},
    {"a", "x", "regex flag \"x\" cannot be honoured: it is unknown", 0},
    {"a", "gg", "regex flag \"g\" cannot be honoured: it is given twice", 0},
    {"a", "imsi", "regex flag \"i\" cannot be honoured: it is given twice", 0},
    {"a", "I", "regex flag \"I\" cannot be honoured: it is unknown", 0},
    {"a", "é", "regex flag \"?\" cannot be honoured: it is unknown", 0},
    {"\\p{Lu}", "i", "\"\\p{Lu}\" at 0 cannot be honoured together with flag i", 0},
    {"\\P{Ll}", "i", "\"\\P{Ll}\" at 0 cannot be honoured together with flag i", 0},
    {"[^\\p{Lowercase}]", "i", "\"\\p{Lowercase}\" at 2 cannot be honoured together with flag i",
     2},
    {"\\p{gc=Lt}", "i", "\"\\p{gc=Lt}\" at 0 cannot be honoured together with flag i", 0},
    {"\\p{CWU}", "iu", "\"\\p{CWU}\" at 0 cannot be honoured together with flag i", 0},
};

static void each_refusal_names_the_construct_and_its_place(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
    assert_refused(refusals[i].source, refusals[i].flags, refusals[i].text, refusals[i].at);
}

static void a_source_that_is_not_utf8_is_refused(void **state) {
  (void)state;
  inst_error error;
  refuse((inst_str){"ab\xC3(", 4}, "", &error);
  assert_string_equal(error.text, "regex \"ab?(\": byte at 2 is not UTF-8");
  assert_int_equal(error.offset, 2);
  refuse(inst_str_of("\xED\xA0\x80"), "", &error);
  assert_int_equal(error.offset, 0);
}

static void a_long_source_is_quoted_in_part(void **state) {
  (void)state;
  inst_error error;
  char source[2000];
  memset(source, 'a', sizeof source);
  source[sizeof source - 1] = '(';
  refuse((inst_str){source, sizeof source}, "", &error);
  assert_int_equal(error.offset, sizeof source - 1);
  assert_non_null(strstr(error.text, "aaa\xE2\x80\xA6\": \"(\" at 1999 is never closed"));
}

static void the_first_fault_stays(void **state) {
  (void)state;
  inst_error error = {0};
  inst_buf out;
  inst_buf_init(&out, (inst_alloc){0});
  inst_error_set(&error, INST_E_LIMIT, "an earlier fault");
  assert_int_equal(inst_pattern_translate(INST_LIT("a("), INST_LIT(""), &out, &error), -1);
  assert_int_equal(error.code, INST_E_LIMIT);
  assert_int_equal(error.offset, 0);
  inst_buf_clear(&out);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void fill(inst_buf *buf, const char *unit, size_t count) {
  for (size_t i = 0; i < count; i++) inst_buf_add(buf, inst_str_of(unit));
}

static void patterns_may_be_so_long_and_no_longer(void **state) {
  (void)state;
  inst_error error;
  inst_buf source, out;
  inst_buf_init(&source, (inst_alloc){0});
  fill(&source, "a", INST_PATTERN_MAX);
  translate(inst_buf_text(&source), "", &out);
  inst_buf_clear(&out);
  fill(&source, "a", 1);
  refuse(inst_buf_text(&source), "", &error);
  assert_non_null(strstr(error.text, "pattern of more than 65535 bytes at 0 cannot be honoured"));
  inst_buf_clear(&source);
}

static void groups_may_nest_so_deeply_and_no_deeper(void **state) {
  (void)state;
  inst_error error;
  inst_buf source, out;
  inst_buf_init(&source, (inst_alloc){0});
  fill(&source, "(", INST_PATTERN_DEPTH);
  fill(&source, ")", INST_PATTERN_DEPTH);
  translate(inst_buf_text(&source), "", &out);
  inst_buf_clear(&out);
  inst_buf_clear(&source);
  fill(&source, "(?:", INST_PATTERN_DEPTH + 1);
  refuse(inst_buf_text(&source), "", &error);
  assert_non_null(strstr(error.text, "\"(\" at 600 is nested too deeply"));
  inst_buf_clear(&source);
}

static void repeats_may_count_so_far_and_no_farther(void **state) {
  (void)state;
  assert_translates(INST_LIT("a{65535}"), "", "(?s)(?C1)a{65535,65535}(?C2)");
  assert_translates(INST_LIT("(?:a){0,65535}"), "", "(?s)(?:a(?C0)){0,65535}");
  assert_refused("a{65536,}", "", "\"{65536,}\" at 1 counts beyond 65535", 1);
}

static void a_lookbehind_is_measured_in_characters(void **state) {
  (void)state;
  static const char *const good[] = {"(?<=a{65535})b",
                                     "(?<=\xC3\xA9\xF0\x9F\x98\x80|.)b",
                                     "(?<=(?:ab|[^]c){3}\\b$)d",
                                     "(?<=(?=a+)(?<!b)a)b",
                                     "(?<!^|\\n)a",
                                     "(?<=a{0}|(?:b{2}){0}c)d",
                                     "(?<=)a",
                                     "(?<=a{2,2})b",
                                     "(?<=[]|\\uD800|\\p{L})a"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    inst_buf out;
    translate(inst_str_of(good[i]), "", &out);
    inst_buf_clear(&out);
  }
  assert_refused("(?<=(?:a{60000}){60000})b", "",
                 "lookbehind of more than 65535 characters at 0 cannot be honoured", 0);
  assert_refused("(?<=(?:(?:a{65535}){65535}){65535})b", "",
                 "lookbehind of unbounded length at 0 cannot be honoured", 0);
}

/* ---- captures -------------------------------------------------------------------------------- */

static void references_that_both_remember_alike_are_kept(void **state) {
  (void)state;
  static const char *const alike[] = {"(a)\\1",
                                      "(a)?\\1",
                                      "(?:(a)|b)\\1",
                                      "(a)*\\1",
                                      "(a)+\\1",
                                      "(?:(a)b)*\\1",
                                      "(?:(a)\\1)*",
                                      "(?:(a)(?:\\1|c))+",
                                      "(?:(a)|b)?\\1",
                                      "(?:(a)\\1|b)*",
                                      "(?=(a))\\1",
                                      "(?:(?=(a))b)*\\1",
                                      "(a{0,3})\\1",
                                      "(a*)?\\1",
                                      "(?<=(a)(b))\\1",
                                      "(?:(?:(a)|b)c)\\1",
                                      "(?:(a|b)c)*\\1",
                                      "((a)|b)\\1\\2",
                                      "(?:(\\w)(?!.*\\1))*",
                                      "(?:(a){2}\\1)*",
                                      "(?:a(?:b(c)))+\\1",
                                      "(?=(a*?))\\1",
                                      "(?=(?:b*?)(a*))(?:b*?)?\\1"};
  for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) assert_remembered_alike(alike[i], true);
}

static void references_that_they_remember_differently_are_refused(void **state) {
  (void)state;
  static const char *const unlike[] = {"(?:(a)|b)*\\1",
                                       "(?:(a)|b){2}\\1",
                                       "(?:(a)?b)+\\1",
                                       "(?:(a){0,1}b){3}\\1",
                                       "(a?)*\\1",
                                       "(a*)+\\1",
                                       "((a)|b)*\\2",
                                       "(?:(?=(a)))?\\1",
                                       "(?:(?=(a))b*)*\\1",
                                       "(?:(?:(a)|b)\\1)*",
                                       "(?:(a)?\\1)+",
                                       "(?:(?:(a)|b)c)+\\1",
                                       "(?<=(\\w){2})\\1",
                                       "(?<=(?:(a)b){2})\\1",
                                       "(?:x(?:(a)*)\\1)*",
                                       "(?:(?:(a)|b)(?:c\\1|d))*",
                                       "(?<n>a|(?<m>b))*\\k<m>",
                                       "(?=(a*?)?)\\1",
                                       "(?=(?:b*?)?(a*))\\1"};
  for (size_t i = 0; i < sizeof unlike / sizeof *unlike; i++)
    assert_remembered_alike(unlike[i], false);
}

static void references_that_never_see_a_capture_match_nothing(void **state) {
  (void)state;
  static const char *const blind[] = {
      "\\1(a)",       "(a\\1)",      "(?:\\1(a))*",      "(?:(a)|\\1)*",    "(?!(a))\\1",
      "(a(?:b\\1))+", "(?<!(a))\\1", "(?:(?!(a))b)*\\1", "\\k<n>(?<n>(a))", "(?:(a)|b|c\\1)"};
  for (size_t i = 0; i < sizeof blind / sizeof *blind; i++) {
    inst_buf out;
    const char *text = translate(inst_str_of(blind[i]), "", &out);
    assert_null(strstr(text, "\\g{"));
    assert_non_null(strstr(text, "(?:)"));
    inst_buf_clear(&out);
  }
}

/* ---- places ---------------------------------------------------------------------------------- */

static void assert_place(const char *source, const char *piece, size_t expected) {
  inst_buf out;
  const char *text = translate(inst_str_of(source), "", &out), *found = strstr(text, piece);
  assert_non_null(found);
  size_t at = (size_t)(found - text);
  assert_int_equal(inst_pattern_place(inst_str_of(source), INST_LIT(""), at, (inst_alloc){0}),
                   expected);
  inst_buf_clear(&out);
}

static void places_in_the_translation_lead_back_to_the_source(void **state) {
  (void)state;
  assert_place("ab", "a", 0);
  assert_place("ab", "b", 1);
  assert_place("\xC3\xA9.x", "x{A}", 2);
  assert_place("a+\\p{L}*b", "p{L}", 2);
  assert_place("a(?<n>[b\\p{Lu}]+?)c", "p{Lu}", 6);
  assert_place("(a)(b)\\1", "\\g", 6);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool translate_with(inst_alloc alloc, void *ctx) {
  inst_error error = {0};
  inst_buf out;
  inst_buf_init(&out, alloc);
  int fault = inst_pattern_translate(inst_str_of(ctx), INST_LIT("im"), &out, &error);
  inst_buf_clear(&out);
  assert_int_equal(error.code, fault == 0 ? INST_E_NONE : INST_E_MEMORY);
  return fault == 0;
}

static void every_failed_allocation_is_an_ordinary_error(void **state) {
  (void)state;
  char source[] =
      "^(?<n>a+)(?:(b)|[^\\W\\d])(?<=\\p{L})\\k<n>{1,20}\\2\\b[\\uD800]((((((c))))))\\4\\5\\6$";
  assert_true(check_every_failure(translate_with, source) > 5);
}

static bool refuse_with(inst_alloc alloc, void *ctx) {
  inst_error error = {0};
  inst_buf out;
  inst_buf_init(&out, alloc);
  assert_int_equal(inst_pattern_translate(inst_str_of(ctx), INST_LIT(""), &out, &error), -1);
  inst_buf_clear(&out);
  if (error.code == INST_E_MEMORY) return false;
  assert_int_equal(error.code, INST_E_USAGE);
  return true;
}

static void a_refusal_needs_memory_and_says_when_there_is_none(void **state) {
  (void)state;
  char source[] = "(a)(?<n>b)+\\1\\k<n>(?<=x*)";
  check_every_failure(refuse_with, source);
}

static bool find_place(inst_alloc alloc, void *ctx) {
  return inst_pattern_place(inst_str_of(ctx), INST_LIT(""), 50, alloc) == 12;
}

static void a_place_is_sought_without_leaks(void **state) {
  (void)state;
  char source[] = "(a)(?<n>b)+.\\s";
  check_every_failure(find_place, source);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_construct_is_written_so_that_it_means_the_same),
      cmocka_unit_test(no_character_keeps_a_meaning_of_pcre2),
      cmocka_unit_test(a_zero_byte_is_a_character),
      cmocka_unit_test(no_source_is_the_empty_pattern),
      cmocka_unit_test(the_translation_is_appended),
      cmocka_unit_test(a_reference_to_a_far_group_has_the_last_callout),
      cmocka_unit_test(each_refusal_names_the_construct_and_its_place),
      cmocka_unit_test(a_source_that_is_not_utf8_is_refused),
      cmocka_unit_test(a_long_source_is_quoted_in_part),
      cmocka_unit_test(the_first_fault_stays),
      cmocka_unit_test(patterns_may_be_so_long_and_no_longer),
      cmocka_unit_test(groups_may_nest_so_deeply_and_no_deeper),
      cmocka_unit_test(repeats_may_count_so_far_and_no_farther),
      cmocka_unit_test(a_lookbehind_is_measured_in_characters),
      cmocka_unit_test(references_that_both_remember_alike_are_kept),
      cmocka_unit_test(references_that_they_remember_differently_are_refused),
      cmocka_unit_test(references_that_never_see_a_capture_match_nothing),
      cmocka_unit_test(places_in_the_translation_lead_back_to_the_source),
      cmocka_unit_test(every_failed_allocation_is_an_ordinary_error),
      cmocka_unit_test(a_refusal_needs_memory_and_says_when_there_is_none),
      cmocka_unit_test(a_place_is_sought_without_leaks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
