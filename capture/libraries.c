/* What this folder is built on, for `version`. */
#include <lz4frame.h>
#include <lzma.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <zlib.h>
#include <zstd.h>

#include "source.h"

void source_libraries(library_visit *visit, void *context)
{
    char lz4[16];
    snprintf(lz4, sizeof(lz4), "%u", LZ4F_getVersion());
    visit(context, "libpcap", pcap_lib_version());
    visit(context, "zlib", zlibVersion());
    visit(context, "libzstd", ZSTD_versionString());
    visit(context, "liblzma", lzma_version_string());
    visit(context, "liblz4 frame", lz4);
}
