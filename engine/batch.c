#include "engine/batch_internal.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum { MAC_LENGTH = 6 };

static const int64_t span_ns = NS_PER_SEC / 5;

enum status batch_new(struct batch **ret)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL)
        return STATUS_NO_MEMORY;
    batch->room = BATCH_BYTES;
    *ret = batch;
    return STATUS_OK;
}

void batch_reset(struct batch *batch)
{
    batch->count = batch->used = 0;
    batch->is_drain = batch->is_sampled = false;
    batch->quote_count = 0;
    memset(batch->order_count, 0, sizeof(batch->order_count));
    for (unsigned i = 0; i < BATCH_SHARDS; i++)
        event_list_reset(&batch->events[i]);
}

bool batch_is_full(const struct batch *batch, const struct decoded *packet)
{
    size_t length = (size_t)packet->ip_len + packet->payload_len + 2 * MAC_LENGTH;
    if (batch->count == 0)
        return false;
    return batch->count == BATCH_PACKETS || batch->used + length > batch->room ||
           packet_time_between(batch->first, packet->time) > span_ns;
}

/* Both directions of a flow must meet in one shard. Unseeded: which flows share a shard decides which are evicted
 * together. */
static unsigned shard_of(const struct decoded *p)
{
    uint64_t source = hash_bytes(&p->source, sizeof(p->source), p->source_port);
    uint64_t destination = hash_bytes(&p->destination, sizeof(p->destination), p->destination_port);
    return (unsigned)(hash_fold(source + destination, UINT64_C(0x9e3779b97f4a7c15) ^ p->protocol) % BATCH_SHARDS);
}

static bool payload_is_inside(const struct decoded *p)
{
    return p->payload == NULL || (p->payload >= p->ip && p->payload <= p->ip + p->ip_len);
}

static size_t length_of(const struct decoded *p)
{
    size_t macs = (size_t)(p->source_mac != NULL) + (size_t)(p->destination_mac != NULL);
    return p->ip_len + (payload_is_inside(p) ? 0 : p->payload_len) + macs * MAC_LENGTH;
}

/* A first packet may be larger than a batch usually is. */
unsigned batch_count_in(struct batch *batch, const struct decoded *packet)
{
    size_t length = length_of(packet);
    if (batch->count == 0) {
        batch->first = packet->time;
        if (length > batch->room)
            batch->room = length;
    }
    batch->used += length;
    batch->count++;
    return shard_of(packet);
}

static const uint8_t *keep(uint8_t **at, const uint8_t *bytes, size_t length)
{
    if (bytes == NULL)
        return NULL;
    uint8_t *ret = *at;
    memcpy(ret, bytes, length);
    *at += length;
    return ret;
}

/* Before the first packet only, as those in the batch point into its bytes. */
static bool has_bytes(struct batch *batch, const struct decoded *packet)
{
    if (batch->bytes_room >= batch->used + length_of(packet))
        return true;
    size_t room = length_of(packet) > batch->room ? length_of(packet) : batch->room;
    uint8_t *bytes = batch->count == 0 ? realloc(batch->bytes, room) : NULL;
    if (bytes == NULL)
        return false;
    batch->bytes = bytes;
    batch->bytes_room = room;
    return true;
}

bool batch_add(struct batch *batch, const struct decoded *packet)
{
    if (!has_bytes(batch, packet))
        return false;
    uint8_t *at = batch->bytes + batch->used;
    uint16_t place = (uint16_t)batch->count;
    struct decoded *kept = &batch->packets[place];
    *kept = *packet;
    kept->ip = keep(&at, packet->ip, packet->ip_len);
    if (packet->payload != NULL)
        kept->payload = payload_is_inside(packet) ? kept->ip + (packet->payload - packet->ip)
                                                  : keep(&at, packet->payload, packet->payload_len);
    kept->source_mac = keep(&at, packet->source_mac, MAC_LENGTH);
    kept->destination_mac = keep(&at, packet->destination_mac, MAC_LENGTH);
    unsigned shard = batch_count_in(batch, packet);
    batch->order[shard][batch->order_count[shard]++] = place;
    return true;
}

bool batch_add_quote(struct batch *batch, const struct icmp_quote *quote, struct packet_time time)
{
    if (batch->quote_count == BATCH_QUOTES)
        return false;
    const struct decoded packet = quote_packet(quote);
    batch->quotes[batch->quote_count++] =
        (struct quote){.icmp = *quote, .time = time, .shard = (uint8_t)shard_of(&packet)};
    return true;
}

void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    for (unsigned i = 0; i < BATCH_SHARDS; i++)
        event_list_clear(&batch->events[i]);
    free(batch->bytes);
    free(batch);
}
