/*
 * A script of learning and asking, 8 bytes a step: what, host, remote, name, canonical, TTL, time. Few hosts, remotes
 * and names, so that bindings meet; a small memory, so that they push each other out. Names found must be names learnt.
 */
#include "dns_memory.h"

#include <stdlib.h>

#include "wire.h"

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

static void learn(struct dns_memory *memory, const struct ip_address *host, struct wire *step, struct packet_time now)
{
    char names[2][256];
    struct dns_answer answer = {.chain_count = 2, .binding_count = 2};
    uint8_t remote = wire_u8(step);
    answer.chain[0] = name(wire_u8(step), names[0]);
    answer.chain[1] = name(wire_u8(step), names[1]);
    answer.bindings[0] = (struct dns_binding){address(1, remote), wire_u8(step) * 16u, false};
    answer.bindings[1] = (struct dns_binding){address(1, remote + 1), UINT32_MAX, true};
    dns_memory_learn(memory, host, &answer, now);
}

static void check(struct text found)
{
    for (size_t i = 1; i < found.length; i++)
        if (found.data[i] != found.data[0])
            abort();
    if (found.length > 0 && found.data[0] != (char)('a' + found.length % 26))
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
    struct wire script = wire_of(data, size);
    struct packet_time now = packet_time_from_sec(1600000000);
    struct dns_memory *memory;
    if (dns_memory_new(64, &memory) != STATUS_OK)
        abort();
    while (script.left >= 8) {
        struct wire step = wire_carve(&script, 8);
        uint8_t what = wire_u8(&step);
        struct ip_address host = address(0, wire_u8(&step) % 24);
        now.ns += (int64_t)(int8_t)wire_u8(&step) * 30 * NS_PER_SEC; /* time may go back */
        if (what & 1)
            learn(memory, &host, &step, now);
        else
            find(memory, &host, wire_u8(&step), now);
    }
    dns_memory_free(memory);
    return 0;
}
