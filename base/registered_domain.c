/* The only file that names libpsl. Its built-in list is used: no file, no look-up. */
#include "registered_domain.h"

#include <libpsl.h>

#include "address.h"
#include "name.h"

/* libpsl wants a terminated lower-case string; longer names than DNS allows are no domain. */
static bool terminated_lower(struct text name, char ret[static NAME_MAX_LENGTH + 1])
{
    if (text_is_empty(name) || name.length > NAME_MAX_LENGTH || memchr(name.data, '\0', name.length) != NULL)
        return false;
    for (size_t i = 0; i < name.length; i++)
        ret[i] = ascii_lower(name.data[i]);
    ret[name.length] = '\0';
    return true;
}

bool registered_domain(struct text name, char *ret, size_t room)
{
    char lower[NAME_MAX_LENGTH + 1];
    struct ip_address unused;
    if (!terminated_lower(name, lower) || strchr(lower, '.') == NULL || ip_parse(lower, &unused))
        return false;
    const char *domain = psl_registrable_domain(psl_builtin(), lower);
    if (domain == NULL)
        return false;
    text_copy(text_of(domain), ret, room);
    return true;
}

bool is_public_suffix(struct text name)
{
    char lower[NAME_MAX_LENGTH + 1];
    return terminated_lower(name, lower) && psl_is_public_suffix(psl_builtin(), lower);
}
