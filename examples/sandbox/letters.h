/*
** Letters: what a character of UTF-8 is, and whether two words are the same.
** In: UTF-8 (stray bytes are taken for a mark).  Out: code points, their case, words compared.
** Rule: knows characters only; what a word means is lexicon's and words' business.
*/
#ifndef SANDBOX_LETTERS_H
#define SANDBOX_LETTERS_H

#include "core/base/text.h"

/* The code point at 'at', which is before the end; returns how many bytes it takes. */
size_t box_letter_at(inst_str text, size_t at, uint32_t *code_point);
bool box_letter_is(uint32_t c);
/* Does a name begin like this?  A capital, or a letter of a script that has no capitals. */
bool box_letter_is_capital(uint32_t c);
uint32_t box_letter_lower(uint32_t c);

/* The same letters, whatever their case. */
bool box_same_word(inst_str a, inst_str b);
/* The same word but for an ending: "student" and "students", "billing" and "billed". */
bool box_related_word(inst_str a, inst_str b);
/* Is 'word' among the words of 'list', which are parted by single blanks? */
bool box_in_list(const char *list, inst_str word);

#endif
