/*
** Which member of an object has a key: quick also when the object is large and still grows.
** In: the object's members, told one by one.  Out: the member of a key.
** Rule: the hash is keyed with a number of the caller's, so that no text can be made whose keys
** all fall together.
*/
#ifndef INST_JSON_KEYS_H
#define INST_JSON_KEYS_H

#include "core/json/value.h"

#define INST_KEYS_FEW 16 /* up to this many members are looked through one by one */

/* All zero: an object without members. */
typedef struct inst_keys {
  uint64_t seen;      /* a bit for each shape a key had: most new keys are known by theirs */
  inst_value **slots; /* open addressing; NULL: not needed yet */
  size_t room;        /* of slots, a power of two */
  size_t count;       /* of slots that are taken */
} inst_keys;

/* A number for the hash that nobody outside can tell: made of an address. */
uint32_t inst_keys_seed(const void *address);
void inst_keys_clear(inst_keys *keys, inst_alloc alloc);
inst_value *inst_keys_find_met(const inst_keys *keys, const inst_value *object, inst_str key,
                               uint32_t seed);
bool inst_keys_file_last(inst_keys *keys, const inst_value *object, uint32_t seed,
                         inst_alloc alloc);
/* Learns of all members of 'object', of which it knows none yet.  False: memory is out. */
bool inst_keys_add_all(inst_keys *keys, const inst_value *object, uint32_t seed, inst_alloc alloc);

/* One of 64 bits, by the key's length and ends. */
static inline uint64_t inst_keys_shape(inst_str key) {
  if (key.n == 0) return 1;
  size_t ends = (unsigned char)key.p[0] ^ (unsigned char)key.p[key.n - 1] * 4u;
  return UINT64_C(1) << ((key.n * 8 ^ ends) & 63);
}

/* Learns the shape of 'key'.  True: none was like it, and no member has that key. */
static inline bool inst_keys_meet(inst_keys *keys, inst_str key) {
  uint64_t shape = inst_keys_shape(key), met = keys->seen & shape;
  keys->seen |= shape;
  return met == 0;
}

/* Where the shape was never seen, nobody has to look. */
static inline inst_value *inst_keys_find(const inst_keys *keys, const inst_value *object,
                                         inst_str key, uint32_t seed) {
  if ((keys->seen & inst_keys_shape(key)) == 0) return NULL;
  return inst_keys_find_met(keys, object, key, seed);
}

/* Learns where the member is that was just appended to 'object', whose key was met.  False: memory
** is out. */
static inline bool inst_keys_file(inst_keys *keys, const inst_value *object, uint32_t seed,
                                  inst_alloc alloc) {
  return object->u.list.count <= INST_KEYS_FEW || inst_keys_file_last(keys, object, seed, alloc);
}

/* Learns of the member just appended to 'object'.  False: memory is out. */
static inline bool inst_keys_add(inst_keys *keys, const inst_value *object, uint32_t seed,
                                 inst_alloc alloc) {
  inst_keys_meet(keys, object->u.list.last->key);
  return inst_keys_file(keys, object, seed, alloc);
}

#endif
