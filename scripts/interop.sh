#!/usr/bin/env bash
# Runs real foreign XML-RPC clients through gateway and exchange; with --all those, too, that
# are not in every check, Ruby and PHP. Without another argument it builds netsvc and starts all
# it needs on ports of the kernel; with a base URL, such as http://127.0.0.1:8000, it uses the
# gateway that runs there, and the exchange that NETSVC_EXCHANGE names.
set -euo pipefail
cd "$(dirname "$0")/.."
all=
if [ "${1-}" = --all ]; then
	all=--all
	shift
fi
scripts/clients.sh $all >/dev/null

started=()
work=$(mktemp -d)
finish() {
	if [ "${#started[@]}" -gt 0 ]; then
		kill "${started[@]}" 2>/dev/null || true
		wait "${started[@]}" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap finish EXIT

# What the user has set for netsvc is no part of this.
export XDG_CONFIG_HOME=$work/config
unset NETSVC_CONFIG NETSVC_CONTEXT

# start NAME ARGUMENT... runs netsvc beside us, its log in a file.
start() {
	local name=$1
	shift
	"$work/netsvc" "$@" >"$work/$name.log" 2>&1 &
	started+=($!)
}

# address NAME waits for the file in which a process says where it listens.
address() {
	for _ in $(seq 100); do
		if [ -s "$work/$1" ]; then
			head -n 1 "$work/$1"
			return
		fi
		sleep 0.1
	done
	echo "$1 did not start within 10s:" >&2
	cat "$work/$1.log" >&2
	return 1
}

start_all() {
	go build -o "$work/netsvc" ./cmd/netsvc
	start exchange exchange --listen 127.0.0.1:0 --address-file "$work/exchange"
	NETSVC_EXCHANGE=$(address exchange)
	export NETSVC_EXCHANGE
	start gateway gateway --all --listen 127.0.0.1:0 --address-file "$work/gateway"
	start host host math echo validator1
	"$work/netsvc" wait math echo validator1 --timeout 10s
	base="http://$(address gateway)"
}

if [ $# -gt 0 ]; then base=${1%/}; else start_all; fi

# The table of cases and clients; what is lost is in docs/xmlrpc-clients.md.
NODE_PATH=$PWD/.tools/node_modules
export NODE_PATH
ways=exchange,gateway,curl,curl-1.0,python,xmlrpc-c,perl,perl-deflate,node
if [ -n "$all" ]; then ways+=,ruby,php; fi
status=0
go run ./examples/validate -x "${NETSVC_EXCHANGE:-127.0.0.1:11111}" --gateway "$base" --ways "$ways" || status=1

# What a library does not let one ask.
if bash scripts/interop/curl.sh "$base"; then echo 'HTTP as asked by curl: ok'; else status=1; fi
exit "$status"
