/* A value as it arrives: what is shown of it and when, and what is found wrong at once. */
#include "spec/core/schema_check.h"

/* Whoever looks writes down what was shown: "depth place kind what". */
typedef struct watcher {
  bench *b;
  inst_stream_options options;
  inst_stream *stream;
  inst_buf log;
} watcher;

static void add_place(inst_buf *log, const inst_change *change) {
  inst_buf_addf(log, "%zu", change->depth);
  if (change->depth == 0) return;
  if (change->at.key.p != NULL) {
    inst_buf_byte(log, '.');
    inst_buf_add(log, change->at.key);
  } else {
    inst_buf_addf(log, "[%zu]", change->at.index);
  }
}

static void add_change(inst_buf *log, const inst_change *change) {
  static const char *const names[] = {"open", "grow", "set", "close"};
  add_place(log, change);
  inst_buf_addf(log, " %s", names[change->kind]);
  if (change->kind == INST_CHANGE_GROW) {
    inst_buf_byte(log, ' ');
    inst_buf_add(log, change->delta);
  }
  if (change->kind == INST_CHANGE_SET) {
    inst_buf_byte(log, ' ');
    inst_json_write(log, change->value);
  }
  if (change->kind == INST_CHANGE_OPEN)
    inst_buf_addf(log, inst_value_kind_of(change->value) == INST_OBJECT ? " {}" : " []");
  inst_buf_byte(log, '\n');
}

static void look(watcher *w) {
  inst_change change;
  while (inst_stream_next(w->stream, &change)) add_change(&w->log, &change);
}

static void watch(watcher *w, bench *b, inst_stream_options options) {
  *w = (watcher){.b = b, .options = options};
  w->options.alloc = check_alloc(&b->memory);
  w->stream = inst_stream_new(b->schema, &w->options);
  assert_non_null(w->stream);
  inst_buf_init(&w->log, (inst_alloc){NULL, NULL});
}

static void stop(watcher *w) {
  inst_stream_free(w->stream);
  inst_buf_clear(&w->log);
}

/* Feeds a piece from memory that is gone afterwards, and looks. */
static int feed(watcher *w, const char *text, size_t n) {
  char *copy = malloc(n + 1);
  assert_non_null(copy);
  memcpy(copy, text, n);
  int broken = inst_stream_feed(w->stream, (inst_str){copy, n});
  free(copy);
  look(w);
  return broken;
}

static void feed_bytes(watcher *w, const char *text) {
  for (; *text != '\0'; text++) feed(w, text, 1);
}

static void check_log_at(watcher *w, const char *wanted, int line) {
  inst_str log = w->log.n > 0 ? inst_buf_text(&w->log) : INST_LIT("");
  check_text_at(log, inst_str_of(wanted), __FILE__, line);
  w->log.n = 0;
}

#define assert_log(w, wanted) check_log_at((w), (wanted), __LINE__)

static const inst_stream_options open_texts = {.open_strings = true};

static void begin_any(bench *b, watcher *w, inst_stream_options options) {
  finish(b, node(b, KIND(ANY)));
  watch(w, b, options);
}

/* ---- showing --------------------------------------------------------------------------------- */

static void objects_and_lists_grow(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, open_texts);
  feed_bytes(&w, "{\"a\":[1,2");
  assert_log(&w, "0 open {}\n1.a open []\n2[0] set 1\n");
  feed_bytes(&w, "],\"b\":{}}");
  assert_log(&w, "2[1] set 2\n1.a close\n1.b open {}\n1.b close\n0 close\n");
  check_json_at(inst_stream_finish(w.stream), "{\"a\":[1,2],\"b\":{}}", __FILE__, __LINE__);
  stop(&w);
  clear_bench(b);
}

static void numbers_and_words_are_seen_only_when_they_are_complete(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, open_texts);
  feed_bytes(&w, "[1");
  feed_bytes(&w, "2");
  feed_bytes(&w, "9.9");
  feed_bytes(&w, "5");
  assert_log(&w, "0 open []\n");
  feed_bytes(&w, ",tru");
  assert_log(&w, "1[0] set 129.95\n");
  feed_bytes(&w, "e,null]");
  assert_log(&w, "1[1] set true\n1[2] set null\n0 close\n");
  stop(&w);
  clear_bench(b);
}

static void texts_grow_by_whole_characters(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, open_texts);
  feed_bytes(&w, "[\"a\xE2\x82");
  assert_log(&w, "0 open []\n1[0] grow \n1[0] grow a\n");
  feed_bytes(&w, "\xAC\\u00e");
  assert_log(&w, "1[0] grow \xE2\x82\xAC\n");
  feed_bytes(&w, "9\"");
  assert_log(&w, "1[0] grow \xC3\xA9\n1[0] close\n");
  stop(&w);
  clear_bench(b);
}

static void a_piece_shows_as_few_changes_as_say_it(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, open_texts);
  feed(&w, "{\"a\":{\"b\":[1]},\"c\":\"xy", 22);
  assert_log(&w, "0 open {}\n1.a set {\"b\":[1]}\n1.c grow xy\n");
  feed(&w, "z\"}", 3);
  assert_log(&w, "1.c grow z\n1.c close\n0 close\n");
  stop(&w);
  clear_bench(b);
}

static void open_texts_may_be_left_out(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, (inst_stream_options){.open_strings = false});
  feed_bytes(&w, "{\"a\":\"xy");
  assert_log(&w, "0 open {}\n");
  feed_bytes(&w, "\"}");
  assert_log(&w, "1.a set \"xy\"\n0 close\n");
  stop(&w);
  clear_bench(b);
}

static void a_scalar_root_is_seen_when_it_is_complete(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, open_texts);
  feed_bytes(&w, "12");
  assert_log(&w, "");
  check_json_at(inst_stream_finish(w.stream), "12", __FILE__, __LINE__);
  look(&w);
  assert_log(&w, "0 set 12\n");
  stop(&w);
  clear_bench(b);
}

static void a_wrapped_root_is_shown_without_its_wrapper(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, (inst_stream_options){.open_strings = true, .wrapped = true});
  feed_bytes(&w, "{\"value\":[1,{\"a\":2}]}");
  assert_log(&w, "0 open []\n1[0] set 1\n1[1] open {}\n2.a set 2\n1[1] close\n0 close\n");
  check_json_at(inst_stream_finish(w.stream), "[1,{\"a\":2}]", __FILE__, __LINE__);
  stop(&w);
  watch(&w, b, (inst_stream_options){.open_strings = true, .wrapped = true});
  feed_bytes(&w, "{\"a\":1,\"b\":2}");
  assert_log(&w, "0 open {}\n1.a set 1\n1.b set 2\n0 close\n");
  stop(&w);
  clear_bench(b);
}

static void a_member_that_comes_again_makes_all_be_shown_again(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, open_texts);
  feed_bytes(&w, "{\"a\":1,\"b\":2,");
  assert_log(&w, "0 open {}\n1.a set 1\n1.b set 2\n");
  feed_bytes(&w, "\"a\":3,\"c\":4}");
  assert_log(&w, "0 open {}\n1.a set 3\n1.b set 2\n1.c set 4\n0 close\n");
  stop(&w);
  clear_bench(b);
}

/* ---- the schema's say ------------------------------------------------------------------------ */

static void a_choice_is_all_or_nothing(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node color = choice(b, KIND(ENUM), "[\"red\",\"reddish\"]");
  inst_node object = object_of(b, "c", wrap(b, KIND(OPTIONAL), color));
  field(b, object, "s", node(b, KIND(STRING)));
  finish(b, object);
  watch(&w, b, open_texts);
  feed_bytes(&w, "{\"c\":\"red");
  assert_log(&w, "0 open {}\n");
  feed_bytes(&w, "dish\",\"s\":\"x");
  assert_log(&w, "1.c set \"reddish\"\n1.s grow \n1.s grow x\n");
  stop(&w);
  clear_bench(b);
}

static void what_is_wanted_whole_waits(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node inner = object_of(b, "x", node(b, KIND(NUMBER)));
  inst_schema_trait(b->schema, inner, INST_TRAIT_WHEN_WHOLE);
  finish(b, object_of(b, "a", inner));
  watch(&w, b, open_texts);
  feed_bytes(&w, "{\"a\":{\"x\":1");
  assert_log(&w, "0 open {}\n");
  feed_bytes(&w, "}}");
  assert_log(&w, "1.a set {\"x\":1}\n0 close\n");
  stop(&w);
  clear_bench(b);
}

static void an_object_waits_for_the_field_it_is_nothing_without(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node id = node(b, KIND(NUMBER)), item = object_of(b, "t", node(b, KIND(STRING)));
  inst_schema_trait(b->schema, id, INST_TRAIT_WITHHOLD);
  field(b, item, "id", id);
  finish(b, wrap(b, KIND(ARRAY), item));
  watch(&w, b, open_texts);
  feed_bytes(&w, "[{\"t\":\"x\",\"id\":7");
  assert_log(&w, "0 open []\n");
  feed_bytes(&w, ",\"u");
  assert_log(&w, "1[0] open {}\n2.t set \"x\"\n2.id set 7\n");
  stop(&w);
  clear_bench(b);
}

/* ---- judging early --------------------------------------------------------------------------- */

static const inst_stream_options checking = {.check = true};

static void check_issues_at(watcher *w, const char *lines, int line) {
  const inst_issue *issues = inst_stream_issues(w->stream);
  inst_str found = issues != NULL ? issue_lines(w->b, issues) : INST_LIT("");
  check_text_at(found, inst_str_of(lines), __FILE__, line);
}

#define assert_issues(w, lines) check_issues_at((w), (lines), __LINE__)

static void a_wrong_part_is_found_as_soon_as_it_is_complete(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node item = object_of(b, "n", with_number(b, node(b, KIND(NUMBER)), CHECK(MAX), 9));
  finish(b, object_of(b, "list", wrap(b, KIND(ARRAY), item)));
  watch(&w, b, checking);
  feed_bytes(&w, "{\"list\":[{\"n\":1},{\"n\":12");
  assert_issues(&w, "");
  feed_bytes(&w, ",");
  assert_issues(&w, "list[1].n too_big: Too big: expected number to be <=9");
  stop(&w);
  clear_bench(b);
}

static void what_an_object_lacks_is_found_when_it_closes(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node item = object_of(b, "n", node(b, KIND(NUMBER)));
  finish(b, wrap(b, KIND(ARRAY), item));
  watch(&w, b, checking);
  feed_bytes(&w, "[{\"m\":1");
  assert_issues(&w, "");
  feed_bytes(&w, "}");
  assert_issues(&w, "[0].n invalid_type: Invalid input: expected number, received nil");
  stop(&w);
  clear_bench(b);
}

static void parts_with_code_are_left_to_the_end(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node n =
      with_code(b, with_number(b, node(b, KIND(NUMBER)), CHECK(MAX), 9), CHECK(REFINE), 1);
  finish(b, object_of(b, "n", n));
  watch(&w, b, checking);
  feed_bytes(&w, "{\"n\":12,\"o\":1");
  assert_issues(&w, "");
  stop(&w);
  clear_bench(b);
}

static void what_may_be_caught_or_be_another_option_is_not_called_wrong(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node caught = wrap(b, KIND(CATCH), object_of(b, "n", node(b, KIND(NUMBER))));
  inst_schema_value(b->schema, caught, json(b, "0"));
  inst_node either = wrap(b, KIND(UNION), object_of(b, "n", node(b, KIND(NUMBER))));
  inst_schema_inner(b->schema, either, object_of(b, "n", node(b, KIND(STRING))));
  inst_node root = object_of(b, "c", caught);
  field(b, root, "e", either);
  finish(b, root);
  watch(&w, b, checking);
  feed_bytes(&w, "{\"c\":{\"n\":\"x\"");
  assert_issues(&w, "");
  stop(&w);
  watch(&w, b, checking);
  feed_bytes(&w, "{\"e\":{\"n\":\"x\"");
  assert_issues(&w, "");
  stop(&w);
  clear_bench(b);
}

/* A union's one option for objects, where another would take the object, or the fault is caught. */
static void what_a_union_may_take_in_another_way_is_not_called_wrong(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node caught = wrap(b, KIND(CATCH), object_of(b, "n", node(b, KIND(NUMBER))));
  inst_schema_value(b->schema, caught, json(b, "0"));
  inst_node made = wrap(b, KIND(UNION), object_of(b, "n", node(b, KIND(NUMBER))));
  inst_schema_inner(b->schema, made, pipe_of(b, transform(b, 1), node(b, KIND(STRING))));
  inst_node turned = wrap(b, KIND(UNION), object_of(b, "n", node(b, KIND(NUMBER))));
  inst_node flag = node(b, KIND(BOOLEAN));
  inst_schema_trait(b->schema, flag, INST_TRAIT_COERCE);
  inst_schema_inner(b->schema, turned, flag);
  inst_node root = object_of(b, "c", wrap(b, KIND(UNION), caught));
  field(b, root, "m", made);
  field(b, root, "t", turned);
  finish(b, root);
  watch(&w, b, checking);
  feed_bytes(&w, "{\"c\":{\"n\":\"x\"},\"m\":{\"n\":\"x\"},\"t\":{\"n\":\"x\"},");
  assert_issues(&w, "");
  stop(&w);
  clear_bench(b);
}

static void what_stands_under_any_key_of_a_loose_record_is_not_called_wrong(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node keys = choice(b, KIND(ENUM), "[\"a\",\"b\"]");
  inst_node record = wrap(b, KIND(RECORD), keys);
  inst_schema_inner(b->schema, record, node(b, KIND(NUMBER)));
  inst_schema_trait(b->schema, record, INST_TRAIT_LOOSE);
  inst_schema_trait(b->schema, record, INST_TRAIT_PARTIAL);
  finish(b, record);
  watch(&w, b, checking);
  feed_bytes(&w, "{\"a\":1,\"other\":\"x\",");
  assert_issues(&w, "");
  stop(&w);
  clear_bench(b);
}

static void null_for_a_field_that_may_be_missing_is_not_called_wrong(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  finish(b, object_of(b, "n", wrap(b, KIND(OPTIONAL), node(b, KIND(NUMBER)))));
  watch(&w, b, (inst_stream_options){.check = true, .null_is_absent = true});
  feed_bytes(&w, "{\"n\":null,");
  assert_issues(&w, "");
  stop(&w);
  clear_bench(b);
}

static void a_schema_that_leads_back_to_itself_by_way_of_code_shows_all(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  inst_node again = node(b, KIND(LAZY));
  inst_node root = pipe_of(b, transform(b, 1), wrap(b, KIND(NULLABLE), again));
  inst_schema_inner(b->schema, again, root);
  finish(b, root);
  watch(&w, b, (inst_stream_options){.open_strings = true, .check = true});
  feed_bytes(&w, "{\"a\":1,\"b\":\"x");
  assert_log(&w, "0 open {}\n1.a set 1\n1.b grow \n1.b grow x\n");
  stop(&w);
  clear_bench(b);
}

/* ---- the text -------------------------------------------------------------------------------- */

static void what_was_shown_stands_when_the_text_breaks(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, open_texts);
  assert_int_not_equal(feed(&w, "{\"a\":1,x", 8), 0);
  assert_log(&w, "0 open {}\n1.a set 1\n");
  assert_int_equal(inst_stream_error(w.stream)->code, INST_E_JSON);
  assert_int_not_equal(feed(&w, "}", 1), 0);
  assert_null(inst_stream_finish(w.stream));
  stop(&w);
  clear_bench(b);
}

static void check_path_at(watcher *w, const char *text, const char *wanted, int line) {
  size_t count;
  feed_bytes(w, text);
  const inst_segment *path = inst_stream_path(w->stream, &count);
  inst_buf buf;
  inst_buf_init(&buf, (inst_alloc){NULL, NULL});
  inst_buf_byte(&buf, ':');
  inst_path_write(&buf, path, count, 0);
  check_text_at(inst_buf_text(&buf), inst_str_of(wanted), __FILE__, line);
  inst_buf_clear(&buf);
}

#define assert_path(w, text, wanted) check_path_at((w), (text), (wanted), __LINE__)

static void the_path_says_where_the_text_stands(void **state) {
  bench *b = set_bench();
  watcher w;
  (void)state;
  begin_any(b, &w, open_texts);
  assert_path(&w, "{", ":");
  assert_path(&w, "\"a\":", ":a");
  assert_path(&w, "[{\"b\":1", ":a[0].b");
  assert_path(&w, "},{\"c\":\"x", ":a[1].c");
  assert_path(&w, "\"}],\"d\":tr", ":d");
  stop(&w);
  clear_bench(b);
}

static bool stream_once(inst_alloc alloc, void *ctx) {
  bench *b = ctx;
  const char text[] = "{\"list\":[{\"n\":1},{\"n\":\"x\\u00e9\"}]}";
  inst_stream_options options = {.alloc = alloc, .open_strings = true, .check = true};
  inst_stream *stream = inst_stream_new(b->schema, &options);
  inst_change change;
  if (stream == NULL) return false;
  for (size_t i = 0; i < sizeof text - 1; i++) {
    inst_stream_feed(stream, (inst_str){text + i, 1});
    while (inst_stream_next(stream, &change)) continue;
  }
  inst_stream_finish(stream);
  bool well = inst_stream_error(stream)->code == INST_E_NONE && inst_stream_issues(stream) != NULL;
  if (!well) assert_int_equal(inst_stream_error(stream)->code, INST_E_MEMORY);
  inst_stream_free(stream);
  return well;
}

static void lost_memory_is_an_ordinary_error(void **state) {
  bench *b = set_bench();
  (void)state;
  inst_node item = object_of(b, "n", node(b, KIND(NUMBER)));
  finish(b, object_of(b, "list", wrap(b, KIND(ARRAY), item)));
  assert_true(check_every_failure(stream_once, b) > 5);
  clear_bench(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(objects_and_lists_grow),
      cmocka_unit_test(numbers_and_words_are_seen_only_when_they_are_complete),
      cmocka_unit_test(texts_grow_by_whole_characters),
      cmocka_unit_test(a_piece_shows_as_few_changes_as_say_it),
      cmocka_unit_test(open_texts_may_be_left_out),
      cmocka_unit_test(a_scalar_root_is_seen_when_it_is_complete),
      cmocka_unit_test(a_wrapped_root_is_shown_without_its_wrapper),
      cmocka_unit_test(a_member_that_comes_again_makes_all_be_shown_again),
      cmocka_unit_test(a_choice_is_all_or_nothing),
      cmocka_unit_test(what_is_wanted_whole_waits),
      cmocka_unit_test(an_object_waits_for_the_field_it_is_nothing_without),
      cmocka_unit_test(a_wrong_part_is_found_as_soon_as_it_is_complete),
      cmocka_unit_test(what_an_object_lacks_is_found_when_it_closes),
      cmocka_unit_test(parts_with_code_are_left_to_the_end),
      cmocka_unit_test(what_may_be_caught_or_be_another_option_is_not_called_wrong),
      cmocka_unit_test(what_a_union_may_take_in_another_way_is_not_called_wrong),
      cmocka_unit_test(what_stands_under_any_key_of_a_loose_record_is_not_called_wrong),
      cmocka_unit_test(null_for_a_field_that_may_be_missing_is_not_called_wrong),
      cmocka_unit_test(a_schema_that_leads_back_to_itself_by_way_of_code_shows_all),
      cmocka_unit_test(what_was_shown_stands_when_the_text_breaks),
      cmocka_unit_test(the_path_says_where_the_text_stands),
      cmocka_unit_test(lost_memory_is_an_ordinary_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
