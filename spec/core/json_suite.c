/*
** A public suite of JSON texts against the reader.
** In: a folder of files y_*.json (to be accepted), n_*.json (to be refused) and i_*.json (left to
** us: see 'decisions').  Out: a line for each difference, and one closing line.
** Each text is fed whole, byte by byte and split at each place, and read straight; what is accepted
** is written and read back as well.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/base/memory.h"
#include "core/json/read.h"
#include "core/json/write.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the standard leaves to each reader, and why ours does what it does. */
static const struct decision {
  const char *file;
  bool accepted;
  const char *why;
} decisions[] = {
    {"i_number_double_huge_neg_exp.json", true, "underflow is zero"},
    {"i_number_huge_exp.json", false, "passes a double"},
    {"i_number_neg_int_huge_exp.json", false, "passes a double"},
    {"i_number_pos_double_huge_exp.json", false, "passes a double"},
    {"i_number_real_neg_overflow.json", false, "passes a double"},
    {"i_number_real_pos_overflow.json", false, "passes a double"},
    {"i_number_real_underflow.json", true, "underflow is zero"},
    {"i_number_too_big_neg_int.json", true, "becomes a real"},
    {"i_number_too_big_pos_int.json", true, "becomes a real"},
    {"i_number_very_big_negative_int.json", true, "becomes a real"},
    {"i_object_key_lone_2nd_surrogate.json", false, "a lone surrogate is no character"},
    {"i_string_1st_surrogate_but_2nd_missing.json", false, "a lone surrogate is no character"},
    {"i_string_1st_valid_surrogate_2nd_invalid.json", false, "a lone surrogate is no character"},
    {"i_string_UTF-16LE_with_BOM.json", false, "not UTF-8"},
    {"i_string_UTF-8_invalid_sequence.json", false, "not UTF-8"},
    {"i_string_UTF8_surrogate_U+D800.json", false, "not UTF-8"},
    {"i_string_incomplete_surrogate_and_escape_valid.json", false,
     "a lone surrogate is no character"},
    {"i_string_incomplete_surrogate_pair.json", false, "a lone surrogate is no character"},
    {"i_string_incomplete_surrogates_escape_valid.json", false, "a lone surrogate is no character"},
    {"i_string_invalid_lonely_surrogate.json", false, "a lone surrogate is no character"},
    {"i_string_invalid_surrogate.json", false, "a lone surrogate is no character"},
    {"i_string_invalid_utf-8.json", false, "not UTF-8"},
    {"i_string_inverted_surrogates_U+1D11E.json", false, "a lone surrogate is no character"},
    {"i_string_iso_latin_1.json", false, "not UTF-8"},
    {"i_string_lone_second_surrogate.json", false, "a lone surrogate is no character"},
    {"i_string_lone_utf8_continuation_byte.json", false, "not UTF-8"},
    {"i_string_not_in_unicode_range.json", false, "not UTF-8"},
    {"i_string_overlong_sequence_2_bytes.json", false, "not UTF-8"},
    {"i_string_overlong_sequence_6_bytes.json", false, "not UTF-8"},
    {"i_string_overlong_sequence_6_bytes_null.json", false, "not UTF-8"},
    {"i_string_truncated-utf-8.json", false, "not UTF-8"},
    {"i_string_utf16BE_no_BOM.json", false, "not UTF-8"},
    {"i_string_utf16LE_no_BOM.json", false, "not UTF-8"},
    {"i_structure_500_nested_arrays.json", false, "deeper than INST_MAX_DEPTH"},
    {"i_structure_UTF-8_BOM_empty_object.json", false, "a byte order mark is refused"},
};

/* ---- one text -------------------------------------------------------------------------------- */

static const inst_alloc system_memory = {NULL, NULL};

/* Is 'text' accepted in pieces of 'step' bytes, the first 'first' bytes long?  'arena' then holds
** '*v'. */
static bool accepted(inst_arena *arena, inst_str text, size_t first, size_t step, inst_value **v) {
  inst_reader *reader = inst_reader_new(arena, INST_MAX_DEPTH);
  if (reader == NULL) return false;
  int broken = inst_reader_feed(reader, (inst_str){text.p, first});
  for (size_t at = first; broken == 0 && at < text.n; at += step) {
    size_t left = text.n - at;
    broken = inst_reader_feed(reader, (inst_str){text.p + at, left < step ? left : step});
  }
  *v = inst_reader_finish(reader);
  inst_reader_free(reader);
  return *v != NULL;
}

/* The same, with nothing kept. */
static bool is_accepted(inst_str text, size_t first, size_t step) {
  inst_arena arena;
  inst_arena_init(&arena, system_memory);
  inst_value *v;
  bool yes = accepted(&arena, text, first, step, &v);
  inst_arena_clear(&arena);
  return yes;
}

/* Does reading the whole of 'text' at once give the same as feeding it?  (Nothing, or an equal value.) */
static bool is_read_at_once(inst_str text, bool expected) {
  inst_arena arena;
  inst_error error;
  inst_arena_init(&arena, system_memory);
  inst_value *v = inst_json_parse(&arena, text, INST_MAX_DEPTH, &error), *fed;
  bool same = (v != NULL) == expected && accepted(&arena, text, 0, text.n, &fed) == expected;
  same = same && (!expected || inst_value_equal(v, fed));
  inst_arena_clear(&arena);
  return same;
}

/* Does 'text', which is accepted, written down read back as an equal value? */
static bool reads_back(inst_str text) {
  inst_arena arena;
  inst_arena_init(&arena, system_memory);
  inst_value *v, *again;
  bool same = accepted(&arena, text, 0, text.n, &v);
  inst_str written = inst_json_text(&arena, v);
  same = same && accepted(&arena, written, 0, written.n, &again) && inst_value_equal(v, again);
  inst_arena_clear(&arena);
  return same;
}

/* Is 'text' accepted by a reader that makes marks of it at once? */
static bool is_accepted_straight(inst_str text) {
  inst_error error;
  inst_schema *schema = inst_schema_new(system_memory);
  inst_schema_finish(schema, inst_schema_node(schema, INST_NODE_ANY), &error);
  inst_straight *straight = inst_straight_new(schema, system_memory, &error);
  bool yes = straight != NULL && inst_straight_read(straight, text, false) != NULL;
  inst_straight_free(straight);
  inst_schema_free(schema);
  return yes;
}

/* Checks one text all ways.  False: a difference, which is printed. */
static bool check(const char *name, inst_str text, bool expected, const char *why) {
  const char *way = NULL;
  if (is_accepted(text, 0, text.n) != expected)
    way = "fed whole";
  else if (is_accepted(text, 0, 1) != expected)
    way = "fed byte by byte";
  else if (!is_read_at_once(text, expected))
    way = "read at once";
  else if (is_accepted_straight(text) != expected)
    way = "read straight";
  else if (expected && !reads_back(text))
    way = "written and read back";
  for (size_t at = 1; way == NULL && at < text.n; at++)
    if (is_accepted(text, at, text.n - at) != expected) way = "split";
  if (way == NULL) return true;
  printf("%s, %s: should be %s (%s)\n", name, way, expected ? "accepted" : "refused", why);
  return false;
}

/* ---- the folder ------------------------------------------------------------------------------ */

static bool is_text(const struct dirent *entry) {
  size_t n = strlen(entry->d_name);
  return n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

/* Reads a file into 'buf'. */
static bool load(const char *folder, const char *name, inst_buf *buf) {
  inst_buf path;
  inst_buf_init(&path, system_memory);
  inst_buf_addf(&path, "%s/%s", folder, name);
  inst_buf_byte(&path, '\0');
  FILE *file = path.failed ? NULL : fopen(path.p, "rb");
  inst_buf_clear(&path);
  if (file == NULL) return false;
  char piece[4096];
  for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
    inst_buf_add(buf, (inst_str){piece, n});
  bool whole = ferror(file) == 0 && !buf->failed;
  fclose(file);
  return whole;
}

/* Should the text of that name be accepted?  Returns why, or NULL: nobody has said. */
static const char *find_verdict(const char *name, bool *expected) {
  *expected = name[0] == 'y';
  if ((name[0] == 'y' || name[0] == 'n') && name[1] == '_') return "its name says so";
  for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++) {
    *expected = decisions[i].accepted;
    if (strcmp(name, decisions[i].file) == 0) return decisions[i].why;
  }
  return NULL;
}

static bool check_file(const char *folder, const char *name) {
  bool expected, well = false;
  const char *why = find_verdict(name, &expected);
  inst_buf text;
  inst_buf_init(&text, system_memory);
  if (why == NULL)
    printf("%s: neither the name nor our table says what to do with it\n", name);
  else if (!load(folder, name, &text))
    printf("%s: cannot be read\n", name);
  else
    well = check(name, inst_buf_text(&text), expected, why);
  inst_buf_clear(&text);
  return well;
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: json_suite FOLDER\n");
    return EXIT_FAILURE;
  }
  DIR *folder = opendir(arguments[1]);
  if (folder == NULL) {
    printf("json-parsing: skipped, there is no folder %s\n", arguments[1]);
    return EXIT_SUCCESS;
  }
  size_t passed = 0, total = 0;
  for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (!is_text(entry)) continue;
    total++;
    passed += check_file(arguments[1], entry->d_name);
  }
  closedir(folder);
  printf("json-parsing: %zu passed of %zu (skipped: 0)\n", passed, total);
  return total > 0 && passed == total ? EXIT_SUCCESS : EXIT_FAILURE;
}
