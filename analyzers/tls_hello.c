/*
 * ClientHello and ServerHello of SSL 3.0 to TLS 1.3 and DTLS, as views into the message (RFC 5246, 8446, 6347, 9147). A
 * broken extension does not spoil what stood before it: names are worth having even from a damaged hello.
 */
#include "tls_internal.h"

/* SHA-256 of "HelloRetryRequest" stands in the random field of one (RFC 8446, 4.1.3). */
static const uint8_t retry_random[32] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                         0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                         0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

bool tls_extension_next(struct wire *list, uint16_t *ret_type, struct wire *ret_body)
{
    if (list->failed || list->left == 0)
        return false;
    *ret_type = wire_u16(list);
    uint16_t length = wire_u16(list);
    *ret_body = wire_carve(list, length);
    return !list->failed;
}

static struct wire vector8(struct wire *w)
{
    return wire_carve(w, wire_u8(w));
}

static struct wire vector16(struct wire *w)
{
    return wire_carve(w, wire_u16(w));
}

/** RFC 6066, 3: the first entry of type host_name. */
static struct wire read_server_name(struct wire *body)
{
    struct wire list = vector16(body);
    while (!list.failed && list.left > 0) {
        uint8_t type = wire_u8(&list);
        struct wire name = vector16(&list);
        if (!list.failed && type == 0)
            return name;
    }
    body->failed |= list.failed;
    return (struct wire){NULL, 0, false};
}

/** One extension of a ClientHello. @return false when it breaks its own length. */
static bool read_client_extension(struct tls_client_hello *hello, uint16_t type, struct wire body)
{
    switch (type) {
    case TLS_EXT_SERVER_NAME:
        hello->has_server_name_extension = true;
        if (hello->server_name.at == NULL && body.left > 0)
            hello->server_name = read_server_name(&body);
        break;
    case TLS_EXT_SUPPORTED_GROUPS:
        hello->groups = vector16(&body);
        break;
    case TLS_EXT_POINT_FORMATS:
        hello->point_formats = vector8(&body);
        break;
    case TLS_EXT_SIGNATURE_ALGORITHMS:
        hello->signature_algorithms = vector16(&body);
        break;
    case TLS_EXT_ALPN:
        hello->protocols = vector16(&body);
        break;
    case TLS_EXT_SESSION_TICKET:
        hello->has_ticket = body.left > 0;
        break;
    case TLS_EXT_PRE_SHARED_KEY:
        hello->has_psk = true;
        break;
    case TLS_EXT_EARLY_DATA:
        hello->has_early_data = true;
        break;
    case TLS_EXT_SUPPORTED_VERSIONS:
        hello->versions = vector8(&body);
        break;
    case TLS_EXT_KEY_SHARE:
    case TLS_EXT_KEY_SHARE_OLD:
        if (body.left > 0)
            hello->key_shares = vector16(&body);
        break;
    case TLS_EXT_ECH_DRAFT_HRR:
    case TLS_EXT_ECH_OLD:
    case TLS_EXT_ECH:
    case TLS_EXT_ESNI:
        hello->has_ech = true;
        break;
    default:
        break;
    }
    return !body.failed;
}

bool tls_client_hello_parse(const uint8_t *body, size_t length, bool is_dtls, struct tls_client_hello *ret)
{
    struct wire w = wire_of(body, length);
    *ret = (struct tls_client_hello){.legacy_version = wire_u16(&w)};
    wire_skip(&w, 32);
    ret->session_id = vector8(&w);
    if (is_dtls)
        (void)vector8(&w); /* cookie */
    ret->ciphers = vector16(&w);
    struct wire compressions = vector8(&w);
    uint8_t major = (uint8_t)(ret->legacy_version >> 8);
    if (w.failed || compressions.failed || ret->ciphers.left < 2 || ret->session_id.left > 32 ||
        (major != 3 && major != 0xfe && major != 0x7f && major != 1))
        return false;
    if (w.left == 0)
        return true; /* no extensions at all: SSL 3.0, old TLS 1.0 clients */
    uint16_t announced = wire_u16(&w);
    ret->is_damaged = w.failed || announced > w.left;
    ret->extensions = wire_carve(&w, announced < w.left ? announced : w.left);

    struct wire list = ret->extensions, inner;
    uint16_t type;
    while (tls_extension_next(&list, &type, &inner))
        ret->is_damaged |= !read_client_extension(ret, type, inner);
    ret->is_damaged |= list.failed;
    return true;
}

static bool read_server_extension(struct tls_server_hello *hello, uint16_t type, struct wire body)
{
    switch (type) {
    case TLS_EXT_SUPPORTED_VERSIONS:
        hello->version = wire_u16(&body);
        break;
    case TLS_EXT_KEY_SHARE:
    case TLS_EXT_KEY_SHARE_OLD:
        hello->group = wire_u16(&body); /* a HelloRetryRequest has nothing behind it */
        break;
    case TLS_EXT_PRE_SHARED_KEY:
        hello->has_psk = true;
        break;
    case TLS_EXT_ALPN: {
        struct wire list = vector16(&body);
        struct wire name = vector8(&list);
        if (!name.failed && name.left > 0)
            hello->protocol = name;
        return !list.failed && !body.failed;
    }
    default:
        break;
    }
    return !body.failed;
}

bool tls_server_hello_parse(const uint8_t *body, size_t length, struct tls_server_hello *ret)
{
    struct wire w = wire_of(body, length);
    *ret = (struct tls_server_hello){.legacy_version = wire_u16(&w)};
    ret->version = ret->legacy_version;
    const uint8_t *random = wire_bytes(&w, 32);
    uint8_t major = (uint8_t)(ret->legacy_version >> 8);
    bool is_short = major == 0x7f; /* drafts of 1.3 before 22 have neither session nor compression */
    if (!is_short)
        ret->session_id = vector8(&w);
    ret->cipher = wire_u16(&w);
    if (!is_short)
        wire_skip(&w, 1);
    if (w.failed || ret->session_id.left > 32 || (major != 3 && major != 0xfe && major != 0x7f && major != 1))
        return false;
    ret->is_retry = memcmp(random, retry_random, sizeof(retry_random)) == 0;
    if (w.left == 0)
        return true;
    uint16_t announced = wire_u16(&w);
    ret->is_damaged = w.failed || announced > w.left;
    ret->extensions = wire_carve(&w, announced < w.left ? announced : w.left);

    struct wire list = ret->extensions, inner;
    uint16_t type;
    while (tls_extension_next(&list, &type, &inner))
        ret->is_damaged |= !read_server_extension(ret, type, inner);
    ret->is_damaged |= list.failed;
    return true;
}
