#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Faults at random moments under load, with a real broker: what it accepted arrives, once, in order.

    test_faults.py [--rounds N] [--seed S] [--devices N]

Every reading has a value of its own and is followed from the publisher to the server. In each round
one fault happens: the daemon is killed (SIGKILL), the server's port is closed, the server is a black
hole, it comes back without memory, the broker is restarted, acknowledgements get lost, the disk is full
(a small tmpfs, in a mount namespace of its own). At the end all is whole again and what waits must arrive. Figures, each over all rounds:

    accepted    the broker acknowledged it to the publisher (QoS 1)
    lost        accepted and never carried by a notification or the answer to an Observe
    doubled     in two different notifications although the first one was acknowledged more than 250 ms
                before any kill; values that the publisher had to repeat are left out
    disordered  a first arrival in a notification that is older than an earlier one of its path
"""

import argparse
import json
import os
import random
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from gateway import DEADLINE, Gateway, has_plugin, wait_for  # noqa: E402 pylint: disable=wrong-import-position
import lwm2m_server as lwm2m  # noqa: E402 pylint: disable=wrong-import-position
from ports import free_port  # noqa: E402 pylint: disable=wrong-import-position

PATH = "/3303/0/5700"
SENML_JSON = 110
SETTLED = 0.25  # s after an acknowledgement in which a kill may undo the note of it
FAULTS = ("kill", "closed", "hole", "amnesia", "broker", "acks", "full")
MOSQUITTO = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/sbin")

CONF = """
servers = ( { uri = "coap://127.0.0.1:%d"; lifetime = "30s"; ack_timeout = "100ms"; format = "senml-json";
	max_retransmit = 2; retry_min = "1s"; retry_max = "1s"; on_stop = "keep"; } );
gateway = { endpoint = ""; };
store = { file = "%s/store.db"; };
plugins = { mqtt = { brokers = ( { host = "127.0.0.1"; port = %d; client_id = "faults";
	rules = ( { topic = "t/+"; } ); } ); }; };
"""


class Broker:
    """Mosquitto that keeps its sessions and queues."""

    def __init__(self, directory):
        self.port, self.process = free_port(), None
        self.conf = os.path.join(directory, "mosquitto.conf")
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write("listener %d 127.0.0.1\nallow_anonymous true\npersistence true\n"
                    "persistence_location %s/\nmax_queued_messages 0\nmax_queued_bytes 0\n"
                    "user root\n" % (self.port, directory))
        self.start()

    def start(self):
        """Until it listens."""
        self.process = subprocess.Popen([MOSQUITTO, "-c", self.conf], stderr=subprocess.DEVNULL)
        wait_for("broker", self.listens)

    def listens(self):
        """Does it?"""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        """SIGTERM: it writes down what it has."""
        self.process.terminate()
        self.process.wait(DEADLINE)


class Publisher(threading.Thread):
    """Readings of several devices, QoS 1, each followed until it is acknowledged."""

    def __init__(self, port, devices, rate):
        super().__init__(daemon=True)
        self.port, self.devices, self.rate = port, devices, rate
        self.next, self.open, self.sock = 0, {}, None
        self.accepted, self.repeated = [], set()
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set() or self.open:
            try:
                self.connect()
                self.converse()
            except OSError:
                time.sleep(0.05)

    def connect(self):
        """MQTT 3.1.1; what was not acknowledged goes again."""
        self.sock = socket.create_connection(("127.0.0.1", self.port), DEADLINE)
        self.sock.settimeout(DEADLINE)
        name = b"publisher"
        body = b"\0\4MQTT\4\2\0\0" + struct.pack("!H", len(name)) + name
        self.sock.sendall(bytes([0x10, len(body)]) + body)
        self.receive()
        for mid, value in list(self.open.items()):
            self.repeated.add(value)
            self.publish(mid, value)

    def converse(self):
        """At the rate, as far as the window of 50 lets us."""
        due = time.monotonic()
        while not self.ending.is_set() or self.open:
            if not self.ending.is_set() and len(self.open) < 50 and time.monotonic() >= due:
                self.next += 1
                self.open[self.next % 65000 + 1] = self.next
                self.publish(self.next % 65000 + 1, self.next)
                due += 1 / self.rate
                continue
            self.sock.settimeout(0.005 if not self.ending.is_set() else DEADLINE)
            try:
                self.receive()
            except socket.timeout:
                if self.ending.is_set():
                    raise

    def publish(self, mid, value):
        """One reading; the value tells the device."""
        topic = b"t/d%d" % (value % self.devices)
        body = struct.pack("!H", len(topic)) + topic + struct.pack("!H", mid)
        body += json.dumps({"temperature": value}).encode()
        self.sock.settimeout(DEADLINE)
        self.sock.sendall(bytes([0x32, len(body)]) + body)

    def receive(self):
        """CONNACK or PUBACK."""
        head = self.sock.recv(4)
        if not head:
            raise OSError("closed")
        while len(head) < 4:
            more = self.sock.recv(4 - len(head))
            if not more:
                raise OSError("closed")
            head += more
        if head[0] == 0x40:
            value = self.open.pop(struct.unpack("!H", head[2:])[0], None)
            if value is not None:
                self.accepted.append(value)


class World:
    """Publisher, broker, daemon and server, and what was seen."""

    def __init__(self, seed, devices):
        self.dice = random.Random(seed)
        self.dir = tempfile.mkdtemp(prefix="lwm2m-gateway-faults.")
        self.disk = os.path.join(self.dir, "disk")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", self.disk], check=True)
        self.broker = Broker(self.dir)
        self.port = free_port()
        self.deaf = False  # nothing arrives at the server
        self.mute = 0.0  # share of its acknowledgements that get lost
        self.kills, self.seen, self.acked, self.order = [], {}, {}, []
        self.answered, self.first = set(), 0
        self.server, self.watched = None, {}
        self.lock = threading.Lock()
        self.serve()
        self.gateway = Gateway(CONF % (self.port, self.disk, self.broker.port))
        self.publisher = Publisher(self.broker.port, devices, 100)
        self.publisher.start()
        self.watching = threading.Thread(target=self.watch, daemon=True)
        self.ending = threading.Event()
        self.watching.start()

    # --- the server's side

    def serve(self):
        """Open the port, with nothing in memory."""
        self.watched = {}
        self.server = lwm2m.Server(self.port)
        # A new life of the server gives no location that an earlier one gave.
        self.server._next_location = self.dice.randrange(1 << 40)  # pylint: disable=protected-access
        self.server.incoming, self.server.outgoing = self.incoming, self.outgoing

    def incoming(self, data, address):
        """Note what a notification of ours carries."""
        if self.deaf:
            return []
        try:
            msg = lwm2m.Message.decode(data)
        except lwm2m.Malformed:
            return [data]
        if msg.code == lwm2m.CONTENT and msg.kind in (lwm2m.CON, lwm2m.NON):
            if msg.token in self.server.observations:
                self.note((address, msg.mid), msg.payload)
        return [data]

    def outgoing(self, data, address):
        """Acknowledgements, as far as they get through."""
        if self.deaf:
            return []
        if data[1] == 0 and data[0] & 0x30 == 0x20:
            if self.dice.random() < self.mute:
                return []
            with self.lock:
                self.acked.setdefault((address, struct.unpack("!H", data[2:4])[0]),
                                      time.monotonic())
        return [data]

    def note(self, key, payload):
        """The values of one message, in its order."""
        try:
            values = [int(r["v"]) for r in json.loads(payload) if "v" in r]
        except (ValueError, TypeError):
            return
        with self.lock:
            for value in values:
                messages = self.seen.setdefault(value, [])
                if not messages:
                    self.order.append(value)
                if key not in messages:
                    messages.append(key)

    def watch(self):
        """Observe each device with each registration."""
        while not self.ending.is_set():
            server = self.server
            for device in list(server.devices.values()):
                if device.registered and self.watched.get(device.endpoint) != device.location:
                    try:
                        self.observe(server, device)
                    except (lwm2m.Failed, OSError, ValueError, KeyError, AttributeError,
                            RuntimeError) as e:
                        print("observe %s: %r" % (device.endpoint, e), flush=True)
            time.sleep(0.05)

    def observe(self, server, device):
        """As Device.observe, with little patience."""
        token = server.new_token()
        with server.changed:
            server.observations[token] = lwm2m.Observation(device, PATH, token, None)
        first = device.request(lwm2m.GET, PATH, accept=SENML_JSON, observe=0, token=token,
                               timeout=1)
        if first.ok and server is self.server:
            self.answered.update(int(r["v"]) for r in json.loads(first.payload))
            self.watched[device.endpoint] = device.location

    # --- faults

    def fault(self, name):
        """One of them, for up to 2 s, with all well again at the end."""
        pause = self.dice.uniform(0.3, 1.5)
        time.sleep(self.dice.uniform(0.1, 0.6))
        if name == "kill":
            # A busy machine lets the daemon wait: it has heard what it was told before this.
            began = self.serves() or time.monotonic()
            self.gateway.process.kill()
            self.gateway.process.wait()
            self.kills.append((began, time.monotonic()))
            time.sleep(pause / 3)
            self.gateway.start()
        elif name in ("closed", "amnesia"):
            keep = self.server
            keep.close()
            time.sleep(pause)
            if name == "amnesia":
                self.serve()
            else:
                self.back(keep)
        elif name == "hole":
            self.deaf = True
            time.sleep(pause)
            self.deaf = False
        elif name == "broker":
            self.broker.stop()
            time.sleep(pause / 3)
            self.broker.start()
        elif name == "full":
            self.fill_disk()
        else:
            self.mute = 0.6
            time.sleep(pause)
            self.mute = 0.0

    def fill_disk(self):
        """Until the daemon complains; it goes on serving, and writes again when there is room."""
        filler, before = os.path.join(self.disk, "filler"), self.gateway.logged()
        self.shorten_log()
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass
        self.gateway.wait_log("cannot be written", before.count("cannot be written") + 1)
        wait_for("answer while the disk is full", self.serves)
        os.unlink(filler)
        self.gateway.wait_log("is written again", before.count("is written again") + 1)

    def serves(self):
        """When a client was asked that answers; one whose port is from before a kill does not."""
        for device in list(self.server.devices.values()):
            began = time.monotonic()
            try:
                if device.registered and device.request(lwm2m.GET, PATH, timeout=1).ok:
                    return began
            except lwm2m.Failed:
                pass
        return None

    def shorten_log(self):
        """Else there may be room in the write-ahead log for long."""
        db = sqlite3.connect(os.path.join(self.disk, "store.db"), timeout=60)
        try:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            db.close()

    def back(self, old):
        """The same server again: registrations and observations are still there."""
        watched = self.watched
        self.serve()
        self.watched = watched
        for name in ("devices", "by_location", "observations", "_answered", "_next_location"):
            setattr(self.server, name, getattr(old, name))
        for device in self.server.devices.values():
            device.server = self.server

    # --- the end

    def finish(self):
        """Nothing new; all is well; wait until what was accepted is there, if ever."""
        self.publisher.ending.set()
        self.publisher.join(DEADLINE)
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and self.lost():
            time.sleep(0.1)
        time.sleep(0.5)
        return self.figures()

    def lost(self):
        """Accepted and never delivered."""
        with self.lock:
            return [v for v in self.publisher.accepted
                    if v > self.first and v not in self.seen and v not in self.answered]

    def figures(self):
        """As the head of this file says."""
        lost = self.lost()
        doubled, disordered, newest = [], [], {}
        for value, messages in self.seen.items():
            if len(messages) < 2 or value in self.publisher.repeated:
                continue
            first = self.acked.get(messages[0])
            if first and not any(began - SETTLED < first < end + SETTLED
                                 for began, end in self.kills):
                doubled.append(value)
        for value in self.order:
            device = value % self.publisher.devices
            if value < newest.get(device, 0) and value not in self.publisher.repeated:
                disordered.append(value)
            newest[device] = max(value, newest.get(device, 0))
        return {"accepted": len(self.publisher.accepted), "delivered": len(self.seen),
                "repeated": len(self.publisher.repeated), "kills": len(self.kills),
                "lost": lost, "doubled": doubled, "disordered": disordered}

    def close(self):
        """Nothing is left."""
        self.ending.set()
        status = self.gateway.stop()
        self.gateway.close()
        self.broker.process.kill()
        self.broker.process.wait()
        if self.server:
            self.server.close()
        subprocess.run(["umount", self.disk], check=True)
        shutil.rmtree(self.dir)
        return status


def own_mounts():
    """A mount namespace of our own, where we may mount; False: it is not to be had."""
    if os.environ.get("LGW_FAULTS_MOUNTS"):
        return True
    unshare = ["unshare", "--mount"] + (["--map-root-user"] if os.getuid() else [])
    if subprocess.run(unshare + ["true"], check=False).returncode:
        return False
    os.environ["LGW_FAULTS_MOUNTS"] = "1"
    os.execvp("unshare", unshare + [sys.executable] + sys.argv)
    return False


def main():
    """Exit status 0 when nothing was lost, doubled or out of order."""
    parser = argparse.ArgumentParser(description="faults under load")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--devices", type=int, default=5)
    args = parser.parse_args()
    if not MOSQUITTO or not has_plugin("mqtt"):
        print("needs mosquitto and the mqtt plugin")
        return 77
    if not own_mounts():
        print("needs a mount namespace")
        return 77
    seed = args.seed if args.seed is not None else random.randrange(1 << 32)
    world = World(seed, args.devices)
    try:
        wait_for("first observations", lambda: len(world.watched) == args.devices)
        world.first = world.publisher.next  # what nobody observes is not kept
        for k in range(args.rounds):
            name = FAULTS[k % len(FAULTS)] if k < len(FAULTS) else world.dice.choice(FAULTS)
            print("round %d: %s" % (k + 1, name), flush=True)
            world.fault(name)
        result = world.finish()
    finally:
        status = world.close()
    print(json.dumps({"seed": seed, "rounds": args.rounds,
                      **{k: len(v) if isinstance(v, list) else v for k, v in result.items()}}))
    for what in ("lost", "doubled", "disordered"):
        if result[what]:
            print("%s: %r" % (what, result[what][:20]))
    if status:
        print("the daemon ended with status %d" % status)
    return 1 if status or result["lost"] or result["doubled"] or result["disordered"] else 0


if __name__ == "__main__":
    sys.exit(main())
