#!/usr/bin/env bash
# Lists the Go files of the project, those of its inner modules included.
set -euo pipefail
cd "$(dirname "$0")/.."
find . \( -name '.?*' -o -name node_modules -o -name testdata \) -prune -o -name '*.go' -print
