/* A guest of Azure, taken apart: what its HCL report says. */
#ifndef AZATTEST_SIMULATOR_VM_H
#define AZATTEST_SIMULATOR_VM_H

#include "tpm.h"

/* Everything that one machine hands out. Clear it after any outcome of azattest__vm_make(). */
typedef struct azattest__vm {
    azattest_simulated_vm in;
    uint64_t faults;
    azattest__buf claims;          /* as they stand in the report, perhaps with the fault */
    azattest__buf hardware_report; /* SNP report or TDREPORT */
    azattest__buf td_quote;        /* of a TDX machine */
    azattest__buf vcek;            /* of an SNP machine: VCEK, ASK and ARK in PEM */
    azattest__buf hcl;
} azattest__vm;
azattest_status azattest__vm_make(azattest_simulator *simulator, const azattest_simulated_vm *vm, azattest__vm *out,
                                  azattest_error **error);
void azattest__vm_clear(azattest__vm *vm);

#endif
