/* A list of home networks of any text is read or refused with a sentence; what is read can be asked. */
#include "direction.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct home_nets *nets;
    struct error error = {""};
    struct ip_address address = {{0}};
    char *list = malloc(size + 1);
    if (list == NULL)
        return 0;
    for (size_t i = 0; i < size; i++)
        list[i] = (char)data[i];
    list[size] = '\0';
    memcpy(address.octets, data, size < 16 ? size : 16);
    if (home_nets_parse(list, &nets, &error) == STATUS_OK) {
        (void)home_nets_contain(nets, &address);
        home_nets_free(nets);
    } else if (error.text[0] == '\0') {
        abort();
    }
    free(list);
    return 0;
}
