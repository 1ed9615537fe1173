# SPDX-License-Identifier: BSD-3-Clause
"""The air between an emulated modem and servers that know UDP only: a server has a number here, and
what is sent to it arrives at its port as a datagram; its answers come to the modem as messages."""

import socket
import threading


class Air:
    """One server's number."""

    def __init__(self, modem, number, host, port):
        self.modem, self.number = modem, number
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect((host, port))
        self.uplink, self.downlink = [], []  # messages, as bytes
        self.lose_up = lambda data: False
        modem.on_sent = self._sent
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _sent(self, number, data):
        if number != self.number:
            return
        self.uplink.append(data)
        if not self.lose_up(data):
            self.socket.send(data)

    def _run(self):
        while True:
            try:
                data = self.socket.recv(65536)
            except ConnectionError:
                continue
            except OSError:
                return
            if not data:
                return
            self.downlink.append(data)
            self.modem.receive(self.number, data)

    def close(self):
        """No more."""
        if self.socket.fileno() < 0:
            return
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.socket.close()
