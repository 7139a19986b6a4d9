#include "engine/kept_facts_internal.h"

#include "test.h"

/* Everything a text could be: each 16-byte piece of the facts that holds the marker's address is a text that must move.
 */
static void every_text_is_copied(void **state)
{
    static char marker[] = "marker";
    struct flow_facts facts;
    (void)state;
    memset(&facts, 0, sizeof(facts));
    struct text value = {marker, 6};
    facts.tls.certificate_count = TLS_CERTIFICATES_MAX;
    facts.http.further_count = 4;
    facts.app_name = facts.tls.sni = facts.tls.alpn = facts.tls.alpn_offered = facts.tls.san_names =
        facts.tls.starttls = value;
    facts.quic.user_agent = facts.http.method = facts.http.host = facts.http.path = facts.http.user_agent = value;
    facts.http.content_type = facts.http.server = facts.http.header_names = facts.http.response_header_names = value;
    facts.dns.query = value;
    for (int i = 0; i < TLS_CERTIFICATES_MAX; i++)
        facts.tls.certificate[i] = (struct certificate_facts){.subject_org = value,
                                                              .subject_cn = value,
                                                              .issuer_org = value,
                                                              .issuer_cn = value,
                                                              .issuer_country = value,
                                                              .subject_country = value};
    for (int i = 0; i < 4; i++)
        facts.http.further[i].method = facts.http.further[i].host = facts.http.further[i].path =
            facts.http.further[i].user_agent = value;

    struct flow_facts *kept = facts_copy_new(&facts);

    const char *address = marker;
    for (size_t at = 0; at + sizeof(address) <= sizeof(*kept); at += sizeof(address))
        assert_memory_not_equal((const char *)kept + at, &address, sizeof(address));
    assert_memory_equal(kept->http.further[3].user_agent.data, marker, 6);
    assert_memory_equal(kept->tls.certificate[7].subject_country.data, marker, 6);
    free(kept);
}

static void absent_and_empty_stay_apart(void **state)
{
    struct flow_facts facts;
    (void)state;
    memset(&facts, 0, sizeof(facts));
    facts.http.path = (struct text){"", 0};

    struct flow_facts *kept = facts_copy_new(&facts);

    assert_null(kept->http.host.data);
    assert_non_null(kept->http.path.data);
    free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_text_is_copied),
                                       cmocka_unit_test(absent_and_empty_stay_apart)};
    return cmocka_run_group_tests_name("engine/kept_facts", tests, NULL, NULL);
}
