#include "text.h"

static bool equal_nocase(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (ascii_lower(a[i]) != ascii_lower(b[i]))
            return false;
    return true;
}

bool text_equal_nocase(struct text a, struct text b)
{
    return a.length == b.length && equal_nocase(a.data, b.data, a.length);
}

bool text_starts_with_nocase(struct text t, struct text prefix)
{
    return t.length >= prefix.length && equal_nocase(t.data, prefix.data, prefix.length);
}

size_t text_copy(struct text t, char *ret, size_t room)
{
    size_t length = t.length < room ? t.length : room - 1;
    if (length > 0)
        memcpy(ret, t.data, length);
    ret[length] = '\0';
    return length;
}
