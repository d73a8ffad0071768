/*
** Formats of texts, and what their options change.
*/
#include "spec/core/schema_check.h"

static inst_node formatted(bench *b, const char *name, const char *options) {
  return check(b, node(b, KIND(STRING)),
               &(inst_check){.kind = CHECK(FORMAT),
                             .text = inst_str_of(name),
                             .extra = inst_str_of(options)});
}

static bool passes(bench *b, const char *text) {
  inst_value *v = inst_string(b->arena, inst_str_of(text));
  inst_parse *parse = inst_parse_new(b->schema, v, NULL, b->arena);
  assert_non_null(parse);
  return inst_parse_next(parse) == INST_PARSE_VALID;
}

/* Texts that have the format, and texts that have not; each list ends in NULL. */
static void check_texts_at(const char *name, const char *options, const char *const *good,
                           const char *const *bad, int line) {
  bench *b = set_bench();
  finish(b, formatted(b, name, options));
  for (; *good != NULL; good++)
    if (!passes(b, *good)) fail_msg("line %d: \"%s\" is no %s", line, *good, name);
  for (; *bad != NULL; bad++)
    if (passes(b, *bad)) fail_msg("line %d: \"%s\" is a %s", line, *bad, name);
  clear_bench(b);
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define assert_texts(name, options, good, bad)                                                     \
  check_texts_at((name), (options), (good), (bad), __LINE__)

/* ---- dates and times ------------------------------------------------------------------------- */

static void days_are_those_of_the_calendar(void **state) {
  (void)state;
  assert_texts("date", "", TEXTS("2024-12-31", "2024-02-29", "2400-02-29", "0000-01-01"),
               TEXTS("2023-02-29", "1900-02-29", "2024-04-31", "2024-00-10", "2024-13-01",
                     "2024-1-1", "02024-01-01", "2024-01-00", "2024/01/01", "2024-01-01T", ""));
}

static void times_have_no_zone(void **state) {
  (void)state;
  assert_texts("time", "", TEXTS("00:00", "23:59:59", "23:59:59.999999"),
               TEXTS("24:00", "12:60", "12:00:60", "1:00", "12:00Z", "12:00:00.", "12:0", ""));
  assert_texts("time", "precision=0", TEXTS("12:00:00"), TEXTS("12:00", "12:00:00.1"));
  assert_texts("time", "precision=3", TEXTS("12:00:00.123"),
               TEXTS("12:00:00", "12:00:00.12", "12:00:00.1234", "12:00"));
  assert_texts("time", "precision=-1", TEXTS("12:00"), TEXTS("12:00:00", "25:00"));
}

static void datetimes_end_in_z_unless_another_zone_or_none_is_allowed(void **state) {
  (void)state;
  assert_texts("datetime", "", TEXTS("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123Z"),
               TEXTS("2024-01-01T00:00Z", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z",
                     "2024-01-01T00:00:00+00:00", "2024-01-01t00:00:00Z", "2024-01-01T00:00:00z",
                     "1900-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01", ""));
  assert_texts(
      "datetime", "offset",
      TEXTS("2024-01-01T00:00:00Z", "2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00.5-23:59"),
      TEXTS("2024-01-01T00:00:00+0200", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+02:60",
            "2024-01-01T00:00:00"));
  assert_texts("datetime", "local offset",
               TEXTS("2024-01-01T00:00", "2024-01-01T00:00:00.1", "2024-01-01T00:00:00+01:00"),
               TEXTS("2024-01-01T00:00+01:00", "2024-01-01T", "2024-01-01T00:00Z"));
  assert_texts("datetime", "precision=3", TEXTS("2024-01-01T00:00:00.123Z"),
               TEXTS("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.12Z"));
  assert_texts("datetime", " precision=-1  local ", TEXTS("2024-01-01T00:00Z", "2024-01-01T00:00"),
               TEXTS("2024-01-01T00:00:00Z"));
}

static void durations_have_one_part_at_least(void **state) {
  (void)state;
  assert_texts(
      "duration", "", TEXTS("P1D", "P1Y2M3DT4H5M6S", "PT0S", "PT1.5S", "PT1,5S", "P2W", "P1YT1S"),
      TEXTS("P", "PT", "P1", "P1DT", "P1W1D", "P1S", "P1D1Y", "p1d", "P1.5D", "PT1.S", "-P1D", ""));
}

/* ---- networks -------------------------------------------------------------------------------- */

static void mail_addresses_are_plain(void **state) {
  (void)state;
  assert_texts("email", "",
               TEXTS("a@b.co", "first.last@example.com", "user+tag@sub.example.org", "o'neil@b-.co",
                     "_@1.io"),
               TEXTS("a@b", "a@", "@b.co", "a.@b.co", ".a@b.co", "a..b@c.co", "a'@b.co", "a@b..co",
                     "a@-b.co", "a@b.c", "a@b.co.", "a@b.c0m", "a@b@c.co", "\"q\"@b.co",
                     "a@\xC3\xA9.co", " a@b.co", "a@b.co\n", "plain", ""));
  assert_texts("email", "pattern=\"^[a-z\\\" ]+@corp$\"", TEXTS("bob@corp", "\"a b\"@corp"),
               TEXTS("bob@b.co"));
}

static void addresses_of_version_4_have_four_numbers(void **state) {
  (void)state;
  assert_texts("ipv4", "", TEXTS("0.0.0.0", "255.255.255.255", "127.0.0.1"),
               TEXTS("1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.-4", "1.2.3.", "....",
                     "1.2.3.4 ", ""));
  assert_texts("cidrv4", "", TEXTS("10.0.0.0/8", "0.0.0.0/0", "1.2.3.4/32"),
               TEXTS("1.2.3.4", "1.2.3.4/33", "1.2.3.4/08", "1.2.3.4/", "1.2.3/8", "::/8"));
}

static void addresses_of_version_6_have_eight_parts_or_a_gap(void **state) {
  (void)state;
  assert_texts(
      "ipv6", "",
      TEXTS("::", "::1", "1::", "2001:db8::1", "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4", "ABCD::"),
      TEXTS("", ":", ":::", "1::2::3", "g::", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::", "1::2:3:4:5:6:7:8", ":1", "1:", "::1.2.3", "::1.2.3.256",
            "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "::1%eth0", "[::1]"));
  assert_texts("cidrv6", "", TEXTS("::/0", "2001:db8::/32", "::ffff:1.2.3.4/96", "::1/128"),
               TEXTS("::1", "::/129", "::/1/2", "1.2.3.4/8"));
}

static void ip_and_cidr_take_either_version(void **state) {
  (void)state;
  assert_texts("ip", "", TEXTS("1.2.3.4", "::1"), TEXTS("1.2.3", "x"));
  assert_texts("ip", "version=4", TEXTS("1.2.3.4"), TEXTS("::1"));
  assert_texts("ip", "version=v6", TEXTS("::1"), TEXTS("1.2.3.4"));
  assert_texts("cidr", "", TEXTS("1.2.3.4/8", "::1/8"), TEXTS("1.2.3.4", "1.2.3.4/64"));
  assert_texts("cidr", "version=6", TEXTS("::1/8"), TEXTS("1.2.3.4/8"));
}

static void mac_addresses_are_of_one_case(void **state) {
  (void)state;
  assert_texts("mac", "", TEXTS("00:1a:2b:3c:4d:5e", "00:1A:2B:3C:4D:5E"),
               TEXTS("00:1a:2B:3c:4d:5e", "00:1a:2b:3c:4d", "00-1a-2b-3c-4d-5e",
                     "00:1a:2b:3c:4d:5g", "00:1a:2b:3c:4d:5e:", "00:1a:2b:3c:4d:5", ""));
  assert_texts("mac", "delimiter=\"-\"", TEXTS("00-1a-2b-3c-4d-5e"), TEXTS("00:1a:2b:3c:4d:5e"));
  assert_texts("mac", "delimiter=\"\"", TEXTS("001a2b3c4d5e"), TEXTS("00:1a:2b:3c:4d:5e"));
}

static void hostnames_are_labels_with_dots_between(void **state) {
  (void)state;
  char label[66];
  memset(label, 'a', sizeof label);
  label[64] = '\0';
  assert_texts("hostname", "", TEXTS("example.com", "localhost", "a-b.c", "example.com.", "1.2"),
               TEXTS("", ".", ".a", "a..b", "a-.com", "-a.com", "exa_mple.com", "\xC3\xA9.com",
                     "a b", label));
  label[63] = '\0';
  assert_texts("hostname", "", TEXTS(label), TEXTS(" "));
}

static void telephone_numbers_begin_with_a_plus(void **state) {
  (void)state;
  assert_texts(
      "e164", "", TEXTS("+14155552671", "+1234567", "+123456789012345"),
      TEXTS("14155552671", "+123456", "+0123456789", "+1234567890123456", "+1 415 555", "+", ""));
}

/* ---- URLs ------------------------------------------------------------------------------------ */

static void urls_are_what_a_browser_takes(void **state) {
  (void)state;
  assert_texts("url", "",
               TEXTS("https://example.com", "http://a.b/c?d=e#f", "HTTP://EXAMPLE.COM", "http:/a",
                     "http:a", "http:\\\\a\\b", "http://[::1]:80/", "http://1.2.3", "http://0x7f.1",
                     "http://a_b.com", "http://u:p@h:1/", "http://a:/", "http://%41/", "ftp://x",
                     "file:///etc/passwd", "file://C:/x", "javascript:alert(1)", "mailto:a@b",
                     "data:text/plain,hi", "git+ssh://h", "x:", "x://", "http://\xE4\xBE\x8B.jp"),
               TEXTS("", "example.com", "//x", "/x", "1x:y", "http://", "http://?", "http://u@/",
                     "http://a b/", "http://a:65536/", "http://a:b/", "http://1.2.3.256",
                     "http://1.2.3.4.5", "http://0x.0x100000000", "http://[::1", "http://[1]/",
                     "http://a%zz/", "http://a<b/", "x://a b/", "x://:1", "file://a:1/"));
}

static void a_url_loses_what_a_browser_drops(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, formatted(b, "url", ""));
  assert_valid(b, "\"  http://a.b/c\\td\\n \"", "\"http://a.b/cd\"");
  assert_same(b, "\"http://a.b/c%20d\"");
  clear_bench(b);
}

static void parts_of_a_url_can_be_held_to_patterns(void **state) {
  (void)state;
  assert_texts("url", "protocol=\"^https$\" hostname=\"^(\\\\w+\\\\.)?example\\\\.com$\"",
               TEXTS("https://example.com/x", "HTTPS://A.Example.COM"),
               TEXTS("http://example.com", "https://example.org", "x"));
  assert_texts("url", "hostname=\"^127\\\\.0\\\\.0\\\\.1$\"",
               TEXTS("http://0x7f000001/", "http://127.1"), TEXTS("http://127.0.0.2"));
  assert_texts("url", "hostname=\"^\\\\[1:0:2::\\\\]$\"", TEXTS("http://[0001:0:2:0:0:0:0:0]/"),
               TEXTS("http://[1::2]"));
  assert_texts("url", "protocol=\"^https?$\"", TEXTS("http://localhost"), TEXTS("http:localhost"));
  assert_texts("http_url", "", TEXTS("https://example.com", "http://a.co/x?y"),
               TEXTS("https://localhost", "http://1.2.3.4", "http:a.co", "ftp://a.co", "x"));
}

/* ---- identifiers ----------------------------------------------------------------------------- */

static void uuids_have_a_version_and_a_variant(void **state) {
  (void)state;
  assert_texts("uuid", "",
               TEXTS("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-81D0-B765-00A0C91E6BF6",
                     "00000000-0000-0000-0000-000000000000",
                     "ffffffff-ffff-ffff-ffff-ffffffffffff"),
               TEXTS("f81d4fae-7dec-01d0-a765-00a0c91e6bf6", "f81d4fae-7dec-91d0-a765-00a0c91e6bf6",
                     "f81d4fae-7dec-41d0-7765-00a0c91e6bf6", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
                     "f81d4fae7dec41d0a76500a0c91e6bf6", ""));
  assert_texts(
      "uuid", "version=\"v4\"", TEXTS("f81d4fae-7dec-41d0-a765-00a0c91e6bf6"),
      TEXTS("f81d4fae-7dec-51d0-a765-00a0c91e6bf6", "00000000-0000-0000-0000-000000000000"));
  assert_texts(
      "guid", "", TEXTS("f81d4fae-7dec-01d0-7765-00a0c91e6bf6"),
      TEXTS("{f81d4fae-7dec-01d0-7765-00a0c91e6bf6}", "f81d4fae-7dec-01d0-7765-00a0c91e6bg6"));
}

static void other_identifiers_have_their_alphabets_and_lengths(void **state) {
  (void)state;
  assert_texts("nanoid", "", TEXTS("V1StGXR8_Z5jdHi6B-myT"),
               TEXTS("V1StGXR8_Z5jdHi6B-my", "V1StGXR8_Z5jdHi6B-myTT", "V1StGXR8+Z5jdHi6B-myT"));
  assert_texts("nanoid", "length=10", TEXTS("abc-_fghij"), TEXTS("abcdefghi", "abcdefghijk"));
  assert_texts("cuid", "", TEXTS("cjld2cjxh0000qzrmn831i7rn", "Cabcdefg"),
               TEXTS("cabcde", "xabcdefg", "cabcdeF", ""));
  assert_texts("cuid2", "", TEXTS("tz4a98xxat96iws9zmbrgj3a", "a"), TEXTS("", "A", "abc-def"));
  assert_texts("ulid", "", TEXTS("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav"),
               TEXTS("81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAI",
                     "01ARZ3NDEKTSV4RRFFQ69G5FA"));
  assert_texts("xid", "", TEXTS("9m4e2mr0ui3e8a215n4g", "9M4E2MR0UI3E8A215N4G"),
               TEXTS("9m4e2mr0ui3e8a215n4", "9m4e2mr0ui3e8a215n4w"));
  assert_texts("ksuid", "", TEXTS("0ujsswThIGTUYm2K8FjOOfXtY1K"),
               TEXTS("0ujsswThIGTUYm2K8FjOOfXtY1", "0ujsswThIGTUYm2K8FjOOfXtY1-"));
}

static void encodings_have_the_padding_they_must_have(void **state) {
  (void)state;
  assert_texts("base64", "", TEXTS("", "aGk=", "aGVsbG8=", "QR==", "+/+/"),
               TEXTS("aGk", "a===", "aG k", "====", "aGk-", "=aGk"));
  assert_texts("base64url", "", TEXTS("", "aGk", "-_-_"), TEXTS("aGk=", "a+b/", "abcde"));
  assert_texts("hex", "", TEXTS("", "1", "deadBEEF"), TEXTS("0x1", "g", " "));
  assert_texts("hash", "alg=md5", TEXTS("d41d8cd98f00b204e9800998ecf8427e"),
               TEXTS("d41d8cd98f00b204e9800998ecf8427", "x41d8cd98f00b204e9800998ecf8427e"));
  assert_texts("hash", "alg=sha1 enc=base64", TEXTS("2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
               TEXTS("2jmj7l5rSw0yVb/vlWAYkK/YBwk",
                     "2jmj7l5rSw0yVb/vlWAYkK/YBw==", "2jmj7l5rSw0yVb_vlWAYkK_YBwk="));
  assert_texts("hash", "alg=sha1 enc=base64url", TEXTS("2jmj7l5rSw0yVb_vlWAYkK_YBwk"),
               TEXTS("2jmj7l5rSw0yVb_vlWAYkK_YBwk="));
}

/* {"alg":"HS256","typ":"JWT"} and {"alg":"HS256"} */
#define HEAD_TYPED "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define HEAD_PLAIN "eyJhbGciOiJIUzI1NiJ9"

static void tokens_are_judged_by_their_header(void **state) {
  (void)state;
  assert_texts(
      "jwt", "", TEXTS(HEAD_TYPED ".eyJzdWIiOiIxIn0.c2ln", HEAD_PLAIN "..", HEAD_PLAIN ".a.b"),
      TEXTS(HEAD_PLAIN ".a", HEAD_PLAIN ".a.b.c", ".a.b", "a.b.c", "",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6Imp3dCJ9.a.b", "eyJhbGciOiIiLCJ0eXAiOiJKV1QifQ.a.b",
            "bnVsbA.a.b", "WzFd.a.b", "eyJhbGciOjB9.a.b"));
  assert_texts("jwt", "alg=HS256", TEXTS(HEAD_TYPED ".a.b"),
               TEXTS("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.a.b"));
}

static void numbers_of_money_have_their_check_digits(void **state) {
  (void)state;
  assert_texts(
      "credit_card", "",
      TEXTS("4242424242424242", "4242 4242 4242 4242", "4242-4242 42424242", "378282246310005"),
      TEXTS("4242  4242 4242 4242", "4242424242424241", "42424242424", " 4242424242424242",
            "4242424242424242 ", "42424242424242424242", ""));
  assert_texts("iban", "", TEXTS("GB82WEST12345698765432", "DE89370400440532013000"),
               TEXTS("GB82 WEST 1234 5698 7654 32", "gb82west12345698765432",
                     "GB83WEST12345698765432", "GBWESTWEST12345", "GB82", ""));
}

static void emoji_are_seen_by_themselves(void **state) {
  (void)state;
  assert_texts("emoji", "",
               TEXTS("\xF0\x9F\x98\x80", "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD",
                     "1\xEF\xB8\x8F\xE2\x83\xA3", "\xE2\x84\xA2",
                     "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"),
               TEXTS("", "a", "#", "1", "\xE2\x80\x8D",
                     "\xF0\x9F\x98\x80"
                     "a"));
}

/* ---- issues and faults ----------------------------------------------------------------------- */

static void an_issue_names_the_format_as_people_do(void **state) {
  static const struct {
    const char *name, *options, *words;
  } rows[] = {
      {"email", "", "email address"},
      {"url", "", "URL"},
      {"http_url", "", "URL"},
      {"uuid", "version=4", "UUID"},
      {"datetime", "", "ISO datetime"},
      {"date", "", "ISO date"},
      {"duration", "", "ISO duration"},
      {"ip", "", "IP address"},
      {"ip", "version=6", "IPv6 address"},
      {"cidr", "version=4", "IPv4 range"},
      {"cuid2", "", "cuid2"},
      {"hash", "alg=sha256", "sha256_hex"},
      {"jwt", "", "JWT"},
      {"custom", "name=my_id pattern=^x", "my_id"},
      {"base64", "", "base64-encoded string"},
  };
  (void)state;
  bench *b = set_bench();
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) {
    char line[80];
    finish(b, formatted(b, rows[i].name, rows[i].options));
    snprintf(line, sizeof line, "invalid_format: Invalid %s", rows[i].words);
    assert_invalid(b, "\"?\"", line);
    start_over(b);
  }
  clear_bench(b);
}

static void an_issue_says_which_part_of_a_url_is_wrong(void **state) {
  (void)state;
  bench *b = set_bench();
  finish(b, formatted(b, "url", "protocol=^https$"));
  inst_parse *parse = parse_of(b, "\"http://a.b\"");
  assert_int_equal(inst_parse_next(parse), INST_PARSE_INVALID);
  assert_json(inst_parse_issues(parse)->details,
              "{\"origin\":\"string\",\"format\":\"url\",\"note\":\"Invalid protocol\",\"pattern\":"
              "\"^https$\"}");
  clear_bench(b);
}

static void what_is_not_known_is_refused_by_name(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_refused(b, formatted(b, "emial", ""), "there is no format \"emial\"");
  assert_refused(b, formatted(b, "email", "offset"), "the format email has no option \"offset\"");
  assert_refused(b, formatted(b, "datetime", "presicion=3"), "has no option \"presicion\"");
  assert_refused(b, formatted(b, "datetime", "offset=1"), "its option offset");
  assert_refused(b, formatted(b, "datetime", "precision=x"), "its option precision");
  assert_refused(b, formatted(b, "datetime", "precision=-2"), "its option precision");
  assert_refused(b, formatted(b, "uuid", "version=9"), "its option version");
  assert_refused(b, formatted(b, "ip", "version=5"), "its option version");
  assert_refused(b, formatted(b, "nanoid", "length=-1"), "its option length");
  assert_refused(b, formatted(b, "hash", ""), "the format hash needs the option alg");
  assert_refused(b, formatted(b, "hash", "alg=crc"), "its option alg");
  assert_refused(b, formatted(b, "hash", "alg=md5 enc=bin"), "its option enc");
  assert_refused(b, formatted(b, "mac", "delimiter"), "its option delimiter");
  assert_refused(b, formatted(b, "mac", "delimiter=\"-"), "its option delimiter");
  assert_refused(b, formatted(b, "custom", "name=x"), "the format custom needs the option pattern");
  assert_refused(b, formatted(b, "email", "pattern=\"(\""), "regex \"(\"");
  clear_bench(b);
}

static bool build_and_test(inst_alloc alloc, void *ctx) {
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new(alloc);
  inst_schema *schema = inst_schema_new(alloc);
  (void)ctx;
  if (schema == NULL || arena == NULL) {
    inst_schema_free(schema);
    inst_arena_free(arena);
    return false;
  }
  inst_node text = inst_schema_node(schema, INST_NODE_STRING);
  const inst_check url = {.kind = INST_CHECK_FORMAT,
                          .text = INST_LIT("url"),
                          .extra = INST_LIT("protocol=\"^https$\" hostname=\"^127\"")};
  const inst_check hash = {
      .kind = INST_CHECK_FORMAT, .text = INST_LIT("hash"), .extra = INST_LIT("alg=md5")};
  inst_schema_check(schema, text, &url);
  inst_schema_check(schema, text, &hash);
  inst_schema_check(schema, text,
                    &(inst_check){.kind = INST_CHECK_FORMAT, .text = INST_LIT("jwt")});
  bool done = inst_schema_finish(schema, text, &error) == 0;
  if (!done) assert_int_equal(error.code, INST_E_MEMORY);
  inst_value *v = done ? inst_string(arena, INST_LIT(" https://127.1/" HEAD_PLAIN ".a.b ")) : NULL;
  inst_parse *parse = v != NULL ? inst_parse_new(schema, v, NULL, arena) : NULL;
  done = parse != NULL && inst_parse_next(parse) == INST_PARSE_INVALID;
  inst_schema_free(schema);
  inst_arena_free(arena);
  return done;
}

static void lost_memory_is_an_ordinary_error(void **state) {
  (void)state;
  assert_true(check_every_failure(build_and_test, NULL) > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(days_are_those_of_the_calendar),
      cmocka_unit_test(times_have_no_zone),
      cmocka_unit_test(datetimes_end_in_z_unless_another_zone_or_none_is_allowed),
      cmocka_unit_test(durations_have_one_part_at_least),
      cmocka_unit_test(mail_addresses_are_plain),
      cmocka_unit_test(addresses_of_version_4_have_four_numbers),
      cmocka_unit_test(addresses_of_version_6_have_eight_parts_or_a_gap),
      cmocka_unit_test(ip_and_cidr_take_either_version),
      cmocka_unit_test(mac_addresses_are_of_one_case),
      cmocka_unit_test(hostnames_are_labels_with_dots_between),
      cmocka_unit_test(telephone_numbers_begin_with_a_plus),
      cmocka_unit_test(urls_are_what_a_browser_takes),
      cmocka_unit_test(a_url_loses_what_a_browser_drops),
      cmocka_unit_test(parts_of_a_url_can_be_held_to_patterns),
      cmocka_unit_test(uuids_have_a_version_and_a_variant),
      cmocka_unit_test(other_identifiers_have_their_alphabets_and_lengths),
      cmocka_unit_test(encodings_have_the_padding_they_must_have),
      cmocka_unit_test(tokens_are_judged_by_their_header),
      cmocka_unit_test(numbers_of_money_have_their_check_digits),
      cmocka_unit_test(emoji_are_seen_by_themselves),
      cmocka_unit_test(an_issue_names_the_format_as_people_do),
      cmocka_unit_test(an_issue_says_which_part_of_a_url_is_wrong),
      cmocka_unit_test(what_is_not_known_is_refused_by_name),
      cmocka_unit_test(lost_memory_is_an_ordinary_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
