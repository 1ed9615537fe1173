#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Figures, as JSON lines: what a client costs in memory, and a registration, a read and a
notification in processor time, for one, 1,000 and 10,000 fake devices in one daemon, without a file
for the store and with one. Build without sanitizers for figures that mean something. Never a
verdict."""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile

SRC = os.path.abspath(os.environ.get("srcdir", "."))
BUILD = os.environ.get("builddir", ".")
CONF = """
servers = ( {{ uri = "coap://127.0.0.1:{port}"; lifetime = "1h"; }} );
devices = {{ pace = 5000; max = 20000; }};
gateway = {{ endpoint = ""; }};
limits = {{ registrations_at_once = 500; }};
log = {{ level = "err"; }};
bus = {{ enabled = false; }};
store = {{ file = "{store}"; durability = "process"; }};
plugins = {{ sim = {{ devices = {devices}; interval = "{interval}"; }}; }};
"""


def run(directory, store, devices, reads, seconds, interval):
    """One daemon, one line."""
    file = os.path.join(directory, f"store-{devices}.db") if store == "file" else ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    conf = os.path.join(directory, "gateway.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(CONF.format(port=port, devices=devices, interval=interval, store=file))
    out = subprocess.run(
        [os.path.join(BUILD, "tests/bench/load"), str(port), str(devices), str(reads),
         str(seconds), "--", os.path.join(BUILD, "src/daemon/lwm2m-gatewayd"), "-c", conf,
         "--plugindir", os.path.join(BUILD, "plugins/sim/.libs"), "--sharedir",
         os.path.join(directory, "share")], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(out.stdout)


def main():
    """Exit status."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="lwm2m-bench.") as directory:
        share = os.path.join(directory, "share")
        os.mkdir(share)
        os.symlink(os.path.join(SRC, "objects"), os.path.join(share, "objects"))
        os.symlink(os.path.join(SRC, "etc", "maps"), os.path.join(share, "maps"))
        for store in ("ram", "file"):
            one = run(directory, store, 1, 1000, 1, "1s")
            for devices, interval in ((1000, "200ms"), (10000, "2s")):
                if devices + 100 > hard:
                    print(json.dumps({"clients": devices, "left_out": "limit of open files"}))
                    continue
                line = run(directory, store, devices, 100000, 5, interval)
                line["store"] = store
                line["rss_kb_per_client"] = round(
                    (line["rss_kb"] - one["rss_kb"]) / (devices - 1), 2)
                print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
