/*
** Counting steps, and what they are allowed by.
*/
#include "core/schema/effort.h"

#include "core/base/error.h"

/* A list whose items are being counted. */
static void push(inst_buf *lists, const inst_value *first) {
  if (first != NULL) inst_buf_add(lists, (inst_str){(const char *)&first, sizeof first});
}

/* How many values 'v' is made of.  False: no memory. */
static bool count_values(const inst_value *v, inst_alloc alloc, uint64_t *count) {
  inst_buf lists; /* of const inst_value *: what is to be counted with all behind it */
  inst_buf_init(&lists, alloc);
  *count = 1;
  push(&lists, inst_value_first(v));
  while (lists.n > 0 && !lists.failed) {
    const inst_value *item;
    memcpy(&item, lists.p + (lists.n -= sizeof item), sizeof item);
    for (; item != NULL; item = inst_value_next(item), ++*count)
      push(&lists, inst_value_first(item));
  }
  bool whole = !lists.failed;
  inst_buf_clear(&lists);
  return whole;
}

static bool allow(inst_effort *effort, const inst_schema *schema, const inst_value *v,
                  inst_alloc alloc) {
  uint64_t values;
  if (!count_values(v, alloc, &values)) return false;
  if (effort->allowed == 0) effort->allowed = INST_FREE_STEPS;
  effort->allowed += values * schema->count * INST_STEPS_EACH;
  return true;
}

bool inst_effort_spend(inst_effort *effort, const inst_schema *schema, const inst_value *root,
                       inst_alloc alloc, inst_error *error) {
  effort->steps++;
  if (effort->steps < INST_FREE_STEPS || effort->steps < effort->allowed) return true;
  bool counted = effort->counted;
  effort->counted = true;
  if (!counted && !allow(effort, schema, root, alloc)) return inst_error_memory(error), false;
  if (effort->steps < effort->allowed) return true;
  inst_error_set(error, INST_E_LIMIT,
                 "the value leads the schema back to itself in too many ways at once");
  return false;
}

bool inst_effort_add(inst_effort *effort, const inst_schema *schema, const inst_value *answer,
                     inst_alloc alloc) {
  if (inst_value_count(answer) <= INST_LARGE_ANSWER) return true;
  return allow(effort, schema, answer, alloc);
}
