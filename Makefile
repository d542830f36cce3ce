# What a newcomer and a maintainer run. Everything else is cargo.
#
#   make demo               build, found a zone of four agencies, trade on it, prove the result
#   make build              build the kanhe command and say where it is
#   make test               every test of the workspace
#   make lint               format and lints, warnings denied
#   make sim SEED=8412      one seed of the simulator
#   make bench              how fast four validators on this machine are, some minutes
#   make bench-growth       the same up to 10 million documents, a quarter of an hour
#   make bench-scale        4, 7, 13 and 25 validators
#   make bench-contracts    the rules alone, kind by kind, on one core
#   make bench-risk         how good rules of risk are, on invented trade, some minutes
#   make bench-peers        how to compare with other ledgers on the same machine
#   make bench-check        instruction counts of the hot paths against those on record
#   make clean              remove what was built
#
# ARGS goes to the demo and the benches (make demo ARGS="--seed 7"), TESTS to the tests (make test
# TESTS="-p kanhe-types").

SHELL = /bin/sh
.DELETE_ON_ERROR:
.PHONY: help setup kanhe build demo test lint sim clean \
    release bench bench-growth bench-scale bench-contracts bench-risk bench-peers \
    bench-check

CACHE = $(HOME)/.cache/kanhe/target

# One build directory for all checkouts, where there is one or CI wants one.
ifndef CARGO_TARGET_DIR
ifeq ($(CI),true)
export CARGO_TARGET_DIR := $(shell mkdir -p "$(CACHE)" && echo "$(CACHE)")
else ifneq ($(wildcard $(CACHE)),)
export CARGO_TARGET_DIR := $(CACHE)
else
export CARGO_TARGET_DIR := $(CURDIR)/target
endif
endif

# A build that is thrown away gains nothing from being incremental.
ifeq ($(CI),true)
export CARGO_INCREMENTAL = 0
endif

TESTS = --workspace
SEED = 0

help:
	@sed -n '3,15s/^# *//p' Makefile

setup:
	@.ci/setup

kanhe: setup
	@.ci/cargo build --locked --package kanhe

build: kanhe
	@echo "built $(CARGO_TARGET_DIR)/debug/kanhe"

demo: kanhe
	@"$(CARGO_TARGET_DIR)/debug/kanhe" demo $(ARGS)

test: setup
	@.ci/cargo test --locked --no-fail-fast $(TESTS)

lint: setup
	@cargo fmt --all --check
	@.ci/cargo clippy --locked --workspace --all-targets -- -D warnings

sim: setup
	@KANHE_SEED=$(SEED) .ci/cargo test --locked --package kanhe-tests --test simulation \
	    one_seed_of_choice -- --nocapture

# The figures are those of what is released: optimised, and linked as a whole.
release: setup
	@.ci/cargo build --locked --release --package kanhe

BENCH = "$(CARGO_TARGET_DIR)/release/kanhe" bench

bench: release
	@$(BENCH) --page bench.html $(ARGS)
	@echo "the same with plots: bench.html"

bench-growth: release
	@$(BENCH) --growth 10000000 --page bench-growth.html $(ARGS)
	@echo "the same with plots: bench-growth.html"

bench-scale: release
	@$(BENCH) --scale 4,7,13,25 --documents 20000 --page bench-scale.html $(ARGS)
	@echo "the same with plots: bench-scale.html"

bench-contracts: release
	@$(BENCH) --contracts --documents 20000 $(ARGS)

bench-risk: release
	@$(BENCH) risk --parameters all $(ARGS)

bench-peers:
	@sed -n '/^## Comparing with other ledgers/,/^## /{/^## [^C]/d;p;}' docs/performance.md

bench-check: setup
	@.ci/instructions $(ARGS)

clean:
	cargo clean
