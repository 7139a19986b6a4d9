/* The compressions, each packed here by its own library. */
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "source_files.h"

typedef size_t pack_function(const void *bytes, size_t length, uint8_t *ret, size_t room);

static size_t pack_gzip(const void *bytes, size_t length, uint8_t *ret, size_t room)
{
    z_stream z = {
        .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)length, .next_out = ret, .avail_out = (uInt)room};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static size_t pack_zstd(const void *bytes, size_t length, uint8_t *ret, size_t room)
{
    size_t size = ZSTD_compress(ret, room, bytes, length, 3);
    assert_false(ZSTD_isError(size));
    return size;
}

static size_t pack_xz(const void *bytes, size_t length, uint8_t *ret, size_t room)
{
    size_t size = 0;
    assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes, length, ret, &size, room), LZMA_OK);
    return size;
}

static size_t pack_lz4(const void *bytes, size_t length, uint8_t *ret, size_t room)
{
    size_t size = LZ4F_compressFrame(ret, room, bytes, length, NULL);
    assert_false(LZ4F_isError(size));
    return size;
}

static const struct {
    const char *name;
    pack_function *pack;
} packers[] = {{"gzip", pack_gzip}, {"zstd", pack_zstd}, {"xz", pack_xz}, {"lz4", pack_lz4}};

enum { PACKERS = 4, ROOM = 1 << 20 };

/* Packets whose bytes do not compress away, so that cuts and changes hit data. */
static void make_noise(struct maker *file, unsigned count)
{
    uint32_t noise = 1;
    make_pcap(file, 100, count);
    for (size_t i = 24; i < file->length; i++) {
        if ((i - 24) % 76 < 16)
            continue;
        noise = noise * 1664525 + 1013904223;
        file->data[i] = (uint8_t)(noise >> 24);
    }
}

static void each_compression_is_told_by_its_first_bytes(void **state)
{
    static uint8_t packed[ROOM];
    struct maker file = {0};
    make_noise(&file, 5000); /* several windows of compressed input */
    for (size_t i = 0; i < PACKERS; i++) {
        size_t size = packers[i].pack(file.data, file.length, packed, ROOM);

        struct run run = run_bytes(state, packed, size);

        assert_int_equal(run.count, 5000);
        assert_int_equal(run.first_bytes[63], file.data[24 + 63 * 76 + 16]);
        assert_int_equal(run.damage_count, 0);
        uint64_t read, total;
        source_progress(run.source, &read, &total);
        assert_int_equal(read, size);
        assert_int_equal(total, size);
        run_clear(&run);
    }
    maker_clear(&file);
}

static void members_behind_each_other_are_one_capture(void **state)
{
    static uint8_t packed[ROOM];
    struct maker file = {0};
    make_noise(&file, 10);
    for (size_t i = 0; i < PACKERS; i++) {
        size_t size = packers[i].pack(file.data, 300, packed, ROOM);
        size += packers[i].pack(file.data + 300, 0, packed + size, ROOM - size);
        size += packers[i].pack(file.data + 300, file.length - 300, packed + size, ROOM - size);

        struct run run = run_bytes(state, packed, size);

        assert_int_equal(run.count, 10);
        assert_int_equal(run.damage_count, 0);
        run_clear(&run);
    }
    maker_clear(&file);
}

static void cut_data_give_what_is_there_and_the_offset_inside(void **state)
{
    static uint8_t packed[ROOM];
    struct maker file = {0};
    make_noise(&file, 12000);
    for (size_t i = 0; i < PACKERS; i++) {
        size_t size = packers[i].pack(file.data, file.length, packed, ROOM);

        struct run run = run_bytes(state, packed, size / 2);

        assert_true(run.count < 12000);
        assert_int_equal(run.damage_count, 1);
        assert_int_equal(run.damages[0].offset, 24 + run.count * 76);
        assert_non_null(strstr(run.damages[0].text, packers[i].name));
        assert_non_null(strstr(run.damages[0].text, "data are cut here"));
        run_clear(&run);
    }
    maker_clear(&file);
}

static void damaged_data_end_the_file_and_are_told(void **state)
{
    static uint8_t packed[ROOM];
    struct maker file = {0};
    make_noise(&file, 3000);
    for (size_t i = 0; i < PACKERS; i++) {
        size_t size = packers[i].pack(file.data, file.length, packed, ROOM);
        memset(packed + size * 3 / 4, 0xff, size / 4);

        struct run run = run_bytes(state, packed, size);

        assert_int_equal(run.status, STATUS_OK);
        assert_true(run.damage_count >= 1);
        run_clear(&run);
    }
    maker_clear(&file);
}

static void every_prefix_of_packed_data_is_survived(void **state)
{
    static uint8_t packed[ROOM];
    struct maker file = {0};
    make_pcap(&file, 100, 3);
    for (size_t i = 0; i < PACKERS; i++) {
        size_t size = packers[i].pack(file.data, file.length, packed, ROOM);
        for (size_t n = 0; n < size; n++) {
            struct run run = run_bytes(state, packed, n);

            if (run.status == STATUS_OK)
                assert_true(run.count < 3 || run.damage_count <= 1);
            else
                assert_true(run.error.text[0] != '\0');
            run_clear(&run);
        }
    }
    maker_clear(&file);
}

static void what_is_no_capture_once_unpacked_is_refused_with_a_sentence(void **state)
{
    static uint8_t packed[ROOM];
    size_t size = pack_gzip("Hello, world", 12, packed, ROOM);

    struct run run = run_bytes(state, packed, size);

    assert_int_equal(run.status, STATUS_MALFORMED);
    assert_non_null(strstr(run.error.text, "unpacked, it begins with 48 65 6c 6c 6f"));
}

static void garbage_behind_the_last_member_is_told_and_harms_nothing(void **state)
{
    static uint8_t packed[ROOM];
    struct maker file = {0};
    make_pcap(&file, 100, 3);
    size_t size = pack_gzip(file.data, file.length, packed, ROOM);
    memset(packed + size, 'x', 100);

    struct run run = run_bytes(state, packed, size + 100);

    assert_int_equal(run.count, 3);
    assert_int_equal(run.damage_count, 1);
    assert_non_null(strstr(run.damages[0].text, "gzip data are damaged here"));
    run_clear(&run);
    maker_clear(&file);
}

static void zeros_behind_the_last_gzip_member_are_padding(void **state)
{
    static uint8_t packed[ROOM];
    struct maker file = {0};
    make_pcap(&file, 100, 3);
    size_t size = pack_gzip(file.data, file.length, packed, ROOM);
    memset(packed + size, 0, 70000);

    struct run run = run_bytes(state, packed, size + 70000);

    assert_int_equal(run.status, STATUS_OK);
    assert_int_equal(run.count, 3);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
    maker_clear(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(each_compression_is_told_by_its_first_bytes),
        WITH_FOLDER(members_behind_each_other_are_one_capture),
        WITH_FOLDER(cut_data_give_what_is_there_and_the_offset_inside),
        WITH_FOLDER(damaged_data_end_the_file_and_are_told),
        WITH_FOLDER(every_prefix_of_packed_data_is_survived),
        WITH_FOLDER(what_is_no_capture_once_unpacked_is_refused_with_a_sentence),
        WITH_FOLDER(zeros_behind_the_last_gzip_member_are_padding),
        WITH_FOLDER(garbage_behind_the_last_member_is_told_and_harms_nothing),
    };
    return cmocka_run_group_tests_name("capture/source_codec", tests, NULL, NULL);
}
