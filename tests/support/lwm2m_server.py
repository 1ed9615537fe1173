#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A small LwM2M server (1.0 and 1.1, NoSec over UDP), written from the specifications for tests
and for the demonstration. Standard library only; nothing of the gateway's code is used.

    server = Server()
    device = server.wait_registered("thermometer")
    device.read("/3303/0/5700").value()
    observation = device.observe("/3303/0/5700")
    observation.wait(lambda r: r.value() > 20)

It can misbehave: `incoming` and `outgoing` see every datagram and say what becomes of it, and
`register_code` refuses registrations. As a program it prints what happens, observes what is told,
and needs no other tool:

    lwm2m_server.py --port 5683 --observe /3303/0/5700
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
CREATED, DELETED, CHANGED, CONTENT = 0x41, 0x42, 0x44, 0x45
BAD_REQUEST, NOT_FOUND, NOT_ALLOWED = 0x80, 0x84, 0x85

IF_MATCH, ETAG, OBSERVE, LOCATION_PATH, URI_PATH = 1, 4, 6, 8, 11
CONTENT_FORMAT, URI_QUERY, ACCEPT = 12, 15, 17

TEXT, LINK, OPAQUE, TLV = 0, 40, 42, 11542

ACK_TIMEOUT, ACK_RANDOM_FACTOR, BACK_OFF, MAX_RETRANSMIT = 2.0, 1.5, 2, 4
EXCHANGE_LIFETIME = 247


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
        out += size.to_bytes(width, "big") + value
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
        if text[at] != "<":
            raise Malformed("link format: " + text)
        end = text.index(">", at)
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

    def wait(self, condition=lambda a: True, timeout=20, after=0):
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
        self.registered = True

    def request(self, method, path, payload=b"", fmt=None, accept=None, observe=None, query=(),
                token=None, kind=CON, timeout=30, options=()):
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
        msg.payload = payload.encode() if isinstance(payload, str) else payload
        msg.token = token or self.server.new_token()
        return Answer(self.server.ask(self.address, msg, timeout), path)

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
        self.malformed = 0
        self.register_code = CREATED  # anything else refuses
        self.incoming = lambda data, address: [data]  # what arrives of a datagram
        self.outgoing = lambda data, address: [data]  # what leaves for one
        self.on_event = None  # called with (what, device) after the change
        self._waiting = {}  # token -> list of messages
        self._acks = {}  # (address, mid) -> message
        self._answered = {}  # (address, mid) -> (time, datagram)
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

    def wait(self, what, condition, timeout=20):
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

    def wait_registered(self, endpoint, timeout=20):
        """The device of this endpoint name once it is registered."""
        def there():
            device = self.devices.get(endpoint)
            return device if device and device.registered else None
        return self.wait("registration of " + endpoint, there, timeout)

    # --- sending ------------------------------------------------------------------------------

    def send_raw(self, data, address):
        """A datagram as it is, through `outgoing`."""
        for part in self.outgoing(data, address):
            self.socket.sendto(part, address)

    def ask(self, address, msg, timeout):
        """Send a request until it is acknowledged; the response. Raises Failed."""
        with self.changed:
            self._mid = (self._mid + 1) & 0xffff
            msg.mid = self._mid
            box = self._waiting.setdefault(msg.token, [])
        key, data = (address[:2], msg.mid), msg.encode()
        end = time.monotonic() + timeout
        pause = ACK_TIMEOUT * self.random.uniform(1, ACK_RANDOM_FACTOR)
        sent, resend_at = 0, 0
        try:
            with self.changed:
                while True:
                    if box:
                        return box.pop(0)
                    ack = self._acks.get(key)
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
                self._waiting.pop(msg.token, None)

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
                self._acks[(address[:2], msg.mid)] = msg
            if 1 <= msg.code < 32:
                event = self._request(msg, address)
            elif msg.code:
                self._response(msg, address)
            elif msg.kind == CON:
                self._empty(RST, msg, address)
            self.changed.notify_all()
        return event

    def _empty(self, kind, msg, address):
        self.send_raw(Message(kind, 0, msg.mid).encode(), address)

    def _response(self, msg, address):
        if msg.token in self._waiting:
            self._waiting[msg.token].append(msg)
        elif msg.token in self.observations:
            observation = self.observations[msg.token]
            observation.notifications.append(Answer(msg, observation.path))
        elif msg.kind != ACK:
            self._empty(RST, msg, address)
            return
        if msg.kind == CON:
            self._empty(ACK, msg, address)

    def _request(self, msg, address):
        now, key = time.monotonic(), (address[:2], msg.mid)
        old = self._answered.get(key)
        if old and now - old[0] < EXCHANGE_LIFETIME:
            self.send_raw(old[1], address)
            return None
        code, location, event = self._registration(msg, address)
        self._mid = (self._mid + 1) & 0xffff
        answer = Message(ACK if msg.kind == CON else NON, code,
                         msg.mid if msg.kind == CON else self._mid, msg.token)
        for segment in location:
            answer.add(LOCATION_PATH, segment)
        data = answer.encode()
        self._answered[key] = (now, data)
        self.send_raw(data, address)
        return event

    def _registration(self, msg, address):
        path, query = msg.path(), msg.query()
        if path == "/rd" and msg.code == POST:
            return self._register(msg, address, query)
        device = self.by_location.get(path)
        if not path.startswith("/rd/") or msg.code not in (POST, DELETE):
            return NOT_ALLOWED, [], None
        if not device:
            return NOT_FOUND, [], None
        if msg.code == DELETE:
            device.registered = False
            del self.by_location[path]
            self.history.append(("deregister", device.endpoint, query))
            return DELETED, [], ("deregister", device)
        device.address = address
        device.updates += 1
        device.lifetime = int(query.get("lt", device.lifetime))
        if msg.payload:
            device.links = link_decode(msg.payload.decode())
        self.history.append(("update", device.endpoint, query))
        return CHANGED, [], ("update", device)

    def _register(self, msg, address, query):
        if self.register_code != CREATED:
            return self.register_code, [], None
        if not query.get("ep") or msg.uint(CONTENT_FORMAT) != LINK or "lwm2m" not in query:
            return BAD_REQUEST, [], None
        old = self.devices.get(query["ep"])
        if old:
            self.by_location.pop(old.location, None)
        self._next_location += 1
        name = "%x" % self._next_location
        device = Device(self, query["ep"], address, "/rd/" + name)
        device.links = link_decode(msg.payload.decode())
        device.lifetime = int(query.get("lt", 86400))
        device.version, device.binding = query["lwm2m"], query.get("b", "U")
        device.query = query
        self.devices[device.endpoint] = self.by_location[device.location] = device
        self.history.append(("register", device.endpoint, query))
        return CREATED, ["rd", name], ("register", device)


# --- as a program ----------------------------------------------------------------------------------


def main():
    """Print what happens; observe what was asked for."""
    parser = argparse.ArgumentParser(description="A small LwM2M server for trying things out.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5683)
    parser.add_argument("--observe", action="append", default=[], metavar="PATH",
                        help="observe this path of every device that has it")
    args = parser.parse_args()
    server = Server(args.port, args.host)
    queue = []

    def event(what, device):
        with server.changed:
            queue.append((what, device))
            server.changed.notify_all()

    server.on_event = event
    print("listening at " + server.uri(), flush=True)
    shown = {}
    observations = []
    while True:
        with server.changed:
            server.changed.wait(0.5)
            events, queue[:] = list(queue), []
        for what, device in events:
            print("%s %s %s" % (what, device.endpoint, " ".join(device.links)), flush=True)
            if what != "register":
                continue
            for path in args.observe:
                if "/" + "/".join(path.strip("/").split("/")[:2]) in device.links:
                    try:
                        observations.append(device.observe(path))
                        print("%s %s = %r" % (device.endpoint, path, observations[-1].first),
                              flush=True)
                    except Failed as e:
                        print("%s %s: %s" % (device.endpoint, path, e), flush=True)
        for o in observations:
            for answer in o.notifications[shown.get(o.token, 0):]:
                print("%s %s = %r" % (o.device.endpoint, o.path, answer), flush=True)
            shown[o.token] = len(o.notifications)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
