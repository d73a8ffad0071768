/*
** The tree of groups: a list in which each group knows its parent.
** All walks go from a group up to its parents, so none is longer than groups may nest.
*/
#include "core/schema/group.h"

#define NO_LIMIT INST_SPAN_NO_LIMIT

/* ---- spans ----------------------------------------------------------------------------------- */

/* Both stop at NO_LIMIT. */
static uint32_t sum(uint32_t a, uint32_t b) {
  return a > NO_LIMIT - b ? NO_LIMIT : a + b;
}

static uint32_t product(uint32_t a, uint32_t b) {
  uint64_t n = (uint64_t)a * b;
  return n < NO_LIMIT ? (uint32_t)n : NO_LIMIT;
}

inst_span inst_span_sum(inst_span a, inst_span b) {
  return (inst_span){sum(a.min, b.min), sum(a.max, b.max)};
}

inst_span inst_span_product(inst_span a, inst_span b) {
  return (inst_span){product(a.min, b.min), product(a.max, b.max)};
}

inst_span inst_span_union(inst_span a, inst_span b) {
  return (inst_span){a.min < b.min ? a.min : b.min, a.max > b.max ? a.max : b.max};
}

/* ---- the list -------------------------------------------------------------------------------- */

void inst_groups_init(inst_groups *groups, inst_alloc alloc) {
  inst_buf_init(&groups->list, alloc);
  inst_buf_init(&groups->captures, alloc);
}

void inst_groups_clear(inst_groups *groups) {
  inst_buf_clear(&groups->list);
  inst_buf_clear(&groups->captures);
}

uint32_t inst_groups_count(const inst_groups *groups) {
  return (uint32_t)(groups->list.n / sizeof(inst_group));
}

static uint32_t captures(const inst_groups *groups) {
  return (uint32_t)(groups->captures.n / sizeof(uint32_t));
}

inst_group *inst_groups_get(const inst_groups *groups, uint32_t index) {
  return (inst_group *)(void *)groups->list.p + index;
}

bool inst_groups_add(inst_groups *groups, inst_group group) {
  uint32_t index = inst_groups_count(groups);
  if (group.kind == INST_GROUP_CAPTURE || group.kind == INST_GROUP_NAMED) {
    group.number = captures(groups) + 1;
    inst_buf_add(&groups->captures, (inst_str){(const char *)&index, sizeof index});
  }
  inst_buf_add(&groups->list, (inst_str){(const char *)&group, sizeof group});
  return !groups->list.failed && !groups->captures.failed;
}

uint32_t inst_groups_find(const inst_groups *groups, inst_str name) {
  for (uint32_t i = 0; i < inst_groups_count(groups); i++) {
    const inst_group *group = inst_groups_get(groups, i);
    if (group->kind == INST_GROUP_NAMED && inst_str_is(group->name, name)) return i;
  }
  return INST_GROUP_NONE;
}

uint32_t inst_groups_find_number(const inst_groups *groups, uint32_t number) {
  if (number == 0 || number > captures(groups)) return INST_GROUP_NONE;
  return ((const uint32_t *)(const void *)groups->captures.p)[number - 1];
}

/* ---- questions ------------------------------------------------------------------------------- */

static uint32_t parent_of(const inst_groups *groups, uint32_t index) {
  return inst_groups_get(groups, index)->parent;
}

bool inst_group_is_behind(const inst_group *group) {
  return group->kind == INST_GROUP_BEHIND || group->kind == INST_GROUP_NOT_BEHIND;
}

bool inst_groups_is_behind(const inst_groups *groups, uint32_t index) {
  while (index != 0 && !inst_group_is_behind(inst_groups_get(groups, index)))
    index = parent_of(groups, index);
  return index != 0;
}

static bool is_negative(const inst_group *group) {
  return group->kind == INST_GROUP_NOT_AHEAD || group->kind == INST_GROUP_NOT_BEHIND;
}

/* Climbs from both sides, the deeper first, until one's parent is the other. */
bool inst_groups_meet(const inst_groups *groups, uint32_t group, uint32_t index,
                      inst_meeting *meeting) {
  if (group == INST_GROUP_NONE || inst_groups_get(groups, group)->is_open) return false;
  uint32_t side = group, arm = inst_groups_get(groups, index)->arms;
  for (;;) {
    const inst_group *below = inst_groups_get(groups, side);
    const inst_group *here = inst_groups_get(groups, index);
    if (is_negative(below)) return false;
    if (below->parent == index) {
      *meeting = (inst_meeting){group, index, side};
      return below->arm == arm;
    }
    if (inst_groups_get(groups, below->parent)->depth > here->depth) {
      side = below->parent;
    } else {
      arm = here->arm;
      index = here->parent;
    }
  }
}

/* Can a turn of this repeat match nothing and be the last? */
static bool has_empty_turn(const inst_group *group) {
  return group->span.min == 0 && group->repeat.max > group->repeat.min;
}

/* Does a repeat inside 'outer' have empty turns?  What a group holds follows it in the list. */
static bool holds_empty_turn(const inst_groups *groups, uint32_t outer) {
  uint32_t depth = inst_groups_get(groups, outer)->depth;
  for (uint32_t i = outer + 1; i < inst_groups_count(groups); i++) {
    const inst_group *group = inst_groups_get(groups, i);
    if (group->depth <= depth) return false;
    if (has_empty_turn(group)) return true;
  }
  return false;
}

/* What lies between a capturing group and one of the groups around it. */
struct path {
  bool may_skip;  /* a turn of the outer group may pass the capturing one by */
  bool is_looped; /* there is a repeat of more than one turn */
  bool is_looked; /* there is a lookaround */
};

/* Takes the group with 'index' into the path.  False: the two do not agree, whatever stands
** further out. */
static bool extend(struct path *path, const inst_groups *groups, uint32_t index,
                   bool is_innermost) {
  const inst_group *group = inst_groups_get(groups, index);
  bool is_loop = group->repeat.max > 1;
  if (!is_innermost && group->arms > 0) path->may_skip = true;
  if (is_loop && path->may_skip) return false; /* PCRE2 keeps the capture of an earlier turn */
  if (group->kind >= INST_GROUP_AHEAD) {
    path->is_looked = true; /* of what it may capture, the first that fits is taken for good: */
    if (holds_empty_turn(groups, index)) return false; /* an order that empty turns change */
  }
  if (has_empty_turn(group) && (is_loop || path->is_looked))
    return false; /* PCRE2 lets such a turn capture */
  if (inst_group_is_behind(group) && path->is_looped)
    return false; /* ECMAScript takes the turns from the right to the left there */
  path->is_looped = path->is_looped || is_loop;
  path->may_skip = path->may_skip || group->repeat.min == 0;
  return true;
}

bool inst_groups_agree(const inst_groups *groups, const inst_meeting *meeting) {
  struct path path = {false, false, false};
  uint32_t index = meeting->group;
  while (extend(&path, groups, index, index == meeting->group)) {
    if (index != meeting->side) {
      index = parent_of(groups, index);
      continue;
    }
    /* A skipped group may show the capture of an earlier turn of what holds both. */
    index = meeting->at;
    while (index != 0 && inst_groups_get(groups, index)->repeat.max <= 1)
      index = parent_of(groups, index);
    return !path.may_skip || index == 0;
  }
  return false;
}
