#include "geo.h"

#include <maxminddb.h>

void geo_libraries(library_visit *visit, void *context)
{
    visit(context, "libmaxminddb", MMDB_lib_version());
}
