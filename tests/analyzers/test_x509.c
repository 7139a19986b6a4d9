#include "test.h"

#include "certificate_bytes.h"
#include "x509_internal.h"

static void assert_x509_text(const struct x509_text *text, const char *wanted)
{
    uint8_t bytes[X509_TEXT_MAX];
    assert_non_null(text->data);
    size_t length = x509_text_bytes(text, bytes);
    assert_int_equal(length, strlen(wanted));
    assert_memory_equal(bytes, wanted, length);
}

static void names_and_validity_are_read(void **state)
{
    (void)state;
    struct x509 x509;

    assert_true(x509_parse(certificate_bytes, sizeof(certificate_bytes), &x509));

    assert_x509_text(&x509.subject.organization, "Example Antivirus Labs");
    assert_x509_text(&x509.subject.common_name, "updates.example.com");
    assert_x509_text(&x509.subject.country, "CH");
    assert_x509_text(&x509.issuer.organization, "Ministry of Testing");
    assert_x509_text(&x509.issuer.common_name, "Test State CA");
    assert_x509_text(&x509.issuer.country, "RU");
    assert_int_equal(x509.not_before_sec, CERTIFICATE_NOT_BEFORE);
    assert_int_equal(x509.not_after_sec, CERTIFICATE_NOT_AFTER);
}

static void only_dns_names_come_out_of_the_alternative_names(void **state)
{
    (void)state;
    struct x509 x509;
    struct wire name;
    assert_true(x509_parse(certificate_bytes, sizeof(certificate_bytes), &x509));

    assert_true(x509_next_dns_name(&x509.alternative_names, &name));
    assert_memory_equal(name.at, "updates.example.com", name.left);
    assert_true(x509_next_dns_name(&x509.alternative_names, &name));
    assert_memory_equal(name.at, "*.CDN.example.com", name.left);
    assert_false(x509_next_dns_name(&x509.alternative_names, &name));
}

static void walk(const uint8_t *der, size_t length, void *context)
{
    struct x509 x509;
    struct wire name;
    unsigned *good = context;
    if (!x509_parse(der, length, &x509))
        return;
    (*good)++;
    while (x509_next_dns_name(&x509.alternative_names, &name))
        ;
}

static void a_cut_certificate_is_refused(void **state)
{
    (void)state;
    unsigned good = 0;

    for_each_prefix(certificate_bytes, sizeof(certificate_bytes), walk, &good);

    assert_int_equal(good, 1);
}

static void every_flipped_byte_stays_inside_the_bytes(void **state)
{
    (void)state;
    static const uint8_t patterns[] = {0x00, 0x80, 0x84, 0xff, 0x30};
    uint8_t copy[sizeof(certificate_bytes)];
    unsigned good = 0;
    for (size_t i = 0; i < sizeof(copy); i++)
        for (size_t k = 0; k < sizeof(patterns); k++) {
            memcpy(copy, certificate_bytes, sizeof(copy));
            copy[i] = patterns[k];
            struct guarded g = guarded_copy(copy, sizeof(copy));
            walk(g.data, g.length, &good);
            guarded_free(&g);
        }
    assert_true(good > 0);
}

static void wide_strings_become_utf8(void **state)
{
    (void)state;
    static const uint8_t bmp[] = {0x00, 0x41, 0x04, 0x1b, 0x20, 0xac, 0xd8, 0x00}; /* A, cyrillic, euro, half a pair */
    static const uint8_t universal[] = {0x00, 0x01, 0xf6, 0x00};
    struct x509_text text = {bmp, sizeof(bmp), 0x1e}, wide = {universal, sizeof(universal), 0x1c};

    assert_x509_text(&text, "A\xd0\x9b\xe2\x82\xac\xef\xbf\xbd");
    assert_x509_text(&wide, "\xf0\x9f\x98\x80");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    static uint8_t many[1000];
    uint8_t bytes[X509_TEXT_MAX];
    memset(many, 'a', sizeof(many));
    for (uint8_t tag = 0x0c; tag <= 0x1e; tag++) {
        struct x509_text text = {many, sizeof(many), tag};
        assert_true(x509_text_bytes(&text, bytes) <= X509_TEXT_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_validity_are_read),
        cmocka_unit_test(only_dns_names_come_out_of_the_alternative_names),
        cmocka_unit_test(a_cut_certificate_is_refused),
        cmocka_unit_test(every_flipped_byte_stays_inside_the_bytes),
        cmocka_unit_test(wide_strings_become_utf8),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests_name("analyzers/x509", tests, NULL, NULL);
}
