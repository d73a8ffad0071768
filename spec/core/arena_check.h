/* What specs of the lower rooms begin with: an arena, and nothing else. */
#ifndef SPEC_CORE_ARENA_CHECK_H
#define SPEC_CORE_ARENA_CHECK_H

#include "spec/core/check.h"

#include "core/base/memory.h"

static inst_arena scratch;

static int set_up(void **state) {
  (void)state;
  inst_arena_init(&scratch, (inst_alloc){NULL, NULL});
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  inst_arena_clear(&scratch);
  return 0;
}

#endif
