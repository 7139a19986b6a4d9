#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static bool look_up(const struct engine_options *eo, const char *query, struct feed *feed)
{
    struct sighting found;
    if (!engine_lookup(eo, query, &found)) {
        complain("'%s' is neither a DNS name nor an address", query);
        return false;
    }
    feed_lookup(feed, query, &found);
    return true;
}

/* One query a line; blank lines and '#' comments are skipped. */
static bool look_up_list(const struct engine_options *eo, FILE *stream, struct feed *feed)
{
    char *line = NULL;
    size_t room = 0;
    bool ok = true;
    for (ssize_t length; (length = getline(&line, &room, stream)) >= 0;) {
        while (length > 0 && strchr(" \t\r\n", line[length - 1]) != NULL)
            line[--length] = '\0';
        const char *query = line + strspn(line, " \t");
        if (*query != '\0' && *query != '#')
            ok &= look_up(eo, query, feed);
    }
    free(line);
    return ok;
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
    if (!load_all(options, &loaded))
        return EXIT_USAGE;
    if (!open_feeds(options, feeds, LIST_MAX + 1, &count)) {
        unload_all(&loaded);
        return EXIT_USAGE;
    }
    struct engine_options eo = engine_options_of(options, &loaded);
    for (size_t f = 0; f < count; f++)
        for (int i = 0; i < options->argument_count; i++)
            ok &= strcmp(options->arguments[i], "-") == 0 ? look_up_list(&eo, stdin, feeds[f])
                                                          : look_up(&eo, options->arguments[i], feeds[f]);
    ok &= close_feeds(feeds, count);
    unload_all(&loaded);
    return ok ? EXIT_DONE : EXIT_FAILED;
}
