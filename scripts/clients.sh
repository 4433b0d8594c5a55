#!/usr/bin/env bash
# Installs what the tests need beside Go: foreign XML-RPC clients, the shells that complete
# lines of netsvc, and a few tools.
# Expects nothing, installs only what is missing, and fails when something is still
# missing at the end: a test that cannot run must not pass. With --all it installs what
# `make interop-all` and `make bench-xmlrpc` need, too.
set -euo pipefail
cd "$(dirname "$0")/.."
all=${1-}

node_xmlrpc=1.3.2
node_modules=.tools/node_modules

# One line each: Debian package, then the command that tells whether it is there.
needs() {
	cat <<-'END'
		gcc                   command -v gcc
		python3               command -v python3
		curl                  command -v curl
		jq                    command -v jq
		bash                  command -v bash
		zsh                   command -v zsh
		fish                  command -v fish
		groff                 command -v groff
		nodejs                command -v node
		npm                   command -v npm
		libxmlrpc-core-c3-dev command -v xmlrpc
		librpc-xml-perl       perl -MRPC::XML::Client -e1
	END
	if [ "$all" != --all ]; then return; fi
	cat <<-'END'
		ruby                  command -v ruby
		ruby-xmlrpc           ruby -rxmlrpc/client -e1
		wrk                   command -v wrk
		php-cli               command -v php
		php-xmlrpc            php -r 'exit(!function_exists("xmlrpc_decode"));'
	END
}

missing() {
	local package probe
	needs | while read -r package probe; do
		bash -c "$probe" >/dev/null 2>&1 </dev/null || echo "$package"
	done
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_packages() {
	echo "installing: $*"
	as_root apt-get update -qq
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

has_node_xmlrpc() {
	[ "$(jq -r .version "$node_modules/xmlrpc/package.json" 2>/dev/null)" = "$node_xmlrpc" ]
}

mapfile -t packages < <(missing)
if [ "${#packages[@]}" -gt 0 ]; then
	install_packages "${packages[@]}"
fi
if ! has_node_xmlrpc; then
	echo "installing: node module xmlrpc $node_xmlrpc"
	npm install --prefix .tools --no-save --no-audit --no-fund --silent "xmlrpc@$node_xmlrpc"
fi

mapfile -t packages < <(missing)
has_node_xmlrpc || packages+=("node module xmlrpc")
if [ "${#packages[@]}" -gt 0 ]; then
	echo "still missing: ${packages[*]}"
	exit 1
fi
echo "all clients present"
