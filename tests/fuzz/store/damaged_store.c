/*
 * A store whose bytes were changed: nothing in it may lead us astray. The input is a list of changes, place (two bytes,
 * little-endian, in units of the file's 65536th part) and value; the store is the same every time.
 */
#include "store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/bordertap-fuzz-store-XXXXXX", path[64];
static uint8_t whole[1 << 17], changed[1 << 17];
static size_t length;

static void remove_all(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock", "-journal"};
    char name[80];
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void clean_up(void)
{
    remove_all();
    rmdir(folder);
}

static void put(struct store *store, struct kept_finding *k, unsigned number)
{
    const struct store_news news = {FINDING_OPENED,
                                    "f-0000000000000001-1",
                                    "it talks",
                                    "Agent",
                                    {1},
                                    text_of("{\"type\":\"finding\",\"accepted\":{\"owner\":\"a\",\"reason\":\"b\","
                                            "\"until\":\"2027-01-01\",\"expired\":true}}")};
    snprintf(k->id, sizeof(k->id), "f-%016x", number);
    store_begin(store);
    store_put(store, k, &news);
    store_commit(store);
}

static void fill(struct store *store)
{
    static const struct flag flag = {AXIS_VENDOR, {"RU"}, "policy"};
    static const struct remote_seen remote = {
        .port = 443, .name = "a.example", .country_count = 1, .countries = {{"NL"}}};
    struct kept_finding k = {.revision = 1,
                             .is_told = true,
                             .vendor = "v",
                             .product = "p",
                             .rule = "r",
                             .severity = SEVERITY_HIGH,
                             .flag_count = 1,
                             .flags = &flag,
                             .remote_count = 1,
                             .remotes = &remote};
    const struct store_exception exception = {"f-0000000000000001", "owner", "reason", "2027-01-01", "me"};
    store_begin_run(store, "sensor", "version", NULL, 0);
    for (unsigned i = 1; i <= 8; i++)
        put(store, &k, i);
    store_accept(store, &exception, INT64_C(1795550400), NULL);
}

static void make(void)
{
    struct store *store;
    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof(path), "%s/s.db", folder);
    atexit(clean_up);
    if (store_open(path, STORE_RUN, &store, NULL) != STATUS_OK)
        abort();
    fill(store);
    store_close(store);
    int fd = open(path, O_RDONLY);
    ssize_t got = read(fd, whole, sizeof(whole));
    close(fd);
    if (got <= 0)
        abort();
    length = (size_t)got;
}

static void on_kept(void *context, const struct kept_finding *kept)
{
    *(uint64_t *)context += kept->counters.flows + kept->flag_count + kept->remote_count;
}

static void on_row(void *context, const struct store_row *row)
{
    on_kept(context, row->kept);
}

static void on_record(void *context, const struct store_record *record)
{
    *(uint64_t *)context += record->json.length;
}

static void on_exception(void *context, const char *finding, const struct acceptance *accepted)
{
    *(uint64_t *)context += strlen(finding) + strlen(accepted->owner);
}

static void on_told(void *context, const struct store_told *told)
{
    *(uint64_t *)context += told->revision;
}

static void on_past(void *context, const struct store_past_exception *e)
{
    *(uint64_t *)context += strlen(e->owner);
}

static void use(struct store *store)
{
    const struct store_input input = {"1-aa", "a"};
    const struct kept_finding kept = {.id = "f-0000000000000001", .revision = 2, .vendor = "v", .product = "p"};
    uint64_t sum = 0;
    store_load(store, on_kept, &sum);
    store_load_untold(store, on_record, &sum);
    store_load_exceptions(store, on_exception, &sum);
    store_list(store, &(struct store_filter){.is_all = true}, on_row, &sum);
    store_list_told(store, kept.id, on_told, &sum);
    store_list_exceptions(store, kept.id, on_past, &sum);
    store_begin_run(store, "s", "v", &input, 1);
    if (store_begin(store)) {
        store_put(store, &kept, NULL);
        store_put_lapsed(store, &kept, (struct packet_time){1}, text_of("{}"));
        store_commit(store);
    }
    store_end_run(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store *store;
    if (length == 0)
        make();
    memcpy(changed, whole, length);
    for (size_t i = 0; i + 2 < size; i += 3)
        changed[(size_t)(data[i] | data[i + 1] << 8) * length >> 16] = data[i + 2];
    remove_all();
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, changed, length) != (ssize_t)length)
        abort();
    close(fd);
    if (store_open(path, STORE_RUN, &store, NULL) != STATUS_OK)
        return 0;
    use(store);
    store_close(store);
    return 0;
}
