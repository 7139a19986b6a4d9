/* What a run could not read although the files were whole: said on standard error whatever the format, so that no
 * finding is never taken for a clean bill. */
#include <stdio.h>

#include "capture/decode.h"
#include "cli/cli.h"

struct unread {
    uint64_t packets;
    char names[200]; /* of the link types */
    size_t length;
};

static void add_link_type(void *context, uint16_t link_type, uint64_t packets)
{
    struct unread *u = context;
    const char *name = source_link_type_name(link_type);
    if (decoder_knows_link_type(link_type))
        return;
    u->packets += packets;
    if (u->length >= sizeof(u->names))
        return;
    u->length += (size_t)snprintf(u->names + u->length, sizeof(u->names) - u->length, "%s%u%s%s",
                                  u->length > 0 ? ", " : "", link_type, name ? " " : "", name ? name : "");
}

void name_unread(const struct source *source)
{
    struct unread u = {0};
    source_link_types(source, add_link_type, &u);
    if (u.packets > 0)
        complain("%llu packet%s a link type that bordertap does not know (%s): nothing of %s was read",
                 (unsigned long long)u.packets, u.packets == 1 ? " has" : "s have", u.names,
                 u.packets == 1 ? "it" : "them");
}

void say_refusal(void *context, const char *reason, uint64_t number)
{
    (void)context;
    complain("packet %llu is the first refused for %s", (unsigned long long)number, reason);
}
