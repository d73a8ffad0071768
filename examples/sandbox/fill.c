/*
** A stack of frames, one for each object, list and choice that is being filled.
** A frame asks for one place inside it and waits; what came of it is in the machine's 'outcome'
** when its turn comes again.  An object goes through its properties several times: what the text
** says outright, then objects and lists, then what is likely, then what has to be filled somehow.
** A choice tries its branches and undoes what they took; the best is filled once more.
*/
#include "examples/sandbox/fill.h"

#include "examples/sandbox/find.h"
#include "examples/sandbox/leaf.h"
#include "examples/sandbox/lists.h"
#include "examples/sandbox/texts.h"

#define MOST_EMPTY_ITEMS 100 /* put into a list that must not be short */

/* ---- what is being filled -------------------------------------------------------------------- */

/* What came of a place. */
typedef struct outcome {
  inst_value *value; /* of the right form, even when nothing was found */
  int found;         /* values the text had */
  int lost;          /* values it should have had */
} outcome;

/* One property of an object being filled. */
typedef struct slot {
  const inst_value *schema; /* with the property's key */
  box_shape shape;
  box_field field;
  inst_value *value; /* NULL: nothing yet */
  bool required, leaf;
} slot;

/* A passage through the properties of an object. */
typedef enum pass {
  PASS_SURE,   /* what the text says outright */
  PASS_INNER,  /* objects and lists */
  PASS_LIKELY, /* what suits the kind of field */
  PASS_KNOWN,  /* required, of a known kind, whatever fits */
  PASS_REST,   /* required, of no known kind */
  PASS_END
} pass;

typedef enum frame_kind { FRAME_OBJECT, FRAME_LIST, FRAME_CHOICE } frame_kind;

/* A place with others inside it. */
typedef struct frame {
  frame_kind kind;
  box_shape shape;
  box_field field;
  box_span span;
  bool waiting; /* for the outcome of the place inside */
  outcome so_far;
  /* object */
  slot *slots;
  size_t count, at;
  pass pass;
  unsigned owner;
  /* list */
  const inst_value *item; /* the schema of an item; of a tuple: of the next */
  box_field item_field;
  bool tuple, keyed;
  box_parts parts;
  /* choice */
  const inst_value *branch, *best_branch;
  outcome best;
  size_t taken;      /* before the branch under way */
  box_filled before; /* likewise */
  bool again;        /* the best is being filled once more */
} frame;

typedef struct machine {
  box_source source;
  inst_arena *arena;
  const inst_value *root;
  frame *frames;
  size_t depth, fields;
  unsigned owners;
  outcome outcome; /* of the place just left */
  box_filled *filled;
} machine;

/* One place more; false: there have been too many. */
static bool spend(machine *m) {
  if (m->fields > 0) m->fields--;
  return m->fields > 0;
}

static void leave(machine *m, inst_value *value, int found, int lost) {
  m->outcome = (outcome){value, found, lost};
}

/* What two views of the same place have in common, however each was reached. */
static const inst_value *identity(const box_shape *shape) {
  return shape->count > 0 ? shape->parts[shape->count - 1] : NULL;
}

/* Is this very place being filled from this very text already? */
static bool goes_round(const machine *m, const box_shape *shape, box_span span) {
  for (size_t i = 0; i < m->depth; i++) {
    const frame *f = &m->frames[i];
    bool same = f->span.from == span.from && f->span.to == span.to;
    if (same && identity(&f->shape) == identity(shape)) return true;
  }
  return false;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

/* Remembers the first number of the answer, for errors on purpose. */
static void note_number(machine *m, const box_shape *shape, const box_field *field, inst_value *v) {
  const unsigned number = BOX_T_NUMBER | BOX_T_INTEGER;
  bool only = shape->types != 0 && (shape->types & ~number) == 0;
  if (!only || m->filled->number != NULL || !inst_value_is_number(v)) return;
  if (box_shape_get(shape, "enum") != NULL || box_shape_get(shape, "const") != NULL) return;
  m->filled->number = v;
  m->filled->unit = field->unit;
}

static inst_value *find(machine *m, const box_shape *shape, const box_query *query) {
  inst_value *v = box_leaf_find(&m->source, shape, query);
  if (v != NULL) note_number(m, shape, query->field, v);
  return v;
}

/* A leaf that stands alone: the whole answer, an item, a branch. */
static void fill_leaf(machine *m, const box_shape *shape, const box_field *field, box_span span,
                      box_level level) {
  box_query query = {field, span, ++m->owners, level};
  const inst_value *constant = box_leaf_constant(shape);
  inst_value *v = constant == NULL ? find(m, shape, &query) : NULL;
  if (v != NULL)
    leave(m, v, 1, 0);
  else
    leave(m, box_leaf_empty(shape, m->arena), 0, constant == NULL && !shape->nullable ? 1 : 0);
}

/* ---- entering -------------------------------------------------------------------------------- */

/* Reads one property; where two parts of the schema have the same, the first counts. */
static void add_slot(machine *m, frame *f, const inst_value *property) {
  for (size_t i = 0; f->shape.count > 1 && i < f->count; i++) {
    if (inst_str_is(inst_value_key(f->slots[i].schema), inst_value_key(property))) return;
  }
  slot *s = &f->slots[f->count++];
  *s = (slot){.schema = property};
  box_shape_read(&s->shape, m->root, property);
  box_field_read(&s->field, &f->field, inst_value_key(property), &s->shape);
  s->required = box_shape_requires(&f->shape, inst_value_key(property));
  s->leaf = box_leaf_is(&s->shape, m->arena);
  const inst_value *constant = box_leaf_constant(&s->shape);
  if (constant != NULL) s->value = inst_value_alias(m->arena, constant);
}

static bool enter_object(machine *m, frame *f) {
  size_t room = 0, part;
  const inst_value *p = NULL;
  while ((p = box_shape_property(&f->shape, p, &part)) != NULL) room++;
  if (room > m->fields) room = m->fields;
  f->slots = inst_arena_get(m->arena, (room + 1) * sizeof *f->slots);
  if (f->slots == NULL) return false;
  for (size_t i = 0; i < room; i++) {
    p = box_shape_property(&f->shape, p, &part);
    spend(m);
    add_slot(m, f, p);
  }
  f->kind = FRAME_OBJECT;
  f->owner = ++m->owners;
  return true;
}

/* What kind of names the objects of a list have, and whether they have numbers. */
static box_sort item_sort(const machine *m, const box_shape *item, bool *numbers) {
  box_shape shape, property;
  box_field field;
  box_sort sort = BOX_SORTS;
  const inst_value *p = NULL;
  size_t part;
  *numbers = false;
  shape = *item;
  if (item->choice != NULL) box_shape_read(&shape, m->root, inst_value_first(item->choice));
  for (int left = 64; left > 0 && (p = box_shape_property(&shape, p, &part)) != NULL; left--) {
    box_shape_read(&property, m->root, p);
    box_field_read(&field, NULL, inst_value_key(p), &property);
    if ((property.types & (BOX_T_NUMBER | BOX_T_INTEGER)) != 0) *numbers = true;
    bool text = (property.types & BOX_T_STRING) != 0 && box_leaf_constant(&property) == NULL;
    if (text && sort == BOX_SORTS) sort = box_text_sort(field.kind);
  }
  return sort;
}

/* Leaves are collected at once; objects and lists wait for their parts. */
static bool enter_items(machine *m, frame *f, box_level level) {
  box_shape item;
  bool numbers;
  box_shape_read(&item, m->root, f->item);
  box_field_read(&f->item_field, &f->field, f->field.name, &item);
  if (f->item_field.kind == BOX_K_ANY) f->item_field.kind = f->field.kind;
  if (f->item_field.unit == BOX_NO_UNIT) f->item_field.unit = f->field.unit;
  if (f->keyed) return box_parts_pairs(&m->source, f->span, &f->parts);
  if (box_leaf_is(&item, m->arena)) {
    box_query query = {&f->item_field, f->span, ++m->owners, level};
    box_leaf_collect(&m->source, &item, &query, f->so_far.value);
    f->so_far.found = (int)inst_value_count(f->so_far.value);
    return true;
  }
  box_sort sort = item_sort(m, &item, &numbers);
  return box_parts_objects(&m->source, f->span, sort, numbers, &f->parts);
}

static bool enter_list(machine *m, frame *f, box_level level) {
  const inst_value *items = box_shape_get(&f->shape, "items");
  const inst_value *tuple = box_shape_get(&f->shape, "prefixItems");
  f->kind = FRAME_LIST;
  f->so_far.value = f->keyed ? inst_object(m->arena) : inst_array(m->arena);
  if (tuple == NULL && items != NULL && inst_value_kind_of(items) == INST_ARRAY) tuple = items;
  f->tuple = tuple != NULL && inst_value_kind_of(tuple) == INST_ARRAY;
  f->item = f->tuple ? inst_value_first(tuple) : items;
  if (f->keyed) f->item = box_shape_get(&f->shape, "additionalProperties");
  return f->so_far.value != NULL && (f->tuple || enter_items(m, f, level));
}

/* How much the text speaks for a branch by what is constant in it: {"type": "dog"}. */
static int branch_weight(machine *m, const frame *f, const inst_value *branch) {
  box_shape shape;
  const inst_value *p = NULL;
  size_t part;
  int best = 0;
  box_query query = {&f->field, f->span, 0, BOX_LIKELY};
  box_shape_read(&shape, m->root, branch);
  for (int left = 16; left > 0 && (p = box_shape_property(&shape, p, &part)) != NULL; left--) {
    box_shape property;
    box_shape_read(&property, m->root, p);
    const inst_value *constant = box_leaf_constant(&property);
    int weight = constant != NULL ? box_find_weight(&m->source, &query, constant) : 0;
    if (weight > best) best = weight;
  }
  return best;
}

/* A branch whose constants the text names is the only one tried. */
static void enter_choice(machine *m, frame *f) {
  int best = 0, left = BOX_FILL_BRANCHES;
  f->kind = FRAME_CHOICE;
  f->branch = inst_value_first(f->shape.choice);
  for (const inst_value *b = f->branch; b != NULL && left > 0; b = inst_value_next(b), left--) {
    int weight = branch_weight(m, f, b);
    if (weight <= best) continue;
    best = weight;
    f->best_branch = b;
  }
  if (best > 0) {
    f->branch = NULL;
    f->best.found = 1;
  }
}

/* An object of any keys, whose values all have one schema. */
static bool is_record(const box_shape *shape) {
  size_t part;
  const inst_value *more = box_shape_get(shape, "additionalProperties");
  return box_shape_property(shape, NULL, &part) == NULL && more != NULL &&
         inst_value_kind_of(more) == INST_OBJECT;
}

/* The fields of a record whose keys are listed, as an object's schema; NULL: its keys are free. */
static const inst_value *listed_record(machine *m, const box_shape *shape) {
  const inst_value *names = inst_find(box_shape_get(shape, "propertyNames"), "enum");
  if (!is_record(shape) || names == NULL || inst_value_kind_of(names) != INST_ARRAY) return NULL;
  const inst_value *more = box_shape_get(shape, "additionalProperties");
  const inst_value *required = box_shape_get(shape, "required");
  inst_value *out = inst_object(m->arena), *fields = inst_object(m->arena);
  inst_put(m->arena, out, INST_LIT("type"), inst_string(m->arena, INST_LIT("object")));
  inst_put(m->arena, out, INST_LIT("properties"), fields);
  if (required != NULL)
    inst_put(m->arena, out, INST_LIT("required"), inst_value_alias(m->arena, required));
  for (const inst_value *n = inst_value_first(names); n != NULL; n = inst_value_next(n))
    inst_put(m->arena, fields, inst_value_text(n), inst_value_alias(m->arena, more));
  return out;
}

/* Goes to a place: its outcome is there at once, or a frame is on the stack.  False: no memory. */
static bool enter(machine *m, const inst_value *schema, const box_field *field, box_span span,
                  box_level level) {
  box_shape shape;
  box_shape_read(&shape, m->root, schema);
  const inst_value *listed = listed_record(m, &shape);
  if (listed != NULL) box_shape_read(&shape, m->root, listed);
  bool full = !spend(m) || m->depth == BOX_FILL_DEPTH || goes_round(m, &shape, span);
  if (!full && box_leaf_is(&shape, m->arena)) {
    fill_leaf(m, &shape, field, span, level);
    return !inst_arena_failed(m->arena);
  }
  if (full) {
    leave(m, box_leaf_empty(&shape, m->arena), 0, 0);
    return !inst_arena_failed(m->arena);
  }
  frame *f = &m->frames[m->depth++];
  *f = (frame){.shape = shape, .field = *field, .span = span, .pass = PASS_SURE};
  f->keyed = (shape.types & BOX_T_OBJECT) != 0 && is_record(&shape);
  if (shape.choice != NULL && (shape.types & BOX_T_OBJECT) == 0)
    enter_choice(m, f);
  else if (f->keyed || (shape.types & BOX_T_OBJECT) == 0)
    return enter_list(m, f, level);
  else
    return enter_object(m, f);
  return true;
}

/* ---- objects --------------------------------------------------------------------------------- */

static box_level level_of(pass p) {
  return p == PASS_SURE ? BOX_ONLY_SURE : p == PASS_LIKELY ? BOX_LIKELY : BOX_ANYTHING;
}

/* Is the property's turn in this passage? */
static bool has_turn(const slot *s, pass p) {
  bool must = s->required && !s->shape.nullable;
  bool known = s->field.kind != BOX_K_ANY || s->field.unit != BOX_NO_UNIT;
  bool number = (s->shape.types & (BOX_T_NUMBER | BOX_T_INTEGER)) != 0;
  if (s->value != NULL) return false;
  switch (p) {
  case PASS_INNER: return !s->leaf;
  case PASS_SURE: return s->leaf;
  case PASS_LIKELY: return s->leaf && (must || !number || s->field.unit == BOX_AGE);
  case PASS_KNOWN: return s->leaf && must && known;
  default: return s->leaf && must;
  }
}

/* Keeps what came of an inner place: nothing, where nothing is allowed and nothing was found. */
static void keep_inner(machine *m, frame *f, slot *s) {
  const outcome *o = &m->outcome;
  if (o->found > 0 || (s->required && !s->shape.nullable)) s->value = o->value;
  f->so_far.found += o->found;
  if (o->found > 0 || s->required) f->so_far.lost += o->lost;
}

/* Builds the object in the schema's order; what must be there and is not gets its empty value. */
static void finish_object(machine *m, frame *f) {
  inst_value *object = inst_object(m->arena);
  for (size_t i = 0; i < f->count; i++) {
    slot *s = &f->slots[i];
    bool must = s->required && !s->shape.nullable;
    if (s->value == NULL && !s->required) continue;
    if (s->value == NULL && must) f->so_far.lost++;
    if (s->value == NULL) s->value = box_leaf_empty(&s->shape, m->arena);
    inst_put(m->arena, object, inst_value_key(s->schema), s->value);
  }
  m->depth--;
  leave(m, object, f->so_far.found, f->so_far.lost);
}

static bool step_object(machine *m, frame *f) {
  if (f->waiting) keep_inner(m, f, &f->slots[f->at++]);
  f->waiting = false;
  for (; f->pass < PASS_END; f->pass++, f->at = 0) {
    for (; f->at < f->count; f->at++) {
      slot *s = &f->slots[f->at];
      if (!has_turn(s, f->pass)) continue;
      if (f->pass == PASS_INNER) {
        f->waiting = true;
        bool must = s->required && !s->shape.nullable;
        return enter(m, s->schema, &s->field, f->span, must ? BOX_ANYTHING : BOX_LIKELY);
      }
      box_query query = {&s->field, f->span, f->owner, level_of(f->pass)};
      s->value = find(m, &s->shape, &query);
      if (s->value != NULL) f->so_far.found++;
    }
  }
  finish_object(m, f);
  return !inst_arena_failed(m->arena);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* A number of items the schema sets, at most 'most'. */
static size_t bound(const box_shape *shape, const char *keyword, double otherwise, double most) {
  double d = box_shape_number(shape, keyword, otherwise);
  return d > most ? (size_t)most : d > 0 ? (size_t)d : 0;
}

/* Appends what came of the last part or empty item. */
static void keep_item(machine *m, frame *f) {
  const outcome *o = &m->outcome;
  size_t i = f->at - 1;
  bool part = !f->tuple && i < f->parts.count;
  if (part && o->found == 0) return; /* the part was about something else */
  f->so_far.found += o->found;
  f->so_far.lost += o->lost;
  if (f->keyed && part) {
    inst_str key = box_words_text(&m->source.words, f->parts.keys[i]);
    inst_put(m->arena, f->so_far.value, key, o->value);
  } else if (!f->keyed) {
    inst_push(f->so_far.value, o->value);
  }
}

/* The list, cut to the length the schema allows. */
static bool finish_list(machine *m, frame *f) {
  m->depth--;
  size_t most = bound(&f->shape, "maxItems", BOX_MOST_PARTS, BOX_MOST_PARTS);
  inst_value *value = f->so_far.value;
  if (!f->keyed && inst_value_count(value) > most) {
    inst_value *cut = inst_array(m->arena);
    for (inst_value *next, *v = inst_value_first(value); v != NULL; v = next) {
      next = inst_value_next(v);
      if (inst_value_count(cut) < most) inst_push(cut, v);
    }
    value = cut;
  }
  leave(m, value, f->so_far.found, f->so_far.lost);
  return !inst_arena_failed(m->arena);
}

/* Each place of a tuple looks at the whole text; what one has taken the next does not get. */
static bool step_tuple(machine *m, frame *f) {
  const inst_value *item = f->item;
  if (item == NULL) return finish_list(m, f);
  f->item = inst_value_next(item);
  f->at++;
  f->waiting = true;
  return enter(m, item, &f->field, f->span, BOX_ANYTHING);
}

/* The parts one by one, then as many empty items as the schema wants at least. */
static bool step_list(machine *m, frame *f) {
  if (f->waiting) keep_item(m, f);
  f->waiting = false;
  if (inst_arena_failed(m->arena)) return false;
  if (f->tuple) return step_tuple(m, f);
  size_t least = f->keyed ? 0 : bound(&f->shape, "minItems", 0, MOST_EMPTY_ITEMS);
  box_span span = {f->span.to, f->span.to};
  if (f->at < f->parts.count) {
    span = f->parts.spans[f->at];
  } else if (inst_value_count(f->so_far.value) >= least ||
             f->at > BOX_MOST_PARTS + MOST_EMPTY_ITEMS) {
    return finish_list(m, f);
  }
  f->at++;
  f->waiting = true;
  return enter(m, f->item, &f->item_field, span, BOX_ANYTHING);
}

/* ---- choices --------------------------------------------------------------------------------- */

/* As if the branch under way had never been tried. */
static void undo(machine *m, const frame *f) {
  box_source_undo(&m->source, f->taken);
  *m->filled = f->before;
}

/* Is 'a' more worth than 'b'?  What is found counts, what is lost counts double. */
static bool is_better(const outcome *a, const outcome *b) {
  if (b->value == NULL) return true;
  if ((a->found > 0) != (b->found > 0)) return a->found > 0;
  return a->found - 2 * a->lost > b->found - 2 * b->lost;
}

static bool try_branch(machine *m, frame *f, const inst_value *branch) {
  f->taken = m->source.taken_count;
  f->before = *m->filled;
  f->waiting = true;
  return enter(m, branch, &f->field, f->span, f->again ? BOX_ANYTHING : BOX_LIKELY);
}

static bool finish_choice(machine *m) {
  m->depth--; /* the outcome is the branch's */
  return !inst_arena_failed(m->arena);
}

/* The first branch that is filled without loss; else the best of them, filled again. */
static bool step_choice(machine *m, frame *f) {
  if (f->waiting) {
    const outcome *o = &m->outcome;
    if (f->again || (o->found > 0 && o->lost == 0)) return finish_choice(m);
    undo(m, f);
    if (is_better(o, &f->best)) {
      f->best = *o;
      f->best_branch = f->branch;
    }
    f->branch = inst_value_next(f->branch);
  }
  size_t tried = f->at++;
  if (f->branch != NULL && tried < BOX_FILL_BRANCHES) return try_branch(m, f, f->branch);
  if (f->best.found == 0 && f->shape.nullable) {
    leave(m, inst_null(m->arena), 0, 0);
    return finish_choice(m);
  }
  f->again = true;
  return try_branch(m, f, f->best_branch);
}

/* ---- all together ---------------------------------------------------------------------------- */

static bool run(machine *m, inst_str name) {
  static bool (*const steps[])(machine *, frame *) = {
      [FRAME_OBJECT] = step_object, [FRAME_LIST] = step_list, [FRAME_CHOICE] = step_choice};
  box_shape shape;
  box_field field, outer;
  box_shape_read(&shape, m->root, m->root);
  box_field_read(&outer, NULL, name, &shape);
  box_field_read(&field, &outer, (inst_str){"", 0}, &shape);
  if (!enter(m, m->root, &field, box_words_all(&m->source.words), BOX_ANYTHING)) return false;
  while (m->depth > 0) {
    frame *f = &m->frames[m->depth - 1];
    if (!steps[f->kind](m, f)) return false;
  }
  return m->outcome.value != NULL;
}

bool box_fill(box_filled *filled, const inst_value *schema, inst_str name, inst_str text,
              inst_arena *arena) {
  *filled = (box_filled){0};
  machine m = {.arena = arena, .root = schema, .fields = BOX_FILL_FIELDS, .filled = filled};
  m.frames = inst_arena_get(arena, BOX_FILL_DEPTH * sizeof *m.frames);
  if (m.frames == NULL || !box_source_read(&m.source, text, arena) || !run(&m, name)) return false;
  filled->value = m.outcome.value;
  return true;
}
