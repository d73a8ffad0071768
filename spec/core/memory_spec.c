/*
** Blocks and arenas.
*/
#include "spec/core/check.h"

#include "core/base/memory.h"

static void no_function_means_realloc_and_free(void **state) {
  (void)state;
  inst_alloc alloc = inst_alloc_fill((inst_alloc){NULL, NULL});
  assert_non_null(alloc.fn);
  char *p = inst_resize((inst_alloc){NULL, NULL}, NULL, 0, 4);
  memcpy(p, "abc", 4);
  p = inst_resize(alloc, p, 4, 4000);
  assert_string_equal(p, "abc");
  assert_null(inst_resize(alloc, p, 4000, 0));
}

static void a_given_function_is_kept(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_alloc alloc = inst_alloc_fill(check_alloc(&memory));
  assert_ptr_equal(alloc.ctx, &memory);
  void *p = inst_resize(alloc, NULL, 0, 10);
  assert_int_equal(memory.bytes, 10);
  inst_resize(alloc, p, 10, 0);
  check_no_leaks(&memory);
}

static void freeing_nothing_is_fine(void **state) {
  (void)state;
  check_memory memory = {0};
  assert_null(inst_resize(check_alloc(&memory), NULL, 0, 0));
  inst_arena_free(NULL);
}

static void a_block_that_cannot_grow_is_untouched(void **state) {
  (void)state;
  check_memory memory = {.fail_at = 2};
  char *p = inst_resize(check_alloc(&memory), NULL, 0, 4);
  memcpy(p, "abc", 4);
  assert_null(inst_resize(check_alloc(&memory), p, 4, 8));
  assert_string_equal(p, "abc");
  inst_resize(check_alloc(&memory), p, 4, 0);
  check_no_leaks(&memory);
}

/* Many blocks of all sizes, each filled with its own byte. */
static bool fill_an_arena(inst_alloc alloc, void *ctx) {
  (void)ctx;
  static const size_t sizes[] = {0, 1, 3, 8, 17, 100, 1000, 5000, 70000, 2, 300000, 9};
  inst_arena *arena = inst_arena_new(alloc);
  if (arena == NULL) return false;
  unsigned char *blocks[CHECK_COUNT(sizes) * 8];
  for (size_t i = 0; i < CHECK_COUNT(blocks); i++) {
    size_t size = sizes[i % CHECK_COUNT(sizes)];
    blocks[i] =
        i % 2 == 0 || size == 0 ? inst_arena_get(arena, size) : inst_arena_step(arena, size);
    if (blocks[i] == NULL) assert_true(inst_arena_failed(arena));
    if (blocks[i] == NULL) continue;
    assert_int_equal((uintptr_t)blocks[i] % sizeof(double), 0);
    memset(blocks[i], (int)i, size);
  }
  for (size_t i = 0; i < CHECK_COUNT(blocks); i++)
    for (size_t k = 0; blocks[i] != NULL && k < sizes[i % CHECK_COUNT(sizes)]; k++)
      if (blocks[i][k] != i) fail_msg("byte %zu of block %zu was overwritten", k, i);
  bool done = !inst_arena_failed(arena);
  inst_arena_free(arena);
  return done;
}

static void blocks_are_aligned_and_do_not_overlap(void **state) {
  (void)state;
  check_memory memory = {0};
  assert_true(fill_an_arena(check_alloc(&memory), NULL));
  check_no_leaks(&memory);
}

static void every_failure_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  assert_true(check_every_failure(fill_an_arena, NULL) > 10);
}

static void chunks_grow_geometrically_from_one_kibibyte(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  assert_int_equal(memory.requests, 0);
  inst_arena_get(&arena, 1);
  assert_int_equal(memory.bytes, 1024);
  assert_int_equal(inst_arena_size(&arena), 1024);
  for (size_t i = 0; i < 10000; i++) inst_arena_get(&arena, 100);
  assert_true(memory.requests < 16);
  assert_true(memory.bytes < 2500000);
  assert_int_equal(inst_arena_size(&arena), memory.bytes);
  inst_arena_clear(&arena);
  assert_int_equal(inst_arena_size(&arena), 0);
  check_no_leaks(&memory);
}

static void a_large_block_leaves_the_rest_of_the_newest_chunk_in_use(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  char *before = inst_arena_get(&arena, 8);
  inst_arena_get(&arena, 100000);
  char *after = inst_arena_get(&arena, 8);
  assert_ptr_equal(after, before + 8);
  assert_int_equal(memory.blocks, 2);
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

static void a_large_block_may_come_first(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  assert_non_null(inst_arena_get(&arena, 1000000));
  assert_non_null(inst_arena_get(&arena, 1000000));
  assert_non_null(inst_arena_get(&arena, 10));
  assert_int_equal(memory.blocks, 3);
  assert_true(memory.bytes < 2002000);
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

static void a_cleared_arena_may_be_used_again(void **state) {
  (void)state;
  check_memory memory = {.fail_at = 2};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  assert_non_null(inst_arena_get(&arena, 1));
  assert_null(inst_arena_get(&arena, 5000));
  assert_true(inst_arena_failed(&arena));
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
  assert_false(inst_arena_failed(&arena));
  assert_non_null(inst_arena_get(&arena, 5000));
  inst_arena_clear(&arena);
  check_no_leaks(&memory);
}

static void an_arena_remembers_that_it_ran_out(void **state) {
  (void)state;
  check_memory memory = {.fail_at = 1};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  assert_null(inst_arena_get(&arena, 10));
  assert_non_null(inst_arena_get(&arena, 10));
  assert_true(inst_arena_failed(&arena));
  inst_arena_clear(&arena);
}

static void a_size_no_machine_has_is_refused(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  assert_null(inst_arena_get(&arena, SIZE_MAX));
  assert_null(inst_arena_get(&arena, SIZE_MAX - 20));
  assert_null(inst_arena_step(&arena, SIZE_MAX - 20));
  assert_no_text(inst_arena_copy(&arena, (inst_str){"x", SIZE_MAX}));
  assert_true(inst_arena_failed(&arena));
  assert_int_equal(memory.requests, 0);
}

static void a_copy_ends_in_a_zero_that_is_not_counted(void **state) {
  (void)state;
  check_memory memory = {0};
  inst_arena arena;
  inst_arena_init(&arena, check_alloc(&memory));
  inst_str copy = inst_arena_copy(&arena, (inst_str){"abcdef", 3});
  assert_text(copy, "abc");
  assert_string_equal(copy.p, "abc");
  copy = inst_arena_copy(&arena, INST_LIT(""));
  assert_non_null(copy.p);
  assert_string_equal(copy.p, "");
  assert_bytes(inst_arena_copy(&arena, INST_LIT("a\0b")), "a\0b");
  inst_arena_clear(&arena);
}

static void no_text_is_copied_as_no_text(void **state) {
  (void)state;
  inst_arena arena;
  inst_arena_init(&arena, (inst_alloc){NULL, NULL});
  assert_no_text(inst_arena_copy(&arena, (inst_str){NULL, 0}));
  assert_false(inst_arena_failed(&arena));
  inst_arena_clear(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_function_means_realloc_and_free),
      cmocka_unit_test(a_given_function_is_kept),
      cmocka_unit_test(freeing_nothing_is_fine),
      cmocka_unit_test(a_block_that_cannot_grow_is_untouched),
      cmocka_unit_test(blocks_are_aligned_and_do_not_overlap),
      cmocka_unit_test(every_failure_is_reported_and_leaks_nothing),
      cmocka_unit_test(chunks_grow_geometrically_from_one_kibibyte),
      cmocka_unit_test(a_large_block_leaves_the_rest_of_the_newest_chunk_in_use),
      cmocka_unit_test(a_large_block_may_come_first),
      cmocka_unit_test(a_cleared_arena_may_be_used_again),
      cmocka_unit_test(an_arena_remembers_that_it_ran_out),
      cmocka_unit_test(a_size_no_machine_has_is_refused),
      cmocka_unit_test(a_copy_ends_in_a_zero_that_is_not_counted),
      cmocka_unit_test(no_text_is_copied_as_no_text),
  };
  return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
