#include "test.h"

#include "survivors.h"

/* A catalogue as it would lie in memory that is about to go. */
struct old {
    struct vendor vendor;
    struct product stays, leaves;
    struct indicator indicator;
};

static struct old *old_new(void)
{
    struct old *old = calloc(1, sizeof(*old));
    assert_non_null(old);
    old->vendor = (struct vendor){.id = strdup("maker"),
                                  .name = strdup("Maker"),
                                  .domicile = {"RU"},
                                  .domicile_basis = strdup("head office"),
                                  .domicile_source = strdup("a register")};
    old->stays = (struct product){.id = strdup("stays"), .name = strdup("Stays"), .vendor = &old->vendor};
    old->leaves = (struct product){
        .id = strdup("leaves"), .name = strdup("Leaves"), .vendor = &old->vendor, .is_agent = true, .is_engine = true};
    old->indicator = (struct indicator){.kind = INDICATOR_SUFFIX,
                                        .product = &old->leaves,
                                        .purpose = PURPOSE_UPDATE,
                                        .is_exclusive = true,
                                        .value = strdup("leaves.example"),
                                        .source = strdup("a list"),
                                        .line = 7};
    return old;
}

static void old_free(struct old *old)
{
    const char *texts[] = {old->vendor.id,
                           old->vendor.name,
                           old->vendor.domicile_basis,
                           old->vendor.domicile_source,
                           old->stays.id,
                           old->stays.name,
                           old->leaves.id,
                           old->leaves.name,
                           old->indicator.value,
                           old->indicator.source};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        memset((void *)(uintptr_t)texts[i], '#', strlen(texts[i]));
        free((void *)(uintptr_t)texts[i]);
    }
    memset(old, '#', sizeof(*old));
    free(old);
}

/* What somebody points at. */
struct holder {
    const char *text, *nothing;
    const struct product *stays, *leaves;
    const struct indicator *indicator;
};

static void walk(struct holder *holder, struct survivors *survivors)
{
    survive_text(survivors, &holder->text);
    survive_text(survivors, &holder->nothing);
    survive_product(survivors, &holder->stays);
    survive_product(survivors, &holder->leaves);
    survive_indicator(survivors, &holder->indicator);
}

static void exchange(struct holder *holder, struct survivors *survivors)
{
    walk(holder, survivors);
    assert_int_equal(survivors_settle(survivors), STATUS_OK);
    walk(holder, survivors);
}

static void what_is_pointed_at_outlives_what_it_came_from(void **state)
{
    (void)state;
    static const struct vendor vendor = {.id = "maker", .name = "Maker Ltd"};
    static const struct product newer = {.id = "stays", .name = "Stays 2", .vendor = &vendor};
    const struct product *const products[] = {&newer};
    struct old *old = old_new();
    struct holder holder = {"a text", NULL, &old->stays, &old->leaves, &old->indicator};
    struct survivors *survivors;
    assert_int_equal(survivors_new(products, 1, &survivors), STATUS_OK);

    exchange(&holder, survivors);
    old_free(old);

    assert_string_equal(holder.text, "a text");
    assert_null(holder.nothing);
    assert_ptr_equal(holder.stays, &newer);
    assert_string_equal(holder.leaves->name, "Leaves");
    assert_true(holder.leaves->is_agent && holder.leaves->is_engine);
    assert_string_equal(holder.leaves->vendor->name, "Maker");
    assert_string_equal(holder.leaves->vendor->domicile.code, "RU");
    assert_string_equal(holder.leaves->vendor->domicile_basis, "head office");
    assert_null(holder.leaves->vendor->domicile_read);
    assert_ptr_equal(holder.indicator->product, holder.leaves);
    assert_string_equal(holder.indicator->value, "leaves.example");
    assert_string_equal(holder.indicator->source, "a list");
    assert_int_equal(holder.indicator->line, 7);
    assert_true(holder.indicator->is_exclusive);
    survivors_free(survivors);
}

static void the_first_walk_changes_nothing(void **state)
{
    (void)state;
    struct old *old = old_new();
    struct holder holder = {"a text", NULL, &old->stays, &old->leaves, &old->indicator}, before = holder;
    struct survivors *survivors;
    assert_int_equal(survivors_new(NULL, 0, &survivors), STATUS_OK);

    walk(&holder, survivors);

    assert_memory_equal(&holder, &before, sizeof(holder));
    survivors_free(survivors);
    old_free(old);
}

static void a_product_that_comes_back_is_the_catalogues_again(void **state)
{
    (void)state;
    static const struct product again = {.id = "leaves"};
    const struct product *const products[] = {&again};
    struct old *old = old_new();
    struct holder holder = {"", NULL, &old->stays, &old->leaves, &old->indicator};
    struct survivors *first, *second;
    assert_int_equal(survivors_new(NULL, 0, &first), STATUS_OK);
    exchange(&holder, first);
    old_free(old);

    assert_int_equal(survivors_new(products, 1, &second), STATUS_OK);
    exchange(&holder, second);
    survivors_free(first);

    assert_ptr_equal(holder.leaves, &again);
    assert_ptr_equal(holder.indicator->product, &again);
    assert_string_equal(holder.stays->name, "Stays");
    survivors_free(second);
}

static void equal_ones_are_kept_once_however_many_exchanges_there_are(void **state)
{
    (void)state;
    enum { HOLDERS = 3000 };
    static struct holder holders[HOLDERS];
    struct survivors *kept = NULL;
    size_t size = 0;
    for (unsigned round = 0; round < 50; round++) {
        struct old *old[2] = {old_new(), old_new()};
        struct survivors *next;
        assert_int_equal(survivors_new(NULL, 0, &next), STATUS_OK);
        for (size_t i = round * 20; i < round * 20 + 20; i++)
            holders[i] = (struct holder){"text", NULL, &old[i % 2]->stays, &old[i % 2]->leaves, &old[i % 2]->indicator};
        for (size_t i = 0; i < HOLDERS; i++)
            walk(&holders[i], next);
        assert_int_equal(survivors_settle(next), STATUS_OK);
        for (size_t i = 0; i < HOLDERS; i++)
            walk(&holders[i], next);
        survivors_free(kept);
        old_free(old[0]);
        old_free(old[1]);
        kept = next;
        if (round == 0)
            size = survivors_size(kept);
    }
    assert_int_equal(survivors_size(kept), size);
    assert_ptr_equal(holders[0].indicator, holders[999].indicator);
    survivors_free(kept);
}

static void many_texts_find_room(void **state)
{
    (void)state;
    enum { TEXTS = 5000 };
    static char bytes[TEXTS][8];
    static const char *texts[TEXTS];
    struct survivors *survivors;
    assert_int_equal(survivors_new(NULL, 0, &survivors), STATUS_OK);
    for (unsigned i = 0; i < TEXTS; i++) {
        snprintf(bytes[i], sizeof(bytes[i]), "%u", i);
        texts[i] = bytes[i];
        survive_text(survivors, &texts[i]);
    }
    assert_int_equal(survivors_settle(survivors), STATUS_OK);
    for (unsigned i = 0; i < TEXTS; i++)
        survive_text(survivors, &texts[i]);
    for (unsigned i = 0; i < TEXTS; i++) {
        assert_ptr_not_equal(texts[i], bytes[i]);
        assert_string_equal(texts[i], bytes[i]);
    }
    survivors_free(survivors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_pointed_at_outlives_what_it_came_from),
        cmocka_unit_test(the_first_walk_changes_nothing),
        cmocka_unit_test(a_product_that_comes_back_is_the_catalogues_again),
        cmocka_unit_test(equal_ones_are_kept_once_however_many_exchanges_there_are),
        cmocka_unit_test(many_texts_find_room),
    };
    return cmocka_run_group_tests_name("base/survivors", tests, NULL, NULL);
}
