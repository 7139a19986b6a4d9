/* Names of link types by libpcap, whose own DLT_ numbers differ between systems and from those in files. */
#include <pcap/pcap.h>
#include <stddef.h>

#include "source.h"

/* LINKTYPE_ values whose DLT_ value is another one (libpcap, pcap-common.c). */
static const struct {
    uint16_t link_type;
    int dlt;
} renumbered[] = {
    {100, DLT_ATM_RFC1483}, {101, DLT_RAW}, {102, DLT_SLIP_BSDOS}, {103, DLT_PPP_BSDOS}, {106, DLT_ATM_CLIP},
};

const char *source_link_type_name(uint16_t link_type)
{
    for (size_t i = 0; i < sizeof(renumbered) / sizeof(renumbered[0]); i++)
        if (renumbered[i].link_type == link_type)
            return pcap_datalink_val_to_name(renumbered[i].dlt);
    return pcap_datalink_val_to_name(link_type);
}
