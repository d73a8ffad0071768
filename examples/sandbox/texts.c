/*
** One finder a kind of text.
** A finder returns a place in the text, or a value of its own where the text is not taken as it
** stands: a date in ISO 8601, a currency's code.
*/
#include "examples/sandbox/texts.h"

#include "examples/sandbox/dates.h"
#include "examples/sandbox/find.h"

#define MOST_JOB 4   /* words of an occupation */
#define MOST_THING 2 /* words of a thing that is counted */

static const box_token *at(const box_source *source, box_span span, size_t i) {
  return box_words_at(&source->words, span, i);
}

static box_span nothing(const box_query *query) {
  return (box_span){query->span.from, query->span.from};
}

static bool is_empty(box_span span) {
  return span.from >= span.to;
}

/* ---- names ----------------------------------------------------------------------------------- */

box_sort box_text_sort(box_kind kind) {
  switch (kind) {
  case BOX_K_NAME:
  case BOX_K_FIRST_NAME:
  case BOX_K_LAST_NAME: return BOX_PERSON;
  case BOX_K_SITE:
  case BOX_K_COUNTRY: return BOX_SITE;
  case BOX_K_FIRM: return BOX_FIRM;
  default: return BOX_SORTS;
  }
}

/* A part of a name has been given to the whole name before. */
static bool may_share(box_kind kind) {
  return kind == BOX_K_FIRST_NAME || kind == BOX_K_LAST_NAME;
}

static bool is_country(const box_source *source, const box_run *run) {
  return box_token_has(&source->words.tokens[run->span.from], BOX_COUNTRY);
}

/* How well the name suits the field; below 0: not at all. */
static int run_score(box_source *source, const box_query *query, const box_run *run,
                     box_sort sort) {
  int score = run->score[sort], close = box_source_closeness(source, query, run->span);
  if (!box_run_is(run, sort) && query->level != BOX_ANYTHING && close < BOX_SURE) return -1;
  bool city = query->field->kind == BOX_K_SITE && box_field_has(query->field, INST_LIT("city"));
  if (city && is_country(source, run)) return -1;
  if (query->field->kind == BOX_K_SITE && run->after_site) score -= 25; /* the town before it */
  if (query->field->kind == BOX_K_COUNTRY && is_country(source, run)) score += 20;
  if (query->field->kind == BOX_K_COUNTRY && query->level == BOX_ONLY_SURE) {
    if (!is_country(source, run)) return -1;
  }
  return score + close;
}

box_span box_text_name(box_source *source, const box_query *query, box_sort sort) {
  box_span best = nothing(query);
  int best_score = query->level == BOX_ONLY_SURE ? BOX_SURE - 1 : -1;
  for (size_t i = 0; i < source->runs.count; i++) {
    const box_run *run = &source->runs.runs[i];
    if (run->span.from < query->span.from || run->span.to > query->span.to) continue;
    if (!may_share(query->field->kind) && !box_source_is_free(source, run->span)) continue;
    int score = run_score(source, query, run, sort);
    if (score <= best_score) continue;
    best = run->span;
    best_score = score;
  }
  return best;
}

/* A name written small, or the thing that is counted: "3 pears". */
static box_span small_name(const box_source *source, const box_query *query) {
  if (query->level == BOX_ONLY_SURE) return nothing(query);
  return box_runs_lower(&source->words, query->span);
}

/* What a number counts: "3 pears", "2 cups of flour". */
static box_span thing(const box_source *source, const box_query *query) {
  box_span span = query->span;
  for (size_t i = span.from; i < span.to; i++) {
    if (source->words.tokens[i].kind != BOX_NUMBER) continue;
    size_t from = i + 1;
    if (box_lexicon_unit(at(source, span, from)->text) != BOX_NO_UNIT) continue;
    if (box_token_is_word(at(source, span, from + 1), "of")) from += 2; /* "2 cups of flour" */
    size_t to = from;
    while (to - from < MOST_THING && at(source, span, to)->kind == BOX_WORD &&
           !box_token_has(at(source, span, to), BOX_HARD)) {
      to++;
    }
    if (to > from && to <= span.to) return (box_span){from, to};
  }
  return nothing(query);
}

/* A name with capitals, else one without, else for want of anything better a thing. */
static box_span find_name(box_source *source, const box_query *query) {
  box_span span = box_text_name(source, query, BOX_PERSON);
  if (is_empty(span)) span = small_name(source, query);
  if (is_empty(span) && query->level == BOX_ANYTHING) span = thing(source, query);
  return span;
}

static box_span find_first_name(box_source *source, const box_query *query) {
  box_span span = find_name(source, query);
  if (!is_empty(span)) span.to = span.from + 1;
  return span;
}

/* All but the first word: "van Beethoven"; without "Jr." behind it. */
static box_span find_last_name(box_source *source, const box_query *query) {
  box_span span = find_name(source, query);
  if (span.to - span.from < 2) return nothing(query);
  size_t last = span.to - 1, from = last;
  if (box_token_is_word(at(source, span, last), "jr sr ii iii") && last - span.from > 1) {
    span.to = last;
    from = last - 1;
  }
  while (from > span.from + 1 && box_token_has(at(source, span, from - 1), BOX_PARTICLE)) from--;
  span.from = from;
  return span;
}

/* "Oslo", and for a field that wants more than a town "Oslo, Norway". */
static box_span find_site(box_source *source, const box_query *query) {
  static const char wide[] = "location locations address residence hometown birthplace where";
  box_span span = box_text_name(source, query, BOX_SITE);
  bool more = false;
  for (size_t i = 0; i < query->field->count; i++) {
    if (box_in_list(wide, query->field->words[i])) more = true;
  }
  for (size_t i = 0; more && i < source->runs.count && !is_empty(span); i++) {
    const box_run *run = &source->runs.runs[i];
    bool next =
        run->span.from == span.to + 1 && box_token_is_mark(at(source, query->span, span.to), ",");
    if (next && run->span.to <= query->span.to && run->score[BOX_SITE] >= BOX_SURE)
      span.to = run->span.to;
  }
  return span;
}

static box_span find_country(box_source *source, const box_query *query) {
  return box_text_name(source, query, BOX_SITE);
}

static box_span find_firm(box_source *source, const box_query *query) {
  return box_text_name(source, query, BOX_FIRM);
}

/* ---- occupations ----------------------------------------------------------------------------- */

/* The words of an occupation from 'from' on, without an age before it: "a 41-year-old teacher". */
static box_span job_words(const box_source *source, box_span span, size_t from) {
  if (box_token_is_word(at(source, span, from), "a an the our")) from++;
  while (at(source, span, from)->kind == BOX_NUMBER ||
         box_token_is_mark(at(source, span, from), "-") ||
         box_lexicon_unit(at(source, span, from)->text) == BOX_AGE) {
    from++;
  }
  size_t to = from;
  for (; to - from < MOST_JOB; to++) {
    const box_token *token = at(source, span, to);
    bool title = box_token_has(token, BOX_TITLE | BOX_WORK);
    if (token->kind != BOX_WORD || (token->bits & BOX_HARD) != 0) break;
    if (token->capital && !title) break;
  }
  return (box_span){from, to};
}

/* Does an occupation begin after the token at 'i': "is a", "as a", "Zoe Park, the"? */
static bool opens_job(const box_source *source, box_span span, size_t i, box_level level) {
  const box_token *token = at(source, span, i), *next = at(source, span, i + 1);
  bool article = box_token_is_word(next, "a an the our");
  if (box_token_is_word(token, "as")) return true;
  if (box_token_has(token, BOX_BE) || box_token_is_word(token, "became becomes i'm he's she's"))
    return article;
  bool title = box_token_has(next, BOX_TITLE) || article;
  if (box_token_is_mark(token, ","))
    return title && i > span.from && at(source, span, i - 1)->capital;
  bool old = token->kind == BOX_WORD && box_lexicon_unit(token->text) == BOX_AGE;
  return level != BOX_ONLY_SURE && (old || box_token_is_word(token, "the a"));
}

static box_span find_job(box_source *source, const box_query *query) {
  box_span label = box_source_labelled(source, query);
  if (!is_empty(label)) return label;
  for (size_t i = query->span.from; i < query->span.to; i++) {
    if (!opens_job(source, query->span, i, query->level)) continue;
    box_span found = job_words(source, query->span, i + 1);
    if (!is_empty(found) && found.to <= query->span.to) return found;
  }
  return nothing(query);
}

/* ---- things that are one token --------------------------------------------------------------- */

bool box_text_is_token(box_kind kind, const box_token *token) {
  switch (kind) {
  case BOX_K_EMAIL: return token->kind == BOX_EMAIL;
  case BOX_K_URL: return token->kind == BOX_URL;
  case BOX_K_PHONE: return token->kind == BOX_PHONE;
  case BOX_K_DATE: return token->kind == BOX_DATE;
  case BOX_K_CLOCK:
    return token->kind == BOX_CLOCK || (token->kind == BOX_DATE && token->hour >= 0);
  case BOX_K_CODE: return token->kind == BOX_CODE;
  case BOX_K_LANGUAGE: return box_token_has(token, BOX_PEOPLE);
  case BOX_K_COLOR:
    return box_token_is_word(token,
                             "red green blue yellow orange purple pink brown black white grey "
                             "gray violet turquoise teal gold silver");
  default: return false;
  }
}

static bool is_format(const box_field *field, const char *format) {
  return field->format.p != NULL && inst_str_is(field->format, inst_str_of(format));
}

/* In ISO 8601 where the text says enough; as it stands only where no format is asked for. */
static inst_value *date_text(box_source *source, const box_query *query, const box_token *token) {
  char text[BOX_DATE_ROOM];
  box_date_form form = query->field->kind == BOX_K_CLOCK ? BOX_TIME_ONLY : BOX_DATE_ONLY;
  if (is_format(query->field, "date-time")) form = BOX_DATE_AND_TIME;
  size_t n = box_date_write(token, form, text);
  if (n > 0) return box_source_string(source, (inst_str){text, n});
  return query->field->format.p != NULL ? NULL : box_source_string(source, token->text);
}

/* Only a code of the right form for a field that says which. */
static bool is_code(const box_field *field, inst_str text) {
  bool uuid = text.n == 36 && text.p[8] == '-' && text.p[13] == '-';
  size_t dots = 0;
  for (size_t i = 0; i < text.n; i++) dots += text.p[i] == '.';
  if (is_format(field, "uuid")) return uuid;
  return !is_format(field, "ipv4") || dots == 3;
}

inst_value *box_text_of_token(box_source *source, const box_query *query, size_t i) {
  const box_token *token = &source->words.tokens[i];
  bool bare = token->kind == BOX_URL && memchr(token->text.p, ':', token->text.n) == NULL;
  if (token->kind == BOX_DATE || token->kind == BOX_CLOCK) return date_text(source, query, token);
  if (token->kind == BOX_CODE && !is_code(query->field, token->text)) return NULL;
  if (!bare || query->field->format.p == NULL) return box_source_string(source, token->text);
  inst_buf url; /* "example.com" is no URI without its scheme */
  inst_buf_init(&url, source->arena->alloc);
  inst_buf_add(&url, INST_LIT("https://"));
  inst_buf_add(&url, token->text);
  inst_value *v = box_source_string(source, inst_buf_text(&url));
  inst_buf_clear(&url);
  return v;
}

/* The free token of the field's kind that stands closest to its name. */
static inst_value *find_token(box_source *source, const box_query *query) {
  size_t best = SIZE_MAX;
  int best_score = -1;
  for (size_t i = query->span.from; i < query->span.to; i++) {
    const box_token *token = &source->words.tokens[i];
    if (token->owner != 0 || !box_text_is_token(query->field->kind, token)) continue;
    int score = box_source_closeness(source, query, (box_span){i, i + 1});
    if (score <= best_score) continue;
    best = i;
    best_score = score;
  }
  if (best == SIZE_MAX) return NULL;
  inst_value *v = box_text_of_token(source, query, best);
  if (v != NULL) box_source_take(source, (box_span){best, best + 1}, query->owner);
  return v;
}

/* "Colour: dark red" before any other colour. */
static inst_value *find_color(box_source *source, const box_query *query) {
  box_span label = box_source_labelled(source, query);
  if (is_empty(label)) return find_token(source, query);
  return box_source_string(source, box_words_text(&source->words, label));
}

/* "tomorrow", "next Monday": for a field that does not ask for ISO. */
static box_span find_day(box_source *source, const box_query *query) {
  for (size_t i = query->span.from; i < query->span.to && query->field->format.p == NULL; i++) {
    const box_token *token = &source->words.tokens[i];
    bool relative = box_token_is_word(token, "today tomorrow tonight yesterday");
    if (!relative && !box_token_has(token, BOX_DAY)) continue;
    bool next = i > query->span.from && box_token_is_word(token - 1, "next last this");
    return (box_span){next ? i - 1 : i, i + 1};
  }
  return nothing(query);
}

/* The code of the first currency in the text. */
static inst_value *find_currency(box_source *source, const box_query *query) {
  for (size_t i = query->span.from; i < query->span.to; i++) {
    const box_token *token = &source->words.tokens[i];
    if (token->kind != BOX_WORD && token->kind != BOX_MARK) continue;
    inst_str code = box_lexicon_currency(token->text);
    if (code.p != NULL) return box_source_string(source, code);
  }
  return NULL;
}

/* ---- sentences ------------------------------------------------------------------------------- */

static box_span find_sentence(box_source *source, const box_query *query) {
  box_span rest = query->span, sentence;
  box_span label = box_source_labelled(source, query);
  if (!is_empty(label)) return label;
  return box_words_sentence(&source->words, &rest, &sentence) ? sentence : nothing(query);
}

/* Something quoted, else the first sentence without its end. */
static box_span find_title(box_source *source, const box_query *query) {
  box_span span = box_source_quoted(source, query->span);
  if (is_empty(span)) span = find_sentence(source, query);
  if (!is_empty(span) && box_token_is_mark(at(source, query->span, span.to - 1), ".!?")) span.to--;
  return span;
}

static box_span find_whole(box_source *source, const box_query *query) {
  (void)source;
  return query->span;
}

static box_span find_thing(box_source *source, const box_query *query) {
  box_span span = box_source_labelled(source, query);
  if (is_empty(span)) span = thing(source, query);
  if (is_empty(span)) span = box_text_name(source, query, BOX_FIRM);
  return span;
}

/* The name beside a word of the field's name: "from Oslo", "the Apollo project". */
static box_span near_name(box_source *source, const box_query *query) {
  box_span best = nothing(query);
  int best_score = BOX_SURE;
  for (size_t i = 0; i < source->runs.count; i++) {
    box_span span = source->runs.runs[i].span;
    if (span.from < query->span.from || span.to > query->span.to) continue;
    int score = box_source_is_free(source, span) ? box_source_closeness(source, query, span) : 0;
    if (score <= best_score) continue;
    best = span;
    best_score = score;
  }
  return best;
}

/* A field of no known kind: its label, a name beside it, a quoted text, at last any name. */
static box_span find_any(box_source *source, const box_query *query) {
  box_span span = box_source_labelled(source, query);
  if (is_empty(span)) span = near_name(source, query);
  if (is_empty(span)) span = box_source_quoted(source, query->span);
  if (is_empty(span) && query->level == BOX_ANYTHING)
    span = box_text_name(source, query, BOX_PERSON);
  if (is_empty(span) && query->level == BOX_ANYTHING) span = small_name(source, query);
  bool lone = box_field_is_lone(query->field) && query->level == BOX_ANYTHING;
  return is_empty(span) && lone ? find_sentence(source, query) : span;
}

/* ---- the table of kinds ---------------------------------------------------------------------- */

static const struct finder {
  box_span (*place)(box_source *source, const box_query *query);    /* or NULL */
  inst_value *(*value)(box_source *source, const box_query *query); /* tried first; or NULL */
  bool shares; /* what it finds stays free for others */
} finders[BOX_KIND_COUNT] = {
    [BOX_K_EMAIL] = {NULL, find_token, false},
    [BOX_K_PHONE] = {NULL, find_token, false},
    [BOX_K_URL] = {NULL, find_token, false},
    [BOX_K_FIRST_NAME] = {find_first_name, NULL, false},
    [BOX_K_LAST_NAME] = {find_last_name, NULL, false},
    [BOX_K_JOB] = {find_job, NULL, true},
    [BOX_K_CURRENCY] = {NULL, find_currency, true},
    [BOX_K_COLOR] = {NULL, find_color, true},
    [BOX_K_LANGUAGE] = {NULL, find_token, false},
    [BOX_K_DATE] = {find_day, find_token, false},
    [BOX_K_CLOCK] = {NULL, find_token, true},
    [BOX_K_COUNTRY] = {find_country, NULL, false},
    [BOX_K_SITE] = {find_site, NULL, false},
    [BOX_K_FIRM] = {find_firm, NULL, false},
    [BOX_K_CODE] = {NULL, find_token, false},
    [BOX_K_TAGS] = {find_any, NULL, true},
    [BOX_K_THING] = {find_thing, NULL, true},
    [BOX_K_TITLE] = {find_title, NULL, true},
    [BOX_K_WHOLE] = {find_whole, NULL, true},
    [BOX_K_SENTENCE] = {find_sentence, NULL, true},
    [BOX_K_NAME] = {find_name, NULL, false},
    [BOX_K_ANY] = {find_any, NULL, false},
};

/* "30" for a field such as an age that is to be a string. */
static inst_value *find_figure(box_source *source, const box_query *query) {
  size_t i = box_find_number_place(source, query);
  if (i == SIZE_MAX) return NULL;
  box_source_take(source, (box_span){i, i + 1}, query->owner);
  return box_source_string(source, source->words.tokens[i].text);
}

inst_value *box_text_find(box_source *source, const box_query *query) {
  const box_field *field = query->field;
  const struct finder *finder = &finders[field->kind];
  bool figure = field->kind == BOX_K_ANY && (field->unit != BOX_NO_UNIT || field->counts);
  inst_value *v = NULL;
  if (figure) return find_figure(source, query);
  if (finder->value != NULL) v = finder->value(source, query);
  if (v != NULL || finder->place == NULL) return v;
  box_span span = finder->place(source, query);
  if (is_empty(span)) return NULL;
  if (!finder->shares) box_source_take(source, span, query->owner);
  return box_source_string(source, box_words_text(&source->words, span));
}
