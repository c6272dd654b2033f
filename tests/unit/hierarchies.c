/* Hierarchies of keys that somebody bent: every key is at hand, so that all signatures are good, and only who may sign
 * what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "evidence/collateral/collateral.h"
#include "made.h"
#include "simulator/documents.h"
#include "verdict.h"

#define NOW QUOTES_NOW_MS
#define YEAR_2025 INT64_C(1735689600)
#define YEAR_2027 INT64_C(1798761600)
#define YEAR_9999 INT64_C(253402300799)
#define SGX_EXTENSIONS "1.2.840.113741.1.13.1"
#define SIGNING "Intel SGX TCB Signing"
#define PLATFORM_CA "Intel SGX PCK Platform CA"
#define PCK "Intel SGX PCK Certificate"
#define ROOT "Intel SGX Root CA"

/* Somebody with a key and a certificate for it. */
typedef struct party {
    azattest__key *key;
    azattest__cert *certificate;
} party;

/* Who stands where. Roles may be played by the same party. */
typedef struct scene {
    party root, ca, pck, signer; /* owned */
    party other;                 /* owned: another one, as a case needs it */
    const party *chain[3], *signers[2], *root_list, *pck_list;
    azattest_bytes revoked_by_root, revoked_by_ca; /* serial number, or absent */
    int64_t issued, next;                          /* of the documents */
    azattest__machine machine;
} scene;

/* A certificate whose subject has that name; `issuer` NULL: of itself. `key` NULL: a new one. */
static party issue(const scene *s, const char *name, azattest__cert_request with, const party *issuer,
                   azattest__key *key)
{
    azattest__cert_request request = azattest__intel_request(name);
    azattest__buf extensions;
    party one = { .key = azattest__key_ref(key) };

    azattest__buf_init(&extensions, 4096);
    request.ca = with.ca;
    request.path_length = with.path_length;
    request.key_usage = with.key_usage;
    request.serial_bytes = with.serial_bytes;
    if (strcmp(name, PCK) == 0) {
        assert_int_equal(azattest__sgx_extensions(&s->machine.sgx, &extensions, NULL), AZATTEST_OK);
        request.extension_oid = SGX_EXTENSIONS;
        request.extension_value = azattest__buf_bytes(&extensions);
    }
    if (one.key == NULL)
        assert_int_equal(azattest__key_generate_ec("P-256", &one.key, NULL), AZATTEST_OK);
    assert_int_equal(azattest__cert_issue(&request, one.key, issuer == NULL ? NULL : issuer->certificate,
                                          issuer == NULL ? NULL : issuer->key, &one.certificate, NULL),
                     AZATTEST_OK);
    azattest__buf_free(&extensions);
    return one;
}

static void leave(party *one)
{
    azattest__key_free(one->key);
    azattest__cert_free(one->certificate);
    memset(one, 0, sizeof(*one));
}

static const azattest__cert_request authority = { .ca = true, .path_length = -1 };
static const azattest__cert_request leaf = { .path_length = -1 };

/* As it should be. */
static void set_up_scene(scene *s)
{
    memset(s, 0, sizeof(*s));
    assert_int_equal(azattest__machine_open(quotes_simulator(), NULL, &s->machine, NULL), AZATTEST_OK);
    s->root = issue(s, ROOT, authority, NULL, NULL);
    s->ca = issue(s, PLATFORM_CA, authority, &s->root, NULL);
    s->pck = issue(s, PCK, leaf, &s->ca, NULL);
    s->signer = issue(s, SIGNING, leaf, &s->root, NULL);
    s->chain[0] = &s->pck;
    s->chain[1] = &s->ca;
    s->chain[2] = &s->root;
    s->signers[0] = &s->signer;
    s->signers[1] = &s->root;
    s->root_list = &s->root;
    s->pck_list = &s->ca;
    s->issued = YEAR_2025;
    s->next = YEAR_2027;
}

static void clear_scene(scene *s)
{
    leave(&s->root);
    leave(&s->ca);
    leave(&s->pck);
    leave(&s->signer);
    leave(&s->other);
    azattest__machine_clear(&s->machine);
}

static azattest__buf chain_of(const party *const *parties, size_t count)
{
    azattest__buf pem;

    azattest__buf_init(&pem, 65536);
    for (size_t i = 0; i < count; i++)
        azattest__platform_put_certificate(parties[i]->certificate, &pem);
    assert_int_equal(pem.status, AZATTEST_OK);
    return pem;
}

static azattest__buf quote_of(const scene *s)
{
    azattest__quote_parts parts = quotes_parts();
    azattest__buf chain = chain_of(s->chain, 3), quote;

    parts.certification = azattest__buf_bytes(&chain);
    parts.pck_key = s->chain[0]->key;
    quote = quotes_assemble(&parts);
    azattest__buf_free(&chain);
    return quote;
}

static void add(azattest_collateral *set, const char *item, azattest__buf *body, azattest_bytes chain)
{
    azattest_error *error = NULL;

    if (azattest_collateral_add_response(set, item, azattest__buf_bytes(body), chain, &error) != AZATTEST_OK)
        fail_msg("%s: %s", item, azattest_error_message(error));
    azattest__buf_free(body);
}

static void add_document(const scene *s, bool identity, azattest_collateral *set)
{
    azattest__buf chain = chain_of(s->signers, 2), text, signature, body;
    azattest__machine machine = s->machine;
    azattest__tcb_info_plan info;
    azattest__identity_plan own;

    machine.tcb_signing_key = s->signers[0]->key;
    azattest__buf_init(&text, 65536);
    azattest__buf_init(&signature, 256);
    azattest__buf_init(&body, 65536);
    if (identity) {
        assert_int_equal(azattest__identity_fill(&machine, false, &own, NULL), AZATTEST_OK);
        own.issued = s->issued;
        own.next = s->next;
        assert_int_equal(azattest__identity_print(&own, &text, NULL), AZATTEST_OK);
    } else {
        assert_int_equal(azattest__tcb_info_fill(&machine, false, &info, NULL), AZATTEST_OK);
        info.issued = s->issued;
        info.next = s->next;
        assert_int_equal(azattest__tcb_info_print(&info, &text, NULL), AZATTEST_OK);
    }
    assert_int_equal(azattest__document_sign(&machine, azattest__buf_bytes(&text), false, &signature, NULL),
                     AZATTEST_OK);
    azattest__buf_printf(&body, "{\"%s\":%s,\"signature\":\"%s\"}", identity ? "enclaveIdentity" : "tcbInfo",
                         (const char *)text.ptr, (const char *)signature.ptr);
    add(set, identity ? "qe_identity" : "tcb_info", &body, azattest__buf_bytes(&chain));
    azattest__buf_free(&text);
    azattest__buf_free(&signature);
    azattest__buf_free(&chain);
}

static void add_list(const party *issuer, const char *item, azattest_bytes revoked, azattest_collateral *set)
{
    azattest__crl_request request = { .this_update = YEAR_2025, .next_update = YEAR_2027, .number = 1 };
    azattest__buf der;

    azattest__buf_init(&der, 65536);
    request.revoked = &revoked;
    request.revoked_count = revoked.ptr != NULL;
    assert_int_equal(azattest__crl_issue(&request, issuer->certificate, issuer->key, &der, NULL), AZATTEST_OK);
    add(set, item, &der, azattest__bytes(NULL, 0));
}

static void fill(const scene *s, azattest_collateral *set)
{
    add_document(s, false, set);
    add_document(s, true, set);
    add_list(s->root_list, "root_ca_crl", s->revoked_by_root, set);
    add_list(s->pck_list, "pck_crl", s->revoked_by_ca, set);
}

static azattest_collateral *set_of(const scene *s)
{
    azattest_collateral *set = NULL;

    assert_int_equal(azattest_collateral_new(&set, NULL), AZATTEST_OK);
    fill(s, set);
    return set;
}

/* Every self-signed party of the scene is trusted. */
static azattest_verification_result *verify_scene(const scene *s, const azattest_collateral *set)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    const party *const trusted[2] = { &s->root, s->other.certificate == NULL ? &s->root : &s->other };
    azattest__buf quote = quote_of(s), roots = chain_of(trusted, 2);
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    if (azattest_evidence_parse(azattest__buf_bytes(&quote), &evidence, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    options.now_ms = NOW;
    options.extra_roots = azattest__buf_bytes(&roots);
    options.collateral = set;
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    azattest_evidence_free(evidence);
    azattest__buf_free(&roots);
    azattest__buf_free(&quote);
    return result;
}

/* ---- what may be wrong ---- */

static void nothing(scene *s)
{
    (void)s;
}

static void the_pck_signs_tcb_info(scene *s)
{
    s->signers[0] = &s->pck;
}

static void the_ca_signs_tcb_info(scene *s)
{
    s->signers[0] = &s->ca;
}

static void an_authority_of_the_signers_name_signs(scene *s)
{
    leave(&s->signer);
    s->signer = issue(s, SIGNING, authority, &s->root, NULL);
}

static void the_ca_made_the_signer(scene *s)
{
    leave(&s->signer);
    s->signer = issue(s, SIGNING, leaf, &s->ca, NULL);
}

static void the_ca_made_the_signer_and_stands_for_the_root(scene *s)
{
    the_ca_made_the_signer(s);
    s->signers[1] = &s->ca;
}

static void the_signer_made_the_pck(scene *s)
{
    leave(&s->pck);
    s->pck = issue(s, PCK, leaf, &s->signer, NULL);
    s->chain[1] = &s->signer;
    s->pck_list = &s->signer;
}

static void the_pck_is_an_authority(scene *s)
{
    leave(&s->pck);
    s->pck = issue(s, PCK, authority, &s->ca, NULL);
}

static void the_root_allows_for_no_ca(scene *s)
{
    azattest__key *key = azattest__key_ref(s->root.key);

    leave(&s->root);
    s->root = issue(s, ROOT, (azattest__cert_request){ .ca = true, .path_length = 0 }, NULL, key);
    azattest__key_free(key);
}

static void remake_ca(scene *s, azattest__cert_request with)
{
    azattest__key *key = azattest__key_ref(s->ca.key);

    leave(&s->ca);
    s->ca = issue(s, PLATFORM_CA, with, &s->root, key);
    azattest__key_free(key);
}

static void the_ca_may_not_sign_certificates(scene *s)
{
    remake_ca(s, (azattest__cert_request){ .ca = true, .path_length = -1, .key_usage = "critical,cRLSign" });
}

static void the_ca_may_not_sign_lists(scene *s)
{
    remake_ca(s, (azattest__cert_request){ .ca = true, .path_length = -1, .key_usage = "critical,keyCertSign" });
}

static void the_root_is_of_the_ca(scene *s)
{
    leave(&s->other);
    s->other = issue(s, ROOT, authority, &s->ca, NULL);
    s->chain[2] = &s->other;
}

static void the_collateral_is_of_another_root(scene *s)
{
    s->other = issue(s, ROOT, authority, NULL, NULL);
    leave(&s->signer);
    s->signer = issue(s, SIGNING, leaf, &s->other, NULL);
    s->signers[1] = &s->other;
}

static void the_root_list_is_of_another_root(scene *s)
{
    s->other = issue(s, ROOT, authority, NULL, NULL);
    s->root_list = &s->other;
}

static void the_pck_list_is_of_another_ca_of_the_name(scene *s)
{
    s->other = issue(s, PLATFORM_CA, authority, &s->root, NULL);
    s->pck_list = &s->other;
}

static void the_pck_signs_its_own_list(scene *s)
{
    s->other = issue(s, PLATFORM_CA, authority, &s->root, s->pck.key);
    s->pck_list = &s->other;
}

/* With its first bit set, a number's INTEGER has one more byte. */
static const unsigned char high[] = { 0x80, 0, 0, 0, 0, 0, 0, 1 };

static void a_serial_with_its_first_bit_set_is_revoked(scene *s)
{
    leave(&s->pck);
    s->pck = issue(s, PCK,
                   (azattest__cert_request){ .path_length = -1, .serial_bytes = azattest__bytes(high, sizeof(high)) },
                   &s->ca, NULL);
    s->revoked_by_ca = azattest__bytes(high, sizeof(high));
}

static void the_signer_is_revoked(scene *s)
{
    leave(&s->signer);
    s->signer = issue(
        s, SIGNING, (azattest__cert_request){ .path_length = -1, .serial_bytes = azattest__bytes(high, sizeof(high)) },
        &s->root, NULL);
    s->revoked_by_root = azattest__bytes(high, sizeof(high));
}

static void documents_are_of_the_future(scene *s)
{
    s->issued = NOW / 1000 + 1;
}

static void documents_end_in_a_year_that_is_the_last(scene *s)
{
    s->next = YEAR_9999;
}

static void documents_ended_a_second_ago(scene *s)
{
    s->next = NOW / 1000 - 1;
}

static void documents_are_of_this_second(scene *s)
{
    s->issued = s->next = NOW / 1000;
}

static void who_may_sign_what_is_looked_at(void **state)
{
    static const struct {
        const char *what;
        void (*bend)(scene *s);
        const char *check; /* fails; NULL: nothing does */
    } cases[] = {
#define CASE(name) #name, name
        { CASE(nothing), NULL },
        { CASE(the_pck_signs_tcb_info), "tcb_info" },
        { CASE(the_ca_signs_tcb_info), "tcb_info" },
        { CASE(an_authority_of_the_signers_name_signs), "qe_identity" },
        { CASE(the_ca_made_the_signer), "tcb_info" },
        { CASE(the_ca_made_the_signer_and_stands_for_the_root), "tcb_info" },
        { CASE(the_signer_made_the_pck), "pck_chain" },
        { CASE(the_pck_is_an_authority), "pck_chain" },
        { CASE(the_root_allows_for_no_ca), "pck_chain" },
        { CASE(the_ca_may_not_sign_certificates), "pck_chain" },
        { CASE(the_ca_may_not_sign_lists), "pck_crl" },
        { CASE(the_root_is_of_the_ca), "pck_chain" },
        { CASE(the_collateral_is_of_another_root), "tcb_info" },
        { CASE(the_root_list_is_of_another_root), "root_ca_crl" },
        { CASE(the_pck_list_is_of_another_ca_of_the_name), "pck_crl" },
        { CASE(the_pck_signs_its_own_list), "pck_crl" },
        { CASE(a_serial_with_its_first_bit_set_is_revoked), "pck_revocation" },
        { CASE(the_signer_is_revoked), "ca_revocation" },
        { CASE(documents_are_of_the_future), "collateral_validity" },
        { CASE(documents_end_in_a_year_that_is_the_last), NULL },
        { CASE(documents_ended_a_second_ago), "collateral_validity" },
        { CASE(documents_are_of_this_second), NULL },
#undef CASE
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_verification_result *result;
        azattest_collateral *set;
        scene s;

        set_up_scene(&s);
        cases[i].bend(&s);
        set = set_of(&s);
        for (int turn = 0; turn < 2; turn++) { /* what is kept says the same */
            result = verify_scene(&s, set);
            if (cases[i].check != NULL)
                verdict_want(result, cases[i].what, cases[i].check, 0);
            else
                for (size_t k = 0; k < azattest_verification_result_check_count(result); k++)
                    verdict_want(result, cases[i].what, azattest_verification_result_check_id(result, k), 1);
            if (azattest_verification_result_is_valid(result) != (cases[i].check == NULL) ||
                azattest_verification_result_is_complete(result) != (cases[i].check == NULL))
                fail_msg("%s", cases[i].what);
            azattest_verification_result_free(result);
        }
        azattest_collateral_free(set);
        clear_scene(&s);
    }
}

/* A finding about a list is one about a certificate, not about everybody with its name and key. */
static void a_list_that_verified_under_one_certificate_is_judged_anew_under_another(void **state)
{
    azattest_verification_result *result;
    azattest_collateral *set;
    scene s;

    (void)state;
    set_up_scene(&s);
    set = set_of(&s);
    result = verify_scene(&s, set);
    assert_true(azattest_verification_result_is_complete(result));
    azattest_verification_result_free(result);
    the_ca_may_not_sign_lists(&s);
    result = verify_scene(&s, set);
    verdict_want(result, "the same key without cRLSign", "pck_chain", 1);
    verdict_want(result, "the same key without cRLSign", "pck_crl", 0);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
    clear_scene(&s);
}

/* Two hierarchies in one set, with machines of the same FMSPC: each machine is judged by its own. */
static void each_hierarchy_of_a_set_serves_its_own_machines(void **state)
{
    azattest_verification_result *result;
    azattest_collateral *set;
    scene first, second;

    (void)state;
    set_up_scene(&first);
    set_up_scene(&second);
    second.issued++; /* the later ones, for whoever looks at nothing else */
    set = set_of(&first);
    fill(&second, set);
    for (int turn = 0; turn < 2; turn++) {
        result = verify_scene(&first, set);
        for (size_t k = 0; k < azattest_verification_result_check_count(result); k++)
            verdict_want(result, "the first", azattest_verification_result_check_id(result, k), 1);
        azattest_verification_result_free(result);
        result = verify_scene(&second, set);
        for (size_t k = 0; k < azattest_verification_result_check_count(result); k++)
            verdict_want(result, "the second", azattest_verification_result_check_id(result, k), 1);
        azattest_verification_result_free(result);
    }
    azattest_collateral_free(set);
    clear_scene(&first);
    clear_scene(&second);
}

/* A set of nothing but roots of one name is no way to keep its reader busy. */
static void of_many_certificates_of_one_name_a_few_are_tried(void **state)
{
    (void)state;
    for (int others = AZATTEST__ISSUERS_TRIED - 1; others <= (int)AZATTEST__ISSUERS_TRIED; others++) {
        azattest_collateral *set = NULL;
        azattest_verification_result *result;
        scene s;

        set_up_scene(&s);
        assert_int_equal(azattest_collateral_new(&set, NULL), AZATTEST_OK);
        for (int i = 0; i < others; i++) {
            party namesake = issue(&s, ROOT, authority, NULL, NULL);
            const party *const one = &namesake;
            azattest__buf pem = chain_of(&one, 1);

            assert_int_equal(azattest_collateral_add(set, azattest__buf_bytes(&pem), NULL), AZATTEST_OK);
            azattest__buf_free(&pem);
            leave(&namesake);
        }
        fill(&s, set);
        result = verify_scene(&s, set);
        verdict_want(result, "among others", "tcb_info", others < (int)AZATTEST__ISSUERS_TRIED);
        assert_true(azattest_collateral_describe(set).len > 0);
        azattest_verification_result_free(result);
        azattest_collateral_free(set);
        clear_scene(&s);
    }
}

static int close_quotes(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_sign_what_is_looked_at),
        cmocka_unit_test(a_list_that_verified_under_one_certificate_is_judged_anew_under_another),
        cmocka_unit_test(each_hierarchy_of_a_set_serves_its_own_machines),
        cmocka_unit_test(of_many_certificates_of_one_name_a_few_are_tried),
    };

    return cmocka_run_group_tests(tests, NULL, close_quotes);
}
