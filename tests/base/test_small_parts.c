/* Country codes, registered domains, the arena, the wire cursor, texts. */
#include "arena.h"
#include "country.h"
#include "flow_path.h"
#include "registered_domain.h"
#include "round_trip.h"
#include "status.h"
#include "test.h"
#include "text.h"
#include "wire.h"

static void only_assigned_codes_are_countries(void **state)
{
    static const char *const wrong[] = {"UK", "QX", "ru", "EU", "AP", "ZZ", "XX", "A1", "", "R", "RUS"};
    struct country c;
    (void)state;
    assert_true(country_parse("RU", 2, &c));
    assert_string_equal(country_name(c), "Russia");
    assert_true(country_parse("XK", 2, &c) && country_parse("GB", 2, &c));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(country_parse(wrong[i], strlen(wrong[i]), &c));
}

static void wrong_codes_bring_the_one_that_was_meant(void **state)
{
    (void)state;
    assert_string_equal(country_suggestion("UK"), "GB");
    assert_string_equal(country_suggestion("ru"), "RU");
    assert_string_equal(country_suggestion("PRC"), "CN");
    assert_string_equal(country_suggestion("Iran"), "IR");
    assert_string_equal(country_suggestion("RUSSIA"), "RU");
    assert_string_equal(country_suggestion("Russian federation"), "RU");
    assert_string_equal(country_suggestion("Åland Islands"), "AX");
    assert_null(country_suggestion("QX"));
    assert_null(country_suggestion("RU")); /* it is right */
    assert_null(country_suggestion(""));
    assert_null(country_suggestion("R"));
}

static void a_wrong_code_is_explained(void **state)
{
    static const char *const rows[][2] = {
        {"UK", "(GB is meant)"},
        {"Iran", "(IR is meant)"},
        {"QX", "(it is not assigned to any country)"},
        {"ZZ", "(it is not assigned to any country)"},
        {"RU,CN", "(codes are two capital letters, as in RU)"},
        {"", "(codes are two capital letters, as in RU)"},
        {"R", "(codes are two capital letters, as in RU)"},
    };
    char why[COUNTRY_WHY_SIZE];
    struct country c;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        country_explain(rows[i][0], why);
        assert_string_equal(why, rows[i][1]);
    }
    country_explain("EU", why);
    const char *at = strstr(why, "members, ");
    assert_non_null(at);
    size_t members = 0;
    for (at += strlen("members, "); country_parse(at, 2, &c); at += at[2] == ',' ? 4 : 2)
        members++;
    assert_int_equal(members, 27);
    assert_string_equal(at, "");
}

static void registered_domains_follow_the_public_suffix_list(void **state)
{
    char domain[256];
    (void)state;
    assert_true(registered_domain(text_of("www.Example.co.uk"), domain, sizeof(domain)));
    assert_string_equal(domain, "example.co.uk");
    assert_true(registered_domain(text_of("a.b.rising.com.cn"), domain, sizeof(domain)));
    assert_string_equal(domain, "rising.com.cn");
    assert_false(registered_domain(text_of("co.uk"), domain, sizeof(domain)));
    assert_false(registered_domain(text_of("localhost"), domain, sizeof(domain)));
    assert_false(registered_domain(text_of("94.75.236.123"), domain, sizeof(domain)));
    assert_true(is_public_suffix(text_of("com.cn")));
    assert_false(is_public_suffix(text_of("kaspersky.com")));
}

static void arena_memory_is_zeroed_and_apart(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    char *small = arena_copy(arena, "abc", 3), *large = arena_take(arena, 1 << 20), *after = arena_take(arena, 8);
    assert_string_equal(small, "abc");
    assert_int_equal(large[0] | large[(1 << 20) - 1] | after[0], 0);
    memset(large, 0xff, 1 << 20);
    assert_string_equal(small, "abc");
    assert_string_equal(arena_print(arena, "%d-%s", 7, "x"), "7-x");
    assert_false(arena_failed(arena));
    arena_take(arena, SIZE_MAX / 2 + 1);
    assert_true(arena_failed(arena));
    assert_null(arena_take(arena, 1));
    arena_free(arena);
    arena_free(NULL);
}

static void a_failed_cursor_stays_failed(void **state)
{
    const uint8_t bytes[] = {1, 2, 3, 4, 5};
    struct wire w = wire_of(bytes, sizeof(bytes));
    (void)state;
    assert_int_equal(wire_u16(&w), 0x0102);
    struct wire inner = wire_carve(&w, 2);
    assert_int_equal(wire_u24(&inner), 0);
    assert_true(inner.failed);
    assert_int_equal(wire_u8(&w), 5);
    assert_int_equal(wire_u8(&w), 0);
    assert_true(w.failed);
    assert_null(wire_bytes(&w, 0));
}

static void texts_compare_without_case(void **state)
{
    char copy[4];
    (void)state;
    assert_true(text_equal_nocase(text_of("Host"), text_of("hOST")));
    assert_false(text_equal_nocase(text_of("Host"), text_of("Hosts")));
    assert_true(text_starts_with_nocase(text_of("DrWebUpdate-6"), text_of("drweb")));
    assert_int_equal(text_copy(text_of("abcdef"), copy, sizeof(copy)), 3);
    assert_string_equal(copy, "abc");
}

static void a_changed_hop_limit_is_told_without_a_conclusion(void **state)
{
    static const struct {
        uint8_t hop_limit;
        unsigned hops;
    } rows[] = {{0, 32}, {31, 1}, {32, 0}, {33, 31}, {64, 0}, {65, 63}, {128, 0}, {129, 126}, {255, 0}};
    char sentence[PATH_CHANGE_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(path_hops(rows[i].hop_limit), rows[i].hops);
    assert_string_equal(path_change_print(&(struct path_change){.changes = 1, .from = 52, .to = 243}, sentence),
                        "path changed: the remote's packets came over 12 hops (hop limit 52), then 12 (243): another "
                        "path, or another machine answered");
}

static void a_set_of_countries_gives_its_members_in_order(void **state)
{
    static const char *const codes[] = {"AA", "AH", "AI", "CN", "RU", "ZY", "ZZ"};
    struct country_set set = {{0}};
    struct country country;
    unsigned at = 0;
    (void)state;
    assert_false(country_set_next(&set, &at, &country));
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        country_set_add(&set, (struct country){{codes[i][0], codes[i][1], '\0'}});
    at = 0;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_true(country_set_next(&set, &at, &country));
        assert_string_equal(country.code, codes[i]);
    }
    assert_false(country_set_next(&set, &at, &country));
    assert_false(country_set_next(&set, &at, &country));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_assigned_codes_are_countries),
        cmocka_unit_test(wrong_codes_bring_the_one_that_was_meant),
        cmocka_unit_test(a_wrong_code_is_explained),
        cmocka_unit_test(registered_domains_follow_the_public_suffix_list),
        cmocka_unit_test(arena_memory_is_zeroed_and_apart),
        cmocka_unit_test(a_failed_cursor_stays_failed),
        cmocka_unit_test(texts_compare_without_case),
        cmocka_unit_test(a_set_of_countries_gives_its_members_in_order),
        cmocka_unit_test(a_changed_hop_limit_is_told_without_a_conclusion),
    };
    return cmocka_run_group_tests_name("base/small_parts", tests, NULL, NULL);
}
