#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""D-Bus and lwm2mctl: the real daemon with fake devices on a private dbus-daemon."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = os.environ.get("builddir", ".")
SRC = os.environ.get("srcdir", ".")
DAEMON = os.path.join(BUILD, "src/daemon/lwm2m-gatewayd")
CTL = os.path.join(BUILD, "src/ctl/lwm2mctl")
PLUGINS = os.path.join(BUILD, "plugins/sim/.libs")
NOBODY = 65534
DEADLINE = 120

BUS_CONF = """<busconfig><type>session</type><listen>unix:path={socket}</listen>
<auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
"""
CONF = """
bus = {{ address = "unix:path={socket}"; group = "lwm2m-gateway-of-no-one"; }};
log = {{ level = "{level}"; }};
servers = ( {{ uri = "coap://127.0.0.1:{port}"; ack_timeout = "1min"; }} );
"""
PLUGINS_CONF = """
plugins = {{ sim = {{ devices = {devices}; interval = "1s"; }}; }};
"""


def wait_for(what, condition):
    """The first true result of condition, asked for until a deadline."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError("not in time: " + what)


class Bus(unittest.TestCase):
    """One bus and one daemon for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="lwm2m-bus.")
        os.chmod(cls.dir, 0o755)
        cls.socket = os.path.join(cls.dir, "bus")
        cls.log = open(os.path.join(cls.dir, "log"), "w+", encoding="utf-8")
        share = os.path.join(cls.dir, "share")
        os.mkdir(share)
        os.symlink(os.path.join(os.path.abspath(SRC), "objects"), os.path.join(share, "objects"))
        os.symlink(os.path.join(os.path.abspath(SRC), "etc/maps"), os.path.join(share, "maps"))
        # A server that never answers: a bound socket that nobody reads.
        cls.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        cls.server.bind(("127.0.0.1", 0))
        cls.conf = os.path.join(cls.dir, "gateway.conf")
        cls.write_conf()
        # The daemon is there before the bus: it must find it later.
        cls.daemon = subprocess.Popen(
            [DAEMON, "-c", cls.conf, "--plugindir", PLUGINS, "--sharedir", share],
            stderr=cls.log, stdout=cls.log)
        wait_for("daemon says that there is no bus", lambda: "no bus" in cls.logged())
        with open(os.path.join(cls.dir, "bus.conf"), "w", encoding="utf-8") as f:
            f.write(BUS_CONF.format(socket=cls.socket))
        cls.bus = cls.start_bus()
        wait_for("name on the bus", lambda: cls.ctl("status").returncode == 0)
        wait_for("devices", lambda: len(cls.ctl_json("devices")) == 4)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.send_signal(signal.SIGTERM)
        try:
            status = cls.daemon.wait(DEADLINE)
        finally:
            cls.daemon.kill()
            cls.bus.kill()
            cls.bus.wait()
            cls.server.close()
            text = cls.logged()
            cls.log.close()
            shutil.rmtree(cls.dir)
        if status != 0:
            raise AssertionError("the daemon ended with %d:\n%s" % (status, text))

    @classmethod
    def write_conf(cls, level="info", devices=3):
        with open(cls.conf, "w", encoding="utf-8") as f:
            f.write(CONF.format(socket=cls.socket, port=cls.server.getsockname()[1], level=level))
            if devices:
                f.write(PLUGINS_CONF.format(devices=devices))

    @classmethod
    def start_bus(cls):
        bus = subprocess.Popen(["dbus-daemon", "--config-file",
                                os.path.join(cls.dir, "bus.conf"), "--nofork", "--nopidfile"])
        wait_for("bus", lambda: os.path.exists(cls.socket))
        return bus

    @classmethod
    def logged(cls):
        with open(cls.log.name, encoding="utf-8") as f:
            return f.read()

    @classmethod
    def ctl(cls, *args, **kw):
        return subprocess.run([CTL, "--bus", "unix:path=" + cls.socket] + list(args),
                              capture_output=True, text=True, check=False, timeout=DEADLINE, **kw)

    @classmethod
    def ctl_json(cls, *args):
        run = cls.ctl("--json", *args)
        if run.returncode:
            raise AssertionError(run.stderr)
        return json.loads(run.stdout)

    def value(self, path):
        return self.ctl_json("read", "sim00000", path)[0]["value"]

    def test_status(self):
        status = self.ctl_json("status")
        self.assertEqual(status["manager"]["Devices"], 4)
        self.assertEqual(status["manager"]["Registered"], 0)
        self.assertGreaterEqual(status["counters"]["gateway.readings"], 3)
        self.assertEqual([p["plugin"] for p in status["parts"]], ["sim"])
        self.assertEqual([(s["id"], s["clients"], s["registered"]) for s in status["servers"]],
                         [(1, 4, 0)])
        shown = self.ctl("status").stdout
        self.assertRegex(shown, r"(?m)^store: \d+ readings wait$")
        self.assertIn("4 devices, 0 registered", shown)
        self.assertRegex(shown, r"server server1, coap://\S+: 0 of 4 registered.* \(!\)")

    def test_devices(self):
        devices = {d["id"]: d for d in self.ctl_json("devices")}
        self.assertEqual(sorted(devices), ["", "sim00000", "sim00001", "sim00002"])
        self.assertEqual(devices["sim00001"]["servers"], 1)
        self.assertTrue(devices["sim00001"]["online"])
        self.assertIn("sim00001", self.ctl("devices").stdout)

    def test_show(self):
        device = self.ctl_json("show", "sim00000")
        self.assertEqual(device["Endpoint"], "sim00000")
        self.assertEqual(device["Servers"][0]["Id"], 1)
        self.assertEqual(device["Servers"][0]["State"], "registering")
        self.assertIn("server 1", self.ctl("show", "sim00000").stdout)

    def test_read(self):
        for path in ("/3303/0/5701", "Temperature/0/Sensor_Units"):
            value, = self.ctl_json("read", "sim00000", path)
            self.assertEqual((value["path"], value["name"], value["value"]),
                             ("/3303/0/5701", "Temperature/0/Sensor Units", "Cel"))
        self.assertEqual(self.ctl_json("read", "sim00000", "/3303/0/5700")[0]["unit"], "Cel")
        everything = {v["path"] for v in self.ctl_json("read", "sim00000")}
        self.assertTrue({"/1/0/1", "/3/0/0", "/3303/0/5700"} <= everything)
        self.assertIn("Temperature/0/Sensor Value", self.ctl("read", "sim00000", "/3303").stdout)

    def test_no_key_is_read(self):
        for path in ("/0/0/3", "/0/0/4", "/0/0/5"):
            run = self.ctl("read", "sim00000", path)
            self.assertEqual(run.returncode, 1)
            self.assertEqual(run.stdout, "")
        shown = {v["path"] for v in self.ctl_json("read", "sim00000", "/0")}
        self.assertFalse({"/0/0/3", "/0/0/4", "/0/0/5"} & shown)
        self.assertEqual(self.ctl("write", "sim00000", "/0/0/0", "coap://[::1]").returncode, 1)

    def test_write(self):
        self.assertEqual(self.ctl("write", "sim00000", "/1/0/1", "450").returncode, 0)
        self.assertEqual(self.value("/1/0/1"), 450)
        for word, value in (("false", False), ("1", True), ("0", False), ("true", True)):
            self.assertEqual(self.ctl("write", "sim00000", "/1/0/6", word).returncode, 0)
            self.assertIs(self.value("/1/0/6"), value)
        for path, text in (("/1/0/1", "soon"), ("/1/0/6", "maybe"), ("/3303/0/5700", "1"), ("/9/9/9", "1"),
                           ("nonsense", "1"), ("/", "1")):
            run = self.ctl("write", "sim00000", path, text)
            self.assertEqual(run.returncode, 1, path)
            self.assertTrue(run.stderr.startswith("lwm2mctl: " + path))
        self.assertEqual(self.value("/1/0/1"), 450)

    def test_execute(self):
        self.assertEqual(self.ctl("execute", "sim00000", "/3303/0/5605").returncode, 0)
        self.assertEqual(self.ctl("execute", "sim00000", "/3303/0/5700").returncode, 1)
        self.assertEqual(self.ctl("execute", "sim00000", "/3303/0/5605", "10=").returncode, 1)

    def test_update(self):
        self.assertEqual(self.ctl("update", "sim00000", "7").returncode, 1)
        self.assertEqual(self.ctl("update", "sim00000", "70000").returncode, 2)

    def test_forget(self):
        def started():
            return self.logged().count('device "sim00002" of sim found')

        before = started()
        self.assertEqual(self.ctl("forget", "sim00002").returncode, 0)
        wait_for("it speaks again", lambda: started() > before)
        self.assertIn("gone for good", self.logged())
        self.assertEqual(self.ctl("forget", "box").returncode, 1)

    def test_unknown_device(self):
        for command in (("show",), ("read",), ("write", "/1/0/1", "1"), ("monitor",)):
            run = self.ctl(command[0], "nobody", *command[1:])
            self.assertEqual(run.returncode, 1)
            self.assertIn("nobody: no such device", run.stderr)

    def test_usage(self):
        for args in ([], ["frobnicate"], ["read"], ["write", "a", "b"], ["--nonsense"]):
            self.assertEqual(self.ctl(*args).returncode, 2, args)
        for args in (["store", "frobnicate"], ["store", "flush", "x"], ["update", "a", "x"]):
            run = self.ctl(*args)
            self.assertEqual(run.returncode, 2, args)
            self.assertIn("Usage: lwm2mctl " + args[0], run.stderr)
        self.assertIn("Usage: lwm2mctl read", self.ctl("read", "--help").stdout)
        self.assertEqual([d["id"] for d in json.loads(self.ctl("devices", "--json").stdout)],
                         [d["id"] for d in self.ctl_json("devices")])
        self.assertIn("--json: no such device", self.ctl("show", "--", "--json").stderr)
        self.assertEqual(self.ctl("--help").returncode, 0)
        self.assertIn("lwm2mctl ", self.ctl("--version").stdout)

    def monitor(self, *args):
        p = subprocess.Popen([CTL, "--bus", "unix:path=" + self.socket, "--json", "monitor"] +
                             list(args), stdout=subprocess.PIPE, text=True)
        try:
            return [json.loads(p.stdout.readline()) for _ in range(6)]
        finally:
            p.send_signal(signal.SIGINT)
            p.stdout.read()
            p.stdout.close()
            self.assertEqual(p.wait(DEADLINE), 0)

    def test_monitor(self):
        self.assertEqual({v["endpoint"] for v in self.monitor("sim00002")}, {"sim00002"})
        values = self.monitor()
        self.assertGreater(len({v["endpoint"] for v in values}), 1)
        self.assertIn("/3303/0/5700", {v["path"] for v in values})

    def test_log_level(self):
        self.assertEqual(self.ctl("log-level", "plugin/sim", "debug").returncode, 0)
        levels = self.ctl_json("log-level")
        self.assertEqual(levels["modules"]["plugin/sim"], "debug")
        self.assertEqual(self.ctl("log-level", "loud").returncode, 1)
        run = self.ctl("log-level", "sim", "debug")
        self.assertEqual(run.returncode, 1)
        self.assertIn("plugin/NAME", run.stderr)
        self.assertEqual(self.ctl("log-level", "plugin/sim", "info").returncode, 0)

    def test_reload(self):
        self.write_conf(level="nonsense")
        run = self.ctl("reload")
        self.assertEqual(run.returncode, 1)
        self.assertIn("gateway.conf:3", run.stderr)
        self.write_conf(level="notice")
        self.assertEqual(self.ctl("reload").returncode, 0)
        self.assertEqual(self.ctl_json("log-level")["default"], "notice")
        self.write_conf()
        self.assertEqual(self.ctl("reload").returncode, 0)

    @unittest.skipIf(os.geteuid() != 0, "only root can ask as another user")
    def test_rights(self):
        exe = os.path.join(self.dir, "ctl")
        real = os.path.join(BUILD, "src/ctl/.libs/lwm2mctl")
        shutil.copy(real if os.path.exists(real) else CTL, exe)
        os.chmod(exe, 0o755)
        before = self.value("/1/0/1")

        def as_nobody(*args):
            return subprocess.run([exe, "--bus", "unix:path=" + self.socket] + list(args),
                                  capture_output=True, text=True, check=False, timeout=DEADLINE,
                                  user=NOBODY, group=NOBODY, extra_groups=[], cwd="/")

        for look in (["status"], ["devices"], ["show", "sim00000"], ["read", "sim00000"],
                     ["log-level"]):
            self.assertEqual(as_nobody(*look).returncode, 0, look)
        for change in (["write", "sim00000", "/1/0/1", "77"], ["reload"], ["update", "sim00000"], ["forget", "sim00000"],
                       ["execute", "sim00000", "/3303/0/5605"], ["log-level", "debug"]):
            run = as_nobody(*change)
            self.assertEqual(run.returncode, 1, change)
            self.assertIn("only for root", run.stderr)
        self.assertEqual(self.value("/1/0/1"), before)
        self.assertIn("refused to user %d" % NOBODY, self.logged())

    def test_signals_and_objects(self):
        """What GLib's own tool says of our ObjectManager."""
        run = subprocess.run(
            ["gdbus", "call", "--address", "unix:path=" + self.socket, "--dest",
             "org.lwm2m.Gateway1", "--object-path", "/org/lwm2m/Gateway1", "--method",
             "org.freedesktop.DBus.ObjectManager.GetManagedObjects"],
            capture_output=True, text=True, check=True, timeout=DEADLINE)
        self.assertEqual(run.stdout.count("'org.lwm2m.Gateway1.Device':"), 4)
        with open(os.path.join(self.dir, "signals"), "w+", encoding="utf-8") as out:
            monitor = subprocess.Popen(
                ["gdbus", "monitor", "--address", "unix:path=" + self.socket, "--dest",
                 "org.lwm2m.Gateway1"], stdout=out)

            def told(*words):
                with open(out.name, encoding="utf-8") as f:
                    text = f.read()
                return all(w in text for w in words)

            path = "/org/lwm2m/Gateway1/device/sim0000%d"
            try:
                wait_for("monitor", lambda: told("owned by"))
                self.write_conf(devices=5)
                self.assertEqual(self.ctl("reload").returncode, 0)
                wait_for("two devices", lambda: told("InterfacesAdded", path % 3, path % 4))
                self.write_conf(devices=0)
                self.assertEqual(self.ctl("reload").returncode, 0)
                wait_for("their end", lambda: told("InterfacesRemoved"))
            finally:
                monitor.kill()
                monitor.wait()
        self.write_conf()
        self.assertEqual(self.ctl("reload").returncode, 0)
        wait_for("devices", lambda: len(self.ctl_json("devices")) == 4)

    def test_zz_bus_restarts(self):
        """The bus goes and comes back: the daemon serves on and finds it again."""
        self.bus.kill()
        self.bus.wait()
        os.unlink(self.socket)
        self.assertEqual(self.ctl("status").returncode, 3)
        wait_for("daemon sees it", lambda: "the bus is gone" in self.logged())
        type(self).bus = self.start_bus()
        wait_for("name on the bus", lambda: self.ctl("status").returncode == 0)


if __name__ == "__main__":
    for program in ("dbus-daemon", "gdbus"):
        if not shutil.which(program):
            print("%s is not installed" % program)
            sys.exit(77)
    if not os.path.exists(os.path.join(PLUGINS, "sim.so")):
        print("built without the sim plugin")
        sys.exit(77)
    unittest.main(verbosity=2)
