#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# No mutable globals: what is writable in the libraries of src/ and in the plugins is named here.
# (Tables with addresses in them are .data.rel.ro: constant once the program is loaded.)
set -u
cd "${builddir:-.}" || exit 99
command -v objdump >/dev/null || { echo "objdump is not here"; exit 77; }
# src/util/log.c keeps the sinks. gdbus-codegen (dbus/gen, ctl/gen) and GLib's macros register
# their types once.
allowed='^src/util/.*log\.o$|gdbus|generated|-gen\.o$'
bad=0
while IFS= read -r lib; do
	while read -r object symbol section; do
		if [[ ! $lib/$object =~ $allowed && ! ${lib%/*}/$object =~ $allowed ]]; then
			echo "$lib($object): $symbol is writable ($section)"
			bad=1
		fi
	done < <(objdump -t "$lib" 2>/dev/null | awk '
		/file format/ { object = $1; sub(/:$/, "", object) }
		{
			section = ""
			for (i = 1; i < NF; i++) if ($i == "O") section = $(i + 1)
			if (section !~ /^\.(data|bss|tdata|tbss|data\.rel|data\.rel\.local)$/) next
			if ($NF ~ /^(__|\.L|completed|log_module_$)/) next # a cache of the level table
			print object, $NF, section
		}')
done < <(find src -name 'lib*.a' | sort; find plugins -name '*.o' -path '*.libs*' 2>/dev/null | sort)
exit $bad
