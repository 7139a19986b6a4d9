/* Addresses, prefixes, times, countries and names of any text; what is read and printed reads the same again. */
#include <stdlib.h>

#include "address.h"
#include "country.h"
#include "packet_time.h"
#include "registered_domain.h"
#include "severity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_address(const char *text)
{
    struct ip_address address, again;
    char printed[IP_TEXT_SIZE];
    if (!ip_parse(text, &address))
        return;
    ip_print(&address, printed);
    if (!ip_parse(printed, &again) || !ip_equal(&address, &again))
        abort();
}

static void read_prefix(const char *text)
{
    struct ip_prefix prefix, again;
    struct error error = {""};
    char printed[IP_PREFIX_TEXT_SIZE];
    if (ip_prefix_parse(text, &prefix, &error) != STATUS_OK) {
        if (error.text[0] == '\0')
            abort();
        return;
    }
    ip_prefix_print(&prefix, printed);
    if (ip_prefix_parse(printed, &again, NULL) != STATUS_OK || prefix.length != again.length ||
        !ip_equal(&prefix.base, &again.base) || !ip_in_prefix(&prefix.base, &again))
        abort();
}

static void read_time(const char *text)
{
    struct packet_time time, again;
    char printed[PACKET_TIME_TEXT_SIZE];
    if (!packet_time_parse(text, &time))
        return;
    packet_time_print(time, printed);
    if (!packet_time_parse(printed, &again) || packet_time_between(again, time) / NS_PER_USEC != 0)
        abort();
}

static void read_words(const char *text, size_t length)
{
    struct country country;
    enum severity severity;
    char domain[64];
    (void)country_parse(text, length, &country);
    char why[COUNTRY_WHY_SIZE];
    (void)country_suggestion(text);
    country_explain(text, why);
    (void)severity_parse(text, &severity);
    if (registered_domain((struct text){text, length}, domain, sizeof(domain)) && domain[0] == '\0')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < size; i++)
        text[i] = (char)data[i];
    text[size] = '\0';
    read_address(text);
    read_prefix(text);
    read_time(text);
    read_words(text, size);
    free(text);
    return 0;
}
