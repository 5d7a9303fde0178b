# Two commands on a fresh machine: make demo, make test. See CONTRIBUTING.md.

GO        ?= go
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
COMMIT    ?= $(shell git rev-parse HEAD 2>/dev/null)
MODULE    := github.com/printscout/printscout
LDFLAGS   := -s -w -X $(MODULE)/internal/version.Number=$(VERSION) -X $(MODULE)/internal/version.Commit=$(COMMIT)
BUILD     := CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'
FUZZTIME  ?= 30s
TOOLS     := $(CURDIR)/bin/tools

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
ERRORLINT   := github.com/polyfloyd/go-errorlint@v1.8.0
UNPARAM     := mvdan.cc/unparam@v0.0.0-20260823230713-2fa3d841b0c8
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0
NFPM        := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
CYCLONEDX   := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

.PHONY: build demo short test race lint fuzz soak conformance bench pictures cross packages clean

build:
	$(BUILD) -o bin/printscout ./cmd/printscout
	$(BUILD) -o bin/scoutcloud ./cmd/scoutcloud

demo: build
	bin/scoutcloud demo

# For the time between two edits: without what starts a peer, Wine or one of
# the binaries, and without what takes more than about a second.
short:
	@$(GO) test -short ./...

# The peers that the tests talk to are installed where that is possible; at
# the end stands which of them were missing and what was not tested for it.
test: build
	@.ci/peers
	@.ci/gotest -count=1 ./...
	@cd tools && ../.ci/gotest -count=1 ./...

race: build
	@.ci/peers
	@.ci/gotest -count=1 -race ./...

# unparam leaves the tests out: a helper may take what its one caller passes
# today, since the next test passes something else.
lint: $(TOOLS)/staticcheck $(TOOLS)/go-errorlint $(TOOLS)/unparam
	@out=$$(gofmt -l .); [ -z "$$out" ] || { echo "gofmt wants: $$out"; exit 1; }
	$(GO) mod verify
	$(GO) vet ./...
	$(GO) vet -C tools ./...
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	$(TOOLS)/staticcheck ./...
	$(TOOLS)/go-errorlint ./...
	$(TOOLS)/unparam ./...
	@.ci/vulncheck $(TOOLS) $(GOVULNCHECK)

$(TOOLS)/staticcheck:
	GOBIN=$(TOOLS) $(GO) install $(STATICCHECK)

$(TOOLS)/go-errorlint:
	GOBIN=$(TOOLS) $(GO) install $(ERRORLINT)

$(TOOLS)/unparam:
	GOBIN=$(TOOLS) $(GO) install $(UNPARAM)

fuzz:
	@.ci/fuzz $(FUZZTIME)

# The long runs, by hand. docs/soak.md says what they are and what came of them.
KILLS     ?= 1000
CROWDS    ?= 200
IMAGES    ?= 50
DELIVERIES ?= 50000
SOAKTIME  ?= 1h
SCOUTS    ?= 10000

soak: build
	@.ci/peers
	PRINTSCOUT_KILLS=$(KILLS) $(GO) test -count=1 -timeout 4h -v -run '^TestKilledScoutPrintsEachJobOnce$$' ./internal/dev/endtoend
	$(GO) test -count=$(IMAGES) -timeout 4h -run '^(TestRawImage|TestFullDisk)$$' ./internal/dev/endtoend
	$(GO) test -race -count=$(CROWDS) -timeout 4h -run '^(TestNothingVanishesUnderAReader|TestRotationBesideEverythingElse|TestConcurrent)$$' ./vault
	PRINTSCOUT_TEST_DELIVERIES=$(DELIVERIES) $(GO) test -count=1 -timeout 4h -v -run '^TestModel$$' ./delivery
	$(GO) run ./internal/dev/load --scouts $(SCOUTS)
	@KEEP=1 .ci/fuzz $(SOAKTIME)

# ipptool's suites against the scout and against ippeveprinter.
conformance:
	@.ci/peers
	@$(GO) run ./internal/dev/conformance

# The scout side by side with its peers: a table with ratios and goals.
bench:
	@.ci/peers
	@$(GO) run ./internal/dev/bench

# The pictures in docs/pictures, taken by the tests that look at the desktop and at
# the pages.
pictures:
	@.ci/peers
	@PRINTSCOUT_PICTURES=$(CURDIR)/docs/pictures .ci/gotest -count=1 -run '^(TestXfce|TestWine|TestPictureOfAllIcons)$$' ./tray
	@PRINTSCOUT_PICTURES=$(CURDIR)/docs/pictures .ci/gotest -C tools -count=1 -run '^TestPictures$$' ./browser

cross:
	@for os in linux darwin windows; do for arch in amd64 arm64; do \
		echo "building for $$os/$$arch"; \
		for c in printscout scoutcloud; do \
			ext=; [ $$os = windows ] && ext=.exe; \
			GOOS=$$os GOARCH=$$arch $(BUILD) -o dist/$$os-$$arch/$$c$$ext ./cmd/$$c || exit 1; \
		done; done; done

# All that is shipped for Linux (docs/packages.md). SIGN=KEY signs it by gpg. Without
# govulncheck there is only no OpenVEX.
PACKAGES ?= dist/packages
EPOCH    ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
SIGN     ?=

packages: $(TOOLS)/nfpm $(TOOLS)/cyclonedx-gomod
	@[ -x $(TOOLS)/govulncheck ] || GOBIN=$(TOOLS) $(GO) install $(GOVULNCHECK) 2>/dev/null || true
	@$(GO) run ./internal/dev/packages --out '$(PACKAGES)' --tools $(TOOLS) --describe '$(VERSION)' --commit '$(COMMIT)' --epoch $(EPOCH)
	@[ -z '$(SIGN)' ] || installer/packages/sign '$(SIGN)' '$(PACKAGES)'

$(TOOLS)/nfpm:
	GOBIN=$(TOOLS) $(GO) install $(NFPM)

$(TOOLS)/cyclonedx-gomod:
	GOBIN=$(TOOLS) $(GO) install $(CYCLONEDX)

clean:
	rm -rf bin dist
