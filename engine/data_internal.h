/* Options with newer data. */
#ifndef BORDERTAP_ENGINE_DATA_INTERNAL_H
#define BORDERTAP_ENGINE_DATA_INTERNAL_H

#include "engine/engine.h"

static inline void options_use(struct engine_options *options, const struct engine_data *data)
{
    options->catalog = data->catalog;
    options->geo = data->geo;
    options->paths = data->paths;
    options->policies = data->policies;
}

#endif
