/*
** A text cut into words, numbers, addresses, dates and marks.
** In: UTF-8.  Out: an array of tokens that point into the text.
** Rule: the longest thing that can stand at a place stands there; see the row of readers.
*/
#ifndef SANDBOX_WORDS_H
#define SANDBOX_WORDS_H

#include "core/base/memory.h"
#include "examples/sandbox/token.h"

/* Cuts 'text' (kept) into tokens, numbers and dates read.  False: memory is out. */
bool box_words_read(box_words *words, inst_str text, inst_arena *arena);

#endif
