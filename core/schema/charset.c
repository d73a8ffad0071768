/*
** Characters, escapes, sets and classes.
** A surrogate on its own is no character of a UTF-8 text: by itself it never matches, and in a
** class it adds nothing, as in ECMAScript's unicode mode on well-formed text.
*/
#include "core/schema/charset.h"

#include "core/schema/property.h"

#define NEVER "[^\\x{0}-\\x{10FFFF}]" /* one character that there is not */
#define LAST_CODE_POINT 0x10FFFFu

/* Code points, both ends among them. */
struct range {
  uint32_t first, last;
};

struct set {
  const struct range *ranges; /* ascending */
  size_t n;
};

static const struct range digits[] = {{'0', '9'}};
static const struct range words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
/* With flag i also the long s and the kelvin sign, which fold to 's' and 'k'. */
static const struct range folded_words[] = {{'0', '9'}, {'A', 'Z'},     {'_', '_'},
                                            {'a', 'z'}, {0x17F, 0x17F}, {0x212A, 0x212A}};
/* Unicode's spaces, U+FEFF and the line ends. */
static const struct range spaces[] = {
    {0x9, 0xD},       {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};

#define SET(ranges) ((struct set){(ranges), sizeof(ranges) / sizeof *(ranges)})

/* ---- one character --------------------------------------------------------------------------- */

static bool is_surrogate(uint32_t c) {
  return c >= 0xD800 && c <= 0xDFFF;
}

static bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* The second half of a pair, where "\uXXXX" with a low surrogate stands next. */
static bool take_low_surrogate(inst_scan *scan, uint32_t *low) {
  size_t at = scan->at;
  if (inst_scan_take(scan, "\\u") && inst_scan_hex(scan, 4, low) && *low >= 0xDC00 &&
      *low <= 0xDFFF)
    return true;
  scan->at = at;
  return false;
}

/* The digits and the brace of \u{...}. */
static bool read_braced(inst_scan *scan, uint32_t *c) {
  uint32_t digit;
  size_t start = scan->at;
  *c = 0;
  while (*c <= LAST_CODE_POINT && inst_scan_hex(scan, 1, &digit)) *c = *c << 4 | digit;
  return scan->at > start && *c <= LAST_CODE_POINT && inst_scan_take(scan, "}");
}

/* Behind the "\u" at 'at'. */
static int read_unicode(inst_scan *scan, size_t at, uint32_t *c) {
  uint32_t low;
  if (inst_scan_take(scan, "{")) {
    if (read_braced(scan, c)) return 0;
    return inst_scan_refuse_text(scan, at, 3, "wants a code point up to 10FFFF and \"}\"");
  }
  if (!inst_scan_hex(scan, 4, c))
    return inst_scan_refuse_text(scan, at, 2, "wants four hexadecimal digits");
  if (*c >= 0xD800 && *c <= 0xDBFF && take_low_surrogate(scan, &low))
    *c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
  return 0;
}

/* Behind the "\0" at 'at'. */
static int read_nul(inst_scan *scan, size_t at, uint32_t *c) {
  *c = 0;
  if (!is_digit(inst_scan_peek(scan, 0))) return 0;
  return inst_scan_refuse_text(scan, at, 3, "is an octal escape, which ECMAScript forbids");
}

/* Behind the "\c" at 'at'. */
static int read_control(inst_scan *scan, size_t at, uint32_t *c) {
  if (!is_letter(inst_scan_peek(scan, 0)))
    return inst_scan_refuse_text(scan, at, 2, "wants a letter");
  *c = inst_scan_next(scan) & 31;
  return 0;
}

/* The escape of one character, whose backslash stands next.  Before anything but a letter or a
** digit a backslash is harmless; letters and digits that escape nothing here mean something in
** other engines, and are refused. */
static int read_escape(inst_scan *scan, bool in_class, uint32_t *c) {
  static const char letters[] = "tnvfr", controls[] = "\t\n\v\f\r";
  size_t at = scan->at++;
  if (inst_scan_is_at_end(scan)) return inst_scan_refuse_text(scan, at, 1, "escapes nothing");
  *c = inst_scan_next(scan);
  if (*c >= 0x80 || (!is_letter((char)*c) && !is_digit((char)*c))) return 0; /* means itself */
  const char *control = strchr(letters, (int)*c);
  if (control != NULL)
    *c = (uint32_t)controls[control - letters];
  else if (*c == 'b' && in_class)
    *c = '\b';
  else if (*c == '0')
    return read_nul(scan, at, c);
  else if (*c == 'c')
    return read_control(scan, at, c);
  else if (*c == 'u')
    return read_unicode(scan, at, c);
  else if (*c != 'x')
    return inst_scan_refuse_text(scan, at, 2,
                                 in_class ? "is no escape of a class in ECMAScript"
                                          : "is no escape in ECMAScript");
  else if (!inst_scan_hex(scan, 2, c))
    return inst_scan_refuse_text(scan, at, 2, "wants two hexadecimal digits");
  return 0;
}

/* Whatever character stands next, escaped or not. */
static int read_char(inst_scan *scan, bool in_class, uint32_t *c) {
  if (inst_scan_sees(scan, "\\")) return read_escape(scan, in_class, c);
  *c = inst_scan_next(scan);
  return 0;
}

int inst_charset_char(inst_scan *scan) {
  uint32_t c;
  if (read_char(scan, false, &c) != 0) return -1;
  if (is_surrogate(c))
    inst_scan_put(scan, NEVER);
  else
    inst_scan_put_char(scan, c);
  return 0;
}

void inst_charset_dot(inst_scan *scan, bool all) {
  inst_scan_put(scan, all ? "." : "[^" INST_CHARSET_LINE_ENDS "]");
}

/* ---- sets ------------------------------------------------------------------------------------ */

/* Class items for all from 'first' to 'last' but the surrogates. */
static void put_range(inst_scan *scan, uint32_t first, uint32_t last) {
  if (is_surrogate(first)) first = 0xE000;
  if (is_surrogate(last)) last = 0xD7FF;
  if (first > last) return;
  inst_scan_put_char(scan, first);
  if (first == last) return;
  inst_scan_put(scan, "-");
  inst_scan_put_char(scan, last);
}

static void put_set(inst_scan *scan, struct set set) {
  for (size_t i = 0; i < set.n; i++) put_range(scan, set.ranges[i].first, set.ranges[i].last);
}

/* All that 'set' leaves out. */
static void put_others(inst_scan *scan, struct set set) {
  uint32_t next = 0;
  for (size_t i = 0; i < set.n; i++) {
    if (set.ranges[i].first > next) put_range(scan, next, set.ranges[i].first - 1);
    next = set.ranges[i].last + 1;
  }
  put_range(scan, next, LAST_CODE_POINT);
}

/* Behind the "\p" or "\P" at 'at': the property as a class item, and with flag i the characters
** that fold across its border, which ECMAScript takes in on either side. */
static int put_property(inst_scan *scan, size_t at, bool is_negated) {
  const char *start = scan->source.p + scan->at + 1;
  const char *end = memchr(scan->source.p + scan->at, '}', scan->source.n - scan->at);
  if (inst_scan_peek(scan, 0) != '{' || end == NULL)
    return inst_scan_refuse_text(scan, at, 2, "wants a property's name in braces");
  size_t n = (size_t)(end + 1 - scan->source.p) - at;
  inst_property property;
  if (!inst_property_find((inst_str){start, (size_t)(end - start)}, &property))
    return inst_scan_refuse_text(scan, at, n, "is no property known here");
  if (scan->fold && property.fold == NULL)
    return inst_scan_refuse_text(scan, at, n, "cannot be honoured together with flag i");
  inst_buf_addf(scan->out, "\\%c{%s", is_negated != property.is_negated ? 'P' : 'p',
                property.prefix);
  inst_buf_add(scan->out, property.name);
  inst_scan_put(scan, "}");
  if (scan->fold) inst_scan_put(scan, property.fold);
  scan->at = at + n;
  return 0;
}

/* The set the escape with 'letter' means, or the opposite of. */
static struct set set_of(const inst_scan *scan, char letter) {
  if (letter == 'd' || letter == 'D') return SET(digits);
  if (letter == 's' || letter == 'S') return SET(spaces);
  return scan->fold ? SET(folded_words) : SET(words);
}

/* The class items of the escape that stands here. */
static int put_escaped_set(inst_scan *scan) {
  size_t at = scan->at;
  char letter = inst_scan_peek(scan, 1);
  scan->at += 2;
  if (letter == 'p' || letter == 'P') return put_property(scan, at, letter == 'P');
  if (letter >= 'a')
    put_set(scan, set_of(scan, letter));
  else
    put_others(scan, set_of(scan, letter));
  return 0;
}

bool inst_charset_sees_set(const inst_scan *scan) {
  char letter = inst_scan_peek(scan, 1);
  return inst_scan_sees(scan, "\\") && letter != '\0' && strchr("dDwWsSpP", letter) != NULL;
}

int inst_charset_set(inst_scan *scan) {
  char letter = inst_scan_peek(scan, 1);
  if ((letter == 'p' || letter == 'P') && !scan->fold) return put_escaped_set(scan);
  bool is_opposite = letter == 'D' || letter == 'W' || letter == 'S';
  inst_scan_put(scan, is_opposite ? "[^" : "[");
  if (is_opposite) { /* PCRE2 is quicker with this than with the items of the opposite */
    put_set(scan, set_of(scan, letter));
    scan->at += 2;
  } else if (put_escaped_set(scan) != 0) {
    return -1;
  }
  inst_scan_put(scan, "]");
  return 0;
}

/* ---- classes --------------------------------------------------------------------------------- */

/* What may be one end of a range. */
struct end {
  bool is_set; /* no: it is a set, and written already */
  uint32_t c;  /* else the character */
};

static int read_end(inst_scan *scan, struct end *end) {
  *end = (struct end){inst_charset_sees_set(scan), 0};
  return end->is_set ? put_escaped_set(scan) : read_char(scan, true, &end->c);
}

static void put_end(inst_scan *scan, struct end end) {
  if (!end.is_set) put_range(scan, end.c, end.c);
}

/* "[:name:]", which means nothing of the sort in ECMAScript. */
static int refuse_posix(inst_scan *scan) {
  size_t n = 2;
  if (!inst_scan_sees(scan, "[:")) return 0;
  while (is_letter(inst_scan_peek(scan, n)) || inst_scan_peek(scan, n) == '^') n++;
  if (inst_scan_peek(scan, n) != ':' || inst_scan_peek(scan, n + 1) != ']') return 0;
  return inst_scan_refuse_text(scan, scan->at, n + 2, "is a class of POSIX, not of ECMAScript");
}

/* A character, a set, or a range of the class being read.  A '-' beside a set means itself, which
** unicode mode forbids, but nothing else could be meant. */
static int read_item(inst_scan *scan) {
  size_t at = scan->at;
  struct end first, last;
  if (refuse_posix(scan) != 0 || read_end(scan, &first) != 0) return -1;
  if (inst_scan_peek(scan, 0) != '-' || inst_scan_peek(scan, 1) == ']') {
    put_end(scan, first);
    return 0;
  }
  scan->at++;
  if (inst_scan_is_at_end(scan)) return 0; /* the class is not closed: found out there */
  if (read_end(scan, &last) != 0) return -1;
  if (first.is_set || last.is_set) { /* no range: the '-' means itself */
    put_end(scan, first);
    inst_scan_put_char(scan, '-');
    put_end(scan, last);
    return 0;
  }
  if (first.c > last.c)
    return inst_scan_refuse_text(scan, at, scan->at - at, "is a range that runs backwards");
  put_range(scan, first.c, last.c);
  return 0;
}

/* "[]" matches nothing and "[^]" all; so does a class in which only surrogates stood. */
int inst_charset_class(inst_scan *scan) {
  size_t at = scan->at, start = scan->out->n;
  bool is_negated = inst_scan_sees(scan, "[^");
  scan->at += is_negated ? 2 : 1;
  inst_scan_put(scan, is_negated ? "[^" : "[");
  size_t items = scan->out->n;
  while (!inst_scan_take(scan, "]")) {
    if (inst_scan_is_at_end(scan)) return inst_scan_refuse_text(scan, at, 1, "is never closed");
    if (read_item(scan) != 0) return -1;
  }
  if (scan->out->n > items) {
    inst_scan_put(scan, "]");
  } else { /* PCRE2 would take the ']' for a member */
    scan->out->n = start;
    inst_scan_put(scan, is_negated ? "." : NEVER);
  }
  return 0;
}
