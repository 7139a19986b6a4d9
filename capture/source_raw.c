#include "source_raw_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_again(const char *path)
{
    int descriptor;
    do
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static enum status refuse(int reason, struct error *error)
{
    const char *advice = reason == ENOENT   ? "check the path"
                         : reason == EACCES ? "ask for the right to read it"
                         : reason == EMFILE ? "raise the limit on open files (ulimit -n)"
                                            : "check the file and its disk";
    return error_set(error, STATUS_IO, "%s; %s", strerror(reason), advice);
}

enum status raw_open(struct raw_file *raw, const char *path, bool hold_descriptor, struct error *error)
{
    struct raw_file opened = {.path = path, .holds_descriptor = hold_descriptor, .is_stdin = strcmp(path, "-") == 0};
    struct stat st;
    opened.descriptor = opened.is_stdin ? STDIN_FILENO : open_again(path);
    if (opened.descriptor < 0)
        return refuse(errno, error);
    if (fstat(opened.descriptor, &st) != 0) {
        int reason = errno;
        raw_close(&opened);
        return refuse(reason, error);
    }
    opened.is_stream = opened.is_stdin || !S_ISREG(st.st_mode);
    opened.device = st.st_dev;
    opened.inode = st.st_ino;
    *raw = opened;
    return STATUS_OK;
}

static bool reopen(struct raw_file *raw, const char **ret_reason)
{
    struct stat st;
    raw->descriptor = open_again(raw->path);
    if (raw->descriptor < 0 || fstat(raw->descriptor, &st) != 0) {
        *ret_reason = strerror(errno);
        return false;
    }
    if (st.st_dev == raw->device && st.st_ino == raw->inode)
        return true;
    *ret_reason = "another file took its place while it was read";
    return false;
}

ssize_t raw_read(struct raw_file *raw, uint8_t *ret, size_t room, const char **ret_reason)
{
    if (raw->descriptor < 0 && !reopen(raw, ret_reason))
        return -1;
    ssize_t got;
    do
        got = raw->is_stream ? read(raw->descriptor, ret, room) : pread(raw->descriptor, ret, room, (off_t)raw->offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        *ret_reason = strerror(errno);
    else
        raw->offset += (uint64_t)got;
    if (!raw->is_stream && !raw->holds_descriptor)
        raw_close(raw);
    return got;
}

void raw_close(struct raw_file *raw)
{
    if (raw->descriptor >= 0 && !raw->is_stdin)
        close(raw->descriptor);
    raw->descriptor = -1;
}
