/*
** The names of Unicode properties: ECMAScript's in, PCRE2's out.
** Also says what becomes of a property when case is ignored: ECMAScript then takes a character in
** if it folds to one that has the property, PCRE2 does not.
*/
#ifndef INST_SCHEMA_PROPERTY_H
#define INST_SCHEMA_PROPERTY_H

#include "core/base/text.h"

typedef struct inst_property {
  const char *prefix; /* what PCRE2 wants before the name: "sc:", "scx:" or "" */
  inst_str name;      /* PCRE2's name */
  bool is_negated;    /* ours is the opposite of PCRE2's */
  const char *fold;   /* class items: characters that fold across the property's border; "" none;
                      ** NULL: too many to write down */
} inst_property;

/* 'text' is what stands between the braces of \p{...}.  A script's name is passed on unseen. */
bool inst_property_find(inst_str text, inst_property *found);

#endif
