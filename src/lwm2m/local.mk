noinst_LIBRARIES += src/lwm2m/liblwm2m.a
src_lwm2m_liblwm2m_a_SOURCES = \
	src/lwm2m/bearer.c \
	src/lwm2m/announce.c src/lwm2m/announce.h \
	src/lwm2m/client.c src/lwm2m/client.h \
	src/lwm2m/clients.c src/lwm2m/clients.h \
	src/lwm2m/composite.c src/lwm2m/composite.h \
	src/lwm2m/conf.c \
	src/lwm2m/drain.c src/lwm2m/drain.h \
	src/lwm2m/links.c src/lwm2m/links.h \
	src/lwm2m/location.c src/lwm2m/location.h \
	src/lwm2m/note.c src/lwm2m/note.h \
	src/lwm2m/numbers.c src/lwm2m/numbers.h \
	src/lwm2m/observe.c src/lwm2m/observe.h \
	src/lwm2m/pace.c \
	src/lwm2m/push.c src/lwm2m/push.h \
	src/lwm2m/queue_mode.c src/lwm2m/queue_mode.h \
	src/lwm2m/reconfigure.c \
	src/lwm2m/regist.c src/lwm2m/regist.h \
	src/lwm2m/reply.c src/lwm2m/reply.h \
	src/lwm2m/report.c src/lwm2m/report.h \
	src/lwm2m/represent.c src/lwm2m/represent.h \
	src/lwm2m/resume.c src/lwm2m/resume.h \
	src/lwm2m/serve.c src/lwm2m/serve.h \
	src/lwm2m/sms.c src/lwm2m/sms.h \
	src/lwm2m/server.c src/lwm2m/server.h \
	src/lwm2m/shared.h \
	src/lwm2m/state.h \
	src/lwm2m/stop.c src/lwm2m/stop.h \
	src/lwm2m/tickets.c src/lwm2m/tickets.h \
	src/lwm2m/write.c src/lwm2m/write.h \
	src/lwm2m/written.c src/lwm2m/written.h
