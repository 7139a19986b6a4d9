/*
 * Every link type, tag and tunnel over the same inner packet, complete and at every prefix.
 */
#include "test.h"

#include "frame_fixture.h"

enum step_kind { END, HEX, TCP, UDP, IPV4, IPV6, ETHERNET };

struct step {
    enum step_kind kind;
    unsigned value;  /* UDP: destination port; IP: protocol; Ethernet: EtherType */
    const char *hex; /* HEX: bytes put before */
};

struct row {
    const char *name;
    uint16_t link_type;
    uint16_t encapsulation;
    struct step steps[8]; /* from the inside out, round the inner IPv4 packet */
};

#define ETHERNET_IP                                                                                                    \
    {                                                                                                                  \
        ETHERNET, 0x0800, NULL                                                                                         \
    }
#define SNAP_IP                                                                                                        \
    {                                                                                                                  \
        HEX, 0, "aaaa03 000000 0800"                                                                                   \
    }

static const struct row links[] = {
    {"NULL of a little-endian machine", 0, 0, {{HEX, 0, "02000000"}}},
    {"NULL of a big-endian machine", 0, 0, {{HEX, 0, "00000002"}}},
    {"LOOP", 108, 0, {{HEX, 0, "00000002"}}},
    {"Ethernet", 1, 0, {ETHERNET_IP}},
    {"token ring", 6, 0, {SNAP_IP, {HEX, 0, "1040 020000000001 020000000002"}}},
    {"token ring with source routing", 6, 0, {SNAP_IP, {HEX, 0, "1040 020000000001 820000000002 0270"}}},
    {"SLIP", 8, 0, {{HEX, 0, "00 45 0000000000000000000000000000"}}},
    {"PPP", 9, 0, {{HEX, 0, "ff03 0021"}}},
    {"PPP with compressed headers", 9, 0, {{HEX, 0, "21"}}},
    {"multilink PPP", 9, 0, {{HEX, 0, "ff03 003d c0000001 0021"}}},
    {"multilink PPP with short headers", 9, 0, {{HEX, 0, "ff03 003d c001 21"}}},
    {"FDDI", 10, 0, {SNAP_IP, {HEX, 0, "50 020000000001 020000000002"}}},
    {"DLT_RAW", 12, 0, {{END, 0, NULL}}},
    {"DLT_RAW of OpenBSD", 14, 0, {{END, 0, NULL}}},
    {"PPP in HDLC framing", 50, 0, {{HEX, 0, "ff03 0021"}}},
    {"Cisco HDLC as PPP_HDLC", 50, 0, {{HEX, 0, "0f00 0800"}}},
    {"PPPoE", 51, ENCAP_PPPOE, {{HEX, 0, "1100 0001 002d 0021"}}},
    {"ATM", 100, 0, {SNAP_IP}},
    {"RAW", 101, 0, {{END, 0, NULL}}},
    {"Cisco HDLC", 104, 0, {{HEX, 0, "0f00 0800"}}},
    {"802.11 to the access point",
     105,
     0,
     {SNAP_IP, {HEX, 0, "0801 0000 020000000001 020000000002 020000000003 1000"}}},
    {"802.11 QoS", 105, 0, {SNAP_IP, {HEX, 0, "8802 0000 020000000001 020000000002 020000000003 1000 0000"}}},
    {"802.11 between access points",
     105,
     0,
     {SNAP_IP, {HEX, 0, "0803 0000 020000000001 020000000002 020000000003 1000 020000000004"}}},
    {"802.11 aggregate",
     105,
     0,
     {SNAP_IP,
      {HEX, 0, "020000000001 020000000002 0033"},
      {HEX, 0, "8802 0000 020000000001 020000000002 020000000003 1000 8000"}}},
    {"frame relay", 107, 0, {{HEX, 0, "1841 03 cc"}}},
    {"frame relay with SNAP", 107, 0, {{HEX, 0, "1841 03 00 80 000000 0800"}}},
    {"frame relay of Cisco", 107, 0, {{HEX, 0, "1841 0800"}}},
    {"ENC", 109, 0, {{HEX, 0, "00000002 00000000 00000000"}}},
    {"LINUX_SLL", 113, 0, {{HEX, 0, "0000 0001 0006 020000000001 0000 0800"}}},
    {"LINUX_SLL of a wireless monitor",
     113,
     0,
     {SNAP_IP,
      {HEX, 0, "0801 0000 020000000001 020000000002 020000000003 1000"},
      {HEX, 0, "0000 0800 00000000"},
      {HEX, 0, "0000 0323 0006 020000000001 0000 0004"}}},
    {"LINUX_SLL with bare 802.11",
     113,
     0,
     {SNAP_IP,
      {HEX, 0, "0801 0000 020000000001 020000000002 020000000003 1000"},
      {HEX, 0, "0000 0321 0006 020000000001 0000 0019"}}},
    {"PFLOG", 117, 0, {{HEX, 0, "0702 0000 00000000"}}},
    {"prism",
     119,
     0,
     {SNAP_IP,
      {HEX, 0, "0801 0000 020000000001 020000000002 020000000003 1000"},
      {HEX, 0, "44000000 0c000000 00000000"}}},
    {"IP over Fibre Channel", 122, 0, {SNAP_IP, {HEX, 0, "1000020000000001 1000020000000002"}}},
    {"SunATM", 123, 0, {SNAP_IP, {HEX, 0, "02000000"}}},
    {"radiotap",
     127,
     0,
     {SNAP_IP, {HEX, 0, "0801 0000 020000000001 020000000002 020000000003 1000"}, {HEX, 0, "0000 0800 00000000"}}},
    {"radiotap with a padded body",
     127,
     0,
     {SNAP_IP,
      {HEX, 0, "8801 0000 020000000001 020000000002 020000000003 1000 0000 0000"},
      {HEX, 0, "0000 0900 02000000 20"}}},
    {"ARCNET", 129, 0, {{HEX, 0, "01 02 0000 d4 00 0001"}}},
    {"ARCNET of RFC 1051", 129, 0, {{HEX, 0, "01 02 0000 f0"}}},
    {"IEEE 1394", 138, 0, {{HEX, 0, "0000000000000001 0000000000000002 0800"}}},
    {"PKTAP as USER2", 149, 0, {ETHERNET_IP, {HEX, 0, "0c000000 01000000 01000000"}}},
    {"PPP with direction", 204, 0, {{HEX, 0, "01 ff03 0021"}}},
    {"Juniper Ethernet", 178, 0, {ETHERNET_IP, {HEX, 0, "4d4743 80 0004 01020304"}}},
    {"Juniper without link layer", 178, 0, {{HEX, 0, "4d4743 02 02000000"}}},
    {"PPI", 192, 0, {ETHERNET_IP, {HEX, 0, "0000 0800 01000000"}}},
    {"IPV4", 228, 0, {{END, 0, NULL}}},
    {"NFLOG", 239, 0, {{HEX, 0, "02 00 0000 0800 0100 00000000 3000 0900"}}},
    {"NFLOG of a big-endian machine", 239, 0, {{HEX, 0, "02 00 0000 0008 0001 00000000 0030 0009"}}},
    {"NETANALYZER", 240, 0, {ETHERNET_IP, {HEX, 0, "00000000"}}},
    {"IP over InfiniBand",
     242,
     0,
     {{HEX, 0, "0800 0000"},
      {HEX, 0, "0000000000000000000000000000000000000000 0000000000000000000000000000000000000000"}}},
    {"PKTAP", 258, 0, {{HEX, 0, "0c000000 01000000 0c000000"}}},
    {"LINUX_SLL2", 276, 0, {{HEX, 0, "0800 0000 00000001 0001 00 06 0200000000010000"}}},
    {"ERF with Ethernet", 197, 0, {ETHERNET_IP, {HEX, 0, "0000000000000000 02 04 0049 0000 0039 0000"}}},
    {"ERF with two extension headers and IPv4",
     197,
     0,
     {{HEX, 0, "0000000000000000 96 04 0049 0000 0039 8300000000000000 0300000000000000"}}},
    {"ERF with Cisco HDLC", 197, 0, {{HEX, 0, "0000000000000000 01 04 0049 0000 0039 0f00 0800"}}},
    {"DSA_TAG_BRCM_PREPEND", 282, 0, {ETHERNET_IP, {HEX, 0, "00000000"}}},
    {"DSA_TAG_DSA", 284, 0, {{HEX, 0, "020000000001 020000000002 40000000 0800"}}},
    {"DSA_TAG_EDSA", 285, 0, {{HEX, 0, "020000000001 020000000002 dada 0000 40000000 0800"}}},
    {"DSA_TAG_BRCM", 281, 0, {{HEX, 0, "020000000001 020000000002 00000000 0800"}}},
};

static const struct row tags[] = {
    {"802.3 with SNAP", 1, 0, {SNAP_IP, {ETHERNET, 51, NULL}}},
    {"802.3 with IP's own service access point", 1, 0, {{HEX, 0, "060603"}, {ETHERNET, 46, NULL}}},
    {"802.3 with length 0", 1, 0, {SNAP_IP, {ETHERNET, 0, NULL}}},
    {"jumbo LLC", 1, 0, {SNAP_IP, {ETHERNET, 0x8870, NULL}}},
    {"ISL", 1, 0, {ETHERNET_IP, {HEX, 0, "01000c000000 020000000001 0047 aaaa03 00000c 0002 0000 0000"}}},
    {"VLAN", 1, ENCAP_VLAN, {{HEX, 0, "0064 0800"}, {ETHERNET, 0x8100, NULL}}},
    {"QinQ", 1, ENCAP_VLAN, {{HEX, 0, "0064 8100 0065 0800"}, {ETHERNET, 0x88a8, NULL}}},
    {"VLAN with LLC", 1, ENCAP_VLAN, {SNAP_IP, {HEX, 0, "0064 0033"}, {ETHERNET, 0x8100, NULL}}},
    {"VN-Tag", 1, ENCAP_VNTAG, {{HEX, 0, "80000000 0800"}, {ETHERNET, 0x8926, NULL}}},
    {"E-TAG", 1, ENCAP_OTHER, {{HEX, 0, "0000 0064 0000 0800"}, {ETHERNET, 0x893f, NULL}}},
    {"802.1ah", 1, ENCAP_OTHER, {ETHERNET_IP, {HEX, 0, "00000001"}, {ETHERNET, 0x88e7, NULL}}},
    {"MACsec, integrity only",
     1,
     ENCAP_OTHER,
     {{HEX, 0, "20 00 00000001 0200000000010001 0800"}, {ETHERNET, 0x88e5, NULL}}},
    {"FabricPath", 1, ENCAP_OTHER, {ETHERNET_IP, {HEX, 0, "0001"}, {ETHERNET, 0x8903, NULL}}},
    {"Cisco metadata", 1, ENCAP_OTHER, {{HEX, 0, "01 01 0001 0005 0800"}, {ETHERNET, 0x8909, NULL}}},
    {"EDSA", 1, ENCAP_OTHER, {{HEX, 0, "0000 40000000 0800"}, {ETHERNET, 0xdada, NULL}}},
    {"TRILL", 1, ENCAP_OTHER, {ETHERNET_IP, {HEX, 0, "0001 0001 0002"}, {ETHERNET, 0x22f3, NULL}}},
    {"TRILL with an option",
     1,
     ENCAP_OTHER,
     {ETHERNET_IP, {HEX, 0, "0041 0001 0002 00000000"}, {ETHERNET, 0x22f3, NULL}}},
    {"Arista's 64 bit time", 1, ENCAP_OTHER, {{HEX, 0, "0001 0010 0000000000000000 0800"}, {ETHERNET, 0xd28b, NULL}}},
    {"Arista's 48 bit time", 1, ENCAP_OTHER, {{HEX, 0, "0001 0120 000000000000 0800"}, {ETHERNET, 0xd28b, NULL}}},
    {"Arista's time, newer hardware",
     1,
     ENCAP_OTHER,
     {{HEX, 0, "0001 0111 0000000000000000 0800"}, {ETHERNET, 0xd28b, NULL}}},
    {"redundancy tag", 1, ENCAP_OTHER, {{HEX, 0, "0000 0001 0800"}, {ETHERNET, 0xf1c1, NULL}}},
    {"MPLS", 1, ENCAP_MPLS, {{HEX, 0, "00010040 00010140"}, {ETHERNET, 0x8847, NULL}}},
    {"MPLS pseudowire with control word",
     1,
     ENCAP_MPLS,
     {ETHERNET_IP, {HEX, 0, "00010140 00000000"}, {ETHERNET, 0x8847, NULL}}},
    {"MPLS pseudowire with control word and PPPoE",
     1,
     ENCAP_MPLS | ENCAP_PPPOE,
     {{HEX, 0, "1100 0001 002d 0021"},
      {ETHERNET, 0x8864, NULL},
      {HEX, 0, "00010140 00000000"},
      {ETHERNET, 0x8847, NULL}}},
    {"MPLS pseudowire with control word and MPLS",
     1,
     ENCAP_MPLS,
     {{HEX, 0, "00010040 00010140"},
      {ETHERNET, 0x8847, NULL},
      {HEX, 0, "00010140 00000000"},
      {ETHERNET, 0x8847, NULL}}},
    {"MPLS pseudowire without", 1, ENCAP_MPLS, {ETHERNET_IP, {HEX, 0, "00010140"}, {ETHERNET, 0x8847, NULL}}},
    {"PPPoE session", 1, ENCAP_PPPOE, {{HEX, 0, "1100 0001 002d 0021"}, {ETHERNET, 0x8864, NULL}}},
    {"NSH", 1, ENCAP_NSH, {{HEX, 0, "0002 02 01 00000100"}, {ETHERNET, 0x894f, NULL}}},
    {"NSH with metadata",
     1,
     ENCAP_NSH,
     {ETHERNET_IP, {HEX, 0, "0003 02 03 00000100 00000000"}, {ETHERNET, 0x894f, NULL}}},
};

#define IN_UDP(port) {UDP, port, NULL}, {IPV4, 17, NULL}, ETHERNET_IP
#define IN_IP(protocol) {IPV4, protocol, NULL}, ETHERNET_IP
#define ETHERNET_INNER ETHERNET_IP

static const struct row tunnels[] = {
    {"4in4", 1, ENCAP_IP_IN_IP, {IN_IP(4)}},
    {"4in6", 1, ENCAP_IP_IN_IP, {{IPV6, 4, NULL}, {ETHERNET, 0x86dd, NULL}}},
    {"GRE", 1, ENCAP_GRE, {{HEX, 0, "0000 0800"}, IN_IP(47)}},
    {"GRE with checksum, key and sequence",
     1,
     ENCAP_GRE,
     {{HEX, 0, "b000 0800 00000000 00000005 00000001"}, IN_IP(47)}},
    {"GRE with routing", 1, ENCAP_GRE, {{HEX, 0, "4000 0800 00000000 0800 00 04 0a000001 0000 00 00"}, IN_IP(47)}},
    {"GRE with Ethernet", 1, ENCAP_GRE, {ETHERNET_INNER, {HEX, 0, "2000 6558 00000005"}, IN_IP(47)}},
    {"GRE of PPTP", 1, ENCAP_GRE, {{HEX, 0, "3081 880b 00300001 00000001 00000001 ff03 0021"}, IN_IP(47)}},
    {"GRE of WCCP", 1, ENCAP_GRE, {{HEX, 0, "0000 883e 00000000"}, IN_IP(47)}},
    {"GRE with a wireless frame",
     1,
     ENCAP_GRE,
     {SNAP_IP, {HEX, 0, "0801 0000 020000000001 020000000002 020000000003 1000"}, {HEX, 0, "0000 8200"}, IN_IP(47)}},
    {"ERSPAN type I", 1, ENCAP_GRE | ENCAP_ERSPAN, {ETHERNET_INNER, {HEX, 0, "0000 88be"}, IN_IP(47)}},
    {"ERSPAN type II",
     1,
     ENCAP_GRE | ENCAP_ERSPAN,
     {ETHERNET_INNER, {HEX, 0, "1000 88be 00000001 10000001 00000000"}, IN_IP(47)}},
    {"ERSPAN type III",
     1,
     ENCAP_GRE | ENCAP_ERSPAN,
     {ETHERNET_INNER, {HEX, 0, "1000 22eb 00000001 20000001 00000000 00000001 0000000000000000"}, IN_IP(47)}},
    {"ERSPAN type II without sequence number",
     1,
     ENCAP_GRE | ENCAP_ERSPAN,
     {ETHERNET_INNER, {HEX, 0, "0000 88be 10000001 00000000"}, IN_IP(47)}},
    {"ERSPAN type III without sequence number",
     1,
     ENCAP_GRE | ENCAP_ERSPAN,
     {ETHERNET_INNER, {HEX, 0, "0000 88be 20000001 00000000 00000001 0000000000000000"}, IN_IP(47)}},
    {"ERSPAN type I from an address that looks like a header",
     1,
     ENCAP_GRE | ENCAP_ERSPAN,
     {{HEX, 0, "100000000002 020000000001 0800"}, {HEX, 0, "0000 88be"}, IN_IP(47)}},
    {"ERSPAN type III with an IP packet",
     1,
     ENCAP_GRE | ENCAP_ERSPAN,
     {{HEX, 0, "1000 22eb 00000001 20000001 00000000 00000800"}, IN_IP(47)}},
    {"ERSPAN type III with an IP packet, without sequence number",
     1,
     ENCAP_GRE | ENCAP_ERSPAN,
     {{HEX, 0, "0000 88be 20000001 00000000 00000800"}, IN_IP(47)}},
    {"EtherIP", 1, ENCAP_OTHER, {ETHERNET_INNER, {HEX, 0, "3000"}, IN_IP(97)}},
    {"MPLS in IP", 1, ENCAP_MPLS, {{HEX, 0, "00010140"}, IN_IP(137)}},
    {"L2TPv3", 1, ENCAP_L2TP, {ETHERNET_INNER, {HEX, 0, "00000005"}, IN_IP(115)}},
    {"L2TPv3 with cookie and sublayer",
     1,
     ENCAP_L2TP,
     {ETHERNET_INNER, {HEX, 0, "00000005 0102030405060708 40000001"}, IN_IP(115)}},
    {"L2TPv3 in UDP", 1, ENCAP_L2TP, {ETHERNET_INNER, {HEX, 0, "0003 0000 00000005 01020304"}, IN_UDP(1701)}},
    {"L2TPv2", 1, ENCAP_L2TP, {{HEX, 0, "0002 0001 0002 ff03 0021"}, IN_UDP(1701)}},
    {"L2TPv2 with all fields", 1, ENCAP_L2TP, {{HEX, 0, "4a02 0000 0001 0002 0001 0002 0002 0000 0021"}, IN_UDP(1701)}},
    {"VXLAN", 1, ENCAP_VXLAN, {ETHERNET_INNER, {HEX, 0, "08000000 00000500"}, IN_UDP(4789)}},
    {"VXLAN with its last byte set", 1, ENCAP_VXLAN, {ETHERNET_INNER, {HEX, 0, "08000000 00000546"}, IN_UDP(4789)}},
    {"VXLAN of Linux", 1, ENCAP_VXLAN, {ETHERNET_INNER, {HEX, 0, "08000000 00000500"}, IN_UDP(8472)}},
    {"VXLAN with group policy", 1, ENCAP_VXLAN, {ETHERNET_INNER, {HEX, 0, "88000001 00000500"}, IN_UDP(4789)}},
    {"VXLAN with reserved bits", 1, ENCAP_VXLAN, {ETHERNET_INNER, {HEX, 0, "7f010203 00000504"}, IN_UDP(4789)}},
    {"VXLAN-GPE", 1, ENCAP_VXLAN, {{HEX, 0, "0c000001 00000500"}, IN_UDP(4790)}},
    {"VXLAN-GPE with NSH",
     1,
     ENCAP_VXLAN | ENCAP_NSH,
     {{HEX, 0, "0c000004 00000500 0002 02 01 00000100"}, IN_UDP(4790)}},
    {"GENEVE", 1, ENCAP_GENEVE, {ETHERNET_INNER, {HEX, 0, "01006558 00000500 01020304"}, IN_UDP(6081)}},
    {"GENEVE with reserved bits", 1, ENCAP_GENEVE, {ETHERNET_INNER, {HEX, 0, "003f6558 00000501"}, IN_UDP(6081)}},
    {"GENEVE with reserved bits and IP", 1, ENCAP_GENEVE, {{HEX, 0, "00010800 00000501"}, IN_UDP(6081)}},
    {"GTP-U", 1, ENCAP_GTP, {{HEX, 0, "30ff 002b 00000005"}, IN_UDP(2152)}},
    {"GTP-U with Ethernet", 1, ENCAP_GTP, {ETHERNET_INNER, {HEX, 0, "30ff 0039 00000005"}, IN_UDP(2152)}},
    {"GUE", 1, ENCAP_OTHER, {{HEX, 0, "0104 0000 00000000"}, IN_UDP(6080)}},
    {"GUE without a header", 1, ENCAP_OTHER, {IN_UDP(6080)}},
    {"GTP-U with an extension", 1, ENCAP_GTP, {{HEX, 0, "34ff 0033 00000005 0000 00 85 01 00 00 00"}, IN_UDP(2152)}},
    {"CAPWAP with Ethernet", 1, ENCAP_CAPWAP, {ETHERNET_INNER, {HEX, 0, "00100000 00000000"}, IN_UDP(5247)}},
    {"CAPWAP with a wireless frame",
     1,
     ENCAP_CAPWAP,
     {SNAP_IP,
      {HEX, 0, "0108 0000 020000000001 020000000002 020000000003 0010"},
      {HEX, 0, "00104300 00000000"},
      IN_UDP(5247)}},
    {"AYIYA",
     1,
     ENCAP_OTHER,
     {{HEX, 0, "41 52 11 04 00000000 00112233445566778899aabbccddeeff 0011223344556677889900112233445566778899"},
      IN_UDP(5072)}},
    {"MPLS in UDP", 1, ENCAP_MPLS, {{HEX, 0, "00010140"}, IN_UDP(6635)}},
    {"LISP", 1, ENCAP_OTHER, {{HEX, 0, "0000000000000000"}, IN_UDP(4341)}},
    {"TZSP", 1, ENCAP_OTHER, {ETHERNET_INNER, {HEX, 0, "0100 0001 00 0a01ff 01"}, IN_UDP(37008)}},
    {"Teredo", 1, ENCAP_TEREDO | ENCAP_IP_IN_IP, {{IPV6, 4, NULL}, IN_UDP(3544)}},
    {"Teredo with authentication and origin",
     1,
     ENCAP_TEREDO | ENCAP_IP_IN_IP,
     {{IPV6, 4, NULL}, {HEX, 0, "0001 00 00 0102030405060708 00 0000 1234 0a000001"}, IN_UDP(3544)}},
};

static void build(const struct row *row, struct frame *f)
{
    frame_inner(f);
    for (const struct step *s = row->steps; s < row->steps + 8 && s->kind != END; s++) {
        switch (s->kind) {
        case HEX:
            frame_hex(f, s->hex);
            break;
        case UDP:
            frame_udp(f, 40000, (uint16_t)s->value);
            break;
        case IPV4:
            frame_ipv4(f, (uint8_t)s->value, 8, 9, 1, 0);
            break;
        case IPV6:
            frame_ipv6(f, (uint8_t)s->value, 8, 9);
            break;
        default:
            frame_ethernet(f, (uint16_t)s->value);
        }
    }
}

static void assert_inner(const struct decoded *d)
{
    char source[IP_TEXT_SIZE], destination[IP_TEXT_SIZE];
    ip_print(&d->source, source);
    ip_print(&d->destination, destination);
    assert_string_equal(source, "10.0.0.1");
    assert_string_equal(destination, "10.0.0.2");
    assert_int_equal(d->protocol, IP_PROTO_TCP);
    assert_int_equal(d->source_port, 1234);
    assert_int_equal(d->destination_port, 80);
    assert_int_equal(d->tcp_flags, TCP_ACK | TCP_PSH);
    assert_int_equal(d->ip_id, 7);
    assert_int_equal(d->hop_limit, 64);
    assert_int_equal(d->payload_len, 3);
    assert_int_equal(d->payload_wire_len, 3);
    assert_memory_equal(d->payload, "abc", 3);
    assert_int_equal(d->ip_len, 43);
    assert_int_equal(d->ip[0], 0x45);
}

struct prefix_case {
    struct decoder *decoder;
    uint16_t link_type;
    uint32_t wire_len;
};

static void add(void *context, const struct counter *counter)
{
    if (strcmp(counter->group, "decode") == 0)
        *(uint64_t *)context += counter->value;
}

/* Every packet ends with one reason. What is beside it is a note, which only a decoded packet has. */
static void decode_prefix(const uint8_t *bytes, size_t length, void *context)
{
    const struct prefix_case *c = context;
    for (int is_snapped = 0; is_snapped < 2; is_snapped++) {
        struct packet packet = {.data = bytes,
                                .captured_len = (uint32_t)length,
                                .wire_len = is_snapped ? c->wire_len : (uint32_t)length,
                                .link_type = c->link_type};
        struct decoded d;
        uint64_t before = 0, after = 0;
        decoder_count(c->decoder, add, &before);
        enum decode_result result = decode_packet(c->decoder, &packet, &d);
        decoder_count(c->decoder, add, &after);
        assert_true(after > before);
        if (result != DECODE_OK)
            continue;
        assert_true(d.ip >= bytes && d.ip + d.ip_len <= bytes + length);
        assert_true(d.payload_len <= d.payload_wire_len);
        assert_true(d.payload_len == 0 || (d.payload >= d.ip && d.payload + d.payload_len <= bytes + length));
    }
}

static void check_rows(const struct row *rows, size_t count, bool is_tunnel)
{
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        build(&rows[i], &f);
        struct packet packet = frame_packet(&f, rows[i].link_type);
        struct decoded d;
        enum decode_result result = decode_packet(decoder, &packet, &d);
        if (result != DECODE_OK || d.encapsulation != rows[i].encapsulation || d.source_port != 1234)
            fail_msg("%s: %s, encapsulation %x", rows[i].name, decoder_last_reason(decoder), d.encapsulation);
        assert_inner(&d);
        assert_int_equal(d.tunnel_hash != 0, is_tunnel);
        struct prefix_case c = {decoder, rows[i].link_type, f.length};
        for_each_prefix(f.data, f.length, decode_prefix, &c);
    }
    decoder_free(decoder);
}

static void every_link_type_leads_to_the_packet(void **state)
{
    (void)state;
    check_rows(links, sizeof(links) / sizeof(links[0]), false);
}

static void every_tag_leads_to_the_packet(void **state)
{
    (void)state;
    check_rows(tags, sizeof(tags) / sizeof(tags[0]), false);
}

static void every_tunnel_leads_to_the_packet(void **state)
{
    (void)state;
    check_rows(tunnels, sizeof(tunnels) / sizeof(tunnels[0]), true);
}

static void every_tunnel_with_rubbish_inside_is_a_flow_of_its_own(void **state)
{
    (void)state;
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++) {
        build(&tunnels[i], &f);
        memset(f.data + f.length - 43, 0xee, 43);
        struct packet packet = frame_packet(&f, 1);

        struct decoded d;
        assert_int_equal(decode_packet(decoder, &packet, &d), DECODE_OK);

        bool is_v6 = f.data[12] == 0x86, is_inner_v6 = tunnels[i].encapsulation & ENCAP_TEREDO;
        assert_int_equal(d.hop_limit, 64);
        if (is_v6 || is_inner_v6)
            continue;
        assert_int_equal(d.source.octets[15], 8);
        assert_int_equal(d.destination.octets[15], 9);
        assert_int_equal(d.encapsulation, 0);
        assert_int_equal(d.tunnel_hash, 0);
    }
    decoder_free(decoder);
}

static void outermost_vlan_and_addresses_are_kept(void **state)
{
    (void)state;
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    frame_inner(&f);
    frame_hex(&f, "ffffffffffff 0aaaaaaaaaaa 8100 0065 0800");
    frame_hex(&f, "08000000 00000500");
    frame_udp(&f, 40000, 4789);
    frame_ipv4(&f, 17, 8, 9, 1, 0);
    frame_hex(&f, "0064 0800");
    frame_ethernet(&f, 0x8100);

    struct decoded d;
    assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

    assert_int_equal(d.vlan, 100);
    assert_int_equal(d.source_mac[5], 5);
    assert_int_equal(d.destination_mac[5], 13);
    decoder_free(decoder);
}

static void nesting_beyond_the_cap_ends_at_the_cap(void **state)
{
    (void)state;
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    frame_inner(&f);
    for (int i = 0; i < 12; i++)
        frame_ipv4(&f, 4, 8, 9, 1, 0);
    frame_ethernet(&f, 0x0800);

    struct decoded d;
    assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

    assert_int_equal(d.protocol, 4);
    assert_int_equal(decoder_value(decoder, "tunnel_nested_too_deep"), 1);
    decoder_free(decoder);
}

static void endless_tags_are_counted(void **state)
{
    (void)state;
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    frame_begin(&f);
    for (int i = 0; i < 200; i++)
        frame_hex(&f, "0064 8100");
    frame_ethernet(&f, 0x8100);

    struct decoded d;
    assert_int_equal(frame_decode(decoder, &f, &d), DECODE_MALFORMED);

    assert_string_equal(decoder_last_reason(decoder), "layers_too_many");
    decoder_free(decoder);
}

static void what_is_no_ip_is_named(void **state)
{
    (void)state;
    static const struct {
        uint16_t link_type;
        const char *hex, *reason;
    } rows[] = {
        {1, "ffffffffffff 020000000001 0806 0001", "arp"},
        {1, "ffffffffffff 020000000001 88cc 0000", "ethertype_not_ip"},
        {1, "0180c2000000 020000000001 0026 424203 0000", "llc_not_ip"},
        {1, "020000000002 020000000001 88e5 0c 00 00000001 00000000", "macsec_encrypted"},
        {9, "ff03 c021 0101", "ppp_not_ip"},
        {9, "ff03 002d 0101", "ppp_compressed"},
        {8, "00 c5 0000000000000000000000000000 00", "slip_compressed"},
        {105, "8000 0000 ffffffffffff 020000000001 020000000001 1000", "wifi_no_data"},
        {105, "0841 0000 ffffffffffff 020000000001 020000000001 1000 00000000", "wifi_protected"},
        {105, "0805 0000 ffffffffffff 020000000001 020000000001 1000 00000000", "link_fragment"},
        {129, "01 02 0000 d4 03 0001 45", "link_fragment"},
        {253, "00", "link_type_unknown"},
        {65535, "00", "link_type_unknown"},
        {1, "", "frame_empty"},
    };
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        frame_begin(&f);
        frame_hex(&f, rows[i].hex);
        struct packet packet = frame_packet(&f, rows[i].link_type);
        struct decoded d;
        assert_int_not_equal(decode_packet(decoder, &packet, &d), DECODE_OK);
        assert_string_equal(decoder_last_reason(decoder), rows[i].reason);
    }
    decoder_free(decoder);
}

static void dns_from_a_tunnel_port_stays_dns(void **state)
{
    (void)state;
    static const uint16_t ports[] = {1701, 2152, 3544, 4341, 4789, 4790, 5072, 5247, 6081, 6635, 8472, 37008};
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        frame_begin(&f);
        frame_hex(&f, "0800 0100 0001 0000 0000 0000 0765 78616d706c65 03636f6d 00 0001 0001");
        frame_udp(&f, ports[i], 53);
        frame_ipv4(&f, 17, 1, 2, 1, 0);
        frame_ethernet(&f, 0x0800);

        struct decoded d;
        assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

        assert_int_equal(d.source_port, ports[i]);
        assert_int_equal(d.destination_port, 53);
        assert_int_equal(d.encapsulation, 0);
        assert_int_equal(d.payload_len, 29);
    }
    assert_int_equal(decoder_value(decoder, "tunnel_header_not_known"), 0);
    decoder_free(decoder);
}

static void what_a_tunnel_port_gets_and_no_tunnel_is_counted(void **state)
{
    (void)state;
    static const struct step rows[][3] = {
        {ETHERNET_INNER, {HEX, 0, "00000000 00000500"}, {UDP, 4789, NULL}},          /* VXLAN without its flag */
        {{HEX, 0, "eeee"}, {HEX, 0, "10000000 00000500"}, {UDP, 8472, NULL}},        /* neither flag nor frame */
        {ETHERNET_INNER, {HEX, 0, "40006558 00000500"}, {UDP, 6081, NULL}},          /* another version of GENEVE */
        {{HEX, 0, "eeee"}, {HEX, 0, "00016558 00000501"}, {UDP, 6081, NULL}},        /* reserved bits and no frame */
        {{HEX, 0, "eeee"}, {HEX, 0, "00010800 00000500"}, {UDP, 6081, NULL}},        /* reserved bits and no packet */
        {{HEX, 0, ""}, {HEX, 0, "0600"}, {UDP, 2268, NULL}},                         /* AMT */
        {ETHERNET_INNER, {HEX, 0, "00000000 00000000 00000000"}, {UDP, 7932, NULL}}, /* HP's remote mirroring */
        {{HEX, 0, ""}, {HEX, 0, "00000100 00000001"}, {UDP, 4500, NULL}},            /* ESP behind NAT */
        {{HEX, 0, ""}, {HEX, 0, ""}, {UDP, 5555, NULL}},                             /* a bare packet */
        {{HEX, 0, "eeee"}, {HEX, 0, "8104 0000 00000000"}, {UDP, 6080, NULL}},       /* GUE of an unknown version */
    };
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct row row = {.link_type = 1, .steps = {rows[i][0], rows[i][1], rows[i][2], {IPV4, 17, NULL}, ETHERNET_IP}};
        build(&row, &f);

        struct decoded d;
        assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

        assert_int_equal(d.encapsulation, 0);
        assert_int_equal(d.source.octets[15], 8);
        assert_int_equal(decoder_value(decoder, "tunnel_header_not_known"), i + 1);
    }
    decoder_free(decoder);
}

static void ipsec_is_a_flow_and_counted(void **state)
{
    (void)state;
    static const struct {
        struct row row;
        uint64_t counted;
    } rows[] = {
        {{.link_type = 1, .steps = {{HEX, 0, "00000100 00000001"}, IN_IP(50)}}, 1},
        {{.link_type = 1, .steps = {{HEX, 0, "00000000 00000000"}, IN_UDP(4500)}}, 0}, /* key exchange */
    };
    static struct frame f;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct decoder *decoder;
        struct decoded d;
        assert_int_equal(decoder_new(&decoder), STATUS_OK);
        build(&rows[i].row, &f);

        assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

        assert_int_equal(d.encapsulation, 0);
        assert_int_equal(decoder_value(decoder, "tunnel_header_not_known"), rows[i].counted);
        decoder_free(decoder);
    }
}

static void both_directions_of_a_tunnel_hash_alike_and_other_keys_differ(void **state)
{
    (void)state;
    static struct frame f;
    struct decoder *decoder;
    uint32_t hashes[3];
    static const char *const headers[] = {"2000 0800 00000005", "2000 0800 00000005", "2000 0800 00000006"};
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    for (int i = 0; i < 3; i++) {
        frame_inner(&f);
        frame_hex(&f, headers[i]);
        frame_ipv4(&f, 47, i == 1 ? 9 : 8, i == 1 ? 8 : 9, 1, 0);
        frame_ethernet(&f, 0x0800);
        struct decoded d;
        assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);
        hashes[i] = d.tunnel_hash;
    }

    assert_int_equal(hashes[0], hashes[1]);
    assert_int_not_equal(hashes[0], hashes[2]);
    decoder_free(decoder);
}

static void a_fragment_of_a_tunnel_is_counted_and_a_flow_of_its_own(void **state)
{
    (void)state;
    static struct frame f;
    struct decoder *decoder;
    assert_int_equal(decoder_new(&decoder), STATUS_OK);
    frame_inner(&f);
    frame_ethernet(&f, 0x0800);
    frame_hex(&f, "00100080 00070000"); /* CAPWAP with the F bit */
    frame_udp(&f, 1234, 5247);
    frame_ipv4(&f, 17, 8, 9, 1, 0);
    frame_ethernet(&f, 0x0800);

    struct decoded d;
    assert_int_equal(frame_decode(decoder, &f, &d), DECODE_OK);

    assert_int_equal(d.destination_port, 5247);
    assert_int_equal(decoder_value(decoder, "tunnel_fragment"), 1);
    decoder_free(decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_link_type_leads_to_the_packet),
        cmocka_unit_test(every_tag_leads_to_the_packet),
        cmocka_unit_test(every_tunnel_leads_to_the_packet),
        cmocka_unit_test(every_tunnel_with_rubbish_inside_is_a_flow_of_its_own),
        cmocka_unit_test(outermost_vlan_and_addresses_are_kept),
        cmocka_unit_test(nesting_beyond_the_cap_ends_at_the_cap),
        cmocka_unit_test(endless_tags_are_counted),
        cmocka_unit_test(what_is_no_ip_is_named),
        cmocka_unit_test(a_fragment_of_a_tunnel_is_counted_and_a_flow_of_its_own),
        cmocka_unit_test(dns_from_a_tunnel_port_stays_dns),
        cmocka_unit_test(what_a_tunnel_port_gets_and_no_tunnel_is_counted),
        cmocka_unit_test(ipsec_is_a_flow_and_counted),
        cmocka_unit_test(both_directions_of_a_tunnel_hash_alike_and_other_keys_differ),
    };
    return cmocka_run_group_tests_name("capture/decode layers", tests, NULL, NULL);
}
