/* SPDX-License-Identifier: BSD-3-Clause */
/* A configuration file through libconfig, the tables of options, and the checks of maps. */
#include <libconfig.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "conf/scan.h"
#include "conf/schema.h"
#include "conf/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 forgets the text of a string that does not end. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

static void fill(const char *text)
{
	struct conf_errors errors = { 0 };
	struct schema_ctx ctx = { .errors = &errors, .file = "fuzz" };
	struct root_conf root;
	config_t cfg;

	memset(&root, 0, sizeof(root));
	config_init(&cfg);
	if (config_read_string(&cfg, text) == CONFIG_TRUE) {
		schema_fill(&ctx, conf_root_table, &root, sizeof(root), config_root_setting(&cfg),
			true);
		/* A second file over the first one. */
		schema_fill(&ctx, conf_root_table, &root, sizeof(root), config_root_setting(&cfg),
			false);
		schema_release(conf_root_table, &root);
	}
	config_destroy(&cfg);
	conf_errors_fini(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	scan_overflow((const char *)data, size);
	/* Files of the administrator's own are not for the fuzzer to open. */
	if (strlen(text) == size && !strstr(text, "@include") && !strstr(text, "file:"))
		fill(text);
	free(text);
	return 0;
}
