/* SPDX-License-Identifier: BSD-3-Clause */
#include "crypto/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>
#include "util/err.h"
#include "util/mem.h"

#define PIECE 65536

int hash_sha256_file(int fd, uint8_t out[SHA256_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *piece = xmalloc(PIECE);
	off_t at = 0;
	ssize_t n = 0;
	int r = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) ? LGW_OK : LGW_EINTERNAL;

	while (!r && (n = pread(fd, piece, PIECE, at)) > 0) {
		if (!EVP_DigestUpdate(ctx, piece, (size_t)n))
			r = LGW_EINTERNAL;
		at += n;
	}
	if (!r && n < 0)
		r = LGW_EIO;
	if (!r && !EVP_DigestFinal_ex(ctx, out, NULL))
		r = LGW_EINTERNAL;
	EVP_MD_CTX_free(ctx);
	free(piece);
	return r;
}
