// Runs pnpm of the right version with what it likes to keep in the home folder kept in the checkout.
import { environmentWithPnpm, run } from "./toolchain.mjs";

const options = { env: environmentWithPnpm(), cwd: process.cwd(), stdio: "inherit" };
process.exitCode = await run("pnpm", process.argv.slice(2), options);
