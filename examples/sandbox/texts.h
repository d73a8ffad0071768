/*
** Strings for fields, by what kind of text they want: a name, an address, a date, a sentence.
** In: the source text and what is looked for.  Out: the place in the text, or the text itself.
** Rule: one small function a kind, found in one table.
*/
#ifndef SANDBOX_TEXTS_H
#define SANDBOX_TEXTS_H

#include "examples/sandbox/source.h"

/* A string for 'query', or NULL when the text has none. */
inst_value *box_text_find(box_source *source, const box_query *query);
/* The name in 'span' that fits a field of 'kind' best; empty: none. */
box_span box_text_name(box_source *source, const box_query *query, box_sort sort);
/* The sort of name a field of this kind wants; BOX_SORTS: none. */
box_sort box_text_sort(box_kind kind);
/* The token at 'i' as a string for a field of its kind, dates as the format wants them; NULL: it
** does not fit. */
inst_value *box_text_of_token(box_source *source, const box_query *query, size_t i);
bool box_text_is_token(box_kind kind, const box_token *token);

#endif
