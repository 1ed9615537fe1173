#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# etc/hook, which runs as root what the daemon asks for: only hooks, only known variables, nothing of
# the request is evaluated.
set -u
unset LD_PRELOAD # of whoever runs this: that it is not taken from the request is tested
: "${builddir:=.}"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/requests" "$tmp/hooks"
export LWM2M_GATEWAY_REQUESTS="$tmp/requests" LWM2M_GATEWAY_OUTPUT="$tmp/output" \
	LWM2M_GATEWAY_HOOKS="$tmp/hooks"
cat >"$tmp/hooks/up" <<'END'
#!/bin/sh
echo "$1|$LGW_NAME|${LGW_OTHER-}|${LD_PRELOAD-}"
exit 6
END
chmod 0755 "$tmp/hooks/up"
bad=0
# Status, text of the output; the request is on standard input.
expect() {
	cat >"$tmp/requests/j"
	rm -f "$tmp/output/j"
	sh "$builddir/etc/hook" "${3-j}" 2>/dev/null
	status=$?
	text=$(cat "$tmp/output/j" 2>/dev/null)
	if [ $status != "$1" ] || [ "$text" != "$2" ]; then
		echo "$status instead of $1, \"$text\" instead of \"$2\""
		bad=1
	fi
}
# shellcheck disable=SC2016 # that is the point
expect 6 'check|a=b= $(id) `id` "'"'"' \|||' <<'END'
HOOK=up
LGW_VERB=check
LGW_NAME=a=b= $(id) `id` "' \|
LGW_OTHER=x
LD_PRELOAD=/tmp/x.so
PATH=/tmp
END
expect 64 '' <<'END'
HOOK=../hooks/up
LGW_VERB=check
END
expect 64 '' <<'END'
LGW_VERB=check
END
expect 64 '' ../requests/j <<'END'
HOOK=up
END
expect 127 '' <<'END'
HOOK=other
END
exit $bad
