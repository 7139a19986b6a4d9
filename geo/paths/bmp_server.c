#include "paths/bmp_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "paths/bmp_feed_internal.h"

enum { PIECE_SIZE = 1 << 16, PIECES_A_CALL = 64, BACKLOG = 8 };

struct session {
    int fd;
    struct ip_address router;
    struct bmp_feed *feed;
};

struct bmp_server {
    struct paths *paths;
    int fd;
    struct session sessions[BMP_SESSIONS_MAX];
    size_t session_count;
    uint64_t accepted, refused, lost, bytes;
    uint8_t piece[PIECE_SIZE];
};

static socklen_t socket_address(const struct ip_address *address, uint16_t port, struct sockaddr_storage *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (ip_is_v4(address)) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        memcpy(&v4->sin_addr, address->octets + 12, 4);
        return sizeof(*v4);
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    memcpy(&v6->sin6_addr, address->octets, 16);
    return sizeof(*v6);
}

static struct ip_address address_of(const struct sockaddr_storage *from)
{
    struct ip_address ret = {{0}};
    if (from->ss_family == AF_INET) {
        uint8_t octets[4];
        memcpy(octets, &((const struct sockaddr_in *)from)->sin_addr, 4);
        return ip_from_v4(octets);
    }
    memcpy(ret.octets, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
    return ret;
}

static enum status listen_on(struct bmp_server *server, const char *address, uint16_t port, struct error *error)
{
    struct ip_address parsed;
    struct sockaddr_storage local;
    int yes = 1;
    if (!ip_parse(address, &parsed))
        return error_set(error, STATUS_INVALID, "'%s' is no address to listen on; write 127.0.0.1 or ::1", address);
    socklen_t size = socket_address(&parsed, port, &local);
    server->fd = socket(local.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->fd < 0 || setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(server->fd, (const struct sockaddr *)&local, size) != 0 || listen(server->fd, BACKLOG) != 0)
        return error_set(error, STATUS_IO, "cannot listen for BMP on %s port %u: %s", address, port, strerror(errno));
    return STATUS_OK;
}

enum status bmp_server_new(struct paths *paths, const char *address, uint16_t port, struct bmp_server **ret,
                           struct error *error)
{
    struct bmp_server *server = calloc(1, sizeof(*server));
    if (server == NULL)
        return error_set(error, STATUS_NO_MEMORY, "BMP: no memory");
    server->paths = paths;
    server->fd = -1;
    enum status status = listen_on(server, address, port, error);
    if (status == STATUS_OK)
        *ret = server;
    else
        bmp_server_free(server);
    return status;
}

uint16_t bmp_server_port(const struct bmp_server *server)
{
    struct sockaddr_storage local;
    socklen_t size = sizeof(local);
    if (getsockname(server->fd, (struct sockaddr *)&local, &size) != 0)
        return 0;
    return ntohs(local.ss_family == AF_INET ? ((const struct sockaddr_in *)&local)->sin_port
                                            : ((const struct sockaddr_in6 *)&local)->sin6_port);
}

static void end_session(struct bmp_server *server, size_t i)
{
    close(server->sessions[i].fd);
    bmp_feed_close(server->sessions[i].feed);
    server->sessions[i] = server->sessions[--server->session_count];
}

/** A router that connects again has lost its former session, whether we have noticed or not. */
static void end_former(struct bmp_server *server, const struct ip_address *router)
{
    for (size_t i = server->session_count; i-- > 0;)
        if (ip_equal(&server->sessions[i].router, router))
            end_session(server, i);
}

static void accept_one(struct bmp_server *server)
{
    struct sockaddr_storage from;
    socklen_t size = sizeof(from);
    int fd = accept4(server->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct ip_address router = address_of(&from);
    end_former(server, &router);
    struct session *session = &server->sessions[server->session_count];
    if (server->session_count == BMP_SESSIONS_MAX ||
        bmp_feed_open(server->paths, &router, &session->feed, NULL) != STATUS_OK) {
        server->refused++;
        close(fd);
        return;
    }
    session->fd = fd;
    session->router = router;
    server->session_count++;
    server->accepted++;
}

/** @return false when the session is over. */
static bool read_session(struct bmp_server *server, const struct session *session, int64_t now_sec)
{
    for (unsigned i = 0; i < PIECES_A_CALL; i++) {
        ssize_t got = read(session->fd, server->piece, sizeof(server->piece));
        if (got < 0)
            return errno == EAGAIN || errno == EINTR;
        if (got == 0)
            return false;
        server->bytes += (uint64_t)got;
        enum status status = bmp_feed_take(session->feed, server->piece, (size_t)got, now_sec);
        server->lost += status < 0;
        if (status != STATUS_OK)
            return false;
    }
    return true;
}

enum status bmp_server_poll(struct bmp_server *server, int timeout_ms, int64_t now_sec)
{
    struct pollfd fds[BMP_SESSIONS_MAX + 1] = {{.fd = server->fd, .events = POLLIN}};
    size_t count = server->session_count;
    for (size_t i = 0; i < count; i++)
        fds[i + 1] = (struct pollfd){.fd = server->sessions[i].fd, .events = POLLIN};
    int ready = poll(fds, count + 1, timeout_ms);
    if (ready < 0)
        return errno == EINTR ? STATUS_OK : STATUS_IO;
    for (size_t i = count; i-- > 0;) /* backwards: the last one takes the place of one that ends */
        if (fds[i + 1].revents != 0 && !read_session(server, &server->sessions[i], now_sec))
            end_session(server, i);
    if (fds[0].revents != 0)
        accept_one(server);
    for (size_t i = 0; i < server->session_count; i++)
        bmp_feed_settle(server->sessions[i].feed, now_sec);
    return STATUS_OK;
}

size_t bmp_server_sessions(const struct bmp_server *server)
{
    return server->session_count;
}

void bmp_server_count(const struct bmp_server *server, counter_visit *visit, void *context)
{
    visit(context, &(struct counter){"bmp", "sessions", server->accepted});
    visit(context, &(struct counter){"bmp", "sessions_refused", server->refused});
    visit(context, &(struct counter){"bmp", "sessions_damaged", server->lost});
    visit(context, &(struct counter){"bmp", "bytes", server->bytes});
}

void bmp_server_free(struct bmp_server *server)
{
    if (server == NULL)
        return;
    while (server->session_count > 0)
        end_session(server, 0);
    if (server->fd >= 0)
        close(server->fd);
    free(server);
}
