#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The interface goes down and comes up again, in a network namespace of its own, where that is lo."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "support"))
from gateway import Gateway, has_plugin, wait_for  # noqa: E402 pylint: disable=wrong-import-position
from lwm2m_server import Server  # noqa: E402 pylint: disable=wrong-import-position

INSIDE = "LWM2M_GATEWAY_TEST_NETNS"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
CONF = """servers = ( { uri = "%s"; lifetime = "1h"; ack_timeout = "100ms"; max_retransmit = 1;
	retry_min = "1s"; retry_max = "1s"; } );
gateway = { endpoint = ""; };
plugins = { sim = { devices = 1; interval = "100ms"; values = (
	{ key = "temperature"; kind = "ramp"; min = 0; max = 100000; } ); }; };
"""


def switch(up):
    """lo up, or down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        ask = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16xh14x", fcntl.ioctl(s, SIOCGIFFLAGS, ask))[0]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack(
            "16sh14x", b"lo", flags | IFF_UP if up else flags & ~IFF_UP))


class Interface(unittest.TestCase):
    """One device at one server."""

    def test_down_and_up(self):
        """What was observed goes on by itself, in order."""
        switch(True)
        server = Server(seed=4)
        self.addCleanup(server.close)
        gateway = Gateway(CONF % server.uri())
        self.addCleanup(gateway.close)
        self.addCleanup(switch, True)
        observation = server.wait_registered("sim00000").observe("/3303/0/5700")
        for _ in range(2):
            observation.wait(after=len(observation.notifications))
            switch(False)
            before = gateway.counter("coap.timeouts")
            wait_for("a trouble", lambda: gateway.counter("coap.timeouts") > before + 1)
            known = len(observation.notifications)
            switch(True)
            observation.wait(after=known + 5)
        heard = [n.value() for n in observation.notifications]
        self.assertEqual(heard, sorted(heard))
        self.assertIsNone(gateway.process.poll())


if __name__ == "__main__":
    if not has_plugin("sim") or not shutil.which("dbus-daemon"):
        print("SKIP: the sim plugin was not built, or there is no dbus-daemon")
        sys.exit(77)
    if not os.environ.get(INSIDE):
        unshare = ["unshare", "--net"] + (["--map-root-user"] if os.geteuid() else [])
        if subprocess.run(unshare + ["true"], check=False).returncode:
            print("SKIP: no network namespaces here")
            sys.exit(77)
        os.environ[INSIDE] = "1"
        os.execvp("unshare", unshare + [sys.executable] + sys.argv)
    unittest.main(verbosity=2)
