#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Firmware of the gateway itself, pushed by Leshan and pulled from HTTP, HTTPS, CoAP and CoAPS
servers of others, installed by a hook; what goes wrong on the way, and kill -9 in every state.
test_int_N_… are OMA's cases (LightweightM2M-1.0-int-N)."""

import functools
import hashlib
import http.server
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
sys.path[:0] = [os.path.join(SRC, "tests", "support"), os.path.join(SRC, "tools")]
from gateway import Gateway, wait_for  # noqa: E402 pylint: disable=wrong-import-position
from ports import free_port  # noqa: E402 pylint: disable=wrong-import-position
from leshan import TEXT, TLV, Leshan, skip  # noqa: E402 pylint: disable=wrong-import-position
from stage import Result  # noqa: E402 pylint: disable=wrong-import-position
import venv  # noqa: E402 pylint: disable=wrong-import-position

IDLE, DOWNLOADING, DOWNLOADED, UPDATING = range(4)
OPAQUE, SIZE = 42, int(os.environ.get("FIRMWARE_BYTES", 20 << 20))
KEY = "firmware-of-boxes"
PSK = KEY.encode().hex()
PATIENCE = 360  # s: 20 MiB in blocks of 1 KiB, on a busy machine
CONF = """
servers = ( { %(server)s version = "%(version)s"; lifetime = "10min";
	retry_min = "1s"; retry_max = "1s"; ack_timeout = "200ms"; max_retransmit = 6; } );
gateway = { endpoint = "box"; manufacturer = "Maker"; %(gateway)s };
firmware = { hook = "update"; hook_runner = "exec"; directory = "%(dir)s"; tries = 3;
	pause = "50ms"; hook_timeout = "10min"; %(more)s };
"""
HOOK = """#!/bin/sh
# Says what it was asked, waits and fails as the test has it written down in files beside it.
d=${0%/*}
echo "$1 $LGW_ENDPOINT $LGW_OBJECT $(sha256sum <"$LGW_IMAGE" | cut -c1-64)" >>"$d/log"
while [ -e "$d/wait.$1" ]; do sleep 0.02; done
[ -e "$d/fail.$1" ] && exit "$(cat "$d/fail.$1")"
echo "version=2.0"
echo "name=image of $LGW_ENDPOINT"
[ -e "$d/say.$1" ] && cat "$d/say.$1"
exit 0
"""


PACKAGES = """#!/bin/sh
d=${0%/*}
echo "$1 $LGW_OBJECT $LGW_INSTANCE $LGW_NAME $LGW_COMPONENT $LGW_STEP" >>"$d/log"
while [ -e "$d/wait.$1" ]; do sleep 0.02; done
[ -e "$d/fail.$1" ] && exit "$(cat "$d/fail.$1")"
case $1 in
list) printf 'package=base\\t1.0\\tactive\\n' ;;
check) printf 'name=suite\\nversion=3.1\\nreason=signed\\n' ;;
install | resume) printf 'component=server\\t3.1\\ncomponent=tools\\t3.0\\n' ;;
esac
"""


# aiocoap with one file, any block of it, under one ETag: libcoap makes a new one for each transfer.
# What is after 40000 bytes is told when a file says so.
AIOCOAP = """
import asyncio, os, sys
import aiocoap
from aiocoap import resource

class File(resource.Resource):
    async def needs_blockwise_assembly(self, request):
        return False

    async def render_get(self, request):
        number, _, szx = request.opt.block2 or (0, False, 6)
        size = 16 << szx
        while number * size >= 40000 and not os.path.exists(sys.argv[3]):
            await asyncio.sleep(0.02)
        answer = aiocoap.Message(payload=DATA[number * size:(number + 1) * size])
        answer.opt.block2 = (number, (number + 1) * size < len(DATA), szx)
        answer.opt.etag = b"same"
        return answer

async def main():
    site = resource.Site()
    site.add_resource(["image"], File())
    await aiocoap.Context.create_server_context(site, bind=("127.0.0.1", int(sys.argv[1])))
    print("ready", flush=True)
    await asyncio.get_running_loop().create_future()

with open(sys.argv[2], "rb") as f:
    DATA = f.read()
asyncio.run(main())
"""


class Files(http.server.SimpleHTTPRequestHandler):
    """Files with ETag and Range, as other servers have them; Python's own knows neither."""
    protocol_version = "HTTP/1.1"
    cut = []  # how many bytes the next answers stop after
    go_on = threading.Event()  # while it is clear, such an answer stays open
    go_on.set()

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # who asked has enough

    def do_GET(self):
        """The file, or its part."""
        try:
            with open(os.path.join(self.directory, self.path.lstrip("/")), "rb") as f:
                data = f.read()
        except OSError:
            self.send_error(404)
            return
        tag, begin = '"%s"' % hashlib.sha256(data).hexdigest()[:16], 0
        self.server.asked.append(dict(self.headers))
        if self.headers.get("Range") and self.headers.get("If-Range") == tag:
            begin = int(self.headers["Range"].split("=")[1].rstrip("-"))
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (begin, len(data) - 1, len(data)))
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(data) - begin))
        self.end_headers()
        end = begin + self.cut.pop(0) if self.cut else len(data)
        self.wfile.write(data[begin:end])
        if end < len(data):
            self.go_on.wait()
        self.close_connection = self.close_connection or end < len(data)


def serve(directory, context=None):
    """An HTTP server in a thread."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                             functools.partial(Files, directory=directory))
    server.asked = []
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class World:
    """Leshan and the servers of files, once for all cases."""

    @classmethod
    def open(cls):
        """Ends the program as skipped where something is missing."""
        for tool in ("coap-server-openssl", "coap-client-openssl", "openssl"):
            if not shutil.which(tool):
                skip(tool + " is not installed")
        cls.dir = tempfile.mkdtemp(prefix="lwm2m-firmware.")
        cls.leshan = Leshan(cls.dir, os.path.join(SRC, "objects"))
        cls.image = os.path.join(cls.dir, "image")
        with open(cls.image, "wb") as f:
            f.write(hashlib.shake_128(b"image").digest(SIZE))
        with open(os.path.join(cls.dir, "small"), "wb") as f:
            f.write(hashlib.shake_128(b"small").digest(100000))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "key.pem", "-out",
                        "cert.pem"], cwd=cls.dir, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.dir + "/cert.pem", cls.dir + "/key.pem")
        cls.http, cls.https = serve(cls.dir), serve(cls.dir, context)
        cls.coap = None

    @classmethod
    def close(cls):
        """What was opened of it."""
        for server in (cls.http, cls.https):
            server.shutdown()
            server.server_close()
        if cls.coap:
            cls.coap.kill()
            cls.coap.wait()
        cls.leshan.close()
        shutil.rmtree(cls.dir)

    @classmethod
    def coap_uri(cls, scheme, name):
        """Of a file at libcoap's server, which is given it by libcoap's client."""
        if not cls.coap:
            cls.coap_port, cls.coap_has = free_port(2), {"nothing"}
            cls.coap = subprocess.Popen(
                ["coap-server-openssl", "-A", "127.0.0.1", "-p", str(cls.coap_port), "-d", "10",
                 "-k", KEY, "-v", "3"], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
        if name not in cls.coap_has:
            uri = "coap://127.0.0.1:%d/%s" % (cls.coap_port, name)
            wait_for("libcoap to take the file", lambda: subprocess.run(
                ["coap-client-openssl", "-m", "put", "-b", "1024", "-f",
                 os.path.join(cls.dir, name), "-B", "300", uri], check=False,
                capture_output=True).returncode == 0)
            cls.coap_has.add(name)
        port = cls.coap_port + (1 if scheme.startswith("coaps") else 0)
        return "%s://127.0.0.1:%d/%s" % (scheme, port, name)


def digest(path):
    """Of a file."""
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


class Case(unittest.TestCase):
    """One daemon for each test."""
    edition, more, secure, place = "1.0", "", False, ""

    def setUp(self):
        self.leshan = World.leshan
        self.gateway = Gateway("", start=False)
        self.addCleanup(self.gateway.close)
        self.store = os.path.join(self.gateway.dir, "firmware")
        self.hooks = os.path.join(self.gateway.dir, "hooks")
        os.mkdir(self.hooks)
        with open(self.hooks + "/update", "w", encoding="utf-8") as f:
            f.write(HOOK)
        os.chmod(self.hooks + "/update", 0o755)
        self.configure(self.more)
        self.start()

    def configure(self, more):
        """Write the configuration."""
        server = 'uri = "coap://127.0.0.1:%d";' % self.leshan.port
        if self.secure:
            server = 'uri = "coaps://127.0.0.1:%d"; security = "psk"; key = "%s";' % (
                self.leshan.secure, PSK)
        self.gateway.write(CONF % {"server": server, "dir": self.store, "more": more,
                                   "version": self.edition, "gateway": self.place})

    def start(self):
        """The daemon, registered, or still registered."""
        mark = self.leshan.mark()
        self.gateway.start()
        self.leshan.event(("registered", "updated"), "box", mark)

    def kill(self):
        """kill -9, and another one."""
        self.gateway.process.send_signal(signal.SIGKILL)
        self.gateway.process.wait()
        self.start()

    def knob(self, name, text=None):
        """A file that the hook looks at: written, or removed."""
        path = os.path.join(self.hooks, name)
        if text is None:
            os.remove(path)
        else:
            with open(path, "w", encoding="utf-8") as f:
                f.write(str(text))

    def hooked(self):
        """What the hook was asked: [(verb, endpoint, object, digest)]."""
        path = self.hooks + "/log"
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as f:
            return [tuple(line.split()) for line in f]

    def ask(self, code, do, path, **more):
        """A request that must be answered with this code."""
        answer = self.leshan.ask(do, "box", path, **more)
        self.assertEqual(answer.get("code"), code, answer)
        return answer

    def get(self, path):
        """One value."""
        return self.ask("2.05", "read", path, format=TLV)["values"][path]

    def status(self):
        """State and result."""
        values = self.ask("2.05", "read", "/5/0", format=TLV)["values"]
        return values["/5/0/3"], values["/5/0/5"]

    def until(self, state, result):
        """It comes to be."""
        try:
            wait_for("state", lambda: self.status() == (state, result), PATIENCE)
        except AssertionError:
            self.assertEqual(self.status(), (state, result))

    def push(self, name="small", code="2.04", fmt=OPAQUE):
        """The image to /5/0/0."""
        self.ask(code, "write", "/5/0/0", format=fmt,
                 value="file:" + os.path.join(World.dir, name))

    def pull(self, uri):
        """The URI to /5/0/1: always taken, whatever becomes of it."""
        self.ask("2.04", "write", "/5/0/1", format=TEXT, value=uri)

    def whole(self, uri, name="image"):
        """It arrives and is handed over."""
        self.pull(uri)
        self.until(DOWNLOADED, 0)
        self.assertEqual(self.hooked()[-1][3], digest(os.path.join(World.dir, name)))

    def http(self, name="small", server=None, host="127.0.0.1"):
        """Its URI."""
        server = server or World.http
        return "%s://%s:%d/%s" % ("http" if server is World.http else "https", host,
                                  server.server_port, name)

    def install(self):
        """From Downloaded to the new version."""
        before = self.get("/3/0/3")
        self.ask("2.04", "execute", "/5/0/2")
        self.until(IDLE, 1)
        self.assertNotEqual(before, "2.0")
        self.assertEqual(self.get("/3/0/3"), "2.0")


class Basics(Case):
    """Cases 751 to 772, which go well."""
    image = "image"

    def test_int_751_read(self):
        values = self.ask("2.05", "read", "/5/0", format=TLV)["values"]
        self.assertEqual((values["/5/0/3"], values["/5/0/5"], values["/5/0/9"]), (0, 0, 2))
        # Without keys for this server: CoAP, HTTP, HTTPS, CoAP over TCP.
        self.assertEqual([k for k in range(8) if "/5/0/8/%d" % k in values], [0, 2, 3, 4])
        self.ask("4.05", "read", "/5/0/0")

    def test_int_755_write_package(self):
        self.ask("2.04", "write", "/5/0/0", format=OPAQUE, value="00")
        self.assertEqual(self.status(), (IDLE, 0))
        self.push()
        self.until(DOWNLOADED, 0)
        self.assertEqual(self.get("/5/0/7"), "2.0")
        self.assertEqual(self.get("/5/0/6"), "image of box")
        self.ask("2.04", "write", "/5/0/0", format=OPAQUE, value="00")
        self.assertEqual(self.status(), (IDLE, 0))
        self.push(fmt=TLV)
        self.until(DOWNLOADED, 0)
        self.assertEqual(self.hooked(), [("check", "box", "5", digest(World.dir + "/small"))] * 2)

    def test_int_756_write_package_uri(self):
        self.pull("")
        self.assertEqual(self.status(), (IDLE, 0))
        self.pull(self.http())
        self.until(DOWNLOADED, 0)
        self.assertEqual(self.get("/5/0/1"), self.http())
        self.pull("")
        self.assertEqual(self.status(), (IDLE, 0))

    def test_int_760_observe_state(self):
        mark = self.leshan.mark()
        self.ask("2.05", "observe", "/5/0/3", format=TLV)
        self.push()
        self.leshan.event("notified", "box", mark,
                          lambda e: e["path"] == "/5/0/3" and e["values"]["/5/0/3"] == DOWNLOADED)

    def test_int_770_push(self):
        self.knob("wait.install", "")
        self.push(self.image)
        self.until(DOWNLOADED, 0)
        self.ask("2.04", "execute", "/5/0/2")
        self.until(UPDATING, 0)
        self.ask("4.05", "execute", "/5/0/2")
        self.ask("4.05", "write", "/5/0/1", format=TEXT, value="")
        self.knob("wait.install")
        self.until(IDLE, 1)
        self.assertEqual(self.get("/3/0/3"), "2.0")
        self.handed_over()
        self.kill()  # what was installed is still there
        self.assertEqual((self.status(), self.get("/3/0/3")), ((IDLE, 1), "2.0"))

    def test_int_771_pull(self):
        self.pull(self.http(self.image))
        self.until(DOWNLOADED, 0)
        self.install()
        self.handed_over()

    def test_int_772_error_1_nothing_to_install(self):
        self.ask("4.05", "execute", "/5/0/2")
        self.assertEqual(self.status(), (IDLE, 0))

    def handed_over(self):
        """The hook saw the same bytes, twice."""
        whole = digest(os.path.join(World.dir, self.image))
        self.assertEqual(self.hooked(), [(verb, "box", "5", whole)
                                         for verb in ("check", "install")])


class Edition11(Basics):
    """The same with LwM2M 1.1, and a smaller image."""
    edition, image = "1.1", "small"


class Errors(Case):
    """Cases 774 to 780."""

    def test_int_774_error_3_memory(self):
        self.knob("fail.check", 3)
        self.push()
        self.until(IDLE, 3)

    def test_int_775_error_4_connection_lost(self):
        Files.cut[:] = [0, 0, 0]
        self.pull(self.http())
        self.until(IDLE, 4)
        # Nobody is there.
        closed = free_port()
        for scheme in ("http", "coap", "coap+tcp"):
            self.pull("%s://127.0.0.1:%d/small" % (scheme, closed))
            self.until(IDLE, 4)

    def test_int_776_error_5_integrity(self):
        self.pull(self.http() + "#sha256=" + digest(World.image))
        self.until(IDLE, 5)
        self.pull(self.http() + "#sha256=" + digest(World.dir + "/small"))
        self.until(DOWNLOADED, 0)
        self.knob("fail.check", 5)
        self.push()
        self.until(IDLE, 5)
        self.knob("fail.check", 1)  # whatever it is
        self.push()
        self.until(IDLE, 5)

    def test_int_777_error_6_package_type(self):
        self.knob("fail.check", 6)
        self.pull(self.http())
        self.until(IDLE, 6)

    def test_int_778_error_7_invalid_uri(self):
        for uri in ("no uri at all", "http://", "coap://", "http://a b/", self.http("nothing"),
                    World.coap_uri("coap", "nothing")):
            self.pull(uri)
            self.until(IDLE, 7)

    def test_int_779_error_8_update_failed(self):
        before = self.get("/3/0/3")
        self.push()
        self.until(DOWNLOADED, 0)
        self.knob("fail.install", 1)
        self.ask("2.04", "execute", "/5/0/2")
        self.until(DOWNLOADED, 8)
        self.assertEqual(self.get("/3/0/3"), before)
        self.knob("fail.install")
        self.install()

    def test_int_780_error_9_unsupported_protocol(self):
        # The server of this account has no keys for coaps either.
        for uri in ("ftp://127.0.0.1/image", "file:///etc/passwd", "coaps://127.0.0.1/image"):
            self.pull(uri)
            self.until(IDLE, 9)


class Small(Case):
    """773: images larger than there is room for."""
    more = 'max_size = "50k";'

    def test_int_773_error_2_storage(self):
        self.push(code="4.13")
        self.until(IDLE, 2)
        for uri in (self.http(), World.coap_uri("coap", "small")):
            self.pull(uri)
            self.until(IDLE, 2)


class Pull(Case):
    """Over each scheme, byte for byte."""
    @property
    def more(self):
        """The authority of the HTTPS server."""
        return 'ca = "%s/cert.pem";' % World.dir

    def test_https(self):
        self.whole(self.http("image", World.https, "localhost"))

    def test_https_of_a_stranger(self):
        self.gateway.process.kill()
        self.gateway.process.wait()
        self.configure("")
        self.start()
        self.pull(self.http("small", World.https, "localhost"))
        self.until(IDLE, 4)

    def test_coap(self):
        self.whole(World.coap_uri("coap", "image"))

    def test_coap_tcp(self):
        self.whole(World.coap_uri("coap+tcp", "image"))

    def test_http_that_breaks_off(self):
        Files.cut[:], World.http.asked[:] = [30000, 40000], []
        self.whole(self.http(), "small")
        self.assertEqual([a.get("Range") for a in World.http.asked],
                         [None, "bytes=29999-", "bytes=69998-"])


class PullSecure(Case):
    """CoAPS with the keys of the account."""
    secure = True

    @classmethod
    def setUpClass(cls):
        World.leshan.ask("admit", "box", identity="box", key=PSK)

    @classmethod
    def tearDownClass(cls):
        World.leshan.ask("dismiss", "box")

    def test_coaps(self):
        values = self.ask("2.05", "read", "/5/0/8", format=TLV)["values"]
        self.assertEqual(sorted(values.values()), list(range(6)))
        self.whole(World.coap_uri("coaps", "image"))

    def test_coaps_tcp(self):
        self.whole(World.coap_uri("coaps+tcp", "image"))


class Position(Case):
    """Object 6 by a hook."""
    place = 'location_hook = "update"; location_interval = "1s";'

    def test_position(self):
        with open(self.hooks + "/update", "w", encoding="utf-8") as f:
            f.write('#!/bin/sh\n[ "$1 $LGW_OBJECT" = "position 6" ] && cat "${0%/*}/place"\n')
        self.knob("place", "48.8584, 2.2945, 35\n")
        wait_for("place", lambda: self.leshan.ask("read", "box", "/6/0",
                                                  format=TLV)["code"] == "2.05")
        values = self.ask("2.05", "read", "/6/0", format=TLV)["values"]
        self.assertEqual((values["/6/0/0"], values["/6/0/2"]), (48.8584, 35))
        self.knob("place", "nowhere\n")
        self.gateway.wait_log("said no place")
        self.assertEqual(self.get("/6/0/0"), 48.8584)
        self.knob("place", "-33.5, 151\n")
        wait_for("another place", lambda: self.get("/6/0/0") == -33.5)


class DeviceCase(Case):
    """Of a device."""
    device, sim = "sim00000", "firmware = true;"

    def configure(self, more):
        """With one device."""
        super().configure(more)
        with open(self.gateway.conf, "a", encoding="utf-8") as f:
            f.write("plugins = { sim = { devices = 1; %s }; };\n" % self.sim)

    def start(self):
        """Until the device is there."""
        mark = self.leshan.mark()
        super().start()
        self.leshan.event(("registered", "updated"), self.device, mark)

    def ask(self, code, do, path, **more):
        answer = self.leshan.ask(do, self.device, path, **more)
        self.assertEqual(answer.get("code"), code, answer)
        return answer


class Device(DeviceCase):
    """By the plugin that it comes from."""

    def test_by_its_plugin(self):
        with open(World.dir + "/sim", "wb") as f:
            f.write(b"SIM 2.0\n" + bytes(70000))
        self.push()
        self.until(IDLE, 6)
        self.push("sim")
        self.until(DOWNLOADED, 0)
        self.assertEqual(self.get("/5/0/7"), "2.0")
        self.kill()
        self.assertEqual(self.status(), (DOWNLOADED, 0))
        self.ask("2.04", "execute", "/5/0/2")
        self.until(IDLE, 1)
        self.assertEqual(self.get("/3/0/3"), "2.0")
        self.pull(self.http("sim"))
        self.until(DOWNLOADED, 0)


class DeviceByHook(DeviceCase):
    """Of a device, by a hook that knows what the new version lacks."""
    more = 'devices = ( { hook = "update"; } );'
    sim = 'interval = "1h";'

    def test_objects_go_with_an_update(self):
        self.ask("2.05", "read", "/3303", format=TLV)
        self.ask("2.05", "observe", "/3303/0/5700", format=TLV)
        self.push()
        self.until(DOWNLOADED, 0)
        self.knob("say.install", "gone=/3303\n")
        mark = self.leshan.mark()
        self.ask("2.04", "execute", "/5/0/2")
        event = self.leshan.event("updated", self.device, mark, lambda e: e["with_links"])
        self.assertNotIn("/3303", str(event["links"]))
        self.until(IDLE, 1)
        self.ask("4.04", "read", "/3303", format=TLV)
        self.assertEqual(self.get("/3/0/3"), "2.0")


class Software(Case):
    """Objects 9 and 14; OMA has no cases for them."""

    def configure(self, more):
        """With a hook for packages."""
        super().configure(more)
        with open(self.hooks + "/packages", "w", encoding="utf-8") as f:
            f.write(PACKAGES)
        os.chmod(self.hooks + "/packages", 0o755)
        with open(self.gateway.conf, "a", encoding="utf-8") as f:
            f.write('software = { hook = "packages"; };\n')

    def status(self):
        """State and result of /9/3."""
        values = self.ask("2.05", "read", "/9/3", format=TLV)["values"]
        return values["/9/3/7"], values["/9/3/9"]

    def create(self):
        """/9/3."""
        self.ask("2.01", "create", "/9", format=TLV, instance=3, value={"8": True})
        self.assertEqual(self.status(), (0, 0))

    def deliver(self):
        """A package comes and is in order."""
        self.ask("2.04", "write", "/9/3/2", format=OPAQUE, value="file:" + World.dir + "/small")
        self.until(3, 3)

    def test_list_of_packages(self):
        wait_for("list", lambda: self.ask("2.05", "read", "/9", format=TLV)["values"])
        values = self.ask("2.05", "read", "/9/0", format=TLV)["values"]
        self.assertEqual([values["/9/0/%d" % k] for k in (0, 1, 7, 12)], ["base", "1.0", 4, True])
        self.kill()
        wait_for("list", lambda: len(self.hooked()) == 2)
        values = self.ask("2.05", "read", "/9", format=TLV)["values"]
        self.assertEqual([p for p in values if p.endswith("/0")], ["/9/0/0"])

    def test_from_a_package_to_software_and_back(self):
        self.create()
        self.ask("4.05", "execute", "/9/3/4")
        self.deliver()
        values = self.ask("2.05", "read", "/9/3", format=TLV)["values"]
        self.assertEqual([values["/9/3/%d" % k] for k in (0, 1, 16)], ["suite", "3.1", "signed"])
        self.knob("fail.install", 1)
        self.ask("2.04", "execute", "/9/3/4")
        self.until(3, 58)
        self.knob("fail.install")
        mark = self.leshan.mark()
        self.ask("2.04", "execute", "/9/3/4")
        self.until(4, 2)
        self.leshan.event("updated", "box", mark, lambda e: e["with_links"])
        self.assertFalse(self.get("/9/3/12"))
        self.ask("2.04", "execute", "/9/3/10")
        wait_for("active", lambda: self.get("/9/3/12"))
        self.assertEqual((self.get("/14/0/0"), self.get("/14/1/2")), ("server", "3.0"))
        self.ask("2.04", "execute", "/14/1/3")
        wait_for("component", lambda: self.get("/14/1/5"))
        self.assertIn(("activate", "9", "3", "suite", "tools", "activate"), self.hooked())
        self.ask("4.05", "delete", "/9/3")
        self.ask("2.04", "execute", "/9/3/6")
        self.until(0, 0)
        self.ask("4.04", "read", "/14/0", format=TLV)
        self.ask("2.02", "delete", "/9/3")

    def test_pull_with_a_password(self):
        self.create()
        World.http.asked[:] = []
        self.ask("2.04", "write", "/9/3/14", format=TEXT, value="me")
        self.ask("2.04", "write", "/9/3/15", format=TEXT, value="secret")
        self.ask("4.05", "read", "/9/3/15", format=TEXT)
        self.ask("2.04", "write", "/9/3/3", format=TEXT, value=self.http())
        self.until(3, 3)
        self.ask("2.04", "execute", "/9/3/6")
        self.until(0, 0)
        self.ask("2.04", "write", "/9/3/3", format=TEXT, value="ftp://127.0.0.1/x")
        self.until(0, 56)
        self.knob("fail.check", 6)
        self.ask("2.04", "write", "/9/3/3", format=TEXT, value=self.http())
        self.until(0, 54)

    def test_kill_while_it_is_installed(self):
        self.create()
        self.deliver()
        self.knob("wait.install", "")
        self.knob("wait.resume", "")
        self.ask("2.04", "execute", "/9/3/4")
        wait_for("hook", lambda: self.hooked()[-1][0] == "install")
        self.kill()
        self.assertEqual(self.status(), (3, 3))
        wait_for("hook", lambda: any(h[0] == "resume" for h in self.hooked()))
        self.knob("wait.install")
        self.knob("wait.resume")
        self.until(4, 2)
        self.kill()
        self.assertEqual(self.status(), (4, 2))
        self.assertEqual(self.get("/14/1/0"), "tools")


class Power(Case):
    """kill -9 in every state."""

    def test_kill_while_idle(self):
        self.pull("ftp://127.0.0.1/")
        self.until(IDLE, 9)
        self.kill()
        self.assertEqual(self.status(), (IDLE, 9))

    def test_kill_while_it_is_fetched(self):
        Files.cut[:], World.http.asked[:] = [30000], []
        Files.go_on.clear()
        self.addCleanup(Files.go_on.set)
        self.pull(self.http())
        image = os.path.join(self.store, "box", "image")
        wait_for("bytes", lambda: os.path.exists(image) and os.path.getsize(image) >= 30000)
        self.kill()
        self.until(DOWNLOADED, 0)
        self.assertEqual(World.http.asked[-1].get("Range"), "bytes=29999-")
        self.assertEqual(self.hooked()[-1][3], digest(World.dir + "/small"))

    def interrupted(self, uri, size, then=lambda: None):
        """A download of which so many bytes came before kill -9, after which something else is done."""
        image = os.path.join(self.store, "box", "image")
        self.pull(uri)
        wait_for("bytes", lambda: os.path.exists(image) and os.path.getsize(image) > size)
        self.kill()
        then()
        self.until(DOWNLOADED, 0)
        self.assertIn("download begins where it was", self.gateway.logged())

    def test_kill_while_it_is_fetched_in_blocks(self):
        python, port = venv.python_with("aiocoap[oscore]==0.4.17"), free_port()
        with subprocess.Popen([python, "-c", AIOCOAP, str(port), World.dir + "/small",
                               self.hooks + "/go"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
            self.addCleanup(server.kill)
            server.stdout.readline()
            self.interrupted("coap://127.0.0.1:%d/image" % port, 20000,
                             lambda: self.knob("go", ""))
            server.kill()
        self.assertEqual(self.hooked()[-1][3], digest(World.dir + "/small"))
        self.assertNotIn("broke off", self.gateway.logged())

    def test_kill_and_another_image_in_its_place(self):
        self.interrupted(World.coap_uri("coap", "image"), 1 << 20)
        self.assertEqual(self.hooked()[-1][3], digest(World.image))
        self.assertIn("broke off at 0 bytes", self.gateway.logged())

    def test_kill_while_it_is_pushed(self):
        def push():
            try:
                self.leshan.ask("write", "box", "/5/0/0", format=OPAQUE,
                                value="file:" + World.image)
            except AssertionError:
                pass  # nobody answers any more

        image = os.path.join(self.store, "box", "image")
        pusher = threading.Thread(target=push)
        pusher.start()
        wait_for("bytes", lambda: os.path.exists(image) and os.path.getsize(image) > 100000)
        self.gateway.process.send_signal(signal.SIGKILL)
        self.gateway.process.wait()
        self.gateway.start()
        pusher.join()
        self.until(IDLE, 4)
        self.push()
        self.until(DOWNLOADED, 0)

    def test_a_full_disk(self):
        # A limit of the size of files stands for it.
        subprocess.run(["prlimit", "--pid", str(self.gateway.process.pid), "--fsize=60000"],
                       check=True)
        self.push(code="4.13")
        self.until(IDLE, 2)
        for uri in (self.http(), World.coap_uri("coap", "small")):
            self.pull(uri)
            self.until(IDLE, 2)

    def test_kill_while_it_is_checked(self):
        self.knob("wait.check", "")
        self.push()
        wait_for("hook", self.hooked)
        self.assertEqual(self.status(), (DOWNLOADING, 0))
        self.kill()
        self.assertEqual(self.status(), (DOWNLOADING, 0))
        self.knob("wait.check")
        self.until(DOWNLOADED, 0)

    def test_kill_while_downloaded_and_updating(self):
        self.push()
        self.until(DOWNLOADED, 0)
        self.kill()
        self.assertEqual(self.status(), (DOWNLOADED, 0))
        self.knob("wait.install", "")
        self.knob("wait.resume", "")
        self.ask("2.04", "execute", "/5/0/2")
        wait_for("hook", lambda: self.hooked()[-1][0] == "install")
        self.kill()
        self.assertEqual(self.status(), (UPDATING, 0))
        wait_for("hook", lambda: self.hooked()[-1][0] == "resume")
        self.knob("wait.install")
        self.knob("wait.resume")
        self.until(IDLE, 1)
        self.assertEqual(self.get("/3/0/3"), "2.0")

    def test_a_damaged_state(self):
        self.push()
        self.until(DOWNLOADED, 0)
        self.gateway.process.kill()
        self.gateway.process.wait()
        with open(os.path.join(self.store, "box", "state"), "wb") as f:
            f.write(b"LGF\x01\x02")
        self.start()
        self.assertEqual(self.status(), (IDLE, 0))


# Most of the time is waiting: two halves at once, each with servers of its own.
PARTS = ((Basics, Errors, Small, Position, Device, DeviceByHook),
         (Edition11, Power, Pull, PullSecure, Software))


def both():
    """Each half in a process of its own; what they say, one after the other."""
    known = {c for c in globals().values() if isinstance(c, type) and issubclass(c, Case)}
    assert known - {Case, DeviceCase} == set(PARTS[0] + PARTS[1]), "a class is in no part"
    runs = [subprocess.Popen([sys.executable, __file__] + [c.__name__ for c in part],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             errors="replace") for part in PARTS]
    said = [""] * len(runs)

    def hear(k):
        said[k] = runs[k].communicate()[0]

    readers = [threading.Thread(target=hear, args=(k,)) for k in range(len(runs))]
    for reader in readers:
        reader.start()
    for k, reader in enumerate(readers):
        reader.join()
        print(said[k], flush=True)
    codes = {run.returncode for run in runs}
    return 1 if codes - {0, 77} else max(codes)


def main():
    """Run the cases: all of them, or classes that are named."""
    if len(sys.argv) == 1:
        sys.exit(both())
    World.http = None
    try:
        World.open()
        run = unittest.main(exit=False, testRunner=unittest.TextTestRunner(
            stream=sys.stdout, verbosity=0, resultclass=Result))
    finally:
        if World.http:
            World.close()
    sys.exit(not run.result.wasSuccessful())


if __name__ == "__main__":
    main()
