# SPDX-License-Identifier: BSD-3-Clause
"""What tests of the modem have in common: the daemon, ModemManager, an emulated modem, and a scripted
server at the other end of the air."""

import unittest

import lwm2m_server
import mmstage
from air import Air
from gateway import Gateway, has_plugin, wait_for

SERVER = "+4915112345678"
TRIGGER = bytes.fromhex("4402b60b2161fb63b13101300138")  # POST /1/0/8
CONF = """
log = { level = "debug"; };
gateway = { endpoint = "gw"; };
devices = { stop_timeout = "1min"; };
plugins = { modem = { %s }; };
servers = ( %s );
"""
BY_SMS = '{ uri = "sms://%s"; lifetime = "1h"; for = "gateway"; %s }'


class Case(unittest.TestCase):
    """Each test has a stage of its own; what is not needed is not started."""

    gateway_conf = CONF

    def setUp(self):
        self.stage = mmstage.Stage()
        self.addCleanup(self.stage.close)
        self.server = lwm2m_server.Server()
        self.server.ack_timeout = 10
        self.addCleanup(self.server.close)

    def start_modem(self, **how):
        """ModemManager and a modem; the server has a number."""
        self.stage.start()
        self.modem = self.stage.plug(**how)
        self.air = Air(self.modem, SERVER, self.server.host, self.server.port)
        self.addCleanup(self.air.close)

    def start_gateway(self, options="", servers=BY_SMS % (SERVER, "")):
        """The daemon, on the same bus."""
        self.gateway = Gateway(self.gateway_conf % (options, servers), start=False,
                               env={"DBUS_SYSTEM_BUS_ADDRESS": self.stage.address})
        self.addCleanup(self.gateway.close)
        self.gateway.start()

    def state(self):
        """What lwm2mctl status says of the modem."""
        status = self.gateway.ctl("status")
        for part in status["parts"] if status else ():
            if part["part"] == "modem":
                return part["text"]
        return ""

    def wait_state(self, begin):
        """Until it begins so."""
        wait_for("modem " + begin, lambda: self.state().startswith(begin))

    def counter(self, name):
        """One of the plugin's."""
        return self.gateway.counter("plugin.modem." + name)

    def wait_empty(self):
        """Nothing stays in the modem."""
        self.modem.wait("empty storage", lambda: not self.modem.storage)


def lacks():
    """Why these tests cannot run, or None."""
    return mmstage.missing() or (None if has_plugin("modem") else "built without the modem plugin")
