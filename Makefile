# `make` shows what there is. Needed: Go (the version in go.mod) and npm with Node.js 20.19 or later, for fetching the
# engine and for the dashboard; for the tests also Chromium or Chrome. The race detector needs a C compiler; without one
# the tests run without it, and say so.

.DEFAULT_GOAL := help
.PHONY: help run build web screenshots engine tools test test-deploy test-faults test-properties test-hostile lint fmt fuzz bench-ingest bench-queries bench-drivers bench-live clean

GO        = go
BIN       = bin/ibarura
VERSION   = 0.1.0-dev
ARGS      =
SIZE      = 10m
KEEP      =
PKGS      = ./...
FUZZTIME  = 10s
ROUNDS    = 100
SEED      = 0
LINT      = $(GO) tool -modfile=tools/lint/go.mod golangci-lint
# A shell word: -race, or nothing where Go finds no C compiler.
RACE      = $$(command -v "$$($(GO) env CC)" >/dev/null && echo -race)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: build engine ## Fetch the engine once, build, and serve on http://127.0.0.1:8080 (ARGS="--http.listen …")
	$(BIN) serve --log.format=console $(ARGS)

build: web ## Build bin/ibarura, without cgo
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-X ibarura/internal/telemetry.version=$(VERSION)" -o $(BIN) ./cmd/ibarura

WEB       = dashboards/web
WEB_FILES = $(shell find $(WEB)/src $(WEB)/test -type f) $(WEB)/index.html $(WEB)/embed.html $(WEB)/vite.config.ts $(WEB)/tsconfig.json
WEB_PAGE  = internal/web/dist/index.html

web: $(WEB_PAGE) ## Build the dashboard into internal/web/dist, where the binary embeds it from, unless it is there

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(WEB_PAGE): $(WEB)/node_modules/.package-lock.json $(WEB_FILES)
	rm -rf internal/web/dist/assets
	cd $(WEB) && npm run --silent build
	@touch $@

screenshots: web engine ## Write pictures of every page, light, dark and on a phone, to screenshots/
	$(GO) test ./cmd/ibarura -count=1 -timeout 20m -run '^TestImportedCommunity$$/^TheDashboardShows$$/^(ToEverybodyOnEveryPage|ViewsToWhoHasALink)$$|^TestAnAdminsDashboard$$' -args -pictures $(CURDIR)/screenshots

engine: build ## Fetch the pinned ClickHouse library into the user's cache, unless it is there
	$(BIN) engine fetch

tools: ## Fetch Prometheus for the tests into the user's cache, unless it is there or on PATH
	tools/prometheus/fetch.sh

test: engine test-deploy ## Run all tests (PKGS=./internal/loader/ for some), with the race detector where it can run
	@$(MAKE) --no-print-directory tools || echo "The tests that need Prometheus will fail; the others run."
	@[ -n "$(RACE)" ] || echo "No C compiler: the tests run without the race detector."
	$(GO) test $(RACE) -timeout 45m $(PKGS)

test-faults: engine ## Prove by ROUNDS (100) of random faults that nothing is lost or counted twice; SEED=… replays
	$(GO) test -v -count=1 -timeout 6h ./internal/faulttest -run '^TestRandomFaults' -args -rounds $(ROUNDS) -seed $(SEED)

test-properties: engine ## Compare ROUNDS (100) random streams, sent through the front door, with brute force; SEED=… replays
	$(GO) test -v -count=1 -timeout 6h ./cmd/ibarura -run '^TestRandomStreams' -rapid.checks $(ROUNDS) -rapid.seed $(SEED)

test-deploy: ## Check the Dockerfile and docker-compose.yml with Docker's own parsers, without Docker
	cd deploy/check && $(GO) test ./...

test-hostile: engine ## Meet hostile clients in full: 10,000 slow connections, a stream of 10 GB (wants 11,000 open files)
	$(GO) test -timeout 60m -run Hostile -v ./cmd/ibarura -hostile

lint: ## Run golangci-lint, built from source the first time (two minutes)
	$(LINT) run ./...
	cd deploy/check && $(GO) vet ./...
	cd internal/clienttest/go && $(GO) vet ./...

fmt: ## Format the code
	$(LINT) fmt

fuzz: ## Run every fuzz target for FUZZTIME (10s)
	@set -e; grep -rl '^func Fuzz' --include='*_test.go' cmd internal | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "== $$target, $$file"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")"; \
		done; \
	done

bench-ingest: engine ## Measure ingest against ClickHouse's own insert (ARGS="--only=ratio,cpu", --help)
	$(GO) run ./internal/bench/ingest $(ARGS)

bench-queries: engine ## Measure every question over a year of SIZE (10m, 100m) events, kept in KEEP or the user's cache
	$(GO) run ./internal/bench/queries --size=$(SIZE) $(if $(KEEP),--keep=$(KEEP)) $(ARGS)

bench-drivers: engine ## Measure what a row costs through clickhouse-go's batch and through ch-go's columns
	$(GO) run ./internal/bench/drivers $(ARGS)

bench-live: engine ## Measure what 5,000 readers of the live view cost ingest (ARGS="--readers=1000", --help)
	$(GO) run ./internal/bench/live $(ARGS)

clean: ## Remove what was built; data/ and the engine's cache stay
	rm -rf bin internal/web/dist/assets internal/web/dist/embed.html $(WEB_PAGE)
	$(GO) clean -testcache
