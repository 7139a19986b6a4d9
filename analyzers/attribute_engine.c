/*
 * Engine versus product: a product that embeds another vendor's engine reaches that vendor's names too. The catalogue's
 * rules name the pairs; what belongs to the engine vendor's own products (its update and activation hosts, its other
 * products at the same host) speaks against it.
 */
#include "attribute.h"
#include "catalog_internal.h"

static bool is_seen(const struct product *product, const struct product *const *seen, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seen[i] == product)
            return true;
    return false;
}

/* Another agent of the engine's vendor at the host: then it is that vendor's customer. */
static bool vendor_has_other_agent(const struct product *engine, const struct product *const *seen, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seen[i] != engine && seen[i]->vendor == engine->vendor && seen[i]->is_agent)
            return true;
    return false;
}

static bool is_own_name(const struct engine_rule *rule, const struct attribution *attribution)
{
    for (size_t i = 0; i < attribution->evidence_count; i++)
        for (size_t n = 0; n < rule->own_name_count; n++)
            if (name_is_under(text_of(attribution->evidence[i].value), rule->own_names[n]))
                return true;
    return false;
}

bool attribute_engine_host(const struct catalog *catalog, const struct product *const *seen, size_t seen_count,
                           struct attribution *attribution)
{
    const struct product *engine = attribution->product;
    if (engine == NULL || !engine->is_engine || attribution->engine_host != NULL ||
        attribution->purpose == PURPOSE_WEB || vendor_has_other_agent(engine, seen, seen_count))
        return false;
    for (size_t i = 0; i < catalog->engine_count; i++) {
        const struct engine_rule *rule = &catalog->engines[i];
        if (rule->engine == engine && is_seen(rule->host, seen, seen_count) && !is_own_name(rule, attribution)) {
            attribution->engine_host = rule->host;
            return true;
        }
    }
    return false;
}
