# SPDX-License-Identifier: BSD-3-Clause
"""A bad network in user space: a UDP relay that loses, doubles, delays and reorders what a seed says,
and whose address towards the server can change as that of a NAT does."""

import heapq
import random
import select
import socket
import threading
import time


class Lossy:
    """Between one server and its clients, one socket towards the server for each of them."""

    def __init__(self, server_port, seed, loss=0.0, twice=0.0, delay=0.0):
        self.server, self.dice = ("127.0.0.1", server_port), random.Random(seed)
        # delay: seconds at most; least: at least
        self.loss, self.twice, self.delay, self.least = loss, twice, delay, 0.0
        self.front = self._bound()
        self.port = self.front.getsockname()[1]
        self.backs, self.queue, self.count = {}, [], 0
        self.passed = self.lost = self.doomed = 0  # doomed: the next so many are lost for certain
        # Or which one is: by the numbers of the client, and of its datagram either way, from 0 on.
        self.fate, self.numbers = lambda client, datagram: False, {}
        self.lock, self.ending = threading.Lock(), False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @staticmethod
    def _bound():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        return s

    def rebind(self):
        """Every client has another address at the server from now on."""
        with self.lock:
            for client, old in self.backs.items():
                self.backs[client] = self._bound()
                old.close()

    def close(self):
        """End it."""
        self.ending = True
        self.thread.join()
        for s in [self.front] + list(self.backs.values()):
            s.close()

    def _take(self, s):
        try:
            data, sender = s.recvfrom(65536)
        except OSError:  # a closed port of the server
            return
        if s is self.front:
            if sender not in self.backs:
                self.backs[sender] = self._bound()
            client, way = sender, (sender, self.server)
        else:
            client = next(c for c, b in self.backs.items() if b is s)
            way = (None, client)
        number = self.numbers.setdefault(client, [len(self.numbers), -1])
        number[1] += 1
        if self.doomed or self.fate(*number) or self.dice.random() < self.loss:
            self.doomed = max(0, self.doomed - 1)
            self.lost += 1
            return
        self.passed += 1
        for _ in range(2 if self.dice.random() < self.twice else 1):
            self.count += 1
            late = self.dice.uniform(self.least, self.delay)
            heapq.heappush(self.queue, (time.monotonic() + late, self.count, way, data))

    def _run(self):
        while not self.ending:
            wait = min(0.05, max(0, self.queue[0][0] - time.monotonic())) if self.queue else 0.05
            with self.lock:
                sockets = [self.front] + list(self.backs.values())
            try:
                ready = select.select(sockets, [], [], wait)[0]
            except (OSError, ValueError):  # one was rebound
                continue
            with self.lock:
                for s in ready:
                    if s.fileno() >= 0:
                        self._take(s)
                while self.queue and self.queue[0][0] <= time.monotonic():
                    _, _, (client, to), data = heapq.heappop(self.queue)
                    (self.backs[client] if client else self.front).sendto(data, to)
