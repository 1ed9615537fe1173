if MQTT
# All but the descriptor, for the tests too.
noinst_LTLIBRARIES += plugins/mqtt/libmqtt.la
plugins_mqtt_libmqtt_la_SOURCES = \
	plugins/mqtt/apply.c plugins/mqtt/apply.h \
	plugins/mqtt/batch.c plugins/mqtt/batch.h \
	plugins/mqtt/broker.c plugins/mqtt/broker.h plugins/mqtt/state.h \
	plugins/mqtt/check.c \
	plugins/mqtt/conf.c plugins/mqtt/conf.h \
	plugins/mqtt/intake.c \
	plugins/mqtt/mem.c plugins/mqtt/mem.h \
	plugins/mqtt/orders.c \
	plugins/mqtt/payload.c plugins/mqtt/payload.h \
	plugins/mqtt/pointer.c plugins/mqtt/pointer.h \
	plugins/mqtt/rule.c plugins/mqtt/rule.h \
	plugins/mqtt/ruleset.c plugins/mqtt/ruleset.h \
	plugins/mqtt/stamp.c plugins/mqtt/stamp.h \
	plugins/mqtt/table.c plugins/mqtt/table.h \
	plugins/mqtt/text.c plugins/mqtt/text.h \
	plugins/mqtt/tmpl.c plugins/mqtt/tmpl.h
plugins_mqtt_libmqtt_la_CPPFLAGS = $(AM_CPPFLAGS) $(MOSQUITTO_CFLAGS) $(JANSSON_CFLAGS)
plugins_mqtt_libmqtt_la_LIBADD = $(MOSQUITTO_LIBS) $(JANSSON_LIBS) -lpthread -lm

plugin_LTLIBRARIES += plugins/mqtt/mqtt.la
plugins_mqtt_mqtt_la_SOURCES = plugins/mqtt/mqtt.c
plugins_mqtt_mqtt_la_CPPFLAGS = $(AM_CPPFLAGS) $(MOSQUITTO_CFLAGS) $(JANSSON_CFLAGS)
plugins_mqtt_mqtt_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -no-undefined
plugins_mqtt_mqtt_la_LIBADD = plugins/mqtt/libmqtt.la

MQTT_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins/mqtt $(MOSQUITTO_CFLAGS) \
	$(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
MQTT_TEST_LDADD = plugins/mqtt/libmqtt.la $(JANSSON_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += plugins/mqtt/test_parts plugins/mqtt/test_rule
TESTS += plugins/mqtt/test_parts plugins/mqtt/test_rule
plugins_mqtt_test_parts_SOURCES = plugins/mqtt/test_parts.c
plugins_mqtt_test_parts_CPPFLAGS = $(MQTT_TEST_CPPFLAGS)
plugins_mqtt_test_parts_LDADD = $(MQTT_TEST_LDADD)
plugins_mqtt_test_rule_SOURCES = plugins/mqtt/test_rule.c
plugins_mqtt_test_rule_CPPFLAGS = $(MQTT_TEST_CPPFLAGS)
plugins_mqtt_test_rule_LDADD = $(MQTT_TEST_LDADD)
endif
EXTRA_DIST += plugins/mqtt/README.md
