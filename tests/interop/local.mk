# Independent servers. Each says why when it skips (77): no Java, no Maven Central, no PyPI, no
# mosquitto.
TESTS += tests/interop/test_leshan.py tests/interop/test_objects.py \
	tests/interop/test_demo.sh tests/interop/test_tcp.py tests/interop/test_oscore.py
EXTRA_DIST += tests/interop/leshan.py tests/interop/stage.py tests/interop/venv.py \
	tests/interop/wire.py tests/interop/test_leshan.py tests/interop/test_objects.py \
	tests/interop/test_demo.sh \
	tests/interop/test_tcp.py tests/interop/test_oscore.py \
	tests/interop/aiocoap_server.py \
	tests/interop/leshan/InteropServer.java tests/interop/leshan/pom.xml
TESTS += tests/interop/test_leshan_oscore.py
EXTRA_DIST += tests/interop/test_leshan_oscore.py tests/interop/leshan-m15/pom.xml
TESTS += tests/interop/test_dtls.py tests/interop/test_secure.py
EXTRA_DIST += tests/interop/test_dtls.py tests/interop/test_secure.py
TESTS += tests/interop/test_blocks.py
EXTRA_DIST += tests/interop/test_blocks.py
TESTS += tests/interop/test_formats.py
EXTRA_DIST += tests/interop/test_formats.py
TESTS += tests/interop/test_loss.py
EXTRA_DIST += tests/interop/test_loss.py
TESTS += tests/interop/test_firmware.py
EXTRA_DIST += tests/interop/test_firmware.py
TESTS += tests/interop/test_javacoap.py
EXTRA_DIST += tests/interop/test_javacoap.py tests/interop/javacoap/TcpPeer.java \
	tests/interop/javacoap/pom.xml
TESTS += tests/interop/test_apn.py
EXTRA_DIST += tests/interop/test_apn.py
TESTS += tests/interop/test_cellular.py
EXTRA_DIST += tests/interop/test_cellular.py
TESTS += tests/interop/test_queue_mode.py
EXTRA_DIST += tests/interop/test_queue_mode.py
