/*
 * Protocols that start in the clear and may turn into TLS in the middle. The dialogue is not followed: whatever was
 * asked and granted, a TLS record can only stand where TLS has begun, at the front of a segment, since each side waits
 * for the other's word. So a protocol is a way to know its first bytes, and all of them share one watch for the record.
 * SOCKS and the PROXY protocol only announce a stream; what follows them is probed anew.
 */
#include "analyzer_internal.h"

#include "wire.h"

enum {
    PACKETS_WATCHED = 32, /* STARTTLS comes within a few lines; FTP users may talk a little first */
    LINE_LOOKED_AT = 512,
};

enum role { ROLE_CLIENT, ROLE_SERVER };

struct starttls_protocol {
    const char *name;
    /* Whether @p data are the first bytes the role sends. */
    enum probe (*knows)(const struct probe_input *input, enum role role);
};

static bool port_is(const struct flow *flow, uint16_t port)
{
    return flow->key.port[0] == port || flow->key.port[1] == port;
}

static struct text first_line(const struct probe_input *input, bool *ret_is_whole)
{
    size_t shown = input->length < LINE_LOOKED_AT ? input->length : LINE_LOOKED_AT;
    const uint8_t *end = shown > 0 ? memchr(input->data, '\n', shown) : NULL;
    *ret_is_whole = end != NULL;
    return (struct text){(const char *)input->data, end != NULL ? (size_t)(end - input->data) : shown};
}

static bool text_has_nocase(struct text text, struct text part)
{
    for (size_t i = 0; i + part.length <= text.length; i++) {
        if (text_starts_with_nocase((struct text){text.data + i, text.length - i}, part))
            return true;
    }
    return false;
}

/** A command at the start of the line: YES, MORE when the line is still shorter, NO. */
static enum probe line_starts(struct text line, bool is_whole, const char *const *words, size_t count)
{
    enum probe answer = PROBE_NO;
    for (size_t i = 0; i < count; i++) {
        struct text word = text_of(words[i]);
        if (text_starts_with_nocase(line, word))
            return PROBE_YES;
        if (!is_whole && line.length < word.length && text_starts_with_nocase(word, line))
            answer = PROBE_MORE;
    }
    return answer;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__}), sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

/** "220 mail.example ESMTP": SMTP and FTP greet alike; what they call themselves decides, then the port. */
static enum probe greets_with_220(const struct probe_input *input, struct text own, struct text other, uint16_t port,
                                  uint16_t port2)
{
    bool is_whole;
    struct text line = first_line(input, &is_whole);
    enum probe answer = line_starts(line, is_whole, WORDS("220 ", "220-"));
    if (answer != PROBE_YES)
        return answer;
    if (!is_whole && line.length < LINE_LOOKED_AT)
        return PROBE_MORE;
    if (text_has_nocase(line, other))
        return PROBE_NO;
    return text_has_nocase(line, own) || port_is(input->flow, port) || port_is(input->flow, port2) ? PROBE_YES
                                                                                                   : PROBE_NO;
}

static enum probe smtp_knows(const struct probe_input *input, enum role role)
{
    if (role == ROLE_SERVER)
        return greets_with_220(input, text_of("SMTP"), text_of("FTP"), 25, 587);
    bool is_whole;
    struct text line = first_line(input, &is_whole);
    return line_starts(line, is_whole, WORDS("EHLO ", "HELO ", "LHLO "));
}

static enum probe ftp_knows(const struct probe_input *input, enum role role)
{
    if (role == ROLE_SERVER)
        return greets_with_220(input, text_of("FTP"), text_of("SMTP"), 21, 21);
    bool is_whole;
    struct text line = first_line(input, &is_whole);
    enum probe answer = line_starts(line, is_whole, WORDS("AUTH TLS", "AUTH SSL"));
    if (answer == PROBE_NO && port_is(input->flow, 21))
        answer = line_starts(line, is_whole, WORDS("USER ", "FEAT", "OPTS UTF8", "HOST "));
    return answer;
}

static enum probe pop3_knows(const struct probe_input *input, enum role role)
{
    bool is_whole;
    struct text line = first_line(input, &is_whole);
    if (role == ROLE_CLIENT)
        return port_is(input->flow, 110) ? line_starts(line, is_whole, WORDS("CAPA", "STLS", "USER ", "APOP ", "AUTH"))
                                         : line_starts(line, is_whole, WORDS("CAPA\r", "STLS\r", "APOP "));
    enum probe answer = line_starts(line, is_whole, WORDS("+OK"));
    if (answer != PROBE_YES || port_is(input->flow, 110))
        return answer;
    return text_has_nocase(line, text_of("POP")) ? PROBE_YES : is_whole ? PROBE_NO : PROBE_MORE;
}

/** A tag and a command (RFC 9051, 2.2.1). */
static enum probe imap_knows(const struct probe_input *input, enum role role)
{
    bool is_whole;
    struct text line = first_line(input, &is_whole);
    if (role == ROLE_SERVER)
        return line_starts(line, is_whole, WORDS("* OK ", "* PREAUTH ", "* BYE "));
    size_t tag = 0;
    while (tag < line.length && tag < 12 &&
           (line.data[tag] == '.' || line.data[tag] == '_' || (line.data[tag] >= '0' && line.data[tag] <= '9') ||
            (ascii_lower(line.data[tag]) >= 'a' && ascii_lower(line.data[tag]) <= 'z')))
        tag++;
    if (tag == 0 || (tag < line.length && line.data[tag] != ' '))
        return PROBE_NO;
    if (tag == line.length)
        return is_whole ? PROBE_NO : PROBE_MORE;
    struct text command = {line.data + tag + 1, line.length - tag - 1};
    return line_starts(command, is_whole, WORDS("CAPABILITY\r", "STARTTLS\r", "LOGIN ", "AUTHENTICATE ", "ID ("));
}

static enum probe xmpp_knows(const struct probe_input *input, enum role role)
{
    (void)role;
    struct text seen = {(const char *)input->data, input->length < LINE_LOOKED_AT ? input->length : LINE_LOOKED_AT};
    enum probe answer = line_starts(seen, false, WORDS("<?xml", "<stream:stream"));
    if (answer != PROBE_YES)
        return answer;
    if (text_has_nocase(seen, text_of("<stream:stream")))
        return PROBE_YES;
    return seen.length < LINE_LOOKED_AT ? PROBE_MORE : PROBE_NO;
}

/** An LDAPMessage (RFC 4511, 4.1.1): SEQUENCE, messageID, then an operation's tag. */
static enum probe ldap_knows(const struct probe_input *input, enum role role)
{
    if (input->length > 0 && input->data[0] != 0x30)
        return PROBE_NO;
    if (input->length < 9)
        return PROBE_MORE;
    struct wire w = wire_of(input->data + 1, input->length - 1);
    uint8_t size = wire_u8(&w);
    if (size > 0x84 || size == 0x80)
        return PROBE_NO;
    wire_skip(&w, size > 0x80 ? size - 0x80u : 0);
    if (wire_u8(&w) != 0x02)
        return PROBE_NO;
    size = wire_u8(&w);
    if (size == 0 || size > 4)
        return PROBE_NO;
    wire_skip(&w, size);
    uint8_t operation = wire_u8(&w);
    if (w.failed)
        return PROBE_MORE;
    if (role == ROLE_CLIENT)
        return operation == 0x60 || operation == 0x63 || operation == 0x77 ? PROBE_YES : PROBE_NO;
    return operation == 0x61 || operation == 0x64 || operation == 0x78 ? PROBE_YES : PROBE_NO;
}

static enum probe bytes_start(const struct probe_input *input, const void *bytes, size_t length)
{
    size_t n = input->length < length ? input->length : length;
    if (memcmp(input->data, bytes, n) != 0)
        return PROBE_NO;
    return n == length ? PROBE_YES : PROBE_MORE;
}

/** SSLRequest or a version 3 StartupMessage; the server says one letter, which tells nothing. */
static enum probe postgresql_knows(const struct probe_input *input, enum role role)
{
    if (role == ROLE_SERVER)
        return PROBE_NO;
    enum probe answer = bytes_start(input, "\x00\x00\x00\x08\x04\xd2\x16\x2f", 8);
    if (answer != PROBE_NO)
        return answer;
    if (input->length < 13)
        return input->length >= 2 && (input->data[0] | input->data[1]) != 0 ? PROBE_NO : PROBE_MORE;
    return load_be32(input->data + 4) == 0x30000 && load_be32(input->data) < 10000 &&
                   memcmp(input->data + 8, "user", 5) == 0
               ? PROBE_YES
               : PROBE_NO;
}

/** The server greets: packet 0 of protocol 10 with a printable version. */
static enum probe mysql_knows(const struct probe_input *input, enum role role)
{
    if (role == ROLE_CLIENT)
        return PROBE_NO;
    if (input->length < 7)
        return input->length >= 5 && (input->data[3] != 0 || input->data[4] != 10) ? PROBE_NO : PROBE_MORE;
    const uint8_t *at = input->data;
    size_t length = (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16;
    return at[3] == 0 && at[4] == 10 && length > 20 && length < 1024 && at[5] >= '0' && at[5] <= '9' && at[6] >= '.' &&
                   at[6] <= '9'
               ? PROBE_YES
               : PROBE_NO;
}

/** TPKT with an X.224 connection request or confirm (MS-RDPBCGR, 2.2.1.1 and 2.2.1.2). */
static enum probe rdp_knows(const struct probe_input *input, enum role role)
{
    if (input->length < 7) {
        enum probe start = bytes_start(input, "\x03\x00", 2);
        return start == PROBE_NO ? PROBE_NO : PROBE_MORE;
    }
    const uint8_t *at = input->data;
    size_t length = load_be16(at + 2);
    return at[0] == 3 && at[1] == 0 && length >= 11 && length < 512 && at[4] == length - 5 &&
                   at[5] == (role == ROLE_CLIENT ? 0xe0 : 0xd0)
               ? PROBE_YES
               : PROBE_NO;
}

static const struct starttls_protocol protocols[] = {
    {"smtp", smtp_knows},   {"ftp", ftp_knows},   {"pop3", pop3_knows}, {"imap", imap_knows},
    {"xmpp", xmpp_knows},   {"ldap", ldap_knows}, {"rdp", rdp_knows},   {"postgresql", postgresql_knows},
    {"mysql", mysql_knows},
};

enum { PROTOCOLS = sizeof(protocols) / sizeof(*protocols) };

/** A printable text and its zero. @return offset behind it, 0 when it is none (or not whole). */
static size_t text_end(const uint8_t *data, size_t length, size_t from)
{
    for (size_t i = from; i < length && i < from + 256; i++) {
        if (data[i] == 0)
            return i + 1;
        if (data[i] < 0x20)
            return 0;
    }
    return 0;
}

/** CONNECT: 04 01 port address user 00 [name 00 when the address is 0.0.0.x]; the client waits then, so nothing stands
 * behind it. */
static size_t socks4_length(const uint8_t *data, size_t length)
{
    if (length < 9 || data[1] != 1 || load_be16(data + 2) == 0)
        return 0;
    uint32_t address = load_be32(data + 4);
    size_t end = text_end(data, length, 8);
    if (end != 0 && address > 0 && address < 256)
        end = text_end(data, length, end);
    else if (address >> 24 == 0)
        return 0;
    return end == length ? end : 0;
}

/** HAProxy's proxy-protocol.txt, 2.1 and 2.2. */
static size_t proxy_length(const uint8_t *data, size_t length)
{
    static const char v1[] = "PROXY ", v2[] = "\r\n\r\n\0\r\nQUIT\n";
    const char *start = data[0] == 'P' ? v1 : v2;
    size_t size = data[0] == 'P' ? 6 : 12;
    if (memcmp(data, start, length < size ? length : size) != 0)
        return 0;
    if (start == v2)
        return length < 16 ? SIZE_MAX : (data[12] >> 4) != 2 ? 0 : 16u + load_be16(data + 14);
    size_t shown = length < 107 ? length : 107;
    const uint8_t *end = memchr(data, '\n', shown);
    if (end == NULL)
        return length < 107 ? SIZE_MAX : 0;
    return (size_t)(end - data) + 1;
}

/** Announcements before a stream: SOCKS 4, 4a, PROXY 1 and 2. @return their bytes at the front; 0 none; SIZE_MAX more
 * are needed. */
static size_t announcement_length(const uint8_t *data, size_t length)
{
    if (length == 0)
        return SIZE_MAX;
    if (data[0] == 4)
        return socks4_length(data, length);
    if (data[0] == 'P' || data[0] == '\r')
        return proxy_length(data, length);
    return 0;
}

/** SOCKS 5 (RFC 1928): its greeting is all there is of the first segment. */
static bool is_socks5_greeting(const uint8_t *data, size_t length)
{
    if (length < 3 || data[0] != 5 || data[1] == 0 || data[1] > 8 || length != 2u + data[1])
        return false;
    for (size_t i = 2; i < length; i++) {
        if (data[i] > 9 && data[i] < 0x80)
            return false;
    }
    return true;
}

/** VER CMD RSV ATYP address port. @return its bytes; 0 when it is none; SIZE_MAX more are needed. */
static size_t socks5_request_length(const uint8_t *data, size_t length)
{
    if (data[0] != 5 || (length > 1 && data[1] != 1) || (length > 2 && data[2] != 0))
        return 0;
    if (length < 5)
        return SIZE_MAX;
    size_t size = data[3] == 1 ? 10 : data[3] == 4 ? 22 : data[3] == 3 ? 7u + data[4] : 0;
    return length < size ? SIZE_MAX : size;
}

static const struct starttls_protocol *find_protocol(const struct probe_input *input, bool *ret_is_client,
                                                     bool *ret_more)
{
    *ret_more = false;
    for (unsigned i = 0; i < PROTOCOLS; i++) {
        for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++) {
            enum probe answer = protocols[i].knows(input, role);
            *ret_is_client = role == ROLE_CLIENT;
            if (answer == PROBE_YES)
                return &protocols[i];
            *ret_more = *ret_more || answer == PROBE_MORE;
        }
    }
    return NULL;
}

static enum probe starttls_probe(const struct probe_input *input)
{
    bool is_client, more;
    if (input->length == 0)
        return PROBE_MORE;
    size_t announced = announcement_length(input->data, input->length);
    if ((announced != 0 && announced != SIZE_MAX) || is_socks5_greeting(input->data, input->length))
        return PROBE_YES;
    if (find_protocol(input, &is_client, &more) != NULL)
        return PROBE_YES;
    return more || announced == SIZE_MAX || (input->data[0] == 5 && input->length < 3) ? PROBE_MORE : PROBE_NO;
}

struct starttls_state {
    const struct starttls_protocol *protocol; /* NULL: SOCKS 5 */
    size_t announced;                         /* bytes of a PROXY 2 header still to pass over */
    uint8_t packets;
    bool is_begun, greeting_seen;
    uint8_t client;
};

static void note_client(struct flow_facts *facts, unsigned side)
{
    facts->client_side_known = true;
    facts->client_side = (uint8_t)side;
}

static void name_it(struct inspection *inspection, const char *name)
{
    inspection->facts.app = APP_OTHER;
    inspection->facts.app_name = inspection_keep(inspection, name, strlen(name));
}

/** The first bytes. @return bytes to pass over before the stream is probed anew, 0 when a protocol is to be watched. */
static size_t begin(const struct analyzer_input *input, struct starttls_state *state)
{
    const struct probe_input probe = {input->data, input->length, input->side, input->flow};
    bool is_client = true, more;
    state->is_begun = true;
    size_t announced = announcement_length(input->data, input->length);
    if (announced != 0 && announced != SIZE_MAX) {
        note_client(&input->inspection->facts, input->side);
        return announced;
    }
    if (!is_socks5_greeting(input->data, input->length))
        state->protocol = find_protocol(&probe, &is_client, &more);
    state->client = (uint8_t)(is_client ? input->side : !input->side);
    note_client(&input->inspection->facts, state->client);
    name_it(input->inspection, state->protocol != NULL ? state->protocol->name : "socks");
    return 0;
}

/** MySQL's client goes on with TLS right behind its SSLRequest: 32 bytes, sequence 1, CLIENT_SSL set. */
static size_t mysql_request_length(const struct analyzer_input *input, const struct starttls_state *state)
{
    if (input->side != state->client || strcmp(state->protocol->name, "mysql") != 0 || input->length < 36)
        return 0;
    bool is_request = memcmp(input->data, "\x20\x00\x00\x01", 4) == 0 && (load_le16(input->data + 4) & 0x0800) != 0;
    return is_request ? 36 : 0;
}

static unsigned watch_for_tls(const struct analyzer_input *input, struct starttls_state *state, size_t *ret_consumed)
{
    size_t from = mysql_request_length(input, state);
    const struct probe_input probe = {input->data + from, input->length - from, input->side, input->flow};
    enum probe answer = probe.length > 0 && probe.data[0] == 0x16 ? tls_analyzer.probe(&probe) : PROBE_NO;
    if (answer == PROBE_YES) {
        *ret_consumed = from;
        input->inspection->facts.tls.starttls = text_of(state->protocol->name);
        inspection_hand_over(input->inspector, input->inspection, &tls_analyzer);
        return INSPECT_MORE;
    }
    *ret_consumed = answer == PROBE_MORE ? from : input->length;
    state->packets++;
    return state->packets >= PACKETS_WATCHED ? INSPECT_CHANGED | INSPECT_FINISHED : INSPECT_MORE;
}

/** Greeting, perhaps a log-in (RFC 1929), request; then the stream is what was asked for. */
static unsigned follow_socks5(const struct analyzer_input *input, struct starttls_state *state, size_t *ret_consumed)
{
    *ret_consumed = input->length;
    if (input->side != state->client)
        return INSPECT_MORE; /* its answers are short, and told apart by nobody */
    if (!state->greeting_seen) {
        state->greeting_seen = true;
        return INSPECT_MORE;
    }
    if (input->data[0] == 1 && state->packets++ < 2)
        return INSPECT_MORE;
    size_t length = socks5_request_length(input->data, input->length);
    if (length == SIZE_MAX) {
        *ret_consumed = 0;
        return INSPECT_MORE;
    }
    if (length == 0)
        inspector_refuse(input->inspector, REASON_STARTTLS_MALFORMED);
    *ret_consumed = length;
    inspection_hand_over(input->inspector, input->inspection, NULL);
    return INSPECT_MORE;
}

static unsigned starttls_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    if (inspection->state == NULL)
        inspection->state = inspector_take_block(input->inspector, sizeof(struct starttls_state));
    struct starttls_state *state = inspection->state;
    *ret_consumed = input->length;
    if (state == NULL)
        return INSPECT_FINISHED;
    if (input->length == 0)
        return INSPECT_MORE;
    if (!state->is_begun)
        state->announced = begin(input, state);
    if (state->announced > 0) {
        if (input->side != inspection->facts.client_side)
            return INSPECT_MORE;
        size_t passed = input->length < state->announced ? input->length : state->announced;
        state->announced -= passed;
        *ret_consumed = passed;
        if (state->announced == 0)
            inspection_hand_over(input->inspector, inspection, NULL);
        return INSPECT_MORE;
    }
    return state->protocol != NULL ? watch_for_tls(input, state, ret_consumed)
                                   : follow_socks5(input, state, ret_consumed);
}

static void starttls_release(struct inspector *inspector, struct inspection *inspection)
{
    inspector_give_block(inspector, inspection->state);
}

const struct analyzer starttls_analyzer = {"starttls", true, starttls_probe, starttls_feed, starttls_release};
