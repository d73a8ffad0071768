/*
** The client beside plain libcurl: microseconds of CPU a call, in the process that calls.
** A server (one process) answers every request with the same completion.  Each peer runs in a
** process of its own, which stays through all rounds, so that what is measured has warmed up; they
** take turns that are short, for what else the machine does comes and goes.  What is printed are
** medians, and the medians of the ratios to libcurl in the same round.  All send the very same body.
** Where there are two processors the server has the last one and the peers the first: else the
** scheduler's choice, which is another from run to run, decides more than what is measured.
** INSTRUCTOR_BENCH_LOOSE=1 leaves it the choice.
*/
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "core/instructor.h"
#include "spec/bench/peers.h"

#include <curl/curl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>

enum { ROUNDS = 61, CALLS = 1000, WARM = 2000, AT_ONCE = 64, CLIENTS = 256, ROOM = 16384 };

static char body[ROOM];

/* From now on this process, and those it starts, run on the first processor it may use, or on the
** last. */
static void stay_on(bool last) {
  cpu_set_t all, one;
  size_t found = CPU_SETSIZE;
  if (getenv("INSTRUCTOR_BENCH_LOOSE") != NULL || sched_getaffinity(0, sizeof all, &all) != 0)
    return;
  for (size_t i = 0; i < CPU_SETSIZE && (found == CPU_SETSIZE || last); i++)
    if (CPU_ISSET(i, &all)) found = i;
  CPU_ZERO(&one);
  CPU_SET(found, &one);
  if (CPU_COUNT(&all) > 1) sched_setaffinity(0, sizeof one, &one);
}

/* ---- the server ------------------------------------------------------------------------------ */

static const char completion[] =
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"m\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":"
    "[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"Response\",\"arguments\":"
    "\"{\\\"name\\\":\\\"Jason Liu\\\",\\\"age\\\":30,\\\"email\\\":\\\"jason@example.com\\\","
    "\\\"is_active\\\":true,\\\"role\\\":\\\"user\\\",\\\"score\\\":4.5,\\\"tags\\\":[\\\"a\\\","
    "\\\"b\\\",\\\"c\\\"]}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":"
    "90,"
    "\"completion_tokens\":40,\"total_tokens\":130}}";

/* One connection's bytes so far. */
typedef struct peer {
  char bytes[ROOM];
  size_t n;
} peer;

/* Length of the whole request at the beginning of 'p', or 0 while some of it is missing. */
static size_t request_length(const peer *p) {
  const char *end = memmem(p->bytes, p->n, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  const char *length = strcasestr(p->bytes, "\r\ncontent-length:");
  size_t whole = (size_t)(end - p->bytes) + 4;
  if (length != NULL && length < end) whole += strtoul(length + 17, NULL, 10);
  return p->n >= whole ? whole : 0;
}

/* Answers every whole request; -1: the peer is gone. */
static int serve_some(int fd, peer *p) {
  char answer[ROOM];
  ssize_t n = read(fd, p->bytes + p->n, ROOM - 1 - p->n);
  if (n <= 0) return -1;
  p->n += (size_t)n;
  p->bytes[p->n] = '\0';
  for (size_t whole; (whole = request_length(p)) > 0;) {
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        strlen(completion), completion);
    if (write(fd, answer, (size_t)size) != size) return -1;
    memmove(p->bytes, p->bytes + whole, p->n - whole + 1);
    p->n -= whole;
  }
  return 0;
}

static void serve(int listener) {
  stay_on(true);
  static struct pollfd fds[CLIENTS];
  static peer peers[CLIENTS];
  nfds_t count = 1;
  int yes = 1;
  fds[0] = (struct pollfd){listener, POLLIN, 0};
  while (poll(fds, count, -1) >= 0) {
    for (nfds_t i = count; i-- > 1;) {
      if (fds[i].revents == 0 || serve_some(fds[i].fd, &peers[i]) == 0) continue;
      close(fds[i].fd);
      fds[i] = fds[--count];
      peers[i] = peers[count];
    }
    if (fds[0].revents == 0 || count == CLIENTS) continue;
    int fd = accept(listener, NULL, NULL);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    peers[count].n = 0;
    fds[count++] = (struct pollfd){fd, POLLIN, 0};
  }
}

/* ---- libcurl, plain -------------------------------------------------------------------------- */

static double cpu_now(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return cpu_of(&r);
}

static size_t count_bytes(char *p, size_t one, size_t n, void *sum) {
  (void)p;
  *(size_t *)sum += one * n;
  return one * n;
}

static size_t received;

static CURL *plain_handle(void) {
  char whole[128];
  CURL *easy = curl_easy_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Authorization: Bearer sk-fake");
  headers = curl_slist_append(headers, "Expect:");
  snprintf(whole, sizeof whole, "%s/chat/completions", url);
  curl_easy_setopt(easy, CURLOPT_URL, whole);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received);
  return easy;
}

static void loop_easy(int n) {
  static CURL *easy;
  if (easy == NULL) easy = plain_handle();
  for (int i = 0; i < n; i++)
    if (curl_easy_perform(easy) != CURLE_OK) die("easy");
}

/* Gives handles that are through back to libcurl while there is more to do; returns how many. */
static int take_ends(CURLM *multi, int *left) {
  CURLMsg *message;
  int queued, ended = 0;
  while ((message = curl_multi_info_read(multi, &queued)) != NULL) {
    CURL *easy = message->easy_handle;
    if (message->data.result != CURLE_OK) die("multi");
    curl_multi_remove_handle(multi, easy);
    ended++;
    if (*left > 0) {
      --*left;
      curl_multi_add_handle(multi, easy);
    }
  }
  return ended;
}

static void loop_multi(int n) {
  static CURL *handles[AT_ONCE];
  static CURLM *multi;
  if (multi == NULL) {
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)AT_ONCE);
  }
  int left = n, running;
  for (int i = 0; i < AT_ONCE && left > 0; i++, left--) {
    if (handles[i] == NULL) handles[i] = plain_handle();
    curl_multi_add_handle(multi, handles[i]);
  }
  for (int ended = 0; ended < n;) {
    curl_multi_perform(multi, &running);
    int some = take_ends(multi, &left);
    ended += some;
    if (some == 0) curl_multi_poll(multi, NULL, 0, 100, NULL);
  }
}

/* ---- the core, from C ------------------------------------------------------------------------ */

static inst_schema *user_schema(void) {
  inst_error error;
  inst_schema *s = inst_schema_new((inst_alloc){NULL, NULL});
  inst_node user = inst_schema_node(s, INST_NODE_OBJECT);
  inst_schema_field(s, user, (inst_str){"name", 4}, inst_schema_node(s, INST_NODE_STRING));
  inst_schema_field(s, user, (inst_str){"age", 3}, inst_schema_node(s, INST_NODE_NUMBER));
  if (inst_schema_finish(s, user, &error) != 0) die(error.text);
  return s;
}

static void loop_core(int n) {
  static inst_engine *engine;
  static inst_schema *schema;
  static inst_arena *arena;
  static inst_value *params;
  const char request[] =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
  inst_error error;
  inst_call_options o;
  if (engine == NULL) {
    engine = inst_engine_new(inst_curl(), NULL, (inst_alloc){NULL, NULL}, &error);
    schema = user_schema();
    arena = inst_arena_new((inst_alloc){NULL, NULL});
    params = inst_json_parse(arena, (inst_str){request, sizeof request - 1}, 8, &error);
  }
  inst_call_defaults(&o);
  o.provider = inst_provider_find((inst_str){"compatible", 10});
  o.schema = schema;
  o.base_url = (inst_str){url, strlen(url)};
  o.api_key = (inst_str){"sk-fake", 7};
  o.params = params;
  for (int i = 0; i < n; i++) {
    inst_call *call = inst_call_new(&o, &error);
    if (call == NULL || inst_engine_drive(engine, call, 10) != INST_WANT_DONE) die("core");
    inst_call_free(call);
  }
}

/* ---- measuring ------------------------------------------------------------------------------- */

/* What a command prints, into 'out'. */
static void read_command(const char *command, char *out, size_t room) {
  FILE *pipe = popen(command, "r");
  size_t n = pipe != NULL ? fread(out, 1, room - 1, pipe) : 0;
  if (pipe == NULL || pclose(pipe) != 0 || n == 0) die(command);
  out[n] = '\0';
}

typedef struct peer_case {
  const char *name;
  void (*loop)(int); /* what it does so many times; NULL: ask.lua does… */
  const char *words; /* …this */
  double goal;       /* ratio to the first of its group; 0: it is the first, or none is set */
  pid_t pid;
  FILE *to, *from; /* its process is told how many calls to make, and tells what each cost */
} peer_case;

/* Becomes the peer: 'from' and 'to' are its standard input and output. */
static void become(const peer_case *me, const char *lua) {
  if (me->loop == NULL) {
    char at_once[16];
    snprintf(at_once, sizeof at_once, "%d", AT_ONCE);
    execlp(lua, lua, "spec/bench/client/ask.lua", me->words, url, at_once, (char *)NULL);
    die(lua);
  }
  for (int n; scanf("%d", &n) == 1; fflush(stdout)) {
    double from = cpu_now();
    me->loop(n);
    printf("%f\n", (cpu_now() - from) / n * 1e6);
  }
}

static void start_peer(peer_case *it, const char *lua) {
  int orders[2], times[2];
  if (pipe(orders) != 0 || pipe(times) != 0) die("pipe");
  fflush(stdout);
  it->pid = fork();
  if (it->pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (dup2(orders[0], 0) < 0 || dup2(times[1], 1) < 0) die("dup2");
    close(orders[1]);
    become(it, lua);
    _exit(0);
  }
  close(orders[0]);
  close(times[1]);
  it->to = fdopen(orders[1], "w");
  it->from = fdopen(times[0], "r");
}

/* Microseconds of CPU a call. */
static double ask(const peer_case *it, int calls) {
  double result = 0;
  fprintf(it->to, "%d\n", calls);
  if (fflush(it->to) != 0 || fscanf(it->from, "%lf", &result) != 1) die(it->name);
  return result;
}

/* (Those that were started later have its pipe, too: closing it says nothing.) */
static void end_peer(peer_case *it) {
  kill(it->pid, SIGTERM);
  waitpid(it->pid, NULL, 0);
  fclose(it->to);
  fclose(it->from);
}

static void measure(const char *title, peer_case *cases, size_t count, const char *lua) {
  double times[4][ROUNDS], ratios[4][ROUNDS];
  for (size_t i = 0; i < count; i++) {
    start_peer(&cases[i], lua);
    ask(&cases[i], WARM);
  }
  for (int round = 0; round < ROUNDS; round++)
    for (size_t i = 0; i < count; i++) {
      times[i][round] = ask(&cases[i], CALLS);
      ratios[i][round] = times[i][round] / times[0][round];
    }
  printf("%s, CPU a call\n", title);
  for (size_t i = 0; i < count; i++) {
    end_peer(&cases[i]);
    printf("  %-40s %9.2f us  %6.2fx", cases[i].name, median(times[i], ROUNDS),
           median(ratios[i], ROUNDS));
    if (cases[i].goal > 0) printf("  (goal: at most %.2fx)", cases[i].goal);
    printf("\n");
  }
}

int main(void) {
  static peer_case one[] = {{"libcurl, an easy handle", loop_easy, NULL, 0, 0, NULL, NULL},
                            {"create, from Lua", NULL, "one", 1.35, 0, NULL, NULL},
                            {"create, in more words", NULL, "wordy", 0, 0, NULL, NULL},
                            {"a smaller call, from C", loop_core, NULL, 0, 0, NULL, NULL}};
  static peer_case many[] = {{"libcurl, curl_multi", loop_multi, NULL, 0, 0, NULL, NULL},
                             {"instructor.map", NULL, "many", 1.7, 0, NULL, NULL}};
  char command[256];
  const char *lua = getenv("LUA");
  if (lua == NULL) lua = "lua5.4";
  snprintf(command, sizeof command, "%s spec/bench/client/ask.lua body", lua);
  read_command(command, body, sizeof body);
  pid_t server = start_server(serve, 128);
  stay_on(false);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  measure("one call after the other", one, 4, lua);
  measure("64 calls at once", many, 2, lua);
  kill(server, SIGTERM);
  waitpid(server, NULL, 0);
  return 0;
}
