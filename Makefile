# netsvc. A target's comment is its line in `make help`.

GO ?= go
STATICCHECK = $(GO) tool -modfile=tools/go.mod staticcheck

.DEFAULT_GOAL := help
.PHONY: help build fmt lint test race alloc fuzz chaos interop interop-all bench bench-fanout bench-forward bench-nats bench-pending bench-xmlrpc demo clients check

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the release binary: one static, stripped file, dist/netsvc
	CGO_ENABLED=0 $(GO) build -trimpath -tags urfave_cli_no_docs,nethttpomithttp2 -ldflags '-s -w' -o dist/netsvc ./cmd/netsvc

fmt: ## format all Go sources in place
	gofmt -w $$(scripts/sources.sh)

lint: ## gofmt, go vet and staticcheck, changing nothing
	scripts/formatted.sh
	$(GO) vet ./...
	$(STATICCHECK) ./...

test: ## all tests but the long ones; what to run while working
	$(GO) test -short ./...

race: ## all tests under the race detector
	scripts/race.sh

alloc: ## allocation and speed tests, which the race detector would falsify
	scripts/alloc.sh

fuzz: ## every fuzz function for some seconds (FUZZ_SECONDS, FUZZ_TOTAL)
	scripts/fuzz.sh

chaos: ## kills, stops and cuts for CHAOS_TIME (5m), then the fault cases at full times
	scripts/chaos.sh

interop: ## foreign XML-RPC clients through gateway and exchange
	scripts/interop.sh

interop-all: ## the same with Ruby and PHP
	scripts/interop.sh --all

demo: ## exchange, example services and gateway in one process
	$(GO) run ./cmd/netsvc demo

bench: ## all Go benchmarks, with allocations
	$(GO) test -run '^$$' -bench . -benchmem ./...

bench-fanout: ## reports to 1, 10 and 100 subscribers, against NATS
	cd bench && $(GO) run ./fanout

bench-forward: ## the exchange against a bare relay, interleaved
	cd bench && $(GO) run ./forward

bench-nats: ## netsvc against NATS: its goals and what was found (BENCH=-quick)
	cd bench && $(GO) run ./nats $(BENCH)

bench-pending: ## a million calls wait, and their service dies
	cd bench && $(GO) run ./pending

bench-xmlrpc: ## codec against encoding/xml and kolo, gateway against Abyss and Python
	scripts/clients.sh --all && cd bench && $(GO) run ./xmlrpc $(BENCH)

clients: ## install what the tests need beside Go; only what is missing
	scripts/clients.sh

check: ## everything that must pass before a change lands; CI runs this
	scripts/check.sh
