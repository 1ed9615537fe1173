# SPDX-License-Identifier: BSD-3-Clause
"""The real ModemManager with emulated modems on a bus of their own.

    stage = Stage(); stage.start()
    modem = stage.plug("fm0")
    …
    stage.close()
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time

from fake_modem import FakeModem
from gateway import BUS_CONF, DEADLINE, listening, wait_for

PROGRAM = shutil.which("ModemManager", path="/usr/sbin:/usr/libexec:/usr/bin:/sbin") or ""
ROOT = "/org/freedesktop/ModemManager1"
NAME = "org.freedesktop.ModemManager1"
TEST_FLAGS = ["--test-session", "--test-enable", "--no-auto-scan", "--test-no-udev",
              "--test-no-qrtr", "--test-no-suspend-resume"]


def missing():
    """What this needs and is not there, in words; or None."""
    for program in ("dbus-daemon", "gdbus", "mmcli"):
        if not shutil.which(program):
            return program + " is not installed"
    if not PROGRAM:
        return "ModemManager is not installed"
    text = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=False).stdout
    return None if "--test-enable" in text else "this ModemManager has no test interface"


def lacks_gi():
    """Debian's Python cannot speak D-Bus: there is no polkit of ours."""
    return subprocess.run(["/usr/bin/python3", "-c", "import gi"], check=False,
                          capture_output=True).returncode != 0


class Stage:
    """Bus, ModemManager, modems."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="lwm2m-modem.")
        self.socket = os.path.join(self.dir, "bus")
        self.address = "unix:path=" + self.socket
        self.bus = self.manager = self.polkit = None
        self.modems, self.plugins, self.flags = {}, {}, TEST_FLAGS
        self.env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address,
                        DBUS_SESSION_BUS_ADDRESS=self.address)
        self.log = os.path.join(self.dir, "mm.log")

    def start(self, manager=True, rights=True, refused=None):
        """Bus, then ModemManager; without rights it asks a polkit that is not there, or one that
        refuses a few actions."""
        rights = rights and refused is None
        self.flags = [f for f in TEST_FLAGS if rights or f != "--test-session"]
        conf = os.path.join(self.dir, "bus.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(BUS_CONF % self.socket)
        self.bus = subprocess.Popen(["dbus-daemon", "--config-file", conf, "--nofork",
                                     "--nopidfile"], stderr=subprocess.DEVNULL)
        wait_for("bus", lambda: listening(self.socket))
        if refused is not None:
            self.polkit = subprocess.Popen(
                ["/usr/bin/python3", os.path.join(os.path.dirname(__file__), "polkit.py")] +
                [NAME + "." + action for action in refused], env=self.env,
                stdout=subprocess.PIPE, text=True)
            if self.polkit.stdout.readline() != "ready\n":
                raise AssertionError("no polkit")
        if manager:
            self.start_manager()

    def start_manager(self):
        """Again after kill_manager."""
        with open(self.log, "ab") as log:
            self.manager = subprocess.Popen([PROGRAM] + self.flags, env=self.env, stdout=log,
                                            stderr=log)
        self.run("gdbus", "wait", "--session", "--timeout", str(DEADLINE), NAME)

    def kill_manager(self, how=signal.SIGKILL):
        """It is gone."""
        self.manager.send_signal(how)
        self.manager.wait()

    def version(self):
        """Of ModemManager, for the test's output."""
        return self.run(PROGRAM, "--version").split("\n")[0]

    def run(self, *command):
        """Standard output."""
        run = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False,
                             timeout=2 * DEADLINE)
        if run.returncode:
            raise AssertionError("%s: %s" % (" ".join(command), run.stderr))
        return run.stdout

    def plug(self, name="fm0", ports=1, plugin="generic", setup=None, **how):
        """A modem that ModemManager is told of, to be spoken to by this plugin of its; setup: what it
        is like before."""
        names = ["abstract:%s-%d-%d-%d" % (name, os.getpid(), id(self) & 0xffff, k)
                 for k in range(ports)]
        modem = FakeModem(names, **how)
        modem.set(**(setup or {}))
        modem.start()
        self.modems[name], self.plugins[name] = modem, plugin
        self.tell(name)
        return modem

    def tell(self, name):
        """ModemManager forgets its virtual modems when it ends; 1.20 may end when one goes."""
        try:
            self._tell(name)
        except AssertionError:
            wait_for("its end", lambda: self.manager.poll() is not None)
            self.start_manager()
            self._tell(name)

    def _tell(self, name):
        self.run("gdbus", "call", "--session", "-d", NAME, "-o", ROOT, "-m",
                 NAME + ".Test.SetProfile", name, self.plugins[name], str(self.modems[name].names))

    def wait_idle(self):
        """Until no message is under way."""
        def idle():
            text = self.run("mmcli", "-m", "any", "-J", "--messaging-list-sms")
            return "SMS/" not in text
        wait_for("no messages in ModemManager", idle)

    def unplug(self, name="fm0"):
        """The modem goes."""
        self.unplug_quietly(name)
        self.modems.pop(name).stop()

    def unplug_quietly(self, name):
        """It keeps its memory: a profile with an unknown plugin removes it from ModemManager."""
        subprocess.run(["gdbus", "call", "--session", "-d", NAME, "-o", ROOT, "-m",
                        NAME + ".Test.SetProfile", name, "none",
                        str(self.modems[name].names)], env=self.env, capture_output=True,
                       check=False, timeout=DEADLINE)

    def close(self):
        """Nothing is left."""
        for modem in self.modems.values():
            modem.stop()
        if self.polkit:
            self.polkit.stdout.close()
        for process in (self.manager, self.polkit, self.bus):
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                end = time.monotonic() + 20
                while process.poll() is None and time.monotonic() < end:
                    time.sleep(0.02)
                if process.poll() is None:
                    process.kill()
                process.wait()
        shutil.rmtree(self.dir)
