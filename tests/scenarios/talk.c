#include "talk.h"

enum { DEFAULT_MSS = 1460, WAY_MS = 20, OTHER_VLAN = 77, CLOCK_BEHIND_MS = 30 };

struct bytes *dialogue_add(struct dialogue *d, enum side side)
{
    if (d->count == sizeof(d->flights) / sizeof(d->flights[0]))
        give_up("too many flights", "dialogue");
    struct flight *flight = &d->flights[d->count++];
    *flight = (struct flight){.side = side};
    return &flight->bytes;
}

void dialogue_join(struct dialogue *d, struct dialogue *tail)
{
    for (size_t i = 0; i < tail->count; i++)
        *dialogue_add(d, tail->flights[i].side) = tail->flights[i].bytes;
    tail->count = 0;
}

void dialogue_free(struct dialogue *d)
{
    for (size_t i = 0; i < d->count; i++)
        bytes_free(&d->flights[i].bytes);
    d->count = 0;
}

struct talk talk_between(struct capture *out, const char *client, uint16_t client_port, const char *server,
                         uint16_t server_port)
{
    return (struct talk){
        .out = out,
        .peers = {peer_of(client, client_port), peer_of(server, server_port)},
        .sequence = {0x10000000U + client_port, 0xfffff000U}, /* the server's numbers run over 2^32 */
    };
}

static unsigned way_ms(const struct talk *t)
{
    return t->way_ms ? t->way_ms : WAY_MS;
}

static void send_segment(struct talk *t, enum side side, unsigned flags, const uint8_t *payload, size_t length,
                         uint32_t sequence)
{
    bool is_unseen = (t->knobs & TALK_CLIENT_ONLY && side == SERVER) || (t->knobs & TALK_SERVER_ONLY && side == CLIENT);
    struct segment segment = {
        .from = &t->peers[side],
        .to = &t->peers[!side],
        .sequence = sequence,
        .acknowledgement = flags & TCP_ACK_BIT ? t->sequence[!side] : 0,
        .flags = (uint8_t)flags,
        .payload = payload,
        .length = length,
    };
    if (is_unseen)
        return;
    int64_t behind_ms = t->knobs & TALK_TWO_CLOCKS && side == SERVER ? CLOCK_BEHIND_MS : 0;
    capture_wait_ms(t->out, -behind_ms);
    capture_tcp(t->out, &segment);
    capture_wait_ms(t->out, behind_ms);
    if (t->knobs & TALK_DOUBLED)
        capture_again(t->out, 0);
    if (t->knobs & TALK_DOUBLED_VLAN)
        capture_again(t->out, OTHER_VLAN);
}

static void send_bare(struct talk *t, enum side side, unsigned flags)
{
    send_segment(t, side, flags, NULL, 0, t->sequence[side]);
    t->sequence[side] += (flags & (TCP_SYN_BIT | TCP_FIN_BIT)) != 0;
}

void talk_open(struct talk *t)
{
    send_bare(t, CLIENT, TCP_SYN_BIT);
    capture_wait_ms(t->out, way_ms(t));
    send_bare(t, SERVER, TCP_SYN_BIT | TCP_ACK_BIT);
    capture_wait_ms(t->out, way_ms(t));
    send_bare(t, CLIENT, TCP_ACK_BIT);
}

/* Where the segment at place @p i goes: with TALK_REORDERED, pairs are swapped. */
static size_t place_of(const struct talk *t, size_t i, size_t count)
{
    if (!(t->knobs & TALK_REORDERED))
        return i;
    size_t swapped = i ^ 1;
    return swapped < count ? swapped : i;
}

void talk_say(struct talk *t, enum side side, const struct bytes *bytes)
{
    size_t mss = t->mss ? t->mss : DEFAULT_MSS, count = (bytes->length + mss - 1) / mss;
    for (size_t i = 0; i < count; i++) {
        size_t at = place_of(t, i, count) * mss;
        size_t length = bytes->length - at < mss ? bytes->length - at : mss;
        unsigned flags = TCP_ACK_BIT | (at + length == bytes->length ? (unsigned)TCP_PSH_BIT : 0);
        if (!(t->knobs & TALK_LOST) || i != 1)
            send_segment(t, side, flags, bytes->data + at, length, t->sequence[side] + (uint32_t)at);
    }
    t->sequence[side] += (uint32_t)bytes->length;
    capture_wait_ms(t->out, way_ms(t));
    send_bare(t, !side, TCP_ACK_BIT);
}

void talk_close(struct talk *t)
{
    send_bare(t, CLIENT, TCP_FIN_BIT | TCP_ACK_BIT);
    capture_wait_ms(t->out, way_ms(t));
    send_bare(t, SERVER, TCP_FIN_BIT | TCP_ACK_BIT);
    capture_wait_ms(t->out, way_ms(t));
    send_bare(t, CLIENT, TCP_ACK_BIT);
}

void talk_play(struct talk *t, const struct dialogue *d)
{
    bool is_midstream = t->knobs & TALK_MIDSTREAM;
    bool has_spoken[2] = {false, false};
    if (!is_midstream)
        talk_open(t);
    for (size_t i = 0; i < d->count; i++) {
        const struct flight *flight = &d->flights[i];
        if (is_midstream && !has_spoken[flight->side])
            t->sequence[flight->side] += (uint32_t)flight->bytes.length;
        else
            talk_say(t, flight->side, &flight->bytes);
        has_spoken[flight->side] = true;
    }
    if (!(t->knobs & TALK_UNFINISHED))
        talk_close(t);
}
