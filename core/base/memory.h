/*
** Where all memory comes from.
** In: the allocator the host injected.  Out: blocks with one owner, and arenas with one lifetime.
** Rule: no other room calls malloc; running out is an ordinary answer, never an exit.
*/
#ifndef INST_BASE_MEMORY_H
#define INST_BASE_MEMORY_H

#include "core/instructor.h"

/* The allocator itself, with realloc and free put in where the host gave no function. */
inst_alloc inst_alloc_fill(inst_alloc alloc);

/* 'p' grown or shrunk from 'old_size' to 'size' bytes; 0 frees.  NULL: no memory, 'p' is as it
** was. */
void *inst_resize(inst_alloc alloc, void *p, size_t old_size, size_t size);

/* An arena embedded in another object. */
struct inst_arena {
  inst_alloc alloc;
  struct inst_chunk *chunks; /* newest first */
  char *at, *end;            /* what is left of the newest */
  bool failed;
};
void inst_arena_init(inst_arena *arena, inst_alloc alloc);
void inst_arena_clear(inst_arena *arena);
/* Asks for 'size' bytes in one block before the first of them is wanted. */
void inst_arena_reserve(inst_arena *arena, size_t size);

/* What a block must be aligned for: our structures hold nothing stricter. */
union inst_strictest {
  void *p;
  int64_t i;
  double d;
  size_t n;
};

/* The bytes to skip so that 'at' is aligned. */
static inline size_t inst_arena_padding(const char *at) {
  return (0 - (size_t)(uintptr_t)at) & (_Alignof(union inst_strictest) - 1);
}

/* inst_arena_get for those who ask all the time: a step, as long as the newest chunk has room. */
static inline void *inst_arena_step(inst_arena *arena, size_t size) {
  size_t pad = inst_arena_padding(arena->at), room = (size_t)(arena->end - arena->at);
  if (size > room || pad > room - size) return inst_arena_get(arena, size);
  char *p = arena->at + pad;
  arena->at = p + size;
  return p;
}

/* 'text' copied, with a '\0' behind it that is not counted; p is NULL when memory is out.
** A text whose p is NULL stays so. */
inst_str inst_arena_copy(inst_arena *arena, inst_str text);

#endif
