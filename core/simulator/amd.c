/* The made-up AMD machine and its certificates. Source: AMD publication 57230, VCEK certificate and KDS interface. */
#include "amd.h"

#include "der.h"

#define ARC "1.3.6.1.4.1.3704.1"

azattest__vault_id azattest__amd_product(const char *name)
{
    if (name == NULL || strcmp(name, "Milan") == 0)
        return VAULT_MILAN;
    return strcmp(name, "Genoa") == 0 ? VAULT_GENOA : strcmp(name, "Turin") == 0 ? VAULT_TURIN : VAULTS;
}

/* An extension under AMD's arc with an element, or raw bytes, as its value. */
typedef struct extensions {
    azattest__cert_extension_request items[16];
    unsigned char values[16][72];
    size_t count;
} extensions;

static void put_raw(extensions *list, const char *oid, const void *value, size_t len)
{
    memcpy(list->values[list->count], value, len);
    list->items[list->count].oid = oid;
    list->items[list->count].value = azattest__bytes(list->values[list->count], len);
    list->count++;
}

static void put_element(extensions *list, const char *oid, unsigned tag, const void *value, size_t len)
{
    azattest__buf element;

    azattest__buf_init(&element, 72);
    azattest__der_put(&element, tag, value, len);
    put_raw(list, oid, element.ptr, element.status == AZATTEST_OK ? element.len : 0);
    azattest__buf_free(&element);
}

static void put_number(extensions *list, const char *oid, unsigned value)
{
    azattest__buf element;

    azattest__buf_init(&element, 72);
    azattest__der_put_integer(&element, value);
    put_raw(list, oid, element.ptr, element.status == AZATTEST_OK ? element.len : 0);
    azattest__buf_free(&element);
}

/* In the order of AMD's own certificates, where the SNP part stands behind the reserved ones. */
static void put_tcb(extensions *list, const azattest__amd_machine *machine)
{
    bool turin = machine->product == VAULT_TURIN;
    const unsigned char *tcb = machine->tcb;

    put_number(list, ARC ".3.1", tcb[turin ? 1 : 0]);
    put_number(list, ARC ".3.2", tcb[turin ? 2 : 1]);
    if (!turin)
        put_number(list, ARC ".3.4", 0);
    put_number(list, ARC ".3.5", 0);
    put_number(list, ARC ".3.6", 0);
    put_number(list, ARC ".3.7", 0);
    put_number(list, ARC ".3.3", tcb[turin ? 3 : 6]);
    if (!azattest__amd_has(machine, AZATTEST_SIMULATED_VCEK_NO_TCB))
        put_number(list, ARC ".3.8",
                   tcb[7] + (azattest__amd_has(machine, AZATTEST_SIMULATED_VCEK_OTHER_TCB) ? 1u : 0u));
    if (turin)
        put_number(list, ARC ".3.9", tcb[0]);
}

static void put_identity(extensions *list, const azattest__amd_machine *machine)
{
    const char *csp = machine->in.csp_id == NULL ? "CN=cloud.example" : machine->in.csp_id;
    unsigned char chip[64];

    if (machine->vlek) {
        put_element(list, ARC ".5", DER_IA5_STRING, csp, strlen(csp));
        return;
    }
    if (azattest__amd_has(machine, AZATTEST_SIMULATED_VCEK_NO_HARDWARE_ID))
        return;
    memcpy(chip, machine->chip_id, sizeof(chip));
    if (azattest__amd_has(machine, AZATTEST_SIMULATED_VCEK_OTHER_CHIP))
        chip[7] ^= 1;
    put_raw(list, ARC ".4", chip, machine->product == VAULT_TURIN ? 8 : sizeof(chip));
}

/* The VCEK or VLEK: no extension but AMD's own, and serial number 0. A revoked one needs a number of its own, or its
 * list would name all of them. */
static azattest_status issue(azattest__amd_machine *machine, azattest_error **error)
{
    static const unsigned char zero[1] = { 0 }, revoked[8] = { 0x52, 0x45, 0x56, 0x4f, 0x4b, 0x45, 0x44, 0x01 };
    static const char *const products[VAULTS] = {
        [VAULT_MILAN] = "Milan-B0", [VAULT_GENOA] = "Genoa", [VAULT_TURIN] = "Turin"
    };
    azattest__cert_request request = azattest__intel_request(machine->vlek ? "SEV-VLEK" : "SEV-VCEK");
    bool other = azattest__amd_has(machine, AZATTEST_SIMULATED_VCEK_OTHER_PRODUCT);
    const char *product = other            ? products[machine->product == VAULT_GENOA ? VAULT_MILAN : VAULT_GENOA]
                          : !machine->vlek ? products[machine->product]
                                           : machine->product_name;
    int issuer = machine->vlek ? AMD_ASVK : AMD_ASK;
    extensions list = { .count = 0 };

    put_number(&list, ARC ".1", machine->product == VAULT_TURIN ? 1 : 0);
    put_element(&list, ARC ".2", DER_IA5_STRING, product, strlen(product));
    put_tcb(&list, machine);
    put_identity(&list, machine);
    azattest__machine_window(&machine->in, AZATTEST_SIMULATED_VCEK, &request.not_before, &request.not_after);
    request.organizational_unit = "Simulation";
    request.pss = request.bare = true;
    request.serial_bytes = azattest__amd_has(machine, AZATTEST_SIMULATED_REVOKED_VCEK)
                               ? azattest__bytes(revoked, sizeof(revoked))
                               : azattest__bytes(zero, sizeof(zero));
    request.extensions = list.items;
    request.extension_count = list.count;
    return azattest__cert_issue(&request, machine->key, machine->vault->certificates[issuer],
                                machine->vault->keys[issuer], &machine->certificate, error);
}

static azattest_status take(azattest__amd_machine *machine, azattest_error **error)
{
    /* Values above 127 take two bytes in DER. */
    static const unsigned char old_tcb[8] = { 4, 0, 0, 0, 0, 0, 24, 219 }, turin_tcb[8] = { 1, 2, 3, 4, 0, 0, 0, 200 };
    static const char *const names[VAULTS] = {
        [VAULT_MILAN] = "Milan", [VAULT_GENOA] = "Genoa", [VAULT_TURIN] = "Turin"
    };
    azattest_bytes chip = machine->in.chip_id;
    size_t size;

    machine->product = azattest__amd_product(machine->in.product);
    if (machine->product == VAULTS)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "simulator: product is \"%s\", not Milan, Genoa or Turin", machine->in.product);
    size = machine->product == VAULT_TURIN ? 8 : 64;
    if (chip.ptr != NULL && chip.len != size && chip.len != 64)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: chip_id of %s has %zu bytes, not %zu",
                                   names[machine->product], size, chip.len);
    if (machine->in.csp_id != NULL && strlen(machine->in.csp_id) > 64)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: csp_id has more than 64 bytes");
    machine->product_name = names[machine->product];
    machine->vlek = machine->in.vlek == AZATTEST_ON;
    memcpy(machine->tcb,
           machine->in.reported_tcb.ptr != NULL ? machine->in.reported_tcb.ptr
           : machine->product == VAULT_TURIN    ? turin_tcb
                                                : old_tcb,
           8);
    if (chip.ptr == NULL)
        return azattest__made_up("azattest simulated chip", machine->chip_id, size, error);
    memcpy(machine->chip_id, chip.ptr, size);
    return AZATTEST_OK;
}

azattest_status azattest__amd_open(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                                   azattest__amd_machine *out, azattest_error **error)
{
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if ((status = azattest__platform_take(platform, &out->in, error)) != AZATTEST_OK ||
        (status = take(out, error)) != AZATTEST_OK ||
        (status = azattest__vault_need(simulator, out->product, &out->vault, error)) != AZATTEST_OK)
        return status;
    out->key = out->vault->keys[out->vlek ? AMD_VLEK : AMD_VCEK];
    return issue(out, error);
}

void azattest__amd_clear(azattest__amd_machine *machine)
{
    azattest__cert_free(machine->certificate);
    memset(machine, 0, sizeof(*machine));
}

void azattest__amd_chain_pem(const azattest__amd_machine *machine, azattest__buf *out)
{
    azattest__platform_put_certificate(machine->vault->certificates[machine->vlek ? AMD_ASVK : AMD_ASK], out);
    azattest__platform_put_certificate(machine->vault->certificates[AMD_ARK], out);
}

azattest_status azattest__amd_crl(const azattest__amd_machine *machine, azattest__buf *out, azattest_error **error)
{
    azattest__crl_request request = { .number = 1, .pss = true };
    azattest_bytes revoked[2];
    azattest_status status;
    azattest__buf ask, vcek;

    azattest__buf_init(&ask, AZATTEST__HASH_MAX);
    azattest__buf_init(&vcek, AZATTEST__HASH_MAX);
    if ((status = azattest__cert_serial(machine->vault->certificates[machine->vlek ? AMD_ASVK : AMD_ASK], &ask,
                                        error)) != AZATTEST_OK ||
        (status = azattest__cert_serial(machine->certificate, &vcek, error)) != AZATTEST_OK)
        goto done;
    if (azattest__amd_has(machine, AZATTEST_SIMULATED_REVOKED_ASK))
        revoked[request.revoked_count++] = azattest__buf_bytes(&ask);
    if (azattest__amd_has(machine, AZATTEST_SIMULATED_REVOKED_VCEK))
        revoked[request.revoked_count++] = azattest__buf_bytes(&vcek);
    request.revoked = revoked;
    azattest__machine_window(&machine->in, AZATTEST_SIMULATED_AMD_CRL, &request.this_update, &request.next_update);
    status =
        azattest__crl_issue(&request, machine->vault->certificates[AMD_ARK], machine->vault->keys[AMD_ARK], out, error);
    if (status == AZATTEST_OK && azattest__amd_has(machine, AZATTEST_SIMULATED_CRL_SIGNATURE))
        out->ptr[out->len - 7] ^= 1;
done:
    azattest__buf_free(&vcek);
    azattest__buf_free(&ask);
    return status;
}
