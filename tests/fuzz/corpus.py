#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What fuzzing found worth keeping: tests/fuzz/corpus/NAME, one input per line in hexadecimal.

    corpus.py unpack FILE DIRECTORY     one file per input, for libFuzzer
    corpus.py pack FILE DIRECTORY...    the other way; small and sorted after
                                        fuzz_NAME -set_cover_merge=1 NEW OLD...
"""

import hashlib
import os
import sys

INPUT_MAX = 65536


def unpack(name, directory):
    """Names are digests, as libFuzzer makes them."""
    os.makedirs(directory, exist_ok=True)
    with open(name, encoding="ascii") as f:
        for line in f:
            data = bytes.fromhex(line)
            path = os.path.join(directory, hashlib.sha1(data).hexdigest())
            with open(path, "wb") as out:
                out.write(data)


def pack(name, directories):
    """Each input once."""
    inputs = set()
    for directory in directories:
        for entry in os.scandir(directory):
            with open(entry.path, "rb") as f:
                inputs.add(f.read(INPUT_MAX))
    with open(name, "w", encoding="ascii") as out:
        for data in sorted(inputs, key=lambda d: (len(d), d)):
            if data:
                out.write(data.hex() + "\n")


def main():
    """Exit status."""
    if len(sys.argv) == 4 and sys.argv[1] == "unpack":
        unpack(sys.argv[2], sys.argv[3])
    elif len(sys.argv) > 3 and sys.argv[1] == "pack":
        pack(sys.argv[2], sys.argv[3:])
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
