#include "dns_bytes.h"
#include "inspect_helper.h"

struct heard {
    unsigned count;
    struct dns_answer last;
    char chain[DNS_CHAIN_MAX][256];
    struct ip_address receiver;
};

static void hear(void *context, const struct flow *flow, const struct dns_answer *answer)
{
    struct heard *heard = context;
    heard->count++;
    heard->last = *answer;
    heard->receiver = *flow_client(flow);
    for (unsigned i = 0; i < answer->chain_count; i++)
        text_copy(answer->chain[i], heard->chain[i], sizeof(heard->chain[i]));
}

static struct heard heard;

static struct watched *watch_dns(uint8_t protocol, uint16_t port)
{
    static const struct inspector_options options = {.answered = hear, .context = &heard};
    memset(&heard, 0, sizeof(heard));
    return watch(&options, protocol, port == 5353 ? 5353 : 40000, port);
}

static void assert_address(struct ip_address seen, const char *wanted)
{
    char text[IP_TEXT_SIZE];
    ip_print(&seen, text);
    assert_string_equal(text, wanted);
}

static void query_and_response_fill_the_record(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_QUERY, 1, 0, 0, 0);
    put_question(&b, "NiMbUs.BitDefender.NET", 1);

    unsigned first = send_datagram(w, CLIENT, b.data, b.length);
    dns_begin(&b, DNS_RESPONSE, 1, 1, 0, 0);
    put_question(&b, "nImBuS.bitdefender.net", 1);
    put_a(&b, "*12", 300, 9);
    unsigned second = send_datagram(w, SERVER, b.data, b.length);

    const struct dns_facts *dns = &facts_of(w)->dns;
    assert_int_equal(facts_of(w)->app, APP_DNS);
    assert_int_equal(first, INSPECT_CHANGED);
    assert_int_equal(second, INSPECT_CHANGED);
    assert_text(dns->query, "nimbus.bitdefender.net");
    assert_int_equal(dns->query_type, 1);
    assert_int_equal(dns->messages, 2);
    assert_int_equal(dns->answer_count, 1);
    assert_address(dns->answers[0], "192.0.2.9");
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.chain[0], "nimbus.bitdefender.net");
    assert_int_equal(heard.last.bindings[0].ttl_sec, 300);
    assert_address(heard.receiver, "10.0.0.1");
    watch_end(w);
}

/* An answer with an alias and no address; a SOA says that there is none, and nobody asks on. */
static void an_alias_alone_is_told_unless_it_leads_nowhere(void **state)
{
    (void)state;
    for (unsigned has_soa = 0; has_soa < 2; has_soa++) {
        struct watched *w = watch_dns(IP_PROTO_UDP, 53);
        struct dns_bytes b;
        dns_begin(&b, DNS_RESPONSE, 1, 1, has_soa, 0);
        put_question(&b, "a.example", 1);
        put_named(&b, "*12", 5, 600, "b.example");
        if (has_soa)
            put_record(&b, "example", 6, 60, 0);

        send_datagram(w, SERVER, b.data, b.length);

        assert_int_equal(heard.count, !has_soa);
        if (!has_soa) {
            assert_int_equal(heard.last.binding_count, 0);
            assert_int_equal(heard.last.chain_ttl_sec, 600);
            assert_string_equal(heard.chain[1], "b.example");
        }
        watch_end(w);
    }
}

static void alias_chain_ends_at_the_addresses_with_the_smallest_ttl(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 4, 0, 0);
    put_question(&b, "a.example", 1);
    put_named(&b, "*12", 5, 600, "b.example");
    put_a(&b, "c.cdn.test", 900, 1);
    put_named(&b, "B.example", 5, 20, "c.cdn.test");
    put_a(&b, "c.cdn.test", 10, 2);

    send_datagram(w, SERVER, b.data, b.length);

    assert_int_equal(heard.last.chain_count, 3);
    assert_string_equal(heard.chain[2], "c.cdn.test");
    assert_int_equal(heard.last.binding_count, 2);
    assert_int_equal(heard.last.bindings[0].ttl_sec, 20);
    assert_int_equal(heard.last.bindings[1].ttl_sec, 10);
    watch_end(w);
}

static void unrelated_records_tie_nothing(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 2, 1, 1);
    put_question(&b, "a.example", 1);
    put_a(&b, "other.example", 60, 1);
    put_a(&b, "*12", 60, 2);
    put_a(&b, "*12", 60, 3); /* authority section */
    put_a(&b, "ns.example", 60, 4);

    send_datagram(w, SERVER, b.data, b.length);

    assert_int_equal(heard.last.binding_count, 1);
    assert_address(heard.last.bindings[0].address, "192.0.2.2");
    watch_end(w);
}

static void alias_loop_ends(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 3, 0, 0);
    put_question(&b, "a.example", 1);
    put_named(&b, "a.example", 5, 60, "b.example");
    put_named(&b, "b.example", 5, 60, "a.example");
    put_a(&b, "b.example", 60, 1);

    send_datagram(w, SERVER, b.data, b.length);

    assert_int_equal(heard.last.chain_count, 2);
    assert_int_equal(heard.last.binding_count, 1);
    watch_end(w);
}

static void dname_without_its_cname_renames_the_question(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 2, 0, 0);
    put_question(&b, "host.old.example", 1);
    put_named(&b, "old.example", 39, 60, "new.test");
    put_a(&b, "host.new.test", 60, 7);

    send_datagram(w, SERVER, b.data, b.length);

    assert_string_equal(heard.chain[1], "host.new.test");
    assert_int_equal(heard.last.binding_count, 1);
    watch_end(w);
}

static void https_record_gives_hints_ech_and_its_target(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 1, 0, 1);
    put_question(&b, "www.example", 65);
    put_record(&b, "*12", 65, 300, 2 + 9 + 12 + 6 + 20);
    put16(&b, 1);
    put_name(&b, "svc.foo");
    put16(&b, 4);
    put16(&b, 8);
    put16(&b, 0xc000);
    put16(&b, 0x0201);
    put16(&b, 0xc000);
    put16(&b, 0x0202);
    put16(&b, 5);
    put16(&b, 2);
    put16(&b, 0xfe0d);
    put16(&b, 6);
    put16(&b, 16);
    for (unsigned i = 0; i < 8; i++)
        put16(&b, i == 0 ? 0x2001 : i == 1 ? 0x0db8 : 0);
    put_a(&b, "svc.foo", 30, 3);

    send_datagram(w, SERVER, b.data, b.length);

    assert_true(heard.last.offers_ech);
    assert_string_equal(heard.chain[1], "svc.foo");
    assert_int_equal(heard.last.binding_count, 4);
    assert_true(heard.last.bindings[0].is_hint);
    assert_address(heard.last.bindings[1].address, "192.0.2.2");
    assert_address(heard.last.bindings[2].address, "2001:db8::");
    assert_false(heard.last.bindings[3].is_hint);
    assert_int_equal(facts_of(w)->dns.answer_count, 1);
    watch_end(w);
}

static void dots_inside_a_label_are_escaped(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_QUERY, 1, 0, 0, 0);
    static const uint8_t question[] = {3, 'a', '.', 'b', 3, 'c', 'o', 'm', 0, 0, 1, 0, 1};
    for (size_t i = 0; i < sizeof(question); i++)
        put8(&b, question[i]);

    send_datagram(w, CLIENT, b.data, b.length);

    assert_text(facts_of(w)->dns.query, "a\\.b.com");
    watch_end(w);
}

static void pointers_that_do_not_point_back_are_counted(void **state)
{
    (void)state;
    struct dns_bytes b;
    static const char *const names[] = {"*12", "a.*12", "*14", "*400"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct watched *w = watch_dns(IP_PROTO_UDP, 53);
        dns_begin(&b, DNS_QUERY, 1, 0, 0, 0);
        put_question(&b, names[i], 1);

        send_datagram(w, CLIENT, b.data, b.length);

        assert_int_equal(counted(w, "dns_name_loop"), 1);
        watch_end(w);
    }
}

static void name_of_more_than_255_bytes_is_malformed(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    char name[400];
    dns_begin(&b, DNS_QUERY, 1, 0, 0, 0);
    for (size_t i = 0; i < sizeof(name) - 1; i++)
        name[i] = i % 50 == 49 ? '.' : 'x';
    name[sizeof(name) - 1] = '\0';
    put_question(&b, name, 1);

    send_datagram(w, CLIENT, b.data, b.length);

    assert_int_equal(counted(w, "dns_malformed"), 1);
    watch_end(w);
}

static void more_addresses_than_we_keep_are_counted(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 40, 0, 0);
    put_question(&b, "a.example", 1);
    for (unsigned i = 0; i < 40; i++)
        put_a(&b, "*12", 60, i);

    send_datagram(w, SERVER, b.data, b.length);

    assert_int_equal(heard.last.binding_count, DNS_BINDINGS_MAX);
    assert_int_equal(facts_of(w)->dns.answer_count, DNS_ANSWERS_MAX);
    assert_int_equal(counted(w, "dns_answer_too_long"), 1);
    watch_end(w);
}

static void later_answers_of_the_flow_are_told_too(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    for (unsigned i = 0; i < 300; i++) {
        dns_begin(&b, DNS_RESPONSE, 1, 1, 0, 0);
        put_question(&b, i == 0 ? "first.example" : "later.example", 1);
        put_a(&b, "*12", 60, i & 255);
        send_datagram(w, SERVER, b.data, b.length);
    }

    assert_int_equal(heard.count, 300);
    assert_false(w->state & INSPECT_FINISHED);
    assert_text(facts_of(w)->dns.query, "first.example");
    assert_int_equal(facts_of(w)->dns.answer_count, 1);
    watch_end(w);
}

static void answers_are_told_without_an_inspection(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 1, 0, 0);
    put_question(&b, "a.example", 1);
    put_a(&b, "*12", 60, 1);

    inspect_dns_datagram(w->inspector, &w->flow, SERVER, b.data, b.length, b.length);

    assert_int_equal(heard.count, 1);
    watch_end(w);
}

static void who_asked_is_the_receiver_whatever_the_flow_says(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 1, 0, 0);
    put_question(&b, "a.example", 1);
    put_a(&b, "*12", 60, 1);
    w->flow.client_side = SERVER;

    send_datagram(w, SERVER, b.data, b.length);

    assert_address(heard.receiver, "10.0.0.1");
    assert_int_equal(facts_of(w)->client_side, CLIENT);
    watch_end(w);
}

static void stream_gives_each_message_of_a_segment(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_TCP, 53);
    struct dns_bytes b;
    static uint8_t stream[4096];
    size_t length = 0;
    for (unsigned i = 0; i < 3; i++) {
        dns_begin(&b, DNS_RESPONSE, 1, 1, 0, 0);
        put_question(&b, "a.example", 1);
        put_a(&b, "*12", 60, i);
        stream[length++] = 0;
        stream[length++] = (uint8_t)b.length;
        memcpy(stream + length, b.data, b.length);
        length += b.length;
    }

    send_bytes(w, SERVER, stream, 60);
    send_bytes(w, SERVER, stream + 60, length - 60);

    assert_int_equal(heard.count, 3);
    assert_int_equal(w->held_length[SERVER], 0);
    assert_int_equal(facts_of(w)->dns.messages, 3);
    watch_end(w);
}

static void long_message_over_tcp_is_cut_and_passed_over(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_TCP, 53);
    struct dns_bytes b;
    static uint8_t stream[2 + 60000];
    dns_begin(&b, DNS_RESPONSE, 1, 2, 0, 0);
    put_question(&b, "a.example", 1);
    put_a(&b, "*12", 60, 1);
    stream[0] = 60000 >> 8;
    stream[1] = 60000 & 255;
    memcpy(stream + 2, b.data, b.length);
    for (size_t i = 0; i < sizeof(stream); i += 10000)
        send_bytes(w, SERVER, stream + i, sizeof(stream) - i < 10000 ? sizeof(stream) - i : 10000);

    stream[0] = 0;
    stream[1] = (uint8_t)b.length;
    send_bytes(w, SERVER, stream, 2 + b.length);

    assert_int_equal(heard.count, 2);
    assert_int_equal(w->held_length[SERVER], 0);
    watch_end(w);
}

static void multicast_announcement_tells_each_name(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 5353);
    struct dns_bytes b;
    dns_begin(&b, 0x8400, 0, 3, 0, 0);
    put_a(&b, "One.local", 120, 1);
    put_a(&b, "two.local", 120, 2);
    put_a(&b, "*12", 120, 3);

    send_datagram(w, CLIENT, b.data, b.length);

    assert_int_equal(facts_of(w)->app, APP_MDNS);
    assert_int_equal(heard.count, 2);
    assert_string_equal(heard.chain[0], "two.local");
    watch_end(w);
}

static void llmnr_is_told_by_its_port(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 5355);
    struct dns_bytes b;
    dns_begin(&b, 0, 1, 0, 0, 0);
    put_question(&b, "printer", 1);

    send_datagram(w, CLIENT, b.data, b.length);

    assert_int_equal(facts_of(w)->app, APP_LLMNR);
    assert_text(facts_of(w)->dns.query, "printer");
    watch_end(w);
}

static void on_any_other_port_a_whole_message_is_dns_and_noise_is_not(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 9953),
                   *noise = watch(&(struct inspector_options){.packets_max = 0}, IP_PROTO_UDP, 1, 9953);
    struct dns_bytes b;
    dns_begin(&b, DNS_QUERY, 1, 0, 0, 0);
    put_question(&b, "a.example", 1);
    send_datagram(w, CLIENT, b.data, b.length);
    assert_int_equal(facts_of(w)->app, APP_DNS);

    b.length += 1;
    send_datagram(noise, CLIENT, b.data, b.length);
    assert_int_equal(facts_of(noise)->app, APP_UNKNOWN);
    watch_end(w);
    watch_end(noise);
}

static void snapped_response_gives_what_is_there(void **state)
{
    (void)state;
    struct watched *w = watch_dns(IP_PROTO_UDP, 53);
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 2, 0, 0);
    put_question(&b, "a.example", 1);
    put_a(&b, "*12", 60, 1);
    size_t whole = b.length;
    put_a(&b, "*12", 60, 2);

    inspect_datagram(w->inspector, w->inspection, &w->flow, SERVER, b.data, whole + 5, b.length);

    assert_int_equal(heard.last.binding_count, 1);
    assert_true(facts_of(w)->has_gap);
    assert_int_equal(counted(w, "dns_malformed"), 0);
    watch_end(w);
}

static void parse_prefix(const uint8_t *bytes, size_t length, void *context)
{
    (void)context;
    static const uint16_t ports[] = {53, 5353, 9999};
    for (size_t i = 0; i < 3; i++) {
        struct watched *w = watch_dns(IP_PROTO_UDP, ports[i]);
        send_datagram(w, SERVER, bytes, length);
        watch_end(w);
    }
    struct watched *w = watch_dns(IP_PROTO_TCP, 53);
    send_bytes(w, SERVER, bytes, length);
    watch_end(w);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    struct dns_bytes b;
    dns_begin(&b, DNS_RESPONSE, 1, 4, 0, 1);
    put_question(&b, "a.b.example", 1);
    put_named(&b, "*12", 5, 60, "c.*14");
    put_named(&b, "example", 39, 60, "test");
    put_record(&b, "*12", 65, 300, 2 + 1 + 8);
    put16(&b, 1);
    put8(&b, 0);
    put16(&b, 4);
    put16(&b, 4);
    put16(&b, 0xc000);
    put16(&b, 0x0201);
    put_a(&b, "*12", 60, 1);
    put_record(&b, "", 41, 0, 0);

    for_each_prefix(b.data, b.length, parse_prefix, NULL);

    assert_true(b.length > 80);
}

static void a_name_that_does_not_print_is_tied_to_no_address(void **state)
{
    (void)state;
    static const char *const names[] = {"a\x1b[2j.kaspersky.com", "a b.kaspersky.com", "\xff.kaspersky.com"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct watched *w = watch_dns(IP_PROTO_UDP, 53);
        struct dns_bytes b;
        dns_begin(&b, DNS_RESPONSE, 1, 1, 0, 0);
        put_question(&b, names[i], 1);
        put_a(&b, "*12", 300, 9);
        send_datagram(w, SERVER, b.data, b.length);

        assert_int_equal(facts_of(w)->app, APP_DNS);
        assert_int_equal(heard.last.chain_count, 0);
        assert_int_equal(heard.last.binding_count, 0);
        assert_int_equal(counted(w, "dns_name_unprintable"), 1);
        watch_end(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_and_response_fill_the_record),
        cmocka_unit_test(an_alias_alone_is_told_unless_it_leads_nowhere),
        cmocka_unit_test(alias_chain_ends_at_the_addresses_with_the_smallest_ttl),
        cmocka_unit_test(unrelated_records_tie_nothing),
        cmocka_unit_test(alias_loop_ends),
        cmocka_unit_test(dname_without_its_cname_renames_the_question),
        cmocka_unit_test(https_record_gives_hints_ech_and_its_target),
        cmocka_unit_test(dots_inside_a_label_are_escaped),
        cmocka_unit_test(pointers_that_do_not_point_back_are_counted),
        cmocka_unit_test(name_of_more_than_255_bytes_is_malformed),
        cmocka_unit_test(more_addresses_than_we_keep_are_counted),
        cmocka_unit_test(later_answers_of_the_flow_are_told_too),
        cmocka_unit_test(answers_are_told_without_an_inspection),
        cmocka_unit_test(who_asked_is_the_receiver_whatever_the_flow_says),
        cmocka_unit_test(stream_gives_each_message_of_a_segment),
        cmocka_unit_test(long_message_over_tcp_is_cut_and_passed_over),
        cmocka_unit_test(multicast_announcement_tells_each_name),
        cmocka_unit_test(llmnr_is_told_by_its_port),
        cmocka_unit_test(on_any_other_port_a_whole_message_is_dns_and_noise_is_not),
        cmocka_unit_test(snapped_response_gives_what_is_there),
        cmocka_unit_test(every_prefix_is_safe),
        cmocka_unit_test(a_name_that_does_not_print_is_tied_to_no_address),
    };
    return cmocka_run_group_tests_name("analyzers/dns", tests, NULL, NULL);
}
