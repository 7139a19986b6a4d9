#ifndef BORDERTAP_GEO_SPECIAL_RANGES_INTERNAL_H
#define BORDERTAP_GEO_SPECIAL_RANGES_INTERNAL_H

#include "geo.h"

/** The IPv4 address inside a NAT64, 6to4 or Teredo address. @return false: there is none. */
bool geo_unwrap(const struct ip_address *outer, struct ip_address *ret_inner);

#endif
