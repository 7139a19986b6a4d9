#include "source_files.h"

static void make_snoop_header(struct maker *file, uint32_t version, uint32_t datalink)
{
    file->is_big_endian = true;
    make_bytes(file, "snoop\0\0\0", 8);
    make_u32(file, version);
    make_u32(file, datalink);
}

/* RFC 1761: original length, included length, record length, drops, seconds, microseconds, data, padding. */
static void make_snoop_record(struct maker *file, uint32_t wire, uint32_t captured, uint32_t padding)
{
    make_u32(file, wire);
    make_u32(file, captured);
    make_u32(file, 24 + captured + padding);
    make_u32(file, 0);
    make_u32(file, 1000);
    make_u32(file, 250000);
    make_fill(file, 0x42, captured);
    make_fill(file, 0, padding);
}

static void records_are_read_without_their_padding(void **state)
{
    struct maker file = {0};
    make_snoop_header(&file, 2, 4);
    make_snoop_record(&file, 1514, 61, 3);
    make_snoop_record(&file, 60, 60, 0);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 2);
    assert_int_equal(run.packets[0].link_type, 1);
    assert_int_equal(run.packets[0].captured_len, 61);
    assert_int_equal(run.packets[0].wire_len, 1514);
    assert_int_equal(run.packets[0].time.ns, INT64_C(1000250000000));
    assert_int_equal(run.first_bytes[1], 0x42);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
    maker_clear(&file);
}

static void datalinks_become_link_types(void **state)
{
    static const uint16_t rows[][2] = {{0, 1}, {4, 1}, {2, 6}, {8, 10}, {3, 0xffff}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct maker file = {0};
        make_snoop_header(&file, 2, rows[i][0]);
        make_snoop_record(&file, 60, 60, 0);

        struct run run = run_bytes(state, file.data, file.length);

        assert_int_equal(run.packets[0].link_type, rows[i][1]);
        run_clear(&run);
        maker_clear(&file);
    }
}

static void another_version_is_refused_with_a_sentence(void **state)
{
    struct maker file = {0};
    make_snoop_header(&file, 3, 4);

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.status, STATUS_UNSUPPORTED);
    assert_non_null(strstr(run.error.text, "snoop version 3"));
    maker_clear(&file);
}

static void a_record_shorter_than_its_packet_ends_the_file(void **state)
{
    struct maker file = {0};
    make_snoop_header(&file, 2, 4);
    make_snoop_record(&file, 60, 60, 0);
    make_snoop_record(&file, 60, 60, 0);
    file.data[file.length - 60 - 24 + 11]--; /* record length */

    struct run run = run_bytes(state, file.data, file.length);

    assert_int_equal(run.count, 1);
    assert_int_equal(run.damage_count, 1);
    assert_int_equal(run.damages[0].offset, 16 + 84);
    run_clear(&run);
    maker_clear(&file);
}

static void no_prefix_is_read_beyond_its_end(void **state)
{
    (void)state;
    struct maker file = {0};
    size_t count;
    make_snoop_header(&file, 2, 4);
    make_snoop_record(&file, 1514, 61, 3);
    make_snoop_record(&file, 60, 60, 0);

    for_each_prefix(file.data, file.length, read_memory, &count);

    assert_int_equal(count, 2);
    maker_clear(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(records_are_read_without_their_padding),
        WITH_FOLDER(datalinks_become_link_types),
        WITH_FOLDER(another_version_is_refused_with_a_sentence),
        WITH_FOLDER(a_record_shorter_than_its_packet_ends_the_file),
        cmocka_unit_test(no_prefix_is_read_beyond_its_end),
    };
    return cmocka_run_group_tests_name("capture/source_snoop", tests, NULL, NULL);
}
