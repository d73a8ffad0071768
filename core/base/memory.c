/*
** Blocks and arenas.
** An arena is a list of chunks, each twice as large as the one before it, and hands out their bytes
** from the front.  A request too large for that gets a chunk of its own, put behind the newest so
** that what is left there stays in use.
*/
#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK ((size_t)1 << 10)
#define LAST_CHUNK ((size_t)1 << 18) /* chunks grow up to this size */
#define LARGE ((size_t)1 << 16)      /* a larger request gets a chunk of its own */

struct inst_chunk {
  struct inst_chunk *next; /* the one made before */
  size_t size;             /* with this header */
};

/* What inst_alloc promises, in terms of the C library. */
static void *system_memory(void *ctx, void *p, size_t old_size, size_t size) {
  (void)ctx, (void)old_size;
  if (size > 0) return realloc(p, size);
  free(p);
  return NULL;
}

inst_alloc inst_alloc_fill(inst_alloc alloc) {
  if (alloc.fn == NULL) alloc.fn = system_memory;
  return alloc;
}

void *inst_resize(inst_alloc alloc, void *p, size_t old_size, size_t size) {
  alloc = inst_alloc_fill(alloc);
  if (p == NULL && size == 0) return NULL;
  return alloc.fn(alloc.ctx, p, p != NULL ? old_size : 0, size);
}

/* ---- arenas ---------------------------------------------------------------------------------- */

void inst_arena_init(inst_arena *arena, inst_alloc alloc) {
  *arena = (inst_arena){.alloc = inst_alloc_fill(alloc)};
}

static void free_chunks(inst_alloc alloc, struct inst_chunk *chunk) {
  while (chunk != NULL) {
    struct inst_chunk *next = chunk->next;
    inst_resize(alloc, chunk, chunk->size, 0);
    chunk = next;
  }
}

/* Frees all chunks; the arena is as new, and has not failed. */
void inst_arena_clear(inst_arena *arena) {
  free_chunks(arena->alloc, arena->chunks);
  inst_arena_init(arena, arena->alloc);
}

/* A chunk of one large block alone (the arena has no end then) is not worth keeping. */
void inst_arena_reset(inst_arena *arena) {
  if (arena->end == NULL) {
    inst_arena_clear(arena);
    return;
  }
  struct inst_chunk *kept = arena->chunks;
  free_chunks(arena->alloc, kept->next);
  kept->next = NULL;
  arena->at = (char *)(kept + 1);
  arena->failed = false;
}

size_t inst_arena_size(const inst_arena *arena) {
  size_t size = 0;
  for (const struct inst_chunk *chunk = arena->chunks; chunk != NULL; chunk = chunk->next)
    size += chunk->size;
  return size;
}

inst_arena *inst_arena_new(inst_alloc alloc) {
  inst_arena *arena = inst_resize(alloc, NULL, 0, sizeof *arena);
  if (arena != NULL) inst_arena_init(arena, alloc);
  return arena;
}

void inst_arena_free(inst_arena *arena) {
  if (arena == NULL) return;
  inst_arena_clear(arena);
  inst_resize(arena->alloc, arena, sizeof *arena, 0);
}

/* One failure is enough: what was made after it may lack a part. */
bool inst_arena_failed(const inst_arena *arena) {
  return arena->failed;
}

/* A chunk of 'size' bytes in all, in no list yet.  NULL: no memory, and the arena knows. */
static struct inst_chunk *new_chunk(inst_arena *arena, size_t size) {
  struct inst_chunk *chunk = inst_resize(arena->alloc, NULL, 0, size);
  if (chunk == NULL)
    arena->failed = true;
  else
    chunk->size = size;
  return chunk;
}

/* A chunk for one block of 'size' bytes. */
static void *get_large(inst_arena *arena, size_t size) {
  struct inst_chunk *chunk = new_chunk(arena, sizeof *chunk + size);
  if (chunk == NULL) return NULL;
  struct inst_chunk **place = arena->end != NULL ? &arena->chunks->next : &arena->chunks;
  chunk->next = *place;
  *place = chunk;
  return chunk + 1;
}

/* Makes a new newest chunk of 'room' bytes in all. */
static bool add_chunk(inst_arena *arena, size_t room) {
  struct inst_chunk *chunk = new_chunk(arena, room);
  if (chunk == NULL) return false;
  chunk->next = arena->chunks;
  arena->chunks = chunk;
  arena->at = (char *)(chunk + 1);
  arena->end = (char *)chunk + room;
  return true;
}

/* Makes a new newest chunk with at least 'size' bytes of room. */
static bool grow(inst_arena *arena, size_t size) {
  size_t room = FIRST_CHUNK;
  if (arena->end != NULL) room = arena->chunks->size * 2;
  while (room < sizeof(struct inst_chunk) + size) room *= 2;
  return add_chunk(arena, room < LAST_CHUNK ? room : LAST_CHUNK);
}

void inst_arena_reserve(inst_arena *arena, size_t size) {
  size_t left = arena->end != NULL ? (size_t)(arena->end - arena->at) : 0;
  if (left < size && size <= LAST_CHUNK - sizeof(struct inst_chunk))
    add_chunk(arena, sizeof(struct inst_chunk) + size);
}

/* 'size' bytes that the newest chunk does not have. */
static void *get_more(inst_arena *arena, size_t size) {
  if (size > SIZE_MAX / 2) {
    arena->failed = true;
    return NULL;
  }
  if (size > LARGE) return get_large(arena, size);
  if (!grow(arena, size)) return NULL;
  char *p = arena->at;
  arena->at = p + size;
  return p;
}

/* 'size' bytes, 'pad' bytes behind what is used so far; a new chunk begins aligned. */
static inline void *get_bytes(inst_arena *arena, size_t size, size_t pad) {
  size_t room = (size_t)(arena->end - arena->at);
  if (size > room || pad > room - size) return get_more(arena, size);
  char *p = arena->at + pad;
  arena->at = p + size;
  return p;
}

void *inst_arena_get(inst_arena *arena, size_t size) {
  return get_bytes(arena, size > 0 ? size : 1, inst_arena_padding(arena->at));
}

inst_str inst_arena_copy(inst_arena *arena, inst_str text) {
  if (text.p == NULL) return text;
  size_t size = text.n < SIZE_MAX ? text.n + 1 : text.n; /* so large a request is refused */
  char *p = get_bytes(arena, size, 0);                   /* text lies packed */
  if (p == NULL) return (inst_str){NULL, 0};
  memcpy(p, text.p, text.n);
  p[text.n] = '\0';
  return (inst_str){p, text.n};
}
