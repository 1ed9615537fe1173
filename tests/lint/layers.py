#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The law of the layers: who may include what (layers.txt, HACKING.md)."""

import os
import re

import tree

STANDARD = set("""
assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h limits.h locale.h math.h setjmp.h
signal.h spawn.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h
string.h strings.h threads.h time.h uchar.h wchar.h endian.h fcntl.h fnmatch.h getopt.h glob.h grp.h
netdb.h poll.h pthread.h pwd.h regex.h sched.h syslog.h termios.h unistd.h dirent.h ifaddrs.h
langinfo.h sysexits.h malloc.h
""".split())
STANDARD_DIRS = ("sys/", "net/", "netinet/", "arpa/")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
MAX_OWN = 15  # project includes in one .c file


def read_law(rep):
    """Rows in order: name -> (own folders, third-party prefixes)."""
    law = {}
    for n, line in enumerate(tree.text("tests/lint/layers.txt").splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, own, third = (c.strip() for c in line.split("|"))
        above = [k for k in law if not k.startswith("plugins/")]
        own = above if own == "*" else own.split()
        for o in own:
            if o not in law:
                rep.complain("tests/lint/layers.txt", n, f"{name} names {o}, which is not above")
        law[name] = (set(own), tuple(third.split()))
    return law


def closure(law, name, seen=None):
    """A folder and everything that it stands on."""
    seen = seen if seen is not None else set()
    if name not in seen:
        seen.add(name)
        for o in law[name][0]:
            closure(law, o, seen)
    return seen


def place(path):
    """(row, kind) of a source file; kind is "src", "plugin", "test" or "free"."""
    part = path.split("/")
    if path.startswith("include/lgw/"):
        return "lgw", "src"
    if part[0] == "src":
        return part[1], "src"
    if part[0] == "plugins":
        test = part[-1].startswith("test_")
        return "/".join(part[:2]), "free" if test else "plugin"
    if path.startswith("tests/unit/"):
        return part[2], "test"
    return None, "free"


def rights(law, path):
    """What a file may include: (own folders, third-party prefixes, kind), None: unknown folder."""
    row, kind = place(path)
    folders = {k for k in law if not k.startswith("plugins/")}
    if kind == "free":
        return folders, tuple(t for r in law.values() for t in r[1]) + ("cmocka.h",), kind
    if row not in law:
        return None
    if kind == "test":
        own = closure(law, row)
        third = tuple(t for k in law for t in law[k][1] if k.split("/")[0] in own)
        return own | {"lgw"}, third + ("cmocka.h",), kind
    own, third = set(law[row][0]) | {row}, law[row][1]
    stem = f"{row}/{os.path.splitext(os.path.basename(path))[0]}"
    if kind == "src" and stem in law:
        own, third = own | law[stem][0], third + law[stem][1]
    return own, third, kind


def check_one(rep, path, line, quote, name, may):
    own, third, kind = may
    if quote == '"':
        folder = name.split("/")[0] if "/" in name else None
        if name == "config.h" or name.startswith("../") or folder is None:
            local = kind in ("plugin", "free", "test") and not name.startswith("../")
            if name != "config.h" and not local:
                rep.complain(path, line, f'"{name}": own includes are written from src/')
        elif folder in ("support", "tests"):
            if kind not in ("free", "test"):
                rep.complain(path, line, f'"{name}": only tests use the tests\' helpers')
        elif folder == "lgw":
            rep.complain(path, line, f'"{name}": write <lgw/...>')
        elif folder not in own and not (kind in ("plugin", "free") and path.startswith("plugins/")
                                        and name.startswith(path.split("/")[1] + "/")):
            rep.complain(path, line, f'"{name}": the law does not allow {folder}/ here')
    elif name.startswith("lgw/"):
        if "lgw" not in own:
            rep.complain(path, line, f"<{name}>: this folder does not name lgw (statuses: util/err.h)")
    elif name in STANDARD or name.startswith(STANDARD_DIRS):
        pass
    elif not any(name == t or (t.endswith("/") and name.startswith(t)) for t in third):
        rep.complain(path, line, f"<{name}>: this library does not live here")


def main():
    rep = tree.Report()
    law = read_law(rep)
    for path in tree.files(".c", ".h"):
        if not path.startswith(("src/", "include/", "plugins/", "tests/")):
            continue
        may = rights(law, path)
        if may is None:
            rep.complain(path, 0, "its folder has no row in tests/lint/layers.txt")
            continue
        count = 0
        code = tree.text(path)
        for m in INCLUDE.finditer(code):
            line = code.count("\n", 0, m.start(2)) + 1
            check_one(rep, path, line, m.group(1), m.group(2), may)
            count += m.group(1) == '"' or m.group(2).startswith("lgw/")
        if path.startswith("src/") and path.endswith(".c") and count > MAX_OWN:
            rep.complain(path, 0, f"{count} project includes, {MAX_OWN} are enough")
    rep.end()


main()
