/*
** Providers: a row of data each, and how a row is found.
** In: a name or a base URL.  Out: the row.  To add a provider, add a row.
*/
#include "core/base/text.h"

#define MODE(name) (1u << INST_MODE_##name)
#define ALL_MODES ((1u << INST_MODE_COUNT) - 1)
#define PROMPT_MODES (MODE(MD_JSON) | MODE(THINKING_MD_JSON)) /* which need nothing of a provider */

/* A row without a key variable runs where its user says, on loopback as a rule: it is chosen by name
** alone.  Local servers hold an answer to the schema by a grammar, so JSON_SCHEMA is their best. */
static const inst_provider rows[] = {
    {.name = "openai",
     .base_url = "https://api.openai.com/v1",
     .key_env = "OPENAI_API_KEY",
     .modes = ALL_MODES,
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "anyscale",
     .base_url = "https://api.endpoints.anyscale.com/v1",
     .key_env = "ANYSCALE_API_KEY",
     .modes = ALL_MODES & ~MODE(THINKING_MD_JSON),
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_OBJECT,
     .bare_root = true},
    {.name = "together",
     .base_url = "https://api.together.xyz/v1",
     .other_host = "api.together.ai",
     .key_env = "TOGETHER_API_KEY",
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_OBJECT},
    {.name = "groq",
     .base_url = "https://api.groq.com/openai/v1",
     .key_env = "GROQ_API_KEY",
     .modes = ALL_MODES,
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "fireworks",
     .base_url = "https://api.fireworks.ai/inference/v1",
     .key_env = "FIREWORKS_API_KEY",
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_OBJECT},
    {.name = "openrouter",
     .base_url = "https://openrouter.ai/api/v1",
     .key_env = "OPENROUTER_API_KEY",
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "deepseek",
     .base_url = "https://api.deepseek.com",
     .key_env = "DEEPSEEK_API_KEY",
     .modes = MODE(TOOLS) | MODE(JSON) | PROMPT_MODES,
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "xai",
     .base_url = "https://api.x.ai/v1",
     .key_env = "XAI_API_KEY",
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "perplexity",
     .base_url = "https://api.perplexity.ai",
     .key_env = "PERPLEXITY_API_KEY",
     .modes = MODE(JSON_SCHEMA) | PROMPT_MODES,
     .default_mode = INST_MODE_JSON_SCHEMA,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "cerebras",
     .base_url = "https://api.cerebras.ai/v1",
     .key_env = "CEREBRAS_API_KEY",
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "mistral",
     .base_url = "https://api.mistral.ai/v1",
     .key_env = "MISTRAL_API_KEY",
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "ollama",
     .base_url = "http://127.0.0.1:11434/v1",
     .key_env = NULL,
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_JSON_SCHEMA,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "vllm",
     .base_url = "http://127.0.0.1:8000/v1",
     .key_env = NULL,
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_JSON_SCHEMA,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "llamacpp",
     .base_url = "http://127.0.0.1:8080/v1",
     .key_env = NULL,
     .modes = ALL_MODES & ~MODE(FUNCTIONS),
     .default_mode = INST_MODE_JSON_SCHEMA,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "lmstudio",
     .base_url = "http://127.0.0.1:1234/v1",
     .key_env = NULL,
     .modes = MODE(TOOLS) | MODE(JSON_SCHEMA) | PROMPT_MODES,
     .default_mode = INST_MODE_JSON_SCHEMA,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
    {.name = "compatible", /* any server that speaks the dialect */
     .base_url = NULL,
     .key_env = NULL,
     .modes = ALL_MODES,
     .default_mode = INST_MODE_TOOLS,
     .envelope = INST_ENVELOPE_JSON_SCHEMA},
};

enum { ROWS = sizeof rows / sizeof *rows, COMPATIBLE = ROWS - 1 };

const inst_provider *inst_provider_at(size_t index) {
  return index < ROWS ? &rows[index] : NULL;
}

const inst_provider *inst_provider_find(inst_str name) {
  for (size_t i = 0; i < ROWS; i++)
    if (inst_str_is_nocase(name, inst_str_of(rows[i].name))) return &rows[i];
  return NULL;
}

/* Where the host of a URL begins: behind "scheme://", and nothing else will do, for a key goes where
** this room says.  0: it has none. */
static size_t authority_of(inst_str url) {
  size_t at = 0;
  while (at < url.n && memchr("/?#:", url.p[at], 4) == NULL) at++;
  bool found = at > 0 && url.n - at > 3 && memcmp(url.p + at, "://", 3) == 0;
  return found ? at + 3 : 0;
}

/* The host of a URL: what stands behind "//" (and a "user@"), before the port or path.  Where a
** backslash or a zero makes that doubtful, there is none. */
static inst_str host_of(inst_str url) {
  size_t from = authority_of(url), to = from;
  const inst_str none = {NULL, 0};
  if (from == 0) return none;
  for (; to < url.n && memchr("/?#", url.p[to], 3) == NULL; to++) {
    if (url.p[to] == '\\' || url.p[to] == '\0') return none;
    if (url.p[to] == '@') from = to + 1;
  }
  for (size_t i = from; i < to; i++)
    if (url.p[i] == ':') to = i;
  return (inst_str){url.p + from, to - from};
}

static bool is_host_of(const inst_provider *row, inst_str host) {
  return inst_str_is_nocase(host, host_of(inst_str_of(row->base_url))) ||
         inst_str_is_nocase(host, inst_str_of(row->other_host));
}

const inst_provider *inst_provider_for_url(inst_str base_url) {
  inst_str host = host_of(base_url);
  for (size_t i = 0; host.n > 0 && i < COMPATIBLE; i++)
    if (rows[i].key_env != NULL && is_host_of(&rows[i], host)) return &rows[i];
  return &rows[COMPATIBLE];
}

static const char *const mode_names[] = {
#define INST_X(name, text, meaning) text,
    INST_MODES(INST_X)
#undef INST_X
};

const char *inst_mode_name(inst_mode mode) {
  return (unsigned)mode < INST_MODE_COUNT ? mode_names[mode] : "unknown";
}

inst_mode inst_mode_find(inst_str name) {
  int mode = 0;
  while (mode < INST_MODE_COUNT && !inst_str_is_nocase(name, inst_str_of(mode_names[mode]))) mode++;
  return (inst_mode)mode;
}
