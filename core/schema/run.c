/*
** Sets of characters as bits, and the blanks of Unicode.
*/
#include "core/schema/run.h"

static const struct {
  char first, last;
  unsigned short set;
} ranges[] = {
    {'0', '9', INST_DIGIT},      {'A', 'F', INST_UPPER_HEX}, {'a', 'f', INST_LOWER_HEX},
    {'G', 'V', INST_UPPER_V},    {'g', 'v', INST_LOWER_V},   {'W', 'Z', INST_UPPER_REST},
    {'w', 'z', INST_LOWER_REST}, {'-', '-', INST_DASH},      {'_', '_', INST_UNDERSCORE},
};

bool inst_run_has(unsigned set, char c) {
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (c >= ranges[i].first && c <= ranges[i].last) return (set & ranges[i].set) != 0;
  return false;
}

size_t inst_run(inst_str text, size_t at, unsigned set) {
  size_t end = at;
  while (end < text.n && inst_run_has(set, text.p[end])) end++;
  return end - at;
}

bool inst_run_is_all(inst_str text, unsigned set, size_t min, size_t max) {
  return text.n >= min && text.n <= max && inst_run(text, 0, set) == text.n;
}

inst_str inst_run_rest(inst_str text, size_t at) {
  return (inst_str){text.p + at, text.n - at};
}

size_t inst_run_find(inst_str text, size_t at, char c) {
  while (at < text.n && text.p[at] != c) at++;
  return at;
}

int inst_run_number(inst_str text, int max) {
  int number = 0;
  if (text.n == 0 || text.n > 9 || (text.n > 1 && text.p[0] == '0')) return -1;
  for (size_t i = 0; i < text.n; i++) {
    if (!inst_run_has(INST_DIGIT, text.p[i])) return -1;
    number = number * 10 + (text.p[i] - '0');
  }
  return number <= max ? number : -1;
}

/* ---- blanks ---------------------------------------------------------------------------------- */

/* Beside the ASCII ones. */
static const char *const wide_blanks[] = {
    "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
    "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87",
    "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9",
    "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF",
};

/* Bytes of the blank at the start (or the end) of 'text'; 0: none is there. */
static size_t blank_at(inst_str text, bool end) {
  if (text.n == 0) return 0;
  char c = end ? text.p[text.n - 1] : text.p[0];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  for (size_t i = 0; i < sizeof wide_blanks / sizeof *wide_blanks; i++) {
    size_t n = strlen(wide_blanks[i]);
    if (text.n >= n && memcmp(end ? text.p + text.n - n : text.p, wide_blanks[i], n) == 0) return n;
  }
  return 0;
}

inst_str inst_run_trim(inst_str text) {
  size_t blank;
  while ((blank = blank_at(text, false)) > 0) text = inst_run_rest(text, blank);
  while ((blank = blank_at(text, true)) > 0) text.n -= blank;
  return text;
}
