#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "feed.h"
#include "sample.h"

static char folder[] = "/tmp/bordertap-reopen-XXXXXX";
static char path[64], moved[64], url[96];

static int each(void **state)
{
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/found.jsonl", folder);
    snprintf(moved, sizeof(moved), "%s/found.jsonl.1", folder);
    snprintf(url, sizeof(url), "file:%s", path);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    chmod(folder, 0700);
    unlink(path);
    unlink(moved);
    rmdir(folder);
    return 0;
}

static struct feed *open_feed(const char *where)
{
    const struct feed_options options = {.flows = true};
    struct feed *feed = NULL;
    struct error error = {""};
    if (feed_open(where, "json", &options, &feed, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return feed;
}

static void tell_flow(struct feed *feed)
{
    struct sighting s;
    sample_plain_web(&s);
    feed_flow(feed, &s);
}

/* Lines of a file, each of them whole; -1: there is no such file. */
static int lines_of(const char *file)
{
    FILE *stream = fopen(file, "r");
    int lines = 0, last = '\n';
    if (stream == NULL)
        return -1;
    for (int c; (c = fgetc(stream)) != EOF; last = c)
        lines += c == '\n';
    fclose(stream);
    assert_int_equal(last, '\n');
    return lines;
}

static void what_was_told_is_in_the_old_file_and_what_follows_in_the_new(void **state)
{
    (void)state;
    struct feed *feed = open_feed(url);
    tell_flow(feed);
    tell_flow(feed); /* both wait in the buffer */
    assert_int_equal(rename(path, moved), 0);
    tell_flow(feed);

    assert_int_equal(feed_reopen(feed, NULL), STATUS_OK);
    assert_int_equal(lines_of(moved), 3);
    tell_flow(feed);

    assert_int_equal(feed_close(feed, NULL), STATUS_OK);
    assert_int_equal(lines_of(moved), 3);
    assert_int_equal(lines_of(path), 1);
}

static void a_file_that_was_not_moved_is_written_on(void **state)
{
    (void)state;
    struct feed *feed = open_feed(url);
    tell_flow(feed);
    assert_int_equal(feed_reopen(feed, NULL), STATUS_OK);
    tell_flow(feed);
    assert_int_equal(feed_close(feed, NULL), STATUS_OK);
    assert_int_equal(lines_of(path), 2);
}

static void where_no_file_can_be_made_the_old_one_is_written_on(void **state)
{
    (void)state;
    struct error error = {""};
    struct feed *feed = open_feed(url);
    tell_flow(feed);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* its place is taken */

    assert_int_equal(feed_reopen(feed, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "found.jsonl cannot be opened"));
    tell_flow(feed);

    assert_int_equal(feed_close(feed, NULL), STATUS_OK);
    assert_int_equal(lines_of(moved), 2);
    rmdir(path);
}

static void a_pipe_or_standard_output_is_left_alone(void **state)
{
    (void)state;
    char bytes[1 << 14];
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    struct feed *feed = open_feed(url), *out = open_feed("-");
    assert_int_equal(unlink(path), 0);

    assert_int_equal(feed_reopen(feed, NULL), STATUS_OK);
    assert_int_equal(feed_reopen(out, NULL), STATUS_OK);
    assert_int_equal(lines_of(path), -1); /* nothing was made in its place */
    tell_flow(feed);
    feed_flush(feed);

    assert_true(read(reader, bytes, sizeof(bytes)) > 0);
    assert_int_equal(feed_close(feed, NULL), STATUS_OK);
    assert_int_equal(feed_close(out, NULL), STATUS_OK);
    close(reader);
}

static void a_socket_is_left_alone(void **state)
{
    (void)state;
    char bytes[1 << 14];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    snprintf(url, sizeof(url), "unix:%s", path);
    struct feed *feed = open_feed(url);
    int reader = accept(listener, NULL, NULL);
    close(listener);

    assert_int_equal(feed_reopen(feed, NULL), STATUS_OK);
    tell_flow(feed);
    feed_flush(feed);

    assert_true(read(reader, bytes, sizeof(bytes)) > 0);
    assert_int_equal(feed_close(feed, NULL), STATUS_OK);
    close(reader);
}

/* A full disk: RLIMIT_FSIZE stands for it. */
static void a_feed_that_failed_goes_on_and_says_what_was_lost(void **state)
{
    (void)state;
    struct error error = {""};
    struct rlimit before, small;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1;
    struct feed *feed = open_feed(url);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    tell_flow(feed);
    feed_flush(feed);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rename(path, moved), 0);
    tell_flow(feed); /* lost, too */

    assert_int_equal(feed_reopen(feed, NULL), STATUS_OK);
    tell_flow(feed);
    assert_int_equal(feed_close(feed, &error), STATUS_IO);

    assert_non_null(strstr(error.text, "2 records were lost"));
    assert_int_equal(lines_of(path), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_told_is_in_the_old_file_and_what_follows_in_the_new, each, after_each),
        cmocka_unit_test_setup_teardown(a_file_that_was_not_moved_is_written_on, each, after_each),
        cmocka_unit_test_setup_teardown(where_no_file_can_be_made_the_old_one_is_written_on, each, after_each),
        cmocka_unit_test_setup_teardown(a_pipe_or_standard_output_is_left_alone, each, after_each),
        cmocka_unit_test_setup_teardown(a_socket_is_left_alone, each, after_each),
        cmocka_unit_test_setup_teardown(a_feed_that_failed_goes_on_and_says_what_was_lost, each, after_each),
    };
    return cmocka_run_group_tests_name("alerts/feed_reopen", tests, NULL, NULL);
}
