/* SPDX-License-Identifier: BSD-3-Clause */
#include "fetch/verify.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include "crypto/hash.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/str.h"

#define PROMISE "#sha256="

int fetch_verify(int fd, const char *uri)
{
	const char *fragment = strchr(uri, '#');
	uint8_t want[SHA256_BYTES], have[SHA256_BYTES];
	int r;

	if (fsync(fd))
		return LGW_EIO;
	if (!fragment || !str_starts(fragment, PROMISE))
		return LGW_OK;
	fragment += strlen(PROMISE);
	if (hex_decode(want, sizeof(want), fragment, strlen(fragment)) != SHA256_BYTES)
		return LGW_EINVAL;
	r = hash_sha256_file(fd, have);
	return r ? r : memcmp(want, have, sizeof(want)) ? LGW_EINVAL : LGW_OK;
}
