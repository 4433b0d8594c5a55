#!/usr/bin/env bash
# Fails and names the files when gofmt would change any.
set -euo pipefail
cd "$(dirname "$0")/.."
wrong=$(scripts/sources.sh | xargs -r gofmt -l)
if [ -n "$wrong" ]; then
	printf 'not formatted (make fmt mends it):\n%s\n' "$wrong"
	exit 1
fi
