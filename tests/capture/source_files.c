#include "source_files.h"

#include <dirent.h>
#include <sys/stat.h>

#include "source_reader_internal.h"

void make_bytes(struct maker *maker, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    if (maker->length + length > maker->room) {
        maker->room = (maker->length + length) * 2;
        maker->data = realloc(maker->data, maker->room);
        assert_non_null(maker->data);
    }
    memcpy(maker->data + maker->length, bytes, length);
    maker->length += length;
}

void make_fill(struct maker *maker, uint8_t byte, size_t count)
{
    uint8_t block[4096];
    memset(block, byte, sizeof(block));
    for (; count > 0; count -= count < sizeof(block) ? count : sizeof(block))
        make_bytes(maker, block, count < sizeof(block) ? count : sizeof(block));
}

static void make_number(struct maker *maker, uint64_t value, unsigned size)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < size; i++)
        bytes[maker->is_big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
    make_bytes(maker, bytes, size);
}

void make_u16(struct maker *maker, unsigned value)
{
    make_number(maker, value, 2);
}

void make_u32(struct maker *maker, uint32_t value)
{
    make_number(maker, value, 4);
}

void make_u64(struct maker *maker, uint64_t value)
{
    make_number(maker, value, 8);
}

void maker_clear(struct maker *maker)
{
    free(maker->data);
    *maker = (struct maker){0};
}

void make_pcap_header(struct maker *maker, uint32_t magic, uint32_t snaplen, uint32_t network)
{
    make_u32(maker, magic);
    make_u16(maker, 2);
    make_u16(maker, 4);
    make_u64(maker, 0);
    make_u32(maker, snaplen);
    make_u32(maker, network);
}

void make_pcap_record(struct maker *maker, uint32_t sec, uint32_t fraction, uint32_t captured, uint32_t wire,
                      uint8_t fill)
{
    make_u32(maker, sec);
    make_u32(maker, fraction);
    make_u32(maker, captured);
    make_u32(maker, wire);
    make_fill(maker, fill, captured);
}

void make_pcap(struct maker *maker, uint32_t sec, unsigned count)
{
    make_pcap_header(maker, 0xa1b2c3d4, 65535, 1);
    for (unsigned i = 0; i < count; i++)
        make_pcap_record(maker, sec + i, 0, 60, 60, (uint8_t)(i + 1));
}

void make_section(struct maker *maker)
{
    make_u32(maker, 0x0a0d0d0a);
    make_u32(maker, 28);
    make_u32(maker, 0x1a2b3c4d);
    make_u16(maker, 1);
    make_u16(maker, 0);
    make_u64(maker, UINT64_MAX);
    make_u32(maker, 28);
}

void make_interface(struct maker *maker, unsigned link_type, uint32_t snaplen, const struct maker *options)
{
    uint32_t length = 20 + (options ? (uint32_t)options->length : 0);
    make_u32(maker, 1);
    make_u32(maker, length);
    make_u16(maker, link_type);
    make_u16(maker, 0);
    make_u32(maker, snaplen);
    if (options != NULL)
        make_bytes(maker, options->data, options->length);
    make_u32(maker, length);
}

void make_option(struct maker *maker, unsigned code, const void *value, size_t length)
{
    make_u16(maker, code);
    make_u16(maker, (unsigned)length);
    make_bytes(maker, value, length);
    make_fill(maker, 0, (4 - length % 4) % 4);
}

void make_enhanced(struct maker *maker, uint32_t interface, uint64_t ticks, uint32_t captured, uint32_t wire)
{
    uint32_t padding = (4 - captured % 4) % 4, length = 32 + captured + padding;
    make_u32(maker, 6);
    make_u32(maker, length);
    make_u32(maker, interface);
    make_u32(maker, (uint32_t)(ticks >> 32));
    make_u32(maker, (uint32_t)ticks);
    make_u32(maker, captured);
    make_u32(maker, wire);
    make_fill(maker, 0xee, captured);
    make_fill(maker, 0, padding);
    make_u32(maker, length);
}

void make_simple(struct maker *maker, uint32_t captured, uint32_t wire)
{
    uint32_t padding = (4 - captured % 4) % 4, length = 16 + captured + padding;
    make_u32(maker, 3);
    make_u32(maker, length);
    make_u32(maker, wire);
    make_fill(maker, 0xaa, captured);
    make_fill(maker, 0, padding);
    make_u32(maker, length);
}

void make_block(struct maker *maker, uint32_t type, uint32_t body_length)
{
    make_u32(maker, type);
    make_u32(maker, 12 + body_length);
    make_fill(maker, 0, body_length);
    make_u32(maker, 12 + body_length);
}

int folder_make(void **state)
{
    char pattern[] = "/tmp/bordertap-test-XXXXXX";
    if (mkdtemp(pattern) == NULL)
        return -1;
    *state = strdup(pattern);
    return *state == NULL;
}

/* Two levels are all that tests make. */
static void empty_folder(const char *path, unsigned depth)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char inner[600];
        struct stat st;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode) && depth < 40)
            empty_folder(inner, depth + 1);
        remove(inner);
    }
    closedir(folder);
}

int folder_remove(void **state)
{
    empty_folder(*state, 0);
    rmdir(*state);
    free(*state);
    return 0;
}

const char *folder_path(void *const *state, const char *name)
{
    static char paths[8][600];
    static unsigned next;
    char *ret = paths[next++ % 8];
    snprintf(ret, sizeof(paths[0]), "%s/%s", (const char *)*state, name);
    return ret;
}

const char *folder_write(void *const *state, const char *name, const void *bytes, size_t length)
{
    const char *path = folder_path(state, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

void folder_add(void *const *state, const char *name)
{
    assert_int_equal(mkdir(folder_path(state, name), 0700), 0);
}

static void read_all(struct run *run)
{
    struct packet packet;
    while (source_next(run->source, &packet) == STATUS_OK) {
        assert_true(packet.captured_len <= packet.wire_len);
        assert_int_equal(packet.number, run->count + 1);
        if (run->count < 64) {
            run->packets[run->count] = packet;
            run->first_bytes[run->count] = packet.captured_len > 0 ? packet.data[0] : 0;
        }
        run->count++;
    }
    assert_int_equal(source_next(run->source, &packet), STATUS_END);
    run->damages = source_damages(run->source, &run->damage_count);
}

struct run run_paths(const char *const *paths, size_t count)
{
    struct run run = {0};
    run.status = source_open(paths, count, &run.source, &run.error);
    if (run.status == STATUS_OK)
        read_all(&run);
    else
        assert_null(run.source);
    return run;
}

struct run run_path(const char *path)
{
    return run_paths(&path, 1);
}

struct run run_bytes(void *const *state, const void *bytes, size_t length)
{
    return run_path(folder_write(state, "bytes", bytes, length));
}

struct wanted {
    const char *name;
    uint64_t value;
    bool is_found;
};

static void look_for(void *context, const struct counter *counter)
{
    struct wanted *wanted = context;
    assert_string_equal(counter->group, "source");
    if (strcmp(counter->name, wanted->name) == 0) {
        wanted->value = counter->value;
        wanted->is_found = true;
    }
}

uint64_t run_counter(const struct run *run, const char *name)
{
    struct wanted wanted = {name, 0, false};
    source_count(run->source, look_for, &wanted);
    assert_true(wanted.is_found);
    return wanted.value;
}

void run_clear(struct run *run)
{
    source_close(run->source);
    *run = (struct run){0};
}

void read_memory(const uint8_t *data, size_t length, void *ret_packet_count)
{
    struct bytes bytes = {.at = data, .end = data + length, .end_offset = length, .is_ended = true};
    struct reported_file file = {"memory", 0};
    struct source_report report = {.file = &file};
    const struct reader_format *format = reader_format_of(data, length < FIRST_BYTES ? length : FIRST_BYTES);
    void *reader;
    size_t *count = ret_packet_count;
    *count = 0;
    if (format == NULL || format->open(&bytes, &report, &reader, NULL) != STATUS_OK) {
        report_clear(&report);
        return;
    }
    volatile uint8_t sum = 0;
    for (struct packet packet; format->next(reader, &packet); ++*count)
        for (uint32_t i = 0; i < packet.captured_len; i++)
            sum = (uint8_t)(sum + packet.data[i]);
    format->free(reader);
    report_clear(&report);
}
