#include "cli/watch_status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "health_record.h"

/* Text that grows in a room of fixed size; what does not fit is cut. */
struct room {
    char *text;
    size_t size, length;
};

static void __attribute__((format(printf, 2, 3))) put(struct room *r, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(r->text + r->length, r->size - r->length, format, arguments);
    va_end(arguments);
    if (length > 0)
        r->length += (size_t)length < r->size - r->length ? (size_t)length : r->size - r->length - 1;
}

static void put_known(struct room *r, struct known_count count)
{
    if (count.is_known)
        put(r, "%llu", (unsigned long long)count.value);
    else
        put(r, "unknown");
}

static uint64_t per_second(uint64_t before, uint64_t now, int64_t between_ns)
{
    return between_ns > 0 && now > before ? (uint64_t)((double)(now - before) * 1e9 / (double)between_ns) : 0;
}

static uint64_t findings(const struct run_sample *sample)
{
    uint64_t ret = 0;
    for (unsigned i = 0; i < SEVERITY_COUNT; i++)
        ret += sample->findings[i];
    return ret;
}

/* Of both kinds, over all interfaces; unknown when one of the numbers is. */
static struct known_count dropped(const struct watch_status *s)
{
    struct known_count ret = {0, true};
    for (size_t i = 0; i < s->interface_count; i++) {
        const struct known_count both[] = {s->interfaces[i].packets_dropped_by_kernel,
                                           s->interfaces[i].packets_dropped_by_interface};
        for (size_t j = 0; j < 2; j++) {
            ret.value += both[j].value;
            ret.is_known &= both[j].is_known;
        }
    }
    return ret;
}

/* Conditions of the sensor's health that are raised. */
static void put_raised(struct room *r, uint32_t raised)
{
    const char *before = "; ";
    for (unsigned i = 0; i < HEALTH_CONDITIONS; i++) {
        if ((raised >> i & 1) == 0)
            continue;
        put(r, "%s%s", before, health_condition_text((enum health_condition)i));
        before = ", ";
    }
}

void status_line(const struct watch_status *s, char ret[static STATUS_LINE_SIZE])
{
    struct room r = {ret, STATUS_LINE_SIZE, 0};
    *ret = '\0';
    for (size_t i = 0; i < s->interface_count; i++)
        if (s->interfaces[i].state != INTERFACE_UP)
            put(&r, "%s %s, ", s->interfaces[i].name, interface_state_text(s->interfaces[i].state));
    put(&r, "%llu packets/s, %.1f MB/s, dropped ",
        (unsigned long long)per_second(s->before->packets, s->now->packets, s->between_ns),
        (double)per_second(s->before->bytes, s->now->bytes, s->between_ns) / 1e6);
    put_known(&r, dropped(s));
    put(&r, ", %llu flows, %llu findings", (unsigned long long)s->now->flows_begun,
        (unsigned long long)findings(s->now));
    put_raised(&r, s->now->raised);
}

static void put_interface(struct room *r, const struct interface_counts *c)
{
    put(r, "%s: %s, %llu packets received, dropped by the kernel: ", c->name, interface_state_text(c->state),
        (unsigned long long)c->packets_received);
    put_known(r, c->packets_dropped_by_kernel);
    put(r, ", by the interface: ");
    put_known(r, c->packets_dropped_by_interface);
    put(r, ", down %llu times, gone %llu times; ", (unsigned long long)c->times_down,
        (unsigned long long)c->times_gone);
}

void status_paragraph(const struct watch_status *s, char ret[static STATUS_PARAGRAPH_SIZE])
{
    struct room r = {ret, STATUS_PARAGRAPH_SIZE, 0};
    *ret = '\0';
    for (size_t i = 0; i < s->interface_count; i++)
        put_interface(&r, &s->interfaces[i]);
    put(&r, "%llu packets, %llu bytes, %llu flows, %llu ended early to make room, %llu hosts; findings: ",
        (unsigned long long)s->now->packets, (unsigned long long)s->now->bytes, (unsigned long long)s->now->flows_begun,
        (unsigned long long)run_sample_counted(s->now, "flow", "ended_evicted"), (unsigned long long)s->now->hosts);
    for (unsigned i = SEVERITY_CRITICAL; i >= SEVERITY_INFO; i--)
        put(&r, "%llu %s%s", (unsigned long long)s->now->findings[i], severity_text((enum severity)i),
            i > SEVERITY_INFO ? ", " : "; ");
    put(&r, "%s; up for %lld d %02lld:%02lld:%02lld", s->editions, (long long)(s->up_sec / 86400),
        (long long)(s->up_sec / 3600 % 24), (long long)(s->up_sec / 60 % 60), (long long)(s->up_sec % 60));
    put_raised(&r, s->now->raised);
}
