/*
 * Who is the client, who is the host. Group addresses (multicast, broadcast) and the unspecified address belong to no
 * one: they are never the host, and a flow between one of them and a home address stays in the house, so that mDNS,
 * LLMNR, SSDP and DHCP never make a finding.
 */
#include "direction_internal.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "icmp_internal.h"

__extension__ typedef unsigned __int128 address_value;

enum { HOME_NETS_MAX = 4096, PREFIX_BITS = 128, SYN_DATA_MAX = 1460 };

static const char default_home_nets[] = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16," /* RFC 1918 */
                                        "100.64.0.0/10,"              /* RFC 6598, behind a carrier's NAT */
                                        "169.254.0.0/16,127.0.0.0/8," /* RFC 3927, RFC 1122 */
                                        "fc00::/7,fe80::/10,::1/128"; /* RFC 4193, RFC 4291 */

/** First and last address of a range, as numbers. */
struct home_range {
    address_value first, last;
};

struct home_nets {
    size_t count;
    struct home_range ranges[]; /* sorted, apart from each other */
};

/* --- home networks ---------------------------------------------------------------------------------------------- */

static address_value value_of(const struct ip_address *address)
{
    uint64_t high, low;
    memcpy(&high, address->octets, sizeof(high));
    memcpy(&low, address->octets + sizeof(high), sizeof(low));
    return (address_value)be64toh(high) << 64 | be64toh(low);
}

static struct home_range range_of(const struct ip_prefix *prefix)
{
    address_value host_bits =
        prefix->length == 0 ? ~(address_value)0 : ((address_value)1 << (PREFIX_BITS - prefix->length)) - 1;
    address_value base = value_of(&prefix->base);
    return (struct home_range){base & ~host_bits, base | host_bits};
}

static int compare_ranges(const void *a, const void *b)
{
    const struct home_range *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

/** Joins ranges that overlap; @p nets is sorted. */
static void join_ranges(struct home_nets *nets)
{
    size_t kept = 0;
    for (size_t i = 0; i < nets->count; i++) {
        struct home_range *last = &nets->ranges[kept - (kept > 0)];
        if (kept > 0 && nets->ranges[i].first <= last->last) {
            if (last->last < nets->ranges[i].last)
                last->last = nets->ranges[i].last;
        } else {
            nets->ranges[kept++] = nets->ranges[i];
        }
    }
    nets->count = kept;
}

static enum status parse_item(const char *item, size_t length, struct home_range *ret, struct error *error)
{
    char text[IP_PREFIX_TEXT_SIZE];
    struct ip_prefix prefix;
    while (length > 0 && *item == ' ') {
        item++;
        length--;
    }
    while (length > 0 && item[length - 1] == ' ')
        length--;
    if (length == 0)
        return error_set(error, STATUS_INVALID, "home networks: an entry of the list is empty");
    if (length >= sizeof(text))
        return error_set(error, STATUS_INVALID, "home networks: \"%.*s...\" is too long for a prefix", 40, item);
    memcpy(text, item, length);
    text[length] = '\0';
    enum status status = ip_prefix_parse(text, &prefix, error);
    if (status == STATUS_OK)
        *ret = range_of(&prefix);
    return status;
}

enum status home_nets_parse(const char *list, struct home_nets **ret, struct error *error)
{
    if (list == NULL)
        list = default_home_nets;
    size_t count = 1;
    for (const char *p = list; *p != '\0'; p++)
        count += *p == ',';
    if (count > HOME_NETS_MAX)
        return error_set(error, STATUS_INVALID, "home networks: %zu entries are more than the %d there is room for",
                         count, HOME_NETS_MAX);
    struct home_nets *nets = calloc(1, sizeof(*nets) + count * sizeof(nets->ranges[0]));
    if (nets == NULL)
        return error_set(error, STATUS_NO_MEMORY, "home networks: no memory for %zu entries", count);
    for (; nets->count < count; nets->count++) {
        size_t length = strcspn(list, ",");
        enum status status = parse_item(list, length, &nets->ranges[nets->count], error);
        if (status != STATUS_OK) {
            free(nets);
            return status;
        }
        list += length + 1;
    }
    qsort(nets->ranges, nets->count, sizeof(nets->ranges[0]), compare_ranges);
    join_ranges(nets);
    *ret = nets;
    return STATUS_OK;
}

bool home_nets_contain(const struct home_nets *nets, const struct ip_address *address)
{
    address_value value = value_of(address);
    size_t low = 0, high = nets->count; /* the answer is the last range that begins at or before the address */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (nets->ranges[middle].first <= value)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && value <= nets->ranges[low - 1].last;
}

void home_nets_free(struct home_nets *nets)
{
    free(nets);
}

/* --- client ----------------------------------------------------------------------------------------------------- */

void flow_set_client(struct flow *flow, unsigned side, enum direction_reason reason)
{
    if (reason == DIRECTION_UNKNOWN || (flow->client_reason != DIRECTION_UNKNOWN && flow->client_reason <= reason))
        return;
    flow->client_side = (uint8_t)side;
    flow->client_reason = (uint8_t)reason;
}

/** 2 for a system port (RFC 6335), 1 for one where servers are usual all the same, 0 for the rest. */
static unsigned port_rank(uint16_t port)
{
    static const uint16_t usual[] = {
        1194, 1433, 1521, 1883, 1900, 3128, 3268, 3306, 3389,  3478,  4500,  5060, 5061,
        5222, 5223, 5228, 5353, 5355, 5432, 5985, 5986, 6379,  8000,  8008,  8080, 8081,
        8443, 8530, 8531, 8883, 8888, 9092, 9200, 9418, 13000, 14000, 51820,
    };
    if (port == 0)
        return 0;
    if (port < 1024)
        return 2;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (usual[i] == port)
            return 1;
    return 0;
}

static bool has_ports(uint8_t protocol)
{
    return protocol == IP_PROTO_TCP || protocol == IP_PROTO_UDP || protocol == IP_PROTO_SCTP;
}

/* With data in the SYN (RFC 7413) the answer acknowledges that as well: it is still the SYN that was seen. */
static bool acknowledges_syn(const struct flow *flow, uint32_t acknowledgement)
{
    return flow->client_isn != 0 && acknowledgement - 1 - flow->client_isn <= SYN_DATA_MAX;
}

bool direction_knows_syn(const struct flow *flow, const struct decoded *packet)
{
    if (packet->tcp_flags & TCP_ACK)
        return acknowledges_syn(flow, packet->tcp_acknowledgement);
    return packet->tcp_sequence == flow->client_isn;
}

void direction_see_syn(struct flow *flow, const struct decoded *packet, unsigned side)
{
    bool is_answer = packet->tcp_flags & TCP_ACK;
    flow_set_client(flow, is_answer ? !side : side, DIRECTION_HANDSHAKE);
    if (is_answer && acknowledges_syn(flow, packet->tcp_acknowledgement))
        return;
    if (is_answer) /* the server confirms which of several SYNs it answers */
        flow->client_isn = packet->tcp_acknowledgement - 1;
    else if (flow->client_isn == 0 && flow->client_side == side && flow->packets[side] == 1)
        flow->client_isn = packet->tcp_sequence; /* a SYN behind other packets is not what began them */
}

/* --- host ------------------------------------------------------------------------------------------------------- */

static enum host_reason reason_of_client(const struct flow *flow)
{
    switch ((enum direction_reason)flow->client_reason) {
    case DIRECTION_HANDSHAKE:
        return HOST_HANDSHAKE;
    case DIRECTION_PROTOCOL:
        return HOST_PROTOCOL;
    case DIRECTION_PORTS:
        return HOST_PORTS;
    case DIRECTION_FIRST:
    case DIRECTION_UNKNOWN:
        break;
    }
    return HOST_FIRST;
}

/** An address no single machine has. */
enum nobody {
    SOMEBODY,
    NOBODY,         /* multicast, unspecified */
    NOBODY_ON_LINK, /* and never forwarded: limited broadcast, link-local groups */
};

static enum nobody nobody_v4(uint32_t address)
{
    if (address == UINT32_MAX || address >> 8 == 0xe00000) /* RFC 919; 224.0.0.0/24, RFC 5771 */
        return NOBODY_ON_LINK;
    return address == 0 || address >> 28 == 0xe ? NOBODY : SOMEBODY;
}

static enum nobody nobody_of(const struct ip_address *address)
{
    static const struct ip_address unspecified = {{0}};
    if (ip_is_v4(address))
        return nobody_v4(ip_v4_value(address));
    if (address->octets[0] == 0xff) /* RFC 4291, 2.7: scope in the low half of the next byte; 1 interface, 2 link */
        return (address->octets[1] & 0x0f) <= 2 ? NOBODY_ON_LINK : NOBODY;
    return ip_equal(address, &unspecified) ? NOBODY : SOMEBODY;
}

/** Who asked, also when only the answer was seen. What is told to a group answers nobody. */
static void icmp_begin(struct flow *flow, const struct decoded *packet, unsigned side)
{
    uint16_t other;
    enum icmp_role role = icmp_role_of(packet->protocol, packet->source_port, &other);
    bool is_paired = role != ICMP_TELLS && packet->destination_port == other; /* a later fragment has no types */
    if (is_paired && (role == ICMP_ASKS || nobody_of(&packet->destination) == SOMEBODY))
        flow_set_client(flow, role == ICMP_ASKS ? side : !side, DIRECTION_PROTOCOL);
}

void direction_begin(struct flow *flow, const struct decoded *packet, unsigned side)
{
    flow_set_client(flow, side, DIRECTION_FIRST);
    if (packet->protocol == IP_PROTO_ICMP || packet->protocol == IP_PROTO_ICMPV6)
        icmp_begin(flow, packet, side);
    if (!has_ports(packet->protocol))
        return;
    unsigned rank[2] = {port_rank(flow->key.port[0]), port_rank(flow->key.port[1])};
    if (rank[0] != rank[1])
        flow_set_client(flow, rank[0] > rank[1], DIRECTION_PORTS);
}

unsigned flow_host_side(const struct flow *flow, const struct home_nets *nets, enum host_reason *ret_reason,
                        bool *ret_is_internal)
{
    bool home[2] = {false, false};
    enum nobody nobody[2] = {SOMEBODY, SOMEBODY};
    for (unsigned side = 0; side < 2; side++) {
        nobody[side] = nobody_of(&flow->key.address[side]);
        home[side] = nobody[side] == SOMEBODY && home_nets_contain(nets, &flow->key.address[side]);
    }
    *ret_is_internal = ((home[0] || nobody[0]) && (home[1] || nobody[1])) || nobody[0] == NOBODY_ON_LINK ||
                       nobody[1] == NOBODY_ON_LINK;
    if (home[0] != home[1]) {
        *ret_reason = HOST_HOME_NET;
        return home[1];
    }
    *ret_reason = reason_of_client(flow);
    if ((nobody[0] == SOMEBODY) != (nobody[1] == SOMEBODY))
        return nobody[0] != SOMEBODY;
    return flow->client_side;
}
