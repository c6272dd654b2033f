"""Policy JWTs and certificate requests for the tests of the local service. RSA by hand: the standard library has none."""

import base64
import hashlib
import http.client
import json
import ssl
import urllib.parse
from pathlib import Path

from command_support import b64url, run, unb64url

VERSION = "api-version=2020-10-01"


def connect(ready):
    context = ssl.create_default_context(cafile=ready["ca_file"])
    return http.client.HTTPSConnection(ready["endpoint"].removeprefix("https://"), context=context, timeout=60)


ACCESS_TOKENS = {}  # of services that run, by endpoint and secret


def authorization(ready):
    """The header that lets the test identity in, which may change policies and certificates."""
    service = ready["endpoint"], ready["client_secret"]
    if service not in ACCESS_TOKENS:
        connection = connect(ready)
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": ready["client_id"],
                                       "client_secret": ready["client_secret"],
                                       "scope": "https://attest.azure.net/.default"})
        connection.request("POST", f"/{ready['tenant_id']}/oauth2/v2.0/token", form,
                           {"Content-Type": "application/x-www-form-urlencoded"})
        ACCESS_TOKENS[service] = json.loads(connection.getresponse().read())["access_token"]
        connection.close()
    return {"Authorization": f"Bearer {ACCESS_TOKENS[service]}"}


def ask(ready, method, target, body=None, **headers):
    connection = connect(ready)
    try:
        connection.request(method, target, body, {**authorization(ready), **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def claims_of(body):
    return json.loads(unb64url(body["token"].split(".")[1]))


def pem_der(path):
    lines = Path(path).read_text().split("-----")[2].split()
    return base64.b64decode("".join(lines))


def der_items(data):
    """The contents of the elements that stand one behind the other."""
    items = []
    while data:
        length, at = data[1], 2
        if length & 0x80:
            count = length & 0x7f
            length, at = int.from_bytes(data[2:2 + count], "big"), 2 + count
        items.append(data[at:at + length])
        data = data[at + length:]
    return items


class Signer:
    """What `azattest simulate signing-key` made, of type rsa."""

    def __init__(self, folder, name):
        self.key, self.certificate = folder / f"{name}.key", folder / f"{name}.crt"
        done = run("simulate", "signing-key", "--out-key", self.key, "--out-certificate", self.certificate,
                   "--subject", name)
        assert done.returncode == 0, done.stderr
        self.x5c = base64.b64encode(pem_der(self.certificate)).decode()
        private = der_items(der_items(der_items(pem_der(self.key))[0])[2])[0]  # PKCS#8, RFC 5208 and 8017
        self.modulus, _, self.exponent = (int.from_bytes(item, "big") for item in der_items(private)[1:4])

    @property
    def thumbprint(self):
        return hashlib.sha1(base64.b64decode(self.x5c)).hexdigest().upper()

    def sign(self, data):
        size = (self.modulus.bit_length() + 7) // 8
        info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(data).digest()
        padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
        return pow(int.from_bytes(padded, "big"), self.exponent, self.modulus).to_bytes(size, "big")

    def token(self, payload):
        """A compact JWS; an empty payload stays empty."""
        header = json.dumps({"alg": "RS256", "x5c": [self.x5c]})
        text = f"{b64url(header.encode())}.{b64url(payload.encode())}"
        return f"{text}.{b64url(self.sign(text.encode()))}"

    def certificate_request(self, other):
        """The body that asks to add or remove the certificate of the other one, in the form of older versions."""
        return json.dumps(self.token(json.dumps({"policyCertificate": {"kty": "RSA", "x5c": [other.x5c]}})))


def policy_payload(text):
    return json.dumps({"AttestationPolicy": b64url(text.encode())})


def unsecured(payload):
    return f"{b64url(json.dumps({'alg': 'none'}).encode())}.{b64url(payload.encode())}."


def stored_policy(ready, kind):
    status, body = ask(ready, "GET", f"/policies/{kind}?{VERSION}")
    assert status == 200, body
    return claims_of(body)["x-ms-policy"]


def certificates(ready):
    status, body = ask(ready, "GET", f"/certificates?{VERSION}")
    assert status == 200, body
    return [key["x5c"][0] for key in claims_of(body)["x-ms-policy-certificates"]["keys"]]
