# Who may own the name and talk to it, and how the bus starts the daemon.
dist_dbuspolicy_DATA = dbus/org.lwm2m.Gateway1.conf
dist_dbusservice_DATA = dbus/org.lwm2m.Gateway1.service
