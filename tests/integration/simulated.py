"""Evidence and collateral of the simulator, read and verified by others: the `openssl` command, and Python's package
`cryptography` where the interpreter has it. Nothing of the library is used but the command that makes it."""

import hashlib
import json
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
import warnings
from pathlib import Path

from command_support import VALID, WRONG_USE, CommandTest, main, run, unb64url

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
except ImportError:  # pragma: no cover
    x509 = None

needs_cryptography = unittest.skipIf(x509 is None, "SKIPPED: this Python has no package 'cryptography'")


def openssl(*words, stdin=b""):
    return subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, check=False)


def pems(text):
    return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", text, re.S)


def certificate(pem_or_der):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a VCEK has serial number 0, which RFC 5280 does not allow
        if isinstance(pem_or_der, str):
            return x509.load_pem_x509_certificate(pem_or_der.encode())
        return x509.load_der_x509_certificate(pem_or_der)


def ecdsa(key, signature, data, order="big", algorithm=None):
    half = len(signature) // 2
    encoded = utils.encode_dss_signature(int.from_bytes(signature[:half], order), int.from_bytes(signature[half:], order))
    key.verify(encoded, data, ec.ECDSA(algorithm or hashes.SHA256()))


def point(raw):
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + raw)


def pss(key, signature, data):
    key.verify(signature, data, padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384())


def intel_quote(quote):
    """Signatures and binding of a quote of any version, by its published layout alone; its certificates."""
    version = struct.unpack_from("<H", quote)[0]
    if version == 5:
        start, size = 54, struct.unpack_from("<I", quote, 50)[0]
    else:
        start, size = 48, 584 if struct.unpack_from("<I", quote, 4)[0] == 0x81 else 384
    end = start + size
    (length,) = struct.unpack_from("<I", quote, end)
    data = quote[end + 4:end + 4 + length]
    assert len(data) == length
    signature, key, rest = data[:64], data[64:128], data[128:]
    if version >= 4:
        kind, inner = struct.unpack_from("<HI", rest)
        assert (kind, inner) == (6, len(rest) - 6)
        rest = rest[6:]
    report, report_signature = rest[:384], rest[384:448]
    (auth_size,) = struct.unpack_from("<H", rest, 448)
    auth = rest[450:450 + auth_size]
    kind, size = struct.unpack_from("<HI", rest, 450 + auth_size)
    chain = rest[456 + auth_size:]
    assert (kind, size) == (5, len(chain))
    chain = pems(chain.rstrip(b"\0").decode())
    ecdsa(point(key), signature, quote[:end])
    assert report[320:352] == hashlib.sha256(key + auth).digest() and report[352:384] == bytes(32)
    ecdsa(certificate(chain[0]).public_key(), report_signature, report)
    for below, above in zip(chain, [*chain[1:], chain[-1]]):
        certificate(below).verify_directly_issued_by(certificate(above))
    return quote[start:end], report, chain


class Simulated(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.state = Path(tempfile.mkdtemp(prefix="azattest-simulated-"))
        cls.addClassCleanup(shutil.rmtree, cls.state, True)
        cls.data = cls.state / "data"
        cls.data.write_bytes(b"runtime data")
        cls.bound = hashlib.sha256(b"runtime data").digest()

    def make(self, kind, *words, **members):
        settings = [word for name, value in members.items() for word in ("--with", f"{name.replace('_', '-')}={value}")]
        done = run("simulate", kind, "--state", self.state, "--out", "-", *words, *settings)
        self.assertEqual((done.returncode, done.stderr), (VALID, b""))
        return done.stdout

    @needs_cryptography
    def test_quotes_of_every_version_hold(self):
        for version in (3, 4, 5):
            body, report, _ = intel_quote(self.make("sgx-quote", "--runtime-data", self.data, quote_version=version))
            self.assertEqual((len(body), body[320:352]), (384, self.bound))
            self.assertEqual(report[256:258], b"\1\0")
        for version, wanted, size in ((4, "on", 584), (5, "on", 648), (5, "off", 584)):
            body, report, _ = intel_quote(self.make("tdx-quote", "--runtime-data", self.data, quote_version=version,
                                                    td_report_15=wanted))
            self.assertEqual((len(body), body[520:552]), (size, self.bound))
            self.assertEqual(report[256:258], b"\2\0")

    @needs_cryptography
    def test_collateral_is_signed_by_who_should(self):
        for tee in ("sgx", "tdx"):
            bundle = json.loads(self.make("collateral", tee=tee))
            for name in ("tcb_info", "qe_identity"):
                leaf, root = map(certificate, pems(bundle[f"{name}_issuer_chain"]))
                leaf.verify_directly_issued_by(root)
                ecdsa(leaf.public_key(), bytes.fromhex(bundle[f"{name}_signature"]), bundle[name].encode())
            info = json.loads(bundle["tcb_info"])
            self.assertEqual((info["id"], info["version"], len(info["fmspc"])), (tee.upper(), 3, 12))
            self.assertEqual(json.loads(bundle["qe_identity"])["id"], {"sgx": "QE", "tdx": "TD_QE"}[tee])
            authority, root = map(certificate, pems(bundle["pck_crl_issuer_chain"]))
            for name, issuer in (("root_ca_crl", root), ("pck_crl", authority)):
                revocations = x509.load_der_x509_crl(bytes.fromhex(bundle[name]))
                self.assertTrue(revocations.is_signature_valid(issuer.public_key()))
                self.assertEqual((revocations.issuer, len(revocations)), (issuer.subject, 0))

    @needs_cryptography
    def test_revoked_certificates_are_on_the_list(self):
        faults = "revoked-pck,revoked-pck-ca,revoked-tcb-signing"
        bundle = json.loads(self.make("collateral", fault=faults))
        leaf = certificate(self.make("collateral", item="pck", fault=faults).decode())
        authority = certificate(pems(bundle["pck_crl_issuer_chain"])[0])
        signer = certificate(pems(bundle["tcb_info_issuer_chain"])[0])
        on_list = {entry.serial_number for entry in x509.load_der_x509_crl(bytes.fromhex(bundle["pck_crl"]))}
        self.assertEqual(on_list, {leaf.serial_number})
        on_list = {entry.serial_number for entry in x509.load_der_x509_crl(bytes.fromhex(bundle["root_ca_crl"]))}
        self.assertEqual(on_list, {authority.serial_number, signer.serial_number})

    @needs_cryptography
    def test_a_certificate_that_is_made_anew_has_the_serial_number_that_is_revoked(self):
        members = {"fault": "revoked-pck", "fmspc": "00906ed50000", "cpu_svn": "80" * 16, "pcesvn": 300}
        _, _, chain = intel_quote(self.make("sgx-quote", **members))
        bundle = json.loads(self.make("collateral", **members))
        (entry,) = x509.load_der_x509_crl(bytes.fromhex(bundle["pck_crl"]))
        self.assertEqual(entry.serial_number, certificate(chain[0]).serial_number)
        info = json.loads(bundle["tcb_info"])
        self.assertEqual((info["fmspc"], info["tcbLevels"][0]["tcb"]["pcesvn"]), ("00906ED50000", 300))

    @needs_cryptography
    def test_reports_of_amd_hold_up_to_their_root(self):
        for product in ("Milan", "Genoa", "Turin"):
            for vlek in ("off", "on"):
                report = self.make("snp-report", "--runtime-data", self.data, product=product, vlek=vlek)
                bundle = json.loads(self.make("collateral", tee="snp", product=product, vlek=vlek))
                leaf = certificate(bundle["vcekCert"])
                above, root = map(certificate, pems(bundle["certificateChain"]))
                ecdsa(leaf.public_key(), report[0x2A0:0x2D0][::-1] + report[0x2E8:0x318][::-1], report[:0x2A0],
                      algorithm=hashes.SHA384())
                self.assertEqual(report[0x50:0x70], self.bound)
                self.assertEqual(int.from_bytes(report[0x180:0x188], "little"), int(bundle["tcbm"], 16))
                for below, issuer in ((leaf, above), (above, root), (root, root)):
                    pss(issuer.public_key(), below.signature, below.tbs_certificate_bytes)
                    self.assertEqual(below.issuer, issuer.subject)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self.assertEqual(leaf.serial_number, 0)
                values = {e.oid.dotted_string.removeprefix("1.3.6.1.4.1.3704.1"): e.value.value for e in leaf.extensions}
                self.assertEqual(".4" in values, vlek == "off")
                self.assertEqual(".3.9" in values, product == "Turin")
                if vlek == "off":
                    size = 8 if product == "Turin" else 64
                    self.assertEqual(values[".4"], report[0x1A0:0x1A0 + size])
                    self.assertEqual(report[0x1A0 + size:0x1E0], bytes(64 - size))
                revocations = x509.load_pem_x509_crl(bundle["crl"].encode())
                pss(root.public_key(), revocations.signature, revocations.tbs_certlist_bytes)

    @needs_cryptography
    def test_guests_of_azure_bind_their_tpm(self):
        for kind in ("snp", "tdx"):
            bundle = json.loads(self.make("azure-guest", vm=kind, nonce="a nonce"))
            short = kind == "snp"
            quote = bundle["quote" if short else "tpm_quote"]
            hcl = bytes(bundle["report" if short else "hcl_report"])
            (size,) = struct.unpack_from("<I", hcl, 1232)
            claims = hcl[1236:1236 + size]
            data = hcl[112:176] if short else hcl[160:224]
            self.assertEqual(data, hashlib.sha256(claims).digest() + bytes(32))
            jwk = json.loads(claims)["keys"][0]
            self.assertEqual(jwk["kid"], "HCLAkPub")
            key = rsa.RSAPublicNumbers(int.from_bytes(unb64url(jwk["e"]), "big"),
                                       int.from_bytes(unb64url(jwk["n"]), "big")).public_key()
            message = bytes(quote["message"])
            key.verify(bytes(quote["signature"]), message, padding.PKCS1v15(), hashes.SHA256())
            self.assertEqual((message[:6].hex(), message[42:51]), ("ff5443478018", b"\0\7a nonce"))
            self.assertEqual(message[-32:], hashlib.sha256(b"".join(map(bytes, quote["pcrs"]))).digest())
            if kind == "tdx":
                body, _, _ = intel_quote(bytes(bundle["td_quote"]))
                report = hcl[32:32 + 1024]
                self.assertEqual((body[520:584], body[136:184]), (data, report[528:576]))
                self.assertEqual(report[32:80], hashlib.sha384(report[256:495]).digest())
                self.assertEqual(report[80:128], hashlib.sha384(report[512:1024]).digest())

    @needs_cryptography
    def test_tpm_quotes_hold_with_every_scheme(self):
        for scheme in ("rsassa", "rsapss", "ecdsa"):
            document = json.loads(self.make("tpm-quote", signature=scheme, pcr_bank="sha384"))
            area, message, signature = (unb64url(document["ak_public"]), bytes(document["tpm_quote"]["message"]),
                                        bytes(document["tpm_quote"]["signature"]))
            name = b"\0\x0b" + hashlib.sha256(area).digest()
            self.assertEqual(message[8:42], name)
            if scheme == "ecdsa":
                ecdsa(point(area[-66:-34] + area[-32:]), signature, message)
            else:
                key = rsa.RSAPublicNumbers(65537, int.from_bytes(area[-256:], "big")).public_key()
                key.verify(signature, message, padding.PKCS1v15() if scheme == "rsassa" else
                           padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())

    @needs_cryptography
    def test_attested_certificates_bind_their_key_in_every_form(self):
        key = self.file("key.pem", openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").stdout)
        forms = {"ga": ("1.3.6.1.4.1.311.105.1", 16), "legacy": ("1.2.840.113556.10.1.1", 16),
                 "preview": ("1.2.840.113556.10.1.1", 4), "evidence": ("1.3.6.1.4.1.311.105.2", 32),
                 "legacy_evidence": ("1.2.840.113556.10.1.2", 32), "ra_tls": ("1.2.840.113741.1337.6", 0)}
        for form, (oid, skip) in forms.items():
            made = certificate(self.make("attested-certificate", "--key", key, "--subject", "https://a.example",
                                         form=form))
            made.verify_directly_issued_by(made)
            value = {e.oid.dotted_string: e.value for e in made.extensions}[oid].value
            public = made.public_key().public_bytes(
                serialization.Encoding.DER if form == "ra_tls" else serialization.Encoding.PEM,
                serialization.PublicFormat.SubjectPublicKeyInfo) + (b"" if form == "ra_tls" else b"\0")
            quote = value[skip:]
            self.assertEqual(quote[368:432], hashlib.sha256(public).digest() + bytes(32), form)
            end = 436 + struct.unpack_from("<I", quote, 432)[0]
            intel_quote(quote[:end])
            self.assertEqual(quote[end:], public if "evidence" in form else b"", form)

    def test_openssl_accepts_certificates_and_lists(self):
        for item, tee in (("pck_crl", "sgx"), ("root_ca_crl", "tdx"), ("amd_crl", "snp")):
            text = openssl("crl", "-inform", "DER", "-noout", "-text", stdin=self.make("collateral", item=item, tee=tee))
            self.assertEqual((text.returncode, text.stderr), (0, b""))
            self.assertIn(b"X509v3 CRL Number", text.stdout)
            self.assertIn(b"X509v3 Authority Key Identifier", text.stdout)
        for product in ("Milan", "Turin"):
            root = self.file("chain.pem", self.make("collateral", item="amd_chain", product=product))
            leaf = self.file("vcek.pem", openssl("x509", "-inform", "DER",
                                                 stdin=self.make("collateral", item="vcek", product=product)).stdout)
            self.assertEqual(openssl("verify", "-CAfile", root, leaf).returncode, 0)
        leaf = self.file("pck.pem", self.make("collateral", item="pck"))
        authority = self.file("ca.pem", json.loads(self.make("collateral"))["pck_crl_issuer_chain"])
        self.assertEqual(openssl("verify", "-CAfile", self.state / "simulator-root.pem", "-untrusted", authority, leaf)
                         .returncode, 0)

    def test_what_is_not_known_is_said_with_what_is_near(self):
        for words, says in ((["--with", "fault"], "has no value"), (["--with", "falt=revoked-pck"], "did you mean fault?"),
                            (["--with", "fault=revoked-pkc"], "did you mean revoked-pck?"),
                            (["--with", "fmspc=00"], "hexadecimal of 6 bytes"), (["--with", "pcesvn=-1"], "a number"),
                            (["--with", "pcesvn=4294967296"], "a number"), (["--with", "from=yesterday"], "a time"),
                            (["--with", "tcb-info-version=4"], "not 2 or 3"), (["--with", "pck-ca=root"], "not"),
                            (["--with", "window=pkc"], "did you mean pck?"), (["--with", "vlek=1"], "on or off"),
                            (["--with", "tee=sev"], "(sgx, tdx, snp)"), (["--with", "item=tcb"], "(tcb_info"),
                            (["--with", "tee=snp", "--with", "product=Rome"], "Milan, Genoa or Turin")):
            self.expect(WRONG_USE, "simulate", "collateral", "--state", self.state, "--out", self.folder / "x", *words,
                        says=says)


if __name__ == "__main__":
    main()
