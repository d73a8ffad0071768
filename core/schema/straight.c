/*
** A whole text against a plan, in one pass.
** In: a plan, a text.  Out: marks of what the text comes to; or nothing, at the first thing that is
** not plain success.
** Rule: yes is said only where the parse says it too, with the same value; no says nothing at all.
** Rule: no recursion, and no memory but what is kept from one text to the next.
*/
#include "core/schema/plan.h"

#include "core/base/error.h"
#include "core/base/number.h"
#include "core/json/quoted.h"
#include "core/schema/check.h"

#define EXACT_INT INT64_C(9007199254740992) /* 2^53 */
#define FIRST_MARKS 64                      /* room for so many is there before the first text */
#define KEEP_MARKS 4096                     /* more of them are given back when a text is done */
#define KEEP_BYTES 65536                    /* and so is room for more bytes of strings */
#define MOST_BYTES UINT32_MAX               /* a mark counts no further */

/* An open list. */
typedef struct level {
  const inst_step *step;
  size_t head;   /* its mark */
  uint64_t seen; /* OBJECT: the fields that came */
  uint32_t count;
  uint32_t next; /* OBJECT: the field that is likely to come; TUPLE: the place */
  bool object;
  bool dropped; /* is it under a key that nobody wants? */
} level;

/* What is wanted of the next value. */
typedef struct want {
  const inst_step *step;
  uint32_t name; /* of its key, or 0 */
  bool dropped;
} want;

struct inst_straight {
  inst_arena plan_arena;
  inst_plan plan;
  inst_alloc alloc;
  inst_arena arena; /* of what checks make */
  inst_mark *marks;
  size_t count, room;
  char *bytes; /* strings that had escapes */
  size_t used, size;
  const char *at, *end;
  bool narrow;
  bool fresh; /* has a list just been opened? */
  size_t depth;
  inst_error error; /* what checks say, and nobody asks */
  level levels[INST_MAX_DEPTH];
};

/* ---- marks ----------------------------------------------------------------------------------- */

static bool grow(inst_straight *s) {
  size_t room = s->room > 0 ? s->room * 2 : FIRST_MARKS;
  inst_mark *marks = inst_resize(s->alloc, s->marks, s->room * sizeof *marks, room * sizeof *marks);
  if (marks == NULL) return false;
  s->marks = marks;
  s->room = room;
  return true;
}

/* A new mark at the end, of that kind; NULL: no memory. */
static inline inst_mark *add(inst_straight *s, inst_mark_kind kind, uint32_t name) {
  if (s->count == s->room && !grow(s)) return NULL;
  inst_mark *mark = &s->marks[s->count++];
  mark->n = 0;
  mark->kind = (uint32_t)kind & 0xFu;
  mark->name = name & 0xFFFFFFFu;
  return mark;
}

static bool add_bare(inst_straight *s, const want *w, inst_mark_kind kind) {
  return add(s, kind, w->name) != NULL;
}

static bool add_text(inst_straight *s, inst_mark_kind kind, uint32_t name, inst_str text) {
  inst_mark *mark = text.n <= MOST_BYTES ? add(s, kind, name) : NULL;
  if (mark == NULL) return false;
  mark->u.p = text.p;
  mark->n = (uint32_t)text.n;
  return true;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* The next byte that is no blank, which stays; '\0' at the end, where no JSON has one. */
static inline char look(inst_straight *s) {
  for (; s->at < s->end; s->at++) {
    char c = *s->at;
    if (c > ' ' || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) return c;
  }
  return '\0';
}

static inline bool take(inst_straight *s, char c) {
  if (look(s) != c) return false;
  s->at++;
  return true;
}

/* What is left of the text. */
static inline inst_str rest(const inst_straight *s) {
  return (inst_str){s->at, (size_t)(s->end - s->at)};
}

/* Room for as many bytes as the rest of the text could come to.  Had once, it is enough for all of
** the text, and what was written to it stays where it is. */
static char *room_for_bytes(inst_straight *s) {
  if (s->used == 0 && s->size < rest(s).n) {
    char *bytes = inst_resize(s->alloc, s->bytes, s->size, rest(s).n);
    if (bytes == NULL) return NULL;
    s->bytes = bytes;
    s->size = rest(s).n;
  }
  return s->bytes + s->used;
}

static bool take_escaped(inst_straight *s, size_t span, inst_str *text, bool *wide) {
  char *out = room_for_bytes(s);
  if (out == NULL) return false;
  size_t read = inst_quoted_unescape(rest(s), span, out, text, wide);
  s->used += text->n;
  s->at += read;
  return read > 0;
}

/* Takes the string whose quote is next. */
static inline bool take_string(inst_straight *s, inst_str *text, bool *wide) {
  s->at++;
  *wide = false;
  size_t span = inst_quoted_span(rest(s), wide);
  if (s->at + span == s->end) return false;
  *text = (inst_str){s->at, span};
  if (s->at[span] != '"') return take_escaped(s, span, text, wide);
  s->at += span + 1;
  return true;
}

/* ---- checks ---------------------------------------------------------------------------------- */

enum { NO, YES, UNSURE };

static int in_range(inst_check_kind kind, double d, double bound) {
  switch (kind) {
  case INST_CHECK_MIN: return d >= bound;
  case INST_CHECK_MAX: return d <= bound;
  case INST_CHECK_GT: return d > bound;
  case INST_CHECK_LT: return d < bound;
  case INST_CHECK_LENGTH: return d >= bound && d <= bound;
  default: return UNSURE;
  }
}

static bool is_exact(const inst_value *v) {
  return v->kind == INST_INT && v->u.i < EXACT_INT && v->u.i > -EXACT_INT;
}

/* A character has up to four bytes: mostly that is all one needs to know of a length. */
static int has_length(inst_check_kind kind, size_t bytes, double bound, bool wide) {
  if (kind > INST_CHECK_LENGTH) return UNSURE;
  size_t least = bytes / 4; /* characters */
  if (!wide) return in_range(kind, (double)bytes, bound);
  if (kind == INST_CHECK_MIN && (double)least >= bound) return YES;
  return kind == INST_CHECK_MAX && (double)bytes <= bound ? YES : UNSURE;
}

/* What can be said without looking long; 'wide': the characters of a text are not its bytes. */
static int fits_at_once(const inst_check *check, const inst_value *v, bool wide) {
  if (v->kind == INST_STRING) return has_length(check->kind, v->u.s.n, check->number, wide);
  if (v->kind == INST_REAL) return in_range(check->kind, v->u.d, check->number);
  if (!is_exact(v)) return UNSURE;
  if (check->kind == INST_CHECK_INT) return YES;
  return in_range(check->kind, (double)v->u.i, check->number);
}

/* Runs the rules over '*v', which may be another value after. */
static bool fits(inst_straight *s, const inst_tnode *node, inst_value **v, bool wide) {
  inst_finding finding;
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next) {
    int answer = fits_at_once(&rule->check, *v, wide);
    if (answer == NO) return false;
    if (answer == YES) continue;
    if (inst_check_run(rule, node, v, &s->arena, &finding, &s->error) != 1) return false;
    wide = true;
  }
  return true;
}

/* Is the number of items what the rules want?  (Lists have no others.) */
static bool fits_count(const inst_tnode *node, size_t count) {
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next)
    if (in_range(rule->check.kind, (double)count, rule->check.number) != YES) return false;
  return true;
}

/* ---- values without parts -------------------------------------------------------------------- */

/* Which of the step's choices 'v' is, from 0; -1: none. */
static int choose(const inst_step *step, const inst_value *v) {
  const inst_value *choice = inst_value_first(step->node->values);
  for (int i = 0; choice != NULL; choice = inst_value_next(choice), i++)
    if (inst_value_equal(choice, v)) return i;
  return -1;
}

static bool is_choice(const inst_step *step) {
  return step->kind == INST_NODE_ENUM || step->kind == INST_NODE_LITERAL;
}

static bool takes_anything(const inst_step *step) {
  return step->kind == INST_NODE_ANY || step->kind == INST_NODE_UNKNOWN;
}

/* Does a value of that kind, of which there is only this one, pass? */
static bool passes(const inst_step *step, inst_node_kind kind, const inst_value *v) {
  if (step->kind == kind || takes_anything(step)) return true;
  return is_choice(step) && choose(step, v) >= 0;
}

static bool put_choice(inst_straight *s, const want *w, inst_str text) {
  const inst_value *choice = inst_value_first(w->step->node->values);
  uint32_t number = w->step->name;
  for (; choice != NULL; choice = inst_value_next(choice), number++) {
    if (choice->kind != INST_STRING || !inst_str_is(choice->u.s, text)) continue;
    inst_mark *mark = add(s, INST_MARK_NAME, w->name);
    if (mark != NULL) mark->n = number;
    return mark != NULL;
  }
  return false;
}

/* A text that has rules, which may change it. */
static bool put_checked(inst_straight *s, const want *w, inst_str text, bool wide) {
  inst_value here = {.kind = INST_STRING, .u.s = text}, *v = &here;
  if (!fits(s, w->step->node, &v, wide)) return false;
  return add_text(s, INST_MARK_STRING, w->name, v->u.s);
}

static bool string(inst_straight *s, const want *w) {
  inst_str text;
  bool wide;
  if (!take_string(s, &text, &wide)) return false;
  if (w->step->kind == INST_NODE_STRING && w->step->node->rules != NULL)
    return put_checked(s, w, text, wide);
  if (w->step->kind == INST_NODE_STRING || takes_anything(w->step))
    return add_text(s, INST_MARK_STRING, w->name, text);
  return is_choice(w->step) && put_choice(s, w, text);
}

static bool put_number(inst_straight *s, const want *w, const inst_value *v) {
  bool whole = v->kind == INST_INT;
  inst_mark *mark = add(s, whole ? INST_MARK_INT : INST_MARK_REAL, w->name);
  if (mark == NULL) return false;
  if (whole)
    mark->u.i = v->u.i;
  else
    mark->u.d = v->u.d;
  return true;
}

static bool number(inst_straight *s, const want *w) {
  inst_value here, *v = &here;
  size_t used;
  int64_t i;
  double d;
  inst_number_kind kind = inst_number_take(rest(s), &i, &d, &used);
  if (kind == INST_NUMBER_BAD) return false;
  s->at += used;
  if (kind == INST_NUMBER_INT)
    here.kind = INST_INT, here.u.i = i;
  else
    here.kind = INST_REAL, here.u.d = d;
  if (s->narrow && kind == INST_NUMBER_INT && (i > EXACT_INT || i < -EXACT_INT)) return false;
  if (w->step->kind == INST_NODE_NUMBER) {
    if (w->step->node->rules != NULL && !fits(s, w->step->node, &v, false)) return false;
  } else if (!passes(w->step, INST_NODE_NUMBER, v)) {
    return false;
  }
  return put_number(s, w, v);
}

/* Takes a word, whose first letter has been seen. */
static bool take_word(inst_straight *s, inst_str word) {
  if (!inst_str_starts(rest(s), word)) return false;
  s->at += word.n;
  return true;
}

static bool boolean(inst_straight *s, const want *w) {
  bool b = *s->at == 't';
  inst_value v = {.kind = INST_BOOL, .u.b = b};
  if (!take_word(s, b ? INST_LIT("true") : INST_LIT("false"))) return false;
  if (!passes(w->step, INST_NODE_BOOLEAN, &v)) return false;
  return add_bare(s, w, b ? INST_MARK_TRUE : INST_MARK_FALSE);
}

static bool null(inst_straight *s, const want *w) {
  inst_value v = {.kind = INST_NULL};
  if (!take_word(s, INST_LIT("null"))) return false;
  if (!w->step->null && !passes(w->step, INST_NODE_NULL, &v)) return false;
  return add_bare(s, w, INST_MARK_NULL);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool takes_list(const inst_step *step, bool object) {
  switch (step->kind) {
  case INST_NODE_OBJECT:
  case INST_NODE_RECORD: return object;
  case INST_NODE_ARRAY:
  case INST_NODE_TUPLE: return !object;
  default: return takes_anything(step);
  }
}

static bool open_list(inst_straight *s, const want *w, bool object) {
  if (s->depth == INST_MAX_DEPTH || !takes_list(w->step, object)) return false;
  level *top = &s->levels[s->depth++];
  *top = (level){w->step, s->count, 0, 0, 0, object, w->dropped};
  s->at++;
  s->fresh = true;
  return add_bare(s, w, object ? INST_MARK_OBJECT : INST_MARK_ARRAY);
}

/* Fills in what did not come; false: something else is missing. */
static bool end_object(inst_straight *s, level *top) {
  const inst_step *step = top->step;
  if (step->kind != INST_NODE_OBJECT) return true;
  if ((top->seen & step->must) != step->must) return false;
  uint64_t missing = step->filled & ~top->seen;
  for (unsigned i = 0; missing != 0; i++, missing >>= 1) {
    if ((missing & 1) == 0) continue;
    inst_mark *mark = add(s, INST_MARK_VALUE, step->slots[i].name);
    if (mark == NULL) return false;
    mark->u.v = step->slots[i].filled;
    top->count++;
  }
  return true;
}

static bool end_array(const level *top) {
  if (takes_anything(top->step)) return true;
  if (top->step->kind == INST_NODE_TUPLE && top->count < top->step->place_count) return false;
  return fits_count(top->step->node, top->count);
}

/* Takes the end of the innermost list. */
static bool close_list(inst_straight *s) {
  level *top = &s->levels[--s->depth];
  s->at++;
  s->fresh = false;
  if (!(top->object ? end_object(s, top) : end_array(top))) return false;
  s->marks[top->head].n = top->count;
  if (top->dropped) s->count = top->head;
  return true;
}

/* ---- members and items ----------------------------------------------------------------------- */

/* What comes next in an object whose keys are all alike, or under a key nobody declared. */
static bool want_undeclared(inst_straight *s, level *top, inst_str key, want *w) {
  const inst_step *step = top->step;
  bool any = takes_anything(step);
  if (!any && step->undeclared == INST_REFUSED) return false;
  bool dropped = !any && step->undeclared == INST_DROPPED;
  *w = (want){any ? step : step->item, 0, dropped};
  if (dropped) return true;
  top->count++;
  return add_text(s, INST_MARK_KEY, 0, key);
}

/* A field that came before is not plain: the last of two counts, and the first is not judged. */
static inline bool want_slot(level *top, unsigned i, want *w) {
  uint64_t bit = UINT64_C(1) << i;
  if ((top->seen & bit) != 0) return false;
  top->seen |= bit;
  top->next = i + 1;
  top->count++;
  *w = (want){top->step->slots[i].step, top->step->slots[i].name, false};
  return true;
}

/* Is the next key, whose quote was seen, the one that is likely to come? */
static inline bool take_likely(inst_straight *s, const level *top) {
  if (top->next >= top->step->slot_count) return false;
  const inst_slot *slot = &top->step->slots[top->next];
  if (!slot->as_it_stands) return false;
  size_t n = slot->key.n + 1; /* with the closing quote */
  if ((size_t)(s->end - s->at) <= n || memcmp(s->at + 1, slot->key.p, n) != 0) return false;
  s->at += n + 1;
  return true;
}

/* Looks for the key from the likely one on, and round. */
static bool want_key(inst_straight *s, level *top, inst_str key, want *w) {
  unsigned n = top->step->kind == INST_NODE_OBJECT ? top->step->slot_count : 0;
  for (unsigned k = 0, i = top->next; k < n; k++, i++) {
    if (i >= n) i = 0;
    if (inst_str_is(top->step->slots[i].key, key)) return want_slot(top, i, w);
  }
  return want_undeclared(s, top, key, w);
}

static inline bool member(inst_straight *s, level *top, want *w) {
  inst_str key;
  bool wide;
  if (look(s) != '"') return false;
  if (take_likely(s, top)) {
    if (!want_slot(top, top->next, w)) return false;
  } else if (!take_string(s, &key, &wide) || !want_key(s, top, key, w)) {
    return false;
  }
  return take(s, ':');
}

static inline bool item(level *top, want *w) {
  const inst_step *step = top->step;
  *w = (want){step->item, 0, false};
  if (takes_anything(step))
    w->step = step;
  else if (top->count < step->place_count)
    w->step = step->places[top->count];
  top->count++;
  return w->step != NULL;
}

/* ---- the walk -------------------------------------------------------------------------------- */

static inline bool value(inst_straight *s, const want *w) {
  switch (look(s)) {
  case '"': return string(s, w);
  case '{': return open_list(s, w, true);
  case '[': return open_list(s, w, false);
  case 't':
  case 'f': return boolean(s, w);
  case 'n': return null(s, w);
  default: return number(s, w);
  }
}

typedef enum next { BROKEN, VALUE_COMES, LIST_ENDED, ALL_ENDED } next;

/* What comes behind a value, or behind the beginning of a list. */
static inline next go_on(inst_straight *s, want *w) {
  char c = look(s);
  if (s->depth == 0) return s->at == s->end ? ALL_ENDED : BROKEN;
  level *top = &s->levels[s->depth - 1];
  if (c == (top->object ? '}' : ']')) return close_list(s) ? LIST_ENDED : BROKEN;
  if (!s->fresh) {
    if (c != ',') return BROKEN;
    s->at++;
  }
  s->fresh = false;
  return (top->object ? member(s, top, w) : item(top, w)) ? VALUE_COMES : BROKEN;
}

/* Takes the value that is wanted, or the beginning of a list. */
static inline bool take_value(inst_straight *s, const want *w) {
  size_t before = s->count;
  if (!value(s, w)) return false;
  if (w->dropped && !s->fresh) s->count = before;
  return true;
}

static bool run(inst_straight *s) {
  want w = {s->plan.root, 0, false};
  next then = VALUE_COMES;
  while (then == VALUE_COMES || then == LIST_ENDED) {
    if (then == VALUE_COMES && !take_value(s, &w)) return false;
    then = go_on(s, &w);
  }
  return then == ALL_ENDED;
}

/* ---- the door -------------------------------------------------------------------------------- */

inst_straight *inst_straight_new(const inst_schema *schema, inst_alloc alloc, inst_error *error) {
  inst_straight *s = inst_resize(alloc, NULL, 0, sizeof *s);
  inst_error_clear(error);
  if (s == NULL) {
    inst_error_memory(error);
    return NULL;
  }
  memset(s, 0, sizeof *s);
  s->alloc = inst_alloc_fill(alloc);
  inst_arena_init(&s->arena, alloc);
  inst_arena_init(&s->plan_arena, alloc);
  bool plain = inst_plan_make(&s->plan, schema, &s->plan_arena);
  if (plain && grow(s)) return s;
  if (plain || inst_arena_failed(&s->plan_arena)) inst_error_memory(error);
  inst_straight_free(s);
  return NULL;
}

void inst_straight_free(inst_straight *s) {
  if (s == NULL) return;
  inst_resize(s->alloc, s->marks, s->room * sizeof *s->marks, 0);
  inst_resize(s->alloc, s->bytes, s->size, 0);
  inst_arena_clear(&s->arena);
  inst_arena_clear(&s->plan_arena);
  inst_resize(s->alloc, s, sizeof *s, 0);
}

uint32_t inst_straight_name_count(const inst_straight *s) {
  return s->plan.name_count;
}

inst_str inst_straight_name(const inst_straight *s, uint32_t number) {
  bool known = number > 0 && number <= s->plan.name_count;
  return known ? s->plan.names[number - 1] : (inst_str){NULL, 0};
}

const inst_mark *inst_straight_read(inst_straight *s, inst_str text, bool narrow) {
  s->count = s->used = s->depth = 0;
  s->at = text.p;
  s->end = text.p + text.n;
  s->narrow = narrow;
  s->fresh = false;
  return text.n > 0 && run(s) ? s->marks : NULL;
}

/* Room that was wanted for once is not hoarded. */
void inst_straight_done(inst_straight *s) {
  if (s->room > KEEP_MARKS) {
    inst_resize(s->alloc, s->marks, s->room * sizeof *s->marks, 0);
    s->marks = NULL;
    s->room = 0;
  }
  if (s->size > KEEP_BYTES) {
    inst_resize(s->alloc, s->bytes, s->size, 0);
    s->bytes = NULL;
    s->size = 0;
  }
  if (s->arena.chunks != NULL || s->arena.failed) inst_arena_clear(&s->arena);
}
