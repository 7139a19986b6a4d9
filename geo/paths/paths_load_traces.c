/* Files beside routing tables: traceroutes from this site, and the peering networks of exchanges. */
#include <stdlib.h>
#include <string.h>

#include "geo.h"
#include "paths/paths_internal.h"
#include "text_file_internal.h"

struct loading {
    struct paths *paths;
    struct paths_file *file;
    uint64_t strange; /* traceroutes of other sites */
    bool has_no_memory;
};

/** Of an unknown or private source we know no better than who gave us the file. */
static bool is_from_here(const struct paths *paths, const struct ip_address *source)
{
    if (geo_special_range(source) != NULL || (paths->is_home != NULL && paths->is_home(paths->home, source)))
        return true;
    for (size_t i = 0; i < paths->trace_from_count; i++)
        if (ip_equal(&paths->trace_from[i], source))
            return true;
    return false;
}

static void on_trace(void *context, const struct traceroute *trace)
{
    struct loading *l = context;
    struct traceroute kept = *trace;
    if (!is_from_here(l->paths, &trace->source)) {
        l->strange++;
        return;
    }
    kept.file = l->file->path;
    enum status status = trace_table_add(l->paths->traces, &kept);
    l->has_no_memory |= status == STATUS_NO_MEMORY;
    l->file->used += status == STATUS_OK;
    if (trace->start_sec > l->file->time_sec)
        l->file->time_sec = trace->start_sec;
}

/** Sentences begin with the file, which is told beside them. */
static void note_trouble(struct loading *l, const struct error *error, uint64_t count)
{
    size_t length = strlen(l->file->path);
    bool names_file = strncmp(error->text, l->file->path, length) == 0 && strncmp(error->text + length, ": ", 2) == 0;
    const char *sentence = error->text + (names_file ? length + 2 : 0);
    l->file->troubles = count;
    l->file->trouble = arena_copy(l->paths->arena, sentence, strlen(sentence));
}

static enum status load_traceroutes(struct loading *l, struct text content, struct error *error)
{
    struct trace_report report;
    uint64_t refused = 0;
    enum status status = traceroute_read_bytes(l->file->path, content, on_trace, l, &report, error);
    if (status == STATUS_UNSUPPORTED && report.kind == TRACE_UNKNOWN)
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: no path data: neither a routing table (MRT), nor a traceroute, nor a list of exchanges "
                         "(PeeringDB)",
                         l->file->path);
    if (l->has_no_memory)
        return error_set(error, STATUS_NO_MEMORY, "%s: no memory for its traceroutes", l->file->path);
    if (status != STATUS_OK && status != STATUS_TRUNCATED)
        return status;
    for (unsigned i = 0; i < TRACE_REFUSAL_COUNT; i++) {
        refused += report.refused[i];
        l->paths->traces_refused[i] += report.refused[i];
    }
    if (status == STATUS_TRUNCATED)
        note_trouble(l, error, refused > 0 ? refused : 1);
    l->file->kind = "traceroutes";
    l->paths->strange_traces += l->strange;
    l->file->use =
        l->strange == 0
            ? arena_print(l->paths->arena, "%llu traceroute%s", (unsigned long long)l->file->used,
                          l->file->used == 1 ? "" : "s")
            : arena_print(l->paths->arena,
                          "%llu of %llu traceroutes, the others are of another site: --trace-from names "
                          "addresses of this one",
                          (unsigned long long)l->file->used, (unsigned long long)(l->file->used + l->strange));
    return STATUS_OK;
}

static enum status load_exchanges(struct loading *l, struct text content, struct error *error)
{
    struct ixp_report report;
    struct ixp_table *ixps;
    uint64_t refused = 0;
    if (l->paths->ixps != NULL)
        return error_set(error, STATUS_INVALID, "%s: a second list of exchanges; give one", l->file->path);
    enum status status = ixp_table_read_bytes(l->file->path, content, &ixps, &report, error);
    if (status != STATUS_OK && status != STATUS_TRUNCATED)
        return status;
    for (unsigned i = 0; i < IXP_REFUSAL_COUNT; i++) {
        refused += report.refused[i];
        l->paths->ixps_refused[i] += report.refused[i];
    }
    if (status == STATUS_TRUNCATED)
        note_trouble(l, error, refused > 0 ? refused : 1);
    l->paths->ixps = ixps;
    l->file->kind = "exchanges";
    l->file->prefixes = l->file->used = report.prefixes;
    l->file->use = "peering networks of exchanges: their addresses are no carrier's";
    return STATUS_OK;
}

enum status paths_load_traces(struct paths *paths, struct paths_file *file, struct error *error)
{
    struct loading l = {.paths = paths, .file = file};
    struct text_file content;
    enum status status = text_file_open(file->path, &content, error);
    if (status != STATUS_OK)
        return status;
    status =
        ixp_is_dump(content.text) ? load_exchanges(&l, content.text, error) : load_traceroutes(&l, content.text, error);
    text_file_close(&content);
    paths_print_time(file->time_sec, paths->file_times[file - paths->files]);
    return status;
}
