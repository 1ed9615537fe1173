# Who may own the name and talk to it, how the bus starts the daemon, and the interfaces.
dist_dbuspolicy_DATA = dbus/org.lwm2m.Gateway1.conf
dist_dbusservice_DATA = dbus/org.lwm2m.Gateway1.service
dbusinterfacesdir = $(datadir)/dbus-1/interfaces
dist_dbusinterfaces_DATA = \
	dbus/org.lwm2m.Gateway1.Manager.xml \
	dbus/org.lwm2m.Gateway1.Device.xml
EXTRA_DIST += dbus/org.freedesktop.DBus.ObjectManager.xml
