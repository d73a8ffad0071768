/*
** The marks of the straight way as the value they say.
** In: the first of the marks.  Out: a value, of whose sameness with another nothing is forgiven.
*/
#ifndef SPEC_CORE_MARKS_H
#define SPEC_CORE_MARKS_H

#include "core/json/value.h"

/* ---- marks as values ------------------------------------------------------------------------- */

/* The value that begins at '*at', which is passed. */
static inline inst_value *marked(inst_arena *arena, const inst_straight *s, const inst_mark **at);

static inline inst_value *marked_array(inst_arena *arena, const inst_straight *s,
                                       const inst_mark **at) {
  inst_value *array = inst_array(arena);
  for (uint32_t n = (*at)++->n; n > 0; n--) inst_push(array, marked(arena, s, at));
  return array;
}

/* Of members with one key the last one counts. */
static inline inst_value *marked_object(inst_arena *arena, const inst_straight *s,
                                        const inst_mark **at) {
  inst_value *object = inst_object(arena);
  for (uint32_t n = (*at)++->n; n > 0; n--) {
    bool is_field = (*at)->kind != INST_MARK_KEY;
    inst_str key = is_field ? inst_straight_name(s, (*at)->name) : (inst_str){(*at)->u.p, (*at)->n};
    if (!is_field) ++*at;
    inst_value *member = marked(arena, s, at);
    if (member != NULL) member->is_field = is_field;
    inst_replace(arena, object, key, member);
  }
  return object;
}

static inline inst_value *marked(inst_arena *arena, const inst_straight *s, const inst_mark **at) {
  const inst_mark *mark = *at;
  if (mark->kind == INST_MARK_ARRAY) return marked_array(arena, s, at);
  if (mark->kind == INST_MARK_OBJECT) return marked_object(arena, s, at);
  ++*at;
  switch (mark->kind) {
  case INST_MARK_NULL: return inst_null(arena);
  case INST_MARK_FALSE: return inst_bool(arena, false);
  case INST_MARK_TRUE: return inst_bool(arena, true);
  case INST_MARK_INT: return inst_int(arena, mark->u.i);
  case INST_MARK_REAL: return inst_real(arena, mark->u.d);
  case INST_MARK_STRING: return inst_string(arena, (inst_str){mark->u.p, mark->n});
  case INST_MARK_NAME: return inst_string(arena, inst_straight_name(s, mark->n));
  default: return inst_value_copy(arena, mark->u.v);
  }
}

/* ---- the same to the bit --------------------------------------------------------------------- */

static inline bool is_the_same(const inst_value *a, const inst_value *b) {
  if (a == NULL || b == NULL || a->kind != b->kind || a->is_field != b->is_field) return false;
  if (a->kind == INST_REAL) return memcmp(&a->u.d, &b->u.d, sizeof a->u.d) == 0;
  if (a->kind != INST_ARRAY && a->kind != INST_OBJECT) return inst_value_equal(a, b);
  if (inst_value_count(a) != inst_value_count(b)) return false;
  const inst_value *other = inst_value_first(b);
  for (const inst_value *v = inst_value_first(a); v != NULL; v = inst_value_next(v)) {
    if (a->kind == INST_OBJECT) other = inst_value_find(b, inst_value_key(v));
    if (!is_the_same(v, other)) return false;
    other = inst_value_next(other);
  }
  return true;
}

#endif
