#include "text_file_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BYTES_MAX ((size_t)1 << 30)

static enum status refuse(const char *path, const char *why, enum status status, struct error *error)
{
    return error_set(error, status, "%s: cannot be read: %s", path, why);
}

/** Reads all that gzip unpacks, into doubling room. */
static enum status unpack(const char *path, gzFile packed, struct text_file *ret, struct error *error)
{
    size_t room = 1 << 20, length = 0;
    char *bytes = malloc(room);
    int got = 0;
    while (bytes != NULL && (got = gzread(packed, bytes + length, (unsigned)(room - length))) > 0) {
        length += (size_t)got;
        if (length < room)
            continue;
        char *larger = room < BYTES_MAX ? realloc(bytes, room * 2) : NULL;
        if (larger == NULL) {
            free(bytes);
            return refuse(path, "too large", STATUS_UNSUPPORTED, error);
        }
        bytes = larger;
        room *= 2;
    }
    int code = Z_OK;
    gzerror(packed, &code);
    if (bytes == NULL)
        return refuse(path, "no memory", STATUS_NO_MEMORY, error);
    if (got < 0 || code < 0) {
        free(bytes);
        return refuse(path, "damaged gzip data", STATUS_MALFORMED, error);
    }
    *ret = (struct text_file){{bytes, length}, bytes};
    return STATUS_OK;
}

/* Not mapped: whoever writes the file anew in its place would pull the ground away under the reader. */
static enum status read_whole(const char *path, int fd, size_t length, struct text_file *ret, struct error *error)
{
    char *bytes = malloc(length ? length : 1);
    size_t done = 0;
    ssize_t got = 1;
    if (bytes == NULL)
        return refuse(path, "no memory", STATUS_NO_MEMORY, error);
    while (done < length && (got = read(fd, bytes + done, length - done)) > 0)
        done += (size_t)got;
    if (got < 0) {
        free(bytes);
        return refuse(path, strerror(errno), STATUS_IO, error);
    }
    *ret = (struct text_file){{bytes, done}, bytes};
    return STATUS_OK;
}

enum status text_file_open(const char *path, struct text_file *ret, struct error *error)
{
    struct stat st;
    size_t length = strlen(path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(path, strerror(errno), STATUS_IO, error);
    enum status status;
    if (fstat(fd, &st) != 0)
        status = refuse(path, strerror(errno), STATUS_IO, error);
    else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > BYTES_MAX)
        status = refuse(path, S_ISREG(st.st_mode) ? "too large" : "no regular file", STATUS_UNSUPPORTED, error);
    else if (length > 3 && strcmp(path + length - 3, ".gz") == 0) {
        gzFile packed = gzdopen(fd, "rb");
        if (packed == NULL)
            status = refuse(path, "no memory", STATUS_NO_MEMORY, error);
        else {
            status = unpack(path, packed, ret, error);
            gzclose_r(packed); /* closes fd, too */
            fd = -1;
        }
    } else {
        status = read_whole(path, fd, (size_t)st.st_size, ret, error);
    }
    if (fd >= 0)
        close(fd);
    return status;
}

void text_file_close(struct text_file *file)
{
    free(file->bytes);
    *file = (struct text_file){0};
}

bool text_file_line(struct text *rest, struct text *ret_line)
{
    if (rest->length == 0)
        return false;
    const char *end = memchr(rest->data, '\n', rest->length);
    size_t length = end ? (size_t)(end - rest->data) : rest->length;
    size_t taken = end ? length + 1 : length;
    *ret_line = (struct text){rest->data, length > 0 && rest->data[length - 1] == '\r' ? length - 1 : length};
    *rest = (struct text){rest->data + taken, rest->length - taken};
    return true;
}

struct text text_without_mark(struct text text)
{
    if (text.length >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        return (struct text){text.data + 3, text.length - 3};
    return text;
}
