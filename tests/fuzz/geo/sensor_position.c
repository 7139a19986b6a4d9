/* Any text as a sensor's position: refused with a sentence, or within its ranges. */
#include <stdlib.h>
#include <string.h>

#include "distance/distance.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sensor_position p;
    struct error error = {""};
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (sensor_position_parse(text, &p, &error) != STATUS_OK) {
        if (error.text[0] == '\0')
            abort();
    } else if (!(p.lat >= -90 && p.lat <= 90 && p.lon >= -180 && p.lon <= 180 && p.radius_km >= 0)) {
        abort();
    }
    free(text);
    return 0;
}
