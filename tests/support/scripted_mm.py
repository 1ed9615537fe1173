#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What ModemManager shows of a modem whose bearers have interfaces, addresses and counters of the
kernel, on the system bus of DBUS_SYSTEM_BUS_ADDRESS: the real one needs hardware for that. Standard
input has JSON lines: {"interface": "wwan0", "ip4": {…}, "ip6": {…}} for the next Connect, {"stats":
{"tx-bytes": 1}}, {"drop": "message"}, {"refuse": "message"}; with "apn" each is about bearers of this
APN only. Each is answered by "ok"."""

import json
import sys

from gi.repository import Gio, GLib

NAME, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
MODEM = ROOT + "/Modem/0"
UNKNOWN = {"method": 0}
MM = NAME + "."


def interface(name, properties, methods=""):
    """As XML, with these properties."""
    return '<interface name="%s">%s%s</interface>' % (name, methods, "".join(
        '<property name="%s" type="%s" access="read"/>' % (n, v.get_type_string())
        for n, v in properties.items()))


V = GLib.Variant
MODEM_PROPERTIES = {
    "State": V("i", 8), "StateFailedReason": V("u", 0), "AccessTechnologies": V("u", 1 << 14),
    "Manufacturer": V("s", "Scripted"), "Model": V("s", "Modem"), "Device": V("s", "/virtual/0"),
    "EquipmentIdentifier": V("s", "351234567890124"), "DeviceIdentifier": V("s", "0"),
    "Bearers": V("ao", []), "MaxActiveBearers": V("u", 4), "UnlockRequired": V("u", 1),
    "PowerState": V("u", 3), "OwnNumbers": V("as", []),
}
NET_PROPERTIES = {"RegistrationState": V("u", 1), "OperatorCode": V("s", "00101"),
                  "OperatorName": V("s", "Test PLMN"), "Imei": V("s", "351234567890124")}
MODEM_METHODS = ('<method name="Enable"><arg type="b" direction="in"/></method>'
                 '<method name="ListBearers"><arg type="ao" direction="out"/></method>'
                 '<method name="CreateBearer"><arg type="a{sv}" direction="in"/>'
                 '<arg type="o" direction="out"/></method>'
                 '<method name="DeleteBearer"><arg type="o" direction="in"/></method>')
BEARER_METHODS = '<method name="Connect"/><method name="Disconnect"/>'
ROOT_XML = ('<node><interface name="org.freedesktop.DBus.ObjectManager">'
            '<method name="GetManagedObjects"><arg type="a{oa{sa{sv}}}" direction="out"/></method>'
            '<signal name="InterfacesAdded"><arg type="o"/><arg type="a{sa{sv}}"/></signal>'
            '<signal name="InterfacesRemoved"><arg type="o"/><arg type="as"/></signal>'
            "</interface></node>")


class Thing:
    """Properties of one interface of one object, and what its methods do."""

    def __init__(self, bus, path, name, properties, methods="", call=None):
        self.bus, self.path, self.name, self.properties = bus, path, name, dict(properties)
        self.call = call
        xml = "<node>%s</node>" % interface(name, properties, methods)
        self.id = bus.register_object(path, Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0],
                                      self.on_call, self.on_get, None)

    def on_call(self, _bus, _sender, _path, _interface, method, args, invocation):
        """One method."""
        try:
            invocation.return_value(self.call(self, method, args))
        except RuntimeError as e:
            invocation.return_dbus_error(NAME + ".Error.MobileEquipment.MissingOrUnknownApn",
                                         str(e))

    def on_get(self, _bus, _sender, _path, _interface, name):
        """One property."""
        return self.properties[name]

    def set(self, **values):
        """Other values, told."""
        self.properties.update(values)
        self.bus.emit_signal(None, self.path, "org.freedesktop.DBus.Properties",
                             "PropertiesChanged", V("(sa{sv}as)", (self.name, values, [])))


class Manager:
    """The one modem."""

    def __init__(self, bus):
        self.bus, self.bearers, self.count = bus, {}, 0
        self.next, self.refuse = {}, None
        self.modem = Thing(bus, MODEM, MM + "Modem", MODEM_PROPERTIES, MODEM_METHODS, self.on_modem)
        self.net = Thing(bus, MODEM, MM + "Modem.Modem3gpp", NET_PROPERTIES)
        bus.register_object(ROOT, Gio.DBusNodeInfo.new_for_xml(ROOT_XML).interfaces[0],
                            self.on_root, None, None)

    def on_root(self, _bus, _sender, _path, _interface, _method, _args, invocation):
        """GetManagedObjects."""
        invocation.return_value(V("(a{oa{sa{sv}}})", ({MODEM: {
            t.name: t.properties for t in (self.modem, self.net)}},)))

    def show_state(self):
        """Connected while any bearer is."""
        up = any(b.properties["Connected"].unpack() for b in self.bearers.values())
        self.modem.set(State=V("i", 11 if up else 8))

    def on_modem(self, _thing, method, args):
        """Bearers come and go."""
        if method == "ListBearers":
            return V("(ao)", (list(self.bearers),))
        if method == "CreateBearer":
            path = ROOT + "/Bearer/%d" % self.count
            self.count += 1
            self.bearers[path] = Thing(self.bus, path, MM + "Bearer", {
                "Interface": V("s", ""), "Connected": V("b", False), "Stats": V("a{sv}", {}),
                "Ip4Config": config(UNKNOWN), "Ip6Config": config(UNKNOWN),
                "ConnectionError": V("(ss)", ("", "")),
                "Properties": args.get_child_value(0)}, BEARER_METHODS, self.on_bearer)
            return V("(o)", (path,))
        if method == "DeleteBearer":
            bearer = self.bearers.pop(args.unpack()[0], None)
            if bearer:
                self.bus.unregister_object(bearer.id)
                self.show_state()
        return None

    def on_bearer(self, bearer, method, _args):
        """Connect as the script says."""
        if method == "Connect" and self.refuse:
            why, self.refuse = self.refuse, None
            raise RuntimeError(why)
        up = method == "Connect"
        new = self.next.get(self.apn(bearer), self.next.get(None, {})) if up else {}
        bearer.set(Interface=V("s", new.get("interface", "")), Connected=V("b", up),
                   Ip4Config=config(new.get("ip4", UNKNOWN)),
                   Ip6Config=config(new.get("ip6", UNKNOWN)))
        self.show_state()

    @staticmethod
    def apn(bearer):
        """Whose APN this is."""
        return bearer.properties["Properties"].unpack().get("apn")

    def obey(self, order):
        """One line of the script."""
        if "interface" in order:
            self.next[order.get("apn")] = order
        self.refuse = order.get("refuse", self.refuse)
        for bearer in self.bearers.values():
            if order.get("apn", self.apn(bearer)) != self.apn(bearer):
                continue
            if "stats" in order:
                bearer.set(Stats=config(order["stats"]))
            if "drop" in order:
                bearer.set(ConnectionError=V("(ss)", (NAME + ".Error.Core.Failed", order["drop"])))
                self.on_bearer(bearer, "Disconnect", ())


def wrap(value):
    """A variant of a plain value; integers by what ModemManager has them as."""
    return V("b", value) if isinstance(value, bool) else \
        V("s", value) if isinstance(value, str) else V("u", value)


def config(values):
    """a{sv} of an IP configuration or of statistics: bytes are 64 bits wide."""
    return V("a{sv}", {k: V("t", v) if k.endswith("-bytes") else wrap(v)
                       for k, v in values.items()})


def main():
    """Until standard input ends."""
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
    manager, loop = Manager(bus), GLib.MainLoop()

    def on_line(*_):
        line = sys.stdin.readline()
        if not line:
            loop.quit()
            return False
        manager.obey(json.loads(line))
        print("ok", flush=True)
        return True

    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, on_line)
    Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: print("ready", flush=True), None)
    loop.run()


if __name__ == "__main__":
    main()
