/*
** Tuples, records, unions, intersections, references and formats as JSON Schema, plain and strict.
*/
#include "spec/core/schema_check.h"

#include "core/schema/print.h"

static void check_printed_at(bench *b, bool strict, const char *wanted, int line) {
  const inst_profile profile = {.strict = strict};
  inst_error error = {.code = INST_E_NONE};
  inst_value *out = inst_schema_print(b->schema, &profile, b->arena, &error);
  if (out == NULL) fail_msg("line %d: %s", line, error.text);
  check_json_at(out, wanted, __FILE__, line);
}

/* What 'root' looks like in both profiles; a new schema is begun after that. */
static void check_both_at(bench *b, inst_node root, const char *plain, const char *strict,
                          int line) {
  finish(b, root);
  check_printed_at(b, false, plain, line);
  check_printed_at(b, true, strict, line);
  start_over(b);
}

#define assert_printed(b, root, plain, strict)                                                     \
  check_both_at((b), (root), (plain), (strict), __LINE__)
#define assert_both(b, root, wanted) check_both_at((b), (root), (wanted), (wanted), __LINE__)

static void check_strictly_refused_at(bench *b, inst_node root, const char *plain, const char *why,
                                      int line) {
  const inst_profile strict = {.strict = true};
  inst_error error = {.code = INST_E_NONE};
  finish(b, root);
  check_printed_at(b, false, plain, line);
  if (inst_schema_print(b->schema, &strict, b->arena, &error) != NULL)
    fail_msg("line %d: not refused", line);
  assert_int_equal(error.code, INST_E_USAGE);
  check_text_at(inst_str_of(error.text), inst_str_of(why), __FILE__, line);
  start_over(b);
}

/* Printed so, but for strict providers refused. */
#define assert_only_plain(b, root, plain, why)                                                     \
  check_strictly_refused_at((b), (root), (plain), (why), __LINE__)

static inst_node text(bench *b) {
  return node(b, KIND(STRING));
}

static inst_node number(bench *b) {
  return node(b, KIND(NUMBER));
}

static inst_node pair(bench *b, inst_node_kind kind, inst_node first, inst_node second) {
  inst_node made = wrap(b, kind, first);
  inst_schema_inner(b->schema, made, second);
  return made;
}

static inst_node with_rest(bench *b, inst_node target, inst_node rest) {
  inst_schema_rest(b->schema, target, rest);
  return target;
}

static inst_node with_trait(bench *b, inst_node target, inst_trait trait) {
  inst_schema_trait(b->schema, target, trait);
  return target;
}

static inst_node formatted(bench *b, const char *name, const char *options) {
  return check(b, text(b),
               &(inst_check){.kind = CHECK(FORMAT),
                             .text = inst_str_of(name),
                             .extra = inst_str_of(options)});
}

/* {"key": inner} closed, as it is printed when the field must be there. */
#define CLOSED(key, inner)                                                                         \
  "{\"type\":\"object\",\"properties\":{\"" key "\":" inner "},\"required\":[\"" key               \
  "\"],\"additionalProperties\":false}"
#define TEXT "{\"type\":\"string\"}"
#define NUMBER "{\"type\":\"number\"}"
#define NOTHING "{\"type\":\"null\"}"

/* ---- lists ----------------------------------------------------------------------------------- */

static void places_in_a_list_are_words_where_no_keyword_is_taken(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_printed(b, pair(b, KIND(TUPLE), number(b), number(b)),
                 "{\"type\":\"array\",\"prefixItems\":[" NUMBER "," NUMBER
                 "],\"minItems\":2,\"maxItems\":2}",
                 "{\"type\":\"array\",\"items\":" NUMBER ",\"minItems\":2,\"maxItems\":2}");
  assert_printed(
      b, pair(b, KIND(TUPLE), text(b), wrap(b, KIND(OPTIONAL), node(b, KIND(BOOLEAN)))),
      "{\"type\":\"array\",\"prefixItems\":[" TEXT ",{\"type\":\"boolean\"}],\"minItems\":1,"
      "\"maxItems\":2}",
      "{\"type\":\"array\",\"items\":{\"anyOf\":[" TEXT ",{\"type\":\"boolean\"}]},\"minItems\":1,"
      "\"maxItems\":2,\"description\":\"The items are, in this order: "
      "[{\\\"type\\\":\\\"string\\\"},"
      "{\\\"type\\\":\\\"boolean\\\"}].\"}");
  assert_printed(b, with_rest(b, wrap(b, KIND(TUPLE), text(b)), number(b)),
                 "{\"type\":\"array\",\"prefixItems\":[" TEXT "],\"items\":" NUMBER
                 ",\"minItems\":1}",
                 "{\"type\":\"array\",\"items\":{\"anyOf\":[" TEXT "," NUMBER
                 "]},\"minItems\":1,\"description\":\"The items are, in this order: "
                 "[{\\\"type\\\":\\\"string\\\"}]. All behind them are "
                 "{\\\"type\\\":\\\"number\\\"}.\"}");
  assert_printed(b, node(b, KIND(TUPLE)), "{\"type\":\"array\",\"maxItems\":0}",
                 "{\"type\":\"array\",\"items\":{},\"maxItems\":0}");
  assert_printed(
      b, with_number(b, with_rest(b, wrap(b, KIND(TUPLE), text(b)), text(b)), CHECK(MIN), 3),
      "{\"type\":\"array\",\"prefixItems\":[" TEXT "],\"items\":" TEXT ",\"minItems\":3}",
      "{\"type\":\"array\",\"items\":" TEXT ",\"minItems\":3}");
  clear_bench(b);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void records_are_objects_whose_keys_are_open(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_only_plain(b, pair(b, KIND(RECORD), text(b), number(b)),
                    "{\"type\":\"object\",\"additionalProperties\":" NUMBER "}",
                    "a strict schema cannot express the record at the root");
  inst_node key = with_number(b, text(b), CHECK(MIN), 2);
  assert_only_plain(
      b,
      object_of(b, "a",
                wrap(b, KIND(ARRAY), object_of(b, "b c", pair(b, KIND(RECORD), key, text(b))))),
      CLOSED("a", "{\"type\":\"array\",\"items\":" CLOSED(
                      "b c", "{\"type\":\"object\",\"propertyNames\":{\"type\":"
                             "\"string\",\"minLength\":2},\"additionalProperties\":" TEXT "}") "}"),
      "a strict schema cannot express the record at a[][\"b c\"]");
  assert_only_plain(
      b, pair(b, KIND(RECORD), number(b), text(b)),
      "{\"type\":\"object\",\"propertyNames\":{\"pattern\":\"^-?\\\\d+(\\\\.\\\\d+)?$\"},"
      "\"additionalProperties\":" TEXT "}",
      "a strict schema cannot express the record at the root");
  key = with_text(b, text(b), CHECK(STARTS_WITH), "x");
  assert_only_plain(
      b, with_trait(b, pair(b, KIND(RECORD), key, text(b)), INST_TRAIT_LOOSE),
      "{\"type\":\"object\",\"description\":\"A value must fit {\\\"type\\\":\\\"string\\\"} "
      "wherever its key fits {\\\"type\\\":\\\"string\\\",\\\"pattern\\\":\\\"^x\\\"}.\"}",
      "a strict schema cannot express the record at the root");
  clear_bench(b);
}

static void a_record_of_known_keys_is_an_object_to_strict_providers(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node keys = choice(b, KIND(ENUM), "[\"yes\",\"no\"]");
  assert_printed(b, pair(b, KIND(RECORD), keys, number(b)),
                 "{\"type\":\"object\",\"propertyNames\":{\"type\":\"string\",\"enum\":[\"yes\","
                 "\"no\"]},\"additionalProperties\":" NUMBER ",\"required\":[\"yes\",\"no\"]}",
                 "{\"type\":\"object\",\"properties\":{\"yes\":" NUMBER ",\"no\":" NUMBER
                 "},\"required\":[\"yes\",\"no\"],\"additionalProperties\":false}");
  keys = choice(b, KIND(ENUM), "[\"yes\"]");
  assert_only_plain(
      b, with_trait(b, pair(b, KIND(RECORD), keys, number(b)), INST_TRAIT_PARTIAL),
      "{\"type\":\"object\",\"propertyNames\":{\"type\":\"string\",\"enum\":[\"yes\"]},"
      "\"additionalProperties\":" NUMBER "}",
      "a strict schema cannot express the record at the root");
  clear_bench(b);
}

static void other_keys_of_an_object_have_a_schema_of_their_own(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_only_plain(b, with_rest(b, object_of(b, "a", text(b)), number(b)),
                    "{\"type\":\"object\",\"properties\":{\"a\":" TEXT
                    "},\"required\":[\"a\"],\"additionalProperties\":" NUMBER "}",
                    "a strict schema cannot express the catchall at the root");
  assert_both(b, with_rest(b, object_of(b, "a", text(b)), node(b, KIND(NEVER))), CLOSED("a", TEXT));
  assert_printed(b, with_rest(b, object_of(b, "a", text(b)), node(b, KIND(ANY))),
                 "{\"type\":\"object\",\"properties\":{\"a\":" TEXT
                 "},\"required\":[\"a\"],\"additionalProperties\":true}",
                 CLOSED("a", TEXT));
  clear_bench(b);
}

/* ---- unions ---------------------------------------------------------------------------------- */

static void unions_of_bare_types_are_lists_of_types(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_both(b, pair(b, KIND(UNION), text(b), number(b)), "{\"type\":[\"string\",\"number\"]}");
  assert_both(b, pair(b, KIND(UNION), text(b), text(b)), TEXT);
  assert_both(b, wrap(b, KIND(NULLABLE), pair(b, KIND(UNION), text(b), number(b))),
              "{\"type\":[\"string\",\"number\",\"null\"]}");
  assert_both(b,
              pair(b, KIND(UNION), wrap(b, KIND(NULLABLE), text(b)),
                   pair(b, KIND(UNION), node(b, KIND(NULL)), number(b))),
              "{\"type\":[\"string\",\"null\",\"number\"]}");
  assert_both(b, wrap(b, KIND(UNION), object_of(b, "a", text(b))), CLOSED("a", TEXT));
  assert_only_plain(b, node(b, KIND(UNION)), "{\"not\":{}}",
                    "a strict schema cannot express the union without options at the root");
  clear_bench(b);
}

static void other_unions_are_alternatives(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node either =
      pair(b, KIND(UNION), object_of(b, "a", text(b)), meta(b, number(b), "description", "\"N.\""));
  assert_both(b, wrap(b, KIND(NULLABLE), either),
              "{\"anyOf\":[" CLOSED(
                  "a", TEXT) ",{\"type\":\"number\",\"description\":\"N.\"}," NOTHING "]}");
  either = pair(b, KIND(UNION), object_of(b, "a", choice(b, KIND(LITERAL), "[1]")),
                object_of(b, "a", choice(b, KIND(LITERAL), "[2]")));
  inst_schema_discriminator(b->schema, either, INST_LIT("a"));
  assert_both(b, either,
              "{\"anyOf\":[" CLOSED("a", "{\"type\":\"number\",\"const\":1}") "," CLOSED(
                  "a", "{\"type\":\"number\",\"const\":2}") "]}");
  either = pair(b, KIND(UNION), object_of(b, "a", text(b)), object_of(b, "b", text(b)));
  assert_both(
      b, with_trait(b, either, INST_TRAIT_EXCLUSIVE),
      "{\"anyOf\":[" CLOSED("a", TEXT) "," CLOSED("b", TEXT) "],\"description\":\"It must fit "
                                                             "exactly one of the alternatives.\"}");
  clear_bench(b);
}

/* ---- intersections --------------------------------------------------------------------------- */

static void objects_that_must_both_fit_are_one_object(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = meta(b, object_of(b, "a", text(b)), "description", "\"A.\"");
  inst_node right =
      meta(b, object_of(b, "b", wrap(b, KIND(OPTIONAL), number(b))), "description", "\"B.\"");
  field(b, right, "a", text(b));
  assert_printed(b, pair(b, KIND(INTERSECTION), left, right),
                 "{\"type\":\"object\",\"properties\":{\"a\":" TEXT ",\"b\":" NUMBER
                 "},\"required\":[\"a\"],\"additionalProperties\":false,\"description\":\"A. B.\"}",
                 "{\"type\":\"object\",\"properties\":{\"a\":" TEXT
                 ",\"b\":{\"type\":[\"number\",\"null\"]}},\"required\":[\"a\",\"b\"],"
                 "\"additionalProperties\":false,\"description\":\"A. B.\"}");
  left = object_of(b, "a", text(b));
  inst_schema_unknown_keys(b->schema, left, INST_KEYS_PASS);
  assert_printed(b, pair(b, KIND(INTERSECTION), left, object_of(b, "b", text(b))),
                 "{\"type\":\"object\",\"properties\":{\"a\":" TEXT ",\"b\":" TEXT
                 "},\"required\":[\"a\",\"b\"],\"additionalProperties\":true}",
                 "{\"type\":\"object\",\"properties\":{\"a\":" TEXT ",\"b\":" TEXT
                 "},\"required\":[\"a\",\"b\"],\"additionalProperties\":false}");
  clear_bench(b);
}

static void an_object_joins_each_option_of_a_union(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node either = pair(b, KIND(UNION), object_of(b, "b", text(b)), object_of(b, "c", text(b)));
  assert_both(b, pair(b, KIND(INTERSECTION), object_of(b, "a", text(b)), either),
              "{\"anyOf\":[{\"type\":\"object\",\"properties\":{\"a\":" TEXT ",\"b\":" TEXT
              "},\"required\":[\"a\",\"b\"],\"additionalProperties\":false},{\"type\":\"object\","
              "\"properties\":{\"a\":" TEXT ",\"c\":" TEXT
              "},\"required\":[\"a\",\"c\"],\"additionalProperties\":false}]}");
  clear_bench(b);
}

static void a_record_joins_the_fields_of_an_object(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node record = pair(b, KIND(RECORD), text(b), with_number(b, text(b), CHECK(MAX), 9));
  assert_only_plain(b, pair(b, KIND(INTERSECTION), object_of(b, "a", text(b)), record),
                    "{\"type\":\"object\",\"properties\":{\"a\":{\"allOf\":[" TEXT
                    ",{\"type\":\"string\",\"maxLength\":9}]}},\"required\":[\"a\"],"
                    "\"additionalProperties\":{\"type\":\"string\",\"maxLength\":9}}",
                    "a strict schema cannot express the record at the root");
  clear_bench(b);
}

static void whatever_else_must_both_fit_is_refused_by_strict_providers(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node low = with_number(b, number(b), CHECK(MIN), 1);
  inst_node high = with_number(b, number(b), CHECK(MAX), 5);
  assert_only_plain(b, object_of(b, "n", pair(b, KIND(INTERSECTION), low, high)),
                    CLOSED("n",
                           "{\"allOf\":[{\"type\":\"number\",\"minimum\":1},{\"type\":\"number\","
                           "\"maximum\":5}]}"),
                    "a strict schema cannot express the intersection at n");
  assert_both(b, pair(b, KIND(INTERSECTION), text(b), text(b)), TEXT);
  assert_both(b, pair(b, KIND(INTERSECTION), node(b, KIND(ANY)), text(b)), TEXT);
  clear_bench(b);
}

/* ---- wrappers -------------------------------------------------------------------------------- */

static void wrappers_that_ask_for_nothing_more_are_not_seen(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node optional = wrap(b, KIND(OPTIONAL), text(b));
  inst_node object = object_of(b, "a", wrap(b, KIND(NONOPTIONAL), optional));
  field(b, object, "b", wrap(b, KIND(READONLY), text(b)));
  inst_node caught = wrap(b, KIND(CATCH), text(b));
  inst_schema_value(b->schema, caught, json(b, "\"x\""));
  field(b, object, "c", caught);
  inst_node coerced = with_trait(b, number(b), INST_TRAIT_COERCE);
  field(b, object, "d", coerced);
  assert_both(b, object,
              "{\"type\":\"object\",\"properties\":{\"a\":" TEXT ",\"b\":" TEXT ",\"c\":" TEXT
              ",\"d\":" NUMBER
              "},\"required\":[\"a\",\"b\",\"c\",\"d\"],\"additionalProperties\":false}");
  clear_bench(b);
}

static void what_is_filled_in_before_the_checks_is_a_default_even_before_code(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node filled_in = wrap(b, KIND(PREFAULT), pipe_of(b, text(b), transform(b, 1)));
  inst_schema_value(b->schema, filled_in, json(b, "\"x\""));
  assert_printed(b, filled_in, "{\"type\":\"string\",\"default\":\"x\"}",
                 "{\"type\":\"string\",\"description\":\"The default is \\\"x\\\".\"}");
  clear_bench(b);
}

/* ---- references ------------------------------------------------------------------------------ */

/* {"children": [itself]} with a title, or without. */
static inst_node tree_of(bench *b, const char *title) {
  inst_node lazy = node(b, KIND(LAZY));
  inst_node tree = object_of(b, "children", wrap(b, KIND(ARRAY), lazy));
  if (title != NULL) meta(b, tree, "title", title);
  inst_schema_inner(b->schema, lazy, tree);
  return tree;
}

static void what_contains_itself_refers_to_a_definition(void **state) {
  (void)state;
  bench *b = set_bench();
#define CHILDREN(name)                                                                             \
  CLOSED("children", "{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/" name "\"}}")
  assert_both(
      b, tree_of(b, NULL),
      "{\"type\":\"object\",\"properties\":{\"children\":{\"type\":\"array\",\"items\":{"
      "\"$ref\":\"#/$defs/schema1\"}}},\"required\":[\"children\"],\"additionalProperties\":"
      "false,\"$defs\":{\"schema1\":" CHILDREN("schema1") "}}");
  inst_node lazy = node(b, KIND(LAZY)), root = object_of(b, "next", wrap(b, KIND(NULLABLE), lazy));
  inst_schema_inner(b->schema, lazy, root);
  meta(b, root, "id", "\"A list/~\"");
  finish(b, lazy);
  check_printed_at(b, true,
                   "{\"type\":\"object\",\"properties\":{\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/"
                   "A_list__\"},{\"type\":\"null\"}]}},\"required\":[\"next\"],"
                   "\"additionalProperties\":false,\"$defs\":{\"A_list__\":{\"type\":\"object\","
                   "\"properties\":{\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/A_list__\"},{\"type\":"
                   "\"null\"}]}},\"required\":[\"next\"],\"additionalProperties\":false}}}",
                   __LINE__);
  clear_bench(b);
}

static void definitions_stand_at_the_root_wherever_that_is(void **state) {
  (void)state;
  bench *b = set_bench();
  const inst_profile plain = {.strict = false};
  finish(b, wrap(b, KIND(ARRAY), tree_of(b, "\"T\"")));
  assert_json(
      inst_schema_print_inside(b->schema, &plain, INST_LIT("value"), b->arena, NULL),
      "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"array\",\"items\":{\"type\":"
      "\"object\",\"properties\":{\"children\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/"
      "$defs/T\"}}},\"required\":[\"children\"],\"additionalProperties\":false,\"title\":\"T\"}"
      "}},\"required\":[\"value\"],\"additionalProperties\":false,\"$defs\":{\"T\":{\"type\":"
      "\"object\",\"properties\":{\"children\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/"
      "$defs/T\"}}},\"required\":[\"children\"],\"additionalProperties\":false,\"title\":\"T\"}"
      "}}");
  clear_bench(b);
}

static void nothing_stands_beside_a_reference(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node lazy = wrap(b, KIND(LAZY), text(b));
  inst_node other = wrap(b, KIND(LAZY), meta(b, number(b), "title", "\"schema1\""));
  inst_node object =
      object_of(b, "a", meta(b, wrap(b, KIND(OPTIONAL), lazy), "description", "\"A.\""));
  field(b, object, "b", lazy);
  field(b, object, "c", other);
  assert_printed(
      b, object,
      "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"$ref\":\"#/$defs/schema1\"}],"
      "\"description\":\"A.\"},\"b\":{\"$ref\":\"#/$defs/schema1\"},\"c\":{\"$ref\":\"#/$defs/"
      "schema12\"}},\"required\":[\"b\",\"c\"],\"additionalProperties\":false,\"$defs\":{"
      "\"schema1\":" TEXT ",\"schema12\":{\"type\":\"number\",\"title\":\"schema1\"}}}",
      "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"anyOf\":[{\"$ref\":\"#/$defs/"
      "schema1"
      "\"}],\"description\":\"A.\"}," NOTHING
      "]},\"b\":{\"$ref\":\"#/$defs/schema1\"},\"c\":{\"$ref\":"
      "\"#/$defs/"
      "schema12\"}},\"required\":[\"a\",\"b\",\"c\"],\"additionalProperties\":false,\"$defs\":{"
      "\"schema1\":" TEXT ",\"schema12\":{\"type\":\"number\",\"title\":\"schema1\"}}}");
  clear_bench(b);
}

static void lazy_sides_of_an_intersection_are_joined(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node left = wrap(b, KIND(LAZY), object_of(b, "a", text(b)));
  assert_both(b, object_of(b, "x", pair(b, KIND(INTERSECTION), left, object_of(b, "b", text(b)))),
              CLOSED("x", "{\"type\":\"object\",\"properties\":{\"a\":" TEXT ",\"b\":" TEXT
                          "},\"required\":[\"a\",\"b\"],\"additionalProperties\":false}"));
  clear_bench(b);
}

static void a_fault_in_a_definition_names_it(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node lazy = node(b, KIND(LAZY));
  inst_node tree = object_of(b, "children", pair(b, KIND(RECORD), text(b), lazy));
  inst_schema_inner(b->schema, lazy, meta(b, tree, "title", "\"Tree\""));
  finish(b, wrap(b, KIND(ARRAY), lazy));
  const inst_profile strict = {.strict = true};
  inst_error error = {.code = INST_E_NONE};
  assert_null(inst_schema_print(b->schema, &strict, b->arena, &error));
  assert_string_equal(error.text, "a strict schema cannot express the record at Tree.children");
  clear_bench(b);
}

/* ---- formats --------------------------------------------------------------------------------- */

#define FORMAT(name) "{\"type\":\"string\",\"format\":\"" name "\"}"
#define WORDS(words) "{\"type\":\"string\",\"description\":\"" words "\"}"

static void formats_of_the_standard_are_keywords(void **state) {
  static const char *const names[][2] = {
      {"email", FORMAT("email")},        {"uuid", FORMAT("uuid")},
      {"datetime", FORMAT("date-time")}, {"date", FORMAT("date")},
      {"duration", FORMAT("duration")},  {"ipv4", FORMAT("ipv4")},
      {"ipv6", FORMAT("ipv6")},          {"hostname", FORMAT("hostname")},
      {"guid", FORMAT("uuid")},
  };
  (void)state;
  bench *b = set_bench();
  for (size_t i = 0; i < CHECK_COUNT(names); i++)
    assert_both(b, formatted(b, names[i][0], ""), names[i][1]);
  assert_both(b, formatted(b, "ip", "version=4"), FORMAT("ipv4"));
  clear_bench(b);
}

static void other_formats_are_words(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_printed(b, formatted(b, "url", ""), FORMAT("uri"),
                 WORDS("It must be a URL that begins with its scheme."));
  assert_printed(b, formatted(b, "ip", ""),
                 "{\"type\":\"string\",\"anyOf\":[{\"format\":\"ipv4\"},{\"format\":\"ipv6\"}]}",
                 WORDS("It must be an IP address."));
  assert_both(b, formatted(b, "nanoid", "length=10"),
              WORDS("It must be a nanoid of 10 characters."));
  assert_both(
      b, formatted(b, "time", "precision=3"),
      WORDS("It must be an ISO time without zone such as 23:59:59, with exactly 3 digits behind "
            "the seconds' point."));
  assert_both(b, formatted(b, "hash", "alg=md5 enc=hex"),
              WORDS("It must be a digest made with md5 in hex."));
  assert_both(b, formatted(b, "custom", "name=my_id pattern=^x"),
              "{\"type\":\"string\",\"pattern\":\"^x\",\"description\":\"It must be in the format "
              "my_id.\"}");
  assert_both(b, formatted(b, "datetime", "precision=-1"),
              WORDS("It must be an ISO datetime such as 2024-12-31T23:59:59Z, without seconds."));
  inst_node both = formatted(b, "email", "");
  check(b, both, &(inst_check){.kind = CHECK(FORMAT), .text = INST_LIT("hostname")});
  assert_both(
      b, both,
      "{\"type\":\"string\",\"format\":\"email\",\"description\":\"It must be a hostname.\"}");
  clear_bench(b);
}

static void a_text_behind_some_characters_is_a_pattern(void **state) {
  (void)state;
  bench *b = set_bench();
  assert_both(
      b,
      check(b, text(b), &(inst_check){.kind = CHECK(INCLUDES), .text = INST_LIT("a"), .number = 2}),
      "{\"type\":\"string\",\"pattern\":\"^[\\\\s\\\\S]{2,}a\"}");
  clear_bench(b);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static bool print_with(inst_alloc alloc, void *ctx) {
  const inst_profile plain = {.strict = false};
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new(alloc);
  bool done = arena != NULL && inst_schema_print(ctx, &plain, arena, &error) != NULL;
  if (arena != NULL && !done) assert_int_equal(error.code, INST_E_MEMORY);
  inst_arena_free(arena);
  return done;
}

static void lost_memory_is_an_ordinary_error(void **state) {
  (void)state;
  bench *b = set_bench();
  inst_node tuple = with_rest(b, pair(b, KIND(TUPLE), text(b), tree_of(b, "\"T\"")), number(b));
  inst_node record = pair(b, KIND(RECORD), formatted(b, "uuid", "version=4"), tuple);
  inst_node either =
      pair(b, KIND(UNION), object_of(b, "b", record), object_of(b, "c", tree_of(b, NULL)));
  inst_node both = pair(b, KIND(INTERSECTION), object_of(b, "a", text(b)), either);
  finish(b, object_of(b, "x", wrap(b, KIND(NULLABLE), both)));
  assert_true(check_every_failure(print_with, b->schema) > 10);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(places_in_a_list_are_words_where_no_keyword_is_taken),
      cmocka_unit_test(records_are_objects_whose_keys_are_open),
      cmocka_unit_test(a_record_of_known_keys_is_an_object_to_strict_providers),
      cmocka_unit_test(other_keys_of_an_object_have_a_schema_of_their_own),
      cmocka_unit_test(unions_of_bare_types_are_lists_of_types),
      cmocka_unit_test(other_unions_are_alternatives),
      cmocka_unit_test(objects_that_must_both_fit_are_one_object),
      cmocka_unit_test(an_object_joins_each_option_of_a_union),
      cmocka_unit_test(a_record_joins_the_fields_of_an_object),
      cmocka_unit_test(whatever_else_must_both_fit_is_refused_by_strict_providers),
      cmocka_unit_test(wrappers_that_ask_for_nothing_more_are_not_seen),
      cmocka_unit_test(what_is_filled_in_before_the_checks_is_a_default_even_before_code),
      cmocka_unit_test(what_contains_itself_refers_to_a_definition),
      cmocka_unit_test(definitions_stand_at_the_root_wherever_that_is),
      cmocka_unit_test(nothing_stands_beside_a_reference),
      cmocka_unit_test(lazy_sides_of_an_intersection_are_joined),
      cmocka_unit_test(a_fault_in_a_definition_names_it),
      cmocka_unit_test(formats_of_the_standard_are_keywords),
      cmocka_unit_test(other_formats_are_words),
      cmocka_unit_test(a_text_behind_some_characters_is_a_pattern),
      cmocka_unit_test(lost_memory_is_an_ordinary_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
