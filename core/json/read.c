/*
** The push reader: a state machine over bytes, with a stack of the lists that are open.
** A value gets its place in its list when it begins (strings, lists) or when it is complete
** (numbers, words); a member whose key was there before takes the place of the first.
** Rule: a piece costs as much as it is long, however much came before it.
*/
#include "core/json/read.h"

#include "core/base/error.h"
#include "core/base/number.h"
#include "core/json/keys.h"
#include "core/json/string.h"
#include "core/json/whole.h"

/* What comes next, and how an error calls the place.  From IN_KEY on we stand inside something, and
** blanks are no longer skipped. */
#define STATES(X)                                                                                  \
  X(START, "at the start")             /* the value */                                             \
  X(FIRST_ITEM, "after '['")           /* an item or ']' */                                        \
  X(ITEM, "after a comma")             /* an item */                                               \
  X(FIRST_KEY, "after '{'")            /* a key or '}' */                                          \
  X(KEY, "after a comma")              /* a key */                                                 \
  X(COLON, "after a key")              /* ':' */                                                   \
  X(MEMBER, "after a colon")           /* a member's value */                                      \
  X(AFTER, "after a value")            /* ',' or the end of the list */                            \
  X(DONE, "after the end of the text") /* blanks only */                                           \
  X(IN_KEY, "in a key")                                                                            \
  X(IN_STRING, "in a string")                                                                      \
  X(IN_NUMBER, "in a number")                                                                      \
  X(IN_WORD, "in a word")

typedef enum state {
#define X(name, place) name,
  STATES(X)
#undef X
      STATE_COUNT
} state;

static const char *const places[] = {
#define X(name, place) [name] = place,
    STATES(X)
#undef X
};

/* An open array or object. */
typedef struct level {
  inst_value *list;
  inst_keys keys; /* OBJECT: its members by key */
} level;

struct inst_reader {
  inst_arena *arena;
  inst_alloc alloc;
  unsigned max_depth;
  uint32_t seed;        /* of the hashes */
  const char *at, *end; /* what is left of the piece being fed */
  const char *start;    /* of that piece */
  size_t before;        /* bytes of all earlier pieces */
  state state;
  level *levels;             /* the open lists, outermost first */
  size_t depth, room;        /* how many they are; for how many there is room */
  inst_value *root;          /* NULL until the value has begun */
  inst_str key;              /* of the member whose value has not begun */
  inst_value *former;        /* a member of that key that was there before, or NULL */
  size_t renewals;           /* how many such there were */
  inst_value *open;          /* IN_STRING: the string */
  inst_string_reader string; /* its text; also what earlier pieces held of a number */
  uint8_t number;            /* IN_NUMBER: where in it */
  uint8_t word, letters;     /* IN_WORD: which it is, and how much of it came */
  inst_error error;
};

inst_reader *inst_reader_new(inst_arena *arena, unsigned max_depth) {
  inst_reader *reader = inst_resize(arena->alloc, NULL, 0, sizeof *reader);
  if (reader == NULL) return NULL;
  memset(reader, 0, sizeof *reader);
  reader->arena = arena;
  reader->alloc = arena->alloc;
  reader->max_depth = max_depth;
  reader->state = START;
  uint64_t address = (uint64_t)(uintptr_t)reader; /* as random as the system makes it */
  reader->seed = (uint32_t)((address * UINT64_C(0x9E3779B97F4A7C15)) >> 33) | 1;
  inst_string_init(&reader->string, arena->alloc);
  return reader;
}

void inst_reader_free(inst_reader *reader) {
  if (reader == NULL) return;
  while (reader->depth > 0) inst_keys_clear(&reader->levels[--reader->depth].keys, reader->alloc);
  inst_resize(reader->alloc, reader->levels, reader->room * sizeof *reader->levels, 0);
  inst_string_clear(&reader->string);
  inst_resize(reader->alloc, reader, sizeof *reader, 0);
}

const inst_error *inst_reader_error(const inst_reader *reader) {
  return &reader->error;
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* Where in the whole text the next byte stands. */
static size_t offset_of(const inst_reader *reader) {
  return reader->before + (reader->start != NULL ? (size_t)(reader->at - reader->start) : 0);
}

/* These tell the fault at the next byte and return what a feed returns. */
static int fail(inst_reader *reader, const char *sentence) {
  reader->error.offset = offset_of(reader);
  return inst_error_set(&reader->error, INST_E_JSON, "%s", sentence);
}

static int no_memory(inst_reader *reader) {
  return inst_error_memory(&reader->error);
}

/* The next byte may not stand here. */
static int unexpected(inst_reader *reader, const char *place) {
  unsigned char c = (unsigned char)*reader->at;
  reader->error.offset = offset_of(reader);
  if (c > 0x20 && c < 0x7F)
    return inst_error_set(&reader->error, INST_E_JSON, "unexpected '%c' %s", c, place);
  return inst_error_set(&reader->error, INST_E_JSON, "unexpected byte 0x%02X %s", c, place);
}

static int too_deep(inst_reader *reader) {
  reader->error.offset = offset_of(reader);
  return inst_error_set(&reader->error, INST_E_LIMIT, "the text is nested deeper than %u levels",
                        reader->max_depth);
}

/* ---- places ---------------------------------------------------------------------------------- */

/* Is the innermost open list of that kind? */
static bool is_in(const inst_reader *reader, inst_value_kind kind) {
  return reader->depth > 0 && reader->levels[reader->depth - 1].list->kind == kind;
}

/* Puts 'v', which has just begun, into the innermost open object. */
static inst_value *place_member(inst_reader *reader, level *top, inst_value *v) {
  inst_value *former = reader->former;
  if (former != NULL) { /* a second member of one key */
    v->key = former->key;
    v->next = former->next;
    *former = *v;
    reader->renewals++;
    return former;
  }
  inst_put_kept(top->list, reader->key, v);
  return inst_keys_add(&top->keys, top->list, reader->seed, reader->alloc) ? v : NULL;
}

/* Puts 'v' where the text stands, and returns where it is then.  NULL: memory is out. */
static inst_value *place(inst_reader *reader, inst_value *v) {
  if (v == NULL) return NULL;
  if (reader->depth == 0) return reader->root = v;
  level *top = &reader->levels[reader->depth - 1];
  if (top->list->kind == INST_OBJECT) return place_member(reader, top, v);
  inst_push(top->list, v);
  return v;
}

/* A value has ended. */
static void go_on(inst_reader *reader) {
  reader->state = reader->depth > 0 ? AFTER : DONE;
}

/* Places a complete number or word. */
static int scalar(inst_reader *reader, inst_value *v) {
  if (place(reader, v) == NULL) return no_memory(reader);
  go_on(reader);
  return 0;
}

/* Room for one more level.  The stack doubles, so that depth costs what length costs. */
static bool make_room(inst_reader *reader) {
  if (reader->depth < reader->room) return true;
  size_t room = reader->room > 0 ? reader->room * 2 : 8;
  level *levels = inst_resize(reader->alloc, reader->levels, reader->room * sizeof *levels,
                              room * sizeof *levels);
  if (levels == NULL) return false;
  reader->levels = levels;
  reader->room = room;
  return true;
}

/* The limit is asked before anything is made: a text of brackets costs nothing past it. */
static int open_list(inst_reader *reader, bool object) {
  if (reader->depth >= reader->max_depth) return too_deep(reader);
  if (!make_room(reader)) return no_memory(reader);
  inst_value *list = object ? inst_object(reader->arena) : inst_array(reader->arena);
  list = place(reader, list);
  if (list == NULL) return no_memory(reader);
  reader->levels[reader->depth++] = (level){.list = list};
  reader->state = object ? FIRST_KEY : FIRST_ITEM;
  reader->at++;
  return 0;
}

/* No member can come any more, so its keys need not be known. */
static int close_list(inst_reader *reader) {
  inst_keys_clear(&reader->levels[--reader->depth].keys, reader->alloc);
  go_on(reader);
  reader->at++;
  return 0;
}

/* ---- strings and keys ------------------------------------------------------------------------ */

/* Takes a string that ends in this piece and has neither escapes nor bytes past ASCII, as most do.
** We stand behind its opening quote.  False: it is none. */
static bool take_simple(inst_reader *reader, inst_str *text) {
  inst_str rest = {reader->at, (size_t)(reader->end - reader->at)};
  size_t n = inst_string_plain(rest);
  if (n == rest.n || rest.p[n] != '"') return false;
  *text = (inst_str){rest.p, n};
  reader->at += n + 1;
  return true;
}

static int end_string(inst_reader *reader, inst_str text) {
  reader->open->u.s = inst_arena_copy(reader->arena, text);
  if (reader->open->u.s.p == NULL) return no_memory(reader);
  go_on(reader);
  return 0;
}

/* The string has its place before its text is known, so that it can be seen while it grows. */
static int open_string(inst_reader *reader) {
  inst_value *v = inst_null(reader->arena);
  if (v != NULL) v->kind = INST_STRING, v->u.s = INST_LIT("");
  reader->open = place(reader, v);
  if (reader->open == NULL) return no_memory(reader);
  reader->at++;
  inst_str text;
  if (take_simple(reader, &text)) return end_string(reader, text);
  inst_string_begin(&reader->string);
  reader->state = IN_STRING;
  return 0;
}

/* A key that was there before needs no copy: its member gets the value that comes. */
static int end_key(inst_reader *reader, inst_str text) {
  level *top = &reader->levels[reader->depth - 1];
  reader->former = inst_keys_find(&top->keys, top->list, text, reader->seed);
  if (reader->former == NULL) {
    reader->key = inst_arena_copy(reader->arena, text);
    if (reader->key.p == NULL) return no_memory(reader);
  }
  reader->state = COLON;
  return 0;
}

static int open_key(inst_reader *reader) {
  reader->at++;
  inst_str text;
  if (take_simple(reader, &text)) return end_key(reader, text);
  inst_string_begin(&reader->string);
  reader->state = IN_KEY;
  return 0;
}

/* Takes what the piece has of a string or a key that is not simple. */
static int in_string(inst_reader *reader) {
  size_t used;
  inst_str rest = {reader->at, (size_t)(reader->end - reader->at)};
  inst_string_state how = inst_string_feed(&reader->string, rest, &used);
  reader->at += used;
  if (reader->string.text.failed) return no_memory(reader);
  if (how == INST_STRING_BROKEN) return fail(reader, reader->string.fault);
  if (how == INST_STRING_OPEN) return 0;
  inst_str text = reader->string.whole;
  return reader->state == IN_KEY ? end_key(reader, text) : end_string(reader, text);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* What the last byte of a number was; in ZERO, WHOLE, FRACTION and EXPONENT it may end. */
enum {
  ENDED,
  WRONG,
  NOTHING,
  MINUS,
  ZERO,
  WHOLE,
  POINT,
  FRACTION,
  AFTER_E,
  SIGN,
  EXPONENT,
  NUMBER_COUNT
};

/* What the next byte is; up to DASH it can begin a number. */
enum { NIL, DIGIT, DASH, PLUS, DOT, E, OTHER, CLASS_COUNT };

/* clang-format off */
static const uint8_t next_number[NUMBER_COUNT][CLASS_COUNT] = {
    /*            NIL       DIGIT     DASH   PLUS   DOT    E        OTHER */
    [NOTHING]  = {ZERO,     WHOLE,    MINUS, WRONG, WRONG, WRONG,   WRONG},
    [MINUS]    = {ZERO,     WHOLE,    WRONG, WRONG, WRONG, WRONG,   WRONG},
    [ZERO]     = {WRONG,    WRONG,    ENDED, ENDED, POINT, AFTER_E, ENDED},
    [WHOLE]    = {WHOLE,    WHOLE,    ENDED, ENDED, POINT, AFTER_E, ENDED},
    [POINT]    = {FRACTION, FRACTION, WRONG, WRONG, WRONG, WRONG,   WRONG},
    [FRACTION] = {FRACTION, FRACTION, ENDED, ENDED, ENDED, AFTER_E, ENDED},
    [AFTER_E]  = {EXPONENT, EXPONENT, SIGN,  SIGN,  WRONG, WRONG,   WRONG},
    [SIGN]     = {EXPONENT, EXPONENT, WRONG, WRONG, WRONG, WRONG,   WRONG},
    [EXPONENT] = {EXPONENT, EXPONENT, ENDED, ENDED, ENDED, ENDED,   ENDED},
};
/* clang-format on */

/* How an error calls the place of a WRONG byte. */
static const char *const number_places[NUMBER_COUNT] = {
    [MINUS] = "after a minus sign",    [ZERO] = "after a leading zero",
    [POINT] = "after a decimal point", [AFTER_E] = "in an exponent",
    [SIGN] = "in an exponent",
};

static unsigned class_of(char c) {
  if (c >= '1' && c <= '9') return DIGIT;
  switch (c) {
  case '0': return NIL;
  case '-': return DASH;
  case '+': return PLUS;
  case '.': return DOT;
  case 'e':
  case 'E': return E;
  default: return OTHER;
  }
}

/* The grammar has been checked byte by byte: a bad number here is one that passes a double. */
static int end_number(inst_reader *reader, inst_str text) {
  int64_t i;
  double d;
  switch (inst_number_read(text, &i, &d)) {
  case INST_NUMBER_INT: return scalar(reader, inst_int(reader->arena, i));
  case INST_NUMBER_REAL: return scalar(reader, inst_real(reader->arena, d));
  default: return fail(reader, "a number is too large");
  }
}

/* Takes nothing yet: the first byte, too, is in_number's. */
static int open_number(inst_reader *reader) {
  inst_string_begin(&reader->string);
  reader->number = NOTHING;
  reader->state = IN_NUMBER;
  return 0;
}

/* The text of a number that came to its end: 'last' is what of it stands in this piece. */
static inst_str number_text(inst_reader *reader, inst_str last) {
  inst_buf *earlier = &reader->string.text;
  if (earlier->n == 0) return last;
  inst_buf_add(earlier, last);
  return inst_buf_text(earlier);
}

/* A number has no end of its own: it ends before a byte that cannot go on with it, and that byte is
** looked at again by what comes after. */
static int in_number(inst_reader *reader) {
  inst_str text = {reader->at, 0};
  uint8_t next = reader->number;
  while (reader->at < reader->end) {
    next = next_number[reader->number][class_of(*reader->at)];
    if (next <= WRONG) break;
    reader->number = next;
    reader->at++;
  }
  if (next == WRONG) return unexpected(reader, number_places[reader->number]);
  text.n = (size_t)(reader->at - text.p);
  if (next == ENDED)
    text = number_text(reader, text);
  else
    inst_buf_add(&reader->string.text, text);
  if (reader->string.text.failed) return no_memory(reader);
  return next == ENDED ? end_number(reader, text) : 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *const words[] = {"null", "false", "true"};

/* The first letter tells which word it must be. */
static int open_word(inst_reader *reader) {
  char c = *reader->at++;
  reader->word = c == 'n' ? 0 : c == 'f' ? 1 : 2;
  reader->letters = 1;
  reader->state = IN_WORD;
  return 0;
}

static int in_word(inst_reader *reader) {
  const char *word = words[reader->word];
  for (; reader->at < reader->end && word[reader->letters] != '\0'; reader->at++)
    if (*reader->at != word[reader->letters++]) return unexpected(reader, places[IN_WORD]);
  if (word[reader->letters] != '\0') return 0;
  if (reader->word == 0) return scalar(reader, inst_null(reader->arena));
  return scalar(reader, inst_bool(reader->arena, reader->word == 2));
}

/* ---- between values -------------------------------------------------------------------------- */

/* Takes one mark and goes on to what it promises. */
static int take(inst_reader *reader, state next) {
  reader->state = next;
  reader->at++;
  return 0;
}

/* Takes the beginning of a value, whichever it is. */
static int value(inst_reader *reader) {
  switch (*reader->at) {
  case '{': return open_list(reader, true);
  case '[': return open_list(reader, false);
  case '"': return open_string(reader);
  case 't':
  case 'f':
  case 'n': return open_word(reader);
  default:
    if (class_of(*reader->at) <= DASH) return open_number(reader);
    return unexpected(reader, places[reader->state]);
  }
}

static int first_item(inst_reader *reader) {
  return *reader->at == ']' ? close_list(reader) : value(reader);
}

static int key(inst_reader *reader) {
  return *reader->at == '"' ? open_key(reader) : unexpected(reader, places[reader->state]);
}

static int first_key(inst_reader *reader) {
  return *reader->at == '}' ? close_list(reader) : key(reader);
}

static int colon(inst_reader *reader) {
  return *reader->at == ':' ? take(reader, MEMBER) : unexpected(reader, places[COLON]);
}

static int after(inst_reader *reader) {
  bool object = is_in(reader, INST_OBJECT);
  if (*reader->at == ',') return take(reader, object ? KEY : ITEM);
  if (*reader->at == (object ? '}' : ']')) return close_list(reader);
  return unexpected(reader, object ? "after a member" : "after an item");
}

static int done(inst_reader *reader) {
  return unexpected(reader, places[DONE]);
}

/* ---- the door -------------------------------------------------------------------------------- */

/* What takes the bytes in each state. */
static int (*const takers[STATE_COUNT])(inst_reader *reader) = {
    [START] = value,
    [FIRST_ITEM] = first_item,
    [ITEM] = value,
    [FIRST_KEY] = first_key,
    [KEY] = key,
    [COLON] = colon,
    [MEMBER] = value,
    [AFTER] = after,
    [DONE] = done,
    [IN_KEY] = in_string,
    [IN_STRING] = in_string,
    [IN_NUMBER] = in_number,
    [IN_WORD] = in_word,
};

static bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Blanks are skipped between values only; inside, each taker knows what to do with them. */
int inst_reader_feed(inst_reader *reader, inst_str bytes) {
  if (reader->error.code != INST_E_NONE) return -1;
  if (bytes.n == 0) return 0;
  reader->start = reader->at = bytes.p;
  reader->end = bytes.p + bytes.n;
  while (reader->at < reader->end) {
    if (reader->state < IN_KEY && is_blank(*reader->at))
      reader->at++;
    else if (takers[reader->state](reader) != 0)
      return -1;
  }
  reader->before += bytes.n;
  reader->start = reader->at = reader->end = NULL; /* the piece is not ours any longer */
  return 0;
}

/* The text has ended where it must not. */
static int cut_off(inst_reader *reader) {
  switch (reader->state) {
  case START: return fail(reader, "the text is empty");
  case IN_KEY:
  case IN_STRING: return fail(reader, "a string is not closed");
  case IN_NUMBER: return fail(reader, "the text ends inside a number");
  case IN_WORD: return fail(reader, "the text ends inside a word");
  default: break;
  }
  bool object = is_in(reader, INST_OBJECT);
  return fail(reader, object ? "the text ends inside an object" : "the text ends inside an array");
}

inst_value *inst_reader_finish(inst_reader *reader) {
  if (reader->error.code != INST_E_NONE) return NULL;
  if (reader->state == IN_NUMBER && next_number[reader->number][OTHER] == ENDED)
    if (end_number(reader, inst_buf_text(&reader->string.text)) != 0) return NULL;
  if (reader->state == DONE) return reader->root;
  cut_off(reader);
  return NULL;
}

/* All but an open string is in its place already; that string is lent from where it gathers. */
const inst_value *inst_reader_so_far(inst_reader *reader) {
  if (reader->state == IN_STRING) reader->open->u.s = inst_string_so_far(&reader->string);
  return reader->root;
}

const inst_value *inst_reader_root(const inst_reader *reader) {
  return reader->root;
}
inst_str inst_reader_key(const inst_reader *reader) {
  bool pending = reader->state == COLON || reader->state == MEMBER;
  if (!pending && reader->state != IN_NUMBER && reader->state != IN_WORD)
    return (inst_str){NULL, 0};
  if (!is_in(reader, INST_OBJECT)) return (inst_str){NULL, 0};
  return reader->former != NULL ? reader->former->key : reader->key;
}
size_t inst_reader_depth(const inst_reader *reader) {
  return reader->depth;
}
const inst_value *inst_reader_open_list(const inst_reader *reader, size_t i) {
  return reader->levels[i].list;
}
const inst_value *inst_reader_open_string(const inst_reader *reader) {
  return reader->state == IN_STRING ? reader->open : NULL;
}
size_t inst_reader_renewals(const inst_reader *reader) {
  return reader->renewals;
}

/* The whole text is one piece. */
static inst_value *read_piece(inst_arena *arena, inst_str text, unsigned max_depth,
                              inst_error *error) {
  inst_reader *reader = inst_reader_new(arena, max_depth);
  inst_value *v = NULL;
  if (reader == NULL)
    inst_error_memory(error);
  else if (inst_reader_feed(reader, text) == 0)
    v = inst_reader_finish(reader);
  if (reader != NULL && v == NULL && error != NULL) *error = reader->error;
  inst_reader_free(reader);
  return v;
}

/* Most texts are well and soon read; what is wrong with others is found here. */
inst_value *inst_json_parse(inst_arena *arena, inst_str text, unsigned max_depth,
                            inst_error *error) {
  if (error != NULL) inst_error_clear(error);
  inst_value *v = inst_whole_read(arena, text, max_depth);
  return v != NULL ? v : read_piece(arena, text, max_depth, error);
}
