/* The smallest hellos a probe and a parser accept, each in its record: TLS 1.2, one suite, no extensions. */
#ifndef BORDERTAP_TESTS_HELLO_BYTES_H
#define BORDERTAP_TESTS_HELLO_BYTES_H

#include <stdint.h>

static const uint8_t client_hello[] =
    {
        0x16, 0x03, 0x01, 0x00, 0x2d, 0x01, 0x00, 0x00, 0x29, 0x03, 0x03, /* record, handshake, version */
        1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,
        14,   15,   16,   17,   18,   19,   20,   21,   22,   23,   24,   25,   26,
        27,   28,   29,   30,   31,   32,   0x00, 0x00, 0x02, 0xc0, 0x2f, 0x01, 0x00, /* session, suites, compression */
};

static const uint8_t server_hello[] = {
    0x16, 0x03, 0x03, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x03, /* record, handshake, version */
    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12, 13, 14,   15,   16,   17,   18, 19,
    20,   21,   22,   23,   24,   25,   26,   27,   28,   29,   30,   31, 32, 0x00, 0xc0, 0x2f, 0x00, /* session, suite,
                                                                                                         compression */
};

#endif
