/*
** A value to text, without blanks.
** In: a value.  Out: JSON in a growing buffer, always well-formed UTF-8.
** A REAL stays one: 30.0 is written "30.0", so that reading it back gives a REAL again.  Numbers
** that are not finite become null.
** Rule: no recursion; the lists we stand in are kept on a stack of their own.
*/
#include "core/json/write.h"

#include "core/base/number.h"
#include "core/json/string.h"

#define LIST_ROOM 500 /* bytes of text that a list has room for at first */

/* One text being written. */
typedef struct writer {
  inst_buf *out;
  inst_buf lists; /* of const inst_value *: the open arrays and objects */
  size_t depth;   /* how many they are */
} writer;

/* ---- strings --------------------------------------------------------------------------------- */

/* Does the byte stand for itself in a string? */
static bool is_plain(char c) {
  return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/* The short form where JSON has one, else four hexadecimal digits. */
static void write_escape(inst_buf *out, char c) {
  static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt", hex[] = "0123456789abcdef";
  const char *name = memchr(named, c, sizeof named - 1);
  if (name != NULL) {
    char escape[] = {'\\', letters[name - named]};
    inst_buf_add(out, (inst_str){escape, sizeof escape});
  } else {
    char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    inst_buf_add(out, (inst_str){escape, sizeof escape});
  }
}

/* 'text' is UTF-8. */
static void write_escaped(inst_buf *out, inst_str text) {
  for (size_t at = 0; at < text.n; at++) {
    size_t start = at;
    while (at < text.n && is_plain(text.p[at])) at++;
    inst_buf_add(out, (inst_str){text.p + start, at - start});
    if (at < text.n) write_escape(out, text.p[at]);
  }
}

/* A text that stands for itself from end to end. */
static void write_plain(inst_buf *buf, inst_str text) {
  char *p = inst_buf_room(buf, text.n + 2);
  if (p == NULL) return;
  p[0] = '"';
  if (text.n > 0) memcpy(p + 1, text.p, text.n);
  p[text.n + 1] = '"';
  buf->n += text.n + 2;
}

/* Most strings do. */
void inst_json_write_string(inst_buf *buf, inst_str text) {
  size_t plain = inst_string_plain(text);
  if (plain == text.n) {
    write_plain(buf, text);
    return;
  }
  inst_buf_byte(buf, '"');
  inst_buf_add(buf, (inst_str){text.p, plain});
  text.p += plain, text.n -= plain;
  while (text.n > 0) {
    size_t good = inst_utf8_span(text);
    write_escaped(buf, (inst_str){text.p, good});
    text.p += good, text.n -= good;
    if (text.n == 0) break;
    inst_buf_add(buf, INST_LIT("\xEF\xBF\xBD")); /* U+FFFD for the stray byte */
    text.p++, text.n--;
  }
  inst_buf_byte(buf, '"');
}

/* ---- values ---------------------------------------------------------------------------------- */

/* From the last digit to the first; the least int64_t has no positive of its own kind. */
static void write_int(inst_buf *out, int64_t i) {
  char digits[20], *end = digits + sizeof digits, *at = end;
  uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
  do *--at = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (i < 0) *--at = '-';
  inst_buf_add(out, (inst_str){at, (size_t)(end - at)});
}

static void write_real(inst_buf *out, double d) {
  char text[INST_NUMBER_ROOM];
  size_t n = inst_number_write(d, true, text);
  inst_buf_add(out, (inst_str){text, n});
}

/* Writes 'v' when it is no list, or an empty one; of a list with items: its opening. */
static void write_head(inst_buf *out, const inst_value *v) {
  bool empty = inst_value_first(v) == NULL;
  switch (inst_value_kind_of(v)) {
  case INST_BOOL: inst_buf_add(out, v->u.b ? INST_LIT("true") : INST_LIT("false")); break;
  case INST_INT: write_int(out, v->u.i); break;
  case INST_REAL: write_real(out, v->u.d); break;
  case INST_STRING: inst_json_write_string(out, v->u.s); break;
  case INST_PRINTED: inst_buf_add(out, v->u.s); break;
  case INST_ARRAY: inst_buf_add(out, empty ? INST_LIT("[]") : INST_LIT("[")); break;
  case INST_OBJECT: inst_buf_add(out, empty ? INST_LIT("{}") : INST_LIT("{")); break;
  default: inst_buf_add(out, INST_LIT("null")); break;
  }
}

/* Goes into the list 'v'; its first item comes next. */
static const inst_value *enter(writer *w, const inst_value *v) {
  inst_buf_add(&w->lists, (inst_str){(const char *)&v, sizeof v});
  w->depth++;
  return inst_value_first(v);
}

/* Goes from 'v' to what follows it, closing every list that ends here.  NULL: all is written. */
static const inst_value *leave(writer *w, const inst_value *v) {
  while (w->depth > 0 && v->next == NULL) {
    memcpy(&v, w->lists.p + (w->lists.n -= sizeof v), sizeof v);
    w->depth--;
    inst_buf_byte(w->out, v->kind == INST_ARRAY ? ']' : '}');
  }
  if (w->depth == 0) return NULL; /* what stands beside the root is not ours to write */
  inst_buf_byte(w->out, ',');
  return v->next;
}

/* The root may stand in an object, but its key is not part of it. */
static void write_key(writer *w, const inst_value *v) {
  if (w->depth == 0 || v->key.p == NULL) return;
  inst_json_write_string(w->out, v->key);
  inst_buf_byte(w->out, ':');
}

/* Each round writes one head and goes to what comes next: in, along, or out. */
void inst_json_write(inst_buf *out, const inst_value *v) {
  writer w = {.out = out};
  if (v == NULL) inst_buf_add(out, INST_LIT("null"));
  inst_buf_init(&w.lists, out->alloc);
  while (v != NULL && !out->failed) {
    write_key(&w, v);
    write_head(out, v);
    v = inst_value_first(v) != NULL ? enter(&w, v) : leave(&w, v);
    if (w.lists.failed) out->failed = true;
  }
  inst_buf_clear(&w.lists);
}

inst_str inst_json_text(inst_arena *arena, const inst_value *v) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  if (inst_value_first(v) != NULL) inst_buf_room(&buf, LIST_ROOM);
  inst_json_write(&buf, v);
  return inst_buf_take(&buf, arena);
}
