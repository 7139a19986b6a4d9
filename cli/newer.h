/* Newer catalogue, policies, databases and paths: what was loaded beside those in force, and after the exchange what
 * was in force before. One thread at a time. */
#ifndef BORDERTAP_CLI_NEWER_H
#define BORDERTAP_CLI_NEWER_H

#include "cli/cli.h"

enum data_kind { DATA_CATALOG, DATA_POLICIES, DATA_GEO, DATA_PATHS, DATA_KINDS };

struct newer {
    bool wanted[DATA_KINDS];
    enum status status[DATA_KINDS]; /* of the wanted ones */
    struct error errors[DATA_KINDS];
    /* Owned; NULL: not wanted, or refused. */
    struct catalog *catalog;
    struct policy_set *policies;
    const struct geo *geo; /* held of loaded->live */
    struct paths *paths;
};

/** Loads what is wanted; what does not check, is damaged or implausible is refused. */
void newer_load(struct newer *newer, const struct options *options, const struct loaded *loaded);
/** Says of each that was refused why, and that what is loaded stays. */
void newer_say_refused(const struct newer *newer);
bool newer_is_empty(const struct newer *newer);
/** What is to be in force: what is newer, and of the rest what is loaded. */
struct engine_data newer_data(const struct newer *newer, const struct loaded *loaded);
/** The newer ones become the loaded ones, and those are to be cleared. */
void newer_exchange(struct newer *newer, struct loaded *loaded);
/** After the exchange: says what was taken, with its edition. */
void newer_say_taken(const struct newer *newer, const struct loaded *loaded);
/** Gives all of it back, and nothing is wanted. */
void newer_clear(struct newer *newer, struct geo_live *live);

#endif
