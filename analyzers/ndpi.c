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
    namer->module = ndpi_init_detection_module(ndpi_no_prefs);
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

static void keep_protocol_name(struct inspector *inspector, struct inspection *inspection, ndpi_protocol found)
{
    struct ndpi_detection_module_struct *module = inspector->ndpi->module;
    uint16_t id = found.master_protocol != NDPI_PROTOCOL_UNKNOWN ? found.master_protocol : found.app_protocol;
    const char *name = ndpi_get_proto_name(module, id);
    inspection->facts.app = APP_OTHER;
    inspection->facts.app_name = inspection_keep_name(inspection, name, strlen(name));
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

unsigned inspect_with_ndpi(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                           unsigned side, const uint8_t *ip, size_t length, uint64_t now_ms)
{
    (void)flow;
    (void)side;
    if (!is_ready(inspector) || inspection->analyzer != NULL || inspection->facts.app != APP_UNKNOWN ||
        inspection->ndpi_packets >= NDPI_PACKETS_MAX)
        return inspection->is_unknown ? INSPECT_FINISHED : INSPECT_MORE;
    if (inspection->ndpi_flow == NULL)
        inspection->ndpi_flow = inspector_take_block(inspector, inspector->ndpi->flow_size);
    struct ndpi_flow_struct *ndpi_flow = inspection->ndpi_flow;
    if (ndpi_flow == NULL)
        return INSPECT_FINISHED;

    unsigned short shown = length > UINT16_MAX ? UINT16_MAX : (unsigned short)length;
    ndpi_protocol found = ndpi_detection_process_packet(inspector->ndpi->module, ndpi_flow, ip, shown, now_ms);
    inspection->ndpi_packets++;
    bool is_named = found.master_protocol != NDPI_PROTOCOL_UNKNOWN || found.app_protocol != NDPI_PROTOCOL_UNKNOWN;
    if (is_named && ndpi_flow->confidence == NDPI_CONFIDENCE_DPI) {
        keep_protocol_name(inspector, inspection, found);
        return INSPECT_CHANGED | INSPECT_FINISHED;
    }
    return inspection->ndpi_packets >= NDPI_PACKETS_MAX && inspection->is_unknown ? INSPECT_FINISHED : INSPECT_MORE;
}
