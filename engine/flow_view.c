#include "engine/flow_view_internal.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* SHA-1's own functions: the general interface takes 20 times as long for this */
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "decoded.h"
#include "hash.h"
#include "wire.h"

struct flow_counters flow_counters_of(const struct flow *flow, unsigned host_side)
{
    return (struct flow_counters){
        .packets_out = flow->packets[host_side],
        .packets_in = flow->packets[!host_side],
        .bytes_out = flow->bytes[host_side],
        .bytes_in = flow->bytes[!host_side],
    };
}

/* Types whose answer has another type number pair up, as in the specification's table; the decoder mapped them to
 * ports. */
static bool icmp_is_one_way(const struct flow *flow)
{
    static const uint8_t paired_v4[] = {0, 8, 9, 10, 13, 14, 15, 16, 17, 18};
    static const uint8_t paired_v6[] = {128, 129, 130, 131, 133, 134, 135, 136, 139, 140, 144, 145};
    bool v4 = flow->key.protocol == IP_PROTO_ICMP;
    const uint8_t *paired = v4 ? paired_v4 : paired_v6;
    size_t count = v4 ? sizeof(paired_v4) : sizeof(paired_v6);
    uint16_t type = flow_client_port(flow);
    for (size_t i = 0; i < count; i++)
        if (paired[i] == type)
            return false;
    return true;
}

static size_t put_address(uint8_t *at, const struct ip_address *address, bool is_v4)
{
    memcpy(at, address->octets + (is_v4 ? 12 : 0), is_v4 ? 4 : 16);
    return is_v4 ? 4 : 16;
}

static void put_be16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static bool has_ports(uint8_t protocol)
{
    return protocol == IP_PROTO_TCP || protocol == IP_PROTO_UDP || protocol == IP_PROTO_SCTP ||
           protocol == IP_PROTO_ICMP || protocol == IP_PROTO_ICMPV6;
}

void community_id_make(const struct flow *flow, char ret[static COMMUNITY_ID_TEXT_SIZE])
{
    /* The key already has the lower endpoint first, which is the specification's order; one-way ICMP keeps the sender
     * first. */
    unsigned first = 0;
    bool is_icmp = flow->key.protocol == IP_PROTO_ICMP || flow->key.protocol == IP_PROTO_ICMPV6;
    if (is_icmp && icmp_is_one_way(flow))
        first = flow->client_side;
    uint8_t input[2 + 16 + 16 + 2 + 4] = {0, 0}; /* seed 0 */
    size_t length = 2;
    bool is_v4 = ip_is_v4(&flow->key.address[0]);
    length += put_address(input + length, &flow->key.address[first], is_v4);
    length += put_address(input + length, &flow->key.address[!first], is_v4);
    input[length++] = flow->key.protocol;
    input[length++] = 0;
    if (has_ports(flow->key.protocol)) {
        put_be16(input + length, flow->key.port[first]);
        put_be16(input + length + 2, flow->key.port[!first]);
        length += 4;
    }
    uint8_t digest[SHA_DIGEST_LENGTH];
    SHA_CTX sha1;
    SHA1_Init(&sha1);
    SHA1_Update(&sha1, input, length);
    SHA1_Final(digest, &sha1);
    ret[0] = '1';
    ret[1] = ':';
    EVP_EncodeBlock((unsigned char *)ret + 2, digest, sizeof(digest));
}

/* The same at every sensor on the path: Community ID with what only this use of the 5-tuple has. */
static void uid_make(const struct flow *flow, const struct flow_facts *facts, const char *community_id,
                     char ret[static FLOW_UID_TEXT_SIZE])
{
    uint64_t h = hash_stable(community_id, strlen(community_id), HASH_STABLE_START);
    int64_t minute = packet_time_sec(flow->first) / 60;
    uint32_t isn = flow->client_isn;
    if (isn != 0)
        h = hash_stable(&isn, sizeof(isn), h);
    else if (facts != NULL && facts->quic.original_dcid_length > 0)
        h = hash_stable(facts->quic.original_dcid, facts->quic.original_dcid_length, h);
    else if (facts != NULL && facts->dns.has_query)
        h = hash_stable(facts->dns.query.data, facts->dns.query.length, hash_stable(&minute, sizeof(minute), h));
    else
        h = hash_stable(&minute, sizeof(minute), h);
    for (int shift = 60; shift >= 0; shift -= 4)
        *ret++ = "0123456789abcdef"[h >> shift & 15];
    *ret = '\0';
}

void flow_view_make(const struct flow *flow, const struct flow_facts *facts, unsigned host_side,
                    enum host_reason reason, const char *app, struct flow_view *ret)
{
    *ret = (struct flow_view){
        .client = *flow_client(flow),
        .server = *flow_server(flow),
        .client_port = flow_client_port(flow),
        .server_port = flow_server_port(flow),
        .protocol = flow->key.protocol,
        .vlan = flow->vlan,
        .start = flow->first,
        .end = flow->last,
        .counters = flow_counters_of(flow, host_side),
        .direction_reason = reason,
        .end_reason = (enum flow_end_reason)flow->end_reason,
        .app = app,
    };
    community_id_make(flow, ret->community_id);
    uid_make(flow, facts, ret->community_id, ret->uid);
}
