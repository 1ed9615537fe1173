#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Leshan and objects 10 and 13 of a gateway with a modem: the real ModemManager with an emulated one, and
the real daemon in a network namespace with two interfaces. test_int_N_… are OMA's cases
(LightweightM2M-1.1-int-N)."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../support"), os.path.join(HERE, "../netns")]
# pylint: disable=wrong-import-position
from stage import Result  # noqa: E402
from leshan import TEXT, TLV, Leshan, libraries, skip  # noqa: E402
import gateway  # noqa: E402
from gateway import Gateway, SRC, has_plugin, wait_for  # noqa: E402
import mmstage  # noqa: E402
from test_bearer import INSIDE, SERVER, Network, ip  # noqa: E402

CONF = """
gateway = { endpoint = "gw"; };
plugins = { modem = { }; };
servers = ( { uri = "coap://%s:%d"; lifetime = "5min"; version = "1.1"; } );
"""


class Cellular(unittest.TestCase):
    """Configuration C.11: registered, with a modem that is in its network."""
    edition = "1.1"

    @classmethod
    def setUpClass(cls):
        directory = tempfile.mkdtemp(prefix="lwm2m-cellular.")
        cls.addClassCleanup(shutil.rmtree, directory)
        cls.network = Network(directory)
        cls.addClassCleanup(cls.network.close)
        cls.leshan = Leshan(directory, os.path.join(SRC, "objects"), host=SERVER)
        cls.addClassCleanup(cls.leshan.close)
        cls.stage = mmstage.Stage()
        cls.addClassCleanup(cls.stage.close)
        cls.stage.start()
        cls.modem = cls.stage.plug(plugin="telit")
        daemon, gateway.DAEMON = gateway.DAEMON, cls.network.daemon
        cls.gateway = Gateway(CONF % (SERVER, cls.leshan.port),
                              env={"DBUS_SYSTEM_BUS_ADDRESS": cls.stage.address})
        gateway.DAEMON = daemon
        cls.addClassCleanup(cls.gateway.close)
        cls.registered = cls.leshan.event("registered", "gw")

    def setUp(self):
        self.wait_state("registered: Test PLMN")

    def wait_state(self, begin):
        """What lwm2mctl says of the modem begins so."""
        def now():
            status = self.gateway.ctl("status")
            return status and any(p["part"] == "modem" and p["text"].startswith(begin)
                                  for p in status["parts"])
        wait_for("modem " + begin, now)

    def ask(self, code, do, path, **more):
        """A request that must be answered with this code."""
        answer = self.leshan.ask(do, "gw", path, **more)
        self.assertEqual(answer.get("code"), code, answer)
        return answer

    def test_int_1200_query_the_readable_resources(self):
        """What discovery lists can be read, alone and with its object."""
        links = self.ask("2.05", "discover", "/10")["links"]
        resources = [path for path in links if path.count("/") == 3]
        self.assertIn("/10/0/1", resources)
        self.assertIn("/10/0/11", resources)
        self.assertIn("/10/0/12", resources)
        whole = self.ask("2.05", "read", "/10/0", format=TLV)["values"]
        self.assertEqual(whole["/10/0/1"], 0)
        self.assertEqual(whole["/10/0/12"], 0)
        for path in resources:
            self.ask("2.05", "read", path, format=TLV)

    def test_int_1201_version(self):
        """Objects 10 and 13 are of version 1.1, in the registration and in discovery."""
        for oid in (10, 13):
            self.assertEqual(self.registered["links"]["/%d" % oid].get("ver"), "1.1")
            links = self.ask("2.05", "discover", "/%d" % oid)["links"]
            self.assertEqual(links["/%d" % oid].get("ver"), "1.1")

    def test_int_1202_set(self):
        """What can be written is read back; of power saving modes there is none to choose, which OMA's
        case presupposes, and none is active."""
        self.ask("2.04", "write", "/10/0/0", format=TEXT, value="+491710760000")
        self.assertEqual(self.ask("2.05", "read", "/10/0/0", format=TEXT)["values"]["/10/0/0"],
                         "+491710760000")
        self.ask("4.00", "write", "/10/0/0", format=TEXT, value="my centre")
        self.assertEqual(self.ask("2.05", "read", "/10/0/12", format=TLV)["values"],
                         {"/10/0/12": 0})
        for path in ("/10/0/13", "/10/0/14"):
            self.ask("4.04", "write", path, format=TLV, value=2)
        self.ask("2.04", "write", "/10/0/0", format=TEXT, value="")

    def test_int_1203_observe(self):
        """Notifications of object 10."""
        mark = self.leshan.mark()
        self.ask("2.04", "attributes", "/10/0/1", query="pmin=0&pmax=60")
        self.ask("2.05", "observe", "/10/0/1", format=TLV)
        self.ask("2.04", "write", "/10/0/1", format=TEXT, value=9)
        self.leshan.event("notified", "gw", mark,
                          lambda e: e["path"] == "/10/0/1" and 9 in e["values"].values())
        self.ask("2.04", "write", "/10/0/1", format=TEXT, value=0)
        self.leshan.event("notified", "gw", mark,
                          lambda e: e["path"] == "/10/0/1" and 0 in e["values"].values())
        self.ask("2.05", "cancel", "/10/0/1")

    def test_int_1204_disable_radio(self):
        """The radio goes off after the answer, and on again when the period is taken back."""
        self.ask("4.00", "write", "/10/0/1", format=TEXT, value=65536)
        self.ask("2.04", "write", "/10/0/1", format=TEXT, value=5)
        self.wait_state("off: a server wants no radio")
        self.modem.wait("radio off", lambda: self.modem.cfun == 4)
        self.ask("2.04", "write", "/10/0/1", format=TEXT, value=0)
        self.wait_state("registered: Test PLMN")
        self.assertEqual(self.modem.cfun, 1)

    def test_int_1350_bearer_selection(self):
        """Another bearer is preferred; the address that it brings leads to an Update."""
        self.assertEqual(self.registered["address"], "10.2.0.2")
        mark = self.leshan.mark()
        self.ask("2.04", "write", "/13/0/0", format=TLV, value={"0": 4})
        self.assertEqual(self.modem.modes, 28)
        # What manages the machine's networks follows: the default is the modem's by now.
        ip("route", "del", SERVER, "via", "10.2.0.1", "dev", "eth0", "metric", "100",
           inside=self.network.enter)
        self.leshan.event("updated", "gw", mark, lambda e: e["address"] == "10.1.0.2")
        self.assertEqual(self.ask("2.05", "read", "/13/0/0", format=TLV)["values"],
                         {"/13/0/0/0": 4})


if __name__ == "__main__":
    if mmstage.missing():
        skip(mmstage.missing())
    if not has_plugin("modem"):
        skip("built without the modem plugin")
    if not os.environ.get(INSIDE):
        libraries()
        UNSHARE = ["unshare", "--net"] + (["--map-root-user"] if os.geteuid() else [])
        if subprocess.run(UNSHARE + ["true"], check=False).returncode:
            skip("no network namespaces here")
        os.environ[INSIDE] = "1"
        os.execvp("unshare", UNSHARE + [sys.executable] + sys.argv)
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=0,
                                                     resultclass=Result))
