# Faults under load: ten rounds here; more with tests/faults/test_faults.py --rounds N.
TESTS += tests/faults/test_faults.py tests/faults/test_restart.py tests/faults/test_broker.py
EXTRA_DIST += tests/faults/test_faults.py tests/faults/test_restart.py tests/faults/test_broker.py
