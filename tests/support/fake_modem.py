#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""An emulated LTE modem with AT commands (3GPP TS 27.005, 27.007), for the real ModemManager.

It listens on abstract sockets, to which ModemManager connects (a virtual port of its test mode).
In a test it is an object:

    modem = FakeModem(["abstract:fm-1"])
    modem.start()
    modem.receive("+4915112345678", b"data")        # somebody sends us a message
    modem.sent                                      # [(number, bytes)] that we sent

As a program it obeys JSON lines on a control socket: {"do": "receive", "number": …, "hex": …},
{"do": "set", "registration": 5}, {"do": "sent"} … Standard library only."""

import argparse
import json
import os
import re
import socket
import threading
import time

from sms_pdu import Join, Submit, cut, deliver

PROMPT = "\r\n> "
NO_SIGNAL = "+CESQ: 99,99,255,255,255,255"


class Port:
    """One connection of ModemManager."""

    def __init__(self, modem, conn):
        self.modem, self.conn = modem, conn
        self.echo = True
        self.lock = threading.Lock()
        self.waiting_pdu = None
        self.data = False  # it carries packets: no commands, no news

    def write(self, text):
        """Bytes for ModemManager; a connection that is gone is found elsewhere."""
        with self.lock:
            try:
                self.conn.sendall(text.encode())
            except OSError:
                pass

    def line(self, text):
        """An unsolicited line."""
        self.modem.note("<- " + text)
        self.write("\r\n%s\r\n" % text)

    def run(self):
        """Until the other side hangs up."""
        pending = b""
        while True:
            try:
                data = self.conn.recv(4096)
            except OSError:
                data = b""
            if not data:
                return
            pending += data
            while pending:
                stop = b"\x1a" if self.waiting_pdu is not None else b"\r"
                head, found, rest = pending.partition(stop)
                if not found:
                    break
                pending = rest.lstrip(b"\n")
                self.obey(head.decode("latin-1").strip())

    def obey(self, text):
        """One command line, or the PDU that follows a +CMGS."""
        if self.waiting_pdu is not None:
            command, self.waiting_pdu = self.waiting_pdu, None
            answer = self.modem.submit(command, text)
        else:
            if self.echo and text:
                self.write(text + "\r")
            if not text.upper().startswith("AT"):
                return
            if text.upper() in ("ATE0", "ATE1"):
                self.echo = text[-1] == "1"
            self.data = False  # the call is over
            self.modem.note("-> " + text)
            answer = self.modem.command(self, text[2:])
        if answer is None:
            return
        if answer == PROMPT:
            self.write(PROMPT)
            return
        self.modem.note("<- " + answer.replace("\r\n", " | "))
        self.write("\r\n%s\r\n" % answer)


class FakeModem:
    """State that tests may set between commands; guarded by the condition `changed`."""

    def __init__(self, names, number="+491700000001", pin=None, imsi="001010123456789", rsrp=50):
        self.names = names
        self.changed = threading.Condition()
        self.number, self.imsi, self.iccid = number, imsi, "89490200001234567890"
        self.imei = "351234567890124"
        self.pin, self.locked, self.tries = pin, pin is not None, 3
        self.pins = []  # every PIN that was tried
        self.puk, self.puk_tries = "12345678", 10
        self.sim, self.tells_tries = True, True  # there is one; +CSIM works
        self.registration, self.technology = 1, 7
        self.tac, self.cell, self.operator, self.plmn = "00A1", "0001B2C3", "Test PLMN", "00101"
        self.csq, self.rsrq, self.rsrp, self.rscp, self.rxlev = 20, 20, rsrp, 255, 99
        self.charset, self.cops, self.cfun = "IRA", 0, 1
        self.smsc = "+491710760000"
        self.others = {"26201": "Other PLMN"}  # networks beside plmn that can be used
        self.chosen, self.scans, self.modes = "", 0, 31  # by +COPS; of +COPS=?; of +WS46
        self.storage, self.size, self.next_index = {}, 50, 0  # index: (status, pdu, length)
        self.sent, self.submits, self.join = [], [], Join()
        self.reference, self.deleted, self.memory = 0, [], "ME"
        self.fail_send = 0  # so many +CMGS end with an error
        self.hold_send = False  # +CMGS gets no answer while this is true
        self.pace = True
        self.contexts, self.dialled = {}, False
        self.fail_dial = []  # answers to the next calls for packet data, "+CME ERROR: 133"
        self.dials = []  # APNs of the calls for packet data
        self.log, self.ports, self.sockets = [], [], []
        self.announced = []  # indexes whose +CMTI is due
        self.on_sent = None
        self.closing = False

    # --- life ------------------------------------------------------------------------------------

    def start(self):
        """Listen; returns at once."""
        for name in self.names:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.bind("\0" + name)
            sock.listen(4)
            self.sockets.append(sock)
            threading.Thread(target=self._accept, args=(sock,), daemon=True).start()
        threading.Thread(target=self._announce, daemon=True).start()

    def stop(self):
        """Unplugged."""
        with self.changed:
            self.closing = True
            self.changed.notify_all()
        for sock in self.sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
        for port in list(self.ports):
            try:
                port.conn.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self, sock):
        while True:
            try:
                conn, _ = sock.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn):
        port = Port(self, conn)
        self.ports.append(port)
        port.run()
        self.ports.remove(port)
        conn.close()

    def note(self, line):
        """For the log."""
        self.log.append("%.3f %s" % (time.monotonic(), line))

    def unsolicited(self, text):
        """On the port that was opened first and takes commands, as modems do."""
        for port in [port for port in self.ports if not port.data][:1]:
            port.line(text)

    # --- what goes on in the air -----------------------------------------------------------------

    def receive(self, number, data, header=b"", reference=None, order=None, drop=(), dcs=0x04):
        """A message comes, in parts where it must; order: of the parts; drop: those that get lost."""
        with self.changed:
            if reference is None:
                reference = self.next_index & 0xff
        parts = cut(data, reference, header)
        for n in order or range(len(parts)):
            if n not in drop:
                self.receive_pdu(*deliver(number, parts[n][1], parts[n][0], dcs, self.smsc))

    def receive_pdu(self, pdu, length):
        """A raw SMS-DELIVER into the storage; full: it is lost."""
        with self.changed:
            if len(self.storage) >= self.size:
                self.note("storage full, message lost")
                return
            index = self.next_index
            self.next_index += 1
            self.storage[index] = [0, pdu, length]
            self.announced.append(index)
            self.changed.notify_all()

    def store_silently(self, number, data):
        """A message whose +CMTI nobody heard."""
        with self.changed:
            pdu, length = deliver(number, data)
            self.storage[self.next_index] = [0, pdu, length]
            self.next_index += 1

    def _announce(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.closing or (self.announced and self.ports))
                if self.closing:
                    return
                index = self.announced.pop(0)
            self.unsolicited('+CMTI: "ME",%d' % index)
            while self.pace:  # ModemManager loses those that come while it is at another one
                with self.changed:
                    if self.changed.wait_for(
                            lambda i=index: self.storage.get(i, [1])[0] or self.closing, 2):
                        break
                self.unsolicited('+CMTI: "ME",%d' % index)
            time.sleep(0.02)

    def submit(self, command, text):
        """The PDU behind +CMGS."""
        with self.changed:
            if self.fail_send:
                self.fail_send -= 1
                return "+CMS ERROR: 500"
            self.changed.wait_for(lambda: not self.hold_send or self.closing)
            submit = Submit(text)
            self.reference = self.reference + 1 & 0xff
            self.submits.append(submit)
            whole = self.join.add(submit)
            if whole is not None:
                self.sent.append((submit.number, whole))
            self.changed.notify_all()
        if whole is not None and self.on_sent:
            self.on_sent(submit.number, whole)
        return "%s: %d\r\n\r\nOK" % (command, self.reference)

    def set(self, **values):
        """Registration, technology, cell, signal … change; ModemManager is told where modems do."""
        with self.changed:
            for name, value in values.items():
                assert hasattr(self, name), name
                setattr(self, name, value)
            self.changed.notify_all()
        if {"registration", "technology", "tac", "cell"} & set(values):
            self.unsolicited(self._registered("+CREG", True))
            self.unsolicited(self._registered("+CGREG", True))
            self.unsolicited(self._registered("+CEREG", True))

    # --- commands --------------------------------------------------------------------------------

    def command(self, port, text):
        """The answer to AT + text; None: there is none yet."""
        name = re.match(r"[+*&]?[A-Za-z0-9]*", text).group(0).upper()
        rest = text[len(name):]
        handler = getattr(self, "at_" + name.lstrip("+*&").lower(), None) if name else None
        with self.changed:
            if text == "":
                return "OK"
            if re.fullmatch(r"[EVXZ&HCSQ][0-9]?|&[A-Z][0-9]|S[0-9]+=.*", text, re.I):
                return "OK"
            if not self.sim and name in ("+CPIN", "+CRSM", "+CIMI", "+CSIM", "+CLCK", "+CNUM"):
                return "+CME ERROR: 10"
            if self.locked and name not in ("+CPIN", "+CFUN", "+CGMI", "+CGMM", "+CGMR", "+CGSN",
                                            "+GCAP", "+CMEE", "+CSIM", "+CSCS", "I", "+WS46",
                                            "+CRSM", "+IFC"):
                return "+CME ERROR: 11"
            if not handler:
                return self.dial(text, port) if text.upper().startswith("D") else "ERROR"
            answer = handler(rest, port)
        if answer in (None, PROMPT) or answer.startswith(("ERROR", "+CM", "CONNECT")) and \
                not answer.startswith(("+CMGR", "+CMGL", "+CMGF", "+CMGD")):
            return answer
        return answer + "\r\n\r\nOK" if answer else "OK"

    def dial(self, text, port):
        """Packet data: the line is used up."""
        context = re.match(r"D\*99\*\*\*(\d+)#", text, re.I)
        self.dialled = bool(context)
        if context:
            self.dials.append(self.contexts.get(int(context.group(1)), ""))
            self.changed.notify_all()
        if self.dialled and self.fail_dial:
            self.dialled = False
            return self.fail_dial.pop(0)
        port.data = self.dialled
        return "CONNECT 150000000" if self.dialled else "NO CARRIER"

    def _text(self, text):
        return text.encode("utf-16-be").hex().upper() if self.charset == "UCS2" else text

    def at_i(self, _rest, _port):
        """Who are you?"""
        return "Fake modem"

    def at_gcap(self, _rest, _port):
        """GSM."""
        return "+GCAP: +CGSM"

    def at_cgmi(self, rest, _port):
        """Manufacturer."""
        return "" if rest == "=?" else "lwm2m-gateway"

    def at_cgmm(self, rest, _port):
        """Model."""
        return "" if rest == "=?" else "Fake"

    def at_cgmr(self, rest, _port):
        """Revision."""
        return "" if rest == "=?" else "1.0"

    def at_cgsn(self, rest, _port):
        """IMEI."""
        return "" if rest == "=?" else self.imei

    def at_ws46(self, rest, _port):
        """3G and 4G."""
        if rest == "?":
            return "+WS46: %d" % self.modes
        if rest != "=?":
            self.modes = int(rest[1:])
            self.changed.notify_all()
            return ""
        return "+WS46: (22,28,31)"

    def at_cmee(self, _rest, _port):
        """Errors with numbers: always."""
        return ""

    def at_cscs(self, rest, _port):
        """Character set of texts."""
        if rest == "=?":
            return '+CSCS: ("IRA","UCS2","GSM")'
        if rest == "?":
            return '+CSCS: "%s"' % self.charset
        self.charset = rest.strip('="')
        return ""

    def at_cfun(self, rest, _port):
        """Radio."""
        if rest == "?":
            return "+CFUN: %d" % self.cfun
        if rest == "=?":
            return "+CFUN: (0,1,4),(0,1)"
        self.cfun = int(rest[1:].split(",")[0])
        self.changed.notify_all()
        return ""

    def at_cpin(self, rest, _port):
        """The SIM's lock."""
        if rest == "?":
            if self.locked:
                return "+CPIN: " + ("SIM PIN" if self.tries else "SIM PUK")
            return "+CPIN: READY"
        if not self.locked:
            return "ERROR"
        puk, _, pin = rest[1:].rpartition(",")
        right, left = (puk.strip('"') == self.puk, "puk_tries") if puk else (
            pin.strip('"') == self.pin and self.tries > 0, "tries")
        if not puk:
            self.pins.append(pin.strip('"'))
        if not right:
            setattr(self, left, max(0, getattr(self, left) - 1))
            return "+CME ERROR: %d" % (16 if self.tries else 12)
        self.locked, self.tries, self.pin = False, 3, pin.strip('"')
        self.changed.notify_all()
        return ""

    def at_csim(self, rest, _port):
        """How many tries are left: of the PIN, PIN2 and PUK."""
        if not self.tells_tries:
            return "ERROR"
        return '+CSIM: 4,"63C%X"' % (self.puk_tries if "002C0001" in rest else self.tries)

    def at_crsm(self, rest, _port):
        """Files of the SIM."""
        number = rest.strip("=").split(",")[1]
        if number == "12258":
            swapped = "".join(self.iccid[i + 1] + self.iccid[i]
                              for i in range(0, len(self.iccid), 2))
            return '+CRSM: 144,0,"%s"' % swapped
        if number == "28589":
            return '+CRSM: 144,0,"00000002"'
        if number == "28486":
            return '+CRSM: 144,0,"00%s"' % b"Test SPN".hex().upper().ljust(32, "F")
        return "+CRSM: 106,130"

    def at_cimi(self, rest, _port):
        """IMSI."""
        return "" if rest == "=?" else self.imsi

    def at_cnum(self, _rest, _port):
        """Own number."""
        return '+CNUM: "","%s",145' % self.number if self.number else ""

    def at_clck(self, rest, _port):
        """Facility locks."""
        if rest == "=?":
            return '+CLCK: ("SC")'
        return "+CLCK: %d" % (self.pin is not None)

    def at_ifc(self, rest, _port):
        """Flow control."""
        return "+IFC: (0-2),(0-2)" if rest == "=?" else ""

    def at_cgdcont(self, rest, _port):
        """Contexts."""
        if rest == "=?":
            return '+CGDCONT: (1-16),"IP",,,(0-2),(0-4)'
        if rest == "?":
            return "\r\n".join('+CGDCONT: %d,"IP","%s","",0,0' % c
                               for c in sorted(self.contexts.items()))
        values = rest[1:].split(",")
        if len(values) > 2:
            self.contexts[int(values[0])] = values[2].strip('"')
        return ""

    def at_cgact(self, rest, _port):
        """Contexts that are up."""
        return "+CGACT: 1,%d" % self.dialled if rest == "?" else ""

    # --- the network

    def _registered(self, name, news=False):
        state = self.registration
        if (name == "+CGREG" and self.technology == 7) or \
                (name == "+CEREG" and self.technology != 7):
            state = 0
        text = "%s: %s%d" % (name, "" if news else "2,", state)
        if state in (1, 5):
            text += ',"%s","%s",%d' % (self.tac, self.cell, self.technology)
        return text

    def _reg(self, name, rest):
        return self._registered(name) if rest == "?" else ""

    def at_creg(self, rest, _port):
        """Circuit registration."""
        return self._reg("+CREG", rest)

    def at_cgreg(self, rest, _port):
        """Packet registration, 2G and 3G."""
        return self._reg("+CGREG", rest)

    def at_cereg(self, rest, _port):
        """LTE."""
        return self._reg("+CEREG", rest)

    def at_cops(self, rest, _port):
        """The operator."""
        if rest == "=?":
            self.scans += 1
            return "+COPS: " + ",".join(
                '(%d,"%s","","%s",%d)' % (2 if code == self.plmn else 1, self._text(name),
                                          self._text(code), self.technology)
                for code, name in sorted({self.plmn: self.operator, **self.others}.items()))
        if rest != "?":
            values = [value.strip('"') for value in rest[1:].split(",")]
            if values[0] == "3":
                self.cops = int(values[1])
            return self.choose(values) if values[0] in ("0", "1") else ""
        if self.registration not in (1, 5):
            return "+COPS: 0"
        name = self.plmn if self.cops == 2 else self.operator
        return '+COPS: 0,%d,"%s",%d' % (self.cops, self._text(name), self.technology)

    def choose(self, values):
        """The network of the modem's choice, or this one."""
        code = values[2] if values[0] == "1" else ""
        if code and code != self.plmn and code not in self.others:
            return "+CME ERROR: 30"
        self.chosen = code
        if code in self.others:
            self.others[self.plmn] = self.operator
            self.operator = self.others.pop(code)
            self.plmn = code
        self.changed.notify_all()
        return ""

    def at_csq(self, rest, _port):
        """Signal."""
        return "+CSQ: (0-31,99),(0-7,99)" if rest == "=?" else "+CSQ: %d,99" % self.csq

    def at_cesq(self, rest, _port):
        """Signal by technology."""
        if rest == "=?":
            return "+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"
        if self.registration not in (1, 5):
            return NO_SIGNAL
        return "+CESQ: %d,99,%d,255,%d,%d" % (self.rxlev, self.rscp, self.rsrq, self.rsrp)

    # --- messages

    def at_cmgf(self, rest, _port):
        """PDU mode or text."""
        return "+CMGF: (0)" if rest == "=?" else "+CMGF: 0" if rest == "?" else ""

    def at_cpms(self, rest, _port):
        """Storages."""
        used = len(self.storage)
        if rest == "=?":
            return '+CPMS: ("ME","SM"),("ME","SM"),("ME","SM")'
        if rest == "?":
            return "+CPMS: " + ",".join('"ME",%d,%d' % (used, self.size) for _ in range(3))
        self.memory = rest[2:4]
        return "+CPMS: " + ",".join("%d,%d" % (used, self.size) for _ in range(3))

    def at_cnmi(self, rest, _port):
        """How news are told."""
        return "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)" if rest == "=?" else ""

    def at_cmgl(self, _rest, _port):
        """All that is stored: in ME."""
        if self.memory != "ME":
            return ""
        out = []
        for index, entry in sorted(self.storage.items()):
            out.append("+CMGL: %d,%d,,%d\r\n%s" % (index, entry[0], entry[2], entry[1]))
            entry[0] = 1
        return "\r\n".join(out)

    def at_cmgr(self, rest, _port):
        """One."""
        entry = self.storage.get(int(rest[1:]))
        if not entry:
            return "+CMS ERROR: 321"
        text = "+CMGR: %d,,%d\r\n%s" % (entry[0], entry[2], entry[1])
        entry[0] = 1
        self.changed.notify_all()
        return text

    def at_cmgd(self, rest, _port):
        """Delete."""
        index = int(rest[1:].split(",")[0])
        if self.storage.pop(index, None) is None:
            return "+CMS ERROR: 321"
        self.deleted.append(index)
        self.changed.notify_all()
        return ""

    def at_cmgs(self, rest, port):
        """Send: the PDU follows."""
        port.waiting_pdu = "+CMGS"
        return PROMPT if rest[1:].isdigit() else "ERROR"

    def at_csca(self, rest, _port):
        """Service centre."""
        return '+CSCA: "%s",145' % self.smsc if rest == "?" else ""

    # --- for tests -------------------------------------------------------------------------------

    def wait(self, what, condition, timeout=120):
        """Until condition() is true."""
        with self.changed:
            if not self.changed.wait_for(condition, timeout):
                raise AssertionError("not in time: %s\n%s" % (what, "\n".join(self.log[-40:])))


# --- as a program ----------------------------------------------------------------------------------


def control(modem, order):
    """One JSON order; returns the answer."""
    what = order.pop("do")
    if what == "set":
        modem.set(**order)
    elif what == "receive":
        modem.receive(order["number"], bytes.fromhex(order["hex"]),
                      bytes.fromhex(order.get("header", "")))
    elif what == "receive_pdu":
        modem.receive_pdu(order["pdu"], order["length"])
    elif what == "sent":
        return {"sent": [[number, data.hex()] for number, data in modem.sent]}
    elif what == "stored":
        return {"stored": len(modem.storage)}
    else:
        return {"error": "unknown order"}
    return {}


def main():
    """Run until killed."""
    parser = argparse.ArgumentParser(description="An emulated modem for ModemManager.")
    parser.add_argument("--at", action="append", required=True, metavar="NAME",
                        help="abstract socket, \"abstract:NAME\"; several: several ports")
    parser.add_argument("--control", metavar="PATH", help="control socket")
    parser.add_argument("--number", default="+491700000001")
    parser.add_argument("--pin")
    args = parser.parse_args()
    modem = FakeModem(args.at, args.number, args.pin)
    modem.start()
    if not args.control:
        threading.Event().wait()
    if os.path.exists(args.control):
        os.unlink(args.control)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(args.control)
    server.listen(4)
    while True:
        conn, _ = server.accept()
        with conn, conn.makefile("rw", encoding="utf-8") as lines:
            for line in lines:
                try:
                    answer = control(modem, json.loads(line))
                except (ValueError, KeyError, TypeError, AssertionError) as e:
                    answer = {"error": str(e)}
                lines.write(json.dumps(answer) + "\n")
                lines.flush()


if __name__ == "__main__":
    main()
