#include "scenario.h"
const struct scenario place_scenarios[1];
const size_t place_count = 0;
