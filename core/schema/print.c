/*
** A schema as JSON Schema, in the profile of a provider: what the schema takes in, objects closed,
** fields in order, no bounds the user did not write.
** What a profile cannot say in keywords it says in words, in the description; nothing is dropped
** in silence.
*/
#include "core/json/write.h"
#include "core/schema/tree.h"

/* One printing at work. */
typedef struct printer {
  const inst_schema *schema;
  const inst_profile *profile;
  inst_arena *arena;
} printer;

static inst_value *print_node(printer *pr, inst_node number);

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
  int64_t i = (int64_t)d;
  return (double)i == d ? inst_int(pr->arena, i) : inst_real(pr->arena, d);
}

/* Adds a sentence to the description: what no keyword of this profile can say. */
static void say(printer *pr, inst_value *out, const char *words, inst_str quoted) {
  inst_buf buf;
  inst_str before = inst_find_text(out, "description");
  inst_buf_init(&buf, pr->arena->alloc);
  if (before.n > 0) {
    inst_buf_add(&buf, before);
    inst_buf_addf(&buf, " ");
  }
  inst_buf_addf(&buf, "%s", words);
  inst_buf_add(&buf, quoted);
  inst_buf_addf(&buf, ".");
  inst_replace(pr->arena, out, INST_LIT("description"),
               inst_string(pr->arena, inst_buf_take(&buf, pr->arena)));
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

static void print_number_check(printer *pr, inst_value *out, const inst_check *check) {
  switch (check->kind) {
  case INST_CHECK_MIN: bound(pr, out, "minimum", check->number, true); break;
  case INST_CHECK_MAX: bound(pr, out, "maximum", check->number, false); break;
  case INST_CHECK_GT: bound(pr, out, "exclusiveMinimum", check->number, true); break;
  case INST_CHECK_LT: bound(pr, out, "exclusiveMaximum", check->number, false); break;
  case INST_CHECK_MULTIPLE_OF: put(pr, out, "multipleOf", number(pr, check->number)); break;
  case INST_CHECK_INT: inst_replace(pr->arena, out, INST_LIT("type"), text(pr, "integer")); break;
  default: break;
  }
}

static void print_pattern(printer *pr, inst_value *out, inst_str pattern) {
  if (inst_find(out, "pattern") == NULL) {
    put(pr, out, "pattern", inst_string(pr->arena, pattern));
    return;
  }
  if (pr->profile->strict) { /* which has no allOf */
    say(pr, out, "It must also match the pattern ", pattern);
    return;
  }
  inst_value *all = inst_find(out, "allOf"), *one = inst_object(pr->arena);
  put(pr, one, "pattern", inst_string(pr->arena, pattern));
  if (all == NULL) put(pr, out, "allOf", all = inst_array(pr->arena));
  if (all != NULL) inst_push(all, one);
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
  say(pr, out, "It must match the pattern ", inst_buf_take(&buf, pr->arena));
}

static void print_string_check(printer *pr, inst_value *out, const inst_check *check) {
  switch (check->kind) {
  case INST_CHECK_MIN:
  case INST_CHECK_MAX:
  case INST_CHECK_LENGTH: print_size(pr, out, check, "minLength", "maxLength"); break;
  case INST_CHECK_REGEX: print_regex(pr, out, check); break;
  case INST_CHECK_INCLUDES: print_literal(pr, out, check, "", ""); break;
  case INST_CHECK_STARTS_WITH: print_literal(pr, out, check, "^", ""); break;
  case INST_CHECK_ENDS_WITH: print_literal(pr, out, check, "", "$"); break;
  case INST_CHECK_LOWERCASE: print_pattern(pr, out, INST_LIT("^[^A-Z]*$")); break;
  case INST_CHECK_UPPERCASE: print_pattern(pr, out, INST_LIT("^[^a-z]*$")); break;
  default: break;
  }
}

static void print_check(printer *pr, inst_value *out, const inst_tnode *node,
                        const inst_check *check) {
  switch (node->kind) {
  case INST_NODE_STRING: print_string_check(pr, out, check); break;
  case INST_NODE_NUMBER: print_number_check(pr, out, check); break;
  case INST_NODE_ARRAY:
    if (check->kind <= INST_CHECK_LENGTH) print_size(pr, out, check, "minItems", "maxItems");
    break;
  default: break;
  }
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static const char *json_type(const inst_value *v) {
  return inst_value_kind_name(v);
}

/* The one type all values have, or NULL. */
static const char *common_type(const inst_value *values) {
  const inst_value *v = inst_value_first(values);
  const char *type = json_type(v);
  for (; v != NULL; v = inst_value_next(v))
    if (strcmp(json_type(v), type) != 0) return NULL;
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
  inst_str type = inst_find_text(out, "type");
  return type.p != NULL && !inst_str_is(type, INST_LIT("object")) &&
         !inst_str_is(type, INST_LIT("array")) && inst_find(out, "enum") == NULL &&
         inst_find(out, "const") == NULL && inst_find(out, "description") == NULL &&
         inst_value_count(out) == 1;
}

/* What 'out' describes, or null. */
static inst_value *or_null(printer *pr, inst_value *out) {
  inst_value *list = inst_array(pr->arena);
  if (out == NULL || list == NULL) return NULL;
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

static inst_value *print_field(printer *pr, const inst_tnode *field, inst_node number) {
  inst_value *out = print_node(pr, number);
  bool forced = pr->profile->strict && field->in != INST_MUST_BE_THERE && !field->takes_null;
  return forced ? or_null(pr, out) : out;
}

static inst_value *print_object(printer *pr, const inst_tnode *node) {
  inst_value *out = typed(pr, "object"), *properties = inst_object(pr->arena);
  inst_value *required = inst_array(pr->arena);
  if (out == NULL || properties == NULL || required == NULL) return NULL;
  for (const inst_field *f = node->fields; f != NULL; f = f->next) {
    const inst_tnode *field = inst_tree_node(pr->schema, f->node);
    inst_put(pr->arena, properties, f->key, print_field(pr, field, f->node));
    if (pr->profile->strict || field->in == INST_MUST_BE_THERE)
      inst_push(required, inst_string(pr->arena, f->key));
  }
  put(pr, out, "properties", properties);
  if (inst_value_count(required) > 0) put(pr, out, "required", required);
  bool open = node->unknown_keys == INST_KEYS_PASS && !pr->profile->strict;
  put(pr, out, "additionalProperties", inst_bool(pr->arena, open));
  return out;
}

static inst_value *print_array(printer *pr, const inst_tnode *node) {
  inst_value *out = typed(pr, "array");
  put(pr, out, "items", print_node(pr, node->inner[0]));
  return out;
}

static inst_value *print_default(printer *pr, const inst_tnode *node) {
  inst_value *out = print_node(pr, node->inner[0]);
  if (node->values != NULL && !pr->profile->strict)
    put(pr, out, "default", inst_value_copy(pr->arena, inst_value_first(node->values)));
  return out;
}

static inst_value *print_never(printer *pr) {
  inst_value *out = inst_object(pr->arena);
  put(pr, out, "not", inst_object(pr->arena));
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
  case INST_NODE_OPTIONAL:
  case INST_NODE_PIPE: return print_node(pr, node->inner[0]);
  case INST_NODE_NULLABLE: return or_null(pr, print_node(pr, node->inner[0]));
  case INST_NODE_DEFAULT: return print_default(pr, node);
  case INST_NODE_NEVER: return print_never(pr);
  default: return inst_object(pr->arena); /* any, unknown, transform: anything */
  }
}

static void print_meta(printer *pr, inst_value *out, const inst_tnode *node) {
  for (const inst_value *v = inst_value_first(node->meta); v != NULL; v = inst_value_next(v)) {
    inst_str key = inst_value_key(v);
    bool plain = inst_str_is(key, INST_LIT("description")) || inst_str_is(key, INST_LIT("title"));
    if (inst_str_is(key, INST_LIT("id"))) continue; /* a name of ours, no keyword */
    if (plain || !pr->profile->strict)
      inst_replace(pr->arena, out, key, inst_value_copy(pr->arena, v));
  }
}

static inst_value *print_node(printer *pr, inst_node which) {
  const inst_tnode *node = inst_tree_node(pr->schema, which);
  inst_value *out = print_kind(pr, node);
  if (out == NULL) return NULL;
  if (node->meta != NULL) print_meta(pr, out, node);
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next)
    print_check(pr, out, node, &rule->check);
  return out;
}

inst_value *inst_schema_print(const inst_schema *schema, const inst_profile *profile,
                              inst_arena *arena) {
  printer pr = {schema, profile, arena};
  inst_value *out = print_node(&pr, schema->root);
  return inst_arena_failed(arena) ? NULL : out;
}
