/* Runs of the engine in which data are exchanged: a small catalogue that tests write, packets that they make, and the
 * records that came out. */
#ifndef BORDERTAP_TESTS_ENGINE_SMALL_RUN_H
#define BORDERTAP_TESTS_ENGINE_SMALL_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"

/** What a run has loaded. */
struct small_data {
    struct catalog *catalog;
    struct geo *geo;
    struct policy_set *policies;
};

/** A folder for the test's files. */
void small_begin(void);
void small_end(void);
/** Path of @p name in it; good until the fourth call after this. */
const char *small_path(const char *name);
void small_write(const char *name, const char *text);

/** Catalogue and policies of a folder, databases of another. */
struct small_data small_load(const char *catalog, const char *geo);
struct engine_data small_borrow(const struct small_data *data);
void small_unload(struct small_data *data);

/** A product "agent" of the vendor "maker" in RU, known by what is under @p zone, and "us-kaspersky", which flags the
 * countries in @p codes. @param id of the product. */
void small_write_catalog(const char *id, const char *zone, const char *codes);

/** A capture: frames follow, each @p ms later than the one before. */
void small_capture_begin(const char *name);
/** The @p turn -th HTTP request, from 0 on, from 10.0.0.1:@p port to @p server. @param host NULL: bytes that are no
 * HTTP. */
void small_capture_request(unsigned ms, unsigned port, unsigned turn, const char *server, const char *host);
/** A whole answer of @p server to it, later by nothing. */
void small_capture_answer(unsigned port, unsigned turn, const char *server);
void small_capture_end(void);

/** Called between batches as should_stop(); for a test to call engine_at_rest() in. */
struct small_run {
    const char *capture;
    unsigned workers;
    bool flows;
    void (*between)(struct small_run *run);
    void *context;
    /* Of the run. */
    struct engine *engine;
    unsigned batches;
};

/** Reads a capture. @return all its records, for the caller to free. */
char *small_read(struct small_run *run, const struct small_data *data);
/** How often @p word stands in @p text. */
unsigned small_count(const char *text, const char *word);

#endif
