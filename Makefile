# bordertap. `make` builds, `make demo` and `make check` also install what is missing (Debian 12).
# make V=1 shows commands; CFLAGS given by the user come last; BUILD=DIR builds elsewhere.
CC ?= gcc
BUILD ?= build
PREFIX ?= /usr/local
WERROR ?=
FUZZ_SECONDS ?= 60

FOLDERS := base capture analyzers geo alerts engine
PACKAGES := libpcap zlib libzstd liblzma liblz4 libcrypto libmaxminddb yaml-0.1 libpsl libndpi
LIBRARY_CFLAGS = $(subst -I,-isystem ,$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))

# What each folder may call: its own archive, base, and these libraries. Tests link with no more than that.
LIBS_base := -lyaml -lpsl
LIBS_capture := -lpcap -lz -lzstd -llzma -llz4
LIBS_analyzers := -lcrypto -lndpi -lm
LIBS_geo := -lmaxminddb -lz
LIBS_alerts := -lcrypto
LIBS_engine := -lcrypto
ALL_LIBS := $(foreach f,$(FOLDERS),$(LIBS_$(f))) -lpthread

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef \
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wimplicit-fallthrough $(if $(WERROR),-Werror)
HARDENING := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# SAN=1: the sanitizer build, without FORTIFY (it hides what ASan wants to see).
BASE_CFLAGS = -std=c11 -D_DEFAULT_SOURCE $(WARNINGS) -O2 -g -fPIE $(if $(SAN),$(SANITIZE),$(HARDENING)) $(LIBRARY_CFLAGS) -MMD -MP
LINK = $(CC) -pie $(if $(SAN),$(SANITIZE),-Wl,-z,relro,-z,now,-z,noexecstack) -Wl,--as-needed
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2);)

sources = $(wildcard $(1)/*.c $(1)/*/*.c)
objects = $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))
archive = $(BUILD)/lib$(1).a

TESTS := $(wildcard tests/base/test_*.c tests/capture/test_*.c tests/analyzers/test_*.c tests/geo/test_*.c tests/alerts/test_*.c tests/engine/test_*.c)
TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(TESTS))
FUZZERS := $(wildcard tests/fuzz/*/*.c)
REPLAYS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(FUZZERS))

.PHONY: all setup demo check test asan fuzz analyze format bench install clean walls golden
.SECONDARY:
all: $(BUILD)/bordertap

# The walls: a folder sees include/ and itself; engine and cli see all folders' public headers.
INCLUDES_engine := -I.
INCLUDES_cli := -I.
includes = -Iinclude $(or $(INCLUDES_$(firstword $(subst /, ,$(1)))),-I$(firstword $(subst /, ,$(1))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(BASE_CFLAGS) $(call includes,$*) -DBORDERTAP_VERSION='"$(VERSION)"' $(CFLAGS) -c -o $@ $<

define folder_rules
$(call archive,$(1)): $(call objects,$(1))
	@rm -f $$@
	$$(call say,AR,$$@)ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rules,$(f))))

CLI_OBJECTS := $(call objects,cli)
ARCHIVES_LAST_FIRST := $(foreach f,engine alerts geo analyzers capture base,$(call archive,$(f)))
$(BUILD)/bordertap: $(CLI_OBJECTS) $(ARCHIVES_LAST_FIRST)
	$(call say,LINK,$@)$(LINK) -o $@ $^ $(ALL_LIBS) $(LDFLAGS)

# Tests: tests/<folder>/test_x.c links with that folder's archive and base only; other files of tests/<folder> are its helpers.
TEST_CFLAGS = -Itests $(BASE_CFLAGS) -DTEST_DATA='"$(CURDIR)/tests/data"' -DSOURCE_ROOT='"$(CURDIR)"'
define test_rules
$(BUILD)/tests/$(1)/%.o: tests/$(1)/%.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(TEST_CFLAGS) -Iinclude -I$(1) $(if $(filter engine,$(1)),-I.) $$(CFLAGS) -c -o $$@ $$<
$(BUILD)/tests/$(1)/test_%: $(BUILD)/tests/$(1)/test_%.o $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/$(1)/test_%,$(wildcard tests/$(1)/*.c))) \
  $(if $(filter engine,$(1)),$(ARCHIVES_LAST_FIRST),$(call archive,$(1)) $(call archive,base))
	$$(call say,LINK,$$@)$$(LINK) -o $$@ $$^ $(if $(filter engine,$(1)),$(ALL_LIBS),$(LIBS_$(1)) $(LIBS_base)) -lcmocka $$(LDFLAGS)
$(BUILD)/tests/fuzz/$(1)/%.o: tests/fuzz/$(1)/%.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(TEST_CFLAGS) -Iinclude -I$(1) $$(CFLAGS) -c -o $$@ $$<
$(BUILD)/tests/fuzz/$(1)/%: $(BUILD)/tests/fuzz/$(1)/%.o $(BUILD)/tests/fuzz/replay_main.o $(call archive,$(1)) $(call archive,base)
	$$(call say,LINK,$$@)$$(LINK) -o $$@ $$^ $(LIBS_$(1)) $(LIBS_base) $$(LDFLAGS)
endef
$(foreach f,$(FOLDERS),$(eval $(call test_rules,$(f))))
$(BUILD)/tests/fuzz/replay_main.o: tests/fuzz/replay_main.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(TEST_CFLAGS) -Iinclude -c -o $@ $<

# `make test-capture` runs one folder's tests, `make test` all of them, without any set-up.
test-%: ; $(Q)$(MAKE) --no-print-directory $(patsubst %,run/%,$(filter $(BUILD)/tests/$*/%,$(TEST_PROGRAMS)))
run/%: % ; $(Q)$<
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
