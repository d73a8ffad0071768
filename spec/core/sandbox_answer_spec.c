/*
** The sandbox's answers: every form, whole and streamed, and errors on purpose.
*/
#include "spec/core/sandbox_check.h"

/* ---- answers --------------------------------------------------------------------------------- */

static void ask(exchange *e, const char *body, const char *sloppy) {
  send_to(e, "POST", "/v1/chat/completions", sloppy, inst_str_of(body), BOX_SLIP_NONE);
  assert_int_equal(e->status, 200);
}

static inst_value *message_of(const exchange *e) {
  inst_value *choice = inst_value_first(inst_find(e->json, "choices"));
  inst_value *message = inst_find(choice, "message");
  assert_non_null(message);
  return message;
}

static inst_value *tool_function(inst_value *message) {
  return inst_find(inst_value_first(inst_find(message, "tool_calls")), "function");
}

/* The text that answers: content, or the arguments of whichever call there is. */
static inst_str answer_of(const exchange *e) {
  inst_value *message = message_of(e);
  if (inst_find(message, "tool_calls") != NULL)
    return inst_find_text(tool_function(message), "arguments");
  if (inst_find(message, "function_call") != NULL) {
    return inst_find_text(inst_find(message, "function_call"), "arguments");
  }
  return inst_find_text(message, "content");
}

/* Single quotes in 'expected' stand for double ones. */
static void assert_json_text(exchange *e, const char *expected) {
  inst_str text = json_of(&e->arena, expected);
  check_text_at(answer_of(e), text, __FILE__, __LINE__);
}

static void check_answer(const char *body, const char *sloppy, const char *expected) {
  exchange e;
  ask(&e, body, sloppy);
  assert_json_text(&e, expected);
  inst_arena_clear(&e.arena);
}

static void a_tool_call_has_id_name_and_arguments(void **state) {
  (void)state;
  exchange e;
  ask(&e, ASK(TOOL ",'tool_choice':'auto'"), NULL);
  inst_value *message = message_of(&e), *call = inst_value_first(inst_find(message, "tool_calls"));
  assert_json(inst_find(message, "content"), "null");
  assert_text(inst_find_text(message, "role"), "assistant");
  assert_text(inst_find_text(call, "id"), "call_sandbox_1");
  assert_text(inst_find_text(call, "type"), "function");
  assert_text(inst_find_text(inst_find(call, "function"), "name"), "User");
  assert_json_text(&e, ZOE);
  assert_text(inst_find_text(e.json, "object"), "chat.completion");
  assert_text(inst_find_text(e.json, "model"), "m");
  inst_value *choice = inst_value_first(inst_find(e.json, "choices"));
  assert_text(inst_find_text(choice, "finish_reason"), "tool_calls");
  inst_value *usage = inst_find(e.json, "usage");
  assert_int_equal(inst_value_int(inst_find(usage, "total_tokens")),
                   inst_value_int(inst_find(usage, "prompt_tokens")) +
                       inst_value_int(inst_find(usage, "completion_tokens")));
  inst_arena_clear(&e.arena);
}

static void the_form_follows_the_request(void **state) {
  static const char *const rows[][2] = {
      {ASK(TOOL), ZOE},
      {ASK(TOOL ",'tool_choice':{'type':'function','function':{'name':'User'}}"), ZOE},
      {ASK("'tools':[{'type':'function','function':{'name':'A'}},{'type':'function','function':"
           "{'name':'B','parameters':" USER
           "}}],'tool_choice':{'type':'function','function':{'name':"
           "'B'}}"),
       ZOE},
      {ASK("'tools':[{'type':'function','function':{'name':'A'}}]"), "{}"},
      {ASK("'functions':[{'name':'User','parameters':" USER "}],'function_call':{'name':'User'}"),
       ZOE},
      {ASK(FORMAT), ZOE},
      {ASK(FORMAT "," TOOL), ZOE},
      {ASK("'response_format':{'type':'json_object','schema':" USER "}"), ZOE},
      {"{'messages':[{'role':'system','content':'Answer {} as JSON: {\\'schema\\':"
       "{\\'type\\':\\'object\\',\\'properties\\':{\\'age\\':{\\'type\\':\\'number\\'}}}}'}"
       "," QUESTION "],"
       "'response_format':{'type':'json_object'}}",
       "{'age':41}"},
      {"{'messages':[{'role':'system','content':'Fit {\\'properties\\':{\\'age\\':{\\'type\\':"
       "\\'number\\'}}}'}," QUESTION "]}",
       "```json\n{'age':41}\n```"},
      {"{'messages':[{'role':'developer','content':[{'type':'text','text':'Put your thoughts into "
       "<think> tags. {\\'properties\\':{\\'age\\':{\\'type\\':\\'number\\'}}}'}]}," QUESTION "]}",
       "<think>\nI look through the text by rules, for age.\n</think>\n\n```json\n{'age':41}\n```"},
      {"{'messages':[{'role':'user','content':'Zoe is 41. Use "
       "{\\'properties\\':{\\'age\\':{\\'type\\':"
       "\\'number\\'}}} please'}]}",
       "```json\n{'age':41}\n```"},
      {ASK("'tool_choice':'none'," TOOL),
       "This is the sandbox: it answers by rules, not by a language model, and fills schemas. "
       "There was "
       "no schema in this request, whose text was: Zoe Park is 41 years old"},
  };
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) check_answer(rows[i][0], NULL, rows[i][1]);
}

/* The conversation after a first answer: the correction is no source. */
static void a_later_answer_reads_the_first_question(void **state) {
  static const char body[] =
      "{'messages':[" QUESTION ",{'role':'assistant','content':'{}'},{'role':'user','content':"
      "'Max is 12: age must be a number, not 7'}]," FORMAT "}";
  (void)state;
  check_answer(body, "1", ZOE); /* and does not err again */
  check_answer("{'messages':[{'role':'assistant','content':'Hello'}," QUESTION "]," FORMAT "}",
               NULL, ZOE);
  check_answer("{'messages':[{'role':'user','content':[{'type':'text','text':'Zoe Park'},"
               "{'type':'image_url'},{'type':'text','text':'is 41'}]}]," FORMAT "}",
               NULL, ZOE);
}

static void the_first_answer_errs_when_told_to(void **state) {
  static const char *const rows[][3] = {
      {ASK(FORMAT), "1", "{'name':'Zoe Park','age':'41 years'}"},
      {ASK(TOOL), "words", "{'name':'Zoe Park','age':'41 years'}"},
      {ASK(FORMAT), "missing", "{'name':'Zoe Park'}"},
      {ASK(FORMAT), "fence",
       "Sure! Here is what I found:\n\n```json\n" ZOE
       "\n```\n\nLet me know if you need anything else."},
      {ASK(TOOL), "prose", "Sure! Here is what I found: the name is Zoe Park, the age is 41."},
      {ASK(FORMAT), "0", ZOE},
      {ASK("'response_format':{'type':'json_object','schema':{'type':'object','properties':"
           "{'name':{'type':'string'},'city':{'type':'string'}},'required':['name']}}"),
       "1", "{}"},
      {ASK("'response_format':{'type':'json_object','schema':{'type':'object','properties':"
           "{'cost':{'type':'integer'}},'required':['cost']}}"),
       "1", "{}"},
  };
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) check_answer(rows[i][0], rows[i][1], rows[i][2]);
  exchange e;
  send_to(&e, "POST", "/chat/completions", NULL, INST_LIT(ASK(FORMAT)), BOX_SLIP_WORDS);
  assert_json_text(&e, "{'name':'Zoe Park','age':'41 years'}");
  inst_arena_clear(&e.arena);
}

/* Joins the pieces of a streamed answer; checks the order of its events. */
static void join_stream(exchange *e, inst_buf *text, bool usage) {
  inst_str rest = e->body;
  size_t events = 0;
  bool finished = false;
  const char *end = NULL;
  while (!inst_str_starts(rest, INST_LIT("data: [DONE]\n\n"))) {
    inst_error error = {0};
    assert_true(inst_str_starts(rest, INST_LIT("data: ")));
    end = strstr(rest.p, "\n\n");
    assert_non_null(end);
    inst_value *chunk = inst_json_parse(
        &e->arena, (inst_str){rest.p + 6, (size_t)(end - rest.p - 6)}, INST_MAX_DEPTH, &error);
    inst_value *choice = inst_value_first(inst_find(chunk, "choices"));
    assert_text(inst_find_text(chunk, "object"), "chat.completion.chunk");
    if (choice != NULL) {
      inst_value *delta = inst_find(choice, "delta"), *call = inst_find(delta, "function_call");
      if (inst_find(delta, "tool_calls") != NULL) call = tool_function(delta);
      if (events == 0) assert_text(inst_find_text(delta, "role"), "assistant");
      inst_str piece =
          call != NULL ? inst_find_text(call, "arguments") : inst_find_text(delta, "content");
      if (piece.p != NULL) inst_buf_add(text, piece);
      assert_true(piece.n <= 12);
      if (inst_find_text(choice, "finish_reason").p != NULL) finished = true;
    } else {
      assert_true(finished && usage);
      assert_non_null(inst_find(inst_find(chunk, "usage"), "total_tokens"));
      usage = false;
    }
    events++;
    rest = (inst_str){end + 2, rest.n - (size_t)(end + 2 - rest.p)};
  }
  assert_true(finished && events > 2 && !usage);
  assert_int_equal(rest.n, strlen("data: [DONE]\n\n"));
}

static void a_stream_joins_to_the_whole_answer(void **state) {
  static const char *const rows[] = {
      TOOL, FORMAT, "'functions':[{'name':'User','parameters':" USER "}]", "'x':'äöü — no schema'"};
  (void)state;
  for (size_t i = 0; i < 2 * CHECK_COUNT(rows); i++) {
    char whole[1200], streamed[1200];
    exchange a, b;
    inst_buf text;
    inst_buf_init(&text, plain);
    bool usage = i % 2 == 1;
    snprintf(whole, sizeof whole,
             "{'messages':[{'role':'user','content':'Łukasz Żak is 41 — ünïcödé'}],%s}",
             rows[i / 2]);
    snprintf(streamed, sizeof streamed, "%.*s,'stream':true%s}", (int)strlen(whole) - 1, whole,
             usage ? ",'stream_options':{'include_usage':true}" : "");
    ask(&a, whole, NULL);
    ask(&b, streamed, NULL);
    assert_string_equal(b.type, "text/event-stream");
    join_stream(&b, &text, usage);
    inst_str expected = answer_of(&a);
    check_text_at(inst_buf_text(&text), expected, __FILE__, __LINE__);
    inst_buf_clear(&text);
    inst_arena_clear(&a.arena);
    inst_arena_clear(&b.arena);
  }
}

static void a_wrong_request_is_told_what_is_wrong(void **state) {
  static const struct wrong {
    const char *method, *path, *body;
    int status;
    const char *code;
  } rows[] = {
      {"GET", "/nowhere", "", 404, "not_found"},
      {"GET", "/v1/chat/completions", "", 405, "method_not_allowed"},
      {"POST", "/v1/models", "", 405, "method_not_allowed"},
      {"POST", "/", "", 405, "method_not_allowed"},
      {"POST", "/v1/chat/completions", "", 400, "invalid_json"},
      {"POST", "/v1/chat/completions", "{'a':", 400, "invalid_json"},
      {"POST", "/v1/chat/completions", "\xFF", 400, "invalid_json"},
      {"POST", "/v1/chat/completions", "[]", 400, "invalid_request"},
      {"POST", "/v1/chat/completions", "{}", 400, "invalid_request"},
      {"POST", "/v1/chat/completions", "{'messages':[]}", 400, "invalid_request"},
      {"POST", "/v1/chat/completions", "{'messages':[1]}", 400, "invalid_request"},
      {"POST", "/v1/chat/completions", "{'messages':[{}]}", 400, "invalid_request"},
  };
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) {
    exchange e;
    send_to(&e, rows[i].method, rows[i].path, NULL, inst_str_of(rows[i].body), BOX_SLIP_NONE);
    assert_int_equal(e.status, rows[i].status);
    inst_value *error = inst_find(e.json, "error");
    assert_text(inst_find_text(error, "code"), rows[i].code);
    assert_true(inst_find_text(error, "message").n > 10);
    assert_text(inst_find_text(error, "type"), "invalid_request_error");
    assert_non_null(inst_find(error, "param"));
    inst_arena_clear(&e.arena);
  }
}

static void pages_say_what_this_is(void **state) {
  (void)state;
  exchange e;
  send_to(&e, "GET", "/", NULL, INST_LIT(""), BOX_SLIP_NONE);
  assert_non_null(strstr(e.body.p, "by rules, not by a language model"));
  inst_arena_clear(&e.arena);
  send_to(&e, "GET", "/v1/models", NULL, INST_LIT(""), BOX_SLIP_NONE);
  assert_text(inst_find_text(inst_value_first(inst_find(e.json, "data")), "id"), "sandbox");
  inst_arena_clear(&e.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_tool_call_has_id_name_and_arguments),
      cmocka_unit_test(the_form_follows_the_request),
      cmocka_unit_test(a_later_answer_reads_the_first_question),
      cmocka_unit_test(the_first_answer_errs_when_told_to),
      cmocka_unit_test(a_stream_joins_to_the_whole_answer),
      cmocka_unit_test(a_wrong_request_is_told_what_is_wrong),
      cmocka_unit_test(pages_say_what_this_is),
  };
  return cmocka_run_group_tests_name("sandbox answers", tests, NULL, NULL);
}
