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
#define MOST_BYTES UINT32_MAX /* a mark counts no further: longer texts are not read */

/* What seldom runs stays out of what runs all the time. */
#if defined(__GNUC__)
#define SELDOM __attribute__((noinline))
#else
#define SELDOM
#endif

/* An open list. */
typedef struct level {
  const inst_step *step;
  size_t head;   /* its mark */
  uint64_t seen; /* OBJECT: the fields that came */
  uint32_t count;
  uint32_t next; /* OBJECT: the field that is likely to come; TUPLE: the place */
  char end;      /* the bracket that ends it */
  bool dropped;  /* is it under a key that nobody wants? */
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
  inst_arena arena;                /* of what checks make */
  inst_mark *marks, *last, *limit; /* the first, and behind the last: that was made, that can be */
  char *bytes;                     /* strings that had escapes */
  size_t used, size;
  const char *at, *end;
  bool narrow;
  bool held;                        /* nothing is read now */
  uint64_t texts;                   /* that marks were made or forgotten for */
  inst_error error;                 /* what checks say, and nobody asks */
  level *top;                       /* the innermost that is open */
  level levels[INST_MAX_DEPTH + 1]; /* the first is what all the text stands in */
};

/* ---- marks ----------------------------------------------------------------------------------- */

static SELDOM bool grow(inst_straight *s) {
  size_t room = (size_t)(s->limit - s->marks), count = (size_t)(s->last - s->marks);
  size_t wanted = room > 0 ? room * 2 : FIRST_MARKS;
  inst_mark *marks = inst_resize(s->alloc, s->marks, room * sizeof *marks, wanted * sizeof *marks);
  if (marks == NULL) return false;
  s->marks = marks;
  s->last = marks + count;
  s->limit = marks + wanted;
  return true;
}

static void free_marks(inst_straight *s) {
  inst_resize(s->alloc, s->marks, (size_t)(s->limit - s->marks) * sizeof *s->marks, 0);
  s->marks = s->last = s->limit = NULL;
}

/* A new mark at the end, of that kind; NULL: no memory. */
static inline inst_mark *add(inst_straight *s, inst_mark_kind kind, uint32_t name, uint32_t n) {
  if (s->last == s->limit && !grow(s)) return NULL;
  inst_mark *mark = s->last++;
  mark->n = n;
  mark->kind = (uint32_t)kind & 0xFu;
  mark->name = name & 0xFFFFFFFu;
  return mark;
}

static bool add_bare(inst_straight *s, const want *w, inst_mark_kind kind) {
  return add(s, kind, w->name, 0) != NULL;
}

static inline bool add_text(inst_straight *s, inst_mark_kind kind, uint32_t name, inst_str text) {
  inst_mark *mark = add(s, kind, name, (uint32_t)text.n);
  if (mark == NULL) return false;
  mark->u.p = text.p;
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

/* Takes the string whose first 'seen' bytes are ASCII and stand for themselves. */
static SELDOM bool take_any_string(inst_straight *s, size_t seen, inst_str *text, bool *wide) {
  inst_str left = rest(s);
  left = (inst_str){left.p + seen, left.n - seen};
  size_t span = seen + inst_quoted_span(left, wide);
  if (s->at + span == s->end) return false;
  *text = (inst_str){s->at, span};
  if (s->at[span] != '"') return take_escaped(s, span, text, wide);
  s->at += span + 1;
  return true;
}

/* Takes the string whose quote is next. */
static inline bool take_string(inst_straight *s, inst_str *text, bool *wide) {
  const char *from = ++s->at, *to = inst_quoted_run(from, s->end);
  *wide = false;
  if (to == s->end || *to != '"') return take_any_string(s, (size_t)(to - from), text, wide);
  *text = (inst_str){from, (size_t)(to - from)};
  s->at = to + 1;
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

/* Do the bounds, where they are all that is wanted, say that a text is well? */
static inline bool is_text_within(const inst_bounds *bounds, uint32_t bytes, bool wide) {
  uint32_t least = wide ? bytes / 4 : bytes; /* characters */
  return bounds->told && (double)least >= bounds->least && (double)bytes <= bounds->most;
}

static inline bool is_within(const inst_bounds *bounds, double d, bool whole) {
  return bounds->told && (whole || !bounds->whole) && d >= bounds->least && d <= bounds->most;
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

static inline bool takes_anything(const inst_step *step) {
  return step->kind == INST_NODE_ANY || step->kind == INST_NODE_UNKNOWN;
}

/* Does a value of that kind, of which there is only this one, pass? */
static bool passes(const inst_step *step, inst_node_kind kind, const inst_value *v) {
  if (step->kind == kind || takes_anything(step)) return true;
  return is_choice(step) && choose(step, v) >= 0;
}

static bool put_choice(inst_straight *s, const want *w, inst_str text) {
  const inst_step *step = w->step;
  for (uint32_t i = 0; i < step->choice_count; i++) {
    if (step->choices[i].p == NULL || !inst_str_is(step->choices[i], text)) continue;
    return add(s, INST_MARK_NAME, w->name, step->name + i) != NULL;
  }
  return false;
}

/* A text that has rules, which may change it. */
static SELDOM bool put_checked(inst_straight *s, const want *w, inst_str text, bool wide) {
  inst_value here = {.kind = INST_STRING, .u.s = text}, *v = &here;
  if (!fits(s, w->step->node, &v, wide)) return false;
  return add_text(s, INST_MARK_STRING, w->name, v->u.s);
}

static inline bool string(inst_straight *s, const want *w) {
  const inst_step *step = w->step;
  inst_str text;
  bool wide;
  if (!take_string(s, &text, &wide)) return false;
  if (step->kind == INST_NODE_STRING) {
    if (is_text_within(&step->bounds, (uint32_t)text.n, wide))
      return add_text(s, INST_MARK_STRING, w->name, text);
    return put_checked(s, w, text, wide);
  }
  if (is_choice(step)) return put_choice(s, w, text);
  return takes_anything(step) && add_text(s, INST_MARK_STRING, w->name, text);
}

static inline bool add_int(inst_straight *s, const want *w, int64_t i) {
  inst_mark *mark = add(s, INST_MARK_INT, w->name, 0);
  if (mark != NULL) mark->u.i = i;
  return mark != NULL;
}

static inline bool add_real(inst_straight *s, const want *w, double d) {
  inst_mark *mark = add(s, INST_MARK_REAL, w->name, 0);
  if (mark != NULL) mark->u.d = d;
  return mark != NULL;
}

/* Any number, by all the rules there are, which may change it. */
static SELDOM bool put_number(inst_straight *s, const want *w, inst_value *here) {
  inst_value *v = here;
  bool number = w->step->kind == INST_NODE_NUMBER;
  if (number ? !fits(s, w->step->node, &v, false) : !passes(w->step, INST_NODE_NUMBER, v))
    return false;
  return v->kind == INST_INT ? add_int(s, w, v->u.i) : add_real(s, w, v->u.d);
}

static SELDOM bool any_number(inst_straight *s, const want *w) {
  size_t used;
  int64_t i;
  double d;
  bool plain = w->step->kind == INST_NODE_NUMBER;
  inst_number_kind kind = inst_number_take(rest(s), &i, &d, &used);
  s->at += used;
  if (kind == INST_NUMBER_REAL) {
    if (plain && is_within(&w->step->bounds, d, false)) return add_real(s, w, d);
    return put_number(s, w, &(inst_value){.kind = INST_REAL, .u.d = d});
  }
  if (kind == INST_NUMBER_BAD) return false;
  bool exact = i < EXACT_INT && i > -EXACT_INT;
  if (plain && exact && is_within(&w->step->bounds, (double)i, true)) return add_int(s, w, i);
  if (s->narrow && (i > EXACT_INT || i < -EXACT_INT)) return false;
  return put_number(s, w, &(inst_value){.kind = INST_INT, .u.i = i});
}

static inline bool number(inst_straight *s, const want *w) {
  const inst_step *step = w->step;
  int64_t i;
  if (!inst_number_take_few(&s->at, s->end, &i)) return any_number(s, w);
  if (step->kind == INST_NODE_NUMBER && is_within(&step->bounds, (double)i, true))
    return add_int(s, w, i);
  return put_number(s, w, &(inst_value){.kind = INST_INT, .u.i = i});
}

/* Takes a word, whose first letter has been seen. */
static bool take_word(inst_straight *s, inst_str word) {
  if (!inst_str_starts(rest(s), word)) return false;
  s->at += word.n;
  return true;
}

static bool boolean(inst_straight *s, const want *w) {
  bool b = *s->at == 't';
  if (!take_word(s, b ? INST_LIT("true") : INST_LIT("false"))) return false;
  if (w->step->kind != INST_NODE_BOOLEAN &&
      !passes(w->step, INST_NODE_BOOLEAN, &(inst_value){.kind = INST_BOOL, .u.b = b}))
    return false;
  return add_bare(s, w, b ? INST_MARK_TRUE : INST_MARK_FALSE);
}

static SELDOM bool null(inst_straight *s, const want *w) {
  inst_value v = {.kind = INST_NULL};
  if (!take_word(s, INST_LIT("null"))) return false;
  if (!w->step->null && !passes(w->step, INST_NODE_NULL, &v)) return false;
  return add_bare(s, w, INST_MARK_NULL);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Opens the list whose bracket is next; NULL: none may stand here. */
static inline level *open_list(inst_straight *s, const want *w, bool object) {
  const inst_step *step = w->step;
  if (s->top == s->levels + INST_MAX_DEPTH || !(object ? step->object : step->array)) return NULL;
  level *top = ++s->top;
  *top = (level){step, (size_t)(s->last - s->marks), 0, 0, 0, object ? '}' : ']', w->dropped};
  s->at++;
  return add_bare(s, w, object ? INST_MARK_OBJECT : INST_MARK_ARRAY) ? top : NULL;
}

/* Fills in what did not come. */
static SELDOM bool fill(inst_straight *s, level *top, uint64_t missing) {
  const inst_slot *slot = top->step->slots;
  for (; missing != 0; slot++, missing >>= 1) {
    if ((missing & 1) == 0) continue;
    inst_mark *mark = add(s, INST_MARK_VALUE, slot->name, 0);
    if (mark == NULL) return false;
    mark->u.v = slot->filled;
    top->count++;
  }
  return true;
}

/* False: something is missing that cannot be filled in. */
static inline bool end_object(inst_straight *s, level *top) {
  const inst_step *step = top->step;
  if ((top->seen & step->must) != step->must) return false;
  uint64_t missing = step->filled & ~top->seen;
  return missing == 0 || fill(s, top, missing);
}

static inline bool end_array(const level *top) {
  const inst_step *step = top->step;
  if (step->kind == INST_NODE_TUPLE && top->count < step->place_count) return false;
  if (step->bounds.told) return is_within(&step->bounds, (double)top->count, true);
  return takes_anything(step) || fits_count(step->node, top->count);
}

/* Takes the end of the innermost list. */
static inline bool close_list(inst_straight *s, level *top) {
  s->top--;
  s->at++;
  if (!(top->end == '}' ? end_object(s, top) : end_array(top))) return false;
  s->marks[top->head].n = top->count;
  if (top->dropped) s->last = s->marks + top->head;
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
  const inst_slot *slot = &top->step->slots[i];
  uint64_t bit = UINT64_C(1) << i;
  if ((top->seen & bit) != 0) return false;
  top->seen |= bit;
  top->next = i + 1;
  top->count++;
  *w = (want){slot->step, slot->name, false};
  return true;
}

/* Is what comes next a likely key, colon and all?  (Not asked at the very end of a text, where there
** are no whole words left.) */
static inline bool is_likely(const inst_slot *slot, const char *at, const char *end) {
  uint64_t word;
  if (slot->likely == NULL || (size_t)(end - at) < slot->words * sizeof word) return false;
  uint32_t last = slot->words - 1;
  for (uint32_t i = 0; i < last; i++, at += sizeof word) {
    memcpy(&word, at, sizeof word);
    if (word != slot->likely[i]) return false;
  }
  memcpy(&word, at, sizeof word);
  return ((word ^ slot->likely[last]) & slot->mask) == 0;
}

/* Looks for the key from the likely one on, and round. */
static bool want_key(inst_straight *s, level *top, inst_str key, want *w) {
  unsigned n = top->step->slot_count;
  for (unsigned k = 0, i = top->next; k < n; k++, i++) {
    if (i >= n) i = 0;
    if (inst_str_is(top->step->slots[i].key, key)) return want_slot(top, i, w);
  }
  return want_undeclared(s, top, key, w);
}

/* Takes the likely key, if it comes next. */
static inline bool take_likely(inst_straight *s, level *top, want *w) {
  const inst_step *step = top->step;
  if (top->next >= step->slot_count) return false;
  const inst_slot *slot = &step->slots[top->next];
  if (!is_likely(slot, s->at, s->end)) return false;
  if (!want_slot(top, top->next, w)) return false;
  s->at += slot->size;
  return true;
}

static SELDOM bool any_member(inst_straight *s, level *top, want *w) {
  inst_str key;
  bool wide;
  if (look(s) != '"') return false;
  if (take_likely(s, top, w)) return true;
  return take_string(s, &key, &wide) && want_key(s, top, key, w) && take(s, ':');
}

/* Between a comma and a key there are blanks or none: those without need not be looked for. */
static inline bool member(inst_straight *s, level *top, want *w) {
  return take_likely(s, top, w) || any_member(s, top, w);
}

static inline bool item(level *top, want *w) {
  const inst_step *step = top->step;
  *w = (want){step->item, 0, false};
  if (top->count < step->place_count)
    w->step = step->places[top->count];
  else if (takes_anything(step))
    w->step = step;
  top->count++;
  return w->step != NULL;
}

/* What is wanted next in the list 'top'. */
static inline bool part(inst_straight *s, level *top, want *w) {
  return top->end == '}' ? member(s, top, w) : item(top, w);
}

/* ---- the walk -------------------------------------------------------------------------------- */

/* A value that is no list. */
static inline bool scalar(inst_straight *s, const want *w, char c) {
  bool well;
  if (c == '"')
    well = string(s, w);
  else if (c == 't' || c == 'f')
    well = boolean(s, w);
  else
    well = c == 'n' ? null(s, w) : number(s, w);
  if (well && w->dropped) s->last--;
  return well;
}

typedef enum next { BROKEN, VALUE_COMES, VALUE_ENDED, ALL_ENDED } next;

/* What comes behind a value: lists end, until one goes on. */
static inline next go_on(inst_straight *s, want *w) {
  for (;;) {
    level *top = s->top;
    char c = look(s);
    if (c == ',') {
      s->at++;
      return part(s, top, w) ? VALUE_COMES : BROKEN;
    }
    if (c != top->end) return BROKEN;
    if (top == s->levels) return s->at == s->end ? ALL_ENDED : BROKEN;
    if (!close_list(s, top)) return BROKEN;
  }
}

/* Takes the bracket that begins a list, and the other one if nothing is between them. */
static inline next go_in(inst_straight *s, want *w, bool object) {
  level *top = open_list(s, w, object);
  if (top == NULL) return BROKEN;
  if (look(s) == top->end) return close_list(s, top) ? VALUE_ENDED : BROKEN;
  return part(s, top, w) ? VALUE_COMES : BROKEN;
}

static bool run(inst_straight *s) {
  want w = {s->plan.root, 0, false};
  next then = VALUE_COMES;
  while (then == VALUE_COMES) {
    char c = look(s);
    if (c != '{' && c != '[')
      then = scalar(s, &w, c) ? VALUE_ENDED : BROKEN;
    else
      then = go_in(s, &w, c == '{');
    if (then == VALUE_ENDED) then = go_on(s, &w);
  }
  return then == ALL_ENDED;
}

/* What stands behind a comma outside of all lists. */
static const inst_step nothing = {.kind = INST_NODE_NEVER};

/* ---- the door -------------------------------------------------------------------------------- */

inst_straight *inst_straight_new(const inst_schema *schema, inst_alloc alloc, inst_error *error) {
  inst_straight *s = inst_resize(alloc, NULL, 0, sizeof *s);
  if (error != NULL) inst_error_clear(error);
  if (s == NULL) {
    inst_error_memory(error);
    return NULL;
  }
  memset(s, 0, sizeof *s);
  s->alloc = inst_alloc_fill(alloc);
  inst_arena_init(&s->arena, alloc);
  inst_arena_init(&s->plan_arena, alloc);
  s->levels[0].step = &nothing;
  bool plain = inst_plan_make(&s->plan, schema, &s->plan_arena);
  if (plain && grow(s)) return s;
  if (plain || inst_arena_failed(&s->plan_arena)) inst_error_memory(error);
  inst_straight_free(s);
  return NULL;
}

void inst_straight_free(inst_straight *s) {
  if (s == NULL) return;
  free_marks(s);
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

uint64_t inst_straight_texts(const inst_straight *s) {
  return s->texts;
}

void inst_straight_hold(inst_straight *s, bool hold) {
  s->held = hold;
}

const inst_mark *inst_straight_read(inst_straight *s, inst_str text, bool narrow) {
  if (s->held) return NULL;
  s->texts++;
  s->used = 0;
  s->top = s->levels;
  s->last = s->marks;
  s->at = text.p;
  s->end = text.p + text.n;
  s->narrow = narrow;
  return text.n > 0 && text.n <= MOST_BYTES && run(s) ? s->marks : NULL;
}

/* Room that was wanted for once is not hoarded. */
void inst_straight_done(inst_straight *s) {
  s->texts++;
  if (s->limit - s->marks > KEEP_MARKS) free_marks(s);
  if (s->size > KEEP_BYTES) {
    inst_resize(s->alloc, s->bytes, s->size, 0);
    s->bytes = NULL;
    s->size = 0;
  }
  if (s->arena.chunks != NULL || s->arena.failed) inst_arena_clear(&s->arena);
}
