#include "geo_helpers.h"

#include <sys/stat.h>
#include <utime.h>

#include "cache_internal.h"

static const char *const folder_of_data[] = {TEST_DATA "/geo", NULL};
static const char *const asked[] = {"1.0.0.1", "8.8.8.8",     "81.2.69.160",       "94.75.236.123", "202.196.224.1",
                                    "::1",     "2001:218::1", "2001:4860:4860::1", "2a02:d280::1",  "2001:db8::1"};

/** A folder for images that goes away with cache_remove(). */
struct test_cache {
    char folder[64], image[160];
    struct geo_cache_key key;
};

static struct test_cache cache_make(void)
{
    struct test_cache cache = {.folder = "/tmp/bordertap-cache-XXXXXX"};
    assert_non_null(mkdtemp(cache.folder));
    assert_true(geo_cache_key_of(folder_of_data, 1, &cache.key));
    snprintf(cache.image, sizeof(cache.image), "%s/geo-%016llx", cache.folder, (unsigned long long)cache.key.place);
    struct geo *geo = must_open(folder_of_data, NULL);
    geo_cache_save(geo, cache.folder, &cache.key);
    geo_close(geo);
    return cache;
}

static void cache_remove(const struct test_cache *cache)
{
    unlink(cache->image);
    assert_int_equal(rmdir(cache->folder), 0); /* and no draft was left in it */
}

static bool loads(const struct test_cache *cache)
{
    struct geo *geo = geo_new();
    bool ret = geo_cache_load(geo, cache->folder, &cache->key);
    geo_close(geo);
    return ret;
}

static size_t image_read(const struct test_cache *cache, uint8_t **ret)
{
    struct stat st;
    FILE *file = fopen(cache->image, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &st), 0);
    *ret = malloc((size_t)st.st_size);
    assert_int_equal(fread(*ret, 1, (size_t)st.st_size, file), (size_t)st.st_size);
    fclose(file);
    return (size_t)st.st_size;
}

static void image_write(const struct test_cache *cache, const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(cache->image, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static void assert_same_axis(const struct axis_judgement *a, const struct axis_judgement *b)
{
    assert_int_equal(a->status, b->status);
    assert_string_equal(a->reason, b->reason);
    assert_int_equal(a->source_count, b->source_count);
    for (uint8_t i = 0; i < a->source_count; i++) {
        assert_string_equal(a->sources[i].database, b->sources[i].database);
        assert_string_equal(a->sources[i].edition ? a->sources[i].edition : "",
                            b->sources[i].edition ? b->sources[i].edition : "");
        assert_string_equal(a->sources[i].country.code, b->sources[i].country.code);
        assert_memory_equal(&a->sources[i].prefix, &b->sources[i].prefix, sizeof(a->sources[i].prefix));
    }
}

static void an_image_answers_as_the_databases_do(void **state)
{
    (void)state;
    struct test_cache cache = cache_make();
    struct geo *read = must_open(folder_of_data, NULL), *mapped = geo_new();
    const struct geo_database *of_read, *of_mapped;

    assert_true(geo_cache_load(mapped, cache.folder, &cache.key));

    assert_int_equal(geo_databases(mapped, &of_mapped), geo_databases(read, &of_read));
    for (size_t i = 0; i < geo_databases(read, &of_read); i++) {
        assert_string_equal(of_mapped[i].path, of_read[i].path);
        assert_string_equal(of_mapped[i].role, of_read[i].role);
        assert_int_equal(of_mapped[i].ranges, of_read[i].ranges);
    }
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        struct jurisdiction a = judge(read, asked[i]), b = judge(mapped, asked[i]);
        assert_same_axis(&a.axes[AXIS_LOCATION], &b.axes[AXIS_LOCATION]);
        assert_same_axis(&a.axes[AXIS_OPERATOR], &b.axes[AXIS_OPERATOR]);
        assert_string_equal(a.operator_facts.name ? a.operator_facts.name : "",
                            b.operator_facts.name ? b.operator_facts.name : "");
    }
    geo_close(read);
    geo_close(mapped);
    cache_remove(&cache);
}

static void parents_are_added_to_an_image(void **state)
{
    (void)state;
    struct test_cache cache = cache_make();
    struct geo *geo = geo_new();
    struct error error = {""};
    static const char operators[] = "parents:\n- name: Somebody\n  country: RU\n  networks:\n"
                                    "  - {asn: 15169, source: here, as_of: 2026-01-01}\n"
                                    "  - {asn: 4200000001, source: here, as_of: 2026-01-01}\n";

    assert_true(geo_cache_load(geo, cache.folder, &cache.key));
    assert_int_equal(geo_load_operators_bytes(geo, "test", operators, strlen(operators), &error), STATUS_OK);

    assert_non_null(networks_find(&geo->networks, 15169)->parent);
    assert_non_null(networks_find(&geo->networks, 4200000001)->parent);
    geo_close(geo);
    cache_remove(&cache);
}

static void a_changed_database_has_another_key(void **state)
{
    (void)state;
    struct test_file table = file_write_text("asn-ipv4.csv", "1.0.0.0,1.0.0.255,13335,Cloudflare\n");
    const char *paths[] = {table.folder};
    struct geo_cache_key before, same, behind;

    assert_true(geo_cache_key_of(paths, 1, &before));
    assert_true(geo_cache_key_of(paths, 1, &same));
    assert_int_equal(utime(table.path, &(struct utimbuf){1, 1}), 0);
    assert_true(geo_cache_key_of(paths, 1, &behind));

    assert_true(before.state == same.state);
    assert_true(before.state != behind.state);
    assert_true(before.place == behind.place);
    file_remove(&table);
    assert_false(geo_cache_key_of(paths, 1, &behind));
}

static void an_image_of_another_state_is_passed_over(void **state)
{
    (void)state;
    struct test_cache cache = cache_make();

    cache.key.state++;
    assert_false(loads(&cache));
    cache.key.state--;

    assert_true(loads(&cache));
    cache_remove(&cache);
}

static void a_damaged_image_is_passed_over(void **state)
{
    (void)state;
    struct test_cache cache = cache_make();
    uint8_t *bytes;
    size_t length = image_read(&cache, &bytes);

    for (size_t i = 0; i < length; i += i < 64 ? 1 : 4999) {
        bytes[i] ^= 0x10;
        image_write(&cache, bytes, length);
        assert_false(loads(&cache));
        bytes[i] ^= 0x10;
    }
    for (size_t n = 0; n < length; n += n < 64 ? 1 : 4999) {
        image_write(&cache, bytes, n);
        assert_false(loads(&cache));
    }
    free(bytes);
    cache_remove(&cache);
}

static void an_image_others_may_write_is_passed_over(void **state)
{
    (void)state;
    struct test_cache cache = cache_make();
    char moved[200];

    assert_int_equal(chmod(cache.image, 0620), 0);
    assert_false(loads(&cache));
    assert_int_equal(chmod(cache.image, 0600), 0);
    assert_true(loads(&cache));

    snprintf(moved, sizeof(moved), "%s.moved", cache.image);
    assert_int_equal(rename(cache.image, moved), 0);
    assert_int_equal(symlink(moved, cache.image), 0);
    assert_false(loads(&cache));
    unlink(moved);
    cache_remove(&cache);
}

static void a_folder_that_cannot_be_made_is_no_error(void **state)
{
    (void)state;
    struct geo *geo = must_open(folder_of_data, NULL);
    struct geo_cache_key key;
    assert_true(geo_cache_key_of(folder_of_data, 1, &key));

    geo_cache_save(geo, "/proc/no/such/folder", &key);
    geo_cache_save(geo, TEST_DATA "/geo/ORIGIN", &key);

    geo_close(geo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_answers_as_the_databases_do),
        cmocka_unit_test(parents_are_added_to_an_image),
        cmocka_unit_test(a_changed_database_has_another_key),
        cmocka_unit_test(an_image_of_another_state_is_passed_over),
        cmocka_unit_test(a_damaged_image_is_passed_over),
        cmocka_unit_test(an_image_others_may_write_is_passed_over),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_no_error),
    };
    return cmocka_run_group_tests_name("geo/cache", tests, NULL, NULL);
}
