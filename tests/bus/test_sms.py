#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""LwM2M by SMS: the real daemon, the real ModemManager with an emulated modem, and a scripted server at
the other end of the air."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
# pylint: disable=wrong-import-position
import lwm2m_server  # noqa: E402
from gateway import wait_for  # noqa: E402
import sms_pdu  # noqa: E402
from modemcase import BY_SMS, CONF, SERVER, Case, lacks  # noqa: E402


class Sms(Case):
    """Registration, operations, observations; what a carrier has to deal with."""

    def test_operations(self):
        """Register, read, write, observe; each message of ours is one SMS of 8-bit data."""
        self.start_modem()
        self.start_gateway()
        device = self.server.wait_registered("gw")
        self.assertEqual(device.binding, "S")
        self.assertEqual(device.query["sms"], self.modem.number)
        self.assertEqual(device.read("/3/0/17").text(), "gateway")
        self.assertEqual(device.write("/1/0/1", "7200").code, lwm2m_server.CHANGED)
        self.server.wait("Update", lambda: device.lifetime == 7200)
        observation = device.observe("/1/0/1")
        self.assertEqual(observation.first.value(), 7200)
        device.write("/1/0/1", "7300")
        observation.wait(lambda a: a.value() == 7300)
        whole = device.read("/3/0", lwm2m_server.TLV)  # over 140 octets: with Block2, though nobody asked
        self.assertTrue(whole.ok)
        self.assertIn("/3/0/17", whole.values())
        self.assertEqual([s.data for s in self.modem.submits if s.concat()], [])
        self.assertTrue(all(s.dcs & 0x0c == 4 for s in self.modem.submits))
        self.wait_empty()
        self.assertEqual(self.gateway.stop(), 0)
        self.assertEqual(self.server.history[-1][0], "deregister")

    def test_parts(self):
        """Long messages in both directions go in parts, in whatever order they come."""
        self.start_modem()
        name = "gw-" + "x" * 150
        self.gateway_conf = CONF.replace('"gw"', '"%s"' % name)
        self.start_gateway()
        device = self.server.wait_registered(name)
        self.assertTrue(any(s.concat() for s in self.modem.submits))
        long = "Amsterdam " * 30
        modem, receive = self.modem, self.modem.receive
        modem.receive = lambda number, data: receive(
            number, data, order=range(2, -1, -1) if len(data) > 268 else None)
        self.assertEqual(device.write("/3/0/15", long).code, lwm2m_server.CHANGED)
        self.assertEqual(device.read("/3/0/15").text(), long)
        self.wait_empty()

    def test_strangers(self):
        """They are not answered, and what they send is deleted; so is text of anybody."""
        self.start_modem()
        self.start_gateway()
        self.server.wait_registered("gw")
        self.gateway.wait_log("registered at server")  # by the answer, the last message for now
        self.wait_empty()
        sent = len(self.modem.submits)
        get = lwm2m_server.Message(lwm2m_server.CON, 1, 5, b"t")
        self.modem.receive("+4900", get.encode())
        self.modem.receive("+4900", bytes(200))
        self.modem.receive(SERVER, b"hello", dcs=0)
        self.modem.receive("+4900", b"")
        self.wait_empty()
        wait_for("count", lambda: self.counter("sms.foreign") >= 2)
        wait_for("count", lambda: self.counter("sms.text") >= 1)
        self.assertEqual(len(self.modem.submits), sent)

    def test_crash(self):
        """What came while the daemon was not there is dealt with and deleted."""
        self.start_modem()
        self.start_gateway()
        self.server.wait_registered("gw")
        self.gateway.process.kill()
        self.gateway.process.wait()
        for n in range(4):
            self.modem.receive(SERVER if n % 2 else "+4900", b"\x40\x01\x00" + bytes([n]))
        self.gateway.start()
        self.wait_empty()
        self.server.wait("Register or Update", lambda: len(self.server.history) > 1)

    def test_missed(self):
        """ModemManager misses messages that come too fast: a scan finds them."""
        self.start_modem()
        self.start_gateway('scan = "1s";')
        device = self.server.wait_registered("gw")
        self.wait_empty()
        trigger = lwm2m_server.Message(lwm2m_server.NON, lwm2m_server.POST, 9, b"m")
        for part in ("1", "0", "8"):
            trigger.add(lwm2m_server.URI_PATH, part)
        self.modem.store_silently(SERVER, trigger.encode())
        self.server.wait("Update by a missed trigger", lambda: device.updates)
        self.wait_empty()

    def test_incomplete(self):
        """A part that never comes does not stay for ever, nor does it hold up others."""
        self.start_modem()
        self.start_gateway('incomplete_after = "3s";')
        device = self.server.wait_registered("gw")
        self.modem.receive(SERVER, bytes(200), drop=(1,))
        self.assertTrue(device.read("/3/0/17").ok)
        self.wait_empty()
        self.assertEqual(self.counter("sms.incomplete"), 1)

    def test_budget(self):
        """No more than may be spent, and somebody is told."""
        self.start_modem()
        self.start_gateway("per_hour = 8;", BY_SMS % (
            SERVER, 'sms = { ack_timeout = "5s"; };'))
        device = self.server.wait_registered("gw")

        def spent():
            try:
                device.request(lwm2m_server.GET, "/3/0/17", timeout=2)
            except lwm2m_server.Failed:  # of impatience, or because nothing may be sent
                return self.counter("sms.over_budget") > 0
            return False

        wait_for("over the budget", spent)
        self.assertLessEqual(len(self.modem.submits), 8)
        self.assertEqual([a["name"] for a in self.gateway.ctl("status")["alarms"]], ["sms-budget"])
        # What is spent is spent, also after the daemon was killed.
        sent = len(self.modem.submits)
        self.gateway.process.kill()
        self.gateway.process.wait()
        self.gateway.start()
        wait_for("over the budget at once", lambda: self.counter("sms.over_budget") > 0)
        self.assertEqual(len(self.modem.submits), sent)
        self.assertEqual([a["name"] for a in self.gateway.ctl("status")["alarms"]], ["sms-budget"])

    def test_failures(self):
        """The network refuses a message: it is retransmitted, as CoAP does."""
        self.start_modem()
        self.modem.fail_send = 2
        self.start_gateway("", BY_SMS % (SERVER, 'sms = { ack_timeout = "1s"; };'))
        self.server.wait_registered("gw")
        self.assertEqual(self.counter("sms.failed"), 2)
        self.wait_empty()


BESIDE = """{ uri = "%s"; lifetime = "1h"; binding = "%s"; retry_min = "1h"; retry_max = "1h";
	sms = { number = "%s"; %s }; }"""


def trigger(mid, path="1/0/8", kind=lwm2m_server.CON):
    """POST to a resource, as bytes."""
    msg = lwm2m_server.Message(kind, lwm2m_server.POST, mid, b"trig")
    for part in path.split("/"):
        msg.add(lwm2m_server.URI_PATH, part)
    return msg.encode()


def push(message):
    """As the specification's example: WSP headers before it."""
    return bytes.fromhex("010603c4af9a") + message


class Beside(Case):
    """A server that is reached over IP, and by SMS."""

    def start(self, binding="U", options="", servers=None):
        """Everything; returns the device once it is registered."""
        self.start_modem()
        self.start_gateway("", servers or
                           BESIDE % (self.server.uri(), binding, SERVER, options))
        self.gateway.wait_log("modem registered: Test")
        device = self.server.wait_registered("gw")
        # Without another network object 4 comes with the modem, and is told by an Update.
        self.server.wait("object 4", lambda: "/4/0" in device.links)
        self.before = device.updates
        return device

    def by_sms(self, data, header=b""):
        """The server sends."""
        self.modem.receive(SERVER, data, header)

    def nothing_by_sms(self):
        """What was sent is read, and nobody answered."""
        self.wait_empty()
        self.gateway.counter("coap.malformed")  # it is past its queue
        self.assertEqual(self.modem.sent, [])

    def test_trigger(self):
        """As plain CoAP: answered by SMS, and an Update over IP."""
        device = self.start()
        self.by_sms(trigger(1))
        self.server.wait("Update", lambda: device.updates > self.before)
        self.modem.wait("answer", lambda: self.modem.sent)
        answer = lwm2m_server.Message.decode(self.modem.sent[0][1])
        self.assertEqual((answer.kind, answer.code, answer.mid),
                         (lwm2m_server.ACK, lwm2m_server.CHANGED, 1))
        self.by_sms(trigger(2, kind=lwm2m_server.NON))
        self.server.wait("Update", lambda: device.updates > self.before + 1)
        self.assertEqual(len(self.modem.sent), 1)

    def test_trigger_as_push(self):
        """The specification's example, to port 2948: an Update, and no answer by SMS."""
        device = self.start()
        self.by_sms(push(bytes.fromhex("4402b60b2161fb63b13101300138")), sms_pdu.PORT_PUSH)
        self.server.wait("Update", lambda: device.updates > self.before)
        self.by_sms(push(trigger(7, "3/0/4")))
        self.by_sms(push(trigger(8, "1/1/8")))
        self.by_sms(push(b"\x40"))
        self.nothing_by_sms()
        self.assertEqual(device.updates, self.before + 1)

    def test_trigger_not_wanted(self):
        """/1/x/21 false silences both forms; a server may change it."""
        device = self.start(options="trigger = false;")
        self.assertEqual(device.read("/1/0/21").value(), 0)
        self.by_sms(trigger(1))
        self.by_sms(push(trigger(2)))
        self.nothing_by_sms()
        self.assertEqual(device.updates, self.before)
        self.assertEqual(device.write("/1/0/21", "1").code, lwm2m_server.CHANGED)
        self.by_sms(push(trigger(3)))
        self.server.wait("Update", lambda: device.updates > self.before)

    def test_trigger_without_registration(self):
        """It does not wait for the end of a pause."""
        self.server.register_code = 0x83
        self.start_modem()
        self.start_gateway("", BESIDE % (self.server.uri(), "U", SERVER, ""))
        self.gateway.wait_log("registration failed: 4.03")
        self.gateway.wait_log("modem registered: Test")
        self.server.register_code = lwm2m_server.CREATED
        self.by_sms(push(trigger(1)))
        self.server.wait_registered("gw")

    def test_bootstrap_trigger(self):
        """Somebody is told."""
        self.start()
        self.by_sms(push(trigger(1, "1/0/9")))
        wait_for("alarm", lambda: "bootstrap-trigger" in [
            a["name"] for a in self.gateway.ctl("status")["alarms"]])

    def test_nothing_but_triggers(self):
        """Without S in the binding nothing else is served by SMS."""
        self.start()
        self.by_sms(lwm2m_server.Message(lwm2m_server.CON, 1, 3, b"x", [(11, b"3")]).encode())
        self.nothing_by_sms()

    def test_both_ways(self):
        """US: an answer leaves over the binding of its request; /1/x/7 switches."""
        device = self.start("US")
        self.assertEqual(device.binding, "US")
        self.server.wait("sms=", lambda: any(h[2].get("sms") == self.modem.number
                                             for h in self.server.history))
        over_ip, over_sms = device.address, self.air.socket.getsockname()
        self.assertTrue(device.read("/3/0/17").ok)
        self.assertEqual(self.modem.sent, [])
        device.address = over_sms
        self.assertEqual(device.read("/3/0/17").text(), "gateway")
        self.assertEqual(len(self.modem.sent), 1)
        for wrong in ("USQ", "UQSQ", "Q"):
            self.assertEqual(device.write("/1/0/7", wrong).code, lwm2m_server.BAD_REQUEST)
        device.address = over_ip
        self.assertEqual(device.write("/1/0/7", "S").code, lwm2m_server.CHANGED)
        self.server.wait("Update by SMS", lambda: device.address == over_sms)
        event, _, query = self.server.history[-1]
        self.assertEqual((event, query["b"], query["sms"]), ("update", "S", self.modem.number))
        self.assertEqual(device.write("/1/0/7", "US").code, lwm2m_server.CHANGED)
        self.server.wait("Update over IP", lambda: device.address == over_ip)

    def test_one_number_for_all(self):
        """Three clients, one number; requests go to the one that is named."""
        self.start_modem()
        self.gateway_conf = CONF.replace("modem = {", 'sim = { devices = 2; }; modem = {')
        self.start_gateway("", BY_SMS.replace('for = "gateway";', "") % (SERVER, ""))
        for name in ("gw", "sim00000", "sim00001"):
            self.server.wait_registered(name)
        self.assertEqual(self.server.devices["sim00001"].read("/3/0/17").text(), "gateway")
        self.gateway.wait_log("registered at server", 3)  # the answers arrived, too
        self.assertEqual(self.gateway.stop(), 0)
        self.assertEqual([h[0] for h in self.server.history].count("deregister"), 3)

    def test_named_client(self):
        """for = ENDPOINT: that one registers, and gets the requests."""
        self.start_modem()
        self.gateway_conf = CONF.replace("modem = {", 'sim = { devices = 2; }; modem = {')
        self.start_gateway("", BY_SMS.replace('"gateway"', '"sim00001"') % (SERVER, ""))
        device = self.server.wait_registered("sim00001")
        self.assertTrue(device.read("/3303/0/5700").ok)
        self.assertEqual(list(self.server.devices), ["sim00001"])


if __name__ == "__main__":
    if lacks():
        print(lacks())
        sys.exit(77)
    unittest.main(verbosity=2)
