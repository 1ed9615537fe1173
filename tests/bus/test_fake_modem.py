#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The emulated modem that other tests use, as ModemManager itself sees it through mmcli."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
# pylint: disable=wrong-import-position
import mmstage  # noqa: E402
from gateway import wait_for  # noqa: E402

SERVER = "+4915112345678"


class FakeModemTest(unittest.TestCase):
    """One modem for all."""

    @classmethod
    def setUpClass(cls):
        cls.stage = mmstage.Stage()
        try:
            cls.stage.start()
            print(cls.stage.version())
            cls.modem = cls.stage.plug()
            wait_for("modem", lambda: cls.stage.run("mmcli", "-J", "-L") != '{"modem-list":[]}\n')
            wait_for("enabled", cls.enable)
            wait_for("registered", lambda: cls.about("generic", "state") == "registered")
        except BaseException:
            cls.stage.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.stage.close()

    @classmethod
    def enable(cls):
        """It takes a moment until ModemManager is done with its questions."""
        try:
            return cls.stage.run("mmcli", "-m", "any", "-e")
        except AssertionError:
            return None

    @classmethod
    def about(cls, *keys):
        """One fact of the modem."""
        value = json.loads(cls.stage.run("mmcli", "-m", "any", "-J"))["modem"]
        for key in keys:
            value = value[key]
        return value

    def messages(self):
        """[(number, data, state)] of all that ModemManager holds."""
        text = self.stage.run("mmcli", "-m", "any", "-J", "--messaging-list-sms")
        out = []
        for path in json.loads(text)["modem.messaging.sms"]:
            sms = json.loads(self.stage.run("mmcli", "-s", path, "-J"))["sms"]
            out.append((sms["content"]["number"], sms["content"]["data"].replace(" ", "").lower(),
                        sms["properties"]["state"]))
        return out

    def test_facts(self):
        """Operator, technology, number, cell; they change at run time."""
        self.assertEqual(self.about("3gpp", "operator-code"), "00101")
        self.assertEqual(self.about("3gpp", "operator-name"), "Test PLMN")
        self.assertEqual(self.about("generic", "access-technologies"), ["lte"])
        self.assertEqual(self.about("generic", "own-numbers"), [self.modem.number])
        for registration, word in ((5, "roaming"), (2, "searching"), (3, "denied"), (1, "home")):
            self.modem.set(registration=registration)
            wait_for(word, lambda w=word: self.about("3gpp", "registration-state") == w)

    def test_receive(self):
        """One part and several, in a wrong order, arrive byte for byte."""
        short, long = bytes([0, 255, 254, 10]), bytes(range(256)) + b"end"
        self.modem.receive(SERVER, short)
        self.modem.receive(SERVER, long, reference=7, order=(1, 0))
        for data in (short, long):
            wait_for("message", lambda d=data: (SERVER, d.hex(), "received") in self.messages())

    def test_send(self):
        """What fits goes as one, more goes in parts that the other side can join."""
        for size in (5, 140, 141, 300):
            data = bytes(n * 7 & 0xff for n in range(size))
            path = os.path.join(self.stage.dir, "data")
            with open(path, "wb") as f:
                f.write(data)
            before = len(self.modem.submits)
            made = self.stage.run("mmcli", "-m", "any", "--messaging-create-sms=number=" + SERVER,
                                  "--messaging-create-sms-with-data=" + path)
            sms = made.split()[-1]
            self.stage.run("mmcli", "-s", sms, "--send")
            self.assertEqual(self.modem.sent[-1], (SERVER, data))
            parts = self.modem.submits[before:]
            self.assertEqual(len(parts), 1 if size <= 140 else (size + 133) // 134)
            self.assertEqual({p.dcs & 0x0c for p in parts}, {4}, "8-bit data")


if __name__ == "__main__":
    LACKS = mmstage.missing()
    if LACKS:
        print(LACKS)
        sys.exit(77)
    unittest.main(verbosity=2)
