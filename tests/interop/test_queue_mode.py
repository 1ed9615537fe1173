#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Queue mode, as Leshan sees it: who is awake, and what is said to whom. test_int_N_… are OMA's cases
(LightweightM2M-1.1-int-N)."""

import os
import shutil
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../support")]
# pylint: disable=wrong-import-position
from stage import Result  # noqa: E402
from leshan import TEXT, Leshan  # noqa: E402
from gateway import Gateway, SRC, wait_for  # noqa: E402

CONF = """
gateway = { endpoint = "%s"; };
servers = ( { uri = "coap://127.0.0.1:%d"; lifetime = "240s"; version = "%s"; binding = "UQ";
	awake = "6s"; } );
"""


class QueueMode(unittest.TestCase):
    """Both sides count six seconds instead of 93."""
    edition = "1.1"

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="lwm2m-queue.")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.leshan = Leshan(cls.directory, os.path.join(SRC, "objects"))
        cls.addClassCleanup(cls.leshan.close)
        cls.leshan.ask("awake", "", ms=6000)

    def begin(self, endpoint, version="1.1"):
        """Registered in queue mode."""
        self.endpoint = endpoint
        self.gateway = Gateway(CONF % (endpoint, self.leshan.port, version))
        self.addCleanup(self.gateway.close)
        self.mark = self.leshan.mark()
        event = self.leshan.event("registered", endpoint)
        self.assertTrue(event["queue"], event)

    def asleep(self):
        """As the gateway sees it."""
        return self.gateway.ctl("show", self.endpoint)["Servers"][0]["Asleep"]

    def falls_asleep(self):
        """On both sides; requests are kept back then."""
        self.leshan.event("sleeping", self.endpoint, self.mark)
        wait_for("asleep", self.asleep)
        with self.assertRaisesRegex(AssertionError, "ClientSleeping"):
            self.leshan.ask("read", self.endpoint, "/1/0/5", format=TEXT)
        self.mark = self.leshan.mark()

    def is_awake(self):
        """It said something, and is spoken to at once."""
        self.leshan.event("awake", self.endpoint, self.mark)
        answer = self.leshan.ask("read", self.endpoint, "/1/0/5", format=TEXT)
        self.assertEqual(answer["code"], "2.05", answer)
        self.assertFalse(self.asleep())

    def test_int_108_turn_on_queue_mode(self):
        """By the flag Q of the registration, in version 1.1; by the binding in version 1.0."""
        for endpoint, version in (("q11", "1.1"), ("q10", "1.0")):
            self.begin(endpoint, version)

    def test_int_109_behavior_in_queue_mode(self):
        """Asleep after its window; an Update wakes it, and so does a notification."""
        self.begin("gw")
        answer = self.leshan.ask("observe", "gw", "/1/0/5", format=TEXT)
        self.assertEqual(answer["code"], "2.05", answer)
        self.falls_asleep()
        self.gateway.ctl("update", "gw")
        self.is_awake()
        self.falls_asleep()
        self.gateway.ctl("write", "gw", "/1/0/5", "80000")
        # Leshan M18 takes the notification, and yet believes the client asleep.
        self.leshan.event("notified", "gw", self.mark)
        self.assertFalse(self.asleep())


if __name__ == "__main__":
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=0,
                                                     resultclass=Result))
