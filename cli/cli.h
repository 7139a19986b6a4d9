/*
 * What the subcommands share: options, where things are found, and how trouble is said. One file per subcommand.
 */
#ifndef BORDERTAP_CLI_CLI_H
#define BORDERTAP_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/engine.h"
#include "geo/live.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* the run failed, or some input was damaged */
    EXIT_USAGE = 2,
    EXIT_FINDING = 3, /* a finding at or above --fail-on */
};

enum { LIST_MAX = 64 };

struct yaml_file;

struct string_list {
    const char *items[LIST_MAX];
    size_t count;
};

struct options {
    const char *home_net, *flag, *catalog, *format, *sensor, *sensor_pos, *config, *rib_peer, *trace_from, *filter,
        *metrics, *store, *user;
    const char *host, *product, *owner, *reason, *until; /* of `findings` */
    struct string_list policies, geo, paths, outputs, interfaces, no_sandbox;
    enum severity min_severity, fail_on, severity; /* SEVERITY_NONE: not given */
    unsigned long max_flows, workers, upstream_asn, ring_mib;
    bool flows, health, accepted, all, withdraw, quiet, help, check;
    unsigned verbose;
    int argument_count; /* what is left: files, names, addresses */
    char **arguments;
    struct yaml_file *config_file; /* options point into it */
    char *copies[LIST_MAX];        /* of comma lists, which options point into */
    size_t copy_count;
};

/** Parses argv behind the subcommand, then the file of -c for what the command line left open. @return false after
 * saying why; options_clear() @p ret in either case. */
bool options_parse(int argc, char **argv, struct options *ret);
void options_clear(struct options *options);
void options_print(FILE *stream); /* the table, for --help */

/** "bordertap: ..." on stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** A line on the terminal behind standard error that the next one replaces, or what is complained of; "": none. */
void show_line(const char *line);

/** What came from outside, with every byte that could steer a terminal escaped. */
void put_safely(const char *text, FILE *stream);

/** Catalogue directory: --catalog, $BORDERTAP_CATALOG, beside the program, or as installed. Lives for ever. */
const char *catalog_directory(const struct options *options);
/** Where the databases are kept ready for the next start; NULL: nowhere. Lives for ever. */
const char *cache_folder(void);
/** Everything loaded for judging. Opened together, closed together. */
struct loaded {
    struct catalog *catalog;
    struct paths *paths; /* NULL: none asked for */
    struct geo_live *live;
    const struct geo *geo; /* held of it, not NULL */
    struct policy_set *policies;
    struct home_nets *home_nets;
    struct sensor_place *sensor_place; /* NULL: --sensor-pos is not given */
};
/** @return EXIT_DONE; else after saying why, with @p ret empty: EXIT_USAGE when an option is wrong, EXIT_FAILED when
 * data cannot be read. */
int load_all(struct options *options, struct loaded *ret);
/** The path data alone, also when none is asked for. @return as load_all(). */
int load_paths(const struct options *options, struct paths **ret);
void unload_all(struct loaded *loaded);
/** One part of load_all(), nothing said. */
enum status load_policies(const struct options *options, struct policy_set **ret, struct error *error);
enum status open_paths(const struct options *options, const struct home_nets *home_nets,
                       const struct sensor_place *sensor, struct paths **ret, struct error *error);
struct engine_options engine_options_of(const struct options *options, const struct loaded *loaded);

/** Opens standard output and every --output. @return EXIT_DONE; else after saying why: EXIT_USAGE when a URL or format
 * is wrong, EXIT_FAILED when its place cannot be opened. */
int open_feeds(const struct options *options, struct feed **feeds, size_t room, size_t *ret_count);
/** @return false after saying what could not be written. */
bool close_feeds(struct feed **feeds, size_t count);

/** Says on standard error how many packets have a link type that cannot be decoded, if any. */
void name_unread(const struct source *source);
/** For engine_refusals(): says it on standard error. */
void say_refusal(void *context, const char *reason, uint64_t packet_number);

int cmd_read(struct options *options);
int cmd_watch(struct options *options);
int cmd_lookup(struct options *options);
int cmd_explain(struct options *options);
int cmd_catalog(struct options *options);
int cmd_findings(struct options *options);
int cmd_policy(struct options *options);
int cmd_paths(struct options *options);
int cmd_geo(struct options *options);
int cmd_version(struct options *options);

#endif
