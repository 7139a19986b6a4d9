/* Bytes to the end of a file: what an earlier run wrote stays. */
#include <errno.h>
#include <fcntl.h>

#include "feed_internal.h"

static enum status file_open(const char *path, int *ret_fd, struct error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_set(error, STATUS_IO, "output file %s cannot be opened: %s", path, strerror(errno));
    *ret_fd = fd;
    return STATUS_OK;
}

const struct feed_sink feed_sink_file = {.scheme = "file", .open = file_open, .can_reopen = true};
