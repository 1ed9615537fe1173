# SPDX-License-Identifier: BSD-3-Clause
"""What the cases play on: a broker, Leshan, a relay between it and the daemon, and devices that are
messages at the broker. Results are lines that name the cases of OMA's test specification."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
BUILD = os.environ.get("builddir", ".")
PLUGINS = os.path.join(BUILD, "plugins/mqtt/.libs")
sys.path[:0] = [os.path.join(SRC, "tests", "support"), os.path.join(SRC, "tools")]
from demo import Broker  # noqa: E402 pylint: disable=wrong-import-position
from leshan import DEADLINE, TLV, Leshan, skip  # noqa: E402 pylint: disable=wrong-import-position
from wire import Relay  # noqa: E402 pylint: disable=wrong-import-position

CONF = """
servers = ( {{ uri = "coap://127.0.0.1:{port}"; version = "{version}"; lifetime = "{lifetime}";
	retry_min = "1s"; }} {more_servers} );
gateway = {{ endpoint = "box"; manufacturer = "Maker"; model = "Box"; serial = "0815";
	{more_gateway} }};
devices = {{ {more_devices} }};
bus = {{ enabled = false; }};
store = {{ file = "{store}"; }};
maps = {{ house = {{ inherit = "standard"; entries = (
	{{ key = "maker"; path = "3/0/0"; }}, {{ key = "model"; path = "3/0/1"; }},
	{{ key = "serial"; path = "3/0/2"; }}, {{ key = "firmware"; path = "3/0/3"; }},
	{{ key = "source0"; path = "3/0/6/0"; }}, {{ key = "source1"; path = "3/0/6/1"; }},
	{{ key = "volt0"; path = "3/0/7/0"; }}, {{ key = "volt1"; path = "3/0/7/1"; }},
	{{ key = "ampere0"; path = "3/0/8/0"; }}, {{ key = "ampere1"; path = "3/0/8/1"; }},
	{{ key = "relay2"; path = "3306/1/5850"; write = true; confirm = "2s"; }},
	{{ key = "restart"; path = "3/0/4"; execute = true; }},
	{{ key = "reset_energy"; path = "3331/0/5822"; execute = true; }} ); }}; }};
plugins = {{ mqtt = {{ brokers = ( {{ host = "127.0.0.1"; port = {mqtt}; rules = (
	{{ topic = "zigbee2mqtt/+"; map = "house";
	   command = {{ topic = "zigbee2mqtt/{{device}}/set/{{key}}"; payload = "{{text}}"; }}; }} );
}} ); }}; }};
"""

# What they last said; "rack" is the example of the test specification (its configuration C.4).
DEVICES = {
    "rack": {"maker": "Acme", "model": "Rack 4", "serial": "345000123", "firmware": "1.0.3",
             "source0": 1, "source1": 5, "volt0": 3800, "volt1": 5000, "ampere0": 125,
             "ampere1": 900, "battery": 100},
    "thermometer": {"temperature": 21.5, "humidity": 40, "battery": 90},
    "plug": {"state": "OFF", "power": 12.5, "energy": 1.25},
}


class World:
    """The broker and Leshan, once for all cases."""
    directory = broker = leshan = None

    @classmethod
    def open(cls):
        """Ends the program as skipped where something is missing."""
        if not shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin") or \
                not shutil.which("mosquitto_sub"):
            skip("mosquitto or its clients are not installed")
        if not os.path.exists(os.path.join(PLUGINS, "mqtt.so")):
            skip("built without the mqtt plugin")
        cls.directory = tempfile.mkdtemp(prefix="lwm2m-leshan.")
        cls.leshan = Leshan(cls.directory, os.path.join(SRC, "objects"))
        cls.broker = Broker(cls.directory)
        share = os.path.join(cls.directory, "share")
        os.mkdir(share)
        os.symlink(os.path.join(os.path.abspath(SRC), "objects"), os.path.join(share, "objects"))
        os.symlink(os.path.join(os.path.abspath(SRC), "etc/maps"), os.path.join(share, "maps"))

    @classmethod
    def close(cls):
        """What was opened of it."""
        if cls.broker:
            cls.broker.process.kill()
            cls.broker.process.wait()
        if cls.leshan:
            cls.leshan.close()
        if cls.directory:
            shutil.rmtree(cls.directory)


class Commands:
    """What the broker is told to tell devices: [(device, key, text)]. What is switched by "state" obeys."""

    def __init__(self, report):
        self.changed, self.list, self.report = threading.Condition(), [], report
        self.process = World.broker.subscribe("zigbee2mqtt/+/set/#")
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        # What is said before the broker knows of this listener, nobody hears.
        while ("-", "ready", "1") not in self.list:
            World.broker.publish("zigbee2mqtt/-/set/ready", "1")

    def _run(self):
        for line in self.process.stdout:
            topic, _, text = line.rstrip("\n").partition(" ")
            _, device, _, key = topic.split("/")
            with self.changed:
                self.list.append((device, key, text))
                self.changed.notify_all()
            if key == "state":
                self.report(device, state=text)

    def wait(self, device, key, text):
        """Until this was said; mosquitto_sub says (null) for an empty text."""
        with self.changed:
            if not self.changed.wait_for(lambda: (device, key, text) in self.list, DEADLINE):
                raise AssertionError("no %s %s of %s in %r" % (key, text, device, self.list))

    def close(self):
        """End it."""
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()


class Case(unittest.TestCase):
    """One daemon with its relay, for the cases of a class."""
    edition, version, lifetime = "1.0", "1.0", "5min"
    # What a class adds to groups of the configuration.
    more_servers = more_gateway = more_devices = ""
    daemon = commands = relay = None

    @classmethod
    def setUpClass(cls):
        cls.leshan, cls.said = World.leshan, {d: dict(v) for d, v in DEVICES.items()}
        cls.log = os.path.join(World.directory, cls.__name__ + ".log")
        cls.addClassCleanup(cls.close)
        cls.relay = Relay(cls.leshan.port)
        mark = cls.leshan.mark()
        for device in cls.said:
            cls.report(device)
        conf = os.path.join(World.directory, cls.__name__ + ".conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(CONF.format(port=cls.relay.port, mqtt=World.broker.port, version=cls.version,
                                lifetime=cls.lifetime,
                                store=conf[:-5] + ".db", more_servers=cls.more_servers,
                                more_gateway=cls.more_gateway, more_devices=cls.more_devices))
        cls.commands = Commands(cls.report)
        with open(cls.log, "w", encoding="utf-8") as log:
            cls.daemon = subprocess.Popen(
                [os.path.join(BUILD, "src/daemon/lwm2m-gatewayd"), "-c", conf, "--plugindir",
                 PLUGINS, "--sharedir", os.path.join(World.directory, "share")],
                stdout=log, stderr=log)
        for endpoint in ["box"] + list(cls.said):
            cls.leshan.event("registered", endpoint, mark)

    @classmethod
    def close(cls):
        """Everything that was started, whatever failed."""
        status = 0
        if cls.daemon:
            cls.daemon.terminate()
            try:
                status = cls.daemon.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                cls.daemon.kill()
                status = cls.daemon.wait()
            print("---- the daemon of %s\n%s----" % (cls.__name__, cls.logged()))
        if cls.commands:
            cls.commands.close()
        if cls.relay:
            cls.relay.close()
            if cls.relay.garbage:
                raise AssertionError("malformed on the wire: %r" % cls.relay.garbage)
        if status:
            raise AssertionError("the daemon ended with %d" % status)

    @classmethod
    def logged(cls):
        """What the daemon said so far."""
        with open(cls.log, encoding="utf-8") as f:
            return f.read()

    @classmethod
    def report(cls, device, **values):
        """What a device publishes: what it says now beside what it said before, kept by the
        broker."""
        said = cls.said.setdefault(device, {})
        said.update(values)
        World.broker.publish("zigbee2mqtt/" + device, said, True)

    def ask(self, code, do, endpoint, path="", **more):
        """A request that must be answered with this code."""
        answer = self.leshan.ask(do, endpoint, path, **more)
        self.assertEqual(answer.get("code"), code, answer)
        return answer

    def values(self, endpoint, path, fmt=TLV):
        """Values at a path, read in a format that the answer really has."""
        answer = self.ask("2.05", "read", endpoint, path, format=fmt)
        self.assertEqual(answer["format"], fmt)
        return answer["values"]

    def request(self, endpoint, after, code, path):
        """What Leshan really sent: the message to this path."""
        client = self.relay.register(endpoint)[0].client
        return self.relay.wait("request to " + path, lambda s: not s.up and s.client == client and
                               s.msg.code == code and s.msg.path() == path, after).msg


class Result(unittest.TextTestResult):
    """A line for each case; what went wrong follows at the end."""

    def _line(self, word, test):
        name = getattr(test, "_testMethodName", str(test))
        oma = re.fullmatch(r"test_int_(\d+)_(.*)", name)
        title = "%s-int-%s %s" % (test.edition, oma[1], oma[2]) if oma \
            else re.sub("^test_", "", name)
        print("%s: %s (%.1f s)" % (word, title.replace("_", " "), time.monotonic() - self.began),
              flush=True)

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        self._line("PASS", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line("FAIL", test)

    def addError(self, test, err):
        super().addError(test, err)
        self.began = getattr(self, "began", time.monotonic())
        self._line("FAIL", test)


def main():
    """Run the cases of the calling program."""
    try:
        World.open()
        run = unittest.main(exit=False, testRunner=unittest.TextTestRunner(
            stream=sys.stdout, verbosity=0, resultclass=Result))
    finally:
        World.close()
    sys.exit(not run.result.wasSuccessful())
