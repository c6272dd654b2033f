// Attest calls through @azure/attestation, over kept connections to the benchmark's service; runs in the folder that it is
// installed in, with NODE_EXTRA_CA_CERTS.
//
//     node attest.mjs ENDPOINT FOLDER TIMES    prints {"cpu_us", "wall_us"} of one call, after some that are not counted
//     node attest.mjs ENDPOINT FOLDER 0        makes one call: prints {"peak_kb"}, or ends with 3 when it is refused
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const { AttestationClient } = require("@azure/attestation");
const [endpoint, folder, count] = process.argv.slice(2);
const times = Number(count);
const quote = readFileSync(`${folder}/quote.bin`);
const client = new AttestationClient(endpoint);
const call = async () => (await client.attestSgxEnclave(quote)).body.mrEnclave;

if (times === 0) {
  try {
    await call();
  } catch (error) {
    console.error("refused:", String(error));
    process.exit(3);
  }
  const peak = /VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "ascii"))[1];
  console.log(JSON.stringify({ peak_kb: Number(peak) }));
} else {
  for (let i = 0; i < Math.max(3, times / 5); i++) // until what is hot is compiled
    if (!await call())
      throw new Error("a call gave nothing");
  const cpu = process.cpuUsage(), wall = process.hrtime.bigint();
  for (let i = 0; i < times; i++)
    await call();
  const used = process.cpuUsage(cpu), passed = Number(process.hrtime.bigint() - wall) / 1000;
  console.log(JSON.stringify({ cpu_us: (used.user + used.system) / times, wall_us: passed / times }));
}
process.exit(0); // its connections are kept, and would keep it
