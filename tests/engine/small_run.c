#include "small_run.h"

#include <ftw.h>
#include <sys/stat.h>

#include "test.h"

enum { FRAME_MAX = 256 };

static char folder[64];
static FILE *capture;
static uint64_t capture_us;
static unsigned capture_frames;

void small_begin(void)
{
    strcpy(folder, "/tmp/bordertap-small-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mkdir(small_path("products"), 0700), 0);
    assert_int_equal(mkdir(small_path("jurisdictions"), 0700), 0);
    assert_int_equal(mkdir(small_path("geo"), 0700), 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *place)
{
    (void)st;
    (void)flag;
    (void)place;
    return remove(path);
}

void small_end(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *small_path(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *ret = paths[next++ % 4];
    snprintf(ret, sizeof(paths[0]), "%s/%s", folder, name);
    return ret;
}

void small_write(const char *name, const char *text)
{
    FILE *file = fopen(small_path(name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* ---- data ---- */

void small_write_catalog(const char *id, const char *zone, const char *codes)
{
    char text[2048];
    snprintf(text, sizeof(text),
             "vendor: {id: maker, name: Maker, domicile: {country: RU, read: 2026-01-01, basis: Moscow, source: x}}\n"
             "read: 2026-01-01\nproducts: [{id: %s, name: Agent}]\nsources: {here: a test}\n"
             "indicators:\n  - {suffix: %s, product: %s, purpose: update, source: here}\n",
             id, zone, id);
    small_write("products/maker.yaml", text);
    snprintf(text, sizeof(text),
             "id: us-kaspersky\ntitle: one\nkind: deny\naxes: [location, vendor]\ncodes: [%s]\nsince: 2017-09-13\n"
             "source: x\nchecked: 2026-01-01\n",
             codes);
    small_write("jurisdictions/us-kaspersky.yaml", text);
    small_write("jurisdictions/us-foreign-adversaries.yaml",
                "id: us-foreign-adversaries\ntitle: two\nkind: deny\naxes: [location]\ncodes: [KP]\n"
                "since: 2020-01-01\nsource: x\nchecked: 2026-01-01\n");
    small_write("severity.yaml", "rules:\n  - {id: agents, severity: high, when: {agent: true}}\n"
                                 "  - {id: places, severity: low, when: {place: [in]}}\n");
    small_write("geo/dbip-country-ipv4.csv", "5.0.0.0,5.0.0.255,NL\n5.0.1.0,5.0.1.255,CN\n5.0.2.0,5.0.2.255,RU\n");
}

struct small_data small_load(const char *catalog, const char *geo)
{
    struct small_data ret = {NULL, NULL, NULL};
    struct error error = {""};
    char jurisdictions[512];
    snprintf(jurisdictions, sizeof(jurisdictions), "%s/jurisdictions", catalog);
    if (catalog_load(catalog, &ret.catalog, &error) != STATUS_OK ||
        geo_open(&geo, 1, NULL, &ret.geo, &error) != STATUS_OK ||
        policy_set_load(jurisdictions, NULL, 0, NULL, &ret.policies, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return ret;
}

struct engine_data small_borrow(const struct small_data *data)
{
    return (struct engine_data){.catalog = data->catalog, .geo = data->geo, .policies = data->policies};
}

void small_unload(struct small_data *data)
{
    catalog_free(data->catalog);
    geo_close(data->geo);
    policy_set_free(data->policies);
    *data = (struct small_data){NULL, NULL, NULL};
}

/* ---- packets ---- */

void small_capture_begin(const char *name)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
    capture = fopen(small_path(name), "wb");
    assert_non_null(capture);
    capture_us = UINT64_C(1780272000) * 1000000;
    fwrite(header, sizeof(header), 1, capture);
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

struct segment {
    const char *source, *destination;
    unsigned source_port, destination_port, turn;
};

static void put_frame(const struct segment *segment, const char *payload)
{
    uint8_t frame[FRAME_MAX] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45};
    struct ip_address source, destination;
    size_t length = strlen(payload);
    assert_true(ip_parse(segment->source, &source) && ip_parse(segment->destination, &destination));
    put16(frame + 16, 40 + (unsigned)length);
    put16(frame + 18, ++capture_frames); /* no duplicate of another */
    memcpy(frame + 22, "\x40\6", 2);
    memcpy(frame + 26, source.octets + 12, 4);
    memcpy(frame + 30, destination.octets + 12, 4);
    put16(frame + 34, segment->source_port);
    put16(frame + 36, segment->destination_port);
    put16(frame + 40, 1 + segment->turn * (unsigned)length); /* sequence: all turns are of one length */
    memcpy(frame + 42, "\0\0\0\1\x50\x18\x10\0\0\0\0\0", 12);
    memcpy(frame + 54, payload, length);
    uint32_t size = 54 + (uint32_t)length;
    uint32_t record[4] = {(uint32_t)(capture_us / 1000000), (uint32_t)(capture_us % 1000000), size, size};
    fwrite(record, sizeof(record), 1, capture);
    fwrite(frame, size, 1, capture);
}

void small_capture_request(unsigned ms, unsigned port, unsigned turn, const char *server, const char *host)
{
    const struct segment segment = {"10.0.0.1", server, port, 80, turn};
    char payload[128] = "\1\2\3\4 no protocol that anybody knows \5\6\7";
    if (host != NULL)
        snprintf(payload, sizeof(payload), "GET /x HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    capture_us += ms * UINT64_C(1000);
    put_frame(&segment, payload);
}

void small_capture_answer(unsigned port, unsigned turn, const char *server)
{
    const struct segment segment = {server, "10.0.0.1", 80, port, turn};
    put_frame(&segment, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 19\r\n\r\n<html>a page</html>");
}

void small_capture_end(void)
{
    assert_int_equal(fclose(capture), 0);
}

/* ---- runs ---- */

static bool between_batches(void *context)
{
    struct small_run *run = context;
    run->batches++;
    if (run->between != NULL)
        run->between(run);
    return false;
}

static char *contents(const char *path)
{
    struct stat st;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &st), 0);
    char *ret = calloc(1, (size_t)st.st_size + 1);
    assert_non_null(ret);
    assert_int_equal(fread(ret, 1, (size_t)st.st_size, file), (size_t)st.st_size);
    fclose(file);
    return ret;
}

char *small_read(struct small_run *run, const struct small_data *data)
{
    char out[160], url[192];
    struct feed *feed;
    struct home_nets *nets;
    struct source *source;
    struct error error = {""};
    const struct feed_options feed_options = {.flows = run->flows, .min_severity = SEVERITY_INFO};
    snprintf(out, sizeof(out), "%s", small_path("records"));
    snprintf(url, sizeof(url), "file:%s", out);
    unlink(out);
    assert_int_equal(home_nets_parse(NULL, &nets, &error), STATUS_OK);
    if (source_open(&run->capture, 1, &source, &error) != STATUS_OK ||
        feed_open(url, "json", &feed_options, &feed, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    const struct engine_options options = {.catalog = data->catalog,
                                           .geo = data->geo,
                                           .policies = data->policies,
                                           .home_nets = nets,
                                           .sensor = "test",
                                           .feeds = &feed,
                                           .feed_count = 1,
                                           .workers = run->workers,
                                           .settle_ns = 5 * NS_PER_SEC,
                                           .should_stop = between_batches,
                                           .context = run};
    run->batches = 0;
    assert_int_equal(engine_new(&options, &run->engine, &error), STATUS_OK);
    assert_true(engine_read(run->engine, source) >= 0);
    engine_free(run->engine);
    assert_int_equal(feed_close(feed, &error), STATUS_OK);
    source_close(source);
    home_nets_free(nets);
    return contents(out);
}

unsigned small_count(const char *text, const char *word)
{
    unsigned ret = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
        ret++;
    return ret;
}
