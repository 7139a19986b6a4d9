#ifndef BORDERTAP_TESTS_GEO_HELPERS_H
#define BORDERTAP_TESTS_GEO_HELPERS_H

#include "test.h"

#include "geo.h"

/** Path of a file under tests/data/geo. */
#define DATA(name) TEST_DATA "/geo/" name

/** A file in a folder of its own that goes away with file_remove(). */
struct test_file {
    char folder[64];
    char path[160];
};

struct test_file file_write(const char *name, const void *bytes, size_t length);
struct test_file file_write_text(const char *name, const char *text);
void file_remove(const struct test_file *file);

/** Opens or fails the test with the error. @p paths end with NULL. */
struct geo *must_open(const char *const *paths, const char *operators_file);
struct ip_address address_of(const char *text);
struct jurisdiction judge(const struct geo *geo, const char *address);

/** "NL DE" of an axis. */
const char *countries_of(const struct axis_judgement *axis);
#define assert_axis(axis, wanted_status, wanted_countries, wanted_reason)                                              \
    do {                                                                                                               \
        assert_string_equal(axis_status_text((axis)->status), wanted_status);                                          \
        assert_string_equal(countries_of(axis), wanted_countries);                                                     \
        assert_string_equal((axis)->reason, wanted_reason);                                                            \
    } while (0)

#endif
