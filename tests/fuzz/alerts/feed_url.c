/* An output URL of any bytes is read or refused with a sentence. */
#include <stdint.h>
#include <stdlib.h>

#include "feed_url_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct feed_url url;
    struct error error = {""};
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < size; i++)
        text[i] = (char)data[i];
    text[size] = '\0';
    if (feed_url_parse(text, &(struct feed_options){0}, &url, &error) != STATUS_OK && error.text[0] == '\0')
        abort();
    free(text);
    return 0;
}
