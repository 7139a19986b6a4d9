/*
 * A full routing table of one peer in MRT (TABLE_DUMP_V2): prefixes in order, many of them inside others. Lengths of
 * prefixes and paths, the share of distinct paths (0.30 of IPv4 and 0.54 of IPv6 prefixes) and of prepending (17 %) are
 * those of RouteViews tables of 2014 and 2015.
 *
 *   make_rib OUTPUT.mrt IPV4_PREFIXES IPV6_PREFIXES
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TIME = 1790000000,
    PEER_ASN = 3320,
    TRANSITS = 4000,
    ORIGINS = 75000,
    PATH_MAX_LENGTH = 16,
    BODY_MAX = 512,
};

static uint64_t state = 1;

static uint32_t next_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = (*seed ^ *seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(z >> 32);
}

/** An index by weights of a thousand. */
static unsigned pick(const unsigned *weights, unsigned count, uint64_t *seed)
{
    unsigned number = next_random(seed) % 1000;
    for (unsigned i = 0; i < count; i++) {
        if (number < weights[i])
            return i;
        number -= weights[i];
    }
    return count - 1;
}

struct bytes {
    uint8_t data[BODY_MAX];
    size_t length;
};

static void put(struct bytes *b, uint64_t number, unsigned size)
{
    for (unsigned i = size; i-- > 0;)
        b->data[b->length++] = (uint8_t)(number >> 8 * i);
}

static void write_record(FILE *out, unsigned subtype, const struct bytes *body)
{
    struct bytes header = {.length = 0};
    put(&header, TIME, 4);
    put(&header, 13, 2);
    put(&header, subtype, 2);
    put(&header, body->length, 4);
    fwrite(header.data, 1, header.length, out);
    fwrite(body->data, 1, body->length, out);
}

static void write_peer(FILE *out)
{
    struct bytes body = {.length = 0};
    put(&body, 0, 4);
    put(&body, 0, 2);
    put(&body, 1, 2);
    put(&body, 2, 1);
    put(&body, 0, 4);
    put(&body, 0xc0000201, 4);
    put(&body, PEER_ASN, 4);
    write_record(out, 1, &body);
}

/** Path number @p path, the same each time. */
static unsigned make_path(uint64_t path, uint32_t *ret)
{
    static const unsigned lengths[] = {0, 0, 40, 271, 348, 193, 72, 32, 15, 8, 21};
    uint64_t seed = path * 7919 + 5;
    unsigned length = pick(lengths, 11, &seed), at = 0;
    ret[at++] = PEER_ASN;
    while (at + 1 < length) {
        uint32_t near = next_random(&seed) % TRANSITS; /* few networks carry most */
        ret[at++] = 1000 + next_random(&seed) % (near + 1);
    }
    ret[at] = 100000 + next_random(&seed) % ORIGINS;
    unsigned again = next_random(&seed) % 100 < 17 ? 1 + next_random(&seed) % 3 : 0;
    for (at++; again > 0 && at < PATH_MAX_LENGTH; again--, at++)
        ret[at] = ret[at - 1];
    return at;
}

static void put_entry(struct bytes *body, uint64_t path)
{
    uint32_t numbers[PATH_MAX_LENGTH];
    unsigned count = make_path(path, numbers);
    put(body, 1, 2);
    put(body, 0, 2);
    put(body, TIME - next_random(&state) % 1000000, 4);
    put(body, 4 + 3 + 2 + 4 * count + 7, 2);
    put(body, 0x40010100, 4); /* ORIGIN IGP */
    put(body, 0x4002, 2);
    put(body, 2 + 4 * count, 1);
    put(body, 2, 1);
    put(body, count, 1);
    for (unsigned i = 0; i < count; i++)
        put(body, numbers[i], 4);
    put(body, 0x400304, 3); /* NEXT_HOP */
    put(body, 0xc0000201, 4);
}

/** Where prefixes of a family are: bits behind `base` of 64. */
struct family {
    unsigned subtype, first_length, bytes;
    const unsigned *weights;
    unsigned weight_count, distinct_of_100;
    uint64_t base, end;
};

static uint64_t write_family(FILE *out, const struct family *family, unsigned long count, uint64_t first_path)
{
    uint64_t next = family->base, paths = first_path, last = next;
    unsigned last_length = 0;
    for (unsigned long i = 0; i < count && next < family->end; i++) {
        unsigned length = family->first_length + pick(family->weights, family->weight_count, &state);
        uint64_t size = UINT64_C(1) << (64 - length), base = (next + size - 1) & ~(size - 1);
        if (base == last && length <= last_length)
            base += size > UINT64_C(1) << (64 - last_length) ? size : UINT64_C(1) << (64 - last_length);
        base &= ~(size - 1);
        bool is_new = paths == first_path || next_random(&state) % 100 < family->distinct_of_100;
        uint64_t path = is_new ? paths++ : first_path + next_random(&state) % (paths - first_path);
        struct bytes body = {.length = 0};
        put(&body, i, 4);
        put(&body, length, 1);
        put(&body, base >> (64 - 8 * ((length + 7) / 8)), (length + 7) / 8);
        put_entry(&body, path);
        write_record(out, family->subtype, &body);
        last = base;
        last_length = length;
        next = next_random(&state) % 5 < 2 ? base : base + size;
    }
    return paths;
}

int main(int argc, char **argv)
{
    static const unsigned v4[] = {20, 11, 19, 46, 61, 84, 107, 88, 564}; /* /16 - /24 */
    static const unsigned v6[] = {12, 30, 30, 172, 5, 5, 11, 28, 5, 5, 5, 40, 5, 5, 5, 23, 5, 12, 11, 586}; /* /29 - */
    FILE *out = argc == 4 ? fopen(argv[1], "wb") : NULL;
    if (out == NULL) {
        fprintf(stderr, "usage: make_rib OUTPUT.mrt IPV4_PREFIXES IPV6_PREFIXES\n");
        return 2;
    }
    const struct family families[] = {
        {2, 16, 4, v4, 9, 30, UINT64_C(1) << 56, UINT64_C(0xdf) << 56},
        {4, 29, 16, v6, 20, 54, UINT64_C(0x20) << 56, UINT64_C(0x3f) << 56},
    };
    write_peer(out);
    uint64_t paths = write_family(out, &families[0], strtoul(argv[2], NULL, 10), 0);
    write_family(out, &families[1], strtoul(argv[3], NULL, 10), paths);
    return fclose(out) == 0 ? 0 : 1;
}
