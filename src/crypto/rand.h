/* SPDX-License-Identifier: BSD-3-Clause */
/* Random bytes (OpenSSL's generator). Aborts if there is none: nothing safe could follow. */
#ifndef CRYPTO_RAND_H
#define CRYPTO_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *p, size_t len);
uint16_t rand_u16(void);
uint32_t rand_u32(void);
/* Uniform in [0, below). */
uint32_t rand_below(uint32_t below);

#endif
