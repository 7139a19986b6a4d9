/* A flow's facts outliving their inspection: one block of what is in use. */
#ifndef BORDERTAP_ENGINE_KEPT_FACTS_INTERNAL_H
#define BORDERTAP_ENGINE_KEPT_FACTS_INTERNAL_H

#include "facts.h"

/** Memory for a copy: @return @p size bytes aligned for any object, or NULL. */
typedef void *take_memory(void *context, size_t size);

/** A copy in one block, its texts behind it; NULL when there was no memory. */
struct flow_facts *facts_copy(const struct flow_facts *facts, take_memory *take, void *context);
/** The same from malloc(): free() it. */
struct flow_facts *facts_copy_new(const struct flow_facts *facts);

#endif
