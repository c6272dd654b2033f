/* Times as text: what is read lies in the years 0 to 9999, and is read again when it is written. */
#include <stdlib.h>

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_written(int64_t seconds)
{
    char text[AZATTEST__TIME_TEXT];
    int64_t again = 0;

    azattest__time_format(seconds, text);
    require(strlen(text) == strlen("1994-11-06T08:49:37Z"));
    require(azattest__time_parse(text, &again) && again == seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = azattest__dup(data, size), any[AZATTEST__TIME_TEXT];
    int64_t seconds, again;

    if (text == NULL)
        return 0;
    if (azattest__time_parse(text, &seconds))
        check_written(seconds);
    if (azattest__http_date_parse(text, &seconds)) {
        require(!azattest__time_parse(text, &again));
        check_written(seconds);
    }
    if (size >= sizeof(seconds)) {
        memcpy(&seconds, data, sizeof(seconds));
        azattest__time_format(seconds, any);
        require(strcmp(any, "out of range") == 0 || (azattest__time_parse(any, &again) && again == seconds));
    }
    free(text);
    return 0;
}
