/* Any bytes as an IP packet that may be an ICMP error. */
#include "icmp_quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct icmp_quote quote;
    if (icmp_quote_parse(data, size, &quote) == ICMP_QUOTE_GOOD && quote.label_count > ICMP_QUOTE_LABELS_MAX)
        __builtin_trap();
    return 0;
}
