# SPDX-License-Identifier: BSD-3-Clause
"""Leshan's server libraries from Maven Central, driven over JSON lines (leshan/InteropServer.java)."""

import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time

from venv import CACHE, alone, fetch

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "leshan")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
DEADLINE = 120  # s, for what comes at once unless the machine is busy
TEXT, TLV = 0, 11542


def skip(why):
    """End the test program as skipped."""
    print("SKIP: " + why)
    sys.exit(77)


def libraries(here=HERE):
    """The directory of jars, fetched once for the pom.xml here; ends as skipped without Maven."""
    pom = os.path.join(here, "pom.xml")
    with open(pom, "rb") as f:
        name = os.path.basename(here) + "-interop-" + hashlib.sha256(f.read()).hexdigest()[:12]
    cache = os.path.join(CACHE, name)
    with alone("maven"):  # which keeps what it fetched in a directory that others share
        if os.path.isdir(cache):
            return cache
        if not shutil.which("mvn"):
            skip("Maven is not installed")
        part = cache + ".part"
        shutil.rmtree(part, ignore_errors=True)
        trouble = fetch("mvn", "-B", "-q", "-f", pom, COPY, "-DoutputDirectory=" + part,
                        "-DincludeScope=runtime")
        if trouble:
            skip("Maven Central does not answer: " + trouble)
        os.rename(part, cache)
    return cache


class Leshan:
    """A running server; requests wait for their answer, events are collected."""

    pom = HERE

    def __init__(self, directory, definitions, credentials=None, host="127.0.0.1"):
        if not shutil.which("java"):
            skip("Java is not installed")
        self.log = open(os.path.join(directory, "leshan.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
             os.path.join(libraries(self.pom), "*"), self.source(directory),
             os.path.abspath(definitions), host] + ([credentials] if credentials else []),
            cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            text=True)
        self.changed = threading.Condition()
        self.events, self.answers, self.count = [], queue.Queue(), 0
        threading.Thread(target=self._read, daemon=True).start()
        try:
            ready = self.event("ready", timeout=3 * DEADLINE)  # it is compiled first
            self.port, self.secure = ready["port"], ready["secure"]
        except AssertionError:
            self.process.kill()
            self.log.seek(0)
            print(self.log.read())
            raise

    @staticmethod
    def source(directory):  # pylint: disable=unused-argument
        """The program."""
        return os.path.join(HERE, "InteropServer.java")

    def _read(self):
        for line in self.process.stdout:
            item = json.loads(line)
            if "id" in item:
                self.answers.put(item)
                continue
            with self.changed:
                self.events.append(item)
                self.changed.notify_all()

    def close(self):
        """End it."""
        self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()

    def mark(self):
        """How many events there are: what `event` may look after."""
        with self.changed:
            return len(self.events)

    def event(self, name, endpoint=None, after=0, condition=lambda e: True, timeout=DEADLINE):
        """The first such event, or one of several, from number `after` on."""
        names = name if isinstance(name, tuple) else (name,)
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                for e in self.events[after:]:
                    if e["event"] in names and endpoint in (None, e.get("endpoint")) and \
                            condition(e):
                        return e
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError("no %s of %s; the last: %r" % (name, endpoint,
                                                                        self.events[-10:]))
                self.changed.wait(left)

    def count_events(self, name, endpoint, after):
        """How many such events came from number `after` on."""
        with self.changed:
            return sum(e["event"] == name and e["endpoint"] == endpoint
                       for e in self.events[after:])

    def ask(self, do, endpoint, path="", **more):
        """A request and its answer: {"code": "2.05", …}, or "error"."""
        self.count += 1
        request = {"id": self.count, "do": do, "endpoint": endpoint, "path": path}
        request.update(more)
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.answers.get(timeout=4 * DEADLINE)  # its own is 3
        if answer["id"] != self.count or "error" in answer:
            raise AssertionError("%r: %r" % (request, answer))
        return answer


class LeshanM15(Leshan):
    """The release 2.0.0-M15, which speaks OSCORE on its port for CoAP."""
    pom = HERE + "-m15"
    changes = (("//M15", ""), ("servers.security", "server.security"),
               ("transport.californium.server", "server.californium"),
               ("DownlinkDeviceManagementRequest", "DownlinkRequest"))

    @classmethod
    def source(cls, directory):
        """The same one, changed as it says itself."""
        with open(super().source(directory), encoding="utf-8") as f:
            text = "".join(line for line in f if not line.endswith("// not M15\n"))
        for old, new in cls.changes:
            text = text.replace(old, new)
        path = os.path.join(directory, "InteropServer.java")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path
