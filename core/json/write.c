/*
** A value to text, without blanks.
** In: a value.  Out: JSON in a growing buffer, always well-formed UTF-8.
** A REAL stays one: 30.0 is written "30.0", so that reading it back gives a REAL again.  Numbers
** that are not finite become null.
** Rule: no recursion; the lists we stand in are kept on a stack.
*/
#include "core/json/write.h"

#include "core/base/number.h"
#include "core/json/quoted.h"

enum {
  LIST_ROOM = 1000, /* bytes of text that a list has room for at first */
  NEAR = 16         /* open lists that need no memory of their own */
};

/* One text being written. */
typedef struct writer {
  inst_buf *out;
  const inst_value *near[NEAR]; /* the open arrays and objects, from the root on */
  inst_buf far;                 /* the deeper ones, one behind the other */
  size_t depth;                 /* how many they are in all */
} writer;

/* ---- strings --------------------------------------------------------------------------------- */

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

/* What does not stand for itself: it is escaped; a byte that is no UTF-8 becomes U+FFFD. */
static void write_special(inst_buf *out, char c) {
  if ((unsigned char)c >= 0x80)
    inst_buf_add(out, INST_LIT("\xEF\xBF\xBD"));
  else
    write_escape(out, c);
}

/* Runs of characters that stand for themselves, with one that does not between them. */
static INST_SELDOM void write_mixed(inst_buf *buf, inst_str text) {
  bool wide;
  inst_buf_byte(buf, '"');
  for (;;) {
    size_t plain = inst_quoted_span(text, &wide);
    inst_buf_add(buf, (inst_str){text.p, plain});
    if (plain == text.n) break;
    write_special(buf, text.p[plain]);
    text.p += plain + 1, text.n -= plain + 1;
  }
  inst_buf_byte(buf, '"');
}

/* Most strings are ASCII and have nothing to escape: they are copied while that is found out.  False:
** this one is another, or there is no room; nothing is written. */
static inline bool write_plain(inst_buf *buf, inst_str text) {
  char *p = inst_buf_room(buf, text.n + 2);
  if (p == NULL || !inst_quoted_copy(text, p + 1)) return false;
  p[0] = p[text.n + 1] = '"';
  buf->n += text.n + 2;
  return true;
}

void inst_json_write_string(inst_buf *buf, inst_str text) {
  if (!write_plain(buf, text)) write_mixed(buf, text);
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

static void write_scalar(inst_buf *out, const inst_value *v) {
  switch ((inst_value_kind)v->kind) {
  case INST_BOOL: inst_buf_add(out, v->u.b ? INST_LIT("true") : INST_LIT("false")); break;
  case INST_INT: write_int(out, v->u.i); break;
  case INST_REAL: write_real(out, v->u.d); break;
  case INST_STRING: inst_json_write_string(out, v->u.s); break;
  case INST_PRINTED: inst_buf_add(out, v->u.s); break;
  default: inst_buf_add(out, INST_LIT("null")); break;
  }
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool is_list(const inst_value *v) {
  return v->kind == INST_ARRAY || v->kind == INST_OBJECT;
}

/* Goes into the list 'v'; its first item comes next.  NULL: it has none, and is written. */
static const inst_value *enter(writer *w, const inst_value *v) {
  const inst_value *first = v->u.list.first;
  inst_buf_byte(w->out, v->kind == INST_ARRAY ? '[' : '{');
  if (first == NULL) {
    inst_buf_byte(w->out, v->kind == INST_ARRAY ? ']' : '}');
    return NULL;
  }
  if (w->depth < NEAR)
    w->near[w->depth] = v;
  else
    inst_buf_add(&w->far, (inst_str){(const char *)&v, sizeof v});
  w->depth++;
  return first;
}

/* Takes the innermost list off the stack. */
static const inst_value *pop(writer *w) {
  const inst_value *v;
  if (--w->depth < NEAR) return w->near[w->depth];
  memcpy(&v, w->far.p + (w->far.n -= sizeof v), sizeof v);
  return v;
}

/* Goes from 'v' to what follows it, closing every list that ends here.  NULL: all is written. */
static const inst_value *leave(writer *w, const inst_value *v) {
  while (w->depth > 0 && v->next == NULL) {
    v = pop(w);
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

/* Writes 'v', of a list with items its opening, and goes to what comes next: in, along, or out. */
static const inst_value *write_one(writer *w, const inst_value *v) {
  const inst_value *inside = NULL;
  write_key(w, v);
  if (is_list(v))
    inside = enter(w, v);
  else
    write_scalar(w->out, v);
  return inside != NULL ? inside : leave(w, v);
}

void inst_json_write(inst_buf *out, const inst_value *v) {
  writer w;
  w.out = out;
  w.depth = 0;
  inst_buf_init(&w.far, out->alloc);
  if (v == NULL) inst_buf_add(out, INST_LIT("null"));
  while (v != NULL && !out->failed) {
    v = write_one(&w, v);
    if (w.far.failed) out->failed = true;
  }
  inst_buf_clear(&w.far);
}

inst_str inst_json_text(inst_arena *arena, const inst_value *v) {
  inst_buf buf;
  inst_buf_init_in(&buf, arena);
  if (v != NULL && is_list(v) && v->u.list.first != NULL) inst_buf_room(&buf, LIST_ROOM);
  inst_json_write(&buf, v);
  return inst_buf_take(&buf, arena);
}
