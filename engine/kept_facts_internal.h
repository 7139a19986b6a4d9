/* A flow's facts outliving their inspection, for the flow record at its end: one block of what is in use. */
#ifndef BORDERTAP_ENGINE_KEPT_FACTS_INTERNAL_H
#define BORDERTAP_ENGINE_KEPT_FACTS_INTERNAL_H

#include "facts.h"

/** A copy with its texts behind it; free() it. NULL when memory ran out. */
struct flow_facts *facts_copy(const struct flow_facts *facts);

#endif
