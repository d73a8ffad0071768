/*
** Texts of values, and numbers of texts.
*/
#include "core/schema/coerce.h"

#include "core/base/number.h"
#include "core/schema/run.h"

#include <math.h>

/* ---- texts ----------------------------------------------------------------------------------- */

/* A list being written, and the lists around it. */
typedef struct level {
  const inst_value *item; /* the next one */
  struct level *outer;
} level;

static void write_number(inst_buf *buf, const inst_value *v) {
  char text[INST_NUMBER_ROOM];
  if (inst_value_kind_of(v) == INST_INT)
    inst_buf_addf(buf, "%lld", (long long)inst_value_int(v));
  else
    inst_buf_add(buf, (inst_str){text, inst_number_write_js(inst_value_real(v), text)});
}

/* A value that is no list.  False: it has no text. */
static bool write_plain(inst_buf *buf, const inst_value *v) {
  switch (inst_value_kind_of(v)) {
  case INST_NULL: inst_buf_addf(buf, "null"); return true;
  case INST_BOOL: inst_buf_addf(buf, inst_value_bool(v) ? "true" : "false"); return true;
  case INST_INT:
  case INST_REAL: write_number(buf, v); return true;
  case INST_STRING: inst_buf_add(buf, inst_value_text(v)); return true;
  case INST_OBJECT: inst_buf_addf(buf, "[object Object]"); return true;
  default: return false;
  }
}

/* The next item of the innermost list, which a list may stand in.  False: it has no text, or
** memory is out. */
static bool write_item(inst_buf *buf, level **lists, inst_arena *arena) {
  level *list = *lists;
  const inst_value *v = list->item;
  if (v == NULL) {
    *lists = list->outer;
    if (*lists != NULL && (*lists)->item != NULL) inst_buf_byte(buf, ',');
    return true;
  }
  list->item = inst_value_next(v);
  if (inst_value_kind_of(v) == INST_ARRAY) {
    level *inner = inst_arena_get(arena, sizeof *inner);
    if (inner == NULL) return false;
    *inner = (level){inst_value_first(v), list};
    *lists = inner;
    return true;
  }
  if (inst_value_kind_of(v) != INST_NULL && !write_plain(buf, v)) return false;
  if (list->item != NULL) inst_buf_byte(buf, ',');
  return true;
}

/* The items of a list, and of the lists in it, with commas between. */
static bool write_list(inst_buf *buf, const inst_value *v, inst_arena *arena) {
  level outer = {inst_value_first(v), NULL}, *lists = &outer;
  while (lists != NULL)
    if (!write_item(buf, &lists, arena)) return false;
  return true;
}

/* p NULL: 'v' has no text, or memory is out. */
static inst_str text_of(const inst_value *v, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  bool list = inst_value_kind_of(v) == INST_ARRAY;
  if (list ? write_list(&buf, v, arena) : write_plain(&buf, v)) return inst_buf_take(&buf, arena);
  inst_buf_clear(&buf);
  return (inst_str){NULL, 0};
}

static inst_value *to_string(const inst_value *v, inst_arena *arena) {
  if (v == NULL) return inst_string(arena, INST_LIT("undefined"));
  inst_str text = text_of(v, arena);
  return text.p != NULL ? inst_string(arena, text) : NULL;
}

/* ---- truth ----------------------------------------------------------------------------------- */

static inst_value *to_boolean(const inst_value *v, inst_arena *arena) {
  switch (v != NULL ? inst_value_kind_of(v) : INST_NULL) {
  case INST_OPAQUE: return NULL;
  case INST_NULL: return inst_bool(arena, false);
  case INST_BOOL: return inst_bool(arena, inst_value_bool(v));
  case INST_INT:
  case INST_REAL: return inst_bool(arena, inst_value_real(v) < 0 || inst_value_real(v) > 0);
  case INST_STRING: return inst_bool(arena, inst_value_text(v).n > 0);
  default: return inst_bool(arena, true);
  }
}

/* ---- numbers --------------------------------------------------------------------------------- */

static int digit_value(char c) {
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* What stands behind "0x", "0o" or "0b"; 0: no such thing. */
static int base_of(inst_str text) {
  if (text.n < 3 || text.p[0] != '0') return 0;
  char c = (char)(text.p[1] | 0x20);
  return c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
}

static inst_value *read_digits(inst_str text, int base, inst_arena *arena, const char **why) {
  double d = 0;
  int64_t i;
  for (size_t at = 0; at < text.n; at++) {
    if (!inst_run_has(INST_HEX, text.p[at]) || digit_value(text.p[at]) >= base) return NULL;
    d = d * base + digit_value(text.p[at]);
  }
  if (isinf(d)) *why = "Infinity";
  if (isinf(d)) return NULL;
  return inst_number_is_int(d, &i) ? inst_int(arena, i) : inst_real(arena, d);
}

/* A decimal number as JSON writes it: without '+' and needless zeros, with digits at both sides of
** its point.  False: it is none. */
static bool write_as_json(inst_buf *buf, inst_str text) {
  size_t at = text.n > 0 && (text.p[0] == '+' || text.p[0] == '-') ? 1 : 0;
  if (at > 0 && text.p[0] == '-') inst_buf_byte(buf, '-');
  size_t whole = inst_run(text, at, INST_DIGIT), zeros = 0;
  while (zeros + 1 < whole && text.p[at + zeros] == '0') zeros++;
  inst_buf_add(buf, whole > 0 ? (inst_str){text.p + at + zeros, whole - zeros} : INST_LIT("0"));
  at += whole;
  if (at < text.n && text.p[at] == '.') {
    size_t part = inst_run(text, ++at, INST_DIGIT);
    if (part > 0) inst_buf_byte(buf, '.');
    inst_buf_add(buf, (inst_str){text.p + at, part});
    at += part;
    whole += part;
  }
  inst_buf_add(buf, inst_run_rest(text, at));
  return whole > 0;
}

static bool is_infinite(inst_str text) {
  if (text.n > 0 && (text.p[0] == '+' || text.p[0] == '-')) text = inst_run_rest(text, 1);
  return inst_str_is(text, INST_LIT("Infinity"));
}

static inst_value *read_decimal(inst_str text, inst_arena *arena, const char **why) {
  inst_buf buf;
  int64_t i;
  double d;
  inst_number_kind kind = INST_NUMBER_BAD;
  inst_buf_init(&buf, arena->alloc);
  bool number = write_as_json(&buf, text);
  inst_str json = inst_buf_take(&buf, arena);
  if (json.p == NULL) return NULL;
  if (number) kind = inst_number_read(json, &i, &d);
  if (kind == INST_NUMBER_BAD && number && inst_number_has_form(json)) *why = "Infinity";
  if (kind == INST_NUMBER_BAD) return NULL;
  return kind == INST_NUMBER_INT ? inst_int(arena, i) : inst_real(arena, d);
}

static inst_value *read_number(inst_str text, inst_arena *arena, const char **why) {
  text = inst_run_trim(text);
  int base = base_of(text);
  if (text.n == 0) return inst_int(arena, 0);
  if (base > 0) return read_digits(inst_run_rest(text, 2), base, arena, why);
  if (is_infinite(text)) *why = "Infinity";
  return is_infinite(text) ? NULL : read_decimal(text, arena, why);
}

static inst_value *to_number(const inst_value *v, inst_arena *arena, const char **why) {
  inst_value_kind kind = v != NULL ? inst_value_kind_of(v) : INST_OPAQUE;
  *why = v != NULL && kind == INST_OPAQUE ? NULL : "NaN";
  if (kind == INST_OPAQUE) return NULL;
  if (inst_value_is_number(v)) return inst_value_alias(arena, v);
  if (kind == INST_NULL) return inst_int(arena, 0);
  if (kind == INST_BOOL) return inst_int(arena, inst_value_bool(v) ? 1 : 0);
  inst_str text = text_of(v, arena);
  if (text.p == NULL) *why = NULL;
  return text.p != NULL ? read_number(text, arena, why) : NULL;
}

inst_value *inst_coerce(inst_node_kind kind, const inst_value *v, inst_arena *arena,
                        const char **why) {
  *why = NULL;
  if (kind == INST_NODE_STRING) return to_string(v, arena);
  return kind == INST_NODE_BOOLEAN ? to_boolean(v, arena) : to_number(v, arena, why);
}
