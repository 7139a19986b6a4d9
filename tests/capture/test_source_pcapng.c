#include "source_files.h"
#include "source_pcapng_internal.h"

static const uint64_t second = 1000000; /* ticks of the usual clock */

static void packets_carry_the_link_type_and_number_of_their_interface(void **state)
{
    struct maker file = {0};
    make_section(&file);
    make_interface(&file, 1, 0, NULL);
    make_interface(&file, 101, 0, NULL);
    make_enhanced(&file, 1, 5 * second, 60, 1514);
    make_enhanced(&file, 0, 6 * second, 61, 61);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 2);
    assert_int_equal(run.packets[0].link_type, 101);
    assert_int_equal(run.packets[0].interface, 1);
    assert_int_equal(run.packets[0].captured_len, 60);
    assert_int_equal(run.packets[0].wire_len, 1514);
    assert_int_equal(run.packets[0].time.ns, 5 * NS_PER_SEC);
    assert_int_equal(run.packets[1].link_type, 1);
    assert_int_equal(run.packets[1].interface, 0);
    assert_int_equal(run.first_bytes[1], 0xee);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
    maker_clear(&file);
}

static void each_section_has_its_own_byte_order_and_interfaces(void **state)
{
    struct maker file = {0};
    make_section(&file);
    make_interface(&file, 1, 0, NULL);
    make_enhanced(&file, 0, second, 60, 60);
    file.is_big_endian = true;
    make_section(&file);
    make_interface(&file, 113, 0, NULL);
    make_enhanced(&file, 0, 2 * second, 61, 61);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 2);
    assert_int_equal(run.packets[1].link_type, 113);
    assert_int_equal(run.packets[1].interface, 1);
    assert_int_equal(run.packets[1].time.ns, 2 * NS_PER_SEC);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
    maker_clear(&file);
}

static void a_simple_packet_is_cut_by_the_snapshot_length_and_takes_the_last_time(void **state)
{
    struct maker file = {0};
    make_section(&file);
    make_interface(&file, 1, 96, NULL);
    make_enhanced(&file, 0, 7 * second, 60, 60);
    make_simple(&file, 96, 314);
    make_simple(&file, 50, 50);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 3);
    assert_int_equal(run.packets[1].captured_len, 96);
    assert_int_equal(run.packets[1].wire_len, 314);
    assert_int_equal(run.packets[1].time.ns, 7 * NS_PER_SEC);
    assert_true(run.packets[1].is_untimed && !run.packets[0].is_untimed);
    assert_int_equal(run.first_bytes[1], 0xaa);
    assert_int_equal(run.packets[2].captured_len, 50);
    assert_int_equal(run_counter(&run, "packets_without_time"), 2);
    run_clear(&run);
    maker_clear(&file);
}

static void the_obsolete_packet_block_is_read(void **state)
{
    struct maker file = {.is_big_endian = true};
    make_section(&file);
    make_interface(&file, 1, 0, NULL);
    make_u32(&file, 2);
    make_u32(&file, 36);
    make_u16(&file, 0); /* interface */
    make_u16(&file, 9); /* drops */
    make_u64(&file, 3 * second);
    make_u32(&file, 4);
    make_u32(&file, 60);
    make_fill(&file, 0x99, 4);
    make_u32(&file, 36);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 1);
    assert_int_equal(run.packets[0].time.ns, 3 * NS_PER_SEC);
    assert_int_equal(run.packets[0].wire_len, 60);
    assert_int_equal(run.first_bytes[0], 0x99);
    run_clear(&run);
    maker_clear(&file);
}

static void other_blocks_are_stepped_over_even_beyond_the_window(void **state)
{
    static const uint32_t types[] = {4, 5, 9, 10, 0x0bad, 0x40000bad, 0x80000001};
    struct maker file = {0};
    make_section(&file);
    make_interface(&file, 1, 0, NULL);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        make_block(&file, types[i], i == 3 ? 3 << 20 : 40);
    make_enhanced(&file, 0, second, 60, 60);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 1);
    assert_int_equal(run_counter(&run, "blocks_skipped"), 7);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
    maker_clear(&file);
}

static void a_length_without_its_padding_still_finds_the_next_block(void **state)
{
    struct maker file = {0};
    make_section(&file);
    make_interface(&file, 1, 0, NULL);
    make_u32(&file, 4);
    make_u32(&file, 14); /* two bytes of body, two of padding */
    make_u32(&file, 0);
    make_u32(&file, 14);
    make_enhanced(&file, 0, second, 60, 60);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 1);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
    maker_clear(&file);
}

/* A section with one interface, the block that a row makes, and a good packet behind it. */
static struct run run_with_block(void *const *state, void (*make)(struct maker *), uint64_t *ret_offset)
{
    struct maker file = {0};
    make_section(&file);
    make_interface(&file, 1, 0, NULL);
    *ret_offset = file.length;
    make(&file);
    make_enhanced(&file, 0, second, 60, 60);
    struct run run = run_bytes(state, file.data, file.length);
    maker_clear(&file);
    return run;
}

static void make_of_unknown_interface(struct maker *file)
{
    make_enhanced(file, 7, second, 60, 60);
}

static void make_longer_than_block(struct maker *file)
{
    size_t begin = file->length;
    make_enhanced(file, 0, second, 60, 60);
    file->data[begin + 20] = 61; /* captured length; 60 bytes and no padding are there */
}

static void make_too_short(struct maker *file)
{
    make_block(file, 6, 8);
}

static void a_bad_block_is_left_out_and_told(void **state)
{
    static const struct {
        void (*make)(struct maker *);
        const char *text;
    } rows[] = {
        {make_of_unknown_interface, "block 3 is left out: its packet is of an interface that was not described"},
        {make_longer_than_block, "block 3 is left out: its packet is longer than the block"},
        {make_too_short, "block 3 is left out: it is too short for a packet"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t offset;

        struct run run = run_with_block(state, rows[i].make, &offset);

        assert_int_equal(run.count, 1);
        assert_int_equal(run.damage_count, 1);
        assert_int_equal(run.damages[0].offset, offset);
        assert_string_equal(run.damages[0].text, rows[i].text);
        assert_int_equal(run_counter(&run, "blocks_damaged"), 1);
        run_clear(&run);
    }
}

static void make_with_two_lengths(struct maker *file)
{
    make_enhanced(file, 0, second, 60, 60);
    file->data[file->length - 4]++;
}

static void make_skipped_with_two_lengths(struct maker *file)
{
    make_block(file, 4, 40);
    file->data[file->length - 4]++;
}

static void make_shorter_than_frame(struct maker *file)
{
    make_block(file, 4, 0);
    file->data[file->length - 8] = 8;
}

static void make_other_version(struct maker *file)
{
    make_section(file);
    file->data[file->length - 16] = 2;
}

static void a_block_of_unknown_end_ends_the_file(void **state)
{
    static const struct {
        void (*make)(struct maker *);
        const char *text;
    } rows[] = {
        {make_with_two_lengths, "block 3 ends with another length than it begins with"},
        {make_skipped_with_two_lengths, "block 3 ends with another length than it begins with"},
        {make_shorter_than_frame, "block 3 is shorter than a block can be"},
        {make_other_version, "block 3 begins a section of another version than 1.0"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t offset;

        struct run run = run_with_block(state, rows[i].make, &offset);

        assert_int_equal(run.count, 0);
        assert_int_equal(run.damage_count, 1);
        assert_int_equal(run.damages[0].offset, offset);
        assert_ptr_equal(strstr(run.damages[0].text, rows[i].text), run.damages[0].text);
        run_clear(&run);
    }
}

static void an_interface_with_damaged_options_keeps_its_place(void **state)
{
    struct maker file = {0}, options = {0};
    make_u16(&options, 9);
    make_u16(&options, 200); /* longer than the block */
    make_section(&file);
    make_interface(&file, 101, 0, &options);
    make_interface(&file, 1, 0, NULL);
    make_enhanced(&file, 0, second, 60, 60);
    make_enhanced(&file, 1, second, 60, 60);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 2);
    assert_int_equal(run.packets[0].link_type, 101);
    assert_int_equal(run.packets[0].time.ns, NS_PER_SEC);
    assert_int_equal(run.packets[1].link_type, 1);
    assert_int_equal(run.damage_count, 1);
    run_clear(&run);
    maker_clear(&options);
    maker_clear(&file);
}

static void resolution_and_offset_of_the_interface_are_applied(void **state)
{
    for (int big = 0; big < 2; big++) {
        struct maker file = {.is_big_endian = big}, options = {.is_big_endian = big}, offset = {.is_big_endian = big};
        make_u64(&offset, (uint64_t)-10);
        make_option(&options, 2, "eth0", 4);
        make_option(&options, 9, "\x09", 1);
        make_option(&options, 14, offset.data, 8);
        make_option(&options, 0, "", 0);
        make_section(&file);
        make_interface(&file, 1, 0, &options);
        make_enhanced(&file, 0, UINT64_C(25123456789), 60, 60);

        struct run run = run_bytes(state, file.data, file.length);

        assert_int_equal(run.packets[0].time.ns, INT64_C(15123456789));
        run_clear(&run);
        maker_clear(&offset);
        maker_clear(&options);
        maker_clear(&file);
    }
}

static void every_resolution_gives_nanoseconds_or_says_that_it_was_clipped(void **state)
{
    (void)state;
    static const struct {
        uint8_t resolution;
        uint64_t ticks;
        int64_t offset_sec, ns;
        bool is_clipped;
    } rows[] = {
        {6, 1500000, 0, 1500000000, false},
        {0, 3, 0, 3 * NS_PER_SEC, false},
        {3, 1500, 0, 1500000000, false},
        {9, 1500000001, 0, 1500000001, false},
        {12, UINT64_C(1500000001999), 0, 1500000001, false},
        {28, UINT64_MAX, 0, 1, false}, /* 10^19 ticks are one nanosecond */
        {29, UINT64_MAX, 0, 0, false},
        {127, UINT64_MAX, 0, 0, false},
        {0x80, 3, 0, 3 * NS_PER_SEC, false},
        {0x81, 3, 0, 1500000000, false},
        {0x80 | 32, UINT64_C(0x180000000), 0, 1500000000, false}, /* NTP's fraction */
        {0x80 | 34, UINT64_C(0x600000000), 0, 1500000000, false},
        {0x80 | 63, UINT64_C(0xc000000000000000), 0, 1500000000, false},
        {0x80 | 64, UINT64_C(0x8000000000000000), 0, 500000000, false},
        {0xff, UINT64_MAX, 0, 0, false},
        {6, 1500000, -2, -500000000, false},
        {6, UINT64_MAX, 0, INT64_MAX, true},
        {0, UINT64_MAX, 0, INT64_MAX, true},
        {9, UINT64_MAX, 0, INT64_MAX, true},
        {0x80, UINT64_MAX, 0, INT64_MAX, true},
        {6, 1, INT64_MAX, INT64_MAX, true},
        {6, 0, INT64_MIN, INT64_MIN, true},
        {9, INT64_MAX, 1, INT64_MAX, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pcapng_interface interface = {.offset_sec = rows[i].offset_sec};
        bool is_clipped = false;
        pcapng_set_resolution(&interface, rows[i].resolution);

        struct packet_time time = pcapng_time(&interface, rows[i].ticks, &is_clipped);

        if (time.ns != rows[i].ns || is_clipped != rows[i].is_clipped)
            fail_msg("row %zu: %lld, clipped %d", i, (long long)time.ns, is_clipped);
    }
}

static void make_typical(struct maker *file)
{
    make_section(file);
    make_interface(file, 1, 128, NULL);
    make_enhanced(file, 0, second, 61, 61);
    make_block(file, 5, 12);
    make_simple(file, 33, 33);
}

static void every_prefix_gives_its_whole_blocks_and_tells_of_the_rest(void **state)
{
    static const size_t ends[] = {28, 48, 144, 168, 220}; /* of the blocks */
    struct maker file = {0};
    make_typical(&file);
    assert_int_equal(file.length, 220);
    for (size_t n = 0; n <= file.length; n++) {
        struct run run = run_bytes(state, file.data, n);

        if (n < 28) {
            assert_int_equal(run.status, STATUS_MALFORMED);
            assert_non_null(strstr(run.error.text, n == 0 ? "it is empty" : n < 4 ? "it begins with" : "is cut"));
            continue;
        }
        bool is_whole = false;
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
            is_whole |= n == ends[i];
        assert_int_equal(run.count, (n >= 144) + (n >= 220));
        assert_int_equal(run.damage_count, !is_whole);
        run_clear(&run);
    }
    maker_clear(&file);
}

static void no_prefix_is_read_beyond_its_end(void **state)
{
    (void)state;
    struct maker file = {0};
    size_t count;
    make_typical(&file);

    for_each_prefix(file.data, file.length, read_memory, &count);

    assert_int_equal(count, 2);
    maker_clear(&file);
}

static void damage_without_end_is_counted_and_not_all_kept(void **state)
{
    struct maker file = {0};
    make_section(&file);
    for (unsigned i = 0; i < 1000; i++)
        make_enhanced(&file, 0, second, 4, 4); /* of no interface */

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.damage_count, 16);
    assert_int_equal(run_counter(&run, "damages"), 1000);
    assert_int_equal(run_counter(&run, "damages_not_kept"), 984);
    run_clear(&run);
    maker_clear(&file);
}

static void interfaces_have_a_maximum(void **state)
{
    struct maker file = {0};
    make_section(&file);
    for (unsigned i = 0; i < 65537; i++)
        make_interface(&file, 1, 0, NULL);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.damage_count, 1);
    assert_non_null(strstr(run.damages[0].text, "one interface too many"));
    run_clear(&run);
    maker_clear(&file);
}

static void hear_link_type(void *context, uint16_t link_type, uint64_t packets)
{
    char *heard = context;
    snprintf(heard + strlen(heard), 16, "%u:%llu ", link_type, (unsigned long long)packets);
}

static void packets_are_counted_by_link_type(void **state)
{
    static const unsigned links[] = {1, 147, 1};
    static const uint32_t order[] = {1, 0, 1, 2, 1};
    struct maker file = {0};
    char heard[64] = "";
    make_section(&file);
    for (size_t i = 0; i < 3; i++)
        make_interface(&file, links[i], 0, NULL);
    for (size_t i = 0; i < 5; i++)
        make_enhanced(&file, order[i], (i + 1) * second, 60, 60);

    struct run run = run_bytes(state, file.data, file.length);

    source_link_types(run.source, hear_link_type, heard);
    assert_string_equal(heard, "147:3 1:2 ");
    run_clear(&run);
    maker_clear(&file);
}

static void link_types_have_a_maximum(void **state)
{
    struct maker file = {0};
    char heard[512] = "";
    make_section(&file);
    for (unsigned i = 0; i < 20; i++)
        make_interface(&file, 147 + i, 0, NULL);
    for (unsigned i = 0; i < 40; i++)
        make_enhanced(&file, i % 20, (i + 1) * second, 60, 60);

    struct run run = run_bytes(state, file.data, file.length);

    source_link_types(run.source, hear_link_type, heard);
    assert_int_equal(strlen(heard), 16 * strlen("147:2 "));
    run_clear(&run);
    maker_clear(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(packets_carry_the_link_type_and_number_of_their_interface),
        WITH_FOLDER(each_section_has_its_own_byte_order_and_interfaces),
        WITH_FOLDER(a_simple_packet_is_cut_by_the_snapshot_length_and_takes_the_last_time),
        WITH_FOLDER(the_obsolete_packet_block_is_read),
        WITH_FOLDER(other_blocks_are_stepped_over_even_beyond_the_window),
        WITH_FOLDER(a_length_without_its_padding_still_finds_the_next_block),
        WITH_FOLDER(a_bad_block_is_left_out_and_told),
        WITH_FOLDER(a_block_of_unknown_end_ends_the_file),
        WITH_FOLDER(an_interface_with_damaged_options_keeps_its_place),
        WITH_FOLDER(resolution_and_offset_of_the_interface_are_applied),
        cmocka_unit_test(every_resolution_gives_nanoseconds_or_says_that_it_was_clipped),
        WITH_FOLDER(every_prefix_gives_its_whole_blocks_and_tells_of_the_rest),
        cmocka_unit_test(no_prefix_is_read_beyond_its_end),
        WITH_FOLDER(damage_without_end_is_counted_and_not_all_kept),
        WITH_FOLDER(interfaces_have_a_maximum),
        WITH_FOLDER(packets_are_counted_by_link_type),
        WITH_FOLDER(link_types_have_a_maximum),
    };
    return cmocka_run_group_tests_name("capture/source_pcapng", tests, NULL, NULL);
}
