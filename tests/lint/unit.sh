#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The systemd unit stays as closed as it is: exposure at most 2.5 of 10.
set -u
builddir=${builddir:-.}
unit=$builddir/etc/lwm2m-gateway.service
systemd-analyze security --help 2>/dev/null | grep -q -- --offline || {
	echo "systemd-analyze with --offline is not here"
	exit 77
}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
# The program need not be installed for this.
sed 's|^ExecStart=.*|ExecStart=/bin/true|' "$unit" >"$dir/lwm2m-gateway.service" || exit 99
systemd-analyze security --offline=yes --no-pager --threshold=25 "$dir/lwm2m-gateway.service"
