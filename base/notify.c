#include "notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TEXT_MAX = 1024 };

static int64_t watchdog_usec(void)
{
    const char *text = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    char *end;
    if (text == NULL || *text < '0' || *text > '9' || (pid != NULL && strtol(pid, NULL, 10) != getpid()))
        return 0;
    long long ret = strtoll(text, &end, 10);
    return *end == '\0' && ret > 0 ? ret : 0;
}

/* "@name" is in the abstract space, whose names begin with a zero byte. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || length < 2 || length >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '/'));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, size) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

void notify_open(struct notify *ret)
{
    const char *path = getenv("NOTIFY_SOCKET");
    *ret = (struct notify){.fd = path != NULL ? connect_to(path) : -1};
    if (ret->fd >= 0)
        ret->watchdog_usec = watchdog_usec();
    unsetenv("NOTIFY_SOCKET");
}

void notify_say(const struct notify *notify, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list arguments;
    if (notify->fd < 0)
        return;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length > 0)
        (void)!send(notify->fd, text, (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1,
                    MSG_DONTWAIT | MSG_NOSIGNAL);
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}
