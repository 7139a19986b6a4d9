/*
 * Joins a format to a sink, and writes with few system calls: whole records, findings at once. A sink that fails is
 * written to no more; what is lost is counted and said when the feed is closed.
 */
#include "feed.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed_internal.h"
#include "feed_url_internal.h"

enum { BUFFER_SIZE = 1 << 16 };

static const struct feed_format *const formats[] = {&feed_format_text, &feed_format_json};
static const struct feed_sink *const sinks[] = {&feed_sink_file, &feed_sink_unix};

struct feed {
    const struct feed_format *format;
    void *state;
    struct feed_options options;
    const struct feed_sink *sink; /* NULL: standard output */
    int fd;
    bool owns_fd;
    char *name;       /* as given, for messages */
    int failed;       /* errno of the first failure, 0 none */
    bool is_down;     /* written to no more */
    uint64_t written; /* bytes */
    uint64_t lost;    /* records, whole or in part */
    uint64_t unmade;  /* records that there was no memory for */
    size_t used;
    size_t records; /* in the buffer */
    char buffer[BUFFER_SIZE];
};

const char *const *feed_formats(void)
{
    static const char *const names[] = {"text", "json", NULL};
    return names;
}

static const struct feed_format *find_format(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

static enum status open_sink(struct feed *feed, const struct feed_url *url, struct error *error)
{
    if (url->scheme[0] == '\0') {
        feed->fd = STDOUT_FILENO;
        return STATUS_OK;
    }
    feed->owns_fd = true;
    for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
        if (strcmp(sinks[i]->scheme, url->scheme) == 0) {
            feed->sink = sinks[i];
            return sinks[i]->open(url->path, &feed->fd, error);
        }
    return error_set(error, STATUS_UNSUPPORTED,
                     "output %.200s: unknown scheme '%s'; there are file:PATH, unix:PATH and -", url->text,
                     url->scheme);
}

static enum status open_format(struct feed *feed, const char *name, struct error *error)
{
    feed->format = find_format(name);
    if (feed->format == NULL)
        return error_set(error, STATUS_UNSUPPORTED, "output %.200s: unknown format '%.40s'; there are text and json",
                         feed->name, name);
    if (feed->options.min_severity == SEVERITY_NONE)
        feed->options.min_severity = feed->format->default_min_severity;
    feed->state = feed->format->open(&feed->options);
    return feed->state ? STATUS_OK : error_set(error, STATUS_NO_MEMORY, "output %.200s: no memory", feed->name);
}

static void feed_free(struct feed *feed)
{
    if (feed->state != NULL)
        feed->format->close(feed->state);
    if (feed->owns_fd && feed->fd >= 0 && close(feed->fd) != 0 && feed->failed == 0)
        feed->failed = errno;
    free(feed->name);
    free(feed);
}

enum status feed_open(const char *url_text, const char *format_name, const struct feed_options *defaults,
                      struct feed **ret, struct error *error)
{
    struct feed_url url;
    enum status status = feed_url_parse(url_text, defaults, &url, error);
    if (status != STATUS_OK)
        return status;
    struct feed *feed = calloc(1, sizeof(*feed));
    if (feed == NULL || (feed->name = strdup(url_text)) == NULL) {
        free(feed);
        return error_set(error, STATUS_NO_MEMORY, "output %.200s: no memory", url_text);
    }
    feed->fd = -1;
    feed->options = url.options;
    status = open_format(feed, url.format[0] != '\0' ? url.format : format_name, error);
    if (status == STATUS_OK)
        status = open_sink(feed, &url, error);
    if (status != STATUS_OK) {
        feed_free(feed);
        return status;
    }
    *ret = feed;
    return STATUS_OK;
}

/* ---- bytes ---- */

/* All of it or an errno. A descriptor somebody made non-blocking is waited for. */
static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n >= 0) {
            bytes += n;
            length -= (size_t)n;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

static void send_bytes(struct feed *feed, const char *bytes, size_t length, size_t records)
{
    int why = feed->is_down ? 0 : write_all(feed->fd, bytes, length);
    if (why != 0 && feed->failed == 0)
        feed->failed = why;
    feed->is_down |= why != 0;
    if (feed->is_down)
        feed->lost += records;
    else
        feed->written += length;
}

void feed_flush(struct feed *feed)
{
    if (feed->used > 0)
        send_bytes(feed, feed->buffer, feed->used, feed->records);
    feed->used = feed->records = 0;
}

static void put_record(struct feed *feed, struct text bytes, bool at_once)
{
    feed->unmade += bytes.data == NULL;
    if (text_is_empty(bytes))
        return;
    if (bytes.length > BUFFER_SIZE - feed->used)
        feed_flush(feed);
    if (bytes.length > BUFFER_SIZE) {
        send_bytes(feed, bytes.data, bytes.length, 1);
        return;
    }
    memcpy(feed->buffer + feed->used, bytes.data, bytes.length);
    feed->used += bytes.length;
    feed->records++;
    if (at_once)
        feed_flush(feed);
}

/* ---- records ---- */

void feed_finding(struct feed *feed, const struct finding *finding)
{
    if (finding->severity >= feed->options.min_severity)
        put_record(feed, feed->format->finding(feed->state, finding), true);
}

void feed_kept(struct feed *feed, const struct kept_record *record)
{
    if (record->severity >= feed->options.min_severity)
        put_record(feed, feed->format->kept(feed->state, record), true);
}

void feed_flow(struct feed *feed, const struct sighting *sighting)
{
    if (feed->options.flows)
        put_record(feed, feed->format->flow(feed->state, sighting), false);
}

void feed_health(struct feed *feed, const struct health_record *record)
{
    if (feed->format->health != NULL)
        put_record(feed, feed->format->health(feed->state, record), true);
}

void feed_host(struct feed *feed, const struct host_record *host)
{
    put_record(feed, feed->format->host(feed->state, host), false);
}

void feed_summary(struct feed *feed, const struct summary_record *summary)
{
    put_record(feed, feed->format->summary(feed->state, summary), true);
}

void feed_lookup(struct feed *feed, const char *query, const struct sighting *sighting)
{
    put_record(feed, feed->format->lookup(feed->state, query, sighting), true);
}

/* "kafka://user:word@host/topic?key=value" is told as "kafka://host/topic". */
void feed_look(const struct feed *feed, struct feed_sample *ret)
{
    const char *name = strcmp(feed->name, "-") == 0 ? "standard output" : feed->name;
    const char *slashes = strstr(name, "://");
    const char *host = slashes != NULL ? slashes + 3 : name;
    const char *end = host + strcspn(host, "?"),
               *user_end = slashes != NULL ? memchr(host, '@', (size_t)(end - host)) : NULL;
    *ret = (struct feed_sample){
        .bytes_written = feed->written, .records_lost = feed->lost + feed->unmade, .is_failing = feed->failed != 0};
    size_t scheme = text_copy((struct text){name, (size_t)(host - name)}, ret->name, sizeof(ret->name));
    const char *rest = user_end != NULL ? user_end + 1 : host;
    text_copy((struct text){rest, (size_t)(end - rest)}, ret->name + scheme, sizeof(ret->name) - scheme);
}

bool feed_wants_flows(const struct feed *feed)
{
    return feed->options.flows;
}

static bool is_regular_file(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool reopens(const struct feed *feed)
{
    return feed->sink != NULL && feed->sink->can_reopen && is_regular_file(feed->fd);
}

bool feed_file(const struct feed *feed, char *ret_path, size_t room)
{
    struct feed_url url;
    if (!reopens(feed) || feed_url_parse(feed->name, &feed->options, &url, NULL) != STATUS_OK ||
        strlen(url.path) >= room)
        return false;
    memcpy(ret_path, url.path, strlen(url.path) + 1);
    return true;
}

enum status feed_reopen(struct feed *feed, struct error *error)
{
    struct feed_url url;
    int fd;
    feed_flush(feed);
    if (!reopens(feed))
        return STATUS_OK;
    enum status status = feed_url_parse(feed->name, &feed->options, &url, error);
    if (status == STATUS_OK)
        status = feed->sink->open(url.path, &fd, error);
    if (status != STATUS_OK)
        return status;
    if (close(feed->fd) != 0 && feed->failed == 0)
        feed->failed = errno;
    feed->fd = fd;
    feed->is_down = false;
    return STATUS_OK;
}

static const char *were(uint64_t records)
{
    return records == 1 ? "record was" : "records were";
}

enum status feed_close(struct feed *feed, struct error *error)
{
    if (feed == NULL)
        return STATUS_OK;
    enum status status = STATUS_OK;
    feed_flush(feed);
    if (feed->owns_fd) {
        if (close(feed->fd) != 0 && feed->failed == 0)
            feed->failed = errno;
        feed->owns_fd = false;
    }
    if (feed->failed != 0)
        status = error_set(error, STATUS_IO, "output %.200s: writing failed: %s; %llu %s lost", feed->name,
                           strerror(feed->failed), (unsigned long long)feed->lost, were(feed->lost));
    else if (feed->unmade > 0)
        status = error_set(error, STATUS_NO_MEMORY, "output %.200s: out of memory; %llu %s lost", feed->name,
                           (unsigned long long)feed->unmade, were(feed->unmade));
    feed_free(feed);
    return status;
}
