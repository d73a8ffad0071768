/*
** What the sandbox survives: rubbish of all kinds, schemas and texts that are too much, memory that
** runs out.
*/
#include "spec/core/sandbox_check.h"

/* ---- rubbish --------------------------------------------------------------------------------- */

static const char valid[] = ASK(
    TOOL ",'functions':[{'name':'F','parameters':" USER "}]," FORMAT
         ",'x':{'$ref':'#/$defs/a','$defs':{'a':{'anyOf':[{'type':'array','items':{'enum':[1,'b']},"
         "'minItems':2},{'allOf':[{'const':null}]}]}}},'stream':false");

/* Bytes through reader and rules; returns the status they are answered with, 0: no answer yet. */
static int serve_bytes(inst_str bytes) {
  int status = 0;
  box_routes routes = {.slip = BOX_SLIP_WORDS};
  box_http http;
  box_reply reply;
  inst_buf out;
  box_http_init(&http, plain);
  box_http_feed(&http, bytes);
  if (http.state >= BOX_HTTP_READY) {
    inst_buf_init(&out, plain);
    box_reply_init(&reply, plain);
    box_routes_answer(&routes, &http, &reply);
    box_reply_write(&reply, &http, false, &out);
    assert_true(inst_str_starts(inst_buf_text(&out), INST_LIT("HTTP/1.1 ")));
    status = reply.status;
    box_reply_clear(&reply);
    inst_buf_clear(&out);
  }
  box_http_clear(&http);
  return status;
}

static void every_prefix_of_a_request_is_survived(void **state) {
  (void)state;
  inst_buf request;
  inst_buf_init(&request, plain);
  write_request(&request, inst_str_of(valid));
  for (size_t n = 0; n <= request.n; n++) serve_bytes((inst_str){request.p, n});
  for (size_t n = 0; n <= strlen(valid); n++) { /* and of a body */
    inst_buf_clear(&request);
    write_request(&request, (inst_str){valid, n});
    serve_bytes(inst_buf_text(&request));
  }
  inst_buf_clear(&request);
}

/* Pieces of schemas that like to stand in the wrong place. */
static const char *const snippets[] = {
    "null",
    "{}",
    "[]",
    "true",
    "-1",
    "1e308",
    "1e9",
    "'object'",
    "'array'",
    "'string'",
    "''",
    "[1]",
    "{'$ref':'#'}",
    "{'type':['array','null']}",
    "{'items':{'$ref':'#'},'minItems':3}",
    "{'minLength':1e9}",
    "{'anyOf':[{},{}]}",
    "{'prefixItems':[{},true]}",
    "{'enum':[]}",
    "{'const':{}}",
    "{'required':[1]}",
    "{'properties':[]}",
    "{'properties':{'':{}}}",
    "{'additionalProperties':{}}",
    "'\xC5\x81'",
    "{'$ref':'#/properties/a/items'}",
};

static void mutate(inst_buf *text, uint64_t *random) {
  size_t at = check_random(random) % (text->n + 1);
  const char *snippet = snippets[check_random(random) % CHECK_COUNT(snippets)];
  inst_buf changed;
  inst_buf_init(&changed, plain);
  switch (check_random(random) % 4) {
  case 0: /* one byte */
    inst_buf_add(&changed, inst_buf_text(text));
    if (at < text->n) changed.p[at] = (char)check_random(random);
    break;
  case 1: /* something put in */
    inst_buf_add(&changed, (inst_str){text->p, at});
    inst_buf_add(&changed, inst_str_of(snippet));
    inst_buf_add(&changed, (inst_str){text->p + at, text->n - at});
    break;
  case 2: { /* a piece twice, or gone */
    size_t other = check_random(random) % (text->n + 1);
    inst_buf_add(&changed, (inst_str){text->p, at});
    inst_buf_add(&changed, (inst_str){text->p + other, text->n - other});
    break;
  }
  default: { /* a value replaced: from one quote or brace to the next mark */
    size_t from = at, to;
    while (from < text->n && strchr("'{[", text->p[from]) == NULL) from++;
    to = from;
    while (to < text->n && strchr(",]}", text->p[to]) == NULL) to++;
    inst_buf_add(&changed, (inst_str){text->p, from});
    inst_buf_add(&changed, inst_str_of(snippet));
    inst_buf_add(&changed, (inst_str){text->p + to, text->n - to});
  }
  }
  inst_buf_clear(text);
  *text = changed;
}

static void two_thousand_mutations_are_survived(void **state) {
  uint64_t random = 20240517;
  (void)state;
  for (int i = 0; i < 2000; i++) {
    inst_buf body, request;
    inst_buf_init(&body, plain);
    inst_buf_init(&request, plain);
    inst_buf_add(&body, inst_str_of(valid));
    for (int n = 1 + i % 3; n > 0; n--) mutate(&body, &random);
    write_request(&request, inst_buf_text(&body));
    if (i % 4 == 3) mutate(&request, &random);
    serve_bytes(inst_buf_text(&request));
    inst_buf_clear(&body);
    inst_buf_clear(&request);
  }
}

/* A schema with some of everything, and what it is asked about. */
static const char rich[] =
    "{'type':'object','properties':{'a':{'type':'array','items':{'$ref':'#/$defs/n'},'minItems':1},"
    "'b':{'anyOf':[{'type':'object','properties':{'type':{'const':'x'},'age':{'type':'integer',"
    "'minimum':0}},'required':['type']},{'type':['string','null'],'format':'date'}]},'c':{'enum':['"
    "red',"
    "'low',3]},'d':{'allOf':[{'type':'string'},{'minLength':2,'maxLength':9}]},'e':{'type':'object'"
    ","
    "'additionalProperties':{'type':'number'}},'f':{'type':'array','prefixItems':[{'type':'boolean'"
    "},"
    "{'type':'string'}]}},'required':['a','b','c','d'],'$defs':{'n':{'type':'object','properties':"
    "{'name':{'type':'string'},'kids':{'type':'array','items':{'$ref':'#/$defs/"
    "n'}}},'required':['name']}}}";
static const char story[] =
    "Zoe Park, 41, has two kids: Max is 12 and Łukasz was born on 3 May 2020 in Oslo. "
    "apples: 3, pears: 4. She isn't 'low'; mail zoe@x.org!";

/* Replaces one value somewhere in 'v' by a snippet. */
static void spoil(inst_arena *arena, inst_value *v, uint64_t *random) {
  inst_error error = {0};
  const char *snippet = snippets[check_random(random) % CHECK_COUNT(snippets)];
  for (;;) {
    bool list = v->kind == INST_ARRAY || v->kind == INST_OBJECT;
    size_t count = list ? inst_value_count(v) : 0;
    if (count == 0 || check_random(random) % 6 == 0) break;
    size_t n = check_random(random) % count;
    for (v = inst_value_first(v); n > 0; n--) v = inst_value_next(v);
  }
  inst_value was = *v,
             *now = inst_json_parse(arena, json_of(arena, snippet), INST_MAX_DEPTH, &error);
  *v = *now;
  v->key = was.key;
  v->next = was.next;
}

static void two_thousand_spoilt_schemas_are_answered(void **state) {
  uint64_t random = 20241117;
  (void)state;
  for (int i = 0; i < 2000; i++) {
    inst_arena arena;
    inst_error error = {0};
    inst_arena_init(&arena, plain);
    inst_value *schema = inst_json_parse(&arena, json_of(&arena, rich), INST_MAX_DEPTH, &error);
    for (int n = i % 5; n >= 0; n--) spoil(&arena, schema, &random);
    box_filled filled;
    assert_true(box_fill(&filled, schema, INST_LIT("x"), INST_LIT(story), &arena));
    box_slip_value((box_slip)(i % BOX_SLIP_COUNT), &filled, schema, &arena);
    inst_str json = inst_json_text(&arena, filled.value);
    assert_non_null(inst_json_parse(&arena, json, INST_MAX_DEPTH, &error));
    inst_arena_clear(&arena);
  }
}

/* ---- schemas that are too much --------------------------------------------------------------- */

/* Asks for 'schema' about 'text'; takes both.  That an answer comes at all is what is tested. */
static void ask_large(inst_buf *schema, inst_buf *text) {
  inst_buf body;
  inst_buf_init(&body, plain);
  inst_buf_add(&body, INST_LIT("{'response_format':{'type':'json_object','schema':"));
  inst_buf_add(&body, inst_buf_text(schema));
  inst_buf_add(&body, INST_LIT("},'messages':[{'role':'user','content':'"));
  inst_buf_add(&body, inst_buf_text(text));
  inst_buf_add(&body, INST_LIT("'}]}"));
  exchange e;
  send_to(&e, "POST", "/v1/chat/completions", NULL, inst_buf_text(&body), BOX_SLIP_NONE);
  assert_int_equal(e.status, 200);
  assert_non_null(e.json);
  inst_arena_clear(&e.arena);
  inst_buf_clear(&body);
  inst_buf_clear(schema);
  inst_buf_clear(text);
}

static void begin_large(inst_buf *schema, inst_buf *text) {
  inst_buf_init(schema, plain);
  inst_buf_init(text, plain);
}

static void a_schema_may_be_deep(void **state) {
  inst_buf schema, text;
  (void)state;
  begin_large(&schema, &text);
  for (int i = 0; i < 50; i++) inst_buf_addf(&schema, "{'required':['a'],'properties':{'a':");
  inst_buf_addf(&schema, "{'type':'number'}");
  for (int i = 0; i < 50; i++) inst_buf_addf(&schema, "}}");
  inst_buf_addf(&text, "41");
  ask_large(&schema, &text);
}

static void a_schema_may_be_wide(void **state) {
  inst_buf schema, text;
  (void)state;
  begin_large(&schema, &text);
  inst_buf_addf(&schema, "{'required':['a'");
  for (int i = 0; i < 6000; i++) inst_buf_addf(&schema, ",'name%d'", i);
  inst_buf_addf(&schema, "],'properties':{'a':{}");
  for (int i = 0; i < 6000; i++) inst_buf_addf(&schema, ",'name%d':{'type':'string'}", i);
  inst_buf_addf(&schema, "}}");
  for (int i = 0; i < 3000; i++) inst_buf_addf(&text, "Zoe Park is %d and ", i);
  ask_large(&schema, &text);
}

static void a_schema_may_refer_to_itself_in_many_ways(void **state) {
  static const char *const schemas[] = {
      "{'type':'object','properties':{'a':{'$ref':'#'},'b':{'$ref':'#'}},'required':['a','b']}",
      "{'anyOf':[{'properties':{'a':{'$ref':'#'}}},{'properties':{'b':{'$ref':'#'}}}]}",
      "{'type':'array','minItems':100,'items':{'type':'array','minItems':100,'items':{'$ref':'#'}}"
      "}",
      "{'type':'array','prefixItems':[{'$ref':'#'},{'type':'object','properties':{'a':{'$ref':'#'}}"
      "}]}",
      "{'type':'array','items':{'type':'object','properties':{'name':{'type':'string'},'x':"
      "{'$ref':'#'}}}}",
      "{'allOf':[{'$ref':'#'},{'allOf':[{'$ref':'#/allOf/1'}]}]}",
      "{'additionalProperties':{'$ref':'#'}}",
  };
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(schemas); i++) {
    inst_buf schema, text;
    begin_large(&schema, &text);
    inst_buf_add(&schema, inst_str_of(schemas[i]));
    for (int n = 0; n < 300; n++) inst_buf_addf(&text, "Zoe has: %d, Max: %d. ", n, n);
    ask_large(&schema, &text);
  }
}

static void choices_may_be_nested(void **state) {
  inst_buf schema, text;
  (void)state;
  begin_large(&schema, &text);
  for (int i = 0; i < 20; i++) {
    inst_buf_addf(&schema, "{'anyOf':[{'type':'number','minimum':1e6},{'properties':{'a':");
  }
  inst_buf_addf(&schema, "{'type':'boolean'}");
  for (int i = 0; i < 20; i++) inst_buf_addf(&schema, "},'required':['a']},{'type':'null'}]}");
  inst_buf_addf(&text, "nothing");
  ask_large(&schema, &text);
}

static void a_text_may_be_long(void **state) {
  static const char *const words[] = {"1 ",      "Zoe ", "a, b and ", "a@b.c ", "\\'x",
                                      "\\u0027", "{",    "1990-",     "is: "};
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(words); i++) {
    inst_buf schema, text;
    begin_large(&schema, &text);
    inst_buf_addf(&schema, "{'type':'object','properties':{");
    for (int n = 0; n < 15; n++) {
      inst_buf_addf(&schema,
                    "'name%d':{'type':'string'},'x%d':{'type':'number'},'l%d':{'type':'array',"
                    "'items':" USER "},'e%d':{'enum':['high','low']},",
                    n, n, n, n);
    }
    inst_buf_addf(&schema, "'z':{}},'required':['name1','x1','l1','z']}");
    while (text.n < 200000) inst_buf_add(&text, inst_str_of(words[i]));
    ask_large(&schema, &text);
  }
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* The whole way of one request; false: it said that memory ran out. */
static bool serve_with(inst_alloc alloc, void *ctx) {
  box_routes routes = {.alloc = alloc, .slip = BOX_SLIP_WORDS};
  box_http http;
  box_reply reply;
  inst_buf out;
  bool done = false;
  box_http_init(&http, alloc);
  box_reply_init(&reply, alloc);
  inst_buf_init(&out, alloc);
  box_http_feed(&http, *(inst_str *)ctx);
  assert_true(http.state >= BOX_HTTP_READY);
  box_routes_answer(&routes, &http, &reply);
  box_reply_write(&reply, &http, true, &out);
  if (!out.failed && !reply.body.failed) {
    done = reply.status == 200;
    if (!done) assert_int_equal(reply.status, 500);
  }
  inst_buf_clear(&out);
  box_reply_clear(&reply);
  box_http_clear(&http);
  return done;
}

static void every_lost_memory_is_said(void **state) {
  static const char *const bodies[] = {
      ASK(TOOL), ASK(FORMAT ",'stream':true"), ASK("'x':1"),
      "{'messages':[{'role':'system','content':'think tags {\\'type\\':\\'array\\',\\'items\\':"
      "{\\'anyOf\\':[{\\'type\\':\\'string\\',\\'minLength\\':2},{\\'type\\':\\'object\\'}]}}'}"
      "," QUESTION "]}"};
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(bodies); i++) {
    inst_buf request;
    inst_buf_init(&request, plain);
    write_request(&request, inst_str_of(bodies[i]));
    inst_str bytes = inst_buf_text(&request);
    assert_true(check_every_failure(serve_with, &bytes) > 10);
    inst_buf_clear(&request);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_prefix_of_a_request_is_survived),
      cmocka_unit_test(two_thousand_mutations_are_survived),
      cmocka_unit_test(two_thousand_spoilt_schemas_are_answered),
      cmocka_unit_test(a_schema_may_be_deep),
      cmocka_unit_test(a_schema_may_be_wide),
      cmocka_unit_test(a_schema_may_refer_to_itself_in_many_ways),
      cmocka_unit_test(choices_may_be_nested),
      cmocka_unit_test(a_text_may_be_long),
      cmocka_unit_test(every_lost_memory_is_said),
  };
  return cmocka_run_group_tests_name("sandbox limits", tests, NULL, NULL);
}
