#!/usr/bin/env bash
# Runs each fuzz function of the project for FUZZ_SECONDS (5), or shorter if all
# together would take more than FUZZ_TOTAL (240). Builds come on top.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-5} total=${FUZZ_TOTAL:-240}

mapfile -t functions < <(
	scripts/sources.sh | grep '_test\.go$' | xargs -r grep -oE '^func Fuzz[A-Za-z0-9_]+' | sort
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

for entry in "${functions[@]}"; do
	folder=$(dirname "${entry%%:*}")
	name=${entry##*func }
	echo "-- $folder $name"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "${seconds}s" -fuzzminimizetime 5s "$folder"
done
