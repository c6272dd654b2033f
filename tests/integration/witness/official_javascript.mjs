// Every call of Azure's JavaScript SDK for attestation, written as its users write it:
//
//     node official_javascript.mjs CONFIGURATION [CASE...]
//
// One JSON line for each case: what it gave, or what went wrong. witness.py judges the lines. Runs in the folder that
// the SDK is installed in; NODE_EXTRA_CA_CERTS names the local service's authorities.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const { AttestationClient, AttestationAdministrationClient, createAttestationPolicyToken, KnownAttestationType,
  KnownCertificateModification, KnownPolicyModification } = require("@azure/attestation");
const { ClientCertificateCredential, ClientSecretCredential, EnvironmentCredential, ManagedIdentityCredential,
  WorkloadIdentityCredential } = require("@azure/identity");

const world = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const read = (name) => readFileSync(world[name]);
const quote = read("quote"), report = read("report"), runTimeData = read("runtime_data");
const simulatedQuote = read("simulated_quote"), forgedQuote = read("forged_quote");
const keys = Object.fromEntries(Object.entries(world.keys).map(([name, [key, certificate]]) =>
  [name, { privateKey: readFileSync(key, "ascii"), certificate: readFileSync(certificate, "ascii") }]));

const authority = { authorityHost: world.identity.authority_host, disableInstanceDiscovery: true };
const credential = (changes = {}) => {
  const identity = { ...world.identity, ...changes };
  return new ClientSecretCredential(identity.tenant_id, identity.client_id, identity.client_secret, authority);
};
const client = (instance = "aad", options) => new AttestationClient(world.instances[instance], options);
const admin = (instance = "aad", as = credential()) => new AttestationAdministrationClient(world.instances[instance], as);

const certificateHash = (pem) =>
  createHash("sha1").update(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64")).digest("hex").toUpperCase();
// The error of a call that has to fail; with an answer, the service refuses with that status and code.
const refused = async (call, answer) => {
  let error;
  try {
    await call();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error, "accepted, expected a refusal");
  if (answer)
    assert.equal(`${error.statusCode} ${error.code}`, answer);
  return error;
};

// Every member of an AttestationResult and of an AttestationToken, except those that differ from call to call.
const described = (result) => {
  assert.equal(result.uniqueId.length, 64);
  return {
    issuer: result.issuer, nonce: result.nonce, version: result.version, runTimeClaims: result.runTimeClaims,
    initTimeClaims: result.initTimeClaims, policyClaims: result.policyClaims, verifierType: result.verifierType,
    policySigner: result.policySigner, policyHash: Buffer.from(result.policyHash).toString("hex"),
    isDebuggable: result.isDebuggable, productId: result.productId, mrEnclave: result.mrEnclave,
    mrSigner: result.mrSigner, svn: result.svn, sgxCollateral: result.sgxCollateral,
    enclaveHeldData: result.enclaveHeldData && Buffer.from(result.enclaveHeldData).toString("hex"),
  };
};
const describedToken = (token) => {
  assert.deepEqual(token.getBody().iss, token.issuer);
  assert.equal(token.serialize().split(".").length, 3);
  return {
    algorithm: token.algorithm, keyId: token.keyId, critical: token.critical, contentType: token.contentType,
    keyUrl: token.keyUrl, x509Url: token.x509Url, type: token.type, certificateThumbprint: token.certificateThumbprint,
    certificateSha256Thumbprint: token.certificateSha256Thumbprint, issuer: token.issuer,
    lives: (token.expiresOn - token.issuedAt) / 1000, early: (token.notBefore - token.issuedAt) / 1000,
  };
};

const cases = {
  // ------------------------------------------------------------------------------------------------ AttestationClient
  async getOpenIdMetadata() {
    const metadata = await client().getOpenIdMetadata();
    assert.equal(metadata.issuer, world.instances.aad);
    assert.equal(metadata.jwks_uri, world.instances.aad + "/certs");
    return Object.keys(metadata).sort();
  },
  async getAttestationSigners() {
    const signers = await client().getAttestationSigners();
    assert.ok(signers.length > 0);
    return signers.map((signer) => [signer.keyId, signer.certificates.map(certificateHash)]);
  },
  async attestSgxEnclave() {
    const { body, token } = await client().attestSgxEnclave(quote);
    assert.equal(body.enclaveHeldData, undefined);
    return [described(body), describedToken(token)];
  },
  async attestSgxEnclave_with_a_credential() {
    const { body } = await new AttestationClient(world.instances.aad, credential()).attestSgxEnclave(quote);
    return described(body);
  },
  async attestSgxEnclave_with_runTimeData() {
    const { body } = await client().attestSgxEnclave(quote, { runTimeData });
    assert.deepEqual(Buffer.from(body.enclaveHeldData), runTimeData);
  },
  async attestSgxEnclave_with_runTimeJson() {
    const { body } = await client().attestSgxEnclave(simulatedQuote, { runTimeJson: Buffer.from(world.runtime_json) });
    assert.deepEqual(body.runTimeClaims, JSON.parse(world.runtime_json));
  },
  async attestSgxEnclave_with_a_draft_policy() {
    const { token } = await client().attestSgxEnclave(quote, { draftPolicyForAttestation: world.policy });
    assert.equal(token.algorithm, "none");
  },
  // no enclave here binds init-time data: that it came there shows in what the service says about it
  async attestSgxEnclave_with_initTimeData() {
    const error = await refused(() => client().attestSgxEnclave(quote, { initTimeData: Buffer.from("config") }));
    assert.match(error.message, /KSS/);
  },
  async attestSgxEnclave_with_initTimeJson() {
    const error = await refused(() => client().attestSgxEnclave(quote, { initTimeJson: Buffer.from('{"config":1}') }));
    assert.match(error.message, /KSS/);
  },
  async attestSgxEnclave_refuses_both_kinds_of_data() {
    const both = Buffer.from("{}");
    for (const options of [{ runTimeData: both, runTimeJson: both }, { initTimeData: both, initTimeJson: both }])
      assert.match((await refused(() => client().attestSgxEnclave(quote, options))).message, /Cannot provide both/);
  },
  async attestSgxEnclave_checks_that_JSON_parses() {
    const error = await refused(() => client().attestSgxEnclave(quote, { runTimeJson: Buffer.from("{no json") }));
    assert.equal(error.statusCode, undefined, "it was sent: " + error.message);
  },
  async attestSgxEnclave_of_a_forged_quote() {
    await refused(() => client().attestSgxEnclave(forgedQuote), "400 InvalidQuote");
  },
  async attestOpenEnclave() {
    const { body, token } = await client("isolated").attestOpenEnclave(report);
    return [described(body), describedToken(token)];
  },
  async attestOpenEnclave_with_runTimeData() {
    const { body } = await client("shared").attestOpenEnclave(report, { runTimeData });
    assert.deepEqual(Buffer.from(body.enclaveHeldData), runTimeData);
  },
  async attestOpenEnclave_with_a_draft_policy() {
    const { token } = await client().attestOpenEnclave(report, { draftPolicyForAttestation: world.policy });
    assert.equal(token.algorithm, "none");
  },
  async attestOpenEnclave_of_a_quote() {
    await refused(() => client().attestOpenEnclave(forgedQuote), "400 InvalidParameter");
  },
  async attestTpm() {
    await admin().setPolicy(KnownAttestationType.Tpm, world.tpm_policy);
    const answer = JSON.parse(await client().attestTpm(JSON.stringify({ payload: { type: "aikcert" } })));
    await admin().resetPolicy(KnownAttestationType.Tpm);
    assert.ok(answer.payload.challenge);
    return Object.keys(answer.payload).sort();
  },

  // ------------------------------------------------------------------------------------------------ token validation
  async validation_by_the_callers_function() {
    const seen = [];
    const validateAttestationToken = (token, signer) => {
      seen.push([token.issuer, signer.certificates.length]);
      return seen.length > 1 ? ["not this one"] : undefined;
    };
    const validationOptions = { validateToken: true, validateAttestationToken };
    await client("aad", { validationOptions }).attestSgxEnclave(quote);
    assert.match((await refused(() => client().attestSgxEnclave(quote, { validationOptions }))).message, /not this one/);
    assert.deepEqual(seen, [[world.instances.aad, 1], [world.instances.aad, 1]]);
  },
  async validation_of_the_issuer() {
    const options = (expectedIssuer) =>
      ({ validationOptions: { validateToken: true, validateIssuer: true, expectedIssuer } });
    await client().attestSgxEnclave(quote, options(world.instances.aad));
    const error = await refused(() => client().attestSgxEnclave(quote, options("https://other.example")));
    assert.match(error.message, /expected issuer: https:\/\/other.example/);
  },
  async validation_of_times() {
    assert.match((await refused(() => client("ahead").attestSgxEnclave(quote))).message, /not yet valid/);
    const times = { validateToken: true, validateNotBeforeTime: true, validateExpirationTime: true };
    await client("ahead", { validationOptions: { ...times, timeValidationSlack: 7200 } }).attestSgxEnclave(quote);
    await client("ahead", { validationOptions: { ...times, validateNotBeforeTime: false } }).attestSgxEnclave(quote);
  },
  async validation_off() {
    await client("ahead", { validationOptions: { validateToken: false } }).attestSgxEnclave(quote);
  },
  async validation_of_an_unsigned_reply() {
    await refused(() => client("unsigned").attestSgxEnclave(quote));
  },
  async validation_is_not_switched_off_by_a_partial_set() {
    const validationOptions = { validateIssuer: true, expectedIssuer: "https://other.example" };
    await refused(() => client().attestSgxEnclave(quote, { validationOptions }));
  },
  async validation_options_beside_a_credential() {
    const validationOptions = { validateToken: true, validateIssuer: true, expectedIssuer: "https://other.example" };
    const strict = new AttestationClient(world.instances.aad, credential(), { validationOptions });
    await refused(() => strict.attestSgxEnclave(quote));
  },
  async getTokenProblems() {
    const { token } = await client().attestSgxEnclave(quote);
    assert.deepEqual(token.getTokenProblems(await client().getAttestationSigners()), []);
    const strangers = await client("isolated").getAttestationSigners();
    assert.equal(token.getTokenProblems(strangers).length, 1);
  },
  async getTokenProblems_of_an_unsigned_token() {
    const signers = await client().getAttestationSigners();
    assert.notDeepEqual(createAttestationPolicyToken(world.policy).getTokenProblems(signers), []);
  },
  async getTokenProblems_of_a_token_that_brings_its_own_key() {
    const signers = await client().getAttestationSigners();
    const { privateKey, certificate } = keys.registered;
    assert.notDeepEqual(createAttestationPolicyToken(world.policy, privateKey, certificate).getTokenProblems(signers), []);
  },

  // ---------------------------------------------------------------------------------- AttestationAdministrationClient
  async getPolicy() {
    const policies = {};
    for (const type of [KnownAttestationType.SgxEnclave, "OpenEnclave"]) {
      const { body, token } = await admin("shared").getPolicy(type);
      assert.match(body, /permit\(\)/);
      policies[type] = [body, describedToken(token)];
    }
    return policies;
  },
  async getPolicy_where_none_is_set() {
    assert.equal((await admin("shared").getPolicy(KnownAttestationType.Tpm)).body, "");
  },
  async setPolicy_unsigned() {
    await roll("aad", KnownAttestationType.SgxEnclave, {});
  },
  async setPolicy_signed() {
    assert.deepEqual(await roll("aad", "OpenEnclave", keys.other), [certificateHash(keys.other.certificate)]);
  },
  async setPolicy_signed_with_an_EC_key() {
    assert.deepEqual(await roll("aad", "SgxEnclave", keys.ec), [certificateHash(keys.ec.certificate)]);
  },
  async setPolicy_signed_on_isolated() {
    const signers = await roll("isolated", "SgxEnclave", keys.registered);
    assert.deepEqual(signers, [certificateHash(keys.registered.certificate)]);
  },
  async setPolicy_beyond_ASCII() {
    await roll("aad", "SgxEnclave", {}, world.policy + " // é");
  },
  async resetPolicy() {
    for (let i = 0; i < 2; i++) {
      const { body } = await admin().resetPolicy("OpenEnclave");
      assert.deepEqual([body.policyResolution, body.policyTokenHash, body.policySigner], ["Removed", undefined, undefined]);
    }
  },
  async setPolicy_unsigned_on_isolated() {
    await refused(() => admin("isolated").setPolicy("SgxEnclave", world.policy), "400 InvalidOperation");
  },
  async resetPolicy_unsigned_on_isolated() {
    await refused(() => admin("isolated").resetPolicy("SgxEnclave"), "400 InvalidOperation");
  },
  async setPolicy_with_an_unregistered_key() {
    await refused(() => admin("isolated").setPolicy("SgxEnclave", world.policy, keys.other), "400 InvalidOperation");
  },
  async setPolicy_with_half_a_pair() {
    const mixed = { ...keys.registered, certificate: keys.other.certificate };
    const { privateKey, certificate } = keys.registered;
    for (const options of [{ privateKey }, { certificate }, mixed])
      for (const call of [() => admin().setPolicy("SgxEnclave", world.policy, options),
        () => admin().resetPolicy("SgxEnclave", options)])
        assert.equal((await refused(call)).statusCode, undefined);
  },
  async getPolicyManagementCertificates() {
    const found = {};
    for (const instance of ["aad", "shared", "isolated"])
      found[instance] = (await admin(instance).getPolicyManagementCertificates()).body
        .map((signer) => signer.certificates.map(certificateHash));
    assert.deepEqual(found, { aad: [], shared: [], isolated: [[certificateHash(keys.registered.certificate)]] });
  },
  async addPolicyManagementCertificate() {
    const { privateKey, certificate } = keys.registered;
    for (const added of [keys.other.certificate, keys.ec.certificate]) {
      const { body, token } = await admin("isolated").addPolicyManagementCertificate(added, privateKey, certificate);
      assert.equal(body.certificateResolution, KnownCertificateModification.IsPresent);
      assert.equal(body.certificateThumbprint, certificateHash(added));
      assert.equal(describedToken(token).lives, 3600);
      const { body: list } = await admin("isolated").getPolicyManagementCertificates();
      assert.equal(list.length, 2);
      const { body: gone } = await admin("isolated").removePolicyManagementCertificate(added, privateKey, certificate);
      assert.equal(gone.certificateResolution, KnownCertificateModification.IsAbsent);
    }
  },
  async addPolicyManagementCertificate_with_an_unregistered_key() {
    const { privateKey, certificate } = keys.other;
    await refused(() => admin("isolated").addPolicyManagementCertificate(keys.ec.certificate, privateKey, certificate),
      "400 InvalidOperation");
  },
  async addPolicyManagementCertificate_to_an_aad_instance() {
    const { privateKey, certificate } = keys.registered;
    await refused(() => admin().addPolicyManagementCertificate(certificate, privateKey, certificate), "400 InvalidOperation");
  },
  async removePolicyManagementCertificate_that_is_not_there() {
    const { privateKey, certificate } = keys.registered;
    const { body } = await admin("isolated").removePolicyManagementCertificate(keys.ec.certificate, privateKey, certificate);
    assert.equal(body.certificateResolution, KnownCertificateModification.IsAbsent);
  },
  async removePolicyManagementCertificate_of_the_last_one() {
    const { privateKey, certificate } = keys.registered;
    await refused(() => admin("isolated").removePolicyManagementCertificate(certificate, privateKey, certificate),
      "400 InvalidOperation");
  },
  async policySigner_of_an_attestation() {
    await admin("isolated").setPolicy("SgxEnclave", world.policy, keys.registered);
    try {
      const { body } = await client("isolated").attestSgxEnclave(quote);
      assert.deepEqual(body.policySigner.certificates.map(certificateHash), [certificateHash(keys.registered.certificate)]);
    } finally {
      await admin("isolated").resetPolicy("SgxEnclave", keys.registered);
    }
  },
  // Each real policy is set, unsigned and signed, and governs the next call: the claims that it issues, or the refusal.
  async policies_govern_attestation() {
    const outcomes = {};
    for (const [instance, signing] of [["aad", {}], ["isolated", keys.registered]]) {
      for (const [name, text] of Object.entries(world.policies)) {
        const { body } = await admin(instance).setPolicy("SgxEnclave", text, signing);
        assert.equal(body.policyResolution, KnownPolicyModification.Updated);
        let outcome;
        try {
          const { token } = await client(instance).attestSgxEnclave(quote);
          const claims = JSON.parse(Buffer.from(token.serialize().split(".")[1], "base64url"));
          outcome = claims["x-ms-policy"] ?? {};
          for (const claim of Object.keys(outcome))
            assert.deepEqual(claims[claim], outcome[claim]);
        } catch (error) {
          assert.equal(error.statusCode, 400);
          outcome = error.code;
        }
        assert.deepEqual(outcomes[name] ??= outcome, outcome);
      }
      await admin(instance).resetPolicy("SgxEnclave", signing);
    }
    return outcomes;
  },
  async setPolicy_with_an_error() {
    for (const [instance, signing] of [["aad", {}], ["isolated", keys.registered]]) {
      const { body: before } = await admin(instance).getPolicy("SgxEnclave");
      for (const [name, text] of Object.entries(world.invalid_policies)) {
        const error = await refused(() => admin(instance).setPolicy("SgxEnclave", text, signing), "400 PolicyParsingError");
        assert.match(error.message, /Native operation failed with 65526[^]*Failing rule: '/, name);
      }
      assert.equal((await admin(instance).getPolicy("SgxEnclave")).body, before);
    }
  },
  async a_wrong_secret_is_an_authentication_error() {
    const wrong = admin("aad", credential({ client_secret: "wrong" }));
    assert.match((await refused(() => wrong.getPolicy("SgxEnclave"))).name, /^Authentication(Required)?Error$/);
  },
  async with_a_certificate_credential() {
    const { tenant_id: tenant, client_id: id, client_certificate_file: certificatePath } = world.identity;
    await readWith(new ClientCertificateCredential(tenant, id, { certificatePath }, authority));
  },
  async with_a_workload_identity() {
    const { tenant_id: tenantId, client_id: clientId, federated_token_file: tokenFilePath } = world.identity;
    await readWith(new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath, ...authority }));
  },
  async with_a_managed_identity() {
    process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = world.identity.imds_endpoint;
    await readWith(new ManagedIdentityCredential());
    delete process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
  },
  async with_an_environment_credential() {
    const names = ["tenant_id", "client_id", "client_secret"];
    for (const name of names)
      process.env["AZURE_" + name.toUpperCase()] = world.identity[name];
    await readWith(new EnvironmentCredential(authority));
    for (const name of names)
      delete process.env["AZURE_" + name.toUpperCase()];
  },
  async a_reader_may_read_and_not_change() {
    await readWith(credential(world.identity.reader));
    const error = await refused(() => admin("aad", credential(world.identity.reader)).setPolicy("SgxEnclave", world.policy));
    assert.equal(error.statusCode, 403);
  },
  async createAttestationPolicyToken() {
    const unsigned = createAttestationPolicyToken(world.policy);
    const { privateKey, certificate } = keys.registered;
    const signed = createAttestationPolicyToken(world.policy, privateKey, certificate);
    assert.equal(unsigned.algorithm, "none");
    assert.equal(signed.algorithm, "RS256");
    assert.deepEqual(signed.getBody(), unsigned.getBody());
    assert.equal(Buffer.from(signed.getBody().AttestationPolicy, "base64url").toString(), world.policy);
  },
  // what would be sent, unsigned and signed
  async policy_tokens() {
    const { privateKey, certificate } = keys.registered;
    return [createAttestationPolicyToken(world.policy).serialize(),
      createAttestationPolicyToken(world.policy, privateKey, certificate).serialize()];
  },
};

async function readWith(as) {
  assert.match((await admin("aad", as).getPolicy("SgxEnclave")).body, /permit\(\)/);
}

// Sets a policy, checks the hash as the SDK's sample does, reads it back, resets it.
async function roll(instance, type, signing, policy = world.policy) {
  const { body: before } = await admin(instance).getPolicy(type);
  const { body, token } = await admin(instance).setPolicy(type, policy, signing);
  assert.equal(body.policyResolution, KnownPolicyModification.Updated);
  assert.equal(describedToken(token).lives, 3600);
  const sent = createAttestationPolicyToken(policy, signing.privateKey, signing.certificate).serialize();
  const ecdsa = /^eyJhbGciOiJFUz/.test(sent); // no two signatures are alike: the hash cannot be made again
  if (!ecdsa)
    assert.equal(Buffer.from(body.policyTokenHash).toString("hex"), createHash("sha256").update(sent).digest("hex"));
  assert.equal((await admin(instance).getPolicy(type)).body, policy);
  const { body: gone } = await admin(instance).resetPolicy(type, signing);
  assert.equal(gone.policyResolution, KnownPolicyModification.Removed);
  assert.equal((await admin(instance).getPolicy(type)).body, before);
  return body.policySigner?.certificates.map(certificateHash);
}

for (const [name, run] of Object.entries(cases)) {
  if (process.argv.length > 3 && !process.argv.includes(name, 3))
    continue;
  const line = { case: name };
  try {
    line.gave = (await run()) ?? null;
  } catch (error) {
    line.problem = `${error?.name ?? typeof error}: ${error?.message ?? error}`.slice(0, 600); // texts are thrown, too
  }
  console.log(JSON.stringify(line));
}
