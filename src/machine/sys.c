/* SPDX-License-Identifier: BSD-3-Clause */
#include "machine/sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

/* First line of a small file, printable and trimmed; empty when it cannot be read. */
static void read_line(const char *path, char *out, size_t cap)
{
	FILE *f = fopen(path, "re");
	char buf[256] = "";
	size_t len;

	out[0] = '\0';
	if (!f)
		return;
	if (!fgets(buf, sizeof(buf), f))
		buf[0] = '\0';
	fclose(f);
	len = strcspn(buf, "\n");
	while (len && (buf[len - 1] == ' ' || buf[len - 1] == '\t'))
		len--;
	str_printable(out, cap, buf, len);
}

/* Vendors that left the field at what the mainboard's maker had put there. */
static void drop_filler(char *s)
{
	static const char *const fillers[] = { "To Be Filled", "Default string",
		"System manufacturer", "System Product Name", "Not Specified", "None",
		"0123456789" };

	for (size_t k = 0; k < ARRAY_SIZE(fillers); k++)
		if (!strncasecmp(s, fillers[k], strlen(fillers[k])))
			*s = '\0';
}

static void first_of(char *out, size_t cap, const char *a, const char *b)
{
	read_line(a, out, cap);
	drop_filler(out);
	if (!*out && b) {
		read_line(b, out, cap);
		drop_filler(out);
	}
}

static void read_os(char *out, size_t cap)
{
	static const char key[] = "PRETTY_NAME=";
	FILE *f = fopen("/etc/os-release", "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		char *s = line + sizeof(key) - 1;

		if (strncmp(line, key, sizeof(key) - 1))
			continue;
		s += *s == '"' || *s == '\'';
		str_printable(out, cap, s, strcspn(s, "\"'\n"));
		break;
	}
	if (f)
		fclose(f);
}

static void read_timezone(char *out, size_t cap)
{
	char target[256];
	ssize_t n = readlink("/etc/localtime", target, sizeof(target) - 1);
	const char *zone;

	if (n > 0) {
		target[n] = '\0';
		zone = strstr(target, "zoneinfo/");
		if (zone) {
			str_copy(out, cap, zone + strlen("zoneinfo/"));
			return;
		}
	}
	read_line("/etc/timezone", out, cap);
}

void sys_facts_read(struct sys_facts *f)
{
	struct utsname u;

	*f = (struct sys_facts){ 0 };
	first_of(f->manufacturer, sizeof(f->manufacturer), "/sys/class/dmi/id/sys_vendor", NULL);
	first_of(f->model, sizeof(f->model), "/sys/class/dmi/id/product_name",
		"/proc/device-tree/model");
	first_of(f->serial, sizeof(f->serial), "/sys/class/dmi/id/product_serial",
		"/proc/device-tree/serial-number");
	first_of(f->hardware_version, sizeof(f->hardware_version),
		"/sys/class/dmi/id/product_version", NULL);
	read_os(f->os, sizeof(f->os));
	if (!uname(&u))
		str_copy(f->kernel, sizeof(f->kernel), u.release);
	if (gethostname(f->hostname, sizeof(f->hostname) - 1))
		f->hostname[0] = '\0';
	read_timezone(f->timezone, sizeof(f->timezone));
}

int sys_state_read(struct sys_state *s)
{
	struct sysinfo si;
	FILE *f;
	char line[128];
	long long kb;

	*s = (struct sys_state){ 0 };
	if (sysinfo(&si))
		return LGW_EIO;
	s->mem_total_kb = (int64_t)(si.totalram / 1024 * si.mem_unit);
	s->mem_free_kb = (int64_t)(si.freeram / 1024 * si.mem_unit);
	/* What programs could still get is more than what is unused. */
	f = fopen("/proc/meminfo", "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %lld kB", &kb) == 1)
			s->mem_free_kb = kb;
	if (f)
		fclose(f);
	return LGW_OK;
}
