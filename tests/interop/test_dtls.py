#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""DTLS and TLS against the stacks of others: libcoap with OpenSSL and with GnuTLS, bare
OpenSSL and bare GnuTLS; libcoap over plain TCP, too. Raw public keys where OpenSSL has them, and
a private key in a PKCS#11 token. OMA's 1.1-int-401 (PSK), 402 (certificates), 403 (a server that is
another one), 404 and 406 (TLS with certificates and PSK), and ETSI's TD_COAP_DTLS_01 and 02 are names
of tests; the others of ETSI's are in tests/unit/transport."""

import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests", "support"))
from gateway import Gateway, has_plugin, wait_for  # noqa: E402 pylint: disable=wrong-import-position
from ports import free_port  # noqa: E402 pylint: disable=wrong-import-position

KEY = "0123456789abcdef"
HEX = KEY.encode().hex()
FULL, RESUMED = "full handshake", ", resumed"
# One device; the library of 4.3.1 falls over a DELETE, so registrations are left to expire.
COMMON = """log = { level = "debug"; };
gateway = { endpoint = ""; };
plugins = { sim = { devices = 1; interval = "1s"; }; };
servers = ( { uri = "%s"; on_stop = "keep"; lifetime = "%s"; ack_timeout = "100ms";
max_retransmit = 4; retry_min = "1s"; retry_max = "1s"; %s } );
"""


class Relay:
    """Between client and server; `rebind` gives the client another address."""

    def __init__(self, port):
        self.server = ("127.0.0.1", port)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]
        self.client, self.back, self.open = None, None, True
        self.rebind()
        threading.Thread(target=self._up, daemon=True).start()

    def rebind(self):
        """As a NAT that forgot the mapping."""
        old, back = self.back, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        back.connect(self.server)
        self.back = back
        threading.Thread(target=self._down, args=(back,), daemon=True).start()
        if old:
            old.shutdown(socket.SHUT_RDWR)

    def _up(self):
        while self.open:
            try:
                data, self.client = self.front.recvfrom(2048)
                self.back.send(data)
            except OSError:
                pass

    def _down(self, back):
        while self.open:
            try:
                data = back.recv(2048)
            except ConnectionRefusedError:
                continue
            except OSError:
                return
            if not data:
                back.close()
                return
            if self.client and back is self.back:
                self.front.sendto(data, self.client)

    def close(self):
        """The end."""
        self.open = False
        self.front.close()
        self.back.close()


class Case(unittest.TestCase):
    """A directory with certificates and keys, and processes that end with the test."""

    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="lwm2m-gateway.")
        cls.addClassCleanup(shutil.rmtree, cls.dir)
        cls.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority",
                    "-days", "10")
        cls.certificate("server", "IP:127.0.0.1")
        cls.certificate("other", "DNS:elsewhere")
        cls.certificate("old", "IP:127.0.0.1", "-days", "0")  # over since it was made
        cls.certificate("sim00000")
        for name in ("server", "other"):
            cls.openssl("pkey", "-in", name + ".key", "-pubout", "-out", name + ".pub")

    @classmethod
    def openssl(cls, *args):
        """The tool, in the directory."""
        subprocess.run(["openssl"] + list(args), cwd=cls.dir, check=True, capture_output=True)

    @classmethod
    def certificate(cls, name, san=None, *more):
        """name.pem and name.key, and both in name.both."""
        cls.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj",
                    "/CN=" + name)
        ext = os.path.join(cls.dir, name + ".ext")
        with open(ext, "w", encoding="ascii") as f:
            f.write("subjectAltName=%s\n" % san if san else "keyUsage=digitalSignature\n")
        cls.openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                    "-CAcreateserial", "-out", name + ".pem", "-extfile", ext,
                    *(more or ("-days", "10")))
        with open(os.path.join(cls.dir, name + ".both"), "wb") as out:
            for part in (".pem", ".key"):
                with open(os.path.join(cls.dir, name + part), "rb") as f:
                    out.write(f.read())

    def spawn(self, *args):
        """A server that is killed at the end; its output is in self.out."""
        self.out = tempfile.NamedTemporaryFile(dir=self.dir, delete=False)
        process = subprocess.Popen(args, cwd=self.dir, stdin=subprocess.PIPE, stdout=self.out,
                                   stderr=subprocess.STDOUT)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        """Harmless when it has ended."""
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdin.close()

    def said(self, text):
        """Wait for output of the server."""
        self.said_times(text, 1)

    def said_times(self, text, times):
        """Wait for output of the server that comes several times."""
        def look():
            with open(self.out.name, "rb") as f:
                return f.read().count(text.encode()) >= times
        wait_for("server says " + text, look)

    def gateway(self, uri, options, lifetime="5min", env=None):
        """The daemon with one device at this server."""
        self.conf = COMMON % (uri, lifetime, options)
        gateway = Gateway(self.conf, env=env)
        self.addCleanup(gateway.close)
        return gateway

    def no_raw_public_keys(self, uri, options):
        """Is OpenSSL too old for them? Then the configuration says so."""
        if ssl.OPENSSL_VERSION_INFO >= (3, 2):
            return False
        gateway = Gateway(COMMON % (uri, "5min", options), start=False)
        self.addCleanup(gateway.close)
        status, said = gateway.check()
        self.assertEqual(status, 78)
        self.assertRegex(said, r"gateway\.conf:\d+: .*raw public keys need OpenSSL 3\.2")
        return True

    def raw(self, server):
        """Options: raw public keys of the device and of this server."""
        return 'security = "rpk"; private_key = "file:%s/{device}.key"; ' \
               'server_public_key = "file:%s/%s.pub"; ' % (self.dir, self.dir, server)

    def own(self):
        """Options: the device's certificate."""
        return 'security = "x509"; certificate = "file:%s/{device}.pem"; ' \
               'private_key = "file:%s/{device}.key"; ' % (self.dir, self.dir)

    def ca(self):
        """Options: the authority."""
        return 'ca = "file:%s/ca.pem"; ' % self.dir


PSK = 'security = "psk"; key = "%s"; ' % HEX


class Libcoap:
    """A resource directory answers Register with 2.01."""
    program = None

    def rd(self, *args, port=None):
        """coap-rd; its secure port is port + 1."""
        if not shutil.which(self.program):
            self.skipTest(self.program + " is not installed")
        self.port = port or free_port(2)
        return self.spawn(self.program, "-v", "7", "-A", "127.0.0.1", "-p", str(self.port), *args)

    def uri(self, scheme="coaps", port=None):
        """Of the server."""
        return "%s://127.0.0.1:%d" % (scheme, port or self.port + 1)

    def test_int_401_psk_td_coap_dtls_01(self):
        self.rd("-k", KEY)
        gateway = self.gateway(self.uri(), PSK)
        gateway.wait_log("registered at server 1")
        # Since 3.2 OpenSSL's servers leave CCM_8 out unless they are told not to.
        self.assertRegex(gateway.logged(), "TLS_PSK_WITH_AES_128_(CCM_8|GCM_SHA256)")
        self.assertNotIn(HEX, gateway.logged())
        self.assertNotIn(KEY, gateway.logged())

    def test_changed_key(self):
        self.rd("-k", KEY)
        gateway = self.gateway(self.uri(), PSK)
        gateway.wait_log("registered at server 1")
        gateway.write(self.conf.replace(HEX, "00" * 16))
        gateway.reload()
        gateway.wait_log("configuration reloaded")
        self.wait_refusal(gateway)
        gateway.write(self.conf)
        gateway.reload()
        gateway.wait_log("registered at server 1", 2)

    def test_int_402_certificates(self):
        self.rd("-c", "server.both", "-C", "ca.pem")
        gateway = self.gateway(self.uri(), self.own() + self.ca())
        gateway.wait_log("registered at server 1")
        self.assertIn("ECDHE_ECDSA", gateway.logged())

    def test_changed_server_certificate(self):
        self.rd("-c", "server.both", "-C", "ca.pem")
        pin = 'server_certificate = "file:%s/%s.pem"; '
        gateway = self.gateway(self.uri(), self.own() + pin % (self.dir, "other"))
        gateway.wait_log("not the one expected")
        gateway.write(COMMON % (self.uri(), "5min", self.own() + pin % (self.dir, "server")))
        gateway.reload()
        gateway.wait_log("registered at server 1")

    def test_int_404_tls_with_certificates(self):
        self.rd("-c", "server.both", "-C", "ca.pem")
        gateway = self.gateway(self.uri("coaps+tcp"), self.own() + self.ca())
        gateway.wait_log("registered at server 1")
        self.said("Uri-Query:b=T")

    def test_int_406_tls_with_a_key(self):
        self.rd("-k", KEY)
        gateway = self.gateway(self.uri("coaps+tcp"), PSK)
        gateway.wait_log("registered at server 1")
        self.said("Uri-Query:b=T")

    def test_int_106_plain_tcp(self):
        self.rd()
        gateway = self.gateway(self.uri("coap+tcp", self.port), "")
        gateway.wait_log("registered at server 1")
        gateway.ctl("update", "sim00000")
        gateway.wait_log("server 1 answers 4.05")  # to the Update: this directory wants PUT
        gateway.wait_log("registered at server 1", 2)
        self.said_times("Uri-Query:b=T", 2)
        self.said_times("Max-Message-Size:16384, Block-Wise-Transfer:", 1)
        self.assertEqual(gateway.stop(), 0)
        self.said("c:Release")
        with open(self.out.name, "rb") as f:
            self.assertEqual(f.read().count(b"new incoming session"), 1)

    def test_nat_rebinding_resumes(self):
        self.rd("-k", KEY)
        relay = Relay(self.port + 1)
        self.addCleanup(relay.close)
        gateway = self.gateway(self.uri(port=relay.port), PSK)
        gateway.wait_log("registered at server 1")
        mark = gateway.logged().count("handshake\n")
        relay.rebind()
        gateway.ctl("update", "sim00000")
        wait_for("another handshake", lambda: gateway.logged().count("handshake\n") > mark or
                 RESUMED in gateway.logged())
        self.said_times("POST", 3)
        self.assertEqual(RESUMED in gateway.logged(), self.resumes)

    def test_restart_resumes(self):
        self.rd("-k", KEY)
        gateway = self.gateway(self.uri(), PSK)
        gateway.wait_log("registered at server 1")
        gateway.settled()
        gateway.kill()
        self.assertEqual(os.stat(os.path.join(gateway.dir, "store.db")).st_mode & 0o777, 0o600)
        gateway.start()
        gateway.wait_log("registration at server 1 goes on")
        wait_for("another handshake", lambda: gateway.logged().count(FULL + "\n") >= 2 or
                 RESUMED in gateway.logged())
        self.assertEqual(RESUMED in gateway.logged(), self.resumes)

    def test_restart_after_a_server_without_ticket_keys(self):
        process = self.rd("-k", KEY)
        gateway = self.gateway(self.uri(), PSK)
        gateway.wait_log("registered at server 1")
        gateway.settled()
        gateway.kill()
        self.end(process)
        self.rd("-k", KEY, port=self.port)
        gateway.start()
        wait_for("a full handshake", lambda: gateway.logged().count(FULL + "\n") >= 2)
        self.assertNotIn("handshake failed", gateway.logged())
        self.said("POST")

    def test_server_restarted_without_ticket_keys(self):
        process = self.rd("-k", KEY)
        gateway = self.gateway(self.uri(), PSK)
        gateway.wait_log("registered at server 1")
        self.end(process)
        self.rd("-k", KEY, port=self.port)
        gateway.ctl("update", "sim00000")
        gateway.wait_log("registered at server 1", 2)
        self.assertGreaterEqual(gateway.logged().count(FULL + "\n"), 2)


class LibcoapOpenssl(Libcoap, Case):
    """libcoap with OpenSSL: it drops records under a wrong key."""
    program = "coap-rd-openssl"
    resumes = True

    def wait_refusal(self, gateway):
        """The handshake with a wrong key is under way, and does not end."""
        self.said_times("got psk_identity", 2)
        self.assertEqual(gateway.logged().count(FULL), 1)


class LibcoapGnutls(Libcoap, Case):
    """libcoap with GnuTLS: it sends alerts, and does not keep sessions."""
    program = "coap-rd-gnutls"
    resumes = False

    def wait_refusal(self, gateway):
        """The alert that a wrong key brings."""
        gateway.wait_log("handshake failed")


class Openssl(Case):
    """openssl s_server: what the handshake itself is about."""

    def serve(self, *args):
        """A DTLS server; the URI."""
        self.port = free_port()
        self.spawn("openssl", "s_server", "-dtls1_2", "-accept", "127.0.0.1:%d" % self.port, *args)
        return "coaps://127.0.0.1:%d" % self.port

    def psk(self, *args):
        """A server with the key of the device."""
        return self.serve("-nocert", "-psk_identity", "sim00000", *args)

    def test_suites(self):
        for suite, name in (("PSK-AES128-CCM8:@SECLEVEL=0", "TLS_PSK_WITH_AES_128_CCM_8"),
                            ("PSK-AES128-CBC-SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256")):
            with self.subTest(name):
                gateway = self.gateway(self.psk("-psk", HEX, "-cipher", suite), PSK)
                gateway.wait_log(name + ", " + FULL)
                self.said("ep=sim00000")

    def test_no_common_suite(self):
        uri = self.psk("-psk", HEX, "-cipher", "PSK-AES128-CBC-SHA256")
        gateway = self.gateway(uri, PSK + 'ciphersuites = [ "TLS_PSK_WITH_AES_128_CCM_8" ]; ')
        gateway.wait_log("alert 40")

    def test_wrong_key_td_coap_dtls_02(self):
        uri = self.psk("-psk", "11" * 16, "-cipher", "PSK", "-state")
        gateway = self.gateway(uri, PSK)
        self.said("read client key exchange")
        self.assertNotIn(FULL, gateway.logged())

    def x509(self, name):
        """A server with this certificate, which wants one of the device."""
        return self.serve("-cert", name + ".pem", "-key", name + ".key", "-CAfile", "ca.pem",
                          "-Verify", "2", "-verify_return_error", "-nameopt", "RFC2253", "-cipher",
                          "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")

    def test_certificates(self):
        gateway = self.gateway(self.x509("server"), self.own() + self.ca())
        gateway.wait_log("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, " + FULL)
        self.said("CN=sim00000")
        self.said("ep=sim00000")

    def test_int_403_wrong_certificates(self):
        for name, why in (("other", "IP address mismatch"), ("old", "certificate has expired")):
            with self.subTest(name):
                gateway = self.gateway(self.x509(name), self.own() + self.ca())
                gateway.wait_log("not the one expected: " + why)

    def test_pinned_by_digest(self):
        der = subprocess.run(["openssl", "x509", "-in", "old.pem", "-outform", "DER"],
                             cwd=self.dir, capture_output=True, check=True).stdout
        digest = hashlib.sha384(der).hexdigest()
        gateway = self.gateway(self.x509("old"), self.own() + 'matching_type = "sha384"; '
                               'server_certificate = "%s"; ' % digest)
        gateway.wait_log(FULL)


class Bare(Case):
    """gnutls-serv, the bare library: it says what was agreed on, and sends back what it gets."""
    UDP = ("--udp", "--mtu", "1400")
    VERSION = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CCM-8:" \
              "+AES-128-CBC:-KX-ALL:"

    def serve(self, scheme, kx, *args):
        """The URI of a server that takes these key exchanges."""
        if not shutil.which("gnutls-serv"):
            self.skipTest("gnutls-serv is not installed")
        self.port = free_port()
        self.spawn("stdbuf", "-oL", "gnutls-serv", "--port", str(self.port), "--echo", "--priority",
                   self.VERSION + kx, *(() if scheme.endswith("tcp") else self.UDP), *args)
        self.said("listening")
        return "%s://127.0.0.1:%d" % (scheme, self.port)

    def psk(self, scheme, key=HEX):
        """A server with a key for the device."""
        with open(self.dir + "/psk", "w", encoding="ascii") as f:
            f.write("sim00000:%s\n" % key)
        return self.serve(scheme, "+PSK", "--pskpasswd", "psk")

    def x509(self, scheme, name):
        """A server with this certificate, which wants one of the device."""
        return self.serve(scheme, "+ECDHE-ECDSA", "--x509certfile", name + ".pem",
                          "--x509keyfile", name + ".key", "--x509cafile", "ca.pem",
                          "--require-client-cert", "--verify-client-cert")


class Gnutls(Bare):
    """All that it takes."""

    def test_int_401_406_psk(self):
        for scheme in ("coaps", "coaps+tcp"):
            with self.subTest(scheme):
                gateway = self.gateway(self.psk(scheme), PSK)
                gateway.wait_log("TLS_PSK_WITH_AES_128_CCM_8, " + FULL)
                self.said("received" if scheme == "coaps" else "Connected as 'sim00000'")

    def test_wrong_key(self):
        """Over TCP; over UDP the library drops what it cannot read, as it should."""
        gateway = self.gateway(self.psk("coaps+tcp", "11" * 16), PSK)
        gateway.wait_log("handshake failed: the server refuses: alert 20")
        self.assertNotIn(FULL, gateway.logged())

    def test_int_402_404_certificates(self):
        for scheme in ("coaps", "coaps+tcp"):
            with self.subTest(scheme):
                gateway = self.gateway(self.x509(scheme, "server"), self.own() + self.ca())
                gateway.wait_log("ECDHE_ECDSA_WITH_AES_128_CCM_8, " + FULL)
                self.said("received" if scheme == "coaps" else "CN=sim00000")

    def test_another_life_resumes_over_udp(self):
        """After a goodbye: this server has one client at a time."""
        for server, options in ((self.psk, PSK), (lambda scheme: self.x509(scheme, "server"),
                                                  self.own() + self.ca())):
            gateway = self.gateway(server("coaps"), options)
            self.said("received")
            gateway.settled()
            self.assertEqual(gateway.stop(), 0)
            gateway.start()
            gateway.wait_log(RESUMED)
            self.assertEqual(gateway.logged().count(FULL), 1)

    def test_raw_public_keys(self):
        """Of both sides; with an OpenSSL that cannot do it, the configuration says so."""
        for scheme in ("coaps", "coaps+tcp"):
            uri = self.serve(scheme, "+ECDHE-ECDSA:+CTYPE-SRV-RAWPK:+CTYPE-CLI-RAWPK",
                             "--rawpkkeyfile", "server.key", "--rawpkfile", "server.pub",
                             "--require-client-cert")
            with self.subTest(scheme):
                if self.no_raw_public_keys(uri, self.raw("server")):
                    continue
                gateway = self.gateway(uri, self.raw("server"))
                gateway.wait_log("ECDHE_ECDSA_WITH_AES_128_CCM_8, " + FULL)
                if scheme == "coaps":
                    self.said("received")
                else:  # over UDP this server has one client until it says goodbye
                    self.said("Certificate type: Raw Public Key")
                    gateway.settled()
                    gateway.kill()
                    gateway.start()
                    gateway.wait_log(RESUMED)
                gateway = self.gateway(uri, self.raw("other"))
                gateway.wait_log("handshake failed")
                self.assertNotIn(FULL, gateway.logged())

    def test_int_403_another_server(self):
        for scheme in ("coaps", "coaps+tcp"):
            with self.subTest(scheme):
                gateway = self.gateway(self.x509(scheme, "other"), self.own() + self.ca())
                gateway.wait_log("not the one expected: IP address mismatch")


class Token(Bare):
    """The device's private key is in a PKCS#11 token, which SoftHSM plays; the server is GnuTLS."""
    URI = "pkcs11:token=gw;object={device};type=private?pin-source=file:%s/pin"

    @classmethod
    def setUpClass(cls):
        if not shutil.which("softhsm2-util"):
            raise unittest.SkipTest("softhsm2 is not installed")
        super().setUpClass()
        os.mkdir(cls.dir + "/tokens")
        with open(cls.dir + "/softhsm2.conf", "w", encoding="ascii") as f:
            f.write("directories.tokendir = %s/tokens\n" % cls.dir)
        with open(cls.dir + "/lsan", "w", encoding="ascii") as f:
            f.write("leak:libp11-kit\n")
        cls.env = {"SOFTHSM2_CONF": cls.dir + "/softhsm2.conf",
                   "LSAN_OPTIONS": "print_suppressions=0:suppressions=%s/lsan" % cls.dir}
        cls.openssl("pkcs8", "-topk8", "-nocrypt", "-in", "sim00000.key", "-out", "sim00000.p8")
        for args in (["--init-token", "--free", "--label", "gw", "--so-pin", "5678"],
                     ["--import", "sim00000.p8", "--token", "gw", "--label", "sim00000",
                      "--id", "01"]):
            subprocess.run(["softhsm2-util", "--pin", "1234"] + args, cwd=cls.dir, check=True,
                           capture_output=True, env=dict(os.environ, **cls.env))
        for name in ("sim00000.key", "sim00000.p8", "sim00000.both"):  # it is nowhere else
            os.remove(os.path.join(cls.dir, name))

    def token(self, uri, pin):
        """The daemon with a key by URI."""
        with open(self.dir + "/pin", "w", encoding="ascii") as f:
            f.write(pin)
        return self.gateway(uri, 'security = "x509"; certificate = "file:%s/{device}.pem"; '
                            'private_key = "%s"; ' % (self.dir, self.URI % self.dir) + self.ca(),
                            env=self.env)

    def test_handshake(self):
        for scheme in ("coaps", "coaps+tcp"):
            with self.subTest(scheme):
                gateway = self.token(self.x509(scheme, "server"), "1234")
                gateway.wait_log("ECDHE_ECDSA_WITH_AES_128_CCM_8, " + FULL)
                self.said("received" if scheme == "coaps" else "CN=sim00000")
                self.assertEqual(gateway.stop(), 0)

    def test_wrong_pin(self):
        gateway = self.token(self.x509("coaps", "server"), "4321")
        gateway.wait_log("no private key found in the PKCS#11 token")
        self.assertNotIn("4321", gateway.logged())


if __name__ == "__main__":
    if not has_plugin("sim") or not shutil.which("openssl"):
        print("SKIP: the sim plugin was not built, or there is no openssl")
        sys.exit(77)
    unittest.main(verbosity=2)
