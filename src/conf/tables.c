/* SPDX-License-Identifier: BSD-3-Clause */
/* The one table of options, from which parser, errors and manual page come. */
#include "conf/tables.h"

#include <string.h>
#include "gateway/keys.h"
#include "session/session.h"
#include "transport/carrier.h"
#include "transport/link.h"
#include "transport/ssllink.h"
#include "util/log.h"

#define AT(type, member) .offset = offsetof(struct type, member)

static const char *const levels[] = { "err", "warning", "notice", "info", "debug", NULL };
static const char *const targets[] = { "auto", "journal", "syslog", "stderr", NULL };
static const char *const rights[] = { "all", "use", "read", "none", NULL };
static const char *const versions[] = { "1.0", "1.1", NULL };
static const char *const formats[] = { "auto", "tlv", "json", "senml-json", "senml-cbor", NULL };
static const char *const notifies[] = { "non", "con", NULL };
static const char *const histories[] = { "auto", "all", "latest", NULL };
static const char *const durabilities[] = { "power", "process", NULL };
static const char *const rooms[] = { "oldest", "thin", NULL };
static const char *const recoveries[] = { "echo", "rederive", NULL };
static const char *const runners[] = { "systemd", "exec", NULL };
static const char *const on_stops[] = { "deregister", "keep", NULL };

static const char *const sms_securities[] = { "nosec", "psk", NULL };
static const char *const securities[] = { "nosec", "psk", "rpk", "x509", NULL };
static const char *const usages[] = { "ca-constraint", "service-constraint", "trust-anchor",
	"domain-issued", NULL };
static const char *const matchings[] = { "exact", "sha256", "sha384", "sha512", NULL };

static const char *check_uri(const char *text)
{
	const struct link_ops *ops;
	struct uri u;

	if (uri_parse(&u, text, strlen(text)))
		return "not a server URI, expected coap://host[:port] or coaps://host[:port]";
	if (!strcmp(u.scheme, "sms")) /* whose carrier is a plugin's: see check_server */
		return NULL;
	ops = link_ops_find(link_registry, u.scheme);
	if (!ops || (ops->secure && !ssllink_carrier(link_registry, u.scheme)))
		return "this scheme is not supported by this version, expected coap:// or coaps://";
	return NULL;
}

static const char *check_number(const char *text)
{
	char number[LGW_PEER_MAX];

	return uri_number(number, sizeof(number), text, strlen(text))
		       ? "expected a number of digits, with a plus in front if it is international"
		       : NULL;
}

static const char *check_location(const char *text)
{
	struct location l;

	return gateway_location_parse(text, &l) ? "expected \"LATITUDE, LONGITUDE\", in degrees, "
						  "then ALTITUDE and RADIUS in metres if known"
						: NULL;
}

static const struct lgw_option module_table[] = {
	{ "module", LGW_OPT_STRING, AT(conf_log_module, name), .flags = LGW_OPT_REQUIRED,
		.check = log_module_fault,
		.help = "Name of the module as it stands in the log: session, lwm2m, plugin/mqtt "
			"…" },
	{ "level", LGW_OPT_CHOICE, AT(conf_log_module, level), .def = "info", .choices = levels,
		.flags = LGW_OPT_REQUIRED, .help = "Its level." },
	{ .name = NULL },
};

static const struct lgw_option log_table[] = {
	{ "target", LGW_OPT_CHOICE, AT(conf_log, target), .def = "auto", .choices = targets,
		.flags = LGW_OPT_RESTART,
		.help = "Where lines go; auto: the journal under systemd, else standard error." },
	{ "level", LGW_OPT_CHOICE, AT(conf_log, level), .def = "info", .choices = levels,
		.help = "Level of all modules that are not listed." },
	{ "modules", LGW_OPT_LIST, AT(conf_log, modules), .sub = module_table,
		.sub_size = sizeof(struct conf_log_module), .help = "Levels of single modules." },
	{ .name = NULL },
};

static const struct lgw_option oscore_table[] = {
	{ "master_secret", LGW_OPT_SECRET, AT(oscore_conf, master_secret),
		.help = "What both sides know, 1 to 64 bytes; absent: no OSCORE." },
	{ "master_salt", LGW_OPT_SECRET, AT(oscore_conf, master_salt),
		.help = "As the server has it." },
	{ "sender_id", LGW_OPT_STRING, AT(oscore_conf, sender_id), .def = "",
		.help = "The client's id, which the server calls its recipient id: up to 7 "
			"bytes." },
	{ "recipient_id", LGW_OPT_STRING, AT(oscore_conf, recipient_id), .def = "",
		.help = "The server's id: up to 7 bytes." },
	{ "id_context", LGW_OPT_STRING, AT(oscore_conf, id_context),
		.help = "Keeps clients with the same ids apart, up to 64 bytes: \"{endpoint}\" "
			"gives each "
			"client keys of its own. In these texts {endpoint} and {device} stand for "
			"the "
			"client's, and \"hex:0a0b\" for bytes; the same in the secret and the "
			"salt." },
	{ "algorithm", LGW_OPT_CHOICE, AT(oscore_conf, algorithm), .def = "AES-CCM-16-64-128",
		.choices = oscore_algorithms, .help = "Algorithm of encryption." },
	{ "recovery", LGW_OPT_CHOICE, AT(oscore_conf, recovery), .def = "echo",
		.choices = recoveries,
		.help = "After a restart of the daemon: the server's first request is asked for an "
			"Echo "
			"(echo, RFC 8613 B.1.2), or new keys are agreed on (rederive, B.2)." },
	{ "since", LGW_OPT_STRING, AT(oscore_conf, since),
		.help = "For a server that takes sequence numbers of 31 bits only, as Leshan "
			"2.0.0-M15: the day on which these keys were made, as 2026-11-28. Numbers "
			"rise with the clock from there, 31 in a second, which lasts two years; "
			"then there have to be new keys." },
	{ .name = NULL },
};

static const struct lgw_option sms_table[] = {
	{ "number", LGW_OPT_STRING, AT(sms_conf, number), .check = check_number,
		.help = "The server's number (/0/x/9), to reach it by SMS as well as by its URI." },
	{ "security", LGW_OPT_CHOICE, AT(sms_conf, security), .def = "nosec",
		.choices = sms_securities,
		.help = "Of messages to and from this number (/0/x/6): nosec, or psk for DTLS "
			"over SMS." },
	{ "identity", LGW_OPT_STRING, AT(sms_conf, identity), .def = "{endpoint}",
		.help = "Likewise, as the server's own identity." },
	{ "key", LGW_OPT_STRING, AT(sms_conf, key), .help = "Likewise, as its key." },
	{ "ack_timeout", LGW_OPT_DURATION, AT(sms_conf, ack_timeout_ms), .def = "30s", .min = 100,
		.max = 600000, .help = "CoAP ACK_TIMEOUT by SMS." },
	{ "max_retransmit", LGW_OPT_INT, AT(sms_conf, max_retransmit), .def = "3", .max = 20,
		.help = "CoAP MAX_RETRANSMIT by SMS." },
	{ "response_timeout", LGW_OPT_DURATION, AT(sms_conf, response_timeout_ms), .def = "10min",
		.min = 1000, .max = 3600000,
		.help = "How long an answer by SMS is waited for that was promised." },
	{ "trigger", LGW_OPT_BOOL, AT(sms_conf, trigger), .def = "true",
		.help = "Triggers of this server are heard (/1/x/21)." },
	{ .name = NULL },
};

static const struct lgw_option server_table[] = {
	{ "name", LGW_OPT_STRING, AT(server_conf, name),
		.help = "Name in logs and on the bus; server1, server2 … if absent." },
	{ "uri", LGW_OPT_STRING, AT(server_conf, uri), .flags = LGW_OPT_REQUIRED,
		.check = check_uri,
		.help = "Where the server listens: coap://host[:port] is UDP, "
			"coap+tcp://host[:port] is TCP (RFC 8323), both without security; "
			"coaps:// is DTLS, coaps+tcp:// is TLS. sms:+NUMBER is SMS, where the "
			"plugin modem is configured." },
	{ "", LGW_OPT_WHERE, AT(server_conf, where) },
	{ "security", LGW_OPT_CHOICE, AT(server_conf, security), .def = "nosec",
		.choices = securities,
		.help = "How both sides are known to each other (/0/x/2): pre-shared keys, raw "
			"public keys (OpenSSL 3.2 or newer), certificates; nosec for coap:// "
			"and coap+tcp:// only." },
	{ "identity", LGW_OPT_STRING, AT(server_conf, identity), .def = "{endpoint}",
		.help = "Identity of the pre-shared key, at most 128 bytes: text with "
			"{endpoint}, {device}, {plugin}, {machine}, {serial}, {name}." },
	{ "key", LGW_OPT_STRING, AT(server_conf, key),
		.help = "Pre-shared key, at most 64 bytes, in hexadecimal digits or base64 behind "
			"\"base64:\"; better \"file:PATH\" or \"credential:NAME\", where it stands "
			"like that and the same parts as in identity may be named; "
			"\"table:PATH\", a file with a line IDENTITY:HEX for each device; "
			"\"derive:REF\", HMAC-SHA-256 of the identity under the master key that "
			"stands at REF." },
	{ "certificate", LGW_OPT_STRING, AT(server_conf, certificate),
		.help = "Own certificate and its chain, PEM or DER: \"file:/PATH\" or "
			"\"credential:NAME\", with the parts of identity." },
	{ "private_key", LGW_OPT_STRING, AT(server_conf, private_key),
		.help = "Own private key, likewise, without passphrase; or a \"pkcs11:\" URI "
			"(RFC 7512)." },
	{ "server_public_key", LGW_OPT_STRING, AT(server_conf, server_public_key),
		.help = "The server's raw public key: \"file:/PATH\" or \"credential:NAME\"." },
	{ "server_certificate", LGW_OPT_STRING, AT(server_conf, server_certificate),
		.help = "The server's certificate, or an authority's by certificate_usage: "
			"\"file:/PATH\" or \"credential:NAME\"; the digits of its digest where "
			"matching_type says so. Without it the ca and the server's name decide." },
	{ "ca", LGW_OPT_STRING, AT(server_conf, ca),
		.help = "Certificates of authorities: \"file:/PATH\" or \"credential:NAME\"; the "
			"system's if absent." },
	{ "certificate_usage", LGW_OPT_CHOICE, AT(server_conf, usage), .def = "domain-issued",
		.choices = usages,
		.help = "What server_certificate is (/0/x/15): an authority or the server's own "
			"that the ca must vouch for too, an authority of its own right, or the "
			"server's own, which then is all that counts." },
	{ "matching_type", LGW_OPT_CHOICE, AT(server_conf, matching), .def = "exact",
		.choices = matchings, .help = "What server_certificate holds of it (/0/x/13)." },
	{ "sni", LGW_OPT_STRING, AT(server_conf, sni),
		.help = "Name that the server is asked for and must show (/0/x/14); the host of "
			"the URI if absent." },
	{ "ciphersuites", LGW_OPT_STRINGS, AT(server_conf, ciphersuites),
		.help = "Ciphersuites by IANA's names, in order of preference (/0/x/16): "
			"TLS_PSK_WITH_AES_128_CCM_8 …; the usual ones if absent." },
	{ "ssid", LGW_OPT_INT, AT(server_conf, ssid), .def = "0", .max = 65534,
		.help = "Short server id; 0: its place in the list, from 1 on." },
	{ "lifetime", LGW_OPT_DURATION, AT(server_conf, lifetime_ms), .def = "5min", .min = 1000,
		.max = 2147483647000.0, .help = "Lifetime of a registration (/1/x/1)." },
	{ "version", LGW_OPT_CHOICE, AT(server_conf, version), .def = "1.1", .choices = versions,
		.help = "Version of LwM2M that this server is told." },
	{ "format", LGW_OPT_CHOICE, AT(server_conf, format), .def = "auto", .choices = formats,
		.help = "Format of what this server reads and observes where it asks for none. "
			"auto: "
			"text or bytes for a single value; else TLV in version 1.0, SenML CBOR in "
			"version 1.1." },
	{ "min_period", LGW_OPT_DURATION, AT(server_conf, min_period_ms), .def = "0s",
		.max = 2147483647000.0,
		.help = "Default minimum period of notifications (/1/x/2); 0: none." },
	{ "max_period", LGW_OPT_DURATION, AT(server_conf, max_period_ms), .def = "0s",
		.max = 2147483647000.0,
		.help = "Default maximum period of notifications (/1/x/3); 0: none." },
	{ "disable_timeout", LGW_OPT_DURATION, AT(server_conf, disable_ms), .def = "1d",
		.min = 1000, .max = 2147483647000.0, .help = "Pause after Disable (/1/x/5)." },
	{ "storing", LGW_OPT_BOOL, AT(server_conf, storing), .def = "true",
		.help = "Notification Storing When Disabled or Offline (/1/x/6)." },
	{ "history", LGW_OPT_CHOICE, AT(server_conf, history), .def = "auto", .choices = histories,
		.help = "What is stored of a resource that changes again and again: each reading "
			"(all), only the newest (latest); auto: each, where the format of the "
			"observation can say its time (SenML, JSON)." },
	{ "linked", LGW_OPT_BOOL, AT(server_conf, linked), .def = "false",
		.help = "Objects and instances read as JSON of version 1.0 bring the instances "
			"along "
			"that their values link to." },
	{ "binding", LGW_OPT_STRING, AT(server_conf, binding),
		.help = "Binding mode (/1/x/7): U, UQ, T; with a number for SMS S, SQ, US, UQS, "
			"too; what the URI says if absent." },
	{ "for", LGW_OPT_STRING, AT(server_conf, whom), .def = "all",
		.help = "Who registers with this server: all, gateway (its own client alone), or "
			"the endpoint name of one device. Its requests by SMS go to that one, or "
			"to the gateway." },
	{ "sms", LGW_OPT_GROUP, AT(server_conf, sms), .sub = sms_table,
		.sub_size = sizeof(struct sms_conf), .help = "SMS to and from this server." },
	{ "notify", LGW_OPT_CHOICE, AT(server_conf, notify), .def = "non", .choices = notifies,
		.help = "Notifications confirmable (con) or not (non; but the last of several "
			"in quick succession, and one a day)." },
	{ "rights", LGW_OPT_CHOICE, AT(server_conf, rights), .def = "all", .choices = rights,
		.help = "Where there are several servers: what this one may do with a device; all, "
			"use (read, write, execute), read or none." },
	{ "on_stop", LGW_OPT_CHOICE, AT(server_conf, on_stop), .def = "deregister",
		.choices = on_stops,
		.help = "What happens to registrations when the daemon stops." },
	{ "ack_timeout", LGW_OPT_DURATION, AT(server_conf, ack_timeout_ms), .def = "2s", .min = 10,
		.max = 600000, .help = "CoAP ACK_TIMEOUT." },
	{ "max_retransmit", LGW_OPT_INT, AT(server_conf, max_retransmit), .def = "4", .max = 20,
		.help = "CoAP MAX_RETRANSMIT." },
	{ "nstart", LGW_OPT_INT, AT(server_conf, nstart), .def = "1", .min = 1, .max = NSTART_MAX,
		.help = "CoAP NSTART: how many requests of a client may wait for the server's "
			"answer at a time." },
	{ "response_timeout", LGW_OPT_DURATION, AT(server_conf, response_timeout_ms), .def = "2min",
		.min = 1000, .max = 3600000,
		.help = "How long an answer is waited for that the server has promised by an empty "
			"acknowledgement." },
	{ "block_size", LGW_OPT_INT, AT(server_conf, block_size), .def = "1024", .min = 16,
		.max = 1024,
		.help = "Largest block of what is transferred in blocks (RFC 7959): a power of "
			"two, "
			"rounded down." },
	{ "retry_min", LGW_OPT_DURATION, AT(server_conf, retry_min_ms), .def = "1s", .min = 1000,
		.max = 86400000, .help = "First pause after a failed registration; it doubles." },
	{ "retry_max", LGW_OPT_DURATION, AT(server_conf, retry_max_ms), .def = "5min", .min = 1000,
		.max = 86400000, .help = "Longest pause after failed registrations." },
	{ "awake", LGW_OPT_DURATION, AT(server_conf, awake_ms), .def = "0s", .max = 86400000,
		.help = "Queue mode (a Q in the binding): how long after the last message a client "
			"listens until it counts as asleep; 0: as RFC 7252 has it "
			"(MAX_TRANSMIT_WAIT), 93 s with the default timers." },
	{ "oscore", LGW_OPT_GROUP, AT(server_conf, oscore), .sub = oscore_table,
		.sub_size = sizeof(struct oscore_conf),
		.help = "Protection of each message by OSCORE (RFC 8613), alone or inside of "
			"DTLS." },
	{ .name = NULL },
};

static const struct lgw_option word_table[] = {
	{ "from", LGW_OPT_VALUE, AT(map_word, from), .flags = LGW_OPT_REQUIRED,
		.help = "The device's word; its kind counts: true is not \"true\"." },
	{ "to", LGW_OPT_VALUE, AT(map_word, to), .flags = LGW_OPT_REQUIRED,
		.help = "The value of the resource." },
	{ .name = NULL },
};

static const struct lgw_option entry_table[] = {
	{ "", LGW_OPT_WHERE, AT(map_entry, where) },
	{ "key", LGW_OPT_STRING, AT(map_entry, key), .flags = LGW_OPT_REQUIRED,
		.help = "Name of the quantity as the plugin says it; '*' stands for any "
			"characters." },
	{ "path", LGW_OPT_STRING, AT(map_entry, path), .flags = LGW_OPT_REQUIRED,
		.help = "Resource that it feeds: \"3303/0/5700\" or "
			"\"Temperature/0/Sensor_Value\"." },
	{ "scale", LGW_OPT_REAL, AT(map_entry, scale), .def = "1",
		.help = "The resource is the reading times scale plus offset." },
	{ "offset", LGW_OPT_REAL, AT(map_entry, offset), .def = "0", .help = "See scale." },
	{ "unit", LGW_OPT_STRING, AT(map_entry, unit),
		.help = "Text of Sensor Units (5701) where the object has it, in SenML spelling: "
			"Cel." },
	{ "label", LGW_OPT_STRING, AT(map_entry, label),
		.help = "Application Type (5750); the key if absent." },
	{ "words", LGW_OPT_LIST, AT(map_entry, words), .sub = word_table,
		.sub_size = sizeof(struct map_word),
		.help = "Words of the device and their values; others change nothing." },
	{ "write", LGW_OPT_BOOL, AT(map_entry, write), .def = "false",
		.help = "Servers may write it; the device gets a command." },
	{ "execute", LGW_OPT_BOOL, AT(map_entry, execute), .def = "false",
		.help = "The path is an executable; the device gets a command." },
	{ "command_key", LGW_OPT_STRING, AT(map_entry, command_key),
		.help = "Key of the command where it differs from the reading's." },
	{ "optimistic", LGW_OPT_BOOL, AT(map_entry, optimistic), .def = "false",
		.help = "A write is answered without waiting for the device's report." },
	{ "confirm", LGW_OPT_DURATION, AT(map_entry, confirm_ms), .def = "5s", .min = 10,
		.max = 90000, .help = "How long a write waits for the device's report." },
	{ .name = NULL },
};

static const struct lgw_option map_table[] = {
	{ "inherit", LGW_OPT_STRING, AT(map_conf, inherit), .flags = LGW_OPT_MAP_NAME,
		.help = "Map whose entries hold where this one has none." },
	{ "entries", LGW_OPT_LIST, AT(map_conf, entries), .sub = entry_table,
		.sub_size = sizeof(struct map_entry), .help = "One per key." },
	{ .name = NULL },
};

static const struct lgw_option devices_table[] = {
	{ "endpoint", LGW_OPT_STRING, AT(gateway_params, endpoint), .def = "{device}",
		.help = "Endpoint name: text with {device}, {plugin}, {machine}, {serial}, "
			"{name}." },
	{ "map", LGW_OPT_STRING, AT(gateway_params, default_map), .def = "standard",
		.flags = LGW_OPT_MAP_NAME, .help = "Map of devices whose rule names none." },
	{ "max", LGW_OPT_INT, AT(gateway_params, max_devices), .def = "1000", .min = 1,
		.max = 1000000,
		.help = "Most devices of one rule or source; further ones are refused with an "
			"alarm." },
	{ "pace", LGW_OPT_REAL, AT(gateway_params, new_devices_per_s), .def = "50", .min = 0.001,
		.max = 100000, .help = "New devices that register per second." },
	{ "remember", LGW_OPT_DURATION, AT(gateway_params, remember_ms), .def = "30d",
		.max = 3650.0 * 86400000,
		.help = "After a restart of the daemon a device is there again with its last "
			"values before it speaks, unless it had said nothing for so long; 0: only "
			"when it speaks." },
	{ "offline_error", LGW_OPT_INT, AT(gateway_params, offline_error), .def = "8", .max = 255,
		.help = "Error code of /3/0/11 while a device is offline; 0: none." },
	{ "objects", LGW_OPT_STRINGS, AT(gateway_params, objects),
		.help = "Objects of each device beside those of its map: \"7\" (its traffic), "
			"\"16\", \"19\" (which servers fill)." },
	{ "stop_timeout", LGW_OPT_DURATION, AT(gateway_params, stop_timeout_ms), .def = "10s",
		.max = 60000, .help = "Longest wait for de-registration at the end." },
	{ .name = NULL },
};

static const struct lgw_option self_table[] = {
	{ "endpoint", LGW_OPT_STRING, AT(gateway_conf, endpoint), .def = "gateway-{machine}",
		.flags = LGW_OPT_RESTART,
		.help = "Endpoint name of the gateway's own client; empty: it has none." },
	{ "manufacturer", LGW_OPT_STRING, AT(gateway_conf, manufacturer),
		.help = "/3/0/0 of the gateway; what the machine tells if absent." },
	{ "model", LGW_OPT_STRING, AT(gateway_conf, model),
		.help = "/3/0/1 of the gateway; what the machine tells if absent." },
	{ "serial", LGW_OPT_STRING, AT(gateway_conf, serial),
		.help = "/3/0/2 of the gateway; what the machine tells if absent." },
	{ "device_type", LGW_OPT_STRING, AT(gateway_conf, device_type), .def = "gateway",
		.help = "/3/0/17 of the gateway." },
	{ "interface", LGW_OPT_STRING, AT(gateway_conf, interface),
		.help = "Network interface of /4/0; that of the default route if absent. "
			"\"modem\": the mobile network of the plugin modem." },
	{ "location", LGW_OPT_STRING, AT(gateway_conf, location), .check = check_location,
		.help = "Where the gateway stands (/6/0): \"LATITUDE, LONGITUDE\" in degrees, "
			"then, "
			"if known, \"…, ALTITUDE, RADIUS\" in metres." },
	{ "location_hook", LGW_OPT_STRING, AT(gateway_conf, location_hook),
		.help = "Program in hooks/ that says it, for a gateway that moves: run with "
			"\"position\", it writes a line like location to standard output." },
	{ "location_interval", LGW_OPT_DURATION, AT(gateway_conf, location_interval_ms),
		.def = "1min", .min = 1000, .max = 86400000, .help = "How often it is asked." },
	{ .name = NULL },
};

static const struct lgw_option firmware_rule_table[] = {
	{ "source", LGW_OPT_STRING, AT(firmware_rule, source),
		.help = "Plugin that the device comes from: \"mqtt\"; any if absent." },
	{ "device", LGW_OPT_STRING, AT(firmware_rule, device), .def = "*",
		.help = "Its id; '*' stands for any characters." },
	{ "hook", LGW_OPT_STRING, AT(firmware_rule, hook), .flags = LGW_OPT_REQUIRED,
		.help = "Name of the program in hooks/ beside the configuration; empty: firmware "
			"of this device is not changed, not by its plugin either." },
	{ .name = NULL },
};

static const struct lgw_option firmware_table[] = {
	{ "hook", LGW_OPT_STRING, AT(firmware_params, hook), .flags = LGW_OPT_RESTART,
		.help = "Program that updates the gateway itself; absent: servers cannot." },
	{ "devices", LGW_OPT_LIST, AT(firmware_params, rules), .sub = firmware_rule_table,
		.sub_size = sizeof(struct firmware_rule),
		.help = "Programs that update devices; the first rule that matches counts. What "
			"matches none is updated by its plugin, if that can do it." },
	{ "directory", LGW_OPT_STRING, AT(firmware_params, directory),
		.def = "/var/lib/lwm2m-gateway/firmware", .flags = LGW_OPT_RESTART,
		.help = "Where images and the state of updates are kept." },
	{ "max_size", LGW_OPT_SIZE, AT(firmware_params, max_size), .def = "64M", .min = 1,
		.max = 1099511627776.0, .help = "Largest image." },
	{ "hook_runner", LGW_OPT_CHOICE, AT(firmware_params, runner), .def = "systemd",
		.choices = runners, .flags = LGW_OPT_RESTART,
		.help = "Who runs these programs: systemd, as lwm2m-gateway-hook@.service with the "
			"rights of root; or the daemon with its own (exec)." },
	{ "hook_timeout", LGW_OPT_DURATION, AT(firmware_params, hook_timeout_ms), .def = "30min",
		.min = 1000, .max = 86400000, .help = "Longest time that one run may take." },
	{ "tries", LGW_OPT_INT, AT(firmware_params, tries), .def = "5", .min = 1, .max = 100,
		.help = "Attempts at a download that bring nothing, before it is given up." },
	{ "pause", LGW_OPT_DURATION, AT(firmware_params, pause_ms), .def = "10s", .min = 1,
		.max = 3600000, .help = "Pause before the second attempt; it doubles." },
	{ "keep_for", LGW_OPT_DURATION, AT(firmware_params, keep_for_ms), .def = "90d",
		.max = 315360000000.0,
		.help = "How long the files of a device stay that is not there any more; 0: for "
			"ever." },
	{ "ca", LGW_OPT_STRING, AT(firmware_params, ca_file),
		.help = "File with the certificates of the authorities of https servers; the "
			"system's if absent." },
	{ .name = NULL },
};

static const struct lgw_option software_table[] = {
	{ "hook", LGW_OPT_STRING, AT(software_params, hook), .flags = LGW_OPT_RESTART,
		.help = "Program that installs software on the gateway itself; absent: servers "
			"cannot." },
	{ "devices", LGW_OPT_LIST, AT(software_params, rules), .sub = firmware_rule_table,
		.sub_size = sizeof(struct firmware_rule),
		.help = "Programs for devices; the first rule that matches counts." },
	{ .name = NULL },
};

static const struct lgw_option bus_table[] = {
	{ "enabled", LGW_OPT_BOOL, AT(bus_params, enabled), .def = "true", .flags = LGW_OPT_RESTART,
		.help = "Serve org.lwm2m.Gateway1 (lwm2mctl needs it)." },
	{ "address", LGW_OPT_STRING, AT(bus_params, address), .def = "system",
		.flags = LGW_OPT_RESTART, .help = "system, session, or a D-Bus address." },
	{ "group", LGW_OPT_STRING, AT(bus_params, group), .def = "lwm2m-gateway",
		.flags = LGW_OPT_RESTART,
		.help = "Group whose members may change things, beside root." },
	{ .name = NULL },
};

static const struct lgw_option limits_table[] = {
	{ "registrations_at_once", LGW_OPT_INT, AT(root_conf, registrations_at_once), .def = "100",
		.max = 100000, .flags = LGW_OPT_RESTART,
		.help = "Registrations under way at a time, all devices together; 0: no limit." },
	{ "handshakes_at_once", LGW_OPT_INT, AT(root_conf, handshakes_at_once), .def = "50",
		.max = 100000, .flags = LGW_OPT_RESTART,
		.help = "DTLS and TLS handshakes under way at a time, all devices together; 0: no "
			"limit." },
	{ "park_after", LGW_OPT_DURATION, AT(root_conf, park_after_ms), .def = "0s",
		.max = 604800000.0, .flags = LGW_OPT_RESTART,
		.help = "A DTLS connection that was idle for so long gives its memory (about 50 "
			"kB) back; the next message resumes it. What the server sends meanwhile "
			"arrives when it is repeated. 0: never." },
	{ "tcp_keepalive", LGW_OPT_DURATION, AT(root_conf, tcp_keepalive_ms), .def = "2min",
		.max = 32767000.0, .flags = LGW_OPT_RESTART,
		.help = "A TCP connection that was idle for so long, in whole seconds, is probed, "
			"and counts as lost when three probes 20 s apart are not answered. 0: "
			"never." },
	{ .name = NULL },
};

static const struct lgw_option store_table[] = {
	{ "file", LGW_OPT_STRING, AT(store_conf, file), .def = "/var/lib/lwm2m-gateway/store.db",
		.flags = LGW_OPT_RESTART,
		.help = "SQLite file of what must survive; empty: in RAM only, which ends with the "
			"daemon." },
	{ "durability", LGW_OPT_CHOICE, AT(store_conf, durability), .def = "power",
		.choices = durabilities, .flags = LGW_OPT_RESTART,
		.help = "What an accepted reading outlives: a power cut (power), or only the end "
			"of "
			"the daemon (process), which spares the flash." },
	{ "max_records", LGW_OPT_INT, AT(store_conf, max_records), .def = "1000000", .min = 100,
		.max = 1000000000, .flags = LGW_OPT_RESTART,
		.help = "Readings that wait, of all devices; beyond it some are dropped, see "
			"store.drop." },
	{ "max_size", LGW_OPT_SIZE, AT(store_conf, max_bytes), .def = "256M", .min = 65536,
		.max = 1e12, .flags = LGW_OPT_RESTART, .help = "Their bytes, likewise." },
	{ "device_records", LGW_OPT_INT, AT(store_conf, device_records), .def = "100000",
		.min = 100, .max = 1000000000, .flags = LGW_OPT_RESTART,
		.help = "Readings of one device, likewise." },
	{ "device_size", LGW_OPT_SIZE, AT(store_conf, device_bytes), .def = "64M", .min = 65536,
		.max = 1e12, .flags = LGW_OPT_RESTART, .help = "Bytes of one device, likewise." },
	{ "drop", LGW_OPT_CHOICE, AT(store_conf, room), .def = "oldest", .choices = rooms,
		.flags = LGW_OPT_RESTART,
		.help = "What goes beyond these limits: the oldest readings (oldest), or every "
			"second one of the older half of the path that has most, so that the past "
			"gets coarser (thin)." },
	{ "max_age", LGW_OPT_DURATION, AT(store_conf, max_age_ms), .def = "0s", .max = 3e12,
		.flags = LGW_OPT_RESTART,
		.help = "Readings older than this are dropped instead of sent; 0: none." },
	{ "orphan_ttl", LGW_OPT_DURATION, AT(store_conf, orphan_ttl_ms), .def = "7d", .min = 1000,
		.max = 3e12, .flags = LGW_OPT_RESTART,
		.help = "How long readings are kept of what a server observed and does no longer, "
			"unless it canceled." },
	{ .name = NULL },
};

const struct lgw_option conf_root_table[] = {
	{ "version", LGW_OPT_INT, AT(root_conf, version), .def = "1", .min = 1, .max = 1,
		.help = "Version of this format." },
	{ "log", LGW_OPT_GROUP, AT(root_conf, log), .sub = log_table,
		.sub_size = sizeof(struct conf_log), .help = "Logging." },
	{ "servers", LGW_OPT_LIST, AT(root_conf, servers), .sub = server_table,
		.sub_size = sizeof(struct server_conf),
		.help = "LwM2M servers; every device registers with each." },
	{ "devices", LGW_OPT_GROUP, AT(root_conf, gateway), .sub = devices_table,
		.sub_size = sizeof(struct gateway_params), .help = "What holds for all devices." },
	{ "gateway", LGW_OPT_GROUP, AT(root_conf, self), .sub = self_table,
		.sub_size = sizeof(struct gateway_conf),
		.help = "The gateway as a client of its own." },
	{ "firmware", LGW_OPT_GROUP, AT(root_conf, gateway.firmware), .sub = firmware_table,
		.sub_size = sizeof(struct firmware_params),
		.help = "Firmware of the gateway and of devices (object 5)." },
	{ "software", LGW_OPT_GROUP, AT(root_conf, gateway.software), .sub = software_table,
		.sub_size = sizeof(struct software_params),
		.help = "Software packages (objects 9 and 14); sizes, downloads and how hooks are "
			"run are those of firmware." },
	{ "maps", LGW_OPT_MAP, AT(root_conf, gateway.maps), .sub = map_table,
		.sub_size = sizeof(struct map_conf),
		.help = "From keys to resources; \"standard\" comes with the package." },
	{ "store", LGW_OPT_GROUP, AT(root_conf, store), .sub = store_table,
		.sub_size = sizeof(struct store_conf),
		.help = "What waits for servers that cannot be reached." },
	{ "bus", LGW_OPT_GROUP, AT(root_conf, bus), .sub = bus_table,
		.sub_size = sizeof(struct bus_params), .help = "D-Bus." },
	/* In place: these members lie in the root itself. */
	{ "limits", LGW_OPT_GROUP, .offset = 0, .sub = limits_table,
		.sub_size = sizeof(struct root_conf), .help = "Limits of the process." },
	{ .name = NULL },
};
