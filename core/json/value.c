/*
** Making, joining, finding, copying and comparing values.
** In and out: values in an arena.  A list is a chain with a count; whatever stands in an object has
** a key whose p is not NULL.
** Rule: no recursion; a value may be as deep as its maker liked.
*/
#include "core/json/value.h"

#include "core/base/number.h"

#define EQUAL_DEPTH 256 /* deeper values are never equal: there is no memory to compare them in */

/* ---- making ---------------------------------------------------------------------------------- */

/* A value of that kind, in no list, with nothing in it. */
static inst_value *make(inst_arena *arena, inst_value_kind kind) {
  inst_value *v = inst_arena_step(arena, sizeof *v);
  if (v == NULL) return NULL;
  memset(v, 0, sizeof *v);
  v->kind = (uint8_t)kind;
  return v;
}

inst_value *inst_null(inst_arena *arena) {
  return make(arena, INST_NULL);
}
inst_value *inst_array(inst_arena *arena) {
  return make(arena, INST_ARRAY);
}
inst_value *inst_object(inst_arena *arena) {
  return make(arena, INST_OBJECT);
}

inst_value *inst_bool(inst_arena *arena, bool b) {
  inst_value *v = make(arena, INST_BOOL);
  if (v != NULL) v->u.b = b;
  return v;
}

inst_value *inst_int(inst_arena *arena, int64_t i) {
  inst_value *v = make(arena, INST_INT);
  if (v != NULL) v->u.i = i;
  return v;
}

inst_value *inst_real(inst_arena *arena, double d) {
  inst_value *v = make(arena, INST_REAL);
  if (v != NULL) v->u.d = d;
  return v;
}

/* A copy of 'text' that is there even when 'text' is none. */
static inst_str copy_text(inst_arena *arena, inst_str text) {
  return inst_arena_copy(arena, text.p != NULL ? text : INST_LIT(""));
}

inst_value *inst_string(inst_arena *arena, inst_str text) {
  inst_value *v = make(arena, INST_STRING);
  if (v == NULL) return NULL;
  v->u.s = copy_text(arena, text);
  return v->u.s.p != NULL ? v : NULL;
}

inst_value *inst_string_kept(inst_arena *arena, inst_str text) {
  inst_value *v = make(arena, INST_STRING);
  if (v != NULL) v->u.s = text.p != NULL ? text : INST_LIT("");
  return v;
}

inst_value *inst_either(inst_arena *arena) {
  inst_value *v = inst_object(arena);
  if (v != NULL) v->either = true;
  return v;
}

inst_value *inst_opaque(inst_arena *arena, uint32_t ref, const char *name) {
  inst_value *v = make(arena, INST_OPAQUE);
  if (v == NULL) return NULL;
  v->ref = ref;
  v->u.name = name;
  return v;
}

inst_value *inst_printed(inst_arena *arena, inst_str json) {
  inst_value *v = make(arena, INST_PRINTED);
  if (v != NULL) v->u.s = json;
  return v;
}

inst_value *inst_value_alias(inst_arena *arena, const inst_value *v) {
  inst_value *head = v != NULL ? make(arena, INST_NULL) : NULL;
  if (head == NULL) return NULL;
  *head = *v;
  head->is_field = 0; /* this and what follows is said of the place, which is a new one */
  head->key = (inst_str){NULL, 0};
  head->next = NULL;
  return head;
}

/* ---- joining --------------------------------------------------------------------------------- */

/* Only lists have contents to walk; NULL is none. */
static bool is_list(const inst_value *v) {
  return v != NULL && (v->kind == INST_ARRAY || v->kind == INST_OBJECT);
}

void inst_push(inst_value *array, inst_value *item) {
  if (array == NULL || array->kind != INST_ARRAY || item == NULL) return;
  item->key = (inst_str){NULL, 0};
  inst_append(array, item);
}

void inst_put_kept(inst_value *object, inst_str key, inst_value *item) {
  if (object == NULL || object->kind != INST_OBJECT || item == NULL) return;
  item->key = key.p != NULL ? key : INST_LIT("");
  inst_append(object, item);
}

void inst_put(inst_arena *arena, inst_value *object, inst_str key, inst_value *item) {
  if (object == NULL || object->kind != INST_OBJECT || item == NULL) return;
  key = copy_text(arena, key);
  if (key.p != NULL) inst_put_kept(object, key, item);
}

/* The key of the member that leaves is handed on: it lives as long as the object.  A member put in
** its own place stays as it is.  False: there is none of that key. */
static bool take_place(inst_value *object, inst_str key, inst_value *item) {
  inst_value *before = NULL, *old = object->u.list.first;
  for (; old != NULL && !inst_str_is(old->key, key); old = old->next) before = old;
  if (old == NULL) return false;
  if (old == item) return true;
  item->key = old->key;
  item->next = old->next;
  *(before != NULL ? &before->next : &object->u.list.first) = item;
  if (object->u.list.last == old) object->u.list.last = item;
  old->next = NULL;
  return true;
}

void inst_replace(inst_arena *arena, inst_value *object, inst_str key, inst_value *item) {
  if (object == NULL || object->kind != INST_OBJECT || item == NULL) return;
  if (!take_place(object, key, item)) inst_put(arena, object, key, item);
}

void inst_replace_kept(inst_value *object, inst_str key, inst_value *item) {
  if (object == NULL || object->kind != INST_OBJECT || item == NULL) return;
  if (!take_place(object, key, item)) inst_put_kept(object, key, item);
}

/* ---- looking --------------------------------------------------------------------------------- */

inst_value_kind inst_value_kind_of(const inst_value *v) {
  return v != NULL ? (inst_value_kind)v->kind : INST_NULL;
}

const char *inst_value_kind_name(const inst_value *v) {
  static const char *const names[] = {
#define INST_X(name, text) [INST_##name] = text,
      INST_VALUES(INST_X)
#undef INST_X
  };
  if (v == NULL) return "nil";
  if (v->kind == INST_OPAQUE && v->u.name != NULL) return v->u.name;
  return names[v->kind];
}

/* How a number was written does not matter to those who ask only for numbers. */
bool inst_value_is_number(const inst_value *v) {
  return v != NULL && (v->kind == INST_INT || v->kind == INST_REAL);
}

bool inst_value_bool(const inst_value *v) {
  return v != NULL && v->kind == INST_BOOL && v->u.b;
}

/* A REAL without fraction counts as well. */
int64_t inst_value_int(const inst_value *v) {
  int64_t i = 0;
  if (v != NULL && v->kind == INST_INT) i = v->u.i;
  if (v != NULL && v->kind == INST_REAL) inst_number_is_int(v->u.d, &i);
  return i;
}

double inst_value_real(const inst_value *v) {
  if (v == NULL) return 0;
  return v->kind == INST_INT ? (double)v->u.i : v->kind == INST_REAL ? v->u.d : 0;
}

inst_str inst_value_text(const inst_value *v) {
  return v != NULL && v->kind == INST_STRING ? v->u.s : (inst_str){NULL, 0};
}

size_t inst_value_count(const inst_value *v) {
  return is_list(v) ? v->u.list.count : 0;
}
inst_value *inst_value_first(const inst_value *v) {
  return is_list(v) ? v->u.list.first : NULL;
}
inst_value *inst_value_next(const inst_value *v) {
  return v != NULL ? v->next : NULL;
}

inst_str inst_value_key(const inst_value *v) {
  return v != NULL ? v->key : (inst_str){NULL, 0};
}

inst_value *inst_value_find(const inst_value *object, inst_str key) {
  if (object == NULL || object->kind != INST_OBJECT) return NULL;
  inst_value *member = object->u.list.first;
  while (member != NULL && !inst_str_is(member->key, key)) member = member->next;
  return member;
}

uint32_t inst_value_ref(const inst_value *v) {
  return v != NULL ? v->ref : 0;
}

void inst_value_set_ref(inst_value *v, uint32_t ref) {
  if (v != NULL) v->ref = ref;
}

bool inst_value_is_field(const inst_value *v) {
  return v != NULL && v->is_field != 0;
}

/* ---- copying --------------------------------------------------------------------------------- */

/* One list being copied: what of it is still to come, and where it goes. */
typedef struct pair {
  const inst_value *rest;
  inst_value *copy;
} pair;

/* A copy of 'v' alone; a list is copied empty. */
static inst_value *copy_head(inst_arena *arena, const inst_value *v) {
  inst_value *copy = inst_value_alias(arena, v);
  if (copy == NULL) return NULL;
  if (copy->kind == INST_STRING) {
    copy->u.s = copy_text(arena, v->u.s);
    if (copy->u.s.p == NULL) return NULL;
  } else if (is_list(copy)) {
    memset(&copy->u.list, 0, sizeof copy->u.list);
  }
  return copy;
}

/* Copies the next item of the list on top of 'stack'.  The copy, or NULL when memory is out. */
static inst_value *copy_item(inst_arena *arena, pair *top) {
  const inst_value *item = top->rest;
  inst_value *copy = copy_head(arena, item);
  if (copy == NULL) return NULL;
  copy->is_field = item->is_field;
  top->rest = item->next;
  if (top->copy->kind == INST_OBJECT) {
    inst_str key = copy_text(arena, item->key);
    if (key.p == NULL) return NULL;
    inst_put_kept(top->copy, key, copy);
  } else {
    inst_push(top->copy, copy);
  }
  return copy;
}

/* What 'v' holds is still to be copied into 'copy'.  Nothing to do for what holds nothing. */
static void push_pair(inst_buf *stack, const inst_value *v, inst_value *copy) {
  pair new = {inst_value_first(v), copy};
  if (new.rest != NULL) inst_buf_add(stack, (inst_str){(const char *)&new, sizeof new});
}

/* A list goes back onto the stack before its item does, and only while more of it is to come: so
** the stack is as high as the value is deep, and a chain of last items needs no height at all. */
inst_value *inst_value_copy(inst_arena *arena, const inst_value *v) {
  inst_value *root = v != NULL ? copy_head(arena, v) : NULL;
  if (root == NULL) return NULL;
  inst_buf stack; /* of pairs; moved in and out by copying, since the buffer moves */
  inst_buf_init(&stack, arena->alloc);
  push_pair(&stack, v, root);
  while (stack.n > 0 && !stack.failed) {
    pair top;
    memcpy(&top, stack.p + (stack.n -= sizeof top), sizeof top);
    const inst_value *item = top.rest;
    inst_value *copy = copy_item(arena, &top);
    if (copy == NULL) break;
    if (top.rest != NULL) inst_buf_add(&stack, (inst_str){(const char *)&top, sizeof top});
    push_pair(&stack, item, copy);
  }
  if (stack.failed) arena->failed = true;
  bool whole = stack.n == 0 && !stack.failed && !arena->failed;
  inst_buf_clear(&stack);
  return whole ? root : NULL;
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* Two lists being compared: what of 'a' is still to be matched, and where in 'b' to look first. */
typedef struct match {
  const inst_value *a_rest;
  const inst_value *b, *b_guess;
} match;

/* By value, not by way of double: two different integers may be the same double. */
static bool same_number(const inst_value *a, const inst_value *b) {
  if (a->kind == b->kind) return a->kind == INST_INT ? a->u.i == b->u.i : a->u.d == b->u.d;
  int64_t i;
  if (a->kind == INST_INT) return inst_number_is_int(b->u.d, &i) && i == a->u.i;
  return inst_number_is_int(a->u.d, &i) && i == b->u.i;
}

/* Are the heads equal?  Of lists: the kind and the count. */
static bool same_head(const inst_value *a, const inst_value *b) {
  if (inst_value_is_number(a) && inst_value_is_number(b)) return same_number(a, b);
  if (a->kind != b->kind) return false;
  switch ((inst_value_kind)a->kind) {
  case INST_BOOL: return a->u.b == b->u.b;
  case INST_STRING: return inst_str_is(a->u.s, b->u.s);
  case INST_OPAQUE: return a->ref == b->ref;
  case INST_ARRAY:
  case INST_OBJECT: return a->u.list.count == b->u.list.count;
  default: return true;
  }
}

/* The partner of the next of 'a': by place, or by key.  Members mostly stand in the same order. */
static const inst_value *partner(const match *m) {
  if (m->b->kind == INST_ARRAY) return m->b_guess;
  inst_str key = m->a_rest->key;
  if (m->b_guess != NULL && inst_str_is(m->b_guess->key, key)) return m->b_guess;
  return inst_value_find(m->b, key);
}

/* Each round compares two heads, opens them when they are lists, and finds the next two. */
bool inst_value_equal(const inst_value *a, const inst_value *b) {
  if (a == NULL || b == NULL) return a == b;
  match stack[EQUAL_DEPTH];
  size_t depth = 0;
  for (;;) {
    if (!same_head(a, b)) return false;
    if (inst_value_count(a) > 0) {
      if (depth == EQUAL_DEPTH) return false;
      stack[depth++] = (match){inst_value_first(a), b, inst_value_first(b)};
    }
    while (depth > 0 && stack[depth - 1].a_rest == NULL) depth--;
    if (depth == 0) return true;
    match *top = &stack[depth - 1];
    a = top->a_rest;
    b = partner(top);
    if (b == NULL) return false;
    top->a_rest = a->next;
    top->b_guess = b->next;
  }
}
