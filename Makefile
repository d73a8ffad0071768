# instructor: builds, tests and installs the C library (core/) and the Lua module (lua/).
# "make help" lists the targets.  Needs GNU make 3.81 or newer and a POSIX shell.
#
# Everything built goes into build/<configuration>/, so that another LUA, a sanitizer or a second
# compiler never meets the objects of the first.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# Words a person types reach the programs through the environment alone, exactly as typed:
# $(value) keeps make from reading a dollar in them, and no recipe pastes them into a command.
# (This stands first: newer makes hand the environment to $(shell) too.)
$(foreach word,TEXT LIVE MODE MODEL SLOPPY PORT VECTORS,$(if $(filter undefined,$(origin $(word))),,\
  $(eval override $(word) := $$(value $(word)))$(eval export $(word))))

# ---- the machine ----------------------------------------------------------------------------

LUA ?= $(if $(shell command -v lua5.4 2>/dev/null),lua5.4,lua)
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL ?= install
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include

LUA := $(LUA)
lua_told := $(shell PKG_CONFIG='$(PKG_CONFIG)' .ci/lua '$(LUA)')
LUA_VERSION := $(word 1,$(lua_told))
lua_name := $(or $(word 2,$(lua_told)),no-lua)
LUA_CFLAGS ?= $(wordlist 4,99,$(lua_told))
LUA_LIBDIR ?= $(PREFIX)/lib/lua/$(LUA_VERSION)
LUA_SHAREDIR ?= $(PREFIX)/share/lua/$(LUA_VERSION)

# $(call package,name,library): the flags of pkg-config's 'name', else just -l'library'.
package = $(shell $(PKG_CONFIG) --libs $1 2>/dev/null || echo -l$2)
CURL_CFLAGS ?= $(shell $(PKG_CONFIG) --cflags libcurl 2>/dev/null)
CURL_LIBS ?= $(call package,libcurl,curl)
PCRE2_CFLAGS ?= $(shell $(PKG_CONFIG) --cflags libpcre2-8 2>/dev/null)
PCRE2_LIBS ?= $(call package,libpcre2-8,pcre2-8)
CMOCKA_CFLAGS ?= $(shell $(PKG_CONFIG) --cflags cmocka 2>/dev/null)
CMOCKA_LIBS ?= $(call package,cmocka,cmocka)

VERSION := $(shell sed -n 's/^.define INST_VERSION "\(.*\)"/\1/p' core/instructor.h)
SOVERSION := 0
core_libs = $(PCRE2_LIBS) -lm
curl_libs = $(CURL_LIBS) -lpthread -ldl

ifeq ($(shell uname -s),Darwin)
  link_module = -bundle -undefined dynamic_lookup
  link_shared = -dynamiclib -install_name $(LIBDIR)/$(notdir $@)
  link_example = $(static) $(curl_libs) $(core_libs)
  soname = $1.$(SOVERSION).dylib
  sobase = $1.dylib
else
  link_module = -shared -Wl,-Bsymbolic
  link_shared = -shared -Wl,-soname,$(notdir $@) -Wl,-z,defs
  link_example = -Wl,-rpath,'$$ORIGIN/../lib' -L$(B)/lib -linstructor-curl -linstructor
  soname = $1.so.$(SOVERSION)
  sobase = $1.so
endif

# Make runs as many jobs as there are processors, unless the caller has said how many.
cpus := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
submake = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(cpus))

# ---- configurations -------------------------------------------------------------------------

# B is the configuration's folder.  STRICT=1: every warning is an error (make lint).  ASAN=1:
# address and undefined-behaviour sanitizers, modules never unloaded so that leaks keep their
# names (make asan).  FUZZER=1: clang's libFuzzer counts what an input reaches (make fuzz).  A
# user's build has none of them.
B ?= build/$(lua_name)
flags := -std=c11 -fPIC -fvisibility=hidden -Wall -Wextra
strict_flags := -Wpedantic -Wshadow -Wconversion -Werror
asan_flags := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
flags += $(if $(STRICT),$(strict_flags)) $(if $(ASAN),$(asan_flags)) \
  $(if $(FUZZER),-fsanitize=fuzzer-no-link)
link_flags := $(if $(ASAN),$(asan_flags))
link_module += $(if $(ASAN),-Wl$(,)-z$(,)nodelete)
, := ,

# Quiet lines by default, whole commands with V=1.
say = @$(if $(V),:,printf '  %-5s %s\n')
Q = $(if $(V),,@)

# ---- what there is --------------------------------------------------------------------------

# core/net/curl*.c is the transport: the only part that meets libcurl, a library of its own.
curl_c := $(sort $(wildcard core/net/curl*.c))
core_c := $(filter-out $(curl_c),$(sort $(wildcard core/*.c core/*/*.c)))
bind_curl_c := $(sort $(wildcard lua/binding/curl*.c))
bind_c := $(filter-out $(bind_curl_c),$(sort $(wildcard lua/binding/*.c)))
sandbox_c := $(sort $(wildcard examples/sandbox/*.c))
example_c := $(sort $(wildcard examples/*.c))
server_c := $(sort $(wildcard spec/server/*.c))
spec_c := $(sort $(wildcard spec/core/*_spec.c))
suite_c := $(sort $(wildcard spec/core/*_suite.c))
spec_help_c := $(filter-out $(spec_c) $(suite_c),$(sort $(wildcard spec/core/*.c)))
bench_c := $(sort $(wildcard spec/bench/*.c))
bench_lua := $(sort $(wildcard spec/bench/*.lua))
# A target is a file of its own; driver.c stands in where there is no libFuzzer.
fuzz_c := $(sort $(wildcard spec/fuzz/*_fuzz.c))
fuzz_driver_c := spec/fuzz/driver.c
fuzz_help_c := $(filter-out $(fuzz_c) $(fuzz_driver_c),$(sort $(wildcard spec/fuzz/*.c)))
preload_c := $(wildcard spec/support/*.c)
all_c := $(core_c) $(curl_c) $(bind_c) $(bind_curl_c) $(sandbox_c) $(example_c) $(server_c) \
  $(spec_c) $(suite_c) $(spec_help_c) $(bench_c) $(preload_c) \
  $(fuzz_c) $(fuzz_driver_c) $(fuzz_help_c)
all_h := $(sort $(wildcard core/*.h core/*/*.h lua/binding/*.h examples/sandbox/*.h spec/*/*.h))

object = $(patsubst %.c,$(B)/obj/%.o,$1)
program = $(patsubst %.c,$(B)/%,$1)
core_o := $(call object,$(core_c))
curl_o := $(call object,$(curl_c))

modules := $(B)/instructor/core.so $(B)/instructor/curl.so
shared := $(B)/lib/$(call soname,libinstructor) $(B)/lib/$(call soname,libinstructor-curl)
static := $(B)/lib/libinstructor.a $(B)/lib/libinstructor-curl.a
sandbox := $(if $(sandbox_c),$(B)/sandbox)
server := $(if $(server_c),$(B)/faultserver)
examples := $(call program,$(example_c))
# PART=lua leaves out the programs in C, which another LUA does not change.
specs := $(if $(filter lua,$(PART)),,$(call program,$(spec_c)))
curl_specs := $(filter $(B)/spec/core/curl%,$(specs))
suites := $(if $(filter lua,$(PART)),,$(call program,$(suite_c)))
benches := $(call program,$(bench_c))
fuzzers := $(call program,$(fuzz_c))

# ---- compiling and linking ------------------------------------------------------------------

.PHONY: all lib programs objects FORCE lua-headers
all: $(modules)
lib: $(shared) $(static)
programs: $(modules) $(shared) $(static) $(sandbox) $(server) $(examples) $(specs) $(suites)
objects: $(call object,$(all_c))

compile = $(CC) $(flags) $(CPPFLAGS) $(CFLAGS) -I. $(more) -MMD -MP -c -o $@ $<
link = $(CC) $(flags) $(CFLAGS) $(LDFLAGS) $(link_flags)

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(compile)

# Only these include headers that are not ours or the C library's.
$(call object,$(curl_c)): more = $(CURL_CFLAGS)
$(B)/obj/core/schema/%.o: more = $(PCRE2_CFLAGS)
$(B)/obj/lua/%.o: more = $(LUA_CFLAGS)
$(call object,$(example_c)): more = -Icore
$(B)/obj/spec/%.o: more = $(CMOCKA_CFLAGS) $(CURL_CFLAGS)

$(call object,$(bind_c) $(bind_curl_c)): | lua-headers
lua-headers:
	@[ -n '$(LUA_VERSION)' ] || { echo "LUA=$(LUA): there is no such interpreter here" >&2; exit 1; }
	@[ '$(word 3,$(lua_told))' = found ] || [ -n '$(LUA_CFLAGS)' ] || { echo \
	  "the headers of $(LUA) were not found: set LUA_CFLAGS, or see .ci/setup build" >&2; exit 1; }

# Changed flags, or another compiler, build everything anew.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(flags) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(LUA_CFLAGS))' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# The core never meets libcurl; the transport takes nothing of the core but its headers.
$(B)/instructor/core.so: $(call object,$(bind_c)) $(core_o)
$(B)/instructor/core.so: libs = $(core_libs)
$(B)/instructor/curl.so: $(call object,$(bind_curl_c)) $(curl_o)
$(B)/instructor/curl.so: libs = $(curl_libs)
$(modules):
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(link) $(link_module) -o $@ $(filter %.o,$^) $(libs)

$(B)/lib/$(call soname,libinstructor): $(core_o)
$(B)/lib/$(call soname,libinstructor): libs = $(core_libs)
$(B)/lib/$(call soname,libinstructor-curl): $(curl_o)
$(B)/lib/$(call soname,libinstructor-curl): libs = $(curl_libs)
$(shared):
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(link) $(link_shared) -o $@ $(filter %.o,$^) $(libs)
	@ln -sf $(@F) $(@:$(call soname,)=$(call sobase,))

$(B)/lib/libinstructor.a: $(core_o)
$(B)/lib/libinstructor-curl.a: $(curl_o)
$(static):
	@mkdir -p $(@D)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Programs see the core's rooms, except the examples, which come in through the door.
$(sandbox): $(call object,$(sandbox_c)) $(core_o)
$(server): $(call object,$(server_c)) $(core_o)
$(specs) $(suites): $(B)/%: $(B)/obj/%.o $(call object,$(spec_help_c)) $(core_o)
$(curl_specs): $(curl_o)
$(filter $(B)/spec/core/sandbox%,$(specs)): $(call object,$(filter-out %/sandbox.c,$(sandbox_c)))
$(benches): $(B)/%: $(B)/obj/%.o $(core_o) $(curl_o)
$(sandbox) $(server): libs = $(core_libs)
$(specs) $(suites): libs = $(CMOCKA_LIBS) $(core_libs) -lpthread
$(curl_specs): libs = $(CMOCKA_LIBS) $(curl_libs) $(core_libs)
$(benches): libs = $(curl_libs) $(core_libs)
$(fuzzers): $(B)/%: $(B)/obj/%.o $(call object,$(fuzz_help_c) $(if $(FUZZER),,$(fuzz_driver_c))) \
  $(core_o)
$(fuzzers): libs = $(core_libs) $(if $(FUZZER),-fsanitize=fuzzer)
$(sandbox) $(server) $(specs) $(suites) $(benches) $(fuzzers):
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(link) -o $@ $(filter %.o,$^) $(libs)

$(examples): $(B)/%: $(B)/obj/%.o $(shared) $(static)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(link) -o $@ $< $(link_example)

-include $(patsubst %.o,%.d,$(call object,$(all_c)))

# ---- running from the tree ------------------------------------------------------------------

# The shell's words that let $(LUA) find the modules of this tree before any others.  Programs
# learn from LUA which interpreter to start and from INSTRUCTOR_BUILD where programs are.  A make
# that they start gets this one's variables, but not its jobs.
run_lua := $(if $(ASAN),./$(B)/lua,$(LUA))
minor := $(subst .,_,$(LUA_VERSION))
in_tree = \
  LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;$${LUA_PATH_$(minor):-$${LUA_PATH:-;}}"; \
  LUA_CPATH="./$(B)/?.so;$${LUA_CPATH_$(minor):-$${LUA_CPATH:-;}}"; \
  unset LUA_PATH_$(minor) LUA_CPATH_$(minor) MAKELEVEL MFLAGS; \
  MAKEFLAGS=$$(expr "$$MAKEFLAGS" : '.*\(-- .*\)'); \
  LUA='$(run_lua)' INSTRUCTOR_BUILD='$(B)'; \
  export LUA_PATH LUA_CPATH LUA INSTRUCTOR_BUILD;

# The specs' world: no proxy between us and loopback, no key of the developer's.
apart = FAULTSERVER="$$PWD/$(server)"; export FAULTSERVER; \
  unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY \
  OPENAI_API_KEY ANYSCALE_API_KEY; \
  $(if $(ASAN),ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1; \
    export ASAN_OPTIONS UBSAN_OPTIONS;)

.PHONY: setup demo run-demo sandbox run-sandbox env
# The shell's words that let $(LUA) find the modules of this tree: eval "$(make -s env)".
env: $(modules)
	@$(in_tree) printf 'export LUA_PATH=%s LUA_CPATH=%s\n' "'$$PWD/lua/?.lua;$$PWD/lua/?/init.lua;;'" \
	  "'$$PWD/$(B)/?.so;;'"

setup:
	@.ci/setup build

# A fresh machine has another LUA after the set-up than before: each of these starts make anew.
demo:
	@.ci/setup build
	@+$(submake) run-demo
run-demo: $(modules) $(sandbox)
	@$(in_tree) exec $(LUA) examples/demo.lua

sandbox:
	@.ci/setup build
	@+$(submake) run-sandbox
run-sandbox: $(sandbox)
	@case $${SLOPPY:-0} in 0) set -- ;; 1) set -- --sloppy ;; *) set -- "--sloppy=$$SLOPPY" ;; esac; \
	exec ./$(sandbox) --port "$${PORT:-0}" --pace "$${PACE:-0}" "$$@"

# ---- specs ----------------------------------------------------------------------------------

# SPEC names specs to run alone: make test SPEC="spec/create_spec.lua spec/core/read_spec.c".
# BUSTED holds further words for busted: make test BUSTED="--filter 'missing key'".
c_specs = $(if $(SPEC),$(call program,$(filter %.c,$(SPEC))),$(specs))
lua_specs = $(if $(SPEC),$(filter %.lua,$(SPEC)),spec)

.PHONY: test run-test vectors run-vectors asan bench run-bench
test:
	@.ci/setup test
	@.ci/nginx
	@+$(submake) run-test

# Everything runs, whatever failed before it; busted comes last, and its counts close the run.
run-test: $(if $(SPEC),$(modules) $(sandbox) $(server) $(c_specs),programs) $(if $(ASAN),$(B)/lua)
	@$(in_tree) $(apart) failed=; \
	$(if $(SPEC),,$(if $(VECTORS),$(run_vectors),$(no_vectors);)) \
	for spec in $(c_specs); do \
	  printf '\n%s\n' "$$spec"; "./$$spec" 2>&1 || failed="$$failed $$spec"; \
	done; \
	$(if $(lua_specs),echo; \
	$(run_lua) spec/support/busted.lua -o spec/support/counts.lua $(BUSTED) $(lua_specs) \
	  || failed="$$failed busted";) \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

no_vectors = echo 'vectors: skipped, no folder was given (VECTORS=<folder>)'
run_vectors = \
  for suite in $(suites); do \
    case $$suite in \
      */json_suite) folder=$$VECTORS/suites/json-parsing ;; \
      */schema_suite) folder=$$VECTORS/suites/json-schema-2020-12 ;; \
      */stream_suite) folder=$$VECTORS/cases ;; \
      *) folder=$$VECTORS ;; \
    esac; \
    if [ -d "$$folder" ]; then "./$$suite" "$$folder" || failed="$$failed $$suite"; \
    else echo "$${suite\#\#*/}: skipped, there is no folder '$$folder'"; fi; \
  done; \
  $(run_lua) spec/vectors/run.lua "$$VECTORS" || failed="$$failed vectors";

vectors:
	@$(if $(VECTORS),.ci/setup build,$(no_vectors))
	@+$(if $(VECTORS),$(submake) run-vectors,:)
run-vectors: $(modules) $(server) $(suites) $(if $(ASAN),$(B)/lua)
	@$(in_tree) $(apart) failed=; $(run_vectors) \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# Everything once more under the sanitizers.  Silent when healthy: it prints what "test" prints.
asan:
	@.ci/setup test
	@.ci/nginx
	@+$(submake) B=build/asan ASAN=1 CC=gcc CFLAGS='-O1 -g' run-test

# The interpreter is not ours to rebuild, so the sanitizer is preloaded.  What the interpreter
# starts (a shell, openssl, a compiler) goes without: spec/support/preload.c sees to that.
$(B)/lua: $(B)/preload.so $(B)/flags
	@printf '#!/bin/sh\nexec env LD_PRELOAD="%s %s" %s "$$@"\n' \
	  "$$($(CC) -print-file-name=libasan.so)" "$$PWD/$<" '$(LUA)' >$@
	@chmod +x $@
$(B)/preload.so: spec/support/preload.c $(B)/flags
	@$(CC) -shared -fPIC -o $@ $<

# Our calls against a server that somebody else wrote, in node: skipped where it cannot be had.
.PHONY: conformance run-conformance
conformance:
	@+if .ci/aimock; then .ci/setup test && $(submake) run-conformance; fi
run-conformance: $(modules) $(server)
	@$(in_tree) $(apart) exec $(run_lua) spec/support/busted.lua -o spec/support/counts.lua \
	  $(BUSTED) spec/conformance/calls.lua

# What each mode sends to each provider, written anew: to be read before it is committed.
.PHONY: golden
golden: $(modules)
	@$(in_tree) $(apart) $(run_lua) spec/golden/write.lua

bench:
	@.ci/setup build
	@+$(submake) run-bench
run-bench: $(modules) $(sandbox) $(server) $(benches)
	@$(in_tree) $(apart) failed=; \
	for bench in $(benches); do "./$$bench" || failed="$$failed $$bench"; done; \
	for bench in $(bench_lua); do $(LUA) "$$bench" || failed="$$failed $$bench"; done; \
	[ -n '$(benches)$(bench_lua)' ] || echo 'bench: there is nothing in spec/bench'; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# The same every time, where times are not: instructions, counted by callgrind.
.PHONY: bench-instructions run-bench-instructions
bench-instructions:
	@.ci/setup build
	@command -v valgrind >/dev/null || { echo 'valgrind is not installed' >&2; exit 1; }
	@+$(submake) run-bench-instructions
run-bench-instructions: $(modules)
	@$(in_tree) $(apart) exec spec/bench/decode/instructions.sh

# The C specs, and some of the Lua ones, under memcheck, which has nothing to say of them: there are
# no suppressions.  What is reachable to the end is no leak: libraries keep what they make once.
valgrind := valgrind -q --leak-check=full --show-leak-kinds=definite,indirect,possible \
  --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99
watched := $(specs:%=%.watched)
watched_lua := $(addprefix spec/,composed_spec.lua create_spec.lua engine_spec.lua formats_spec.lua functions_spec.lua \
  jobs_spec.lua parse_spec.lua records_spec.lua recursion_spec.lua schema_spec.lua \
  shared_limit_spec.lua transports_spec.lua unions_spec.lua values_spec.lua wrappers_spec.lua)

.PHONY: valgrind run-valgrind $(watched)
valgrind:
	@.ci/setup valgrind
	@+$(submake) -k run-valgrind
run-valgrind: $(watched) $(modules) $(server) $(sandbox)
	@$(in_tree) $(apart) $(valgrind) $(LUA) spec/support/busted.lua -o spec/support/counts.lua \
	  $(watched_lua)
$(watched): %.watched: %
	$(say) WATCH $*
	@$(in_tree) $(apart) $(valgrind) ./$* >$*.log 2>&1 && ! grep '^==' $*.log || \
	  { cat $*.log; exit 1; }

# SOAK says how many calls.
SOAK ?= 100000
.PHONY: soak run-soak
soak:
	@.ci/setup build
	@+$(submake) run-soak
run-soak: $(modules) $(server)
	@$(in_tree) $(apart) exec $(run_lua) spec/soak/soak.lua $(SOAK)

# Random inputs, under the sanitizers, with clang's libFuzzer or else our own driver.  SECONDS says
# how long for each target; FUZZ names targets to run alone.  What ends a run is kept in
# build/fuzz/found, and what was learnt on the way in build/fuzz/corpus.
SECONDS ?= 30
FUZZ ?= $(patsubst spec/fuzz/%_fuzz.c,%,$(fuzz_c))
CLANG ?= clang
# FUZZER=1 where there is libFuzzer.
fuzz_with = $(shell echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void)' \
  '{ return 0; }' | $(CLANG) -fsanitize=fuzzer,address,undefined -x c -o /dev/null - 2>/dev/null \
  && echo FUZZER=1 CC='$(CLANG)')
fuzz_words = -max_total_time=$(SECONDS) -max_len=2048 -timeout=60 -verbosity=0 \
  -print_final_stats=1 -dict=spec/fuzz/words.dict
.PHONY: fuzz run-fuzz
fuzz:
	@.ci/setup fuzz
	@+$(submake) B=build/fuzz ASAN=1 CFLAGS='-O1 -g' $(fuzz_with) run-fuzz
run-fuzz: $(foreach name,$(FUZZ),$(B)/spec/fuzz/$(name)_fuzz)
	@ASAN_OPTIONS=detect_leaks=1:abort_on_error=1; UBSAN_OPTIONS=print_stacktrace=1:abort_on_error=1; \
	export ASAN_OPTIONS UBSAN_OPTIONS; failed=; \
	$(if $(FUZZER),,echo "fuzz: no libFuzzer here, our own driver mutates the seeds";) \
	for name in $(FUZZ); do \
	  log=$(B)/$$name.log; mkdir -p $(B)/corpus/$$name $(B)/found; \
	  if ./$(B)/spec/fuzz/$${name}_fuzz $(fuzz_words) -artifact_prefix=$(B)/found/$$name- \
	    $(B)/corpus/$$name spec/fuzz/seeds/$$name >$$log 2>&1; then \
	    echo "fuzz: $$name: $$(sed -n 's/^stat::number_of_executed_units: *//p' $$log) inputs in" \
	      "$(SECONDS) s, nothing found"; \
	  else \
	    cat $$log; echo "fuzz: $$name: the input is in $(B)/found"; failed="$$failed $$name"; \
	  fi; \
	done; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# ---- looking at the source ------------------------------------------------------------------

.PHONY: lint format tidy rockspec
lint:
	@.ci/setup lint
	@+failed=; \
	clang-format --dry-run -Werror $(all_c) $(all_h) || failed="$$failed clang-format"; \
	$(submake) -k B=build/lint-gcc STRICT=1 CC=gcc objects || failed="$$failed gcc"; \
	$(submake) -k B=build/lint-clang STRICT=1 CC=clang objects || failed="$$failed clang"; \
	$(submake) -k B=build/lint-clang STRICT=1 CC=clang tidy || failed="$$failed clang-tidy"; \
	luacheck -q --no-color lua spec examples rockspec || failed="$$failed luacheck"; \
	shellcheck $(filter-out %.lua,$(wildcard .ci/*)) || failed="$$failed shellcheck"; \
	$(LUA) rockspec/update.lua --check || failed="$$failed rockspec"; \
	$(in_tree) $(LUA) spec/support/busted.lua -o spec/support/counts.lua spec/floors_spec.lua \
	  || failed="$$failed floors"; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

format:
	clang-format -i $(all_c) $(all_h)

# A file is looked at again when its object is made again.
tidy: $(patsubst %.c,$(B)/tidy/%,$(all_c))
$(B)/tidy/%: $(B)/obj/%.o .clang-tidy lua/binding/.clang-tidy
	@mkdir -p $(@D)
	$(say) TIDY $*.c
	$(Q)if command -v clang-tidy >/dev/null; then \
	  clang-tidy --quiet $*.c -- -std=c11 -I. -Icore $(LUA_CFLAGS) $(CURL_CFLAGS) $(PCRE2_CFLAGS) \
	    $(CMOCKA_CFLAGS) 2>$@.err || { cat $@.err; exit 1; }; \
	else \
	  cppcheck --quiet --std=c11 -I. --inline-suppr --error-exitcode=1 \
	    --enable=warning,portability $*.c; \
	fi
	@touch $@

# The lists of sources and modules in the rockspec, written anew.
rockspec:
	$(LUA) rockspec/update.lua

# ---- installing -----------------------------------------------------------------------------

lua_files = $(shell cd lua && find instructor -name '*.lua' | LC_ALL=C sort)
share := $(DESTDIR)$(LUA_SHAREDIR)
cmods := $(DESTDIR)$(LUA_LIBDIR)
libs_to := $(DESTDIR)$(LIBDIR)

.PHONY: install uninstall
install: $(modules) $(shared) $(static)
	@for file in $(lua_files); do \
	  $(INSTALL) -d "$(share)/$${file%/*}" && \
	  $(INSTALL) -m 644 "lua/$$file" "$(share)/$$file" || exit 1; \
	done
	@$(INSTALL) -d "$(cmods)/instructor" "$(libs_to)/pkgconfig" "$(DESTDIR)$(INCLUDEDIR)"
	@$(INSTALL) -m 755 $(modules) "$(cmods)/instructor"
	@$(INSTALL) -m 755 $(shared) "$(libs_to)"
	@$(INSTALL) -m 644 $(static) "$(libs_to)"
	@ln -sf $(call soname,libinstructor) "$(libs_to)/$(call sobase,libinstructor)"
	@ln -sf $(call soname,libinstructor-curl) "$(libs_to)/$(call sobase,libinstructor-curl)"
	@$(INSTALL) -m 644 core/instructor.h "$(DESTDIR)$(INCLUDEDIR)"
	@$(call pc,instructor,the core,,libpcre2-8,-lm) >"$(libs_to)/pkgconfig/instructor.pc"
	@$(call pc,instructor-curl,the transport over libcurl,instructor,libcurl,-lpthread -ldl) \
	  >"$(libs_to)/pkgconfig/instructor-curl.pc"
	@echo "instructor $(VERSION) for Lua $(LUA_VERSION) is installed in $(DESTDIR)$(PREFIX)"

# $(call pc,name,what it is,requires,requires when static,libraries when static)
pc = printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' \
  'Name: $1' 'Description: typed, validated answers from language models ($2)' \
  'Version: $(VERSION)' 'Requires: $3' 'Requires.private: $4' \
  'Libs: -L$${libdir} -l$1' 'Libs.private: $5' 'Cflags: -I$${includedir}'

uninstall:
	@for file in $(lua_files); do rm -f "$(share)/$$file"; done
	@rm -f "$(cmods)/instructor/core.so" "$(cmods)/instructor/curl.so"
	@for name in libinstructor libinstructor-curl; do \
	  rm -f "$(libs_to)/$$name.a" "$(libs_to)/$(call soname,$$name)" \
	    "$(libs_to)/$(call sobase,$$name)" "$(libs_to)/pkgconfig/$${name#lib}.pc"; \
	done
	@rm -f "$(DESTDIR)$(INCLUDEDIR)/instructor.h"
	@find "$(share)/instructor" "$(cmods)/instructor" -depth -type d -exec rmdir {} + 2>/dev/null || :

# ---- the rest -------------------------------------------------------------------------------

.PHONY: clean help
clean:
	rm -rf build

help:
	@sed -n 's/^##//p' Makefile

## make             builds the Lua modules for LUA (default: lua5.4, else lua)
## make demo        shows a schema go out and a validated table come back; no key, no network
##                    TEXT="Zoe Park is 41 years old"  MODE=tools  SLOPPY=0  LIVE=openai
## make sandbox     starts the sandbox, an OpenAI-compatible server that answers by rules
##                    PORT=8080  SLOPPY=1 (its first answers err)  PACE=20 (ms between events)
## make test        runs all specs; VECTORS=<folder>: the vectors too; SPEC=<files>: only these;
##                    PART=lua: none of the programs in C
## make vectors     runs the vectors in VECTORS=<folder>
## make conformance calls a server that somebody else wrote (needs node and npm)
## make golden      writes the requests in spec/golden anew
## make lint        layout, warnings, clang-tidy, luacheck, shellcheck, the walls between the floors
## make asan        all specs under the address and undefined-behaviour sanitizers
## make valgrind    the C specs and some Lua specs under valgrind's memcheck
## make fuzz        random inputs for the readers; SECONDS=30 for each, FUZZ="read stream" only these
## make soak        many calls mixed with faults, and what they leave behind; SOAK=100000
## make bench       runs the programs in spec/bench
## make bench-instructions  counts what a decode takes, under valgrind
## make lib         builds the C libraries
## make install     installs all; PREFIX=/usr/local DESTDIR=   (make uninstall takes it back)
## make format      lays out the C source
## make rockspec    writes the lists in the rockspec anew
## make clean       removes build/
##
## LUA=luajit chooses the interpreter, LUA_CFLAGS= its headers, CC= and CFLAGS= the compiler;
## V=1 shows whole commands.  "make demo" and "make test" install what the machine lacks,
## or say what to type (INSTRUCTOR_NO_INSTALL=1: always only say).
