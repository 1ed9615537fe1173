#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The states of a modem, with the real ModemManager and an emulated one: how they are shown, and what
comes after them."""

import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
# pylint: disable=wrong-import-position
from air import Air  # noqa: E402
import lwm2m_server  # noqa: E402
import mmstage  # noqa: E402
from gateway import wait_for  # noqa: E402
from modemcase import BY_SMS, CONF, SERVER, TRIGGER, Case, lacks  # noqa: E402



class States(Case):
    """What becomes of modem and ModemManager, and how it is shown."""

    def wait_back(self):
        """The client has spoken again, and serves."""
        self.server.wait("Register or Update", lambda: len(self.server.history) > 1)
        self.assertTrue(self.server.devices["gw"].read("/3/0/17").ok)

    def test_modem_manager(self):
        """Not there yet, there, killed, there again; nothing else is disturbed."""
        self.stage.start(manager=False)
        self.start_gateway()
        self.wait_state("absent: ModemManager")
        self.stage.start_manager()
        self.wait_state("absent: ModemManager knows no")
        self.modem = self.stage.plug()
        self.air = Air(self.modem, SERVER, self.server.host, self.server.port)
        self.addCleanup(self.air.close)
        self.server.wait_registered("gw")
        self.wait_state("registered: Test PLMN")
        self.stage.kill_manager()
        self.wait_state("absent: ModemManager does not run")
        self.stage.start_manager()
        self.stage.tell("fm0")
        self.wait_state("registered: Test PLMN")
        self.wait_back()
        self.assertIsNone(self.gateway.process.poll())

    def test_malformed_message_kills_modem_manager(self):
        """1.20 dies of a header that is longer than its message; the daemon does not (1.24: neither)."""
        self.start_modem()
        self.start_gateway()
        device = self.server.wait_registered("gw")
        pdu = "00440B811234567890F0000462117281000000" + "05" + "20" + "FF" * 32
        self.modem.receive_pdu(pdu, len(pdu) // 2 - 1)
        self.modem.wait("it is read", lambda: [s for s in self.modem.storage.values() if s[0]])
        if self.stage.version() < "ModemManager 1.22":
            wait_for("its end", lambda: self.stage.manager.poll() is not None)
            self.wait_state("absent: ModemManager does not run")
            self.modem.storage.clear()
            self.stage.start_manager()
            self.stage.tell("fm0")
            self.wait_state("registered")
            self.wait_back()
        self.wait_state("registered")
        self.assertTrue(device.read("/3/0/17").ok)

    def test_network(self):
        """Roaming, searching, denied, home again."""
        self.start_modem()
        self.start_gateway('hold = "100ms";')
        device = self.server.wait_registered("gw")
        self.modem.set(registration=5)
        self.wait_state("registered, roaming")
        self.assertTrue(device.read("/3/0/17").ok)
        self.modem.set(registration=2)
        self.wait_state("searching")
        self.modem.set(registration=3)
        self.wait_state("denied")
        self.modem.set(registration=1)
        self.wait_state("registered: Test")
        self.assertTrue(device.read("/3/0/17").ok)

    def test_unplug(self):
        """The modem goes and comes back."""
        self.start_modem()
        self.start_gateway()
        self.server.wait_registered("gw")
        self.air.close()
        self.stage.wait_idle()  # 1.20 dies when a modem goes in the middle of something
        self.stage.unplug()
        self.wait_state("absent")
        self.start_modem_again()
        self.wait_state("registered")
        self.server.wait("service", lambda: len(self.server.history) > 1)

    def start_modem_again(self):
        """Another one."""
        self.modem = self.stage.plug("fm1")
        self.air = Air(self.modem, SERVER, self.server.host, self.server.port)
        self.addCleanup(self.air.close)

    def test_no_rights(self):
        """ModemManager, or polkit behind it, does not let us: that is said, and not said in a loop."""
        self.stage.start(rights=False)
        self.modem = self.stage.plug()
        self.start_gateway()
        self.wait_state("disabled: it cannot be enabled")
        self.assertLess(len(self.gateway.logged().splitlines()), 30)

    def test_stuck(self):
        """Stopped, ModemManager keeps its name and says nothing; all else goes on; then it wakes."""
        self.start_modem()
        self.start_gateway('alive = "2s";', '{ uri = "%s"; sms = { number = "%s"; }; }' %
                           (self.server.uri(), SERVER))
        device = self.server.wait_registered("gw")
        self.wait_state("registered: Test PLMN")
        self.stage.manager.send_signal(signal.SIGSTOP)
        self.wait_state("stuck: ModemManager does not answer")
        self.assertTrue(device.read("/3/0/17").ok)
        self.modem.receive(SERVER, TRIGGER)
        self.stage.manager.send_signal(signal.SIGCONT)
        self.wait_state("registered: Test PLMN")
        self.assertEqual(self.gateway.logged().count("modem stuck"), 1)
        self.server.wait("Update by the trigger", lambda: device.updates >= 1)

    @unittest.skipIf(mmstage.lacks_gi(), "python3-gi is not installed")
    def test_refused_messages(self):
        """polkit lets us enable the modem, but send nothing: one line, and a state."""
        self.stage.start(refused=["Messaging"])
        self.modem = self.stage.plug()
        self.start_gateway("", BY_SMS % (SERVER, 'sms = { ack_timeout = "100ms"; };'))
        self.wait_state("registered: Test PLMN")
        wait_for("several attempts", lambda: self.counter("sms.failed") > 2)
        sms = next(p for p in self.gateway.ctl("modem")["parts"] if p["part"] == "sms")
        self.assertFalse(sms["ok"])
        self.assertIn("not sent: ", sms["text"])
        self.assertIn("Unauthorized", sms["text"])
        self.assertEqual(self.gateway.logged().count("message not sent"), 1)
        self.assertEqual(self.modem.sent, [])

    def test_pin(self):
        """The right one unlocks; where it stands is the configuration's secret."""
        self.start_modem(pin="4321")
        secret = os.path.join(self.stage.dir, "pin")
        with open(secret, "w", encoding="ascii") as f:
            f.write("4321\n")
        self.start_gateway('pin = "file:%s";' % secret)
        self.server.wait_registered("gw")
        self.assertEqual(self.modem.pins, ["4321"])
        modem = self.gateway.ctl("modem")
        self.assertEqual(modem["parts"][0]["part"], "sms")
        self.assertGreater(modem["counters"]["sms.sent"], 0)
        self.assertNotIn("4321", self.gateway.logged())

    def test_no_pin(self):
        """A lock without a key is told of."""
        self.start_modem(pin="4321")
        self.start_gateway()
        self.wait_state("locked: the SIM wants a PIN, and none is configured")
        self.assertEqual(self.modem.pins, [])

    def test_reload(self):
        """Another PIN is tried at once; other limits hold from now on; nothing begins anew."""
        self.start_modem(pin="4321")
        self.start_gateway('pin = "1111";')
        self.wait_state("locked: the SIM refused the configured PIN")
        servers = BY_SMS % (SERVER, "")
        self.gateway.write(CONF % ('pin = "4321";', servers))
        self.gateway.reload()
        self.server.wait_registered("gw")
        self.gateway.write(CONF % ('pin = "4321"; per_day = 77;', servers))
        self.gateway.reload()
        wait_for("new limit", lambda: any("limit 77" in p["text"] for p in
                                          self.gateway.ctl("modem")["parts"]))
        self.assertNotIn("modem stopped", self.gateway.logged())
        self.assertEqual([h[0] for h in self.server.history], ["register"])

    def test_wrong_pin(self):
        """It is tried once, whatever happens to ModemManager and the modem; another one never as the
        last."""
        self.start_modem(pin="4321")
        self.start_gateway('pin = "1111";')
        self.wait_state("locked: the SIM refused the configured PIN")
        self.assertIn("modem-pin", [a["name"] for a in self.gateway.ctl("status")["alarms"]])
        self.stage.kill_manager()
        self.wait_state("absent")
        self.stage.start_manager()
        self.stage.tell("fm0")
        self.wait_state("locked: the SIM refused the configured PIN")
        self.assertEqual(self.modem.pins, ["1111"])
        self.stage.unplug_quietly("fm0")
        self.wait_state("absent")
        self.stage.tell("fm0")
        self.wait_state("locked: the SIM refused the configured PIN")
        self.assertEqual(self.modem.pins, ["1111"])
        for pin, text in (("2222", "refused the configured PIN"), ("4321", "allows one more PIN")):
            self.gateway.write(CONF % ('pin = "%s";' % pin, BY_SMS % (SERVER, "")))
            self.gateway.reload()
            self.wait_state("locked: the SIM " + text)
        self.assertEqual(self.modem.pins, ["1111", "2222"])


class Network(Case):
    """What servers see of the mobile network, in objects of the gateway's own client."""

    def test_objects(self):
        """Bearer, signal, cell and counters are live; error codes come and go."""
        self.start_modem()
        self.gateway_conf = CONF.replace('"gw";', '"gw"; interface = "modem";')
        self.start_gateway(servers='{ uri = "%s"; sms = { number = "%s"; }; }' %
                           (self.server.uri(), SERVER))
        device = self.server.wait_registered("gw")

        def is_(path, value):
            wait_for("%s = %r" % (path, value),
                     lambda: device.read(path, lwm2m_server.TEXT).value() == value)

        is_("/4/0/0", 6)
        is_("/4/0/8", 0x1B2C3)
        is_("/4/0/9", 1)
        is_("/4/0/10", 1)
        is_("/4/0/12", 0xA1)
        wait_for("RSRP", lambda: -92 <= float(device.read("/4/0/2").value()) <= -89)
        observation = device.observe("/4/0/8")
        self.modem.set(cell="00000042", tac="0007")
        observation.wait(lambda a: a.value() == 0x42)
        is_("/4/0/12", 7)
        self.modem.set(technology=2)
        is_("/4/0/0", 2)
        before = device.read("/7/0/1").value()
        self.modem.fail_send = 1
        self.modem.receive(SERVER, TRIGGER)
        is_("/7/0/1", before + 1)
        is_("/3/0/11/0", 6)
        self.modem.receive(SERVER, TRIGGER.replace(b"\x0b", b"\x0c"))
        is_("/3/0/11/0", 0)
        is_("/7/0/0", 1)
        self.modem.set(registration=3)
        wait_for("no cell", lambda: not device.read("/4/0/8").ok)


    def test_weak_signal(self):
        """Error code 4, until the signal is a good one."""
        self.stage.start()
        self.modem = self.stage.plug(rsrp=15)  # -126 dBm
        self.start_gateway(servers='{ uri = "%s"; }' % self.server.uri())
        device = self.server.wait_registered("gw")
        observation = device.observe("/3/0/11")
        wait_for("error 4", lambda: device.read("/3/0/11/0").value() == 4)
        self.modem.set(rsrp=50)
        wait_for("no error", lambda: device.read("/3/0/11/0").value() == 0)
        observation.wait(lambda a: a.ok)


if __name__ == "__main__":
    if lacks():
        print(lacks())
        sys.exit(77)
    unittest.main(verbosity=2)
