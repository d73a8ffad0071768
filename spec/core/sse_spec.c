/* Server-sent events: the rules, the providers' habits, every way of being cut. */
#include "core/wire/sse.h"

#include "spec/core/check.h"

/* Events written down as "name|data;" each. */
typedef struct listener {
  inst_sse sse;
  inst_alloc alloc;
  inst_buf seen;
  const char *wanted;
  bool failed;
} listener;

static void take_events(listener *l) {
  inst_sse_event event;
  while (inst_sse_next(&l->sse, &event)) {
    inst_buf_add(&l->seen, event.name);
    inst_buf_byte(&l->seen, '|');
    inst_buf_add(&l->seen, event.data);
    inst_buf_byte(&l->seen, ';');
  }
}

static void begin(void *ctx) {
  listener *l = ctx;
  inst_sse_init(&l->sse, l->alloc);
  inst_buf_init(&l->seen, (inst_alloc){NULL, NULL});
}

static void feed(void *ctx, inst_str piece) {
  listener *l = ctx;
  inst_sse_feed(&l->sse, piece);
  take_events(l);
}

static void end(void *ctx) {
  listener *l = ctx;
  inst_sse_finish(&l->sse);
  take_events(l);
  l->failed = inst_sse_failed(&l->sse);
  inst_sse_clear(&l->sse);
  if (!l->failed)
    check_text_at(inst_buf_text(&l->seen), inst_str_of(l->wanted), __FILE__, __LINE__);
  inst_buf_clear(&l->seen);
}

static void events_are_of(inst_str text, const char *wanted) {
  listener l = {.wanted = wanted};
  check_feeder feeder = {begin, feed, end, &l};
  check_feed_all_ways(&feeder, text);
}

static void events_are(const char *text, const char *wanted) {
  events_are_of(inst_str_of(text), wanted);
}

static void an_event_ends_with_a_blank_line(void **state) {
  (void)state;
  events_are("data: a\n\ndata: b\n\n", "|a;|b;");
  events_are("", "");
}

static void lines_end_with_lf_cr_or_both(void **state) {
  (void)state;
  events_are("data: a\r\n\r\ndata: b\r\n\r\n", "|a;|b;");
  events_are("data: a\r\rdata: b\r\r", "|a;|b;");
  events_are("data: a\n\r\ndata: b\r\n\ndata: c\r\r\n", "|a;|b;|c;");
}

static void one_blank_behind_the_colon_is_no_part_of_the_value(void **state) {
  (void)state;
  events_are("data:a\n\ndata:  b\n\ndata: c:d\n\n", "|a;| b;|c:d;");
}

static void data_of_several_lines_is_joined(void **state) {
  (void)state;
  events_are("data: {\ndata:  \"a\":1\ndata: }\n\n", "|{\n \"a\":1\n};");
  events_are("data\ndata: a\ndata:\n\n", "|\na\n;");
}

static void comments_and_other_fields_say_nothing(void **state) {
  (void)state;
  events_are(": waiting\n\ndata: a\n:\nid: 7\nretry: 10\nfoo: bar\ndatum: b\n\n", "|a;");
}

static void an_event_has_the_name_it_was_given_last(void **state) {
  (void)state;
  events_are("event: x\nevent: y\ndata: a\n\ndata: b\n\n", "y|a;|b;");
}

static void an_event_without_data_is_none(void **state) {
  (void)state;
  events_are("event: ping\n\ndata: a\n\n", "|a;");
  events_are("data\n\n", "|;");
}

static void a_byte_order_mark_may_stand_before_all(void **state) {
  (void)state;
  events_are("\xEF\xBB\xBF"
             "data: a\n\n\xEF\xBB\xBF"
             "data: b\n\n",
             "|a;");
}

static void a_last_event_needs_no_blank_line(void **state) {
  (void)state;
  events_are("data: a\n\ndata: b\n", "|a;|b;");
  events_are("data: a\n\ndata: b", "|a;|b;");
  events_are("data: a\n\n: the end", "|a;");
}

static void an_error_field_is_an_event_of_that_name(void **state) {
  (void)state;
  events_are("data: a\n\nerror: {\"code\":500}\n\n", "|a;error|{\"code\":500};");
}

static void zero_bytes_and_characters_of_many_bytes_are_kept(void **state) {
  (void)state;
  static const char text[] = "data: \xE2\x82\xAC\0x\n\n", wanted[] = "|\xE2\x82\xAC\0x;";
  listener l = {.wanted = ""};
  begin(&l);
  inst_sse_feed(&l.sse, (inst_str){text, sizeof text - 1});
  take_events(&l);
  check_text_at(inst_buf_text(&l.seen), (inst_str){wanted, sizeof wanted - 1}, __FILE__, __LINE__);
  inst_sse_clear(&l.sse);
  inst_buf_clear(&l.seen);
}

static bool read_all(inst_alloc alloc, void *ctx) {
  listener l = {.alloc = alloc, .wanted = ctx};
  begin(&l);
  feed(&l, INST_LIT("event: x\nda"));
  feed(&l, INST_LIT("ta: a\ndata: b\n"));
  feed(&l, INST_LIT("\nfoo"));
  end(&l);
  return !l.failed;
}

static void lost_memory_is_told(void **state) {
  (void)state;
  char wanted[] = "x|a\nb;";
  assert_true(check_every_failure(read_all, wanted) > 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_event_ends_with_a_blank_line),
      cmocka_unit_test(lines_end_with_lf_cr_or_both),
      cmocka_unit_test(one_blank_behind_the_colon_is_no_part_of_the_value),
      cmocka_unit_test(data_of_several_lines_is_joined),
      cmocka_unit_test(comments_and_other_fields_say_nothing),
      cmocka_unit_test(an_event_has_the_name_it_was_given_last),
      cmocka_unit_test(an_event_without_data_is_none),
      cmocka_unit_test(a_byte_order_mark_may_stand_before_all),
      cmocka_unit_test(a_last_event_needs_no_blank_line),
      cmocka_unit_test(an_error_field_is_an_event_of_that_name),
      cmocka_unit_test(zero_bytes_and_characters_of_many_bytes_are_kept),
      cmocka_unit_test(lost_memory_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
