/* The text format's state and its two halves: findings as they come, the table at the end. */
#ifndef BORDERTAP_ALERTS_TEXT_INTERNAL_H
#define BORDERTAP_ALERTS_TEXT_INTERNAL_H

#include "feed_internal.h"
#include "text_writer_internal.h"

enum { TABLE_ROWS_MAX = 4096, TABLE_COLUMNS = 6 };

struct table_row {
    size_t at; /* in the cells: host, product, purposes, confidence, worst severity, volume; each terminated */
    enum severity severity;
};

struct text_state {
    struct text_writer out;
    bool colour;
    enum severity min_severity;
    bool shows_accepted;
    uint64_t accepted_hidden; /* records */
    struct text_writer cells; /* safe text by now */
    struct table_row *rows;
    size_t row_count, row_room, rows_dropped;
};

/** Turns a severity's colour on; text_plain() off again. Nothing without colour. */
void text_colour(struct text_state *t, enum severity severity);
void text_bold(struct text_state *t);
void text_plain(struct text_state *t);

void text_put_host(struct text_state *t, const struct host_record *host);
void text_put_summary(struct text_state *t, const struct summary_record *summary);
/** Every counter that is not zero and no plain statistic, a line for each group. */
void text_put_counters(struct text_state *t, const struct summary_record *summary);
/** Whether an ordinary run counts it: nothing was lost or refused by it. */
bool counter_is_statistic(const struct counter *counter);
void text_table_clear(struct text_state *t);

#endif
