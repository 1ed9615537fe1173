#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A small LwM2M server (1.0 and 1.1, NoSec over UDP), written from the specifications for tests
and for the demonstration. Standard library only; nothing of the gateway's code is used.

    server = Server()
    device = server.wait_registered("thermometer")
    device.read("/3303/0/5700").value()
    observation = device.observe("/3303/0/5700")
    observation.wait(lambda r: r.value() > 20)

It can misbehave: `incoming` and `outgoing` see every datagram and say what becomes of it (some
ready-made misdeeds are below), and `register_code` refuses registrations. As a program it prints
what happens, observes what is told, obeys lines on its standard input, and needs no other tool:

    lwm2m_server.py --port 5683 --observe /3303/0/5700
    read thermometer /3303/0/5700
"""

import argparse
import random
import socket
import struct
import sys
import threading
import time

CON, NON, ACK, RST = range(4)
GET, POST, PUT, DELETE = 1, 2, 3, 4
CREATED, DELETED, CHANGED, CONTENT, CONTINUE = 0x41, 0x42, 0x44, 0x45, 0x5f
BAD_REQUEST, NOT_FOUND, NOT_ALLOWED, PRECONDITION_FAILED = 0x80, 0x84, 0x85, 0x8c

IF_MATCH, ETAG, OBSERVE, LOCATION_PATH, URI_PATH = 1, 4, 6, 8, 11
CONTENT_FORMAT, URI_QUERY, ACCEPT = 12, 15, 17
BLOCK2, BLOCK1, SIZE2, SIZE1 = 23, 27, 28, 60

TEXT, LINK, OPAQUE, TLV = 0, 40, 42, 11542

ACK_TIMEOUT, ACK_RANDOM_FACTOR, BACK_OFF, MAX_RETRANSMIT = 2.0, 1.5, 2, 4
EXCHANGE_LIFETIME = 247
PATIENCE = 120  # s, for what comes at once unless the machine is busy


def code_text(code):
    """0x45 is "2.05"."""
    return "%d.%02d" % (code >> 5, code & 31)


# --- messages (RFC 7252 §3) -------------------------------------------------------------------


class Malformed(Exception):
    """Not a CoAP message, or not a format's payload."""


class Message:
    """One CoAP message; options are (number, bytes) in any order."""

    def __init__(self, kind, code, mid=0, token=b"", options=(), payload=b""):
        self.kind, self.code, self.mid, self.token = kind, code, mid, token
        self.options, self.payload = list(options), payload

    def add(self, number, value):
        """Append an option: bytes, text or an unsigned integer."""
        if isinstance(value, int):
            value = value.to_bytes((value.bit_length() + 7) // 8, "big")
        elif isinstance(value, str):
            value = value.encode()
        self.options.append((number, value))
        return self

    def all(self, number):
        """Values of all options of this number."""
        return [v for n, v in self.options if n == number]

    def uint(self, number):
        """The first option of this number as an integer, or None."""
        values = self.all(number)
        return int.from_bytes(values[0], "big") if values else None

    def path(self):
        """Uri-Path as text: "/rd/5a"."""
        return "/" + "/".join(v.decode() for v in self.all(URI_PATH))

    def query(self):
        """Uri-Query as a dictionary; a name without value has None."""
        pairs = [v.decode().partition("=") for v in self.all(URI_QUERY)]
        return {name: value if sep else None for name, sep, value in pairs}

    def encode(self):
        """The datagram."""
        out = bytearray([0x40 | self.kind << 4 | len(self.token), self.code])
        out += struct.pack(">H", self.mid) + self.token
        last = 0
        for number, value in sorted(self.options, key=lambda o: o[0]):
            delta, dext = _nibble(number - last)
            length, lext = _nibble(len(value))
            out += bytes([delta << 4 | length]) + dext + lext + value
            last = number
        if self.payload:
            out += b"\xff" + self.payload
        return bytes(out)

    @classmethod
    def decode(cls, data):
        """Raises Malformed."""
        if len(data) < 4 or data[0] >> 6 != 1 or data[0] & 15 > 8:
            raise Malformed("header")
        length = data[0] & 15
        msg = cls(data[0] >> 4 & 3, data[1], struct.unpack(">H", data[2:4])[0],
                  data[4:4 + length])
        if len(msg.token) != length or (msg.code == 0 and len(data) > 4):
            raise Malformed("token or empty message")
        at, number = 4 + length, 0
        while at < len(data):
            if data[at] == 0xff:
                msg.payload = data[at + 1:]
                if not msg.payload:
                    raise Malformed("payload marker without payload")
                break
            delta, size = data[at] >> 4, data[at] & 15
            delta, at = _extended(data, at + 1, delta)
            size, at = _extended(data, at, size)
            if at + size > len(data):
                raise Malformed("option beyond the end")
            number += delta
            msg.options.append((number, data[at:at + size]))
            at += size
        return msg


def _nibble(n):
    if n < 13:
        return n, b""
    if n < 269:
        return 13, bytes([n - 13])
    return 14, struct.pack(">H", n - 269)


def _extended(data, at, nibble):
    need = {13: 1, 14: 2}.get(nibble, 0)
    if nibble == 15 or at + need > len(data):
        raise Malformed("option header")
    if nibble == 13:
        return data[at] + 13, at + 1
    if nibble == 14:
        return struct.unpack(">H", data[at:at + 2])[0] + 269, at + 2
    return nibble, at


# --- content formats ----------------------------------------------------------------------------

OBJECT_INSTANCE, RESOURCE_INSTANCE, MULTIPLE, RESOURCE = range(4)


def tlv_decode(data):
    """[(kind, id, bytes or list)] (LwM2M 1.0 §6.4.3)."""
    out, at = [], 0
    while at < len(data):
        head = data[at]
        at += 1
        width = 2 if head & 0x20 else 1
        ident = int.from_bytes(data[at:at + width], "big")
        at += width
        size, width = head & 7, head >> 3 & 3
        if at + width > len(data):
            raise Malformed("TLV header")
        if width:
            size = int.from_bytes(data[at:at + width], "big")
            at += width
        if at + size > len(data):
            raise Malformed("TLV beyond the end")
        value = data[at:at + size]
        at += size
        kind = head >> 6
        out.append((kind, ident, tlv_decode(value) if kind in (OBJECT_INSTANCE, MULTIPLE)
                    else value))
    return out


def tlv_encode(entries):
    """The other way."""
    out = b""
    for kind, ident, value in entries:
        if isinstance(value, list):
            value = tlv_encode(value)
        size = len(value)
        width = 0 if size < 8 else (size.bit_length() + 7) // 8
        head = kind << 6 | (0x20 if ident > 255 else 0) | width << 3 | (0 if width else size)
        out += bytes([head]) + ident.to_bytes(2 if ident > 255 else 1, "big")
        out += (size.to_bytes(width, "big") if width else b"") + value
    return out


def tlv_value(data, kind):
    """Bytes of a TLV value as "int", "float", "bool", "text" or "opaque"."""
    if kind == "int":
        return int.from_bytes(data, "big", signed=True)
    if kind == "float":
        return struct.unpack(">f" if len(data) == 4 else ">d", data)[0]
    if kind == "bool":
        return data != b"\0"
    return data.decode() if kind == "text" else data


def tlv_flat(data, path):
    """{"/3/0/0": bytes}: what a TLV payload that was read at path says of each resource."""
    ids = [int(s) for s in path.strip("/").split("/") if s]
    out = {}

    def walk(prefix, entries):
        for kind, ident, value in entries:
            # A single value read at its own path says its id again.
            here = prefix if len(prefix) > 2 and kind == RESOURCE and prefix[-1] == ident \
                else prefix + [ident]
            if len(prefix) == 3 and kind == MULTIPLE:
                here = prefix
            if isinstance(value, list):
                walk(here, value)
            else:
                out["/" + "/".join(map(str, here))] = value

    walk(ids, tlv_decode(data))
    return out


def link_decode(text):
    """{"/3/0": {"ver": "1.1"}} (RFC 6690)."""
    out, at = {}, 0
    while at < len(text):
        end = text.find(">", at)
        if text[at] != "<" or end < 0:
            raise Malformed("link format: " + text)
        name, at, attributes = text[at + 1:end], end + 1, {}
        while at < len(text) and text[at] == ";":
            stop = at + 1
            quoted = False
            while stop < len(text) and (quoted or text[stop] not in ";,"):
                quoted ^= text[stop] == '"'
                stop += 1
            key, _, value = text[at + 1:stop].partition("=")
            attributes[key] = value.strip('"')
            at = stop
        out[name] = attributes
        if at < len(text):
            if text[at] != ",":
                raise Malformed("link format: " + text)
            at += 1
    return out


class Answer:
    """A response, or a notification: code, payload, and the options that matter."""

    def __init__(self, msg, path):
        self.message, self.code, self.payload = msg, msg.code, msg.payload
        self.format = msg.uint(CONTENT_FORMAT)
        self.observe = msg.uint(OBSERVE)
        self.ok = msg.code >> 5 == 2
        self.path = path

    def __repr__(self):
        return "%s %r" % (code_text(self.code), self.payload)

    def text(self):
        """The payload as text."""
        return self.payload.decode()

    def value(self):
        """A number if the text is one, true and false for 1 and 0 are up to the caller."""
        try:
            return float(self.text())
        except ValueError:
            return self.text()

    def values(self):
        """TLV: bytes by path."""
        return tlv_flat(self.payload, self.path)

    def links(self):
        """Link format."""
        return link_decode(self.text())


# --- the server -----------------------------------------------------------------------------------


class Failed(Exception):
    """No answer, or a reset."""


class Observation:
    """Notifications of one path, in order of arrival."""

    def __init__(self, device, path, token, first):
        self.device, self.path, self.token, self.first = device, path, token, first
        self.notifications = []

    def wait(self, condition=lambda a: True, timeout=PATIENCE, after=0):
        """The first notification from number `after` on for which condition holds."""
        with self.device.server.changed:
            end = time.monotonic() + timeout
            while True:
                for answer in self.notifications[after:]:
                    if condition(answer):
                        return answer
                left = end - time.monotonic()
                if left <= 0:
                    raise Failed("no such notification of %s: %r" %
                                 (self.path, self.notifications))
                self.device.server.changed.wait(left)

    def cancel(self, passive=False):
        """Observe=1, or passively: the next notification is answered with RST."""
        with self.device.server.changed:
            self.device.server.observations.pop(self.token, None)
        if passive:
            return None
        return self.device.request(GET, self.path, observe=1, token=self.token)


class Device:
    """A registered client."""

    def __init__(self, server, endpoint, address, location):
        self.server, self.endpoint = server, endpoint
        self.address, self.location = address, location
        self.lifetime, self.version, self.binding = 86400, "1.0", "U"
        self.links, self.updates, self.query = {}, 0, {}
        self.registered, self.expires = True, 0.0

    def renew(self, query):
        """The lifetime begins anew, maybe another one."""
        self.lifetime = int(query.get("lt", self.lifetime))
        self.expires = time.monotonic() + self.lifetime

    def request(self, method, path, payload=b"", fmt=None, accept=None, observe=None, query=(),
                token=None, kind=CON, timeout=PATIENCE, options=()):
        """Ask and wait for the answer; raises Failed."""
        msg = Message(kind, method, options=options)
        for segment in path.strip("/").split("/"):
            if segment:
                msg.add(URI_PATH, segment)
        for q in query:
            msg.add(URI_QUERY, q)
        if fmt is not None:
            msg.add(CONTENT_FORMAT, fmt)
        if accept is not None:
            msg.add(ACCEPT, accept)
        if observe is not None:
            msg.add(OBSERVE, observe)
        body = payload.encode() if isinstance(payload, str) else payload
        msg.token = token or self.server.new_token()
        return Answer(self._in_blocks(msg, body, timeout), path)

    def _in_blocks(self, msg, body, timeout):
        """One request, its body and that of its answer in blocks where they must be (RFC 7959)."""
        size = self.server.block_size
        plain = [o for o in msg.options if o[0] != BLOCK1]
        at = 0
        while True:
            part = body[at:at + size]
            more = at + size < len(body)
            msg.payload, msg.options = part, list(plain)
            if len(body) > size:
                msg.add(BLOCK1, at // size << 4 | more << 3 | size.bit_length() - 5)
            answer = self.server.ask(self.address, msg, timeout)
            if not more or answer.code != CONTINUE:
                break
            at += size
            msg.token = self.server.new_token()
        block, whole = answer.uint(BLOCK2), answer.payload
        while block is not None and block & 8:
            size = 16 << (block & 7)
            follow = Message(CON, msg.code, options=[o for o in plain if o[0] != OBSERVE])
            follow.add(BLOCK2, len(whole) // size << 4 | block & 7)
            follow.token = self.server.new_token()
            more = self.server.ask(self.address, follow, timeout)
            if more.code != answer.code:
                return more
            if more.all(ETAG) != answer.all(ETAG):  # it has changed meanwhile: from the begin
                msg.token = self.server.new_token()
                return self._in_blocks(msg, body, timeout)
            block = more.uint(BLOCK2)
            whole += more.payload
        answer.payload = whole
        return answer

    def read(self, path, accept=None):
        """GET."""
        return self.request(GET, path, accept=accept)

    def discover(self, path):
        """GET of the links."""
        return self.request(GET, path, accept=LINK)

    def write(self, path, payload, fmt=TEXT, replace=True):
        """PUT, or POST for a partial update."""
        return self.request(PUT if replace else POST, path, payload, fmt)

    def write_attributes(self, path, *query):
        """PUT with a query: "pmin=1"."""
        return self.request(PUT, path, query=query)

    def execute(self, path, arguments=""):
        """POST."""
        return self.request(POST, path, arguments, TEXT if arguments else None)

    def observe(self, path, accept=None):
        """GET with Observe=0; .first is the answer to it."""
        token = self.server.new_token()
        observation = Observation(self, path, token, None)
        with self.server.changed:
            self.server.observations[token] = observation
        observation.first = self.request(GET, path, accept=accept, observe=0, token=token)
        if not observation.first.ok:
            with self.server.changed:
                self.server.observations.pop(token, None)
        return observation


class Server:
    """Serves on a UDP port until close()."""

    def __init__(self, port=0, host="127.0.0.1", seed=None):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET,
                                    socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.host, self.port = self.socket.getsockname()[:2]
        self.random = random.Random(seed)
        self.changed = threading.Condition()
        self.devices = {}  # by endpoint
        self.by_location = {}
        self.observations = {}  # by token
        self.history = []  # ("register" | "update" | "deregister", endpoint, query)
        self.malformed = 0  # datagrams that are no CoAP
        self.unexpected = 0  # ACK and RST that belong to nothing
        self.register_code = CREATED  # anything else refuses
        self.ack_timeout = ACK_TIMEOUT
        self.block_size = 1024  # of what is sent in blocks
        self._bodies = {}  # (address, path and query) -> bytes so far
        self.incoming = lambda data, address: [data]  # what arrives of a datagram
        self.outgoing = lambda data, address: [data]  # what leaves for one
        self.on_event = None  # called with (what, device) after the change
        self._waiting = {}  # (address, token) -> list of messages
        self._acks = {}  # (address, mid) -> message, None before it comes
        self._answered = {}  # (address, mid) -> (time, datagram or None), oldest first
        self._mid = self.random.randrange(65536)
        self._next_location = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        """End; nothing is sent to anybody."""
        sock, self.socket = self.socket, None
        wake = socket.socket(sock.family, socket.SOCK_DGRAM)
        wake.sendto(b"", (self.host, self.port))
        wake.close()
        self._thread.join(5)
        sock.close()

    def uri(self):
        """What a client's configuration wants."""
        return "coap://%s:%d" % ("[%s]" % self.host if ":" in self.host else self.host, self.port)

    def new_token(self):
        """Eight random bytes."""
        return self.random.randbytes(8)

    def wait(self, what, condition, timeout=PATIENCE):
        """The first true result of condition(), looked at whenever something changes."""
        with self.changed:
            end = time.monotonic() + timeout
            while True:
                result = condition()
                if result:
                    return result
                left = end - time.monotonic()
                if left <= 0:
                    raise Failed("not in time: %s; history: %r" % (what, self.history[-20:]))
                self.changed.wait(left)

    def wait_registered(self, endpoint, timeout=PATIENCE):
        """The device of this endpoint name once it is registered."""
        def there():
            device = self.devices.get(endpoint)
            return device if device and device.registered else None
        return self.wait("registration of " + endpoint, there, timeout)

    # --- sending ------------------------------------------------------------------------------

    def send_raw(self, data, address):
        """A datagram as it is, through `outgoing`."""
        sock = self.socket
        for part in self.outgoing(data, address) if sock else ():
            sock.sendto(part, address)

    def ask(self, address, msg, timeout):
        """Send a request until it is acknowledged; the response. Raises Failed."""
        with self.changed:
            self._mid = (self._mid + 1) & 0xffff
            msg.mid = self._mid
            key, waiting = (address[:2], msg.mid), (address[:2], msg.token)
            box = self._waiting.setdefault(waiting, [])
            self._acks[key] = None
        data = msg.encode()
        end = time.monotonic() + timeout
        pause = self.ack_timeout * self.random.uniform(1, ACK_RANDOM_FACTOR)
        sent, resend_at = 0, 0
        try:
            with self.changed:
                while True:
                    if box:
                        return box.pop(0)
                    ack = self._acks[key]
                    if ack is not None and ack.kind == RST:
                        raise Failed("reset")
                    now = time.monotonic()
                    if now >= end:
                        raise Failed("no answer")
                    if ack is None and now >= resend_at and \
                            (sent == 0 or (msg.kind == CON and sent <= MAX_RETRANSMIT)):
                        self.send_raw(data, address)
                        sent += 1
                        resend_at = now + pause
                        pause *= BACK_OFF
                    self.changed.wait(min(end, max(resend_at, now + 0.01)) - now
                                      if ack is None else end - now)
        finally:
            with self.changed:
                self._acks.pop(key, None)
                self._waiting.pop(waiting, None)

    # --- receiving -----------------------------------------------------------------------------

    def _run(self):
        while self.socket:
            try:
                data, address = self.socket.recvfrom(65536)
            except (ConnectionError, OSError, AttributeError):
                continue
            if not self.socket:
                return
            for part in self.incoming(data, address):
                try:
                    msg = Message.decode(part)
                except Malformed:
                    self.malformed += 1
                    continue
                event = self._receive(msg, address)
                if event and self.on_event:
                    self.on_event(*event)

    def _receive(self, msg, address):
        event = None
        with self.changed:
            if msg.kind in (ACK, RST):
                self._settle(msg, address)
            elif not self._again(msg, address):
                if 1 <= msg.code < 32:
                    event = self._request(msg, address)
                else:
                    self._unasked(msg, address)
            self.changed.notify_all()
        return event

    def _settle(self, msg, address):
        """An ACK or RST counts only for a message that waits for it (RFC 7252 §4.2)."""
        key = (address[:2], msg.mid)
        if key not in self._acks or 1 <= msg.code < 32:
            self.unexpected += 1
            return
        if msg.code == 0 or msg.kind == RST:
            self._acks[key] = msg
        elif not self._response(msg, address):
            self.unexpected += 1

    def _again(self, msg, address):
        """A duplicate gets the same answer and does nothing (RFC 7252 §4.5)."""
        now = time.monotonic()
        while self._answered:
            oldest = next(iter(self._answered))
            if now - self._answered[oldest][0] < EXCHANGE_LIFETIME:
                break
            del self._answered[oldest]
        old = self._answered.get((address[:2], msg.mid))
        if old and old[1]:
            self.send_raw(old[1], address)
        return old is not None

    def _answer(self, msg, address, data):
        self._answered[(address[:2], msg.mid)] = (time.monotonic(), data)
        if data:
            self.send_raw(data, address)

    def _unasked(self, msg, address):
        """CON or NON that is no request: a separate response, a notification, or nobody's."""
        known = msg.code >> 5 in (2, 4, 5) and self._response(msg, address)
        if known and msg.kind == NON:
            self._answer(msg, address, None)
        else:
            self._answer(msg, address, Message(ACK if known else RST, 0, msg.mid).encode())

    def _response(self, msg, address):
        """Is it one, to a question or an observation of this very client?"""
        box = self._waiting.get((address[:2], msg.token))
        if box is not None:
            box.append(msg)
            return True
        observation = self.observations.get(msg.token)
        if not observation or observation.device.address[:2] != address[:2] or msg.kind == ACK:
            return False
        observation.notifications.append(Answer(msg, observation.path))
        return True

    def _request(self, msg, address):
        block = msg.uint(BLOCK1)
        try:
            if block is None:
                code, location, event = self._registration(msg, address)
            else:
                code, location, event = self._block(msg, address, block)
        except (Malformed, ValueError):  # of which UnicodeDecodeError is one
            code, location, event = BAD_REQUEST, [], None
        self._mid = (self._mid + 1) & 0xffff
        answer = Message(ACK if msg.kind == CON else NON, code,
                         msg.mid if msg.kind == CON else self._mid, msg.token)
        for segment in location:
            answer.add(LOCATION_PATH, segment)
        if block is not None:
            answer.add(BLOCK1, block)
        self._answer(msg, address, answer.encode())
        return event

    def _block(self, msg, address, block):
        """A body in blocks: what it is for is done with the last one."""
        key = (address[:2], msg.path(), tuple(msg.all(URI_QUERY)))
        have = b"" if not block >> 4 else self._bodies.get(key, b"")
        if len(have) != (block >> 4) * (16 << (block & 7)):
            return 0x88, [], None  # 4.08
        self._bodies[key] = have + msg.payload
        if block & 8:
            return CONTINUE, [], None
        msg.payload = self._bodies.pop(key)
        return self._registration(msg, address)

    def _registration(self, msg, address):
        path, query = msg.path(), msg.query()
        if path == "/rd" and msg.code == POST:
            return self._register(msg, address, query)
        device = self.by_location.get(path)
        if device and time.monotonic() >= device.expires:
            device.registered = False
            del self.by_location[path]
            self.history.append(("expire", device.endpoint, {}))
            device = None
        if not path.startswith("/rd/") or msg.code not in (POST, DELETE):
            return NOT_ALLOWED, [], None
        if not device:
            return NOT_FOUND, [], None
        if msg.code == DELETE:
            device.registered = False
            del self.by_location[path]
            self.history.append(("deregister", device.endpoint, query))
            return DELETED, [], ("deregister", device)
        links = link_decode(msg.payload.decode()) if msg.payload else device.links
        device.renew(query)
        device.address, device.links = address, links
        device.updates += 1
        self.history.append(("update", device.endpoint, query))
        return CHANGED, [], ("update", device)

    def _register(self, msg, address, query):
        if self.register_code != CREATED:
            return self.register_code, [], None
        if not query.get("ep") or msg.uint(CONTENT_FORMAT) != LINK or "lwm2m" not in query:
            return BAD_REQUEST, [], None
        if query["lwm2m"] not in ("1.0", "1.1"):
            return PRECONDITION_FAILED, [], None
        old = self.devices.get(query["ep"])
        name = "%x" % (self._next_location + 1)
        device = Device(self, query["ep"], address, "/rd/" + name)
        device.links = link_decode(msg.payload.decode())
        device.renew(query)
        self._next_location += 1
        if old:
            self.by_location.pop(old.location, None)
        device.version, device.binding = query["lwm2m"], query.get("b", "U")
        device.query = query
        self.devices[device.endpoint] = self.by_location[device.location] = device
        self.history.append(("register", device.endpoint, query))
        return CREATED, ["rd", name], ("register", device)


# --- misdeeds: for Server.incoming and Server.outgoing ---------------------------------------------


def lose(share=1.0, dice=random):
    """Datagrams vanish: this share of them."""
    return lambda data, address: [] if dice.random() < share else [data]


def twice(data, _address):
    """Every datagram comes two times."""
    return [data, data]


def truncated(data, _address):
    """The last byte is missing."""
    return [data[:-1]]


def wrong_token(data, _address):
    """The token is another one; what has none goes through."""
    length = data[0] & 15
    return [data[:4] + bytes(b ^ 0xff for b in data[4:4 + length]) + data[4 + length:]]


def wrong_mid(data, _address):
    """The message id is another one."""
    return [data[:2] + bytes([data[2] ^ 0xff]) + data[3:]]


class Elsewhere:
    """Everything leaves from another port of the same host."""

    def __init__(self, server):
        self.socket = socket.socket(server.socket.family, socket.SOCK_DGRAM)
        self.socket.bind((server.host, 0))

    def __call__(self, data, address):
        self.socket.sendto(data, address)
        return []

    def close(self):
        """No more."""
        self.socket.close()


class Late:
    """Everything leaves this many seconds later."""

    def __init__(self, server, seconds):
        self.server, self.seconds = server, seconds

    def __call__(self, data, address):
        timer = threading.Timer(self.seconds, self._send, (data, address))
        timer.daemon = True
        timer.start()
        return []

    def _send(self, data, address):
        sock = self.server.socket
        if sock:
            sock.sendto(data, address)


# --- as a program ----------------------------------------------------------------------------------


COMMANDS = """list                            who is registered, with what
read ENDPOINT PATH              write ENDPOINT PATH TEXT
execute ENDPOINT PATH [TEXT]    discover ENDPOINT PATH
observe ENDPOINT PATH           cancel ENDPOINT PATH
attributes ENDPOINT PATH NAME=VALUE..."""


class Console:
    """Obeys lines, prints what happens."""

    def __init__(self, server, paths, show):
        self.server, self.paths, self.show = server, paths, show
        self.observations, self.shown = {}, {}

    def observe(self, device, path):
        """From now on notifications are shown."""
        observation = device.observe(path)
        if observation.first.ok:
            self.observations[device.endpoint, path] = observation
        return observation.first

    def cancel(self, device, path):
        """No longer."""
        return self.observations.pop((device.endpoint, path)).cancel()

    def command(self, line):
        """One line; what came of it is shown."""
        name, *rest = line.split(None, 3)
        if name == "list" and not rest:
            for d in self.server.devices.values():
                if d.registered:
                    self.show("%s %s" % (d.endpoint, " ".join(d.links)))
            return
        does = {"read": Device.read, "write": Device.write, "execute": Device.execute,
                "discover": Device.discover, "observe": self.observe, "cancel": self.cancel,
                "attributes": lambda d, p, q: d.write_attributes(p, *q.split())}.get(name)
        try:
            if not does:
                raise KeyError(name)
            answer = does(self.server.devices[rest[0]], *rest[1:])
            self.show("%s %s: %r" % (rest[0], rest[1], answer))
        except Failed as e:
            self.show("%s: %s" % (line, e))
        except (KeyError, IndexError, TypeError):
            self.show("not understood, or not there: %s\n%s" % (line, COMMANDS))

    def event(self, what, device):
        """A registration and its like; observes what is to be observed of everybody."""
        self.show("%s %s %s" % (what, device.endpoint, " ".join(device.links)))
        for path in self.paths if what == "register" else ():
            if "/" + "/".join(path.strip("/").split("/")[:2]) in device.links:
                try:
                    self.show("%s %s = %r" % (device.endpoint, path, self.observe(device, path)))
                except Failed as e:
                    self.show("%s %s: %s" % (device.endpoint, path, e))

    def notifications(self):
        """Those that were not shown yet."""
        for o in list(self.observations.values()):
            for answer in o.notifications[self.shown.get(o.token, 0):]:
                self.show("%s %s = %r" % (o.device.endpoint, o.path, answer))
                self.shown[o.token] = self.shown.get(o.token, 0) + 1


def main():
    """Print what happens; observe what was asked for; obey standard input."""
    parser = argparse.ArgumentParser(description="A small LwM2M server for trying things out.",
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="Lines on standard input:\n" + COMMANDS)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5683)
    parser.add_argument("--observe", action="append", default=[], metavar="PATH",
                        help="observe this path of every device that has it")
    args = parser.parse_args()
    server = Server(args.port, args.host)
    console = Console(server, args.observe, lambda text: print(text, flush=True))
    queue = []

    def put(function, *what):
        with server.changed:
            queue.append((function, what))
            server.changed.notify_all()

    def read_lines():
        for line in sys.stdin:
            if line.strip():
                put(console.command, line.strip())

    server.on_event = lambda *what: put(console.event, *what)
    console.show("listening at " + server.uri())
    threading.Thread(target=read_lines, daemon=True).start()
    while True:
        with server.changed:
            server.changed.wait(0.5)
            work, queue[:] = list(queue), []
        for function, what in work:
            function(*what)
        console.notifications()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
