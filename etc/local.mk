# What the system needs to run the daemon; the sample configuration.
systemdsystemunit_DATA = etc/lwm2m-gateway.service etc/lwm2m-gateway-hook@.service
EXTRA_DIST += etc/lwm2m-gateway.service.in etc/lwm2m-gateway-hook@.service.in etc/hook.in \
	etc/sysusers.conf
CLEANFILES += $(systemdsystemunit_DATA) etc/hook

etc/lwm2m-gateway.service: etc/lwm2m-gateway.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && sed -e 's|@sbindir[@]|$(sbindir)|g' \
		$(srcdir)/etc/lwm2m-gateway.service.in >$@.tmp && mv $@.tmp $@

# What the daemon may have run as root, and what allows it.
hookdir = $(libexecdir)/lwm2m-gateway
hook_SCRIPTS = etc/hook
polkitrulesdir = $(datadir)/polkit-1/rules.d
dist_polkitrules_DATA = etc/lwm2m-gateway.rules
etc/hook: etc/hook.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && sed -e 's|@confdir[@]|$(confdir)|g' \
		$(srcdir)/etc/hook.in >$@.tmp && chmod +x $@.tmp && mv $@.tmp $@
etc/lwm2m-gateway-hook@.service: etc/lwm2m-gateway-hook@.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && sed -e 's|@confdir[@]|$(confdir)|g' \
		-e 's|@libexecdir[@]|$(libexecdir)|g' \
		'$(srcdir)/etc/lwm2m-gateway-hook@.service.in' >$@.tmp && mv $@.tmp $@

# Folders for the administrator; and a file that is named lwm2m-gateway.conf there as everywhere, so it is
# installed by hand.
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(confdir)/conf.d' '$(DESTDIR)$(confdir)/hooks' '$(DESTDIR)$(confdir)/objects'
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)'
	$(INSTALL_DATA) $(srcdir)/etc/sysusers.conf '$(DESTDIR)$(sysusersdir)/lwm2m-gateway.conf'
uninstall-hook:
	rm -f '$(DESTDIR)$(sysusersdir)/lwm2m-gateway.conf'

dist_conf_DATA = etc/lwm2m-gateway.conf
examplesdir = $(docdir)/examples
dist_examples_DATA = etc/examples/esphome.conf etc/examples/home.conf etc/examples/meters.conf
examplehooksdir = $(examplesdir)/hooks
dist_examplehooks_DATA = etc/examples/hooks/update
mapsdir = $(datadir)/lwm2m-gateway/maps
maps_DATA = etc/maps/standard.conf
EXTRA_DIST += $(maps_DATA)

# What ModemManager asks polkit about the daemon's user.
if MODEM
polkitrules_DATA = etc/lwm2m-gateway-modem.rules
endif
EXTRA_DIST += etc/lwm2m-gateway-modem.rules
