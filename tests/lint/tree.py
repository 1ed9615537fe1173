# SPDX-License-Identifier: BSD-3-Clause
"""What the checks of this folder share: the files of the project, and how to complain."""

import os
import re
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
ROOTS = (".ci", "dbus", "debian", "etc", "include", "m4", "man", "objects", "plugins", "src",
         "tests", "tools")
# What the tools leave behind in a tree that was built in place or packaged.
GENERATED = re.compile(
    r"^m4/(libtool|lt.*)\.m4$"
    r"|^src/dbus/info\.[ch]$"
    r"|^debian/(tmp|\.debhelper|build|lwm2m-gateway[a-z-]*)/"
    r"|^debian/(files|debhelper-build-stamp|.*\.substvars|.*\.debhelper|.*\.debhelper\.log)$"
    r"|/(__pycache__|\.deps|\.libs|target|\.dirstamp)(/|$)"
    r"|\.(o|lo|la|a|so|pyc|class|log|trs|orig|rej|swp)$|~$")


def files(*suffixes):
    """Paths below the top, of the project's own text files, sorted."""
    found = [f for f in os.listdir(TOP)
             if f in ("configure.ac", "Makefile.am", ".clang-format", ".editorconfig", ".gitignore",
                      "HACKING.md", "NEWS", "README.md")]
    for root in ROOTS:
        for where, _, names in os.walk(os.path.join(TOP, root)):
            found += [os.path.relpath(os.path.join(where, n), TOP) for n in names]
    return [f for f in sorted(found)
            if not GENERATED.search(f) and (not suffixes or f.endswith(suffixes))]


def text(path):
    """The text of a file, or None when it is binary."""
    with open(os.path.join(TOP, path), "rb") as f:
        data = f.read()
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def bare(code):
    """C code with comments and the contents of literals blanked, line numbers kept."""
    def blank(m):
        s = m.group(0)
        if s[0] in "\"'":
            return s[0] + s[0]
        return re.sub(r"[^\n]", " ", s)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, code,
                  flags=re.S)


class Report:
    """Collects complaints and makes the exit status of them."""

    def __init__(self):
        self.n = 0

    def complain(self, path, line, what):
        self.n += 1
        print(f"{path}:{line}: {what}" if line else f"{path}: {what}")

    def end(self):
        print(f"{self.n} complaint{'s' if self.n != 1 else ''}" if self.n else "clean")
        sys.exit(1 if self.n else 0)
