/*
** Checks as keywords; what a profile has no keyword for, in words.
*/
#include "core/json/write.h"
#include "core/schema/printer.h"

#include <math.h>
#include <stdio.h>

/* Keeps the tighter of two bounds. */
static void bound(inst_printer *pr, inst_value *out, const char *key, double d, bool lower) {
  const inst_value *before = inst_find(out, key);
  if (before != NULL && (lower ? inst_value_real(before) >= d : inst_value_real(before) <= d))
    return;
  inst_replace(pr->arena, out, inst_str_of(key), inst_printer_number(pr, d));
}

static void print_size(inst_printer *pr, inst_value *out, const inst_check *check,
                       const char *least, const char *most) {
  if (check->kind != INST_CHECK_MAX) bound(pr, out, least, check->number, true);
  if (check->kind != INST_CHECK_MIN) bound(pr, out, most, check->number, false);
}

/* Strict providers take no lengths of texts. */
static void say_length(inst_printer *pr, const inst_check *check) {
  const char *words = check->kind == INST_CHECK_MIN   ? "It must have at least"
                      : check->kind == INST_CHECK_MAX ? "It must have at most"
                                                      : "It must have exactly";
  inst_printer_say_value(pr, words, inst_printer_number(pr, check->number),
                         check->number > 1 || check->number < 1 ? " characters" : " character");
}

static inst_value *alone(inst_printer *pr, const char *key, const inst_value *value) {
  inst_value *out = inst_object(pr->arena);
  inst_printer_put(pr, out, key, inst_value_alias(pr->arena, value));
  return out;
}

/* A keyword that may be needed more than once: then each goes into allOf. */
static void print_repeatable(inst_printer *pr, inst_value *out, const char *key,
                             inst_value *value) {
  inst_value *first = inst_find(out, key), *all = inst_find(out, "allOf");
  if (first == NULL && all == NULL) {
    inst_printer_put(pr, out, key, value);
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
static void print_pattern(inst_printer *pr, inst_value *out, inst_str pattern) {
  if (pr->profile->strict && inst_find(out, "pattern") != NULL)
    inst_printer_say(pr, "It must also match the pattern", pattern, "");
  else
    print_repeatable(pr, out, "pattern", inst_string(pr->arena, pattern));
}

static void print_divisor(inst_printer *pr, inst_value *out, inst_value *divisor) {
  if (pr->profile->strict && inst_find(out, "multipleOf") != NULL)
    inst_printer_say_value(pr, "It must also be a multiple of", divisor, "");
  else
    print_repeatable(pr, out, "multipleOf", divisor);
}

/* 'check->text' as a pattern that matches it literally, between 'before' and 'after'. */
static void print_literal(inst_printer *pr, inst_value *out, const inst_check *check,
                          const char *before, const char *after) {
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
static void print_regex(inst_printer *pr, inst_value *out, const inst_check *check) {
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
  inst_printer_say(pr, "It must match the pattern", inst_buf_take(&buf, pr->arena), "");
}

static void print_includes(inst_printer *pr, inst_value *out, const inst_check *check) {
  char before[64];
  snprintf(before, sizeof before, "^[\\s\\S]{%.0f,}", check->number);
  print_literal(pr, out, check, check->number > 0 ? before : "", "");
}

/* Strict providers take a list of formats that is their own. */
static bool takes_format(const inst_printer *pr, const char *keyword) {
  return keyword != NULL && (!pr->profile->strict || strcmp(keyword, "uri") != 0);
}

/* An address of either version.  False: this profile has no keywords for that. */
static bool print_any_ip(inst_printer *pr, inst_value *out, const inst_format *format) {
  static const char *const versions[] = {"ipv4", "ipv6"};
  if (!inst_format_is_any_ip(format) || pr->profile->strict || inst_find(out, "anyOf") != NULL)
    return false;
  inst_value *list = inst_array(pr->arena);
  for (size_t i = 0; i < 2; i++) {
    inst_value *version = inst_object(pr->arena);
    inst_printer_put(pr, version, "format", inst_printer_text(pr, versions[i]));
    inst_push(list, version);
  }
  inst_printer_put(pr, out, "anyOf", list);
  return true;
}

/* The keyword, where there is one that is not taken; words for the rest. */
static void print_format(inst_printer *pr, inst_value *out, const inst_format *format) {
  const char *keyword = inst_format_keyword(format);
  bool said = takes_format(pr, keyword) && inst_find(out, "format") == NULL;
  inst_str pattern = inst_format_pattern(format);
  if (said)
    inst_printer_put(pr, out, "format", inst_printer_text(pr, keyword));
  else
    said = print_any_ip(pr, out, format);
  inst_printer_note(pr, inst_format_sentence(format, said, pr->arena));
  if (pattern.p != NULL) print_pattern(pr, out, pattern);
}

static void print_string_check(inst_printer *pr, inst_value *out, const inst_rule *rule) {
  const inst_check *check = &rule->check;
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
  case INST_CHECK_FORMAT: print_format(pr, out, rule->format); break;
  case INST_CHECK_INCLUDES: print_includes(pr, out, check); break;
  case INST_CHECK_STARTS_WITH: print_literal(pr, out, check, "^", ""); break;
  case INST_CHECK_ENDS_WITH: print_literal(pr, out, check, "", "$"); break;
  case INST_CHECK_LOWERCASE: print_pattern(pr, out, INST_LIT("^[^A-Z]*$")); break;
  case INST_CHECK_UPPERCASE: print_pattern(pr, out, INST_LIT("^[^a-z]*$")); break;
  default: break;
  }
}

static void print_array_check(inst_printer *pr, inst_value *out, const inst_check *check) {
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

static void print_range(inst_printer *pr, inst_value *out, const inst_tnode *node) {
  edge low = {0, false, false}, high = low;
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next) {
    inst_check_kind kind = rule->check.kind;
    if (kind == INST_CHECK_MIN || kind == INST_CHECK_GT) tighten(&low, &rule->check, true);
    if (kind == INST_CHECK_MAX || kind == INST_CHECK_LT) tighten(&high, &rule->check, false);
  }
  if (low.known)
    inst_printer_put(pr, out, low.exclusive ? "exclusiveMinimum" : "minimum",
                     inst_printer_number(pr, low.at));
  if (high.known)
    inst_printer_put(pr, out, high.exclusive ? "exclusiveMaximum" : "maximum",
                     inst_printer_number(pr, high.at));
}

static void print_number_check(inst_printer *pr, inst_value *out, const inst_check *check) {
  if (check->kind == INST_CHECK_INT)
    inst_replace(pr->arena, out, INST_LIT("type"), inst_printer_text(pr, "integer"));
  if (check->kind == INST_CHECK_MULTIPLE_OF)
    print_divisor(pr, out, inst_printer_number(pr, fabs(check->number)));
}

void inst_print_checks(inst_printer *pr, inst_value *out, const inst_tnode *node) {
  bool list = node->kind == INST_NODE_ARRAY || node->kind == INST_NODE_TUPLE;
  if (node->kind == INST_NODE_NUMBER) print_range(pr, out, node);
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next) {
    if (node->kind == INST_NODE_STRING) print_string_check(pr, out, rule);
    if (node->kind == INST_NODE_NUMBER) print_number_check(pr, out, &rule->check);
    if (list) print_array_check(pr, out, &rule->check);
  }
}
