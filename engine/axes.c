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

static bool is_home(const void *home_nets, const struct ip_address *address)
{
    return home_nets_contain(home_nets, address);
}

void judge_transit_axis(const struct engine_options *options, struct packet_time time, const struct flow_path *path,
                        struct jurisdiction *ret)
{
    struct axis_judgement *axis = &ret->axes[AXIS_TRANSIT];
    paths_judge(options->paths, options->geo, &ret->judged, packet_time_sec(time), axis, &ret->transit_facts);
    if (path == NULL || path->router_count == 0)
        return;
    const struct paths_quotes quotes = {
        .routers = path->routers,
        .count = path->router_count,
        .time_sec = packet_time_sec(path->first_quote),
        .is_home = is_home,
        .home = options->home_nets,
    };
    paths_add_quotes(options->paths, options->geo, &ret->judged, &quotes, axis, &ret->transit_facts);
}
