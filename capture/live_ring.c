#include "live_ring_internal.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/filter.h>

#include "decode.h"
#include "source.h"

static enum status compile(struct pcap *pcap, const char *filter, struct bpf_program *ret, struct error *error)
{
    if (pcap_compile(pcap, ret, filter, 1, PCAP_NETMASK_UNKNOWN) == 0)
        return STATUS_OK;
    return error_set(error, STATUS_INVALID, "--filter '%.200s': %.200s; see pcap-filter(7)", filter, pcap_geterr(pcap));
}

enum status ring_check_filter(const char *filter, struct error *error)
{
    struct bpf_program program;
    struct pcap *pcap = pcap_open_dead(DLT_EN10MB, RING_SNAP_LEN);
    if (pcap == NULL)
        return error_set(error, STATUS_NO_MEMORY, "--filter: out of memory");
    enum status status = compile(pcap, filter, &program, error);
    if (status == STATUS_OK)
        pcap_freecode(&program);
    pcap_close(pcap);
    return status;
}

static enum status set_filter(struct ring *ring, const char *filter, struct error *error)
{
    struct bpf_program program;
    enum status status = compile(ring->pcap, filter, &program, error);
    if (status != STATUS_OK)
        return status;
    if (pcap_setfilter(ring->pcap, &program) != 0)
        status = error_set(error, STATUS_IO, "--filter on %s: %s", ring->link.name, pcap_geterr(ring->pcap));
    pcap_freecode(&program);
    return status;
}

static enum status refuse_activation(struct pcap *pcap, int why, const char *name, struct error *error)
{
    switch (why) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return error_set(error, STATUS_IO,
                         "%s: no permission to capture; run as root, or let the program: setcap "
                         "cap_net_raw+ep PROGRAM",
                         name);
    case PCAP_ERROR_IFACE_NOT_UP:
        return error_set(error, STATUS_IO, "%s is down; bring it up with: ip link set %s up", name, name);
    default: {
        const char *text = pcap_geterr(pcap);
        return error_set(error, STATUS_IO, "%s cannot be captured from: %.300s", name,
                         *text != '\0' ? text : pcap_statustostr(why));
    }
    }
}

/* libpcap's numbers of link types are those of files but for a few, none of which an interface has. */
static enum status use_link_type(struct ring *ring, struct error *error)
{
    int type = pcap_datalink(ring->pcap);
    ring->link_type = (uint16_t)(type == DLT_RAW ? 101 : type);
    if (decoder_knows_link_type(ring->link_type))
        return STATUS_OK;
    const char *name = source_link_type_name(ring->link_type);
    return error_set(error, STATUS_IO, "%s has link type %d (%s), which bordertap cannot read", ring->link.name, type,
                     name != NULL ? name : "without a name");
}

static enum status activate(struct ring *ring, const char *name, const struct live_options *options,
                            struct error *error)
{
    uint32_t mib = options->ring_mib != 0 ? options->ring_mib : LIVE_RING_MIB_DEFAULT;
    struct pcap *pcap = ring->pcap;
    pcap_set_snaplen(pcap, RING_SNAP_LEN);
    pcap_set_promisc(pcap, 1);
    pcap_set_timeout(pcap, RING_BLOCK_MS);
    pcap_set_buffer_size(pcap, (int)(mib << 20));
    pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
    int result = pcap_activate(pcap);
    if (result < 0)
        return refuse_activation(pcap, result, name, error);
    char why[PCAP_ERRBUF_SIZE];
    if (pcap_setnonblock(pcap, 1, why) != 0)
        return error_set(error, STATUS_IO, "%s: %.300s", name, why);
    ring->fd = pcap_get_selectable_fd(pcap);
    link_init(&ring->link, &link_system_calls, ring->fd, name);
    enum status status = use_link_type(ring, error);
    if (status == STATUS_OK && options->filter != NULL)
        status = set_filter(ring, options->filter, error);
    return status;
}

enum status ring_open(const char *name, const struct live_options *options, struct ring **ret, struct error *error)
{
    char why[PCAP_ERRBUF_SIZE];
    struct ring *ring = calloc(1, sizeof(*ring));
    if (ring != NULL)
        ring->bytes = malloc(RING_BYTES);
    if (ring == NULL || ring->bytes == NULL) {
        ring_close(ring);
        return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", name);
    }
    ring->pcap = pcap_create(name, why);
    enum status status = ring->pcap == NULL ? error_set(error, STATUS_IO, "%s: %.300s", name, why)
                                            : activate(ring, name, options, error);
    if (status != STATUS_OK) {
        ring_close(ring);
        return status;
    }
    ring_look(ring);
    *ret = ring;
    return STATUS_OK;
}

static void keep(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct ring *ring = (struct ring *)(void *)context;
    uint32_t length = header->caplen < RING_SNAP_LEN ? header->caplen : RING_SNAP_LEN;
    if (ring->count == RING_BURST || length > RING_BYTES - ring->used) { /* libpcap went on when told to stop */
        atomic_fetch_add_explicit(&ring->read_errors, 1, memory_order_relaxed);
        return;
    }
    bool is_nano = pcap_get_tstamp_precision(ring->pcap) == PCAP_TSTAMP_PRECISION_NANO;
    ring->entries[ring->count++] = (struct ring_entry){
        .time.ns = header->ts.tv_sec * NS_PER_SEC + header->ts.tv_usec * (is_nano ? 1 : NS_PER_USEC),
        .offset = (uint32_t)ring->used,
        .captured_len = length,
        .wire_len = header->len,
    };
    memcpy(ring->bytes + ring->used, bytes, length);
    ring->used += length;
    if (header->caplen < header->len)
        atomic_fetch_add_explicit(&ring->captured_short, 1, memory_order_relaxed);
    if (ring->used + RING_SNAP_LEN > RING_BYTES)
        pcap_breakloop(ring->pcap);
}

static bool look_at_link(struct ring *ring)
{
    bool is_other = link_look(&ring->link);
    if (is_other)
        ring->interface_drops.last = 0; /* another interface has counted nothing yet */
    return is_other;
}

bool ring_fill(struct ring *ring)
{
    if (ring->at < ring->count)
        return true;
    ring->at = ring->count = ring->used = 0;
    /* A burst that was broken off as its last packet came leaves a mark that ends the next one before it begins. */
    int result = PCAP_ERROR_BREAK;
    for (unsigned i = 0; i < 2 && result == PCAP_ERROR_BREAK && ring->count == 0; i++)
        result = pcap_dispatch(ring->pcap, RING_BURST, keep, (u_char *)ring);
    if (result == PCAP_ERROR && !look_at_link(ring) && ring->link.state == INTERFACE_UP) /* else it is or was away */
        atomic_fetch_add_explicit(&ring->read_errors, 1, memory_order_relaxed);
    ring->received += ring->count;
    return ring->count > 0;
}

void running_count_add(struct running_count *count, bool is_known, uint64_t now)
{
    count->is_known = is_known;
    if (!is_known)
        return;
    if (count->has_begun)
        count->total += now >= count->last ? now - count->last : now;
    count->has_begun = true;
    count->last = now;
}

static bool read_number(const char *interface, const char *name, uint64_t *ret)
{
    char path[128];
    unsigned long long value;
    snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", interface, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool ok = fscanf(file, "%llu", &value) == 1;
    fclose(file);
    if (ok)
        *ret = value;
    return ok;
}

/* The two that Linux shows together as "drop": for want of a buffer in the card, and afterwards (if_link.h). */
static bool read_interface_drops(const char *interface, uint64_t *ret)
{
    uint64_t dropped, missed;
    if (!read_number(interface, "rx_dropped", &dropped) || !read_number(interface, "rx_missed_errors", &missed))
        return false;
    *ret = dropped + missed;
    return true;
}

static void set(_Atomic uint64_t *at, uint64_t value)
{
    atomic_store_explicit(at, value, memory_order_relaxed);
}

static void publish_kernel_drops(struct ring *ring)
{
    struct pcap_stat stat;
    bool is_known = pcap_stats(ring->pcap, &stat) == 0;
    if (is_known) /* libpcap's number has 32 bits and goes round */
        ring->kernel_drops += (uint32_t)(stat.ps_drop - (uint32_t)ring->kernel_drops);
    set(&ring->dropped_by_kernel, ring->kernel_drops);
    atomic_store_explicit(&ring->is_kernel_known, is_known, memory_order_relaxed);
}

void ring_look(struct ring *ring)
{
    uint64_t drops = 0;
    look_at_link(ring);
    running_count_add(&ring->interface_drops, read_interface_drops(ring->link.name, &drops), drops);
    publish_kernel_drops(ring);
    set(&ring->packets_received, ring->received);
    set(&ring->dropped_by_interface, ring->interface_drops.total);
    atomic_store_explicit(&ring->is_interface_known, ring->interface_drops.is_known, memory_order_relaxed);
    set(&ring->times_down, ring->link.times_down);
    set(&ring->times_gone, ring->link.times_gone);
    atomic_store_explicit(&ring->state, (int)ring->link.state, memory_order_relaxed);
}

void ring_shut(struct ring *ring)
{
    struct sock_filter nothing = {.code = BPF_RET | BPF_K, .k = 0};
    struct sock_fprog program = {.len = 1, .filter = &nothing};
    setsockopt(ring->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void ring_close(struct ring *ring)
{
    if (ring == NULL)
        return;
    if (ring->pcap != NULL)
        pcap_close(ring->pcap);
    free(ring->bytes);
    free(ring);
}
