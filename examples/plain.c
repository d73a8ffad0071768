/*
** The founding example in C, through core/instructor.h alone.
**
**     plain BASE_URL [TEXT]
**
** Asks the server at BASE_URL (make sandbox prints one) for a user's name and age, with three
** retries, and prints what came.  The key, if one is needed, is read from INSTRUCTOR_API_KEY.
*/
#include <instructor.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inst_str text(const char *s) {
  return (inst_str){s, s != NULL ? strlen(s) : 0};
}

/* z.object { age = z.number(), name = z.string() } */
static inst_schema *user_schema(inst_error *error) {
  inst_schema *schema = inst_schema_new((inst_alloc){NULL, NULL});
  if (schema == NULL) return NULL;
  inst_node user = inst_schema_node(schema, INST_NODE_OBJECT);
  inst_schema_field(schema, user, text("age"), inst_schema_node(schema, INST_NODE_NUMBER));
  inst_schema_field(schema, user, text("name"), inst_schema_node(schema, INST_NODE_STRING));
  if (inst_schema_finish(schema, user, error) == 0) return schema;
  inst_schema_free(schema);
  return NULL;
}

/* { model = …, messages = "…" } */
static inst_value *parameters(inst_arena *arena, const char *question) {
  inst_value *params = inst_object(arena);
  inst_put(arena, params, text("model"),
           inst_string(arena, text("mistralai/Mixtral-8x7B-Instruct-v0.1")));
  inst_put(arena, params, text("messages"), inst_string(arena, text(question)));
  return params;
}

static void print_result(const inst_call *call) {
  const inst_value *user = inst_call_value(call);
  inst_str name = inst_value_text(inst_value_find(user, text("name")));
  inst_usage usage = inst_call_usage(call);
  int attempts = 0;
  for (const inst_attempt *a = inst_call_attempts(call); a != NULL; a = a->next) attempts++;
  printf("name = %.*s, age = %g (%d attempts, %lld tokens)\n", (int)name.n, name.p,
         inst_value_real(inst_value_find(user, text("age"))), attempts,
         (long long)usage.total_tokens);
}

/* Drives the call to its end.  A host with something else to do would do it at INST_WANT_WAIT. */
static int run(inst_engine *engine, inst_call *call) {
  for (;;) switch (inst_engine_drive(engine, call, 0.1)) {
    case INST_WANT_DONE: print_result(call); return 0;
    case INST_WANT_FAILED:
      fprintf(stderr, "%s: %s\n", inst_code_name(inst_call_error(call)->code),
              inst_call_error(call)->text);
      return 1;
    default: break;
    }
}

static int fail(const inst_error *error) {
  fprintf(stderr, "%s\n", error->text);
  return 1;
}

static int ask(inst_engine *engine, const inst_schema *schema, const char *url,
               const char *question) {
  inst_error error;
  inst_call_options options;
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  if (arena == NULL) return 1;
  inst_call_defaults(&options);
  options.provider = inst_provider_for_url(text(url));
  options.mode = INST_MODE_JSON_SCHEMA;
  options.schema = schema;
  options.name = text("User");
  options.base_url = text(url);
  options.api_key = text(getenv("INSTRUCTOR_API_KEY"));
  options.params = parameters(arena, question);
  options.max_retries = 3;
  inst_call *call = inst_call_new(&options, &error);
  int status = call != NULL ? run(engine, call) : fail(&error);
  if (call != NULL) inst_engine_drop(engine, call);
  inst_call_free(call);
  inst_arena_free(arena);
  return status;
}

int main(int argc, char **argv) {
  inst_error error = {.code = INST_E_NONE};
  inst_transport_options how = {.proxy = NULL};
  if (argc < 2) {
    fprintf(stderr, "usage: %s BASE_URL [TEXT]\n", argv[0]);
    return 2;
  }
  inst_schema *schema = user_schema(&error);
  inst_engine *engine = inst_engine_new(inst_curl(), &how, (inst_alloc){NULL, NULL}, &error);
  int status = schema != NULL && engine != NULL
                   ? ask(engine, schema, argv[1], argc > 2 ? argv[2] : "Jason Liu is 30 years old")
                   : fail(&error);
  inst_engine_free(engine);
  inst_schema_free(schema);
  return status;
}
