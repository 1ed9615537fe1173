#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Data connections of the modem, with the real ModemManager and an emulated modem: kept up, lost,
refused, forbidden, and as object 11 of the gateway's client."""

import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
# pylint: disable=wrong-import-position
from gateway import wait_for  # noqa: E402
import lwm2m_server  # noqa: E402
from modemcase import CONF, SERVER, TRIGGER, Case, lacks  # noqa: E402

ALWAYS = 'connect = "always"; apn = "internet"; user = "me"; password = "hush"; auth = "pap";'
SECOND = lwm2m_server.tlv_encode([(lwm2m_server.RESOURCE, 0, b"second"),
                                  (lwm2m_server.RESOURCE, 1, b"iot"),
                                  (lwm2m_server.RESOURCE, 3, b"\1"),
                                  (lwm2m_server.RESOURCE, 4, b"\3")])


class Data(Case):
    """The server is reached by IP: what the modem carries is only looked at."""

    def begin(self, options=ALWAYS, **modem):
        """Modem with a port for data and one for commands, daemon, server."""
        self.start_modem(ports=2, **modem)
        self.gateway_conf = CONF.replace('"gw";', '"gw"; interface = "modem";')
        self.start_gateway(options, '{ uri = "%s"; sms = { number = "%s"; }; }' %
                           (self.server.uri(), SERVER))
        return self.server.wait_registered("gw")

    def data(self):
        """What lwm2mctl says of it."""
        status = self.gateway.ctl("status")
        return next((p["text"] for p in status["parts"] if p["part"] == "data"), "") \
            if status else ""

    def wait_data(self, begin):
        """Until it begins so."""
        wait_for("data " + begin, lambda: self.data().startswith(begin))

    def dialled(self, times):
        """So many calls for packet data."""
        self.modem.wait("%d calls" % times, lambda: len(self.modem.dials) >= times)

    def is_(self, device, path, value):
        """A resource becomes this; None: it is not there."""
        def now():
            answer = device.read(path, lwm2m_server.TEXT)
            return not answer.ok if value is None else answer.ok and answer.value() == value
        wait_for("%s = %r" % (path, value), now)

    def test_kept_up(self):
        """Connected, and again after somebody disconnected it; what is told of it."""
        device = self.begin()
        self.wait_data("default: connected (")
        self.assertTrue(self.state().startswith("connected"), self.state())
        for path, value in (("/11/0/0", "default"), ("/11/0/1", "internet"), ("/11/0/2", 0),
                            ("/11/0/3", 1), ("/11/0/4", 0), ("/11/0/5", "me"), ("/11/0/24", 1),
                            ("/11/0/10/0", 0), ("/10/0/11/0", "11:0"), ("/4/0/7/0", "internet"),
                            ("/3/0/11/0", 0), ("/11/0/6", None), ("/11/0/11", None)):
            self.is_(device, path, value)
        began = device.read("/11/0/9/0").value()
        self.assertLess(abs(began - time.time()), 3600)
        self.assertFalse(device.read("/11/0/12/0").ok)
        self.stage.run("mmcli", "-b", "0", "-x")
        self.dialled(2)
        self.wait_data("default: connected (")
        self.is_(device, "/11/0/10/1", 0)
        self.assertGreaterEqual(device.read("/11/0/12/0").value(), began)
        self.assertGreaterEqual(device.read("/11/0/9/1").value(), began)
        self.assertEqual(self.modem.dials, ["internet", "internet"])
        self.assertNotIn("hush", self.gateway.logged())

    def test_refused(self):
        """The network says no, and why; it is tried again, as the schedule of a server says."""
        self.start_modem(ports=2)
        self.modem.fail_dial = ["+CME ERROR: 133", "NO CARRIER"]
        self.start_gateway(ALWAYS, '{ uri = "%s"; }' % self.server.uri())
        device = self.server.wait_registered("gw")
        self.dialled(1)
        self.is_(device, "/11/0/11/0", 33)
        self.is_(device, "/11/0/10/0", 1)
        self.assertTrue(device.write("/11/0/7", "0,0,600").ok)
        self.dialled(3)
        self.wait_data("default: connected (")
        self.is_(device, "/11/0/10/1", 1)
        self.is_(device, "/11/0/11/1", None)
        self.is_(device, "/11/0/10/2", 0)
        self.assertEqual(self.gateway.logged().count("data connection default: not connected"), 2)

    def test_error_seven(self):
        """It is wanted, and there is no modem at all; then it is not wanted any more."""
        self.stage.start()
        self.start_gateway(ALWAYS, '{ uri = "%s"; }' % self.server.uri())
        device = self.server.wait_registered("gw")
        self.is_(device, "/3/0/11/0", 7)
        self.is_(device, "/10/0/11/0", None)
        self.assertTrue(device.write("/11/0/3", "0").ok)
        self.is_(device, "/3/0/11/0", 0)

    def test_roaming(self):
        """Not abroad, unless that is wanted."""
        self.start_modem(ports=2)
        self.modem.set(registration=5)
        self.start_gateway(ALWAYS, '{ uri = "%s"; }' % self.server.uri())
        self.wait_data("default: not while roaming")
        self.gateway.write(self.gateway_conf % (ALWAYS + "data_roaming = true;",
                                                '{ uri = "%s"; }' % self.server.uri()))
        self.gateway.reload()
        self.wait_data("default: connected (")

    def test_never(self):
        """None is made, whoever asks; somebody else's is shown."""
        device = self.begin('apn = "internet";')
        self.wait_state("registered: Test PLMN")
        self.wait_data("default: off")
        self.assertEqual(device.write("/11/0/3", "1").code, 0x85)
        self.assertEqual(self.modem.dials, [])
        self.stage.run("mmcli", "-m", "any", "--simple-connect=apn=internet")
        self.wait_data("default: connected (")
        self.is_(device, "/10/0/11/0", "11:0")
        self.stage.run("mmcli", "-m", "any", "--simple-disconnect")
        self.wait_data("default: off")
        self.is_(device, "/10/0/11/0", None)
        self.assertEqual(self.modem.dials, ["internet"])

    def test_messages_meanwhile(self):
        """They go and come while data is carried; a missed one waits for a gap, since ModemManager
        looks into the modem only when it enables it."""
        device = self.begin(ALWAYS + 'scan = "200ms"; scan_data = "0s";')
        self.wait_data("default: connected (")
        self.modem.receive(SERVER, TRIGGER)
        self.server.wait("Update", lambda: device.updates >= 1)
        self.modem.wait("the answer", lambda: self.modem.sent)
        self.stage.wait_idle()
        self.modem.store_silently(SERVER, TRIGGER.replace(b"\x0b", b"\x0c"))
        self.assertNotIn("SMS/", self.stage.run("mmcli", "-m", "any", "--messaging-list-sms"))
        self.assertEqual(len(self.modem.storage), 1)
        self.assertEqual(self.modem.dials, ["internet"])
        self.stage.run("mmcli", "-b", "0", "-x")
        self.server.wait("Update by the missed one", lambda: device.updates >= 2)
        self.dialled(2)
        self.wait_data("default: connected (")
        self.wait_empty()

    def test_interrupted(self):
        """Without a gap for long, one is made; that is no failure."""
        device = self.begin(ALWAYS + 'scan = "200ms"; scan_data = "2s";')
        self.wait_data("default: connected (")
        self.modem.store_silently(SERVER, TRIGGER)
        self.server.wait("Update", lambda: device.updates >= 1)
        self.dialled(2)
        self.wait_data("default: connected (")
        self.assertEqual(self.counter("data.lost"), 0)
        self.assertNotIn("data connection default: lost", self.gateway.logged())

    def test_not_interrupted(self):
        """Somebody else has a bearer, too, until it is gone."""
        self.start_modem(ports=2)
        self.start_gateway()
        self.wait_state("registered")
        self.stage.run("mmcli", "-m", "any", "--create-bearer=apn=other")
        self.gateway.write(self.gateway_conf % (
            ALWAYS + 'scan = "100ms"; scan_data = "1s";', '{ uri = "%s"; }' % self.server.uri()))
        self.gateway.reload()
        self.wait_data("default: connected (")
        self.modem.store_silently(SERVER, TRIGGER)
        for _ in range(30):
            self.assertTrue(self.data().startswith("default: connected"), self.data())
        self.assertEqual(self.modem.dials, ["internet"])
        self.stage.run("mmcli", "-m", "any", "--delete-bearer=0")
        self.dialled(2)
        self.wait_data("default: connected (")

    def test_restart(self):
        """The daemon dies, and finds its connection again."""
        self.begin()
        self.wait_data("default: connected (")
        self.gateway.process.kill()
        self.gateway.process.wait()
        self.gateway.start()
        self.wait_data("default: connected (")
        self.assertEqual(self.modem.dials, ["internet"])

    def test_remembered(self):
        """What servers wrote outlives kill -9: profiles, and which one carries them."""
        device = self.begin()
        self.wait_data("default: connected (")
        made = device.request(lwm2m_server.POST, "/11", SECOND, lwm2m_server.TLV)
        self.assertEqual(made.code, 0x41, made)
        for path, value in (("/11/0/1", "other"), ("/11/0/8/5", "001,01"), ("/11/1/6", "quiet"),
                            ("/1/0/10", "11:0")):
            self.assertTrue(device.write(path, value).ok, path)
        known = len(self.server.history)
        self.gateway.process.kill()
        self.gateway.process.wait()
        self.gateway.start()
        self.server.wait("back", lambda: len(self.server.history) > known)
        device = self.server.devices["gw"]
        self.server.wait("both", lambda: {"/11/0", "/11/1"} <= set(device.links))
        for path, value in (("/11/0/1", "other"), ("/11/0/8/5", "001,01"), ("/11/1/0", "second"),
                            ("/11/1/1", "iot"), ("/1/0/10", "11:0"), ("/11/1/6", None)):
            self.is_(device, path, value)
        self.assertEqual(device.request(lwm2m_server.DELETE, "/11/1").code, 0x42)
        # Another configuration wins over what servers wrote of its profile.
        self.gateway.write(self.gateway_conf % (
            ALWAYS.replace("internet", "third"), '{ uri = "%s"; }' % self.server.uri()))
        self.assertEqual(self.gateway.stop(), 0)
        self.gateway.start()
        self.modem.wait("the third APN", lambda: self.modem.dials[-1] == "third")
        self.wait_data("default: connected (")
        device = self.server.wait_registered("gw")
        self.is_(device, "/11/1/0", None)
        self.assertNotIn("quiet", self.gateway.logged())

    def test_written(self):
        """What servers change of a profile is applied, and what cannot be is refused."""
        device = self.begin()
        self.wait_data("default: connected (")
        self.assertTrue(device.write("/11/0/1", "other").ok)
        self.modem.wait("the other APN", lambda: self.modem.dials[-1] == "other")
        self.wait_data("default: connected (")
        for path, value in (("/11/0/7", "1,,2"), ("/11/0/4", "4"), ("/11/0/24", "0"),
                            ("/11/0/0", ""), ("/11/0/1", "x" * 101), ("/11/0/8/0", "26201")):
            self.assertEqual(device.write(path, value).code, 0x80, path)
        self.assertEqual(device.write("/11/0/15/0", "192.0.2.1").code, 0x84)
        # A profile that is for another network: not here.
        self.assertTrue(device.write("/11/0/8/0", "262,01").ok)
        self.wait_data("default: not valid for this network")
        self.is_(device, "/3/0/11/0", 7)
        self.assertTrue(device.write("/11/0/8/3", "001,01").ok)
        self.wait_data("default: connected (")
        self.is_(device, "/3/0/11/0", 0)
        self.assertTrue(device.write("/11/0/2", "1").ok)
        self.modem.wait("no APN", lambda: self.modem.dials[-1] == "")
        self.is_(device, "/11/0/1", None)
        self.assertTrue(device.write("/11/0/3", "0").ok)
        self.wait_data("default: off")
        self.wait_state("registered: Test PLMN")

    def test_profiles(self):
        """One made by a server: told in an Update, connected when the other one is off; removed."""
        device = self.begin()
        self.wait_data("default: connected (")
        made = device.request(lwm2m_server.POST, "/11", SECOND, lwm2m_server.TLV)
        self.assertEqual(made.code, 0x41, made)
        self.server.wait("Update with the list", lambda: "/11/1" in device.links)
        self.wait_data("default: connected (")
        self.is_(device, "/3/0/11/0", 0)  # the modem carries no more: that is no failure
        self.assertIn("second: the modem carries no more", self.data())
        self.assertEqual(device.request(lwm2m_server.DELETE, "/11/0").code, 0x85)
        self.assertTrue(device.write("/11/0/3", "0").ok)
        self.modem.wait("the other one", lambda: self.modem.dials[-1] == "iot")
        self.is_(device, "/10/0/11/1", "11:1")
        self.is_(device, "/10/0/11/0", None)
        self.assertEqual(device.request(lwm2m_server.DELETE, "/11/1").code, 0x42)
        self.server.wait("Update with the list", lambda: "/11/1" not in device.links)
        self.wait_state("registered: Test PLMN")
        self.is_(device, "/10/0/11/1", None)


if __name__ == "__main__":
    if lacks():
        print(lacks())
        sys.exit(77)
    unittest.main(verbosity=2)
