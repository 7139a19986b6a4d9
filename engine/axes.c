/* The axes the judge fills itself: vendor from the catalogue, transit from path data. */
#include <stdio.h>

#include "engine/judge_internal.h"

void judge_vendor_axis(const struct product *product, struct axis_judgement *ret)
{
    *ret = (struct axis_judgement){.status = AXIS_UNKNOWN};
    if (product == NULL) {
        snprintf(ret->reason, sizeof(ret->reason), "no product identified");
        return;
    }
    const struct vendor *vendor = product->vendor;
    ret->sources[0] = (struct axis_source){
        .database = "catalogue",
        .edition = vendor->domicile_read,
        .country = vendor->domicile,
        .detail = vendor->domicile_source,
    };
    ret->source_count = 1;
    if (!country_is_known(vendor->domicile)) {
        snprintf(ret->reason, sizeof(ret->reason), "the catalogue states no domicile for %s", vendor->name);
        return;
    }
    ret->status = AXIS_AGREED;
    ret->country_count = 1;
    ret->countries[0] = vendor->domicile;
    snprintf(ret->reason, sizeof(ret->reason), "%s", vendor->domicile_basis);
}

void judge_transit_axis(const struct engine_options *options, struct packet_time time, struct jurisdiction *ret)
{
    paths_judge(options->paths, options->geo, &ret->judged, packet_time_sec(time), &ret->axes[AXIS_TRANSIT],
                &ret->transit_facts);
}
