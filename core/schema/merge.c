/*
** A walk over two values at once, with a path where others recurse.
*/
#include "core/schema/merge.h"

#include "core/json/keys.h"

/* Two lists or objects that are being merged. */
typedef struct level {
  const inst_value *a, *b;
  const inst_value *next;  /* in 'a', and after its last in 'b' */
  const inst_value *other; /* the partner of 'next', if both are in the same order */
  inst_keys keys;          /* of 'b', or else of 'a', once a partner did not stand there */
  bool known;              /* do 'keys' know them? */
  size_t partners;         /* members that both have */
  bool second;             /* is 'next' in 'b'? */
  size_t index;            /* of what comes next */
  inst_value *out;
} level;

typedef struct merger {
  inst_arena *arena;
  level *levels;
  size_t depth, room;
} merger;

static bool is_kind(const inst_value *v, inst_value_kind kind) {
  return inst_value_kind_of(v) == kind;
}

static bool both_lists(const inst_value *a, const inst_value *b) {
  bool lists = is_kind(a, INST_ARRAY) && is_kind(b, INST_ARRAY);
  return lists && inst_value_count(a) == inst_value_count(b);
}

static bool both_objects(const inst_value *a, const inst_value *b) {
  return is_kind(a, INST_OBJECT) && is_kind(b, INST_OBJECT);
}

/* Do they share their contents, so that one says all? */
static bool is_shared(const inst_value *a, const inst_value *b) {
  bool lists = both_lists(a, b) || both_objects(a, b);
  return lists && a->u.list.first == b->u.list.first && a->u.list.count == b->u.list.count;
}

static bool begin_level(merger *m, const inst_value *a, const inst_value *b, inst_value *out) {
  if (m->depth == m->room) {
    size_t room = m->room ? m->room * 2 : 8;
    level *levels = inst_arena_get(m->arena, room * sizeof *levels);
    if (levels == NULL) return false;
    if (m->depth > 0) memcpy(levels, m->levels, m->depth * sizeof *levels);
    m->levels = levels;
    m->room = room;
  }
  m->levels[m->depth++] = (level){
      .a = a, .b = b, .next = inst_value_first(a), .other = inst_value_first(b), .out = out};
  return true;
}

/* What two values come to; one whose contents are still to be merged has a level of its own. */
static inst_value *merge_heads(merger *m, const inst_value *a, const inst_value *b) {
  inst_value *out;
  if (b == NULL || is_shared(a, b)) return inst_value_alias(m->arena, a);
  if (both_objects(a, b) || both_lists(a, b)) {
    out = is_kind(a, INST_OBJECT) ? inst_object(m->arena) : inst_array(m->arena);
    return out != NULL && begin_level(m, a, b, out) ? out : NULL;
  }
  if (a->either && is_kind(b, INST_ARRAY) && inst_value_count(b) == 0) a = b;
  if (b->either && is_kind(a, INST_ARRAY) && inst_value_count(a) == 0) b = a;
  return a == b || inst_value_equal(a, b) ? inst_value_alias(m->arena, a) : NULL;
}

/* The members of 'in' are no longer asked for. */
static void forget_keys(const merger *m, level *top) {
  inst_keys_clear(&top->keys, m->arena->alloc);
  top->known = false;
}

/* The member of 'in' with that key, wherever it stands. */
static const inst_value *look_up(const merger *m, level *top, const inst_value *in, inst_str key) {
  uint32_t seed = inst_keys_seed(m->arena);
  if (!top->known && !inst_keys_add_all(&top->keys, in, seed, m->arena->alloc)) {
    m->arena->failed = true;
    return NULL;
  }
  top->known = true;
  return inst_keys_find(&top->keys, in, key, seed);
}

/* The member of 'in' that belongs to 'member' of the other side; NULL: it has none. */
static const inst_value *partner(const merger *m, level *top, const inst_value *in,
                                 const inst_value *member) {
  const inst_value *found = top->other;
  if (is_kind(in, INST_OBJECT) && (found == NULL || !inst_str_is(found->key, member->key)))
    found = look_up(m, top, in, member->key);
  if (found != NULL) top->other = inst_value_next(found);
  return found;
}

/* The next that only 'b' has. */
static const inst_value *next_in_b(const merger *m, level *top) {
  if (top->partners == inst_value_count(top->b)) return NULL;
  if (!top->second) {
    top->next = inst_value_first(top->b);
    top->other = inst_value_first(top->a);
    forget_keys(m, top);
  }
  top->second = true;
  while (top->next != NULL && partner(m, top, top->a, top->next) != NULL)
    top->next = inst_value_next(top->next);
  return top->next;
}

/* The next pair: a member of 'a' with its partner (or none); in the end what only 'b' has. */
static bool next_pair(const merger *m, level *top, const inst_value **a, const inst_value **b) {
  bool first = !top->second && top->next != NULL;
  *a = first ? top->next : next_in_b(m, top);
  *b = first ? partner(m, top, top->b, *a) : NULL;
  top->partners += *b != NULL;
  if (*a != NULL) top->next = inst_value_next(*a);
  return *a != NULL;
}

/* 'top' is no longer to be looked at: what is merged may have got a level above it. */
static bool merge_pair(merger *m, const inst_value *a, const inst_value *b) {
  size_t at = m->depth - 1;
  inst_value *out = merge_heads(m, a, b);
  level *top = &m->levels[at];
  if (out == NULL) return false;
  out->is_field = a->is_field || (b != NULL && b->is_field);
  if (is_kind(top->out, INST_OBJECT))
    inst_put_kept(top->out, a->key, out);
  else
    inst_push(top->out, out);
  top->index++;
  return true;
}

static void tell_path(merger *m, const inst_value *at, inst_segment **path, size_t *count) {
  *path = inst_arena_get(m->arena, (m->depth + 1) * sizeof **path);
  *count = 0;
  for (size_t i = 0; *path != NULL && i < m->depth; i++) {
    const level *l = &m->levels[i];
    bool last = i + 1 == m->depth;
    inst_str key = {NULL, 0};
    if (is_kind(l->a, INST_OBJECT)) key = last ? at->key : l->out->u.list.last->key;
    (*path)[(*count)++] = (inst_segment){key, last ? l->index : l->index - 1};
  }
}

static void end_level(merger *m) {
  forget_keys(m, &m->levels[m->depth - 1]);
  m->depth--;
}

inst_value *inst_merge(inst_arena *arena, const inst_value *a, const inst_value *b,
                       inst_segment **path, size_t *count) {
  merger m = {.arena = arena};
  inst_value *out = merge_heads(&m, a, b);
  *count = 0;
  while (out != NULL && m.depth > 0) {
    const inst_value *left, *right;
    if (!next_pair(&m, &m.levels[m.depth - 1], &left, &right)) {
      end_level(&m);
    } else if (!merge_pair(&m, left, right)) {
      tell_path(&m, left, path, count);
      out = NULL;
    }
  }
  while (m.depth > 0) end_level(&m);
  return arena->failed ? NULL : out;
}
