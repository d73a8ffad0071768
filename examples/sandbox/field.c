/*
** Names of fields, cut into words and looked up.
** The kinds of text and the units have rows of words; the name is asked first, the format settles
** it, and the description is asked where the name says nothing.
*/
#include "examples/sandbox/field.h"

#include <float.h>

static const char *const kind_words[] = {
#define BOX_X(name, words) words,
    BOX_KINDS(BOX_X)
#undef BOX_X
};

/* The formats of JSON Schema that settle the kind. */
static const struct format {
  const char *name;
  box_kind kind;
} formats[] = {
    {"email", BOX_K_EMAIL}, {"idn-email", BOX_K_EMAIL}, {"uri", BOX_K_URL},
    {"url", BOX_K_URL},     {"date", BOX_K_DATE},       {"date-time", BOX_K_DATE},
    {"time", BOX_K_CLOCK},  {"uuid", BOX_K_CODE},       {"ipv4", BOX_K_CODE},
};

static const struct unit_words {
  box_unit unit;
  const char *words;
} unit_words[] = {
    {BOX_TIME, "experience duration minutes hours days weeks months seconds tenure"},
    {BOX_AGE, "age ages"},
    {BOX_YEAR, "year founded vintage"},
    {BOX_MONEY,
     "price prices cost costs amount total salary budget fee revenue income payment worth "
     "balance fare rent subtotal tax wage prize donation"},
    {BOX_PERCENT,
     "percent percentage discount interest confidence probability certainty likelihood"},
    {BOX_LENGTH, "height length width distance depth size altitude elevation"},
    {BOX_WEIGHT, "weight mass"},
    {BOX_HEAT, "temperature temp"},
    {BOX_STARS, "rating stars score grade points"},
    {BOX_RANK, "rank ranking floor"},
    {BOX_TIME, "time years"},
};

/* Words of a name that say nothing of what is meant. */
static const char filler[] = "is has have are was can should does num of the a in value field data "
                             "total nr list all";

/* ---- the words of a name --------------------------------------------------------------------- */

static bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

static bool is_large(char c) {
  return c >= 'A' && c <= 'Z';
}

/* Does a word of a name end before 'i': "first_name", "firstName", "first name"? */
static bool breaks(inst_str name, size_t i) {
  if (strchr("_-. :/", name.p[i]) != NULL) return true;
  return i > 0 && is_large(name.p[i]) && is_small(name.p[i - 1]);
}

static void add_word(box_field *field, inst_str word) {
  if (word.n > 0 && field->count < BOX_FIELD_WORDS) field->words[field->count++] = word;
}

/* Splits the name into words. */
static void split(box_field *field, inst_str name) {
  size_t from = 0;
  for (size_t i = 0; i < name.n; i++) {
    if (!breaks(name, i)) continue;
    add_word(field, (inst_str){name.p + from, i - from});
    from = is_large(name.p[i]) ? i : i + 1;
  }
  add_word(field, (inst_str){name.p + from, name.n - from});
}

/* Leaves out the words that say nothing, unless nothing else is there. */
static void drop_filler(box_field *field) {
  size_t kept = 0;
  for (size_t i = 0; i < field->count; i++) {
    if (!box_in_list(filler, field->words[i])) field->words[kept++] = field->words[i];
  }
  if (kept > 0) field->count = kept;
}

/* ---- kinds and units ------------------------------------------------------------------------- */

/* Is the word at 'i', or it and the next as "first_name", in 'list'? */
static bool tells(const box_field *field, size_t i, const char *list) {
  if (box_in_list(list, field->words[i])) return true;
  if (i + 1 >= field->count) return false;
  char both[64];
  inst_str a = field->words[i], b = field->words[i + 1];
  if (a.n + b.n + 1 > sizeof both) return false;
  memcpy(both, a.p, a.n);
  both[a.n] = '_';
  memcpy(both + a.n + 1, b.p, b.n);
  return box_in_list(list, (inst_str){both, a.n + b.n + 1});
}

static box_kind kind_of_words(const box_field *field) {
  for (size_t kind = 0; kind < BOX_K_ANY; kind++) {
    for (size_t i = 0; i < field->count; i++) {
      if (tells(field, i, kind_words[kind])) return (box_kind)kind;
    }
  }
  return BOX_K_ANY;
}

static box_unit unit_of_words(const box_field *field) {
  for (size_t row = 0; row < sizeof unit_words / sizeof unit_words[0]; row++) {
    for (size_t i = 0; i < field->count; i++) {
      if (box_in_list(unit_words[row].words, field->words[i])) return unit_words[row].unit;
    }
  }
  return BOX_NO_UNIT;
}

static box_kind kind_of_format(inst_str format) {
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    if (inst_str_is(format, inst_str_of(formats[i].name))) return formats[i].kind;
  }
  return BOX_K_ANY;
}

/* The description as if it were a name: its first words, without marks. */
static void read_description(box_field *words, inst_str description) {
  *words = (box_field){.name = description};
  size_t from = 0;
  for (size_t i = 0; i <= description.n && words->count < BOX_FIELD_WORDS; i++) {
    bool end = i == description.n || strchr(" \t\n,.;:()'\"", description.p[i]) != NULL;
    if (!end) continue;
    inst_str word = {description.p + from, i - from};
    if ((box_lexicon_bits(word) & BOX_HARD) == 0 || box_in_list("age name", word))
      add_word(words, word);
    from = i + 1;
  }
}

/* The numbers the schema allows; just inside a bound that is itself excluded. */
static void read_bounds(box_field *field, const box_shape *shape) {
  double above = box_shape_number(shape, "exclusiveMinimum", -DBL_MAX);
  double below = box_shape_number(shape, "exclusiveMaximum", DBL_MAX);
  field->whole = (shape->types & BOX_T_INTEGER) != 0 && (shape->types & BOX_T_NUMBER) == 0;
  double step = field->whole ? 1 : 1e-3;
  field->least = box_shape_number(shape, "minimum", -DBL_MAX);
  field->most = box_shape_number(shape, "maximum", DBL_MAX);
  if (above >= field->least && above > -DBL_MAX) field->least = above + step;
  if (below <= field->most && below < DBL_MAX) field->most = below - step;
}

void box_field_read(box_field *field, const box_field *outer, inst_str name,
                    const box_shape *shape) {
  box_field description;
  *field = (box_field){.name = name, .outer = outer};
  split(field, name);
  field->kind = kind_of_words(field);
  field->unit = unit_of_words(field);
  for (size_t i = 0; i < field->count; i++) {
    if (box_in_list("count number num quantity qty", field->words[i])) field->counts = true;
  }
  drop_filler(field);
  for (size_t i = 0; i < field->count; i++) field->kin[i] = box_lexicon_related(field->words[i]);
  field->format = box_shape_text(shape, "format");
  if (field->format.p != NULL && kind_of_format(field->format) != BOX_K_ANY) {
    field->kind = kind_of_format(field->format);
  }
  read_bounds(field, shape);
  inst_str text = box_shape_text(shape, "description");
  if (text.p == NULL) return;
  read_description(&description, text);
  if (field->kind == BOX_K_ANY) field->kind = kind_of_words(&description);
  if (field->unit == BOX_NO_UNIT && !field->counts) field->unit = unit_of_words(&description);
}

bool box_field_has(const box_field *field, inst_str word) {
  for (size_t i = 0; i < field->count; i++) {
    if (box_related_word(field->words[i], word)) return true;
  }
  return false;
}

bool box_field_is_lone(const box_field *field) {
  if (field->count == 0) return true;
  return field->count == 1 && box_in_list("value result response output", field->words[0]);
}

bool box_field_is_near(const box_field *field, inst_str word) {
  for (size_t i = 0; i < field->count; i++) {
    if (box_in_list(field->kin[i], word)) return true;
  }
  return false;
}
