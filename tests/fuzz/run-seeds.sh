#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs every fuzz target over its committed seeds: tests/fuzz/seeds/NAME for tests/fuzz/fuzz_NAME.
set -eu
builddir=${builddir:-.}
srcdir=${srcdir:-.}
status=0
for target in ${FUZZ_TARGETS:?list of targets}; do
	name=$(basename "$target")
	name=${name#fuzz_}
	printf '%s: ' "$name"
	case $target in */*) path=$builddir/$target ;; *) path=$target ;; esac
	if ! "$path" "$srcdir/tests/fuzz/seeds/$name"; then
		echo "$name: FAILED"
		status=1
	fi
done
exit $status
