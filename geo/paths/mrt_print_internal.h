/* Routes as lines of text, as `bgpdump -m` prints them. */
#ifndef BORDERTAP_GEO_PATHS_MRT_PRINT_INTERNAL_H
#define BORDERTAP_GEO_PATHS_MRT_PRINT_INTERNAL_H

#include <stdio.h>

#include "paths/mrt_internal.h"

void mrt_print_route(FILE *out, const struct mrt_route *route);
void mrt_print_state(FILE *out, const struct mrt_state *state);

#endif
