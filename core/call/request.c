/*
** The body written, the rest taken from the address.
*/
#include "core/call/request.h"

#include "core/base/error.h"
#include "core/json/write.h"

#define BODY_SIZE 2000 /* bytes that a short question is written from */

static inst_str body_text(const inst_dialect *dialect, const inst_ask *ask, const inst_value *turns,
                          inst_arena *work, inst_arena *arena) {
  const inst_value *body = dialect->write(ask, turns, work);
  return body != NULL && !inst_arena_failed(work) ? inst_json_text(arena, body)
                                                  : (inst_str){NULL, 0};
}

/* The body's text; p NULL: no memory.  A stream, which waits long, gives back what it was written
** from. */
static inst_str write_body(const inst_call_options *options, const inst_dialect *dialect,
                           const inst_ask *ask, const inst_value *turns, inst_arena *arena) {
  inst_arena scratch;
  if (!options->stream) return body_text(dialect, ask, turns, arena, arena);
  inst_arena_init(&scratch, arena->alloc);
  inst_arena_reserve(&scratch, BODY_SIZE);
  inst_str text = body_text(dialect, ask, turns, &scratch, arena);
  inst_arena_clear(&scratch);
  return text;
}

int inst_request_build(inst_request *request, const inst_call_options *options,
                       inst_address *address, const inst_dialect *dialect, const inst_ask *ask,
                       const inst_value *turns, inst_arena *arena, inst_error *error) {
  inst_str body = write_body(options, dialect, ask, turns, arena);
  if (body.p == NULL) return inst_error_memory(error);
  if (address->url == NULL && inst_address_complete(address, dialect->path, arena, error) != 0)
    return -1;
  *request = (inst_request){.method = "POST",
                            .url = address->url,
                            .headers = address->headers,
                            .header_count = address->header_count,
                            .body = body,
                            .connect_timeout = options->connect_timeout,
                            .total_timeout = options->deadline,
                            .streamed = options->stream};
  return 0;
}
