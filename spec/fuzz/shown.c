/*
** Changes to a value.
*/
#include "spec/fuzz/shown.h"

void fuzz_shown_init(fuzz_shown *s) {
  memset(s, 0, sizeof *s);
  inst_arena_init(&s->arena, fuzz_plain());
}

void fuzz_shown_clear(fuzz_shown *s) {
  inst_arena_clear(&s->arena);
}

/* A root that is shown again makes all before it void. */
static void place_root(fuzz_shown *s, inst_value *v) {
  s->root = v;
  s->depth = 0;
  s->growing = NULL;
}

/* Values come in their order, so that the new one is the last. */
static void place(fuzz_shown *s, const inst_change *change, inst_value *v) {
  if (change->depth == 0) {
    place_root(s, v);
    return;
  }
  FUZZ_CHECK(s->growing == NULL && s->depth == change->depth);
  inst_value *list = s->lists[s->depth - 1];
  bool object = inst_value_kind_of(list) == INST_OBJECT;
  FUZZ_CHECK(object == (change->at.key.p != NULL));
  FUZZ_CHECK(object ? inst_value_find(list, change->at.key) == NULL
                    : change->at.index == inst_value_count(list));
  if (object)
    inst_put(&s->arena, list, change->at.key, v);
  else
    inst_push(list, v);
}

static void open(fuzz_shown *s, const inst_change *change) {
  bool object = inst_value_kind_of(change->value) == INST_OBJECT;
  inst_value *list = object ? inst_object(&s->arena) : inst_array(&s->arena);
  place(s, change, list);
  FUZZ_CHECK(s->depth < FUZZ_SHOWN_DEPTH);
  s->lists[s->depth++] = list;
}

/* The place of a text that grows on is where it began. */
static void grow(fuzz_shown *s, const inst_change *change) {
  if (s->growing == NULL) {
    inst_value *text = inst_string(&s->arena, change->delta);
    place(s, change, text);
    s->growing = text;
    return;
  }
  FUZZ_CHECK(change->depth == s->depth && change->delta.n > 0);
  inst_buf whole;
  inst_buf_init(&whole, fuzz_plain());
  inst_buf_add(&whole, s->growing->u.s);
  inst_buf_add(&whole, change->delta);
  s->growing->u.s = inst_buf_take(&whole, &s->arena);
}

static void close(fuzz_shown *s, const inst_change *change) {
  if (s->growing != NULL) {
    FUZZ_CHECK(change->depth == s->depth);
    s->growing = NULL;
    return;
  }
  FUZZ_CHECK(s->depth > 0 && change->depth == s->depth - 1);
  s->depth--;
}

void fuzz_shown_take(fuzz_shown *s, const inst_change *change) {
  switch (change->kind) {
  case INST_CHANGE_OPEN: open(s, change); break;
  case INST_CHANGE_GROW: grow(s, change); break;
  case INST_CHANGE_SET: place(s, change, inst_value_copy(&s->arena, change->value)); break;
  default: close(s, change); break;
  }
}
