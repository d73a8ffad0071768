/*
** Names: capitalised words in a row, and then a sum of small hints.
** Each hint is worth some points: a verb behind the run, a number after its comma, "in" before it,
** "University" inside it.  The sums say person, place or organisation; no hint decides alone.
*/
#include "examples/sandbox/names.h"

#define MOST_PARTICLES 3 /* "van der", "of the" */
#define MOST_LOWER 3     /* words of a name without capitals */
#define LEAST_PERSON 7   /* score of a person; a word that only opens a sentence has less */

/* The token at 'i', or one that is nothing; 'i' may be one before the first. */
static const box_token *at(const box_words *words, size_t i) {
  return box_words_at(words, box_words_all(words), i);
}

/* ---- finding runs ---------------------------------------------------------------------------- */

/* Is a word that may be a given name used as one: "Will is 30", "May Lee", "New York"? */
static bool is_given(const box_words *words, size_t i) {
  const box_token *next = at(words, i + 1), *after = at(words, i + 2);
  if ((at(words, i)->bits & BOX_GIVEN) == 0) return false;
  if (next->kind == BOX_WORD && next->capital && !box_token_has(next, BOX_HARD)) return true;
  if (box_token_is_mark(next, "'s,(") || box_token_has(next, BOX_BE)) {
    return after->kind == BOX_NUMBER;
  }
  return box_token_is_word(at(words, i - 1), "is named called i'm am");
}

/* May the word at 'i' be part of a name?  Words that open sentences or label things are not. */
static bool is_name_word(const box_words *words, size_t i) {
  const box_token *token = at(words, i);
  if (token->kind != BOX_WORD || !token->capital || (token->bits & BOX_HARD) != 0) return false;
  bool label = box_token_is_mark(at(words, i + 1), ":");
  bool weak = (token->bits & (BOX_MONTH | BOX_DAY)) != 0 ||
              ((token->bits & BOX_SOFT) != 0 && (token->first || label));
  return !weak || is_given(words, i);
}

/* May a run go on over this small word: "van der", and "of" in "University of Oslo"? */
static bool is_particle(const box_token *token, const box_token *before) {
  if (!box_token_has(token, BOX_PARTICLE) || token->capital) return false;
  return !box_token_is_word(token, "of") || box_token_has(before, BOX_COMPANY);
}

/* A last name of one letter: "Văn A, 25". */
static bool is_letter_name(const box_words *words, size_t i) {
  const box_token *token = at(words, i), *next = at(words, i + 1);
  return token->text.n == 1 && token->capital && !token->first && next->kind == BOX_MARK &&
         !box_token_is_word(token, "i");
}

/* Where the run goes on after the word before 'i'; 'i' itself when it does not. */
static size_t go_on(const box_words *words, size_t i) {
  size_t next = i;
  const box_token *before = at(words, i - 1);
  bool initial = before->text.n == 1 || box_token_has(before, BOX_TITLE) ||
                 box_token_is_word(before, "st"); /* "St. Olav" */
  if (box_token_is_mark(at(words, i), "&")) next++;
  if (initial && box_token_is_mark(at(words, i), ".")) next++;
  for (size_t n = 0; n < MOST_PARTICLES; n++) {
    if (is_particle(at(words, next), at(words, next - 1))) next++;
  }
  bool joined =
      is_name_word(words, next) ? next > i || !at(words, next)->first : is_letter_name(words, next);
  return joined ? next + 1 : i;
}

static size_t run_end(const box_words *words, size_t i) {
  size_t end = i + 1, next;
  while ((next = go_on(words, end)) != end) end = next;
  bool junior =
      box_token_is_word(at(words, end - 1), "jr sr") && box_token_is_mark(at(words, end), ".");
  return junior && !box_words_ends(words, end) ? end + 1 : end;
}

/* The start of the run without its titles; 'end' when it is all title. */
static size_t skip_titles(const box_words *words, size_t from, size_t end) {
  while (from < end && box_token_has(at(words, from), BOX_TITLE)) {
    from++;
    if (from < end && box_token_is_mark(at(words, from), ".")) from++;
  }
  return from;
}

/* ---- judging them ---------------------------------------------------------------------------- */

/* A run and what stands around it. */
typedef struct scene {
  const box_words *words;
  box_span span;
  const box_token *before, *before2; /* the two tokens before it, titles included */
  const box_token *next, *next2;
  unsigned bits; /* of all its words */
  bool single;   /* one word */
  bool titled;
  bool initials;   /* one word of capitals in a text that is not */
  bool after_site; /* "Oslo, Norway" */
} scene;

static bool is_all_capitals(inst_str word) {
  size_t n = 0;
  uint32_t c;
  for (size_t i = 0; i < word.n; n++) {
    i += box_letter_at(word, i, &c);
    if (box_letter_lower(c) == c) return false;
  }
  return n > 1;
}

/* "Name: Zoe", "my name is Zoe". */
static bool follows_label(const scene *s) {
  bool linked = box_token_is_mark(s->before, ":=") || box_token_is_word(s->before, "is was");
  return linked && box_token_is_word(s->before2, "name names");
}

/* How much what follows the run looks like an age, or a verb of which a person is the subject. */
static int age_behind(const scene *s) {
  bool number = s->next2->kind == BOX_NUMBER;
  if (s->next->kind == BOX_NUMBER) return s->next->bare || s->next->unit == BOX_AGE ? 8 : 2;
  if (box_token_has(s->next, BOX_BE)) return number ? 12 : 6;
  if (box_token_has(s->next, BOX_VERB)) return 6;
  if (box_token_is_mark(s->next, ",(:–—")) {
    if (number) return 10;
    return box_token_is_word(s->next2, "aged age who") ? 10 : 0;
  }
  return box_token_is_mark(s->next, "'s’s") ? 3 : 0;
}

static int person_score(const scene *s) {
  int score = 10 + (s->single ? 0 : 6) + (s->titled ? 12 : 0) + age_behind(s);
  if (follows_label(s)) score += 25;
  if (box_token_has(s->before, BOX_INTRO)) score += 20;
  if (box_token_is_word(s->before, "is") && box_token_is_word(s->before2, "this he she"))
    score += 10;
  bool old = s->before->kind == BOX_WORD && box_lexicon_unit(s->before->text) == BOX_AGE;
  if (old || box_token_is_word(s->before, "old")) score += 10;
  bool from = box_token_is_word(s->before, "from"); /* a town, or the sender */
  if (box_token_has(s->before, BOX_PLACE)) score -= from ? 10 : 20;
  if (box_token_is_word(s->before, "at")) score -= 15;
  if (box_token_is_word(s->before, "for to")) score -= 3;
  if (s->after_site) score -= 15;
  if ((s->bits & BOX_COMPANY) != 0) score -= 25;
  if (s->single && (s->bits & (BOX_COUNTRY | BOX_PEOPLE)) != 0) score -= 25;
  bool opener = at(s->words, s->span.from)->first;
  bool joined = s->next->kind == BOX_BREAK || box_token_is_mark(s->next, ",(:<") ||
                box_token_is_word(s->next, "and or");
  if (s->single && score == 10 && opener && !joined) score -= 4;
  return s->initials ? score - 8 : score;
}

static int site_score(const scene *s) {
  int score = 0;
  if (box_token_has(s->before, BOX_PLACE)) score += 20;
  if (box_token_is_word(s->before, "to")) score += 8;
  if (box_token_is_word(s->before, "at of")) score += 4;
  if (box_token_has(s->next, BOX_BE) && box_token_has(s->next2, BOX_PLACE)) score += 8;
  if ((s->bits & BOX_COUNTRY) != 0) score += 15;
  if (s->after_site) score += 18;
  if ((s->bits & BOX_COMPANY) != 0) score -= 10;
  if ((s->bits & BOX_PEOPLE) != 0) score -= 40;
  if (s->titled || age_behind(s) >= 8 || follows_label(s)) score -= 12;
  return score;
}

/* Is there a word of work within three tokens before the run? */
static bool is_at_work(const scene *s) {
  for (size_t n = 1; n <= 3; n++) {
    if (box_token_has(at(s->words, s->span.from - n), BOX_WORK)) return true;
  }
  return false;
}

static int firm_score(const scene *s) {
  int score = (s->bits & BOX_COMPANY) != 0 ? 25 : 0;
  bool linked = box_token_is_word(s->before, "at for of with from joined joins");
  if (linked && is_at_work(s)) score += 16;
  if (box_token_is_word(s->before, "at")) score += 10;
  if (box_token_is_word(s->before, "for by")) score += 3;
  if (s->initials) score += 5;
  if (s->single && (s->bits & (BOX_COUNTRY | BOX_PEOPLE)) != 0) score -= 30;
  if (s->titled || age_behind(s) >= 8 || follows_label(s)) score -= 12;
  return score;
}

/* Gives the run its scores; it began at 'start', titles included, and 'last' came before it. */
static void judge(const box_words *words, size_t start, const box_run *last, box_run *run) {
  scene s = {.words = words, .span = run->span};
  s.before = at(words, start - 1);
  s.before2 = at(words, start - 2);
  s.next = at(words, run->span.to);
  s.next2 = at(words, run->span.to + 1);
  s.single = run->span.to - run->span.from == 1;
  s.titled = start < run->span.from || box_token_has(s.before, BOX_TITLE);
  for (size_t i = run->span.from; i < run->span.to; i++) s.bits |= words->tokens[i].bits;
  s.initials = s.single && is_all_capitals(words->tokens[run->span.from].text) &&
               !is_all_capitals(s.next->kind == BOX_WORD ? s.next->text : s.before->text);
  s.after_site = last != NULL && box_token_is_mark(s.before, ",") && last->span.to + 1 == start &&
                 last->score[BOX_SITE] >= BOX_SURE;
  run->after_site = s.after_site;
  run->score[BOX_PERSON] = person_score(&s);
  run->score[BOX_SITE] = site_score(&s);
  run->score[BOX_FIRM] = firm_score(&s);
}

bool box_runs_find(box_runs *runs, const box_words *words, inst_arena *arena) {
  *runs = (box_runs){.runs = inst_arena_get(arena, (words->count + 1) * sizeof *runs->runs)};
  if (runs->runs == NULL) return false;
  for (size_t i = 0; i < words->count;) {
    if (!is_name_word(words, i)) {
      i++;
      continue;
    }
    size_t end = run_end(words, i), from = skip_titles(words, i, end);
    if (from < end) {
      const box_run *last = runs->count > 0 ? &runs->runs[runs->count - 1] : NULL;
      box_run *run = &runs->runs[runs->count++];
      run->span = (box_span){from, end};
      judge(words, i, last, run);
    }
    i = end;
  }
  return true;
}

bool box_run_is(const box_run *run, box_sort sort) {
  for (size_t other = 0; other < BOX_SORTS; other++) {
    if (run->score[other] > run->score[sort]) return false;
  }
  return run->score[sort] >= (sort == BOX_PERSON ? LEAST_PERSON : 0);
}

/* ---- names without capitals ------------------------------------------------------------------ */

/* May the word be part of a name that is written small? */
static bool is_plain(const box_token *token) {
  const unsigned taken =
      BOX_HARD | BOX_SOFT | BOX_TITLE | BOX_MONTH | BOX_DAY | BOX_PEOPLE | BOX_BE | BOX_VERB;
  bool unit = token->kind == BOX_WORD && box_lexicon_unit(token->text) != BOX_NO_UNIT;
  return token->kind == BOX_WORD && token->owner == 0 && !unit && (token->bits & taken) == 0;
}

/* The plain words that end just before 'i'. */
static box_span plain_before(const box_words *words, box_span span, size_t i) {
  size_t from = i;
  while (from > span.from && i - from < MOST_LOWER && is_plain(&words->tokens[from - 1])) from--;
  return (box_span){from, i};
}

static box_span plain_after(const box_words *words, box_span span, size_t i) {
  size_t to = i;
  while (to < span.to && to - i < MOST_LOWER && is_plain(&words->tokens[to])) to++;
  return (box_span){i, to};
}

static bool is_age(const box_token *token) {
  return token->kind == BOX_NUMBER && (token->bare || token->unit == BOX_AGE);
}

/* Does an age, or the verb before one, stand at 'i'? */
static bool tells_age(const box_words *words, box_span span, size_t i) {
  const box_token *token = box_words_at(words, span, i);
  bool linked = box_token_has(token, BOX_BE) || box_token_is_mark(token, ",(:");
  return is_age(token) || (linked && is_age(box_words_at(words, span, i + 1)));
}

box_span box_runs_lower(const box_words *words, box_span span) {
  for (size_t i = span.from; i < span.to; i++) {
    const box_token *token = &words->tokens[i], *next = box_words_at(words, span, i + 1);
    bool label = box_token_is_word(token, "name") &&
                 (box_token_is_mark(next, ":=") || box_token_is_word(next, "is"));
    box_span found = {i, i};
    if (label)
      found = plain_after(words, span, i + 2);
    else if (box_token_has(token, BOX_INTRO))
      found = plain_after(words, span, i + 1);
    else if (tells_age(words, span, i))
      found = plain_before(words, span, i);
    if (found.from < found.to) return found;
  }
  return (box_span){span.from, span.from};
}
