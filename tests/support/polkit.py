#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""An authority like polkit's on the system bus of DBUS_SYSTEM_BUS_ADDRESS, for the real ModemManager: it
allows all, but the actions that are named as arguments."""

import sys

from gi.repository import Gio, GLib

XML = """<node><interface name="org.freedesktop.PolicyKit1.Authority">
<method name="CheckAuthorization">
<arg type="(sa{sv})" direction="in"/><arg type="s" direction="in"/>
<arg type="a{ss}" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="(bba{ss})" direction="out"/></method>
<method name="CancelCheckAuthorization"><arg type="s" direction="in"/></method>
<property name="BackendName" type="s" access="read"/>
<property name="BackendVersion" type="s" access="read"/>
<property name="BackendFeatures" type="u" access="read"/>
<signal name="Changed"/></interface></node>"""
PATH = "/org/freedesktop/PolicyKit1/Authority"


def on_call(_bus, _sender, _path, _interface, method, args, invocation):
    """May it?"""
    if method != "CheckAuthorization":
        invocation.return_value(None)
        return
    allowed = args.unpack()[1] not in sys.argv[1:]
    invocation.return_value(GLib.Variant("((bba{ss}))", ((allowed, False, {}),)))


def on_get(_bus, _sender, _path, _interface, name):
    """Who answers."""
    return GLib.Variant("u", 0) if name == "BackendFeatures" else GLib.Variant("s", "test")


def main():
    """Until killed; says "ready" when it has the name."""
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
    interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
    bus.register_object(PATH, interface, on_call, on_get, None)
    Gio.bus_own_name_on_connection(bus, "org.freedesktop.PolicyKit1", Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: print("ready", flush=True), None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
