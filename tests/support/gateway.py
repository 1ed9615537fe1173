# SPDX-License-Identifier: BSD-3-Clause
"""The real daemon of this build in a directory of its own, for tests in Python."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SRC = os.path.abspath(os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "../..")))
BUILD = os.path.abspath(os.environ.get("builddir", "."))
DAEMON = os.path.join(BUILD, "src/daemon/lwm2m-gatewayd")
CTL = os.path.join(BUILD, "src/ctl/lwm2mctl")
DEADLINE = 120  # s, for what comes at once unless the machine is busy
NO_DAEMON = 3  # status of lwm2mctl
BUS_CONF = """<busconfig><type>session</type><listen>unix:path=%s</listen>
<auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
"""


def wait_for(what, condition, deadline=DEADLINE):
    """The first true result of condition, asked for until a deadline."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("not in time: " + what)


def listening(path):
    """A socket is there a moment before it can be connected to."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        return s.connect_ex(path) == 0


def has_plugin(name):
    """Was it built?"""
    return os.path.exists(os.path.join(BUILD, "plugins", name, ".libs", name + ".so"))


class Gateway:
    """conf is the configuration without the bus, which is a private one if there is a dbus-daemon."""

    def __init__(self, conf, start=True, env=None):
        self.dir = tempfile.mkdtemp(prefix="lwm2m-gateway.")
        self.conf = os.path.join(self.dir, "gateway.conf")
        self.log = os.path.join(self.dir, "log")
        self.plugins, share = os.path.join(self.dir, "plugins"), os.path.join(self.dir, "share")
        os.mkdir(self.plugins)
        os.mkdir(share)
        self.env = dict(os.environ, **(env or {}))
        for name in ("sim", "mqtt", "modem"):
            if has_plugin(name):
                os.symlink(os.path.join(BUILD, "plugins", name, ".libs", name + ".so"),
                           os.path.join(self.plugins, name + ".so"))
        os.symlink(os.path.join(SRC, "objects"), os.path.join(share, "objects"))
        os.symlink(os.path.join(SRC, "etc/maps"), os.path.join(share, "maps"))
        self.args = ["-c", self.conf, "--plugindir", self.plugins, "--sharedir", share]
        self.socket, self.bus, self.process = os.path.join(self.dir, "bus"), None, None
        open(self.log, "w", encoding="utf-8").close()
        self.write(conf)
        if start:
            self.start()

    def write(self, conf):
        """Another configuration."""
        with open(self.conf, "w", encoding="utf-8") as f:
            if "store = {" not in conf:
                conf += '\nstore = { file = "%s"; };\n' % os.path.join(self.dir, "store.db")
            f.write(conf + '\nbus = { address = "unix:path=%s"; };\n' % self.socket)

    def start(self):
        """Bus and daemon."""
        if shutil.which("dbus-daemon") and not self.bus:
            with open(self.dir + "/bus.conf", "w", encoding="utf-8") as f:
                f.write(BUS_CONF % self.socket)
            self.bus = subprocess.Popen(["dbus-daemon", "--config-file", self.dir + "/bus.conf",
                                         "--nofork", "--nopidfile"], stderr=subprocess.DEVNULL)
            wait_for("bus", lambda: listening(self.socket))
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([DAEMON] + self.args, stdout=log, stderr=log,
                                            env=self.env)

    def check(self):
        """Exit status and output of --check."""
        run = subprocess.run([DAEMON, "--check"] + self.args, capture_output=True, text=True,
                             check=False, timeout=DEADLINE, env=self.env)
        return run.returncode, run.stdout + run.stderr

    def logged(self):
        """All it said."""
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait_log(self, text, times=1):
        """Until it said this."""
        wait_for("log line " + text, lambda: self.logged().count(text) >= times)

    def ctl(self, *args):
        """What lwm2mctl --json says, or None when it failed. A daemon that runs and is not on the bus
        yet is waited for."""
        def ask():
            run = subprocess.run([CTL, "--bus", "unix:path=" + self.socket, "--json"] + list(args),
                                 capture_output=True, text=True, check=False, timeout=DEADLINE)
            alive = self.bus and self.process.poll() is None
            return None if alive and run.returncode == NO_DAEMON else run
        run = wait_for("daemon on the bus", ask)
        return json.loads(run.stdout or "null") if run.returncode == 0 else None

    def counter(self, name):
        """One counter, by the bus."""
        return wait_for("status", lambda: self.ctl("status"))["counters"].get(name, 0)

    def reload(self):
        """SIGHUP."""
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        """Exit status after SIGTERM."""
        self.process.terminate()
        return self.process.wait(DEADLINE)

    def settled(self):
        """Until all that was to be kept is on the disk."""
        wait_for("store", lambda: (self.ctl("store", "status") or {}).get("Pending") == 0)

    def kill(self):
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def close(self):
        """Whatever happened: nothing is left. Shows the log."""
        for process in (self.process, self.bus):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        print(self.logged())
        shutil.rmtree(self.dir)
