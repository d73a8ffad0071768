/*
** Letters to nodes: a stack of the nodes that stand in no other yet, and one of the open groups.
*/
#include "spec/fuzz/letters.h"

#include "core/base/text.h"
#include "core/schema/tree.h"

/* What leads back to itself by way of code goes round until the parse's frames are spent: that is seen
** with few nodes, and takes too long with many. */
enum { MOST = 64, FIELDS = 12, MOST_AGAIN = 8, FEW = 2 };

typedef struct builder {
  inst_schema *schema;
  inst_node nodes[MOST]; /* those that stand in no other yet */
  size_t count;
  size_t begins[MOST]; /* of each open group: how many nodes stood there before */
  char opens[MOST];
  size_t depth;
  inst_node again[MOST_AGAIN]; /* LAZY nodes that lead to the root */
  size_t again_count;
  bool has_code; /* before a value is looked at */
} builder;

/* The letters that make a value of their own. */
static const char leaves[] = "snibzauvlemtrfc@BSgwd";
static const char alphabet[] = "snibzauvlemtrfc@BSgwd{}[]<>()|V;?~!:=+^%&-*_$.,RTPLAFODQCMGoK";

static const struct {
  char letter;
  inst_node_kind kind;
} kinds[] = {
    {'s', INST_NODE_STRING},   {'n', INST_NODE_NUMBER},   {'i', INST_NODE_NUMBER},
    {'b', INST_NODE_BOOLEAN},  {'z', INST_NODE_NULL},     {'a', INST_NODE_ANY},
    {'u', INST_NODE_UNKNOWN},  {'v', INST_NODE_NEVER},    {'l', INST_NODE_LITERAL},
    {'e', INST_NODE_ENUM},     {'m', INST_NODE_NUMBER},   {'t', INST_NODE_STRING},
    {'r', INST_NODE_STRING},   {'f', INST_NODE_STRING},   {'c', INST_NODE_NUMBER},
    {'@', INST_NODE_LAZY},     {'?', INST_NODE_OPTIONAL}, {'~', INST_NODE_NULLABLE},
    {':', INST_NODE_READONLY}, {'=', INST_NODE_DEFAULT},  {'!', INST_NODE_NONOPTIONAL},
    {'B', INST_NODE_BOOLEAN},  {'S', INST_NODE_STRING},   {'^', INST_NODE_CATCH},
    {'+', INST_NODE_PREFAULT}, {'g', INST_NODE_NUMBER},   {'w', INST_NODE_STRING},
    {'d', INST_NODE_STRING},   {'D', INST_NODE_DEFAULT},  {'Q', INST_NODE_PREFAULT},
    {'C', INST_NODE_CATCH},
};

static const char *const formats[] = {
    "url",    "http_url",  "uuid",   "guid",   "emoji",       "nanoid",   "cuid",     "cuid2",
    "ulid",   "xid",       "ksuid",  "date",   "time",        "datetime", "duration", "ipv4",
    "ipv6",   "ip",        "cidrv4", "cidrv6", "cidr",        "mac",      "hostname", "e164",
    "base64", "base64url", "hex",    "jwt",    "credit_card", "iban",
};

static inst_node_kind kind_of(char letter) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (kinds[i].letter == letter) return kinds[i].kind;
  return INST_NODE_COUNT;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Literals and defaults are made in memory of their own: the schema copies them. */
static void give(inst_schema *schema, inst_node node, const char *list) {
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  inst_value *values = inst_json_parse(arena, inst_str_of(list), 2, NULL);
  for (inst_value *v = inst_value_first(values); v != NULL; v = inst_value_next(v))
    inst_schema_value(schema, node, v);
  inst_arena_free(arena);
}

static void check(inst_schema *schema, inst_node node, inst_check_kind kind, double number,
                  const char *text) {
  inst_check made = {.kind = kind, .number = number, .text = inst_str_of(text), .code = 1};
  inst_schema_check(schema, node, &made);
}

static void furnish(const builder *b, inst_node node, char letter) {
  inst_schema *schema = b->schema;
  switch (letter) {
  case 'i': check(schema, node, INST_CHECK_INT, 0, NULL); break;
  case 'm': check(schema, node, INST_CHECK_MAX, 9, NULL); break;
  case 't':
    check(schema, node, INST_CHECK_TRIM, 0, NULL);
    check(schema, node, INST_CHECK_MIN, 2, NULL);
    break;
  case 'r': check(schema, node, INST_CHECK_REGEX, 0, "^a+$"); break;
  case 'f': check(schema, node, INST_CHECK_FORMAT, 0, "email"); break;
  case 'g':
    check(schema, node, INST_CHECK_GT, -1, NULL);
    check(schema, node, INST_CHECK_LT, 100, NULL);
    check(schema, node, INST_CHECK_MULTIPLE_OF, 0.5, NULL);
    break;
  case 'w':
    check(schema, node, INST_CHECK_TO_LOWER, 0, NULL);
    check(schema, node, INST_CHECK_STARTS_WITH, 0, "a");
    check(schema, node, INST_CHECK_INCLUDES, 1, "b");
    check(schema, node, INST_CHECK_LOWERCASE, 0, NULL);
    check(schema, node, INST_CHECK_ENDS_WITH, 0, "c");
    break;
  case 'B':
  case 'S':
  case 'c': inst_schema_trait(schema, node, INST_TRAIT_COERCE); break;
  case 'l': give(schema, node, "[\"x\",1]"); break;
  case 'e': give(schema, node, "[\"red\",\"reddish\"]"); break;
  case '=':
  case '+':
  case '^': give(schema, node, "[1]"); break;
  case 'D':
  case 'Q':
  case 'C': inst_schema_code(schema, node, 1); break;
  default: break;
  }
}

/* 'choice' says which format. */
static void give_format(const builder *b, inst_node node, char choice) {
  size_t i = (unsigned char)choice % (sizeof formats / sizeof *formats);
  check(b->schema, node, INST_CHECK_FORMAT, 0, formats[i]);
}

static void push(builder *b, inst_node node) {
  if (b->count < MOST) b->nodes[b->count++] = node;
}

static inst_node leaf(builder *b, char letter) {
  inst_node node = inst_schema_node(b->schema, kind_of(letter));
  furnish(b, node, letter);
  if (letter == '@') b->again[b->again_count++] = node;
  return node;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static inst_node object_of(inst_schema *schema, const inst_node *parts, size_t n) {
  static const char *const names[FIELDS] = {"a", "b", "c", "d",     "e", "f",
                                            "g", "h", "i", "value", "j", "k"};
  inst_node object = inst_schema_node(schema, INST_NODE_OBJECT);
  for (size_t i = 0; i < n && i < FIELDS; i++)
    inst_schema_field(schema, object, inst_str_of(names[i]), parts[i]);
  return object;
}

static inst_node list_of(inst_schema *schema, inst_node_kind kind, const inst_node *parts,
                         size_t n) {
  inst_node list = inst_schema_node(schema, kind);
  for (size_t i = 0; i < n; i++) inst_schema_inner(schema, list, parts[i]);
  return list;
}

static inst_node array_of(inst_schema *schema, const inst_node *parts, size_t n) {
  if (n <= 1) return list_of(schema, INST_NODE_ARRAY, parts, n);
  inst_node tuple = list_of(schema, INST_NODE_TUPLE, parts, n - 1);
  inst_schema_rest(schema, tuple, parts[n - 1]);
  return tuple;
}

/* Of two each, from the left. */
static inst_node intersection_of(inst_schema *schema, const inst_node *parts, size_t n) {
  inst_node all = n > 0 ? parts[0] : inst_schema_node(schema, INST_NODE_ANY);
  for (size_t i = 1; i < n; i++)
    all = list_of(schema, INST_NODE_INTERSECTION, (inst_node[]){all, parts[i]}, 2);
  return all;
}

static inst_node group_of(inst_schema *schema, char open, const inst_node *parts, size_t n) {
  switch (open) {
  case '{': return object_of(schema, parts, n);
  case '[': return array_of(schema, parts, n);
  case 'V': return list_of(schema, INST_NODE_TUPLE, parts, n);
  case '(': return intersection_of(schema, parts, n);
  default: break;
  }
  inst_node either = list_of(schema, INST_NODE_UNION, parts, n);
  if (open == '|') inst_schema_trait(schema, either, INST_TRAIT_EXCLUSIVE);
  return either;
}

static void close_group(builder *b) {
  if (b->depth == 0) return;
  size_t begin = b->begins[--b->depth];
  inst_node any = inst_schema_node(b->schema, INST_NODE_ANY);
  if (b->opens[b->depth] == '[' && begin == b->count) push(b, any);
  inst_node made = group_of(b->schema, b->opens[b->depth], b->nodes + begin, b->count - begin);
  b->count = begin;
  push(b, made);
}

static void open_group(builder *b, char letter) {
  if (b->depth == MOST) return;
  b->begins[b->depth] = b->count;
  b->opens[b->depth++] = letter;
}

/* ---- what stands behind a node ----------------------------------------------------------------- */

static inst_node transform(inst_schema *schema) {
  inst_node node = inst_schema_node(schema, INST_NODE_TRANSFORM);
  inst_schema_code(schema, node, 1);
  return node;
}

static inst_node record_of(inst_schema *schema, char key, inst_node value) {
  inst_node name = inst_schema_node(schema, kind_of(key));
  if (key == 'e') give(schema, name, "[\"a\",\"b\"]");
  return list_of(schema, INST_NODE_RECORD, (inst_node[]){name, value}, 2);
}

/* Does the letter say something about a node of that kind?  (What does not makes no schema.) */
static bool suits(char letter, inst_node_kind kind) {
  switch (letter) {
  case '-':
  case '*': return kind == INST_NODE_OBJECT;
  case '_': return kind == INST_NODE_OBJECT || kind == INST_NODE_TUPLE;
  case '$':
  case 'F': return kind == INST_NODE_UNION;
  case 'L':
  case 'A': return kind == INST_NODE_RECORD;
  case 'o': return kind == INST_NODE_STRING || kind == INST_NODE_ARRAY;
  default: return true;
  }
}

static void limit_size(inst_schema *schema, inst_node node) {
  check(schema, node, INST_CHECK_MIN, 1, NULL);
  check(schema, node, INST_CHECK_MAX, 2, NULL);
}

/* Changes 'node', or wraps it. */
static inst_node changed(const builder *b, inst_node node, char letter) {
  inst_schema *schema = b->schema;
  if (node == 0 || !suits(letter, inst_tree_node(schema, node)->kind)) return node;
  switch (letter) {
  case '-': inst_schema_unknown_keys(schema, node, INST_KEYS_STRICT); return node;
  case '*': inst_schema_unknown_keys(schema, node, INST_KEYS_PASS); return node;
  case '_': inst_schema_rest(schema, node, inst_schema_node(schema, INST_NODE_NUMBER)); return node;
  case '$': inst_schema_discriminator(schema, node, INST_LIT("a")); return node;
  case '.': inst_schema_trait(schema, node, INST_TRAIT_WHEN_WHOLE); return node;
  case ',': inst_schema_trait(schema, node, INST_TRAIT_WITHHOLD); return node;
  case 'L': inst_schema_trait(schema, node, INST_TRAIT_LOOSE); return node;
  case 'A': inst_schema_trait(schema, node, INST_TRAIT_PARTIAL); return node;
  case 'F': inst_schema_trait(schema, node, INST_TRAIT_FALLBACK); return node;
  case 'M': inst_schema_message(schema, node, INST_LIT("no"), 0); return node;
  case 'G': inst_schema_message(schema, node, (inst_str){NULL, 0}, 1); return node;
  case 'o': limit_size(schema, node); return node;
  case 'R': check(schema, node, INST_CHECK_REFINE, 0, NULL); return node;
  case 'O': check(schema, node, INST_CHECK_OVERWRITE, 0, NULL); return node;
  case '%': return record_of(schema, 's', node);
  case '&': return record_of(schema, 'e', node);
  case 'T': return list_of(schema, INST_NODE_PIPE, (inst_node[]){node, transform(schema)}, 2);
  case 'P': return list_of(schema, INST_NODE_PIPE, (inst_node[]){transform(schema), node}, 2);
  default: break;
  }
  inst_node outer = list_of(schema, kind_of(letter), &node, 1);
  furnish(b, outer, letter);
  return outer;
}

/* The last two nodes of the open group, key and value. */
static void take_record(builder *b) {
  size_t begin = b->depth > 0 ? b->begins[b->depth - 1] : 0;
  if (b->count < begin + 2) return;
  b->count -= 2;
  push(b, list_of(b->schema, INST_NODE_RECORD, b->nodes + b->count, 2));
}

static void take(builder *b, char letter) {
  const char *place = strchr(leaves, letter);
  bool late = b->again_count == MOST_AGAIN || (b->has_code && b->count > FEW);
  if (letter == '@' && late) letter = 'a';
  if (letter == 'P' && b->again_count > 0 && b->count > FEW) letter = 'T';
  if (letter == 'P') b->has_code = true;
  if (place != NULL)
    push(b, leaf(b, letter));
  else if (letter == 'K')
    take_record(b);
  else if (strchr("{[<(|V", letter) != NULL)
    open_group(b, letter);
  else if (strchr("}]>);", letter) != NULL)
    close_group(b);
  else if (b->count > (b->depth > 0 ? b->begins[b->depth - 1] : 0))
    b->nodes[b->count - 1] = changed(b, b->nodes[b->count - 1], letter);
}

inst_node fuzz_letters(inst_schema *schema, inst_str letters) {
  builder b = {.schema = schema};
  for (size_t i = 0; i < letters.n && i < MOST; i++) {
    char c = letters.p[i];
    bool known = c != '\0' && strchr(alphabet, c) != NULL;
    char letter = known ? c : alphabet[(unsigned char)c % (sizeof alphabet - 1)];
    take(&b, letter);
    if (letter == 'd' && i + 1 < letters.n && b.count > 0)
      give_format(&b, b.nodes[b.count - 1], letters.p[++i]);
  }
  while (b.depth > 0) close_group(&b);
  if (b.count == 0) push(&b, inst_schema_node(schema, INST_NODE_ANY));
  for (size_t i = 0; i < b.again_count; i++) inst_schema_inner(schema, b.again[i], b.nodes[0]);
  return b.nodes[0];
}

void fuzz_letters_split(inst_str input, inst_str *letters, inst_str *text) {
  const char *end = input.n > 0 ? memchr(input.p, '\n', input.n) : NULL;
  size_t n = end != NULL ? (size_t)(end - input.p) : input.n;
  *letters = (inst_str){input.p, n};
  *text = (inst_str){input.p + n, input.n - n};
}
