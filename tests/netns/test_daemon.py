#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The real daemon and real sockets: broken configurations, broken peers, a broken network."""

import os
import random
import shutil
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "support"))
import lwm2m_server  # noqa: E402 pylint: disable=wrong-import-position
from gateway import DEADLINE, Gateway, has_plugin, wait_for  # noqa: E402 pylint: disable=wrong-import-position
from lwm2m_server import CON, GET, Message, Server, URI_PATH  # noqa: E402 pylint: disable=wrong-import-position
from ports import free_port  # noqa: E402 pylint: disable=wrong-import-position

SIM = 'plugins = { sim = { devices = 2; interval = "200ms"; }; };\n'


WIDGET = """<LWM2M><Object ObjectType="MODefinition"><Name>Widget</Name><ObjectID>32769</ObjectID>
<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Resources><Item ID="1">
<Name>Spin</Name><Operations>R</Operations><MultipleInstances>Single</MultipleInstances>
<Mandatory>Optional</Mandatory><Type>Float</Type><RangeEnumeration/><Units/></Item></Resources>
</Object></LWM2M>"""
WIDGET_MAP = 'maps = { house = { entries = ( { key = "spin"; path = "Widget/0/Spin"; } ); }; };\n'


def servers(*accounts):
    """The list of server accounts."""
    return "servers = ( %s );\n" % ", ".join("{ %s }" % a for a in accounts)


class Configuration(unittest.TestCase):
    """A mistake names file, line and key."""

    def refuse(self, conf, line, *words):
        """--check says this of gateway.conf."""
        gateway = Gateway(conf, start=False)
        self.addCleanup(gateway.close)
        status, said = gateway.check()
        self.assertEqual(status, 78, said)
        for word in words + ("gateway.conf:%d: " % line,):
            self.assertIn(word, said)
        gateway.start()
        self.assertEqual(gateway.process.wait(DEADLINE), 78)
        self.assertIn("gateway.conf:%d: " % line, gateway.logged())

    def test_unknown_key(self):
        self.refuse('log = { level = "info"; };\nservers = ( { uri = "coap://a"; lifetme = 5; } );',
                    2, "lifetme")

    def test_wrong_type(self):
        self.refuse('\n\nservers = ( { uri = 5; } );', 3, "uri")

    def test_out_of_range(self):
        self.refuse('servers = ( { uri = "coap://a";\n ssid = 65535; } );', 2, "ssid")

    def test_not_a_uri(self):
        self.refuse('servers = ( { uri = "http://a"; } );', 1, "uri")

    def test_missing(self):
        self.refuse('servers = ( { name = "x"; } );', 1, "uri")

    def test_no_choice(self):
        self.refuse('log = {\n level = "loud"; };', 2, "level")

    def test_syntax(self):
        self.refuse('log = { level = "info" };\nservers = ( { uri = "coap://a" ) );', 2)

    def test_integer_too_wide(self):
        self.refuse('devices = {\n max = 4294967297; };', 2, "integer out of range")

    def test_unknown_plugin(self):
        self.refuse('plugins = {\n teleport = { }; };', 2, "teleport")

    def test_twice(self):
        self.refuse('log = { level = "info"; level = "err"; };', 1)

    @unittest.skipUnless(has_plugin("mqtt"), "built without mqtt")
    def test_rule_of_a_plugin(self):
        self.refuse('plugins = { mqtt = { brokers = ( { rules = (\n'
                    '{ topic = "a/+/b"; payloadmax = 5; } ); } ); }; };', 2, "payloadmax")
        self.refuse('plugins = { mqtt = { brokers = ( { rules = (\n\n'
                    '{ topic = "a/#/b"; } ); } ); }; };', 3, "topic", "not a filter")


class Served(unittest.TestCase):
    """A server and a daemon with two fake devices."""
    account = 'uri = "%s"; lifetime = "1h"; ack_timeout = "200ms"; retry_min = "1s";'

    def setUp(self):
        self.server = Server(free_port(), seed=1)
        self.addCleanup(lambda: self.server.close())
        self.gateway = Gateway(servers(self.account % self.server.uri()) + SIM)
        self.addCleanup(self.gateway.close)
        self.device = self.server.wait_registered("sim00000")

    def read(self):
        """A read that must succeed."""
        answer = self.device.read("/3303/0/5700")
        self.assertEqual(answer.code, 0x45)
        return answer.value()


class BadPeers(Served):
    """What a server, or somebody else, may send."""

    def test_malformed_datagrams(self):
        before = self.gateway.counter("coap.malformed")
        good = Message(CON, GET, 1, b"t").add(URI_PATH, "3").encode()
        bad = [b"", b"\x40", b"\x00\x01\x00\x01", b"\xff" * 50, good[:-1], good + b"\xff",
               b"\x49\x01\x00\x01" + b"t" * 9, b"\x40\x01\x00\x01\xf0", b"\x40\x01\x00\x01\x0f",
               bytes(range(256))]
        for datagram in bad:
            self.server.send_raw(datagram, self.device.address)
        wait_for("count", lambda: self.gateway.counter("coap.malformed") >= before + len(bad) - 2)
        self.read()

    def test_random_datagrams(self):
        dice = random.Random(7)
        for _ in range(2000):
            self.server.send_raw(dice.randbytes(dice.randrange(80)), self.device.address)
            self.server.send_raw(b"\x40" + dice.randbytes(dice.randrange(3, 40)),
                                 self.device.address)
        self.read()
        self.assertIsNone(self.gateway.process.poll())

    def test_other_address(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            request = Message(CON, GET, 77, b"x")
            for segment in ("3303", "0", "5700"):
                request.add(URI_PATH, segment)
            for _ in range(5):
                other.sendto(request.encode(), self.device.address)
                self.read()
            other.setblocking(False)
            # Refused by the daemon's own kernel, or not answered at all: no message comes.
            with self.assertRaises((BlockingIOError, ConnectionRefusedError)):
                while True:
                    self.assertFalse(other.recvfrom(2000))

    def test_critical_option(self):
        answer = self.device.request(GET, "/3303/0/5700", options=((9, b"x"),))
        self.assertEqual(answer.code, 0x82)
        self.assertEqual(self.device.request(GET, "/3303/0/5700", options=((65000, b"x"),)).code,
                         0x45)

    def test_unknown_paths_and_methods(self):
        for path in ("/x", "/3303/0/5700/0/0", "/65536", "/03303/0", "/3303/-1"):
            answer = self.device.request(GET, path)
            self.assertIn(lwm2m_server.code_text(answer.code), ("4.00", "4.04"), path)
        self.assertEqual(self.device.request(7, "/3303/0/5700").code >> 5, 4)
        self.read()

    @unittest.skipUnless(has_plugin("mqtt"), "built without mqtt")
    def test_brokers_that_are_none(self):
        """One is not there, one is silent, one talks garbage: the devices of others are served."""
        silent, garbage = socket.create_server(("127.0.0.1", 0)), socket.create_server(
            ("127.0.0.1", 0))
        self.addCleanup(silent.close)
        self.addCleanup(garbage.close)

        def talk():
            try:
                while True:
                    peer, _ = garbage.accept()
                    peer.sendall(random.Random(3).randbytes(5000))
                    peer.close()
            except OSError:
                pass

        threading.Thread(target=talk, daemon=True).start()
        broker = ('{ name = "%s"; host = "127.0.0.1"; port = %d; connect_timeout = "1s"; '
                  'rules = ( { topic = "a/+"; } ); }')
        brokers = [broker % (name, port) for name, port in (
            ("absent", free_port()), ("silent", silent.getsockname()[1]),
            ("babbling", garbage.getsockname()[1]))]

        def use(brokers):
            self.gateway.write(servers(self.account % self.server.uri()) + SIM[:-4] +
                               " mqtt = { brokers = ( %s ); }; };\n" % ", ".join(brokers))
            self.gateway.reload()

        use(brokers)
        for name in ("absent", "silent", "babbling"):
            self.gateway.wait_log("broker %s: 127.0.0.1" % name)
            self.read()

        def parts():
            return {p["part"]: p["ok"] for p in self.gateway.ctl("status")["parts"]
                    if p["plugin"] == "mqtt"}

        self.assertEqual(parts(), {"absent": False, "silent": False, "babbling": False})
        # What is tried again and again fails in the journal once.
        wait_for("attempts", lambda: self.gateway.counter("plugin.mqtt.disconnects") > 8)
        self.assertEqual(self.gateway.logged().count("broker absent: 127.0.0.1"), 1)
        use(brokers[:1])  # the others are forgotten
        wait_for("one broker", lambda: parts() == {"absent": False})
        self.assertEqual(self.gateway.stop(), 0)


class BadServer(unittest.TestCase):
    """A server that answers a registration wrongly: nothing but a 2.01 that fits registers."""

    def setUp(self):
        self.server = Server(seed=4)
        self.addCleanup(self.server.close)

    def start(self):
        """The daemon."""
        self.gateway = Gateway(servers(Served.account % self.server.uri()) +
                               SIM.replace("devices = 2", "devices = 1"))
        self.addCleanup(self.gateway.close)

    def account(self):
        """What the daemon knows of its registration."""
        shown = self.gateway.ctl("show", "sim00000")
        return shown["Servers"][0] if shown else {}

    def registers_after(self, misdeed, seen):
        """While the server does so nobody is registered, and seen() becomes true; then all is well."""
        self.server.outgoing = misdeed
        self.start()
        wait_for("misdeed", lambda: self.account() and seen())
        self.assertNotEqual(self.account()["State"], "registered")
        # The server believes in it, but nothing is served before the acknowledgement.
        device = self.server.devices.get("sim00000")
        if device:
            address = device.address
            self.server.outgoing = lambda data, to: [data] if to == address and data[1] == GET \
                else misdeed(data, to)
            try:
                answer = device.request(GET, "/3303/0/5700", timeout=0.3)
                self.assertNotEqual(answer.code, 0x45)
            except lwm2m_server.Failed:
                pass
        self.server.outgoing = lambda data, to: [data]
        wait_for("registration", lambda: self.account()["State"] == "registered")
        self.assertEqual(self.account()["Location"], self.server.devices["sim00000"].location)
        self.assertEqual(self.server.devices["sim00000"].read("/3303/0/5700").code, 0x45)

    def counted(self, name):
        """Has the daemon counted such ones?"""
        return lambda: self.gateway.counter(name) > 0

    def test_wrong_token(self):
        self.registers_after(lwm2m_server.wrong_token, self.counted("coap.unmatched"))

    def test_wrong_message_id(self):
        self.registers_after(lwm2m_server.wrong_mid, self.counted("coap.unmatched"))

    def test_truncated(self):
        # The last option says more than there is.
        self.registers_after(lambda data, _: [data[:-1] if len(data) > 8 else data],
                             self.counted("coap.malformed"))

    def test_other_address(self):
        elsewhere = lwm2m_server.Elsewhere(self.server)
        self.addCleanup(elsewhere.close)
        self.registers_after(elsewhere, self.counted("coap.retransmits"))

    def test_silence(self):
        self.registers_after(lwm2m_server.lose(), self.counted("coap.retransmits"))

    def test_other_success(self):
        """2.04 is no registration."""
        self.server.register_code = lwm2m_server.CHANGED
        self.refused("2.04")

    def test_no_location(self):
        """2.01 without a place leaves nothing to update."""
        def without(data, _):
            msg = Message.decode(data)
            msg.options = []
            return [msg.encode()]
        self.registers_after(without, lambda: self.account()["LastError"])

    def test_refusal(self):
        self.server.register_code = 0x83
        self.refused("4.03")

    def refused(self, text):
        """Tried again later, and then well."""
        self.start()
        wait_for("refusal", lambda: self.account() and self.account()["LastError"])
        self.assertIn(text, self.gateway.logged())
        self.assertNotEqual(self.account()["State"], "registered")
        self.assertEqual(self.server.devices, {})
        self.server.register_code = lwm2m_server.CREATED
        self.server.wait_registered("sim00000")
        wait_for("registration", lambda: self.account()["State"] == "registered")

    def test_twice_and_late(self):
        """Answers that come twice, or after the question was repeated, do no harm."""
        late = lwm2m_server.Late(self.server, 0.5)
        for misdeed in (lwm2m_server.twice, late):
            self.server.outgoing = misdeed
            self.start()
            wait_for("registration", lambda: self.account().get("State") == "registered")
            device = self.server.wait_registered("sim00000")
            self.assertEqual(self.account()["Location"], device.location)
            self.assertEqual(device.read("/3303/0/5700").code, 0x45)
            self.assertEqual(self.gateway.stop(), 0)
        names = [h[:2] for h in self.server.history]
        self.assertEqual(names.count(("register", "sim00000")), 2)
        self.assertEqual(names.count(("deregister", "sim00000")), 2)


class BadNetwork(Served):
    """A third of all datagrams is lost, others come twice, late or in another order."""
    account = Served.account + " max_retransmit = 12;"

    def test_loss_duplication_and_reordering(self):
        dice = random.Random(42)
        held = []

        def weather(data, _):
            out = []
            fate = dice.random()
            if fate < 0.3:
                pass
            elif fate < 0.5:
                out = [data, data]
            elif fate < 0.6:
                held.append(data)
            else:
                out = [data] + held
                held.clear()
            return out

        observation = self.device.observe("/3303/0/5700")
        # More patient than CoAP's own numbers, so that chance decides nothing.
        self.server.ack_timeout = 0.1
        names = ("BACK_OFF", "MAX_RETRANSMIT")
        usual = [getattr(lwm2m_server, n) for n in names]
        for name, value in zip(names, (1, 100)):
            setattr(lwm2m_server, name, value)
        try:
            self.server.incoming = weather
            self.server.outgoing = lambda data, address: [] if dice.random() < 0.3 else \
                [data] * (2 if dice.random() < 0.2 else 1)
            for _ in range(20):
                self.read()
            for lifetime in ("4000", "5000", "6000"):
                self.assertEqual(self.device.write("/1/0/1", lifetime).code, 0x44)
            count = len(observation.notifications)
            observation.wait(after=count)
        finally:
            self.server.incoming = self.server.outgoing = lambda data, address: [data]
            for name, value in zip(names, usual):
                setattr(lwm2m_server, name, value)
        self.assertEqual(self.device.read("/1/0/1").text(), "6000")
        self.server.wait("the update", lambda: self.device.lifetime == 6000)
        self.assertEqual(self.server.malformed, 0)

    def test_server_comes_late_and_goes(self):
        """Nobody listens, then somebody does; a new one at the same place has forgotten us."""
        port = self.server.port
        self.server.close()
        self.device = None
        self.server = Server(port, seed=2)
        # The old registration is unknown there: the next Update makes a new one.
        self.gateway.wait_log("registered at server", 2)
        self.gateway.ctl("update", "sim00000")
        self.device = self.server.wait_registered("sim00000")
        self.read()


class Life(Served):
    """Reload and end."""

    def test_reload(self):
        second = Server(seed=3)
        self.addCleanup(second.close)
        first = self.account.replace("1h", "2h") % self.server.uri()
        self.gateway.write(servers(first, self.account % second.uri()) + SIM +
                           'log = { level = "debug"; };\n')
        self.gateway.reload()
        self.server.wait("new lifetime", lambda: self.device.lifetime == 7200)
        second.wait_registered("sim00000")
        self.assertEqual(self.gateway.ctl("log-level")["default"], "debug")
        self.assertEqual([h for h in self.server.history if h[0] == "deregister"], [])
        # A bad one changes nothing.
        self.gateway.write("servers = ( { uri = 5; } );")
        self.gateway.reload()
        self.gateway.wait_log("configuration not changed")
        self.assertIn("gateway.conf:1: ", self.gateway.logged())
        self.read()
        self.assertEqual(len(self.gateway.ctl("show", "sim00000")["Servers"]), 2)
        # One server less: it is left properly.
        self.gateway.write(servers(first) + SIM)
        self.gateway.reload()
        second.wait("de-registration", lambda: not second.devices["sim00000"].registered)
        self.read()

    def test_reload_of_definitions(self):
        self.gateway.write(servers(self.account % self.server.uri()) + SIM + WIDGET_MAP)
        self.gateway.reload()
        self.gateway.wait_log("configuration not changed")
        # The definition comes, and with it the same configuration is a good one.
        objects = os.path.join(self.gateway.dir, "objects")
        os.mkdir(objects)
        with open(os.path.join(objects, "32769.xml"), "w", encoding="utf-8") as f:
            f.write(WIDGET)
        self.gateway.reload()
        self.gateway.wait_log("configuration reloaded")
        self.read()
        # A broken one is told with its name.
        with open(os.path.join(objects, "32770.xml"), "w", encoding="utf-8") as f:
            f.write(WIDGET.replace("Single", "Simple"))
        self.gateway.reload()
        self.gateway.wait_log("configuration not changed", 2)
        self.assertIn("32770.xml:", self.gateway.logged())
        self.read()
        # Nobody registered anew, or left.
        self.assertEqual([h for h in self.server.history if h[0] == "deregister"], [])
        registered = [h[1] for h in self.server.history if h[0] == "register"]
        self.assertEqual(len(registered), len(set(registered)))

    def test_stop_deregisters(self):
        self.server.wait_registered("sim00001")
        self.assertEqual(self.gateway.stop(), 0)
        gone = {e for what, e, _ in self.server.history if what == "deregister"}
        self.assertTrue({"sim00000", "sim00001"} <= gone)

    def test_stop_keeps(self):
        self.gateway.write(servers(self.account % self.server.uri() + ' on_stop = "keep";') + SIM)
        self.gateway.reload()
        self.gateway.wait_log("configuration reloaded")
        self.assertEqual(self.gateway.stop(), 0)
        time.sleep(0.2)  # what would come has come: the daemon is gone
        self.assertEqual([h for h in self.server.history if h[0] == "deregister"], [])

    def test_stop_without_answer(self):
        """De-registration has a limit."""
        self.gateway.write(servers(self.account % self.server.uri()) + SIM +
                           'devices = { stop_timeout = "1s"; };\n')
        self.gateway.reload()
        self.gateway.wait_log("configuration reloaded")
        self.server.incoming = lambda data, address: []
        self.assertEqual(self.gateway.stop(), 0)


if __name__ == "__main__":
    if not has_plugin("sim"):
        print("built without the sim plugin")
        sys.exit(77)
    if not shutil.which("dbus-daemon"):
        print("dbus-daemon is not installed")
        sys.exit(77)
    unittest.main(verbosity=2)
