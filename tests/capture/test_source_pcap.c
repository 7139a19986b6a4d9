#include "source_files.h"

static const uint32_t micro = 0xa1b2c3d4, nano = 0xa1b23c4d, modified = 0xa1b2cd34;

static void either_byte_order_and_resolution_gives_the_same_packets(void **state)
{
    static const struct {
        uint32_t magic, fraction;
        bool is_big_endian;
    } rows[] = {
        {0xa1b2c3d4, 250000, false},
        {0xa1b2c3d4, 250000, true}, /* microseconds */
        {0xa1b23c4d, 250000000, false},
        {0xa1b23c4d, 250000000, true}, /* nanoseconds */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct maker file = {.is_big_endian = rows[i].is_big_endian};
        make_pcap_header(&file, rows[i].magic, 65535, 113);
        make_pcap_record(&file, 1533658233, rows[i].fraction, 60, 1514, 0x42);

        struct run run = run_bytes(state, file.data, file.length);

        assert_int_equal(run.count, 1);
        assert_int_equal(run.packets[0].time.ns, INT64_C(1533658233250000000));
        assert_int_equal(run.packets[0].captured_len, 60);
        assert_int_equal(run.packets[0].wire_len, 1514);
        assert_int_equal(run.packets[0].link_type, 113);
        assert_int_equal(run.first_bytes[0], 0x42);
        assert_int_equal(run.damage_count, 0);
        run_clear(&run);
        maker_clear(&file);
    }
}

static void nanoseconds_are_kept_to_the_last_digit(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, nano, 65535, 1);
    make_pcap_record(&file, 1, 123456789, 4, 4, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.packets[0].time.ns, 1123456789);
    run_clear(&run);
    maker_clear(&file);
}

static void a_file_without_packets_is_a_good_file(void **state)
{
    struct maker file = {0};
    make_pcap(&file, 0, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.status, STATUS_OK);
    assert_int_equal(run.count, 0);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
    maker_clear(&file);
}

static void frame_check_length_in_the_network_field_is_set_aside(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, micro, 65535, 0x24000001); /* FCS present, two times 16 bits; Ethernet */
    make_pcap_record(&file, 1, 0, 64, 64, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.packets[0].link_type, 1);
    run_clear(&run);
    maker_clear(&file);
}

static void reserved_bits_in_the_network_field_are_no_known_link_type(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, micro, 65535, 0x00200001);
    make_pcap_record(&file, 1, 0, 64, 64, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.packets[0].link_type, 0xffff);
    run_clear(&run);
    maker_clear(&file);
}

static void packets_that_were_cut_when_captured_are_counted(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, micro, 64, 1);
    make_pcap_record(&file, 1, 0, 64, 65, 0);
    make_pcap_record(&file, 2, 0, 64, 64, 0);
    make_pcap_record(&file, 3, 0, 0, 1, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run_counter(&run, "packets_captured_short"), 2);
    run_clear(&run);
    maker_clear(&file);
}

static void more_captured_than_on_the_wire_raises_wire_len(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, micro, 0, 1); /* and a snapshot length of 0 forbids nothing */
    make_pcap_record(&file, 1, 0, 84, 68, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.packets[0].captured_len, 84);
    assert_int_equal(run.packets[0].wire_len, 84);
    assert_int_equal(run_counter(&run, "captured_beyond_wire"), 1);
    run_clear(&run);
    maker_clear(&file);
}

static void fraction_beyond_a_second_and_last_second_do_not_overflow(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, micro, 65535, 1);
    make_pcap_record(&file, UINT32_MAX, UINT32_MAX, 4, 4, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.packets[0].time.ns, INT64_C(4294967295) * NS_PER_SEC + INT64_C(4294967295) * 1000);
    run_clear(&run);
    maker_clear(&file);
}

static void a_cut_record_is_damage_at_its_offset(void **state)
{
    struct maker file = {0};
    make_pcap(&file, 100, 15);

    struct run run = run_bytes(state, file.data, file.length - 1);

    assert_int_equal(run.count, 14);
    assert_int_equal(run.damage_count, 1);
    assert_int_equal(run.damages[0].offset, 24 + 14 * 76);
    assert_string_equal(run.damages[0].text, "record 15 is cut: 75 of 76 bytes are there");
    assert_string_equal(run.damages[0].file, folder_path(state, "bytes"));
    run_clear(&run);
    maker_clear(&file);
}

static void a_record_longer_than_possible_ends_the_file(void **state)
{
    struct maker file = {0};
    make_pcap(&file, 100, 2);
    make_pcap_record(&file, 102, 0, 262145, 262145, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 2);
    assert_int_equal(run.damage_count, 1);
    assert_int_equal(run.damages[0].offset, 24 + 2 * 76);
    assert_non_null(strstr(run.damages[0].text, "record 3 claims 262145 bytes"));
    run_clear(&run);
    maker_clear(&file);
}

static void a_record_larger_than_the_window_is_read_where_the_file_allows_it(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, micro, 2 << 20, 1);
    make_pcap_record(&file, 1, 0, 60, 60, 1);
    make_pcap_record(&file, 2, 0, 2 << 20, 2 << 20, 2);
    make_pcap_record(&file, 3, 0, 60, 60, 3);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 3);
    assert_int_equal(run.packets[1].captured_len, 2 << 20);
    assert_int_equal(run.first_bytes[2], 3);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
    maker_clear(&file);
}

/* Appends a record with @p extra bytes of header behind the usual sixteen. */
static void make_long_record(struct maker *file, uint32_t sec, size_t extra)
{
    make_u32(file, sec);
    make_u32(file, 700000);
    make_u32(file, 60);
    make_u32(file, 60);
    make_u32(file, 3); /* interface, in the patched headers */
    make_fill(file, 0, extra - 4);
    make_fill(file, 0x55, 60);
}

static void longer_record_headers_are_found_behind_both_magics(void **state)
{
    static const struct {
        uint32_t magic;
        size_t extra;
    } rows[] = {
        {0xa1b2c3d4, 8},  /* Kuznetzov's first patch kept the magic */
        {0xa1b2c3d4, 4},  /* Nokia */
        {0xa1b2cd34, 8},  /* the third patch */
        {0xa1b2cd34, 12}, /* the second one */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct maker file = {.is_big_endian = i % 2 == 1};
        make_pcap_header(&file, rows[i].magic, 65535, 1);
        for (uint32_t sec = 940000001; sec <= 940000004; sec++)
            make_long_record(&file, sec, rows[i].extra);

        struct run run = run_bytes(state, file.data, file.length);

        assert_int_equal(run.count, 4);
        assert_int_equal(run.packets[3].time.ns, INT64_C(940000004700000000));
        assert_int_equal(run.first_bytes[3], 0x55);
        assert_int_equal(run.damage_count, 0);
        run_clear(&run);
        maker_clear(&file);
    }
}

static void a_single_modified_record_has_the_usual_modified_header(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, modified, 65535, 1);
    make_long_record(&file, 1, 8);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 1);
    assert_int_equal(run.first_bytes[0], 0x55);
    run_clear(&run);
    maker_clear(&file);
}

static void ixia_files_have_four_more_bytes_of_header(void **state)
{
    static const struct {
        uint32_t magic;
        int64_t ns;
    } rows[] = {{0x1c0001ac, 1000000005}, {0x1c0001ab, 1000005000}};
    for (size_t i = 0; i < 2; i++) {
        struct maker file = {.is_big_endian = i == 1};
        make_pcap_header(&file, rows[i].magic, 65535, 1);
        make_u32(&file, 76);
        make_pcap_record(&file, 1, 5, 60, 60, 0x66);

        struct run run = run_bytes(state, file.data, file.length);

        assert_int_equal(run.count, 1);
        assert_int_equal(run.packets[0].time.ns, rows[i].ns);
        assert_int_equal(run.first_bytes[0], 0x66);
        run_clear(&run);
        maker_clear(&file);
    }
}

/* A file header of another version: 2.2 and 543.0 exchange the two lengths, 2.3 sometimes. */
static void make_old(struct maker *file, unsigned major, unsigned minor, uint32_t network)
{
    make_u32(file, micro);
    make_u16(file, major);
    make_u16(file, minor);
    make_u64(file, 0);
    make_u32(file, 65535);
    make_u32(file, network);
}

static void old_versions_exchange_the_two_lengths(void **state)
{
    static const unsigned versions[][2] = {{2, 2}, {2, 3}, {543, 0}};
    for (size_t i = 0; i < 3; i++) {
        struct maker file = {0};
        make_old(&file, versions[i][0], versions[i][1], 1);
        make_u64(&file, 1);
        make_u32(&file, 1514); /* on the wire */
        make_u32(&file, 60);   /* captured */
        make_fill(&file, 0x77, 60);

        struct run run = run_bytes(state, file.data, file.length);

        assert_int_equal(run.count, 1);
        assert_int_equal(run.packets[0].captured_len, 60);
        assert_int_equal(run.packets[0].wire_len, 1514);
        assert_int_equal(run.damage_count, 0);
        run_clear(&run);
        maker_clear(&file);
    }
}

static void aix_counts_nanoseconds_and_interface_types(void **state)
{
    struct maker file = {0};
    make_old(&file, 2, 2, 6); /* ifType of Ethernet */
    make_pcap_record(&file, 1, 5, 60, 60, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.packets[0].time.ns, 1000000005);
    assert_int_equal(run.packets[0].link_type, 1);
    run_clear(&run);
    maker_clear(&file);
}

static void a_version_before_two_is_refused_with_a_sentence(void **state)
{
    struct maker file = {0};
    make_old(&file, 1, 0, 1);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.status, STATUS_UNSUPPORTED);
    assert_non_null(strstr(run.error.text, "pcap version 1.0"));
    maker_clear(&file);
}

static void every_prefix_gives_its_whole_records_and_tells_of_the_rest(void **state)
{
    struct maker file = {0};
    make_pcap(&file, 100, 3);
    for (size_t n = 0; n <= file.length; n++) {
        struct run run = run_bytes(state, file.data, n);

        if (n < 24) {
            assert_int_equal(run.status, STATUS_MALFORMED);
            assert_non_null(strstr(run.error.text, n == 0 ? "it is empty" : n < 4 ? "it begins with" : "is cut"));
            continue;
        }
        assert_int_equal(run.count, (n - 24) / 76);
        assert_int_equal(run.damage_count, (n - 24) % 76 != 0);
        run_clear(&run);
    }
    maker_clear(&file);
}

static void no_prefix_is_read_beyond_its_end(void **state)
{
    (void)state;
    struct maker file = {0};
    size_t count;
    make_pcap(&file, 100, 3);

    for_each_prefix(file.data, file.length, read_memory, &count);

    assert_int_equal(count, 3);
    maker_clear(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(either_byte_order_and_resolution_gives_the_same_packets),
        WITH_FOLDER(nanoseconds_are_kept_to_the_last_digit),
        WITH_FOLDER(a_file_without_packets_is_a_good_file),
        WITH_FOLDER(frame_check_length_in_the_network_field_is_set_aside),
        WITH_FOLDER(reserved_bits_in_the_network_field_are_no_known_link_type),
        WITH_FOLDER(packets_that_were_cut_when_captured_are_counted),
        WITH_FOLDER(more_captured_than_on_the_wire_raises_wire_len),
        WITH_FOLDER(fraction_beyond_a_second_and_last_second_do_not_overflow),
        WITH_FOLDER(a_cut_record_is_damage_at_its_offset),
        WITH_FOLDER(a_record_longer_than_possible_ends_the_file),
        WITH_FOLDER(a_record_larger_than_the_window_is_read_where_the_file_allows_it),
        WITH_FOLDER(longer_record_headers_are_found_behind_both_magics),
        WITH_FOLDER(a_single_modified_record_has_the_usual_modified_header),
        WITH_FOLDER(ixia_files_have_four_more_bytes_of_header),
        WITH_FOLDER(old_versions_exchange_the_two_lengths),
        WITH_FOLDER(aix_counts_nanoseconds_and_interface_types),
        WITH_FOLDER(a_version_before_two_is_refused_with_a_sentence),
        WITH_FOLDER(every_prefix_gives_its_whole_records_and_tells_of_the_rest),
        cmocka_unit_test(no_prefix_is_read_beyond_its_end),
    };
    return cmocka_run_group_tests_name("capture/source_pcap", tests, NULL, NULL);
}
