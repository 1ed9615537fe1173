#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""DTLS with Leshan (Californium's Scandium): keys for each device, certificates, raw public keys, what
a server does with a device through it. OMA 1.1-int-401 and 402, ETSI TD_COAP_DTLS_04 to 06."""

import hashlib
import hmac
import os
import sys
import unittest

from leshan import Leshan, TLV
from test_dtls import Case, COMMON, FULL  # finds gateway
from air import Air  # noqa: E402
from gateway import Gateway, SRC, has_plugin  # noqa: E402
from lossy import Lossy  # noqa: E402
import mmstage  # noqa: E402

LOST = 10  # datagrams of handshake, Register and Read
MASTER = "000102030405060708090a0b0c0d0e0f"
SMS_CONF = """log = { level = "debug"; };
gateway = { endpoint = "sms-gw"; };
plugins = { modem = { repeat = "10s"; }; };
servers = ( { uri = "sms:%s"; for = "gateway"; lifetime = "5min"; security = "psk";
	identity = "{endpoint}"; key = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";
	sms = { ack_timeout = "10s"; }; } );
"""


class Secure(Case):
    """One Leshan; each test has a daemon of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificate("sim00001")
        cls.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "server.key", "-outform", "DER",
                    "-out", "tmp.key")
        os.rename(cls.dir + "/tmp.key", cls.dir + "/server.key")
        cls.openssl("x509", "-in", "server.pem", "-outform", "DER", "-out", "server.crt")
        cls.openssl("x509", "-in", "ca.pem", "-outform", "DER", "-out", "ca.crt")
        cls.leshan = Leshan(cls.dir, SRC + "/objects", cls.dir)
        cls.addClassCleanup(cls.leshan.close)
        cls.uri = "coaps://127.0.0.1:%d" % cls.leshan.secure

    def device(self, options, uri=None, count=2):
        """A daemon with some devices, all registered."""
        conf = COMMON % (uri or self.uri, "5min", options)
        conf = conf.replace("devices = 1", "devices = %d" % count).replace('"keep"', '"deregister"')
        mark = self.leshan.mark()
        gateway = Gateway(conf)
        self.addCleanup(gateway.close)
        for k in range(count):
            self.leshan.event("registered", "sim%05d" % k, mark)
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

    def master(self, count):
        """Options: keys of so many devices from one, which Leshan has."""
        for k in range(count):
            name = "m-sim%05d" % k
            key = hmac.new(bytes.fromhex(MASTER), name.encode(), hashlib.sha256).hexdigest()
            self.leshan.ask("admit", name[2:], identity=name, key=key)
        with open(self.dir + "/master", "w", encoding="ascii") as f:
            f.write(MASTER + "\n")
        return 'security = "psk"; identity = "m-{endpoint}"; key = "derive:file:%s/master"; ' % self.dir

    def test_int_401_keys_from_one_master_key(self):
        self.use(self.device(self.master(2)))

    def test_each_datagram_is_lost_once(self):
        """Of the first device the first, of the second the second: each of the handshake, of Register
        and of a Read; others come twice, and late, so that they change places."""
        relay = Lossy(self.leshan.secure, 7, twice=0.2, delay=0.03)
        self.addCleanup(relay.close)
        relay.fate = lambda client, datagram: client == datagram
        gateway = self.device(self.master(LOST), "coaps://127.0.0.1:%d" % relay.port, LOST)
        for k in range(LOST):
            answer = self.leshan.ask("read", "sim%05d" % k, "/3/0/2", format=TLV)
            self.assertEqual(answer["values"], {"/3/0/2": "sim%05d" % k})
        self.assertEqual(relay.lost, LOST)
        self.assertEqual(gateway.logged().count(FULL), LOST)

    @unittest.skipIf(mmstage.missing() or not has_plugin("modem"), "no ModemManager, or no plugin")
    def test_int_401_by_sms(self):
        """DTLS over SMS, by the real ModemManager: each flight of ours in messages of 140 bytes."""
        self.leshan.ask("admit", "sms-gw", identity="sms-gw", key="0f" * 16)
        stage = mmstage.Stage()
        self.addCleanup(stage.close)
        stage.start()
        modem, number = stage.plug(), "+4915112345678"
        air = Air(modem, number, "127.0.0.1", self.leshan.secure)
        self.addCleanup(air.close)
        mark = self.leshan.mark()
        gateway = Gateway(SMS_CONF % number, env={"DBUS_SYSTEM_BUS_ADDRESS": stage.address})
        self.addCleanup(gateway.close)
        self.leshan.event("registered", "sms-gw", mark)
        self.assertIn("TLS_PSK_WITH_AES_128_CCM_8", gateway.logged())
        value = self.leshan.ask("read", "sms-gw", "/3/0", format=TLV)
        self.assertEqual((value["code"], value["values"]["/3/0/17"]), ("2.05", "gateway"))
        self.assertEqual(self.leshan.ask("observe", "sms-gw", "/1/0/1", format=TLV)["code"],
                         "2.05")
        self.assertEqual(self.leshan.ask("write", "sms-gw", "/1/0/1", format=TLV,
                                         value=4000)["code"], "2.04")
        self.leshan.event("notified", "sms-gw", mark)
        self.assertEqual(gateway.stop(), 0)
        self.leshan.event("unregistered", "sms-gw", mark)
        self.assertTrue(all(data[0] in (20, 21, 22, 23) for data in air.uplink), "DTLS records")
        self.assertEqual([len(d) for d in air.uplink if len(d) > 140], [])

    def test_int_402_certificates(self):
        for k in range(2):
            self.leshan.ask("admit", "sim0000%d" % k)
        gateway = self.device(self.own() + self.ca() +
                              'server_certificate = "file:%s/ca.pem"; '
                              'certificate_usage = "trust-anchor"; ' % self.dir)
        self.assertIn("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", gateway.logged())
        self.use(gateway)

    def admit_raw(self, name, key):
        """The device with this public key."""
        der = "%s/%s.der" % (self.dir, key)
        self.openssl("pkey", "-in", key + ".key", "-pubout", "-outform", "DER", "-out", der)
        self.leshan.ask("admit", name, public=der)

    def test_td_coap_dtls_04_to_06_raw_public_keys(self):
        """A key for each device; a server that is another one, then a device that is."""
        if self.no_raw_public_keys(self.uri, self.raw("server")):
            return
        for name in ("sim00000", "sim00001"):
            self.admit_raw(name, name)
        gateway = self.device(self.raw("server"))
        self.assertIn("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, " + FULL, gateway.logged())
        self.use(gateway)
        mark = self.leshan.mark()
        gateway = self.gateway(self.uri, self.raw("other"))
        gateway.wait_log("handshake failed: the server is not the one expected")
        self.assertNotIn(FULL, gateway.logged())
        self.admit_raw("sim00000", "other")
        gateway = self.gateway(self.uri, self.raw("server"))
        gateway.wait_log("registration failed: 4.03")
        self.assertEqual(self.leshan.count_events("registered", "sim00000", mark), 0)


if __name__ == "__main__":
    if not has_plugin("sim"):
        print("SKIP: the sim plugin was not built")
        sys.exit(77)
    unittest.main(verbosity=2)
