#!/bin/sh
# Watches builds: a line for each one that ends, wherever it ran, as publish-build.sh tells of them.
#
#	examples/pipelines/watch-builds.sh            # until SIGINT
#	examples/pipelines/watch-builds.sh --max 1    # what netsvc sub understands goes to it
#
# It may be started before the first build and before the exchange. With -o jsonl each report is one
# line, written at once, and jq is told to do the same. Where results are missing, because this
# watcher or its link was too slow, stands a gap in their place.
set -eu

netsvc sub build:done -o jsonl "$@" |
	jq --unbuffered --raw-output '
		if has("gap") then "missing: \(.gap // "an unknown number of") results"
		elif .value.status == 0 then "ok: \(.value.command)"
		else "FAILED (\(.value.status)): \(.value.command)"
		end'
