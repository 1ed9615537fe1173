#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Leshan and the data connection of a modem (objects 10 and 11), with the real ModemManager and an
emulated modem. test_int_N_… are OMA's cases (LightweightM2M-1.0-int-N)."""

import os
import shutil
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../support")]
# pylint: disable=wrong-import-position
from stage import Result  # noqa: E402
from leshan import TEXT, TLV, Leshan, skip  # noqa: E402
from gateway import Gateway, SRC, has_plugin, wait_for  # noqa: E402
import mmstage  # noqa: E402

CONF = """
gateway = { endpoint = "gw"; };
plugins = { modem = { connect = "always"; apn = "internet"; }; };
servers = ( { uri = "coap://127.0.0.1:%d"; lifetime = "5min"; version = "1.0"; } );
"""


class Apn(unittest.TestCase):
    """Configuration C.10: registered, connected by /11/0."""
    edition = "1.0"

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="lwm2m-apn.")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.leshan = Leshan(cls.directory, os.path.join(SRC, "objects"))
        cls.addClassCleanup(cls.leshan.close)
        cls.stage = mmstage.Stage()
        cls.addClassCleanup(cls.stage.close)
        cls.stage.start()
        cls.modem = cls.stage.plug(ports=2)
        cls.gateway = Gateway(CONF % cls.leshan.port,
                              env={"DBUS_SYSTEM_BUS_ADDRESS": cls.stage.address})
        cls.addClassCleanup(cls.gateway.close)
        cls.registered = cls.leshan.event("registered", "gw")
        cls.wait_active({0})

    @classmethod
    def wait_active(cls, profiles):
        """Until the client says that these are connected (/10/0/11)."""
        want = {"/10/0/11/%d" % p: "/11/%d" % p for p in profiles}
        wait_for("active profiles %r" % profiles, lambda: cls.leshan.ask(
            "read", "gw", "/10/0/11", format=TLV).get("values") == want)

    def ask(self, code, do, path, **more):
        """A request that must be answered with this code."""
        answer = self.leshan.ask(do, "gw", path, **more)
        self.assertEqual(answer.get("code"), code, answer)
        return answer

    def discover(self):
        """Step 1 of all cases: the object is there in version 1.1, with what is active."""
        links = self.ask("2.05", "discover", "/10")["links"]
        self.assertEqual(links["/10"].get("ver"), "1.1", links)
        self.assertIn("/10/0/11", links)
        return links

    def test_int_1210_set_power_saving(self):
        """ModemManager knows no power saving modes: 13 and 14 are not there, and are not written."""
        links = self.discover()
        for rid in (13, 14):
            self.assertNotIn("/10/0/%d" % rid, links)
            self.ask("4.04", "read", "/10/0/%d" % rid, format=TLV)
            self.ask("4.04", "write", "/10/0/%d" % rid, format=TLV, value=2)
        self.ask("4.04", "write", "/10/0", format=TLV, replace=False, value={"14": 2})

    def test_int_1230_observe(self):
        """Conditional notifications of object 10: of the active profiles, while one goes and comes."""
        self.discover()
        self.ask("2.04", "attributes", "/10/0/11", query="pmin=1&pmax=20")
        mark = self.leshan.mark()
        self.ask("2.05", "observe", "/10/0/11")
        self.ask("2.04", "write", "/11/0/3", format=TEXT, value=False)
        self.leshan.event("notified", "gw", mark, lambda e: e["path"] == "/10/0/11" and
                          not e["values"])
        self.ask("2.04", "write", "/11/0/3", format=TEXT, value=True)
        self.leshan.event("notified", "gw", mark, lambda e: e["path"] == "/10/0/11" and
                          list(e["values"]) == ["/10/0/11/0"])
        self.ask("2.05", "cancel", "/10/0/11")
        self.ask("2.04", "attributes", "/10/0/11", query="pmin&pmax")

    def test_int_1250_apn_configuration(self):
        """A second profile is made, told in an Update, and activated."""
        mark = self.leshan.mark()
        self.ask("2.01", "create", "/11", format=TLV, instance=1,
                 value={"0": "second", "1": "iot", "3": False, "4": 3})
        self.ask("2.04", "execute", "/1/0/8")
        event = self.leshan.event("updated", "gw", mark, lambda e: e["with_links"])
        self.assertLessEqual({"/11/0", "/11/1"}, set(event["links"]))
        self.wait_active({0})
        # This modem carries one connection at once.
        self.ask("2.04", "write", "/11/0/3", format=TEXT, value=False)
        self.ask("2.04", "write", "/11/1/3", format=TEXT, value=True)
        self.wait_active({1})
        self.assertEqual(self.modem.dials[-1], "iot")
        mark = self.leshan.mark()
        self.ask("2.02", "delete", "/11/1")
        event = self.leshan.event("updated", "gw", mark, lambda e: e["with_links"])
        self.assertNotIn("/11/1", event["links"])
        self.ask("2.04", "write", "/11/0/3", format=TEXT, value=True)
        self.wait_active({0})


if __name__ == "__main__":
    if mmstage.missing():
        skip(mmstage.missing())
    if not has_plugin("modem"):
        skip("built without the modem plugin")
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=0,
                                                     resultclass=Result))
