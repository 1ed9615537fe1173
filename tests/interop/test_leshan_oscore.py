#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""OSCORE (RFC 8613) with Leshan 2.0.0-M15: OMA 1.1-int-405, what a server does with a device, wrong and
unknown keys, restarts of both sides.

M15 has bounds, which a user of it meets, too. Its numbers are Java's int: the option "since". It
knows no Echo: the program around the library repeats the request with it. It takes each observation
for a composite one (the outer method is FETCH), so that it decodes notifications in SenML only; of
others DefaultLwM2mDecoder.decodeTimestampedNodes ends with a MissingFormatArgumentException. Its
contexts have no id context, and it resets a request of Appendix B.2 (an IllegalArgumentException of
InMemoryOscoreContextDB)."""

import os
import re
import shutil
import sys
import tempfile
import time
import unittest

sys.path[:0] = [os.path.join(os.path.abspath(os.environ.get("srcdir", ".")), "tests", "support"),
                os.path.dirname(os.path.abspath(__file__))]
from gateway import SRC, Gateway, has_plugin, wait_for  # noqa: E402 pylint: disable=wrong-import-position
from leshan import TEXT, TLV, LeshanM15, skip  # noqa: E402 pylint: disable=wrong-import-position
from lwm2m_server import ACK  # noqa: E402 pylint: disable=wrong-import-position
from wire import Relay  # noqa: E402 pylint: disable=wrong-import-position

OSCORE, SENML_JSON, SENML_CBOR = 9, 110, 112
POST, FETCH, CHANGED, CONTENT = 2, 5, 0x44, 0x45
SECRETS = [bytes(range(k, k + 16)).hex() for k in range(3)]
SALT = b"salt".hex()
ACCOUNT = """{ uri = "coap://127.0.0.1:%d"; for = "sim0000%d"; lifetime = "1min";
	retry_min = "1s"; retry_max = "1s"; oscore = { master_secret = "hex:%s";
	master_salt = "salt"; sender_id = "C%d"; recipient_id = "S"; since = "%s"; }; }"""
CONF = """servers = ( %s );
devices = { endpoint = "{device}"; objects = [ "16" ]; };
gateway = { endpoint = ""; };
plugins = { sim = { devices = %d; interval = "200ms"; values = (
	{ key = "temperature"; min = 15.0; max = 25.0; },
	{ key = "output"; kind = "constant"; writable = true; min = 0.0; max = 1.0; } ); }; };
"""
DEVICE = "sim00000"


def is_protected(seen):
    """Everything but empty messages has to be."""
    return seen.msg.code == 0 or bool(seen.msg.all(OSCORE))


class World(unittest.TestCase):
    """Leshan, a relay that sees what is on the wire, the daemon with some devices."""
    directory = leshan = None
    devices = 1

    @classmethod
    def open(cls):
        """What all classes share; ends the program as skipped where something is missing."""
        if not has_plugin("sim"):
            skip("built without the sim plugin")
        World.directory = tempfile.mkdtemp(prefix="lwm2m-leshan.")
        World.leshan = LeshanM15(World.directory, SRC + "/objects")

    @classmethod
    def end(cls):
        """What was opened of it."""
        if World.leshan:
            World.leshan.close()
        if World.directory:
            shutil.rmtree(World.directory)

    @classmethod
    def setUpClass(cls):
        for number in range(len(SECRETS)):
            cls.leshan.ask("dismiss", "sim0000%d" % number)
        cls.prepare()
        cls.relay, cls.mark = Relay(cls.leshan.port), cls.leshan.mark()
        cls.addClassCleanup(cls.relay.close)
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
        accounts = [ACCOUNT % (cls.relay.port, k, SECRETS[k], k, day) for k in range(cls.devices)]
        cls.gateway = Gateway(CONF % (", ".join(accounts), cls.devices))
        cls.addClassCleanup(cls.gateway.close)
        cls.leshan.event("registered", DEVICE, cls.mark)

    @classmethod
    def prepare(cls):
        """Before the daemon starts."""
        cls.admit(0)

    @classmethod
    def admit(cls, number, secret=None):
        """Such a device, with its key or another one."""
        cls.leshan.ask("admit", "sim0000%d" % number, secret=secret or SECRETS[number], salt=SALT,
                       sender=b"S".hex(), recipient=(b"C%d" % number).hex())

    def ask(self, code, do, path="", **more):
        """A request that must be answered with this code."""
        answer = self.leshan.ask(do, DEVICE, path, **more)
        self.assertEqual(answer["code"], code, answer)
        return answer

    def values(self, path, fmt=TLV):
        """Values at a path, read in a format that the answer really has."""
        answer = self.ask("2.05", "read", path, format=fmt)
        self.assertEqual(answer["format"], fmt)
        return answer["values"]

    def numbers(self, after=0):
        """Of what the devices sent, once for each message."""
        sent = {s.msg.mid: s.msg for s in self.relay.all(lambda s: s.up and s.msg.kind != ACK, after)}
        values = [m.all(OSCORE)[0] for m in sent.values() if m.all(OSCORE)]
        return [int.from_bytes(v[1:1 + (v[0] & 7)], "big") for v in values if v and v[0] & 7]


class Service(World):
    """What a server does with a device."""

    def test_int_405_oscore(self):
        """Register, Read; each message is protected, outside it is a POST and its 2.04."""
        self.assertEqual(self.values("/3/0/1", TEXT), {"/3/0/1": "sim"})
        seen = self.relay.all(lambda s: True)
        self.assertEqual([s for s in seen if not is_protected(s)], [])
        self.assertLessEqual({s.msg.code for s in seen}, {0, POST, FETCH, CHANGED, CONTENT})
        self.assertEqual((seen[0].up, seen[0].msg.code), (True, POST))
        self.assertEqual(self.relay.answer(seen[0]).msg.code, CHANGED)
        for word in (b"/rd", b"sim0", b"lwm2m", b"3303"):
            self.assertEqual([s for s in seen if word in s.msg.payload], [])

    def test_read_in_each_format(self):
        for fmt in (TLV, SENML_JSON, SENML_CBOR):
            values = self.values("/3303/0", fmt)
            self.assertTrue(15 <= values["/3303/0/5700"] <= 25)
            self.assertEqual(values["/3303/0/5701"], "Cel")

    def test_refusals_are_inside(self):
        """The codes of errors, too."""
        mark = self.relay.mark()
        self.ask("4.04", "read", "/3/0/9", format=TEXT)
        self.ask("4.05", "write", "/3303/0/5700", format=TEXT, value=20)
        self.ask("4.05", "execute", "/3/0/0")
        self.assertEqual(self.relay.all(lambda s: s.msg.code >= 0x80, mark), [])

    def test_write_execute_update(self):
        for value in (True, False):
            self.ask("2.04", "write", "/3306/0/5850", format=TEXT, value=value)
            wait_for("the output", lambda v=value: self.values("/3306/0")["/3306/0/5850"] == v)
        mark = self.leshan.mark()
        self.ask("2.04", "write", "/1/0/1", format=TEXT, value=70)
        self.leshan.event("updated", DEVICE, mark, lambda e: e["lifetime"] == 70)
        mark = self.leshan.mark()
        self.ask("2.04", "execute", "/1/0/8")
        self.leshan.event("updated", DEVICE, mark, lambda e: not e["with_lifetime"])

    def test_discover_and_attributes(self):
        self.ask("2.04", "attributes", "/3303/0/5701", query="pmin=2&pmax=60")
        links = self.ask("2.05", "discover", "/3303/0")["links"]
        self.assertEqual(links["/3303/0/5701"], {"pmin": "2", "pmax": "60"})
        self.assertIn("/3303/0/5700", links)

    def test_create_and_delete(self):
        self.ask("2.01", "create", "/16", format=TLV, instance=2, value={"0": {"0": "a", "1": "b"}})
        self.assertEqual(self.values("/16/2/0"), {"/16/2/0/0": "a", "/16/2/0/1": "b"})
        self.ask("2.02", "delete", "/16/2")
        self.ask("4.04", "read", "/16/2", format=TLV)

    def test_composites(self):
        paths = ["/3/0/1", "/3306/0/5850"]
        for fmt in (SENML_JSON, SENML_CBOR):
            mark = self.leshan.mark()
            value = fmt == SENML_CBOR
            self.ask("2.04", "write-composite", format=fmt,
                     value={"/1/0/1": 60 + fmt, "/3306/0/5850": value})
            self.leshan.event("updated", DEVICE, mark, lambda e, f=fmt: e["lifetime"] == 60 + f)
            wait_for("the output", lambda f=fmt, v=value: self.ask(
                "2.05", "read-composite", paths=paths, format=f, list=f)["values"] ==
                     {"/3/0/1": "sim", "/3306/0/5850": v})

    def test_blocks_both_ways(self):
        """Inside, so that each of them is protected."""
        mark, text = self.relay.mark(), "".join(chr(97 + n % 26) for n in range(3000))
        self.ask("2.04", "write", "/3/0/15", format=TEXT, value=text)
        self.assertEqual(self.values("/3/0/15", TEXT), {"/3/0/15": text})
        seen = self.relay.all(lambda s: True, mark)
        self.assertGreater(len(seen), 3000 // 512)
        self.assertLess(max(len(s.msg.payload) for s in seen), 1100)
        self.assertEqual([s for s in seen if not is_protected(s)], [])

    def test_observe(self):
        """FETCH and 2.05 outside; notifications until a reset: another observation of the path takes
        the place of the first."""
        for fmt in (SENML_JSON, SENML_CBOR):
            wire, mark = self.relay.mark(), self.leshan.mark()
            answer = self.ask("2.05", "observe", "/3303/0/5700", format=fmt)
            self.assertTrue(15 <= answer["values"]["/3303/0/5700"] <= 25)
            self.assertTrue(self.relay.all(lambda s: not s.up and s.msg.code == FETCH, wire))
            wait_for("notifications", lambda m=mark: self.leshan.count_events(
                "notified", DEVICE, m) >= 3)
            for event in self.leshan.events[mark:]:
                if event["event"] == "notified":
                    self.assertTrue(15 <= event["values"]["/3303/0/5700"] <= 25)
        self.gateway.wait_log("by server 1 ended: reset by the server")
        # What is in another format is answered, and told and acknowledged on the wire.
        wire = self.relay.mark()
        self.ask("2.05", "observe", "/3303/0/5700", format=TEXT)
        told = self.relay.wait("notification", lambda s: s.up and s.msg.kind == 0 and
                               s.msg.code == CONTENT, wire)
        self.relay.wait("its acknowledgement", lambda s: not s.up and s.msg.kind == 2 and
                        s.msg.mid == told.msg.mid, wire)
        numbers = self.numbers()
        self.assertEqual(numbers, sorted(set(numbers)))


class Keys(World):
    """A key that is wrong, and one that the server does not know yet."""
    devices = len(SECRETS)

    @classmethod
    def prepare(cls):
        cls.admit(0)
        cls.admit(1, SECRETS[0])

    def test_wrong_and_unknown(self):
        """Refused, said in the log, tried again; the other device has no part in it."""
        self.assertEqual(self.values("/3/0/1", TEXT), {"/3/0/1": "sim"})
        for name in ("sim00001", "sim00002"):
            wait_for("log", lambda n=name: re.search(
                "%s.*OSCORE: the peer cannot read what we send" % n, self.gateway.logged()))
        self.assertEqual(self.leshan.count_events("registered", "sim00001", self.mark), 0)
        self.admit(2)
        self.leshan.event("registered", "sim00002", self.mark)
        self.leshan.ask("dismiss", "sim00001")
        self.admit(1)
        self.leshan.event("registered", "sim00001", self.mark)


    def test_day_to_come(self):
        """The log says why numbers cannot begin."""
        account = ACCOUNT % (self.relay.port, 0, SECRETS[0], 0, "2199-01-01")
        gateway = Gateway(CONF % (account, 1))
        self.addCleanup(gateway.close)
        gateway.wait_log("OSCORE: the clock stands before the first day of numbers")


class Restart(World):
    """Of one side and of the other, then the end."""

    def test_daemon_restarts(self):
        """It goes on with higher numbers, and with its registration."""
        self.assertEqual(self.values("/3/0/1", TEXT), {"/3/0/1": "sim"})
        self.gateway.settled()
        numbers = self.numbers()
        self.gateway.kill()
        wire, mark = self.relay.mark(), self.leshan.mark()
        self.gateway.start()
        self.leshan.event("updated", DEVICE, mark)
        self.assertEqual(self.values("/3/0/1", TEXT), {"/3/0/1": "sim"})
        self.assertEqual(self.leshan.count_events("registered", DEVICE, mark), 0)
        self.assertGreater(min(self.numbers(wire)), max(numbers))

    def test_server_restarts(self):
        """It has lost the registration, and M15 its own numbers: they begin anew under the same keys,
        so that its requests are replays until they are higher than those of before."""
        for _ in range(3):
            self.assertEqual(self.values("/3/0/1", TEXT), {"/3/0/1": "sim"})
        self.leshan.close()
        World.leshan = LeshanM15(self.directory, SRC + "/objects")
        self.admit(0)
        self.relay.server = ("127.0.0.1", self.leshan.port)
        self.gateway.ctl("update", DEVICE)
        self.leshan.event("registered", DEVICE)
        answer = self.leshan.ask("read", DEVICE, "/3/0/1", format=TEXT)
        self.assertEqual((answer["code"], answer["message"]), ("4.01", "Replay detected"))
        wait_for("a number that is new", lambda: self.leshan.ask(
            "read", DEVICE, "/3/0/1", format=TEXT)["code"] == "2.05")
        self.assertIn("OSCORE: Replay detected", self.gateway.logged())

    def test_stop(self):
        """It de-registers."""
        wire, mark = self.relay.mark(), self.leshan.mark()
        self.assertEqual(self.gateway.stop(), 0)
        self.assertFalse(self.leshan.event("unregistered", DEVICE, mark)["expired"])
        self.assertEqual([s for s in self.relay.all(lambda s: True, wire) if not is_protected(s)], [])


def main():
    """Leshan once for all."""
    try:
        World.open()
        run = unittest.main(verbosity=2, exit=False)
    finally:
        World.end()
    sys.exit(not run.result.wasSuccessful())


if __name__ == "__main__":
    main()
