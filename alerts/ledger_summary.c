/* The one sentence of a finding, by purpose, and the finding's stable id. */
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "ledger_internal.h"
#include "policy_internal.h"

enum { NAME_ROOM = NAME_MAX_LENGTH + 4 };

static const struct {
    const char *verb, *preposition;
} deeds[PURPOSE_COUNT] = {
    [PURPOSE_UNKNOWN] = {"talks", "to"},
    [PURPOSE_TELEMETRY] = {"sends telemetry", "to"},
    [PURPOSE_REPUTATION] = {"asks for the reputation of files", "at"},
    [PURPOSE_SAMPLE_UPLOAD] = {"uploads samples", "to"},
    [PURPOSE_UPDATE] = {"fetches updates", "from"},
    [PURPOSE_MANAGEMENT] = {"is managed", "by"},
    [PURPOSE_LICENSING] = {"checks its licence", "with"},
    [PURPOSE_ACCOUNT] = {"signs in", "at"},
    [PURPOSE_VPN] = {"tunnels traffic", "to"},
    [PURPOSE_WEB] = {"shows web pages", "of"},
};

/* "Kaspersky" for "Kaspersky (any product)". */
static int product_name_length(const struct product *product)
{
    const char *any = strstr(product->name, " (any product)");
    return (int)(any ? (size_t)(any - product->name) : strlen(product->name));
}

/* As people write it, without the root's dot. A zero byte would end the sentence: U+FFFD stands for it. */
static void print_name(struct text name, char *ret, size_t room)
{
    size_t at = 0;
    name.length -= name.length > 1 && name.data[name.length - 1] == '.';
    for (size_t i = 0; i < name.length && at + 4 <= room; i++)
        if (name.data[i] != '\0')
            ret[at++] = name.data[i];
        else
            at += (size_t)snprintf(ret + at, room - at, "\xef\xbf\xbd");
    ret[at] = '\0';
}

static void print_remote(const struct sighting *s, char *ret, size_t room)
{
    if (!text_is_empty(s->name)) {
        print_name(s->name, ret, room);
        return;
    }
    char address[IP_TEXT_SIZE];
    ip_print(&s->remote, address);
    snprintf(ret, room, "%s", address);
}

/* Nothing came back, and it is not that the mirror shows one direction only: then the host's own content would be
 * there. */
static bool is_unanswered(const struct sighting *s)
{
    return s->flow.counters.packets_in == 0 && s->flow.counters.packets_out > 0 && s->flow.app == NULL;
}

static void summarise_agent(const struct sighting *s, const char *host, char *ret, size_t room)
{
    const struct attribution *a = &s->attribution;
    char remote[NAME_ROOM];
    print_remote(s, remote, sizeof(remote));
    const char *inside = a->engine_host ? " engine in " : "";
    const struct product *outer = a->engine_host ? a->engine_host : a->product;
    bool tries = is_unanswered(s);
    snprintf(ret, room, "%s%.*s%s%.*s on %s %s%s %s %s", a->confidence < CONFIDENCE_PROBABLE ? "Possibly " : "",
             product_name_length(a->product), a->product->name, inside, a->engine_host ? product_name_length(outer) : 0,
             outer->name, host, tries ? "tries" : deeds[a->purpose].verb,
             s->exposure.class_ == EXPOSURE_CLEARTEXT ? " in clear text" : "",
             tries ? "to reach" : deeds[a->purpose].preposition, remote);
}

/* "RU (location, operator) and CN (operator)" over the flags of these two axes. */
static void print_places(const struct flag *flags, size_t count, char *ret, size_t room)
{
    struct country done[FLAGS_MAX];
    size_t done_count = 0, at = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < count && at < room; i++) {
        unsigned axes = 0;
        bool is_done = flags[i].axis > AXIS_OPERATOR;
        for (size_t d = 0; d < done_count; d++)
            is_done |= country_equal(done[d], flags[i].country);
        if (is_done || done_count == FLAGS_MAX)
            continue;
        done[done_count++] = flags[i].country;
        for (size_t j = i; j < count; j++)
            if (country_equal(flags[j].country, flags[i].country))
                axes |= 1U << flags[j].axis;
        bool is_both = (axes & 1U << AXIS_LOCATION) && (axes & 1U << AXIS_OPERATOR);
        at += (size_t)snprintf(ret + at, room - at, "%s%s (%s)", at > 0 ? " and " : "", flags[i].country.code,
                               is_both ? "location, operator" : axis_text(flags[i].axis));
    }
}

void finding_summarise(const struct sighting *s, const char *target, const struct flag *flags, size_t flag_count,
                       char *ret, size_t room)
{
    char host[IP_TEXT_SIZE], remote[NAME_ROOM], places[160];
    ip_print(&s->host, host);
    if (sighting_is_agent(s)) {
        summarise_agent(s, host, ret, room);
        return;
    }
    if (target == NULL) {
        print_remote(s, remote, sizeof(remote));
        snprintf(ret, room, "%s visits a web site of %s: %s", host, s->attribution.product->vendor->name, remote);
        return;
    }
    print_places(flags, flag_count, places, sizeof(places));
    snprintf(ret, room, "%s %s %s in %s, no agent recognised", host, is_unanswered(s) ? "tries to reach" : "reaches",
             target, places);
}

static uint64_t hash_part(const char *text, uint64_t so_far)
{
    return hash_stable(text, strlen(text) + 1, so_far);
}

uint64_t finding_id_of(const struct finding_key *key)
{
    char host[IP_TEXT_SIZE];
    ip_print(&key->host, host);
    uint64_t hash = hash_part(host, HASH_STABLE_START);
    hash = hash_part(key->product ? key->product->id : "", hash);
    return hash_part(key->product ? purpose_text(key->purpose) : key->target, hash);
}

void finding_id_print(const struct entry *e, char ret[static FINDING_ID_TEXT_SIZE])
{
    snprintf(ret, FINDING_ID_TEXT_SIZE, "f-%016llx", (unsigned long long)e->id);
}
