/* SPDX-License-Identifier: BSD-3-Clause */
/* Versions of the enabler and of object definitions. */
#ifndef TYPES_VERSION_H
#define TYPES_VERSION_H

enum lwm2m_version { LWM2M_1_0, LWM2M_1_1 };

#endif
