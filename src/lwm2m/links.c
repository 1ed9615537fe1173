/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/links.h"

int links_put(void *ud, const struct dm_link *l)
{
	struct link_writer *lw = ud;

	link_add(lw, &l->path);
	if (l->version) /* not quoted: 1.0 shows both, Leshan refuses quotes */
		link_param(lw, "ver", l->version, false);
	if (l->dim >= 0)
		link_param_int(lw, "dim", l->dim);
	if (l->ssid)
		link_param_int(lw, "ssid", l->ssid);
	if (l->uri)
		link_param_text(lw, "uri", l->uri, l->uri_len);
	link_attrs(lw, &l->attrs);
	return wr_err(lw->w);
}
