#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Several ways to a server, two of them a modem's: the real daemon in a network namespace with three
interfaces, and a scripted ModemManager that says which of them a bearer has."""

import http.server
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import unittest

SUPPORT = os.path.join(os.environ.get("srcdir", "."), "tests", "support")
sys.path.insert(0, SUPPORT)
# pylint: disable=wrong-import-position
import gateway  # noqa: E402
import lwm2m_server  # noqa: E402
import mmstage  # noqa: E402
from gateway import Gateway, has_plugin, wait_for  # noqa: E402

INSIDE = "LWM2M_GATEWAY_TEST_NETNS"
SERVER = "10.9.0.1"
CONF = """gateway = { endpoint = "gw"; };
plugins = { modem = { connect = "always"; apn = "internet"; }; };
firmware = { hook = "update"; hook_runner = "exec"; directory = "%(dir)s"; };
servers = ( %(servers)s );
"""
# Updates are counted: none may be given up, and come again, since the machine is busy.
ACCOUNT = """{ uri = "%s"; lifetime = "1h"; ack_timeout = "5s"; retry_min = "1s"; retry_max = "1s"; }"""
SECOND = lwm2m_server.tlv_encode([(lwm2m_server.RESOURCE, 0, b"second"),
                                  (lwm2m_server.RESOURCE, 1, b"iot"),
                                  (lwm2m_server.RESOURCE, 3, b"\1"),
                                  (lwm2m_server.RESOURCE, 4, b"\3")])
BEARER = {"interface": "wwan0",
          "ip4": {"method": 2, "address": "10.1.0.2", "prefix": 24, "gateway": "10.1.0.1",
                  "dns1": "192.0.2.53", "dns2": "192.0.2.54", "mtu": 1430},
          "ip6": {"method": 2, "address": "2001:db8::2", "prefix": 64, "gateway": "fe80::1",
                  "dns1": "2001:db8::53"}}


def ip(*args, inside=()):
    """One command of iproute2."""
    subprocess.run(list(inside) + ["ip"] + list(args), check=True)


class Network:
    """Another namespace, which the daemon is in, with wwan0, wwan1 and eth0; eth0 has the best route."""

    def __init__(self, directory):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.enter = ["nsenter", "--net=/proc/%d/ns/net" % self.holder.pid]
        ip("link", "set", "lo", "up")
        ip("addr", "add", SERVER + "/32", "dev", "lo")
        ip("link", "set", "lo", "up", inside=self.enter)
        for name, net, metric in (("wwan0", "10.1.0", "200"), ("eth0", "10.2.0", "100"),
                                  ("wwan1", "10.3.0", "300")):
            far = "far-" + name
            ip("link", "add", far, "type", "veth", "peer", "name", name, "netns",
               str(self.holder.pid))
            ip("addr", "add", net + ".1/24", "dev", far)
            ip("link", "set", far, "up")
            ip("addr", "add", net + ".2/24", "dev", name, inside=self.enter)
            ip("link", "set", name, "up", inside=self.enter)
            ip("route", "add", SERVER, "via", net + ".1", "dev", name, "metric", metric,
               inside=self.enter)
        self.daemon = os.path.join(directory, "daemon")
        with open(self.daemon, "w", encoding="ascii") as f:
            f.write("#!/bin/sh\nexec %s %s \"$@\"\n" % (" ".join(self.enter), gateway.DAEMON))
        os.chmod(self.daemon, stat.S_IRWXU)

    def close(self):
        """With the namespace go its interfaces."""
        self.holder.stdin.close()
        self.holder.stdout.close()
        self.holder.wait()


class Files:
    """One file over HTTP and over CoAP, and who fetched it."""

    def __init__(self):
        files = self
        self.peers = []

        class Handler(http.server.BaseHTTPRequestHandler):
            """Always the same."""

            def do_GET(self):  # pylint: disable=invalid-name
                """Any path."""
                files.peers.append(self.client_address[0])
                self.send_response(200)
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"file")

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self.http = http.server.ThreadingHTTPServer((SERVER, 0), Handler)
        self.coap = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.coap.bind((SERVER, 0))
        for run in (self.http.serve_forever, self.serve_coap):
            threading.Thread(target=run, daemon=True).start()
        self.uris = ["http://%s:%d/file" % self.http.server_address,
                     "coap://%s:%d/file" % self.coap.getsockname()]

    def serve_coap(self):
        """Any request is answered."""
        while True:
            try:
                data, peer = self.coap.recvfrom(2000)
            except OSError:
                return
            if not data:
                return
            self.peers.append(peer[0])
            ask = lwm2m_server.Message.decode(data)
            self.coap.sendto(lwm2m_server.Message(
                lwm2m_server.ACK, lwm2m_server.CONTENT, ask.mid, ask.token,
                payload=b"file").encode(), peer)

    def close(self):
        """Both."""
        self.http.shutdown()
        self.http.server_close()
        self.coap.sendto(b"", self.coap.getsockname())
        self.coap.close()


class Bearer(unittest.TestCase):
    """Servers that the daemon reaches by each of its interfaces."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.mkdtemp(prefix="lwm2m-bearer.")
        cls.addClassCleanup(shutil.rmtree, directory)
        cls.network = Network(directory)
        cls.addClassCleanup(cls.network.close)

    def setUp(self):
        self.stage = mmstage.Stage()
        self.addCleanup(self.stage.close)
        self.stage.start(manager=False)
        self.mm = subprocess.Popen(["/usr/bin/python3", os.path.join(SUPPORT, "scripted_mm.py")],
                                   env=self.stage.env, stdin=subprocess.PIPE, text=True,
                                   stdout=subprocess.PIPE)
        self.addCleanup(self.end_manager)
        self.assertEqual(self.mm.stdout.readline(), "ready\n")
        self.server = lwm2m_server.Server(host=SERVER)
        self.addCleanup(self.server.close)

    def end_manager(self):
        """It ends with its input."""
        self.mm.stdin.close()
        self.mm.wait()
        self.mm.stdout.close()

    def script(self, **order):
        """One line for the scripted ModemManager."""
        self.mm.stdin.write(json.dumps(order) + "\n")
        self.mm.stdin.flush()
        self.assertEqual(self.mm.stdout.readline(), "ok\n")

    def begin(self, *others):
        """Registered, by the best route."""
        daemon, gateway.DAEMON = gateway.DAEMON, self.network.daemon
        accounts = ", ".join(ACCOUNT % server.uri() for server in (self.server,) + others)
        try:
            self.gateway = Gateway(
                CONF % {"servers": accounts, "dir": os.path.join(self.stage.dir, "firmware")},
                start=False, env={"DBUS_SYSTEM_BUS_ADDRESS": self.stage.address})
            self.addCleanup(self.gateway.close)
            hook = os.path.join(self.gateway.dir, "hooks", "update")
            os.mkdir(os.path.dirname(hook))
            with open(hook, "w", encoding="ascii") as f:
                f.write("#!/bin/sh\necho version=2\n")
            os.chmod(hook, stat.S_IRWXU)
            self.gateway.start()
        finally:
            gateway.DAEMON = daemon
        self.device = self.server.wait_registered("gw")
        self.assertEqual(self.device.address[0], "10.2.0.2")

    def is_(self, path, value):
        """A resource becomes this; None: it is not there."""
        def now():
            answer = self.device.read(path, lwm2m_server.TEXT)
            return not answer.ok if value is None else answer.ok and answer.text() == value
        wait_for("%s = %r" % (path, value), now)

    def comes_from(self, address):
        """The daemon speaks from there, and hears."""
        self.server.wait("message from " + address, lambda: self.device.address[0] == address)
        self.assertTrue(self.device.read("/3/0/16").ok)

    def test_way_of_a_server(self):
        """/1/x/10: over the bearer's interface; nothing goes elsewhere while it is not there."""
        self.script(**BEARER)
        self.begin()
        self.is_("/10/0/11/0", "11:0")
        self.assertTrue(self.device.write("/1/0/10", "11:0").ok)
        self.comes_from("10.1.0.2")
        updates = self.device.updates
        self.script(refuse="no such APN")
        self.script(drop="the tower fell")
        self.gateway.wait_log("waits for its data connection")
        self.gateway.wait_log("data connection default: lost: ")
        self.gateway.wait_log("server 1 is spoken to over wwan0", 2)
        self.server.wait("it is back", lambda: self.device.updates > updates)
        self.assertEqual(self.device.address[0], "10.1.0.2")
        self.is_("/11/0/11/1", "27")  # the attempt in between was refused
        self.assertTrue(self.device.write("/1/0/10", "65535:65535").ok)
        self.comes_from("10.2.0.2")

    def test_two_bearers(self):
        """Two data connections at once, each with a server of its own; each comes and goes alone."""
        other = lwm2m_server.Server(host=SERVER)
        self.addCleanup(other.close)
        self.script(apn="internet", interface="wwan0", ip4={"method": 2, "address": "10.1.0.2"})
        self.script(apn="iot", interface="wwan1", ip4={"method": 2, "address": "10.3.0.2"})
        self.begin(other)
        first, second = self.device, other.wait_registered("gw")
        made = first.request(lwm2m_server.POST, "/11", SECOND, lwm2m_server.TLV)
        self.assertEqual(made.code, 0x41, made)
        for k, address in ((0, "10.1.0.2"), (1, "10.3.0.2")):
            self.is_("/10/0/11/%d" % k, "11:%d" % k)
            self.is_("/11/%d/15/0" % k, address)
        self.assertTrue(first.write("/1/0/10", "11:0").ok)
        self.assertTrue(second.write("/1/1/10", "11:1").ok)
        self.comes_from("10.1.0.2")
        other.wait("the other bearer", lambda: second.address[0] == "10.3.0.2")
        self.assertTrue(second.read("/3/0/16").ok)
        updates, others = first.updates, second.updates
        self.script(refuse="no such APN")
        self.script(apn="iot", drop="for a moment")
        self.gateway.wait_log("server 2 waits for its data connection")
        other.wait("it is back", lambda: second.updates > others)
        self.assertEqual(second.address[0], "10.3.0.2")
        self.assertNotIn("server 1 waits", self.gateway.logged())
        self.assertEqual(first.updates, updates)
        self.is_("/11/0/10/1", None)  # it was connected once
        self.assertEqual(first.address[0], "10.1.0.2")

    def test_download(self):
        """What a server wants to be fetched comes its way, over HTTP and CoAP."""
        files = Files()
        self.addCleanup(files.close)
        self.script(**BEARER)
        self.begin()
        self.is_("/10/0/11/0", "11:0")

        def fetch(uri):
            known = len(files.peers)
            self.assertTrue(self.device.write("/5/0/1", uri).ok, uri)
            wait_for("fetched", lambda: len(files.peers) > known)
            self.is_("/5/0/3", "2")
            self.assertTrue(self.device.write("/5/0/1", "").ok)
            return files.peers[-1]

        for uri in files.uris:
            self.assertEqual(fetch(uri), "10.2.0.2", uri)
        self.assertTrue(self.device.write("/1/0/10", "11:0").ok)
        self.comes_from("10.1.0.2")
        for uri in files.uris:
            self.assertEqual(fetch(uri), "10.1.0.2", uri)

    def test_another_address(self):
        """The machine's route is another one: an Update comes from the new address, by itself."""
        self.script(**BEARER)
        self.begin()
        # Whatever else an Update would be for has been told.
        self.is_("/10/0/11/0", "11:0")
        self.server.wait("objects", lambda: {"/10/0", "/11/0"} <= set(self.device.links))
        updates = self.device.updates
        for do, address in (("del", "10.1.0.2"), ("add", "10.2.0.2")):
            ip("route", do, SERVER, "via", "10.2.0.1", "dev", "eth0", "metric", "100",
               inside=self.network.enter)
            self.comes_from(address)
            updates += 1
            self.assertEqual(self.device.updates, updates)
        self.assertEqual(len([h for h in self.server.history if h[0] == "register"]), 1)

    def test_what_is_told(self):
        """Addresses and bytes of the bearer, in object 11."""
        self.script(**BEARER)
        self.begin()
        for path, value in (("15/0", "10.1.0.2"), ("17/0", "255.255.255.0"), ("16/0", None),
                            ("18/0", "10.1.0.1"), ("19/0", "192.0.2.53"), ("20/0", "192.0.2.54"),
                            ("15/1", "2001:db8::2"), ("16/1", "64"), ("17/1", None),
                            ("18/1", "fe80::1"), ("19/1", "2001:db8::53"), ("20/1", None),
                            ("13", None), ("14", None)):
            self.is_("/11/0/" + path, value)
        self.script(stats={"tx-bytes": 1000, "rx-bytes": 5000000000})
        self.is_("/11/0/13", "1000")
        self.is_("/11/0/14", "5000000000")
        self.script(interface="wwan0", ip4={"method": 3})
        self.script(drop="for a moment")
        self.is_("/11/0/10/1", "0")
        self.is_("/11/0/15/0", None)  # DHCP: others know it
        self.script(stats={"tx-bytes": 10, "rx-bytes": 20})
        self.is_("/11/0/13", "1010")
        self.is_("/11/0/14", "5000000020")


def missing():
    """Why this cannot run, or None."""
    for program in ("dbus-daemon", "ip", "nsenter", "unshare"):
        if not shutil.which(program):
            return program + " is not installed"
    if not has_plugin("modem"):
        return "built without the modem plugin"
    if subprocess.run(["/usr/bin/python3", "-c", "import gi"], check=False,
                      capture_output=True).returncode:
        return "python3-gi is not installed"
    return None


if __name__ == "__main__":
    if missing():
        print("SKIP: " + missing())
        sys.exit(77)
    if not os.environ.get(INSIDE):
        unshare = ["unshare", "--net"] + (["--map-root-user"] if os.geteuid() else [])
        if subprocess.run(unshare + ["true"], check=False).returncode:
            print("SKIP: no network namespaces here")
            sys.exit(77)
        os.environ[INSIDE] = "1"
        os.execvp("unshare", unshare + [sys.executable] + sys.argv)
    unittest.main(verbosity=2)
