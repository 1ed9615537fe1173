/* SPDX-License-Identifier: BSD-3-Clause */
/* Firmware of a device (object 5): by a hook of the administrator, or by the plugin it comes from.
 */
#ifndef GATEWAY_FIRMWARE_H
#define GATEWAY_FIRMWARE_H

#include "gateway/gateway.h"
#include "objects/firmware.h"

struct fw;

/* What the configuration says of this device; NULL: it has no firmware that can be changed. Also
 * after a reload: an object that is there stays as it is. */
void device_firmware(struct device *d);
void fw_free(struct fw *w); /* after the client; takes NULL */
/* The rules of the configuration make sense. */
int firmware_check(const struct firmware_params *p, char *text, size_t size);

/* The record as bytes of a file, and back; LGW_EINVAL. */
#define FW_RECORD_MAX 1024
size_t fw_encode(const struct firmware_record *r, uint8_t out[FW_RECORD_MAX]);
int fw_decode(struct firmware_record *r, const void *p, size_t len);

#endif
