/*
** The structure of a pattern: groups, alternatives, quantifiers, assertions, back references.
** One pass over the source with the tree of groups as its stack.  Names become numbers, so that no
** name reaches PCRE2.  A lookbehind must be of one length in each alternative, which is all that
** PCRE2 takes; a back reference must see the same capture in both.
** Rule: the characters of a pattern are passed on by scan.c and charset.c; here is syntax only.
*/
#include "core/schema/pattern.h"

#include "core/base/error.h"
#include "core/schema/charset.h"
#include "core/schema/group.h"

#define NO_LIMIT INST_SPAN_NO_LIMIT
#define LONGEST_BEHIND 65535u /* characters of a lookbehind */

/* What opens a group; the first that fits is it.  The empty group in a lookahead keeps PCRE2 before
** 10.45 from wanting the lookahead's first character twice: "(?=a)b?a" would not match "a". */
static const struct opening {
  const char *text; /* in the source */
  const char *pcre; /* in the translation */
  inst_group_kind kind;
} openings[] = {
    {"(?:", "(?:", INST_GROUP_PLAIN},        {"(?=", "(?=(?:)", INST_GROUP_AHEAD},
    {"(?!", "(?!", INST_GROUP_NOT_AHEAD},    {"(?<=", "(?<=", INST_GROUP_BEHIND},
    {"(?<!", "(?<!", INST_GROUP_NOT_BEHIND}, {"(?<", "(", INST_GROUP_NAMED},
};

/* A back reference. */
struct reference {
  uint32_t number;      /* as written, */
  inst_str name;        /* or p == NULL */
  bool is_blind;        /* it matches nothing, and that is certain */
  inst_meeting meeting; /* unless it is blind */
  size_t at, n;         /* its text in the source */
};

struct machine {
  inst_scan scan;
  bool lines; /* flag m */
  bool all;   /* flag s */
  inst_groups groups;
  inst_buf references; /* struct reference */
  uint32_t in;         /* the group being read */
  bool can_repeat;     /* may a quantifier come? */
  uint32_t last_group; /* the group it would repeat, or INST_GROUP_NONE */
  inst_span last;      /* the characters it would repeat */
  size_t last_out;     /* where they begin in the translation */
};

static inst_group *group_at(const struct machine *m, uint32_t index) {
  return inst_groups_get(&m->groups, index);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

/* What was read last can no longer be repeated and counts; a new piece may be written. */
static void settle(struct machine *m) {
  inst_group *group = group_at(m, m->in);
  group->arm_span = inst_span_sum(group->arm_span, m->last);
  m->last = (inst_span){0, 0};
  m->can_repeat = false;
  m->last_group = INST_GROUP_NONE;
  m->last_out = m->scan.out->n;
}

/* One character or a group was read: a quantifier may come. */
static void offer(struct machine *m, inst_span span) {
  m->last = span;
  m->can_repeat = true;
}

/* The alternative being read ends.  In a lookbehind its length is judged. */
static int end_arm(struct machine *m) {
  settle(m);
  inst_group *group = group_at(m, m->in);
  inst_span arm = group->arm_span;
  group->span = group->arms == 0 ? arm : inst_span_union(group->span, arm);
  group->arm_span = (inst_span){0, 0};
  if (!inst_group_is_behind(group) || (arm.min == arm.max && arm.max <= LONGEST_BEHIND)) return 0;
  const char *what = "lookbehind of more than 65535 characters";
  if (arm.max == NO_LIMIT)
    what = "lookbehind of unbounded length";
  else if (arm.min < arm.max)
    what = "lookbehind of varying length";
  return inst_scan_refuse(&m->scan, group->at, what, "cannot be honoured");
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Other than ASCII is believed: a name never reaches PCRE2. */
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

/* Reads what opens a group, up to its first alternative. */
static int read_opening(struct machine *m, inst_group *group, const char **pcre) {
  inst_scan *scan = &m->scan;
  *pcre = NULL;
  for (size_t i = 0; *pcre == NULL && i < sizeof openings / sizeof *openings; i++) {
    if (!inst_scan_take(scan, openings[i].text)) continue;
    *pcre = openings[i].pcre;
    group->kind = openings[i].kind;
  }
  if (*pcre == NULL && inst_scan_sees(scan, "(?"))
    return inst_scan_refuse_text(scan, scan->at, 3, "opens no group known here");
  if (*pcre == NULL) {
    *pcre = "(";
    scan->at++;
  }
  if (group->kind != INST_GROUP_NAMED) return 0;
  if (read_name(m, group->at, &group->name) != 0) return -1;
  if (inst_groups_find(&m->groups, group->name) == INST_GROUP_NONE) return 0;
  return inst_scan_refuse_text(scan, group->at, scan->at - group->at,
                               "takes the name of another group");
}

static int open_group(struct machine *m) {
  const char *pcre;
  const inst_group *parent = group_at(m, m->in);
  inst_group group = {.kind = INST_GROUP_CAPTURE, .is_open = true, .repeat = {1, 1}};
  group.parent = m->in;
  group.depth = parent->depth + 1;
  group.arm = parent->arms;
  group.at = m->scan.at;
  if (group.depth > INST_PATTERN_DEPTH)
    return inst_scan_refuse_text(&m->scan, group.at, 1, "is nested too deeply");
  if (read_opening(m, &group, &pcre) != 0) return -1;
  settle(m);
  m->in = inst_groups_count(&m->groups);
  inst_scan_put(&m->scan, pcre);
  return inst_groups_add(&m->groups, group) ? 0 : inst_error_memory(m->scan.error);
}

static int close_group(struct machine *m) {
  uint32_t index = m->in;
  size_t at = m->scan.at++;
  if (index == 0) return inst_scan_refuse_text(&m->scan, at, 1, "closes no group");
  if (end_arm(m) != 0) return -1;
  inst_group *group = group_at(m, index);
  group->is_open = false;
  m->in = group->parent;
  inst_scan_put(&m->scan, ")");
  if (group->kind >= INST_GROUP_AHEAD) return 0; /* an assertion is not repeated */
  offer(m, group->span);
  m->last_group = index;
  return 0;
}

/* At "|". */
static int next_arm(struct machine *m) {
  m->scan.at++;
  if (end_arm(m) != 0) return -1;
  group_at(m, m->in)->arms++;
  inst_scan_put(&m->scan, "|(?C0)");
  return 0;
}

/* ---- quantifiers ----------------------------------------------------------------------------- */

/* "{2}", "{2,}" or "{2,5}".  1: read; 0: that is no quantifier but text; -1: refused.  "{,5}" is
** text to old ECMAScript and a quantifier to others, and so refused. */
static int read_braces(struct machine *m, inst_span *repeat) {
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

/* The same for all quantifiers. */
static int read_repeat(struct machine *m, inst_span *repeat) {
  char c = inst_scan_peek(&m->scan, 0);
  if (c == '{') return read_braces(m, repeat);
  *repeat = (inst_span){c == '+', c == '?' ? 1 : NO_LIMIT};
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

/* The quantifier with the callouts that count what it does:
**   x{0,3} == x{0,3}(?C0);  x{0,99} == (?C1)x{0,99}(?C2);  (?:xy){0,3} == (?:xy(?C0)){0,3} */
static void put_repeat(struct machine *m, inst_span repeat, bool is_lazy) {
  bool is_group = m->last_group != INST_GROUP_NONE;
  bool is_run = !is_group && repeat.max > INST_PATTERN_LONG;
  if (is_group && m->scan.out->n > 0) m->scan.out->n--; /* its ')' */
  if (is_group) inst_scan_put(&m->scan, "(?C0))");
  if (is_run) put_before(m, "(?C1)");
  inst_buf_addf(m->scan.out, "{%u,", (unsigned)repeat.min);
  if (repeat.max != NO_LIMIT) inst_buf_addf(m->scan.out, "%u", (unsigned)repeat.max);
  inst_scan_put(&m->scan, is_lazy ? "}?" : "}");
  if (is_run) inst_scan_put(&m->scan, "(?C2)");
  if (!is_run && !is_group && repeat.min < repeat.max) inst_scan_put(&m->scan, "(?C0)");
}

/* At one of "*+?{".  What a quantifier follows is repeated once: "a++" has nothing to repeat. */
static int read_quantifier(struct machine *m) {
  inst_span repeat;
  size_t at = m->scan.at;
  int found = read_repeat(m, &repeat);
  if (found < 0) return -1;
  if (found == 0) { /* a brace that means itself */
    settle(m);
    offer(m, (inst_span){1, 1});
    return inst_charset_char(&m->scan);
  }
  if (!m->can_repeat)
    return inst_scan_refuse_text(&m->scan, at, m->scan.at - at, "has nothing to repeat");
  put_repeat(m, repeat, inst_scan_take(&m->scan, "?"));
  m->last = inst_span_product(m->last, repeat);
  if (m->last_group != INST_GROUP_NONE) group_at(m, m->last_group)->repeat = repeat;
  settle(m);
  return 0;
}

/* ---- back references ------------------------------------------------------------------------- */

/* Writes the reference that was read, to the group with 'index' or, so far, to none.  A blind one
** is an empty group. */
static int put_reference(struct machine *m, struct reference *r, uint32_t index) {
  inst_scan *scan = &m->scan;
  r->n = scan->at - r->at;
  if (inst_groups_is_behind(&m->groups, m->in))
    return inst_scan_refuse_text(scan, r->at, r->n, "inside a lookbehind cannot be honoured");
  settle(m);
  offer(m, (inst_span){0, NO_LIMIT});
  r->is_blind = !inst_groups_meet(&m->groups, index, m->in, &r->meeting);
  if (r->is_blind) {
    inst_scan_put(scan, "(?:)");
  } else {
    unsigned number = (unsigned)group_at(m, index)->number;
    unsigned callout = number + INST_PATTERN_REFERENCE;
    if (callout > INST_PATTERN_ANY_REFERENCE) callout = INST_PATTERN_ANY_REFERENCE;
    inst_buf_addf(scan->out, "(?C%u)\\g{%u}", callout, number);
  }
  inst_buf_add(&m->references, (inst_str){(const char *)r, sizeof *r});
  return m->references.failed ? inst_error_memory(scan->error) : 0;
}

/* At "\1". */
static int read_numbered(struct machine *m) {
  struct reference r = {.at = m->scan.at++};
  inst_scan_number(&m->scan, &r.number);
  return put_reference(m, &r, inst_groups_find_number(&m->groups, r.number));
}

/* At "\k". */
static int read_named(struct machine *m) {
  struct reference r = {.at = m->scan.at};
  m->scan.at += 2;
  if (!inst_scan_take(&m->scan, "<"))
    return inst_scan_refuse_text(&m->scan, r.at, 2, "wants a group's name in \"<>\"");
  if (read_name(m, r.at, &r.name) != 0) return -1;
  return put_reference(m, &r, inst_groups_find(&m->groups, r.name));
}

/* What could not be known before the end: does the group exist, what is repeated. */
static int check_reference(struct machine *m, const struct reference *r) {
  uint32_t index = r->name.p != NULL ? inst_groups_find(&m->groups, r->name)
                                     : inst_groups_find_number(&m->groups, r->number);
  if (index == INST_GROUP_NONE)
    return inst_scan_refuse_text(&m->scan, r->at, r->n, "refers to a group there is not");
  if (r->is_blind || inst_groups_agree(&m->groups, &r->meeting)) return 0;
  return inst_scan_refuse_text(&m->scan, r->at, r->n,
                               "cannot be honoured: a repeat may skip or empty its group");
}

static int check_references(struct machine *m) {
  const struct reference *r = (const struct reference *)(const void *)m->references.p;
  for (size_t left = m->references.n / sizeof *r; left > 0; left--, r++)
    if (check_reference(m, r) != 0) return -1;
  return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

#define WORD "[" INST_CHARSET_WORD "]"
#define NOT_LINE_END "[^" INST_CHARSET_LINE_ENDS "]"

/* Assertions without the flag that concerns them, and with it.  PCRE2's own \b knows ASCII's words,
** as it should, but not the two letters that flag i adds. */
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
  offer(m, (inst_span){1, 1});
  if (inst_scan_sees(scan, "[")) return inst_charset_class(scan);
  if (inst_charset_sees_set(scan)) return inst_charset_set(scan);
  if (!inst_scan_take(scan, ".")) return inst_charset_char(scan);
  inst_charset_dot(scan, m->all);
  return 0;
}

/* Reads what stands next, to the end of one character, bracket, quantifier or assertion. */
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

/* Everything behind this may rely on UTF-8. */
static int check_source(inst_scan *scan) {
  if (scan->source.n > INST_PATTERN_MAX)
    return inst_scan_refuse(scan, 0, "pattern of more than 65535 bytes", "cannot be honoured");
  size_t span = inst_utf8_span(scan->source);
  return span == scan->source.n ? 0 : inst_scan_refuse(scan, span, "byte", "is not UTF-8");
}

/* Translates until more than 'stop' bytes were written.  'place' is then where the last piece that
** is no quantifier began. */
static int run(struct machine *m, inst_str flags, size_t stop, size_t *place) {
  const inst_group whole = {.kind = INST_GROUP_PLAIN, .is_open = true, .repeat = {1, 1}};
  m->last_group = INST_GROUP_NONE;
  if (check_source(&m->scan) != 0 || read_flags(m, flags) != 0) return -1;
  if (!inst_groups_add(&m->groups, whole)) return inst_error_memory(m->scan.error);
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

/* A run from beginning to end of the machine's life. */
static int start(inst_str source, inst_str flags, size_t stop, size_t *place, inst_buf *out,
                 inst_error *error) {
  struct machine m = {.scan = {.source = source, .out = out, .error = error}};
  if (source.p == NULL) m.scan.source = INST_LIT("");
  inst_groups_init(&m.groups, out->alloc);
  inst_buf_init(&m.references, out->alloc);
  int fault = run(&m, flags, stop, place);
  inst_groups_clear(&m.groups);
  inst_buf_clear(&m.references);
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
  int fault = start(source, flags, at, &place, &out, NULL);
  inst_buf_clear(&out);
  return fault == 0 ? place : SIZE_MAX;
}
