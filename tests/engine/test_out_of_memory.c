/*
 * Every allocation of a whole run is made to fail once: the run must end in its own words, not in a crash, and give
 * back what it took. The program's own malloc counts and refuses; each attempt is a process of its own. Not under
 * ASan, which has its own malloc.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <openssl/err.h>

#include "engine/engine.h"

#if defined(__SANITIZE_ADDRESS__)
#define OWNS_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OWNS_MALLOC 0
#endif
#endif
#ifndef OWNS_MALLOC
#define OWNS_MALLOC 1
#endif

enum { ATTEMPT_SEC_MAX = 20, FIRST_USE_TRIED = 60 };

static bool is_counting;
static unsigned long asked, asked_to_load, refuse_nth; /* 0: refuse none */
static long alive;
static const char *ndpi_begin, *ndpi_end; /* its code */

#if OWNS_MALLOC
/* glibc's names for the functions that these replace. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);

static bool is_refused(const void *caller)
{
    bool is_ndpi = (const char *)caller >= ndpi_begin && (const char *)caller < ndpi_end;
    if (!is_counting || is_ndpi || ++asked != refuse_nth)
        return false;
    errno = ENOMEM;
    return true;
}

static void *given(void *memory)
{
    alive += is_counting && memory != NULL;
    return memory;
}

void *malloc(size_t size)
{
    return is_refused(__builtin_return_address(0)) ? NULL : given(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return is_refused(__builtin_return_address(0)) ? NULL : given(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
    if (is_refused(__builtin_return_address(0)))
        return NULL;
    return old == NULL ? given(__libc_realloc(NULL, size)) : __libc_realloc(old, size);
}

void free(void *memory)
{
    alive -= is_counting && memory != NULL;
    __libc_free(memory);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return is_refused(__builtin_return_address(0))
               ? MAP_FAILED
               : (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}
#endif

static const struct {
    const char *name, *text;
} files[] = {
    {"products/kaspersky.yaml",
     "vendor: {id: kaspersky, name: Kaspersky, domicile: {country: RU, read: 2026-01-01, basis: Moscow, source: x}}\n"
     "read: 2026-01-01\n"
     "products: [{id: kaspersky, name: Kaspersky, engine: true}]\n"
     "sources: {here: a test}\n"
     "indicators:\n"
     "  - {http-path: /updaters/updater.xml.dif, product: kaspersky, purpose: update, source: here}\n"
     "  - {suffix: kaspersky.com, product: kaspersky, purpose: web, source: here}\n"},
    {"jurisdictions/us-kaspersky.yaml", "id: us-kaspersky\ntitle: one\nkind: deny\naxes: [vendor]\n"
                                        "vendors: [kaspersky]\ncodes: [RU]\nsince: 2017-09-13\nsource: x\n"
                                        "checked: 2026-01-01\n"},
    {"jurisdictions/us-foreign-adversaries.yaml", "id: us-foreign-adversaries\ntitle: two\nkind: deny\n"
                                                  "axes: [location, operator]\ncodes: [CN, RU, NL]\n"
                                                  "since: 2020-01-01\nsource: x\nchecked: 2026-01-01\n"},
    {"severity.yaml", "rules:\n  - {id: one, severity: high, when: {agent: true}}\n"
                      "  - {id: two, severity: low, when: {place: [in]}}\n"},
    {"operators.yaml", "parents:\n  - {name: Parent, country: RU, networks: [{asn: 60781, holder: LeaseWeb,\n"
                       "     registered: NL, as_of: \"2016\", source: x}]}\n"},
    {"geo/dbip-country-ipv4.csv", "94.75.192.0,94.75.255.255,NL\n"},
    {"geo/asn-ipv4.csv", "94.75.192.0,94.75.255.255,60781,LeaseWeb\n"},
};

enum { FILE_COUNT = sizeof(files) / sizeof(files[0]) };

static char folder[64];
static const char *capture;

static const char *in_folder(const char *name, char ret[static 128])
{
    snprintf(ret, 128, "%s/%s", folder, name);
    return ret;
}

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *file = fopen(in_folder(name, path), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(const char *name)
{
    char path[128];
    assert_int_equal(mkdir(in_folder(name, path), 0700), 0);
}

static int find_ndpi(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    (void)context;
    if (strstr(object->dlpi_name, "libndpi") == NULL)
        return 0;
    for (unsigned i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0)
            continue;
        ndpi_begin = (const char *)object->dlpi_addr + part->p_vaddr;
        ndpi_end = ndpi_begin + part->p_memsz;
    }
    return 1;
}

/* The smallest of everything that a run loads. */
static int make_data(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/bordertap-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(dl_iterate_phdr(find_ndpi, NULL), 1);
    make_folder("products");
    make_folder("jurisdictions");
    make_folder("geo");
    for (size_t i = 0; i < FILE_COUNT; i++)
        write_file(files[i].name, files[i].text);
    return 0;
}

static int remove_data(void **state)
{
    char path[128];
    (void)state;
    for (size_t i = 0; i < FILE_COUNT; i++)
        unlink(in_folder(files[i].name, path));
    rmdir(in_folder("products", path));
    rmdir(in_folder("jurisdictions", path));
    rmdir(in_folder("geo", path));
    return rmdir(folder);
}

struct run {
    struct catalog *catalog;
    struct geo *geo;
    struct policy_set *policies;
    struct home_nets *home_nets;
    struct source *source;
    struct feed *feeds[2];
    size_t feed_count;
    struct engine *engine;
    struct error error;
};

static enum status load(struct run *run)
{
    char geo[128], operators[128], jurisdictions[128];
    const char *paths[] = {in_folder("geo", geo)};
    enum status status = catalog_load(folder, &run->catalog, &run->error);
    if (status == STATUS_OK)
        status = geo_open(paths, 1, in_folder("operators.yaml", operators), &run->geo, &run->error);
    if (status == STATUS_OK)
        status = policy_set_load(in_folder("jurisdictions", jurisdictions), NULL, 0, "CN", &run->policies, &run->error);
    if (status == STATUS_OK)
        status = home_nets_parse("128.3.0.0/16,10.0.0.0/8", &run->home_nets, &run->error);
    return status;
}

static enum status open_ends(struct run *run)
{
    static const char *const formats[] = {"json", "text"};
    const struct feed_options options = {.flows = true, .min_severity = SEVERITY_INFO};
    enum status status = source_open(&capture, 1, &run->source, &run->error);
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        status = feed_open("file:/dev/null", formats[i], &options, &run->feeds[i], &run->error);
        run->feed_count += status == STATUS_OK;
    }
    return status;
}

/* Without memory for it everything stays as it was. */
static void exchange(void *context)
{
    struct run *run = context;
    const struct engine_data same = {.catalog = run->catalog, .geo = run->geo, .policies = run->policies};
    (void)engine_replace(run->engine, &same);
}

static bool between_batches(void *context)
{
    struct run *run = context;
    engine_at_rest(run->engine, exchange, run);
    return false;
}

static enum status work(struct run *run)
{
    struct engine_options options = {
        .catalog = run->catalog,
        .geo = run->geo,
        .policies = run->policies,
        .home_nets = run->home_nets,
        .sensor = "test",
        .feeds = run->feeds,
        .feed_count = run->feed_count,
        .flows_max = 64,
        .settle_ns = NS_PER_SEC,
        .should_stop = between_batches,
        .context = run,
    };
    enum status status = engine_new(&options, &run->engine, &run->error);
    if (status == STATUS_OK)
        (void)engine_read(run->engine, run->source); /* what is lost on the way is counted, not an error */
    return status;
}

/* As the program does it: everything is given back in reverse, whatever of it was made. @return what the feeds lost. */
static enum status give_back(struct run *run)
{
    enum status status = STATUS_OK;
    engine_free(run->engine);
    for (size_t i = 0; i < run->feed_count; i++)
        if (feed_close(run->feeds[i], &run->error) != STATUS_OK)
            status = STATUS_NO_MEMORY;
    source_close(run->source);
    home_nets_free(run->home_nets);
    policy_set_free(run->policies);
    geo_close(run->geo);
    catalog_free(run->catalog);
    return status;
}

enum outcome { WENT_WELL, SAID_WHY, SAID_NOTHING };

static enum outcome run_once(void)
{
    struct run run = {.error = {""}};
    enum status status = load(&run);
    asked_to_load = asked;
    if (status == STATUS_OK)
        status = open_ends(&run);
    if (status == STATUS_OK)
        status = work(&run);
    if (give_back(&run) != STATUS_OK)
        status = STATUS_NO_MEMORY;
    ERR_clear_error(); /* libcrypto keeps the words of its last error */
    return status == STATUS_OK ? WENT_WELL : run.error.text[0] != '\0' ? SAID_WHY : SAID_NOTHING;
}

struct attempt {
    unsigned long asked, asked_to_load;
    long alive; /* blocks not given back */
    enum outcome outcome;
};

/* @return the process's wait status; 0 when it ended by itself. */
static int try_in_process(unsigned long nth, struct attempt *ret)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(ATTEMPT_SEC_MAX);
        for (int number = SIGILL; number <= SIGSEGV; number++)
            signal(number, SIG_DFL); /* cmocka's handler would go on with its tests */
        refuse_nth = nth;
        is_counting = true;
        enum outcome outcome = run_once();
        is_counting = false;
        struct attempt attempt = {asked, asked_to_load, alive, outcome};
        _exit(write(ends[1], &attempt, sizeof(attempt)) != (ssize_t)sizeof(attempt));
    }
    close(ends[1]);
    bool is_told = read(ends[0], ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status != 0 || is_told ? status : -1;
}

/* @return how many attempts broke a promise; each is printed. */
static unsigned try_each(unsigned long from, unsigned long last, const struct attempt *good)
{
    unsigned bad = 0;
    for (unsigned long nth = from; nth <= last; nth++) {
        struct attempt attempt = {0, 0, 0, WENT_WELL};
        int status = try_in_process(nth, &attempt);
        if (status == 0 && attempt.outcome != SAID_NOTHING && attempt.alive <= good->alive)
            continue;
        bad++;
        print_message("allocation %lu of %s: wait status %d, outcome %d, %ld blocks kept (%ld in a good run)\n", nth,
                      capture, status, (int)attempt.outcome, attempt.alive, good->alive);
    }
    return bad;
}

static void check_capture(const char *path, bool with_loading)
{
    struct attempt good;
    if (!OWNS_MALLOC)
        skip();
    capture = path;
    assert_int_equal(run_once(), WENT_WELL); /* what the libraries take once and keep is theirs */

    assert_int_equal(try_in_process(0, &good), 0);
    assert_int_equal(good.outcome, WENT_WELL);
    assert_true(good.asked_to_load > 100 && good.asked > good.asked_to_load + 20);

    assert_int_equal(try_each(with_loading ? 1 : good.asked_to_load + 1, good.asked, &good), 0);
}

/* Must come first: the libraries have not been used in this process yet. Most of what they ask is libcrypto's. */
static void a_librarys_first_use_survives_each_refused_allocation(void **state)
{
    struct attempt good;
    (void)state;
    if (!OWNS_MALLOC)
        skip();
    capture = SOURCE_ROOT "/tests/golden/captures/lbl__detect-kaspersky.pcap";

    assert_int_equal(try_in_process(0, &good), 0);
    good.alive = LONG_MAX; /* what libraries keep for good is not ours to judge */

    assert_int_equal(try_each(good.asked_to_load + 1, good.asked_to_load + FIRST_USE_TRIED, &good), 0);
}

static void a_run_over_http_survives_each_refused_allocation(void **state)
{
    (void)state;
    check_capture(SOURCE_ROOT "/tests/golden/captures/lbl__detect-kaspersky.pcap", true);
}

static void a_run_over_tunnelled_tls_survives_each_refused_allocation(void **state)
{
    (void)state;
    check_capture(SOURCE_ROOT "/tests/golden/captures/arkime__https-connect.pcap", false);
}

static void a_run_over_compressed_dns_survives_each_refused_allocation(void **state)
{
    (void)state;
    check_capture(SOURCE_ROOT "/tests/golden/captures/dnscap__dns.pcap.gz", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_librarys_first_use_survives_each_refused_allocation),
        cmocka_unit_test(a_run_over_http_survives_each_refused_allocation),
        cmocka_unit_test(a_run_over_tunnelled_tls_survives_each_refused_allocation),
        cmocka_unit_test(a_run_over_compressed_dns_survives_each_refused_allocation),
    };
    return cmocka_run_group_tests_name("engine/out_of_memory", tests, make_data, remove_data);
}
