#include "dns_bytes.h"

#include <string.h>

enum {
    TYPE_A = 1,
    TYPE_CNAME = 5,
    TYPE_AAAA = 28,
    CLASS_IN = 1,
    TTL_SEC = 300,
    NAME_MAX = 256,
    RCODE_NXDOMAIN = 3,
    HEADER_SIZE = 12
};

static const char resolver[] = "10.0.0.53";

static void add_name(struct bytes *b, const char *name)
{
    while (*name != '\0') {
        size_t length = strcspn(name, ".");
        bytes_add_u8(b, (unsigned)length);
        bytes_add(b, name, length);
        name += length + (name[length] == '.');
    }
    bytes_add_u8(b, 0);
}

static void add_question(struct bytes *b, const char *name, unsigned type)
{
    add_name(b, name);
    bytes_add_u16(b, type);
    bytes_add_u16(b, CLASS_IN);
}

/* The owner is a name that stands in the message already, pointed at (RFC 1035, 4.1.4). */
static void add_answer(struct bytes *b, unsigned owner_at, unsigned type, const void *data, size_t length)
{
    bytes_add_u16(b, 0xc000 | owner_at);
    bytes_add_u16(b, type);
    bytes_add_u16(b, CLASS_IN);
    bytes_add_u32(b, TTL_SEC);
    bytes_add_u16(b, (unsigned)length);
    bytes_add(b, data, length);
}

/* The next word of @p list, which moves behind it. @return false at the end. */
static bool next_word(const char **list, char ret[static NAME_MAX])
{
    size_t length = *list ? strcspn(*list, " ") : 0;
    if (length == 0 || length >= NAME_MAX)
        return false;
    memcpy(ret, *list, length);
    ret[length] = '\0';
    *list += length + ((*list)[length] == ' ');
    return true;
}

static unsigned add_answers(struct bytes *b, const char *chain, const char *addresses)
{
    char next[NAME_MAX];
    unsigned count = 0, owner_at = HEADER_SIZE;
    for (; next_word(&chain, next); count++) {
        struct bytes target = {0};
        add_name(&target, next);
        add_answer(b, owner_at, TYPE_CNAME, target.data, target.length);
        owner_at = (unsigned)(b->length - target.length);
        bytes_free(&target);
    }
    for (; next_word(&addresses, next); count++) {
        struct peer address = peer_of(next, 0);
        add_answer(b, owner_at, address.is_v6 ? TYPE_AAAA : TYPE_A, address.address, address.is_v6 ? 16 : 4);
    }
    return count;
}

void dns_ask(struct capture *out, const char *host, const char *name, const char *chain, const char *addresses)
{
    struct peer from = peer_of(host, (uint16_t)(50000 + strlen(name))), to = peer_of(resolver, 53);
    unsigned type = addresses != NULL && strchr(addresses, ':') ? TYPE_AAAA : TYPE_A;
    static const uint8_t header[HEADER_SIZE] = {0x51, 0x73, 0x01, 0x00, 0, 1};
    struct bytes message = {0};
    bytes_add(&message, header, sizeof(header));
    add_question(&message, name, type);
    capture_udp(out, &from, &to, message.data, message.length);
    capture_wait_ms(out, 10);
    put_u16(message.data + 2, 0x8180 | (addresses ? 0 : RCODE_NXDOMAIN));
    put_u16(message.data + 6, add_answers(&message, chain, addresses));
    capture_udp(out, &to, &from, message.data, message.length);
    bytes_free(&message);
}
