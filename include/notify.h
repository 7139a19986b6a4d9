/*
 * Words to the service manager: systemd's notification protocol (sd_notify(3)), over a datagram socket that is opened
 * once, so that nothing needs to be opened later. Without a manager all of it does nothing. One thread at a time.
 */
#ifndef BORDERTAP_NOTIFY_H
#define BORDERTAP_NOTIFY_H

#include <stdint.h>

struct notify {
    int fd;                /* -1: nobody listens */
    int64_t watchdog_usec; /* the manager ends us when it hears nothing for so long; 0: it does not wait for us */
};

/** From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, the first of which is taken out of the environment. */
void notify_open(struct notify *ret);
/** Sends lines such as "READY=1"; never waits, a full or closed socket loses them. */
void notify_say(const struct notify *notify, const char *format, ...) __attribute__((format(printf, 2, 3)));
void notify_close(struct notify *notify);

#endif
