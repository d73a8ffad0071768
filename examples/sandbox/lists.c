/*
** Cutting a text into parts.
** Between two names the strongest mark parts: the end of a sentence before a semicolon, that before
** "and", that before a comma; of equals the last.  So "John, 31, and Mary, 29" is cut at the "and".
*/
#include "examples/sandbox/lists.h"

#include "examples/sandbox/texts.h"

#define MOST_ITEM 4 /* words of one item of a list */
#define MOST_TAGS 5 /* words that are taken for tags where none are marked as such */

static const box_token *at(const box_source *source, box_span span, size_t i) {
  return box_words_at(&source->words, span, i);
}

static bool begin(box_source *source, box_parts *parts) {
  *parts = (box_parts){0};
  parts->spans = inst_arena_get(source->arena, BOX_MOST_PARTS * sizeof *parts->spans);
  parts->keys = inst_arena_get(source->arena, BOX_MOST_PARTS * sizeof *parts->keys);
  return parts->spans != NULL && parts->keys != NULL;
}

static void add(box_parts *parts, box_span span) {
  if (span.from >= span.to || parts->count == BOX_MOST_PARTS) return;
  parts->keys[parts->count] = span;
  parts->spans[parts->count++] = span;
}

/* ---- cutting between names ------------------------------------------------------------------- */

/* How strongly the token at 'i' parts two things. */
static int strength(const box_source *source, size_t i) {
  const box_token *token = &source->words.tokens[i];
  if (box_words_ends(&source->words, i)) return 4;
  if (box_token_is_mark(token, ";•")) return 3;
  if (box_token_is_word(token, "and while but whereas")) return 2;
  return box_token_is_mark(token, ",") ? 1 : 0;
}

/* Where to cut between 'from' and 'to': behind the last of the strongest marks. */
static size_t cut(const box_source *source, size_t from, size_t to) {
  size_t best = to;
  int best_strength = 0;
  for (size_t i = from; i < to; i++) {
    int s = strength(source, i);
    if (s == 0 || s < best_strength) continue;
    best = i + 1;
    best_strength = s;
  }
  return best;
}

/* The name of 'sort' after the token 'from' inside 'span'; NULL: none. */
static const box_run *next_run(const box_source *source, box_span span, size_t from,
                               box_sort sort) {
  for (size_t i = 0; i < source->runs.count; i++) {
    const box_run *run = &source->runs.runs[i];
    if (run->span.from < from || run->span.to > span.to) continue;
    if (box_run_is(run, sort)) return run;
  }
  return NULL;
}

/* "Max's mother Zoe": the part is about Zoe. */
static bool is_owner(const box_source *source, const box_run *run, const box_run *next) {
  const box_token *behind = at(source, box_words_all(&source->words), run->span.to);
  return next != NULL && box_token_is_mark(behind, "'s’s") && behind->text.n > 1 &&
         next->span.from - run->span.to <= 3;
}

/* A part for each name; the first reaches back to the start, the last to the end. */
static void cut_at_names(const box_source *source, box_span span, box_sort sort, box_parts *parts) {
  size_t from = span.from;
  const box_run *run = next_run(source, span, from, sort);
  while (run != NULL && parts->count < BOX_MOST_PARTS) {
    const box_run *next = next_run(source, span, run->span.to, sort);
    if (is_owner(source, run, next)) {
      run = next;
      continue;
    }
    size_t to = next != NULL ? cut(source, run->span.to, next->span.from) : span.to;
    size_t count = parts->count;
    add(parts, (box_span){from, to});
    if (parts->count > count) parts->keys[count] = run->span;
    from = to;
    run = next;
  }
}

/* ---- cutting between sentences and clauses --------------------------------------------------- */

static bool has_number(const box_source *source, box_span span) {
  for (size_t i = span.from; i < span.to; i++) {
    if (source->words.tokens[i].kind == BOX_NUMBER) return true;
  }
  return false;
}

/* A part for each clause with a number; what has none belongs to the clause before it. */
static void cut_at_clauses(const box_source *source, box_span sentence, box_parts *parts) {
  size_t from = sentence.from, clause = sentence.from;
  bool number = false;
  for (size_t i = sentence.from; i < sentence.to; i++) {
    if (strength(source, i) == 0) continue;
    box_span rest = {i + 1, sentence.to};
    size_t end = rest.from;
    while (end < rest.to && strength(source, end) == 0) end++;
    number = number || has_number(source, (box_span){clause, i});
    clause = i + 1;
    if (!number || !has_number(source, (box_span){rest.from, end})) continue;
    add(parts, (box_span){from, i});
    from = i + 1;
    number = false;
  }
  add(parts, (box_span){from, sentence.to});
}

static void cut_at_sentences(const box_source *source, box_span span, bool numbers,
                             box_parts *parts) {
  box_span rest = span, sentence;
  while (box_words_sentence(&source->words, &rest, &sentence)) {
    if (numbers)
      cut_at_clauses(source, sentence, parts);
    else
      add(parts, sentence);
  }
}

bool box_parts_objects(box_source *source, box_span span, box_sort sort, bool numbers,
                       box_parts *parts) {
  if (!begin(source, parts)) return false;
  if (sort < BOX_SORTS) cut_at_names(source, span, sort, parts);
  if (parts->count == 0) cut_at_sentences(source, span, numbers, parts);
  return true;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

static bool is_label(const box_source *source, box_span span, size_t i) {
  return at(source, span, i)->kind == BOX_WORD && box_token_is_mark(at(source, span, i + 1), ":=");
}

/* "apples: 3": the key is the word before the colon. */
static void cut_at_labels(const box_source *source, box_span span, box_parts *parts) {
  for (size_t i = span.from; i < span.to; i++) {
    if (!is_label(source, span, i)) continue;
    size_t end = i + 2;
    while (end < span.to && strength(source, end) == 0 && !is_label(source, span, end)) end++;
    size_t count = parts->count;
    add(parts, (box_span){i + 2, end});
    if (parts->count > count) parts->keys[count] = (box_span){i, i + 1};
  }
}

bool box_parts_pairs(box_source *source, box_span span, box_parts *parts) {
  if (!begin(source, parts)) return false;
  cut_at_labels(source, span, parts);
  if (parts->count < 2) {
    parts->count = 0;
    cut_at_names(source, span, BOX_PERSON, parts);
  }
  return true;
}

/* ---- items ----------------------------------------------------------------------------------- */

/* Words after which a list begins. */
static const char openers[] =
    "likes like loves love enjoys enjoy speaks speak knows know needs need want wants buy bought "
    "buys has have had include includes including with are is uses use using plays play ordered "
    "order orders eats eat bring brings contains contain of for studies such in on from visited "
    "visit grab get add called named wrote teaches sells";

static bool is_separator(const box_token *token) {
  return box_token_is_mark(token, ",;&") || box_token_is_word(token, "and or");
}

/* The item that begins at 'from', without article and mark. */
static box_span item_at(const box_source *source, box_span span, size_t from) {
  while (box_token_is_word(at(source, span, from), "a an the some also both") ||
         box_token_is_mark(at(source, span, from), "•*-–\"“'")) {
    from++;
  }
  size_t to = from;
  for (; to < span.to && to - from < MOST_ITEM; to++) {
    const box_token *token = at(source, span, to);
    bool joins = box_token_is_word(token, "old young one few many") ||
                 (box_token_is_word(token, "of") && to > from);
    if (token->kind == BOX_MARK || token->kind == BOX_BREAK || is_separator(token)) break;
    if ((box_token_has(token, BOX_HARD) || box_in_list(openers, token->text)) && !joins) break;
  }
  return (box_span){from, to};
}

/* Reads items from 'from' as long as marks join them; returns how many. */
static size_t read_items(const box_source *source, box_span span, size_t from, box_parts *parts) {
  size_t before = parts->count;
  for (size_t i = from; i < span.to;) {
    box_span item = item_at(source, span, i);
    if (item.from >= item.to) break;
    add(parts, item);
    i = item.to;
    if (box_token_is_mark(at(source, span, i), "\"”'")) i++;
    if (!is_separator(at(source, span, i))) {
      bool line = at(source, span, i)->kind == BOX_BREAK; /* bullets */
      if (!line || !box_token_is_mark(at(source, span, i + 1), "•*-–")) break;
    }
    while (is_separator(at(source, span, i)) || at(source, span, i)->kind == BOX_BREAK) {
      if (i >= span.to) break;
      i++;
    }
  }
  return parts->count - before;
}

/* Behind a word of the field's name: "Ingredients: flour, eggs", "her hobbies are chess and go". */
static bool named_items(const box_source *source, const box_query *query, box_parts *parts) {
  box_span span = query->span;
  for (size_t i = span.from; i < span.to; i++) {
    const box_token *token = &source->words.tokens[i];
    if (token->kind != BOX_WORD || !box_field_has(query->field, token->text)) continue;
    size_t from = i + 1;
    bool linked = box_token_is_mark(at(source, span, from), ":=") ||
                  box_token_is_word(at(source, span, from), "are is include includes like such");
    if (!linked) continue;
    while (from < span.to && (box_token_is_mark(at(source, span, from), ":=") ||
                              at(source, span, from)->kind == BOX_BREAK ||
                              box_token_is_word(at(source, span, from), "are is include includes "
                                                                        "like such as"))) {
      from++;
    }
    if (read_items(source, span, from, parts) > 0) return true;
  }
  return false;
}

/* Where the item that ends before the separator at 'i' begins. */
static size_t item_start(const box_source *source, box_span span, size_t i) {
  size_t from = i;
  while (from > span.from && i - from < MOST_ITEM) {
    const box_token *token = &source->words.tokens[from - 1];
    if (token->kind != BOX_WORD || (token->bits & (BOX_HARD | BOX_PLACE)) != 0) break;
    if (box_in_list(openers, token->text)) break;
    from--;
  }
  return from;
}

/* How much a row that begins at 'from' is what the field wants; 0: not at all. */
static int row_rank(const box_source *source, const box_query *query, size_t from) {
  const box_token *before = at(source, query->span, from - 1);
  if (from == query->span.from || before->kind != BOX_WORD) return 1;
  if (box_field_is_near(query->field, before->text)) return 3;
  if (box_token_has(before, BOX_PLACE)) return 0;
  return box_in_list(openers, before->text) ? 2 : 1;
}

/* The best row of at least two items: "milk, eggs and bread". */
static bool joined_items(const box_source *source, const box_query *query, box_parts *parts) {
  box_span span = query->span;
  size_t best = 0;
  int best_rank = query->level == BOX_ANYTHING ? 0 : 1;
  for (size_t i = span.from; i < span.to; i++) {
    if (!is_separator(&source->words.tokens[i])) continue;
    size_t from = item_start(source, span, i), count = parts->count;
    if (from == i || at(source, span, i + 1)->kind == BOX_NUMBER) continue;
    int rank = row_rank(source, query, from);
    if (rank > best_rank && read_items(source, span, from, parts) > 1) {
      best = from;
      best_rank = rank;
    }
    parts->count = count;
  }
  return best_rank > (query->level == BOX_ANYTHING ? 0 : 1) &&
         read_items(source, span, best, parts) > 0;
}

/* ---- strings --------------------------------------------------------------------------------- */

static void all_names(const box_source *source, box_span span, box_sort sort, box_parts *parts) {
  for (size_t i = 0; i < source->runs.count; i++) {
    const box_run *run = &source->runs.runs[i];
    if (run->span.from < span.from || run->span.to > span.to) continue;
    if (sort == BOX_SORTS || box_run_is(run, sort)) add(parts, run->span);
  }
}

/* Every address, date or whatever token the field wants. */
static void all_tokens(const box_source *source, const box_query *query, box_parts *parts) {
  for (size_t i = query->span.from; i < query->span.to; i++) {
    if (box_text_is_token(query->field->kind, &source->words.tokens[i]))
      add(parts, (box_span){i, i + 1});
  }
}

/* "#sale", else the first words that mean something. */
static void all_tags(const box_source *source, const box_query *query, box_parts *parts) {
  box_span span = query->span;
  for (size_t i = span.from; i + 1 < span.to; i++) {
    const box_token *next = &source->words.tokens[i + 1];
    if (box_token_is_mark(&source->words.tokens[i], "#") && next->glued)
      add(parts, (box_span){i + 1, i + 2});
  }
  if (parts->count > 0 || named_items(source, query, parts)) return;
  for (size_t i = span.from; i < span.to && parts->count < MOST_TAGS; i++) {
    const box_token *token = &source->words.tokens[i];
    bool plain = token->kind == BOX_WORD && token->text.n > 3;
    if (plain && (token->bits & (BOX_HARD | BOX_SOFT)) == 0) add(parts, (box_span){i, i + 1});
  }
}

/* A row that is named, or any row, or something quoted, or at last all names. */
static void all_items(const box_source *source, const box_query *query, box_parts *parts) {
  if (named_items(source, query, parts) || joined_items(source, query, parts)) return;
  box_span quoted = box_source_quoted(source, query->span);
  add(parts, quoted);
  if (parts->count == 0 && query->level == BOX_ANYTHING)
    all_names(source, query->span, BOX_SORTS, parts);
}

bool box_parts_strings(box_source *source, const box_query *query, box_parts *parts) {
  box_kind kind = query->field->kind;
  if (!begin(source, parts)) return false;
  switch (kind) {
  case BOX_K_NAME:
  case BOX_K_FIRST_NAME:
  case BOX_K_LAST_NAME:
  case BOX_K_SITE:
  case BOX_K_COUNTRY:
  case BOX_K_FIRM: all_names(source, query->span, box_text_sort(kind), parts); break;
  case BOX_K_TAGS: all_tags(source, query, parts); break;
  case BOX_K_SENTENCE:
  case BOX_K_TITLE:
  case BOX_K_WHOLE: cut_at_sentences(source, query->span, false, parts); break;
  case BOX_K_JOB:
  case BOX_K_THING:
  case BOX_K_ANY: all_items(source, query, parts); break;
  default: all_tokens(source, query, parts); break;
  }
  return true;
}
