/*
** A table of pairs, open and half empty, in the arena of the parse.
*/
#include "core/schema/memo.h"

/* Where the pair stands, or would. */
static inst_memo_entry *place_of(const inst_memo *memo, const inst_tnode *node,
                                 const inst_value *in) {
  uint64_t hash =
      ((uint64_t)(uintptr_t)in ^ (uint64_t)(uintptr_t)node << 7) * UINT64_C(0x9E3779B97F4A7C15);
  size_t i = (size_t)(hash >> 32) & (memo->room - 1);
  while (memo->entries[i].node != NULL &&
         (memo->entries[i].node != node || memo->entries[i].in != in))
    i = (i + 1) & (memo->room - 1);
  return &memo->entries[i];
}

const inst_memo_entry *inst_memo_find(const inst_memo *memo, const inst_tnode *node,
                                      const inst_value *in) {
  if (memo->count == 0 || in == NULL) return NULL;
  const inst_memo_entry *entry = place_of(memo, node, in);
  return entry->node != NULL ? entry : NULL;
}

static bool grow(inst_memo *memo, inst_arena *arena) {
  inst_memo larger = {.room = memo->room ? memo->room * 2 : 32};
  larger.entries = inst_arena_get(arena, larger.room * sizeof *larger.entries);
  if (larger.entries == NULL) return false;
  for (size_t i = 0; i < larger.room; i++) larger.entries[i] = (inst_memo_entry){NULL, NULL, NULL};
  for (size_t i = 0; i < memo->room; i++) {
    const inst_memo_entry *old = &memo->entries[i];
    if (old->node != NULL) *place_of(&larger, old->node, old->in) = *old;
  }
  larger.count = memo->count;
  *memo = larger;
  return true;
}

void inst_memo_note(inst_memo *memo, inst_arena *arena, const inst_tnode *node,
                    const inst_value *in, const inst_value *out) {
  if (in == NULL || inst_value_count(in) == 0) return;
  if (memo->count * 2 >= memo->room && !grow(memo, arena)) return;
  inst_memo_entry *entry = place_of(memo, node, in);
  if (entry->node == NULL) memo->count++;
  *entry = (inst_memo_entry){node, in, out};
}
