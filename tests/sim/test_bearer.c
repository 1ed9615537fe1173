/* SPDX-License-Identifier: BSD-3-Clause */
/* /1/x/10: the data connection that carries a server's traffic. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "stage.h"
#include "objects/standard.h"
#include "types/format.h"

#define LOCATION "/rd/5a3f"

static int may(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid, (void)iid;
	return LGW_OK;
}

static const struct cellular_backend backend = { .profile_remove = may };

/* Registered, with profile 3 on wwan0. */
static void begin(struct stage *st)
{
	assert_int_equal(object_cellular_add(client_objects(st->client), &backend, st), 0);
	assert_int_equal(dm_instance_add(client_dm(st->client), 11, 3), 3);
	st->interface = "wwan0";
	stage_register(st);
}

static uint8_t put_link(struct stage *st, const char *link)
{
	request(st, COAP_PUT, "/1/0/10");
	request_text(st, CF_TEXT, link);
	return ask(st);
}

static void an_unknown_profile(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(put_link(st, "11:3"), COAP_400); /* there is no object 11 */
	assert_int_equal(object_cellular_add(client_objects(st->client), &backend, st), 0);
	script_advance(&st->sc, 200); /* objects that come together are told together */
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	assert_int_equal(put_link(st, "11:3"), COAP_400);
	assert_int_equal(put_link(st, "3:0"), COAP_400);
	assert_int_equal(put_link(st, "65535:65535"), COAP_204);
	assert_null(script_interface(st->link));
}

/* The answer leaves over the old way; the server hears from the new address at once. */
static void another_way(void **state)
{
	struct stage *st = *state;

	begin(st);
	assert_int_equal(put_link(st, "11:3"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	assert_string_equal(script_interface(st->link), "wwan0");
	answer(st, COAP_204);
	/* The connection comes back on another interface. */
	st->interface = "wwan1";
	client_bearer_changed(st->client, 2);
	expect_quiet(st, 1000);
	client_bearer_changed(st->client, 3);
	expect_request(st, COAP_POST, LOCATION);
	assert_string_equal(script_interface(st->link), "wwan1");
	answer(st, COAP_204);
	assert_int_equal(put_link(st, "65535:65535"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	assert_null(script_interface(st->link));
}

/* Nothing goes another way meanwhile; and then at once. */
static void it_is_not_there(void **state)
{
	struct stage *st = *state;

	begin(st);
	assert_int_equal(put_link(st, "11:3"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	st->interface = "";
	client_bearer_changed(st->client, 3);
	expect_quiet(st, 3600000);
	st->interface = "wwan0";
	client_bearer_changed(st->client, 3);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	/* Connected, on an interface that nobody knows: whichever. */
	st->interface = NULL;
	client_bearer_changed(st->client, 3);
	expect_request(st, COAP_POST, LOCATION);
	assert_null(script_interface(st->link));
}

/* A server that removes the profile that it is reached by: any way is better than none. */
static void its_profile_goes(void **state)
{
	struct stage *st = *state;

	begin(st);
	assert_int_equal(put_link(st, "11:3"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	assert_int_equal(ask_for(st, COAP_DELETE, "/11/3"), COAP_202);
	assert_false(dm_exists(client_dm(st->client), &PATH_RES(1, 0, 10)));
	expect_request(st, COAP_POST, LOCATION);
	assert_null(script_interface(st->link));
}

/* A socket whose address is not the one that the machine would choose now. */
static int moved_socket(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	assert_true(fd > 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(9);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

#define CROWD 250
struct crowd {
	struct client *client[CROWD];
	struct scripted_link *link[CROWD];
};

static void crowd_make(struct stage *st, struct crowd *c)
{
	char name[16], uri[32];

	for (int k = 0; k < CROWD; k++) {
		struct client_params p = st->params;
		struct server_params server = st->servers[0];
		int err;

		snprintf(name, sizeof(name), "many%d", k);
		snprintf(uri, sizeof(uri), "coap://many%d", k);
		server.account.uri = uri;
		p.endpoint = name;
		p.servers = &server;
		p.nservers = 1;
		c->client[k] = client_new(&st->env, &p, NULL, NULL, &err);
		assert_non_null(c->client[k]);
		assert_int_equal(client_start(c->client[k]), 0);
		script_settle(&st->sc);
		st->link = c->link[k] = script_link(&st->sc, name);
		assert_true(script_take(st->link, &st->m));
		stage_accept(st);
	}
}

static int crowd_speaks(const struct crowd *c)
{
	int n = 0;

	for (int k = 0; k < CROWD; k++)
		n += c->client[k] && script_sent(c->link[k]);
	return n;
}

static void crowd_goes(struct crowd *c, int k)
{
	client_free(c->client[k]);
	c->client[k] = NULL;
}

/* Another network: no turn of the loop looks at all of them, but each is looked at. */
static void many_clients_and_another_network(void **state)
{
	struct stage *st = *state;
	struct crowd c;
	int first, gone = 0;

	crowd_make(st, &c);
	clients_network_changed(st->env.clients);
	script_advance(&st->sc, 1000);
	assert_int_equal(crowd_speaks(&c), 0); /* it is the same network for them */
	st->sc.socket = moved_socket();
	clients_network_changed(st->env.clients);
	script_settle(&st->sc);
	first = crowd_speaks(&c);
	assert_in_range(first, 1, CROWD - 2);
	clients_network_changed(st->env.clients); /* and once more meanwhile */
	for (int k = 0; k < CROWD && gone < 2; k++)
		if (!script_sent(c.link[k])) {
			crowd_goes(&c, k);
			gone++;
		}
	script_advance(&st->sc, 100);
	assert_int_equal(crowd_speaks(&c), CROWD - gone);
	clients_network_changed(st->env.clients);
	for (int k = 0; k < CROWD; k++)
		crowd_goes(&c, k);
	script_advance(&st->sc, 100);
	close(st->sc.socket);
}

int main(void)
{
#define T(f_) cmocka_unit_test_setup_teardown(f_, stage_setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		T(an_unknown_profile),
		T(another_way),
		T(it_is_not_there),
		T(its_profile_goes),
		T(many_clients_and_another_network),
	};

	return cmocka_run_group_tests_name("bearer of a server", tests, NULL, NULL);
}
