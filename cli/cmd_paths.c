/* `paths`: routing data by itself. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "json_writer.h"
#include "nearest_word.h"

static void say_trouble(void *context, const char *sentence)
{
    bool *is_damaged = context;
    *is_damaged = true;
    complain("%s", sentence);
}

static int dump(struct options *options)
{
    bool is_damaged = false, is_failed = false;
    if (options->argument_count < 2) {
        complain("paths dump needs an MRT file");
        return EXIT_USAGE;
    }
    for (int i = 1; i < options->argument_count; i++) {
        struct error error;
        if (paths_dump(options->arguments[i], stdout, say_trouble, &is_damaged, &error) == STATUS_OK)
            continue;
        complain("%s", error.text);
        is_failed = true;
    }
    return is_failed || is_damaged ? EXIT_FAILED : EXIT_DONE;
}

/* ---- show ---- */

struct shown {
    struct json_writer json;
    bool is_json;
};

static void show_candidate(void *context, const struct paths_candidate *candidate)
{
    struct shown *shown = context;
    char prefix[IP_PREFIX_TEXT_SIZE], peer[IP_TEXT_SIZE], time[PACKET_TIME_TEXT_SIZE];
    ip_prefix_print(&candidate->prefix, prefix);
    ip_print(&candidate->peer, peer);
    packet_time_print(packet_time_from_sec(candidate->originated_sec), time);
    if (!shown->is_json) {
        printf("  path        %s  %s  from %s AS%u", candidate->as_path, prefix, peer, candidate->peer_asn);
        if (candidate->path_id != 0)
            printf(" path %u", candidate->path_id);
        if (candidate->originated_sec != 0)
            printf(", since %s", time);
        printf("  [%s]\n", candidate->source);
        return;
    }
    json_begin_object(&shown->json);
    json_member_string(&shown->json, "prefix", prefix);
    json_member_string(&shown->json, "peer", peer);
    json_member_u64(&shown->json, "peer_asn", candidate->peer_asn);
    json_member_u64(&shown->json, "path_id", candidate->path_id);
    json_member_string(&shown->json, "originated", candidate->originated_sec != 0 ? time : NULL);
    json_member_string(&shown->json, "as_path", candidate->as_path);
    json_member_string(&shown->json, "file", candidate->source);
    json_end_object(&shown->json);
}

static void show_axis(struct shown *shown, const char *query, const struct axis_judgement *axis,
                      const struct transit_facts *facts)
{
    if (!shown->is_json) {
        printf("%s\n  transit     ", query);
        for (unsigned i = 0; i < axis->country_count; i++)
            printf("%s ", axis->countries[i].code);
        printf("%s%s%s\n",
               axis->country_count == 0 || axis->status == AXIS_CONTESTED ? axis_status_text(axis->status) : "",
               axis->country_count == 0 || axis->status == AXIS_CONTESTED ? "  " : " ", axis->reason);
        return;
    }
    struct json_writer *w = &shown->json;
    json_begin_object(w);
    json_member_string(w, "type", "path");
    json_member_string(w, "query", query);
    json_member_string(w, "status", axis_status_text(axis->status));
    json_key(w, "countries");
    json_begin_array(w);
    for (unsigned i = 0; i < axis->country_count; i++)
        json_string(w, axis->countries[i].code);
    json_end_array(w);
    json_member_string(w, "reason", axis->reason);
    json_member_string(w, "grade", transit_grade_text(facts->grade));
    json_member_string(w, "reverse", transit_reverse());
}

static void show_hops(struct shown *shown, const struct transit_facts *facts)
{
    struct json_writer *w = &shown->json;
    if (shown->is_json) {
        json_key(w, "carriers");
        json_begin_array(w);
    }
    for (unsigned i = 0; i < facts->hop_count; i++) {
        const struct transit_hop *hop = &facts->hops[i];
        const char *holder = country_is_known(hop->holder) ? hop->holder.code : NULL;
        const char *place = country_is_known(hop->place) ? hop->place.code : NULL;
        if (shown->is_json) {
            json_begin_object(w);
            json_member_u64(w, "asn", hop->asn);
            json_member_string(w, "name", hop->name);
            json_member_string(w, "country", holder);
            json_member_string(w, "parent", hop->parent);
            json_member_string(w, "parent_country", hop->parent != NULL ? hop->parent_country.code : NULL);
            json_member_string(w, "place", place);
            json_end_object(w);
        } else {
            printf("  carrier     AS%u %s, held in %s", hop->asn, hop->name ? hop->name : "(name unknown)",
                   holder ? holder : "an unknown country");
            if (hop->parent != NULL)
                printf("; parent %s %s", hop->parent, hop->parent_country.code);
            printf("; routers: %s\n", place ? place : transit_place_unknown());
        }
    }
    if (shown->is_json)
        json_end_array(w);
}

static bool show_one(const struct loaded *loaded, const char *query, struct shown *shown)
{
    struct ip_address address;
    struct axis_judgement axis;
    struct jurisdiction where;
    struct transit_facts facts;
    if (!ip_parse(query, &address)) {
        complain("'%s' is no address; write 192.0.2.1 or 2001:db8::1", query);
        return false;
    }
    geo_judge(loaded->geo, &address, &where);
    paths_judge(loaded->paths, loaded->geo, &where.judged, (int64_t)time(NULL), &axis, &facts);
    show_axis(shown, query, &axis, &facts);
    show_hops(shown, &facts);
    if (shown->is_json) {
        json_key(&shown->json, "candidates");
        json_begin_array(&shown->json);
    }
    paths_candidates(loaded->paths, &where.judged, show_candidate, shown);
    if (shown->is_json) {
        json_end_array(&shown->json);
        json_end_object(&shown->json);
        json_newline(&shown->json);
        fwrite(shown->json.data, 1, shown->json.length, stdout);
        json_reset(&shown->json);
    } else if (facts.source != NULL) {
        printf("  way back    %s\n", transit_reverse());
    }
    return true;
}

static bool wants_json(const struct options *options, bool *ret)
{
    *ret = options->format != NULL && strcmp(options->format, "json") == 0;
    if (*ret || options->format == NULL || strcmp(options->format, "text") == 0)
        return true;
    complain("--format: '%s' is no format of paths; text and json are", options->format);
    return false;
}

static bool has_paths(const struct options *options)
{
    if (options->paths.count == 0)
        complain("paths %s needs path data; name it with --paths FILE", options->arguments[0]);
    return options->paths.count > 0;
}

static int show(struct options *options)
{
    struct loaded loaded;
    struct shown shown = {.is_json = false};
    bool ok = true;
    if (!wants_json(options, &shown.is_json) || !has_paths(options))
        return EXIT_USAGE;
    if (options->argument_count < 2) {
        complain("paths show needs an address");
        return EXIT_USAGE;
    }
    int status = load_all(options, &loaded);
    if (status != EXIT_DONE)
        return status;
    json_init(&shown.json);
    for (int i = 1; i < options->argument_count; i++)
        ok &= show_one(&loaded, options->arguments[i], &shown);
    ok &= !shown.json.failed;
    json_clear(&shown.json);
    unload_all(&loaded);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

/* ---- status ---- */

static void say_warning(void *context, const char *sentence)
{
    (void)context;
    printf("warning: %s\n", sentence);
}

static void print_file(const struct paths_file *file, int64_t now_sec)
{
    char time[PACKET_TIME_TEXT_SIZE];
    packet_time_print(packet_time_from_sec(file->time_sec), time);
    printf("%s: %s, %zu peer%s, %llu prefixes, %llu used", file->path, file->kind, file->peers,
           file->peers == 1 ? "" : "s", (unsigned long long)file->prefixes, (unsigned long long)file->used);
    if (file->time_sec != 0)
        printf(", of %s, %lld hours old", time, (long long)(now_sec - file->time_sec) / 3600);
    printf("\n  %s\n", file->use);
}

static int show_status(struct options *options)
{
    struct paths *paths;
    const struct paths_file *files;
    int64_t now_sec = (int64_t)time(NULL);
    if (options->argument_count > 1) {
        complain("paths status takes no argument, '%s' is one", options->arguments[1]);
        return EXIT_USAGE;
    }
    if (!has_paths(options))
        return EXIT_USAGE;
    int status = load_paths(options, &paths);
    if (status != EXIT_DONE)
        return status;
    size_t count = paths_files(paths, &files);
    for (size_t i = 0; i < count; i++)
        print_file(&files[i], now_sec);
    printf("%zu prefixes in use, %.1f MiB\n", paths_prefixes(paths), (double)paths_memory(paths) / (1 << 20));
    paths_warnings(paths, now_sec, say_warning, NULL);
    paths_close(paths);
    return EXIT_DONE;
}

int cmd_paths(struct options *options)
{
    static const char *const names[] = {"dump", "show", "status", NULL};
    static int (*const run[])(struct options *) = {dump, show, show_status};
    const char *wanted = options->argument_count > 0 ? options->arguments[0] : NULL;
    for (size_t i = 0; wanted != NULL && names[i] != NULL; i++)
        if (strcmp(wanted, names[i]) == 0)
            return run[i](options);
    const char *near = wanted != NULL ? nearest_word(wanted, names) : NULL;
    if (wanted == NULL)
        complain("paths needs dump, show or status");
    else if (near != NULL)
        complain("paths: unknown '%s'; did you mean '%s'?", wanted, near);
    else
        complain("paths: unknown '%s'; it knows dump, show and status", wanted);
    return EXIT_USAGE;
}
