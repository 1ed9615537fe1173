/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What servers write of objects 10 and 13: settings one after the other, [resource index length
 * value …], the highest bit of resource for object 10; and what an earlier life kept, damaged.
 */
#include <assert.h>
#include <stdint.h>
#include "fakehost.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct modem *begin(void)
{
	struct modem *m = g_new0(struct modem, 1);

	m->host = &fake_host;
	radio_begin(m);
	selection_begin(m);
	return m;
}

static void end(struct modem *m)
{
	selection_drop(m);
	radio_drop(m);
	selection_end(m);
	radio_end(m);
	g_free(m);
	assert(!host.ntimers);
	host.ntold = 0;
}

static void write_one(struct modem *m, const uint8_t *head, const uint8_t *text, size_t len)
{
	bool radio = head[0] & 0x80;
	struct lgw_setting s = { radio ? LGW_CELLULAR_CONNECTIVITY : LGW_BEARER_SELECTION, 0,
		head[0] & 15, head[1] == 255 ? LGW_SINGLE : head[1], { LGW_NULL, { 0 } } };

	if (s.resource == (radio ? 0 : 6)) {
		s.value.type = len ? LGW_TEXT : LGW_NULL;
		s.value.u.s.p = (const char *)text;
		s.value.u.s.len = len;
	} else if (!radio && s.resource == 7) {
		s.value.type = len ? LGW_BOOL : LGW_NULL;
		s.value.u.b = len && text[0] & 1;
	} else if (len) {
		s.value.type = LGW_INT;
		s.value.u.i = (int8_t)text[0] * (len > 1 ? 1ll << (text[1] & 31) : 1);
	}
	if (radio) {
		if (!radio_check(m, &s, 1))
			assert(radio_apply(m, 1, &s, 1) == LGW_OK);
	} else if (!selection_check(m, &s, 1)) {
		assert(selection_apply(m, 1, &s, 1) == LGW_OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data;
	struct modem *m;

	memset(&host, 0, sizeof(host));
	m = begin();
	for (size_t left = size; left >= 3;) {
		size_t len = p[2] < left - 3 ? p[2] : left - 3;

		write_one(m, p, p + 3, len);
		p += 3 + len;
		left -= 3 + len;
	}
	end(m);
	m = begin();
	end(m);
	for (size_t k = 0; k < host.nkept && k < size; k++)
		host.kept[k].bytes[data[k] * 5u % host.kept[k].len] ^= data[size - 1 - k];
	m = begin();
	end(m);
	return 0;
}
