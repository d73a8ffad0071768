/*
** One JSON value, in an arena.  Lists are linked, so that they can be looked at while they grow.
** A value stands in one list at most; to let it stand in a second one, take an alias.
*/
#ifndef INST_JSON_VALUE_H
#define INST_JSON_VALUE_H

#include "core/base/memory.h"
#include "core/base/text.h"

struct inst_value {
  uint8_t kind;     /* inst_value_kind */
  uint8_t is_field; /* stored by a declared field of an object schema */
  uint8_t either;   /* OBJECT: an empty table of the host's, which may stand for an array */
  uint32_t ref;     /* the host's own object, or 0 */
  union {
    bool b;
    int64_t i;
    double d;
    inst_str s;
    struct {
      inst_value *first, *last;
      size_t count;
    } list;
    const char *name; /* OPAQUE: what issues call it */
  } u;
  inst_str key; /* in an object; else p == NULL */
  inst_value *next;
};

/* A kind within the house: a value that is JSON text already, lent to it, and is written as it stands.
** It is made for a body that is about to be written, and nobody looks into it. */
#define INST_PRINTED INST_VALUE_COUNT
inst_value *inst_printed(inst_arena *arena, inst_str json);

/* A new head over the same contents: no key, in no list.  The contents must not be changed
** after. */
inst_value *inst_value_alias(inst_arena *arena, const inst_value *v);

/* Puts 'item', whose key is set, at the end of 'list'.  The last item is known, so that a list grows
** at the same cost however long it is. */
static inline void inst_append(inst_value *list, inst_value *item) {
  item->next = NULL;
  if (list->u.list.last != NULL)
    list->u.list.last->next = item;
  else
    list->u.list.first = item;
  list->u.list.last = item;
  list->u.list.count++;
}

/* "…_kept": with a text or a key that already lives as long as the value, and is not copied. */
inst_value *inst_string_kept(inst_arena *arena, inst_str text);
void inst_put_kept(inst_value *object, inst_str key, inst_value *item);
/* Puts 'item' in the place of the member of that key, or at the end. */
void inst_replace(inst_arena *arena, inst_value *object, inst_str key, inst_value *item);
void inst_replace_kept(inst_value *object, inst_str key, inst_value *item);

/* Equal as JSON: 1 equals 1.0, members in any order (keys must be unique).  Values nested deeper
** than 256 levels are equal to none. */
bool inst_value_equal(const inst_value *a, const inst_value *b);

bool inst_value_is_number(const inst_value *v);
const char *inst_value_kind_name(const inst_value *v); /* NULL value: "nil" */
/* The member of that name; 'object' may be NULL or no object.  Names are mostly literals: few
** instructions where the compiler knows their length. */
static inline inst_value *inst_find(const inst_value *object, const char *key) {
  inst_str name = inst_str_of(key);
  if (object == NULL || object->kind != INST_OBJECT) return NULL;
  inst_value *member = object->u.list.first;
  while (member != NULL && !inst_str_is(member->key, name)) member = member->next;
  return member;
}
/* Its text; p NULL: there is none, or it is no STRING. */
static inline inst_str inst_find_text(const inst_value *object, const char *key) {
  return inst_value_text(inst_find(object, key));
}

#endif
