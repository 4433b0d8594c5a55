#!/usr/bin/env bash
# Runs all tests under the race detector. In a synctest bubble the detector of Go 1.26 sometimes
# fails a check of its own and ends the test binary (golang/go issue 78156). Only when that is all
# that went wrong - no failed test, no data race, no panic - the tests run again, twice at most; what
# has passed is cached then.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for attempt in 1 2 3; do
	if go test -race -timeout 10m ./... 2>&1 | tee "$log"; then
		exit 0
	fi
	if ! grep -q '^ThreadSanitizer: CHECK failed' "$log" || grep -qE -e '--- FAIL|DATA RACE|^panic: |^fatal error: ' "$log"; then
		exit 1
	fi
	echo "the race detector failed a check of its own (attempt $attempt)"
done
exit 1
