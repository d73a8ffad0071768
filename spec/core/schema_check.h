/*
** A bench for schemas: builds them in few words, parses texts against them, shows issues as lines.
** Rule: what a spec builds is freed, and counted, when the bench is cleared.
*/
#ifndef SPEC_CORE_SCHEMA_CHECK_H
#define SPEC_CORE_SCHEMA_CHECK_H

#include "spec/core/straight_check.h"

#include "core/base/error.h"
#include "core/schema/explain.h"

typedef struct bench {
  check_memory memory; /* the schema's and the parse's */
  inst_arena *arena;
  inst_schema *schema;
  inst_error error;
} bench;

static inline bench *set_bench(void) {
  bench *b = calloc(1, sizeof *b);
  assert_non_null(b);
  b->arena = inst_arena_new(check_alloc(&b->memory));
  b->schema = inst_schema_new(check_alloc(&b->memory));
  return b;
}

static inline void clear_bench(bench *b) {
  inst_schema_free(b->schema);
  inst_arena_free(b->arena);
  check_no_leaks(&b->memory);
  free(b);
}

/* A new schema in the place of the old one. */
static inline void start_over(bench *b) {
  inst_schema_free(b->schema);
  b->schema = inst_schema_new(check_alloc(&b->memory));
  inst_error_clear(&b->error);
}

static inline inst_value *json(bench *b, const char *text) {
  inst_error error = {.code = INST_E_NONE};
  inst_value *v = inst_json_parse(b->arena, inst_str_of(text), 1000, &error);
  if (v == NULL) fail_msg("%s: %s", text, error.text);
  return v;
}

/* ---- building -------------------------------------------------------------------------------- */

#define KIND(name) INST_NODE_##name
#define CHECK(name) INST_CHECK_##name

static inline inst_node node(bench *b, inst_node_kind kind) {
  return inst_schema_node(b->schema, kind);
}

static inline inst_node wrap(bench *b, inst_node_kind kind, inst_node inner) {
  inst_node outer = node(b, kind);
  inst_schema_inner(b->schema, outer, inner);
  return outer;
}

static inline inst_node pipe_of(bench *b, inst_node left, inst_node right) {
  inst_node outer = wrap(b, KIND(PIPE), left);
  inst_schema_inner(b->schema, outer, right);
  return outer;
}

static inline inst_node transform(bench *b, uint32_t code) {
  inst_node made = node(b, KIND(TRANSFORM));
  inst_schema_code(b->schema, made, code);
  return made;
}

/* LITERAL or ENUM of the members of a JSON list. */
static inline inst_node choice(bench *b, inst_node_kind kind, const char *list) {
  inst_node made = node(b, kind);
  for (inst_value *v = inst_value_first(json(b, list)); v != NULL; v = inst_value_next(v))
    inst_schema_value(b->schema, made, v);
  return made;
}

static inline inst_node filled(bench *b, inst_node inner, const char *value) {
  inst_node made = wrap(b, KIND(DEFAULT), inner);
  inst_schema_value(b->schema, made, json(b, value));
  return made;
}

static inline void field(bench *b, inst_node object, const char *key, inst_node inner) {
  inst_schema_field(b->schema, object, inst_str_of(key), inner);
}

static inline inst_node object_of(bench *b, const char *key, inst_node inner) {
  inst_node object = node(b, KIND(OBJECT));
  field(b, object, key, inner);
  return object;
}

static inline inst_node check(bench *b, inst_node target, const inst_check *given) {
  inst_schema_check(b->schema, target, given);
  return target;
}

static inline inst_node with(bench *b, inst_node target, inst_check_kind kind) {
  return check(b, target, &(inst_check){.kind = kind});
}

static inline inst_node with_number(bench *b, inst_node target, inst_check_kind kind, double n) {
  return check(b, target, &(inst_check){.kind = kind, .number = n});
}

static inline inst_node with_text(bench *b, inst_node target, inst_check_kind kind,
                                  const char *text) {
  return check(b, target, &(inst_check){.kind = kind, .text = inst_str_of(text)});
}

static inline inst_node with_code(bench *b, inst_node target, inst_check_kind kind, uint32_t code) {
  return check(b, target, &(inst_check){.kind = kind, .code = code});
}

static inline inst_node meta(bench *b, inst_node target, const char *key, const char *value) {
  inst_schema_meta(b->schema, target, inst_str_of(key), json(b, value));
  return target;
}

static inline void finish(bench *b, inst_node root) {
  if (inst_schema_finish(b->schema, root, &b->error) != 0) fail_msg("finish: %s", b->error.text);
}

static inline void check_refused_at(bench *b, inst_node root, const char *why, int line) {
  if (inst_schema_finish(b->schema, root, &b->error) == 0) fail_msg("line %d: not refused", line);
  if (b->error.code != INST_E_USAGE || strstr(b->error.text, why) == NULL)
    fail_msg("line %d: %s: %s", line, inst_code_name(b->error.code), b->error.text);
  start_over(b);
}

#define assert_refused(b, root, why) check_refused_at((b), (root), (why), __LINE__)

/* ---- parsing --------------------------------------------------------------------------------- */

/* The parse of a JSON text; NULL: of nothing at all. */
static inline inst_parse *parse_of(bench *b, const char *text) {
  inst_parse *parse =
      inst_parse_new(b->schema, text != NULL ? json(b, text) : NULL, NULL, b->arena);
  assert_non_null(parse);
  return parse;
}

/* The issues as lines: "path code: message", the path with 0 for the first item. */
static inline inst_str issue_lines(bench *b, const inst_issue *issues) {
  inst_buf buf;
  inst_buf_init(&buf, check_alloc(&b->memory));
  for (const inst_issue *issue = issues; issue != NULL; issue = issue->next) {
    if (issue != issues) inst_buf_byte(&buf, '\n');
    inst_path_write(&buf, issue->path, issue->path_count, 0);
    if (issue->path_count > 0) inst_buf_byte(&buf, ' ');
    inst_buf_addf(&buf, "%s: ", inst_issue_name(issue->code));
    inst_buf_add(&buf, issue->message);
  }
  return inst_buf_take(&buf, b->arena);
}

static inline void check_valid_at(bench *b, inst_parse *parse, const char *out, int line) {
  inst_verdict verdict = inst_parse_next(parse);
  if (verdict == INST_PARSE_INVALID)
    fail_msg("line %d: %s", line, issue_lines(b, inst_parse_issues(parse)).p);
  if (verdict != INST_PARSE_VALID) fail_msg("line %d: verdict %d", line, (int)verdict);
  check_json_at(inst_parse_value(parse), out, __FILE__, line);
}

static inline void check_invalid_at(bench *b, inst_parse *parse, const char *lines, int line) {
  inst_verdict verdict = inst_parse_next(parse);
  if (verdict != INST_PARSE_INVALID) fail_msg("line %d: verdict %d", line, (int)verdict);
  check_text_at(issue_lines(b, inst_parse_issues(parse)), inst_str_of(lines), __FILE__, line);
}

/* The parse of a JSON text that the straight way has been asked of as well. */
static inline inst_parse *parse_both_ways(bench *b, const char *text, int line) {
  if (text != NULL) check_both_ways_at(b->schema, inst_str_of(text), line);
  return parse_of(b, text);
}

/* 'in' gives 'out', both JSON; NULL in: nothing. */
#define assert_valid(b, in, out)                                                                   \
  check_valid_at((b), parse_both_ways((b), (in), __LINE__), (out), __LINE__)
#define assert_invalid(b, in, lines)                                                               \
  check_invalid_at((b), parse_both_ways((b), (in), __LINE__), (lines), __LINE__)
#define assert_same(b, in) assert_valid((b), (in), (in))

/* ---- code ------------------------------------------------------------------------------------ */

/* What the parse asks next, as "task code subject". */
static inline void check_asked_at(bench *b, inst_parse *parse, const char *wanted, int line) {
  inst_buf buf;
  if (inst_parse_next(parse) != INST_PARSE_CODE) fail_msg("line %d: nothing is asked", line);
  inst_buf_init(&buf, check_alloc(&b->memory));
  inst_buf_addf(&buf, "%s %u ", inst_task_name(inst_parse_task(parse)),
                (unsigned)inst_parse_code(parse));
  if (inst_parse_subject(parse) != NULL)
    inst_json_write(&buf, inst_parse_subject(parse));
  else
    inst_buf_addf(&buf, "nothing");
  check_text_at(inst_buf_take(&buf, b->arena), inst_str_of(wanted), __FILE__, line);
}

#define assert_asked(b, parse, wanted) check_asked_at((b), (parse), (wanted), __LINE__)

static inline void say(bench *b, inst_parse *parse, bool verdict) {
  inst_parse_answer(parse, inst_bool(b->arena, verdict));
}

static inline void answer(bench *b, inst_parse *parse, const char *text) {
  inst_parse_answer(parse, text != NULL ? json(b, text) : NULL);
}

/* For parses that pause: they go on to the end. */
#define assert_ends_valid(b, parse, out) check_valid_at((b), (parse), (out), __LINE__)
#define assert_ends_invalid(b, parse, lines) check_invalid_at((b), (parse), (lines), __LINE__)

#endif
