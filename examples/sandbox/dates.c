/*
** Dates: in digits while the text is cut, with a month's name when the tokens stand.
** A date that does not exist (30 February) is none.  Where "5/6/2024" could be read both ways, the
** month comes first.
*/
#include "examples/sandbox/dates.h"

#include <stdio.h>

/* ---- pieces ---------------------------------------------------------------------------------- */

static bool is_digit(inst_str text, size_t at) {
  return at < text.n && text.p[at] >= '0' && text.p[at] <= '9';
}

/* Reads a whole row of 'least' to 'most' digits at '*at' and moves past it. */
static bool take_digits(inst_str text, size_t *at, size_t least, size_t most, int *value) {
  size_t n = 0;
  *value = 0;
  for (; is_digit(text, *at + n); n++) {
    if (n == most) return false;
    *value = *value * 10 + (text.p[*at + n] - '0');
  }
  if (n < least) return false;
  *at += n;
  return true;
}

static bool take_byte(inst_str text, size_t *at, const char *set) {
  if (*at >= text.n || text.p[*at] == '\0' || strchr(set, text.p[*at]) == NULL) return false;
  ++*at;
  return true;
}

static bool is_day(int year, int month, int day) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Makes the token that day; false: there is no such day. */
static bool put_day(box_token *token, int year, int month, int day) {
  if (!is_day(year, month, day)) return false;
  token->kind = BOX_DATE;
  token->year = year;
  token->month = month;
  token->day = day;
  token->hour = -1;
  return true;
}

/* ---- times of day ---------------------------------------------------------------------------- */

/* Turns "2 pm" into 14.  False: there is no such hour. */
static bool half_day(inst_str text, size_t *at, int *hour) {
  size_t i = *at;
  while (i < text.n && text.p[i] == ' ') i++;
  bool afternoon = i < text.n && (text.p[i] == 'p' || text.p[i] == 'P');
  if (!take_byte(text, &i, "aApP")) return false;
  bool dotted = take_byte(text, &i, ".");
  if (!take_byte(text, &i, "mM") || *hour < 1 || *hour > 12) return false;
  if (dotted) take_byte(text, &i, ".");
  if (i < text.n && box_letter_is((unsigned char)text.p[i])) return false;
  *hour = *hour % 12 + (afternoon ? 12 : 0);
  *at = i;
  return true;
}

size_t box_clock_read(inst_str text, size_t at, box_token *token) {
  size_t i = at;
  int hour, minute = 0, second = 0;
  if (!take_digits(text, &i, 1, 2, &hour)) return 0;
  bool colon = i < text.n && text.p[i] == ':' && is_digit(text, i + 1);
  if (colon) {
    i++;
    if (!take_digits(text, &i, 2, 2, &minute)) return 0;
    if (i < text.n && text.p[i] == ':' && is_digit(text, i + 1)) {
      i++;
      if (!take_digits(text, &i, 2, 2, &second)) return 0;
    }
  }
  if (!half_day(text, &i, &hour) && !colon) return 0;
  if (hour > 23 || minute > 59 || second > 59) return 0;
  token->kind = BOX_CLOCK;
  token->hour = hour;
  token->minute = minute;
  token->second = second;
  return i - at;
}

/* ---- dates in digits ------------------------------------------------------------------------- */

/* The time behind an ISO date: "T14:30:00Z" or " 14:30".  An offset from UTC is passed over. */
static size_t take_time(inst_str text, size_t at, box_token *token) {
  size_t i = at;
  box_token clock = {0};
  if (!take_byte(text, &i, "T t")) return at;
  size_t n = box_clock_read(text, i, &clock);
  if (n == 0) return at;
  i += n;
  if (i < text.n && text.p[i] == '.' && is_digit(text, i + 1)) {
    for (i++; is_digit(text, i);) i++;
  }
  if (!take_byte(text, &i, "Zz") && take_byte(text, &i, "+-")) {
    while (is_digit(text, i) || (i < text.n && text.p[i] == ':')) i++;
  }
  token->hour = clock.hour;
  token->minute = clock.minute;
  token->second = clock.second;
  return i;
}

/* "2024-05-17", with or without a time. */
static size_t year_first(inst_str text, size_t at, box_token *token) {
  int year, month, day;
  size_t i = at;
  if (!take_digits(text, &i, 4, 4, &year) || !take_byte(text, &i, "-/.")) return 0;
  char mark[2] = {text.p[i - 1], '\0'};
  if (!take_digits(text, &i, 1, 2, &month) || !take_byte(text, &i, mark)) return 0;
  if (!take_digits(text, &i, 1, 2, &day) || !put_day(token, year, month, day)) return 0;
  return take_time(text, i, token) - at;
}

/* "17.05.2024" and "17/05/2024"; with strokes, the month first where both are possible. */
static size_t year_last(inst_str text, size_t at, box_token *token) {
  int first, second, year;
  size_t i = at;
  if (!take_digits(text, &i, 1, 2, &first) || !take_byte(text, &i, "/.-")) return 0;
  char mark[2] = {text.p[i - 1], '\0'};
  if (!take_digits(text, &i, 1, 2, &second) || !take_byte(text, &i, mark)) return 0;
  if (!take_digits(text, &i, 4, 4, &year)) return 0;
  bool month_first = mark[0] == '/' && first <= 12;
  bool fits =
      month_first ? put_day(token, year, first, second) : put_day(token, year, second, first);
  return fits || put_day(token, year, second, first) ? i - at : 0;
}

size_t box_date_read(inst_str text, size_t at, box_token *token) {
  size_t n = year_first(text, at, token);
  return n > 0 ? n : year_last(text, at, token);
}

/* ---- dates with a month's name --------------------------------------------------------------- */

/* What the token at 'i' can be in a date. */
static int day_at(const box_words *words, size_t i) {
  const box_token *token = box_words_at(words, box_words_all(words), i);
  bool plain = token->unit == BOX_NO_UNIT || token->unit == BOX_RANK;
  if (token->kind != BOX_NUMBER || !plain || token->text.n > 4) return 0;
  return token->number >= 1 && token->number <= 31 ? (int)token->number : 0;
}

static int year_at(const box_words *words, size_t i) {
  const box_token *token = box_words_at(words, box_words_all(words), i);
  bool year = token->kind == BOX_NUMBER && token->text.n == 4;
  return year && token->number >= 1000 && token->number <= 2999 ? (int)token->number : 0;
}

static int month_at(const box_words *words, size_t i) {
  const box_token *token = box_words_at(words, box_words_all(words), i);
  return box_token_has(token, BOX_MONTH) && token->capital ? box_lexicon_month(token->text) : 0;
}

/* Passes over one mark or word that may stand between the parts of a date. */
static size_t over(const box_words *words, size_t i) {
  const box_token *token = box_words_at(words, box_words_all(words), i);
  return box_token_is_mark(token, ",.") || box_token_is_word(token, "of") ? i + 1 : i;
}

/* "17 May 2024", "17th of May", "May 17, 2024", "May 2024": the end of it, or 'i'. */
static size_t named(const box_words *words, size_t i, box_token *date) {
  size_t at = i;
  int day = day_at(words, at);
  if (day > 0) at = over(words, at + 1);
  int month = month_at(words, at);
  if (month == 0) return i;
  size_t end = at + 1;
  if (box_token_is_mark(box_words_at(words, box_words_all(words), end), ".")) end++;
  if (day == 0 && (day = day_at(words, end)) > 0) end++;
  int year = year_at(words, over(words, end));
  if (year > 0) end = over(words, end) + 1;
  if ((day == 0 && year == 0) || !is_day(year > 0 ? year : 2000, month, day > 0 ? day : 1))
    return i;
  *date = words->tokens[i];
  date->kind = BOX_DATE;
  date->year = year;
  date->month = month;
  date->day = day;
  date->hour = -1;
  return end;
}

/* The time of day after a date, from 'i' on: its end, or 'i'. */
static size_t timed(const box_words *words, size_t i, box_token *date) {
  size_t at = i;
  const box_token *token = box_words_at(words, box_words_all(words), at);
  if (box_token_is_word(token, "at from") || box_token_is_mark(token, ",")) at++;
  token = box_words_at(words, box_words_all(words), at);
  if (token->kind != BOX_CLOCK || date->hour >= 0) return i;
  date->hour = token->hour;
  date->minute = token->minute;
  date->second = token->second;
  return at + 1;
}

void box_dates_join(box_words *words) {
  size_t to = 0;
  for (size_t i = 0; i < words->count; to++) {
    box_token date = words->tokens[i];
    size_t end = date.kind == BOX_DATE ? i + 1 : named(words, i, &date);
    if (end > i) {
      end = timed(words, end, &date);
      inst_str last = words->tokens[end - 1].text;
      date.text.n = (size_t)(last.p + last.n - date.text.p);
    }
    words->tokens[to] = date;
    i = end > i ? end : i + 1;
  }
  words->count = to;
}

size_t box_date_write(const box_token *token, box_date_form form, char out[BOX_DATE_ROOM]) {
  bool day = token->kind == BOX_DATE && token->year > 0 && token->day > 0;
  bool time = (token->kind == BOX_CLOCK || token->kind == BOX_DATE) && token->hour >= 0;
  int n = 0;
  if (form != BOX_TIME_ONLY) {
    if (!day) return 0;
    n = snprintf(out, BOX_DATE_ROOM, "%04d-%02d-%02d", token->year % 10000, token->month % 100,
                 token->day % 100);
  } else if (!time) {
    return 0;
  }
  if (form == BOX_DATE_ONLY) return (size_t)n;
  n += snprintf(out + n, (size_t)(BOX_DATE_ROOM - n), "%s%02d:%02d:%02d%s", n > 0 ? "T" : "",
                time ? token->hour % 100 : 0, time ? token->minute % 100 : 0,
                time ? token->second % 100 : 0, form == BOX_DATE_AND_TIME ? "Z" : "");
  return (size_t)n;
}
