// Verifies webhooks with the library of others: lines of {secret, headers, body, isGenuine}, each of which has to be taken, or
// refused, as it says.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.env.MODULES + "/");
const { Webhook } = require("standardwebhooks");
let count = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body, isGenuine } = JSON.parse(line);
  let taken = true;
  try {
    new Webhook(secret).verify(body, headers);
  } catch (error) {
    taken = false;
    if (isGenuine) console.error(String(error));
  }
  if (taken !== isGenuine) process.exit(1);
  count += 1;
}
console.log(count);
