TESTS += tests/unit/daemon/test_manual.sh
EXTRA_DIST += tests/unit/daemon/test_manual.sh
TESTS += tests/unit/daemon/test_samples.py
EXTRA_DIST += tests/unit/daemon/test_samples.py
TESTS += tests/unit/daemon/test_hook.sh
EXTRA_DIST += tests/unit/daemon/test_hook.sh
