/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One SQLite file in WAL mode: a connection of the writer's thread, and one of the loop's thread
 * that only reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "store/back.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("store");

#define ASIDE_MAX   100
#define CACHE_PAGES "-500" /* KiB, negated */

/* What each version adds to the one before it: PRAGMA user_version counts them. */
static const char *const migrations[] = {
	"CREATE TABLE fact (kind INTEGER, owner TEXT, key BLOB, value BLOB,"
	" PRIMARY KEY (kind, owner, key)) WITHOUT ROWID;"
	"CREATE TABLE line (id INTEGER PRIMARY KEY, owner TEXT, ssid INTEGER, path BLOB);"
	"CREATE TABLE record (line INTEGER, number INTEGER, time INTEGER, body BLOB,"
	" PRIMARY KEY (line, number)) WITHOUT ROWID;",
	"ALTER TABLE line ADD COLUMN idle INTEGER NOT NULL DEFAULT 0;",
	/* An observation (fact 2): before its token stands the length of that. */
	("UPDATE fact SET value = CAST(substr(value, 1, 2) || char(length(value) - 2)"
	 " || substr(value, 3) AS BLOB) WHERE kind = 2;"),
};

enum {
	INSERT_FACT,
	DELETE_FACT,
	FORGET,
	INSERT_LINE,
	IDLE,
	DELETE_LINE,
	DELETE_RECORDS,
	APPEND,
	REMOVE,
	TAKE,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
	[INSERT_FACT] = "INSERT OR REPLACE INTO fact (kind, owner, key, value) VALUES (?,?,?,?)",
	[DELETE_FACT] = "DELETE FROM fact WHERE kind = ? AND owner = ? AND key = ?",
	[FORGET] = "DELETE FROM fact WHERE kind = ? AND owner = ?",
	[INSERT_LINE] = "INSERT OR IGNORE INTO line (id, owner, ssid, path) VALUES (?,?,?,?)",
	[IDLE] = "UPDATE line SET idle = ? WHERE id = ?",
	[DELETE_LINE] = "DELETE FROM line WHERE id = ?",
	[DELETE_RECORDS] = "DELETE FROM record WHERE line = ?",
	[APPEND] = "INSERT OR REPLACE INTO record (line, number, time, body) VALUES (?,?,?,?)",
	[REMOVE] = "DELETE FROM record WHERE line = ? AND number <= ?",
	[TAKE] = "DELETE FROM record WHERE line = ? AND number = ?",
};

struct back {
	char *file;
	int lock; /* of FILE-lock: the file is ours alone */
	dev_t dev;
	ino_t ino;
	bool power;
	const char *damaged; /* how; NULL: it is not, as far as is known; under reading */
	bool empty;          /* there is nothing in the file yet */
	sqlite3 *db;         /* of the writer; NULL: no file could be begun so far */
	sqlite3_stmt *st[STATEMENTS];
	pthread_mutex_t reading; /* of what the loop reads with: the writer may begin a new file */
	sqlite3 *reader;
	sqlite3_stmt *page;
};

static int error_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return LGW_OK;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* no such table: not ours any more */
		return LGW_EINVAL;
	default:
		return LGW_EIO;
	}
}

static int run(sqlite3 *db, const char *text)
{
	return error_of(sqlite3_exec(db, text, NULL, NULL, NULL));
}

static int number(sqlite3 *db, const char *text, int64_t *out)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(db, text, -1, &st, NULL);

	if (!rc) {
		rc = sqlite3_step(st);
		*out = sqlite3_column_int64(st, 0);
		sqlite3_finalize(st);
	}
	return error_of(rc);
}

/* --- opening ------------------------------------------------------------------------------- */

static int migrate(sqlite3 *db)
{
	int64_t version = 0;
	char text[64];
	int r = number(db, "PRAGMA user_version", &version);

	if (!r && (version < 0 || version > (int64_t)ARRAY_SIZE(migrations)))
		return LGW_ENOTSUP;
	for (; !r && version < (int64_t)ARRAY_SIZE(migrations); version++) {
		r = run(db, "BEGIN IMMEDIATE");
		r = r ? r : run(db, migrations[version]);
		snprintf(text, sizeof(text), "PRAGMA user_version = %d", (int)version + 1);
		r = r ? r : run(db, text);
		r = r ? r : run(db, "COMMIT");
	}
	return r;
}

static void close_all(struct back *b)
{
	for (int k = 0; k < STATEMENTS; k++)
		sqlite3_finalize(b->st[k]);
	memset(b->st, 0, sizeof(b->st));
	sqlite3_finalize(b->page);
	b->page = NULL;
	sqlite3_close(b->reader);
	sqlite3_close(b->db);
	b->reader = b->db = NULL;
}

/* Sessions of TLS are in it: nobody else may read it. What SQLite puts beside it gets its mode. */
static int make_private(struct back *b)
{
	int fd = open(b->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int r = fd < 0 || fchmod(fd, 0600) ? LGW_EIO : LGW_OK;
	struct stat st;

	if (!r && !fstat(fd, &st)) {
		b->empty = !st.st_size;
		b->dev = st.st_dev;
		b->ino = st.st_ino;
	}
	if (fd >= 0)
		close(fd);
	return r;
}

static int open_both(struct back *b, const char *vfs)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int r = error_of(sqlite3_open_v2(b->file, &b->db, flags, vfs));

	r = r ? r : run(b->db, "PRAGMA journal_mode = WAL; PRAGMA cache_size = " CACHE_PAGES);
	r = r ? r
	      : run(b->db, b->power ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
	r = r ? r : migrate(b->db);
	for (int k = 0; !r && k < STATEMENTS; k++)
		r = error_of(sqlite3_prepare_v2(b->db, sql[k], -1, &b->st[k], NULL));
	r = r ? r : error_of(sqlite3_open_v2(b->file, &b->reader, flags, vfs));
	r = r ? r : run(b->reader, "PRAGMA cache_size = " CACHE_PAGES "; PRAGMA query_only = 1");
	return r ? r
		 : error_of(sqlite3_prepare_v2(b->reader,
			   "SELECT number, time, body FROM record WHERE line = ? AND number >= ?"
			   " ORDER BY number",
			   -1, &b->page, NULL));
}

/* A full disk has no room for FILE-shm, the index of the write-ahead log. What is stored can be
 * read all the same, with the index in our memory. */
static int open_all(struct back *b)
{
	int r = make_private(b);

	r = r ? r : open_both(b, NULL);
	if (r != LGW_EIO || !b->db)
		return r;
	close_all(b);
	return open_both(b, "unix-excl");
}

/* FILE.corrupt-N, with what belongs to it. */
static void keep_aside(struct back *b)
{
	char *wal = xasprintf("%s-wal", b->file), *shm = xasprintf("%s-shm", b->file);
	char *aside = NULL, *aside_wal;

	for (int n = 1; n < ASIDE_MAX && (!aside || !access(aside, F_OK)); n++) {
		free(aside);
		aside = xasprintf("%s.corrupt-%d", b->file, n);
	}
	aside_wal = xasprintf("%s-wal", aside);
	if (!rename(b->file, aside))
		log_err(NULL, "%s is damaged: kept as %s", b->file, aside);
	else
		unlink(b->file);
	if (rename(wal, aside_wal))
		unlink(wal);
	unlink(shm);
	free(aside_wal);
	free(aside);
	free(shm);
	free(wal);
}

static int sqlite_renew(struct back *b)
{
	int r;

	pthread_mutex_lock(&b->reading);
	b->damaged = NULL;
	close_all(b);
	keep_aside(b);
	r = open_all(b);
	pthread_mutex_unlock(&b->reading);
	return r;
}

static const char *sqlite_why(struct back *b)
{
	return b->damaged ? b->damaged : b->db ? sqlite3_errmsg(b->db) : "not open";
}

static void sqlite_close(struct back *b)
{
	if (!b)
		return;
	close_all(b);
	if (b->lock >= 0)
		close(b->lock);
	pthread_mutex_destroy(&b->reading);
	free(b->file);
	free(b);
}

/* Two daemons would give the same numbers to different readings. */
static int take_lock(struct back *b)
{
	char *name = xasprintf("%s-lock", b->file);
	int r = LGW_OK;

	b->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (b->lock < 0)
		r = LGW_EIO;
	else if (flock(b->lock, LOCK_EX | LOCK_NB))
		r = errno == EWOULDBLOCK ? LGW_EEXIST : LGW_EIO;
	free(name);
	return r;
}

static int sqlite_open(const struct store_params *p, struct back **out, char *text, size_t size)
{
	struct back *b = xcalloc(1, sizeof(*b));
	int r;

	b->file = xstrdup(p->file);
	b->power = p->durability == STORE_POWER;
	pthread_mutex_init(&b->reading, NULL);
	r = take_lock(b);
	r = r ? r : open_all(b);
	if (r == LGW_EINVAL) {
		snprintf(text, size, "%s was damaged: a new one is begun", p->file);
		r = sqlite_renew(b);
	}
	if (r == LGW_EIO && b->empty) { /* it is begun when the disk takes it */
		close_all(b);
		r = LGW_OK;
	}
	if (r) {
		snprintf(text, size, "%s: %s", p->file,
			r == LGW_ENOTSUP  ? "made by a later version"
			: r == LGW_EEXIST ? "in use by another lwm2m-gatewayd"
			: b->db           ? sqlite_why(b)
					  : strerrordesc_np(errno));
		sqlite_close(b);
		return r;
	}
	*out = b;
	return LGW_OK;
}

/* --- loading ------------------------------------------------------------------------------- */

static const uint8_t *blob(sqlite3_stmt *st, int col, size_t *len)
{
	const uint8_t *p = sqlite3_column_blob(st, col);

	*len = (size_t)sqlite3_column_bytes(st, col);
	return p ? p : (const uint8_t *)"";
}

static const char *text_of(sqlite3_stmt *st, int col)
{
	const char *p = (const char *)sqlite3_column_text(st, col);

	return p ? p : "";
}

static void load_fact(sqlite3_stmt *st, const struct back_loader *l, void *ud)
{
	size_t key_len, len;
	const uint8_t *key = blob(st, 2, &key_len), *value = blob(st, 3, &len);

	l->fact(ud, (enum store_fact)sqlite3_column_int(st, 0), text_of(st, 1), key, key_len, value,
		len);
}

static void load_line(sqlite3_stmt *st, const struct back_loader *l, void *ud)
{
	size_t len;
	const uint8_t *path = blob(st, 3, &len);

	l->line(ud, (uint64_t)sqlite3_column_int64(st, 0), text_of(st, 1),
		(uint16_t)sqlite3_column_int(st, 2), path, len, sqlite3_column_int64(st, 4));
}

static void load_records(sqlite3_stmt *st, const struct back_loader *l, void *ud)
{
	l->records(ud, (uint64_t)sqlite3_column_int64(st, 0), (uint64_t)sqlite3_column_int64(st, 1),
		(uint64_t)sqlite3_column_int64(st, 2), (uint32_t)sqlite3_column_int64(st, 3),
		(uint64_t)sqlite3_column_int64(st, 4), sqlite3_column_int64(st, 5));
}

static int load_each(struct back *b, const char *text,
	void (*fn)(sqlite3_stmt *, const struct back_loader *, void *), const struct back_loader *l,
	void *ud)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(b->reader, text, -1, &st, NULL);

	if (rc)
		return error_of(rc);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		fn(st, l, ud);
	sqlite3_finalize(st);
	return error_of(rc);
}

static int sqlite_load(struct back *b, const struct back_loader *l, void *ud)
{
	int r;

	if (!b->reader)
		return LGW_OK;
	r = load_each(b, "SELECT kind, owner, key, value FROM fact", load_fact, l, ud);
	r = r ? r : load_each(b, "SELECT id, owner, ssid, path, idle FROM line", load_line, l, ud);
	return r ? r
		 : load_each(b,
			   "SELECT line, MIN(number), MAX(number), COUNT(*), SUM(LENGTH(body)),"
			   " MIN(time) FROM record GROUP BY line",
			   load_records, l, ud);
}

/* --- changes ------------------------------------------------------------------------------- */

static int step(sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	sqlite3_reset(st);
	return error_of(rc);
}

static void bind_owner(sqlite3_stmt *st, int at, const struct change *c)
{
	sqlite3_bind_text(st, at, change_owner(c), (int)c->owner_len, SQLITE_STATIC);
}

static void bind_key(sqlite3_stmt *st, int at, const struct change *c)
{
	sqlite3_bind_blob(st, at, change_key(c), (int)c->key_len, SQLITE_STATIC);
}

static void bind_value(sqlite3_stmt *st, int at, const struct change *c)
{
	sqlite3_bind_blob(st, at, change_value(c), (int)c->len, SQLITE_STATIC);
}

static int apply_fact(struct back *b, const struct change *c, int which)
{
	sqlite3_stmt *st = b->st[which];

	sqlite3_bind_int(st, 1, (int)c->fact);
	bind_owner(st, 2, c);
	if (which != FORGET)
		bind_key(st, 3, c);
	if (which == INSERT_FACT)
		bind_value(st, 4, c);
	return step(st);
}

static int apply_line(struct back *b, const struct change *c)
{
	sqlite3_stmt *st = b->st[INSERT_LINE];

	sqlite3_bind_int64(st, 1, (sqlite3_int64)c->line);
	bind_owner(st, 2, c);
	sqlite3_bind_int(st, 3, c->ssid);
	bind_key(st, 4, c);
	return step(st);
}

static int apply_append(struct back *b, const struct change *c)
{
	sqlite3_stmt *st = b->st[APPEND];

	sqlite3_bind_int64(st, 1, (sqlite3_int64)c->line);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)c->number);
	sqlite3_bind_int64(st, 3, c->time);
	bind_value(st, 4, c);
	return step(st);
}

static int apply_two(sqlite3_stmt *st, int64_t first, int64_t second)
{
	sqlite3_bind_int64(st, 1, first);
	if (sqlite3_bind_parameter_count(st) > 1)
		sqlite3_bind_int64(st, 2, second);
	return step(st);
}

static int sqlite_apply(struct back *b, const struct change *c)
{
	int64_t line = (int64_t)c->line;
	int r;

	switch (c->kind) {
	case CHANGE_FACT:
		return apply_fact(b, c, INSERT_FACT);
	case CHANGE_NO_FACT:
		return apply_fact(b, c, DELETE_FACT);
	case CHANGE_FORGET:
		return apply_fact(b, c, FORGET);
	case CHANGE_LINE:
		return apply_line(b, c);
	case CHANGE_IDLE:
		return apply_two(b->st[IDLE], c->time, line);
	case CHANGE_NO_LINE:
		r = apply_two(b->st[DELETE_RECORDS], line, 0);
		return r ? r : apply_two(b->st[DELETE_LINE], line, 0);
	case CHANGE_APPEND:
		return apply_append(b, c);
	case CHANGE_REMOVE:
		return apply_two(b->st[REMOVE], line, (int64_t)c->number);
	case CHANGE_TAKE:
		return apply_two(b->st[TAKE], line, (int64_t)c->number);
	case CHANGE_BARRIER:
		break;
	}
	return LGW_OK;
}

/* What is written to a file without a name is lost with us. */
static bool is_gone(const struct back *b)
{
	struct stat st;

	if (stat(b->file, &st))
		return errno == ENOENT;
	return st.st_dev != b->dev || st.st_ino != b->ino;
}

static int sqlite_begin(struct back *b)
{
	int r = LGW_OK;

	pthread_mutex_lock(&b->reading);
	if (b->page && !b->damaged && is_gone(b))
		b->damaged = "it was removed or replaced";
	if (b->damaged) {
		r = LGW_EINVAL;
	} else if (!b->page) { /* a new file could not be begun */
		close_all(b);
		r = open_all(b);
	}
	pthread_mutex_unlock(&b->reading);
	return r ? r : run(b->db, "BEGIN IMMEDIATE");
}

static int sqlite_commit(struct back *b)
{
	return run(b->db, "COMMIT");
}

static void sqlite_rollback(struct back *b)
{
	if (b->db && !sqlite3_get_autocommit(b->db))
		run(b->db, "ROLLBACK");
}

/* --- reading ------------------------------------------------------------------------------- */

static int sqlite_page(struct back *b, uint64_t line, uint64_t from,
	int (*fn)(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len), void *ud)
{
	int rc = SQLITE_ERROR, stop = 0;

	pthread_mutex_lock(&b->reading);
	if (b->page) {
		sqlite3_bind_int64(b->page, 1, (sqlite3_int64)line);
		sqlite3_bind_int64(b->page, 2, (sqlite3_int64)from);
		while (!stop && (rc = sqlite3_step(b->page)) == SQLITE_ROW) {
			size_t len;
			const uint8_t *p = blob(b->page, 2, &len);

			stop = fn(ud, (uint64_t)sqlite3_column_int64(b->page, 0),
				sqlite3_column_int64(b->page, 1), p, len);
		}
		sqlite3_reset(b->page);
		if (error_of(rc) == LGW_EINVAL)
			b->damaged = "it cannot be read";
	}
	pthread_mutex_unlock(&b->reading);
	return error_of(rc);
}

const struct back_ops back_ops_sqlite = {
	.open = sqlite_open,
	.close = sqlite_close,
	.load = sqlite_load,
	.begin = sqlite_begin,
	.apply = sqlite_apply,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.renew = sqlite_renew,
	.why = sqlite_why,
	.page = sqlite_page,
};
