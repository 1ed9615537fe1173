# The law of the house as tests; each says in plain words what it wants changed. See HACKING.md.
LINT = tests/lint/layers.py tests/lint/source.py tests/lint/headers.sh tests/lint/format.sh \
	tests/lint/man.sh tests/lint/shell.sh tests/lint/unit.sh tests/lint/state.sh
TESTS += $(LINT)
EXTRA_DIST += $(LINT) tests/lint/docs.py tests/lint/tree.py tests/lint/layers.txt
