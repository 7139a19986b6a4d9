#include "json_writer.h"
#include "test.h"

static void check(struct json_writer *w, const char *wanted)
{
    assert_false(w->failed);
    assert_int_equal(w->length, strlen(wanted));
    assert_memory_equal(w->data, wanted, w->length);
    json_clear(w);
}

static void commas_stand_where_json_wants_them(void **state)
{
    struct json_writer w;
    (void)state;
    json_init(&w);
    json_begin_object(&w);
    json_key(&w, "a");
    json_begin_array(&w);
    json_u64(&w, 1);
    json_i64(&w, -2);
    json_begin_object(&w);
    json_end_object(&w);
    json_null(&w);
    json_end_array(&w);
    json_key(&w, "b");
    json_bool(&w, true);
    json_key(&w, "c");
    json_hex(&w, (const uint8_t[]){0xde, 0xad}, 2);
    json_end_object(&w);
    json_newline(&w);
    json_begin_array(&w);
    json_end_array(&w);

    check(&w, "{\"a\":[1,-2,{},null],\"b\":true,\"c\":\"dead\"}\n[]");
}

static void extreme_numbers_are_exact(void **state)
{
    struct json_writer w;
    (void)state;
    json_init(&w);
    json_u64(&w, UINT64_MAX);
    json_i64(&w, INT64_MIN);
    json_u64(&w, 0);
    json_thousandths(&w, 38012);
    json_thousandths(&w, 7);

    check(&w, "18446744073709551615,-9223372036854775808,0,38.012,0.007");
}

static const struct {
    struct text raw;
    const char *json;
} rows[] = {
    {{"plain", 5}, "\"plain\""},
    {{"q\"b\\", 4}, "\"q\\\"b\\\\\""},
    {{"\b\f\n\r\t", 5}, "\"\\b\\f\\n\\r\\t\""},
    {{"\0\x1f\x7f", 3}, "\"\\u0000\\u001f\\u007f\""},
    {{"gr\xc3\xbc\xc3\x9f", 6}, "\"gr\xc3\xbc\xc3\x9f\""},
    {{"\xf0\x9f\x98\x80", 4}, "\"\xf0\x9f\x98\x80\""},
    {{"\xff", 1}, "\"\xef\xbf\xbd\""},
    {{"\xc0\x80", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
    {{"\xed\xa0\x80", 3}, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* surrogate */
    {{"\xf4\x90\x80\x80", 4}, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    {{"\xe2\x82", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},                      /* cut short */
    {{"\xc2\x85\xe2\x80\xa8\xe2\x80\xa9", 8}, "\"\\u0085\\u2028\\u2029\""}, /* line ends to Unicode */
    {{NULL, 0}, "null"},
    {{"", 0}, "\"\""},
};

static void any_bytes_make_valid_json_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json_writer w;
        json_init(&w);
        json_text(&w, rows[i].raw);
        check(&w, rows[i].json);
    }
}

static void long_texts_grow_the_buffer(void **state)
{
    static char long_text[100000];
    struct json_writer w;
    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    json_init(&w);
    json_text(&w, (struct text){long_text, sizeof(long_text)});
    assert_int_equal(w.length, sizeof(long_text) + 2);
    json_reset(&w);
    assert_int_equal(w.length, 0);
    json_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_where_json_wants_them),
        cmocka_unit_test(extreme_numbers_are_exact),
        cmocka_unit_test(any_bytes_make_valid_json_text),
        cmocka_unit_test(long_texts_grow_the_buffer),
    };
    return cmocka_run_group_tests_name("base/json_writer", tests, NULL, NULL);
}
