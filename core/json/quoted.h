/*
** One string of a JSON text that is whole: read in one pass, copied only where it has escapes.
** In: the text from behind the opening quote on.  Out: the string, and how much of the text it took.
** Rule: as strict as the reader that is fed in pieces (string.h), and silent: who wants to know what
** is wrong asks that one.
*/
#ifndef INST_JSON_QUOTED_H
#define INST_JSON_QUOTED_H

#include "core/json/string.h"

/* Sixteen bytes at a time where the processor can: nearly all of a text is read here. */
#if defined(__SSE2__) && defined(__GNUC__)
#define INST_QUOTED_WIDE 1
#include <emmintrin.h>

/* A bit for each byte that is no ASCII or does not stand for itself. */
static inline unsigned inst_quoted_special(__m128i bytes) {
  __m128i found = _mm_subs_epi8(bytes, _mm_set1_epi8(0x20)); /* less than 0: not ASCII as well */
  found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
  found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
  return (unsigned)_mm_movemask_epi8(found);
}
#endif

/* Behind the bytes from 'at' on that stand for themselves and are ASCII. */
static inline const char *inst_quoted_run(const char *at, const char *end) {
#if defined(INST_QUOTED_WIDE)
  for (; end - at >= 16; at += 16) {
    unsigned special = inst_quoted_special(_mm_loadu_si128((const __m128i *)(const void *)at));
    if (special != 0) return at + __builtin_ctz(special);
  }
#endif
  return at + inst_string_plain((inst_str){at, (size_t)(end - at)});
}

#if defined(INST_QUOTED_WIDE)
/* Sixteen bytes or more; the last sixteen may overlap those before them. */
static inline bool inst_quoted_copy_long(inst_str text, char *out) {
  size_t last = text.n - 16;
  for (size_t at = 0;; at = last - at < 16 ? last : at + 16) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text.p + at));
    _mm_storeu_si128((__m128i *)(void *)(out + at), bytes);
    if (inst_quoted_special(bytes) != 0) return false;
    if (at == last) return true;
  }
}

/* Eight to sixteen bytes, as two halves that may overlap. */
static inline bool inst_quoted_copy_short(inst_str text, char *out) {
  size_t last = text.n - 8;
  __m128i head = _mm_loadl_epi64((const __m128i *)(const void *)text.p);
  __m128i tail = _mm_loadl_epi64((const __m128i *)(const void *)(text.p + last));
  _mm_storel_epi64((__m128i *)(void *)out, head);
  _mm_storel_epi64((__m128i *)(void *)(out + last), tail);
  return inst_quoted_special(_mm_unpacklo_epi64(head, tail)) == 0;
}

/* Four to eight bytes; the rest of the sixteen looked at are as the first ones. */
static inline bool inst_quoted_copy_word(inst_str text, char *out) {
  int head, tail;
  memcpy(&head, text.p, sizeof head);
  memcpy(&tail, text.p + text.n - sizeof tail, sizeof tail);
  memcpy(out, &head, sizeof head);
  memcpy(out + text.n - sizeof tail, &tail, sizeof tail);
  return inst_quoted_special(_mm_set_epi32(head, head, tail, head)) == 0;
}
#endif

/* Copies 'text' to 'out'.  False: not all of it stands for itself and is ASCII, and what was copied
** is of no use. */
static inline bool inst_quoted_copy(inst_str text, char *out) {
#if defined(INST_QUOTED_WIDE)
  if (text.n >= 16) return inst_quoted_copy_long(text, out);
  if (text.n >= 8) return inst_quoted_copy_short(text, out);
  if (text.n >= 4) return inst_quoted_copy_word(text, out);
#endif
  if (text.n == 0) return true;
  memcpy(out, text.p, text.n);
  return inst_string_plain(text) == text.n;
}

/* How many bytes 'text' begins with that stand for themselves: well-formed characters, no control,
** no quote, no backslash.  'wide' becomes true when some of them are not ASCII. */
size_t inst_quoted_span(inst_str text, bool *wide);

/* Reads on from the first backslash, at 'span', up to the closing quote; 'out' has room for as many
** bytes as 'text' has, all of which may be written to.  Returns how many bytes were read, with the
** quote; 0: it is no JSON. */
size_t inst_quoted_unescape(inst_str text, size_t span, char *out, inst_str *string, bool *wide);

#endif
