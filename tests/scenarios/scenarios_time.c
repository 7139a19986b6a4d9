#include "scenario.h"
const struct scenario time_scenarios[1];
const size_t time_count = 0;
