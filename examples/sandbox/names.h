/*
** Names in a text: runs of capitalised words, and how much each looks like a person, a place or an
** organisation.
** In: tokens.  Out: the runs in order, each with three scores.
** Rule: judges a run by its own words and its neighbours alone, never by what the schema wants.
*/
#ifndef SANDBOX_NAMES_H
#define SANDBOX_NAMES_H

#include "core/base/memory.h"
#include "examples/sandbox/token.h"

typedef enum box_sort {
  BOX_PERSON,
  BOX_SITE, /* a town, a country */
  BOX_FIRM, /* an employer, a school */
  BOX_SORTS
} box_sort;

#define BOX_SURE 15 /* a score from which the text itself says so */

typedef struct box_run {
  box_span span;        /* without a title at its front */
  int score[BOX_SORTS]; /* below 0: not this */
  bool after_site;      /* "Norway" in "Oslo, Norway" */
} box_run;

typedef struct box_runs {
  box_run *runs;
  size_t count;
} box_runs;

/* False: memory is out. */
bool box_runs_find(box_runs *runs, const box_words *words, inst_arena *arena);
/* Is the run a name of this sort rather than of another? */
bool box_run_is(const box_run *run, box_sort sort);
/* A person's name written without capitals ("my friend zoe park is 41") in 'span', of words nobody
** has taken; empty: none. */
box_span box_runs_lower(const box_words *words, box_span span);

#endif
