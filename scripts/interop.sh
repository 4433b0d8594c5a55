#!/usr/bin/env bash
# Runs real foreign XML-RPC clients through gateway and exchange. Without an argument
# it builds netsvc and starts all it needs on ports of the kernel; with a base URL,
# such as http://127.0.0.1:8000, it uses the gateway that runs there.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/clients.sh >/dev/null

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
export XDG_CONFIG_HOME=$work
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
	await_service
}

# await_service waits until the gateway, too, has seen the services.
await_service() {
	for _ in $(seq 100); do
		if python3 scripts/interop/ready.py "$base" 2>/dev/null; then return; fi
		sleep 0.1
	done
	echo "the gateway at $base does not offer the services after 10s:" >&2
	cat "$work"/*.log >&2
	return 1
}

if [ $# -gt 0 ]; then base=${1%/}; else start_all; fi

passed=0 failed=0
# client NAME COMMAND... runs one client's checks, which print what went wrong.
client() {
	local name=$1
	shift
	if timeout 60 "$@" "$base"; then
		passed=$((passed + 1))
		echo "ok   $name"
	else
		failed=$((failed + 1))
		echo "FAIL $name"
	fi
}

client 'Python xmlrpc.client' python3 scripts/interop/python.py
client 'xmlrpc-c' bash scripts/interop/xmlrpc-c.sh
client 'Perl RPC::XML' perl scripts/interop/perl.pl
client 'node xmlrpc' env NODE_PATH=.tools/node_modules node scripts/interop/node.js
client 'curl' bash scripts/interop/curl.sh
echo "interop: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
