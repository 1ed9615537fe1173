# SPDX-License-Identifier: BSD-3-Clause
"""Ports for servers that must be told one, and for those that come back at the same one."""

import random
import socket

FIRST, KERNELS = 10000, 32768  # the kernel gives whoever asks for any port one from there on
_held = []


def _hold(port):
    """An abstract socket, which other tests cannot have at the same time and which goes with the
    process; None: another one has it, or the port itself is in use."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        s.bind("\0lwm2m-gateway-test-port-%d" % port)
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind(("127.0.0.1", port))
    except OSError:
        s.close()
        return None
    return s


def free_port(count=1):
    """The first of so many neighbours, for UDP and TCP. Nobody else is given them until this process
    ends, though nobody listens yet."""
    while True:
        first = random.SystemRandom().randrange(FIRST, KERNELS - count)
        sockets = [_hold(port) for port in range(first, first + count)]
        if all(sockets):
            _held.extend(sockets)
            return first
        for s in sockets:
            if s:
                s.close()
