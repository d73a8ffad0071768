/*
** Numbers: first the digits with their separators, then the spelled ones, then what each counts.
** Digits are split into groups at their marks; which marks part thousands and which begin a
** fraction follows from the sizes of the groups.  A number's unit stands behind it, or before it
** ("$30", "aged 41").
*/
#include "examples/sandbox/numbers.h"

#include "core/base/number.h"

#define MOST_DIGITS 40 /* a longer row of digits is no number */
#define MOST_GROUPS 12 /* groups of digits parted by separators */

/* ---- digits ---------------------------------------------------------------------------------- */

/* A row of digits and what parts it. */
typedef struct digits {
  size_t from[MOST_GROUPS], to[MOST_GROUPS]; /* each group, in the text */
  char before[MOST_GROUPS];                  /* its separator: '.', ',' or '\'' */
  size_t groups;
} digits;

static bool is_digit(inst_str text, size_t at) {
  return at < text.n && text.p[at] >= '0' && text.p[at] <= '9';
}

static size_t skip_digits(inst_str text, size_t at) {
  while (is_digit(text, at)) at++;
  return at;
}

/* The separator at 'at', if a digit follows it: its length; no-break blanks count as '\''. */
static size_t separator(inst_str text, size_t at, char *kind) {
  static const struct row {
    const char *bytes;
    char kind;
  } rows[] = {{".", '.'}, {",", ','}, {"'", '\''}, {"’", '\''}, {"\u00A0", '\''}, {"\u202F", '\''}};
  inst_str rest = {text.p + at, text.n - at};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    inst_str bytes = inst_str_of(rows[i].bytes);
    *kind = rows[i].kind;
    if (inst_str_starts(rest, bytes) && is_digit(text, at + bytes.n)) return bytes.n;
  }
  return 0;
}

/* Splits the row of digits at 'at' into groups. */
static void split(inst_str text, size_t at, digits *d) {
  char kind = 0;
  d->groups = 0;
  for (size_t n = 0; d->groups < MOST_GROUPS; at += n) {
    d->from[d->groups] = at;
    at = skip_digits(text, at);
    d->before[d->groups] = kind;
    d->to[d->groups++] = at;
    n = at < text.n ? separator(text, at, &kind) : 0;
    if (n == 0) return;
  }
}

static size_t group_size(const digits *d, size_t i) {
  return d->to[i] - d->from[i];
}

/* How many groups from the first are parted by 'mark' as thousands are: "1,234,567" has three. */
static size_t thousands(const digits *d, char mark) {
  size_t i = 1;
  if (group_size(d, 0) > 3) return 1;
  while (i < d->groups && d->before[i] == mark && group_size(d, i) == 3) i++;
  return i;
}

/* How many groups make one number, and which of them is its fraction (0: none).  Returns 0 for
** what is no number: "192.168.0.1". */
static size_t measure(inst_str text, const digits *d, size_t *fraction) {
  *fraction = 0;
  if (d->groups == 1) return 1;
  char first = d->before[1];
  bool zero = text.p[d->from[0]] == '0';
  size_t whole = first == '.' && d->groups == 2 ? 1 : zero ? 1 : thousands(d, first);
  bool more = whole < d->groups;
  if (whole > 1) {
    if (more && d->before[whole] != first && d->before[whole] != '\'') *fraction = whole;
  } else if (first == '.' || (first == ',' && group_size(d, 1) != 3)) {
    if (d->groups == 2) *fraction = 1;
  }
  if (first == '.' && *fraction == 0 && whole < d->groups) return 0;
  return *fraction > 0 ? *fraction + 1 : whole;
}

/* The value of the groups joined; false: too long for a number. */
static bool put_value(inst_str text, const digits *d, size_t groups, size_t fraction,
                      double *value) {
  char clean[MOST_DIGITS + 2];
  size_t n = 0;
  for (size_t i = 0; i < groups; i++) {
    if (n + group_size(d, i) > MOST_DIGITS) return false;
    if (i == fraction && i > 0) clean[n++] = '.';
    memcpy(clean + n, text.p + d->from[i], group_size(d, i));
    n += group_size(d, i);
  }
  size_t zeros = 0;
  while (zeros + 1 < n && clean[zeros] == '0' && clean[zeros + 1] != '.') zeros++;
  int64_t whole;
  inst_number_kind kind = inst_number_read((inst_str){clean + zeros, n - zeros}, &whole, value);
  if (kind == INST_NUMBER_INT) *value = (double)whole;
  return kind != INST_NUMBER_BAD;
}

/* What letters glued to the number do: "2.5k", "3rd"; returns their length, or SIZE_MAX when this
** is no number ("3D"). */
static size_t suffix(inst_str text, size_t at, box_token *token) {
  size_t n = 0;
  uint32_t c = 0;
  while (at + n < text.n) {
    size_t more = box_letter_at(text, at + n, &c);
    if (!box_letter_is(c)) break;
    n += more;
  }
  inst_str letters = {text.p + at, n};
  if (n == 0) return 0;
  if (box_in_list("st nd rd th", letters)) {
    token->unit = BOX_RANK;
    return n;
  }
  bool large = inst_str_is(letters, INST_LIT("M")) || box_in_list("mn mio", letters);
  double factor = box_in_list("k", letters)    ? 1e3
                  : large                      ? 1e6
                  : box_in_list("bn", letters) ? 1e9
                                               : 0;
  if (factor > 0) {
    token->number *= factor;
    return n;
  }
  bool foreign = (unsigned char)letters.p[0] >= 0x80; /* 41歳 */
  bool unit = box_lexicon_unit(letters) != BOX_NO_UNIT || box_in_list("x", letters);
  return unit || foreign ? 0 : SIZE_MAX;
}

size_t box_number_read(inst_str text, size_t at, box_token *token) {
  size_t sign = 0, fraction;
  digits d;
  inst_str rest = {text.p + at, text.n - at};
  bool open = at == 0 || strchr(" \t\n(:=", text.p[at - 1]) != NULL;
  if (open && inst_str_starts(rest, INST_LIT("-"))) sign = 1;
  if (open && inst_str_starts(rest, INST_LIT("−"))) sign = strlen("−");
  if (!is_digit(text, at + sign)) return 0;
  split(text, at + sign, &d);
  size_t groups = measure(text, &d, &fraction);
  token->unit = BOX_NO_UNIT;
  if (groups == 0 || !put_value(text, &d, groups, fraction, &token->number)) return 0;
  size_t letters = suffix(text, d.to[groups - 1], token);
  if (letters == SIZE_MAX) return 0;
  if (sign > 0) token->number = -token->number;
  token->kind = BOX_NUMBER;
  return d.to[groups - 1] + letters - at;
}

/* ---- spelled numbers ------------------------------------------------------------------------- */

/* A number being put together from words. */
typedef struct sum {
  double total;   /* whole thousands and more */
  double current; /* what a "thousand" would multiply */
  bool open;      /* has it begun? */
} sum;

/* Adds the word worth 'v'; false: the word begins another number. */
static bool add(sum *s, double v) {
  long current = (long)s->current;
  if (!s->open) {
    s->current = v;
  } else if (v >= 1000 && s->current > 0) {
    s->total += s->current * v;
    s->current = 0;
  } else if ((v == 100 || v == 12) && s->current > 0 && s->current < 100) {
    s->current *= v;
  } else if (v < 100 && s->current >= 100 && current % 100 == 0) {
    s->current += v;
  } else if (v < 100 && s->current == 0 && s->total > 0) {
    s->current = v;
  } else if (v > 0 && v < 10 && current % 10 == 0 && current % 100 >= 20) {
    s->current += v;
  } else {
    return false;
  }
  s->open = true;
  return true;
}

/* "one" is a number unless it stands for somebody: "no one", "one of them". */
static bool is_pronoun(const box_words *words, size_t i) {
  box_span all = box_words_all(words);
  if (!box_token_is_word(&words->tokens[i], "one")) return false;
  return box_token_is_word(box_words_at(words, all, i + 1), "of day another") ||
         (i > 0 &&
          box_token_is_word(&words->tokens[i - 1], "no any every some which that the this"));
}

/* The value of the token at 'i' as part of a spelled number, or -1. */
static double part_value(const box_words *words, size_t i, const sum *s) {
  const box_token *token = &words->tokens[i];
  if (token->kind == BOX_NUMBER && !s->open && token->unit == BOX_NO_UNIT) return token->number;
  if (token->kind != BOX_WORD || is_pronoun(words, i)) return -1;
  return box_lexicon_number(token->text);
}

/* How many tokens from 'i' make one number; 0: none, or a number that needs no joining. */
static size_t spelled(const box_words *words, size_t i, double *value) {
  sum s = {0};
  size_t end = i;
  bool words_only = words->tokens[i].kind == BOX_WORD;
  for (size_t j = i; j < words->count; j++) {
    bool and = s.open && s.current >= 100 && box_token_is_word(&words->tokens[j], "and");
    if (and&&j + 1 < words->count && words->tokens[j + 1].kind == BOX_WORD) j++;
    double v = part_value(words, j, &s);
    if (v < 0 || (!words_only && s.open && v < 1000)) break;
    if (!add(&s, v)) break;
    end = j + 1;
  }
  *value = s.total + s.current;
  return words_only || end - i > 1 ? end - i : 0;
}

static void join(box_token *first, const box_token *last, double value) {
  first->text.n = (size_t)(last->text.p + last->text.n - first->text.p);
  first->kind = BOX_NUMBER;
  first->number = value;
  first->bits = 0;
  first->capital = false;
}

void box_numbers_join(box_words *words) {
  size_t to = 0;
  for (size_t i = 0; i < words->count;) {
    double value;
    size_t n = spelled(words, i, &value);
    words->tokens[to] = words->tokens[i];
    if (n > 0) join(&words->tokens[to], &words->tokens[i + n - 1], value);
    to++;
    i += n > 0 ? n : 1;
  }
  words->count = to;
}

/* ---- what a number counts -------------------------------------------------------------------- */

/* The token at 'i', or one that is nothing; 'i' may be one before the first. */
static const box_token *at(const box_words *words, size_t i) {
  return box_words_at(words, box_words_all(words), i);
}

/* "41 years old" is an age, "5 years of experience" a length of time. */
static box_unit unit_of_years(const box_words *words, size_t i) {
  const box_token *next = at(words, i + 1), *after = at(words, i + 2);
  if (box_token_is_mark(next, "-")) next = after;
  if (box_token_is_word(next, "old young") || box_token_is_word(after, "age old")) return BOX_AGE;
  if (box_token_is_word(next, "of experience ago later at as with")) return BOX_TIME;
  return BOX_YEARS;
}

/* The unit behind the number at 'i': "41-year-old", "30 dollars", "4/5". */
static box_unit unit_after(const box_words *words, size_t i) {
  size_t place = i + 1;
  if (box_token_is_mark(at(words, place), "-") && at(words, place)->glued) place++;
  const box_token *next = at(words, place);
  if (next->kind != BOX_WORD && next->kind != BOX_MARK) return BOX_NO_UNIT;
  box_unit unit = box_lexicon_unit(next->text);
  if (unit == BOX_YEARS) return unit_of_years(words, place);
  if (box_token_is_mark(next, "/") && at(words, i + 2)->kind == BOX_NUMBER) return BOX_STARS;
  if (box_token_is_word(next, "out") && at(words, i + 3)->kind == BOX_NUMBER) return BOX_STARS;
  return unit;
}

/* The unit before it: "aged 41", "$30". */
static box_unit unit_before(const box_words *words, size_t i) {
  const box_token *last = at(words, i - 1), *before = at(words, i - 2);
  bool linked = box_token_is_word(last, "is of was") || box_token_is_mark(last, ":=");
  if (box_token_is_word(last, "aged age turned turns turning")) return BOX_AGE;
  if (linked && box_token_is_word(before, "age")) return BOX_AGE;
  bool money = last->kind == BOX_MARK || last->kind == BOX_WORD;
  if (money && box_lexicon_currency(last->text).p != NULL) return BOX_MONEY;
  return BOX_NO_UNIT;
}

/* Four digits that some word or their size makes the number of a year. */
static bool is_year(const box_words *words, size_t i) {
  const box_token *token = &words->tokens[i], *last = at(words, i - 1);
  if (token->text.n != 4 || token->number < 1000 || token->number > 2999) return false;
  bool told = box_token_is_word(last, "in since from until by year born of during before after");
  return told || (token->number >= 1900 && token->number <= 2100);
}

/* Does the number stand alone, as an age may: "Zoe is 41", "Zoe, 41, of Oslo"? */
static bool is_bare(const box_words *words, size_t i) {
  const box_token *token = &words->tokens[i], *next = at(words, i + 1);
  const box_token *last = at(words, i - 1);
  if (token->number <= 0 || token->number > 130) return false;
  if (box_token_is_word(last, "for costs cost number no room page chapter version to than"))
    return false;
  if (next->kind == BOX_WORD) return next->capital || box_token_has(next, BOX_HARD);
  return next->kind == BOX_BREAK || box_token_is_mark(next, ".,;:!?)]…");
}

void box_numbers_weigh(box_words *words) {
  for (size_t i = 0; i < words->count; i++) {
    box_token *token = &words->tokens[i];
    if (token->kind != BOX_NUMBER || token->unit == BOX_RANK) continue;
    box_unit unit = unit_after(words, i), before = unit_before(words, i);
    if (unit == BOX_NO_UNIT || (unit == BOX_YEARS && before == BOX_AGE)) unit = before;
    if (unit == BOX_NO_UNIT && is_year(words, i)) unit = BOX_YEAR;
    token->unit = (uint8_t)unit;
    token->bare = unit == BOX_NO_UNIT && is_bare(words, i);
  }
}
