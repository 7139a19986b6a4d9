#include <stdio.h>
#include <string.h>

#include "analyzers/inspect.h"
#include "cli/cli.h"
#include "cli/metrics_server.h"
#include "cli/sandbox.h"
#include "geo/paths/paths.h"
#include "packet_time.h"
#include "store/store.h"
#include "yaml_reader.h"

static void print_library(void *context, const char *name, const char *version)
{
    (void)context;
    printf("  %-14s %s\n", name, version);
}

static void print_paths(const struct paths *paths)
{
    const struct paths_file *files;
    size_t count = paths != NULL ? paths_files(paths, &files) : 0;
    for (size_t i = 0; i < count; i++) {
        char time[PACKET_TIME_TEXT_SIZE];
        packet_time_print(packet_time_from_sec(files[i].time_sec), time);
        printf("path data, %s, %s: %s\n  %s\n", files[i].time_sec != 0 ? time : "edition unknown", files[i].kind,
               files[i].use, files[i].path);
    }
}

int cmd_version(struct options *options)
{
    struct loaded loaded;
    const struct geo_database *databases;
    if (options->argument_count > 0) {
        complain("version takes no argument, '%s' is one", options->arguments[0]);
        return EXIT_USAGE;
    }
    printf("bordertap %s\n", BORDERTAP_VERSION);
    source_libraries(print_library, NULL);
    inspector_libraries(print_library, NULL);
    geo_libraries(print_library, NULL);
    store_libraries(print_library, NULL);
    print_library(NULL, "libyaml", yaml_library_version());
    print_library(NULL, "libmicrohttpd", metrics_server_library_version());
    print_library(NULL, "libseccomp", sandbox_library_version());
    int status = load_all(options, &loaded);
    if (status != EXIT_DONE)
        return status;
    printf("catalogue %s\n", catalog_edition(loaded.catalog));
    size_t count = geo_databases(loaded.geo, &databases);
    bool has_data = false;
    for (size_t i = 0; i < count; i++) {
        has_data |= strcmp(databases[i].role, "parent") != 0; /* the catalogue's own table */
        printf("%s, %s, role %s, %s\n  %s\n", databases[i].name,
               databases[i].edition ? databases[i].edition : "edition unknown", databases[i].role,
               databases[i].licence ? databases[i].licence : "licence not stated", databases[i].path);
    }
    if (!has_data)
        printf("no location data loaded\n");
    print_paths(loaded.paths);
    unload_all(&loaded);
    return EXIT_DONE;
}
