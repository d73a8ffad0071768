/*
** What all C specs share: an allocator that counts, fails on purpose and checks old sizes; the
** three ways of feeding a reader; assertions about texts and values.
** Rule: a spec that includes this includes no other cmocka header before it.
*/
#ifndef SPEC_CORE_CHECK_H
#define SPEC_CORE_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/json/write.h"

/* ---- memory ---------------------------------------------------------------------------------- */

/* An allocator that knows each block's size and can be told to fail. */
typedef struct check_memory {
  size_t blocks;   /* alive */
  size_t bytes;    /* alive */
  size_t peak;     /* most bytes alive at once */
  size_t requests; /* for memory, so far */
  size_t fail_at;  /* this request fails, counted from 1; 0: none */
  bool for_good;   /* and all after it */
} check_memory;

/* Stands before each block; as large as malloc's alignment, so that the block keeps it. */
typedef union check_block {
  size_t size;
  max_align_t align;
} check_block;

static inline void check_release(check_memory *memory, void *p, size_t old_size) {
  if (p == NULL) return;
  check_block *block = (check_block *)p - 1;
  if (block->size != old_size)
    fail_msg("a block of %zu bytes came back as %zu", block->size, old_size);
  memory->blocks--;
  memory->bytes -= old_size;
  memset(p, 0xDD, old_size);
  free(block);
}

/* Never grows a block in place, so that whoever keeps an old pointer is found out. */
static inline void *check_allocate(void *ctx, void *p, size_t old_size, size_t size) {
  check_memory *memory = ctx;
  if (p == NULL && old_size != 0) fail_msg("no block came with the size %zu", old_size);
  if (size > 0) {
    memory->requests++;
    if (memory->requests == memory->fail_at) return NULL;
    if (memory->for_good && memory->fail_at != 0 && memory->requests > memory->fail_at) return NULL;
  }
  check_block *block = size > 0 ? malloc(sizeof *block + size) : NULL;
  if (block == NULL) {
    if (size == 0) check_release(memory, p, old_size);
    return NULL;
  }
  block->size = size;
  memset(block + 1, 0xCC, size);
  if (p != NULL) memcpy(block + 1, p, old_size < size ? old_size : size);
  check_release(memory, p, old_size);
  memory->blocks++;
  memory->bytes += size;
  if (memory->bytes > memory->peak) memory->peak = memory->bytes;
  return block + 1;
}

static inline inst_alloc check_alloc(check_memory *memory) {
  return (inst_alloc){check_allocate, memory};
}

static inline void check_no_leaks(const check_memory *memory) {
  assert_int_equal(memory->blocks, 0);
  assert_int_equal(memory->bytes, 0);
}

/* Does the whole job with 'alloc' and cleans up.  False: it reported that memory ran out. */
typedef bool (*check_job)(inst_alloc alloc, void *ctx);

/* Runs 'job' with the first, second, third ... request failing, alone and with all that follow it,
** until it asks for no more.  Returns how many requests the job makes. */
static inline size_t check_every_failure(check_job job, void *ctx) {
  size_t requests = 0;
  for (int for_good = 0; for_good < 2; for_good++) {
    for (size_t n = 1;; n++) {
      check_memory memory = {.fail_at = n, .for_good = for_good != 0};
      bool done = job(check_alloc(&memory), ctx);
      check_no_leaks(&memory);
      requests = memory.requests;
      if (requests < n) {
        assert_true(done);
        break;
      }
    }
  }
  return requests;
}

/* ---- feeding --------------------------------------------------------------------------------- */

/* A reader under test. */
typedef struct check_feeder {
  void (*begin)(void *ctx);                /* a new reader */
  void (*feed)(void *ctx, inst_str piece); /* the piece is gone afterwards */
  void (*end)(void *ctx);                  /* no more will come: looks at the result, frees */
  void *ctx;
} check_feeder;

/* Feeds 'text' in memory of its own, exactly as large as it is. */
static inline void check_feed_piece(const check_feeder *feeder, const char *p, size_t n) {
  char *copy = malloc(n > 0 ? n : 1);
  assert_non_null(copy);
  if (n > 0) memcpy(copy, p, n);
  feeder->feed(feeder->ctx, (inst_str){copy, n});
  free(copy);
}

static inline void check_feed_whole(const check_feeder *feeder, inst_str text) {
  feeder->begin(feeder->ctx);
  check_feed_piece(feeder, text.p, text.n);
  feeder->end(feeder->ctx);
}

static inline void check_feed_bytes(const check_feeder *feeder, inst_str text) {
  feeder->begin(feeder->ctx);
  for (size_t i = 0; i < text.n; i++) check_feed_piece(feeder, text.p + i, 1);
  feeder->end(feeder->ctx);
}

static inline void check_feed_split(const check_feeder *feeder, inst_str text, size_t at) {
  feeder->begin(feeder->ctx);
  check_feed_piece(feeder, text.p, at);
  check_feed_piece(feeder, text.p + at, text.n - at);
  feeder->end(feeder->ctx);
}

/* Whole, byte by byte, and split at each place. */
static inline void check_feed_all_ways(const check_feeder *feeder, inst_str text) {
  check_feed_whole(feeder, text);
  check_feed_bytes(feeder, text);
  for (size_t at = 0; at <= text.n; at++) check_feed_split(feeder, text, at);
}

/* ---- assertions ------------------------------------------------------------------------------ */

static inline void check_text_at(inst_str actual, inst_str expected, const char *file, int line) {
  if (actual.p != NULL && inst_str_is(actual, expected)) return;
  print_error("got:    %.*s\nwanted: %.*s\n", (int)actual.n, actual.p != NULL ? actual.p : "(none)",
              (int)expected.n, expected.p);
  _fail(file, line);
}

static inline void check_json_at(const inst_value *v, const char *expected, const char *file,
                                 int line) {
  inst_buf text;
  inst_buf_init(&text, (inst_alloc){NULL, NULL});
  if (v != NULL)
    inst_json_write(&text, v);
  else
    inst_buf_add(&text, INST_LIT("(no value)"));
  bool same = inst_str_is(inst_buf_text(&text), inst_str_of(expected));
  if (!same) print_error("got:    %.*s\nwanted: %s\n", (int)text.n, text.p, expected);
  inst_buf_clear(&text);
  if (!same) _fail(file, line);
}

/* 'actual' is an inst_str, 'expected' a C string; for zeros inside, see assert_bytes. */
#define assert_text(actual, expected)                                                              \
  check_text_at((actual), inst_str_of(expected), __FILE__, __LINE__)
#define assert_bytes(actual, literal) check_text_at((actual), INST_LIT(literal), __FILE__, __LINE__)
#define assert_no_text(actual) assert_null((actual).p)

/* The value, written down compactly; "(no value)" for NULL. */
#define assert_json(value, expected) check_json_at((value), (expected), __FILE__, __LINE__)

/* ---- numbers to try things with -------------------------------------------------------------- */

/* The same row of numbers each time (xorshift). */
static inline uint64_t check_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

#define CHECK_COUNT(array) (sizeof(array) / sizeof(array)[0])

#endif
