# The C side: every plugins/*.c, *.cpp and template.rs becomes a .so beside it; every line of fixtures.txt one in
# .build/fixtures. Warnings are shown and stop nothing: an environment in progress must not keep the others from being
# built. Tests/Plugins/run.sh holds the files of this project to -Werror.
CC ?= cc
CXX ?= c++
RUSTC ?= rustc
PLUGIN_WARNINGS ?= -Wall -Wextra
PLUGIN_FLAGS = -shared -fPIC -O2 -Iinclude $(PLUGIN_WARNINGS) $(PLUGIN_MORE)
PLUGIN_HEADERS := include/rlenv.h include/rlenv_simple.h $(wildcard plugins/*.h)

PLUGIN_C := $(wildcard plugins/*.c)
PLUGIN_CPP := $(wildcard plugins/*.cpp)
# What includes Box2D (libbox2d-dev) is linked with it. Where it is not installed, the rest is built.
BOX2D_CPP := $(shell grep -l '<box2d/' $(PLUGIN_CPP) /dev/null)
HAS_BOX2D := $(shell $(CXX) -x c++ -E -include box2d/box2d.h /dev/null >/dev/null 2>&1 && echo yes)
ifneq ($(HAS_BOX2D),yes)
PLUGIN_CPP := $(filter-out $(BOX2D_CPP),$(PLUGIN_CPP))
endif
PLUGIN_RS := $(if $(shell command -v $(RUSTC) 2>/dev/null),$(wildcard plugins/*.rs))
# x.cpp becomes x.so, or x-cpp.so where there is an x.c as well; the same for x.rs.
plugin_so = $(if $(wildcard $(basename $(1)).c),$(basename $(1))-$(patsubst .%,%,$(suffix $(1))).so,$(basename $(1)).so)
PLUGINS := $(PLUGIN_C:.c=.so) $(foreach source,$(PLUGIN_CPP) $(PLUGIN_RS),$(call plugin_so,$(source)))

FIXTURE_SOURCES := Tests/Plugins/fixtures
FIXTURES_DIR := .build/fixtures
FIXTURE_NAMES := $(shell awk -F'|' '!/^\#/ && NF == 5 { gsub(/ /, "", $$1); print $$1 }' $(FIXTURE_SOURCES)/fixtures.txt)

.PHONY: plugins fixtures
plugins: $(PLUGINS)
ifneq ($(HAS_BOX2D),yes)
	@echo "left out, for want of Box2D (Debian's libbox2d-dev): $(BOX2D_CPP)" >&2
endif
$(BOX2D_CPP:.cpp=.so): PLUGIN_MORE = -fvisibility=hidden
$(BOX2D_CPP:.cpp=.so): PLUGIN_LIBRARIES = -lbox2d
fixtures: $(FIXTURE_NAMES:%=$(FIXTURES_DIR)/%.so)

plugins/%.so: plugins/%.c $(PLUGIN_HEADERS)
	$(CC) $(PLUGIN_FLAGS) $< -o $@ -lm

plugins/%.so: plugins/%.cpp $(PLUGIN_HEADERS)
	$(CXX) $(PLUGIN_FLAGS) $< -o $@ $(PLUGIN_LIBRARIES) -lm

plugins/%-cpp.so: plugins/%.cpp $(PLUGIN_HEADERS)
	$(CXX) $(PLUGIN_FLAGS) $< -o $@ -lm

plugins/%.so: plugins/%.rs
	$(RUSTC) --edition 2021 -O --crate-type cdylib $< -o $@

plugins/%-rs.so: plugins/%.rs
	$(RUSTC) --edition 2021 -O --crate-type cdylib $< -o $@

# The source of a fixture is the second column of its line.
$(FIXTURES_DIR)/%.so: $(wildcard $(FIXTURE_SOURCES)/*) include/rlenv.h
	@mkdir -p $(@D)
	@$(CC) -shared -fPIC -Iinclude $(PLUGIN_WARNINGS) -DCASE='"$*"' $(if $(filter missing-symbol,$*),-DSYMBOL=other_symbol) \
	    $(FIXTURE_SOURCES)/$$(awk -F' *[|] *' '$$1 == "$*" { print $$2 }' $(FIXTURE_SOURCES)/fixtures.txt).c -o $@ -lm
