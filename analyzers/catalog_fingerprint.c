/* One number over all that the catalogue judges by and shows. */
#include "catalog_internal.h"
#include "hash.h"

static uint64_t mix_number(uint64_t so_far, uint64_t number)
{
    return hash_bytes(&number, sizeof(number), so_far);
}

static uint64_t mix_text(uint64_t so_far, struct text text)
{
    return text.data != NULL ? hash_bytes(text.data, text.length, so_far) : mix_number(so_far, 0);
}

static uint64_t mix_string(uint64_t so_far, const char *string)
{
    return mix_text(so_far, text_of(string));
}

static uint64_t mix_product(uint64_t h, const struct product *p)
{
    const struct vendor *v = p->vendor;
    const char *const texts[] = {
        p->id, p->name, v->id, v->name, v->domicile.code, v->domicile_basis, v->domicile_source};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        h = mix_string(h, texts[i]);
    return mix_number(h, (uint64_t)p->is_agent << 1 | p->is_engine);
}

static uint64_t mix_entry(uint64_t h, const struct catalog_entry *e)
{
    const struct indicator *i = &e->indicator;
    h = mix_number(h, (uint64_t)i->kind << 16 | (uint64_t)i->purpose << 8 | (uint64_t)i->is_exclusive << 2 |
                          (uint64_t)i->is_unconfirmed << 1 | i->is_mixed);
    h = mix_string(h, i->product->id);
    h = mix_string(h, i->value);
    h = mix_string(h, i->source);
    for (unsigned k = 0; k < e->host_count; k++)
        h = mix_text(h, e->hosts[k]);
    for (unsigned k = 0; k < e->port_count; k++)
        h = mix_number(h, (uint64_t)e->ports[k].protocol << 16 | e->ports[k].number);
    return h;
}

static uint64_t mix_engine(uint64_t h, const struct engine_rule *rule)
{
    h = mix_string(mix_string(h, rule->host_id), rule->engine_id);
    for (size_t i = 0; i < rule->own_name_count; i++)
        h = mix_text(h, rule->own_names[i]);
    return h;
}

static uint64_t mix_authority(uint64_t h, const struct authority *a)
{
    h = mix_string(mix_string(h, a->country.code), a->name);
    return mix_number(mix_text(mix_text(h, a->organisation), a->common_name), a->is_prefix);
}

uint64_t catalog_fingerprint(const struct catalog *c)
{
    uint64_t h = hash_seed();
    for (size_t i = 0; i < c->product_count; i++)
        h = mix_product(h, c->products[i]);
    for (size_t i = 0; i < c->indicator_count; i++)
        h = mix_entry(h, entry_of(c->indicators[i]));
    for (size_t i = 0; i < c->engine_count; i++)
        h = mix_engine(h, &c->engines[i]);
    for (size_t i = 0; i < c->authority_count; i++)
        h = mix_authority(h, &c->authorities[i]);
    for (size_t i = 0; i < c->names.web_label_count; i++)
        h = mix_text(h, c->names.web_labels[i]);
    return h;
}
