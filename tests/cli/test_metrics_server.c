#include "cli/metrics_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "health_record.h"
#include "test.h"

enum { ANSWER_MAX = 1 << 18 };

static char folder[] = "/tmp/bordertap-metrics-XXXXXX";
static char path[64], address[80];
static char answer[ANSWER_MAX];

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/socket", folder);
    snprintf(address, sizeof(address), "unix:%s", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(folder); /* no test leaves its socket behind */
}

static struct metrics_server *open_server(void)
{
    struct metrics_server *server = NULL;
    struct error error = {""};
    if (metrics_server_open(address, &server, &error) != STATUS_OK || metrics_server_start(server, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return server;
}

static in_port_t port_be; /* 0: by the socket file */

static int connect_to_server(void)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port_be, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (port_be != 0) {
        int tcp = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(tcp, (struct sockaddr *)&v4, sizeof(v4)), 0);
        return tcp;
    }
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    memcpy(local.sun_path, path, strlen(path));
    assert_int_equal(connect(fd, (struct sockaddr *)&local, sizeof(local)), 0);
    return fd;
}

/* The whole answer to some bytes, terminated. */
static const char *ask(const char *request)
{
    int fd = connect_to_server();
    size_t length = 0;
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    for (ssize_t n; length < ANSWER_MAX - 1 && (n = read(fd, answer + length, ANSWER_MAX - 1 - length)) > 0;)
        length += (size_t)n;
    close(fd);
    answer[length] = '\0';
    return answer;
}

static const char *get(const char *url)
{
    char request[256];
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", url);
    return ask(request);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

static struct run_sample sample_now(uint64_t packets)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (struct run_sample){.packets = packets, .bytes = packets, .steady_ns = now.tv_sec * NS_PER_SEC};
}

static void only_this_machine_is_served(void **state)
{
    (void)state;
    static const struct {
        const char *address, *why;
    } rows[] = {
        {"127.0.0.1:9464", NULL},
        {"127.8.8.8:1", NULL},
        {"[::1]:65535", NULL},
        {"unix:/run/bordertap", NULL},
        {"0.0.0.0:9464", "can be reached from a network"},
        {"192.0.2.1:9464", "can be reached from a network"},
        {"[::]:9464", "can be reached from a network"},
        {"[2001:db8::1]:9464", "can be reached from a network"},
        {"[::ffff:127.0.0.1]:9464", "is no address"},
        {"[127.0.0.1]:9464", "is no address"},
        {"::1:9464", "is no address"},
        {"localhost:9464", "is no address"},
        {"9464", "is no address"},
        {":9464", "is no address"},
        {"", "is no address"},
        {"127.0.0.1", "is no address"},
        {"127.0.0.1:", "is no address"},
        {"127.0.0.1:0", "is no address"},
        {"127.0.0.1:65536", "is no address"},
        {"127.0.0.1:999999999999999999999", "is no address"},
        {"127.0.0.1:80x", "is no address"},
        {"127.0.0.1: 80", "is no address"},
        {"unix:", "names no path"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error error = {""};
        enum status status = metrics_server_check(rows[i].address, &error);
        assert_int_equal(status, rows[i].why ? STATUS_INVALID : STATUS_OK);
        if (rows[i].why != NULL)
            assert_has(error.text, rows[i].why);
    }
    char longest[256] = "unix:/";
    memset(longest + 6, 'x', sizeof(longest) - 7);
    assert_int_equal(metrics_server_check(longest, NULL), STATUS_INVALID);
}

static void metrics_are_those_of_the_last_sample(void **state)
{
    (void)state;
    struct metrics_server *server = open_server();
    assert_has(get("/metrics"), "503 Service Unavailable");
    for (uint64_t packets = 1; packets < 6; packets++) {
        struct run_sample sample = sample_now(packets);
        metrics_server_publish(server, &sample);
    }
    assert_has(get("/metrics"), "HTTP/1.1 200 OK");
    assert_has(answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8");
    assert_has(answer, "\nbordertap_packets_total 5\n");
    assert_has(get("/metrics"), "\nbordertap_packets_total 5\n"); /* again: nothing new came */
    struct run_sample sample = sample_now(7);
    metrics_server_publish(server, &sample);
    assert_has(get("/metrics"), "\nbordertap_packets_total 7\n");
    metrics_server_close(server);
}

static void healthz_says_what_is_raised_and_fails_when_samples_stop(void **state)
{
    (void)state;
    struct metrics_server *server = open_server();
    struct run_sample sample = sample_now(1);
    assert_has(get("/healthz"), "503 ");
    metrics_server_publish(server, &sample);
    assert_has(get("/healthz"), "200 OK");
    assert_has(answer, "\r\n\r\nok\n");

    sample.raised = UINT32_MAX;
    metrics_server_publish(server, &sample);
    assert_has(get("/healthz"), "200 OK");
    assert_has(answer, "interface-gone\nnothing-arrives\n");
    assert_has(answer, "\nstore-failing\n");

    sample.steady_ns -= 32 * NS_PER_SEC;
    metrics_server_publish(server, &sample);
    assert_has(get("/healthz"), "503 ");
    metrics_server_close(server);
}

/* A port that is free now. */
static in_port_t free_port(void)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(v4);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&v4, sizeof(v4)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&v4, &length), 0);
    close(fd);
    return v4.sin_port;
}

static void a_loopback_port_serves_the_same(void **state)
{
    (void)state;
    struct metrics_server *server, *second;
    char text[64];
    struct error error = {""};
    struct run_sample sample = sample_now(3);
    port_be = free_port();
    snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(port_be));
    assert_int_equal(metrics_server_open(text, &server, NULL), STATUS_OK);
    assert_int_equal(metrics_server_start(server, NULL), STATUS_OK);
    metrics_server_publish(server, &sample);
    assert_has(get("/metrics"), "\nbordertap_packets_total 3\n");
    assert_int_equal(metrics_server_open(text, &second, &error), STATUS_IO);
    assert_has(error.text, "Address already in use");
    metrics_server_close(server);
    assert_int_equal(metrics_server_open(text, &server, NULL), STATUS_OK); /* at once, whatever the port remembers */
    metrics_server_close(server);
    port_be = 0;
}

static void nothing_else_is_answered(void **state)
{
    (void)state;
    static const struct {
        const char *request, *answer;
    } rows[] = {
        {"GET / HTTP/1.0\r\n\r\n", " 404 "},
        {"GET /metrics/../../etc/passwd HTTP/1.0\r\n\r\n", " 404 "},
        {"POST /metrics HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", " 405 "},
        {"DELETE /healthz HTTP/1.0\r\n\r\n", "Allow: GET, HEAD"},
        {"GET /healthz HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", " 200 "},
        {"\r\n\r\n\r\nnonsense\r\n\r\n", ""},
    };
    struct metrics_server *server = open_server();
    struct run_sample sample = sample_now(1);
    metrics_server_publish(server, &sample);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_has(ask(rows[i].request), rows[i].answer);
    static char large[1 << 17];
    int length = snprintf(large, sizeof(large), "GET /metrics HTTP/1.0\r\nX: ");
    memset(large + length, 'x', sizeof(large) - (size_t)length - 1);
    int fd = connect_to_server();
    (void)!send(fd, large, sizeof(large), MSG_NOSIGNAL); /* may be cut off in the middle of it */
    close(fd);
    assert_has(get("/healthz"), " 200 ");
    metrics_server_close(server);
}

/* Idle clients take the places there are; the server serves others again when they go. */
static void connections_are_limited(void **state)
{
    (void)state;
    enum { CLIENTS = 40 };
    int clients[CLIENTS];
    struct metrics_server *server = open_server();
    struct run_sample sample = sample_now(1);
    metrics_server_publish(server, &sample);
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct sockaddr_un local = {.sun_family = AF_UNIX};
        memcpy(local.sun_path, path, strlen(path));
        clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(clients[i], (struct sockaddr *)&local, sizeof(local));
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        close(clients[i]);
    assert_has(get("/healthz"), " 200 ");
    metrics_server_close(server);
}

static void a_socket_that_a_dead_run_left_is_taken_over(void **state)
{
    (void)state;
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct metrics_server *second;
    struct error error;
    struct stat st;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    memcpy(local.sun_path, path, strlen(path));
    assert_int_equal(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
    close(fd);
    struct metrics_server *server = open_server();
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    assert_has(get("/healthz"), "503 ");

    assert_int_equal(metrics_server_open(address, &second, &error), STATUS_IO); /* this one lives */
    assert_has(error.text, "Address already in use");
    assert_has(get("/healthz"), "503 ");
    metrics_server_close(server);
    assert_int_equal(stat(path, &st), -1);
}

static void a_file_that_is_no_socket_stays(void **state)
{
    (void)state;
    struct metrics_server *server;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(metrics_server_open(address, &server, NULL), STATUS_IO);
    assert_int_equal(unlink(path), 0);
}

static atomic_bool is_over;

static void *publish_on(void *context)
{
    for (uint64_t packets = 1; !atomic_load(&is_over); packets++) {
        struct run_sample sample = sample_now(packets);
        metrics_server_publish(context, &sample);
    }
    return NULL;
}

/* Packets and bytes are equal in each sample: a torn one shows. */
static void a_sample_is_never_torn(void **state)
{
    (void)state;
    pthread_t thread;
    unsigned long long packets, bytes, before = 0;
    struct metrics_server *server = open_server();
    struct run_sample sample = sample_now(1);
    metrics_server_publish(server, &sample);
    assert_int_equal(pthread_create(&thread, NULL, publish_on, server), 0);
    for (unsigned i = 0; i < 300; i++) {
        const char *text = get("/metrics");
        assert_int_equal(sscanf(strstr(text, "\nbordertap_packets_total"), "\nbordertap_packets_total %llu", &packets),
                         1);
        assert_int_equal(sscanf(strstr(text, "\nbordertap_bytes_total"), "\nbordertap_bytes_total %llu", &bytes), 1);
        assert_int_equal(packets, bytes);
        assert_true(packets >= before);
        before = packets;
    }
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
    metrics_server_close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_this_machine_is_served),
        cmocka_unit_test(metrics_are_those_of_the_last_sample),
        cmocka_unit_test(healthz_says_what_is_raised_and_fails_when_samples_stop),
        cmocka_unit_test(a_loopback_port_serves_the_same),
        cmocka_unit_test(nothing_else_is_answered),
        cmocka_unit_test(connections_are_limited),
        cmocka_unit_test(a_socket_that_a_dead_run_left_is_taken_over),
        cmocka_unit_test(a_file_that_is_no_socket_stays),
        cmocka_unit_test(a_sample_is_never_torn),
    };
    return cmocka_run_group_tests_name("cli/metrics_server", tests, set_up, tear_down);
}
