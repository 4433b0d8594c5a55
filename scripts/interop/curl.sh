#!/usr/bin/env bash
# curl against a gateway, for what no library lets one ask: curl.sh BASE.
set -euo pipefail
base=$1 failures=0
multiply='<?xml version="1.0"?><methodCall><methodName>%s</methodName><params><param><value><int>3</int></value></param><param><value><i4>4</i4></value></param></params></methodCall>'

# check WHAT WANT ARGUMENT... looks for WANT in the head and body that curl prints.
check() {
	local what=$1 want=$2 got
	shift 2
	got=$(curl -sS -i --max-time 20 "$@" 2>&1) || true
	if [[ $got != *"$want"* ]]; then
		failures=$((failures + 1))
		printf '%s: want %s, got\n%s\n' "$what" "$want" "$got"
	fi
}

# shellcheck disable=SC2059 # the document is the format
dotted=$(printf "$multiply" math.multiply) plain=$(printf "$multiply" multiply)
xml='Content-Type: text/xml'
check 'HTTP/1.0' '>12<' -0 -H "$xml" -d "$dotted" "$base/RPC2"
check 'HTTP/1.1' '>12<' --http1.1 -H "$xml" -d "$dotted" "$base/RPC2"
check "the service's own URL" '>12<' -H "$xml" -d "$plain" "$base/xmlrpc/service/math"
check 'a length, not chunks' 'Content-Length: ' -H "$xml" -d "$dotted" "$base/RPC2"
check 'chunks are taken' '>12<' -H "$xml" -H 'Transfer-Encoding: chunked' -d "$dotted" "$base/RPC2"
check 'no such service' ' 404 ' -H "$xml" -d "$plain" "$base/xmlrpc/service/absent"
check 'GET' ' 405 ' "$base/RPC2"
check 'a form of a browser' ' 415 ' -H 'Content-Type: text/plain' -d "$dotted" "$base/RPC2"
check 'no document type' '-32700' -H "$xml" -d "<!DOCTYPE x>$dotted" "$base/RPC2"
exit $((failures > 0))
