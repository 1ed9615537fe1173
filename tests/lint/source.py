#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sizes, forbidden calls, SPDX lines, white space and paths of somebody's machine."""

import re

import tree

MAX_FILE = 600  # lines of a .c file
MAX_HEADER = 250
MAX_FUNCTION = 60  # lines between the braces
MAX_COLUMNS = 100

# What a name must not be called as, and what to use instead.
FORBIDDEN = {
    "strcpy": "str_copy", "strcat": "a wr cursor", "strncpy": "str_copy", "strncat": "a wr cursor",
    "stpcpy": "a wr cursor", "sprintf": "snprintf", "vsprintf": "vsnprintf", "gets": "fgets",
    "atoi": "num_parse_*", "atol": "num_parse_*", "atoll": "num_parse_*", "atof": "num_parse_*",
    "strtok": "a rd cursor", "alloca": "a bounded array or the heap", "system": "nothing",
    "popen": "nothing", "mktemp": "mkstemp", "tmpnam": "mkstemp", "rand": "crypto/rand",
    "srand": "crypto/rand", "random": "crypto/rand", "longjmp": "an error status",
    "gmtime": "gmtime_r", "localtime": "localtime_r", "strerror": "err_text, %m or strerror_r",
}
CLOCKS = {"time", "gettimeofday", "clock_gettime"}
SLEEPS = {"sleep", "usleep", "nanosleep"}
CALL = re.compile(r"(?<![\w.>])(\w+)[ \t]*\(")
SPDX = "SPDX-License-Identifier: BSD-3-Clause"
NEEDS_SPDX = (".c", ".h", ".cc", ".py", ".sh", ".java", ".xml", ".conf", ".am", ".ac")
# Spelt in two parts, so that this file does not find itself.
MACHINE = re.compile(r"/(?:ho" r"me|wo" r"rk|fa" r"rm|Us" r"ers|ro" r"ot|tmp/w" r"t)/[\w.-]")


def functions(code):
    """(first line, lines of the body) of each function: K&R braces stand in column one."""
    start = None
    for n, line in enumerate(code.splitlines(), 1):
        if line == "{":
            start = n
        elif line == "}" and start:
            yield start, n - start - 1
            start = None


def check_c(rep, path, code):
    lines = code.count("\n")
    limit = MAX_HEADER if path.endswith(".h") else MAX_FILE
    if lines > limit:
        rep.complain(path, 0, f"{lines} lines, the limit is {limit}")
    plain = tree.bare(code)
    for start, n in functions(plain):
        if n > MAX_FUNCTION:
            rep.complain(path, start, f"a function of {n} lines, the limit is {MAX_FUNCTION}")
    product = path.startswith(("src/", "plugins/")) and "/test_" not in path
    for m in CALL.finditer(plain):
        name = m.group(1)
        line = plain.count("\n", 0, m.start()) + 1
        if name in FORBIDDEN:
            rep.complain(path, line, f"{name}() is forbidden, use {FORBIDDEN[name]}")
        elif name in CLOCKS and product and not path.startswith("src/loop/clock."):
            rep.complain(path, line, f"{name}() is forbidden, time comes from loop/clock")
        elif name in SLEEPS and product:
            rep.complain(path, line, f"{name}() is forbidden, nothing blocks")
    for n, line in enumerate(code.splitlines(), 1):
        if len(line.expandtabs(8)) > MAX_COLUMNS:
            rep.complain(path, n, f"over {MAX_COLUMNS} columns")


def check_text(rep, path, text):
    head = text.split("\n", 4)[:4]
    script = text.startswith("#!")
    if (path.endswith(NEEDS_SPDX) or script) and not any(SPDX in h for h in head):
        rep.complain(path, 1, f"no line {SPDX}")
    if text and not text.endswith("\n"):
        rep.complain(path, 0, "no new line at the end")
    for n, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            rep.complain(path, n, "white space at the end of the line")
        if MACHINE.search(line):
            rep.complain(path, n, "a path of somebody's machine")


def main():
    rep = tree.Report()
    for path in tree.files():
        text = tree.text(path)
        if text is None or "/seeds/" in path or path.startswith("tests/vectors/"):
            continue
        check_text(rep, path, text)
        if path.endswith((".c", ".h")):
            check_c(rep, path, text)
    rep.end()


main()
