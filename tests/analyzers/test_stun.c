#include "test.h"

#include "stun_internal.h"

#define COOKIE "\x21\x12\xa4\x42"
#define ID "transaction!"

static const struct row {
    const char *title, *bytes;
    size_t length, wire_length; /* 0: the same */
    enum stun_kind kind;
    const char *inside;
} rows[] = {
    {"a check", "\x00\x01\x00\x00" COOKIE ID, 20, 0, STUN_MESSAGE, NULL},
    {"an answer with an attribute", "\x01\x01\x00\x08" COOKIE ID "\x80\x22\x00\x04test", 28, 0, STUN_MESSAGE, NULL},
    {"no cookie", "\x00\x01\x00\x00" ID COOKIE, 20, 0, STUN_NONE, NULL},
    {"a length that is another", "\x00\x01\x00\x04" COOKIE ID, 20, 0, STUN_NONE, NULL},
    {"cut by the capture", "\x00\x01\x00\x08" COOKIE ID, 20, 28, STUN_MESSAGE, NULL},
    {"one byte less than a header", "\x00\x01\x00\x00" COOKIE ID, 19, 0, STUN_NONE, NULL},
    {"sent to a relay, behind another attribute and its padding",
     "\x00\x16\x00\x14" COOKIE ID "\x00\x12\x00\x05peer.\0\0\0\x00\x13\x00\x04"
     "data",
     40, 0, STUN_DATA, "data"},
    {"received from a relay",
     "\x00\x17\x00\x08" COOKIE ID "\x00\x13\x00\x03"
     "abc\0",
     28, 0, STUN_DATA, "abc"},
    {"an attribute longer than the message",
     "\x00\x17\x00\x08" COOKIE ID "\x00\x13\xff\xff"
     "abcd",
     28, 0, STUN_DATA, "abcd"},
    {"an indication without data",
     "\x00\x17\x00\x08" COOKIE ID "\x00\x12\x00\x04"
     "abcd",
     28, 0, STUN_MESSAGE, NULL},
    {"a channel",
     "\x40\x00\x00\x04"
     "data",
     8, 0, STUN_DATA, "data"},
    {"a channel with padding",
     "\x4f\xff\x00\x01"
     "d\0\0\0",
     8, 0, STUN_DATA, "d"},
    {"a channel cut by the capture",
     "\x40\x00\x00\x10"
     "data",
     8, 20, STUN_DATA, "data"},
    {"a channel with nothing", "\x40\x00\x00\x00", 4, 0, STUN_DATA, ""},
    {"a channel longer than the datagram",
     "\x40\x00\x00\x05"
     "data",
     8, 0, STUN_NONE, NULL},
    {"more than padding behind",
     "\x40\x00\x00\x00"
     "data",
     8, 0, STUN_NONE, NULL},
    {"no channel's number",
     "\x50\x00\x00\x04"
     "data",
     8, 0, STUN_NONE, NULL},
};

static void messages_are_told_from_what_they_carry(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct guarded g = guarded_copy(rows[i].bytes, rows[i].length);
        struct wire inside = {NULL, 0, false};

        enum stun_kind kind =
            stun_open(g.data, g.length, rows[i].wire_length ? rows[i].wire_length : rows[i].length, &inside);

        if (kind != rows[i].kind)
            fail_msg("%s", rows[i].title);
        if (rows[i].inside != NULL) {
            assert_int_equal(inside.left, strlen(rows[i].inside));
            assert_memory_equal(inside.at, rows[i].inside, inside.left);
        }
        guarded_free(&g);
    }
}

static void open_prefix(const uint8_t *data, size_t length, void *context)
{
    size_t *wire_length = context;
    struct wire inside = {NULL, 0, false};
    (void)stun_open(data, length, length, &inside);
    if (stun_open(data, length, *wire_length, &inside) == STUN_DATA)
        assert_true(inside.left <= length);
}

static void every_prefix_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t wire_length = rows[i].wire_length ? rows[i].wire_length : rows[i].length;
        for_each_prefix(rows[i].bytes, rows[i].length, open_prefix, &wire_length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_told_from_what_they_carry),
        cmocka_unit_test(every_prefix_is_safe),
    };
    return cmocka_run_group_tests_name("analyzers/stun", tests, NULL, NULL);
}
