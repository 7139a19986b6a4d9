/* What a format and a sink are. */
#ifndef BORDERTAP_ALERTS_FEED_INTERNAL_H
#define BORDERTAP_ALERTS_FEED_INTERNAL_H

#include "feed.h"
#include "text.h"

/** Records into bytes, which are borrowed until the next call; empty when the format has nothing to say about a record,
 * without data when memory ran out. */
struct feed_format {
    const char *name;
    enum severity default_min_severity;
    void *(*open)(const struct feed_options *options); /* NULL: no memory */
    void (*close)(void *state);
    struct text (*finding)(void *state, const struct finding *finding);
    struct text (*kept)(void *state, const struct kept_record *record);
    struct text (*flow)(void *state, const struct sighting *sighting);
    struct text (*host)(void *state, const struct host_record *host);
    struct text (*health)(void *state, const struct health_record *record); /* NULL: it has no words for it */
    struct text (*summary)(void *state, const struct summary_record *summary);
    struct text (*lookup)(void *state, const char *query, const struct sighting *sighting);
};

extern const struct feed_format feed_format_json, feed_format_text;

/** Bytes to somewhere. */
struct feed_sink {
    const char *scheme;
    /** @param ret_fd what bytes are written to; closed by the feed. */
    enum status (*open)(const char *path, int *ret_fd, struct error *error);
    bool can_reopen; /* what was opened may have been moved away by its name */
};

extern const struct feed_sink feed_sink_file, feed_sink_unix;

#endif
