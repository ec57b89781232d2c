# Tender: what one does here. `make` lists it. Every target sets up what it needs first, and is quick when nothing is to do.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup build demo dev test prove lint generate ci clean

BIN := .dev/bin
PACKAGES := ./...
# The tools need no C compiler: without cgo sqlc reads SQL with a WebAssembly build of Postgres' own parser.
TOOL_PACKAGES := github.com/sqlc-dev/sqlc/cmd/sqlc mvdan.cc/gofumpt honnef.co/go/tools/cmd/staticcheck \
	go.temporal.io/sdk/contrib/tools/workflowcheck

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install or build what is missing: Postgres, a C compiler, the Temporal CLI
	@command -v go >/dev/null || { echo 'Go 1.26 or newer is needed: https://go.dev/dl' >&2; exit 1; }
	@go run ./internal/devstack/machine prepare

build: ## build the tender command into .dev/bin
	@go build -o $(BIN)/tender ./starter

demo: setup build ## run seventeen loans through ninety days while you watch (ARGS='--day 8s' gives a busy machine more time)
	@$(BIN)/tender demo $(ARGS)

dev: setup build ## run everything on this machine until Ctrl-C (ARGS=--reset starts afresh)
	@$(BIN)/tender dev $(ARGS)

test: setup ## run every test but the long proofs of `make prove` (ARGS=-race looks for data races, ARGS='-run Stop' chooses)
	@go test $(ARGS) $(PACKAGES)

prove: setup ## run the long proofs, which take many minutes
	@go test -tags prove -timeout 60m $(ARGS) ./...

# Each step says nothing if there is nothing to say.
lint: $(BIN)/tools.stamp ## check formatting, vet, staticcheck, workflowcheck, sqlc's output, the order of the house
	@wrong=$$($(BIN)/gofumpt -l .) && { [ -z "$$wrong" ] || { echo "not formatted; run $(BIN)/gofumpt -w on:"; echo "$$wrong"; exit 1; }; }
	@go mod tidy -diff
	@go vet ./...
	@go vet -tags prove,failpoints ./...
	@$(BIN)/staticcheck ./...
	@$(BIN)/workflowcheck -config tools/workflowcheck.yaml ./workflows/...
	@$(BIN)/sqlc diff -f internal/store/sqlc.yaml
	@out=$$(go test ./internal/house) || { echo "$$out"; exit 1; }

generate: $(BIN)/tools.stamp ## write anew what sqlc makes of the queries
	@$(BIN)/sqlc generate -f internal/store/sqlc.yaml

$(BIN)/tools.stamp: tools/go.mod tools/go.sum
	@[ -f $@ ] || echo 'Building the linters and sqlc. This happens once, and takes about 2 minutes on two cores.'
	@mkdir -p $(BIN)
	@CGO_ENABLED=0 go build -C tools -trimpath -ldflags='-s -w' -o $(abspath $(BIN))/ $(TOOL_PACKAGES)
	@touch $@

# The tests of workflows mostly wait: they begin first, so that the others fill the time.
ci: lint ## what must pass before a change lands: lint, then make test with the race detector
	@$(MAKE) --no-print-directory test ARGS=-race PACKAGES='./workflows ./...'

clean: ## remove .dev: everything built, and every stack of tender dev with its journeys
	@go run ./internal/devstack/machine clean
