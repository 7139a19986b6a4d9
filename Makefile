# bordertap. `make` builds, `make demo` and `make check` also install what is missing (Debian 12).
# make V=1 shows commands; CFLAGS given by the user come last; BUILD=DIR builds elsewhere.
CC ?= gcc
BUILD ?= build
PREFIX ?= /usr/local
WERROR ?=
FUZZ_SECONDS ?= 60

FOLDERS := base capture analyzers geo alerts store engine
PACKAGES := libpcap zlib libzstd liblzma liblz4 libcrypto libmaxminddb yaml-0.1 libpsl libndpi jansson sqlite3 \
  libmicrohttpd libseccomp
LIBRARY_CFLAGS = $(subst -I,-isystem ,$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))

# What each folder may call: its own archive, base, and these libraries. Tests link with no more than that.
LIBS_base := -lyaml -lpsl
LIBS_capture := -lpcap -lz -lzstd -llzma -llz4
LIBS_analyzers := -lcrypto -lndpi -lm -lpthread
LIBS_geo := -lmaxminddb -ljansson -lz -lbz2 -lm -lpthread
LIBS_alerts := -lcrypto
LIBS_store := -lsqlite3 -lcrypto
LIBS_engine := -lcrypto
LIBS_cli := -ljansson -lmicrohttpd -lseccomp
ALL_LIBS := $(foreach f,$(FOLDERS) cli,$(LIBS_$(f))) -lpthread

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef \
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wimplicit-fallthrough $(if $(WERROR),-Werror)
HARDENING := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# SAN=1: the sanitizer build, without FORTIFY (it hides what ASan wants to see).
# The program is optimised as a whole; tests link the same objects as they are. LTO= leaves it out.
LTO ?= $(if $(SAN)$(findstring clang,$(CC)),,-flto=auto)
BASE_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -fPIE $(if $(SAN),$(SANITIZE),$(HARDENING)) $(LIBRARY_CFLAGS) -MMD -MP
LINK_WHOLE = $(CC) -pie $(if $(SAN),$(SANITIZE),-Wl,-z,relro,-z,now,-z,noexecstack) -Wl,--as-needed \
  $(if $(LTO),-O2 -g $(HARDENING) $(LTO))
LINK = $(LINK_WHOLE) -fno-lto
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2);)

sources = $(wildcard $(1)/*.c $(1)/*/*.c)
objects = $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))
archive = $(BUILD)/lib$(1).a

TESTS := $(wildcard $(patsubst %,tests/%/test_*.c,$(FOLDERS) cli))
TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(TESTS))
FUZZERS := $(wildcard tests/fuzz/*/*.c)
REPLAYS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(FUZZERS))

.PHONY: all setup demo check test replay golden live asan fuzz analyze format bench bench-live soak install clean
.SECONDARY:
all: $(BUILD)/bordertap

# The walls: a folder sees include/ and itself; engine and cli see all folders' public headers.
INCLUDES_engine := -I.
INCLUDES_cli := -I.
includes = -Iinclude $(or $(INCLUDES_$(firstword $(subst /, ,$(1)))),-I$(firstword $(subst /, ,$(1))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(BASE_CFLAGS) $(if $(LTO),$(LTO) -ffat-lto-objects) $(call includes,$*) -DBORDERTAP_VERSION='"$(VERSION)"' -DBORDERTAP_DATADIR='"$(PREFIX)/share/bordertap"' $(CFLAGS) -c -o $@ $<

define folder_rules
$(call archive,$(1)): $(call objects,$(1))
	@rm -f $$@
	$$(call say,AR,$$@)ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS) cli,$(eval $(call folder_rules,$(f))))

CLI_OBJECTS := $(call objects,cli)
ARCHIVES_LAST_FIRST := $(foreach f,engine store alerts geo analyzers capture base,$(call archive,$(f)))
$(BUILD)/bordertap: $(CLI_OBJECTS) $(ARCHIVES_LAST_FIRST)
	$(call say,LINK,$@)$(LINK_WHOLE) -o $@ $^ $(ALL_LIBS) $(LDFLAGS)

# Tests: tests/<folder>/test_x.c links with that folder's archive and base only (engine and cli, which know all folders, with all);
# other files of tests/<folder> are its helpers.
ALL_engine := $(ARCHIVES_LAST_FIRST)
ALL_cli := $(call archive,cli) $(ARCHIVES_LAST_FIRST)
TEST_CFLAGS = -Itests $(BASE_CFLAGS) -DTEST_DATA='"$(CURDIR)/tests/data"' -DSOURCE_ROOT='"$(CURDIR)"'
define test_rules
$(BUILD)/tests/$(1)/%.o: tests/$(1)/%.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(TEST_CFLAGS) -Iinclude -I$(1) $(if $(ALL_$(1)),-I.) $$(CFLAGS) -c -o $$@ $$<
$(BUILD)/tests/$(1)/test_%: $(BUILD)/tests/$(1)/test_%.o $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/$(1)/test_%,$(wildcard tests/$(1)/*.c))) \
  $(or $(ALL_$(1)),$(call archive,$(1)) $(call archive,base))
	$$(call say,LINK,$$@)$$(LINK) -o $$@ $$^ $(if $(ALL_$(1)),$(ALL_LIBS),$(LIBS_$(1)) $(LIBS_base)) -lcmocka $$(LDFLAGS)
$(BUILD)/tests/fuzz/$(1)/%.o: tests/fuzz/$(1)/%.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(TEST_CFLAGS) -Iinclude -I$(1) $$(CFLAGS) -c -o $$@ $$<
$(BUILD)/tests/fuzz/$(1)/%: $(BUILD)/tests/fuzz/$(1)/%.o $(BUILD)/tests/fuzz/replay_main.o $(call archive,$(1)) $(call archive,base)
	$$(call say,LINK,$$@)$$(LINK) -o $$@ $$^ $(LIBS_$(1)) $(LIBS_base) $$(LDFLAGS)
endef
$(foreach f,$(FOLDERS) cli,$(eval $(call test_rules,$(f))))
$(BUILD)/tests/fuzz/replay_main.o: tests/fuzz/replay_main.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(TEST_CFLAGS) -Iinclude -c -o $@ $<

# `make test-capture` runs one folder's tests, `make test` all of them, without any set-up.
run_tests = $(Q)failed=0; for t in $(1); do $$t || failed=1; done; exit $$failed
TEST_FOLDERS := $(sort $(notdir $(patsubst %/,%,$(dir $(TESTS)))))
define folder_tests
.PHONY: test-$(1)
test-$(1): $(filter $(BUILD)/tests/$(1)/%,$(TEST_PROGRAMS))
	$$(call run_tests,$$^)
endef
$(foreach f,$(TEST_FOLDERS),$(eval $(call folder_tests,$(f))))
test: $(TEST_PROGRAMS)
	$(call run_tests,$^)
replay: $(REPLAYS)
	$(Q)for r in $^; do $$r tests/fuzz/corpus/$$(basename $$r) || exit 1; done

# The program's own words: data it ships, records it writes, findings it must give.
golden: $(BUILD)/bordertap $(BUILD)/tests/scenarios/make_scenarios
	$(Q)tests/walls
	$(Q)$(BUILD)/bordertap catalog check
	$(Q)$(BUILD)/bordertap policy check
	$(Q)tests/golden/run $(BUILD)
	$(Q)tests/scenarios/run $(BUILD)
	$(Q)tests/mirror/run $(BUILD)
	$(Q)tests/cli/run $(BUILD)
$(BUILD)/tests/scenarios/%.o: tests/scenarios/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(TEST_CFLAGS) -Iinclude $(CFLAGS) -c -o $@ $<
$(BUILD)/tests/scenarios/make_scenarios: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/scenarios/*.c))
	$(call say,LINK,$@)$(LINK) -o $@ $^ -lssl -lcrypto $(LDFLAGS)

# On a wire of its own, in a network namespace without a way out; says so where that is not allowed.
live: $(BUILD)/bordertap
	$(Q)tests/live/run $(BUILD)
	$(Q)tests/live/health $(BUILD)

asan:
	$(Q)$(MAKE) --no-print-directory SAN=1 BUILD=$(BUILD)/asan $(BUILD)/asan/bordertap test replay golden

setup:
	$(Q)setup/install-packages
	$(Q)command -v npm >/dev/null || setup/install-packages npm
	$(Q)setup/location-data || echo "going on without location data: the location and operator axes will say so"

demo: setup
	$(Q)$(MAKE) --no-print-directory all
	$(BUILD)/bordertap read --home-net 128.3.0.0/16 tests/golden/captures/lbl__detect-kaspersky.pcap

check: setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(MAKE) --no-print-directory test replay golden live
	$(Q)tests/boundaries
	$(Q)$(MAKE) --no-print-directory asan
	@echo "make check: all of it passed"

# Fuzzing with libFuzzer (clang), FUZZ_SECONDS for each target; make check replays the corpus. Lengths: 32 packets fill
# a table of 16 flows twice, 32 steps a memory of 64 bindings; a vendor's file with a row of each kind.
FUZZ_FLAGS := flow_table:max_len=256 dns_memory:max_len=256 catalog:max_len=2048 hpack:max_len=512 anycast:max_len=1024 \
  merged:max_len=128
fuzz: export ASAN_OPTIONS = quarantine_size_mb=4:malloc_context_size=4
fuzz:
	$(Q)for f in $(FUZZERS); do folder=$$(basename $$(dirname $$f)); name=$$(basename $$f .c); \
	  flags=$$(printf '%s\n' $(FUZZ_FLAGS) | sed -n "s/^$$name:/-/p"); \
	  $(MAKE) --no-print-directory CC=clang BUILD=$(BUILD)/fuzz CFLAGS="-fsanitize=fuzzer-no-link,address,undefined -U_FORTIFY_SOURCE" \
	    $(BUILD)/fuzz/tests/fuzz/$$folder/$$name.o $(BUILD)/fuzz/lib$$folder.a $(BUILD)/fuzz/libbase.a && \
	  clang -fsanitize=fuzzer,address,undefined -o $(BUILD)/fuzz/$$name $(BUILD)/fuzz/tests/fuzz/$$folder/$$name.o \
	    $(BUILD)/fuzz/lib$$folder.a $(BUILD)/fuzz/libbase.a $(sort $(ALL_LIBS)) && mkdir -p $(BUILD)/fuzz/corpus/$$name && \
	  $(BUILD)/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2048 $$flags $(BUILD)/fuzz/corpus/$$name tests/fuzz/corpus/$$name || exit 1; done

ALL_C := $(foreach f,$(FOLDERS) cli,$(call sources,$(f)))
# Leaks are LeakSanitizer's part (make asan): gcc 12's analyzer loses pointers that are kept inside other blocks.
analyze:
	$(Q)cppcheck --quiet --suppress=missingInclude -j 2 --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -Iinclude -I. $(ALL_C)
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/analyze LTO= CFLAGS="-fanalyzer -Wno-analyzer-malloc-leak" WERROR=1 all
	$(Q)scan-build --status-bugs -o $(BUILD)/scan $(MAKE) --no-print-directory BUILD=$(BUILD)/scan-build LTO= all

format:
	$(Q)clang-format -i $(ALL_C) $(wildcard include/*.h $(foreach f,$(FOLDERS) cli,$(f)/*.h $(f)/*/*.h) tests/*.h tests/*/*.[ch] tests/fuzz/*/*.c)

# The yardsticks, with BENCH_SCALE=1 also those that take many minutes. micro counts the allocations of our own code.
BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
$(BUILD)/tests/bench/micro: COUNT_ALLOCATIONS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(BUILD)/tests/bench/%: tests/bench/%.c $(ARCHIVES_LAST_FIRST)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(LINK) $(TEST_CFLAGS) -Iinclude -I. -Ianalyzers -Ialerts $(CFLAGS) $(COUNT_ALLOCATIONS) \
	  -o $@ $< $(ARCHIVES_LAST_FIRST) $(ALL_LIBS) $(LDFLAGS)
bench: $(BUILD)/bordertap $(BENCH_PROGRAMS)
	$(Q)tests/bench/run $(BUILD) $(if $(BENCH_SCALE),--scale)
# The same wire: what is lost at the highest rate, beside Suricata where it is installed; and memory over SOAK_MINUTES.
bench-live: $(BUILD)/bordertap $(BENCH_PROGRAMS)
	$(Q)tests/live/bench $(BUILD)
SOAK_MINUTES ?= 30
soak: $(BUILD)/bordertap $(BENCH_PROGRAMS)
	$(Q)tests/live/bench $(BUILD) --soak $(SOAK_MINUTES)

install: $(BUILD)/bordertap
	install -D -m 755 $(BUILD)/bordertap $(DESTDIR)$(PREFIX)/bin/bordertap
	mkdir -p $(DESTDIR)$(PREFIX)/share/bordertap $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|g' setup/bordertap.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/bordertap.service
	cp -R catalog $(DESTDIR)$(PREFIX)/share/bordertap/
	install -m 644 docs/bordertap.1 $(DESTDIR)$(PREFIX)/share/man/man1/

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' -not -path '$(BUILD)/asan/*' 2>/dev/null)
