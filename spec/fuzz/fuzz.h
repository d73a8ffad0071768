/*
** What the fuzz targets share: checks that stop the run, texts cut into pieces, an allocator that
** keeps account and fails where it is told to.
** A target is one file, <name>_fuzz.c, with the entry that libFuzzer calls; where there is no
** libFuzzer, driver.c calls it.  Its first line states what must hold for every input.
*/
#ifndef SPEC_FUZZ_FUZZ_H
#define SPEC_FUZZ_FUZZ_H

#include "core/json/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The run ends where 'condition' is false, and the input is kept. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_fail(const char *condition, const char *file, int line);

/* A number that 'text' alone decides, never 0. */
uint64_t fuzz_hash(inst_str text);
uint64_t fuzz_random(uint64_t *state); /* the next of a row of numbers; the state must not be 0 */

/* ---- memory ---------------------------------------------------------------------------------- */

typedef struct fuzz_memory {
  size_t blocks;   /* alive */
  size_t requests; /* for memory, so far */
  size_t fail_at;  /* this request fails, counted from 1; 0: none */
  bool for_good;   /* and all after it */
} fuzz_memory;

/* Checks that each block comes back with its size. */
inst_alloc fuzz_alloc(fuzz_memory *memory);
/* The process's own memory, which does not run out. */
inst_alloc fuzz_plain(void);

/* ---- pieces ---------------------------------------------------------------------------------- */

typedef enum fuzz_way { FUZZ_WHOLE, FUZZ_BYTES, FUZZ_HALVES, FUZZ_PIECES, FUZZ_WAYS } fuzz_way;

/* A text on its way, piece by piece. */
typedef struct fuzz_cut {
  inst_str rest;
  fuzz_way way;
  uint64_t random;
  char *piece;
} fuzz_cut;

fuzz_cut fuzz_cut_of(inst_str text, fuzz_way way);
/* The next piece, in memory of its own, exactly as large as it is; the one before it is gone. */
bool fuzz_cut_next(fuzz_cut *cut, inst_str *piece);
void fuzz_cut_end(fuzz_cut *cut);

/* ---- jobs ------------------------------------------------------------------------------------ */

/* What a target does with a text: all its memory is 'alloc's and given back, and what came of it is
** written to 'log'.  False: it said that memory ran out. */
typedef bool (*fuzz_job)(inst_str text, fuzz_way way, inst_alloc alloc, inst_buf *log);

/* Does the job in each way, and once more with memory running out on the way: the log is always the
** same, nothing stays behind, and lost memory is told of. */
void fuzz_run(fuzz_job job, inst_str text);
/* The same of a job that takes its text whole, whatever the way. */
void fuzz_run_whole(fuzz_job job, inst_str text);

#endif
