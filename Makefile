# What there is to do here; `make help` prints it. CI runs `make check` and nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The linter is pinned, and its version is in its file's name: a new version here is a new file, so it is never stale.
LINT_VERSION := v2.15.0
LINT := bin/golangci-lint-$(LINT_VERSION)

VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# Every package with tests, beside what its tests link. SQLite in Go is 40 times slower under the race detector and takes
# minutes to compile for it, so what links it is tested without; what holds our own concurrency (engine, jobs, webhooks,
# server) is tested on the in-memory store, with it.
TESTED = go list -test -f '{{if eq .Name "main"}}{{.ImportPath}} {{.Deps}}{{end}}' ./... | sed -n 's/^\([^ ]*\)\.test /\1 /p'
PLAIN = $(shell $(TESTED) | awk '/modernc\.org\/sqlite/ {print $$1}')
RACE = $(shell $(TESTED) | awk '!/modernc\.org\/sqlite/ {print $$1}')

# Packages with generated files: each has a test that compares them, and rewrites them under -update.
GENERATED = $(shell git grep -l 'func TestGenerated_' -- '*_test.go' | xargs -n1 dirname | sort -u | sed 's,^,./,')

# The UI's sources. A UI that has not landed has none, and its targets do nothing.
UI := $(wildcard server/ui/package.json)
UI_SOURCES = $(shell git ls-files -co --exclude-standard server/ui)

# Other people's clients, which the tests run against the binary: npm projects of their own.
CLIENTS := server/kinetic/client server/resthooks/client

# Where npm has installed what a project locks, it leaves this file.
INSTALLED := node_modules/.package-lock.json

.PHONY: help
help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: run
run: build ## build what is stale and serve examples/service-desk on http://127.0.0.1:8470, data in data/
	bin/hooktree serve --space examples/service-desk --data data

.PHONY: build
build: $(if $(UI),server/ui/dist/app/index.html) ## bin/hooktree, with the UI inside
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/hooktree .

.PHONY: test
test: build $(CLIENTS:%=%/$(INSTALLED)) ## all tests, shuffled, with the race detector where concurrency lives; browser tests included
	go test -shuffle=on $(PLAIN)
	go test -shuffle=on $(if $(filter 1,$(shell go env CGO_ENABLED)),-race,$(warning no C compiler: testing without the race detector; install gcc to have it)) $(RACE)
	$(CLIENTS:%=npm --prefix % test;)
	$(if $(UI),npm --prefix server/ui test)
	$(if $(UI),browser=$$(scripts/browser) && CHROMIUM=$$browser npm --prefix server/ui run e2e)

.PHONY: check
check: lint test tidy ## what CI runs: format, lint, all tests, generated files verified

.PHONY: lint
lint: $(LINT) $(if $(UI),server/ui/$(INSTALLED)) ## format and rules (.golangci.yml, and those of the UI), changing nothing
	$(LINT) config verify
	$(LINT) run ./...
	$(if $(UI),npm --prefix server/ui run lint)

.PHONY: format
format: $(LINT) ## format the Go sources
	$(LINT) fmt ./...

.PHONY: generate
generate: ## rewrite the generated docs and schemas, which `make test` verifies
	go test $(GENERATED) -run '^TestGenerated' -update

.PHONY: tidy
tidy: ## verify that go.mod and go.sum say what the sources import
	go mod tidy -diff

.PHONY: bench
bench: ## the benchmark: one JSON object a line on stdout
	@$(MAKE) build >&2
	@go run ./bench -binary bin/hooktree

.PHONY: clean
clean: ## remove what was built; data/ stays
	rm -rf bin server/ui/dist/app server/ui/node_modules $(CLIENTS:%=%/node_modules)

server/ui/dist/app/index.html: server/ui/$(INSTALLED) $(if $(UI),$(UI_SOURCES))
	npm --prefix server/ui run build
	touch $@

%/$(INSTALLED): %/package-lock.json
	npm --prefix $* ci
	touch $@

$(LINT):
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/golangci-lint $@
