/*
** Characters by ranges.
** Three tables hold what is needed of Unicode: where capitals are and how far their small letters
** stand from them, what beyond ASCII is no letter, and which scripts have no capitals at all.  That
** is enough for names in Latin, Greek, Cyrillic and the scripts of the East; it is no collation.
*/
#include "examples/sandbox/letters.h"

#include "core/base/utf8.h"

#define SHORTEST_STEM 4 /* bytes two words must share to be told apart by more than a plural */

/* Capitals: 'step' 2 where capitals and small letters take turns. */
static const struct capitals {
  uint32_t first, last, step;
  int32_t lower; /* added to get the small letter */
} capitals[] = {
    {'A', 'Z', 1, 32},         {0xC0, 0xD6, 1, 32},    {0xD8, 0xDE, 1, 32},
    {0x100, 0x136, 2, 1},      {0x139, 0x147, 2, 1},   {0x14A, 0x176, 2, 1},
    {0x178, 0x178, 1, -121},   {0x179, 0x17D, 2, 1},   {0x1CD, 0x1DB, 2, 1},
    {0x1DE, 0x1EE, 2, 1},      {0x1F8, 0x21E, 2, 1},   {0x222, 0x232, 2, 1},
    {0x386, 0x386, 1, 38},     {0x388, 0x38A, 1, 37},  {0x38C, 0x38C, 1, 64},
    {0x38E, 0x38F, 1, 63},     {0x391, 0x3AB, 1, 32},  {0x400, 0x40F, 1, 80},
    {0x410, 0x42F, 1, 32},     {0x460, 0x480, 2, 1},   {0x48A, 0x4BE, 2, 1},
    {0x4C1, 0x4CD, 2, 1},      {0x4D0, 0x52E, 2, 1},   {0x531, 0x556, 1, 48},
    {0x10A0, 0x10C5, 1, 7264}, {0x1E00, 0x1E94, 2, 1}, {0x1EA0, 0x1EFE, 2, 1},
};

/* Beyond ASCII most characters are letters; these are not. */
static const struct marks {
  uint32_t first, last;
} marks[] = {
    {0x80, 0xBF},     {0xD7, 0xD7},       {0xF7, 0xF7},        {0x2000, 0x2BFF},
    {0x3000, 0x303F}, {0xE000, 0xF8FF},   {0xFE00, 0xFE4F},    {0xFF00, 0xFF20},
    {0xFFF0, 0xFFFF}, {0x1F000, 0x1FBFF}, {0xE0000, 0x10FFFF},
};

/* Scripts without capitals. */
static const struct marks caseless[] = {
    {0x5D0, 0x109F},  {0x10D0, 0x1DFF}, {0x2E80, 0xABFF},
    {0xAC00, 0xD7FF}, {0xF900, 0xFDFF}, {0x20000, 0x3FFFF},
};

size_t box_letter_at(inst_str text, size_t at, uint32_t *code_point) {
  static const uint32_t keep[] = {0x7F, 0x1F, 0x0F, 0x07};
  inst_utf8 state = {0};
  size_t n = 0;
  do {
    if (at + n >= text.n || !inst_utf8_step(&state, (unsigned char)text.p[at + n])) {
      *code_point = 0xFFFD;
      return 1;
    }
    n++;
  } while (state.need > 0);
  uint32_t c = (unsigned char)text.p[at] & keep[n - 1];
  for (size_t i = 1; i < n; i++) c = c << 6 | ((unsigned char)text.p[at + i] & 0x3F);
  *code_point = c;
  return n;
}

static bool is_among(const struct marks *ranges, size_t count, uint32_t c) {
  for (size_t i = 0; i < count; i++) {
    if (c >= ranges[i].first && c <= ranges[i].last) return true;
  }
  return false;
}

bool box_letter_is(uint32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return !is_among(marks, sizeof marks / sizeof marks[0], c);
}

uint32_t box_letter_lower(uint32_t c) {
  for (size_t i = 0; i < sizeof capitals / sizeof capitals[0]; i++) {
    const struct capitals *row = &capitals[i];
    if (c < row->first || c > row->last) continue;
    if ((c - row->first) % row->step == 0) return (uint32_t)((int32_t)c + row->lower);
  }
  return c;
}

bool box_letter_is_capital(uint32_t c) {
  if (box_letter_lower(c) != c) return true;
  return is_among(caseless, sizeof caseless / sizeof caseless[0], c);
}

/* How many bytes 'a' and 'b' share from their start, whatever the case; 'rest' is what is left of
** each. */
static size_t shared(inst_str a, inst_str b, size_t rest[2]) {
  size_t i = 0, j = 0;
  while (i < a.n && j < b.n) {
    uint32_t c, d;
    size_t n = box_letter_at(a, i, &c), m = box_letter_at(b, j, &d);
    if (c != d && box_letter_lower(c) != box_letter_lower(d)) break;
    i += n;
    j += m;
  }
  rest[0] = a.n - i;
  rest[1] = b.n - j;
  return i;
}

bool box_same_word(inst_str a, inst_str b) {
  size_t rest[2];
  if (a.n != b.n) return false; /* a letter and its capital take as many bytes */
  shared(a, b, rest);
  return rest[0] == 0 && rest[1] == 0;
}

/* Is what is left of 'word' a common ending? */
static bool is_ending(inst_str word, size_t rest, const char *endings) {
  return rest == 0 || box_in_list(endings, (inst_str){word.p + word.n - rest, rest});
}

bool box_related_word(inst_str a, inst_str b) {
  size_t rest[2];
  size_t same = shared(a, b, rest);
  if (rest[0] == 0 && rest[1] == 0) return true;
  const char *endings =
      same < SHORTEST_STEM ? "s es y ies" : "s es y ies e ed d er ers ing ings ly ion";
  return same > 1 && is_ending(a, rest[0], endings) && is_ending(b, rest[1], endings);
}

bool box_in_list(const char *list, inst_str word) {
  while (*list != '\0') {
    size_t n = strcspn(list, " ");
    if (box_same_word((inst_str){list, n}, word)) return true;
    list += n + (list[n] == ' ');
  }
  return false;
}
