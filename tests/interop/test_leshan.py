#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Interoperability with Eclipse Leshan. Devices are MQTT messages at a real mosquitto; what Leshan
says of them is what counts. Names carry the case of OMA's LwM2M 1.0 enabler test specification."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
BUILD = os.environ.get("builddir", ".")
sys.path[:0] = [os.path.join(SRC, "tests", "interop"), os.path.join(SRC, "tools")]
import demo  # noqa: E402 pylint: disable=wrong-import-position
from leshan import DEADLINE, TEXT, TLV, Leshan, skip  # noqa: E402 pylint: disable=wrong-import-position

CONF = """
servers = ( {{ uri = "coap://127.0.0.1:{port}"; version = "{version}"; lifetime = "{lifetime}";
	retry_min = "1s"; }} );
gateway = {{ endpoint = "{gateway}"; manufacturer = "Maker"; model = "Box"; serial = "0815"; }};
bus = {{ enabled = false; }};
maps = {{ house = {{ inherit = "standard"; entries = (
	{{ key = "restart"; path = "3/0/4"; execute = true; }},
	{{ key = "firmware"; path = "3/0/3"; }},
	{{ key = "reset_energy"; path = "3331/0/5822"; execute = true; }} ); }}; }};
plugins = {{ mqtt = {{ brokers = ( {{ host = "127.0.0.1"; port = {mqtt}; rules = (
	{{ topic = "zigbee2mqtt/+"; map = "house";
	   command = {{ topic = "zigbee2mqtt/{{device}}/set/{{key}}"; payload = "{{text}}"; }}; }} ); }} ); }}; }};
"""
GATEWAY = "box"


class Case(unittest.TestCase):
    """One Leshan, one broker, one daemon."""
    version, lifetime = "1.0", "5min"

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="lwm2m-leshan.")
        cls.log = os.path.join(cls.dir, "log")
        open(cls.log, "w", encoding="utf-8").close()
        cls.daemon = cls.commands = cls.broker = None
        cls.leshan = Leshan(cls.dir, os.path.join(SRC, "objects"))
        cls.addClassCleanup(cls.close)
        cls.broker = demo.Broker(cls.dir)
        share = os.path.join(cls.dir, "share")
        os.mkdir(share)
        os.symlink(os.path.join(os.path.abspath(SRC), "objects"), os.path.join(share, "objects"))
        os.symlink(os.path.join(os.path.abspath(SRC), "etc/maps"), os.path.join(share, "maps"))
        conf = os.path.join(cls.dir, "gateway.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(CONF.format(port=cls.leshan.port, mqtt=cls.broker.port, version=cls.version,
                                lifetime=cls.lifetime, gateway=GATEWAY))
        with open(cls.log, "w", encoding="utf-8") as log:
            cls.daemon = subprocess.Popen(
                [os.path.join(BUILD, "src/daemon/lwm2m-gatewayd"), "-c", conf, "--plugindir",
                 os.path.join(BUILD, "plugins/mqtt/.libs"), "--sharedir", share],
                stdout=log, stderr=log)
        cls.commands = cls.broker.subscribe("zigbee2mqtt/+/set/#")
        cls.report("thermometer", temperature=21.5, humidity=40, battery=90, firmware="1.2.3")
        cls.report("plug", state="OFF", power=12.5, energy=1.25)
        for endpoint in (GATEWAY, "thermometer", "plug"):
            cls.leshan.event("registered", endpoint)

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
        if cls.commands:
            cls.commands.kill()
            cls.commands.wait()
            cls.commands.stdout.close()
        if cls.broker:
            cls.broker.process.kill()
            cls.broker.process.wait()
        cls.leshan.close()
        with open(cls.log, encoding="utf-8") as f:
            text = f.read()
        shutil.rmtree(cls.dir)
        print(text)
        if status:
            raise AssertionError("the daemon ended with %d" % status)

    @classmethod
    def report(cls, device, **values):
        """What a device publishes."""
        cls.broker.publish("zigbee2mqtt/" + device, values, True)

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


class Registration(Case):
    """Cases 101 to 104, with short lifetimes and ends of registrations."""
    lifetime = "20s"

    def test_101_initial_registration(self):
        event = self.leshan.event("registered", "thermometer")
        self.assertEqual(event["version"], "1.0")
        self.assertEqual(event["lifetime"], 20)
        instances = {p for p in event["links"] if p.count("/") == 2}
        self.assertEqual(instances, {"/1/0", "/3/0", "/3303/0", "/3304/0"})
        self.assertIn("/", event["links"])

    def test_102_registration_update(self):
        mark = self.leshan.mark()
        self.ask("2.04", "write", "thermometer", "/1/0/1", format=TEXT, value=15)
        event = self.leshan.event("updated", "thermometer", mark)
        self.assertTrue(event["with_lifetime"])
        self.assertEqual(event["lifetime"], 15)
        # The next one comes in time and has no parameters.
        event = self.leshan.event("updated", "thermometer", self.leshan.mark(),
                                  lambda e: not e["with_lifetime"])
        self.assertFalse(event["with_links"])
        self.assertEqual(self.values("thermometer", "/1/0/1"), {"/1/0/1": 15})
        self.ask("2.04", "write", "thermometer", "/1/0/1", format=TEXT, value=20)

    def test_103_deregistration(self):
        # /1/x/4 Disable de-registers, for /1/x/5 seconds.
        mark = self.leshan.mark()
        self.ask("2.04", "write", "plug", "/1/0/5", format=TEXT, value=1)
        self.ask("2.04", "execute", "plug", "/1/0/4")
        event = self.leshan.event("unregistered", "plug", mark)
        self.assertFalse(event["expired"])
        self.leshan.event("registered", "plug", mark)

    def test_104_registration_update_trigger(self):
        mark = self.leshan.mark()
        self.ask("2.04", "execute", "thermometer", "/1/0/8")
        event = self.leshan.event("updated", "thermometer", mark)
        self.assertFalse(event["with_lifetime"])
        self.assertFalse(event["with_links"])
        self.assertEqual(self.leshan.count_events("unregistered", "thermometer", 0), 0)

    def test_new_object_is_told_by_an_update(self):
        mark = self.leshan.mark()
        self.report("thermometer", temperature=21.5, co2=700)
        event = self.leshan.event("updated", "thermometer", mark, lambda e: e["with_links"])
        self.assertIn("/3325/0", event["links"])

    def test_lost_registration_is_made_again(self):
        mark = self.leshan.mark()
        self.leshan.ask("forget", "plug")
        self.leshan.event("registered", "plug", mark)
        self.assertEqual(self.values("plug", "/3328/0/5700"), {"/3328/0/5700": 12.5})


class Version11(Case):
    """The same devices as clients of LwM2M 1.1."""
    version = "1.1"

    def test_101_initial_registration_1_1(self):
        event = self.leshan.event("registered", "thermometer")
        self.assertEqual(event["version"], "1.1")
        self.assertIn("/3303", event["links"])
        self.assertEqual(event["links"]["/3303"].get("ver"), "1.1")
        self.assertEqual(self.values("thermometer", "/3303/0/5700"), {"/3303/0/5700": 21.5})


class Management(Case):
    """Reading, writing, executing, discovering."""

    def test_201_query_plain_text(self):
        for path, want in (("/3/0/0", "Maker"), ("/3/0/1", "Box"), ("/3/0/2", "0815")):
            self.assertEqual(self.values(GATEWAY, path, TEXT), {path: want})

    def test_203_query_tlv(self):
        values = self.values(GATEWAY, "/3/0")
        self.assertEqual(values["/3/0/0"], "Maker")
        self.assertEqual(values["/3/0/1"], "Box")
        self.assertEqual(values["/3/0/2"], "0815")
        self.assertEqual(values["/3/0/16"], "U")
        self.assertIn("/3/0/11/0", values)
        self.assertNotIn("/3/0/4", values)

    def test_read_at_every_depth(self):
        objects = self.values("thermometer", "/3303")
        instance = self.values("thermometer", "/3303/0")
        self.assertEqual(objects, instance)
        self.assertEqual(instance["/3303/0/5700"], 21.5)
        self.assertEqual(instance["/3303/0/5701"], "Cel")
        for fmt in (TLV, TEXT):
            self.assertEqual(self.values("thermometer", "/3303/0/5700", fmt)["/3303/0/5700"], 21.5)
        self.assertEqual(self.values("thermometer", "/3/0/9", TEXT), {"/3/0/9": 90})
        self.ask("4.04", "read", "thermometer", "/3303/1")
        self.ask("4.04", "read", "thermometer", "/3342/0/5500")
        self.ask("4.04", "read", "thermometer", "/3303/0/5750/7")
        self.ask("4.06", "read", "thermometer", "/3303/0", format=TEXT)
        self.ask("4.05", "read", "thermometer", "/3/0/4")

    def test_205_set_plain_text(self):
        saved = self.values("plug", "/1/0")
        for path, value in (("/1/0/2", 101), ("/1/0/3", 1010), ("/1/0/5", 2000)):
            self.ask("2.04", "write", "plug", path, format=TEXT, value=value)
        values = self.values("plug", "/1/0")
        self.assertEqual([values["/1/0/%d" % i] for i in (2, 3, 5)], [101, 1010, 2000])
        for path, value in (("/1/0/2", 1), ("/1/0/3", 10), ("/1/0/5", 86400)):
            self.ask("2.04", "write", "plug", path, format=TEXT, value=value)
        self.assertEqual(self.values("plug", "/1/0/1"), {"/1/0/1": saved["/1/0/1"]})

    def test_215_set_tlv(self):
        saved = self.values(GATEWAY, "/1/0")
        self.ask("2.04", "write", GATEWAY, "/1/0", format=TLV, replace=False,
                 value={"2": 101, "3": 1010, "5": 2000, "6": True, "7": "U"})
        values = self.values(GATEWAY, "/1/0")
        self.assertEqual([values["/1/0/%d" % i] for i in (2, 3, 5, 6, 7)],
                         [101, 1010, 2000, True, "U"])
        self.assertEqual(values["/1/0/1"], saved["/1/0/1"])
        self.ask("2.04", "write", GATEWAY, "/1/0", format=TLV, replace=True,
                 value={p.rsplit("/", 1)[1]: v for p, v in saved.items() if p != "/1/0/0"})
        self.assertEqual(self.values(GATEWAY, "/1/0"), saved)

    def test_241_reboot(self):
        self.ask("2.04", "execute", "plug", "/3/0/4")
        self.command("plug", "restart", "(null)")
        # The gateway itself does not offer it.
        self.ask("4.04", "execute", GATEWAY, "/3/0/4")

    def command(self, device, key, payload):
        """The next command at the broker; mosquitto_sub says (null) for nothing."""
        line = self.commands.stdout.readline().rstrip("\n")
        self.assertEqual(line, "zigbee2mqtt/%s/set/%s %s" % (device, key, payload))

    def test_execute(self):
        self.ask("2.04", "execute", "plug", "/3331/0/5822")
        self.command("plug", "reset_energy", "(null)")
        self.ask("4.05", "execute", "plug", "/3328/0/5700")
        self.ask("4.04", "execute", "plug", "/3328/7/5605")

    def test_256_write_failure(self):
        before = self.values("plug", "/1/0/0")
        self.ask("4.05", "write", "plug", "/1/0/0", format=TEXT, value=123)
        self.assertEqual(self.values("plug", "/1/0/0"), before)

    def test_write_confirmed_by_the_device(self):
        device = subprocess.Popen(
            [sys.executable, "-c", "import sys, subprocess\n"
             "p = subprocess.Popen(['mosquitto_sub', '-p', '%d', '-t', 'zigbee2mqtt/plug/set/#',"
             " '-C', '1', '-F', '%%p'], stdout=subprocess.PIPE, text=True)\n"
             "print('ready', flush=True)\n"
             "v = p.stdout.readline().strip()\n"
             "subprocess.run(['mosquitto_pub', '-p', '%d', '-q', '1', '-t', 'zigbee2mqtt/plug',"
             " '-m', '{\"state\":\"' + v + '\"}'])\n" % (self.broker.port, self.broker.port)],
            stdout=subprocess.PIPE, text=True)
        device.stdout.readline()
        time.sleep(0.5)  # its subscription; were it late, the write would fail, not pass
        self.ask("2.04", "write", "plug", "/3306/0/5850", format=TEXT, value=True)
        self.command("plug", "state", "ON")
        self.assertEqual(device.wait(DEADLINE), 0)
        device.stdout.close()
        self.assertEqual(self.values("plug", "/3306/0/5850"), {"/3306/0/5850": True})

    def test_write_not_confirmed(self):
        self.report("lamp", state="ON")
        self.leshan.event("registered", "lamp")
        self.ask("5.04", "write", "lamp", "/3306/0/5850", format=TEXT, value=False)
        self.command("lamp", "state", "OFF")
        self.assertEqual(self.values("lamp", "/3306/0/5850"), {"/3306/0/5850": True})

    def test_260_discover(self):
        answer = self.ask("2.05", "discover", "thermometer", "/3303")
        self.assertIn("/3303/0/5700", answer["links"])
        self.ask("2.04", "attributes", "thermometer", "/3303/0", query="pmin=10&pmax=200")
        self.ask("2.04", "attributes", "thermometer", "/3303/0/5700", query="lt=1&gt=6&st=1")
        links = self.ask("2.05", "discover", "thermometer", "/3303/0")["links"]
        self.assertEqual({k: float(v) for k, v in links["/3303/0"].items() if k != "ver"},
                         {"pmin": 10, "pmax": 200})
        self.assertEqual({k: float(v) for k, v in links["/3303/0/5700"].items()},
                         {"lt": 1, "gt": 6, "st": 1})
        links = self.ask("2.05", "discover", "thermometer", "/3303/0/5700")["links"]
        shown = {k: float(v) for k, v in links["/3303/0/5700"].items()}
        self.assertEqual({k: shown[k] for k in ("lt", "gt", "st")}, {"lt": 1, "gt": 6, "st": 1})
        self.ask("2.04", "attributes", "thermometer", "/3303/0", query="pmin&pmax")
        self.ask("2.04", "attributes", "thermometer", "/3303/0/5700", query="lt&gt&st")
        links = self.ask("2.05", "discover", "thermometer", "/3303/0")["links"]
        self.assertEqual(links["/3303/0/5700"], {})

    def test_651_device_resources(self):
        saved = self.values(GATEWAY, "/3/0")
        self.ask("2.04", "write", GATEWAY, "/3/0", format=TLV, replace=False,
                 value={"13": 1367491215, "14": "+02:00", "15": "Europe/Paris"})
        values = self.values(GATEWAY, "/3/0")
        self.assertLess(abs(values["/3/0/13"] - 1367491215), 60)
        self.assertEqual(values["/3/0/14"], "+02:00")
        self.assertEqual(values["/3/0/15"], "Europe/Paris")
        self.ask("2.04", "write", GATEWAY, "/3/0", format=TLV, replace=False,
                 value={"13": int(time.time()), "15": saved.get("/3/0/15", "UTC")})

    def test_652_firmware_version(self):
        self.assertEqual(self.values("thermometer", "/3/0/3", TEXT), {"/3/0/3": "1.2.3"})

    def test_680_create_device(self):
        self.ask("4.05", "create", "thermometer", "/3", format=TLV, value={"13": 0})

    def test_685_delete_device(self):
        self.ask("4.05", "delete", "thermometer", "/3/0")


class Reporting(Case):
    """Observations."""

    def notified(self, endpoint, path, after, want):
        """A notification with this value."""
        return self.leshan.event("notified", endpoint, after,
                                 lambda e: e["path"] == path and e["values"].get(path) == want)

    def test_301_observation_and_notification(self):
        path = "/3303/0/5700"
        self.ask("2.04", "attributes", "thermometer", path, query="pmin=1&pmax=2")
        self.assertEqual(self.ask("2.05", "observe", "thermometer", path)["values"], {path: 21.5})
        mark = self.leshan.mark()
        self.report("thermometer", temperature=22.5)
        self.notified("thermometer", path, mark, 22.5)
        # pmax: the same value again, though nothing changed.
        self.notified("thermometer", path, self.leshan.mark(), 22.5)
        self.ask("2.05", "cancel", "thermometer", path)
        self.ask("2.04", "attributes", "thermometer", path, query="pmin&pmax")

    def test_302_cancel_by_reset(self):
        path, kept = "/3328/0/5700", "/3331/0/5700"
        for p in (path, kept):
            self.ask("2.05", "observe", "plug", p)
        self.leshan.ask("cancel", "plug", path, passive=True)
        self.report("plug", power=13.5, energy=1.25)  # answered with a reset
        mark = self.leshan.mark()
        self.wait_log("observation of %s by server 1 ended" % path)
        self.report("plug", power=14.5, energy=1.5)
        self.notified("plug", kept, mark, 1500)
        self.ask("2.05", "cancel", "plug", kept)

    def wait_log(self, text):
        """A line of the daemon."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            with open(self.log, encoding="utf-8") as f:
                if text in f.read():
                    return
            time.sleep(0.05)
        raise AssertionError("not logged: " + text)

    def test_303_cancel_with_observe_1(self):
        path, kept = "/3304/0/5700", "/3304/0"
        for p in (path, kept):
            self.ask("2.05", "observe", "thermometer", p)
        self.ask("2.05", "cancel", "thermometer", path)
        mark = self.leshan.mark()
        self.report("thermometer", temperature=21.5, humidity=55)
        self.leshan.event("notified", "thermometer", mark, lambda e: e["path"] == kept and
                          e["values"][path] == 55)
        with self.leshan.changed:
            self.assertFalse([e for e in self.leshan.events[mark:]
                              if e["event"] == "notified" and e["path"] == path])
        self.ask("2.05", "cancel", "thermometer", kept)

    def test_observe_an_object(self):
        self.ask("2.05", "observe", "thermometer", "/3303", format=TLV)
        mark = self.leshan.mark()
        self.report("thermometer", temperature=19.25)
        self.leshan.event("notified", "thermometer", mark, lambda e: e["path"] == "/3303" and
                          e["values"]["/3303/0/5700"] == 19.25)
        self.ask("2.05", "cancel", "thermometer", "/3303")


if __name__ == "__main__":
    if not shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin"):
        skip("mosquitto is not installed")
    if not os.path.exists(os.path.join(BUILD, "plugins/mqtt/.libs/mqtt.so")):
        skip("built without the mqtt plugin")
    unittest.main(verbosity=2)
