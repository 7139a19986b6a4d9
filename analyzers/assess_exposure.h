/* The exposure class of a flow from its facts alone; classes and order in design section 4. */
#ifndef BORDERTAP_ANALYZERS_ASSESS_EXPOSURE_H
#define BORDERTAP_ANALYZERS_ASSESS_EXPOSURE_H

#include "catalog.h"
#include "exposure.h"
#include "facts.h"

/**
 * @param facts NULL when the flow was not inspected.
 * @param flagged countries of concern of the policies in force, for state-run authorities; @p flagged_count of them.
 * @param ret always filled. Any thread.
 */
void assess_exposure(const struct catalog *catalog, const struct flow_facts *facts, const struct country *flagged,
                     size_t flagged_count, struct exposure *ret);

#endif
