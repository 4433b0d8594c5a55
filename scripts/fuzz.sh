#!/usr/bin/env bash
# Runs each fuzz function of the main module for FUZZ_SECONDS (5), or shorter if all
# together would take more than FUZZ_TOTAL (240). Builds come on top.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-5} total=${FUZZ_TOTAL:-240}

mapfile -t functions < <(
	scripts/sources.sh | grep '_test\.go$' | grep -v '^\./bench/' | xargs -r grep -oHE '^func Fuzz[A-Za-z0-9_]+' | sort
)
count=${#functions[@]}
if [ "$count" -eq 0 ]; then
	echo "no fuzz function found: where have they gone?"
	exit 1
fi
if [ $((count * seconds)) -gt "$total" ]; then
	seconds=$((total / count > 0 ? total / count : 1))
fi
echo "$count fuzz functions, ${seconds}s each"

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# run FOLDER NAME fuzzes one function. Before Go 1.27 the end of the time may be
# reported as a failure (go.dev/issue/75804): the bare words "context deadline
# exceeded", with no input written. That alone is tried again, twice.
run() {
	local folder=$1 name=$2
	for _ in 1 2 3; do
		if go test -run '^$' -fuzz "^$name\$" -fuzztime "${seconds}s" -fuzzminimizetime 5s "$folder" 2>&1 | tee "$log"; then
			return 0
		fi
		if grep -q 'Failing input written' "$log" || ! grep -qx ' *context deadline exceeded' "$log"; then
			return 1
		fi
		echo "-- no finding: Go's fuzzer missed its own deadline; once more"
	done
	return 1
}

for entry in "${functions[@]}"; do
	folder=$(dirname "${entry%%:*}")
	name=${entry##*func }
	echo "-- $folder $name"
	run "$folder" "$name"
done
