/* The linter: what each finding is about and what it is not, real policies, comments that silence. */
#include <stdio.h>
#include <stdlib.h>

#include "json/json.h"
#include "linted.h"
#include "policy/lint/lint.h"

#define SIGNER "4aea5f9a0ed04b11f889aadfe6a1d376213a29a95a85ce7337ae6f7fece6610c"

static size_t count_of(const azattest_policy_report *report, const char *id)
{
    size_t count = 0;

    for (size_t i = 0; i < azattest_policy_report_count(report); i++)
        count += strcmp(azattest_policy_report_id(report, i), id) == 0;
    return count;
}

/* For each id a text that has it once, and one as near to it as can be that has not. */
static const struct row {
    const char *id, *type;
    const char *has, *has_not;
} rows[] = {
    /* the parser's and the checker's */
    { "syntax", NULL, A("[type==\"a\"] => permit;"), A("[type==\"a\"] => permit();") },
    { "unterminated-string", NULL, A("[type==\"a] => permit();\n"), A("[type==\"a\"] => permit();\n") },
    { "typographic-quote", NULL,
      A("[type==\xe2\x80\x9c"
        "a\xe2\x80\x9d] => permit();"),
      A("[type==\"\xe2\x80\x9c"
        "a\xe2\x80\x9d\"] => permit();") },
    { "bad-escape", NULL, I("=>issue(type=\"a\", value=\"b\\w\");"), I("=>issue(type=\"a\", value=\"b\\\\w\");") },
    { "hidden-character", NULL, A("[type==\"a\xe2\x80\xae\"] => permit();"), A("[type==\"a\"] => permit();") },
    { "block-comment", NULL, A("/* a */ =>permit();"), A("// a\n =>permit();") },
    { "json-policy", NULL, "{\"$version\": 1}", A("") },
    { "byte-order-mark", NULL, "\xef\xbb\xbf" A("=>permit();"), A("=>permit();") },
    { "unknown-version", NULL, "version=1.3;authorizationrules{=>permit();};", A("") },
    { "keyword-case", NULL, "Version=1.0;authorizationrules{=>permit();};", "version=1.0;authorizationrules{};" },
    { "missing-semicolon", NULL, "version=1.0;authorizationrules{=>permit();}", A("") },
    { "missing-section", NULL, "version=1.0;issuancerules{};", A("") },
    { "section-order", NULL, "version=1.0;issuancerules{};authorizationrules{};", I("") },
    { "single-equals", NULL, A("[type=\"a\"] => permit();"), A("[type==\"a\"] => permit();") },
    { "double-equals", NULL, I("=>issue(type==\"a\", value=1);"), I("=>issue(type=\"a\", value=1);") },
    { "missing-type", NULL, I("=>issue(\"a\", value=1);"), I("=>issue(type=\"a\", value=1);") },
    { "missing-value", NULL, I("=>issue(type=\"a\");"), I("=>issue(type=\"a\", value=1);") },
    { "integer-range", NULL, I("=>issue(type=\"a\", value=9223372036854775808);"),
      I("=>issue(type=\"a\", value=9223372036854775807);") },
    { "fraction", NULL, I("=>issue(type=\"a\", value=1.5);"), I("=>issue(type=\"a\", value=15);") },
    { "version-gate", NULL, "version=1.0;authorizationrules{![type==\"secureBootEnabled\"]=>deny();=>permit();};",
      A("![type==\"secureBootEnabled\"]=>deny();=>permit();") },
    { "unbound-identifier", NULL, I("c:[type==\"tpmVersion\"]=>issue(type=\"a\", value=d.value);"),
      I("c:[type==\"tpmVersion\"]=>issue(type=\"a\", value=c.value);") },
    { "negated-identifier", NULL, A("!c:[type==\"vbsEnabled\"]=>permit();"), A("![type==\"vbsEnabled\"]=>permit();") },
    { "duplicate-identifier", NULL,
      I("c:[type==\"notWinPE\"]&&c:[type==\"tpmVersion\"]=>issue(type=\"a\", value=c.value);"),
      I("c:[type==\"notWinPE\"]&&d:[type==\"tpmVersion\"]=>issue(type=\"a\", value=c.value);") },
    { "duplicate-assignment", NULL, I("=>issue(type=\"a\", type=\"a\", value=1);"),
      I("=>issue(type=\"a\", value=1);") },
    { "unknown-function", NULL, I("=>issue(type=\"a\", value=NegateBol(true));"),
      I("=>issue(type=\"a\", value=NegateBool(true));") },
    { "arity", NULL, I("=>issue(type=\"a\", value=NegateBool(true, true));"),
      I("=>issue(type=\"a\", value=NegateBool(true));") },
    { "argument-type", NULL, I("=>issue(type=\"a\", value=NegateBool(1));"),
      I("=>issue(type=\"a\", value=NegateBool(true));") },
    { "argument-type", NULL, I("c:[type==\"x-ms-sgx-svn\"]=>issue(type=\"a\", value=NegateBool(c.value));"),
      I("c:[type==\"x-ms-sgx-is-debuggable\"]=>issue(type=\"a\", value=NegateBool(c.value));") },
    { "argument-type", NULL, I("c:[type==\"tpmVersion\"]=>issue(type=\"a\", value=AppendString(c.type, c.value));"),
      I("c:[type==\"tpmVersion\"]=>issue(type=\"a\", value=AppendString(c.type, c.issuer));") },
    { "argument-type", NULL,
      I("[type==\"x-ms-sgx-svn\"]=>add(type=\"n\", value=1);c:[type==\"n\", "
        "issuer==\"AttestationPolicy\"]=>issue(type=\"a\", value=JmesPath(c.value, \"a\"));"),
      I("[type==\"x-ms-sgx-svn\"]=>add(type=\"n\", value=\"1\");c:[type==\"n\", "
        "issuer==\"AttestationPolicy\"]=>issue(type=\"a\", value=JmesPath(c.value, \"a\"));") },
    { "action-section", NULL, I("=>permit();"), I("=>add(type=\"a\", value=1);") },
    { "issuer-assignment", NULL, I("=>issue(type=\"a\", value=1, issuer=\"AttestationService\");"),
      I("=>issue(type=\"a\", value=1);") },
    { "value-type-mismatch", NULL, I("=>issue(type=\"a\", value=1, valueType=\"String\");"),
      I("=>issue(type=\"a\", value=1, valueType=\"Integer\");") },
    { "relational-operand", NULL, A("[type==\"x-ms-sgx-mrsigner\", value>=\"00\"]=>permit();"),
      A("[type==\"x-ms-sgx-svn\", value>=0]=>permit();") },
    { "jmespath-syntax", NULL, Q("Events[? PcrIndex == 20 ]"), Q("Events[? PcrIndex == `20` ]") },

    /* claims in conditions */
    { "unknown-claim", "SgxEnclave", A("[type==\"x-ms-tee-is-debuggable\", value==false]=>permit();"),
      A("[type==\"x-ms-tee-is-debuggable\", issuer==\"CustomClaim\", value==false]=>permit();") },
    { "unknown-claim", "SevSnpVm", A("[type==\"x-ms-sgx-svn\", value>1]=>permit();"),
      A("[type==\"x-ms-sevsnpvm-guestsvn\", value>1]=>permit();") },
    { "unknown-claim", NULL, A("[type==\" x-ms-sgx-svn\", value>1]=>permit();"),
      A("[type==\"x-ms-sgx-svn\", value>1]=>permit();") },
    { "unknown-claim", "OpenEnclave", A("[type==\"mine\"]=>add(type=\"b\", value=1);"),
      A("=>add(type=\"mine\", value=1);[type==\"mine\"]=>add(type=\"b\", value=1);") },
    { "unknown-claim", "AzureGuest", A("[type==\"x-ms-isolation.x-ms-compliance-status\"]=>permit();"),
      A("[type==\"x-ms-isolation-tee.x-ms-compliance-status\"]=>permit();") },
    { "token-only-claim", NULL, A("[type==\"jti\", value!=\"a\"]=>permit();"),
      A("[type==\"x-ms-attestation-type\", value==\"sgx\"]=>permit();") },
    { "deprecated-claim", NULL, A("[type==\"$svn\", value>1]=>permit();"),
      A("[type==\"x-ms-sgx-svn\", value>1]=>permit();") },
    { "deprecated-claim", NULL, A("[type==\"aas-ehd\", value==\"AA\"]=>permit();"),
      A("[type==\"aas-ehd\", value==\"AA\", issuer==\"CustomClaim\"]=>permit();") },
    { "claim-version", NULL, "version=1.1;authorizationrules{[type==\"pcrs\"]=>permit();};",
      A("[type==\"pcrs\"]=>permit();") },
    { "unmade-claim", NULL, A("[type==\"a\", issuer==\"AttestationPolicy\"]=>permit();"),
      A("=>add(type=\"a\", value=1);[type==\"a\", issuer==\"AttestationPolicy\"]=>permit();") },
    { "unmade-claim", NULL, A("[type==\"a\", issuer==\"AttestationPolicy\"]=>add(type=\"a\", value=1);"),
      A("[type==\"a\", issuer==\"CustomClaim\"]=>add(type=\"a\", value=1);") },
    { "unmade-claim", NULL,
      I("c:[type==\"notWinPE\"]=>issue(claim=c);[type==\"notWinPe\", issuer==\"AttestationPolicy\"]=>issue(type=\"b\", "
        "value=1);"),
      I("c:[type==\"notWinPE\"]=>issue(claim=c);[type==\"notWinPE\", issuer==\"AttestationPolicy\"]=>issue(type=\"b\", "
        "value=1);") },
    { "unknown-issuer", NULL, A("[type==\"notWinPE\", issuer==\"attestationService\"]=>permit();"),
      A("[type==\"notWinPE\", issuer==\"AttestationService\"]=>permit();") },
    { "unknown-value-type", NULL, A("[type==\"notWinPE\", valueType==\"Bool\"]=>permit();"),
      A("[type==\"notWinPE\", valueType==\"Boolean\"]=>permit();") },
    { "claim-value-type", NULL, A("[type==\"x-ms-sgx-product-id\", value==\"1\"]=>permit();"),
      A("[type==\"x-ms-sgx-product-id\", value==1]=>permit();") },
    { "claim-value-type", NULL, A("[type==\"x-ms-sgx-is-debuggable\", value!=\"true\"]=>permit();"),
      A("[type==\"x-ms-sgx-is-debuggable\", value!=true]=>permit();") },
    { "claim-value-type", NULL, A("[type==\"tdx_mrtd\", value>1]=>permit();"),
      A("[type==\"tdx_seamsvn\", value>1]=>permit();") },
    { "claim-value-type", NULL, /* text that another condition binds is no integer either */
      A("c:[type==\"x-ms-sgx-mrsigner\"]&&[type==\"x-ms-sgx-mrenclave\", value<c.value]=>permit();"),
      A("c:[type==\"x-ms-sgx-mrsigner\"]&&[type==\"x-ms-sgx-mrenclave\", value!=c.value]=>permit();") },
    { "claim-value-type", NULL,
      A("c:[type==\"x-ms-sgx-mrsigner\"]&&[type==\"x-ms-sgx-svn\", value==c.value]=>permit();"),
      A("c:[type==\"x-ms-sgx-product-id\"]&&[type==\"x-ms-sgx-svn\", value>=c.value]=>permit();") },
    { "claim-value-type", NULL,
      A("c:[type==\"x-ms-sgx-svn\"]&&[type==\"x-ms-sgx-product-id\", value==c.type]=>permit();"),
      A("c:[type==\"x-ms-sgx-svn\"]&&[type==\"x-ms-sgx-mrsigner\", value!=c.type]=>permit();") },
    { "claim-value-type", NULL,
      A("c:[type==\"events\"]=>add(type=\"n\", value=JmesPath(c.value, \"Events[0].EventSeq\"));[type==\"n\", "
        "issuer==\"AttestationPolicy\", value==1]=>permit();"),
      A("c:[type==\"events\"]=>add(type=\"n\", value=JsonToClaimValue(JmesPath(c.value, \"Events[0].EventSeq\")));"
        "[type==\"n\", issuer==\"AttestationPolicy\", value==1]=>permit();") },
    { "claim-value-type", NULL, A("[type==\"tpmVersion\", valueType==\"String\"]=>permit();"),
      A("[type==\"tpmVersion\", valueType==\"Integer\"]=>permit();") },
    { "unknown-type", "SgxEnclav", A("=>permit();"), A("=>permit(); // azattest: ignore-file unknown-type\n") },
    { "claim-value-form", NULL, A("[type==\"x-ms-sgx-mrsigner\", value==\"mrsigner1\"]=>permit();"),
      A("[type==\"x-ms-sgx-mrsigner\", value==\"" SIGNER "\"]=>permit();") },
    { "claim-value-form", NULL, A("[type==\"x-ms-sgx-mrenclave\", value==\"4aea\"]=>permit();"),
      A("[type==\"x-ms-sgx-mrenclave\", value==AppendString(\"4aea\", \"\")]=>permit();") },
    { "claim-value-form", NULL,
      A("[type==\"x-ms-sevsnpvm-familyId\", value==\"0100000000000000000000000000000A\"]=>permit();"),
      A("[type==\"x-ms-sevsnpvm-familyId\", value==\"0100000000000000000000000000000a\"]=>permit();") },
    { "claim-value-form", NULL, A("[type==\"x-ms-attestation-type\", value==\"SgxEnclave\"]=>permit();"),
      A("[type==\"x-ms-attestation-type\", value==\"sgx\"]=>permit();") },
    { "placeholder", NULL, A("[type==\"x-ms-sgx-mrsigner\", value==\"<mrsigner>\"]=>permit();"),
      A("[type==\"x-ms-sgx-mrsigner\", value!=\"mrsigner\"]=>permit();") },
    { "placeholder", NULL, A("[type==\"x-ms-sgx-product-id\", value==<product-id>]=>permit();"),
      A("[type==\"x-ms-sgx-product-id\", value==1]=>permit();") },
    { "placeholder", NULL, I("=>issue(type=\"a\", value=\"{{ value }}\");"), I("=>issue(type=\"a\", value=\"{}\");") },
    { "untyped-condition", NULL, A("[value==true]=>permit();"), A("[value==true]=>add(type=\"a\", value=1);") },
    { "untyped-condition", NULL, A("[value==true]=>permit();"),
      A("[value==true, issuer==\"AttestationService\"]=>permit();") },

    { "client-decides", NULL, A("[type==\"a\", issuer==\"CustomClaim\"]=>permit();"),
      A("[type==\"a\", issuer==\"CustomClaim\"]&&[type==\"notWinPE\"]=>permit();") },

    /* rules */
    { "never-fires", NULL, A("[type==\"notWinPE\", type==\"tpmVersion\"]=>deny();=>permit();"),
      A("[type==\"notWinPE\", type!=\"tpmVersion\"]=>deny();=>permit();") },
    { "never-fires", NULL, A("[type==\"tpmVersion\", value>5, value<3]=>permit();"),
      A("[type==\"tpmVersion\", value<5, value>3]=>permit();") },
    { "never-fires", NULL, A("[type==\"tpmVersion\", value>4, value<5]=>permit();"),
      A("[type==\"tpmVersion\", value>=4, value<5]=>permit();") },
    { "never-fires", NULL, A("[type==\"tpmVersion\", value!=2, value==2]=>permit();"),
      A("[type==\"tpmVersion\", value!=2, value==1]=>permit();") },
    { "never-fires", NULL, A("[type==\"mine\", issuer==\"CustomClaim\", value==1, value==true]=>permit();"),
      A("[type==\"mine\", issuer==\"CustomClaim\", value==1, value!=true]=>permit();") },
    { "never-fires", NULL, A("[type==\"tpmVersion\", value==7, value<7]=>permit();"),
      A("[type==\"tpmVersion\", value==7, value<=7]=>permit();") },
    { "never-fires", NULL, A("[issuer==\"AttestationPolicy\", issuer==\"CustomClaim\", type==\"a\"]=>permit();"),
      A("[issuer!=\"AttestationPolicy\", issuer==\"CustomClaim\", type==\"a\"]=>permit();") },
    { "never-fires", NULL, A("[type==\"a\", issuer==\"CustomClaim\", valueType==\"String\", value>1]=>permit();"),
      A("[type==\"a\", issuer==\"CustomClaim\", valueType==\"Integer\", value>1]=>permit();") },
    { "never-fires", NULL, A("[type==\"notWinPE\", value==true]&&![type==\"notWinPE\", value==true]=>permit();"),
      A("[type==\"notWinPE\", value==true]&&![type==\"notWinPE\", value==false]=>permit();") },
    { "never-fires", NULL, A("[type==\"notWinPE\", value==true]&&[type==\"notWinPE\", value==false]=>permit();"),
      A("[type==\"mine\", issuer==\"CustomClaim\", value==true]&&[type==\"mine\", issuer==\"CustomClaim\", "
        "value==false]=>permit();") },
    { "never-fires", NULL, A("[type==\"notWinPE\", value==true]&&[type==\"notWinPE\", value==false]=>permit();"),
      A("=>add(type=\"notWinPE\", value=false);[type==\"notWinPE\", value==true]&&[type==\"notWinPE\", "
        "value==false]=>permit();") },
    { "never-fires", NULL, A("[type==\"x-ms-sgx-svn\", value>1]&&[type==\"tdx_seamsvn\", value>1]=>permit();"),
      A("[type==\"x-ms-sgx-svn\", value>1]&&[type==\"x-ms-sgx-config-svn\", value>1]=>permit();") },
    { "never-fires", NULL, C("[type==\"tpmVersion\"]=>issueproperty(type=\"required_pcr_mask\", value=15);"),
      C("![type==\"tpmVersion\"]=>issueproperty(type=\"required_pcr_mask\", value=15);") },
    { "always-true", NULL, A("![type==\"notWinPE\", value==true, value==false]=>permit();"),
      A("![type==\"notWinPE\", value==true]=>permit();") },
    { "repeated-condition", NULL, A("[type==\"notWinPE\", value==true]&&[type==\"notWinPE\", value==true]=>permit();"),
      A("[type==\"notWinPE\", value==true]&&[type==\"notSafeMode\", value==true]=>permit();") },
    { "duplicate-rule", NULL,
      I("c:[type==\"tpmVersion\"]=>issue(type=\"a\", value=c.value);d:[type==\"tpmVersion\"]=>issue(value=d.value, "
        "type=\"a\");"),
      I("c:[type==\"tpmVersion\"]=>issue(type=\"a\", value=c.value);d:[type==\"tpmVersion\"]=>issue(value=d.value, "
        "type=\"b\");") },
    { "duplicate-rule", NULL,
      A("[type==\"tpmVersion\", value==1]=>permit();[type==\"tpmVersion\", value==1]=>permit();"),
      A("[type==\"tpmVersion\", value==1]=>permit();[type==\"tpmVersion\", value==2]=>permit();") },
    { "unused-identifier", NULL, A("c:[type==\"notWinPE\", value==true]=>permit();"),
      I("c:[type==\"notWinPE\", value==true]=>issue(claim=c);") },
    { "unused-identifier", NULL,
      I("c:[type==\"notWinPE\"]&&d:[type==\"tpmVersion\"]=>issue(type=\"a\", value=d.value);"),
      I("c:[type==\"tpmVersion\"]&&d:[type==\"tpmVersion\", value==c.value]=>issue(type=\"a\", value=d.value);") },
    { "unused-claim", NULL, I("=>add(type=\"a\", value=1);[type==\"notWinPE\"]=>issue(type=\"b\", value=2);"),
      I("=>add(type=\"a\", value=1);[value==1]=>issue(type=\"b\", value=2);") },
    { "mixed-add-issue", NULL, I("=>add(type=\"a\", value=1);[type==\"a\"]=>issue(type=\"a\", value=true);"),
      I("=>add(type=\"a\", value=1);c:[type==\"a\"]=>issue(type=\"a\", value=c.value);") },
    { "mixed-add-issue", NULL, I("=>add(type=\"a\", value=1);[type==\"a\"]=>issue(type=\"a\", value=2);"),
      I("=>add(type=\"a\", value=1);![type==\"a\"]=>issue(type=\"a\", value=2);") },
    { "mixed-add-issue", NULL, I("=>add(type=\"a\", value=1);[type==\"a\", value==1]=>issue(type=\"a\", value=2);"),
      I("=>add(type=\"a\", value=1);[type==\"a\", value==1]=>issue(type=\"a\", value=1);") },

    /* what is permitted */
    { "never-permits", NULL, A("[type==\"notWinPE\", value==false]=>deny();"),
      A("[type==\"notWinPE\", value==true]=>permit();") },
    { "never-permits", NULL, A("=>deny();"), A("=>permit();") },
    { "never-permits", NULL, A("[type==\"tpmVersion\", value>5, value<3]=>permit();"),
      A("[type==\"tpmVersion\", value>5]=>permit();") },
    { "never-permits", "SevSnpVm", A("[type==\"x-ms-sgx-svn\", value>5]=>permit();"),
      A("[type==\"x-ms-sevsnpvm-guestsvn\", value>5]=>permit();") },
    { "unconditional-deny", NULL, A("[type==\"notWinPE\", value==true]=>permit();=>deny();"),
      A("[type==\"notWinPE\", value==true]=>permit();[type==\"notWinPE\", value==false]=>deny();") },
    { "permit-against-deny", NULL, A("=>permit();=>deny();"),
      A("=>permit();[type==\"notWinPE\", value==false]=>deny();") },
    { "deny-after-permit", NULL, A("=>permit();[type==\"notWinPE\", value==false]=>deny();"),
      A("[type==\"notWinPE\", value==false]=>deny();=>permit();") },
    { "redundant-permit", NULL, A("[type==\"notWinPE\", value==true]=>permit();=>permit();"),
      A("[type==\"notWinPE\", value==true]=>permit();") },
    { "permits-debuggable", NULL, A("[type==\"x-ms-sgx-is-debuggable\", value==true]=>permit();"),
      A("[type==\"x-ms-sgx-is-debuggable\", value==true]=>deny();=>permit();") },
    { "permits-debuggable", NULL, A("[type==\"x-ms-azurevm-debuggersdisabled\", value!=true]=>permit();"),
      A("[type==\"x-ms-azurevm-debuggersdisabled\", value!=false]=>permit();") },
    { "permits-debuggable", NULL, A("[type==\"dbgstat\", value==\"enabled\"]=>permit();"),
      A("[type==\"dbgstat\", value==\"disabled\"]=>permit();") },
    { "permits-debuggable", NULL, A("![type==\"tdx_td_attributes_debug\", value==false]=>permit();"),
      A("![type==\"tdx_td_attributes_debug\", value==true]=>permit();") },
    { "debug-untested", "SevSnpVm", A("=>permit();"),
      A("[type==\"x-ms-sevsnpvm-is-debuggable\", value==true]=>deny();=>permit();") },
    { "debug-untested", NULL, A("[type==\"x-ms-sgx-svn\", value>1]=>permit();"),
      A("[type==\"tpmVersion\", value>1]=>permit();") },

    /* what is issued */
    { "reserved-claim", NULL, I("=>issue(type=\"exp\", value=1);"), I("=>add(type=\"exp\", value=1);") },
    { "reserved-claim", "SgxEnclave", I("=>issue(type=\"x-ms-sgx-svn\", value=9);"),
      I("=>issue(type=\"svn\", value=9);") },
    { "reserved-claim", "TdxVm", I("=>issue(type=\"tee\", value=\"tdx\");"), I("=>issue(type=\"a\", value=\"tdx\");") },
    { "reserved-claim", "TdxVm", I("c:[type==\"tdx_mrtd\"]=>issue(claim=c);"),
      I("c:[type==\"tdx_mrtd\"]=>issue(type=\"mrtd\", value=c.value);") },
    { "reserved-claim", "Tpm", I("=>issue(type=\"cnf\", value=\"{}\");"),
      I("=>issue(type=\"secureBootEnabled\", value=true);") },
    { "read-only-claim", NULL, I("c:[type==\"pcrs\"]=>issue(type=\"a\", value=c.value);"),
      I("c:[type==\"pcrs\"]=>add(type=\"a\", value=c.value);") },
    { "read-only-claim", NULL,
      I("c:[type==\"pcrs\"]=>issue(type=\"a\", value=JsonToClaimValue(JmesPath(c.value, \"PCRs[0].Index\")));"),
      I("c:[type==\"pcrs\"]=>issue(type=\"a\", value=ContainsOnlyValue(c.value, \"\"));") },
    { "read-only-claim", NULL,
      I("c:[type==\"pcrs\"]=>add(type=\"a\", value=AppendString(\"\", c.value));c:[type==\"a\", "
        "issuer==\"AttestationPolicy\"]=>issue(claim=c);"),
      I("c:[type==\"pcrs\"]=>add(type=\"a\", value=AppendString(\"\", c.value));[type==\"a\", "
        "issuer==\"AttestationPolicy\"]=>issue(type=\"b\", value=true);") },
    { "unknown-property", NULL, C("=>issueproperty(type=\"require_pcr_mask\", value=15);"),
      C("=>issueproperty(type=\"required_pcr_mask\", value=15);") },
    { "unknown-property", "SgxEnclave", C("=>issueproperty(type=\"required_pcr_mask\", value=15);"),
      C("=>issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"12\");") },
    { "property-section", NULL, C("=>issueproperty(type=\"omit_x5c\", value=true);"),
      I("=>issueproperty(type=\"omit_x5c\", value=true);") },
    { "property-value", NULL, C("=>issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=12);"),
      C("=>issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"12\");") },
    { "property-value", NULL, C("=>issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"latest\");"),
      C("=>issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"azuredefault\");") },
    { "property-value", NULL, I("=>issueproperty(type=\"report_validity_in_minutes\", value=0);"),
      I("=>issueproperty(type=\"report_validity_in_minutes\", value=1440);") },

    /* queries */
    { "jmespath-literal", NULL, Q("Events[? X == true]"), Q("Events[? X == `true`]") },
    { "jmespath-literal", NULL, Q("Events[0] != null"), Q("Events[0] != `null`") },
    { "jmespath-types", NULL, Q("Events[? PcrIndex == '20']"), Q("Events[? PcrIndex == `20`]") },
    { "jmespath-types", NULL, Q("Events | length(@) == '1'"), Q("Events | length(@) == `1`") },
    { "jmespath-types", NULL, Q("Events[? X.EventTypeString == `1`]"), Q("Events[? X.EventTypeString == '1']") },
    { "jmespath-types", NULL, Q("Events[? X < 'b']"), Q("Events[? X == 'b']") },
    { "jmespath-types", NULL, Q("Events[? X == 'true']"), Q("Events[? X == 'truth']") },
    { "jmespath-field-case", NULL, Q("events[? X == `1`]"), Q("Events[? X == `1`]") },
    { "jmespath-field-case", NULL,
      I("c:[type==\"pcrs\"]=>add(type=\"a\", value=JmesPath(c.value, \"pcrs[0]\"));[type==\"a\"]=>issue(type=\"b\", "
        "value=1);"),
      I("c:[type==\"pcrs\"]=>add(type=\"a\", value=JmesPath(c.value, \"PCRs[0]\"));[type==\"a\"]=>issue(type=\"b\", "
        "value=1);") },
    { "jmespath-field-case", NULL, Q("Events[? pcrIndex == `1`]"), Q("Events[? PcrIndex == `1`]") },
    { "jmespath-assembled", NULL,
      I("c:[type==\"events\"]=>issue(type=\"x\", value=JmesPath(c.value, AppendString(\"Events[? PcrIndex == \", "
        "\"20]\")));"),
      I("c:[type==\"events\"]=>issue(type=\"x\", value=JmesPath(c.value, AppendString(\"Events[? PcrIndex == \", "
        "\"`20`]\")));") },
    { "jmespath-assembled", NULL,
      I("c:[type==\"events\"]=>issue(type=\"x\", value=JmesPath(c.value, AppendString(\"Events[? PcrIndex == 20].\", "
        "c.type)));"),
      I("c:[type==\"events\"]=>issue(type=\"x\", value=JmesPath(c.value, AppendString(\"Events[? PcrIndex == `20`].\", "
        "c.type)));") },
    { "jmespath-assembled", NULL,
      I("=>add(type=\"q\", value=\"Events[? X ==\");c:[type==\"events\"]&&q:[type==\"q\", "
        "issuer==\"AttestationPolicy\"]=>issue(type=\"x\", value=JmesPath(c.value, AppendString(q.value, \"]\")));"),
      I("=>add(type=\"q\", value=\"Events[? X ==\");c:[type==\"events\"]&&q:[type==\"q\", "
        "issuer==\"AttestationPolicy\"]=>issue(type=\"x\", value=JmesPath(c.value, AppendString(q.value, \"@]\")));") },
    { "jmespath-assembled", NULL,
      I("=>add(type=\"q\", value=\"Events[? X == 1]\");c:[type==\"events\"]&&q:[type==\"q\", "
        "issuer==\"AttestationPolicy\"]=>issue(type=\"x\", value=JmesPath(c.value, "
        "q.value));c:[type==\"bootEvents\"]&&q:"
        "[type==\"q\", issuer==\"AttestationPolicy\"]=>issue(type=\"y\", value=JmesPath(c.value, q.value));"),
      I("=>add(type=\"q\", value=\"Events[? X == `1`]\");c:[type==\"events\"]&&q:[type==\"q\", "
        "issuer==\"AttestationPolicy\"]=>issue(type=\"x\", value=JmesPath(c.value, q.value));") },

    /* comments */
    { "unused-ignore", NULL, A("=>permit(); // azattest: ignore duplicate-rule\n"),
      A("=>permit(); // azattest: ignore debug-untested\n") },
    { "unused-ignore", NULL, A("=>permit(); =>permits(); // azattest: ignore syntax\n"),
      A("=>permit(); =>permits();\n") },
    { "unknown-ignore", NULL, A("=>permit(); // azattest: ignore debug-untest\n"),
      A("=>permit(); // azattest: ignore debug-untested\n") },
    { "unknown-ignore", NULL, A("=>permit(); // azattest: disable debug-untested\n"),
      A("=>permit(); // azattest ignore debug-untested\n") },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void every_finding_is_made_where_it_is_due_and_only_there(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        azattest_policy_report *has = linted(rows[i].has, rows[i].type, false);
        azattest_policy_report *has_not = linted(rows[i].has_not, rows[i].type, false);

        if (count_of(has, rows[i].id) != 1) {
            print_error("%s: %zu times in %s\n", rows[i].id, count_of(has, rows[i].id), rows[i].has);
            wrong++;
        }
        if (count_of(has_not, rows[i].id) != 0) {
            print_error("%s: without cause in %s\n", rows[i].id, rows[i].has_not);
            wrong++;
        }
        azattest_policy_report_free(has);
        azattest_policy_report_free(has_not);
    }
    assert_int_equal(wrong, 0);
}

static void every_id_of_the_list_is_tested(void **state)
{
    const azattest__lint_id *id;

    (void)state;
    for (size_t i = 0; (id = azattest__lint_id_at(i)) != NULL; i++) {
        bool tested = false;

        for (size_t j = 0; j < ROWS; j++)
            tested |= strcmp(rows[j].id, id->id) == 0;
        if (!tested)
            fail_msg("%s has no row", id->id);
    }
}

static void the_list_of_findings_is_complete_json(void **state)
{
    azattest__json *list = NULL;
    size_t count = 0;

    (void)state;
    assert_int_equal(azattest__json_parse(azattest__text(azattest_policy_lint_rules()), &list, NULL), AZATTEST_OK);
    for (const azattest__json *item = azattest__json_first(list); item != NULL; item = azattest__json_next(item)) {
        const azattest__lint_id *id = azattest__lint_id_at(count++);

        assert_string_equal(azattest__json_get_string(item, "id"), id->id);
        assert_string_equal(azattest__json_get_string(item, "severity"), id->severity);
        assert_true(strlen(azattest__json_get_string(item, "meaning")) > 10);
        assert_true(strlen(azattest__json_get_string(item, "fix")) > 3);
    }
    assert_null(azattest__lint_id_at(count));
    azattest__json_free(list);
}

/* What holds of every report. */
static void check_report(const azattest_policy_report *report, size_t text_len)
{
    azattest_bytes text = azattest_policy_report_json(report);
    size_t count = azattest_policy_report_count(report), last = 0;
    azattest__json *list = NULL;
    const azattest__json *item;

    assert_int_equal(azattest__json_parse(text, &list, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_count(list), count);
    item = azattest__json_first(list);
    for (size_t i = 0; i < count; i++, item = azattest__json_next(item)) {
        size_t offset = azattest_policy_report_offset(report, i);
        const azattest__lint_id *id;
        int64_t number = -1;

        assert_true(offset >= last);
        assert_true(offset + azattest_policy_report_length(report, i) <= text_len);
        id = azattest__lint_id_find(azattest_policy_report_id(report, i), strlen(azattest_policy_report_id(report, i)));
        assert_non_null(id);
        assert_non_null(strstr(id->severity, azattest_policy_report_severity(report, i)));
        assert_string_equal(azattest__json_get_string(item, "id"), azattest_policy_report_id(report, i));
        assert_string_equal(azattest__json_get_string(item, "severity"), azattest_policy_report_severity(report, i));
        assert_string_equal(azattest__json_get_string(item, "message"), azattest_policy_report_message(report, i));
        assert_true(azattest__json_integer(azattest__json_get(item, "offset"), &number));
        assert_int_equal(number, offset);
        assert_true(azattest_policy_report_line(report, i) > 0 && azattest_policy_report_column(report, i) > 0);
        last = offset;
    }
    assert_int_equal(azattest_policy_report_error_count(report) + azattest_policy_report_warning_count(report) +
                         azattest_policy_report_note_count(report),
                     count);
    azattest__json_free(list);
}

static void a_policy_cut_at_any_byte_has_a_report(void **state)
{
    size_t reported = 0;

    (void)state;
    for (size_t row = 0; row < ROWS; row++)
        for (size_t len = 0; len <= strlen(rows[row].has); len++) {
            azattest_policy_report *report = NULL;
            azattest_status status = azattest_policy_lint(azattest__bytes(rows[row].has, len), NULL, &report, NULL);

            if (status == AZATTEST_E_ARGUMENT) /* inside of a character, or nothing at all */
                continue;
            assert_int_equal(status, AZATTEST_OK);
            check_report(report, len);
            reported += azattest_policy_report_count(report);
            azattest_policy_report_free(report);
        }
    assert_true(reported > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_finding_is_made_where_it_is_due_and_only_there),
        cmocka_unit_test(every_id_of_the_list_is_tested),
        cmocka_unit_test(the_list_of_findings_is_complete_json),
        cmocka_unit_test(a_policy_cut_at_any_byte_has_a_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
