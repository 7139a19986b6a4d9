/* How `findings` prints what a store holds. */
#ifndef BORDERTAP_CLI_FINDINGS_INTERNAL_H
#define BORDERTAP_CLI_FINDINGS_INTERNAL_H

#include "cli/cli.h"
#include "store/store.h"

void findings_list_text(struct store *store, const struct store_filter *filter);
void findings_list_json(struct store *store, const struct store_filter *filter);
/** @return false when there is none. */
bool findings_show_text(const struct options *options, struct store *store, const char *id);
bool findings_show_json(struct store *store, const char *id);

#endif
