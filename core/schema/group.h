/*
** The groups of a pattern as a tree, and questions about captures.
** ECMAScript forgets what a repeated group captured at each turn, and takes no turn that matches
** nothing; PCRE2 does neither.  So what a back reference sees may differ, and what stands between
** the group and the reference decides it.
** Rule: knows groups, alternatives and counts; no syntax.
*/
#ifndef INST_SCHEMA_GROUP_H
#define INST_SCHEMA_GROUP_H

#include "core/base/text.h"

#define INST_GROUP_NONE UINT32_MAX
#define INST_SPAN_NO_LIMIT UINT32_MAX

typedef enum inst_group_kind {
  INST_GROUP_PLAIN,     /* (?:a), or the whole pattern */
  INST_GROUP_CAPTURE,   /* (a) */
  INST_GROUP_NAMED,     /* (?<n>a) */
  INST_GROUP_AHEAD,     /* (?=a) and, from here on, what asserts and takes no quantifier */
  INST_GROUP_NOT_AHEAD, /* (?!a) */
  INST_GROUP_BEHIND,    /* (?<=a) */
  INST_GROUP_NOT_BEHIND /* (?<!a) */
} inst_group_kind;

/* At least and at most: characters matched, or turns of a repeat. */
typedef struct inst_span {
  uint32_t min, max;
} inst_span;

inst_span inst_span_sum(inst_span a, inst_span b);
inst_span inst_span_product(inst_span a, inst_span b);
inst_span inst_span_union(inst_span a, inst_span b);

typedef struct inst_group {
  inst_group_kind kind;
  bool is_open;       /* its ')' has not been read */
  uint32_t parent;    /* the group it stands in; the whole pattern, 0, is its own */
  uint32_t depth;     /* groups around it */
  uint32_t arm;       /* the alternative of its parent it stands in, from 0 */
  uint32_t arms;      /* '|' read in it so far */
  uint32_t number;    /* of a capturing group, from 1 */
  inst_str name;      /* of a named one; lent by the source */
  inst_span repeat;   /* how often its quantifier repeats it */
  inst_span arm_span; /* characters of the alternative being read */
  inst_span span;     /* characters of the alternatives before it */
  size_t at;          /* its place in the source */
} inst_group;

typedef struct inst_groups {
  inst_buf list;     /* inst_group; the whole pattern first */
  inst_buf captures; /* uint32_t: the index of each capturing group */
} inst_groups;

void inst_groups_init(inst_groups *groups, inst_alloc alloc);
void inst_groups_clear(inst_groups *groups);

/* Appends 'group', numbering it if it captures.  False: no memory. */
bool inst_groups_add(inst_groups *groups, inst_group group);

uint32_t inst_groups_count(const inst_groups *groups);
inst_group *inst_groups_get(const inst_groups *groups, uint32_t index); /* until the next add */
uint32_t inst_groups_find(const inst_groups *groups, inst_str name);    /* or INST_GROUP_NONE */
uint32_t inst_groups_find_number(const inst_groups *groups, uint32_t number); /* the same */

bool inst_group_is_behind(const inst_group *group);
bool inst_groups_is_behind(const inst_groups *groups, uint32_t index); /* or inside a lookbehind? */

/* Where a back reference and its group meet. */
typedef struct inst_meeting {
  uint32_t group; /* what is referred to */
  uint32_t at;    /* the innermost group both stand in */
  uint32_t side;  /* the child of 'at' that is 'group' or holds it */
} inst_meeting;

/* Finds where 'group' meets a reference that stands behind it, in the alternative of 'index' being
** read.  False: no match ever comes from 'group' to there with its capture kept, so that the
** reference matches nothing: 'group' is unknown or open, stands in another alternative, or in a
** negative lookaround. */
bool inst_groups_meet(const inst_groups *groups, uint32_t group, uint32_t index,
                      inst_meeting *meeting);

/* Do ECMAScript and PCRE2 always see the same capture at the reference?  Asked at the end, when
** all quantifiers are known. */
bool inst_groups_agree(const inst_groups *groups, const inst_meeting *meeting);

#endif
