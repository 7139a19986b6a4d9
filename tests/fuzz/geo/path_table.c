/* Any order of announcements, withdrawals, lost sessions and look-ups; after each, the answer is a prefix around it. */
#include <stdlib.h>

#include "paths/path_table_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PEERS = 4 };

static void look(const struct path_table *table, const struct ip_address *address)
{
    size_t count = 0;
    const struct path_route *routes = path_table_find(table, address, &count);
    for (size_t i = 0; routes != NULL && i < count; i++)
        if (!ip_in_prefix(address, &(struct ip_prefix){routes[i].base, routes[i].length}))
            abort();
}

static struct bgp_prefix prefix_of(struct wire *w)
{
    uint8_t octets[16] = {0x20, 0x01};
    uint8_t kind = wire_u8(w);
    struct bgp_prefix ret = {.is_v6 = kind & 1, .path_id = kind >> 6};
    for (unsigned i = 0; i < 4; i++)
        octets[ret.is_v6 ? 2 + i * 4 % 14 : i] = wire_u8(w);
    unsigned length = wire_u8(w);
    ret.prefix.base = ret.is_v6 ? ip_from_v6(octets) : ip_from_v4(octets);
    ret.prefix.length = (uint8_t)(ret.is_v6 ? length % 129 : 96 + length % 33);
    return ret;
}

static void step(struct path_table *table, struct wire *w)
{
    uint8_t action = wire_u8(w), room[8] = {AS_SEGMENT_SEQUENCE, 1, 0, 0, 0, 1};
    size_t peer = action >> 6;
    struct bgp_prefix prefix = prefix_of(w);
    room[0] = action & 32 ? AS_SEGMENT_SET : AS_SEGMENT_SEQUENCE;
    room[5] = wire_u8(w);
    if (action % 16 == 0)
        path_table_drop_peer(table, peer);
    else if (action % 16 == 1)
        path_table_settle(table);
    else if (action % 16 < 6)
        path_table_withdraw(table, peer, &prefix);
    else
        path_table_announce(table, peer, &prefix, (struct as_path){room, 6, 4}, action);
    look(table, &prefix.prefix.base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct path_table table;
    struct wire w = wire_of(data, size);
    if (path_table_init(&table)) {
        for (unsigned i = 0; i < PEERS; i++) {
            struct ip_address address = ip_from_v4((const uint8_t[]){192, 0, 2, (uint8_t)i});
            path_table_peer(&table, &address, i);
        }
        while (w.left > 0)
            step(&table, &w);
        path_table_settle(&table);
    }
    path_table_clear(&table);
    return 0;
}
