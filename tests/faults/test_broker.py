#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Between a broker and a server: what comes late, and an end while the disk is full."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
import lwm2m_server as lwm2m  # noqa: E402 pylint: disable=wrong-import-position
from gateway import Gateway, has_plugin, wait_for  # noqa: E402 pylint: disable=wrong-import-position
from test_faults import Broker, MOSQUITTO, PATH, SENML_JSON, own_mounts  # noqa: E402 pylint: disable=wrong-import-position

CONF = """
servers = ( { uri = "%s"; lifetime = "1h"; format = "senml-json"; on_stop = "keep";
	ack_timeout = "200ms"; max_retransmit = 1; retry_min = "1s"; retry_max = "1s"; } );
gateway = { endpoint = ""; };
store = { file = "%s/store.db"; };
plugins = { mqtt = { brokers = ( { host = "localhost"; port = %d; client_id = "broker";
	rules = ( { topic = "t/+"; time = "/time"; } ); } ); }; };
"""
START = 1700000000


class BetweenBrokerAndServer(unittest.TestCase):
    """One device, its server, a broker that keeps what is not acknowledged."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="lwm2m-gateway-broker.")
        self.addCleanup(shutil.rmtree, self.dir)
        self.disk = os.path.join(self.dir, "disk")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True)
        # The broker listens at the second address of its name alone.
        with open(os.path.join(self.dir, "hosts"), "w", encoding="ascii") as f:
            f.write("::1 localhost\n127.0.0.1 localhost\n")
        subprocess.run(["mount", "--bind", f.name, "/etc/hosts"], check=True)
        self.addCleanup(subprocess.run, ["umount", "/etc/hosts"], check=True)
        self.broker = Broker(self.dir)
        self.addCleanup(self.broker.stop)
        self.server = lwm2m.Server()
        self.addCleanup(self.server.close)
        self.gateway = Gateway(CONF % (self.server.uri(), self.disk, self.broker.port))
        self.addCleanup(self.gateway.close)
        self.gateway.wait_log("connected to localhost")
        wait_for("the device", self.speaks)
        self.device = self.server.wait_registered("d")
        self.observation = self.device.observe(PATH, SENML_JSON)

    def speaks(self):
        """Again and again: what comes before the subscription is lost."""
        self.publish(1, 0)
        return "d" in self.server.devices

    def publish(self, value, seconds):
        """A reading of the device, so long after the first one; the broker has it then."""
        subprocess.run(["mosquitto_pub", "-p", str(self.broker.port), "-q", "1", "-t", "t/d", "-m",
                        json.dumps({"temperature": value, "time": START + seconds})], check=True)

    def arrives(self, value, seconds):
        """In a notification, with its time."""
        def holds(answer):
            for record in json.loads(answer.payload):
                time = record.get("bt", 0) + record.get("t", 0)
                if record.get("v") == value and time == START + seconds:
                    return True
            return False
        self.observation.wait(holds)

    def test_late(self):
        """Older than the present value: history keeps it, the value stays."""
        self.publish(2, 60)
        self.arrives(2, 60)
        self.publish(3, 30)
        self.arrives(3, 30)
        self.assertEqual(float(self.device.read(PATH, lwm2m.TEXT).payload), 2)

    def test_stop_while_full(self):
        """Nothing is acknowledged that is not on the disk, and the end does not wait for that."""
        hears, self.server.incoming = self.server.incoming, lambda data, address: []
        self.gateway.settled()
        with open(os.path.join(self.disk, "filler"), "wb", buffering=0) as filler:
            for size in (65536, 512, 1):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError:
                    pass
        value = 1
        while "cannot be written" not in self.gateway.logged():
            value += 1
            self.publish(value, value)
        self.assertEqual(self.gateway.stop(), 0)
        self.assertNotIn("not everything ended in time", self.gateway.logged())
        os.unlink(filler.name)
        self.gateway.start()
        self.server.incoming = hears
        for v in range(2, value + 1):
            self.arrives(v, v)


if __name__ == "__main__":
    if not MOSQUITTO or not has_plugin("mqtt") or not own_mounts():
        print("needs mosquitto, the mqtt plugin and a mount namespace")
        sys.exit(77)
    unittest.main(verbosity=2)
