#include "test.h"
#include "yaml_reader.h"

static const char good[] = "id: x\nlist:\n  - {a: 1, b: \"2\"}\n  - plain\nempty:\n";

static void nodes_keep_their_lines(void **state)
{
    struct yaml_file *file;
    (void)state;
    assert_int_equal(yaml_read_bytes("good.yaml", good, sizeof(good) - 1, &file, NULL), STATUS_OK);
    const struct yaml_node *root = yaml_root(file), *list = yaml_get(root, "list");
    assert_string_equal(yaml_get_string(root, "id"), "x");
    assert_int_equal(list->count, 2);
    assert_int_equal(list->items[0]->line, 3);
    assert_string_equal(yaml_get_string(list->items[0], "b"), "2");
    assert_true(yaml_get(list->items[0], "b")->is_quoted);
    assert_int_equal(list->items[1]->line, 4);
    assert_null(yaml_get_string(root, "empty"));
    assert_null(yaml_get_string(root, "missing"));
    assert_null(yaml_get(list, "id"));
    yaml_close(file);
}

static const struct {
    const char *text, *complaint;
} bad[] = {
    {"a: [1, 2", "bad.yaml:"},
    {"a: &x 1\nb: *x\n", "bad.yaml:1: anchors"},
    {"a: 1\nb: 2\na: 3\n", "bad.yaml:3: the key 'a' stands twice"},
    {"a: 1\n---\nb: 2\n", "bad.yaml:2: a second document"},
    {"", "bad.yaml:1: the file is empty"},
    {"a:\n\t- x\n", "bad.yaml:2:"},
    {"[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "nested too deep"},
    {"? [a]\n: b\n", "a key must be a plain word"},
    {"a: \"\\0\"\n", "a zero byte"},
};

static void bad_files_are_refused_with_their_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct yaml_file *file;
        struct error error;
        assert_true(yaml_read_bytes("bad.yaml", bad[i].text, strlen(bad[i].text), &file, &error) < 0);
        if (strstr(error.text, bad[i].complaint) == NULL)
            fail_msg("'%s' does not contain '%s'", error.text, bad[i].complaint);
    }
}

static void missing_file_is_named(void **state)
{
    struct yaml_file *file;
    struct error error;
    (void)state;
    assert_int_equal(yaml_read("/nowhere/x.yaml", &file, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "/nowhere/x.yaml"));
}

static void try_prefix(const uint8_t *data, size_t length, void *context)
{
    struct yaml_file *file;
    (void)context;
    if (yaml_read_bytes("prefix", (const char *)data, length, &file, NULL) == STATUS_OK)
        yaml_close(file);
}

static void every_prefix_ends_well(void **state)
{
    (void)state;
    for_each_prefix(good, sizeof(good) - 1, try_prefix, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_keep_their_lines),
        cmocka_unit_test(bad_files_are_refused_with_their_line),
        cmocka_unit_test(missing_file_is_named),
        cmocka_unit_test(every_prefix_ends_well),
    };
    return cmocka_run_group_tests_name("base/yaml_reader", tests, NULL, NULL);
}
