#include "simulated.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/nearest.h"
#include "error/error.h"
#include "words.h"

typedef enum value_form {
    FORM_TEXT,
    FORM_HEX,
    FORM_16,
    FORM_32,
    FORM_64,
    FORM_SWITCH,
    FORM_TIME,
    FORM_FAULTS,
    FORM_ITEMS,
    FORM_BYTES
} value_form;

typedef struct known_setting {
    const char *name;
    unsigned sets;
    value_form form;
    size_t offset, size; /* of the member; bytes of a hexadecimal value, 0: checked by the simulator */
} known_setting;

#define AT(member) offsetof(azattest__simulated, member)
#define PLATFORM(name, form, member, size)                                                                             \
    {                                                                                                                  \
        name, SETS_PLATFORM, form, AT(platform.member), size                                                           \
    }
#define ENCLAVE(name, form, member, size)                                                                              \
    {                                                                                                                  \
        name, SETS_ENCLAVE, form, AT(enclave.member), size                                                             \
    }
#define TD(name, form, member, size)                                                                                   \
    {                                                                                                                  \
        name, SETS_TD, form, AT(td.member), size                                                                       \
    }
#define GUEST(name, form, member, size)                                                                                \
    {                                                                                                                  \
        name, SETS_GUEST, form, AT(guest.member), size                                                                 \
    }
#define VM(name, form, member, size)                                                                                   \
    {                                                                                                                  \
        name, SETS_VM, form, AT(vm.member), size                                                                       \
    }

static const known_setting settings[] = {
    PLATFORM("fault", FORM_FAULTS, faults, 0),
    PLATFORM("pck-ca", FORM_TEXT, pck_ca, 0),
    PLATFORM("fmspc", FORM_HEX, fmspc, 6),
    PLATFORM("pceid", FORM_HEX, pceid, 2),
    PLATFORM("cpu-svn", FORM_HEX, cpu_svn, 16),
    PLATFORM("pcesvn", FORM_32, pcesvn, 0),
    PLATFORM("tee-tcb-svn", FORM_HEX, tee_tcb_svn, 16),
    PLATFORM("tee-tcb-svn2", FORM_HEX, tee_tcb_svn2, 16),
    PLATFORM("tcb-status", FORM_TEXT, tcb_status, 0),
    PLATFORM("tcb-advisories", FORM_TEXT, tcb_advisories, 0),
    PLATFORM("tcb-date", FORM_TEXT, tcb_date, 0),
    PLATFORM("tdx-module-status", FORM_TEXT, tdx_module_status, 0),
    PLATFORM("tdx-module-advisories", FORM_TEXT, tdx_module_advisories, 0),
    PLATFORM("qe-status", FORM_TEXT, qe_status, 0),
    PLATFORM("qe-advisories", FORM_TEXT, qe_advisories, 0),
    PLATFORM("tcb-info-version", FORM_32, tcb_info_version, 0),
    PLATFORM("tcb-evaluation", FORM_32, tcb_evaluation, 0),
    PLATFORM("qe-evaluation", FORM_32, qe_evaluation, 0),
    PLATFORM("from", FORM_TIME, from_ms, 0),
    PLATFORM("until", FORM_TIME, until_ms, 0),
    PLATFORM("window", FORM_ITEMS, window_items, 0),
    PLATFORM("product", FORM_TEXT, product, 0),
    PLATFORM("chip-id", FORM_HEX, chip_id, 0),
    PLATFORM("reported-tcb", FORM_HEX, reported_tcb, 8),
    PLATFORM("vlek", FORM_SWITCH, vlek, 0),
    PLATFORM("csp-id", FORM_TEXT, csp_id, 0),
    ENCLAVE("quote-version", FORM_32, quote_version, 0),
    ENCLAVE("certification-type", FORM_32, certification_type, 0),
    ENCLAVE("report-data", FORM_HEX, report_data, 64),
    ENCLAVE("config-id", FORM_HEX, config_id, 64),
    ENCLAVE("config-svn", FORM_16, config_svn, 0),
    ENCLAVE("isv-family-id", FORM_HEX, isv_family_id, 16),
    ENCLAVE("isv-extended-product-id", FORM_HEX, isv_extended_product_id, 16),
    ENCLAVE("trailing", FORM_32, trailing, 0),
    TD("quote-version", FORM_32, quote_version, 0),
    TD("td-report-15", FORM_SWITCH, report_15, 0),
    TD("td-attributes", FORM_64, attributes, 0),
    TD("xfam", FORM_64, xfam, 0),
    TD("mr-td", FORM_HEX, mr_td, 48),
    TD("mr-config-id", FORM_HEX, mr_config_id, 48),
    TD("mr-owner", FORM_HEX, mr_owner, 48),
    TD("mr-owner-config", FORM_HEX, mr_owner_config, 48),
    TD("mr-service-td", FORM_HEX, mr_service_td, 48),
    TD("mr-seam", FORM_HEX, mr_seam, 48),
    TD("rtmr0", FORM_HEX, rtmr[0], 48),
    TD("rtmr1", FORM_HEX, rtmr[1], 48),
    TD("rtmr2", FORM_HEX, rtmr[2], 48),
    TD("rtmr3", FORM_HEX, rtmr[3], 48),
    TD("td-report-data", FORM_HEX, report_data, 64),
    TD("trailing", FORM_32, trailing, 0),
    GUEST("report-version", FORM_32, version, 0),
    GUEST("guest-svn", FORM_32, guest_svn, 0),
    GUEST("vmpl", FORM_32, vmpl, 0),
    GUEST("policy", FORM_64, policy, 0),
    GUEST("measurement", FORM_HEX, measurement, 48),
    GUEST("host-data", FORM_HEX, host_data, 32),
    GUEST("id-key-digest", FORM_HEX, id_key_digest, 48),
    GUEST("author-key-digest", FORM_HEX, author_key_digest, 48),
    GUEST("family-id", FORM_HEX, family_id, 16),
    GUEST("image-id", FORM_HEX, image_id, 16),
    GUEST("guest-report-data", FORM_HEX, report_data, 64),
    VM("vm", FORM_TEXT, tee, 0),
    VM("user-data", FORM_HEX, user_data, 64),
    VM("secure-boot", FORM_SWITCH, secure_boot, 0),
    VM("vm-unique-id", FORM_TEXT, vm_unique_id, 0),
    VM("nonce", FORM_BYTES, nonce, 0),
    VM("signature", FORM_TEXT, signature, 0),
    VM("pcr-bank", FORM_TEXT, pcr_bank, 0),
    VM("pcr-mask", FORM_32, pcr_mask, 0),
    { "form", SETS_FORM, FORM_TEXT, AT(form), 0 },
    { "tee", SETS_COLLATERAL, FORM_TEXT, AT(tee), 0 },
    { "item", SETS_COLLATERAL, FORM_TEXT, AT(item), 0 },
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct item {
    const char *name;
    unsigned bit;
} items[] = { { "tcb-info", AZATTEST_SIMULATED_TCB_INFO },       { "qe-identity", AZATTEST_SIMULATED_QE_IDENTITY },
              { "root-ca-crl", AZATTEST_SIMULATED_ROOT_CA_CRL }, { "pck-crl", AZATTEST_SIMULATED_PCK_CRL },
              { "amd-crl", AZATTEST_SIMULATED_AMD_CRL },         { "pck", AZATTEST_SIMULATED_PCK },
              { "tcb-signing", AZATTEST_SIMULATED_TCB_SIGNING }, { "vcek", AZATTEST_SIMULATED_VCEK } };

void azattest__simulated_init(azattest__simulated *simulated)
{
    memset(simulated, 0, sizeof(*simulated));
    simulated->platform.size = sizeof(simulated->platform);
    simulated->enclave.size = sizeof(simulated->enclave);
    simulated->td.size = sizeof(simulated->td);
    simulated->guest.size = sizeof(simulated->guest);
    simulated->vm.size = sizeof(simulated->vm);
    simulated->enclave.platform = simulated->td.platform = simulated->guest.platform = &simulated->platform;
    simulated->vm.platform = &simulated->platform;
    simulated->vm.guest = &simulated->guest;
    simulated->vm.td = &simulated->td;
}

void azattest__simulated_clear(azattest__simulated *simulated)
{
    for (size_t i = 0; i < simulated->byte_count; i++)
        azattest__buf_free(&simulated->bytes[i]);
}

static azattest_status wrong(const known_setting *setting, const char *expected, azattest_error **error)
{
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "--with %s: %s is expected", setting->name, expected);
    return azattest__next_step(error, "'azattest help simulate' lists the commands, and their help the names");
}

/* The nth name of faults or items, with its bit; NULL behind the last. */
static const char *bit_name(value_form form, size_t index, uint64_t *bit)
{
    if (form == FORM_FAULTS) {
        *bit = UINT64_C(1) << (index & 63);
        return azattest_simulator_fault_name((int)index);
    }
    if (index >= COUNT(items))
        return NULL;
    *bit = items[index].bit;
    return items[index].name;
}

/* Names separated by commas. */
static azattest_status read_bits(const known_setting *setting, const char *text, uint64_t *bits, azattest_error **error)
{
    while (*text != '\0') {
        size_t len = strcspn(text, ","), best_distance = SIZE_MAX;
        const char *name, *best = NULL;
        char *word = azattest__dup(text, len);
        uint64_t bit = 0;
        size_t i = 0;

        if (word == NULL)
            return azattest__error_memory(error);
        for (; (name = bit_name(setting->form, i, &bit)) != NULL && strcmp(name, word) != 0; i++)
            azattest__nearer(word, name, &best, &best_distance);
        if (name == NULL) {
            char *shown = azattest__printable(azattest__text(word), 40);

            azattest__error_set(error, AZATTEST_E_ARGUMENT, "--with %s: there is no '%s'", setting->name,
                                shown == NULL ? "?" : shown);
            free(shown);
            free(word);
            return best != NULL ? azattest__next_step(error, "did you mean %s?", best)
                                : azattest__next_step(error, "the help of the command lists them");
        }
        *bits |= bit;
        free(word);
        text += len + (text[len] == ',');
    }
    return AZATTEST_OK;
}

static azattest_status read_hex(azattest__simulated *simulated, const known_setting *setting, const char *text,
                                azattest_bytes *out, azattest_error **error)
{
    azattest__buf *buf = &simulated->bytes[simulated->byte_count];
    char expected[64];

    if (simulated->byte_count == SIMULATED_BYTES)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "--with: more than %d hexadecimal values",
                                   SIMULATED_BYTES);
    azattest__buf_init(buf, 4096);
    simulated->byte_count++;
    if (!azattest__hex_decode(azattest__text(text), buf) || (setting->size != 0 && buf->len != setting->size)) {
        snprintf(expected, sizeof(expected), "hexadecimal of %zu bytes", setting->size);
        return wrong(setting, setting->size == 0 ? "hexadecimal" : expected, error);
    }
    *out = azattest__buf_bytes(buf);
    return AZATTEST_OK;
}

static azattest_status read_number(const known_setting *setting, const char *text, void *member, azattest_error **error)
{
    bool hex = strncmp(text, "0x", 2) == 0;
    uint64_t most = setting->form == FORM_16 ? UINT16_MAX : setting->form == FORM_32 ? UINT32_MAX : UINT64_MAX;
    unsigned long long value;
    char *end;

    value = strtoull(text, &end, hex ? 16 : 10);
    if (end == text || *end != '\0' || strchr("+- ", text[0]) != NULL || value > most)
        return wrong(setting, "a number", error);
    if (setting->form == FORM_16)
        *(uint16_t *)member = (uint16_t)value;
    else if (setting->form == FORM_32)
        *(uint32_t *)member = (uint32_t)value;
    else
        *(uint64_t *)member = value;
    return AZATTEST_OK;
}

static azattest_status set(azattest__simulated *simulated, const known_setting *setting, const char *text,
                           azattest_error **error)
{
    void *member = (char *)simulated + setting->offset;
    uint64_t bits = 0;
    azattest_status status;
    int64_t seconds;

    switch (setting->form) {
    case FORM_TEXT:
        *(const char **)member = text;
        return AZATTEST_OK;
    case FORM_BYTES:
        *(azattest_bytes *)member = azattest__text(text);
        return AZATTEST_OK;
    case FORM_HEX:
        return read_hex(simulated, setting, text, member, error);
    case FORM_SWITCH:
        if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
            return wrong(setting, "on or off", error);
        *(azattest_switch *)member = strcmp(text, "on") == 0 ? AZATTEST_ON : AZATTEST_OFF;
        return AZATTEST_OK;
    case FORM_TIME:
        if (!azattest__time_parse(text, &seconds))
            return wrong(setting, "a time such as 2026-01-31T12:00:00Z", error);
        *(int64_t *)member = seconds * 1000;
        return AZATTEST_OK;
    case FORM_FAULTS:
    case FORM_ITEMS:
        if ((status = read_bits(setting, text, &bits, error)) == AZATTEST_OK && setting->form == FORM_FAULTS)
            *(uint64_t *)member |= bits;
        else if (status == AZATTEST_OK)
            *(uint32_t *)member |= (uint32_t)bits;
        return status;
    default:
        return read_number(setting, text, member, error);
    }
}

/* "NAME=VALUE"; of a name that two structs have, every one that the command makes is set. */
azattest_status azattest__simulated_set(azattest__simulated *simulated, unsigned sets, const char *given,
                                        azattest_error **error)
{
    size_t len = strcspn(given, "="), best_distance = SIZE_MAX;
    azattest_status status = AZATTEST_OK;
    const char *best = NULL;
    bool found = false;
    char *name;

    if (given[len] != '=') {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--with has no value");
        return azattest__next_step(error, "write --with NAME=VALUE, for instance --with fault=revoked-pck");
    }
    if ((name = azattest__dup(given, len)) == NULL)
        return azattest__error_memory(error);
    for (size_t i = 0; i < COUNT(settings) && status == AZATTEST_OK; i++) {
        if ((settings[i].sets & sets) == 0)
            continue;
        if (strcmp(settings[i].name, name) == 0) {
            status = set(simulated, &settings[i], given + len + 1, error);
            found = true;
        } else {
            azattest__nearer(name, settings[i].name, &best, &best_distance);
        }
    }
    if (!found) {
        char *shown = azattest__printable(azattest__text(name), 40);

        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--with: nothing here is called '%s'",
                            shown == NULL ? "?" : shown);
        free(shown);
        status = best != NULL ? azattest__next_step(error, "did you mean %s?", best)
                              : azattest__next_step(error, "the help of the command lists the names");
    }
    free(name);
    return status;
}

azattest_status azattest__simulated_read(const azattest__arguments *arguments, unsigned sets,
                                         azattest__simulated *simulated, azattest_error **error)
{
    const char *values[AZATTEST_LIMIT_LIST + 1];
    size_t count = azattest__arguments_all(arguments, OPTION_WITH, values);
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; i < count && status == AZATTEST_OK; i++)
        status = azattest__simulated_set(simulated, sets | SETS_PLATFORM, values[i], error);
    return status;
}
