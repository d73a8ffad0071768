/*
** One value that holds no others: found in the text, or what stands for "not found".
** In: a place of the schema, the source text.  Out: a value of a type the schema takes.
*/
#ifndef SANDBOX_LEAF_H
#define SANDBOX_LEAF_H

#include "examples/sandbox/source.h"

/* Has the place neither members, nor items, nor branches to choose from? */
bool box_leaf_is(const box_shape *shape, inst_arena *arena);
/* What the text has for the place, or NULL. */
inst_value *box_leaf_find(box_source *source, const box_shape *shape, const box_query *query);
/* What to say when the text has nothing: the default, null, a member such as "other" or the first,
** "", 0, false, {}, []. */
inst_value *box_leaf_empty(const box_shape *shape, inst_arena *arena);
/* The only value the place takes, or NULL. */
const inst_value *box_leaf_constant(const box_shape *shape);
/* Everything the text has for a list of such places, appended to 'list'. */
void box_leaf_collect(box_source *source, const box_shape *shape, const box_query *query,
                      inst_value *list);

#endif
