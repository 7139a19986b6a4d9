#include "engine/sensor_health_internal.h"

#include <stdlib.h>
#include <string.h>

#include "alerts/health.h"
#include "text.h"

struct sensor_health {
    const struct engine_options *options;
    struct health *health;
    uint64_t packet_steps, clock_steps; /* as of the last sample */
    int64_t offset_ns;                  /* between the caller's two clocks */
    bool has_offset;
};

enum status sensor_health_new(const struct engine_options *options, struct sensor_health **ret, struct error *error)
{
    struct sensor_health *h = calloc(1, sizeof(*h));
    if (h == NULL || health_new(options->sensor, &h->health) != STATUS_OK) {
        free(h);
        return error_set(error, STATUS_NO_MEMORY, "the engine: out of memory");
    }
    h->options = options;
    *ret = h;
    return STATUS_OK;
}

void sensor_health_free(struct sensor_health *h)
{
    if (h == NULL)
        return;
    health_free(h->health);
    free(h);
}

/* Files of one database count as one, as old as the oldest. */
static void add_database(struct run_sample *s, const struct geo_database *database)
{
    char name[SAMPLE_NAME_SIZE];
    text_copy(text_of(database->name), name, sizeof(name));
    for (uint32_t i = 0; i < s->database_count; i++)
        if (strcmp(s->databases[i].name, name) == 0) {
            if (database->built_sec < s->databases[i].built_sec)
                s->databases[i].built_sec = database->built_sec;
            return;
        }
    if (s->database_count == SAMPLE_DATA_MAX)
        return;
    struct data_sample *data = &s->databases[s->database_count++];
    memcpy(data->name, name, sizeof(name));
    data->built_sec = database->built_sec;
}

static void add_data(const struct engine_options *o, const struct geo *geo, struct run_sample *s)
{
    const struct geo_database *databases;
    struct packet_time edition;
    char day[sizeof("YYYY-MM-DD")];
    size_t count = geo_databases(geo, &databases);
    for (size_t i = 0; i < count; i++)
        if (databases[i].built_sec != 0)
            add_database(s, &databases[i]);
    text_copy(text_of("catalogue"), s->catalogue.name, sizeof(s->catalogue.name));
    text_copy(text_of(catalog_edition(o->catalog)), day, sizeof(day));
    if (packet_time_parse(day, &edition))
        s->catalogue.built_sec = packet_time_sec(edition);
}

/* A clock that was set shows in the two clocks of the caller, and in the packets' times: one step, not two. Of a file
 * there are the packets alone. */
static void note_clock(struct sensor_health *h, struct run_sample *s, bool is_whole_run)
{
    int64_t offset = s->clock_ns - s->steady_ns;
    int64_t moved = h->has_offset && !is_whole_run ? offset - h->offset_ns : 0;
    uint64_t by_packets = s->clock_steps - h->packet_steps;
    bool was_set = moved > NS_PER_SEC || moved < -NS_PER_SEC;
    h->offset_ns = offset;
    h->has_offset = true;
    h->packet_steps = s->clock_steps;
    h->clock_steps += was_set ? 1 : by_packets;
    s->clock_steps = h->clock_steps;
}

static void tell(void *context, const struct health_record *record)
{
    const struct engine_options *o = ((const struct sensor_health *)context)->options;
    for (size_t i = 0; i < o->feed_count; i++)
        feed_health(o->feeds[i], record);
}

void sensor_health_take(struct sensor_health *h, const struct geo *geo, struct run_sample *s, bool is_whole_run)
{
    const struct engine_options *o = h->options;
    add_data(o, geo, s);
    for (size_t i = 0; i < o->feed_count && s->feed_count < SAMPLE_FEEDS_MAX; i++)
        feed_look(o->feeds[i], &s->feeds[s->feed_count++]);
    if (s->packets == 0 && s->time.ns == 0)
        s->time.ns = s->clock_ns;
    note_clock(h, s, is_whole_run);
    if (is_whole_run)
        health_take_whole(h->health, s, tell, h);
    else
        health_take(h->health, s, tell, h);
    s->raised = health_raised(h->health);
}
