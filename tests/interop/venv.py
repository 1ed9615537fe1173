# SPDX-License-Identifier: BSD-3-Clause
"""Python packages of others from PyPI, each set once in an environment of its own."""

import hashlib
import os
import shutil
import subprocess
import sys

FETCH_LIMIT = 300


def python_with(*packages):
    """The interpreter of an environment that has these; ends the program as skipped (77) without
    PyPI."""
    name = "venv-" + hashlib.sha256(" ".join((sys.version,) + packages).encode()).hexdigest()[:12]
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                         "lwm2m-gateway", name)
    python = os.path.join(cache, "bin", "python3")
    if not os.path.exists(os.path.join(cache, "complete")):
        shutil.rmtree(cache, ignore_errors=True)
        try:
            for command in ([sys.executable, "-m", "venv", cache],
                            [python, "-m", "pip", "install", "-q", *packages]):
                run = subprocess.run(command, capture_output=True, text=True, check=False,
                                     timeout=FETCH_LIMIT)
                if run.returncode:
                    raise OSError((run.stdout + run.stderr)[-500:])
        except (OSError, subprocess.TimeoutExpired) as e:
            print("SKIP: no environment with %s: %s" % (" ".join(packages), e))
            sys.exit(77)
        with open(os.path.join(cache, "complete"), "w", encoding="utf-8"):
            pass
    return python


def rerun_with(*packages):
    """Go on as the same program in such an environment."""
    mark = "LWM2M_GATEWAY_TEST_VENV"
    if os.environ.get(mark) != " ".join(packages):
        python = python_with(*packages)
        os.environ[mark] = " ".join(packages)
        os.execv(python, [python] + sys.argv)
