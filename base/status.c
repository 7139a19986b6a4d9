#include "status.h"

#include <stdarg.h>
#include <stdio.h>

/* No default case: a new status without a text is a compiler warning. */
const char *status_text(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "done";
    case STATUS_END:
        return "end of input";
    case STATUS_NOT_FOUND:
        return "not found";
    case STATUS_TRUNCATED:
        return "cut short";
    case STATUS_NO_MEMORY:
        return "out of memory";
    case STATUS_IO:
        return "input or output failed";
    case STATUS_MALFORMED:
        return "malformed";
    case STATUS_UNSUPPORTED:
        return "not supported";
    case STATUS_INVALID:
        return "not valid";
    }
    return "unknown status";
}

enum status error_set(struct error *error, enum status status, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof(error->text), format, arguments);
        va_end(arguments);
    }
    return status;
}
