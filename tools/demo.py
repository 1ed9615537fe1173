#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The demonstration itself; tools/demo builds what it needs and calls it.

It proves what it says: every line is printed when a server that knows nothing of the gateway's
code, or the broker, saw it happen.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "tests", "support"))
sys.dont_write_bytecode = True
from lwm2m_server import Failed, Server  # noqa: E402 pylint: disable=wrong-import-position
from ports import free_port  # noqa: E402 pylint: disable=wrong-import-position

DEADLINE = 120
OUTAGE = 10  # s
SENML_JSON = 110
PLUG, SHELLY = "tasmota_1A2B3C", "shellyplus1pm-a8032abe54dc"
# Endpoint name, what it is, the resource to look at, what that says.
DEVICES = (
    ("living_room", "a Zigbee thermometer", "/3303/0/5700", "%s °C"),
    ("bedroom", "a Zigbee thermometer", "/3303/0/5700", "%s °C"),
    ("front_door", "a Zigbee door contact", "/3200/0/5500", "open: %s"),
    (PLUG, "a Tasmota plug", "/3328/0/5700", "%s W"),
    (SHELLY, "a Shelly switch", "/3328/0/5700", "%s W"),
    ("office", "an air quality sensor", "/3325/0/5700", "%s ppm CO2"),
)


def say(text):
    """A line for people."""
    print(text, flush=True)


def start(args, output, **more):
    """A program that Ctrl-C does not reach: it is ended in its turn."""
    return subprocess.Popen(args, stdout=output, start_new_session=True,
                            **{"stderr": subprocess.DEVNULL, **more})


class Broker:
    """A private mosquitto."""

    def __init__(self, directory):
        self.port = free_port()
        conf = os.path.join(directory, "mosquitto.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write("listener %d 127.0.0.1\nallow_anonymous true\npersistence false\n" % self.port)
        exe = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        if not exe:
            raise Failed("mosquitto is not installed")
        self.process = start([exe, "-c", conf], subprocess.DEVNULL)
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        raise Failed("mosquitto does not start")

    def publish(self, topic, payload, retain=False):
        """One message of QoS 1; objects become JSON."""
        if not isinstance(payload, str):
            payload = json.dumps(payload)
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-q", "1",
                        "-t", topic, "-m", payload] + (["-r"] if retain else []),
                       check=False, stderr=subprocess.DEVNULL)

    def subscribe(self, *topics):
        """A process that prints "topic payload" lines."""
        args = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), "-v", "-q", "1"]
        for topic in topics:
            args += ["-t", topic]
        return start(args, subprocess.PIPE, text=True)


class House:
    """The devices: they report every second, and two of them obey."""

    def __init__(self, broker):
        self.broker, self.tick, self.ending = broker, 0, threading.Event()
        self.plug, self.shelly, self.energy = True, False, 3.217
        self.commands = []
        self.listener = broker.subscribe("cmnd/%s/POWER" % PLUG, SHELLY + "/rpc")
        self.threads = [threading.Thread(target=t, daemon=True)
                        for t in (self._report, self._obey)]
        for t in self.threads:
            t.start()

    def _report(self):
        for name in ("living_room", "bedroom", "front_door"):
            self.broker.publish("zigbee2mqtt/%s/availability" % name, {"state": "online"}, True)
        self.broker.publish("tele/%s/LWT" % PLUG, "Online", True)
        self.broker.publish(SHELLY + "/online", "true", True)
        while not self.ending.is_set():
            self.report()
            self.tick += 1
            self.ending.wait(1)

    def report(self):
        """One round of what such devices really send."""
        n, pub = self.tick, self.broker.publish
        for name, base in (("living_room", 21.2), ("bedroom", 18.4)):
            pub("zigbee2mqtt/" + name, {
                "battery": 97, "humidity": 44.6, "linkquality": 120, "pressure": 1013.2,
                "temperature": round(base + n % 7 / 10, 2), "voltage": 3015}, True)
        pub("zigbee2mqtt/front_door", {"battery": 100, "contact": n % 6 < 3, "linkquality": 87,
                                       "tamper": False, "voltage": 3100}, True)
        self.energy += 0.001
        pub("tele/%s/SENSOR" % PLUG, {
            "Time": time.strftime("%Y-%m-%dT%H:%M:%S"),
            "ENERGY": {"Total": round(self.energy, 3), "Power": 42 + n % 5 if self.plug else 0,
                       "ApparentPower": 45, "Factor": 0.94, "Voltage": 231, "Current": 0.19}})
        pub("tele/%s/STATE" % PLUG, {"POWER": "ON" if self.plug else "OFF",
                                     "Wifi": {"RSSI": 76, "Signal": -62}})
        self._report_shelly()
        pub("sensors/air/office", {"ts": int(time.time()), "co2": 612 + n % 9, "pm25": 8.2,
                                   "voc": 121, "temperature": 22.1, "humidity": 41})

    def _report_shelly(self):
        self.broker.publish(SHELLY + "/status/switch:0", {
            "id": 0, "source": "MQTT", "output": self.shelly,
            "apower": 8.9 + self.tick % 3 if self.shelly else self.tick % 3 / 10,
            "voltage": 230.4, "current": 0.04, "aenergy": {"total": 1234.5},
            "temperature": {"tC": 48.1, "tF": 118.6}}, True)

    def _obey(self):
        for line in self.listener.stdout:
            topic, _, payload = line.strip().partition(" ")
            self.commands.append((topic, payload))
            if topic.endswith("/POWER"):
                self.plug = payload == "ON"
                self.broker.publish("stat/%s/RESULT" % PLUG, {"POWER": payload})
            else:
                self.shelly = json.loads(payload)["params"]["on"]
                self._report_shelly()

    def is_on(self, endpoint):
        """What the device's own relay says."""
        return self.plug if endpoint == PLUG else self.shelly

    def close(self):
        """No more reports."""
        self.ending.set()
        self.listener.terminate()
        self.listener.wait()
        for t in self.threads:
            t.join(5)


class Gateway:
    """lwm2m-gatewayd with the example configuration, other ports put in."""

    def __init__(self, build, directory, broker, uri):
        share = os.path.join(directory, "share")
        os.mkdir(share)
        os.symlink(os.path.join(TOP, "objects"), os.path.join(share, "objects"))
        os.symlink(os.path.join(TOP, "etc", "maps"), os.path.join(share, "maps"))
        with open(os.path.join(TOP, "etc", "examples", "home.conf"), encoding="utf-8") as f:
            text = f.read()
        text = text.replace("port = 1883;", "port = %d;" % broker.port)
        text += '\nservers = ( { uri = "%s"; } );\n' % uri
        self.conf = os.path.join(directory, "gateway.conf")
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(text + "\nbus = { enabled = false; };\nstore = { file = \"%s\"; };\n"
                    % os.path.join(directory, "store.db"))
        self.log = os.path.join(directory, "gateway.log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = start(
                [os.path.join(build, "src/daemon/lwm2m-gatewayd"), "-c", self.conf,
                 "--plugindir", os.path.join(build, "plugins/mqtt/.libs"), "--sharedir", share],
                log, stderr=log)

    def lines(self):
        """What it logged."""
        with open(self.log, encoding="utf-8") as f:
            return f.read().splitlines()

    def wait_log(self, *words):
        """A line with all these words."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if any(all(w in line for w in words) for line in self.lines()):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failed("the gateway does not say: " + " … ".join(words))

    def show_log(self):
        """The end of it, for whoever wonders why."""
        say("the gateway's log ends with:")
        for line in self.lines()[-30:]:
            say("    " + line)

    def stop(self):
        """Exit status after SIGTERM."""
        self.process.terminate()
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def show_device(gateway, server, endpoint, what, path, words):
    """Found, registered, observed, changed."""
    gateway.wait_log('device "%s"' % endpoint, "found")
    say("%s: found, %s" % (endpoint, what))
    device = server.wait_registered(endpoint, DEADLINE)
    say("%s: registered at the LwM2M server with %s" % (
        endpoint, " ".join(p for p in device.links if p.count("/") == 2)))
    observation = device.observe(path)
    if not observation.first.ok:
        raise Failed("%s %s: %r" % (endpoint, path, observation.first))
    first = observation.first.text()
    say("%s: observed, %s is %s" % (endpoint, path, words % first))
    new = observation.wait(lambda a: a.text() != first, DEADLINE)
    say("%s: changed, %s is now %s" % (endpoint, path, words % new.text()))
    return observation


def switch(server, house, endpoint, value):
    """A write of the server that the device itself confirms."""
    device = server.wait_registered(endpoint)
    before = device.read("/3306/0/5850").text()
    say("%s: is %s; the server writes %s to /3306/0/5850" % (
        endpoint, "on" if before == "1" else "off", value))
    answer = device.write("/3306/0/5850", value)
    commands = [c for c in house.commands if endpoint in c[0]]
    if not commands:
        raise Failed("no command reached %s: %r" % (endpoint, answer))
    say("%s: got the command %s %s" % ((endpoint,) + commands[-1]))
    after, really = device.read("/3306/0/5850").text(), house.is_on(endpoint)
    if answer.code != 0x44 or before == value or after != value or really != (value == "1"):
        raise Failed("%s was not switched: %r, %s before, %s after, and itself it is %s" % (
            endpoint, answer, before, after, "on" if really else "off"))
    say("%s: confirmed it by its own report and is %s" % (
        endpoint, "on" if value == "1" else "off"))


def with_own_server(args, directory, broker):
    """The whole story."""
    server = Server()
    say("LwM2M server at " + server.uri())
    gateway = Gateway(args.builddir, directory, broker, server.uri())
    house = None
    try:
        house = House(broker)
        shown = [show_device(gateway, server, *d) for d in DEVICES]
        switch(server, house, PLUG, "0")
        switch(server, house, SHELLY, "1")
        if not args.once:
            say("and so on, until Ctrl-C:")
            follow(server, shown)
        house.close()
        if gateway.stop():
            raise Failed("the gateway ended with an error")
        gone = {e for what, e, _ in server.history if what == "deregister"}
        missing = {d[0] for d in DEVICES} - gone
        if missing:
            raise Failed("not de-registered: " + ", ".join(sorted(missing)))
        say("the gateway ended, all devices de-registered")
    except (Failed, OSError):
        gateway.show_log()
        raise
    finally:
        if house:
            house.close()
        gateway.stop()
        server.close()
    return 0


def parse_history(answer):
    """SenML JSON of one resource: (Unix time, value) of each record."""
    base, out = 0, []
    for record in json.loads(answer.payload):
        base = record.get("bt", base)
        out.append((base + record.get("t", 0), record["v"]))
    return out


def with_outage(args, directory, broker):
    """The server goes away for a while and comes back: the history arrives."""
    endpoint, path = DEVICES[0][0], DEVICES[0][2]
    server = Server()
    say("LwM2M server at " + server.uri())
    gateway = Gateway(args.builddir, directory, broker, server.uri())
    house = listener = None
    published = []

    def listen():
        for line in listener.stdout:
            published.append((time.time(), json.loads(line.partition(" ")[2])["temperature"]))

    try:
        listener = broker.subscribe("zigbee2mqtt/" + endpoint)
        threading.Thread(target=listen, daemon=True).start()
        house = House(broker)
        observation = server.wait_registered(endpoint, DEADLINE).observe(path, accept=SENML_JSON)
        if not observation.first.ok:
            raise Failed("%s %s: %r" % (endpoint, path, observation.first))
        observation.wait()
        say("%s: the server observes %s and hears each change" % (endpoint, path))
        hears = server.incoming, server.outgoing
        server.incoming = server.outgoing = lambda data, address: []
        begin = time.time()
        say("the server is gone: no answer, to nobody")
        time.sleep(OUTAGE)
        end = time.time()
        missed = [(t, v) for t, v in list(published) if begin <= t < end]
        say("%s published meanwhile: %s" % (endpoint, " ".join("%g" % v for _, v in missed)))
        server.incoming, server.outgoing = hears
        say("the server is back; the gateway tries again by and by …")
        observation.wait(lambda a: parse_history(a)[-1][0] > end, 150)
        arrived = {}
        for answer in observation.notifications:
            arrived.update(parse_history(answer))
        for t, v in missed:
            match = [u for u, w in arrived.items() if abs(t - u) < 3 and v == w]
            if not match:
                raise Failed("%g °C of %s did not arrive" % (v, time.ctime(t)))
            say("    %s.%03d  %g °C" % (time.strftime("%H:%M:%S", time.localtime(match[0])),
                                       int(match[0] * 1000) % 1000, v))
        say("all %d readings of the outage arrived, each with its time" % len(missed))
    except (Failed, OSError):
        gateway.show_log()
        raise
    finally:
        if listener:
            listener.terminate()
            listener.wait()
        if house:
            house.close()
        gateway.stop()
        server.close()
    return 0


def follow(server, observations):
    """Print notifications until Ctrl-C."""
    shown = [len(o.notifications) for o in observations]
    try:
        while True:
            with server.changed:
                server.changed.wait(1)
            for k, o in enumerate(observations):
                for answer in o.notifications[shown[k]:]:
                    say("%s %s = %s" % (o.device.endpoint, o.path, answer.text()))
                shown[k] = len(o.notifications)
    except KeyboardInterrupt:
        say("")


# --- Leshan ---------------------------------------------------------------------------------------


def leshan_class_path():
    """The demo server and what it needs, fetched from Maven Central once."""
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")),
                         "lwm2m-gateway", "leshan-server-demo-2.0.0-M4")
    if not os.path.isdir(cache):
        if not shutil.which("mvn"):
            raise Failed("maven is not installed (apt install maven)")
        say("fetching Leshan's demo server from Maven Central …")
        subprocess.run(["mvn", "-B", "-q", "-f", os.path.join(TOP, "tools", "leshan", "pom.xml"),
                        "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies",
                        "-DoutputDirectory=" + cache + ".part", "-DincludeScope=runtime"],
                       check=True)
        os.rename(cache + ".part", cache)
    return os.path.join(cache, "*")


def leshan_clients(web):
    """Endpoint names that Leshan has, by its web interface."""
    with urllib.request.urlopen(web + "api/clients", timeout=10) as r:
        return {c["endpoint"] for c in json.load(r)}


def wait_leshan(web, want):
    """Until Leshan has all these clients."""
    end, seen = time.monotonic() + 2 * DEADLINE, set()
    while time.monotonic() < end:
        try:
            now = leshan_clients(web)
        except (OSError, urllib.error.URLError):
            now = set()
        for endpoint in sorted((now - seen) & want):
            say("%s: registered at Leshan" % endpoint)
        seen |= now
        if want <= seen:
            return
        time.sleep(0.3)
    raise Failed("not registered at Leshan: " + ", ".join(sorted(want - seen)))


def with_leshan(args, directory, broker):
    """Leshan shows it; values are looked at there."""
    if not shutil.which("java"):
        raise Failed("java is not installed (apt install default-jre-headless)")
    coap, coaps = free_port(), free_port()
    http = free_port()
    web = "http://127.0.0.1:%d/" % http
    quiet = os.path.join(directory, "logback.xml")
    with open(quiet, "w", encoding="utf-8") as f:
        f.write('<configuration><root level="OFF"/></configuration>')
    log = open(os.path.join(directory, "leshan.log"), "w", encoding="utf-8")
    server = start(
        # It is of 2021: its JSON library looks into classes that Java has closed since.
        ["java", "--add-opens", "java.base/java.util=ALL-UNNAMED",
         "-Dlogback.configurationFile=" + quiet, "-cp", leshan_class_path(),
         "org.eclipse.leshan.server.demo.LeshanServerDemo",
         "-lh", "127.0.0.1", "-lp", str(coap), "-slh", "127.0.0.1", "-slp", str(coaps),
         "-wh", "127.0.0.1", "-wp", str(http)], log, stderr=log, cwd=directory)
    gateway = Gateway(args.builddir, directory, broker, "coap://127.0.0.1:%d" % coap)
    house = House(broker)
    try:
        wait_leshan(web, {d[0] for d in DEVICES})
        say("Leshan's web page: " + web)
        if not args.once:
            say("Ctrl-C ends it.")
            threading.Event().wait()
    except Failed:
        gateway.show_log()
        raise
    except KeyboardInterrupt:
        say("")
        if args.once:
            raise
    finally:
        house.close()
        status = gateway.stop()
        server.terminate()
        server.wait()
        log.close()
    return status


def main():
    """Exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--builddir", required=True)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--leshan", action="store_true")
    parser.add_argument("--offline", action="store_true")
    args = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="lwm2m-demo.")
    broker = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        broker = Broker(directory)
        say("broker at 127.0.0.1 port %d" % broker.port)
        story = with_leshan if args.leshan else with_outage if args.offline else with_own_server
        return story(args, directory, broker)
    except (Failed, OSError, subprocess.CalledProcessError) as e:
        say("this did not work: %s" % e)
        return 1
    except KeyboardInterrupt:
        # With --once nothing was shown until all was shown.
        return 130 if args.once else 0
    finally:
        if broker:
            broker.process.terminate()
            broker.process.wait()
        shutil.rmtree(directory)


if __name__ == "__main__":
    sys.exit(main())
