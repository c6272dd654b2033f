// Times the verification of one quote with its collateral by @phala/dcap-qvl, in the folder that it is installed in,
// everything parsed each time.
//
//     node quotes.mjs QUOTE COLLATERAL NOW STATUS TIMES    prints the CPU nanoseconds of one
//     node quotes.mjs QUOTE COLLATERAL NOW STATUS 0        prints its version
//
// Before either, the quote has to have that TCB status, and to be refused with one bit changed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const { verify } = require("@phala/dcap-qvl");
const [quoteFile, collateralFile, now, status, count] = process.argv.slice(2);
const quote = new Uint8Array(readFileSync(quoteFile)), text = readFileSync(collateralFile, "utf-8"), times = Number(count);
const once = (raw) => verify(raw, JSON.parse(text), Number(now));

const report = await once(quote);
if (report.status !== status)
  throw new Error(`the quote has the status ${report.status}, expected ${status}`);
const changed = quote.slice();
changed[0x70] ^= 1;
let refused = false;
try {
  await once(changed);
} catch {
  refused = true;
}
if (!refused)
  throw new Error("a quote with a changed bit was accepted");
if (times === 0) {
  console.log("@phala/dcap-qvl", JSON.parse(readFileSync("node_modules/@phala/dcap-qvl/package.json", "utf-8")).version);
} else {
  for (let i = 0; i < 1 + times / 5; i++) // until what is hot was compiled
    await once(quote);
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++)
    await once(quote);
  const used = process.cpuUsage(start);
  console.log(Math.round((used.user + used.system) * 1000 / times));
}
