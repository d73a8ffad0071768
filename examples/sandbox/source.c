/*
** The text and its marks.
** Closeness is counted in words, within a sentence and up to the next number or comma: in "age 41
** height 180" each number belongs to the word before it.
*/
#include "examples/sandbox/source.h"

#define FARTHEST_BEFORE 6 /* words looked at before a thing */
#define FARTHEST_AFTER 4
#define FARTHEST_DENIAL 4 /* words between "not" and what it denies */
#define LONGEST_QUOTE 60  /* tokens between two quotes */
#define LONGEST_LABEL 24  /* tokens after a label */

static const box_token *at(const box_source *source, box_span span, size_t i) {
  return box_words_at(&source->words, span, i);
}

bool box_source_read(box_source *source, inst_str text, inst_arena *arena) {
  *source = (box_source){.arena = arena, .looks = BOX_SOURCE_LOOKS, .bytes = BOX_ANSWER_BYTES};
  if (text.n > BOX_SOURCE_BYTES) {
    text.n = BOX_SOURCE_BYTES;
    text.n = inst_utf8_span(text);
  }
  source->taken = inst_arena_get(arena, (text.n + 1) * sizeof *source->taken);
  return source->taken != NULL && box_words_read(&source->words, text, arena) &&
         box_runs_find(&source->runs, &source->words, arena);
}

void box_source_take(box_source *source, box_span span, unsigned owner) {
  for (size_t i = span.from; i < span.to; i++) {
    box_token *token = &source->words.tokens[i];
    if (token->owner != 0) continue;
    token->owner = owner;
    source->taken[source->taken_count++] = i;
  }
}

void box_source_undo(box_source *source, size_t count) {
  while (source->taken_count > count) {
    source->words.tokens[source->taken[--source->taken_count]].owner = 0;
  }
}

bool box_source_is_free(const box_source *source, box_span span) {
  for (size_t i = span.from; i < span.to; i++) {
    if (source->words.tokens[i].owner != 0) return false;
  }
  return true;
}

bool box_source_spend(box_source *source, size_t tokens) {
  size_t price = 1 + tokens / 32;
  if (source->looks < price)
    source->looks = 0;
  else
    source->looks -= price;
  return source->looks > 0;
}

inst_value *box_source_string(box_source *source, inst_str text) {
  if (text.n > source->bytes) text.n = 0;
  source->bytes -= text.n;
  return inst_string(source->arena, text);
}

/* ---- closeness ------------------------------------------------------------------------------- */

/* How much the word fits: 2 a word of the name, 1 a word like it or a word of the outer name. */
static int fit(const box_field *field, const box_token *token) {
  if (token->kind != BOX_WORD) return 0;
  if (box_field_has(field, token->text)) return 2;
  if (box_field_is_near(field, token->text)) return 1;
  const box_field *outer = field->outer;
  if (outer == NULL) return 0;
  return box_field_has(outer, token->text) || box_field_is_near(outer, token->text) ? 1 : 0;
}

/* Does the way from a thing to a word end here? */
static bool is_wall(const box_source *source, size_t i) {
  const box_token *token = &source->words.tokens[i];
  return box_words_ends(&source->words, i) || box_token_is_mark(token, ",;") ||
         token->kind == BOX_NUMBER;
}

/* Words before a thing count most directly before it, and more with a colon between. */
static int closeness_before(const box_source *source, const box_query *query, box_span thing) {
  int best = 0, distance = 0;
  bool label = false;
  for (size_t i = thing.from; i > query->span.from && distance < FARTHEST_BEFORE; i--) {
    const box_token *token = &source->words.tokens[i - 1];
    if (is_wall(source, i - 1)) break;
    if (box_token_is_mark(token, ":=")) label = true;
    if (token->kind == BOX_MARK) continue;
    int fits = fit(query->field, token);
    int score = fits == 0 ? 0 : (fits == 2 ? 29 : 20) - 5 * distance + (label ? 10 : 0);
    if (score > best) best = score;
    distance++;
  }
  return best;
}

/* Words behind a thing; one that labels the next thing says nothing of this one. */
static int closeness_after(const box_source *source, const box_query *query, box_span thing) {
  static const int scores[2][FARTHEST_AFTER] = {{22, 14, 8, 4}, {28, 18, 10, 6}};
  int best = 0, distance = 0;
  for (size_t i = thing.to; i < query->span.to && distance < FARTHEST_AFTER; i++) {
    const box_token *token = &source->words.tokens[i];
    if (is_wall(source, i) || box_token_is_mark(token, ":=")) break;
    if (token->kind == BOX_MARK) continue;
    bool leads =
        box_token_is_word(token, "from to by for with until till before since at in of on");
    int fits = leads ? 0 : fit(query->field, token); /* "to" speaks of what follows it */
    bool label = box_token_is_mark(at(source, query->span, i + 1), ":="); /* of the next thing */
    int score = fits == 0 || label ? 0 : scores[fits - 1][distance];
    if (score > best) best = score;
    distance++;
  }
  return best;
}

int box_source_closeness(box_source *source, const box_query *query, box_span thing) {
  if (!box_source_spend(source, 0)) return 0;
  int before = closeness_before(source, query, thing);
  int after = closeness_after(source, query, thing);
  return before > after ? before : after;
}

bool box_source_is_denied(const box_source *source, box_span span, size_t i) {
  for (size_t n = 0; n < FARTHEST_DENIAL && i > span.from; n++) {
    const box_token *token = &source->words.tokens[--i];
    if (box_words_ends(&source->words, i) || box_token_is_mark(token, ",;")) return false;
    if (box_token_is_word(token, "but")) return false;
    if (box_token_has(token, BOX_NOT)) return true;
  }
  return false;
}

/* ---- labels and quotes ----------------------------------------------------------------------- */

/* Does the field's name end with the word at 'i'? */
static bool ends_name(const box_source *source, const box_query *query, size_t i) {
  const box_field *field = query->field;
  if (field->count == 0 || source->words.tokens[i].kind != BOX_WORD) return false;
  for (size_t n = 0; n < field->count; n++) {
    if (i < query->span.from + n) return n > 0;
    const box_token *token = &source->words.tokens[i - n];
    bool same = token->kind == BOX_WORD &&
                box_related_word(field->words[field->count - 1 - n], token->text);
    if (!same) return false;
  }
  return true;
}

/* Where the value that begins at 'from' ends: at a mark, or before the next label. */
static size_t value_end(const box_source *source, box_span span, size_t from) {
  size_t i = from;
  for (; i < span.to && i - from < LONGEST_LABEL; i++) {
    const box_token *token = &source->words.tokens[i];
    if (box_words_ends(&source->words, i) || box_token_is_mark(token, ",;")) break;
    if (i > from && box_token_is_word(token, "and but")) break;
    if (box_token_is_mark(at(source, span, i + 1), ":=") && token->kind == BOX_WORD) break;
  }
  return i;
}

box_span box_source_labelled(const box_source *source, const box_query *query) {
  box_span span = query->span;
  for (size_t i = span.from; i + 1 < span.to; i++) {
    const box_token *link = &source->words.tokens[i + 1];
    bool links = box_token_is_mark(link, ":=") || box_token_is_word(link, "is are was");
    if (!links || !ends_name(source, query, i)) continue;
    size_t from = i + 2;
    if (box_token_is_word(at(source, span, from), "a an the")) from++;
    size_t to = value_end(source, span, from);
    if (to > from) return (box_span){from, to};
  }
  return (box_span){span.from, span.from};
}

box_span box_source_quoted(const box_source *source, box_span span) {
  for (size_t i = span.from; i < span.to; i++) {
    const box_token *open = &source->words.tokens[i];
    bool single = box_token_is_mark(open, "'‘");
    if (!single && !box_token_is_mark(open, "\"“„«")) continue;
    if (single && open->glued) continue; /* an apostrophe */
    for (size_t j = i + 1; j < span.to && j - i < LONGEST_QUOTE; j++) {
      const box_token *close = &source->words.tokens[j];
      if (close->kind == BOX_BREAK) break;
      if (!box_token_is_mark(close, single ? "'’" : "\"”“»")) continue;
      if (j > i + 1) return (box_span){i + 1, j};
      break;
    }
  }
  return (box_span){span.from, span.from};
}
