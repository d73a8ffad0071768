/*
** Walking a printed schema, place by place, without recursion.
*/
#include "core/wire/subset.h"

#include "core/base/error.h"

#define LONG_ENUM 250 /* texts; the bytes of a longer enum are limited */

/* A schema still to be looked at. */
typedef struct place {
  inst_value *schema;
  const struct place *outer; /* NULL: the root */
  inst_str step;             /* what leads here: a field's name, "[]", or nothing */
  unsigned level;            /* of objects */
  struct place *next;
} place;

typedef struct walk {
  const inst_provider *row;
  bool strict;
  inst_str skip;
  inst_arena *arena;
  inst_error *error;
  place *first, *last;
  size_t properties, values, text;
} walk;

static void add(walk *w, inst_value *schema, const place *outer, inst_str step) {
  place *p = inst_arena_get(w->arena, sizeof *p);
  if (p == NULL) return;
  *p = (place){.schema = schema, .outer = outer, .step = step};
  p->level = outer != NULL ? outer->level : 0;
  if (w->last != NULL)
    w->last->next = p;
  else
    w->first = p;
  w->last = p;
}

/* ---- saying where ---------------------------------------------------------------------------- */

/* "a.b[]", or "the root". */
static const char *name_of(const walk *w, const place *p) {
  inst_str path = INST_LIT("");
  for (; p != NULL; p = p->outer) {
    bool hidden = p->step.n == 0 ||
                  (p->outer != NULL && p->outer->outer == NULL && inst_str_is(p->step, w->skip));
    if (hidden) continue;
    inst_buf buf;
    inst_buf_init(&buf, w->arena->alloc);
    inst_buf_add(&buf, p->step);
    if (path.n > 0 && path.p[0] != '[') inst_buf_byte(&buf, '.');
    inst_buf_add(&buf, path);
    path = inst_buf_take(&buf, w->arena);
  }
  return path.n > 0 ? path.p : "the root";
}

/* A mode that asks nothing of the schema. */
static const char *other_mode(const inst_provider *row) {
  return (row->modes & 1u << INST_MODE_TOOLS) != 0 ? "TOOLS" : "MD_JSON";
}

static int refuse(const walk *w, const place *p, const char *what, const char *instead) {
  char where[120];
  const char *name = name_of(w, p);
  size_t n = strlen(name) < sizeof where - 1 ? strlen(name) : sizeof where - 1;
  memcpy(where, name, n);
  where[n] = '\0';
  return inst_error_set(w->error, INST_E_USAGE,
                        "%s does not take %s at %s under its strict rules: %s, or take the mode %s",
                        w->row->name, what, where, instead, other_mode(w->row));
}

static int exceed(const walk *w, size_t count, unsigned limit, const char *what) {
  if (limit == 0 || count <= limit) return 0;
  return inst_error_set(w->error, INST_E_USAGE,
                        "%s takes a schema of at most %u %s, not of %zu: ask for less at once, or "
                        "take the mode %s",
                        w->row->name, limit, what, count, other_mode(w->row));
}

/* ---- strict rules ---------------------------------------------------------------------------- */

static const struct {
  const char *keyword, *what, *instead;
} refused[] = {
    {"allOf", "allOf (an intersection)", "write one object with the fields of all"},
    {"not", "not", "leave it to a check of your own"},
    {"if", "if", "leave it to a check of your own"},
    {"prefixItems", "prefixItems (a tuple)", "make it an object with named fields"},
    {"patternProperties", "patternProperties", "make it a list of key and value"},
    {"propertyNames", "propertyNames (a record)", "make it a list of key and value"},
    {"dependentRequired", "dependentRequired", "leave it to a check of your own"},
    {"dependentSchemas", "dependentSchemas", "leave it to a check of your own"},
    {"contains", "contains", "leave it to a check of your own"},
    {"uniqueItems", "uniqueItems", "leave it to a check of your own"},
    {"minProperties", "minProperties", "leave it to a check of your own"},
    {"maxProperties", "maxProperties", "leave it to a check of your own"},
    {"unevaluatedProperties", "unevaluatedProperties", "declare the fields"},
    {"unevaluatedItems", "unevaluatedItems", "declare the items"},
};

/* Does it say what it is? */
static bool is_told(const inst_value *schema) {
  static const char *const words[] = {"type", "anyOf", "enum", "const", "$ref"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (inst_find(schema, words[i]) != NULL) return true;
  return false;
}

/* Is 'type' that one, or a list with it? */
static bool is_type(const inst_value *schema, inst_str type) {
  const inst_value *said = inst_find(schema, "type");
  if (said == NULL) return false;
  if (inst_value_kind_of(said) == INST_STRING) return inst_str_is(inst_value_text(said), type);
  for (const inst_value *v = inst_value_first(said); v != NULL; v = inst_value_next(v))
    if (inst_str_is(inst_value_text(v), type)) return true;
  return false;
}

static int check_object(const walk *w, const place *p) {
  const inst_value *more = inst_find(p->schema, "additionalProperties");
  bool closed = more != NULL && inst_value_kind_of(more) == INST_BOOL && !inst_value_bool(more);
  if (!closed)
    return refuse(w, p, "an open object (a record)",
                  "declare its fields, or make it a list of key and value");
  return 0;
}

static int check_strict(const walk *w, const place *p) {
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    if (inst_find(p->schema, refused[i].keyword) != NULL)
      return refuse(w, p, refused[i].what, refused[i].instead);
  if (inst_value_kind_of(p->schema) != INST_OBJECT || !is_told(p->schema))
    return refuse(w, p, "a value of any type", "say which types it may have");
  if (is_type(p->schema, INST_LIT("object"))) return check_object(w, p);
  if (is_type(p->schema, INST_LIT("array")) && inst_find(p->schema, "items") == NULL)
    return refuse(w, p, "a list of unknown items", "say what its items are");
  return 0;
}

/* ---- formats --------------------------------------------------------------------------------- */

static bool is_known_format(inst_str format) {
  static const char *const known[] = {"date-time", "time", "date", "duration", "email",
                                      "hostname",  "ipv4", "ipv6", "uuid"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (inst_str_is(format, inst_str_of(known[i]))) return true;
  return false;
}

static void take_out(inst_value *object, const inst_value *member) {
  inst_value *before = NULL;
  for (inst_value *v = inst_value_first(object); v != NULL && v != member; v = v->next) before = v;
  if (before != NULL)
    before->next = member->next;
  else
    object->u.list.first = member->next;
  if (object->u.list.last == member) object->u.list.last = before;
  object->u.list.count--;
}

/* A format that strict rules do not know is said in words instead. */
static void word_format(const walk *w, inst_value *schema) {
  inst_value *format = inst_find(schema, "format");
  if (format == NULL || is_known_format(inst_value_text(format))) return;
  inst_str said = inst_find_text(schema, "description");
  inst_buf buf;
  inst_buf_init(&buf, w->arena->alloc);
  inst_buf_add(&buf, said);
  inst_buf_addf(&buf, "%sIt must have the format ", said.n > 0 ? " " : "");
  inst_buf_add(&buf, inst_value_text(format));
  inst_buf_byte(&buf, '.');
  take_out(schema, format);
  inst_str words = inst_buf_take(&buf, w->arena);
  inst_replace(w->arena, schema, INST_LIT("description"), inst_string(w->arena, words));
}

/* ---- walking --------------------------------------------------------------------------------- */

static int weigh_values(walk *w, const inst_value *list) {
  size_t count = 0, bytes = 0;
  for (const inst_value *v = inst_value_first(list); v != NULL; v = inst_value_next(v)) {
    count++;
    if (inst_value_kind_of(v) == INST_STRING) bytes += inst_value_text(v).n;
  }
  w->values += count;
  w->text += bytes;
  return count > LONG_ENUM ? exceed(w, bytes, w->row->limits.enum_text, "bytes in one enum") : 0;
}

/* The members of 'key' are schemas, each led to by its name. */
static void add_named(walk *w, const place *p, const char *key) {
  inst_value *object = inst_find(p->schema, key);
  for (inst_value *v = inst_value_first(object); v != NULL; v = inst_value_next(v)) {
    add(w, v, p, inst_value_key(v));
    w->text += inst_value_key(v).n;
  }
}

static void add_inner(walk *w, const place *p) {
  inst_value *items = inst_find(p->schema, "items"), *any = inst_find(p->schema, "anyOf");
  add_named(w, p, "properties");
  add_named(w, p, "$defs");
  if (items != NULL) add(w, items, p, INST_LIT("[]"));
  for (inst_value *v = inst_value_first(any); v != NULL; v = inst_value_next(v))
    add(w, v, p, INST_LIT(""));
}

/* Strict rules know one union alone; that one branch alone fits is for the validator to say. */
static void make_plain_union(inst_value *schema) {
  inst_value *one = inst_find(schema, "oneOf");
  if (one != NULL && inst_find(schema, "anyOf") == NULL) one->key = INST_LIT("anyOf");
}

static int look(walk *w, place *p) {
  const inst_value *one = inst_find(p->schema, "const");
  if (w->strict) make_plain_union(p->schema);
  if (w->strict && check_strict(w, p) != 0) return -1;
  if (w->strict) word_format(w, p->schema);
  if (is_type(p->schema, INST_LIT("object"))) p->level++;
  if (exceed(w, p->level, w->row->limits.levels, "levels of objects") != 0) return -1;
  w->properties += inst_value_count(inst_find(p->schema, "properties"));
  if (one != NULL) w->text += inst_value_text(one).n;
  if (weigh_values(w, inst_find(p->schema, "enum")) != 0) return -1;
  add_inner(w, p);
  return 0;
}

int inst_subset_fit(inst_value *schema, const inst_provider *row, bool strict, inst_str skip,
                    inst_arena *arena, inst_error *error) {
  walk w = {.row = row, .strict = strict, .skip = skip, .arena = arena, .error = error};
  const inst_limits *limits = &row->limits;
  add(&w, schema, NULL, INST_LIT(""));
  for (place *p = w.first; p != NULL; p = p->next)
    if (look(&w, p) != 0) return -1;
  if (exceed(&w, w.properties, limits->properties, "properties") != 0) return -1;
  if (exceed(&w, w.values, limits->values, "enum values") != 0) return -1;
  return exceed(&w, w.text, limits->text, "bytes of names and enum values");
}
