#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""OSCORE (RFC 8613) against aiocoap in both roles. Numbers are those of the OSCORE interop list: 1 GET,
2 ID Context, 4 Accept, 5 observe, 7 cancel, 8 POST, 9 PUT, 11 DELETE, 12 wrong sender id, 13 wrong
sender key, 14 wrong recipient key, 15 replay, 16 no OSCORE at the server, 17 plain request."""

import asyncio
import os
import select
import shutil
import subprocess
import sys
import unittest

sys.path[:0] = [os.path.join(os.path.abspath(os.environ.get("srcdir", ".")), "tests", "support"),
                os.path.dirname(os.path.abspath(__file__))]
import venv  # noqa: E402 pylint: disable=wrong-import-position

venv.rerun_with("aiocoap[oscore]==0.4.17")

# pylint: disable=wrong-import-position
from aiocoap import CHANGED, CONTENT, CREATED, DELETE, GET, METHOD_NOT_ALLOWED, POST, PUT  # noqa: E402
from aiocoap import UNAUTHORIZED, Message as CoapMessage  # noqa: E402
from aiocoap_server import DEADLINE, Security, Server  # noqa: E402
from gateway import Gateway, has_plugin, wait_for  # noqa: E402
from lwm2m_server import ACK, CON, Message  # noqa: E402
from ports import free_port  # noqa: E402
from wire import Relay  # noqa: E402

OBSERVE, OSCORE, MAX_AGE, BLOCK1, BLOCK2 = 6, 9, 14, 27, 23
CODE_POST, CODE_FETCH, CODE_CHANGED, CODE_CONTENT = 2, 5, 68, 69
CONF = """
servers = ( { uri = "%s"; lifetime = "1min"; retry_min = "1s"; retry_max = "1s";
	oscore = { master_secret = "hex:000102030405060708090a0b0c0d0e0f"; master_salt = "salt";
		sender_id = "C"; recipient_id = "S"; id_context = "{endpoint}"; %s }; } );
devices = { endpoint = "{device}"; };
gateway = { endpoint = ""; };
plugins = { sim = { devices = 2; interval = "200ms"; values = (
	{ key = "temperature"; min = 15.0; max = 25.0; },
	{ key = "output"; kind = "toggle"; writable = true; min = 0.0; max = 1.0; } ); }; };
"""
DEVICE = "sim00000"


def first(message, number):
    """The value of the first such option, or None."""
    return (message.all(number) or [None])[0]


class World(unittest.IsolatedAsyncioTestCase):
    """A server, a relay that sees what is on the wire, the gateway with two devices."""
    options, protected, tcp = "", True, False

    async def asyncSetUp(self):
        if not has_plugin("sim"):
            self.skipTest("built without the sim plugin")
        self.server = await Server.new(self.protected, self.tcp)
        self.addAsyncCleanup(self.server.context.shutdown)
        self.prepare()
        uri = "coap+tcp://127.0.0.1:%d" % self.server.port
        if not self.tcp:
            self.relay = Relay(self.server.port)
            self.addCleanup(self.relay.close)
            uri = "coap://127.0.0.1:%d" % self.relay.port
        self.gateway = Gateway(CONF % (uri, self.options))
        self.addCleanup(self.gateway.close)

    def prepare(self):
        """Before the gateway starts."""

    async def on_wire(self, what, condition, after=0):
        """As Relay.wait, while the server goes on."""
        return await asyncio.to_thread(self.relay.wait, what, condition, after)

    async def registered(self):
        """Both devices."""
        for endpoint in (DEVICE, "sim00001"):
            await self.server.registry.wait("register", endpoint)

    async def ask(self, code, path, **options):
        """The answer of the device."""
        return await self.server.ask(DEVICE, code, path, **options)

    def last(self, up, code):
        """The last message with this outer code."""
        return self.relay.all(lambda s: s.up == up and s.msg.code == code)[-1]


class Service(World):
    """What a server does with a device."""

    async def test_oma_405_register_and_read(self):
        """OMA 1.1-int-405, items 1, 2 and 4: POST and 2.04 outside, an OSCORE option in each."""
        await self.registered()
        answer = await self.ask(GET, "/3/0/0", accept=0)
        self.assertEqual(answer.code, CONTENT)
        self.assertEqual(answer.opt.content_format, 0)
        self.assertTrue((await self.server.ask("sim00001", GET, "/3303/0/5700")).payload)
        for seen in self.relay.all(lambda s: s.msg.code):
            self.assertIsNotNone(first(seen.msg, OSCORE), seen)
            self.assertIn(seen.msg.code, (CODE_POST, CODE_CHANGED), seen)
        self.assertTrue(all(event[2] for event in self.server.registry.events))
        self.assertEqual(self.relay.garbage, [])
        for word in (b"/rd", b"sim", b"lwm2m", b"3303"):
            self.assertFalse([s for s in self.relay.all(lambda s: True) if word in s.msg.payload])

    async def test_write_execute_delete(self):
        """Items 8, 9 and 11: methods are inside."""
        await self.registered()
        self.assertEqual((await self.ask(PUT, "/3306/0/5850", payload=b"1",
                                         content_format=0)).code, CHANGED)
        self.assertEqual((await self.ask(POST, "/1/0/8")).code, CHANGED)
        await self.server.registry.wait("update", DEVICE)
        self.assertEqual((await self.ask(DELETE, "/3303/0")).code, METHOD_NOT_ALLOWED)
        self.assertEqual((await self.ask(GET, "/21/0")).code, UNAUTHORIZED)
        self.assertEqual((await self.ask(GET, "/0/0/17")).code, UNAUTHORIZED)
        self.assertEqual((await self.ask(GET, "/9999")).code.dotted, "4.04")

    async def test_observe_and_cancel(self):
        """Items 5 and 7: FETCH and 2.05 outside, notifications in the order of their numbers."""
        await self.registered()
        await self.ask(GET, "/3/0/0")  # an Echo is over
        request = self.server.context.request(
            self.server.message(DEVICE, GET, "/3303/0/5700", observe=0))
        answer = await asyncio.wait_for(request.response, DEADLINE)
        self.assertEqual(answer.code, CONTENT)
        values = []
        async for notification in request.observation:
            values.append(float(notification.payload))
            if len(values) == 5:
                break
        self.assertTrue(all(15 <= v <= 25 for v in values))
        self.assertTrue(self.relay.all(lambda s: not s.up and s.msg.code == CODE_FETCH))
        numbers = [int.from_bytes(first(s.msg, OSCORE)[1:], "big")
                   for s in self.relay.once(lambda s: s.up and s.msg.code == CODE_CONTENT and
                                            first(s.msg, OSCORE))]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertGreaterEqual(len(numbers), 6)
        request.observation.cancel()
        cancel = await self.ask(GET, "/3303/0/5700", observe=1)
        self.assertEqual(cancel.code, CONTENT)

    async def test_replayed_and_damaged(self):
        """Items 12, 13, 15 and 17: error answers without protection, and nothing is done."""
        await self.registered()
        self.assertEqual((await self.ask(PUT, "/3306/0/5850", payload=b"1",
                                         content_format=0)).code, CHANGED)
        sent = self.last(False, CODE_POST)
        for change, code, text in (
                (lambda m: None, 0x81, b"Replay detected"),
                (lambda m: self.option(m, b"\x09\xffX"), 0x81, b"Security context not found"),
                (lambda m: self.option(m, b"\xff"), 0x82, b"Failed to decode COSE"),
                (lambda m: self.option(m, self.next_number(m)), 0x80, b"Decryption failed"),
                (lambda m: self.plain(m), 0x81, b"Unprotected request")):
            message = Message.decode(sent.msg.encode())
            message.mid = (message.mid + 1000 + self.relay.mark()) % 65536
            change(message)
            mark = self.relay.mark()
            self.relay.inject(sent.client, message.encode())
            answer = await self.on_wire(text.decode(), lambda s, m=message: s.up and
                                        s.msg.kind == ACK and s.msg.mid == m.mid, mark)
            self.assertEqual((answer.msg.code, answer.msg.payload), (code, text))
            self.assertEqual(first(answer.msg, MAX_AGE), b"")
            self.assertIsNone(first(answer.msg, OSCORE))
        self.assertEqual((await self.ask(GET, "/3/0/0")).code, CONTENT)

    @staticmethod
    def option(message, value):
        """Another OSCORE option."""
        message.options = [(n, value if n == OSCORE else v) for n, v in message.options]

    @staticmethod
    def next_number(message):
        """One that is not a replay, so that the tag is what is wrong."""
        value = first(message, OSCORE)
        n = value[0] & 7
        number = int.from_bytes(value[1:1 + n], "big") + 5
        return bytes([value[0]]) + number.to_bytes(n, "big") + value[1 + n:]

    @staticmethod
    def plain(message):
        """A GET of /3/0/0 by somebody on the way."""
        message.code, message.payload = 1, b""
        message.options = [(11, b"3"), (11, b"0"), (11, b"0")]


class Blocks(World):
    """RFC 7959 inside: each block is protected."""

    async def test_blocks_both_ways(self):
        """A text of some blocks is written and read back."""
        await self.registered()
        text = bytes(97 + n % 26 for n in range(3000))
        self.assertEqual((await self.ask(PUT, "/3/0/15", payload=text, content_format=0)).code,
                         CHANGED)
        answer = await self.ask(GET, "/3/0/15", accept=0)
        self.assertEqual((answer.code, answer.payload), (CONTENT, text))
        if not self.tcp:
            for number in (BLOCK1, BLOCK2):
                self.assertEqual(self.relay.all(lambda s, n=number: s.msg.all(n)), [])
            self.assertLess(max(len(s.msg.payload) for s in self.relay.all(lambda s: True)), 1100)

    async def test_observe(self):
        """In both worlds, until it is cancelled."""
        await self.registered()
        request = self.server.context.request(
            self.server.message(DEVICE, GET, "/3303/0/5700", observe=0, accept=0))
        answer = await asyncio.wait_for(request.response, DEADLINE)
        self.assertEqual(answer.code, CONTENT)
        notification = await asyncio.wait_for(anext(request.observation.__aiter__()), DEADLINE)
        self.assertTrue(15 <= float(notification.payload) <= 25)
        request.observation.cancel()


class BlocksOverTcp(Blocks):
    """The same over RFC 8323."""
    tcp = True


class Restart(World):
    """State is lost."""

    async def test_the_server_restarts(self):
        """B.1.2 at the server: it asks for an Echo and goes on."""
        await self.registered()
        self.assertEqual((await self.ask(GET, "/3/0/0")).code, CONTENT)
        n = len(self.server.registry.events)
        self.server.contexts.restart()
        self.gateway.ctl("update", DEVICE)
        await self.server.registry.wait("update", DEVICE, n)
        self.assertEqual((await self.ask(GET, "/3/0/0")).code, CONTENT)

    async def test_the_gateway_restarts(self):
        """Numbers go on (never one twice), a request that was recorded before is not served, and the
        registration and the observation of before go on."""
        await self.registered()
        self.assertEqual((await self.ask(GET, "/3/0/0")).code, CONTENT)
        request = self.server.context.request(
            self.server.message(DEVICE, GET, "/3303/0/5700", observe=0))
        self.assertEqual((await asyncio.wait_for(request.response, DEADLINE)).code, CONTENT)
        token = (await self.on_wire("notification", lambda s: s.up and s.msg.code == CODE_CONTENT
                                    and s.msg.all(OBSERVE))).msg.token
        recorded = self.last(False, CODE_POST)
        await asyncio.to_thread(self.gateway.settled)
        numbers = self.numbers()
        await asyncio.to_thread(self.gateway.settled)
        self.gateway.process.kill()
        self.gateway.process.wait()
        mark, n = self.relay.mark(), len(self.server.registry.events)
        self.gateway.start()
        await self.server.registry.wait("update", DEVICE, n)
        self.assertGreater(min(self.numbers(mark)), max(numbers))
        await self.on_wire("notification", lambda s: s.up and s.msg.code == CODE_CONTENT
                           and s.msg.all(OBSERVE) and s.msg.token == token, mark)
        client = self.client_of(DEVICE, mark)
        self.relay.inject(client, recorded.msg.encode())
        answer = await self.on_wire("Echo", lambda s: s.up and s.msg.kind == ACK and
                                    s.msg.mid == recorded.msg.mid, mark)
        self.assertEqual(answer.msg.code, CODE_CHANGED)  # protected: only the server can read it
        self.assertIsNotNone(first(answer.msg, OSCORE))
        self.assertEqual((await self.ask(GET, "/3/0/0")).code, CONTENT)

    def numbers(self, after=0):
        """Of requests of the device."""
        return [int.from_bytes(first(s.msg, OSCORE)[1:6], "big") for s in
                self.relay.all(lambda s: s.up and s.msg.code == CODE_POST and
                               self.context(s) == DEVICE.encode(), after)]

    def client_of(self, endpoint, after):
        """Its address."""
        return self.relay.all(lambda s: s.up and s.msg.code == CODE_POST and
                              self.context(s) == endpoint.encode(), after)[-1].client

    @staticmethod
    def context(seen):
        """The id context of a request."""
        value = first(seen.msg, OSCORE)
        n = 1 + (value[0] & 7)
        return value[n + 1:n + 1 + value[n]] if value[0] & 16 else None


class WrongKey(World):
    """Items 13 and 14: nothing is registered, nothing ends, and with the right key all is well."""

    def prepare(self):
        self.server.contexts.secret = b"another secret"

    async def test_wrong_key(self):
        """Refused, tried again at the pace, then accepted."""
        await self.on_wire("refusal", lambda s: not s.up and s.msg.code == 0x80)
        self.assertEqual(self.server.registry.events, [])
        await asyncio.to_thread(wait_for, "count", lambda: self.gateway.counter("coap.unverified"))
        right = Security(b"C", DEVICE.encode())
        self.server.contexts.known = {(b"C", DEVICE.encode()): right}
        await self.server.registry.wait("register", DEVICE)
        self.assertEqual((await self.ask(GET, "/3/0/0")).code, CONTENT)


class Unaware(World):
    """Item 16: the server knows no OSCORE; nothing goes to it in the clear."""
    protected = False

    async def test_no_oscore_at_the_server(self):
        """4.02 for the critical option, and another attempt."""
        refused = await self.on_wire("4.02", lambda s: not s.up and s.msg.code == 0x82)
        await self.on_wire("another attempt", lambda s: s.up and s.msg.kind == CON and
                           s.time > refused.time)
        for seen in self.relay.all(lambda s: s.up and s.msg.kind == CON):
            self.assertIsNotNone(first(seen.msg, OSCORE))
        self.assertEqual(self.server.registry.events, [])


class InsideDtls(unittest.TestCase):
    """The same inside of DTLS, which openssl s_server terminates: it hands on what it decrypts."""

    def test_register(self):
        """What DTLS carried is protected still; the protected answer registers the device."""
        if not has_plugin("sim") or not shutil.which("openssl"):
            self.skipTest("no sim plugin, or no openssl")
        port, key = free_port(), "00112233445566778899aabbccddeeff"
        server = subprocess.Popen(
            ["openssl", "s_server", "-quiet", "-dtls1_2", "-accept", "127.0.0.1:%d" % port,
             "-nocert", "-psk", key, "-psk_identity", DEVICE, "-cipher", "PSK"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end, server)
        uri = "coaps://127.0.0.1:%d" % port
        conf = (CONF % (uri, "")).replace("devices = 2", "devices = 1").replace(
            "retry_min =", 'security = "psk"; key = "%s"; retry_min =' % key)
        gateway = Gateway(conf)
        self.addCleanup(gateway.close)
        self.assertTrue(select.select([server.stdout], [], [], DEADLINE)[0], "nothing in DTLS")
        data = os.read(server.stdout.fileno(), 2000)
        request = CoapMessage.decode(data)
        self.assertEqual(Message.decode(data).path(), "/")
        context = Security(b"C", DEVICE.encode())
        plain, bound = context.unprotect(request)
        self.assertEqual(plain.opt.uri_path, ("rd",))
        answer, _ = context.protect(CoapMessage(code=CREATED, location_path=("rd", "1")), bound)
        answer.mtype, answer.mid, answer.token = ACK, request.mid, request.token
        os.write(server.stdin.fileno(), answer.encode())
        gateway.wait_log("registered at server 1")

    @staticmethod
    def end(process):
        """Whatever happened."""
        process.kill()
        process.communicate()


if __name__ == "__main__":
    unittest.main(verbosity=2)
