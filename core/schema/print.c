/*
** A schema as JSON Schema, in the profile of a provider: what the schema takes in, objects closed,
** fields in order, no bounds the user did not write.
** What a profile cannot say in keywords it says in words, in the description: nothing that a value
** is judged by is dropped in silence.
*/
#include "core/schema/print.h"

#include "core/base/number.h"
#include "core/json/write.h"
#include "core/schema/tree.h"

#include <math.h>

/* One printing at work. */
typedef struct printer {
  const inst_schema *schema;
  const inst_profile *profile;
  inst_arena *arena;
  inst_str notes; /* sentences for the description of the value at hand */
} printer;

static inst_value *print_whole(printer *pr, inst_node number, bool forced);

static void put(printer *pr, inst_value *object, const char *key, inst_value *value) {
  if (object != NULL) inst_put(pr->arena, object, inst_str_of(key), value);
}

static inst_value *text(printer *pr, const char *c_string) {
  return inst_string(pr->arena, inst_str_of(c_string));
}

static inst_value *typed(printer *pr, const char *type) {
  inst_value *out = inst_object(pr->arena);
  put(pr, out, "type", text(pr, type));
  return out;
}

static inst_value *number(printer *pr, double d) {
  int64_t i;
  return inst_number_is_int(d, &i) ? inst_int(pr->arena, i) : inst_real(pr->arena, d);
}

/* ---- words ----------------------------------------------------------------------------------- */

/* 'a' and 'b' with a blank between them where both say something. */
static inst_str join(printer *pr, inst_str a, inst_str b) {
  inst_buf buf;
  inst_buf_init(&buf, pr->arena->alloc);
  inst_buf_add(&buf, a);
  if (a.n > 0 && b.n > 0) inst_buf_byte(&buf, ' ');
  inst_buf_add(&buf, b);
  return inst_buf_take(&buf, pr->arena);
}

/* Notes a sentence: what no keyword of this profile can say. */
static void say(printer *pr, const char *words, inst_str quoted, const char *end) {
  inst_buf buf;
  inst_buf_init(&buf, pr->arena->alloc);
  inst_buf_addf(&buf, "%s ", words);
  inst_buf_add(&buf, quoted);
  inst_buf_addf(&buf, "%s.", end);
  pr->notes = join(pr, pr->notes, inst_buf_take(&buf, pr->arena));
}

static void say_value(printer *pr, const char *words, const inst_value *v, const char *end) {
  say(pr, words, inst_json_text(pr->arena, v), end);
}

/* The notes, behind whatever description there is. */
static void put_notes(printer *pr, inst_value *out) {
  if (pr->notes.n == 0) return;
  inst_str whole = join(pr, inst_find_text(out, "description"), pr->notes);
  inst_replace(pr->arena, out, INST_LIT("description"), inst_string(pr->arena, whole));
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* Keeps the tighter of two bounds. */
static void bound(printer *pr, inst_value *out, const char *key, double d, bool lower) {
  const inst_value *before = inst_find(out, key);
  if (before != NULL && (lower ? inst_value_real(before) >= d : inst_value_real(before) <= d))
    return;
  inst_replace(pr->arena, out, inst_str_of(key), number(pr, d));
}

static void print_size(printer *pr, inst_value *out, const inst_check *check, const char *least,
                       const char *most) {
  if (check->kind != INST_CHECK_MAX) bound(pr, out, least, check->number, true);
  if (check->kind != INST_CHECK_MIN) bound(pr, out, most, check->number, false);
}

/* Strict providers take no lengths of texts. */
static void say_length(printer *pr, const inst_check *check) {
  const char *words = check->kind == INST_CHECK_MIN   ? "It must have at least"
                      : check->kind == INST_CHECK_MAX ? "It must have at most"
                                                      : "It must have exactly";
  say_value(pr, words, number(pr, check->number),
            check->number > 1 || check->number < 1 ? " characters" : " character");
}

static inst_value *alone(printer *pr, const char *key, const inst_value *value) {
  inst_value *out = inst_object(pr->arena);
  put(pr, out, key, inst_value_alias(pr->arena, value));
  return out;
}

/* A keyword that may be needed more than once: then each goes into allOf. */
static void print_repeatable(printer *pr, inst_value *out, const char *key, inst_value *value) {
  inst_value *first = inst_find(out, key), *all = inst_find(out, "allOf");
  if (first == NULL && all == NULL) {
    put(pr, out, key, value);
    return;
  }
  if (all == NULL) {
    all = inst_array(pr->arena);
    inst_push(all, alone(pr, key, first));
    inst_replace(pr->arena, out, inst_str_of(key), all);
    if (all != NULL) all->key = INST_LIT("allOf");
  }
  inst_push(all, alone(pr, key, value));
}

/* Strict providers take no allOf. */
static void print_pattern(printer *pr, inst_value *out, inst_str pattern) {
  if (pr->profile->strict && inst_find(out, "pattern") != NULL)
    say(pr, "It must also match the pattern", pattern, "");
  else
    print_repeatable(pr, out, "pattern", inst_string(pr->arena, pattern));
}

static void print_divisor(printer *pr, inst_value *out, inst_value *divisor) {
  if (pr->profile->strict && inst_find(out, "multipleOf") != NULL)
    say_value(pr, "It must also be a multiple of", divisor, "");
  else
    print_repeatable(pr, out, "multipleOf", divisor);
}

/* 'check->text' as a pattern that matches it literally, between 'before' and 'after'. */
static void print_literal(printer *pr, inst_value *out, const inst_check *check, const char *before,
                          const char *after) {
  inst_buf buf;
  inst_buf_init(&buf, pr->arena->alloc);
  inst_buf_addf(&buf, "%s", before);
  for (size_t i = 0; i < check->text.n; i++) {
    if (strchr("\\^$.|?*+()[]{}/", check->text.p[i]) != NULL && check->text.p[i] != '\0')
      inst_buf_byte(&buf, '\\');
    inst_buf_byte(&buf, check->text.p[i]);
  }
  inst_buf_addf(&buf, "%s", after);
  print_pattern(pr, out, inst_buf_take(&buf, pr->arena));
}

static bool changes_meaning(inst_str flags) {
  for (size_t i = 0; i < flags.n; i++)
    if (strchr("ims", flags.p[i]) != NULL) return true;
  return false;
}

/* JSON Schema knows no flags. */
static void print_regex(printer *pr, inst_value *out, const inst_check *check) {
  if (!changes_meaning(check->extra)) {
    print_pattern(pr, out, check->text);
    return;
  }
  inst_buf buf;
  inst_buf_init(&buf, pr->arena->alloc);
  inst_buf_byte(&buf, '/');
  inst_buf_add(&buf, check->text);
  inst_buf_byte(&buf, '/');
  inst_buf_add(&buf, check->extra);
  say(pr, "It must match the pattern", inst_buf_take(&buf, pr->arena), "");
}

static void print_string_check(printer *pr, inst_value *out, const inst_check *check) {
  switch (check->kind) {
  case INST_CHECK_MIN:
  case INST_CHECK_MAX:
  case INST_CHECK_LENGTH:
    if (pr->profile->strict)
      say_length(pr, check);
    else
      print_size(pr, out, check, "minLength", "maxLength");
    break;
  case INST_CHECK_REGEX: print_regex(pr, out, check); break;
  case INST_CHECK_INCLUDES: print_literal(pr, out, check, "", ""); break;
  case INST_CHECK_STARTS_WITH: print_literal(pr, out, check, "^", ""); break;
  case INST_CHECK_ENDS_WITH: print_literal(pr, out, check, "", "$"); break;
  case INST_CHECK_LOWERCASE: print_pattern(pr, out, INST_LIT("^[^A-Z]*$")); break;
  case INST_CHECK_UPPERCASE: print_pattern(pr, out, INST_LIT("^[^a-z]*$")); break;
  default: break;
  }
}

static void print_array_check(printer *pr, inst_value *out, const inst_check *check) {
  if (check->kind <= INST_CHECK_LENGTH) print_size(pr, out, check, "minItems", "maxItems");
}

/* One end of a range of numbers. */
typedef struct edge {
  double at;
  bool exclusive, known;
} edge;

static void tighten(edge *e, const inst_check *check, bool lower) {
  edge other = {check->number, check->kind == INST_CHECK_GT || check->kind == INST_CHECK_LT, true};
  bool same = e->known && !(other.at < e->at) && !(other.at > e->at);
  bool tighter = lower ? other.at > e->at : other.at < e->at;
  if (!e->known || (same ? other.exclusive : tighter)) *e = other;
}

static void print_range(printer *pr, inst_value *out, const inst_tnode *node) {
  edge low = {0, false, false}, high = low;
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next) {
    inst_check_kind kind = rule->check.kind;
    if (kind == INST_CHECK_MIN || kind == INST_CHECK_GT) tighten(&low, &rule->check, true);
    if (kind == INST_CHECK_MAX || kind == INST_CHECK_LT) tighten(&high, &rule->check, false);
  }
  if (low.known) put(pr, out, low.exclusive ? "exclusiveMinimum" : "minimum", number(pr, low.at));
  if (high.known)
    put(pr, out, high.exclusive ? "exclusiveMaximum" : "maximum", number(pr, high.at));
}

static void print_number_check(printer *pr, inst_value *out, const inst_check *check) {
  if (check->kind == INST_CHECK_INT)
    inst_replace(pr->arena, out, INST_LIT("type"), text(pr, "integer"));
  if (check->kind == INST_CHECK_MULTIPLE_OF)
    print_divisor(pr, out, number(pr, fabs(check->number)));
}

static void print_checks(printer *pr, inst_value *out, const inst_tnode *node) {
  if (node->kind == INST_NODE_NUMBER) print_range(pr, out, node);
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next) {
    if (node->kind == INST_NODE_STRING) print_string_check(pr, out, &rule->check);
    if (node->kind == INST_NODE_NUMBER) print_number_check(pr, out, &rule->check);
    if (node->kind == INST_NODE_ARRAY) print_array_check(pr, out, &rule->check);
  }
}

/* ---- kinds ----------------------------------------------------------------------------------- */

/* The one type all values have, or NULL. */
static const char *common_type(const inst_value *values) {
  const inst_value *v = inst_value_first(values);
  const char *type = inst_value_kind_name(v);
  for (; v != NULL; v = inst_value_next(v))
    if (strcmp(inst_value_kind_name(v), type) != 0) return NULL;
  return type;
}

static inst_value *print_values(printer *pr, const inst_tnode *node) {
  const char *type = common_type(node->values);
  inst_value *out = type ? typed(pr, type) : inst_object(pr->arena);
  if (node->kind == INST_NODE_LITERAL && inst_value_count(node->values) == 1)
    put(pr, out, "const", inst_value_copy(pr->arena, inst_value_first(node->values)));
  else
    put(pr, out, "enum", inst_value_copy(pr->arena, node->values));
  return out;
}

/* Is 'out' nothing but a plain type, which may become a list of types? */
static bool is_bare(const inst_value *out) {
  return inst_value_count(out) == 1 && inst_find_text(out, "type").p != NULL;
}

static bool is_null(const inst_value *out) {
  return is_bare(out) && inst_str_is(inst_find_text(out, "type"), INST_LIT("null"));
}

/* What 'out' describes, or null. */
static inst_value *or_null(printer *pr, inst_value *out) {
  inst_value *list = inst_array(pr->arena);
  if (out == NULL || list == NULL) return NULL;
  if (is_null(out)) return out;
  if (is_bare(out)) {
    inst_push(list, inst_string(pr->arena, inst_find_text(out, "type")));
    inst_push(list, text(pr, "null"));
    inst_replace(pr->arena, out, INST_LIT("type"), list);
    return out;
  }
  inst_value *either = inst_object(pr->arena);
  inst_push(list, out);
  inst_push(list, typed(pr, "null"));
  put(pr, either, "anyOf", list);
  return either;
}

/* An object of which nothing is known yet but that it is one. */
typedef struct object {
  inst_value *out, *properties, *required;
} object;

static object begin_object(printer *pr) {
  return (object){typed(pr, "object"), inst_object(pr->arena), inst_array(pr->arena)};
}

/* Strict providers want every field required; what may be missing may then be null. */
static void print_field(printer *pr, object *o, inst_str key, inst_node number) {
  inst_intake asked = inst_tree_node(pr->schema, number)->asked;
  bool must = asked.absence == INST_MUST_BE_THERE, strict = pr->profile->strict;
  inst_value *field = print_whole(pr, number, strict && !must && !asked.null);
  inst_put(pr->arena, o->properties, key, field);
  if (strict || must) inst_push(o->required, inst_string(pr->arena, key));
}

static inst_value *end_object(printer *pr, object *o, bool open) {
  put(pr, o->out, "properties", o->properties);
  if (inst_value_count(o->required) > 0) put(pr, o->out, "required", o->required);
  put(pr, o->out, "additionalProperties", inst_bool(pr->arena, open && !pr->profile->strict));
  return o->out;
}

static inst_value *print_object(printer *pr, const inst_tnode *node) {
  object o = begin_object(pr);
  for (const inst_field *f = node->fields; f != NULL; f = f->next)
    print_field(pr, &o, f->key, f->node);
  return end_object(pr, &o, node->unknown_keys == INST_KEYS_PASS);
}

static inst_value *print_array(printer *pr, const inst_tnode *node) {
  inst_value *out = typed(pr, "array");
  put(pr, out, "items", print_whole(pr, node->inner[0], false));
  return out;
}

/* Nothing fits.  Strict providers have no word for that, but where a field may be missing, null
** comes to the same. */
static inst_value *print_never(printer *pr) {
  if (pr->profile->strict) return typed(pr, "null");
  inst_value *out = inst_object(pr->arena);
  put(pr, out, "not", inst_object(pr->arena));
  return out;
}

static inst_value *print_node(printer *pr, inst_node which);

static inst_value *print_nullable(printer *pr, const inst_tnode *node) {
  inst_value *inner = print_node(pr, node->inner[0]);
  return inst_tree_node(pr->schema, node->inner[0])->asked.null ? inner : or_null(pr, inner);
}

/* A default is a result: where code stands before it, it is nothing that could come in. */
static inst_value *print_default(printer *pr, const inst_tnode *node) {
  inst_value *out = print_node(pr, node->inner[0]);
  const inst_value *value = inst_value_first(node->values);
  if (value == NULL || node->transforms || node->code != 0) return out;
  if (pr->profile->strict)
    say_value(pr, "The default is", value, "");
  else if (out != NULL)
    inst_replace(pr->arena, out, INST_LIT("default"), inst_value_copy(pr->arena, value));
  return out;
}

static inst_value *print_kind(printer *pr, const inst_tnode *node) {
  switch (node->kind) {
  case INST_NODE_NULL: return typed(pr, "null");
  case INST_NODE_BOOLEAN: return typed(pr, "boolean");
  case INST_NODE_NUMBER: return typed(pr, "number");
  case INST_NODE_STRING: return typed(pr, "string");
  case INST_NODE_LITERAL:
  case INST_NODE_ENUM: return print_values(pr, node);
  case INST_NODE_OBJECT: return print_object(pr, node);
  case INST_NODE_ARRAY: return print_array(pr, node);
  case INST_NODE_OPTIONAL: return print_node(pr, node->inner[0]);
  case INST_NODE_PIPE: return print_node(pr, inst_tree_asked(pr->schema, node));
  case INST_NODE_NULLABLE: return print_nullable(pr, node);
  case INST_NODE_DEFAULT: return print_default(pr, node);
  case INST_NODE_NEVER: return print_never(pr);
  default: return inst_object(pr->arena); /* any, unknown, transform: anything */
  }
}

/* Metadata is no rule: what strict providers do not take is left out, but for examples. */
static void print_meta(printer *pr, inst_value *out, const inst_tnode *node) {
  for (const inst_value *v = inst_value_first(node->meta); v != NULL; v = inst_value_next(v)) {
    inst_str key = inst_value_key(v);
    bool plain = inst_str_is(key, INST_LIT("description")) || inst_str_is(key, INST_LIT("title"));
    if (inst_str_is(key, INST_LIT("id"))) continue; /* a name of ours, no keyword */
    if (plain || !pr->profile->strict)
      inst_replace(pr->arena, out, key, inst_value_copy(pr->arena, v));
    else if (inst_str_is(key, INST_LIT("examples")))
      say_value(pr, "Examples:", v, "");
  }
}

static inst_value *print_node(printer *pr, inst_node which) {
  const inst_tnode *node = inst_tree_node(pr->schema, which);
  inst_value *out = print_kind(pr, node);
  if (out == NULL) return NULL;
  print_meta(pr, out, node);
  print_checks(pr, out, node);
  return out;
}

/* A field, an item, the root: a node with its wrappers, which share one description. */
static inst_value *print_whole(printer *pr, inst_node number, bool forced) {
  inst_str outside = pr->notes;
  pr->notes = INST_LIT("");
  inst_value *out = print_node(pr, number);
  if (forced) out = or_null(pr, out);
  put_notes(pr, out);
  pr->notes = outside;
  return out;
}

inst_value *inst_schema_print(const inst_schema *schema, const inst_profile *profile,
                              inst_arena *arena) {
  printer pr = {schema, profile, arena, INST_LIT("")};
  inst_value *out = print_whole(&pr, schema->root, false);
  return inst_arena_failed(arena) ? NULL : out;
}

inst_value *inst_schema_print_inside(const inst_schema *schema, const inst_profile *profile,
                                     inst_str key, inst_arena *arena) {
  printer pr = {schema, profile, arena, INST_LIT("")};
  object o = begin_object(&pr);
  print_field(&pr, &o, key, schema->root);
  inst_value *out = end_object(&pr, &o, false);
  return inst_arena_failed(arena) ? NULL : out;
}
