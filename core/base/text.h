/*
** Text: slices, growing bytes, UTF-8.
** In: bytes of any size.  Out: the same, joined, compared, counted.
** Rule: no locale is ever asked, and nothing is assumed to end in zero.
*/
#ifndef INST_BASE_TEXT_H
#define INST_BASE_TEXT_H

#include "core/instructor.h"

#include <string.h>

#define INST_LIT(literal) ((inst_str){(literal), sizeof(literal) - 1})

/* What seldom runs stays out of what runs all the time. */
#if defined(__GNUC__)
#define INST_SELDOM __attribute__((noinline))
#else
#define INST_SELDOM
#endif

/* NULL gives {NULL, 0}.  Of a literal the compiler knows the length. */
static inline inst_str inst_str_of(const char *c_string) {
  return (inst_str){c_string, c_string != NULL ? strlen(c_string) : 0};
}
/* Are they the same bytes? */
static inline bool inst_str_is(inst_str a, inst_str b) {
  return a.n == b.n && (a.n == 0 || (a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0));
}
bool inst_str_same_letters(const char *a, const char *b, size_t n);
/* The same but for the case of ASCII letters?  (Most differ in length, and are not looked into.) */
static inline bool inst_str_is_nocase(inst_str a, inst_str b) {
  return a.n == b.n && inst_str_same_letters(a.p, b.p, a.n);
}
static inline bool inst_str_starts(inst_str text, inst_str start) {
  return text.n >= start.n && (start.n == 0 || memcmp(text.p, start.p, start.n) == 0);
}
inst_str inst_str_trim(inst_str text); /* without ASCII blanks at both ends */

/* Growing bytes.  Sticky: once memory was out it stays 'failed' and takes no more. */
typedef struct inst_buf {
  inst_alloc alloc;
  char *p;
  size_t n, room;
  bool failed;
  bool lent; /* 'p' is what an arena has left */
} inst_buf;

void inst_buf_init(inst_buf *buf, inst_alloc alloc);
/* Begins in what is left of the arena's newest chunk: what still lies there when it is taken is not
** copied.  Until then nothing else may be got from the arena. */
void inst_buf_init_in(inst_buf *buf, inst_arena *arena);
void inst_buf_clear(inst_buf *buf); /* frees; the buffer may be used again */
void inst_buf_add(inst_buf *buf, inst_str text);
void inst_buf_byte_more(inst_buf *buf, char byte);
static inline void inst_buf_byte(inst_buf *buf, char byte) {
  if (buf->n < buf->room && !buf->failed)
    buf->p[buf->n++] = byte;
  else
    inst_buf_byte_more(buf, byte);
}
/* Room for 'more' bytes behind the last one, to be counted into 'n' when written; NULL: none. */
char *inst_buf_room_more(inst_buf *buf, size_t more);
static inline char *inst_buf_room(inst_buf *buf, size_t more) {
  if (more < buf->room - buf->n && !buf->failed) return buf->p + buf->n;
  return inst_buf_room_more(buf, more);
}
void inst_buf_addf(inst_buf *buf, const char *format, ...) INST_PRINTF(2, 3);
inst_str inst_buf_text(const inst_buf *buf);
/* The bytes moved into an arena, the buffer freed; p NULL when memory is out. */
inst_str inst_buf_take(inst_buf *buf, inst_arena *arena);
/* At most 'max' bytes of foreign text: cut between characters and marked with "…" when cut,
** control characters as blanks, bytes that are not UTF-8 as '?'. */
void inst_buf_quote(inst_buf *buf, inst_str text, size_t max);

size_t inst_utf8_count(inst_str text); /* code points; a stray byte counts as one */
/* 'code_point' written to 'out' (4 bytes of room); returns how many bytes it took. */
size_t inst_utf8_write(uint32_t code_point, char *out);

#endif
