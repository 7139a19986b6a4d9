#include "test.h"

#include <malloc.h>

#include "feed_internal.h"
#include "ledger_internal.h"
#include "sample.h"

enum { OLD_SIZE = 1 << 16 };

/* All that comes from a catalogue and databases lies here, and then it is gone. */
static char *old;
static size_t old_used;

static void *in_old(const void *bytes, size_t size)
{
    size = (size + 15) / 16 * 16;
    assert_true(old_used + size <= OLD_SIZE);
    void *ret = memcpy(old + old_used, bytes, size);
    old_used += size;
    return ret;
}

static const char *old_text(const char *text)
{
    char *copy = calloc(1, strlen(text) + 16);
    assert_non_null(copy);
    strcpy(copy, text);
    const char *ret = in_old(copy, strlen(text) + 1);
    free(copy);
    return ret;
}

static const struct product *old_product(const struct product *like)
{
    _Alignas(16) char room[(sizeof(struct vendor) + sizeof(struct product)) + 16] = {0};
    struct vendor vendor = *like->vendor;
    struct product product = *like;
    vendor.id = old_text(vendor.id);
    vendor.name = old_text(vendor.name);
    vendor.domicile_basis = old_text(vendor.domicile_basis);
    memcpy(room, &vendor, sizeof(vendor));
    product.vendor = in_old(room, sizeof(vendor));
    product.id = old_text(product.id);
    product.name = old_text(product.name);
    memset(room, 0, sizeof(room));
    memcpy(room, &product, sizeof(product));
    return in_old(room, sizeof(product));
}

static const struct indicator *old_indicator(const struct product *product)
{
    _Alignas(16) char room[sizeof(struct indicator) + 16] = {0};
    struct indicator indicator = {.kind = INDICATOR_HTTP_PATH,
                                  .product = product,
                                  .purpose = PURPOSE_UPDATE,
                                  .value = old_text("/updaters/"),
                                  .source = old_text("https://example.org/paths"),
                                  .read_on = old_text("2026-11-01"),
                                  .note = old_text("a note"),
                                  .file = old_text("kaspersky.yaml"),
                                  .line = 7};
    memcpy(room, &indicator, sizeof(indicator));
    return in_old(room, sizeof(indicator));
}

/* A sighting that points at everything it can point at. */
static void make_sighting(struct sighting *s)
{
    sample_kaspersky_update(s);
    sample_set_name(s, "dnl-01.geo.kaspersky.com", "kaspersky.com");
    sample_reach(s);
    s->facts = sample_other_facts();
    s->attribution.product = old_product(&sample_kaspersky_any);
    s->attribution.engine_host = old_product(&sample_check_point);
    s->attribution.evidence_count = 2;
    for (unsigned i = 0; i < 2; i++)
        s->attribution.evidence[i] = (struct evidence){"http-path", "/x", old_indicator(s->attribution.product)};
    for (unsigned axis = 0; axis < AXIS_COUNT; axis++) {
        s->jurisdiction.axes[axis].source_count = 2;
        for (unsigned i = 0; i < 2; i++)
            s->jurisdiction.axes[axis].sources[i] = (struct axis_source){.database = old_text("A database"),
                                                                         .edition = old_text("2026-06-01"),
                                                                         .country = {"RU"},
                                                                         .detail = old_text("a detail")};
    }
    struct operator_facts *o = &s->jurisdiction.operator_facts;
    o->name = old_text("LeaseWeb");
    o->parent = old_text("Parent");
    o->parent_source = old_text("a register");
    o->parent_since = old_text("2016");
    o->registration_source = old_text("RIPE");
    struct transit_facts *t = &s->jurisdiction.transit_facts;
    *t = (struct transit_facts){.grade = TRANSIT_T3, .source = old_text("rib.mrt"), .hop_count = 2, .hop_total = 2};
    for (unsigned i = 0; i < 2; i++)
        t->hops[i] = (struct transit_hop){.asn = 1299, .name = old_text("Arelion"), .parent = old_text("Telia")};
}

static char json[2][1 << 15];
static unsigned told;

static void write_json(void *context, const struct finding *finding)
{
    const struct feed_options options = {.min_severity = SEVERITY_INFO};
    (void)context;
    void *state = feed_format_json.open(&options);
    struct finding same = *finding;
    same.action = FINDING_OPENED;
    same.event_id[0] = '\0';
    struct text line = feed_format_json.finding(state, &same);
    assert_true(told < 2 && line.length < sizeof(json[0]));
    text_copy(line, json[told++], sizeof(json[0]));
    feed_format_json.close(state);
}

static bool points_into(const void *block, size_t size, uintptr_t from, uintptr_t to)
{
    for (size_t at = 0; at + sizeof(uintptr_t) <= size; at++) {
        uintptr_t value;
        memcpy(&value, (const char *)block + at, sizeof(value));
        if (value >= from && value < to)
            return true;
    }
    return false;
}

static bool entry_points_into(const struct entry *e, const void *data, size_t size)
{
    uintptr_t from = (uintptr_t)data, to = from + size;
    return points_into(e, sizeof(*e), from, to) || points_into(e->worst, malloc_usable_size(e->worst), from, to) ||
           points_into(e->flags, e->flag_count * sizeof(*e->flags), from, to);
}

static void exchange(struct ledger *ledger, struct survivors *survivors)
{
    ledger_survive(ledger, survivors);
    assert_int_equal(survivors_settle(survivors), STATUS_OK);
    ledger_survive(ledger, survivors);
}

static void nothing_of_a_finding_points_at_what_goes(void **state)
{
    (void)state;
    struct policy_set *policies = sample_policies(NULL, 0, "RU"), *newer = sample_policies(NULL, 0, "RU");
    struct ledger_options options = {.sensor = "s1", .policies = policies, .told = write_json};
    struct sighting s;
    struct ledger *ledger;
    struct survivors *survivors;
    const struct product *const products[] = {&sample_kaspersky_any};
    told = 0;
    old_used = 0;
    old = mmap(NULL, OLD_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(old != MAP_FAILED);
    make_sighting(&s);
    sample_judge(&s, policies);
    assert_int_equal(ledger_new(&options, &ledger), STATUS_OK);
    uint32_t serial = ledger_sight(ledger, &s, 0, NULL);
    struct entry *e = &ledger->entries[serial - 1];
    assert_true(entry_points_into(e, old, OLD_SIZE));
    assert_true(e->flag_count > 0 && s.verdicts.policy_count > 1);

    assert_int_equal(survivors_new(products, 1, &survivors), STATUS_OK);
    exchange(ledger, survivors);
    ledger_use_policies(ledger, newer);
    assert_false(entry_points_into(e, old, OLD_SIZE));
    for (unsigned i = 0; i < s.verdicts.policy_count; i++)
        assert_false(entry_points_into(e, s.verdicts.policies[i].policy, 1));
    assert_ptr_equal(e->product, &sample_kaspersky_any);
    policy_set_free(policies);
    munmap(old, OLD_SIZE);
    ledger_add_volume(ledger, serial, &(struct flow_counters){0}, s.time);
    e->has_grown = true;
    ledger_close_run(ledger, s.time);

    assert_int_equal(told, 2);
    assert_string_equal(json[1], json[0]);
    ledger_free(ledger);
    survivors_free(survivors);
    policy_set_free(newer);
}

static void ignore(void *context, const struct finding *finding)
{
    unsigned *count = context;
    *count += finding->action == FINDING_OPENED;
}

/* The finding is found again by its key, whatever became of its product. */
static void a_finding_goes_on_under_newer_data(void **state)
{
    (void)state;
    struct policy_set *policies = sample_policies(NULL, 0, NULL);
    unsigned opened = 0;
    struct ledger_options options = {.sensor = "s1", .policies = policies, .told = ignore, .context = &opened};
    struct ledger *ledger;
    struct survivors *kept[2];
    struct sighting s;
    const struct product again = sample_kaspersky_any;
    const struct product *const products[] = {&again};
    sample_kaspersky_update(&s);
    sample_judge(&s, policies);
    assert_int_equal(ledger_new(&options, &ledger), STATUS_OK);
    uint32_t serial = ledger_sight(ledger, &s, 0, NULL);

    assert_int_equal(survivors_new(NULL, 0, &kept[0]), STATUS_OK); /* it left the catalogue */
    exchange(ledger, kept[0]);
    assert_ptr_not_equal(ledger->entries[serial - 1].product, &sample_kaspersky_any);
    assert_string_equal(ledger->entries[serial - 1].product->id, "kaspersky");
    assert_int_equal(survivors_new(products, 1, &kept[1]), STATUS_OK); /* and came back */
    exchange(ledger, kept[1]);
    survivors_free(kept[0]);
    s.attribution.product = &again;
    uint32_t same = ledger_sight(ledger, &s, 0, NULL);

    assert_int_equal(same, serial);
    assert_ptr_equal(ledger->entries[serial - 1].product, &again);
    assert_int_equal(ledger->entries[serial - 1].counters.flows, 2);
    assert_int_equal(opened, 1);
    ledger_free(ledger);
    survivors_free(kept[1]);
    policy_set_free(policies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_a_finding_points_at_what_goes),
        cmocka_unit_test(a_finding_goes_on_under_newer_data),
    };
    return cmocka_run_group_tests_name("alerts/ledger_survive", tests, NULL, NULL);
}
