/* The closing table by host and product, and what the run was. Rows are kept until the end, for columns as wide as they
 * need. */
#include <stdio.h>
#include <stdlib.h>

#include "text_internal.h"

static const char *const titles[TABLE_COLUMNS] = {"host",       "product",  "purposes",
                                                  "confidence", "severity", "flows · bytes out/in"};

void text_table_clear(struct text_state *t)
{
    free(t->rows);
    t->rows = NULL;
    t->row_count = t->row_room = t->rows_dropped = 0;
    text_clear(&t->cells);
}

static struct table_row *append_row(struct text_state *t)
{
    if (t->row_count == t->row_room) {
        size_t room = t->row_room ? 2 * t->row_room : 16;
        struct table_row *rows = t->row_count < TABLE_ROWS_MAX ? realloc(t->rows, room * sizeof(*rows)) : NULL;
        if (rows == NULL) {
            t->rows_dropped++;
            return NULL;
        }
        t->rows = rows;
        t->row_room = room;
    }
    struct table_row *row = &t->rows[t->row_count++];
    *row = (struct table_row){.at = t->cells.length};
    return row;
}

static void end_cell(struct text_writer *w)
{
    text_print(w, "%c", '\0');
}

static void put_product_row(struct text_state *t, const struct host_record *host, const struct host_product *p)
{
    struct table_row *row = append_row(t);
    struct text_writer *w = &t->cells;
    char address[IP_TEXT_SIZE];
    const char *comma = "";
    if (row == NULL)
        return;
    row->severity = p->severity;
    ip_print(&host->host, address);
    text_put_string(w, address);
    end_cell(w);
    text_put_string(w, p->product->name);
    end_cell(w);
    for (unsigned purpose = 0; purpose < PURPOSE_COUNT; purpose++)
        if (p->purposes & UINT32_C(1) << purpose) {
            text_print(w, "%s%s", comma, purpose_text((enum purpose)purpose));
            comma = ", ";
        }
    end_cell(w);
    text_put_string(w, confidence_text(p->confidence));
    end_cell(w);
    text_put_string(w, severity_text(p->severity));
    end_cell(w);
    text_print(w, "%llu · %llu/%llu", (unsigned long long)p->flows, (unsigned long long)p->bytes_out,
               (unsigned long long)p->bytes_in);
    end_cell(w);
}

void text_put_host(struct text_state *t, const struct host_record *host)
{
    for (unsigned i = 0; i < host->product_count; i++)
        put_product_row(t, host, &host->products[i]);
}

static size_t columns_of(const char *text)
{
    size_t columns = 0;
    for (; *text != '\0'; text++)
        columns += ((uint8_t)*text & 0xc0) != 0x80;
    return columns;
}

static void find_cells(const struct text_state *t, const struct table_row *row, const char *ret[static TABLE_COLUMNS])
{
    const char *at = t->cells.data + row->at;
    for (unsigned i = 0; i < TABLE_COLUMNS; i++, at += strlen(at) + 1)
        ret[i] = at;
}

static void put_row(struct text_state *t, const char *const cells[static TABLE_COLUMNS], const size_t *widths)
{
    for (unsigned i = 0; i < TABLE_COLUMNS; i++) {
        size_t start = t->out.length;
        text_print(&t->out, "%s", cells[i]);
        if (i + 1 < TABLE_COLUMNS)
            text_pad(&t->out, start, widths[i] + 2);
    }
    text_print(&t->out, "\n");
}

static void widen(size_t *widths, const char *const cells[static TABLE_COLUMNS])
{
    for (unsigned i = 0; i < TABLE_COLUMNS; i++)
        if (columns_of(cells[i]) > widths[i])
            widths[i] = columns_of(cells[i]);
}

static void put_table(struct text_state *t)
{
    size_t widths[TABLE_COLUMNS] = {0};
    const char *cells[TABLE_COLUMNS];
    widen(widths, titles);
    for (size_t r = 0; r < t->row_count; r++) {
        find_cells(t, &t->rows[r], cells);
        widen(widths, cells);
    }
    text_bold(t);
    put_row(t, titles, widths);
    text_plain(t);
    for (size_t r = 0; r < t->row_count; r++) {
        find_cells(t, &t->rows[r], cells);
        text_colour(t, t->rows[r].severity);
        put_row(t, cells, widths);
        text_plain(t);
    }
    if (t->rows_dropped > 0)
        text_print(&t->out, "... and %zu more; --format json has them all\n", t->rows_dropped);
    text_print(&t->out, "\n");
}

static void put_count(struct text_state *t, uint64_t count, const char *what, const char *after)
{
    text_print(&t->out, "%llu %s%s%s", (unsigned long long)count, what, count == 1 ? "" : "s", after);
}

static void put_findings(struct text_state *t, const struct summary_record *s)
{
    uint64_t all = 0, hidden = 0;
    for (unsigned severity = SEVERITY_INFO; severity < SEVERITY_COUNT; severity++) {
        all += s->findings[severity];
        hidden += severity < t->min_severity ? s->findings[severity] : 0;
    }
    put_count(t, all, "finding", "");
    const char *separator = ": ";
    for (unsigned severity = SEVERITY_CRITICAL; severity >= SEVERITY_INFO; severity--)
        if (s->findings[severity] > 0) {
            text_print(&t->out, "%s%llu %s", separator, (unsigned long long)s->findings[severity],
                       severity_text((enum severity)severity));
            separator = ", ";
        }
    text_print(&t->out, "\n");
    if (hidden > 0)
        text_print(&t->out, "%llu below %s not shown: --min-severity info shows them all\n", (unsigned long long)hidden,
                   severity_text(t->min_severity));
    if (t->accepted_hidden > 0)
        text_print(&t->out, "%llu accepted not shown: --accepted shows them\n", (unsigned long long)t->accepted_hidden);
}

/* Each line once: a database in two files has one name, day and licence. */
static bool is_repeated(const char *const *lines, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(lines[i], lines[at]) == 0)
            return true;
    return false;
}

static void put_lines(struct text_state *t, const char *label, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_repeated(lines, i))
            continue;
        text_print(&t->out, "%s ", label);
        text_put_string(&t->out, lines[i]);
        text_print(&t->out, "\n");
    }
}

static unsigned percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (unsigned)((double)part / (double)whole * 100) : 0;
}

/* One line, of what nothing is fast enough for. */
static void put_reach(struct text_state *t, const struct reach_totals *reach)
{
    const char *separator = "";
    if (reach == NULL || reach->all.flows == 0)
        return;
    text_print(&t->out, "one round trip each of %u %% of %llu flows; too short for ",
               percent(reach->timed.flows, reach->all.flows), (unsigned long long)reach->all.flows);
    for (unsigned i = 0; i < COUNTRY_CODES; i++) {
        const struct reach_volume *vacuum = &reach->shares[i].vacuum;
        if (vacuum->flows == 0)
            continue;
        text_print(&t->out, "%s%c%c %u %% of flows, %u %% of bytes", separator, 'A' + i / 26, 'A' + i % 26,
                   percent(vacuum->flows, reach->all.flows), percent(vacuum->bytes, reach->all.bytes));
        separator = "; ";
    }
    text_print(&t->out, "%s; other packets were not timed\n", *separator == '\0' ? "no country of concern" : "");
}

static void put_known(struct text_state *t, struct known_count count)
{
    if (count.is_known)
        text_print(&t->out, "%llu", (unsigned long long)count.value);
    else
        text_print(&t->out, "an unknown number");
}

static void put_times(struct text_state *t, const char *what, uint64_t times)
{
    text_print(&t->out, "%s", what);
    put_count(t, times, "time", "");
}

static void put_interfaces(struct text_state *t, const struct summary_record *s)
{
    for (size_t i = 0; i < s->interface_count; i++) {
        const struct interface_counts *c = &s->interfaces[i];
        text_put_string(&t->out, c->name);
        text_print(&t->out, ": %llu received, ", (unsigned long long)c->packets_received);
        put_known(t, c->packets_dropped_by_kernel);
        text_print(&t->out, " dropped by the kernel, ");
        put_known(t, c->packets_dropped_by_interface);
        text_print(&t->out, " dropped by the interface");
        if (c->times_down > 0)
            put_times(t, ", down ", c->times_down);
        if (c->times_gone > 0)
            put_times(t, ", gone ", c->times_gone);
        text_print(&t->out, "\n");
    }
}

void text_put_summary(struct text_state *t, const struct summary_record *s)
{
    if (t->cells.failed) /* cells cut short by want of memory end nowhere */
        text_print(&t->out, "the table by host is left out: out of memory\n");
    else if (t->row_count > 0)
        put_table(t);
    put_findings(t, s);
    put_count(t, s->packets, "packet", ", ");
    put_count(t, s->bytes, "byte", ", ");
    put_count(t, s->flows, "flow", ", ");
    put_count(t, s->hosts, "host", "");
    if (s->packets > 0) {
        char first[PACKET_TIME_TEXT_SIZE], last[PACKET_TIME_TEXT_SIZE];
        packet_time_print(s->first, first);
        packet_time_print(s->last, last);
        text_print(&t->out, ", %s to %s", first, last);
    }
    text_print(&t->out, "\n");
    put_reach(t, s->reach);
    put_interfaces(t, s);
    text_put_counters(t, s);
    put_lines(t, "warning:", s->warnings, s->warning_count);
    put_lines(t, "damaged:", s->damages, s->damage_count);
    put_lines(t, "data:", s->databases, s->database_count);
}
