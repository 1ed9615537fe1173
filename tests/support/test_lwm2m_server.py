#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The LwM2M server of the tests is tested itself: by the examples of the specifications, and by a
scripted client on a socket of its own."""

import os
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "support"))
import lwm2m_server as lw  # noqa: E402 pylint: disable=wrong-import-position
from lwm2m_server import ACK, CON, GET, NON, POST, PUT, RST, DELETE, Message  # noqa: E402 pylint: disable=wrong-import-position


class Messages(unittest.TestCase):
    """RFC 7252 §3."""

    def same(self, msg, data):
        """Both ways."""
        self.assertEqual(msg.encode(), bytes.fromhex(data))
        back = Message.decode(bytes.fromhex(data))
        self.assertEqual((back.kind, back.code, back.mid, back.token, back.payload),
                         (msg.kind, msg.code, msg.mid, msg.token, msg.payload))
        self.assertEqual(back.options, sorted(msg.options, key=lambda o: o[0]))

    def test_appendix_a(self):
        self.same(Message(CON, GET, 0x7d34).add(lw.URI_PATH, "temperature"),
                  "40017d34bb74656d7065726174757265")
        self.same(Message(CON, GET, 0x7d35, b"\x20").add(lw.URI_PATH, "temperature"),
                  "41017d3520bb74656d7065726174757265")
        self.same(Message(ACK, 0x45, 0x7d34, payload=b"22.3 C"), "60457d34ff32322e332043")

    def test_option_sizes(self):
        for size in (0, 12, 13, 268, 269, 1000):
            msg = Message(NON, POST, 1).add(lw.URI_PATH, b"x" * size).add(2000, b"")
            back = Message.decode(msg.encode())
            self.assertEqual(back.all(lw.URI_PATH), [b"x" * size])
            self.assertEqual(back.all(2000), [b""])

    def test_order_and_integers(self):
        msg = Message(CON, GET, 1).add(lw.ACCEPT, lw.TLV).add(lw.OBSERVE, 0)
        msg.add(lw.URI_QUERY, "lt=5").add(lw.URI_QUERY, "Q").add(lw.URI_PATH, "rd")
        back = Message.decode(msg.encode())
        self.assertEqual((back.uint(lw.ACCEPT), back.uint(lw.OBSERVE), back.uint(lw.ETAG)),
                         (11542, 0, None))
        self.assertEqual((back.path(), back.query()), ("/rd", {"lt": "5", "Q": None}))

    def test_malformed(self):
        good = Message(CON, GET, 1, b"tt").add(lw.URI_PATH, "abc").encode()
        for bad in (b"", b"\x40\x01\x00", b"\x80" + good[1:], b"\x49" + good[1:] + b"x" * 9,
                    good[:5], good[:-1], good + b"\xff", b"\x40\0\0\1\1", b"\x40\1\0\1\xf0",
                    b"\x40\1\0\1\x0f", b"\x40\1\0\1\xd0", b"\x40\1\0\1\xe0\1"):
            with self.assertRaises(lw.Malformed, msg=bad.hex()):
                Message.decode(bad)

    def test_no_prefix_breaks_it(self):
        good = Message(CON, POST, 1, b"tt", payload=b"x").add(lw.URI_PATH, "a" * 300).encode()
        for n in range(len(good)):
            try:
                Message.decode(good[:n])
            except lw.Malformed:
                pass


class Formats(unittest.TestCase):
    """TLV by the specification's examples, links by RFC 6690."""

    def test_tlv_examples(self):
        # LwM2M 1.0 §6.4.3.1: the battery levels and error code of the Device example.
        data = bytes.fromhex("c800144f70656e204d6f62696c6520416c6c69616e6365"
                             "860641000141010588070842000ed842011388c10964")
        self.assertEqual(lw.tlv_flat(data, "/3/0"), {
            "/3/0/0": b"Open Mobile Alliance", "/3/0/6/0": b"\1", "/3/0/6/1": b"\5",
            "/3/0/7/0": b"\x0e\xd8", "/3/0/7/1": b"\x13\x88", "/3/0/9": b"d"})
        self.assertEqual(lw.tlv_encode(lw.tlv_decode(data)), data)

    def test_tlv_depths(self):
        instance = lw.tlv_encode([(lw.OBJECT_INSTANCE, 1, [(lw.RESOURCE, 5, b"v")])])
        self.assertEqual(lw.tlv_flat(instance, "/9"), {"/9/1/5": b"v"})
        self.assertEqual(lw.tlv_flat(lw.tlv_encode([(lw.RESOURCE, 5, b"v")]), "/9/1/5"),
                         {"/9/1/5": b"v"})
        multiple = lw.tlv_encode([(lw.MULTIPLE, 5, [(lw.RESOURCE_INSTANCE, 7, b"v")])])
        self.assertEqual(lw.tlv_flat(multiple, "/9/1/5"), {"/9/1/5/7": b"v"})
        self.assertEqual(lw.tlv_flat(multiple, "/9/1"), {"/9/1/5/7": b"v"})

    def test_tlv_widths(self):
        for ident in (0, 255, 256, 65535):
            for size in (0, 7, 8, 255, 256, 70000):
                entry = [(lw.RESOURCE, ident, b"x" * size)]
                self.assertEqual(lw.tlv_decode(lw.tlv_encode(entry)), entry)

    def test_tlv_truncated(self):
        data = lw.tlv_encode([(lw.RESOURCE, 300, b"x" * 300)])
        for n in range(1, len(data)):
            with self.assertRaises(lw.Malformed):
                lw.tlv_decode(data[:n])

    def test_tlv_values(self):
        self.assertEqual(lw.tlv_value(b"\xff\x85", "int"), -123)
        self.assertEqual(lw.tlv_value(struct.pack(">f", 21.5), "float"), 21.5)
        self.assertEqual(lw.tlv_value(struct.pack(">d", 21.2), "float"), 21.2)
        self.assertEqual((lw.tlv_value(b"\1", "bool"), lw.tlv_value(b"\0", "bool")), (True, False))
        self.assertEqual(lw.tlv_value("°".encode(), "text"), "°")

    def test_links(self):
        self.assertEqual(lw.link_decode('</>;rt="oma.lwm2m";ct="11542 0",</1/0>,</3>;ver=1.1'), {
            "/": {"rt": "oma.lwm2m", "ct": "11542 0"}, "/1/0": {}, "/3": {"ver": "1.1"}})
        self.assertEqual(lw.link_decode('</a>;t="x,y;z",</b>'), {"/a": {"t": "x,y;z"}, "/b": {}})
        self.assertEqual(lw.link_decode(""), {})
        for bad in ("/1/0", "</1/0", "</1>x", "</1>;a=b,x"):
            with self.assertRaises(lw.Malformed):
                lw.link_decode(bad)


class Client:
    """A client in the hands of the test."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(lw.PATIENCE)
        self.server, self.mid = server, 100

    def send(self, msg):
        """To the server."""
        self.socket.sendto(msg.encode(), ("127.0.0.1", self.server.port))

    def receive(self):
        """The next message."""
        return Message.decode(self.socket.recv(2000))

    def ask(self, method, path, query=(), payload=b"", fmt=lw.LINK, kind=CON):
        """A request of its own and its answer."""
        self.mid += 1
        msg = Message(kind, method, self.mid, b"tk", payload=payload)
        for segment in path.strip("/").split("/"):
            msg.add(lw.URI_PATH, segment)
        for q in query:
            msg.add(lw.URI_QUERY, q)
        if payload:
            msg.add(lw.CONTENT_FORMAT, fmt)
        self.send(msg)
        return self.receive()

    def register(self, *query, payload=b"</>,</3/0>"):
        """POST /rd."""
        return self.ask(POST, "/rd", query or ("ep=a", "lt=60", "lwm2m=1.1"), payload)

    def silent(self):
        """Is nothing there, once the server has done all before this?"""
        self.send(Message(CON, 0, 9999))
        answer = self.receive()
        return (answer.kind, answer.mid) == (RST, 9999)


class WithServer(unittest.TestCase):
    """Server and client."""

    def setUp(self):
        self.server = lw.Server(seed=1)
        self.server.ack_timeout = 60  # nothing is repeated
        self.client = Client(self.server)
        self.addCleanup(self.server.close)
        self.addCleanup(self.client.socket.close)

    def registered(self):
        """The device."""
        self.assertEqual(self.client.register().code, lw.CREATED)
        return self.server.wait_registered("a")

    def begin(self, function, *args, **named):
        """Run something that waits for the client; .result() ends it."""
        return Later(function, *args, **named)


class Later:
    """A call in a thread of its own."""

    def __init__(self, function, *args, **named):
        self.value = self.error = None

        def run():
            try:
                self.value = function(*args, **named)
            except lw.Failed as e:
                self.error = e

        self.thread = lw.threading.Thread(target=run, daemon=True)
        self.thread.start()

    def result(self):
        """What it returned; raises what it raised."""
        self.thread.join(lw.PATIENCE)
        if self.error:
            raise self.error
        return self.value


class Registration(WithServer):
    """LwM2M 1.0 §5.3."""

    def test_life(self):
        answer = self.client.register("ep=a", "lt=60", "lwm2m=1.1", "b=U")
        self.assertEqual((answer.kind, answer.code, answer.token), (ACK, lw.CREATED, b"tk"))
        where = [v.decode() for v in answer.all(lw.LOCATION_PATH)]
        self.assertEqual(where[0], "rd")
        device = self.server.wait_registered("a")
        self.assertEqual((device.lifetime, device.version, device.binding), (60, "1.1", "U"))
        self.assertEqual(device.links, {"/": {}, "/3/0": {}})
        path = "/".join(where)
        self.assertEqual(self.client.ask(POST, path, ["lt=90"]).code, lw.CHANGED)
        self.assertEqual((device.lifetime, device.links["/3/0"]), (90, {}))
        self.assertEqual(self.client.ask(POST, path, payload=b"</1/0>").code, lw.CHANGED)
        self.assertEqual((device.lifetime, device.links), (90, {"/1/0": {}}))
        self.assertEqual(self.client.ask(DELETE, path).code, lw.DELETED)
        self.assertFalse(device.registered)
        self.assertEqual(self.client.ask(POST, path).code, lw.NOT_FOUND)
        self.assertEqual([h[0] for h in self.server.history],
                         ["register", "update", "update", "deregister"])

    def test_again_is_elsewhere(self):
        first, second = self.client.register(), self.client.register()
        self.assertNotEqual(first.all(lw.LOCATION_PATH), second.all(lw.LOCATION_PATH))
        old = "/".join(v.decode() for v in first.all(lw.LOCATION_PATH))
        self.assertEqual(self.client.ask(POST, old).code, lw.NOT_FOUND)

    def test_expiry(self):
        where = "/".join(v.decode() for v in self.client.register(
            "ep=a", "lt=0", "lwm2m=1.0").all(lw.LOCATION_PATH))
        self.assertEqual(self.client.ask(POST, where).code, lw.NOT_FOUND)
        self.assertEqual(self.server.history[-1][0], "expire")

    def test_refused(self):
        for query in (("lwm2m=1.0",), ("ep=", "lwm2m=1.0"), ("ep=a",),
                      ("ep=a", "lwm2m=1.0", "lt=x")):
            self.assertEqual(self.client.register(*query).code, lw.BAD_REQUEST, query)
        self.assertEqual(self.client.register("ep=a", "lwm2m=7").code, lw.PRECONDITION_FAILED)
        for payload in (b"</3/0", b"nonsense", b"</\xff>"):
            self.assertEqual(self.client.register(payload=payload).code, lw.BAD_REQUEST)
        self.assertEqual(self.client.ask(POST, "/rd", ["ep=a", "lwm2m=1.0"], b"</3>", 0).code,
                         lw.BAD_REQUEST)
        self.assertEqual(self.client.ask(PUT, "/rd/1").code, lw.NOT_ALLOWED)
        self.assertEqual(self.server.devices, {})
        self.server.register_code = 0x83
        self.assertEqual(self.client.register().code, 0x83)
        self.assertEqual(self.server.history, [])

    def test_bad_update_changes_nothing(self):
        device = self.registered()
        for query, payload in ((["lt=x"], b""), (["lt=5"], b"</3")):
            self.assertEqual(self.client.ask(POST, device.location, query, payload).code,
                             lw.BAD_REQUEST)
        self.assertEqual((device.lifetime, len(device.links), device.updates), (60, 2, 0))

    def test_duplicates_are_done_once(self):
        msg = Message(CON, POST, 5, b"d", payload=b"</3/0>").add(lw.URI_PATH, "rd")
        msg.add(lw.URI_QUERY, "ep=a").add(lw.URI_QUERY, "lwm2m=1.0").add(lw.CONTENT_FORMAT, lw.LINK)
        self.client.send(msg)
        self.client.send(msg)
        self.assertEqual(self.client.receive().encode(), self.client.receive().encode())
        self.assertEqual(len(self.server.history), 1)

    def test_non_is_answered_by_non(self):
        answer = self.client.ask(POST, "/rd", ["ep=a", "lwm2m=1.0"], b"</3/0>", kind=NON)
        self.assertEqual((answer.kind, answer.code), (NON, lw.CREATED))
        self.assertNotEqual(answer.mid, self.client.mid)

    def test_garbage_is_counted(self):
        self.client.socket.sendto(b"\x40", ("127.0.0.1", self.server.port))
        self.client.send(Message(CON, POST, 3).add(lw.URI_PATH, b"\xff"))
        self.assertEqual(self.client.receive().code, lw.BAD_REQUEST)
        self.assertEqual(self.server.malformed, 1)
        self.registered()


class Questions(WithServer):
    """Requests of the server and what counts as an answer (RFC 7252 §5.3.2)."""

    def asked(self, device, *args, **named):
        """The call under way, and the request as it arrived."""
        call = self.begin(device.request, *args, **named)
        return call, self.client.receive()

    def test_piggybacked(self):
        call, msg = self.asked(self.registered(), PUT, "/3306/0/5850", "1", lw.TEXT,
                               query=("a=b",))
        self.assertEqual((msg.kind, msg.code, msg.path(), msg.payload, msg.query()),
                         (CON, PUT, "/3306/0/5850", b"1", {"a": "b"}))
        self.assertEqual(msg.uint(lw.CONTENT_FORMAT), 0)
        self.client.send(Message(ACK, lw.CHANGED, msg.mid, msg.token))
        self.assertTrue(call.result().ok)

    def test_separate(self):
        call, msg = self.asked(self.registered(), GET, "/3/0/0", accept=lw.TEXT)
        self.assertEqual(msg.uint(lw.ACCEPT), 0)
        self.client.send(Message(ACK, 0, msg.mid))
        answer = Message(CON, lw.CONTENT, 7, msg.token, payload=b"x")
        self.client.send(answer)
        ack = self.client.receive()
        self.assertEqual((ack.kind, ack.code, ack.mid), (ACK, 0, 7))
        self.assertEqual(call.result().text(), "x")
        # Its ACK was lost: it comes again and is acknowledged again, though nobody waits for it.
        self.client.send(answer)
        ack = self.client.receive()
        self.assertEqual((ack.kind, ack.mid), (ACK, 7))

    def test_reset_and_silence(self):
        device = self.registered()
        call, msg = self.asked(device, GET, "/3")
        self.client.send(Message(RST, 0, msg.mid))
        with self.assertRaisesRegex(lw.Failed, "reset"):
            call.result()
        with self.assertRaisesRegex(lw.Failed, "no answer"):
            device.request(GET, "/3", timeout=0)

    def test_retransmission(self):
        self.server.ack_timeout = 0.02
        call, first = self.asked(self.registered(), GET, "/3")
        self.assertEqual(self.client.receive().encode(), first.encode())
        self.client.send(Message(ACK, lw.CONTENT, first.mid, first.token))
        self.assertTrue(call.result().ok)

    def test_answers_that_are_none(self):
        call, msg = self.asked(self.registered(), GET, "/3")
        other = Client(self.server)
        self.addCleanup(other.socket.close)
        other.send(Message(ACK, lw.CONTENT, msg.mid, msg.token, payload=b"other address"))
        other.send(Message(NON, lw.CONTENT, 1, msg.token, payload=b"other address"))
        self.assertEqual(other.receive().kind, RST)
        self.client.send(Message(ACK, lw.CONTENT, msg.mid ^ 1, msg.token, payload=b"other mid"))
        self.client.send(Message(ACK, lw.CONTENT, msg.mid, b"?", payload=b"other token"))
        self.client.send(Message(ACK, GET, msg.mid, msg.token))
        self.client.send(Message(CON, 0xe1, 77, msg.token, payload=b"reserved class"))
        self.assertEqual(self.client.receive().kind, RST)
        self.client.send(Message(ACK, lw.CONTENT, msg.mid, msg.token, payload=b"right"))
        self.assertEqual(call.result().text(), "right")
        self.assertEqual(self.server.unexpected, 4)


class Observing(WithServer):
    """RFC 7641."""

    def observed(self):
        """An observation, answered with 1."""
        call = self.begin(self.registered().observe, "/3303/0/5700")
        msg = self.client.receive()
        self.assertEqual(msg.uint(lw.OBSERVE), 0)
        answer = Message(ACK, lw.CONTENT, msg.mid, msg.token, payload=b"1").add(lw.OBSERVE, 1)
        self.client.send(answer)
        return call.result(), msg.token

    def test_notifications(self):
        observation, token = self.observed()
        self.assertEqual(observation.first.value(), 1)
        self.client.send(Message(NON, lw.CONTENT, 1, token, payload=b"2").add(lw.OBSERVE, 2))
        for _ in range(2):
            self.client.send(Message(CON, lw.CONTENT, 2, token, payload=b"3").add(lw.OBSERVE, 3))
            ack = self.client.receive()
            self.assertEqual((ack.kind, ack.mid), (ACK, 2))
        self.client.send(Message(NON, lw.CONTENT, 1, token, payload=b"2").add(lw.OBSERVE, 2))
        self.assertTrue(self.client.silent())
        self.assertEqual([a.value() for a in observation.notifications], [2, 3])
        self.assertEqual(observation.wait(lambda a: a.value() > 2).observe, 3)
        with self.assertRaises(lw.Failed):
            observation.wait(after=2, timeout=0)

    def test_somebody_elses(self):
        observation, token = self.observed()
        other = Client(self.server)
        self.addCleanup(other.socket.close)
        other.send(Message(CON, lw.CONTENT, 1, token, payload=b"2"))
        self.assertEqual(other.receive().kind, RST)
        self.assertEqual(observation.notifications, [])

    def test_cancel_passively(self):
        observation, token = self.observed()
        observation.cancel(passive=True)
        for kind in (CON, NON):
            self.client.send(Message(kind, lw.CONTENT, 10 + kind, token, payload=b"2"))
            answer = self.client.receive()
            self.assertEqual((answer.kind, answer.mid), (RST, 10 + kind))

    def test_cancel_actively(self):
        observation, token = self.observed()
        call = self.begin(observation.cancel)
        msg = self.client.receive()
        self.assertEqual((msg.token, msg.uint(lw.OBSERVE), msg.path()), (token, 1, "/3303/0/5700"))
        self.client.send(Message(ACK, lw.CONTENT, msg.mid, token, payload=b"1"))
        self.assertIsNone(call.result().observe)

    def test_refused(self):
        call = self.begin(self.registered().observe, "/9")
        msg = self.client.receive()
        self.client.send(Message(ACK, lw.NOT_FOUND, msg.mid, msg.token))
        self.assertFalse(call.result().first.ok)
        self.assertEqual(self.server.observations, {})


class Misdeeds(WithServer):
    """They do what they say."""

    def answer(self, misdeed):
        """What a client sees of the answer to a ping, which is RST with the same id."""
        self.server.outgoing = misdeed
        self.client.send(Message(CON, 0, 0x1234))
        return self.client.socket.recvfrom(2000)

    def test_twice(self):
        usual = b"\x70\0\x12\x34"
        self.assertEqual(self.answer(lw.twice)[0], usual)
        self.assertEqual(self.client.socket.recv(2000), usual)

    def test_truncated(self):
        self.assertEqual(self.answer(lw.truncated)[0], b"\x70\0\x12")

    def test_wrong_mid(self):
        self.assertEqual(self.answer(lw.wrong_mid)[0], b"\x70\0\xed\x34")

    def test_wrong_token(self):
        self.server.outgoing = lw.wrong_token
        self.assertEqual(self.client.register().token, bytes(b ^ 0xff for b in b"tk"))

    def test_elsewhere(self):
        elsewhere = lw.Elsewhere(self.server)
        self.addCleanup(elsewhere.close)
        self.assertNotEqual(self.answer(elsewhere)[1][1], self.server.port)

    def test_late(self):
        begin = time.monotonic()
        self.answer(lw.Late(self.server, 0.05))
        self.assertGreaterEqual(time.monotonic() - begin, 0.05)

    def test_lost(self):
        self.server.outgoing = lw.lose()
        self.client.send(Message(CON, 0, 1))
        self.server.wait("ping", lambda: self.server._answered)  # pylint: disable=protected-access
        self.server.outgoing = lambda data, address: [data]
        self.client.send(Message(CON, 0, 2))
        self.assertEqual(self.client.receive().mid, 2)


class Commands(WithServer):
    """What the program does with lines."""

    def test_lines(self):
        said = []
        console = lw.Console(self.server, ["/3/0"], said.append)
        device = self.registered()
        console.command("list")
        self.assertEqual(said.pop(), "a / /3/0")

        def play(line, code, payload=b""):
            call = self.begin(console.command, line)
            msg = self.client.receive()
            self.client.send(Message(ACK, code, msg.mid, msg.token, payload=payload))
            call.result()
            return msg

        self.assertEqual(play("read a /3/0/1", lw.CONTENT, b"x").code, GET)
        self.assertEqual(said.pop(), "a /3/0/1: 2.05 b'x'")
        self.assertEqual(play("write a /3/0/1 one two", lw.CHANGED).payload, b"one two")
        self.assertEqual(play("execute a /3/0/4", lw.CHANGED).code, POST)
        self.assertEqual(play("attributes a /3 pmin=1 pmax=2", lw.CHANGED).query(),
                         {"pmin": "1", "pmax": "2"})
        self.assertEqual(play("observe a /3/0/1", lw.CONTENT, b"x").uint(lw.OBSERVE), 0)
        self.assertEqual(play("cancel a /3/0/1", lw.CONTENT, b"x").uint(lw.OBSERVE), 1)
        call = self.begin(console.event, "register", device)
        msg = self.client.receive()
        self.client.send(Message(ACK, lw.CONTENT, msg.mid, msg.token, payload=b"1"))
        call.result()
        self.client.send(Message(NON, lw.CONTENT, 1, msg.token, payload=b"2"))
        self.assertTrue(self.client.silent())
        console.notifications()
        console.notifications()
        self.assertEqual(said[-2:], ["a /3/0 = 2.05 b'1'", "a /3/0 = 2.05 b'2'"])
        for bad in ("dance", "read", "read b /3", "read a", "write a /3", "list all", "cancel a /9"):
            console.command(bad)
            self.assertTrue(said.pop().startswith("not understood"), bad)


if __name__ == "__main__":
    unittest.main()
