/* SPDX-License-Identifier: BSD-3-Clause */
/* SHA-256 of what is in a file. */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stdint.h>

#define SHA256_BYTES 32

/* From its begin to its end; blocks, so for a worker. LGW_EIO, LGW_EINTERNAL. */
int hash_sha256_file(int fd, uint8_t out[SHA256_BYTES]);

#endif
