/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cellular data of the gateway's own client: objects 10 (Cellular Connectivity), 11 (APN Connection
 * Profile) and 13 (Bearer Selection) with a plugin behind them. The plugin sets the resources that
 * it has, at first and whenever they change (lgw_host.cellular_set); what it never sets is not
 * there. What servers write comes to it as settings, each set whole or not at all.
 */
#ifndef LGW_CELLULAR_H
#define LGW_CELLULAR_H

#include <stdint.h>
#include <lgw/value.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lgw_cellular_object {
	LGW_CELLULAR_CONNECTIVITY = 10, /* one instance, 0 */
	LGW_APN_PROFILE = 11,           /* instances: the profiles */
	LGW_BEARER_SELECTION = 13       /* one instance, 0 */
};

#define LGW_SINGLE (-1)

/* The value of one resource. A view: texts are borrowed for the time of the call. */
struct lgw_setting {
	uint16_t object, instance, resource;
	/* Which one of a multiple resource; LGW_SINGLE: a single one, or all of a multiple one that
	 * goes. */
	int32_t index;
	/* As the definition wants it: times are LGW_INT, in seconds since 1970, links are LGW_TEXT
	 * "11:0". LGW_NULL: it goes. */
	struct lgw_value value;
};

/*
 * What servers ask for. All in the loop's thread; nothing may block. Where a function may return
 * LGW_PENDING, it promises one lgw_host.cellular_done with this id, not from within. All members
 * are optional.
 */
struct lgw_cellular_ops {
	/* Can all of this be done? Without side effects. LGW_EINVAL: not with this value,
	 * LGW_ENOENT: this resource is none that the plugin has. One set is about one instance;
	 * that of a profile that is not there yet makes it. NULL: nothing can be written. */
	int (*check)(void *state, const struct lgw_setting *s, size_t n);
	/* Do it. The daemon keeps the values when it succeeded, except the secret (/11/x/6) of a
	 * profile, which nobody can read. LGW_OK, LGW_PENDING, or an error: nothing changed. */
	int (*apply)(void *state, uint64_t id, const struct lgw_setting *s, size_t n);
	/* A server reads: instance and resource or, where negative, all of them. Set what is not
	 * fresh. LGW_OK: all is fresh, LGW_PENDING, or an error. */
	int (*refresh)(
		void *state, uint64_t id, uint16_t object, int32_t instance, int32_t resource);
	/* May a server make this profile, remove it? Without side effects. NULL: no. */
	int (*profile_create)(void *state, uint16_t profile);
	int (*profile_remove)(void *state, uint16_t profile);
	/* A server removed it. */
	void (*profile_gone)(void *state, uint16_t profile);
};

#ifdef __cplusplus
}
#endif
#endif
