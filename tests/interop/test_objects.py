#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Leshan and the standard objects: operations at every depth, access control between two servers, and
the objects 4, 6, 7, 16 and 19. test_int_N_… are OMA's cases (LightweightM2M-1.1-int-N)."""

import os

from leshan import TEXT, TLV, Leshan
from stage import Case, SRC, World, main  # finds lwm2m_server
from lwm2m_server import POST, PUT  # noqa: E402


class Operations(Case):
    """Cases 221 to 261 and the objects that servers fill."""
    edition = version = "1.1"
    more_devices = 'objects = [ "7", "16", "19" ];'
    # lo: whether the machine has a route to anywhere does not matter.
    more_gateway = 'location = "48.8584, 2.2945, 35, 10"; interface = "lo";'

    def test_int_221_operations_on_security(self):
        self.ask("4.01", "read", "rack", "/0", format=TLV)
        self.ask("4.01", "write", "rack", "/0/0/0", format=TEXT, value="coap://example.org")
        self.ask("4.01", "attributes", "rack", "/0", query="pmin=10")
        self.ask("4.01", "discover", "rack", "/0")

    def test_int_222_read_object(self):
        one, three = self.values("rack", "/1"), self.values("rack", "/3")
        self.assertEqual((one["/1/0/0"], one["/1/0/1"], one["/1/0/7"]), (1, 300, "U"))
        self.assertEqual((three["/3/0/0"], three["/3/0/11/0"]), ("Acme", 0))

    def test_int_223_read_instance(self):
        self.assertEqual(self.values("rack", "/1/0")["/1/0/0"], 1)
        self.assertEqual(self.values("rack", "/3/0")["/3/0/2"], "345000123")

    def test_int_224_read_resource(self):
        for rid, want in ((0, 1), (1, 300), (6, True), (7, "U")):
            for fmt in (TEXT, TLV):
                path = "/1/0/%d" % rid
                self.assertEqual(self.values("rack", path, fmt), {path: want})

    def test_int_225_read_resource_instance(self):
        for fmt in (TEXT, TLV):
            self.assertEqual(self.values("rack", "/3/0/11/0", fmt), {"/3/0/11/0": 0})
        self.ask("4.04", "read", "rack", "/3/0/11/9")

    def test_int_226_write_partial_update(self):
        mark = self.relay.mark()
        self.ask("2.04", "write", "rack", "/1/0", format=TLV, replace=False,
                 value={"1": 100, "6": False})
        self.assertEqual(self.request("rack", mark, POST, "/1/0").path(), "/1/0")
        self.relay.update("rack", mark, lambda m: m.query() == {"lt": "100"})
        values = self.values("rack", "/1/0")
        self.assertEqual((values["/1/0/1"], values["/1/0/6"]), (100, False))
        self.ask("2.04", "write", "rack", "/1/0", format=TLV, replace=False,
                 value={"1": 300, "6": True})

    def test_int_227_write_replace_resource(self):
        mark = self.relay.mark()
        self.ask("2.04", "write", "thermometer", "/1/0/1", format=TEXT, value=63)
        self.relay.update("thermometer", mark, lambda m: m.query() == {"lt": "63"})
        self.ask("2.04", "write", "thermometer", "/1/0/1", format=TEXT, value=300)

    def test_int_228_write_resource_instance(self):
        self.ask("2.01", "create", "plug", "/16", format=TLV, instance=2,
                 value={"0": {"0": "a", "1": "b"}})
        mark = self.relay.mark()
        self.ask("2.04", "write", "plug", "/16/2/0/1", format=TEXT, value="test")
        self.assertEqual(self.request("plug", mark, PUT, "/16/2/0/1").payload, b"test")
        self.assertEqual(self.values("plug", "/16/2/0"), {"/16/2/0/0": "a", "/16/2/0/1": "test"})
        # A resource as a whole: replaced, what is not named goes.
        self.ask("2.04", "write", "plug", "/16/2/0", format=TLV, value={"5": "c"})
        self.assertEqual(self.values("plug", "/16/2"), {"/16/2/0/5": "c"})
        self.ask("2.02", "delete", "plug", "/16/2")

    def test_int_256_write_failure(self):
        self.ask("4.05", "write", "plug", "/1/0/0", format=TEXT, value=123)
        self.ask("4.05", "write", "plug", "/1/0", format=TLV, replace=False,
                 value={"0": 123, "1": 77})
        values = self.values("plug", "/1/0")
        self.assertEqual((values["/1/0/0"], values["/1/0/1"]), (1, 300))

    def links(self, path):
        """Attributes as numbers by path."""
        links = self.ask("2.05", "discover", "rack", path)["links"]
        return {p: {k: float(v) for k, v in a.items()} for p, a in links.items()}

    def test_int_260_discover(self):
        self.ask("2.04", "attributes", "rack", "/3", query="pmin=10&pmax=200")
        self.ask("2.04", "attributes", "rack", "/3/0/7", query="lt=1&gt=6&st=1")
        self.assertEqual(self.links("/3/0/7")["/3/0/7"],
                         {"pmin": 10, "pmax": 200, "dim": 2, "lt": 1, "gt": 6, "st": 1})
        self.ask("2.04", "attributes", "rack", "/3", query="pmin&pmax")
        self.ask("2.04", "attributes", "rack", "/3/0/7", query="lt&gt&st")

    def test_int_261_attributes_of_multiple_resource(self):
        self.assertEqual(self.links("/3/0/11"), {"/3/0/11": {"dim": 1}, "/3/0/11/0": {}})
        self.ask("2.04", "attributes", "rack", "/3/0/11", query="pmin=10&pmax=320")
        self.ask("2.04", "attributes", "rack", "/3/0/11/0", query="pmax=100&epmin=1&epmax=20")
        self.assertEqual(self.links("/3/0/11"), {
            "/3/0/11": {"dim": 1, "pmin": 10, "pmax": 320},
            "/3/0/11/0": {"pmax": 100, "epmin": 1, "epmax": 20}})
        self.ask("2.04", "attributes", "rack", "/3/0/11", query="pmin&pmax")
        self.ask("2.04", "attributes", "rack", "/3/0/11/0", query="pmax&epmin&epmax")

    def notified(self, endpoint, path, pmin, pmax):
        """Observe with periods until a notification comes without a change, then cancel."""
        self.ask("2.04", "attributes", endpoint, path, query="pmin=%d&pmax=%d" % (pmin, pmax))
        mark = self.leshan.mark()
        self.ask("2.05", "observe", endpoint, path)
        event = self.leshan.event("notified", endpoint, mark, lambda e: e["path"] == path)
        self.ask("2.05", "cancel", endpoint, path)
        self.ask("2.04", "attributes", endpoint, path, query="pmin&pmax")
        return event["values"]

    def test_int_701_connectivity_monitoring_read(self):
        values = self.values("box", "/4/0")
        self.assertIn(values["/4/0/0"], (21, 41))
        self.assertLessEqual(values["/4/0/2"], 0)
        self.assertTrue(all(v in (21, 41) for p, v in values.items() if p.startswith("/4/0/1/")))
        for path, text in values.items():
            if path.startswith(("/4/0/4/", "/4/0/5/")):
                self.assertRegex(text, r"^[0-9a-f.:]+$")

    def test_int_710_connectivity_monitoring_observe(self):
        self.assertIn("/4/0/0", self.notified("box", "/4/0", 1, 2))

    def test_int_801_location_read(self):
        values = self.values("box", "/6/0")
        self.assertEqual([values["/6/0/%d" % r] for r in (0, 1, 2, 3)], [48.8584, 2.2945, 35, 10])
        self.assertGreater(values["/6/0/5"], 1500000000)

    def test_int_810_location_observe(self):
        self.assertEqual(self.notified("box", "/6/0", 1, 2)["/6/0/0"], 48.8584)

    def test_int_901_connectivity_statistics(self):
        self.ask("2.04", "execute", "thermometer", "/7/0/6")
        for _ in range(12):
            self.values("thermometer", "/3303/0")
        values = self.values("thermometer", "/7/0")
        # At least what went over the wire as CoAP, and less than twice as much.
        self.assertGreaterEqual(values["/7/0/2"], 1)
        self.assertGreater(values["/7/0/4"], values["/7/0/5"])
        self.assertGreater(values["/7/0/5"], 28)
        self.ask("2.04", "execute", "thermometer", "/7/0/7")
        stopped = self.values("thermometer", "/7/0")
        for _ in range(12):
            self.values("thermometer", "/3303/0")
        self.assertEqual(self.values("thermometer", "/7/0"), stopped)
        self.ask("2.04", "execute", "thermometer", "/7/0/6")
        self.assertEqual(self.values("thermometer", "/7/0/2"), {"/7/0/2": 0})

    def test_int_905_collection_period(self):
        self.ask("2.04", "write", "plug", "/7/0/8", format=TEXT, value=3600)
        self.assertEqual(self.values("plug", "/7/0/8"), {"/7/0/8": 3600})
        self.ask("4.00", "write", "plug", "/7/0/8", format=TEXT, value=-1)
        self.ask("2.04", "write", "plug", "/7/0/8", format=TEXT, value=0)

    def test_int_910_connectivity_statistics_observe(self):
        self.assertIn("/7/0/2", self.notified("box", "/7/0", 1, 2))

    def test_int_1630_create_portfolio(self):
        mark, seen = self.leshan.mark(), self.relay.mark()
        answer = self.ask("2.01", "create", "rack", "/16", format=TLV, instance=1, value={
            "0": {"0": "Host Device ID #2", "1": "Host Device Model #2"}})
        # The client need not say an id that the server chose; Leshan shows what it said.
        self.assertIn(answer["location"], (None, "16/1", "/16/1"))
        sent = self.request("rack", seen, POST, "/16")
        self.assertEqual(sent.payload.hex(), "08012e88002b480011" + b"Host Device ID #2".hex() +
                         "480114" + b"Host Device Model #2".hex())
        self.assertEqual(self.values("rack", "/16/1"), {
            "/16/1/0/0": "Host Device ID #2", "/16/1/0/1": "Host Device Model #2"})
        event = self.leshan.event("updated", "rack", mark, lambda e: e["with_links"])
        self.assertIn("/16/1", event["links"])
        self.ask("4.00", "create", "rack", "/16", format=TLV, instance=1, value={"0": {"0": "x"}})
        # And one whose id the client chooses.
        answer = self.ask("2.01", "create", "rack", "/16", format=TLV, value={"0": {"0": "y"}})
        self.assertIn(answer["location"], ("16/0", "/16/0"))

    def test_int_1635_delete_portfolio(self):
        for iid in (3, 4):
            self.ask("2.01", "create", "thermometer", "/16", format=TLV, instance=iid,
                     value={"0": {"0": "x"}})
        for iid in (3, 4):
            self.ask("2.02", "delete", "thermometer", "/16/%d" % iid)
        self.assertEqual(list(self.ask("2.05", "discover", "thermometer", "/16")["links"]), ["/16"])
        self.ask("4.04", "delete", "thermometer", "/16/3")

    def test_int_1900_binary_app_data_observe(self):
        self.ask("2.01", "create", "rack", "/19", format=TLV, instance=0,
                 value={"0": {"0": "0102"}})
        mark = self.leshan.mark()
        self.ask("2.05", "observe", "rack", "/19/0/0")
        self.ask("2.04", "write", "rack", "/19/0/0", format=TLV, value={"0": "cafe", "1": ""})
        event = self.leshan.event("notified", "rack", mark, lambda e: e["path"] == "/19/0/0")
        self.assertEqual(event["values"], {"/19/0/0/0": "cafe", "/19/0/0/1": ""})
        self.ask("2.05", "cancel", "rack", "/19/0/0")

    def test_int_1901_binary_app_data_write(self):
        self.ask("2.01", "create", "plug", "/19", format=TLV, instance=0,
                 value={"0": {"0": "00"}, "1": 1})
        data = bytes(range(256)).hex()
        self.ask("2.04", "write", "plug", "/19/0/0/0", format=42, value=data)
        self.ask("2.04", "write", "plug", "/19/0", format=TLV, replace=False,
                 value={"2": 1367491215, "3": "meter reading", "5": 7})
        self.assertEqual(self.values("plug", "/19/0"), {
            "/19/0/0/0": data, "/19/0/1": 1, "/19/0/2": 1367491215,
            "/19/0/3": "meter reading", "/19/0/5": 7})
        self.ask("4.00", "write", "plug", "/19/0/1", format=TEXT, value=256)

    def test_blocks_both_ways(self):
        """5 kB created, read, observed and replaced: Californium and we cut it to blocks."""
        data = bytes(k & 255 for k in range(5000)).hex()
        self.ask("2.01", "create", "thermometer", "/19", format=TLV, instance=3,
                 value={"0": {"0": data}})
        self.assertEqual(self.values("thermometer", "/19/3")["/19/3/0/0"], data)
        mark = self.leshan.mark()
        self.ask("2.05", "observe", "thermometer", "/19/3", format=TLV)
        self.ask("2.04", "write", "thermometer", "/19/3/0", format=TLV,
                 value={"0": data[::-1], "1": "00"})
        self.leshan.event("notified", "thermometer", mark,
                          lambda e: e["values"].get("/19/3/0/0") == data[::-1])
        self.ask("2.02", "delete", "thermometer", "/19/3")


class TwoServers(Case):
    """Cases 950 and 951, and rights: a second Leshan that may read, beside the first one."""
    second, mark = None, 0

    @classmethod
    def setUpClass(cls):
        directory = os.path.join(World.directory, "second")
        os.mkdir(directory)
        cls.second = Leshan(directory, os.path.join(SRC, "objects"))
        cls.addClassCleanup(cls.second.close)
        cls.more_servers = ', { uri = "coap://127.0.0.1:%d"; ssid = 2; version = "1.0"; ' \
            'rights = "read"; retry_min = "1s"; }' % cls.second.port
        cls.mark = World.leshan.mark()
        super().setUpClass()
        for endpoint in ("box", "rack", "plug"):
            cls.second.event("registered", endpoint)

    def second_ask(self, code, do, endpoint, path="", **more):
        """As ask, from the second server."""
        answer = self.second.ask(do, endpoint, path, **more)
        self.assertEqual(answer.get("code"), code, answer)
        return answer

    def test_int_950_registration_at_two_servers(self):
        for leshan, mark in ((self.leshan, self.mark), (self.second, 0)):
            event = leshan.event("registered", "rack", mark)
            self.assertTrue({"/1/0", "/1/1", "/2/0", "/2/1", "/3/0"} <= set(event["links"]))
        self.assertEqual(self.values("rack", "/1/0/0"), {"/1/0/0": 1})
        values = self.second_ask("2.05", "read", "rack", "/1/1/0", format=TLV)["values"]
        self.assertEqual(values, {"/1/1/0": 2})

    def test_int_951_attributes_of_two_servers(self):
        self.ask("2.04", "attributes", "rack", "/3/0/7", query="pmin=5&pmax=60")
        self.second_ask("2.04", "attributes", "rack", "/3/0/7", query="pmax=300&gt=80&lt=75.5")
        first = self.ask("2.05", "discover", "rack", "/3/0/7")["links"]["/3/0/7"]
        other = self.second_ask("2.05", "discover", "rack", "/3/0/7")["links"]["/3/0/7"]
        self.assertEqual({k: float(v) for k, v in first.items()},
                         {"dim": 2, "pmin": 5, "pmax": 60})
        self.assertEqual({k: float(v) for k, v in other.items()},
                         {"dim": 2, "pmax": 300, "gt": 80, "lt": 75.5})
        self.ask("2.04", "attributes", "rack", "/3/0/7", query="pmin&pmax")

    def test_rights_of_each(self):
        self.second_ask("2.05", "read", "plug", "/3306/0/5850", format=TLV)
        self.second_ask("4.01", "write", "plug", "/3306/0/5850", format=TEXT, value=True)
        self.second_ask("4.01", "read", "plug", "/1/0", format=TLV)
        self.ask("4.01", "read", "plug", "/1/1", format=TLV)
        # What may be read of an object is told, the rest is left out.
        values = self.second_ask("2.05", "read", "plug", "/1", format=TLV)["values"]
        self.assertEqual({p.split("/")[2] for p in values}, {"1"})
        # The owner of the entry gives a right, and takes it back.
        entries = self.values("plug", "/2")
        mine = [p.split("/")[2] for p, v in entries.items() if p.endswith("/0") and v == 3306][0]
        self.assertEqual(entries["/2/%s/3" % mine], 1)
        self.second_ask("4.01", "write", "plug", "/2/%s/2/2" % mine, format=TEXT, value=15)
        self.ask("2.04", "write", "plug", "/2/%s/2/2" % mine, format=TEXT, value=3)
        self.second_ask("2.04", "write", "plug", "/3306/0/5850", format=TEXT, value=True)
        mark = self.second.mark()
        self.second_ask("2.05", "observe", "plug", "/3306/0/5850")
        self.ask("2.04", "write", "plug", "/2/%s/2/2" % mine, format=TEXT, value=0)
        self.ask("2.04", "write", "plug", "/3306/0/5850", format=TEXT, value=False)
        event = self.second.event("notified", "plug", mark, lambda e: "code" in e)
        self.assertIn("401", event["code"].replace(".", "").replace("UNAUTHORIZED", "401"))
        self.second_ask("4.01", "read", "plug", "/3306/0/5850", format=TLV)


if __name__ == "__main__":
    main()
