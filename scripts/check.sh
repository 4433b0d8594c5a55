#!/usr/bin/env bash
# Everything that must pass before a change lands, cheapest first. Stops at the first
# stage that fails and says which. Meant to take less than 25 minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

# stage NAME COMMAND... runs one stage under a header with its name and the time so far.
stage() {
	local name=$1
	shift
	printf '\n=== %s (%ds since the start)\n' "$name" "$SECONDS"
	if ! "$@"; then
		printf '\n=== FAILED: stage "%s", after %ds\n' "$name" "$SECONDS"
		exit 1
	fi
}

stage clients scripts/clients.sh
stage gofmt scripts/formatted.sh
stage vet go vet ./...
stage staticcheck go tool -modfile=tools/go.mod staticcheck ./...
stage binary scripts/binary.sh
stage race scripts/race.sh
stage bench-vet go -C bench vet ./...
stage bench go -C bench test -timeout 5m ./...
stage interop scripts/interop.sh
stage fuzz scripts/fuzz.sh
stage alloc scripts/alloc.sh
