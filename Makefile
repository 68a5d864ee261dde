# What people and CI call. `make test` needs Go and nothing else: as root it
# installs the servers that the tests talk to from the distribution's packages.

SHELL       := /bin/bash
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build test test-servers nightly lint servers bench bench-mailbox bench-wan bench-claims bench-intake bench-share bench-page bench-archive screenshots

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
# Tables say which row of the goals they are for, and the aim.
BENCH_FILE ?= $(CURDIR)/docs/benchmarks.md
BENCH := ulimit -n 20000; INVITER_BENCH_FILE=$(BENCH_FILE) go test -run NONE -benchtime 1x -timeout 120m
PARTS := page share claims intake mailbox wan archive

bench: servers ## all parts in turn: ratios against real peers and floors, printed as tables
	@for part in $(PARTS); do echo; echo "=== bench-$$part, $$(date +%H:%M)"; $(MAKE) --no-print-directory bench-$$part || failed="$$failed $$part"; done; \
	test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

bench-mailbox: servers ## rows 1, 3, 4: the mailbox watcher beside mbsync, getmail6 and readers that keep nothing
	$(BENCH) -bench 'Backlog$$|OldMail|MailToPage' ./e2e
	$(BENCH) -bench IdleLook ./mailbox

bench-wan: servers ## row 2: the same on a line of 100 Mbit/s and 20 ms
	$(BENCH) -bench BacklogOnALine ./e2e

bench-claims: servers ## rows 5 to 7: claims through the API beside the least server; the queue beside goqite, PostgreSQL and the disk
	$(BENCH) -bench 'ClaimRace|OneForAll' ./e2e
	$(BENCH) -bench 'Claims|OneTicket|Submit' ./e2e/bench

bench-intake: servers ## row 8: claims while a backlog of 20,000 mails is taken, in one process and in two
	$(BENCH) -bench ClaimsDuringIntake ./e2e

bench-share: servers ## rows 9, 10: drops, bursts and idle shares, local and over SMB, beside find, raw inotify and smbclient
	$(BENCH) -bench 'DropToPage|DropOverSMB|ManyFiles|IdleShareProcess' ./e2e
	$(BENCH) -bench 'IdleShare' ./share

bench-page: servers ## rows 11, 12: the queue's page and its streams beside a server that only sends the same bytes
	$(BENCH) -bench 'QueuePage|FanOut' ./e2e

bench-archive: servers ## rows 13, 14: expiry, everything beside 1,000,000 tickets of history, and the start
	$(BENCH) -bench 'Expiry|Archive|Start' ./e2e/bench
	$(BENCH) -bench IdleTick ./queue

PAGES := queue ticket history missed quarantine sources reports accounts login status

screenshots: servers ## the pages shown in README and docs, each light, dark and on a phone
	mkdir -p docs/images
	INVITER_LOOK=$$PWD/docs/images INVITER_LOOK_ONLY="$(foreach p,$(PAGES),$(foreach l,light dark narrow,$(p)-$(l)))" go test -count 1 -run 'TestLook$$' ./web
