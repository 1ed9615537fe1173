/* SPDX-License-Identifier: BSD-3-Clause */
/* Random bytes (OpenSSL's generator). Aborts if there is none: nothing safe could follow. */
#ifndef CRYPTO_RAND_H
#define CRYPTO_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *p, size_t len);
uint16_t rand_u16(void);
/* Uniform in [0, below). */
uint32_t rand_below(uint32_t below);

/* Random numbers in advance, for what each message needs: a call of the generator costs more than
 * all the rest of a message. Begins as zeros; not for secrets. */
struct rand_stock {
	unsigned n; /* left */
	uint32_t v[64];
};
uint32_t rand_stock_below(struct rand_stock *r, uint32_t below);

#endif
