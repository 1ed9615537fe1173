# SPDX-License-Identifier: BSD-3-Clause
"""Python packages of others from PyPI, each set once in an environment of its own; and what other
downloads have in common with that: one at a time, though tests run side by side."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "lwm2m-gateway")
FETCH_LIMIT = 300


@contextlib.contextmanager
def alone(what):
    """Only one process does this at a time."""
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, what + ".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch(*command):
    """Run this up to three times, since networks fail; what went wrong, or None."""
    end, trouble = time.monotonic() + FETCH_LIMIT, None
    for _ in range(3):
        try:
            run = subprocess.run(command, capture_output=True, text=True, check=False,
                                 timeout=max(1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return "no end after %d s" % FETCH_LIMIT
        if run.returncode == 0:
            return None
        trouble = (run.stdout + run.stderr)[-500:]
    return trouble


def python_with(*packages):
    """The interpreter of an environment that has these; ends the program as skipped (77) without
    PyPI."""
    name = "venv-" + hashlib.sha256(" ".join((sys.version,) + packages).encode()).hexdigest()[:12]
    cache = os.path.join(CACHE, name)
    python, complete = os.path.join(cache, "bin", "python3"), os.path.join(cache, "complete")
    with alone("pip"):
        if not os.path.exists(complete):
            shutil.rmtree(cache, ignore_errors=True)
            trouble = fetch(sys.executable, "-m", "venv", cache) or \
                fetch(python, "-m", "pip", "install", "-q", *packages)
            if trouble:
                print("SKIP: no environment with %s: %s" % (" ".join(packages), trouble))
                sys.exit(77)
            with open(complete, "w", encoding="utf-8"):
                pass
    return python


def rerun_with(*packages):
    """Go on as the same program in such an environment."""
    mark = "LWM2M_GATEWAY_TEST_VENV"
    if os.environ.get(mark) != " ".join(packages):
        python = python_with(*packages)
        os.environ[mark] = " ".join(packages)
        os.execv(python, [python] + sys.argv)
