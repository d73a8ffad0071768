/*
** Several things in one text: the parts that each describe one object, the items of a list.
** In: the source text and where to look.  Out: spans, in the order of the text.
** Rule: cuts only; what a part holds is for others to find.
*/
#ifndef SANDBOX_LISTS_H
#define SANDBOX_LISTS_H

#include "examples/sandbox/source.h"

#define BOX_MOST_PARTS 200 /* of one list */

typedef struct box_parts {
  box_span *spans;
  box_span *keys; /* of pairs: what names each part */
  size_t count;
} box_parts;

/* All three: false when memory is out. */

/* One part for each name of 'sort' (BOX_SORTS: none is looked for); else for each clause that holds
** a number, if 'numbers'; else for each sentence. */
bool box_parts_objects(box_source *source, box_span span, box_sort sort, bool numbers,
                       box_parts *parts);
/* "Zoe is 41, Max is 12" and "apples: 3, pears: 4": a key and the rest of each part. */
bool box_parts_pairs(box_source *source, box_span span, box_parts *parts);
/* The strings a list field wants. */
bool box_parts_strings(box_source *source, const box_query *query, box_parts *parts);

#endif
