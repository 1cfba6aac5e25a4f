// Two processes that know nothing of each other and meet in Postgres: one has only an engine, the other only a worker.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { withPostgres } from "../postgres.js";

await withPostgres(async (url) => {
  const start = (file: string): ChildProcess => fork(join(import.meta.dirname, file), [url]);
  const worker = start("worker-process.ts");
  const engine = start("engine-process.ts");
  await ended(engine);
  worker.disconnect();
  await ended(worker);
});

async function ended(child: ChildProcess): Promise<void> {
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")} ended with ${code}`);
}
