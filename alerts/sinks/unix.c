/* Bytes to a program that listens on a stream socket of this machine. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "feed_internal.h"

static enum status unix_open(const char *path, int *ret_fd, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof(address.sun_path))
        return error_set(error, STATUS_INVALID, "socket path '%.120s' must have 1 to %zu bytes", path,
                         sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, length);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return error_set(error, STATUS_IO, "socket %s cannot be connected: %s; somebody must listen there first", path,
                         strerror(why));
    }
    *ret_fd = fd;
    return STATUS_OK;
}

const struct feed_sink feed_sink_unix = {.scheme = "unix", .open = unix_open};
