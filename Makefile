# rl-host: `make demo` shows it at work, `make test` proves it. Both install what is missing first.
SHELL := /bin/bash
PREFIX ?= /usr/local
SWIFT_FLAGS ?= -c release --static-swift-stdlib
HOST := .build/release/rl-host

.PHONY: all setup build plugins fixtures demo test lint check-headers check-benchmarks \
	install uninstall bench bench-peers how-fast tables gates fuzz chaos-resume chaos-checkpoint clean

all: build plugins

# Debian packages that are missing; without root it prints the command instead.
setup:
	@scripts/setup.sh

build: setup
	swift build $(SWIFT_FLAGS) --product rl-host

include plugins/plugins.mk

# Trains with the preset that is soonest there, then evaluates what it kept on fresh episodes.
demo: build plugins
	name=demo-$$(date +%Y%m%dT%H%M%S) && \
	$(HOST) --env plugins/cartpole.so --algo dqn --preset fast --eval-every 2k --eval-episodes 100 --name $$name && \
	$(HOST) eval runs/$$name/policy-best.safetensors --env plugins/cartpole.so --episodes 1000 --seed 1
	@echo
	@echo "next: your own environment, see README.md"

test: setup lint plugins fixtures check-headers check-benchmarks
	swift build -c release --product rl-host
	Tests/Chaos/resume.sh 10
	swift test -c release --disable-xctest

lint:
	swift format lint --strict -r Sources Tests Package.swift

# The C side: headers under every standard and compiler, templates, golden traces, the plain C host.
check-headers: plugins
	Tests/Plugins/run.sh

# The table maker of bench-peers and what drives the gates, where there is a Python.
check-benchmarks:
	@if command -v python3 >/dev/null; then \
	  for part in peers gates pages; do python3 -m unittest discover -s benchmarks/$$part || exit 1; done; fi

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include
	install -s -m 755 $(HOST) $(DESTDIR)$(PREFIX)/bin/rl-host
	install -m 644 include/rlenv.h include/rlenv_simple.h $(DESTDIR)$(PREFIX)/include

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/rl-host
	rm -f $(DESTDIR)$(PREFIX)/include/rlenv.h $(DESTDIR)$(PREFIX)/include/rlenv_simple.h

bench: build plugins
	swift build $(SWIFT_FLAGS) --product rl-bench
	.build/release/rl-bench

# The same training by rl-host and by its peers, side by side; ARGS=--quick for a smoke test.
bench-peers: build plugins
	@benchmarks/peers/setup.sh
	@.bench-peers/bin/python benchmarks/peers/run.py $(ARGS)

# Measures host and peers for the page "How fast, and how we know"; two hours on two idle cores.
how-fast: bench-peers
	swift build $(SWIFT_FLAGS) --product rl-bench
	.build/release/rl-bench --seeds 10 --json > .build/bench.json
	mv .build/bench.json benchmarks/results/bench.json
	@$(MAKE) tables

# Writes the results of gates and benchmarks into the documents.
tables:
	python3 benchmarks/pages/documents.py

# Trains a preset for each environment and algorithm on ten seeds, and judges what the policies reach; finished seeds are
# kept in benchmarks/results, and `make tables` writes what they come to into the documents.
# ARGS="--only ppo Acrobot --seeds 3"; ARGS=--list shows the rows.
gates: build plugins
	@python3 benchmarks/gates/run.py $(ARGS)

# Reads 100,000 damaged files of each format; FUZZ_SEED gives others.
FUZZ_SEED ?= 1
fuzz: setup
	swift build -c release --product rl-fuzz
	.build/release/rl-fuzz --count 100000 --seed $(FUZZ_SEED)

# Kills a training 200 times and resumes it; the ends must be those of the run that was never stopped.
# CHAOS_SEED repeats the moments of an earlier one.
CHAOS_KILLS ?= 200
chaos-resume: build plugins
	Tests/Chaos/resume.sh $(CHAOS_KILLS) $(CHAOS_SEED)

# Every system call of a checkpoint's write: killed there, and failing with each error.
chaos-checkpoint: setup
	RLHOST_CHAOS=1 swift test -c release --disable-xctest --filter "Checkpoint(Fault|Damage|Manifest|Space|Keep|Store)Tests"

clean:
	rm -rf .build plugins/*.so
