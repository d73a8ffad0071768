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
inst_value *inst_keys_find(const inst_keys *keys, const inst_value *object, inst_str key,
                           uint32_t seed);
/* Learns of the member just appended to 'object'.  False: memory is out. */
bool inst_keys_add(inst_keys *keys, const inst_value *object, uint32_t seed, inst_alloc alloc);
/* Learns of all members of 'object', of which it knows none yet.  False: memory is out. */
bool inst_keys_add_all(inst_keys *keys, const inst_value *object, uint32_t seed, inst_alloc alloc);

#endif
