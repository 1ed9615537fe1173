# Dialogues of the whole lwm2m layer over a scripted link, in virtual time.
SIM = tests/sim/test_registration tests/sim/test_serving tests/sim/test_reporting \
	tests/sim/test_reconfigure tests/sim/test_lifecycle
SIM_STAGE = tests/sim/stage.c tests/sim/stage.h
SIM_CPPFLAGS = $(AM_CPPFLAGS) $(SUPPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
SIM_LDADD = $(SUPPORT_LIBS) $(LWM2M_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += $(SIM)
TESTS += $(SIM)
tests_sim_test_registration_SOURCES = tests/sim/test_registration.c $(SIM_STAGE)
tests_sim_test_registration_CPPFLAGS = $(SIM_CPPFLAGS)
tests_sim_test_registration_LDADD = $(SIM_LDADD)
tests_sim_test_serving_SOURCES = tests/sim/test_serving.c $(SIM_STAGE)
tests_sim_test_serving_CPPFLAGS = $(SIM_CPPFLAGS)
tests_sim_test_serving_LDADD = $(SIM_LDADD)
tests_sim_test_reporting_SOURCES = tests/sim/test_reporting.c $(SIM_STAGE)
tests_sim_test_reporting_CPPFLAGS = $(SIM_CPPFLAGS)
tests_sim_test_reporting_LDADD = $(SIM_LDADD)
tests_sim_test_reconfigure_SOURCES = tests/sim/test_reconfigure.c $(SIM_STAGE)
tests_sim_test_reconfigure_CPPFLAGS = $(SIM_CPPFLAGS)
tests_sim_test_reconfigure_LDADD = $(SIM_LDADD)
tests_sim_test_lifecycle_SOURCES = tests/sim/test_lifecycle.c $(SIM_STAGE)
tests_sim_test_lifecycle_CPPFLAGS = $(SIM_CPPFLAGS)
tests_sim_test_lifecycle_LDADD = $(SIM_LDADD)
