/*
 * Protocols that start in the clear and may turn into TLS in the middle. The dialogue is not followed: whatever was
 * asked and granted, a TLS record can only stand where TLS has begun, at the front of a segment, since each side waits
 * for the other's word; or behind what was said before, where segments were held for a missing one and come joined. So
 * a protocol is a way to know its first bytes and a way to pass over what is said, and all of them share one watch for
 * the record. SOCKS and the PROXY protocol only announce a stream; what follows them is probed anew.
 */
#include "analyzer_internal.h"

#include "wire.h"

enum {
    PACKETS_WATCHED =
        128, /* STARTTLS comes within a few lines; but a greeting may have many, each in its own segment */
    LINE_LOOKED_AT = 512,
};

enum role { ROLE_CLIENT, ROLE_SERVER };

struct starttls_protocol {
    const char *name;
    /* Whether @p data are the first bytes the role sends. */
    enum probe (*knows)(const struct probe_input *input, enum role role);
    /* Bytes of the line or message at the front, which may be more than there are; 0: no end in sight. */
    size_t (*passes)(const uint8_t *data, size_t length);
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

/** @return offset of @p part, the text's length when it is not there. */
static size_t text_find_nocase(struct text text, struct text part)
{
    for (size_t i = 0; i + part.length <= text.length; i++) {
        if (text_starts_with_nocase((struct text){text.data + i, text.length - i}, part))
            return i;
    }
    return text.length;
}

static bool text_has_nocase(struct text text, struct text part)
{
    return text_find_nocase(text, part) < text.length;
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

/** "250-SIZE", "334 VXNlcm5hbWU6": what SMTP's and FTP's servers say (RFC 5321, 4.2; RFC 959, 4.2). */
static bool is_reply(struct text line)
{
    return line.length >= 4 && line.data[0] >= '2' && line.data[0] <= '5' && line.data[1] >= '0' &&
           line.data[1] <= '9' && line.data[2] >= '0' && line.data[2] <= '9' &&
           (line.data[3] == ' ' || line.data[3] == '-');
}

/** "220 mail.example ESMTP": SMTP and FTP greet alike; what they call themselves decides, then the port. Other replies
 * come first where the capture begins later. */
static enum probe replies(const struct probe_input *input, struct text own, struct text other, uint16_t port,
                          uint16_t port2)
{
    bool is_whole;
    struct text line = first_line(input, &is_whole);
    bool is_port = port_is(input->flow, port) || port_is(input->flow, port2);
    enum probe answer = line_starts(line, is_whole, WORDS("220 ", "220-"));
    if (answer != PROBE_YES)
        return is_port && is_reply(line) ? PROBE_YES : answer;
    if (!is_whole && line.length < LINE_LOOKED_AT)
        return PROBE_MORE;
    if (text_has_nocase(line, other))
        return PROBE_NO;
    return text_has_nocase(line, own) || is_port ? PROBE_YES : PROBE_NO;
}

/** The command, or the question for what the server can, which comes before it where it comes (IRCv3, "tls"). On other
 * ports it is SMTP's. */
static enum probe irc_knows(const struct probe_input *input, enum role role)
{
    bool is_whole;
    struct text line = first_line(input, &is_whole);
    return role == ROLE_CLIENT && port_is(input->flow, 6667)
               ? line_starts(line, is_whole, WORDS("STARTTLS\r", "STARTTLS\n", "CAP LS"))
               : PROBE_NO;
}

static enum probe smtp_knows(const struct probe_input *input, enum role role)
{
    if (role == ROLE_SERVER)
        return replies(input, text_of("SMTP"), text_of("FTP"), 25, 587);
    bool is_whole;
    struct text line = first_line(input, &is_whole);
    return line_starts(line, is_whole, WORDS("EHLO ", "HELO ", "LHLO ", "STARTTLS\r"));
}

static enum probe ftp_knows(const struct probe_input *input, enum role role)
{
    if (role == ROLE_SERVER)
        return replies(input, text_of("FTP"), text_of("SMTP"), 21, 21);
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
    if (is_reply(line) && !port_is(input->flow, 143))
        return PROBE_NO; /* "250 STARTTLS" is no command with a tag */
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

/** The stream's opening tag: both sides send one, and only the server's has an id (RFC 6120, 4.7.3). */
static enum probe xmpp_knows(const struct probe_input *input, enum role role)
{
    struct text seen = {(const char *)input->data, input->length < LINE_LOOKED_AT ? input->length : LINE_LOOKED_AT};
    enum probe answer = line_starts(seen, false, WORDS("<?xml", "<stream:stream"));
    if (answer != PROBE_YES)
        return answer;
    size_t tag = text_find_nocase(seen, text_of("<stream:stream"));
    const char *end = tag < seen.length ? memchr(seen.data + tag, '>', seen.length - tag) : NULL;
    if (end == NULL && seen.length < LINE_LOOKED_AT)
        return PROBE_MORE;
    if (tag == seen.length)
        return PROBE_NO;
    struct text attributes = {seen.data + tag, end != NULL ? (size_t)(end - seen.data) - tag : seen.length - tag};
    return text_has_nocase(attributes, text_of(" id=")) == (role == ROLE_SERVER) ? PROBE_YES : PROBE_NO;
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

/** What the server answers to a request for encryption: yes by TLS, no, yes by GSSAPI. */
static bool postgresql_answers(uint8_t letter)
{
    return letter == 'S' || letter == 'N' || letter == 'G';
}

/** One letter each tells nothing but on its port, alone or with a record right behind it. */
static enum probe postgresql_server_knows(const struct probe_input *input)
{
    size_t letters = 0;
    while (letters < 2 && letters < input->length && postgresql_answers(input->data[letters]))
        letters++;
    bool is_alone = letters > 0 && (letters == input->length || input->data[letters] == 0x16);
    return is_alone && port_is(input->flow, 5432) ? PROBE_YES : PROBE_NO;
}

/** SSLRequest, GSSENCRequest or a version 3 StartupMessage. */
static enum probe postgresql_knows(const struct probe_input *input, enum role role)
{
    if (role == ROLE_SERVER)
        return postgresql_server_knows(input);
    enum probe answer = bytes_start(input, "\x00\x00\x00\x08\x04\xd2\x16\x2f", 8);
    if (answer == PROBE_NO)
        answer = bytes_start(input, "\x00\x00\x00\x08\x04\xd2\x16\x30", 8);
    if (answer != PROBE_NO)
        return answer;
    if (input->length < 13)
        return input->length >= 2 && (input->data[0] | input->data[1]) != 0 ? PROBE_NO : PROBE_MORE;
    return load_be32(input->data + 4) == 0x30000 && load_be32(input->data) < 10000 &&
                   memcmp(input->data + 8, "user", 5) == 0
               ? PROBE_YES
               : PROBE_NO;
}

/** The client asks for TLS in packet 1: 32 bytes with CLIENT_SSL set, nearly all of them zero. */
static enum probe mysql_client_knows(const struct probe_input *input)
{
    enum { REQUEST_SIZE = 36, FILLER_AT = 13, FILLER_SIZE = 19, CLIENT_SSL = 0x0800 };
    static const uint8_t filler[FILLER_SIZE];
    enum probe answer = bytes_start(input, "\x20\x00\x00\x01", 4);
    if (answer != PROBE_YES)
        return answer;
    if (input->length < REQUEST_SIZE)
        return PROBE_MORE;
    bool is_request = (load_le16(input->data + 4) & CLIENT_SSL) != 0;
    return is_request && memcmp(input->data + FILLER_AT, filler, FILLER_SIZE) == 0 ? PROBE_YES : PROBE_NO;
}

/** The server greets: packet 0 of protocol 10 with a printable version. */
static enum probe mysql_knows(const struct probe_input *input, enum role role)
{
    if (role == ROLE_CLIENT)
        return mysql_client_knows(input);
    static const size_t greeting_max = 1024;
    const uint8_t *at = input->data;
    size_t length = input->length >= 3 ? (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 : 0;
    if (length >= greeting_max || (input->length >= 5 && (at[3] != 0 || at[4] != 10)))
        return PROBE_NO;
    if (input->length < 7)
        return PROBE_MORE;
    return length > 20 && at[5] >= '0' && at[5] <= '9' && at[6] >= '.' && at[6] <= '9' ? PROBE_YES : PROBE_NO;
}

/**
 * TPKT with an X.224 connection request or confirm, and what RDP puts behind its 7 bytes: "Cookie:", "tsv://" or a
 * negotiation (MS-RDPBCGR, 2.2.1.1 and 2.2.1.2). Other users of TPKT (S7, MMS) have TSAP parameters there.
 */
static enum probe rdp_knows(const struct probe_input *input, enum role role)
{
    const uint8_t *at = input->data;
    enum probe start = bytes_start(input, "\x03\x00", 2);
    if (start != PROBE_YES || input->length < 11)
        return start == PROBE_NO ? PROBE_NO : PROBE_MORE;
    size_t length = load_be16(at + 2);
    if (length < 11 || length >= 512 || at[4] != length - 5 || at[5] != (role == ROLE_CLIENT ? 0xe0 : 0xd0))
        return PROBE_NO;
    if (length == 11)
        return port_is(input->flow, 3389) ? PROBE_YES : PROBE_NO;
    if (input->length < 12)
        return PROBE_MORE;
    bool is_rdp = role == ROLE_CLIENT ? at[11] == 'C' || at[11] == 't' || at[11] == 1 : at[11] == 2 || at[11] == 3;
    return is_rdp ? PROBE_YES : PROBE_NO;
}

/** PRELOGIN or its answer, which begin with the version's option (MS-TDS, 2.2.6.5); header and option list. */
static enum probe tds_knows(const struct probe_input *input, enum role role)
{
    const uint8_t *at = input->data;
    enum { OPTION = 5, VERSION_SIZE = 6 };
    enum probe start = bytes_start(input, role == ROLE_CLIENT ? "\x12\x01" : "\x04\x01", 2);
    if (start != PROBE_YES || input->length < TDS_HEADER + OPTION)
        return start == PROBE_NO ? PROBE_NO : PROBE_MORE;
    bool is_prelogin = at[TDS_HEADER] == 0 && load_be16(at + TDS_HEADER + 3) == VERSION_SIZE;
    return is_prelogin && load_be16(at + 2) > TDS_HEADER + OPTION ? PROBE_YES : PROBE_NO;
}

static size_t passes_to(const uint8_t *data, size_t length, int end)
{
    const uint8_t *found = memchr(data, end, length);
    return found != NULL ? (size_t)(found - data) + 1 : 0;
}

static size_t line_passes(const uint8_t *data, size_t length)
{
    return passes_to(data, length, '\n');
}

static size_t xmpp_passes(const uint8_t *data, size_t length)
{
    return passes_to(data, length, '>');
}

static size_t ldap_passes(const uint8_t *data, size_t length)
{
    struct wire w = wire_of(data, length);
    bool is_message = wire_u8(&w) == 0x30;
    size_t size = wire_u8(&w), octets = size > 0x80 ? size - 0x80 : 0;
    if (octets > 4)
        return 0;
    if (octets > 0)
        size = 0;
    for (size_t i = 0; i < octets; i++)
        size = size << 8 | wire_u8(&w);
    return is_message && !w.failed ? 2 + octets + size : 0;
}

static size_t rdp_passes(const uint8_t *data, size_t length)
{
    return length >= 4 && data[0] == 3 ? load_be16(data + 2) : 0;
}

/** Requests have nothing but a length before them, answers are letters. */
static size_t postgresql_passes(const uint8_t *data, size_t length)
{
    if (postgresql_answers(data[0]))
        return 1;
    return length >= 4 && load_be32(data) == 8 ? 8 : 0;
}

/** The client goes on with TLS right behind its request for it. */
static size_t mysql_passes(const uint8_t *data, size_t length)
{
    return length >= 4 ? 4 + ((size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) : 0;
}

/** The handshake comes in packets like the PRELOGIN's: of these only the header is passed over. */
static size_t tds_passes(const uint8_t *data, size_t length)
{
    if (length > TDS_HEADER && data[0] == TDS_PRELOGIN && data[TDS_HEADER] == TLS_HANDSHAKE_BYTE)
        return TDS_HEADER;
    return length >= 4 ? load_be16(data + 2) : 0;
}

static const struct starttls_protocol protocols[] = {
    {"irc", irc_knows, line_passes},
    {"smtp", smtp_knows, line_passes},
    {"ftp", ftp_knows, line_passes},
    {"pop3", pop3_knows, line_passes},
    {"imap", imap_knows, line_passes},
    {"xmpp", xmpp_knows, xmpp_passes},
    {"ldap", ldap_knows, ldap_passes},
    {"rdp", rdp_knows, rdp_passes},
    {"postgresql", postgresql_knows, postgresql_passes},
    {"mysql", mysql_knows, mysql_passes},
    {TDS_NAME, tds_knows, tds_passes},
};

enum { PROTOCOLS = sizeof(protocols) / sizeof(*protocols) };

static const struct starttls_protocol *find_protocol(const struct probe_input *input, bool *ret_is_client,
                                                     bool *ret_more)
{
    const struct flow *flow = input->flow;
    bool is_known = flow->client_reason == DIRECTION_HANDSHAKE;
    enum role first = is_known && flow->client_side != input->side ? ROLE_SERVER : ROLE_CLIENT;
    enum role last = is_known && flow->client_side == input->side ? ROLE_CLIENT : ROLE_SERVER;
    *ret_more = false;
    for (unsigned i = 0; i < PROTOCOLS; i++) {
        for (enum role role = first; role <= last; role++) {
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
    if (find_protocol(input, &is_client, &more) != NULL)
        return PROBE_YES;
    return more ? PROBE_MORE : PROBE_NO;
}

struct starttls_state {
    const struct starttls_protocol *protocol;
    uint8_t packets;
};

static void begin(const struct analyzer_input *input, struct starttls_state *state)
{
    const struct probe_input probe = {input->data, input->length, input->side, input->flow};
    struct flow_facts *facts = &input->inspection->facts;
    bool is_client = true, more;
    state->protocol = find_protocol(&probe, &is_client, &more);
    facts->client_side_known = true;
    facts->client_side = (uint8_t)(is_client ? input->side : !input->side);
    facts->app = APP_OTHER;
    facts->app_name = text_of(state->protocol->name);
}

/** At the front, or behind any of what is said in front of it. @return PROBE_NO, or where it stands in @p ret_at. */
static enum probe find_handshake(const struct analyzer_input *input, const struct starttls_protocol *protocol,
                                 size_t *ret_at)
{
    size_t at = 0, passed;
    while (at < input->length) {
        const struct probe_input rest = {input->data + at, input->length - at, input->side, input->flow};
        enum probe answer = tls_handshake_probe(&rest);
        *ret_at = at;
        if (answer != PROBE_NO)
            return answer;
        passed = protocol->passes(rest.data, rest.length);
        if (passed == 0 || passed >= rest.length)
            break;
        at += passed;
    }
    return PROBE_NO;
}

static unsigned starttls_feed(const struct analyzer_input *input, size_t *ret_consumed)
{
    struct inspection *inspection = input->inspection;
    bool is_first = inspection->state == NULL;
    if (is_first)
        inspection->state = inspector_take_block(input->inspector, sizeof(struct starttls_state));
    struct starttls_state *state = inspection->state;
    *ret_consumed = input->length;
    if (state == NULL)
        return INSPECT_FINISHED;
    if (is_first)
        begin(input, state);

    size_t at = 0;
    enum probe answer = find_handshake(input, state->protocol, &at);
    if (answer != PROBE_NO)
        *ret_consumed = at;
    if (answer == PROBE_YES) {
        inspection->facts.tls.starttls = text_of(state->protocol->name);
        inspection_hand_over(input->inspector, inspection, &tls_analyzer);
        return INSPECT_MORE;
    }
    if (++state->packets < PACKETS_WATCHED)
        return INSPECT_MORE;
    inspector_refuse(input->inspector, REASON_STARTTLS_GIVEN_UP);
    return INSPECT_CHANGED | INSPECT_FINISHED;
}

static void starttls_release(struct inspector *inspector, struct inspection *inspection)
{
    inspector_give_block(inspector, inspection->state);
}

const struct analyzer starttls_analyzer = {"starttls", true, starttls_probe, starttls_feed, starttls_release, NULL};
