/*
** Kept from the first call on: the address, the schema printed, the words around it.  Each is found
** by what it was made of, so that a call which differs in one of them makes only that one anew.
*/
#include "core/call/prints.h"

#include "core/json/write.h"

/* What is kept, in an arena of its own. */
typedef struct shelf {
  inst_arena arena;
  bool full;
} shelf;

struct inst_prints {
  inst_alloc alloc;
  shelf addresses, schemas, words;
  inst_address address;
  const inst_schema *of;      /* what was printed */
  inst_question printed;      /* with provider and mode, as printed for them */
  inst_str name, description; /* the options' own, which it was worded for */
  inst_question worded;       /* what was printed, with its words */
};

inst_prints *inst_prints_new(inst_alloc alloc) {
  inst_prints *prints = inst_resize(alloc, NULL, 0, sizeof *prints);
  if (prints == NULL) return NULL;
  *prints = (inst_prints){.alloc = alloc};
  inst_arena_init(&prints->addresses.arena, alloc);
  inst_arena_init(&prints->schemas.arena, alloc);
  inst_arena_init(&prints->words.arena, alloc);
  return prints;
}

void inst_prints_free(inst_prints *prints) {
  if (prints == NULL) return;
  inst_arena_clear(&prints->addresses.arena);
  inst_arena_clear(&prints->schemas.arena);
  inst_arena_clear(&prints->words.arena);
  inst_resize(prints->alloc, prints, sizeof *prints, 0);
}

/* Ends the making of what goes on the shelf; false: it is refused, or memory ran out, which the
** arena of the call is told. */
static bool put_up(shelf *place, bool taken, inst_arena *arena) {
  if (inst_arena_failed(&place->arena)) arena->failed = true;
  place->full = taken && !inst_arena_failed(&place->arena);
  if (!place->full) inst_arena_clear(&place->arena);
  return place->full;
}

/* ---- the address ----------------------------------------------------------------------------- */

static bool is_kept_for(const inst_prints *prints, const inst_call_options *options) {
  return prints->addresses.full && inst_address_is_of(&prints->address, options);
}

/* A header that cannot be sent is told of when the call would send it. */
static bool keep_address(inst_prints *prints, const inst_call_options *options,
                         const inst_dialect *dialect, inst_arena *arena) {
  inst_error ignored = {.code = INST_E_NONE};
  inst_arena *place = &prints->addresses.arena;
  inst_address_init(&prints->address, options, place);
  bool taken = !inst_arena_failed(place) &&
               inst_address_complete(&prints->address, dialect->path, place, &ignored) == 0;
  return put_up(&prints->addresses, taken, arena);
}

inst_address *inst_prints_address(const inst_call_options *options, const inst_dialect *dialect,
                                  inst_arena *arena, inst_error *error) {
  inst_prints *prints = options->prints;
  if (prints != NULL && is_kept_for(prints, options)) return &prints->address;
  if (inst_address_check(options, error) != 0) return NULL;
  if (prints != NULL && !prints->addresses.full && keep_address(prints, options, dialect, arena))
    return &prints->address;
  inst_address *own = inst_arena_get(arena, sizeof *own);
  if (own != NULL) inst_address_init(own, options, arena);
  return own;
}

/* ---- the question ---------------------------------------------------------------------------- */

static bool is_printed_for(const inst_prints *prints, const inst_call_options *options) {
  return prints->schemas.full && prints->of == options->schema &&
         prints->printed.ask.provider == options->provider &&
         prints->printed.ask.mode == options->mode;
}

static bool is_worded_for(const inst_prints *prints, const inst_call_options *options) {
  return prints->words.full && inst_str_is(prints->name, options->name) &&
         inst_str_is(prints->description, options->description);
}

static int keep_schema(inst_prints *prints, const inst_call_options *options, inst_arena *arena,
                       inst_error *error) {
  inst_question *q = &prints->printed;
  inst_arena *place = &prints->schemas.arena;
  *q = (inst_question){.ask = {.provider = options->provider, .mode = options->mode}};
  bool taken = inst_question_print(q, options, place, error) == 0;
  if (taken) q->ask.schema_text = inst_json_text(place, q->ask.schema);
  prints->of = options->schema;
  return put_up(&prints->schemas, taken, arena) || inst_arena_failed(arena) ? 0 : -1;
}

/* The words of 'q', which is what was printed. */
static void keep_words(inst_prints *prints, inst_question *q, const inst_call_options *options,
                       const inst_dialect *dialect, inst_arena *arena) {
  inst_arena *place = &prints->words.arena;
  inst_question_word(q, options, dialect, place);
  prints->name = inst_arena_copy(place, options->name);
  prints->description = inst_arena_copy(place, options->description);
  prints->worded = *q;
  put_up(&prints->words, true, arena);
}

/* The question of a call without prints, or with prints of something else. */
static int make_question(inst_question *q, const inst_call_options *options,
                         const inst_dialect *dialect, inst_arena *arena, inst_error *error) {
  *q = (inst_question){.ask = {.provider = options->provider, .mode = options->mode}};
  if (options->schema != NULL && inst_question_print(q, options, arena, error) != 0) return -1;
  if (!inst_arena_failed(arena)) inst_question_word(q, options, dialect, arena);
  return 0;
}

/* Where nothing is printed yet it is done now.  Non-zero: USAGE. */
static int fill(inst_prints *prints, const inst_call_options *options, inst_arena *arena,
                inst_error *error) {
  return prints->schemas.full ? 0 : keep_schema(prints, options, arena, error);
}

int inst_prints_question(inst_question *q, const inst_call_options *options,
                         const inst_dialect *dialect, inst_arena *arena, inst_error *error) {
  inst_prints *prints = options->schema != NULL ? options->prints : NULL;
  if (prints != NULL && fill(prints, options, arena, error) != 0) return -1;
  if (inst_arena_failed(arena)) return 0;
  if (prints == NULL || !is_printed_for(prints, options))
    return make_question(q, options, dialect, arena, error);
  bool worded = is_worded_for(prints, options);
  *q = worded ? prints->worded : prints->printed;
  if (worded) return 0;
  if (prints->words.full)
    inst_question_word(q, options, dialect, arena);
  else
    keep_words(prints, q, options, dialect, arena);
  return 0;
}
