# The README's test command is `make test`. CI runs it with nothing skipped.

GO ?= go
STATICCHECK = $(GO) tool -modfile=tools.mod staticcheck
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: test build dist build-RedirectFunction demo bench fuzz judge dynalite golden screenshot

# Tests that need Chromium, Node, nginx or systemd are skipped where those are missing, and the
# last lines name them. STUDIOBOT_NO_SKIP=1 makes a missing one a failure.
test:
	$(GO) vet ./...
	$(STATICCHECK) ./...
	cd deploy/validate && $(GO) vet ./...
	cd deploy/monitoring && $(GO) vet ./...
	@./.ci/go-test -race ./... -- deploy/validate deploy/monitoring

# GOOS and GOARCH of the environment count; OUT is where it goes.
OUT ?= studiobot
build:
	CGO_ENABLED=0 $(GO) build -tags lambda.norpc -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $(OUT) ./cmd/studiobot

# What a release has beside the image: an archive for each architecture, and their
# sums. Nothing of the time, the folder or the machine goes into them.
ARCHIVE = tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$$(git log -1 --format=%ct) -cf - -C
dist:
	rm -rf dist && mkdir dist
	for arch in amd64 arm64; do \
	  $(MAKE) build GOOS=linux GOARCH=$$arch OUT=dist/$$arch/studiobot && cp LICENSE dist/$$arch && \
	  $(ARCHIVE) dist/$$arch . | gzip -n >dist/studiobot_$(VERSION)_linux_$$arch.tar.gz && \
	  rm -r dist/$$arch || exit 1; \
	done
	cd dist && sha256sum * >SHA256SUMS

# Called by `sam build` in deploy/sam, which says where it goes.
LAMBDA_ARCH ?= arm64
build-RedirectFunction:
	$(MAKE) build GOOS=linux GOARCH=$(LAMBDA_ARCH) OUT=$(ARTIFACTS_DIR)/studiobot
	cp deploy/sam/bootstrap $(ARTIFACTS_DIR)/bootstrap

demo:
	$(GO) run ./cmd/demo

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# A bounded run of every fuzz target; FUZZTIME=5m for a longer one.
FUZZTIME ?= 10s
fuzz:
	@./.ci/fuzz $(FUZZTIME)

# What the tests need of npm.
judge:
	npm ci --prefix internal/slacksim/judge
	npm ci --prefix internal/dynalite
	npm ci --prefix deploy/validate/cloudformation --ignore-scripts

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
