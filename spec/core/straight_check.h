/*
** A text the straight way and the long way, which must agree: a straight "yes" is the parse's "yes",
** with the same value.
** In: a finished schema, a text.  Out: did the straight way say yes?
*/
#ifndef SPEC_CORE_STRAIGHT_CHECK_H
#define SPEC_CORE_STRAIGHT_CHECK_H

#include "spec/core/check.h"

#include "core/schema/tree.h"

/* ---- marks as values ------------------------------------------------------------------------- */

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

/* What the long way makes of a text; NULL: it does not fit. */
static inline const inst_value *the_long_way(inst_arena *arena, const inst_schema *schema,
                                             inst_str text) {
  inst_error error;
  inst_value *value = inst_json_parse(arena, text, INST_MAX_DEPTH, &error);
  if (value == NULL) return NULL;
  inst_parse *parse = inst_parse_new(schema, value, NULL, arena);
  if (parse == NULL || inst_parse_next(parse) != INST_PARSE_VALID) return NULL;
  return inst_parse_value(parse);
}

/* Reads 'text' both ways and compares.  True: the straight way went to the end. */
static inline bool check_straight_at(inst_straight *s, const inst_schema *schema, inst_str text,
                                     int line) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  char *copy = malloc(text.n + 1); /* exactly as large as it is */
  memcpy(copy, text.p, text.n);
  inst_str exact = {realloc(copy, text.n > 0 ? text.n : 1), text.n};
  const inst_mark *marks = inst_straight_read(s, exact, false);
  if (marks != NULL) {
    const inst_value *straight = marked(arena, s, &marks);
    const inst_value *wanted = the_long_way(arena, schema, exact);
    if (!is_the_same(straight, wanted))
      fail_msg("line %d: %.*s: %s", line, (int)text.n, text.p, inst_json_text(arena, straight).p);
  }
  inst_straight_done(s);
  free((char *)exact.p);
  inst_arena_free(arena);
  return marks != NULL;
}

/* The same with a reader that is made for it; one of no plain schema goes no way. */
static inline void check_both_ways_at(const inst_schema *schema, inst_str text, int line) {
  inst_error error;
  inst_straight *s = inst_straight_new(schema, (inst_alloc){NULL, NULL}, &error);
  if (s == NULL) return;
  check_straight_at(s, schema, text, line);
  inst_straight_free(s);
}

#define check_straight(s, schema, text) check_straight_at((s), (schema), (text), __LINE__)

#endif
