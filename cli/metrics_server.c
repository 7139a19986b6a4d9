#include "cli/metrics_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "alerts/metrics.h"
#include "health_record.h"

enum {
    CONNECTIONS_MAX = 16,
    TIME_OUT_SEC = 10,
    CONNECTION_BYTES_MAX = 16 << 10,
    SILENT_SEC = 30, /* a run that gives no sample for so long is stuck */
    SLOTS = 3,       /* one is written, one is read, one waits */
    IS_NEW = 4,      /* beside the number of the one that waits: nobody has read it */
};

static const char unix_scheme[] = "unix:";

struct metrics_server {
    struct MHD_Daemon *daemon; /* NULL before the start */
    int fd;                    /* what it listens at; the daemon's, once there is one */
    struct metrics *metrics;
    char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "" on a port */
    struct run_sample slots[SLOTS];
    unsigned written, being_read; /* of the two threads */
    atomic_uint waiting;
    bool has_sample;
};

const char *metrics_server_library_version(void)
{
    return MHD_get_version();
}

/* ---- addresses ---- */

struct place {
    bool is_unix;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
    } address;
    socklen_t length;
};

static enum status refuse(const char *text, const char *why, struct error *error)
{
    return error_set(error, STATUS_INVALID, "--metrics: '%.200s' %s; write 127.0.0.1:9464, [::1]:9464 or unix:PATH",
                     text, why);
}

static enum status parse_path(const char *text, struct place *ret, struct error *error)
{
    const char *path = text + strlen(unix_scheme);
    struct sockaddr_un *local = &ret->address.local;
    if (*path == '\0')
        return refuse(text, "names no path", error);
    if (strlen(path) >= sizeof(local->sun_path))
        return refuse(text, "is too long for a socket's path", error);
    ret->is_unix = true;
    local->sun_family = AF_UNIX;
    memcpy(local->sun_path, path, strlen(path) + 1);
    ret->length = sizeof(*local);
    return STATUS_OK;
}

static bool parse_port(const char *text, in_port_t *ret_be)
{
    unsigned long port = 0;
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length > 5 || text[length] != '\0')
        return false;
    port = strtoul(text, NULL, 10);
    *ret_be = htons((uint16_t)port);
    return port > 0 && port <= UINT16_MAX;
}

static bool is_loopback(const struct ip_address *ip)
{
    static const struct ip_address v6 = {{[15] = 1}};
    return ip_equal(ip, &v6) || (ip_is_v4(ip) && ip->octets[12] == 127);
}

static enum status parse(const char *text, struct place *ret, struct error *error)
{
    char host[64];
    struct ip_address ip;
    in_port_t port_be;
    *ret = (struct place){.is_unix = false};
    if (strncmp(text, unix_scheme, strlen(unix_scheme)) == 0)
        return parse_path(text, ret, error);
    const char *colon = strrchr(text, ':');
    size_t length = colon != NULL ? (size_t)(colon - text) : 0;
    bool has_brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
    if (length == 0 || length >= sizeof(host) || !parse_port(colon + 1, &port_be))
        return refuse(text, "is no address with a port", error);
    snprintf(host, sizeof(host), "%.*s", (int)(length - 2 * has_brackets), text + has_brackets);
    if (!ip_parse(host, &ip) || ip_is_v4(&ip) == has_brackets)
        return refuse(text, "is no address with a port", error);
    if (!is_loopback(&ip))
        return refuse(text, "can be reached from a network, and these numbers are for this machine only", error);
    if (ip_is_v4(&ip)) {
        ret->address.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port_be};
        memcpy(&ret->address.v4.sin_addr, ip.octets + 12, 4);
        ret->length = sizeof(ret->address.v4);
    } else {
        ret->address.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port_be};
        memcpy(&ret->address.v6.sin6_addr, ip.octets, 16);
        ret->length = sizeof(ret->address.v6);
    }
    return STATUS_OK;
}

enum status metrics_server_check(const char *address, struct error *error)
{
    struct place place;
    return parse(address, &place, error);
}

/* ---- the socket ---- */

static int new_socket(const struct place *place)
{
    return socket(place->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* A socket file that a run left behind which did not end well: nobody listens at it. */
static bool is_left_behind(const struct place *place)
{
    struct stat st;
    if (!place->is_unix || lstat(place->address.local.sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return false;
    int fd = new_socket(place);
    bool ret = fd >= 0 && connect(fd, &place->address.any, place->length) != 0 && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return ret;
}

static bool bind_to(int fd, const struct place *place)
{
    const int yes = 1;
    if (!place->is_unix)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, &place->address.any, place->length) == 0)
        return true;
    int why = errno;
    if (why != EADDRINUSE || !is_left_behind(place)) {
        errno = why;
        return false;
    }
    return unlink(place->address.local.sun_path) == 0 && bind(fd, &place->address.any, place->length) == 0;
}

static enum status listen_at(const char *text, const struct place *place, int *ret, struct error *error)
{
    mode_t mask = umask(S_IXUSR | S_IXGRP | S_IRWXO); /* a socket file is for its user and group */
    int fd = new_socket(place);
    bool is_bound = fd >= 0 && bind_to(fd, place) && listen(fd, CONNECTIONS_MAX) == 0;
    int why = errno;
    umask(mask);
    if (is_bound) {
        *ret = fd;
        return STATUS_OK;
    }
    if (fd >= 0)
        close(fd);
    return error_set(error, STATUS_IO, "--metrics: cannot listen at %.200s: %s", text, strerror(why));
}

/* ---- samples ---- */

void metrics_server_publish(struct metrics_server *server, const struct run_sample *sample)
{
    server->slots[server->written] = *sample;
    server->written = atomic_exchange(&server->waiting, server->written | IS_NEW) & ~(unsigned)IS_NEW;
}

/* @return NULL before the first. */
static const struct run_sample *latest(struct metrics_server *server)
{
    if (atomic_load(&server->waiting) & IS_NEW) {
        server->being_read = atomic_exchange(&server->waiting, server->being_read) & ~(unsigned)IS_NEW;
        server->has_sample = true;
    }
    return server->has_sample ? &server->slots[server->being_read] : NULL;
}

/* ---- answers ---- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type, const char *bytes,
                              size_t length)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result ret = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return ret;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return answer(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result answer_metrics(struct metrics_server *server, struct MHD_Connection *connection)
{
    const struct run_sample *sample = latest(server);
    if (sample == NULL)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "no sample was taken yet\n");
    struct text text = metrics_render(server->metrics, sample, BORDERTAP_VERSION);
    if (text.data == NULL)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory\n");
    return answer(connection, MHD_HTTP_OK, METRICS_CONTENT_TYPE, text.data, text.length);
}

/* What is raised does not make the sensor unwell: it works, and says so. One that takes no samples does not work. */
static enum MHD_Result answer_health(struct metrics_server *server, struct MHD_Connection *connection)
{
    char text[HEALTH_CONDITIONS * 32 + 1] = "";
    struct timespec now;
    size_t length = 0;
    const struct run_sample *sample = latest(server);
    clock_gettime(CLOCK_BOOTTIME, &now);
    if (sample == NULL || now.tv_sec - sample->steady_ns / NS_PER_SEC > SILENT_SEC)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "no sample was taken lately: it is stuck\n");
    for (unsigned i = 0; i < HEALTH_CONDITIONS; i++)
        if (sample->raised >> i & 1)
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s\n",
                                       health_condition_text((enum health_condition)i));
    return answer_text(connection, MHD_HTTP_OK, length > 0 ? text : "ok\n");
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **state)
{
    static char is_begun;
    (void)version;
    (void)upload;
    bool reads = strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    if (!reads)
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    if (*state == NULL || *upload_size > 0) { /* headers first; what is sent behind them is passed over */
        *state = &is_begun;
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(url, "/metrics") == 0)
        return answer_metrics(context, connection);
    if (strcmp(url, "/healthz") == 0)
        return answer_health(context, connection);
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "there are /metrics and /healthz\n");
}

/* ---- life ---- */

/* Signals are for the main thread. */
enum status metrics_server_start(struct metrics_server *server, struct error *error)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    server->daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request, server,
                                      MHD_OPTION_LISTEN_SOCKET, server->fd, MHD_OPTION_CONNECTION_LIMIT,
                                      (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIME_OUT_SEC,
                                      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES_MAX, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (server->daemon == NULL)
        return error_set(error, STATUS_IO, "--metrics: it cannot be served: no thread for it");
    return STATUS_OK;
}

enum status metrics_server_open(const char *address, struct metrics_server **ret, struct error *error)
{
    struct place place;
    enum status status = parse(address, &place, error);
    if (status != STATUS_OK)
        return status;
    struct metrics_server *server = calloc(1, sizeof(*server));
    if (server == NULL || metrics_new(&server->metrics) != STATUS_OK) {
        free(server);
        return error_set(error, STATUS_NO_MEMORY, "--metrics: out of memory");
    }
    server->fd = -1;
    server->being_read = 1;
    atomic_init(&server->waiting, 2);
    status = listen_at(address, &place, &server->fd, error);
    if (status == STATUS_OK && place.is_unix)
        memcpy(server->socket_path, place.address.local.sun_path, sizeof(server->socket_path));
    if (status != STATUS_OK) {
        metrics_server_close(server);
        return status;
    }
    *ret = server;
    return STATUS_OK;
}

void metrics_server_close(struct metrics_server *server)
{
    if (server == NULL)
        return;
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    else if (server->fd >= 0)
        close(server->fd);
    if (server->socket_path[0] != '\0')
        unlink(server->socket_path); /* may be forbidden by now: the next run looks whether somebody listens */
    metrics_free(server->metrics);
    free(server);
}
