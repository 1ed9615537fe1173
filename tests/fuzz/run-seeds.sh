#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs every fuzz target over what is committed for it: tests/fuzz/seeds/NAME and tests/fuzz/corpus/NAME
# for tests/fuzz/fuzz_NAME.
set -eu
builddir=${builddir:-.}
srcdir=${srcdir:-.}
status=0
for target in ${FUZZ_TARGETS:?list of targets}; do
	name=$(basename "$target")
	name=${name#fuzz_}
	printf '%s: ' "$name"
	case $target in */*) path=$builddir/$target ;; *) path=$target ;; esac
	set -- "$srcdir/tests/fuzz/seeds/$name"
	[ ! -f "$srcdir/tests/fuzz/corpus/$name" ] || set -- "$@" "$srcdir/tests/fuzz/corpus/$name"
	if ! "$path" "$@"; then
		echo "$name: FAILED"
		status=1
	fi
done
exit $status
