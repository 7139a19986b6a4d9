/* `explain`: every step that made a finding what it is, out of its JSON records and the policies at hand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/explain_internal.h"

enum { LINE_LENGTH_MAX = 16 << 20 };

/* The record kept is the newest: what was told last of the finding. */
struct search {
    const char *id;
    json_t *newest;
    unsigned long told, unreadable;
    char actions[512]; /* " opened 2018-08-07T... critical" ... */
};

static const char *string_at(const json_t *record, const char *key)
{
    const char *value = json_string_value(json_object_get(record, key));
    return value != NULL ? value : "";
}

static void note_action(struct search *s, const json_t *record)
{
    size_t length = strlen(s->actions);
    s->told++;
    snprintf(s->actions + length, sizeof(s->actions) - length, "%s%.12s %.27s %.8s", length > 0 ? ", " : "",
             string_at(record, "action"), string_at(record, "time"), string_at(record, "severity"));
}

/* Lines that do not hold the id's letters are not even parsed. */
static void look_at_line(struct search *s, const char *line, size_t length)
{
    json_error_t error;
    if (memmem(line, length, s->id, strlen(s->id)) == NULL)
        return;
    json_t *record = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
    if (record == NULL)
        s->unreadable++;
    if (strcmp(string_at(record, "type"), "finding") == 0 &&
        (strcmp(string_at(record, "id"), s->id) == 0 || strcmp(string_at(record, "event_id"), s->id) == 0)) {
        note_action(s, record);
        json_decref(s->newest);
        s->newest = json_incref(record);
    }
    json_decref(record);
}

static bool look_through(struct search *s, FILE *stream, const char *name)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t length; (length = getline(&line, &room, stream)) >= 0;) {
        if (length > LINE_LENGTH_MAX)
            s->unreadable++;
        else
            look_at_line(s, line, (size_t)length);
    }
    free(line);
    if (ferror(stream))
        complain("%s: %s", name, strerror(errno));
    return !ferror(stream);
}

static bool look_through_file(struct search *s, const char *path)
{
    if (strcmp(path, "-") == 0)
        return look_through(s, stdin, "standard input");
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        complain("%s: %s", path, strerror(errno));
        return false;
    }
    bool ok = look_through(s, stream, path);
    fclose(stream);
    return ok;
}

static int tell(const struct options *options, const struct search *s)
{
    struct error error;
    char *directory;
    struct policy_set *set;
    if (asprintf(&directory, "%s/jurisdictions", catalog_directory(options)) < 0) {
        complain("out of memory");
        return EXIT_FAILED;
    }
    enum status status =
        policy_set_load(directory, options->policies.items, options->policies.count, NULL, &set, &error);
    if (status == STATUS_OK) {
        struct explanation e = {.out = stdout, .directory = directory, .set = set};
        put_safely(string_at(s->newest, "id"), stdout);
        fputs(": ", stdout);
        put_safely(string_at(s->newest, "summary"), stdout);
        printf("\n   told %lu time%s: ", s->told, s->told == 1 ? "" : "s");
        put_safely(s->actions, stdout);
        putchar('\n');
        explain_finding(&e, s->newest);
        policy_set_free(set);
    } else {
        complain("%s", error.text);
    }
    free(directory);
    return status == STATUS_OK ? EXIT_DONE : EXIT_FAILED;
}

int cmd_explain(struct options *options)
{
    bool ok = true;
    if (options->argument_count == 0 || *options->arguments[0] == '\0') {
        complain("explain needs a finding's id, and the JSON file it stands in unless that comes on standard input");
        return EXIT_USAGE;
    }
    struct search search = {.id = options->arguments[0]};
    if (options->argument_count == 1)
        ok = look_through(&search, stdin, "standard input");
    for (int i = 1; i < options->argument_count; i++)
        ok &= look_through_file(&search, options->arguments[i]);
    int ret = EXIT_FAILED;
    if (search.newest != NULL)
        ret = tell(options, &search);
    else if (ok)
        complain("no finding %s there%s", search.id,
                 search.unreadable > 0 ? "; a line that names it is no JSON record"
                                       : "; ids stand in \"id\" of the JSON records");
    json_decref(search.newest);
    return ok ? ret : EXIT_FAILED;
}
