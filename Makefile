# make check runs what CI runs, for the tools that are here.
SHELL := /bin/bash
.PHONY: check fmt vet lint test race bench

check: fmt vet lint test

fmt:
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }

vet:
	go vet ./...

lint:
	golangci-lint run ./...

test:
	go test ./...

race:
	go test -race -short ./internal/{db,change,source,account,search,stats,cluster,registry,corpus,ranking,ingest,observatory,observatory/release,claims,api,app,web}

bench:
	go test -run '^$$' -bench . -benchtime 3x ./...
