#include "live_link_internal.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/if_ether.h>

static bool ask(int fd, const char *name, unsigned long what, struct ifreq *ret)
{
    memset(ret, 0, sizeof(*ret));
    memcpy(ret->ifr_name, name, strnlen(name, sizeof(ret->ifr_name) - 1));
    return ioctl(fd, what, ret) == 0;
}

static int bound_index(int fd)
{
    struct sockaddr_ll at;
    socklen_t length = sizeof(at);
    return getsockname(fd, (struct sockaddr *)&at, &length) == 0 ? at.sll_ifindex : 0;
}

static int index_of(int fd, const char *name)
{
    struct ifreq r;
    return ask(fd, name, SIOCGIFINDEX, &r) ? r.ifr_ifindex : 0;
}

static int hardware_of(int fd, const char *name)
{
    struct ifreq r;
    return ask(fd, name, SIOCGIFHWADDR, &r) ? r.ifr_hwaddr.sa_family : -1;
}

static bool is_running(int fd, const char *name)
{
    struct ifreq r;
    return ask(fd, name, SIOCGIFFLAGS, &r) && (r.ifr_flags & IFF_UP) && (r.ifr_flags & IFF_RUNNING);
}

/* The kernel forgets the membership with the interface. */
static bool listen_to(int fd, int index)
{
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
    struct packet_mreq promiscuous = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
    return bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
           setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof(promiscuous)) == 0;
}

const struct link_calls link_system_calls = {bound_index, index_of, hardware_of, is_running, listen_to};

void link_init(struct link *link, const struct link_calls *calls, int fd, const char *name)
{
    *link = (struct link){.calls = calls, .fd = fd, .state = INTERFACE_UP};
    snprintf(link->name, sizeof(link->name), "%s", name);
    link->hardware = calls->hardware_of(fd, link->name);
}

static void become(struct link *link, enum interface_state state)
{
    if (state == link->state)
        return;
    link->times_gone += state == INTERFACE_GONE;
    link->times_down += state == INTERFACE_DOWN;
    link->state = state;
}

bool link_look(struct link *link)
{
    const struct link_calls *calls = link->calls;
    bool is_other = false;
    int index = calls->index_of(link->fd, link->name);
    if (index <= 0 || calls->hardware_of(link->fd, link->name) != link->hardware) {
        become(link, INTERFACE_GONE);
        return false;
    }
    if (index != calls->bound_index(link->fd)) {
        become(link, INTERFACE_GONE); /* and came back between two looks */
        if (!calls->listen_to(link->fd, index))
            return false;
        is_other = true;
    }
    become(link, calls->is_running(link->fd, link->name) ? INTERFACE_UP : INTERFACE_DOWN);
    return is_other;
}
