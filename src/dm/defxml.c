/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Definitions out of OMA's XML files (LwM2M 1.0 Appendix D). A file is input like any other: no
 * DTD, no entities beyond the five, no network, bounded size and numbers.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include "dm/defset.h"
#include "dm/range.h"
#include "util/err.h"
#include "util/map.h"
#include "util/mem.h"
#include "util/num.h"

#define FILE_MAX   (1024 * 1024)
#define OBJECT_MAX 64   /* in one file */
#define RES_MAX    1024 /* of one object */
#define TEXT_MAX   256

struct loader {
	struct objdefs *set;
	const char *file;
	char *text;
	size_t size;
	int err;
	int count;
};

static void complain(struct loader *l, const xmlNode *n, const char *what)
{
	if (!l->err)
		snprintf(l->text, l->size, "%s:%ld: %s", l->file, n ? xmlGetLineNo(n) : 1L, what);
	l->err = LGW_EINVAL;
}

static const xmlNode *child(const xmlNode *n, const char *name)
{
	for (const xmlNode *c = n->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE && !strcmp((const char *)c->name, name))
			return c;
	return NULL;
}

/* Trimmed text of a child element into buf; empty when it is not there. */
static const char *text_of(struct loader *l, const xmlNode *n, const char *name, char *buf)
{
	const xmlNode *c = child(n, name);
	xmlChar *all = c ? xmlNodeGetContent(c) : NULL;
	const char *s = all ? (const char *)all : "";
	size_t len;

	s += strspn(s, " \t\r\n");
	len = strlen(s);
	while (len && strchr(" \t\r\n", s[len - 1]))
		len--;
	if (len >= TEXT_MAX) {
		/* Names and units are short; descriptions are not read. */
		if (strcmp(name, "RangeEnumeration"))
			complain(l, c, "text too long");
		len = 0;
	}
	memcpy(buf, s, len);
	buf[len] = '\0';
	xmlFree(all);
	return buf;
}

static uint16_t id_of(struct loader *l, const xmlNode *n, const char *text, const char *what)
{
	uint16_t id = 0;

	if (num_parse_u16(text, strlen(text), &id) || id == 65535)
		complain(l, n, what);
	return id;
}

static bool choice(
	struct loader *l, const xmlNode *n, const char *name, const char *yes, const char *no)
{
	char buf[TEXT_MAX];
	const char *s = text_of(l, n, name, buf);

	if (!strcmp(s, yes))
		return true;
	if (strcmp(s, no)) {
		char what[64];

		snprintf(what, sizeof(what), "<%s> is neither %s nor %s", name, yes, no);
		complain(l, n, what);
	}
	return false;
}

static uint8_t ops_of(struct loader *l, const xmlNode *n)
{
	char buf[TEXT_MAX];
	uint8_t ops = 0;

	for (const char *s = text_of(l, n, "Operations", buf); *s; s++) {
		if (*s == 'R')
			ops |= RES_R;
		else if (*s == 'W')
			ops |= RES_W;
		else if (*s == 'E')
			ops |= RES_E;
		else
			complain(l, n, "<Operations> is not made of R, W and E");
	}
	return ops;
}

static uint8_t type_of(struct loader *l, const xmlNode *n)
{
	static const struct {
		const char *name;
		enum value_type type;
	} types[] = {
		{ "", VT_NONE },
		{ "String", VT_STRING },
		{ "Integer", VT_INT },
		{ "Unsigned Integer", VT_UINT },
		{ "Float", VT_FLOAT },
		{ "Boolean", VT_BOOL },
		{ "Opaque", VT_OPAQUE },
		{ "Time", VT_TIME },
		{ "Objlnk", VT_OBJLNK },
		{ "Corelnk", VT_CORELNK },
	};
	char buf[TEXT_MAX];
	const char *s = text_of(l, n, "Type", buf);

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcasecmp(types[i].name, s))
			return (uint8_t)types[i].type;
	complain(l, n, "<Type> is not known");
	return VT_NONE;
}

static void load_item(struct loader *l, const xmlNode *n, struct resdef *r)
{
	xmlChar *id = xmlGetProp(n, (const xmlChar *)"ID");
	char buf[TEXT_MAX];

	r->id = id_of(l, n, id ? (const char *)id : "", "ID of <Item> is not 0..65534");
	xmlFree(id);
	r->name = xstrdup(text_of(l, n, "Name", buf));
	r->ops = ops_of(l, n);
	r->type = type_of(l, n);
	r->multiple = choice(l, n, "MultipleInstances", "Multiple", "Single");
	r->mandatory = choice(l, n, "Mandatory", "Mandatory", "Optional");
	if (*text_of(l, n, "Units", buf))
		r->units = xstrdup(buf);
	r->ranges = range_parse(
		text_of(l, n, "RangeEnumeration", buf), (enum value_type)r->type, &r->nranges);
	/* A definition that forgot the type (there is one in the registry) says nothing of the
	 * value: bytes. */
	if (!(r->ops & RES_E) && r->type == VT_NONE)
		r->type = VT_OPAQUE;
}

static int by_id(const void *a, const void *b)
{
	return (int)((const struct resdef *)a)->id - (int)((const struct resdef *)b)->id;
}

static void load_resources(struct loader *l, const xmlNode *list, struct objdef *d)
{
	struct resdef *res;
	unsigned n = 0;

	for (const xmlNode *c = list->children; c; c = c->next)
		n += c->type == XML_ELEMENT_NODE && !strcmp((const char *)c->name, "Item");
	if (n > RES_MAX) {
		complain(l, list, "too many resources");
		return;
	}
	res = xcalloc(n, sizeof(*res));
	d->res = res;
	for (const xmlNode *c = list->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE && !strcmp((const char *)c->name, "Item"))
			load_item(l, c, &res[d->nres++]);
	qsort(res, d->nres, sizeof(*res), by_id);
	for (unsigned i = 1; i < d->nres; i++)
		if (res[i].id == res[i - 1].id)
			complain(l, list, "a resource is defined twice");
}

static void version_of(struct loader *l, const xmlNode *n, struct objdef *d)
{
	char buf[TEXT_MAX];
	const char *s = text_of(l, n, "ObjectVersion", buf), *dot = strchr(s, '.');
	uint16_t major = 1, minor = 0;

	if (*s && (!dot || num_parse_u16(s, (size_t)(dot - s), &major) ||
			  num_parse_u16(dot + 1, strlen(dot + 1), &minor) || major > 255 ||
			  minor > 255))
		complain(l, n, "<ObjectVersion> is not MAJOR.MINOR");
	d->ver_major = (uint8_t)major;
	d->ver_minor = (uint8_t)minor;
}

static void load_object(struct loader *l, const xmlNode *n)
{
	struct defentry *e = xcalloc(1, sizeof(*e));
	const xmlNode *res = child(n, "Resources");
	char buf[TEXT_MAX];

	e->def.name = xstrdup(text_of(l, n, "Name", buf));
	if (!*e->def.name)
		complain(l, n, "<Name> is missing");
	e->def.id = id_of(l, n, text_of(l, n, "ObjectID", buf), "<ObjectID> is not 0..65534");
	if (*text_of(l, n, "ObjectURN", buf))
		e->def.urn = xstrdup(buf);
	version_of(l, n, &e->def);
	e->def.multiple = choice(l, n, "MultipleInstances", "Multiple", "Single");
	e->def.mandatory = choice(l, n, "Mandatory", "Mandatory", "Optional");
	if (res)
		load_resources(l, res, &e->def);
	/* A broken one is freed with the set: nobody finds it. */
	if (l->err) {
		l->set->replaced = xreallocarray(
			l->set->replaced, l->set->nreplaced + 1, sizeof(*l->set->replaced));
		l->set->replaced[l->set->nreplaced++] = e;
		return;
	}
	defset_add(l->set, e);
	l->count++;
}

static void load_doc(struct loader *l, const xmlDoc *doc)
{
	const xmlNode *root = xmlDocGetRootElement(doc);

	if (doc->intSubset) {
		complain(l, NULL, "a document type is not allowed");
		return;
	}
	if (!root || strcmp((const char *)root->name, "LWM2M")) {
		complain(l, root, "the root element is not <LWM2M>");
		return;
	}
	for (const xmlNode *c = root->children; c && !l->err; c = c->next) {
		if (c->type != XML_ELEMENT_NODE || strcmp((const char *)c->name, "Object"))
			continue;
		if (l->count == OBJECT_MAX)
			complain(l, c, "too many objects");
		else
			load_object(l, c);
	}
	if (!l->err && !l->count)
		complain(l, root, "no <Object>");
}

/* What is wrong is asked of the context; of encodings libxml2 would print what it thinks. */
static void no_print(void *ud, const char *msg, ...)
{
	(void)ud;
	(void)msg;
}

int objdefs_load_mem(
	struct objdefs *s, const char *name, const void *p, size_t len, char *text, size_t size)
{
	struct loader l = { .set = s, .file = name, .text = text, .size = size };
	xmlParserCtxt *ctxt;
	xmlDoc *doc;

	if (len > FILE_MAX) {
		snprintf(text, size, "%s: larger than %d bytes", name, FILE_MAX);
		return LGW_ETOOBIG;
	}
	ctxt = xmlNewParserCtxt();
	if (!ctxt)
		return LGW_ENOMEM;
	s->digest = map_hash_bytes(p, len, s->digest);
	xmlSetGenericErrorFunc(NULL, no_print);
	doc = xmlCtxtReadMemory(ctxt, p, (int)len, name, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
	xmlSetGenericErrorFunc(NULL, NULL);
	if (!doc) {
		const xmlError *e = xmlCtxtGetLastError(ctxt);
		const char *what = e && e->message ? e->message : "not XML";

		snprintf(text, size, "%s:%d: %.*s", name, e ? e->line : 1, (int)strcspn(what, "\n"),
			what);
		l.err = LGW_EINVAL;
	} else {
		load_doc(&l, doc);
		xmlFreeDoc(doc);
	}
	xmlFreeParserCtxt(ctxt);
	return l.err ? l.err : l.count;
}

int objdefs_load_file(struct objdefs *s, const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "rbe");
	char *buf;
	size_t len;
	int r;

	if (!f) {
		r = err_from_errno(errno);
		snprintf(text, size, "%s: %m", path);
		return r;
	}
	buf = xmalloc(FILE_MAX + 1);
	len = fread(buf, 1, FILE_MAX + 1, f);
	if (ferror(f)) {
		snprintf(text, size, "%s: cannot be read", path);
		r = LGW_EIO;
	} else {
		r = objdefs_load_mem(s, path, buf, len, text, size);
	}
	free(buf);
	fclose(f);
	return r;
}

static int is_xml(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 4 && !strcmp(d->d_name + len - 4, ".xml");
}

int objdefs_load_dir(struct objdefs *s, const char *dir, char *text, size_t size)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_xml, alphasort), count = 0;

	if (n < 0) {
		if (errno == ENOENT)
			return 0;
		n = err_from_errno(errno);
		snprintf(text, size, "%s: %m", dir);
		return n;
	}
	for (int i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]->d_name);
		int r = count < 0 ? count : objdefs_load_file(s, path, text, size);

		count = r < 0 ? r : count + r;
		free(path);
		free(names[i]);
	}
	free(names);
	return count;
}
