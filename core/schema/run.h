/*
** Runs of characters at the start of a text: sets of ASCII characters, and JavaScript's blanks.
** In: a text, a place, a set.  Out: how far the set goes on.
** Rule: no locale is asked; a byte that is not ASCII is in no set.
*/
#ifndef INST_SCHEMA_RUN_H
#define INST_SCHEMA_RUN_H

#include "core/base/text.h"

/* Sets, to be joined with |. */
enum {
  INST_DIGIT = 1,
  INST_UPPER_HEX = 2,   /* A-F */
  INST_LOWER_HEX = 4,   /* a-f */
  INST_UPPER_V = 8,     /* G-V */
  INST_LOWER_V = 16,    /* g-v */
  INST_UPPER_REST = 32, /* W-Z */
  INST_LOWER_REST = 64, /* w-z */
  INST_DASH = 128,
  INST_UNDERSCORE = 256,
  INST_UPPER = INST_UPPER_HEX | INST_UPPER_V | INST_UPPER_REST,
  INST_LOWER = INST_LOWER_HEX | INST_LOWER_V | INST_LOWER_REST,
  INST_LETTER = INST_UPPER | INST_LOWER,
  INST_ALNUM = INST_LETTER | INST_DIGIT,
  INST_HEX = INST_DIGIT | INST_UPPER_HEX | INST_LOWER_HEX
};

bool inst_run_has(unsigned set, char c);
/* Bytes of the set in 'text' from 'at' on. */
size_t inst_run(inst_str text, size_t at, unsigned set);
/* Is 'text' made of the set, and 'min' to 'max' bytes long? */
bool inst_run_is_all(inst_str text, unsigned set, size_t min, size_t max);
/* 'text' from 'at' on. */
inst_str inst_run_rest(inst_str text, size_t at);
/* The first 'c' in 'text' from 'at' on; the length of the text where there is none. */
size_t inst_run_find(inst_str text, size_t at, char c);
/* The number that 'text' spells in digits, without a needless 0 before them; -1: none, or more than
** 'max'. */
int inst_run_number(inst_str text, int max);

/* 'text' without the blanks at both ends that JavaScript's trim takes off. */
inst_str inst_run_trim(inst_str text);

#endif
