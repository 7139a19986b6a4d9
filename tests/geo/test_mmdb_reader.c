#include "geo_helpers.h"

#include <arpa/inet.h>
#include <maxminddb.h>

#include "sources_internal.h"

/* What libmaxminddb itself answers: "" when it has no country that is one. */
static struct country oracle_country(const MMDB_s *mmdb, const struct ip_address *address, const char *const *path)
{
    struct sockaddr_in6 socket6 = {.sin6_family = AF_INET6};
    struct sockaddr_in socket4 = {.sin_family = AF_INET};
    struct country ret = {{0}};
    MMDB_entry_data_s data;
    int error;
    memcpy(&socket6.sin6_addr, address->octets, 16);
    memcpy(&socket4.sin_addr, address->octets + 12, 4);
    const struct sockaddr *socket =
        ip_is_v4(address) ? (const struct sockaddr *)&socket4 : (const struct sockaddr *)&socket6;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(mmdb, socket, &error);
    assert_int_equal(error, MMDB_SUCCESS);
    if (found.found_entry && MMDB_aget_value(&found.entry, &data, path) == MMDB_SUCCESS && data.has_data)
        country_parse(data.utf8_string, data.data_size, &ret);
    return ret;
}

/** Ranges of the file's first role, before they are merged. */
static struct geo *load_alone(const char *file)
{
    struct geo *geo = geo_new();
    struct error error = {""};
    if (geo_load_file(geo, &(struct wish){.path = file}, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return geo;
}

/** What the location axis says of one database. */
static struct country our_country(const struct geo *geo, const char *database, const struct ip_address *address)
{
    struct jurisdiction jurisdiction;
    geo_judge(geo, address, &jurisdiction);
    struct axis_judgement *axis = &jurisdiction.axes[AXIS_LOCATION];
    for (uint8_t i = 0; i < axis->source_count; i++)
        if (strcmp(axis->sources[i].database, database) == 0) {
            if (axis->sources[i].has_prefix)
                assert_true(ip_in_prefix(address, &axis->sources[i].prefix));
            return axis->sources[i].country;
        }
    return (struct country){{0}};
}

static struct ip_address address_of_v4(uint32_t number)
{
    uint8_t four[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    return ip_from_v4(four);
}

/** Start of the @p i-th range, IPv6 behind IPv4, moved by -1, 0 or 1. */
static struct ip_address near_start(const struct range_list *list, size_t i, int step)
{
    if (i < list->v4_count)
        return address_of_v4(list->v4[i].start + (uint32_t)step);
    struct wide number = list->v6[i - list->v4_count].start;
    if (step > 0)
        wide_increment(&number);
    else if (step < 0)
        number.high -= number.low-- == 0;
    return wide_to_address(number);
}

/** A file, read by us and by libmaxminddb. */
struct comparison {
    const char *database, *const *path;
    struct geo *geo, *lists;
    MMDB_s mmdb;
};

static void compare_address(const struct comparison *c, const struct ip_address *address)
{
    struct country wanted = oracle_country(&c->mmdb, address, c->path), got = our_country(c->geo, c->database, address);
    char text[IP_TEXT_SIZE];
    ip_print(address, text);
    if (!country_equal(wanted, got))
        fail_msg("%s: %s instead of %s", text, got.code, wanted.code);
}

/**
 * First and last address of every @p stride-th range, the one before and the one behind it, against libmaxminddb.
 * @return addresses compared.
 */
static size_t compare_boundaries(const char *file, const char *database, const char *const *path, size_t stride)
{
    const char *paths[] = {file, NULL};
    struct comparison c = {
        .database = database, .path = path, .geo = must_open(paths, NULL), .lists = load_alone(file)};
    size_t compared = 0;
    assert_int_equal(MMDB_open(file, MMDB_MODE_MMAP, &c.mmdb), MMDB_SUCCESS);
    const struct range_list *list = &c.lists->sources[0].list;
    for (size_t i = 0; i < list->v4_count + list->v6_count; i += stride)
        for (int step = -1; step <= 1; step++) {
            struct ip_address address = near_start(list, i, step);
            if (geo_special_range(&address) != NULL)
                continue;
            compare_address(&c, &address);
            compared++;
        }
    MMDB_close(&c.mmdb);
    geo_close(c.geo);
    geo_close(c.lists);
    return compared;
}

static void every_range_boundary_answers_as_libmaxminddb_does(void **state)
{
    (void)state;
    const char *const flat[] = {"country_code", NULL}, *const nested[] = {"country", "iso_code", NULL};

    assert_true(compare_boundaries(DATA("dbip-country.mmdb"), "DB-IP Lite Country", flat, 1) > 40);
    assert_true(compare_boundaries(DATA("GeoLite2-Country.mmdb"), "GeoLite2 Country", nested, 1) > 15);
    assert_true(compare_boundaries(DATA("ipinfo_lite.mmdb"), "IPinfo Lite", flat, 1) > 3);
}

/** Over the real file, where `setup/location-data` has put it. Every range, both families. */
static void every_boundary_of_the_real_db_ip_file_answers_as_libmaxminddb_does(void **state)
{
    (void)state;
    const char *folder = getenv("BORDERTAP_GEO_DIR"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    const char *const flat[] = {"country_code", NULL};
    char path[1024];
    if (folder != NULL)
        snprintf(path, sizeof(path), "%s", folder);
    else
        snprintf(path, sizeof(path), "%s%s/bordertap/geo", data ? data : home ? home : "", data ? "" : "/.local/share");
    strncat(path, "/dbip-country-mmdb-2.3.2026060120/dbip-country.mmdb", sizeof(path) - strlen(path) - 1);
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there; setup/location-data fetches it\n", path);
        skip();
    }

    assert_true(compare_boundaries(path, "DB-IP Lite Country", flat, 1) > 1000000);
}

static void a_6to4_tree_that_mirrors_ipv4_is_not_walked(void **state)
{
    (void)state;
    struct geo *geo = load_alone(DATA("GeoLite2-Country.mmdb"));

    for (size_t i = 0; i < geo->sources[0].list.v6_count; i++)
        if (geo->sources[0].list.v6[i].start.high >> 48 == 0x2002)
            assert_int_equal(geo->sources[0].list.v6[i].value, 0);

    geo_close(geo);
}

static void one_file_gives_one_source_per_role(void **state)
{
    (void)state;
    const char *paths[] = {DATA("GeoLite2-Country.mmdb"), DATA("ipinfo_lite.mmdb"), DATA("GeoLite2-ASN.mmdb"), NULL};
    static const char *const wanted[][4] = {
        {"GeoLite2 Country", "MaxMind", "location", "2026-06-01"},
        {"GeoLite2 Country", "MaxMind", "registration", "2026-06-01"},
        {"IPinfo Lite", "IPinfo", "location", "2026-06-01"},
        {"IPinfo Lite", "IPinfo", "asn", "2026-06-01"},
        {"GeoLite2 ASN", "MaxMind", "asn", "2026-06-01"},
    };
    struct geo *geo = must_open(paths, NULL);
    const struct geo_database *databases;

    size_t count = geo_databases(geo, &databases);

    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(databases[i].name, wanted[i][0]);
        assert_string_equal(databases[i].provider, wanted[i][1]);
        assert_string_equal(databases[i].role, wanted[i][2]);
        assert_string_equal(databases[i].edition, wanted[i][3]);
        assert_int_equal(databases[i].built_sec, 1780272000);
        assert_true(databases[i].ranges > 0);
    }
    geo_close(geo);
}

static size_t read_all(const char *path, uint8_t *ret, size_t room)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(ret, 1, room, file);
    fclose(file);
    return length;
}

/** Opens bytes as a database and asks it a few things: it may fail, with a sentence that names it, but never harm. */
static bool try_bytes(const char *name, const uint8_t *bytes, size_t length)
{
    static const char *const questions[] = {"8.8.8.8", "77.74.177.1", "223.255.255.255", "2a00:1450::1",
                                            "2001:678::1:2:3:4"};
    struct test_file file = file_write(name, bytes, length);
    const char *paths[] = {file.path};
    struct geo *geo = NULL;
    struct error error = {""};
    enum status status = geo_open(paths, 1, NULL, &geo, &error);
    if (status != STATUS_OK) {
        assert_true(status < 0);
        assert_null(geo);
        assert_non_null(strstr(error.text, name));
        const char *offset = strstr(error.text, ": offset ");
        assert_true(offset == NULL || strtoull(offset + strlen(": offset "), NULL, 10) <= length);
    }
    for (size_t i = 0; geo != NULL && i < sizeof(questions) / sizeof(questions[0]); i++)
        judge(geo, questions[i]);
    geo_close(geo);
    file_remove(&file);
    return status == STATUS_OK;
}

static const char *const samples[] = {"dbip-country.mmdb", "GeoLite2-Country.mmdb", "ipinfo_lite.mmdb",
                                      "GeoLite2-ASN.mmdb"};

static void a_database_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 14];
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        char path[256];
        snprintf(path, sizeof(path), "%s/geo/%s", TEST_DATA, samples[i]);
        size_t length = read_all(path, bytes, sizeof(bytes));

        assert_true(try_bytes(samples[i], bytes, length));
        for (size_t cut = 0; cut < length; cut += 97)
            assert_false(try_bytes(samples[i], bytes, cut));
    }
}

static void a_database_with_a_flipped_bit_does_no_harm(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 14];
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        char path[256];
        snprintf(path, sizeof(path), "%s/geo/%s", TEST_DATA, samples[i]);
        size_t length = read_all(path, bytes, sizeof(bytes)), refused = 0;
        for (size_t bit = 0; bit < length * 8; bit += 13) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            refused += !try_bytes(samples[i], bytes, length);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_true(refused > 0);
    }
}

static void a_tree_with_loops_is_refused(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 14];
    size_t length = read_all(DATA("GeoLite2-ASN.mmdb"), bytes, sizeof(bytes));
    struct geo *geo = NULL;
    struct error error;
    memset(bytes, 0, 7); /* the root's halves, 28 bits each, are the root again */
    struct test_file file = file_write("loop.mmdb", bytes, length);
    const char *paths[] = {file.path};

    assert_int_equal(geo_open(paths, 1, NULL, &geo, &error), STATUS_MALFORMED);

    assert_non_null(strstr(error.text, "damaged database"));
    file_remove(&file);
}

static void a_key_that_the_user_names_is_taken(void **state)
{
    (void)state;
    const char *paths[] = {"role=location,key=registered_country.iso_code,file=" DATA("GeoLite2-Country.mmdb"), NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "5.45.129.1");

    assert_axis(&j.axes[AXIS_LOCATION], "single-source", "NL", "1 of 1 provider");
    geo_close(geo);
}

static void addresses_that_the_file_flags_as_anycast_have_no_place(void **state)
{
    (void)state;
    const char *paths[] = {DATA("GeoIP2-Enterprise.mmdb"), NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction flagged = judge(geo, "9.9.10.1"), beside = judge(geo, "9.9.11.1");

    assert_axis(&flagged.axes[AXIS_LOCATION], "unknown", "", "anycast: flagged by GeoIP2");
    assert_string_equal(flagged.axes[AXIS_LOCATION].sources[0].country.code, "US");
    assert_axis(&beside.axes[AXIS_LOCATION], "single-source", "US", "1 of 1 provider");
    geo_close(geo);
}

static void a_file_that_names_nothing_is_refused(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"dbip-country.csv", "1.0.0.0,1.0.0.255,UK\n1.0.1.0,1.0.1.255,ZZ\n", "not one of its records names a country"},
        {"dbip-country.csv", "", "dbip-country.csv: the file is empty"},
    };
    const char *path = "role=location,key=nope,file=" DATA("ipinfo_lite.mmdb");
    struct geo *geo = NULL;
    struct error error = {""};
    assert_int_equal(geo_open(&path, 1, NULL, &geo, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "not one of its records names a country in the field nope"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct test_file file = file_write_text(rows[i][0], rows[i][1]);
        path = file.path;
        assert_true(geo_open(&path, 1, NULL, &geo, &error) < 0);
        assert_non_null(strstr(error.text, rows[i][2]));
        file_remove(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_range_boundary_answers_as_libmaxminddb_does),
        cmocka_unit_test(every_boundary_of_the_real_db_ip_file_answers_as_libmaxminddb_does),
        cmocka_unit_test(a_6to4_tree_that_mirrors_ipv4_is_not_walked),
        cmocka_unit_test(one_file_gives_one_source_per_role),
        cmocka_unit_test(a_database_cut_anywhere_is_refused),
        cmocka_unit_test(a_database_with_a_flipped_bit_does_no_harm),
        cmocka_unit_test(a_tree_with_loops_is_refused),
        cmocka_unit_test(a_key_that_the_user_names_is_taken),
        cmocka_unit_test(addresses_that_the_file_flags_as_anycast_have_no_place),
        cmocka_unit_test(a_file_that_names_nothing_is_refused),
    };
    return cmocka_run_group_tests_name("geo/mmdb_reader", tests, NULL, NULL);
}
