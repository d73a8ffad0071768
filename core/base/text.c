/*
** Slices compared and trimmed; bytes that grow.
** Rule: a buffer that ran out of memory stays as it was and takes no more, so that a row of
** additions may be written down and asked once, at the end.
*/
#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#define FIRST_ROOM 64 /* bytes of a buffer's first block */

/* Letters of other alphabets are left alone: to fold them would take tables, or a locale. */
static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool inst_str_same_letters(const char *a, const char *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

/* C's six blanks: a space, and tab to carriage return, which stand in a row. */
static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

inst_str inst_str_trim(inst_str text) {
  while (text.n > 0 && is_blank(text.p[0])) text.p++, text.n--;
  while (text.n > 0 && is_blank(text.p[text.n - 1])) text.n--;
  return text;
}

/* ---- growing bytes --------------------------------------------------------------------------- */

void inst_buf_init(inst_buf *buf, inst_alloc alloc) {
  *buf = (inst_buf){.alloc = inst_alloc_fill(alloc)};
}

/* The last byte is kept for the '\0' behind the text. */
void inst_buf_init_in(inst_buf *buf, inst_arena *arena) {
  bool any = arena->end != NULL && arena->at < arena->end;
  *buf = (inst_buf){.alloc = arena->alloc, .lent = any};
  if (!any) return;
  buf->p = arena->at;
  buf->room = (size_t)(arena->end - arena->at) - 1;
}

void inst_buf_clear(inst_buf *buf) {
  if (!buf->lent) inst_resize(buf->alloc, buf->p, buf->room, 0);
  *buf = (inst_buf){.alloc = buf->alloc};
}

/* The bytes in a block of 'room' bytes of the buffer's own; NULL: no memory. */
static char *move(inst_buf *buf, size_t room) {
  if (!buf->lent) return inst_resize(buf->alloc, buf->p, buf->room, room);
  char *p = inst_resize(buf->alloc, NULL, 0, room);
  if (p == NULL) return NULL;
  memcpy(p, buf->p, buf->n);
  buf->lent = false;
  return p;
}

/* Makes room for 'more' bytes. */
static bool reserve(inst_buf *buf, size_t more) {
  if (buf->failed) return false;
  if (more <= buf->room - buf->n) return true;
  size_t room = buf->room > 0 ? buf->room : FIRST_ROOM;
  if (more < SIZE_MAX / 4 - buf->n)
    while (room < buf->n + more) room *= 2;
  else
    room = 0; /* no machine has that much */
  char *p = room > 0 ? move(buf, room) : NULL;
  buf->failed = p == NULL;
  if (buf->failed) return false;
  buf->p = p;
  buf->room = room;
  return true;
}

char *inst_buf_room_more(inst_buf *buf, size_t more) {
  return reserve(buf, more) ? buf->p + buf->n : NULL;
}

void inst_buf_add(inst_buf *buf, inst_str text) {
  if (text.n == 0 || !reserve(buf, text.n)) return;
  memcpy(buf->p + buf->n, text.p, text.n);
  buf->n += text.n;
}

/* Rooms double, so that adding costs the same however long the text is. */
void inst_buf_byte_more(inst_buf *buf, char byte) {
  if (reserve(buf, 1)) buf->p[buf->n++] = byte;
}

/* Writes twice: once to learn the length, once into room that is surely enough.  'format' must name
** no floating point, the one thing printf would ask the locale about. */
void inst_buf_addf(inst_buf *buf, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int n = vsnprintf(NULL, 0, format, arguments);
  if (n < 0)
    buf->failed = true;
  else if (reserve(buf, (size_t)n + 1)) /* it writes a '\0' that is not ours to keep */
    buf->n += (size_t)vsnprintf(buf->p + buf->n, (size_t)n + 1, format, again);
  va_end(again);
  va_end(arguments);
}

inst_str inst_buf_text(const inst_buf *buf) {
  return (inst_str){buf->p != NULL ? buf->p : "", buf->n};
}

/* Leaves the bytes where they are: there begins what the arena has left. */
static inst_str leave(const inst_buf *buf, inst_arena *arena) {
  buf->p[buf->n] = '\0';
  arena->at += buf->n + 1;
  return (inst_str){buf->p, buf->n};
}

inst_str inst_buf_take(inst_buf *buf, inst_arena *arena) {
  inst_str text = {NULL, 0};
  if (buf->failed)
    arena->failed = true; /* whoever asks the arena at the end must hear of it */
  else if (buf->lent && buf->p == arena->at)
    text = leave(buf, arena);
  else
    text = inst_arena_copy(arena, inst_buf_text(buf));
  inst_buf_clear(buf);
  return text;
}

/* ---- quoting foreign text -------------------------------------------------------------------- */

/* The bytes of the character 'text' begins with, 0 where it is not UTF-8.  'text' is not empty. */
static size_t first_character(inst_str text) {
  inst_utf8 state = {0};
  for (size_t i = 0; i < text.n; i++) {
    if (!inst_utf8_step(&state, (unsigned char)text.p[i])) return 0;
    if (state.need == 0) return i + 1;
  }
  return 0;
}

/* ASCII's controls, and those of Unicode's second row (U+0080 to U+009F). */
static bool is_control(inst_str character) {
  unsigned char byte = (unsigned char)character.p[0];
  if (character.n == 2) return byte == 0xC2 && (unsigned char)character.p[1] < 0xA0;
  return character.n == 1 && (byte < 0x20 || byte == 0x7F);
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte)) /* eight of them */

/* How many bytes 'text' begins with that are ASCII and no controls. */
static size_t printable(inst_str text) {
  size_t n = 0;
  for (uint64_t word; text.n - n >= sizeof word; n += sizeof word) {
    memcpy(&word, text.p + n, sizeof word);
    if (((word | (word - EACH(0x20)) | (word + EACH(1))) & EACH(0x80)) != 0) break;
  }
  while (n < text.n && text.p[n] >= 0x20 && text.p[n] < 0x7F) n++;
  return n;
}

void inst_buf_quote(inst_buf *buf, inst_str text, size_t max) {
  size_t at = 0;
  while (at < text.n) {
    inst_str rest = {text.p + at, text.n - at};
    size_t n = printable((inst_str){rest.p, rest.n < max - at ? rest.n : max - at});
    inst_buf_add(buf, (inst_str){rest.p, n});
    at += n;
    if (n > 0) continue;
    n = first_character(rest);
    if (at + (n > 0 ? n : 1) > max) break;
    if (n == 0)
      inst_buf_byte(buf, '?');
    else if (is_control((inst_str){rest.p, n}))
      inst_buf_byte(buf, ' ');
    else
      inst_buf_add(buf, (inst_str){rest.p, n});
    at += n > 0 ? n : 1;
  }
  if (at < text.n) inst_buf_add(buf, INST_LIT("\xE2\x80\xA6"));
}
