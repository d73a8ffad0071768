/*
** Values without quotes: numbers, the words of JSON, Python and JavaScript, and plain words.
** What is none of the others is a string, as it stands: no digit is ever reread, so that "3,14" and
** "50%" stay what they are and the schema has its say.
*/
#include "core/json/mender.h"

#include "core/base/number.h"

/* How a word is written in JSON; NULL: not at all. */
static const struct {
  const char *word, *json;
} words[] = {
    {"true", "true"},   {"false", "false"}, {"null", "null"},    {"True", "true"},
    {"False", "false"}, {"None", "null"},   {"TRUE", "true"},    {"FALSE", "false"},
    {"NULL", "null"},   {"Null", "null"},   {"undefined", NULL},
};
enum { OF_JSON = 3, WORDS = sizeof words / sizeof *words };

/* Which word it is; WORDS: none. */
static size_t word_of(inst_str text) {
  size_t i = 0;
  while (i < WORDS && !inst_str_is(text, inst_str_of(words[i].word))) i++;
  return i;
}

static bool is_number(inst_str text) {
  int64_t i;
  double d;
  return inst_number_read(text, &i, &d) != INST_NUMBER_BAD;
}

/* What no double holds is a number still, and no text: "1e999".  The reader tells of it. */
static bool is_too_large(inst_str text) {
  if (text.n > 0 && *text.p == '+') text.p++, text.n--;
  return inst_number_has_form(text) && !is_number(text);
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* "+1", ".5" and "5." as JSON has them, the same number, be it too large.  False: it is none of these. */
static bool write_form(inst_str text, char out[64], size_t *n) {
  *n = 0;
  if (text.n == 0 || text.n > 60) return false;
  if (*text.p == '+' || *text.p == '-') {
    if (*text.p == '-') out[(*n)++] = '-';
    text.p++, text.n--;
  }
  if (text.n < 2 && !(text.n == 1 && is_digit(*text.p))) return false;
  if (*text.p == '.') out[(*n)++] = '0';
  memcpy(out + *n, text.p, text.n);
  *n += text.n;
  if (text.p[text.n - 1] == '.') out[(*n)++] = '0';
  return inst_number_has_form((inst_str){out, *n});
}

/* Does a complete value end before 'at', so that something new may begin there? */
static bool is_complete(const inst_mender *m, const char *at) {
  inst_str text = inst_str_trim((inst_str){m->at, (size_t)(at - m->at)});
  return is_number(text) || word_of(text) < WORDS;
}

static bool is_comment(const inst_mender *m, const char *at) {
  if (*at == '#') return true;
  return *at == '/' && m->end - at > 1 && (at[1] == '/' || at[1] == '*');
}

/* Marks that words without quotes cannot hold, for where these end would not be certain. */
static bool is_doubtful(const inst_mender *m, const char *at) {
  if (*at == '\'' || (*at & 0x80) != 0) return false; /* O'Brien */
  if (*at == ':') return at + 1 == m->end || inst_mender_is_blank(at[1]) || at[1] == '"';
  return *at == '\\' || *at == '{' || *at == '[' || inst_mender_quote(m, at) > 0;
}

/* Does what stands at 'at', behind a blank, end the value before it? */
static bool begins(const inst_mender *m, const char *at) {
  if (is_comment(m, at)) return *at == '/' || is_complete(m, at); /* "issue #5" is no comment */
  bool value = *at == '{' || *at == '[' || inst_mender_quote(m, at) > 0;
  return value && is_complete(m, at);
}

/* Where the value at hand ends; NULL: that is not certain. */
static const char *find_end(const inst_mender *m) {
  const char *at = m->at;
  for (; at < m->end && strchr(",}]\n\r", *at) == NULL; at++) {
    if (at > m->at && inst_mender_is_blank(at[-1]) && begins(m, at)) return at;
    if (is_doubtful(m, at)) return NULL;
    if (*at == '#' && at > m->at && inst_mender_is_blank(at[-1])) return NULL;
  }
  return at;
}

/* undefined: a member is not there, as JavaScript's own writer leaves it out; an item is null. */
static void undefined(inst_mender *m, bool member) {
  inst_mender_edit(m, INST_EDIT_JAVASCRIPT_LITERAL, m->at);
  if (member)
    m->out.n = m->member;
  else
    inst_buf_add(&m->out, INST_LIT("null"));
}

static void word(inst_mender *m, size_t which, bool member) {
  if (words[which].json == NULL) {
    undefined(m, member);
    return;
  }
  if (which >= OF_JSON) inst_mender_edit(m, INST_EDIT_PYTHON_LITERAL, m->at);
  inst_buf_add(&m->out, inst_str_of(words[which].json));
}

/* Dots at the start say that something was left out; a quote at the end, that there was another. */
static bool is_plain(inst_str text) {
  if (text.n == 0 || *text.p == '.' || inst_str_starts(text, INST_LIT("\xE2\x80\xA6")))
    return false;
  return (unsigned char)*text.p >= 0x20 && text.p[text.n - 1] != '\'';
}

/* Words as a string. */
static void plain(inst_mender *m, inst_str text, bool member) {
  if (!is_plain(text)) {
    m->failed = true;
    return;
  }
  inst_mender_edit(m, INST_EDIT_UNQUOTED_VALUE, m->at);
  if (!member) m->words = true;
  inst_buf_byte(&m->out, '"');
  for (size_t i = 0; i < text.n; i++)
    if ((unsigned char)text.p[i] < 0x20)
      inst_buf_addf(&m->out, "\\u%04x", (unsigned)text.p[i]);
    else
      inst_buf_byte(&m->out, text.p[i]);
  inst_buf_byte(&m->out, '"');
}

/* Are there several values at the start, with blanks between them, where commas may have been forgotten? */
static bool is_row(inst_str text) {
  size_t count = 0;
  while (text.n > 0) {
    size_t n = 0;
    while (n < text.n && !inst_mender_is_blank(text.p[n])) n++;
    inst_str one = {text.p, n};
    if (strchr("'\"0123456789", *text.p) == NULL && !is_number(one) && word_of(one) == WORDS) break;
    text = inst_str_trim((inst_str){text.p + n, text.n - n});
    count++;
  }
  return count > 1;
}

/* Do the digits at hand go on a number, whose thousands a comma parts?  (No number begins so.) */
static bool is_thousands(const inst_mender *m, inst_str text) {
  if (text.n < 2 || text.p[0] != '0' || !is_digit(text.p[1])) return false;
  return m->at - m->start > 1 && m->at[-1] == ',' && is_digit(m->at[-2]);
}

/* A number or words that reach to the end of the text may not be all of it. */
void inst_mender_bare(inst_mender *m, bool member, bool root) {
  const char *end = find_end(m);
  char form[64];
  size_t n;
  if (end == NULL) {
    m->failed = true;
    return;
  }
  inst_str text = inst_str_trim((inst_str){m->at, (size_t)(end - m->at)});
  size_t which = word_of(text);
  if (which < WORDS) {
    word(m, which, member);
  } else if ((end == m->end && !root) || (root && !is_number(text))) {
    m->failed = true;
  } else if (is_too_large(text) || (!member && (is_row(text) || is_thousands(m, text)))) {
    m->failed = true;
  } else if (is_number(text)) {
    inst_buf_add(&m->out, text);
  } else if (write_form(text, form, &n)) {
    if (is_too_large((inst_str){form, n})) m->failed = true;
    inst_mender_edit(m, INST_EDIT_NUMBER_FORM, m->at);
    inst_buf_add(&m->out, (inst_str){form, n});
  } else {
    plain(m, text, member);
  }
  m->at = end;
}
