/* Sources beside MMDB files and tables of ranges: registries, libloc, geofeeds, holders, overrides. */
#include "libloc_file.h"

#include "sources_internal.h"
#include "spans_internal.h"

static enum status load(struct geo *geo, const char *name, const void *bytes, size_t length, struct error *error)
{
    struct wish wish = {.path = name};
    return geo_load_bytes(geo, &wish, (struct text){bytes, length}, error);
}

static enum status open_one(const char *path, struct error *error)
{
    struct geo *geo = NULL;
    enum status status = geo_open(&path, 1, NULL, &geo, error);
    geo_close(geo);
    return status;
}

/* --- spans ------------------------------------------------------------------------------------------------------- */

static void the_innermost_span_decides_and_the_outer_one_goes_on_behind_it(void **state)
{
    (void)state;
    static const struct range4 wanted[] = {{10, 1}, {20, 2}, {23, 3}, {26, 2}, {30, 1},
                                           {41, 0}, {50, 4}, {61, 5}, {66, 0}};
    struct spans spans = {0};
    struct range_list list = {0};
    spans_add4(&spans, 23, 25, 3);
    spans_add4(&spans, 10, 40, 1);
    spans_add4(&spans, 20, 29, 2);
    spans_add4(&spans, 20, 29, 9); /* said once more: the first holds */
    spans_add4(&spans, 50, 60, 4);
    spans_add4(&spans, 61, 65, 5); /* where the one before ends */

    assert_true(spans_flatten(&spans, &list));

    assert_int_equal(list.v4_count, sizeof(wanted) / sizeof(wanted[0]));
    for (size_t i = 0; i < list.v4_count; i++) {
        assert_int_equal(list.v4[i].start, wanted[i].start);
        assert_int_equal(list.v4[i].value, wanted[i].value);
    }
    range_list_clear(&list);
    spans_clear(&spans);
}

static void spans_that_overlap_by_half_end_where_they_end(void **state)
{
    (void)state;
    struct spans spans = {0};
    struct range_list list = {0};
    spans_add4(&spans, 0, 10, 1);
    spans_add4(&spans, 5, UINT32_MAX, 2);

    assert_true(spans_flatten(&spans, &list));

    assert_int_equal(list.v4_count, 2); /* nothing behind the last address */
    assert_int_equal(list.v4[1].start, 5);
    range_list_clear(&list);
    spans_clear(&spans);
}

/* --- registries -------------------------------------------------------------------------------------------------- */

static const char delegated[] = "# a comment\n"
                                "2|ripencc|20260505|11|19830705|20260505|+0100\n"
                                "ripencc|*|ipv4|*|6|summary\n"
                                "ripencc|*|asn|*|2|summary\n"
                                "ripencc|NL|ipv4|5.0.0.0|768|20100101|allocated|x1\n" /* three /24s: no power of two */
                                "ripencc|RU|ipv4|5.0.3.0|256|20100101|assigned|x2\n"
                                "ripencc|EU|ipv4|5.0.4.0|256|20100101|allocated|x3\n"
                                "ripencc||ipv4|5.0.5.0|256||available|\n"
                                "ripencc|ZZ|ipv4|5.0.6.0|256||reserved|\n"
                                "ripencc|GB|ipv4|4.255.255.255|1|20100101|allocated|x4|e-stats\n"
                                "ripencc|CH|ipv6|2a00:1028::|32|20100101|allocated|x5\n"
                                "ripencc|CH|asn|200106|2|20140101|allocated|x6\n"
                                "ripencc||asn|200108|1||available|\n"
                                "ripencc|DE|ipv4|255.255.255.0|256|20100101|allocated|x7\n"
                                "ripencc|DE|ipv4|255.255.255.0|257|20100101|allocated|x8\n";

static void a_registrys_file_tells_registration_and_holders(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"5.0.0.0", "NL"},       {"5.0.2.255", "NL"},
        {"5.0.3.0", "RU"},       {"5.0.4.0", ""},
        {"5.0.5.0", ""},         {"5.0.6.0", ""},
        {"4.255.255.255", "GB"}, {"4.255.255.254", ""},
        {"2a00:1028::", "CH"},   {"2a00:1028:ffff::", "CH"},
        {"2a00:1029::", ""},
    };
    struct test_file file = file_write_text("delegated-ripencc-extended-20260101", delegated);
    struct test_file table = file_write_text("asn-ipv4.csv", "5.0.0.0,5.0.3.255,200107,K\n");
    const char *paths[] = {file.path, table.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    const struct geo_database *databases;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(judge(geo, rows[i][0]).operator_facts.registration.code, rows[i][1]);
    struct jurisdiction j = judge(geo, "5.0.0.1");
    assert_axis(&j.axes[AXIS_OPERATOR], "single-source", "CH", "AS200107 held in CH");
    assert_axis(&j.axes[AXIS_LOCATION], "unknown", "", "no location database loaded"); /* registries never vote */

    geo_databases(geo, &databases);
    assert_string_equal(databases[0].name, "ripencc delegations");
    assert_string_equal(databases[0].provider, "NRO");
    assert_string_equal(databases[0].edition, "2026-05-05"); /* the header's day, not the name's */
    assert_string_equal(databases[1].role, "holder-country");
    assert_int_equal(databases[1].ranges, 2);
    assert_int_equal(geo->sources[0].refusals.counts[REFUSED_NUMBER], 1); /* 257 addresses leave IPv4 */
    geo_close(geo);
    file_remove(&file);
    file_remove(&table);
}

static void a_registrys_file_that_was_cut_off_is_refused(void **state)
{
    (void)state;
    struct geo *geo = geo_new();
    struct error error;

    assert_int_equal(load(geo, "delegated", delegated, sizeof(delegated) - 120, &error), STATUS_MALFORMED);

    assert_non_null(strstr(error.text, "delegated: line 13: cut off: its header speaks of 11 records, it holds 9"));
    geo_close(geo);
}

static void a_registrys_file_can_give_one_role_only(void **state)
{
    (void)state;
    struct test_file file = file_write_text("mine", delegated);
    char wish[256];
    struct error error;
    snprintf(wish, sizeof(wish), "role=registration,file=%s", file.path);
    const char *paths[] = {wish, NULL}, *path = wish;
    struct geo *geo = must_open(paths, NULL);
    assert_int_equal(geo->source_count, 1);
    geo_close(geo);

    snprintf(wish, sizeof(wish), "role=location,file=%s", file.path);
    assert_int_equal(open_one(path, &error), STATUS_INVALID);
    file_remove(&file);
}

/* --- libloc ------------------------------------------------------------------------------------------------------ */

static const struct libloc_row libloc_rows[] = {
    {"8.8.0.0/16", "US", 64500, 0},     {"8.8.8.0/24", "US", 15169, 4},       {"8.8.8.128/25", "XX", 0, 0},
    {"2a00:1450::/32", "IE", 15169, 0}, {"2a00:1450::8/128", "DE", 64500, 4}, {"2002::/16", "AU", 1, 0},
};

enum { LIBLOC_ROWS = sizeof(libloc_rows) / sizeof(libloc_rows[0]) };

static void libloc_tells_registration_origin_and_anycast_but_never_location(void **state)
{
    (void)state;
    static const struct {
        const char *address, *registration, *location;
        uint32_t asn;
    } rows[] = {
        {"8.8.0.0", "US", "no location database loaded", 64500},
        {"8.8.7.255", "US", "no location database loaded", 64500},
        {"8.8.8.127", "US", "anycast: flagged by libloc location database", 15169},
        {"8.8.8.128", "", "no location database loaded", 0},
        {"8.8.9.0", "US", "no location database loaded", 64500},
        {"8.9.0.0", "", "no location database loaded", 0},
        {"2a00:1450::7", "IE", "no location database loaded", 15169},
        {"2a00:1450::8", "DE", "anycast: flagged by libloc location database", 64500},
        {"2a00:1450::9", "IE", "no location database loaded", 15169},
        {"2a00:1451::", "", "no location database loaded", 0},
        {"2002:808:0::1", "US", "no location database loaded", 64500}, /* judged by the IPv4 address inside */
    };
    uint8_t *bytes = malloc(LIBLOC_FILE_SIZE);
    size_t size = libloc_file_make(libloc_rows, LIBLOC_ROWS, bytes);
    struct test_file file = file_write("location.db", bytes, size);
    const char *paths[] = {file.folder, NULL};
    struct geo *geo = must_open(paths, NULL);
    const struct geo_database *databases;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct jurisdiction j = judge(geo, rows[i].address);
        assert_string_equal(j.operator_facts.registration.code, rows[i].registration);
        assert_string_equal(j.axes[AXIS_LOCATION].reason, rows[i].location);
        assert_int_equal(j.operator_facts.asn_count ? j.operator_facts.asn[0] : 0, rows[i].asn);
    }
    assert_string_equal(judge(geo, "8.8.0.0").operator_facts.name, "SOME NETWORK");
    assert_int_equal(geo_databases(geo, &databases), 3);
    assert_string_equal(databases[0].edition, "2026-06-01");
    geo_close(geo);
    file_remove(&file);
    free(bytes);
}

static void damage_in_libloc_is_named_with_its_offset(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t byte;
        const char *says;
    } rows[] = {
        {7, 2, "location.db: offset 7: damaged database: its version is not 1"},
        {36, 0x7f, "offset 36: damaged database: a part of it lies behind its end"},
        {0x1000 + 2, 0xff, "its tree leads outside"},
    };
    uint8_t *bytes = malloc(LIBLOC_FILE_SIZE);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t size = libloc_file_make(libloc_rows, LIBLOC_ROWS, bytes);
        struct geo *geo = geo_new();
        struct error error = {""};
        bytes[rows[i].at] = rows[i].byte;
        assert_int_equal(load(geo, "location.db", bytes, size, &error), STATUS_MALFORMED);
        if (strstr(error.text, rows[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", error.text, rows[i].says);
        geo_close(geo);
    }
    free(bytes);
}

/* --- geofeeds ---------------------------------------------------------------------------------------------------- */

static const char geofeed[] = "\xef\xbb\xbf# the operator's own\r\n"
                              "8.8.8.0/24,NL,NL-NH,Amsterdam,\r\n"
                              "\"8.8.8.128/25\",\"de\",,\"Frankfurt, Main\",60311 # a comment\r\n"
                              "8.8.8.192/26,,,,\n"
                              "2a00:1450::/32,ZZ\n"
                              "2a00:1450:1::/48,GB,,,\n"
                              "8.8.9.1/24,FR,,,\n" /* host bits */
                              "8.8.10.0/24,UK,,,\n"
                              "8.8.11.7,FR\n";

static void a_geofeed_is_a_claim_of_its_own(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"8.8.8.127", "NL"},      {"8.8.8.128", "DE"}, {"8.8.8.192", ""},  {"2a00:1450::1", ""},
        {"2a00:1450:1::1", "GB"}, {"8.8.10.1", ""},    {"8.8.11.7", "FR"}, {"8.8.9.1", ""},
    };
    struct test_file file = file_write_text("example.csv", geofeed);
    const char *paths[] = {file.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    const struct geo_database *databases;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct jurisdiction j = judge(geo, rows[i][0]);
        const struct axis_judgement *location = &j.axes[AXIS_LOCATION];
        assert_int_equal(location->status, AXIS_UNKNOWN);
        assert_int_equal(location->source_count, *rows[i][1] != '\0');
        assert_string_equal(location->source_count > 0 ? location->sources[0].country.code : "", rows[i][1]);
    }
    geo_databases(geo, &databases);
    assert_string_equal(databases[0].name, "geofeed example");
    assert_string_equal(databases[0].provider, "geofeed example");
    assert_int_equal(geo->sources[0].refusals.counts[REFUSED_ADDRESS], 1);
    assert_int_equal(geo->sources[0].refusals.first_line, 7);
    geo_close(geo);
    file_remove(&file);
}

/* --- AS to holder ------------------------------------------------------------------------------------------------ */

static void holders_come_as_two_fields_or_with_handle_and_name(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"cc.csv", "asn,cc\n200107,CH\nAS13238,RS\n15169,EU\n", ""},
        {"as.csv",
         "asn,handle,description,country-code\n200107,KL,\"Kaspersky Lab, Switzerland\",CH\n13238,YANDEX,,RS\n",
         "Kaspersky Lab, Switzerland"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct test_file file = file_write_text(rows[i][0], rows[i][1]);
        struct test_file table = file_write_text("asn-ipv4.csv", "5.0.0.0,5.0.0.255,200107\n6.0.0.0,6.0.0.255,13238\n");
        const char *paths[] = {file.path, table.path, NULL};
        struct geo *geo = must_open(paths, NULL);
        struct jurisdiction k = judge(geo, "5.0.0.1"), y = judge(geo, "6.0.0.1");
        assert_string_equal(countries_of(&k.axes[AXIS_OPERATOR]), "CH");
        assert_string_equal(countries_of(&y.axes[AXIS_OPERATOR]), "RS");
        assert_string_equal(k.operator_facts.name ? k.operator_facts.name : "", rows[i][2]);
        geo_close(geo);
        file_remove(&file);
        file_remove(&table);
    }
}

static const char as2org[] = "# name: AS Org\n# format:aut|changed|aut_name|org_id|opaque_id|source\n"
                             "200107|20200101|KL-EXT|KL-RIPE|o1|RIPE\n"
                             "13238|20200101|YANDEX|NOBODY-RIPE|o2|RIPE\n"
                             "many|20200101|X|KL-RIPE|o3|RIPE\n"
                             "# format:org_id|changed|org_name|country|source\n"
                             "KL-RIPE|20200101|Kaspersky Lab Switzerland GmbH|CH|RIPE\n"
                             "EU-RIPE|20200101|Somebody|EU|RIPE\n";

static void caidas_file_names_holders_through_their_organisations(void **state)
{
    (void)state;
    struct test_file file = file_write_text("20260701.as-org2info.txt", as2org);
    struct test_file table = file_write_text("asn-ipv4.csv", "5.0.0.0,5.0.0.255,200107\n6.0.0.0,6.0.0.255,13238\n");
    const char *paths[] = {file.folder, table.path, NULL};
    struct geo *geo = must_open(paths, NULL);
    const struct geo_database *databases;

    struct jurisdiction k = judge(geo, "5.0.0.1"), y = judge(geo, "6.0.0.1");

    assert_axis(&k.axes[AXIS_OPERATOR], "single-source", "CH", "AS200107 held in CH");
    assert_string_equal(k.operator_facts.name, "Kaspersky Lab Switzerland GmbH");
    assert_string_equal(countries_of(&y.axes[AXIS_OPERATOR]), ""); /* an organisation that is not there */
    assert_string_equal(y.operator_facts.name, "YANDEX");
    geo_databases(geo, &databases);
    assert_string_equal(databases[0].edition, "2026-07-01");
    assert_int_equal(geo->sources[0].refusals.first_line, 5);
    geo_close(geo);
    file_remove(&file);
    file_remove(&table);
}

static void maxminds_enterprise_file_tells_location_registration_and_as(void **state)
{
    (void)state;
    const char *paths[] = {DATA("GeoIP2-Enterprise.mmdb"), NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "5.45.0.1"), held_back = judge(geo, "104.16.0.1");

    assert_string_equal(countries_of(&j.axes[AXIS_LOCATION]), "RU");
    assert_string_equal(j.operator_facts.registration.code, "RS");
    assert_int_equal(j.operator_facts.asn[0], 13238);
    assert_string_equal(j.operator_facts.name, "YANDEX LLC");
    assert_axis(&held_back.axes[AXIS_LOCATION], "unknown", "", "withheld by MaxMind");
    geo_close(geo);
}

/* --- overrides --------------------------------------------------------------------------------------------------- */

#define OVERRIDE(prefix, country, axis, expires)                                                                       \
    "  - {prefix: " prefix ", country: " country ", axis: " axis ", author: noc, reason: \"moved\", expires: " expires \
    "}\n"

static const char overrides[] = "overrides:\n" OVERRIDE("5.45.0.0/16", "NL", "location", "2099-12-31")
    OVERRIDE("5.45.1.0/24", "FI", "location", "2099-12-31") OVERRIDE("5.45.2.0/24", "DE", "location", "2020-01-01")
        OVERRIDE("\"2a00:1450::/32\"", "NL", "operator", "2099-12-31");

struct heard {
    char text[2048];
};

static void hear(void *context, const char *sentence)
{
    struct heard *heard = context;
    strncat(heard->text, sentence, sizeof(heard->text) - strlen(heard->text) - 2);
    strcat(heard->text, "\n");
}

static void an_override_beats_every_database_and_says_whose_it_is(void **state)
{
    (void)state;
    struct test_file file = file_write_text("overrides.yaml", overrides);
    struct heard heard = {""};
    const char *paths[] = {file.folder, DATA("dbip-country.mmdb"), DATA("GeoLite2-Country.mmdb"), NULL};
    struct geo *geo = must_open(paths, NULL);

    struct jurisdiction j = judge(geo, "5.45.0.1"), inner = judge(geo, "5.45.1.1"), expired = judge(geo, "5.45.2.1"),
                        operated = judge(geo, "2a00:1450::1"), beside = judge(geo, "8.8.8.8");

    assert_axis(&j.axes[AXIS_LOCATION], "single-source", "NL", "override by noc until 2099-12-31");
    assert_int_equal(j.axes[AXIS_LOCATION].source_count, 3); /* what the databases say stays visible */
    assert_string_equal(j.axes[AXIS_LOCATION].sources[0].database, "override");
    assert_string_equal(j.axes[AXIS_LOCATION].sources[0].detail, "override by noc until 2099-12-31: moved");
    assert_string_equal(j.axes[AXIS_LOCATION].sources[1].country.code, "RU");
    assert_string_equal(countries_of(&inner.axes[AXIS_LOCATION]), "FI");
    assert_string_equal(countries_of(&expired.axes[AXIS_LOCATION]), "NL"); /* the /16 round it */
    assert_axis(&operated.axes[AXIS_OPERATOR], "single-source", "NL", "override by noc until 2099-12-31");
    assert_string_equal(countries_of(&operated.axes[AXIS_LOCATION]), "US");
    assert_axis(&beside.axes[AXIS_LOCATION], "agreed", "US", "2 of 2 providers");
    geo_passed_over(geo, hear, &heard);
    assert_non_null(strstr(heard.text, "overrides.yaml:4: the override of 5.45.2.0/24 by noc expired on 2020-01-01"));
    geo_close(geo);
    file_remove(&file);
}

static void an_override_that_nobody_stands_for_is_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"overridden: []\n", "o.yaml: line 1: holds no list of overrides"},
        {"overrides:\n  - {prefix: 8.8.8.0/24, country: US, axis: location, reason: r, expires: 2099-01-01}\n",
         "o.yaml:2: an override needs author and reason"},
        {"overrides:\n  - {prefix: 8.8.8.0/24, country: US, axis: location, author: a, expires: 2099-01-01}\n",
         "o.yaml:2: an override needs author and reason"},
        {"overrides:\n  - {prefix: 8.8.8.0/24, country: US, axis: location, author: a, reason: r}\n",
         "o.yaml:2: an override needs expires"},
        {"overrides:\n  - {prefix: 8.8.8.0/24, country: UK, axis: location, author: a, reason: r, expires: "
         "2099-01-01}\n",
         "o.yaml:2: 'UK' is no ISO 3166-1 alpha-2 code (GB is meant)"},
        {"overrides:\n  - {prefix: 8.8.8.0/24, country: US, axis: vendor, author: a, reason: r, expires: 2099-01-01}\n",
         "o.yaml:2: an override's axis is"},
        {"overrides:\n  - {prefix: 10.0.0.0/8, country: US, axis: location, author: a, reason: r, expires: "
         "2099-01-01}\n",
         "o.yaml:2: its prefix is a special-purpose one"},
        {"overrides:\n  - {prefix: 8.8.8.8/24, country: US, axis: location, author: a, reason: r, expires: "
         "2099-01-01}\n",
         "o.yaml:2: "},
        {"overrides:\n  - {country: US}\n", "o.yaml:2: an override needs prefix and country"},
        {"overrides:\n  - x\n", "o.yaml:2: an override has prefix"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct geo *geo = geo_new();
        struct error error = {""};
        enum status status = geo_load_overrides_bytes(geo, "o.yaml", text_of(rows[i][0]), 1800000000, &error);
        assert_true(status != STATUS_OK);
        if (strstr(error.text, rows[i][1]) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", error.text, rows[i][1]);
        assert_int_equal(geo->overrides.count, 0);
        geo_close(geo);
    }
}

/* --- bad input, of every format ---------------------------------------------------------------------------------- */

struct sample {
    const char *name;
    uint8_t *bytes;
    size_t size;
};

enum { SAMPLES_MAX = 16 };

static struct sample sample_of_text(const char *name, const char *text)
{
    struct sample ret = {name, (uint8_t *)strdup(text), strlen(text)};
    return ret;
}

static struct sample sample_of_file(const char *name)
{
    struct sample ret = {name, NULL, 0};
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", TEST_DATA "/geo", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    ret.bytes = malloc(1 << 16);
    ret.size = fread(ret.bytes, 1, 1 << 16, file);
    fclose(file);
    return ret;
}

static size_t samples_make(struct sample *ret)
{
    static const char *const files[] = {"dbip-country.mmdb", "GeoLite2-Country.mmdb", "ipinfo_lite.mmdb",
                                        "GeoLite2-ASN.mmdb", "GeoIP2-Enterprise.mmdb"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        ret[count++] = sample_of_file(files[i]);
    ret[count++] = sample_of_text("delegated-ripencc", delegated);
    ret[count++] = sample_of_text("geofeed.csv", geofeed);
    ret[count++] = sample_of_text("20260701.as-org2info.txt", as2org);
    ret[count++] = sample_of_text("overrides.yaml", overrides);
    ret[count++] =
        sample_of_text("asn-ipv4.csv", "1.0.0.0,1.0.0.255,13335,\"Cloudflare, Inc.\"\n1.0.1.0,1.0.1.255,7,x\n"
                                       "2.0.0.0,2.0.0.255,8,a somewhat longer name of an AS\n");
    ret[count++] =
        sample_of_text("ip2asn-v4.tsv", "1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n1.0.1.0\t1.0.3.255\t0\t"
                                        "None\tNot routed\n1.1.0.0\t1.1.3.255\t9\tRU\tANOTHER NETWORK\n");
    ret[count++] =
        sample_of_text("dbip-country.csv", "1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,CN\n2a00::,2a00::f,DE\n");
    ret[count++] = sample_of_text("asn-holder-cc.tsv", "# ASN\tcountry\n13335\tUS\n15169\tUS\n200107\tCH\n13238\tRS\n");
    ret[count] = (struct sample){"location.db", malloc(LIBLOC_FILE_SIZE), 0};
    ret[count].size = libloc_file_make(libloc_rows, LIBLOC_ROWS, ret[count].bytes);
    return count + 1;
}

/** Loads it beside a good database: that must answer as before, whatever comes of the other. */
static void try_bytes(const char *name, const uint8_t *bytes, size_t size)
{
    struct geo *geo = geo_new();
    struct error error = {""};
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    struct text text = {(const char *)exact, size};
    enum status status = geo_is_overrides(name) ? geo_load_overrides_bytes(geo, name, text, 1800000000, &error)
                                                : load(geo, name, exact, size, &error);
    if (status != STATUS_OK) {
        assert_non_null(strstr(error.text, name));
        if (strchr(error.text, '\n') != NULL)
            fail_msg("more than a line: %s", error.text);
    }
    free(exact);
    geo_close(geo);
}

static void every_format_cut_at_every_97th_byte_loads_or_says_why(void **state)
{
    (void)state;
    struct sample samples[SAMPLES_MAX];
    size_t count = samples_make(samples);
    for (size_t i = 0; i < count; i++) {
        try_bytes(samples[i].name, samples[i].bytes, samples[i].size);
        for (size_t at = 0; at < samples[i].size; at += 97)
            try_bytes(samples[i].name, samples[i].bytes, at);
        free(samples[i].bytes);
    }
}

static void every_format_with_a_flipped_bit_loads_or_says_why(void **state)
{
    (void)state;
    struct sample samples[SAMPLES_MAX];
    size_t count = samples_make(samples);
    for (size_t i = 0; i < count; i++) {
        size_t stride = samples[i].size / 700 + 1; /* each small file's every byte */
        for (size_t at = 0; at < samples[i].size; at += stride) {
            samples[i].bytes[at] ^= (uint8_t)(1 << at % 8);
            try_bytes(samples[i].name, samples[i].bytes, samples[i].size);
            samples[i].bytes[at] ^= (uint8_t)(1 << at % 8);
        }
        free(samples[i].bytes);
    }
}

static void every_format_under_the_name_of_another_loads_or_says_why(void **state)
{
    (void)state;
    struct sample samples[SAMPLES_MAX];
    size_t count = samples_make(samples);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            try_bytes(samples[k].name, samples[i].bytes, samples[i].size);
    for (size_t i = 0; i < count; i++)
        free(samples[i].bytes);
}

static void a_refused_file_in_a_folder_leaves_the_others_alone(void **state)
{
    (void)state;
    struct test_file good = file_write_text("asn-ipv4.csv", "5.45.0.0,5.45.255.255,13238,Y\n");
    char path[256];
    struct heard heard = {""};
    snprintf(path, sizeof(path), "%s/delegated-ripencc", good.folder);
    FILE *file = fopen(path, "wb");
    fwrite(delegated, 1, sizeof(delegated) - 120, file);
    fclose(file);
    const char *paths[] = {good.folder, NULL};
    struct geo *geo = must_open(paths, NULL);

    assert_int_equal(judge(geo, "5.45.0.1").operator_facts.asn[0], 13238);
    assert_string_equal(judge(geo, "5.0.0.1").operator_facts.registration.code, "");
    geo_passed_over(geo, hear, &heard);
    assert_non_null(strstr(heard.text, "delegated-ripencc: line 13: cut off"));

    geo_close(geo);
    unlink(path);
    file_remove(&good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_innermost_span_decides_and_the_outer_one_goes_on_behind_it),
        cmocka_unit_test(spans_that_overlap_by_half_end_where_they_end),
        cmocka_unit_test(a_registrys_file_tells_registration_and_holders),
        cmocka_unit_test(a_registrys_file_that_was_cut_off_is_refused),
        cmocka_unit_test(a_registrys_file_can_give_one_role_only),
        cmocka_unit_test(libloc_tells_registration_origin_and_anycast_but_never_location),
        cmocka_unit_test(damage_in_libloc_is_named_with_its_offset),
        cmocka_unit_test(a_geofeed_is_a_claim_of_its_own),
        cmocka_unit_test(holders_come_as_two_fields_or_with_handle_and_name),
        cmocka_unit_test(caidas_file_names_holders_through_their_organisations),
        cmocka_unit_test(maxminds_enterprise_file_tells_location_registration_and_as),
        cmocka_unit_test(an_override_beats_every_database_and_says_whose_it_is),
        cmocka_unit_test(an_override_that_nobody_stands_for_is_refused),
        cmocka_unit_test(every_format_cut_at_every_97th_byte_loads_or_says_why),
        cmocka_unit_test(every_format_with_a_flipped_bit_loads_or_says_why),
        cmocka_unit_test(every_format_under_the_name_of_another_loads_or_says_why),
        cmocka_unit_test(a_refused_file_in_a_folder_leaves_the_others_alone),
    };
    return cmocka_run_group_tests_name("geo/formats", tests, NULL, NULL);
}
