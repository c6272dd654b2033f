"""Writes a seed corpus for one fuzz target: small hand-made inputs, and real evidence where the folder is at hand.

Usage: seeds.py TARGET FOLDER
"""

import base64
import json
import os
import pathlib
import sys
import urllib.parse

EVIDENCE = pathlib.Path(os.environ.get("AZATTEST_EVIDENCE") or pathlib.Path(__file__).parents[3] / "shared/evidence")

def event(pcr, kind, data):
    """One event of a log in the old form."""
    return pcr.to_bytes(4, "little") + kind.to_bytes(4, "little") + bytes(20) + len(data).to_bytes(4, "little") + data


def item(kind, data):
    """One of Windows' loader."""
    return kind.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data


VARIABLE = bytes(16) + (10).to_bytes(8, "little") + (1).to_bytes(8, "little") + "SecureBoot".encode("utf-16-le") + b"\1"


# Target -> patterns below the evidence folder; files above the targets' length are left out.
REAL = {
    "json": ["maa-certs/*.json", "sgx/*.json"],
    "jws": ["maa-tokens/*.jwt"],
    "token": ["maa-tokens/*.jwt"],
    "secret": ["maa-certs/*.json", "maa-certs/*.pem"],
    "signers": ["maa-certs/*.json", "maa-certs/*.pem"],
    "certificate": ["collateral/*.der", "openenclave/*.der"],
    "der": ["collateral/*.der"],
    "x509": ["collateral/*.der", "openenclave/*.der", "snp/*.der", "snp/*.pem", "collateral/intel-qvl-sample/*.pem"],
    "x509_crl": ["collateral/*.der"],
    "evidence": ["sgx/*.bin", "openenclave/*.bin", "openenclave/*.der", "tdx/*.bin"],
    "quote": ["sgx/*.bin", "tdx/*.bin"],
    "evidence_load": ["sgx/*", "openenclave/*"],
    "pem": ["maa-certs/*.pem"],
    "hcl": ["hcl/*.hcl.bin"],
    "snp_report": ["snp/*.report.bin", "snp/neg-*.bin"],
    "vcek": ["snp/*.der"],
}
NUL = b"\0"
POLICY = b'{"AttestationPolicy":"dmVyc2lvbj0xLjA7IGF1dGhvcml6YXRpb25ydWxlc3s9PiBwZXJtaXQoKTt9OyBpc3N1YW5jZXJ1bGVze307"}'
UNSECURED = b"eyJhbGciOiJub25lIn0."
UNSECURED_POLICY = UNSECURED + base64.urlsafe_b64encode(POLICY).rstrip(b"=") + b"."
ATTEST = b"/attest/SgxEnclave?api-version=2025-06-01\n"
VCEK_GUID = bytes.fromhex("63da758de6644564adc5f4b93be8accd")
HAND = {
    "jmespath": [b"a\0{}", b"sort_by(@, &a)[*].b\0[{\"a\":2,\"b\":1},{\"a\":1,\"b\":2}]"],
    "json": [b"{}", b'{"a":[1,2.5e3,-0,"\\u00e9\\ud83d\\ude00",true,false,null]}', b'{"a":1,"\\u0061":2}', b"[[[[]]]]"],
    "encoding": [b"AQID", b"AQ==", b"00ff", b"-_-_"],
    "pem": [b"-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n"],
    "clock": [b"2022-11-17T01:40:48Z", b"Thu, 17 Nov 2022 01:40:48 GMT", b"1668649248", b"Sunday, 06-Nov-94 08:49:37 GMT"],
    "jws": [b"eyJhbGciOiJub25lIn0..", b"eyJhbGciOiJSUzI1NiJ9.e30.AQ"],
    "token": [b"eyJhbGciOiJub25lIn0..", b"eyJhbGciOiJSUzI1NiJ9.e30.AQ"],
    "secret": [b"eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.AQ.AAAAAAAAAAAAAAAA.AQ.AAAAAAAAAAAAAAAAAAAAAA",
               b"eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImVwayI6eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIn19....",
               b'{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB","use":"enc"}]}', b"-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n"],
    "data": [b"{}", b"[1]", b"{}\0", b'{"a":1,"a":2}'],
    "signers": [b'{"keys":[]}', b'{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB","kid":"a"}]}'],
    "appraisal": [
        b'{"kinds":["sgx_quote"],"allow_debug":false,"allow_not_checked":["tcb"],"tcb_statuses":"UpToDate","min_svn":2}',
        b'{"mr_signer":"' + b"74" * 32 + b'","product_id":[1,2],"min_tcb_date":"2025-01-31","advisories_accepted":[]}',
        b'{"td_attributes":{"mask":"0000001000000000","value":"0000001000000000"},"mr_td":["' + b"00" * 48 + b'"]}',
        b'{"min_reported_tcb":{"fmc":0,"snp":8},"policy":{"smt":true},"products":"Milan","chip_id":"' + b"01" * 64 + b'"}',
        b'{"pcrs":{"sha256":{"0":"' + b"01" * 32 + b'"}},"allow_sha1":false,"secure_boot":true,"vm_unique_id":"a-b"}'],
    "origin": [b"https://a.example", b"HTTPS://A.example:443/", b"http://127.0.0.1:80", b"https://[::1]:8443/"],
    "response": [b'{"error":{"code":"InvalidParameter","message":"m"}}', b'{"token":"eyJhbGciOiJub25lIn0.e30."}'],
    # FMSPC alone; a TCB of one component
    "tcb_info": [b'{"id":"TDX","version":3,"tdxModuleIdentities":[{"id":"TDX_0a"}]}', b'{"version":2,"tcbLevels":[]}'],
    "qe_identity": [b'{"id":"TD_QE","version":2,"tcbLevels":[{"tcb":{"isvsvn":1}}]}'],
    "collateral_add": [b'\0{"tcbInfo":{"version":3},"signature":"00"}', b'\0{"tcb_infos":[{"tcb_info":"{}"}],"crls":["3000"]}',
                       b'\0{"certificates":"-----BEGIN CERTIFICATE-----\\nAQID\\n-----END CERTIFICATE-----\\n"}'],
    "pck_extensions": [bytes.fromhex("30163014060a2a864886f84d010d01040406001122334455"),
                       bytes.fromhex("30223020060a2a864886f84d010d010230123010060b2a864886f84d010d010201020107")],
    "token_reply": [
        b'{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJ0.e30.x","refresh_in":1800}',
        b'{"access_token":"t","expires_on":"06/20/2019 02:57:58 +00:00"}', b"1/16/2020 12:0:12 AM +00:00",
        b'{"accessToken": "t", "expiresOn": "2025-01-01 13:00:00.000000", "expires_on": 1735776000}',
        b'{"error":"invalid_client","error_description":"AADSTS7000215: s3cret\\r\\nTrace","correlation_id":"c"}',
        b"\x1b[31mERROR: Please run 'az login'\x1b[0m"],
    "arc_realm": [b"Basic realm=/var/opt/azcmagent/tokens/a.key", b'Basic realm="/var/opt/azcmagent/tokens/a.key"',
                  b"Basic realm=/var/opt/azcmagent/tokens/../x.key"],
    "bundle": [b"\0-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n"
               b"-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n", b"\x01\x30\x03\x02\x01\x03"],
    "form": [b"grant_type=client_credentials&client_id=a&scope=b%2F.default&client_secret=c+d", b"a=%c3%a4&=&b"],
    "fault": [b"certs:1-2=503", b"attest:%50=cut", b"iso/attest:1=429;retry-after=date+1,3=drip;bytes=1;ms=0", b"wrong-certificate;is=name"],
    "issuer": [b"\0eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA", b"\1Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA",
               b"\2grant_type=client_credentials&client_id=a&client_secret=b&scope=c",
               b"\3/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fattest.azure.net",
               b"\3/msi/token?api-version=2017-09-01&resource=https://attest.azure.net&clientid=x"],
    "acquire": [bytes([kind]) + b"".join(bytes([sort]) + len(text).to_bytes(2, "big") + text for sort, text in script)
                for kind in (0, 1, 2, 5, 6, 9, 10, 11, 12, 16, 24, 32)
                for script in ([(0, b'{"access_token":"t","expires_in":3600}'), (1, b"{}"), (0, b'{"token":"e30.e30."}')],
                               [(17, b"{}"), (1, b"z4n4ry-secret-0123456789"), (4, b'{"error":"z4n4ry-secret-0123456789"}')],
                               [(0, b'{"accessToken":"t","expires_on":1735699600}'), (8, b""), (0, b"{}")],
                               [(2, b'{"error":"e","error_description":"z4n4ry-secret-0123456789"}')])],
    "tpm": [b'{"payload":{"type":"aikcert"}}', b'{"payload":{"request":"e30.e30.AAAA"}}',
            b'!{"alg":"PS256","typ":"attReq"}\n{"att_type":"basic","att_data":{"service_context":"@","challenge":'
            b'"AAAAAAAAAAAAAAAAAAAAAA","attest_key":{"kty":"RSA","n":"AQ","e":"AQAB"}}}',
            b'!{"alg":"PS256","typ":"attReqV2"}\n{"att_type":"vbs","att_data":{"report_signed":{"service_context":"@",'
            b'"request_key":{"jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}}}}'],
    # first byte: see the target
    "tpm_parts": [
        b"\0" + bytes.fromhex("ff54434780170000000000000000000000000000000000000100000000000000000000" "0000"),
        b"\1" + bytes.fromhex("0018000b000101000101"), b"\1" + bytes.fromhex("0014000b000101"),
        b"\2" + bytes.fromhex("0001000b00050072000000100014000b080000000000000401020304"),
        b"\2" + bytes.fromhex("0023000b0005007200000010 0018000b 0003 0010 000101 000101"),
        b"\3" + bytes.fromhex("0000000001000000") + bytes(20) + bytes.fromhex("0100000041"),
        b"\4" + bytes.fromhex("0000000003000000") + bytes(20) + bytes.fromhex("21000000") + b"Spec ID Event03\0"
        + bytes.fromhex("00000000 00020002 01000000 0b002000 00") + bytes.fromhex("00000000 01000000 01000000 0b00") + bytes(32)
        + bytes.fromhex("00000000")],
    "guest_answer": [base64.urlsafe_b64encode(
        b'{"EncryptedInnerKey":"AQ==","EncryptionParams":{"Cipher":"AES","BlockMode":"ChainingModeGCM","KeySizeInBits":256,'
        b'"Iv":"AAAAAAAAAAAAAAAA"},"AuthenticationData":"AAAAAAAAAAAAAAAAAAAAAA==","Jwt":"AAAA"}').rstrip(b"=")],
    "guest_document": [
        b'{"quote":{"message":[255],"pcrs":[[1]],"signature":[0]},"report":[72,67,76,65],"vcek":""}',
        b'{"tpm_quote":{"message":"/1RDRw","pcrs":[{"bank":"sha1","index":3,"value":"00"}]},"hcl_report":"SENMQQ","td_quote":""}',
        b'{"AttestationInfo":"eyJUcG1JbmZvIjp7fX0"}',
        b'{"TpmInfo":{"PCRs":[{"Index":0,"Digest":"AA=="}]},"IsolationInfo":{"Type":"SevSnp","Evidence":{"Proof":"e30=","RunTimeData":"e30="}}}'],
    # first byte: operation and instance, see the target
    "service_policies": [b"\x04" + UNSECURED_POLICY, b'\x04 "' + UNSECURED_POLICY + b'" ', b"\x05" + UNSECURED + b".",
                         b'\x02{"policyCertificateToAdd":"' + UNSECURED + b'."}', b'\x03"' + UNSECURED + b'."',
                         b"\x08" + POLICY, b"\x08", b'\x09{"policyCertificate":{"kty":"RSA","x5c":["AAAA"]}}',
                         b'\x0a{"alg":"ES256","jwk":{"x5c":["AAAA"]}}', b'\x0a{"alg":"none"}'],
    # table of one VCEK entry and its end; a list of one extension; a host's document
    "amd_certificates": [b"\0" + VCEK_GUID + bytes([48, 0, 0, 0, 2, 0, 0, 0]) + bytes(24) + b"0\0", b"\3" + VCEK_GUID + bytes([48, 0, 0, 0, 2, 0, 0, 0]) + bytes(24) + b"0\0",
                         b'\3{"vcekCert":"","tcbm":"7308000000000003","certificateChain":""}', b'\2{"SnpReport":"AAAA","VcekCertChain":"AAAA"}'],
    "vcek": [bytes.fromhex("3011060a2b060104019c780103010403020107"), bytes.fromhex("301606092b060104019c780102040916" "07") + b"Milan-B"],
    "snp_report": [(3).to_bytes(4, "little") + bytes(48) + b"\1" + bytes(1131)],
    "claims_source": [b'\0{"x-ms-attestation-type":"sgx","x-ms-policy":{"a":1},"a":1,"x-ms-sgx-svn":1}',
                      b'\0{"tee":"tpm","x-ms-runtime":{"keys":[1.0]},"tdx_x":[true,[1]]}',
                      b"\2" + event(5, 0x80000007, b"action") + event(7, 0x80000001, VARIABLE),
                      b"\2" + event(12, 6, item(0x40010001, item(0x00050002, b"\1") + item(0x000A0007, b"\1" + bytes(7))
                                                 + item(0x40010003, item(0x00070001, "a.sys".encode("utf-16-le")))))],
    "vm_evidence": [b'\2{"SnpReport":"AAAA","VcekCertChain":"AAAA"}', b"\3-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n",
                  b"\x000\x03\x02\x01\x05"],
    "collateral_answers": [b'\1max-age=1\0{"tcbInfo":{},"signature":""}', b"\x03%2D\x000\x03\x02\x01\x05",
                           b'\x7f{"key":"a","item":"vcek","fetched_ms":0,"fresh_until_ms":1,"issuer_chain":"","body":"AQID"}'],
    "collateral_paths": [b"/sgx/certification/v4/tcb?fmspc=005A177E5700&update=early\0{}", b"/vcek/v1/Milan/" + 64 * b"ab" + b"?blSPL=1&teeSPL=2&snpSPL=3&ucodeSPL=4\x000\0",
                         b"/metadata/THIM/amd/certification\0{}", b"/sgx/certification/v4/pckcrl?ca=platform&encoding=der\0x", b"/sgx/certification/v4/rootcacrl\0x",
                         b"/SevSnpVM/certificates/" + 64 * b"ab" + b"/db18?x\0x", b"/sgx/certification/v4/pckcert?qeid=a&cpusvn=" + 16 * b"00" + b"&pcesvn=0000&pceid=0000\0x"],
    "answers": [b'\0{"token":"e30"}', b'\1{"data":"e30"}',
                b'\2{"tcbBaselines":[{"tcbIdentifier":"11","tcbEvaluationDataNumber":"11","tcbReleaseDate":"2021-06-09"}]}',
                b'\3{"quote":"AwACAAAAAAAFAA0A","secret":"s","n":[1,2.5e3]}'],
    "policy_answer": [
        b'{"x-ms-policy":"eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6IllRIn0."}', b'{"x-ms-policy":""}',
        b'{"x-ms-policy-result":"Updated","x-ms-policy-token-hash":"c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ"}',
        b'{"x-ms-policy-result":"Removed"}', b'{"x-ms-policy-certificates":{"keys":[]}}',
        b'{"x-ms-certificate-thumbprint":"00","x-ms-policycertificates-result":"IsPresent"}'],
    "policy_format": [
        b"version=1.2; // a\n// b\nauthorizationrules { // c\nc:[ // d\ntype==\"x\", value>=-1] && [value==true] // e\n=> "
        b"permit( // f\n); // g\n\n// h\n}; issuancerules { c:[type==\"y\"] => add(type=\"z\", value=AppendString(c.value, "
        b"// i\n\"\\\"\\\\\")); c:[type==\"z\"] => issue(claim=c); };"],
    "policy_lint": [  # the attestation type and leniency in front
        b'\x0aversion=1.2;authorizationrules{![type=="notWinPE",value>5,value<3,valueType=="String"]=>permit();'
        b'=>deny(); // azattest: ignore never-fires, x\n};issuancerules{c:[type=="pcrs"]=>add(type="q",value=AppendString('
        b'"PCRs[?Index == \'1\' && x == true].",c.value));d:[type=="q",issuer=="AttestationPolicy"]&&c:[type=="events"]=>'
        b'issue(type="q",value=JmesPath(c.value,d.value));=>issueproperty(type="omit_x5c",value=1);};',
        b'\x03version=1.1;configurationrules{=>issueproperty(type="x-ms-sgx-tcbidentifer",value="<x>");};'
        b'authorizationrules{[type=="x-ms-sgx-mrsigner",value=="00",issuer=="Attestation"]&&[type=="$is-debuggable",'
        b'value==true]=>permit();// azattest: ignore-file placeholder\n};issuancerules{=>issue(type="exp",value=1);};'],
    "policy_parse": [
        b"\xef\xbb\xbfVersion=1.2;\nauthorizationRules{ !c:[Type==\"a\\q\", value>\"b\"] => issue(claim=d); };",
        b"version=1.0\n[type='a'] => permit(); /* x */ // y\n",
        "version=1.1;authorizationrules{[type==\u201ca\u201d, value==<svn>, issuer==1.5] || [value=0x1] => premit()};".encode(),
        b'version=1.2;authorizationrules{c:[type=="c"]=>add(type="d",value=JmesPath(c.value,"a[?b == 20]"),valueType="X");};'],
    "policy_difference": [
        b"version=1.0;authorizationrules{[type==\"a\"]=>deny();=>permit();};\0version=1.1;authorizationrules{=>permit();"
        b"[type==\"b\"]=>deny();};issuancerules{=>issue(type=\"x\",value=1);};\0{\"a\":1,\"b\":[true,\"c\"]}"],
    "policy_evaluate": [  # policy, NUL, claims
        b'version=1.2;configurationrules{=>issueproperty(type="p",value=1);};authorizationrules{c:[type=="a",value>=-1]&&![ty'
        b'pe=="b",value!=c.value]=>permit();[value==true]=>deny();};issuancerules{c:[type=="a"]=>issue(claim=c);};\0{"a":[1,2]}',
        b'version=1.2;authorizationrules{=>permit();c:[type=="e"]=>add(type="f",value=JmesPath(c.value,AppendString("x[0]",".y'
        b'")));};issuancerules{c:[type=="f"]=>issue(type="g",value=JsonToClaimValue(c.value));c:[type=="n"]=>issue(type="h",val'
        b'ue=ContainsOnlyValue(c.value,1));c:[type=="n"]=>issue(type="i",value=NegateBool(IsSubsetOf(c.value,c.value)));};\0'
        b'[{"type":"e","value":{"x":[{"y":[1,"2",true,null]}]}},{"type":"n","value":1,"issuer":"CustomClaim"}]',
        b'version=1.2;authorizationrules{p:[type=="pcrs"]=>issue(type="x",value=p.type);=>permit();};issuancerules{p:[type=="x'
        b'",issuer=="AttestationPolicy",valueType=="String"]=>issue(type=p.value,value=p.issuer);};\0{"pcrs":{"PCRs":[]}}'],
    "stored_policy": [b"eyJhbGciOiJub25lIn0..", b"eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6IllRIn0."],
    "service": [ATTEST + b'{"quote":"AwACAA","runtimeData":{"data":"AQID","dataType":"Binary"}}', b"/attest/SevSnpVm?api-version=2025-06-01\n" + b'{"report":"eyJTbnBSZXBvcnQiOiJBQUFBIiwiVmNla0NlcnRDaGFpbiI6IkFBQUEifQ"}',
                b"/certs"],
}


def shorter(value):
    """The same document with base64 for its arrays of numbers."""
    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, list):
        return [shorter(item) for item in value]
    return {name: shorter(item) for name, item in value.items()} if isinstance(value, dict) else value


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for number, seed in enumerate(HAND.get(target, [NUL])):
        (folder / f"hand-{number}").write_bytes(seed)
    if target == "signing_key":
        signing = pathlib.Path(__file__).parents[1] / "fixtures/signing"
        for path in sorted(signing.glob("*.key.pem")):
            name = path.name.split(".")[0].split("-e")[0]
            certificate = signing / f"{name}.crt.pem"
            (folder / path.name).write_bytes(path.read_bytes() + NUL + certificate.read_bytes() if certificate.exists() else path.read_bytes())
    if not EVIDENCE.is_dir():
        return
    for pattern in REAL.get(target, []):
        for path in sorted(EVIDENCE.glob(pattern)):
            data = path.read_bytes().strip() if path.suffix == ".jwt" else path.read_bytes()
            if len(data) <= 16384:
                (folder / path.name).write_bytes(data)
    if target == "collateral_answers":  # item, header, NUL, body; see the target
        for path in sorted(EVIDENCE.glob("collateral/phala-*.json")):
            bundle = json.loads(path.read_text())
            signed = lambda name, inner: json.dumps({inner: 0, "signature": bundle[name + "_signature"]}, separators=(",", ":")).replace(":0,", ":" + bundle[name] + ",", 1)
            for choice, chain, body in ((1, "tcb_info_issuer_chain", signed("tcb_info", "tcbInfo").encode()),
                                        (2, "qe_identity_issuer_chain", signed("qe_identity", "enclaveIdentity").encode()),
                                        (3, "pck_crl_issuer_chain", bytes.fromhex(bundle["pck_crl"])),
                                        (4, "pck_crl_issuer_chain", bytes.fromhex(bundle["root_ca_crl"]))):
                header = urllib.parse.quote(bundle[chain]).encode()
                (folder / f"{path.name}-{choice}").write_bytes(bytes([choice]) + header + NUL + body)
                kept = {"key": "tcb_info-00", "item": "tcb_info", "fetched_ms": 1, "fresh_until_ms": 2,
                        "issuer_chain": base64.b64encode(bundle[chain].encode()).decode(), "body": base64.b64encode(body).decode()}
                (folder / f"{path.name}-{choice}-kept").write_bytes(b"\x7f" + json.dumps(kept).encode())
        for choice, pattern in ((5, "snp/*.der"), (6, "snp/*chain.pem"), (8, "snp/*.json"), (0, "snp/*.vcek.pem")):
            for path in sorted(EVIDENCE.glob(pattern)):
                (folder / path.name).write_bytes(bytes([choice]) + NUL + path.read_bytes())
    if target == "amd_certificates":
        for choice, pattern in ((b"\3", "snp/*.pem"), (b"\3", "snp/*.der"), (b"\3", "snp/*.json")):
            for path in sorted(EVIDENCE.glob(pattern)):
                (folder / path.name).write_bytes(choice + path.read_bytes())
    if target == "open_enclave":
        for choice, pattern in ((b"\0", "sgx/*.bin"), (b"\2", "sgx/a*.bin"), (b"\3", "tdx/*.bin"), (b"\6", "openenclave/*.bin")):
            for path in sorted(EVIDENCE.glob(pattern)):
                (folder / (choice.hex() + path.name)).write_bytes(choice + path.read_bytes())
        for path in sorted(EVIDENCE.glob("openenclave/*.report.bin")):
            (folder / ("legacy" + path.name)).write_bytes(b"\1" + path.read_bytes())
            (folder / ("quote" + path.name)).write_bytes(b"\5" + path.read_bytes()[16:])
            (folder / ("local" + path.name)).write_bytes(b"\4" + path.read_bytes()[64:64 + 432])
    if target == "attested_certificate":
        for path in sorted(EVIDENCE.glob("openenclave/*.der")):
            (folder / path.name).write_bytes(b"\3" + path.read_bytes())
        for choice, pattern in ((b"\0", "openenclave/*.report.bin"), (b"\2", "sgx/a*.bin")):
            for path in sorted(EVIDENCE.glob(pattern)):
                (folder / path.name).write_bytes(choice + path.read_bytes())
        for path in sorted(EVIDENCE.glob("maa-certs/*.json")):
            for number, key in enumerate(json.loads(path.read_text())["keys"]):
                if len(key.get("x5c", [])) == 1:
                    (folder / f"{path.stem}-{number}").write_bytes(b"\3" + base64.b64decode(key["x5c"][0]))
    if target in ("tcb_info", "qe_identity"):
        member, pattern = ("tcbInfo", "*cb*nfo*.json") if target == "tcb_info" else ("enclaveIdentity", "*dentity*.json")
        for path in sorted(EVIDENCE.glob("collateral/**/" + pattern)):
            text = path.read_text()
            start = text.index('{"%s":' % member) + len(member) + 4
            (folder / path.name).write_text(text[start:text.rindex(',"signature"')])
    if target == "collateral_add":
        for choice, pattern in ((b"\0", "collateral/**/*"), (b"\0", "openenclave/endorsements*"), (b"\1", "collateral/tcb*.json"),
                                (b"\2", "collateral/qe*.json"), (b"\3", "collateral/pck*.der"), (b"\5", "snp/*.pem")):
            for path in sorted(path for path in EVIDENCE.glob(pattern) if path.is_file()):
                (folder / f"{choice[0]}-{path.name}").write_bytes(choice + path.read_bytes())
    if target == "collateral":
        for quote, collateral in (("sgx/alibaba-quote.bin", "phala-sgx-00a067110000.json"),
                                  ("tdx/phala-v4.bin", "phala-tdx-b0c06f000000.json"),
                                  ("tdx/google-gcp-v4-ccel.bin", "tcbinfo-v3-tdx-00806f050000.json"),
                                  ("sgx/azure-intelsdk-2023-release.quote.bin", "tcbinfo-v3-sgx-00906ed50000.json"),
                                  ("sgx/intel-qvl-sample-certtype1.bin", "intel-qvl-sample/pckCert.pem")):
            data = (EVIDENCE / quote).read_bytes()
            (folder / (quote.replace("/", "-") + "-" + collateral.replace("/", "-"))).write_bytes(
                len(data).to_bytes(2, "little") + data + (EVIDENCE / "collateral" / collateral).read_bytes())
    if target == "vm_evidence":
        for choice, pattern in ((b"\0", "tdx/*.bin"), (b"\3", "snp/*.pem")):
            for path in sorted(EVIDENCE.glob(pattern)):
                (folder / path.name).write_bytes(choice + path.read_bytes())
    if target == "tpm_parts":
        for choice, pattern in ((b"\0", "tpm/*.msg"), (b"\1", "tpm/*.sig")):
            for path in sorted(EVIDENCE.glob(pattern)):
                (folder / path.name).write_bytes(choice + path.read_bytes())
    if target == "guest_document":
        for path in sorted(EVIDENCE.glob("hcl/*.evidence.json")):
            (folder / path.name).write_text(json.dumps(shorter(json.loads(path.read_text()))))
    if target == "response":
        for path in sorted(EVIDENCE.glob("recordings/*.json")):
            for number, entry in enumerate(json.loads(path.read_text()).get("Entries", [])):
                (folder / f"{path.stem}-{number}").write_text(json.dumps(entry["ResponseBody"])[:16384])
    if target == "jmespath":
        sys.path.append(str(pathlib.Path(__file__).parents[1] / "integration/witness"))
        import jmespath_cases  # the queries of published policies, and every construct
        for number, (query, document) in enumerate(jmespath_cases.by_hand()):
            (folder / f"query-{number}").write_bytes(query.encode() + b"\0" + json.dumps(document).encode())
    if target == "claims_source":
        for path in sorted(EVIDENCE.glob("maa-tokens/*.jwt")):
            body = path.read_text().split(".")[1]
            (folder / path.name).write_bytes(b"\0" + base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        for pattern in ("sgx/*.bin", "openenclave/*.bin", "snp/*.report.bin", "tdx/*.bin", "hcl/*.hcl.bin", "tpm/*.msg"):
            for path in sorted(EVIDENCE.glob(pattern)):
                (folder / path.name).write_bytes(b"\1" + path.read_bytes())
        for path in sorted(EVIDENCE.glob("hcl/*.evidence.json")):
            (folder / path.name).write_bytes(b"\1" + json.dumps(shorter(json.loads(path.read_text()))).encode())
    if target == "service_policies":
        for path in sorted(EVIDENCE.glob("policies/**/*.policy")):
            for choice in (b"\x0b", b"\x0c"):
                (folder / f"{path.name}-{choice[0]}").write_bytes(choice + path.read_bytes())
    if target in ("policy_format", "policy_lint", "policy_parse"):
        for path in sorted(EVIDENCE.glob("policies/**/*.policy")):
            (folder / path.name).write_bytes((b"\n" if target == "policy_lint" else b"") + path.read_bytes())
    if target == "policy_difference":
        texts = [path.read_bytes() for path in sorted(EVIDENCE.glob("policies/*.policy"))]
        for number, (before, after) in enumerate(zip(texts, texts[1:])):
            (folder / f"pair-{number}").write_bytes(before + b"\0" + after + b'\0{"secureboot":false,"$is-debuggable":true}')
    if target == "policy_evaluate":
        claims = {
            "aikValidated": True, "secureboot": False, "secureBootEnabled": True, "x-ms-sgx-is-debuggable": False,
            "x-ms-sgx-svn": 2, "x-ms-sgx-product-id": 1, "x-ms-sgx-mrsigner": "mrsigner1", "$is-debuggable": True,
            "pcrs": {"PCRs": [{"Index": 0, "Digests": {"SHA256": "00"}}]},
            "x-ms-tpm-request-key": {"jwk": {"kty": "RSA"}, "info": {"tpm_certify": {"obj_attr": 50}}},
            "events": {"Events": [
                {"EventSeq": 1, "EventTypeString": "EV_EFI_VARIABLE_DRIVER_CONFIG", "PcrIndex": 7, "ProcessedData": {
                    "VariableGuid": "8BE4DF61-93CA-11D2-AA0D-00E098032B8C", "UnicodeName": "SecureBoot", "VariableData": "AQ"}},
                {"EventSeq": 2, "EventTypeString": "EV_EVENT_TAG", "PcrIndex": 20, "ProcessedData": {"EVENT_TRUSTBOUNDARY": {
                    "EVENT_CODEINTEGRITY": True, "EVENT_DRTM_STATE_AUTH": {"SignatureValid": True}}}}]}}
        for path in sorted(EVIDENCE.glob("policies/*.policy")):
            (folder / path.name).write_bytes(path.read_bytes() + NUL + json.dumps(claims, separators=(",", ":")).encode())
    if target in ("policy_answer", "stored_policy"):
        for path in sorted(EVIDENCE.glob("recordings/policy-*.json")):
            for number, entry in enumerate(json.loads(path.read_text())["Entries"]):
                if target == "policy_answer" and "token" in entry["ResponseBody"]:
                    body = entry["ResponseBody"]["token"].split(".")[1]
                    (folder / f"{path.stem}-{number}").write_bytes(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
                elif target == "stored_policy" and entry["RequestBody"]:
                    (folder / f"{path.stem}-{number}").write_text(entry["RequestBody"].strip('"'))
    if target == "service":
        quote = base64.urlsafe_b64encode((EVIDENCE / "sgx/azure-intelsdk-2023-release.quote.bin").read_bytes())
        (folder / "attest").write_bytes(ATTEST + b'{"quote":"' + quote.rstrip(b"=") + b'"}')


if __name__ == "__main__":
    main()
