#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Interoperability with Eclipse Leshan. Devices are MQTT messages at a real mosquitto; what Leshan
says of them is what counts, and beside it what is on the wire. test_int_N_… are the cases of OMA's
enabler test specification (LightweightM2M-1.0-int-N)."""

import subprocess
import time

from leshan import TEXT, TLV
from stage import Case, World, main  # finds lwm2m_server
from lwm2m_server import ACK, DELETE, DELETED, GET, OBSERVE, POST, PUT, RST, TLV as CF_TLV, \
    URI_QUERY, link_decode  # noqa: E402

LINK = 40


class Registration(Case):
    """Cases 101 to 104: the registration interface, with short lifetimes."""
    lifetime = "12s"

    def test_int_101_initial_registration(self):
        request, location = self.relay.register("thermometer")
        self.assertEqual(request.msg.query(), {"ep": "thermometer", "lt": "12", "lwm2m": "1.0"})
        self.assertEqual(request.msg.uint(12), LINK)
        self.assertTrue(location.startswith("/rd/"))
        links = link_decode(request.msg.payload.decode())
        self.assertEqual(list(links)[0], "/")
        self.assertEqual(links["/"]["rt"], "oma.lwm2m")
        self.assertEqual({p for p in links if p.count("/") == 2},
                         {"/1/0", "/3/0", "/3303/0", "/3304/0"})
        self.assertFalse([p for p in links if p == "/0" or p.startswith("/0/")])
        event = self.leshan.event("registered", "thermometer", condition=lambda e:
                                  e["lifetime"] == 12)
        self.assertEqual((event["version"], event["binding"]), ("1.0", "[U]"))
        self.assertIn("/3303/0", event["links"])

    def test_int_102_registration_update(self):
        mark = self.relay.mark()
        self.ask("2.04", "write", "thermometer", "/1/0/1", format=TEXT, value=20)
        update = self.relay.update("thermometer", mark, lambda m: m.all(URI_QUERY))
        self.assertEqual((update.query(), update.payload), ({"lt": "20"}, b""))
        self.assertEqual(self.values("thermometer", "/1/0/1"), {"/1/0/1": 20})
        # Before the lifetime ends there is another one, and it has no parameters.
        update = self.relay.update("thermometer", self.relay.mark())
        self.assertEqual((update.all(URI_QUERY), update.payload), ([], b""))
        self.ask("2.04", "write", "thermometer", "/1/0/1", format=TEXT, value=12)

    def test_int_103_deregistration(self):
        mark, seen = self.leshan.mark(), self.relay.mark()
        register, location = self.relay.register("plug")
        # By /1/x/4 Disable, for /1/x/5 seconds.
        self.ask("2.04", "write", "plug", "/1/0/5", format=TEXT, value=2)
        self.ask("2.04", "execute", "plug", "/1/0/4")
        request = self.relay.wait("DELETE", lambda s: s.up and s.msg.code == DELETE and
                                  s.client == register.client, seen)
        self.assertEqual(request.msg.path(), location)
        # On the wire the answers to both requests went before it.
        self.assertEqual(len(self.relay.once(lambda s: s.up and s.client == register.client and
                                             s.msg.code == 0x44 and s.time <= request.time,
                                             seen)), 2)
        self.assertEqual(self.relay.answer(request).msg.code, DELETED)
        self.assertFalse(self.leshan.event("unregistered", "plug", mark)["expired"])
        self.leshan.event("registered", "plug", mark)
        again, _ = self.relay.register("plug", seen)
        self.assertFalse(self.relay.all(lambda s: s.up and s.client == register.client and
                                        request.time < s.time < again.time and s.msg.kind != ACK and
                                        s.msg.mid != request.msg.mid, seen))
        self.ask("2.04", "write", "plug", "/1/0/5", format=TEXT, value=86400)

    def test_int_104_registration_update_trigger(self):
        register, _ = self.relay.register("rack")
        mark = self.relay.mark()
        self.ask("2.04", "execute", "rack", "/1/0/8")
        update = self.relay.update("rack", mark)
        self.assertEqual((update.all(URI_QUERY), update.payload), ([], b""))
        # Updated in time, again and again: still there after the lifetime of the Register.
        while time.monotonic() < register.time + 13:
            self.relay.update("rack", self.relay.mark())
        self.assertEqual(self.relay.register("rack")[0], register)
        self.assertEqual(self.values("rack", "/3/0/0"), {"/3/0/0": "Acme"})

    def test_new_object_is_told_by_an_update(self):
        mark = self.leshan.mark()
        self.report("plug", co2=700)
        event = self.leshan.event("updated", "plug", mark, lambda e: e["with_links"])
        self.assertIn("/3325/0", event["links"])

    def test_registration_that_the_server_lost_is_made_again(self):
        mark = self.leshan.mark()
        self.leshan.ask("forget", "box")
        self.leshan.event("registered", "box", mark)
        self.assertEqual(self.values("box", "/3/0/1"), {"/3/0/1": "Box"})


class Version11(Case):
    """The same devices as clients of LwM2M 1.1."""
    edition = version = "1.1"

    def test_int_101_initial_registration(self):
        request, _ = self.relay.register("thermometer")
        self.assertEqual(request.msg.query(), {"ep": "thermometer", "lt": "300", "lwm2m": "1.1"})
        links = link_decode(request.msg.payload.decode())
        self.assertEqual(links["/3303"], {"ver": "1.1"})
        self.assertEqual(self.values("thermometer", "/3303/0/5700"), {"/3303/0/5700": 21.5})

    def test_int_222_to_225_read_at_every_depth(self):
        for path in ("/3", "/3/0", "/3/0/7"):
            values = self.values("rack", path)
            self.assertEqual([values["/3/0/7/%d" % i] for i in (0, 1)], [3800, 5000])
        for fmt in (TLV, TEXT):
            self.assertEqual(self.values("rack", "/3/0/7/1", fmt), {"/3/0/7/1": 5000})
        self.ask("4.04", "read", "rack", "/3/0/7/2")


class Management(Case):
    """Reading, writing, executing, discovering."""

    def test_int_201_query_plain_text(self):
        for path, want in (("/3/0/0", "Acme"), ("/3/0/1", "Rack 4"), ("/3/0/2", "345000123")):
            self.assertEqual(self.values("rack", path, TEXT), {path: want})
        for path, want in (("/3/0/0", "Maker"), ("/3/0/1", "Box"), ("/3/0/2", "0815")):
            self.assertEqual(self.values("box", path, TEXT), {path: want})

    def test_int_203_query_tlv(self):
        values = self.values("rack", "/3/0")
        want = {"/3/0/0": "Acme", "/3/0/1": "Rack 4", "/3/0/2": "345000123", "/3/0/3": "1.0.3",
                "/3/0/11/0": 0, "/3/0/16": "U"}
        self.assertEqual({p: values.get(p) for p in want}, want)
        self.assertNotIn("/3/0/4", values)

    def test_read_at_every_depth(self):
        objects = self.values("thermometer", "/3303")
        instance = self.values("thermometer", "/3303/0")
        self.assertEqual(objects, instance)
        self.assertEqual(instance["/3303/0/5700"], 21.5)
        self.assertEqual(instance["/3303/0/5701"], "Cel")
        for fmt in (TLV, TEXT):
            self.assertEqual(self.values("thermometer", "/3303/0/5700", fmt),
                             {"/3303/0/5700": 21.5})
            self.assertEqual(self.values("thermometer", "/3303/0/5701", fmt),
                             {"/3303/0/5701": "Cel"})
            self.assertEqual(self.values("plug", "/3306/0/5850", fmt),
                             {"/3306/0/5850": self.said["plug"]["state"] == "ON"})
            self.assertEqual(self.values("thermometer", "/3/0/9", fmt), {"/3/0/9": 90})
        self.assertEqual(self.values("rack", "/3/0/8"), {"/3/0/8/0": 125, "/3/0/8/1": 900})

    def test_read_what_is_not_there_or_not_so(self):
        for path in ("/3303/1", "/3342", "/3342/0/5500", "/3303/0/5750/7", "/3303/0/6042"):
            self.ask("4.04", "read", "thermometer", path)
        for path in ("/3303", "/3303/0", "/3/0/11"):
            self.ask("4.06", "read", "thermometer", path, format=TEXT)
        self.ask("4.05", "read", "rack", "/3/0/4")
        self.ask("4.01", "read", "rack", "/0/0")

    def test_int_205_set_plain_text(self):
        def put(*values):
            for rid, value in zip((2, 3, 5), values):
                mark = self.relay.mark()
                self.ask("2.04", "write", "rack", "/1/0/%d" % rid, format=TEXT, value=value)
                sent = self.request("rack", mark, PUT, "/1/0/%d" % rid)
                self.assertEqual(sent.payload, b"%d" % value)
            read = self.values("rack", "/1/0")
            self.assertEqual([read["/1/0/%d" % rid] for rid in (2, 3, 5)], list(values))
            return read
        before = self.values("rack", "/1/0")
        put(101, 1010, 2000)
        after = put(1, 10, 86400)
        self.assertEqual({p: after[p] for p in ("/1/0/0", "/1/0/1", "/1/0/6", "/1/0/7")},
                         {p: before[p] for p in ("/1/0/0", "/1/0/1", "/1/0/6", "/1/0/7")})

    def test_int_215_set_tlv(self):
        saved, mark = self.values("thermometer", "/1/0"), self.relay.mark()
        self.ask("2.04", "write", "thermometer", "/1/0", format=TLV, replace=False,
                 value={"2": 101, "3": 1010, "5": 2000, "6": True, "7": "U"})
        sent = self.request("thermometer", mark, POST, "/1/0")
        self.assertEqual((sent.payload.hex(), sent.uint(12)),
                         ("c10265c20303f2c20507d0c10601c10755", CF_TLV))
        values = self.values("thermometer", "/1/0")
        self.assertEqual([values["/1/0/%d" % i] for i in (0, 1, 2, 3, 5, 6, 7)],
                         [saved["/1/0/0"], saved["/1/0/1"], 101, 1010, 2000, True, "U"])
        mark = self.relay.mark()
        self.ask("2.04", "write", "thermometer", "/1/0", format=TLV, replace=True,
                 value={p.rsplit("/", 1)[1]: v for p, v in saved.items() if p != "/1/0/0"})
        self.request("thermometer", mark, PUT, "/1/0")
        self.assertEqual(self.values("thermometer", "/1/0"), saved)

    def test_int_241_reboot(self):
        self.ask("2.05", "observe", "rack", "/3/0/9")
        mark, seen = self.leshan.mark(), self.relay.mark()
        before, _ = self.relay.register("rack")
        self.ask("2.04", "execute", "rack", "/3/0/4")
        self.commands.wait("rack", "restart", "(null)")
        self.assertEqual(self.leshan.count_events("registered", "rack", mark), 0)
        # It comes back and speaks.
        self.report("rack", battery=99)
        self.leshan.event("registered", "rack", mark)
        after, _ = self.relay.register("rack", seen)
        self.assertEqual(after.msg.query(), before.msg.query())
        self.assertFalse(self.relay.all(lambda s: s.up and s.msg.code == DELETE and
                                        s.client == before.client, seen))
        self.assertEqual(self.values("rack", "/3/0/9"), {"/3/0/9": 99})
        self.assertEqual(self.leshan.count_events("notified", "rack", mark), 0)

    def test_execute(self):
        self.ask("2.04", "execute", "plug", "/3331/0/5822")
        self.commands.wait("plug", "reset_energy", "(null)")
        self.ask("4.05", "execute", "plug", "/3328/0/5700")
        self.ask("4.04", "execute", "plug", "/3328/7/5605")
        self.ask("4.04", "execute", "plug", "/3328/0/5822")

    def test_int_256_write_failure(self):
        before = self.values("rack", "/1/0/0")
        self.ask("4.05", "write", "rack", "/1/0/0", format=TEXT, value=123)
        self.assertEqual(self.values("rack", "/1/0/0"), before)
        # What a sensor measures is not written either.
        self.ask("4.05", "write", "thermometer", "/3303/0/5700", format=TEXT, value=1)
        self.assertEqual(self.values("thermometer", "/3303/0/5700"), {"/3303/0/5700": 21.5})

    def test_write_confirmed_by_the_device(self):
        for value, text in ((True, "ON"), (False, "OFF")):
            self.ask("2.04", "write", "plug", "/3306/0/5850", format=TEXT, value=value)
            self.commands.wait("plug", "state", text)
            self.assertEqual(self.values("plug", "/3306/0/5850"), {"/3306/0/5850": value})
        self.ask("2.04", "write", "plug", "/3306/0", format=TLV, replace=False,
                 value={"5850": True})
        self.assertEqual(self.values("plug", "/3306/0/5850", TEXT), {"/3306/0/5850": True})

    def test_write_not_confirmed(self):
        mark, seen = self.leshan.mark(), self.relay.mark()
        self.report("lamp", relay2=True)
        self.leshan.event("registered", "lamp", mark)
        self.ask("5.04", "write", "lamp", "/3306/1/5850", format=TEXT, value=False)
        self.commands.wait("lamp", "relay2", "false")
        self.assertEqual(self.values("lamp", "/3306/1/5850"), {"/3306/1/5850": True})
        # It took a while: acknowledged first, answered apart.
        request = self.request("lamp", seen, PUT, "/3306/1/5850")
        answers = self.relay.once(lambda s: s.up and (s.msg.mid, s.msg.kind) == (request.mid, ACK) or
                                  s.msg.token == request.token and s.msg.code > 31, seen)
        self.assertEqual([s.msg.code for s in answers], [0, 0xa4])
        self.assertNotEqual(answers[1].msg.kind, ACK)

    def discovered(self, path):
        """Attributes as numbers by path."""
        links = self.ask("2.05", "discover", "rack", path)["links"]
        return {p: {k: float(v) for k, v in a.items()} for p, a in links.items()}

    def test_int_260_discover(self):
        links = self.discovered("/3")
        self.assertEqual(list(links)[:2], ["/3", "/3/0"])
        for rid in (0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 16):
            self.assertEqual(links["/3/0/%d" % rid], {}, rid)
        self.ask("2.04", "attributes", "rack", "/3", query="pmin=10&pmax=200")
        self.assertEqual(self.discovered("/3")["/3"], {"pmin": 10, "pmax": 200})
        self.ask("2.04", "attributes", "rack", "/3/0/7", query="lt=1&gt=6&st=1")
        links = self.discovered("/3/0")
        self.assertEqual(links["/3/0"], {})
        self.assertEqual(links["/3/0/7"], {"dim": 2, "lt": 1, "gt": 6, "st": 1})
        self.assertEqual(links["/3/0/8"], {"dim": 2})
        # At a resource, what it inherits is told as well.
        self.assertEqual(self.discovered("/3/0/7")["/3/0/7"],
                         {"pmin": 10, "pmax": 200, "dim": 2, "lt": 1, "gt": 6, "st": 1})
        # The nearest level counts, and an empty value takes an attribute away.
        self.ask("2.04", "attributes", "rack", "/3/0", query="pmin=20")
        self.assertEqual(self.discovered("/3/0")["/3/0"], {"pmin": 20})
        self.assertEqual(self.discovered("/3/0/9")["/3/0/9"], {"pmin": 20, "pmax": 200})
        self.ask("4.04", "attributes", "rack", "/3303/0", query="pmin=1")
        for path, query in (("/3", "pmin&pmax"), ("/3/0", "pmin"), ("/3/0/7", "lt&gt&st")):
            self.ask("2.04", "attributes", "rack", path, query=query)
        self.assertEqual(self.discovered("/3/0/7")["/3/0/7"], {"dim": 2})

    def test_int_651_device_resources(self):
        saved, mark = self.values("rack", "/3/0"), self.relay.mark()
        self.ask("2.04", "write", "rack", "/3/0", format=TLV, replace=False,
                 value={"13": 1367491215, "14": "+02:00", "15": "Europe/Paris"})
        self.assertEqual(self.request("rack", mark, POST, "/3/0").payload.hex(), "c40d5182428f"
                         "c60e2b30323a3030c80f0c4575726f70652f5061726973")
        values = self.values("rack", "/3/0")
        self.assertLess(values["/3/0/13"] - 1367491215, 600)
        self.assertGreaterEqual(values["/3/0/13"], 1367491215)
        self.assertEqual((values["/3/0/14"], values["/3/0/15"]), ("+02:00", "Europe/Paris"))
        self.ask("2.04", "write", "rack", "/3/0", format=TLV, replace=True,
                 value={"13": int(time.time()), "14": saved.get("/3/0/14", "+00:00"),
                        "15": saved.get("/3/0/15", "UTC")})
        values = self.values("rack", "/3/0")
        self.assertLess(abs(values["/3/0/13"] - time.time()), 60)
        self.assertEqual(values["/3/0/14"], saved.get("/3/0/14", "+00:00"))
        # Replaced is only what a server may write.
        self.assertEqual({p: values.get(p) for p in saved if p[-3:] not in ("/13", "/14", "/15")},
                         {p: v for p, v in saved.items() if p[-3:] not in ("/13", "/14", "/15")})

    def test_int_652_firmware_version(self):
        for fmt in (TEXT, TLV):
            self.assertEqual(self.values("rack", "/3/0/3", fmt), {"/3/0/3": "1.0.3"})

    def test_int_680_create_device_instance(self):
        self.ask("4.05", "create", "rack", "/3", format=TLV, value={"13": 0})
        self.assertEqual([p for p in self.discovered("/3") if p.count("/") == 2], ["/3/0"])

    def test_int_685_delete_device_instance(self):
        self.ask("4.05", "delete", "rack", "/3/0")
        self.assertEqual(self.values("rack", "/3/0/0"), {"/3/0/0": "Acme"})


class Reporting(Case):
    """Observations of values that change at the broker."""

    def observed(self, endpoint, path):
        """Begin; the request on the wire."""
        mark = self.relay.mark()
        self.ask("2.05", "observe", endpoint, path)
        client = self.relay.register(endpoint)[0].client
        return self.relay.wait("Observe", lambda s: not s.up and s.client == client and
                               s.msg.code == GET and s.msg.path() == path and
                               s.msg.uint(OBSERVE) == 0, mark)

    def notifications(self, request, after=0):
        """What came for it: messages with its token beside the answer."""
        return self.relay.once(lambda s: s.up and s.client == request.client and
                               s.msg.kind != ACK and s.msg.token == request.msg.token, after)

    def notified(self, endpoint, path, after, **want):
        """A notification that says this of resources (r5700=…)."""
        want = {path if r == "value" else "%s/%s" % (path, r[1:].replace("_", "/")): v
                for r, v in want.items()}
        return self.leshan.event("notified", endpoint, after, lambda e: e["path"] == path and
                                 all(e["values"].get(p) == v for p, v in want.items()))

    def test_int_301_observation_and_notification(self):
        periods = {"/3/0/7": (1, 3), "/3/0/8": (2, 4)}
        for path, (pmin, pmax) in periods.items():
            self.ask("2.04", "attributes", "rack", path, query="pmin=%d&pmax=%d" % (pmin, pmax))
        requests = {path: self.observed("rack", path) for path in periods}
        # Changes come faster than pmin: none of the notifications comes too early.
        value = 5000
        while any(len(self.notifications(r)) < 3 for r in requests.values()):
            value += 1
            self.report("rack", volt0=value, ampere0=value)
            time.sleep(0.1)
        for path, request in requests.items():
            came = self.notifications(request)
            self.assertGreater(came[2].time - request.time, 3 * periods[path][0] - 0.5)
            numbers = [s.msg.uint(OBSERVE) for s in came]
            self.assertEqual(numbers, sorted(set(numbers)))
            self.notified("rack", path, 0, r0=value)
        # No change any more: at pmax the same again.
        mark = self.leshan.mark()
        for path, second in (("/3/0/7", "volt1"), ("/3/0/8", "ampere1")):
            self.notified("rack", path, mark, r0=value, r1=self.said["rack"][second])
        for path in periods:
            self.ask("2.05", "cancel", "rack", path)
            self.ask("2.04", "attributes", "rack", path, query="pmin&pmax")

    def test_pmin_holds_back(self):
        held, free = "/3303/0/5700", "/3304/0/5700"
        self.ask("2.04", "attributes", "thermometer", held, query="pmin=600")
        requests = [self.observed("thermometer", p) for p in (held, free)]
        for value in (50, 51, 52):
            mark = self.leshan.mark()
            self.report("thermometer", temperature=value, humidity=value)
            self.notified("thermometer", free, mark, value=value)
        self.assertEqual(self.notifications(requests[0]), [])
        mark = self.leshan.mark()
        self.ask("2.04", "attributes", "thermometer", held, query="pmin=0")
        self.notified("thermometer", held, mark, value=52)
        self.assertEqual(len(self.notifications(requests[0])), 1)
        for path in (held, free):
            self.ask("2.05", "cancel", "thermometer", path)
        self.ask("2.04", "attributes", "thermometer", held, query="pmin")

    def test_int_302_cancel_by_reset(self):
        path, kept = "/3328/0/5700", "/3331/0/5700"
        request, _ = self.observed("plug", path), self.observed("plug", kept)
        mark = self.leshan.mark()
        self.report("plug", power=13.5, energy=2)
        self.notified("plug", path, mark, value=13.5)
        self.notified("plug", kept, mark, value=2000)
        self.leshan.ask("cancel", "plug", path, passive=True)
        seen = self.relay.mark()
        self.report("plug", power=14.5)
        reset = self.relay.wait("reset", lambda s: not s.up and s.client == request.client and
                                s.msg.kind == RST, seen)
        last = self.notifications(request, seen)[-1]
        self.assertEqual(reset.msg.mid, last.msg.mid)
        for value in (15.5, 16.5):
            mark = self.leshan.mark()
            self.report("plug", power=value, energy=value)
            self.notified("plug", kept, mark, value=1000 * value)
        self.assertEqual(self.notifications(request, seen), [last])
        self.ask("2.05", "cancel", "plug", kept)

    def test_int_303_cancel_with_observe_1(self):
        path, kept = "/3/0/7", "/3/0/8"
        request, _ = self.observed("rack", path), self.observed("rack", kept)
        mark = self.leshan.mark()
        self.report("rack", volt0=1, ampere0=1)
        self.notified("rack", path, mark, r0=1)
        self.notified("rack", kept, mark, r0=1)
        seen = self.relay.mark()
        self.ask("2.05", "cancel", "rack", path)
        cancel = self.relay.wait("Observe 1", lambda s: not s.up and s.client == request.client and
                                 s.msg.uint(OBSERVE) == 1, seen)
        self.assertEqual((cancel.msg.token, cancel.msg.path()), (request.msg.token, path))
        answer = self.relay.answer(cancel)
        self.assertIsNone(answer.msg.uint(OBSERVE))
        self.assertTrue(answer.msg.payload)
        for value in (2, 3):
            mark = self.leshan.mark()
            self.report("rack", volt0=value, ampere0=value)
            self.notified("rack", kept, mark, r0=value)
        self.assertEqual(self.notifications(request, seen), [])
        self.ask("2.05", "cancel", "rack", kept)

    def test_observe_at_every_depth(self):
        paths = {"/3303": "r0_5700", "/3303/0": "r5700", "/3303/0/5700": "value"}
        for path in paths:
            self.observed("thermometer", path)
        mark = self.leshan.mark()
        self.report("thermometer", temperature=19.25)
        for path, name in paths.items():
            self.notified("thermometer", path, mark, **{name: 19.25})
        for path in paths:
            self.ask("2.05", "cancel", "thermometer", path)


class AfterAKill(Case):
    """The daemon is killed while the server hears nothing, and the device says nothing any more."""
    edition, version = "1.1", "1.1"

    def test_a_silent_device_is_there_with_its_values(self):
        mark = self.leshan.mark()
        for values in ({"temperature": 20.5, "relay2": True}, {"battery": 80}):
            World.broker.publish("zigbee2mqtt/cellar", values)  # the broker does not keep it
        self.leshan.event("registered", "cellar", mark)
        self.ask("2.05", "observe", "cellar", "/3303/0/5700")
        seen, mark = self.relay.mark(), self.leshan.mark()
        self.relay.mute = True
        World.broker.publish("zigbee2mqtt/cellar", {"temperature": 21.5})
        self.relay.wait("notification", lambda s: s.up and b"21.5" in s.msg.payload, seen)
        self.daemon.kill()
        self.daemon.wait()
        self.relay.mute = False
        with open(self.log, "a", encoding="utf-8") as log:
            type(self).daemon = subprocess.Popen(self.daemon.args, stdout=log, stderr=log)
        self.leshan.event("updated", "cellar", mark)
        self.leshan.event("notified", "cellar", mark,
                          lambda e: e["values"].get("/3303/0/5700") == 21.5)
        self.assertEqual(self.values("cellar", "/3303/0/5700"), {"/3303/0/5700": 21.5})
        self.assertEqual(self.values("cellar", "/3/0/9"), {"/3/0/9": 80})
        self.assertEqual(self.leshan.count_events("registered", "cellar", mark), 0)
        # A command finds its way; the device does not confirm it.
        self.ask("5.04", "write", "cellar", "/3306/1/5850", format=TEXT, value=False)
        self.commands.wait("cellar", "relay2", "false")


if __name__ == "__main__":
    main()
