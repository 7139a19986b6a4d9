/* What a service manager hears, at a socket of the test's own. */
#include "test.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "notify.h"

static int manager; /* the socket it listens on */
static char name[64];

static int set_up(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(name, sizeof(name), "@bordertap-test-%ld", (long)getpid());
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    setenv("NOTIFY_SOCKET", name, 1);
    return bind(manager, (const struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)));
}

static int tear_down(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    return close(manager);
}

static const char *heard(void)
{
    static char text[2048];
    ssize_t length = recv(manager, text, sizeof(text) - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

static void the_manager_hears_what_is_said(void **state)
{
    (void)state;
    struct notify notify;
    notify_open(&notify);

    notify_say(&notify, "READY=1\nSTATUS=%d packets", 7);

    assert_string_equal(heard(), "READY=1\nSTATUS=7 packets");
    assert_null(getenv("NOTIFY_SOCKET"));
    notify_close(&notify);
}

static void without_a_manager_nothing_is_said(void **state)
{
    (void)state;
    struct notify notify;
    static const char *const places[] = {"", "relative", "@", "/nowhere/at/all"};
    unsetenv("NOTIFY_SOCKET");
    notify_open(&notify);
    assert_int_equal(notify.fd, -1);
    notify_say(&notify, "READY=1");
    notify_close(&notify);

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        setenv("NOTIFY_SOCKET", places[i], 1);
        notify_open(&notify);
        assert_int_equal(notify.fd, -1);
    }
}

static void a_name_longer_than_a_socket_may_have_is_none(void **state)
{
    (void)state;
    struct notify notify;
    char path[300];
    memset(path, 'x', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    setenv("NOTIFY_SOCKET", path, 1);

    notify_open(&notify);

    assert_int_equal(notify.fd, -1);
}

static void the_watchdog_is_ours_only_when_it_names_us(void **state)
{
    (void)state;
    char own[32];
    struct notify notify;
    const struct {
        const char *usec, *pid;
        int64_t wanted;
    } rows[] = {
        {"20000000", NULL, 20000000},
        {"20000000", own, 20000000},
        {"20000000", "1", 0},
        {"-5", own, 0},
        {"5x", own, 0},
        {NULL, own, 0},
    };
    snprintf(own, sizeof(own), "%ld", (long)getpid());
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setenv("NOTIFY_SOCKET", name, 1);
        unsetenv("WATCHDOG_USEC");
        unsetenv("WATCHDOG_PID");
        if (rows[i].usec != NULL)
            setenv("WATCHDOG_USEC", rows[i].usec, 1);
        if (rows[i].pid != NULL)
            setenv("WATCHDOG_PID", rows[i].pid, 1);

        notify_open(&notify);

        assert_int_equal(notify.watchdog_usec, rows[i].wanted);
        notify_close(&notify);
    }
}

static void a_long_text_is_cut_and_a_full_socket_does_not_block(void **state)
{
    (void)state;
    struct notify notify;
    char text[3000];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    notify_open(&notify);

    for (unsigned i = 0; i < 5000; i++)
        notify_say(&notify, "%s", text);

    assert_int_equal(strlen(heard()), 1023);
    notify_close(&notify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_manager_hears_what_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_manager_nothing_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_longer_than_a_socket_may_have_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_watchdog_is_ours_only_when_it_names_us, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_text_is_cut_and_a_full_socket_does_not_block, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("base/notify", tests, NULL, NULL);
}
