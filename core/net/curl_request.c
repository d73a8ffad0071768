/*
** A request, put on an easy handle.
** In: an inst_request and the engine's options.  Out: a handle that sends exactly that, to exactly
** that server, over verified TLS, with nothing added that was not asked for: no cookies, no
** passwords of its own, no waiting for 100-continue.
** Rule: what could smuggle a second header or request is refused here, before a byte is sent.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/net/curl_parts.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* ---- what may be sent ------------------------------------------------------------------------ */

bool inst_curl_is_one_line(inst_str text) {
  for (size_t i = 0; i < text.n; i++)
    if (text.p[i] == '\r' || text.p[i] == '\n' || text.p[i] == '\0') return false;
  return true;
}

/* A word of HTTP's grammar: method or header name. */
static bool is_token(inst_str text) {
  static const char others[] = "!#$%&'*+-.^_`|~";
  for (size_t i = 0; i < text.n; i++) {
    const char c = text.p[i];
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!plain && (c == '\0' || strchr(others, c) == NULL)) return false;
  }
  return text.n > 0;
}

/* Names of headers know no case.  'name' is all ASCII. */
static bool is_named(const inst_header *header, const char *name) {
  return header->name.n == strlen(name) && curl_strnequal(header->name.p, name, header->name.n);
}

static bool has_name(const inst_header *headers, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (is_named(&headers[i], name)) return true;
  return false;
}

static bool has_header(const inst_request *request, const char *name) {
  return has_name(request->headers, request->header_count, name);
}

/* The texts of refused headers are not quoted: they may hold a key.  A length that is not the
** body's would make two requests of one, so the body's framing is libcurl's alone. */
static int check_header(const inst_header *header, inst_error *error) {
  if (!is_token(header->name))
    return inst_curl_fail(error, INST_E_USAGE, false, "a header's name is not valid");
  if (!inst_curl_is_one_line(header->value))
    return inst_curl_fail(error, INST_E_USAGE, false,
                          "the value of a header holds a line break or a zero byte");
  if (is_named(header, "content-length") || is_named(header, "transfer-encoding"))
    return inst_curl_fail(error, INST_E_USAGE, false,
                          "the headers Content-Length and Transfer-Encoding cannot be set");
  return 0;
}

static int check(const inst_request *request, inst_error *error) {
  if (!is_token((inst_str){request->method, strlen(request->method)}))
    return inst_curl_fail(error, INST_E_USAGE, false, "the HTTP method is not valid");
  for (size_t i = 0; i < request->header_count; i++)
    if (check_header(&request->headers[i], error) != 0) return -1;
  return 0;
}

/* ---- the header lines ------------------------------------------------------------------------ */

/* What libcurl would add by itself, unless we or the request have words of our own; the first only
** to a long body. */
static const char *const unwanted[] = {"Expect", "Content-Type", "Accept-Encoding"};

/* Bytes from which on libcurl may ask the server first whether it wants the body. */
#if LIBCURL_VERSION_NUM >= 0x074500
#define LONG 1000000
#else
#define LONG 1000
#endif

static bool is_long(const inst_request *request) {
  return request->body.n >= LONG;
}

/* What every request says unless it has its own words.  libcurl knows these two by options, too, but
** spells them twice for each request then. */
typedef struct habits {
  inst_header list[2];
  size_t count;
} habits;

enum { UNWANTED_COUNT = sizeof unwanted / sizeof *unwanted };

/* libcurl takes a value of nothing but blanks for none at all. */
static inst_str trim(inst_str text) {
  while (text.n > 0 && (text.p[0] == ' ' || text.p[0] == '\t')) {
    text.p++;
    text.n--;
  }
  while (text.n > 0 && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t')) text.n--;
  return text;
}

/* Of all encodings the one that every server has: naming more costs each request more bytes. */
static const char *encoding(void) {
  const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);
  return (libcurl->features & CURL_VERSION_LIBZ) != 0 ? "gzip" : NULL;
}

static void add_habit(habits *to, const inst_request *request, const char *name,
                      const char *value) {
  if (value == NULL || has_header(request, name)) return;
  const inst_str text = {value, strlen(value)};
  if (trim(text).n != text.n || text.n == 0) return; /* put_line would change it */
  to->list[to->count++] = (inst_header){{name, strlen(name)}, text};
}

/* Does 'host' mean this machine? */
static bool is_loopback(const char *host) {
  if (curl_strequal(host, "localhost") != 0 || strcmp(host, "[::1]") == 0) return true;
  return strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0';
}

/* (A server that is not known to be near is not.) */
static bool is_near(const inst_curl_exchange *x) {
  char *host = NULL;
  if (curl_url_get(x->url, CURLUPART_HOST, &host, 0) != CURLUE_OK) return false;
  const bool near = is_loopback(host);
  curl_free(host);
  return near;
}

/* What comes from this machine would be packed and unpacked for nothing; it is unpacked if it comes
** packed all the same. */
static habits habits_of(const inst_curl_exchange *x, const inst_request *request) {
  habits all = {.count = 0};
  add_habit(&all, request, "User-Agent", x->engine->options.user_agent);
  add_habit(&all, request, "Accept-Encoding", x->near ? NULL : encoding());
  return all;
}

/* Bytes the lines take: each has its node, a separator of at most two, and a '\0'. */
static size_t measure(const inst_header *headers, size_t n) {
  size_t size = 0;
  for (size_t i = 0; i < n; i++)
    size += sizeof(struct curl_slist) + headers[i].name.n + headers[i].value.n + 3;
  return size;
}

/* Of all lines; behind them stand method and URL. */
static size_t measure_all(const inst_request *request, const habits *ours) {
  size_t size = strlen(request->method) + strlen(request->url) + 2;
  size += measure(ours->list, ours->count) + measure(request->headers, request->header_count);
  for (size_t i = 0; i < UNWANTED_COUNT; i++)
    size += sizeof(struct curl_slist) + strlen(unwanted[i]) + 2;
  return size;
}

/* Returns where to go on. */
static char *put(char *at, const char *p, size_t n) {
  if (n > 0) memcpy(at, p, n);
  return at + n;
}

/* libcurl's spelling: "Name: value" sends it, "Name;" sends it empty, "Name:" sends none. */
static char *put_line(char *at, const inst_header *header) {
  const inst_str value = trim(header->value);
  at = put(at, header->name.p, header->name.n);
  at = value.n > 0 ? put(put(at, ": ", 2), value.p, value.n) : put(at, ";", 1);
  return put(at, "", 1);
}

/* The same for all of them; '*node' is where to go on with the nodes. */
static char *put_lines(char *at, struct curl_slist **node, const inst_header *headers, size_t n) {
  for (size_t i = 0; i < n; i++, ++*node) {
    **node = (struct curl_slist){at, *node + 1};
    at = put_line(at, &headers[i]);
  }
  return at;
}

static char *put_unwanted(char *at, struct curl_slist **node, const inst_request *request,
                          const habits *ours) {
  for (size_t i = is_long(request) ? 0 : 1; i < UNWANTED_COUNT; i++) {
    if (has_header(request, unwanted[i]) || has_name(ours->list, ours->count, unwanted[i]))
      continue;
    **node = (struct curl_slist){at, *node + 1};
    at = put(put(put(at, unwanted[i], strlen(unwanted[i])), ":", 1), "", 1);
    ++*node;
  }
  return at;
}

/* Writes all lines into one block: first the nodes libcurl walks along, then their text. */
static int write_lines(inst_curl_exchange *x, const inst_request *request, inst_error *error) {
  const inst_alloc alloc = x->engine->alloc;
  x->near = is_near(x);
  const habits ours = habits_of(x, request);
  const size_t size = measure_all(request, &ours);
  struct curl_slist *node = alloc.fn(alloc.ctx, NULL, 0, size);
  if (node == NULL) return inst_curl_fail_memory(error);
  x->lines = node;
  x->lines_size = size;
  char *at = (char *)(node + ours.count + request->header_count + UNWANTED_COUNT);
  at = put_lines(at, &node, ours.list, ours.count);
  x->asked_lines = node;
  at = put_lines(at, &node, request->headers, request->header_count);
  at = put_unwanted(at, &node, request, &ours);
  node[-1].next = NULL; /* there is one: a Content-Type is in the request, or unwanted */
  x->fits_long = is_long(request);
  x->header_count = (unsigned)request->header_count;
  x->method = at;
  x->asked = at = put(at, request->method, strlen(request->method) + 1);
  put(at, request->url, strlen(request->url) + 1);
  return 0;
}

/* ---- the URL --------------------------------------------------------------------------------- */

/* libcurl reads more schemes than it may use here. */
static bool is_http(const char *url) {
  return curl_strnequal(url, "http://", 7) != 0 || curl_strnequal(url, "https://", 8) != 0;
}

/* Refuses what is no plain http(s) URL.  A password in it would become an Authorization header that
** nobody asked for. */
static int read_url(inst_curl_exchange *x, const char *text, inst_error *error) {
  x->url = curl_url();
  if (x->url == NULL) return inst_curl_fail_memory(error);
  const CURLUcode result = curl_url_set(x->url, CURLUPART_URL, text, CURLU_DISALLOW_USER);
  if (result == CURLUE_OUT_OF_MEMORY) return inst_curl_fail_memory(error);
  if (result == CURLUE_USER_NOT_ALLOWED)
    return inst_curl_fail(error, INST_E_USAGE, false,
                          "the URL holds a user name or password: send a header instead");
  if (result == CURLUE_UNSUPPORTED_SCHEME || (result == CURLUE_OK && !is_http(text)))
    return inst_curl_fail(error, INST_E_USAGE, false,
                          "the URL begins with neither http:// nor https://");
  if (result != CURLUE_OK)
    return inst_curl_fail(error, INST_E_USAGE, false, "the URL is not valid");
  return 0;
}

/* Milliseconds as libcurl counts them, never 0, which would mean: no limit. */
static long millis(double seconds) {
  if (seconds * 1000 >= (double)INT_MAX) return INT_MAX;
  return seconds * 1000 > 1 ? (long)(seconds * 1000) : 1;
}

CURLcode inst_curl_aim(inst_curl_exchange *x) {
  return curl_easy_setopt(x->easy, CURLOPT_CURLU, x->url);
}

/* libcurl's own limit for connecting, where it is told none. */
#define USUAL_MS 300000L

/* The limits are ours to watch (curl_limits.c).  But libcurl must know how long it may try one of
** several addresses, unless there will be a connection. */
static CURLcode set_connect_time(inst_curl_exchange *x, double seconds) {
  long ms = seconds > 0 ? millis(seconds) : 0;
  if (x->at_hand && ms <= USUAL_MS) ms = 0;
  if (ms == x->connect_ms) return CURLE_OK;
  x->connect_ms = ms;
  return curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT_MS, ms);
}

/* Bytes libcurl reads at once, in a buffer it has as long as the answer takes.  There may be a
** thousand streams, each with an event now and then; and of answers that come whole there may be
** many at once, few of them longer than some pages.  (One of megabytes takes some more calls.) */
#define SIP 1024L
#define GULP 4096L

/* ---- the options ----------------------------------------------------------------------------- */

/* Must it be had?  A libcurl that cannot do what is wished is taken as it is. */
typedef enum need { NEEDED, WISHED } need;

static const struct {
  CURLoption option;
  need need;
  long value;
} numbers[] = {
    {CURLOPT_NOSIGNAL, NEEDED, 1},
    {CURLOPT_FOLLOWLOCATION, NEEDED, 0}, /* curl_answer.c is stricter */
    {CURLOPT_SSL_VERIFYPEER, NEEDED, 1},
    {CURLOPT_SSL_VERIFYHOST, NEEDED, 2},
    {CURLOPT_SSLVERSION, WISHED, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_HTTP_VERSION, WISHED, CURL_HTTP_VERSION_2TLS},
    {CURLOPT_TCP_KEEPALIVE, WISHED, 1},
    {CURLOPT_NETRC, WISHED, CURL_NETRC_IGNORED},
    {CURLOPT_HEADEROPT, NEEDED, CURLHEADER_SEPARATE}, /* a proxy we tunnel through sees no key, */
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, NEEDED, 1},    /* and its answer is not the server's */
#if LIBCURL_VERSION_NUM < 0x075500
    {CURLOPT_PROTOCOLS, NEEDED, CURLPROTO_HTTP | CURLPROTO_HTTPS},
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    {CURLOPT_QUICK_EXIT, WISHED, 1}, /* cancel and time out without waiting for the name server */
#endif
};

static CURLcode set_numbers(CURL *easy) {
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    const CURLcode result = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
    if (result != CURLE_OK && numbers[i].need == NEEDED) return result;
  }
  return CURLE_OK;
}

static bool has_line(const inst_curl_exchange *x, const char *name) {
  const size_t n = strlen(name);
  for (const struct curl_slist *line = x->lines; line != NULL; line = line->next)
    if (curl_strnequal(line->data, name, n) && strchr(":;", line->data[n]) != NULL) return true;
  return false;
}

/* A proxy that is asked for a tunnel is told the option, whatever the lines say; there is none for
** http, where the option would be spelled for nothing. */
static const char *agent(const inst_curl_exchange *x) {
  const bool tunnel = curl_strnequal(x->asked, "https://", 8) != 0;
  return tunnel || !has_line(x, "User-Agent") ? x->engine->options.user_agent : NULL;
}

/* NULL leaves an option as it is. */
static CURLcode set_texts(const inst_curl_exchange *x) {
  const inst_transport_options *options = &x->engine->options;
  const struct {
    CURLoption option;
    const char *text;
  } texts[] = {
    {CURLOPT_USERAGENT, agent(x)},
    {CURLOPT_ACCEPT_ENCODING, encoding()}, /* the line alone would not have it decoded */
    {CURLOPT_PROXY, options->proxy},
    {CURLOPT_NOPROXY, options->proxy != NULL ? "" : NULL}, /* then the environment has no say */
    {CURLOPT_CAINFO, options->ca_file},
    {CURLOPT_SSLCERT, options->cert_file},
    {CURLOPT_SSLKEY, options->key_file},
    {CURLOPT_KEYPASSWD, options->cert_file != NULL ? "" : NULL}, /* fail rather than ask a tty */
#if LIBCURL_VERSION_NUM >= 0x075500
    {CURLOPT_PROTOCOLS_STR, "http,https"},
#endif
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (texts[i].text == NULL) continue;
    const CURLcode result = curl_easy_setopt(x->easy, texts[i].option, texts[i].text);
    if (result != CURLE_OK) return result;
  }
  /* The file given is all that is trusted, so the system's directory goes. */
  if (options->ca_file == NULL) return CURLE_OK;
  return curl_easy_setopt(x->easy, CURLOPT_CAPATH, (char *)NULL);
}

/* A program the host starts does not inherit our connections. */
static int on_opened(void *exchange, curl_socket_t fd, curlsocktype kind) {
  inst_curl_exchange *x = exchange;
  (void)kind;
  (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  inst_curl_wait_opened(x->engine, fd);
  inst_curl_limits_connecting(x);
  return CURL_SOCKOPT_OK;
}

static int on_closing(void *engine, curl_socket_t fd) {
  inst_curl_wait_closing(engine, fd);
  return close(fd);
}

#define TRY(call)                                                                                  \
  do {                                                                                             \
    const CURLcode tried = (call);                                                                 \
    if (tried != CURLE_OK) return tried;                                                           \
  } while (0)

/* A TLS library begins its work: from now on SIGPIPE is guarded against. */
static CURLcode begin_tls(CURL *easy, void *context, void *engine) {
  inst_curl_engine *e = engine;
  (void)easy;
  (void)context;
  e->guard.needed = true;
  inst_curl_guard_enter(&e->guard);
  return CURLE_OK;
}

/* Where libcurl cannot tell of TLS, it is taken for granted. */
static void watch_tls(inst_curl_exchange *x) {
  inst_curl_engine *e = x->engine;
  if (curl_easy_setopt(x->easy, CURLOPT_SSL_CTX_FUNCTION, begin_tls) != CURLE_OK ||
      curl_easy_setopt(x->easy, CURLOPT_SSL_CTX_DATA, e) != CURLE_OK)
    e->guard.needed = true;
}

/* What libcurl reports to, and the one list it walks along. */
static CURLcode set_calls(inst_curl_exchange *x) {
  CURL *easy = x->easy;
  x->trouble[0] = '\0';
  watch_tls(x);
  TRY(curl_easy_setopt(easy, CURLOPT_PRIVATE, x));
  TRY(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->trouble));
  TRY(curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, inst_curl_take_header));
  TRY(curl_easy_setopt(easy, CURLOPT_HEADERDATA, x));
  TRY(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, inst_curl_take_body));
  TRY(curl_easy_setopt(easy, CURLOPT_WRITEDATA, x));
  TRY(curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_opened));
  TRY(curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, x));
  TRY(curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_closing));
  TRY(curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, x->engine));
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->lines);
}

static CURLcode set_body(CURL *easy, inst_str body) {
  TRY(curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n));
  return curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.n > 0 ? body.p : "");
}

/* A POST, or a request with a body, sends the body, however long; any other sends none. */
static CURLcode set_method(CURL *easy, const inst_request *request) {
  const bool post = strcmp(request->method, "POST") == 0;
  if (post || request->body.n > 0) {
    TRY(curl_easy_setopt(easy, CURLOPT_POST, 1L));
    TRY(set_body(easy, request->body));
  } else if (strcmp(request->method, "HEAD") == 0) {
    TRY(curl_easy_setopt(easy, CURLOPT_NOBODY, 1L));
  }
  return post ? CURLE_OK : curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static bool has_no_proxy(const inst_curl_engine *e) {
  return e->options.proxy != NULL && e->options.proxy[0] == '\0';
}

static CURLcode set_all(inst_curl_exchange *x, const inst_request *request) {
  TRY(set_numbers(x->easy));
  /* The address of this machine stays: libcurl need not look through those it knows each time.  (It
  ** is the proxy's that is looked up where there is one.) */
  if (x->near && has_no_proxy(x->engine))
    TRY(curl_easy_setopt(x->easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L));
  TRY(set_texts(x));
  TRY(set_calls(x));
  TRY(set_method(x->easy, request));
  TRY(set_connect_time(x, request->connect_timeout));
  TRY(curl_easy_setopt(x->easy, CURLOPT_BUFFERSIZE, request->streamed ? SIP : GULP));
  x->streamed = request->streamed;
  return inst_curl_aim(x);
}

void inst_curl_undress(inst_curl_exchange *x) {
  const inst_alloc alloc = x->engine->alloc;
  if (x->easy != NULL) curl_easy_reset(x->easy); /* before the memory its options point to goes */
  curl_url_cleanup(x->url);
  x->url = NULL;
  if (x->lines != NULL) alloc.fn(alloc.ctx, x->lines, x->lines_size, 0);
  x->lines = NULL;
  x->connect_ms = 0;
  x->dressed = x->at_hand = false;
}

/* ---- the same again -------------------------------------------------------------------------- */

/* Is 'line' what put_line writes for 'header'? */
static bool is_line_of(const char *line, const inst_header *header) {
  const inst_str value = trim(header->value);
  if (strncmp(line, header->name.p, header->name.n) != 0) return false;
  line += header->name.n;
  if (value.n == 0) return strcmp(line, ";") == 0;
  if (line[0] != ':' || line[1] != ' ') return false;
  return strlen(line + 2) == value.n && memcmp(line + 2, value.p, value.n) == 0;
}

/* Does 'x' wear what 'request' needs, but for body and time?  Only POST is worth the question. */
static bool is_dressed_for(const inst_curl_exchange *x, const inst_request *request) {
  if (!x->dressed || request->header_count != x->header_count) return false;
  if (request->streamed != x->streamed || (is_long(request) && !x->fits_long)) return false;
  if (request->connect_timeout < x->connect_timeout || strcmp(x->asked, request->url) != 0 ||
      request->connect_timeout > x->connect_timeout || strcmp(x->method, "POST") != 0 ||
      strcmp(request->method, "POST") != 0)
    return false;
  const struct curl_slist *node = x->asked_lines;
  for (size_t i = 0; i < request->header_count; i++, node = node->next)
    if (!is_line_of(node->data, &request->headers[i])) return false;
  return true;
}

/* A POST it is already. */
static CURLcode dress_again(inst_curl_exchange *x, const inst_request *request) {
  x->trouble[0] = '\0';
  TRY(set_body(x->easy, request->body));
  return set_connect_time(x, request->connect_timeout);
}

static int dress_anew(inst_curl_exchange *x, const inst_request *request, inst_error *error) {
  inst_curl_undress(x);
  return check(request, error) != 0 || read_url(x, request->url, error) != 0 ||
                 write_lines(x, request, error) != 0
             ? -1
             : 0;
}

int inst_curl_dress(inst_curl_exchange *x, const inst_request *request, inst_error *error) {
  const bool again = is_dressed_for(x, request);
  if (!again && dress_anew(x, request, error) != 0) return -1;
  x->dressed = false; /* until all is well */
  x->connect_timeout = request->connect_timeout;
  x->total_timeout = request->total_timeout;
  const CURLcode result = again ? dress_again(x, request) : set_all(x, request);
  x->dressed = result == CURLE_OK;
  if (x->dressed) return 0;
  inst_curl_fault(x, result, error);
  return -1;
}
