/*
 * BGP UPDATE messages (RFC 4271) as MRT files and BMP sessions carry them: attributes, prefixes, AS paths (RFC 6793),
 * MP_REACH/MP_UNREACH (RFC 4760), path identifiers (RFC 7911). Everything points into the bytes that were parsed.
 */
#ifndef BORDERTAP_GEO_PATHS_BGP_INTERNAL_H
#define BORDERTAP_GEO_PATHS_BGP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "paths/trouble_internal.h"
#include "wire.h"

enum { AS_TRANS = 23456 }; /* RFC 6793: stands for a number that needs four bytes */

enum as_segment_type {
    AS_SEGMENT_SET = 1,
    AS_SEGMENT_SEQUENCE = 2,
    AS_SEGMENT_CONFED_SEQUENCE = 3, /* RFC 5065 */
    AS_SEGMENT_CONFED_SET = 4,
};

/** Segments as on the wire, checked: type, count, numbers of `as_size` bytes (2 or 4). */
struct as_path {
    const uint8_t *bytes;
    size_t length;
    uint8_t as_size;
};

struct as_segment {
    enum as_segment_type type;
    uint8_t count;
    uint8_t as_size;
    const uint8_t *numbers;
};

/** Takes the next segment off @p rest. @return false at the end. */
bool as_path_next(struct as_path *rest, struct as_segment *ret);
uint32_t as_segment_number(const struct as_segment *segment, unsigned i);

enum { AFI_IPV4 = 1, AFI_IPV6 = 2, SAFI_UNICAST = 1, SAFI_MULTICAST = 2, SAFI_BOTH = 3, REPAIRED_MAX = 4096 };

/** MP_REACH_NLRI or MP_UNREACH_NLRI. */
struct bgp_reach {
    bool is_present;
    uint16_t afi;
    uint8_t safi;
    const uint8_t *next_hop; /* 16 bytes of IPv6 or 4 of IPv4, or NULL */
    uint8_t next_hop_length;
    struct wire prefixes;
};

struct bgp_attributes {
    bool has_path, has_next_hop, has_med, has_local_pref, has_aggregator, is_atomic_aggregate;
    uint8_t origin;          /* 0 IGP, 1 EGP, else incomplete or absent */
    struct as_path path;     /* with the numbers of AS4_PATH where AS_PATH has AS_TRANS */
    const uint8_t *next_hop; /* 4 bytes */
    uint32_t med, local_pref;
    uint32_t aggregator_asn;
    const uint8_t *aggregator;  /* 4 bytes */
    const uint8_t *communities; /* community_count of 4 bytes */
    size_t community_count;
    struct bgp_reach reach, unreach;
    uint8_t repaired[REPAIRED_MAX]; /* where `path` lies when it was repaired */
};

/**
 * @param as_size bytes of an AS number in AS_PATH and AGGREGATOR: 4, or 2 from a speaker of 16-bit numbers.
 * @return TROUBLE_NONE; else what is wrong, with @p ret as far as it was read.
 */
enum trouble bgp_attributes_parse(struct wire attributes, unsigned as_size, struct bgp_attributes *ret);

struct bgp_prefix {
    struct ip_prefix prefix; /* length of an IPv4 prefix has 96 more; bits behind it as they were sent */
    bool is_v6;
    uint32_t path_id; /* 0 without ADD-PATH */
};

/** Takes the next prefix. @return false at the end and, with @p ret_trouble set, at damage. */
bool bgp_prefix_next(struct wire *prefixes, uint16_t afi, bool has_path_id, struct bgp_prefix *ret,
                     enum trouble *ret_trouble);

/** One prefix of an update. */
struct bgp_change {
    bool is_withdrawal;
    bool is_doubtful; /* a list of prefixes in its update is damaged: this may be no prefix at all */
    uint8_t safi;
    struct bgp_prefix prefix;
    const struct bgp_attributes *attributes; /* of an announcement; NULL with a withdrawal */
    const struct bgp_reach *reach;           /* where the next hop is; NULL: in the attributes */
};

typedef void bgp_change_visit(void *context, const struct bgp_change *change);

enum { BGP_HEADER_SIZE = 19, BGP_OPEN = 1, BGP_UPDATE = 2 };

/** Header of a message: 16 bytes of ones, length, type. Carves the rest off @p message. */
enum trouble bgp_message_parse(struct wire *message, uint8_t *ret_type, struct wire *ret_body);

#define BGP_PATH_IDS_NONE 0U
#define BGP_PATH_IDS_ALL UINT32_MAX

/**
 * Withdrawals first, then announcements; @p scratch is overwritten.
 * @param path_ids a bit (1 << AFI) for each address family whose prefixes have path identifiers.
 */
enum trouble bgp_update_visit(struct wire body, unsigned as_size, uint32_t path_ids, struct bgp_attributes *scratch,
                              bgp_change_visit *visit, void *context);

#endif
