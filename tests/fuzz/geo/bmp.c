/* A BMP session of any bytes, in two pieces, into a table. The first byte says where it is cut. */
#include "paths/bmp_feed_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct paths *paths = NULL;
    struct bmp_feed *feed = NULL;
    const struct paths_options options = {.count = 0};
    const struct ip_address router = {{0x20, 1}};
    if (size == 0 || paths_open(&options, &paths, NULL) != STATUS_OK)
        return 0;
    size_t cut = (size - 1) * data[0] / 256;
    if (bmp_feed_open(paths, &router, &feed, NULL) == STATUS_OK) {
        bmp_feed_take(feed, data + 1, cut, 1);
        bmp_feed_settle(feed, 1);
        bmp_feed_take(feed, data + 1 + cut, size - 1 - cut, 2);
        bmp_feed_settle(feed, 2);
    }
    bmp_feed_close(feed);
    paths_close(paths);
    return 0;
}
