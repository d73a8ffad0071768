/*
** Strings of the mender: whichever quotes they stand in, and quotes inside them.
** A quote ends a string where what follows fits.  Inner quotes come in pairs: inside a pair no quote
** ends the string, and where both readings are possible the text cannot be mended.
*/
#include "core/json/mender.h"

/* Which quotes belong together. */
typedef enum family { NO_QUOTE, DOUBLE, SINGLE, CURLY_DOUBLE, CURLY_SINGLE, BACKTICK } family;

/* The family of the quote at 'at'; '*n' is how many bytes it has. */
static family family_of(const inst_mender *m, const char *at, size_t *n) {
  *n = 1;
  if (at == m->end) return NO_QUOTE;
  if (*at == '"') return DOUBLE;
  if (*at == '\'') return SINGLE;
  if (*at == '`') return BACKTICK;
  *n = 3; /* U+2018 to U+201F */
  if (m->end - at < 3 || memcmp(at, "\xE2\x80", 2) != 0) return NO_QUOTE;
  unsigned char last = (unsigned char)at[2];
  if (last >= 0x98 && last <= 0x9B) return CURLY_SINGLE;
  return last >= 0x9C && last <= 0x9F ? CURLY_DOUBLE : NO_QUOTE;
}

size_t inst_mender_quote(const inst_mender *m, const char *at) {
  size_t n;
  return family_of(m, at, &n) != NO_QUOTE ? n : 0;
}

/* A typographic quote may be ended by a plain one, as half of what types them does. */
static bool is_partner(family opened, family other) {
  if (other == opened) return true;
  return (opened == CURLY_DOUBLE && other == DOUBLE) || (opened == CURLY_SINGLE && other == SINGLE);
}

/* Of a word, or of a number: 5'11. */
static bool is_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (unsigned char)c >= 0x80;
}

/* A quote between two letters, of a family that has apostrophes. */
static bool is_apostrophe(const inst_mender *m, family opened, size_t n) {
  if (opened != SINGLE && opened != CURLY_SINGLE) return false;
  return m->at + n < m->end && is_letter(m->at[-1]) && is_letter(m->at[n]);
}

/* Does a key, with its colon, stand at 'at'? */
static bool is_key(const inst_mender *m, const char *at) {
  enum { FAR = 128 };
  size_t n;
  family opened = family_of(m, at, &n);
  if (opened == NO_QUOTE) return inst_mender_plain_key(m, at) > 0;
  const char *limit = m->end - at > FAR ? at + FAR : m->end;
  for (at += n; at < limit; at++) {
    if (*at == '\\') at++;
    if (at >= limit || !is_partner(opened, family_of(m, at, &n))) continue;
    inst_ahead next = inst_mender_look(m, at + n);
    return !next.end && *next.at == ':';
  }
  return limit != m->end; /* a long key */
}

/* What may stand behind the comma at 'at' if it parts two members or items. */
static bool parts(const inst_mender *m, const char *at) {
  if (!inst_mender_in(m, '}')) return true;
  inst_ahead next = inst_mender_look(m, at + 1);
  if (next.end || *next.at == '}' || *next.at == ',') return true;
  return inst_mender_quote(m, next.at) > 0 || inst_mender_plain_key(m, next.at) > 0;
}

/* The text is broken in a way that has two readings. */
static bool unclear(inst_mender *m) {
  m->failed = true;
  return false;
}

/* Inside a pair of inner quotes: the end of the string is not there, unless all is unclear. */
static bool ends_inside_pair(inst_mender *m, const inst_ahead *next) {
  if (next->end) return false;
  if (*next->at == ':') return unclear(m);
  if (*next->at != ',') return false;
  inst_ahead after = inst_mender_look(m, next->at + 1);
  return !after.end && inst_mender_quote(m, after.at) > 0 ? unclear(m) : false;
}

/* May a number or a list begin with 'c'? */
static bool is_value(char c) {
  return c != '\0' && strchr("{[-0123456789", c) != NULL;
}

/* Another value stands behind the quote: was a comma forgotten?  No quotation begins with a blank, so
** that a quote before one that ends nothing may as well have been meant to. */
static bool ends_before_value(inst_mender *m, const inst_ahead *next) {
  bool object = inst_mender_in(m, '}'), quote = inst_mender_quote(m, next->at) > 0;
  if (quote && !next->blank) return unclear(m);
  if (!next->blank) return false;
  if (object && is_key(m, next->at)) return true;
  if (!object && quote) return true;
  if (!object && next->newline && is_value(*next->at)) return true;
  return unclear(m);
}

static bool ends_value(inst_mender *m, const inst_ahead *next, bool inside_pair) {
  if (m->lists.n == 0) return next->end;
  if (inside_pair) return ends_inside_pair(m, next);
  if (next->quotes || (next->apostrophes && *m->at == '\'')) return unclear(m);
  if (next->end) return true;
  switch (*next->at) {
  case ':': return unclear(m);
  case ',': return parts(m, next->at);
  case '}':
  case ']': return true;
  default: return ends_before_value(m, next);
  }
}

/* Does the quote at hand, of 'n' bytes, end the string?  Keys hold no quotes of their own. */
static bool ends(inst_mender *m, size_t n, bool key, size_t inner) {
  if (m->how->strict) return true;
  inst_ahead next = inst_mender_look(m, m->at + n);
  if (!key) return ends_value(m, &next, inner % 2 != 0);
  return (!next.end && *next.at == ':') || unclear(m);
}

/* ---- what stands in a string ------------------------------------------------------------------ */

/* One string being taken. */
typedef struct string {
  family opened;
  bool key;
  size_t inner;       /* quotes inside it that no backslash marks */
  unsigned noted;     /* kinds of edits: each is listed once a string */
  unsigned char mark; /* the last byte of the quote that opened it */
} string;

/* Does the typographic quote at hand open only, as the one did that the string began with? */
static bool opens_only(const inst_mender *m, const string *s) {
  return s->opened >= CURLY_DOUBLE && s->opened <= CURLY_SINGLE &&
         (s->mark == 0x9C || s->mark == 0x98) && *m->at != '"' && *m->at != '\'' &&
         (unsigned char)m->at[2] == s->mark;
}

static void note(inst_mender *m, string *s, inst_edit_kind what) {
  if ((s->noted & 1u << what) == 0) inst_mender_edit(m, what, m->at);
  s->noted |= 1u << what;
}

static void control(inst_mender *m, string *s) {
  unsigned char c = (unsigned char)*m->at;
  bool line = c == '\n' || c == '\r';
  note(m, s, line ? INST_EDIT_RAW_NEWLINE : INST_EDIT_CONTROL_CHARACTER);
  if (line)
    inst_buf_addf(&m->out, "\\%c", c == '\n' ? 'n' : 'r');
  else
    inst_buf_addf(&m->out, "\\u%04x", c);
  m->at++;
}

static bool is_hex(const inst_mender *m, const char *at) {
  if (m->end - at < 4) return false;
  for (int i = 0; i < 4; i++)
    if (strchr("0123456789abcdefABCDEF", at[i]) == NULL || at[i] == '\0') return false;
  return true;
}

/* A backslash before what JSON has no escape for stands for itself, but before a quote. */
static void escape(inst_mender *m, string *s) {
  char c = m->at + 1 < m->end ? m->at[1] : '\0';
  if (m->at + 1 == m->end) {
    m->failed = true;
  } else if (c == 'u' ? is_hex(m, m->at + 2) : c != '\0' && strchr("\"\\/bfnrt", c) != NULL) {
    inst_buf_add(&m->out, (inst_str){m->at, 2});
    m->at += 2;
  } else if (c == '\'' || c == '`') {
    if (s->opened == DOUBLE) note(m, s, INST_EDIT_ESCAPE);
    inst_buf_byte(&m->out, c);
    m->at += 2;
  } else {
    note(m, s, INST_EDIT_ESCAPE);
    inst_buf_add(&m->out, INST_LIT("\\\\"));
    m->at++;
  }
}

/* A quote inside the string; one inside a word has no partner. */
static void inner_quote(inst_mender *m, string *s, size_t n) {
  if (!is_apostrophe(m, s->opened, n)) s->inner++;
  note(m, s, INST_EDIT_UNESCAPED_QUOTE);
  if (*m->at == '"') inst_buf_byte(&m->out, '\\');
  inst_buf_add(&m->out, (inst_str){m->at, n});
  m->at += n;
}

/* Bytes that need no second look. */
static void run(inst_mender *m, const string *s) {
  const char *from = m->at++;
  for (; m->at < m->end; m->at++) {
    unsigned char c = (unsigned char)*m->at;
    if (c < 0x20 || c == '"' || c == '\\' || c == '\'' || c == '`') break;
    if (c == 0xE2 && s->opened >= CURLY_DOUBLE) break;
  }
  inst_buf_add(&m->out, (inst_str){from, (size_t)(m->at - from)});
}

/* Takes what is at hand.  True: it was the quote that ends the string. */
static bool take(inst_mender *m, string *s) {
  size_t n;
  unsigned char c = (unsigned char)*m->at;
  if (is_partner(s->opened, family_of(m, m->at, &n))) {
    bool may_end = !is_apostrophe(m, s->opened, n) && !opens_only(m, s);
    if (may_end && ends(m, n, s->key, s->inner)) {
      m->at += n;
      return true;
    }
    inner_quote(m, s, n);
  } else if (c == '\\') {
    escape(m, s);
  } else if (c < 0x20) {
    control(m, s);
  } else if (c == '"') {
    inst_buf_add(&m->out, INST_LIT("\\\""));
    m->at++;
  } else {
    run(m, s);
  }
  return false;
}

/* ---- three quotes ------------------------------------------------------------------------------ */

/* How many quotes stand side by side. */
static size_t run_of(const inst_mender *m, const char *at) {
  size_t n = 0;
  while (at + n < m->end && at[n] == *at) n++;
  return n;
}

/* As Python has them, for texts of many lines. */
static bool is_triple(const inst_mender *m) {
  return !m->how->strict && (*m->at == '"' || *m->at == '\'') && run_of(m, m->at) >= 3;
}

/* Of the quotes at hand the last three end the string; those before them stand in it. */
static bool take_triple_end(inst_mender *m, char mark) {
  size_t n = run_of(m, m->at);
  bool last = n >= 3;
  for (size_t i = last ? 3 : 0; i < n; i++) inst_buf_addf(&m->out, mark == '"' ? "\\\"" : "'");
  m->at += n;
  if (!last) return false;
  inst_ahead next = inst_mender_look(m, m->at);
  if (!next.end && strchr(",}]", *next.at) == NULL) m->failed = true;
  return true;
}

static void take_triple(inst_mender *m) {
  string s = {.opened = *m->at == '"' ? DOUBLE : SINGLE};
  char mark = *m->at;
  inst_mender_edit(m, INST_EDIT_TRIPLE_QUOTES, m->at);
  inst_buf_byte(&m->out, '"');
  m->at += 3;
  while (!m->failed && m->at < m->end) {
    if (*m->at != mark) {
      take(m, &s);
    } else if (take_triple_end(m, mark)) {
      inst_buf_byte(&m->out, '"');
      return;
    }
  }
  m->failed = true;
}

/* ---- all of it --------------------------------------------------------------------------------- */

void inst_mender_string(inst_mender *m, bool key) {
  static const inst_edit_kind edits[] = {[SINGLE] = INST_EDIT_SINGLE_QUOTES,
                                         [CURLY_DOUBLE] = INST_EDIT_TYPOGRAPHIC_QUOTES,
                                         [CURLY_SINGLE] = INST_EDIT_TYPOGRAPHIC_QUOTES,
                                         [BACKTICK] = INST_EDIT_BACKTICKS};
  size_t n;
  if (!key && is_triple(m)) {
    take_triple(m);
    return;
  }
  string s = {.opened = family_of(m, m->at, &n), .key = key};
  s.mark = (unsigned char)m->at[n - 1];
  if (s.opened != DOUBLE) inst_mender_edit(m, edits[s.opened], m->at);
  m->at += n;
  inst_buf_byte(&m->out, '"');
  while (!m->failed && m->at < m->end)
    if (take(m, &s)) {
      inst_buf_byte(&m->out, '"');
      return;
    }
  m->failed = true;
}
