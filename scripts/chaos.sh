#!/usr/bin/env bash
# Runs the chaos test for long (CHAOS_TIME, 5m), and the fault cases on real processes at the
# times of production. A seed printed by a run that failed is given back by CHAOS_SEED.
set -euo pipefail
cd "$(dirname "$0")/.."
export CHAOS_TIME=${CHAOS_TIME:-5m} CHAOS_FULL=1
go test -count=1 -timeout 90m -v ./internal/chaos
