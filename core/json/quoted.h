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

/* How many bytes 'text' begins with that stand for themselves: well-formed characters, no control,
** no quote, no backslash.  'wide' becomes true when some of them are not ASCII. */
size_t inst_quoted_span(inst_str text, bool *wide);

/* Reads on from the first backslash, at 'span', up to the closing quote; 'out' has room for as many
** bytes as 'text' has, all of which may be written to.  Returns how many bytes were read, with the
** quote; 0: it is no JSON. */
size_t inst_quoted_unescape(inst_str text, size_t span, char *out, inst_str *string, bool *wide);

#endif
