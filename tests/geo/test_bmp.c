/* Recorded BMP sessions against what tshark counts in them; the table they leave; a server on the loopback. */
#include "geo_helpers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "paths/bmp_feed_internal.h"
#include "paths/bmp_server.h"

#define PATHS_DATA TEST_DATA "/paths/"

enum { NOW = 1700000000 };

struct counted {
    unsigned announced, withdrawn, up, down;
};

static void on_route(void *context, const struct bmp_peer *peer, const struct bgp_change *change)
{
    struct counted *counted = context;
    (void)peer;
    counted->announced += !change->is_withdrawal;
    counted->withdrawn += change->is_withdrawal;
}

static void on_up(void *context, const struct bmp_peer *peer)
{
    (void)peer;
    ((struct counted *)context)->up++;
}

static void on_down(void *context, const struct bmp_peer *peer)
{
    (void)peer;
    ((struct counted *)context)->down++;
}

static uint8_t *read_session(const char *name, size_t *ret_length)
{
    static uint8_t bytes[1 << 17];
    char path[512];
    snprintf(path, sizeof(path), PATHS_DATA "%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    *ret_length = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    return bytes;
}

static void messages_are_as_many_as_tshark_counts_in_pieces_of_any_size(void **state)
{
    static const struct {
        const char *name;
        unsigned counts[BMP_TYPE_COUNT];
    } rows[] = {
        {"huawei-locrib.bmp", {84, 0, 0, 18, 1, 0, 0}},
        {"frr-6wind-peer-down.bmp", {451, 48, 2, 7, 1, 0, 0}},
    };
    static const size_t pieces[] = {1, 7, 1000, SIZE_MAX};
    (void)state;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        size_t length;
        struct counted first = {0};
        const uint8_t *bytes = read_session(rows[r].name, &length);
        for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
            struct counted counted = {0};
            struct bmp_parser *parser = bmp_parser_new(&(struct bmp_visitor){on_route, on_up, on_down, &counted});
            for (size_t at = 0; at < length;) {
                size_t piece = length - at < pieces[p] ? length - at : pieces[p];
                assert_int_equal(bmp_parser_take(parser, bytes + at, piece), STATUS_OK);
                at += piece;
            }
            for (enum bmp_type type = 0; type < BMP_TYPE_COUNT; type++)
                assert_int_equal(bmp_parser_messages(parser, type), rows[r].counts[type]);
            assert_int_equal(bmp_parser_troubles(parser, TROUBLE_AS_PATH), 0);
            if (p == 0)
                first = counted;
            assert_memory_equal(&counted, &first, sizeof(first));
            bmp_parser_free(parser);
        }
    }
}

static void what_is_no_bmp_loses_the_session_at_once(void **state)
{
    struct bmp_visitor nobody = {0};
    struct bmp_parser *parser = bmp_parser_new(&nobody);
    (void)state;

    assert_int_equal(bmp_parser_take(parser, (const uint8_t *)"GET / HTTP/1.1\r\n", 16), STATUS_MALFORMED);
    assert_int_equal(bmp_parser_troubles(parser, TROUBLE_VERSION), 1);
    bmp_parser_free(parser);
    parser = bmp_parser_new(&nobody);
    assert_int_equal(bmp_parser_take(parser, (const uint8_t *)"\3\377\377\377\377\0", 6), STATUS_MALFORMED);
    bmp_parser_free(parser);
    parser = bmp_parser_new(&nobody);
    assert_int_equal(bmp_parser_take(parser, (const uint8_t *)"\3\0\0\0\6\5more", 10), STATUS_END);
    bmp_parser_free(parser);
}

/* draft-ietf-grow-bmp-tlv: its messages are built otherwise. */
static void version_4_of_a_draft_is_refused_by_name(void **state)
{
    struct bmp_visitor nobody = {0};
    struct bmp_parser *parser = bmp_parser_new(&nobody);
    size_t length;
    const uint8_t *bytes = read_session("stateless-addpath-locrib.bmp", &length);
    (void)state;

    assert_int_equal(bmp_parser_take(parser, bytes, length), STATUS_MALFORMED);
    assert_int_equal(bmp_parser_troubles(parser, TROUBLE_VERSION), 1);
    bmp_parser_free(parser);
}

static void flipped_bits_and_cuts_do_no_harm(void **state)
{
    size_t length;
    const uint8_t *bytes = read_session("huawei-locrib.bmp", &length);
    uint8_t *copy = malloc(length);
    (void)state;
    for (size_t i = 0; i < length; i += 3) {
        struct counted counted = {0};
        struct bmp_parser *parser = bmp_parser_new(&(struct bmp_visitor){on_route, on_up, on_down, &counted});
        memcpy(copy, bytes, length);
        copy[i] = (uint8_t)(copy[i] ^ 1 << i % 8);
        bmp_parser_take(parser, copy, i % 97 == 0 ? i : length);
        bmp_parser_free(parser);
    }
    free(copy);
}

static struct paths *no_files(void)
{
    struct paths *paths = NULL;
    const struct paths_options options = {.count = 0};
    assert_int_equal(paths_open(&options, &paths, NULL), STATUS_OK);
    return paths;
}

static void a_session_fills_the_table_and_its_end_empties_it(void **state)
{
    struct paths *paths = no_files();
    struct ip_address router = address_of("192.0.2.61");
    struct bmp_feed *feed;
    size_t length;
    const uint8_t *bytes = read_session("frr-6wind-peer-down.bmp", &length);
    (void)state;

    assert_int_equal(bmp_feed_open(paths, &router, &feed, NULL), STATUS_OK);
    assert_int_equal(bmp_feed_take(feed, bytes, length, NOW), STATUS_OK);
    bmp_feed_settle(feed, NOW);

    assert_true(paths->own.sorted_count > 0);
    assert_string_equal(paths->nothing, "");
    for (size_t i = 0; i < paths->own.sorted_count; i++)
        assert_int_equal(paths->own.peers[paths->own.routes[i].peer].feeds[0].known_sec, NOW);
    bmp_feed_close(feed);
    assert_int_equal(paths->own.sorted_count, 0);
    assert_true(paths->nothing[0] != '\0');
    paths_close(paths);
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void poll_some(struct bmp_server *server)
{
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(bmp_server_poll(server, 20, NOW), STATUS_OK);
}

static void a_server_takes_a_session_and_forgets_it_when_it_ends(void **state)
{
    struct paths *paths = no_files();
    struct bmp_server *server;
    struct error error;
    size_t length;
    const uint8_t *bytes = read_session("frr-6wind-peer-down.bmp", &length);
    (void)state;
    if (bmp_server_new(paths, "127.0.0.1", 0, &server, &error) != STATUS_OK)
        fail_msg("%s", error.text);

    int router = connect_to(bmp_server_port(server));
    assert_int_equal(send(router, bytes, length, 0), length);
    poll_some(server);
    assert_int_equal(bmp_server_sessions(server), 1);
    assert_true(paths->own.sorted_count > 0);
    int again = connect_to(bmp_server_port(server)); /* the same router: its former session is over */
    poll_some(server);
    assert_int_equal(bmp_server_sessions(server), 1);
    assert_int_equal(paths->own.sorted_count, 0);
    close(again);
    poll_some(server);
    assert_int_equal(bmp_server_sessions(server), 0);
    close(router);
    bmp_server_free(server);
    paths_close(paths);
}

static void a_wrong_place_to_listen_is_refused(void **state)
{
    struct paths *paths = no_files();
    struct bmp_server *server;
    struct error error;
    (void)state;

    assert_int_equal(bmp_server_new(paths, "localhost", 0, &server, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "'localhost' is no address to listen on"));
    assert_int_equal(bmp_server_new(paths, "192.0.2.1", 0, &server, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "cannot listen for BMP on 192.0.2.1"));
    paths_close(paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_as_many_as_tshark_counts_in_pieces_of_any_size),
        cmocka_unit_test(what_is_no_bmp_loses_the_session_at_once),
        cmocka_unit_test(version_4_of_a_draft_is_refused_by_name),
        cmocka_unit_test(flipped_bits_and_cuts_do_no_harm),
        cmocka_unit_test(a_session_fills_the_table_and_its_end_empties_it),
        cmocka_unit_test(a_server_takes_a_session_and_forgets_it_when_it_ends),
        cmocka_unit_test(a_wrong_place_to_listen_is_refused),
    };
    return cmocka_run_group_tests_name("geo/bmp", tests, NULL, NULL);
}
