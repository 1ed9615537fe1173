/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A link carries messages to and from one peer. Each transport is one file that ends in one const
 * struct link_ops, with one row in the registry; nobody switches on a kind. Decorators (DTLS, TLS)
 * are links over links.
 */
#ifndef TRANSPORT_LINK_H
#define TRANSPORT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "loop/loop.h"
#include "loop/work.h"
#include "transport/addr.h"
#include "util/texts.h"

struct carriers;
struct cred;
struct link;
struct ssl_shared;

enum link_event {
	LINK_UP,    /* can send; the peer's address is known */
	LINK_DOWN,  /* lost or could not open: err says why; open may be called again */
	LINK_ERROR, /* the network told of a trouble (ICMP), the link stays open: a hint */
	LINK_ALERT  /* the peer sent a (D)TLS alert: err is its number; LINK_DOWN may follow */
};

struct link_handler {
	/* One message of the peer (datagram); bytes are a loan. May close or free the link. */
	void (*recv)(void *ud, const uint8_t *p, size_t len);
	/* May close or free the link. */
	void (*event)(void *ud, enum link_event ev, int err);
};

/* What links need of the process; lives longer than all of them. */
struct link_env {
	struct loop *loop;
	struct workers *workers;           /* names are resolved there */
	const struct link_ops *const *ops; /* NULL-terminated: transports by scheme */
	struct ssl_shared *ssl;            /* transport/ssl.h; NULL: no DTLS, no TLS */
	uint32_t tcp_keepalive_s;          /* idle time before a probe; 0: none */
	struct carriers *carriers;         /* transport/carrier.h: those of plugins; or NULL */
	/* Several links to one peer share its carrier: which one is a message for? NULL: the one
	 * that takes what is nobody's answer (carrier_prefer). */
	struct link *(*pick)(void *ud, const uint8_t *p, size_t len);
	void *pick_ud;
	void (*renumbered)(void *ud); /* our own number (carriers_own) is known, or another one */
	void *renumbered_ud;
	struct texts texts;               /* hosts and addresses of peers */
	LIST_HEAD(, lingering) lingering; /* transport/linger.h: closed, not all sent */
	unsigned nlingering;
	struct link_counters {
		uint64_t rx, tx, rx_bytes, tx_bytes;
		uint64_t foreign; /* datagrams of another address, dropped */
		uint64_t icmp;    /* errors told by the network */
	} count;
};

/* Before its loop goes; no link is left. */
void link_env_fini(struct link_env *env);

struct link_ops {
	const char *scheme;
	uint16_t port;     /* default */
	bool reliable;     /* a stream: no message layer above */
	bool secure;       /* wants credentials */
	size_t mtu;        /* largest message */
	bool shared;       /* a carrier: one address of ours for all links (transport/carrier.h) */
	uint32_t pause_ms; /* of a slow carrier: before a DTLS flight is repeated; 0: the usual */
	/* References cred, which is NULL exactly when the scheme has no security. NULL: of no use.
	 */
	struct link *(*make)(struct link_env *env, const struct uri *uri, const struct cred *cred,
		const struct link_handler *h, void *ud);
	/* Must not block: resolve in a worker, connect, then event LINK_UP or LINK_DOWN, from the
	 * loop and never from within open. The names of a host are tried in turn. */
	int (*open)(struct link *l);
	/* LGW_OK, LGW_EUNAVAIL when not up, LGW_ETOOBIG, LGW_EIO. Never keeps p. */
	int (*send)(struct link *l, const void *p, size_t len);
	void (*close)(struct link *l); /* no event follows; open may follow */
	void (*free)(struct link *l);  /* takes a closed or open one */
	/* Nothing is expected for a while: give back what a silent link costs; it counts as up all
	 * the same, and the next message wakes it. NULL: it costs nothing. */
	void (*rest)(struct link *l);
	/* Peer's address in words for logs, or the URI while it is not known. */
	const char *(*peer)(const struct link *l);
	/* Its socket; -1: none at present. NULL: it has never one. */
	int (*socket)(const struct link *l);
	/* Of a decorator: the link below. NULL: this is one of its own. */
	struct link *(*below)(const struct link *l);
};

/* First member of each implementation's struct. */
struct link {
	const struct link_ops *ops;
	struct link_env *env;
	const struct link_handler *h;
	void *ud;
	size_t mtu;  /* where it is another one than ops->mtu: over a carrier of small datagrams */
	size_t unit; /* larger messages cost more, and are avoided where they can; 0: none are */
	uint32_t pause_ms; /* likewise: over a slow carrier, once open was called */
	uint16_t from;     /* link_from */
	char *interface;   /* link_bind */
};

/* Largest message that this link takes. */
static inline size_t link_mtu(const struct link *l)
{
	return l->mtu ? l->mtu : l->ops->mtu;
}

/* What a message should not exceed. */
static inline size_t link_unit(const struct link *l)
{
	return l->unit ? l->unit : link_mtu(l);
}

/* How long a slow carrier may take before something is worth repeating; 0: the usual. */
static inline uint32_t link_pause_ms(const struct link *l)
{
	return l->pause_ms ? l->pause_ms : l->ops->pause_ms;
}

/*
 * A link for a URI: LGW_EINVAL (not a URI), LGW_ENOTSUP (no such transport, or credentials that it
 * cannot use). cred NULL: NoSec.
 */
int link_new(struct link_env *env, const char *uri, const struct cred *cred,
	const struct link_handler *h, void *ud, struct link **out);
void link_free(struct link *l); /* takes NULL */
/* From the next time that it is opened it goes over this interface of the network only; "": over
 * none, it does not come up; NULL: over whichever the machine chooses. Copied. False: so it is
 * already. Nothing to carriers. */
bool link_bind(struct link *l, const char *interface);
/* The next time that it is opened it speaks from this port of ours (UDP) where nobody has it: peers
 * that know us by our address take up what they were told from there. 0: from any. Not below DTLS:
 * some servers take a handshake from a port that they know for a part of the old session. */
void link_from(struct link *l, uint16_t port);
uint16_t link_port(const struct link *l); /* our port; 0: none at present */
/* It is open, and would be from another address of ours if it were opened now: the network of the
 * machine is another one. */
bool link_moved(const struct link *l);
/* For those that have sockets, before connect: what link_bind said. LGW_EUNAVAIL: that interface is
 * not there. */
int link_bind_socket(const struct link *l, int fd, int family);
/* And what link_from said. False: it said nothing, or the port is another's. */
bool link_bind_port(const struct link *l, int fd, int family);

/* The transport of a scheme, or NULL. */
const struct link_ops *link_ops_find(const struct link_ops *const *ops, const char *scheme);
/* transport/registry.c: the transports built in. */
extern const struct link_ops *const link_registry[];

#endif
