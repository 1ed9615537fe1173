/* SPDX-License-Identifier: BSD-3-Clause */
/* What plugins keep by name: its limits, and over the end of the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <lgw/plugin.h>
#include "gateway/kept.h"
#include "store/store.h"
#include "util/err.h"

static void says(const struct kept_list *l, const char *source, const char *name, const char *text)
{
	char buf[64];
	int n = kept_get(l, source, name, buf, sizeof(buf));

	if (!text) {
		assert_int_equal(n, LGW_ENOENT);
		return;
	}
	assert_int_equal(n, strlen(text));
	assert_memory_equal(buf, text, strlen(text));
}

static int put(struct kept_list *l, struct store *s, const char *source, const char *name,
	const char *text)
{
	return kept_put(l, s, source, name, text, text ? strlen(text) : 0);
}

static void limits(void **state)
{
	struct kept_list l = LIST_HEAD_INITIALIZER(l);
	uint8_t large[LGW_KEEP_MAX + 1] = { 0 }, small[4];
	char name[LGW_KEEP_NAME_MAX + 1];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[LGW_KEEP_NAME_MAX] = '\0';
	assert_int_equal(put(&l, NULL, "a", name, "1"), LGW_EINVAL);
	assert_int_equal(put(&l, NULL, "a", "", "1"), LGW_EINVAL);
	assert_int_equal(kept_put(&l, NULL, "a", "large", large, sizeof(large)), LGW_ETOOBIG);
	for (int k = 0; k < LGW_KEEP_NAMES; k++) {
		snprintf(name, sizeof(name), "n%d", k);
		assert_int_equal(kept_put(&l, NULL, "a", name, large, LGW_KEEP_MAX), LGW_OK);
	}
	assert_int_equal(put(&l, NULL, "a", "more", "1"), LGW_ENOMEM);
	assert_int_equal(put(&l, NULL, "b", "more", "1"), LGW_OK); /* another one's */
	assert_int_equal(put(&l, NULL, "a", "n0", "1"), LGW_OK);
	assert_int_equal(put(&l, NULL, "a", "n1", NULL), LGW_OK);
	assert_int_equal(put(&l, NULL, "a", "more", "1"), LGW_OK);
	assert_int_equal(kept_get(&l, "a", "n2", small, sizeof(small)), LGW_ETOOBIG);
	says(&l, "a", "n0", "1");
	says(&l, "a", "n1", NULL);
	says(&l, "a", "never", NULL);
	kept_free(&l);
}

static struct store *open_store(struct loop *loop, const char *file)
{
	struct store_params p = store_params_default;
	struct store *s = NULL;
	char text[100] = "";

	p.file = file;
	if (store_new(&p, loop, loop_timers(loop), NULL, NULL, &s, text, sizeof(text)))
		fail_msg("%s", text);
	return s;
}

static void survives(void **state)
{
	char dir[] = "/tmp/lwm2m-kept.XXXXXX", file[64], command[80];
	struct kept_list l = LIST_HEAD_INITIALIZER(l);
	struct loop *loop = loop_new();
	struct store *s;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/store.db", dir);
	s = open_store(loop, file);
	assert_int_equal(put(&l, s, "a", "one", "1"), LGW_OK);
	assert_int_equal(put(&l, s, "a", "two", "2"), LGW_OK);
	assert_int_equal(put(&l, s, "a", "one", "11"), LGW_OK);
	assert_int_equal(put(&l, s, "a", "two", NULL), LGW_OK);
	assert_int_equal(put(&l, s, "b", "one", ""), LGW_OK);
	kept_free(&l);
	store_free(s);

	s = open_store(loop, file);
	kept_load(&l, s, "a");
	kept_load(&l, s, "a"); /* the plugin is started anew */
	kept_load(&l, s, "b");
	says(&l, "a", "one", "11");
	says(&l, "a", "two", NULL);
	says(&l, "b", "one", "");
	kept_free(&l);
	store_free(s);
	loop_free(loop);
	snprintf(command, sizeof(command), "%s-lock", file);
	unlink(command);
	snprintf(command, sizeof(command), "%s-wal", file);
	unlink(command);
	snprintf(command, sizeof(command), "%s-shm", file);
	unlink(command);
	unlink(file);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
