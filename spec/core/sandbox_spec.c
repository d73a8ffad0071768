/*
** The sandbox's rules: what is cut out of a text, and how schemas are filled with it.
** Most of it are tables: a sentence, a schema, the value expected.
*/
#include "spec/core/sandbox_check.h"

#include "examples/sandbox/dates.h"
#include "examples/sandbox/fill.h"
#include "examples/sandbox/shape.h"
#include "examples/sandbox/sloppy.h"

/* ---- words ----------------------------------------------------------------------------------- */

/* The tokens of 'text', each as its kind's letter and what was read of it. */
static void write_tokens(const char *text, inst_buf *out) {
  static const char kinds[] = "wneuDtpcm|";
  inst_arena arena;
  box_words words;
  inst_arena_init(&arena, (inst_alloc){NULL, NULL});
  assert_true(box_words_read(&words, inst_str_of(text), &arena));
  for (size_t i = 0; i < words.count; i++) {
    const box_token *token = &words.tokens[i];
    char date[BOX_DATE_ROOM];
    inst_buf_addf(out, "%s%c ", i > 0 ? " " : "", kinds[token->kind]);
    if (token->kind == BOX_NUMBER)
      inst_buf_addf(out, "%g/%d", token->number, token->unit);
    else if (token->kind == BOX_DATE && box_date_write(token, BOX_DATE_AND_TIME, date) > 0)
      inst_buf_addf(out, "%s", date);
    else if (token->kind != BOX_BREAK)
      inst_buf_add(out, token->text);
  }
  inst_arena_clear(&arena);
}

static void a_text_is_cut_into_things_a_field_may_want(void **state) {
  static const char *const rows[][2] = {
      {"Zoe Park is 41.", "w Zoe w Park w is n 41/0 m ."},
      {"Ana-Maria O'Neill", "w Ana-Maria w O'Neill"},
      {"Zoe's cat, it's", "w Zoe m 's w cat m , w it's"},
      {"Zoe’s", "w Zoe m ’s"},
      {"Łukasz Żak", "w Łukasz w Żak"},
      {"1,250.50 1.250,50 1 3,5 1,2,3", "n 1250.5/0 n 1250.5/0 n 1/0 n 3.5/0 n 1/0 m , n 2.3/0"},
      {"1'234 007 -5 5-10", "n 1234/0 n 7/0 n -5/0 n 5/0 m - n 10/0"},
      {"twenty-five one hundred and five", "n 25/0 n 105/0"},
      {"2.5k 3 million two dozen", "n 2500/0 n 3e+06/0 n 24/0"},
      {"no one has one of 2", "w no w one w has w one w of n 2/0"},
      {"41-year-old 41 years old 41 years 41yo",
       "n 41/1 m - w year-old n 41/1 w years w old n 41/2 w "
       "years n 41/1 w yo"},
      {"$30 30 euros 5% 172 cm 4/5",
       "m $ n 30/3 n 30/3 w euros n 5/4 m % n 172/5 w cm n 4/9 m / n 5/0"},
      {"15 years of experience", "n 15/7 w years w of w experience"},
      {"in 1990 3rd", "w in n 1990/10 n 3/11"},
      {"zoe@example.com, x@y", "e zoe@example.com m , w x m @ w y"},
      {"https://a.example/x?y=1). example.com www.x.y",
       "u https://a.example/x?y=1 m ) m . u example.com "
       "u www.x.y"},
      {"2024-05-17 17.05.2024 5/17/2024 17/5/2024",
       "D 2024-05-17T00:00:00Z D 2024-05-17T00:00:00Z D 2024-05-17T00:00:00Z D "
       "2024-05-17T00:00:00Z"},
      {"2024-05-17T14:30:00Z 2024-05-17 14:30", "D 2024-05-17T14:30:00Z D 2024-05-17T14:30:00Z"},
      {"17 May 2024 May 17th, 2024 at 2:30 pm", "D 2024-05-17T00:00:00Z D 2024-05-17T14:30:00Z"},
      {"the 3rd of June, 1999", "w the D 1999-06-03T00:00:00Z"},
      {"at 10:30, 12 am or 30 am", "w at t 10:30 m , t 12 am w or n 30/0 w am"},
      {"+47 912 34 567 (555) 123-4567 555-0199", "p +47 912 34 567 p (555) 123-4567 p 555-0199"},
      {"call 555-0199 now", "w call p 555-0199 w now"},
      {"1990-2024", "n 1990/10 m - n 2024/10"},
      {"A-1042 3D 192.168.0.1", "c A-1042 c 3D c 192.168.0.1"},
      {"550e8400-e29b-41d4-a716-446655440000", "c 550e8400-e29b-41d4-a716-446655440000"},
      {"a\nb", "w a |  w b"},
      {"", ""},
      {"\xFF\xFE", "m \xFF m \xFE"},
  };
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) {
    inst_buf out;
    inst_buf_init(&out, (inst_alloc){NULL, NULL});
    write_tokens(rows[i][0], &out);
    inst_buf_byte(&out, '.');
    inst_str got = inst_buf_text(&out);
    assert_text(((inst_str){got.p, got.n - 1}), rows[i][1]);
    inst_buf_clear(&out);
  }
}

static void words_are_compared_whatever_their_case_and_ending(void **state) {
  (void)state;
  assert_true(box_same_word(INST_LIT("ŻAK"), INST_LIT("żak")));
  assert_true(box_same_word(INST_LIT("ПЕТРОВ"), INST_LIT("петров")));
  assert_false(box_same_word(INST_LIT("zoe"), INST_LIT("zoë")));
  assert_true(box_related_word(INST_LIT("student"), INST_LIT("Students")));
  assert_true(box_related_word(INST_LIT("city"), INST_LIT("cities")));
  assert_true(box_related_word(INST_LIT("billing"), INST_LIT("billed")));
  assert_false(box_related_word(INST_LIT("count"), INST_LIT("country")));
  assert_false(box_related_word(INST_LIT("a"), INST_LIT("as")));
}

/* ---- filling --------------------------------------------------------------------------------- */

typedef struct row {
  const char *schema, *text, *value; /* JSON with single quotes */
} row;

static inst_value *fill(inst_arena *arena, const char *schema, const char *text) {
  inst_error error = {0};
  box_filled filled;
  inst_value *v = inst_json_parse(arena, json_of(arena, schema), INST_MAX_DEPTH, &error);
  if (v == NULL) fail_msg("%s: %s", error.text, schema);
  assert_true(box_fill(&filled, v, INST_LIT("Answer"), inst_str_of(text), arena));
  return filled.value;
}

/* Fills the schema and compares; says what is wrong. */
static bool is_as_told(const row *r) {
  inst_arena arena;
  inst_arena_init(&arena, (inst_alloc){NULL, NULL});
  inst_str value = inst_json_text(&arena, fill(&arena, r->schema, r->text));
  inst_str expected = json_of(&arena, r->value);
  bool same = inst_str_is(value, expected);
  if (!same)
    print_error("%s\ngot:    %.*s\nwanted: %s\n", r->text, (int)value.n, value.p, expected.p);
  inst_arena_clear(&arena);
  return same;
}

static void check_rows(const row *rows, size_t count) {
  int wrong = 0;
  for (size_t i = 0; i < count; i++) wrong += !is_as_told(&rows[i]);
  assert_int_equal(wrong, 0);
}

static void a_person_gets_a_name_and_an_age(void **state) {
  static const char *const rows[][3] = {
      {"Zoe Park is 41 years old", "Zoe Park", "41"},
      {"Jason Liu is 30 years old", "Jason Liu", "30"},
      {"Dr. Ada Lovelace, 36, wrote programs", "Ada Lovelace", "36"},
      {"my name is Ana-Maria O'Neill and I am 27", "Ana-Maria O'Neill", "27"},
      {"41-year-old Zoe Park lives in Oslo", "Zoe Park", "41"},
      {"Łukasz Żak jest 30", "Łukasz Żak", "30"},
      {"Extract: Jason Liu is 30", "Jason Liu", "30"},
      {"Extract Jason Liu is 25", "Jason Liu", "25"},
      {"extract jason is 25 years old", "jason", "25"},
      {"Hello, I'm Will Smith. I'm thirty-one.", "Will Smith", "31"},
      {"ZOE PARK IS 41 YEARS OLD", "ZOE PARK", "41"},
      {"Zoe Park Is 41 Years Old", "Zoe Park", "41"},
      {"my friend zoe park is 41", "zoe park", "41"},
      {"Name: Zoe Park, Age: 41", "Zoe Park", "41"},
      {"Age: 41\nName: zoe park", "zoe park", "41"},
      {"May is 22", "May", "22"},
      {"Meet Zoe, aged 41, from Paris.", "Zoe", "41"},
      {"In Paris, 41 year old Zoë Çelik drinks tea.", "Zoë Çelik", "41"},
      {"Ludwig van Beethoven turned 56 in Vienna", "Ludwig van Beethoven", "56"},
      {"Zoe's age is 41", "Zoe", "41"},
      {"At the age of 41, Zoe Park moved to Oslo", "Zoe Park", "41"},
      {"On 12 May 2024 Zoe Park (41) bought 3 apples", "Zoe Park", "41"},
      {"Иван Петров, 33 года", "Иван Петров", "33"},
      {"李小龙 is 32 years old", "李小龙", "32"},
      {"J. R. R. Tolkien was 81", "J. R. R. Tolkien", "81"},
      {"Martin Luther King Jr. was 39 years old", "Martin Luther King Jr.", "39"},
      {"Zoe Park just celebrated her 30th birthday", "Zoe Park", "30"},
      {"There are 3 dogs. Zoe Park is 41 years old", "Zoe Park", "41"},
      {"Max Berg was 7 in 1990", "Max Berg", "7"},
      {"Max's mother Zoe Park is 41", "Zoe Park", "41"},
      {"The user is called Zoe Park and she is forty one", "Zoe Park", "41"},
      {"Zoe Park, who works at Acme, is 41.5", "Zoe Park", "41.5"},
      {"Congratulations to Zoe Park, 41!", "Zoe Park", "41"},
      {"Customer Zoe Park paid $30 and is 41 years old", "Zoe Park", "41"},
      {"The CEO Zoe Park (aged 41)", "Zoe Park", "41"},
      {"Nguyễn Văn A, 25 tuổi", "Nguyễn Văn A", "25"},
      {"Our new colleague Priya Raghunathan turns 29 tomorrow", "Priya Raghunathan", "29"},
      {"Alan Turing (1912-1954) was 41 when he died", "Alan Turing", "41"},
      {"At 63, Maria Lopez still runs marathons.", "Maria Lopez", "63"},
      {"Mr. José García Márquez is a 67-year-old man from Madrid.", "José García Márquez", "67"},
      {"I'm 52 and my name is Bob", "Bob", "52"},
      {"Hi! My name's Kim and I'm 19 years old.", "Kim", "19"},
      {"a 19 year old called kim", "kim", "19"},
      {"Elon Musk, CEO of Tesla, is 52", "Elon Musk", "52"},
      {"Mark will be 30 in May", "Mark", "30"},
      {"June Carter was 73", "June Carter", "73"},
      {"New York is 400 years old", "New York", "400"},
      {"Zoe Park - 41", "Zoe Park", "41"},
      {"name=Zoe age=41", "Zoe", "41"},
      {"nothing to see here", "", "0"},
      {"", "", "0"},
  };
  int wrong = 0;
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) {
    inst_arena arena;
    inst_arena_init(&arena, (inst_alloc){NULL, NULL});
    inst_value *user = fill(&arena, USER, rows[i][0]);
    inst_str name = inst_find_text(user, "name"),
             age = inst_json_text(&arena, inst_find(user, "age"));
    bool same =
        inst_str_is(name, inst_str_of(rows[i][1])) && inst_str_is(age, inst_str_of(rows[i][2]));
    if (!same)
      print_error("%s\ngot:    %.*s, %.*s\n", rows[i][0], (int)name.n, name.p, (int)age.n, age.p);
    wrong += !same;
    inst_arena_clear(&arena);
  }
  assert_int_equal(wrong, 0);
}

#define USERS "{'type':'array','items':" USER "}"
#define ITEMS                                                                                      \
  "{'type':'array','items':{'type':'object','properties':{'product':{'type':"                      \
  "'string'},'price':{'type':'number'},'quantity':{'type':'integer'}},'required':"                 \
  "['product','price','quantity']}}"

static void several_people_become_several_objects(void **state) {
  static const row rows[] = {
      {USERS, "Zoe is 41 and Max is 12", "[{'name':'Zoe','age':41},{'name':'Max','age':12}]"},
      {USERS, "Jason is 30, Ana is 27 and Bob is 45.",
       "[{'name':'Jason','age':30},{'name':'Ana','age':27},{'name':'Bob','age':45}]"},
      {USERS, "John, 31, and Mary, 29, live in Oslo",
       "[{'name':'John','age':31},{'name':'Mary','age':29}]"},
      {USERS, "41-year-old Zoe Park and 12-year-old Max",
       "[{'name':'Zoe Park','age':41},{'name':'Max','age':12}]"},
      {USERS, "- Jason, 25\n- Sarah, 30", "[{'name':'Jason','age':25},{'name':'Sarah','age':30}]"},
      {USERS, "Zoe is 41. She lives in Oslo. Max is 12.",
       "[{'name':'Zoe','age':41},{'name':'Max','age':12}]"},
      {USERS, "zoe is 41 and max is 12", "[{'name':'zoe','age':41},{'name':'max','age':12}]"},
      {USERS, "Max's mother Zoe Park is 41", "[{'name':'Zoe Park','age':41}]"},
      {USERS, "Zoe's age is 41 and Max's age is 12",
       "[{'name':'Zoe','age':41},{'name':'Max','age':12}]"},
      {USERS, "nobody", "[]"},
      {ITEMS, "Order: 2 apples at $1.50 and 3 pears at $2. Thanks!",
       "[{'product':'apples','price':1.5,'quantity':2},"
       "{'product':'pears','price':2,'quantity':3}]"},
  };
  (void)state;
  check_rows(rows, CHECK_COUNT(rows));
}

/* An object with one property, required. */
#define ONE(name, schema)                                                                          \
  "{'type':'object','properties':{'" name "':" schema "},'required':['" name "']}"
#define TEXT "{'type':'string'}"
#define NUMBER "{'type':'number'}"
#define TEXTS "{'type':'array','items':{'type':'string'}}"

static void strings_are_found_by_what_their_field_is_called(void **state) {
  static const char zoe[] =
      "Zoe Park is 41 years old, lives in Oslo, Norway and works as a software engineer at Acme "
      "Corp. "
      "Mail zoe@example.com or see https://zoe.example/x. Born on 12 May 1983 at 7:15 am. Call +47 "
      "912 "
      "34 567. Favourite colour: dark red. She speaks Norwegian. Order A-1042 was 30 EUR.";
  static const row rows[] = {
      {ONE("full_name", TEXT), zoe, "{'full_name':'Zoe Park'}"},
      {ONE("firstName", TEXT), zoe, "{'firstName':'Zoe'}"},
      {ONE("last_name", TEXT), zoe, "{'last_name':'Park'}"},
      {ONE("surname", TEXT), "Ludwig van Beethoven is 56", "{'surname':'van Beethoven'}"},
      {ONE("email", TEXT), zoe, "{'email':'zoe@example.com'}"},
      {ONE("contact", "{'type':'string','format':'email'}"), zoe, "{'contact':'zoe@example.com'}"},
      {ONE("website", TEXT), zoe, "{'website':'https://zoe.example/x'}"},
      {ONE("x", "{'type':'string','format':'uri'}"), "see example.com",
       "{'x':'https://example.com'}"},
      {ONE("birthday", "{'type':'string','format':'date'}"), zoe, "{'birthday':'1983-05-12'}"},
      {ONE("born_at", "{'type':'string','format':'date-time'}"), zoe,
       "{'born_at':'1983-05-12T07:15:00Z'}"},
      {ONE("time", "{'type':'string','format':'time'}"), zoe, "{'time':'07:15:00'}"},
      {ONE("due", TEXT), "Pay by next Friday", "{'due':'next Friday'}"},
      {ONE("city", TEXT), zoe, "{'city':'Oslo'}"},
      {ONE("country", TEXT), zoe, "{'country':'Norway'}"},
      {ONE("location", TEXT), zoe, "{'location':'Oslo, Norway'}"},
      {ONE("phone", TEXT), zoe, "{'phone':'+47 912 34 567'}"},
      {ONE("company", TEXT), zoe, "{'company':'Acme Corp'}"},
      {ONE("job_title", TEXT), zoe, "{'job_title':'software engineer'}"},
      {ONE("favourite_colour", TEXT), zoe, "{'favourite_colour':'dark red'}"},
      {ONE("language", TEXT), zoe, "{'language':'Norwegian'}"},
      {ONE("order_id", TEXT), zoe, "{'order_id':'A-1042'}"},
      {ONE("currency", TEXT), zoe, "{'currency':'EUR'}"},
      {ONE("age", TEXT), zoe, "{'age':'41'}"},
      {ONE("x", "{'type':'string','description':'The city she lives in'}"), zoe, "{'x':'Oslo'}"},
      {ONE("summary", TEXT), "It works. Well.", "{'summary':'It works.'}"},
      {ONE("text", TEXT), "It works. Well.", "{'text':'It works. Well.'}"},
      {ONE("title", TEXT), "I read 'Dune' today", "{'title':'Dune'}"},
      {ONE("author", TEXT), "'Dune' by Frank Herbert", "{'author':'Frank Herbert'}"},
      {ONE("from", TEXT), "Fly from Oslo to Paris", "{'from':'Oslo'}"},
      {ONE("to", TEXT), "Fly from Oslo to Paris", "{'to':'Paris'}"},
      {ONE("project", TEXT), "the project Apollo of Zoe", "{'project':'Apollo'}"},
      {ONE("nickname", TEXT), "Her nickname is bee", "{'nickname':'bee'}"},
      {ONE("value", TEXT), "all in all, fine. Good.", "{'value':'all in all, fine.'}"},
      {TEXT, "Zoe Park is 41", "'Zoe Park'"},
      {ONE("email", TEXT), "no address", "{'email':''}"},
  };
  (void)state;
  check_rows(rows, CHECK_COUNT(rows));
}

static void numbers_are_told_apart_by_words_and_units(void **state) {
  static const char zoe[] =
      "Zoe, 41, is 172 cm tall, weighs 60 kg, has 3 children and two dogs, earns "
      "$120,000 with 15 years of experience since 2009, and rates it 4.5 stars.";
  static const row rows[] = {
      {ONE("age", NUMBER), zoe, "{'age':41}"},
      {ONE("height_cm", NUMBER), zoe, "{'height_cm':172}"},
      {ONE("weight", NUMBER), zoe, "{'weight':60}"},
      {ONE("num_children", NUMBER), zoe, "{'num_children':3}"},
      {ONE("dogCount", "{'type':'integer'}"), zoe, "{'dogCount':2}"},
      {ONE("salary", NUMBER), zoe, "{'salary':120000}"},
      {ONE("years_of_experience", NUMBER), zoe, "{'years_of_experience':15}"},
      {ONE("year", NUMBER), zoe, "{'year':2009}"},
      {ONE("rating", NUMBER), zoe, "{'rating':4.5}"},
      {ONE("confidence", "{'type':'number','maximum':1}"), "I am 90% sure", "{'confidence':0.9}"},
      {ONE("temperature", NUMBER), "It is -3.5 °C", "{'temperature':-3.5}"},
      {ONE("price", NUMBER), "Costs €1.250,50 today", "{'price':1250.5}"},
      {ONE("x", NUMBER), "one of 7 things", "{'x':7}"},
      {ONE("x", "{'type':'integer'}"), "4.5 or 5", "{'x':5}"},
      {ONE("x", "{'type':'number','minimum':10}"), "4 or 12", "{'x':12}"},
      {ONE("age", "{'type':'integer','maximum':120}"), "Zoe is 200 years old", "{'age':200}"},
      {ONE("x", "{'type':'number','exclusiveMinimum':0}"), "none", "{'x':0.001}"},
      {ONE("x", "{'type':'integer','minimum':5}"), "none", "{'x':5}"},
      {"{'type':'array','items':{'type':'number'}}", "1, 2 and 4.5", "[1,2,4.5]"},
      {"{'type':'object','properties':{'height':{'type':'number'},'age':{'type':'number'}},"
       "'required':['height','age']}",
       "age 41 height 180", "{'height':180,'age':41}"},
  };
  (void)state;
  check_rows(rows, CHECK_COUNT(rows));
}

#define ENUM(members) "{'type':'string','enum':[" members "]}"
#define MOOD ENUM("'positive','neutral','negative'")

static void words_of_the_text_choose_members_and_flags(void **state) {
  static const row rows[] = {
      {ONE("p", ENUM("'low','high'")), "This is URGENT!", "{'p':'high'}"},
      {ONE("p", ENUM("'low','high'")), "not urgent", "{'p':'low'}"},
      {ONE("p", ENUM("'red','blue'")), "two blues", "{'p':'blue'}"},
      {ONE("p", ENUM("'todo','in_progress'")), "It is in progress", "{'p':'in_progress'}"},
      {ONE("p", ENUM("'a','b'")), "nothing", "{'p':'a'}"},
      {ONE("p", ENUM("'a','other'")), "nothing", "{'p':'other'}"},
      {ONE("p", ENUM("'billing','technical','other'")), "I was charged twice on my invoice",
       "{'p':'billing'}"},
      {ONE("p", MOOD), "I love it", "{'p':'positive'}"},
      {ONE("p", MOOD), "It is not good.", "{'p':'negative'}"},
      {ONE("p", MOOD), "It is.", "{'p':'neutral'}"},
      {ONE("p", "{'enum':[1,2,3]}"), "take 2", "{'p':2}"},
      {ONE("p", "{'const':'x'}"), "y", "{'p':'x'}"},
      {ENUM("'billing','delivery','praise'"), "Where is my parcel? The delivery is late.",
       "'delivery'"},
      {ONE("p", "{'type':'array','items':" ENUM("'red','green','blue'") "}"),
       "blue and red, but not green", "{'p':['blue','red']}"},
      {ONE("is_student", "{'type':'boolean'}"), "She is a student", "{'is_student':true}"},
      {ONE("is_student", "{'type':'boolean'}"), "She is not a student", "{'is_student':false}"},
      {ONE("isStudent", "{'type':'boolean'}"), "Student: no", "{'isStudent':false}"},
      {ONE("available", "{'type':'boolean'}"), "It is unavailable", "{'available':false}"},
      {ONE("likes_music", "{'type':'boolean'}"), "She likes tea", "{'likes_music':false}"},
      {ONE("is_spam", "{'type':'boolean'}"), "You win a free prize", "{'is_spam':true}"},
      {"{'type':'boolean'}", "yes, please", "true"},
  };
  (void)state;
  check_rows(rows, CHECK_COUNT(rows));
}

static void lists_are_read_where_the_text_lists(void **state) {
  static const row rows[] = {
      {ONE("hobbies", TEXTS), "Zoe lives in Oslo, Norway. She likes tea, chess and running.",
       "{'hobbies':['tea','chess','running']}"},
      {ONE("hobbies", TEXTS), "Her hobbies are chess and go", "{'hobbies':['chess','go']}"},
      {ONE("ingredients", TEXTS), "Ingredients:\n- flour\n- two eggs",
       "{'ingredients':['flour','two eggs']}"},
      {ONE("people", TEXTS), "Meeting with Zoe Park, Max Berg and Ana in Oslo",
       "{'people':['Zoe Park','Max Berg','Ana']}"},
      {ONE("cities", TEXTS), "from Oslo to Paris, in Bergen",
       "{'cities':['Oslo','Paris','Bergen']}"},
      {ONE("emails", TEXTS), "a@x.org, b@x.org, a@x.org", "{'emails':['a@x.org','b@x.org']}"},
      {ONE("dates", "{'type':'array','items':{'type':'string','format':'date'}}"),
       "1 May 2024 and 2024-06-02", "{'dates':['2024-05-01','2024-06-02']}"},
      {ONE("sentences", TEXTS), "One. Two!\nThree", "{'sentences':['One.','Two!','Three']}"},
      {ONE("tags", TEXTS), "sunny #beach #sea", "{'tags':['beach','sea']}"},
      {ONE("x", TEXTS), "Zoe met Max", "{'x':['Zoe','Max']}"},
      {ONE("x", TEXTS), "nothing", "{'x':[]}"},
      {ONE("x", "{'type':'array','minItems':2,'items':{'type':'string','minLength':3}}"), "-",
       "{'x':['unknown','unknown']}"},
      {ONE("people", "{'type':'array','maxItems':1,'items':{'type':'string'}}"), "Zoe and Max",
       "{'people':['Zoe']}"},
      {"{'type':'array','items':[{'type':'string'},{'type':'number'}]}", "Zoe is 41", "['Zoe',41]"},
      {"{'type':'object','additionalProperties':{'type':'number'}}", "Zoe is 41, Max is 12",
       "{'Zoe':41,'Max':12}"},
      {"{'type':'object','propertyNames':{'type':'string','enum':['math','art']},'required':['math'"
       ","
       "'art'],'additionalProperties':{'type':'number'}}",
       "math 12, art 7", "{'math':12,'art':7}"},
      {"{'type':'object','additionalProperties':{'type':'number'}}", "apples: 3, pears: 4",
       "{'apples':3,'pears':4}"},
  };
  (void)state;
  check_rows(rows, CHECK_COUNT(rows));
}

static void what_is_not_found_is_null_left_out_or_empty(void **state) {
  static const row rows[] = {
      {ONE("email", "{'type':['string','null']}"), "-", "{'email':null}"},
      {ONE("email", "{'anyOf':[{'type':'string'},{'type':'null'}]}"), "-", "{'email':null}"},
      {ONE("email", "{'type':'string','nullable':true}"), "-", "{'email':null}"},
      {ONE("x", "{'type':'string','default':'d'}"), "-", "{'x':'d'}"},
      {ONE("x", "{'type':'string','minLength':10}"), "-", "{'x':'unknown un'}"},
      {ONE("x", "{'type':'null'}"), "Zoe", "{'x':null}"},
      {ONE("x", "true"), "-", "{'x':''}"},
      {ONE("x", "{}"), "Zoe", "{'x':'Zoe'}"},
      {"{}", "Zoe", "'Zoe'"},
      {"true", "Zoe", "'Zoe'"},
      {"{'type':'object'}", "Zoe", "{}"},
      {"{'properties':{'name':{'type':'string'},'age':{'type':'number'},'email':{'type':"
       "'string'},'pets':{'type':'array','items':{'type':'string'}}}}",
       "Zoe Park", "{'name':'Zoe Park'}"},
      {ONE("user", ONE("name", TEXT)), "-", "{'user':{'name':''}}"},
      {"{'properties':{'user':" ONE("name", TEXT) "}}", "-", "{}"},
      {ONE("name", "{'type':'string','maxLength':3}"), "Zoë Park is 4", "{'name':'Zoë'}"},
  };
  (void)state;
  check_rows(rows, CHECK_COUNT(rows));
}

#define PET(type)                                                                                  \
  "{'type':'object','properties':{'type':{'const':'" type                                          \
  "'},'name':{'type':'string'}},'required':['type','name']}"
#define NODE                                                                                       \
  "{'type':'object','properties':{'name':{'type':'string'},'children':{'type':"                    \
  "'array','items':{'$ref':'#'}}},'required':['name','children']}"

static void every_spelling_of_a_schema_is_followed(void **state) {
  static const row rows[] = {
      {"{'$ref':'#/$defs/U','$defs':{'U':" USER "}}", "Zoe is 41", "{'name':'Zoe','age':41}"},
      {"{'$ref':'#/definitions/a~1b','definitions':{'a/b':" USER "}}", "Zoe is 41",
       "{'name':'Zoe','age':41}"},
      {"{'allOf':[" ONE("name", TEXT) "," ONE("age", NUMBER) "]}", "Zoe is 41",
       "{'name':'Zoe','age':41}"},
      {"{'anyOf':[" ONE("email", TEXT) "," USER "]}", "Zoe is 41", "{'name':'Zoe','age':41}"},
      {"{'oneOf':[" PET("cat") "," PET("dog") "]}", "Rex is a dog", "{'type':'dog','name':'Rex'}"},
      {"{'anyOf':[{'const':'a b'},{'const':'c'}]}", "is it c?", "'a b'"},
      {ONE("x", "{'anyOf':[{'type':'number'},{'type':'boolean'}]}"), "It is 7", "{'x':7}"},
      {ONE("x", "{'type':['number','string']}"), "Her x is blue", "{'x':'blue'}"},
      {"{'$ref':'#/$defs/gone'}", "Zoe", "'Zoe'"},
      {"{'$ref':'#'}", "Zoe", "'Zoe'"},
      {"{'$ref':'#/$defs/a','$defs':{'a':{'$ref':'#/$defs/b'},'b':{'$ref':'#/$defs/a'}}}", "Zoe",
       "'Zoe'"},
      {NODE, "Zoe is 41 and her child Max is 12",
       "{'name':'Zoe','children':[{'name':'Max','children':[]}]}"},
      {ONE("sender", ONE("email", TEXT)), "From a@x.org to b@x.org",
       "{'sender':{'email':'a@x.org'}}"},
      {ONE("recipient", ONE("email", TEXT)), "From a@x.org to b@x.org",
       "{'recipient':{'email':'b@x.org'}}"},
  };
  (void)state;
  check_rows(rows, CHECK_COUNT(rows));
}

/* ---- errors on purpose, memory --------------------------------------------------------------- */

static void slips_are_chosen_by_words(void **state) {
  (void)state;
  assert_int_equal(box_slip_find(INST_LIT("1")), BOX_SLIP_WORDS);
  assert_int_equal(box_slip_find(INST_LIT("Prose")), BOX_SLIP_PROSE);
  assert_int_equal(box_slip_find(INST_LIT("0")), BOX_SLIP_NONE);
  assert_int_equal(box_slip_find(INST_LIT("")), BOX_SLIP_COUNT);
  assert_int_equal(box_slip_find(INST_LIT("nonsense")), BOX_SLIP_COUNT);
}

/* A number becomes words with a unit that suits its field. */
static void a_number_slips_into_words(void **state) {
  static const row rows[] = {
      {ONE("age", NUMBER), "Zoe is 41", "{'age':'41 years'}"},
      {ONE("price", NUMBER), "for $5", "{'price':'$5'}"},
      {ONE("height", NUMBER), "172 cm tall", "{'height':'172 cm'}"},
      {ONE("year", NUMBER), "in 1990", "{'year':'the year 1990'}"},
      {ONE("x", NUMBER), "7 things", "{'x':'about 7'}"},
      {ONE("x", "{'enum':[1,2]}"), "1", "{}"},
      {ONE("x", "{'type':['number','string']}"), "x: 7", "{}"},
      {ONE("user", ONE("age", NUMBER)), "Zoe is 41", "{'user':{'age':'41 years'}}"},
      {"{'type':'array','items':" ONE("age", NUMBER) "}", "41 years old", "[{'age':'41 years'}]"},
      {"{'type':'string'}", "Zoe", "'Zoe'"},
  };
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) {
    inst_arena arena;
    inst_error error = {0};
    box_filled filled;
    inst_arena_init(&arena, (inst_alloc){NULL, NULL});
    inst_value *schema = inst_json_parse(&arena, json_of(&arena, rows[i].schema), 99, &error);
    assert_true(box_fill(&filled, schema, INST_LIT(""), inst_str_of(rows[i].text), &arena));
    box_slip_value(BOX_SLIP_WORDS, &filled, schema, &arena);
    assert_json(filled.value, json_of(&arena, rows[i].value).p);
    inst_arena_clear(&arena);
  }
}

static bool fill_with(inst_alloc alloc, void *ctx) {
  const row *r = ctx;
  inst_arena arena;
  inst_error error = {0};
  box_filled filled;
  inst_arena_init(&arena, alloc);
  inst_value *schema = inst_json_parse(&arena, inst_str_of(r->schema), INST_MAX_DEPTH, &error);
  bool done =
      schema != NULL && box_fill(&filled, schema, INST_LIT("x"), inst_str_of(r->text), &arena);
  inst_arena_clear(&arena);
  return done;
}

static void every_failure_of_filling_is_said(void **state) {
  static const row rows[] = {
      {USERS, "Zoe is 41 and Max is 12. Ana, 7, lives in Oslo.", NULL},
      {NODE, "Zoe is 41 and her child Max is 12", NULL},
      {"{'oneOf':[" PET("cat") "," PET("dog") "]}", "Rex is a dog", NULL},
      {ONE("x", "{'type':'string','format':'uri'}"), "see example.com", NULL},
  };
  (void)state;
  for (size_t i = 0; i < CHECK_COUNT(rows); i++) {
    inst_arena arena;
    inst_arena_init(&arena, (inst_alloc){NULL, NULL});
    row r = {json_of(&arena, rows[i].schema).p, rows[i].text, NULL};
    assert_true(check_every_failure(fill_with, &r) > 1);
    inst_arena_clear(&arena);
  }
}

/* Any text, however it is cut, leads to some value. */
static void every_piece_of_a_text_is_read(void **state) {
  static const char text[] =
      "Dr. Łukasz O’Neill-Żak, 41 (born 3 May 1983 at 2:30 pm), paid “$1,250.50” to a@b.c — "
      "see https://x.y/z, +47 912 34 567, A-1042; he's 25% happier. \xFF\xF0\x9F";
  (void)state;
  for (size_t from = 0; from < sizeof text; from++) {
    for (size_t to = from; to < sizeof text && to <= from + 24; to++) {
      inst_arena arena;
      box_words words;
      inst_arena_init(&arena, (inst_alloc){NULL, NULL});
      char *copy = malloc(to - from + 1); /* as large as it is, so that a step too far is seen */
      assert_non_null(copy);
      memcpy(copy, text + from, to - from);
      assert_true(box_words_read(&words, (inst_str){copy, to - from}, &arena));
      free(copy);
      inst_arena_clear(&arena);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_text_is_cut_into_things_a_field_may_want),
      cmocka_unit_test(every_piece_of_a_text_is_read),
      cmocka_unit_test(words_are_compared_whatever_their_case_and_ending),
      cmocka_unit_test(a_person_gets_a_name_and_an_age),
      cmocka_unit_test(several_people_become_several_objects),
      cmocka_unit_test(strings_are_found_by_what_their_field_is_called),
      cmocka_unit_test(numbers_are_told_apart_by_words_and_units),
      cmocka_unit_test(words_of_the_text_choose_members_and_flags),
      cmocka_unit_test(lists_are_read_where_the_text_lists),
      cmocka_unit_test(what_is_not_found_is_null_left_out_or_empty),
      cmocka_unit_test(every_spelling_of_a_schema_is_followed),
      cmocka_unit_test(slips_are_chosen_by_words),
      cmocka_unit_test(a_number_slips_into_words),
      cmocka_unit_test(every_failure_of_filling_is_said),
  };
  return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
