/*
 * scamper's binary files, through scamper's own sc_warts2json: the format has grown for twenty years and is written
 * down in that program only. The framing is checked here first, since the tool ends without a word at a damaged record.
 * The tool is run without a shell, reads the bytes from its standard input, and has a minute and 256 MiB to say it all.
 */
#include "paths/traceroute_reader_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define TOOL "sc_warts2json"

enum { TOOL_SECONDS = 60, PATH_BYTES_MAX = 4096 };

/** Length of the whole records at the start: magic 0x1205, type, length of what follows, each big-endian. */
static size_t whole_records(struct text bytes)
{
    struct wire wire = wire_of((const uint8_t *)bytes.data, bytes.length);
    size_t good = 0;
    while (wire.left > 0) {
        uint16_t magic = wire_u16(&wire);
        wire_u16(&wire);
        wire_skip(&wire, wire_u32(&wire));
        if (wire.failed || magic != 0x1205)
            break;
        good = bytes.length - wire.left;
    }
    return good;
}

/** The tool's file in the folders of PATH that are written from the root on. */
static bool find_tool(char ret[static PATH_BYTES_MAX])
{
    const char *path = getenv("PATH");
    for (const char *at = path; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, ":");
        int written = snprintf(ret, PATH_BYTES_MAX, "%.*s/" TOOL, (int)(length < PATH_BYTES_MAX ? length : 0), at);
        if (*at == '/' && written < PATH_BYTES_MAX && access(ret, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

/** @return a descriptor that holds @p bytes and stands at their start, or -1. */
static int hold(struct text bytes)
{
    int fd = memfd_create("warts", MFD_CLOEXEC);
    while (fd >= 0 && bytes.length > 0) {
        ssize_t written = write(fd, bytes.data, bytes.length);
        if (written <= 0) {
            close(fd);
            return -1;
        }
        bytes = (struct text){bytes.data + written, bytes.length - (size_t)written};
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static int spawn(const char *tool, int input, int output, pid_t *ret_pid)
{
    static char name[] = TOOL, locale[] = "LC_ALL=C";
    char *arguments[] = {name, NULL}, *environment[] = {locale, NULL};
    posix_spawn_file_actions_t actions;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0)
        return failure;
    failure = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (failure == 0)
        failure = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (failure == 0)
        failure = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (failure == 0)
        failure = posix_spawn(ret_pid, tool, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct output {
    char *bytes;
    size_t length, room;
};

static bool output_grow(struct output *output)
{
    size_t room = output->room ? output->room * 2 : 1 << 16;
    char *larger = room <= TRACE_FILE_BYTES_MAX ? realloc(output->bytes, room) : NULL;
    if (larger == NULL)
        return false;
    output->bytes = larger;
    output->room = room;
    return true;
}

/** @return false when it takes too long or says too much. */
static bool drain(int fd, struct output *output)
{
    int64_t end_ms = now_ms() + TOOL_SECONDS * 1000;
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int64_t left_ms = end_ms - now_ms();
        if (output->length == output->room && !output_grow(output))
            return false;
        if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) == 0)
            return false;
        ssize_t got = read(fd, output->bytes + output->length, output->room - output->length);
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            output->length += (size_t)got;
    }
}

/** @return whether the tool ended well; what it said is in @p output even if not. */
static bool wait_for(pid_t pid, bool is_drained)
{
    int end = 0;
    if (!is_drained)
        kill(pid, SIGKILL);
    while (waitpid(pid, &end, 0) < 0)
        if (errno != EINTR)
            return false;
    return is_drained && WIFEXITED(end) && WEXITSTATUS(end) == 0;
}

/** @return 0, or why the tool could not be started. */
static int run(const char *tool, struct text bytes, struct output *output, bool *ret_is_good)
{
    int ends[2], input = hold(bytes);
    pid_t pid;
    if (input < 0)
        return errno;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        int failure = errno;
        close(input);
        return failure;
    }
    int failure = spawn(tool, input, ends[1], &pid);
    close(input);
    close(ends[1]);
    if (failure == 0)
        *ret_is_good = wait_for(pid, drain(ends[0], output));
    close(ends[0]);
    return failure;
}

/** Reads what the tool printed as a text of its own. */
static void read_output(struct trace_reader *reader, const struct output *output)
{
    struct text warts = reader->whole;
    reader->whole = (struct text){output->bytes, output->length};
    if (!reader->has_refused)
        reader->whose = " of what sc_warts2json prints";
    trace_read_json(reader, reader->whole);
    trace_end(reader);
    reader->whole = warts;
}

enum status trace_read_warts(struct trace_reader *reader, struct text bytes, struct error *error)
{
    char tool[PATH_BYTES_MAX];
    struct output output = {NULL, 0, 0};
    bool is_good = false;
    size_t whole = whole_records(bytes);
    if (whole < bytes.length)
        trace_refuse(reader, TRACE_REFUSED_WARTS, bytes.data + whole);
    if (whole == 0)
        return STATUS_OK;
    if (!find_tool(tool))
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: offset 0: warts are read by " TOOL ", which is not installed; install Debian's scamper "
                         "package",
                         reader->file);
    int failure = run(tool, (struct text){bytes.data, whole}, &output, &is_good);
    if (failure == 0) {
        if (!is_good)
            trace_refuse(reader, TRACE_REFUSED_TOOL, bytes.data);
        read_output(reader, &output);
    }
    free(output.bytes);
    if (failure != 0)
        return error_set(error, STATUS_IO, "%s: offset 0: %s cannot be run: %s", reader->file, tool, strerror(failure));
    return STATUS_OK;
}
