/* Which schemas a provider with strict rules takes, and how the others are refused. */
#include "core/wire/subset.h"

#include "spec/core/check.h"

static const inst_provider strict_row = {.name = "acme", .modes = (1u << INST_MODE_COUNT) - 1};

static int fit(inst_arena *arena, const inst_provider *row, bool strict, const char *json,
               inst_value **schema, inst_error *error) {
  *error = (inst_error){.code = INST_E_NONE};
  *schema = inst_json_parse(arena, inst_str_of(json), 64, error);
  if (*schema == NULL) fail_msg("%s: %s", json, error->text);
  return inst_subset_fit(*schema, row, strict, INST_LIT("value"), arena, error);
}

static void refuses(const inst_provider *row, bool strict, const char *json, const char *words) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_value *schema;
  inst_error error;
  if (fit(arena, row, strict, json, &schema, &error) == 0) fail_msg("%s is taken", json);
  assert_int_equal(error.code, INST_E_USAGE);
  if (strstr(error.text, words) == NULL) fail_msg("%s: %s", json, error.text);
  inst_arena_free(arena);
}

static void takes(const inst_provider *row, bool strict, const char *json, const char *sent) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_value *schema;
  inst_error error;
  if (fit(arena, row, strict, json, &schema, &error) != 0) fail_msg("%s: %s", json, error.text);
  assert_json(schema, sent);
  inst_arena_free(arena);
}

#define CLOSED(properties)                                                                         \
  "{\"type\":\"object\",\"properties\":{" properties "},\"additionalProperties\":false}"

static void what_strict_rules_know_goes_out_as_it_is(void **state) {
  (void)state;
  static const char *const schemas[] = {
      CLOSED(""),
      CLOSED("\"a\":{\"type\":[\"string\",\"null\"],\"pattern\":\"^x\",\"format\":\"uuid\"}"),
      CLOSED("\"a\":{\"type\":\"number\",\"minimum\":1,\"multipleOf\":0.5},\"b\":{\"const\":1}"),
      CLOSED("\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"enum\":[1,\"x\"]}]}"),
      CLOSED("\"a\":{\"type\":\"array\",\"items\":{\"$ref\":\"#\"},\"maxItems\":3}"),
      "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/n\"}},"
      "\"additionalProperties\":false,\"$defs\":{\"n\":" CLOSED("") "}}",
  };
  for (size_t i = 0; i < CHECK_COUNT(schemas); i++)
    takes(&strict_row, true, schemas[i], schemas[i]);
}

static void what_they_do_not_know_is_refused_by_name_and_place(void **state) {
  (void)state;
  static const struct {
    const char *schema, *words;
  } cases[] = {
      {"{}", "acme does not take a value of any type at the root under its strict rules"},
      {"true", "a value of any type at the root"},
      {CLOSED("\"a\":{\"description\":\"anything\"}"), "a value of any type at a under"},
      {CLOSED("\"a\":{\"anyOf\":[{\"type\":\"null\"},{}]}"), "a value of any type at a under"},
      {CLOSED("\"a\":{\"type\":\"array\",\"items\":" CLOSED("\"b\":{}") "}"), "at a[].b under"},
      {CLOSED("\"value\":{\"type\":\"array\",\"items\":{}}"), "at [] under"},
      {CLOSED("\"a\":" CLOSED("\"value\":{}")), "at a.value under"},
      {CLOSED("\"a\":{\"type\":\"array\"}"), "a list of unknown items at a under"},
      {"{\"type\":\"object\"}", "an open object (a record) at the root"},
      {CLOSED("\"a\":{\"type\":[\"object\",\"null\"],\"additionalProperties\":true}"),
       "an open object (a record) at a under"},
      {CLOSED("\"a\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}}"),
       "make it a list of key and value"},
      {CLOSED("\"a\":{\"allOf\":[{\"type\":\"string\"}]}"), "allOf (an intersection) at a under"},
      {CLOSED("\"a\":{\"not\":{}}"), "not at a under"},
      {CLOSED("\"a\":{\"type\":\"array\",\"prefixItems\":[]}"), "prefixItems (a tuple) at a under"},
      {CLOSED("\"a\":{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"uniqueItems\":true}"),
       "uniqueItems at a under"},
      {"{\"$ref\":\"#/$defs/n\",\"$defs\":{\"n\":{}}}", "a value of any type at n under"},
  };
  for (size_t i = 0; i < CHECK_COUNT(cases); i++)
    refuses(&strict_row, true, cases[i].schema, cases[i].words);
}

static void the_way_out_is_a_mode_that_the_row_takes(void **state) {
  (void)state;
  inst_provider few = strict_row;
  few.modes = 1u << INST_MODE_JSON_SCHEMA | 1u << INST_MODE_MD_JSON;
  refuses(&strict_row, true, "{}", "or take the mode TOOLS");
  refuses(&few, true, "{}", "or take the mode MD_JSON");
}

static void what_can_be_said_otherwise_is(void **state) {
  (void)state;
  takes(&strict_row, true, CLOSED("\"a\":{\"type\":\"string\",\"format\":\"uri\"}"),
        CLOSED("\"a\":{\"type\":\"string\",\"description\":\"It must have the format uri.\"}"));
  takes(&strict_row, true,
        CLOSED("\"a\":{\"format\":\"uri\",\"type\":\"string\",\"description\":\"A link.\"}"),
        CLOSED("\"a\":{\"type\":\"string\",\"description\":\"A link. It must have the format "
               "uri.\"}"));
  takes(&strict_row, true, CLOSED("\"a\":{\"oneOf\":[{\"type\":\"null\"},{\"type\":\"string\"}]}"),
        CLOSED("\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"string\"}]}"));
}

static void without_strict_rules_a_schema_goes_out_as_it_is(void **state) {
  (void)state;
  static const char *const schemas[] = {
      "{}", "true", "{\"allOf\":[{\"not\":{}}],\"format\":\"uri\"}",
      "{\"oneOf\":[{\"type\":\"object\"},{\"type\":\"array\",\"prefixItems\":[]}]}"};
  for (size_t i = 0; i < CHECK_COUNT(schemas); i++)
    takes(&strict_row, false, schemas[i], schemas[i]);
}

static void limits_hold_with_and_without_strict_rules(void **state) {
  (void)state;
  const char *schema =
      CLOSED("\"ab\":" CLOSED("\"c\":{\"enum\":[\"xy\",\"z\"]}") ",\"d\":{\"const\":\"uvw\"}");
  inst_provider row = strict_row;
  row.limits = (inst_limits){.properties = 3, .levels = 2, .values = 2, .text = 10};
  for (int strict = 0; strict < 2; strict++) {
    takes(&row, strict != 0, schema, schema);
    row.limits.properties = 2;
    refuses(&row, strict != 0, schema, "at most 2 properties, not of 3");
    row.limits.properties = 3;
    row.limits.levels = 1;
    refuses(&row, strict != 0, schema, "at most 1 levels of objects, not of 2");
    row.limits.levels = 2;
    row.limits.values = 1;
    refuses(&row, strict != 0, schema, "at most 1 enum values, not of 2");
    row.limits.values = 2;
    row.limits.text = 9;
    refuses(&row, strict != 0, schema, "at most 9 bytes of names and enum values, not of 10");
    row.limits.text = 10;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_strict_rules_know_goes_out_as_it_is),
      cmocka_unit_test(what_they_do_not_know_is_refused_by_name_and_place),
      cmocka_unit_test(the_way_out_is_a_mode_that_the_row_takes),
      cmocka_unit_test(what_can_be_said_otherwise_is),
      cmocka_unit_test(without_strict_rules_a_schema_goes_out_as_it_is),
      cmocka_unit_test(limits_hold_with_and_without_strict_rules),
  };
  return cmocka_run_group_tests_name("subset", tests, NULL, NULL);
}
