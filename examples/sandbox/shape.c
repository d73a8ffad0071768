/*
** One view over the nodes that describe a place together.
** The list of parts is its own work list: each part may add those it refers to or is joined with,
** until there are no more or the list is full.  A node is added once, so circles end by themselves.
*/
#include "examples/sandbox/shape.h"

#define MOST_STEPS 64 /* names in one reference */

static const struct type_name {
  const char *name;
  unsigned bit;
} type_names[] = {
    {"string", BOX_T_STRING},   {"number", BOX_T_NUMBER}, {"integer", BOX_T_INTEGER},
    {"boolean", BOX_T_BOOLEAN}, {"object", BOX_T_OBJECT}, {"array", BOX_T_ARRAY},
    {"null", BOX_T_NULL},
};

/* What a keyword says about the type where no type is said. */
static const struct type_hint {
  const char *keyword;
  unsigned bits;
} type_hints[] = {
    {"properties", BOX_T_OBJECT}, {"additionalProperties", BOX_T_OBJECT},
    {"required", BOX_T_OBJECT},   {"items", BOX_T_ARRAY},
    {"prefixItems", BOX_T_ARRAY}, {"minItems", BOX_T_ARRAY},
    {"format", BOX_T_STRING},     {"pattern", BOX_T_STRING},
    {"minLength", BOX_T_STRING},  {"maxLength", BOX_T_STRING},
    {"minimum", BOX_T_NUMBER},    {"maximum", BOX_T_NUMBER},
    {"multipleOf", BOX_T_NUMBER},
};

static bool is_kind(const inst_value *v, inst_value_kind kind) {
  return v != NULL && inst_value_kind_of(v) == kind;
}

static unsigned type_bit(const inst_value *name) {
  if (!is_kind(name, INST_STRING)) return 0;
  for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
    if (inst_str_is(inst_value_text(name), inst_str_of(type_names[i].name)))
      return type_names[i].bit;
  }
  return 0;
}

static unsigned type_bits(const inst_value *type) {
  if (!is_kind(type, INST_ARRAY)) return type_bit(type);
  unsigned bits = 0;
  for (const inst_value *v = inst_value_first(type); v != NULL; v = inst_value_next(v)) {
    bits |= type_bit(v);
  }
  return bits;
}

/* ---- references ------------------------------------------------------------------------------ */

/* Does 'key', as a JSON pointer writes it ("~1" for a stroke), name 'name'? */
static bool is_step(inst_str key, inst_str name) {
  size_t j = 0;
  for (size_t i = 0; i < key.n; i++, j++) {
    char c = key.p[i];
    if (c == '~' && i + 1 < key.n) c = key.p[++i] == '1' ? '/' : '~';
    if (j >= name.n || name.p[j] != c) return false;
  }
  return j == name.n;
}

/* The item a pointer's step names in an array, or SIZE_MAX. */
static size_t step_index(inst_str key) {
  size_t index = 0;
  if (key.n == 0 || key.n > 9) return SIZE_MAX;
  for (size_t i = 0; i < key.n; i++) {
    if (key.p[i] < '0' || key.p[i] > '9') return SIZE_MAX;
    index = index * 10 + (size_t)(key.p[i] - '0');
  }
  return index;
}

static const inst_value *step_into(const inst_value *v, inst_str key) {
  bool object = is_kind(v, INST_OBJECT);
  if (!object && !is_kind(v, INST_ARRAY)) return NULL;
  size_t index = step_index(key), i = 0;
  for (const inst_value *m = inst_value_first(v); m != NULL; m = inst_value_next(m), i++) {
    if (object ? is_step(key, inst_value_key(m)) : i == index) return m;
  }
  return NULL;
}

/* Where "#/$defs/User" leads, or NULL. */
static const inst_value *follow(const inst_value *root, inst_str ref) {
  if (ref.n == 0 || ref.p[0] != '#') return NULL;
  const inst_value *v = root;
  size_t at = 1;
  for (int steps = 0; at < ref.n && v != NULL; steps++) {
    if (ref.p[at] != '/' || steps == MOST_STEPS) return NULL;
    size_t end = ++at;
    while (end < ref.n && ref.p[end] != '/') end++;
    v = step_into(v, (inst_str){ref.p + at, end - at});
    at = end;
  }
  return v;
}

/* ---- one view -------------------------------------------------------------------------------- */

/* Adds a node that is not there yet. */
static void join(box_shape *shape, const inst_value *node) {
  if (!is_kind(node, INST_OBJECT) || shape->count == BOX_SHAPE_PARTS) return;
  for (size_t i = 0; i < shape->count; i++) {
    if (shape->parts[i] == node) return;
  }
  shape->parts[shape->count++] = node;
}

static bool is_null_branch(const inst_value *branch) {
  const inst_value *constant = inst_find(branch, "const");
  return type_bits(inst_find(branch, "type")) == BOX_T_NULL || is_kind(constant, INST_NULL);
}

/* Joins the only branch that is not null, or keeps the choice for later. */
static void join_branches(box_shape *shape, const inst_value *branches) {
  const inst_value *only = NULL;
  size_t others = 0;
  if (!is_kind(branches, INST_ARRAY)) return;
  for (const inst_value *b = inst_value_first(branches); b != NULL; b = inst_value_next(b)) {
    if (is_null_branch(b)) {
      shape->nullable = true;
    } else {
      only = b;
      others++;
    }
  }
  if (others == 1) join(shape, only);
  if (others > 1 && shape->choice == NULL) shape->choice = branches;
}

/* Adds what one node refers to and is joined with. */
static void join_kin(box_shape *shape, const inst_value *node) {
  inst_str ref = inst_find_text(node, "$ref");
  if (ref.p != NULL) join(shape, follow(shape->root, ref));
  const inst_value *all = inst_find(node, "allOf");
  if (is_kind(all, INST_ARRAY)) {
    for (const inst_value *v = inst_value_first(all); v != NULL; v = inst_value_next(v))
      join(shape, v);
  }
  join_branches(shape, inst_find(node, "anyOf"));
  join_branches(shape, inst_find(node, "oneOf"));
  const inst_value *nullable = inst_find(node, "nullable");
  if (is_kind(nullable, INST_BOOL) && inst_value_bool(nullable)) shape->nullable = true;
  const inst_value *list = inst_find(node, "enum");
  if (!is_kind(list, INST_ARRAY)) return;
  for (const inst_value *v = inst_value_first(list); v != NULL; v = inst_value_next(v)) {
    if (is_kind(v, INST_NULL)) shape->nullable = true;
  }
}

/* The types the keywords speak of, where no type is said. */
static unsigned hinted_types(const box_shape *shape) {
  for (size_t i = 0; i < sizeof type_hints / sizeof type_hints[0]; i++) {
    if (box_shape_get(shape, type_hints[i].keyword) != NULL) return type_hints[i].bits;
  }
  return 0;
}

void box_shape_read(box_shape *shape, const inst_value *root, const inst_value *node) {
  *shape = (box_shape){.root = root};
  join(shape, node);
  for (size_t i = 0; i < shape->count; i++) join_kin(shape, shape->parts[i]);
  unsigned types = type_bits(box_shape_get(shape, "type"));
  if ((types & BOX_T_NULL) != 0) shape->nullable = true;
  if (types == 0) types = hinted_types(shape);
  shape->types = types & ~(unsigned)BOX_T_NULL;
}

const inst_value *box_shape_get(const box_shape *shape, const char *keyword) {
  for (size_t i = 0; i < shape->count; i++) {
    const inst_value *v = inst_find(shape->parts[i], keyword);
    if (v != NULL) return v;
  }
  return NULL;
}

inst_str box_shape_text(const box_shape *shape, const char *keyword) {
  const inst_value *v = box_shape_get(shape, keyword);
  return is_kind(v, INST_STRING) ? inst_value_text(v) : (inst_str){NULL, 0};
}

double box_shape_number(const box_shape *shape, const char *keyword, double otherwise) {
  const inst_value *v = box_shape_get(shape, keyword);
  return v != NULL && inst_value_is_number(v) ? inst_value_real(v) : otherwise;
}

bool box_shape_requires(const box_shape *shape, inst_str name) {
  for (size_t i = 0; i < shape->count; i++) {
    const inst_value *list = inst_find(shape->parts[i], "required");
    if (!is_kind(list, INST_ARRAY)) continue;
    int left = BOX_SHAPE_REQUIRED;
    for (const inst_value *v = inst_value_first(list); v != NULL && left > 0; left--) {
      if (is_kind(v, INST_STRING) && inst_str_is(inst_value_text(v), name)) return true;
      v = inst_value_next(v);
    }
  }
  return false;
}

/* ---- members --------------------------------------------------------------------------------- */

/* The constant, or the members but for null. */
static void add_members(const inst_value *node, inst_arena *arena, inst_value *members) {
  const inst_value *constant = inst_find(node, "const"), *list = inst_find(node, "enum");
  if (constant != NULL) inst_push(members, inst_value_alias(arena, constant));
  if (constant != NULL || !is_kind(list, INST_ARRAY)) return;
  for (const inst_value *v = inst_value_first(list); v != NULL; v = inst_value_next(v)) {
    if (!is_kind(v, INST_NULL)) inst_push(members, inst_value_alias(arena, v));
  }
}

static bool names_members(const inst_value *node) {
  return inst_find(node, "const") != NULL || is_kind(inst_find(node, "enum"), INST_ARRAY);
}

bool box_shape_members(const box_shape *shape, inst_arena *arena, inst_value *members) {
  for (size_t i = 0; i < shape->count; i++) {
    if (!names_members(shape->parts[i])) continue;
    add_members(shape->parts[i], arena, members);
    return true;
  }
  if (shape->choice == NULL) return false;
  const inst_value *b = inst_value_first(shape->choice);
  for (; b != NULL; b = inst_value_next(b)) {
    if (!names_members(b) && !is_null_branch(b)) return false;
  }
  for (b = inst_value_first(shape->choice); b != NULL; b = inst_value_next(b)) {
    if (!is_null_branch(b)) add_members(b, arena, members);
  }
  return true;
}

const inst_value *box_shape_property(const box_shape *shape, const inst_value *last, size_t *part) {
  if (last == NULL) *part = 0;
  const inst_value *next = last != NULL ? inst_value_next(last) : NULL;
  if (last != NULL && next == NULL) ++*part;
  for (; next == NULL && *part < shape->count; ++*part) {
    const inst_value *list = inst_find(shape->parts[*part], "properties");
    next = is_kind(list, INST_OBJECT) ? inst_value_first(list) : NULL;
    if (next != NULL) break;
  }
  return next;
}

bool box_shape_is_schema(const inst_value *v) {
  static const char *const lists[] = {"enum", "anyOf", "oneOf", "allOf"};
  if (!is_kind(v, INST_OBJECT)) return false;
  if (is_kind(inst_find(v, "properties"), INST_OBJECT)) return true;
  if (type_bits(inst_find(v, "type")) != 0 || inst_find_text(v, "$ref").p != NULL) return true;
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    if (is_kind(inst_find(v, lists[i]), INST_ARRAY)) return true;
  }
  return false;
}
