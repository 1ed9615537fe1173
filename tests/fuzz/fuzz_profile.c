/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What servers write of profiles: settings one after the other, [profile resource index length
 * value …], as text or as number; and what an earlier life kept of them, damaged.
 */
#include <assert.h>
#include <stdint.h>
#include "fakehost.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct modem *begin(const struct modem_conf *conf)
{
	struct modem *m = g_new0(struct modem, 1);

	m->host = &fake_host;
	m->conf = conf;
	profiles_begin(m, NULL);
	host_run();
	return m;
}

static void end(struct modem *m)
{
	m->ending = true;
	profiles_end(m);
	g_free(m);
	assert(!host.ntimers);
	host.ntold = 0;
}

static void write_one(struct modem *m, const uint8_t *head, const uint8_t *text, size_t len)
{
	struct lgw_setting s = { LGW_APN_PROFILE, head[0] % 10, head[1] % 26,
		head[2] == 255 ? LGW_SINGLE : head[2], { LGW_NULL, { 0 } } };
	int r;

	switch (s.resource) {
	case 4:
	case 24:
		s.value.type = len ? LGW_INT : LGW_NULL;
		s.value.u.i = len ? (int8_t)text[0] : 0;
		break;
	case 2:
	case 3:
		s.value.type = len ? LGW_BOOL : LGW_NULL;
		s.value.u.b = len && text[0] & 1;
		break;
	default:
		s.value.type = len ? LGW_TEXT : LGW_NULL;
		s.value.u.s.p = (const char *)text;
		s.value.u.s.len = len;
	}
	if (head[0] >= 250 && profile_find(m, s.instance) && !profile_remove(m, s.instance)) {
		profile_gone(m, s.instance);
		return;
	}
	r = profile_check(m, &s, 1);
	if (r || (!profile_find(m, s.instance) && profile_create(m, s.instance)))
		return;
	assert(profile_apply(m, 1, &s, 1) == LGW_OK);
	host_run();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct modem_conf conf = { .connect = CONNECT_ALWAYS };
	const uint8_t *p = data;
	struct modem *m;

	memset(&host, 0, sizeof(host));
	m = begin(&conf);
	for (size_t left = size; left >= 4;) {
		size_t len = p[3] < left - 4 ? p[3] : left - 4;

		write_one(m, p, p + 4, len);
		p += 4 + len;
		left -= 4 + len;
	}
	end(m);
	m = begin(&conf);
	end(m);
	for (size_t k = 0; k < host.nkept && k < size; k++)
		host.kept[k].bytes[data[k] * 5u % host.kept[k].len] ^= data[size - 1 - k];
	m = begin(&conf);
	end(m);
	return 0;
}
