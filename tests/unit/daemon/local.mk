TESTS += tests/unit/daemon/test_manual.sh
EXTRA_DIST += tests/unit/daemon/test_manual.sh
