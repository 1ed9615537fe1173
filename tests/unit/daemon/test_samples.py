#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each configuration that is shown somewhere passes the check: the examples, what the sample
configuration has in its comments, and the blocks of the READMEs and of the manual page."""

import glob
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest

SRC = os.path.abspath(os.environ.get("srcdir", "."))
BUILD = os.path.abspath(os.environ.get("builddir", "."))
DAEMON = os.path.join(BUILD, "src/daemon/lwm2m-gatewayd")
# What a block of configuration begins with; a rule, or an option of a server, alone is put where it belongs.
GROUP = re.compile(r"^(servers|plugins|maps|devices|gateway|firmware|software|store|bus|limits|log|rules)"
                   r" = ")


def text_of(name):
    """A file of the source."""
    with open(os.path.join(SRC, name), encoding="utf-8") as f:
        return f.read()


def statements(text):
    """Split at the top level: "servers = ( … );"."""
    found, depth, now = [], 0, ""
    for line in text.splitlines():
        if not depth and not GROUP.match(line):
            continue
        now += line + "\n"
        bare = re.sub(r'"(\\.|[^"\\])*"|#.*', "", line)
        depth += sum(bare.count(c) for c in "({") - sum(bare.count(c) for c in ")}")
        if not depth:
            found.append(now)
            now = ""
    return found


def commented():
    """What the sample configuration has behind '#'."""
    return statements(re.sub(r"^#", "", text_of("etc/lwm2m-gateway.conf"), flags=re.M))


def readme(name):
    """Indented blocks that begin with a group."""
    blocks = re.findall(r"(?:^    .*\n)+", text_of(name), flags=re.M)
    return [b for b in map(textwrap.dedent, blocks) if GROUP.match(b)]


def manual():
    """Blocks between .nf and .fi, without roff; alternatives are several statements."""
    found = []
    for block in re.findall(r"^\.nf\n(.*?)^\.fi", text_of("man/lwm2m-gateway.conf.5"), flags=re.M | re.S):
        text = re.sub(r"^\.R[SE]\n", "", block, flags=re.M).replace("\\-", "-")
        parts = statements(text)
        found += parts if len({s.split()[0] for s in parts}) < len(parts) else [text] if parts else []
    return found


class Samples(unittest.TestCase):
    """One directory with all the files that samples name."""

    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.TemporaryDirectory()
        cls.dir = cls.tmp.name
        os.mkdir(cls.dir + "/plugins")
        os.mkdir(cls.dir + "/share")
        for name in ("modem", "mqtt", "sim"):
            plugin = os.path.join(BUILD, "plugins", name, ".libs", name + ".so")
            if not os.path.exists(plugin):
                print("built without " + name)
                sys.exit(77)
            os.symlink(plugin, "%s/plugins/%s.so" % (cls.dir, name))
        os.symlink(os.path.join(SRC, "objects"), cls.dir + "/share/objects")
        os.symlink(os.path.join(SRC, "etc/maps"), cls.dir + "/share/maps")
        for name, text in (("keys", "endpoint:" + "00" * 16), ("pin", "1234"), ("oscore.key", "x" * 16),
                           ("mqtt.password", "x")):
            with open(os.path.join(cls.dir, name), "w", encoding="utf-8") as f:
                f.write(text + "\n")
        with open(os.path.join(SRC, "tests/fuzz/seeds/cred/cert-pem"), "rb") as f, \
                open(cls.dir + "/ca.pem", "wb") as ca:
            ca.write(re.search(b"-----BEGIN CERT.*?-----END CERTIFICATE-----\n", f.read(), re.S)[0])

    @classmethod
    def tearDownClass(cls):
        cls.tmp.cleanup()

    def run_check(self, text):
        """What --check does with it."""
        conf = self.dir + "/gateway.conf"
        with open(conf, "w", encoding="utf-8") as f:
            f.write(text)
        return subprocess.run([DAEMON, "--check", "-c", conf, "--plugindir", self.dir + "/plugins",
                               "--sharedir", self.dir + "/share"], capture_output=True, text=True,
                              check=False, timeout=60)

    def check(self, text):
        """--check says nothing against it."""
        if text.startswith("rules"):
            text = "plugins = { mqtt = { brokers = ( { %s } ); }; };" % text
        if "sms" in text and "modem" not in text:
            text += "plugins = { modem = { }; };\n"
        run = self.run_check(text.replace("/etc/lwm2m-gateway/", self.dir + "/"))
        self.assertEqual(run.returncode, 0, run.stderr + "\n" + text)

    def check_all(self, samples, least):
        """Each of them; there are as many as there should be at least."""
        self.assertGreaterEqual(len(samples), least, samples)
        for text in samples:
            with self.subTest(text):
                self.check(text)

    def test_files(self):
        files = [os.path.join(SRC, "etc/lwm2m-gateway.conf")]
        files += glob.glob(os.path.join(SRC, "etc/examples/*.conf"))
        self.check_all([text_of(f) for f in files], 4)

    def test_all_examples_together(self):
        os.makedirs(self.dir + "/conf.d")
        for f in glob.glob(os.path.join(SRC, "etc/examples/*.conf")):
            os.symlink(f, os.path.join(self.dir, "conf.d", os.path.basename(f)))
        try:
            self.check('servers = ( { uri = "coap://localhost"; } );\n')
        finally:
            for f in glob.glob(self.dir + "/conf.d/*"):
                os.unlink(f)
            os.rmdir(self.dir + "/conf.d")

    def test_modules_of_the_log(self):
        """Each may be named, and no other."""
        names = set()
        for name in glob.glob(os.path.join(SRC, "src/*/*.c")):
            names |= set(re.findall(r'^LOG_MODULE\("(\w+)"\)', text_of(name), flags=re.M))
        self.assertGreater(len(names), 8)
        conf = 'log = { modules = ( %s ); };\n'
        module = '{ module = "%s"; level = "debug"; }'
        self.check(conf % ",\n".join(module % n for n in sorted(names) + ["plugin/mqtt"]))
        run = self.run_check(conf % (module % "mqtt"))
        self.assertEqual(run.returncode, 78)
        self.assertIn("gateway.conf:1: log.modules[0].module: no such module", run.stderr)

    def test_comments(self):
        self.check_all(commented(), 12)

    def test_readmes(self):
        self.check_all(readme("README.md"), 2)
        self.check_all(readme("plugins/mqtt/README.md"), 1)
        self.check_all(readme("plugins/sim/README.md"), 1)

    def test_manual(self):
        self.check_all(manual(), 10)


if __name__ == "__main__":
    unittest.main()
