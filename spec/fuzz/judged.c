/*
** The host's code of the fuzz targets: refinements refuse a few values, what makes a value mostly
** hands back what it is given.
*/
#include "spec/fuzz/judged.h"

/* A number that the value alone decides. */
static uint64_t hash_of(const inst_value *v, inst_arena *arena) {
  return v != NULL ? fuzz_hash(inst_json_text(arena, v)) : 1;
}

static inst_value *refine(inst_parse *parse, const inst_value *subject, inst_arena *arena) {
  const inst_segment path = {INST_LIT("a"), 0};
  uint64_t hash = hash_of(subject, arena);
  if (hash % 16 == 0) inst_parse_object(parse, INST_LIT("odd"), &path, 1, hash % 32 == 0);
  return inst_bool(arena, hash % 8 != 1);
}

static inst_value *transform(inst_parse *parse, const inst_value *subject, inst_arena *arena) {
  uint64_t hash = hash_of(subject, arena);
  if (hash % 16 == 0) inst_parse_object(parse, INST_LIT("strange"), NULL, 0, hash % 32 == 0);
  if (hash % 16 == 1) return NULL;
  return subject != NULL ? inst_value_copy(arena, subject) : NULL;
}

static inst_value *message(const inst_parse *parse, inst_arena *arena) {
  const inst_issue *issue = inst_parse_issue_at_hand(parse);
  FUZZ_CHECK(issue != NULL);
  return issue->path_count % 2 == 0 ? inst_string(arena, INST_LIT("worded")) : NULL;
}

static inst_value *answer_of(inst_parse *parse, inst_arena *arena) {
  const inst_value *subject = inst_parse_subject(parse);
  switch (inst_parse_task(parse)) {
  case INST_TASK_REFINE: return refine(parse, subject, arena);
  case INST_TASK_TRANSFORM: return transform(parse, subject, arena);
  case INST_TASK_MESSAGE: return message(parse, arena);
  case INST_TASK_DEFAULT: return inst_int(arena, 1);
  case INST_TASK_CATCH: FUZZ_CHECK(inst_parse_caught(parse) != NULL); return inst_int(arena, 1);
  default: return subject != NULL ? inst_value_copy(arena, subject) : NULL;
  }
}

fuzz_judged fuzz_judge(const inst_schema *schema, const inst_value *value,
                       const inst_parse_options *options, inst_arena *arena) {
  fuzz_judged judged = {.verdict = INST_PARSE_FAILED, .lost = true};
  inst_parse *parse = inst_parse_new(schema, value, options, arena);
  if (parse == NULL) return judged;
  while ((judged.verdict = inst_parse_next(parse)) == INST_PARSE_CODE)
    inst_parse_answer(parse, answer_of(parse, arena));
  judged.lost = inst_arena_failed(arena) || inst_parse_error(parse)->code == INST_E_MEMORY;
  if (judged.verdict == INST_PARSE_VALID) judged.value = inst_parse_value(parse);
  if (judged.verdict == INST_PARSE_INVALID) judged.issues = inst_parse_issues(parse);
  return judged;
}

void fuzz_explain(const inst_issue *issues, inst_arena *arena, inst_buf *log) {
  inst_str lines = inst_issues_for_model(issues, arena);
  inst_buf_add(log, lines);
  FUZZ_CHECK(inst_utf8_span(lines) == lines.n);
  for (; issues != NULL; issues = issues->next) {
    inst_str sentence = inst_issue_explain(issues, arena);
    FUZZ_CHECK(inst_utf8_span(sentence) == sentence.n);
  }
}
