# yagura. `make up` sets everything up and runs it; `make test` sets everything up
# and tests it. Needs: git, Go, npm, make.
GO      ?= go
NPM     ?= npm
ARGS    ?=
TESTFLAGS ?=
export CGO_ENABLED ?= 0

ENGINE  := deploy/engine/node_modules/.package-lock.json
SOURCES := $(shell find cmd detect ingest internal rules dashboards -name '*.go' -o -name '*.yaml' -o -name '*.yml' -o -name '*.sql' -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.json' -o -name '*.jsonl' -o -name '*.txt' 2>/dev/null)

.PHONY: build agent engine up test peers lint generate bench faults soak image package clean help

help:               ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

build: bin/yagura   ## bin/yagura
bin/yagura: $(SOURCES) go.mod go.sum
	$(GO) build -trimpath -ldflags '-s -w' -o $@ ./cmd/yagura

AGENTS := linux-amd64 linux-arm64 windows-amd64.exe windows-arm64.exe
agent:              ## bin/agent: the host agent for Linux and Windows, with its installers
	@mkdir -p bin/agent
	@for t in $(AGENTS); do \
	  os=$${t%%-*}; arch=$${t#*-}; arch=$${arch%.exe}; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -tags agent -trimpath -ldflags '-s -w' -o bin/agent/yagura-$$t ./cmd/yagura || exit 1; \
	done
	@cp deploy/agent/* bin/agent/
	@cd bin/agent && sha256sum yagura-linux-* yagura-windows-* >SHA256SUMS && ls -l yagura-linux-* yagura-windows-*

# npm ci needs a lock of every platform that its package.json names, so the lock is
# for x86-64; on arm64 the same version of that platform's package is installed.
engine: $(ENGINE)   ## fetch the embedded ClickHouse engine (pinned, 550 MB)
$(ENGINE): deploy/engine/package.json deploy/engine/package-lock.json
ifeq ($(shell uname -m),aarch64)
	cd deploy/engine && $(NPM) install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund @chdb/lib-linux-arm64-gnu@26.7.3-stable.1 --omit=dev --force
else
	cd deploy/engine && $(NPM) ci --ignore-scripts --no-audit --no-fund
endif
	@touch $@

up: build engine    ## set up and run everything, with the demonstration stories
	bin/yagura up --demo $(ARGS)

peers:              ## real programs for the tests (rsyslog, syslog-ng, logger, postfix), unpacked under var/
	@bash test/peers.sh

test: build engine peers ## set up and test
	$(GO) test -timeout 25m $(TESTFLAGS) ./...

lint:               ## gofmt, vet, staticcheck, govulncheck, generated files
	@bash .ci/lint

generate: build     ## write the generated files anew: dashboards, provisioning
	bin/yagura dashboards --out dashboards/grafana

bench: build engine ## figures: time and allocations of each part, and end to end
	@bash test/bench.sh

faults: build engine ## every fault many times, with a table
	YAGURA_FAULTS=all $(GO) test -timeout 120m -count=1 -v -run 'Kill|Outage' ./test/...

soak: build engine  ## an hour under load with random faults
	YAGURA_FAULTS=soak $(GO) test -timeout 90m -count=1 -v -run Soak ./test/...

image: build engine ## an image from scratch, with the engine (needs a Docker engine)
	@bash deploy/image/build.sh

package:            ## a release folder with binary, engine, units and licences
	@bash deploy/package.sh

clean:              ## remove what was built; keeps var/
	rm -rf bin dist deploy/engine/node_modules
