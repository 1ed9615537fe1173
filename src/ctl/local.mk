noinst_LIBRARIES += src/ctl/libctl.a
src_ctl_libctl_a_SOURCES = \
	src/ctl/commands.c \
	src/ctl/ctl.c src/ctl/ctl.h \
	src/ctl/modem.c \
	src/ctl/print.c src/ctl/print.h \
	src/ctl/status.c \
	src/ctl/store.c
src_ctl_libctl_a_CPPFLAGS = $(AM_CPPFLAGS) $(GIO_CFLAGS)

bin_PROGRAMS += src/ctl/lwm2mctl
src_ctl_lwm2mctl_SOURCES = src/ctl/main.c
src_ctl_lwm2mctl_CPPFLAGS = $(AM_CPPFLAGS) $(GIO_CFLAGS)
src_ctl_lwm2mctl_LDADD = $(CTL_LIBS)

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = src/ctl/completion/lwm2m-gatewayd src/ctl/completion/lwm2mctl
