/* `findings`: what the file of --store holds, and who answers for it. Works beside a run that writes to it. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/findings_internal.h"

static const char usage_text[] = "findings takes: list, show ID, accept ID --owner NAME --reason TEXT --until "
                                 "YYYY-MM-DD, or accept ID --withdraw; each with --store FILE";

static int fail(const char *sentence)
{
    complain("%s", sentence);
    return EXIT_FAILED;
}

static int open_store(const struct options *options, enum store_access access, struct store **ret)
{
    struct error error;
    if (options->store == NULL) {
        complain("findings needs the file: --store FILE, as given to `read`");
        return EXIT_USAGE;
    }
    return store_open(options->store, access, ret, &error) == STATUS_OK ? EXIT_DONE : fail(error.text);
}

/* Failures while reading were counted: half a list is none. */
static int close_store(struct store *store, int status)
{
    const char *trouble = store_trouble(store);
    if (trouble != NULL)
        status = fail(trouble);
    store_close(store);
    return status;
}

static bool wants_json(const struct options *options, bool *ret)
{
    *ret = options->format != NULL && strcmp(options->format, "json") == 0;
    if (*ret || options->format == NULL || strcmp(options->format, "text") == 0)
        return true;
    complain("findings writes --format text or json, not '%s'", options->format);
    return false;
}

/* ---- list, show ---- */

static bool read_filter(const struct options *options, struct store_filter *ret, char host[static IP_TEXT_SIZE])
{
    struct ip_address address;
    *ret = (struct store_filter){.product = options->product, .is_all = options->all, .severity = options->severity};
    if (ret->severity == SEVERITY_NONE && !options->all)
        ret->severity = SEVERITY_MEDIUM;
    if (options->host == NULL)
        return true;
    if (!ip_parse(options->host, &address)) {
        complain("--host: '%s' is no address", options->host);
        return false;
    }
    ip_print(&address, host);
    ret->host = host;
    return true;
}

static int list(const struct options *options)
{
    struct store_filter filter;
    struct store *store;
    char host[IP_TEXT_SIZE];
    bool is_json;
    if (!wants_json(options, &is_json) || !read_filter(options, &filter, host))
        return EXIT_USAGE;
    int status = open_store(options, STORE_READ, &store);
    if (status != EXIT_DONE)
        return status;
    if (is_json)
        findings_list_json(store, &filter);
    else
        findings_list_text(store, &filter);
    return close_store(store, EXIT_DONE);
}

static int show(const struct options *options, const char *id)
{
    struct store *store;
    bool is_json;
    if (!wants_json(options, &is_json))
        return EXIT_USAGE;
    int status = open_store(options, STORE_READ, &store);
    if (status != EXIT_DONE)
        return status;
    bool found = is_json ? findings_show_json(store, id) : findings_show_text(options, store, id);
    if (!found && store_trouble(store) == NULL) {
        complain("no finding %s in %s; `findings list --all` names them", id, options->store);
        status = EXIT_FAILED;
    }
    return close_store(store, status);
}

/* ---- accept ---- */

static void name_user(char *ret, size_t room)
{
    const struct passwd *user = getpwuid(getuid());
    if (user != NULL)
        snprintf(ret, room, "%s", user->pw_name);
    else
        snprintf(ret, room, "uid %lu", (unsigned long)getuid());
}

static int told(const struct options *options, enum status status, const char *missing, const char *id,
                const struct error *error)
{
    if (status == STATUS_NOT_FOUND)
        complain("%s %s in %s", missing, id, options->store);
    else if (status != STATUS_OK)
        complain("%s", error->text);
    return status == STATUS_OK ? EXIT_DONE : status == STATUS_INVALID ? EXIT_USAGE : EXIT_FAILED;
}

static int accept_finding(const struct options *options, const char *id)
{
    struct store *store;
    struct error error;
    char user[64];
    int status = open_store(options, STORE_ACCEPT, &store);
    if (status != EXIT_DONE)
        return status;
    name_user(user, sizeof(user));
    const struct store_exception exception = {id, options->owner, options->reason, options->until, user};
    if (options->withdraw)
        status = told(options, store_withdraw(store, id, user, &error), "no exception is in force for", id, &error);
    else
        status = told(options, store_accept(store, &exception, (int64_t)time(NULL), &error), "no finding", id, &error);
    store_close(store);
    if (status == EXIT_DONE && !options->quiet && options->withdraw)
        printf("%s: the exception is withdrawn\n", id);
    else if (status == EXIT_DONE && !options->quiet)
        printf("%s: accepted until %s\n", id, options->until);
    return status;
}

int cmd_findings(struct options *options)
{
    char **words = options->arguments;
    int count = options->argument_count;
    if (count == 1 && strcmp(words[0], "list") == 0)
        return list(options);
    if (count == 2 && strcmp(words[0], "show") == 0)
        return show(options, words[1]);
    if (count == 2 && strcmp(words[0], "accept") == 0)
        return accept_finding(options, words[1]);
    complain("%s", usage_text);
    return EXIT_USAGE;
}
