#include "text_file_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
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
    *ret = (struct text_file){{bytes, length}, NULL, bytes};
    return STATUS_OK;
}

static enum status map(const char *path, int fd, size_t length, struct text_file *ret, struct error *error)
{
    void *mapped = NULL;
    if (length > 0 && (mapped = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0)) == MAP_FAILED)
        return refuse(path, strerror(errno), STATUS_IO, error);
    *ret = (struct text_file){{mapped, length}, mapped, NULL};
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
        status = map(path, fd, (size_t)st.st_size, ret, error);
    }
    if (fd >= 0)
        close(fd);
    return status;
}

void text_file_close(struct text_file *file)
{
    if (file->mapped != NULL)
        munmap(file->mapped, file->text.length);
    free(file->unpacked);
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
