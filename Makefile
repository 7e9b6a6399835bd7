# The README's test command is `make test`. CI runs it with nothing skipped.

GO ?= go
STATICCHECK = $(GO) tool -modfile=tools.mod staticcheck
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: test build demo bench fuzz judge dynalite golden screenshot

# Tests that need Chromium or Node are skipped where those are missing, and the
# last lines name them. STUDIOBOT_NO_SKIP=1 makes a missing one a failure.
test:
	$(GO) vet ./...
	$(STATICCHECK) ./...
	@./.ci/go-test -race ./...

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o studiobot ./cmd/studiobot

demo:
	$(GO) run ./cmd/demo

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# A bounded run of every fuzz target; FUZZTIME=5m for a longer one.
FUZZTIME ?= 10s
fuzz:
	@./.ci/fuzz $(FUZZTIME)

# What the Slack simulator's judge needs.
judge:
	npm ci --prefix internal/slacksim/judge

# What the tests of the store in DynamoDB, and the demo with several copies, run
# it as.
dynalite:
	npm ci --prefix internal/dynalite

# Writes golden files and generated docs anew. Look at the diff.
golden:
	$(GO) test ./bot ./audit . -update

# The README's picture, made by a browser test.
screenshot:
	STUDIOBOT_SCREENSHOTS=$(CURDIR)/docs $(GO) test -count=1 -run TestBrowserScreenshots ./internal/demo
	mv docs/demo-wide-light.png docs/demo.png
	rm docs/demo-*.png
