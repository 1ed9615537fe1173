# A fuzz target is tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput, its seeds are the files of
# tests/fuzz/seeds/NAME/, and tests/fuzz/corpus/NAME is what fuzzing added to them (corpus.py). In make
# check each runs over both; with --enable-fuzzing (clang) it is linked with libFuzzer, see make fuzz.
# A new target:  FUZZ += tests/fuzz/fuzz_NAME
#                tests_fuzz_fuzz_NAME_SOURCES = tests/fuzz/fuzz_NAME.c $(FUZZER_MAIN)
#                tests_fuzz_fuzz_NAME_LDFLAGS = $(FUZZER_LDFLAGS)
#                tests_fuzz_fuzz_NAME_LDADD = $(X_LIBS)
FUZZ =
if FUZZING
FUZZER_MAIN =
FUZZER_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZER_MAIN = tests/fuzz/main.c
FUZZER_LDFLAGS = $(AM_LDFLAGS)
endif

FUZZ += tests/fuzz/fuzz_types
tests_fuzz_fuzz_types_SOURCES = tests/fuzz/fuzz_types.c $(FUZZER_MAIN)
tests_fuzz_fuzz_types_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_types_LDADD = $(TYPES_LIBS)

FUZZ += tests/fuzz/fuzz_codec
tests_fuzz_fuzz_codec_SOURCES = tests/fuzz/fuzz_codec.c $(FUZZER_MAIN)
tests_fuzz_fuzz_codec_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_codec_LDADD = $(CODEC_LIBS)

FUZZ += tests/fuzz/fuzz_senml
tests_fuzz_fuzz_senml_SOURCES = tests/fuzz/fuzz_senml.c $(FUZZER_MAIN)
tests_fuzz_fuzz_senml_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_senml_LDADD = $(CODEC_LIBS)

FUZZ += tests/fuzz/fuzz_link
tests_fuzz_fuzz_link_SOURCES = tests/fuzz/fuzz_link.c $(FUZZER_MAIN)
tests_fuzz_fuzz_link_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_link_LDADD = $(CODEC_LIBS)

FUZZ += tests/fuzz/fuzz_push
tests_fuzz_fuzz_push_SOURCES = tests/fuzz/fuzz_push.c $(FUZZER_MAIN)
tests_fuzz_fuzz_push_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_push_LDADD = $(COAP_LIBS)

FUZZ += tests/fuzz/fuzz_update
tests_fuzz_fuzz_update_SOURCES = tests/fuzz/fuzz_update.c $(FUZZER_MAIN)
tests_fuzz_fuzz_update_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_update_LDADD = $(GATEWAY_LIBS)

FUZZ += tests/fuzz/fuzz_lwm2m
tests_fuzz_fuzz_lwm2m_SOURCES = tests/fuzz/fuzz_lwm2m.c tests/fuzz/definitions.h $(FUZZER_MAIN)
tests_fuzz_fuzz_lwm2m_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS)
tests_fuzz_fuzz_lwm2m_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_lwm2m_LDADD = $(SUPPORT_LIBS) $(LWM2M_LIBS)

FUZZ += tests/fuzz/fuzz_facts
tests_fuzz_fuzz_facts_SOURCES = tests/fuzz/fuzz_facts.c tests/fuzz/definitions.h $(FUZZER_MAIN)
tests_fuzz_fuzz_facts_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS)
tests_fuzz_fuzz_facts_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_facts_LDADD = $(SUPPORT_LIBS) $(LWM2M_LIBS)

FUZZ += tests/fuzz/fuzz_revive
tests_fuzz_fuzz_revive_SOURCES = tests/fuzz/fuzz_revive.c tests/fuzz/definitions.h $(FUZZER_MAIN)
tests_fuzz_fuzz_revive_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS)
tests_fuzz_fuzz_revive_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_revive_LDADD = $(SUPPORT_LIBS) $(GATEWAY_LIBS)

FUZZ += tests/fuzz/fuzz_endpoint
tests_fuzz_fuzz_endpoint_SOURCES = tests/fuzz/fuzz_endpoint.c tests/fuzz/definitions.h $(FUZZER_MAIN)
tests_fuzz_fuzz_endpoint_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS)
tests_fuzz_fuzz_endpoint_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_endpoint_LDADD = $(SUPPORT_LIBS) $(LWM2M_LIBS)

# The same, with a connection.
FUZZ += tests/fuzz/fuzz_stream
tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/fuzz_endpoint.c tests/fuzz/definitions.h $(FUZZER_MAIN)
tests_fuzz_fuzz_stream_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) -DSECOND=\"coap+tcp://server2\"
tests_fuzz_fuzz_stream_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_stream_LDADD = $(SUPPORT_LIBS) $(LWM2M_LIBS)


FUZZ += tests/fuzz/fuzz_coap
tests_fuzz_fuzz_coap_SOURCES = tests/fuzz/fuzz_coap.c $(FUZZER_MAIN)
tests_fuzz_fuzz_coap_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_coap_LDADD = $(COAP_LIBS)

FUZZ += tests/fuzz/fuzz_tcp
tests_fuzz_fuzz_tcp_SOURCES = tests/fuzz/fuzz_tcp.c $(FUZZER_MAIN)
tests_fuzz_fuzz_tcp_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_tcp_LDADD = $(COAP_LIBS)

FUZZ += tests/fuzz/fuzz_uri
tests_fuzz_fuzz_uri_SOURCES = tests/fuzz/fuzz_uri.c $(FUZZER_MAIN)
tests_fuzz_fuzz_uri_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_uri_LDADD = $(TRANSPORT_LIBS)

FUZZ += tests/fuzz/fuzz_xml
tests_fuzz_fuzz_xml_SOURCES = tests/fuzz/fuzz_xml.c $(FUZZER_MAIN)
tests_fuzz_fuzz_xml_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_xml_LDADD = $(DM_LIBS)

FUZZ += tests/fuzz/fuzz_dm
tests_fuzz_fuzz_dm_SOURCES = tests/fuzz/fuzz_dm.c $(FUZZER_MAIN)
tests_fuzz_fuzz_dm_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_dm_LDADD = $(DM_LIBS)

FUZZ += tests/fuzz/fuzz_conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(FUZZER_MAIN)
tests_fuzz_fuzz_conf_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_conf_LDADD = $(CONF_LIBS)

if MQTT
FUZZ += tests/fuzz/fuzz_mqtt
tests_fuzz_fuzz_mqtt_SOURCES = tests/fuzz/fuzz_mqtt.c $(FUZZER_MAIN)
tests_fuzz_fuzz_mqtt_CPPFLAGS = $(MQTT_TEST_CPPFLAGS)
tests_fuzz_fuzz_mqtt_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_mqtt_LDADD = plugins/mqtt/libmqtt.la $(JANSSON_LIBS)
endif

if MODEM
FUZZ += tests/fuzz/fuzz_profile
tests_fuzz_fuzz_profile_SOURCES = tests/fuzz/fuzz_profile.c $(MODEM_TEST_SOURCES) $(FUZZER_MAIN)
tests_fuzz_fuzz_profile_CPPFLAGS = $(MODEM_TEST_CPPFLAGS)
tests_fuzz_fuzz_profile_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_profile_LDADD = $(MM_LIBS)
FUZZ += tests/fuzz/fuzz_cellular
tests_fuzz_fuzz_cellular_SOURCES = tests/fuzz/fuzz_cellular.c plugins/modem/fakehost.h \
	plugins/modem/radio.c plugins/modem/selection.c $(FUZZER_MAIN)
tests_fuzz_fuzz_cellular_CPPFLAGS = $(MODEM_TEST_CPPFLAGS)
tests_fuzz_fuzz_cellular_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_cellular_LDADD = $(MM_LIBS)
endif

FUZZ += tests/fuzz/fuzz_oscore
tests_fuzz_fuzz_oscore_SOURCES = tests/fuzz/fuzz_oscore.c $(FUZZER_MAIN)
tests_fuzz_fuzz_oscore_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_oscore_LDADD = $(OSCORE_LIBS)

FUZZ += tests/fuzz/fuzz_cred
tests_fuzz_fuzz_cred_SOURCES = tests/fuzz/fuzz_cred.c $(FUZZER_MAIN)
tests_fuzz_fuzz_cred_LDFLAGS = $(FUZZER_LDFLAGS)
tests_fuzz_fuzz_cred_LDADD = $(HASH_LIBS)

check_PROGRAMS += $(FUZZ)
TESTS += tests/fuzz/run-seeds.sh
EXTRA_DIST += tests/fuzz/run-seeds.sh tests/fuzz/seeds tests/fuzz/corpus tests/fuzz/corpus.py
