#!/usr/bin/env bash
# The command xmlrpc of xmlrpc-c against a gateway: xmlrpc-c.sh BASE.
set -euo pipefail
url=$1/RPC2 failures=0

# check WHAT WANT COMMAND... looks for WANT in what the command prints.
check() {
	local what=$1 want=$2 got
	shift 2
	got=$("$@" 2>&1) || true
	if [[ $got != *"$want"* ]]; then
		failures=$((failures + 1))
		printf '%s: got %s, want %s\n' "$what" "$got" "$want"
	fi
}

check 'math.multiply' 'Integer: 12' xmlrpc "$url" math.multiply i/3 i/4
check 'no such method' '-32601' xmlrpc "$url" math.absent
check 'i8' '5000000000' xmlrpc "$url" echo.echo I/5000000000
check 'nil' 'Nil' xmlrpc "$url" echo.echo n/
check 'text' "String: 'a <b> & c'" xmlrpc "$url" echo.echo 's/a <b> & c'
exit $((failures > 0))
