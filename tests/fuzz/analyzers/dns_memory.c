/*
 * A script of learning and asking, 8 bytes a step: what, host, time, remote, name, canonical, TTL, -. Few hosts,
 * remotes and names, so that bindings meet; a small memory, so that they push each other out. Names found must be names
 * learnt.
 */
#include "dns_memory.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ip_address address(uint8_t network, uint8_t number)
{
    return ip_from_v4((const uint8_t[]){10, network, 0, number});
}

/* Lengths from 0 to 255: one to several units of the pool. */
static struct text name(uint8_t number, char room[static 256])
{
    memset(room, 'a' + number % 26, number);
    return (struct text){room, number};
}

static void learn(struct dns_memory *memory, const struct ip_address *host, const uint8_t step[static 8],
                  struct packet_time now)
{
    char names[2][256];
    bool is_alias = (step[0] & 2) != 0; /* an answer without addresses */
    struct dns_answer answer = {.chain_count = 2, .binding_count = is_alias ? 0 : 2, .chain_ttl_sec = 600};
    answer.chain[0] = name(step[4], names[0]);
    answer.chain[1] = name(step[5], names[1]);
    answer.bindings[0] = (struct dns_binding){address(1, step[3]), step[6] * 16u, false};
    answer.bindings[1] = (struct dns_binding){address(1, step[3] + 1), UINT32_MAX, true};
    dns_memory_learn(memory, host, &answer, now);
}

static void check(struct text found)
{
    if (found.length == 0)
        return;
    if (found.data[0] != (char)('a' + found.length % 26) || memcmp(found.data, found.data + 1, found.length - 1) != 0)
        abort();
}

static void find(struct dns_memory *memory, const struct ip_address *host, uint8_t number, struct packet_time now)
{
    struct ip_address remote = address(1, number);
    struct dns_memory_names found;
    struct text all[4];
    if (dns_memory_find(memory, host, &remote, now, &found)) {
        check(found.name);
        check(found.canonical);
    }
    size_t count = dns_memory_find_all(memory, host, &remote, now, all, 4);
    if (count > 4)
        abort();
    for (size_t i = 0; i < count; i++)
        check(all[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packet_time now = packet_time_from_sec(1600000000);
    struct dns_memory *memory;
    if (dns_memory_new(64, &memory) != STATUS_OK)
        abort();
    for (; size >= 8; data += 8, size -= 8) {
        struct ip_address host = address(0, data[1] % 24);
        now.ns += (int64_t)(int8_t)data[2] * 30 * NS_PER_SEC; /* time may go back */
        if (data[0] & 1)
            learn(memory, &host, data, now);
        else
            find(memory, &host, data[3], now);
    }
    dns_memory_free(memory);
    return 0;
}
