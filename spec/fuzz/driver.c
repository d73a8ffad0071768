/*
** Runs a fuzz target where there is no libFuzzer: the seeds as they are, then what random changes
** make of them, until the time is over.
** In: libFuzzer's own words, of which -max_total_time, -max_len, -seed and -artifact_prefix count,
** then files and folders of seeds.  Without a time each file is tried once.
** An input that ends the run is written to <artifact_prefix>crash.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/fuzz/fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SEEDS = 4096, LONGEST = 1 << 16 };

static struct {
  inst_str seeds[MOST_SEEDS];
  size_t count;
  long seconds, longest;
  uint64_t seed;
  char artifact[512];
} run = {.longest = 4096};

static struct {
  uint8_t bytes[LONGEST];
  volatile size_t n;
  unsigned long tried;
} input;

/* ---- seeds ----------------------------------------------------------------------------------- */

static void add_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || run.count == MOST_SEEDS) {
    if (file != NULL) fclose(file);
    return;
  }
  char *bytes = malloc(LONGEST);
  FUZZ_CHECK(bytes != NULL);
  size_t n = fread(bytes, 1, LONGEST, file);
  fclose(file);
  run.seeds[run.count++] = (inst_str){bytes, n};
}

static void add_path(const char *path) {
  char name[1024];
  DIR *folder = opendir(path);
  if (folder == NULL) {
    add_file(path);
    return;
  }
  for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    add_file(name);
  }
  closedir(folder);
}

/* ---- changes --------------------------------------------------------------------------------- */

static uint64_t state; /* of the numbers the changes are drawn from */

static size_t below(size_t n) {
  return n > 0 ? (size_t)(fuzz_random(&state) % n) : 0;
}

/* Takes 'gone' bytes at 'at' away, and puts 'bytes' there. */
static void replace(size_t at, size_t gone, const void *bytes, size_t n) {
  static uint8_t copy[LONGEST];
  size_t longest = (size_t)run.longest;
  if (input.n - gone + n > longest) return;
  if (n > 0) memcpy(copy, bytes, n); /* it may stand in the input itself */
  memmove(input.bytes + at + n, input.bytes + at + gone, input.n - at - gone);
  if (n > 0) memcpy(input.bytes + at, copy, n);
  input.n = input.n - gone + n;
}

static void put_byte(size_t at) {
  static const char marks[] = "{}[]\",:\\ \n\r`<>/0123456789-+.eEtfnu_a\x80\xC3\xE2\xF0";
  uint8_t byte = below(4) == 0 ? (uint8_t)below(256) : (uint8_t)marks[below(sizeof marks)];
  replace(at, at < input.n && below(2) == 0 ? 1 : 0, &byte, 1);
}

/* A part of one of the seeds. */
static void put_part(size_t at) {
  inst_str from = run.seeds[below(run.count)];
  size_t begin = below(from.n + 1), n = below(from.n - begin + 1);
  replace(at, below(2) == 0 ? below(input.n - at + 1) : 0, from.p + begin, n);
}

static void change(void) {
  size_t at = below(input.n + 1), n = below(input.n - at + 1);
  if (n > 8 && below(4) != 0) n = 1 + below(8);
  switch (below(6)) {
  case 0: replace(at, n, NULL, 0); break;
  case 1: replace(below(input.n + 1), 0, input.bytes + at, n); break;
  case 2: put_part(at); break;
  case 3:
    if (at < input.n) input.bytes[at] ^= (uint8_t)(1u << below(8));
    break;
  default: put_byte(at); break;
  }
}

/* ---- the run --------------------------------------------------------------------------------- */

/* Only what a signal's handler may do. */
static void keep_input(int signal_number) {
  int file = open(run.artifact, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0 && write(file, input.bytes, input.n) >= 0) close(file);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

/* In memory of its own, so that what is read past its end is found. */
static void try_input(void) {
  uint8_t *copy = malloc(input.n > 0 ? input.n : 1);
  FUZZ_CHECK(copy != NULL);
  memcpy(copy, input.bytes, input.n);
  input.tried++;
  LLVMFuzzerTestOneInput(copy, input.n);
  free(copy);
}

static void take_seed(inst_str seed) {
  input.n = seed.n < (size_t)run.longest ? seed.n : (size_t)run.longest;
  memcpy(input.bytes, seed.p, input.n);
}

static void try_changes(void) {
  time_t end = time(NULL) + run.seconds;
  while (time(NULL) < end) {
    take_seed(run.seeds[below(run.count)]);
    for (size_t changes = 1 + below(8); changes > 0; changes--) change();
    try_input();
  }
}

static void take_word(const char *word) {
  if (word[0] != '-') add_path(word);
  if (strncmp(word, "-max_total_time=", 16) == 0) run.seconds = strtol(word + 16, NULL, 10);
  if (strncmp(word, "-max_len=", 9) == 0) run.longest = strtol(word + 9, NULL, 10);
  if (strncmp(word, "-seed=", 6) == 0) run.seed = strtoull(word + 6, NULL, 10);
  if (strncmp(word, "-artifact_prefix=", 17) == 0)
    snprintf(run.artifact, sizeof run.artifact, "%scrash", word + 17);
}

int main(int argc, char **argv) {
  run.seed = (uint64_t)time(NULL);
  snprintf(run.artifact, sizeof run.artifact, "crash");
  for (int i = 1; i < argc; i++) take_word(argv[i]);
  if (run.longest < 1 || run.longest > LONGEST) run.longest = LONGEST;
  if (run.count == 0) run.seeds[run.count++] = INST_LIT("");
  fprintf(stderr, "INFO: seed %llu, %zu files\n", (unsigned long long)run.seed, run.count);
  state = run.seed != 0 ? run.seed : 1;
  signal(SIGABRT, keep_input);
  for (size_t i = 0; i < run.count; i++) {
    take_seed(run.seeds[i]);
    try_input();
  }
  if (run.seconds > 0) try_changes();
  fprintf(stderr, "stat::number_of_executed_units: %lu\n", input.tried);
  return 0;
}
