/* SPDX-License-Identifier: BSD-3-Clause */
/* Software of a device (objects 9 and 14), by a hook of the administrator. */
#ifndef GATEWAY_SOFTWARE_H
#define GATEWAY_SOFTWARE_H

#include "gateway/gateway.h"
#include "objects/software.h"

struct sw;

/* As device_firmware. */
void device_software(struct device *d);
void sw_free(struct sw *w); /* after the client; takes NULL */

#define SW_FOLDER "software-" /* before the instance id: folder of a package */

/* The record as bytes of a file, and back; LGW_EINVAL. */
#define SW_RECORD_MAX 8192
size_t sw_encode(const struct software_record *r, uint8_t out[SW_RECORD_MAX]);
int sw_decode(struct software_record *r, const void *p, size_t len);

#endif
