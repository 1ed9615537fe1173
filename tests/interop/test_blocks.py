#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Transfers in blocks (RFC 7959) against aiocoap in both roles, over UDP and inside of OSCORE, in
blocks of 1024 and of 16 bytes. TD_COAP_BLOCK_… and TD_COAP_OBS_… are ETSI's cases."""

import asyncio
import os
import sys
import unittest

sys.path[:0] = [os.path.join(os.path.abspath(os.environ.get("srcdir", ".")), "tests", "support"),
                os.path.dirname(os.path.abspath(__file__))]
import venv  # noqa: E402 pylint: disable=wrong-import-position

venv.rerun_with("aiocoap[oscore]==0.4.17")

# pylint: disable=wrong-import-position
from aiocoap import CHANGED, CONTENT, CREATED, GET, POST, PUT  # noqa: E402
from aiocoap import REQUEST_ENTITY_TOO_LARGE  # noqa: E402
from aiocoap_server import DEADLINE, Server  # noqa: E402
from gateway import Gateway, has_plugin  # noqa: E402

CONF = """
servers = ( { uri = "coap://127.0.0.1:%d"; lifetime = "10min"; retry_min = "1s"; retry_max = "1s";
	block_size = %d; %s } );
devices = { endpoint = "{device}"; objects = [ "16", "19" ]; };
gateway = { endpoint = ""; };
plugins = { sim = { devices = 1; interval = "1h"; values = (
	{ key = "temperature"; min = 15.0; max = 25.0; } ); }; };
"""
OSCORE = """oscore = { master_secret = "hex:000102030405060708090a0b0c0d0e0f"; master_salt = "salt";
		sender_id = "C"; recipient_id = "S"; id_context = "{endpoint}"; };"""
DEVICE = "sim00000"
OPAQUE, TLV = 42, 11542
BIG = bytes((k * 7 + k // 251) & 255 for k in range(65536))


class Blocks(unittest.IsolatedAsyncioTestCase):
    """A server, one device with a container of data."""
    size, oscore = 1024, ""

    async def asyncSetUp(self):
        if not has_plugin("sim"):
            self.skipTest("built without the sim plugin")
        self.server = await Server.new(bool(self.oscore))
        self.addAsyncCleanup(self.server.context.shutdown)
        self.gateway = Gateway(CONF % (self.server.port, self.size, self.oscore))
        self.addCleanup(self.gateway.close)
        await self.server.registry.wait("register", DEVICE)

    async def ask(self, code, path, expected, **options):
        """The payload of the answer, which has this code."""
        answer = await self.server.ask(DEVICE, code, path, **options)
        self.assertEqual(answer.code, expected, "%s %s" % (code, path))
        return answer.payload

    async def container(self, data):
        """An instance of object 19 with one piece of data; its path."""
        answer = await self.server.ask(DEVICE, POST, "/19", content_format=TLV,
                                       payload=bytes.fromhex("8800044800") + b"\x01x")
        self.assertEqual(answer.code, CREATED)
        await self.ask(PUT, "/19/0/0/0", CHANGED, payload=data, content_format=OPAQUE)
        return "/19/0/0/0"

    async def test_td_coap_block_01_03_write_and_read(self):
        """64 KiB there and back, byte for byte."""
        data = BIG[:self.size * 64]
        path = await self.container(data)
        self.assertEqual(await self.ask(GET, path, CONTENT, accept=OPAQUE), data)

    async def test_read_in_parts(self):
        """More than is kept of an answer at a time: it is made part by part."""
        if self.size != 1024:
            return  # too many
        data = b"".join(BIG[k:] + BIG[:k] for k in (0, 1, 77, 1025, 40000))
        path = await self.container(data)
        self.assertEqual(await self.ask(GET, path, CONTENT, accept=OPAQUE), data)
        tree = await self.ask(GET, "/19/0", CONTENT, accept=TLV)
        self.assertIn(data, tree)

    async def test_two_transfers_at_a_time(self):
        """To different resources of one device."""
        path = await self.container(b"1")
        one, two = BIG[:self.size * 20 + 1], BIG[5:self.size * 20]
        await asyncio.gather(self.ask(PUT, path, CHANGED, payload=one, content_format=OPAQUE),
                             self.ask(GET, "/3/0", CONTENT))
        self.assertEqual(await self.ask(GET, path, CONTENT, accept=OPAQUE), one)
        got = await asyncio.gather(self.ask(GET, path, CONTENT, accept=OPAQUE),
                                   self.ask(GET, "/19/0", CONTENT, accept=TLV))
        self.assertEqual(got[0], one)
        self.assertIn(one, got[1])
        await self.ask(PUT, path, CHANGED, payload=two, content_format=OPAQUE)
        self.assertEqual(await self.ask(GET, path, CONTENT, accept=OPAQUE), two)

    async def test_td_coap_obs_13_14_large_notifications(self):
        """The first block of each state is notified, aiocoap fetches the rest."""
        path = await self.container(BIG[:self.size * 3])
        request = self.server.context.request(
            self.server.message(DEVICE, GET, path, observe=0, accept=OPAQUE))
        first = await asyncio.wait_for(request.response, DEADLINE)
        self.assertEqual(first.payload, BIG[:self.size * 3])
        notifications = request.observation.__aiter__()
        for length in (self.size * 4 + 1, 3, self.size + 1):
            await self.ask(PUT, path, CHANGED, payload=BIG[:length], content_format=OPAQUE)
            state = await asyncio.wait_for(notifications.__anext__(), DEADLINE)
            self.assertEqual(state.payload, BIG[:length])

    async def test_too_large(self):
        """Over 1 MiB: refused, and the old value stays."""
        path = await self.container(b"old")
        if self.size == 1024:
            await self.ask(PUT, path, REQUEST_ENTITY_TOO_LARGE, payload=BIG * 17,
                           content_format=OPAQUE)
        self.assertEqual(await self.ask(GET, path, CONTENT, accept=OPAQUE), b"old")


class SmallBlocks(Blocks):
    """TD_COAP_BLOCK_06: 16 bytes; the registration itself goes in blocks."""
    size = 16


class Protected(Blocks):
    """Inside of OSCORE."""
    oscore = OSCORE


if __name__ == "__main__":
    unittest.main(verbosity=2)
