/* `lookup`: the catalogue's, databases' and policies' answer about a bare name or address, without any traffic. */
#include <stdio.h>
#include <string.h>

#include "analyzers/attribute.h"
#include "engine/engine.h"
#include "engine/judge_internal.h"
#include "registered_domain.h"

static void lookup_address(const struct engine_options *options, struct sighting *s)
{
    uint32_t asns[OPERATOR_ASNS_MAX];
    struct attribution_input input = {.remote = &s->remote, .asns = asns};
    input.asn_count = geo_origin_asns(options->geo, &s->remote, asns, OPERATOR_ASNS_MAX);
    attribute(options->catalog, &input, &s->attribution);
    geo_judge(options->geo, &s->remote, &s->jurisdiction);
}

static void no_address(struct axis_judgement *axis)
{
    axis->status = AXIS_UNKNOWN;
    snprintf(axis->reason, sizeof(axis->reason), "a name has no place: look up the address it was answered with");
}

static void lookup_name(const struct engine_options *options, struct sighting *s)
{
    struct flow_facts facts; /* as if a hello had named it: the same rules as for traffic */
    struct attribution_input input = {.facts = &facts, .remote = &s->remote};
    memset(&facts, 0, sizeof(facts));
    facts.app = APP_TLS;
    facts.tls.has_client_hello = true;
    facts.tls.sni = s->name;
    attribute(options->catalog, &input, &s->attribution);
    for (unsigned i = 0; i < s->attribution.evidence_count; i++)
        s->attribution.evidence[i].kind = "name";
    registered_domain(s->name, s->registered_domain, sizeof(s->registered_domain));
    no_address(&s->jurisdiction.axes[AXIS_LOCATION]);
    no_address(&s->jurisdiction.axes[AXIS_OPERATOR]);
}

/* Letters, digits, '-', '_' and dots between non-empty labels: what a person may type as a name. */
static bool is_name(struct text name)
{
    if (text_is_empty(name) || name.length > NAME_MAX_LENGTH)
        return false;
    char before = '.';
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        bool is_label =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || (unsigned char)c >= 0x80;
        if (!is_label && (c != '.' || before == '.'))
            return false;
        before = c;
    }
    return before != '.';
}

bool engine_lookup(const struct engine_options *options, const char *query, struct sighting *ret)
{
    static _Thread_local char name[NAME_MAX_LENGTH + 2];
    memset(ret, 0, sizeof(*ret));
    ret->time = packet_time_from_sec(options->now_sec);
    if (ip_parse(query, &ret->remote)) {
        lookup_address(options, ret);
    } else {
        size_t length = text_copy(text_of(query), name, sizeof(name));
        if (length > 1 && name[length - 1] == '.')
            length--;
        for (size_t i = 0; i < length; i++)
            name[i] = ascii_lower(name[i]);
        ret->name = (struct text){name, length};
        if (strlen(query) > NAME_MAX_LENGTH || !is_name(ret->name))
            return false;
        lookup_name(options, ret);
    }
    const struct product *product = ret->attribution.product;
    judge_vendor_axis(product, &ret->jurisdiction.axes[AXIS_VENDOR]);
    judge_transit_axis(options, ret->time, NULL, &ret->jurisdiction);
    if (ret->name.data != NULL && options->paths != NULL)
        no_address(&ret->jurisdiction.axes[AXIS_TRANSIT]);
    policy_judge(options->policies, &ret->jurisdiction, product ? product->vendor : NULL, ret->time, &ret->verdicts);
    return true;
}
