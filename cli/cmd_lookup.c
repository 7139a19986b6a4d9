#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* No top-level domain is all digits (RFC 3696, 2): "999.1.1.1" is a mistyped address and no name. */
static bool ends_in_number(const char *query)
{
    const char *dot = strrchr(query, '.');
    return dot != NULL && dot[1] != '\0' && strspn(dot + 1, "0123456789") == strlen(dot + 1);
}

/* What is no query has an answer too: in a list, the n-th answer belongs to the n-th query. */
static void answer_nothing(const struct engine_options *eo, struct sighting *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->time = packet_time_from_sec(eo->now_sec);
    for (unsigned axis = 0; axis < AXIS_COUNT; axis++) {
        struct axis_judgement *judgement = &ret->jurisdiction.axes[axis];
        judgement->status = AXIS_UNKNOWN;
        snprintf(judgement->reason, sizeof(judgement->reason), "neither a DNS name nor an address");
    }
    policy_judge(eo->policies, &ret->jurisdiction, NULL, ret->time, &ret->verdicts);
}

static bool look_up(const struct engine_options *eo, const char *query)
{
    struct sighting found;
    struct ip_address address;
    bool is_query = (!ends_in_number(query) || ip_parse(query, &address)) && engine_lookup(eo, query, &found);
    if (!is_query) {
        complain("'%s' is neither a DNS name nor an address; write example.com, 192.0.2.1 or 2001:db8::1", query);
        answer_nothing(eo, &found);
    }
    for (size_t i = 0; i < eo->feed_count; i++)
        feed_lookup(eo->feeds[i], query, &found);
    return is_query;
}

/* One query a line; blank lines and '#' comments are skipped. */
static bool look_up_list(const struct engine_options *eo, FILE *stream)
{
    char *line = NULL;
    size_t room = 0;
    bool ok = true;
    for (ssize_t length; (length = getline(&line, &room, stream)) >= 0;) {
        while (length > 0 && strchr(" \t\r\n", line[length - 1]) != NULL)
            line[--length] = '\0';
        const char *query = line + strspn(line, " \t");
        if (*query != '\0' && *query != '#')
            ok &= look_up(eo, query);
    }
    free(line);
    return ok;
}

static void warn(void *context, const char *sentence)
{
    (void)context;
    complain("%s", sentence);
}

int cmd_lookup(struct options *options)
{
    struct loaded loaded;
    struct feed *feeds[LIST_MAX + 1];
    size_t count;
    bool ok = true;
    if (options->argument_count == 0) {
        complain("lookup needs a name or an address, or \"-\" for a list on standard input");
        return EXIT_USAGE;
    }
    int status = load_all(options, &loaded);
    if (status != EXIT_DONE)
        return status;
    status = open_feeds(options, feeds, LIST_MAX + 1, &count);
    if (status != EXIT_DONE) {
        unload_all(&loaded);
        return status;
    }
    struct engine_options eo = engine_options_of(options, &loaded);
    if (!options->quiet)
        policy_warnings(loaded.policies, packet_time_from_sec(eo.now_sec), warn, NULL);
    eo.feeds = feeds;
    eo.feed_count = count;
    for (int i = 0; i < options->argument_count; i++)
        ok &= strcmp(options->arguments[i], "-") == 0 ? look_up_list(&eo, stdin) : look_up(&eo, options->arguments[i]);
    ok &= close_feeds(feeds, count);
    unload_all(&loaded);
    return ok ? EXIT_DONE : EXIT_FAILED;
}
