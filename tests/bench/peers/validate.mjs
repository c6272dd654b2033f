// Times the validation of one token by @azure/attestation, in the folder that it is installed in.
//
//     node validate.mjs FOLDER TIMES    prints the CPU nanoseconds of one validation
//     node validate.mjs FOLDER 0        prints what it does with an expired token, "accepts" or "refuses", and its version
//
// Before either, token.jwt has to be accepted and forged.jwt (one character of the signature differs) refused.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const { createAttestationPolicyToken } = require("@azure/attestation");
const { version } = require("@azure/attestation/package.json");
const Token = createAttestationPolicyToken("").constructor; // the class has no public name
const [folder, count] = process.argv.slice(2);
const times = Number(count);
const read = (name) => readFileSync(`${folder}/${name}`, "utf-8");
const [token, forged, expired] = ["token.jwt", "forged.jwt", "expired.jwt"].map(read);

const signers = JSON.parse(read("keys.jwks")).keys.map(({ kid, x5c: [certificate] }) => ({
  keyId: kid,
  certificates: [`-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`],
}));
const options = { validateToken: true, validateExpirationTime: true, validateNotBeforeTime: true, validateIssuer: true,
  expectedIssuer: "https://bench.wus.attest.azure.net" };

// What every attest call of the package does with the answer.
function problems(text) {
  const parsed = new Token(text);
  return [...parsed.getTokenProblems(signers, options), ...(parsed.getBody() ? [] : ["no claims"])];
}

if (problems(token).length)
  throw new Error(`the good token was refused: ${problems(token)}`);
if (!problems(forged).length)
  throw new Error("a token with a changed signature was accepted");
if (times === 0) {
  console.log(problems(expired).length ? "refuses" : "accepts", "@azure/attestation", version);
} else {
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++)
    problems(token);
  const used = process.cpuUsage(start);
  console.log(Math.round((used.user + used.system) * 1000 / times));
}
