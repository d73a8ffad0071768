/*
** The English the rules know: which words are no names, which tell numbers, units and months, and
** which words mean nearly the same.
** In: a word.  Out: what it is good for.
** Rule: data and look-ups only; everything is compared without regard to case.
*/
#ifndef SANDBOX_LEXICON_H
#define SANDBOX_LEXICON_H

#include "examples/sandbox/letters.h"

typedef enum box_word_bit {
  BOX_HARD = 1 << 0,     /* a function word: never part of a name */
  BOX_SOFT = 1 << 1,     /* opens sentences and labels: no name where it stands first */
  BOX_GIVEN = 1 << 2,    /* may be a given name all the same: Will, May, April */
  BOX_TITLE = 1 << 3,    /* before a name: Dr., Mrs., Captain */
  BOX_PARTICLE = 1 << 4, /* inside a name: van, de, of */
  BOX_BE = 1 << 5,       /* "Zoe is 41": is, was, turned, aged */
  BOX_VERB = 1 << 6,     /* other words that follow a person's name: has, lives, who */
  BOX_PLACE = 1 << 7,    /* before a place: in, from, near */
  BOX_WORK = 1 << 8,     /* with "at" or "for" before an employer: works, joined */
  BOX_NOT = 1 << 9,      /* turns the meaning round */
  BOX_MONTH = 1 << 10,
  BOX_DAY = 1 << 11,    /* a day of the week */
  BOX_PEOPLE = 1 << 12, /* a nation's adjective or a language: Norwegian, Lua */
  BOX_COUNTRY = 1 << 13,
  BOX_COMPANY = 1 << 14, /* part of an organisation's name: Inc, University */
  BOX_SHORT = 1 << 15,   /* an abbreviation: a dot behind it ends no sentence */
  BOX_INTRO = 1 << 16    /* announces a name: named, called, meet */
} box_word_bit;

unsigned box_lexicon_bits(inst_str word);
/* The value of a spelled number ("forty-one", "hundred"), or -1. */
double box_lexicon_number(inst_str word);
int box_lexicon_month(inst_str word); /* 1 to 12, or 0 */

/* What a number counts. */
typedef enum box_unit {
  BOX_NO_UNIT,
  BOX_AGE,   /* years old */
  BOX_YEARS, /* years: an age, or a length of time */
  BOX_MONEY,
  BOX_PERCENT,
  BOX_LENGTH,
  BOX_WEIGHT,
  BOX_TIME,  /* minutes, hours, days */
  BOX_HEAT,  /* degrees */
  BOX_STARS, /* stars, points, "out of" */
  BOX_YEAR,  /* the number of a year */
  BOX_RANK   /* first, 2nd */
} box_unit;

box_unit box_lexicon_unit(inst_str word);
/* Words that speak of the same thing as 'word', parted by blanks; "" if none are known. */
const char *box_lexicon_related(inst_str word);
/* The code of a currency named by a sign or a word, or p NULL. */
inst_str box_lexicon_currency(inst_str word);

#endif
