#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Shell scripts are free of complaints of shellcheck.
set -u
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99
command -v shellcheck >/dev/null || { echo "shellcheck is not here"; exit 77; }
mapfile -t scripts < <(grep -lIrE --exclude-dir='[.]libs' '^#! ?/(usr/)?bin/(env )?(ba|da)?sh' \
	tools tests etc plugins debian/tests debian/*.postinst debian/*.postrm .ci 2>/dev/null |
	grep -vE '\.(log|trs|py|java|md)$' | sort)
shellcheck --severity=style --exclude=SC1091 "${scripts[@]}" && echo "${#scripts[@]} scripts"
