#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""DTLS with Leshan (Californium's Scandium): keys for each device, certificates, what a server does
with a device through it. OMA 1.1-int-401 and 402."""

import hashlib
import hmac
import os
import sys
import unittest

from leshan import Leshan, TLV
from test_dtls import Case, COMMON  # finds gateway
from gateway import Gateway, SRC, has_plugin  # noqa: E402

MASTER = "000102030405060708090a0b0c0d0e0f"


class Secure(Case):
    """One Leshan; each test has a daemon of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "server.key", "-outform", "DER",
                    "-out", "tmp.key")
        os.rename(cls.dir + "/tmp.key", cls.dir + "/server.key")
        cls.openssl("x509", "-in", "server.pem", "-outform", "DER", "-out", "server.crt")
        cls.openssl("x509", "-in", "ca.pem", "-outform", "DER", "-out", "ca.crt")
        cls.leshan = Leshan(cls.dir, SRC + "/objects", cls.dir)
        cls.addClassCleanup(cls.leshan.close)
        cls.uri = "coaps://127.0.0.1:%d" % cls.leshan.secure

    def device(self, options):
        """A daemon with two devices, both registered."""
        conf = COMMON % (self.uri, "5min", options)
        conf = conf.replace("devices = 1", "devices = 2").replace('"keep"', '"deregister"')
        mark = self.leshan.mark()
        gateway = Gateway(conf)
        self.addCleanup(gateway.close)
        for name in ("sim00000", "sim00001"):
            self.leshan.event("registered", name, mark)
        return gateway

    def use(self, gateway):
        """Read, write, observe, and the end, all through DTLS."""
        value = self.leshan.ask("read", "sim00001", "/3303/0/5700", format=TLV)
        self.assertEqual(value["code"], "2.05")
        self.assertIn("/3303/0/5700", value["values"])
        self.assertEqual(self.leshan.ask("write", "sim00001", "/1/0/1", format=TLV,
                                         value=400)["code"], "2.04")
        mark = self.leshan.mark()
        self.assertEqual(self.leshan.ask("observe", "sim00001", "/3303/0/5700",
                                         format=TLV)["code"], "2.05")
        self.leshan.event("notified", "sim00001", mark)
        self.assertEqual(gateway.stop(), 0)
        self.leshan.event("unregistered", "sim00001", mark)

    def test_int_401_a_key_for_each_device(self):
        table = self.dir + "/keys"
        with open(table, "w", encoding="ascii") as f:
            for k in range(2):
                f.write("id-sim0000%d:%s\n" % (k, ("%02x" % k) * 16))
                self.leshan.ask("admit", "sim0000%d" % k, identity="id-sim0000%d" % k,
                                key=("%02x" % k) * 16)
        self.use(self.device('security = "psk"; identity = "id-{device}"; key = "table:%s";'
                             % table))

    def test_int_401_keys_from_one_master_key(self):
        for k in range(2):
            name = "m-sim0000%d" % k
            key = hmac.new(bytes.fromhex(MASTER), name.encode(), hashlib.sha256).hexdigest()
            self.leshan.ask("admit", "sim0000%d" % k, identity=name, key=key)
        with open(self.dir + "/master", "w", encoding="ascii") as f:
            f.write(MASTER + "\n")
        self.use(self.device('security = "psk"; identity = "m-{endpoint}"; '
                             'key = "derive:file:%s/master";' % self.dir))

    def test_int_402_certificates(self):
        self.certificate("sim00001")
        for k in range(2):
            self.leshan.ask("admit", "sim0000%d" % k)
        gateway = self.device(self.own() + self.ca() +
                              'server_certificate = "file:%s/ca.pem"; '
                              'certificate_usage = "trust-anchor"; ' % self.dir)
        self.assertIn("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", gateway.logged())
        self.use(gateway)


if __name__ == "__main__":
    if not has_plugin("sim"):
        print("SKIP: the sim plugin was not built")
        sys.exit(77)
    unittest.main(verbosity=2)
