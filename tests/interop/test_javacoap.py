#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""CoAP over TCP and TLS (RFC 8323) against java-coap: registration, reads and writes, observation,
bodies in BERT blocks both ways, and a server that goes in the middle of one."""

import os
import shutil
import subprocess
import sys
import threading
import unittest

from leshan import libraries, skip
from test_dtls import Case, COMMON  # finds gateway
from gateway import Gateway, DEADLINE, has_plugin  # noqa: E402

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "javacoap")
TEXT, OPAQUE, TLV = "0", "42", "11542"
BODY = bytes((k * 7 + k // 251) & 255 for k in range(65536))


class Peer:
    """The server in a process of its own, which says lines."""

    def __init__(self, directory, *stores):
        self.process = subprocess.Popen(
            ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
             os.path.join(libraries(HERE), "*"), os.path.join(HERE, "TcpPeer.java"), *stores],
            cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.lines = []
        self.changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        self.port = int(self.next("port"))

    def _read(self):
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            with self.changed:
                self.lines.append((word, rest))
                self.changed.notify_all()

    def next(self, word):
        """The rest of the first line that begins with this word and was not asked for yet."""
        def found():
            return next((n for n, line in enumerate(self.lines) if line[0] == word), None)

        with self.changed:
            if not self.changed.wait_for(lambda: found() is not None, DEADLINE):
                raise AssertionError("no %s; instead: %.500r" % (word, self.lines))
            return self.lines.pop(found())[1]

    def forget(self):
        """What was not asked for by now is of no interest."""
        with self.changed:
            self.lines.clear()

    def say(self, *words):
        """A request whose answer is not waited for."""
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()

    def ask(self, *words):
        """Code and payload of the answer."""
        self.say(*words)
        code, _, payload = self.next("answer").partition(" ")
        return code, bytes.fromhex(payload)

    def close(self):
        """The end of it."""
        self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


class Tcp(Case):
    """Plain."""
    scheme, stores, device = "coap+tcp", (), ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = Peer(cls.dir, *cls.stores)
        cls.addClassCleanup(cls.peer.close)

    def setUp(self):
        uri = "%s://127.0.0.1:%d" % (self.scheme, self.peer.port)
        conf = COMMON % (uri, "5min", self.options()) + 'devices = { objects = [ "19" ]; };\n'
        self.peer.forget()
        self.device = Gateway(conf.replace('"keep"', '"deregister"'))
        self.addCleanup(self.device.close)
        self.registered = self.peer.next("registered")
        self.device.wait_log("registered at server 1")  # nothing is served before

    def options(self):
        """Of the server's account."""
        return ""

    def large(self):
        """A piece of data that needs many messages was written; what was answered."""
        code, _ = self.peer.ask("POST", "/19", TLV, (b"\x88\x00\x04\x48\x00\x01x").hex())
        self.assertEqual(code, "201")
        self.peer.next("updated")  # with the new instance
        return self.peer.ask("PUT", "/19/0/0/0", OPAQUE, BODY.hex())[0]

    def test_int_106_register_read_write_observe_leave(self):
        self.assertIn("b=T", self.registered)
        self.assertIn("</3303/0>", self.registered)
        self.assertEqual(self.peer.ask("GET", "/3/0/16", TEXT), ("205", b"T"))
        self.assertEqual(self.peer.ask("GET", "/3303/7", "-")[0], "404")
        self.assertEqual(self.peer.ask("PUT", "/1/0/1", TEXT, b"400".hex()), ("204", b""))
        while "lt=400" not in self.peer.next("updated"):
            pass
        code, first = self.peer.ask("OBSERVE", "/3303/0/5700", TEXT)
        self.assertEqual(code, "205")
        float(first)
        for _ in range(3):
            path, _, payload = self.peer.next("notified").partition(" ")
            self.assertEqual(path, "/3303/0/5700")
            float(bytes.fromhex(payload))
        self.assertEqual(self.device.stop(), 0)
        self.peer.next("left")

    def test_bert_both_ways(self):
        """In more than one block at a time: fewer messages than blocks."""
        self.assertEqual(self.large(), "204")
        before = self.device.counter("link.received")
        code, data = self.peer.ask("GET", "/19/0/0/0", OPAQUE)
        self.assertEqual((code, data == BODY), ("205", True))
        self.assertLess(self.device.counter("link.received") - before, len(BODY) / 1024)

    def test_closed_in_the_middle(self):
        """Of a body: the client comes back by itself, and what was half written is not there."""
        self.assertEqual(self.large(), "204")
        self.peer.say("PUT", "/19/0/0/0", OPAQUE, bytes(len(BODY)).hex())
        self.peer.say("CLOSE")
        self.peer.next("updated")
        self.peer.forget()  # the answer to what was faster than the end
        code, data = self.peer.ask("GET", "/19/0/0/0", OPAQUE)
        self.assertEqual(code, "205")
        self.assertIn(data, (BODY, bytes(len(BODY))))  # one of them, and whole
        self.assertIn("next attempt in 1 s", self.device.logged())


class Tls(Tcp):
    """The same with certificates (OMA 1.1-int-404)."""
    scheme, stores = "coaps+tcp", ("server.p12", "ca.p12")

    @classmethod
    def openssl(cls, *args):
        """After the server's certificate is there: both in the form that Java reads."""
        super().openssl(*args)
        if args[0] != "x509" or args[3] != "server.csr":
            return
        super().openssl("pkcs12", "-export", "-in", "server.pem", "-inkey", "server.key", "-out",
                        "server.p12", "-passout", "pass:secret")
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", "ca.pem",
                        "-keystore", "ca.p12", "-storetype", "PKCS12", "-storepass", "secret"],
                       cwd=cls.dir, check=True, capture_output=True)

    def options(self):
        return self.own() + self.ca()


if __name__ == "__main__":
    if not has_plugin("sim") or not shutil.which("openssl"):
        skip("the sim plugin was not built, or there is no openssl")
    if not shutil.which("java") or not shutil.which("keytool"):
        skip("Java is not installed")
    unittest.main(verbosity=2)
