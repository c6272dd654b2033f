#include "made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *tee_of(made_kind kind)
{
    switch (kind) {
    case MADE_SNP:
    case MADE_SNP_V2:
    case MADE_HCL_SNP:
    case MADE_GUEST_SNP:
        return "snp";
    case MADE_TDX:
    case MADE_TDX_V5:
    case MADE_TDX_V5_10:
    case MADE_HCL_TDX:
    case MADE_GUEST_TDX:
        return "tdx";
    default:
        return "sgx";
    }
}

static void succeeded(azattest_status status, azattest_error *error)
{
    if (status != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
}

static azattest_bytes enclave(made_kind kind, const azattest_simulated_platform *platform)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    unsigned char *bytes = NULL;
    azattest_error *error = NULL;
    size_t len = 0;

    enclave.product_id = 7;
    enclave.svn = 11;
    enclave.runtime_data = azattest__text(MADE_RUNTIME_DATA);
    enclave.platform = platform;
    enclave.quote_version = kind == MADE_SGX_V4 ? 4 : kind == MADE_SGX_V5 ? 5 : 3;
    succeeded(kind == MADE_OPEN_ENCLAVE
                  ? azattest_simulator_open_enclave_report(quotes_simulator(), &enclave, &bytes, &len, &error)
                  : azattest_simulator_sgx_quote(quotes_simulator(), &enclave, &bytes, &len, &error),
              error);
    return azattest__bytes(bytes, len);
}

static azattest_bytes domain(made_kind kind, const azattest_simulated_platform *platform)
{
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    unsigned char *bytes = NULL;
    azattest_error *error = NULL;
    size_t len = 0;

    td.runtime_data = azattest__text(MADE_RUNTIME_DATA);
    td.platform = platform;
    td.quote_version = kind == MADE_TDX ? 4 : 5;
    td.report_15 = kind == MADE_TDX_V5_10 ? AZATTEST_OFF : AZATTEST_DEFAULT;
    succeeded(azattest_simulator_tdx_quote(quotes_simulator(), &td, &bytes, &len, &error), error);
    return azattest__bytes(bytes, len);
}

static azattest_bytes guest(made_kind kind, const azattest_simulated_platform *platform)
{
    azattest_simulated_guest guest = AZATTEST_SIMULATED_GUEST_INIT;
    unsigned char *bytes = NULL;
    azattest_error *error = NULL;
    size_t len = 0;

    guest.guest_svn = 9;
    guest.runtime_data = azattest__text(MADE_RUNTIME_DATA);
    guest.platform = platform;
    guest.version = kind == MADE_SNP_V2 ? 2 : 0;
    succeeded(azattest_simulator_snp_report(quotes_simulator(), &guest, &bytes, &len, &error), error);
    return azattest__bytes(bytes, len);
}

static azattest_bytes machine(made_kind kind, const azattest_simulated_platform *platform)
{
    azattest_simulated_guest guest = AZATTEST_SIMULATED_GUEST_INIT;
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    bool bundle = kind == MADE_GUEST_SNP || kind == MADE_GUEST_TDX;
    unsigned char *bytes = NULL;
    azattest_error *error = NULL;
    size_t len = 0;

    vm.tee = tee_of(kind);
    vm.nonce = azattest__text(MADE_NONCE);
    vm.guest = &guest;
    vm.td = &td;
    guest.platform = td.platform = platform;
    succeeded(bundle ? azattest_simulator_azure_guest(quotes_simulator(), &vm, NULL, &bytes, &len, &error)
                     : azattest_simulator_hcl_report(quotes_simulator(), &vm, &bytes, &len, &error),
              error);
    return azattest__bytes(bytes, len);
}

static azattest_bytes evidence(made_kind kind, const azattest_simulated_platform *platform)
{
    switch (kind) {
    case MADE_TDX:
    case MADE_TDX_V5:
    case MADE_TDX_V5_10:
        return domain(kind, platform);
    case MADE_SNP:
    case MADE_SNP_V2:
        return guest(kind, platform);
    case MADE_HCL_SNP:
    case MADE_HCL_TDX:
    case MADE_GUEST_SNP:
    case MADE_GUEST_TDX:
        return machine(kind, platform);
    default:
        return enclave(kind, platform);
    }
}

azattest_bytes made_collateral(made_kind kind, const azattest_simulated_platform *platform)
{
    unsigned char *json = NULL;
    azattest_error *error = NULL;
    size_t len = 0;

    succeeded(azattest_simulator_collateral(quotes_simulator(), platform, tee_of(kind), &json, &len, &error), error);
    return azattest__bytes(json, len);
}

azattest_bytes made_item(made_kind kind, const azattest_simulated_platform *platform, const char *item,
                         azattest_bytes *chain)
{
    unsigned char *body = NULL;
    char *issuers = NULL;
    azattest_error *error = NULL;
    size_t len = 0;

    succeeded(azattest_simulator_collateral_item(quotes_simulator(), platform, tee_of(kind), item, &body, &len,
                                                 chain == NULL ? NULL : &issuers, &error),
              error);
    if (chain != NULL)
        *chain = azattest__text(issuers);
    return azattest__bytes(body, len);
}

made made_of(made_kind kind, const azattest_simulated_platform *platform)
{
    made out = { .evidence = evidence(kind, platform), .collateral = made_collateral(kind, platform) };
    unsigned char *roots = NULL;
    azattest_error *error = NULL;

    if (strcmp(tee_of(kind), "snp") == 0) {
        succeeded(azattest_simulator_roots_pem(quotes_simulator(), &roots, &out.roots.len, &error), error);
        out.roots.ptr = roots;
    } else { /* without AMD's keys, which take a second to make */
        out.roots = azattest_simulator_root_pem(quotes_simulator());
        out.roots.ptr = azattest__dup(out.roots.ptr, out.roots.len);
        assert_non_null(out.roots.ptr);
    }
    return out;
}

made made_with(made_kind kind, uint64_t faults)
{
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;

    platform.faults = faults;
    return made_of(kind, &platform);
}

void made_bytes_free(azattest_bytes *bytes)
{
    azattest_simulator_free_bytes((void *)(uintptr_t)bytes->ptr);
    *bytes = azattest__bytes(NULL, 0);
}

void made_free(made *it)
{
    made_bytes_free(&it->evidence);
    made_bytes_free(&it->collateral);
    made_bytes_free(&it->roots);
}
