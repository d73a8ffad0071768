/*
** instructor: typed, validated answers from language models.
**
** This is the door of the C library: everything a host may call, and the words the whole house
** shares.  It knows no Lua and no socket; the one transport it names, inst_curl, lives in a
** library of its own (libinstructor-curl).
**
** Three words say who owns memory:
**   given   it is yours now; free it with the function named;
**   lent    it stays ours; it is valid until the moment named;
**   kept    we hold on to what you passed; it must outlive the object named.
** What is not marked is copied.
**
** What can fail returns an int (0 is well) or NULL, and says why in an inst_error.  Text is a
** pointer and a length and need not end in zero.  Times are seconds, on any clock that only runs
** forward.
*/
#ifndef INSTRUCTOR_H
#define INSTRUCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define INST_API __attribute__((visibility("default")))
#define INST_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define INST_API
#define INST_PRINTF(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define INST_VERSION "0.1.0"

/* ---- limits and defaults: each is an option, a constant, and a spec ---------------------- */

#define INST_MAX_DEPTH 128               /* levels of nesting in a JSON text or a Lua value */
#define INST_MAX_ANSWER (16u << 20)      /* bytes of one answer's body */
#define INST_MAX_HEADER_BYTES (1u << 18) /* bytes of one answer's headers */
#define INST_CONNECT_TIMEOUT 10.0        /* seconds until the connection stands */
#define INST_FIRST_BYTE_TIMEOUT 600.0    /* seconds from asking to the first byte of the answer */
#define INST_IDLE_TIMEOUT 60.0           /* seconds between two bytes of the answer */
#define INST_TOTAL_TIMEOUT 600.0         /* seconds for the whole call, all attempts and waits */
#define INST_HTTP_RETRIES 2              /* times a failed request is sent again */
#define INST_RETRY_AFTER_MAX 60.0        /* a longer Retry-After is not obeyed */
#define INST_BACKOFF_INITIAL 0.5         /* seconds before the first HTTP retry */
#define INST_BACKOFF_FACTOR 2.0
#define INST_BACKOFF_MAX 8.0
#define INST_BACKOFF_JITTER 0.25 /* up to this share is taken off at random */
#define INST_MAX_ISSUES 1000     /* issues of one value; there a parse stops */
#define INST_MAX_REPAIRS 1000    /* edits of one answer that are listed; more are made unlisted */
#define INST_QUOTE_MAX 200       /* bytes of foreign text quoted in an error */
#define INST_SAID_MAX 2000       /* bytes kept of what a provider says of its own error */

/* ---- text, memory, errors ------------------------------------------------------------------ */

typedef struct inst_str {
  const char *p; /* NULL means: no text at all */
  size_t n;
} inst_str;

/* How many bytes of 'text' are well-formed UTF-8 from its start (no surrogates, no overlongs). */
INST_API size_t inst_utf8_span(inst_str text);

/* The shape of lua_Alloc: 'size' 0 frees and returns NULL; otherwise NULL means out of memory. */
typedef struct inst_alloc {
  void *(*fn)(void *ctx, void *p, size_t old_size, size_t size); /* NULL: realloc and free */
  void *ctx;
} inst_alloc;

/* Memory with one lifetime: everything in it is freed at once.  It remembers that it ran out, so
** a row of constructors may be written down and asked once, at the end. */
typedef struct inst_arena inst_arena;
INST_API inst_arena *inst_arena_new(inst_alloc alloc); /* given: inst_arena_free; NULL: no memory */
INST_API void inst_arena_free(inst_arena *arena);      /* accepts NULL */
INST_API void *inst_arena_get(inst_arena *arena, size_t size); /* lent; aligned; NULL: no memory */
INST_API bool inst_arena_failed(const inst_arena *arena);      /* has a request ever failed? */
/* Forgets what is in it and keeps its newest memory, so that it may serve again. */
INST_API void inst_arena_reset(inst_arena *arena);
/* How many bytes it holds, used or not. */
INST_API size_t inst_arena_size(const inst_arena *arena);

/* How a call or a parse can fail.  The names are what Lua sees in err.kind. */
#define INST_CODES(X)                                                                              \
  X(NONE, "none", "nothing went wrong")                                                            \
  X(NETWORK, "network", "the connection failed")                                                   \
  X(TIMEOUT, "timeout", "time ran out")                                                            \
  X(HTTP, "http", "the server answered with an error status")                                      \
  X(PROTOCOL, "protocol", "the answer is no completion")                                           \
  X(JSON, "json", "the answer is not JSON")                                                        \
  X(NO_ANSWER, "no_answer", "the model gave no answer")                                            \
  X(VALIDATION, "validation", "the value does not fit the schema")                                 \
  X(REFUSAL, "refusal", "the model refused")                                                       \
  X(INCOMPLETE, "incomplete", "the answer was cut off")                                            \
  X(CONTENT_FILTER, "content_filter", "a content filter stopped the answer")                       \
  X(CANCELLED, "cancelled", "the caller cancelled")                                                \
  X(BUDGET, "budget", "the token budget is spent")                                                 \
  X(LIMIT, "limit", "a limit was passed")                                                          \
  X(MEMORY, "memory", "memory ran out")                                                            \
  X(REPLAY, "replay", "no recorded answer fits")                                                   \
  X(USAGE, "usage", "the library was called wrongly")

typedef enum inst_code {
#define INST_X(name, text, meaning) INST_E_##name,
  INST_CODES(INST_X)
#undef INST_X
      INST_CODE_COUNT
} inst_code;

INST_API const char *inst_code_name(inst_code code); /* lent for ever */

/* Filled by whoever saw the fault first; needs no memory of its own. */
typedef struct inst_error {
  inst_code code;
  int status;      /* HTTP status, or 0 */
  bool retryable;  /* may the same request do better later? */
  size_t offset;   /* byte in the text being read, or 0 */
  char reason[64]; /* INCOMPLETE: "length" or "cut_off"; else the provider's own code, or "" */
  char text[512];  /* one or two sentences, quoted text capped; always ends in '\0' */
} inst_error;

/* ---- JSON values ----------------------------------------------------------------------------- */

/* The kinds, with the names validation issues use for them. */
#define INST_VALUES(X)                                                                             \
  X(NULL, "null")                                                                                  \
  X(BOOL, "boolean")                                                                               \
  X(INT, "number")  /* fits int64_t and was written without fraction or exponent */                \
  X(REAL, "number") /* any other finite number */                                                  \
  X(STRING, "string")                                                                              \
  X(ARRAY, "array")                                                                                \
  X(OBJECT, "object") /* members keep their order */                                               \
  X(OPAQUE, "opaque") /* a value of the host's that C cannot hold; see inst_value_ref */

typedef enum inst_value_kind {
#define INST_X(name, text) INST_##name,
  INST_VALUES(INST_X)
#undef INST_X
      INST_VALUE_COUNT
} inst_value_kind;

/* A value lives in an arena and stands in at most one array or object.  A value that stands in an
** object has a key. */
typedef struct inst_value inst_value;

/* Constructors: lent as long as 'arena' lives; NULL when memory is out, and every function below
** that takes a value to store accepts that NULL and does nothing. */
INST_API inst_value *inst_null(inst_arena *arena);
INST_API inst_value *inst_bool(inst_arena *arena, bool b);
INST_API inst_value *inst_int(inst_arena *arena, int64_t i);
INST_API inst_value *inst_real(inst_arena *arena, double d);
INST_API inst_value *inst_string(inst_arena *arena, inst_str text); /* copies the bytes */
INST_API inst_value *inst_array(inst_arena *arena);
INST_API inst_value *inst_object(inst_arena *arena);
/* 'ref' is the host's own number for the value; 'name' (kept: static) is what issues call it. */
INST_API inst_value *inst_opaque(inst_arena *arena, uint32_t ref, const char *name);
/* An empty table of a host that cannot tell: an object, or an array where one is expected. */
INST_API inst_value *inst_either(inst_arena *arena);
INST_API inst_value *inst_value_copy(inst_arena *arena, const inst_value *v); /* deep, unkeyed */

INST_API void inst_push(inst_value *array, inst_value *item);
INST_API void inst_put(inst_arena *arena, inst_value *object, inst_str key, inst_value *item);

INST_API inst_value_kind inst_value_kind_of(const inst_value *v);
INST_API bool inst_value_bool(const inst_value *v);
INST_API int64_t inst_value_int(const inst_value *v);
INST_API double inst_value_real(const inst_value *v);   /* INT or REAL */
INST_API inst_str inst_value_text(const inst_value *v); /* STRING; lent like the value */
INST_API size_t inst_value_count(const inst_value *v);  /* items or members */
INST_API inst_value *inst_value_first(const inst_value *v);
INST_API inst_value *inst_value_next(const inst_value *v);
INST_API inst_str inst_value_key(const inst_value *v);
INST_API inst_value *inst_value_find(const inst_value *object, inst_str key); /* may be NULL */
/* The host's own object behind a value (OPAQUE, or any value given a ref); 0: none. */
INST_API uint32_t inst_value_ref(const inst_value *v);
INST_API void inst_value_set_ref(inst_value *v, uint32_t ref);
/* Was this value stored by a declared field of an object schema? */
INST_API bool inst_value_is_field(const inst_value *v);

/* Strict JSON text to a value.  NULL: 'error' has code JSON (with offset), LIMIT or MEMORY. */
INST_API inst_value *inst_json_parse(inst_arena *arena, inst_str text, unsigned max_depth,
                                     inst_error *error);

/* What was done to an answer to read it. */
#define INST_EDITS(X)                                                                              \
  X(THOUGHTS, "thoughts") /* <think> … </think> before it was left out */                        \
  X(FENCE, "fence")       /* so were the backticks around it */                                    \
  X(PROSE, "prose")       /* so were words before or behind it */                                  \
  X(COMMENT, "comment")   /* // … or # … or a block */                                         \
  X(SINGLE_QUOTES, "single_quotes")                                                                \
  X(TYPOGRAPHIC_QUOTES, "typographic_quotes")                                                      \
  X(BACKTICKS, "backticks")           /* around a string */                                        \
  X(TRIPLE_QUOTES, "triple_quotes")   /* as Python has them */                                     \
  X(ESCAPED_QUOTES, "escaped_quotes") /* a backslash before each: {\"a\": 1} */                    \
  X(UNQUOTED_KEY, "unquoted_key")                                                                  \
  X(UNQUOTED_VALUE, "unquoted_value")       /* words that became a string */                       \
  X(UNESCAPED_QUOTE, "unescaped_quote")     /* inside a string */                                  \
  X(ESCAPE, "escape")                       /* a backslash before what JSON has no escape for */   \
  X(RAW_NEWLINE, "raw_newline")             /* inside a string */                                  \
  X(CONTROL_CHARACTER, "control_character") /* the same */                                         \
  X(EXTRA_COMMA, "extra_comma")             /* leading, trailing or doubled */                     \
  X(MISSING_COMMA, "missing_comma")                                                                \
  X(MISSING_CLOSER, "missing_closer")         /* } or ] behind a complete value */                 \
  X(PYTHON_LITERAL, "python_literal")         /* True, False, None and their like */               \
  X(JAVASCRIPT_LITERAL, "javascript_literal") /* undefined: no member, or null in a list */        \
  X(NUMBER_FORM, "number_form")               /* +1, .5, 5. */                                     \
  X(NESTED_JSON, "nested_json")               /* a string that held the value as JSON */           \
  X(NUMBER_FROM_STRING, "number_from_string") /* from here on: INST_REPAIR_COERCE alone */         \
  X(BOOLEAN_FROM_STRING, "boolean_from_string")                                                    \
  X(LIST_OF_ONE, "list_of_one")     /* a value where a list of it was asked for */                 \
  X(ENUM_SPELLING, "enum_spelling") /* but for case and punctuation it was one of the choices */

typedef enum inst_edit_kind {
#define INST_X(name, text) INST_EDIT_##name,
  INST_EDITS(INST_X)
#undef INST_X
      INST_EDIT_COUNT
} inst_edit_kind;
INST_API const char *inst_edit_name(inst_edit_kind kind);

/* How far an answer that cannot be used as it stands may be changed. */
typedef enum inst_repair_level {
  INST_REPAIR_NONE,  /* strict: not at all */
  INST_REPAIR_TEXT,  /* what is broken in its JSON is mended; no value is changed */
  INST_REPAIR_COERCE /* and values that say the same are taken: "30" for 30, one for a list of one */
} inst_repair_level;

typedef struct inst_edit {
  inst_edit_kind what;
  size_t offset; /* byte in the text: the answer's, or that of the string at 'path' */
  const struct inst_segment *path; /* of the value that was changed; NULL: the text was */
  size_t path_count;
  struct inst_edit *next;
} inst_edit;

/* A value to compact JSON text, lent as long as 'arena' lives; p is NULL when memory is out. */
INST_API inst_str inst_json_text(inst_arena *arena, const inst_value *v);

/* ---- schemas --------------------------------------------------------------------------------- */

/* Node kinds: name, and what a node of the kind is given.  "inner": inst_schema_inner. */
#define INST_NODES(X)                                                                              \
  X(ANY, "any")                                                                                    \
  X(UNKNOWN, "unknown")                                                                            \
  X(NEVER, "never")                                                                                \
  X(NULL, "null")                                                                                  \
  X(BOOLEAN, "boolean")                                                                            \
  X(NUMBER, "number")                                                                              \
  X(STRING, "string")                                                                              \
  X(LITERAL, "literal") /* inst_schema_value, one or more */                                       \
  X(ENUM, "enum")       /* inst_schema_value, strings or numbers */                                \
  X(OBJECT, "object")   /* inst_schema_field, in order; inst_schema_rest: all other keys */        \
  X(ARRAY, "array")     /* inner: the element */                                                   \
  X(TUPLE, "tuple")     /* inner: the items, any number; inst_schema_rest: what follows */         \
  X(RECORD, "record")   /* inner twice: key, value */                                              \
  X(UNION, "union")     /* inner: the options, any number; inst_schema_discriminator */            \
  X(INTERSECTION, "intersection") /* inner twice */                                                \
  X(OPTIONAL, "optional")         /* inner */                                                      \
  X(NULLABLE, "nullable")         /* inner */                                                      \
  X(NONOPTIONAL, "nonoptional")   /* inner */                                                      \
  X(READONLY, "readonly")         /* inner */                                                      \
  X(DEFAULT, "default")   /* inner; inst_schema_value or inst_schema_code gives the result */      \
  X(PREFAULT, "prefault") /* the same, but what comes in */                                        \
  X(CATCH, "catch")       /* the same, where anything is wrong */                                  \
  X(PIPE, "pipe")         /* inner twice: left, right */                                           \
  X(LAZY, "lazy") /* inner, which may be set last: what stands in itself goes through one */       \
  X(TRANSFORM, "transform") /* inst_schema_code */

typedef enum inst_node_kind {
#define INST_X(name, text) INST_NODE_##name,
  INST_NODES(INST_X)
#undef INST_X
      INST_NODE_COUNT
} inst_node_kind;

/* Checks of strings, numbers, arrays: name, and what inst_schema_check takes as its argument. */
#define INST_CHECKS(X)                                                                             \
  X(MIN, "min", NUMBER) /* string: code points; array: items; number: >= */                        \
  X(MAX, "max", NUMBER)                                                                            \
  X(LENGTH, "length", NUMBER)                                                                      \
  X(GT, "gt", NUMBER)                                                                              \
  X(LT, "lt", NUMBER)                                                                              \
  X(MULTIPLE_OF, "multiple_of", NUMBER)                                                            \
  X(INT, "int", NOTHING)                                                                           \
  X(REGEX, "regex", TEXT)       /* ECMAScript syntax, unicode; flags in 'extra' */                 \
  X(FORMAT, "format", TEXT)     /* a name, as "email"; options in 'extra' */                       \
  X(INCLUDES, "includes", TEXT) /* behind its first 'number' code points */                        \
  X(STARTS_WITH, "starts_with", TEXT)                                                              \
  X(ENDS_WITH, "ends_with", TEXT)                                                                  \
  X(LOWERCASE, "lowercase", NOTHING)                                                               \
  X(UPPERCASE, "uppercase", NOTHING)                                                               \
  X(TRIM, "trim", NOTHING)         /* rewrites the value at its place in the list */               \
  X(TO_LOWER, "to_lower", NOTHING) /* ASCII letters */                                             \
  X(TO_UPPER, "to_upper", NOTHING)                                                                 \
  X(REFINE, "refine", CODE)       /* the host's verdict */                                         \
  X(OVERWRITE, "overwrite", CODE) /* the host's new value of the same type */

typedef enum inst_check_kind {
#define INST_X(name, text, takes) INST_CHECK_##name,
  INST_CHECKS(INST_X)
#undef INST_X
      INST_CHECK_COUNT
} inst_check_kind;

/* What changes how a node works. */
#define INST_TRAITS(X)                                                                             \
  X(COERCE, "coerce")         /* STRING, NUMBER, BOOLEAN: whatever comes is converted first */     \
  X(EXCLUSIVE, "exclusive")   /* UNION: exactly one option may fit */                              \
  X(FALLBACK, "fallback")     /* UNION: a discriminator that names no option: all are tried */     \
  X(PARTIAL, "partial")       /* RECORD: keys of a finite key schema may be missing */             \
  X(LOOSE, "loose")           /* RECORD: keys that do not fit are kept as they are */              \
  X(WHEN_WHOLE, "when_whole") /* any: in a stream it is not shown before it is complete */         \
  X(WITHHOLD, "withhold")     /* a field: in a stream its object is not shown before it is there */

typedef enum inst_trait {
#define INST_X(name, text) INST_TRAIT_##name,
  INST_TRAITS(INST_X)
#undef INST_X
      INST_TRAIT_COUNT
} inst_trait;

/* What an object does with keys it does not declare. */
typedef enum inst_unknown_keys {
  INST_KEYS_STRIP,  /* dropped */
  INST_KEYS_STRICT, /* an issue */
  INST_KEYS_PASS    /* kept as they are */
} inst_unknown_keys;

/* One step of a path: a member's key, or (key.p == NULL) the index of an item, from 0. */
typedef struct inst_segment {
  inst_str key;
  size_t index;
} inst_segment;

/* A schema is built node by node, then finished; after that it never changes and may be shared.
** Nodes are numbers from 1; 0 is "no node" and is accepted everywhere, so that only finish needs
** to be asked whether all went well.  A node may stand in several places. */
typedef struct inst_schema inst_schema;
typedef uint32_t inst_node;

typedef struct inst_check {
  inst_check_kind kind;
  double number;            /* NUMBER */
  inst_str text;            /* TEXT */
  inst_str extra;           /* REGEX: flags of "imsu"; FORMAT: as "local precision=3 alg=\"a b\"" */
  uint32_t code;            /* CODE: the host's number for its function */
  inst_str message;         /* custom message, or p == NULL */
  uint32_t message_code;    /* the host's number of a function that words the message, or 0 */
  const inst_segment *path; /* REFINE: where the issue stands, relative to the value */
  size_t path_count;
  bool abort; /* a failure stops the checks after it */
} inst_check;

INST_API inst_schema *inst_schema_new(inst_alloc alloc); /* given: inst_schema_free */
INST_API void inst_schema_free(inst_schema *schema);     /* accepts NULL */
INST_API inst_node inst_schema_node(inst_schema *schema, inst_node_kind kind);
INST_API void inst_schema_field(inst_schema *schema, inst_node object, inst_str key,
                                inst_node field);
INST_API void inst_schema_inner(inst_schema *schema, inst_node outer, inst_node inner);
/* What stands behind a tuple's items, or under the keys an object does not declare. */
INST_API void inst_schema_rest(inst_schema *schema, inst_node outer, inst_node rest);
/* The key whose literal value tells the options of a union apart. */
INST_API void inst_schema_discriminator(inst_schema *schema, inst_node node, inst_str key);
INST_API void inst_schema_trait(inst_schema *schema, inst_node node, inst_trait trait);
INST_API void inst_schema_value(inst_schema *schema, inst_node node, const inst_value *value);
INST_API void inst_schema_code(inst_schema *schema, inst_node node, uint32_t code);
INST_API void inst_schema_check(inst_schema *schema, inst_node node, const inst_check *check);
INST_API void inst_schema_unknown_keys(inst_schema *schema, inst_node object, inst_unknown_keys);
/* The message for every issue of the node itself; or, by code, the host's function for it. */
INST_API void inst_schema_message(inst_schema *schema, inst_node node, inst_str message,
                                  uint32_t message_code);
/* Metadata, written into JSON Schema as it is: "title", "description", "examples"… */
INST_API void inst_schema_meta(inst_schema *schema, inst_node node, inst_str key,
                               const inst_value *value);
/* Ends building.  Non-zero: USAGE (what is wrong, where; a regex that cannot be honoured), MEMORY. */
INST_API int inst_schema_finish(inst_schema *schema, inst_node root, inst_error *error);

/* How a schema is written down for a provider. */
typedef struct inst_profile {
  bool strict; /* OpenAI's strict rules: every field required, optional ones nullable */
} inst_profile;

/* JSON Schema of what the schema takes in, in field order.  NULL: MEMORY, or USAGE: what the profile
** cannot say, by name and path. */
INST_API inst_value *inst_schema_print(const inst_schema *schema, const inst_profile *profile,
                                       inst_arena *arena, inst_error *error);

/* 'value' as JSON the schema's way, without judging it: fields in order, an empty table as an array
** where one is expected, null for an absent field that takes null and is not optional. */
INST_API inst_str inst_schema_write(const inst_schema *schema, const inst_value *value,
                                    inst_arena *arena);

/* ---- straight: from a text to the host's own values in one pass ---------------------------------
** A schema is plain when nothing in it may want a second look at a value: no code, no union, no
** intersection, no pipe, no conversion.  A text that fits such a schema is read, judged and told as a
** list of marks at once.  Any other text is left to inst_json_parse and inst_parse_new, which say
** what is wrong with it; where both give a value, it is the same. */

typedef enum inst_mark_kind {
  INST_MARK_NULL,
  INST_MARK_FALSE,
  INST_MARK_TRUE,
  INST_MARK_INT,    /* i */
  INST_MARK_REAL,   /* d */
  INST_MARK_STRING, /* n bytes at p */
  INST_MARK_NAME,   /* the text inst_straight_name(n) */
  INST_MARK_ARRAY,  /* n items follow */
  INST_MARK_OBJECT, /* n members follow; of members with one key the last one counts */
  INST_MARK_KEY,    /* n bytes at p: the key of the next mark */
  INST_MARK_VALUE   /* the schema's own value v */
} inst_mark_kind;

typedef struct inst_mark {
  union {
    int64_t i;
    double d;
    const char *p;
    const inst_value *v;
  } u;
  uint32_t n;
  uint32_t kind : 4;  /* inst_mark_kind */
  uint32_t name : 28; /* of a declared field's value: the name that is its key; else 0 */
} inst_mark;

/* Reads text after text, one at a time. */
typedef struct inst_straight inst_straight;

/* Given: inst_straight_free; 'schema' is kept.  NULL: it is not plain (code NONE), or MEMORY. */
INST_API inst_straight *inst_straight_new(const inst_schema *schema, inst_alloc alloc,
                                          inst_error *error);
INST_API void inst_straight_free(inst_straight *straight); /* accepts NULL */
/* Keys and choices that a host may keep ready, numbered from 1; lent like the schema.  p is NULL for
** a choice that is no text, and no mark names it. */
INST_API uint32_t inst_straight_name_count(const inst_straight *straight);
INST_API inst_str inst_straight_name(const inst_straight *straight, uint32_t number);
/* The marks of 'text' (kept), lent until the next text or inst_straight_done; NULL: not this way.  A
** 'narrow' host cannot hold integers beyond 2^53: a text with one goes the other way. */
INST_API const inst_mark *inst_straight_read(inst_straight *straight, inst_str text, bool narrow);
INST_API void inst_straight_done(inst_straight *straight);
/* While it is held it reads no text, so that the marks stay, whatever the host's code does. */
INST_API void inst_straight_hold(inst_straight *straight, bool hold);

/* ---- parsing: a value against a schema, pausing for the host's code ---------------------------- */

#define INST_ISSUES(X)                                                                             \
  X(INVALID_TYPE, "invalid_type")                                                                  \
  X(TOO_SMALL, "too_small")                                                                        \
  X(TOO_BIG, "too_big")                                                                            \
  X(INVALID_FORMAT, "invalid_format")                                                              \
  X(NOT_MULTIPLE_OF, "not_multiple_of")                                                            \
  X(UNRECOGNIZED_KEYS, "unrecognized_keys")                                                        \
  X(INVALID_VALUE, "invalid_value")                                                                \
  X(INVALID_UNION, "invalid_union")                                                                \
  X(INVALID_KEY, "invalid_key")                                                                    \
  X(CUSTOM, "custom")                                                                              \
  X(INVALID_JSON, "invalid_json")

typedef enum inst_issue_code {
#define INST_X(name, text) INST_ISSUE_##name,
  INST_ISSUES(INST_X)
#undef INST_X
      INST_ISSUE_COUNT
} inst_issue_code;
INST_API const char *inst_issue_name(inst_issue_code code);

typedef struct inst_issue {
  inst_issue_code code;
  const inst_segment *path;
  size_t path_count;
  inst_str message;          /* the schema's, or worded by us (a missing value is called nil) */
  bool custom;               /* is the message the schema's? */
  const inst_value *details; /* object: expected, received, minimum, inclusive, keys, values… */
  const inst_value *input;   /* what stood there, or NULL where nothing did */
  const struct inst_branch *branches; /* INVALID_UNION: one an option; INVALID_KEY: one */
  const struct inst_branch *nearest; /* the branch that was meant, as far as can be told; or NULL */
  struct inst_issue *next;
} inst_issue;

/* What one option of a union, or the schema of a record's keys, found wrong. */
typedef struct inst_branch {
  inst_str name;            /* the option's title or id, or p NULL */
  const inst_issue *issues; /* their paths begin at the value of the union */
  struct inst_branch *next;
} inst_branch;

typedef struct inst_parse inst_parse;

typedef struct inst_parse_options {
  bool nil_is_null;    /* a missing field passes where it takes null and is not optional (a host
                          whose tables cannot hold null) */
  bool null_is_absent; /* null in an optional field that does not take null counts as absent */
} inst_parse_options;

/* What a parse wants next. */
typedef enum inst_verdict {
  INST_PARSE_CODE,    /* run inst_parse_code on inst_parse_subject, then answer */
  INST_PARSE_VALID,   /* inst_parse_value is the result */
  INST_PARSE_INVALID, /* inst_parse_issues says why */
  INST_PARSE_FAILED   /* inst_parse_error: MEMORY or LIMIT */
} inst_verdict;

/* What the host's code is asked for, and which answer fits. */
#define INST_TASKS(X)                                                                              \
  X(REFINE, "refine")       /* inst_parse_answer with a BOOL; may add issues */                    \
  X(OVERWRITE, "overwrite") /* the new value */                                                    \
  X(TRANSFORM, "transform") /* the new value (NULL: absent); may add issues */                     \
  X(DEFAULT, "default")     /* the value to use */                                                 \
  X(CATCH, "catch")         /* the value to use; inst_parse_caught says what was wrong */          \
  X(MESSAGE, "message")     /* a STRING: the message for inst_parse_issue_at_hand; NULL: ours */

typedef enum inst_task {
#define INST_X(name, text) INST_TASK_##name,
  INST_TASKS(INST_X)
#undef INST_X
      INST_TASK_COUNT
} inst_task;
INST_API const char *inst_task_name(inst_task task);

/* Starts a parse of 'value' (kept; NULL: absent) against a finished 'schema' (kept).  All its
** memory is 'arena's; there is nothing to free.  NULL: no memory. */
INST_API inst_parse *inst_parse_new(const inst_schema *schema, const inst_value *value,
                                    const inst_parse_options *options, inst_arena *arena);
INST_API inst_verdict inst_parse_next(inst_parse *parse);
INST_API inst_task inst_parse_task(const inst_parse *parse);
INST_API uint32_t inst_parse_code(const inst_parse *parse);
INST_API const inst_value *inst_parse_subject(const inst_parse *parse); /* NULL: absent */
INST_API const inst_issue *inst_parse_issue_at_hand(const inst_parse *parse);
INST_API const inst_issue *inst_parse_caught(const inst_parse *parse); /* CATCH */
INST_API void inst_parse_answer(inst_parse *parse, inst_value *answer);
/* An issue found by the host's code, before it answers.  'path' is relative to the subject. */
INST_API void inst_parse_object(inst_parse *parse, inst_str message, const inst_segment *path,
                                size_t path_count, bool fatal);
INST_API const inst_value *inst_parse_value(const inst_parse *parse); /* NULL: absent */
INST_API const inst_issue *inst_parse_issues(const inst_parse *parse);
INST_API const inst_error *inst_parse_error(const inst_parse *parse);

/* The issues as lines for a model: JSON's paths, from 0, and what was got; below a union's, what was
** wrong in the option that was meant.  p NULL: no memory. */
INST_API inst_str inst_issues_for_model(const inst_issue *issues, inst_arena *arena);
/* One issue as a sentence for people: its message; a union's with what was wrong in the option that
** was meant, or what its options want.  Paths count from 1.  p NULL: no memory. */
INST_API inst_str inst_issue_explain(const inst_issue *issue, inst_arena *arena);

/* What a text was read with. */
typedef struct inst_repair_options {
  inst_repair_level level;
  unsigned max_depth;
} inst_repair_options;

/* The value of a text that may be broken, or stand among words and fences: strictly where that goes,
** else as 'schema' (which is not run) tells what is meant.  The edits go to '*edits' (NULL: none was
** needed).  NULL: 'error' has code JSON (with offset), LIMIT or MEMORY. */
INST_API const inst_value *inst_repair(const inst_schema *schema, inst_str text,
                                       const inst_repair_options *options, inst_arena *arena,
                                       const inst_edit **edits, inst_error *error);

/* The same of a value that was read before, as 'how' has it be parsed: 'value', or a changed copy
** that fits. */
INST_API const inst_value *inst_repair_value(const inst_schema *schema, const inst_value *value,
                                             const inst_parse_options *how,
                                             const inst_repair_options *options, inst_arena *arena,
                                             const inst_edit **edits);

/* ---- a value as it arrives -------------------------------------------------------------------- */

/* The JSON text of a value, fed in pieces; what is certain of it shows as changes, in order. */
typedef struct inst_stream inst_stream;

typedef struct inst_stream_options {
  inst_alloc alloc;
  bool open_strings;   /* show texts that have not ended: as GROW */
  bool check;          /* judge every value without code as soon as it is complete */
  bool wrapped;        /* the root may stand alone inside {value = …} */
  bool null_is_absent; /* as in inst_parse_options */
  unsigned max_depth;
} inst_stream_options;

#define INST_CHANGES(X)                                                                            \
  X(OPEN, "open")   /* an object or a list has begun: 'value' says which; it is shown empty */     \
  X(GROW, "grow")   /* a text has begun, or goes on: 'delta' is what came now */                   \
  X(SET, "set")     /* a complete value: 'value', of any kind */                                   \
  X(CLOSE, "close") /* what was opened, or grew, is complete */

typedef enum inst_change_kind {
#define INST_X(name, text) INST_CHANGE_##name,
  INST_CHANGES(INST_X)
#undef INST_X
      INST_CHANGE_COUNT
} inst_change_kind;

typedef struct inst_change {
  inst_change_kind kind;
  size_t depth;    /* how many objects and lists it stands in; 0: it is the root */
  inst_segment at; /* its key or index in the innermost of them; depth 0: nothing */
  const inst_value *value;
  inst_str delta;
} inst_change;

/* 'schema' is kept; NULL: anything may come.  Given: inst_stream_free.  NULL: no memory. */
INST_API inst_stream *inst_stream_new(const inst_schema *schema,
                                      const inst_stream_options *options);
INST_API void inst_stream_free(inst_stream *stream); /* accepts NULL */
/* Non-zero: the text is broken here, and stays so; what has been shown stands. */
INST_API int inst_stream_feed(inst_stream *stream, inst_str bytes);
/* The next change, lent until the next call.  False: there is none for now. */
INST_API bool inst_stream_next(inst_stream *stream, inst_change *change);
/* With 'check': what is wrong with what came, and can no longer come right; else NULL. */
INST_API const inst_issue *inst_stream_issues(const inst_stream *stream);
/* Where the text stands now: the path of the value that is arriving.  Lent until the next feed. */
INST_API const inst_segment *inst_stream_path(inst_stream *stream, size_t *count);
/* No more will come.  The whole value, not judged yet; lent as long as the stream lives.  NULL: the
** text was broken or is not complete, as inst_stream_error says. */
INST_API const inst_value *inst_stream_finish(inst_stream *stream);
INST_API const inst_error *inst_stream_error(const inst_stream *stream);

/* ---- modes and providers ------------------------------------------------------------------------ */

#define INST_MODES(X)                                                                              \
  X(TOOLS, "TOOLS", "a tool the model must call")                                                  \
  X(FUNCTIONS, "FUNCTIONS", "a function the model must call (the older spelling of tools)")        \
  X(JSON_SCHEMA, "JSON_SCHEMA", "an answer the provider holds to the schema")                      \
  X(JSON, "JSON", "an answer the provider holds to JSON; the schema stands in the prompt")         \
  X(MD_JSON, "MD_JSON", "a fenced block of JSON; asks nothing of the provider")                    \
  X(THINKING_MD_JSON, "THINKING_MD_JSON", "thoughts first, then a fenced block of JSON")

typedef enum inst_mode {
#define INST_X(name, text, meaning) INST_MODE_##name,
  INST_MODES(INST_X)
#undef INST_X
      INST_MODE_COUNT
} inst_mode;
INST_API const char *inst_mode_name(inst_mode mode);
/* The mode of that name in any letter case; INST_MODE_COUNT: none. */
INST_API inst_mode inst_mode_find(inst_str name);

/* How JSON_SCHEMA mode wraps the schema in response_format. */
#define INST_ENVELOPES(X)                                                                          \
  X(JSON_SCHEMA, "json_schema") /* {type = "json_schema", json_schema = {name, schema, strict}} */ \
  X(BARE_SCHEMA, "bare_schema") /* {type = "json_schema", json_schema = {schema}} */               \
  X(JSON_OBJECT, "json_object") /* {type = "json_object", schema = …} */

typedef enum inst_envelope {
#define INST_X(name, text) INST_ENVELOPE_##name,
  INST_ENVELOPES(INST_X)
#undef INST_X
      INST_ENVELOPE_COUNT
} inst_envelope;

/* Does the envelope "json_schema" ask for OpenAI's strict rules: all fields required, all objects
** closed, few keywords? */
#define INST_STRICTNESSES(X)                                                                       \
  X(ALWAYS, "always")           /* yes; a schema that cannot be written so is refused */           \
  X(IF_POSSIBLE, "if_possible") /* yes, but such a schema goes out as it is, without the flag */   \
  X(NEVER, "never")             /* the provider takes JSON Schema as it is */

typedef enum inst_strictness {
#define INST_X(name, text) INST_STRICT_##name,
  INST_STRICTNESSES(INST_X)
#undef INST_X
      INST_STRICT_COUNT
} inst_strictness;

/* How TOOLS mode says that our tool must be called. */
#define INST_CHOICES(X)                                                                            \
  X(NAMED, "named")       /* by its name */                                                        \
  X(ANY, "any")           /* "any"; by its name where the user has tools of his own */             \
  X(REQUIRED, "required") /* "required"; with tools of the user's it cannot be said: refused */

typedef enum inst_choice {
#define INST_X(name, text) INST_CHOICE_##name,
  INST_CHOICES(INST_X)
#undef INST_X
      INST_CHOICE_COUNT
} inst_choice;

/* How much of a schema JSON_SCHEMA mode may send; 0: no limit is known. */
typedef struct inst_limits {
  unsigned properties; /* of all objects together */
  unsigned levels;     /* of objects in objects */
  unsigned values;     /* of all enums together */
  unsigned enum_text;  /* bytes of one enum of more than 250 texts */
  unsigned text;       /* bytes of all names and enum values together */
} inst_limits;

/* A provider is a row of data.  A host may pass one of its own; zero is the common case of every
** member behind 'modes'. */
typedef struct inst_provider {
  const char *name;       /* what provider = "…" says */
  const char *base_url;   /* where it is reached; NULL: the user must say */
  const char *other_host; /* a second host of the same provider, or NULL */
  const char *key_env;    /* environment variable of its key, sent to its own host only; or NULL */
  unsigned modes;         /* bit 1 << INST_MODE_… for each mode it takes */
  inst_mode default_mode;
  inst_envelope envelope;
  inst_strictness strict;
  inst_choice tool_choice;
  inst_limits limits;
  const char *key_header; /* NULL: Authorization, with "Bearer " before the key */
  bool bare_root;         /* the schema's root must not say additionalProperties */
  bool schema_in_prompt;  /* JSON_SCHEMA: the model is not shown the schema; our prompt shows it */
  /* A JSON object that goes into the body beneath the user's parameters, where a mode asks
  ** something of the provider; or NULL. */
  const char *extra_body;
  const char *const *ignores; /* parameters ignored in silence, NULL behind the last; or NULL */
} inst_provider;

/* Is a row of a host's own whole?  Non-zero: USAGE, and which member is wrong, or that memory ran
** out. */
INST_API int inst_provider_check(const inst_provider *provider, inst_arena *scratch,
                                 inst_error *error);
/* Is the host of 'base_url' exactly one of the row's?  A loopback host is nobody's. */
INST_API bool inst_provider_is_host(const inst_provider *provider, inst_str base_url);
INST_API const inst_provider *inst_provider_find(inst_str name); /* NULL: none */
/* The row whose host is exactly that of 'base_url'; else the row "compatible". */
INST_API const inst_provider *inst_provider_for_url(inst_str base_url);
INST_API const inst_provider *inst_provider_at(size_t index); /* NULL: past the last */

/* ---- transports ---------------------------------------------------------------------------------- */

typedef struct inst_header {
  inst_str name, value;
} inst_header;

/* Does a header of that name hold a key or the like, which must not be shown? */
INST_API bool inst_header_is_secret(inst_str name);

/* One HTTP request.  Lent to the transport until the exchange has ended. */
typedef struct inst_request {
  const char *method; /* "POST" */
  const char *url;
  const inst_header *headers;
  size_t header_count;
  inst_str body;
  double connect_timeout; /* seconds */
  double total_timeout;   /* seconds left for the whole call: a backstop */
  bool streamed;          /* will the answer come in small pieces, over a long time? */
} inst_request;

/* Where a transport reports to.  'head' may come again (a 100-continue before the answer): what
** came before is forgotten.  'body' returns non-zero when no more is wanted.  'end' is the last
** call, made exactly once unless the exchange is cancelled; NULL means the answer is whole. */
typedef struct inst_sink {
  void *ctx;
  void (*alive)(void *ctx); /* part of a head came, too little to tell; may be NULL */
  void (*head)(void *ctx, int status);
  void (*header)(void *ctx, inst_str name, inst_str value);
  int (*body)(void *ctx, inst_str bytes);
  void (*end)(void *ctx, const inst_error *error);
} inst_sink;

typedef struct inst_transport_options {
  const char *proxy;     /* NULL: as the environment says when it is opened; "": none */
  const char *ca_file;   /* NULL: the system's authorities */
  const char *cert_file; /* client certificate and key, PEM; or NULL */
  const char *key_file;
  const char *user_agent; /* NULL: instructor-lua/VERSION */
} inst_transport_options;

#define INST_TRANSPORT_ABI 1u

/* A transport as a table of functions: it may come from another library, so nothing but this
** table passes between the two.  One engine serves any number of exchanges, in one thread. */
typedef struct inst_transport {
  unsigned abi; /* INST_TRANSPORT_ABI */
  const char *name;
  /* 'engine' is given: close it.  Options are copied. */
  int (*open)(const inst_transport_options *options, inst_alloc alloc, void **engine,
              inst_error *error);
  void (*close)(void *engine); /* cancels what is under way; accepts NULL */
  /* Begins an exchange.  It lives until 'end' is reported or it is cancelled. */
  int (*start)(void *engine, const inst_request *request, const inst_sink *sink, void **exchange,
               inst_error *error);
  void (*cancel)(void *engine, void *exchange); /* nothing is reported any more */
  /* Moves bytes, reporting to the sinks; waits at most 'seconds' for something to happen, less
  ** when a signal arrives.  Never calls a sink outside this function. */
  int (*pump)(void *engine, double seconds, inst_error *error);
} inst_transport;

/* The libcurl transport, from libinstructor-curl. */
INST_API const inst_transport *inst_curl(void);

/* ---- one call ---------------------------------------------------------------------------------- */

typedef struct inst_usage {
  int64_t input_tokens, output_tokens, total_tokens;
  int64_t cached_tokens, cache_write_tokens, reasoning_tokens;
  bool known; /* did the provider say (in numbers that count something)? */
} inst_usage;

/* How an answer ended, whatever the provider calls it. */
#define INST_OUTCOMES(X)                                                                           \
  X(NONE, "none") /* there is no answer, or it does not say */                                     \
  X(STOP, "stop")                                                                                  \
  X(TOOL_CALLS, "tool_calls")                                                                      \
  X(LENGTH, "length")                                                                              \
  X(CONTENT_FILTER, "content_filter")                                                              \
  X(REFUSAL, "refusal")                                                                            \
  X(ERROR, "error") /* the provider broke off */

typedef enum inst_outcome {
#define INST_X(name, text) INST_OUTCOME_##name,
  INST_OUTCOMES(INST_X)
#undef INST_X
      INST_OUTCOME_COUNT
} inst_outcome;
INST_API const char *inst_outcome_name(inst_outcome outcome);

/* What a provider's error is about, by status and code. */
#define INST_CLASSES(X)                                                                            \
  X(NONE, "none")                                                                                  \
  X(BAD_REQUEST, "bad_request")                                                                    \
  X(AUTHENTICATION, "authentication")                                                              \
  X(PAYMENT_REQUIRED, "payment_required")                                                          \
  X(PERMISSION_DENIED, "permission_denied")                                                        \
  X(NOT_FOUND, "not_found")                                                                        \
  X(TIMEOUT, "timeout")                                                                            \
  X(CONFLICT, "conflict")                                                                          \
  X(TOO_LARGE, "too_large")                                                                        \
  X(UNPROCESSABLE, "unprocessable")                                                                \
  X(RATE_LIMIT, "rate_limit")                                                                      \
  X(OVERLOADED, "overloaded")                                                                      \
  X(SERVER, "server")                                                                              \
  X(CONTENT_FILTER, "content_filter")

typedef enum inst_error_class {
#define INST_X(name, text) INST_CLASS_##name,
  INST_CLASSES(INST_X)
#undef INST_X
      INST_CLASS_COUNT
} inst_error_class;
INST_API const char *inst_class_name(inst_error_class error_class);

/* What a provider said of its own error, secrets masked; each p NULL where it said nothing. */
typedef struct inst_complaint {
  inst_error_class error_class;
  int status;                 /* the status that the body names, or 0 */
  inst_str message;           /* its own words, or a body that is no JSON; INST_SAID_MAX bytes */
  inst_str code;              /* a number as text */
  inst_str type, param;       /* as OpenAI has them */
  inst_str failed_generation; /* the model's text that the provider refused */
  inst_str request_id;        /* where the body names it */
} inst_complaint;

/* One request and what became of it.  Lent as long as the call lives. */
typedef struct inst_attempt {
  int status;               /* HTTP status, or 0 */
  inst_code code;           /* INST_E_NONE: its answer was used */
  inst_str message;         /* what went wrong */
  inst_str text;            /* the answer's text as received (arguments or content), or p NULL */
  const inst_issue *issues; /* VALIDATION */
  inst_usage usage;
  const inst_value *raw_usage; /* the provider's own account, as it came; or NULL */
  inst_str model;              /* which model answered, or p NULL */
  double seconds;              /* from sending to the verdict */
  double first_byte;           /* from sending to the answer's first byte; negative: none came */
  double waited;               /* seconds rested before it was sent */
  double retry_after;     /* seconds the server asked to wait, however many; negative: it did not */
  inst_str reasoning;     /* thoughts the provider showed, or the answer began with; or p NULL */
  inst_str refusal;       /* the words the model refused with, or p NULL */
  inst_str finish_reason; /* as the provider says it, or p NULL */
  inst_outcome outcome;
  inst_complaint complaint;
  inst_str request_id;
  bool reask;   /* was this a new question, rather than the same one sent again? */
  bool stopped; /* was the rest of its answer given up, for it could no longer be right? */
  const inst_edit *repairs; /* what was done to 'text' to read it; NULL: nothing */
  struct inst_attempt *next;
} inst_attempt;

/* Waits between attempts: min(initial * factor^n, max), less up to 'jitter' of it at random. */
typedef struct inst_backoff {
  double initial, factor, max, jitter;
  bool host; /* ask the host each time (INST_WANT_BACKOFF) */
} inst_backoff;

/* What the calls of one client share: while a server that one of them met asks for a rest (429 or
** 5xx with a Retry-After we obey), none of them sends.  All zero: open.  Only inst_call_next looks
** at it and shuts it, so calls that share one belong to one thread and one clock. */
typedef struct inst_gate {
  bool shut;
  double until; /* on inst_call_next's clock */
} inst_gate;

/* What calls of one client with one schema send alike, made by the first of them: URL and headers, the
** schema as the provider and the mode want it, the words around it.  A call that differs in one of
** these makes that one itself.  It belongs to one thread. */
typedef struct inst_prints inst_prints;
INST_API inst_prints *
inst_prints_new(inst_alloc alloc);                   /* given: inst_prints_free; NULL: no memory */
INST_API void inst_prints_free(inst_prints *prints); /* accepts NULL */

typedef struct inst_call_options {
  inst_alloc alloc;
  inst_arena *arena; /* holds the call and, already, 'params'; outlives it; NULL: one of its own */
  const inst_provider *provider; /* kept */
  inst_mode mode;
  const inst_schema *schema;  /* kept; NULL: pass the call through */
  inst_str name, description; /* of the response model */
  inst_str base_url;          /* "https://host/v1"; NULL: the provider's */
  inst_str api_key;           /* or p NULL: none is sent */
  const inst_header *headers; /* added; they win over ours of the same name */
  size_t header_count;
  const inst_value *params; /* OBJECT: the body as the user wrote it; without 'arena' copied */
  int max_retries;          /* re-asks */
  int http_retries;         /* at least max_retries, unless exact_http_retries */
  inst_backoff http_backoff, reask_backoff;
  double first_byte_timeout, idle_timeout, connect_timeout;
  double deadline;         /* seconds for everything */
  inst_gate *gate;         /* kept; NULL: the call heeds no other */
  inst_prints *prints;     /* kept, as schema and provider then are; NULL: nothing is shared */
  inst_straight *straight; /* kept, of the schema: reads plain answers: inst_call_marks; or NULL */
  bool narrow;             /* as inst_straight_read has it */
  size_t max_answer;
  unsigned max_depth;
  bool stream;                 /* the answer is asked for piece by piece: see PARTIAL */
  bool open_strings;           /* stream: show texts that have not ended */
  bool early_stop;             /* stream: stop an answer that can no longer be right, ask again */
  bool unjudged;               /* stream: a list is not judged: the host does so item by item */
  inst_repair_level repair;    /* TEXT */
  double wall_clock;           /* seconds since 1970 at the start, for Retry-After dates; or 0 */
  double (*random)(void *ctx); /* in [0, 1); NULL: our own */
  void *random_ctx;
  bool watched;            /* tell of each step: INST_WANT_NOTE */
  bool keeps_events;       /* watched: keep all bytes of a stream, and tell them */
  bool exact_http_retries; /* max_retries does not lift http_retries */
} inst_call_options;

/* Fills in every default; the caller then sets what differs. */
INST_API void inst_call_defaults(inst_call_options *options);

/* What a call wants from whoever drives it. */
#define INST_WANTS(X)                                                                              \
  X(SEND, "send")       /* begin inst_call_request, reporting to inst_call_sink, then ..._sent */  \
  X(BYTES, "bytes")     /* move bytes until inst_call_wake */                                      \
  X(WAIT, "wait")       /* nothing until inst_call_wake */                                         \
  X(PARTIAL, "partial") /* something came of a streamed answer: look at inst_call_live */          \
  X(BACKOFF, "backoff") /* say how long to rest: inst_call_rest */                                 \
  X(CODE, "code")       /* the host's code: inst_call_parse says which; answer there */            \
  X(DROP, "drop")       /* cancel the exchange under way, then inst_call_dropped */                \
  X(NOTE, "note")       /* of a watched call: read inst_call_note, or do not; then go on */        \
  X(DONE, "done")                                                                                  \
  X(FAILED, "failed")

typedef enum inst_want {
#define INST_X(name, text) INST_WANT_##name,
  INST_WANTS(INST_X)
#undef INST_X
      INST_WANT_COUNT
} inst_want;
INST_API const char *inst_want_name(inst_want want);

/* What a watched call tells of each attempt, in this order. */
#define INST_NOTES(X)                                                                              \
  X(SENDING, "sending")   /* inst_call_request is about to be sent */                              \
  X(RECEIVED, "received") /* the exchange is over, its answer not yet judged */                    \
  X(JUDGED, "judged")     /* the last of inst_call_attempts is complete */                         \
  X(AGAIN, "again")       /* there will be another */

typedef enum inst_note_kind {
#define INST_X(name, text) INST_NOTE_##name,
  INST_NOTES(INST_X)
#undef INST_X
      INST_NOTE_COUNT
} inst_note_kind;
INST_API const char *inst_note_name(inst_note_kind kind);

/* Lent until the next inst_call_next. */
typedef struct inst_note {
  inst_note_kind kind;
  int status;                 /* RECEIVED: HTTP status, or 0 */
  const inst_header *headers; /* RECEIVED: all of the answer's */
  size_t header_count;
  inst_str body;           /* of a stream that told all: the answer put together */
  inst_str events;         /* RECEIVED: of a stream that is kept: its bytes, as far as looked at */
  const inst_error *fault; /* RECEIVED: why the answer is not whole; NULL: it is */
  double wait;             /* AGAIN: seconds until then */
  bool reask;              /* AGAIN: a new question, rather than the same one sent again? */
} inst_note;

typedef struct inst_call inst_call;

/* One create, as a machine that does no I/O: it says what it wants and is told what happened. */
INST_API inst_call *inst_call_new(const inst_call_options *options, inst_error *error); /* given */
INST_API void inst_call_free(inst_call *call); /* accepts NULL */
INST_API inst_want inst_call_next(inst_call *call, double now);
INST_API const inst_request *
inst_call_request(const inst_call *call); /* lent until the next SEND */
/* Must the value of that header of the request not be shown? */
INST_API bool inst_call_hides(const inst_call *call, inst_str header);
INST_API inst_sink inst_call_sink(inst_call *call);
INST_API void inst_call_sent(inst_call *call, const inst_error *error); /* NULL: it is under way */
INST_API double inst_call_wake(const inst_call *call); /* when to look again, on now's clock */
/* Has 'call' something to do at 'now', or would driving it only wait? */
INST_API bool inst_call_is_ready(const inst_call *call, double now);
INST_API void inst_call_rest(inst_call *call, double seconds);
INST_API inst_parse *inst_call_parse(inst_call *call);
INST_API void inst_call_dropped(inst_call *call);
INST_API void inst_call_cancel(inst_call *call);
INST_API const inst_note *inst_call_note(const inst_call *call); /* at NOTE */

/* At PARTIAL: the changes of the answer under way, to be taken from this stream; a new attempt has a
** new one.  Without a schema: NULL, and the events themselves are to be taken. */
INST_API inst_stream *inst_call_live(inst_call *call);
/* The data of the next event; p NULL: none is left. */
INST_API inst_str inst_call_event(inst_call *call);
/* What was seen of this attempt cannot be taken back: there will be no other. */
INST_API void inst_call_commit(inst_call *call);
INST_API size_t inst_call_attempt(const inst_call *call); /* which one is under way, from 1 */

/* What came of it.  Lent as long as the call lives. */
INST_API const inst_value *
inst_call_value(const inst_call *call); /* at DONE; see inst_call_marks */
INST_API const inst_error *inst_call_error(const inst_call *call);  /* at FAILED */
INST_API const inst_issue *inst_call_issues(const inst_call *call); /* of the last answer */
INST_API const inst_attempt *inst_call_attempts(const inst_call *call);
INST_API const inst_edit *inst_call_repairs(const inst_call *call); /* of the last answer */
INST_API inst_usage inst_call_usage(const inst_call *call);         /* over all attempts */
INST_API double inst_call_seconds(const inst_call *call); /* from its first look to its last */
INST_API inst_str inst_call_body(const inst_call *call);  /* the last answer's bytes */
INST_API inst_arena *inst_call_arena(inst_call *call);
/* What a completion (NULL: none) tells of its cost, as it came, wherever that stands; NULL: nothing. */
INST_API const inst_value *inst_completion_usage(const inst_value *completion);
/* At DONE: the value as marks, where options.straight read it; lent until that reads another text.
** NULL: it was not read so, or has been forgotten: ask inst_call_value, which makes a value of it
** (its NULL then says that memory ran out). */
INST_API const inst_mark *inst_call_marks(const inst_call *call);

/* ---- a call, a transport and a clock -------------------------------------------------------------- */

typedef struct inst_engine inst_engine;

/* 'transport' is kept.  Given: inst_engine_free. */
INST_API inst_engine *inst_engine_new(const inst_transport *transport,
                                      const inst_transport_options *options, inst_alloc alloc,
                                      inst_error *error);
INST_API void inst_engine_free(inst_engine *engine); /* accepts NULL; free its calls first */
/* Drives 'call' for at most 'seconds'.  Returns CODE, BACKOFF, NOTE, DONE or FAILED when the caller
** has something to do, WAIT when the time is over. */
INST_API inst_want inst_engine_drive(inst_engine *engine, inst_call *call, double seconds);
/* The same without waiting and without moving bytes, but where a time limit of the call's is over:
** for one call of many, between two pumps.  A 'tag' that is not 0 is told by inst_engine_news. */
INST_API inst_want inst_engine_step(inst_engine *engine, inst_call *call, uint64_t tag);
/* The tag of a stepped call that something came for, each once; 0: there is no other.  A call that
** has none need not be stepped before inst_call_wake. */
INST_API uint64_t inst_engine_news(inst_engine *engine);
/* Moves the bytes of every call the engine serves; waits at most 'seconds' for something to come.
** Non-zero: the transport is broken, as 'error' says. */
INST_API int inst_engine_pump(inst_engine *engine, double seconds, inst_error *error);
/* Drops the exchange 'call' has under way, if any.  To be called before the call is freed. */
INST_API void inst_engine_drop(inst_engine *engine, inst_call *call);
INST_API double inst_clock(void); /* seconds, monotonic */

#ifdef __cplusplus
}
#endif

#endif
