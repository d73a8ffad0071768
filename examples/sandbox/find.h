/*
** One value for one field: a number, a yes or no, a member of an enumeration, a string.
** In: the source text and what is looked for.  Out: a value, or NULL when the text has none.
** Rule: what a field got is marked as taken, so that the next field looks elsewhere.
*/
#ifndef SANDBOX_FIND_H
#define SANDBOX_FIND_H

#include "examples/sandbox/source.h"

inst_value *box_find_number(box_source *source, const box_query *query);
/* Where the best number stands that is not taken, or SIZE_MAX. */
size_t box_find_number_place(box_source *source, const box_query *query);
inst_value *box_find_flag(box_source *source, const box_query *query);
/* The member of 'members' (an array) the text speaks of most. */
const inst_value *box_find_member(box_source *source, const box_query *query,
                                  const inst_value *members);
/* How much the text speaks of 'member'; 0: not at all. */
int box_find_weight(box_source *source, const box_query *query, const inst_value *member);
/* Does the text name 'member' at 'i'? */
bool box_find_is_at(const box_source *source, box_span span, size_t i, inst_str member);

#endif
