#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Leshan and the content formats: the same tree read and written in each, and several paths at once.
test_int_N_… are OMA's cases (LightweightM2M-1.1-int-N)."""

from leshan import TEXT, TLV
from stage import Case, main

CBOR, SENML_JSON, SENML_CBOR, JSON = 60, 110, 112, 11543
ETCH_JSON, ETCH_CBOR = 320, 322
TREES = (TLV, JSON, SENML_JSON, SENML_CBOR)


class Formats(Case):
    """One client of LwM2M 1.1."""
    edition = version = "1.1"

    def test_the_same_tree_in_every_format(self):
        for path in ("/1", "/1/0", "/3", "/3/0", "/3/0/7", "/3/0/0", "/3/0/7/1", "/3303/0"):
            device = "thermometer" if path.startswith("/3303") else "rack"
            want = self.values(device, path, TLV)
            self.assertTrue(want)
            for fmt in TREES:
                values = self.values(device, path, fmt)
                values.pop("/3/0/13", None)  # ticks
                want.pop("/3/0/13", None)
                self.assertEqual(values, want, (path, fmt))

    def test_int_204_query_json(self):
        values = self.values("rack", "/3/0", JSON)
        self.assertEqual((values["/3/0/0"], values["/3/0/11/0"]), ("Acme", 0))

    def test_int_211_query_cbor(self):
        for path, want in (("/1/0/0", 1), ("/1/0/6", True), ("/1/0/7", "U")):
            self.assertEqual(self.values("rack", path, CBOR), {path: want})
        self.ask("4.06", "read", "rack", "/1/0", format=CBOR)

    def write(self, device, fmt, lifetime, period):
        """An instance and two resources, read back in text."""
        self.ask("2.04", "write", device, "/1/0", format=fmt, replace=False,
                 value={"1": lifetime, "6": True})
        self.ask("2.04", "write", device, "/1/0/2", format=fmt, value=period)
        self.assertEqual(self.values(device, "/1/0/1", TEXT), {"/1/0/1": lifetime})
        self.assertEqual(self.values(device, "/1/0/2", TEXT), {"/1/0/2": period})

    def test_int_212_set_cbor(self):
        for rid, value in ((2, 5), (3, 70), (6, False), (6, True)):
            path = "/1/0/%d" % rid
            self.ask("2.04", "write", "rack", path, format=CBOR, value=value)
            self.assertEqual(self.values("rack", path, CBOR), {path: value})

    def test_int_220_set_json(self):
        self.write("plug", JSON, 301, 1)

    def test_int_231_query_senml_json(self):
        for path in ("/3", "/3/0", "/3/0/0", "/3/0/11/0"):
            self.assertIn(path if path.count("/") > 2 else "/3/0/0",
                          self.values("rack", path, SENML_JSON))

    def test_int_232_query_senml_cbor(self):
        for path in ("/3", "/3/0", "/3/0/0", "/3/0/11/0"):
            self.assertIn(path if path.count("/") > 2 else "/3/0/0",
                          self.values("rack", path, SENML_CBOR))

    def test_int_233_set_senml_cbor(self):
        self.write("plug", SENML_CBOR, 302, 2)

    def test_int_234_set_senml_json(self):
        self.write("plug", SENML_JSON, 303, 3)

    def test_int_237_read_without_accept(self):
        answer = self.ask("2.05", "read", "rack", "/3/0")
        self.assertEqual(answer["values"]["/3/0/0"], "Acme")

    def test_what_is_not_understood(self):
        self.ask("4.06", "read", "rack", "/3/0", format=CBOR)
        self.ask("4.00", "write", "rack", "/1/0/7", format=SENML_JSON, value="USQ")
        self.ask("4.05", "write", "rack", "/3/0", format=SENML_CBOR, replace=False,
                 value={"0": "somebody else"})


class Composite(Case):
    """Several paths at once."""
    edition = version = "1.1"

    def read(self, paths, fmt=SENML_JSON, listed=SENML_JSON):
        """Values below these paths."""
        answer = self.ask("2.05", "read-composite", "rack", paths=paths, format=fmt, list=listed)
        self.assertEqual(answer["format"], fmt)
        return answer["values"]

    def test_int_280_successful_read_composite(self):
        for fmt in (SENML_JSON, SENML_CBOR):
            for listed in (SENML_JSON, SENML_CBOR):
                values = self.read(["/3/0/16", "/3/0/11/0", "/1/0"], fmt, listed)
                self.assertEqual((values["/3/0/16"], values["/3/0/11/0"], values["/1/0/1"]),
                                 ("U", 0, 300))

    def test_int_281_partially_successful_read_composite(self):
        values = self.read(["/1/0/1", "/1/0/7", "/1/0/8"])
        self.assertEqual(values, {"/1/0/1": 300, "/1/0/7": "U"})

    def test_int_229_read_composite(self):
        values = self.read(["/3/0/0", "/1/0/1", "/3/0/11/0"], SENML_CBOR)
        self.assertEqual(values, {"/3/0/0": "Acme", "/1/0/1": 300, "/3/0/11/0": 0})

    def test_int_235_read_composite_on_root(self):
        values = self.read(["/"])
        self.assertEqual(values["/3/0/0"], "Acme")
        self.assertFalse([p for p in values if p.startswith("/0/") or p.startswith("/21/")])

    def test_int_236_partial_presence(self):
        values = self.read(["/3/0/0", "/3339/0/5522", "/3353/0/6030"])
        self.assertEqual(values, {"/3/0/0": "Acme"})

    def test_int_230_write_composite(self):
        for fmt, lifetime in ((SENML_JSON, 310), (SENML_CBOR, 320)):
            mark = self.relay.mark()
            self.ask("2.04", "write-composite", "plug", format=fmt,
                     value={"/1/0/1": lifetime, "/1/0/6": False})
            self.relay.update("plug", mark, lambda m, l=lifetime: m.query() == {"lt": str(l)})
            self.assertEqual(self.values("plug", "/1/0/6", TEXT), {"/1/0/6": False})

    def test_int_257_write_composite_server_and_device(self):
        self.ask("2.04", "write-composite", "thermometer", format=SENML_JSON,
                 value={"/1/0/2": 101, "/3/0/13": 1567000000})
        self.assertEqual(self.values("thermometer", "/1/0/2", TEXT), {"/1/0/2": 101})
        self.ask("2.04", "write", "thermometer", "/1/0/2", format=TEXT, value=0)

    def test_all_or_nothing(self):
        self.ask("4.05", "write-composite", "rack", format=SENML_JSON,
                 value={"/1/0/1": 333, "/3/0/0": "somebody else"})
        self.assertEqual(self.values("rack", "/1/0/1", TEXT), {"/1/0/1": 300})


if __name__ == "__main__":
    main()
