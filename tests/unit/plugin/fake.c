/* SPDX-License-Identifier: BSD-3-Clause */
/* A descriptor that must not be accepted: of another ABI, or of another name. */
#include <lgw/plugin.h>

static int start(const struct lgw_host *h, const void *conf, void **state)
{
	(void)h, (void)conf, (void)state;
	return LGW_OK;
}

static void stop(void *state, lgw_stop_fn done, void *ud)
{
	(void)state;
	done(ud);
}

LGW_PLUGIN const struct lgw_plugin lgw_plugin = {
	.abi = FAKE_ABI,
	.name = FAKE_NAME,
	.start = start,
	.stop = stop,
};
