/* The reader's lines against those of bgpdump; every file cut and with flipped bits. */
#include "test.h"

#include <zlib.h>

#include "paths/mrt_print_internal.h"

#define PATHS_DATA TEST_DATA "/paths/"

struct told {
    FILE *out;
    unsigned routes, states, doubtful, troubles[TROUBLE_COUNT];
    uint64_t first_offset; /* of the first trouble */
};

static void on_route(void *context, const struct mrt_route *route)
{
    struct told *told = context;
    told->routes++;
    told->doubtful += route->is_doubtful;
    if (told->out != NULL)
        mrt_print_route(told->out, route);
}

static void on_state(void *context, const struct mrt_state *state)
{
    struct told *told = context;
    told->states++;
    if (told->out != NULL)
        mrt_print_state(told->out, state);
}

static void on_trouble(void *context, const struct mrt_trouble *trouble)
{
    struct told *told = context;
    bool is_first = true;
    for (unsigned i = 0; i < TROUBLE_COUNT; i++)
        is_first &= told->troubles[i] == 0;
    if (is_first)
        told->first_offset = trouble->offset;
    told->troubles[trouble->what]++;
}

static struct mrt_visitor visitor_of(struct told *told)
{
    return (struct mrt_visitor){on_route, on_state, on_trouble, told, NULL};
}

/** All of a file, unpacked when it is gzip. */
static size_t read_all(const char *path, char *ret, size_t room)
{
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    int got = gzread(file, ret, (unsigned)room);
    gzclose_r(file);
    assert_true(got >= 0 && (size_t)got < room);
    return (size_t)got;
}

enum { TEXT_ROOM = 8 << 20 };

static void compare(const char *name, const char *expected_suffix)
{
    char path[512], *wanted = malloc(TEXT_ROOM), *got = NULL;
    size_t length = 0;
    struct told told = {.out = open_memstream(&got, &length)};
    struct mrt_visitor visitor = visitor_of(&told);
    struct error error;
    snprintf(path, sizeof(path), PATHS_DATA "%s%s", name, expected_suffix);
    size_t wanted_length = read_all(path, wanted, TEXT_ROOM);
    snprintf(path, sizeof(path), PATHS_DATA "%s", name);

    assert_int_equal(mrt_read(path, &visitor, &error), STATUS_OK);

    fclose(told.out);
    assert_int_equal(length, wanted_length);
    assert_memory_equal(got, wanted, length);
    free(got);
    free(wanted);
}

static void lines_are_those_of_bgpdump(void **state)
{
    static const char *const small[] = {
        "bird-mrtdump_bgp.mrt", "bird-mrtdump_rib.mrt",      "bird6-mrtdump_rib.mrt",  "bird6_bgp.mrt",
        "bird_bgp.mrt",         "openbgpd_rib_table-v2.mrt", "openbgpd_rib_table.mrt", "quagga_bgp.mrt",
        "quagga_rib.mrt",       "lab-v4-addpath-bview.gz",   "lab-v6-addpath-bview.gz"};
    (void)state;
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
        compare(small[i], ".txt");
    compare("routeviews-jinx-updates-1427846400.bz2", ".txt.gz");
    compare("routeviews-v4-20140523.0600-first1200.mrt.gz", ".txt.gz");
}

static struct told read_bytes(const void *bytes, size_t length)
{
    struct told told = {0};
    struct mrt_visitor visitor = visitor_of(&told);
    mrt_read_bytes("bytes", bytes, length, &visitor, NULL);
    return told;
}

static void entries_of_early_drafts_are_refused_by_name(void **state)
{
    struct told told = {0};
    struct mrt_visitor visitor = visitor_of(&told);
    (void)state;

    assert_int_equal(mrt_read(PATHS_DATA "openbgpd_rib_table-mp.mrt", &visitor, NULL), STATUS_OK);

    assert_int_equal(told.routes, 0);
    assert_int_equal(told.troubles[TROUBLE_OLD_ENTRY], 31);
}

static void prefixes_of_a_damaged_update_are_doubtful(void **state)
{
    struct told told = {0};
    struct mrt_visitor visitor = visitor_of(&told);
    (void)state;

    assert_int_equal(mrt_read(PATHS_DATA "bird_bgp.mrt", &visitor, NULL), STATUS_OK);

    assert_int_equal(told.troubles[TROUBLE_PREFIX], 6);
    assert_int_equal(told.first_offset, 390);
    assert_int_equal(told.routes, 24);
    assert_int_equal(told.doubtful, 24);
}

static void what_is_no_mrt_file_is_refused(void **state)
{
    struct told told = {0};
    struct mrt_visitor visitor = visitor_of(&told);
    struct error error;
    (void)state;

    assert_int_equal(mrt_read(PATHS_DATA "ORIGIN", &visitor, &error), STATUS_UNSUPPORTED);
    assert_non_null(strstr(error.text, "no MRT file"));
    assert_int_equal(mrt_read(PATHS_DATA "no-such-file", &visitor, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "no-such-file: cannot be read"));
}

/* AS_PATH 64500 23456 23456, AS4_PATH 70000 70001: RFC 6793, 4.2.3. */
static void as_trans_is_repaired(void **state)
{
    static const uint8_t attributes[] = {0x40, 2,  8,  2, 3, 0xfb, 0xf4, 0x5b, 0xa0, 0x5b, 0xa0, /* AS_PATH */
                                         0xc0, 17, 10, 2, 2, 0,    1,    0x11, 0x70, 0,    1,    0x11, 0x71};
    struct bgp_attributes got;
    struct as_segment segment;
    uint32_t numbers[8];
    size_t count = 0;
    (void)state;

    assert_int_equal(bgp_attributes_parse(wire_of(attributes, sizeof(attributes)), 2, &got), TROUBLE_NONE);

    struct as_path rest = got.path;
    while (as_path_next(&rest, &segment))
        for (unsigned i = 0; i < segment.count && count < 8; i++)
            numbers[count++] = as_segment_number(&segment, i);
    assert_int_equal(count, 3);
    assert_int_equal(numbers[0], 64500);
    assert_int_equal(numbers[1], 70000);
    assert_int_equal(numbers[2], 70001);
}

static void every_cut_ends_in_one_trouble_at_the_cut_record(void **state)
{
    static const char *const names[] = {"quagga_rib.mrt", "bird-mrtdump_rib.mrt", "openbgpd_rib_table-v2.mrt",
                                        "openbgpd_rib_table.mrt", "quagga_bgp.mrt"};
    static char bytes[1 << 16];
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[512];
        snprintf(path, sizeof(path), PATHS_DATA "%s", names[i]);
        size_t length = read_all(path, bytes, sizeof(bytes));
        struct told whole = read_bytes(bytes, length);
        for (size_t cut = 97; cut < length; cut += 97) {
            struct guarded copy = guarded_copy(bytes, cut);
            struct told told = read_bytes(copy.data, copy.length);
            guarded_free(&copy);
            assert_true(told.routes <= whole.routes);
            assert_true(told.troubles[TROUBLE_HEADER_CUT] + told.troubles[TROUBLE_RECORD_CUT] <= 1);
        }
    }
}

static void packed_files_that_are_cut_give_what_is_whole_and_say_so(void **state)
{
    static const char *const names[] = {"lab-v4-addpath-bview.gz", "routeviews-jinx-updates-1427846400.bz2"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        static uint8_t bytes[1 << 16];
        snprintf(path, sizeof(path), PATHS_DATA "%s", names[i]);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t length = fread(bytes, 1, sizeof(bytes), file);
        fclose(file);
        for (size_t cut = 97; cut < length; cut += i == 0 ? 97 : 97 * 16) {
            struct told told = {0};
            struct mrt_visitor visitor = visitor_of(&told);
            struct error error = {""};
            if (mrt_read_bytes("bytes", bytes, cut, &visitor, &error) == STATUS_OK)
                assert_int_equal(told.troubles[TROUBLE_PACKING], 1);
            else
                assert_non_null(strstr(error.text, "nothing can be read of it: the "));
        }
    }
}

static void flipped_bits_do_not_disturb_the_rest(void **state)
{
    static char bytes[1 << 16];
    (void)state;
    size_t length = read_all(PATHS_DATA "openbgpd_rib_table-v2.mrt", bytes, sizeof(bytes));
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
        struct guarded copy = guarded_copy(bytes, length);
        (void)read_bytes(copy.data, copy.length);
        guarded_free(&copy);
        bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
    }
    struct told told = read_bytes(bytes, length);
    assert_int_equal(told.routes, 31);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_those_of_bgpdump),
        cmocka_unit_test(entries_of_early_drafts_are_refused_by_name),
        cmocka_unit_test(prefixes_of_a_damaged_update_are_doubtful),
        cmocka_unit_test(what_is_no_mrt_file_is_refused),
        cmocka_unit_test(as_trans_is_repaired),
        cmocka_unit_test(every_cut_ends_in_one_trouble_at_the_cut_record),
        cmocka_unit_test(packed_files_that_are_cut_give_what_is_whole_and_say_so),
        cmocka_unit_test(flipped_bits_do_not_disturb_the_rest),
    };
    return cmocka_run_group_tests_name("geo/mrt", tests, NULL, NULL);
}
