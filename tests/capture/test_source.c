#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "source_files.h"

/* Writes a capture of @p count packets, one a second from @p sec. */
static const char *write_pcap(void *const *state, const char *name, uint32_t sec, unsigned count)
{
    struct maker file = {0};
    make_pcap(&file, sec, count);
    const char *path = folder_write(state, name, file.data, file.length);
    maker_clear(&file);
    return path;
}

static void assert_seconds(const struct run *run, const int64_t *seconds, size_t count)
{
    assert_int_equal(run->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(run->packets[i].time.ns / NS_PER_SEC, seconds[i]);
}

static void files_are_merged_on_packet_time(void **state)
{
    static const int64_t expected[] = {10, 11, 12, 12, 13, 13, 14, 20};
    const char *paths[] = {write_pcap(state, "c", 20, 1), write_pcap(state, "a", 10, 4), write_pcap(state, "b", 12, 3)};

    struct run run = run_paths(paths, 3);

    assert_seconds(&run, expected, 8);
    assert_int_equal(run_counter(&run, "files_read"), 3);
    assert_int_equal(run_counter(&run, "packets_back_in_time"), 0);
    run_clear(&run);
}

static void equal_times_keep_the_order_of_the_arguments(void **state)
{
    struct maker file = {0};
    make_pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    make_pcap_record(&file, 10, 0, 4, 4, 0x99);
    const char *paths[] = {folder_write(state, "z", file.data, file.length), write_pcap(state, "a", 10, 1)};

    struct run run = run_paths(paths, 2);

    assert_int_equal(run.count, 2);
    assert_int_equal(run.first_bytes[0], 0x99);
    assert_int_equal(run.first_bytes[1], 1);
    run_clear(&run);
    maker_clear(&file);
}

static void packets_of_one_file_keep_their_order(void **state)
{
    static const int64_t expected[] = {5, 10, 3, 11, 20};
    struct maker file = {0};
    make_pcap_header(&file, 0xa1b2c3d4, 65535, 1);
    make_pcap_record(&file, 10, 0, 4, 4, 0);
    make_pcap_record(&file, 3, 0, 4, 4, 0);
    make_pcap_record(&file, 20, 0, 4, 4, 0);
    struct maker other = {0};
    make_pcap_header(&other, 0xa1b2c3d4, 65535, 1);
    make_pcap_record(&other, 5, 0, 4, 4, 0);
    make_pcap_record(&other, 11, 0, 4, 4, 0);
    const char *paths[] = {folder_write(state, "a", file.data, file.length),
                           folder_write(state, "b", other.data, other.length)};

    struct run run = run_paths(paths, 2);

    assert_seconds(&run, expected, 5);
    assert_int_equal(run_counter(&run, "packets_back_in_time"), 1);
    run_clear(&run);
    maker_clear(&other);
    maker_clear(&file);
}

static void interfaces_are_numbered_over_all_files(void **state)
{
    const char *paths[] = {write_pcap(state, "a", 10, 1), write_pcap(state, "b", 20, 1)};

    struct run run = run_paths(paths, 2);

    assert_int_equal(run.packets[0].interface, 0);
    assert_int_equal(run.packets[1].interface, 1);
    run_clear(&run);
}

static void a_directory_is_read_in_name_order_and_to_the_bottom(void **state)
{
    folder_add(state, "d");
    folder_add(state, "d/b");
    write_pcap(state, "d/c", 10, 1); /* the same time: only the names decide */
    write_pcap(state, "d/b/z", 10, 2);
    write_pcap(state, "d/a", 10, 3);
    folder_write(state, "d/notes.txt", "Hello, world", 12);
    folder_write(state, "d/empty", "", 0);
    assert_int_equal(mkfifo(folder_path(state, "d/pipe"), 0600), 0);
    const char *path = folder_path(state, "d");

    struct run run = run_path(path);

    assert_int_equal(run.count, 6);
    assert_int_equal(run.packets[0].interface, 0);
    assert_int_equal(run.packets[1].interface, 1); /* b/z */
    assert_int_equal(run.packets[2].interface, 2); /* c */
    assert_int_equal(run_counter(&run, "files_read"), 3);
    assert_int_equal(run_counter(&run, "files_skipped"), 3);
    assert_int_equal(run.damage_count, 0);
    run_clear(&run);
}

static bool ends_not_in(void *context, const char *path)
{
    return path[strlen(path) - 1] != *(const char *)context;
}

static void files_that_are_not_wanted_are_passed_over(void **state)
{
    char letter = 'b';
    folder_add(state, "d");
    write_pcap(state, "d/a", 10, 1);
    write_pcap(state, "d/b", 20, 2);
    const char *path = folder_path(state, "d");
    struct run run = {0};

    assert_int_equal(source_open_wanted(&path, 1, ends_not_in, &letter, &run.source, NULL), STATUS_OK);
    struct packet packet;
    assert_int_equal(source_next(run.source, &packet), STATUS_OK);
    assert_int_equal(packet.time.ns / NS_PER_SEC, 10);
    assert_int_equal(source_next(run.source, &packet), STATUS_END);
    assert_int_equal(run_counter(&run, "files_passed_over"), 1);
    source_close(run.source);

    path = folder_path(state, "d/b"); /* and nothing else */
    assert_int_equal(source_open_wanted(&path, 1, ends_not_in, &letter, &run.source, NULL), STATUS_OK);
    assert_int_equal(source_next(run.source, &packet), STATUS_END);
    source_close(run.source);
}

static void links_in_a_circle_end_and_two_links_are_one_file(void **state)
{
    folder_add(state, "d");
    folder_add(state, "d/e");
    write_pcap(state, "d/e/a", 10, 1);
    assert_int_equal(symlink("..", folder_path(state, "d/e/up")), 0);
    assert_int_equal(symlink("e", folder_path(state, "d/f")), 0);
    assert_int_equal(symlink("a", folder_path(state, "d/e/latest")), 0);
    assert_int_equal(symlink("nowhere", folder_path(state, "d/e/broken")), 0);
    const char *path = folder_path(state, "d");

    struct run run = run_path(path);

    assert_int_equal(run.count, 1);
    assert_int_equal(run_counter(&run, "files_seen_twice"), 3);
    assert_int_equal(run_counter(&run, "files_skipped"), 1);
    run_clear(&run);
}

static void folders_deeper_than_the_maximum_are_counted(void **state)
{
    char name[200] = "d";
    folder_add(state, name);
    for (int i = 0; i < 34; i++) {
        strcat(name, "/d");
        folder_add(state, name);
    }
    write_pcap(state, "d/a", 10, 1);
    const char *path = folder_path(state, "d");

    struct run run = run_path(path);

    assert_int_equal(run.count, 1);
    assert_int_equal(run_counter(&run, "files_refused"), 1);
    run_clear(&run);
}

static void what_cannot_be_read_gets_one_sentence(void **state)
{
    folder_add(state, "nothing");
    folder_write(state, "empty", "", 0);
    folder_write(state, "text", "Hello, world", 12);
    const struct {
        const char *name, *text;
        enum status status;
    } rows[] = {
        {"missing", "No such file or directory; check the path", STATUS_IO},
        {"empty", "is no capture file: it is empty", STATUS_MALFORMED},
        {"text", "is no capture file: it begins with 48 65 6c 6c 6f 2c 20 77; give a pcap", STATUS_MALFORMED},
        {"nothing", "no capture file among the 0 files in", STATUS_INVALID},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *path = folder_path(state, rows[i].name);

        struct run run = run_path(path);

        assert_int_equal(run.status, rows[i].status);
        assert_non_null(strstr(run.error.text, path));
        assert_non_null(strstr(run.error.text, rows[i].text));
    }
}

static void one_bad_file_among_good_ones_is_damage(void **state)
{
    const char *paths[] = {folder_write(state, "text", "Hello, world", 12), folder_path(state, "missing"),
                           write_pcap(state, "a", 10, 2)};

    struct run run = run_paths(paths, 3);

    assert_int_equal(run.status, STATUS_OK);
    assert_int_equal(run.count, 2);
    assert_int_equal(run.damage_count, 2);
    assert_string_equal(run.damages[0].file, paths[1]);
    assert_non_null(strstr(run.damages[0].text, "No such file"));
    assert_string_equal(run.damages[1].file, paths[0]);
    assert_non_null(strstr(run.damages[1].text, "is no capture file"));
    char place[SOURCE_PLACE_SIZE];
    assert_string_equal(source_damage_place(&run.damages[1], place), ""); /* all of the file */
    assert_string_equal(source_damage_place(&(struct source_damage){.offset = UINT64_MAX}, place),
                        ": offset 18446744073709551615:");
    run_clear(&run);
}

static void when_all_named_files_are_bad_the_first_is_told(void **state)
{
    const char *paths[] = {folder_write(state, "text", "Hello, world", 12), folder_write(state, "empty", "", 0)};

    struct run run = run_paths(paths, 2);

    assert_int_equal(run.status, STATUS_MALFORMED);
    assert_non_null(strstr(run.error.text, paths[0]));
}

/* Hands bytes to standard input in small pieces. */
struct feeder {
    int descriptor;
    const uint8_t *data;
    size_t length;
};

static void *feed(void *context)
{
    struct feeder *feeder = context;
    for (size_t done = 0; done < feeder->length;) {
        size_t piece = feeder->length - done < 7 ? feeder->length - done : 7;
        ssize_t written = write(feeder->descriptor, feeder->data + done, piece);
        if (written <= 0)
            break;
        done += (size_t)written;
    }
    close(feeder->descriptor);
    return NULL;
}

static struct run run_stdin(const uint8_t *data, size_t length)
{
    int ends[2], saved = dup(STDIN_FILENO);
    pthread_t thread;
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    struct feeder feeder = {ends[1], data, length};
    assert_int_equal(pthread_create(&thread, NULL, feed, &feeder), 0);
    struct run run = run_path("-");
    pthread_join(thread, NULL);
    if (saved >= 0) {
        dup2(saved, STDIN_FILENO);
        close(saved);
    }
    return run;
}

static void standard_input_is_read_from_a_pipe(void **state)
{
    (void)state;
    struct maker file = {0};
    make_pcap(&file, 10, 40);

    struct run run = run_stdin(file.data, file.length);

    assert_int_equal(run.count, 40);
    assert_int_equal(run.damage_count, 0);
    uint64_t read, total;
    source_progress(run.source, &read, &total);
    assert_int_equal(read, file.length);
    assert_int_equal(total, 0); /* unknown */
    run_clear(&run);
    maker_clear(&file);
}

static void empty_standard_input_is_called_by_its_name(void **state)
{
    (void)state;

    struct run run = run_stdin((const uint8_t *)"", 0);

    assert_int_equal(run.status, STATUS_MALFORMED);
    assert_non_null(strstr(run.error.text, "standard input is no capture file: it is empty"));
}

static void a_file_cut_while_it_is_read_is_damage(void **state)
{
    const char *path = write_pcap(state, "a", 10, 20000); /* several windows */
    struct source *source;
    struct packet packet;
    assert_int_equal(source_open(&path, 1, &source, NULL), STATUS_OK);
    assert_int_equal(source_next(source, &packet), STATUS_OK);
    assert_int_equal(truncate(path, 100), 0);

    size_t count = 1;
    while (source_next(source, &packet) == STATUS_OK)
        count++;

    size_t damages;
    source_damages(source, &damages);
    assert_true(count < 20000);
    assert_int_equal(damages, 1);
    source_close(source);
}

/* A run of @p count files of @p packets each; every @p step seconds one begins. */
static void write_rotation(void *const *state, unsigned count, unsigned packets, uint32_t step)
{
    folder_add(state, "d");
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof(name), "d/%05u.pcap", count - i); /* the last name has the first packets */
        write_pcap(state, name, 1000 + i * step, packets);
    }
}

static size_t count_in_order(struct source *source)
{
    struct packet packet;
    struct packet_time last = {0};
    size_t ret = 0;
    for (; source_next(source, &packet) == STATUS_OK; ret++) {
        assert_false(packet_time_before(packet.time, last));
        last = packet.time;
    }
    return ret;
}

static void a_thousand_files_need_few_descriptors(void **state)
{
    static const uint32_t steps[] = {2, 0}; /* one after the other; all at once */
    struct rlimit before, low;
    getrlimit(RLIMIT_NOFILE, &before);
    low = before;
    low.rlim_cur = 24;
    for (size_t i = 0; i < 2; i++) {
        write_rotation(state, 1000, 2, steps[i]);
        const char *path = folder_path(state, "d");
        struct source *source;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);

        enum status status = source_open(&path, 1, &source, NULL);
        size_t count = status == STATUS_OK ? count_in_order(source) : 0;

        setrlimit(RLIMIT_NOFILE, &before);
        assert_int_equal(count, 2000);
        size_t damages;
        source_damages(source, &damages);
        assert_int_equal(damages, 0);
        struct run run = {.source = source};
        assert_int_equal(run_counter(&run, "files_read"), 1000);
        assert_int_equal(run_counter(&run, "interfaces"), 1000);
        uint64_t read, total;
        source_progress(source, &read, &total);
        assert_int_equal(read, total);
        source_close(source);
        rename(path, folder_path(state, i == 0 ? "d0" : "d1"));
    }
}

static void a_file_gone_before_its_turn_is_damage(void **state)
{
    write_rotation(state, 20, 2, 2);
    const char *path = folder_path(state, "d"), *gone = folder_path(state, "d/00001.pcap");
    struct source *source;
    assert_int_equal(source_open(&path, 1, &source, NULL), STATUS_OK);
    assert_int_equal(unlink(gone), 0);

    size_t count = count_in_order(source);

    size_t damage_count;
    const struct source_damage *damages = source_damages(source, &damage_count);
    assert_int_equal(count, 38);
    assert_int_equal(damage_count, 1);
    assert_string_equal(damages[0].file, gone);
    source_close(source);
}

static void damage_seen_at_the_first_look_is_told_once(void **state)
{
    struct maker file = {0};
    make_section(&file);
    make_interface(&file, 1, 0, NULL);
    make_enhanced(&file, 7, 0, 4, 4); /* of no interface */
    make_enhanced(&file, 0, UINT64_C(1000000000), 4, 4);
    write_rotation(state, 20, 2, 2);
    folder_write(state, "d/damaged", file.data, file.length);
    const char *path = folder_path(state, "d");

    struct run run = run_path(path);

    assert_int_equal(run.count, 41);
    assert_int_equal(run.damage_count, 1);
    assert_int_equal(run_counter(&run, "damages"), 1);
    assert_int_equal(run_counter(&run, "blocks_damaged"), 1);
    run_clear(&run);
    maker_clear(&file);
}

static void progress_ends_at_the_total_whatever_was_in_the_files(void **state)
{
    const char *paths[] = {write_pcap(state, "a", 10, 2), folder_write(state, "text", "Hello, world", 12),
                           write_pcap(state, "cut", 10, 9)};
    assert_int_equal(truncate(paths[2], 300), 0);

    struct run run = run_paths(paths, 3);

    uint64_t read, total;
    source_progress(run.source, &read, &total);
    assert_int_equal(total, 24 + 2 * 76 + 12 + 300);
    assert_int_equal(read, total);
    run_clear(&run);
}

static void link_types_have_names(void **state)
{
    (void)state;
    static const struct {
        uint16_t link_type;
        const char *name;
    } rows[] = {{1, "EN10MB"},       {101, "RAW"},    {113, "LINUX_SLL"},
                {105, "IEEE802_11"}, {104, "C_HDLC"}, {276, "LINUX_SLL2"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(source_link_type_name(rows[i].link_type), rows[i].name);
    assert_null(source_link_type_name(0xffff));
}

static void closing_nothing_is_fine(void **state)
{
    (void)state;
    struct source *source = NULL;

    source_close(source);

    assert_null(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(files_are_merged_on_packet_time),
        WITH_FOLDER(equal_times_keep_the_order_of_the_arguments),
        WITH_FOLDER(packets_of_one_file_keep_their_order),
        WITH_FOLDER(interfaces_are_numbered_over_all_files),
        WITH_FOLDER(a_directory_is_read_in_name_order_and_to_the_bottom),
        WITH_FOLDER(files_that_are_not_wanted_are_passed_over),
        WITH_FOLDER(links_in_a_circle_end_and_two_links_are_one_file),
        WITH_FOLDER(folders_deeper_than_the_maximum_are_counted),
        WITH_FOLDER(what_cannot_be_read_gets_one_sentence),
        WITH_FOLDER(one_bad_file_among_good_ones_is_damage),
        WITH_FOLDER(when_all_named_files_are_bad_the_first_is_told),
        cmocka_unit_test(standard_input_is_read_from_a_pipe),
        cmocka_unit_test(empty_standard_input_is_called_by_its_name),
        WITH_FOLDER(a_file_cut_while_it_is_read_is_damage),
        WITH_FOLDER(a_thousand_files_need_few_descriptors),
        WITH_FOLDER(a_file_gone_before_its_turn_is_damage),
        WITH_FOLDER(damage_seen_at_the_first_look_is_told_once),
        WITH_FOLDER(progress_ends_at_the_total_whatever_was_in_the_files),
        cmocka_unit_test(link_types_have_names),
        cmocka_unit_test(closing_nothing_is_fine),
    };
    return cmocka_run_group_tests_name("capture/source", tests, NULL, NULL);
}
