/* Names of protocol numbers. @p ret is used when the number has no name; the answer is a constant or @p ret. */
#ifndef BORDERTAP_ALERTS_WIRE_NAMES_INTERNAL_H
#define BORDERTAP_ALERTS_WIRE_NAMES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_NAME_SIZE = 16 };

const char *tls_suite_name(uint16_t suite, char ret[static WIRE_NAME_SIZE]);
const char *tls_group_name(uint16_t group, char ret[static WIRE_NAME_SIZE]);
const char *tls_version_name(uint16_t version, char ret[static WIRE_NAME_SIZE]);
const char *quic_version_name(uint32_t version, char ret[static WIRE_NAME_SIZE]);
const char *ip_protocol_name(uint8_t protocol, char ret[static WIRE_NAME_SIZE]);
bool ip_protocol_has_ports(uint8_t protocol);

#endif
