/*
** What surrounds the JSON of an answer: thoughts, prose, fences.
** In: an answer's text.  Out: the parts of it that may be the JSON, as they stand.
** Rule: nothing is changed and nothing is read as JSON here.
*/
#ifndef INST_WIRE_FENCE_H
#define INST_WIRE_FENCE_H

#include "core/base/text.h"

#define INST_FENCE_MAX 8 /* parts looked at */

/* Takes the leading <think> and <thinking> blocks off 'text': what is left.  'thoughts' is what they
** held, p NULL where there are none.  They may begin without their tag. */
inst_str inst_fence_thoughts(inst_str text, inst_str *thoughts);

/* How long the block is that 'text' begins with, to its end or to that of the text; 0: it begins with
** none. */
size_t inst_fence_thought(inst_str text);

/* The parts of 'text' that may be JSON, the most likely first; returns how many.  A text that begins
** as JSON is the only one; else the fenced blocks are, the last of them first. */
size_t inst_fence_find(inst_str text, inst_str parts[INST_FENCE_MAX]);

/* A fenced block and what stands around it. */
typedef struct inst_fence_cut {
  inst_str before; /* the lines before it */
  inst_str block; /* between its fences, with the end of its last line; or to the end of the text */
  inst_str from; /* the block and all that follows: where its end was mistaken for a fence inside */
  inst_str behind; /* what follows its closing fence */
  char mark;       /* what the fences are made of */
} inst_fence_cut;

/* Cuts 'text' at its first fenced block.  JSON that begins on the line of the fence is part of it.
** False: there is none. */
bool inst_fence_cut_first(inst_str text, inst_fence_cut *cut);

#endif
