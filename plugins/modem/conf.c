/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf.h"

#include <stdio.h>
#include <string.h>
#include <lgw/status.h>

#define AT(member) .offset = offsetof(struct modem_conf, member)
#define DAY_MS     86400000.0

static const char *const auths[] = { "pap", "chap", "any", "none", NULL };
static const char *const families[] = { "ipv4", "ipv6", "ipv4v6", NULL };
static const char *const connects[] = { "never", "always", NULL };

const struct lgw_option modem_options[] = {
	{ "device", LGW_OPT_STRING, AT(device),
		.help = "Which modem, where there are several: its equipment id (IMEI), or its "
			"device as mmcli shows it; the first one if absent." },
	{ "pin", LGW_OPT_SECRET, AT(pin),
		.help = "PIN of the SIM. A wrong one is tried once, until another one is "
			"configured "
			"or the SIM was unlocked elsewhere, and never as the last attempt that the "
			"SIM allows." },
	{ "number", LGW_OPT_STRING, AT(number),
		.help = "Our own number, which servers are told (sms=); what the SIM says if "
			"absent." },
	{ "roaming", LGW_OPT_BOOL, AT(roaming), .def = "true",
		.help = "Messages are sent in foreign networks, too." },
	{ "repeat", LGW_OPT_DURATION, AT(repeat_ms), .def = "30s", .min = 100, .max = 600000,
		.help = "How long a DTLS handshake over SMS waits for an answer before it repeats "
			"what it said." },
	{ "per_hour", LGW_OPT_INT, AT(per_hour), .def = "100", .max = 1000000,
		.help = "Short messages sent in an hour at most, each part of a long one counted; "
			"further ones are dropped with an alarm. What is spent is spent, also "
			"after a "
			"restart. 0: no limit." },
	{ "per_day", LGW_OPT_INT, AT(per_day), .def = "500", .max = 1000000,
		.help = "Likewise in a day." },
	{ "incomplete_after", LGW_OPT_DURATION, AT(parts_ms), .def = "10min", .min = 100,
		.max = DAY_MS,
		.help = "A message of several parts that is still incomplete by then is deleted." },
	{ "hold", LGW_OPT_DURATION, AT(hold_ms), .def = "1min", .max = 3600000,
		.help = "How long messages wait for a modem that lost its network until servers "
			"count as unreachable." },
	{ "alive", LGW_OPT_DURATION, AT(alive_ms), .def = "10s", .min = 100, .max = 3600000,
		.help = "How often ModemManager is asked for a sign of life, and how long it may "
			"take with the answer until it counts as stuck." },
	{ "sim_retry", LGW_OPT_DURATION, AT(sim_retry_ms), .def = "1min", .min = 0, .max = DAY_MS,
		.help = "How often ModemManager is made to look at the modem again while there is "
			"no SIM, or one that is locked and cannot be unlocked: few modems tell "
			"of another one. Once it is also made to so long after the network was "
			"lost. 0: never." },
	{ "scan", LGW_OPT_DURATION, AT(scan_ms), .def = "1h", .max = 7 * DAY_MS,
		.help = "How often the modem is asked for messages that ModemManager missed: for a "
			"moment it is disabled. While it carries data, that waits for a gap. 0: "
			"never." },
	{ "scan_data", LGW_OPT_DURATION, AT(scan_data_ms), .def = "1d", .max = 365 * DAY_MS,
		.help = "When there was no such gap for so long, the data connections that are "
			"ours are interrupted for one, for some seconds. 0: never." },
	{ "connect", LGW_OPT_CHOICE, AT(connect), .def = "never", .choices = connects,
		.help = "\"always\": a data connection is kept up, and servers may change its "
			"profile (object 11) and make others. \"never\": none is made, whoever "
			"asks; one "
			"that somebody else makes is shown." },
	{ "apn", LGW_OPT_STRING, AT(apn),
		.help = "Access point name of the data connection; the network's choice if "
			"absent." },
	{ "user", LGW_OPT_STRING, AT(user), .help = "User of the data connection." },
	{ "password", LGW_OPT_SECRET, AT(password), .help = "Its password." },
	{ "auth", LGW_OPT_CHOICE, AT(auth), .def = "any", .choices = auths,
		.help = "How user and password are shown to the network; any: PAP or CHAP." },
	{ "ip", LGW_OPT_CHOICE, AT(ip), .def = "ipv4", .choices = families,
		.help = "What the data connection carries." },
	{ "data_roaming", LGW_OPT_BOOL, AT(data_roaming), .def = "false",
		.help = "Data connections in foreign networks, too." },
	{ .name = NULL },
};

static bool fits(const char *text, size_t max)
{
	return !text || strlen(text) <= max;
}

int modem_check(const void *conf, char *text, size_t size)
{
	const struct modem_conf *c = conf;
	size_t n = c->pin ? strspn(c->pin, "0123456789") : 4;
	size_t digits = c->number ? strspn(c->number + (*c->number == '+'), "0123456789") : 1;

	if (n < 4 || n > 8 || (c->pin && c->pin[n])) {
		snprintf(text, size, "pin: expected 4 to 8 digits");
		return LGW_EINVAL;
	}
	if (!digits || (c->number && c->number[digits + (*c->number == '+')])) {
		snprintf(text, size, "number: expected digits, a plus in front if international");
		return LGW_EINVAL;
	}
	if (!fits(c->apn, 100) || !fits(c->user, 100) || !fits(c->password, 100)) {
		snprintf(text, size, "apn, user, password: 100 characters at most");
		return LGW_EINVAL;
	}
	return LGW_OK;
}
