/* The function that begins a fetch of collateral. */
#include "../error/options.h"
#include "../operation/op.h"
#include "client.h"

azattest_status azattest_collateral_fetch_begin(const azattest_collateral_options *options,
                                                const azattest_evidence *evidence, azattest_op **op,
                                                azattest_error **error)
{
    azattest__collateral_settings settings = { .source = AZATTEST__SOURCE_AUTO };
    azattest__instance *instance = NULL;
    azattest_collateral_options taken;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (op != NULL)
        *op = NULL;
    if (evidence == NULL || op == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   evidence == NULL ? "collateral: no evidence to fetch it for"
                                                    : "collateral: nowhere to put the operation");
    if ((status = azattest__options_take(options, &taken, sizeof(taken), "AZATTEST_COLLATERAL_OPTIONS_INIT", error)) !=
            AZATTEST_OK ||
        (status = azattest__collateral_settings_take(&taken, &settings, error)) != AZATTEST_OK ||
        /* No credential: nothing about the caller is sent. */
        (status = azattest__configure_token("collateral", NULL, NULL, taken.client, &instance, error)) != AZATTEST_OK)
        goto done;
    status = azattest__op_collateral(instance, &settings, evidence, op, error);
done:
    azattest__collateral_settings_clear(&settings);
    azattest__instance_free(instance);
    return status;
}
