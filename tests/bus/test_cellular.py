#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Objects 10 (Cellular Connectivity) and 13 (Bearer Selection) of the gateway's client, with the real
ModemManager and an emulated modem."""

import contextlib
import os
import sqlite3
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
# pylint: disable=wrong-import-position
import lwm2m_server  # noqa: E402
from gateway import wait_for  # noqa: E402
from modemcase import SERVER, Case, lacks  # noqa: E402

TRIGGER = bytes.fromhex("4402b60b2161fb63b13101300138")  # POST /1/0/8


class Cellular(Case):
    """The server is reached by IP."""

    def begin(self, options="", **modem):
        """Modem, daemon, server."""
        self.start_modem(plugin="telit", **modem)  # which can switch radio and technologies
        self.start_gateway(options, '{ uri = "%s"; on_stop = "keep"; sms = { number = "%s"; }; }' %
                           (self.server.uri(), SERVER))
        self.wait_state("registered: Test PLMN")
        return self.server.wait_registered("gw")

    def is_(self, device, path, value):
        """A resource becomes this; None: it is not there; bytes: as they are."""
        def now():
            answer = device.read(path, lwm2m_server.TEXT)
            if value is None or not answer.ok:
                return value is None and not answer.ok
            return value == (answer.payload if isinstance(value, bytes) else answer.value())
        wait_for("%s = %r" % (path, value), now)

    def again(self):
        """The daemon dies, and is there again."""
        self.gateway.process.kill()
        self.gateway.process.wait()
        updates = self.server.devices["gw"].updates
        self.gateway.start()
        self.server.wait("Update", lambda: self.server.devices["gw"].updates > updates)

    def test_service_centre(self):
        """That of the last message; a server's own is used for what is sent, also after a crash."""
        device = self.begin()
        self.is_(device, "/10/0/0", None)
        self.modem.receive(SERVER, TRIGGER)
        self.is_(device, "/10/0/0", b"+491710760000")
        self.modem.wait("an answer", lambda: self.modem.submits)
        self.assertEqual(self.modem.submits[0].smsc, "")
        for bad in ("12", "+49 171", "x" * 5, "1" * 21):
            self.assertEqual(device.write("/10/0/0", bad).code, 0x80, bad)
        self.assertTrue(device.write("/10/0/0", "+49123456").ok)
        self.again()
        self.wait_state("registered: Test PLMN")
        sent = len(self.modem.submits)
        self.modem.receive(SERVER, TRIGGER.replace(b"\x0b", b"\x0c"))
        self.modem.wait("an answer", lambda: len(self.modem.submits) > sent)
        self.assertEqual(self.modem.submits[sent].smsc, "49123456")
        self.is_(device, "/10/0/0", b"+49123456")

    def test_radio_off(self):
        """A server switches the radio off; it stays off over a crash, until the server wants it on."""
        device = self.begin()
        self.is_(device, "/10/0/1", 0)
        self.assertEqual(device.write("/10/0/1", "65536").code, 0x80)
        self.assertTrue(device.write("/10/0/1", "7").ok)
        self.wait_state("off: a server wants no radio until 2")
        self.modem.wait("radio off", lambda: self.modem.cfun == 4)
        self.is_(device, "/10/0/1", 7)
        self.again()
        self.wait_state("off: a server wants no radio until 2")
        self.is_(device, "/10/0/1", 7)
        self.assertEqual(self.modem.cfun, 4)
        self.assertTrue(device.write("/10/0/1", "0").ok)
        self.wait_state("registered: Test PLMN")
        self.assertEqual(self.modem.cfun, 1)
        self.again()
        self.wait_state("registered: Test PLMN")

    def test_radio_guard(self):
        """The time is over while the daemon is away: on again."""
        device = self.begin()
        self.assertTrue(device.write("/10/0/1", "1").ok)
        self.modem.wait("radio off", lambda: self.modem.cfun == 4)
        self.gateway.process.kill()
        self.gateway.process.wait()
        with contextlib.closing(sqlite3.connect(os.path.join(self.gateway.dir, "store.db"))) as db:
            value, = db.execute("SELECT value FROM fact WHERE key = ?", (b"radio",)).fetchone()
            until, period = struct.unpack("=qq", value)
            self.assertEqual(period, 60000)
            self.assertLess(abs(until / 1000 - time.time() - 60), 60)
            db.execute("UPDATE fact SET value = ? WHERE key = ?",
                       (struct.pack("=qq", until - period, period), b"radio"))
            db.commit()
        self.gateway.start()
        self.wait_state("registered: Test PLMN")
        self.assertEqual(self.modem.cfun, 1)
        self.is_(device, "/10/0/1", 0)

    def test_technologies(self):
        """What the modem can be told, and what not; after a crash, and for another modem."""
        device = self.begin()
        self.is_(device, "/13/0/0/0", 4)
        self.is_(device, "/13/0/0/1", 3)
        self.assertEqual(self.modem.modes, 31)
        self.assertEqual(device.write("/13/0/0/0", "7").code, 0x80)  # WLAN
        self.assertEqual(device.write("/13/0/0/5", "2").code, 0x80)  # the modem has no GSM
        body = lwm2m_server.tlv_encode([(lwm2m_server.MULTIPLE, 0,
                                         [(lwm2m_server.RESOURCE_INSTANCE, 0, b"\4")])])
        written = device.request(lwm2m_server.PUT, "/13/0/0", body, lwm2m_server.TLV)
        self.assertEqual(written.code, 0x44, written)
        self.assertEqual(self.modem.modes, 28)
        self.is_(device, "/13/0/0/0", 4)
        self.is_(device, "/13/0/0/1", None)
        self.again()
        self.wait_state("registered: Test PLMN")
        self.is_(device, "/13/0/0/0", 4)
        self.stage.wait_idle()
        self.air.close()
        self.stage.unplug()
        self.wait_state("absent")
        self.assertEqual(device.write("/13/0/0/0", "0").code, 0xa3)
        self.modem = self.stage.plug("fm1", plugin="telit")
        self.modem.wait("LTE alone", lambda: self.modem.modes == 28)
        self.wait_state("registered: Test PLMN")
        self.assertTrue(device.write("/13/0/0/0", "0").ok)
        self.assertEqual(self.modem.modes, 31)

    def test_networks(self):
        """A list of operators in order, preferred or the only ones; a scan when it is read."""
        device = self.begin()
        self.is_(device, "/13/0/6", "")
        self.is_(device, "/13/0/7", False)
        self.assertEqual(self.modem.scans, 0)
        self.assertTrue(device.read("/13/0").ok)
        self.assertEqual(self.modem.scans, 0)
        self.is_(device, "/13/0/8", "00101,26201")
        self.assertEqual(self.modem.scans, 1)
        for bad in ("2620", "26201,", ",26201", "26201;26202", "1" * 7, ",".join(["26201"] * 17)):
            self.assertEqual(device.write("/13/0/6", bad).code, 0x80, bad)
        self.assertTrue(device.write("/13/0/6", "99999,26201").ok)
        self.wait_state("registered: Other PLMN")
        self.assertEqual(self.modem.chosen, "26201")
        self.again()
        self.is_(device, "/13/0/6", "99999,26201")
        self.assertTrue(device.write("/13/0/6", "").ok)
        self.modem.wait("any network", lambda: self.modem.chosen == "")
        # Only these, and there are none.
        self.assertTrue(device.write("/13/0/7", "1").ok)
        self.assertTrue(device.write("/13/0/6", "99999").ok)
        self.gateway.wait_log("none of the allowed networks can be used: 99999")


if __name__ == "__main__":
    if lacks():
        print(lacks())
        sys.exit(77)
    unittest.main(verbosity=2)
