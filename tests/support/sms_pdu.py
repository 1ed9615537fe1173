# SPDX-License-Identifier: BSD-3-Clause
"""Short messages as a modem's PDU mode has them (3GPP TS 23.040 §9.2): SMS-DELIVER is made,
SMS-SUBMIT is read, long ones are cut and put together. 8-bit data only."""

PART = 134  # octets of a part beside a concatenation header
WHOLE = 140


def semi_octets(digits):
    """"1234F" with each pair swapped."""
    if len(digits) % 2:
        digits += "F"
    return bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))


def address(number):
    """TP-OA and TP-DA: how many digits, type, digits."""
    kind = 0x91 if number.startswith("+") else 0x81
    digits = number.lstrip("+")
    return bytes([len(digits), kind]) + semi_octets(digits)


def centre(number):
    """The service centre in front of a PDU."""
    octets = b"\x91" + semi_octets(number.lstrip("+")) if number else b""
    return (bytes([len(octets)]) + octets).hex().upper()


def deliver(number, data, header=b"", dcs=0x04, smsc=""):
    """One SMS-DELIVER in hexadecimal, with its service centre; and its length without that."""
    user = (bytes([len(header)]) + header if header else b"") + data
    pdu = bytes([0x44 if header else 0x04]) + address(number) + bytes([0x00, dcs])
    pdu += bytes.fromhex("62117281000000") + bytes([len(user)]) + user
    return centre(smsc) + pdu.hex().upper(), len(pdu)


def cut(data, reference, extra=b"", size=PART):
    """[(header, part)]: one message or as many as it takes; extra: more header elements."""
    if len(data) + (len(extra) + 1 if extra else 0) <= WHOLE:
        return [(extra, data)]
    size -= len(extra)
    parts = [data[i:i + size] for i in range(0, len(data), size)]
    return [(extra + bytes([0, 3, reference, len(parts), n + 1]), p) for n, p in enumerate(parts)]


PORT_PUSH = bytes([0x05, 0x04, 0x0B, 0x84, 0x23, 0xF0])  # WAP push: to port 2948


class Submit:
    """What a modem was given to send."""

    def __init__(self, pdu):
        raw = bytes.fromhex(pdu)
        at = 1 + raw[0]
        centre_text = raw[2:at].hex()
        self.smsc = "".join(centre_text[i + 1] + centre_text[i]
                            for i in range(0, len(centre_text), 2)).rstrip("f")
        first, self.reference, digits, kind = raw[at:at + 4]
        at += 4
        text = raw[at:at + (digits + 1) // 2].hex()
        at += (digits + 1) // 2
        swapped = "".join(text[i + 1] + text[i] for i in range(0, len(text), 2))[:digits]
        self.number = ("+" if kind & 0x70 == 0x10 else "") + swapped
        self.pid, self.dcs = raw[at], raw[at + 1]
        at += 2 + {0: 0, 2: 1, 1: 7, 3: 7}[first >> 3 & 3]
        user = raw[at + 1:]
        assert len(user) == raw[at], "user data length"
        self.report = bool(first & 0x20)
        self.header = user[1:1 + user[0]] if first & 0x40 else b""
        self.data = user[1 + user[0]:] if first & 0x40 else user

    def concat(self):
        """(reference, parts, number of this one) or None."""
        at = 0
        while at + 2 <= len(self.header):
            kind, size = self.header[at], self.header[at + 1]
            body = self.header[at + 2:at + 2 + size]
            if kind == 0:
                return body[0], body[1], body[2]
            if kind == 8:
                return body[0] << 8 | body[1], body[2], body[3]
            at += 2 + size
        return None


class Join:
    """Parts to messages, as the receiving phone does it."""

    def __init__(self):
        self.parts = {}

    def add(self, submit):
        """The whole message, or None as long as there are parts to come."""
        where = submit.concat()
        if not where:
            return submit.data
        reference, count, number = where
        got = self.parts.setdefault((submit.number, reference, count), {})
        got[number] = submit.data
        if len(got) < count:
            return None
        del self.parts[submit.number, reference, count]
        return b"".join(got[n] for n in sorted(got))
