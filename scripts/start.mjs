// npm start: the first example, from a fresh checkout. Arguments are passed on to it.
import { existsSync } from "node:fs";
import { join } from "node:path";

import { environment, install, root, run, tool } from "./toolchain.mjs";

const example = join(root, "apps", "examples", "src", "01-order-fulfilment", "main.ts");

await install();
if (!existsSync(example)) throw new Error(`There is no example at ${example}`);
const options = { env: environment(), stdio: "inherit" };
process.exitCode = await run(process.execPath, [tool("tsx"), example, ...process.argv.slice(2)], options);
