/*
 * Whether the interface that a packet socket listens to is still there, and listening again when one of its name comes
 * back, under whatever index. Needs the socket alone: no right, no further socket. Source: packet(7), netdevice(7).
 */
#ifndef BORDERTAP_CAPTURE_LIVE_LINK_INTERNAL_H
#define BORDERTAP_CAPTURE_LIVE_LINK_INTERNAL_H

#include <stdbool.h>

#include "interface_counts.h"

/** What is asked of the system; tests answer themselves. */
struct link_calls {
    int (*bound_index)(int fd);                /* at most 0: to none */
    int (*index_of)(int fd, const char *name); /* at most 0: there is none */
    int (*hardware_of)(int fd, const char *name);
    bool (*is_running)(int fd, const char *name);
    bool (*listen_to)(int fd, int index); /* in promiscuous mode */
};

extern const struct link_calls link_system_calls;

struct link {
    const struct link_calls *calls;
    int fd;
    char name[INTERFACE_NAME_SIZE];
    int hardware; /* ARPHRD_ value: another one would give other packets */
    enum interface_state state;
    uint64_t times_down, times_gone;
};

/** @param fd of a packet socket that is bound to the interface @p name. */
void link_init(struct link *link, const struct link_calls *calls, int fd, const char *name);
/** Looks, and listens again where that is needed. @return whether it does listen to another interface than before. */
bool link_look(struct link *link);

#endif
