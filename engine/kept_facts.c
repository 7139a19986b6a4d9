#include "engine/kept_facts_internal.h"

#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct flow_facts, field)

/* Every text of the facts but those inside arrays. A new one in facts.h belongs here: test_kept_facts counts them. */
static const size_t texts[] = {
    AT(app_name),        AT(tls.sni),           AT(tls.alpn),    AT(tls.alpn_offered),  AT(tls.san_names),
    AT(tls.starttls),    AT(quic.user_agent),   AT(http.method), AT(http.host),         AT(http.path),
    AT(http.user_agent), AT(http.content_type), AT(http.server), AT(http.header_names), AT(http.response_header_names),
    AT(dns.query),
};

typedef void visit_text(void *context, struct text *text);

static void for_each_text(struct flow_facts *f, visit_text *visit, void *context)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        visit(context, (struct text *)(void *)((char *)f + texts[i]));
    for (size_t i = 0; i < f->tls.certificate_count && i < TLS_CERTIFICATES_MAX; i++) {
        struct certificate_facts *c = &f->tls.certificate[i];
        struct text *all[] = {&c->subject_org, &c->subject_cn,     &c->issuer_org,
                              &c->issuer_cn,   &c->issuer_country, &c->subject_country};
        for (size_t j = 0; j < sizeof(all) / sizeof(all[0]); j++)
            visit(context, all[j]);
    }
    for (size_t i = 0; i < f->http.further_count && i < sizeof(f->http.further) / sizeof(f->http.further[0]); i++) {
        visit(context, &f->http.further[i].method);
        visit(context, &f->http.further[i].host);
        visit(context, &f->http.further[i].path);
        visit(context, &f->http.further[i].user_agent);
    }
}

static void measure(void *context, struct text *text)
{
    size_t *total = context;
    *total += text->data != NULL ? text->length : 0;
}

static void move_in(void *context, struct text *text)
{
    char **at = context;
    if (text->data == NULL)
        return;
    if (text->length > 0)
        memcpy(*at, text->data, text->length);
    text->data = *at;
    *at += text->length;
}

struct flow_facts *facts_copy(const struct flow_facts *facts, take_memory *take, void *context)
{
    struct flow_facts shown = *facts;
    size_t length = 1; /* so that an empty text has an address inside */
    for_each_text(&shown, measure, &length);
    struct flow_facts *ret = take(context, sizeof(*ret) + length);
    if (ret == NULL)
        return NULL;
    *ret = shown;
    char *at = (char *)(ret + 1);
    for_each_text(ret, move_in, &at);
    return ret;
}

static void *take_from_heap(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

struct flow_facts *facts_copy_new(const struct flow_facts *facts)
{
    return facts_copy(facts, take_from_heap, NULL);
}
