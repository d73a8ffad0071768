/*
** min, max, length, int, regex and their like.
*/
#include "core/schema/check.h"

#include "core/base/error.h"
#include "core/base/number.h"
#include "core/schema/run.h"

#include <float.h>
#include <math.h>

#define SAFE_INT INT64_C(9007199254740991) /* 2^53 - 1 */

/* One check at work. */
typedef struct job {
  const inst_check *check;
  const inst_rule *rule;
  inst_value **value; /* may be replaced */
  inst_arena *arena;
  inst_finding *finding;
  inst_error *error;
} job;

static void put_text(job *j, const char *key, inst_str text) {
  inst_put(j->arena, j->finding->details, inst_str_of(key), inst_string(j->arena, text));
}

static void put_bool(job *j, const char *key, bool b) {
  inst_put(j->arena, j->finding->details, inst_str_of(key), inst_bool(j->arena, b));
}

static void put_number(job *j, const char *key, double d) {
  int64_t i;
  inst_value *number = inst_number_is_int(d, &i) ? inst_int(j->arena, i) : inst_real(j->arena, d);
  inst_put(j->arena, j->finding->details, inst_str_of(key), number);
}

static int found(job *j, inst_issue_code code) {
  *j->finding = (inst_finding){code, inst_object(j->arena), false};
  return 0;
}

static int too(job *j, bool small, const char *origin, double bound, bool inclusive, bool exact) {
  found(j, small ? INST_ISSUE_TOO_SMALL : INST_ISSUE_TOO_BIG);
  put_text(j, "origin", inst_str_of(origin));
  put_number(j, small ? "minimum" : "maximum", bound);
  put_bool(j, "inclusive", inclusive);
  if (exact) put_bool(j, "exact", true);
  return 0;
}

/* ---- lengths --------------------------------------------------------------------------------- */

static bool has_length(const inst_value *v) {
  inst_value_kind kind = inst_value_kind_of(v);
  return kind == INST_STRING || kind == INST_ARRAY || (kind == INST_OBJECT && v->either);
}

static size_t length_of(const inst_value *v) {
  return inst_value_kind_of(v) == INST_STRING ? inst_utf8_count(inst_value_text(v))
                                              : inst_value_count(v);
}

static int check_length(job *j) {
  const inst_value *v = *j->value;
  const char *origin = inst_value_kind_of(v) == INST_STRING ? "string" : "array";
  double n = (double)length_of(v), bound = j->check->number;
  bool exact = j->check->kind == INST_CHECK_LENGTH;
  if (n < bound && j->check->kind != INST_CHECK_MAX)
    return too(j, true, origin, bound, true, exact);
  if (n > bound && j->check->kind != INST_CHECK_MIN)
    return too(j, false, origin, bound, true, exact);
  return 1;
}

const inst_rule *inst_check_oversize(const inst_tnode *node, size_t count) {
  for (const inst_rule *rule = node->rules; rule != NULL; rule = rule->next) {
    inst_check_kind kind = rule->check.kind;
    if (kind != INST_CHECK_MIN && kind != INST_CHECK_MAX && kind != INST_CHECK_LENGTH) return NULL;
    if (kind != INST_CHECK_MIN && (double)count > rule->check.number) return rule;
  }
  return NULL;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Below 0, 0 or above 0, as 'v' is less than 'bound', equal or more.  An integer is never rounded
** to a double for it. */
static int compare(const inst_value *v, double bound) {
  double d = inst_value_real(v);
  int64_t i = inst_value_int(v), whole;
  if (inst_value_kind_of(v) == INST_INT && inst_number_is_int(bound, &whole))
    return (i > whole) - (i < whole);
  return (d > bound) - (d < bound);
}

static int check_range(job *j) {
  double bound = j->check->number;
  int order = compare(*j->value, bound);
  switch (j->check->kind) {
  case INST_CHECK_MIN: return order >= 0 ? 1 : too(j, true, "number", bound, true, false);
  case INST_CHECK_MAX: return order <= 0 ? 1 : too(j, false, "number", bound, true, false);
  case INST_CHECK_GT: return order > 0 ? 1 : too(j, true, "number", bound, false, false);
  default: return order < 0 ? 1 : too(j, false, "number", bound, false, false);
  }
}

static int check_int(job *j) {
  int64_t i;
  inst_value *v = *j->value;
  if (inst_value_kind_of(v) == INST_INT) {
    i = inst_value_int(v);
  } else if (inst_number_is_int(inst_value_real(v), &i)) {
    *j->value = inst_int(j->arena, i);
  } else if (floor(inst_value_real(v)) == inst_value_real(v)) {
    i = inst_value_real(v) > 0 ? INT64_MAX : INT64_MIN; /* whole, but beyond int64_t */
  } else {
    found(j, INST_ISSUE_INVALID_TYPE);
    put_text(j, "expected", INST_LIT("int"));
    put_text(j, "format", INST_LIT("safeint"));
    j->finding->final = true;
    return 0;
  }
  if (i > SAFE_INT) return too(j, false, "int", (double)SAFE_INT, true, false);
  if (i < -SAFE_INT) return too(j, true, "int", (double)-SAFE_INT, true, false);
  return 1;
}

/* Within rounding of a whole ratio, so that 0.3 is a multiple of 0.1. */
static bool is_multiple(double n, double divisor) {
  double ratio = n / divisor, nearest = round(ratio);
  double slack = 4 * DBL_EPSILON * fmax(fabs(ratio), 1);
  return fabs(ratio - nearest) <= slack;
}

static int check_multiple_of(job *j) {
  if (is_multiple(inst_value_real(*j->value), j->check->number)) return 1;
  found(j, INST_ISSUE_NOT_MULTIPLE_OF);
  put_text(j, "origin", INST_LIT("number"));
  put_number(j, "divisor", j->check->number);
  return 0;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static int bad_format(job *j, const char *format, const char *key, inst_str value) {
  found(j, INST_ISSUE_INVALID_FORMAT);
  put_text(j, "origin", INST_LIT("string"));
  put_text(j, "format", inst_str_of(format));
  if (key != NULL) put_text(j, key, value);
  return 0;
}

static int bad_pattern(job *j) {
  inst_buf slashed;
  inst_buf_init(&slashed, j->arena->alloc);
  inst_buf_byte(&slashed, '/');
  inst_buf_add(&slashed, j->check->text);
  inst_buf_byte(&slashed, '/');
  inst_buf_add(&slashed, j->check->extra);
  return bad_format(j, "regex", "pattern", inst_buf_take(&slashed, j->arena));
}

static int check_regex(job *j) {
  int answer = inst_regex_search(j->rule->regex, inst_value_text(*j->value), j->error);
  return answer == 0 ? bad_pattern(j) : answer;
}

static bool contains(inst_str text, inst_str part) {
  for (size_t i = 0; i + part.n <= text.n; i++)
    if (memcmp(text.p + i, part.p, part.n) == 0) return true;
  return false;
}

/* 'text' without its first 'n' characters. */
static inst_str behind(inst_str text, double n) {
  for (; n > 0 && text.n > 0; n--) {
    text = inst_run_rest(text, 1);
    while (text.n > 0 && ((unsigned char)text.p[0] & 0xC0) == 0x80) text = inst_run_rest(text, 1);
  }
  return text;
}

static int check_includes(job *j) {
  inst_str text = behind(inst_value_text(*j->value), j->check->number);
  if (contains(text, j->check->text)) return 1;
  return bad_format(j, "includes", "includes", j->check->text);
}

static int check_starts_with(job *j) {
  if (inst_str_starts(inst_value_text(*j->value), j->check->text)) return 1;
  return bad_format(j, "starts_with", "prefix", j->check->text);
}

static int check_ends_with(job *j) {
  inst_str text = inst_value_text(*j->value), end = j->check->text;
  if (text.n >= end.n && memcmp(text.p + text.n - end.n, end.p, end.n) == 0) return 1;
  return bad_format(j, "ends_with", "suffix", end);
}

static bool has_between(inst_str text, char low, char high) {
  for (size_t i = 0; i < text.n; i++)
    if (text.p[i] >= low && text.p[i] <= high) return true;
  return false;
}

static int check_lowercase(job *j) {
  return has_between(inst_value_text(*j->value), 'A', 'Z')
             ? bad_format(j, "lowercase", NULL, INST_LIT(""))
             : 1;
}

static int check_uppercase(job *j) {
  return has_between(inst_value_text(*j->value), 'a', 'z')
             ? bad_format(j, "uppercase", NULL, INST_LIT(""))
             : 1;
}

static int rewrite(job *j, inst_str text) {
  *j->value = inst_string(j->arena, text);
  return *j->value != NULL ? 1 : inst_error_memory(j->error);
}

static int check_format(job *j) {
  inst_format_verdict verdict;
  const inst_format *format = j->rule->format;
  int answer = inst_format_test(format, inst_value_text(*j->value), j->arena, &verdict, j->error);
  if (answer > 0) return verdict.text.p != NULL ? rewrite(j, verdict.text) : answer;
  if (answer < 0) return answer;
  found(j, INST_ISSUE_INVALID_FORMAT);
  put_text(j, "origin", INST_LIT("string"));
  put_text(j, "format", inst_format_name(format));
  if (verdict.note.p != NULL) put_text(j, "note", verdict.note);
  if (verdict.pattern.p != NULL) put_text(j, "pattern", verdict.pattern);
  return 0;
}

/* ---- rewriting ------------------------------------------------------------------------------- */

static int do_trim(job *j) {
  return rewrite(j, inst_run_trim(inst_value_text(*j->value)));
}

/* Letters from 'low' to 'high' become those of the other case. */
static int change_case(job *j, char low, char high) {
  inst_str text = inst_value_text(*j->value);
  char *p = inst_arena_get(j->arena, text.n);
  if (p == NULL) return inst_error_memory(j->error);
  for (size_t i = 0; i < text.n; i++)
    p[i] = text.p[i] >= low && text.p[i] <= high ? (char)(text.p[i] ^ 0x20) : text.p[i];
  return rewrite(j, (inst_str){p, text.n});
}

static int do_to_lower(job *j) {
  return change_case(j, 'A', 'Z');
}
static int do_to_upper(job *j) {
  return change_case(j, 'a', 'z');
}

/* ---- the list -------------------------------------------------------------------------------- */

static int (*const runners[INST_CHECK_COUNT])(job *) = {
    [INST_CHECK_MIN] = check_range,
    [INST_CHECK_MAX] = check_range,
    [INST_CHECK_LENGTH] = check_length,
    [INST_CHECK_GT] = check_range,
    [INST_CHECK_LT] = check_range,
    [INST_CHECK_MULTIPLE_OF] = check_multiple_of,
    [INST_CHECK_INT] = check_int,
    [INST_CHECK_REGEX] = check_regex,
    [INST_CHECK_FORMAT] = check_format,
    [INST_CHECK_INCLUDES] = check_includes,
    [INST_CHECK_STARTS_WITH] = check_starts_with,
    [INST_CHECK_ENDS_WITH] = check_ends_with,
    [INST_CHECK_LOWERCASE] = check_lowercase,
    [INST_CHECK_UPPERCASE] = check_uppercase,
    [INST_CHECK_TRIM] = do_trim,
    [INST_CHECK_TO_LOWER] = do_to_lower,
    [INST_CHECK_TO_UPPER] = do_to_upper,
};

bool inst_check_is_length(const inst_rule *rule, const inst_tnode *node) {
  inst_check_kind kind = rule->check.kind;
  if (kind == INST_CHECK_LENGTH) return true;
  return (kind == INST_CHECK_MIN || kind == INST_CHECK_MAX) && node->kind != INST_NODE_NUMBER;
}

bool inst_check_applies(const inst_rule *rule, const inst_tnode *node, const inst_value *value) {
  if (value == NULL) return false;
  if (inst_check_is_length(rule, node)) return has_length(value);
  switch (rule->check.kind) {
  case INST_CHECK_MIN:
  case INST_CHECK_MAX:
  case INST_CHECK_GT:
  case INST_CHECK_LT:
  case INST_CHECK_MULTIPLE_OF:
  case INST_CHECK_INT: return inst_value_is_number(value);
  default: return inst_value_kind_of(value) == INST_STRING;
  }
}

int inst_check_run(const inst_rule *rule, const inst_tnode *node, inst_value **value,
                   inst_arena *arena, inst_finding *finding, inst_error *error) {
  job j = {&rule->check, rule, value, arena, finding, error};
  int answer = inst_check_is_length(rule, node) ? check_length(&j) : runners[rule->check.kind](&j);
  if (inst_arena_failed(arena)) return inst_error_memory(error);
  if (answer == 0 && rule->check.abort) finding->final = true;
  return answer;
}
