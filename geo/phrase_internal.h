/* Reasons are written by hand: this runs once a flow. */
#ifndef BORDERTAP_GEO_PHRASE_INTERNAL_H
#define BORDERTAP_GEO_PHRASE_INTERNAL_H

#include "jurisdiction.h"

struct phrase {
    char *at, *end; /* end: where the terminating zero goes at the latest */
};

static inline void say(struct phrase *phrase, const char *text)
{
    while (*text != '\0' && phrase->at < phrase->end)
        *phrase->at++ = *text++;
    *phrase->at = '\0';
}

static inline void say_number(struct phrase *phrase, uint32_t number)
{
    char digits[11];
    char *at = digits + sizeof(digits) - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say(phrase, at);
}

static inline struct phrase phrase_of(struct axis_judgement *axis)
{
    axis->reason[0] = '\0';
    return (struct phrase){axis->reason, axis->reason + AXIS_REASON_MAX - 1};
}

#endif
