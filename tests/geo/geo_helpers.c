#include "geo_helpers.h"

struct test_file file_write(const char *name, const void *bytes, size_t length)
{
    struct test_file ret = {"/tmp/bordertap-geo-XXXXXX", ""};
    if (mkdtemp(ret.folder) == NULL)
        abort();
    snprintf(ret.path, sizeof(ret.path), "%s/%s", ret.folder, name);
    FILE *file = fopen(ret.path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        abort();
    return ret;
}

struct test_file file_write_text(const char *name, const char *text)
{
    return file_write(name, text, strlen(text));
}

void file_remove(const struct test_file *file)
{
    unlink(file->path);
    rmdir(file->folder);
}

struct geo *must_open(const char *const *paths, const char *operators_file)
{
    struct geo *geo = NULL;
    struct error error = {""};
    size_t count = 0;
    while (paths[count] != NULL)
        count++;
    if (geo_open(paths, count, operators_file, &geo, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return geo;
}

struct ip_address address_of(const char *text)
{
    struct ip_address ret;
    if (!ip_parse(text, &ret))
        fail_msg("%s is no address", text);
    return ret;
}

struct jurisdiction judge(const struct geo *geo, const char *address)
{
    struct jurisdiction ret;
    struct ip_address remote = address_of(address);
    memset(&ret, 0xa5, sizeof(ret)); /* what is not filled shows */
    geo_judge(geo, &remote, &ret);
    return ret;
}

const char *countries_of(const struct axis_judgement *axis)
{
    static char text[AXIS_COUNTRIES_MAX * 3 + 1];
    text[0] = '\0';
    for (uint8_t i = 0; i < axis->country_count; i++) {
        strcat(text, i ? " " : "");
        strcat(text, axis->countries[i].code);
    }
    return text;
}
