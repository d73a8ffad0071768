/*
** The texts of an answer that may be its JSON, broken or not.
** In: an answer's text.  Out: candidates as strict JSON, each with what was done to get it.
** Rule 1: a value that cannot be read is passed over whole: nothing inside it is a candidate.
** Rule 2: which of them is meant, the schema says; that is not known here.
*/
#ifndef INST_WIRE_CANDIDATE_H
#define INST_WIRE_CANDIDATE_H

#include "core/json/repair.h"

#define INST_MAX_CANDIDATES 16 /* of more than so many the last count */

typedef struct inst_candidate {
  inst_str text; /* strict JSON */
  size_t size;   /* bytes it had in the answer */
  bool fenced;   /* did it stand in a fence? */
  const inst_edit *edits;
} inst_candidate;

typedef struct inst_search {
  unsigned max_depth;
  bool fence_asked;    /* was a fence asked for?  Then it is no edit, nor are words around it. */
  bool thoughts_asked; /* the same of thoughts */
} inst_search;

/* Returns how many there are, in the order of the text.  'thoughts': as inst_fence_thoughts gives
** them.  Whether memory lasted, the arena knows. */
size_t inst_candidates(inst_str answer, const inst_search *search, inst_arena *arena,
                       inst_candidate list[INST_MAX_CANDIDATES], inst_str *thoughts);

#endif
