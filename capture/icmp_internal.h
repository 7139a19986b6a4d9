/*
 * ICMP messages that answer each other (RFC 792, 950, 1256, 2710, 4443, 4620, 4861, 6275).
 */
#ifndef BORDERTAP_CAPTURE_ICMP_INTERNAL_H
#define BORDERTAP_CAPTURE_ICMP_INTERNAL_H

#include <stdint.h>

enum icmp_role { ICMP_TELLS, ICMP_ASKS, ICMP_ANSWERS };

/** @param protocol ICMP or ICMPv6. @param ret_other the type of the other message; untouched for one that only tells.
 */
enum icmp_role icmp_role_of(uint8_t protocol, uint16_t type, uint16_t *ret_other);

#endif
