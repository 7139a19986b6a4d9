#include "source_report_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct source_report *report)
{
    if (report->damage_count < report->damage_room)
        return true;
    size_t room = report->damage_room ? report->damage_room * 2 : 8;
    struct source_damage *grown = realloc(report->damages, room * sizeof(*grown));
    if (grown == NULL)
        return false;
    report->damages = grown;
    report->damage_room = room;
    return true;
}

static bool keep(struct source_report *report, uint64_t offset, const char *text)
{
    struct reported_file *file = report->file;
    if (report->damage_count >= DAMAGES_MAX || file->damages >= DAMAGES_FILE_MAX || !make_room(report))
        return false;
    size_t text_size = strlen(text) + 1, path_size = strlen(file->path) + 1;
    char *kept = malloc(text_size + path_size);
    if (kept == NULL)
        return false;
    memcpy(kept, text, text_size);
    memcpy(kept + text_size, file->path, path_size);
    struct source_damage *damage = &report->damages[report->damage_count++];
    damage->text = kept;
    damage->file = kept + text_size;
    damage->offset = offset;
    file->damages++;
    return true;
}

void report_damage(struct source_report *report, uint64_t offset, const char *format, ...)
{
    char text[DAMAGE_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    report->counts.damages++;
    if (!keep(report, offset, text))
        report->counts.damages_not_kept++;
}

const char *source_damage_place(const struct source_damage *damage, char ret[static SOURCE_PLACE_SIZE])
{
    ret[0] = '\0';
    if (damage->offset > 0)
        snprintf(ret, SOURCE_PLACE_SIZE, ": offset %" PRIu64 ":", damage->offset);
    return ret;
}

void report_link_type(struct source_report *report, uint16_t link_type)
{
    size_t i = report->link_last;
    if (i >= report->link_count || report->links[i].link_type != link_type)
        for (i = 0; i < report->link_count && report->links[i].link_type != link_type;)
            i++;
    if (i == LINK_TYPES_MAX)
        return;
    if (i == report->link_count)
        report->links[report->link_count++] = (struct link_packets){link_type, 0};
    report->links[i].packets++;
    report->link_last = i;
}

uint16_t report_interface(struct source_report *report)
{
    if (report->counts.interfaces > UINT16_MAX) {
        report->counts.interfaces_beyond_max++;
        return UINT16_MAX;
    }
    return (uint16_t)report->counts.interfaces++;
}

void report_rewind(struct source_report *report, size_t damage_count)
{
    while (report->damage_count > damage_count) /* ours; only the public shape shows them as constant */
        free((void *)(uintptr_t)report->damages[--report->damage_count].text);
}

void report_clear(struct source_report *report)
{
    report_rewind(report, 0);
    free(report->damages);
    *report = (struct source_report){0};
}
