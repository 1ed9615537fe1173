/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stands in for libFuzzer in `make check`: runs a target over the files of directories and over
 * every prefix of each, so that truncation is always tried; and over each input of the corpora that
 * are given as files (corpus.py). With --enable-fuzzing the targets are linked with libFuzzer
 * instead (HACKING.md).
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MAX_BYTES 65536

/* The input in memory of exactly its size, so that a read beyond it is seen. */
static void run_one(const uint8_t *p, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, p, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static unsigned run_file(const char *path)
{
	static uint8_t buf[FILE_MAX_BYTES];
	FILE *f = fopen(path, "rb");
	size_t len, step;

	if (!f) {
		perror(path);
		exit(1);
	}
	len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	step = len > 512 ? len / 512 : 1;
	for (size_t n = 0; n < len; n += step)
		run_one(buf, n);
	run_one(buf, len);
	return 1;
}

static int nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One input per line, in hexadecimal. */
static unsigned run_corpus(const char *path)
{
	static uint8_t buf[FILE_MAX_BYTES];
	FILE *f = fopen(path, "r");
	unsigned inputs = 0;
	char *line = NULL;
	size_t cap = 0;

	if (!f) {
		perror(path);
		exit(1);
	}
	for (; getline(&line, &cap, f) > 0; inputs++) {
		const char *c = line;
		size_t len = 0;

		for (; len < sizeof(buf) && nibble(c[0]) >= 0 && nibble(c[1]) >= 0; c += 2)
			buf[len++] = (uint8_t)(nibble(c[0]) << 4 | nibble(c[1]));
		run_one(buf, len);
	}
	free(line);
	fclose(f);
	return inputs;
}

static unsigned run_dir(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);
	unsigned files = 0;

	for (int i = 0; i < n; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			files += run_file(file);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return files;
}

int main(int argc, char **argv)
{
	unsigned files = 0;
	struct stat st;

	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st)) {
			perror(argv[i]);
			return 1;
		}
		files += S_ISDIR(st.st_mode) ? run_dir(argv[i]) : run_corpus(argv[i]);
	}
	printf("%u inputs\n", files);
	return files ? 0 : 1;
}
