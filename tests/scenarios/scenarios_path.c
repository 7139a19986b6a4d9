#include "scenario.h"
const struct scenario path_scenarios[1];
const size_t path_count = 0;
