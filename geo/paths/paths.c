#include "paths/paths.h"

#include <stdlib.h>

#include "packet_time.h"
#include "paths/mrt_print_internal.h"
#include "paths/paths_internal.h"

void paths_print_time(int64_t sec, char ret[static PATHS_TIME_TEXT_SIZE])
{
    char text[PACKET_TIME_TEXT_SIZE];
    packet_time_print(packet_time_from_sec(sec), text);
    snprintf(ret, PATHS_TIME_TEXT_SIZE, "%.16sZ", text);
}

const char *paths_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/** "AS6939", "6939", an address, or "any". */
static enum status parse_choice(struct paths *paths, const char *text, struct error *error)
{
    const char *digits = strncmp(text, "AS", 2) == 0 || strncmp(text, "as", 2) == 0 ? text + 2 : text;
    char *end;
    unsigned long long asn = strtoull(digits, &end, 10);
    if (strcmp(text, "any") == 0) {
        paths->choice = CHOICE_ANY;
    } else if (*digits >= '0' && *digits <= '9' && *end == '\0' && asn > 0 && asn <= UINT32_MAX) {
        paths->choice = CHOICE_ASN;
        paths->rib_asn = (uint32_t)asn;
    } else if (ip_parse(text, &paths->rib_address)) {
        paths->choice = CHOICE_ADDRESS;
    } else {
        return error_set(error, STATUS_INVALID,
                         "'%s' is no peer of a routing table: write AS6939, the peer's address, or any", text);
    }
    return STATUS_OK;
}

/** "84.32.17.7,2001:db8::1". */
static enum status parse_sources(struct paths *paths, const char *text, struct error *error)
{
    for (const char *at = text; at != NULL; at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
        char word[IP_TEXT_SIZE] = "";
        size_t length = strcspn(at, ",");
        if (length < sizeof(word))
            memcpy(word, at, length);
        if (paths->trace_from_count == TRACE_FROM_MAX)
            return error_set(error, STATUS_INVALID, "more than %d addresses that traceroutes begin at", TRACE_FROM_MAX);
        if (!ip_parse(word, &paths->trace_from[paths->trace_from_count++]))
            return error_set(error, STATUS_INVALID, "'%.*s' is no address that a traceroute begins at", (int)length,
                             at);
    }
    return STATUS_OK;
}

/** Why no file has a path that holds for this sensor. */
void paths_explain_nothing(struct paths *paths)
{
    paths->nothing[0] = '\0';
    if (paths->own.sorted_count > 0 || paths->upstream.sorted_count > 0)
        return;
    if (paths->file_count == 0) {
        snprintf(paths->nothing, sizeof(paths->nothing), "no path data loaded");
        return;
    }
    if (trace_table_stats(paths->traces).traceroutes > 0) {
        snprintf(
            paths->nothing, sizeof(paths->nothing),
            "no path data for this sensor: no traceroute to it within %lld hours of the packet, and no routing table",
            (long long)paths->stale_after_sec / 3600);
        return;
    }
    const struct paths_file *file = &paths->files[0];
    for (size_t i = 0; i < paths->file_count; i++)
        if (paths->files[i].peers > file->peers)
            file = &paths->files[i];
    snprintf(paths->nothing, sizeof(paths->nothing), "no path data for this sensor: %s", file->use);
}

enum status paths_open(const struct paths_options *options, struct paths **ret, struct error *error)
{
    struct paths *paths = calloc(1, sizeof(*paths));
    enum status status = STATUS_OK;
    if (paths == NULL)
        return error_set(error, STATUS_NO_MEMORY, "path data: no memory");
    paths->arena = arena_new();
    bool has_tables = path_table_init(&paths->own) & path_table_init(&paths->upstream);
    paths->traces = trace_table_new();
    paths->is_home = options->is_home;
    paths->home = options->home;
    paths->sensor = options->sensor;
    if (paths->arena == NULL || paths->traces == NULL || !has_tables)
        status = error_set(error, STATUS_NO_MEMORY, "path data: no memory");
    paths->upstream_asn = options->upstream_asn;
    paths->stale_after_sec = options->stale_after_sec ? options->stale_after_sec : PATHS_STALE_SEC;
    if (status == STATUS_OK && options->rib_peer != NULL)
        status = parse_choice(paths, options->rib_peer, error);
    if (status == STATUS_OK && options->trace_from != NULL)
        status = parse_sources(paths, options->trace_from, error);
    for (size_t i = 0; status == STATUS_OK && i < options->count; i++)
        status = paths_load(paths, options->files[i], error);
    if (status == STATUS_OK && (trace_table_seal(paths->traces) != STATUS_OK || arena_failed(paths->arena)))
        status = error_set(error, STATUS_NO_MEMORY, "path data: no memory for its texts");
    if (status != STATUS_OK) {
        paths_close(paths);
        return status;
    }
    paths_explain_nothing(paths);
    *ret = paths;
    return STATUS_OK;
}

struct paths_file *paths_add_file(struct paths *paths, const char *path, struct error *error)
{
    if (paths->file_count == PATHS_FILES_MAX) {
        error_set(error, STATUS_UNSUPPORTED, "%s: more than %d files of path data", path, PATHS_FILES_MAX);
        return NULL;
    }
    struct paths_file *ret = &paths->files[paths->file_count];
    *ret = (struct paths_file){.path = arena_copy(paths->arena, path, strlen(path)), .kind = "nothing", .use = ""};
    if (ret->path == NULL) {
        error_set(error, STATUS_NO_MEMORY, "%s: no memory", path);
        return NULL;
    }
    paths->file_count++;
    return ret;
}

void paths_close(struct paths *paths)
{
    if (paths == NULL)
        return;
    path_table_clear(&paths->own);
    path_table_clear(&paths->upstream);
    trace_table_free(paths->traces);
    ixp_table_free(paths->ixps);
    arena_free(paths->arena);
    free(paths);
}

size_t paths_files(const struct paths *paths, const struct paths_file **ret)
{
    *ret = paths->files;
    return paths->file_count;
}

void paths_count(const struct paths *paths, counter_visit *visit, void *context)
{
    static const char *const refusals[PATH_REFUSAL_COUNT] = {"routes_outside_global_ipv6", "routes_beyond_room",
                                                             "routes_with_too_long_path", "routes_without_memory"};
    for (enum trouble trouble = TROUBLE_PACKING; trouble < TROUBLE_COUNT; trouble++)
        visit(context, &(struct counter){"paths", trouble_name(trouble), paths->troubles[trouble]});
    for (unsigned i = 0; i < PATH_REFUSAL_COUNT; i++)
        visit(context, &(struct counter){"paths", refusals[i], paths->own.refused[i] + paths->upstream.refused[i]});
    struct trace_table_stats traces = trace_table_stats(paths->traces);
    visit(context, &(struct counter){"paths", "traceroutes", traces.traceroutes});
    visit(context, &(struct counter){"paths", "traceroutes_without_target", traces.without_target});
    visit(context, &(struct counter){"paths", "traceroutes_beyond_room", traces.turned_away});
    visit(context, &(struct counter){"paths", "traceroutes_from_elsewhere", paths->strange_traces});
    for (unsigned i = 0; i < TRACE_REFUSAL_COUNT; i++)
        visit(context,
              &(struct counter){"traceroutes", trace_refusal_text((enum trace_refusal)i), paths->traces_refused[i]});
    for (unsigned i = 0; i < IXP_REFUSAL_COUNT; i++)
        visit(context, &(struct counter){"exchanges", ixp_refusal_text((enum ixp_refusal)i), paths->ixps_refused[i]});
    visit(context, &(struct counter){"paths", "local_routes", paths->local_routes});
    visit(context, &(struct counter){"paths", "routes_of_older_tables", paths->early_routes});
    visit(context, &(struct counter){"paths", "updates_without_a_table", paths->orphan_updates});
    visit(context, &(struct counter){"paths", "updates_older_than_the_table", paths->early_updates});
    visit(context, &(struct counter){"paths", "updates_sent_by_us", paths->sent_updates});
    visit(context, &(struct counter){"paths", "updates_doubtful", paths->doubtful_updates});
    visit(context, &(struct counter){"paths", "updates_of_other_peers", paths->strange_updates});
}

static int64_t newest(const struct path_table *table)
{
    int64_t ret = 0;
    for (size_t i = 0; i < table->peer_count; i++)
        for (unsigned k = 0; k < 2; k++)
            ret = table->peers[i].feeds[k].known_sec > ret ? table->peers[i].feeds[k].known_sec : ret;
    return ret;
}

void paths_warnings(const struct paths *paths, int64_t now_sec, void (*visit)(void *context, const char *sentence),
                    void *context)
{
    char sentence[640], time[PATHS_TIME_TEXT_SIZE];
    for (size_t i = 0; i < paths->file_count; i++) {
        const struct paths_file *file = &paths->files[i];
        if (file->troubles == 0)
            continue;
        snprintf(sentence, sizeof(sentence), "%.400s: %.120s%s", file->path, file->trouble,
                 file->troubles > 1 ? ", and more like it" : "");
        visit(context, sentence);
    }
    if (paths->file_count > 0 && paths->nothing[0] != '\0' && trace_table_stats(paths->traces).traceroutes == 0)
        visit(context, paths->nothing);
    int64_t own = newest(&paths->own), upstream = newest(&paths->upstream), last = own > upstream ? own : upstream;
    if (last > 0 && now_sec > last && now_sec - last > paths->stale_after_sec) {
        paths_print_time(last, time);
        snprintf(sentence, sizeof(sentence), "path data is of %s: for packets of today it is too old", time);
        visit(context, sentence);
    }
}

size_t paths_prefixes(const struct paths *paths)
{
    return path_table_prefixes(&paths->own) + path_table_prefixes(&paths->upstream);
}

size_t paths_memory(const struct paths *paths)
{
    return sizeof(*paths) + arena_size(paths->arena) + path_table_bytes(&paths->own) +
           path_table_bytes(&paths->upstream) + trace_table_stats(paths->traces).bytes;
}

/* ---- dump ---- */

struct dump {
    FILE *out;
    const char *file;
    void (*trouble)(void *context, const char *sentence);
    void *context;
    uint64_t troubles[TROUBLE_COUNT];
};

static void print_route(void *context, const struct mrt_route *route)
{
    const struct dump *dump = context;
    mrt_print_route(dump->out, route);
}

static void print_state(void *context, const struct mrt_state *state)
{
    const struct dump *dump = context;
    mrt_print_state(dump->out, state);
}

/** The first of each kind is told with its place, the others by their number at the end. */
static void say_trouble(void *context, const struct mrt_trouble *trouble)
{
    struct dump *dump = context;
    char sentence[640];
    if (dump->troubles[trouble->what]++ > 0 || dump->trouble == NULL)
        return;
    snprintf(sentence, sizeof(sentence), "%.400s: offset %llu: %s", dump->file, (unsigned long long)trouble->offset,
             trouble->detail ? trouble->detail : trouble_sentence(trouble->what));
    dump->trouble(dump->context, sentence);
}

static void say_others(const struct dump *dump)
{
    char sentence[640];
    for (enum trouble what = TROUBLE_NONE; what < TROUBLE_COUNT; what++) {
        if (dump->troubles[what] < 2 || dump->trouble == NULL)
            continue;
        snprintf(sentence, sizeof(sentence), "%.400s: and %llu more: %s", dump->file,
                 (unsigned long long)dump->troubles[what] - 1, trouble_sentence(what));
        dump->trouble(dump->context, sentence);
    }
}

enum status paths_dump(const char *file, FILE *out, void (*trouble)(void *context, const char *sentence), void *context,
                       struct error *error)
{
    struct dump dump = {.out = out, .file = file, .trouble = trouble, .context = context};
    struct mrt_visitor visitor = {print_route, print_state, say_trouble, &dump, NULL};
    enum status status = mrt_read(file, &visitor, error);
    say_others(&dump);
    return status;
}
