/*
** Whole texts: a value gets its place in its list when it begins, and is filled in there.
*/
#include "core/json/whole.h"

#include "core/base/number.h"
#include "core/json/keys.h"
#include "core/json/quoted.h"

#define MOST_LEVELS 48

/* An open list. */
typedef struct level {
  inst_value *list;
  inst_keys keys; /* OBJECT */
  char end;       /* the bracket that ends it */
} level;

typedef struct whole {
  inst_arena *arena;
  const char *at, *end;
  uint32_t seed;     /* of the hashes of keys */
  inst_value *value; /* the one that comes, in its place already */
  inst_value all;    /* a list of one: what the text stands in */
  level *top, *most; /* the innermost that is open, and the last that may be */
  level levels[MOST_LEVELS + 1];
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

/* Puts the value that comes at the end of the innermost list; false: no memory. */
static inline bool place(whole *w, inst_str key) {
  inst_value *v = inst_arena_step(w->arena, sizeof *v);
  if (v == NULL) return false;
  *v = (inst_value){.key = key};
  inst_append(w->top->list, v);
  w->value = v;
  return true;
}

/* ---- strings --------------------------------------------------------------------------------- */

/* How far the closing quote is, from the first backslash on; the length of the text: it has none. */
static size_t find_quote(inst_str text, size_t at) {
  while (at < text.n && text.p[at] != '"') at += text.p[at] == '\\' ? 2 : 1;
  return at < text.n ? at : text.n;
}

/* What escapes stand for is shorter than they are.  Where the arena has room for all that is left of
** the text, the string need not be measured first. */
static bool unescape(whole *w, size_t span, inst_str *out) {
  bool wide;
  inst_str text = rest(w);
  char *room = w->arena->at;
  bool measured = text.n >= (size_t)(w->arena->end - room);
  if (measured) {
    size_t end = find_quote(text, span);
    room = end < text.n ? inst_arena_get(w->arena, end + 1) : NULL;
    text.n = end + 1;
  }
  size_t read = room != NULL ? inst_quoted_unescape(text, span, room, out, &wide) : 0;
  if (read == 0) return false;
  room[out->n] = '\0';
  if (!measured) w->arena->at += out->n + 1;
  w->at += read;
  return true;
}

/* Takes the string behind a quote, whatever is in it. */
static INST_SELDOM bool take_any_string(whole *w, inst_str *out) {
  bool wide;
  inst_str text = rest(w);
  size_t span = inst_quoted_span(text, &wide);
  if (span == text.n) return false;
  if (text.p[span] != '"') return unescape(w, span, out);
  *out = inst_arena_copy(w->arena, (inst_str){text.p, span});
  w->at += span + 1;
  return out->p != NULL;
}

/* Takes the string whose opening quote is next.  Most are copied while their end is looked for: what
** is written behind it is not the string's, and will be written over. */
static inline bool take_string(whole *w, inst_str *out) {
  w->at++;
#if defined(INST_QUOTED_WIDE)
  const char *from = w->at;
  char *to = w->arena->at;
  if (w->end - from < 16 || w->arena->end - to < 16) return take_any_string(w, out);
  __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
  unsigned special = inst_quoted_special(bytes);
  _mm_storeu_si128((__m128i *)(void *)to, bytes);
  size_t n = (size_t)__builtin_ctz(special | 1u << 15); /* where nothing is special, no quote is */
  if (from[n] == '"') {
    to[n] = '\0';
    *out = (inst_str){to, n};
    w->arena->at = to + n + 1;
    w->at = from + n + 1;
    return true;
  }
#endif
  return take_any_string(w, out);
}

static inline bool string(whole *w) {
  w->value->kind = INST_STRING;
  return take_string(w, &w->value->u.s);
}

/* ---- numbers and words ----------------------------------------------------------------------- */

static INST_SELDOM bool any_number(whole *w) {
  int64_t i;
  double d;
  size_t used;
  inst_number_kind kind = inst_number_take(rest(w), &i, &d, &used);
  w->at += used;
  w->value->kind = kind == INST_NUMBER_INT ? INST_INT : INST_REAL;
  if (kind == INST_NUMBER_INT)
    w->value->u.i = i;
  else if (kind == INST_NUMBER_REAL)
    w->value->u.d = d;
  return kind != INST_NUMBER_BAD;
}

static inline bool number(whole *w) {
  if (!inst_number_take_few(&w->at, w->end, &w->value->u.i)) return any_number(w);
  w->value->kind = INST_INT;
  return true;
}

static inline bool word(whole *w, inst_str letters, inst_value_kind kind) {
  if (!inst_str_starts(rest(w), letters)) return false;
  w->at += letters.n;
  w->value->kind = (uint8_t)kind;
  if (kind == INST_BOOL) w->value->u.b = letters.p[0] == 't';
  return true;
}

/* A value that is no list. */
static inline bool scalar(whole *w, char c) {
  switch (c) {
  case '"': return string(w);
  case 't': return word(w, INST_LIT("true"), INST_BOOL);
  case 'f': return word(w, INST_LIT("false"), INST_BOOL);
  case 'n': return word(w, INST_LIT("null"), INST_NULL);
  default: return number(w);
  }
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Takes a key that was not there before, and its colon. */
static inline bool member(whole *w) {
  inst_str key;
  if (look(w) != '"' || !take_string(w, &key)) return false;
  level *top = w->top;
  if (!inst_keys_meet(&top->keys, key) &&
      inst_keys_find_met(&top->keys, top->list, key, w->seed) != NULL)
    return false;
  if (look(w) != ':') return false;
  w->at++;
  return place(w, key) && inst_keys_file(&top->keys, top->list, w->seed, w->arena->alloc);
}

/* Goes on to the next value of the innermost list. */
static inline bool part(whole *w) {
  return w->top->end == '}' ? member(w) : place(w, (inst_str){NULL, 0});
}

static inline bool open_list(whole *w, bool object) {
  if (w->top == w->most) return false;
  w->value->kind = object ? INST_OBJECT : INST_ARRAY;
  *++w->top = (level){.list = w->value, .end = object ? '}' : ']'};
  w->at++;
  return true;
}

static inline void close_list(whole *w) {
  if (w->top->keys.slots != NULL) inst_keys_clear(&w->top->keys, w->arena->alloc);
  w->top--;
  w->at++;
}

/* ---- the walk -------------------------------------------------------------------------------- */

typedef enum next { BROKEN, VALUE_COMES, VALUE_ENDED, ALL_ENDED } next;

/* Takes the bracket that begins a list, and the other one if nothing is between them. */
static inline next go_in(whole *w, bool object) {
  if (!open_list(w, object)) return BROKEN;
  if (look(w) != w->top->end) return part(w) ? VALUE_COMES : BROKEN;
  close_list(w);
  return VALUE_ENDED;
}

/* What comes behind a value: lists end, until one goes on. */
static inline next go_on(whole *w) {
  for (;;) {
    char c = look(w);
    if (w->top == w->levels) return w->at == w->end ? ALL_ENDED : BROKEN;
    if (c == ',') {
      w->at++;
      return part(w) ? VALUE_COMES : BROKEN;
    }
    if (c != w->top->end) return BROKEN;
    close_list(w);
  }
}

static next run(whole *w) {
  next then = place(w, (inst_str){NULL, 0}) ? VALUE_COMES : BROKEN;
  while (then == VALUE_COMES) {
    char c = look(w);
    if (c == '{' || c == '[')
      then = go_in(w, c == '{');
    else
      then = scalar(w, c) ? VALUE_ENDED : BROKEN;
    if (then == VALUE_ENDED) then = go_on(w);
  }
  return then;
}

inst_value *inst_whole_read(inst_arena *arena, inst_str text, unsigned max_depth) {
  whole w;
  if (text.n == 0) return NULL;
  w.arena = arena;
  w.at = text.p;
  w.end = text.p + text.n;
  w.seed = inst_keys_seed(arena);
  w.all = (inst_value){.kind = INST_ARRAY};
  w.top = w.levels;
  w.top->list = &w.all;
  w.top->end = ']';
  w.most = w.levels + (max_depth < MOST_LEVELS ? max_depth : MOST_LEVELS);
  next then = run(&w);
  for (; w.top > w.levels; w.top--) inst_keys_clear(&w.top->keys, arena->alloc);
  return then == ALL_ENDED ? w.all.u.list.first : NULL;
}
