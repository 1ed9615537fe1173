lgwinclude_HEADERS += include/lgw/cellular.h include/lgw/conf.h include/lgw/connectivity.h include/lgw/device.h include/lgw/firmware.h include/lgw/log.h \
	include/lgw/loop.h include/lgw/plugin.h include/lgw/status.h \
	include/lgw/transport.h include/lgw/value.h
