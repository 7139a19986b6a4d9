/* What a round trip takes out of the claims about a place. */
#include <stdio.h>
#include <string.h>

#include "distance/distance.h"

struct codes {
    char text[AXIS_COUNTRIES_MAX * 4];
    unsigned count;
};

static void add_code(struct codes *codes, struct country country)
{
    size_t used = strlen(codes->text);
    snprintf(codes->text + used, sizeof(codes->text) - used, "%s%s", codes->count > 0 ? " " : "", country.code);
    codes->count++;
}

static void add_reason(struct axis_judgement *location, const struct codes *codes, const char *what, uint32_t us)
{
    size_t used = strlen(location->reason);
    snprintf(location->reason + used, sizeof(location->reason) - used, "; %s %s (%u.%u ms)", codes->text, what,
             us / 1000, us / 100 % 10);
}

static unsigned sources_naming(const struct axis_judgement *location, struct country country)
{
    unsigned count = 0;
    for (unsigned i = 0; i < location->source_count; i++)
        count += country_equal(location->sources[i].country, country);
    return count;
}

void rtt_refute(const struct sensor_place *place, uint32_t us, struct axis_judgement *location)
{
    struct codes refuted = {.count = 0}, doubtful = {.count = 0};
    unsigned kept = 0;
    if (location->country_count == 0)
        return;
    for (unsigned i = 0; i < location->country_count; i++) {
        enum rtt_exclusion exclusion =
            rtt_excludes(&place->position, &place->distances, location->countries[i], (int64_t)us * 1000, 0);
        if (exclusion == RTT_EXCLUDES_IN_VACUUM) {
            add_code(&refuted, location->countries[i]);
            continue;
        }
        if (exclusion == RTT_EXCLUDES_IN_FIBRE)
            add_code(&doubtful, location->countries[i]);
        location->countries[kept++] = location->countries[i];
    }
    location->country_count = (uint8_t)kept;
    if (kept == 0) {
        location->status = AXIS_UNKNOWN;
        snprintf(location->reason, sizeof(location->reason), "all claims refuted by RTT: %u.%u ms, %s is farther away",
                 us / 1000, us / 100 % 10, refuted.text);
        return;
    }
    if (refuted.count > 0) {
        add_reason(location, &refuted, "refuted by RTT", us);
        if (kept == 1)
            location->status = sources_naming(location, location->countries[0]) > 1 ? AXIS_AGREED : AXIS_SINGLE_SOURCE;
    }
    if (doubtful.count > 0) {
        add_reason(location, &doubtful, "too far for this RTT in fibre", us);
        location->status = AXIS_CONTESTED;
    }
}
