/* The set of collateral: every form that it is read from, what it refuses, and what it gives back. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "evidence/collateral/collateral.h"
#include "expect.h"
#include "json/json.h"
#include "made.h"
#include "simulator/documents.h"
#include "verdict.h"

static azattest_collateral *new_set(void)
{
    azattest_collateral *set = NULL;

    assert_int_equal(azattest_collateral_new(&set, NULL), AZATTEST_OK);
    return set;
}

/* From memory of exactly its size. */
static azattest_status add(azattest_collateral *set, azattest_bytes content, azattest_error **error)
{
    unsigned char *exact = malloc(content.len == 0 ? 1 : content.len);
    azattest_status status;

    assert_non_null(exact);
    memcpy(exact, content.ptr, content.len);
    status = azattest_collateral_add(set, azattest__bytes(exact, content.len), error);
    free(exact);
    return status;
}

static void must_add(azattest_collateral *set, const char *what, azattest_bytes content)
{
    azattest_error *error = NULL;

    if (add(set, content, &error) != AZATTEST_OK)
        fail_msg("%s: %s", what, azattest_error_message(error));
}

static bool holds(const azattest_collateral *set, size_t documents, size_t crls, size_t certificates)
{
    if (set->document_count == documents && set->crl_count == crls && set->certificate_count == certificates)
        return true;
    print_error("%zu documents, %zu lists, %zu certificates\n", set->document_count, set->crl_count,
                set->certificate_count);
    return false;
}

static azattest_verification_result *verify(const azattest_collateral *set, const made *it, int64_t now_ms)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;

    assert_int_equal(azattest_evidence_parse(it->evidence, &evidence, NULL), AZATTEST_OK);
    options.now_ms = now_ms;
    options.extra_roots = it->roots;
    options.collateral = set;
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    azattest_evidence_free(evidence);
    return result;
}

static void want_complete(const azattest_collateral *set, const made *it, const char *what)
{
    azattest_verification_result *result = verify(set, it, QUOTES_NOW_MS);

    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        verdict_want(result, what, azattest_verification_result_check_id(result, i), 1);
    assert_true(azattest_verification_result_is_complete(result));
    azattest_verification_result_free(result);
}

/* The pieces as the services answer. */
typedef struct pieces {
    azattest_bytes tcb_info, qe_identity, pck_crl, root_ca_crl; /* bodies: JSON, JSON, DER or PEM, DER */
    azattest_bytes signing_chain, crl_chain, root_chain;
} pieces;

static pieces make_pieces(made_kind kind)
{
    pieces out;
    azattest_bytes again;

    out.tcb_info = made_item(kind, NULL, "tcb_info", &out.signing_chain);
    out.qe_identity = made_item(kind, NULL, "qe_identity", &again);
    made_bytes_free(&again);
    out.pck_crl = made_item(kind, NULL, "pck_crl", &out.crl_chain);
    out.root_ca_crl = made_item(kind, NULL, "root_ca_crl", &out.root_chain);
    return out;
}

static void free_pieces(pieces *p)
{
    made_bytes_free(&p->tcb_info);
    made_bytes_free(&p->qe_identity);
    made_bytes_free(&p->pck_crl);
    made_bytes_free(&p->root_ca_crl);
    made_bytes_free(&p->signing_chain);
    made_bytes_free(&p->crl_chain);
    made_bytes_free(&p->root_chain);
}

static void nothing_given_never_crashes(void **state)
{
    azattest_collateral *set = new_set();
    azattest_error *error = NULL;
    unsigned char *bytes = NULL;
    size_t len = 1;

    (void)state;
    assert_int_equal(azattest_collateral_new(NULL, NULL), AZATTEST_E_ARGUMENT);
    expect(azattest_collateral_add(NULL, azattest__text("{}"), &error), &error, AZATTEST_E_ARGUMENT, "no set");
    expect(azattest_collateral_add(set, azattest__bytes(NULL, 0), &error), &error, AZATTEST_E_ARGUMENT, "no content");
    expect(azattest_collateral_add(set, azattest__bytes("", 0), &error), &error, AZATTEST_E_ARGUMENT, "no content");
    expect(azattest_collateral_add_response(set, NULL, azattest__text("{}"), azattest__bytes(NULL, 0), &error), &error,
           AZATTEST_E_ARGUMENT, "no such item");
    expect(azattest_collateral_add_response(set, "qve", azattest__text("{}"), azattest__bytes(NULL, 0), &error), &error,
           AZATTEST_E_ARGUMENT, "tcb_info");
    expect(azattest_collateral_save(NULL, &bytes, &len, &error), &error, AZATTEST_E_ARGUMENT, "no set");
    assert_int_equal(len, 0);
    expect(azattest_collateral_save(set, NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "no place");
    assert_null(azattest_collateral_describe(NULL).ptr);
    assert_int_equal(azattest_collateral_expires_ms(NULL), 0);
    assert_int_equal(azattest_collateral_expires_ms(set), 0);
    assert_null(azattest_collateral_ref(NULL));
    azattest_collateral_free(NULL);
    assert_ptr_equal(azattest_collateral_ref(set), set);
    azattest_collateral_free(set);
    azattest_collateral_free(set);
}

static void the_pieces_make_a_set_in_each_of_their_forms(void **state)
{
    made it = made_of(MADE_TDX, NULL);
    pieces p = make_pieces(MADE_TDX);
    azattest_collateral *set = new_set();
    azattest__buf text;

    (void)state;
    /* As files. */
    must_add(set, "TCB info", p.tcb_info);
    must_add(set, "QE identity", p.qe_identity);
    must_add(set, "PCK CRL", p.pck_crl);
    must_add(set, "root CA CRL", p.root_ca_crl);
    must_add(set, "signing chain", p.signing_chain);
    assert_true(holds(set, 2, 2, 2));
    must_add(set, "the same again", p.tcb_info);
    must_add(set, "the same again", p.pck_crl);
    must_add(set, "the root again", p.root_chain);
    assert_true(holds(set, 2, 2, 2));
    want_complete(set, &it, "files");
    azattest_collateral_free(set);
    /* As answers, each with the chain of its header. */
    set = new_set();
    assert_int_equal(azattest_collateral_add_response(set, "tcb_info", p.tcb_info, p.signing_chain, NULL), AZATTEST_OK);
    assert_int_equal(azattest_collateral_add_response(set, "qe_identity", p.qe_identity, p.signing_chain, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest_collateral_add_response(set, "pck_crl", p.pck_crl, p.crl_chain, NULL), AZATTEST_OK);
    assert_int_equal(
        azattest_collateral_add_response(set, "root_ca_crl", p.root_ca_crl, azattest__bytes(NULL, 0), NULL),
        AZATTEST_OK);
    assert_true(holds(set, 2, 2, 3));
    want_complete(set, &it, "answers");
    azattest_collateral_free(set);
    /* The list as PEM, and as hexadecimal text with a line end. */
    for (int form = 0; form < 2; form++) {
        set = new_set();
        azattest__buf_init(&text, 1u << 20);
        if (form == 0)
            azattest__pem_encode("X509 CRL", p.root_ca_crl, &text);
        else {
            azattest__hex_encode_upper(p.root_ca_crl, &text);
            azattest__buf_append_text(&text, "\r\n");
        }
        must_add(set, "root CA CRL", azattest__buf_bytes(&text));
        assert_true(holds(set, 0, 1, 0));
        must_add(set, "as DER it is the same", p.root_ca_crl);
        assert_true(holds(set, 0, 1, 0));
        azattest__buf_free(&text);
        azattest_collateral_free(set);
    }
    /* White space outside of the signed object is nobody's. */
    set = new_set();
    azattest__buf_init(&text, 1u << 20);
    azattest__buf_append_text(&text, "\n { \"tcbInfo\" :\t");
    azattest__buf_append(&text, (const char *)p.tcb_info.ptr + 11, p.tcb_info.len - 11 - 144);
    assert_memory_equal((const char *)p.tcb_info.ptr + p.tcb_info.len - 144, ",\"signature\":\"", 14);
    azattest__buf_append_text(&text, " , \"signature\" : ");
    azattest__buf_append(&text, (const char *)p.tcb_info.ptr + p.tcb_info.len - 131, 130);
    azattest__buf_append_text(&text, " } \n");
    must_add(set, "TCB info with white space", azattest__buf_bytes(&text));
    must_add(set, "QE identity", p.qe_identity);
    must_add(set, "PCK CRL", p.pck_crl);
    must_add(set, "root CA CRL", p.root_ca_crl);
    must_add(set, "signing chain", p.signing_chain);
    want_complete(set, &it, "white space");
    azattest__buf_free(&text);
    azattest_collateral_free(set);
    free_pieces(&p);
    made_free(&it);
}

static void an_answer_has_to_be_the_item_that_was_asked_for(void **state)
{
    pieces p = make_pieces(MADE_SGX);
    azattest_bytes absent = { NULL, 0 };
    azattest_collateral *set = new_set();
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_collateral_add_response(set, "tcb_info", p.qe_identity, absent, &error), &error,
           AZATTEST_E_MALFORMED, "tcbInfo");
    expect(azattest_collateral_add_response(set, "qe_identity", p.tcb_info, absent, &error), &error,
           AZATTEST_E_MALFORMED, "enclaveIdentity");
    expect(azattest_collateral_add_response(set, "pck_crl", p.signing_chain, absent, &error), &error,
           AZATTEST_E_MALFORMED, "not a revocation list");
    expect(azattest_collateral_add_response(set, "vcek", p.root_ca_crl, absent, &error), &error, AZATTEST_E_MALFORMED,
           "not certificates");
    /* The signer and its root, no more and no less: otherwise another certificate could step between them. */
    expect(azattest_collateral_add_response(set, "tcb_info", p.tcb_info, p.root_chain, &error), &error,
           AZATTEST_E_MALFORMED, "expected 2");
    expect(azattest_collateral_add_response(set, "tcb_info", p.tcb_info, azattest__text("-----BEGIN"), &error), &error,
           AZATTEST_E_MALFORMED, "PEM");
    assert_true(holds(set, 0, 0, 0));
    azattest_collateral_free(set);
    free_pieces(&p);
}

static void what_is_no_collateral_is_refused_and_leaves_nothing(void **state)
{
    static const struct {
        const char *what, *content, *message;
    } cases[] = {
        { "text", "hello", "neither JSON, PEM, DER" },
        { "an odd number of digits", "308", "neither JSON, PEM, DER" },
        { "hexadecimal of nothing", "00", "not a certificate or revocation list" },
        { "an empty object", "{}", "no member that is known" },
        { "another object", "{\"a\":1}", "no member that is known" },
        { "an unclosed object", "{\"tcbInfo\":{}", "JSON" },
        { "text behind the object", "{\"tcbInfo\":{},\"signature\":\"\"} x", "JSON" },
        { "a second object", "{\"tcbInfo\":{},\"signature\":\"\"}{}", "JSON" },
        { "a member twice", "{\"tcbInfo\":{},\"tcbInfo\":{},\"signature\":\"\"}", "JSON" },
        { "a member twice inside", "{\"tcbInfo\":{\"version\":3,\"version\":3},\"signature\":\"\"}", "JSON" },
        { "two documents", "{\"tcbInfo\":{},\"enclaveIdentity\":{},\"signature\":\"\"}", "both" },
        { "no signature", "{\"tcbInfo\":{\"version\":3}}", "no signature" },
        { "a signature of 127 digits",
          "{\"tcbInfo\":{\"version\":3},\"signature\":"
          "\"0000000000000000000000000000000000000000000000000000000000000000"
          "000000000000000000000000000000000000000000000000000000000000000\"}",
          "128 hexadecimal digits" },
        { "a document that is a text", "{\"tcbInfo\":\"{}\",\"signature\":\"00\"}", "not an object" },
        { "a bundle with a broken document", "{\"tcb_info\":\"{\",\"tcb_info_signature\":\"00\"}", "TCB info" },
        { "a bundle with a number", "{\"pck_crl\":7}", "not a string" },
        { "a bundle with text for a list", "{\"pck_crl\":\"xyz\"}", "PCK CRL" },
        { "PEM of something else", "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n", "PEM" },
        { "PEM without an end", "-----BEGIN CERTIFICATE-----\nAQID\n", "PEM" },
        { "PEM that is not base64", "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n", "not base64" },
        { "PEM that is no certificate", "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n",
          "certificate" },
        { "PEM that is no list", "-----BEGIN X509 CRL-----\nAQID\n-----END X509 CRL-----\n", "revocation list" },
    };
    azattest_collateral *set = new_set();
    azattest_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_status status = add(set, azattest__text(cases[i].content), &error);

        if (status != AZATTEST_E_MALFORMED || strstr(azattest_error_message(error), cases[i].message) == NULL)
            fail_msg("%s: %s (%s)", cases[i].what, azattest_status_name(status), azattest_error_message(error));
        azattest_error_free(error);
        error = NULL;
        assert_true(holds(set, 0, 0, 0));
    }
    azattest_collateral_free(set);
}

/* The bytes that are signed are taken as they are: what would mean the same is not the same. */
static void a_document_that_was_written_again_does_not_verify(void **state)
{
    made it = made_of(MADE_SGX, NULL);
    pieces p = make_pieces(MADE_SGX);
    static const struct {
        const char *what, *part, *replacement;
    } cases[] = {
        { "a blank inside", "\"version\":3,", "\"version\": 3," },
        { "members in another order", "\"tcbType\":0,\"tcbEvaluationDataNumber\":17,",
          "\"tcbEvaluationDataNumber\":17,\"tcbType\":0," },
        { "another status", "\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"UpToDate\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_collateral *set = new_set();
        azattest_verification_result *result;
        const char *text = p.tcb_info.ptr, *hit = strstr(text, cases[i].part);
        azattest__buf changed;

        assert_non_null(hit);
        azattest__buf_init(&changed, 1u << 20);
        azattest__buf_append(&changed, text, (size_t)(hit - text));
        azattest__buf_append_text(&changed, cases[i].replacement);
        azattest__buf_append_text(&changed, hit + strlen(cases[i].part));
        must_add(set, cases[i].what, azattest__buf_bytes(&changed));
        must_add(set, "signing chain", p.signing_chain);
        result = verify(set, &it, QUOTES_NOW_MS);
        verdict_want(result, cases[i].what, "tcb_info", 0);
        verdict_want(result, cases[i].what, "tcb_status", -1);
        assert_false(azattest_verification_result_is_valid(result));
        azattest_verification_result_free(result);
        azattest_collateral_free(set);
        azattest__buf_free(&changed);
    }
    free_pieces(&p);
    made_free(&it);
}

/* Documents that the right key signed, and that are wrong all the same. */
static void a_signed_document_still_has_to_be_one(void **state)
{
    static const struct {
        const char *what;
        unsigned sgx_count, tdx_count, svn;
        const char *status;
    } cases[] = {
        { "as it should be", 16, 16, 0, "UpToDate" },   { "15 SGX components", 15, 16, 0, "UpToDate" },
        { "17 SGX components", 17, 16, 0, "UpToDate" }, { "15 TDX components", 16, 15, 0, "UpToDate" },
        { "17 TDX components", 16, 17, 0, "UpToDate" }, { "an SVN of 256", 16, 16, 256, "UpToDate" },
        { "an unknown status", 16, 16, 0, "Fine" },
    };
    made it = made_of(MADE_TDX, NULL);
    pieces p = make_pieces(MADE_TDX);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest__tcb_info_plan *plan = calloc(1, sizeof(*plan));
        azattest__machine machine = { .simulator = NULL };
        azattest_collateral *set = new_set();
        azattest_verification_result *result;
        azattest__buf body, object;

        assert_non_null(plan);
        assert_int_equal(azattest__machine_open(quotes_simulator(), NULL, &machine, NULL), AZATTEST_OK);
        assert_int_equal(azattest__tcb_info_fill(&machine, true, plan, NULL), AZATTEST_OK);
        plan->levels[1].sgx_count = cases[i].sgx_count;
        plan->levels[1].tdx_count = cases[i].tdx_count;
        plan->levels[1].sgx[15] = cases[i].svn;
        plan->levels[1].status = cases[i].status;
        azattest__buf_init(&object, 1u << 20);
        azattest__buf_init(&body, 1u << 20);
        assert_int_equal(azattest__tcb_info_print(plan, &object, NULL), AZATTEST_OK);
        azattest__buf_append_text(&body, "{\"tcbInfo\":");
        azattest__buf_append_bytes(&body, azattest__buf_bytes(&object));
        azattest__buf_append_text(&body, ",\"signature\":\"");
        assert_int_equal(azattest__document_sign(&machine, azattest__buf_bytes(&object), false, &body, NULL),
                         AZATTEST_OK);
        azattest__buf_append_text(&body, "\"}");
        must_add(set, cases[i].what, azattest__buf_bytes(&body));
        must_add(set, "signing chain", p.signing_chain);
        result = verify(set, &it, QUOTES_NOW_MS);
        verdict_want(result, cases[i].what, "tcb_info", i == 0);
        verdict_want(result, cases[i].what, "tcb_level", i == 0 ? 1 : -1);
        azattest_verification_result_free(result);
        azattest_collateral_free(set);
        azattest__buf_free(&body);
        azattest__buf_free(&object);
        azattest__machine_clear(&machine);
        free(plan);
    }
    free_pieces(&p);
    made_free(&it);
}

static void put32(unsigned char *p, size_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

/* Open Enclave's endorsements, with a creation time that nobody asks. */
static azattest__buf make_endorsements(const pieces *p)
{
    const azattest_bytes items[9] = { azattest__bytes("\1\0\0", 4),
                                      p->tcb_info,
                                      p->signing_chain,
                                      p->pck_crl,
                                      p->root_ca_crl,
                                      p->crl_chain,
                                      p->qe_identity,
                                      p->signing_chain,
                                      azattest__text("2026-01-01T00:00:00Z") };
    unsigned char header[52] = { 1, 0, 0, 0, 2 };
    azattest__buf out, data;

    azattest__buf_init(&out, 1u << 20);
    azattest__buf_init(&data, 1u << 20);
    for (size_t i = 0; i < 9; i++) {
        put32(header + 16 + 4 * i, data.len);
        azattest__buf_append_bytes(&data, items[i]);
        if (i > 0)
            azattest__buf_append(&data, "", 1); /* text ends as C's does */
    }
    put32(header + 8, data.len);
    put32(header + 12, 9);
    azattest__buf_append(&out, header, sizeof(header));
    azattest__buf_append_bytes(&out, azattest__buf_bytes(&data));
    azattest__buf_free(&data);
    return out;
}

static void endorsements_of_open_enclave_are_taken_apart(void **state)
{
    made it = made_of(MADE_SGX, NULL);
    pieces p = make_pieces(MADE_SGX);
    azattest__buf blob = make_endorsements(&p);
    azattest_collateral *set = new_set();
    azattest_verification_result *result;

    (void)state;
    must_add(set, "endorsements", azattest__buf_bytes(&blob));
    assert_true(holds(set, 2, 2, 3));
    want_complete(set, &it, "endorsements");
    /* Long after their end, whatever they say of when they were made. */
    result = verify(set, &it, INT64_C(2600000000000));
    verdict_want(result, "endorsements", "collateral_validity", 0);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
    set = new_set();
    for (size_t cut = 0; cut < blob.len; cut += cut < 100 ? 1 : 41)
        if (cut > 0)
            assert_int_not_equal(add(set, azattest__bytes(blob.ptr, cut), NULL), AZATTEST_OK);
    for (size_t at = 8; at < 52; at++) { /* sizes and offsets */
        unsigned char old = blob.ptr[at];

        blob.ptr[at] = 0xff;
        assert_int_not_equal(add(set, azattest__buf_bytes(&blob), NULL), AZATTEST_OK);
        blob.ptr[at] = old;
    }
    assert_true(holds(set, 0, 0, 0));
    azattest_collateral_free(set);
    azattest__buf_free(&blob);
    free_pieces(&p);
    made_free(&it);
}

static void what_was_saved_makes_the_same_set(void **state)
{
    made it = made_of(MADE_SGX, NULL), td = made_of(MADE_TDX, NULL);
    azattest_collateral *set = new_set(), *again = new_set(), *empty = new_set();
    azattest__json *document = NULL;
    unsigned char *first = NULL, *second = NULL;
    size_t first_len = 0, second_len = 0;

    (void)state;
    must_add(set, "SGX", it.collateral);
    must_add(set, "TDX", td.collateral); /* another TCB info and another identity; the lists are the same or others */
    assert_int_equal(azattest_collateral_save(set, &first, &first_len, NULL), AZATTEST_OK);
    must_add(again, "saved", azattest__bytes(first, first_len));
    assert_true(holds(again, set->document_count, set->crl_count, set->certificate_count));
    assert_int_equal(azattest_collateral_save(again, &second, &second_len, NULL), AZATTEST_OK);
    assert_int_equal(first_len, second_len);
    assert_memory_equal(first, second, first_len);
    assert_int_equal(azattest_collateral_expires_ms(set), azattest_collateral_expires_ms(again));
    want_complete(again, &it, "saved");
    want_complete(again, &td, "saved");
    /* Others read the first of each kind. */
    assert_int_equal(azattest__json_parse(azattest__bytes(first, first_len), &document, NULL), AZATTEST_OK);
    for (size_t i = 0; i < 9; i++)
        assert_non_null(azattest__json_get_string(
            document, (const char *[]){ "tcb_info", "tcb_info_signature", "tcb_info_issuer_chain", "qe_identity",
                                        "qe_identity_signature", "qe_identity_issuer_chain", "pck_crl", "root_ca_crl",
                                        "pck_crl_issuer_chain" }[i]));
    azattest__json_free(document);
    azattest_free(first);
    azattest_free(second);
    assert_int_equal(azattest_collateral_save(empty, &first, &first_len, NULL), AZATTEST_OK);
    azattest_collateral_free(again);
    again = new_set();
    must_add(again, "the saved empty set", azattest__bytes(first, first_len));
    assert_true(holds(again, 0, 0, 0));
    azattest_free(first);
    azattest_collateral_free(again);
    azattest_collateral_free(empty);
    azattest_collateral_free(set);
    made_free(&it);
    made_free(&td);
}

static void a_description_names_every_item(void **state)
{
    made it = made_with(MADE_SGX, AZATTEST_SIMULATED_BIT(TCB_INFO_SIGNATURE));
    azattest_collateral *set = new_set();
    azattest__json *document = NULL;
    const azattest__json *items, *item;
    bool verifies, missing;

    (void)state;
    must_add(set, "set", it.collateral);
    assert_int_equal(azattest__json_parse(azattest_collateral_describe(set), &document, NULL), AZATTEST_OK);
    assert_ptr_equal(azattest_collateral_describe(set).ptr, azattest_collateral_describe(set).ptr);
    items = azattest__json_get(document, "items");
    assert_int_equal(azattest__json_count(items), set->document_count + set->crl_count + set->certificate_count);
    for (item = azattest__json_first(items); item != NULL; item = azattest__json_next(item)) {
        bool is_forged = strcmp(azattest__json_get_string(item, "kind"), "tcb_info") == 0;

        assert_true(azattest__json_bool(azattest__json_get(item, "verifies"), &verifies));
        assert_int_equal(verifies, !is_forged);
        assert_true(azattest__json_bool(azattest__json_get(item, "issuer_missing"), &missing));
        assert_false(missing);
        assert_non_null(azattest__json_get_string(item, "from"));
        assert_non_null(azattest__json_get_string(item, "until"));
        if (is_forged)
            assert_non_null(azattest__json_get_string(item, "reason"));
        else
            assert_string_equal(azattest__json_get_string(item, "root"), "other");
    }
    azattest__json_free(document);
    azattest_collateral_free(set);
    made_free(&it);
}

static void the_first_end_is_that_of_the_set(void **state)
{
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest_collateral *set = new_set();
    made it;

    (void)state;
    platform.window_items = AZATTEST_SIMULATED_PCK_CRL;
    platform.from_ms = QUOTES_NOW_MS;
    platform.until_ms = QUOTES_NOW_MS + INT64_C(1000) * 3600;
    it = made_of(MADE_SGX, &platform);
    must_add(set, "set", it.collateral);
    assert_true(azattest_collateral_expires_ms(set) == platform.until_ms);
    azattest_collateral_free(set);
    made_free(&it);
}

static void there_are_ceilings(void **state)
{
    azattest_collateral *set = new_set();
    azattest_error *error = NULL;
    char *large = calloc(1, AZATTEST_LIMIT_COLLATERAL_FILE + 1);
    azattest_status status = AZATTEST_OK;
    size_t count = 0;

    (void)state;
    assert_non_null(large);
    expect(azattest_collateral_add(set, azattest__bytes(large, AZATTEST_LIMIT_COLLATERAL_FILE + 1), &error), &error,
           AZATTEST_E_LIMIT, "at most");
    free(large);
    while (status == AZATTEST_OK && count <= AZATTEST_LIMIT_COLLATERAL_ITEMS) {
        azattest__buf text;

        azattest__buf_init(&text, 4096);
        azattest__buf_printf(
            &text,
            "{\"enclaveIdentity\":{\"id\":\"QE\",\"version\":2,\"issueDate\":\"2025-01-01T00:00:00Z\","
            "\"nextUpdate\":\"2025-01-31T00:00:00Z\",\"tcbEvaluationDataNumber\":%zu},\"signature\":\"",
            count);
        for (int i = 0; i < 128; i++)
            azattest__buf_append_text(&text, "0");
        azattest__buf_append_text(&text, "\"}");
        if ((status = add(set, azattest__buf_bytes(&text), &error)) == AZATTEST_OK)
            count++;
        azattest__buf_free(&text);
    }
    assert_int_equal(count, AZATTEST_LIMIT_COLLATERAL_ITEMS);
    expect(status, &error, AZATTEST_E_LIMIT, "256 signed documents");
    azattest_collateral_free(set);
}

typedef struct worker {
    const azattest_collateral *set;
    const made *it;
    size_t good;
} worker;

static void *work(void *argument)
{
    worker *own = argument;

    for (int i = 0; i < 20; i++) {
        azattest_verification_result *result = verify(own->set, own->it, QUOTES_NOW_MS);

        own->good += azattest_verification_result_is_complete(result) ? 1 : 0;
        azattest_verification_result_free(result);
        own->good += azattest_collateral_describe(own->set).len > 0 ? 1 : 0;
    }
    return NULL;
}

/* All begin with nothing found out. */
static void threads_share_a_set(void **state)
{
    made it = made_of(MADE_SGX, NULL), td = made_of(MADE_TDX, NULL);
    azattest_collateral *set = new_set();
    pthread_t threads[6];
    worker workers[6];

    (void)state;
    must_add(set, "SGX", it.collateral);
    must_add(set, "TDX", td.collateral);
    for (size_t i = 0; i < 6; i++) {
        workers[i] = (worker){ set, i % 2 == 0 ? &it : &td, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].good, 40);
    }
    azattest_collateral_free(set);
    made_free(&it);
    made_free(&td);
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
        cmocka_unit_test(nothing_given_never_crashes),
        cmocka_unit_test(the_pieces_make_a_set_in_each_of_their_forms),
        cmocka_unit_test(an_answer_has_to_be_the_item_that_was_asked_for),
        cmocka_unit_test(what_is_no_collateral_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_document_that_was_written_again_does_not_verify),
        cmocka_unit_test(a_signed_document_still_has_to_be_one),
        cmocka_unit_test(endorsements_of_open_enclave_are_taken_apart),
        cmocka_unit_test(what_was_saved_makes_the_same_set),
        cmocka_unit_test(a_description_names_every_item),
        cmocka_unit_test(the_first_end_is_that_of_the_set),
        cmocka_unit_test(there_are_ceilings),
        cmocka_unit_test(threads_share_a_set),
    };

    return cmocka_run_group_tests(tests, NULL, close_quotes);
}
