/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects 10, 11 and 13: which room takes what servers ask for. */
#include "state.h"

/* As lgw_cellular_ops; NULL: nothing of it. */
static const struct room {
	uint16_t object;
	int (*check)(struct modem *m, const struct lgw_setting *s, size_t n);
	int (*apply)(struct modem *m, uint64_t id, const struct lgw_setting *s, size_t n);
	int (*refresh)(struct modem *m, uint64_t id, int32_t instance, int32_t resource);
} rooms[] = {
	{ LGW_CELLULAR_CONNECTIVITY, radio_check, radio_apply, NULL },
	{ LGW_BEARER_SELECTION, selection_check, selection_apply, selection_refresh },
	{ LGW_APN_PROFILE, profile_check, profile_apply, NULL },
};

static const struct room *room_of(uint16_t object)
{
	for (size_t k = 0; k < G_N_ELEMENTS(rooms); k++)
		if (rooms[k].object == object)
			return &rooms[k];
	return NULL;
}

static int check(void *state, const struct lgw_setting *s, size_t n)
{
	const struct room *r = n ? room_of(s[0].object) : NULL;

	return r && r->check ? r->check(state, s, n) : LGW_ENOENT;
}

static int apply(void *state, uint64_t id, const struct lgw_setting *s, size_t n)
{
	const struct room *r = n ? room_of(s[0].object) : NULL;

	return r && r->apply ? r->apply(state, id, s, n) : LGW_ENOENT;
}

static int refresh(void *state, uint64_t id, uint16_t object, int32_t instance, int32_t resource)
{
	const struct room *r = room_of(object);

	return r && r->refresh ? r->refresh(state, id, instance, resource) : LGW_OK;
}

const struct lgw_cellular_ops modem_cellular = {
	.check = check,
	.apply = apply,
	.refresh = refresh,
	.profile_create = profile_create,
	.profile_remove = profile_remove,
	.profile_gone = profile_gone,
};
