#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""CoAP over TCP (RFC 8323) against aiocoap, which somebody else wrote: it plays the LwM2M server, in
the one connection that the client opened."""

import asyncio
import json
import os
import sys
import unittest

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path[:0] = [os.path.join(SRC, "tests", "support"), os.path.join(SRC, "tests", "interop")]
import venv  # noqa: E402 pylint: disable=wrong-import-position

venv.rerun_with("aiocoap==0.4.12")
import aiocoap  # noqa: E402 pylint: disable=wrong-import-position,import-error
from aiocoap import resource  # noqa: E402 pylint: disable=wrong-import-position,import-error
from gateway import DEADLINE, Gateway, wait_for  # noqa: E402 pylint: disable=wrong-import-position
from ports import free_port  # noqa: E402 pylint: disable=wrong-import-position

CONF = """
servers = ( { uri = "coap+tcp://127.0.0.1:%d"; lifetime = "60s"; retry_min = "1s"; } );
gateway = { endpoint = ""; };
plugins = { sim = { devices = 1; interval = "300ms"; values = (
    { key = "temperature"; kind = "ramp"; min = 0; max = 100000; } ); }; };
"""


class Directory(resource.Resource):
    """/rd: registrations as (query, remote)."""

    def __init__(self):
        super().__init__()
        self.registered = asyncio.Queue()
        self.alive = {}

    async def render_post(self, request):
        """Register."""
        query = dict(q.partition("=")[::2] for q in request.opt.uri_query)
        name = str(len(self.alive))
        self.alive[name] = query
        await self.registered.put((query, request.remote, request.payload.decode()))
        answer = aiocoap.Message(code=aiocoap.CREATED)
        answer.opt.location_path = ("rd", name)
        return answer


class Location(resource.Resource):
    """/rd/N: Update and De-register."""

    def __init__(self, directory):
        super().__init__()
        self.directory, self.updated, self.gone = directory, asyncio.Queue(), asyncio.Queue()

    async def render_post(self, request):
        """Update."""
        await self.updated.put((request.opt.uri_query, request.remote))
        return aiocoap.Message(code=aiocoap.CHANGED)

    async def render_delete(self, request):
        """De-register."""
        await self.gone.put(request.remote)
        return aiocoap.Message(code=aiocoap.DELETED)


class Tcp(unittest.IsolatedAsyncioTestCase):
    """One daemon with one device, one server."""

    async def serve(self):
        """The server."""
        self.directory = Directory()
        self.locations = Location(self.directory)
        site = resource.Site()
        site.add_resource(["rd"], self.directory)
        site.add_resource(["rd", "0"], self.locations)
        self.server = await aiocoap.Context.create_server_context(
            site, bind=("127.0.0.1", self.port), transports=["tcpserver"])

    async def asyncSetUp(self):
        self.port = free_port()
        await self.serve()
        self.gateway = Gateway(CONF % self.port)
        self.addCleanup(self.gateway.close)
        self.query, self.client, self.objects = await self.soon(self.directory.registered.get())

    async def asyncTearDown(self):
        await self.server.shutdown()

    @staticmethod
    async def soon(what):
        """With a deadline."""
        return await asyncio.wait_for(what, DEADLINE)

    def message(self, code, path, **options):
        """To the client, in its own connection."""
        m = aiocoap.Message(code=code, **options)
        m.opt.uri_path = tuple(path.strip("/").split("/"))
        m.remote = self.client
        return m

    async def ask(self, code, path, **options):
        """The answer."""
        return await self.soon(self.server.request(self.message(code, path, **options)).response)

    async def test_1_1_int_106_registration_over_tcp(self):
        """Register, Update, De-register in one connection; the binding is T."""
        self.assertEqual(self.query["lwm2m"], "1.1")
        self.assertEqual(self.query["b"], "T")
        self.assertIn("</3303/0>", self.objects)
        answer = await self.ask(aiocoap.PUT, "/1/0/1", payload=b"20", content_format=0)
        self.assertEqual(answer.code, aiocoap.CHANGED)
        queries, _ = await self.soon(self.locations.updated.get())
        self.assertEqual(queries, ("lt=20",))
        self.gateway.process.terminate()
        await self.soon(self.locations.gone.get())
        self.assertEqual(await asyncio.to_thread(self.gateway.process.wait, DEADLINE), 0)

    async def test_read_and_write(self):
        """At several depths, and what is not there."""
        answer = await self.ask(aiocoap.GET, "/3/0/16", accept=0)
        self.assertEqual((answer.code, answer.payload), (aiocoap.CONTENT, b"T"))
        answer = await self.ask(aiocoap.GET, "/3303/0")
        self.assertEqual(answer.code, aiocoap.CONTENT)
        self.assertEqual((await self.ask(aiocoap.GET, "/3303/9")).code, aiocoap.NOT_FOUND)
        answer = await self.ask(aiocoap.POST, "/1/0/8")
        self.assertEqual(answer.code, aiocoap.CHANGED)
        queries, _ = await self.soon(self.locations.updated.get())
        self.assertEqual(queries, ())

    async def test_observe(self):
        """Notifications come in order until the observation is cancelled."""
        request = self.server.request(self.message(aiocoap.GET, "/3303/0/5700", observe=0,
                                                   accept=0))
        first = await self.soon(request.response)
        self.assertEqual(first.code, aiocoap.CONTENT)
        values = [float(first.payload)]
        async for notification in request.observation:
            values.append(float(notification.payload))
            if len(values) == 5:
                break
        self.assertEqual(values, sorted(values))
        self.assertEqual(len(set(values)), 5)

    async def observed(self, enough):
        """Values of a new observation in SenML, as told in its answer and then by notifications, until
        they are enough."""
        request = self.server.request(self.message(aiocoap.GET, "/3303/0/5700", observe=0,
                                                   accept=110))
        values = [json.loads((await self.soon(request.response)).payload)[0]["v"]]
        notified = []
        async for notification in request.observation:
            notified += [r["v"] for r in json.loads(notification.payload)]
            if enough(notified):
                return values, notified
        return values, notified

    async def test_the_gateway_restarts(self):
        """An observation ends with its connection; the next one gets all that came meanwhile."""
        await self.soon(self.observed(lambda v: len(v) >= 3))
        self.gateway.kill()
        self.gateway.start()
        _, self.client, _ = await self.soon(self.directory.registered.get())
        # It is wanted still: three readings wait for whoever observes it again.
        await asyncio.to_thread(wait_for, "readings", lambda: (
            self.gateway.ctl("store", "status") or {"Records": 0})["Records"] >= 3)
        told, kept = await self.soon(self.observed(lambda v: len(v) >= 3))
        kept = kept[kept.index(min(kept)):]  # the ramp begins anew with the process
        self.assertLess(kept[0], told[0])
        self.assertEqual(kept, [kept[0] + k for k in range(len(kept))])

    async def test_the_server_goes_and_comes_back(self):
        """The connection breaks: the client registers again, by itself."""
        request = self.server.request(self.message(aiocoap.GET, "/3303/0/5700", observe=0))
        await self.soon(request.response)
        await self.server.shutdown()
        await asyncio.to_thread(self.gateway.wait_log, "connection lost")
        await self.serve()
        query, self.client, _ = await self.soon(self.directory.registered.get())
        self.assertEqual(query["ep"], self.query["ep"])
        self.assertEqual((await self.ask(aiocoap.GET, "/3/0/16")).code, aiocoap.CONTENT)


class Strangers(unittest.IsolatedAsyncioTestCase):
    """Peers that listen and do not speak as they should."""

    async def meet(self, said):
        """What the client says, until it hangs up, to one that says this."""
        heard = asyncio.get_running_loop().create_future()

        async def peer(reader, writer):
            writer.write(said)
            data = b""
            while True:
                piece = await reader.read(4096)
                data += piece
                if not piece:
                    break
            writer.close()
            if not heard.done():
                heard.set_result(data)

        listener = await asyncio.start_server(peer, "127.0.0.1", 0)
        gateway = Gateway(CONF % listener.sockets[0].getsockname()[1])
        self.addCleanup(gateway.close)
        try:
            return await asyncio.wait_for(heard, DEADLINE)
        finally:
            listener.close()

    async def test_garbage(self):
        """An Abort, and the end of the connection."""
        self.assertIn(b"\xe5", await self.meet(b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    async def test_a_critical_option_in_the_csm(self):
        """Bad-CSM-Option says which."""
        self.assertIn(b"\xe5\x21\x03", await self.meet(b"\x10\xe1\x30"))

    async def test_a_peer_that_aborts(self):
        """The client hangs up."""
        self.assertTrue((await self.meet(b"\x00\xe1\x00\xe5")).startswith(b"\x40\xe1"))


class Stuck(unittest.IsolatedAsyncioTestCase):
    """A server that goes in the middle of something, in bytes that it says itself."""
    async def asyncSetUp(self):
        self.connections = asyncio.Queue()

        async def peer(reader, writer):
            await self.connections.put((reader, writer))

        self.listener = await asyncio.start_server(peer, "127.0.0.1", 0)
        conf = CONF.replace("lifetime", 'response_timeout = "5s"; lifetime')
        self.gateway = Gateway(conf % self.listener.sockets[0].getsockname()[1])
        self.addCleanup(self.gateway.close)

    async def asyncTearDown(self):
        self.listener.close()

    @staticmethod
    async def message(reader):
        """(code, token, the rest) of the client's next message."""
        head = (await reader.readexactly(1))[0]
        n = head >> 4
        extra = {13: 1, 14: 2}.get(n, 0)
        if extra:
            n = int.from_bytes(await reader.readexactly(extra), "big") + (13 if extra == 1 else 269)
        code = (await reader.readexactly(1))[0]
        return code, await reader.readexactly(head & 15), await reader.readexactly(n)

    async def next(self, reader):
        """The same, with a deadline, of an answer."""
        return (await asyncio.wait_for(self.message(reader), DEADLINE))[:2]

    async def registered(self):
        """A connection whose Register or Update was answered."""
        reader, writer = await asyncio.wait_for(self.connections.get(), DEADLINE)
        self.assertEqual((await self.next(reader))[0], 0xe1)
        code, token, rest = await asyncio.wait_for(self.message(reader), DEADLINE)
        self.assertEqual((code, len(token)), (2, 8))
        writer.write(b"\x00\xe1" + (b"\x58\x41" + token + b"\x82rd\x010" if b"ep=" in rest
                                    else b"\x08\x44" + token))
        return reader, writer

    async def serves(self):
        """Another connection, where the client is as it was."""
        reader, writer = await self.registered()
        writer.write(b"\x71\x01z\xb13\x010\x0216")  # GET /3/0/16
        self.assertEqual(await self.next(reader), (0x45, b"z"))
        writer.close()

    async def test_half_a_message(self):
        """It is hung up on, and counted."""
        reader, writer = await self.registered()
        before = await asyncio.to_thread(self.gateway.counter, "coap.timeouts")
        writer.write(b"\xd1\xff\x01zhalf of")
        self.assertEqual(await self.next(reader), (0xe5, b""))
        self.assertEqual(await reader.read(), b"")
        await self.serves()
        self.assertGreater(await asyncio.to_thread(self.gateway.counter, "coap.timeouts"), before)
        self.assertIn("the end of a message did not come", self.gateway.logged())

    async def test_gone_in_the_middle(self):
        """Of a message, and of a body in blocks: nothing of either remains."""
        for said in (b"\xd1\xff\x01zhalf of",
                     b"\xd1\x0d\x03z\xb11\x010\x011\xd1\x03\x08\xff" + b"9" * 16):
            reader, writer = await self.registered()
            writer.write(said)
            if said[2] == 3:
                self.assertEqual(await self.next(reader), (0x5f, b"z"))
            writer.transport.abort()
            await self.serves()
        self.assertGreaterEqual(self.gateway.logged().count("reset by the peer"), 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
