/* A TCP conversation from SYN to FIN, with what a bad tap does to it. */
#ifndef SCENARIOS_TALK_H
#define SCENARIOS_TALK_H

#include "frame.h"

enum side { CLIENT, SERVER };

/** What is said on a connection, in order. */
struct dialogue {
    struct flight {
        enum side side;
        struct bytes bytes;
    } flights[24];
    size_t count;
};

/** @return the new flight, to be filled. */
struct bytes *dialogue_add(struct dialogue *d, enum side side);
/** Appends all of @p tail and empties it. */
void dialogue_join(struct dialogue *d, struct dialogue *tail);
void dialogue_free(struct dialogue *d);

enum talk_knob {
    TALK_CLIENT_ONLY = 1, /* the tap sees one direction */
    TALK_SERVER_ONLY = 2,
    TALK_MIDSTREAM = 4,     /* the capture begins after the first flight of each side */
    TALK_DOUBLED = 8,       /* every frame twice */
    TALK_DOUBLED_VLAN = 16, /* every frame again in another VLAN */
    TALK_REORDERED = 32,    /* neighbouring segments change places */
    TALK_LOST = 64,         /* the second segment of each flight is missing */
    TALK_UNFINISHED = 128,  /* no FIN */
    TALK_TWO_CLOCKS = 256,  /* what the server sends is stamped by a clock that is behind */
};

struct talk {
    struct capture *out;
    struct peer peers[2];
    uint32_t sequence[2];
    unsigned mss;    /* 0: 1460 */
    unsigned way_ms; /* from the tap to the server and back; 0: 20 */
    unsigned knobs;  /* of enum talk_knob */
};

struct talk talk_between(struct capture *out, const char *client, uint16_t client_port, const char *server,
                         uint16_t server_port);
void talk_open(struct talk *t);
void talk_say(struct talk *t, enum side side, const struct bytes *bytes);
void talk_close(struct talk *t);
/** All of it: opens, says everything, closes. */
void talk_play(struct talk *t, const struct dialogue *d);

#endif
