#include "geo.h"

#include <bzlib.h>
#include <jansson.h>
#include <maxminddb.h>

void geo_libraries(library_visit *visit, void *context)
{
    visit(context, "libmaxminddb", MMDB_lib_version());
    visit(context, "jansson", jansson_version_str());
    visit(context, "libbz2", BZ2_bzlibVersion());
}
