/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests share that look at what outlives the client. */
#ifndef SIM_WRITTEN_H
#define SIM_WRITTEN_H

#include "stage.h"

/* A stage with a store in a file, on which readings do not wait. */
int written_setup(void **state);
/* Five seconds without a process; nothing is started yet. */
void restart(struct stage *st);
/* … and the registration of before goes on, by this Update. */
void go_on(struct stage *st, const char *update);
/* Write and Read as plain text. */
uint8_t put_text(struct stage *st, const char *uri, const char *text);
void expect_text(struct stage *st, const char *uri, const char *text);
/* Object 16, and an instance of it that the server makes. */
void with_portfolio(struct stage *st);
void create(struct stage *st, int iid, const char *name);

#endif
