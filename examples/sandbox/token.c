/*
** Walking tokens.
** A place outside the span asked for is a token that is nothing, so that looking one or two places
** ahead needs no test of the end.
*/
#include "examples/sandbox/token.h"

box_span box_words_all(const box_words *words) {
  return (box_span){0, words->count};
}

inst_str box_words_text(const box_words *words, box_span span) {
  if (span.from >= span.to) return (inst_str){"", 0};
  inst_str first = words->tokens[span.from].text, last = words->tokens[span.to - 1].text;
  return (inst_str){first.p, (size_t)(last.p + last.n - first.p)};
}

bool box_token_is_mark(const box_token *token, const char *marks) {
  if (token->kind != BOX_MARK) return false;
  inst_str all = inst_str_of(marks), mark = token->text;
  for (size_t i = 0; i + mark.n <= all.n; i++) {
    if (memcmp(all.p + i, mark.p, mark.n) == 0) return true;
  }
  return false;
}

bool box_token_is_word(const box_token *token, const char *list) {
  return token->kind == BOX_WORD && box_in_list(list, token->text);
}

bool box_token_has(const box_token *token, unsigned bits) {
  return token->kind == BOX_WORD && (token->bits & bits) != 0;
}

const box_token *box_words_at(const box_words *words, box_span span, size_t i) {
  static const box_token nothing = {.kind = BOX_BREAK, .text = {"", 0}};
  return i >= span.from && i < span.to ? &words->tokens[i] : &nothing;
}

/* Is the dot at 'i' part of what stands before it: "Dr.", "J."? */
static bool is_abbreviation(const box_words *words, size_t i) {
  if (i == 0 || i + 1 == words->count || !words->tokens[i].glued) return false;
  const box_token *word = &words->tokens[i - 1];
  if (word->kind != BOX_WORD) return false;
  if (word->text.n == 1 || (word->bits & BOX_TITLE) != 0) return true; /* a name follows */
  return (word->bits & BOX_SHORT) != 0 && !words->tokens[i + 1].capital;
}

bool box_words_ends(const box_words *words, size_t i) {
  const box_token *token = &words->tokens[i];
  if (token->kind == BOX_BREAK) return true;
  if (box_token_is_mark(token, "!?…。！？")) return true;
  if (!box_token_is_mark(token, ".") || is_abbreviation(words, i)) return false;
  if (i + 1 == words->count || !words->tokens[i + 1].glued) return true;
  return box_token_is_mark(&words->tokens[i + 1], "\"”’»)");
}

bool box_words_sentence(const box_words *words, box_span *rest, box_span *sentence) {
  while (rest->from < rest->to && words->tokens[rest->from].kind == BOX_BREAK) rest->from++;
  if (rest->from >= rest->to) return false;
  size_t i = rest->from;
  while (i < rest->to && !box_words_ends(words, i)) i++;
  bool mark = i < rest->to && words->tokens[i].kind != BOX_BREAK;
  *sentence = (box_span){rest->from, mark ? i + 1 : i};
  rest->from = i < rest->to ? i + 1 : i;
  return true;
}
