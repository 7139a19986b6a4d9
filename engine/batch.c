#include "engine/batch_internal.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

enum { MAC_LENGTH = 6 };

static const int64_t span_ns = NS_PER_SEC / 5;

enum status batch_new(struct batch **ret)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL || (batch->bytes = malloc(BATCH_BYTES)) == NULL) {
        free(batch);
        return STATUS_NO_MEMORY;
    }
    batch->room = BATCH_BYTES;
    *ret = batch;
    return STATUS_OK;
}

void batch_reset(struct batch *batch)
{
    batch->count = batch->used = 0;
    batch->is_drain = false;
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
           packet_time_between(batch->packets[0].time, packet->time) > span_ns;
}

/* Both directions of a flow must meet in one shard. Unseeded: which flows share a shard decides which are evicted
 * together. */
static unsigned shard_of(const struct decoded *p)
{
    uint64_t source = hash_bytes(&p->source, sizeof(p->source), p->source_port);
    uint64_t destination = hash_bytes(&p->destination, sizeof(p->destination), p->destination_port);
    return (unsigned)(hash_fold(source + destination, UINT64_C(0x9e3779b97f4a7c15) ^ p->protocol) % BATCH_SHARDS);
}

static const uint8_t *keep(struct batch *batch, const uint8_t *bytes, size_t length)
{
    if (bytes == NULL)
        return NULL;
    uint8_t *ret = batch->bytes + batch->used;
    memcpy(ret, bytes, length);
    batch->used += length;
    return ret;
}

/* Before the first packet only, as those in the batch point into its bytes: one packet may be larger than a batch
 * usually is. */
static bool make_room(struct batch *batch, size_t length)
{
    if (batch->used + length <= batch->room)
        return true;
    uint8_t *bytes = batch->count == 0 ? realloc(batch->bytes, length) : NULL;
    if (bytes == NULL)
        return false;
    batch->bytes = bytes;
    batch->room = length;
    return true;
}

bool batch_add(struct batch *batch, const struct decoded *packet)
{
    bool is_inside =
        packet->payload == NULL || (packet->payload >= packet->ip && packet->payload <= packet->ip + packet->ip_len);
    size_t extra = is_inside ? 0 : packet->payload_len;
    if (!make_room(batch, packet->ip_len + extra + 2 * MAC_LENGTH))
        return false;
    struct decoded *kept = &batch->packets[batch->count];
    *kept = *packet;
    kept->ip = keep(batch, packet->ip, packet->ip_len);
    if (packet->payload != NULL)
        kept->payload =
            is_inside ? kept->ip + (packet->payload - packet->ip) : keep(batch, packet->payload, packet->payload_len);
    kept->source_mac = keep(batch, packet->source_mac, MAC_LENGTH);
    kept->destination_mac = keep(batch, packet->destination_mac, MAC_LENGTH);
    unsigned shard = shard_of(packet);
    batch->order[shard][batch->order_count[shard]++] = (uint16_t)batch->count++;
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
