/*
** The user's text, read once, and who has taken what of it.
** In: text.  Out: its tokens and names; how close two places are; marks of what a field took.
** Rule: every look at a place costs one of a fixed number, so no schema can make it look for ever.
*/
#ifndef SANDBOX_SOURCE_H
#define SANDBOX_SOURCE_H

#include "examples/sandbox/field.h"
#include "examples/sandbox/names.h"
#include "examples/sandbox/words.h"

#define BOX_SOURCE_BYTES (16u << 10)  /* of the user's text that are read */
#define BOX_SOURCE_LOOKS 300000u      /* places looked at for one answer */
#define BOX_ANSWER_BYTES (256u << 10) /* of text that one answer quotes */

typedef struct box_source {
  box_words words;
  box_runs runs;
  inst_arena *arena;
  size_t *taken; /* tokens that have an owner, in the order they got it */
  size_t taken_count;
  size_t looks; /* still allowed */
  size_t bytes; /* of text still allowed */
} box_source;

/* How far a field may go to be filled. */
typedef enum box_level {
  BOX_ONLY_SURE, /* the text says so */
  BOX_LIKELY,    /* it fits the field's kind */
  BOX_ANYTHING   /* whatever is left: the field has to be filled */
} box_level;

/* What is looked for, where, and by whom. */
typedef struct box_query {
  const box_field *field;
  box_span span;
  unsigned owner; /* the object asking, from 1 */
  box_level level;
} box_query;

/* Reads the first BOX_SOURCE_BYTES of 'text' (kept).  False: memory is out. */
bool box_source_read(box_source *source, inst_str text, inst_arena *arena);
void box_source_take(box_source *source, box_span span, unsigned owner);
/* Undoes every taking since 'count' was taken_count. */
void box_source_undo(box_source *source, size_t count);
bool box_source_is_free(const box_source *source, box_span span);
/* Pays for looking through so many tokens.  False: nothing may be looked at any more. */
bool box_source_spend(box_source *source, size_t tokens);
/* A string of the source text; what is past the allowance becomes empty. */
inst_value *box_source_string(box_source *source, inst_str text);

/* How close 'thing' stands to a word of the field's name, or to a word like it; 0: nowhere near. */
int box_source_closeness(box_source *source, const box_query *query, box_span thing);
/* Is the word at 'i' turned round: "is not a student"? */
bool box_source_is_denied(const box_source *source, box_span span, size_t i);
/* What follows a label with the field's name, "Colour: dark red"; empty: there is none. */
box_span box_source_labelled(const box_source *source, const box_query *query);
/* The text between the first pair of quotes; empty: there is none. */
box_span box_source_quoted(const box_source *source, box_span span);

#endif
