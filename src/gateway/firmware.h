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
/* Hooks of a group of the configuration have names that can be. */
int firmware_check(
	const char *group, const char *hook, const struct lgw_list *rules, char *text, size_t size);
/* The hook of the first rule for this device of a plugin; NULL: none matches. */
const char *firmware_hook(const struct device *d, const struct lgw_list *rules);

/* The record as bytes of a file, and back; LGW_EINVAL. */
#define FW_RECORD_MAX 1024
size_t fw_encode(const struct firmware_record *r, uint8_t out[FW_RECORD_MAX]);
int fw_decode(struct firmware_record *r, const void *p, size_t len);

#endif
