/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fake devices with changing values: the living example for writers of plugins, and a load
 * generator. Everything a plugin must do is here once: options, start, readings, facts, commands,
 * firmware, reload by restart, stop.
 */
#include <lgw/plugin.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART 100 /* devices in a batch */

enum kind { SINE, RAMP, TOGGLE, COUNTER, CONSTANT };
static const char *const kinds[] = { "sine", "ramp", "toggle", "counter", "constant", NULL };

/* What the tables below fill: one struct for each group of the configuration. */
struct value_conf {
	char *key;
	int kind;
	double min, max;
	bool writable;
};
struct sim_conf {
	int64_t devices;
	char *prefix;
	char *map;
	int64_t interval_ms;
	int64_t delay_ms;
	int64_t offline_every;
	bool firmware;
	struct lgw_list values;
};

static const struct lgw_option value_options[] = {
	{ .name = "key",
		.type = LGW_OPT_STRING,
		.offset = offsetof(struct value_conf, key),
		.flags = LGW_OPT_REQUIRED,
		.help = "Name of the quantity." },
	{ .name = "kind",
		.type = LGW_OPT_CHOICE,
		.offset = offsetof(struct value_conf, kind),
		.def = "sine",
		.choices = kinds,
		.help = "How the value changes." },
	{ .name = "min",
		.type = LGW_OPT_REAL,
		.offset = offsetof(struct value_conf, min),
		.def = "15",
		.help = "Least value." },
	{ .name = "max",
		.type = LGW_OPT_REAL,
		.offset = offsetof(struct value_conf, max),
		.def = "25",
		.help = "Greatest value." },
	{ .name = "writable",
		.type = LGW_OPT_BOOL,
		.offset = offsetof(struct value_conf, writable),
		.def = "false",
		.help = "Commands set the value; it changes no more by itself." },
	{ .name = NULL },
};

static const struct lgw_option options[] = {
	{ .name = "devices",
		.type = LGW_OPT_INT,
		.offset = offsetof(struct sim_conf, devices),
		.def = "1",
		.min = 1,
		.max = 100000,
		.help = "Number of devices." },
	{ .name = "prefix",
		.type = LGW_OPT_STRING,
		.offset = offsetof(struct sim_conf, prefix),
		.def = "sim",
		.help = "Device ids are the prefix and a number." },
	{ .name = "map",
		.type = LGW_OPT_STRING,
		.offset = offsetof(struct sim_conf, map),
		.flags = LGW_OPT_MAP_NAME,
		.help = "Name of the map for these devices; the default map if absent." },
	{ .name = "interval",
		.type = LGW_OPT_DURATION,
		.offset = offsetof(struct sim_conf, interval_ms),
		.def = "10s",
		.min = 1,
		.max = 86400000,
		.help = "Pause between two readings of a device." },
	{ .name = "delay",
		.type = LGW_OPT_DURATION,
		.offset = offsetof(struct sim_conf, delay_ms),
		.def = "0s",
		.max = 3600000,
		.help = "Pause before values begin to change." },
	{ .name = "offline_every",
		.type = LGW_OPT_INT,
		.offset = offsetof(struct sim_conf, offline_every),
		.def = "0",
		.max = 1000000,
		.help = "Every how many rounds a device misses one and is offline; 0: never." },
	{ .name = "firmware",
		.type = LGW_OPT_BOOL,
		.offset = offsetof(struct sim_conf, firmware),
		.def = "false",
		.help = "Servers may give the devices new firmware: a file that begins with "
			"\"SIM VERSION\" and a line feed." },
	{ .name = "values",
		.type = LGW_OPT_LIST,
		.offset = offsetof(struct sim_conf, values),
		.sub = value_options,
		.sub_size = sizeof(struct value_conf),
		.help = "What each device measures; one temperature if absent." },
	{ .name = NULL },
};

struct sim {
	const struct lgw_host *host;
	const struct sim_conf *conf;
	const struct value_conf *values;
	size_t nvalues;
	struct lgw_timer *timer;
	uint64_t round;
	double *set; /* written values, [device * nvalues + value] */
	/* Of a part of a round: readings of several devices, and their ids. */
	struct lgw_reading *batch;
	size_t n, nids;
	char ids[PART][72];
};

static const struct value_conf one_temperature = {
	.key = (char *)"temperature", .kind = SINE, .min = 15, .max = 25
};

static struct lgw_value value_at(const struct sim *s, size_t device, size_t k)
{
	const struct value_conf *v = &s->values[k];
	uint64_t step = s->round + device; /* neighbours differ */
	struct lgw_value out = { .type = LGW_REAL };

	if (v->writable) {
		out.u.r = s->set[device * s->nvalues + k];
		return out;
	}
	switch ((enum kind)v->kind) {
	case SINE:
		out.u.r = v->min + (v->max - v->min) * (1 + sin((double)step / 7)) / 2;
		out.u.r = round(out.u.r * 100) / 100;
		break;
	case RAMP:
		out.u.r = v->min + fmod((double)step, v->max - v->min + 1);
		break;
	case TOGGLE:
		out.type = LGW_BOOL;
		out.u.b = step & 1;
		break;
	case COUNTER:
		out.type = LGW_INT;
		out.u.i = (int64_t)s->round;
		break;
	case CONSTANT:
		out.u.r = v->min;
		break;
	}
	return out;
}

static bool is_off(const struct sim *s, size_t device)
{
	int64_t every = s->conf->offline_every;

	return every && s->round && (s->round + device) % (uint64_t)every == 0;
}

static const char *device_id(const struct sim *s, size_t device, char id[72])
{
	snprintf(id, 72, "%s%05zu", s->conf->prefix, device);
	return id;
}

static void add_device(struct sim *s, size_t device, const char *id)
{
	for (size_t k = 0; k < s->nvalues; k++)
		s->batch[s->n++] = (struct lgw_reading){
			.device = id,
			.key = s->values[k].key,
			.value = value_at(s, device, k),
			.map = s->conf->map,
			.group = "sim",
			.max_devices = (uint32_t)s->conf->devices,
		};
}

static void hand_over(struct sim *s)
{
	s->host->submit(s->host, s->batch, s->n, NULL, NULL);
	s->host->count(s->host, "readings", (int64_t)s->n);
	s->n = s->nids = 0;
}

static void tell_facts(struct sim *s)
{
	const struct lgw_device_info info = { .manufacturer = "lwm2m-gateway", .model = "sim" };
	char id[72];

	for (int64_t d = 0; d < s->conf->devices; d++)
		s->host->device_info(s->host, device_id(s, (size_t)d, id), &info);
}

/* One round: every device that is on says all of its values. */
static void tick(void *ud)
{
	struct sim *s = ud;

	for (int64_t d = 0; d < s->conf->devices; d++) {
		const char *id = device_id(s, (size_t)d, s->ids[s->nids]);
		bool off = is_off(s, (size_t)d);

		if (s->conf->offline_every && (off || s->round))
			s->host->device_online(s->host, id, !off);
		if (off)
			continue;
		add_device(s, (size_t)d, id);
		if (++s->nids == PART)
			hand_over(s);
	}
	if (s->n)
		hand_over(s);
	if (!s->round)
		tell_facts(s);
	s->host->timer_set(s->timer, s->round || s->conf->delay_ms < s->conf->interval_ms
					     ? s->conf->interval_ms
					     : s->conf->delay_ms);
	s->round++;
}

static int check(const void *conf, char *text, size_t size)
{
	const struct sim_conf *c = conf;
	const struct value_conf *v = c->values.items;

	for (size_t k = 0; k < c->values.n; k++)
		if (v[k].min > v[k].max) {
			snprintf(text, size, "value \"%s\": min is above max", v[k].key);
			return LGW_EINVAL;
		}
	if (strlen(c->prefix) > 60) {
		snprintf(text, size, "prefix is longer than 60 bytes");
		return LGW_EINVAL;
	}
	return LGW_OK;
}

static void release(struct sim *s)
{
	s->host->timer_free(s->timer);
	free(s->set);
	free(s->batch);
	free(s);
}

static int start(const struct lgw_host *host, const void *conf, void **state)
{
	const struct sim_conf *c = conf;
	struct sim *s = calloc(1, sizeof(*s));
	size_t devices = (size_t)c->devices;

	if (!s)
		return LGW_ENOMEM;
	s->host = host;
	s->conf = c;
	s->values = c->values.n ? c->values.items : &one_temperature;
	s->nvalues = c->values.n ? c->values.n : 1;
	s->set = calloc(devices * s->nvalues, sizeof(*s->set));
	s->batch = calloc(PART * s->nvalues, sizeof(*s->batch));
	s->timer = host->timer_new(host, tick, s);
	if (!s->set || !s->batch || !s->timer) {
		release(s);
		return LGW_ENOMEM;
	}
	for (size_t d = 0; d < devices; d++)
		for (size_t k = 0; k < s->nvalues; k++)
			s->set[d * s->nvalues + k] = s->values[k].min;
	host->state(host, "devices", true, "simulating");
	host->timer_set(s->timer, 0);
	*state = s;
	return LGW_OK;
}

static void stop(void *state, lgw_stop_fn done, void *ud)
{
	release(state);
	done(ud);
}

static int number(const struct lgw_value *v, double *out)
{
	switch (v->type) {
	case LGW_BOOL:
		*out = v->u.b;
		return LGW_OK;
	case LGW_INT:
		*out = (double)v->u.i;
		return LGW_OK;
	case LGW_REAL:
		*out = v->u.r;
		return LGW_OK;
	default:
		return LGW_EINVAL;
	}
}

/* The number in an id of ours; -1: it is none. */
static int64_t device_number(const struct sim *s, const char *id)
{
	size_t len = strlen(s->conf->prefix);
	unsigned long d;
	char *end;

	if (strncmp(id, s->conf->prefix, len) != 0)
		return -1;
	d = strtoul(id + len, &end, 10);
	return *end || d >= (size_t)s->conf->devices ? -1 : (int64_t)d;
}

static bool device_known(void *state, const char *device, const char *group)
{
	(void)group;
	return device_number(state, device) >= 0;
}

/* A command is obeyed at once and confirmed by a report, as a good device does it. */
static int command(void *state, const struct lgw_command *cmd)
{
	struct sim *s = state;
	int64_t d = device_number(s, cmd->device);
	struct lgw_reading r = { .device = cmd->device, .key = cmd->key, .map = s->conf->map };
	size_t k = 0;

	while (k < s->nvalues && strcmp(s->values[k].key, cmd->key))
		k++;
	if (d < 0 || k == s->nvalues || !s->values[k].writable)
		return LGW_ENOENT;
	if (number(&cmd->value, &s->set[(size_t)d * s->nvalues + k]))
		return LGW_EINVAL;
	r.value = value_at(s, (size_t)d, k);
	s->host->submit(s->host, &r, 1, NULL, NULL);
	s->host->command_done(s->host, cmd->id, LGW_OK);
	return LGW_OK;
}

/* --- firmware ------------------------------------------------------------------------------- */

static bool offers(void *state, const char *device)
{
	const struct sim *s = state;

	return s->conf->firmware && !strncmp(device, s->conf->prefix, strlen(s->conf->prefix));
}

/* The version of an image; false: it is none of ours. */
static bool version_of(const char *path, char version[33])
{
	FILE *f = fopen(path, "re");
	char end = 0;
	bool ok = f && fscanf(f, "SIM %32[0-9A-Za-z.]%c", version, &end) == 2 && end == '\n';

	if (f)
		fclose(f);
	return ok;
}

/* Nothing takes time here; a plugin that has to send an image tells its end later. */
static int firmware_begin(void *state, const struct lgw_firmware_job *job)
{
	struct sim *s = state;
	struct lgw_device_info info = { 0 };
	char version[33];

	if (!version_of(job->image, version)) {
		s->host->firmware_done(s->host, job->device,
			job->step == LGW_FIRMWARE_CHECK ? LGW_FIRMWARE_TYPE : LGW_FIRMWARE_FAILED,
			NULL);
		return LGW_OK;
	}
	if (job->step != LGW_FIRMWARE_CHECK) {
		info.firmware_version = version;
		s->host->device_info(s->host, job->device, &info);
	}
	s->host->firmware_done(s->host, job->device, LGW_FIRMWARE_OK, version);
	return LGW_OK;
}

static const struct lgw_firmware firmware = { offers, firmware_begin };

LGW_PLUGIN const struct lgw_plugin lgw_plugin = {
	.abi = LGW_PLUGIN_ABI,
	.name = "sim",
	.description = "fake devices with changing values",
	.options = options,
	.conf_size = sizeof(struct sim_conf),
	.check = check,
	.start = start,
	.stop = stop,
	.command = command,
	.firmware = &firmware,
	.device_known = device_known,
};
