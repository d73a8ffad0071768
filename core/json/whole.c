/*
** Whole texts: values are made when they are complete, lists when they begin.
*/
#include "core/json/whole.h"

#include "core/base/number.h"
#include "core/json/keys.h"
#include "core/json/quoted.h"

#define MOST_LEVELS 48

/* An open array or object. */
typedef struct level {
  inst_value *list;
  inst_keys keys; /* OBJECT */
} level;

typedef struct whole {
  inst_arena *arena;
  const char *at, *end;
  unsigned depth, most;
  uint32_t seed; /* of the hashes of keys */
  bool fresh;    /* has a list just been opened? */
  inst_str key;  /* of the value that comes */
  inst_value *root;
  level levels[MOST_LEVELS];
} whole;

/* The next byte that is no blank, which stays; '\0' at the end, where no JSON has one. */
static inline char look(whole *w) {
  for (; w->at < w->end; w->at++) {
    char c = *w->at;
    if (c > ' ' || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) return c;
  }
  return '\0';
}

static inline inst_str rest(const whole *w) {
  return (inst_str){w->at, (size_t)(w->end - w->at)};
}

/* Puts a new value where the text stands; NULL: no memory. */
static inline inst_value *place(whole *w, inst_value_kind kind) {
  inst_value *v = inst_arena_get(w->arena, sizeof *v);
  if (v == NULL) return NULL;
  *v = (inst_value){.kind = (uint8_t)kind};
  if (w->depth == 0) return w->root = v;
  level *top = &w->levels[w->depth - 1];
  if (top->list->kind == INST_ARRAY) {
    inst_push(top->list, v);
    return v;
  }
  inst_put_kept(top->list, w->key, v);
  return inst_keys_add(&top->keys, top->list, w->seed, w->arena->alloc) ? v : NULL;
}

/* ---- strings --------------------------------------------------------------------------------- */

/* How far the closing quote is, from the first backslash on; the length of the text: it has none. */
static size_t find_quote(inst_str text, size_t at) {
  while (at < text.n && text.p[at] != '"') at += text.p[at] == '\\' ? 2 : 1;
  return at < text.n ? at : text.n;
}

/* What escapes stand for is shorter than they are. */
static bool unescape(whole *w, size_t span, inst_str *out) {
  bool wide;
  inst_str text = rest(w);
  size_t end = find_quote(text, span);
  char *room = end < text.n ? inst_arena_get(w->arena, end + 1) : NULL;
  if (room == NULL) return false;
  text.n = end + 1;
  size_t read = inst_quoted_unescape(text, span, room, out, &wide);
  w->at += read;
  if (read > 0) room[out->n] = '\0';
  return read > 0;
}

/* Takes the string whose opening quote is next. */
static bool take_string(whole *w, inst_str *out) {
  bool wide;
  w->at++;
  inst_str text = rest(w);
  size_t span = inst_quoted_span(text, &wide);
  if (span == text.n) return false;
  if (text.p[span] != '"') return unescape(w, span, out);
  *out = inst_arena_copy(w->arena, (inst_str){text.p, span});
  w->at += span + 1;
  return out->p != NULL;
}

static bool string(whole *w) {
  inst_str text;
  inst_value *v = take_string(w, &text) ? place(w, INST_STRING) : NULL;
  if (v != NULL) v->u.s = text;
  return v != NULL;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static bool number(whole *w) {
  int64_t i;
  double d;
  size_t used;
  inst_number_kind kind = inst_number_take(rest(w), &i, &d, &used);
  if (kind == INST_NUMBER_BAD) return false;
  w->at += used;
  inst_value *v = place(w, kind == INST_NUMBER_INT ? INST_INT : INST_REAL);
  if (v == NULL) return false;
  if (kind == INST_NUMBER_INT)
    v->u.i = i;
  else
    v->u.d = d;
  return true;
}

static bool word(whole *w, inst_str letters, inst_value_kind kind) {
  inst_value *v = inst_str_starts(rest(w), letters) ? place(w, kind) : NULL;
  w->at += letters.n;
  if (v != NULL && kind == INST_BOOL) v->u.b = letters.p[0] == 't';
  return v != NULL;
}

static bool open_list(whole *w, inst_value_kind kind) {
  if (w->depth == w->most) return false;
  inst_value *list = place(w, kind);
  if (list == NULL) return false;
  w->levels[w->depth++] = (level){.list = list};
  w->fresh = true;
  w->at++;
  return true;
}

static bool value(whole *w) {
  switch (look(w)) {
  case '"': return string(w);
  case '{': return open_list(w, INST_OBJECT);
  case '[': return open_list(w, INST_ARRAY);
  case 't': return word(w, INST_LIT("true"), INST_BOOL);
  case 'f': return word(w, INST_LIT("false"), INST_BOOL);
  case 'n': return word(w, INST_LIT("null"), INST_NULL);
  default: return number(w);
  }
}

/* Takes a key that was not there before, and its colon. */
static bool take_key(whole *w) {
  const level *top = &w->levels[w->depth - 1];
  if (look(w) != '"' || !take_string(w, &w->key)) return false;
  if (inst_keys_find(&top->keys, top->list, w->key, w->seed) != NULL) return false;
  if (look(w) != ':') return false;
  w->at++;
  return true;
}

typedef enum next { BROKEN, VALUE_COMES, LIST_ENDED, ALL_ENDED } next;

static next close_list(whole *w) {
  inst_keys_clear(&w->levels[--w->depth].keys, w->arena->alloc);
  w->fresh = false;
  w->at++;
  return LIST_ENDED;
}

/* What comes behind a value, or behind the beginning of a list. */
static next go_on(whole *w) {
  char c = look(w);
  if (w->depth == 0) return w->at == w->end ? ALL_ENDED : BROKEN;
  bool object = w->levels[w->depth - 1].list->kind == INST_OBJECT;
  if (c == (object ? '}' : ']')) return close_list(w);
  if (!w->fresh) {
    if (c != ',') return BROKEN;
    w->at++;
  }
  w->fresh = false;
  return !object || take_key(w) ? VALUE_COMES : BROKEN;
}

inst_value *inst_whole_read(inst_arena *arena, inst_str text, unsigned max_depth) {
  whole w;
  next then = VALUE_COMES;
  if (text.n == 0) return NULL;
  w.arena = arena;
  w.at = text.p;
  w.end = text.p + text.n;
  w.depth = 0;
  w.most = max_depth < MOST_LEVELS ? max_depth : MOST_LEVELS;
  w.seed = (uint32_t)(((uintptr_t)arena * UINT64_C(0x9E3779B97F4A7C15)) >> 33) | 1;
  w.fresh = false;
  while (then == VALUE_COMES || then == LIST_ENDED) {
    if (then == VALUE_COMES && !value(&w)) break;
    then = go_on(&w);
  }
  while (w.depth > 0) close_list(&w);
  return then == ALL_ENDED ? w.root : NULL;
}
