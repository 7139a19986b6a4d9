/*
 * Could a party on the path, or the holder of the server's key, read or alter the content? From the
 * handshake alone. Classes are ordered worst first; design section 4.
 */
#ifndef BORDERTAP_EXPOSURE_H
#define BORDERTAP_EXPOSURE_H

#include <stdbool.h>

enum exposure_class {
    EXPOSURE_CLEARTEXT,
    EXPOSURE_KEY_RECOVERABLE,
    EXPOSURE_INTERCEPTABLE,
    EXPOSURE_HARVESTABLE,
    EXPOSURE_QUANTUM_SAFE,
    EXPOSURE_UNKNOWN,
};

/** "cleartext", "key-recoverable" ...; constant. */
const char *exposure_class_text(enum exposure_class c);

struct exposure {
    enum exposure_class class_;
    char reason[160];                                /* one sentence fragment, never empty */
    bool is_resumed, has_early_data, name_is_hidden; /* recorded beside the class */
    bool content_alterable;                          /* cleartext, or broken protocol */
};

/** The quotable sentence: "yes", "later, with the server's key", "no, as far as known today", or
 *  "unknown: <reason>". @return @p room-bounded text in @p ret. */
const char *exposure_readable_in_transit(const struct exposure *e, char *ret, unsigned room);

#endif
