/*
 * nDPI's name for flows that our own parsers do not know; the only file that sees nDPI. Only what it found in the
 * packets counts: its guesses by port and address are no observation, so they are neither asked for nor believed.
 */
#include "inspect_internal.h"

#include <stdlib.h>

#include <ndpi/ndpi_main.h>
#include <pthread.h>

struct ndpi_namer {
    struct ndpi_detection_module_struct *module;
    size_t flow_size;
};

struct ndpi_namer *ndpi_namer_open(void)
{
    struct ndpi_namer *namer = calloc(1, sizeof(*namer));
    if (namer == NULL)
        return NULL;
    namer->module = ndpi_init_detection_module(ndpi_dont_load_tor_hosts);
    if (namer->module == NULL) {
        free(namer);
        return NULL;
    }
    NDPI_PROTOCOL_BITMASK all;
    NDPI_BITMASK_SET_ALL(all);
    ndpi_set_protocol_detection_bitmask2(namer->module, &all);
    ndpi_finalize_initialization(namer->module);
    namer->flow_size = ndpi_detection_get_sizeof_ndpi_flow_struct();
    return namer;
}

void ndpi_namer_close(struct ndpi_namer *namer)
{
    if (namer == NULL)
        return;
    ndpi_exit_detection_module(namer->module);
    free(namer);
}

void ndpi_flow_release(struct inspector *inspector, struct inspection *inspection)
{
    if (inspection->ndpi_flow == NULL)
        return;
    ndpi_free_flow_data(inspection->ndpi_flow);
    inspector_give_block(inspector, inspection->ndpi_flow);
    inspection->ndpi_flow = NULL;
}

bool ndpi_adopt_name(struct inspection *inspection)
{
    const char *name = inspection->ndpi_name;
    if (name == NULL || inspection->facts.app != APP_UNKNOWN)
        return false;
    inspection->facts.app = APP_OTHER;
    inspection->facts.app_name = inspection_keep_name(inspection, name, strlen(name));
    return true;
}

/* Setting nDPI up takes longer than many a capture: left until a flow wants it. Its set-up touches globals, so one
 * thread at a time. */
static bool is_ready(struct inspector *inspector)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    if (inspector->ndpi != NULL || !inspector->options.use_ndpi)
        return inspector->ndpi != NULL;
    pthread_mutex_lock(&lock);
    inspector->ndpi = ndpi_namer_open();
    pthread_mutex_unlock(&lock);
    inspector->options.use_ndpi = inspector->ndpi != NULL; /* no memory: not asked again */
    return inspector->ndpi != NULL;
}

/* What nDPI found in the packets, of this flow or of one it ties this one to; never by port or address. */
static bool is_observed(ndpi_protocol found, const struct ndpi_flow_struct *flow)
{
    bool is_named = found.master_protocol != NDPI_PROTOCOL_UNKNOWN || found.app_protocol != NDPI_PROTOCOL_UNKNOWN;
    return is_named && (flow->confidence == NDPI_CONFIDENCE_DPI || flow->confidence == NDPI_CONFIDENCE_DPI_CACHE);
}

static void show_packet(struct inspector *inspector, struct inspection *inspection, const uint8_t *ip, size_t length,
                        uint64_t now_ms)
{
    struct ndpi_detection_module_struct *module = inspector->ndpi->module;
    if (inspection->ndpi_flow == NULL)
        inspection->ndpi_flow = inspector_take_block(inspector, inspector->ndpi->flow_size);
    if (inspection->ndpi_flow == NULL) {
        inspection->ndpi_packets = NDPI_PACKETS_MAX; /* counted there; not asked again */
        return;
    }
    unsigned short shown = length > UINT16_MAX ? UINT16_MAX : (unsigned short)length;
    ndpi_protocol found = ndpi_detection_process_packet(module, inspection->ndpi_flow, ip, shown, now_ms);
    inspection->ndpi_packets++;
    if (is_observed(found, inspection->ndpi_flow))
        inspection->ndpi_name = ndpi_get_proto_name(
            module, found.master_protocol != NDPI_PROTOCOL_UNKNOWN ? found.master_protocol : found.app_protocol);
    if (inspection->ndpi_name != NULL)
        ndpi_flow_release(inspector, inspection);
}

unsigned inspect_with_ndpi(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                           unsigned side, const uint8_t *ip, size_t length, uint64_t now_ms)
{
    (void)flow;
    (void)side;
    if (inspection->analyzer != NULL || inspection->facts.app != APP_UNKNOWN) {
        ndpi_flow_release(inspector, inspection); /* our own parsers have it */
        return inspection->is_unknown ? INSPECT_FINISHED : INSPECT_MORE;
    }
    bool may_look = inspection->ndpi_name == NULL && inspection->ndpi_packets < NDPI_PACKETS_MAX && is_ready(inspector);
    if (may_look)
        show_packet(inspector, inspection, ip, length, now_ms);
    if (!inspection->is_unknown)
        return INSPECT_MORE;
    if (ndpi_adopt_name(inspection))
        return INSPECT_CHANGED | INSPECT_FINISHED;
    return may_look && inspection->ndpi_packets < NDPI_PACKETS_MAX ? INSPECT_MORE : INSPECT_FINISHED;
}
