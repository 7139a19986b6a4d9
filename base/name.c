#include "name.h"

#include "address.h"

bool name_is_address(struct text name)
{
    char text[IP_TEXT_SIZE + 2]; /* with brackets */
    struct ip_address unused;
    if (name.length >= sizeof(text))
        return false;
    text_copy(name, text, sizeof(text));
    return ip_parse(text, &unused);
}

struct text name_of_host(struct text host)
{
    const char *colon = text_is_empty(host) ? NULL : memchr(host.data, ':', host.length);
    if (colon != NULL)
        host.length = (size_t)(colon - host.data);
    if (host.length > 0 && host.data[host.length - 1] == '.')
        host.length--;
    return text_is_empty(host) || host.data[0] == '[' || name_is_address(host) ? (struct text){NULL, 0} : host;
}
