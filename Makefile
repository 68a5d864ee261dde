# What people and CI call. `make test` needs Go and nothing else: as root it
# installs the servers that the tests talk to from the distribution's packages.

SHELL       := /bin/bash
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build test test-servers nightly lint servers bench bench-mailbox bench-claims bench-archive bench-page bench-share screenshots

build: ## both programs into bin/
	CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/inviter ./cmd/watcher

test: servers lint ## everything; a missing server is a failure
	INVITER_TEST_REQUIRE=all go test -race -shuffle=on -timeout 14m ./...

test-servers: servers ## the same mailbox tests on Cyrus, Courier and GNU mailutils; nightly: builds roots for them once
	INVITER_TEST_ROOTS=$$(e2e/private/roots) INVITER_TEST_REQUIRE=all \
	go test -count 1 -timeout 20m -run 'FurtherServers|Rooted' ./mailbox ./e2e ./e2e/private

nightly: servers ## what takes long: a session spoiled at every byte in four ways, 100,000 mails, every kind of death at every call, one history of 120,000 verbs
	INVITER_TEST_NIGHTLY=1 INVITER_TEST_REQUIRE=all \
	go test -count 1 -timeout 180m -run 'Spoiled|ManyMails|RandomSystemCalls|DiesAtAnyCall|Linearizable|ClockIsHandedOn|^TestSwap$$|ManyAtOnce' ./mailbox ./share ./e2e

lint: ## formatting, vet, staticcheck
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

servers: ## Dovecot, Samba, PostgreSQL, Chromium, FreeRDP, Python, a C compiler (for the race detector), once
	@e2e/private/install

# What bench and its parts print is added to the end of docs/benchmarks.md too.
BENCH := INVITER_BENCH_FILE=$(CURDIR)/docs/benchmarks.md go test -run NONE -benchtime 1x -timeout 120m

bench: servers ## ratios against real peers, printed as tables
	ulimit -n 20000 && $(BENCH) -bench . ./e2e ./e2e/bench

bench-mailbox: servers ## the mailbox watcher beside mbsync, getmail6 and readers that keep nothing
	$(BENCH) -bench 'Backlog|IdlePoll|MailToPage' ./e2e
	go test -run NONE -bench IdleLook -benchtime 300x -timeout 30m ./mailbox

bench-claims: servers ## claims through the API beside the least server, and the queue beside goqite, PostgreSQL and the disk
	ulimit -n 20000 && $(BENCH) -bench 'ClaimRace|OneForAll' ./e2e
	$(BENCH) -bench 'Claims|OneTicket|Submit' ./e2e/bench

bench-archive: servers ## expiry, and everything beside 1,000,000 tickets of history
	$(BENCH) -bench 'Expiry|Archive' ./e2e/bench

bench-page: servers ## the queue's page and its streams beside handlers that only send the same bytes
	go test -run NONE -bench QueuePage -benchtime 3000x -timeout 30m ./web
	ulimit -n 20000 && go test -run NONE -bench FanOut -benchtime 20x -timeout 30m ./web

bench-share: servers ## the share's scans, events and bursts beside find and raw inotify
	go test -run NONE -bench 'ScanUnchanged|RenameToSubmit|RawInotify|ManyAtOnce' -benchtime 10x -timeout 30m ./share
	$(BENCH) -bench DropToPage ./e2e

PAGES := queue ticket history missed quarantine sources reports accounts login status

screenshots: servers ## the pages shown in README and docs, each light, dark and on a phone
	mkdir -p docs/images
	INVITER_LOOK=$$PWD/docs/images INVITER_LOOK_ONLY="$(foreach p,$(PAGES),$(foreach l,light dark narrow,$(p)-$(l)))" go test -count 1 -run 'TestLook$$' ./web
