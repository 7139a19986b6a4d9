#include "libloc_file.h"

enum { HEADER_SIZE = 72, NODE_SIZE = 12, NETWORK_SIZE = 12, NETWORKS_AT = 0x100, TREE_AT = 0x1000 };

static void put32(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t nodes;

static uint8_t *node_at(uint8_t *file, uint32_t node)
{
    return file + TREE_AT + node * NODE_SIZE;
}

static uint32_t node_new(uint8_t *file)
{
    assert_true(TREE_AT + (nodes + 1) * NODE_SIZE <= LIBLOC_FILE_SIZE);
    put32(node_at(file, nodes) + 8, UINT32_MAX);
    return nodes++;
}

static void put_row(uint8_t *file, const struct libloc_row *row, uint32_t number)
{
    struct ip_prefix prefix;
    uint32_t node = 0;
    assert_int_equal(ip_prefix_parse(row->prefix, &prefix, NULL), STATUS_OK);
    for (unsigned bit = 0; bit < prefix.length; bit++) {
        uint8_t *child = node_at(file, node) + (prefix.base.octets[bit / 8] >> (7 - bit % 8) & 1 ? 4 : 0);
        if (get32(child) == 0)
            put32(child, node_new(file));
        node = get32(child);
    }
    put32(node_at(file, node) + 8, number);
    uint8_t *network = file + NETWORKS_AT + number * NETWORK_SIZE;
    memcpy(network, row->country, 2);
    put32(network + 4, row->asn);
    network[8] = (uint8_t)(row->flags >> 8);
    network[9] = (uint8_t)row->flags;
}

size_t libloc_file_make(const struct libloc_row *rows, size_t count, uint8_t ret[static LIBLOC_FILE_SIZE])
{
    static const char pool[] = "\0SOME NETWORK";
    const uint32_t as_at = HEADER_SIZE + 16, pool_at = as_at + 8;
    memset(ret, 0, LIBLOC_FILE_SIZE);
    memcpy(ret, "LOCDBXX\1", 8);
    put32(ret + 12, 1780272000); /* 2026-06-01 */
    nodes = 0;
    node_new(ret);
    for (size_t i = 0; i < count; i++)
        put_row(ret, &rows[i], (uint32_t)i);
    const uint32_t parts[] = {
        as_at, 8,       NETWORKS_AT, (uint32_t)count * NETWORK_SIZE, TREE_AT, nodes * NODE_SIZE, pool_at,
        0,     pool_at, sizeof(pool)};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        put32(ret + 28 + 4 * i, parts[i]);
    put32(ret + as_at, 64500);
    put32(ret + as_at + 4, 1);
    memcpy(ret + pool_at, pool, sizeof(pool));
    return TREE_AT + nodes * NODE_SIZE;
}
