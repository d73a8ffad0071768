/* However an answer is cut the same end of it is its JSON; the parts found in the whole lie in it. */
#include "core/wire/fence.h"
#include "core/wire/unwrap.h"
#include "spec/fuzz/fuzz.h"

static bool lies_in(inst_str part, inst_str text) {
  return part.p >= text.p && part.p + part.n <= text.p + text.n;
}

static bool begins_as_json(inst_str text) {
  return text.n > 0 && (text.p[0] == '{' || text.p[0] == '[');
}

/* What a text that begins as JSON holds is taken from there, early and late. */
static void check_early(inst_str text, inst_str seen) {
  size_t at = 0;
  FUZZ_CHECK(seen.n <= text.n);
  FUZZ_CHECK(memcmp(text.p + (text.n - seen.n), seen.p, seen.n) == 0);
  FUZZ_CHECK(seen.n == 0 || begins_as_json(seen));
  while (at < text.n && strchr(" \t\r\n", text.p[at]) != NULL && text.p[at] != '\0') at++;
  inst_str rest = {text.p + at, text.n - at};
  if (begins_as_json(rest)) FUZZ_CHECK(seen.n == rest.n);
}

static const char *end_of(inst_str text) {
  return text.p + text.n;
}

/* The first block and what surrounds it, in their order, to the end of the text. */
static void check_cut(inst_str text) {
  inst_fence_cut cut;
  if (!inst_fence_cut_first(text, &cut)) return;
  FUZZ_CHECK(cut.before.p == text.p && end_of(cut.before) <= cut.from.p);
  FUZZ_CHECK(cut.block.p == cut.from.p && end_of(cut.from) == end_of(text));
  FUZZ_CHECK(end_of(cut.block) <= end_of(text));
  FUZZ_CHECK(cut.behind.n == 0 || end_of(cut.block) <= cut.behind.p);
  FUZZ_CHECK(cut.behind.n == 0 || end_of(cut.behind) == end_of(text));
}

static void check_whole(inst_str text) {
  inst_str thoughts, parts[INST_FENCE_MAX];
  inst_str rest = inst_fence_thoughts(text, &thoughts);
  FUZZ_CHECK(lies_in(rest, text));
  FUZZ_CHECK(thoughts.p == NULL || (lies_in(thoughts, text) && thoughts.p + thoughts.n <= rest.p));
  size_t count = inst_fence_find(rest, parts);
  FUZZ_CHECK(count <= INST_FENCE_MAX);
  for (size_t i = 0; i < count; i++) {
    FUZZ_CHECK(parts[i].n > 0 && lies_in(parts[i], rest));
    FUZZ_CHECK(inst_str_trim(parts[i]).n == parts[i].n);
    FUZZ_CHECK(i == 0 || parts[i].p + parts[i].n <= parts[i - 1].p); /* the last comes first */
  }
  if (begins_as_json(rest)) FUZZ_CHECK(count == 1 && parts[0].p == rest.p);
  check_cut(rest);
}

static bool unwrap(inst_str text, fuzz_way way, inst_alloc alloc, inst_buf *log) {
  inst_unwrap state;
  inst_buf seen;
  (void)alloc;
  inst_buf_init(&seen, fuzz_plain());
  inst_buf_byte(&seen, '>');
  inst_unwrap_init(&state);
  fuzz_cut cut = fuzz_cut_of(text, way);
  for (inst_str piece; fuzz_cut_next(&cut, &piece);) {
    inst_str part = inst_unwrap_take(&state, piece);
    FUZZ_CHECK(lies_in(part, piece));
    inst_buf_add(&seen, part);
  }
  inst_str all = inst_buf_text(&seen);
  check_early(text, (inst_str){all.p + 1, all.n - 1});
  inst_buf_add(log, all);
  inst_buf_clear(&seen);
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  inst_str text = {(const char *)data, size};
  if (size == 0) return 0;
  fuzz_run(unwrap, text);
  check_whole(text);
  return 0;
}
