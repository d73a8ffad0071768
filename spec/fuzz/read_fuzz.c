/* However a text is cut, or whole, it reads the same, what is shown early only grows, and it survives
** writing. */
#include "core/base/error.h"
#include "core/json/read.h"
#include "core/json/write.h"
#include "spec/fuzz/fuzz.h"

enum { MAX_DEPTH = 40 };

/* Whoever looks at a growing value, and what was seen last. */
typedef struct looker {
  inst_arena arenas[2]; /* for what is seen now, and what was seen before */
  const inst_value *seen;
  unsigned turn;
  size_t renewals;
  size_t rest; /* bytes until the next look */
} looker;

static void looker_init(looker *l) {
  *l = (looker){.rest = 0};
  inst_arena_init(&l->arenas[0], fuzz_plain());
  inst_arena_init(&l->arenas[1], fuzz_plain());
}

static void looker_clear(looker *l) {
  inst_arena_clear(&l->arenas[0]);
  inst_arena_clear(&l->arenas[1]);
}

static bool is_list(const inst_value *v) {
  return v->kind == INST_ARRAY || v->kind == INST_OBJECT;
}

/* Is 'now' what 'then' was, or, where that was 'open', more of it?  Open is the last of an open list,
** or any where members have taken the places of others.  (As deep as MAX_DEPTH.) */
static bool has_grown(const inst_value *then, const inst_value *now, bool open, bool any) {
  if (then->kind != now->kind || !inst_str_is(then->key, now->key)) return false;
  if (then->kind == INST_STRING)
    return open ? inst_str_starts(now->u.s, then->u.s) : inst_str_is(then->u.s, now->u.s);
  if (!is_list(then)) return inst_value_equal(then, now);
  const inst_value *a = inst_value_first(then), *b = inst_value_first(now);
  for (; a != NULL && b != NULL; a = inst_value_next(a), b = inst_value_next(b))
    if (!has_grown(a, b, open && (any || inst_value_next(a) == NULL), any)) return false;
  return a == NULL && (open || b == NULL);
}

/* A member that comes a second time takes the place of the first: then nothing is promised. */
static void look(looker *l, inst_reader *reader, const inst_value *now) {
  bool renewed = inst_reader_renewals(reader) != l->renewals;
  if (l->seen != NULL && !renewed)
    FUZZ_CHECK(now != NULL && has_grown(l->seen, now, true, l->renewals > 0));
  l->renewals = inst_reader_renewals(reader);
  l->turn = !l->turn;
  inst_arena_reset(&l->arenas[l->turn]);
  l->seen = now != NULL ? inst_value_copy(&l->arenas[l->turn], now) : NULL;
}

/* Looks at most some fifty times. */
static void feed(inst_reader *reader, inst_str text, fuzz_way way) {
  looker l;
  looker_init(&l);
  fuzz_cut cut = fuzz_cut_of(text, way);
  for (inst_str piece; fuzz_cut_next(&cut, &piece);) {
    if (inst_reader_feed(reader, piece) != 0) break;
    l.rest = l.rest > piece.n ? l.rest - piece.n : 0;
    if (l.rest > 0) continue;
    look(&l, reader, inst_reader_so_far(reader));
    l.rest = text.n / 50;
  }
  fuzz_cut_end(&cut);
  const inst_value *whole = inst_reader_finish(reader);
  if (whole != NULL) look(&l, reader, whole);
  looker_clear(&l);
}

/* What was written reads as what it was written from, and is written the same. */
static bool write_and_read(const inst_value *value, inst_arena *arena, inst_buf *log) {
  inst_error error;
  inst_str text = inst_json_text(arena, value);
  if (text.p == NULL) return false;
  inst_value *again = inst_json_parse(arena, text, MAX_DEPTH, &error);
  if (again == NULL && error.code == INST_E_MEMORY) return false;
  FUZZ_CHECK(again != NULL && inst_value_equal(value, again));
  inst_str second = inst_json_text(arena, again);
  if (second.p == NULL) return false;
  FUZZ_CHECK(inst_str_is(text, second));
  inst_buf_add(log, text);
  return true;
}

/* Both written the same; false: memory ran out. */
static bool write_the_same(const inst_value *a, const inst_value *b, inst_arena *arena) {
  inst_str first = inst_json_text(arena, a), second = inst_json_text(arena, b);
  if (first.p == NULL || second.p == NULL) return false;
  FUZZ_CHECK(inst_str_is(first, second));
  return true;
}

/* The text as one, by way of the reader of whole texts: it reads, or is refused, as 'reader' did.
** False: memory ran out. */
static bool read_whole(inst_reader *reader, inst_str text, inst_arena *arena) {
  inst_error error;
  const inst_error *fault = inst_reader_error(reader);
  const inst_value *whole = inst_json_parse(arena, text, MAX_DEPTH, &error);
  if (error.code == INST_E_MEMORY || fault->code == INST_E_MEMORY) return false;
  FUZZ_CHECK(error.code == fault->code);
  FUZZ_CHECK((whole != NULL) == (fault->code == INST_E_NONE));
  if (whole != NULL) return write_the_same(whole, inst_reader_root(reader), arena);
  FUZZ_CHECK(error.offset == fault->offset && strcmp(error.text, fault->text) == 0);
  return true;
}

static bool read_text(inst_str text, fuzz_way way, inst_alloc alloc, inst_buf *log) {
  inst_arena arena;
  inst_arena_init(&arena, alloc);
  inst_reader *reader = inst_reader_new(&arena, MAX_DEPTH);
  if (reader == NULL) return false;
  feed(reader, text, way);
  const inst_error *error = inst_reader_error(reader);
  bool done = error->code != INST_E_MEMORY;
  if (done && way == FUZZ_PIECES) done = read_whole(reader, text, &arena);
  if (done && error->code == INST_E_NONE)
    done = write_and_read(inst_reader_root(reader), &arena, log);
  else
    inst_buf_addf(log, "%s at %zu: %s", inst_code_name(error->code), error->offset, error->text);
  inst_reader_free(reader);
  inst_arena_clear(&arena);
  return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_run(read_text, (inst_str){(const char *)data, size});
  return 0;
}
