#ifndef BORDERTAP_SEVERITY_H
#define BORDERTAP_SEVERITY_H

#include <stdbool.h>

enum severity {
    SEVERITY_NONE, /* no rule matched: nothing is told */
    SEVERITY_INFO,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
    SEVERITY_COUNT,
};

/** "none", "info", "low", "medium", "high", "critical"; constant. */
const char *severity_text(enum severity severity);
bool severity_parse(const char *text, enum severity *ret);

#endif
