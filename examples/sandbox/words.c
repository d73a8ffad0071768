/*
** Cutting: at each place a row of readers is asked, from the most special to the least.
** A reader returns how many bytes it takes.  The last takes one character, so that there always is
** an answer; what a reader may look at is bounded, so that no text takes long.
*/
#include "examples/sandbox/words.h"

#include "examples/sandbox/dates.h"
#include "examples/sandbox/numbers.h"

#define LONGEST_LOCAL 64 /* bytes before the @ of an address */
#define LEAST_PHONE 7    /* digits of a telephone number */
#define MOST_PHONE 15
#define WHOLE_PHONE 10 /* digits after which a blank ends it */

static bool is_one_of(inst_str text, size_t at, const char *set) {
  return at < text.n && text.p[at] != '\0' && strchr(set, text.p[at]) != NULL;
}

static bool is_digit(inst_str text, size_t at) {
  return at < text.n && text.p[at] >= '0' && text.p[at] <= '9';
}

static bool is_ascii_word(inst_str text, size_t at) {
  return at < text.n && (is_digit(text, at) || ((unsigned char)text.p[at] < 0x80 &&
                                                box_letter_is((unsigned char)text.p[at])));
}

static bool is_letter(inst_str text, size_t at, size_t *n) {
  uint32_t c;
  if (at >= text.n) return false;
  *n = box_letter_at(text, at, &c);
  return box_letter_is(c);
}

static bool is_blank(inst_str text, size_t at) {
  return is_one_of(text, at, " \t\r\n\v\f");
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* Without the marks that end the sentence rather than the address. */
static size_t trim_marks(inst_str text, size_t from, size_t to) {
  while (to > from && is_one_of(text, to - 1, ".,;:!?)]}'\"-")) to--;
  return to - from;
}

static size_t host_end(inst_str text, size_t at) {
  while (is_ascii_word(text, at) || is_one_of(text, at, ".-")) at++;
  return at;
}

/* "zoe@example.com": the host has a dot. */
static size_t read_email(inst_str text, size_t at, box_token *token) {
  size_t i = at;
  while (i - at < LONGEST_LOCAL && (is_ascii_word(text, i) || is_one_of(text, i, "._%+-"))) i++;
  if (i == at || !is_one_of(text, i, "@") || !is_ascii_word(text, at)) return 0;
  size_t host = i + 1, n = trim_marks(text, host, host_end(text, host));
  if (n == 0 || memchr(text.p + host, '.', n) == NULL) return 0;
  token->kind = BOX_EMAIL;
  return host + n - at;
}

static bool is_known_host(inst_str text, size_t from, size_t to) {
  size_t dot = to;
  while (dot > from && text.p[dot - 1] != '.') dot--;
  return dot > from + 1 &&
         box_in_list("com org net io dev edu gov", (inst_str){text.p + dot, to - dot});
}

/* With a scheme, with "www.", or a host of a well-known kind. */
static size_t read_url(inst_str text, size_t at, box_token *token) {
  inst_str rest = {text.p + at, text.n - at};
  size_t host = at;
  if (inst_str_starts(rest, INST_LIT("http://"))) host += 7;
  if (inst_str_starts(rest, INST_LIT("https://"))) host += 8;
  bool told = host > at || inst_str_starts(rest, INST_LIT("www."));
  if (!is_ascii_word(text, host)) return 0;
  size_t end = host_end(text, host);
  if (!told && !is_known_host(text, host, host + trim_marks(text, host, end))) return 0;
  while (end < text.n && !is_blank(text, end) && !is_one_of(text, end, "<>\"")) end++;
  token->kind = BOX_URL;
  return trim_marks(text, at, end);
}

/* ---- telephone numbers and codes ------------------------------------------------------------- */

/* Does the mark or blank at 'i' end the number that began at 'from'? */
static bool is_phone_over(inst_str text, size_t from, size_t i, size_t digits) {
  box_token date;
  if (is_one_of(text, i, "+")) return i > from;
  if (!is_one_of(text, i, " ")) return false;
  if (digits >= WHOLE_PHONE) return true;
  return is_one_of(text, i + 1, " -+") || box_date_read(text, i + 1, &date) > 0 ||
         box_clock_read(text, i + 1, &date) > 0;
}

/* Digits with marks that no number has: "+47 912 34 567", "(555) 123-4567". */
static size_t read_phone(inst_str text, size_t at, box_token *token) {
  size_t i = at, digits = 0, marks = 0, end = at;
  bool plus = is_one_of(text, at, "+");
  if (!plus && !is_digit(text, at) && !(is_one_of(text, at, "(") && is_digit(text, at + 1)))
    return 0;
  for (; digits <= MOST_PHONE && (is_digit(text, i) || is_one_of(text, i, "+()-. ")); i++) {
    if (is_digit(text, i)) {
      digits++;
      end = i + 1;
    } else {
      if (is_phone_over(text, at, i, digits)) break;
      if (!is_one_of(text, i, " .")) marks++;
    }
  }
  bool years = digits == 8 && end - at == 9; /* "1990-2024" */
  if (digits < LEAST_PHONE || digits > MOST_PHONE || marks == 0 || years) return 0;
  size_t n;
  if (is_letter(text, end, &n)) return 0;
  token->kind = BOX_PHONE;
  return end - at;
}

/* Letters and digits mixed: "A-1042", "3D", "v1.2.3", a UUID. */
static size_t read_code(inst_str text, size_t at, box_token *token) {
  size_t i = at, digits = 0;
  if (!is_ascii_word(text, at)) return 0;
  while (is_ascii_word(text, i) || (is_one_of(text, i, "-_.#") && is_ascii_word(text, i + 1))) {
    if (is_digit(text, i)) digits++;
    i++;
  }
  size_t n;
  if (digits == 0 || i - at < 2 || is_letter(text, i, &n)) return 0;
  token->kind = BOX_CODE;
  return i - at;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* How many bytes join two parts of a word at 'at': an apostrophe or a hyphen before a letter. */
static size_t joint(inst_str text, size_t at) {
  static const char *const joints[] = {"'", "’", "-", "\u2010", "\u2011"};
  inst_str rest = {at < text.n ? text.p + at : "", at < text.n ? text.n - at : 0};
  size_t n;
  for (size_t i = 0; i < sizeof joints / sizeof joints[0]; i++) {
    inst_str mark = inst_str_of(joints[i]);
    if (inst_str_starts(rest, mark) && is_letter(text, at + mark.n, &n)) return mark.n;
  }
  return 0;
}

/* Is the rest a possessive "'s", which is no part of the word? */
static bool is_possessive(inst_str text, size_t at, size_t mark) {
  size_t n;
  return is_one_of(text, at + mark, "sS") && !is_one_of(text, at, "-") &&
         !is_letter(text, at + mark + 1, &n);
}

/* Letters, with hyphens and apostrophes between them: "Ana-Maria", "O'Neill", "isn't". */
static size_t read_word(inst_str text, size_t at, box_token *token) {
  size_t i = at, n;
  uint32_t first;
  if (!is_letter(text, at, &n)) return 0;
  box_letter_at(text, at, &first);
  while (is_letter(text, i, &n)) {
    i += n;
    size_t mark = joint(text, i);
    inst_str word = {text.p + at, i - at};
    if (mark > 0 && is_possessive(text, i, mark) && !box_in_list("he she it that who what", word)) {
      break;
    }
    i += mark;
  }
  token->kind = BOX_WORD;
  token->text = (inst_str){text.p + at, i - at};
  token->capital = box_letter_is_capital(first);
  token->bits = box_lexicon_bits(token->text);
  return i - at;
}

/* One character, or a possessive "'s". */
static size_t read_mark(inst_str text, size_t at, box_token *token) {
  uint32_t c;
  size_t mark = joint(text, at);
  token->kind = text.p[at] == '\n' ? BOX_BREAK : BOX_MARK;
  if (mark > 0 && is_possessive(text, at, mark)) return mark + 1;
  return box_letter_at(text, at, &c);
}

/* ---- the row of readers ---------------------------------------------------------------------- */

/* The first that finds something at a place has it. */
static size_t (*const readers[])(inst_str text, size_t at, box_token *token) = {
    read_url,        read_email, box_date_read, box_clock_read, read_phone,
    box_number_read, read_code,  read_word,     read_mark,
};

static size_t read_token(inst_str text, size_t at, box_token *token) {
  size_t n = 0;
  for (size_t i = 0; n == 0; i++) {
    *token = (box_token){.hour = -1};
    n = readers[i](text, at, token);
  }
  token->text = (inst_str){text.p + at, n};
  return n;
}

/* Marks the words that open sentences. */
static void mark_firsts(box_words *words) {
  bool first = true;
  for (size_t i = 0; i < words->count; i++) {
    box_token *token = &words->tokens[i];
    bool text = token->kind != BOX_MARK && token->kind != BOX_BREAK;
    token->first = first && text;
    if (text) first = false;
    if (box_words_ends(words, i) || box_token_is_mark(token, ":•*–—\"“«")) first = true;
  }
}

bool box_words_read(box_words *words, inst_str text, inst_arena *arena) {
  *words = (box_words){.text = text};
  words->tokens = inst_arena_get(arena, (text.n + 1) * sizeof *words->tokens);
  if (words->tokens == NULL) return false;
  bool glued = false;
  for (size_t at = 0; at < text.n;) {
    if (is_blank(text, at) && text.p[at] != '\n') {
      glued = false;
      at++;
      continue;
    }
    box_token *token = &words->tokens[words->count++];
    at += read_token(text, at, token);
    token->glued = glued;
    glued = true;
  }
  box_dates_join(words);
  box_numbers_join(words);
  mark_firsts(words);
  box_numbers_weigh(words);
  return true;
}
