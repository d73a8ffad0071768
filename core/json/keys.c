/*
** A table of members by the hash of their keys, made when an object has more than a few.
*/
#include "core/json/keys.h"

#define PRIME ((UINT64_C(1) << 31) - 1)

/* The bytes as a polynomial's coefficients, taken at 'seed', modulo a prime: whatever the keys are,
** few seeds make two of them meet. */
static uint32_t hash(inst_str key, uint32_t seed) {
  uint64_t h = 1, at = seed % PRIME;
  for (size_t i = 0; i < key.n; i++) h = (h * at + (unsigned char)key.p[i] + 1) % PRIME;
  return (uint32_t)h;
}

uint32_t inst_keys_seed(const void *address) {
  return (uint32_t)(((uint64_t)(uintptr_t)address * UINT64_C(0x9E3779B97F4A7C15)) >> 33) | 1;
}

void inst_keys_clear(inst_keys *keys, inst_alloc alloc) {
  inst_resize(alloc, keys->slots, keys->room * sizeof *keys->slots, 0);
  *keys = (inst_keys){.slots = NULL};
}

/* The slot that holds 'key', or the free one where it belongs.  Some slot is always free. */
static inst_value **slot_of(const inst_keys *keys, inst_str key, uint32_t seed) {
  size_t i = hash(key, seed) & (keys->room - 1);
  while (keys->slots[i] != NULL && !inst_str_is(keys->slots[i]->key, key))
    i = (i + 1) & (keys->room - 1);
  return &keys->slots[i];
}

/* A few members are sooner walked than hashed. */
inst_value *inst_keys_find_met(const inst_keys *keys, const inst_value *object, inst_str key,
                               uint32_t seed) {
  return keys->slots != NULL ? *slot_of(keys, key, seed) : inst_value_find(object, key);
}

/* Makes the table anew, with all members of 'object'. */
static bool rebuild(inst_keys *keys, const inst_value *object, uint32_t seed, inst_alloc alloc) {
  inst_keys larger = {.seen = keys->seen, .room = INST_KEYS_FEW * 2};
  while (larger.room < object->u.list.count * 4) larger.room *= 2;
  size_t size = larger.room * sizeof *larger.slots;
  larger.slots = inst_resize(alloc, NULL, 0, size);
  if (larger.slots == NULL) return false;
  for (size_t i = 0; i < larger.room; i++) larger.slots[i] = NULL;
  for (inst_value *v = object->u.list.first; v != NULL; v = v->next)
    *slot_of(&larger, v->key, seed) = v;
  larger.count = object->u.list.count;
  inst_keys_clear(keys, alloc);
  *keys = larger;
  return true;
}

/* The table is at most half full, so that a search ends after a slot or two. */
bool inst_keys_file_last(inst_keys *keys, const inst_value *object, uint32_t seed,
                         inst_alloc alloc) {
  if (keys->slots == NULL || keys->count * 2 >= keys->room)
    return rebuild(keys, object, seed, alloc);
  inst_value *member = object->u.list.last;
  *slot_of(keys, member->key, seed) = member;
  keys->count++;
  return true;
}

bool inst_keys_add_all(inst_keys *keys, const inst_value *object, uint32_t seed, inst_alloc alloc) {
  for (const inst_value *v = object->u.list.first; v != NULL; v = v->next)
    keys->seen |= inst_keys_shape(v->key);
  return object->u.list.count <= INST_KEYS_FEW || rebuild(keys, object, seed, alloc);
}
