/*
** The place in a growing value: a stack of the lists that were opened.
** Only the last member of each can still be open, for a text is read from left to right.
*/
#include "core/schema/cursor.h"

#include "core/schema/shape.h"

struct inst_level {
  const inst_value *list;
  const inst_value *passed; /* its last member that was begun, or NULL */
  size_t index;             /* of the next one */
  inst_node node;           /* of the list */
  bool strict;              /* must every part of it fit? */
};

void inst_cursor_clear(inst_cursor *c) {
  inst_resize(c->alloc, c->levels, c->room * sizeof *c->levels, 0);
  c->levels = NULL;
  c->depth = c->room = 0;
}

void inst_cursor_restart(inst_cursor *c) {
  c->depth = 0;
  c->growing = NULL;
  c->ended = false;
}

/* ---- what the reader is at ------------------------------------------------------------------- */

/* The root, behind its wrapper; NULL: it has not begun, or it is not certain yet which it is. */
static const inst_value *root_of(const inst_cursor *c, size_t *outside) {
  const inst_value *root = inst_reader_root(c->reader);
  *outside = 0;
  if (!c->wrapped || root == NULL || inst_value_kind_of(root) != INST_OBJECT) return root;
  const inst_value *first = inst_value_first(root);
  if (first == NULL) return inst_reader_depth(c->reader) > 0 ? NULL : root;
  if (!inst_str_is(inst_value_key(first), INST_WRAPPER_KEY)) return root;
  *outside = 1;
  return first;
}

/* Is 'v', which stands in 'depth' lists, a list that is open? */
static bool is_open_list(const inst_cursor *c, const inst_value *v, size_t depth) {
  size_t outside;
  root_of(c, &outside);
  size_t i = depth + outside;
  return i < inst_reader_depth(c->reader) && inst_reader_open_list(c->reader, i) == v;
}

static bool is_open(const inst_cursor *c, const inst_value *v) {
  return inst_reader_open_string(c->reader) == v || is_open_list(c, v, c->depth);
}

/* ---- what may be seen ------------------------------------------------------------------------ */

static bool is_hidden_text(const inst_cursor *c, inst_node node) {
  if (!c->open_strings) return true;
  if (c->schema == NULL || c->all) return false;
  return inst_shape_is_choice(c->schema, node) ||
         inst_shape_has(c->schema, node, INST_TRAIT_WHEN_WHOLE);
}

/* Does the open object 'v', which stands in 'depth' lists, lack a member that it is not shown
** without?  '*open' becomes such a member that is open itself, '*node' its node. */
static bool lacks_member(const inst_cursor *c, inst_node *node, const inst_value *v, size_t depth,
                         const inst_value **open) {
  const inst_node of = *node;
  const inst_field *field = inst_shape_required(c->schema, of, v, NULL);
  *open = NULL;
  for (; field != NULL; field = inst_shape_required(c->schema, of, v, field)) {
    const inst_value *member = inst_value_find(v, field->key);
    if (member == NULL || inst_value_kind_of(member) == INST_NULL) return true;
    bool is_text = inst_reader_open_string(c->reader) == member;
    if (!is_text && !is_open_list(c, member, depth + 1)) continue;
    *open = member;
    *node = field->node;
  }
  return false;
}

/* What must be there must also be seen. */
static bool is_hidden_list(const inst_cursor *c, inst_node node, const inst_value *v) {
  size_t depth = c->depth;
  if (c->schema == NULL || c->all) return false;
  for (; v != NULL && inst_value_kind_of(v) != INST_STRING; depth++) {
    if (inst_shape_has(c->schema, node, INST_TRAIT_WHEN_WHOLE)) return true;
    if (inst_value_kind_of(v) != INST_OBJECT) return false;
    if (lacks_member(c, &node, v, depth, &v)) return true;
  }
  return v != NULL && is_hidden_text(c, node);
}

/* ---- changes --------------------------------------------------------------------------------- */

static inst_level *top_of(inst_cursor *c) {
  return c->depth > 0 ? &c->levels[c->depth - 1] : NULL;
}

/* Where the member stands that was begun last. */
static inst_segment place_of(const inst_cursor *c) {
  const inst_level *top = c->depth > 0 ? &c->levels[c->depth - 1] : NULL;
  if (top == NULL) return (inst_segment){{NULL, 0}, 0};
  if (inst_value_kind_of(top->list) == INST_OBJECT)
    return (inst_segment){inst_value_key(top->passed), 0};
  return (inst_segment){{NULL, 0}, top->index > 0 ? top->index - 1 : 0};
}

static bool tell(const inst_cursor *c, inst_change_kind kind, const inst_value *v,
                 inst_change *change) {
  *change = (inst_change){.kind = kind, .depth = c->depth, .at = place_of(c), .value = v};
  return true;
}

static inst_node node_of(const inst_cursor *c, inst_segment at) {
  if (c->schema == NULL) return 0;
  if (c->depth == 0) return c->schema->root;
  const inst_level *top = &c->levels[c->depth - 1];
  return top->node != 0 ? inst_shape_part(c->schema, top->node, top->list, at) : 0;
}

static bool make_room(inst_cursor *c) {
  if (c->depth < c->room) return true;
  size_t room = c->room > 0 ? c->room * 2 : 8;
  inst_level *levels =
      inst_resize(c->alloc, c->levels, c->room * sizeof *levels, room * sizeof *levels);
  if (levels == NULL) {
    c->failed = true;
    return false;
  }
  c->levels = levels;
  c->room = room;
  return true;
}

static bool open_list(inst_cursor *c, const inst_value *v, inst_node node, inst_change *change) {
  if (!make_room(c)) return false;
  bool around = c->depth == 0 || c->levels[c->depth - 1].strict;
  bool strict = around && node != 0 && inst_shape_is_strict(c->schema, node);
  tell(c, INST_CHANGE_OPEN, v, change);
  c->levels[c->depth++] = (inst_level){.list = v, .node = node, .strict = strict};
  return true;
}

/* What of the growing text has not been seen; then, when it has ended, that it has. */
static bool go_on_growing(inst_cursor *c, inst_change *change) {
  inst_str text = inst_value_text(c->growing);
  if (text.n > c->grown) {
    tell(c, INST_CHANGE_GROW, c->growing, change);
    change->delta = (inst_str){text.p + c->grown, text.n - c->grown};
    c->grown = text.n;
    return true;
  }
  if (inst_reader_open_string(c->reader) == c->growing) return false;
  tell(c, INST_CHANGE_CLOSE, c->growing, change);
  c->growing = NULL;
  return true;
}

/* A text that begins is told even when it is empty yet. */
static bool begin_text(inst_cursor *c, const inst_value *v, inst_change *change) {
  tell(c, INST_CHANGE_GROW, v, change);
  change->delta = inst_value_text(v);
  c->growing = v;
  c->grown = change->delta.n;
  return true;
}

/* The value that is next.  False: nothing of it may be seen yet. */
static bool begin(inst_cursor *c, const inst_value *v, inst_node node, inst_change *change) {
  bool text = inst_value_kind_of(v) == INST_STRING;
  if (!is_open(c, v)) return tell(c, INST_CHANGE_SET, v, change);
  return text ? begin_text(c, v, change) : open_list(c, v, node, change);
}

static bool may_begin(const inst_cursor *c, const inst_value *v, inst_node node) {
  if (!is_open(c, v)) return true;
  bool text = inst_value_kind_of(v) == INST_STRING;
  return text ? !is_hidden_text(c, node) : !is_hidden_list(c, node, v);
}

/* A number at the root has no end of its own: the reader has it only when the text has ended. */
static bool next_root(inst_cursor *c, inst_change *change, inst_node *node) {
  size_t outside;
  const inst_value *root = root_of(c, &outside);
  if (root == NULL || c->ended) return false;
  *node = node_of(c, (inst_segment){{NULL, 0}, 0});
  if (!may_begin(c, root, *node)) return false;
  c->ended = true;
  return begin(c, root, *node, change);
}

static bool close_list(inst_cursor *c, inst_change *change, inst_node *node) {
  const inst_level *top = top_of(c);
  if (is_open_list(c, top->list, c->depth - 1)) return false;
  const inst_value *list = top->list;
  *node = top->node;
  c->depth--;
  return tell(c, INST_CHANGE_CLOSE, list, change);
}

static bool next_member(inst_cursor *c, inst_change *change, inst_node *node) {
  inst_level *top = top_of(c);
  const inst_value *v =
      top->passed != NULL ? inst_value_next(top->passed) : inst_value_first(top->list);
  if (v == NULL) return close_list(c, change, node);
  inst_segment at = {{NULL, 0}, top->index};
  if (inst_value_kind_of(top->list) == INST_OBJECT) at.key = inst_value_key(v);
  *node = node_of(c, at);
  if (!may_begin(c, v, *node)) return false;
  top->passed = v;
  top->index++;
  return begin(c, v, *node, change);
}

bool inst_cursor_next(inst_cursor *c, inst_change *change, inst_node *node) {
  inst_node ignored;
  if (node == NULL) node = &ignored;
  *node = 0;
  if (c->growing != NULL) return go_on_growing(c, change);
  return c->depth == 0 ? next_root(c, change, node) : next_member(c, change, node);
}

size_t inst_cursor_path(const inst_cursor *c, inst_segment *path) {
  for (size_t i = 0; i < c->depth; i++) {
    const inst_level *level = &c->levels[i];
    bool object = inst_value_kind_of(level->list) == INST_OBJECT;
    path[i] = (inst_segment){object ? inst_value_key(level->passed) : (inst_str){NULL, 0},
                             object || level->index == 0 ? 0 : level->index - 1};
  }
  return c->depth;
}

bool inst_cursor_is_strict(const inst_cursor *c) {
  return c->depth == 0 || c->levels[c->depth - 1].strict;
}
