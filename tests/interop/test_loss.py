#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A network that loses every fifth datagram, doubles and reorders others, between the gateway and
aiocoap; one that is slow and loses a few, with the usual timers; and one whose NAT forgets.
With --full the bodies are 64 KiB, and (nearly, which is a body's limit) 1 MiB: that takes minutes, and
ends with figures."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SRC = os.path.abspath(os.environ.get("srcdir", "."))
sys.path[:0] = [os.path.join(SRC, "tests", "support"), os.path.join(SRC, "tools"),
                os.path.dirname(os.path.abspath(__file__))]
import venv  # noqa: E402 pylint: disable=wrong-import-position

venv.rerun_with("aiocoap[oscore]==0.4.17")

# pylint: disable=wrong-import-position
from aiocoap import CHANGED, CONTENT, CREATED, GET, POST, PUT  # noqa: E402
from aiocoap.numbers.constants import TransportTuning  # noqa: E402
from aiocoap_server import DEADLINE, Server  # noqa: E402
from demo import Broker  # noqa: E402
from gateway import Gateway, has_plugin  # noqa: E402
from lossy import Lossy  # noqa: E402

CONF = """
servers = ( { uri = "coap://127.0.0.1:%d"; lifetime = "%ds"; retry_min = "1s"; retry_max = "1s";
	block_size = 1024; %s } );
devices = { endpoint = "{device}"; objects = [ "19" ]; };
gateway = { endpoint = ""; };
plugins = { %s };
"""
SIM = """sim = { devices = 1; interval = "1h"; values = (
	{ key = "temperature"; min = 15.0; max = 25.0; } ); };"""
MQTT = """mqtt = { brokers = ( { host = "127.0.0.1"; port = %d;
	rules = ( { topic = "sensors/+/temperature"; } ); } ); };"""
HASTY = 'ack_timeout = "200ms"; max_retransmit = 12;'
OPAQUE, TLV = 42, 11542
CHANGES = 1000
FULL = "--full" in sys.argv
SLOW_BODY, BAD_BODY, PATIENCE = (65536, (1 << 20) - 1, 900) if FULL else (8192, 16384, 300)


class Fast(TransportTuning):
    """The server's own messages: chance decides nothing."""
    ACK_TIMEOUT = 0.2
    MAX_RETRANSMIT = 12


class Bad(unittest.IsolatedAsyncioTestCase):
    """One server behind a relay; the relay is good until the device has registered."""

    async def begin(self, device, plugin, lifetime=600, timers=HASTY):
        """Registered; then the network turns bad."""
        self.device, self.tuning = device, Fast() if timers else TransportTuning()
        self.server = await Server.new(False)
        self.addAsyncCleanup(self.server.context.shutdown)
        self.relay = Lossy(self.server.port, 5)
        self.addCleanup(self.relay.close)
        self.gateway = Gateway(CONF % (self.relay.port, lifetime, timers, plugin))
        self.addCleanup(self.gateway.close)

    def spoil(self):
        """20 % loss, 5 % twice, up to 20 ms late and so out of order."""
        self.relay.loss, self.relay.twice, self.relay.delay = 0.2, 0.05, 0.02
        self.relay.doomed = 1

    def message(self, code, path, **options):
        """A request to the device."""
        return self.server.message(self.device, code, path, transport_tuning=self.tuning,
                                   **options)

    async def ask(self, code, path, expected, **options):
        """The payload of the answer, which has this code."""
        request = self.server.context.request(self.message(code, path, **options))
        answer = await asyncio.wait_for(request.response, PATIENCE)
        self.assertEqual(answer.code, expected, path)
        return answer.payload

    async def both_ways(self, size):
        """Two bodies at a time, one up, one down, arrive as they were."""
        await self.server.registry.wait("register", self.device)
        up, down = (bytes((k * n + k // 251) & 255 for k in range(size)) for n in (7, 11))
        for k in range(2):
            await self.ask(POST, "/19", CREATED, content_format=TLV,
                           payload=bytes.fromhex("880004480%d" % k) + b"\x01x")
        await self.ask(PUT, "/19/1/0/0", CHANGED, payload=down, content_format=OPAQUE)
        self.spoil()
        began = time.monotonic()
        got = await asyncio.gather(
            self.ask(PUT, "/19/0/0/0", CHANGED, payload=up, content_format=OPAQUE),
            self.ask(GET, "/19/1/0/0", CONTENT, accept=OPAQUE))
        if FULL:
            print("%d bytes each way in %.0f s, %d datagrams passed, %d lost" % (
                size, time.monotonic() - began, self.relay.passed, self.relay.lost))
        self.assertGreater(self.relay.lost, 0)
        self.relay.loss = self.relay.twice = self.relay.delay = self.relay.least = 0
        self.assertEqual(got[1], down)
        self.assertEqual(await self.ask(GET, "/19/0/0/0", CONTENT, accept=OPAQUE), up)

    @unittest.skipUnless(has_plugin("sim"), "built without the sim plugin")
    async def test_blocks_both_ways(self):
        """A fifth is lost, and both sides are in a hurry."""
        await self.begin("sim00000", SIM)
        await self.both_ways(BAD_BODY)

    @unittest.skipUnless(has_plugin("sim"), "built without the sim plugin")
    async def test_blocks_both_ways_slow(self):
        """400 ms and more for a round trip, and the timers of RFC 7252."""
        await self.begin("sim00000", SIM, timers="")
        self.spoil = lambda: vars(self.relay).update(loss=0.05, twice=0.05, least=0.2, delay=0.25,
                                                     doomed=1)
        await self.both_ways(SLOW_BODY)

    @unittest.skipUnless(has_plugin("mqtt") and shutil.which("mosquitto_pub"),
                         "without mqtt or mosquitto's clients")
    async def test_the_last_of_many_changes_arrives(self):
        """A thousand values through a real broker; the server ends with the last one."""
        directory = tempfile.mkdtemp(prefix="lwm2m-gateway.")
        self.addCleanup(shutil.rmtree, directory)
        broker = Broker(directory)
        self.addCleanup(broker.process.wait)
        self.addCleanup(broker.process.kill)
        await self.begin("kitchen", MQTT % broker.port)
        broker.publish("sensors/kitchen/temperature", "0", True)
        await self.server.registry.wait("register", self.device)
        request = self.server.context.request(
            self.message(GET, "/3303/0/5700", observe=0, accept=0))
        await asyncio.wait_for(request.response, DEADLINE)
        self.spoil()
        last = asyncio.get_running_loop().create_future()

        async def listen():
            async for notification in request.observation:
                if float(notification.payload) == CHANGES and not last.done():
                    last.set_result(True)

        listener = asyncio.create_task(listen())
        with subprocess.Popen(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1",
                               "-t", "sensors/kitchen/temperature", "-l"],
                              stdin=subprocess.PIPE, text=True) as publisher:
            for k in range(1, CHANGES + 1):
                print(k, file=publisher.stdin, flush=True)
                if k % 10 == 0:  # a fast sensor, not one burst
                    await asyncio.sleep(0.02)
            publisher.stdin.close()
            self.assertEqual(await asyncio.to_thread(publisher.wait), 0)
        await asyncio.wait_for(last, DEADLINE)
        listener.cancel()
        self.assertGreater(self.relay.lost, 0)

    @unittest.skipUnless(has_plugin("sim"), "built without the sim plugin")
    async def test_another_address(self):
        """The NAT forgets: the next Update comes from elsewhere, and there the device is served."""
        await self.begin("sim00000", SIM, 8)
        mark = await self.server.registry.wait("register", self.device)
        before = self.server.registry.remotes[self.device]
        self.relay.rebind()
        await self.server.registry.wait("update", self.device, mark)
        self.assertNotEqual(self.server.registry.remotes[self.device], before)
        self.assertTrue(await self.ask(GET, "/3303/0/5700", CONTENT, accept=0))


if __name__ == "__main__":
    unittest.main(argv=[a for a in sys.argv if a != "--full"], verbosity=2)
