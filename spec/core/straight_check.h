/*
** A text the straight way and the long way, which must agree: a straight "yes" is the parse's "yes",
** with the same value.
** In: a finished schema, a text.  Out: did the straight way say yes?
*/
#ifndef SPEC_CORE_STRAIGHT_CHECK_H
#define SPEC_CORE_STRAIGHT_CHECK_H

#include "spec/core/check.h"
#include "spec/core/marks.h"

#include "core/schema/tree.h"

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
