/*
** A text as a row of tokens, and the ways to walk it.
** In: tokens.  Out: what stands where, and where sentences end.
** Rule 1: a token is one thing a field may want whole: "1,250.50", "17 May 2024", "thirty-one".
** Rule 2: says what stands there, not what it is good for.
*/
#ifndef SANDBOX_TOKEN_H
#define SANDBOX_TOKEN_H

#include "examples/sandbox/lexicon.h"

typedef enum box_token_kind {
  BOX_WORD,
  BOX_NUMBER,
  BOX_EMAIL,
  BOX_URL,
  BOX_DATE,
  BOX_CLOCK, /* a time of day */
  BOX_PHONE,
  BOX_CODE, /* letters and digits mixed: an order number, a UUID */
  BOX_MARK, /* one character that is none of these */
  BOX_BREAK /* the end of a line */
} box_token_kind;

typedef struct box_token {
  inst_str text;            /* as it stands in the source */
  uint8_t kind;             /* box_token_kind */
  bool capital;             /* WORD: begins as a name does */
  bool first;               /* opens a sentence */
  bool glued;               /* no blank before it */
  bool bare;                /* NUMBER: stands where an age stands: "Zoe is 41", "Zoe, 41," */
  uint8_t unit;             /* NUMBER: box_unit */
  unsigned bits;            /* WORD: box_word_bit */
  unsigned owner;           /* the object whose field took it, or 0 */
  double number;            /* NUMBER */
  int year, month, day;     /* DATE; 0: not said */
  int hour, minute, second; /* CLOCK, and a DATE with one; hour -1: not said */
} box_token;

typedef struct box_words {
  inst_str text;
  box_token *tokens;
  size_t count;
} box_words;

/* The tokens from 'from' up to, but not with, 'to'. */
typedef struct box_span {
  size_t from, to;
} box_span;

box_span box_words_all(const box_words *words);
/* The source text from the first token of 'span' to its last. */
inst_str box_words_text(const box_words *words, box_span span);
bool box_token_is_mark(const box_token *token, const char *marks); /* any of these characters */
bool box_token_is_word(const box_token *token, const char *list);  /* any of these words */
bool box_token_has(const box_token *token, unsigned bits);         /* a WORD with one of 'bits' */
/* The token at 'i' when that is inside 'span', else one that is nothing. */
const box_token *box_words_at(const box_words *words, box_span span, size_t i);
/* Does a sentence end with the token at 'i'? */
bool box_words_ends(const box_words *words, size_t i);
/* Cuts the next sentence off the front of 'rest'.  False: there is none. */
bool box_words_sentence(const box_words *words, box_span *rest, box_span *sentence);

#endif
