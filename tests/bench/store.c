/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store's figures as JSON lines: store [RECORDS [power|process]]. Readings into the file in
 * batches of 100 as brokers bring them, each batch waited for; a loop's latency meanwhile; restart;
 * draining in pages of 20.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "loop/clock.h"
#include "store/store.h"

#define LINES 1000
#define BATCH 100

static double now(void)
{
	return (double)clock_monotonic_us() / 1e6;
}

static long rss_kb(void)
{
	long pages = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%ld %ld", &pages, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void reached(void *ud, int status)
{
	(void)status;
	*(bool *)ud = true;
}

static struct store *open_store(const struct store_params *p, struct loop *l)
{
	struct store *s = NULL;
	char text[256];

	if (store_new(p, l, loop_timers(l), NULL, NULL, &s, text, sizeof(text))) {
		fprintf(stderr, "%s\n", text);
		exit(1);
	}
	return s;
}

static struct store_line *line(struct store *s, int k)
{
	char owner[32];

	snprintf(owner, sizeof(owner), "device-%d", k);
	return line_get(s, owner, 1, &PATH_RES(3303, 0, 5700));
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void fill(struct store *s, struct loop *l, long n, const char *file, const char *mode)
{
	long batches = n / BATCH;
	double begin = now(), *turns = calloc((size_t)batches, sizeof(*turns));
	struct stat st = { 0 };

	for (long b = 0; b < batches; b++) {
		double turn = now();
		bool done = false;

		store_begin(s);
		for (int k = 0; k < BATCH; k++) {
			struct record r = { PATH_RES(3303, 0, 5700), VALUE_FLOAT(20 + k * 0.1),
				1800000000000 + b, NULL };

			line_append(line(s, (int)((b * BATCH + k) % LINES)), &r);
		}
		store_end(s);
		store_barrier(s, reached, &done);
		turns[b] = now() - turn;
		while (!done)
			loop_turn(l, 100);
	}
	qsort(turns, (size_t)batches, sizeof(*turns), compare);
	stat(file, &st);
	printf("{\"bench\": \"store append\", \"durability\": \"%s\", \"records\": %ld, "
	       "\"per_s\": %.0f, \"loop_p99_ms_per_100\": %.3f, \"file_bytes_per_record\": %.1f}\n",
		mode, n, (double)n / (now() - begin), turns[batches * 99 / 100] * 1e3,
		(double)st.st_size / (double)n);
	free(turns);
}

static int take(void *ud, const struct record *r)
{
	(void)r;
	return ++*(int *)ud > 20 ? LINE_ENOUGH : 0;
}

static void drain(struct store *s, long n)
{
	double begin = now();
	long left = n;

	for (int k = 0; k < LINES; k++) {
		struct store_line *l = line(s, k);

		while (line_count(l)) {
			uint64_t last;
			int got = 0;

			line_page(l, take, &got, &last);
			left -= line_count(l);
			line_remove(l, last, LINE_DELIVERED);
			left += line_count(l);
		}
	}
	printf("{\"bench\": \"store drain\", \"records\": %ld, \"per_s\": %.0f}\n", n,
		(double)n / (now() - begin));
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
	const char *mode = argc > 2 ? argv[2] : "process";
	struct store_params p = store_params_default;
	struct loop *l = loop_new();
	char file[] = "/tmp/lgw-bench-XXXXXX", name[64];
	struct store *s;
	double begin;
	long before;

	if (!mkdtemp(file))
		return 1;
	snprintf(name, sizeof(name), "%s/store.db", file);
	p.file = name;
	p.max_records = (uint64_t)n * 2;
	p.durability = strcmp(mode, "power") ? STORE_PROCESS : STORE_POWER;
	s = open_store(&p, l);
	fill(s, l, n, name, mode);
	store_free(s);
	before = rss_kb();
	begin = now();
	s = open_store(&p, l);
	printf("{\"bench\": \"store restart\", \"records\": %ld, \"ms\": %.0f, \"rss_kb\": %ld, "
	       "\"rss_before_kb\": %ld}\n",
		n, (now() - begin) * 1e3, rss_kb(), before);
	drain(s, n);
	store_free(s);
	loop_free(l);
	unlink(name);
	snprintf(name, sizeof(name), "%s/store.db-lock", file);
	unlink(name);
	rmdir(file);
	return 0;
}
