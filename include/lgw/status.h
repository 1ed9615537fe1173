/* SPDX-License-Identifier: BSD-3-Clause */
/* Results of every function of the gateway and of its plugins. */
#ifndef LGW_STATUS_H
#define LGW_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * 0 is success, a negative value is one of these. LGW_PENDING is the one positive result: the
 * work was taken on and a completion callback will tell how it ended.
 */
enum lgw_status {
	LGW_PENDING = 1,
	LGW_OK = 0,
	LGW_EINVAL = -1,      /* malformed or out of range */
	LGW_EACCES = -2,      /* no right to do this */
	LGW_ENOENT = -3,      /* no such thing */
	LGW_EEXIST = -4,      /* exists already */
	LGW_EOP = -5,         /* operation not supported by what it names */
	LGW_EFORMAT = -6,     /* content format not understood */
	LGW_EACCEPT = -7,     /* cannot be given in the format asked for */
	LGW_ETOOBIG = -8,     /* larger than a limit */
	LGW_EINCOMPLETE = -9, /* a part is missing (blocks, batch) */
	LGW_ENOMEM = -10,     /* a bounded resource is used up */
	LGW_EIO = -11,        /* the operating system refused; details in the log */
	LGW_ETIMEDOUT = -12,  /* no answer in time */
	LGW_EREFUSED = -13,   /* the peer or the device refused */
	LGW_EUNAVAIL = -14,   /* cannot be served now (offline, busy) */
	LGW_ECANCELED = -15,  /* given up by its owner */
	LGW_ERESET = -16,     /* the peer answered with a reset or closed */
	LGW_ECRITICAL = -17,  /* a critical option or field that is not known */
	LGW_EMETHOD = -18,    /* unknown method */
	LGW_ENOTSUP = -19,    /* not built in or not supported here */
	LGW_EINTERNAL = -20   /* a defect of ours */
};

#ifdef __cplusplus
}
#endif
#endif
