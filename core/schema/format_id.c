/*
** Identifiers, encodings, digests, tokens.
*/
#include "core/json/value.h"
#include "core/schema/format_is.h"

/* ---- identifiers ----------------------------------------------------------------------------- */

bool inst_format_is_guid(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  if (text.n != 36) return false;
  for (size_t i = 0; i < text.n; i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (!inst_run_has(dash ? INST_DASH : INST_HEX, text.p[i])) return false;
  }
  return true;
}

static bool is_made_of(inst_str text, char c) {
  for (size_t i = 0; i < text.n; i++)
    if (text.p[i] != c && text.p[i] != '-') return false;
  return true;
}

bool inst_format_is_uuid(inst_str text, const inst_format_options *options, inst_arena *arena) {
  if (!inst_format_is_guid(text, options, arena)) return false;
  char version = text.p[14];
  bool usual = version >= '1' && version <= '8' && strchr("89abAB", text.p[19]) != NULL;
  if (options->version != 0) return usual && version == '0' + options->version;
  return usual || is_made_of(text, '0') || is_made_of(text, 'f');
}

bool inst_format_is_nanoid(inst_str text, const inst_format_options *options, inst_arena *arena) {
  size_t n = options->length > 0 ? (size_t)options->length : 21;
  (void)arena;
  return inst_run_is_all(text, INST_ALNUM | INST_DASH | INST_UNDERSCORE, n, n);
}

bool inst_format_is_cuid(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  return text.n > 0 && (text.p[0] == 'c' || text.p[0] == 'C') &&
         inst_run_is_all(inst_run_rest(text, 1), INST_DIGIT | INST_LOWER, 6, SIZE_MAX);
}

bool inst_format_is_cuid2(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  return inst_run_is_all(text, INST_DIGIT | INST_LOWER, 1, SIZE_MAX);
}

/* Crockford's digits leave out letters that look like others. */
bool inst_format_is_ulid(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  for (size_t i = 0; i < text.n; i++)
    if (strchr("ILOUilou", text.p[i]) != NULL) return false;
  return inst_run_is_all(text, INST_ALNUM, 26, 26) && text.p[0] >= '0' && text.p[0] <= '7';
}

bool inst_format_is_xid(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  return inst_run_is_all(text, INST_HEX | INST_UPPER_V | INST_LOWER_V, 20, 20);
}

bool inst_format_is_ksuid(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  return inst_run_is_all(text, INST_ALNUM, 27, 27);
}

/* ---- encodings and digests ------------------------------------------------------------------- */

bool inst_format_is_hex(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  return inst_run_is_all(text, INST_HEX, 0, SIZE_MAX);
}

static bool is_base64_digit(char c) {
  return inst_run_has(INST_ALNUM, c) || c == '+' || c == '/';
}

bool inst_format_is_base64(inst_str text, const inst_format_options *options, inst_arena *arena) {
  (void)options, (void)arena;
  if (text.n % 4 != 0) return false;
  for (int i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++) text.n--;
  for (size_t i = 0; i < text.n; i++)
    if (!is_base64_digit(text.p[i])) return false;
  return true;
}

bool inst_format_is_base64url(inst_str text, const inst_format_options *options,
                              inst_arena *arena) {
  (void)options, (void)arena;
  return text.n % 4 != 1 &&
         inst_run_is_all(text, INST_ALNUM | INST_DASH | INST_UNDERSCORE, 0, SIZE_MAX);
}

size_t inst_format_digest(inst_str alg) {
  static const struct {
    const char *name;
    size_t bytes;
  } digests[] = {{"md5", 16}, {"sha1", 20}, {"sha256", 32}, {"sha384", 48}, {"sha512", 64}};
  for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
    if (inst_str_is(alg, inst_str_of(digests[i].name))) return digests[i].bytes;
  return 0;
}

bool inst_format_is_hash(inst_str text, const inst_format_options *options, inst_arena *arena) {
  size_t bytes = inst_format_digest(options->alg);
  if (inst_str_is(options->enc, INST_LIT("base64")))
    return text.n == (bytes + 2) / 3 * 4 && inst_format_is_base64(text, options, arena) &&
           inst_run_find(text, 0, '=') == (bytes * 8 + 5) / 6;
  if (inst_str_is(options->enc, INST_LIT("base64url")))
    return text.n == (bytes * 8 + 5) / 6 && inst_format_is_base64url(text, options, arena);
  return text.n == bytes * 2 && inst_format_is_hex(text, options, arena);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static unsigned base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return (unsigned)(c - 'A');
  if (c >= 'a' && c <= 'z') return (unsigned)(c - 'a') + 26;
  if (c >= '0' && c <= '9') return (unsigned)(c - '0') + 52;
  return c == '+' ? 62 : 63;
}

/* The bytes behind 'text', whose padding may be missing; p NULL: it is no base64, or no memory. */
static inst_str decode(inst_str text, inst_arena *arena) {
  unsigned bits = 0, have = 0;
  size_t n = 0;
  for (int i = 0; i < 2 && text.n % 4 == 0 && text.n > 0 && text.p[text.n - 1] == '='; i++)
    text.n--;
  char *out = text.n % 4 != 1 ? inst_arena_get(arena, text.n) : NULL;
  for (size_t i = 0; i < text.n && out != NULL; i++) {
    if (!is_base64_digit(text.p[i])) return (inst_str){NULL, 0};
    bits = bits << 6 | base64_value(text.p[i]);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out[n++] = (char)(bits >> have & 0xFF);
  }
  return (inst_str){out, n};
}

static bool is_something(const inst_value *v) {
  switch (v != NULL ? inst_value_kind_of(v) : INST_NULL) {
  case INST_NULL: return false;
  case INST_BOOL: return inst_value_bool(v);
  case INST_INT:
  case INST_REAL: return inst_value_real(v) < 0 || inst_value_real(v) > 0;
  case INST_STRING: return inst_value_text(v).n > 0;
  default: return true;
  }
}

/* The signature is not looked at: it takes a key to do so. */
bool inst_format_is_jwt(inst_str text, const inst_format_options *options, inst_arena *arena) {
  size_t first = inst_run_find(text, 0, '.'), second = inst_run_find(text, first + 1, '.');
  if (first == 0 || first >= text.n || second >= text.n) return false;
  if (inst_run_find(text, second + 1, '.') != text.n) return false;
  inst_str head = decode((inst_str){text.p, first}, arena);
  inst_value *header = head.p ? inst_json_parse(arena, head, INST_MAX_DEPTH, NULL) : NULL;
  if (header == NULL || inst_value_kind_of(header) != INST_OBJECT) return false;
  if (inst_find(header, "typ") != NULL &&
      !inst_str_is(inst_find_text(header, "typ"), INST_LIT("JWT")))
    return false;
  if (options->alg.p != NULL) return inst_str_is(inst_find_text(header, "alg"), options->alg);
  return is_something(inst_find(header, "alg"));
}

/* ---- money ----------------------------------------------------------------------------------- */

/* 12 to 19 digits, single blanks or hyphens between, the last one Luhn's. */
bool inst_format_is_credit_card(inst_str text, const inst_format_options *options,
                                inst_arena *arena) {
  int count = 0, sum = 0;
  bool gap = true; /* may nothing but a digit stand here? */
  (void)options, (void)arena;
  for (size_t i = text.n; i > 0; i--) {
    char c = text.p[i - 1];
    bool digit = inst_run_has(INST_DIGIT, c);
    if (!digit && (gap || (c != ' ' && c != '-'))) return false;
    gap = !digit;
    if (!digit) continue;
    int weighed = count++ % 2 == 1 ? (c - '0') * 2 : c - '0';
    sum += weighed > 9 ? weighed - 9 : weighed;
    if (count > 19) return false;
  }
  return !gap && count >= 12 && sum % 10 == 0;
}

bool inst_format_is_iban(inst_str text, const inst_format_options *options, inst_arena *arena) {
  unsigned rest = 0;
  (void)options, (void)arena;
  if (!inst_run_is_all(text, INST_DIGIT | INST_UPPER, 15, 34)) return false;
  if (inst_run(text, 0, INST_UPPER) < 2 || inst_run((inst_str){text.p, 4}, 2, INST_DIGIT) != 2)
    return false;
  int check = (text.p[2] - '0') * 10 + (text.p[3] - '0');
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[(i + 4) % text.n];
    bool digit = c <= '9';
    rest = (rest * (digit ? 10 : 100) + (unsigned)(digit ? c - '0' : c - 'A' + 10)) % 97;
  }
  return check >= 2 && check <= 98 && rest == 1;
}
