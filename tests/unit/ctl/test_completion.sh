#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The completions offer every command and option that --help lists.
set -u
: "${srcdir:=.}" "${builddir:=.}"
bad=0

# What is offered for the last of these words.
offered() { # function, word...
	local function=$1
	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	"$function"
	printf '%s\n' "${COMPREPLY[@]}"
}

expect() { # what, words wanted, words there
	local w
	[ -n "$2" ] || { echo "nothing is expected of $1" && bad=1; }
	for w in $2; do
		grep -qxF -- "$w" <<<"$3" || {
			echo "$1: $w is not offered"
			bad=1
		}
	done
}

long_options() {
	grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'
}

# shellcheck source=/dev/null
. "$srcdir/src/ctl/completion/lwm2mctl" && . "$srcdir/src/ctl/completion/lwm2m-gatewayd" || exit 1
help=$("$builddir/src/ctl/lwm2mctl" --help)
expect commands "$(sed -nE 's/^  ([a-z][a-z-]+) .*/\1/p' <<<"$help")" "$(offered _lwm2mctl lwm2mctl '')"
expect options "$(long_options <<<"$help")" "$(offered _lwm2mctl lwm2mctl --)"
expect store 'status flush drop' "$(offered _lwm2mctl lwm2mctl store '')"
expect level debug "$(offered _lwm2mctl lwm2mctl log-level plugin/mqtt d)"
help=$("$builddir/src/daemon/lwm2m-gatewayd" --help)
expect options "$(long_options <<<"$help")" "$(offered _lwm2m_gatewayd lwm2m-gatewayd --)"
expect level warning "$(offered _lwm2m_gatewayd lwm2m-gatewayd -l w)"
exit $bad
