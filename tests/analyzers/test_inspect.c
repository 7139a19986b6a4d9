#include "inspect_helper.h"

#include "analyzer_internal.h"

static const struct inspector_options plain = {.packets_max = 0};
static const struct inspector_options three_packets = {.packets_max = 3};
static const uint8_t noise[] = {0xfe, 0xed, 0xfa, 0xce, 0xfe, 0xed, 0xfa, 0xce, 0xfe, 0xed, 0xfa, 0xce};

static void protocol_is_found_on_a_port_of_another(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 53);

    send_text(w, CLIENT, "GET / HTTP/1.1\r\n\r\n");

    assert_int_equal(facts_of(w)->app, APP_HTTP);
    watch_end(w);
}

static void port_alone_names_nothing(void **state)
{
    (void)state;
    static const uint16_t ports[] = {21, 25, 53, 80, 110, 143, 389, 443, 3306, 3389, 5432};
    for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
        struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, ports[i]);

        send_bytes(w, CLIENT, "\xfe\xed\xfa\xce\xfe\xed\xfa\xce\xfe\xed\xfa\xce\xfe\xed\xfa\xce", 16);

        assert_int_equal(facts_of(w)->app, APP_UNKNOWN);
        watch_end(w);
    }
}

static void flow_nobody_knows_on_either_side_is_given_up_at_once(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 4000);

    assert_int_equal(send_bytes(w, CLIENT, "\xfe\xed\xfa\xce\xfe\xed\xfa\xce\xfe\xed\xfa\xce", 12), INSPECT_MORE);
    assert_int_equal(send_bytes(w, SERVER, "\xfe\xed\xfa\xce\xfe\xed\xfa\xce\xfe\xed\xfa\xce", 12), INSPECT_FINISHED);

    assert_true(inspection_is_unknown(w->inspection));
    assert_int_equal(counted(w, "packets_exhausted"), 0);
    watch_end(w);
}

static void flow_seen_on_one_side_is_given_up_after_its_packets(void **state)
{
    (void)state;
    struct watched *w = watch(&three_packets, IP_PROTO_TCP, 40000, 4000);

    assert_int_equal(send_bytes(w, CLIENT, noise, sizeof(noise)), INSPECT_MORE);
    assert_int_equal(send_bytes(w, CLIENT, noise, sizeof(noise)), INSPECT_MORE);
    assert_int_equal(send_bytes(w, CLIENT, noise, sizeof(noise)), INSPECT_FINISHED);

    assert_true(facts_of(w)->one_direction);
    assert_int_equal(counted(w, "packets_exhausted"), 1);
    watch_end(w);
}

static void midstream_flow_is_asked_about_at_each_segment(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 80);
    inspection_give(w->inspector, w->inspection);
    w->flow.tcp_seen[CLIENT] = w->flow.tcp_seen[SERVER] = TCP_ACK;
    w->inspection = inspection_take(w->inspector, &w->flow);
    send_text(w, CLIENT, "rest of something\r\n\r\n");
    send_bytes(w, SERVER, "\xfe\xed\xfa\xce\xfe\xed\xfa\xce\xfe\xed\xfa\xce", 12);

    send_text(w, CLIENT, "GET /later HTTP/1.1\r\n\r\n");

    assert_true(facts_of(w)->is_midstream);
    assert_text(facts_of(w)->http.path, "/later");
    watch_end(w);
}

static void unknown_flow_consumes_everything(void **state)
{
    (void)state;
    struct watched *w = watch(&three_packets, IP_PROTO_TCP, 40000, 4000);

    for (unsigned i = 0; i < 5; i++)
        send_bytes(w, CLIENT, noise, sizeof(noise));

    assert_int_equal(w->held_length[CLIENT], 0);
    watch_end(w);
}

static void datagrams_nobody_knows_are_given_up_after_their_packets(void **state)
{
    (void)state;
    struct watched *w = watch(&three_packets, IP_PROTO_UDP, 40000, 4000);

    assert_int_equal(send_datagram(w, CLIENT, "\x00\x01", 2), INSPECT_MORE);
    assert_int_equal(send_datagram(w, SERVER, "\x00\x01", 2), INSPECT_MORE);
    assert_int_equal(send_datagram(w, CLIENT, "", 0), INSPECT_FINISHED);

    watch_end(w);
}

static void flows_are_counted_by_what_they_spoke(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 80);
    send_text(w, CLIENT, "GET / HTTP/1.1\r\n\r\n");

    inspection_give(w->inspector, w->inspection);
    w->inspection = NULL;

    assert_int_equal(counted(w, "flows_http"), 1);
    assert_int_equal(counted(w, "inspections_used_most"), 1);
    watch_end(w);
}

static void inspections_are_capped_and_refusals_counted(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 80);
    enum { MORE_THAN_THE_CAP = 16384 };
    struct inspection **all = calloc(MORE_THAN_THE_CAP, sizeof(struct inspection *));
    assert_non_null(all);

    unsigned taken = 0;
    while (taken < MORE_THAN_THE_CAP && (all[taken] = inspection_take(w->inspector, &w->flow)) != NULL)
        taken++;

    assert_int_equal(taken, 16383);
    assert_int_equal(counted(w, "inspections_refused"), 1);
    while (taken > 0)
        inspection_give(w->inspector, all[--taken]);
    free(all);
    watch_end(w);
}

static void keep_reason(void *context, const char *reason)
{
    *(const char **)context = reason;
}

static void each_refusal_is_told_by_the_name_of_its_counter(void **state)
{
    (void)state;
    const char *reason = NULL;
    const struct inspector_options options = {.packets_max = 1, .refused = keep_reason, .context = &reason};
    struct watched *w = watch(&options, IP_PROTO_TCP, 40000, 4000);

    send_bytes(w, CLIENT, "\xfe\xed\xfa\xce\xfe\xed\xfa\xce\xfe\xed\xfa\xce", 12);

    assert_non_null(reason);
    assert_string_equal(reason, "packets_exhausted");
    assert_int_equal(counted(w, reason), 1);
    watch_end(w);
}

static void texts_are_cut_at_the_pools_end(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 80);
    static char big[INSPECTION_TEXT_ROOM];

    inspection_keep(w->inspection, big, INSPECTION_TEXT_NEAR);
    struct text most = inspection_keep(w->inspection, big, sizeof(big) - 3);
    struct text rest = inspection_keep_name(w->inspection, "ABCDE.", 6);
    struct text none = inspection_keep(w->inspection, "x", 1);

    assert_int_equal(most.length, sizeof(big) - 3);
    assert_text(rest, "abc");
    assert_non_null(none.data);
    assert_int_equal(none.length, 0);
    watch_end(w);
}

static void blocks_come_zeroed_are_reused_and_capped(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 80);
    uint8_t *block = inspector_take_block(w->inspector, 100);
    memset(block, 0xff, 100);
    inspector_give_block(w->inspector, block);

    uint8_t *again = inspector_take_block(w->inspector, 128);

    assert_ptr_equal(again, block);
    for (size_t i = 0; i < 128; i++)
        assert_int_equal(again[i], 0);
    inspector_give_block(w->inspector, again);
    inspector_give_block(w->inspector, NULL);
    assert_null(inspector_take_block(w->inspector, (128 << 10) + 1));
    assert_int_equal(counted(w, "blocks_exhausted"), 1);

    static void *all[600];
    size_t taken = 0;
    while ((all[taken] = inspector_take_block(w->inspector, 128 << 10)) != NULL)
        taken++;
    assert_int_equal(taken, 511); /* 64 MiB with their heads */
    for (size_t i = 0; i < taken; i++)
        inspector_give_block(w->inspector, all[i]);
    void *small = inspector_take_block(w->inspector, 4096); /* unused blocks of another size make room */
    assert_non_null(small);
    inspector_give_block(w->inspector, small);
    watch_end(w);
}

static void a_side_that_only_shook_hands_was_seen(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 80);
    w->flow.packets[CLIENT] = 2;
    send_text(w, CLIENT, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    assert_true(facts_of(w)->one_direction);

    w->flow.packets[SERVER] = 1;
    assert_int_equal(end_flow(w), INSPECT_FINISHED);
    assert_false(facts_of(w)->one_direction);
    watch_end(w);
}

static void a_flow_without_an_analyzer_just_ends(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 4000);
    send_bytes(w, CLIENT, "\x16\x03", 2);

    assert_int_equal(end_flow(w), INSPECT_FINISHED);
    assert_int_equal(facts_of(w)->app, APP_UNKNOWN);
    watch_end(w);
}

static void segments_that_are_too_short_to_tell_do_not_count(void **state)
{
    (void)state;
    static const char get[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
    struct watched *w = watch(&three_packets, IP_PROTO_TCP, 40000, 80);

    for (size_t i = 0; i < sizeof(get) - 1; i++)
        send_bytes(w, CLIENT, &get[i], 1);

    assert_int_equal(facts_of(w)->app, APP_HTTP);
    assert_text(facts_of(w)->http.host, "a.example");
    watch_end(w);
}

static void a_stream_that_never_tells_is_given_up_all_the_same(void **state)
{
    (void)state;
    struct watched *w = watch(&three_packets, IP_PROTO_TCP, 40000, 80);
    unsigned sent = 0;

    while (sent < 300 && (w->state & INSPECT_FINISHED) == 0) {
        send_bytes_after(w, CLIENT, "G", 1, true);
        sent++;
    }
    assert_in_range(sent, 3, 80);
    watch_end(w);
}

static void a_side_that_starts_over_is_asked_about_again(void **state)
{
    (void)state;
    struct watched *w = watch(&plain, IP_PROTO_TCP, 40000, 4000);
    send_bytes(w, CLIENT, "\0", 1);
    w->held_length[CLIENT] = 0;
    assert_true(inspection_is_undecided(w->inspection));

    inspection_start_over(w->inspection, CLIENT);
    send_text(w, CLIENT, "GET / HTTP/1.1\r\n\r\n");

    assert_int_equal(facts_of(w)->app, APP_HTTP);
    assert_false(inspection_is_undecided(w->inspection));
    watch_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protocol_is_found_on_a_port_of_another),
        cmocka_unit_test(port_alone_names_nothing),
        cmocka_unit_test(flow_nobody_knows_on_either_side_is_given_up_at_once),
        cmocka_unit_test(flow_seen_on_one_side_is_given_up_after_its_packets),
        cmocka_unit_test(midstream_flow_is_asked_about_at_each_segment),
        cmocka_unit_test(unknown_flow_consumes_everything),
        cmocka_unit_test(datagrams_nobody_knows_are_given_up_after_their_packets),
        cmocka_unit_test(flows_are_counted_by_what_they_spoke),
        cmocka_unit_test(inspections_are_capped_and_refusals_counted),
        cmocka_unit_test(each_refusal_is_told_by_the_name_of_its_counter),
        cmocka_unit_test(texts_are_cut_at_the_pools_end),
        cmocka_unit_test(blocks_come_zeroed_are_reused_and_capped),
        cmocka_unit_test(a_side_that_only_shook_hands_was_seen),
        cmocka_unit_test(a_flow_without_an_analyzer_just_ends),
        cmocka_unit_test(segments_that_are_too_short_to_tell_do_not_count),
        cmocka_unit_test(a_stream_that_never_tells_is_given_up_all_the_same),
        cmocka_unit_test(a_side_that_starts_over_is_asked_about_again),
    };
    return cmocka_run_group_tests_name("analyzers/inspect", tests, NULL, NULL);
}
