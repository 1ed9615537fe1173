#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The demonstration does what it says, with this build.
: "${srcdir:=.}" "${builddir:=.}"
for program in mosquitto_pub mosquitto_sub; do
	command -v "$program" >/dev/null || {
		echo "$program is not installed"
		exit 77
	}
done
[ -e "$builddir/plugins/mqtt/.libs/mqtt.so" ] || {
	echo "built without the mqtt plugin"
	exit 77
}
"$srcdir/tools/demo" --once --offline --builddir "$builddir" || exit
exec "$srcdir/tools/demo" --once --builddir "$builddir"
