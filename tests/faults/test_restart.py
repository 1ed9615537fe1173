#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a server was told to be done is there after kill -9 that follows at once: each kind of write, in
random order, on several devices; at the end all of it together, and once more after the store was
damaged. Then a Disable, which goes on.

    test_restart.py [--rounds N] [--seed S]
"""

import argparse
import os
import random
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from gateway import Gateway, has_plugin, wait_for  # noqa: E402 pylint: disable=wrong-import-position
import lwm2m_server as lwm2m  # noqa: E402 pylint: disable=wrong-import-position

DEVICES = 3
CONF = """
servers = ( { uri = "%s"; lifetime = "5min"; on_stop = "keep"; format = "tlv"; disable_timeout = "1h";
	ack_timeout = "200ms"; retry_min = "1s"; retry_max = "1s"; } );
gateway = { endpoint = ""; };
devices = { objects = [ "16" ]; };
plugins = { sim = { devices = %d; interval = "200ms";
	values = ( { key = "temperature"; min = 15.0; max = 25.0; } ); }; };
"""


class Play:
    """The daemon, our server, and what was promised to it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.server = lwm2m.Server(seed=seed)
        self.gateway = Gateway(CONF % (self.server.uri(), DEVICES))
        self.promised, self.made = {}, 0

    def close(self):
        """All of it."""
        self.gateway.close()
        self.server.close()

    def device(self, k):
        """One that answers."""
        return self.server.wait_registered("sim%05d" % k)

    def settled(self):
        """All are registered, and have their sensor."""
        for k in range(DEVICES):
            wait_for("sensor of %d" % k, lambda k=k: self.has_sensor(k))

    @staticmethod
    def read(device, path, patience=lwm2m.PATIENCE):
        """Its text, or None."""
        answer = device.request(lwm2m.GET, path, accept=lwm2m.TEXT, timeout=patience)
        return answer.payload.decode() if answer.code == lwm2m.CONTENT else None

    def has_sensor(self, k):
        """Is it there? A request that meets a daemon on its way down or up goes again."""
        try:
            return self.read(self.device(k), "/3303/0/5700", 2) is not None
        except lwm2m.Failed:
            return False

    def restart(self, devices=range(DEVICES)):
        """SIGKILL, and the next life; its clients say so by an Update."""
        self.gateway.kill()
        updates = {k: self.device(k).updates for k in devices}
        self.gateway.start()
        for k in devices:
            wait_for("update of %d" % k,
                     lambda k=k: self.device(k).updates > updates[k])

    # --- writes: each returns the answer, and what is to be there then: {path: text}

    def attributes(self, device):
        """Of one of the levels."""
        path, name = self.random.choice((("/3303", "pmax"), ("/3303/0", "pmin"),
                                         ("/3303/0/5700", "gt"), ("/3/0/0", "pmin")))
        value = self.random.randrange(600, 900) if name == "pmax" else self.random.randrange(500)
        return (device.write_attributes(path, "%s=%d" % (name, value)),
                {(path, name): ";%s=%d" % (name, value)})

    def account(self, device):
        """A default period."""
        value = str(self.random.randrange(1, 500))
        return device.write("/1/0/2", value), {"/1/0/2": value}

    def zone(self, device):
        """Of object 3."""
        value = "Etc/GMT+%d" % self.random.randrange(12)
        return device.write("/3/0/15", value), {"/3/0/15": value}

    def label(self, device):
        """Of an instance that comes with the first reading."""
        value = "place %d" % self.random.randrange(1000)
        return device.write("/3303/0/5750", value), {"/3303/0/5750": value}

    def instance(self, device):
        """Of a portfolio."""
        self.made += 1
        name = "portfolio %d" % self.made
        body = lwm2m.tlv_encode([(lwm2m.OBJECT_INSTANCE, self.made, [
            (lwm2m.MULTIPLE, 0, [(lwm2m.RESOURCE_INSTANCE, 0, name.encode())])])])
        return (device.request(lwm2m.POST, "/16", body, lwm2m.TLV),
                {"/16/%d/0/0" % self.made: name})

    def removal(self, device):
        """Of a portfolio, if there is one."""
        own = [p for d, p in self.promised if d == device.endpoint and str(p).startswith("/16/")
               and self.promised[d, p] is not None]
        if not own:
            return self.instance(device)
        path = self.random.choice(own)
        return device.request(lwm2m.DELETE, path[:-4]), {path: None}

    def round(self):
        """One write, a kill as soon as it is answered, and a look at it."""
        device = self.device(self.random.randrange(DEVICES))
        answer, then = self.random.choice((self.attributes, self.account, self.zone, self.label,
                                           self.instance, self.removal))(device)
        self.gateway.process.kill()  # and no moment later
        if answer.code >> 5 != 2:
            raise AssertionError("%s: %r" % (then, answer))
        for path, text in then.items():
            self.promised[device.endpoint, path] = text
        self.restart()
        self.settled()
        for path in then:
            self.expect(device.endpoint, path)
        print("ok %s %s" % (device.endpoint, then))

    def expect(self, endpoint, path):
        """What was promised."""
        device, want = self.server.wait_registered(endpoint), self.promised[endpoint, path]
        if isinstance(path, tuple):
            links = device.discover(path[0]).payload.decode().split(",")
            if not any(l.startswith("<%s>" % path[0]) and want in l + ";" for l in links):
                raise AssertionError("%s %s: %r" % (path, want, links))
        elif self.read(device, path) != want:
            raise AssertionError("%s %s: %r instead of %r" % (endpoint, path,
                                                              self.read(device, path), want))

    def damage(self):
        """The store's file is damaged while the daemon runs: another one takes its place."""
        db = sqlite3.connect(os.path.join(self.gateway.dir, "store.db"), timeout=30)
        db.execute("DROP TABLE fact")
        db.commit()
        db.close()
        device = self.device(1)
        if device.write("/1/0/2", "77").code != lwm2m.CHANGED:
            raise AssertionError("write to a damaged store")
        self.promised[device.endpoint, "/1/0/2"] = "77"
        self.gateway.wait_log("a new one is begun")
        self.gateway.settled()
        self.restart()
        self.settled()
        for endpoint, path in self.promised:
            self.expect(endpoint, path)
        print("ok damaged")

    def disable(self):
        """For an hour; a restart does not end it, and the others are not concerned."""
        device = self.device(0)
        if device.execute("/1/0/4").code != lwm2m.CHANGED:
            raise AssertionError("Disable")
        wait_for("de-registration", lambda: not device.registered)
        self.gateway.wait_log("de-registered from server 1 (2.02)")
        self.gateway.settled()
        self.restart(range(1, DEVICES))
        self.gateway.wait_log("disabled before the restart")
        if device.registered:
            raise AssertionError("it registered although it was disabled")
        print("ok disabled")


def main():
    """Rounds, then all together, then a Disable."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    if not has_plugin("sim"):
        print("skipped: built without the sim plugin")
        sys.exit(77)
    print("seed %d" % options.seed)
    play = Play(options.seed)
    try:
        play.settled()
        for _ in range(options.rounds):
            play.round()
        for endpoint, path in play.promised:
            play.expect(endpoint, path)
        play.damage()
        play.disable()
    finally:
        play.close()


main()
