#include "geo_helpers.h"

#include "paths/ixp_internal.h"

/* In the shape of PeeringDB's dump, with prefixes of documentation. */
#define RECORDS                                                                                                        \
    "{\"id\":1,\"ixlan_id\":7,\"protocol\":\"IPv4\",\"prefix\":\"192.0.2.0/"                                           \
    "24\",\"in_dfz\":false,\"status\":\"ok\"},\n"                                                                      \
    "{\"id\":2,\"ixlan_id\":7,\"protocol\":\"IPv6\",\"prefix\":\"2001:db8:7::/64\",\"status\":\"ok\"},\n"              \
    "{\"id\":3,\"ixlan_id\":8,\"protocol\":\"IPv4\",\"prefix\":\"192.0.2.128/25\",\"status\":\"ok\"},\n"               \
    "{\"id\":4,\"ixlan_id\":9,\"protocol\":\"IPv4\",\"prefix\":\"198.51.100.0/23\",\"status\":\"deleted\"},\n"         \
    "{\"id\":5,\"ixlan_id\":10,\"protocol\":\"IPv4\",\"prefix\":\"203.0.113.64/26\",\"status\":\"ok\"}"

static const char dump[] = "{\"net\":{\"data\":[{\"notes\":\"ixpfx \\\"ixpfx\\\": {\"}]},\n"
                           "\"ixpfx\":{\"data\":[\n" RECORDS "],\"meta\":{}},\"poc\":{\"data\":[]}}\n";

static enum status read_text(const char *text, struct ixp_table **ret, struct ixp_report *report, struct error *error)
{
    struct guarded g = guarded_copy(text, strlen(text));
    *error = (struct error){{0}};
    enum status status =
        ixp_table_read_bytes("file", (struct text){(const char *)g.data, g.length}, ret, report, error);
    guarded_free(&g);
    return status;
}

static bool contains(const struct ixp_table *table, const char *address, uint32_t *ret_ixlan)
{
    struct ip_address a = address_of(address);
    return ixp_contains(table, &a, ret_ixlan);
}

static void peering_networks_are_known_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        uint32_t ixlan; /* 0: none */
    } rows[] = {
        {"192.0.1.255", 0},       {"192.0.2.0", 7},
        {"192.0.2.200", 7},       {"192.0.2.255", 7},
        {"192.0.3.0", 0},         {"198.51.100.1", 0},
        {"203.0.113.63", 0},      {"203.0.113.64", 10},
        {"203.0.113.127", 10},    {"203.0.113.128", 0},
        {"2001:db8:7::ffff", 7},  {"2001:db8:7:1::", 0},
        {"2001:db8:6:ffff::", 0}, {"::", 0},
        {"0.0.0.0", 0},
    };
    struct ixp_table *table;
    struct ixp_report report;
    struct error error;

    assert_int_equal(read_text(dump, &table, &report, &error), STATUS_OK);

    assert_int_equal(report.prefixes, 4);
    assert_int_equal(report.passed_over, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t ixlan = 0;
        assert_int_equal(contains(table, rows[i].address, &ixlan), rows[i].ixlan != 0);
        assert_int_equal(ixlan, rows[i].ixlan);
    }
    ixp_table_free(table);
}

static void every_shape_of_the_dump_is_known(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"data\":{\"ixpfx\" : {\"data\":[" RECORDS "]}}}",
        "{\"data\":[" RECORDS "],\"meta\":{}}", /* the API's answer */
    };
    for (size_t i = 0; i < 2; i++) {
        struct ixp_table *table;
        struct ixp_report report;
        struct error error;

        assert_true(ixp_is_dump(text_of(texts[i])));
        assert_int_equal(read_text(texts[i], &table, &report, &error), STATUS_OK);
        assert_int_equal(report.prefixes, 4);
        ixp_table_free(table);
    }
    assert_false(ixp_is_dump(text_of("{\"report\":{\"hubs\":[]}}")));
    assert_false(ixp_is_dump(text_of("")));
}

static void without_a_table_nothing_is_an_exchange(void **state)
{
    (void)state;

    assert_false(contains(NULL, "192.0.2.1", NULL));
}

static void bad_records_are_counted_by_reason_and_the_rest_is_kept(void **state)
{
    (void)state;
    static const char text[] = "\n{\"ixpfx\":\n{\"data\":[" RECORDS ",\n"
                               "{\"prefix\":\"192.0.2.1/24\",\"protocol\":\"IPv4\"},{\"prefix\":7},{},17,"
                               "{\"prefix\":\"::/16\",\"protocol\":\"IPv6\"},"
                               "{\"prefix\":\"198.51.100.0/24\",\"protocol\":\"IPv6\"},"
                               "{\"prefix\":\"0.0.0.0/0\",\"protocol\":\"IPv4\"},"
                               "{\"prefix\":\"2000::/3\",\"protocol\":\"IPv6\"}]}}";
    struct ixp_table *table;
    struct ixp_report report;
    struct error error;

    assert_int_equal(read_text(text, &table, &report, &error), STATUS_TRUNCATED);

    assert_string_equal(error.text,
                        "file: line 3: 8 of 13 ixpfx refused, the first is record 6: no prefix, or one that "
                        "does not fit its protocol");
    assert_int_equal(report.refused[IXP_REFUSED_PREFIX], 5);
    assert_int_equal(report.refused[IXP_REFUSED_PROTOCOL], 1);
    assert_int_equal(report.refused[IXP_REFUSED_WIDE], 2);
    assert_false(contains(table, "8.8.8.8", NULL));
    assert_true(contains(table, "192.0.2.1", NULL));
    ixp_table_free(table);
}

static const struct {
    const char *text, *sentence;
} bad[] = {
    {"", "file: line 1: no dump of PeeringDB: JSON with \"ixpfx\" is wanted"},
    {"{}", "file: line 1: no dump of PeeringDB: JSON with \"ixpfx\" is wanted"},
    {"{\"ixpfx\"", "file: line 1: no dump of PeeringDB: JSON with \"ixpfx\" is wanted"},
    {"{\"ixpfx\":", "file: line 1: ixpfx is no JSON, or ends too early"},
    {"{\n\"ixpfx\":\n{\"data\":[", "file: line 3: ixpfx is no JSON, or ends too early"},
    {"{\"ixpfx\":{\"data\":[]}}", "file: line 1: its ixpfx hold no usable prefix"},
    {"{\"ixpfx\":[{\"prefix\":\"192.0.2.0/24\"}]}", "file: line 1: its ixpfx hold no usable prefix"},
};

static void bad_files_get_one_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ixp_table *table;
        struct ixp_report report;
        struct error error;

        assert_int_equal(read_text(bad[i].text, &table, &report, &error), STATUS_MALFORMED);

        assert_string_equal(error.text, bad[i].sentence);
        assert_null(table);
    }
}

static void read_prefix(const uint8_t *data, size_t length, void *context)
{
    (void)context;
    struct ixp_table *table;
    struct ixp_report report;
    struct error error = {{0}};
    enum status status =
        ixp_table_read_bytes("file", (struct text){(const char *)data, length}, &table, &report, &error);
    assert_int_equal(status == STATUS_OK, error.text[0] == '\0');
    assert_int_equal(status >= 0, table != NULL);
    ixp_table_free(table);
}

static void every_prefix_of_a_dump_is_read_within_its_bounds(void **state)
{
    (void)state;

    for_each_prefix(dump, sizeof(dump) - 1, read_prefix, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peering_networks_are_known_and_nothing_else),
        cmocka_unit_test(every_shape_of_the_dump_is_known),
        cmocka_unit_test(without_a_table_nothing_is_an_exchange),
        cmocka_unit_test(bad_records_are_counted_by_reason_and_the_rest_is_kept),
        cmocka_unit_test(bad_files_get_one_sentence),
        cmocka_unit_test(every_prefix_of_a_dump_is_read_within_its_bounds),
    };
    return cmocka_run_group_tests_name("geo/ixp", tests, NULL, NULL);
}
