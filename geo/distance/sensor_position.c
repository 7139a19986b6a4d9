#include <math.h>
#include <stdbool.h>

#include "distance/distance.h"

/* Plain decimals only, by hand: strtod() knows exponents, hexadecimals and "nan", and follows the locale. @return what
 * stands behind the number, NULL when there is none. */
static const char *read_decimal(const char *at, double *ret)
{
    bool is_negative = *at == '-', has_digits = false;
    double value = 0, unit = 1;
    for (at += is_negative; *at >= '0' && *at <= '9'; at++, has_digits = true)
        value = value * 10 + (*at - '0');
    if (!has_digits)
        return NULL;
    if (*at == '.') {
        has_digits = false;
        for (at++; *at >= '0' && *at <= '9'; at++, has_digits = true)
            value += (*at - '0') * (unit /= 10);
    }
    *ret = is_negative ? -value : value;
    return has_digits ? at : NULL;
}

enum status sensor_position_parse(const char *text, struct sensor_position *ret, struct error *error)
{
    static const struct {
        const char *name;
        double low, high;
        char end;
    } parts[] = {{"latitude", -90, 90, ','}, {"longitude", -180, 180, ','}, {"radius", 0, 20038, '\0'}};
    double values[3];
    const char *at = text;
    for (int i = 0; i < 3; i++) {
        at = read_decimal(at, &values[i]);
        if (at == NULL || *at != parts[i].end)
            return error_set(error, STATUS_INVALID,
                             "'%.64s' is no position; write latitude, longitude and how exactly you know them in km, "
                             "as in 50.11,8.68,5",
                             text);
        if (!(values[i] >= parts[i].low && values[i] <= parts[i].high))
            return error_set(error, STATUS_INVALID, "'%.64s': a %s is a number from %.0f to %.0f", text, parts[i].name,
                             parts[i].low, parts[i].high);
        at++;
    }
    *ret = (struct sensor_position){.lat = values[0], .lon = values[1], .radius_km = values[2]};
    return STATUS_OK;
}
