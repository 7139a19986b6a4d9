#include "scenario.h"
const struct scenario lookalike_scenarios[1];
const size_t lookalike_count = 0;
