# SPDX-License-Identifier: BSD-3-Clause
"""A relay between the gateway and a server that shows what is on the wire: servers' libraries hide
queries, message types, tokens and resets."""

import selectors
import socket
import threading
import time

from lwm2m_server import ACK, CHANGED, CREATED, Malformed, Message, PATIENCE, POST, code_text


class Seen:
    """A message on its way up (to the server) or down, at a monotonic time in s."""

    def __init__(self, up, client, msg):
        self.time, self.up, self.client, self.msg = time.monotonic(), up, client, msg

    def __repr__(self):
        path = self.msg.path() if 0 < self.msg.code < 32 else ""
        return "%s %s%s %d %s %s%s" % ("up" if self.up else "down", ("CON", "NON", "ACK", "RST")
                                       [self.msg.kind], self.msg.mid, self.client[1],
                                       code_text(self.msg.code), path, self.msg.payload[:40])


class Relay:
    """Passes datagrams on, one port towards the server for each of the clients' ports."""

    def __init__(self, server_port):
        self.server = ("127.0.0.1", server_port)
        self.socket = self._bound()
        self.port = self.socket.getsockname()[1]
        self.changed = threading.Condition()
        self.seen, self.garbage, self.upward = [], [], {}
        self.select = selectors.DefaultSelector()
        self.select.register(self.socket, selectors.EVENT_READ, None)
        self.ending = self.mute = False  # mute: nothing reaches the server
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @staticmethod
    def _bound():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        return s

    def close(self):
        """End it."""
        self.ending = True
        self.thread.join()
        for s in [self.socket] + list(self.upward.values()):
            s.close()
        self.select.close()

    def _run(self):
        while not self.ending:
            for key, _ in self.select.select(0.2):
                try:
                    data, sender = key.fileobj.recvfrom(65536)
                except OSError:
                    continue  # somebody's port is closed
                if key.data is None:
                    self._up(data, sender)
                else:
                    self._note(False, key.data, data)
                    self.socket.sendto(data, key.data)

    def _up(self, data, client):
        if client not in self.upward:
            self.upward[client] = self._bound()
            self.select.register(self.upward[client], selectors.EVENT_READ, client)
        self._note(True, client, data)
        if not self.mute:
            self.upward[client].sendto(data, self.server)

    def _note(self, up, client, data):
        with self.changed:
            try:
                self.seen.append(Seen(up, client, Message.decode(data)))
            except Malformed:
                self.garbage.append(data)
            self.changed.notify_all()

    def inject(self, client, data):
        """A datagram of somebody on the way, to a client as if the server had sent it."""
        self.socket.sendto(data, client)

    # --- what the tests ask -----------------------------------------------------------------

    def mark(self):
        """How many messages there are: what the others may look after."""
        with self.changed:
            return len(self.seen)

    def all(self, condition, after=0):
        """Messages from number `after` on."""
        with self.changed:
            return [s for s in self.seen[after:] if condition(s)]

    def once(self, condition, after=0):
        """The same without what was said again because nobody confirmed it in time."""
        first = {}
        for s in self.all(condition, after):
            first.setdefault((s.up, s.client, s.msg.kind, s.msg.mid), s)
        return list(first.values())

    def wait(self, what, condition, after=0, timeout=PATIENCE):
        """The first such message from number `after` on."""
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                for s in self.seen[after:]:
                    if condition(s):
                        return s
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError("not on the wire: %s; the last: %r" %
                                         (what, self.seen[-12:]))
                self.changed.wait(left)

    def answer(self, request):
        """The piggybacked answer to a request."""
        return self.wait("answer to %r" % request, lambda s: s.up != request.up and
                         s.client == request.client and s.msg.kind == ACK and
                         s.msg.mid == request.msg.mid and s.time >= request.time)

    def register(self, endpoint, after=0):
        """The (last) Register of this endpoint that was answered 2.01: the request, its location."""
        self.wait("Register of " + endpoint, self._is_register(endpoint), after)
        request = self.all(self._is_register(endpoint), after)[-1]
        created = self.answer(request)
        if created.msg.code != CREATED:
            raise AssertionError("Register of %s: %r" % (endpoint, created))
        return request, "/" + "/".join(v.decode() for v in created.msg.all(8))

    @staticmethod
    def _is_register(endpoint):
        return lambda s: s.up and s.msg.code == POST and s.msg.path() == "/rd" and \
            s.msg.query().get("ep") == endpoint

    def update(self, endpoint, after, condition=lambda m: True):
        """The next accepted Update of this endpoint's registration."""
        request, location = self.register(endpoint)
        update = self.wait("Update of " + endpoint, lambda s: s.up and s.msg.code == POST and
                           s.client == request.client and s.msg.path() == location and
                           condition(s.msg), after)
        if self.answer(update).msg.code != CHANGED:
            raise AssertionError("Update of %s: %r" % (endpoint, self.answer(update)))
        return update.msg
