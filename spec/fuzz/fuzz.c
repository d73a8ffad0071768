/*
** Memory, pieces and jobs of the fuzz targets.
*/
#include "spec/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void fuzz_fail(const char *condition, const char *file, int line) {
  fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, condition);
  abort();
}

/* FNV-1a. */
uint64_t fuzz_hash(inst_str text) {
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < text.n; i++)
    hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001B3);
  return hash != 0 ? hash : 1;
}

uint64_t fuzz_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Stands before each block; as large as malloc's alignment, so that the block keeps it. */
typedef union header {
  size_t size;
  max_align_t align;
} header;

static void release(fuzz_memory *memory, void *p, size_t old_size) {
  if (p == NULL) return;
  header *block = (header *)p - 1;
  FUZZ_CHECK(block->size == old_size);
  memory->blocks--;
  free(block);
}

static bool is_out(fuzz_memory *memory) {
  memory->requests++;
  if (memory->fail_at == 0 || memory->requests < memory->fail_at) return false;
  return memory->for_good || memory->requests == memory->fail_at;
}

/* A block never grows in its place, so that whoever keeps an old pointer is found out. */
static void *allocate(void *ctx, void *p, size_t old_size, size_t size) {
  fuzz_memory *memory = ctx;
  FUZZ_CHECK(p != NULL || old_size == 0);
  header *block = size > 0 && !is_out(memory) ? malloc(sizeof *block + size) : NULL;
  if (block == NULL) {
    if (size == 0) release(memory, p, old_size);
    return NULL;
  }
  block->size = size;
  memset(block + 1, 0xCC, size);
  if (p != NULL) memcpy(block + 1, p, old_size < size ? old_size : size);
  release(memory, p, old_size);
  memory->blocks++;
  return block + 1;
}

inst_alloc fuzz_alloc(fuzz_memory *memory) {
  return (inst_alloc){allocate, memory};
}

inst_alloc fuzz_plain(void) {
  return inst_alloc_fill((inst_alloc){NULL, NULL});
}

/* ---- pieces ---------------------------------------------------------------------------------- */

fuzz_cut fuzz_cut_of(inst_str text, fuzz_way way) {
  return (fuzz_cut){.rest = text, .way = way, .random = fuzz_hash(text) ^ way};
}

static size_t size_of_next(fuzz_cut *cut) {
  switch (cut->way) {
  case FUZZ_WHOLE: return cut->rest.n;
  case FUZZ_BYTES: return 1;
  case FUZZ_HALVES: return cut->piece != NULL ? cut->rest.n : fuzz_random(&cut->random);
  default: return fuzz_random(&cut->random) % 16;
  }
}

bool fuzz_cut_next(fuzz_cut *cut, inst_str *piece) {
  if (cut->rest.n == 0) {
    fuzz_cut_end(cut);
    return false;
  }
  size_t n = size_of_next(cut);
  if (n > cut->rest.n) n %= cut->rest.n + 1;
  free(cut->piece);
  cut->piece = malloc(n > 0 ? n : 1);
  FUZZ_CHECK(cut->piece != NULL);
  memcpy(cut->piece, cut->rest.p, n);
  *piece = (inst_str){cut->piece, n};
  cut->rest.p += n;
  cut->rest.n -= n;
  return true;
}

void fuzz_cut_end(fuzz_cut *cut) {
  free(cut->piece);
  cut->piece = NULL;
}

/* ---- jobs ------------------------------------------------------------------------------------ */

static void compare(inst_str log, inst_str first) {
  if (inst_str_is(log, first)) return;
  fprintf(stderr, "got:\n%.*s\nfirst:\n%.*s\n", (int)log.n, log.p, (int)first.n, first.p);
  fuzz_fail("every way comes to the same", __FILE__, __LINE__);
}

/* A log is never empty, so that its text is somewhere. */
static bool do_job(fuzz_job job, inst_str text, fuzz_way way, fuzz_memory *memory, inst_buf *log) {
  log->n = 0;
  inst_buf_byte(log, '>');
  bool done = job(text, way, fuzz_alloc(memory), log);
  FUZZ_CHECK(memory->blocks == 0);
  FUZZ_CHECK(!log->failed);
  return done;
}

/* With memory running out at one place. */
static void do_short_of_memory(fuzz_job job, inst_str text, fuzz_memory *memory, inst_str first) {
  inst_buf log;
  inst_buf_init(&log, fuzz_plain());
  if (do_job(job, text, FUZZ_PIECES, memory, &log)) compare(inst_buf_text(&log), first);
  inst_buf_clear(&log);
}

/* So many times, out of the 'requests' for memory that there are. */
static void lose_memory(fuzz_job job, inst_str text, int times, size_t requests, inst_str first) {
  uint64_t random = fuzz_hash(text);
  for (; times > 0 && requests > 0; times--) {
    fuzz_memory memory = {.fail_at = 1 + (size_t)(fuzz_random(&random) % requests),
                          .for_good = fuzz_random(&random) % 2 == 0};
    do_short_of_memory(job, text, &memory, first);
  }
}

void fuzz_run(fuzz_job job, inst_str text) {
  inst_buf first, log;
  size_t requests = 0;
  inst_buf_init(&first, fuzz_plain());
  inst_buf_init(&log, fuzz_plain());
  for (int way = FUZZ_WHOLE; way < FUZZ_WAYS; way++) {
    fuzz_memory memory = {.fail_at = 0};
    FUZZ_CHECK(do_job(job, text, (fuzz_way)way, &memory, way == FUZZ_WHOLE ? &first : &log));
    if (way != FUZZ_WHOLE) compare(inst_buf_text(&log), inst_buf_text(&first));
    requests = memory.requests;
  }
  lose_memory(job, text, 1, requests, inst_buf_text(&first));
  inst_buf_clear(&first);
  inst_buf_clear(&log);
}

void fuzz_run_whole(fuzz_job job, inst_str text) {
  fuzz_memory memory = {.fail_at = 0};
  inst_buf first;
  inst_buf_init(&first, fuzz_plain());
  FUZZ_CHECK(do_job(job, text, FUZZ_WHOLE, &memory, &first));
  lose_memory(job, text, 2, memory.requests, inst_buf_text(&first));
  inst_buf_clear(&first);
}
