/* The name index: precedence, patterns, cost. */
#include "catalog_fixture.h"

static void exact_beats_pattern_beats_suffix(void **state)
{
    struct catalog *c =
        load_rows("  - {product: acme-av, suffix: acme.example, source: s, purpose: vpn}\n"
                  "  - {product: acme-av, suffix: x1.upd.acme.example, source: s, purpose: account}\n"
                  "  - {product: acme-av, pattern: x#.upd.acme.example, source: s, purpose: update}\n"
                  "  - {product: acme-av, domain: x2.upd.acme.example, source: s, purpose: telemetry}\n");
    (void)state;

    assert_int_equal(match(c, "acme.example")->purpose, PURPOSE_VPN);
    assert_int_equal(match(c, "anything.acme.example")->purpose, PURPOSE_VPN);
    assert_int_equal(match(c, "x1.upd.acme.example")->purpose, PURPOSE_UPDATE);
    assert_int_equal(match(c, "deeper.x1.upd.acme.example")->purpose, PURPOSE_ACCOUNT);
    assert_int_equal(match(c, "x2.upd.acme.example")->purpose, PURPOSE_TELEMETRY);
    assert_int_equal(match(c, "y2.upd.acme.example")->purpose, PURPOSE_VPN);
    catalog_free(c);
}

static void the_pattern_with_more_fixed_characters_is_tried_first(void **state)
{
    struct catalog *c =
        load_rows("  - {product: acme-av, pattern: \"*.acme.example\", source: s, purpose: vpn}\n"
                  "  - {product: acme-av, pattern: \"data-*.acme.example\", source: s, purpose: telemetry}\n");
    (void)state;

    assert_int_equal(match(c, "data-eu.acme.example")->purpose, PURPOSE_TELEMETRY);
    assert_int_equal(match(c, "other.acme.example")->purpose, PURPOSE_VPN);
    assert_null(match(c, "two.labels.acme.example"));
    catalog_free(c);
}

static void a_wildcard_never_crosses_a_dot_and_digits_are_digits(void **state)
{
    static const struct {
        const char *pattern, *name;
        bool fits;
    } rows[] = {
        {"s#.upd.x.net", "s00.upd.x.net", true},
        {"s#.upd.x.net", "s.upd.x.net", false},
        {"s#.upd.x.net", "s0a.upd.x.net", false},
        {"s#.upd.x.net", "ts0.upd.x.net", false},
        {"ep*.x.net", "ep.x.net", true},
        {"ep*.x.net", "ep-all.x.net", true},
        {"ep*.x.net", "ep.all.x.net", false},
        {"a*b*c.x.net", "abcbc.x.net", true},
        {"a*b*c.x.net", "abcb.x.net", false},
        {"*.x.net", "y.x.net", true},
        {"us*#-*.x.net", "usea1-105.x.net", true},
        {"us*#-*.x.net", "usea-105.x.net", false},
        {"x-*.*.y.net", "x-1.eu.y.net", true},
        {"x-*.*.y.net", "x-1.y.net", false},
        {"w#*prod.x.net", "w12eastprod.x.net", true},
        {"w#*prod.x.net", "w12prod.x.net", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (pattern_matches(text_of(rows[i].pattern), text_of(rows[i].name)) != rows[i].fits)
            fail_msg("%s against %s", rows[i].pattern, rows[i].name);
}

static void patterns_that_cannot_be_meant_are_refused(void **state)
{
    static const char *const bad[] = {"*.com",     "*", "a.*.net", "a*.b*.c",   "no.wildcard.net", "s#1.x.net",
                                      "a**.x.net", "",  ".x.net",  "a..*x.net", "A*.x.net",        "a b*.x.net"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (pattern_refusal(text_of(bad[i])) == NULL)
            fail_msg("'%s' is taken", bad[i]);
    assert_null(pattern_refusal(text_of("s#.upd.x.net")));
}

static void look_at_prefix(const uint8_t *data, size_t length, void *context)
{
    struct text name = {(const char *)data, length};
    (void)catalog_match_name(context, name);
    (void)pattern_matches(text_of("s#*.*.upd.acme.example"), name);
    (void)path_matches(text_of("/updates/*/#-x"), name);
}

static void every_prefix_of_a_name_is_looked_up_within_its_bytes(void **state)
{
    static const char name[] = "s001.eu.upd.acme.example";
    struct catalog *c = load_rows("  - {product: acme-av, pattern: s#.*.upd.acme.example, source: s}\n"
                                  "  - {product: acme-av, suffix: acme.example, source: s, mixed: true}\n");
    (void)state;

    for_each_prefix(name, sizeof(name) - 1, look_at_prefix, c);

    assert_non_null(match(c, name));
    catalog_free(c);
}

/* A catalogue of @p count names of the form n<i>.z<i % 500>.example<i % 50>.net. */
static struct catalog *load_many(size_t count)
{
    size_t room = 512 + count * 48, used;
    char *text = malloc(room);
    struct catalog *catalog = NULL;
    struct error error = {""};
    assert_non_null(text);
    used = (size_t)snprintf(text, room, VENDOR_LINES "indicators:\n  - product: acme-av\n    source: s\n    domain:\n");
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, room - used, "    - n%zu.z%zu.example%zu.net\n", i, i % 500, i % 50);
    if (catalog_load_bytes("many.yaml", text, used, &catalog, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    free(text);
    return catalog;
}

static size_t probes_of(const struct catalog *catalog, const char *name, bool is_known)
{
    size_t probes = 0;
    const struct catalog_entry *found = name_index_find(&catalog->names, text_of(name), &probes);
    assert_int_equal(found != NULL, is_known);
    return probes;
}

static size_t average_probes(const struct catalog *catalog, size_t count, size_t step)
{
    size_t total = 0, n = 0;
    char name[64];
    for (size_t i = 0; i < count; i += step, n++) {
        snprintf(name, sizeof(name), "n%zu.z%zu.example%zu.net", i, i % 500, i % 50);
        total += probes_of(catalog, name, true);
    }
    return total * 100 / n;
}

static void a_hundred_thousand_names_cost_as_many_probes_as_two_thousand(void **state)
{
    struct catalog *few = load_many(2000), *many = load_many(100000);
    (void)state;

    size_t few_probes = average_probes(few, 2000, 1), many_probes = average_probes(many, 100000, 50);

    assert_in_range(few_probes, 400, 600); /* four labels, in hundredths */
    assert_in_range(many_probes, 400, few_probes + 100);
    assert_in_range(probes_of(many, "www.unknown-site.org", false), 1, 4);
    assert_in_range(probes_of(many, "a.very.long.name.of.somebody.else.net", false), 2, 8);
    catalog_free(few);
    catalog_free(many);
}

static void a_mixed_zone_gives_its_apex_and_web_labels_to_people(void **state)
{
    struct catalog *c = load_rows("  - {product: acme-av, suffix: acme.example, source: s, mixed: true}\n");
    (void)state;

    assert_int_equal(match(c, "acme.example")->purpose, PURPOSE_WEB);
    assert_int_equal(match(c, "agent.acme.example")->purpose, PURPOSE_UNKNOWN);
    assert_true(match(c, "agent.acme.example")->is_mixed);
    catalog_free(c);
}

static void what_has_other_bytes_than_a_name_matches_nothing(void **state)
{
    (void)state;
    struct catalog *catalog = load_rows("  - {product: acme-av, source: s, suffix: acme.example}\n");
    static const char nul[] = "a\0b.acme.example";

    assert_non_null(match(catalog, "a_b-1.acme.example"));
    assert_null(match(catalog, "a b.acme.example"));
    assert_null(match(catalog, "\x1b[2J.acme.example"));
    assert_null(match(catalog, "\xff.acme.example"));
    assert_null(match(catalog, "evil\\.acme.example"));
    assert_null(catalog_match_name(catalog, (struct text){nul, sizeof(nul) - 1}));
    catalog_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_beats_pattern_beats_suffix),
        cmocka_unit_test(the_pattern_with_more_fixed_characters_is_tried_first),
        cmocka_unit_test(a_wildcard_never_crosses_a_dot_and_digits_are_digits),
        cmocka_unit_test(patterns_that_cannot_be_meant_are_refused),
        cmocka_unit_test(every_prefix_of_a_name_is_looked_up_within_its_bytes),
        cmocka_unit_test(a_hundred_thousand_names_cost_as_many_probes_as_two_thousand),
        cmocka_unit_test(a_mixed_zone_gives_its_apex_and_web_labels_to_people),
        cmocka_unit_test(what_has_other_bytes_than_a_name_matches_nothing),
    };
    return cmocka_run_group_tests_name("analyzers/match_name", tests, NULL, NULL);
}
