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

static bool has_voice_before(const struct axis_judgement *location, unsigned until, const struct axis_source *source)
{
    for (unsigned i = 0; i < until; i++)
        if (country_equal(location->sources[i].country, source->country) &&
            location->sources[i].provider == source->provider)
            return true;
    return false;
}

/* Distinct ones, however many files they made. */
static unsigned providers_naming(const struct axis_judgement *location, struct country country)
{
    unsigned count = 0;
    for (unsigned i = 0; i < location->source_count; i++) {
        const struct axis_source *source = &location->sources[i];
        count +=
            source->provider != 0 && country_equal(source->country, country) && !has_voice_before(location, i, source);
    }
    return count;
}

static enum rtt_exclusion exclusion_of(const struct sensor_place *place, struct country country, uint32_t us)
{
    return rtt_excludes(&place->position, &place->distances, country, (int64_t)us * 1000, 0);
}

/* @return whether one is left that has a vote: there was an override above it. */
static bool refute_sources(const struct sensor_place *place, uint32_t us, struct axis_judgement *location)
{
    bool is_one_left = false;
    for (unsigned i = 0; i < location->source_count; i++) {
        struct axis_source *source = &location->sources[i];
        source->is_refuted =
            country_is_known(source->country) && exclusion_of(place, source->country, us) == RTT_EXCLUDES_IN_VACUUM;
        is_one_left |= source->provider != 0 && country_is_known(source->country) && !source->is_refuted;
    }
    return is_one_left;
}

static void refute_all(struct axis_judgement *location, const struct codes *refuted, uint32_t us, bool is_one_left)
{
    location->status = AXIS_UNKNOWN;
    snprintf(location->reason, sizeof(location->reason), "%s refuted by RTT: %u.%u ms, %s is farther away",
             is_one_left ? "the override is" : "all claims", us / 1000, us / 100 % 10, refuted->text);
}

void rtt_refute(const struct sensor_place *place, uint32_t us, struct axis_judgement *location)
{
    struct codes refuted = {.count = 0}, doubtful = {.count = 0};
    unsigned kept = 0;
    bool is_one_left = refute_sources(place, us, location);
    if (location->country_count == 0)
        return;
    for (unsigned i = 0; i < location->country_count; i++) {
        enum rtt_exclusion exclusion = exclusion_of(place, location->countries[i], us);
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
        refute_all(location, &refuted, us, is_one_left);
        return;
    }
    if (refuted.count > 0) {
        add_reason(location, &refuted, "refuted by RTT", us);
        if (kept == 1)
            location->status =
                providers_naming(location, location->countries[0]) > 1 ? AXIS_AGREED : AXIS_SINGLE_SOURCE;
    }
    if (doubtful.count > 0) {
        add_reason(location, &doubtful, "too far for this RTT in fibre", us);
        location->status = AXIS_CONTESTED;
    }
}
