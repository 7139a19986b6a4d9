/* A finding as a ledger gives it, and a store in a folder of the test's own. */
#ifndef BORDERTAP_TESTS_STORE_SAMPLE_STORE_H
#define BORDERTAP_TESTS_STORE_SAMPLE_STORE_H

#include "store.h"

#define SAMPLE_ID "f-8b219c79df7108ea"
#define SAMPLE_RECORD                                                                                                  \
    "{\"type\":\"finding\",\"event_id\":\"f-8b219c79df7108ea-1\",\"action\":\"opened\",\"summary\":\"it talks\"}"

/** Fills @p ret; its lists are constant. */
void sample_kept(struct kept_finding *ret);
struct store_news sample_news(const char *json);
/** A path in a fresh folder, removed by sample_folder_clear(). */
const char *sample_path(void);
void sample_folder_clear(void);
/** Opens sample_path(); the test fails when that fails. */
struct store *sample_open(enum store_access access);
/** One transaction with one finding. */
void sample_put(struct store *store, const struct kept_finding *kept, const struct store_news *news);

#endif
