/*
** One error a conversation, always the same for the same request.
*/
#include "examples/sandbox/sloppy.h"

#include "core/json/write.h"
#include "examples/sandbox/shape.h"

static const char *const slip_words[] = {
#define BOX_X(name, words) words,
    BOX_SLIPS(BOX_X)
#undef BOX_X
};

/* What a small model writes behind a number. */
static const struct unit_text {
  box_unit unit;
  const char *before, *after;
} unit_texts[] = {
    {BOX_AGE, "", " years"},       {BOX_YEARS, "", " years"},  {BOX_MONEY, "$", ""},
    {BOX_PERCENT, "", " percent"}, {BOX_LENGTH, "", " cm"},    {BOX_WEIGHT, "", " kg"},
    {BOX_TIME, "", " hours"},      {BOX_HEAT, "", " degrees"}, {BOX_STARS, "", " stars"},
    {BOX_YEAR, "the year ", ""},   {BOX_RANK, "number ", ""},  {BOX_NO_UNIT, "about ", ""},
};

box_slip box_slip_find(inst_str word) {
  for (int i = 0; i < BOX_SLIP_COUNT; i++) {
    if (box_in_list(slip_words[i], word)) return (box_slip)i;
  }
  return BOX_SLIP_COUNT;
}

static void number_as_words(box_filled *filled, inst_arena *arena) {
  const struct unit_text *text = unit_texts;
  while (text->unit != filled->unit && text->unit != BOX_NO_UNIT) text++;
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_addf(&buf, "%s", text->before);
  inst_json_write(&buf, filled->number);
  inst_buf_addf(&buf, "%s", text->after);
  inst_str words = inst_buf_take(&buf, arena);
  if (words.p == NULL) return;
  filled->number->kind = INST_STRING;
  filled->number->u.s = words;
}

/* Leaves out the last member that is required. */
static void leave_out(box_filled *filled, const inst_value *schema, inst_arena *arena) {
  box_shape shape;
  inst_str last = {NULL, 0};
  if (inst_value_kind_of(filled->value) != INST_OBJECT) return;
  box_shape_read(&shape, schema, schema);
  for (const inst_value *m = inst_value_first(filled->value); m != NULL; m = inst_value_next(m)) {
    if (box_shape_requires(&shape, inst_value_key(m))) last = inst_value_key(m);
  }
  inst_value *rest = inst_object(arena);
  if (last.p == NULL || rest == NULL) return;
  for (inst_value *next, *m = inst_value_first(filled->value); m != NULL; m = next) {
    next = inst_value_next(m);
    if (!inst_str_is(inst_value_key(m), last)) inst_put(arena, rest, inst_value_key(m), m);
  }
  filled->value = rest;
}

void box_slip_value(box_slip slip, box_filled *filled, const inst_value *schema,
                    inst_arena *arena) {
  if (slip == BOX_SLIP_WORDS && filled->number != NULL)
    number_as_words(filled, arena);
  else if (slip == BOX_SLIP_WORDS || slip == BOX_SLIP_MISSING)
    leave_out(filled, schema, arena);
}

/* "name is Zoe Park, age is 41": the members one by one. */
static void tell(inst_buf *buf, const inst_value *value) {
  bool more = false;
  if (inst_value_kind_of(value) != INST_OBJECT)
    inst_json_write(buf, value);
  else {
    for (const inst_value *m = inst_value_first(value); m != NULL; m = inst_value_next(m)) {
      inst_buf_addf(buf, more ? ", the " : "the ");
      inst_buf_add(buf, inst_value_key(m));
      inst_buf_add(buf, INST_LIT(" is "));
      if (inst_value_kind_of(m) == INST_STRING)
        inst_buf_add(buf, inst_value_text(m));
      else
        inst_json_write(buf, m);
      more = true;
    }
  }
}

inst_str box_slip_text(box_slip slip, const box_filled *filled, inst_str json, inst_arena *arena) {
  inst_buf buf;
  if (slip != BOX_SLIP_FENCE && slip != BOX_SLIP_PROSE) return json;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_add(&buf, INST_LIT("Sure! Here is what I found"));
  if (slip == BOX_SLIP_FENCE) {
    inst_buf_add(&buf, INST_LIT(":\n\n```json\n"));
    inst_buf_add(&buf, json);
    inst_buf_add(&buf, INST_LIT("\n```\n\nLet me know if you need anything else."));
  } else {
    inst_buf_add(&buf, INST_LIT(": "));
    tell(&buf, filled->value);
    inst_buf_byte(&buf, '.');
  }
  return inst_buf_take(&buf, arena);
}
