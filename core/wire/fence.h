/*
** What surrounds the JSON of an answer: thoughts, prose, fences.
** In: an answer's text.  Out: the parts of it that may be the JSON, as they stand.
** Rule: nothing is changed and nothing is read as JSON here.
*/
#ifndef INST_WIRE_FENCE_H
#define INST_WIRE_FENCE_H

#include "core/base/text.h"

#define INST_FENCE_MAX 8 /* parts looked at */

/* Takes a leading <think> or <thinking> block off 'text': what is left.  'thoughts' is what it held,
** p NULL where there is none. */
inst_str inst_fence_thoughts(inst_str text, inst_str *thoughts);

/* The parts of 'text' that may be JSON, the most likely first; returns how many.  A text that begins
** as JSON is the only one; else the fenced blocks are, the last of them first. */
size_t inst_fence_find(inst_str text, inst_str parts[INST_FENCE_MAX]);

#endif
