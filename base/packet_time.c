#include "packet_time.h"

#include <stdio.h>
#include <string.h>

/* Civil dates by Howard Hinnant's day-count formulas: exact for every int64 second we can hold, no time zone, no
 * locale. */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153 * (m + (m > 2 ? -3U : 9U)) + 2) / 5 + d - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + (int64_t)doe - 719468;
}

static void civil_from_days(int64_t z, int64_t *ret_y, unsigned *ret_m, unsigned *ret_d)
{
    z += 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    *ret_d = doy - (153 * mp + 2) / 5 + 1;
    *ret_m = mp < 10 ? mp + 3 : mp - 9;
    *ret_y = (int64_t)yoe + era * 400 + (*ret_m <= 2);
}

static void put_digits(char *at, unsigned value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
}

void packet_time_print(struct packet_time t, char ret[static PACKET_TIME_TEXT_SIZE])
{
    int64_t sec = packet_time_sec(t);
    int64_t fraction = t.ns % NS_PER_SEC; /* toward zero: lifted into the second that sec names */
    unsigned usec = (unsigned)((fraction < 0 ? fraction + NS_PER_SEC : fraction) / NS_PER_USEC);
    int64_t days = sec / 86400 - (sec % 86400 < 0);
    unsigned rest = (unsigned)(sec - days * 86400);
    int64_t y;
    unsigned m, d;
    civil_from_days(days, &y, &m, &d); /* int64 nanoseconds reach from 1677 to 2262: always four digits */
    memcpy(ret, "0000-00-00T00:00:00.000000Z", 28);
    put_digits(ret, (unsigned)y, 4);
    put_digits(ret + 5, m, 2);
    put_digits(ret + 8, d, 2);
    put_digits(ret + 11, rest / 3600, 2);
    put_digits(ret + 14, rest / 60 % 60, 2);
    put_digits(ret + 17, rest % 60, 2);
    put_digits(ret + 20, usec, 6);
}

static bool take_digits(const char **at, int digits, unsigned *ret)
{
    unsigned value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        value = value * 10 + (unsigned)(**at - '0');
    }
    *ret = value;
    return true;
}

static bool take_char(const char **at, char wanted)
{
    return **at == wanted ? ((*at)++, true) : false;
}

static unsigned days_in_month(unsigned y, unsigned m)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap ? 1U : 0U);
}

/* "T" time [fraction] ("Z" or offset): RFC 3339, section 5.6. */
static bool take_clock(const char **at, int64_t *ret_sec, int64_t *ret_ns)
{
    unsigned h, min, s, oh = 0, om = 0;
    if (!take_digits(at, 2, &h) || !take_char(at, ':') || !take_digits(at, 2, &min) || !take_char(at, ':') ||
        !take_digits(at, 2, &s) || h > 23 || min > 59 || s > 60)
        return false;
    *ret_ns = 0;
    if (take_char(at, '.')) {
        int64_t unit = NS_PER_SEC / 10;
        if (**at < '0' || **at > '9')
            return false;
        for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
            *ret_ns += (**at - '0') * unit;
    }
    int sign = 0;
    if (!take_char(at, 'Z') && !take_char(at, 'z')) {
        sign = **at == '+' ? 1 : **at == '-' ? -1 : 0;
        if (sign == 0)
            return false;
        (*at)++;
        if (!take_digits(at, 2, &oh) || !take_char(at, ':') || !take_digits(at, 2, &om) || oh > 23 || om > 59)
            return false;
    }
    *ret_sec = (int64_t)h * 3600 + min * 60 + s - sign * ((int64_t)oh * 3600 + om * 60);
    return true;
}

bool packet_time_parse(const char *text, struct packet_time *ret)
{
    unsigned y, m, d;
    int64_t clock_sec = 0, clock_ns = 0;
    if (!take_digits(&text, 4, &y) || !take_char(&text, '-') || !take_digits(&text, 2, &m) || !take_char(&text, '-') ||
        !take_digits(&text, 2, &d))
        return false;
    if (y < 1700 || y > 2200 || m < 1 || m > 12 || d < 1 || d > days_in_month(y, m))
        return false;
    if ((*text == 'T' || *text == 't') && (text++, !take_clock(&text, &clock_sec, &clock_ns)))
        return false;
    if (*text != '\0')
        return false;
    ret->ns = (days_from_civil(y, m, d) * 86400 + clock_sec) * NS_PER_SEC + clock_ns;
    return true;
}
