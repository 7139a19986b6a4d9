/*
 * Many files as one stream of packets. Each is looked at once for the time of its first packet, then waits closed until
 * the merge reaches that time: files of a rotation are open one after the other, whatever their number. The file that
 * is being read goes on without a look at the queue's inside as long as its packets are before the queue's first.
 */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include "source_input_internal.h"
#include "source_queue_internal.h"

enum {
    HELD_OPEN_MAX = 16, /* runs of up to so many files keep them and their descriptors open from the start */
};

struct source {
    struct input *current;   /* is read from, and not in the queue; these are hot */
    struct queue_entry next; /* the queue's first; time INT64_MAX and the largest index when it is empty */
    struct source_report report;
    struct queue queue;
    struct input *inputs;
    size_t input_count;
    struct path_list paths;
    bool holds_open;
};

static const struct queue_entry queue_end = {{INT64_MAX}, UINT32_MAX};

static uint32_t index_of(const struct source *source, const struct input *input)
{
    return (uint32_t)(input - source->inputs);
}

static void enqueue(struct source *source, const struct input *input, struct packet_time time)
{
    queue_push(&source->queue, (struct queue_entry){time, index_of(source, input)});
    source->next = source->queue.entries[0];
}

/* What is no capture in a directory is only counted; any other refusal is told. @p first keeps the first. */
static void note_refusal(struct source *source, struct input *input, bool is_capture, enum status status,
                         const struct error *why, struct refusal *first)
{
    if (!is_capture && !input->path->is_named) {
        source->report.counts.files_skipped++;
        return;
    }
    source->report.file = &input->reported;
    report_damage(&source->report, 0, "%s: %s", is_capture ? "cannot be read" : "is no capture file", why->text);
    if (first->status != STATUS_OK)
        return;
    const char *name = strcmp(input->path->path, "-") == 0 ? "standard input" : input->path->path;
    first->status = is_capture ? error_set(&first->error, status, "cannot read %s: %s", name, why->text)
                               : error_set(&first->error, status, "%s is no capture file: %s", name, why->text);
}

static bool open_input(struct source *source, struct input *input, struct refusal *first)
{
    struct error why = {""};
    bool is_capture;
    enum status status = input_open(input, source->holds_open, &source->report, &is_capture, &why);
    if (status == STATUS_OK)
        source->report.counts.files_read++;
    else
        note_refusal(source, input, is_capture, status, &why, first);
    return status == STATUS_OK;
}

/* @return whether there is a packet; the input is closed if not. */
static bool fetch_head(struct source *source, struct input *input)
{
    if (input_fetch(input, &source->report, &input->head))
        return true;
    input_close(input);
    return false;
}

/* The first look at a file, which is closed again when there are many. @return whether it is a capture. */
static bool peek(struct source *source, struct input *input, struct refusal *first)
{
    struct source_counts counts = source->report.counts;
    size_t damages = source->report.damage_count;
    if (!open_input(source, input, first))
        return false;
    if (!fetch_head(source, input))
        return true;
    enqueue(source, input, input->head.time);
    if (source->holds_open || input->path->is_stream)
        return true;
    input_close(input); /* and is as if it had never been open */
    report_rewind(&source->report, damages);
    source->report.counts = counts;
    input->last_time.ns = INT64_MIN;
    input->reported.damages = 0;
    input->stored_read = 0;
    return true;
}

static bool make_inputs(struct source *source)
{
    size_t count = source->paths.count;
    source->inputs = calloc(count ? count : 1, sizeof(*source->inputs));
    source->queue.entries = calloc(count ? count : 1, sizeof(*source->queue.entries));
    if (source->inputs == NULL || source->queue.entries == NULL)
        return false;
    source->input_count = count;
    for (size_t i = 0; i < count; i++) {
        source->inputs[i].path = &source->paths.paths[i];
        source->inputs[i].reported.path = source->paths.paths[i].path;
        source->inputs[i].last_time.ns = INT64_MIN;
    }
    return true;
}

/* @return how many captures there are. */
static size_t open_inputs(struct source *source, struct refusal *first)
{
    size_t ret = 0;
    source->holds_open = source->input_count <= HELD_OPEN_MAX;
    if (source->input_count == 1) { /* no need to wait for its first packet: a pipe may be slow to give one */
        ret = open_input(source, &source->inputs[0], first);
        source->current = ret ? &source->inputs[0] : NULL;
        return ret;
    }
    for (size_t i = 0; i < source->input_count; i++)
        ret += peek(source, &source->inputs[i], first);
    return ret;
}

struct wish {
    bool (*is_wanted)(void *context, const char *path); /* NULL: all are */
    void *context;
};

static enum status open_paths(struct source *source, const char *const *paths, size_t count, const struct wish *wish,
                              struct refusal *first)
{
    enum status status = paths_list(paths, count, &source->paths, &source->report, first);
    if (status != STATUS_OK)
        return status;
    uint64_t *passed_over = &source->report.counts.files_passed_over;
    if (wish->is_wanted != NULL)
        *passed_over = paths_pass_over(&source->paths, wish->is_wanted, wish->context);
    if (!make_inputs(source))
        return error_set(&first->error, STATUS_NO_MEMORY,
                         "out of memory while opening capture files; name fewer of them");
    if (open_inputs(source, first) > 0 || *passed_over > 0)
        return STATUS_OK;
    if (first->status != STATUS_OK)
        return first->status;
    return error_set(&first->error, STATUS_INVALID,
                     "no capture file among the %zu files in %s; name a file or a directory with captures in it",
                     source->input_count, count > 0 ? paths[0] : "an empty list");
}

static enum status open_some(const char *const *paths, size_t count, const struct wish *wish, struct source **ret,
                             struct error *error)
{
    struct refusal first = {STATUS_OK, {""}};
    struct source *source = calloc(1, sizeof(*source));
    if (source == NULL)
        return error_set(error, STATUS_NO_MEMORY, "out of memory while opening capture files");
    source->next = queue_end;
    enum status status = open_paths(source, paths, count, wish, &first);
    if (status != STATUS_OK) {
        source_close(source);
        return error_set(error, status, "%s", first.error.text);
    }
    *ret = source;
    return STATUS_OK;
}

enum status source_open(const char *const *paths, size_t count, struct source **ret, struct error *error)
{
    return open_some(paths, count, &(struct wish){NULL, NULL}, ret, error);
}

enum status source_open_wanted(const char *const *paths, size_t count,
                               bool (*is_wanted)(void *context, const char *path), void *context, struct source **ret,
                               struct error *error)
{
    return open_some(paths, count, &(struct wish){is_wanted, context}, ret, error);
}

/* Opens a file again that was closed after the first look. @return whether it still has a packet. */
static bool open_again(struct source *source, struct input *input)
{
    struct refusal unused = {STATUS_OK, {""}};
    return open_input(source, input, &unused) && fetch_head(source, input);
}

/* Takes the queue's first file as the current one, with its head fetched. @return false when nothing is left. */
static bool take_next_input(struct source *source)
{
    while (source->queue.count > 0) {
        struct queue_entry entry = queue_pop(&source->queue);
        struct input *input = &source->inputs[entry.index];
        source->next = source->queue.count > 0 ? source->queue.entries[0] : queue_end;
        if (input->format == NULL && !open_again(source, input))
            continue;
        entry.time = input->head.time; /* another one when the file changed since the first look */
        if (queue_entry_before(entry, source->next)) {
            source->current = input;
            return true;
        }
        enqueue(source, input, entry.time);
    }
    return false;
}

static enum status deliver(struct source *source, struct packet *ret)
{
    ret->number = ++source->report.counts.packets;
    source->report.counts.bytes_captured += ret->captured_len;
    source->report.counts.packets_captured_short += ret->captured_len < ret->wire_len;
    report_link_type(&source->report, ret->link_type);
    return STATUS_OK;
}

/* The current file has ended, or another's packet comes before its next one, which is in its head. */
static enum status next_of_queue(struct source *source, struct packet *ret)
{
    if (!take_next_input(source))
        return STATUS_END;
    *ret = source->current->head;
    return deliver(source, ret);
}

enum status source_next(struct source *source, struct packet *ret)
{
    struct input *input = source->current;
    if (input == NULL)
        return next_of_queue(source, ret);
    if (!input_fetch(input, &source->report, ret)) {
        input_close(input);
        source->current = NULL;
        return next_of_queue(source, ret);
    }
    if (packet_time_before(ret->time, source->next.time))
        return deliver(source, ret);
    struct queue_entry entry = {ret->time, index_of(source, input)};
    if (queue_entry_before(entry, source->next))
        return deliver(source, ret);
    input->head = *ret;
    source->current = NULL;
    enqueue(source, input, entry.time);
    return next_of_queue(source, ret);
}

void source_progress(const struct source *source, uint64_t *ret_read, uint64_t *ret_total)
{
    uint64_t read = 0, total = 0;
    bool is_total_known = true;
    for (size_t i = 0; i < source->input_count; i++) {
        const struct input *input = &source->inputs[i];
        read += input_stored_read(input);
        total += input->path->size;
        is_total_known &= !input->path->is_stream;
    }
    *ret_read = read;
    *ret_total = is_total_known ? total : 0;
}

const struct source_damage *source_damages(const struct source *source, size_t *ret_count)
{
    *ret_count = source->report.damage_count;
    return source->report.damages;
}

void source_link_types(const struct source *source, link_type_visit *visit, void *context)
{
    for (size_t i = 0; i < source->report.link_count; i++)
        visit(context, source->report.links[i].link_type, source->report.links[i].packets);
}

void source_count(const struct source *source, counter_visit *visit, void *context)
{
    const struct source_counts *c = &source->report.counts;
    const struct counter counters[] = {
        {"source", "packets", c->packets},
        {"source", "bytes_captured", c->bytes_captured},
        {"source", "packets_captured_short", c->packets_captured_short},
        {"source", "files_read", c->files_read},
        {"source", "files_skipped", c->files_skipped},
        {"source", "files_passed_over", c->files_passed_over},
        {"source", "files_seen_twice", c->files_seen_twice},
        {"source", "files_refused", c->files_refused},
        {"source", "damages", c->damages},
        {"source", "damages_not_kept", c->damages_not_kept},
        {"source", "captured_beyond_wire", c->captured_beyond_wire},
        {"source", "packets_back_in_time", c->packets_back_in_time},
        {"source", "timestamps_clipped", c->timestamps_clipped},
        {"source", "packets_without_time", c->packets_without_time},
        {"source", "blocks_skipped", c->blocks_skipped},
        {"source", "blocks_damaged", c->blocks_damaged},
        {"source", "interfaces", c->interfaces},
        {"source", "interfaces_beyond_max", c->interfaces_beyond_max},
    };
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        visit(context, &counters[i]);
}

void source_close(struct source *source)
{
    if (source == NULL)
        return;
    for (size_t i = 0; i < source->input_count; i++)
        input_close(&source->inputs[i]);
    free(source->inputs);
    free(source->queue.entries);
    paths_clear(&source->paths);
    report_clear(&source->report);
    free(source);
}
