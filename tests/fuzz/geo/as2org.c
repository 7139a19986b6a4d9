/* An AS-to-organisation file, of any text. */
#include "loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_loader(geo_load_as2org, "as2org", data, size);
}
