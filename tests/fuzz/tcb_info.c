/* TCB info: read whole, and its rules asked about a platform. */
#include <stdlib.h>

#include "evidence/intel/tcb_info.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int components[AZATTEST__TCB_COMPONENTS] = { 4, 4, 2, 4, 255, 255, 0, 7 };
    azattest_bytes text = { data, size };
    const azattest__tcb_level *with, *without;
    azattest__tcb_info_head head;
    azattest__tcb_info info;

    if (size == 0 || azattest__json_check(text, NULL) != AZATTEST_OK ||
        azattest__tcb_info_read(text, &info, NULL) != AZATTEST_OK)
        return 0;
    /* What is read whole has a head, which says the same. */
    if (azattest__tcb_info_read_head(text, &head, NULL) != AZATTEST_OK || head.tdx != info.tdx ||
        head.evaluation != info.evaluation || head.next_update != info.next_update || info.level_count == 0)
        abort();
    for (size_t i = 0; i < info.level_count; i++)
        if (info.levels[i].status == AZATTEST__TCB_NOT_SUPPORTED ||
            (i > 0 && memcmp(info.levels[i - 1].sgx, info.levels[i].sgx, sizeof(info.levels[i].sgx)) < 0))
            abort();
    without = azattest__tcb_level_match(info.levels, info.level_count, components, 13, NULL);
    with = azattest__tcb_level_match(info.levels, info.level_count, components, 13,
                                     (const unsigned char[16]){ 5, (unsigned char)(size % 3), 2 });
    if (with != NULL && (without == NULL || without > with)) /* more conditions give no higher level */
        abort();
    for (int version = 0; version < 256; version++)
        if (azattest__tcb_info_module(&info, version) != NULL && (version == 0 || !info.tdx))
            abort();
    azattest__tcb_info_clear(&info);
    return 0;
}
