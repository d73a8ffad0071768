/*
** UTF-8: checked, counted, written.
** In: bytes.  Out: how far they are well-formed (Unicode table 3-7: no surrogates, no overlong
** forms, nothing past U+10FFFF).
*/
#include "core/base/utf8.h"

/* A character's first bytes, in rising order: how many bytes follow, and the limits of the next. */
static const struct lead {
  uint8_t first, last;
  uint8_t need, low, high;
} leads[] = {
    {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, /* less would be overlong */
    {0xE1, 0xEC, 2, 0x80, 0xBF}, {0xED, 0xED, 2, 0x80, 0x9F}, /* more would be a surrogate */
    {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF}, /* less would be overlong */
    {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F}, /* more would pass U+10FFFF */
};

/* Takes the first byte of a character. */
static bool begin(inst_utf8 *state, unsigned char byte) {
  if (byte < 0x80) return true;
  for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
    const struct lead *lead = &leads[i];
    if (byte < lead->first || byte > lead->last) continue;
    *state = (inst_utf8){.need = lead->need, .have = 1, .low = lead->low, .high = lead->high};
    return true;
  }
  return false;
}

bool inst_utf8_step(inst_utf8 *state, unsigned char byte) {
  if (state->need == 0) return begin(state, byte);
  if (byte < state->low || byte > state->high) return false;
  state->need--;
  state->have = state->need > 0 ? (uint8_t)(state->have + 1) : 0;
  state->low = 0x80;
  state->high = 0xBF;
  return true;
}

/* How many ASCII bytes 'text' begins with. */
static size_t ascii_span(inst_str text) {
  size_t i = 0;
  for (uint64_t word; text.n - i >= sizeof word; i += sizeof word) {
    memcpy(&word, text.p + i, sizeof word);
    if ((word & UINT64_C(0x8080808080808080)) != 0) break;
  }
  while (i < text.n && (unsigned char)text.p[i] < 0x80) i++;
  return i;
}

/* Runs of ASCII are stepped over in words; a character cut off at the end does not count. */
size_t inst_utf8_span(inst_str text) {
  inst_utf8 state = {0};
  size_t whole = 0; /* the end of the last complete character */
  for (size_t i = 0; i < text.n; i++) {
    if (state.need == 0) {
      i += ascii_span((inst_str){text.p + i, text.n - i});
      whole = i;
      if (i == text.n) break;
    }
    if (!inst_utf8_step(&state, (unsigned char)text.p[i])) break;
    if (state.need == 0) whole = i + 1;
  }
  return whole;
}

size_t inst_utf8_count(inst_str text) {
  size_t count = 0, at = 0;
  while (at < text.n) {
    size_t end = at + inst_utf8_span((inst_str){text.p + at, text.n - at});
    for (; at < end; at++)
      if (((unsigned char)text.p[at] & 0xC0) != 0x80) count++;
    if (at < text.n) at++, count++; /* a stray byte */
  }
  return count;
}

/* The last bytes are written first: each takes the lowest six bits that are left. */
size_t inst_utf8_write(uint32_t code_point, char *out) {
  size_t more = code_point < 0x80 ? 0 : code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  static const uint8_t marks[] = {0x00, 0xC0, 0xE0, 0xF0};
  for (size_t i = more; i > 0; i--) {
    out[i] = (char)(0x80 | (code_point & 0x3F));
    code_point >>= 6;
  }
  out[0] = (char)(marks[more] | code_point);
  return more + 1;
}
