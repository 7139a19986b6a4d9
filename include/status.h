/*
 * One space of results for every module. Zero is good, positive is "good, but" (the caller looks),
 * negative failed. Bad packets are never a status: they are data and are counted by reason.
 */
#ifndef BORDERTAP_STATUS_H
#define BORDERTAP_STATUS_H

enum status {
    STATUS_OK = 0,
    STATUS_END = 1,       /* nothing more to read */
    STATUS_NOT_FOUND = 2, /* asked for something that is not there */
    STATUS_TRUNCATED = 3, /* what was good is delivered, the rest is damaged */
    STATUS_NO_MEMORY = -1,
    STATUS_IO = -2,        /* the operating system refused */
    STATUS_MALFORMED = -3, /* outside text or data breaks its format */
    STATUS_UNSUPPORTED = -4,
    STATUS_INVALID = -5, /* well formed, but means nothing allowed */
};

/** A sentence fragment for @p status, never NULL; valid forever. */
const char *status_text(enum status status);

/**
 * Room for one sentence: what, on what, why, and what to do. Set-up calls fill it on failure.
 * A caller that passes NULL is not told.
 */
struct error {
    char text[512];
};

/** Formats into @p error (when not NULL) and returns @p status, so that a caller can say `return error_set(...)`. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
