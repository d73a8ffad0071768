/*
** What went wrong, in plain words.
** In: libcurl's result code and an exchange.  Out: an inst_error: its code, whether trying again
** may help, and one sentence that names the host and the port.
** Rule: the path, the query, the headers and the body of a request never show up here.
*/
#define _POSIX_C_SOURCE 200809L

#include "core/net/curl_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int inst_curl_fail(inst_error *error, inst_code code, bool retryable, const char *format, ...) {
  va_list args;
  if (error == NULL) return -1;
  *error = (inst_error){.code = code, .retryable = retryable};
  va_start(args, format);
  vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  return -1;
}

int inst_curl_fail_memory(inst_error *error) {
  return inst_curl_fail(error, INST_E_MEMORY, false, "memory ran out");
}

/* ---- the words for each code ----------------------------------------------------------------- */

/* What stands behind the sentence, after a colon. */
typedef enum detail {
  BARE,   /* nothing */
  SYSTEM, /* what the operating system said */
  OWN     /* what libcurl and its TLS library said: certificates cannot be explained otherwise */
} detail;

typedef struct fault {
  CURLcode curl;
  inst_code code;
  bool retryable;
  detail detail;
  const char *before, *after; /* around "HOST port PORT" */
} fault;

/* What every answer that stops too early is called. */
#define CUT_OFF "the connection closed before the answer was whole"

static const fault faults[] = {
    {CURLE_COULDNT_RESOLVE_HOST, INST_E_NETWORK, true, BARE, "could not find the address of ", ""},
    {CURLE_COULDNT_RESOLVE_PROXY, INST_E_NETWORK, true, BARE,
     "could not find the address of the proxy to ", ""},
    {CURLE_COULDNT_CONNECT, INST_E_NETWORK, true, SYSTEM, "could not connect to ", ""},
    {CURLE_NO_CONNECTION_AVAILABLE, INST_E_NETWORK, true, BARE, "no connection is free to ", ""},
    {CURLE_SSL_CONNECT_ERROR, INST_E_NETWORK, true, OWN, "the TLS handshake with ", " failed"},
    {CURLE_SEND_ERROR, INST_E_NETWORK, true, SYSTEM, "lost the connection to ", ""},
    {CURLE_RECV_ERROR, INST_E_NETWORK, true, SYSTEM, "lost the connection to ", ""},
    {CURLE_PARTIAL_FILE, INST_E_NETWORK, true, BARE, CUT_OFF " (", ")"},
    {CURLE_HTTP2, INST_E_NETWORK, true, BARE, "lost the connection to ", ""},
    {CURLE_HTTP2_STREAM, INST_E_NETWORK, true, BARE, "lost the connection to ", ""},
    {CURLE_SEND_FAIL_REWIND, INST_E_NETWORK, true, BARE, "lost the connection to ", ""},
    {CURLE_UNRECOVERABLE_POLL, INST_E_NETWORK, true, BARE, "lost the connection to ", ""},
    {CURLE_GOT_NOTHING, INST_E_NETWORK, true, BARE, "", " closed the connection without an answer"},
    {CURLE_BAD_CONTENT_ENCODING, INST_E_NETWORK, true, BARE, CUT_OFF " (", ")"},
    {CURLE_PROXY, INST_E_NETWORK, true, BARE, "the proxy did not connect to ", ""},
    {CURLE_PEER_FAILED_VERIFICATION, INST_E_NETWORK, false, OWN, "the certificate of ",
     " was not accepted"},
    {CURLE_SSL_ISSUER_ERROR, INST_E_NETWORK, false, OWN, "the certificate of ",
     " was not accepted"},
    {CURLE_SSL_INVALIDCERTSTATUS, INST_E_NETWORK, false, OWN, "the certificate of ",
     " was not accepted"},
    {CURLE_SSL_CERTPROBLEM, INST_E_NETWORK, false, OWN, "the client certificate for ",
     " cannot be used"},
    {CURLE_SSL_CLIENTCERT, INST_E_NETWORK, false, OWN, "", " asks for a client certificate"},
    {CURLE_SSL_CACERT_BADFILE, INST_E_NETWORK, false, BARE, "the file of authorities for ",
     " cannot be read"},
    {CURLE_SSL_CRL_BADFILE, INST_E_NETWORK, false, BARE, "the revocation list for ",
     " cannot be read"},
    {CURLE_SSL_CIPHER, INST_E_NETWORK, false, OWN, "no cipher is shared with ", ""},
    {CURLE_UNSUPPORTED_PROTOCOL, INST_E_NETWORK, false, BARE, "",
     " speaks no HTTP that libcurl understands"},
    {CURLE_WEIRD_SERVER_REPLY, INST_E_NETWORK, false, BARE, "", " did not answer in valid HTTP"},
    {CURLE_URL_MALFORMAT, INST_E_USAGE, false, BARE, "the URL for ", " is not valid"},
};

/* NULL: a result that no server and no network should cause. */
static const fault *find_fault(CURLcode result) {
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    if (faults[i].curl == result) return &faults[i];
  return NULL;
}

/* Our own list, because strerror asks the locale. */
static const char *system_words(long number) {
  static const struct {
    int number;
    const char *words;
  } known[] = {{ECONNREFUSED, "Connection refused"},
               {ECONNRESET, "Connection reset by peer"},
               {ETIMEDOUT, "Connection timed out"},
               {EHOSTUNREACH, "No route to host"},
               {ENETUNREACH, "Network is unreachable"},
               {ENETDOWN, "Network is down"},
               {EPIPE, "Broken pipe"},
               {EADDRNOTAVAIL, "Address not available"},
               {ECONNABORTED, "Connection aborted"},
               {EACCES, "Permission denied"},
               {EPERM, "Operation not permitted"},
               {EMFILE, "Too many open files"},
               {ENFILE, "Too many open files in system"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].number == number) return known[i].words;
  return "";
}

/* ---- where it happened ----------------------------------------------------------------------- */

/* The server asked, even if a proxy stands between: it is the one the user knows. */
typedef struct place {
  char host[256], port[8];
} place;

static void copy_part(CURLU *url, CURLUPart part, unsigned flags, char *out, size_t room) {
  char *text = NULL;
  if (url != NULL && curl_url_get(url, part, &text, flags) == CURLUE_OK) {
    snprintf(out, room, "%s", text);
    curl_free(text);
  }
}

static place find_place(const inst_curl_exchange *x) {
  place at = {"the server", "?"};
  copy_part(x->url, CURLUPART_HOST, 0, at.host, sizeof at.host);
  copy_part(x->url, CURLUPART_PORT, CURLU_DEFAULT_PORT, at.port, sizeof at.port);
  return at;
}

/* 0 where libcurl does not know. */
static long ask_long(const inst_curl_exchange *x, CURLINFO what) {
  long answer = 0;
  return curl_easy_getinfo(x->easy, what, &answer) == CURLE_OK ? answer : 0;
}

/* Has the exchange come as far as 'moment', one of libcurl's times? */
static bool has_passed(const inst_curl_exchange *x, CURLINFO moment) {
  double answer = 0;
  return curl_easy_getinfo(x->easy, moment, &answer) == CURLE_OK && answer > 0;
}

/* ---- putting it together --------------------------------------------------------------------- */

/* Foreign words cut short, control characters as blanks. */
static void copy_words(const char *words, char *out, size_t room) {
  size_t n = 0;
  for (; words[n] != '\0' && n + 1 < room; n++) {
    const unsigned char c = (unsigned char)words[n];
    out[n] = c < 0x20 || c > 0x7e ? ' ' : words[n];
  }
  out[n] = '\0';
}

/* Was it a proxy that could not be reached?  Only libcurl's own words name where it went; where they
** say something new, nobody is blamed. */
static bool was_proxy(const inst_curl_exchange *x, const place *at) {
  char own[32];
  snprintf(own, sizeof own, " port %s ", at->port);
  return strncmp(x->trouble, "Failed to connect to ", 21) == 0 && strstr(x->trouble, own) == NULL;
}

/* A row of the table as a sentence. */
static void say(const inst_curl_exchange *x, const fault *f, inst_error *error) {
  const place at = find_place(x);
  char words[INST_QUOTE_MAX + 1] = "";
  if (f->detail == SYSTEM)
    copy_words(system_words(ask_long(x, CURLINFO_OS_ERRNO)), words, sizeof words);
  if (f->detail == OWN) copy_words(x->trouble, words, sizeof words);
  const char *by = f->curl == CURLE_COULDNT_CONNECT && was_proxy(x, &at) ? "the proxy to " : "";
  inst_curl_fail(error, f->code, f->retryable, "%s%s%s port %s%s%s%s", f->before, by, at.host,
                 at.port, f->after, words[0] == '\0' ? "" : ": ", words);
}

/* We stopped it ourselves: libcurl's result says nothing then. */
static void say_stop(const inst_curl_exchange *x, inst_error *error) {
  const place at = find_place(x);
  if (x->stop == INST_CURL_STOP_READER)
    inst_curl_fail(error, INST_E_LIMIT, false, "the reader wanted no more");
  else if (x->stop == INST_CURL_STOP_HEADERS)
    inst_curl_fail(error, INST_E_LIMIT, false,
                   "the headers of the answer from %s port %s are longer than %u bytes", at.host,
                   at.port, INST_MAX_HEADER_BYTES);
  else
    inst_curl_fail_memory(error);
}

/* Both limits give the same result; where it stood tells them apart. */
static void say_timeout(const inst_curl_exchange *x, inst_error *error) {
  const place at = find_place(x);
  const bool connected = inst_curl_is_connected(x);
  inst_curl_fail(error, INST_E_TIMEOUT, true, "%s %s port %s in time",
                 connected ? "no whole answer came from" : "could not connect to", at.host,
                 at.port);
}

/* libcurl takes header lines up to about 100 kB.  Older ones call a longer one lack of memory,
** which is told apart by when it comes: while a head is being received. */
static bool is_endless_line(const inst_curl_exchange *x, CURLcode result) {
  enum { TOO_LARGE = 100 }; /* CURLE_TOO_LARGE, which newer versions have */
  if ((int)result == TOO_LARGE) return true;
  return result == CURLE_OUT_OF_MEMORY && !x->has_head &&
         has_passed(x, CURLINFO_STARTTRANSFER_TIME);
}

/* A request always has a URL that libcurl has read before: where it finds none, or cannot say what is
** wrong with it, it had no memory for it. */
static bool is_no_memory(const inst_curl_exchange *x, CURLcode result) {
  bool unsaid = x->trouble[0] == '\0' || strcmp(x->trouble, "No URL set") == 0;
  return result == CURLE_OUT_OF_MEMORY || (result == CURLE_URL_MALFORMAT && unsaid);
}

/* Can only a connection that broke off give this result after the head has come? */
static bool is_cut_off(const fault *f) {
  return f != NULL && f->code == INST_E_NETWORK && f->retryable;
}

/* The order matters: from what we know for certain to what libcurl's code alone suggests. */
void inst_curl_fault(const inst_curl_exchange *x, CURLcode result, inst_error *error) {
  const fault *f = find_fault(result);
  const long refused = ask_long(x, CURLINFO_HTTP_CONNECTCODE);
  const place at = find_place(x);
  if (x->stop != INST_CURL_NO_STOP)
    say_stop(x, error);
  else if (result == CURLE_OPERATION_TIMEDOUT)
    say_timeout(x, error);
  else if (is_endless_line(x, result))
    inst_curl_fail(error, INST_E_LIMIT, false, "a header line from %s port %s is too long", at.host,
                   at.port);
  else if (is_no_memory(x, result))
    inst_curl_fail_memory(error);
  else if (refused >= 300)
    inst_curl_fail(error, INST_E_NETWORK, refused >= 500,
                   "the proxy refused to connect to %s port %s (status %ld)", at.host, at.port,
                   refused);
  else if (x->has_head && is_cut_off(f))
    inst_curl_fail(error, INST_E_NETWORK, true, CUT_OFF " (%s port %s)", at.host, at.port);
  else if (f != NULL)
    say(x, f, error);
  else
    inst_curl_fail(error, INST_E_NETWORK, false, "the exchange with %s port %s failed: %s", at.host,
                   at.port, curl_easy_strerror(result));
}
