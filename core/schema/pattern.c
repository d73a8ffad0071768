/*
** The structure of a pattern: groups, alternatives, quantifiers, assertions, back references.
** One pass with an explicit stack (each group knows its parent).  Names become numbers, so no name
** reaches PCRE2.  Two things PCRE2 does differently are found by asking the tree of groups:
**   lookbehind   must be of one length in each alternative;
**   captures     of a repeated group are forgotten by ECMAScript at each turn, and kept by PCRE2.
** Rule: text is passed on only by scan.c and charset.c; here only syntax is written.
*/
#include "core/schema/pattern.h"

#include "core/base/error.h"
#include "core/schema/charset.h"

#define NO_LIMIT UINT32_MAX
#define LONGEST_BEHIND 65535u /* characters of a lookbehind */
#define NO_GROUP UINT32_MAX

enum kind { PLAIN, CAPTURE, NAMED, AHEAD, NOT_AHEAD, BEHIND, NOT_BEHIND };

/* What opens a group; the first that fits is it. */
static const struct opening {
  const char *text; /* in the source */
  const char *pcre; /* in the translation */
  enum kind kind;
} openings[] = {
    {"(?:", "(?:", PLAIN},    {"(?=", "(?=", AHEAD},        {"(?!", "(?!", NOT_AHEAD},
    {"(?<=", "(?<=", BEHIND}, {"(?<!", "(?<!", NOT_BEHIND}, {"(?<", "(", NAMED},
};

/* How many characters something matches. */
struct span {
  uint32_t min, max;
};

struct group {
  enum kind kind;
  bool is_open;
  uint32_t parent;      /* the group it stands in; the whole pattern (0) is its own */
  uint32_t depth;       /* groups around it */
  uint32_t arm;         /* the alternative of its parent it stands in */
  uint32_t arms;        /* alternatives of its own, less one */
  uint32_t number;      /* of a capturing group, from 1 */
  inst_str name;        /* of a named one */
  struct span repeat;   /* how often its quantifier repeats it */
  struct span arm_span; /* of the alternative being read */
  struct span span;     /* of the alternatives before */
  size_t at;            /* its place in the source */
};

/* A back reference. */
struct reference {
  uint32_t group;  /* what it refers to; NO_GROUP while that has not been read */
  uint32_t meet;   /* the innermost group both stand in */
  uint32_t side;   /* the child of 'meet' that 'group' is or stands in */
  uint32_t number; /* as written, */
  inst_str name;   /* or p == NULL */
  size_t at, n;    /* its text in the source */
};

struct machine {
  inst_scan scan;
  bool lines;          /* flag m */
  bool all;            /* flag s */
  inst_buf groups;     /* struct group; the whole pattern first */
  inst_buf references; /* struct reference */
  inst_buf captures;   /* uint32_t: the group of each capture's number, less one */
  uint32_t in;         /* the group being read */
  bool can_repeat;     /* may a quantifier come? */
  uint32_t last_group; /* the group it would repeat, or NO_GROUP */
  struct span last;    /* the span it would repeat */
  size_t last_out;     /* where that begins in the translation */
};

static struct group *group_at(const struct machine *m, uint32_t i) {
  return (struct group *)(void *)m->groups.p + i;
}

static struct reference *reference_at(const struct machine *m, size_t i) {
  return (struct reference *)(void *)m->references.p + i;
}

static uint32_t group_count(const struct machine *m) {
  return (uint32_t)(m->groups.n / sizeof(struct group));
}

static uint32_t capture_count(const struct machine *m) {
  return (uint32_t)(m->captures.n / sizeof(uint32_t));
}

/* Appends a structure to one of the lists.  Non-zero: MEMORY. */
static int append(struct machine *m, inst_buf *list, const void *item, size_t size) {
  inst_buf_add(list, (inst_str){item, size});
  return list->failed ? inst_error_memory(m->scan.error) : 0;
}

/* ---- spans ----------------------------------------------------------------------------------- */

static uint32_t sum(uint32_t a, uint32_t b) {
  return a > NO_LIMIT - b ? NO_LIMIT : a + b;
}

static uint32_t product(uint32_t a, uint32_t b) {
  uint64_t n = (uint64_t)a * b;
  return n < NO_LIMIT ? (uint32_t)n : NO_LIMIT;
}

/* What was read last can no longer be repeated: it counts. */
static void settle(struct machine *m) {
  struct span *span = &group_at(m, m->in)->arm_span;
  *span = (struct span){sum(span->min, m->last.min), sum(span->max, m->last.max)};
  m->last = (struct span){0, 0};
  m->can_repeat = false;
  m->last_group = NO_GROUP;
  m->last_out = m->scan.out->n;
}

/* One character or a group was read: a quantifier may come. */
static void offer(struct machine *m, struct span span) {
  m->last = span;
  m->can_repeat = true;
}

static bool is_behind(const struct group *group) {
  return group->kind == BEHIND || group->kind == NOT_BEHIND;
}

/* The alternative being read ends. */
static int end_arm(struct machine *m) {
  settle(m);
  struct group *group = group_at(m, m->in);
  struct span arm = group->arm_span;
  if (group->arms == 0) group->span = arm;
  if (arm.min < group->span.min) group->span.min = arm.min;
  if (arm.max > group->span.max) group->span.max = arm.max;
  group->arm_span = (struct span){0, 0};
  if (!is_behind(group) || (arm.min == arm.max && arm.max <= LONGEST_BEHIND)) return 0;
  const char *what = arm.max == NO_LIMIT ? "lookbehind of unbounded length"
                     : arm.min < arm.max ? "lookbehind of varying length"
                                         : "lookbehind of more than 65535 characters";
  return inst_scan_refuse(&m->scan, group->at, what, "cannot be honoured");
}

/* ---- groups ---------------------------------------------------------------------------------- */

static uint32_t find_name(const struct machine *m, inst_str name) {
  for (uint32_t i = 1; i < group_count(m); i++)
    if (group_at(m, i)->name.p != NULL && inst_str_is(group_at(m, i)->name, name)) return i;
  return NO_GROUP;
}

static bool is_in_name(char c, bool is_first) {
  if (c >= '0' && c <= '9') return !is_first;
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '$' ||
         (unsigned char)c >= 0x80;
}

/* A name and its '>'; 'at' is where the construct begins. */
static int read_name(struct machine *m, size_t at, inst_str *name) {
  inst_scan *scan = &m->scan;
  size_t start = scan->at;
  while (is_in_name(inst_scan_peek(scan, 0), scan->at == start)) scan->at++;
  *name = (inst_str){scan->source.p + start, scan->at - start};
  if (name->n > 0 && inst_scan_take(scan, ">")) return 0;
  return inst_scan_refuse_text(scan, at, start - at, "wants a group's name and \">\"");
}

/* Fills in what is special about 'group', whose opening has been read. */
static int begin_group(struct machine *m, struct group *group) {
  inst_scan *scan = &m->scan;
  if (group->depth > INST_PATTERN_DEPTH)
    return inst_scan_refuse_text(scan, group->at, 1, "is nested too deeply");
  if (group->kind == NAMED) {
    if (read_name(m, group->at, &group->name) != 0) return -1;
    if (find_name(m, group->name) != NO_GROUP)
      return inst_scan_refuse_text(scan, group->at, scan->at - group->at,
                                   "takes the name of another group");
  }
  if (group->kind != NAMED && group->kind != CAPTURE) return 0;
  uint32_t index = group_count(m);
  group->number = capture_count(m) + 1;
  return append(m, &m->captures, &index, sizeof index);
}

static int open_group(struct machine *m) {
  inst_scan *scan = &m->scan;
  const struct group *parent = group_at(m, m->in);
  struct group group = {.kind = CAPTURE, .is_open = true, .at = scan->at, .repeat = {1, 1}};
  group.parent = m->in;
  group.depth = parent->depth + 1;
  group.arm = parent->arms;
  const char *pcre = NULL;
  for (size_t i = 0; pcre == NULL && i < sizeof openings / sizeof *openings; i++) {
    if (!inst_scan_take(scan, openings[i].text)) continue;
    pcre = openings[i].pcre;
    group.kind = openings[i].kind;
  }
  if (pcre == NULL && inst_scan_sees(scan, "(?"))
    return inst_scan_refuse_text(scan, scan->at, 3, "opens no group known here");
  if (pcre == NULL) scan->at++;
  if (begin_group(m, &group) != 0) return -1;
  settle(m);
  m->in = group_count(m);
  inst_scan_put(scan, pcre != NULL ? pcre : "(");
  return append(m, &m->groups, &group, sizeof group);
}

static int close_group(struct machine *m) {
  uint32_t index = m->in;
  size_t at = m->scan.at++;
  if (index == 0) return inst_scan_refuse_text(&m->scan, at, 1, "closes no group");
  if (end_arm(m) != 0) return -1;
  struct group *group = group_at(m, index);
  group->is_open = false;
  m->in = group->parent;
  inst_scan_put(&m->scan, ")");
  if (group->kind > NAMED) return 0; /* an assertion is not repeated */
  offer(m, group->span);
  m->last_group = index;
  return 0;
}

static int next_arm(struct machine *m) {
  m->scan.at++;
  if (end_arm(m) != 0) return -1;
  group_at(m, m->in)->arms++;
  inst_scan_put(&m->scan, "|");
  return 0;
}

/* ---- quantifiers ----------------------------------------------------------------------------- */

/* "{2}", "{2,}" or "{2,5}".  1: read; 0: that is no quantifier but text; -1: refused. */
static int read_braces(struct machine *m, struct span *repeat) {
  inst_scan *scan = &m->scan;
  size_t at = scan->at++;
  bool has_min = inst_scan_number(scan, &repeat->min), has_max = false;
  repeat->max = repeat->min;
  if (inst_scan_take(scan, ",")) {
    has_max = inst_scan_number(scan, &repeat->max);
    if (!has_max) repeat->max = NO_LIMIT;
  }
  bool is_closed = inst_scan_take(scan, "}");
  size_t n = scan->at - at;
  if (is_closed && has_max && !has_min)
    return inst_scan_refuse_text(scan, at, n, "wants its lower bound");
  if (!is_closed || !has_min) {
    scan->at = at;
    return 0;
  }
  if (repeat->min > INST_PATTERN_REPEAT || (has_max && repeat->max > INST_PATTERN_REPEAT))
    return inst_scan_refuse_text(scan, at, n, "counts beyond 65535");
  if (repeat->max < repeat->min)
    return inst_scan_refuse_text(scan, at, n, "has its bounds the wrong way round");
  return 1;
}

static int read_repeat(struct machine *m, struct span *repeat) {
  char c = inst_scan_peek(&m->scan, 0);
  if (c == '{') return read_braces(m, repeat);
  *repeat = (struct span){c == '+', c == '?' ? 1 : NO_LIMIT};
  m->scan.at++;
  return 1;
}

/* Puts 'text' before the piece that was written last. */
static void put_before(struct machine *m, const char *text) {
  inst_buf *out = m->scan.out;
  size_t size = strlen(text), n = out->n - m->last_out;
  inst_scan_put(&m->scan, text);
  if (out->failed) return;
  char *start = out->p + m->last_out;
  memmove(start + size, start, n);
  memcpy(start, text, size);
}

/* x{2,} of a character == (?C0)x{2,}(?C1): a long run is counted; groups are PCRE2's to count. */
static void put_repeat(struct machine *m, struct span repeat) {
  bool is_run = m->last_group == NO_GROUP && repeat.max > INST_PATTERN_LONG;
  if (is_run) put_before(m, "(?C0)");
  inst_buf_addf(m->scan.out, "{%u,", (unsigned)repeat.min);
  if (repeat.max != NO_LIMIT) inst_buf_addf(m->scan.out, "%u", (unsigned)repeat.max);
  inst_scan_put(&m->scan, inst_scan_take(&m->scan, "?") ? "}?" : "}");
  if (is_run) inst_scan_put(&m->scan, "(?C1)");
}

static int read_quantifier(struct machine *m) {
  struct span repeat;
  size_t at = m->scan.at;
  int found = read_repeat(m, &repeat);
  if (found < 0) return -1;
  if (found == 0) { /* a brace that means itself */
    settle(m);
    offer(m, (struct span){1, 1});
    return inst_charset_char(&m->scan);
  }
  if (!m->can_repeat)
    return inst_scan_refuse_text(&m->scan, at, m->scan.at - at, "has nothing to repeat");
  put_repeat(m, repeat);
  m->last = (struct span){product(m->last.min, repeat.min), product(m->last.max, repeat.max)};
  if (m->last_group != NO_GROUP) group_at(m, m->last_group)->repeat = repeat;
  settle(m);
  return 0;
}

/* ---- back references ------------------------------------------------------------------------- */

static bool is_inside_behind(const struct machine *m) {
  uint32_t i = m->in;
  while (i != 0 && !is_behind(group_at(m, i))) i = group_at(m, i)->parent;
  return i != 0;
}

/* Finds where the reference, which stands here, and its group meet.  False: no match ever gets
** from that group to here with its capture kept, so the reference matches nothing: the group is
** around it, behind it, in another alternative, or in a negative lookaround. */
static bool find_meeting(const struct machine *m, struct reference *r) {
  if (r->group == NO_GROUP || group_at(m, r->group)->is_open) return false;
  uint32_t a = r->group, b = m->in, arm = group_at(m, b)->arms;
  for (;;) {
    const struct group *below = group_at(m, a), *here = group_at(m, b);
    if (below->kind == NOT_AHEAD || below->kind == NOT_BEHIND) return false;
    if (below->parent == b) break;
    if (group_at(m, below->parent)->depth > here->depth) {
      a = below->parent;
    } else {
      arm = here->arm;
      b = here->parent;
    }
  }
  r->meet = b;
  r->side = a;
  return group_at(m, a)->arm == arm;
}

static int put_reference(struct machine *m, struct reference *r) {
  inst_scan *scan = &m->scan;
  r->n = scan->at - r->at;
  if (is_inside_behind(m))
    return inst_scan_refuse_text(scan, r->at, r->n, "inside a lookbehind cannot be honoured");
  settle(m);
  offer(m, (struct span){0, NO_LIMIT});
  if (find_meeting(m, r)) {
    unsigned number = (unsigned)group_at(m, r->group)->number;
    unsigned callout = number + INST_PATTERN_REFERENCE;
    if (callout > INST_PATTERN_ANY_REFERENCE) callout = INST_PATTERN_ANY_REFERENCE;
    inst_buf_addf(scan->out, "(?C%u)\\g{%u}", callout, number);
  } else {
    r->meet = r->side = NO_GROUP;
    inst_scan_put(scan, "(?:)");
  }
  return append(m, &m->references, r, sizeof *r);
}

/* At "\1". */
static int read_numbered(struct machine *m) {
  struct reference r = {.group = NO_GROUP, .at = m->scan.at++};
  inst_scan_number(&m->scan, &r.number);
  if (r.number <= capture_count(m))
    r.group = ((const uint32_t *)(const void *)m->captures.p)[r.number - 1];
  return put_reference(m, &r);
}

/* At "\k". */
static int read_named(struct machine *m) {
  inst_scan *scan = &m->scan;
  struct reference r = {.at = scan->at};
  scan->at += 2;
  if (!inst_scan_take(scan, "<"))
    return inst_scan_refuse_text(scan, r.at, 2, "wants a group's name in \"<>\"");
  if (read_name(m, r.at, &r.name) != 0) return -1;
  r.group = find_name(m, r.name);
  return put_reference(m, &r);
}

/* Can ECMAScript, which forgets the captures of a repeated group at each turn and takes no empty
** turn, see another capture than PCRE2, which does neither?  Walks from the group up. */
static bool is_remembered_alike(const struct machine *m, const struct reference *r) {
  bool may_skip = false, is_repeated = false, is_in_look = false;
  for (uint32_t i = r->group;; i = group_at(m, i)->parent) {
    const struct group *x = group_at(m, i);
    bool is_loop = x->repeat.max > 1, may_stop = x->repeat.max > x->repeat.min;
    if (i != r->group && x->arms > 0) may_skip = true;
    is_in_look = is_in_look || x->kind == AHEAD || is_behind(x);
    if (is_loop && may_skip) return false;
    if (x->span.min == 0 && may_stop && (is_loop || is_in_look)) return false;
    if (is_behind(x) && is_repeated) return false; /* ECMAScript repeats backwards there */
    is_repeated = is_repeated || is_loop;
    if (x->repeat.min == 0) may_skip = true;
    if (i == r->side) break;
  }
  if (!may_skip) return true;
  uint32_t i = r->meet;
  while (i != 0 && group_at(m, i)->repeat.max <= 1) i = group_at(m, i)->parent;
  return i == 0;
}

/* What could not be known before the end. */
static int check_references(struct machine *m) {
  size_t count = m->references.n / sizeof(struct reference);
  for (size_t i = 0; i < count; i++) {
    const struct reference *r = reference_at(m, i);
    bool exists =
        r->name.p != NULL ? find_name(m, r->name) != NO_GROUP : r->number <= capture_count(m);
    if (!exists)
      return inst_scan_refuse_text(&m->scan, r->at, r->n, "refers to a group there is not");
    if (r->meet != NO_GROUP && !is_remembered_alike(m, r))
      return inst_scan_refuse_text(&m->scan, r->at, r->n,
                                   "cannot be honoured: a repeat may skip or empty its group");
  }
  return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

#define WORD "[" INST_CHARSET_WORD "]"
#define NOT_LINE_END "[^" INST_CHARSET_LINE_ENDS "]"

/* Assertions that are one character: without the flag, and with it. */
static const struct assertion {
  const char *text;
  const char *plain;
  const char *flagged; /* flag m for ^ and $, flag i for \b and \B */
} assertions[] = {
    {"^", "\\A", "(?<!" NOT_LINE_END ")"},
    {"$", "\\z", "(?!" NOT_LINE_END ")"},
    {"\\b", "\\b", "(?:(?<=" WORD ")(?!" WORD ")|(?<!" WORD ")(?=" WORD "))"},
    {"\\B", "\\B", "(?:(?<=" WORD ")(?=" WORD ")|(?<!" WORD ")(?!" WORD "))"},
};

/* Reads an assertion where one stands. */
static bool take_assertion(struct machine *m) {
  for (size_t i = 0; i < sizeof assertions / sizeof *assertions; i++) {
    const struct assertion *a = &assertions[i];
    if (!inst_scan_take(&m->scan, a->text)) continue;
    settle(m);
    bool is_flagged = a->text[0] == '\\' ? m->scan.fold : m->lines;
    inst_scan_put(&m->scan, is_flagged ? a->flagged : a->plain);
    return true;
  }
  return false;
}

/* Something that matches one character. */
static int read_atom(struct machine *m) {
  inst_scan *scan = &m->scan;
  settle(m);
  offer(m, (struct span){1, 1});
  if (inst_scan_sees(scan, "[")) return inst_charset_class(scan);
  if (inst_charset_sees_set(scan)) return inst_charset_set(scan);
  if (!inst_scan_take(scan, ".")) return inst_charset_char(scan);
  inst_charset_dot(scan, m->all);
  return 0;
}

static int read_piece(struct machine *m) {
  char next = inst_scan_peek(&m->scan, 1);
  switch (inst_scan_peek(&m->scan, 0)) {
  case '(': return open_group(m);
  case ')': return close_group(m);
  case '|': return next_arm(m);
  case '*':
  case '+':
  case '?':
  case '{': return read_quantifier(m);
  case '\\':
    if (next == 'k') return read_named(m);
    if (next >= '1' && next <= '9') return read_numbered(m);
    break;
  default: break;
  }
  return take_assertion(m) ? 0 : read_atom(m);
}

static int read_flags(struct machine *m, inst_str flags) {
  for (size_t i = 0; i < flags.n; i++) {
    char c = flags.p[i];
    const char *why = NULL;
    if (c == 'y')
      why = "a search is not sticky";
    else if (c == 'v')
      why = "sets of strings are not supported";
    else if (c == '\0' || strchr("dgimsu", c) == NULL)
      why = "it is unknown";
    else if (memchr(flags.p, c, i) != NULL)
      why = "it is given twice";
    if (why != NULL)
      return inst_error_set(m->scan.error, INST_E_USAGE, "regex flag \"%c\" cannot be honoured: %s",
                            c > ' ' && c < 0x7F ? c : '?', why);
    m->scan.fold = m->scan.fold || c == 'i';
    m->lines = m->lines || c == 'm';
    m->all = m->all || c == 's';
  }
  return 0;
}

static int check_source(inst_scan *scan) {
  if (scan->source.n > INST_PATTERN_MAX)
    return inst_scan_refuse(scan, 0, "pattern of more than 65535 bytes", "cannot be honoured");
  size_t span = inst_utf8_span(scan->source);
  return span == scan->source.n ? 0 : inst_scan_refuse(scan, span, "byte", "is not UTF-8");
}

/* Translates until more than 'stop' bytes were written.  'place' is then where the last piece that
** is no quantifier began. */
static int run(struct machine *m, inst_str flags, size_t stop, size_t *place) {
  const struct group whole = {.kind = PLAIN, .is_open = true, .repeat = {1, 1}};
  m->last_group = NO_GROUP;
  if (check_source(&m->scan) != 0 || read_flags(m, flags) != 0) return -1;
  if (append(m, &m->groups, &whole, sizeof whole) != 0) return -1;
  inst_scan_put(&m->scan, m->scan.fold ? "(?si)" : "(?s)");
  while (!inst_scan_is_at_end(&m->scan) && m->scan.out->n <= stop) {
    if (strchr("*+?{", inst_scan_peek(&m->scan, 0)) == NULL) *place = m->scan.at;
    if (read_piece(m) != 0) return -1;
  }
  if (m->scan.out->n > stop) return 0;
  if (m->in != 0)
    return inst_scan_refuse_text(&m->scan, group_at(m, m->in)->at, 1, "is never closed");
  if (end_arm(m) != 0 || check_references(m) != 0) return -1;
  return m->scan.out->failed ? inst_error_memory(m->scan.error) : 0;
}

static int start(inst_str source, inst_str flags, size_t stop, size_t *place, inst_buf *out,
                 inst_error *error) {
  struct machine m = {.scan = {.source = source, .out = out, .error = error}};
  if (source.p == NULL) m.scan.source = INST_LIT("");
  inst_buf_init(&m.groups, out->alloc);
  inst_buf_init(&m.references, out->alloc);
  inst_buf_init(&m.captures, out->alloc);
  int fault = run(&m, flags, stop, place);
  inst_buf_clear(&m.groups);
  inst_buf_clear(&m.references);
  inst_buf_clear(&m.captures);
  return fault;
}

int inst_pattern_translate(inst_str source, inst_str flags, inst_buf *out, inst_error *error) {
  size_t place;
  return start(source, flags, SIZE_MAX, &place, out, error);
}

size_t inst_pattern_place(inst_str source, inst_str flags, size_t at, inst_alloc alloc) {
  size_t place = 0;
  inst_buf out;
  inst_buf_init(&out, alloc);
  start(source, flags, at, &place, &out, NULL);
  inst_buf_clear(&out);
  return place;
}
