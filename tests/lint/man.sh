#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The manual pages are free of warnings of groff.
set -u
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99
command -v groff >/dev/null || { echo "groff is not here"; exit 77; }
bad=0
for page in man/*.[1-8]; do
	[ -e "$page" ] || continue
	# groff of the base system knows no -mandoc devices but ascii and utf8: that is enough.
	said=$(groff -Kutf8 -ww -t -man -Tutf8 -z "$page" 2>&1)
	if [ -n "$said" ]; then
		echo "$said"
		bad=1
	fi
	head -n 3 "$page" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' || {
		echo "$page: no SPDX line"
		bad=1
	}
done
exit $bad
