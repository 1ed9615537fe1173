#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""SIMs that are not there, locked, or used up, with the real ModemManager and an emulated modem: what is
shown, what is never tried, and what comes after."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
# pylint: disable=wrong-import-position
from gateway import wait_for  # noqa: E402
import lwm2m_server  # noqa: E402
import mmstage  # noqa: E402
from modemcase import Case, lacks  # noqa: E402

REFUSED = "locked: the SIM refused the configured PIN"


class Card(Case):
    """The server is reached by IP; the modem's state is looked at."""

    def begin(self, options="", refused=None, **modem):
        """ModemManager, a modem that is like this from the begin, daemon."""
        self.stage.start(refused=refused)
        self.modem = self.stage.plug(pin=modem.pop("pin", None), setup=modem)
        self.start_gateway(options, '{ uri = "%s"; }' % self.server.uri())
        return self.server.wait_registered("gw")

    def error(self, device, code):
        """/3/0/11 becomes this."""
        wait_for("error %d" % code,
                 lambda: device.read("/3/0/11/0", lwm2m_server.TEXT).value() == code)

    def unlock(self, method, *codes):
        """Somebody else tries a PIN, or a PUK with another one."""
        modem = json.loads(self.stage.run("mmcli", "-m", "any", "-J"))["modem"]
        self.stage.run("gdbus", "call", "--session", "-d", mmstage.NAME, "-o",
                       modem["generic"]["sim"], "-m", mmstage.NAME + ".Sim." + method, *codes)

    @unittest.skipIf(mmstage.lacks_gi(), "python3-gi is not installed")
    def test_no_sim(self):
        """It is said once, an error code stands; ModemManager is made to look until there is one."""
        device = self.begin('sim_retry = "300ms";', refused=[], sim=False)
        self.wait_state("no SIM: the modem finds none")
        self.assertFalse(self.gateway.ctl("modem")["parts"][-1]["ok"])
        self.error(device, 6)
        wait_for("three looks", lambda: len(
            [line for line in self.modem.log if line.endswith("-> AT+CGSN")]) > 3)
        self.assertTrue(self.state().startswith("no SIM"), self.state())
        self.modem.set(sim=True)
        self.wait_state("registered: Test PLMN")
        self.error(device, 0)
        self.assertEqual(self.gateway.logged().count("modem no SIM"), 1)
        self.assertNotIn("absent: the modem was removed", self.gateway.logged())

    @unittest.skipIf(mmstage.lacks_gi(), "python3-gi is not installed")
    def test_taken_out(self):
        """While it is in use: found soon after the network is lost. Then another one is put in."""
        device = self.begin('sim_retry = "300ms";', refused=[])
        self.wait_state("registered: Test PLMN")
        self.modem.set(sim=False, registration=0)
        self.wait_state("no SIM")
        self.error(device, 6)
        self.modem.set(sim=True, registration=1, iccid="89490200001234560000")
        self.wait_state("registered: Test PLMN")
        self.error(device, 0)

    def test_coverage(self):
        """The network is lost, and the SIM is not: one scan of the modem shows that, and no other."""
        self.begin('sim_retry = "100ms";')
        self.wait_state("registered: Test PLMN")
        self.modem.set(registration=2)
        wait_for("one scan", lambda: self.counter("scans") == 1)
        self.wait_state("searching")
        self.modem.set(registration=1)
        self.wait_state("registered: Test PLMN")
        self.assertEqual(self.counter("scans"), 1)

    def test_nobody_may_look(self):
        """ModemManager does not let us: that is said once, and a new modem is taken as always."""
        self.begin('sim_retry = "100ms";', sim=False)
        self.wait_state("no SIM")
        self.gateway.wait_log("cannot be made to look at the SIM again", 3)
        self.assertEqual(self.gateway.logged().count("warning: plugin/modem: ModemManager cannot"), 1)
        self.stage.unplug_quietly("fm0")
        self.wait_state("absent")
        self.modem.set(sim=True)
        self.stage.tell("fm0")
        self.wait_state("registered")

    def test_puk(self):
        """Locked by wrong PINs of others; whoever has the PUK unlocks it, and all goes on."""
        device = self.begin('pin = "4321";', pin="4321", tries=0)
        self.wait_state("locked: the PIN was wrong too often, the SIM wants its PUK (10 more")
        self.error(device, 6)
        self.assertEqual(self.modem.pins, [])
        self.unlock("SendPuk", "12345678", "1234")
        self.wait_state("registered: Test PLMN")
        self.error(device, 0)
        self.assertEqual(self.modem.pins, [])

    @unittest.skipIf(mmstage.lacks_gi(), "python3-gi is not installed")
    def test_not_allowed(self):
        """polkit does not let us: the SIM was not asked, and may be once that is mended."""
        self.begin('pin = "4321";', refused=["Device.Control"], pin="4321")
        self.wait_state("locked: ModemManager does not let us unlock the SIM")
        self.assertEqual(self.modem.pins, [])
        self.assertNotIn("PIN refused", self.gateway.logged())
        self.stage.kill_manager()
        self.stage.flags = mmstage.TEST_FLAGS
        self.stage.start_manager()
        self.stage.tell("fm0")
        self.wait_state("registered: Test PLMN")
        self.assertEqual(self.modem.pins, ["4321"])

    def test_dead(self):
        """No PUK is left."""
        self.begin(pin="4321", tries=0, puk_tries=0)
        self.wait_state("locked for good")

    def test_used_up(self):
        """Others use up what attempts there are, the last ones while we look on."""
        self.begin('pin = "1111";', pin="4321")
        self.wait_state(REFUSED)
        for _ in range(2):
            with self.assertRaises(AssertionError):
                self.unlock("SendPin", "9999")
        self.wait_state("locked: the PIN was wrong too often")
        self.assertEqual(self.modem.pins, ["1111", "9999", "9999"])

    def test_unlocked_elsewhere(self):
        """A PIN that was wrong once is tried again when the SIM has been unlocked since."""
        self.begin('pin = "1111";', pin="4321")
        self.wait_state(REFUSED)
        self.stage.unplug_quietly("fm0")
        self.wait_state("absent")
        self.modem.set(pin="1111", tries=3)  # in a telephone
        self.stage.tell("fm0")
        self.wait_state("registered: Test PLMN")
        self.assertEqual(self.modem.pins, ["1111", "1111"])

    def test_untold(self):
        """A SIM that does not tell how often it may be wrong yet: one wrong PIN, whatever happens to
        the daemon, to ModemManager and to the modem; the right one of somebody else ends it."""
        self.begin('pin = "1111";', pin="4321", tells_tries=False)
        self.wait_state(REFUSED)
        self.gateway.kill()
        self.gateway.start()
        self.wait_state(REFUSED)
        self.stage.unplug_quietly("fm0")
        self.wait_state("absent")
        self.stage.tell("fm0")
        self.wait_state(REFUSED)
        self.assertEqual(self.modem.pins, ["1111"])
        self.unlock("SendPin", "4321")
        self.wait_state("registered: Test PLMN")
        self.assertEqual(self.modem.pins, ["1111", "4321"])

    def test_another_sim(self):
        """A wrong PIN is wrong for its SIM; another one may like it."""
        self.begin('pin = "1111";', pin="4321", tells_tries=False)
        self.wait_state(REFUSED)
        self.stage.unplug_quietly("fm0")
        self.wait_state("absent")
        self.modem.set(pin="1111", iccid="89490200001234560000")
        self.stage.tell("fm0")
        self.wait_state("registered: Test PLMN")


if __name__ == "__main__":
    if lacks():
        print(lacks())
        sys.exit(77)
    unittest.main(verbosity=2)
