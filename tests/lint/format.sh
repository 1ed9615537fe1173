#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The format of .clang-format, as version 14 understands it; other versions differ in details.
set -u
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99
command -v clang-format-14 >/dev/null || { echo "clang-format-14 is not here"; exit 77; }
mapfile -t files < <(find include src plugins tests -name '*.[ch]' ! -path 'src/dbus/info.[ch]' | sort)
clang-format-14 --dry-run --Werror "${files[@]}" || {
	echo "run: clang-format-14 -i FILE"
	exit 1
}
