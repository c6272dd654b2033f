/* The extensions of a VCEK or VLEK: of a whole certificate, and as a list of extensions. */
#include <stdlib.h>

#include "evidence/amd/certificates.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_both(const azattest__x509 *certificate)
{
    unsigned char chip[AZATTEST__SNP_CHIP_ID_SIZE] = { 0 };

    for (int vlek = 0; vlek < 2; vlek++) {
        azattest__vcek vcek;

        azattest__vcek_read(certificate, vlek == 1, &vcek);
        if (vcek.tcb_problem[0] == '\0' &&
            (vcek.tcb.boot_loader < 0 || vcek.tcb.tee < 0 || vcek.tcb.snp < 0 || vcek.tcb.microcode < 0 ||
             vcek.tcb.boot_loader > 255 || vcek.tcb.microcode > 255 ||
             (vcek.tcb.fmc >= 0) != azattest__snp_product_has_fmc(vcek.product)))
            abort();
        if (vcek.identity_problem[0] == '\0' && (vlek == 1 ? vcek.csp_id.len == 0 : vcek.hardware_id.len % 8 != 0))
            abort();
        if (vcek.product_problem[0] == '\0' && vcek.product == AZATTEST__SNP_UNKNOWN)
            abort();
        (void)azattest__vcek_is_of_chip(&vcek, chip);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__x509 certificate;

    if (azattest__x509_read(azattest__bytes(data, size), &certificate, NULL) == AZATTEST_OK) {
        (void)azattest__amd_role_of(&certificate, NULL);
        read_both(&certificate);
        azattest__x509_clear(&certificate);
    }
    memset(&certificate, 0, sizeof(certificate));
    certificate.extensions = azattest__bytes(data, size);
    read_both(&certificate);
    return 0;
}
