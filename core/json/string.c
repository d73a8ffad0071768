/*
** Strings across pieces: runs of plain bytes, escapes, surrogate pairs.
*/
#include "core/json/string.h"

/* Where in an escape the last byte was. */
enum {
  NO_ESCAPE,
  AFTER_BACKSLASH,
  IN_HEX,           /* behind \u */
  AFTER_FIRST_HALF, /* a backslash must come */
  SECOND_BACKSLASH  /* a 'u' must come */
};

static const char not_utf8[] = "a string holds bytes that are not UTF-8";
static const char lone_half[] = "a string holds half of a surrogate pair";

void inst_string_init(inst_string_reader *string, inst_alloc alloc) {
  *string = (inst_string_reader){.escape = NO_ESCAPE};
  inst_buf_init(&string->text, alloc);
}

void inst_string_clear(inst_string_reader *string) {
  inst_buf_clear(&string->text);
}

void inst_string_begin(inst_string_reader *string) {
  string->text.n = 0;
  string->utf8 = (inst_utf8){0};
  string->escape = NO_ESCAPE;
  string->first = 0;
}

/* Neither the first bytes of a character nor an escape that has only begun are part of it. */
inst_str inst_string_so_far(const inst_string_reader *string) {
  inst_str text = inst_buf_text(&string->text);
  text.n -= string->utf8.have;
  return text;
}

/* Always false, so that a fault can be returned in one breath. */
static bool broken(inst_string_reader *string, const char *fault) {
  string->fault = fault;
  return false;
}

/* ---- escapes --------------------------------------------------------------------------------- */

/* Takes the byte behind a backslash. */
static bool letter(inst_string_reader *string, char c) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (c == 'u') {
    string->escape = IN_HEX;
    string->digits = 0;
    string->unit = 0;
    return true;
  }
  const char *found = memchr(letters, c, sizeof letters - 1);
  if (found == NULL) return broken(string, "a backslash is followed by no letter JSON knows");
  inst_buf_byte(&string->text, meanings[found - letters]);
  string->escape = NO_ESCAPE;
  return true;
}

/* The digit's value, or -1; letters count in both cases. */
static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes a whole code unit: a character, or half of one. */
static bool code_unit(inst_string_reader *string) {
  uint32_t unit = string->unit;
  bool second = unit >= 0xDC00 && unit <= 0xDFFF;
  if (second != (string->first != 0)) return broken(string, lone_half);
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    string->first = string->unit;
    string->escape = AFTER_FIRST_HALF;
    return true;
  }
  if (second) unit = 0x10000 + ((uint32_t)(string->first - 0xD800) << 10) + (unit - 0xDC00);
  char bytes[4];
  size_t n = inst_utf8_write(unit, bytes);
  inst_buf_add(&string->text, (inst_str){bytes, n});
  string->first = 0;
  string->escape = NO_ESCAPE;
  return true;
}

/* Takes the digits behind \u, as many as have come. */
static bool hex(inst_string_reader *string, inst_str bytes, size_t *used) {
  for (; *used < bytes.n && string->digits < 4; ++*used) {
    int digit = hex_digit(bytes.p[*used]);
    if (digit < 0) return broken(string, "\\u is not followed by four hexadecimal digits");
    string->unit = (uint16_t)((string->unit << 4) | digit);
    if (++string->digits == 4 && !code_unit(string)) return false;
  }
  return true;
}

/* Takes what has come of an escape, up to where its kind changes. */
static bool escaped(inst_string_reader *string, inst_str bytes, size_t *used) {
  char c = bytes.p[*used];
  bool well = true;
  if (string->escape == IN_HEX) return hex(string, bytes, used);
  if (string->escape == AFTER_BACKSLASH) {
    well = letter(string, c);
  } else if (string->escape == AFTER_FIRST_HALF) {
    string->escape = SECOND_BACKSLASH;
    well = c == '\\' || broken(string, lone_half);
  } else {
    well = c == 'u' ? letter(string, c) : broken(string, lone_half);
  }
  if (well) ++*used;
  return well;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of each byte of 'word' that is not plain.  A byte behind (in rising order of value)
** one that is found may be found wrongly. */
static uint64_t special_bytes(uint64_t word) {
  uint64_t quote = word ^ EACH('"'), backslash = word ^ EACH('\\');
  uint64_t found = word | ((word - EACH(0x20)) & ~word); /* not ASCII; a control */
  found |= ((quote - EACH(1)) & ~quote) | ((backslash - EACH(1)) & ~backslash);
  return found & EACH(0x80);
}

static bool is_plain(char c) {
  return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Are all of fewer than sixteen bytes plain?  Where there are four or more, two words that overlap
** hold them all. */
static bool is_plain_tail(const char *p, size_t n) {
  uint64_t word = EACH('0');
  uint32_t first, last;
  if (n >= sizeof word) {
    memcpy(&word, p + n - sizeof word, sizeof word);
  } else if (n >= sizeof first) {
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + n - sizeof last, sizeof last);
    word = (uint64_t)first << 32 | last;
  } else {
    for (size_t i = 0; i < n; i++)
      if (!is_plain(p[i])) return false;
  }
  return special_bytes(word) == 0;
}

/* A word at a time, and the last few bytes with those before them, or one by one. */
size_t inst_string_plain(inst_str text) {
  size_t at = 0;
  for (uint64_t word; text.n - at >= sizeof word; at += sizeof word) {
    memcpy(&word, text.p + at, sizeof word);
    uint64_t found = special_bytes(word);
    if (found == 0) continue;
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return at + (size_t)__builtin_ctzll(found) / 8;
#else
    break;
#endif
  }
  size_t seen = at < sizeof(uint64_t) ? at : sizeof(uint64_t);
  if (text.n - at < sizeof(uint64_t) && is_plain_tail(text.p + at - seen, text.n - at + seen))
    return text.n;
  while (at < text.n && is_plain(text.p[at])) at++;
  return at;
}

/* How many bytes of 'text' are part of the string as they stand, up to a quote, a backslash or a
** fault. */
static size_t plain_run(inst_string_reader *string, inst_str text) {
  size_t at = 0;
  for (;;) {
    if (string->utf8.need == 0) at += inst_string_plain((inst_str){text.p + at, text.n - at});
    if (at == text.n) return at;
    if (string->utf8.need == 0 && (unsigned char)text.p[at] < 0x80) return at;
    if (!inst_utf8_step(&string->utf8, (unsigned char)text.p[at])) return at;
    at++;
  }
}

/* Takes the byte that ended a run. */
static inst_string_state special(inst_string_reader *string, char c) {
  if (string->utf8.need > 0 || (unsigned char)c >= 0x80)
    broken(string, not_utf8);
  else if (c == '"')
    return INST_STRING_WHOLE;
  else if (c == '\\')
    string->escape = AFTER_BACKSLASH;
  else
    broken(string, "a control character stands in a string without an escape");
  return c == '\\' && string->escape != NO_ESCAPE ? INST_STRING_OPEN : INST_STRING_BROKEN;
}

/* Takes a run and the byte behind it. */
static inst_string_state run(inst_string_reader *string, inst_str bytes, size_t *used) {
  inst_str plain = {bytes.p + *used, 0};
  plain.n = plain_run(string, (inst_str){plain.p, bytes.n - *used});
  *used += plain.n;
  inst_string_state state = INST_STRING_OPEN;
  if (*used < bytes.n) state = special(string, bytes.p[*used]);
  if (state == INST_STRING_WHOLE && string->text.n == 0) {
    string->whole = plain;
  } else {
    inst_buf_add(&string->text, plain);
    string->whole = inst_buf_text(&string->text);
  }
  if (*used < bytes.n && state != INST_STRING_BROKEN) ++*used;
  return state;
}

/* Runs of plain bytes and escapes take turns. */
inst_string_state inst_string_feed(inst_string_reader *string, inst_str bytes, size_t *used) {
  inst_string_state state = INST_STRING_OPEN;
  *used = 0;
  while (state == INST_STRING_OPEN && *used < bytes.n) {
    if (string->escape == NO_ESCAPE)
      state = run(string, bytes, used);
    else if (!escaped(string, bytes, used))
      state = INST_STRING_BROKEN;
  }
  return state;
}
