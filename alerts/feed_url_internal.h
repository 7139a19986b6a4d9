#ifndef BORDERTAP_ALERTS_FEED_URL_INTERNAL_H
#define BORDERTAP_ALERTS_FEED_URL_INTERNAL_H

#include "feed.h"

struct feed_url {
    const char *text; /* borrowed, for messages */
    char scheme[16];  /* "" for "-" */
    char path[4096];
    char format[48]; /* "" when not given */
    struct feed_options options;
};

enum status feed_url_parse(const char *text, const struct feed_options *defaults, struct feed_url *ret,
                           struct error *error);

#endif
