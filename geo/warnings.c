/* What is missing, old or damaged of the loaded data, in sentences. */
#include <stdio.h>

#include "packet_time.h"
#include "sources_internal.h"

enum {
    BAD_LINES_OF = 1000, /* one bad line in so many is how published tables are: counted, not told */
};

typedef void warn(void *context, const char *sentence);

static bool has_role(const struct geo *geo, enum role role)
{
    for (size_t i = 0; i < geo->source_count; i++)
        if (geo->sources[i].role == role)
            return true;
    return false;
}

static int64_t days_old(const struct geo *geo, size_t i, int64_t now_sec)
{
    return geo->databases[i].built_sec == 0 || geo->sources[i].role == ROLE_PARENT
               ? 0
               : (now_sec - geo->databases[i].built_sec) / 86400;
}

static void print_day(int64_t sec, char ret[static PACKET_TIME_TEXT_SIZE])
{
    packet_time_print(packet_time_from_sec(sec), ret);
    ret[10] = '\0';
}

/* One sentence for all that is old: a name when it is one database, in however many files. */
static void warn_of_age(const struct geo *geo, int64_t now_sec, warn *visit, void *context)
{
    char sentence[512], first[PACKET_TIME_TEXT_SIZE], last[PACKET_TIME_TEXT_SIZE];
    const struct geo_database *oldest = NULL, *newest = NULL;
    const char *name = NULL;
    for (size_t i = 0; i < geo->source_count; i++) {
        const struct geo_database *database = &geo->databases[i];
        if (days_old(geo, i, now_sec) <= GEO_STALE_DAYS)
            continue;
        name = oldest == NULL || strcmp(name, database->name) == 0 ? database->name : "location data";
        if (oldest == NULL || database->built_sec < oldest->built_sec)
            oldest = database;
        if (newest == NULL || database->built_sec > newest->built_sec)
            newest = database;
    }
    if (oldest == NULL)
        return;
    print_day(oldest->built_sec, first);
    print_day(newest->built_sec, last);
    bool is_span = strcmp(first, last) != 0;
    snprintf(sentence, sizeof(sentence), "%s is of %s%s%s, %s%lld days old: addresses move; fetch newer", name, first,
             is_span ? " to " : "", is_span ? last : "", is_span ? "up to " : "",
             (long long)(now_sec - oldest->built_sec) / 86400);
    visit(context, sentence);
}

static void warn_of_refusals(const struct geo *geo, size_t i, warn *visit, void *context)
{
    char sentence[1024];
    const struct refusals *refusals = &geo->sources[i].refusals;
    uint64_t total = refusals_total(refusals);
    if (total * BAD_LINES_OF <= geo->databases[i].ranges + total)
        return;
    snprintf(sentence, sizeof(sentence), "%s: %llu %s passed over, the first is line %llu (%s)", geo->databases[i].path,
             (unsigned long long)total, total == 1 ? "line was" : "lines were",
             (unsigned long long)refusals->first_line, geo_refusal_text(refusals->first));
    visit(context, sentence);
}

static void warn_of_cut(const struct geo *geo, size_t i, warn *visit, void *context)
{
    char sentence[1024];
    const struct refusals *refusals = &geo->sources[i].refusals;
    if (refusals->counts[REFUSED_CUT] + refusals->counts[REFUSED_SHORT] == 0)
        return;
    snprintf(sentence, sizeof(sentence), "%s: %s: it may be cut, fetch it again", geo->databases[i].path,
             refusals->counts[REFUSED_CUT] > 0 ? "its last line has no end and is passed over"
                                               : "its ranges end far before the last addresses of IPv4");
    visit(context, sentence);
}

void geo_passed_over(const struct geo *geo, warn *visit, void *context)
{
    char sentence[64];
    for (size_t i = 0; i < geo->passed_over_count && i < PASSED_OVER_MAX; i++)
        visit(context, geo->passed_over[i]);
    if (geo->passed_over_count <= PASSED_OVER_MAX)
        return;
    snprintf(sentence, sizeof(sentence), "%zu more databases could not be used",
             geo->passed_over_count - PASSED_OVER_MAX);
    visit(context, sentence);
}

void geo_warnings(const struct geo *geo, int64_t now_sec, warn *visit, void *context)
{
    if (!has_role(geo, ROLE_LOCATION))
        visit(context, "no location database loaded: the location of every remote is unknown");
    if (!has_role(geo, ROLE_ASN))
        visit(context, "no ASN table loaded: operators are known by country at most");
    geo_passed_over(geo, visit, context);
    warn_of_age(geo, now_sec, visit, context);
    for (size_t i = 0; i < geo->source_count; i++) {
        warn_of_cut(geo, i, visit, context);
        warn_of_refusals(geo, i, visit, context);
    }
}
