#!/usr/bin/env bash
# Builds the release binary and holds it to what is promised of it: one static file of at
# most 16 MB that runs.
set -euo pipefail
cd "$(dirname "$0")/.."

most=16000000

make --no-print-directory build
size=$(wc -c <dist/netsvc)
echo "dist/netsvc: $size bytes"
if [ "$size" -gt "$most" ]; then
	echo "that is more than $most"
	exit 1
fi
if readelf --program-headers dist/netsvc 2>/dev/null | grep -q INTERP; then
	echo "it is not static"
	exit 1
fi
dist/netsvc version
