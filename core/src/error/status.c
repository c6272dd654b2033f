#include <azattest/status.h>

static const struct status_row {
    azattest_status status;
    const char *name, *check, *text;
} rows[] = {
#define ROW(name, number, check, text) { AZATTEST_##name, "AZATTEST_" #name, check, text },
    AZATTEST_STATUS_LIST(ROW)
#undef ROW
};

static const struct status_row *find(azattest_status status)
{
    static const struct status_row unknown = { AZATTEST_E_ARGUMENT, "AZATTEST_E_?", "", "unknown status" };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].status == status)
            return &rows[i];
    return &unknown;
}

const char *azattest_status_name(azattest_status status)
{
    return find(status)->name;
}

const char *azattest_status_text(azattest_status status)
{
    return find(status)->text;
}

const char *azattest_status_check(azattest_status status)
{
    return find(status)->check;
}
