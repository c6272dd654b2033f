/* The simulator's folder: made once, private, whole, and the same for everybody who opens it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "crypto/x509.h"
#include "evidence/evidence.h"
#include "json/json.h"
#include "quotes.h"

#define PLATFORM "simulator-platform.pem"
#define ROOT "simulator-root.pem"

/* A folder below the run's, which quotes_close() removes with everything in it. */
static char *folder(const char *name)
{
    char *path = NULL;

    assert_true(asprintf(&path, "%s/%s", quotes_folder(), name) > 0);
    return path;
}

static char *file_in(const char *parent, const char *name)
{
    char *path = NULL;

    assert_true(asprintf(&path, "%s/%s", parent, name) > 0);
    return path;
}

static unsigned mode_of(const char *parent, const char *name)
{
    char *path = file_in(parent, name);
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    free(path);
    return info.st_mode & 0777;
}

static void overwrite(const char *parent, const char *name, const char *text)
{
    char *path = file_in(parent, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static azattest_simulator *opened(const char *path)
{
    azattest_simulator *simulator = NULL;
    azattest_error *error = NULL;

    if (azattest_simulator_open(path, &simulator, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return simulator;
}

static void the_folder_is_private_and_its_root_is_public(void **state)
{
    char *path = folder("private");
    azattest_simulator *simulator;
    struct stat info;

    (void)state;
    umask(0);
    simulator = opened(path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(mode_of(path, PLATFORM), 0600);
    assert_int_equal(mode_of(path, ROOT), 0644);
    assert_non_null(strstr(azattest_simulator_root_path(simulator), "private/" ROOT));
    azattest_simulator_free(simulator);
    free(path);
}

static void a_platform_is_kept(void **state)
{
    char *path = folder("kept");
    azattest_simulator *first = opened(path), *second = opened(path);

    (void)state;
    assert_true(azattest__bytes_equal(azattest_simulator_root_pem(first), azattest_simulator_root_pem(second)));
    assert_true(azattest__bytes_equal(azattest__buf_bytes(&first->chain_pem), azattest__buf_bytes(&second->chain_pem)));
    for (int i = 0; i < LEVELS; i++)
        assert_true(azattest__key_equal(first->platform.keys[i], second->platform.keys[i]));
    assert_true(azattest__key_equal(first->platform.attestation_key, second->platform.attestation_key));
    azattest_simulator_free(first);
    azattest_simulator_free(second);
    free(path);
}

static void another_folder_is_another_platform(void **state)
{
    char *paths[2] = { folder("one"), folder("other") };
    azattest_simulator *first = opened(paths[0]), *second = opened(paths[1]);

    (void)state;
    assert_false(azattest__key_equal(first->platform.keys[LEVEL_ROOT], second->platform.keys[LEVEL_ROOT]));
    azattest_simulator_free(first);
    azattest_simulator_free(second);
    free(paths[0]);
    free(paths[1]);
}

/* Opens the folder in a process of its own and writes the hash of the chain to the pipe. */
static void child(const char *path, int out)
{
    azattest_simulator *simulator = NULL;
    unsigned char hash[AZATTEST__SHA256_SIZE] = { 0 };

    if (azattest_simulator_open(path, &simulator, NULL) == AZATTEST_OK)
        (void)azattest__sha256(azattest__buf_bytes(&simulator->chain_pem), hash, NULL);
    _exit(write(out, hash, sizeof(hash)) == (ssize_t)sizeof(hash) ? 0 : 1);
}

static void processes_at_once_share_one_platform(void **state)
{
    unsigned char hashes[8][AZATTEST__SHA256_SIZE], none[AZATTEST__SHA256_SIZE] = { 0 };
    char *path = folder("shared");
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < 8; i++) {
        pid_t process = fork();

        assert_true(process >= 0);
        if (process == 0)
            child(path, ends[1]);
    }
    for (int i = 0; i < 8; i++) {
        assert_int_equal(read(ends[0], hashes[i], sizeof(hashes[i])), sizeof(hashes[i]));
        assert_memory_not_equal(hashes[i], none, sizeof(none));
        assert_memory_equal(hashes[i], hashes[0], sizeof(hashes[i]));
    }
    while (wait(NULL) > 0)
        ;
    close(ends[0]);
    close(ends[1]);
    free(path);
}

static void a_lost_root_file_is_written_again(void **state)
{
    char *path = folder("lost"), *root = file_in(path, ROOT);
    azattest_simulator *simulator = opened(path);

    (void)state;
    azattest_simulator_free(simulator);
    assert_int_equal(unlink(root), 0);
    azattest_simulator_free(opened(path));
    assert_int_equal(mode_of(path, ROOT), 0644);
    overwrite(path, ROOT, "something else");
    simulator = opened(path);
    assert_int_equal(access(root, R_OK), 0);
    azattest_simulator_free(simulator);
    free(root);
    free(path);
}

static void a_damaged_platform_is_refused_by_name(void **state)
{
    char *path = folder("damaged"), *other = folder("source"), *text = NULL;
    azattest_simulator *simulator = opened(path);
    azattest_error *error = NULL;
    azattest__buf pem;

    (void)state;
    azattest_simulator_free(simulator);
    overwrite(path, PLATFORM, "");
    quotes_expect(azattest_simulator_open(path, &simulator, &error), &error, AZATTEST_E_STATE,
                  PLATFORM " is damaged (remove it to get a new platform): 0 private keys, expected 4");
    assert_null(simulator);
    /* Whole in itself, but the certificate of the leaf is that of another key. */
    simulator = opened(other);
    azattest__buf_init(&pem, 65536);
    for (int i = 0; i < 4; i++)
        assert_int_equal(azattest__key_private_pem(simulator->platform.attestation_key, &pem, NULL), AZATTEST_OK);
    for (int i = 0; i < LEVELS; i++)
        azattest__platform_put_certificate(simulator->platform.certificates[i], &pem);
    text = azattest__dup(pem.ptr, pem.len);
    overwrite(path, PLATFORM, text);
    azattest_simulator_free(simulator);
    quotes_expect(azattest_simulator_open(path, &simulator, &error), &error, AZATTEST_E_STATE, "has another key");
    azattest__buf_free(&pem);
    free(text);
    free(path);
    free(other);
}

/* What simulators of before kept: the first platform alone. It stays, and the rest is made beside it. */
static void a_folder_of_an_older_simulator_is_extended(void **state)
{
    static const char *const added[] = { "simulator-intel.pem", "simulator-amd-milan.pem", "simulator-tpm.pem" };
    char *path = folder("older"), *platform = file_in(path, PLATFORM);
    azattest_simulator *simulator = opened(path);
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    unsigned char *made = NULL;
    struct stat before, after;
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
        char *file = file_in(path, added[i]);

        assert_int_equal(access(file, F_OK), -1);
        free(file);
    }
    assert_int_equal(stat(platform, &before), 0);
    assert_int_equal(azattest_simulator_collateral(simulator, NULL, "sgx", &made, &len, NULL), AZATTEST_OK);
    azattest_simulator_free_bytes(made);
    assert_int_equal(azattest_simulator_azure_guest(simulator, &vm, NULL, &made, &len, NULL), AZATTEST_OK);
    azattest_simulator_free_bytes(made);
    for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++)
        assert_int_equal(mode_of(path, added[i]), 0600);
    assert_int_equal(stat(platform, &after), 0);
    assert_true(before.st_ino == after.st_ino && before.st_mtime == after.st_mtime);
    azattest_simulator_free(simulator);
    free(platform);
    free(path);
}

/* Opens the folder in a process of its own and writes the hash of what it keeps beside the platform. */
static void kept_child(const char *path, int out)
{
    azattest_simulator *simulator = NULL;
    unsigned char hash[AZATTEST__SHA256_SIZE] = { 0 };
    const azattest__vault *vault;
    azattest__buf text;

    azattest__buf_init(&text, 65536);
    if (azattest_simulator_open(path, &simulator, NULL) == AZATTEST_OK) {
        if (azattest__vault_need(simulator, VAULT_INTEL, &vault, NULL) == AZATTEST_OK)
            azattest__platform_put_certificate(vault->certificates[INTEL_TCB_SIGNING], &text);
        if (azattest__vault_need(simulator, VAULT_TURIN, &vault, NULL) == AZATTEST_OK)
            azattest__platform_put_certificate(vault->certificates[AMD_ARK], &text);
        (void)azattest__sha256(azattest__buf_bytes(&text), hash, NULL);
    }
    _exit(write(out, hash, sizeof(hash)) == (ssize_t)sizeof(hash) && text.len > 1500 ? 0 : 1);
}

static void processes_at_once_share_what_is_made_later(void **state)
{
    unsigned char hashes[4][AZATTEST__SHA256_SIZE];
    char *path = folder("later");
    int ends[2], status;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < 4; i++) {
        pid_t process = fork();

        assert_true(process >= 0);
        if (process == 0)
            kept_child(path, ends[1]);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(read(ends[0], hashes[i], sizeof(hashes[i])), sizeof(hashes[i]));
        assert_memory_equal(hashes[i], hashes[0], sizeof(hashes[i]));
    }
    while (wait(&status) > 0)
        assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
    free(path);
}

static void a_damaged_hierarchy_is_refused_by_name(void **state)
{
    char *path = folder("broken");
    azattest_simulator *simulator = opened(path);
    unsigned char *made = NULL;
    azattest_error *error = NULL;
    size_t len;

    (void)state;
    overwrite(path, "simulator-intel.pem", "not what was written");
    quotes_expect(azattest_simulator_collateral(simulator, NULL, "sgx", &made, &len, &error), &error, AZATTEST_E_STATE,
                  "simulator-intel.pem is damaged (remove it to get a new platform): 0 private keys, expected 3");
    assert_null(made);
    azattest_simulator_free(simulator);
    free(path);
}

/* What is signed of a document: all before the signature; of a certificate, its TBS part. In a new text. */
static char *signed_part(const azattest_simulated_platform *platform, const char *item)
{
    azattest__x509_chain chain;
    unsigned char *made = NULL;
    char *text = NULL;
    size_t len;

    assert_int_equal(
        azattest_simulator_collateral_item(quotes_simulator(), platform, "sgx", item, &made, &len, NULL, NULL),
        AZATTEST_OK);
    if (strcmp(item, "pck") != 0) {
        assert_non_null(strstr((const char *)made, "\"signature\""));
        *strstr((char *)made, "\"signature\"") = '\0';
        text = azattest__dup_text((const char *)made);
    } else {
        azattest__buf hex;

        azattest__buf_init(&hex, 8192);
        assert_int_equal(azattest__x509_chain_read_pem(azattest__bytes(made, len), &chain, NULL), AZATTEST_OK);
        azattest__hex_encode(chain.certificates[0].tbs, &hex);
        azattest__buf_append(&hex, "", 1);
        text = (char *)azattest__buf_take(&hex, NULL);
        azattest__x509_chain_clear(&chain);
    }
    azattest_simulator_free_bytes(made);
    return text;
}

/* Everything but the signatures, which ECDSA makes anew. */
static void documents_of_one_state_are_the_same(void **state)
{
    static const char *const items[] = { "tcb_info", "qe_identity", "pck" };
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    static const unsigned char fmspc[6] = { 1, 2, 3, 4, 5, 6 };

    (void)state;
    platform.fmspc = azattest__bytes(fmspc, sizeof(fmspc));
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        char *first = signed_part(&platform, items[i]), *second = signed_part(&platform, items[i]);

        assert_string_equal(first, second);
        free(first);
        free(second);
    }
}

static void wrong_use_of_every_maker_is_refused(void **state)
{
    azattest_simulator *simulator = quotes_simulator();
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest_simulated_guest guest = AZATTEST_SIMULATED_GUEST_INIT;
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    azattest_simulated_tpm_quote quote;
    unsigned char *made = NULL;
    azattest_error *error = NULL;
    size_t len = 1;

    (void)state;
    assert_int_equal(azattest_simulator_tdx_quote(NULL, &td, &made, &len, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_simulator_td_report(simulator, &td, NULL, &len, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_simulator_snp_report(simulator, &guest, &made, NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_simulator_tpm_quote(simulator, &vm, NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_simulator_roots_pem(NULL, &made, &len, NULL), AZATTEST_E_ARGUMENT);
    azattest_simulated_tpm_quote_clear(NULL);
    assert_null(azattest_simulator_fault_name(-1));
    assert_null(azattest_simulator_fault_name(AZATTEST_SIMULATED_FAULTS));
    for (int i = 0; i < AZATTEST_SIMULATED_FAULTS; i++)
        assert_non_null(azattest_simulator_fault_name(i));
    td.quote_version = 3;
    quotes_expect(azattest_simulator_tdx_quote(simulator, &td, &made, &len, &error), &error, AZATTEST_E_ARGUMENT,
                  "quote_version is 3, not 4 or 5");
    td.quote_version = 0;
    td.rtmr[2] = azattest__bytes("short", 5);
    quotes_expect(azattest_simulator_tdx_quote(simulator, &td, &made, &len, &error), &error, AZATTEST_E_ARGUMENT,
                  "rtmr[2] has 48 bytes, not 5");
    guest.version = 6;
    quotes_expect(azattest_simulator_snp_report(simulator, &guest, &made, &len, &error), &error, AZATTEST_E_ARGUMENT,
                  "version is 6");
    guest.version = 0;
    platform.product = "Rome";
    guest.platform = &platform;
    quotes_expect(azattest_simulator_snp_report(simulator, &guest, &made, &len, &error), &error, AZATTEST_E_ARGUMENT,
                  "\"Rome\", not Milan, Genoa or Turin");
    platform.faults = UINT64_C(1) << 63;
    quotes_expect(azattest_simulator_collateral(simulator, &platform, "sgx", &made, &len, &error), &error,
                  AZATTEST_E_ARGUMENT, "faults has bits that are no fault");
    quotes_expect(azattest_simulator_collateral(simulator, NULL, NULL, &made, &len, &error), &error,
                  AZATTEST_E_ARGUMENT, "no collateral for \"\" (sgx, tdx, snp)");
    vm.tee = "sev";
    quotes_expect(azattest_simulator_hcl_report(simulator, &vm, &made, &len, &error), &error, AZATTEST_E_ARGUMENT,
                  "tee is \"sev\"");
    vm.tee = "none";
    vm.signature = "hmac";
    quotes_expect(azattest_simulator_tpm_quote(simulator, &vm, &quote, &error), &error, AZATTEST_E_ARGUMENT,
                  "signature is \"hmac\"");
    quotes_expect(azattest_simulator_attested_certificate(simulator, NULL, azattest__text("no key"), "ga", "x", &made,
                                                          &len, &error),
                  &error, AZATTEST_E_MALFORMED, "not a private key in PEM");
    assert_null(made);
    assert_int_equal(len, 0);
}

static void a_folder_that_cannot_be_is_refused_by_name(void **state)
{
    char *path = folder("absent/below");
    azattest_simulator *simulator = NULL;
    azattest_error *error = NULL;

    (void)state;
    quotes_expect(azattest_simulator_open(path, &simulator, &error), &error, AZATTEST_E_STATE, "absent/below: No such");
    overwrite(quotes_folder(), "file", "");
    free(path);
    path = folder("file");
    quotes_expect(azattest_simulator_open(path, &simulator, &error), &error, AZATTEST_E_STATE, "cannot");
    assert_null(simulator);
    free(path);
}

static void wrong_use_is_refused(void **state)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_simulator *simulator = quotes_simulator();
    unsigned char *quote = NULL;
    azattest_error *error = NULL;
    size_t len;

    (void)state;
    assert_int_equal(azattest_simulator_open(NULL, &simulator, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_simulator_open("", &simulator, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_simulator_open("x", NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_null(simulator);
    assert_null(azattest_simulator_root_pem(NULL).ptr);
    assert_null(azattest_simulator_root_path(NULL));
    azattest_simulator_free(NULL);
    azattest_simulator_free_bytes(NULL);
    simulator = quotes_simulator();
    assert_int_equal(azattest_simulator_sgx_quote(NULL, &enclave, &quote, &len, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_simulator_sgx_quote(simulator, &enclave, NULL, &len, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_simulator_open_enclave_report(simulator, &enclave, &quote, NULL, NULL),
                     AZATTEST_E_ARGUMENT);
    enclave.mr_enclave = azattest__bytes("short", 5);
    quotes_expect(azattest_simulator_sgx_quote(simulator, &enclave, &quote, &len, &error), &error, AZATTEST_E_ARGUMENT,
                  "32 bytes each, not 5 and 32");
    enclave.mr_enclave = azattest__bytes(NULL, 0);
    enclave.size = 3;
    quotes_expect(azattest_simulator_sgx_quote(simulator, &enclave, &quote, &len, &error), &error, AZATTEST_E_ARGUMENT,
                  "size is 3");
    assert_null(quote);
}

/* What was asked for is in the quote, and it verifies under the simulator's root and no other. */
static void quotes_say_what_was_asked_for(void **state)
{
    static const unsigned char mr_enclave[32] = { 0xaa, 1 }, mr_signer[32] = { 0xbb, 2 };
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;

    (void)state;
    enclave.mr_enclave = azattest__bytes(mr_enclave, 32);
    enclave.mr_signer = azattest__bytes(mr_signer, 32);
    enclave.product_id = 65535;
    enclave.svn = 513;
    enclave.debug = AZATTEST_ON;
    enclave.runtime_data = azattest__bytes("", 0);
    options.extra_roots = azattest_simulator_root_pem(quotes_simulator());
    options.runtime_data = enclave.runtime_data;
    options.now_ms = QUOTES_NOW_MS;
    for (int open_enclave = 0; open_enclave < 2; open_enclave++) {
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        unsigned char *made = NULL;
        size_t len = 0;

        assert_int_equal(open_enclave
                             ? azattest_simulator_open_enclave_report(quotes_simulator(), &enclave, &made, &len, NULL)
                             : azattest_simulator_sgx_quote(quotes_simulator(), &enclave, &made, &len, NULL),
                         AZATTEST_OK);
        assert_int_equal(quotes_parse(made, len, &evidence, NULL), AZATTEST_OK);
        assert_string_equal(azattest_evidence_kind(evidence), open_enclave ? "open_enclave_report" : "sgx_quote");
        assert_memory_equal(azattest_evidence_mr_enclave(evidence).ptr, mr_enclave, 32);
        assert_memory_equal(azattest_evidence_mr_signer(evidence).ptr, mr_signer, 32);
        assert_int_equal(azattest_evidence_product_id(evidence), 65535);
        assert_int_equal(azattest_evidence_svn(evidence), 513);
        assert_true(azattest_evidence_is_debuggable(evidence));
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        assert_true(azattest_verification_result_is_valid(result));
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        azattest_simulator_free_bytes(made);
    }
}

static void defaults_are_made_up_and_fixed(void **state)
{
    unsigned char zeros[64] = { 0 }, *made = NULL;
    azattest_evidence *evidence = NULL;
    azattest_bytes enclave;
    size_t len = 0;

    (void)state;
    assert_int_equal(azattest_simulator_sgx_quote(quotes_simulator(), NULL, &made, &len, NULL), AZATTEST_OK);
    assert_int_equal(quotes_parse(made, len, &evidence, NULL), AZATTEST_OK);
    enclave = azattest_evidence_mr_enclave(evidence);
    assert_memory_equal(enclave.ptr, "\xb0\x65\x64\xa3", 4); /* SHA-256 of "azattest simulated enclave" */
    assert_memory_not_equal(enclave.ptr, azattest_evidence_mr_signer(evidence).ptr, 32);
    assert_memory_equal(azattest_evidence_report_data(evidence).ptr, zeros, 64);
    assert_false(azattest_evidence_is_debuggable(evidence));
    azattest_evidence_free(evidence);
    azattest_simulator_free_bytes(made);
}

/* The PCK certificate says what Intel's do, values above 127 among it. */
static void the_platform_has_every_sgx_extension(void **state)
{
    azattest__buf quote = quotes_quote();
    azattest_evidence *evidence = NULL;
    azattest__json *fields = NULL;
    const azattest__json *pck;
    azattest__json *expected = NULL;

    (void)state;
    assert_int_equal(quotes_parse(quote.ptr, quote.len, &evidence, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_parse(azattest_evidence_fields(evidence), &fields, NULL), AZATTEST_OK);
    pck = azattest__json_get(fields, "pck");
    assert_int_equal(azattest__json_parse(azattest__text("[7,9,3,3,255,255,1,128,0,0,0,0,0,0,0,0]"), &expected, NULL),
                     AZATTEST_OK);
    assert_string_equal(azattest__json_get_string(pck, "fmspc"), "005a177e5700");
    assert_string_equal(azattest__json_get_string(pck, "pceid"), "0000");
    assert_string_equal(azattest__json_get_string(pck, "cpu_svn"), "07090303ffff01800000000000000000");
    assert_true(azattest__json_equal(azattest__json_get(pck, "tcb_components"), expected));
    assert_string_equal(azattest__json_get_string(pck, "sgx_type_name"), "scalable");
    assert_int_equal(strlen(azattest__json_get_string(pck, "ppid")), 32);
    assert_int_equal(strlen(azattest__json_get_string(pck, "platform_instance_id")), 32);
    assert_non_null(azattest__json_get(pck, "smt_enabled"));
    azattest__json_free(expected);
    azattest__json_free(fields);
    azattest_evidence_free(evidence);
    azattest__buf_free(&quote);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_folder_is_private_and_its_root_is_public),
        cmocka_unit_test(a_platform_is_kept),
        cmocka_unit_test(another_folder_is_another_platform),
        cmocka_unit_test(processes_at_once_share_one_platform),
        cmocka_unit_test(a_lost_root_file_is_written_again),
        cmocka_unit_test(a_damaged_platform_is_refused_by_name),
        cmocka_unit_test(a_folder_of_an_older_simulator_is_extended),
        cmocka_unit_test(processes_at_once_share_what_is_made_later),
        cmocka_unit_test(a_damaged_hierarchy_is_refused_by_name),
        cmocka_unit_test(documents_of_one_state_are_the_same),
        cmocka_unit_test(wrong_use_of_every_maker_is_refused),
        cmocka_unit_test(a_folder_that_cannot_be_is_refused_by_name),
        cmocka_unit_test(wrong_use_is_refused),
        cmocka_unit_test(quotes_say_what_was_asked_for),
        cmocka_unit_test(defaults_are_made_up_and_fixed),
        cmocka_unit_test(the_platform_has_every_sgx_extension),
    };

    return cmocka_run_group_tests_name("simulator", tests, NULL, close_simulator);
}
