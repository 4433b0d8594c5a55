#!/usr/bin/env bash
# Runs the tests that count allocations or compare speeds, without the race detector,
# in the packages that have any. They are recognised by Alloc or Speed in their name.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t folders < <(
	grep -rlE --include='*_test.go' '^func Test[A-Za-z0-9_]*(Alloc|Speed)' pkg internal cmd 2>/dev/null |
		xargs -r -n1 dirname | sort -u | sed 's|^|./|'
)
if [ "${#folders[@]}" -eq 0 ]; then
	echo "no test has Alloc or Speed in its name: where have they gone?"
	exit 1
fi
# -p 1: packages one after the other, so that they do not disturb each other's clocks.
go test -count=1 -p 1 -run 'Alloc|Speed' "${folders[@]}"
