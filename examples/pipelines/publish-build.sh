#!/bin/sh
# Runs a build and publishes how it ended, for those who watch:
#
#	examples/pipelines/publish-build.sh make check
#
# netsvc pub announces the service build, publishes each line of its stdin that is JSON, and ends when
# the exchange has them. The exit code is that of the build, whether anybody could be told or not.
set -u

"$@"
status=$?

jq --null-input --compact-output --arg command "$*" --argjson status "$status" '{$command, $status}' |
	netsvc pub build:done
exit "$status"
