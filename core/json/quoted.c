/*
** Whole strings: runs of characters as they stand, and escapes between them.
*/
#include "core/json/quoted.h"

#include "core/json/string.h"

/* ---- characters ------------------------------------------------------------------------------ */

/* Do 'n' bytes at 'at' go on with a character? */
static bool go_on(const unsigned char *at, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((at[i] & 0xC0) != 0x80) return false;
  return true;
}

/* What the byte behind the first may be, where that is not all of 80 to BF. */
static bool is_second(unsigned char first, unsigned char second) {
  switch (first) {
  case 0xE0: return second >= 0xA0; /* less would be overlong */
  case 0xED: return second < 0xA0;  /* more would be a surrogate */
  case 0xF0: return second >= 0x90; /* less would be overlong */
  case 0xF4: return second < 0x90;  /* more would pass U+10FFFF */
  default: return true;
  }
}

/* How many bytes the character past ASCII at the start of 'text' has; 0: it is not well-formed. */
static size_t character(inst_str text) {
  const unsigned char *at = (const unsigned char *)text.p;
  size_t n = at[0] < 0xC2 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : at[0] < 0xF5 ? 4 : 0;
  if (n == 0 || n > text.n || !is_second(at[0], at[1])) return 0;
  return go_on(at + 1, n - 1) ? n : 0;
}

size_t inst_quoted_span(inst_str text, bool *wide) {
  size_t at = inst_string_plain(text);
  while (at < text.n && (unsigned char)text.p[at] >= 0x80) {
    size_t n = character((inst_str){text.p + at, text.n - at});
    if (n == 0) return at;
    *wide = true;
    at += n;
    if (at < text.n && (unsigned char)text.p[at] < 0x80)
      at += inst_string_plain((inst_str){text.p + at, text.n - at});
  }
  return at;
}

/* ---- escapes --------------------------------------------------------------------------------- */

/* The digit's value; 16: it is none. */
static unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return (unsigned)(c - '0');
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

#define NO_UNIT 0x10000u

/* The code unit of the escape \uXXXX that 'text' begins with, or NO_UNIT. */
static uint32_t code_unit(inst_str text) {
  uint32_t unit = 0;
  if (text.n < 6 || text.p[0] != '\\' || text.p[1] != 'u') return NO_UNIT;
  for (size_t i = 2; i < 6; i++) {
    unsigned digit = hex_digit(text.p[i]);
    if (digit > 15) return NO_UNIT;
    unit = unit << 4 | digit;
  }
  return unit;
}

/* Takes one escape of code units, a pair of halves being one.  Returns the bytes read; 0: wrong. */
static size_t take_units(inst_str text, char *out, size_t *written) {
  uint32_t unit = code_unit(text), second;
  if (unit == NO_UNIT || (unit >= 0xDC00 && unit <= 0xDFFF)) return 0;
  if (unit < 0xD800 || unit > 0xDFFF) {
    *written = inst_utf8_write(unit, out);
    return 6;
  }
  second = code_unit((inst_str){text.p + 6, text.n - 6});
  if (second < 0xDC00 || second > 0xDFFF) return 0;
  *written = inst_utf8_write(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00), out);
  return 12;
}

/* The byte that a backslash and 'letter' stand for; 0: none. */
static char meaning(char letter) {
  switch (letter) {
  case '"':
  case '\\':
  case '/': return letter;
  case 'b': return '\b';
  case 'f': return '\f';
  case 'n': return '\n';
  case 'r': return '\r';
  case 't': return '\t';
  default: return 0;
  }
}

/* Takes the escape that 'text' begins with.  Returns the bytes read; 0: wrong. */
static size_t take_escape(inst_str text, char *out, size_t *written) {
  char byte = text.n > 1 ? meaning(text.p[1]) : 0;
  if (byte == 0) return take_units(text, out, written);
  *out = byte;
  *written = 1;
  return 2;
}

size_t inst_quoted_unescape(inst_str text, size_t span, char *out, inst_str *string, bool *wide) {
  size_t at = 0, n = 0, written = 0;
  for (;;) {
    memcpy(out + n, text.p + at, span);
    at += span;
    n += span;
    if (at == text.n) return 0;
    if (text.p[at] == '"') break;
    if (text.p[at] != '\\') return 0;
    size_t read = take_escape((inst_str){text.p + at, text.n - at}, out + n, &written);
    if (read == 0) return 0;
    if (written > 1) *wide = true;
    at += read;
    n += written;
    span = inst_quoted_span((inst_str){text.p + at, text.n - at}, wide);
  }
  *string = (inst_str){out, n};
  return at + 1;
}
