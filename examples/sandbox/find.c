/*
** Numbers, flags and members, by points.
** A candidate's points are how well its unit suits the field and how close it stands to the field's
** name.  The best free one is taken, if it has enough for how sure the field wants to be.
*/
#include "examples/sandbox/find.h"

#include "core/base/number.h"

#define LEAST_LIKELY (-5)    /* scores from which a number is taken for a field of its kind */
#define LEAST_ANYTHING (-12) /* and for a field that has to be filled */

static const box_token *at(const box_source *source, box_span span, size_t i) {
  return box_words_at(&source->words, span, i);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* How well the number suits as an age. */
static int age_score(const box_token *token) {
  if (token->unit == BOX_AGE) return 40;
  if (token->number > 130 || token->number < 0) return -40;
  if (token->unit == BOX_YEARS) return 28;
  if (token->unit == BOX_RANK) return -8; /* her 30th birthday */
  if (token->unit != BOX_NO_UNIT) return -40;
  return token->bare ? 16 : -4;
}

/* How well the unit of the number suits the field's. */
static int unit_score(const box_field *field, const box_token *token) {
  box_unit unit = (box_unit)token->unit;
  if (field->unit == BOX_AGE) return age_score(token);
  if (field->unit == BOX_TIME && unit == BOX_YEARS) return 20;
  if (field->unit == BOX_NO_UNIT) return unit == BOX_NO_UNIT ? 0 : unit == BOX_RANK ? -10 : -6;
  if (unit == BOX_NO_UNIT) return 0;
  return unit == field->unit ? 40 : -40;
}

/* "three apples": a number of things. */
static bool counts_things(const box_source *source, box_span span, size_t i) {
  const box_token *token = &source->words.tokens[i], *next = at(source, span, i + 1);
  return token->unit == BOX_NO_UNIT && next->kind == BOX_WORD && !next->capital &&
         (next->bits & BOX_HARD) == 0;
}

/* The unit, the words around, and whether things are counted, in one number. */
static int number_score(box_source *source, const box_query *query, size_t i) {
  const box_token *token = &source->words.tokens[i];
  int score = unit_score(query->field, token);
  if (score <= -40) return score;
  score += box_source_closeness(source, query, (box_span){i, i + 1});
  if (query->field->counts && counts_things(source, query->span, i)) score += 16;
  if (!query->field->counts && counts_things(source, query->span, i)) score -= 3;
  return score;
}

/* May the number stand in the field? */
static bool may_be(const box_field *field, const box_token *token, int score) {
  int64_t whole;
  if (field->whole && !inst_number_is_int(token->number, &whole)) return false;
  if (score >= BOX_SURE) return true; /* what the text says outright is told, whatever the bounds */
  return token->number >= field->least && token->number <= field->most;
}

static int least_score(box_level level) {
  return level == BOX_ONLY_SURE ? BOX_SURE : level == BOX_LIKELY ? LEAST_LIKELY : LEAST_ANYTHING;
}

size_t box_find_number_place(box_source *source, const box_query *query) {
  size_t best = SIZE_MAX;
  int best_score = least_score(query->level) - 1;
  for (size_t i = query->span.from; i < query->span.to; i++) {
    const box_token *token = &source->words.tokens[i];
    if (token->kind != BOX_NUMBER || token->owner != 0) continue;
    int score = number_score(source, query, i);
    if (score <= best_score || !may_be(query->field, token, score)) continue;
    best = i;
    best_score = score;
  }
  return best;
}

inst_value *box_find_number(box_source *source, const box_query *query) {
  size_t i = box_find_number_place(source, query);
  if (i == SIZE_MAX) return NULL;
  const box_token *token = &source->words.tokens[i];
  double number = token->number;
  if (token->unit == BOX_PERCENT && query->field->most <= 1) number /= 100;
  box_source_take(source, (box_span){i, i + 1}, query->owner);
  int64_t whole;
  if (inst_number_is_int(number, &whole)) return inst_int(source->arena, whole);
  return inst_real(source->arena, number);
}

/* ---- yes and no ------------------------------------------------------------------------------ */

/* "unavailable" for a field "available". */
static bool is_opposite(const box_field *field, const box_token *token) {
  static const char *const prefixes[] = {"un", "in", "non-"};
  if (token->kind != BOX_WORD) return false;
  for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
    inst_str prefix = inst_str_of(prefixes[i]);
    if (token->text.n < prefix.n + 4) continue;
    inst_str start = {token->text.p, prefix.n};
    inst_str rest = {token->text.p + prefix.n, token->text.n - prefix.n};
    if (inst_str_is_nocase(start, prefix) && box_field_has(field, rest)) return true;
  }
  return false;
}

/* Does each word of the field's name occur?  "likes_music" is not told by "likes" alone. */
static bool occurs(const box_source *source, const box_query *query) {
  for (size_t n = 0; n < query->field->count; n++) {
    size_t i = query->span.from;
    while (i < query->span.to &&
           !(source->words.tokens[i].kind == BOX_WORD &&
             box_related_word(query->field->words[n], source->words.tokens[i].text))) {
      i++;
    }
    if (i == query->span.to) return false;
  }
  return true;
}

/* 1: the word at 'i' says yes, 0: it says no, -1: it says nothing. */
static int verdict(const box_source *source, const box_query *query, size_t i, bool named) {
  const box_token *token = &source->words.tokens[i];
  if (token->kind != BOX_WORD) return -1;
  if (box_field_is_lone(query->field)) {
    if (box_token_is_word(token, "yes true yeah")) return 1;
    return box_token_is_word(token, "no false nope not") ? 0 : -1;
  }
  bool opposite = is_opposite(query->field, token);
  bool speaks = opposite || (named && box_field_has(query->field, token->text)) ||
                box_field_is_near(query->field, token->text);
  if (!speaks) return -1;
  const box_token *next = at(source, query->span, i + 1), *value = at(source, query->span, i + 2);
  if (box_token_is_mark(next, ":=?")) {
    if (box_token_is_word(value, "no false not none n")) return 0;
    if (box_token_is_word(value, "yes true y")) return 1;
  }
  return opposite == box_source_is_denied(source, query->span, i) ? 1 : 0;
}

inst_value *box_find_flag(box_source *source, const box_query *query) {
  bool named = occurs(source, query);
  for (size_t i = query->span.from; i < query->span.to; i++) {
    int says = verdict(source, query, i, named);
    if (says >= 0) return inst_bool(source->arena, says == 1);
  }
  return NULL;
}

/* ---- enumerations ---------------------------------------------------------------------------- */

/* The next word of 'member' from '*from': "in_progress" and "inProgress" have two. */
static inst_str next_word(inst_str member, size_t *from) {
  size_t i = *from;
  while (i < member.n && strchr("_-. /", member.p[i]) != NULL) i++;
  size_t start = i;
  for (; i < member.n && strchr("_-. /", member.p[i]) == NULL; i++) {
    bool hump = i > start && member.p[i] >= 'A' && member.p[i] <= 'Z' && member.p[i - 1] >= 'a' &&
                member.p[i - 1] <= 'z';
    if (hump) break;
  }
  *from = i;
  return (inst_str){member.p + start, i - start};
}

/* A word that is found everywhere ("no", "other", "A") counts as a member only after a link. */
static bool is_linked(const box_source *source, box_span span, size_t i) {
  if (i == span.from) return true;
  const box_token *before = &source->words.tokens[i - 1];
  return box_token_is_mark(before, ":=(\"“'") || box_token_is_word(before, "is are was as");
}

static bool is_token(const box_token *token, inst_str word) {
  bool text = token->kind == BOX_WORD || token->kind == BOX_CODE || token->kind == BOX_NUMBER;
  if (!text) return false;
  return word.n == 1 ? inst_str_is(token->text, word) : box_related_word(word, token->text);
}

bool box_find_is_at(const box_source *source, box_span span, size_t i, inst_str member) {
  size_t from = 0, words = 0;
  inst_str first = next_word(member, &from);
  for (inst_str word = first; word.n > 0; word = next_word(member, &from), words++) {
    if (box_token_is_mark(at(source, span, i + words), "-/") && words > 0) i++;
    if (!is_token(at(source, span, i + words), word)) return false;
  }
  if (words != 1) return words > 0;
  bool common = first.n == 1 || (box_lexicon_bits(first) & BOX_HARD) != 0;
  return !common || is_linked(source, span, i);
}

/* The place where the text names 'member' for the first time, or SIZE_MAX. */
static size_t first_place(const box_source *source, box_span span, inst_str member) {
  for (size_t i = span.from; i < span.to; i++) {
    if (box_find_is_at(source, span, i, member)) return i;
  }
  return SIZE_MAX;
}

/* What the words like a member's say for it: "refund" for "negative"; denied, they say less. */
static int kin_weight(box_source *source, const box_query *query, inst_str member) {
  size_t from = 0;
  int weight = 0;
  for (inst_str word = next_word(member, &from); word.n > 0; word = next_word(member, &from)) {
    const char *kin = box_lexicon_related(word);
    for (size_t i = query->span.from; *kin != '\0' && i < query->span.to; i++) {
      if (!box_token_is_word(&source->words.tokens[i], kin)) continue;
      weight += box_source_is_denied(source, query->span, i) ? -3 : 3;
    }
  }
  return weight;
}

/* "not good" speaks for "negative". */
static inst_str opposite(inst_str member) {
  if (box_same_word(member, INST_LIT("negative"))) return INST_LIT("positive");
  if (box_same_word(member, INST_LIT("positive"))) return INST_LIT("negative");
  return (inst_str){"", 0};
}

/* A member that is named counts most; one that is named to be denied, less than nothing. */
static int text_weight(box_source *source, const box_query *query, inst_str member) {
  int weight = 0;
  size_t i = first_place(source, query->span, member);
  if (i != SIZE_MAX) {
    bool denied = box_source_is_denied(source, query->span, i);
    weight = denied ? -10 : 20 + box_source_closeness(source, query, (box_span){i, i + 1});
  }
  int against = kin_weight(source, query, opposite(member));
  return weight + kin_weight(source, query, member) - (against < 0 ? against : 0);
}

/* A member that is a number is meant when the text has that number. */
static int number_weight(const box_source *source, const box_query *query, double number) {
  for (size_t i = query->span.from; i < query->span.to; i++) {
    const box_token *token = &source->words.tokens[i];
    if (token->kind == BOX_NUMBER && token->number == number) return 20;
  }
  return 0;
}

int box_find_weight(box_source *source, const box_query *query, const inst_value *member) {
  if (!box_source_spend(source, query->span.to - query->span.from)) return 0;
  if (inst_value_is_number(member)) return number_weight(source, query, inst_value_real(member));
  if (inst_value_kind_of(member) != INST_STRING) return 0;
  return text_weight(source, query, inst_value_text(member));
}

const inst_value *box_find_member(box_source *source, const box_query *query,
                                  const inst_value *members) {
  const inst_value *best = NULL;
  int best_weight = 0;
  for (const inst_value *m = inst_value_first(members); m != NULL; m = inst_value_next(m)) {
    int weight = box_find_weight(source, query, m);
    if (weight <= best_weight) continue;
    best = m;
    best_weight = weight;
  }
  return best;
}
