/*
** Numbers in a text: "1,250.50", "thirty-one", "2.5k", and what they count.
** In: text, or tokens.  Out: values and units.
** Rule: one token in, one token out, or several joined to the first.
*/
#ifndef SANDBOX_NUMBERS_H
#define SANDBOX_NUMBERS_H

#include "examples/sandbox/token.h"

/* Reads the number at 'at' into 'token'; returns how many bytes it takes, or 0. */
size_t box_number_read(inst_str text, size_t at, box_token *token);
/* Joins spelled numbers ("one hundred and five", "3 million") and finds the unit of each. */
void box_numbers_join(box_words *words);
void box_numbers_weigh(box_words *words);

#endif
