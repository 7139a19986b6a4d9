/* A store's findings for people. */
#include <stdlib.h>
#include <string.h>

#include "cli/explain_internal.h"
#include "cli/findings_internal.h"

enum { SEVERITY_WIDTH = 8 };

static void put(const char *text)
{
    put_safely(text, stdout);
}

/* "2026-11-24 20:06:01": nobody needs the rest here. */
static void put_time(struct packet_time time)
{
    char text[PACKET_TIME_TEXT_SIZE];
    packet_time_print(time, text);
    text[10] = ' ';
    text[19] = '\0';
    put(text);
}

static void put_accepted(const struct store_row *row)
{
    fputs("accepted by ", stdout);
    put(row->accepted->owner);
    printf(" until %s: ", row->accepted->until);
    put(row->accepted->reason);
}

static const char *summary_of(const struct store_row *row)
{
    return row->record.summary ? row->record.summary : "(its record is missing)";
}

static void put_row(void *context, const struct store_row *row)
{
    const struct kept_finding *k = row->kept;
    (void)context;
    printf("%-*s  %s  ", SEVERITY_WIDTH, k->is_told ? severity_text(k->severity) : "closed", k->id);
    put(summary_of(row));
    printf("\n%*s  ", SEVERITY_WIDTH, "");
    put_time(k->first_seen);
    fputs(" to ", stdout);
    put_time(k->last_seen);
    printf(" · %llu flow%s · %llu/%llu bytes out/in\n", (unsigned long long)k->counters.flows,
           k->counters.flows == 1 ? "" : "s", (unsigned long long)k->counters.volume.bytes_out,
           (unsigned long long)k->counters.volume.bytes_in);
    if (row->accepted == NULL)
        return;
    printf("%*s  ", SEVERITY_WIDTH, "");
    put_accepted(row);
    putchar('\n');
}

void findings_list_text(struct store *store, const struct store_filter *filter)
{
    size_t count = store_list(store, filter, put_row, NULL);
    printf("%zu finding%s", count, count == 1 ? "" : "s");
    if (!filter->is_all)
        printf(" of severity %s or worse; --all lists every one", severity_text(filter->severity));
    putchar('\n');
}

/* ---- show ---- */

struct shown {
    const struct options *options;
    struct store *store;
};

static void put_told(void *context, const struct store_told *told)
{
    (void)context;
    printf("   %u  ", told->revision);
    put(told->action);
    putchar(' ');
    put(told->severity);
    fputs(" of ", stdout);
    put_time(told->time);
    fputs(", told ", stdout);
    put(told->told_at);
    putchar('\n');
}

static void put_exception(void *context, const struct store_past_exception *e)
{
    (void)context;
    fputs("   accepted by ", stdout);
    put(e->owner);
    fputs(" until ", stdout);
    put(e->until);
    fputs(": ", stdout);
    put(e->reason);
    fputs("\n     recorded ", stdout);
    put(e->accepted_at);
    fputs(" by ", stdout);
    put(e->accepted_by);
    if (e->ended_at != NULL) {
        fputs("; ", stdout);
        put(e->ended_why ? e->ended_why : "ended");
        putchar(' ');
        put(e->ended_at);
        fputs(e->ended_by ? " by " : "", stdout);
        put(e->ended_by ? e->ended_by : "");
    }
    putchar('\n');
}

static void explain_record(const struct options *options, struct text json)
{
    struct error error;
    json_error_t why;
    char *directory;
    struct policy_set *set;
    json_t *record = json_loadb(json.data, json.length, JSON_REJECT_DUPLICATES, &why);
    if (record == NULL || asprintf(&directory, "%s/jurisdictions", catalog_directory(options)) < 0) {
        json_decref(record);
        return;
    }
    if (policy_set_load(directory, options->policies.items, options->policies.count, NULL, &set, &error) == STATUS_OK) {
        struct explanation e = {.out = stdout, .directory = directory, .set = set};
        explain_finding(&e, record);
        policy_set_free(set);
    } else {
        complain("%s", error.text);
    }
    free(directory);
    json_decref(record);
}

static void put_head(const struct kept_finding *k, const struct store_row *row)
{
    printf("%s: ", k->id);
    put(summary_of(row));
    printf("\n   %s, %s, by rule ", k->is_told ? "open" : "closed", severity_text(k->severity));
    put(k->rule ? k->rule : "none");
    fputs("\n   seen ", stdout);
    put_time(k->first_seen);
    fputs(" to ", stdout);
    put_time(k->last_seen);
    printf(": %llu flows, %llu remotes, %llu/%llu packets and %llu/%llu bytes out/in\n",
           (unsigned long long)k->counters.flows, (unsigned long long)k->counters.remotes,
           (unsigned long long)k->counters.volume.packets_out, (unsigned long long)k->counters.volume.packets_in,
           (unsigned long long)k->counters.volume.bytes_out, (unsigned long long)k->counters.volume.bytes_in);
    if (row->is_telling)
        fputs("   whether its last record went out is not known: the next run tells it once more\n", stdout);
}

static void put_remotes(const struct kept_finding *k)
{
    fputs("Remotes\n", stdout);
    for (unsigned i = 0; i < k->remote_count; i++) {
        const struct remote_seen *remote = &k->remotes[i];
        char endpoint[ENDPOINT_TEXT_SIZE];
        endpoint_print(&remote->ip, remote->port, endpoint);
        printf("   %s ", endpoint);
        put(remote->name);
        for (unsigned c = 0; c < remote->country_count; c++)
            printf(" %s", remote->countries[c].code);
        printf("  %llu flow%s\n", (unsigned long long)remote->flows, remote->flows == 1 ? "" : "s");
    }
}

static void put_whole(void *context, const struct store_row *row)
{
    struct shown *shown = context;
    put_head(row->kept, row);
    fputs("Exceptions\n", stdout);
    store_list_exceptions(shown->store, row->kept->id, put_exception, NULL);
    fputs("Told\n", stdout);
    store_list_told(shown->store, row->kept->id, put_told, NULL);
    put_remotes(row->kept);
    if (row->record.json.data != NULL)
        explain_record(shown->options, row->record.json);
}

bool findings_show_text(const struct options *options, struct store *store, const char *id)
{
    struct shown shown = {options, store};
    return store_list(store, &(struct store_filter){.id = id, .is_all = true}, put_whole, &shown) > 0;
}
