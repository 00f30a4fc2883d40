# The five things that people do with Florin; `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test check bench fmt web web-check

export CARGO_TARGET_DIR := $(shell scripts/target_dir.sh)
# scripts/tools.sh installs Beancount here.
export PATH := $(HOME)/.cache/florin/beancount/bin:$(PATH)

help: ## List the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile

run: web ## Start a bank with demo data on the embedded database
	scripts/tools.sh compiler
	cargo build --profile quick --package florin
	exec "$$CARGO_TARGET_DIR/quick/florin" serve --demo

build: web ## Build the binary for production
	scripts/tools.sh compiler
	cargo build --release --package florin

test: web-check ## Run every check and test that must pass, on SQLite and a private PostgreSQL server
	scripts/tools.sh compiler postgres hledger beancount nginx redis rabbitmq kafka pgbouncer http-signatures openid-client chromium authlib schemathesis xmllint
	cargo xtask tidy
	cargo build --workspace --bins --features florin/failpoints
	scripts/with_postgres.sh cargo test --workspace --features florin/failpoints
	scripts/schemathesis.sh "$$CARGO_TARGET_DIR/debug/florin"

check: ## Check formatting, lints, the rules of the house, and licences
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features florin/failpoints -- --deny warnings
	cargo xtask tidy
	@if command -v cargo-deny >/dev/null; then cargo deny check --hide-inclusion-graph bans licenses sources; \
	else echo "cargo-deny is not installed, so dependencies were not checked: cargo install cargo-deny"; fi
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run scripts/*.sh deploy/nginx/*.sh; \
	else echo "shellcheck is not installed, so scripts were not checked"; fi

bench: ## Measure against pgbench on this machine
	scripts/tools.sh compiler postgres
	bash bench/run.sh

fmt: ## Format the sources
	cargo fmt --all

web:
	@if [[ -f web/package.json ]] && command -v npm >/dev/null; then \
		npm --prefix web ci && npm --prefix web run build; fi

# What the build of the app does not check by itself: formatting, lints, unit tests.
web-check: web
	@if [[ -f web/package.json ]] && command -v npm >/dev/null; then npm --prefix web run check; \
	else echo "npm is not installed, so the web app was not checked"; fi
