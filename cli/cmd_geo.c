/* `geo`: what the address databases are, how much they cover, and where they contradict each other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "json_writer.h"

enum { COUNTRIES_MAX = 256, LARGEST = 20, PAIRS_MAX = 512, ADDRESSES_OF_24 = 256 };

static const double all_v4 = 4294967296.0;

/** One JSON record. */
static void put_record(struct json_writer *w)
{
    json_end_object(w);
    json_newline(w);
    fwrite(w->data, 1, w->length, stdout);
    json_reset(w);
}

static void begin_record(struct json_writer *w, const char *type)
{
    json_begin_object(w);
    json_member_string(w, "type", type);
}

static bool wants_json(const struct options *options, bool *ret)
{
    const char *format = options->format ? options->format : "text";
    *ret = strcmp(format, "json") == 0;
    if (*ret || strcmp(format, "text") == 0)
        return true;
    complain("--format: geo knows text and json, not '%s'", format);
    return false;
}

/* --- status ------------------------------------------------------------------------------------------------------ */

struct database_view {
    const struct geo_database *database;
    struct geo_coverage coverage;
    uint64_t announced; /* addresses, by all AS tables */
    struct geo_refusal refusal;
    bool is_dated; /* made by people who write a date: what the catalogue and overrides hold does not grow stale */
    int64_t days;
};

static void print_line(const char *name, const char *value)
{
    printf("  %-12s", name);
    put_safely(value, stdout);
    putchar('\n');
}

static void print_coverage(const struct database_view *v)
{
    const struct geo_coverage *c = &v->coverage;
    if (c->v4_addresses + c->v6_prefixes == 0)
        return;
    printf("  %-12s", "coverage");
    if (c->v4_addresses > 0 && v->announced > 0)
        printf(
            "%.1f %% of announced IPv4 (%llu of %llu /24s), ", 100.0 * (double)c->v4_announced / (double)v->announced,
            (unsigned long long)c->v4_announced / ADDRESSES_OF_24, (unsigned long long)v->announced / ADDRESSES_OF_24);
    if (c->v4_addresses > 0)
        printf("%.1f %% of all IPv4, ", 100.0 * (double)c->v4_addresses / all_v4);
    printf("%llu IPv6 prefixes\n", (unsigned long long)c->v6_prefixes);
}

static void print_database(const struct database_view *v)
{
    const struct geo_database *d = v->database;
    put_safely(d->name, stdout);
    printf("\n  %-12s%s, provider ", "role", d->role);
    put_safely(d->provider, stdout);
    putchar('\n');
    print_line("file", d->path);
    if (v->is_dated && d->edition != NULL)
        printf("  %-12s%s, %lld days old%s\n", "edition", d->edition, (long long)v->days,
               v->days > GEO_STALE_DAYS ? ": addresses move; fetch newer" : "");
    else if (v->is_dated)
        print_line("edition", "unknown: neither the file nor its name has a date");
    printf("  %-12s%llu\n", strcmp(d->role, "holder-country") == 0 && v->coverage.v4_addresses == 0 ? "ASes" : "ranges",
           (unsigned long long)d->ranges);
    print_coverage(v);
    if (v->is_dated)
        print_line("licence", d->licence ? d->licence : "not stated");
    if (v->refusal.lines > 0)
        printf("  %-12s%llu line%s passed over, the first is line %llu (%s)\n", "refused",
               (unsigned long long)v->refusal.lines, v->refusal.lines == 1 ? "" : "s",
               (unsigned long long)v->refusal.first_line, v->refusal.first_reason);
}

static void put_database(struct json_writer *w, const struct database_view *v)
{
    const struct geo_database *d = v->database;
    begin_record(w, "geo-database");
    json_member_string(w, "name", d->name);
    json_member_string(w, "provider", d->provider);
    json_member_string(w, "role", d->role);
    json_member_string(w, "file", d->path);
    json_member_string(w, "edition", d->edition);
    if (v->is_dated && d->edition != NULL) {
        json_key(w, "days_old");
        json_i64(w, v->days);
        json_member_bool(w, "is_stale", v->days > GEO_STALE_DAYS);
    }
    json_member_u64(w, "ranges", d->ranges);
    json_member_u64(w, "ipv4_addresses", v->coverage.v4_addresses);
    json_member_u64(w, "ipv4_announced_addresses", v->coverage.v4_announced);
    json_member_u64(w, "ipv6_prefixes", v->coverage.v6_prefixes);
    json_member_string(w, "licence", d->licence);
    json_member_u64(w, "refused_lines", v->refusal.lines);
    if (v->refusal.lines > 0) {
        json_member_u64(w, "first_refused_line", v->refusal.first_line);
        json_member_string(w, "first_refusal", v->refusal.first_reason);
    }
    put_record(w);
}

struct told_to {
    struct json_writer *json; /* NULL: text */
    size_t count;
};

static void tell_passed_over(void *context, const char *sentence)
{
    struct told_to *to = context;
    to->count++;
    if (to->json == NULL) {
        fputs("left out: ", stdout);
        put_safely(sentence, stdout);
        putchar('\n');
        return;
    }
    begin_record(to->json, "geo-left-out");
    json_member_string(to->json, "reason", sentence);
    put_record(to->json);
}

static void put_totals(struct json_writer *w, const struct geo *geo, size_t count, uint64_t announced)
{
    begin_record(w, "geo-status");
    json_member_u64(w, "databases", count);
    json_member_u64(w, "ipv4_announced_addresses", announced);
    json_member_u64(w, "memory_bytes", geo_memory(geo));
    put_record(w);
}

static bool tell_status(const struct geo *geo, struct json_writer *w)
{
    const struct geo_database *databases;
    size_t count = geo_databases(geo, &databases);
    struct geo_coverage *coverage = calloc(count + 1, sizeof(*coverage));
    struct told_to to = {w, 0};
    if (coverage == NULL)
        return false;
    uint64_t announced = geo_measure(geo, coverage);
    for (size_t i = 0; i < count; i++) {
        struct database_view v = {.database = &databases[i], .coverage = coverage[i], .announced = announced};
        geo_refused(geo, i, &v.refusal);
        v.is_dated = strcmp(databases[i].role, "parent") != 0 && strcmp(databases[i].role, "override") != 0;
        v.days = ((int64_t)time(NULL) - databases[i].built_sec) / 86400;
        if (w != NULL)
            put_database(w, &v);
        else
            print_database(&v);
    }
    geo_passed_over(geo, tell_passed_over, &to);
    if (w != NULL)
        put_totals(w, geo, count, announced);
    else
        printf("%zu source%s, %.1f MiB in memory\n", count, count == 1 ? "" : "s", (double)geo_memory(geo) / 1048576);
    free(coverage);
    return true;
}

/* --- compare ----------------------------------------------------------------------------------------------------- */

/** All ranges in which the same two databases name the same two countries. */
struct pair {
    const struct geo_database *databases[2];
    struct country countries[2];
    uint64_t v4_addresses, v4_ranges, v6_ranges;
};

struct comparison {
    struct pair pairs[PAIRS_MAX];
    size_t pair_count;
    uint64_t pairs_left_out;
    struct geo_difference largest[LARGEST]; /* IPv4, largest first */
    size_t largest_count;
};

static struct pair *pair_of(struct comparison *c, const struct geo_difference *d)
{
    for (size_t i = 0; i < c->pair_count; i++) {
        struct pair *p = &c->pairs[i];
        if (p->databases[0] == d->databases[0] && p->databases[1] == d->databases[1] &&
            country_equal(p->countries[0], d->countries[0]) && country_equal(p->countries[1], d->countries[1]))
            return p;
    }
    if (c->pair_count == PAIRS_MAX)
        return NULL;
    struct pair *p = &c->pairs[c->pair_count++];
    *p = (struct pair){{d->databases[0], d->databases[1]}, {d->countries[0], d->countries[1]}, 0, 0, 0};
    return p;
}

static void keep_if_large(struct comparison *c, const struct geo_difference *d)
{
    size_t at = c->largest_count;
    while (at > 0 && c->largest[at - 1].v4_addresses < d->v4_addresses)
        at--;
    if (at == LARGEST)
        return;
    size_t moved = (c->largest_count < LARGEST ? c->largest_count : LARGEST - 1) - at;
    memmove(&c->largest[at + 1], &c->largest[at], moved * sizeof(c->largest[0]));
    c->largest[at] = *d;
    c->largest_count += c->largest_count < LARGEST;
}

static void on_difference(void *context, const struct geo_difference *d)
{
    struct comparison *c = context;
    struct pair *p = pair_of(c, d);
    if (p == NULL) {
        c->pairs_left_out++;
    } else {
        p->v4_addresses += d->v4_addresses;
        p->v4_ranges += d->v4_addresses > 0;
        p->v6_ranges += d->v4_addresses == 0;
    }
    if (d->v4_addresses > 0)
        keep_if_large(c, d);
}

static int by_size(const void *a, const void *b)
{
    const struct pair *left = a, *right = b;
    if (left->v4_addresses != right->v4_addresses)
        return left->v4_addresses < right->v4_addresses ? 1 : -1;
    return left->v6_ranges < right->v6_ranges ? 1 : left->v6_ranges > right->v6_ranges ? -1 : 0;
}

/** "DB-IP Lite Country RU, GeoLite2 Country CH". */
static void print_answers(const struct geo_database *const databases[2], const struct country countries[2])
{
    for (int i = 0; i < 2; i++) {
        fputs(i ? ", " : "", stdout);
        put_safely(databases[i]->name, stdout);
        printf(" %s", countries[i].code);
    }
}

static void print_comparison(const struct comparison *c)
{
    if (c->pair_count == 0) {
        printf("no range in which they name different countries and one of them is of concern\n");
        return;
    }
    printf("%10s  %8s  %8s  answers\n", "IPv4 /24s", "ranges", "IPv6");
    for (size_t i = 0; i < c->pair_count; i++) {
        const struct pair *p = &c->pairs[i];
        printf("%10.1f  %8llu  %8llu  ", (double)p->v4_addresses / ADDRESSES_OF_24, (unsigned long long)p->v4_ranges,
               (unsigned long long)p->v6_ranges);
        print_answers(p->databases, p->countries);
        putchar('\n');
    }
    if (c->pairs_left_out > 0)
        printf("%llu ranges more, of rarer pairs of answers\n", (unsigned long long)c->pairs_left_out);
    printf("\nthe largest\n");
    for (size_t i = 0; i < c->largest_count; i++) {
        char first[IP_TEXT_SIZE], last[IP_TEXT_SIZE];
        ip_print(&c->largest[i].first, first);
        ip_print(&c->largest[i].last, last);
        printf("  %-15s - %-15s  ", first, last);
        print_answers(c->largest[i].databases, c->largest[i].countries);
        putchar('\n');
    }
}

static void put_answers(struct json_writer *w, const struct geo_database *const databases[2],
                        const struct country countries[2])
{
    json_key(w, "answers");
    json_begin_array(w);
    for (int i = 0; i < 2; i++) {
        json_begin_object(w);
        json_member_string(w, "database", databases[i]->name);
        json_member_string(w, "country", countries[i].code);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_comparison(struct json_writer *w, const struct comparison *c)
{
    for (size_t i = 0; i < c->pair_count; i++) {
        begin_record(w, "geo-dispute");
        put_answers(w, c->pairs[i].databases, c->pairs[i].countries);
        json_member_u64(w, "ipv4_addresses", c->pairs[i].v4_addresses);
        json_member_u64(w, "ipv4_ranges", c->pairs[i].v4_ranges);
        json_member_u64(w, "ipv6_ranges", c->pairs[i].v6_ranges);
        put_record(w);
    }
    for (size_t i = 0; i < c->largest_count; i++) {
        begin_record(w, "geo-disputed-range");
        json_key(w, "first");
        json_address(w, &c->largest[i].first);
        json_key(w, "last");
        json_address(w, &c->largest[i].last);
        put_answers(w, c->largest[i].databases, c->largest[i].countries);
        json_member_u64(w, "ipv4_addresses", c->largest[i].v4_addresses);
        put_record(w);
    }
}

static bool tell_comparison(const struct loaded *loaded, struct json_writer *w)
{
    struct country countries[COUNTRIES_MAX];
    struct comparison *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return false;
    size_t count =
        policy_flagged_countries(loaded->policies, packet_time_from_sec((int64_t)time(NULL)), countries, COUNTRIES_MAX);
    size_t compared = geo_compare(loaded->geo, countries, count, on_difference, c);
    qsort(c->pairs, c->pair_count, sizeof(c->pairs[0]), by_size);
    if (compared == 0)
        complain("there are no location databases of two providers to compare; name a second one with --geo");
    else if (w != NULL)
        put_comparison(w, c);
    else
        print_comparison(c);
    free(c);
    return compared > 0;
}

int cmd_geo(struct options *options)
{
    struct loaded loaded;
    struct json_writer writer, *w = NULL;
    bool is_json, ok = true;
    const char *what = options->argument_count > 0 ? options->arguments[0] : "";
    bool is_status = strcmp(what, "status") == 0;
    if (options->argument_count != 1 || (!is_status && strcmp(what, "compare") != 0)) {
        complain("geo takes one word: status or compare");
        return EXIT_USAGE;
    }
    if (!wants_json(options, &is_json))
        return EXIT_USAGE;
    int status = load_all(options, &loaded);
    if (status != EXIT_DONE)
        return status;
    json_init(&writer);
    w = is_json ? &writer : NULL;
    ok = is_status ? tell_status(loaded.geo, w) : tell_comparison(&loaded, w);
    json_clear(&writer);
    unload_all(&loaded);
    return ok ? EXIT_DONE : EXIT_FAILED;
}
