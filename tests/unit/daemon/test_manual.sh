#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The manual page lists the options as the tables in the code have them, and the summaries of both
# programs are in their pages.
set -u
: "${srcdir:=.}" "${builddir:=.}"
daemon=$builddir/src/daemon/lwm2m-gatewayd
page=$srcdir/man/lwm2m-gateway.conf.5
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
bad=0
complain() {
	echo "$*"
	bad=1
}

for p in modem mqtt sim; do
	[ -e "$builddir/plugins/$p/.libs/$p.so" ] || {
		echo "built without $p"
		exit 77
	}
	ln -s "$(realpath "$builddir/plugins/$p/.libs/$p.so")" "$tmp/$p.so"
done
"$daemon" --options=roff --plugindir "$tmp" >"$tmp/want" || complain "--options fails"
sed -n '/^\.\\" What follows is/,/^\.\\" The end of/{/^\.\\"/d;p}' "$page" >"$tmp/is"
diff "$tmp/is" "$tmp/want" || complain "$page is not what lwm2m-gatewayd --options=roff says"

"$builddir/src/ctl/lwm2mctl" --help | sed -nE 's/^  ([a-z-]+) .*/\1/p' | grep -v '^-' |
	while read -r command; do
		grep -qE "^\.B ${command//-/\\\\-}( |\$)" "$srcdir/man/lwm2mctl.1" ||
			echo "$command is not in lwm2mctl(1)"
	done >"$tmp/missing"
[ -s "$tmp/missing" ] && complain "$(cat "$tmp/missing")"
exit $bad
