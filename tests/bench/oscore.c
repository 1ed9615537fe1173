/* SPDX-License-Identifier: BSD-3-Clause */
/* What OSCORE costs: a context, and a message of 64 bytes each way, as JSON lines. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <lgw/status.h>
#include "oscore/protect.h"
#include "oscore/state.h"

#define CONTEXTS 2000
#define MESSAGES 100000
#define ROOM     512

static int reserve(void *ud, const struct oscore_cred *cred, uint32_t n, uint64_t *first)
{
	uint64_t *next = ud;

	(void)cred;
	*first = *next;
	*next += n;
	return LGW_OK;
}

static const struct oscore_ops ops = { reserve };

static struct oscore *make(const char *sender, const char *recipient, uint64_t *numbers)
{
	const struct oscore_params p = { .secret = { (const uint8_t *)"0123456789abcdef", 16 },
		.sender = { (const uint8_t *)sender, 1 },
		.recipient = { (const uint8_t *)recipient, 1 } };
	const struct oscore_cred *cred;
	struct oscore *c;
	char text[80];
	int err;

	if (oscore_cred_new(&p, &cred, text, sizeof(text)))
		return NULL;
	c = oscore_new(cred, &ops, numbers, &err);
	oscore_cred_unref(cred);
	if (c)
		oscore_window_reset(&c->window);
	return c;
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* A Read and its answer, through both ends. */
static int exchange(struct oscore *server, struct oscore *client, struct aead *a)
{
	static const uint8_t body[64];
	uint8_t b[4][ROOM];
	struct wr w[4];
	struct oscore_bind asked, got;
	struct coap_msg m, outer, inner;
	int r;

	for (int i = 0; i < 4; i++)
		w[i] = wr_of(b[i], ROOM);
	coap_msg_init(&m, COAP_CON, COAP_GET);
	coap_add_str(&m, COAP_OPT_URI_PATH, "3303");
	coap_add_str(&m, COAP_OPT_URI_PATH, "0");
	r = oscore_protect_request(server, a, &m, &asked, &w[0], &outer);
	r = r ? r : oscore_unprotect_request(client, a, &outer, &got, &w[1], &inner);
	coap_msg_init(&m, COAP_ACK, COAP_205);
	m.payload = body;
	m.payload_len = sizeof(body);
	r = r ? r : oscore_protect_answer(client, a, &m, &got, &w[2], &outer);
	return r ? r : oscore_unprotect_answer(server, a, &outer, &asked, &w[3], &inner);
}

int main(void)
{
	uint64_t numbers[2] = { 0, 0 };
	struct oscore *client = NULL, *server = make("S", "C", &numbers[0]);
	struct aead *a = aead_new();
	double t = cpu_us();
	int r = server ? LGW_OK : LGW_EINTERNAL;

	for (int i = 0; i < CONTEXTS && !r; i++) {
		oscore_free(client);
		client = make("C", "S", &numbers[1]);
		r = client ? LGW_OK : LGW_EINTERNAL;
	}
	printf("{\"bench\": \"oscore\", \"context_us\": %.1f, \"context_bytes\": %zu}\n",
		(cpu_us() - t) / CONTEXTS, sizeof(struct oscore));
	t = cpu_us();
	for (int i = 0; i < MESSAGES && !r; i++)
		r = exchange(server, client, a);
	printf("{\"bench\": \"oscore\", \"message_us\": %.2f}\n", (cpu_us() - t) / MESSAGES / 4);
	oscore_free(client);
	oscore_free(server);
	aead_free(a);
	return r != LGW_OK;
}
