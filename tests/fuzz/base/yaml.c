#include "yaml_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct yaml_file *file;
    if (yaml_read_bytes("fuzz", (const char *)data, size, &file, NULL) == STATUS_OK)
        yaml_close(file);
    return 0;
}
