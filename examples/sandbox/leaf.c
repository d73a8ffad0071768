/*
** Leaves: members of an enumeration before types, sure types before likely ones.
*/
#include "examples/sandbox/leaf.h"

#include "core/base/number.h"
#include "examples/sandbox/find.h"
#include "examples/sandbox/lists.h"
#include "examples/sandbox/texts.h"

#define LONGEST_PADDING 1000 /* bytes put in where a string must not be short */

/* The values the place is one of, or NULL. */
static inst_value *members_of(const box_shape *shape, inst_arena *arena) {
  inst_value *members = inst_array(arena);
  return members != NULL && box_shape_members(shape, arena, members) ? members : NULL;
}

bool box_leaf_is(const box_shape *shape, inst_arena *arena) {
  if ((shape->types & (BOX_T_OBJECT | BOX_T_ARRAY)) != 0) return false;
  return shape->choice == NULL || members_of(shape, arena) != NULL;
}

const inst_value *box_leaf_constant(const box_shape *shape) {
  const inst_value *constant = box_shape_get(shape, "const"), *list = box_shape_get(shape, "enum");
  if (constant != NULL) return constant;
  bool single =
      list != NULL && inst_value_kind_of(list) == INST_ARRAY && inst_value_count(list) == 1;
  return single ? inst_value_first(list) : NULL;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* How many bytes of 'text' its first 'count' characters take. */
static size_t span_of(inst_str text, double count) {
  size_t at = 0;
  uint32_t c;
  while (at < text.n && count >= 1) {
    at += box_letter_at(text, at, &c);
    count--;
  }
  return at;
}

/* The string within the lengths the schema sets; NULL: it is too short. */
static inst_value *within_length(const box_shape *shape, inst_arena *arena, inst_value *v) {
  if (v == NULL || inst_value_kind_of(v) != INST_STRING) return v;
  inst_str text = inst_value_text(v);
  double least = box_shape_number(shape, "minLength", 0);
  double most = box_shape_number(shape, "maxLength", 1e9);
  if ((double)inst_utf8_count(text) < least) return NULL;
  size_t n = span_of(text, most);
  return n < text.n ? inst_string(arena, (inst_str){text.p, n}) : v;
}

static inst_value *find_text(box_source *source, const box_shape *shape, const box_query *query) {
  size_t taken = source->taken_count;
  inst_value *v = within_length(shape, source->arena, box_text_find(source, query));
  if (v == NULL) box_source_undo(source, taken);
  return v;
}

inst_value *box_leaf_find(box_source *source, const box_shape *shape, const box_query *query) {
  const unsigned number = BOX_T_NUMBER | BOX_T_INTEGER;
  unsigned types = shape->types;
  inst_value *v = NULL, *members = members_of(shape, source->arena);
  if (!box_source_spend(source, query->span.to - query->span.from)) return NULL;
  if (members != NULL) {
    const inst_value *member = box_find_member(source, query, members);
    return member != NULL ? inst_value_alias(source->arena, member) : NULL;
  }
  if (types == 0 && !shape->nullable) types = BOX_T_STRING;
  if ((types & BOX_T_BOOLEAN) != 0) v = box_find_flag(source, query);
  bool either = (types & number) != 0 && (types & BOX_T_STRING) != 0;
  box_query sure = *query;
  if (either) sure.level = BOX_ONLY_SURE; /* the text before a number that is only likely */
  if (v == NULL && (types & number) != 0) v = box_find_number(source, &sure);
  if (v == NULL && (types & BOX_T_STRING) != 0) v = find_text(source, shape, query);
  if (v == NULL && either) v = box_find_number(source, query);
  return v;
}

/* ---- finding nothing ------------------------------------------------------------------------- */

/* 0, or the number nearest to it that the bounds allow. */
static inst_value *empty_number(const box_shape *shape, inst_arena *arena) {
  box_field bounds;
  int64_t whole;
  box_field_read(&bounds, NULL, (inst_str){"", 0}, shape);
  double d = bounds.least > 0 ? bounds.least : bounds.most < 0 ? bounds.most : 0;
  return inst_number_is_int(d, &whole) ? inst_int(arena, whole) : inst_real(arena, d);
}

/* "", or "unknown" as often as the schema wants characters. */
static inst_value *empty_text(const box_shape *shape, inst_arena *arena) {
  static const char unknown[] = "unknown ";
  double least = box_shape_number(shape, "minLength", 0);
  char text[LONGEST_PADDING];
  size_t n = 0;
  if (least < 1) return inst_string(arena, (inst_str){"", 0});
  while (n < sizeof text && ((double)n < least || n < sizeof unknown - 2)) {
    text[n] = unknown[n % (sizeof unknown - 1)];
    n++;
  }
  double most = box_shape_number(shape, "maxLength", LONGEST_PADDING);
  if ((double)n > most) n = most > 0 ? (size_t)most : 0;
  return inst_string(arena, (inst_str){text, n});
}

/* The member that says nothing, if there is one; else the first. */
static const inst_value *plain_member(const inst_value *members) {
  for (const inst_value *m = inst_value_first(members); m != NULL; m = inst_value_next(m)) {
    if (inst_value_kind_of(m) != INST_STRING) continue;
    if (box_in_list("other unknown neutral none general", inst_value_text(m))) return m;
  }
  return inst_value_first(members);
}

inst_value *box_leaf_empty(const box_shape *shape, inst_arena *arena) {
  const inst_value *otherwise = box_shape_get(shape, "default");
  inst_value *members = members_of(shape, arena);
  if (otherwise != NULL) return inst_value_copy(arena, otherwise);
  if (shape->nullable) return inst_null(arena);
  if (members != NULL && inst_value_first(members) != NULL) {
    return inst_value_alias(arena, plain_member(members));
  }
  if ((shape->types & BOX_T_OBJECT) != 0) return inst_object(arena);
  if ((shape->types & BOX_T_ARRAY) != 0) return inst_array(arena);
  if ((shape->types & BOX_T_STRING) != 0) return empty_text(shape, arena);
  if ((shape->types & BOX_T_BOOLEAN) != 0) return inst_bool(arena, false);
  if ((shape->types & (BOX_T_NUMBER | BOX_T_INTEGER)) != 0) return empty_number(shape, arena);
  return empty_text(shape, arena);
}

/* ---- finding all ----------------------------------------------------------------------------- */

/* The members the text names, in the text's order; then those it only speaks of. */
static void collect_members(box_source *source, const box_query *query, const inst_value *members,
                            inst_value *list) {
  for (size_t i = query->span.from; i < query->span.to; i++) {
    for (const inst_value *m = inst_value_first(members); m != NULL; m = inst_value_next(m)) {
      if (inst_value_kind_of(m) != INST_STRING) continue;
      if (!box_source_spend(source, 0)) return;
      bool here = box_find_is_at(source, query->span, i, inst_value_text(m));
      if (here && !box_source_is_denied(source, query->span, i)) {
        inst_push(list, inst_value_alias(source->arena, m));
      }
    }
  }
  for (const inst_value *m = inst_value_first(members); m != NULL; m = inst_value_next(m)) {
    if (box_find_weight(source, query, m) > 0) inst_push(list, inst_value_alias(source->arena, m));
  }
}

static void collect_numbers(box_source *source, const box_query *query, inst_value *list) {
  inst_value *v;
  box_query next = *query;
  next.level = BOX_ANYTHING;
  for (size_t i = query->span.from; i < query->span.to; i++) {
    next.span = (box_span){i, i + 1};
    if (source->words.tokens[i].kind != BOX_NUMBER) continue;
    v = box_find_number(source, &next);
    if (v != NULL) inst_push(list, v);
  }
}

/* Each part of the text the list wants, as a string. */
static void collect_texts(box_source *source, const box_shape *shape, const box_query *query,
                          inst_value *list) {
  box_parts parts;
  if (!box_parts_strings(source, query, &parts)) return;
  for (size_t i = 0; i < parts.count; i++) {
    box_span span = parts.spans[i];
    bool single = span.to - span.from == 1;
    bool token = single && box_text_is_token(query->field->kind, &source->words.tokens[span.from]);
    inst_value *v = token ? box_text_of_token(source, query, span.from)
                          : box_source_string(source, box_words_text(&source->words, span));
    v = within_length(shape, source->arena, v);
    if (v == NULL) continue;
    box_source_take(source, span, query->owner);
    inst_push(list, v);
  }
}

/* Leaves out what has come before, unless it is a number: two of those may well be equal. */
static void move_items(inst_value *list, const inst_value *found) {
  for (inst_value *next, *v = inst_value_first(found); v != NULL; v = next) {
    next = inst_value_next(v);
    const inst_value *same = inst_value_is_number(v) ? NULL : inst_value_first(list);
    while (same != NULL && !inst_value_equal(same, v)) same = inst_value_next(same);
    if (same == NULL) inst_push(list, v);
  }
}

void box_leaf_collect(box_source *source, const box_shape *shape, const box_query *query,
                      inst_value *list) {
  inst_value *members = members_of(shape, source->arena), *found = inst_array(source->arena);
  if (found == NULL || !box_source_spend(source, query->span.to - query->span.from)) return;
  bool text = (shape->types & BOX_T_STRING) != 0 || shape->types == 0;
  if (members != NULL)
    collect_members(source, query, members, found);
  else if (text)
    collect_texts(source, shape, query, found);
  else if ((shape->types & (BOX_T_NUMBER | BOX_T_INTEGER)) != 0)
    collect_numbers(source, query, found);
  move_items(list, found);
}
