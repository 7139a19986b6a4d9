/*
 * A DNS name tied to a remote, with where it came from. Names are kept lower case (ASCII) without a
 * trailing dot, as the bytes of the wire otherwise; IDNs stay in their A-label form (RFC 5890).
 */
#ifndef BORDERTAP_NAME_H
#define BORDERTAP_NAME_H

#include "text.h"

enum name_source { /* in order of strength for attribution */
                   NAME_NONE,
                   NAME_TLS_SNI,
                   NAME_QUIC_SNI,
                   NAME_HTTP_HOST, /* Host header, :authority, or the target of CONNECT */
                   NAME_DNS_ANSWER,
                   NAME_TLS_CERTIFICATE,
};

/** "tls_sni", "quic_sni", "http_host", "dns_answer", "tls_certificate"; NULL for NAME_NONE. */
const char *name_source_text(enum name_source source);

/** Whether @p name is an address literal, IPv6 with or without brackets. */
bool name_is_address(struct text name);
/** The DNS name in "host:port" as HTTP sends it, without port and trailing dot; NULL data for an address. Borrowed from
 * @p host. */
struct text name_of_host(struct text host);

#define NAME_MAX_LENGTH 255 /* RFC 1035, 2.3.4 */

#endif
