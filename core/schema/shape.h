/*
** Which node of a schema a value that is still arriving belongs to.
** In: a node, a part of a value.  Out: the node of that part, where there is no doubt.
** Rule: what is not certain yet is "no node": nothing is said about such a value.
*/
#ifndef INST_SCHEMA_SHAPE_H
#define INST_SCHEMA_SHAPE_H

#include "core/schema/tree.h"

/* The node of the member of that key, or (key.p NULL) of the item of that index, of 'list', which
** belongs to 'node'.  0: it is not known, or not yet. */
inst_node inst_shape_part(const inst_schema *schema, inst_node node, const inst_value *list,
                          inst_segment at);
/* Is a text of that node all or nothing: one of a few words? */
bool inst_shape_is_choice(const inst_schema *schema, inst_node node);
/* Has the node, or a wrapper around its kind, that trait? */
bool inst_shape_has(const inst_schema *schema, inst_node node, inst_trait trait);
/* Must every part of a value of that node fit, for the value to fit? */
bool inst_shape_is_strict(const inst_schema *schema, inst_node node);
/* The fields that 'object', which belongs to 'node', must not be shown without, one after the other:
** the first behind 'field' (NULL: of all).  NULL: there is none left. */
const inst_field *inst_shape_required(const inst_schema *schema, inst_node node,
                                      const inst_value *object, const inst_field *field);

#endif
