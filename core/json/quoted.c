/*
** Whole strings: runs of characters as they stand, and escapes between them.
*/
#include "core/json/quoted.h"

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
  const char *end = text.p + text.n, *at = inst_quoted_run(text.p, end);
  while (at < end && (unsigned char)*at >= 0x80) {
    size_t n = character((inst_str){at, (size_t)(end - at)});
    if (n == 0) break;
    *wide = true;
    at += n;
    if (at < end && (unsigned char)*at < 0x80) at = inst_quoted_run(at, end);
  }
  return (size_t)(at - text.p);
}

/* ---- escapes --------------------------------------------------------------------------------- */

/* The values of hexadecimal digits, one more than they are. */
static const unsigned char digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

#define NO_UNIT 0x10000u

/* The code unit of the escape \uXXXX that 'text' begins with, or NO_UNIT. */
static uint32_t code_unit(inst_str text) {
  const unsigned char *p = (const unsigned char *)text.p;
  if (text.n < 6 || p[0] != '\\' || p[1] != 'u') return NO_UNIT;
  uint32_t a = digits[p[2]], b = digits[p[3]], c = digits[p[4]], d = digits[p[5]];
  if (a == 0 || b == 0 || c == 0 || d == 0) return NO_UNIT;
  return (a - 1) << 12 | (b - 1) << 8 | (c - 1) << 4 | (d - 1);
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

/* The bytes that a backslash and a letter stand for; 0: none. */
static const char meanings[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

/* Takes an escape of one letter, as most are. */
static inline bool take_letter(const char **at, const char *end, char **to) {
  char byte = end - *at > 1 && **at == '\\' ? meanings[(unsigned char)(*at)[1]] : 0;
  if (byte == 0) return false;
  *(*to)++ = byte;
  *at += 2;
  return true;
}

#if defined(INST_QUOTED_WIDE)
/* Copies runs and the escapes of one letter behind them, as long as more than sixteen bytes are
** left; what it stops at then is something else. */
static inline void copy_wide(const char **at, const char *end, char **to) {
  const char *from = *at;
  char *out = *to;
  while (end - from > 16) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
    unsigned special = inst_quoted_special(bytes);
    size_t n = (size_t)__builtin_ctz(special | 1u << 16);
    _mm_storeu_si128((__m128i *)(void *)out, bytes);
    from += n;
    out += n;
    if (special == 0) continue;
    char byte = *from == '\\' ? meanings[(unsigned char)from[1]] : 0;
    if (byte == 0) break;
    *out++ = byte;
    from += 2;
  }
  *at = from;
  *to = out;
}
#endif

/* Copies the bytes at '*at' that are ASCII and stand for themselves. */
static inline void copy_run(const char **at, const char *end, char **to) {
#if defined(INST_QUOTED_WIDE)
  copy_wide(at, end, to);
  if (end - *at > 16) return;
#endif
  size_t n = inst_string_plain((inst_str){*at, (size_t)(end - *at)});
  memcpy(*to, *at, n);
  *at += n;
  *to += n;
}

/* Takes what else ended a run: code units, or a character past ASCII.  False: it is wrong. */
static bool take_special(const char **at, const char *end, char **to, bool *wide) {
  inst_str text = {*at, (size_t)(end - *at)};
  size_t written = 0, read = 0;
  if (text.n > 0 && *text.p == '\\') {
    read = take_units(text, *to, &written);
  } else if (text.n > 0 && (unsigned char)*text.p >= 0x80) {
    read = written = character(text);
    for (size_t i = 0; i < read; i++) (*to)[i] = text.p[i];
  }
  if (written > 1) *wide = true;
  *at += read;
  *to += written;
  return read > 0;
}

size_t inst_quoted_unescape(inst_str text, size_t span, char *out, inst_str *string, bool *wide) {
  const char *at = text.p + span, *end = text.p + text.n;
  char *to = out + span;
  memcpy(out, text.p, span);
  for (; at == end || *at != '"'; copy_run(&at, end, &to))
    if (!take_letter(&at, end, &to) && !take_special(&at, end, &to, wide)) return 0;
  *string = (inst_str){out, (size_t)(to - out)};
  return (size_t)(at - text.p) + 1;
}
