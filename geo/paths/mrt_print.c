#include "paths/mrt_print_internal.h"

enum { PATH_TEXT_MAX = 7900 /* bytes; a longer AS path ends in "..." */ };

static void put_number(FILE *out, uint32_t number)
{
    char digits[10];
    size_t at = sizeof(digits);
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    fwrite_unlocked(digits + at, 1, sizeof(digits) - at, out);
}

static void put(FILE *out, const char *text)
{
    fputs_unlocked(text, out);
}

static void put_v4(FILE *out, const uint8_t *octets)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            putc_unlocked('.', out);
        put_number(out, octets[i]);
    }
}

/** Where the longest run of zero groups begins; @p ret_length 0: there is none. */
static unsigned longest_zeros(const uint16_t *groups, unsigned *ret_length)
{
    unsigned best = 0, run = 0;
    *ret_length = 0;
    for (unsigned i = 0; i < 8; i++) {
        run = groups[i] == 0 ? run + 1 : 0;
        if (run > *ret_length) {
            *ret_length = run;
            best = i + 1 - run;
        }
    }
    return best;
}

/* bgpdump is older than RFC 5952: a single zero group, too, becomes "::". */
static void put_v6(FILE *out, const uint8_t *octets)
{
    uint16_t groups[8];
    for (unsigned i = 0; i < 8; i++)
        groups[i] = load_be16(octets + 2 * (size_t)i);
    unsigned length, zeros = longest_zeros(groups, &length);
    bool has_v4 = length > 0 && zeros == 0 && (length == 6 || (length == 5 && groups[5] == 0xffff));
    for (unsigned i = 0; i < 8; i++) {
        if (length > 0 && i == zeros)
            putc_unlocked(':', out);
        if (i >= zeros && i < zeros + length)
            continue;
        if (i > 0)
            putc_unlocked(':', out);
        if (has_v4 && i == 6) {
            put_v4(out, octets + 12);
            return;
        }
        fprintf(out, "%x", groups[i]);
    }
    if (length > 0 && zeros + length == 8)
        putc_unlocked(':', out);
}

static void put_address(FILE *out, const struct ip_address *address, bool is_v6)
{
    if (is_v6)
        put_v6(out, address->octets);
    else
        put_v4(out, address->octets + 12);
}

static unsigned digits_of(uint32_t number)
{
    unsigned ret = 1;
    while ((number /= 10) > 0)
        ret++;
    return ret;
}

/** Segments are set apart by a blank; sets are {1,2}, confederation sequences (1 2), confederation sets [1,2]. */
static void put_path(FILE *out, struct as_path path)
{
    static const char open[] = {0, '{', 0, '(', '['}, close[] = {0, '}', 0, ')', ']'};
    struct as_segment segment;
    size_t used = 0;
    bool needs_blank = false;
    while (as_path_next(&path, &segment)) {
        bool is_set = segment.type == AS_SEGMENT_SET || segment.type == AS_SEGMENT_CONFED_SET;
        if (needs_blank)
            putc_unlocked(' ', out);
        if (open[segment.type] != 0)
            putc_unlocked(open[segment.type], out);
        used += (size_t)needs_blank + (open[segment.type] != 0);
        for (unsigned i = 0; i < segment.count; i++) {
            uint32_t number = as_segment_number(&segment, i);
            if (i > 0)
                putc_unlocked(is_set ? ',' : ' ', out);
            put_number(out, number);
            used += (size_t)(i > 0) + digits_of(number);
            if (used > PATH_TEXT_MAX) {
                put(out, "...");
                return;
            }
        }
        if (close[segment.type] != 0)
            putc_unlocked(close[segment.type], out);
        used += close[segment.type] != 0;
        needs_blank = segment.count > 0;
    }
}

static void put_communities(FILE *out, const struct bgp_attributes *a)
{
    for (size_t i = 0; i < a->community_count; i++) {
        uint32_t community = load_be32(a->communities + i * 4);
        if (i > 0)
            putc_unlocked(' ', out);
        if (community == 0xffffff01) /* RFC 1997 */
            put(out, "no-export");
        else if (community == 0xffffff02)
            put(out, "no-advertise");
        else if (community == 0xffffff03)
            put(out, "local-AS");
        else {
            put_number(out, community >> 16);
            putc_unlocked(':', out);
            put_number(out, community & 0xffff);
        }
    }
}

static void put_next_hop(FILE *out, const struct mrt_route *route)
{
    const struct bgp_reach *reach = route->reach;
    if (reach != NULL && reach->afi == AFI_IPV6 && reach->next_hop_length >= 16)
        put_v6(out, reach->next_hop);
    else if (reach != NULL && reach->afi == AFI_IPV4 && reach->next_hop_length >= 4)
        put_v4(out, reach->next_hop);
    else if (route->attributes->has_next_hop)
        put_v4(out, route->attributes->next_hop);
    else
        put(out, "255.255.255.255");
}

static void put_attributes(FILE *out, const struct mrt_route *route)
{
    const struct bgp_attributes *a = route->attributes;
    if (a->has_path)
        put_path(out, a->path);
    put(out, a->origin == 0 ? "|IGP|" : a->origin == 1 ? "|EGP|" : "|INCOMPLETE|");
    put_next_hop(out, route);
    putc_unlocked('|', out);
    put_number(out, a->local_pref);
    putc_unlocked('|', out);
    put_number(out, a->med);
    putc_unlocked('|', out);
    put_communities(out, a);
    put(out, a->is_atomic_aggregate ? "|AG|" : "|NAG|");
    if (a->has_aggregator) {
        put_number(out, a->aggregator_asn);
        putc_unlocked(' ', out);
        put_v4(out, a->aggregator);
    }
    putc_unlocked('|', out);
}

static void put_head(FILE *out, const struct mrt_record *record, bool has_path_id, const char *what)
{
    static const char *const names[] = {"TABLE_DUMP", "TABLE_DUMP2", "BGP4MP", "BGP4MP_ET"};
    unsigned name = record->type == MRT_TABLE_DUMP      ? 0
                    : record->type == MRT_TABLE_DUMP_V2 ? 1
                    : record->type == MRT_BGP4MP        ? 2
                                                        : 3;
    put(out, names[name]);
    put(out, has_path_id ? "_AP|" : "|");
    put_number(out, record->time_sec);
    if (record->type == MRT_BGP4MP_ET)
        fprintf(out, ".%06u", record->microseconds);
    put(out, what);
}

static void put_peer(FILE *out, const struct mrt_peer *peer)
{
    put_address(out, &peer->address, peer->is_v6);
    putc_unlocked('|', out);
    put_number(out, peer->asn);
    putc_unlocked('|', out);
}

void mrt_print_route(FILE *out, const struct mrt_route *route)
{
    static const char *const what[] = {"|B|", "|A|", "|W|"};
    put_head(out, route->record, route->has_path_id, what[route->kind]);
    put_peer(out, &route->peer);
    put_address(out, &route->prefix.prefix.base, route->prefix.is_v6);
    putc_unlocked('/', out);
    put_number(out, route->prefix.prefix.length - (route->prefix.is_v6 ? 0U : 96U));
    if (route->has_path_id) {
        putc_unlocked('|', out);
        put_number(out, route->prefix.path_id);
    }
    if (route->attributes != NULL) {
        putc_unlocked('|', out);
        put_attributes(out, route);
    }
    putc_unlocked('\n', out);
}

void mrt_print_state(FILE *out, const struct mrt_state *state)
{
    put_head(out, state->record, false, "|STATE|");
    put_peer(out, &state->peer);
    fprintf(out, "%u|%u\n", state->before, state->after);
}
