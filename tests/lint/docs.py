#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The documents agree with the tree: versions, files they point at, programs, plugins, layers."""

import os
import re

import tree


def exists(path):
    return os.path.exists(os.path.join(tree.TOP, path))


def first(pattern, path):
    m = re.search(pattern, tree.text(path) or "", re.M)
    return m.group(1) if m else None


def check_versions(rep):
    version = first(r"^AC_INIT\(\[lwm2m-gateway\], \[([^]]+)\]", "configure.ac")
    for path, pattern in (("NEWS", r"\Alwm2m-gateway (\S+)"),
                          ("debian/changelog", r"\Alwm2m-gateway \(([^)]+)\)")):
        other = first(pattern, path) if exists(path) else version
        if other != version:
            rep.complain(path, 1, f"says version {other}, configure.ac says {version}")


def check_links(rep):
    """Links of Markdown to files, and paths in code marks that begin with a folder of ours."""
    for path in tree.files(".md"):
        for n, line in enumerate(tree.text(path).splitlines(), 1):
            names = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line)
            places = [os.path.join(os.path.dirname(path), x) for x in names]
            places += [x for x in re.findall(r"`((?:src|tests|tools|plugins|dbus|etc|man|debian|"
                                             r"include|objects)/[\w./-]+)`", line)
                       if not re.search(r"[A-Z]{3}", x)]
            for place in places:
                if not exists(place):
                    rep.complain(path, n, f"{place} does not exist")


def check_plugins(rep):
    rows = {r.split("|")[0].strip() for r in tree.text("tests/lint/layers.txt").splitlines()}
    for name in sorted(os.listdir(os.path.join(tree.TOP, "plugins"))):
        if not exists(f"plugins/{name}/{name}.c"):
            continue
        if not exists(f"plugins/{name}/README.md"):
            rep.complain(f"plugins/{name}", 0, "has no README.md")
        if f"plugins/{name}" not in rows:
            rep.complain(f"plugins/{name}", 0, "has no row in tests/lint/layers.txt")


def check_manuals(rep):
    for page in ("man/lwm2m-gatewayd.8", "man/lwm2m-gateway.conf.5", "man/lwm2mctl.1"):
        if not exists(page):
            rep.complain(page, 0, "is missing")
        elif os.path.basename(page)[:-2] not in tree.text("README.md"):
            rep.complain("README.md", 0, f"does not mention {os.path.basename(page)}")


def check_objects(rep):
    """Each definition is well-formed, and its file name is its object id."""
    for path in tree.files(".xml"):
        if not path.startswith("objects/"):
            continue
        oid = first(r"<ObjectID>\s*(\d+)\s*</ObjectID>", path)
        if os.path.basename(path) != f"{oid}.xml":
            rep.complain(path, 0, f"defines object {oid}")


def main():
    rep = tree.Report()
    check_versions(rep)
    check_links(rep)
    check_plugins(rep)
    check_manuals(rep)
    check_objects(rep)
    rep.end()


main()
