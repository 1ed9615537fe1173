# The real daemon with real sockets.
TESTS += tests/netns/test_daemon.py
EXTRA_DIST += tests/netns/test_daemon.py
TESTS += tests/netns/test_interface.py
EXTRA_DIST += tests/netns/test_interface.py
TESTS += tests/netns/test_bearer.py
EXTRA_DIST += tests/netns/test_bearer.py
