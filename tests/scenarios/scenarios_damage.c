#include "scenario.h"
const struct scenario damage_scenarios[1];
const size_t damage_count = 0;
