check_PROGRAMS += tests/unit/gateway/test_map tests/unit/gateway/test_names
TESTS += tests/unit/gateway/test_map tests/unit/gateway/test_names
tests_unit_gateway_test_map_SOURCES = tests/unit/gateway/test_map.c tests/unit/dm/fixture.h
tests_unit_gateway_test_map_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm $(CMOCKA_CFLAGS)
tests_unit_gateway_test_map_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
tests_unit_gateway_test_names_SOURCES = tests/unit/gateway/test_names.c tests/unit/dm/fixture.h
tests_unit_gateway_test_names_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm $(CMOCKA_CFLAGS)
tests_unit_gateway_test_names_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_marks
TESTS += tests/unit/gateway/test_marks
tests_unit_gateway_test_marks_SOURCES = tests/unit/gateway/test_marks.c
tests_unit_gateway_test_marks_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_marks_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_keys
TESTS += tests/unit/gateway/test_keys
tests_unit_gateway_test_keys_SOURCES = tests/unit/gateway/test_keys.c
tests_unit_gateway_test_keys_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_keys_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_standard
TESTS += tests/unit/gateway/test_standard
tests_unit_gateway_test_standard_SOURCES = tests/unit/gateway/test_standard.c
tests_unit_gateway_test_standard_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_standard_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_parcel
TESTS += tests/unit/gateway/test_parcel
tests_unit_gateway_test_parcel_SOURCES = tests/unit/gateway/test_parcel.c
tests_unit_gateway_test_parcel_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_parcel_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_cellprofile
TESTS += tests/unit/gateway/test_cellprofile
tests_unit_gateway_test_cellprofile_SOURCES = tests/unit/gateway/test_cellprofile.c \
	tests/unit/gateway/base.h tests/unit/dm/fixture.h
tests_unit_gateway_test_cellprofile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm \
	$(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_cellprofile_LDADD = $(SUPPORT_LIBS) $(GATEWAY_LIBS) $(CMOCKA_LIBS)
HOUSE = tests/unit/gateway/house.c tests/unit/gateway/house.h tests/unit/gateway/base.h \
	tests/unit/dm/fixture.h
check_PROGRAMS += tests/unit/gateway/test_revive
TESTS += tests/unit/gateway/test_revive
tests_unit_gateway_test_revive_SOURCES = tests/unit/gateway/test_revive.c $(HOUSE)
tests_unit_gateway_test_revive_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm \
	$(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_revive_LDADD = $(SUPPORT_LIBS) $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_identity
TESTS += tests/unit/gateway/test_identity
tests_unit_gateway_test_identity_SOURCES = tests/unit/gateway/test_identity.c $(HOUSE)
tests_unit_gateway_test_identity_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm \
	$(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_identity_LDADD = $(SUPPORT_LIBS) $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_command
TESTS += tests/unit/gateway/test_command
tests_unit_gateway_test_command_SOURCES = tests/unit/gateway/test_command.c \
	tests/unit/gateway/base.h tests/unit/dm/fixture.h
tests_unit_gateway_test_command_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm \
	$(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_command_LDADD = $(SUPPORT_LIBS) $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_residue
TESTS += tests/unit/gateway/test_residue
tests_unit_gateway_test_residue_SOURCES = tests/unit/gateway/test_residue.c \
	tests/unit/gateway/base.h tests/unit/dm/fixture.h
tests_unit_gateway_test_residue_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit/dm \
	$(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_residue_LDADD = $(SUPPORT_LIBS) $(GATEWAY_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/gateway/test_kept
TESTS += tests/unit/gateway/test_kept
tests_unit_gateway_test_kept_SOURCES = tests/unit/gateway/test_kept.c
tests_unit_gateway_test_kept_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_gateway_test_kept_LDADD = $(GATEWAY_LIBS) $(CMOCKA_LIBS)
