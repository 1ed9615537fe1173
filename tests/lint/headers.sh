#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Every header compiles alone; the public ones also as C++. CC, CXX and LINT_CPPFLAGS come from make.
set -u
top=${srcdir:-$(dirname "$0")/../..}
build=${LINT_BUILDDIR:-.}
read -ra cc <<<"${CC:-cc}"
read -ra cxx <<<"${CXX:-c++}"
read -ra flags <<<"${LINT_CPPFLAGS:-}"
flags+=("-I$top/include" "-I$top/src" "-I$build/src" "-I$build" -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Werror)
bad=0

for h in "$top"/include/lgw/*.h "$top"/src/*/*.h; do
	if ! "${cc[@]}" "${flags[@]}" -std=gnu11 -Wmissing-prototypes -x c "$h" -Wno-unused-parameter; then
		echo "${h#"$top"/}: does not compile alone"
		bad=1
	fi
done
if command -v "${cxx[0]}" >/dev/null; then
	for h in "$top"/include/lgw/*.h; do
		if ! "${cxx[@]}" "${flags[@]}" -std=c++11 -Wpedantic -x c++ "$h"; then
			echo "${h#"$top"/}: is not C++"
			bad=1
		fi
	done
else
	echo "no C++ compiler: the public headers were tried as C only"
fi
exit $bad
