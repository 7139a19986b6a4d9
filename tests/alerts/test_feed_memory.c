/* A record that there is no memory for is lost, but not in silence. Not under ASan, which has its own malloc. */
#include "feed.h"

#include <errno.h>

#include "sample.h"
#include "test.h"

#if defined(__SANITIZE_ADDRESS__)
#define OWNS_REALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OWNS_REALLOC 0
#endif
#endif
#ifndef OWNS_REALLOC
#define OWNS_REALLOC 1
#endif

static bool is_refusing; /* records grow by realloc() */

#if OWNS_REALLOC
void *__libc_realloc(void *old, size_t size);

void *realloc(void *old, size_t size)
{
    if (!is_refusing)
        return __libc_realloc(old, size);
    errno = ENOMEM;
    return NULL;
}
#endif

static void check_format(const char *format)
{
    struct feed *feed = NULL;
    struct error error = {""};
    struct sighting s;
    sample_plain_web(&s);
    if (!OWNS_REALLOC)
        skip();
    assert_int_equal(feed_open("file:/dev/null", format, &(struct feed_options){.flows = true}, &feed, &error),
                     STATUS_OK);

    is_refusing = true;
    feed_flow(feed, &s);
    is_refusing = false;
    feed_flow(feed, &s);

    assert_int_equal(feed_close(feed, &error), STATUS_NO_MEMORY);
    assert_string_equal(error.text, "output file:/dev/null: out of memory; 1 record was lost");
}

static void a_json_record_lost_for_want_of_memory_is_said_at_the_close(void **state)
{
    (void)state;
    check_format("json");
}

static void a_text_record_lost_for_want_of_memory_is_said_at_the_close(void **state)
{
    (void)state;
    check_format("text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_json_record_lost_for_want_of_memory_is_said_at_the_close),
        cmocka_unit_test(a_text_record_lost_for_want_of_memory_is_said_at_the_close),
    };
    return cmocka_run_group_tests_name("alerts/feed_memory", tests, NULL, NULL);
}
