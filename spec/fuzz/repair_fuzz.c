/* Holds: strict JSON is not touched; what is mended reads strictly, and mended again it stays as it is; every edit lies in the text. */
#include "core/base/error.h"
#include "core/json/read.h"
#include "core/json/repair.h"
#include "core/wire/candidate.h"
#include "spec/fuzz/fuzz.h"

enum { MAX_DEPTH = 48 };

/* May a text that was mended be refused for its characters alone? */
static bool has_doubtful_characters(inst_str text) {
  if (inst_utf8_span(text) < text.n) return true;
  for (size_t i = 0; i + 1 < text.n; i++)
    if (text.p[i] == '\\' && text.p[i + 1] == 'u') return true; /* half of a surrogate pair */
  return false;
}

/* False: memory ran out. */
static bool mend_again(inst_str text, inst_arena *arena) {
  const inst_mending how = {.max_depth = MAX_DEPTH};
  inst_mended again;
  inst_mend_result result = inst_mend(text, &how, arena, &again);
  if (result == INST_MEND_NO_MEMORY) return false;
  FUZZ_CHECK(result == INST_MENDED && again.edits == NULL);
  FUZZ_CHECK(inst_str_is(again.text, text));
  return true;
}

static bool check_mended(inst_str mended, const inst_edit *edits, size_t size, inst_arena *arena,
                         inst_buf *log) {
  inst_error error = {.code = INST_E_NONE};
  const inst_value *v = inst_json_parse(arena, mended, MAX_DEPTH, &error);
  if (error.code == INST_E_MEMORY) return false;
  FUZZ_CHECK(v != NULL || has_doubtful_characters(mended));
  inst_buf_add(log, mended);
  for (; edits != NULL; edits = edits->next) {
    FUZZ_CHECK(edits->offset <= size);
    inst_buf_addf(log, " %s@%zu", inst_edit_name(edits->what), edits->offset);
  }
  return mend_again(mended, arena);
}

static bool mend(inst_str text, inst_arena *arena, inst_buf *log) {
  const inst_mending how = {.max_depth = MAX_DEPTH};
  inst_error error = {.code = INST_E_NONE};
  inst_mended mended;
  const inst_value *strict = inst_json_parse(arena, text, MAX_DEPTH, &error);
  if (error.code == INST_E_MEMORY) return false;
  inst_mend_result result = inst_mend(text, &how, arena, &mended);
  if (result == INST_MEND_NO_MEMORY) return false;
  if (strict != NULL) FUZZ_CHECK(result == INST_MENDED && mended.edits == NULL);
  if (result != INST_MENDED) return true;
  FUZZ_CHECK(mended.used <= text.n);
  return check_mended(mended.text, mended.edits, text.n, arena, log);
}

static bool find(inst_str text, inst_arena *arena, inst_buf *log) {
  const inst_search search = {.max_depth = MAX_DEPTH};
  inst_candidate list[INST_MAX_CANDIDATES];
  inst_str thoughts;
  size_t count = inst_candidates(text, &search, arena, list, &thoughts);
  if (inst_arena_failed(arena)) return false;
  FUZZ_CHECK(count <= INST_MAX_CANDIDATES);
  for (size_t i = 0; i < count; i++)
    if (!check_mended(list[i].text, list[i].edits, text.n, arena, log)) return false;
  return true;
}

/* A text is mended whole: 'way' is only how often it is done. */
static bool repair(inst_str text, fuzz_way way, inst_alloc alloc, inst_buf *log) {
  inst_arena arena;
  (void)way;
  inst_arena_init(&arena, alloc);
  bool done = mend(text, &arena, log) && find(text, &arena, log);
  inst_arena_clear(&arena);
  return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_run(repair, (inst_str){(const char *)data, size});
  return 0;
}
